//! Decides a family's release in memory, from the network's rows.

use super::{
    history, key,
    mechanism::{
        past::{Closing, Contribution, Place},
        pseudonym::{Pseudonym, Unit, keyed},
        release::{Release, close},
        rule::Profile,
    },
    rules::{self, Dimension, Participation},
};
use crate::{
    features::metric::{
        definition::Definition,
        freezing::{self, MeasuredMetric},
        rules::Quarter,
    },
    kernel::{Error, Fault, Write, today},
};
use entity::{
    Id, benchmark_policy, benchmark_step,
    client::{self, ClientStatus},
    client_pulse, franchise,
    metric_value::{self, Metric, MetricFamily},
    region, stage_run,
};
use sea_orm::{
    ActiveEnum, ColumnTrait, EntityTrait, Iterable, QueryFilter, QueryOrder, QuerySelect, QueryTrait,
};
use std::collections::{HashMap, HashSet};
use uuid::Uuid;

/// The stage of a client without an open stage.
const NO_STAGE: &str = "none";

/// The active clients of a network, with their cohorts. Values are read separately.
pub struct Candidates {
    pub clients: Vec<Candidate>,
    /// Indexes into `clients`.
    by_pseudonym: HashMap<Pseudonym, usize>,
    secret: Vec<u8>,
    pub quarter: Quarter,
}

/// An active client.
pub struct Candidate {
    pub id: Id<client::Entity>,
    unit: Unit,
    industry: String,
    size: String,
    region: String,
    stage: String,
    pseudonym: Pseudonym,
    /// The legal group of the client. Of each group, the oldest client that can be counted counts.
    group: String,
    /// Whether the client can be counted, regardless of its values.
    eligible: bool,
}

/// The input of a family's release, besides the candidates.
pub struct FamilyInput {
    family: MetricFamily,
    profile: Profile,
    metrics: Vec<Definition>,
    values: Values,
    /// Clients whose denominators are large enough in every metric.
    contributing: HashSet<Uuid>,
    window: history::Window,
}

/// A family's release before it is stored.
pub struct Decided {
    pub family: MetricFamily,
    pub profile: Profile,
    pub release: Release,
    pub window: history::Window,
    pub values: Values,
}

/// The frozen values of a family, by client and metric.
pub type Values = HashMap<Uuid, Vec<Option<i64>>>;

/// The releases that a closing would publish now. The transaction only reads.
pub async fn preview_releases(
    look: &Write,
    policy: &benchmark_policy::Model,
    quarter: Quarter,
) -> Result<Vec<Decided>, Error> {
    let unfrozen = freezing::compute_unfrozen(look, quarter).await?;
    let secret = key::secret_for_preview(look).await?;
    let candidates = Candidates::of(look, quarter, secret).await?;
    let mut decided = vec![];
    for family in MetricFamily::iter() {
        let input = FamilyInput::of(look, policy, family, quarter, &unfrozen).await?;
        decided.push(candidates.decide(input)?);
    }
    Ok(decided)
}

/// Whether the network has a client that is old enough to be counted in a period.
pub async fn has_established_client(write: &Write, quarter: Quarter) -> Result<bool, Error> {
    let oldest = client::Entity::find().order_by_asc(client::Column::CreatedAt).limit(1);
    let oldest = write.one(oldest).await?;
    let Some(oldest) = oldest else { return Ok(false) };
    let since = today(&oldest.time_zone, oldest.created_at)?;
    Ok(rules::is_established(since, quarter.ends_on()))
}

/// Loads the latest consent and approval of every client.
async fn load_participation(write: &Write) -> Result<HashMap<Id<client::Entity>, Participation>, Error> {
    let steps = benchmark_step::Entity::find()
        .select_only()
        .column(benchmark_step::Column::ClientId)
        .column(benchmark_step::Column::Kind)
        .order_by_asc(benchmark_step::Column::At)
        .order_by_asc(benchmark_step::Column::Id);
    let mut participation: HashMap<_, Participation> = HashMap::new();
    for (client, kind) in write.select_values(steps).await? {
        participation.entry(client).or_default().apply(kind);
    }
    Ok(participation)
}

/// Loads the title of each client's current stage.
async fn load_stages(write: &Write) -> Result<HashMap<Id<client::Entity>, String>, Error> {
    let current = client_pulse::Entity::find()
        .filter(client_pulse::Column::NetworkId.eq(write.network()?))
        .select_only()
        .column(client_pulse::Column::CurrentStageId);
    let stages = stage_run::Entity::find()
        .filter(stage_run::Column::Id.in_subquery(current.into_query()))
        .select_only()
        .column(stage_run::Column::ClientId)
        .column(stage_run::Column::Title);
    Ok(write.select_values(stages).await?.into_iter().collect())
}

impl Candidates {
    pub async fn of(write: &Write, quarter: Quarter, secret: Vec<u8>) -> Result<Candidates, Error> {
        let participation = load_participation(write).await?;
        let stages = load_stages(write).await?;
        let groups: HashMap<Id<franchise::Entity>, String> = write
            .all(franchise::Entity::find())
            .await?
            .into_iter()
            .map(|franchise| (franchise.id, franchise.legal_group))
            .collect();
        let regions: HashMap<Id<region::Entity>, String> = write
            .all(region::Entity::find())
            .await?
            .into_iter()
            .map(|region| (region.id, region.code))
            .collect();
        let at_work = client::Entity::find()
            .filter(client::Column::Status.is_in(ClientStatus::ENGAGED))
            .order_by_asc(client::Column::CreatedAt)
            .order_by_asc(client::Column::Id);
        let mut clients = vec![];
        for client in write.all(at_work).await? {
            let participation = participation.get(&client.id).copied().unwrap_or_default();
            let unit = groups.get(&client.franchise_id).ok_or(Fault::Internal)?;
            clients.push(Candidate {
                id: client.id,
                pseudonym: Pseudonym::of(&secret, rules::identity(client.id).as_bytes()),
                group: rules::group(&client),
                eligible: rules::can_be_counted(&client, participation, quarter.ends_on())?,
                unit: Unit::of(&secret, unit.as_bytes()),
                industry: client.industry,
                size: client.size_band.to_value(),
                region: regions.get(&client.region_id).cloned().unwrap_or_default(),
                stage: stages.get(&client.id).cloned().unwrap_or_else(|| NO_STAGE.into()),
            });
        }
        let by_pseudonym =
            clients.iter().enumerate().map(|(place, candidate)| (candidate.pseudonym, place)).collect();
        Ok(Candidates { clients, by_pseudonym, secret, quarter })
    }

