//! What the caller may do with a priority now.

use super::rules::{Step, next_status};
use crate::{
    features::{
        check_in::rules::require_priority_at_work,
        reopening::allowed::is_reopenable,
        team::allowed::{edited_by, reported_by},
    },
    kernel::{
        access::{Allowed, Permission},
        read::shape::{Field, FieldKind},
    },
};
use entity::priority::PriorityStatus;

const CYCLE_NOT_CLOSED: &str =
    "exists (select 1 from cycle c where c.id = {t}.cycle_id and c.status <> {CycleStatus::Closed})";
const IN_CONFLICT: &str =
    "exists (select 1 from priority_conflict c where c.priority_id = {t}.id and c.withdrawn_at is null)";

pub fn field() -> Field {
    let by = |permission, step| {
        Allowed::by(permission).in_status(|status: PriorityStatus| next_status(status, step).is_ok())
    };
    let editor = |permission, step| by(permission, step).only(edited_by("owner_id"));
    FieldKind::Allowed(vec![
        editor(Permission::PriorityUpdate, Step::Update),
        by(Permission::PriorityRank, Step::Rank),
        by(Permission::PriorityCommit, Step::Commit),
        editor(Permission::PriorityAchieve, Step::Achieve),
        editor(Permission::PriorityMiss, Step::Miss),
        editor(Permission::PriorityReopen, Step::Reopen).only(CYCLE_NOT_CLOSED).only(is_reopenable()),
        by(Permission::PriorityDrop, Step::Drop),
        by(Permission::PriorityConflictDeclare, Step::Update),
        Allowed::by(Permission::PriorityConflictWithdraw).only(IN_CONFLICT),
        editor(Permission::MilestoneCreate, Step::Update),
        editor(Permission::MilestonesCreate, Step::Update),
        editor(Permission::MeasurableCreate, Step::Update),
        Allowed::by(Permission::PriorityCheckIn)
            .in_status(|status| require_priority_at_work(status).is_ok())
            .only(reported_by("owner_id")),
    ])
    .into()
}
