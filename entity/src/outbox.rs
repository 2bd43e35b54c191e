//! E-mails that wait to be sent. Written in the transaction of the change that causes them, removed once sent.
//!
//! Invariant: no row holds a token. A link's token is derived from the row that the e-mail is about while it is sent.

use crate::{Id, Noun, Placement, Scoped, Table, client, closed, network, person};
use sea_orm::entity::prelude::*;
use serde::Serialize;

closed! {
    /// What an e-mail is for: what is checked before it leaves, and where its link leads.
    pub enum EmailKind {
        /// Invites someone; holds a link.
        Invitation,
        /// Lets someone set a new password; holds a link.
        PasswordReset,
        /// Lets someone confirm their new address; holds a link.
        AddressConfirm,
        /// Lets someone take a change of their address back; holds a link.
        AddressUndo,
        /// Tells a client's people that the client is to move to another franchise. Leaves at once: days count from it.
        ClientTransfer,
        /// What is due at a client.
        Reminder,
        /// Tells a sponsor that another one is invited.
        SponsorInvited,
        /// Tells the lead facilitator of an escalated obstacle.
        ObstacleEscalated,
        /// Notices of the recipient about one client, which are rendered while it is sent.
        Notices,
        /// The summary of all clients on Monday, which is rendered while it is sent.
        Digest,
        /// Any other news for someone with a login. May be bundled with others.
        Notice,
        /// News about someone's own sign-in. Leaves at once.
        Security,
    }
}

impl EmailKind {
    /// Whether it may wait to be bundled with other news for the same person.
    pub fn is_notice(self) -> bool {
        use EmailKind::*;
        matches!(self, Reminder | SponsorInvited | ObstacleEscalated | Notices | Digest | Notice)
    }

    /// Whether the recipient can unsubscribe from it.
    pub fn is_optional(self) -> bool {
        use EmailKind::*;
        matches!(self, Reminder | Notices | Digest)
    }
}

#[derive(Clone, Debug, PartialEq, Serialize, DeriveEntityModel)]
#[sea_orm(table_name = "outbox")]
#[serde(rename_all = "camelCase")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Id<Entity>,
    pub network_id: Id<network::Entity>,
    pub kind: EmailKind,
    /// The row that the e-mail is about.
    pub subject_id: Uuid,
    /// The recipient; null if they are no person of the network.
    pub person_id: Option<Id<person::Entity>>,
    /// The client that the e-mail tells of: it leaves only while the recipient has access to it.
    pub client_id: Option<Id<client::Entity>>,
    /// Address, name, subject and text.
    pub payload: Json,
    pub created_at: DateTimeUtc,
    /// When it is no longer sent.
    pub ends_at: DateTimeUtc,
    pub attempts: i32,
    pub first_tried_at: Option<DateTimeUtc>,
    pub available_at: DateTimeUtc,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl Noun for Entity {
    const PREFIX: &'static str = "outbox";
}
impl Scoped for Entity {
    const TABLE: Table = Table::Outbox;
    const PLACEMENT: Placement = Placement::Outbox;
}
