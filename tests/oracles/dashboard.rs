//! Dashboards: whatever anybody does and whatever the time is, they say what an aggregation of the rows says, written
//! here as plainly as can be; they are for those who answer for the network or the franchise; and nothing leads from
//! them to anybody's content.

mod plain;
mod seeded;

pub use seeded::Seeded;

use crate::{
    kit::{Persona::*, World, assert_counts, sdl},
    scenario,
};
use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use concord::{jobs, kernel::end_of_day};
use entity::{
    action, action::ActionStatus, assignment, assignment::AssignmentPart, benchmark_policy, client,
    client::ClientStatus, franchise,
};
use futures::future::join_all;
use sea_orm::{ActiveModelTrait, ActiveValue::Set, ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter};
use serde_json::{Value, json};
use std::collections::BTreeSet;

pub const FIGURES: &str = "asOf totals { clients { active archived }
        programmes { started planned active paused completed terminated stalled }
        actions { open overdue done } reviews { met late missed }
        drift { checkInsMissed pastBaseline behind redated reviewGap agreementDown } }
    places { regionId regionCode regionName position stageTitle clientCount actionsOpen actionsOverdue actionsDone }
    templates { templateVersionId number programmesStarted programmesCompleted programmesTerminated stagesPassed clientCount
        pacePercent paceWithheld }
    months { month programmesStarted programmesCompleted stagesPassed reviewsMet reviewsLate reviewsMissed }
    facilitators(first: 100) { totalCount nodes { personId name clientCount actionsOpen } }";

/// The job that folds.
async fn fold(world: &World) {
    let job = jobs::all().find(|job| job.name == "tally").expect("the job");
    jobs::run_due_turns_of(&world.app, job).await.expect("a turn");
}

scenario! {
    async fn whatever_happens_they_say_what_the_rows_say(world: World) {
        let mut seeded = Seeded::new(&world).await;
        seeded.agree(&world, "seeded").await;
        fold(&world).await;
        seeded.agree(&world, "seeded and folded").await;
        for round in 0..50 {
            let mut acts = vec![];
            for _ in 0..=seeded.below(5) {
                acts.push(seeded.act(&world).await);
            }
            if seeded.below(3) == 0 {
                let later = world.seams.now() + TimeDelta::minutes(seeded.below(3000) as i64);
                world.seams.set(later);
                acts.push("later");
            }
            if seeded.below(3) == 0 {
                fold(&world).await;
                acts.push("folded");
            }
            seeded.agree(&world, &format!("round {round}: {acts:?}")).await;
        }
    }
}

scenario! {
    async fn nothing_is_lost_where_clients_move_while_their_work_goes_on(world: World) {
        let seeded = Seeded::new(&world).await;
        let clients = client::Entity::find().filter(client::Column::NetworkId.eq(seeded.network)).all(&seeded.behind).await.expect("clients");
        let franchises = franchise::Entity::find().filter(franchise::Column::NetworkId.eq(seeded.network)).all(&seeded.behind).await.expect("franchises");
        let client = clients[0].clone();
        let actions = action::Entity::find().filter(action::Column::ClientId.eq(client.id)).all(&seeded.behind).await.expect("actions");
        let moves = (0..12).map(|turn| {
            let (kernel, network) = (world.app.kernel.clone(), seeded.network);
            let mut change = client.clone().into_active_model();
            change.franchise_id = Set(franchises[turn % franchises.len()].id);
            change.status = Set(if turn % 5 == 4 { ClientStatus::Archived } else { ClientStatus::Active });
            async move {
                let write = kernel.system(network).await.expect("a system transaction");
                crate::kit::fixtures::set::<client::Entity>(&write, change).await;
                write.commit_quietly().await.expect("a commit");
            }
        });
        let works = actions.iter().take(24).map(|action| {
            let (kernel, network) = (world.app.kernel.clone(), seeded.network);
            let mut change = action.clone().into_active_model();
            change.status = Set(if action.status == ActionStatus::Done { ActionStatus::Accepted } else { ActionStatus::Done });
            async move {
                let write = kernel.system(network).await.expect("a system transaction");
                crate::kit::fixtures::set::<action::Entity>(&write, change).await;
                write.commit_quietly().await.expect("a commit");
            }
        });
        let people = assignment::Entity::find().filter(assignment::Column::NetworkId.eq(seeded.network)).all(&seeded.behind).await.expect("assignments");
        let other = people.iter().find(|row| row.client_id != client.id && !people.iter().any(|own| own.client_id == client.id && own.person_id == row.person_id)).expect("another's");
        let joins = (0..8_i64).map(|turn| {
            let (kernel, network) = (world.app.kernel.clone(), seeded.network);
            let mut row = other.clone();
            async move {
                let write = kernel.system(network).await.expect("a system transaction");
                (row.id, row.client_id, row.part) = (write.id(), client.id, AssignmentPart::Co);
                row.ends_at = (turn > 0).then(|| write.now() + TimeDelta::hours(turn - 4));
                write.insert_unaudited::<assignment::Entity>(vec![row.into_active_model().reset_all()]).await.expect("an assignment");
                write.commit_quietly().await.expect("a commit");
            }
        });
        let folds = async {
            for _ in 0..6 {
                let write = world.app.kernel.system(seeded.network).await.expect("a system transaction");
                concord::features::dashboard::fold::fold_changes(&write, 7, write.now()).await.expect("folded");
                write.commit_quietly().await.expect("a commit");
            }
        };
        futures::join!(join_all(moves), join_all(works), join_all(joins), folds);
        seeded.agree(&world, "all at once").await;
    }
}

