//! What the caller may do with an obstacle now.

use super::rules::{Step, next_status};
use crate::{
    features::team::allowed::edited_by,
    kernel::{
        access::{Allowed, Permission},
        read::shape::{Field, FieldKind},
    },
};
use entity::obstacle::ObstacleStatus;

pub fn field() -> Field {
    let by = |permission, step| {
        Allowed::by(permission).in_status(|status: ObstacleStatus| next_status(status, step, None).is_ok())
    };
    FieldKind::Allowed(vec![
        by(Permission::ObstacleUpdate, Step::Update).only(edited_by("raised_by_id")),
        by(Permission::ObstacleDiscuss, Step::Discuss),
        by(Permission::ObstaclePrioritise, Step::Prioritise),
        by(Permission::ObstacleResolve, Step::Resolve),
        by(Permission::ObstaclePark, Step::Park),
        by(Permission::ObstacleEscalate, Step::Escalate),
        by(Permission::ObstacleResume, Step::Resume),
    ])
    .into()
}
