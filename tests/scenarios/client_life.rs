//! A client's life: prospect, active, paused, alumni, archived and back, with its contract.

use crate::{
    kit::{
        Persona::{self, *},
        World,
        fixtures::Fixtures,
    },
    scenario,
};
use concord::jobs;
use entity::{Id, membership, membership::MembershipRole};
use serde_json::{Value, json};

/// What somebody sees of a client.
async fn seen(world: &World, who: Persona, id: &Value) -> Value {
    let document =
        "query($id: ID!) { client(id: $id) { name status risk pausedAt archivedAt contractEndsOn renewalOn
        programmes { status pausedAt } } }";
    world.read(who, document, json!({ "id": id })).await["client"].clone()
}

/// The names of a facilitator's portfolio, by the end of the contracts.
async fn portfolio(world: &World, who: Persona, filter: Value) -> Vec<String> {
    let document = "query($filter: ClientFilter) { viewer { portfolio(filter: $filter,
        orderBy: [{ field: RENEWAL_ON }]) { nodes { name } } } }";
    let read = world.read(who, document, json!({ "filter": filter })).await;
    let nodes = read["viewer"]["portfolio"]["nodes"].as_array().expect("clients").clone();
    nodes.iter().map(|client| client["name"].as_str().expect("a name").to_owned()).collect()
}

async fn run_jobs(world: &World) {
    jobs::run_due_turns(&world.app).await.expect("a look");
}

scenario! {
    async fn a_prospect_counts_nowhere_until_it_becomes_a_client(world: World) {
        let input = json!({
            "franchiseId": world.cast.franchise, "regionId": world.cast.region, "name": "Cedar Print", "industry": "C",
            "sizeBand": "SMALL", "timeZone": "Europe/London", "leadId": world.cast.person(Facilitator).1, "prospect": true,
        });
        let made = world.done(Owner, "clientCreate", input, "client { id status teams { id } }").await;
        let (id, team) = (made["client"]["id"].clone(), made["client"]["teams"][0]["id"].clone());
        assert_eq!(made["client"]["status"], "PROSPECT");
        world.at("2026-06-01T09:00:00Z");
        run_jobs(&world).await;
        assert_eq!(seen(&world, Facilitator, &id).await["risk"], 0, "nothing of a prospect is a risk");
        let action = json!({ "teamId": team, "ownerId": world.cast.leader, "title": "Call", "dueOn": "2026-06-20" });
        assert_eq!(world.refused(Facilitator, "actionCreate", action).await.0, "WRONG_STATE");
        // its people can be prepared
        world.done(Facilitator, "memberCreate", json!({ "teamId": team, "name": "Cleo", "jobTitle": "Director" }), "").await;
        assert!(portfolio(&world, Facilitator, json!({ "status": { "eq": "PROSPECT" } })).await == ["Cedar Print"]);
        assert_eq!(world.refused(Facilitator, "clientPause", json!({ "id": id, "reason": "Later" })).await.0, "WRONG_STATE");
        let become_client = json!({ "id": id, "expectedVersion": 1 });
        let done = world.done(Facilitator, "clientActivate", become_client, "client { status }").await;
        assert_eq!(done["client"]["status"], "ACTIVE");
        world.at("2026-06-01T09:10:00Z");
        run_jobs(&world).await;
        assert_ne!(seen(&world, Facilitator, &id).await["risk"], 0, "no session is scheduled");
    }
}

scenario! {
    async fn a_pause_pauses_the_programmes_and_its_end_resumes_them(world: World) {
        Fixtures::of(&world).await;
        let id = json!(world.cast.client);
        let before = seen(&world, Facilitator, &id).await["programmes"].clone();
        assert!(before.as_array().expect("programmes").iter().any(|programme| programme["status"] == "ACTIVE"));
        world.done(Facilitator, "clientPause", json!({ "id": id, "reason": "A merger" }), "client { status }").await;
        let paused = seen(&world, Leader, &id).await;
        assert_eq!(paused["status"], "PAUSED");
        assert!(!paused["pausedAt"].is_null());
        run_jobs(&world).await;
        assert_eq!(seen(&world, Facilitator, &id).await["risk"], 0);
        assert!(paused["programmes"].as_array().expect("programmes").iter().all(|programme| programme["status"] != "ACTIVE"));
        world.at("2026-04-02T09:00:00Z");
        world.done(Owner, "clientResume", json!({ "id": id }), "").await;
        let after = seen(&world, Facilitator, &id).await;
        assert_eq!((&after["status"], &after["programmes"], &after["pausedAt"]), (&json!("ACTIVE"), &before, &Value::Null));
    }
}

