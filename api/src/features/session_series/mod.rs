//! Series of sessions: the regular meetings of a team, described by a recurrence rule.
//!
//! The sessions of a series are ordinary sessions. They are scheduled ahead: at most 26, and at most twelve months.
//! Cancelling or moving one session does not affect others. A changed rule, time or time zone is applied to the
//! upcoming sessions, except for those moved by hand; sessions that have begun or are over stay. Ending a series
//! cancels its upcoming sessions. A series ends by itself when its team, client or programme has no more sessions.
//!
//! The sessions take their standing agenda items from the series' own list, or else from the template of their stage.

pub mod keeping;
pub mod recurrence;
pub mod rules;
#[cfg(test)]
mod tests;

use super::{
    agenda_item::rules::MINUTES,
    programme::{Programme, rules as programmes},
    session::{Session, ending, load_programme_and_stage, rules as sessions},
    stage::Stage,
    team::{Team, link::linked},
};
use crate::{
    kernel::{
        Caller, Check, Code, Error, Locked, Write, Zone, access::Permission, expect_version,
        read::shape::typed,
    },
    message, mutations,
    scalar::Date,
    shape,
};
use async_graphql::{ID, InputObject, MaybeUndefined};
use chrono::{Months, NaiveDate, NaiveTime};
use entity::{
    Id, client,
    session::{self, SessionKind},
    session_series::{self, Entity, SeriesStatus},
    stage_run, team,
};
use rules::{MAX_EXCEPTIONS, MAX_STANDING, SeriesTiming, StandingItem};
use sea_orm::{ActiveValue::Set, IntoActiveModel};

shape! {
    /// A series of recurring sessions of a team.
    SessionSeries of session_series {
        /// Kind of the sessions.
        kind = closed::<SessionKind, _>(Kind).filter(),
        /// Title of the sessions.
        title = text(Title).filter().order(),
        /// Place of the sessions, an address or a link. May be empty.
        place = text(Place),
        /// Length of each session in minutes.
        minutes = int(Minutes),
        /// Recurrence rule of RFC 5545, for example `FREQ=WEEKLY;INTERVAL=2;BYDAY=TU`.
        rule = text(Rule),
        /// Date from which the rule counts, in the client's time zone.
        startsOn = date(StartsOn),
        /// Start time of the sessions in the series' `timeZone`: `HH:MM`.
        localTime = text(LocalTime),
        /// IANA time zone of the sessions, which is the client's. For example `Europe/Berlin`.
        timeZone = text(TimeZone),
        /// Dates that match the rule but have no session, as a JSON list of dates.
        exceptOn = json(ExceptOn),
        /// Standing agenda items of the sessions, in order, as a JSON list of objects with `title` and `minutes`. If
        /// empty, the sessions take the items that the template suggests for their stage.
        agenda = json(Agenda),
        /// Stage that the sessions are for. Null if each session is for the stage of the programme that is open when the
        /// session becomes the team's next one, and when it starts.
        stage = one::<Stage, _>(StageRunId).or_null(),
        /// Status of the series.
        status = closed::<SeriesStatus, _>(Status).filter().order(),
        /// Date up to which all sessions of the series are scheduled. Null if none has been scheduled.
        madeUntil = date(MadeUntil).or_null(),
        /// Time the series ended. Null while active.
        endedAt = instant(EndedAt).or_null(),
        /// Why the series ended. Null while active.
        reason = text(Reason).or_null(),
        /// Increases with every change. Send it as `expectedVersion` to avoid overwriting others.
        version = int(Version),
        /// Team that meets.
        team = one::<Team, _>(TeamId),
        /// Programme that the series belongs to. Null if not part of a programme.
        programme = one::<Programme, _>(ProgrammeId).or_null(),
        /// Sessions of the series, including past ones, by default earliest first.
        sessions = pages::<Session, _>(entity::session::Column::SeriesId).by(entity::session::Column::StartsAt, Ty::Instant),
    }
}

