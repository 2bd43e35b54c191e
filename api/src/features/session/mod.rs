//! Session: a team meets: workshop, follow-up or review.
//!
//! A session is *scheduled*, *in progress* once it is started, and *held* once it is closed: its attendance, quorum
//! and recap are then fixed for ever. It may be *cancelled* with a reason until then, and is *missed* by the clock a
//! day after its time. However it ends, what its agenda left open goes on in the team's next session.

pub mod ending;
pub mod minutes;
pub mod rules;
#[cfg(test)]
mod tests;

use super::{
    action::{Action, rules::same_team},
    agenda_item::{self, AgendaItem, AgendaItemInput},
    alignment::AlignmentRound,
    decision::Decision,
    drift::keeping as drift,
    member::Member,
    obstacle::Obstacle,
    programme::{self as programmes, Programme},
    review::{Review, keeping},
    session_rating::{SessionRating, rules as ratings},
    session_series::SessionSeries,
    stage::Stage,
    team::Team,
};
use crate::{
    kernel::{
        Caller, Check, Code, Error, Locked, Write, access::Permission, expect_version, read::shape::typed,
    },
    mutations, scalar, shape,
};
use async_graphql::{ID, InputObject};
use entity::{
    Id,
    attendance::{self, AttendanceStatus},
    client, member,
    programme::{self, ProgrammeStatus},
    session::{self, Entity, SessionKind, SessionStatus},
    stage_run, team,
};
use rules::Step;
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter, QuerySelect};

/// Whoever starts a session may be late; a day after its time it counts as missed.
const UPCOMING: &str =
    "({t}.status = 'in_progress' or {t}.status = 'scheduled' and {days:{t}.starts_at} < 1)";
const PAST: &str =
    "(not ({t}.status = 'in_progress' or {t}.status = 'scheduled' and {days:{t}.starts_at} < 1))";

shape! {
    /// A session of a team.
    Session of session {
        /// What it is for.
        kind = closed::<SessionKind, _>(Kind).filter().order(),
        /// Its title.
        title = text(Title).filter().order(),
        /// Where it takes place: an address or a link.
        place = text(Place),
        /// When it starts.
        startsAt = instant(StartsAt).filter().order(),
        /// How long it lasts, in minutes.
        minutes = int(Minutes),
        /// Where it stands.
        status = closed::<SessionStatus, _>(Status).filter().order(),
        /// Whether it is still to come or under way: it is in progress, or it is scheduled and its start is not more than a
        /// day ago.
        upcoming = derived(Ty::Flag, UPCOMING).filter(),
        /// Whether it is over: held, missed or cancelled, or scheduled for a time more than a day ago.
        past = derived(Ty::Flag, PAST).filter(),
        /// When it was started.
        startedAt = instant(StartedAt).or_null(),
        /// How many of the team's active members took part; fixed when it was closed.
        membersPresent = int(MembersPresent).or_null(),
        /// How many active members the team had when it was closed.
        membersActive = int(MembersActive).or_null(),
        /// Whether at least half of the team's active members took part; fixed when it was closed.
        quorate = derived(Ty::Flag, "({t}.members_active > 0 and 2 * {t}.members_present >= {t}.members_active)").or_null().filter(),
        /// What came of it, written when it was closed.
        summary = text(Summary).or_null(),
        /// When it was closed, cancelled or found missed.
        closedAt = instant(ClosedAt).or_null(),
        /// Why it was cancelled.
        reason = text(Reason).or_null(),
        /// Increases with every change of the session, its agenda and its attendance; not with its decisions, actions or
        /// ratings. Send it as `expectedVersion` to avoid overwriting others.
        version = int(Version),
        /// The team.
        team = one::<Team, _>(TeamId),
        /// The programme it is part of.
        programme = one::<Programme, _>(ProgrammeId).or_null(),
        /// The stage of the programme that it is for.
        stage = one::<Stage, _>(StageRunId).or_null(),
        /// The series it comes out of.
        series = one::<SessionSeries, _>(SeriesId).or_null(),
        /// Which date of its series it is; it stays when the session is moved or cancelled.
        occursOn = date(OccursOn).or_null(),
        /// Whether its start was changed by hand. A change of its series or of the client's time zone then leaves it there.
        movedByHand = flag(MovedByHand),
        /// Until when members who took part can rate it: seven days after it was closed.
        ratingOpenUntil = instant(RatingUntil).or_null(),
        /// When its ratings were closed: then, or when all who can had rated it.
        ratingClosedAt = instant(RatingClosedAt).or_null(),
        /// The mean of the session's ratings to the nearest half, from 1.0 to 5.0 as a decimal. Null until they are closed,
        /// and if fewer than five of those who rated count: a member counts whose login was there before the session was
        /// held, and who accepted it themselves from an e-mail. Whoever makes the members of a team could make four of them
        /// under addresses of their own.
        ratingMean = derived(Ty::Text, "(({t}.rating_halves / 2) || case when {t}.rating_halves % 2 = 1 then '.5' else '.0' end)").or_null(),
        /// About how many ratings it has; told as the mean is.
        ratingBand = closed::<entity::session::RatingBand, _>(RatingBand).or_null(),
        /// What the caller thinks of it.
        myRating = first::<SessionRating, _>(entity::session_rating::Column::SessionId).by(entity::session_rating::Column::RatedAt, Ty::Instant),
        /// What it is to talk about, in order: at most 50 items.
        agenda = list::<AgendaItem, _>(entity::agenda_item::Column::SessionId).by(entity::agenda_item::Column::Position, Ty::Int).about(10),
        /// What was kept of it when it was closed.
        recap = one_by::<Recap, _>(entity::recap::Column::SessionId).or_null(),
        /// Who took part.
        attendance = list::<Attendance, _>(entity::attendance::Column::SessionId).by(entity::attendance::Column::Id, Ty::Id(entity::Table::Attendance)).about(10),
        /// The review it was held as.
        review = first::<Review, _>(entity::review::Column::SessionId).by(entity::review::Column::DueAt, Ty::Instant),
        /// The obstacles that were raised in it, latest first.
        obstacles = pages::<Obstacle, _>(entity::obstacle::Column::SessionId).by_last(entity::obstacle::Column::RaisedAt, Ty::Instant),
        /// The decisions that came out of it, latest first.
        decisions = pages::<Decision, _>(entity::decision::Column::SessionId).by_last(entity::decision::Column::ProposedAt, Ty::Instant),
        /// The actions that came out of it.
        actions = pages::<Action, _>(entity::action::Column::SessionId).by(entity::action::Column::DueOn, Ty::Date),
        /// The alignment rounds that are part of it.
        alignmentRounds = pages::<AlignmentRound, _>(entity::alignment_round::Column::SessionId).by(entity::alignment_round::Column::OpenedAt, Ty::Instant),
    }
}

