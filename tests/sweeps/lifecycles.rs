//! The life of every noun as a table: in which of its states each mutation is allowed, and that it is refused in all
//! others. Each is tried through the API on an object in that state. A new state or a new mutation fails here until
//! somebody says what becomes of it.

mod organisation;

use crate::{
    kit::{Persona, document, fixtures::Fixtures, sdl},
    scenario,
    sweeps::{
        access::{became, permission, role},
        allowed, mutation_inputs,
    },
};
use entity::{
    action::ActionStatus, agenda_item::AgendaItemStatus, alignment_round::AlignmentStatus,
    cycle::CycleStatus, decision::DecisionStatus, decision_restatement::ReadBackStatus,
    dot_vote::DotVoteStatus, drift_signal::DriftStatus, obstacle::ObstacleStatus,
    parked_topic::ParkedTopicStatus, priority::PriorityStatus, programme::ProgrammeStatus,
    review::ReviewStatus, session::SessionStatus, session_series::SeriesStatus, split_id,
    stage_run::StageStatus, strategy_version::StrategyStatus, template_version::TemplateStatus,
};
use sea_orm::{ActiveEnum, ConnectionTrait, DatabaseConnection, DbBackend, Iterable, Statement};
use serde_json::json;
use std::collections::BTreeSet;

/// A state: its name, and how a row is brought into it.
type State = (String, String);

/// A noun's life.
struct Life {
    table: &'static str,
    states: Vec<State>,
    /// Each mutation, and the states in which it is allowed. In all others it is refused as WRONG_STATE.
    allowed: &'static [(&'static str, &'static [&'static str])],
    /// Whether its fixtures are of the cast, and so are brought back.
    shared: bool,
}

/// The states of a closed set of values.
fn closed<S: ActiveEnum<Value = String> + Iterable>() -> Vec<State> {
    S::iter().map(|state| (state.to_value(), format!("status = '{}'", state.to_value()))).collect()
}

/// States that follow from dates. `{now}` is the moment, `{later}` a day that is to come.
fn dated(states: &[(&str, &str)]) -> Vec<State> {
    let spell = |sql: &str| {
        sql.replace("{now}", "'2026-03-02T09:00:00+00:00'").replace("{later}", "'2026-03-20T09:00:00+00:00'")
    };
    states.iter().map(|(name, sql)| ((*name).to_owned(), spell(sql))).collect()
}

fn life(
    table: &'static str,
    states: Vec<State>,
    allowed: &'static [(&'static str, &'static [&'static str])],
) -> Life {
    Life { table, states, allowed, shared: false }
}