/// Input for `sessionSeriesCreate`.
#[derive(InputObject)]
pub struct SessionSeriesCreateInput {
    /// ID of the team.
    pub team_id: ID,
    /// Kind of the sessions.
    pub kind: SessionKind,
    /// Title of the sessions: 1 to 200 characters.
    pub title: String,
    /// Place of the sessions, an address or a link: up to 500 characters.
    pub place: String,
    /// Length of each session in minutes: 5 to 1,440.
    pub minutes: i32,
    /// Recurrence rule of RFC 5545 by days, weeks, months or years, up to 200 characters, for example
    /// `FREQ=WEEKLY;INTERVAL=2;BYDAY=TU`. The rule must match at least one date in the next twelve months. `UNTIL` as a
    /// date includes that day; as a time, it is in the client's time zone, or in UTC if it ends in `Z`. The lines
    /// `RRULE`, `DTSTART` and `EXDATE` of a calendar event are accepted too: `DTSTART` must equal `startsOn` and
    /// `localTime`, and the dates of `EXDATE` are added to `exceptOn`.
    pub rule: String,
    /// Date from which the rule counts, in the client's time zone: today or later, within a year.
    pub starts_on: Date,
    /// Start time of the sessions in the client's time zone: `HH:MM`.
    pub local_time: String,
    /// Dates that match the rule but get no session: up to 100.
    #[graphql(default)]
    pub except_on: Vec<Date>,
    /// ID of the programme that the sessions belong to, from this team and not ended. The sessions count for its
    /// stages, and the series ends with it. Default: the team's present programme. If the team has none, the series
    /// belongs to no programme, counts for no stage and continues until ended.
    pub programme_id: Option<ID>,
    /// ID of the stage that all sessions are for, from the same programme. Default: the stage that is open when a session
    /// becomes the team's next one, and when it starts.
    pub stage_id: Option<ID>,
    /// Standing agenda items of each session, in order: up to 20. If empty, the sessions take the items that the template
    /// suggests for their stage.
    #[graphql(default)]
    pub agenda: Vec<StandingItemInput>,
}

/// A standing item of the agendas of a series.
#[derive(InputObject)]
pub struct StandingItemInput {
    /// Title of the item: one line of 1 to 200 characters, different from the others.
    pub title: String,
    /// Planned duration in minutes: 1 to 480.
    pub minutes: i32,
}

/// Input for `sessionSeriesUpdate`. Omitted fields stay unchanged.
#[derive(InputObject)]
pub struct SessionSeriesUpdateInput {
    /// ID of the series, which must be active.
    pub id: ID,
    /// Title of the future sessions: 1 to 200 characters.
    pub title: Option<String>,
    /// Place of the future sessions, an address or a link: up to 500 characters.
    pub place: Option<String>,
    /// Length of each future session in minutes: 5 to 1,440.
    pub minutes: Option<i32>,
    /// Recurrence rule of RFC 5545, in the format of `sessionSeriesCreate`. The dates of `EXDATE` are added to
    /// `exceptOn`.
    pub rule: Option<String>,
    /// Date from which the rule counts, in the client's time zone: today or later, within a year.
    pub starts_on: Option<Date>,
    /// Start time of the sessions in the client's time zone: `HH:MM`.
    pub local_time: Option<String>,
    /// Dates that match the rule but get no session: up to 100. Replaces the earlier list and changes only sessions on
    /// these dates.
    pub except_on: Option<Vec<Date>>,
    /// ID of the stage that all future sessions are for, from the series' programme; `null` for the stage that is open at
    /// the time of each session.
    pub stage_id: MaybeUndefined<ID>,
    /// Standing agenda items, in order: up to 20. Replaces the earlier list for sessions whose agenda is prepared from now
    /// on. The team's next session keeps the items that it has, and gets those that it does not have yet.
    pub agenda: Option<Vec<StandingItemInput>>,
    /// The `version` you last read. Fails with `CONFLICT` if the series has changed since.
    pub expected_version: Option<i32>,
}

