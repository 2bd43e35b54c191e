//! Who leaves, what is archived, what is paused: access ends whole, and nothing of it waits or counts afterwards.

use crate::{
    kit::{
        Persona::{self, *},
        World, assert_counts, columns_with_text,
        fixtures::Fixtures,
    },
    scenario,
};
use entity::{Id, review, review::ReviewStatus};
use sea_orm::ActiveValue::Set;
use serde_json::{Value, json};

const PASSWORD: &str = "harbour copper lantern";

/// The first error of a mutation, with its values.
async fn refusal(world: &World, who: Persona, mutation: &str, input: Value) -> Value {
    let document = format!(
        "mutation($input: {}!) {{ {mutation}(input: $input) {{ errors {{ code message path params {{ name value }} }} }} }}",
        crate::kit::input_of(mutation)
    );
    let answered = world.ask(who, &document, json!({ "input": input })).await;
    assert!(answered.json.get("errors").is_none(), "{}", answered.text);
    answered.json["data"][mutation]["errors"][0].clone()
}

async fn memberships(world: &World, who: Persona) -> Vec<Value> {
    memberships_by(world, world.token(who)).await
}

async fn memberships_by(world: &World, token: String) -> Vec<Value> {
    let document = "{ viewer { memberships(filter: { active: { eq: true } }) { nodes { id role } } } }";
    let read = world.send(Some(token), document, json!({}), None).await;
    assert!(read.json.get("errors").is_none(), "{}", read.text);
    read.json["data"]["viewer"]["memberships"]["nodes"].as_array().cloned().unwrap_or_default()
}

/// A member of the team who has joined by an invitation: the member, and the access token.
async fn joined(world: &World, email: &str, role: &str) -> (Value, String) {
    let create = json!({ "teamId": world.cast.team, "name": "Nadia Petrova", "jobTitle": "Buyer" });
    let member = world.done(Sponsor, "memberCreate", create, "member { id }").await["member"]["id"].clone();
    world
        .done(Sponsor, "memberInvite", json!({ "memberId": member, "email": email, "role": role }), "")
        .await;
    let token = world.invitation_link().await;
    let accept = "mutation($input: InvitationAcceptInput!) { invitationAccept(input: $input) { accessToken errors { message } } }";
    let input = json!({ "input": { "token": token, "password": PASSWORD } });
    let accepted = world.ask_nobody(accept, input).await.json["data"]["invitationAccept"].clone();
    assert_eq!(accepted["errors"], json!([]));
    (member, accepted["accessToken"].as_str().expect("a token").to_owned())
}

scenario! {
    async fn a_sponsor_is_removed_once_the_sponsorship_ended(world: World) {
        let remove = json!({ "id": world.cast.sponsor, "successorId": world.cast.leader });
        let refused = refusal(&world, Facilitator, "memberRemove", remove.clone()).await;
        assert_eq!((&refused["code"], &refused["path"]), (&json!("WRONG_STATE"), &json!(["input", "id"])));
        let held = memberships(&world, Sponsor).await[0]["id"].clone();
        assert_eq!(refused["params"], json!([
            { "name": "membershipId", "value": held }, { "name": "endedBy", "value": "FRANCHISE_OWNER, SPONSOR" }]));
        // the facilitator may not, the sponsor not themselves, and another sponsor may
        let end = "mutation($input: MembershipEndInput!) { membershipEnd(input: $input) { errors { code } } }";
        let answered = world.ask(Facilitator, end, json!({ "input": { "id": held } })).await;
        assert_eq!(answered.json["errors"][0]["extensions"]["code"], "FORBIDDEN", "{}", answered.text);
        assert_eq!(refusal(&world, Sponsor, "membershipEnd", json!({ "id": held })).await["code"], "WRONG_STATE");
        let (_, other) = joined(&world, "nadia@example.org", "SPONSOR").await;
        let ended = world.send(Some(other), end, json!({ "input": { "id": held } }), None).await;
        assert_eq!(ended.json["data"]["membershipEnd"]["errors"], json!([]), "{}", ended.text);
        assert_eq!(memberships(&world, Sponsor).await, Vec::<Value>::new());
        world.done(Facilitator, "memberRemove", remove, "").await;
    }
}

