//! Keeps the scheduled sessions of a series up to date. The caller holds the lock on the series' team.

use super::rules::{self, AHEAD, Occurrence, Timing};
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

/// The sessions of a series that are still to come, soonest first.
pub async fn ahead(write: &Write, series: Id<Entity>) -> Result<Vec<Locked<session::Model>>, Error> {
    ahead_of(write, session::Column::SeriesId.eq(series)).await
}

async fn ahead_of(write: &Write, which: SimpleExpr) -> Result<Vec<Locked<session::Model>>, Error> {
    let ahead = session::Entity::find()
        .filter(which)
        .filter(session::Column::Status.eq(SessionStatus::Scheduled))
        .filter(session::Column::StartsAt.gt(write.now()))
        .order_by_asc(session::Column::StartsAt);
    write.lock_all(ahead).await
}

/// Puts in the diary what there is a place for.
pub async fn fill(write: &Write, series: &Locked<session_series::Model>) -> Result<(), Error> {
    let starts: Vec<_> = ahead(write, series.id).await?.iter().map(|session| session.starts_at).collect();
    let plan = rules::plan(&Timing::of(series)?, series.made_until, &starts, write.now());
    for one in &plan.make {
        write.insert::<session::Entity>(on(write, series, *one)).await?;
    }
    diary(write, series, plan.made_until, plan.refill_at).await?;
    ending::hand_on(write, series.team_id).await
}