/// What the team works on.
#[expect(clippy::too_many_lines, reason = "a table")]
fn work() -> Vec<Life> {
    vec![
        life(
            "action",
            closed::<ActionStatus>(),
            &[
                ("actionUpdate", &["offered", "accepted"]),
                ("actionReassign", &["offered", "accepted", "declined"]),
                ("actionAccept", &["offered"]),
                ("actionDecline", &["offered"]),
                ("actionComplete", &["accepted"]),
                ("actionReopen", &["done"]),
                ("actionCancel", &["offered", "accepted"]),
                ("actionRedate", &["offered", "accepted"]),
                ("actionCheckIn", &["accepted"]),
            ],
        ),
        life(
            "priority",
            closed::<PriorityStatus>(),
            &[
                ("priorityUpdate", &["proposed", "committed"]),
                ("priorityRank", &["proposed", "committed"]),
                ("priorityCommit", &["proposed"]),
                ("priorityAchieve", &["committed"]),
                ("priorityMiss", &["committed"]),
                ("priorityReopen", &["achieved"]),
                ("priorityDrop", &["proposed", "committed"]),
                ("priorityCheckIn", &["committed"]),
                ("priorityConflictDeclare", &["proposed", "committed"]),
                // what is over is in no conflict that would have to be told apart
                ("priorityConflictWithdraw", &["proposed", "committed", "achieved", "missed", "dropped"]),
            ],
        ),
        life(
            "cycle",
            closed::<CycleStatus>(),
            &[
                ("cycleUpdate", &["planned", "open"]),
                ("cycleRemove", &["planned", "open"]),
                ("cycleOpen", &["planned"]),
                ("cycleCommit", &["planned", "open"]),
                ("cycleClose", &["locked"]),
                ("cycleReopen", &["closed"]),
            ],
        ),
        life(
            "target",
            dated(&[("kept", "removed_at = null"), ("removed", "removed_at = {now}")]),
            &[("targetUpdate", &["kept"]), ("targetRemove", &["kept"])],
        ),
        life(
            "milestone",
            dated(&[
                ("ahead", "done_at = null, removed_at = null"),
                ("done", "done_at = {now}, removed_at = null"),
                ("removed", "removed_at = {now}"),
            ]),
            &[
                ("milestoneUpdate", &["ahead"]),
                ("milestoneComplete", &["ahead"]),
                ("milestoneReopen", &["done"]),
                ("milestoneRemove", &["ahead", "done"]),
            ],
        ),
        life(
            "measurable",
            dated(&[("taken", "removed_at = null"), ("removed", "removed_at = {now}")]),
            &[
                ("measurableUpdate", &["taken"]),
                ("measurableRecord", &["taken"]),
                ("measurableRemove", &["taken"]),
            ],
        ),
        life(
            "seat",
            dated(&[("there", "removed_at = null"), ("removed", "removed_at = {now}")]),
            &[("seatUpdate", &["there"]), ("seatRemove", &["there"])],
        ),
        life(
            "action_comment",
            dated(&[("said", "withdrawn_at = null"), ("withdrawn", "withdrawn_at = {now}")]),
            &[("actionCommentUpdate", &["said"]), ("actionCommentWithdraw", &["said"])],
        ),
        life(
            "obstacle",
            closed::<ObstacleStatus>(),
            &[
                ("obstacleUpdate", &["raised", "prioritised", "escalated"]),
                ("obstacleDiscuss", &["raised", "prioritised", "escalated"]),
                ("obstaclePrioritise", &["raised"]),
                ("obstacleResolve", &["raised", "prioritised", "escalated"]),
                ("obstaclePark", &["raised", "prioritised"]),
                ("obstacleEscalate", &["raised", "prioritised"]),
                ("obstacleResume", &["parked", "escalated"]),
            ],
        ),
    ]
}

/// What the team meets for, and what is kept of it.
fn rhythm() -> Vec<Life> {
    vec![
        life(
            "session",
            closed::<SessionStatus>(),
            &[
                ("sessionUpdate", &["scheduled"]),
                ("sessionStart", &["scheduled"]),
                ("sessionAttend", &["in_progress"]),
                ("sessionClose", &["in_progress"]),
                ("sessionCancel", &["scheduled", "in_progress"]),
            ],
        ),
        life(
            "session_series",
            closed::<SeriesStatus>(),
            &[("sessionSeriesUpdate", &["active"]), ("sessionSeriesEnd", &["active"])],
        ),
        life(
            "agenda_item",
            closed::<AgendaItemStatus>(),
            &[
                ("agendaItemUpdate", &["open"]),
                ("agendaItemMove", &["open", "done", "dropped"]),
                ("agendaItemDiscuss", &["open"]),
                ("agendaItemExtend", &["open"]),
                ("agendaItemComplete", &["open"]),
                ("agendaItemDrop", &["open"]),
            ],
        ),
        life(
            "parked_topic",
            closed::<ParkedTopicStatus>(),
            &[
                ("parkedTopicSchedule", &["parked"]),
                ("parkedTopicRaise", &["parked"]),
                ("parkedTopicAssign", &["parked"]),
                ("parkedTopicDrop", &["parked"]),
            ],
        ),
        life(
            "dot_vote",
            closed::<DotVoteStatus>(),
            &[("dotVoteCast", &["open"]), ("dotVoteClose", &["open"])],
        ),
        life(
            "pre_work_prompt",
            dated(&[("sealed", "unsealed_at = null"), ("unsealed", "unsealed_at = {now}")]),
            &[("preWorkPromptUpdate", &["sealed"]), ("preWorkAnswer", &["sealed"])],
        ),
        life(
            "recap_addendum",
            dated(&[("waiting", "confirmed_at = null"), ("confirmed", "confirmed_at = {now}")]),
            &[("recapAddendumConfirm", &["waiting"])],
        ),
    ]
}

