//! Notices: everyone finds what concerns them, and gets it by e-mail as they wish, in their language, and only while it is
//! true and theirs to know.

use crate::{
    kit::{
        MailServer,
        Persona::{self, *},
        ReceivedEmail, World, exchange,
        fixtures::Fixtures,
        get,
    },
    scenario,
    sweeps::mutation_inputs,
};
use concord::{jobs, outbound::mail};
use entity::outbox;
use sea_orm::EntityTrait;
use serde_json::{Value, json};

const NOTICES: &str =
    "{ viewer { notices { totalCount nodes { id kind readAt client { name } team { name } causedBy { name }
    subject { __typename ... on Action { title } ... on Session { title } } } } } }";

/// Somebody's notices, latest first.
async fn notices(world: &World, who: Persona) -> Vec<Value> {
    let seen = world.read(who, NOTICES, json!({})).await;
    seen["viewer"]["notices"]["nodes"].as_array().expect("a list").clone()
}

/// Their kinds.
pub async fn kinds(world: &World, who: Persona) -> Vec<String> {
    let kind = |notice: Value| notice["kind"].as_str().unwrap_or_default().to_owned();
    notices(world, who).await.into_iter().map(kind).collect()
}

/// The turn of a job at a time, and then a delivery.
pub async fn delivered(world: &World, server: &MailServer, job: &str, at: &str) -> Vec<ReceivedEmail> {
    world.at(at);
    let job = jobs::all().find(|known| known.name == job).expect("the job");
    jobs::run_due_turns_of(&world.app, job).await.expect("a turn");
    mail::deliver(&world.app, &server.mailer(&world.app)).await.expect("a delivery");
    server.arrived()
}

async fn offered(world: &World, title: &str) -> Value {
    let input = json!({ "teamId": world.cast.team, "ownerId": world.cast.leader, "title": title, "dueOn": "2026-05-04" });
    world.done(Facilitator, "actionCreate", input, "action { id }").await["action"]["id"].clone()
}

async fn scheduled(world: &World, title: &str, starts_at: &str) -> Value {
    let input = json!({ "teamId": world.cast.team, "title": title, "startsAt": starts_at, "minutes": 60, "kind": "REVIEW", "place": "" });
    world.done(Facilitator, "sessionSchedule", input, "session { id }").await["session"]["id"].clone()
}

async fn set(world: &World, who: Persona, input: Value) -> Value {
    let what = "noticeSettings { locale timeZone quietFrom quietUntil stoppedAt version preferences { kind delivery } }";
    world.done(who, "noticePreferencesSet", input, what).await["noticeSettings"].clone()
}

