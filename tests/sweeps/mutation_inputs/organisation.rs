//! Inputs about the network, its franchises, clients and people.

use crate::kit::{
    Persona, World,
    fixtures::{self, TeamFixtures, name},
};
use chrono::TimeDelta;
use concord::kernel::Write;
use entity::{
    assignment, benchmark_step::BenchmarkStepKind, client, client::ClientStatus,
    client_transfer::TransferStatus, team,
};
use sea_orm::{ActiveValue::Set, IntoActiveModel};
use serde_json::{Value, json};

pub(super) async fn organisation(write: &Write, home: &TeamFixtures, mutation: &str) -> Option<Value> {
    let region = home.region.to_string();
    Some(match mutation {
        "networkUpdate" => json!({ "sessionGapDays": 30 }),
        "regionCreate" => {
            json!({ "code": &name(write, "R")[..20], "name": name(write, "Region") })
        }
        "regionUpdate" => {
            let id = fixtures::region(write, home.network).await;
            json!({ "id": id, "name": name(write, "Region") })
        }
        "classificationCreate" => {
            json!({ "kind": "INDUSTRY", "key": &name(write, "K")[..20], "label": name(write, "Industry") })
        }
        "classificationUpdate" => {
            let id = fixtures::classification(write, home.network).await;
            json!({ "id": id, "label": name(write, "Industry"), "position": 3 })
        }
        "franchiseCreate" => json!({ "name": name(write, "Practice"), "regionId": region }),
        "franchiseUpdate" => {
            let id = fixtures::franchise(write, home.network, home.region).await;
            json!({ "id": id, "name": name(write, "Practice"), "regionId": region })
        }
        "franchiseClose" => json!({ "id": fixtures::franchise(write, home.network, home.region).await }),
        "assignmentCreate" => {
            let person = fixtures::person_of(write, home).await;
            json!({ "clientId": home.client, "personId": person, "part": "CO" })
        }
        "assignmentEnd" => json!({ "id": fixtures::assignment(write, home).await }),
        "teamCreate" => json!({ "clientId": home.client, "name": name(write, "Team") }),
        "teamUpdate" => json!({ "id": fixtures::team(write, home).await, "name": name(write, "Team") }),
        "teamArchive" => json!({ "id": fixtures::team(write, home).await }),
        "teamUnarchive" => {
            let team = fixtures::team(write, home).await;
            let row = write.find::<team::Entity>(team).await.expect("a look").expect("a team");
            let mut archived = row.into_active_model();
            archived.archived_at = Set(Some(write.now()));
            fixtures::set::<team::Entity>(write, archived).await;
            json!({ "id": team, "reason": "They meet again" })
        }
        _ => return None,
    })
}

