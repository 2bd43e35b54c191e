//! An invitation to sign in, answered once by a link that only its receiver holds.

use crate::{
    Erasable, Id, Noun, Placement, Replacement, Scoped, Table, client, franchise, member,
    membership::MembershipRole, network, person, team,
};
use sea_orm::entity::prelude::*;
use serde::Serialize;

#[derive(Clone, Debug, PartialEq, Serialize, DeriveEntityModel)]
#[sea_orm(table_name = "invitation")]
#[serde(rename_all = "camelCase")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Id<Entity>,
    pub network_id: Id<network::Entity>,
    pub email: String,
    pub name: String,
    pub role: MembershipRole,
    pub franchise_id: Option<Id<franchise::Entity>>,
    pub client_id: Option<Id<client::Entity>>,
    pub team_id: Option<Id<team::Entity>>,
    pub member_id: Option<Id<member::Entity>>,
    pub person_id: Id<person::Entity>,
    #[serde(skip)]
    pub token_hash: String,
    pub created_at: DateTimeUtc,
    pub expires_at: DateTimeUtc,
    /// Whether the clients of the franchise open to the invited owner only seven days after they join.
    pub opens_later: bool,
    pub accepted_at: Option<DateTimeUtc>,
    pub revoked_at: Option<DateTimeUtc>,
    /// When sending its e-mail was given up, or refused for good.
    pub delivery_failed_at: Option<DateTimeUtc>,
    pub version: i32,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl Noun for Entity {
    const PREFIX: &'static str = "invitation";
}
impl Scoped for Entity {
    const TABLE: Table = Table::Invitation;
    const PLACEMENT: Placement = Placement::Roster;
    const FOLDED: &'static [&'static str] = &["email", "name"];
    const ERASABLE: Erasable = Erasable::Columns(&[
        ("email", Replacement::Text("nobody@erased.invalid")),
        ("name", Replacement::Text(member::FORMER)),
    ]);
}
