//! Session: a meeting of a team, such as a workshop, a follow-up or a review.
//!
//! A session is *scheduled*, *in progress* once it is started, and *held* once it is closed; from then on its
//! recap never changes, and its attendance and quorum only by corrections that the member concerned confirms
//! ([`super::recap_addendum`]). Until then it can be *cancelled* with a reason. A session that was not
//! started is *missed* one day after its end. Open agenda items of an ended session are carried over to the team's next
//! session.
//!
//! The agenda of the team's next session is prepared by itself ([`preparing`]). Closing a session makes its recap and
//! sends it to the participants.

mod allowed;
pub mod ending;
pub mod minutes;
pub mod preparing;
pub mod rules;
#[cfg(test)]
mod tests;

use super::{
    action::{Action, rules::require_same_team},
    agenda_item::{self, AgendaItem, AgendaItemInput},
    alignment::AlignmentRound,
    client::Client,
    decision::Decision,
    dot_vote::{DotVote, closing as votes},
    drift::keeping as drift,
    member::Member,
    notice::notifying::notify_team,
    obstacle::Obstacle,
    parked_topic::ParkedTopic,
    pre_work::{self, PreWorkPrompt},
    programme::{self as programmes, Programme},
    recap_addendum::RecapAddendum,
    review::{Review, keeping as reviews},
    session_rating::{SessionRating, rules as ratings},
    session_series::SessionSeries,
    stage::Stage,
    team::Team,
    voice_balance,
};
use crate::{
    kernel::{
        Caller, Check, Code, Error, Locked, Notice, Write, access::Permission, expect_version,
        read::shape::typed,
    },
    message, mutations, scalar, shape,
};
use async_graphql::{ID, InputObject};
use entity::{
    Id,
    agenda_item::AgendaSource,
    attendance::{self, AttendanceStatus},
    client, member,
    notice::NoticeKind,
    programme,
    session::{self, Entity, SessionKind, SessionStatus},
    stage_run, team,
};
use rules::Step;
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter, QuerySelect};

/// A session can still be started until one day after its end; then it is missed.
const UPCOMING: &str = "({t}.status in ({SessionStatus::InProgress}, {SessionStatus::Scheduled}))";
const PAST: &str = "({t}.status not in ({SessionStatus::InProgress}, {SessionStatus::Scheduled}))";

