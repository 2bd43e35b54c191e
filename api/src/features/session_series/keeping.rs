//! Keeps the scheduled sessions of a series up to date. The caller holds the lock on the series' team.

use super::rules::{self, MAX_AHEAD, Occurrence, SeriesTiming};
use crate::{
    features::{
        programme::rules as programmes,
        session::{
            ending,
            rules::{self as sessions, Step},
        },
    },
    kernel::{Error, Fault, Locked, Write, Zone},
};
use chrono::{DateTime, NaiveDate, Utc};
use entity::{
    Id, client, programme,
    session::{self, SessionStatus},
    session_series::{self, Entity, SeriesStatus},
    team,
};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder, QuerySelect,
    sea_query::SimpleExpr,
};

/// Locks the upcoming sessions of a series, soonest first.
pub async fn lock_upcoming(write: &Write, series: Id<Entity>) -> Result<Vec<Locked<session::Model>>, Error> {
    lock_upcoming_where(write, session::Column::SeriesId.eq(series)).await
}

async fn lock_upcoming_where(write: &Write, which: SimpleExpr) -> Result<Vec<Locked<session::Model>>, Error> {
    let ahead = session::Entity::find()
        .filter(which)
        .filter(session::Column::Status.eq(SessionStatus::Scheduled))
        .filter(session::Column::StartsAt.gt(write.now()))
        .order_by_asc(session::Column::StartsAt);
    write.lock_all(ahead).await
}

/// Schedules the next sessions of a series, up to the maximum.
pub async fn schedule_sessions(write: &Write, series: &Locked<session_series::Model>) -> Result<(), Error> {
    let starts: Vec<_> =
        lock_upcoming(write, series.id).await?.iter().map(|session| session.starts_at).collect();
    let plan = rules::plan_sessions(&SeriesTiming::of(series)?, series.made_until, &starts, write.now());
    for one in &plan.make {
        write.insert::<session::Entity>(new_session(write, series, *one)).await?;
    }
    save_progress(write, series, plan.made_until, plan.refill_at).await?;
    ending::fill_next_session(write, series.team_id).await
}

/// Applies a changed timing to the upcoming sessions of a series. A session on one of the series' dates moves to the
/// new time, unless it was moved by hand or the new time is past. Sessions on other dates are cancelled. Missing
/// sessions are scheduled, except on dates whose session is over or was cancelled by itself. Returns the number of
/// changed sessions.
pub async fn apply_timing(write: &Write, series: &Locked<session_series::Model>) -> Result<usize, Error> {
    let (timing, ahead) = (SeriesTiming::of(series)?, lock_upcoming(write, series.id).await?);
    let today = timing.zone.today(write.now());
    let dates: Vec<NaiveDate> = ahead.iter().filter_map(|session| session.occurs_on).collect();
    let last = dates.iter().max().copied();
    let named: Vec<Occurrence> =
        timing.occurrences().take_while(|one| last.is_some_and(|last| one.on <= last)).collect();
    let (mut kept, mut gone, mut changed) = (vec![], vec![], 0);
    for session in ahead {
        let place = named.iter().find(|one| Some(one.on) == session.occurs_on);
        // a date that is over does not change, unless it is an exception now
        let over = session.occurs_on.is_none_or(|on| on < today && !timing.except_on.contains(&on));
        match place {
            Some(one) if !session.moved_by_hand && one.at > write.now() && one.at != session.starts_at => {
                let mut change = session.clone().into_active_model();
                change.starts_at = Set(one.at);
                kept.push(write.update::<session::Entity>(&session, change).await?);
                changed += 1;
            }
            Some(_) => kept.push(session),
            None if over => kept.push(session),
            None => gone.push(session),
        }
    }
    let dated = session::Entity::find()
        .filter(session::Column::SeriesId.eq(series.id))
        .filter(session::Column::CalledOff.eq(false))
        .filter(session::Column::OccursOn.gte(today));
    let existing: Vec<NaiveDate> =
        write.all(dated).await?.into_iter().filter_map(|session| session.occurs_on).collect();
    let plan = rules::plan_sessions(&timing, None, &[], write.now());
    // all gaps are filled; after the last date, sessions are added only up to the maximum
    for one in plan.make.iter().filter(|one| !existing.contains(&one.on)) {
        if kept.len() >= MAX_AHEAD && last.is_none_or(|last| one.on > last) {
            break;
        }
        kept.push(write.insert::<session::Entity>(new_session(write, series, *one)).await?);
        changed += 1;
    }
    changed += gone.len();
    cancel_sessions(write, gone, "The series changed.").await?;
    let made_until = kept.iter().filter_map(|session| session.occurs_on).max().max(plan.made_until);
    let starts: Vec<_> = kept.iter().map(|session| session.starts_at).collect();
    let refill_at = rules::plan_sessions(&timing, made_until, &starts, write.now()).refill_at;
    save_progress(write, series, made_until, refill_at).await?;
    ending::fill_next_session(write, series.team_id).await?;
    Ok(changed)
}

