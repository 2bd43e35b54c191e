//! For every mutation an input that would succeed, with each of its ids given, on objects made for this one call.

use crate::{
    estate::{self, Estate, Model, Plot, day, name},
    kit::{Persona, World},
};
use chrono::TimeDelta;
use concord::kernel::Write;
use entity::{
    Id, action::ActionStatus, agenda_item::AgendaItemStatus, alignment_round::AlignmentStatus, assignment,
    benchmark_step::BenchmarkStepKind, client, client_transfer::TransferStatus, cycle, cycle::CycleStatus,
    decision::DecisionStatus, milestone, obstacle::ObstacleStatus, priority, priority::PriorityStatus,
    priority_conflict, programme::ProgrammeStatus, review::ReviewStatus, session::SessionStatus, stage_check,
    template_version::TemplateStatus,
};
use sea_orm::{ActiveValue::Set, IntoActiveModel};
use serde_json::{Value, json};

/// An input of `mutation` that a persona with the permission at home would see done.
pub async fn input(world: &World, estate: &Estate, mutation: &str) -> Value {
    let write = world.app.kernel.system(world.cast.network).await.expect("the system door");
    let home = &estate.home;
    let mut found = organisation(&write, home, mutation).await;
    if found.is_none() {
        found = people(&write, world, home, mutation).await;
    }
    if found.is_none() {
        found = templates(&write, home, mutation).await;
    }
    if found.is_none() {
        found = programmes(&write, home, &estate.model, mutation).await;
    }
    if found.is_none() {
        found = stages(&write, home, &estate.model, mutation).await;
    }
    if found.is_none() {
        found = cycles(&write, home, mutation).await;
    }
    if found.is_none() {
        found = priorities(&write, home, mutation).await;
    }
    if found.is_none() {
        found = ways(&write, home, mutation).await;
    }
    if found.is_none() {
        found = words(&write, world, home, mutation).await;
    }
    if found.is_none() {
        found = actions(&write, home, mutation).await;
    }
    if found.is_none() {
        found = sessions(&write, home, mutation).await;
    }
    if found.is_none() {
        found = rhythm(&write, home, mutation).await;
    }
    if found.is_none() {
        found = obstacles(&write, home, mutation).await;
    }
    if found.is_none() {
        found = decisions(&write, home, mutation).await;
    }
    if found.is_none() {
        found = agendas(&write, home, mutation).await;
    }
    if found.is_none() {
        found = alignment(&write, home, mutation).await;
    }
    if found.is_none() {
        found = practice(&write, home, mutation).await;
    }
    if found.is_none() {
        found = support(&write, world, home, mutation).await;
    }
    if found.is_none() {
        found = walls(&write, world, home, mutation).await;
    }
    if found.is_none() {
        found = benchmarks(&write, home, mutation).await;
    }
    let input = found.unwrap_or_else(|| panic!("{mutation} has no fixture here: add one"));
    estate::touch(&write, world.cast.network).await;
    write.commit_quietly().await.expect("a fixture");
    input
}

/// The path of the id that is authorized; `None` where the caller's own network is.
pub fn acted_on(mutation: &str) -> Option<&'static str> {
    Some(match mutation {
        "networkUpdate" | "regionCreate" | "headOfficeInvite" | "templateCreate" | "templateImport"
        | "driftPolicyUpdate" => return None,
        "benchmarkPolicyUpdate" | "benchmarkReleaseClose" | "benchmarkReleasePreview" => return None,
        "franchiseCreate" => "regionId",
        "clientCreate" | "clientImport" | "facilitatorInvite" | "templateDerive" => "franchiseId",
        "teamCreate" | "assignmentCreate" | "clientTransfer" | "clientExport" | "clientNoteCreate"
        | "supportAccessGrant" => "clientId",
        "benchmarkConsentGive"
        | "benchmarkConsentWithdraw"
        | "benchmarkApprovalGive"
        | "benchmarkApprovalWithdraw" => "clientId",
        "memberInvite" => "memberId",
        "memberCreate" | "programmeCreate" | "priorityCreate" | "actionCreate" | "sessionSchedule"
        | "reviewCadenceSet" => "teamId",
        "cycleCreate"
        | "memberImport"
        | "actionImport"
        | "sessionSeriesCreate"
        | "decisionPropose"
        | "obstacleRaise"
        | "alignmentRoundOpen" => "teamId",
        "agendaItemAdd" => "sessionId",
        "milestoneCreate" | "measurableCreate" => "priorityId",
        "actionCommentCreate" => "actionId",
        "actionsCreate" | "actionsRedate" => "teamId",
        _ => "id",
    })
}

