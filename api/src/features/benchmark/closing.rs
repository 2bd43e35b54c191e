//! How a period's releases are closed: from the network's rows to the mechanism, and from what it decides to rows that
//! never change. It is one transaction; before its end the verifier looks at what was stored, and undoes it all if it
//! finds anything.

use super::{
    history,
    mechanism::{
        position::{Quarter as Position, answering},
        pseudonym::{Pseudonym, Unit, keyed},
        quantile::Figures,
        release::{Closing, Cohort, Contribution, Past, Place, Release, close as decide},
        rule::Profile,
        verify::{Sets, Violation, verify},
    },
    rules::{self, Dimension, Said},
};
use crate::{
    features::metric::{definition::Definition, freezing, rules::Quarter},
    kernel::{Error, Fault, Write, today},
};
use entity::{
    Id, benchmark_cohort,
    benchmark_policy::{self, BenchmarkProfile},
    benchmark_release, benchmark_standing,
    benchmark_standing::BenchmarkStatus,
    benchmark_step,
    client::{self, ClientStatus, SizeBand},
    client_pulse, franchise,
    metric_value::{self, Metric, MetricFamily},
    network, region, stage_run,
};
use sea_orm::{
    ActiveEnum, ActiveModelTrait, ActiveValue::Set, ColumnTrait, EntityTrait, IntoActiveModel, Iterable,
    QueryFilter, QueryOrder, QuerySelect, QueryTrait,
};
use std::{
    collections::{BTreeMap, HashMap, HashSet},
    time::Instant,
};
use uuid::Uuid;

/// A client where no stage is open.
const NO_STAGE: &str = "none";

/// Clients whose standings are written together.
const TOGETHER: usize = 200;

/// Everything that closing reads but values: who is where, and who may be counted.
struct People {
    clients: Vec<Person>,
    secret: Vec<u8>,
    quarter: Quarter,
}