scenario! {
    async fn an_offer_is_found_once_it_is_saved_and_read_once(world: World) {
        let late = json!({ "teamId": world.cast.team, "ownerId": world.cast.leader, "title": "Late", "dueOn": "2026-01-01" });
        world.refused(Facilitator, "actionCreate", late.clone()).await;
        let batch = json!({ "teamId": world.cast.team, "items": [
            { "ownerId": world.cast.leader, "title": "Call", "dueOn": "2026-05-04" },
            { "ownerId": world.cast.leader, "title": "Late", "dueOn": "2026-01-01" },
        ] });
        world.refused(Facilitator, "actionsCreate", batch).await;
        assert_eq!(notices(&world, Leader).await, Vec::<Value>::new(), "what was not saved is not told");
        let action = offered(&world, "Call").await;
        let [told] = notices(&world, Leader).await.try_into().expect("one notice");
        assert_eq!((&told["kind"], &told["readAt"]), (&json!("ACTION_OFFERED"), &Value::Null));
        assert_eq!(told["subject"], json!({ "__typename": "Action", "title": "Call" }));
        assert_eq!((&told["client"]["name"], &told["causedBy"]["name"]), (&json!("Acorn Mills"), &json!("Facilitator")));
        for who in [Facilitator, Sponsor, Owner, Admin, Stranger] {
            assert_eq!(notices(&world, who).await, Vec::<Value>::new(), "{who:?}");
        }
        // the list shows what the object is called now
        world.done(Facilitator, "actionUpdate", json!({ "id": action, "title": "Call them all" }), "").await;
        assert_eq!(notices(&world, Leader).await[0]["subject"]["title"], "Call them all");
        for (input, path) in [(json!({}), "input"), (json!({ "all": true, "ids": [told["id"]] }), "input"), (json!({ "ids": [] }), "input.ids")] {
            assert_eq!(world.refused(Leader, "noticesRead", input).await, ("INVALID".into(), path.into()));
        }
        let theirs = world.refused(Sponsor, "noticesRead", json!({ "ids": [told["id"]] })).await;
        assert_eq!(theirs, ("NOT_FOUND".into(), "input.ids.0".into()));
        for count in [1, 0] {
            let read = world.done(Leader, "noticesRead", json!({ "ids": [told["id"]] }), "count").await;
            assert_eq!(read["count"], count);
        }
        assert_eq!(notices(&world, Leader).await[0]["readAt"], "2026-03-02T09:00:00Z");
        offered(&world, "Write").await;
        assert_eq!(world.done(Leader, "noticesRead", json!({ "all": true }), "count").await["count"], 1);
    }
}

scenario! {
    async fn each_is_told_what_waits_for_them(world: World) {
        let fixtures = Fixtures::of(&world).await;
        let session = scheduled(&world, "Review", "2026-03-20T09:00:00Z").await;
        assert_eq!(kinds(&world, Leader).await, ["SESSION_SCHEDULED"]);
        world.done(Facilitator, "sessionUpdate", json!({ "id": session, "title": "Our review" }), "").await;
        assert_eq!(kinds(&world, Leader).await, ["SESSION_SCHEDULED"], "another title is no other time");
        world.at("2026-03-02T09:01:00Z");
        world.done(Facilitator, "sessionUpdate", json!({ "id": session, "startsAt": "2026-03-21T09:00:00Z" }), "").await;
        world.at("2026-03-02T09:02:00Z");
        world.done(Facilitator, "sessionCancel", json!({ "id": session, "reason": "Snow" }), "").await;
        assert_eq!(kinds(&world, Sponsor).await, ["SESSION_CANCELLED", "SESSION_MOVED", "SESSION_SCHEDULED"]);
        world.at("2026-03-02T09:03:00Z");
        let round = json!({ "teamId": world.cast.team, "title": "First", "statements": [{ "text": "We decide fast" }] });
        world.done(Facilitator, "alignmentRoundOpen", round, "").await;
        assert_eq!(kinds(&world, Leader).await[0], "ROUND_OPENED");
        world.at("2026-03-02T09:04:00Z");
        let decision = json!({ "teamId": world.cast.team, "title": "Markets", "text": "We serve three" });
        let decision = world.done(Leader, "decisionPropose", decision, "decision { id }").await["decision"]["id"].clone();
        assert_eq!((kinds(&world, Sponsor).await[0].as_str(), kinds(&world, Leader).await[0].as_str()), ("STANCE_ASKED", "ROUND_OPENED"), "who proposes knows");
        assert_eq!(world.refused(Facilitator, "decisionRatify", json!({ "id": decision })).await.0, "QUORUM_NOT_MET");
        for (mutation, by, told, kind) in [
            ("decisionReadBack", Leader, Facilitator, "READ_BACK_GIVEN"),
            ("obstacleEscalate", Leader, Facilitator, "OBSTACLE_ESCALATED"),
            ("supportAccessGrant", Sponsor, Facilitator, "SUPPORT_GIVEN"),
            ("supportAccessGrant", Sponsor, Admin, "SUPPORT_GIVEN"),
            ("assignmentCreate", Owner, Sponsor, "FACILITATOR_ASSIGNED"),
        ] {
            let before = kinds(&world, told).await.iter().filter(|known| *known == kind).count();
            let input = mutation_inputs::input(&world, &fixtures, mutation).await;
            world.done(by, mutation, input, "").await;
            let after = kinds(&world, told).await.iter().filter(|known| *known == kind).count();
            assert_eq!(after, before + 1, "{mutation} by {by:?} for {told:?}");
        }
        let access = mutation_inputs::input(&world, &fixtures, "supportAccessGrant").await;
        let access = world.done(Sponsor, "supportAccessGrant", access, "supportAccess { id }").await["supportAccess"]["id"].clone();
        world.done(Admin, "supportAccessEnter", json!({ "id": access, "purpose": "To look" }), "").await;
        assert!(kinds(&world, Sponsor).await.contains(&"SUPPORT_ENTERED".to_owned()));
        let proposal = json!({
            "clientId": world.cast.client, "franchiseId": world.cast.other_franchise, "leadId": world.cast.person(Stranger).1,
        });
        world.done(Admin, "clientTransfer", proposal, "").await;
        assert!(kinds(&world, Sponsor).await.contains(&"TRANSFER_PROPOSED".to_owned()));
        assert!(!kinds(&world, Stranger).await.contains(&"TRANSFER_PROPOSED".to_owned()), "they read nothing yet");
    }
}

