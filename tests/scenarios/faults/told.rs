//! What is said of a fault: the answer that a saved change cannot be shown, and the log without anybody's words.

use crate::{kit::Persona::*, scenario};
use concord::http::Outcome;
use entity::membership;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter};
use serde_json::json;
use std::{
    io,
    sync::{Arc, Mutex},
};

const WORDS: &str = "harbour copper lantern";

scenario! {
    // who ends their own membership loses access to it by that
    async fn a_saved_change_that_cannot_be_shown_says_that_it_was_saved(world: World) {
        let behind = world.home.behind().await;
        let own = membership::Entity::find().filter(membership::Column::PersonId.eq(world.cast.person(Owner).1));
        let own = own.one(&behind).await.expect("a look").expect("a membership");
        let document = "mutation($input: MembershipEndInput!) {
            membershipEnd(input: $input) { membership { id } errors { code } } }";
        let input = json!({ "input": { "id": own.id.to_string() } });
        let ended = world.send(Some(world.token(Owner)), document, input.clone(), Some("end")).await;
        let error = &ended.json["errors"][0];
        assert_eq!(error["extensions"], json!({ "code": "FORBIDDEN", "committed": true }), "{}", ended.text);
        assert_eq!(ended.outcome, Outcome::Executed);
        let row = membership::Entity::find_by_id(own.id).one(&behind).await.expect("a look").expect("the membership");
        assert!(row.ends_at.is_some(), "it has ended");
    }
}

#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().expect("the log").extend_from_slice(bytes);
        Ok(bytes.len())
    }
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

scenario! {
    async fn the_log_holds_codes_and_never_a_row(world: World) {
        let refuse = match world.backend {
            Backend::Postgres => format!("alter table action add constraint spared check (title <> '{WORDS}')"),
            Backend::Sqlite => format!("create trigger spared before insert on action when new.title = '{WORDS}'
                begin select raise(abort, 'spared {WORDS}'); end"),
        };
        world.home.behind().await.execute_unprepared(&refuse).await.expect("a rule of the database");
        let log = Log::default();
        let its = log.clone();
        let subscriber = tracing_subscriber::fmt().with_ansi(false).with_max_level(tracing::Level::TRACE);
        let guard = tracing::subscriber::set_default(subscriber.with_writer(move || its.clone()).finish());
        let input = json!({ "teamId": world.cast.team.to_string(), "ownerId": world.cast.leader.to_string(),
            "title": WORDS, "dueOn": "2026-03-20" });
        let document = "mutation($input: ActionCreateInput!) { actionCreate(input: $input) { errors { code } } }";
        let refused = world.ask(Facilitator, document, json!({ "input": input })).await;
        drop(guard);
        assert_eq!(refused.json["errors"][0]["extensions"]["code"], "INTERNAL", "{}", refused.text);
        let log = String::from_utf8(log.0.lock().expect("the log").clone()).expect("text");
        assert!(!log.contains(WORDS), "{log}");
        let known: &[&str] = match world.backend {
            Backend::Postgres => &["23514", "spared", "action"],
            Backend::Sqlite => &["1811"],
        };
        for part in known {
            assert!(log.contains(part), "{part} in {log}");
        }
    }
}
