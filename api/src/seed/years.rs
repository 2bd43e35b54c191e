//! A team's years with their targets, what it carried over from one cycle to the next, and what it reopened.

use super::{
    calendar::{At, day_end},
    making::Making,
    sketch::NetworkShape,
    source::Source,
    vocabulary::{reasons::ACTION_REOPENED, targets::TARGETS},
};
use chrono::{Datelike, Duration, NaiveDate};
use entity::{
    Id, action,
    action::ActionStatus,
    priority::{self, PriorityStatus},
    reopening, target, team_year,
};
use std::collections::BTreeMap;

/// Where a client's own stream of years begins: beside the one that all else is drawn from.
const STREAM: u64 = 12_000_000;

/// Makes them for a grown network's client.
pub fn add(making: &mut Making<'_>, at: usize) {
    if making.directory.sketch.shape == NetworkShape::Even {
        return;
    }
    let own = Source::new(making.directory.sketch.seed, STREAM + at as u64);
    let kept = std::mem::replace(&mut making.source, own);
    add_years(making);
    carry(making);
    add_reopenings(making);
    making.source = kept;
}

/// A calendar year for each in which a cycle of the team starts. Most priorities serve one of its targets.
fn add_years(making: &mut Making<'_>) {
    let team = making.team;
    let cycles = making.batch.cycles.iter().rev().take_while(|row| row.team_id == team);
    let starts: Vec<_> = cycles.map(|row| (row.id, row.starts_on.year(), row.created_at)).collect();
    let mut targets: BTreeMap<i32, Vec<Id<target::Entity>>> = BTreeMap::new();
    for (cycle, number, created_at) in starts.into_iter().rev() {
        let chosen = match targets.get(&number) {
            Some(chosen) => chosen.clone(),
            None => {
                let chosen = add_year(making, number, created_at);
                targets.insert(number, chosen.clone());
                chosen
            }
        };
        let year = making.batch.years.last().map(|row| row.id);
        let batch = &mut *making.batch;
        batch
            .cycles
            .iter_mut()
            .rev()
            .filter(|row| row.id == cycle)
            .take(1)
            .for_each(|row| row.year_id = year);
        let priorities = batch.priorities.iter_mut().rev().take_while(|row| row.team_id == team);
        for row in priorities.filter(|row| row.cycle_id == cycle) {
            row.target_id = making.source.chance(80).then(|| *making.source.pick(&chosen));
        }
    }
}

/// A year with two to four targets.
fn add_year(making: &mut Making<'_>, number: i32, created_at: At) -> Vec<Id<target::Entity>> {
    let on = |month, day| NaiveDate::from_ymd_opt(number, month, day).unwrap_or_default();
    let year_id = making.source.id(created_at);
    making.batch.years.push(team_year::Model {
        id: year_id,
        network_id: making.network,
        client_id: making.client,
        team_id: making.team,
        label: number.to_string(),
        starts_on: on(1, 1),
        ends_on: on(12, 31),
        created_at,
        version: 1,
    });
    let mut words = TARGETS.to_vec();
    making.source.shuffle(&mut words);
    let count = making.source.between(2, 4) as usize;
    let mut ids = vec![];
    for (text, figure) in words.into_iter().take(count) {
        let id = making.source.id(created_at);
        making.batch.targets.push(target::Model {
            id,
            network_id: making.network,
            client_id: making.client,
            team_id: making.team,
            year_id,
            text: text.into(),
            figure: figure.map(|(figure, _)| figure.to_owned()),
            unit: figure.map_or("", |(_, unit)| unit).to_owned(),
            removed_at: None,
            created_at,
            version: 1,
        });
        ids.push(id);
    }
    ids
}

/// The first missed priority of a cycle goes on in the next one, where its owner owns one.
fn carry(making: &mut Making<'_>) {
    let (team, zone) = (making.team, making.card.zone);
    let own = making.batch.priorities.iter().rev().take_while(|row| row.team_id == team).count();
    let from = making.batch.priorities.len() - own;
    let rows = &mut making.batch.priorities[from..];
    for at in 0..rows.len() {
        let (before, after) = rows.split_at_mut(at);
        let Some(row) = after.first_mut() else { continue };
        let goes_on = |old: &&priority::Model| {
            let ended = day_end(old.due_on, zone) < row.created_at + Duration::days(30);
            old.status == PriorityStatus::Missed && old.owner_id == row.owner_id && ended
        };
        let mut earlier = before.iter().filter(|old| old.cycle_id != row.cycle_id);
        if let Some(old) = earlier.rfind(goes_on)
            && before.iter().all(|other| other.carried_from_id != Some(old.id))
        {
            row.carried_from_id = Some(old.id);
            row.title = old.title.clone();
            row.outcome = old.outcome.clone();
            row.target_id = old.target_id;
        }
    }
}

/// Some actions were completed too early, and reopened.
fn add_reopenings(making: &mut Making<'_>) {
    let team = making.team;
    let actions = making.batch.actions.iter().rev().take_while(|row| row.team_id == team);
    let done: Vec<(action::Model, At, At)> = actions
        .filter(|row| row.status == ActionStatus::Done)
        .filter_map(|row| Some((row.clone(), row.accepted_at?, row.closed_at?)))
        .filter(|(_, accepted, closed)| *closed - *accepted > Duration::days(8))
        .collect();
    for (action, _, closed_at) in done {
        if !making.source.chance(4) {
            continue;
        }
        let at = closed_at - Duration::days(2);
        making.batch.reopenings.push(reopening::Model {
            id: making.source.id(at),
            network_id: making.network,
            client_id: making.client,
            team_id: team,
            action_id: Some(action.id),
            priority_id: None,
            cycle_id: None,
            ended_at: at - Duration::days(3),
            person_id: making.card.lead,
            reason: (*making.source.pick(ACTION_REOPENED)).into(),
            at,
        });
        let rows = making.batch.actions.iter_mut().rev();
        rows.filter(|row| row.id == action.id).take(1).for_each(|row| row.version += 2);
    }
}
