//! Passwords as their owners type them and as strangers guess them: nobody is locked out, nothing weak is taken, and
//! whoever owns the mailbox comes back.

use crate::{
    kit::{PASSWORD, Persona::*, World, eventually, link},
    scenario,
};
use chrono::TimeDelta;
use concord::jobs;
use entity::{identity, membership, membership::MembershipRole, person, sign_in_place};
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, EntityTrait, IntoActiveModel, PaginatorTrait,
    QueryFilter,
};
use serde_json::{Value, json};
use std::net::IpAddr;

const SIGN_IN: &str = "mutation($input: SignInInput!) { signIn(input: $input) {
    accessToken refreshToken networks { name } errors { code message path } } }";
const CHANGE: &str = "mutation($input: PasswordChangeInput!) { passwordChange(input: $input) {
    done errors { code message path } } }";
const FORGOT: &str = "mutation($input: PasswordResetSendInput!) { passwordResetSend(input: $input) {
    done errors { code message path } } }";
const RESET: &str = "mutation($input: PasswordResetInput!) { passwordReset(input: $input) {
    done errors { code message path } } }";
const ACCEPT: &str = "mutation($input: InvitationAcceptInput!) { invitationAccept(input: $input) {
    accessToken refreshToken errors { code message path } } }";
const NEXT: &str = "a passage by the river";

fn home() -> IpAddr {
    [192, 0, 2, 7].into()
}

async fn sign_in_from(world: &World, remote: IpAddr, email: &str, password: &str) -> Value {
    let input = json!({ "input": { "email": email, "password": password } });
    world.ask_from(remote, None, SIGN_IN, input).await.json["data"]["signIn"].clone()
}

async fn token(world: &World, email: &str, password: &str) -> String {
    let payload = sign_in_from(world, home(), email, password).await;
    payload["accessToken"].as_str().unwrap_or_else(|| panic!("{payload}")).to_owned()
}

async fn change(world: &World, bearer: &str, current: &str, next: &str) -> Value {
    let input = json!({ "input": { "current": current, "next": next } });
    world.ask_from(home(), Some(bearer), CHANGE, input).await.json["data"]["passwordChange"].clone()
}

async fn accept(world: &World, token: &str, password: &str) -> Value {
    let input = json!({ "input": { "token": token, "password": password } });
    world.ask_from(home(), None, ACCEPT, input).await.json["data"]["invitationAccept"].clone()
}

fn code(payload: &Value) -> &str {
    payload["errors"][0]["code"].as_str().unwrap_or_default()
}

/// The e-mails of a subject to an address, once there are so many: some are written after the answer.
async fn mails(world: &World, to: &str, subject: &str, count: usize) -> Vec<Value> {
    let of = |letter: &Value| {
        letter["to"] == to && letter["subject"].as_str().unwrap_or_default().contains(subject)
    };
    let there = eventually("the e-mails", std::time::Duration::from_secs(30), async || {
        let letters: Vec<Value> = world.emails().await.into_iter().filter(of).collect();
        (letters.len() >= count).then_some(letters)
    })
    .await;
    assert_eq!(there.len(), count);
    there
}

scenario! {
    async fn a_stranger_locks_nobody_out(world: World) {
        let email = Leader.email();
        let mine = token(&world, &email, PASSWORD).await;
        let (mut wrong, mut refused) = (0, 0);
        for range in 1..=12u8 {
            for host in 1..=6u8 {
                let stranger = [198, 51, range, host].into();
                match code(&sign_in_from(&world, stranger, &email, "a guess of a stranger").await) {
                    "NOT_AUTHENTICATED" => wrong += 1,
                    "TOO_MANY_ATTEMPTS" => refused += 1,
                    other => panic!("{other}"),
                }
            }
        }
        assert!((50..60).contains(&wrong) && wrong + refused == 72, "{wrong} guesses, {refused} refused");
        let elsewhere = [203, 0, 113, 1].into();
        assert_eq!(code(&sign_in_from(&world, elsewhere, &email, PASSWORD).await), "TOO_MANY_ATTEMPTS");
        // from the same network as before, also at another address of it
        for host in [7, 200] {
            let payload = sign_in_from(&world, [192, 0, 2, host].into(), &email, PASSWORD).await;
            assert_eq!(payload["errors"], json!([]));
        }
        assert_eq!(change(&world, &mine, PASSWORD, NEXT).await, json!({ "done": true, "errors": [] }));
        // what is remembered says nothing by itself, and not for ever
        let behind = world.home.behind().await;
        let places = sign_in_place::Entity::find().all(&behind).await.expect("the places");
        assert_eq!(places.len(), 1);
        assert!(places[0].fingerprint.len() == 64 && places[0].identity_id == world.cast.person(Leader).2);
        world.seams.set(world.seams.now() + TimeDelta::days(90) + TimeDelta::milliseconds(1));
        jobs::expire(&world.app.kernel).await.expect("removed");
        assert_eq!(sign_in_place::Entity::find().count(&behind).await.expect("a count"), 0);
    }
}

