//! A notice: that something which concerns a person has happened to an object. It holds no text of the object: whoever
//! shows the notice reads the object, as its person may read it then.

use crate::{Erasable, Id, Noun, Placement, Scoped, Table, client, closed, network, person, team};
use sea_orm::entity::prelude::*;
use serde::Serialize;

closed! {
    /// What a notice is about.
    pub enum NoticeKind {
        /// An action was offered to the person. By default an e-mail at once.
        ActionOffered,
        /// Work of the person is due or overdue, or a session is tomorrow. By default one e-mail each morning.
        WorkDue,
        /// An alignment round was opened, and waits for the person's answers. By default an e-mail at once.
        RoundOpened,
        /// A decision was proposed, and waits for the person's stance. By default an e-mail at once.
        StanceAsked,
        /// A decision was ratified, and waits for the person to read it back. By default an e-mail at once.
        ReadBackAsked,
        /// A member read a decision back, and a facilitator judges it. By default one e-mail each morning.
        ReadBackGiven,
        /// A session was scheduled. By default an e-mail at once.
        SessionScheduled,
        /// A session has another time. By default an e-mail at once.
        SessionMoved,
        /// A session was called off. By default an e-mail at once.
        SessionCancelled,
        /// The recap of a session is there. By default an e-mail at once.
        Recap,
        /// A drift signal was raised. By default an e-mail at once.
        DriftRaised,
        /// A review was not held. By default an e-mail at once.
        ReviewMissed,
        /// The review day of a ratified decision has come. By default an e-mail at once.
        DecisionReviewDue,
        /// A client is to move to another franchise. The e-mail leaves at once, whatever the preference.
        TransferProposed,
        /// A client has a new facilitator. By default an e-mail at once.
        FacilitatorAssigned,
        /// An obstacle was escalated. The e-mail leaves at once, whatever the preference.
        ObstacleEscalated,
        /// A client gave head office support access. By default an e-mail at once.
        SupportGiven,
        /// Head office used support access to a client. By default an e-mail at once.
        SupportEntered,
        /// Benchmarks of a quarter were published. By default one e-mail each Monday.
        BenchmarkPublished,
        /// The summary of all clients for facilitators and franchise owners, each Monday. Only an e-mail: the list
        /// `viewer.notices` does not contain it.
        Digest,
    }
}

#[derive(Clone, Debug, PartialEq, Serialize, DeriveEntityModel)]
#[sea_orm(table_name = "notice")]
#[serde(rename_all = "camelCase")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Id<Entity>,
    pub network_id: Id<network::Entity>,
    /// Whom it concerns.
    pub person_id: Id<person::Entity>,
    pub client_id: Option<Id<client::Entity>>,
    pub team_id: Option<Id<team::Entity>>,
    pub kind: NoticeKind,
    /// The prefix of the object's IDs.
    pub noun: String,
    pub subject_id: Uuid,
    /// Who caused it; null if the system did.
    pub caused_by_id: Option<Id<person::Entity>>,
    pub created_at: DateTimeUtc,
    pub read_at: Option<DateTimeUtc>,
    /// When it is next looked at for an e-mail; null if no e-mail follows.
    pub mail_at: Option<DateTimeUtc>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl Noun for Entity {
    const PREFIX: &'static str = "notice";
}
impl Scoped for Entity {
    const TABLE: Table = Table::Notice;
    const PLACEMENT: Placement = Placement::Own;
    const ERASABLE: Erasable = Erasable::Rows;
}