scenario! {
    async fn alumni_read_and_change_nothing(world: World) {
        let id = json!(world.cast.client);
        let action = json!({ "teamId": world.cast.team, "ownerId": world.cast.leader, "title": "Call", "dueOn": "2026-03-20" });
        let offered = world.done(Facilitator, "actionCreate", action.clone(), "action { id }").await["action"]["id"].clone();
        world.done(Facilitator, "clientGraduate", json!({ "id": id }), "client { status }").await;
        // everyone who was there reads on
        for who in [Owner, Facilitator, Sponsor, Leader, Observer] {
            let document = "query($id: ID!, $client: ID!) { action(id: $id) { title } client(id: $client) { status } }";
            let read = world.read(who, document, json!({ "id": offered, "client": id })).await;
            assert_eq!(read, json!({ "action": { "title": "Call" }, "client": { "status": "ALUMNI" } }), "{who:?}");
        }
        // and the work stays as it is, whoever asks
        let member = json!({ "teamId": world.cast.team, "name": "Nina New", "jobTitle": "Director" });
        for (who, mutation, input) in [
            (Leader, "actionAccept", json!({ "id": offered })),
            (Facilitator, "actionCreate", action),
            (Owner, "actionCancel", json!({ "id": offered, "reason": "No" })),
            (Sponsor, "memberCreate", member),
            (Facilitator, "teamUpdate", json!({ "id": world.cast.team, "name": "Board" })),
            (Facilitator, "clientPause", json!({ "id": id, "reason": "No" })),
        ] {
            assert_eq!(world.refused(who, mutation, input).await.0, "WRONG_STATE", "{who:?} {mutation}");
        }
        let stranger = json!({ "id": offered });
        assert_eq!(world.refused(Stranger, "actionUpdate", stranger).await.0, "NOT_FOUND", "not theirs before either");
        // what is theirs they can still take with them, and a portfolio lists who is worked with
        world.done(Sponsor, "clientExport", json!({ "clientId": id }), "").await;
        assert_eq!(portfolio(&world, Facilitator, json!({})).await, Vec::<String>::new());
        world.done(Facilitator, "clientActivate", json!({ "id": id }), "").await;
        world.done(Leader, "actionAccept", json!({ "id": offered }), "").await;
    }
}

scenario! {
    async fn people_of_alumni_take_back_what_they_gave_and_leave(world: World) {
        let id = json!(world.cast.client);
        let open = json!({ "teamId": world.cast.team, "title": "Reading", "statements": [{ "text": "We decide fast" }] });
        let what = "alignmentRound { id statements { id } }";
        let round = world.done(Facilitator, "alignmentRoundOpen", open, what).await["alignmentRound"].clone();
        let rating = json!({ "statementId": round["statements"][0]["id"], "rating": 2 });
        let answer = json!({ "id": round["id"], "answers": [rating], "consentToBeNamed": true });
        world.done(Leader, "alignmentRoundAnswer", answer.clone(), "").await;
        world.done(Facilitator, "clientGraduate", json!({ "id": id }), "").await;
        // the round is still open, and would name its respondents once the work begins again
        assert_eq!(world.refused(Leader, "alignmentRoundAnswer", answer).await.0, "WRONG_STATE");
        let allowed = "query($id: ID!) { alignmentRound(id: $id) { allowed myResponse { consented } } }";
        let seen = async || world.read(Leader, allowed, json!({ "id": round["id"] })).await["alignmentRound"].clone();
        let consented = |consented: bool| {
            json!({ "allowed": ["ALIGNMENT_CONSENT_WITHDRAW"], "myResponse": { "consented": consented } })
        };
        assert_eq!(seen().await, consented(true));
        world.done(Leader, "alignmentConsentWithdraw", json!({ "id": round["id"] }), "").await;
        assert_eq!(seen().await, consented(false));
        // and whoever wants to be forgotten can be, although nobody works with the client any more
        let leader = json!({ "id": world.cast.person(Leader).1 });
        assert_eq!(world.refused(Admin, "personErase", leader.clone()).await.0, "WRONG_STATE", "an active member");
        world.done(Sponsor, "memberRemove", json!({ "id": world.cast.leader }), "").await;
        world.done(Admin, "personErase", leader, "").await;
    }
}