scenario! {
    async fn wrong_passwords_of_one_who_is_signed_in_are_counted_by_the_sign_in(world: World) {
        let (mine, other) = (token(&world, &Leader.email(), PASSWORD).await, token(&world, &Leader.email(), PASSWORD).await);
        for _ in 0..5 {
            assert_eq!(code(&change(&world, &mine, "a guess of a thief", NEXT).await), "NOT_AUTHENTICATED");
        }
        assert_eq!(code(&change(&world, &mine, PASSWORD, NEXT).await), "TOO_MANY_ATTEMPTS");
        token(&world, &Leader.email(), PASSWORD).await;
        assert_eq!(change(&world, &other, PASSWORD, NEXT).await["done"], true);
    }
}

scenario! {
    async fn a_right_password_is_never_charged(world: World) {
        let behind = world.home.behind().await;
        let (_, person, identity) = world.cast.person(Leader);
        let there = person::Entity::find_by_id(person).one(&behind).await.expect("a look").expect("the leader");
        let abroad = person::Model { id: world.seams.id(), network_id: world.cast.abroad, ..there };
        let at = membership::Entity::find().filter(membership::Column::PersonId.eq(person)).one(&behind).await;
        let at = membership::Model {
            id: world.seams.id(),
            network_id: world.cast.abroad,
            person_id: abroad.id,
            role: MembershipRole::HeadOfficeAnalyst,
            client_id: None,
            team_id: None,
            ..at.expect("a look").expect("a membership")
        };
        person::Entity::insert(abroad.into_active_model().reset_all()).exec(&behind).await.expect("a person");
        membership::Entity::insert(at.into_active_model().reset_all()).exec(&behind).await.expect("a membership");
        for _ in 0..8 {
            let payload = sign_in_from(&world, home(), &Leader.email(), PASSWORD).await;
            assert_eq!((code(&payload), payload["networks"].as_array().map(Vec::len)), ("CHOICE_NEEDED", Some(2)));
        }
        // and an invitation that is refused for another reason
        let member = json!({ "teamId": world.cast.other_team, "name": "Lea", "jobTitle": "" });
        let member = world.done(Stranger, "memberCreate", member, "member { id }").await["member"]["id"].clone();
        let invite = json!({ "memberId": member, "email": Leader.email(), "role": "OBSERVER" });
        world.done(Stranger, "memberInvite", invite, "").await;
        let invited = mails(&world, &Leader.email(), "invitation", 1).await;
        for _ in 0..4 {
            assert_eq!(code(&accept(&world, &link(&invited[0], "invitation"), "not the password").await), "NOT_AUTHENTICATED");
        }
        let joined = accept(&world, &link(&invited[0], "invitation"), PASSWORD).await;
        assert_eq!(joined["errors"], json!([]));
        let choose = json!({ "input": { "email": Leader.email(), "password": PASSWORD, "networkId": world.cast.network } });
        let payload = world.ask_from(home(), None, SIGN_IN, choose).await;
        assert_eq!(payload.json["data"]["signIn"]["errors"], json!([]), "four wrong ones leave one");
        let row = identity::Entity::find_by_id(identity).one(&behind).await.expect("a look").expect("an identity");
        assert_eq!(row.version, 1, "its hash is current");
    }
}

scenario! {
    async fn strangers_do_not_use_up_the_links_of_the_owner(world: World) {
        let email = Leader.email();
        token(&world, &email, PASSWORD).await;
        let forgot = async |remote: IpAddr, email: &str| {
            let answered = world.ask_from(remote, None, FORGOT, json!({ "input": { "email": email } })).await;
            answered.json["data"]["passwordResetSend"].clone()
        };
        let fine = json!({ "done": true, "errors": [] });
        for range in 1..=6u8 {
            for email in [email.as_str(), "nobody@example.com"] {
                assert_eq!(forgot([198, 51, range, 1].into(), email).await, fine, "the answer is the same for all");
            }
        }
        mails(&world, &email, "new password", 3).await;
        assert_eq!(forgot(home(), &email).await, fine);
        let sent = mails(&world, &email, "new password", 4).await;
        let input = json!({ "input": { "token": link(&sent[3], "password"), "password": NEXT } });
        let set = world.ask_from([203, 0, 113, 1].into(), None, RESET, input).await;
        assert_eq!(set.json["data"]["passwordReset"], fine);
        token(&world, &email, NEXT).await;
        let told = mails(&world, &email, "Your password was changed", 1).await;
        assert!(!told[0]["text"].as_str().expect("a text").contains('#'), "without a link");
    }
}

