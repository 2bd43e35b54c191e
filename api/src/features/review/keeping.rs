//! How a cadence is kept: reviews are made ahead, taken away with it, met by sessions, excused by pauses and closed by
//! the clock; and check-ins follow it. Whoever starts or ends a programme, closes a session, archives or runs the job
//! does it through here.

use super::rules::{self, Rhythm};
use crate::{
    features::check_in::{keeping as check_ins, rules::weeks_of},
    kernel::{Error, Fault, Locked, Write, Zone},
};
use chrono::{DateTime, Utc};
use entity::{
    Id,
    client::{self, ClientStatus},
    programme::{self, ProgrammeStatus},
    review::{self, ReviewStatus},
    review_cadence, session, team, template_version,
};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder, QuerySelect,
};
use uuid::Uuid;

/// Reviews of a cadence that are made at a time.
const BATCH: i32 = 100;

/// The cadence that a team has.
pub async fn of_team(
    write: &Write,
    team: Id<team::Entity>,
) -> Result<Option<Locked<review_cadence::Model>>, Error> {
    let running = review_cadence::Entity::find()
        .filter(review_cadence::Column::TeamId.eq(team))
        .filter(review_cadence::Column::EndedAt.is_null());
    write.lock_one(running).await
}

/// Gives a team a cadence, with its first reviews.
pub async fn begin(
    write: &Write,
    team: &team::Model,
    rhythm: Rhythm,
    zone: Zone,
) -> Result<Locked<review_cadence::Model>, Error> {
    let row = review_cadence::Model {
        id: write.id(),
        network_id: team.network_id,
        client_id: team.client_id,
        team_id: team.id,
        unit: rhythm.unit,
        every: rhythm.every,
        anchor_on: rhythm.anchor_on,
        local_time: rhythm.time.format("%H:%M").to_string(),
        next_number: rhythm.first_number(write.now(), zone),
        top_up_at: write.now(),
        created_at: write.now(),
        ended_at: None,
        version: 1,
    };
    let cadence = write.insert::<review_cadence::Entity>(row).await?;
    top_up(write, &cadence, zone).await?;
    check_ins::begin(write, team, weeks_of(rhythm.days()), zone).await?;
    Ok(cadence)
}

/// A programme that starts brings its template's cadence along, where the team has none of its own.
pub async fn begin_with(write: &Write, programme: &programme::Model) -> Result<(), Error> {
    if of_team(write, programme.team_id).await?.is_some() {
        return Ok(());
    }
    let team = write.find::<team::Entity>(programme.team_id).await?.ok_or(Fault::Internal)?;
    let client = write.find::<client::Entity>(programme.client_id).await?.ok_or(Fault::Internal)?;
    let version = write.find::<template_version::Entity>(programme.template_version_id).await?;
    let days = version.ok_or(Fault::Internal)?.cadence_days;
    let zone = Zone::named(&client.time_zone)?;
    let rhythm = Rhythm::of_template(days, zone.today(write.now()));
    begin(write, &team, rhythm, zone).await?;
    Ok(())
}

/// Ends a cadence. What lies ahead is taken away; what was due stays.
pub async fn end(write: &Write, cadence: &Locked<review_cadence::Model>) -> Result<(), Error> {
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
    check_ins::end(write, cadence.team_id, Zone::named(&client.time_zone)?).await
}

/// All of a client's that run end, as the client is archived.
pub async fn end_at(write: &Write, client: Id<client::Entity>) -> Result<(), Error> {
    let running = review_cadence::Entity::find()
        .filter(review_cadence::Column::ClientId.eq(client))
        .filter(review_cadence::Column::EndedAt.is_null());
    for cadence in write.lock_all(running).await? {
        end(write, &cadence).await?;
    }
    Ok(())
}

/// A team that is archived takes its cadence along.
pub async fn end_in(write: &Write, team: Id<team::Entity>) -> Result<(), Error> {
    match of_team(write, team).await? {
        Some(cadence) => end(write, &cadence).await,
        None => Ok(()),
    }
}

/// A programme that ends takes its team's cadence along.
pub async fn end_with(write: &Write, programme: &programme::Model) -> Result<(), Error> {
    end_in(write, programme.team_id).await
}

/// A pause that ends excuses the reviews that fell into it.
pub async fn excuse(write: &Write, programme: &programme::Model) -> Result<(), Error> {
    let Some(since) = programme.paused_at else { return Ok(()) };
    let fell = review::Entity::find()
        .filter(review::Column::TeamId.eq(programme.team_id))
        .filter(review::Column::Status.is_in([ReviewStatus::Due, ReviewStatus::Missed]))
        .filter(review::Column::GraceEndsAt.gt(since))
        .filter(review::Column::DueAt.lt(write.now()));
    for review in write.lock_all(fell).await? {
        if rules::excused(&review, since, write.now()) {
            let mut change = review.clone().into_active_model();
            change.status = Set(ReviewStatus::Excused);
            write.update::<review::Entity>(&review, change).await?;
        }
    }
    Ok(())
}