scenario! {
    async fn the_work_with_a_client_begins_again_in_an_active_franchise(world: World) {
        let id = json!({ "id": world.cast.client });
        let back = json!({ "id": world.cast.client, "reason": "They stay after all" });
        world.done(Admin, "clientArchive", id, "").await;
        world.done(Admin, "franchiseClose", json!({ "id": world.cast.franchise }), "").await;
        let closed = ("WRONG_STATE".to_owned(), "input.id".to_owned());
        assert_eq!(world.refused(Admin, "clientUnarchive", back).await, closed, "it was active");
        assert!(!seen(&world, Leader, &json!(world.cast.client)).await["archivedAt"].is_null());
    }
}

scenario! {
    async fn alumni_of_a_closed_franchise_stay_alumni(world: World) {
        let id = json!({ "id": world.cast.client });
        world.done(Facilitator, "clientGraduate", id.clone(), "").await;
        world.done(Admin, "franchiseClose", json!({ "id": world.cast.franchise }), "").await;
        let closed = ("WRONG_STATE".to_owned(), "input.id".to_owned());
        assert_eq!(world.refused(Facilitator, "clientActivate", id.clone()).await, closed);
        // archiving them is taken back as elsewhere
        world.done(Admin, "clientArchive", id, "").await;
        let back = json!({ "id": world.cast.client, "reason": "Too early" });
        let done = world.done(Admin, "clientUnarchive", back, "client { status }").await;
        assert_eq!(done["client"]["status"], "ALUMNI");
    }
}

scenario! {
    async fn contracts_are_renewed_with_a_word_and_order_the_portfolio(world: World) {
        let id = json!(world.cast.client);
        let input = json!({
            "franchiseId": world.cast.franchise, "regionId": world.cast.region, "name": "Cedar Print", "industry": "C",
            "sizeBand": "SMALL", "timeZone": "Europe/London", "leadId": world.cast.person(Facilitator).1,
            "contractStartsOn": "2026-01-01", "contractEndsOn": "2026-12-31",
        });
        world.done(Owner, "clientCreate", input.clone(), "").await;
        let mut wrong = input;
        (wrong["name"], wrong["contractEndsOn"]) = (json!("Dale Tools"), json!("2026-01-01"));
        assert_eq!(world.refused(Owner, "clientCreate", wrong).await, ("INVALID".into(), "input.contractEndsOn".into()));
        assert_eq!(portfolio(&world, Facilitator, json!({})).await, ["Cedar Print", "Acorn Mills"], "no end comes last");
        world.done(Facilitator, "clientUpdate", json!({ "id": id, "contractEndsOn": "2026-04-30" }), "").await;
        assert_eq!(portfolio(&world, Facilitator, json!({})).await, ["Acorn Mills", "Cedar Print"]);
        let soon = json!({ "contractEndsOn": { "lte": "2026-05-01" } });
        assert_eq!(portfolio(&world, Facilitator, soon.clone()).await, ["Acorn Mills"]);
        let renew = |on: &str| json!({ "id": id, "endsOn": on, "note": "A year more, for two teams" });
        assert_eq!(world.refused(Facilitator, "clientRenew", renew("2026-04-30")).await, ("INVALID".into(), "input.endsOn".into()));
        let done = world.done(Facilitator, "clientRenew", renew("2027-04-30"), "client { contractEndsOn renewalOn }").await;
        assert_eq!(done["client"], json!({ "contractEndsOn": "2027-04-30", "renewalOn": "2027-04-30" }));
        assert_eq!(portfolio(&world, Facilitator, soon).await, Vec::<String>::new());
        let heard = "{ auditEvents(first: 100) { nodes { verb after } } }";
        assert!(world.ask(Owner, heard, json!({})).await.text.contains("A year more, for two teams"));
        assert!(world.ask(Leader, heard, json!({})).await.json["data"]["auditEvents"].is_null());
    }
}

scenario! {
    async fn archiving_a_client_is_taken_back_within_two_weeks(world: World) {
        let id = json!(world.cast.client);
        let back = json!({ "id": id, "reason": "They stay after all" });
        assert_eq!(world.refused(Owner, "clientUnarchive", back.clone()).await.0, "WRONG_STATE", "it is not archived");
        for (at, who, done) in [("2026-03-16T09:00:00Z", Owner, true), ("2026-03-30T09:00:01Z", Admin, false)] {
            world.done(Admin, "clientArchive", json!({ "id": id }), "").await;
            assert!(!seen(&world, Leader, &id).await["archivedAt"].is_null(), "its people read on");
            world.at(at);
            if done {
                world.done(who, "clientUnarchive", back.clone(), "client { status }").await;
                let client = seen(&world, Leader, &id).await;
                assert_eq!((&client["status"], &client["archivedAt"]), (&json!("ACTIVE"), &Value::Null));
                assert_eq!(client["name"], "Acorn Mills", "its name was kept for it");
            } else {
                assert_eq!(world.refused(who, "clientUnarchive", back.clone()).await, ("WRONG_STATE".into(), "input.id".into()));
            }
        }
    }
}

