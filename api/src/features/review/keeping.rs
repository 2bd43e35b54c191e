//! Keeps the reviews of a cadence: creates them ahead, removes them when the cadence ends, records sessions as reviews,
//! and excuses or closes reviews. Check-ins follow the cadence. Everyone who starts or ends a programme, closes a
//! session or archives calls these functions, and so does the background job.

use super::rules::{self, CadenceRule};
use crate::{
    features::{
        check_in::{keeping as check_ins, rules::weeks_of},
        notice::notifying::{notify_facilitators, notify_sponsors},
        programme::finding::find_unfinished,
    },
    kernel::{Error, Fault, Locked, Notice, Write, Zone},
};
use chrono::{DateTime, Utc};
use entity::{
    Id,
    client::{self, ClientStatus},
    notice::NoticeKind,
    programme,
    review::{self, ReviewStatus},
    review_cadence, session, team, template_version,
};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder, QuerySelect,
};
use uuid::Uuid;

/// Maximum number of reviews of a cadence that are created at once.
const BATCH: i32 = 100;

/// Locks a team's running cadence, if there is one.
pub async fn lock_cadence(
    write: &Write,
    team: Id<team::Entity>,
) -> Result<Option<Locked<review_cadence::Model>>, Error> {
    let running = review_cadence::Entity::find()
        .filter(review_cadence::Column::TeamId.eq(team))
        .filter(review_cadence::Column::EndedAt.is_null());
    write.lock_one(running).await
}

/// Starts a cadence of a team, with its first reviews.
pub async fn start_cadence(
    write: &Write,
    team: &team::Model,
    rule: CadenceRule,
    zone: Zone,
) -> Result<Locked<review_cadence::Model>, Error> {
    let row = review_cadence::Model {
        id: write.id(),
        network_id: team.network_id,
        client_id: team.client_id,
        team_id: team.id,
        unit: rule.unit,
        every: rule.every,
        anchor_on: rule.anchor_on,
        local_time: rule.time.format("%H:%M").to_string(),
        next_number: rule.first_number(write.now(), zone),
        top_up_at: write.now(),
        created_at: write.now(),
        ended_at: None,
        version: 1,
    };
    let cadence = write.insert::<review_cadence::Entity>(row).await?;
    top_up_cadence(write, &cadence, zone).await?;
    check_ins::begin_rhythm(write, team, weeks_of(rule.days()), zone).await?;
    Ok(cadence)
}

/// Starts the cadence of a programme's template, unless the team has a cadence.
pub async fn start_with_programme(write: &Write, programme: &programme::Model) -> Result<(), Error> {
    if lock_cadence(write, programme.team_id).await?.is_some() {
        return Ok(());
    }
    let team = write.find::<team::Entity>(programme.team_id).await?.ok_or(Fault::Internal)?;
    let client = write.find::<client::Entity>(programme.client_id).await?.ok_or(Fault::Internal)?;
    let version = write.find::<template_version::Entity>(programme.template_version_id).await?;
    let days = version.ok_or(Fault::Internal)?.cadence_days;
    let zone = Zone::named(&client.time_zone)?;
    let rule = CadenceRule::of_template(days, zone.today(write.now()));
    start_cadence(write, &team, rule, zone).await?;
    Ok(())
}

/// Ends a cadence. Reviews in the future are removed; earlier ones stay.
pub async fn end_cadence(write: &Write, cadence: &Locked<review_cadence::Model>) -> Result<(), Error> {
    let ahead = review::Entity::find()
        .filter(review::Column::ReviewCadenceId.eq(cadence.id))
        .filter(review::Column::Status.eq(ReviewStatus::Due))
        .filter(review::Column::DueAt.gt(write.now()));
    for review in write.lock_all(ahead).await? {
        write.delete::<review::Entity>(review).await?;
    }
    let mut change = cadence.clone().into_active_model();
    change.ended_at = Set(Some(write.now()));
    write.update::<review_cadence::Entity>(cadence, change).await?;
    let client = write.find::<client::Entity>(cadence.client_id).await?.ok_or(Fault::Internal)?;
    check_ins::end_rhythm(write, cadence.team_id, Zone::named(&client.time_zone)?).await
}

/// Ends all running cadences of a client that is archived.
pub async fn end_for_client(write: &Write, client: Id<client::Entity>) -> Result<(), Error> {
    let running = review_cadence::Entity::find()
        .filter(review_cadence::Column::ClientId.eq(client))
        .filter(review_cadence::Column::EndedAt.is_null());
    for cadence in write.lock_all(running).await? {
        end_cadence(write, &cadence).await?;
    }
    Ok(())
}