scenario! {
    async fn a_password_holds_however_the_keyboard_composes_it(world: World) {
        let (composed, decomposed) = ("Cr\u{e8}me br\u{fb}l\u{e9}e 42!", "Cre\u{300}me bru\u{302}le\u{301}e 42!");
        let wide = "Cr\u{e8}me br\u{fb}l\u{e9}e \u{ff14}\u{ff12}!";
        let mine = token(&world, &Leader.email(), PASSWORD).await;
        assert_eq!(change(&world, &mine, PASSWORD, decomposed).await["done"], true);
        mails(&world, &Leader.email(), "Your password was changed", 1).await;
        for typed in [composed, decomposed, wide] {
            token(&world, &Leader.email(), typed).await;
        }
        let input = json!({ "input": { "email": Leader.email(), "password": "Creme brulee 42!" } });
        let other = world.ask_from(home(), None, SIGN_IN, input).await;
        assert_eq!(code(&other.json["data"]["signIn"]), "NOT_AUTHENTICATED");
    }
}

scenario! {
    async fn a_hash_of_before_still_verifies_and_is_renewed(world: World) {
        let behind = world.home.behind().await;
        let id = world.cast.person(Leader).2;
        let row = || async { identity::Entity::find_by_id(id).one(&behind).await.expect("a look").expect("an identity") };
        // by the reference implementation: echo -n concord-demo | argon2 somesaltsomesalt -id -m 12 -t 2 -p 1
        let old = "$argon2id$v=19$m=4096,t=2,p=1$c29tZXNhbHRzb21lc2FsdA$mV/lXdM4Ndka6Goq+whBqr25UVJiNQzG6VBO8bX7jsY";
        let mut change = row().await.into_active_model();
        change.password_hash = Set(old.into());
        change.update(&behind).await.expect("an old hash");
        assert_eq!(code(&sign_in_from(&world, home(), &Leader.email(), "concord-dem0").await), "NOT_AUTHENTICATED");
        assert_eq!(row().await.password_hash, old, "a wrong password renews nothing");
        token(&world, &Leader.email(), "concord-demo").await;
        let renewed = row().await.password_hash;
        assert!(renewed.starts_with("$argon2id$v=19$m=7168,t=5,p=1$"), "{renewed}");
        token(&world, &Leader.email(), "concord-demo").await;
        assert_eq!(row().await.password_hash, renewed, "once");
        assert!(world.emails().await.is_empty(), "the password is the same");
    }
}

scenario! {
    async fn weak_passwords_are_refused_wherever_one_is_set(world: World) {
        let email = Leader.email();
        let mine = token(&world, &email, PASSWORD).await;
        let name = "query { viewer { person { name } } }";
        let name = world.read(Leader, name, json!({})).await["viewer"]["person"]["name"].clone();
        let name = name.as_str().expect("a name").repeat(4);
        world.ask_from(home(), None, FORGOT, json!({ "input": { "email": email } })).await;
        let reset = link(&mails(&world, &email, "new password", 1).await[0], "password");
        let member = json!({ "teamId": world.cast.team, "name": "Nadia Petrova", "jobTitle": "" });
        let member = world.done(Sponsor, "memberCreate", member, "member { id }").await["member"]["id"].clone();
        let invite = json!({ "memberId": member, "email": "nadia@example.org", "role": "LEADER" });
        world.done(Sponsor, "memberInvite", invite, "").await;
        let invited = link(&mails(&world, "nadia@example.org", "invitation", 1).await[0], "invitation");
        for weak in ["password1234", "aaaaaaaaaaaa", "qwertyuiop12", "123456123456", "letmeinletmein", &name] {
            let changed = change(&world, &mine, PASSWORD, weak).await;
            assert_eq!((code(&changed), &changed["errors"][0]["path"]), ("INVALID", &json!(["input", "next"])), "{weak}");
            let input = json!({ "input": { "token": reset, "password": weak } });
            let set = world.ask_from(home(), None, RESET, input).await.json["data"]["passwordReset"].clone();
            assert_eq!((code(&set), &set["errors"][0]["path"]), ("INVALID", &json!(["input", "password"])), "{weak}");
            let joined = accept(&world, &invited, weak).await;
            assert_eq!((code(&joined), &joined["errors"][0]["path"]), ("INVALID", &json!(["input", "password"])), "{weak}");
        }
        let own = accept(&world, &invited, "Nadia Petrova 123").await;
        assert_eq!(code(&own), "INVALID", "their own name");
        let own = change(&world, &mine, PASSWORD, "leader@example.com1").await;
        assert_eq!(code(&own), "INVALID", "their own address");
        assert_eq!(accept(&world, &invited, NEXT).await["errors"], json!([]));
        assert_eq!(change(&world, &mine, PASSWORD, "harbour copper lantern").await["done"], true);
    }
}

