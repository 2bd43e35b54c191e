//! A team's alignment rounds: at some of its sessions, with results that come nearer to one another as the programme
//! goes on. Who answered what was never anybody's but theirs, so of past rounds there are results and no answers.

use super::{
    making::Making,
    sessions::HeldSession,
    sketch::NetworkShape,
    source::Source,
    vocabulary::alignment::{REVOTE, STATEMENTS, TITLES},
};
use crate::features::alignment::rules::{self, Core};
use chrono::Duration;
use entity::{
    Id,
    alignment_round::{self, AlignmentDisclosure, AlignmentStatus},
    alignment_statement::{self, ConsensusBand},
};

/// Sessions between two rounds.
const EVERY: usize = 4;

/// Makes the rounds of a grown network's team, from chances of their own.
pub fn add(making: &mut Making<'_>, source: &mut Source, held: &[HeldSession]) {
    if making.directory.sketch.shape == NetworkShape::Even {
        return;
    }
    let mut last: Option<(alignment_round::Model, Vec<alignment_statement::Model>)> = None;
    for (at, session) in held.iter().step_by(EVERY).take(TITLES.len()).enumerate() {
        let opened_at = session.starts_at.max(making.card.created_at);
        let answered = source.between(making.members.len() as i64 - 1, making.members.len() as i64).max(1);
        let enough = answered as usize >= rules::MIN_ANONYMOUS;
        let disclosure = if enough { AlignmentDisclosure::Anonymous } else { AlignmentDisclosure::Withheld };
        let round = alignment_round::Model {
            session_id: Some(session.id),
            compared_id: last.as_ref().filter(|_| enough).map(|(round, _)| round.id),
            status: AlignmentStatus::Revealed,
            disclosure: Some(disclosure),
            answered: answered as i32,
            counting: answered as i32,
            sealed_at: Some(session.closed_at - Duration::minutes(1)),
            revealed_at: Some(session.closed_at),
            version: 3,
            ..new_round(making, source, at, opened_at)
        };
        let mut core = Vec::new();
        let statements: Vec<_> = (0..STATEMENTS.len())
            .map(|place| {
                let statement = new_statement(&round, source, place);
                let ratings: Vec<i32> = (0..answered).map(|_| rating(source, at, place)).collect();
                let statement = with_result(
                    statement,
                    &ratings,
                    disclosure,
                    last.as_ref().map(|(_, asked)| asked.as_slice()),
                );
                if statement.core {
                    core.push(Core { ratings, low: statement.low, high: statement.high });
                }
                statement
            })
            .collect();
        let figures = rules::measure(&core, answered as usize, making.members.len()).filter(|_| enough);
        let round = alignment_round::Model {
            ratings: figures.map(|_| (core.len() as i64 * answered) as i32),
            level: figures.map(|(level, _)| rules::round_figure(level)),
            agreement: figures.map(|(_, agreement)| rules::round_figure(agreement)),
            ..round
        };
        if enough {
            last = Some((round.clone(), statements.clone()));
        }
        making.batch.rounds.push(round);
        making.batch.statements.extend(statements);
    }
    if making.card.stage_door {
        if let Some((round, asked)) = &last {
            add_revote(making, source, round, asked);
        }
        // one that those who sign in can answer
        let round = new_round(making, source, TITLES.len() - 1, making.now - Duration::hours(5));
        making
            .batch
            .statements
            .extend((0..STATEMENTS.len()).map(|place| new_statement(&round, source, place)));
        making.batch.rounds.push(round);
    }
}