/// Ends the cadence of a team that is archived.
pub async fn end_for_team(write: &Write, team: Id<team::Entity>) -> Result<(), Error> {
    match lock_cadence(write, team).await? {
        Some(cadence) => end_cadence(write, &cadence).await,
        None => Ok(()),
    }
}

/// Ends the cadence of a programme's team when the programme ends.
pub async fn end_with_programme(write: &Write, programme: &programme::Model) -> Result<(), Error> {
    end_for_team(write, programme.team_id).await
}

/// Excuses the reviews that fell into a pause that ends.
pub async fn excuse_paused_reviews(write: &Write, programme: &programme::Model) -> Result<(), Error> {
    let Some(since) = programme.paused_at else { return Ok(()) };
    let affected = review::Entity::find()
        .filter(review::Column::TeamId.eq(programme.team_id))
        .filter(review::Column::Status.is_in([ReviewStatus::Due, ReviewStatus::Missed]))
        .filter(review::Column::GraceEndsAt.gt(since))
        .filter(review::Column::DueAt.lt(write.now()));
    for review in write.lock_all(affected).await? {
        if rules::is_excused(&review, since, write.now()) {
            let mut change = review.clone().into_active_model();
            change.status = Set(ReviewStatus::Excused);
            write.update::<review::Entity>(&review, change).await?;
        }
    }
    Ok(())
}

/// Records a held session as the review in whose time it began, if its kind counts as a review. Returns whether a
/// review was recorded.
pub async fn record_session(write: &Write, session: &session::Model, quorate: bool) -> Result<bool, Error> {
    if !rules::counts_as_review(session.kind) {
        return Ok(false);
    }
    let open = review::Entity::find()
        .filter(review::Column::TeamId.eq(session.team_id))
        .filter(review::Column::Status.is_not_in([ReviewStatus::Met, ReviewStatus::Late]))
        .filter(review::Column::OpensAt.lte(session.starts_at))
        .filter(review::Column::ClosesAt.gt(session.starts_at))
        .order_by_asc(review::Column::DueAt);
    let Some(review) = write.lock_one(open).await? else { return Ok(false) };
    // a session closed before its planned start is recorded at the time of closing
    let at = session.starts_at.min(write.now());
    let Ok(status) = rules::status_if_held(&review, at, write.now()) else { return Ok(false) };
    record_held(write, &review, status, at, quorate, Some(session.id)).await?;
    Ok(true)
}

/// Corrects whether the session that a review was held as had a quorum.
pub async fn correct_quorum(write: &Write, session: Id<session::Entity>, quorate: bool) -> Result<(), Error> {
    let held = review::Entity::find().filter(review::Column::SessionId.eq(session));
    if let Some(review) = write.lock_one(held).await? {
        let mut change = review.clone().into_active_model();
        change.quorate = Set(Some(quorate));
        write.update::<review::Entity>(&review, change).await?;
    }
    Ok(())
}

/// Records that a review was held.
pub async fn record_held(
    write: &Write,
    review: &Locked<review::Model>,
    status: ReviewStatus,
    at: DateTime<Utc>,
    quorate: bool,
    session: Option<Id<session::Entity>>,
) -> Result<(), Error> {
    let mut change = review.clone().into_active_model();
    change.status = Set(status);
    change.held_at = Set(Some(at));
    change.quorate = Set(Some(quorate));
    change.session_id = Set(session);
    write.update::<review::Entity>(review, change).await?;
    Ok(())
}

/// Moves the due reviews of a client to another time zone, or to new rules of the same zone; their dates stay. Returns
/// the number of changed reviews, at most about `limit`.
pub async fn move_to_zone(
    write: &Write,
    client: Id<client::Entity>,
    zone: Zone,
    limit: usize,
) -> Result<usize, Error> {
    let mut changed = 0;
    let cadences = review_cadence::Entity::find().filter(review_cadence::Column::ClientId.eq(client));
    for cadence in write.lock_all(cadences).await? {
        let rule = CadenceRule::of(&cadence);
        let due = review::Entity::find()
            .filter(review::Column::ReviewCadenceId.eq(cadence.id))
            .filter(review::Column::Status.eq(ReviewStatus::Due));
        for review in write.lock_all(due).await? {
            let times = rule.times(review.number, zone);
            let before = (review.due_at, review.opens_at, review.grace_ends_at, review.closes_at);
            if changed < limit
                && before != (times.due_at, times.opens_at, times.grace_ends_at, times.closes_at)
            {
                let mut change = review.clone().into_active_model();
                change.due_at = Set(times.due_at);
                change.opens_at = Set(times.opens_at);
                change.grace_ends_at = Set(times.grace_ends_at);
                change.closes_at = Set(times.closes_at);
                write.update::<review::Entity>(&review, change).await?;
                changed += 1;
            }
        }
        let top_up_at = rule.top_up_at(cadence.next_number, zone);
        if cadence.ended_at.is_none() && cadence.top_up_at != top_up_at {
            let mut change = cadence.clone().into_active_model();
            change.top_up_at = Set(top_up_at);
            write.set::<review_cadence::Entity>(&cadence, change).await?;
        }
    }
    Ok(changed)
}