shape! {
    /// A meeting of a team: a workshop, a follow-up or a review.
    Session of session {
        /// Kind of session.
        kind = closed::<SessionKind, _>(Kind).filter().order(),
        /// Title of the session.
        title = text(Title).filter().order(),
        /// Place of the session, an address or a link. May be empty.
        place = text(Place),
        /// Start time.
        startsAt = instant(StartsAt).filter().order(),
        /// Length in minutes.
        minutes = int(Minutes),
        /// Status of the session.
        status = closed::<SessionStatus, _>(Status).filter().order(),
        /// Whether the session is in progress or scheduled. A scheduled session becomes missed one day after its end.
        upcoming = derived(Ty::Flag, UPCOMING).filter(),
        /// Whether the session was held, missed or cancelled.
        past = derived(Ty::Flag, PAST).filter(),
        /// Time the session was started. Null if not started.
        startedAt = instant(StartedAt).or_null(),
        /// Number of participants who took part, fixed when the session was closed, except for corrections that the
        /// members concerned confirm within 48 hours (`recapAddendumConfirm`). Participants are active members who are
        /// leader or sponsor, or who have no login. Null until then.
        membersPresent = int(MembersPresent).or_null(),
        /// Number of participants of the team when the session was closed. Null until then.
        membersActive = int(MembersActive).or_null(),
        /// Whether at least half of the team's participants took part, fixed when the session was closed. Null until
        /// then.
        quorate = derived(Ty::Flag, "({t}.members_active > 0 and 2 * {t}.members_present >= {t}.members_active)").or_null().filter(),
        /// Summary of the session, written when it was closed. Null until then.
        summary = text(Summary).or_null(),
        /// Time the session was closed, cancelled or found missed. Null until then.
        closedAt = instant(ClosedAt).or_null(),
        /// Why the session was cancelled. Null if not cancelled.
        reason = text(Reason).or_null(),
        /// Increases with every change of the session, its agenda and its attendance; not with its decisions, actions or
        /// ratings. Send it as `expectedVersion` to avoid overwriting others.
        version = int(Version),
        /// Mutations that the caller may do with the session now, by role, ownership and state. Whatever is missing would be
        /// refused. The other arguments of a mutation and other objects can still be a reason to refuse it.
        allowed = allowed::field(),
        /// Team that meets.
        team = one::<Team, _>(TeamId),
        /// ID of the team that the session belongs to, for filters.
        teamId = id::<entity::team::Entity, _>(TeamId).filter(),
        /// Client that the session belongs to.
        client = one::<Client, _>(ClientId).filter(),
        /// ID of the client that the session belongs to, for filters.
        clientId = id::<entity::client::Entity, _>(ClientId).filter(),
        /// Programme that the session belongs to. Null if not part of a programme.
        programme = one::<Programme, _>(ProgrammeId).or_null(),
        /// Programme stage that the session is for. Null if not linked to a stage.
        stage = one::<Stage, _>(StageRunId).or_null(),
        /// Series that the session belongs to. Null if not part of a series.
        series = one::<SessionSeries, _>(SeriesId).or_null(),
        /// Date of the series that the session is for, even if the session is moved or cancelled. Null if not part of a
        /// series.
        occursOn = date(OccursOn).or_null(),
        /// Whether the start was changed manually. Changes of the series or of the client's time zone then leave the
        /// start as it is.
        movedByHand = flag(MovedByHand),
        /// Time until which members who took part can rate the session: seven days after it was closed. Null until
        /// closed.
        ratingOpenUntil = instant(RatingUntil).or_null(),
        /// Time the ratings were closed: at `ratingOpenUntil`, or earlier if all who can rate had done so. Null until
        /// then.
        ratingClosedAt = instant(RatingClosedAt).or_null(),
        /// Mean of the session's ratings, rounded to the nearest half: a decimal from 1.0 to 5.0. Null until ratings
        /// are closed, and if fewer than five of the members who rated count. A sponsor or leader counts if they had a
        /// login before the session started and accepted the e-mail invitation to it themselves. Limit of this
        /// protection: someone who manages a team's members could create four of them under their own e-mail addresses.
        ratingMean = derived(Ty::Text, "(({t}.rating_halves / 2) || case when {t}.rating_halves % 2 = 1 then '.5' else '.0' end)").or_null(),
        /// Approximate number of ratings. Null whenever `ratingMean` is null.
        ratingBand = closed::<entity::session::RatingBand, _>(RatingBand).or_null(),
        /// Your own rating of the session. Null if you have not rated it.
        myRating = first::<SessionRating, _>(entity::session_rating::Column::SessionId).by(entity::session_rating::Column::RatedAt, Ty::Instant),
        /// Agenda items of the session, in order: at most 50. The agenda of the team's next session is prepared by
        /// itself when the session becomes the next one, and again when it starts: standing items of the series or of
        /// the stage's template, items that earlier sessions left open, and, except for single workshops, topics that ask
        /// to be discussed. These are open drift signals, the gravest open obstacles, decisions whose review day has come
        /// and priorities that are off track: at most three of each. `source` says where an item comes from.
        agenda = list::<AgendaItem, _>(entity::agenda_item::Column::SessionId).by(entity::agenda_item::Column::Position, Ty::Int).about(10),
        /// Agenda item that the session is discussing. Null if the session is not in progress, and while it discusses no
        /// item of its agenda.
        currentItem = first::<AgendaItem, _>(entity::agenda_item::Column::SessionId).only("{t}.discussed_since is not null").by(entity::agenda_item::Column::Position, Ty::Int),
        /// Parking lot: topics that the session set aside for later, earliest first, at most 50.
        parkedTopics = list::<ParkedTopic, _>(entity::parked_topic::Column::SessionId).by(entity::parked_topic::Column::CreatedAt, Ty::Instant).about(5),
        /// Dot votes of the session, earliest first, at most 10.
        dotVotes = list::<DotVote, _>(entity::dot_vote::Column::SessionId).by(entity::dot_vote::Column::CreatedAt, Ty::Instant).about(2),
        /// Prompts that participants answer before the session starts, earliest first, at most 10.
        preWork = list::<PreWorkPrompt, _>(entity::pre_work_prompt::Column::SessionId).by(entity::pre_work_prompt::Column::CreatedAt, Ty::Instant).about(3),
        /// Record of the session, made when it was closed. Null until then.
        recap = one_by::<Recap, _>(entity::recap::Column::SessionId).or_null(),
        /// Addenda to the recap, earliest first, at most 20.
        addenda = list::<RecapAddendum, _>(entity::recap_addendum::Column::SessionId).by(entity::recap_addendum::Column::CreatedAt, Ty::Instant).about(2),
        /// Attendance of each member recorded for the session.
        attendance = list::<Attendance, _>(entity::attendance::Column::SessionId).by(entity::attendance::Column::Id, Ty::Id(entity::Table::Attendance)).about(10),
        /// Review that the session was held as. Null if the session was not a review.
        review = first::<Review, _>(entity::review::Column::SessionId).by(entity::review::Column::DueAt, Ty::Instant),
        /// Obstacles raised in the session, by default latest first.
        obstacles = pages::<Obstacle, _>(entity::obstacle::Column::SessionId).by_last(entity::obstacle::Column::RaisedAt, Ty::Instant),
        /// Decisions that came out of the session, by default latest proposal first.
        decisions = pages::<Decision, _>(entity::decision::Column::SessionId).by_last(entity::decision::Column::ProposedAt, Ty::Instant),
        /// Actions that came out of the session, by default earliest due date first.
        actions = pages::<Action, _>(entity::action::Column::SessionId).by(entity::action::Column::DueOn, Ty::Date),
        /// Alignment rounds that are part of the session, by default earliest first.
        alignmentRounds = pages::<AlignmentRound, _>(entity::alignment_round::Column::SessionId).by(entity::alignment_round::Column::OpenedAt, Ty::Instant),
    }
}

