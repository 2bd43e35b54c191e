//! Decisions of a team in its sessions, with the stance of each member, and decisions that were debated again.

use super::{
    calendar::{At, day, working},
    making::Making,
    phrases::{Words, fill},
    sessions::HeldSession,
    sketch::NetworkShape,
    source::Source,
    story::Line,
    vocabulary::decisions::{ANY_TIME, COMMENTS, MATTERS, Matter, REVOKED},
};
use chrono::{Days, Duration};
use entity::{
    Id,
    decision::{self, DecisionStatus},
    decision_event::{self, DecisionEventKind},
    decision_option, decision_position,
    decision_stance::{self, Stance},
    member, person, stage_run,
};

/// Where a client's own stream of decisions begins: beside the one that all else is drawn from.
const STREAM: u64 = 1_000_000;

/// Makes the decisions of a grown network's client: few in each stage, out of the sessions that were held in it.
pub fn add(
    making: &mut Making<'_>,
    at: usize,
    line: &Line,
    held: &[HeldSession],
    runs: &[Id<stage_run::Entity>],
) {
    if making.directory.sketch.shape == NetworkShape::Even {
        return;
    }
    let own = Source::new(making.directory.sketch.seed, STREAM + at as u64);
    let kept = std::mem::replace(&mut making.source, own);
    for (stage, run) in runs.iter().enumerate().take(line.stages.len()) {
        let mut matters: Vec<&Matter> = MATTERS[stage].iter().collect();
        making.source.shuffle(&mut matters);
        let of_stage: Vec<&HeldSession> =
            held.iter().filter(|held| line.stage(held.starts_at) == stage).collect();
        let most = if making.card.stage_door { 3 } else { 1 + usize::from(making.source.chance(25)) };
        for (session, matter) in of_stage.iter().zip(matters).take(most) {
            decide(making, matter, *run, session, held);
        }
    }
    if making.card.stage_door {
        add_open_proposal(making, line, held, runs);
    } else if at.is_multiple_of(3) {
        decide_open_matters(making, line, held, runs);
    }
    making.source = kept;
}

/// Decides a matter in a session, and perhaps again in a later one.
fn decide(
    making: &mut Making<'_>,
    matter: &Matter,
    run: Id<stage_run::Entity>,
    session: &HeldSession,
    held: &[HeldSession],
) {
    let words = Words::draw(making);
    let mut row = new_proposal(making, matter, run, session, words);
    let ratified = session.closed_at;
    row.ratified_at = Some(ratified);
    row.status = DecisionStatus::Ratified;
    row.stances = making.members.len() as i32;
    row.version = 2;
    let later = held.iter().find(|other| other.starts_at > ratified + Duration::days(20));
    let anew = matter.anew.zip(later).filter(|_| making.card.stage_door || making.source.chance(40));
    let revoked = anew.is_none() && making.source.chance(4);
    event(making, &row, DecisionEventKind::Ratified, None, ratified);
    options(making, &row, matter, words, Some(0));
    positions(making, &row, row.proposed_at, ratified);
    if let Some(((text, why), later)) = anew {
        row.reopenings = 1;
        row.status = DecisionStatus::Superseded;
        row.ended_at = Some(later.closed_at);
        row.version = 4;
        let reason = fill(making, why, words);
        event(making, &row, DecisionEventKind::Reopened, Some(reason), later.starts_at);
        event(making, &row, DecisionEventKind::Superseded, None, later.closed_at);
        let proposed_at = later.starts_at;
        let heir = decision::Model {
            id: making.source.id(proposed_at),
            session_id: Some(later.id),
            supersedes_id: Some(row.id),
            text: fill(making, text, words),
            status: DecisionStatus::Ratified,
            review_on: None,
            reopenings: 0,
            proposed_at,
            ratified_at: Some(later.closed_at),
            ended_at: None,
            version: 2,
            ..row.clone()
        };
        making.batch.decisions.push(row);
        event(making, &heir, DecisionEventKind::Proposed, None, proposed_at);
        event(making, &heir, DecisionEventKind::Ratified, None, later.closed_at);
        options(making, &heir, matter, words, Some(1));
        positions(making, &heir, proposed_at, later.closed_at);
        making.batch.decisions.push(heir);
        return;
    }
    if revoked {
        let ended = making.moment(ratified, ratified + Duration::days(30)).min(making.now);
        let reason = (*making.source.pick(REVOKED)).to_owned();
        (row.status, row.ended_at, row.version) = (DecisionStatus::Revoked, Some(ended), 3);
        row.reason = Some(reason.clone());
        event(making, &row, DecisionEventKind::Revoked, Some(reason), ended);
    }
    making.batch.decisions.push(row);
}

/// Clears the table of all that was left unsaid: what belongs to no stage is settled in two or three sessions on end.
fn decide_open_matters(
    making: &mut Making<'_>,
    line: &Line,
    held: &[HeldSession],
    runs: &[Id<stage_run::Entity>],
) {
    if held.is_empty() {
        return;
    }
    let from = making.source.below(held.len());
    let sessions: Vec<&HeldSession> = held.iter().skip(from).take(3).collect();
    let mut matters: Vec<&Matter> = ANY_TIME.iter().collect();
    making.source.shuffle(&mut matters);
    for (at, matter) in matters.into_iter().enumerate() {
        let session = sessions[at % sessions.len()];
        let stage = line.stage(session.starts_at).min(runs.len() - 1);
        decide(making, matter, runs[stage], session, held);
    }
}

