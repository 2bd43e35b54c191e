//! A team's sessions: a workshop when a stage opens, follow-ups in between, and what is in the diary.

use super::{
    calendar::{At, day, on, working},
    making::{Making, idle_since},
    sketch::NetworkShape,
    story::{Line, Outlook},
    vocabulary::{
        reasons::CALLED_OFF,
        sessions::{FOLLOWS, OPENINGS, OUTCOMES, PLACES, TITLES},
    },
};
use chrono::{Days, Duration, NaiveTime};
use entity::{
    Id, attendance,
    attendance::AttendanceStatus,
    programme, session,
    session::{SessionKind, SessionStatus},
};

/// A session that was held, with the facts that work depends on.
pub struct HeldSession {
    pub id: Id<session::Entity>,
    pub starts_at: At,
    pub closed_at: At,
}

/// Adds the sessions. Returns those that were held, in order.
pub fn add(making: &mut Making<'_>, line: &Line, programme: Id<programme::Entity>) -> Vec<HeldSession> {
    let idle = idle_since(making, line);
    // a session lasts up to a day: what has begun by then is over by now
    let last = idle.unwrap_or(line.end) - Duration::hours(9);
    let future = match making.card.outlook {
        Outlook::Running(_) if idle.is_none() => making.source.between(1, 2) as usize,
        _ => 0,
    };
    let past = match making.directory.sketch.shape {
        NetworkShape::Even => 12 - future,
        NetworkShape::Grown => ((last - line.started).num_days() / 21).clamp(1, 16) as usize,
    };
    let mut begun: Vec<(At, bool)> = Vec::new();
    for (position, (opened, _)) in line.stages.iter().enumerate().take(past) {
        let part = 0.1 + 0.3 * making.source.part();
        let at = *opened + (line.until(position) - *opened).mul(part);
        if at < last {
            begun.push((at, true));
        }
    }
    let more = past.saturating_sub(begun.len());
    let step = (last - line.started) / (more.max(1) as i32);
    for place in 0..more {
        let at = line.started + step * (place as i32) + step.mul(0.3 + 0.65 * making.source.part());
        begun.push((at, false));
    }
    begun.sort_unstable();
    // what comes first in a stage is its workshop
    let mut opened = [false; TITLES.len()];
    for (at, workshop) in &mut begun {
        *workshop = !std::mem::replace(&mut opened[line.stage(*at)], true);
    }
    let mut held = Vec::new();
    for (at, workshop) in begun {
        held.extend(add_session(making, line, programme, at, workshop, false));
    }
    for place in 0..future {
        let from = 2 + 16 * place as i64;
        let at = making.now + Duration::days(making.source.between(from, from + 14));
        add_session(making, line, programme, at, false, true);
    }
    held
}

/// Parts of a span.
trait Part {
    fn mul(self, part: f64) -> Self;
}
impl Part for Duration {
    fn mul(self, part: f64) -> Self {
        Duration::milliseconds((self.num_milliseconds() as f64 * part) as i64)
    }
}