/// Input for `sessionSeriesEnd`.
#[derive(InputObject)]
pub struct SessionSeriesEndInput {
    /// ID of the series, which must be active.
    pub id: ID,
    /// Reason: 1 to 1,000 characters.
    pub reason: String,
    /// The `version` you last read. Fails with `CONFLICT` if the series has changed since.
    pub expected_version: Option<i32>,
}

mutations! {
    SessionSeriesMutation: session_series -> SessionSeries of Entity {
        /// Schedules recurring sessions of a team: at most 26 future sessions and at most twelve months ahead. More are
        /// added over time.
        session_series_create(SessionSeriesCreateInput) -> SessionSeriesCreatePayload = create;
        /// Changes a series and its future sessions. A change of rule, start date or time moves future sessions, except
        /// those moved manually, and cancels those on dates that no longer match.
        session_series_update(SessionSeriesUpdateInput) -> SessionSeriesUpdatePayload = update, on id;
        /// Ends a series, with a reason, and cancels its future sessions.
        session_series_end(SessionSeriesEndInput) -> SessionSeriesEndPayload = end, on id;
    }
}

async fn create(caller: &Caller, input: SessionSeriesCreateInput) -> Result<Id<Entity>, Error> {
    let (write, team) = caller
        .write::<team::Entity>(Permission::SessionSeriesCreate, typed(&input.team_id), "input.teamId")
        .await?;
    let client = write.load::<client::Entity>(Some(team.client_id), "input.teamId").await?;
    let id = start_series(&write, &team, &client, input).await?;
    write.commit().await?;
    Ok(id)
}

/// Checks the input of a series, and inserts it with its first sessions.
pub(super) async fn start_series(
    write: &Write,
    team: &team::Model,
    client: &client::Model,
    input: SessionSeriesCreateInput,
) -> Result<Id<Entity>, Error> {
    let mut check = Check::new();
    let title = check.line("input.title", &input.title, 1..=200);
    let place = check.text("input.place", &input.place, 0..=500);
    let minutes = check.number("input.minutes", input.minutes, 5..=1440);
    let now = write.now();
    let zone = Zone::named(&client.time_zone)?;
    let mut timing = SeriesTiming {
        rule: String::new(),
        starts_on: check_start(&mut check, input.starts_on.0, zone.today(now)),
        time: check_local_time(&mut check, &input.local_time),
        zone,
        except_on: input.except_on.iter().map(|date| date.0).collect(),
    };
    apply_rule(&mut check, &mut timing, Some(&input.rule));
    check_exceptions(&mut check, &mut timing);
    let agenda = check_agenda(&mut check, &input.agenda);
    if !timing.rule.is_empty() {
        check.keep(rules::require_upcoming_date(&timing, now));
    }
    check.done()?;
    programmes::require_active_team(client.status, team.archived_at)?;
    let (programme, stage) =
        load_programme_and_stage(write, input.programme_id.as_ref(), input.stage_id.as_ref(), team.id)
            .await?;
    let row = session_series::Model {
        id: write.id(),
        network_id: team.network_id,
        client_id: team.client_id,
        team_id: team.id,
        programme_id: programme.map(|programme| programme.id),
        stage_run_id: stage.map(|stage| stage.id),
        kind: input.kind,
        title,
        place,
        minutes,
        starts_on: timing.starts_on,
        local_time: input.local_time,
        time_zone: timing.zone.name().to_owned(),
        except_on: serde_json::json!(timing.except_on).to_string(),
        agenda: serde_json::json!(agenda).to_string(),
        rule: timing.rule,
        status: SeriesStatus::Active,
        made_until: None,
        refill_at: None,
        ended_at: None,
        reason: None,
        created_at: now,
        version: 1,
    };
    let series = write.insert::<Entity>(row).await?;
    keeping::schedule_sessions(write, &series).await?;
    Ok(series.id)
}