/// Fits the sessions ahead to a series whose timing changed. Sessions on its dates move to its time, unless they were
/// moved by hand or that time is past. Sessions on dates that it no longer has are cancelled. What is missing is made,
/// but on dates whose session is over or was cancelled by itself. Answers how many sessions changed.
pub async fn refit(write: &Write, series: &Locked<session_series::Model>) -> Result<usize, Error> {
    let (timing, ahead) = (Timing::of(series)?, ahead(write, series.id).await?);
    let today = timing.zone.today(write.now());
    let dates: Vec<NaiveDate> = ahead.iter().filter_map(|session| session.occurs_on).collect();
    let last = dates.iter().max().copied();
    let named: Vec<Occurrence> =
        timing.occurrences().take_while(|one| last.is_some_and(|last| one.on <= last)).collect();
    let (mut kept, mut gone, mut changed) = (vec![], vec![], 0);
    for session in ahead {
        let place = named.iter().find(|one| Some(one.on) == session.occurs_on);
        // a date that is over stays as it was, unless it is an exception by now
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
    let there: Vec<NaiveDate> =
        write.all(dated).await?.into_iter().filter_map(|session| session.occurs_on).collect();
    let plan = rules::plan(&timing, None, &[], write.now());
    // gaps are filled, and beyond the last one there are no more than there may be ahead
    for one in plan.make.iter().filter(|one| !there.contains(&one.on)) {
        if kept.len() >= AHEAD && last.is_none_or(|last| one.on > last) {
            break;
        }
        kept.push(write.insert::<session::Entity>(on(write, series, *one)).await?);
        changed += 1;
    }
    changed += gone.len();
    call_off(write, gone, "The series changed.").await?;
    let made_until = kept.iter().filter_map(|session| session.occurs_on).max().max(plan.made_until);
    let starts: Vec<_> = kept.iter().map(|session| session.starts_at).collect();
    let refill_at = rules::plan(&timing, made_until, &starts, write.now()).refill_at;
    diary(write, series, made_until, refill_at).await?;
    ending::hand_on(write, series.team_id).await?;
    Ok(changed)
}

/// Remembers how far the diary of a series goes.
async fn diary(
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

/// The series of a client take place by the clocks of another zone, or of the same zone by other rules. Answers how many
/// sessions changed.
pub async fn rezone(write: &Write, client: Id<client::Entity>, zone: Zone) -> Result<usize, Error> {
    let of = Entity::find()
        .filter(session_series::Column::ClientId.eq(client))
        .filter(session_series::Column::Status.eq(SeriesStatus::Active))
        .order_by_asc(session_series::Column::Id);
    let mut changed = 0;
    for mut series in write.lock_all(of).await? {
        if series.time_zone != zone.name() {
            let mut change = series.clone().into_active_model();
            change.time_zone = Set(zone.name().to_owned());
            series = write.update::<Entity>(&series, change).await?;
        }
        changed += refit(write, &series).await?;
    }
    Ok(changed)
}

/// Ends a series, and cancels what is ahead of it.
pub async fn end(write: &Write, series: &Locked<session_series::Model>, reason: &str) -> Result<(), Error> {
    let ahead = ahead(write, series.id).await?;
    let mut change = series.clone().into_active_model();
    change.status = Set(SeriesStatus::Ended);
    change.refill_at = Set(None);
    change.ended_at = Set(Some(write.now()));
    change.reason = Set(Some(reason.to_owned()));
    write.update::<Entity>(series, change).await?;
    call_off(write, ahead, reason).await
}

/// A programme that ends takes its series along, and every session of it that is ahead.
pub async fn end_with(write: &Write, programme: &programme::Model) -> Result<(), Error> {
    let Err(over) = sessions::takes_sessions(programme.status, "") else { return Ok(()) };
    let of = Entity::find()
        .filter(session_series::Column::ProgrammeId.eq(programme.id))
        .filter(session_series::Column::Status.eq(SeriesStatus::Active));
    for series in write.lock_all(of).await? {
        end(write, &series, &over.message).await?;
    }
    let ahead = ahead_of(write, session::Column::ProgrammeId.eq(programme.id)).await?;
    call_off(write, ahead, &over.message).await
}

/// A team that is archived, or one whose client is, takes its series along, and every session that is ahead.
pub async fn end_in(write: &Write, team: Id<team::Entity>, reason: &str) -> Result<(), Error> {
    let of = Entity::find()
        .filter(session_series::Column::TeamId.eq(team))
        .filter(session_series::Column::Status.eq(SeriesStatus::Active))
        .order_by_asc(session_series::Column::Id);
    for series in write.lock_all(of).await? {
        end(write, &series, reason).await?;
    }
    let ahead = ahead_of(write, session::Column::TeamId.eq(team)).await?;
    call_off(write, ahead, reason).await
}

/// A client that is archived takes along what all its teams have.
pub async fn end_at(write: &Write, client: Id<client::Entity>, reason: &str) -> Result<(), Error> {
    let teams = team::Entity::find().filter(team::Column::ClientId.eq(client)).order_by_asc(team::Column::Id);
    for team in write.lock_all(teams).await? {
        end_in(write, team.id, reason).await?;
    }
    Ok(())
}

/// Cancels sessions that do not take place any more. They keep their dates, on which others can be made.
async fn call_off(write: &Write, sessions: Vec<Locked<session::Model>>, reason: &str) -> Result<(), Error> {
    let mut cancelled = Vec::new();
    for session in sessions {
        let mut change = session.clone().into_active_model();
        change.status = Set(sessions::next(session.status, Step::Cancel)?);
        change.closed_at = Set(Some(write.now()));
        change.reason = Set(Some(reason.to_owned()));
        change.called_off = Set(true);
        cancelled.push(write.update::<session::Entity>(&session, change).await?);
    }
    for session in cancelled {
        ending::carry(write, &session).await?;
    }
    Ok(())
}

fn on(write: &Write, series: &session_series::Model, one: Occurrence) -> session::Model {
    session::Model {
        id: write.id(),
        network_id: series.network_id,
        client_id: series.client_id,
        team_id: series.team_id,
        programme_id: series.programme_id,
        stage_run_id: None,
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

/// Series that have a place for another session, at most so many.
pub async fn waiting(write: &Write, most: u64) -> Result<Vec<session_series::Model>, Error> {
    let waiting = Entity::find()
        .filter(session_series::Column::NetworkId.eq(write.network()?))
        .filter(session_series::Column::Status.eq(SeriesStatus::Active))
        .filter(session_series::Column::RefillAt.lte(write.now()))
        .order_by_asc(session_series::Column::RefillAt);
    write.all(waiting.limit(most)).await
}

/// Tops up a series by the clock; one whose team, client or programme takes no more sessions ends.
pub async fn top_up(write: &Write, found: &session_series::Model) -> Result<(), Error> {
    let team = write.lock::<team::Entity>(found.team_id).await?;
    let series = write.lock::<Entity>(found.id).await?;
    if series.status == SeriesStatus::Ended || series.refill_at.is_none_or(|at| at > write.now()) {
        return Ok(());
    }
    let client = write.find::<client::Entity>(series.client_id).await?.ok_or(Fault::Internal)?;
    let mut over = programmes::takes_work(client.status, team.archived_at).err();
    if let Some(id) = series.programme_id {
        let programme = write.find::<programme::Entity>(id).await?.ok_or(Fault::Internal)?;
        over = over.or(sessions::takes_sessions(programme.status, "").err());
    }
    match over {
        Some(refusal) => end(write, &series, &refusal.message).await,
        None => fill(write, &series).await,
    }
}