shape! {
    /// Whether a member took part in a session.
    Attendance of attendance {
        /// Whether.
        status = closed::<AttendanceStatus, _>(Status),
        /// Who.
        member = one::<Member, _>(MemberId),
    }
}

shape! {
    /// What was kept of a session when it was closed. It never changes: what is linked to the session later is not
    /// in it.
    Recap of recap {
        /// The minutes as data: `session`, `summary`, `quorum` (`present`, `active`, `reached`), `attendance`, `agenda`
        /// with what came of each item, the session's `decisions` and those ratified or ended meanwhile, `priorities` that
        /// were made, committed or given actions, and the session's `actions`; each with names and states as they were.
        minutes = json(Minutes),
        /// The same as a page to read, in Markdown.
        markdown = text(Markdown),
        /// How often names of people who were erased were taken out of it. Nothing else about it ever changes.
        redactions = int(Redactions),
        /// When it was made.
        createdAt = instant(CreatedAt),
        /// The session.
        session = one::<Session, _>(SessionId),
    }
}

/// A session to put in the diary.
#[derive(InputObject)]
pub struct SessionScheduleInput {
    /// The team.
    pub team_id: ID,
    /// What it is for.
    pub kind: SessionKind,
    /// Its title: 1 to 200 characters.
    pub title: String,
    /// Where it takes place, an address or a link: up to 500 characters.
    pub place: String,
    /// When it starts: in the future, within five years.
    pub starts_at: scalar::DateTime,
    /// How long it lasts: 5 to 2,880 minutes.
    pub minutes: i32,
    /// The programme it is part of, of this team and not ended. Left out: the one the team has now, if any.
    pub programme_id: Option<ID>,
    /// The stage it is for, of that programme.
    pub stage_id: Option<ID>,
    /// What it is to talk about, in order: up to 50 items. Left out, for a session of a stage: what the stage's template
    /// suggests. What waits for the team's next session comes before them.
    #[graphql(default)]
    pub agenda: Vec<AgendaItemInput>,
}

