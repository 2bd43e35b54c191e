//! A team's rhythm: the cadence that its programme brought along, and what became of each review. Follow-ups meet those
//! in whose time they fall; most others were held without a session in the diary. And the rhythm of its check-ins.

use super::{
    calendar::{At, day},
    making::Making,
    sketch::NetworkShape,
    source::Source,
    story::Outlook,
};
use crate::features::{
    check_in::rules::{week, weeks_of},
    review::rules::{self, CadenceRule, ReviewTimes},
    template::stratpro::STRATPRO,
};
use chrono::Duration;
use entity::{
    check_in_rhythm,
    programme::{self, ProgrammeStatus},
    review::{self, ReviewStatus},
    review_cadence,
    session::{self, SessionStatus},
};

/// Days.
const WEEK: i32 = 7;

/// Makes them for a client of a grown network whose programme has begun.
pub fn add(making: &mut Making<'_>, programme: &programme::Model, place: usize) {
    let Some(line) = making.card.line.as_ref() else { return };
    if making.directory.sketch.shape != NetworkShape::Grown {
        return;
    }
    // chances of its own: what others draw stays as it is
    let mut source = Source::new(making.directory.sketch.seed, 3_000_000 + place as u64);
    let zone = making.card.zone;
    // one team in three would rather meet every week
    let weekly = !making.card.stage_door && place % 3 == 2;
    let every = if weekly { WEEK } else { STRATPRO.cadence_days };
    let rhythm = CadenceRule::of_template(every, day(line.started, making.card.zone));
    let over = matches!(programme.status, ProgrammeStatus::Completed | ProgrammeStatus::Terminated);
    let until = if over { line.end } else { making.now };
    let cadence_id = source.id(line.started);
    let diligence = if making.card.stage_door { 92 } else { source.between(45, 95) as u32 };
    let mut number = 0;
    loop {
        let times = rhythm.times(number, zone);
        if if over { times.due_at > until } else { rhythm.has_enough(number, until, zone) } {
            break;
        }
        let mut review = new_review(making, &mut source, programme, cadence_id, number, &times);
        draw_outcome(making, &mut source, &mut review, diligence);
        making.batch.reviews.push(review);
        number += 1;
    }
    making.batch.cadences.push(review_cadence::Model {
        id: cadence_id,
        network_id: making.network,
        client_id: making.client,
        team_id: making.team,
        unit: rhythm.unit,
        every: rhythm.every,
        anchor_on: rhythm.anchor_on,
        local_time: rules::DEFAULT_TIME.into(),
        next_number: number,
        top_up_at: rhythm.top_up_at(number, zone),
        created_at: line.started,
        ended_at: over.then_some(line.end),
        version: if over { 2 } else { 1 },
    });
    let (weeks, first_week) = (weeks_of(rhythm.days()), week(day(line.started, making.card.zone)) + 1);
    let last_week = over.then(|| week(day(line.end, making.card.zone)));
    if weeks > 1 && last_week.is_none_or(|last| last >= first_week) {
        making.batch.rhythms.push(check_in_rhythm::Model {
            id: source.id(line.started),
            network_id: making.network,
            client_id: making.client,
            team_id: making.team,
            weeks,
            first_week,
            last_week,
        });
    }
}

fn new_review(
    making: &Making<'_>,
    source: &mut Source,
    programme: &programme::Model,
    cadence: entity::Id<review_cadence::Entity>,
    number: i32,
    times: &ReviewTimes,
) -> review::Model {
    let made_at = (times.due_at - Duration::days(42)).max(programme.started_at.unwrap_or(making.now));
    review::Model {
        id: source.id(made_at.min(making.now)),
        network_id: making.network,
        client_id: making.client,
        team_id: making.team,
        review_cadence_id: cadence,
        number,
        due_on: times.due_on,
        due_at: times.due_at,
        opens_at: times.opens_at,
        grace_ends_at: times.grace_ends_at,
        closes_at: times.closes_at,
        status: ReviewStatus::Due,
        session_id: None,
        held_at: None,
        quorate: None,
        version: 1,
    }
}

/// Draws the outcome of a review so far.
fn draw_outcome(making: &Making<'_>, source: &mut Source, review: &mut review::Model, diligence: u32) {
    let worked_until = making.card.line.as_ref().map_or(making.now, |line| line.end);
    if let Some(session) = session_of(making, review) {
        let (id, starts_at, quorate) = session;
        mark_held(review, starts_at, making.now, quorate);
        review.session_id = review.held_at.map(|_| id);
        return;
    }
    let late = source.chance(12);
    let (low, high) = if late {
        (review.grace_ends_at, review.closes_at)
    } else {
        (review.due_at - Duration::hours(20), review.due_at + Duration::hours(30))
    };
    let part = source.between(5, 95);
    let at = low + (high - low) * part as i32 / 100;
    let kept =
        source.chance(diligence) && !matches!(making.card.outlook, Outlook::Terminated(_) if part > 60);
    let quorate = source.chance(88);
    if kept && at <= worked_until {
        mark_held(review, at, making.now, quorate);
    } else if review.closes_at <= making.now {
        let mut pauses = making.batch.pauses.iter().rev().take_while(|row| row.team_id == making.team);
        let fell =
            pauses.any(|row| rules::is_excused(review, row.starts_at, row.ends_at.unwrap_or(making.now)));
        review.status = if fell { ReviewStatus::Excused } else { ReviewStatus::Missed };
        review.version = 2;
    }
}

fn mark_held(review: &mut review::Model, at: At, now: At, quorate: bool) {
    if let Ok(status) = rules::status_if_held(review, at, now) {
        (review.status, review.held_at, review.quorate) = (status, Some(at), Some(quorate));
        review.version = 2;
    }
}

/// The first session that was held in a review's time and can be one: its id, its begin, and whether it had a quorum.
fn session_of(
    making: &Making<'_>,
    review: &review::Model,
) -> Option<(entity::Id<session::Entity>, At, bool)> {
    let mine = making.batch.sessions.iter().rev().take_while(|row| row.client_id == making.client);
    let found = mine
        .filter(|row| row.status == SessionStatus::Held && rules::counts_as_review(row.kind))
        .filter(|row| row.starts_at >= review.opens_at && row.starts_at < review.closes_at)
        .min_by_key(|row| row.starts_at)?;
    let (present, active) = (found.members_present.unwrap_or(0), found.members_active.unwrap_or(0));
    Some((found.id, found.starts_at, active > 0 && 2 * present >= active))
}