scenario! {
    async fn time_tells_of_drift_missed_reviews_and_review_days(world: World) {
        let action = offered(&world, "Call").await;
        world.done(Leader, "actionAccept", json!({ "id": action }), "").await;
        for day in ["2026-05-11", "2026-05-18"] {
            world.done(Facilitator, "actionRedate", json!({ "id": action, "dueOn": day, "reason": "Holidays" }), "").await;
        }
        assert!(kinds(&world, Leader).await.contains(&"DRIFT_RAISED".to_owned()), "it is the leader's action");
        let cadence = json!({ "teamId": world.cast.team, "unit": "WEEK", "every": 1, "anchorOn": "2026-03-02" });
        world.done(Facilitator, "reviewCadenceSet", cadence, "").await;
        let decision = json!({ "teamId": world.cast.team, "title": "Markets", "text": "We serve three", "reviewOn": "2026-03-25",
            "ownerId": world.cast.leader });
        let decision = world.done(Leader, "decisionPropose", decision, "decision { id }").await["decision"]["id"].clone();
        for who in [Leader, Sponsor] {
            let stance = json!({ "id": decision, "stance": "ACCEPTS", "conviction": 4 });
            world.done(who, "decisionStance", stance, "").await;
        }
        world.done(Facilitator, "decisionRatify", json!({ "id": decision }), "").await;
        assert!(kinds(&world, Sponsor).await.contains(&"READ_BACK_ASKED".to_owned()));
        for (at, come) in [("2026-03-24T08:00:00Z", false), ("2026-03-25T08:00:00Z", true)] {
            world.at(at);
            for name in ["reviews", "remind"] {
                let job = jobs::all().find(|job| job.name == name).expect("the job");
                jobs::run_due_turns_of(&world.app, job).await.expect("a turn");
            }
            let told = kinds(&world, Facilitator).await;
            assert!(told.contains(&"REVIEW_MISSED".to_owned()), "{told:?}");
            assert_eq!(told.contains(&"DECISION_REVIEW_DUE".to_owned()), come, "{at}: {told:?}");
        }
    }
}

