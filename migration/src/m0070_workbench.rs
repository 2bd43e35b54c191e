//! The workbench: indexes in the default orders of lists over everything in reach, and all that waits for someone as one
//! list. `work_item` has the work that members own; `work_waiting` adds what waits for participants of a team and for its
//! facilitators. Which of it waits for the reader is said where it is read: views know neither reader nor clock.

use crate::{Step, rls};

pub const STEP: Step = Step {
    module: module_path!(),
    sql: "
create index session_by_network on session (network_id, starts_at, id)
;;
create index action_by_network on action (network_id, due_on, id)
;;
create index priority_by_network on priority (network_id, due_on, id)
;;
create index decision_by_network on decision (network_id, proposed_at, id)
;;
create index obstacle_by_network on obstacle (network_id, raised_at, id)
;;
create index review_by_network on review (network_id, due_at, id)
;;
create index alignment_round_by_network on alignment_round (network_id, opened_at, id) where revote_of_id is null
;;
create index decision_read_back_waiting on decision_read_back (client_id) where status = 'waiting'
;;
create index strategy_read_back_waiting on strategy_read_back (client_id) where status = 'waiting'",
    more: || vec![rls::view("work_waiting", &waiting())],
    ..Step::EMPTY
};

/// What may wait: its kind, whom or what for, its column, the table with its alias `x`, the owner, the title with its fold, the
/// wording, the day by which it is sorted, the instant since when it waits, and which rows do.
struct Waiting {
    kind: &'static str,
    waits_for: &'static str,
    column: &'static str,
    id: &'static str,
    rows: &'static str,
    owner: &'static str,
    title: (&'static str, &'static str),
    wording: &'static str,
    day: &'static str,
    since: &'static str,
    only: &'static str,
}

const ITEM: Waiting = Waiting {
    kind: "",
    waits_for: "stance",
    column: "decision_id",
    id: "x.id",
    rows: "",
    owner: "{null id}",
    title: ("x.title", "x.title_folded"),
    wording: "0",
    day: "{day x.proposed_at}",
    since: "x.proposed_at",
    only: "x.status = 'proposed'",
};
/// Of signals, the work that drifts.
const DRIFTING: &str = "drift_signal x left join action a on a.id = x.action_id left join priority p on p.id = x.priority_id \
                        left join alignment_round r on r.id = x.alignment_round_id join team t on t.id = x.team_id";
const DRIFT: Waiting = Waiting {
    kind: "drift_signal",
    column: "drift_signal_id",
    rows: DRIFTING,
    owner: "coalesce(a.owner_id, p.owner_id)",
    title: (
        "coalesce(a.title, p.title, r.title, t.name)",
        "coalesce(a.title_folded, p.title_folded, r.title_folded, t.name_folded)",
    ),
    day: "{day x.raised_at}",
    since: "x.raised_at",
    only: "x.status in ('open', 'acknowledged')",
    ..ITEM
};
const VERSION: Waiting = Waiting {
    column: "strategy_version_id",
    title: ("x.title", "{null word}"),
    rows: "strategy_version x",
    ..ITEM
};

/// What is in force is read back.
const READ_BACK: Waiting = Waiting {
    kind: "read_back",
    waits_for: "read_back",
    rows: "decision x",
    day: "{day x.ratified_at}",
    since: "x.ratified_at",
    only: "x.status = 'ratified'",
    ..ITEM
};
const TO_JUDGE: Waiting = Waiting {
    kind: "read_back_to_judge",
    waits_for: "facilitator",
    rows: "decision_read_back x join decision d on d.id = x.decision_id",
    id: "x.decision_id",
    title: ("d.title", "d.title_folded"),
    day: "{day x.written_at}",
    since: "x.written_at",
    only: "x.status = 'waiting'",
    ..ITEM
};

const ALL: [Waiting; 12] = [
    Waiting { kind: "stance", rows: "decision x", wording: "x.wording", ..ITEM },
    Waiting { kind: "stance", wording: "x.wording", ..VERSION },
    READ_BACK,
    Waiting {
        column: "strategy_version_id",
        rows: "strategy_version x",
        title: ("x.title", "{null word}"),
        ..READ_BACK
    },
    Waiting {
        kind: "alignment_round",
        waits_for: "answer",
        column: "alignment_round_id",
        rows: "alignment_round x",
        day: "coalesce(x.closes_on, {day x.opened_at})",
        since: "x.opened_at",
        only: "x.status = 'open'",
        ..ITEM
    },
    Waiting {
        waits_for: "owner",
        only: "x.status in ('open', 'acknowledged') and coalesce(a.owner_id, p.owner_id) is not null",
        ..DRIFT
    },
    Waiting { waits_for: "facilitator", owner: "{null id}", ..DRIFT },
    Waiting { kind: "ratification", waits_for: "facilitator", rows: "decision x", ..ITEM },
    Waiting { kind: "ratification", waits_for: "facilitator", ..VERSION },
    TO_JUDGE,
    Waiting {
        column: "strategy_version_id",
        rows: "strategy_read_back x join strategy_version d on d.id = x.strategy_version_id",
        id: "x.strategy_version_id",
        title: ("d.title", "{null word}"),
        ..TO_JUDGE
    },
    Waiting {
        kind: "cycle",
        waits_for: "closing",
        column: "cycle_id",
        rows: "cycle x",
        title: ("x.label", "x.label_folded"),
        day: "x.ends_on",
        since: "x.created_at",
        only: "x.status in ('open', 'locked')",
        ..ITEM
    },
];

/// The columns that lead to an object, beside those of `work_item`.
const COLUMNS: [&str; 5] =
    ["decision_id", "strategy_version_id", "alignment_round_id", "cycle_id", "drift_signal_id"];

fn waiting() -> String {
    let nothing = COLUMNS.map(|column| format!("{{null id}} as {column}")).join(", ");
    let owned = format!(
        "select w.id, w.network_id, w.client_id, w.team_id, w.kind, 'owner' as waits_for, w.action_id, w.priority_id, w.owner_id, \
         w.title, w.status, w.due_on, w.due_at, 0 as wording, {{null instant}} as since, w.title_folded, {nothing} \
         from work_item w"
    );
    let others = ALL.iter().map(|item| {
        let columns = COLUMNS.map(|column| match column == item.column {
            true => format!("{} as {column}", item.id),
            false => format!("{{null id}} as {column}"),
        });
        let Waiting { kind, waits_for, rows, owner, title: (title, folded), wording, day, since, only, .. } = item;
        format!(
            "select x.id, x.network_id, x.client_id, x.team_id, '{kind}' as kind, '{waits_for}' as waits_for, {{null id}} as action_id, \
             {{null id}} as priority_id, {owner} as owner_id, {title} as title, x.status, {day} as due_on, \
             {{null instant}} as due_at, {wording} as wording, {since} as since, {folded} as title_folded, {} \
             from {rows} where {only}",
            columns.join(", ")
        )
    });
    std::iter::once(owned).chain(others).collect::<Vec<_>>().join("\nunion all\n")
}
