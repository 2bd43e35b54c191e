//! E-mails: what leaves is true when it leaves, what cannot leave ends and is seen, and nothing is lost meanwhile.

use crate::{
    kit::{Backend, MailServer, Persona::*, ReceivedEmail, World, fixtures::Fixtures, get, post},
    scenario,
};
use concord::{
    http::Service,
    jobs,
    outbound::{Mailer, mail},
};
use entity::outbox;
use sea_orm::EntityTrait;
use serde_json::{Value, json};

const TEMPORARY: Option<&str> = Some("451 try again later");
const PERMANENT: Option<&str> = Some("550 no such mailbox");

/// Delivers what is due, and answers what arrived.
async fn deliver(world: &World, server: &MailServer) -> Vec<ReceivedEmail> {
    mail::deliver(&world.app, &server.mailer(&world.app)).await.expect("a delivery");
    server.arrived()
}

/// The job that writes reminders, and then a delivery.
async fn morning(world: &World, server: &MailServer, at: &str) -> Vec<ReceivedEmail> {
    world.at(at);
    let job = jobs::all().find(|job| job.name == "remind").expect("the job");
    jobs::run_due_turns_of(&world.app, job).await.expect("a turn");
    deliver(world, server).await
}

/// An action that the leader has accepted.
async fn accepted(world: &World, title: &str, due: &str) -> Value {
    let id = offered(world, title, due).await;
    world.done(Leader, "actionAccept", json!({ "id": id }), "").await;
    id
}

async fn offered(world: &World, title: &str, due: &str) -> Value {
    let input =
        json!({ "teamId": world.cast.team, "ownerId": world.cast.leader, "title": title, "dueOn": due });
    world.done(Facilitator, "actionCreate", input, "action { id }").await["action"]["id"].clone()
}

async fn session(world: &World, title: &str, starts_at: &str) -> Value {
    let input = json!({ "teamId": world.cast.team, "title": title, "startsAt": starts_at, "minutes": 60, "kind": "REVIEW", "place": "" });
    world.done(Facilitator, "sessionSchedule", input, "session { id }").await["session"]["id"].clone()
}

/// A member of the team who is invited: the invitation.
async fn invited(world: &World, email: &str) -> Value {
    let member = json!({ "teamId": world.cast.team, "name": "Nadia Petrova", "jobTitle": "Buyer" });
    let member = world.done(Sponsor, "memberCreate", member, "member { id }").await["member"]["id"].clone();
    let invite = json!({ "memberId": member, "email": email, "role": "LEADER" });
    world.done(Sponsor, "memberInvite", invite, "invitation { id }").await["invitation"]["id"].clone()
}

async fn failed_at(world: &World, invitation: &Value) -> Value {
    let document = "{ invitations { nodes { id deliveryFailedAt } } }";
    let read = world.read(Sponsor, document, json!({})).await;
    let listed = read["invitations"]["nodes"].as_array().expect("a list");
    let found = listed.iter().find(|listed| listed["id"] == *invitation).expect("the invitation");
    found["deliveryFailedAt"].clone()
}

async fn membership(world: &World, who: crate::kit::Persona) -> Value {
    let document = "{ viewer { memberships { nodes { id } } } }";
    world.read(who, document, json!({})).await["viewer"]["memberships"]["nodes"][0]["id"].clone()
}

fn texts(letters: &[ReceivedEmail]) -> String {
    letters.iter().map(|letter| format!("{}\n{}\n", letter.subject, letter.text)).collect()
}

scenario! {
    async fn an_invitation_names_who_invites_and_to_what(world: World) {
        let server = MailServer::start().await;
        invited(&world, "nadia@example.org").await;
        let [letter] = deliver(&world, &server).await.try_into().expect("one e-mail");
        assert_eq!(letter.to, "nadia@example.org");
        let document = "query($id: ID!) { client(id: $id) { name teams { name } } network { name } viewer { person { name } } }";
        let read = world.read(Sponsor, document, json!({ "id": world.cast.client })).await;
        for part in [&read["viewer"]["person"]["name"], &read["client"]["name"], &read["network"]["name"], &read["client"]["teams"][0]["name"]] {
            let part = part.as_str().expect("a name");
            assert!(letter.text.contains(part), "{part} in {}", letter.text);
        }
        assert!(letter.text.contains("/invitation#cit_"), "{}", letter.text);
        assert_eq!(deliver(&world, &server).await, [], "once");
    }
}

