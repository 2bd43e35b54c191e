//! Review: a team looks at its work again and again, and that is what keeps it alive.
//!
//! A team's *cadence* says how often: every so many days, weeks or months from an anchor on, at a time of day where the
//! client is. A programme brings its template's along when it starts and takes it away when it ends. Each *review* is
//! *due* at anchor + n × interval, and a late one never moves the next. It is *met* when it is held within its days of
//! grace, before or after (2; from monthly 7; from quarterly 14), *late* when held after them and before the next one's begin, and else
//! *missed* by the clock, or *excused* by a pause of the programme. A session of kind review or follow-up that is
//! closed meets the review in whose time it began; one held without a session is told by `reviewHold`.
//!
//! Three reviews lie ahead of a team at any time. They are facts: head office sees when they were held, not what was
//! said. Check-ins follow the cadence: see there.

pub mod keeping;
pub mod rules;
#[cfg(test)]
mod tests;

use super::{drift::keeping as drift, programme::rules::takes_work, session::Session, team::Team};
use crate::{
    kernel::{Caller, Check, Code, Error, Zone, access::Permission, expect_version, read::shape::typed},
    mutations,
    scalar::{Date, DateTime},
    shape,
};
use async_graphql::{ID, InputObject};
use chrono::Months;
use entity::{
    Id, client,
    review::{self, ReviewStatus},
    review_cadence::{self, CadenceUnit},
    team,
};
use rules::Rhythm;

shape! {
    /// How often a team reviews its work. A review is due at anchor + n × interval, whenever the ones before were held.
    ReviewCadence of review_cadence {
        /// What the interval is counted in.
        unit = closed::<CadenceUnit, _>(Unit),
        /// The interval, in that unit.
        every = int(Every),
        /// The day from which it counts, in the client's time zone.
        anchorOn = date(AnchorOn),
        /// The time of day, where the client is: `HH:MM`.
        time = text(LocalTime),
        /// When it was set.
        createdAt = instant(CreatedAt),
        /// When it ended: with the programme, or because another took its place.
        endedAt = instant(EndedAt).or_null(),
        /// Counts up with every change; give it back as `expectedVersion`.
        version = int(Version),
        /// The team.
        team = one::<Team, _>(TeamId),
        /// Its reviews, latest first; three lie ahead.
        reviews = pages::<Review, _>(entity::review::Column::ReviewCadenceId).by_last(entity::review::Column::DueAt, Ty::Instant),
    }
}

shape! {
    /// A review that is due by a team's cadence.
    Review of review {
        /// What became of it.
        status = closed::<ReviewStatus, _>(Status).filter().order(),
        /// The day it is due, in the client's time zone.
        dueOn = date(DueOn).filter().order(),
        /// When it is due.
        dueAt = instant(DueAt).filter().order(),
        /// From when on a session counts for it: its days of grace begin.
        opensAt = instant(OpensAt),
        /// When its days of grace end; held from then on it is late.
        graceEndsAt = instant(GraceEndsAt),
        /// When the next review's days of grace begin; not held by then it is missed.
        closesAt = instant(ClosesAt),
        /// Whether it is due, is not held, and its days of grace have ended.
        overdue = derived(Ty::Flag, "({t}.status = 'due' and {t}.grace_ends_at <= {now})").filter(),
        /// When it was held.
        heldAt = instant(HeldAt).or_null(),
        /// Whether at least half of the team's active members took part.
        quorate = flag(Quorate).or_null().filter(),
        /// Counts up with every change; give it back as `expectedVersion`.
        version = int(Version),
        /// The session it was held as. Content: head office sees when it was held.
        session = one::<Session, _>(SessionId).or_null(),
        /// The cadence it is due by.
        cadence = one::<ReviewCadence, _>(ReviewCadenceId),
        /// The team.
        team = one::<Team, _>(TeamId),
    }
}

/// How often a team is to review its work.
#[derive(InputObject)]
pub struct ReviewCadenceSetInput {
    /// The team.
    pub team_id: ID,
    /// What the interval is counted in.
    pub unit: CadenceUnit,
    /// The interval in that unit: 1 to 366 days, 1 to 52 weeks or 1 to 12 months.
    pub every: i32,
    /// The day of the first review, in the client's time zone, from which all others count: at most a year back and
    /// a year ahead. Reviews are due from the first one on that can still be held in time.
    pub anchor_on: Date,
    /// The time of day, where the client is: `HH:MM`, 24 hours.
    #[graphql(default_with = "rules::USUAL_TIME.to_owned()")]
    pub time: String,
    /// The version of the team's present cadence this was decided on.
    pub expected_version: Option<i32>,
}