/// Takes the leader off the team and invites them to it again: the token of the link.
async fn come_back(world: &World) -> String {
    let remove = json!({ "id": world.cast.leader, "successorId": world.cast.quiet });
    world.done(Facilitator, "memberRemove", remove, "").await;
    let member = json!({ "teamId": world.cast.team, "name": "Lea Leader", "jobTitle": "" });
    let member =
        world.done(Facilitator, "memberCreate", member, "member { id }").await["member"]["id"].clone();
    let invite = json!({ "memberId": member, "email": Leader.email(), "role": "LEADER" });
    world.done(Facilitator, "memberInvite", invite, "").await;
    link(&mails(world, &Leader.email(), "invitation", 1).await[0], "invitation")
}

scenario! {
    async fn the_link_sets_a_new_password_for_a_sign_in_that_opens_nothing(world: World) {
        let email = Leader.email();
        token(&world, &email, PASSWORD).await;
        let old = sign_in_from(&world, home(), &email, PASSWORD).await["refreshToken"].clone();
        let invited = come_back(&world).await;
        assert_eq!(code(&sign_in_from(&world, home(), &email, PASSWORD).await), "NOT_AUTHENTICATED");
        let joined = accept(&world, &invited, NEXT).await;
        assert_eq!(joined["errors"], json!([]));
        assert_eq!(code(&sign_in_from(&world, home(), &email, PASSWORD).await), "NOT_AUTHENTICATED");
        token(&world, &email, NEXT).await;
        mails(&world, &email, "Your password was changed", 1).await;
        let refresh = "mutation($input: TokenRefreshInput!) { tokenRefresh(input: $input) { errors { code } } }";
        let ended = world.ask_nobody(refresh, json!({ "input": { "refreshToken": old } })).await;
        assert_eq!(code(&ended.json["data"]["tokenRefresh"]), "NOT_AUTHENTICATED", "the sign-ins of before have ended");
    }
}

scenario! {
    async fn a_waiting_invitation_is_reason_enough_for_a_link(world: World) {
        let email = Leader.email();
        let forgot = async || {
            let input = json!({ "input": { "email": Leader.email() } });
            world.ask_from(home(), None, FORGOT, input).await;
        };
        let invited = come_back(&world).await;
        forgot().await;
        let sent = mails(&world, &email, "new password", 1).await;
        let input = json!({ "input": { "token": link(&sent[0], "password"), "password": NEXT } });
        let set = world.ask_from(home(), None, RESET, input).await;
        assert_eq!(set.json["data"]["passwordReset"]["done"], true);
        assert_eq!(accept(&world, &invited, NEXT).await["errors"], json!([]));
        token(&world, &email, NEXT).await;
    }
}

scenario! {
    async fn a_sign_in_that_is_in_use_keeps_its_password(world: World) {
        // the leader of one client is invited to another one
        let member = json!({ "teamId": world.cast.other_team, "name": "Lea", "jobTitle": "" });
        let member = world.done(Stranger, "memberCreate", member, "member { id }").await["member"]["id"].clone();
        let invite = json!({ "memberId": member, "email": Leader.email(), "role": "LEADER" });
        world.done(Stranger, "memberInvite", invite, "").await;
        let invited = link(&mails(&world, &Leader.email(), "invitation", 1).await[0], "invitation");
        let refused = accept(&world, &invited, NEXT).await;
        assert_eq!((code(&refused), &refused["errors"][0]["path"]), ("NOT_AUTHENTICATED", &json!(["input", "password"])));
        let message = refused["errors"][0]["message"].as_str().expect("a message");
        assert!(message.contains("existing sign-in"), "{message}");
        assert_eq!(accept(&world, &invited, PASSWORD).await["errors"], json!([]));
        token(&world, &Leader.email(), PASSWORD).await;
        assert!(world.emails().await.iter().all(|letter| letter["subject"] != "Your password was changed"));
    }
}
