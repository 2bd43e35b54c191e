//! Erasures: names, addresses and words are nowhere any more, and what was done stays done.

use crate::{
    kit::{Persona::*, World, chains, document, sound, stands},
    scenario,
};
use entity::outbox;
use sea_orm::{ColumnTrait, DatabaseConnection, EntityTrait, QueryFilter, QueryOrder};
use serde_json::{Value, json};
use std::collections::BTreeSet;

const NAME: &str = "Ottoline Quagmire";
const ADDRESS: &str = "ottoline@quagmire.example";
const WORDS: &str = "harbour copper lantern";

/// Somebody with a login in the cast's team.
struct Member {
    id: Value,
    person: Value,
    bearer: String,
    refresh: String,
}

impl Member {
    /// Invited, and there.
    async fn joined(world: &World, behind: &DatabaseConnection) -> Member {
        let create = json!({ "teamId": world.cast.team, "name": NAME, "jobTitle": "Head of quagmires", "email": ADDRESS });
        let made = world.done(Sponsor, "memberCreate", create, "member { id }").await;
        let id = made["member"]["id"].clone();
        let invite = json!({ "memberId": id, "email": ADDRESS, "role": "LEADER" });
        world.done(Sponsor, "memberInvite", invite, "").await;
        let letter = outbox::Entity::find()
            .filter(outbox::Column::Kind.eq("mail"))
            .order_by_desc(outbox::Column::Id)
            .one(behind)
            .await;
        let letter = letter.expect("a look").expect("a letter");
        let text = letter.payload["text"].as_str().expect("a text");
        let token = text
            .split("/invitation#")
            .nth(1)
            .and_then(|rest| rest.split_whitespace().next())
            .expect("a link");
        let accept = "mutation($input: InvitationAcceptInput!) { invitationAccept(input: $input) {
            accessToken refreshToken errors { code } } }";
        let input = json!({ "input": { "token": token, "password": WORDS } });
        let joined = world.ask_nobody(accept, input).await.json["data"]["invitationAccept"].clone();
        let text = |name: &str| joined[name].as_str().expect("a token").to_owned();
        let mut member =
            Member { id, person: Value::Null, bearer: text("accessToken"), refresh: text("refreshToken") };
        let me = member.ask(world, "{ viewer { person { id } } }", json!({}), None).await;
        member.person = me["data"]["viewer"]["person"]["id"].clone();
        member
    }

    async fn ask(&self, world: &World, document: &str, variables: Value, key: Option<&str>) -> Value {
        world.send(Some(self.bearer.clone()), document, variables, key).await.json
    }

    async fn done(&self, world: &World, mutation: &str, input: Value, selection: &str) -> Value {
        let told =
            self.ask(world, &document(mutation, selection), json!({ "input": input }), Some(mutation)).await;
        assert_eq!(told["data"][mutation]["errors"], json!([]), "{mutation}: {told}");
        told["data"][mutation].clone()
    }

    /// Owns an action and has done it, took part in a session and said what she thinks of it.
    async fn works(&self, world: &World) -> Value {
        let offer = json!({ "teamId": world.cast.team, "ownerId": self.id, "title": "Drain it", "dueOn": "2026-03-20" });
        let action =
            world.done(Facilitator, "actionCreate", offer, "action { id }").await["action"]["id"].clone();
        self.done(world, "actionAccept", json!({ "id": action }), "action { owner { name } }").await;
        let comment = json!({ "actionId": action, "text": "Half of it is dry" });
        self.done(world, "actionCommentCreate", comment, "").await;
        self.done(world, "actionComplete", json!({ "id": action }), "").await;
        let schedule = json!({ "teamId": world.cast.team, "kind": "REVIEW", "title": "Review", "minutes": 60, "place": "",
            "startsAt": "2026-03-02T09:04:00Z", "agenda": [{ "title": "Figures", "minutes": 20, "ownerId": self.id }] });
        let session = world.done(Facilitator, "sessionSchedule", schedule, "session { id }").await;
        let session = session["session"]["id"].clone();
        world.at("2026-03-02T09:04:00Z");
        world.done(Facilitator, "sessionStart", json!({ "id": session }), "").await;
        let close = json!({ "id": session, "summary": "Over",
            "attendance": [{ "memberId": self.id, "status": "PRESENT" }] });
        world.done(Facilitator, "sessionClose", close, "").await;
        let rating = json!({ "id": session, "score": 4, "comment": "Ottoline Quagmire liked it" });
        self.done(world, "sessionRate", rating, "").await;
        self.done(world, "personExport", json!({ "id": self.person }), "").await;
        world.done(Facilitator, "clientExport", json!({ "clientId": world.cast.client }), "").await;
        session
    }

    /// Leaves the team.
    async fn leaves(&self, world: &World) {
        let successor = json!({ "id": self.id, "successorId": world.cast.leader });
        world.done(Sponsor, "memberRemove", successor, "").await;
    }
}

/// What head office counts.
async fn counted(world: &World) -> Value {
    let counts = "{ clients { nodes { id status progress { actionsDone actionsOpen sessionsHeld } } } }";
    world.read(Admin, counts, json!({})).await
}

