//! A member's answer to a prompt, as the team reads it since the session started.

use crate::{
    Erasable, Id, Matter, Noun, Placement, Scoped, Table, client, member, network, pre_work_prompt, session,
    team,
};
use sea_orm::entity::prelude::*;
use serde::Serialize;

#[derive(Clone, Debug, PartialEq, Serialize, DeriveEntityModel)]
#[sea_orm(table_name = "pre_work_answer")]
#[serde(rename_all = "camelCase")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Id<Entity>,
    pub network_id: Id<network::Entity>,
    pub client_id: Id<client::Entity>,
    pub team_id: Id<team::Entity>,
    pub session_id: Id<session::Entity>,
    pub prompt_id: Id<pre_work_prompt::Entity>,
    pub member_id: Id<member::Entity>,
    pub text: String,
    pub created_at: DateTimeUtc,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl Noun for Entity {
    const PREFIX: &'static str = "pre_work_answer";
}
impl Scoped for Entity {
    const TABLE: Table = Table::PreWorkAnswer;
    const PLACEMENT: Placement = Placement::OfTeam(Matter::Content);
    const ERASABLE: Erasable = Erasable::Rows;
}
