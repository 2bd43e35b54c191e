//! A dated role of a person at a node of the tree.

use crate::{Id, Noun, Placement, Scoped, Table, client, closed, franchise, network, person, team};
use sea_orm::{Condition, entity::prelude::*};
use serde::Serialize;

closed! {
    /// Role that a membership gives a person.
    pub enum MembershipRole {
        /// Creates franchises; manages templates and policies. Applies to the whole network.
        HeadOfficeAdmin,
        /// Reads organisation data and aggregates. Applies to the whole network.
        HeadOfficeAnalyst,
        /// Manages the facilitators and clients of a franchise.
        FranchiseOwner,
        /// Runs programmes for the clients assigned to them, in a franchise.
        Facilitator,
        /// Heads the programme on the client's side.
        Sponsor,
        /// Leads work in a client's team.
        Leader,
        /// Reads the work of a client's team.
        Observer,
    }
}

impl MembershipRole {
    /// Whether it is one of head office's.
    pub fn is_head_office(self) -> bool {
        matches!(self, MembershipRole::HeadOfficeAdmin | MembershipRole::HeadOfficeAnalyst)
    }
}

#[derive(Clone, Debug, PartialEq, Serialize, DeriveEntityModel)]
#[sea_orm(table_name = "membership")]
#[serde(rename_all = "camelCase")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Id<Entity>,
    pub network_id: Id<network::Entity>,
    pub person_id: Id<person::Entity>,
    pub role: MembershipRole,
    pub franchise_id: Option<Id<franchise::Entity>>,
    pub client_id: Option<Id<client::Entity>>,
    pub team_id: Option<Id<team::Entity>>,
    pub starts_at: DateTimeUtc,
    pub ends_at: Option<DateTimeUtc>,
    pub created_at: DateTimeUtc,
    pub version: i32,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl Entity {
    /// The memberships of a person that have not ended by an instant.
    pub fn held_by(person: Id<person::Entity>, now: DateTimeUtc) -> Select<Entity> {
        Entity::find().filter(Column::PersonId.eq(person)).filter(Entity::lasting(now))
    }

    /// The memberships that have not ended by an instant.
    pub fn lasting(now: DateTimeUtc) -> Condition {
        Condition::any().add(Column::EndsAt.is_null()).add(Column::EndsAt.gt(now))
    }
}

impl Noun for Entity {
    const PREFIX: &'static str = "membership";
}
impl Scoped for Entity {
    const TABLE: Table = Table::Membership;
    const PLACEMENT: Placement = Placement::Roster;
}
