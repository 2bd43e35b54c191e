//! What a person prepared for a session: a sealed input, theirs alone.

use crate::{
    Erasable, Id, Noun, Placement, Replacement, Scoped, Table, client, member, network, person,
    pre_work_prompt, session, team,
};
use sea_orm::entity::prelude::*;
use serde::Serialize;

#[derive(Clone, Debug, PartialEq, Serialize, DeriveEntityModel)]
#[sea_orm(table_name = "pre_work_input")]
#[serde(rename_all = "camelCase")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Id<Entity>,
    pub network_id: Id<network::Entity>,
    pub client_id: Id<client::Entity>,
    pub team_id: Id<team::Entity>,
    pub person_id: Id<person::Entity>,
    pub session_id: Id<session::Entity>,
    pub prompt_id: Id<pre_work_prompt::Entity>,
    pub member_id: Id<member::Entity>,
    pub text: String,
    pub answered_at: DateTimeUtc,
    pub version: i32,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl Noun for Entity {
    const PREFIX: &'static str = "pre_work_input";
}
impl Scoped for Entity {
    const TABLE: Table = Table::PreWorkInput;
    const PLACEMENT: Placement = Placement::Own;
    const ERASABLE: Erasable = Erasable::Columns(&[("text", Replacement::BLANK)]);
}
