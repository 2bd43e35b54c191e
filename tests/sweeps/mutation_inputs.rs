//! For every mutation an input that would succeed, with each of its ids given, on objects made for this one call.

mod meetings;
mod organisation;
mod programmes;
mod work;

use crate::kit::{
    Persona, World,
    fixtures::{self, Fixtures},
};
use futures::future::BoxFuture;
use meetings::{afterwards, agendas, alignment, decisions, obstacles, sealed, sessions, strategies};
use organisation::{benchmarks, clients, organisation, people, practice, support, walls};
use programmes::{programmes, rhythm, stages, templates};
use serde_json::Value;
use work::{actions, cycles, priorities, seats, ways, words, years};

/// An input of `mutation` that a persona with the permission at home would see done.
pub async fn input(world: &World, fixtures: &Fixtures, mutation: &str) -> Value {
    let write = world.app.kernel.system(world.cast.network).await.expect("a system transaction");
    let home = &fixtures.home;
    // each noun's inputs are looked through in turn, until one of them knows the mutation
    let nouns: Vec<BoxFuture<'_, Option<Value>>> = vec![
        Box::pin(organisation(&write, home, mutation)),
        Box::pin(clients(&write, home, mutation)),
        Box::pin(people(&write, world, home, mutation)),
        Box::pin(templates(&write, home, mutation)),
        Box::pin(programmes(&write, home, &fixtures.model, mutation)),
        Box::pin(stages(&write, home, &fixtures.model, mutation)),
        Box::pin(cycles(&write, home, mutation)),
        Box::pin(years(&write, home, mutation)),
        Box::pin(priorities(&write, home, mutation)),
        Box::pin(ways(&write, home, mutation)),
        Box::pin(seats(&write, home, mutation)),
        Box::pin(words(&write, world, home, mutation)),
        Box::pin(actions(&write, home, mutation)),
        Box::pin(sessions(&write, home, mutation)),
        Box::pin(rhythm(&write, home, mutation)),
        Box::pin(obstacles(&write, home, mutation)),
        Box::pin(decisions(&write, home, mutation)),
        Box::pin(strategies(&write, home, mutation)),
        Box::pin(agendas(&write, home, mutation)),
        Box::pin(afterwards(&write, home, mutation)),
        Box::pin(sealed(&write, home, mutation)),
        Box::pin(alignment(&write, home, mutation)),
        Box::pin(practice(&write, home, mutation)),
        Box::pin(support(&write, world, home, mutation)),
        Box::pin(walls(&write, world, home, mutation)),
        Box::pin(benchmarks(&write, home, mutation)),
    ];
    let mut found = None;
    for noun in nouns {
        if found.is_none() {
            found = noun.await;
        }
    }
    let input = found.unwrap_or_else(|| panic!("{mutation} has no fixture here: add one"));
    fixtures::touch(&write, world.cast.network).await;
    write.commit_quietly().await.expect("a fixture");
    input
}

/// The path of the id that is authorized; `None` where the caller's own network is.
pub fn acted_on(mutation: &str) -> Option<&'static str> {
    Some(match mutation {
        "networkUpdate"
        | "regionCreate"
        | "classificationCreate"
        | "headOfficeInvite"
        | "templateCreate"
        | "templateImport"
        | "driftPolicyUpdate"
        | "riskPolicyUpdate" => return None,
        "benchmarkPolicyUpdate" | "benchmarkReleaseClose" | "benchmarkReleasePreview" => return None,
        "noticePreferencesSet" => return None,
        "noticesRead" => "ids.0",
        "franchiseCreate" => "regionId",
        "clientCreate" | "clientImport" | "facilitatorInvite" | "templateDerive" => "franchiseId",
        "clientsTransfer" => "clientIds.0",
        "teamCreate" | "assignmentCreate" | "clientTransfer" | "clientExport" | "clientNoteCreate"
        | "toDoCreate" | "supportAccessGrant" => "clientId",
        "benchmarkConsentGive"
        | "benchmarkConsentWithdraw"
        | "benchmarkApprovalGive"
        | "benchmarkApprovalWithdraw" => "clientId",
        "memberInvite" => "memberId",
        "memberCreate" | "programmeCreate" | "priorityCreate" | "actionCreate" | "sessionSchedule"
        | "reviewCadenceSet" => "teamId",
        "targetCreate" => "yearId",
        "cycleCreate"
        | "yearCreate"
        | "memberImport"
        | "actionImport"
        | "sessionSeriesCreate"
        | "decisionPropose"
        | "obstacleRaise"
        | "alignmentRoundOpen" => "teamId",
        "agendaItemAdd" | "parkedTopicAdd" | "recapAddendumCreate" | "dotVoteOpen" | "preWorkPromptAdd" => {
            "sessionId"
        }
        "milestoneCreate" | "milestonesCreate" | "measurableCreate" => "priorityId",
        "measurableValuesSet" | "checkInsCreate" | "seatCreate" => "teamId",
        "actionsAccept" | "membersInvite" | "teamOnboard" => "teamId",
        "actionCommentCreate" => "actionId",
        "actionsCreate" | "actionsRedate" => "teamId",
        "strategyDraft" => "sectionId",
        _ => "id",
    })
}

/// The id of the row that is authorized, in an input.
pub fn id_acted_on(mutation: &str, input: &Value) -> Option<String> {
    let pointer = format!("/{}", acted_on(mutation)?.replace('.', "/"));
    Some(input.pointer(&pointer)?.as_str()?.to_owned())
}

/// The path of what is refused where [`refusal`] says so.
pub fn refused_at(mutation: &str) -> &'static str {
    match mutation {
        "facilitatorInvite" => "input.franchiseId",
        "clientTransfer" | "clientsTransfer" => "input.leadId",
        "checkInsCreate" | "actionsAccept" => "input.items.0.id",
        "noticesRead" => "input.ids.0",
        _ => "input.id",
    }
}

/// The rule that refuses a persona who has the permission within reach, where one does: the work is someone else's.
pub fn refusal(mutation: &str, who: Persona) -> Option<&'static str> {
    use Persona::*;
    match (mutation, who) {
        // head office lets nobody into a franchise that has an owner
        ("facilitatorInvite" | "clientTransfer" | "clientsTransfer", Admin) => Some("NOT_OWNER"),
        // it is the leader whose attendance is corrected
        ("recapAddendumConfirm", Sponsor) => Some("NOT_OWNER"),
        // only the leader was there
        ("sessionRate", Sponsor | Observer) => Some("NOT_OWNER"),
        // only the leader has answered
        ("alignmentConsentWithdraw", Sponsor) => Some("WRONG_STATE"),
        ("personUpdate" | "personExport", Admin | Leader) => None,
        ("personUpdate" | "personExport", _) => Some("NOT_OWNER"),
        // an export is its taker's own
        ("exportLink", Facilitator) => None,
        ("exportLink", _) => Some("NOT_FOUND"),
        // a notice is for one person
        ("noticesRead", Facilitator) => None,
        ("noticesRead", _) => Some("NOT_FOUND"),
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
        // the fixture's is about the team, and leaders answer for their own actions and priorities
        ("driftExplain" | "driftReplan" | "driftDiscuss", Leader) => Some("NOT_OWNER"),
        ("checkInsCreate" | "actionsAccept", Owner | Facilitator | Sponsor) => Some("NOT_OWNER"),
        _ => None,
    }
}
