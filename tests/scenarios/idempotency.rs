//! One key, one body, one effect: also when the same request arrives many times at once.

use crate::{
    kit::{Persona::*, until_run},
    scenario,
};
use concord::http::Outcome;
use entity::idempotency;
use futures::future::join_all;
use sea_orm::EntityTrait;
use serde_json::json;

const OFFER: &str =
    "mutation($input: ActionCreateInput!) { actionCreate(input: $input) { action { id } errors { code } } }";
const COUNT: &str = "query($id: ID!) { team(id: $id) { actions { totalCount } } }";

scenario! {
    async fn a_repeated_request_has_one_effect_and_one_answer(world: World) {
        let input = json!({ "input": {
            "teamId": world.cast.team.to_string(), "ownerId": world.cast.leader.to_string(),
            "title": "Book the venue", "dueOn": "2026-03-20",
        } });
        let send = || world.send(Some(world.token(Facilitator)), OFFER, input.clone(), Some("venue"));
        let requests = (0..12).map(|_| until_run(send));
        let answers = join_all(requests).await;
        for answer in &answers {
            assert_eq!(answer.outcome, Outcome::Executed, "{}", answer.text);
            assert_eq!(answer.text, answers[0].text);
        }
        let count = world.read(Facilitator, COUNT, json!({ "id": world.cast.team.to_string() })).await;
        assert_eq!(count["team"]["actions"]["totalCount"], 1);
    }
}

scenario! {
    async fn a_key_belongs_to_one_body_and_one_caller(world: World) {
        let input = |title: &str| json!({ "input": {
            "teamId": world.cast.team.to_string(), "ownerId": world.cast.leader.to_string(),
            "title": title, "dueOn": "2026-03-20",
        } });
        let first = world.send(Some(world.token(Facilitator)), OFFER, input("One"), Some("key")).await;
        assert_eq!(first.outcome, Outcome::Executed, "{}", first.text);
        let other = world.send(Some(world.token(Facilitator)), OFFER, input("Two"), Some("key")).await;
        assert_eq!(other.outcome, Outcome::Conflict, "{}", other.text);
        assert_eq!(other.json["errors"][0]["extensions"]["code"], "CONFLICT");
        let someone = world.send(Some(world.token(Owner)), OFFER, input("Two"), Some("key")).await;
        assert_eq!(someone.outcome, Outcome::Executed, "{}", someone.text);
        let count = world.read(Facilitator, COUNT, json!({ "id": world.cast.team.to_string() })).await;
        assert_eq!(count["team"]["actions"]["totalCount"], 2);
    }
}

scenario! {
    async fn an_answer_with_a_secret_is_not_kept(world: World) {
        let export = json!({ "input": { "clientId": world.cast.client } });
        let make = "mutation($input: ClientExportInput!) { clientExport(input: $input) { dataExport { id } } }";
        let made = world.ask(Sponsor, make, export).await.json["data"]["clientExport"]["dataExport"].clone();
        let link = "mutation($input: ExportLinkInput!) { exportLink(input: $input) { url } }";
        let mut urls = vec![];
        for _ in 0..2 {
            let linked = world.send(Some(world.token(Sponsor)), link, json!({ "input": made }), Some("link")).await;
            urls.push(linked.json["data"]["exportLink"]["url"].as_str().expect("a link").to_owned());
        }
        assert_ne!(urls[0], urls[1], "each is made anew");
        let kept = idempotency::Entity::find().all(&world.home.behind().await).await.expect("the keys");
        assert!(kept.iter().all(|row| row.answer.is_none()), "{kept:?}");
    }
}

scenario! {
    async fn a_refused_request_may_be_repeated(world: World) {
        let input = json!({ "input": {
            "teamId": world.cast.team.to_string(), "ownerId": world.cast.leader.to_string(),
            "title": "", "dueOn": "2026-03-20",
        } });
        for _ in 0..2 {
            let refused = world.send(Some(world.token(Facilitator)), OFFER, input.clone(), Some("empty")).await;
            assert_eq!(refused.json["data"]["actionCreate"]["errors"][0]["code"], "INVALID", "{}", refused.text);
        }
        let two = "mutation { a: signOut(input: {}) { done } b: signOut(input: {}) { done } }";
        let several = world.send(Some(world.token(Facilitator)), two, json!({}), Some("two")).await;
        assert_eq!(several.outcome, Outcome::Refused, "{}", several.text);
    }
}
