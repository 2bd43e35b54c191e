//! What was said about a client's part in benchmarks, as its history: the last word counts.

use crate::{Hang, Id, Matter, Noun, Scoped, Table, client, closed, network, person};
use sea_orm::entity::prelude::*;
use serde::Serialize;

closed! {
    /// What can be said about a client's part in benchmarks.
    pub enum BenchmarkStepKind {
        /// The client agreed to be counted.
        ConsentGiven,
        /// The client no longer agrees. From the next release on it is not counted.
        ConsentWithdrawn,
        /// Head office took the client for what it says it is.
        ApprovalGiven,
        /// Head office no longer does.
        ApprovalWithdrawn,
    }
}

#[derive(Clone, Debug, PartialEq, Serialize, DeriveEntityModel)]
#[sea_orm(table_name = "benchmark_step")]
#[serde(rename_all = "camelCase")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Id<Entity>,
    pub network_id: Id<network::Entity>,
    pub client_id: Id<client::Entity>,
    pub kind: BenchmarkStepKind,
    /// Who said it; nobody where the client brought it along.
    pub person_id: Option<Id<person::Entity>>,
    pub at: DateTimeUtc,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl Noun for Entity {
    const PREFIX: &'static str = "benchmark_step";
}
impl Scoped for Entity {
    const TABLE: Table = Table::BenchmarkStep;
    const HANG: Hang = Hang::OfClient(Matter::Facts);
}
