//! Local time: what is told by a client's clocks moves with its time zone, and stored instants follow the rules that
//! time zones have now.

use crate::{
    kit::{Persona::*, SECRET_KEY, World, assert_counts, fixtures, verify_chains},
    scenario,
};
use concord::{http::Service, jobs, kernel::zones};
use entity::{
    Scoped, action, alignment_round, audit_event, check_in_slot, priority, review, session, zone_data,
};
use sea_orm::{
    ActiveModelBehavior, ActiveValue::Set, ColumnTrait, ConnectionTrait, DatabaseConnection, EntityTrait,
    IntoActiveModel, QueryFilter, QueryOrder,
};
use serde_json::{Value, json};

const SERIES: &str = "query($id: ID!) { sessionSeries(id: $id) { timeZone sessions(first: 100) { nodes {
    id startsAt status occursOn movedByHand } } } }";

/// An action and a round that end on 2 December, a weekly series on Mondays at nine, monthly reviews, a session by itself.
struct Work {
    action: Value,
    round: (Value, Value),
    series: Value,
    single: Value,
}

async fn work(world: &World) -> Work {
    let team = world.cast.team.to_string();
    let action =
        json!({ "teamId": team, "ownerId": world.cast.leader, "title": "Call", "dueOn": "2026-12-02" });
    let action =
        world.done(Facilitator, "actionCreate", action, "action { id dueAt }").await["action"].clone();
    let round = json!({ "teamId": team, "title": "First reading", "closesOn": "2026-12-02",
        "statements": [{ "text": "We decide fast", "core": true }] });
    let round =
        world.done(Facilitator, "alignmentRoundOpen", round, "alignmentRound { id statements { id } }").await;
    let round =
        (round["alignmentRound"]["id"].clone(), round["alignmentRound"]["statements"][0]["id"].clone());
    let series = json!({ "teamId": team, "kind": "FOLLOW_UP", "title": "Weekly", "place": "", "minutes": 60,
        "rule": "FREQ=WEEKLY;BYDAY=MO", "startsOn": "2026-12-07", "localTime": "09:00" });
    let series = world.done(Facilitator, "sessionSeriesCreate", series, "sessionSeries { id }").await;
    let cadence =
        json!({ "teamId": team, "unit": "MONTH", "every": 1, "anchorOn": "2026-12-15", "time": "10:00" });
    world.done(Facilitator, "reviewCadenceSet", cadence, "").await;
    let single = json!({ "teamId": team, "kind": "FOLLOW_UP", "title": "Once", "place": "", "minutes": 60,
        "startsAt": "2026-12-10T20:00:00Z" });
    let single = world.done(Facilitator, "sessionSchedule", single, "session { id }").await;
    Work {
        action,
        round,
        series: series["sessionSeries"]["id"].clone(),
        single: single["session"]["id"].clone(),
    }
}

async fn move_to(world: &World, zone: &str) -> Value {
    let input = json!({ "id": world.cast.client.to_string(), "timeZone": zone });
    world.done(Facilitator, "clientUpdate", input, "client { timeZone }").await["client"]["timeZone"].clone()
}

/// When the sessions of a series start that are scheduled, soonest first.
async fn starts(world: &World, series: &Value) -> Vec<String> {
    let seen = world.read(Facilitator, SERIES, json!({ "id": series })).await["sessionSeries"].clone();
    let nodes = seen["sessions"]["nodes"].as_array().expect("sessions").clone();
    let scheduled = nodes.iter().filter(|node| node["status"] == "SCHEDULED");
    scheduled.map(|node| node["startsAt"].as_str().expect("an instant").to_owned()).collect()
}

