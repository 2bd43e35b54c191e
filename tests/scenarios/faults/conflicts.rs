//! Transactions that lose to others: with an Idempotency-Key, behind a lock, from an old row, and over the audit's
//! chains.

use crate::{
    kit::{Backend, Persona::*, World, pools, verify_chains},
    scenario,
};
use concord::{
    http::Outcome,
    kernel::{Error, Fault, db::Pools},
};
use entity::{Id, action, idempotency, region, team};
use sea_orm::{ActiveModelTrait, ActiveValue::Set, EntityTrait, IntoActiveModel, PaginatorTrait};
use serde_json::{Value, json};
use std::time::Duration;

const OFFER: &str =
    "mutation($input: ActionCreateInput!) { actionCreate(input: $input) { action { id } errors { code } } }";
const COMPLETE: &str = "mutation($input: ActionCompleteInput!) {
    actionComplete(input: $input) { action { id status } errors { code } } }";

fn offer(world: &World, title: &str) -> Value {
    json!({ "input": { "teamId": world.cast.team.to_string(), "ownerId": world.cast.leader.to_string(),
        "title": title, "dueOn": "2026-03-20" } })
}

/// A database that tells every try that another transaction won, and counts the tries.
const CONTEND: &str = "create sequence tried;
    create function contend() returns trigger language plpgsql security definer as $$ begin
        perform nextval('tried');
        raise exception 'contended' using errcode = '40001';
    end $$;
    create trigger contend before update on action for each row execute function contend()";

#[tokio::test]
async fn who_keeps_losing_learns_that_nothing_was_changed() {
    let world = World::new(Backend::Postgres).await;
    let made = world.send(Some(world.token(Facilitator)), OFFER, offer(&world, "Contended"), None).await;
    let id = made.json["data"]["actionCreate"]["action"]["id"].as_str().expect("an action").to_owned();
    let accept = "mutation($input: ActionAcceptInput!) { actionAccept(input: $input) { errors { code } } }";
    world.ask(Leader, accept, json!({ "input": { "id": id } })).await;
    let behind = world.home.superuser().await;
    behind.batch_execute(CONTEND).await.expect("a trigger");
    let input = json!({ "input": { "id": id } });
    let lost = world.send(Some(world.token(Leader)), COMPLETE, input.clone(), Some("contended")).await;
    assert_eq!(lost.outcome, Outcome::Conflict, "{}", lost.text);
    let error = &lost.json["errors"][0];
    assert_eq!(error["extensions"]["code"], "CONFLICT");
    assert!(error["message"].as_str().expect("a message").contains("Nothing was changed"), "{}", lost.text);
    let tried = behind.query_one("select last_value from tried", &[]).await.expect("a count");
    assert_eq!(tried.get::<_, i64>(0), 5, "a few tries, and not a hundred");
    behind.batch_execute("drop trigger contend on action").await.expect("no trigger");
    let done = world.send(Some(world.token(Leader)), COMPLETE, input, Some("contended")).await;
    assert_eq!(done.json["data"]["actionComplete"]["action"]["status"], "DONE", "{}", done.text);
}

scenario! {
    async fn an_answer_never_lands_on_the_row_of_another_body(world: World) {
        let behind = world.home.behind().await;
        let (network, person, _) = world.cast.person(Facilitator);
        // another body has claimed the key and has its effect, and its answer is not kept yet
        let claimed = idempotency::Model { network_id: network, person_id: person, key: "key".into(),
            body_hash: "another body".into(), answer: None, created_at: world.seams.now() };
        let insert = idempotency::Entity::insert(claimed.clone().into_active_model().reset_all());
        insert.exec_without_returning(&behind).await.expect("a claim");
        let caller = world.app.kernel.caller(network, person, Default::default()).await.expect("a caller");
        caller.expect("a caller").keep_answer("key", "this body", "an answer").await;
        let rows = idempotency::Entity::find().all(&behind).await.expect("the keys");
        assert_eq!(rows, [claimed]);
        // while the same body's answer is kept
        let caller = world.app.kernel.caller(network, person, Default::default()).await.expect("a caller");
        caller.expect("a caller").keep_answer("key", "another body", "its answer").await;
        let rows = idempotency::Entity::find().all(&behind).await.expect("the keys");
        assert_eq!(rows[0].answer.as_deref(), Some("its answer"));
    }
}

