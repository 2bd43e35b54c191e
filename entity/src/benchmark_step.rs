//! What was said about a client's part in benchmarks, as its history: the last word counts.

use crate::{Id, Matter, Noun, Placement, Scoped, Table, client, closed, network, person};
use sea_orm::entity::prelude::*;
use serde::Serialize;

closed! {
    /// A change of a client's consent or approval for benchmarks.
    pub enum BenchmarkStepKind {
        /// The client agreed to be counted in benchmarks.
        ConsentGiven,
        /// The client withdrew its consent: it is not counted from the next release on.
        ConsentWithdrawn,
        /// Head office confirmed that the client is what it says it is.
        ApprovalGiven,
        /// Head office withdrew its approval: the client is not counted from the next release on.
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
    const PLACEMENT: Placement = Placement::OfClient(Matter::Facts);
}