scenario! {
    async fn a_new_time_zone_moves_what_is_told_in_local_time(world: World) {
        world.at("2026-11-30T09:00:00Z");
        assert_eq!(move_to(&world, "pacific/auckland").await, "Pacific/Auckland", "as the IANA database spells it");
        let work = work(&world).await;
        assert_eq!(work.action["dueAt"], "2026-12-02T11:00:00Z");
        let before = starts(&world, &work.series).await;
        assert_eq!(before[..2], ["2026-12-06T20:00:00Z", "2026-12-13T20:00:00Z"]);
        // the second one is moved by hand
        let seen = world.read(Facilitator, SERIES, json!({ "id": work.series })).await["sessionSeries"].clone();
        let second = seen["sessions"]["nodes"][1]["id"].clone();
        let moved = json!({ "id": second, "startsAt": "2026-12-15T22:00:00Z" });
        world.done(Facilitator, "sessionUpdate", moved, "").await;
        move_to(&world, "America/Los_Angeles").await;
        // early in the morning of the second in Los Angeles, the day is over in Auckland
        world.at("2026-12-02T12:00:00Z");
        let answer = json!({ "id": work.round.0, "answers": [{ "statementId": work.round.1, "rating": 4 }] });
        world.done(Leader, "alignmentRoundAnswer", answer, "").await;
        let look = "query($id: ID!) { action(id: $id) { dueAt } }";
        let seen = world.read(Leader, look, json!({ "id": work.action["id"] })).await;
        assert_eq!(seen["action"]["dueAt"], "2026-12-03T08:00:00Z");
        let seen = world.read(Facilitator, SERIES, json!({ "id": work.series })).await["sessionSeries"].clone();
        assert_eq!(seen["timeZone"], "America/Los_Angeles");
        let mut expected = before.clone();
        expected[0] = "2026-12-07T17:00:00Z".into();
        expected[1] = "2026-12-15T22:00:00Z".into();
        let after = starts(&world, &work.series).await;
        assert_eq!(after[..2], expected[..2], "at nine there, but for the one that was moved by hand");
        assert_eq!(seen["sessions"]["nodes"][1]["movedByHand"], true);
        assert_eq!((after.len(), &after[2][11..]), (26, "17:00:00Z"));
        let look = "query($id: ID!, $team: ID!) { session(id: $id) { startsAt movedByHand }
            team(id: $team) { reviews(orderBy: [{ field: DUE_AT }], first: 1) { nodes { dueAt } } } }";
        let seen = world.read(Facilitator, look, json!({ "id": work.single, "team": world.cast.team.to_string() })).await;
        assert_eq!(seen["session"], json!({ "startsAt": "2026-12-10T20:00:00Z", "movedByHand": false }), "it stays");
        assert_eq!(seen["team"]["reviews"]["nodes"][0]["dueAt"], "2026-12-15T18:00:00Z");
        // the sessions that come later are at nine there, too
        world.at("2026-12-22T12:00:00Z");
        jobs::run_due_turns(&world.app).await.expect("a look");
        let later = starts(&world, &work.series).await;
        assert!(later.iter().skip(3).all(|at| at.ends_with("T17:00:00Z") || at.ends_with("T16:00:00Z")), "{later:?}");
        let behind = world.home.behind().await;
        let weeks = check_in_slot::Entity::find().filter(check_in_slot::Column::TimeZone.eq("America/Los_Angeles"));
        assert!(weeks.all(&behind).await.expect("weeks").len() > 50);
        verify_chains(&behind).await.expect("the chains hold");
        assert_counts(&behind).await;
    }
}

scenario! {
    async fn what_is_no_time_zone_is_refused_and_never_taken_as_another(world: World) {
        for zone in ["Europe/Atlantis", "", "Etc/Unknown", "localtime", "UTC+1", "Europe/London\u{200b}"] {
            let input = json!({ "id": world.cast.client.to_string(), "timeZone": zone });
            let refused = world.refused(Facilitator, "clientUpdate", input).await;
            assert_eq!(refused, ("INVALID".into(), "input.timeZone".into()), "{zone:?}");
        }
        // a name that came into the database by another way
        let sql = "update client set time_zone = 'Europe/Atlantis'";
        world.home.behind().await.execute_unprepared(sql).await.expect("a change behind the API");
        let action = json!({ "teamId": world.cast.team.to_string(), "ownerId": world.cast.leader, "title": "Call", "dueOn": "2026-03-20" });
        let answered = world.ask(Facilitator, &crate::kit::document("actionCreate", ""), json!({ "input": action })).await;
        assert_eq!(answered.json["errors"][0]["extensions"]["code"], "INTERNAL", "{}", answered.text);
    }
}

