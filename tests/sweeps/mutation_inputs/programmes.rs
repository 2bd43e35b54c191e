//! Inputs about templates and the programmes that run by them.

use crate::kit::fixtures::{self, Model, TeamFixtures, day, name};
use chrono::TimeDelta;
use concord::kernel::Write;
use entity::{
    programme::ProgrammeStatus, review::ReviewStatus, stage_check, template_version::TemplateStatus,
};
use sea_orm::{ActiveValue::Set, IntoActiveModel};
use serde_json::{Value, json};

pub(super) async fn templates(write: &Write, home: &TeamFixtures, mutation: &str) -> Option<Value> {
    let version = |status| async move { fixtures::template(write, home.network, status).await };
    Some(match mutation {
        "templateCreate" => json!({ "name": name(write, "Template"), "summary": "", "basis": "EMPTY" }),
        "templateImport" => json!({ "document": document(&name(write, "Template")) }),
        "templateDraftImport" => {
            json!({ "id": version(TemplateStatus::Draft).await.version, "document": document("Template") })
        }
        "templateDerive" => json!({
            "franchiseId": home.franchise, "templateVersionId": version(TemplateStatus::Published).await.version,
            "name": name(write, "Template"),
        }),
        "templateDraft" => {
            let from = version(TemplateStatus::Published).await;
            let own = fixtures::derived(write, home, &from, TemplateStatus::Published).await;
            json!({ "id": own.template, "ancestorId": from.version })
        }
        "templateStagesSet" => json!({
            "id": version(TemplateStatus::Draft).await.version,
            "prioritiesPerTeam": 4, "prioritiesPerLeader": 2, "cadenceDays": 7,
            "stages": [{
                "title": "Begin", "purpose": "To begin", "plannedDays": 10,
                "criteria": [{ "kind": "CONFIRMED", "text": "We have begun" }],
            }],
        }),
        "templateQuestionnaireSet" => json!({
            "id": version(TemplateStatus::Draft).await.version,
            "statements": [{ "text": "We read our strategy in the same way", "core": true, "stage": "stage-1" }],
        }),
        "templateResourcesSet" => json!({
            "id": version(TemplateStatus::Draft).await.version,
            "resources": [{ "title": "The one page", "url": "https://example.com/one-page", "kind": "WORKSHEET" }],
        }),
        "templatePublish" => json!({ "id": version(TemplateStatus::Draft).await.version }),
        "templateRetire" => json!({ "id": version(TemplateStatus::Published).await.version }),
        _ => return None,
    })
}

/// A template as a document.
fn document(name: &str) -> String {
    let document = json!({
        "format": "concord-template/1", "name": name, "prioritiesPerTeam": 4, "prioritiesPerLeader": 2,
        "cadenceDays": 7, "stages": [{ "title": "Begin", "plannedDays": 10 }],
    });
    document.to_string()
}