/// What the team agrees on, and how others see that it is kept.
fn agreements() -> Vec<Life> {
    vec![
        life(
            "decision",
            closed::<DecisionStatus>(),
            &[
                ("decisionUpdate", &["proposed"]),
                ("decisionStance", &["proposed"]),
                ("decisionRatify", &["proposed"]),
                ("decisionRevoke", &["proposed", "ratified"]),
                ("decisionReopen", &["ratified"]),
                ("decisionReadBack", &["ratified"]),
                ("decisionAttest", &["ratified"]),
            ],
        ),
        life(
            "strategy_version",
            closed::<StrategyStatus>(),
            &[
                ("strategyPropose", &["draft"]),
                ("strategyRevise", &["proposed"]),
                ("strategyStance", &["proposed"]),
                ("strategyRatify", &["proposed"]),
                ("strategyReadBack", &["ratified"]),
            ],
        ),
        life("strategy_read_back", closed::<ReadBackStatus>(), &[("strategyReadBackJudge", &["waiting"])]),
        life("decision_read_back", closed::<ReadBackStatus>(), &[("decisionReadBackJudge", &["waiting"])]),
        life(
            "alignment_round",
            closed::<AlignmentStatus>(),
            &[
                ("alignmentRoundAnswer", &["open"]),
                ("alignmentConsentWithdraw", &["open"]),
                ("alignmentRoundSeal", &["open"]),
                ("alignmentRoundReveal", &["sealed"]),
            ],
        ),
        life("review", closed::<ReviewStatus>(), &[("reviewHold", &["due", "missed", "excused"])]),
        life(
            "review_cadence",
            dated(&[("running", "ended_at = null"), ("ended", "ended_at = {now}")]),
            &[("reviewCadenceEnd", &["running"])],
        ),
        life(
            "drift_signal",
            closed::<DriftStatus>(),
            &[
                ("driftAcknowledge", &["open"]),
                ("driftExplain", &["open", "acknowledged"]),
                ("driftReplan", &["open", "acknowledged", "explained"]),
                ("driftDiscuss", &["open", "acknowledged", "explained"]),
                ("driftAccept", &["open", "acknowledged", "explained"]),
            ],
        ),
    ]
}

/// What is run, and by what.
fn programmes() -> Vec<Life> {
    vec![
        life(
            "programme",
            closed::<ProgrammeStatus>(),
            &[
                ("programmeStart", &["planned"]),
                ("programmePause", &["active"]),
                ("programmeResume", &["paused"]),
                ("programmeComplete", &["active"]),
                ("programmeTerminate", &["planned", "active", "paused"]),
                ("programmeMove", &["planned", "active", "paused"]),
            ],
        ),
        life(
            "stage_run",
            closed::<StageStatus>(),
            &[("stageConfirm", &["open"]), ("stagePass", &["open"]), ("stageReopen", &["passed"])],
        ),
        life(
            "template_version",
            closed::<TemplateStatus>(),
            &[
                ("templateStagesSet", &["draft"]),
                ("templateQuestionnaireSet", &["draft"]),
                ("templateResourcesSet", &["draft"]),
                ("templateDraftImport", &["draft"]),
                ("templatePublish", &["draft"]),
                ("templateRetire", &["published"]),
            ],
        ),
    ]
}

fn lives() -> Vec<Life> {
    [work(), rhythm(), agreements(), programmes(), organisation::organisation()]
        .into_iter()
        .flatten()
        .collect()
}

