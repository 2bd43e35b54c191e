//! Transfers of clients to other franchises: nothing moves before the client's people agree or had their time.

use crate::{
    kit::{
        Persona::{self, *},
        World,
        fixtures::{self, Fixtures},
    },
    scenario,
};
use concord::{features::transfer::keeping, jobs};
use entity::{Id, client_transfer, franchise, membership, membership::MembershipRole, outbox};
use sea_orm::{ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter};
use serde_json::{Value, json};

const SEEN: &str =
    "query($id: ID!) { client(id: $id) { name actions { totalCount } pendingTransfer { id status } } }";

fn to_stranger(world: &World) -> Value {
    json!({
        "clientId": world.cast.client, "franchiseId": world.cast.other_franchise,
        "leadId": world.cast.person(Stranger).1, "reason": "They moved to Bristol",
    })
}

/// Head office proposes the transfer: its id.
async fn proposed(world: &World) -> String {
    let what = "client { franchise { name } } pendingTransfer { id status takesEffectAt lead { name } }";
    let made = world.done(Admin, "clientTransfer", to_stranger(world), what).await;
    assert_eq!(made["client"]["franchise"]["name"], "Thameside", "it is where it was");
    let pending = &made["pendingTransfer"];
    assert_eq!((&pending["status"], &pending["takesEffectAt"]), (&json!("PENDING"), &Value::Null));
    pending["id"].as_str().expect("an id").to_owned()
}

/// How many actions somebody sees of the client; none where they do not see the client.
async fn actions(world: &World, who: Persona) -> Option<i64> {
    let seen = world.read(who, SEEN, json!({ "id": world.cast.client })).await;
    seen["client"]["actions"]["totalCount"].as_i64()
}

async fn status(world: &World, who: Persona, id: &str) -> Value {
    let asked = "query($id: ID!) { clientTransfer(id: $id) { status takesEffectAt client { name } reason } }";
    world.read(who, asked, json!({ "id": id })).await["clientTransfer"].clone()
}

/// The e-mails about a transfer that wait, each handed over.
async fn hand_over(world: &World, id: &str, most: usize) {
    let subject = Id::<client_transfer::Entity>::parse(id).expect("an id").uuid();
    let emails = outbox::Entity::find().filter(outbox::Column::SubjectId.eq(subject));
    let emails: Vec<outbox::Model> = emails.all(&world.home.behind().await).await.expect("the outbox");
    for email in emails.into_iter().filter(|email| email.payload.get("to").is_some()).take(most) {
        let write = world.app.kernel.system(world.cast.network).await.expect("a system transaction");
        keeping::record_notification(&write, &email).await.expect("it is noted");
        write.discard(email).await.expect("it is sent");
        write.commit_quietly().await.expect("both at once");
    }
}

scenario! {
    async fn the_receiving_franchise_reads_nothing_until_a_sponsor_accepts(world: World) {
        Fixtures::of(&world).await;
        let id = proposed(&world).await;
        let to: Vec<Value> = world.emails().await.iter().map(|email| email["to"].clone()).collect();
        for who in [Sponsor, Owner] {
            assert!(to.contains(&json!(who.email())), "{who:?}: {to:?}");
        }
        assert!(!to.contains(&json!(Leader.email())), "there is a sponsor");
        assert_eq!((actions(&world, Stranger).await, actions(&world, Facilitator).await), (None, Some(2)));
        let theirs = status(&world, Stranger, &id).await;
        assert_eq!(theirs, json!({ "status": "PENDING", "takesEffectAt": null, "client": null, "reason": null }));
        assert_eq!(status(&world, Sponsor, &id).await["reason"], "They moved to Bristol");
        let heard = "{ auditEvents(first: 100) { nodes { noun before after client { id } } } }";
        let heard = world.ask(Stranger, heard, json!({})).await.text;
        assert!(heard.contains("CLIENT_TRANSFER") && !heard.contains("Bristol"), "{heard}");
        let again = world.refused(Admin, "clientTransfer", to_stranger(&world)).await;
        assert_eq!(again, ("WRONG_STATE".into(), "input.clientId".into()), "one at a time");
        world.done(Sponsor, "clientTransferAccept", json!({ "id": id }), "clientTransfer { status endedAt }").await;
        assert_eq!((actions(&world, Stranger).await, actions(&world, Facilitator).await), (Some(2), None));
        assert_eq!(actions(&world, Owner).await, None);
        for mutation in ["clientTransferAccept", "clientTransferRefuse"] {
            assert_eq!(world.refused(Sponsor, mutation, json!({ "id": id })).await.0, "WRONG_STATE", "{mutation}");
        }
        let seen = world.read(Sponsor, SEEN, json!({ "id": world.cast.client })).await;
        assert_eq!(seen["client"]["pendingTransfer"], Value::Null);
    }
}

