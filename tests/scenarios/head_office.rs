//! Head office cannot let itself in: owners let people into their franchise, and where there is none its clients have
//! the time to object.

use crate::{
    kit::{Persona::*, World, document, link},
    scenario,
};
use entity::membership;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use serde_json::{Value, json};

const ACCEPT: &str = "mutation($input: InvitationAcceptInput!) { invitationAccept(input: $input) {
    accessToken errors { code message path } } }";
const SIGN_IN: &str =
    "mutation($input: SignInInput!) { signIn(input: $input) { accessToken errors { code } } }";
const WORDS: &str = "harbour copper lantern";
const SEEN: &str = "query($id: ID!) { client(id: $id) { name actions { totalCount }
    ownerOpenings { id email open opensAt agreedAt version } } }";

fn invitation(franchise: &Value, email: &str, role: &str) -> Value {
    json!({ "franchiseId": franchise, "name": "Ines Falk", "email": email, "role": role })
}

/// Accepts the latest invitation: a token.
async fn accepted(world: &World) -> String {
    let letters = world.emails().await;
    let invitation = letters
        .iter()
        .rev()
        .find(|email| email["text"].as_str().is_some_and(|text| text.contains("/invitation#")));
    let token = link(invitation.expect("an invitation"), "invitation");
    let input = json!({ "input": { "token": token, "password": WORDS } });
    let joined = world.ask_nobody(ACCEPT, input).await.json["data"]["invitationAccept"].clone();
    assert_eq!(joined["errors"], json!([]));
    joined["accessToken"].as_str().expect("a token").to_owned()
}

async fn signed_in(world: &World, email: &str) -> String {
    let input = json!({ "input": { "email": email, "password": WORDS } });
    let signed = world.ask_nobody(SIGN_IN, input).await;
    signed.json["data"]["signIn"]["accessToken"]
        .as_str()
        .unwrap_or_else(|| panic!("{}", signed.text))
        .to_owned()
}

async fn sees(world: &World, token: &str) -> bool {
    let seen = world.send(Some(token.to_owned()), SEEN, json!({ "id": world.cast.client }), None).await;
    assert!(seen.json.get("errors").is_none(), "{}", seen.text);
    !seen.json["data"]["client"].is_null()
}

async fn refused(world: &World, token: &str, mutation: &str, input: Value) -> String {
    let answer =
        world.send(Some(token.to_owned()), &document(mutation, ""), json!({ "input": input }), None).await;
    let code = answer.json["data"][mutation]["errors"][0]["code"].as_str();
    code.unwrap_or_else(|| panic!("{mutation} was not refused: {}", answer.text)).to_owned()
}

/// Every owner of the cast's franchise leaves.
async fn orphaned(world: &World) {
    let list = "query($id: ID!) { franchise(id: $id) { memberships { nodes { id role active } } } }";
    let held = world.read(Admin, list, json!({ "id": world.cast.franchise })).await;
    for held in held["franchise"]["memberships"]["nodes"].as_array().expect("memberships") {
        if held["role"] == "FRANCHISE_OWNER" {
            world.done(Admin, "membershipEnd", json!({ "id": held["id"] }), "").await;
        }
    }
}

/// The addresses of the e-mails in which some words stand.
async fn told(world: &World, words: &str) -> Vec<String> {
    let letters = world.emails().await.into_iter();
    let with =
        letters.filter(|email| email["subject"].as_str().is_some_and(|subject| subject.contains(words)));
    let mut to: Vec<String> =
        with.map(|email| email["to"].as_str().expect("an address").to_owned()).collect();
    to.sort();
    to
}

scenario! {
    async fn head_office_names_one_owner_of_a_new_franchise_and_nobody_else(world: World) {
        let home = json!(world.cast.franchise);
        for role in ["FACILITATOR", "FRANCHISE_OWNER"] {
            let no = world.refused(Admin, "facilitatorInvite", invitation(&home, "ines@example.org", role)).await;
            assert_eq!(no, ("NOT_OWNER".into(), "input.franchiseId".into()), "{role}: it has an owner");
        }
        // nor by another road
        let part = json!({ "clientId": world.cast.client, "personId": world.cast.person(Owner).1, "part": "CO" });
        let part = world.ask(Admin, &document("assignmentCreate", ""), json!({ "input": part })).await;
        assert_eq!(part.json["errors"][0]["extensions"]["code"], "FORBIDDEN", "{}", part.text);
        let lead = json!({ "clientId": world.cast.client, "leadId": world.cast.person(Owner).1 });
        assert_eq!(world.refused(Admin, "clientTransfer", lead).await, ("NOT_OWNER".into(), "input.leadId".into()));
        let new = json!({ "name": "Tyneside", "regionId": world.cast.region });
        let new = world.done(Admin, "franchiseCreate", new, "franchise { id }").await["franchise"]["id"].clone();
        let no = world.refused(Admin, "facilitatorInvite", invitation(&new, "ines@example.org", "FACILITATOR")).await;
        assert_eq!(no, ("NOT_OWNER".into(), "input.role".into()));
        world.done(Admin, "facilitatorInvite", invitation(&new, "ines@example.org", "FRANCHISE_OWNER"), "").await;
        let no = world.refused(Admin, "facilitatorInvite", invitation(&new, "udo@example.org", "FRANCHISE_OWNER")).await;
        assert_eq!(no, ("TAKEN".into(), "input.franchiseId".into()), "one at a time");
        let token = accepted(&world).await;
        let no = world.refused(Admin, "facilitatorInvite", invitation(&new, "udo@example.org", "FRANCHISE_OWNER")).await;
        assert_eq!(no, ("NOT_OWNER".into(), "input.franchiseId".into()));
        let invite = json!({ "input": invitation(&new, "udo@example.org", "FACILITATOR") });
        let invited = world.send(Some(token), &document("facilitatorInvite", ""), invite, None).await;
        assert_eq!(invited.json["data"]["facilitatorInvite"]["errors"], json!([]), "{}", invited.text);
    }
}