/// Zones with every offset there is, those of quarters of an hour among them.
const ZONES: [&str; 40] = [
    "Pacific/Kiritimati",
    "Pacific/Tongatapu",
    "Pacific/Chatham",
    "Pacific/Auckland",
    "Pacific/Norfolk",
    "Pacific/Noumea",
    "Australia/Lord_Howe",
    "Australia/Sydney",
    "Australia/Adelaide",
    "Australia/Darwin",
    "Asia/Tokyo",
    "Australia/Eucla",
    "Asia/Shanghai",
    "Asia/Bangkok",
    "Asia/Yangon",
    "Asia/Dhaka",
    "Asia/Kathmandu",
    "Asia/Kolkata",
    "Asia/Karachi",
    "Asia/Kabul",
    "Asia/Dubai",
    "Asia/Tehran",
    "Europe/Moscow",
    "Europe/Athens",
    "Europe/Berlin",
    "Europe/London",
    "Atlantic/Azores",
    "Atlantic/Cape_Verde",
    "America/Noronha",
    "America/Sao_Paulo",
    "America/St_Johns",
    "America/Halifax",
    "America/New_York",
    "America/Chicago",
    "America/Denver",
    "America/Los_Angeles",
    "America/Anchorage",
    "Pacific/Marquesas",
    "Pacific/Honolulu",
    "Pacific/Pago_Pago",
];

scenario! {
    async fn a_day_ends_in_every_time_zone(world: World) {
        let cast = &world.cast;
        let overdue = "{ viewer { network { dashboard { totals { actions { open overdue } } places { actionsOverdue } } } } }";
        let day: NaiveDate = "2026-03-10".parse().expect("a day");
        let write = world.app.kernel.system(cast.network).await.expect("a system transaction");
        let mut rows = vec![];
        let mut ends = vec![];
        for zone in ZONES {
            let due_at = end_of_day(day, zone).expect("a zone");
            ends.push(due_at);
            rows.push(action::Model {
                id: write.id(),
                network_id: cast.network,
                client_id: cast.client,
                team_id: cast.team,
                priority_id: None,
                session_id: None,
                decision_id: None,
                obstacle_id: None,
                owner_id: cast.leader,
                title: zone.into(),
                detail: String::new(),
                status: ActionStatus::Accepted,
                due_on: day,
                due_at,
                baseline_on: Some(day),
                baseline_at: Some(due_at),
                moves: 0,
                offered_at: write.now(),
                accepted_at: Some(write.now()),
                first_offered_at: write.now(),
                first_accepted_at: Some(write.now()),
                closed_at: None,
                cancelled_by_id: None,
                reason: None,
                version: 1,
            }.into_active_model().reset_all());
        }
        write.insert_unaudited::<action::Entity>(rows).await.expect("actions");
        write.commit_quietly().await.expect("a commit");
        let instants: BTreeSet<DateTime<Utc>> = ends.iter().flat_map(|end| [*end - TimeDelta::milliseconds(1), *end]).collect();
        assert!(instants.len() > 60, "days end at many instants");
        for (turn, at) in instants.into_iter().enumerate() {
            world.seams.set(at);
            let expected = ends.iter().filter(|end| **end <= at).count();
            let told = world.read(Analyst, overdue, json!({})).await["viewer"]["network"]["dashboard"].clone();
            assert_eq!(told["totals"]["actions"], json!({ "open": ZONES.len(), "overdue": expected }), "at {at}");
            assert_eq!(told["places"], json!([{ "actionsOverdue": expected }]), "at {at}");
            if turn % 3 == 0 {
                fold(&world).await;
            }
        }
    }
}

