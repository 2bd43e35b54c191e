//! Where a row hangs in the tree network → region → franchise → client → team, and so who can ever reach it.
//! Each table says it once. The doors turn it into a WHERE, the migrations into row-level security, and a test
//! compares the two.

use crate::{Noun, Table};
use sea_orm::EntityTrait;
use serde::Serialize;

/// An entity that knows its place.
pub trait Scoped: EntityTrait + Noun {
    const TABLE: Table;
    const HANG: Hang;
    /// By which of its columns a row can be searched for, if it can.
    const SOUGHT: Option<Sought> = None;
    /// Which of its columns hold texts that are compared without regard to case: names that are unique, and what lists
    /// are filtered by. Each has its [`fold`](crate::fold) beside it, in the column [`folded`](crate::folded) names. The
    /// fold is null where an erasure blanked the text: it is then the text in lower case.
    const FOLDED: &'static [&'static str] = &[];
    /// Which of its columns hold words for those who work with the client, where its rows are facts that head office
    /// reads, too.
    const INNER: &'static [&'static str] = &[];
    /// Where it holds what people said or are called, for the erasure of a client.
    const WORDS: Words = Words::None;
}

/// Where a table holds people's words and names. Dates, states, weights, codes and counts are none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Words {
    /// Nowhere, or no client's.
    None,
    /// In these columns, and what an erasure leaves of each.
    In(&'static [(&'static str, Left)]),
    /// Its rows are copies of words, and go.
    Whole,
}

/// What an erasure leaves where words were.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Left {
    /// No value.
    Nothing,
    /// This text.
    Text(&'static str),
    /// This text and a part of the row's id, where names are unique.
    Name(&'static str),
}

impl Left {
    /// Where a text may be empty.
    pub const BLANK: Left = Left::Text("");
    /// What something is called whose title is gone.
    pub const ERASED: Left = Left::Text("Erased");
}

/// The columns that a search looks at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sought {
    /// What the row is called. None where it has no name of its own: it is then shown by how its text begins.
    pub title: Option<&'static str>,
    /// What else it says, in the order in which it is told.
    pub texts: &'static [&'static str],
}

/// Something to do with any table, whichever entity it has.
pub trait Visitor {
    type Output;
    fn visit<E>(self) -> Self::Output
    where
        E: Scoped,
        E::Model: Serialize + Send + Sync;
}

/// The place of a table's rows in the tree.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hang {
    /// No tenant's: identities, sessions, keys. Only the identity door opens it.
    Platform,
    /// The network itself.
    Network,
    /// Every row of the network, for all in it who may read the table at all.
    Directory,
    /// Every row of the network, and of all networks for whoever looks what is due.
    Schedule,
    /// Rows of the network that nobody reads: the system's alone.
    Sealed,
    /// Rows that anyone in the network adds, and the system alone reads, changes and removes.
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

/// Head office may learn facts (name, size, stage, counts) and never content (what was decided, planned or said). What
/// is the practice's, the client's facilitators alone read; the audit tells that it was written, and not what.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Matter {
    Facts,
    Content,
    Practice,
}

impl Hang {
    /// Whether rows hang below a client, and by which column they name it.
    pub fn client_column(self) -> Option<&'static str> {
        match self {
            Hang::Client => Some("id"),
            Hang::OfClient(_) | Hang::Team | Hang::OfTeam(_) | Hang::Found | Hang::Standing => {
                Some("client_id")
            }
            _ => None,
        }
    }
    /// Whether all rows are confidential content.
    pub fn is_content(self) -> bool {
        matches!(self, Hang::OfClient(Matter::Content) | Hang::OfTeam(Matter::Content) | Hang::Standing)
    }
    /// Whether rows hang below a team, and by which column they name it.
    pub fn team_column(self) -> Option<&'static str> {
        match self {
            Hang::Team => Some("id"),
            Hang::OfTeam(_) | Hang::Found => Some("team_id"),
            _ => None,
        }
    }
}
