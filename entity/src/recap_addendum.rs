//! An addendum to the recap of a held session: words, and perhaps a correction of a member's attendance. The recap itself
//! stays as it is.

use crate::{
    Erasable, Id, Matter, Noun, Placement, Replacement, Scoped, Table, attendance::AttendanceStatus, client,
    member, network, person, session, team,
};
use sea_orm::entity::prelude::*;
use serde::Serialize;

#[derive(Clone, Debug, PartialEq, Serialize, DeriveEntityModel)]
#[sea_orm(table_name = "recap_addendum")]
#[serde(rename_all = "camelCase")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Id<Entity>,
    pub network_id: Id<network::Entity>,
    pub client_id: Id<client::Entity>,
    pub team_id: Id<team::Entity>,
    pub session_id: Id<session::Entity>,
    /// Who wrote it.
    pub person_id: Id<person::Entity>,
    pub reason: String,
    pub text: String,
    /// Whose attendance it corrects.
    pub member_id: Option<Id<member::Entity>>,
    pub attendance: Option<AttendanceStatus>,
    /// When that member confirmed it, and it counted for the quorum.
    pub confirmed_at: Option<DateTimeUtc>,
    pub created_at: DateTimeUtc,
    pub version: i32,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl Noun for Entity {
    const PREFIX: &'static str = "recap_addendum";
}
impl Scoped for Entity {
    const TABLE: Table = Table::RecapAddendum;
    const PLACEMENT: Placement = Placement::OfTeam(Matter::Content);
    const ERASABLE: Erasable =
        Erasable::Columns(&[("reason", Replacement::ERASED), ("text", Replacement::BLANK)]);
}