scenario! {
    async fn clients_open_to_an_owner_whom_head_office_named_after_a_week_or_by_their_sponsor(world: World) {
        let home = json!(world.cast.franchise);
        orphaned(&world).await;
        world.done(Admin, "facilitatorInvite", invitation(&home, "ines@example.org", "FRANCHISE_OWNER"), "").await;
        assert_eq!(told(&world, "An owner is named").await, ["facilitator@example.com", "owner@example.com", "sponsor@example.com"]);
        let ines = accepted(&world).await;
        assert_eq!(told(&world, "A new owner of").await, ["sponsor@example.com"]);
        assert!(!sees(&world, &ines).await);
        // who waits lets nobody in sooner, and ends nobody's membership
        let part = json!({ "clientId": world.cast.client, "personId": world.cast.person(Facilitator).1, "part": "CO" });
        assert_eq!(refused(&world, &ines, "assignmentCreate", part).await, "NOT_FOUND");
        let held = membership::Entity::find().filter(membership::Column::PersonId.eq(world.cast.person(Facilitator).1));
        let held = held.all(&world.home.behind().await).await.expect("a look").pop().expect("a membership");
        assert_eq!(refused(&world, &ines, "membershipEnd", json!({ "id": held.id })).await, "WRONG_STATE");
        let invite = json!({ "input": invitation(&home, "udo@example.org", "FRANCHISE_OWNER") });
        let invited = world.send(Some(ines.clone()), &document("facilitatorInvite", ""), invite, None).await;
        assert_eq!(invited.json["data"]["facilitatorInvite"]["errors"], json!([]), "{}", invited.text);
        let udo = accepted(&world).await;
        assert!(!sees(&world, &udo).await, "an owner whom a waiting owner invites waits, too");
        // what comes later is theirs
        let new = json!({ "franchiseId": home, "regionId": world.cast.region, "name": "Cedar Print", "industry": "C", "sizeBand": "SMALL",
            "timeZone": "Europe/London", "leadId": world.cast.person(Facilitator).1 });
        let made = world.send(Some(ines.clone()), &document("clientCreate", "client { name }"), json!({ "input": new }), None).await;
        assert_eq!(made.json["data"]["clientCreate"]["client"]["name"], "Cedar Print", "{}", made.text);
        // the client's sponsor agrees to one of them
        let openings = world.read(Sponsor, SEEN, json!({ "id": world.cast.client })).await["client"]["ownerOpenings"].clone();
        let of = |email: &str| openings.as_array().expect("openings").iter().find(|opening| opening["email"] == email).expect("an opening").clone();
        assert_eq!((&of("udo@example.org")["open"], &of("udo@example.org")["opensAt"]), (&json!(false), &json!("2026-03-09T09:00:00Z")));
        let agree = json!({ "id": of("ines@example.org")["id"], "expectedVersion": 1 });
        world.done(Sponsor, "ownerOpeningAgree", agree.clone(), "ownerOpening { open agreedAt }").await;
        assert_eq!(world.refused(Sponsor, "ownerOpeningAgree", json!({ "id": agree["id"] })).await.0, "WRONG_STATE");
        assert_eq!((sees(&world, &ines).await, sees(&world, &udo).await), (true, false));
        world.at("2026-03-09T08:59:00Z");
        assert!(!sees(&world, &signed_in(&world, "udo@example.org").await).await);
        world.at("2026-03-09T09:00:00Z");
        assert!(sees(&world, &signed_in(&world, "udo@example.org").await).await);
    }
}

scenario! {
    async fn an_owner_who_joins_is_told_of_and_the_franchise_reads_the_event(world: World) {
        let home = json!(world.cast.franchise);
        world.done(Owner, "facilitatorInvite", invitation(&home, "ines@example.org", "FRANCHISE_OWNER"), "").await;
        let ines = accepted(&world).await;
        assert!(sees(&world, &ines).await, "an owner invited them");
        assert_eq!(told(&world, "A new owner of").await, ["owner@example.com", "sponsor@example.com"]);
        let asked = "query($id: ID!) { auditEvents(filter: { franchiseId: { eq: $id }, verb: { eq: INVITATION_ACCEPT } }) {
            nodes { noun franchise { name } after } } }";
        for (who, sees) in [(Owner, true), (Facilitator, true), (Admin, true), (Sponsor, false), (Stranger, false)] {
            let seen = world.read(who, asked, json!({ "id": home })).await["auditEvents"]["nodes"].clone();
            let joined = seen.as_array().expect("events").iter().find(|event| event["noun"] == "MEMBERSHIP");
            assert_eq!(joined.is_some(), sees, "{who:?}: {seen}");
            if let Some(joined) = joined.filter(|_| who == Owner) {
                assert_eq!(joined["franchise"]["name"], "Thameside");
                assert!(joined["after"].to_string().contains("FRANCHISE_OWNER"), "{joined}");
            }
        }
    }
}
