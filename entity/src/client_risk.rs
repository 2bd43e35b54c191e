//! What a client's risk is made of, as last computed: a row for each component that counts.

use crate::{Id, Matter, Noun, Placement, Scoped, Table, client, closed, network};
use sea_orm::entity::prelude::*;
use serde::Serialize;

closed! {
    /// Component of a client's risk.
    pub enum RiskComponent {
        /// Accepted actions whose due day has ended.
        OverdueActions,
        /// Accepted actions that become overdue within 7 days.
        ActionsDueSoon,
        /// Open and acknowledged drift signals.
        DriftSignals,
        /// Reviews that were due in the last 90 days and missed.
        MissedReviews,
        /// No session is scheduled. Counts once.
        NoSession,
        /// Full weeks beyond the network's `sessionGapDays` since the last session, at most 20. Pauses of the
        /// programme do not count.
        SessionGap,
        /// The client's contract ends within 60 days, or has ended and was not renewed. Counts once.
        Renewal,
    }
}

#[derive(Clone, Debug, PartialEq, Serialize, DeriveEntityModel)]
#[sea_orm(table_name = "client_risk")]
#[serde(rename_all = "camelCase")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Id<Entity>,
    pub network_id: Id<network::Entity>,
    pub client_id: Id<client::Entity>,
    pub component: RiskComponent,
    pub items: i32,
    pub points: i32,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl Noun for Entity {
    const PREFIX: &'static str = "client_risk";
}
impl Scoped for Entity {
    const TABLE: Table = Table::ClientRisk;
    const PLACEMENT: Placement = Placement::OfClient(Matter::Facts);
}