/// The path of what is refused where [`refusal`] says so.
pub fn refused_at(mutation: &str) -> &'static str {
    match mutation {
        "facilitatorInvite" => "input.franchiseId",
        "clientTransfer" => "input.leadId",
        _ => "input.id",
    }
}

/// The rule that refuses a persona who has the permission within reach, where one does: the work is someone else's.
pub fn refusal(mutation: &str, who: Persona) -> Option<&'static str> {
    use Persona::*;
    match (mutation, who) {
        // head office lets nobody into a franchise that has an owner
        ("facilitatorInvite" | "clientTransfer", Admin) => Some("NOT_OWNER"),
        // only the leader was there
        ("sessionRate", Sponsor | Observer) => Some("NOT_OWNER"),
        ("personUpdate" | "personExport", Admin | Leader) => None,
        ("personUpdate" | "personExport", _) => Some("NOT_OWNER"),
        // an export is its taker's own
        ("exportLink", Facilitator) => None,
        ("exportLink", _) => Some("NOT_FOUND"),
        // the words are the leader's
        ("actionCommentUpdate" | "actionCommentWithdraw", Owner | Facilitator | Sponsor) => Some("NOT_OWNER"),
        // the fixture drafts a franchise's template, and the other ones are the network's
        ("templateDraft", Admin) => Some("NOT_OWNER"),
        (
            "templateStagesSet"
            | "templateQuestionnaireSet"
            | "templateResourcesSet"
            | "templateDraftImport"
            | "templatePublish"
            | "templateRetire",
            Owner,
        ) => Some("NOT_OWNER"),
        // sponsors end memberships at their client, and the fixture's is a franchise's
        ("membershipEnd", Sponsor) => Some("NOT_FOUND"),
        // it is for admins
        ("supportAccessEnter", Analyst) => Some("NOT_OWNER"),
        // the leader signs in, so nobody answers for them
        ("actionAccept" | "actionDecline", Owner | Facilitator | Sponsor)
        | ("actionCheckIn" | "priorityCheckIn", Owner | Facilitator | Sponsor) => Some("NOT_OWNER"),
        _ => None,
    }
}

async fn organisation(write: &Write, home: &Plot, mutation: &str) -> Option<Value> {
    let region = home.region.to_string();
    Some(match mutation {
        "networkUpdate" => json!({ "sessionGapDays": 30 }),
        "regionCreate" => {
            json!({ "code": &name(write, "R")[..20], "name": name(write, "Region") })
        }
        "regionUpdate" => {
            let id = estate::region(write, home.network).await;
            json!({ "id": id, "name": name(write, "Region") })
        }
        "franchiseCreate" => json!({ "name": name(write, "Practice"), "regionId": region }),
        "franchiseUpdate" => {
            let id = estate::franchise(write, home.network, home.region).await;
            json!({ "id": id, "name": name(write, "Practice"), "regionId": region })
        }
        "franchiseClose" => json!({ "id": estate::franchise(write, home.network, home.region).await }),
        "clientCreate" => json!({
            "franchiseId": home.franchise, "regionId": region, "name": name(write, "Client"), "industry": "C",
            "sizeBand": "SMALL", "timeZone": "Europe/London", "leadId": estate::person_of(write, home).await,
        }),
        "clientImport" => {
            let (key, lead) = (name(write, "C"), estate::person_of(write, home).await);
            let region =
                write.find::<entity::region::Entity>(home.region).await.expect("a look").expect("it");
            let code = region.code;
            let header = "external_id,name,industry,size_band,time_zone,region,lead";
            json!({
                "franchiseId": home.franchise,
                "csv": format!("{header}\n{key},{key},C,SMALL,Europe/London,{code},{lead}\n"),
            })
        }
        "clientExport" => json!({ "clientId": home.client }),
        "exportLink" => json!({ "id": estate::export(write, home).await }),
        "clientUpdate" => json!({ "id": home.client, "name": name(write, "Client"), "regionId": region }),
        "clientArchive" => json!({ "id": estate::client(write, home).await }),
        "clientErase" => {
            let client = estate::client(write, home).await;
            let row = write.find::<client::Entity>(client).await.expect("a look").expect("a client");
            let name = row.name.clone();
            let mut archived = row.into_active_model();
            archived.status = Set(client::ClientStatus::Archived);
            write.set::<client::Entity>(archived).await.expect("an archived client");
            json!({ "id": client, "name": name, "reason": "They asked for it" })
        }
        "clientTransfer" => {
            let client = led_client(write, home).await;
            let lead = estate::person_of(write, home).await;
            json!({ "clientId": client, "franchiseId": home.franchise, "leadId": lead, "reason": "Nearer" })
        }
        "assignmentCreate" => {
            let person = estate::person_of(write, home).await;
            json!({ "clientId": home.client, "personId": person, "part": "CO" })
        }
        "assignmentEnd" => json!({ "id": estate::assignment(write, home).await }),
        "teamCreate" => json!({ "clientId": home.client, "name": name(write, "Team") }),
        "teamUpdate" => json!({ "id": estate::team(write, home).await, "name": name(write, "Team") }),
        "teamArchive" => json!({ "id": estate::team(write, home).await }),
        _ => return None,
    })
}