pub(super) async fn programmes(
    write: &Write,
    home: &TeamFixtures,
    model: &Model,
    mutation: &str,
) -> Option<Value> {
    if !mutation.starts_with("programme") && mutation != "teamOnboard" {
        return None;
    }
    let fixture = home.fresh_team(write).await;
    let at = |status| fixtures::programme(write, &fixture, model, status);
    Some(match mutation {
        "programmeCreate" => json!({
            "teamId": fixture.team, "templateVersionId": model.version,
            "plannedStartOn": day(write.now(), 7),
        }),
        "teamOnboard" => json!({
            "teamId": fixture.team,
            "members": [{ "name": "Ines Novak", "jobTitle": "Buyer" }],
            "programme": {
                "templateVersionId": model.version, "plannedStartOn": day(write.now(), 7), "start": true,
            },
            "cadence": { "unit": "WEEK", "every": 2, "anchorOn": day(write.now(), 3) },
            "series": [{
                "kind": "REVIEW", "title": "Review", "minutes": 60, "rule": "FREQ=MONTHLY;COUNT=3",
                "startsOn": day(write.now(), 7), "localTime": "09:00",
            }],
        }),
        "programmeStart" => json!({ "id": at(ProgrammeStatus::Planned).await.programme }),
        "programmePause" => {
            json!({ "id": at(ProgrammeStatus::Active).await.programme, "reason": "Summer" })
        }
        "programmeResume" => json!({ "id": at(ProgrammeStatus::Paused).await.programme }),
        "programmeComplete" => {
            let run = at(ProgrammeStatus::Active).await;
            let last =
                write.find::<entity::stage_run::Entity>(run.open).await.expect("a look").expect("a stage");
            let mut change = last.into_active_model();
            change.status = Set(entity::stage_run::StageStatus::Passed);
            change.passed_at = Set(Some(write.now()));
            crate::kit::fixtures::set::<entity::stage_run::Entity>(write, change).await;
            json!({ "id": run.programme })
        }
        "programmeMove" => {
            let before = fixtures::template(write, home.network, TemplateStatus::Published).await;
            let run = fixtures::programme(write, &fixture, &before, ProgrammeStatus::Active).await;
            let published = TemplateStatus::Published;
            let later =
                fixtures::version(write, home.network, before.template, 2, (None, None), published).await;
            json!({ "id": run.programme, "templateVersionId": later.version, "reason": "It says more" })
        }
        "programmeTerminate" => {
            json!({ "id": at(ProgrammeStatus::Active).await.programme, "reason": "They merged" })
        }
        _ => return None,
    })
}

pub(super) async fn stages(
    write: &Write,
    home: &TeamFixtures,
    model: &Model,
    mutation: &str,
) -> Option<Value> {
    if !mutation.starts_with("stage") {
        return None;
    }
    let fixture = home.fresh_team(write).await;
    let run = fixtures::programme(write, &fixture, model, ProgrammeStatus::Active).await;
    Some(match mutation {
        "stageConfirm" => json!({ "id": run.open, "criterionId": model.stages[1].1, "comment": "Signed" }),
        "stagePass" => {
            let check = fixtures::check(&fixture, write, run.open, model.stages[1].1);
            fixtures::add::<stage_check::Entity>(write, check).await;
            json!({ "id": run.open })
        }
        "stageReopen" => json!({ "id": run.passed, "reason": "The market moved" }),
        _ => return None,
    })
}

pub(super) async fn rhythm(write: &Write, home: &TeamFixtures, mutation: &str) -> Option<Value> {
    if mutation == "driftPolicyUpdate" {
        return Some(json!({ "moves": 3 }));
    }
    if mutation == "riskPolicyUpdate" {
        return Some(json!({ "overdueAction": 4 }));
    }
    if !mutation.starts_with("review") && !mutation.starts_with("drift") {
        return None;
    }
    let fixture = home.fresh_team(write).await;
    let cadence = fixtures::rhythm::cadence(write, &fixture).await;
    Some(match mutation {
        "reviewCadenceSet" => json!({
            "teamId": fixture.team, "unit": "WEEK", "every": 2, "anchorOn": day(write.now(), 3), "time": "09:30",
            "expectedVersion": 1,
        }),
        "reviewCadenceEnd" => json!({ "id": cadence }),
        "reviewHold" => {
            let review = fixtures::rhythm::review(write, &fixture, cadence, ReviewStatus::Due, None).await;
            json!({ "id": review, "heldAt": write.now() - TimeDelta::hours(1), "quorate": true })
        }
        "driftAcknowledge" | "driftDiscuss" => {
            json!({ "id": fixtures::rhythm::signal(write, home, None).await })
        }
        "driftExplain" | "driftReplan" | "driftAccept" => {
            json!({ "id": fixtures::rhythm::signal(write, home, None).await, "note": "The supplier changed" })
        }
        _ => return None,
    })
}
