//! What the mechanism makes of a period: from the network's rows to a family's release, in memory.

use super::{
    history, key,
    mechanism::{
        pseudonym::{Pseudonym, Unit, keyed},
        release::{Closing, Contribution, Place, Release, close},
        rule::Profile,
    },
    rules::{self, Dimension, Said},
};
use crate::{
    features::metric::{definition::Definition, freezing, rules::Quarter},
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

/// A client where no stage is open.
const NO_STAGE: &str = "none";

/// Everything that closing reads but values: who is where, and who may be counted.
pub struct People {
    pub clients: Vec<Person>,
    /// The places of clients in that list.
    by_pseudonym: HashMap<Pseudonym, usize>,
    secret: Vec<u8>,
    pub quarter: Quarter,
}

/// A client at work.
pub struct Person {
    pub id: Id<client::Entity>,
    unit: Unit,
    industry: String,
    size: String,
    region: String,
    stage: String,
    pseudonym: Pseudonym,
    /// For whom it is counted: of each group the oldest that may be.
    group: String,
    /// Whether it may be counted, as far as it is not a matter of values.
    eligible: bool,
}

/// What a family's release is decided from, besides the people.
pub struct FamilyInput {
    family: MetricFamily,
    profile: Profile,
    metrics: Vec<Definition>,
    values: Values,
    /// The clients whose values are all good enough to contribute.
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

/// What closing would publish as things are. The transaction must be left, not committed.
pub async fn preview(write: &Write, quarter: Quarter) -> Result<Vec<Decided>, Error> {
    let policy = history::policy(write).await?;
    freezing::freeze(write, quarter).await?;
    let secret = key::secret(write).await?;
    let people = People::of(write, quarter, secret).await?;
    let mut decided = vec![];
    for family in MetricFamily::iter() {
        let input = FamilyInput::of(write, &policy, family, quarter).await?;
        decided.push(people.decide(input)?);
    }
    Ok(decided)
}

/// Whether any client has been with the network for long enough to be counted in a period.
pub async fn anyone(write: &Write, quarter: Quarter) -> Result<bool, Error> {
    let oldest = client::Entity::find().order_by_asc(client::Column::CreatedAt).limit(1);
    let oldest = write.one(oldest).await?;
    let Some(oldest) = oldest else { return Ok(false) };
    let since = today(&oldest.time_zone, oldest.created_at)?;
    Ok(rules::settled(since, quarter.ends_on()))
}

/// The last word of everyone.
async fn said(write: &Write) -> Result<HashMap<Id<client::Entity>, Said>, Error> {
    let steps = benchmark_step::Entity::find()
        .select_only()
        .column(benchmark_step::Column::ClientId)
        .column(benchmark_step::Column::Kind)
        .order_by_asc(benchmark_step::Column::At)
        .order_by_asc(benchmark_step::Column::Id);
    let mut said: HashMap<_, Said> = HashMap::new();
    for (client, kind) in write.chosen(steps).await? {
        said.entry(client).or_default().hear(kind);
    }
    Ok(said)
}

/// The stage each client is in, by its title.
async fn stages(write: &Write) -> Result<HashMap<Id<client::Entity>, String>, Error> {
    let current = client_pulse::Entity::find()
        .filter(client_pulse::Column::NetworkId.eq(write.network()?))
        .select_only()
        .column(client_pulse::Column::CurrentStageId);
    let stages = stage_run::Entity::find()
        .filter(stage_run::Column::Id.in_subquery(current.into_query()))
        .select_only()
        .column(stage_run::Column::ClientId)
        .column(stage_run::Column::Title);
    Ok(write.chosen(stages).await?.into_iter().collect())
}

impl People {
    pub async fn of(write: &Write, quarter: Quarter, secret: Vec<u8>) -> Result<People, Error> {
        let said = said(write).await?;
        let stages = stages(write).await?;
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
            .filter(client::Column::Status.eq(ClientStatus::Active))
            .order_by_asc(client::Column::CreatedAt)
            .order_by_asc(client::Column::Id);
        let mut clients = vec![];
        for client in write.all(at_work).await? {
            let said = said.get(&client.id).copied().unwrap_or_default();
            let unit = groups.get(&client.franchise_id).ok_or(Fault::Internal)?;
            clients.push(Person {
                id: client.id,
                pseudonym: Pseudonym::of(&secret, rules::identity(client.id).as_bytes()),
                group: rules::group(&client),
                eligible: rules::eligible(&client, said, quarter.ends_on())?,
                unit: Unit::of(&secret, unit.as_bytes()),
                industry: client.industry,
                size: client.size_band.to_value(),
                region: regions.get(&client.region_id).cloned().unwrap_or_default(),
                stage: stages.get(&client.id).cloned().unwrap_or_else(|| NO_STAGE.into()),
            });
        }
        let by_pseudonym =
            clients.iter().enumerate().map(|(place, person)| (person.pseudonym, place)).collect();
        Ok(People { clients, by_pseudonym, secret, quarter })
    }

    /// What the mechanism makes of a family.
    pub fn decide(&self, input: FamilyInput) -> Result<Decided, Fault> {
        let FamilyInput { family, profile, metrics, values, contributing, window } = input;
        let mut spoken_for = HashSet::new();
        let counted = self.clients.iter().filter(|person| {
            let may = person.eligible && contributing.contains(&person.id.uuid());
            may && spoken_for.insert(person.group.as_str())
        });
        let contributions: Vec<Contribution> = counted
            .filter_map(|person| {
                // which metric's value it carries is no matter: figures are taken of each below
                let value = metrics[0].contribution(values.get(&person.id.uuid())?.first().copied()??);
                let place =
                    Place { pseudonym: person.pseudonym, unit: person.unit, path: person.path(family) };
                Some(Contribution { place, value })
            })
            .collect();
        let family_name = family.to_value();
        let message = format!("{}:{family_name}", self.quarter.label());
        let key = keyed(&self.secret, b"release", message.as_bytes());
        let fleeting = rules::fleeting(family);
        let closing =
            Closing { key: &key, profile, contributions: &contributions, fleeting, window: &window.pasts };
        let release = close(&closing).map_err(|fault| {
            // what is wrong names who and how many, and a log is read by others
            drop(fault);
            tracing::error!(family = family_name, "a release cannot be closed: its input is at fault");
            Fault::Internal
        })?;
        Ok(Decided { family, profile, release, window, values })
    }

    /// The client behind a pseudonym.
    pub fn behind(&self, pseudonym: &Pseudonym) -> Option<&Person> {
        self.clients.get(*self.by_pseudonym.get(pseudonym)?)
    }

    /// The clients that a release counts.
    pub fn counted(&self, release: &Release) -> impl Iterator<Item = Id<client::Entity>> {
        let counted = release.past.counted.iter();
        counted.filter_map(|counted| Some(self.behind(&counted.place.pseudonym)?.id))
    }
}

impl FamilyInput {
    pub async fn of(
        write: &Write,
        policy: &benchmark_policy::Model,
        family: MetricFamily,
        quarter: Quarter,
    ) -> Result<FamilyInput, Error> {
        let metrics = rules::metrics_of(family);
        let (values, contributing) = values(write, &metrics, quarter).await?;
        let window = history::window(write, policy, family).await?;
        let profile = rules::profile(policy.profile);
        Ok(FamilyInput { family, profile, metrics, values, contributing, window })
    }
}

impl Person {
    pub fn path(&self, family: MetricFamily) -> Vec<String> {
        let value = |dimension: &Dimension| match dimension {
            Dimension::Industry => self.industry.clone(),
            Dimension::Size => self.size.clone(),
            Dimension::Region => self.region.clone(),
            Dimension::Stage => self.stage.clone(),
        };
        rules::tree(family).iter().map(value).collect()
    }
}

/// The frozen values of some metrics, in their order, and the clients whose values are all good enough to contribute.
async fn values(
    write: &Write,
    metrics: &[Definition],
    quarter: Quarter,
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
    let rows: Vec<(Uuid, Metric, i64, Option<i64>)> = write.chosen(rows).await?;
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