/// What to change of a scheduled session. What is left out stays.
#[derive(InputObject)]
pub struct SessionUpdateInput {
    /// The session.
    pub id: ID,
    /// Its title: 1 to 200 characters.
    pub title: Option<String>,
    /// Where it takes place, an address or a link: up to 500 characters.
    pub place: Option<String>,
    /// When it starts: in the future, within five years.
    pub starts_at: Option<scalar::DateTime>,
    /// How long it lasts: 5 to 2,880 minutes.
    pub minutes: Option<i32>,
    /// The version this change was decided on.
    pub expected_version: Option<i32>,
}

/// Which session, and nothing more.
#[derive(InputObject)]
pub struct SessionStartInput {
    /// The session.
    pub id: ID,
    /// The version this was decided on.
    pub expected_version: Option<i32>,
}

/// Which session, and why.
#[derive(InputObject)]
pub struct SessionCancelInput {
    /// The session.
    pub id: ID,
    /// Why: 1 to 1,000 characters.
    pub reason: String,
    /// The version this was decided on.
    pub expected_version: Option<i32>,
}

/// Whether a member took part.
#[derive(InputObject)]
pub struct AttendanceInput {
    /// The member: active, of the session's team, and named once.
    pub member_id: ID,
    /// Whether they took part.
    pub status: AttendanceStatus,
}

/// Who took part in a session.
#[derive(InputObject)]
pub struct SessionAttendInput {
    /// The session: under way.
    pub id: ID,
    /// Whether these members took part: 1 to 100. Replaces what was said of them before; others stay.
    pub attendance: Vec<AttendanceInput>,
    /// The session's version this was decided on.
    pub expected_version: Option<i32>,
}

/// A session's record.
#[derive(InputObject)]
pub struct SessionCloseInput {
    /// The session: under way.
    pub id: ID,
    /// What came of it: 1 to 20,000 characters.
    pub summary: String,
    /// Whether these members took part: up to 100. Replaces what was said of them before; others stay.
    #[graphql(default)]
    pub attendance: Vec<AttendanceInput>,
    /// The version this was decided on.
    pub expected_version: Option<i32>,
}

mutations! {
    SessionMutation: session -> Session of Entity {
        /// Puts a session of a team in the diary. What earlier sessions left open, and no session took over, comes
        /// first on its agenda.
        session_schedule(SessionScheduleInput) -> SessionSchedulePayload = schedule;
        /// Changes a scheduled session: what it is called, where and when it takes place.
        session_update(SessionUpdateInput) -> SessionUpdatePayload = update, on id;
        /// Starts a scheduled session, at the earliest a day before its time.
        session_start(SessionStartInput) -> SessionStartPayload = start, on id;
        /// Records who takes part in a session under way.
        session_attend(SessionAttendInput) -> SessionAttendPayload = attend, on id;
        /// Closes a session under way: fixes its quorum and its recap, which never change from then on. What its agenda
        /// left open is carried to the team's next session.
        session_close(SessionCloseInput) -> SessionClosePayload = close, on id;
        /// Calls off a session that is scheduled or under way, with a reason. What its agenda left open is carried to
        /// the team's next session.
        session_cancel(SessionCancelInput) -> SessionCancelPayload = cancel, on id;
    }
}

