//! Strategies: the sections that the stages of StratPro declare, versions in force in the stages that a team has passed,
//! and in the cast's team one that waits for stances and one that is shared.

use super::{
    calendar::At,
    making::Making,
    sketch::NetworkShape,
    source::Source,
    story::Line,
    vocabulary::strategies::{Content, SECTIONS},
};
use crate::features::{
    strategy::rules::{ItemContent, render_items},
    template::stratpro::{STRATPRO, Section},
};
use chrono::{Datelike, Duration};
use entity::{
    Id,
    decision_stance::Stance,
    stage_run, strategy_item, strategy_position, strategy_section, strategy_shared,
    strategy_version::{self, StrategyStatus},
};

/// Where a client's own stream of strategies begins: beside the one that all else is drawn from.
const STREAM: u64 = 9_000_000;

/// Makes the strategy of a grown network's client.
pub fn add(making: &mut Making<'_>, at: usize, line: Option<&Line>, runs: &[Id<stage_run::Entity>]) {
    if making.directory.sketch.shape == NetworkShape::Even {
        return;
    }
    let own = Source::new(making.directory.sketch.seed, STREAM + at as u64);
    let kept = std::mem::replace(&mut making.source, own);
    let writes = making.card.stage_door || at.is_multiple_of(4);
    let mut position = 0;
    for (place, (stage, run)) in STRATPRO.stages.iter().zip(runs).enumerate() {
        let window = line.filter(|_| writes).and_then(|line| line.stages.get(place)).copied();
        for section in stage.sections {
            position += 1;
            let mut row = new_section(making, section, *run, position);
            match window {
                Some((opened, Some(passed))) => put_in_force(making, &mut row, opened, passed),
                Some((opened, None)) if making.card.stage_door => propose(making, &mut row, opened),
                _ => {}
            }
            making.batch.strategy_sections.push(row);
        }
    }
    making.source = kept;
}

fn new_section(
    making: &mut Making<'_>,
    section: &Section,
    run: Id<stage_run::Entity>,
    position: i32,
) -> strategy_section::Model {
    let at = making.card.created_at;
    strategy_section::Model {
        id: making.source.id(at),
        network_id: making.network,
        client_id: making.client,
        team_id: making.team,
        stage_run_id: Some(run),
        position,
        key: section.key.into(),
        title: section.title.into(),
        prompt: section.prompt.into(),
        form: section.form,
        minimum: section.minimum,
        maximum: section.maximum,
        needed: false,
        shared: false,
        versions: 0,
        ratified_at: None,
        version: 1,
    }
}

/// A version that was ratified while its stage was open.
fn put_in_force(making: &mut Making<'_>, section: &mut strategy_section::Model, opened: At, passed: At) {
    let Some(mut row) = new_version(making, section, opened) else { return };
    let ratified = (row.created_at + (passed - opened) / 2).min(passed);
    row.status = StrategyStatus::Ratified;
    row.ratified_at = Some(ratified);
    row.stances = making.members.len() as i32;
    row.version = 3;
    for member in making.members.clone() {
        let stance = if making.source.chance(70) { Stance::Supports } else { Stance::Accepts };
        making.batch.strategy_positions.push(strategy_position::Model {
            id: making.source.id(ratified),
            network_id: making.network,
            client_id: making.client,
            team_id: making.team,
            strategy_version_id: row.id,
            member_id: member,
            stance,
            conviction: making.source.between(3, 5) as i32,
            comment: String::new(),
            taken_at: ratified,
            recorded_by_id: Some(making.card.lead),
        });
    }
    section.ratified_at = Some(ratified);
    section.version = 3;
    if making.card.stage_door && section.key == "vision" {
        share(making, section, &row, ratified);
    }
    making.batch.strategy_versions.push(row);
}

/// A version that waits for the members' stances.
fn propose(making: &mut Making<'_>, section: &mut strategy_section::Model, opened: At) {
    let Some(mut row) = new_version(making, section, opened) else { return };
    row.status = StrategyStatus::Proposed;
    row.version = 2;
    making.batch.strategy_versions.push(row);
}

/// A draft with its items, begun when its stage was.
fn new_version(
    making: &mut Making<'_>,
    section: &mut strategy_section::Model,
    opened: At,
) -> Option<strategy_version::Model> {
    let (_, contents) = SECTIONS.iter().find(|(key, _)| *key == section.key)?;
    let began = (opened + Duration::hours(3)).min(making.now);
    let (text, items) = write(making.source.pick(contents), began.year());
    section.versions = 1;
    section.version = 2;
    let id: Id<strategy_version::Entity> = making.source.id(began);
    for (item, position) in items.into_iter().zip(1..) {
        making.batch.strategy_items.push(strategy_item::Model {
            id: making.source.id(began),
            network_id: making.network,
            client_id: making.client,
            team_id: making.team,
            strategy_version_id: id,
            position,
            text: item.text,
            quadrant: item.quadrant,
            welcome: item.welcome,
            unwelcome: item.unwelcome,
            figure: item.figure,
            unit: item.unit,
            year: item.year,
        });
    }
    Some(strategy_version::Model {
        id,
        network_id: making.network,
        client_id: making.client,
        team_id: making.team,
        strategy_section_id: section.id,
        number: 1,
        title: section.title.clone(),
        text,
        status: StrategyStatus::Draft,
        author_id: making.card.lead,
        wording: 1,
        stances: 0,
        read_back: 0,
        matching: 0,
        differing: 0,
        created_at: began,
        proposed_at: Some(began),
        ratified_at: None,
        ended_at: None,
        version: 1,
    })
}

/// The text and the items of a content.
fn write(content: &Content, year: i32) -> (String, Vec<ItemContent>) {
    let item = |text: &str| ItemContent { text: text.into(), ..ItemContent::default() };
    let items: Vec<ItemContent> = match content {
        Content::Text(text) => return ((*text).into(), vec![]),
        Content::Points(points) => points.iter().map(|text| item(text)).collect(),
        Content::Values(values) => values
            .iter()
            .map(|(name, welcome, unwelcome)| ItemContent {
                welcome: Some((*welcome).into()),
                unwelcome: Some((*unwelcome).into()),
                ..item(name)
            })
            .collect(),
        Content::Targets(targets) => targets
            .iter()
            .map(|(name, figure, unit, years)| ItemContent {
                figure: Some((*figure).into()),
                unit: Some((*unit).into()),
                year: Some(year + years),
                ..item(name)
            })
            .collect(),
        Content::Swot(entries) => entries
            .iter()
            .map(|(quadrant, text)| ItemContent { quadrant: Some(*quadrant), ..item(text) })
            .collect(),
    };
    (render_items(&items), items)
}

fn share(
    making: &mut Making<'_>,
    section: &mut strategy_section::Model,
    version: &strategy_version::Model,
    at: At,
) {
    let team = making.batch.teams.iter().rev().find(|team| team.id == making.team);
    let team_name = team.map(|team| team.name.clone()).unwrap_or_default();
    section.shared = true;
    making.batch.strategy_shared.push(strategy_shared::Model {
        id: making.source.id(at),
        network_id: making.network,
        client_id: making.client,
        from_team_id: making.team,
        strategy_section_id: section.id,
        team_name,
        title: version.title.clone(),
        text: version.text.clone(),
        number: version.number,
        ratified_at: at,
    });
}
