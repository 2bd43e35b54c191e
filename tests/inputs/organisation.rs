//! Inputs about the network, its franchises, clients and people.

use crate::{
    estate::{self, Plot, name},
    kit::{Persona, World},
};
use chrono::TimeDelta;
use concord::kernel::Write;
use entity::{assignment, benchmark_step::BenchmarkStepKind, client, client_transfer::TransferStatus};
use sea_orm::{ActiveValue::Set, IntoActiveModel};
use serde_json::{Value, json};

pub(super) async fn organisation(write: &Write, home: &Plot, mutation: &str) -> Option<Value> {
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

pub(super) async fn walls(write: &Write, world: &World, home: &Plot, mutation: &str) -> Option<Value> {
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

pub(super) async fn people(write: &Write, world: &World, home: &Plot, mutation: &str) -> Option<Value> {
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

pub(super) async fn practice(write: &Write, home: &Plot, mutation: &str) -> Option<Value> {
    Some(match mutation {
        "clientNoteCreate" => json!({ "clientId": home.client, "text": "The sponsor is leaving" }),
        "clientNoteUpdate" => {
            json!({ "id": estate::client_note(write, home).await, "text": "She stays", "pinned": true })
        }
        "clientNoteArchive" => json!({ "id": estate::client_note(write, home).await }),
        _ => return None,
    })
}

pub(super) async fn benchmarks(write: &Write, home: &Plot, mutation: &str) -> Option<Value> {
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

pub(super) async fn support(write: &Write, world: &World, home: &Plot, mutation: &str) -> Option<Value> {
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