pub(super) async fn clients(write: &Write, home: &TeamFixtures, mutation: &str) -> Option<Value> {
    let region = home.region.to_string();
    Some(match mutation {
        "clientCreate" => json!({
            "franchiseId": home.franchise, "regionId": region, "name": name(write, "Client"), "industry": "C",
            "sizeBand": "SMALL", "timeZone": "Europe/London", "leadId": fixtures::person_of(write, home).await,
        }),
        "clientImport" => {
            let (key, lead) = (name(write, "C"), fixtures::person_of(write, home).await);
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
        "exportLink" => json!({ "id": fixtures::export(write, home).await }),
        "clientUpdate" => json!({
            "id": home.client, "name": name(write, "Client"), "regionId": region,
            "contractStartsOn": fixtures::day(write.now(), 1), "contractEndsOn": fixtures::day(write.now(), 400),
        }),
        "clientActivate" => json!({ "id": in_status(write, home, ClientStatus::Prospect).await }),
        "clientPause" => {
            json!({ "id": in_status(write, home, ClientStatus::Active).await, "reason": "A merger" })
        }
        "clientResume" => json!({ "id": in_status(write, home, ClientStatus::Paused).await }),
        "clientGraduate" => json!({ "id": in_status(write, home, ClientStatus::Active).await }),
        "clientRenew" => json!({
            "id": in_status(write, home, ClientStatus::Active).await,
            "endsOn": fixtures::day(write.now(), 800), "note": "Two more years",
        }),
        "clientUnarchive" => {
            json!({ "id": in_status(write, home, ClientStatus::Archived).await, "reason": "They stay after all" })
        }
        "clientArchive" => json!({ "id": fixtures::client(write, home).await }),
        "clientErase" => {
            let client = fixtures::client(write, home).await;
            let row = write.find::<client::Entity>(client).await.expect("a look").expect("a client");
            let name = row.name.clone();
            let mut archived = row.into_active_model();
            archived.status = Set(client::ClientStatus::Archived);
            fixtures::set::<client::Entity>(write, archived).await;
            json!({ "id": client, "name": name, "reason": "They asked for it" })
        }
        "clientTransfer" => {
            let client = led_client(write, home).await;
            let lead = fixtures::person_of(write, home).await;
            json!({ "clientId": client, "franchiseId": home.franchise, "leadId": lead, "reason": "Nearer" })
        }
        "clientsTransfer" => {
            let client = led_client(write, home).await;
            let lead = fixtures::person_of(write, home).await;
            json!({ "clientIds": [client], "franchiseId": home.franchise, "leadId": lead, "reason": "Nearer" })
        }
        _ => return None,
    })
}

pub(super) async fn walls(
    write: &Write,
    world: &World,
    home: &TeamFixtures,
    mutation: &str,
) -> Option<Value> {
    Some(match mutation {
        "clientTransferAccept" | "clientTransferRefuse" | "clientTransferWithdraw" => {
            let there = fixtures::sponsored(write, home, world.cast.person(Persona::Sponsor).1).await;
            json!({ "id": fixtures::transfer(write, &there, TransferStatus::Pending).await })
        }
        "ownerOpeningAgree" => json!({ "id": fixtures::opening(write, home).await }),
        _ => return None,
    })
}

/// A client of the franchise in a status, whose programme the fixture's person leads.
async fn in_status(
    write: &Write,
    home: &TeamFixtures,
    status: client::ClientStatus,
) -> entity::Id<client::Entity> {
    let client = fixtures::client(write, home).await;
    let row = write.find::<client::Entity>(client).await.expect("a look").expect("a client");
    let mut change = row.into_active_model();
    change.status = Set(status);
    change.archived_at = Set((status == client::ClientStatus::Archived).then(|| write.now()));
    fixtures::set::<client::Entity>(write, change).await;
    let lead = assignment::Model {
        id: write.id(),
        network_id: home.network,
        client_id: client,
        person_id: home.person,
        part: assignment::AssignmentPart::Lead,
        starts_at: write.now(),
        ends_at: None,
        version: 1,
    };
    fixtures::add::<assignment::Entity>(write, lead).await;
    client
}

/// A client of the franchise whose programme someone leads.
async fn led_client(write: &Write, home: &TeamFixtures) -> entity::Id<client::Entity> {
    let client = fixtures::client(write, home).await;
    let there = TeamFixtures { client, ..home.clone() };
    let id = fixtures::assignment(write, &there).await;
    let row = write.find::<assignment::Entity>(id).await.expect("a look").expect("an assignment");
    let mut lead = row.into_active_model();
    lead.part = Set(assignment::AssignmentPart::Lead);
    fixtures::set::<assignment::Entity>(write, lead).await;
    client
}

pub(super) async fn people(
    write: &Write,
    world: &World,
    home: &TeamFixtures,
    mutation: &str,
) -> Option<Value> {
    let address = || name(write, "x").replace(' ', "") + "@example.com";
    Some(match mutation {
        "personUpdate" => json!({ "id": world.cast.person(Persona::Leader).1, "name": "Lena Lead" }),
        "personExport" => json!({ "id": world.cast.person(Persona::Leader).1 }),
        "noticesRead" => json!({ "ids": [fixtures::notice(write, home).await] }),
        "noticePreferencesSet" => json!({
            "preferences": [{ "kind": "DRIFT_RAISED", "delivery": "DAILY" }],
            "quietFrom": "21:00", "quietUntil": "07:00", "timeZone": "Europe/Berlin", "locale": "GERMAN",
        }),
        "personErase" => json!({ "id": fixtures::facilitator(write, home).await.0 }),
        "membershipEnd" => json!({ "id": fixtures::facilitator(write, home).await.1 }),
        "facilitatorInvite" => json!({
            "franchiseId": home.franchise, "name": "Fay", "email": address(), "role": "FACILITATOR",
        }),
        "headOfficeInvite" => {
            json!({ "name": "Anna", "email": address(), "role": "HEAD_OFFICE_ANALYST" })
        }
        "memberInvite" => {
            let member = fixtures::member(write, home, None).await;
            json!({ "memberId": member, "email": address(), "role": "LEADER" })
        }
        "membersInvite" => {
            let member = fixtures::member(write, home, None).await;
            json!({ "teamId": home.team, "items": [{ "memberId": member, "email": address(), "role": "LEADER" }] })
        }
        "invitationRevoke" | "invitationResend" => json!({ "id": fixtures::invitation(write, home).await }),
        "memberCreate" => {
            json!({ "teamId": home.team, "name": name(write, "Member"), "jobTitle": "Buyer" })
        }
        "memberImport" => {
            let key = name(write, "M");
            json!({ "teamId": home.team, "csv": format!("external_id,name\n{key},{key}\n") })
        }
        "memberUpdate" => json!({ "id": fixtures::member(write, home, None).await, "jobTitle": "Buyer" }),
        "memberRemove" => {
            json!({ "id": fixtures::member(write, home, None).await, "successorId": home.owner })
        }
        _ => return None,
    })
}

pub(super) async fn practice(write: &Write, home: &TeamFixtures, mutation: &str) -> Option<Value> {
    Some(match mutation {
        "clientNoteCreate" => json!({ "clientId": home.client, "text": "The sponsor is leaving" }),
        "clientNoteUpdate" => {
            json!({ "id": fixtures::client_note(write, home).await, "text": "She stays", "pinned": true })
        }
        "clientNoteArchive" => json!({ "id": fixtures::client_note(write, home).await }),
        "toDoCreate" => {
            json!({ "clientId": home.client, "title": "Call the sponsor", "dueOn": "2026-03-20" })
        }
        "toDoUpdate" => {
            json!({ "id": fixtures::to_do(write, home, false).await, "title": "Write to the sponsor" })
        }
        "toDoComplete" => json!({ "id": fixtures::to_do(write, home, false).await }),
        "toDoReopen" => json!({ "id": fixtures::to_do(write, home, true).await }),
        _ => return None,
    })
}

pub(super) async fn benchmarks(write: &Write, home: &TeamFixtures, mutation: &str) -> Option<Value> {
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
    fixtures::benchmarks::benchmark_step(write, home, before).await;
    Some(json!({ "clientId": home.client }))
}

pub(super) async fn support(
    write: &Write,
    world: &World,
    home: &TeamFixtures,
    mutation: &str,
) -> Option<Value> {
    if !mutation.starts_with("supportAccess") {
        return None;
    }
    // another client's: who comes to look must not see more of the others
    let there = TeamFixtures { client: fixtures::client(write, home).await, ..home.clone() };
    Some(match mutation {
        "supportAccessGrant" => json!({
            "clientId": home.client, "email": Persona::Admin.email(), "reason": "The export is broken",
            "endsAt": write.now() + TimeDelta::days(2),
        }),
        "supportAccessRevoke" => json!({ "id": fixtures::support(write, home, &[]).await.0 }),
        "supportAccessEnter" => {
            json!({ "id": fixtures::support(write, &there, &[]).await.0, "purpose": "To look at the export" })
        }
        "supportAccessLeave" => {
            let visitors = [Persona::Admin, Persona::Analyst].map(|who| world.cast.person(who).1);
            json!({ "id": fixtures::support(write, &there, &visitors).await.0 })
        }
        _ => return None,
    })
}