scenario! {
    async fn an_e_mail_names_the_client_and_leads_to_the_thing(world: World) {
        let server = MailServer::start().await;
        let action = offered(&world, "Call").await;
        let [email] = delivered(&world, &server, "notices", "2026-03-02T09:00:10Z").await.try_into().expect("one e-mail");
        assert_eq!((email.to.as_str(), email.subject.as_str()), ("leader@example.com", "Acorn Mills: an action is offered to you"));
        assert!(email.text.starts_with("Acorn Mills\n\n- You are offered an action: Call\n"), "{}", email.text);
        let path = format!("/actions/{}", action.as_str().expect("an id"));
        assert!(email.text.contains(&path), "{path} in {}", email.text);
        let page = get(world.listen().await, &path).await;
        assert!(page.status == 200 && page.body.contains("an action"), "{}", page.body);
        assert_eq!(delivered(&world, &server, "notices", "2026-03-02T09:00:30Z").await, [], "once");
    }
}

scenario! {
    async fn what_is_answered_read_moved_or_lost_is_not_sent(world: World) {
        let server = MailServer::start().await;
        let answered = offered(&world, "Answered").await;
        offered(&world, "Read").await;
        world.done(Leader, "actionAccept", json!({ "id": answered }), "").await;
        world.done(Leader, "noticesRead", json!({ "all": true }), "").await;
        let proposed = json!({ "teamId": world.cast.team, "title": "Three markets", "text": "We serve three" });
        let proposed = world.done(Facilitator, "decisionPropose", proposed, "decision { id }").await["decision"]["id"].clone();
        world.done(Leader, "decisionStance", json!({ "id": proposed, "stance": "ACCEPTS", "conviction": 4 }), "").await;
        let off = scheduled(&world, "Called off", "2026-03-20T09:00:00Z").await;
        world.done(Facilitator, "sessionCancel", json!({ "id": off, "reason": "Snow" }), "").await;
        let emails = delivered(&world, &server, "notices", "2026-03-02T09:00:10Z").await;
        assert!(emails.iter().all(|email| !email.text.contains("was scheduled")), "{emails:?}");
        assert!(emails.iter().any(|email| email.to == Leader.email() && email.text.contains("A session was called off: Called off (20 March 2026, 09:00)")), "{emails:?}");
        let asked = |who: Persona| emails.iter().any(move |email| email.to == who.email() && email.text.contains("Three markets"));
        assert_eq!((asked(Leader), asked(Sponsor)), (false, true), "who took a stance is not asked for it");
        assert!(!emails.iter().any(|email| email.text.contains("Answered") || email.text.contains("Read")), "{emails:?}");
        // the outbox holds no text meanwhile, and who lost access is told nothing
        offered(&world, "Secret plan").await;
        world.at("2026-03-02T10:00:00Z");
        let job = jobs::all().find(|job| job.name == "notices").expect("the job");
        jobs::run_due_turns_of(&world.app, job).await.expect("a turn");
        let waiting = outbox::Entity::find().all(&world.home.behind().await).await.expect("the outbox");
        assert!(waiting.len() == 1 && !waiting[0].payload.to_string().contains("Secret"), "{waiting:?}");
        let held = "{ viewer { memberships { nodes { id } } } }";
        let held = world.read(Leader, held, json!({})).await["viewer"]["memberships"]["nodes"][0]["id"].clone();
        world.done(Owner, "membershipEnd", json!({ "id": held }), "").await;
        assert_eq!(delivered(&world, &server, "notices", "2026-03-02T10:00:20Z").await, []);
        let left = world.ask(Leader, NOTICES, json!({})).await;
        assert!(!left.text.contains("Secret") && !left.text.contains("Acorn"), "{}", left.text);
    }
}

