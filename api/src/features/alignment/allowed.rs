//! What the caller may do with an alignment round now.

use super::rules::{Step, next_status};
use crate::{
    features::team::allowed::MEMBER,
    kernel::{
        access::{Allowed, Permission},
        read::shape::{Field, FieldKind},
    },
};
use entity::alignment_round::AlignmentStatus;

const LAST_DAY_NOT_OVER: &str = "{t}.closes_at is null or {t}.closes_at > {now}";
const ANSWERED: &str =
    "exists (select 1 from alignment_response r where r.round_id = {t}.id and r.person_id = {me})";

pub fn field() -> Field {
    let by = |permission, step| {
        Allowed::by(permission).in_status(|status: AlignmentStatus| next_status(status, step).is_ok())
    };
    FieldKind::Allowed(vec![
        by(Permission::AlignmentRoundAnswer, Step::Answer).only(LAST_DAY_NOT_OVER).only(MEMBER),
        by(Permission::AlignmentConsentWithdraw, Step::Answer).only(ANSWERED),
        by(Permission::AlignmentRoundSeal, Step::Seal),
        by(Permission::AlignmentRoundReveal, Step::Reveal),
    ])
    .into()
}