/// Which cadence to end.
#[derive(InputObject)]
pub struct ReviewCadenceEndInput {
    /// The cadence.
    pub id: ID,
    /// The version this was decided on.
    pub expected_version: Option<i32>,
}

/// When a review was held.
#[derive(InputObject)]
pub struct ReviewHoldInput {
    /// The review: due, missed or excused.
    pub id: ID,
    /// When it was held: in the past, from `opensAt` on and before `closesAt`.
    pub held_at: DateTime,
    /// Whether at least half of the team's active members took part.
    pub quorate: bool,
    /// The version this was decided on.
    pub expected_version: Option<i32>,
}

mutations! {
    ReviewCadenceMutation: review_cadence -> ReviewCadence of review_cadence::Entity {
        /// Sets how often a team reviews its work, in place of the cadence it has. The reviews that lay ahead by that
        /// one are taken away. From next Monday on it is asked for check-ins as often, in whole weeks; a slot under way that
        /// is of another length ends on Sunday.
        review_cadence_set(ReviewCadenceSetInput) -> ReviewCadenceSetPayload = set;
        /// Ends a team's cadence. The reviews that lie ahead are taken away; those that were due stay. From next Monday on
        /// it is asked for check-ins weekly.
        review_cadence_end(ReviewCadenceEndInput) -> ReviewCadenceEndPayload = end, on id;
    }
}

mutations! {
    ReviewMutation: review -> Review of review::Entity {
        /// Tells that a review was held without a session: it is met, or late. Closing a session of kind review or
        /// follow-up does this by itself.
        review_hold(ReviewHoldInput) -> ReviewHoldPayload = hold, on id;
    }
}

async fn set(caller: &Caller, input: ReviewCadenceSetInput) -> Result<Id<review_cadence::Entity>, Error> {
    let (write, team) = caller
        .write::<team::Entity>(Permission::ReviewCadenceSet, typed(&input.team_id), "input.teamId")
        .await?;
    let client = write.load::<client::Entity>(Some(team.client_id), "input.teamId").await?;
    let zone = Zone::named(&client.time_zone)?;
    let (today, anchor_on) = (zone.today(write.now()), input.anchor_on.0);
    let mut check = Check::new();
    check.number("input.every", input.every, rules::intervals(input.unit));
    let year = Months::new(12);
    let far = today.checked_sub_months(year).is_some_and(|earliest| anchor_on < earliest)
        || today.checked_add_months(year).is_some_and(|latest| anchor_on > latest);
    check.refuse_if(far, Code::Invalid, "input.anchorOn", "This lies more than a year away.");
    let time = rules::time_of_day(&input.time);
    check.refuse_if(time.is_none(), Code::Invalid, "input.time", "This is no time of day like 09:30.");
    check.done()?;
    takes_work(client.status, team.archived_at)?;
    let rhythm = Rhythm { unit: input.unit, every: input.every, anchor_on, time: time.unwrap_or_default() };
    if let Some(present) = keeping::of_team(&write, team.id).await? {
        expect_version(present.version, input.expected_version)?;
        keeping::end(&write, &present).await?;
    }
    let cadence = keeping::begin(&write, &team, rhythm, zone).await?;
    write.commit().await?;
    Ok(cadence.id)
}

async fn end(caller: &Caller, input: ReviewCadenceEndInput) -> Result<Id<review_cadence::Entity>, Error> {
    let (write, cadence) = caller
        .write::<review_cadence::Entity>(Permission::ReviewCadenceEnd, typed(&input.id), "input.id")
        .await?;
    expect_version(cadence.version, input.expected_version)?;
    rules::running(&cadence)?;
    keeping::end(&write, &cadence).await?;
    write.commit().await?;
    Ok(cadence.id)
}

async fn hold(caller: &Caller, input: ReviewHoldInput) -> Result<Id<review::Entity>, Error> {
    let (write, review) =
        caller.write::<review::Entity>(Permission::ReviewHold, typed(&input.id), "input.id").await?;
    expect_version(review.version, input.expected_version)?;
    let at = input.held_at.0;
    let status = rules::held(&review, at, write.now())?;
    keeping::record(&write, &review, status, at, input.quorate, None).await?;
    drift::reviewed(&write, review.team_id).await?;
    write.commit().await?;
    Ok(review.id)
}
