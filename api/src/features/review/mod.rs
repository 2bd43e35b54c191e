//! Review: a team looks at its work at regular intervals.
//!
//! A team's *cadence* defines the interval: so many days, weeks or months from an anchor, at a time of day in the
//! client's time zone. A programme sets its template's cadence when it starts, if the team has none, and ends the
//! team's cadence when it ends. Each *review* is *due* at anchor + n × interval, and a late one never moves the next.
//! It is *met* if held within its grace period, before or after (2 days; from monthly 7; from quarterly 14), *late* if
//! held after it and before the next review's grace period begins, and otherwise *missed* or, if the programme was
//! paused, *excused*. Closing a session of kind review or follow-up meets the review in whose time it started;
//! `reviewHold` records one held without a session.
//!
//! Three reviews are always in the future. They are facts: head office sees when they were held, not their content.
//! Check-ins follow the cadence.

pub mod keeping;
pub mod rules;
#[cfg(test)]
mod tests;

use super::{
    client::Client, drift::keeping as drift, programme::rules::require_active_team, session::Session,
    team::Team,
};
use crate::{
    kernel::{
        Caller, Check, Code, Error, Write, Zone, access::Permission, expect_version, read::shape::typed,
    },
    message, mutations,
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
use rules::CadenceRule;

shape! {
    /// How often a team reviews its work. Reviews are due at `anchorOn` plus whole intervals, whenever earlier reviews
    /// were held.
    ReviewCadence of review_cadence {
        /// Unit of the interval.
        unit = closed::<CadenceUnit, _>(Unit),
        /// Length of the interval, in the cadence's `unit`. For example, 2 with `WEEK` means every two weeks.
        every = int(Every),
        /// Date from which the intervals count, in the client's time zone.
        anchorOn = date(AnchorOn),
        /// Time of day of the reviews, in the client's time zone: `HH:MM`.
        time = text(LocalTime),
        /// Time the cadence ended, for example with its programme or because another cadence replaced it. Null while in
        /// effect.
        endedAt = instant(EndedAt).or_null(),
        /// Increases with every change. Send it as `expectedVersion` to avoid overwriting others.
        version = int(Version),
        /// Team that the cadence applies to.
        team = one::<Team, _>(TeamId),
        /// Reviews of the cadence, by default latest first. Three of them are in the future.
        reviews = pages::<Review, _>(entity::review::Column::ReviewCadenceId).by_last(entity::review::Column::DueAt, Ty::Instant),
    }
}

shape! {
    /// A review that is due under a team's cadence.
    Review of review {
        /// Whether the review is due, was held, was missed or is excused.
        status = closed::<ReviewStatus, _>(Status).filter().order(),
        /// Due date, in the client's time zone.
        dueOn = date(DueOn).filter().order(),
        /// Time the review is due.
        dueAt = instant(DueAt).filter().order(),
        /// Start of the grace period. Sessions from this time on count as the review.
        opensAt = instant(OpensAt),
        /// End of the grace period. The review is late if held from this time on.
        graceEndsAt = instant(GraceEndsAt),
        /// Time the next review's grace period begins. The review is missed if not held before.
        closesAt = instant(ClosesAt),
        /// Whether the review is due, has not been held, and its grace period has ended.
        overdue = derived(Ty::Flag, "({t}.status = {ReviewStatus::Due} and {t}.grace_ends_at <= {now})").filter(),
        /// Time the review was held. Null if not held.
        heldAt = instant(HeldAt).or_null(),
        /// Whether at least half of the team's participants took part. Null if not held.
        quorate = flag(Quorate).or_null().filter(),
        /// Increases with every change. Send it as `expectedVersion` to avoid overwriting others.
        version = int(Version),
        /// Session in which the review was held. Null if held without a session, and always null for head office, which
        /// sees when the review was held but not the session.
        session = one::<Session, _>(SessionId).or_null(),
        /// Cadence that the review belongs to.
        cadence = one::<ReviewCadence, _>(ReviewCadenceId),
        /// Team that the review is for.
        team = one::<Team, _>(TeamId),
        /// ID of the team that the review belongs to, for filters.
        teamId = id::<entity::team::Entity, _>(TeamId).filter(),
        /// Client that the review belongs to.
        client = one::<Client, _>(ClientId).filter(),
        /// ID of the client that the review belongs to, for filters.
        clientId = id::<entity::client::Entity, _>(ClientId).filter(),
    }
}

/// Input for `reviewCadenceSet`.
#[derive(InputObject)]
pub struct ReviewCadenceSetInput {
    /// ID of the team.
    pub team_id: ID,
    /// Unit of the interval.
    pub unit: CadenceUnit,
    /// Length of the interval: 1 to 366 days, 1 to 52 weeks or 1 to 12 months.
    pub every: i32,
    /// Date of the first review, in the client's time zone, from which all others count: at most one year ago or ahead.
    /// Reviews that can no longer be held in time are left out.
    pub anchor_on: Date,
    /// Time of day of the reviews, in the client's time zone: `HH:MM`, 24 hours.
    #[graphql(default_with = "rules::DEFAULT_TIME.to_owned()")]
    pub time: String,
    /// The `version` of the team's present cadence you last read, or 0 if the team had none. Fails with `CONFLICT` if
    /// the cadence has changed or ended since.
    pub expected_version: Option<i32>,
}

/// Input for `reviewCadenceEnd`.
#[derive(InputObject)]
pub struct ReviewCadenceEndInput {
    /// ID of the cadence, which must not have ended.
    pub id: ID,
    /// The `version` you last read. Fails with `CONFLICT` if the cadence has changed since.
    pub expected_version: Option<i32>,
}

/// Input for `reviewHold`.
#[derive(InputObject)]
pub struct ReviewHoldInput {
    /// ID of the review, which must be due, missed or excused.
    pub id: ID,
    /// Time the review was held: in the past, at or after `opensAt` and before `closesAt`.
    pub held_at: DateTime,
    /// Whether at least half of the team's participants took part.
    pub quorate: bool,
    /// The `version` you last read. Fails with `CONFLICT` if the review has changed since.
    pub expected_version: Option<i32>,
}

mutations! {
    ReviewCadenceMutation: review_cadence -> ReviewCadence of review_cadence::Entity {
        /// Sets how often a team reviews its work and replaces the team's present cadence, whose future reviews are
        /// deleted. From next Monday, check-ins are due at the same interval, in whole weeks; a current slot of another
        /// length ends on Sunday.
        review_cadence_set(ReviewCadenceSetInput) -> ReviewCadenceSetPayload = set;
        /// Ends a team's review cadence. Future reviews are deleted; reviews that were due stay. From next Monday,
        /// check-ins are due weekly.
        review_cadence_end(ReviewCadenceEndInput) -> ReviewCadenceEndPayload = end, on id;
    }
}

mutations! {
    ReviewMutation: review -> Review of review::Entity {
        /// Records that a review was held without a session, in time or late. Closing a session of kind `REVIEW` or
        /// `FOLLOW_UP` does this automatically.
        review_hold(ReviewHoldInput) -> ReviewHoldPayload = hold, on id;
    }
}

async fn set(caller: &Caller, input: ReviewCadenceSetInput) -> Result<Id<review_cadence::Entity>, Error> {
    let (write, team) = caller
        .write::<team::Entity>(Permission::ReviewCadenceSet, typed(&input.team_id), "input.teamId")
        .await?;
    let client = write.load::<client::Entity>(Some(team.client_id), "input.teamId").await?;
    let id = set_cadence(&write, &team, &client, &input).await?;
    write.commit().await?;
    Ok(id)
}

/// Checks the input of a cadence, and starts it in place of the team's present one.
pub(super) async fn set_cadence(
    write: &Write,
    team: &team::Model,
    client: &client::Model,
    input: &ReviewCadenceSetInput,
) -> Result<Id<review_cadence::Entity>, Error> {
    let zone = Zone::named(&client.time_zone)?;
    let (today, anchor_on) = (zone.today(write.now()), input.anchor_on.0);
    let mut check = Check::new();
    check.number("input.every", input.every, rules::allowed_intervals(input.unit));
    let year = Months::new(12);
    let far = today.checked_sub_months(year).is_some_and(|earliest| anchor_on < earliest)
        || today.checked_add_months(year).is_some_and(|latest| anchor_on > latest);
    check.refuse_if(
        far,
        Code::Invalid,
        "input.anchorOn",
        message!(ANCHOR_TOO_FAR, "`anchorOn` must be within a year of today."),
    );
    let time = rules::parse_time(&input.time);
    let message = message!(
        NOT_A_TIME,
        "`{field}` must be a time of day such as {example}.",
        field = "time",
        example = "09:30"
    );
    check.refuse_if(time.is_none(), Code::Invalid, "input.time", message);
    check.done()?;
    require_active_team(client.status, team.archived_at)?;
    let rule =
        CadenceRule { unit: input.unit, every: input.every, anchor_on, time: time.unwrap_or_default() };
    let present = keeping::lock_cadence(write, team.id).await?;
    expect_version(present.as_ref().map_or(0, |present| present.version), input.expected_version)?;
    if let Some(present) = present {
        keeping::end_cadence(write, &present).await?;
    }
    let cadence = keeping::start_cadence(write, team, rule, zone).await?;
    Ok(cadence.id)
}

async fn end(caller: &Caller, input: ReviewCadenceEndInput) -> Result<Id<review_cadence::Entity>, Error> {
    let (write, cadence) = caller
        .write::<review_cadence::Entity>(Permission::ReviewCadenceEnd, typed(&input.id), "input.id")
        .await?;
    expect_version(cadence.version, input.expected_version)?;
    rules::require_running(&cadence)?;
    keeping::end_cadence(&write, &cadence).await?;
    write.commit().await?;
    Ok(cadence.id)
}

async fn hold(caller: &Caller, input: ReviewHoldInput) -> Result<Id<review::Entity>, Error> {
    let (write, review) =
        caller.write::<review::Entity>(Permission::ReviewHold, typed(&input.id), "input.id").await?;
    expect_version(review.version, input.expected_version)?;
    let at = input.held_at.0;
    let status = rules::status_if_held(&review, at, write.now())?;
    keeping::record_held(&write, &review, status, at, input.quorate, None).await?;
    drift::end_review_signals(&write, review.team_id).await?;
    write.commit().await?;
    Ok(review.id)
}
