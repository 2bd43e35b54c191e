//! The address that somebody signs in with: only they change it, the new address confirms it, and the old one can take it
//! back. Others put somebody else in a member's place.

use crate::{
    kit::{PASSWORD, Persona::*, World, link, verify_chains},
    scenario,
};
use chrono::TimeDelta;
use concord::http::Outcome;
use entity::{address_change, audit_event, identity, membership, membership::MembershipRole, person};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, DatabaseConnection, EntityTrait, IntoActiveModel, PaginatorTrait,
    QueryFilter,
};
use serde_json::{Value, json};

const SIGN_IN: &str = "mutation($input: SignInInput!) { signIn(input: $input) { accessToken networks { name } errors { code } } }";
const ASK: &str = "mutation($input: AddressChangeInput!) { addressChange(input: $input) {
    done errors { code message path } } }";
const CONFIRM: &str = "mutation($input: AddressChangeConfirmInput!) { addressChangeConfirm(input: $input) {
    done errors { code message path } } }";
const UNDO: &str = "mutation($input: AddressChangeUndoInput!) { addressChangeUndo(input: $input) {
    done errors { code message path } } }";
const RESET: &str =
    "mutation($input: PasswordResetInput!) { passwordReset(input: $input) { done errors { code } } }";
const ACCEPT: &str = "mutation($input: InvitationAcceptInput!) { invitationAccept(input: $input) {
    accessToken errors { code message path } } }";
const NEW: &str = "lea.new@example.org";
const NEXT: &str = "a passage by the river";

/// What a mutation about somebody's own sign-in answers.
async fn own(world: &World, bearer: Option<&str>, document: &str, input: Value) -> Value {
    let answered = world.send(bearer.map(str::to_owned), document, json!({ "input": input }), None).await;
    let data = &answered.json["data"];
    let (_, payload) =
        data.as_object().and_then(|data| data.iter().next()).unwrap_or_else(|| panic!("{}", answered.text));
    payload.clone()
}

async fn sign_in(world: &World, email: &str, password: &str) -> Option<String> {
    let payload = own(
        world,
        None,
        SIGN_IN,
        json!({ "email": email, "password": password, "networkId": world.cast.network }),
    )
    .await;
    payload["accessToken"].as_str().map(str::to_owned)
}

fn code(payload: &Value) -> &str {
    payload["errors"][0]["code"].as_str().unwrap_or_default()
}

fn fine() -> Value {
    json!({ "done": true, "errors": [] })
}

/// The e-mails to an address, the latest last.
async fn to(world: &World, email: &str) -> Vec<Value> {
    world.emails().await.into_iter().filter(|letter| letter["to"] == email).collect()
}

/// Makes the leader somebody in the other network, too.
async fn abroad(world: &World, behind: &DatabaseConnection) {
    let there = world.cast.person(Leader).1;
    let person = person::Entity::find_by_id(there).one(behind).await.expect("a look").expect("the leader");
    let person = person::Model { id: world.seams.id(), network_id: world.cast.abroad, ..person };
    let held = membership::Entity::find().filter(membership::Column::PersonId.eq(there)).one(behind).await;
    let held = membership::Model {
        id: world.seams.id(),
        network_id: world.cast.abroad,
        person_id: person.id,
        role: MembershipRole::HeadOfficeAnalyst,
        client_id: None,
        team_id: None,
        ..held.expect("a look").expect("a membership")
    };
    person::Entity::insert(person.into_active_model().reset_all()).exec(behind).await.expect("a person");
    membership::Entity::insert(held.into_active_model().reset_all())
        .exec(behind)
        .await
        .expect("a membership");
}

/// The addresses that the leader is known by.
async fn known(world: &World, behind: &DatabaseConnection) -> Vec<String> {
    let id = world.cast.person(Leader).2;
    let identity = identity::Entity::find_by_id(id).one(behind).await.expect("a look").expect("an identity");
    let people = person::Entity::find()
        .filter(person::Column::IdentityId.eq(id))
        .all(behind)
        .await
        .expect("the people");
    [identity.email].into_iter().chain(people.into_iter().map(|person| person.email)).collect()
}

