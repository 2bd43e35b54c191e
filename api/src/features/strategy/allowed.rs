//! What the caller may do with a section of a strategy and with a version of it now.

use super::rules::{Step, next_status};
use crate::{
    features::{ratification::allowed::is_restatable, team::allowed::MEMBER},
    kernel::{
        access::{Allowed, Permission},
        read::shape::{Field, FieldKind},
    },
};
use entity::strategy_version::StrategyStatus;

/// What is proposed is taken back before it is drafted anew.
const NOTHING_PROPOSED: &str = "not exists (select 1 from strategy_version v \
                                where v.strategy_section_id = {t}.id and v.status = {StrategyStatus::Proposed})";

pub fn of_section() -> Field {
    FieldKind::Allowed(vec![
        Allowed::by(Permission::StrategyDraft).only(NOTHING_PROPOSED),
        Allowed::by(Permission::StrategyShare),
    ])
    .into()
}

pub fn of_version() -> Field {
    let by = |permission, step| {
        Allowed::by(permission).in_status(|status: StrategyStatus| next_status(status, step).is_ok())
    };
    FieldKind::Allowed(vec![
        by(Permission::StrategyPropose, Step::Propose),
        by(Permission::StrategyRevise, Step::Revise),
        by(Permission::StrategyStance, Step::Stance).only(MEMBER),
        by(Permission::StrategyRatify, Step::Ratify),
        by(Permission::StrategyReadBack, Step::ReadBack)
            .only(MEMBER)
            .only(is_restatable("strategy_restatement", "strategy_version_id")),
    ])
    .into()
}