    /// Decides a family's release.
    pub fn decide(&self, input: FamilyInput) -> Result<Decided, Fault> {
        let FamilyInput { family, profile, metrics, values, contributing, window } = input;
        let mut spoken_for = HashSet::new();
        let counted = self.clients.iter().filter(|candidate| {
            let may = candidate.eligible && contributing.contains(&candidate.id.uuid());
            may && spoken_for.insert(candidate.group.as_str())
        });
        let contributions: Vec<Contribution> = counted
            .filter_map(|candidate| {
                // Any metric's value will do: the figures of every metric are computed later.
                let value = metrics[0].contribution(values.get(&candidate.id.uuid())?.first().copied()??);
                let place = Place {
                    pseudonym: candidate.pseudonym,
                    unit: candidate.unit,
                    path: candidate.path(family),
                };
                Some(Contribution { place, value })
            })
            .collect();
        let family_name = family.to_value();
        let message = format!("{}:{family_name}", self.quarter.label());
        let key = keyed(&self.secret, b"release", message.as_bytes());
        let fleeting = rules::fleeting_levels(family);
        let closing =
            Closing { key: &key, profile, contributions: &contributions, fleeting, window: &window.pasts };
        let release = close(&closing).map_err(|fault| {
            // The fault is not logged, because it contains clients and counts.
            drop(fault);
            tracing::error!(family = family_name, "a release cannot be closed: its input is at fault");
            Fault::Internal
        })?;
        Ok(Decided { family, profile, release, window, values })
    }

    /// The client of a pseudonym.
    pub fn find(&self, pseudonym: &Pseudonym) -> Option<&Candidate> {
        self.clients.get(*self.by_pseudonym.get(pseudonym)?)
    }

    /// The clients that a release counts.
    pub fn counted(&self, release: &Release) -> impl Iterator<Item = Id<client::Entity>> {
        let counted = release.past.counted.iter();
        counted.filter_map(|counted| Some(self.find(&counted.place.pseudonym)?.id))
    }
}

impl FamilyInput {
    pub async fn of(
        write: &Write,
        policy: &benchmark_policy::Model,
        family: MetricFamily,
        quarter: Quarter,
        unfrozen: &[MeasuredMetric],
    ) -> Result<FamilyInput, Error> {
        let metrics = rules::metrics_of(family);
        let (values, contributing) = load_values(write, &metrics, quarter, unfrozen).await?;
        let window = history::load_window(write, policy, family).await?;
        let profile = rules::profile(policy.profile);
        Ok(FamilyInput { family, profile, metrics, values, contributing, window })
    }
}

impl Candidate {
    pub fn path(&self, family: MetricFamily) -> Vec<String> {
        let value = |dimension: &Dimension| match dimension {
            Dimension::Industry => self.industry.clone(),
            Dimension::Size => self.size.clone(),
            Dimension::Region => self.region.clone(),
            Dimension::Stage => self.stage.clone(),
        };
        rules::cohort_tree(family).iter().map(value).collect()
    }
}

/// Loads the values of metrics, in their order, frozen or not. Also returns the clients whose denominators are large enough
/// in every metric.
async fn load_values(
    write: &Write,
    metrics: &[Definition],
    quarter: Quarter,
    unfrozen: &[MeasuredMetric],
) -> Result<(Values, HashSet<Uuid>), Error> {
    let names = metrics.iter().map(|definition| definition.metric);
    let rows = metric_value::Entity::find()
        .filter(metric_value::Column::NetworkId.eq(write.network()?))
        .filter(metric_value::Column::Period.eq(quarter.label()))
        .filter(metric_value::Column::Metric.is_in(names))
        .filter(metric_value::Column::Value.is_not_null())
        .select_only()
        .column(metric_value::Column::ClientId)
        .column(metric_value::Column::Metric)
        .column(metric_value::Column::Value)
        .column(metric_value::Column::Denominator);
    let mut rows: Vec<(Uuid, Metric, i64, Option<i64>)> = write.select_values(rows).await?;
    rows.extend(unfrozen.iter().filter_map(|measured| {
        Some((measured.client.uuid(), measured.metric, measured.value?, Some(measured.denominator)))
    }));
    let mut values: Values = HashMap::new();
    let mut enough: HashMap<Uuid, usize> = HashMap::new();
    for (client, metric, value, denominator) in rows {
        let Some(at) = metrics.iter().position(|definition| definition.metric == metric) else { continue };
        values.entry(client).or_insert_with(|| vec![None; metrics.len()])[at] = Some(value);
        if denominator.is_some_and(|denominator| denominator >= metrics[at].least_contributed) {
            *enough.entry(client).or_default() += 1;
        }
    }
    let all = enough.into_iter().filter(|(_, metrics_enough)| *metrics_enough == metrics.len());
    let contributing = all.map(|(client, _)| client).collect();
    Ok((values, contributing))
}