/// Saves until when sessions are scheduled and when more are due.
async fn save_progress(
    write: &Write,
    series: &Locked<session_series::Model>,
    made_until: Option<NaiveDate>,
    refill_at: Option<DateTime<Utc>>,
) -> Result<(), Error> {
    if (made_until, refill_at) != (series.made_until, series.refill_at) {
        let mut change = series.clone().into_active_model();
        change.made_until = Set(made_until);
        change.refill_at = Set(refill_at);
        write.update::<Entity>(series, change).await?;
    }
    Ok(())
}

/// Moves the series of a client to another time zone, or to new rules of the same zone. Returns the number of changed
/// sessions.
pub async fn move_to_zone(write: &Write, client: Id<client::Entity>, zone: Zone) -> Result<usize, Error> {
    let active = Entity::find()
        .filter(session_series::Column::ClientId.eq(client))
        .filter(session_series::Column::Status.eq(SeriesStatus::Active))
        .order_by_asc(session_series::Column::Id);
    let mut changed = 0;
    for mut series in write.lock_all(active).await? {
        if series.time_zone != zone.name() {
            let mut change = series.clone().into_active_model();
            change.time_zone = Set(zone.name().to_owned());
            series = write.update::<Entity>(&series, change).await?;
        }
        changed += apply_timing(write, &series).await?;
    }
    Ok(changed)
}

/// Ends a series and cancels its upcoming sessions.
pub async fn end_series(
    write: &Write,
    series: &Locked<session_series::Model>,
    reason: &str,
) -> Result<(), Error> {
    let ahead = lock_upcoming(write, series.id).await?;
    let mut change = series.clone().into_active_model();
    change.status = Set(SeriesStatus::Ended);
    change.refill_at = Set(None);
    change.ended_at = Set(Some(write.now()));
    change.reason = Set(Some(reason.to_owned()));
    write.update::<Entity>(series, change).await?;
    cancel_sessions(write, ahead, reason).await
}

/// Ends the series of a programme that ends, and cancels all its upcoming sessions.
pub async fn end_with_programme(write: &Write, programme: &programme::Model) -> Result<(), Error> {
    let Err(refusal) = sessions::require_open_programme(programme.status, "") else { return Ok(()) };
    let active = Entity::find()
        .filter(session_series::Column::ProgrammeId.eq(programme.id))
        .filter(session_series::Column::Status.eq(SeriesStatus::Active));
    for series in write.lock_all(active).await? {
        end_series(write, &series, &refusal.message).await?;
    }
    let ahead = lock_upcoming_where(write, session::Column::ProgrammeId.eq(programme.id)).await?;
    cancel_sessions(write, ahead, &refusal.message).await
}