/// Mutations on what has no states, and those that make something: other scenarios tell of them.
const OTHERS: &[&str] = &[
    "actionCommentCreate",
    "actionCreate",
    "actionImport",
    "actionsAccept",
    "actionsCreate",
    "actionsRedate",
    "agendaItemAdd",
    "alignmentRoundOpen",
    "assignmentCreate",
    "benchmarkApprovalGive",
    "benchmarkApprovalWithdraw",
    "benchmarkConsentGive",
    "benchmarkConsentWithdraw",
    "benchmarkPolicyUpdate",
    "benchmarkReleaseClose",
    "benchmarkReleasePreview",
    "checkInsCreate",
    "classificationCreate",
    "classificationUpdate",
    "clientCreate",
    "clientExport",
    "clientImport",
    "clientNoteCreate",
    "clientsTransfer",
    "cycleCreate",
    "decisionPropose",
    "dotVoteOpen",
    "driftPolicyUpdate",
    "facilitatorInvite",
    "franchiseCreate",
    "headOfficeInvite",
    "measurableCreate",
    "measurableValuesSet",
    "memberCreate",
    "memberImport",
    "memberInvite",
    "membersInvite",
    "milestoneCreate",
    "milestonesCreate",
    "networkUpdate",
    "noticePreferencesSet",
    "noticesRead",
    "obstacleRaise",
    "parkedTopicAdd",
    "personExport",
    "preWorkPromptAdd",
    "priorityCreate",
    "programmeCreate",
    "recapAddendumCreate",
    "regionCreate",
    "regionUpdate",
    "reviewCadenceSet",
    "riskPolicyUpdate",
    "seatCreate",
    "sessionRate",
    "sessionSchedule",
    "sessionSeriesCreate",
    "strategyDraft",
    "strategyShare",
    "supportAccessGrant",
    "supportAccessLeave",
    "targetCreate",
    "teamCreate",
    "teamOnboard",
    "templateCreate",
    "templateDerive",
    "templateDraft",
    "templateImport",
    "toDoCreate",
    "yearCreate",
    "yearUpdate",
];

#[test]
fn every_mutation_has_its_place_in_a_life() {
    let mut known: BTreeSet<&str> = OTHERS.iter().copied().collect();
    assert_eq!(known.len(), OTHERS.len(), "each once");
    for life in lives() {
        let states: BTreeSet<&str> = life.states.iter().map(|(name, _)| name.as_str()).collect();
        let mut reached: BTreeSet<&str> = BTreeSet::new();
        for (mutation, allowed) in life.allowed {
            assert!(known.insert(mutation), "{mutation} stands twice");
            for state in *allowed {
                assert!(states.contains(state), "{mutation}: a {} is never {state}", life.table);
                reached.insert(state);
            }
        }
        assert!(!reached.is_empty());
    }
    let shown: BTreeSet<&str> = sdl::mutations().iter().map(|mutation| mutation.name.as_str()).collect();
    assert_eq!(known, shown, "the mutations of the tables and those of the schema");
}

/// The states of closed sets are spelt out once more: a new one fails here until its row in each table is thought of.
#[test]
fn every_state_was_thought_of() {
    for (table, thought) in [
        ("action", &["offered", "accepted", "declined", "done", "cancelled"][..]),
        ("priority", &["proposed", "committed", "achieved", "missed", "dropped"]),
        ("cycle", &["planned", "open", "locked", "closed"]),
        ("obstacle", &["raised", "prioritised", "resolved", "parked", "escalated"]),
        ("session", &["scheduled", "in_progress", "held", "cancelled", "missed"]),
        ("session_series", &["active", "ended"]),
        ("agenda_item", &["open", "done", "dropped", "carried"]),
        ("parked_topic", &["parked", "scheduled", "raised", "assigned", "dropped"]),
        ("dot_vote", &["open", "closed"]),
        ("decision", &["proposed", "ratified", "superseded", "revoked"]),
        ("decision_read_back", &["waiting", "matches", "differs"]),
        ("strategy_version", &["draft", "proposed", "ratified", "superseded"]),
        ("strategy_read_back", &["waiting", "matches", "differs"]),
        ("alignment_round", &["open", "sealed", "revealed"]),
        ("review", &["due", "met", "late", "missed", "excused"]),
        ("drift_signal", &["open", "acknowledged", "explained", "replanned", "accepted", "cleared"]),
        ("programme", &["planned", "active", "paused", "completed", "terminated"]),
        ("stage_run", &["locked", "open", "passed"]),
        ("template_version", &["draft", "published", "retired"]),
        ("client", &["active", "paused", "prospect", "alumni", "archived", "erased"]),
        ("client_transfer", &["pending", "done", "refused", "withdrawn", "failed"]),
        ("franchise", &["active", "closed"]),
        ("member", &["active", "removed"]),
    ] {
        let life = lives().into_iter().find(|life| life.table == table).expect("a life");
        let states: BTreeSet<String> = life.states.into_iter().map(|(name, _)| name).collect();
        assert_eq!(states, thought.iter().map(|state| (*state).to_owned()).collect(), "{table}");
    }
}