/// A client at work.
struct Person {
    id: Id<client::Entity>,
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

/// A family's release before it is stored.
pub struct Decided {
    pub family: MetricFamily,
    pub profile: Profile,
    pub release: Release,
    window: history::Window,
    values: Values,
}

/// What a release told of one metric.
struct Told {
    definition: Definition,
    /// The cohorts, by their paths.
    cohorts: BTreeMap<Vec<String>, (Id<benchmark_cohort::Entity>, Figures)>,
    /// Everyone's values, in the order of [`People::clients`].
    values: Vec<Option<i64>>,
}

/// The frozen values of a family, by client and metric.
type Values = HashMap<Uuid, Vec<Option<i64>>>;

/// Closes all releases of a period. The transaction reaches the network.
pub async fn close(write: &Write, quarter: Quarter) -> Result<Vec<Id<benchmark_release::Entity>>, Error> {
    write.with_room(close_each(write, quarter)).await
}

async fn close_each(write: &Write, quarter: Quarter) -> Result<Vec<Id<benchmark_release::Entity>>, Error> {
    let policy = history::policy(write).await?;
    let people = People::of(write, quarter).await?;
    let (mut ids, mut told) = (vec![], vec![]);
    for family in MetricFamily::iter() {
        let began = Instant::now();
        let decided = people.decide(write, &policy, family).await?;
        let (id, of_family) = people.store(write, policy.profile, decided).await?;
        write.give_way(began.elapsed()).await;
        ids.push(id);
        told.extend(of_family);
    }
    people.stand(write, &told).await?;
    Ok(ids)
}

/// What closing would publish as things are. The transaction must be left, not committed.
pub async fn preview(write: &Write, quarter: Quarter) -> Result<Vec<Decided>, Error> {
    let policy = history::policy(write).await?;
    let people = People::of(write, quarter).await?;
    let mut decided = vec![];
    for family in MetricFamily::iter() {
        decided.push(people.decide(write, &policy, family).await?);
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
    async fn of(write: &Write, quarter: Quarter) -> Result<People, Error> {
        freezing::freeze(write, quarter).await?;
        let secret = history::secret(write).await?;
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
        Ok(People { clients, secret, quarter })
    }

    /// What the mechanism makes of a family.
    async fn decide(
        &self,
        write: &Write,
        policy: &benchmark_policy::Model,
        family: MetricFamily,
    ) -> Result<Decided, Error> {
        let metrics = rules::metrics_of(family);
        let (values, contributing) = values(write, &metrics, self.quarter).await?;
        let profile = rules::profile(policy.profile);
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
        let window = history::window(write, family).await?;
        let family_name = family.to_value();
        let message = format!("{}:{family_name}", self.quarter.label());
        let key = keyed(&self.secret, b"release", message.as_bytes());
        let fleeting = rules::fleeting(family);
        let closing =
            Closing { key: &key, profile, contributions: &contributions, fleeting, window: &window.pasts };
        let release = decide(&closing).map_err(|fault| {
            // what is wrong names who and how many, and a log is read by others
            drop(fault);
            tracing::error!(family = family_name, "a release cannot be closed: its input is at fault");
            Fault::Internal
        })?;
        Ok(Decided { family, profile, release, window, values })
    }

    /// Stores a release, and has it verified.
    async fn store(
        &self,
        write: &Write,
        profile: BenchmarkProfile,
        decided: Decided,
    ) -> Result<(Id<benchmark_release::Entity>, Vec<Told>), Error> {
        let row = benchmark_release::Model {
            id: write.id(),
            network_id: write.network()?,
            family: decided.family,
            period: self.quarter.label(),
            profile,
            closed_at: write.now(),
        };
        let row = write.insert::<benchmark_release::Entity>(row).await?;
        history::keep(write, row.id, &decided.release).await?;
        let by_pseudonym: HashMap<Pseudonym, Uuid> =
            self.clients.iter().map(|person| (person.pseudonym, person.id.uuid())).collect();
        let mut told = vec![];
        for (at, definition) in rules::metrics_of(decided.family).into_iter().enumerate() {
            let mut cohorts = BTreeMap::new();
            let mut rows = vec![];
            for cohort in &decided.release.cohorts {
                let figures = figures(cohort, &definition, at, &by_pseudonym, &decided.values)?;
                let cohort_row = cohort_row(write.id(), &row, cohort, &definition, figures);
                cohorts.insert(cohort.path.clone(), (cohort_row.id, figures));
                rows.push(cohort_row.into_active_model().reset_all());
            }
            write.pour::<benchmark_cohort::Entity>(rows).await?;
            let value = |person: &Person| decided.values.get(&person.id.uuid())?[at];
            let values = self.clients.iter().map(value).collect();
            told.push(Told { definition, cohorts, values });
        }
        let stored = history::past(write, &row).await?;
        sound(&decided, &stored)?;
        Ok((row.id, told))
    }

    /// Settles where every client stands, counted or not, in all metrics: client by client, as the index has them. One
    /// metric after the other would go through all of it for each.
    async fn stand(&self, write: &Write, told: &[Told]) -> Result<(), Error> {
        let network = write.network()?;
        // in an order that tells nothing, as ids are given in it
        let mut places: Vec<usize> = (0..self.clients.len()).collect();
        places.sort_unstable_by_key(|place| self.clients[*place].id);
        for some in places.chunks(TOGETHER) {
            let began = Instant::now();
            let mut rows = Vec::with_capacity(some.len() * told.len());
            for place in some {
                rows.extend(told.iter().filter_map(|told| self.standing(write.id(), network, *place, told)));
            }
            write.pour::<benchmark_standing::Entity>(rows).await?;
            write.give_way(began.elapsed()).await;
        }
        Ok(())
    }

    /// Where a client stands in a metric. The cohort that answers follows from its path alone.
    fn standing(
        &self,
        id: Id<benchmark_standing::Entity>,
        network_id: Id<network::Entity>,
        place: usize,
        told: &Told,
    ) -> Option<benchmark_standing::ActiveModel> {
        let person = &self.clients[place];
        let path = person.path(told.definition.family);
        let node = answering(&path, |node| told.cohorts.contains_key(node))?;
        let (cohort, figures) = told.cohorts.get(node)?;
        let value = told.values[place];
        let position = value.map(|value| Position::of(told.definition.contribution(value), figures));
        let own = node.len() == path.len();
        Some(benchmark_standing::ActiveModel {
            id: Set(id),
            network_id: Set(network_id),
            client_id: Set(person.id),
            cohort_id: Set(*cohort),
            metric: Set(told.definition.metric),
            period: Set(self.quarter.label()),
            status: Set(if own { BenchmarkStatus::Published } else { BenchmarkStatus::Coarser }),
            value: Set(value.map(rules::exact)),
            position: Set(position.map(rules::position)),
        })
    }
}

impl Person {
    fn path(&self, family: MetricFamily) -> Vec<String> {
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

/// The figures of a cohort in one metric of the family.
fn figures(
    cohort: &Cohort,
    definition: &Definition,
    at: usize,
    by_pseudonym: &HashMap<Pseudonym, Uuid>,
    values: &Values,
) -> Result<Figures, Fault> {
    let of = |pseudonym: &Pseudonym| values.get(by_pseudonym.get(pseudonym)?)?[at];
    let members = cohort.members.iter().map(|(pseudonym, _)| of(pseudonym));
    let contributions: Option<Vec<u16>> =
        members.map(|value| value.map(|value| definition.contribution(value))).collect();
    contributions.and_then(Figures::of).ok_or(Fault::Internal)
}

fn cohort_row(
    id: Id<benchmark_cohort::Entity>,
    release: &benchmark_release::Model,
    cohort: &Cohort,
    definition: &Definition,
    figures: Figures,
) -> benchmark_cohort::Model {
    let tree = rules::tree(release.family);
    let named = |dimension: Dimension| {
        let at = tree.iter().position(|known| *known == dimension)?;
        cohort.path.get(at).cloned()
    };
    let shown = |figure: u16| rules::shown(definition, figure);
    let (low, high) = figures.deciles.unzip();
    benchmark_cohort::Model {
        id,
        network_id: release.network_id,
        release_id: release.id,
        metric: definition.metric,
        period: release.period.clone(),
        path: rules::written(&cohort.path),
        level: i32::try_from(cohort.path.len()).unwrap_or(0),
        industry: named(Dimension::Industry),
        size_band: named(Dimension::Size).and_then(|size| SizeBand::try_from_value(&size).ok()),
        region: named(Dimension::Region),
        stage: named(Dimension::Stage),
        band: rules::band(cohort.band),
        p10: low.map(i32::from),
        p25: figures.p25.into(),
        p50: figures.p50.into(),
        p75: figures.p75.into(),
        p90: high.map(i32::from),
        p10_shown: low.map(shown),
        p25_shown: shown(figures.p25),
        p50_shown: shown(figures.p50),
        p75_shown: shown(figures.p75),
        p90_shown: high.map(shown),
    }
}

/// Whether the verifier finds nothing in what is stored, this release and those before it. Where the network's profile
/// changed on the way, the release by itself is held to its own, and all together to the mildest: the others' rules
/// imply it.
fn sound(decided: &Decided, stored: &Past) -> Result<(), Error> {
    let window = &decided.window;
    let sets: Vec<Sets> = window.pasts.iter().chain([stored]).map(Past::sets).collect();
    let one = window.profiles.iter().all(|profile| *profile == decided.profile);
    let mut found: Vec<Violation> = verify(if one { decided.profile } else { Profile::Standard }, &sets);
    if !one {
        found.extend(verify(decided.profile, &sets[window.pasts.len()..]));
    }
    match found.first() {
        None => Ok(()),
        Some(_) => {
            tracing::error!(family = ?decided.family, "a release was not closed: the verifier refuses it");
            Err(Fault::Internal.into())
        }
    }
}