scenario! {
    async fn a_removed_member_has_no_membership_left_in_the_team(world: World) {
        assert_eq!(memberships(&world, Leader).await.len(), 1);
        world.done(Sponsor, "memberRemove", json!({ "id": world.cast.leader, "successorId": world.cast.quiet }), "").await;
        assert_eq!(memberships(&world, Leader).await, Vec::<Value>::new());
        // and comes back by hand
        let create = json!({ "teamId": world.cast.team, "name": "Lea", "jobTitle": "", "email": Leader.email() });
        let member = world.done(Sponsor, "memberCreate", create, "member { id }").await["member"]["id"].clone();
        world.done(Sponsor, "memberInvite", json!({ "memberId": member, "email": Leader.email(), "role": "LEADER" }), "").await;
        let accept = "mutation($input: InvitationAcceptInput!) { invitationAccept(input: $input) { accessToken errors { message } } }";
        let input = json!({ "input": { "token": world.invitation_link().await, "password": crate::kit::PASSWORD } });
        let accepted = world.ask_nobody(accept, input).await;
        let token = accepted.json["data"]["invitationAccept"]["accessToken"].as_str();
        let token = token.unwrap_or_else(|| panic!("{}", accepted.text)).to_owned();
        assert_eq!(memberships_by(&world, token).await.len(), 1);
    }
}

scenario! {
    async fn whoever_was_imported_comes_back_by_an_import(world: World) {
        let csv = "external_id,name,email\nhr-7,Ines Falk,ines@example.org\n";
        let import = || json!({ "teamId": world.cast.team, "csv": csv });
        let what = "createdCount existingCount refusedCount rows { id }";
        let first = world.done(Sponsor, "memberImport", import(), what).await;
        assert_eq!(first["createdCount"], 1);
        assert_eq!(world.done(Sponsor, "memberImport", import(), what).await["existingCount"], 1, "the same file twice is as once");
        world.done(Sponsor, "memberRemove", json!({ "id": first["rows"][0]["id"] }), "").await;
        let again = world.done(Sponsor, "memberImport", import(), what).await;
        assert_eq!(again["createdCount"], 1, "{again}");
        assert_ne!(again["rows"][0]["id"], first["rows"][0]["id"]);
        // work that is imported finds the member who is there now
        let actions = "external_id,owner,title,due_on\na-1,hr-7,Call,2026-03-20\na-2,Ines@Example.org,Write,2026-03-20\n";
        let made = world.done(Facilitator, "actionImport", json!({ "teamId": world.cast.team, "csv": actions }), "createdCount rows { id }").await;
        let owner = "query($id: ID!) { action(id: $id) { owner { id } } }";
        for row in made["rows"].as_array().expect("rows") {
            let read = world.read(Facilitator, owner, json!({ "id": row["id"] })).await;
            assert_eq!(read["action"]["owner"]["id"], again["rows"][0]["id"]);
        }
    }
}

