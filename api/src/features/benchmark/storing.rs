//! Makes the rows of a release: its published cohorts, the clients that it counted, and the standing of every client.

use super::{
    deciding::{Candidates, Decided, Values},
    history,
    mechanism::{
        position::{Quartile, answering},
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

/// The rows of a family's release, and its published metrics.
pub struct FamilyRows {
    pub cohorts: Vec<benchmark_cohort::ActiveModel>,
    pub counted: Vec<benchmark_counted::ActiveModel>,
    pub published: Vec<PublishedMetric>,
}

/// The published figures of one metric.
pub struct PublishedMetric {
    definition: Definition,
    /// The published cohorts by path.
    cohorts: BTreeMap<Vec<String>, (Id<benchmark_cohort::Entity>, Figures)>,
    /// The value of each client, in the order of [`Candidates::clients`].
    values: Vec<Option<i64>>,
}

impl FamilyRows {
    pub fn of(
        steps: &Stepwise,
        candidates: &Candidates,
        release: &benchmark_release::Model,
        decided: &Decided,
    ) -> Result<FamilyRows, Fault> {
        let (mut rows, mut published) = (vec![], vec![]);
        for (at, definition) in rules::metrics_of(decided.family).into_iter().enumerate() {
            let mut cohorts = BTreeMap::new();
            for cohort in &decided.release.cohorts {
                let figures = cohort_figures(cohort, &definition, at, candidates, &decided.values)?;
                let row = cohort_row(steps.id(), release, cohort, &definition, figures);
                cohorts.insert(cohort.path.clone(), (row.id, figures));
                rows.push(row.into_active_model().reset_all());
            }
            let values =
                candidates.clients.iter().map(|candidate| decided.values.get(&candidate.id.uuid())?[at]);
            published.push(PublishedMetric { definition, cohorts, values: values.collect() });
        }
        let counted = history::counted_rows(release, &decided.release)?;
        Ok(FamilyRows { cohorts: rows, counted, published })
    }
}

/// The standings of some clients in all metrics, whether they were counted or not. Sorted by client like the index, so that
/// inserting them touches each part of it once.
pub fn standing_rows(
    steps: &Stepwise,
    candidates: &Candidates,
    published: &[PublishedMetric],
    places: &[usize],
) -> Vec<benchmark_standing::ActiveModel> {
    let mut rows = Vec::with_capacity(places.len() * published.len());
    for place in places {
        rows.extend(
            published.iter().filter_map(|published| standing_row(steps, candidates, published, *place)),
        );
    }
    rows
}

/// The standing of a client in a metric. Its cohort depends only on the client's path.
fn standing_row(
    steps: &Stepwise,
    candidates: &Candidates,
    published: &PublishedMetric,
    place: usize,
) -> Option<benchmark_standing::ActiveModel> {
    let candidate = &candidates.clients[place];
    let path = candidate.path(published.definition.family);
    let node = answering(&path, |node| published.cohorts.contains_key(node))?;
    let (cohort, figures) = published.cohorts.get(node)?;
    let value = published.values[place];
    let position = value.map(|value| Quartile::of(published.definition.contribution(value), figures));
    let own = node.len() == path.len();
    Some(benchmark_standing::ActiveModel {
        id: Set(steps.id()),
        network_id: Set(steps.network()),
        client_id: Set(candidate.id),
        cohort_id: Set(*cohort),
        metric: Set(published.definition.metric),
        period: Set(candidates.quarter.label()),
        status: Set(if own { BenchmarkStatus::Published } else { BenchmarkStatus::Coarser }),
        value: Set(value.map(rules::format_exact)),
        position: Set(position.map(rules::position)),
    })
}

/// The figures of a cohort in one metric of the family.
fn cohort_figures(
    cohort: &Cohort,
    definition: &Definition,
    at: usize,
    candidates: &Candidates,
    values: &Values,
) -> Result<Figures, Fault> {
    let of = |pseudonym: &Pseudonym| values.get(&candidates.find(pseudonym)?.id.uuid())?[at];
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
    let tree = rules::cohort_tree(release.family);
    let named = |dimension: Dimension| {
        let at = tree.iter().position(|known| *known == dimension)?;
        cohort.path.get(at).cloned()
    };
    let shown = |figure: u16| rules::format_figure(definition, figure);
    let (low, high) = figures.deciles.unzip();
    benchmark_cohort::Model {
        id,
        network_id: release.network_id,
        release_id: release.id,
        metric: definition.metric,
        period: release.period.clone(),
        path: rules::encode_path(&cohort.path),
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
