//! For every mutation an input that would succeed, with each of its ids given, on objects made for this one call.

mod meetings;
mod organisation;
mod programmes;
mod work;

use crate::kit::{
    Persona, World,
    fixtures::{self, Fixtures},
};
use meetings::{agendas, alignment, decisions, obstacles, sessions};
use organisation::{benchmarks, organisation, people, practice, support, walls};
use programmes::{programmes, rhythm, stages, templates};
use serde_json::Value;
use work::{actions, cycles, priorities, ways, words};

/// An input of `mutation` that a persona with the permission at home would see done.
pub async fn input(world: &World, fixtures: &Fixtures, mutation: &str) -> Value {
    let write = world.app.kernel.system(world.cast.network).await.expect("a system transaction");
    let home = &fixtures.home;
    let mut found = organisation(&write, home, mutation).await;
    if found.is_none() {
        found = people(&write, world, home, mutation).await;
    }
    if found.is_none() {
        found = templates(&write, home, mutation).await;
    }
    if found.is_none() {
        found = programmes(&write, home, &fixtures.model, mutation).await;
    }
    if found.is_none() {
        found = stages(&write, home, &fixtures.model, mutation).await;
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
    fixtures::touch(&write, world.cast.network).await;
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