fn add_session(
    making: &mut Making<'_>,
    line: &Line,
    programme: Id<programme::Entity>,
    at: At,
    workshop: bool,
    future: bool,
) -> Option<HeldSession> {
    let stage = line.stage(at);
    let starts_at = start(making, line, at, future);
    let kind = match stage {
        _ if workshop => SessionKind::Workshop,
        5 => SessionKind::Review,
        _ => SessionKind::FollowUp,
    };
    let minutes = if workshop {
        *making.source.pick(&[240, 300, 420])
    } else {
        *making.source.pick(&[60, 90, 90, 120])
    };
    let status = match making.source.below(100) {
        _ if future => SessionStatus::Scheduled,
        0..6 if !workshop => SessionStatus::Missed,
        6..13 if !workshop => SessionStatus::Cancelled,
        _ => SessionStatus::Held,
    };
    let earliest = making.card.created_at + Duration::minutes(30);
    let notice = Duration::minutes(making.source.between(9 * 1_440, 30 * 1_440));
    let created_at = (starts_at - notice).min(making.now - Duration::hours(3)).max(earliest);
    let closed_at = closing(making, status, starts_at, minutes, created_at);
    let id = making.source.id(created_at);
    let (workshops, follow_ups) = TITLES[stage];
    let title = *making.source.pick(if workshop { workshops } else { follow_ups });
    let place = place(making);
    let cancelled = status == SessionStatus::Cancelled;
    let reason = cancelled.then(|| (*making.source.pick(CALLED_OFF)).to_owned());
    let summary = (status == SessionStatus::Held).then(|| {
        format!(
            "{} {}",
            making.source.pick(if stage < 3 { OPENINGS } else { OUTCOMES }),
            making.source.pick(FOLLOWS)
        )
    });
    making.batch.sessions.push(session::Model {
        id,
        network_id: making.network,
        client_id: making.client,
        team_id: making.team,
        programme_id: Some(programme),
        stage_run_id: None,
        series_id: None,
        occurs_on: None,
        moved_by_hand: false,
        called_off: false,
        rating_until: None,
        rating_closed_at: None,
        rating_halves: None,
        rating_band: None,
        kind,
        title: title.into(),
        place,
        starts_at,
        minutes,
        status,
        started_at: (status == SessionStatus::Held).then_some(starts_at),
        members_present: None,
        members_active: None,
        summary,
        closed_at,
        reason,
        created_at,
        version: if closed_at.is_some() { 2 } else { 1 },
    });
    let closed_at = closed_at.filter(|_| status == SessionStatus::Held)?;
    add_attendance(making, id, closed_at);
    Some(HeldSession { id, starts_at, closed_at })
}

/// When a session ended, if it has.
fn closing(
    making: &mut Making<'_>,
    status: SessionStatus,
    starts_at: At,
    minutes: i32,
    created_at: At,
) -> Option<At> {
    match status {
        SessionStatus::Held => {
            Some(starts_at + Duration::minutes(i64::from(minutes) + making.source.between(2, 45)))
        }
        SessionStatus::Cancelled => {
            let notice = Duration::minutes(making.source.between(90, 4_000));
            Some((starts_at - notice).max(created_at + Duration::minutes(10)))
        }
        SessionStatus::Missed => Some((starts_at + Duration::hours(26)).min(making.now)),
        _ => None,
    }
}

/// On a working day at a quarter of an hour; what is past stays within the programme's time.
fn start(making: &mut Making<'_>, line: &Line, at: At, future: bool) -> At {
    let zone = making.card.zone;
    let time = NaiveTime::MIN + Duration::minutes(15 * making.source.between(34, 60));
    let wanted = day(at, zone);
    let date = working(wanted);
    if future {
        let later = wanted + Days::new(3);
        return on(if date == wanted { date } else { working(later).max(date + Days::new(3)) }, time, zone);
    }
    on(date, time, zone).clamp(line.started, (line.end - Duration::hours(9)).max(line.started))
}

fn place(making: &mut Making<'_>) -> String {
    let town = match making.card.zone.name() {
        "Europe/Dublin" => "Dublin",
        "Europe/Paris" => "Paris",
        "America/New_York" => "New York",
        "Asia/Singapore" => "Singapore",
        _ => {
            let towns = making.directory.practices[making.card.practice].place.towns;
            towns[(making.client.uuid().as_u128() % towns.len() as u128) as usize]
        }
    };
    making.source.pick(PLACES).replace("{town}", town)
}

fn add_attendance(making: &mut Making<'_>, session: Id<session::Entity>, at: At) {
    for place in 0..making.members.len() {
        let status = match making.source.below(100) {
            0..5 => AttendanceStatus::Absent,
            5..12 => AttendanceStatus::Excused,
            _ => AttendanceStatus::Present,
        };
        making.batch.attendance.push(attendance::Model {
            id: making.source.id(at),
            network_id: making.network,
            client_id: making.client,
            team_id: making.team,
            session_id: session,
            member_id: making.members[place],
            status,
            version: 1,
        });
    }
}
