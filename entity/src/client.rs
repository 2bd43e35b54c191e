//! A client organisation of a franchise.

use crate::{
    Erasable, Id, Noun, Placement, Replacement, Scoped, Searchable, Table, closed, franchise, network, region,
};
use sea_orm::entity::prelude::*;
use serde::Serialize;

closed! {
    /// Size of an organisation by headcount (European Commission recommendation 2003/361/EC; large split at 1,000).
    pub enum SizeBand {
        /// Fewer than 10 people.
        Micro,
        /// 10 to 49 people.
        Small,
        /// 50 to 249 people.
        Medium,
        /// 250 to 999 people.
        Large,
        /// 1,000 or more people.
        Enterprise,
    }
}

closed! {
    /// Whether a franchise works with a client.
    pub enum ClientStatus {
        /// The franchise works with the client.
        Active,
        /// The work with the client rests, and nothing is due.
        Paused,
        /// The franchise does not work with the organisation yet. A prospect counts in no figure, benchmark or risk.
        Prospect,
        /// The work with the client is done. Whoever had access keeps reading, and nothing of its work changes.
        Alumni,
        /// The work with the client has ended. The client's history stays readable.
        Archived,
    }
}

impl ClientStatus {
    /// The franchise works with the client, now or after a pause.
    pub const ENGAGED: [ClientStatus; 2] = [ClientStatus::Active, ClientStatus::Paused];
    /// What is not over: the client has people who work with the franchise, or may have.
    pub const OPEN: [ClientStatus; 3] = [ClientStatus::Prospect, ClientStatus::Active, ClientStatus::Paused];
}

#[derive(Clone, Debug, PartialEq, Serialize, DeriveEntityModel)]
#[sea_orm(table_name = "client")]
#[serde(rename_all = "camelCase")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Id<Entity>,
    pub network_id: Id<network::Entity>,
    pub franchise_id: Id<franchise::Entity>,
    pub region_id: Id<region::Entity>,
    pub name: String,
    pub industry: String,
    pub size_band: SizeBand,
    pub time_zone: String,
    pub status: ClientStatus,
    pub created_at: DateTimeUtc,
    pub erased_at: Option<DateTimeUtc>,
    /// What it belongs to; clients of one legal group count once in benchmarks. By itself a client is its own.
    pub legal_group: Option<String>,
    pub contract_starts_on: Option<Date>,
    pub contract_ends_on: Option<Date>,
    /// Since when the client is paused. The programmes that its pause paused have the same instant.
    pub paused_at: Option<DateTimeUtc>,
    pub archived_at: Option<DateTimeUtc>,
    /// What it was when it was archived, so that it is that again if the archiving is taken back.
    pub archived_from: Option<ClientStatus>,
    pub version: i32,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl Noun for Entity {
    const PREFIX: &'static str = "client";
}
impl Scoped for Entity {
    const TABLE: Table = Table::Client;
    const PLACEMENT: Placement = Placement::Client;
    const FOLDED: &'static [&'static str] = &["name", "industry"];
    const SEARCHABLE: Option<Searchable> = Some(Searchable { title: Some("name"), texts: &[] });
    const ERASABLE: Erasable = Erasable::Columns(&[
        ("name", Replacement::Name("Erased client")),
        ("legal_group", Replacement::Nothing),
    ]);
}