async fn schedule(caller: &Caller, input: SessionScheduleInput) -> Result<Id<Entity>, Error> {
    let (write, team) = caller
        .write::<team::Entity>(Permission::SessionSchedule, typed(&input.team_id), "input.teamId")
        .await?;
    let client = write.load::<client::Entity>(Some(team.client_id), "input.teamId").await?;
    let mut check = Check::new();
    let title = check.line("input.title", &input.title, 1..=200);
    let place = check.text("input.place", &input.place, 0..=500);
    let minutes = check.number("input.minutes", input.minutes, 5..=2880);
    // those who lead items stay as they are until this is done
    let members = member::Entity::find().filter(member::Column::TeamId.eq(team.id)).lock_shared();
    let mut agenda = agenda_item::asked(&mut check, &input.agenda, &write.all(members).await?);
    check.done()?;
    let starts_at = rules::start(input.starts_at.0, write.now())?;
    programmes::rules::takes_work(client.status, team.archived_at)?;
    let (programme, stage) =
        part_of(&write, input.programme_id.as_ref(), input.stage_id.as_ref(), team.id).await?;
    if agenda.is_empty() {
        agenda = agenda_item::suggested(&write, stage.as_ref()).await?;
    }
    let row = session::Model {
        id: write.id(),
        network_id: team.network_id,
        client_id: team.client_id,
        team_id: team.id,
        programme_id: programme.map(|programme| programme.id),
        stage_run_id: stage.map(|stage| stage.id),
        series_id: None,
        occurs_on: None,
        moved_by_hand: false,
        called_off: false,
        rating_until: None,
        rating_closed_at: None,
        rating_halves: None,
        rating_band: None,
        kind: input.kind,
        title,
        place,
        starts_at,
        minutes,
        status: SessionStatus::Scheduled,
        started_at: None,
        members_present: None,
        members_active: None,
        summary: None,
        closed_at: None,
        reason: None,
        created_at: write.now(),
        version: 1,
    };
    let session = write.insert::<Entity>(row).await?;
    let room = agenda_item::rules::PER_SESSION - agenda.len();
    let taken = ending::take_over(&write, &session, room).await?;
    for (item, position) in agenda.into_iter().zip(taken + 1..) {
        write.insert::<entity::agenda_item::Entity>(item.on(&write, &session, position)).await?;
    }
    write.commit().await?;
    Ok(session.id)
}

async fn update(caller: &Caller, input: SessionUpdateInput) -> Result<Id<Entity>, Error> {
    let (write, session) =
        caller.write::<Entity>(Permission::SessionUpdate, typed(&input.id), "input.id").await?;
    expect_version(session.version, input.expected_version)?;
    let mut check = Check::new();
    let title = check.line_if("input.title", input.title.as_ref(), 1..=200);
    let place = check.text_if("input.place", input.place.as_ref(), 0..=500);
    let minutes = input.minutes.map(|minutes| check.number("input.minutes", minutes, 5..=2880));
    check.done()?;
    let starts_at = input.starts_at.map(|at| rules::start(at.0, write.now())).transpose()?;
    rules::next(session.status, Step::Update)?;
    let mut change = session.clone().into_active_model();
    title.into_iter().for_each(|title| change.title = Set(title));
    place.into_iter().for_each(|place| change.place = Set(place));
    minutes.into_iter().for_each(|minutes| change.minutes = Set(minutes));
    if let Some(at) = starts_at.filter(|at| *at != session.starts_at) {
        change.starts_at = Set(at);
        change.moved_by_hand = Set(true);
    }
    write.update::<Entity>(&session, change).await?;
    write.commit().await?;
    Ok(session.id)
}

async fn start(caller: &Caller, input: SessionStartInput) -> Result<Id<Entity>, Error> {
    let (write, session) =
        caller.write::<Entity>(Permission::SessionStart, typed(&input.id), "input.id").await?;
    expect_version(session.version, input.expected_version)?;
    let status = rules::next(session.status, Step::Start)?;
    rules::near(session.starts_at, write.now())?;
    let mut change = session.clone().into_active_model();
    change.status = Set(status);
    change.started_at = Set(Some(write.now()));
    write.update::<Entity>(&session, change).await?;
    write.commit().await?;
    Ok(session.id)
}

async fn attend(caller: &Caller, input: SessionAttendInput) -> Result<Id<Entity>, Error> {
    let (write, session) =
        caller.write::<Entity>(Permission::SessionAttend, typed(&input.id), "input.id").await?;
    expect_version(session.version, input.expected_version)?;
    let mut check = Check::new();
    let none = input.attendance.is_empty();
    check.refuse_if(none, Code::Invalid, "input.attendance", "Name at least one member.");
    check.done()?;
    rules::next(session.status, Step::Attend)?;
    if record(&write, &session, &input.attendance).await? {
        write.touch::<Entity>(&session).await?;
    }
    write.commit().await?;
    Ok(session.id)
}