scenario! {
    async fn a_lost_answer_is_called_lost_when_the_effect_is_there(world: World) {
        let behind = world.home.behind().await;
        let token = world.token(Facilitator);
        let first = world.send(Some(token.clone()), OFFER, offer(&world, "Once"), Some("once")).await;
        assert_eq!(first.outcome, Outcome::Executed, "{}", first.text);
        // the process died after the effect
        let mut row = idempotency::Entity::find().one(&behind).await.expect("a look").expect("a key").into_active_model();
        row.answer = Set(None);
        idempotency::Entity::update(row).exec(&behind).await.expect("an answer lost");
        let again = world.send(Some(token), OFFER, offer(&world, "Once"), Some("once")).await;
        assert_eq!(again.outcome, Outcome::Conflict, "{}", again.text);
        assert!(again.text.contains("carried out, but its answer is lost"), "{}", again.text);
        assert_eq!(action::Entity::find().count(&behind).await.expect("a count"), 1);
    }
}

scenario! {
    async fn looking_up_a_key_or_a_person_waits_for_no_writer(world: World) {
        let token = world.token(Facilitator);
        let first = world.send(Some(token.clone()), OFFER, offer(&world, "Once"), Some("once")).await;
        // somebody writes, and goes on writing
        let writer = world.app.kernel.system(world.cast.network).await.expect("a transaction that writes");
        let again = world.send(Some(token), OFFER, offer(&world, "Once"), Some("once"));
        let again = tokio::time::timeout(Duration::from_secs(10), again).await.expect("an answer meanwhile");
        assert_eq!(again.text, first.text);
        // nor does reading who somebody is, who has not asked before
        let cold = world.read(Sponsor, "{ viewer { person { name } } }", json!({}));
        tokio::time::timeout(Duration::from_secs(10), cold).await.expect("an answer meanwhile");
        writer.roll_back().await.expect("the end");
    }
}

/// Two writers whose changes reach the same two chains from opposite ends.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn chains_are_locked_in_one_order() {
    let world = World::new(Backend::Postgres).await;
    let write = async |number: usize| {
        let write = world.app.kernel.system(world.cast.network).await.expect("a transaction");
        let region = region::Model {
            id: write.id(),
            network_id: world.cast.network,
            code: format!("X{number}"),
            name: format!("Region {number}"),
            created_at: write.now(),
            version: 1,
        };
        let team = team::Model {
            id: write.id(),
            network_id: world.cast.network,
            client_id: world.cast.client,
            name: format!("Team {number}"),
            created_at: write.now(),
            archived_at: None,
            version: 1,
        };
        if number.is_multiple_of(2) {
            write.insert::<region::Entity>(region).await.expect("a region");
            write.insert::<team::Entity>(team).await.expect("a team");
        } else {
            write.insert::<team::Entity>(team).await.expect("a team");
            write.insert::<region::Entity>(region).await.expect("a region");
        }
        write.commit().await
    };
    for round in 0..50 {
        let (one, other) = tokio::join!(write(2 * round), write(2 * round + 1));
        assert!(one.is_ok() && other.is_ok(), "round {round}: {one:?}, {other:?}");
    }
    verify_chains(&world.home.behind().await).await.expect("the chains hold");
}

