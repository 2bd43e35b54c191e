//! What the caller may do with a drift signal now.

use super::rules::{Step, next_status};
use crate::kernel::{
    access::{Allowed, Permission},
    read::shape::{Field, FieldKind},
};
use entity::drift_signal::DriftStatus;

/// Whether the caller shapes the team's work, or owns the action or the priority that the signal is about.
const ANSWERS: &str = "{shapes} or exists (select 1 from member m where m.person_id = {me} and m.id = coalesce(\
                       (select a.owner_id from action a where a.id = {t}.action_id), \
                       (select p.owner_id from priority p where p.id = {t}.priority_id)))";

pub fn field() -> Field {
    let by = |permission, step| {
        Allowed::by(permission).in_status(|status: DriftStatus| next_status(status, step).is_ok())
    };
    FieldKind::Allowed(vec![
        by(Permission::DriftAcknowledge, Step::Acknowledge),
        by(Permission::DriftExplain, Step::Explain).only(ANSWERS),
        by(Permission::DriftReplan, Step::Replan).only(ANSWERS),
        by(Permission::DriftDiscuss, Step::Discuss).only(ANSWERS),
        by(Permission::DriftAccept, Step::Accept).only(ANSWERS),
    ])
    .into()
}
