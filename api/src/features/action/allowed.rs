//! What the caller may do with an action now.

use super::rules::{Step, next_status};
use crate::{
    features::{
        check_in::rules::require_action_at_work,
        reopening::allowed::is_reopenable,
        team::allowed::{edited_by, owned_by, reported_by},
    },
    kernel::{
        access::{Allowed, Permission},
        read::shape::{Field, FieldKind},
    },
};
use entity::action::ActionStatus;

/// Whether the owner cannot answer for themselves: has no login, or is neither sponsor nor leader.
const OWNER_CANNOT_ANSWER: &str = "not exists (select 1 from member m join membership s on s.person_id = m.person_id \
     where m.id = {t}.owner_id and s.role in ({MembershipRole::Sponsor}, {MembershipRole::Leader}) \
     and (s.team_id = m.team_id or s.client_id = m.client_id and s.team_id is null) \
     and (s.ends_at is null or s.ends_at > {now}))";

pub fn field() -> Field {
    let by = |permission, step| {
        Allowed::by(permission).in_status(|status: ActionStatus| next_status(status, step).is_ok())
    };
    let editor = |permission, step| by(permission, step).only(edited_by("owner_id"));
    let owner = owned_by("owner_id");
    let answered = format!("{owner} or {{shapes}} and {OWNER_CANNOT_ANSWER}");
    FieldKind::Allowed(vec![
        editor(Permission::ActionUpdate, Step::Update),
        editor(Permission::ActionReassign, Step::Reassign),
        by(Permission::ActionAccept, Step::Accept).only(&*answered),
        by(Permission::ActionDecline, Step::Decline).only(&*answered),
        editor(Permission::ActionComplete, Step::Complete),
        editor(Permission::ActionReopen, Step::Reopen).only(is_reopenable()),
        editor(Permission::ActionCancel, Step::Cancel),
        editor(Permission::ActionRedate, Step::Redate),
        Allowed::by(Permission::ActionCheckIn)
            .in_status(|status| require_action_at_work(status).is_ok())
            .only(reported_by("owner_id")),
        Allowed::by(Permission::ActionCommentCreate),
    ])
    .into()
}
