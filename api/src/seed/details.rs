//! What lies below priorities, actions and decisions: milestones, declared conflicts, comments, and in the
//! cast's team what leaders read back of a decision and told on.

use super::{
    calendar::At,
    making::Making,
    scorecards,
    sketch::NetworkShape,
    source::Source,
    vocabulary::details::{ANSWERS, AUDIENCES, COMMENTS, CONFLICTS, MILESTONES},
};
use chrono::Duration;
use entity::{
    Id, action, action_comment,
    decision::{self, DecisionStatus},
    decision_attestation, decision_read_back,
    decision_restatement::{self, ReadBackStatus},
    member, milestone, person,
    priority::{self, PriorityStatus},
    priority_conflict,
};

/// Where a client's own stream of details begins: beside the one that all else is drawn from.
const STREAM: u64 = 4_000_000;

/// Makes them for a grown network's client.
pub fn add(making: &mut Making<'_>, at: usize) {
    if making.directory.sketch.shape == NetworkShape::Even {
        return;
    }
    let own = Source::new(making.directory.sketch.seed, STREAM + at as u64);
    let kept = std::mem::replace(&mut making.source, own);
    let team = making.team;
    let mut priorities: Vec<priority::Model> =
        making.batch.priorities.iter().rev().take_while(|row| row.team_id == team).cloned().collect();
    priorities.reverse();
    for priority in priorities.iter().filter(|row| row.committed_at.is_some()) {
        if making.source.chance(45) {
            milestones(making, priority);
        }
        if making.source.chance(20) {
            scorecards::measure(making, priority);
        }
    }
    let open: Vec<&priority::Model> =
        priorities.iter().filter(|row| row.status == PriorityStatus::Committed).collect();
    if let [one, other, ..] = open[..]
        && (making.card.stage_door || making.source.chance(6))
        && one.cycle_id == other.cycle_id
    {
        conflict(making, one, other);
    }
    let mut actions: Vec<action::Model> =
        making.batch.actions.iter().rev().take_while(|row| row.team_id == team).cloned().collect();
    actions.reverse();
    for action in actions.iter().filter(|row| row.accepted_at.is_some()) {
        if making.source.chance(6) {
            comments(making, action);
        }
    }
    if making.card.stage_door {
        read_back(making);
    }
    making.source = kept;
}

fn milestones(making: &mut Making<'_>, of: &priority::Model) {
    let titles = *making.source.pick(MILESTONES);
    let (begun, ended) = (of.created_at, of.closed_at.unwrap_or(making.now));
    let all = (of.due_at - begun).num_minutes().max(1);
    let reached = match of.status {
        PriorityStatus::Achieved => titles.len(),
        PriorityStatus::Committed => {
            let elapsed = (making.now - begun).num_minutes().clamp(0, all);
            let fair = (elapsed * titles.len() as i64 / all) as usize;
            fair.saturating_sub(usize::from(making.source.chance(20)))
        }
        _ => making.source.below(titles.len()),
    };
    for (place, title) in titles.iter().enumerate() {
        let share = (place as i64 + 1) * all / titles.len() as i64;
        let span = (ended - begun).num_minutes().max(1);
        let done = begun + Duration::minutes((place as i64 + 1) * span / (titles.len() as i64 + 1));
        making.batch.milestones.push(milestone::Model {
            id: making.source.id(begun),
            network_id: making.network,
            client_id: making.client,
            team_id: making.team,
            priority_id: of.id,
            carried_from_id: None,
            title: (*title).to_owned(),
            weight: making.source.between(1, 3) as i32,
            due_on: (begun + Duration::minutes(share)).date_naive().min(of.due_on),
            done_at: (place < reached).then_some(done),
            removed_at: None,
            created_at: begun,
            version: 1 + i32::from(place < reached),
        });
    }
}

fn conflict(making: &mut Making<'_>, one: &priority::Model, other: &priority::Model) {
    let reason = *making.source.pick(CONFLICTS);
    let declared_at = one.created_at.max(other.created_at) + Duration::hours(2);
    if declared_at >= making.now {
        return;
    }
    for (priority, against) in [(one.id, other.id), (other.id, one.id)] {
        making.batch.conflicts.push(priority_conflict::Model {
            id: making.source.id(declared_at),
            network_id: making.network,
            client_id: making.client,
            team_id: making.team,
            priority_id: priority,
            other_id: against,
            reason: reason.into(),
            person_id: making.card.lead,
            declared_at,
            withdrawn_at: None,
        });
    }
}