/// Somebody who may do it to the fixture of a mutation.
fn somebody(mutation: &str) -> Persona {
    use Persona::*;
    let may = |who: &Persona| {
        permission(mutation).roles().has(role(*who)) && mutation_inputs::refusal(mutation, *who).is_none()
    };
    [Facilitator, Leader, Sponsor, Owner, Admin].into_iter().find(may).expect("somebody may")
}

/// Brings a row into a state, behind the application's back.
async fn bring(behind: &DatabaseConnection, table: &str, id: &str, sql: &str) {
    let (_, id) = split_id(id).expect("an id");
    let backend = behind.get_database_backend();
    let id = match backend {
        DbBackend::Postgres => format!("'{id}'"),
        _ => format!("x'{}'", id.simple()),
    };
    let sql = format!("update {table} set {sql} where id = {id}");
    let changed = behind.execute_raw(Statement::from_string(backend, sql.clone())).await;
    assert_eq!(changed.unwrap_or_else(|error| panic!("{sql}: {error}")).rows_affected(), 1, "{sql}");
}

scenario! {
    async fn every_mutation_in_every_state(world: World) {
        let behind = world.home.behind().await;
        let fixtures = Fixtures::of(&world).await;
        let (mut wrong, mut compared) = (vec![], 0);
        for life in lives() {
            for (mutation, states) in life.allowed {
                let who = somebody(mutation);
                for (state, sql) in &life.states {
                    let input = mutation_inputs::input(&world, &fixtures, mutation).await;
                    let path = mutation_inputs::acted_on(mutation).expect("an id");
                    let id = input[path].as_str().expect("an id").to_owned();
                    bring(&behind, life.table, &id, sql).await;
                    let said = allowed::said(&world, who, mutation, &id).await;
                    let answered = world.ask(who, &document(mutation, ""), json!({ "input": input })).await;
                    let was = became(mutation, &answered);
                    compared += usize::from(said.is_some());
                    if said.is_some_and(|said| !allowed::was_true(said, &was)) {
                        wrong.push(format!("{mutation} by {who:?}, {state}: {was}, but `allowed` says {said:?}"));
                    }
                    let wanted = if states.contains(&state.as_str()) { "done" } else { "WRONG_STATE" };
                    if was.split(' ').next() != Some(wanted) {
                        wrong.push(format!("{mutation} by {who:?}, {state}: {was}, not {wanted}: {}", answered.text));
                    }
                    if life.shared {
                        bring(&behind, life.table, &id, &life.states[0].1).await;
                    }
                }
            }
        }
        assert!(compared > 150, "`allowed` was compared {compared} times");
        assert!(wrong.is_empty(), "{} answers that no table expects:\n{}", wrong.len(), wrong.join("\n"));
    }
}

scenario! {
    async fn what_is_allowed_at_alumni_is_what_they_do_not_refuse(world: World) {
        let behind = world.home.behind().await;
        let fixtures = Fixtures::of(&world).await;
        bring(&behind, "client", &world.cast.client.to_string(), "status = 'alumni'").await;
        let (mut wrong, mut compared) = (vec![], 0);
        for mutation in sdl::mutations() {
            let name = mutation.name.as_str();
            let who = somebody(name);
            let input = mutation_inputs::input(&world, &fixtures, name).await;
            let Some(id) = mutation_inputs::id_acted_on(name, &input) else { continue };
            let Some(said) = allowed::said(&world, who, name, &id).await else { continue };
            let answered = world.ask(who, &document(name, ""), json!({ "input": input })).await;
            let was = became(name, &answered);
            compared += 1;
            if said != permission(name).is_for_alumni() || !allowed::was_true(said, &was) {
                wrong.push(format!("{name} by {who:?}: {was}, but `allowed` says {said}"));
            }
        }
        assert!(compared > 50, "`allowed` was compared {compared} times");
        assert!(wrong.is_empty(), "{} wrong answers:\n{}", wrong.len(), wrong.join("\n"));
    }
}
