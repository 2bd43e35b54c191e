//! What the caller may do with a decision now.

use super::rules::{Step, next_status};
use crate::{
    features::{
        ratification::allowed::is_restatable,
        read_back::rules::require_ratified,
        team::allowed::{MEMBER, edited_by},
    },
    kernel::{
        access::{Allowed, Permission},
        read::shape::{Field, FieldKind},
    },
};
use entity::decision::DecisionStatus;

const WITHOUT_HEIR: &str = "not exists (select 1 from decision h where h.supersedes_id = {t}.id \
                            and h.team_id = {t}.team_id and h.status = {DecisionStatus::Proposed})";

pub fn field() -> Field {
    let by = |permission, step| {
        Allowed::by(permission).in_status(|status: DecisionStatus| next_status(status, step).is_ok())
    };
    let in_force = |permission| {
        Allowed::by(permission)
            .in_status(|status: DecisionStatus| require_ratified(status).is_ok())
            .only(MEMBER)
    };
    FieldKind::Allowed(vec![
        by(Permission::DecisionUpdate, Step::Update).only(edited_by("owner_id")),
        by(Permission::DecisionStance, Step::Stance).only(MEMBER),
        by(Permission::DecisionRatify, Step::Ratify),
        by(Permission::DecisionRevoke, Step::Revoke),
        by(Permission::DecisionReopen, Step::Reopen).only(WITHOUT_HEIR),
        in_force(Permission::DecisionReadBack).only(is_restatable("decision_restatement", "decision_id")),
        in_force(Permission::DecisionAttest),
    ])
    .into()
}