fn comments(making: &mut Making<'_>, of: &action::Model) {
    let begun = of.accepted_at.unwrap_or(of.offered_at);
    let span = (of.closed_at.unwrap_or(making.now) - begun).num_minutes();
    if span < 120 {
        return;
    }
    let at = begun + Duration::minutes(making.source.between(1, span / 2));
    let said = *making.source.pick(COMMENTS);
    let first = comment(making, of.id, None, said, at);
    if making.source.chance(50) {
        let answer = *making.source.pick(ANSWERS);
        comment(making, of.id, Some(first), answer, at + Duration::minutes(30));
    }
}

fn comment(
    making: &mut Making<'_>,
    of: Id<action::Entity>,
    answers: Option<Id<action_comment::Entity>>,
    text: &str,
    at: At,
) -> Id<action_comment::Entity> {
    let id = making.source.id(at);
    making.batch.comments.push(action_comment::Model {
        id,
        network_id: making.network,
        client_id: making.client,
        team_id: making.team,
        action_id: of,
        answers_id: answers,
        person_id: making.card.lead,
        text: Some(text.into()),
        at,
        edited_at: None,
        withdrawn_at: None,
        version: 1,
    });
    id
}

/// The latest decision in force, read back by those of the cast who sit in the team: one as it was meant, one not.
fn read_back(making: &mut Making<'_>) {
    let team = making.team;
    let voices: Vec<(Id<member::Entity>, Id<person::Entity>)> = making
        .batch
        .members
        .iter()
        .rev()
        .take_while(|row| row.team_id == team)
        .filter_map(|row| row.person_id.map(|person| (row.id, person)))
        .collect();
    let mut decisions = making.batch.decisions.iter_mut().rev().take_while(|row| row.team_id == team);
    let Some(decision) = decisions.find(|row| row.status == DecisionStatus::Ratified) else { return };
    decision.read_back = voices.len() as i32;
    decision.matching = voices.len().min(1) as i32;
    decision.differing = decision.read_back - decision.matching;
    let decision = decision.clone();
    let since = decision.ratified_at.unwrap_or(decision.proposed_at);
    for (place, (member, person)) in voices.into_iter().enumerate() {
        let written_at = since + Duration::hours(3 + place as i64);
        let (status, text) = match place {
            0 => (ReadBackStatus::Matches, decision.text.clone()),
            _ => (ReadBackStatus::Differs, format!("{} And we hire nobody until then.", decision.text)),
        };
        restated(making, &decision, (member, person), (status, text), written_at);
        if place == 0 {
            let at = since + Duration::days(2);
            making.batch.attestations.push(decision_attestation::Model {
                id: making.source.id(at),
                network_id: making.network,
                client_id: making.client,
                team_id: making.team,
                decision_id: decision.id,
                member_id: member,
                person_id: person,
                communicated_on: at.date_naive(),
                audience: (*making.source.pick(AUDIENCES)).into(),
                at,
            });
        }
    }
}

fn restated(
    making: &mut Making<'_>,
    decision: &decision::Model,
    (member, person): (Id<member::Entity>, Id<person::Entity>),
    (status, text): (ReadBackStatus, String),
    written_at: At,
) {
    let id: Id<decision_read_back::Entity> = making.source.id(written_at);
    let judged_at = Some(written_at + Duration::days(1));
    let note = if status == ReadBackStatus::Differs { "That was not said. Let us talk." } else { "" };
    making.batch.restatements.push(decision_restatement::Model {
        id: Id::new(id.uuid()),
        network_id: making.network,
        client_id: making.client,
        person_id: person,
        decision_id: decision.id,
        member_id: member,
        text: text.clone(),
        status,
        note: note.into(),
        written_at,
        judged_at,
        version: 2,
    });
    making.batch.read_backs.push(decision_read_back::Model {
        id,
        network_id: making.network,
        client_id: making.client,
        team_id: making.team,
        decision_id: decision.id,
        member_id: member,
        text,
        status,
        note: note.into(),
        judged_by_id: Some(making.card.lead),
        written_at,
        judged_at,
        version: 2,
    });
}
