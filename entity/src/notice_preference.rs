//! When someone wants e-mails about one kind of notice, where it differs from the default.

use crate::{Erasable, Id, Noun, Placement, Scoped, Table, closed, network, notice::NoticeKind, person};
use sea_orm::entity::prelude::*;
use serde::Serialize;

closed! {
    /// When notices of a kind are sent by e-mail.
    pub enum NoticeDelivery {
        /// At once, but not in quiet hours.
        AtOnce,
        /// Together, at seven in the morning.
        Daily,
        /// Together, on Monday at seven in the morning.
        Weekly,
        /// Never.
        Off,
    }
}

#[derive(Clone, Debug, PartialEq, Serialize, DeriveEntityModel)]
#[sea_orm(table_name = "notice_preference")]
#[serde(rename_all = "camelCase")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Id<Entity>,
    pub network_id: Id<network::Entity>,
    pub person_id: Id<person::Entity>,
    pub kind: NoticeKind,
    pub delivery: NoticeDelivery,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl Noun for Entity {
    const PREFIX: &'static str = "notice_preference";
}
impl Scoped for Entity {
    const TABLE: Table = Table::NoticePreference;
    const PLACEMENT: Placement = Placement::Own;
    const ERASABLE: Erasable = Erasable::Rows;
}
