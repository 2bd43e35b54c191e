//! What the caller may do with a session now.

use super::rules::{Step, next_status};
use crate::{
    features::{
        agenda_item::rules::{self as agendas, require_open_agenda},
        dot_vote::rules::require_current,
        parked_topic::rules::require_in_progress,
        pre_work::rules::require_scheduled,
        recap_addendum::rules::require_held,
    },
    kernel::{
        access::{Allowed, Permission},
        read::shape::{Field, FieldKind},
    },
};
use entity::session::SessionStatus;

const NEAR_START: &str = "{t}.starts_at <= {postgres:{now} + interval '24 hours'}\
                          {sqlite:strftime('%Y-%m-%dT%H:%M:%f+00:00', {now}, '+1 days')}";
const RATING_OPEN: &str = "{t}.rating_until > {now} and {t}.rating_closed_at is null";
const TOOK_PART: &str = "exists (select 1 from attendance a join member m on m.id = a.member_id \
                         where a.session_id = {t}.id and a.status = {AttendanceStatus::Present} \
                         and m.team_id = {t}.team_id and m.person_id = {me})";

pub fn field() -> Field {
    let by = |permission, step| {
        Allowed::by(permission).in_status(|status: SessionStatus| next_status(status, step).is_ok())
    };
    let has_agenda = |status| require_open_agenda(status, agendas::Step::Update, "input.sessionId").is_ok();
    FieldKind::Allowed(vec![
        by(Permission::SessionUpdate, Step::Update),
        by(Permission::SessionStart, Step::Start).only(NEAR_START),
        by(Permission::SessionAttend, Step::Attend),
        by(Permission::SessionClose, Step::Close),
        by(Permission::SessionCancel, Step::Cancel),
        Allowed::by(Permission::SessionRate).only(RATING_OPEN).only(TOOK_PART),
        Allowed::by(Permission::AgendaItemAdd).in_status(has_agenda),
        Allowed::by(Permission::ParkedTopicAdd).in_status(|status| require_in_progress(status).is_ok()),
        Allowed::by(Permission::DotVoteOpen).in_status(|status| require_current(status).is_ok()),
        Allowed::by(Permission::PreWorkPromptAdd)
            .in_status(|status| require_scheduled(status, "input.sessionId").is_ok()),
        Allowed::by(Permission::RecapAddendumCreate).in_status(|status| require_held(status).is_ok()),
    ])
    .into()
}