scenario! {
    async fn who_answers_for_it_reads_it_and_nobody_else(world: World) {
        let mine = "{ viewer { network { dashboard { totals { clients { active } } facilitators { totalCount } } } } }";
        let ours = "query($id: ID!) { franchise(id: $id) { dashboard { totals { clients { active } } } } }";
        let two = json!({ "totals": { "clients": { "active": 2 } }, "facilitators": { "totalCount": 2 } });
        let (own, other) = (world.cast.franchise.to_string(), world.cast.other_franchise.to_string());
        for who in [Admin, Analyst, Owner, Facilitator, Sponsor, Leader, Observer, Stranger] {
            let office = matches!(who, Admin | Analyst);
            let told = world.read(who, mine, json!({})).await["viewer"]["network"]["dashboard"].clone();
            assert_eq!(told, if office { two.clone() } else { Value::Null }, "{who:?} of the network");
            for (id, owned) in [(&own, who == Owner), (&other, false)] {
                let told = world.read(who, ours, json!({ "id": id })).await["franchise"]["dashboard"].clone();
                let one = json!({ "totals": { "clients": { "active": 1 } } });
                assert_eq!(told, if office || owned { one } else { Value::Null }, "{who:?} of {id}");
            }
        }
        let told = world.read(Foreigner, mine, json!({})).await["viewer"]["network"]["dashboard"].clone();
        assert_eq!(told, json!({ "totals": null, "facilitators": { "totalCount": 0 } }), "the other network has its own");
        let told = world.read(Foreigner, ours, json!({ "id": own })).await;
        assert_eq!(told["franchise"], Value::Null);
    }
}

scenario! {
    async fn a_client_takes_its_figures_along(world: World) {
        let cast = &world.cast;
        let input = json!({ "teamId": cast.team.to_string(), "ownerId": cast.leader.to_string(), "title": "Call", "dueOn": "2026-03-20" });
        let id = world.done(Facilitator, "actionCreate", input, "action { id }").await["action"]["id"].clone();
        world.done(Leader, "actionAccept", json!({ "id": id }), "action { id }").await;
        let figures = "query($id: ID!) { franchise(id: $id) { dashboard { totals { clients { active archived } actions { open overdue done } } } } }";
        let of = async |franchise: String| {
            world.read(Admin, figures, json!({ "id": franchise })).await["franchise"]["dashboard"]["totals"].clone()
        };
        let (from, to) = (cast.franchise.to_string(), cast.other_franchise.to_string());
        world.at("2026-03-21T00:00:00Z");
        assert_eq!(of(from.clone()).await, json!({ "clients": { "active": 1, "archived": 0 }, "actions": { "open": 1, "overdue": 1, "done": 0 } }));
        fold(&world).await;
        let lead = cast.person(Stranger).1.to_string();
        let input = json!({ "clientId": cast.client.to_string(), "franchiseId": to, "leadId": lead });
        world.transferred(input).await;
        assert_eq!(of(from.clone()).await, json!({ "clients": { "active": 0, "archived": 0 }, "actions": { "open": 0, "overdue": 0, "done": 0 } }));
        assert_eq!(of(to.clone()).await, json!({ "clients": { "active": 2, "archived": 0 }, "actions": { "open": 1, "overdue": 1, "done": 0 } }));
        world.done(Leader, "actionComplete", json!({ "id": id }), "action { id }").await;
        assert_eq!(of(to.clone()).await["actions"], json!({ "open": 0, "overdue": 0, "done": 1 }));
        world.done(Admin, "clientArchive", json!({ "id": cast.client.to_string() }), "client { id }").await;
        assert_eq!(of(to).await, json!({ "clients": { "active": 1, "archived": 1 }, "actions": { "open": 0, "overdue": 0, "done": 0 } }), "what is archived is no work");
        assert_counts(&world.home.behind().await).await;
    }
}