scenario! {
    async fn an_erased_person_is_nowhere_and_what_they_did_stays(world: World) {
        let behind = world.home.behind().await;
        let member = Member::joined(&world, &behind).await;
        let session = member.works(&world).await;
        member.leaves(&world).await;
        for text in [NAME, ADDRESS] {
            assert!(stands(&behind, text).await.len() > 5, "{:?}", stands(&behind, text).await);
        }
        let before = counted(&world).await;
        let events = chains(&behind).await.expect("whole chains");
        let erase = json!({ "id": member.person });
        let erased = world.done(Admin, "personErase", erase.clone(), "person { name email erasedAt canSignIn }").await;
        let person = &erased["person"];
        assert_eq!((&person["name"], &person["canSignIn"]), (&json!("Former user"), &json!(false)));
        assert_eq!(person["erasedAt"], "2026-03-02T09:04:00Z");
        assert!(person["email"].as_str().is_some_and(|email| email.ends_with("@erased.invalid")), "{person}");
        for text in [NAME, ADDRESS, "ottoline", "quagmire"] {
            assert_eq!(stands(&behind, text).await, Vec::<String>::new(), "{text}");
        }
        assert_eq!(counted(&world).await, before);
        let after = chains(&behind).await.expect("whole chains");
        assert!(after > events, "the erasure is told");
        sound(&behind).await;
        let history = "query($id: ID!) { session(id: $id) { recap { minutes markdown redactions }
            attendance { member { name } } } }";
        let kept = world.read(Facilitator, history, json!({ "id": session })).await;
        let recap = &kept["session"]["recap"];
        let names = recap["minutes"]["attendance"].to_string();
        assert!(names.contains("Former member"), "{names}");
        assert_eq!(recap["minutes"]["agenda"][0]["owner"], "Former member");
        assert!(recap["markdown"].as_str().is_some_and(|page| page.contains("Former member: present")), "{recap}");
        assert_eq!(recap["redactions"], 1);
        let told = "{ auditEvents(filter: { noun: { eq: \"person\" } }, first: 1) { nodes { verb erased after person { name } } } }";
        let told = world.read(Admin, told, json!({})).await["auditEvents"]["nodes"][0].clone();
        assert_eq!((&told["verb"], &told["erased"]), (&json!("personErase"), &json!(false)));
        assert_eq!(told["after"].as_object().map(|after| after.keys().cloned().collect::<BTreeSet<_>>()),
            Some(BTreeSet::from(["erasedAt".to_owned(), "version".into()])));
        assert_eq!(world.refused(Admin, "personErase", erase.clone()).await, ("WRONG_STATE".into(), "input.id".into()));
        let named = json!({ "id": member.person, "name": NAME });
        assert_eq!(world.refused(Admin, "personUpdate", named).await.0, "WRONG_STATE");
    }
}

scenario! {
    async fn an_erased_person_gets_in_nowhere(world: World) {
        let behind = world.home.behind().await;
        let member = Member::joined(&world, &behind).await;
        member.leaves(&world).await;
        world.done(Admin, "personErase", json!({ "id": member.person }), "").await;
        let asked = member.ask(&world, "{ viewer { person { id } } }", json!({}), None).await;
        assert_eq!(asked["errors"][0]["extensions"]["code"], "UNAUTHENTICATED", "{asked}");
        let refresh = "mutation($input: TokenRefreshInput!) { tokenRefresh(input: $input) { accessToken errors { code } } }";
        let refreshed = world.ask_nobody(refresh, json!({ "input": { "refreshToken": member.refresh } })).await.json;
        assert_eq!(refreshed["data"]["tokenRefresh"]["errors"][0]["code"], "NOT_AUTHENTICATED", "{refreshed}");
        let sign_in = "mutation($input: SignInInput!) { signIn(input: $input) { accessToken errors { code } } }";
        let signed = world.ask_nobody(sign_in, json!({ "input": { "email": ADDRESS, "password": WORDS } })).await.json;
        assert_eq!(signed["data"]["signIn"]["errors"][0]["code"], "NOT_AUTHENTICATED", "{signed}");
        // the address is free for somebody else
        let invite = json!({ "name": "Another", "email": ADDRESS, "role": "HEAD_OFFICE_ANALYST" });
        world.done(Admin, "headOfficeInvite", invite, "").await;
    }
}

scenario! {
    async fn who_owns_something_is_not_erased(world: World) {
        let erase = |who| json!({ "id": world.cast.person(who).1 });
        for (who, said) in [
            (Leader, "Leadership team of Acorn Mills"),
            (Facilitator, "They lead: Acorn Mills"),
            (Admin, "Nobody erases themselves"),
        ] {
            let told = world.change(Admin, "personErase", erase(who), "").await;
            let message = told["errors"][0]["message"].as_str().unwrap_or_default();
            assert_eq!(told["errors"][0]["code"], "WRONG_STATE", "{who:?}");
            assert!(message.contains(said), "{who:?}: {message}");
        }
        let stale = json!({ "id": world.cast.person(Analyst).1, "expectedVersion": 99 });
        assert_eq!(world.refused(Admin, "personErase", stale).await.0, "CONFLICT");
        assert_eq!(world.refused(Admin, "personErase", erase(Foreigner)).await.0, "NOT_FOUND");
        for who in [Owner, Facilitator, Sponsor, Leader, Analyst] {
            let told = world.ask(who, &document("personErase", ""), json!({ "input": erase(Observer) })).await;
            assert_eq!(told.json["errors"][0]["extensions"]["code"], "FORBIDDEN", "{who:?}");
        }
        world.done(Admin, "personErase", erase(Analyst), "").await;
        world.done(Admin, "personErase", erase(Observer), "").await;
    }
}
