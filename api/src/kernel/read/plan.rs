//! The plan of a document, and the plans made so far. The [`planner`](super::planner) makes them.

use super::{
    arg::{self, Source},
    page::Size,
    planner::Planner,
    run::Spent,
    shape::{Kind, Shape, Ty},
    sql::{Dialect, Param},
};
use crate::{
    gate::Document,
    kernel::{access::Actor, error::Fault},
};
use apollo_compiler::{Schema, response::JsonMap};
use parking_lot::Mutex;
use std::{
    collections::{BTreeSet, HashMap},
    sync::{Arc, atomic::AtomicBool},
};

/// What answers a document.
pub struct Plan {
    pub statements: Vec<Statement>,
    pub roots: Vec<Out>,
    /// How many times the statements' values must wait for earlier rows, and once more.
    pub levels: usize,
    /// Whom it serves: callers of this form, and no others.
    pub form: u32,
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
    Said(fn(&Actor, &Spent) -> String),
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
    /// What the gate answered about the schema, by its key.
    Introspection(String),
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
    pub parts: Vec<(Vec<u8>, Part)>,
}

/// A field of a connection.
pub enum Part {
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

/// Everything that can be read: the shapes, and the plans made so far.
pub struct Plans {
    pub(super) root: &'static Shape,
    pub(super) shapes: HashMap<&'static str, &'static Shape>,
    kept: Mutex<HashMap<u64, Kept>>,
}

/// The plans of one document.
struct Kept {
    document: Arc<Document>,
    shaping: Shaping,
    plans: HashMap<String, Arc<PlannedDocument>>,
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

/// Documents whose plans are kept at most, and plans of one document.
const DOCUMENTS: usize = 2_000;
const PLANS: usize = 64;

impl Plans {
    pub fn new(root: &'static Shape) -> Plans {
        let mut shapes = HashMap::new();
        gather(root, &mut shapes);
        Plans { root, shapes, kept: Mutex::default() }
    }
    pub fn root(&self) -> &'static Shape {
        self.root
    }
    pub fn shapes(&self) -> impl Iterator<Item = &'static Shape> {
        self.shapes.values().copied()
    }

    /// The plan of a document for callers like `actor`, and whether it was at hand.
    pub fn plan(
        &self,
        document: &Arc<Document>,
        schema: &Schema,
        variables: &JsonMap,
        actor: &Actor,
        dialect: Dialect,
    ) -> Result<(Arc<PlannedDocument>, bool), Fault> {
        {
            let kept = self.kept.lock();
            if let Some(entry) =
                kept.get(&document.hash).filter(|entry| Arc::ptr_eq(&entry.document, document))
            {
                let key = entry.shaping.key(variables, actor);
                if let Some(plan) = entry.plans.get(&key) {
                    return Ok((plan.clone(), true));
                }
            }
        }
        let mut planner = Planner {
            plans: self,
            document,
            schema,
            variables,
            actor,
            dialect,
            shaping: Shaping::default(),
            builds: vec![],
            compared: 0,
            given: vec![],
            aliases: 0,
        };
        let plan = Arc::new(planner.document()?);
        let shaping = planner.shaping;
        let mut kept = self.kept.lock();
        if kept.len() >= DOCUMENTS {
            kept.clear();
        }
        let fresh =
            || Kept { document: document.clone(), shaping: Shaping::default(), plans: HashMap::new() };
        let entry = kept.entry(document.hash).or_insert_with(fresh);
        if !Arc::ptr_eq(&entry.document, document) || entry.plans.len() >= PLANS {
            *entry = fresh();
        }
        entry.shaping.whole.extend(shaping.whole);
        entry.shaping.skeleton.extend(shaping.skeleton);
        let key = entry.shaping.key(variables, actor);
        entry.plans.insert(key, plan.clone());
        Ok((plan, false))
    }
}

impl Shaping {
    fn key(&self, variables: &JsonMap, actor: &Actor) -> String {
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

fn gather(shape: &'static Shape, shapes: &mut HashMap<&'static str, &'static Shape>) {
    if shapes.insert(shape.name, shape).is_some() {
        return;
    }
    for field in &shape.fields {
        match &field.kind {
            Kind::One { to, .. }
            | Kind::List { to, .. }
            | Kind::First { to, .. }
            | Kind::Connection { to, .. }
            | Kind::ById { to }
            | Kind::Mine { to, .. }
            | Kind::Virtual { to, .. } => gather(to(), shapes),
            Kind::Value { .. } | Kind::Subject { .. } | Kind::Node | Kind::Nodes | Kind::Said { .. } => {}
        }
    }
}