scenario! {
    async fn past_months_stay_as_they_were(world: World) {
        let mut seeded = Seeded::new(&world).await;
        world.at("2026-03-31T22:00:00Z");
        seeded.act(&world).await;
        assert_eq!(seeded.network(&world, json!("2026-03-31")).await["asOf"], Value::Null, "today is now");
        assert_eq!(seeded.network(&world, json!("2026-03-30")).await, Value::Null, "nothing was put aside");
        let ahead = "query($on: Date) { viewer { network { dashboard(asOf: $on) { asOf totals { clients { active } } } } } }";
        let admin = &seeded.admin;
        let token = world.token_of(seeded.network, admin.id, admin.identity_id.expect("a sign-in"));
        let answered = world.send(Some(token), ahead, json!({ "on": "2026-04-01" }), None).await;
        let error = &answered.json["errors"][0];
        assert_eq!(error["extensions"]["code"], "BAD_USER_INPUT", "{}", answered.text);
        assert_eq!(error["message"], "`asOf` must be today or earlier, in UTC.");
        world.at("2026-04-01T00:10:00Z");
        let then = seeded.network(&world, Value::Null).await;
        fold(&world).await;
        for _ in 0..30 {
            seeded.act(&world).await;
        }
        world.at("2026-04-20T12:00:00Z");
        fold(&world).await;
        for day in ["2026-03-31", "2026-04-01", "2026-04-19"] {
            let mut past = seeded.network(&world, json!(day)).await;
            assert_eq!(past["asOf"], "2026-03-31", "{day}");
            assert_eq!(past["facilitators"]["totalCount"], 0, "who works for whom is told for now only");
            for changed in ["asOf", "facilitators", "months"] {
                past[changed] = then[changed].clone();
            }
            assert_eq!(past, then, "{day}");
        }
        assert_eq!(seeded.network(&world, json!("2026-03-30")).await, Value::Null);
        let months = "{ viewer { network { dashboard { months { month clientCount actionsOpen actionsOverdue actionsDone } } } } }";
        let answered = seeded.ask(&world, &seeded.admin, months, json!({})).await;
        let months = answered.json["data"]["viewer"]["network"]["dashboard"]["months"].as_array().expect("months").clone();
        let march = months.iter().find(|month| month["month"] == "2026-03").expect("March");
        assert_eq!(march["clientCount"], then["totals"]["clients"]["active"]);
        assert_eq!(march["actionsOverdue"], then["totals"]["actions"]["overdue"]);
        let others = months.iter().filter(|month| month["month"] != "2026-03");
        assert!(others.into_iter().all(|month| month["clientCount"].is_null()), "other months were not put aside");
        seeded.agree(&world, "after all that").await;
    }
}

scenario! {
    async fn a_pace_of_few_is_not_told(world: World) {
        let mut seeded = Seeded::new(&world).await;
        for _ in 0..60 {
            let write = world.app.kernel.system(seeded.network).await.expect("a system transaction");
            let now = write.now();
            seeded.touch_stage(&write, now).await;
            write.commit_quietly().await.expect("a commit");
        }
        let told = seeded.network(&world, Value::Null).await["templates"].clone();
        let told = told.as_array().expect("templates");
        let reached = told.iter().filter(|row| row["clientCount"].as_i64() >= Some(5)).count();
        assert!(reached > 0, "some versions have clients enough: {told:?}");
        let write = world.app.kernel.system(seeded.network).await.expect("a system transaction");
        let of = benchmark_policy::Column::NetworkId.eq(seeded.network);
        let policy = benchmark_policy::Entity::find().filter(of).one(&seeded.behind).await.expect("an answer");
        let policy = policy.expect("the network's policy");
        let mut change = policy.clone().into_active_model();
        change.minimum_clients = Set(100);
        crate::kit::fixtures::set::<benchmark_policy::Entity>(&write, change).await;
        write.commit_quietly().await.expect("a commit");
        for row in seeded.network(&world, Value::Null).await["templates"].as_array().expect("templates") {
            assert_eq!(row["pacePercent"], Value::Null);
            let why = if row["stagesPassed"] == 0 { "NOTHING" } else { "TOO_FEW_CLIENTS" };
            assert_eq!(row["paceWithheld"], why, "{row}");
        }
    }
}

/// Every type that can be reached from a dashboard is one of figures.
#[test]
fn no_way_leads_from_a_dashboard_to_content() {
    let (mut seen, mut next) = (BTreeSet::new(), vec!["Dashboard".to_owned()]);
    while let Some(of) = next.pop() {
        if seen.insert(of.clone()) {
            next.extend(sdl::fields(&of).iter().map(|field| field.ty.inner_named_type().to_string()));
        }
    }
    assert!(seen.len() > 12, "there is something to see: {seen:?}");
    for name in seen {
        let plain =
            ["PageInfo", "Boolean", "Int", "String", "ID", "Date", "FigureWithheld"].contains(&name.as_str());
        assert!(plain || name.starts_with("Dashboard"), "a dashboard leads to {name}");
    }
}
