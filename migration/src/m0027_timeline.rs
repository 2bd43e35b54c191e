//! What happened at a client, as one list. It is a view of the objects themselves: it lacks nothing, and loses what is
//! erased.

use crate::{Step, rls};

pub const STEP: Step =
    Step { module: module_path!(), more: || vec![rls::view("timeline_item", &events())], ..Step::EMPTY };

fn events() -> String {
    KINDS.iter().map(select).collect::<Vec<_>>().join("\nunion all\n")
}

/// The things that an item can be about: a column each.
const SUBJECTS: [&str; 11] = [
    "programme_id",
    "stage_run_id",
    "priority_id",
    "action_id",
    "decision_id",
    "obstacle_id",
    "session_id",
    "alignment_round_id",
    "review_id",
    "drift_signal_id",
    "member_id",
];

/// A kind of event: its kind, when it was, its title, the words, what it is about, and where its rows are. `x` is
/// the row that has the tenant.
type Kind = (
    &'static str,
    &'static str,
    &'static str,
    &'static str,
    &'static [(&'static str, &'static str)],
    &'static str,
);

const KINDS: &[Kind] = &[
    (
        "'programme_started'",
        "x.started_at",
        "x.name",
        NONE,
        &[("programme_id", "x.id")],
        "programme x where x.started_at is not null",
    ),
    (
        "'programme_' || x.status",
        "x.ended_at",
        "x.name",
        "x.reason",
        &[("programme_id", "x.id")],
        "programme x where x.ended_at is not null",
    ),
    (
        "'stage_' || x.kind",
        "x.at",
        "s.title",
        "x.reason",
        &[("stage_run_id", "x.stage_run_id")],
        "stage_event x join stage_run s on s.id = x.stage_run_id",
    ),
    (
        "'priority_committed'",
        "x.committed_at",
        "x.title",
        NONE,
        &[("priority_id", "x.id")],
        "priority x where x.committed_at is not null",
    ),
    (
        "'priority_' || x.status",
        "x.closed_at",
        "x.title",
        "x.reason",
        &[("priority_id", "x.id")],
        "priority x where x.closed_at is not null",
    ),
    (
        "'milestone_reached'",
        "x.done_at",
        "x.title",
        NONE,
        &[("priority_id", "x.priority_id")],
        "milestone x where x.done_at is not null and x.removed_at is null",
    ),
    ("'action_offered'", "x.offered_at", "x.title", NONE, &[("action_id", "x.id")], "action x"),
    (
        "'action_accepted'",
        "x.accepted_at",
        "x.title",
        NONE,
        &[("action_id", "x.id")],
        "action x where x.accepted_at is not null",
    ),
    (
        "'action_' || x.status",
        "x.closed_at",
        "x.title",
        "x.reason",
        &[("action_id", "x.id")],
        "action x where x.closed_at is not null",
    ),
    (
        "'action_moved'",
        "x.at",
        "a.title",
        "x.reason",
        &[("action_id", "x.action_id")],
        "action_move x join action a on a.id = x.action_id",
    ),
    (
        "'action_commented'",
        "x.at",
        "a.title",
        "x.text",
        &[("action_id", "x.action_id")],
        "action_comment x join action a on a.id = x.action_id where x.withdrawn_at is null",
    ),
    (
        "'checked_in'",
        "x.at",
        "coalesce(a.title, p.title)",
        "x.comment",
        &[("action_id", "x.action_id"), ("priority_id", "x.priority_id")],
        "check_in x left join action a on a.id = x.action_id left join priority p on p.id = x.priority_id where x.replaced_at is null",
    ),
    (
        "'decision_' || x.kind",
        "x.at",
        "d.title",
        "x.reason",
        &[("decision_id", "x.decision_id")],
        "decision_event x join decision d on d.id = x.decision_id",
    ),
    (
        "'decision_attested'",
        "x.at",
        "d.title",
        "x.audience",
        &[("decision_id", "x.decision_id"), ("member_id", "x.member_id")],
        "decision_attestation x join decision d on d.id = x.decision_id",
    ),
    (
        "'obstacle_' || x.kind",
        "x.at",
        "o.title",
        "x.note",
        &[("obstacle_id", "x.obstacle_id")],
        "obstacle_event x join obstacle o on o.id = x.obstacle_id",
    ),
    (
        "'session_' || x.status",
        "coalesce(x.closed_at, x.starts_at)",
        "x.title",
        "coalesce(x.reason, x.summary)",
        &[("session_id", "x.id")],
        "session x where x.status in ('held', 'missed', 'cancelled')",
    ),
    (
        "'round_opened'",
        "x.opened_at",
        "x.title",
        NONE,
        &[("alignment_round_id", "x.id")],
        "alignment_round x",
    ),
    (
        "'round_revealed'",
        "x.revealed_at",
        "x.title",
        NONE,
        &[("alignment_round_id", "x.id")],
        "alignment_round x where x.revealed_at is not null",
    ),
    (
        "'review_' || x.status",
        "coalesce(x.held_at, x.closes_at)",
        "''",
        NONE,
        &[("review_id", "x.id"), ("session_id", "x.session_id")],
        "review x where x.status in ('met', 'late', 'missed')",
    ),
    ("'drift_raised'", "x.raised_at", "coalesce(a.title, p.title, '')", NONE, DRIFT, DRIFTING),
    ("'drift_' || x.status", "x.ended_at", "coalesce(a.title, p.title, '')", "x.note", DRIFT, DRIFT_ENDED),
    ("'member_joined'", "x.created_at", "x.name", NONE, &[("member_id", "x.id")], "member x"),
    (
        "'member_left'",
        "x.removed_at",
        "x.name",
        NONE,
        &[("member_id", "x.id")],
        "member x where x.removed_at is not null",
    ),
    (
        "'programme_paused'",
        "x.starts_at",
        "p.name",
        NONE,
        &[("programme_id", "x.programme_id")],
        "programme_pause x join programme p on p.id = x.programme_id",
    ),
    // a pause that its programme ended in was not followed by work
    (
        "'programme_resumed'",
        "x.ends_at",
        "p.name",
        NONE,
        &[("programme_id", "x.programme_id")],
        "programme_pause x join programme p on p.id = x.programme_id \
         where x.ends_at is not null and (p.ended_at is null or x.ends_at < p.ended_at)",
    ),
];

const NONE: &str = "{null text}";
const DRIFT: &[(&str, &str)] =
    &[("drift_signal_id", "x.id"), ("action_id", "x.action_id"), ("priority_id", "x.priority_id")];
const DRIFTING: &str =
    "drift_signal x left join action a on a.id = x.action_id left join priority p on p.id = x.priority_id";
const DRIFT_ENDED: &str = "drift_signal x left join action a on a.id = x.action_id \
    left join priority p on p.id = x.priority_id where x.ended_at is not null";

fn select((kind, at, title, note, about, rows): &Kind) -> String {
    let subjects = SUBJECTS.map(|column| match about.iter().find(|(subject, _)| *subject == column) {
        Some((_, from)) => format!("{from} as {column}"),
        None => format!("{{null id}} as {column}"),
    });
    format!(
        "select x.id, x.network_id, x.client_id, x.team_id, {kind} as kind, {at} as at, {title} as title, \
         {note} as note, {} from {rows}",
        subjects.join(", ")
    )
}
