//! What people of a client were told in the last weeks: offers, drift signals and sessions that were called off.

use super::{calendar::At, making::Making, sketch::NetworkShape, source::Source};
use crate::features::notice::rules::KEPT;
use chrono::Duration;
use entity::{
    Id, Noun, action,
    drift_signal::{self, DriftStatus},
    member,
    notice::{self, NoticeKind},
    person, session,
    session::SessionStatus,
    team,
};
use std::collections::HashMap;
use uuid::Uuid;

/// A notice to be made.
struct Told {
    person: Id<person::Entity>,
    kind: NoticeKind,
    noun: &'static str,
    subject: Uuid,
    team: Id<team::Entity>,
    at: At,
}

/// Makes them for a grown network's client, from chances of their own. What is older than a week was read.
pub fn add(making: &mut Making<'_>, source: &mut Source) {
    if making.directory.sketch.shape == NetworkShape::Even {
        return;
    }
    let (client, lead, now) = (making.client, making.card.lead, making.now);
    let recent = |at: At| now - KEPT < at && at <= now;
    let batch = &making.batch;
    let members: HashMap<Id<member::Entity>, (Id<person::Entity>, Id<team::Entity>)> = batch
        .members
        .iter()
        .filter(|member| member.client_id == client)
        .filter_map(|member| Some((member.id, (member.person_id?, member.team_id))))
        .collect();
    let mut told = vec![];
    for action in batch.actions.iter().filter(|action| action.client_id == client) {
        if let Some((person, team)) = members.get(&action.owner_id).filter(|_| recent(action.offered_at)) {
            let (noun, at) = (action::Entity::PREFIX, action.offered_at);
            let (kind, subject) = (NoticeKind::ActionOffered, action.id.uuid());
            told.push(Told { person: *person, kind, noun, subject, team: *team, at });
        }
    }
    for signal in batch.signals.iter().filter(|signal| signal.client_id == client) {
        if signal.status == DriftStatus::Open && recent(signal.raised_at) {
            let (noun, at) = (drift_signal::Entity::PREFIX, signal.raised_at);
            let (kind, subject) = (NoticeKind::DriftRaised, signal.id.uuid());
            told.push(Told { person: lead, kind, noun, subject, team: signal.team_id, at });
        }
    }
    for session in batch.sessions.iter().filter(|session| session.client_id == client) {
        let called_off = session.closed_at.filter(|_| session.status == SessionStatus::Cancelled);
        let Some(at) = called_off.filter(|at| recent(*at)) else { continue };
        for (person, team) in members.values().filter(|(_, team)| *team == session.team_id) {
            let (kind, subject) = (NoticeKind::SessionCancelled, session.id.uuid());
            let noun = session::Entity::PREFIX;
            told.push(Told { person: *person, kind, noun, subject, team: *team, at });
        }
    }
    told.sort_by_key(|told| (told.at, told.person.uuid(), told.subject));
    for told in told {
        let read_at = told.at + Duration::days(1);
        making.batch.notices.push(notice::Model {
            id: source.id(told.at),
            network_id: making.network,
            person_id: told.person,
            client_id: Some(client),
            team_id: Some(told.team),
            kind: told.kind,
            noun: told.noun.into(),
            subject_id: told.subject,
            caused_by_id: (told.kind != NoticeKind::DriftRaised).then_some(lead),
            created_at: told.at,
            read_at: (told.at < now - Duration::days(7)).then_some(read_at),
            mail_at: None,
        });
    }
}