/// Gives the leader a role, in a franchise, in a team of the client, or at head office. Behind the application's back.
async fn hold(world: &World, role: MembershipRole, franchise: bool, team: bool) -> Id<membership::Entity> {
    let write = world.app.kernel.system(world.cast.network).await.expect("a system transaction");
    let row = membership::Model {
        id: write.id(),
        network_id: world.cast.network,
        person_id: world.cast.person(Leader).1,
        role,
        franchise_id: franchise.then_some(world.cast.franchise),
        client_id: team.then_some(world.cast.client),
        team_id: team.then_some(world.cast.team),
        starts_at: write.now(),
        ends_at: None,
        created_at: write.now(),
        version: 1,
    };
    let held = write.insert::<membership::Entity>(row).await.expect("a membership");
    write.commit_quietly().await.expect("a membership");
    held.id
}

scenario! {
    async fn who_changed_sides_is_not_asked_when_the_team_comes_back(world: World) {
        let id = json!(world.cast.team);
        for (at, who, role) in [
            ("2026-03-03T09:00:00Z", Owner, MembershipRole::Facilitator),
            ("2026-03-04T09:00:00Z", Admin, MembershipRole::HeadOfficeAnalyst),
        ] {
            world.at(at);
            world.done(Facilitator, "teamArchive", json!({ "id": id }), "").await;
            let held = hold(&world, role, who == Owner, false).await;
            world.done(Facilitator, "teamUnarchive", json!({ "id": id, "reason": "The wrong team" }), "").await;
            let invited = world.read(Facilitator, "{ invitations { totalCount } }", json!({})).await;
            assert_eq!(invited["invitations"]["totalCount"], 0, "{role:?}");
            world.done(who, "membershipEnd", json!({ "id": held }), "").await;
            hold(&world, MembershipRole::Leader, false, true).await;
        }
        // and who is on the same side is asked
        world.at("2026-03-05T09:00:00Z");
        world.done(Facilitator, "teamArchive", json!({ "id": id }), "").await;
        world.done(Facilitator, "teamUnarchive", json!({ "id": id, "reason": "The wrong team" }), "").await;
        let invited = world.read(Facilitator, "{ invitations { totalCount } }", json!({})).await;
        assert_eq!(invited["invitations"]["totalCount"], 1);
    }
}

scenario! {
    async fn members_of_a_team_that_comes_back_are_asked_again(world: World) {
        let id = json!(world.cast.team);
        let actions = "query($id: ID!) { team(id: $id) { name actions { totalCount } } }";
        world.done(Facilitator, "teamArchive", json!({ "id": id }), "").await;
        let there = async || world.ask(Leader, actions, json!({ "id": id })).await.json["data"]["team"].is_object();
        assert!(!there().await);
        world.at("2026-03-12T09:00:00Z");
        let back = json!({ "id": id, "reason": "The wrong team", "expectedVersion": 2 });
        let done = world.done(Facilitator, "teamUnarchive", back.clone(), "team { archivedAt }").await;
        assert_eq!(done["team"]["archivedAt"], Value::Null);
        assert!(!there().await, "they are asked first");
        let invited = "{ invitations { nodes { email role acceptedAt } } }";
        let invited = world.read(Facilitator, invited, json!({})).await;
        // the observer is no member, and the sponsor never lost access
        assert_eq!(
            invited["invitations"]["nodes"],
            json!([{ "email": Leader.email(), "role": "LEADER", "acceptedAt": null }])
        );
        assert!(world.emails().await.iter().any(|email| email["to"] == json!(Leader.email())), "by e-mail");
        assert_eq!(world.refused(Facilitator, "teamUnarchive", back).await.0, "CONFLICT");
        let again = json!({ "id": id, "reason": "Once more" });
        assert_eq!(world.refused(Facilitator, "teamUnarchive", again).await.0, "WRONG_STATE", "it is not archived");
    }
}
