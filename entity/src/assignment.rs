//! A dated assignment of a facilitator to a client. A client has exactly one lead at a time.

use crate::{Id, Matter, Noun, Placement, Scoped, Table, client, closed, network, person};
use sea_orm::{Condition, entity::prelude::*};
use serde::Serialize;

closed! {
    /// Part that a facilitator has in a client's programme.
    pub enum AssignmentPart {
        /// Responsible for the client's programme. A client has exactly one lead at a time.
        Lead,
        /// Co-facilitator: runs the programme together with the lead.
        Co,
        /// Observer with read-only access.
        Observer,
    }
}

#[derive(Clone, Debug, PartialEq, Serialize, DeriveEntityModel)]
#[sea_orm(table_name = "assignment")]
#[serde(rename_all = "camelCase")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Id<Entity>,
    pub network_id: Id<network::Entity>,
    pub client_id: Id<client::Entity>,
    pub person_id: Id<person::Entity>,
    pub part: AssignmentPart,
    pub starts_at: DateTimeUtc,
    pub ends_at: Option<DateTimeUtc>,
    pub version: i32,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl Entity {
    /// The assignments that have not ended by an instant.
    pub fn lasting(now: DateTimeUtc) -> Condition {
        Condition::any().add(Column::EndsAt.is_null()).add(Column::EndsAt.gt(now))
    }
}

impl Noun for Entity {
    const PREFIX: &'static str = "assignment";
}
impl Scoped for Entity {
    const TABLE: Table = Table::Assignment;
    const PLACEMENT: Placement = Placement::OfClient(Matter::Facts);
}
