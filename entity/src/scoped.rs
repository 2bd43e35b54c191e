//! Where a row belongs in the tree network → region → franchise → client → team, and so who can ever reach it.
//! Each table says it once. The kernel turns it into a WHERE, the migrations into row-level security, and a test
//! compares the two.

use crate::{Noun, Table};
use sea_orm::EntityTrait;
use serde::Serialize;

/// An entity with a placement in the tree.
pub trait Scoped: EntityTrait + Noun {
    const TABLE: Table;
    const PLACEMENT: Placement;
    /// The column that names a row. Only rows named by `id` are nodes of the schema.
    const KEY: &'static str = "id";
    /// Whether a client has few of its rows, so that reading all of them costs less than a join for each row that names one.
    const FEW: bool = false;
    /// The columns that a search looks at, if the search finds rows of this table.
    const SEARCHABLE: Option<Searchable> = None;
    /// The columns with texts that are compared without regard to case: unique names, and the fields that lists are
    /// filtered by. Each has its [`fold`](crate::fold) beside it, in the column [`folded`](crate::folded) names. The
    /// fold is null where an erasure blanked the text: it is then the text in lower case.
    const FOLDED: &'static [&'static str] = &[];
    /// The columns that only people who work with the client may read, in a table whose other columns head office
    /// reads as well.
    const CONFIDENTIAL: &'static [&'static str] = &[];
    /// The columns with people's words or names, for the erasure of a client.
    const ERASABLE: Erasable = Erasable::None;
}

/// Where a table has people's words and names. Dates, states, weights, codes and counts do not count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Erasable {
    /// Nowhere, or not below a client.
    None,
    /// In these columns, each with its replacement after an erasure.
    Columns(&'static [(&'static str, Replacement)]),
    /// Everywhere: the rows are copies of words, and an erasure deletes them.
    Rows,
}

/// What an erasure writes in place of a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Replacement {
    /// Null.
    Nothing,
    /// This text.
    Text(&'static str),
    /// This text and a part of the row's ID, where names are unique.
    Name(&'static str),
}

impl Replacement {
    /// For texts that may be empty.
    pub const BLANK: Replacement = Replacement::Text("");
    /// For titles.
    pub const ERASED: Replacement = Replacement::Text("Erased");
}

/// The columns that a search looks at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Searchable {
    /// The name of the row. None where a row has no name: the first words of its text are shown instead.
    pub title: Option<&'static str>,
    /// The other texts of the row, in the order in which a result shows them.
    pub texts: &'static [&'static str],
}

/// An operation on any table, generic over its entity.
pub trait Visitor {
    type Output;
    fn visit<E>(self) -> Self::Output
    where
        E: Scoped,
        E::Model: Serialize + Send + Sync;
}

/// The place of a table's rows in the tree.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Placement {
    /// Of no tenant: identities, sessions, keys. Only identity transactions read it.
    Platform,
    /// The network itself.
    Network,
    /// Every row of the network, for all in it who may read the table at all.
    Directory,
    /// Every row of the network, and of all networks for the jobs that look for due work.
    Schedule,
    /// Rows of the network that only the system reads.
    Sealed,
    /// Rows that everyone in the network adds, and only the system reads, changes and removes.
    Outbox,
    /// Rows of the network itself for all in it who may read the table at all, and rows of a franchise, named by
    /// `franchise_id`, for those who belong to it.
    Library,
    /// Franchises.
    Franchise,
    /// People.
    Person,
    /// Figures of the network or of a franchise, whichever `scope_id` names.
    Scope,
    /// Memberships and invitations: they name a person, and a franchise or a client where they are about one.
    Roster,
    /// The caller's own rows.
    Own,
    /// Audit events: a client's, or the network's own.
    Audit,
    /// The client itself.
    Client,
    /// Rows of a client: facts about it, or its confidential content.
    OfClient(Matter),
    /// The team itself.
    Team,
    /// Rows of a team of a client.
    OfTeam(Matter),
    /// What a search finds: facts or content of a client or of a team, as the row says.
    Found,
    /// Rows of benchmark releases: every row of the network whose `period` is published.
    Release,
    /// Where a client stands in benchmark releases: its content, of every `period` that is published.
    Standing,
}

/// How confidential the rows of a client are. Head office reads facts (name, size, stage, counts) and never content
/// (decisions, plans, words). Only the client's facilitators read the notes of their practice; the audit log records
/// that they were written, without their text. Only the team's participants and the client's facilitators read what
/// members said with their names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Matter {
    Facts,
    Content,
    Practice,
    Names,
}

impl Placement {
    /// The column by which rows below a client name it. None for other rows.
    pub fn client_column(self) -> Option<&'static str> {
        match self {
            Placement::Client => Some("id"),
            Placement::OfClient(_)
            | Placement::Team
            | Placement::OfTeam(_)
            | Placement::Found
            | Placement::Standing => Some("client_id"),
            _ => None,
        }
    }
    /// Whether all rows are confidential content.
    pub fn is_content(self) -> bool {
        matches!(
            self,
            Placement::OfClient(Matter::Content) | Placement::OfTeam(Matter::Content) | Placement::Standing
        )
    }
    /// The column by which rows below a team name it. None for other rows.
    pub fn team_column(self) -> Option<&'static str> {
        match self {
            Placement::Team => Some("id"),
            Placement::OfTeam(_) | Placement::Found => Some("team_id"),
            _ => None,
        }
    }
}