scenario! {
    async fn whose_membership_ended_gets_no_letters_about_the_client(world: World) {
        let server = MailServer::start().await;
        accepted(&world, "Secret plan", "2026-03-04").await;
        // written, and waiting to be sent
        server.answer(TEMPORARY);
        assert_eq!(morning(&world, &server, "2026-03-03T08:00:00Z").await, []);
        assert_eq!(server.attempts(), 1);
        let held = membership(&world, Leader).await;
        world.done(Owner, "membershipEnd", json!({ "id": held }), "").await;
        server.answer(None);
        for day in ["2026-03-03T09:00:00Z", "2026-03-04T08:00:00Z", "2026-03-05T08:00:00Z"] {
            assert_eq!(morning(&world, &server, day).await, [], "{day}");
        }
        assert_eq!(world.emails().await, Vec::<Value>::new(), "nothing waits");
    }
}

scenario! {
    async fn what_is_no_longer_true_does_not_leave(world: World) {
        let server = MailServer::start().await;
        let done = accepted(&world, "Finished", "2026-03-04").await;
        accepted(&world, "Unfinished", "2026-03-04").await;
        let off = session(&world, "Called off", "2026-03-04T14:00:00Z").await;
        session(&world, "Held", "2026-03-04T15:00:00Z").await;
        let invitation = invited(&world, "nadia@example.org").await;
        let forgot = "mutation($input: PasswordResetSendInput!) { passwordResetSend(input: $input) { done } }";
        world.ask_nobody(forgot, json!({ "input": { "email": Leader.email() } })).await;
        world.emails_once(2).await;
        server.answer(TEMPORARY);
        assert_eq!(morning(&world, &server, "2026-03-03T08:00:00Z").await, []);
        assert_eq!(world.emails().await.len(), 3);
        world.done(Leader, "actionComplete", json!({ "id": done }), "").await;
        world.done(Facilitator, "sessionCancel", json!({ "id": off, "reason": "Not needed" }), "").await;
        world.done(Sponsor, "invitationRevoke", json!({ "id": invitation }), "").await;
        server.answer(None);
        world.at("2026-03-04T05:00:00Z");
        let [sponsors, letter] = deliver(&world, &server).await.try_into().expect("what is left of two reminders");
        // a day later they say what is so then
        assert!(sponsors.text.ends_with("\n\n- Today at 15:00: Held\n"), "{}", sponsors.text);
        assert!(letter.text.ends_with("\n\n- Due today: Unfinished\n- Today at 15:00: Held\n"), "{}", letter.text);
        assert_eq!(world.emails().await, Vec::<Value>::new());
    }
}

scenario! {
    async fn letters_of_two_mornings_are_one_when_the_server_is_back(world: World) {
        let server = MailServer::start().await;
        accepted(&world, "Call", "2026-03-04").await;
        server.answer(TEMPORARY);
        for day in ["2026-03-03T08:00:00Z", "2026-03-04T08:00:00Z", "2026-03-05T08:00:00Z"] {
            assert_eq!(morning(&world, &server, day).await, []);
        }
        assert_eq!(world.emails().await.len(), 1);
        server.answer(None);
        world.at("2026-03-05T10:00:00Z");
        let [letter] = deliver(&world, &server).await.try_into().expect("one e-mail");
        assert!(letter.text.ends_with("\n\n- Overdue since 1 day: Call\n"), "{}", letter.text);
    }
}

