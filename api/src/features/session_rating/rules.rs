//! The law of ratings.

use crate::{
    features::participant::rules::FEWEST,
    kernel::{Code, Refusal},
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

/// For how long a session can be rated once it is closed.
pub const OPEN: TimeDelta = TimeDelta::days(7);
/// What a score can be.
pub const SCORE: RangeInclusive<i32> = 1..=5;

/// What is told of a session's ratings: the mean in halves, and about how many there are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Told {
    pub halves: i32,
    pub band: RatingBand,
}

/// Whether a session can be rated now.
pub fn open(session: &session::Model, now: DateTime<Utc>) -> Result<(), Refusal> {
    let message = match (session.rating_until, session.rating_closed_at) {
        (Some(until), None) if now < until => return Ok(()),
        (None, None) => "A session is rated once it is closed.",
        _ => "The ratings of this session are closed.",
    };
    Err(Refusal::new(Code::WrongState, message).at("input.id"))
}

/// Whether someone took part in a session, as a member of its team.
pub fn took_part(
    person: Id<person::Entity>,
    members: &[member::Model],
    attended: &[attendance::Model],
) -> Result<(), Refusal> {
    if raters(members, attended).contains(&person) {
        return Ok(());
    }
    Err(Refusal::new(Code::NotOwner, "Only members who took part rate a session.").at("input.id"))
}

/// Whether all who can rate a session have done so.
pub fn complete(
    ratings: &[session_rating::Model],
    members: &[member::Model],
    attended: &[attendance::Model],
) -> bool {
    let rated: BTreeSet<_> = ratings.iter().map(|rating| rating.person_id).collect();
    raters(members, attended).is_subset(&rated)
}

/// Members with a login who took part.
fn raters(members: &[member::Model], attended: &[attendance::Model]) -> BTreeSet<Id<person::Entity>> {
    let there = |member: &&member::Model| {
        let mut rows = attended.iter().filter(|row| row.status == AttendanceStatus::Present);
        rows.any(|row| row.member_id == member.id)
    };
    members.iter().filter(there).filter_map(|member| member.person_id).collect()
}

/// What is told of these ratings, of which so many count; nothing where fewer than five do.
pub fn told(ratings: &[session_rating::Model], counting: usize) -> Option<Told> {
    let count = i32::try_from(ratings.len()).ok()?;
    if counting < FEWEST {
        return None;
    }
    let sum: i32 = ratings.iter().map(|rating| rating.score).sum();
    // twice the mean, rounded to the nearest whole, a quarter up
    let halves = (4 * sum + count) / (2 * count);
    let band = match count {
        ..10 => RatingBand::FiveToNine,
        10..20 => RatingBand::TenToNineteen,
        _ => RatingBand::TwentyAndMore,
    };
    Some(Told { halves, band })
}
