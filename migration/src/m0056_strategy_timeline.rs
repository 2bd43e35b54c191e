//! The timeline with what happened to strategies: everything that `timeline_work` has, and when a version of a section
//! was proposed and ratified.

use crate::{Step, rls};

pub const STEP: Step =
    Step { module: module_path!(), more: || vec![rls::view("timeline_event", EVENTS)], ..Step::EMPTY };

const EVENTS: &str = "select i.id, i.network_id, i.client_id, i.team_id, i.kind, i.at, i.title, i.note, \
    i.programme_id, i.stage_run_id, i.priority_id, i.action_id, i.decision_id, i.obstacle_id, i.session_id, \
    i.alignment_round_id, i.review_id, i.drift_signal_id, i.member_id, {null id} as strategy_version_id \
from timeline_work i \
union all \
select x.id, x.network_id, x.client_id, x.team_id, 'strategy_proposed' as kind, x.proposed_at as at, x.title, \
    {null text} as note, {null id} as programme_id, {null id} as stage_run_id, {null id} as priority_id, \
    {null id} as action_id, {null id} as decision_id, {null id} as obstacle_id, {null id} as session_id, \
    {null id} as alignment_round_id, {null id} as review_id, {null id} as drift_signal_id, \
    {null id} as member_id, x.id as strategy_version_id \
from strategy_version x where x.proposed_at is not null \
union all \
select x.id, x.network_id, x.client_id, x.team_id, 'strategy_ratified' as kind, x.ratified_at as at, x.title, \
    {null text} as note, {null id} as programme_id, {null id} as stage_run_id, {null id} as priority_id, \
    {null id} as action_id, {null id} as decision_id, {null id} as obstacle_id, {null id} as session_id, \
    {null id} as alignment_round_id, {null id} as review_id, {null id} as drift_signal_id, \
    {null id} as member_id, x.id as strategy_version_id \
from strategy_version x where x.ratified_at is not null";