scenario! {
    async fn a_missed_morning_is_caught_up_on_the_next(world: World) {
        let server = MailServer::start().await;
        accepted(&world, "Call", "2026-03-05").await;
        offered(&world, "Hire", "2026-03-30").await;
        let first = morning(&world, &server, "2026-03-04T08:00:00Z").await;
        assert!(texts(&first).contains("Due tomorrow: Call"), "{first:?}");
        // nobody works from the 5th to the 7th: the offer waited three days on the 5th, the action was late on the 6th
        let [letter] = morning(&world, &server, "2026-03-08T08:00:00Z").await.try_into().expect("one e-mail");
        assert!(letter.text.ends_with("\n\n- Overdue since 3 days: Call\n- Waits for your answer since 6 days: Hire\n"), "{}", letter.text);
        assert_eq!(morning(&world, &server, "2026-03-09T08:00:00Z").await, [], "once");
        let later = morning(&world, &server, "2026-03-13T08:00:00Z").await;
        assert!(texts(&later).contains("Overdue since 8 days: Call"), "each week from the first day: {later:?}");
    }
}

scenario! {
    async fn a_server_that_refuses_for_good_is_asked_once(world: World) {
        let server = MailServer::start().await;
        let invitation = invited(&world, "nadia@example.org").await;
        assert_eq!(failed_at(&world, &invitation).await, Value::Null);
        server.answer(PERMANENT);
        assert_eq!(deliver(&world, &server).await, []);
        world.at("2026-03-02T12:00:00Z");
        assert_eq!(deliver(&world, &server).await, []);
        assert_eq!((server.attempts(), world.emails().await.len()), (1, 0));
        assert_eq!(failed_at(&world, &invitation).await, json!("2026-03-02T09:00:00Z"));
        let metrics = world.app.metrics();
        assert!(metrics.contains("concord_emails_total{outcome=\"refused\"} 1"), "{metrics}");
    }
}

scenario! {
    async fn attempts_end_after_three_days(world: World) {
        let server = MailServer::start().await;
        let invitation = invited(&world, "nadia@example.org").await;
        server.answer(TEMPORARY);
        deliver(&world, &server).await;
        let metrics = world.app.metrics();
        for line in ["concord_emails_total{outcome=\"failed\"} 1", "concord_emails_waiting{state=\"waiting\"} 1", "concord_emails_waiting{state=\"failed\"} 1"] {
            assert!(metrics.contains(line), "{line} in {metrics}");
        }
        world.at("2026-03-05T08:00:00Z");
        deliver(&world, &server).await;
        assert_eq!((server.attempts(), failed_at(&world, &invitation).await), (2, Value::Null));
        world.at("2026-03-05T10:00:00Z");
        deliver(&world, &server).await;
        assert_eq!((server.attempts(), failed_at(&world, &invitation).await), (2, json!("2026-03-05T10:00:00Z")));
        let metrics = world.app.metrics();
        for line in ["concord_emails_total{outcome=\"given_up\"} 1", "concord_emails_waiting{state=\"waiting\"} 0"] {
            assert!(metrics.contains(line), "{line} in {metrics}");
        }
    }
}

scenario! {
    async fn without_a_server_letters_wait_and_are_seen(world: World) {
        let nowhere = Mailer::new(&world.app.config, false).expect("a mailer");
        let invitation = invited(&world, "nadia@example.org").await;
        for at in ["2026-03-02T09:00:00Z", "2026-03-07T09:00:00Z"] {
            world.at(at);
            mail::deliver(&world.app, &nowhere).await.expect("a look");
            assert!(world.app.metrics().contains("concord_emails_waiting{state=\"waiting\"} 1"), "{}", world.app.metrics());
        }
        let server = MailServer::start().await;
        assert_eq!(deliver(&world, &server).await.len(), 1, "it leaves when there is one");
        assert_eq!(failed_at(&world, &invitation).await, Value::Null);
    }
}

