//! Reminders: one letter a morning to each member who signs in and has something due, however often and by however
//! many processes the jobs look.

use crate::{
    kit::{Persona::*, World},
    scenario,
};
use concord::jobs;
use sea_orm::{ConnectionTrait, Statement};
use serde_json::{Value, json};

/// The letters about what is due, in the order they were written.
async fn letters(world: &World) -> Vec<(String, String)> {
    let behind = world.home.behind().await;
    let sql = "select payload from outbox where kind = 'reminder' order by id";
    let rows = behind
        .query_all_raw(Statement::from_string(behind.get_database_backend(), sql))
        .await
        .expect("letters");
    let letters = rows.iter().map(|row| row.try_get_by_index::<Value>(0).expect("an e-mail"));
    letters
        .filter(|letter| letter["subject"].as_str().is_some_and(|subject| subject.ends_with("what is due")))
        .map(|letter| {
            (
                letter["to"].as_str().unwrap_or_default().into(),
                letter["text"].as_str().unwrap_or_default().into(),
            )
        })
        .collect()
}

scenario! {
    async fn each_is_told_once_a_morning(world: World) {
        let offer = |title: &str, due: &str, who: String| json!({ "teamId": world.cast.team.to_string(), "ownerId": who, "title": title, "dueOn": due });
        let leader = world.cast.leader.to_string();
        for (title, due) in [("Call", "2026-03-05"), ("Write", "2026-03-20")] {
            let made = world.done(Facilitator, "actionCreate", offer(title, due, leader.clone()), "action { id }").await;
            world.done(Leader, "actionAccept", json!({ "id": made["action"]["id"] }), "").await;
        }
        // who does not sign in gets no letters
        let quiet = offer("Count", "2026-03-05", world.cast.quiet.to_string());
        let quiet = world.done(Facilitator, "actionCreate", quiet, "action { id }").await["action"]["id"].clone();
        world.done(Facilitator, "actionAccept", json!({ "id": quiet }), "").await;
        world.at("2026-03-04T06:59:00Z");
        jobs::run_due_turns(&world.app).await.expect("the jobs");
        assert_eq!(letters(&world).await, [], "it is too early");
        world.at("2026-03-04T08:00:00Z");
        let (one, other) = futures::join!(jobs::run_due_turns(&world.app), jobs::run_due_turns(&world.app));
        one.and(other).expect("both look");
        world.at("2026-03-04T18:00:00Z");
        jobs::run_due_turns(&world.app).await.expect("the jobs");
        let told = letters(&world).await;
        assert_eq!(told.len(), 1, "{told:?}");
        assert_eq!(told[0].0, "leader@example.com");
        assert!(told[0].1.ends_with("\n\n- Due tomorrow: Call\n"), "{}", told[0].1);
        world.at("2026-03-06T09:00:00Z");
        jobs::run_due_turns(&world.app).await.expect("the jobs");
        let told = letters(&world).await;
        assert_eq!(told.len(), 1, "what waits is made anew: {told:?}");
        assert!(told[0].1.ends_with("\n\n- Overdue since 1 day: Call\n"), "{}", told[0].1);
    }
}