async fn walls(write: &Write, world: &World, home: &Plot, mutation: &str) -> Option<Value> {
    Some(match mutation {
        "clientTransferAccept" | "clientTransferRefuse" | "clientTransferWithdraw" => {
            let there = estate::sponsored(write, home, world.cast.person(Persona::Sponsor).1).await;
            json!({ "id": estate::transfer(write, &there, TransferStatus::Pending).await })
        }
        "ownerOpeningAgree" => json!({ "id": estate::opening(write, home).await }),
        _ => return None,
    })
}

/// A client of the franchise whose programme someone leads.
async fn led_client(write: &Write, home: &Plot) -> entity::Id<client::Entity> {
    let client = estate::client(write, home).await;
    let there = Plot { client, ..home.clone() };
    let id = estate::assignment(write, &there).await;
    let row = write.find::<assignment::Entity>(id).await.expect("a look").expect("an assignment");
    let mut lead = row.into_active_model();
    lead.part = Set(assignment::AssignmentPart::Lead);
    write.set::<assignment::Entity>(lead).await.expect("a lead");
    client
}

async fn people(write: &Write, world: &World, home: &Plot, mutation: &str) -> Option<Value> {
    let address = || name(write, "x").replace(' ', "") + "@example.com";
    Some(match mutation {
        "personUpdate" => json!({ "id": world.cast.person(Persona::Leader).1, "name": "Lena Lead" }),
        "personExport" => json!({ "id": world.cast.person(Persona::Leader).1 }),
        "personErase" => json!({ "id": estate::facilitator(write, home).await.0 }),
        "membershipEnd" => json!({ "id": estate::facilitator(write, home).await.1 }),
        "facilitatorInvite" => json!({
            "franchiseId": home.franchise, "name": "Fay", "email": address(), "role": "FACILITATOR",
        }),
        "headOfficeInvite" => {
            json!({ "name": "Anna", "email": address(), "role": "HEAD_OFFICE_ANALYST" })
        }
        "memberInvite" => {
            let member = estate::member(write, home, None).await;
            json!({ "memberId": member, "email": address(), "role": "LEADER" })
        }
        "invitationRevoke" | "invitationResend" => json!({ "id": estate::invitation(write, home).await }),
        "memberCreate" => {
            json!({ "teamId": home.team, "name": name(write, "Member"), "jobTitle": "Buyer" })
        }
        "memberImport" => {
            let key = name(write, "M");
            json!({ "teamId": home.team, "csv": format!("external_id,name\n{key},{key}\n") })
        }
        "memberUpdate" => json!({ "id": estate::member(write, home, None).await, "jobTitle": "Buyer" }),
        "memberRemove" => {
            json!({ "id": estate::member(write, home, None).await, "successorId": home.owner })
        }
        _ => return None,
    })
}

