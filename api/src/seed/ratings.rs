//! Ratings of sessions in two teams of the demo's facilitator: results are shown for five ratings or more, and only two people
//! of the demo are members of a team.

use super::{
    making::Making,
    sketch::NetworkShape,
    source::Source,
    vocabulary::sessions::{RATED, RATED_LOW},
};
use crate::features::session_rating::rules::{self, OPEN_FOR};
use chrono::Duration;
use entity::{
    Id,
    attendance::AttendanceStatus,
    member,
    membership::MembershipRole,
    person,
    session::{self, SessionStatus},
    session_rating,
};

/// Teams that rate.
const TEAMS: usize = 2;

/// Makes them, where this client is one of those.
pub fn add(making: &mut Making<'_>, at: usize) {
    let directory = making.directory;
    let facilitator = directory.cast.of(MembershipRole::Facilitator);
    let begun = directory.cards.iter().enumerate().filter(|(_, card)| card.line.is_some());
    let mut theirs = begun.filter(|(_, card)| Some(card.lead) == facilitator && !card.stage_door);
    if directory.sketch.shape != NetworkShape::Grown
        || !theirs.by_ref().take(TEAMS).any(|(place, _)| place == at)
    {
        return;
    }
    // chances of its own: what others draw stays as it is
    let mut source = Source::new(directory.sketch.seed, 8_500_000 + at as u64);
    let team = making.team;
    let members = making.batch.members.iter().filter(|row| row.team_id == team);
    let people: Vec<_> = members.filter_map(|row| Some((row.id, row.person_id?))).collect();
    let first = making.batch.sessions.iter().rposition(|row| row.team_id != team).map_or(0, |last| last + 1);
    for place in first..making.batch.sessions.len() {
        let session = making.batch.sessions[place].clone();
        if session.status == SessionStatus::Held {
            making.batch.sessions[place] = add_ratings(making, &mut source, session, &people);
        }
    }
}

/// A session that was held, with what those who were there thought of it.
fn add_ratings(
    making: &mut Making<'_>,
    source: &mut Source,
    mut session: session::Model,
    people: &[(Id<member::Entity>, Id<person::Entity>)],
) -> session::Model {
    let Some(closed_at) = session.closed_at else { return session };
    let until = closed_at + OPEN_FOR;
    let there = |member: Id<member::Entity>| {
        let mut rows = making.batch.attendance.iter().filter(|row| row.session_id == session.id);
        rows.any(|row| row.member_id == member && row.status == AttendanceStatus::Present)
    };
    let present: Vec<Id<person::Entity>> =
        people.iter().filter(|(member, _)| there(*member)).map(|(_, person)| *person).collect();
    let mut ratings = vec![];
    for person_id in &present {
        let rated_at = closed_at + Duration::minutes(source.between(20, 5 * 24 * 60));
        if !source.chance(88) || rated_at >= making.now {
            continue;
        }
        let score = *source.weigh(&[(2, 6), (3, 20), (4, 46), (5, 28)], |(_, weight)| *weight);
        let words = if score.0 < 3 { RATED_LOW } else { RATED };
        let comment = if source.chance(30) { *source.pick(words) } else { "" };
        ratings.push(session_rating::Model {
            id: source.id(rated_at),
            network_id: session.network_id,
            client_id: session.client_id,
            session_id: session.id,
            person_id: *person_id,
            score: score.0,
            comment: comment.into(),
            rated_at,
            version: 1,
        });
    }
    session.rating_until = Some(until);
    let last = ratings.iter().map(|rating| rating.rated_at).max();
    let closed = if ratings.len() == present.len() { last } else { Some(until) };
    session.rating_closed_at = closed.filter(|closed| *closed <= making.now);
    if session.rating_closed_at.is_some() {
        let told = rules::summarise(&ratings, ratings.len());
        session.rating_halves = told.map(|told| told.halves);
        session.rating_band = told.map(|told| told.band);
        session.version += 1;
    }
    making.batch.ratings.extend(ratings);
    session
}