async fn update(caller: &Caller, input: SessionSeriesUpdateInput) -> Result<Id<Entity>, Error> {
    let (write, series) = lock_series(caller, Permission::SessionSeriesUpdate, &input.id).await?;
    expect_version(series.version, input.expected_version)?;
    rules::require_active(&series)?;
    let client = write.load::<client::Entity>(Some(series.client_id), "input.id").await?;
    let mut check = Check::new();
    let title = check.line_if("input.title", input.title.as_ref(), 1..=200);
    let place = check.text_if("input.place", input.place.as_ref(), 0..=500);
    let minutes = input.minutes.map(|minutes| check.number("input.minutes", minutes, 5..=1440));
    let before = SeriesTiming::of(&series)?;
    let timed = input.rule.is_some()
        || input.starts_on.is_some()
        || input.local_time.is_some()
        || input.except_on.is_some();
    let mut timing = before.clone();
    if timed {
        timing.zone = Zone::named(&client.time_zone)?;
        if let Some(on) = input.starts_on {
            timing.starts_on = check_start(&mut check, on.0, timing.zone.today(write.now()));
        }
        input.local_time.iter().for_each(|time| timing.time = check_local_time(&mut check, time));
        let except_on = input.except_on.as_ref();
        except_on.iter().for_each(|dates| timing.except_on = dates.iter().map(|date| date.0).collect());
        apply_rule(&mut check, &mut timing, input.rule.as_ref());
        check_exceptions(&mut check, &mut timing);
        check.keep(rules::require_upcoming_date(&timing, write.now()));
    }
    let agenda = input.agenda.as_ref().map(|agenda| check_agenda(&mut check, agenda));
    check.done()?;
    let stage =
        linked::<stage_run::Entity>(&write, input.stage_id.value(), series.team_id, "input.stageId").await?;
    sessions::require_stage_of(stage.as_ref(), series.programme_id)?;
    let mut change = series.clone().into_active_model();
    title.iter().for_each(|title| change.title = Set(title.clone()));
    place.iter().for_each(|place| change.place = Set(place.clone()));
    minutes.iter().for_each(|minutes| change.minutes = Set(*minutes));
    change.rule = Set(timing.rule.clone());
    change.starts_on = Set(timing.starts_on);
    change.local_time = Set(timing.time.format("%H:%M").to_string());
    change.time_zone = Set(timing.zone.name().to_owned());
    change.except_on = Set(serde_json::json!(timing.except_on).to_string());
    agenda.iter().for_each(|agenda| change.agenda = Set(serde_json::json!(agenda).to_string()));
    if !input.stage_id.is_undefined() {
        change.stage_run_id = Set(stage.map(|stage| stage.id));
    }
    let series = write.update::<Entity>(&series, change).await?;
    let stage_changes = !input.stage_id.is_undefined();
    let details_change = title.is_some() || place.is_some() || minutes.is_some() || stage_changes;
    let ahead = if details_change { keeping::lock_upcoming(&write, series.id).await? } else { vec![] };
    for session in ahead {
        let mut change = session.clone().into_active_model();
        title.iter().for_each(|title| change.title = Set(title.clone()));
        place.iter().for_each(|place| change.place = Set(place.clone()));
        minutes.iter().for_each(|minutes| change.minutes = Set(*minutes));
        if stage_changes {
            change.stage_run_id = Set(series.stage_run_id);
        }
        write.update::<session::Entity>(&session, change).await?;
    }
    if timing != before {
        keeping::apply_timing(&write, &series).await?;
    } else if agenda.is_some() || stage_changes {
        ending::fill_next_session(&write, series.team_id).await?;
    }
    write.commit().await?;
    Ok(series.id)
}