scenario! {
    async fn sponsors_refuse_and_owners_of_either_side_withdraw(world: World) {
        let (network, person, _) = world.cast.person(Stranger);
        let write = world.app.kernel.system(network).await.expect("a system transaction");
        let owner = membership::Model {
            id: write.id(),
            network_id: network,
            person_id: person,
            role: MembershipRole::FranchiseOwner,
            franchise_id: Some(world.cast.other_franchise),
            client_id: None,
            team_id: None,
            starts_at: write.now(),
            ends_at: None,
            created_at: write.now(),
            version: 1,
        };
        fixtures::add::<membership::Entity>(&write, owner).await;
        write.commit_quietly().await.expect("an owner over there");
        for (who, mutation, ends) in [
            (Sponsor, "clientTransferRefuse", "REFUSED"),
            (Owner, "clientTransferWithdraw", "WITHDRAWN"),
            (Stranger, "clientTransferWithdraw", "WITHDRAWN"),
            (Admin, "clientTransferWithdraw", "WITHDRAWN"),
        ] {
            let id = proposed(&world).await;
            let stale = json!({ "id": id, "expectedVersion": 7 });
            assert_eq!(world.refused(who, mutation, stale).await.0, "CONFLICT", "{who:?}");
            let done = world.done(who, mutation, json!({ "id": id, "expectedVersion": 1 }), "clientTransfer { status }").await;
            assert_eq!(done["clientTransfer"]["status"], ends, "{who:?}");
            assert_eq!(world.refused(Sponsor, "clientTransferAccept", json!({ "id": id })).await.0, "WRONG_STATE");
            hand_over(&world, &id, 9).await;
        }
        world.at("2026-06-02T09:00:00Z");
        jobs::run_due_turns(&world.app).await.expect("a look");
        assert_eq!(actions(&world, Stranger).await, None, "what has ended never takes effect");
    }
}

scenario! {
    async fn seven_days_begin_when_a_sponsor_was_written_to(world: World) {
        Fixtures::of(&world).await;
        let id = proposed(&world).await;
        world.at("2026-04-02T09:00:00Z");
        jobs::run_due_turns(&world.app).await.expect("a look");
        assert_eq!(actions(&world, Stranger).await, None, "nobody was told");
        hand_over(&world, &id, 1).await;
        assert_eq!(status(&world, Sponsor, &id).await["takesEffectAt"], "2026-04-09T09:00:00Z");
        world.at("2026-04-09T08:59:59Z");
        jobs::run_due_turns(&world.app).await.expect("a look");
        assert_eq!(actions(&world, Stranger).await, None, "the days are not over");
        world.at("2026-04-09T09:16:00Z");
        jobs::run_due_turns(&world.app).await.expect("a look");
        assert_eq!((actions(&world, Stranger).await, actions(&world, Facilitator).await), (Some(2), None));
        assert_eq!(status(&world, Admin, &id).await["status"], "DONE");
    }
}

scenario! {
    async fn without_a_sponsor_every_leader_is_written_to(world: World) {
        let write = world.app.kernel.system(world.cast.network).await.expect("a system transaction");
        let held = membership::Entity::find().filter(membership::Column::PersonId.eq(world.cast.person(Sponsor).1));
        for held in write.lock_all(held).await.expect("a look") {
            let mut leader = held.clone().into_active_model();
            leader.role = sea_orm::ActiveValue::Set(MembershipRole::Leader);
            leader.team_id = sea_orm::ActiveValue::Set(Some(world.cast.team));
            write.set::<membership::Entity>(&held, leader).await.expect("a leader");
        }
        write.commit_quietly().await.expect("two leaders and no sponsor");
        let id = proposed(&world).await;
        hand_over(&world, &id, 1).await;
        assert_eq!(status(&world, Admin, &id).await["takesEffectAt"], Value::Null, "one of two");
        hand_over(&world, &id, 9).await;
        assert_eq!(status(&world, Admin, &id).await["takesEffectAt"], "2026-03-09T09:00:00Z");
    }
}

scenario! {
    async fn conditions_are_checked_again_when_it_takes_effect(world: World) {
        let change = async |what: &str| {
            let write = world.app.kernel.system(world.cast.network).await.expect("a system transaction");
            match what {
                // the lead has left the franchise that the client goes to
                "lead" => {
                    let held = membership::Entity::find().filter(membership::Column::PersonId.eq(world.cast.person(Stranger).1));
                    let held = write.lock_all(held).await.expect("a look").pop().expect("a membership");
                    let mut ended = held.clone().into_active_model();
                    let ends = held.ends_at.is_none().then(|| write.now());
                    ended.ends_at = sea_orm::ActiveValue::Set(ends);
                    write.set::<membership::Entity>(&held, ended).await.expect("a change");
                }
                // the franchise has closed
                _ => {
                    let row = write.lock::<franchise::Entity>(world.cast.other_franchise).await.expect("it");
                    let mut closed = row.clone().into_active_model();
                    closed.status = sea_orm::ActiveValue::Set(franchise::FranchiseStatus::Closed);
                    write.set::<franchise::Entity>(&row, closed).await.expect("a change");
                }
            }
            write.commit_quietly().await.expect("a change");
        };
        let id = proposed(&world).await;
        change("lead").await;
        assert_eq!(world.refused(Sponsor, "clientTransferAccept", json!({ "id": id })).await, ("OWNER_NOT_ELIGIBLE".into(), "input.id".into()));
        change("lead").await;
        hand_over(&world, &id, 1).await;
        change("closed").await;
        world.at("2026-03-09T09:16:00Z");
        jobs::run_due_turns(&world.app).await.expect("a look");
        assert_eq!(status(&world, Admin, &id).await["status"], "FAILED");
        let seen = world.read(Facilitator, SEEN, json!({ "id": world.cast.client })).await;
        assert_eq!(seen["client"]["name"], "Acorn Mills", "it stays where it was");
        let told = world.emails().await.into_iter().any(|email| email["to"] == json!(Admin.email()));
        assert!(told, "head office is told");
    }
}