scenario! {
    async fn an_address_changes_once_the_new_one_confirms(world: World) {
        let behind = world.home.behind().await;
        abroad(&world, &behind).await;
        let old = Leader.email();
        let mine = sign_in(&world, &old, PASSWORD).await.expect("signed in");
        let wrong = own(&world, Some(&mine), ASK, json!({ "email": NEW, "password": "not my password" })).await;
        assert_eq!((code(&wrong), &wrong["errors"][0]["path"]), ("NOT_AUTHENTICATED", &json!(["input", "password"])));
        let same = own(&world, Some(&mine), ASK, json!({ "email": old.to_uppercase(), "password": PASSWORD })).await;
        assert_eq!((code(&same), &same["errors"][0]["path"]), ("INVALID", &json!(["input", "email"])));
        let nobody = world.ask_nobody(ASK, json!({ "input": { "email": NEW, "password": PASSWORD } })).await;
        assert_eq!(nobody.outcome, Outcome::Unauthenticated);
        for _ in 0..2 {
            assert_eq!(own(&world, Some(&mine), ASK, json!({ "email": NEW, "password": PASSWORD })).await, fine());
        }
        assert_eq!(known(&world, &behind).await, [old.clone(), old.clone(), old.clone()], "nothing has changed yet");
        assert_eq!(to(&world, &old).await.len(), 0);
        let asked = to(&world, NEW).await;
        let [first, second] = [0, 1].map(|at| link(&asked[at], "address"));
        assert_eq!(code(&own(&world, None, CONFIRM, json!({ "token": first })).await), "NOT_AUTHENTICATED", "it was replaced");
        assert_eq!(own(&world, None, CONFIRM, json!({ "token": second })).await, fine());
        assert_eq!(known(&world, &behind).await, [NEW, NEW, NEW], "in every network");
        assert_eq!(code(&own(&world, None, CONFIRM, json!({ "token": second })).await), "NOT_AUTHENTICATED", "once");
        assert!(sign_in(&world, &old, PASSWORD).await.is_none());
        sign_in(&world, NEW, PASSWORD).await.expect("the new address signs in");
        let told = to(&world, &old).await;
        assert!(told.len() == 1 && told[0]["text"].as_str().expect("a text").contains(NEW), "{told:?}");
        for verb in ["addressChange", "addressChangeConfirm"] {
            let events = audit_event::Entity::find().filter(audit_event::Column::Verb.eq(verb));
            assert!(events.count(&behind).await.expect("a count") > 0, "{verb}");
        }
        let there = audit_event::Entity::find()
            .filter(audit_event::Column::NetworkId.eq(world.cast.abroad))
            .filter(audit_event::Column::Verb.eq("addressChangeConfirm"));
        assert_eq!(there.count(&behind).await.expect("a count"), 1, "each network's audit has its own person");
        verify_chains(&behind).await.expect("the chains hold");
    }
}

scenario! {
    async fn the_old_address_takes_a_change_back_for_seven_days(world: World) {
        let behind = world.home.behind().await;
        let old = Leader.email();
        let thief = sign_in(&world, &old, PASSWORD).await.expect("signed in");
        for new in ["thief@example.net", "thief2@example.net"] {
            own(&world, Some(&thief), ASK, json!({ "email": new, "password": PASSWORD })).await;
            let token = link(&to(&world, new).await[0], "address");
            assert_eq!(own(&world, None, CONFIRM, json!({ "token": token })).await, fine());
        }
        let late = link(&to(&world, "thief@example.net").await[1], "address-undo");
        let undo = link(&to(&world, &old).await[0], "address-undo");
        world.seams.set(world.seams.now() + TimeDelta::days(7) - TimeDelta::seconds(1));
        let thief = sign_in(&world, "thief2@example.net", PASSWORD).await.expect("signed in");
        assert_eq!(own(&world, None, UNDO, json!({ "token": undo })).await, fine());
        assert_eq!(known(&world, &behind).await, [old.clone(), old.clone()], "both changes are undone");
        assert_eq!(code(&own(&world, None, UNDO, json!({ "token": undo })).await), "NOT_AUTHENTICATED", "once");
        assert_eq!(code(&own(&world, None, UNDO, json!({ "token": late })).await), "NOT_AUTHENTICATED");
        let who = world.send(Some(thief), "{ viewer { person { email } } }", json!({}), None).await;
        assert_eq!(who.outcome, Outcome::Unauthenticated, "every sign-in has ended");
        assert!(sign_in(&world, &old, PASSWORD).await.is_none(), "the thief knows that password");
        let reset = link(to(&world, &old).await.last().expect("a link"), "password");
        assert_eq!(own(&world, None, RESET, json!({ "token": reset, "password": NEXT })).await["done"], true);
        sign_in(&world, &old, NEXT).await.expect("the owner is back");
    }
}

scenario! {
    async fn links_about_addresses_end(world: World) {
        let old = Leader.email();
        let mine = sign_in(&world, &old, PASSWORD).await.expect("signed in");
        own(&world, Some(&mine), ASK, json!({ "email": NEW, "password": PASSWORD })).await;
        let token = link(&to(&world, NEW).await[0], "address");
        world.seams.set(world.seams.now() + TimeDelta::hours(24));
        assert_eq!(code(&own(&world, None, CONFIRM, json!({ "token": token })).await), "NOT_AUTHENTICATED");
        let mine = sign_in(&world, &old, PASSWORD).await.expect("signed in");
        own(&world, Some(&mine), ASK, json!({ "email": NEW, "password": PASSWORD })).await;
        let token = link(&to(&world, NEW).await[1], "address");
        assert_eq!(own(&world, None, CONFIRM, json!({ "token": token })).await, fine());
        let undo = link(&to(&world, &old).await[0], "address-undo");
        world.seams.set(world.seams.now() + TimeDelta::days(7));
        assert_eq!(code(&own(&world, None, UNDO, json!({ "token": undo })).await), "NOT_AUTHENTICATED");
        concord::jobs::expire(&world.app.kernel).await.expect("removed");
        let left = address_change::Entity::find().count(&world.home.behind().await).await.expect("a count");
        assert_eq!(left, 0);
        let twice = "mutation($input: AddressChangeConfirmInput!) {
            a: addressChangeConfirm(input: $input) { done } b: addressChangeConfirm(input: $input) { done } }";
        let guessed = world.ask_nobody(twice, json!({ "input": { "token": "cac_nonsense" } })).await;
        assert_eq!(guessed.outcome, Outcome::Refused, "guesses do not come in bulk");
    }
}

