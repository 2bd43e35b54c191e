//! What the caller may do with a stage now.

use super::rules::{Step, next_status};
use crate::kernel::{
    access::{Allowed, Permission},
    read::shape::{Field, FieldKind},
};
use entity::{programme::ProgrammeStatus, stage_run::StageStatus};

const PROGRAMME_ACTIVE: &str = "exists (select 1 from programme p where p.id = {t}.programme_id and p.status = {ProgrammeStatus::Active})";
const NO_EARLIER_STAGE_OPEN: &str = "not exists (select 1 from stage_run o where o.programme_id = {t}.programme_id \
                                     and o.status = {StageStatus::Open} and o.position < {t}.position)";

pub fn field() -> Field {
    let by = |permission, step| {
        let accepts = |status: StageStatus| next_status(status, ProgrammeStatus::Active, step).is_ok();
        Allowed::by(permission).in_status(accepts).only(PROGRAMME_ACTIVE)
    };
    FieldKind::Allowed(vec![
        by(Permission::StageConfirm, Step::Confirm),
        by(Permission::StagePass, Step::Pass),
        by(Permission::StageReopen, Step::Reopen).only(NO_EARLIER_STAGE_OPEN),
    ])
    .into()
}