/// Finds due reviews whose time is over, at most `limit`.
pub async fn find_closable(write: &Write, limit: u64) -> Result<Vec<Uuid>, Error> {
    let closable = review::Entity::find()
        .filter(review::Column::Status.eq(ReviewStatus::Due))
        .filter(review::Column::ClosesAt.lte(write.now()))
        .order_by_asc(review::Column::ClosesAt)
        .limit(limit)
        .select_only()
        .column(review::Column::Id);
    write.select_values(closable).await
}

/// Closes reviews whose time is over, except for reviews that are locked by another change.
pub async fn close_reviews(write: &Write, ids: &[Uuid]) -> Result<(), Error> {
    let closable = review::Entity::find()
        .filter(review::Column::Id.is_in(ids.iter().copied()))
        .filter(review::Column::Status.eq(ReviewStatus::Due))
        .filter(review::Column::ClosesAt.lte(write.now()));
    for review in &write.lock_free(closable).await? {
        let programme = find_unfinished(write, review.team_id).await?;
        let mut change = review.clone().into_active_model();
        change.status = Set(rules::status_if_closed(review, programme.as_ref(), write.now()));
        let review = write.update::<review::Entity>(review, change).await?;
        if review.status == ReviewStatus::Missed {
            let notice = Notice::about(NoticeKind::ReviewMissed, review.id);
            let notice = notice.of_team(review.client_id, review.team_id);
            notify_facilitators(write, notice).await?;
            notify_sponsors(write, notice).await?;
        }
    }
    Ok(())
}

/// Finds cadences with too few reviews ahead, at most `limit`.
pub async fn find_short_cadences(write: &Write, limit: u64) -> Result<Vec<Uuid>, Error> {
    let short = review_cadence::Entity::find()
        .filter(review_cadence::Column::EndedAt.is_null())
        .filter(review_cadence::Column::TopUpAt.lte(write.now()))
        .order_by_asc(review_cadence::Column::TopUpAt)
        .limit(limit)
        .select_only()
        .column(review_cadence::Column::Id);
    write.select_values(short).await
}

/// Creates reviews ahead, except for cadences that are locked by another change. A cadence of an archived client or
/// team ends.
pub async fn top_up_cadences(write: &Write, ids: &[Uuid]) -> Result<(), Error> {
    let short = review_cadence::Entity::find()
        .filter(review_cadence::Column::Id.is_in(ids.iter().copied()))
        .filter(review_cadence::Column::EndedAt.is_null())
        .filter(review_cadence::Column::TopUpAt.lte(write.now()));
    for cadence in &write.lock_free(short).await? {
        let client = write.find::<client::Entity>(cadence.client_id).await?.ok_or(Fault::Internal)?;
        let team = write.find::<team::Entity>(cadence.team_id).await?.ok_or(Fault::Internal)?;
        if !ClientStatus::ENGAGED.contains(&client.status) || team.archived_at.is_some() {
            end_cadence(write, cadence).await?;
        } else {
            top_up_cadence(write, cadence, Zone::named(&client.time_zone)?).await?;
        }
    }
    Ok(())
}

/// Creates reviews until enough are ahead. After a long outage it creates only a batch at once.
async fn top_up_cadence(
    write: &Write,
    cadence: &Locked<review_cadence::Model>,
    zone: Zone,
) -> Result<(), Error> {
    let (rule, mut number) = (CadenceRule::of(cadence), cadence.next_number);
    let limit = number + BATCH;
    while number < limit && !rule.has_enough(number, write.now(), zone) {
        let times = rule.times(number, zone);
        let row = review::Model {
            id: write.id(),
            network_id: cadence.network_id,
            client_id: cadence.client_id,
            team_id: cadence.team_id,
            review_cadence_id: cadence.id,
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
        };
        write.insert::<review::Entity>(row).await?;
        number += 1;
    }
    let mut change = cadence.clone().into_active_model();
    change.next_number = Set(number);
    change.top_up_at = Set(rule.top_up_at(number, zone));
    write.set::<review_cadence::Entity>(cadence, change).await
}