scenario! {
    async fn an_address_that_somebody_has_is_not_taken_away(world: World) {
        let mine = sign_in(&world, &Leader.email(), PASSWORD).await.expect("signed in");
        let member = json!({ "teamId": world.cast.other_team, "name": "Nadia", "jobTitle": "" });
        let member = world.done(Stranger, "memberCreate", member, "member { id }").await["member"]["id"].clone();
        let invite = json!({ "memberId": member, "email": "nadia@example.org", "role": "LEADER" });
        world.done(Stranger, "memberInvite", invite, "").await;
        let before = world.emails().await.len();
        // another's sign-in, in this network or elsewhere, and one who is invited
        for email in [Sponsor.email(), Foreigner.email(), "nadia@example.org".into()] {
            let asked = own(&world, Some(&mine), ASK, json!({ "email": email, "password": PASSWORD })).await;
            assert_eq!(asked, fine(), "the answer is the same");
        }
        assert_eq!(world.emails().await.len(), before, "nobody gets a link");
        // nor between asking and confirming
        own(&world, Some(&mine), ASK, json!({ "email": NEW, "password": PASSWORD })).await;
        let token = link(&to(&world, NEW).await[0], "address");
        let member = json!({ "teamId": world.cast.other_team, "name": "Lea", "jobTitle": "" });
        let member = world.done(Stranger, "memberCreate", member, "member { id }").await["member"]["id"].clone();
        world.done(Stranger, "memberInvite", json!({ "memberId": member, "email": NEW, "role": "LEADER" }), "").await;
        assert_eq!(code(&own(&world, None, CONFIRM, json!({ "token": token })).await), "TAKEN");
    }
}

scenario! {
    async fn somebody_else_takes_over_a_members_work_and_nothing_of_their_sign_in(world: World) {
        let offer = json!({ "teamId": world.cast.team, "ownerId": world.cast.leader, "title": "Call them", "dueOn": "2026-03-20" });
        let action = world.done(Facilitator, "actionCreate", offer, "action { id }").await["action"]["id"].clone();
        let update = json!({ "id": world.cast.leader, "email": NEW });
        let done = world.done(Facilitator, "memberUpdate", update, "notice member { email person { email } }").await;
        let notice = done["notice"].as_str().expect("a notice");
        assert!(notice.contains("addressChange"), "{notice}");
        assert_eq!(done["member"], json!({ "email": NEW, "person": { "email": Leader.email() } }));
        let quiet = json!({ "id": world.cast.quiet, "email": "quiet@example.org" });
        assert_eq!(world.done(Facilitator, "memberUpdate", quiet, "notice").await["notice"], Value::Null);
        let invite = json!({ "memberId": world.cast.leader, "email": NEW, "role": "LEADER" });
        let refused = world.refused(Facilitator, "memberInvite", invite.clone()).await;
        assert_eq!(refused, ("TAKEN".into(), "input.email".into()), "they still sign in");
        let held = "query($id: ID!) { team(id: $id) { members { id person { memberships { nodes { id } } } } } }";
        let held = world.read(Facilitator, held, json!({ "id": world.cast.team })).await;
        let mine = held["team"]["members"].as_array().expect("members").iter().find(|member| member["id"] == json!(world.cast.leader));
        let membership = mine.expect("the leader")["person"]["memberships"]["nodes"][0]["id"].clone();
        world.done(Owner, "membershipEnd", json!({ "id": membership }), "").await;
        world.done(Facilitator, "memberInvite", invite, "").await;
        let token = link(to(&world, NEW).await.last().expect("an invitation"), "invitation");
        let joined = own(&world, None, ACCEPT, json!({ "token": token, "password": NEXT })).await;
        assert_eq!(joined["errors"], json!([]));
        let successor = joined["accessToken"].as_str().expect("a token");
        let accept = "mutation($input: ActionAcceptInput!) { actionAccept(input: $input) { action { status owner { email } } errors { code } } }";
        let accepted = own(&world, Some(successor), accept, json!({ "id": action })).await;
        assert_eq!(accepted["action"], json!({ "status": "ACCEPTED", "owner": { "email": NEW } }));
        assert!(sign_in(&world, &Leader.email(), PASSWORD).await.is_none(), "the former sign-in opens nothing");
        let people = person::Entity::find().filter(person::Column::Email.is_in([Leader.email(), NEW.to_owned()]));
        assert_eq!(people.count(&world.home.behind().await).await.expect("a count"), 2, "they are two people");
    }
}