scenario! {
    async fn a_pause_stops_reminders(world: World) {
        let server = MailServer::start().await;
        let programme = Fixtures::of(&world).await.home.ids["programme"].clone();
        accepted(&world, "Call", "2026-03-04").await;
        world.done(Facilitator, "programmePause", json!({ "id": programme, "reason": "The sponsor is away" }), "").await;
        for day in ["2026-03-03T08:00:00Z", "2026-03-04T08:00:00Z", "2026-03-05T08:00:00Z"] {
            assert_eq!(morning(&world, &server, day).await, [], "{day}");
        }
        world.done(Facilitator, "programmeResume", json!({ "id": programme }), "").await;
        let later = morning(&world, &server, "2026-03-12T08:00:00Z").await;
        assert!(texts(&later).contains("Overdue since 8 days: Call"), "{later:?}");
    }
}

scenario! {
    async fn news_is_bundled_and_links_are_not_held_back(world: World) {
        let server = MailServer::start().await;
        accepted(&world, "Call", "2026-03-04").await;
        let first = morning(&world, &server, "2026-03-03T08:00:00Z").await;
        assert_eq!(first.len(), 1);
        // the lead facilitator hears of three obstacles: of the first at once, of the others together
        let mut heard = vec![];
        for (minute, title) in [(0, "One"), (2, "Two"), (4, "Three")] {
            let obstacle = json!({ "teamId": world.cast.team, "title": title, "severity": "HIGH" });
            let obstacle = world.done(Leader, "obstacleRaise", obstacle, "obstacle { id }").await["obstacle"]["id"].clone();
            world.done(Leader, "obstacleEscalate", json!({ "id": obstacle, "reason": "It is stuck" }), "").await;
            world.at(&format!("2026-03-03T09:{minute:02}:00Z"));
            heard.push(deliver(&world, &server).await.len());
        }
        assert_eq!(heard, [1, 0, 0]);
        let forgot = "mutation($input: PasswordResetSendInput!) { passwordResetSend(input: $input) { done } }";
        world.ask_nobody(forgot, json!({ "input": { "email": Facilitator.email() } })).await;
        world.emails_once(3).await;
        let [link] = deliver(&world, &server).await.try_into().expect("the link leaves at once");
        assert!(link.text.contains("/password#"), "{}", link.text);
        world.at("2026-03-03T09:14:59Z");
        assert_eq!(deliver(&world, &server).await, []);
        world.at("2026-03-03T09:15:00Z");
        let [both] = deliver(&world, &server).await.try_into().expect("one e-mail");
        assert_eq!(both.to, Facilitator.email());
        assert!(both.subject.starts_with("2 notices from "), "{}", both.subject);
        assert!(both.text.contains("Two") && both.text.contains("Three") && !both.text.contains("One"), "{}", both.text);
        assert_eq!(world.emails().await, Vec::<Value>::new());
    }
}

scenario! {
    async fn an_address_gets_three_links_an_hour_over_all_networks(world: World) {
        let invite = |role: &str| json!({ "name": "Nadia Petrova", "email": "nadia@example.org", "role": role });
        for _ in 0..3 {
            let sent = world.done(Admin, "headOfficeInvite", invite("HEAD_OFFICE_ANALYST"), "invitation { id }").await;
            world.done(Admin, "invitationRevoke", json!({ "id": sent["invitation"]["id"] }), "").await;
        }
        let again = ("TOO_MANY_ATTEMPTS".to_owned(), "input".to_owned());
        assert_eq!(world.refused(Admin, "headOfficeInvite", invite("HEAD_OFFICE_ANALYST")).await, again);
        // from another network, and in another spelling
        let mut abroad = invite("HEAD_OFFICE_ANALYST");
        abroad["email"] = json!(" Nadia@EXAMPLE.org");
        assert_eq!(world.refused(Foreigner, "headOfficeInvite", abroad.clone()).await, again);
        assert_eq!(world.emails().await.len(), 3, "what was refused wrote nothing");
        world.at("2026-03-02T10:00:01Z");
        world.done(Foreigner, "headOfficeInvite", abroad, "").await;
    }
}