/// Ends the series of a team that is archived, or whose client is archived, and cancels all its upcoming sessions.
pub async fn end_for_team(write: &Write, team: Id<team::Entity>, reason: &str) -> Result<(), Error> {
    let active = Entity::find()
        .filter(session_series::Column::TeamId.eq(team))
        .filter(session_series::Column::Status.eq(SeriesStatus::Active))
        .order_by_asc(session_series::Column::Id);
    for series in write.lock_all(active).await? {
        end_series(write, &series, reason).await?;
    }
    let ahead = lock_upcoming_where(write, session::Column::TeamId.eq(team)).await?;
    cancel_sessions(write, ahead, reason).await
}

/// Ends the series of all teams of a client that is archived, and cancels their upcoming sessions.
pub async fn end_for_client(write: &Write, client: Id<client::Entity>, reason: &str) -> Result<(), Error> {
    let teams = team::Entity::find().filter(team::Column::ClientId.eq(client)).order_by_asc(team::Column::Id);
    for team in write.lock_all(teams).await? {
        end_for_team(write, team.id, reason).await?;
    }
    Ok(())
}

/// Cancels sessions. Other sessions can be scheduled on their dates.
async fn cancel_sessions(
    write: &Write,
    sessions: Vec<Locked<session::Model>>,
    reason: &str,
) -> Result<(), Error> {
    let mut cancelled = Vec::new();
    for session in sessions {
        let mut change = session.clone().into_active_model();
        change.status = Set(sessions::next_status(session.status, Step::Cancel)?);
        change.closed_at = Set(Some(write.now()));
        change.reason = Set(Some(reason.to_owned()));
        change.called_off = Set(true);
        cancelled.push(write.update::<session::Entity>(&session, change).await?);
    }
    for session in cancelled {
        ending::carry_open_items(write, &session).await?;
    }
    Ok(())
}

fn new_session(write: &Write, series: &session_series::Model, one: Occurrence) -> session::Model {
    session::Model {
        id: write.id(),
        network_id: series.network_id,
        client_id: series.client_id,
        team_id: series.team_id,
        programme_id: series.programme_id,
        stage_run_id: series.stage_run_id,
        series_id: Some(series.id),
        occurs_on: Some(one.on),
        moved_by_hand: false,
        called_off: false,
        rating_until: None,
        rating_closed_at: None,
        rating_halves: None,
        rating_band: None,
        kind: series.kind,
        title: series.title.clone(),
        place: series.place.clone(),
        starts_at: one.at,
        minutes: series.minutes,
        status: SessionStatus::Scheduled,
        started_at: None,
        members_present: None,
        members_active: None,
        summary: None,
        closed_at: None,
        reason: None,
        created_at: write.now(),
        version: 1,
    }
}

/// Finds series that can schedule another session, at most `limit`.
pub async fn find_due(write: &Write, limit: u64) -> Result<Vec<session_series::Model>, Error> {
    let waiting = Entity::find()
        .filter(session_series::Column::NetworkId.eq(write.network()?))
        .filter(session_series::Column::Status.eq(SeriesStatus::Active))
        .filter(session_series::Column::RefillAt.lte(write.now()))
        .order_by_asc(session_series::Column::RefillAt);
    write.all(waiting.limit(limit)).await
}

/// Schedules the next sessions of a series. The series ends if its team, client or programme has no more sessions.
pub async fn top_up_series(write: &Write, found: &session_series::Model) -> Result<(), Error> {
    let team = write.lock::<team::Entity>(found.team_id).await?;
    let series = write.lock::<Entity>(found.id).await?;
    if series.status == SeriesStatus::Ended || series.refill_at.is_none_or(|at| at > write.now()) {
        return Ok(());
    }
    let client = write.find::<client::Entity>(series.client_id).await?.ok_or(Fault::Internal)?;
    let mut ended = programmes::require_active_team(client.status, team.archived_at).err();
    if let Some(id) = series.programme_id {
        let programme = write.find::<programme::Entity>(id).await?.ok_or(Fault::Internal)?;
        ended = ended.or(sessions::require_open_programme(programme.status, "").err());
    }
    match ended {
        Some(refusal) => end_series(write, &series, &refusal.message).await,
        None => schedule_sessions(write, &series).await,
    }
}
