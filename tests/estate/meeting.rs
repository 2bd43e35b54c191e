//! What is said of sessions: poured as history.

use super::{Plot, add, day, name};
use chrono::TimeDelta;
use concord::kernel::Write;
use entity::{
    Id, agenda_item, agenda_item::AgendaItemStatus, attendance, attendance::AttendanceStatus, programme,
    recap, session, session::SessionStatus, session_rating, session_series,
};
use sea_orm::{ActiveValue::Set, IntoActiveModel};

pub async fn session(
    write: &Write,
    plot: &Plot,
    status: SessionStatus,
    of: Option<Id<programme::Entity>>,
) -> Id<session::Entity> {
    let id = write.id();
    let held = status == SessionStatus::Held;
    // near enough to be started, and still to come
    let starts_at =
        write.now() + TimeDelta::minutes(if status == SessionStatus::Scheduled { 10 } else { -30 });
    let row = session::Model {
        id,
        network_id: plot.network,
        client_id: plot.client,
        team_id: plot.team,
        programme_id: of,
        stage_run_id: None,
        series_id: None,
        occurs_on: None,
        moved_by_hand: false,
        called_off: false,
        rating_until: None,
        rating_closed_at: None,
        rating_halves: None,
        rating_band: None,
        kind: session::SessionKind::Review,
        title: name(write, "Session"),
        place: "Room 4".into(),
        starts_at,
        minutes: 60,
        status,
        started_at: (status != SessionStatus::Scheduled).then_some(starts_at),
        members_present: held.then_some(1),
        members_active: held.then_some(3),
        summary: held.then(|| "All agreed".to_owned()),
        closed_at: held.then(|| write.now()),
        reason: None,
        created_at: write.now(),
        version: 1,
    };
    add::<session::Entity>(write, row).await;
    id
}

/// A session just held that the owner of the work took part in.
pub async fn attended(write: &Write, plot: &Plot) -> Id<session::Entity> {
    let id = session(write, plot, SessionStatus::Held, None).await;
    let row = write.find::<session::Entity>(id).await.expect("a look").expect("a session");
    let mut change = row.into_active_model();
    change.rating_until = Set(Some(write.now() + TimeDelta::days(7)));
    write.set::<session::Entity>(change).await.expect("a session to rate");
    let there = attendance::Model {
        id: write.id(),
        network_id: plot.network,
        client_id: plot.client,
        team_id: plot.team,
        session_id: id,
        member_id: plot.owner,
        status: AttendanceStatus::Present,
        version: 1,
    };
    add::<attendance::Entity>(write, there).await;
    id
}

/// An item of a session's agenda.
pub async fn item(
    write: &Write,
    plot: &Plot,
    session: Id<session::Entity>,
    status: AgendaItemStatus,
) -> Id<agenda_item::Entity> {
    let id = write.id();
    let row = agenda_item::Model {
        id,
        network_id: plot.network,
        client_id: plot.client,
        team_id: plot.team,
        session_id: session,
        owner_id: Some(plot.owner),
        carried_to_id: None,
        position: 1,
        title: name(write, "Item"),
        minutes: 20,
        status,
        outcome: (status == AgendaItemStatus::Done).then(|| "Agreed".to_owned()),
        closed_at: (status == AgendaItemStatus::Done).then(|| write.now()),
        created_at: write.now(),
        version: 1,
    };
    add::<agenda_item::Entity>(write, row).await;
    id
}

/// A series of sessions, none of which is in the diary.
pub async fn series(write: &Write, plot: &Plot) -> Id<session_series::Entity> {
    let id = write.id();
    let row = session_series::Model {
        id,
        network_id: plot.network,
        client_id: plot.client,
        team_id: plot.team,
        programme_id: None,
        kind: session::SessionKind::Review,
        title: name(write, "Series"),
        place: "Room 4".into(),
        minutes: 60,
        rule: "FREQ=MONTHLY;COUNT=3".into(),
        starts_on: day(write.now(), 7),
        local_time: "09:00".into(),
        time_zone: "Europe/London".into(),
        except_on: "[]".into(),
        status: session_series::SeriesStatus::Active,
        made_until: Some(day(write.now(), 100)),
        refill_at: None,
        ended_at: None,
        reason: None,
        created_at: write.now(),
        version: 1,
    };
    add::<session_series::Entity>(write, row).await;
    id
}

/// What someone of the franchise thinks of a session.
pub async fn rating(write: &Write, plot: &Plot, session: Id<session::Entity>) -> Id<session_rating::Entity> {
    let id = write.id();
    let row = session_rating::Model {
        id,
        network_id: plot.network,
        client_id: plot.client,
        session_id: session,
        person_id: plot.person,
        score: 4,
        comment: "Too long".into(),
        rated_at: write.now(),
        version: 1,
    };
    add::<session_rating::Entity>(write, row).await;
    id
}

/// What was kept of a session.
pub async fn recap(write: &Write, plot: &Plot, session: Id<session::Entity>) -> Id<recap::Entity> {
    let id = write.id();
    let row = recap::Model {
        id,
        network_id: plot.network,
        client_id: plot.client,
        team_id: plot.team,
        session_id: session,
        minutes: "{}".into(),
        markdown: "# Review".into(),
        created_at: write.now(),
        redactions: 0,
    };
    add::<recap::Entity>(write, row).await;
    id
}
