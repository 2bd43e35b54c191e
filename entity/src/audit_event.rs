//! What was done: by whom, when, to what, before and after. Append-only, in hash chains.

use crate::{Id, Noun, Placement, Scoped, Table, client, franchise, network, person};
use sea_orm::entity::prelude::*;
use serde::Serialize;

#[derive(Clone, Debug, PartialEq, Serialize, DeriveEntityModel)]
#[sea_orm(table_name = "audit_event")]
#[serde(rename_all = "camelCase")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Id<Entity>,
    pub network_id: Id<network::Entity>,
    pub client_id: Option<Id<client::Entity>>,
    /// The franchise that it is about, if it is about one: the franchise's people read it.
    pub franchise_id: Option<Id<franchise::Entity>>,
    pub content: bool,
    pub lane: i32,
    pub sequence: i64,
    pub at: DateTimeUtc,
    pub person_id: Option<Id<person::Entity>>,
    pub request_id: String,
    /// The id that the caller gave the request, if any. Not to be trusted: the caller chooses it.
    pub caller_request_id: Option<String>,
    pub verb: String,
    pub noun: String,
    pub subject_id: Uuid,
    pub before: Option<String>,
    pub after: Option<String>,
    /// Random, so that the digest gives nothing away once the values are erased; gone with them.
    #[serde(skip)]
    pub salt: Option<String>,
    /// SHA-256 over salt and values, in hexadecimal: what the event's hash covers in their place.
    pub digest: Option<String>,
    pub previous: String,
    pub hash: String,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl Noun for Entity {
    const PREFIX: &'static str = "audit_event";
}
impl Scoped for Entity {
    const TABLE: Table = Table::AuditEvent;
    const PLACEMENT: Placement = Placement::Audit;
}