#[tokio::test]
async fn who_waits_behind_a_lock_learns_that_nothing_was_changed() {
    let short = Pools { statement_timeout: Duration::from_secs(2), ..pools() };
    let world = World::with(Backend::Postgres, short, |_| {}).await;
    let made = world.send(Some(world.token(Facilitator)), OFFER, offer(&world, "Held"), None).await;
    let id = made.json["data"]["actionCreate"]["action"]["id"].as_str().expect("an action").to_owned();
    let row = Id::<action::Entity>::parse(&id).expect("an id").uuid();
    let holder = world.home.superuser().await;
    holder
        .batch_execute(&format!("begin; select from action where id = '{row}' for update"))
        .await
        .expect("a lock");
    let accept = "mutation($input: ActionAcceptInput!) { actionAccept(input: $input) { action { status } errors { code } } }";
    let input = json!({ "input": { "id": id } });
    for key in [None, Some("held")] {
        let lost = world.send(Some(world.token(Leader)), accept, input.clone(), key).await;
        assert_eq!(lost.outcome, Outcome::Conflict, "{key:?}: {}", lost.text);
        let error = &lost.json["errors"][0];
        assert_eq!(error["extensions"]["code"], "CONFLICT", "{key:?}: {}", lost.text);
        let message = error["message"].as_str().expect("a message");
        assert!(message.contains("Nothing was changed. Try again."), "{key:?}: {message}");
    }
    holder.batch_execute("rollback").await.expect("the end");
    let done = world.send(Some(world.token(Leader)), accept, input, Some("held")).await;
    assert_eq!(done.json["data"]["actionAccept"]["action"]["status"], "ACCEPTED", "{}", done.text);
}

scenario! {
    async fn changes_that_start_from_one_row_follow_each_other(world: World) {
        let extend = async |part: usize| {
            let write = world.app.kernel.system(world.cast.network).await.expect("a transaction");
            let team = write.lock::<team::Entity>(world.cast.team).await.expect("the team");
            let mut change = team.clone().into_active_model();
            change.name = Set(format!("{} {part}", team.name));
            write.update::<team::Entity>(&team, change).await.expect("a change");
            write.commit().await.expect("the end");
        };
        futures::future::join_all((0..20).map(extend)).await;
        let behind = world.home.behind().await;
        let now = team::Entity::find_by_id(world.cast.team).one(&behind).await.expect("a look").expect("the team");
        for part in 0..20 {
            assert!(now.name.split(' ').any(|word| word == part.to_string()), "{part} is lost: {}", now.name);
        }
        verify_chains(&behind).await.expect("the chains hold");
    }
}

scenario! {
    async fn a_row_locked_by_an_earlier_transaction_is_not_overwritten(world: World) {
        let earlier = world.app.kernel.system(world.cast.network).await.expect("a transaction");
        let before = earlier.lock::<team::Entity>(world.cast.team).await.expect("the team");
        earlier.roll_back().await.expect("the end");
        let rename = async |name: &str| {
            let write = world.app.kernel.system(world.cast.network).await.expect("a transaction");
            let mut change = before.clone().into_active_model();
            change.name = Set(name.to_owned());
            write.update::<team::Entity>(&before, change).await?;
            write.commit().await
        };
        rename("First").await.expect("nobody else has changed it");
        assert!(matches!(rename("Second").await, Err(Error::Fault(Fault::Conflict))));
        let behind = world.home.behind().await;
        let now = team::Entity::find_by_id(world.cast.team).one(&behind).await.expect("a look").expect("the team");
        assert_eq!((now.name.as_str(), now.version), ("First", before.version + 1));
        verify_chains(&behind).await.expect("the chains hold");
    }
}

scenario! {
    async fn an_unaudited_change_names_the_row_that_was_locked(world: World) {
        let write = world.app.kernel.system(world.cast.network).await.expect("a transaction");
        let locked = write.lock::<team::Entity>(world.cast.team).await.expect("the team");
        let mut change = locked.clone().into_active_model();
        change.name = Set("Renamed".to_owned());
        change.id = Set(write.id());
        let refused = write.set::<team::Entity>(&locked, change.clone()).await;
        assert!(matches!(refused, Err(Error::Fault(Fault::Internal))), "another row");
        change.id = Set(locked.id);
        write.set::<team::Entity>(&locked, change).await.expect("the locked row");
        write.roll_back().await.expect("the end");
    }
}
