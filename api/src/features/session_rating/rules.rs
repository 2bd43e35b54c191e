//! Rules of ratings.

use crate::{
    features::{participant::rules::MIN_ANSWERS, sealed_input},
    kernel::{Code, Refusal},
    message,
};
use chrono::{DateTime, TimeDelta, Utc};
use entity::{
    Id,
    attendance::{self, AttendanceStatus},
    member, person,
    session::{self, RatingBand},
    session_rating,
};
use std::{collections::BTreeSet, ops::RangeInclusive};

/// Time for which a session can be rated after it is closed.
pub const OPEN_FOR: TimeDelta = TimeDelta::days(7);
/// Allowed scores.
pub const SCORE: RangeInclusive<i32> = 1..=5;

/// Published summary of a session's ratings: the mean in halves and the band of their number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RatingSummary {
    pub halves: i32,
    pub band: RatingBand,
}

/// Requires that a session can be rated now.
pub fn require_open(session: &session::Model, now: DateTime<Utc>) -> Result<(), Refusal> {
    let message = match (session.rating_until, session.rating_closed_at) {
        (Some(until), None) if now < until => return Ok(()),
        (None, None) => {
            message!(SESSION_NOT_CLOSED, "A session can be rated once it is closed. Close it first.")
        }
        _ => message!(RATINGS_CLOSED, "The ratings of this session are closed. They take no more scores."),
    };
    Err(Refusal::new(Code::WrongState, message).at("input.id"))
}

/// Requires that a person took part in a session as a member of its team.
pub fn require_participant(
    person: Id<person::Entity>,
    members: &[member::Model],
    attended: &[attendance::Model],
) -> Result<(), Refusal> {
    if raters(members, attended).contains(&person) {
        return Ok(());
    }
    Err(Refusal::new(
        Code::NotOwner,
        message!(ONLY_PARTICIPANTS, "Only members who took part rate a session."),
    )
    .at("input.id"))
}

/// Whether everyone who can rate a session has done so.
pub fn is_complete(
    ratings: &[session_rating::Model],
    members: &[member::Model],
    attended: &[attendance::Model],
) -> bool {
    let rated = ratings.iter().map(|rating| rating.person_id);
    sealed_input::rules::is_complete(raters(members, attended), rated)
}

/// People with a login who took part.
fn raters(members: &[member::Model], attended: &[attendance::Model]) -> BTreeSet<Id<person::Entity>> {
    let was_present = |member: &&member::Model| {
        let mut rows = attended.iter().filter(|row| row.status == AttendanceStatus::Present);
        rows.any(|row| row.member_id == member.id)
    };
    members.iter().filter(was_present).filter_map(|member| member.person_id).collect()
}

/// Summarises ratings, of which `counting` count. `None` if fewer than five count.
pub fn summarise(ratings: &[session_rating::Model], counting: usize) -> Option<RatingSummary> {
    let count = i32::try_from(ratings.len()).ok()?;
    if counting < MIN_ANSWERS {
        return None;
    }
    let sum: i32 = ratings.iter().map(|rating| rating.score).sum();
    // twice the mean, rounded to the nearest whole number; a quarter is rounded up
    let halves = (4 * sum + count) / (2 * count);
    let band = match count {
        ..10 => RatingBand::FiveToNine,
        10..20 => RatingBand::TenToNineteen,
        _ => RatingBand::TwentyAndMore,
    };
    Some(RatingSummary { halves, band })
}
