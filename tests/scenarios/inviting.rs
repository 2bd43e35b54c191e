//! Joining: an invitation's link works once, for a while, and never puts anyone on both sides of a client.

use crate::{
    kit::{Persona::*, World, link},
    scenario,
};
use serde_json::{Value, json};

const ACCEPT: &str = "mutation($input: InvitationAcceptInput!) { invitationAccept(input: $input) {
    accessToken refreshToken errors { code message path } } }";
const SIGN_IN: &str =
    "mutation($input: SignInInput!) { signIn(input: $input) { accessToken errors { code } } }";
const WORDS: &str = "harbour copper lantern";

scenario! {
    async fn a_member_joins_by_the_link_in_the_letter(world: World) {
        let (member, invitation, token) = invited(&world, "nadia@example.org").await;
        let other = accept(&world, "concord_inv_nothing", WORDS).await;
        assert_eq!(other["errors"][0]["code"], "NOT_AUTHENTICATED");
        let short = accept(&world, &token, "short").await;
        assert_eq!((&short["errors"][0]["code"], &short["errors"][0]["path"][1]), (&json!("INVALID"), &json!("password")));
        let joined = accept(&world, &token, WORDS).await;
        assert_eq!(joined["errors"], json!([]));
        let bearer = joined["accessToken"].as_str().map(str::to_owned);
        let who = "{ viewer { person { email } memberships { nodes { role team { id } } } } }";
        let seen = world.send(bearer, who, json!({}), None).await.json;
        assert_eq!(seen["data"]["viewer"], json!({ "person": { "email": "nadia@example.org" }, "memberships": {
            "nodes": [{ "role": "LEADER", "team": { "id": world.cast.team.to_string() } }] } }));
        let again = accept(&world, &token, WORDS).await;
        assert_eq!(again["errors"][0]["code"], "NOT_AUTHENTICATED", "the link works once");
        let signed = world.ask_nobody(SIGN_IN, json!({ "input": { "email": "nadia@example.org", "password": WORDS } })).await;
        assert_eq!(signed.json["data"]["signIn"]["errors"], json!([]));
        let taken = world.refused(Sponsor, "invitationRevoke", json!({ "id": invitation })).await;
        assert_eq!(taken.0, "WRONG_STATE");
        // a member who signs in now answers for herself
        let document = "query($id: ID!) { member(id: $id) { person { email } } }";
        let read = world.read(Leader, document, json!({ "id": member })).await;
        assert_eq!(read["member"]["person"]["email"], "nadia@example.org");
    }
}

scenario! {
    async fn an_old_link_and_a_revoked_one_open_nothing(world: World) {
        let (_, invitation, revoked) = invited(&world, "nadia@example.org").await;
        world.done(Sponsor, "invitationRevoke", json!({ "id": invitation }), "").await;
        assert_eq!(accept(&world, &revoked, WORDS).await["errors"][0]["code"], "NOT_AUTHENTICATED");
        let (_, _, old) = invited(&world, "tomas@example.org").await;
        world.at("2026-03-16T09:00:01Z");
        assert_eq!(accept(&world, &old, WORDS).await["errors"][0]["code"], "NOT_AUTHENTICATED");
    }
}

scenario! {
    async fn a_client_that_moves_to_the_invited_ones_franchise_shuts_the_door(world: World) {
        let (_, _, token) = invited(&world, &Stranger.email()).await;
        let lead = world.cast.person(Stranger).1.to_string();
        let transfer = json!({ "clientId": world.cast.client.to_string(),
            "franchiseId": world.cast.other_franchise.to_string(), "leadId": lead });
        world.transferred(transfer).await;
        let joined = accept(&world, &token, crate::kit::PASSWORD).await;
        assert_eq!(joined["errors"][0]["code"], "OWNER_NOT_ELIGIBLE", "{joined}");
        assert_eq!(joined["accessToken"], Value::Null);
    }
}

scenario! {
    async fn sponsors_are_told_that_another_is_invited(world: World) {
        // by somebody else, and not of leaders
        invited(&world, "nadia@example.org").await;
        invited_as(&world, "tomas@example.org", "SPONSOR").await;
        assert_eq!(told(&world).await, Vec::<String>::new(), "who invites knows it");
        let member = json!({ "memberId": world.cast.quiet, "email": "ines@example.org", "role": "SPONSOR" });
        world.done(Facilitator, "memberInvite", member, "").await;
        let [text] = told(&world).await.try_into().expect("one sponsor is told");
        for part in ["ines@example.org", "sponsor of"] {
            assert!(text.contains(part), "{part} in {text}");
        }
        assert!(!text.contains('#'), "the link is for who is invited: {text}");
    }
}