shape! {
    /// Attendance of a member at a session.
    Attendance of attendance {
        /// Present, absent or excused.
        status = closed::<AttendanceStatus, _>(Status),
        /// Member whose attendance is recorded.
        member = one::<Member, _>(MemberId),
        /// Session that the member attended or missed.
        session = one::<Session, _>(SessionId),
    }
}

shape! {
    /// Record of a session, made when it was closed and never changed, except that names of erased people are removed.
    /// Objects linked to the session later are not included; `addenda` of the session add to it.
    Recap of recap {
        /// Record as JSON: `session`, `summary`, `quorum` (`present`, `active`, `reached`), `attendance`, `agenda`
        /// with the source, the outcome and the real minutes of each item, the session's `decisions` and those ratified
        /// or ended during it, with their positions counted, `obstacles` raised or resolved, dot `votes`, the published figures of the
        /// session's `alignmentRounds`, `priorities` that were created, committed or given actions, and the session's
        /// `actions`. Names and statuses are those at closing.
        record = json(Minutes),
        /// The record as a readable page in Markdown, with the same content as `record`.
        markdown = text(Markdown),
        /// Number of times that names of erased people were removed from the recap. Its other content never changes.
        redactionCount = int(Redactions),
        /// Time the recap was created.
        createdAt = instant(CreatedAt),
        /// Session that the recap is of.
        session = one::<Session, _>(SessionId),
    }
}

/// Input for `sessionSchedule`.
#[derive(InputObject)]
pub struct SessionScheduleInput {
    /// ID of the team.
    pub team_id: ID,
    /// Kind of session.
    pub kind: SessionKind,
    /// Title: 1 to 200 characters.
    pub title: String,
    /// Place of the session, an address or a link: up to 500 characters.
    pub place: String,
    /// Start time: in the future, within five years.
    pub starts_at: scalar::DateTime,
    /// Length in minutes: 5 to 2,880.
    pub minutes: i32,
    /// ID of the programme that the session belongs to, from this team and not ended. Default: the programme of the
    /// stage, or else the team's present programme, if it has one.
    pub programme_id: Option<ID>,
    /// ID of the stage that the session is for, from the same programme.
    pub stage_id: Option<ID>,
    /// Agenda items, in order: up to 50. If empty, a session of a stage gets the items that the stage's template
    /// suggests. Items carried over from earlier sessions come first.
    #[graphql(default)]
    pub agenda: Vec<AgendaItemInput>,
}