/// What the cast's team has open: a proposal on which the sponsor has taken a stance, and the leader has not.
fn add_open_proposal(
    making: &mut Making<'_>,
    line: &Line,
    held: &[HeldSession],
    runs: &[Id<stage_run::Entity>],
) {
    let stage = line.stages.len() - 1;
    let titles: Vec<String> = making.batch.decisions.iter().rev().map(|row| row.title.clone()).collect();
    let Some(session) = held.last() else { return };
    let words = Words::draw(making);
    for matter in MATTERS[(stage + 1) % MATTERS.len()] {
        let mut row = new_proposal(making, matter, runs[stage], session, words);
        if titles.contains(&row.title) {
            continue;
        }
        options(making, &row, matter, words, None);
        if let Some((member, person)) = signed_in(making).first().copied() {
            row.stances = 1;
            let at = row.proposed_at + Duration::minutes(30);
            stance(making, &row, (member, person), (Stance::Accepts, 3, String::new()), at);
        }
        making.batch.decisions.push(row);
        return;
    }
}

/// A proposal.
fn new_proposal(
    making: &mut Making<'_>,
    matter: &Matter,
    run: Id<stage_run::Entity>,
    session: &HeldSession,
    words: Words,
) -> decision::Model {
    let proposed_at = session.starts_at + Duration::minutes(making.source.between(10, 50));
    let joined = fill(making, &[matter.title, matter.text, matter.rationale].join("\n"), words);
    let mut parts = joined.split('\n').map(str::to_owned);
    let mut part = || parts.next().unwrap_or_default();
    let (title, text, rationale) = (part(), part(), part());
    let review = working(day(session.closed_at, making.card.zone) + Days::new(90));
    let owner = *making.source.pick(&making.members);
    let row = decision::Model {
        id: making.source.id(proposed_at),
        network_id: making.network,
        client_id: making.client,
        team_id: making.team,
        stage_run_id: Some(run),
        session_id: Some(session.id),
        obstacle_id: None,
        supersedes_id: None,
        owner_id: Some(owner),
        title,
        text,
        rationale,
        status: DecisionStatus::Proposed,
        review_on: making.source.chance(70).then_some(review),
        needs_no_action: false,
        wording: 1,
        stances: 0,
        reopenings: 0,
        read_back: 0,
        matching: 0,
        differing: 0,
        proposed_at,
        ratified_at: None,
        ended_at: None,
        reason: None,
        version: 1,
    };
    event(making, &row, DecisionEventKind::Proposed, None, proposed_at);
    row
}

/// What was considered, and which of it was chosen.
fn options(
    making: &mut Making<'_>,
    of: &decision::Model,
    matter: &Matter,
    words: Words,
    chosen: Option<usize>,
) {
    for (at, text) in matter.options.iter().enumerate() {
        let text = fill(making, text, words);
        making.batch.options.push(decision_option::Model {
            id: making.source.id(of.proposed_at),
            network_id: making.network,
            client_id: making.client,
            team_id: making.team,
            decision_id: of.id,
            position: at as i32 + 1,
            text,
            chosen: chosen == Some(at),
        });
    }
}

/// Where each member stood; members without a login said it in the room.
fn positions(making: &mut Making<'_>, of: &decision::Model, from: At, until: At) {
    let signed_in = signed_in(making);
    for member in making.members.clone() {
        let (stance_, _) = *making.source.weigh(STANCES, |(_, weight)| *weight);
        let low = if stance_ == Stance::Supports { 3 } else { 2 };
        let conviction = making.source.between(low, 5) as i32;
        let comment = (*making.source.pick(COMMENTS)).to_owned();
        let own = signed_in.iter().find(|(one, _)| *one == member).copied();
        let taken_at = if own.is_some() { from + (until - from) / 2 } else { until };
        if let Some(own) = own {
            stance(making, of, own, (stance_, conviction, comment.clone()), taken_at);
        }
        making.batch.positions.push(decision_position::Model {
            id: making.source.id(until),
            network_id: making.network,
            client_id: making.client,
            team_id: making.team,
            decision_id: of.id,
            member_id: member,
            stance: stance_,
            conviction,
            comment,
            taken_at,
            recorded_by_id: own.is_none().then_some(making.card.lead),
        });
    }
}

const STANCES: &[(Stance, u32)] = &[(Stance::Supports, 60), (Stance::Accepts, 30), (Stance::Opposes, 10)];

fn stance(
    making: &mut Making<'_>,
    of: &decision::Model,
    (member, person): (Id<member::Entity>, Id<person::Entity>),
    (stance, conviction, comment): (Stance, i32, String),
    taken_at: At,
) {
    making.batch.stances.push(decision_stance::Model {
        id: making.source.id(taken_at),
        network_id: making.network,
        client_id: making.client,
        person_id: person,
        decision_id: of.id,
        member_id: member,
        wording: of.wording,
        stance,
        conviction,
        comment,
        taken_at,
        version: 1,
    });
}

/// The members who sign in, in the order in which they joined.
fn signed_in(making: &Making<'_>) -> Vec<(Id<member::Entity>, Id<person::Entity>)> {
    let mine = making.batch.members.iter().rev().take_while(|row| row.client_id == making.client);
    let mut found: Vec<_> = mine.filter_map(|row| Some((row.id, row.person_id?))).collect();
    found.reverse();
    found
}

fn event(
    making: &mut Making<'_>,
    of: &decision::Model,
    kind: DecisionEventKind,
    reason: Option<String>,
    at: At,
) {
    making.batch.decision_events.push(decision_event::Model {
        id: making.source.id(at),
        network_id: making.network,
        client_id: making.client,
        team_id: making.team,
        decision_id: of.id,
        kind,
        person_id: making.card.lead,
        reason,
        at,
    });
}