/// Adds a re-vote, after the session, on the two statements of a round that the team agrees on least.
fn add_revote(
    making: &mut Making<'_>,
    source: &mut Source,
    of: &alignment_round::Model,
    asked: &[alignment_statement::Model],
) {
    let Some(opened_at) = of.revealed_at.filter(|at| *at + Duration::minutes(20) <= making.now) else {
        return;
    };
    let revealed_at = opened_at + Duration::minutes(20);
    let round = alignment_round::Model {
        compared_id: Some(of.id),
        revote_of_id: Some(of.id),
        title: REVOTE.into(),
        status: AlignmentStatus::Revealed,
        disclosure: Some(AlignmentDisclosure::Anonymous),
        answered: of.answered,
        counting: of.counting,
        sealed_at: Some(revealed_at - Duration::minutes(1)),
        revealed_at: Some(revealed_at),
        version: 3,
        ..new_round(making, source, 0, opened_at)
    };
    let mut places: Vec<usize> = (0..asked.len()).collect();
    places.sort_by_key(|place| match asked[*place].band {
        Some(ConsensusBand::Low) => 0,
        Some(ConsensusBand::Mixed) => 1,
        _ => 2,
    });
    for (at, place) in places.into_iter().take(2).enumerate() {
        let statement = new_statement(&round, source, place);
        let ratings: Vec<i32> = (0..of.answered).map(|_| rating(source, TITLES.len(), place)).collect();
        let statement = with_result(statement, &ratings, AlignmentDisclosure::Anonymous, Some(asked));
        making.batch.statements.push(alignment_statement::Model { position: at as i32 + 1, ..statement });
    }
    making.batch.rounds.push(round);
}

fn new_round(
    making: &Making<'_>,
    source: &mut Source,
    at: usize,
    opened_at: super::calendar::At,
) -> alignment_round::Model {
    alignment_round::Model {
        id: source.id(opened_at),
        network_id: making.network,
        client_id: making.client,
        team_id: making.team,
        session_id: None,
        compared_id: None,
        revote_of_id: None,
        pulse_days: None,
        next_pulse_at: None,
        title: TITLES[at].into(),
        status: AlignmentStatus::Open,
        disclosure: None,
        closes_on: None,
        closes_at: None,
        answered: 0,
        counting: 0,
        members: making.members.len() as i32,
        opened_at,
        sealed_at: None,
        revealed_at: None,
        ratings: None,
        level: None,
        agreement: None,
        version: 1,
    }
}

fn new_statement(
    round: &alignment_round::Model,
    source: &mut Source,
    place: usize,
) -> alignment_statement::Model {
    let id: Id<alignment_statement::Entity> = source.id(round.opened_at);
    alignment_statement::Model {
        id,
        network_id: round.network_id,
        client_id: round.client_id,
        team_id: round.team_id,
        round_id: round.id,
        position: place as i32 + 1,
        key: rules::own_key(STATEMENTS[place].0),
        text: STATEMENTS[place].0.into(),
        low: 1,
        high: 5,
        core: STATEMENTS[place].1,
        mean: None,
        band: None,
        mean_before: None,
        band_before: None,
    }
}

/// Later rounds are higher and nearer to one another; some statements are harder than others.
fn rating(source: &mut Source, round: usize, place: usize) -> i32 {
    let middle = 2.4 + 0.45 * round as f64 + [0.5, 0.2, -0.4, 0.0, -0.2, 0.3, 0.6, -0.5][place % 8];
    let spread = 1.7 - 0.35 * round as f64;
    ((middle + (source.part() + source.part() - 1.0) * 2.0 * spread).round() as i32).clamp(1, 5)
}

fn with_result(
    statement: alignment_statement::Model,
    ratings: &[i32],
    disclosure: AlignmentDisclosure,
    before: Option<&[alignment_statement::Model]>,
) -> alignment_statement::Model {
    let Some(result) = rules::statement_result(ratings, (statement.low, statement.high), disclosure) else {
        return statement;
    };
    let earlier = before.and_then(|before| rules::find_same_statement(&statement, before));
    alignment_statement::Model {
        mean: Some(result.mean),
        band: result.band,
        mean_before: earlier.and_then(|earlier| earlier.mean.clone()),
        band_before: earlier.and_then(|earlier| earlier.band),
        ..statement
    }
}