/// Input for `sessionUpdate`. Omitted fields stay unchanged.
#[derive(InputObject)]
pub struct SessionUpdateInput {
    /// ID of the session, which must be scheduled.
    pub id: ID,
    /// Title: 1 to 200 characters.
    pub title: Option<String>,
    /// Place of the session, an address or a link: up to 500 characters.
    pub place: Option<String>,
    /// Start time: in the future, within five years.
    pub starts_at: Option<scalar::DateTime>,
    /// Length in minutes: 5 to 2,880.
    pub minutes: Option<i32>,
    /// The `version` you last read. Fails with `CONFLICT` if the session has changed since.
    pub expected_version: Option<i32>,
}

/// Input for `sessionStart`.
#[derive(InputObject)]
pub struct SessionStartInput {
    /// ID of the session, which must be scheduled.
    pub id: ID,
    /// The `version` you last read. Fails with `CONFLICT` if the session has changed since.
    pub expected_version: Option<i32>,
}

/// Input for `sessionCancel`.
#[derive(InputObject)]
pub struct SessionCancelInput {
    /// ID of the session, which must be scheduled or in progress.
    pub id: ID,
    /// Reason: 1 to 1,000 characters.
    pub reason: String,
    /// The `version` you last read. Fails with `CONFLICT` if the session has changed since.
    pub expected_version: Option<i32>,
}

/// Attendance of a member at a session.
#[derive(InputObject)]
pub struct AttendanceInput {
    /// ID of the member: active, from the session's team and listed only once.
    pub member_id: ID,
    /// Present, absent or excused.
    pub status: AttendanceStatus,
}

/// Input for `sessionAttend`.
#[derive(InputObject)]
pub struct SessionAttendInput {
    /// ID of the session, which must be in progress.
    pub id: ID,
    /// Attendance of 1 to 100 members. Replaces earlier entries of these members; other members' entries stay.
    pub attendance: Vec<AttendanceInput>,
    /// The `version` you last read. Fails with `CONFLICT` if the session has changed since.
    pub expected_version: Option<i32>,
}

/// Input for `sessionClose`.
#[derive(InputObject)]
pub struct SessionCloseInput {
    /// ID of the session, which must be in progress.
    pub id: ID,
    /// Summary of the session: 1 to 20,000 characters.
    pub summary: String,
    /// Attendance of up to 100 members. Replaces earlier entries of these members; other members' entries stay.
    #[graphql(default)]
    pub attendance: Vec<AttendanceInput>,
    /// The `version` you last read. Fails with `CONFLICT` if the session has changed since.
    pub expected_version: Option<i32>,
}