async fn templates(write: &Write, home: &Plot, mutation: &str) -> Option<Value> {
    let version = |status| async move { estate::template(write, home.network, status).await };
    Some(match mutation {
        "templateCreate" => json!({ "name": name(write, "Template"), "summary": "", "basis": "EMPTY" }),
        "templateImport" => json!({ "document": document(&name(write, "Template")) }),
        "templateDraftImport" => {
            json!({ "id": version(TemplateStatus::Draft).await.version, "document": document("Template") })
        }
        "templateExport" | "templateCompare" => {
            let from = version(TemplateStatus::Published).await;
            let own = estate::derived(write, home, &from, TemplateStatus::Published).await;
            match mutation {
                "templateExport" => json!({ "id": own.version }),
                _ => json!({ "id": own.version, "withId": from.version }),
            }
        }
        "templateDerive" => json!({
            "franchiseId": home.franchise, "templateVersionId": version(TemplateStatus::Published).await.version,
            "name": name(write, "Template"),
        }),
        "templateDraft" => {
            let from = version(TemplateStatus::Published).await;
            let own = estate::derived(write, home, &from, TemplateStatus::Published).await;
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

async fn programmes(write: &Write, home: &Plot, model: &Model, mutation: &str) -> Option<Value> {
    if !mutation.starts_with("programme") {
        return None;
    }
    let plot = home.fresh_team(write).await;
    let at = |status| estate::programme(write, &plot, model, status);
    Some(match mutation {
        "programmeCreate" => json!({
            "teamId": plot.team, "templateVersionId": model.version,
            "plannedStartOn": day(write.now(), 7),
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
            write.set::<entity::stage_run::Entity>(change).await.expect("a passed stage");
            json!({ "id": run.programme })
        }
        "programmeMove" => {
            let before = estate::template(write, home.network, TemplateStatus::Published).await;
            let run = estate::programme(write, &plot, &before, ProgrammeStatus::Active).await;
            let published = TemplateStatus::Published;
            let later =
                estate::version(write, home.network, before.template, 2, (None, None), published).await;
            json!({ "id": run.programme, "templateVersionId": later.version, "reason": "It says more" })
        }
        "programmeTerminate" => {
            json!({ "id": at(ProgrammeStatus::Active).await.programme, "reason": "They merged" })
        }
        _ => return None,
    })
}

async fn stages(write: &Write, home: &Plot, model: &Model, mutation: &str) -> Option<Value> {
    if !mutation.starts_with("stage") {
        return None;
    }
    let plot = home.fresh_team(write).await;
    let run = estate::programme(write, &plot, model, ProgrammeStatus::Active).await;
    Some(match mutation {
        "stageConfirm" => json!({ "id": run.open, "criterionId": model.stages[1].1, "note": "Signed" }),
        "stagePass" => {
            let check = estate::check(&plot, write, run.open, model.stages[1].1);
            estate::add::<stage_check::Entity>(write, check).await;
            json!({ "id": run.open })
        }
        "stageReopen" => json!({ "id": run.passed, "reason": "The market moved" }),
        _ => return None,
    })
}

async fn cycles(write: &Write, home: &Plot, mutation: &str) -> Option<Value> {
    Some(match mutation {
        // a team of its own: the cycles of one do not overlap
        "cycleCreate" => json!({
            "teamId": home.fresh_team(write).await.team, "label": "Spring",
            "startsOn": day(write.now(), 7), "endsOn": day(write.now(), 70),
        }),
        "cycleOpen" => json!({ "id": estate::cycle(write, home, CycleStatus::Planned).await.0 }),
        "cycleCommit" => {
            let id = estate::priority(write, home, PriorityStatus::Committed, None).await;
            // the cast has more to do than anybody can
            json!({ "id": cycle_of(write, id).await.id, "acknowledgeCollisions": true })
        }
        "cycleClose" => {
            let id = estate::priority(write, home, PriorityStatus::Committed, None).await;
            let cycle = cycle_of(write, id).await;
            let decisions = json!([{ "priorityId": id, "outcome": "ACHIEVED" }]);
            let input = json!({ "id": cycle.id, "decisions": decisions });
            let mut change = cycle.into_active_model();
            change.status = Set(CycleStatus::Locked);
            write.set::<cycle::Entity>(change).await.expect("a locked cycle");
            input
        }
        _ => return None,
    })
}

async fn cycle_of(write: &Write, id: Id<priority::Entity>) -> cycle::Model {
    let priority = write.find::<priority::Entity>(id).await.expect("a look").expect("a priority");
    write.find::<cycle::Entity>(priority.cycle_id).await.expect("a look").expect("a cycle")
}

async fn priorities(write: &Write, home: &Plot, mutation: &str) -> Option<Value> {
    let at = |status| estate::priority(write, home, status, None);
    let reason = "Out of our hands";
    Some(match mutation {
        "priorityCreate" => json!({
            "teamId": home.team, "ownerId": home.owner, "title": "Grow", "outcome": "We grew",
            "stageId": home.ids["stage_run"], "decisionId": home.ids["decision"],
        }),
        "priorityUpdate" => json!({
            "id": at(PriorityStatus::Proposed).await, "title": "Grow more", "ownerId": home.owner,
            "stageId": home.ids["stage_run"], "decisionId": home.ids["decision"],
        }),
        "priorityRank" => json!({ "id": at(PriorityStatus::Proposed).await, "rank": 1 }),
        "priorityCommit" => json!({ "id": at(PriorityStatus::Proposed).await }),
        "priorityAchieve" | "priorityMiss" => json!({ "id": at(PriorityStatus::Committed).await }),
        "priorityCheckIn" => json!({
            "id": at(PriorityStatus::Committed).await, "status": "ON_TRACK", "confidence": 4,
        }),
        "priorityConflictDeclare" => {
            let one = at(PriorityStatus::Committed).await;
            json!({ "id": one, "otherId": estate::beside(write, one).await, "reason": reason })
        }
        "priorityConflictWithdraw" => {
            let one = at(PriorityStatus::Committed).await;
            let clash = estate::conflict(write, home, one).await;
            let row =
                write.find::<priority_conflict::Entity>(clash).await.expect("a look").expect("a conflict");
            json!({ "id": one, "otherId": row.other_id })
        }
        "priorityDrop" => json!({ "id": at(PriorityStatus::Committed).await, "reason": reason }),
        _ => return None,
    })
}

/// What shows how far a priority is.
async fn ways(write: &Write, home: &Plot, mutation: &str) -> Option<Value> {
    if !mutation.starts_with("milestone") && !mutation.starts_with("measurable") {
        return None;
    }
    let priority = estate::priority(write, home, PriorityStatus::Committed, None).await;
    let milestone = estate::milestone(write, home, priority).await;
    let measurable = estate::measurable(write, home, priority).await.0;
    Some(match mutation {
        "milestoneCreate" => {
            json!({ "priorityId": priority, "title": "Half way", "dueOn": day(write.now(), 10) })
        }
        "milestoneUpdate" => json!({ "id": milestone, "weight": 5 }),
        "milestoneComplete" | "milestoneRemove" => json!({ "id": milestone }),
        "milestoneReopen" => {
            let row = write.find::<milestone::Entity>(milestone).await.expect("a look").expect("a milestone");
            let mut change = row.into_active_model();
            change.done_at = Set(Some(write.now()));
            write.set::<milestone::Entity>(change).await.expect("a milestone reached");
            json!({ "id": milestone })
        }
        "measurableCreate" => json!({
            "priorityId": priority, "name": "Sales", "unit": "EUR", "direction": "UP", "period": "MONTH",
            "baseline": "1.5", "target": "2",
        }),
        "measurableUpdate" => json!({ "id": measurable, "target": "3" }),
        "measurableRecord" => json!({ "id": measurable, "value": "2.25" }),
        "measurableRemove" => json!({ "id": measurable }),
        _ => return None,
    })
}

/// What is said, and what is done to many at once.
async fn words(write: &Write, world: &World, home: &Plot, mutation: &str) -> Option<Value> {
    let leader = world.cast.person(Persona::Leader).1;
    let action = async |status| estate::action(write, home, status, None).await;
    let due = day(write.now(), 21);
    Some(match mutation {
        "actionCommentCreate" => {
            let action = action(ActionStatus::Offered).await;
            let answers = estate::comment(write, home, action, leader).await;
            json!({ "actionId": action, "text": "Half way", "answersId": answers })
        }
        "actionCommentUpdate" | "actionCommentWithdraw" => {
            let action = action(ActionStatus::Offered).await;
            let id = estate::comment(write, home, action, leader).await;
            if mutation == "actionCommentUpdate" {
                json!({ "id": id, "text": "Nearly" })
            } else {
                json!({ "id": id })
            }
        }
        "actionsCreate" => json!({ "teamId": home.team, "items": [{
            "ownerId": home.owner, "title": "Call", "dueOn": due, "priorityId": home.ids["priority"],
            "sessionId": home.ids["session"], "decisionId": home.ids["decision"], "obstacleId": home.ids["obstacle"],
        }] }),
        "actionsRedate" => json!({ "teamId": home.team, "reason": "Holidays", "items": [{
            "id": action(ActionStatus::Accepted).await, "dueOn": due,
        }] }),
        _ => return None,
    })
}

async fn actions(write: &Write, home: &Plot, mutation: &str) -> Option<Value> {
    let at = |status| estate::action(write, home, status, None);
    let due = day(write.now(), 21);
    Some(match mutation {
        "actionCreate" => json!({
            "teamId": home.team, "ownerId": home.owner, "title": "Call", "dueOn": due,
            "priorityId": home.ids["priority"], "sessionId": home.ids["session"],
            "decisionId": home.ids["decision"], "obstacleId": home.ids["obstacle"],
        }),
        "actionImport" => {
            let (key, owner) = (name(write, "A"), home.owner);
            json!({
                "teamId": home.team,
                "csv": format!("external_id,owner,title,due_on\n{key},{owner},Call,{due}\n"),
            })
        }
        "actionUpdate" => json!({ "id": at(ActionStatus::Offered).await, "title": "Call again" }),
        "actionReassign" => {
            let other = estate::member(write, home, None).await;
            json!({ "id": at(ActionStatus::Offered).await, "ownerId": other })
        }
        "actionAccept" => json!({ "id": at(ActionStatus::Offered).await }),
        "actionDecline" => json!({ "id": at(ActionStatus::Offered).await, "reason": "Too much" }),
        "actionComplete" => json!({ "id": at(ActionStatus::Accepted).await }),
        "actionCancel" => {
            json!({ "id": at(ActionStatus::Accepted).await, "reason": "Not needed", "decisionId": home.ids["decision"] })
        }
        "actionCheckIn" => json!({
            "id": at(ActionStatus::Accepted).await, "status": "AT_RISK", "confidence": 2, "comment": "Late",
        }),
        "actionRedate" => {
            json!({ "id": at(ActionStatus::Accepted).await, "dueOn": due, "reason": "Holidays" })
        }
        _ => return None,
    })
}

async fn rhythm(write: &Write, home: &Plot, mutation: &str) -> Option<Value> {
    if mutation == "driftPolicyUpdate" {
        return Some(json!({ "moves": 3 }));
    }
    if !mutation.starts_with("review") && !mutation.starts_with("drift") {
        return None;
    }
    let plot = home.fresh_team(write).await;
    let cadence = estate::rhythm::cadence(write, &plot).await;
    Some(match mutation {
        "reviewCadenceSet" => json!({
            "teamId": plot.team, "unit": "WEEK", "every": 2, "anchorOn": day(write.now(), 3), "time": "09:30",
            "expectedVersion": 1,
        }),
        "reviewCadenceEnd" => json!({ "id": cadence }),
        "reviewHold" => {
            let review = estate::rhythm::review(write, &plot, cadence, ReviewStatus::Due, None).await;
            json!({ "id": review, "heldAt": write.now() - TimeDelta::hours(1), "quorate": true })
        }
        "driftAcknowledge" => json!({ "id": estate::rhythm::signal(write, home, None).await }),
        "driftReplan" | "driftAccept" => {
            json!({ "id": estate::rhythm::signal(write, home, None).await, "note": "The supplier changed" })
        }
        _ => return None,
    })
}

async fn sessions(write: &Write, home: &Plot, mutation: &str) -> Option<Value> {
    let at = |status| estate::session(write, home, status, None);
    let attendance = json!([{ "memberId": home.owner, "status": "PRESENT" }]);
    Some(match mutation {
        "sessionSchedule" => json!({
            "teamId": home.team, "kind": "REVIEW", "title": "Review", "place": "Room 4", "minutes": 60,
            "startsAt": write.now() + TimeDelta::days(3), "programmeId": home.ids["programme"],
            "stageId": home.ids["stage_run"],
            "agenda": [{ "title": "Figures", "minutes": 20, "ownerId": home.owner }],
        }),
        "sessionUpdate" => json!({ "id": at(SessionStatus::Scheduled).await, "title": "Review" }),
        "sessionStart" => json!({ "id": at(SessionStatus::Scheduled).await }),
        "sessionAttend" => json!({ "id": at(SessionStatus::InProgress).await, "attendance": attendance }),
        "sessionClose" => json!({
            "id": at(SessionStatus::InProgress).await, "summary": "All agreed", "attendance": attendance,
        }),
        "sessionCancel" => json!({ "id": at(SessionStatus::Scheduled).await, "reason": "Snow" }),
        "sessionRate" => {
            json!({ "id": estate::attended(write, home).await, "score": 4, "comment": "Good pace" })
        }
        "sessionSeriesCreate" => json!({
            "teamId": home.team, "kind": "REVIEW", "title": "Review", "place": "Room 4", "minutes": 60,
            "rule": "FREQ=MONTHLY;COUNT=3", "startsOn": day(write.now(), 7), "localTime": "09:00",
            "programmeId": home.ids["programme"],
        }),
        "sessionSeriesUpdate" => {
            json!({ "id": estate::series(write, home).await, "title": "Monthly review" })
        }
        "sessionSeriesEnd" => json!({ "id": estate::series(write, home).await, "reason": "Enough" }),
        _ => return None,
    })
}

async fn decisions(write: &Write, home: &Plot, mutation: &str) -> Option<Value> {
    if !mutation.starts_with("decision") {
        return None;
    }
    let at = |status| estate::decision(write, home, status, None);
    Some(match mutation {
        "decisionPropose" => json!({
            "teamId": home.team, "title": name(write, "Markets"), "text": "We serve three markets",
            "options": ["Three", "Ten"], "ownerId": home.owner, "stageId": home.ids["stage_run"],
            "sessionId": home.ids["session"], "supersedesId": home.ids["decision"],
            "obstacleId": home.ids["obstacle"],
        }),
        "decisionUpdate" => json!({
            "id": at(DecisionStatus::Proposed).await, "text": "Two", "ownerId": home.owner,
            "stageId": home.ids["stage_run"], "reviewOn": day(write.now(), 30),
        }),
        "decisionStance" => {
            json!({ "id": at(DecisionStatus::Proposed).await, "stance": "SUPPORTS", "conviction": 4 })
        }
        "decisionRatify" => {
            // a small team, for whom all speak in the room
            let plot = home.fresh_team(write).await;
            let id = estate::decision(write, &plot, DecisionStatus::Proposed, None).await;
            json!({
                "id": id, "chosenOptionId": estate::option(write, &plot, id).await,
                "recorded": [{ "memberId": plot.owner, "stance": "ACCEPTS", "conviction": 3 }],
            })
        }
        "decisionReadBack" => {
            json!({ "id": at(DecisionStatus::Ratified).await, "text": "We drop seven markets" })
        }
        "decisionReadBackJudge" => {
            let id = at(DecisionStatus::Ratified).await;
            json!({ "id": estate::read_back(write, home, id).await, "matches": false, "note": "Three stay" })
        }
        "decisionAttest" => json!({
            "id": at(DecisionStatus::Ratified).await, "audience": "The night shift",
            "communicatedOn": day(write.now(), 0),
        }),
        "decisionRevoke" | "decisionReopen" => {
            json!({ "id": at(DecisionStatus::Ratified).await, "reason": "The market moved" })
        }
        _ => return None,
    })
}

async fn agendas(write: &Write, home: &Plot, mutation: &str) -> Option<Value> {
    if !mutation.starts_with("agendaItem") {
        return None;
    }
    let session = estate::session(write, home, SessionStatus::InProgress, None).await;
    let item = estate::item(write, home, session, AgendaItemStatus::Open).await;
    Some(match mutation {
        "agendaItemAdd" => {
            json!({ "sessionId": session, "title": "Hiring", "minutes": 15, "ownerId": home.owner })
        }
        "agendaItemUpdate" => json!({ "id": item, "minutes": 25, "ownerId": home.owner }),
        "agendaItemMove" => json!({ "id": item, "position": 1 }),
        "agendaItemComplete" => json!({ "id": item, "outcome": "Two posts are advertised" }),
        "agendaItemDrop" => json!({ "id": item, "outcome": "No time" }),
        _ => return None,
    })
}

async fn alignment(write: &Write, home: &Plot, mutation: &str) -> Option<Value> {
    let at = |status| estate::alignment(write, home, status);
    Some(match mutation {
        "alignmentRoundOpen" => {
            let plot = home.fresh_team(write).await;
            let session = estate::session(write, &plot, SessionStatus::InProgress, None).await;
            json!({
                "teamId": plot.team, "title": "First reading", "closesOn": day(write.now(), 7),
                "statements": [{ "text": "We finish what we begin", "core": true }], "sessionId": session,
            })
        }
        "alignmentRoundAnswer" => {
            let [round, statement, ..] = at(AlignmentStatus::Open).await;
            json!({ "id": round, "answers": [{ "statementId": statement, "rating": 4 }] })
        }
        "alignmentRoundSeal" => json!({ "id": at(AlignmentStatus::Open).await[0] }),
        "alignmentRoundReveal" => json!({ "id": at(AlignmentStatus::Sealed).await[0] }),
        _ => return None,
    })
}

async fn obstacles(write: &Write, home: &Plot, mutation: &str) -> Option<Value> {
    let at = |status| estate::obstacle(write, home, status);
    Some(match mutation {
        "obstacleRaise" => json!({
            "teamId": home.team, "title": "Nobody owns the plan", "severity": "HIGH", "raisedById": home.owner,
            "priorityId": home.ids["priority"], "sessionId": home.ids["session"],
        }),
        "obstacleUpdate" => json!({
            "id": at(ObstacleStatus::Raised).await, "severity": "LOW", "priorityId": home.ids["priority"],
        }),
        "obstaclePrioritise" => json!({ "id": at(ObstacleStatus::Raised).await }),
        "obstacleResume" => json!({ "id": at(ObstacleStatus::Parked).await, "reason": "It is back" }),
        "obstacleDiscuss" | "obstacleResolve" | "obstaclePark" | "obstacleEscalate" => {
            json!({ "id": at(ObstacleStatus::Raised).await, "reason": "We spoke about it" })
        }
        _ => return None,
    })
}

async fn practice(write: &Write, home: &Plot, mutation: &str) -> Option<Value> {
    Some(match mutation {
        "clientNoteCreate" => json!({ "clientId": home.client, "text": "The sponsor is leaving" }),
        "clientNoteUpdate" => {
            json!({ "id": estate::client_note(write, home).await, "text": "She stays", "pinned": true })
        }
        "clientNoteArchive" => json!({ "id": estate::client_note(write, home).await }),
        _ => return None,
    })
}

async fn benchmarks(write: &Write, home: &Plot, mutation: &str) -> Option<Value> {
    use BenchmarkStepKind::*;
    let before = match mutation {
        "benchmarkPolicyUpdate" => return Some(json!({ "profile": "STRICT", "minimumClients": 20 })),
        // closed once in a world, and the one after it is previewed
        "benchmarkReleaseClose" => return Some(json!({ "period": "2025-Q3" })),
        "benchmarkReleasePreview" => return Some(json!({ "period": "2025-Q4" })),
        "benchmarkConsentGive" => ConsentWithdrawn,
        "benchmarkConsentWithdraw" => ConsentGiven,
        "benchmarkApprovalGive" => ApprovalWithdrawn,
        "benchmarkApprovalWithdraw" => ApprovalGiven,
        _ => return None,
    };
    estate::benchmarks::said(write, home, before).await;
    Some(json!({ "clientId": home.client }))
}

async fn support(write: &Write, world: &World, home: &Plot, mutation: &str) -> Option<Value> {
    if !mutation.starts_with("supportAccess") {
        return None;
    }
    // another client's: who comes to look must not see more of the others
    let there = Plot { client: estate::client(write, home).await, ..home.clone() };
    Some(match mutation {
        "supportAccessGrant" => json!({
            "clientId": home.client, "email": Persona::Admin.email(), "reason": "The export is broken",
            "endsAt": write.now() + TimeDelta::days(2),
        }),
        "supportAccessRevoke" => json!({ "id": estate::support(write, home, &[]).await.0 }),
        "supportAccessEnter" => {
            json!({ "id": estate::support(write, &there, &[]).await.0, "purpose": "To look at the export" })
        }
        "supportAccessLeave" => {
            let visitors = [Persona::Admin, Persona::Analyst].map(|who| world.cast.person(who).1);
            json!({ "id": estate::support(write, &there, &visitors).await.0 })
        }
        _ => return None,
    })
}
