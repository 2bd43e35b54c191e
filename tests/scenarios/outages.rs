//! What runs by the clock is caught up after an outage.

use crate::{
    kit::{Persona::*, World, verify_chains},
    scenario,
};
use concord::jobs;
use entity::tally_past;
use sea_orm::{EntityTrait, QueryOrder};
use serde_json::json;

/// The figures that were put aside, in order.
async fn put_aside(world: &World) -> Vec<tally_past::Model> {
    let behind = world.home.behind().await;
    let rows = tally_past::Entity::find()
        .order_by_asc(tally_past::Column::TakenOn)
        .order_by_asc(tally_past::Column::ScopeId)
        .order_by_asc(tally_past::Column::Measure)
        .order_by_asc(tally_past::Column::SubjectId)
        .order_by_asc(tally_past::Column::Place)
        .order_by_asc(tally_past::Column::Key);
    rows.all(&behind).await.expect("the figures")
}

async fn fold(world: &World, at: &str) {
    world.at(at);
    let tally = jobs::all().find(|job| job.name == "tally").expect("the job");
    jobs::run_due_turns_of(&world.app, tally).await.expect("a turn");
}

scenario! {
    async fn months_that_end_during_an_outage_are_put_aside_after_it(world: World) {
        let other = World::new(world.backend).await;
        for world in [&world, &other] {
            let (team, owner) = (world.cast.team.to_string(), world.cast.leader.to_string());
            for (title, due) in [("Call", "2026-04-15"), ("Write", "2026-05-20"), ("Visit", "2026-08-01")] {
                let input = json!({ "teamId": team, "ownerId": owner, "title": title, "dueOn": due });
                let made = world.done(Facilitator, "actionCreate", input, "action { id }").await;
                let id = json!({ "id": made["action"]["id"] });
                world.done(Leader, "actionAccept", id, "action { id }").await;
            }
            fold(world, "2026-04-01T00:00:10Z").await;
        }
        // one is there at each month's end, the other comes back in the middle of a month
        for at in ["2026-05-01T00:00:00Z", "2026-06-01T00:00:00Z", "2026-07-01T00:00:00Z"] {
            fold(&world, at).await;
        }
        fold(&other, "2026-07-17T12:00:00Z").await;
        let (there, away) = (put_aside(&world).await, put_aside(&other).await);
        let days = |rows: &[tally_past::Model]| {
            let mut days: Vec<String> = rows.iter().map(|row| row.taken_on.to_string()).collect();
            days.dedup();
            days
        };
        assert_eq!(days(&there), ["2026-03-31", "2026-04-30", "2026-05-31", "2026-06-30"]);
        assert_eq!(days(&away), days(&there));
        let figures = |rows: &[tally_past::Model]| {
            let mut figures: Vec<_> = rows
                .iter()
                .map(|row| (row.taken_on, row.measure.clone(), row.place, row.key.clone(), row.items, row.open, row.done, row.due))
                .collect();
            figures.sort();
            figures
        };
        assert_eq!(figures(&away), figures(&there));
        verify_chains(&other.home.behind().await).await.expect("the chains hold");
    }
}
