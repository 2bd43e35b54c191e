//! The life of every noun as a table: in which of its states each mutation is allowed, and that it is refused in all
//! others. Each is tried through the API on an object in that state. A new state or a new mutation fails here until
//! somebody says what becomes of it.

use crate::{
    kit::{Persona, document, fixtures::Fixtures, sdl},
    scenario,
    sweeps::{
        access::{became, permission, role},
        mutation_inputs,
    },
};
use entity::{
    action::ActionStatus, agenda_item::AgendaItemStatus, alignment_round::AlignmentStatus,
    client::ClientStatus, client_transfer::TransferStatus, cycle::CycleStatus, decision::DecisionStatus,
    decision_restatement::ReadBackStatus, drift_signal::DriftStatus, franchise::FranchiseStatus,
    member::MemberStatus, obstacle::ObstacleStatus, priority::PriorityStatus, programme::ProgrammeStatus,
    review::ReviewStatus, session::SessionStatus, session_series::SeriesStatus, split_id,
    stage_run::StageStatus, template_version::TemplateStatus,
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
                ("cycleOpen", &["planned"]),
                ("cycleCommit", &["planned", "open"]),
                ("cycleClose", &["locked"]),
            ],
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

/// What the team meets for, and how it is told.
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
                ("agendaItemComplete", &["open"]),
                ("agendaItemDrop", &["open"]),
            ],
        ),
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
        life("decision_read_back", closed::<ReadBackStatus>(), &[("decisionReadBackJudge", &["waiting"])]),
        life(
            "alignment_round",
            closed::<AlignmentStatus>(),
            &[
                ("alignmentRoundAnswer", &["open"]),
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
                ("driftReplan", &["open", "acknowledged"]),
                ("driftAccept", &["open", "acknowledged"]),
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

/// Who is there, and who may come in.
#[expect(clippy::too_many_lines, reason = "a table")]
fn organisation() -> Vec<Life> {
    let mut clients = closed::<ClientStatus>();
    clients.iter_mut().for_each(|(_, sql)| sql.push_str(", erased_at = null"));
    clients.extend(dated(&[("erased", "status = 'archived', erased_at = {now}")]));
    let people = dated(&[("there", "erased_at = null"), ("erased", "erased_at = {now}")]);
    vec![
        Life {
            table: "client",
            states: clients,
            allowed: &[
                ("clientUpdate", &["active", "archived"]),
                ("clientTransfer", &["active", "archived"]),
                ("clientArchive", &["active"]),
                ("clientErase", &["archived"]),
            ],
            shared: true,
        },
        Life {
            table: "person",
            states: people,
            allowed: &[("personUpdate", &["there"]), ("personErase", &["there"])],
            shared: true,
        },
        life(
            "client_transfer",
            closed::<TransferStatus>(),
            &[
                ("clientTransferAccept", &["pending"]),
                ("clientTransferRefuse", &["pending"]),
                ("clientTransferWithdraw", &["pending"]),
            ],
        ),
        life(
            "owner_opening",
            dated(&[("ahead", "agreed_at = null"), ("open", "opens_at = {now}")]),
            &[("ownerOpeningAgree", &["ahead"])],
        ),
        life(
            "franchise",
            closed::<FranchiseStatus>(),
            &[("franchiseUpdate", &["active", "closed"]), ("franchiseClose", &["active"])],
        ),
        life(
            "team",
            dated(&[("there", "archived_at = null"), ("archived", "archived_at = {now}")]),
            &[("teamUpdate", &["there", "archived"]), ("teamArchive", &["there"])],
        ),
        life(
            "member",
            closed::<MemberStatus>(),
            &[("memberUpdate", &["active"]), ("memberRemove", &["active"])],
        ),
        life(
            "membership",
            dated(&[("held", "ends_at = null"), ("ended", "ends_at = {now}")]),
            &[("membershipEnd", &["held"])],
        ),
        life(
            "assignment",
            dated(&[("held", "ends_at = null"), ("ended", "ends_at = {now}")]),
            &[("assignmentEnd", &["held"])],
        ),
        life(
            "invitation",
            dated(&[
                ("open", "accepted_at = null, revoked_at = null"),
                ("accepted", "accepted_at = {now}"),
                ("revoked", "revoked_at = {now}"),
                ("expired", "expires_at = {now}"),
            ]),
            &[("invitationRevoke", &["open"]), ("invitationResend", &["open"])],
        ),
        life(
            "support_access",
            dated(&[
                ("active", "revoked_at = null"),
                ("revoked", "revoked_at = {now}"),
                ("ended", "ends_at = {now}"),
            ]),
            &[("supportAccessRevoke", &["active"]), ("supportAccessEnter", &["active"])],
        ),
        life(
            "client_note",
            dated(&[("kept", "archived_at = null"), ("archived", "archived_at = {now}")]),
            &[("clientNoteUpdate", &["kept"]), ("clientNoteArchive", &["kept"])],
        ),
        life(
            "data_export",
            dated(&[("kept", "expires_at = {later}"), ("expired", "expires_at = {now}")]),
            &[("exportLink", &["kept"])],
        ),
    ]
}

fn lives() -> Vec<Life> {
    [work(), rhythm(), programmes(), organisation()].into_iter().flatten().collect()
}

/// Mutations on what has no states, and those that make something: other scenarios tell of them.
const OTHERS: &[&str] = &[
    "actionCommentCreate",
    "actionCreate",
    "actionImport",
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
    "clientCreate",
    "clientExport",
    "clientImport",
    "clientNoteCreate",
    "cycleCreate",
    "decisionPropose",
    "driftPolicyUpdate",
    "facilitatorInvite",
    "franchiseCreate",
    "headOfficeInvite",
    "measurableCreate",
    "memberCreate",
    "memberImport",
    "memberInvite",
    "milestoneCreate",
    "networkUpdate",
    "obstacleRaise",
    "personExport",
    "priorityCreate",
    "programmeCreate",
    "regionCreate",
    "regionUpdate",
    "reviewCadenceSet",
    "sessionRate",
    "sessionSchedule",
    "sessionSeriesCreate",
    "supportAccessGrant",
    "supportAccessLeave",
    "teamCreate",
    "templateCreate",
    "templateDerive",
    "templateDraft",
    "templateImport",
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
        ("decision", &["proposed", "ratified", "superseded", "revoked"]),
        ("decision_read_back", &["waiting", "matches", "differs"]),
        ("alignment_round", &["open", "sealed", "revealed"]),
        ("review", &["due", "met", "late", "missed", "excused"]),
        ("drift_signal", &["open", "acknowledged", "replanned", "accepted", "cleared"]),
        ("programme", &["planned", "active", "paused", "completed", "terminated"]),
        ("stage_run", &["locked", "open", "passed"]),
        ("template_version", &["draft", "published", "retired"]),
        ("client", &["active", "archived", "erased"]),
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
        let mut wrong = vec![];
        for life in lives() {
            for (mutation, allowed) in life.allowed {
                let who = somebody(mutation);
                for (state, sql) in &life.states {
                    let input = mutation_inputs::input(&world, &fixtures, mutation).await;
                    let path = mutation_inputs::acted_on(mutation).expect("an id");
                    let id = input[path].as_str().expect("an id").to_owned();
                    bring(&behind, life.table, &id, sql).await;
                    let answered = world.ask(who, &document(mutation, ""), json!({ "input": input })).await;
                    let was = became(mutation, &answered);
                    let wanted = if allowed.contains(&state.as_str()) { "done" } else { "WRONG_STATE" };
                    if was.split(' ').next() != Some(wanted) {
                        wrong.push(format!("{mutation} by {who:?}, {state}: {was}, not {wanted}: {}", answered.text));
                    }
                    if life.shared {
                        bring(&behind, life.table, &id, &life.states[0].1).await;
                    }
                }
            }
        }
        assert!(wrong.is_empty(), "{} answers that no table expects:\n{}", wrong.len(), wrong.join("\n"));
    }
}