scenario! {
    async fn a_person_causes_fifty_links_a_day(world: World) {
        let member = json!({ "teamId": world.cast.team, "name": "Nadia Petrova", "jobTitle": "Buyer" });
        let member = world.done(Sponsor, "memberCreate", member, "member { id }").await["member"]["id"].clone();
        let invite = |number: usize| json!({ "memberId": member, "email": format!("nadia{number}@example.org"), "role": "LEADER" });
        for number in 0..50 {
            let sent = world.done(Sponsor, "memberInvite", invite(number), "invitation { id }").await;
            world.done(Sponsor, "invitationRevoke", json!({ "id": sent["invitation"]["id"] }), "").await;
        }
        let again = ("TOO_MANY_ATTEMPTS".to_owned(), "input".to_owned());
        assert_eq!(world.refused(Sponsor, "memberInvite", invite(50)).await, again);
        // each person has their own, and owners have more
        world.done(Owner, "memberInvite", invite(50), "").await;
        world.at("2026-03-03T09:00:01Z");
        world.done(Facilitator, "memberInvite", json!({ "memberId": world.cast.quiet, "email": "ines@example.org", "role": "OBSERVER" }), "").await;
    }
}

scenario! {
    async fn names_that_letters_carry_hold_no_links(world: World) {
        let evil = "Account blocked, verify at evil.example/x";
        let team = world.cast.team.to_string();
        for (who, mutation, path, input) in [
            (Sponsor, "memberCreate", "input.name", json!({ "teamId": team, "name": evil, "jobTitle": "" })),
            (Sponsor, "memberUpdate", "input.name", json!({ "id": world.cast.quiet, "name": "Win at http://evil.example" })),
            (Facilitator, "clientUpdate", "input.name", json!({ "id": world.cast.client, "name": "www.evil.example" })),
            (Facilitator, "teamUpdate", "input.name", json!({ "id": world.cast.team, "name": evil })),
            (Facilitator, "teamCreate", "input.name", json!({ "clientId": world.cast.client, "name": evil })),
            (Admin, "franchiseUpdate", "input.name", json!({ "id": world.cast.franchise, "name": evil })),
            (Admin, "networkUpdate", "input.name", json!({ "name": evil })),
            (Admin, "personUpdate", "input.name", json!({ "id": world.cast.person(Admin).1, "name": evil })),
            (Admin, "headOfficeInvite", "input.name", json!({ "name": evil, "email": "nadia@example.org", "role": "HEAD_OFFICE_ANALYST" })),
        ] {
            assert_eq!(world.refused(who, mutation, input).await, ("INVALID".into(), path.into()), "{mutation}");
        }
    }
}

scenario! {
    async fn an_address_is_one_person_in_every_spelling(world: World) {
        let member = |email: &str| json!({ "teamId": world.cast.team, "name": "Anna", "jobTitle": "", "email": email });
        let made = world.done(Sponsor, "memberCreate", member("Anna@Bücher.example"), "member { email }").await;
        assert_eq!(made["member"]["email"], "anna@xn--bcher-kva.example");
        let taken = world.refused(Sponsor, "memberCreate", member("anna@xn--bcher-kva.example")).await;
        assert_eq!(taken, ("TAKEN".into(), "input.email".into()));
        for never in ["a@b", "a@localhost", "a@[127.0.0.1]", "\"a b\"@example.com", "josé@example.com", "z@example.com\u{200b}", "a@x.invalid"] {
            assert_eq!(world.refused(Sponsor, "memberCreate", member(never)).await, ("INVALID".into(), "input.email".into()), "{never}");
        }
        let csv = "external_id,name,email\n1,Anna,anna@bücher.example\n2,Bo,a@localhost\n";
        let rows = world.change(Sponsor, "memberImport", json!({ "teamId": world.cast.team, "csv": csv }), "rows { outcome errors { column code } }").await;
        let error = |code: &str| json!({ "outcome": "REFUSED", "errors": [{ "column": "email", "code": code }] });
        assert_eq!(rows["rows"], json!([error("TAKEN"), error("INVALID")]));
        // who signs in finds the one there is
        let sign_in = "mutation($input: SignInInput!) { signIn(input: $input) { errors { code } } }";
        let input = json!({ "input": { "email": " LEADER@example.com ", "password": crate::kit::PASSWORD } });
        let signed = world.ask_nobody(sign_in, input).await;
        assert_eq!(signed.json["data"]["signIn"]["errors"], json!([]));
    }
}