scenario! {
    async fn an_archived_team_leaves_nothing_open(world: World) {
        let fixtures = Fixtures::of(&world).await;
        let owner = world.cast.leader;
        let offer = |title: &str, due: &str| json!({ "teamId": world.cast.team, "ownerId": owner, "title": title, "dueOn": due });
        for title in ["Offered", "Accepted"] {
            let made = world.done(Facilitator, "actionCreate", offer(title, "2026-03-03"), "action { id }").await;
            if title == "Accepted" {
                world.done(Leader, "actionAccept", json!({ "id": made["action"]["id"] }), "").await;
            }
        }
        let round = json!({ "teamId": world.cast.team, "title": "Agreement", "statements": [{ "text": "We agree." }] });
        world.done(Facilitator, "alignmentRoundOpen", round, "").await;
        world.at("2026-03-12T09:00:00Z");
        let programme = fixtures.home.ids["programme"].clone();
        world.done(Facilitator, "programmeTerminate", json!({ "id": programme, "reason": "Sold" }), "").await;
        world.done(Facilitator, "teamArchive", json!({ "id": world.cast.team }), "").await;
        let document = "query($id: ID!) { team(id: $id) {
            actions(filter: { status: { in: [OFFERED, ACCEPTED] } }) { totalCount }
            priorities(filter: { status: { in: [PROPOSED, COMMITTED] } }) { totalCount }
            decisions(filter: { status: { eq: PROPOSED } }) { totalCount }
            obstacles(filter: { status: { in: [RAISED, PRIORITISED, ESCALATED] } }) { totalCount }
            driftSignals(filter: { status: { in: [OPEN, ACKNOWLEDGED] } }) { totalCount }
            alignmentRounds(filter: { status: { eq: OPEN } }) { totalCount }
            sessions(filter: { status: { eq: SCHEDULED }, startsAt: { gt: \"2026-03-12T09:00:00Z\" } }) { totalCount } } }";
        let left = world.read(Facilitator, document, json!({ "id": world.cast.team })).await;
        for (what, list) in left["team"].as_object().expect("a team") {
            assert_eq!(list["totalCount"], 0, "{what}");
        }
        assert_eq!(memberships(&world, Leader).await, Vec::<Value>::new());
        assert_eq!(memberships(&world, Observer).await, Vec::<Value>::new());
        assert_eq!(memberships(&world, Sponsor).await.len(), 1, "sponsors belong to the client");
        let figures = "query($id: ID!) { client(id: $id) { progress { actionsOverdue actionsOpen actionsOffered prioritiesCommitted driftSignalsOpen } } }";
        let figures = world.read(Facilitator, figures, json!({ "id": world.cast.client })).await;
        let other = "query($id: ID!) { client(id: $id) { teams { id archivedAt } } }";
        let teams = world.read(Facilitator, other, json!({ "id": world.cast.client })).await;
        let alone = teams["client"]["teams"].as_array().expect("teams").iter().all(|team| !team["archivedAt"].is_null());
        for (what, figure) in figures["client"]["progress"].as_object().expect("figures") {
            assert!(!alone || *figure == 0, "{what}: {figure}");
        }
        assert_counts(&world.home.behind().await).await;
    }
}

scenario! {
    async fn nothing_is_at_risk_where_all_rests(world: World) {
        Fixtures::of(&world).await;
        let client = json!({ "id": world.cast.client });
        let action = json!({ "teamId": world.cast.team, "ownerId": world.cast.leader, "title": "Call", "dueOn": "2026-03-03" });
        let action = world.done(Facilitator, "actionCreate", action, "action { id }").await["action"]["id"].clone();
        world.done(Leader, "actionAccept", json!({ "id": action }), "").await;
        world.at("2026-03-05T09:00:00Z");
        let risk = async |world: &World| {
            world.compute_risks().await;
            let read = world.read(Facilitator, "query($id: ID!) { client(id: $id) { risk } }", client.clone()).await;
            read["client"]["risk"].as_i64().expect("a number")
        };
        let before = risk(&world).await;
        assert!(before >= 3, "{before}");
        let document = "query($id: ID!) { client(id: $id) { programmes { id status } } }";
        let programmes = world.read(Facilitator, document, client.clone()).await["client"]["programmes"].clone();
        let programmes = programmes.as_array().expect("programmes").iter();
        let active: Vec<_> = programmes.filter(|one| one["status"] == "ACTIVE").map(|one| one["id"].clone()).collect();
        assert_eq!(active.len(), 2, "the team's and another's");
        for id in &active {
            assert_ne!(risk(&world).await, 0, "as long as one of them goes on");
            world.done(Facilitator, "programmePause", json!({ "id": id, "reason": "Stocktaking" }), "").await;
        }
        assert_eq!(risk(&world).await, 0);
        for id in &active {
            world.done(Facilitator, "programmeResume", json!({ "id": id }), "").await;
        }
        assert_eq!(risk(&world).await, before);
    }
}

scenario! {
    async fn a_paused_team_is_at_no_risk_while_another_goes_on(world: World) {
        let fixtures = Fixtures::of(&world).await;
        let mut actions = vec![];
        for title in ["Call", "Write"] {
            let action = json!({ "teamId": world.cast.team, "ownerId": world.cast.leader, "title": title, "dueOn": "2026-03-03" });
            let action = world.done(Facilitator, "actionCreate", action, "action { id }").await["action"]["id"].clone();
            world.done(Leader, "actionAccept", json!({ "id": action }), "").await;
            actions.push(action);
        }
        let session = json!({ "teamId": world.cast.team, "title": "Review", "startsAt": "2026-03-20T09:00:00Z", "minutes": 60, "kind": "REVIEW", "place": "" });
        world.done(Facilitator, "sessionSchedule", session, "").await;
        let write = world.app.kernel.system(world.cast.network).await.expect("a system transaction");
        let id = Id::parse(&fixtures.home.ids["review"]).expect("an id");
        let missed = review::ActiveModel {
            id: Set(id),
            status: Set(ReviewStatus::Missed),
            session_id: Set(None),
            held_at: Set(None),
            quorate: Set(None),
            ..Default::default()
        };
        crate::kit::fixtures::set::<review::Entity>(&write, missed).await;
        write.commit_quietly().await.expect("a missed review");
        world.at("2026-03-05T09:00:00Z");
        let document = "query($id: ID!) { client(id: $id) { risk progress { actionsOverdue driftSignalsOpen reviewsMissed nextSessionAt } } }";
        let figures = async || {
            world.compute_risks().await;
            let read = world.read(Facilitator, document, json!({ "id": world.cast.client })).await["client"].clone();
            let head_office = world.read(Admin, document, json!({ "id": world.cast.client })).await["client"].clone();
            assert_eq!(read, head_office, "the same for who reads no content");
            (read["risk"].as_i64().expect("a number"), read["progress"].clone())
        };
        let document = "query($id: ID!) { team(id: $id) { driftSignals(filter: { status: { in: [OPEN, ACKNOWLEDGED] } }) { totalCount } } }";
        let drifting = world.read(Facilitator, document, json!({ "id": world.cast.team })).await;
        let drifting = drifting["team"]["driftSignals"]["totalCount"].as_i64().expect("a number");
        assert!(drifting > 0, "the fixtures'");
        let (before, progress) = figures().await;
        assert_eq!((&progress["actionsOverdue"], &progress["reviewsMissed"]), (&json!(2), &json!(1)));
        let programme = fixtures.home.ids["programme"].clone();
        let pause = json!({ "id": programme, "reason": "Stocktaking" });
        world.done(Facilitator, "programmePause", pause.clone(), "").await;
        // two overdue actions, the signals and the review count no longer, and the other team has no session
        let rest = before - 2 * 3 - 2 * drifting - 2 + 5;
        assert_eq!(figures().await, (rest, progress.clone()));
        world.done(Facilitator, "programmeResume", json!({ "id": programme }), "").await;
        assert_eq!(figures().await, (before, progress));
        // what is done meanwhile does not come back
        world.done(Facilitator, "programmePause", pause, "").await;
        world.done(Leader, "actionComplete", json!({ "id": actions[0] }), "").await;
        assert_eq!(figures().await.0, rest);
        world.done(Facilitator, "programmeResume", json!({ "id": programme }), "").await;
        assert_eq!(figures().await.0, before - 3);
    }
}

scenario! {
    async fn an_erasure_leaves_no_import_key_and_no_letter(world: World) {
        let csv = "external_id,name,email\nzoe@leaving.example,Zoe Leaving,zoe@leaving.example\n";
        let import = json!({ "teamId": world.cast.team, "csv": csv });
        let member = world.done(Sponsor, "memberImport", import, "rows { id }").await["rows"][0]["id"].clone();
        // another sponsor is told of the invitation, with name and address
        world.done(Facilitator, "memberInvite", json!({ "memberId": member, "email": "zoe@leaving.example", "role": "SPONSOR" }), "invitation { person { id } }").await;
        let person = world.person_id("zoe@leaving.example").await;
        world.done(Sponsor, "memberRemove", json!({ "id": member }), "").await;
        let behind = world.home.behind().await;
        assert!(!columns_with_text(&behind, "leaving").await.is_empty());
        world.done(Admin, "personErase", json!({ "id": person }), "").await;
        assert_eq!(columns_with_text(&behind, "leaving").await, Vec::<String>::new());
    }
}

scenario! {
    async fn the_name_of_what_is_archived_says_how_to_go_on(world: World) {
        let message = async |mutation: &str, who: Persona, input: Value| {
            let refused = refusal(&world, who, mutation, input).await;
            assert_eq!(refused["code"], "TAKEN", "{refused}");
            let params = refused["params"].as_array().expect("parameters");
            let holder = params.iter().find(|param| param["name"] == "holder").expect("who has the name");
            (holder["value"].clone(), refused["message"].as_str().expect("a message").to_owned())
        };
        let create = |name: &str| json!({ "clientId": world.cast.client, "name": name });
        let made = world.done(Facilitator, "teamCreate", create("Second team"), "team { id }").await["team"]["id"].clone();
        assert_eq!(message("teamCreate", Facilitator, create("Second team")).await.0, "ACTIVE");
        world.done(Facilitator, "teamArchive", json!({ "id": made }), "").await;
        let (holder, text) = message("teamCreate", Facilitator, create("Second team")).await;
        assert_eq!(holder, "ARCHIVED");
        assert!(text.contains("archived") && text.contains("teamUpdate"), "{text}");
        // and so it goes on
        world.done(Facilitator, "teamUpdate", json!({ "id": made, "name": "Second team, 2025" }), "").await;
        world.done(Facilitator, "teamCreate", create("Second team"), "").await;
        // another client, which is in another franchise
        let document = "query($id: ID!) { client(id: $id) { name regionId } }";
        let other = world.read(Admin, document, json!({ "id": world.cast.other_client })).await["client"].clone();
        world.done(Admin, "clientArchive", json!({ "id": world.cast.other_client }), "").await;
        let rename = json!({ "id": world.cast.client, "name": other["name"] });
        let (holder, text) = message("clientUpdate", Facilitator, rename).await;
        assert_eq!(holder, "ARCHIVED");
        assert!(text.contains("archived") && text.contains("clientUpdate"), "{text}");
        // a template of which no version is in use goes on with its next version
        let template = json!({ "name": "Turnaround", "summary": "Our programme", "basis": "STRATPRO" });
        let made = world.done(Admin, "templateCreate", template.clone(), "template { versions { id } }").await;
        let version = json!({ "id": made["template"]["versions"][0]["id"] });
        world.done(Admin, "templatePublish", version.clone(), "").await;
        world.done(Admin, "templateRetire", version, "").await;
        let refused = refusal(&world, Admin, "templateCreate", template).await;
        let text = refused["message"].as_str().expect("a message");
        assert!(refused["code"] == "TAKEN" && text.contains("retired") && text.contains("templateDraft"), "{refused}");
    }
}