mutations! {
    SessionMutation: session -> Session of Entity {
        /// Schedules a session of a team. Open items of earlier sessions that no other session has taken over come
        /// first on the agenda.
        session_schedule(SessionScheduleInput) -> SessionSchedulePayload = schedule;
        /// Changes the title, place, start or length of a scheduled session.
        session_update(SessionUpdateInput) -> SessionUpdatePayload = update, on id;
        /// Starts a scheduled session, at the earliest one day before its start time. What was carried over and what asks
        /// to be discussed since the agenda was prepared is added to the agenda. The team can read the answers to its
        /// pre-work from then on.
        session_start(SessionStartInput) -> SessionStartPayload = start, on id;
        /// Records who takes part in a session in progress.
        session_attend(SessionAttendInput) -> SessionAttendPayload = attend, on id;
        /// Closes a session in progress and fixes its quorum and recap. Open agenda items are carried over to the team's
        /// next session, and open dot votes are closed. The recap is sent by e-mail to the participants with a login.
        session_close(SessionCloseInput) -> SessionClosePayload = close, on id;
        /// Cancels a session that is scheduled or in progress, with a reason. Open agenda items are carried over to the
        /// team's next session.
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
    // locked, so that the owners of agenda items stay active members until the commit
    let members = member::Entity::find().filter(member::Column::TeamId.eq(team.id)).lock_shared();
    let mut agenda = agenda_item::check_items(&mut check, &input.agenda, &write.all(members).await?);
    check.done()?;
    let starts_at = rules::require_valid_start(input.starts_at.0, write.now())?;
    programmes::rules::require_active_team(client.status, team.archived_at)?;
    let (programme, stage) =
        load_programme_and_stage(&write, input.programme_id.as_ref(), input.stage_id.as_ref(), team.id)
            .await?;
    if agenda.is_empty() {
        agenda = agenda_item::suggested_items(&write, stage.as_ref()).await?;
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
    let carried = preparing::take_carried_items(&write, &session, room).await?;
    let there = write.all(agenda_item::select_items(session.id)).await?;
    // what was carried is not suggested again
    agenda.retain(|item| {
        item.source != AgendaSource::Template || there.iter().all(|row| row.title != item.title)
    });
    for (item, position) in agenda.into_iter().zip(carried + 1..) {
        write.insert::<entity::agenda_item::Entity>(item.into_row(&write, &session, position)).await?;
    }
    notify_team(&write, session_notice(NoticeKind::SessionScheduled, &session)).await?;
    if ending::find_next_session(&write, team.id).await?.is_some_and(|next| next.id == session.id) {
        preparing::add_topics(&write, &session).await?;
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
    let starts_at = input.starts_at.map(|at| rules::require_valid_start(at.0, write.now())).transpose()?;
    rules::next_status(session.status, Step::Update)?;
    let mut change = session.clone().into_active_model();
    title.into_iter().for_each(|title| change.title = Set(title));
    place.into_iter().for_each(|place| change.place = Set(place));
    minutes.into_iter().for_each(|minutes| change.minutes = Set(minutes));
    if let Some(at) = starts_at.filter(|at| *at != session.starts_at) {
        change.starts_at = Set(at);
        change.moved_by_hand = Set(true);
        notify_team(&write, session_notice(NoticeKind::SessionMoved, &session)).await?;
    }
    write.update::<Entity>(&session, change).await?;
    write.commit().await?;
    Ok(session.id)
}

async fn start(caller: &Caller, input: SessionStartInput) -> Result<Id<Entity>, Error> {
    let (write, session) = lock_session(caller, Permission::SessionStart, &input.id).await?;
    expect_version(session.version, input.expected_version)?;
    let status = rules::next_status(session.status, Step::Start)?;
    rules::require_near_start(session.starts_at, write.now())?;
    let session = preparing::prepare_agenda(&write, session).await?;
    let mut change = session.clone().into_active_model();
    change.status = Set(status);
    change.started_at = Set(Some(write.now()));
    write.update::<Entity>(&session, change).await?;
    pre_work::unseal(&write, &session).await?;
    write.commit().await?;
    Ok(session.id)
}

async fn attend(caller: &Caller, input: SessionAttendInput) -> Result<Id<Entity>, Error> {
    let (write, session) =
        caller.write::<Entity>(Permission::SessionAttend, typed(&input.id), "input.id").await?;
    expect_version(session.version, input.expected_version)?;
    let mut check = Check::new();
    let none = input.attendance.is_empty();
    check.refuse_if(
        none,
        Code::Invalid,
        "input.attendance",
        message!(NO_MEMBERS, "Name at least one member."),
    );
    check.done()?;
    rules::next_status(session.status, Step::Attend)?;
    if record_attendance(&write, &session, &input.attendance).await? {
        write.touch::<Entity>(&session).await?;
    }
    write.commit().await?;
    Ok(session.id)
}

async fn close(caller: &Caller, input: SessionCloseInput) -> Result<Id<Entity>, Error> {
    let (write, session) = lock_session(caller, Permission::SessionClose, &input.id).await?;
    expect_version(session.version, input.expected_version)?;
    let mut check = Check::new();
    let summary = check.text("input.summary", &input.summary, 1..=20_000);
    check.done()?;
    let status = rules::next_status(session.status, Step::Close)?;
    record_attendance(&write, &session, &input.attendance).await?;
    let quorum = ending::load_quorum(&write, &session).await?;
    let mut change = session.clone().into_active_model();
    change.status = Set(status);
    change.summary = Set(Some(summary));
    change.closed_at = Set(Some(write.now()));
    change.members_present = Set(Some(quorum.present));
    change.members_active = Set(Some(quorum.active));
    change.rating_until = Set(Some(write.now() + ratings::OPEN_FOR));
    let session = write.update::<Entity>(&session, change).await?;
    ending::carry_open_items(&write, &session).await?;
    votes::close_votes(&write, session.id).await?;
    ending::write_recap(&write, &session, quorum).await?;
    voice_balance::record_balance(&write, &session).await?;
    if reviews::record_session(&write, &session, quorum.reached).await? {
        drift::end_review_signals(&write, session.team_id).await?;
    }
    write.commit().await?;
    Ok(session.id)
}

async fn cancel(caller: &Caller, input: SessionCancelInput) -> Result<Id<Entity>, Error> {
    let (write, session) = lock_session(caller, Permission::SessionCancel, &input.id).await?;
    expect_version(session.version, input.expected_version)?;
    let mut check = Check::new();
    let reason = check.text("input.reason", &input.reason, 1..=1000);
    check.done()?;
    let status = rules::next_status(session.status, Step::Cancel)?;
    let mut change = session.clone().into_active_model();
    change.status = Set(status);
    change.closed_at = Set(Some(write.now()));
    change.reason = Set(Some(reason));
    let session = write.update::<Entity>(&session, change).await?;
    ending::carry_open_items(&write, &session).await?;
    votes::close_votes(&write, session.id).await?;
    notify_team(&write, session_notice(NoticeKind::SessionCancelled, &session)).await?;
    write.commit().await?;
    Ok(session.id)
}

/// A notice about a session, for its team.
fn session_notice(kind: NoticeKind, session: &session::Model) -> Notice {
    Notice::about(kind, session.id).of_team(session.client_id, session.team_id)
}

/// Locks a session after its team, because the team's next session takes over its open items.
async fn lock_session(
    caller: &Caller,
    permission: Permission,
    id: &ID,
) -> Result<(Write, Locked<session::Model>), Error> {
    let column = session::Column::TeamId;
    let (write, _, session) =
        caller.write_under::<team::Entity, Entity>(permission, column, typed(id), "input.id").await?;
    Ok((write, session))
}

/// Loads the programme and the stage that a session is for. Default: the team's unfinished programme.
pub(super) async fn load_programme_and_stage(
    write: &Write,
    programme: Option<&ID>,
    stage: Option<&ID>,
    team: Id<team::Entity>,
) -> Result<(Option<programme::Model>, Option<stage_run::Model>), Error> {
    let stage = match stage {
        Some(id) => Some(write.load::<stage_run::Entity>(typed(id), "input.stageId").await?),
        None => None,
    };
    let named = programme.map(|id| (typed(id), "input.programmeId"));
    let named = named.or(stage.as_ref().map(|stage| (Some(stage.programme_id), "input.stageId")));
    let Some((id, path)) = named else {
        return Ok((programmes::finding::find_unfinished(write, team).await?, None));
    };
    let programme = write.load::<programme::Entity>(id, path).await?;
    require_same_team(programme.team_id, team, path)?;
    rules::require_open_programme(programme.status, path)?;
    rules::require_stage_of(stage.as_ref(), Some(programme.id))?;
    Ok((Some(programme), stage))
}

/// Records who took part and replaces earlier records. Returns whether anything changed.
async fn record_attendance(
    write: &Write,
    session: &session::Model,
    entries: &[AttendanceInput],
) -> Result<bool, Error> {
    let entries: Vec<rules::AttendanceEntry> =
        entries.iter().map(|entry| (typed(&entry.member_id), entry.status)).collect();
    let members = member::Entity::find().filter(member::Column::TeamId.eq(session.team_id));
    let present = rules::check_attendance(&entries, &write.all(members).await?)?;
    let before = attendance::Entity::find().filter(attendance::Column::SessionId.eq(session.id));
    let before = write.lock_all(before).await?;
    let same = |(member, status): &(_, _)| {
        before.iter().any(|row| row.member_id == *member && row.status == *status)
    };
    let changes = !present.iter().all(same);
    for entry in present {
        let row = before.iter().find(|row| row.member_id == entry.0);
        save_attendance(write, session, row, entry).await?;
    }
    Ok(changes)
}

/// Saves the attendance of a member in place of an earlier record of it, if there is one.
pub(super) async fn save_attendance(
    write: &Write,
    session: &session::Model,
    before: Option<&Locked<attendance::Model>>,
    (member, status): (Id<member::Entity>, AttendanceStatus),
) -> Result<(), Error> {
    if let Some(before) = before {
        let mut change = before.clone().into_active_model();
        change.status = Set(status);
        write.update::<attendance::Entity>(before, change).await?;
        return Ok(());
    }
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
    Ok(())
}