#[tokio::test]
async fn plain_pages_stand_where_the_links_lead() {
    let world = World::new(Backend::Sqlite).await;
    let address = world.listen().await;
    for (path, call) in [
        ("/invitation", "invitationAccept"),
        ("/password", "passwordReset"),
        ("/address", "addressChangeConfirm"),
        ("/address-undo", "addressChangeUndo"),
    ] {
        let page = get(address, path).await;
        assert_eq!(page.status, 200, "{path}");
        assert!(page.body.contains(call) && page.body.contains("/graphql"), "{}", page.body);
        // the call is one that the API takes, though the token is none
        let request = page.body.split_once("-d '").and_then(|(_, rest)| rest.split_once('\''));
        let request: Value = serde_json::from_str(request.expect("a request").0).expect("JSON");
        let query = request["query"].as_str().expect("a query");
        let reply = post(address, None, query, request["variables"].clone()).await;
        assert!(reply.json()["data"][call].is_object(), "{path}: {reply:?}");
    }
}

scenario! {
    async fn no_row_holds_a_token(world: World) {
        invited(&world, "nadia@example.org").await;
        let forgot = "mutation($input: PasswordResetSendInput!) { passwordResetSend(input: $input) { done } }";
        world.ask_nobody(forgot, json!({ "input": { "email": Leader.email() } })).await;
        world.emails_once(2).await;
        let rows = outbox::Entity::find().all(&world.home.behind().await).await.expect("the outbox");
        for row in &rows {
            let stored = serde_json::to_string(row).expect("JSON");
            assert!(!stored.contains("cit_") && !stored.contains("cpt_"), "{stored}");
        }
        assert_eq!(rows.len(), 2);
        let server = MailServer::start().await;
        let letters = deliver(&world, &server).await;
        for (kind, prefix) in [("invitation", "cit_"), ("password", "cpt_")] {
            assert!(texts(&letters).contains(&format!("/{kind}#{prefix}")), "{letters:?}");
        }
    }
}

scenario! {
    async fn an_invitation_is_sent_again_with_the_same_link(world: World) {
        let server = MailServer::start().await;
        let invitation = invited(&world, "nadia@example.org").await;
        let link = |letters: &[ReceivedEmail]| letters[0].text.split_once("/invitation#").expect("a link").1.split_whitespace().next().map(str::to_owned);
        let first = link(&deliver(&world, &server).await);
        let id = json!({ "id": invitation });
        world.done(Facilitator, "invitationResend", id.clone(), "").await;
        let second = deliver(&world, &server).await;
        assert_eq!((second.len(), link(&second)), (1, first));
        let resent = "{ auditEvents(first: 20) { nodes { verb } } }";
        let resent = world.read(Facilitator, resent, json!({})).await.to_string().to_lowercase().replace('_', "");
        assert!(resent.contains("invitationresend"), "{resent}");
        // one that failed is tried again, and what was seen of it goes
        server.answer(PERMANENT);
        world.done(Sponsor, "invitationResend", id.clone(), "").await;
        deliver(&world, &server).await;
        assert_ne!(failed_at(&world, &invitation).await, Value::Null);
        assert_eq!(world.refused(Sponsor, "invitationResend", id.clone()).await.0, "TOO_MANY_ATTEMPTS", "three an hour");
        world.at("2026-03-02T10:30:00Z");
        server.answer(None);
        world.done(Sponsor, "invitationResend", id.clone(), "").await;
        assert_eq!((deliver(&world, &server).await.len(), failed_at(&world, &invitation).await), (1, Value::Null));
        world.done(Sponsor, "invitationRevoke", id.clone(), "").await;
        assert_eq!(world.refused(Sponsor, "invitationResend", id).await, ("WRONG_STATE".into(), "input.id".into()));
    }
}
