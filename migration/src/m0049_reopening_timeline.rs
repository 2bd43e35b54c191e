//! The timeline with reopenings: everything that `timeline_item` has but the milestones that a carried priority brought along,
//! which were reached before; and for each reopening the end that was taken back, and that it was taken back.

use crate::{Step, rls};

pub const STEP: Step =
    Step { module: module_path!(), more: || vec![rls::view("timeline_work", &events())], ..Step::EMPTY };

/// What can be reopened: its column, its table, its title, the end that is taken back where ends are on the timeline, and
/// the reopening.
const KINDS: [(&str, &str, &str, Option<&str>, &str); 3] = [
    ("action_id", "action", "title", Some("action_done"), "action_reopened"),
    ("priority_id", "priority", "title", Some("priority_achieved"), "priority_reopened"),
    ("cycle_id", "cycle", "label", None, "cycle_reopened"),
];

fn events() -> String {
    let items = "select i.* from timeline_item i where i.kind <> 'milestone_reached' or not exists (select 1 \
        from milestone m where m.id = i.id and m.carried_from_id is not null and m.done_at < m.created_at)";
    let reopened = KINDS.into_iter().flat_map(|(column, table, title, ended, reopened)| {
        let rows = format!("reopening x join {table} s on s.id = x.{column}");
        let item = |kind: &str, at: &str, note: &str| {
            let subject = |name: &str| match name == column {
                true => format!("x.{name} as {name}"),
                false => format!("{{null id}} as {name}"),
            };
            format!(
                "select x.id, x.network_id, x.client_id, x.team_id, '{kind}' as kind, x.{at} as at, s.{title} as title, \
                 {note} as note, {{null id}} as programme_id, {{null id}} as stage_run_id, {}, {}, \
                 {{null id}} as decision_id, {{null id}} as obstacle_id, {{null id}} as session_id, \
                 {{null id}} as alignment_round_id, {{null id}} as review_id, {{null id}} as drift_signal_id, \
                 {{null id}} as member_id from {rows}",
                subject("priority_id"),
                subject("action_id"),
            )
        };
        let ended = ended.map(|ended| item(ended, "ended_at", "{null text}"));
        ended.into_iter().chain([item(reopened, "at", "x.reason")])
    });
    std::iter::once(items.to_owned()).chain(reopened).collect::<Vec<_>>().join("\nunion all\n")
}
