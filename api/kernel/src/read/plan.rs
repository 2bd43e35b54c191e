//! The plan of a document. The [`planner`](super::planner) makes it.

use super::{
    arg::{self, Source},
    basis::RateStatus,
    page::Size,
    shape::Ty,
    sql::Param,
};
use crate::access::Actor;
use apollo_compiler::response::JsonMap;
use std::{
    collections::{BTreeSet, HashMap},
    sync::atomic::AtomicBool,
};

/// What answers a document.
pub struct Plan {
    pub statements: Vec<Statement>,
    pub roots: Vec<Out>,
    /// Number of round trips: one, and one more each time that values of statements wait for earlier rows.
    pub levels: usize,
    /// Whom it serves: callers of this form, and no others.
    pub form: u32,
    /// The client of all rows that it reads. `None` if it may read rows of others.
    pub client: Option<Param>,
    /// Whether it has been run: from then on it is worth keeping its statements prepared.
    pub ran: AtomicBool,
}

/// A statement, its values, and when it can be sent.
pub struct Statement {
    pub sql: String,
    pub params: Vec<Param>,
    pub level: usize,
    /// Whether column 0 is a key that the rows are grouped by.
    pub grouped: bool,
}

/// One key of an object in the answer.
pub struct Out {
    pub key: String,
    /// `"key":`
    pub prefix: Vec<u8>,
    pub what: What,
}

/// What stands under a key. `key` is the place, in the row above, of what the rows below are grouped by; without
/// one, all of the statement's rows belong here.
pub enum What {
    Value(usize, Ty),
    Typename(&'static str),
    Virtual(Vec<Out>),
    FromRequest(fn(&Actor, &RateStatus) -> String),
    /// In the same row; null when the value at this place is.
    Joined {
        present: usize,
        null: bool,
        outs: Vec<Out>,
    },
    /// One row of another statement.
    Row {
        key: Option<usize>,
        statement: usize,
        null: bool,
        outs: Vec<Out>,
    },
    /// All rows of another statement.
    Rows {
        key: Option<usize>,
        statement: usize,
        outs: Vec<Out>,
    },
    Page(Box<Paged>),
    /// Rows by their ids, in the order of the ids: from a statement for each type.
    Nodes {
        ids: Source,
        kinds: Vec<(entity::Table, usize, Vec<Out>)>,
    },
    /// The id of whatever two places name by its noun and its key.
    AnyId {
        noun: usize,
        id: usize,
    },
    /// Whatever two places name.
    Subject {
        noun: usize,
        id: usize,
        nodes: Vec<Node>,
    },
    Null,
    /// What was prepared before the statements, by its key.
    Prepared(String),
}

/// A type that a subject may be of: of another statement, or of no more than the row that names it.
pub struct Node {
    /// How its ids begin.
    pub prefix: &'static str,
    pub statement: Option<usize>,
    pub outs: Vec<Out>,
}

/// A connection.
pub struct Paged {
    pub key: Option<usize>,
    /// The statement of the rows, and of the count, where asked for.
    pub rows: Option<usize>,
    pub count: Option<usize>,
    pub size: Size,
    pub after: bool,
    pub mark: String,
    /// The order's values, and the key last.
    pub cursor: Vec<(usize, Ty)>,
    pub parts: Vec<(Vec<u8>, PagePart)>,
}

/// A field of a connection.
pub enum PagePart {
    Typename(&'static str),
    Total,
    Nodes(Vec<Out>),
    Edges(Vec<(Vec<u8>, EdgePart)>),
    Info(Vec<(Vec<u8>, InfoPart)>),
}

/// A field of an edge.
pub enum EdgePart {
    Typename(&'static str),
    Cursor,
    Node(Vec<Out>),
}

/// A field of the page's information.
pub enum InfoPart {
    Typename,
    HasNext,
    HasPrevious,
    Start,
    End,
}

/// The plan of a document: of a query's roots, or of each object in a mutation's payloads by its path.
pub struct PlannedDocument {
    pub query: Plan,
    pub payloads: HashMap<String, Plan>,
}

/// Variables whose values decide the form of a plan: as they are, or by their skeleton.
#[derive(Clone, Debug, Default)]
pub(super) struct Shaping {
    pub(super) whole: BTreeSet<String>,
    pub(super) skeleton: BTreeSet<String>,
}

impl Shaping {
    pub(super) fn key(&self, variables: &JsonMap, actor: &Actor) -> String {
        let mut key = actor.form().to_string();
        for name in &self.whole {
            key.push(';');
            key.push_str(name);
            key.push('=');
            if let Some(value) = variables.get(name.as_str()) {
                key.push_str(&serde_json::to_string(value).unwrap_or_default());
            }
        }
        for name in &self.skeleton {
            key.push(';');
            key.push_str(name);
            key.push('~');
            if let Some(value) = variables.get(name.as_str()) {
                arg::skeleton(value, &mut key);
            }
        }
        key
    }
}