/// Sets something that other rules of time zones had computed.
async fn set<E: Scoped>(world: &World, change: E::ActiveModel)
where
    E::Model: Sync,
    E::ActiveModel: ActiveModelBehavior + Send,
{
    let write = world.app.kernel.system(world.cast.network).await.expect("a system transaction");
    fixtures::set::<E>(&write, change).await;
    write.commit_quietly().await.expect("what is behind us");
}

scenario! {
    async fn stored_instants_follow_the_rules_that_zones_have_now(world: World) {
        world.at("2026-11-30T09:00:00Z");
        move_to(&world, "America/Denver").await;
        let work = work(&world).await;
        jobs::run_due_turns(&world.app).await.expect("a look");
        let behind = world.home.behind().await;
        let wrong = chrono::TimeDelta::hours(1);
        let version = zones::data().version.clone().expect("a release");
        let known = zone_data::Entity::find().filter(zone_data::Column::NetworkId.eq(world.cast.network));
        let remembered = known.clone().one(&behind).await.expect("a look").expect("a version");
        assert_eq!(remembered.version, version);
        let right = everything(&world).await;
        // what was done is not touched, nor what was moved by hand
        let seen = world.read(Facilitator, SERIES, json!({ "id": work.series })).await["sessionSeries"].clone();
        let moved = json!({ "id": seen["sessions"]["nodes"][3]["id"], "startsAt": "2026-12-30T15:00:00Z" });
        world.done(Facilitator, "sessionUpdate", moved, "").await;
        for by_command in [false, true] {
            for row in action::Entity::find().all(&behind).await.expect("rows") {
                let at = row.due_at + wrong;
                set::<action::Entity>(&world, action::ActiveModel { due_at: Set(at), ..row.into_active_model() }).await;
            }
            for row in alignment_round::Entity::find().all(&behind).await.expect("rows") {
                let at = row.closes_at.map(|at| at - wrong);
                set::<alignment_round::Entity>(&world, alignment_round::ActiveModel { closes_at: Set(at), ..row.into_active_model() }).await;
            }
            for row in review::Entity::find().all(&behind).await.expect("rows") {
                let at = row.due_at + wrong;
                set::<review::Entity>(&world, review::ActiveModel { due_at: Set(at), ..row.into_active_model() }).await;
            }
            let sessions = session::Entity::find().filter(session::Column::SeriesId.is_not_null());
            for row in sessions.filter(session::Column::MovedByHand.eq(false)).all(&behind).await.expect("rows") {
                let at = row.starts_at + wrong;
                set::<session::Entity>(&world, session::ActiveModel { starts_at: Set(at), ..row.into_active_model() }).await;
            }
            let ahead = check_in_slot::Entity::find()
                .filter(check_in_slot::Column::NetworkId.eq(world.cast.network))
                .filter(check_in_slot::Column::StartsAt.gt(world.seams.now()));
            for row in ahead.all(&behind).await.expect("rows") {
                let (starts, ends) = (row.starts_at + wrong, row.ends_at + wrong);
                set::<check_in_slot::Entity>(&world, check_in_slot::ActiveModel { starts_at: Set(starts), ends_at: Set(ends), ..row.into_active_model() }).await;
            }
            let audited = audit_event::Entity::find().filter(audit_event::Column::Verb.eq(jobs::time_zones::NAME));
            let before = audited.clone().all(&behind).await.expect("events").len();
            if by_command {
                let changed = jobs::time_zones::recompute(&world.app.kernel).await.expect("all is computed");
                assert!(changed > 25, "{changed}");
                assert_eq!(jobs::time_zones::recompute(&world.app.kernel).await.expect("once more"), 0);
            } else {
                // while the rules are the same, the job does nothing
                world.at("2026-11-30T11:00:00Z");
                jobs::run_due_turns(&world.app).await.expect("a look");
                assert_ne!(everything(&world).await, right);
                let older = zone_data::ActiveModel { version: Set("2025a".into()), ..remembered.clone().into_active_model() };
                set::<zone_data::Entity>(&world, older).await;
                world.at("2026-11-30T13:00:00Z");
                jobs::run_due_turns(&world.app).await.expect("a look");
                let remembered = known.clone().one(&behind).await.expect("a look").expect("a version");
                assert_eq!(remembered.version, version);
            }
            let mut expected = right.clone();
            expected.iter_mut().filter(|line| line.starts_with("session 2026-12-28")).for_each(|line| *line = "session 2026-12-28 2026-12-30 15:00:00 UTC".into());
            assert_eq!(everything(&world).await, expected, "by command: {by_command}");
            let after = audited.all(&behind).await.expect("events").len();
            assert!(after > before, "what changed is in the audit log");
        }
        due_dates_hold(&behind, "America/Denver").await;
        let metrics = Service::metrics(world.app.as_ref());
        let line = format!("concord_time_zone_data_info{{version=\"{version}\",source=\"{}\"}} 1", zones::data().source);
        assert!(metrics.contains(&line), "{line} in\n{metrics}");
    }
}