async fn close(caller: &Caller, input: SessionCloseInput) -> Result<Id<Entity>, Error> {
    let (write, session) = ended(caller, Permission::SessionClose, &input.id).await?;
    expect_version(session.version, input.expected_version)?;
    let mut check = Check::new();
    let summary = check.text("input.summary", &input.summary, 1..=20_000);
    check.done()?;
    let status = rules::next(session.status, Step::Close)?;
    record(&write, &session, &input.attendance).await?;
    let quorum = ending::quorum(&write, &session).await?;
    let mut change = session.clone().into_active_model();
    change.status = Set(status);
    change.summary = Set(Some(summary));
    change.closed_at = Set(Some(write.now()));
    change.members_present = Set(Some(quorum.present));
    change.members_active = Set(Some(quorum.active));
    change.rating_until = Set(Some(write.now() + ratings::OPEN));
    let session = write.update::<Entity>(&session, change).await?;
    ending::carry(&write, &session).await?;
    ending::keep(&write, &session, quorum).await?;
    if keeping::meet(&write, &session, quorum.reached).await? {
        drift::reviewed(&write, session.team_id).await?;
    }
    write.commit().await?;
    Ok(session.id)
}

async fn cancel(caller: &Caller, input: SessionCancelInput) -> Result<Id<Entity>, Error> {
    let (write, session) = ended(caller, Permission::SessionCancel, &input.id).await?;
    expect_version(session.version, input.expected_version)?;
    let mut check = Check::new();
    let reason = check.text("input.reason", &input.reason, 1..=1000);
    check.done()?;
    let status = rules::next(session.status, Step::Cancel)?;
    let mut change = session.clone().into_active_model();
    change.status = Set(status);
    change.closed_at = Set(Some(write.now()));
    change.reason = Set(Some(reason));
    let session = write.update::<Entity>(&session, change).await?;
    ending::carry(&write, &session).await?;
    write.commit().await?;
    Ok(session.id)
}

/// A session that is to end, its team locked first: the team's next session takes over what it leaves open.
async fn ended(
    caller: &Caller,
    permission: Permission,
    id: &ID,
) -> Result<(Write, Locked<session::Model>), Error> {
    let column = session::Column::TeamId;
    let (write, _, session) =
        caller.write_under::<team::Entity, Entity>(permission, column, typed(id), "input.id").await?;
    Ok((write, session))
}

/// The programme and the stage that a session of a team is for.
async fn part_of(
    write: &Write,
    programme: Option<&ID>,
    stage: Option<&ID>,
    team: Id<team::Entity>,
) -> Result<(Option<programme::Model>, Option<stage_run::Model>), Error> {
    use ProgrammeStatus::{Active, Paused, Planned};
    let stage = match stage {
        Some(id) => Some(write.load::<stage_run::Entity>(typed(id), "input.stageId").await?),
        None => None,
    };
    let of = programme.map(|id| (typed(id), "input.programmeId"));
    let of = of.or(stage.as_ref().map(|stage| (Some(stage.programme_id), "input.stageId")));
    let Some((id, path)) = of else {
        let present = programme::Entity::find()
            .filter(programme::Column::TeamId.eq(team))
            .filter(programme::Column::Status.is_in([Planned, Active, Paused]));
        return Ok((write.one(present).await?, None));
    };
    let programme = write.load::<programme::Entity>(id, path).await?;
    same_team(programme.team_id, team, path)?;
    rules::takes_sessions(programme.status, path)?;
    rules::stage_of(stage.as_ref(), programme.id)?;
    Ok((Some(programme), stage))
}

/// Writes down who took part, over what was written before. Whether that changed anything.
async fn record(write: &Write, session: &session::Model, said: &[AttendanceInput]) -> Result<bool, Error> {
    let said: Vec<rules::Said> = said.iter().map(|said| (typed(&said.member_id), said.status)).collect();
    let members = member::Entity::find().filter(member::Column::TeamId.eq(session.team_id));
    let present = rules::attendance(&said, &write.all(members).await?)?;
    let before = attendance::Entity::find().filter(attendance::Column::SessionId.eq(session.id));
    let before = write.lock_all(before).await?;
    let same = |(member, status): &(_, _)| {
        before.iter().any(|row| row.member_id == *member && row.status == *status)
    };
    let changes = !present.iter().all(same);
    for (member, status) in present {
        match before.iter().find(|row| row.member_id == member) {
            Some(row) if row.status == status => {}
            Some(row) => {
                let mut change = row.clone().into_active_model();
                change.status = Set(status);
                write.update::<attendance::Entity>(row, change).await?;
            }
            None => {
                let row = attendance::Model {
                    id: write.id(),
                    network_id: session.network_id,
                    client_id: session.client_id,
                    team_id: session.team_id,
                    session_id: session.id,
                    member_id: member,
                    status,
                    version: 1,
                };
                write.insert::<attendance::Entity>(row).await?;
            }
        }
    }
    Ok(changes)
}