scenario! {
    async fn e_mails_come_when_and_how_their_reader_wants_them(world: World) {
        let server = MailServer::start().await;
        for (input, path) in [
            (json!({ "quietFrom": "22:00" }), "input.quietUntil"),
            (json!({ "quietFrom": "22:00", "quietUntil": "25:00" }), "input.quietUntil"),
            (json!({ "timeZone": "Mars/Base" }), "input.timeZone"),
            (json!({ "preferences": [{ "kind": "ACTION_OFFERED", "delivery": "OFF" }, { "kind": "ACTION_OFFERED" }] }), "input.preferences.1.kind"),
        ] {
            assert_eq!(world.refused(Leader, "noticePreferencesSet", input).await, ("INVALID".into(), path.into()));
        }
        let wanted = json!({
            "locale": "GERMAN", "timeZone": "Europe/Berlin", "quietFrom": "10:00", "quietUntil": "12:00",
            "preferences": [{ "kind": "SESSION_SCHEDULED", "delivery": "DAILY" }, { "kind": "SESSION_MOVED", "delivery": "OFF" }],
        });
        let now = set(&world, Leader, wanted).await;
        assert_eq!((&now["locale"], &now["quietFrom"], now["preferences"].as_array().map(Vec::len)), (&json!("GERMAN"), &json!("10:00"), Some(2)));
        let stale = json!({ "locale": "ENGLISH", "expectedVersion": 1 });
        assert_eq!(world.refused(Leader, "noticePreferencesSet", stale).await.0, "CONFLICT");
        // it is 10:00 in Berlin
        offered(&world, "Anrufen").await;
        let session = scheduled(&world, "Review", "2026-03-20T09:00:00Z").await;
        world.done(Facilitator, "sessionUpdate", json!({ "id": session, "startsAt": "2026-03-21T09:00:00Z" }), "").await;
        let of = |emails: Vec<ReceivedEmail>| -> Vec<ReceivedEmail> {
            emails.into_iter().filter(|email| email.to == Leader.email()).collect()
        };
        assert_eq!(of(delivered(&world, &server, "notices", "2026-03-02T09:00:10Z").await), [], "quiet hours");
        let [email] = of(delivered(&world, &server, "notices", "2026-03-02T11:00:00Z").await).try_into().expect("one e-mail");
        assert!(email.subject.starts_with("Acorn Mills: Ihnen wird eine") && email.text.contains("Anrufen"), "{email:?}");
        let [email] = of(delivered(&world, &server, "notices", "2026-03-03T06:00:00Z").await).try_into().expect("one e-mail");
        assert!(email.text.contains("Eine Sitzung ist angesetzt: Review, 21.3.2026, 10:00"), "{}", email.text);
        // who has another wish, or none, is not quiet
        let cleared = json!({ "quietFrom": null, "quietUntil": null, "preferences": [{ "kind": "SESSION_SCHEDULED" }] });
        let now = set(&world, Leader, cleared).await;
        assert_eq!((&now["quietFrom"], now["preferences"].as_array().map(Vec::len)), (&Value::Null, Some(1)));
        let own = "query($id: ID!) { node(id: $id) { ... on Person { noticeSettings { locale } } } }";
        let (leader, facilitator) = (world.cast.person(Leader).1, world.cast.person(Facilitator).1);
        assert_eq!(world.read(Leader, own, json!({ "id": leader })).await["node"]["noticeSettings"]["locale"], "GERMAN");
        assert_eq!(world.read(Facilitator, own, json!({ "id": leader })).await["node"]["noticeSettings"], Value::Null);
        assert_eq!(world.read(Facilitator, own, json!({ "id": facilitator })).await["node"]["noticeSettings"], Value::Null);
    }
}