scenario! {
    async fn the_recompute_command_prints_how_many_rows_changed(world: World) {
        let offer = json!({ "teamId": world.cast.team, "ownerId": world.cast.leader, "title": "Call", "dueOn": "2026-03-20" });
        world.done(Facilitator, "actionCreate", offer, "").await;
        let behind = world.home.behind().await;
        let row = action::Entity::find().one(&behind).await.expect("a look").expect("the action");
        let right = row.due_at;
        let wrong = right + chrono::TimeDelta::hours(1);
        set::<action::Entity>(&world, action::ActiveModel { due_at: Set(wrong), ..row.into_active_model() }).await;
        let (name, place) = world.home.settings();
        let settings = [(name, place.as_str()), ("CONCORD_SECRET_KEY", SECRET_KEY)];
        let version = zones::data().version.as_deref().unwrap_or("unknown");
        for changed in [1, 0] {
            let (done, written) = crate::kit::run(&["zones", "recompute"], &settings);
            let line = format!("{changed} rows follow the {} time zone database, version {version}.", zones::data().source);
            assert!(done && written.lines().any(|written| written == line), "{line} in\n{written}");
            let row = action::Entity::find().one(&behind).await.expect("a look").expect("the action");
            assert_eq!(row.due_at, right);
        }
        verify_chains(&behind).await.expect("the chains hold");
    }
}

/// Priorities are due when their day ends in the zone, and nothing else is out of order.
async fn due_dates_hold(behind: &DatabaseConnection, zone: &str) {
    let priorities = priority::Entity::find().all(behind).await.expect("rows");
    assert!(priorities.iter().all(|row| zones::end_of_day(row.due_on, zone) == Ok(row.due_at)));
    verify_chains(behind).await.expect("the chains hold");
    assert_counts(behind).await;
}

/// Every instant that follows from a local time, told by its date.
async fn everything(world: &World) -> Vec<String> {
    let behind = world.home.behind().await;
    let mut told = vec![];
    for row in action::Entity::find().all(&behind).await.expect("rows") {
        told.push(format!("action {} {}", row.due_on, row.due_at));
    }
    for row in alignment_round::Entity::find().all(&behind).await.expect("rows") {
        told.push(format!("round {:?} {:?}", row.closes_on, row.closes_at));
    }
    for row in review::Entity::find().order_by_asc(review::Column::DueOn).all(&behind).await.expect("rows") {
        told.push(format!("review {} {} {} {}", row.due_on, row.due_at, row.opens_at, row.closes_at));
    }
    let sessions = session::Entity::find().filter(session::Column::SeriesId.is_not_null());
    for row in sessions.order_by_asc(session::Column::OccursOn).all(&behind).await.expect("rows") {
        told.push(format!("session {} {}", row.occurs_on.expect("a date"), row.starts_at));
    }
    for row in check_in_slot::Entity::find().all(&behind).await.expect("rows") {
        told.push(format!("week {} {} {} {}", row.time_zone, row.starts_on, row.starts_at, row.ends_at));
    }
    told.sort_unstable();
    told
}
