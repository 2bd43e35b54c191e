//! Network: a franchise brand with a head office. It sets the policies for everyone in it.

use super::{
    benchmark::BenchmarkPolicy, dashboard, drift::DriftPolicy, metric::MetricPeriod,
    pulse::policy::RiskPolicy, region::Region,
};
use crate::{
    kernel::{Caller, Check, Error, access::Permission, expect_version},
    mutations, shape,
};
use async_graphql::InputObject;
use entity::{
    Id,
    network::{Entity, Locale},
};
use sea_orm::{ActiveValue::Set, IntoActiveModel};

shape! {
    /// A network of franchises, with its policies.
    Network of network {
        /// The network's name.
        name = text(Name),
        /// The IANA time zone of head office, such as `Europe/London`.
        timeZone = text(TimeZone),
        /// Days without a session after which a client counts as at risk: 1 to 365.
        sessionGapDays = int(SessionGapDays),
        /// `true`: facilitators and franchise owners may pass a stage whose criteria are not met, with a reason;
        /// `false`: only franchise owners may.
        facilitatorsOverride = flag(FacilitatorsOverride),
        /// Language of e-mails to people who did not choose one.
        locale = closed::<entity::network::Locale, _>(Locale),
        /// Increases with every change. Send it as `expectedVersion` to avoid overwriting others.
        version = int(Version),
        /// The network's regions, by code by default.
        regions = pages::<Region, _>(entity::region::Column::NetworkId).by(entity::region::Column::Code, Ty::Text),
        /// The network's figures. Only for head office.
        dashboard = dashboard::dashboard_field(),
        /// The thresholds at which the network raises drift signals.
        driftPolicy = one_by::<DriftPolicy, _>(entity::drift_policy::Column::NetworkId),
        /// How much each component of risk counts in the network.
        riskPolicy = one_by::<RiskPolicy, _>(entity::risk_policy::Column::NetworkId),
        /// How strict the network's benchmarks are.
        benchmarkPolicy = one_by::<BenchmarkPolicy, _>(entity::benchmark_policy::Column::NetworkId),
        /// The quarters whose metrics are frozen, oldest first.
        metricPeriods = list::<MetricPeriod, _>(entity::metric_period::Column::NetworkId).by(entity::metric_period::Column::EndsOn, Ty::Date).about(8),
    }
}

/// Input for `networkUpdate`. Omitted fields keep their values.
#[derive(InputObject)]
pub struct NetworkUpdateInput {
    /// The network's name: 1 to 120 characters.
    pub name: Option<String>,
    /// The IANA time zone of head office, such as `Europe/London`.
    pub time_zone: Option<String>,
    /// Days without a session after which a client counts as at risk: 1 to 365.
    pub session_gap_days: Option<i32>,
    /// Whether facilitators may pass a stage whose criteria are not met, with a reason. Franchise owners always may.
    pub facilitators_override: Option<bool>,
    /// Language of e-mails to people who did not choose one.
    pub locale: Option<Locale>,
    /// The `version` you last read. Fails with `CONFLICT` if the object has changed since.
    pub expected_version: Option<i32>,
}

mutations! {
    NetworkMutation: network -> Network of Entity {
        /// Changes the settings and policies of the caller's network.
        network_update(NetworkUpdateInput) -> NetworkUpdatePayload = update;
    }
}

async fn update(caller: &Caller, input: NetworkUpdateInput) -> Result<Id<Entity>, Error> {
    let (write, network) = caller.write_network(Permission::NetworkUpdate).await?;
    expect_version(network.version, input.expected_version)?;
    let mut check = Check::new();
    let name = check.name_if("input.name", input.name.as_ref(), 1..=120);
    let zone = input.time_zone.map(|zone| check.zone("input.timeZone", &zone));
    let gap = input.session_gap_days.map(|days| check.number("input.sessionGapDays", days, 1..=365));
    check.done()?;
    let mut change = network.clone().into_active_model();
    name.into_iter().for_each(|name| change.name = Set(name));
    zone.into_iter().for_each(|zone| change.time_zone = Set(zone));
    gap.into_iter().for_each(|days| change.session_gap_days = Set(days));
    input.facilitators_override.into_iter().for_each(|may| change.facilitators_override = Set(may));
    input.locale.into_iter().for_each(|locale| change.locale = Set(locale));
    write.update::<Entity>(&network, change).await?;
    write.commit().await?;
    Ok(network.id)
}