scenario! {
    async fn one_click_ends_the_e_mails_and_a_look_at_the_link_does_not(world: World) {
        let server = MailServer::start().await;
        offered(&world, "Call").await;
        let [email] = delivered(&world, &server, "notices", "2026-03-02T09:00:10Z").await.try_into().expect("one e-mail");
        assert!(email.head.contains("List-Unsubscribe-Post: List-Unsubscribe=One-Click"), "{}", email.head);
        let url = email.head.lines().find_map(|line| line.strip_prefix("List-Unsubscribe:")?.trim().strip_suffix('>'));
        let token = url.and_then(|url| url.rsplit('/').next()).expect("a link").to_owned();
        let address = world.listen().await;
        let path = format!("/unsubscribe/{token}");
        let look = get(address, &path).await;
        assert!(look.status == 200 && look.body.contains("<form method=\"post\">"), "{}", look.body);
        let settings = "{ viewer { person { noticeSettings { stoppedAt } } } }";
        let stopped = async || world.read(Leader, settings, json!({})).await["viewer"]["person"]["noticeSettings"].clone();
        assert_eq!(stopped().await, Value::Null, "a look changes nothing");
        let post = |path: &str| {
            format!(
                "POST {path} HTTP/1.1\r\nhost: concord\r\nconnection: close\r\n\
                 content-type: application/x-www-form-urlencoded\r\ncontent-length: 26\r\n\r\nList-Unsubscribe=One-Click"
            )
        };
        let other = if token.ends_with('A') { 'Q' } else { 'A' };
        let forged = format!("/unsubscribe/{}{other}", token.get(..token.len() - 1).expect("a token"));
        for other in [forged.as_str(), "/unsubscribe/none"] {
            assert_eq!(exchange(address, post(other).as_bytes()).await.status, 404, "{other}");
        }
        for _ in 0..2 {
            assert_eq!(exchange(address, post(&path).as_bytes()).await.status, 200);
        }
        assert_eq!(stopped().await["stoppedAt"], "2026-03-02T09:00:10Z");
        offered(&world, "Write").await;
        assert_eq!(delivered(&world, &server, "notices", "2026-03-02T10:00:00Z").await, []);
        assert_eq!(kinds(&world, Leader).await.len(), 2, "the list goes on");
        assert_eq!(set(&world, Leader, json!({ "stopped": false })).await["stoppedAt"], Value::Null);
        offered(&world, "Ask").await;
        assert_eq!(delivered(&world, &server, "notices", "2026-03-02T11:00:00Z").await.len(), 1);
    }
}

scenario! {
    async fn facilitators_and_owners_get_their_clients_on_monday(world: World) {
        let server = MailServer::start().await;
        let action = offered(&world, "Call").await;
        world.done(Leader, "actionAccept", json!({ "id": action }), "").await;
        set(&world, Owner, json!({ "preferences": [{ "kind": "DIGEST", "delivery": "OFF" }] })).await;
        assert_eq!(delivered(&world, &server, "digest", "2026-05-10T09:00:00Z").await, [], "it is Sunday");
        let emails = delivered(&world, &server, "digest", "2026-05-11T08:00:00Z").await;
        let of = |who: Persona| emails.iter().filter(move |email| email.to == who.email());
        let [email] = of(Facilitator).collect::<Vec<_>>().try_into().expect("one e-mail");
        assert_eq!(email.subject, "Your clients this week");
        assert!(email.text.contains("- Acorn Mills: risk ") && email.text.contains("1 action overdue"), "{}", email.text);
        assert!(email.text.contains("/clients/client_"), "{}", email.text);
        for who in [Owner, Leader, Sponsor, Admin] {
            assert_eq!(of(who).count(), 0, "{who:?}");
        }
        assert_eq!(delivered(&world, &server, "digest", "2026-05-11T12:00:00Z").await, [], "once");
        assert_eq!(of(Stranger).filter(|email| email.text.contains("Acorn")).count(), 0, "their own clients");
        let next = delivered(&world, &server, "digest", "2026-05-18T08:00:00Z").await;
        assert_eq!(next.iter().filter(|email| email.to == Facilitator.email()).count(), 1);
    }
}

scenario! {
    async fn notices_are_kept_for_ninety_days(world: World) {
        offered(&world, "Call").await;
        let job = jobs::all().find(|job| job.name == "retain").expect("the job");
        for (at, left) in [("2026-05-31T09:00:00Z", 1), ("2026-06-01T09:00:00Z", 0)] {
            world.at(at);
            jobs::run_due_turns_of(&world.app, job).await.expect("a turn");
            assert_eq!(notices(&world, Leader).await.len(), left, "{at}");
        }
    }
}