scenario! {
    async fn who_only_observes_is_answered_for(world: World) {
        let (member, _, token) = invited_as(&world, "nadia@example.org", "OBSERVER").await;
        assert_eq!(accept(&world, &token, WORDS).await["errors"], json!([]));
        let read = world.read(Facilitator, "query($id: ID!) { member(id: $id) { email } }", json!({ "id": member })).await;
        assert_eq!(read["member"]["email"], "nadia@example.org", "the address is kept");
        let offer = json!({ "teamId": world.cast.team, "ownerId": member, "title": "Watch", "dueOn": "2026-03-20" });
        let action = world.done(Facilitator, "actionCreate", offer, "action { id }").await["action"]["id"].clone();
        assert_eq!(world.refused(Leader, "actionAccept", json!({ "id": action })).await.0, "NOT_OWNER");
        world.done(Facilitator, "actionAccept", json!({ "id": action }), "").await;
    }
}

scenario! {
    async fn head_office_works_with_no_client(world: World) {
        let person = |email: String| json!({ "name": "Somebody", "email": email });
        let with = |mut input: Value, name: &str, value: Value| { input[name] = value; input };
        let practice = |email: String| with(with(person(email), "franchiseId", json!(world.cast.franchise)), "role", json!("FRANCHISE_OWNER"));
        let refused = ("OWNER_NOT_ELIGIBLE".into(), "input.email".into());
        // an admin could otherwise let herself in anywhere
        assert_eq!(world.refused(Admin, "facilitatorInvite", practice(Admin.email())).await, refused);
        assert_eq!(world.refused(Owner, "facilitatorInvite", practice(Analyst.email())).await, refused);
        let office = |email: String| with(person(email), "role", json!("HEAD_OFFICE_ANALYST"));
        for who in [Owner, Facilitator, Sponsor, Observer] {
            assert_eq!(world.refused(Admin, "headOfficeInvite", office(who.email())).await, refused, "{who:?}");
        }
        let member = json!({ "memberId": world.cast.quiet, "email": Admin.email(), "role": "LEADER" });
        assert_eq!(world.refused(Sponsor, "memberInvite", member).await, refused);
        // and whoever was asked by both sides answers one of them
        let (_, _, token) = invited(&world, "nadia@example.org").await;
        world.done(Admin, "headOfficeInvite", office("nadia@example.org".into()), "").await;
        let other = letter(&world).await;
        assert_eq!(accept(&world, &token, WORDS).await["errors"], json!([]));
        assert_eq!(accept(&world, &other, WORDS).await["errors"][0]["code"], "OWNER_NOT_ELIGIBLE");
    }
}

scenario! {
    async fn who_invites_members_revokes_no_owner(world: World) {
        let input = json!({ "name": "Ines Falk", "email": "ines@example.org", "franchiseId": world.cast.franchise, "role": "FRANCHISE_OWNER" });
        let sent = world.done(Owner, "facilitatorInvite", input, "invitation { id }").await["invitation"].clone();
        let revoke = crate::kit::document("invitationRevoke", "");
        let told = world.ask(Facilitator, &revoke, json!({ "input": sent })).await;
        assert_eq!(told.json["errors"][0]["extensions"]["code"], "FORBIDDEN", "{}", told.text);
        world.done(Owner, "invitationRevoke", sent, "").await;
    }
}

/// A member without a login, invited: the member, the invitation and the token of the letter's link.
async fn invited(world: &World, email: &str) -> (String, String, String) {
    invited_as(world, email, "LEADER").await
}

async fn invited_as(world: &World, email: &str, role: &str) -> (String, String, String) {
    let create =
        json!({ "teamId": world.cast.team.to_string(), "name": "Nadia Petrova", "jobTitle": "Buyer" });
    let member = world.done(Sponsor, "memberCreate", create, "member { id }").await["member"]["id"].clone();
    let invite = json!({ "memberId": member, "email": email, "role": role });
    let done = world.done(Sponsor, "memberInvite", invite, "invitation { id }").await;
    let id = |value: &Value| value.as_str().expect("an id").to_owned();
    (id(&member), id(&done["invitation"]["id"]), letter(world).await)
}

/// The token of the link in the latest letter.
async fn letter(world: &World) -> String {
    link(world.emails().await.last().expect("an e-mail"), "invitation")
}

/// The letters to the sponsor.
async fn told(world: &World) -> Vec<String> {
    let letters = world.emails().await;
    let to_sponsor = letters.iter().filter(|letter| letter["to"] == json!(Sponsor.email()));
    to_sponsor.map(|letter| letter["text"].as_str().expect("an e-mail").to_owned()).collect()
}

async fn accept(world: &World, token: &str, password: &str) -> Value {
    let input = json!({ "input": { "token": token, "password": password } });
    let answered = world.ask_nobody(ACCEPT, input).await;
    assert_eq!(answered.json.get("errors"), None, "{}", answered.text);
    answered.json["data"]["invitationAccept"].clone()
}