/// A session that was held, with a quorum or not, meets the review in whose time it began, if it is of a kind that can.
/// Whether it did.
pub async fn meet(write: &Write, session: &session::Model, quorate: bool) -> Result<bool, Error> {
    if !rules::counts(session.kind) {
        return Ok(false);
    }
    let open = review::Entity::find()
        .filter(review::Column::TeamId.eq(session.team_id))
        .filter(review::Column::Status.is_not_in([ReviewStatus::Met, ReviewStatus::Late]))
        .filter(review::Column::OpensAt.lte(session.starts_at))
        .filter(review::Column::ClosesAt.gt(session.starts_at))
        .order_by_asc(review::Column::DueAt);
    let Some(review) = write.lock_one(open).await? else { return Ok(false) };
    // one that began early is held when it is closed, and then its time to begin is past
    let at = session.starts_at.min(write.now());
    let Ok(status) = rules::held(&review, at, write.now()) else { return Ok(false) };
    record(write, &review, status, at, quorate, Some(session.id)).await?;
    Ok(true)
}

/// Writes down that a review was held.
pub async fn record(
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

/// A client's reviews stay due on their days, whose hours are those of another zone, or of the same zone by other rules.
/// Answers how many changed, at most about so many.
pub async fn rezone(
    write: &Write,
    client: Id<client::Entity>,
    zone: Zone,
    most: usize,
) -> Result<usize, Error> {
    let mut changed = 0;
    let cadences = review_cadence::Entity::find().filter(review_cadence::Column::ClientId.eq(client));
    for cadence in write.lock_all(cadences).await? {
        let rhythm = Rhythm::of(&cadence);
        let due = review::Entity::find()
            .filter(review::Column::ReviewCadenceId.eq(cadence.id))
            .filter(review::Column::Status.eq(ReviewStatus::Due));
        for review in write.lock_all(due).await? {
            let times = rhythm.times(review.number, zone);
            let before = (review.due_at, review.opens_at, review.grace_ends_at, review.closes_at);
            if changed < most
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
        let top_up_at = rhythm.short_at(cadence.next_number, zone);
        if cadence.ended_at.is_none() && cadence.top_up_at != top_up_at {
            let mut change = cadence.into_active_model();
            change.top_up_at = Set(top_up_at);
            write.set::<review_cadence::Entity>(change).await?;
        }
    }
    Ok(changed)
}

/// Reviews whose time is over, at most so many.
pub async fn over(write: &Write, most: u64) -> Result<Vec<Uuid>, Error> {
    let over = review::Entity::find()
        .filter(review::Column::Status.eq(ReviewStatus::Due))
        .filter(review::Column::ClosesAt.lte(write.now()))
        .order_by_asc(review::Column::ClosesAt)
        .limit(most)
        .select_only()
        .column(review::Column::Id);
    write.chosen(over).await
}

/// Closes reviews by the clock, but for those that someone is just changing.
pub async fn close(write: &Write, ids: &[Uuid]) -> Result<(), Error> {
    let over = review::Entity::find()
        .filter(review::Column::Id.is_in(ids.iter().copied()))
        .filter(review::Column::Status.eq(ReviewStatus::Due))
        .filter(review::Column::ClosesAt.lte(write.now()));
    for review in &write.lock_free(over).await? {
        let programme = running(write, review.team_id).await?;
        let mut change = review.clone().into_active_model();
        change.status = Set(rules::closed(review, programme.as_ref(), write.now()));
        write.update::<review::Entity>(review, change).await?;
    }
    Ok(())
}

/// Cadences that have too few reviews ahead, at most so many.
pub async fn short(write: &Write, most: u64) -> Result<Vec<Uuid>, Error> {
    let short = review_cadence::Entity::find()
        .filter(review_cadence::Column::EndedAt.is_null())
        .filter(review_cadence::Column::TopUpAt.lte(write.now()))
        .order_by_asc(review_cadence::Column::TopUpAt)
        .limit(most)
        .select_only()
        .column(review_cadence::Column::Id);
    write.chosen(short).await
}

/// Gives cadences more reviews ahead, but for those that someone is just changing; one of an archived client or team ends.
pub async fn lengthen(write: &Write, ids: &[Uuid]) -> Result<(), Error> {
    let short = review_cadence::Entity::find()
        .filter(review_cadence::Column::Id.is_in(ids.iter().copied()))
        .filter(review_cadence::Column::EndedAt.is_null())
        .filter(review_cadence::Column::TopUpAt.lte(write.now()));
    for cadence in &write.lock_free(short).await? {
        let client = write.find::<client::Entity>(cadence.client_id).await?.ok_or(Fault::Internal)?;
        let team = write.find::<team::Entity>(cadence.team_id).await?.ok_or(Fault::Internal)?;
        if client.status == ClientStatus::Archived || team.archived_at.is_some() {
            end(write, cadence).await?;
        } else {
            top_up(write, cadence, Zone::named(&client.time_zone)?).await?;
        }
    }
    Ok(())
}

/// Makes reviews until enough of them lie ahead, some at a time where a long sleep left many out.
async fn top_up(write: &Write, cadence: &review_cadence::Model, zone: Zone) -> Result<(), Error> {
    let (rhythm, mut number) = (Rhythm::of(cadence), cadence.next_number);
    let most = number + BATCH;
    while number < most && !rhythm.enough(number, write.now(), zone) {
        let times = rhythm.times(number, zone);
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
    change.top_up_at = Set(rhythm.short_at(number, zone));
    write.set::<review_cadence::Entity>(change).await
}

async fn running(write: &Write, team: Id<team::Entity>) -> Result<Option<programme::Model>, Error> {
    use ProgrammeStatus::{Active, Paused, Planned};
    let running = programme::Entity::find()
        .filter(programme::Column::TeamId.eq(team))
        .filter(programme::Column::Status.is_in([Planned, Active, Paused]));
    write.one(running).await
}
