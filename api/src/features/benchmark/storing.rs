//! The rows of a release: the cohorts that it publishes, whom it counted, and where every client stands.

use super::{
    deciding::{Decided, People, Values},
    history,
    mechanism::{
        position::{Quarter as Position, answering},
        pseudonym::Pseudonym,
        quantile::Figures,
        release::Cohort,
    },
    rules::{self, Dimension},
};
use crate::{
    features::metric::definition::Definition,
    kernel::{Fault, Stepwise},
};
use entity::{
    Id, benchmark_cohort, benchmark_counted, benchmark_release, benchmark_standing,
    benchmark_standing::BenchmarkStatus, client::SizeBand,
};
use sea_orm::{ActiveEnum, ActiveModelTrait, ActiveValue::Set, IntoActiveModel};
use std::collections::BTreeMap;

/// The rows of a family's release, and what they tell of each of its metrics.
pub struct FamilyRows {
    pub cohorts: Vec<benchmark_cohort::ActiveModel>,
    pub counted: Vec<benchmark_counted::ActiveModel>,
    pub told: Vec<Told>,
}

/// What a release told of one metric.
pub struct Told {
    definition: Definition,
    /// The cohorts, by their paths.
    cohorts: BTreeMap<Vec<String>, (Id<benchmark_cohort::Entity>, Figures)>,
    /// Everyone's values, in the order of [`People::clients`].
    values: Vec<Option<i64>>,
}

impl FamilyRows {
    pub fn of(
        steps: &Stepwise,
        people: &People,
        release: &benchmark_release::Model,
        decided: &Decided,
    ) -> Result<FamilyRows, Fault> {
        let (mut rows, mut told) = (vec![], vec![]);
        for (at, definition) in rules::metrics_of(decided.family).into_iter().enumerate() {
            let mut cohorts = BTreeMap::new();
            for cohort in &decided.release.cohorts {
                let figures = figures(cohort, &definition, at, people, &decided.values)?;
                let row = cohort_row(steps.id(), release, cohort, &definition, figures);
                cohorts.insert(cohort.path.clone(), (row.id, figures));
                rows.push(row.into_active_model().reset_all());
            }
            let values = people.clients.iter().map(|person| decided.values.get(&person.id.uuid())?[at]);
            told.push(Told { definition, cohorts, values: values.collect() });
        }
        let counted = history::counted_rows(release, &decided.release)?;
        Ok(FamilyRows { cohorts: rows, counted, told })
    }
}

/// Where some clients stand, counted or not, in all metrics: client by client, as the index has them. One metric after the
/// other would go through all of it for each.
pub fn standings(
    steps: &Stepwise,
    people: &People,
    told: &[Told],
    places: &[usize],
) -> Vec<benchmark_standing::ActiveModel> {
    let mut rows = Vec::with_capacity(places.len() * told.len());
    for place in places {
        rows.extend(told.iter().filter_map(|told| standing(steps, people, told, *place)));
    }
    rows
}

/// Where a client stands in a metric. The cohort that answers follows from its path alone.
fn standing(
    steps: &Stepwise,
    people: &People,
    told: &Told,
    place: usize,
) -> Option<benchmark_standing::ActiveModel> {
    let person = &people.clients[place];
    let path = person.path(told.definition.family);
    let node = answering(&path, |node| told.cohorts.contains_key(node))?;
    let (cohort, figures) = told.cohorts.get(node)?;
    let value = told.values[place];
    let position = value.map(|value| Position::of(told.definition.contribution(value), figures));
    let own = node.len() == path.len();
    Some(benchmark_standing::ActiveModel {
        id: Set(steps.id()),
        network_id: Set(steps.network()),
        client_id: Set(person.id),
        cohort_id: Set(*cohort),
        metric: Set(told.definition.metric),
        period: Set(people.quarter.label()),
        status: Set(if own { BenchmarkStatus::Published } else { BenchmarkStatus::Coarser }),
        value: Set(value.map(rules::exact)),
        position: Set(position.map(rules::position)),
    })
}

/// The figures of a cohort in one metric of the family.
fn figures(
    cohort: &Cohort,
    definition: &Definition,
    at: usize,
    people: &People,
    values: &Values,
) -> Result<Figures, Fault> {
    let of = |pseudonym: &Pseudonym| values.get(&people.behind(pseudonym)?.id.uuid())?[at];
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
