//! A facilitator's confirmation that a criterion of a stage is met.

use crate::{
    Erasable, Id, Matter, Noun, Placement, Replacement, Scoped, Table, client, network, person,
    stage_criterion, stage_run, team,
};
use sea_orm::entity::prelude::*;
use serde::Serialize;

#[derive(Clone, Debug, PartialEq, Serialize, DeriveEntityModel)]
#[sea_orm(table_name = "stage_check")]
#[serde(rename_all = "camelCase")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Id<Entity>,
    pub network_id: Id<network::Entity>,
    pub client_id: Id<client::Entity>,
    pub team_id: Id<team::Entity>,
    pub stage_run_id: Id<stage_run::Entity>,
    pub stage_criterion_id: Id<stage_criterion::Entity>,
    pub person_id: Id<person::Entity>,
    pub note: String,
    pub confirmed_at: DateTimeUtc,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl Noun for Entity {
    const PREFIX: &'static str = "stage_check";
}
impl Scoped for Entity {
    const TABLE: Table = Table::StageCheck;
    const PLACEMENT: Placement = Placement::OfTeam(Matter::Content);
    const ERASABLE: Erasable = Erasable::Columns(&[("note", Replacement::BLANK)]);
}