async fn end(caller: &Caller, input: SessionSeriesEndInput) -> Result<Id<Entity>, Error> {
    let (write, series) = lock_series(caller, Permission::SessionSeriesEnd, &input.id).await?;
    expect_version(series.version, input.expected_version)?;
    let mut check = Check::new();
    let reason = check.text("input.reason", &input.reason, 1..=1000);
    check.done()?;
    rules::require_active(&series)?;
    keeping::end_series(&write, &series, &reason).await?;
    write.commit().await?;
    Ok(series.id)
}

/// Locks a series after its team: sessions of a team are added and cancelled by one change at a time.
async fn lock_series(
    caller: &Caller,
    permission: Permission,
    id: &ID,
) -> Result<(Write, Locked<session_series::Model>), Error> {
    let column = session_series::Column::TeamId;
    let (write, _, series) =
        caller.write_under::<team::Entity, Entity>(permission, column, typed(id), "input.id").await?;
    Ok((write, series))
}

fn check_agenda(check: &mut Check, items: &[StandingItemInput]) -> Vec<StandingItem> {
    let message = message!(
        TOO_MANY_STANDING_ITEMS,
        "`{field}` must have at most {max} standing items. Leave some out.",
        field = "agenda",
        max = MAX_STANDING
    );
    check.refuse_if(items.len() > MAX_STANDING, Code::LimitReached, "input.agenda", message);
    let mut agenda: Vec<StandingItem> = Vec::new();
    for (at, item) in items.iter().take(MAX_STANDING).enumerate() {
        let path = format!("input.agenda.{at}");
        let title = check.line(&format!("{path}.title"), &item.title, 1..=200);
        let twice = agenda.iter().any(|other| other.title == title);
        let message = message!(ITEM_TWICE, "This title is given twice. Leave one out.");
        check.refuse_if(twice && !title.is_empty(), Code::Invalid, &format!("{path}.title"), message);
        let minutes = check.number(&format!("{path}.minutes"), item.minutes, MINUTES);
        agenda.push(StandingItem { title, minutes });
    }
    agenda
}

fn check_start(check: &mut Check, on: NaiveDate, today: NaiveDate) -> NaiveDate {
    let far = today.checked_add_months(Months::new(12)).is_none_or(|last| on > last);
    let wrong = on < today || far;
    let message = message!(START_OUT_OF_RANGE, "`startsOn` must be today or later, within a year.");
    check.refuse_if(wrong, Code::Invalid, "input.startsOn", message);
    on
}

fn check_local_time(check: &mut Check, text: &str) -> NaiveTime {
    let time = rules::parse_time(text);
    let message = message!(
        NOT_A_TIME,
        "`{field}` must be a time of day such as {example}.",
        field = "localTime",
        example = "09:30"
    );
    check.refuse_if(time.is_none(), Code::Invalid, "input.localTime", message);
    time.unwrap_or_default()
}

/// Applies the rule in a text, if there is one. The dates that the text leaves out are added to the exceptions.
fn apply_rule(check: &mut Check, timing: &mut SeriesTiming, text: Option<&String>) {
    let Some(text) = text else { return };
    let parsed = recurrence::parse_rule(text, timing.zone, timing.starts_on, timing.time);
    if let Some(parsed) = check.keep(parsed) {
        timing.rule = parsed.rule;
        timing.except_on.extend(parsed.except_on);
    }
}

fn check_exceptions(check: &mut Check, timing: &mut SeriesTiming) {
    timing.except_on.sort_unstable();
    timing.except_on.dedup();
    let many = timing.except_on.len() > MAX_EXCEPTIONS;
    let message = message!(
        TOO_MANY_EXCEPTIONS,
        "`exceptOn` must have at most {max} dates, and has {count}. Leave some out.",
        max = MAX_EXCEPTIONS,
        count = timing.except_on.len(),
    );
    check.refuse_if(many, Code::LimitReached, "input.exceptOn", message);
    timing.except_on.truncate(MAX_EXCEPTIONS);
}
