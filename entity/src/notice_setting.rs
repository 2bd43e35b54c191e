//! How someone wants to be informed: quiet hours, time zone, language, and whether any e-mails about notices are sent.

use crate::{Erasable, Id, Noun, Placement, Scoped, Table, network, network::Locale, person};
use sea_orm::entity::prelude::*;
use serde::Serialize;

#[derive(Clone, Debug, PartialEq, Serialize, DeriveEntityModel)]
#[sea_orm(table_name = "notice_setting")]
#[serde(rename_all = "camelCase")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Id<Entity>,
    pub network_id: Id<network::Entity>,
    pub person_id: Id<person::Entity>,
    /// Null: the network's.
    pub locale: Option<Locale>,
    /// Null: the client's, or else the network's.
    pub time_zone: Option<String>,
    /// A local time, `HH:MM`. Null: no quiet hours.
    pub quiet_from: Option<String>,
    pub quiet_until: Option<String>,
    /// When the person unsubscribed from all e-mails about notices.
    pub stopped_at: Option<DateTimeUtc>,
    /// The last Monday for which a digest was considered.
    pub digest_on: Option<Date>,
    pub created_at: DateTimeUtc,
    pub version: i32,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl Noun for Entity {
    const PREFIX: &'static str = "notice_setting";
}
impl Scoped for Entity {
    const TABLE: Table = Table::NoticeSetting;
    const PLACEMENT: Placement = Placement::Own;
    const ERASABLE: Erasable = Erasable::Rows;
}
