//! Series of sessions: in the diary ahead as their rule says, by the clocks of the client.

use crate::{
    kit::{Persona::*, World, assert_counts, fixtures::Fixtures, verify_chains},
    scenario,
};
use concord::jobs;
use entity::{check_in_rhythm, team};
use sea_orm::{ActiveValue::Set, EntityTrait, IntoActiveModel};
use serde_json::{Value, json};

const SESSIONS: &str =
    "query($id: ID!) { sessionSeries(id: $id) { status version rule timeZone madeUntil exceptOn
    sessions(first: 100) { totalCount nodes { id title startsAt status occursOn reason series { id } } } } }";

scenario! {
    async fn a_series_fills_the_diary_by_the_clients_clocks(world: World) {
        let series = create(&world, "freq=weekly;byday=tu", "2026-03-03").await;
        let seen = read(&world, &series).await;
        assert_eq!((&seen["rule"], &seen["timeZone"], &seen["madeUntil"]), (&json!("FREQ=WEEKLY;BYDAY=TU"), &json!("Europe/London"), &json!("2026-08-25")));
        let sessions = seen["sessions"]["nodes"].as_array().expect("sessions").clone();
        assert_eq!(sessions.len(), 26);
        assert_eq!((&sessions[0]["startsAt"], &sessions[0]["occursOn"]), (&json!("2026-03-03T09:00:00Z"), &json!("2026-03-03")));
        // clocks go forward on 29 March
        assert_eq!((&sessions[3]["startsAt"], &sessions[4]["startsAt"]), (&json!("2026-03-24T09:00:00Z"), &json!("2026-03-31T08:00:00Z")));
        assert_eq!(sessions[0]["series"]["id"], series);
        // they are sessions as any other
        world.at("2026-03-03T09:00:00Z");
        world.done(Facilitator, "sessionStart", json!({ "id": sessions[0]["id"] }), "").await;
        let agenda = json!({ "sessionId": sessions[0]["id"], "title": "Prices", "minutes": 10 });
        world.done(Leader, "agendaItemAdd", agenda, "").await;
        world.done(Facilitator, "sessionClose", json!({ "id": sessions[0]["id"], "summary": "Over" }), "").await;
        let next = "query($id: ID!) { session(id: $id) { agenda { title } } }";
        let next = world.read(Leader, next, json!({ "id": sessions[1]["id"] })).await;
        assert_eq!(next["session"]["agenda"], json!([{ "title": "Prices" }]), "what is left open goes on in the series");
    }
}

scenario! {
    async fn the_diary_is_topped_up_once_whoever_does_it(world: World) {
        let series = create(&world, "FREQ=WEEKLY;BYDAY=TU", "2026-03-03").await;
        jobs::run_due_turns(&world.app).await.expect("a look");
        assert_eq!(read(&world, &series).await["sessions"]["totalCount"], 26, "it is full");
        world.at("2026-03-10T09:00:00Z");
        let (one, other) = futures::join!(jobs::run_due_turns(&world.app), jobs::run_due_turns(&world.app));
        one.and(other).expect("both look, and one of them fills it");
        let seen = read(&world, &series).await;
        assert_eq!((&seen["sessions"]["totalCount"], &seen["madeUntil"]), (&json!(28), &json!("2026-09-08")));
        jobs::run_due_turns(&world.app).await.expect("a look");
        assert_eq!(read(&world, &series).await["version"], seen["version"], "there is nothing to do");
        // one whose team was archived before archiving ended series ends, and with it what was ahead
        let write = world.app.kernel.system(world.cast.network).await.expect("a system transaction");
        let team = write.find::<team::Entity>(world.cast.team).await.expect("a look").expect("the team");
        let mut archived = team.into_active_model();
        archived.archived_at = Set(Some(write.now()));
        crate::kit::fixtures::set::<team::Entity>(&write, archived).await;
        write.commit_quietly().await.expect("what is behind us");
        world.at("2026-03-17T09:00:00Z");
        jobs::run_due_turns(&world.app).await.expect("a look");
        let seen = read(&world, &series).await;
        assert_eq!(seen["status"], "ENDED");
        assert_eq!(scheduled(&seen).len(), 1, "those whose time has come are ended by their own rules");
    }
}

scenario! {
    async fn one_cancelled_session_is_an_exception(world: World) {
        let series = create(&world, "FREQ=WEEKLY;BYDAY=TU;COUNT=4", "2026-03-03").await;
        let seen = read(&world, &series).await;
        let second = seen["sessions"]["nodes"][1]["id"].clone();
        world.done(Facilitator, "sessionCancel", json!({ "id": second, "reason": "Holidays" }), "").await;
        let third = seen["sessions"]["nodes"][2]["id"].clone();
        world.done(Facilitator, "sessionUpdate", json!({ "id": third, "startsAt": "2026-03-18T15:00:00Z" }), "").await;
        assert_eq!(scheduled(&read(&world, &series).await), ["2026-03-03T09:00:00Z", "2026-03-18T15:00:00Z", "2026-03-24T09:00:00Z"]);
        // another title moves nothing
        world.done(Facilitator, "sessionSeriesUpdate", json!({ "id": series, "title": "Weekly" }), "").await;
        let seen = read(&world, &series).await;
        assert_eq!(scheduled(&seen), ["2026-03-03T09:00:00Z", "2026-03-18T15:00:00Z", "2026-03-24T09:00:00Z"]);
        assert_eq!(seen["sessions"]["nodes"][0]["title"], "Weekly");
        // another time moves those that are ahead, but for the one that was moved by hand, and revives none
        world.done(Facilitator, "sessionSeriesUpdate", json!({ "id": series, "localTime": "10:30" }), "").await;
        assert_eq!(scheduled(&read(&world, &series).await), ["2026-03-03T10:30:00Z", "2026-03-18T15:00:00Z", "2026-03-24T10:30:00Z"]);
    }
}

scenario! {
    async fn an_exception_takes_its_own_date_alone(world: World) {
        let series = create(&world, "FREQ=WEEKLY;BYDAY=MO", "2026-03-09").await;
        let seen = read(&world, &series).await;
        let (first, second) = (seen["sessions"]["nodes"][0]["id"].clone(), seen["sessions"]["nodes"][1]["id"].clone());
        let move_to = |id: &Value, at: &str| json!({ "id": id, "startsAt": at });
        world.done(Facilitator, "sessionUpdate", move_to(&first, "2026-03-13T09:00:00Z"), "").await;
        world.done(Facilitator, "sessionUpdate", move_to(&second, "2026-03-18T14:00:00Z"), "").await;
        let item = json!({ "sessionId": first, "title": "Prices", "minutes": 10 });
        world.done(Leader, "agendaItemAdd", item, "").await;
        let before = scheduled(&read(&world, &series).await);
        // the first one's date is over, and it is still to come
        world.at("2026-03-11T09:00:00Z");
        for (change, gone) in [
            (json!({ "exceptOn": ["2026-05-04"] }), Some("2026-05-04T08:00:00Z")),
            (json!({ "exceptOn": ["2027-01-04"] }), None),
            (json!({ "exceptOn": [] }), None),
            (json!({ "localTime": "09:00", "rule": "RRULE:FREQ=WEEKLY;BYDAY=MO" }), None),
        ] {
            let mut input = change.clone();
            input["id"] = series.clone();
            world.done(Facilitator, "sessionSeriesUpdate", input, "").await;
            let expected: Vec<String> = before.iter().filter(|at| Some(at.as_str()) != gone).cloned().collect();
            let seen = scheduled(&read(&world, &series).await);
            assert_eq!(seen[..24], expected[..24], "{change}");
        }
        let agenda = "query($id: ID!) { session(id: $id) { startsAt movedByHand agenda { title status } } }";
        let seen = world.read(Leader, agenda, json!({ "id": first })).await["session"].clone();
        let expected = json!({ "startsAt": "2026-03-13T09:00:00Z", "movedByHand": true, "agenda": [{ "title": "Prices", "status": "OPEN" }] });
        assert_eq!(seen, expected);
        // another time leaves them where they were put, and an exception on their own dates takes them
        world.done(Facilitator, "sessionSeriesUpdate", json!({ "id": series, "localTime": "11:00" }), "").await;
        let seen = scheduled(&read(&world, &series).await);
        assert_eq!(seen[..3], ["2026-03-13T09:00:00Z", "2026-03-18T14:00:00Z", "2026-03-23T11:00:00Z"]);
        world.done(Facilitator, "sessionSeriesUpdate", json!({ "id": series, "exceptOn": ["2026-03-09", "2026-03-16"] }), "").await;
        let seen = read(&world, &series).await;
        assert_eq!(scheduled(&seen)[0], "2026-03-23T11:00:00Z");
        let gone = seen["sessions"]["nodes"].as_array().expect("sessions").iter().filter(|one| one["status"] == "CANCELLED");
        let dates: Vec<&Value> = gone.map(|one| &one["occursOn"]).collect();
        assert_eq!(dates, ["2026-03-09", "2026-03-16", "2026-05-04"]);
        // a date that is given back is had once more, and one that was cancelled by itself is not
        let next = seen["sessions"]["nodes"].as_array().expect("sessions").iter().find(|one| one["status"] == "SCHEDULED");
        let next = next.expect("a session")["id"].clone();
        world.done(Facilitator, "sessionCancel", json!({ "id": next, "reason": "Holidays" }), "").await;
        world.done(Facilitator, "sessionSeriesUpdate", json!({ "id": series, "exceptOn": [] }), "").await;
        let seen = scheduled(&read(&world, &series).await);
        assert_eq!(seen[..2], ["2026-03-16T11:00:00Z", "2026-03-30T10:00:00Z"]);
        let behind = world.home.behind().await;
        verify_chains(&behind).await.expect("the chains hold");
        assert_counts(&behind).await;
    }
}

scenario! {
    async fn a_rule_comes_as_calendars_write_it(world: World) {
        let mut input = wanted(&world, "DTSTART;TZID=Europe/London:20270328T013000\r\nRRULE:FREQ=DAILY;COUNT=4\r\nEXDATE;TZID=Europe/London:20270330T013000\r\n", "2027-03-28");
        world.at("2027-03-01T09:00:00Z");
        input["localTime"] = json!("01:30");
        let made = world.done(Facilitator, "sessionSeriesCreate", input.clone(), "sessionSeries { id rule exceptOn }").await["sessionSeries"].clone();
        assert_eq!((&made["rule"], &made["exceptOn"]), (&json!("FREQ=DAILY;COUNT=4"), &json!(["2027-03-30"])));
        // the time that clocks skip is an hour later on that day alone
        let seen = scheduled(&read(&world, &made["id"]).await);
        assert_eq!(seen, ["2027-03-28T01:30:00Z", "2027-03-29T00:30:00Z", "2027-03-31T00:30:00Z"]);
        let change = json!({ "id": made["id"], "rule": "FREQ=DAILY;UNTIL=20270330T013000\nEXDATE:20270329T013000" });
        world.done(Facilitator, "sessionSeriesUpdate", change, "").await;
        assert_eq!(scheduled(&read(&world, &made["id"]).await), ["2027-03-28T01:30:00Z"], "its exceptions join those of before");
        for (rule, message) in [
            ("DTSTART:20270329T013000\nRRULE:FREQ=DAILY", "DTSTART is 2027-03-29 01:30, and the series starts 2027-03-28 01:30. Make `startsOn` and `localTime` the same, or leave the line DTSTART out."),
            ("FREQ=DAILY;UNTIL=2027-03-31", "UNTIL is like 20270331, 20270331T090000 or 20270331T090000Z, and not \"2027-03-31\"."),
            ("RRULE:FREQ=DAILY\nRDATE:20270401T013000", "A series has no RDATE. Schedule these sessions by themselves."),
        ] {
            input["rule"] = json!(rule);
            let refused = world.change(Facilitator, "sessionSeriesCreate", input.clone(), "").await;
            assert_eq!(refused["errors"], json!([{ "code": "INVALID", "message": message, "path": ["input", "rule"] }]), "{rule}");
        }
    }
}

scenario! {
    async fn another_rule_replaces_what_is_ahead(world: World) {
        let series = create(&world, "FREQ=WEEKLY;BYDAY=TU;COUNT=4", "2026-03-03").await;
        world.at("2026-03-04T09:00:00Z");
        let first = read(&world, &series).await["sessions"]["nodes"][0]["id"].clone();
        let change = json!({ "id": series, "rule": "FREQ=WEEKLY;BYDAY=TU,TH;UNTIL=20260318", "exceptOn": ["2026-03-12"] });
        world.done(Facilitator, "sessionSeriesUpdate", change, "").await;
        let seen = read(&world, &series).await;
        // the 3rd is past, the 10th and the 17th stay, the 12th is left out, and the 24th goes
        assert_eq!(scheduled(&seen), ["2026-03-03T09:00:00Z", "2026-03-05T09:00:00Z", "2026-03-10T09:00:00Z", "2026-03-17T09:00:00Z"]);
        assert_eq!(seen["exceptOn"], json!(["2026-03-12"]));
        let gone: Vec<&Value> = seen["sessions"]["nodes"].as_array().expect("sessions").iter().filter(|one| one["status"] == "CANCELLED").collect();
        assert_eq!(gone.len(), 1);
        assert_eq!((&gone[0]["reason"], &gone[0]["occursOn"]), (&json!("The series changed."), &json!("2026-03-24")), "the diary tells which date fell away");
        // and what went comes back with a rule that names it
        world.done(Facilitator, "sessionSeriesUpdate", json!({ "id": series, "rule": "FREQ=WEEKLY;BYDAY=TU;COUNT=4", "exceptOn": [] }), "").await;
        let seen = read(&world, &series).await;
        assert_eq!(scheduled(&seen), ["2026-03-03T09:00:00Z", "2026-03-10T09:00:00Z", "2026-03-17T09:00:00Z", "2026-03-24T09:00:00Z"]);
        assert_eq!(seen["sessions"]["nodes"][0]["id"], first);
    }
}

scenario! {
    async fn a_series_ends_with_a_reason(world: World) {
        let series = create(&world, "FREQ=MONTHLY;BYDAY=1TH", "2026-03-05").await;
        assert_eq!(read(&world, &series).await["sessions"]["totalCount"], 12, "a year ahead");
        let ended = json!({ "id": series, "reason": "The programme is over" });
        world.done(Facilitator, "sessionSeriesEnd", ended.clone(), "sessionSeries { status endedAt reason }").await;
        assert_eq!(scheduled(&read(&world, &series).await), Vec::<String>::new());
        for (mutation, input) in [("sessionSeriesEnd", ended), ("sessionSeriesUpdate", json!({ "id": series, "title": "Again" }))] {
            assert_eq!(world.refused(Facilitator, mutation, input).await, ("WRONG_STATE".into(), "input.id".into()), "{mutation}");
        }
        world.at("2027-03-02T09:00:00Z");
        jobs::run_due_turns(&world.app).await.expect("a look");
        assert_eq!(read(&world, &series).await["sessions"]["totalCount"], 12);
    }
}

scenario! {
    async fn what_is_no_series_is_refused_whole(world: World) {
        let mut input = wanted(&world, "FREQ=HOURLY", "2026-03-01");
        input["localTime"] = json!("9 o'clock");
        input["minutes"] = json!(0);
        let refused = world.change(Facilitator, "sessionSeriesCreate", input, "sessionSeries { id }").await;
        assert_eq!(refused["sessionSeries"], Value::Null);
        let paths: Vec<&str> = refused["errors"].as_array().expect("errors").iter().filter_map(|error| error["path"][1].as_str()).collect();
        assert_eq!(paths, ["minutes", "startsOn", "localTime", "rule"]);
        let series = create(&world, "FREQ=WEEKLY", "2026-03-03").await;
        let stale = json!({ "id": series, "title": "Other", "expectedVersion": 99 });
        assert_eq!(world.refused(Facilitator, "sessionSeriesUpdate", stale).await.0, "CONFLICT");
    }
}

scenario! {
    async fn a_programme_that_ends_takes_its_sessions_along(world: World) {
        let fixtures = Fixtures::of(&world).await;
        let programme = &fixtures.home.ids["programme"];
        let series = create(&world, "FREQ=WEEKLY;BYDAY=TU", "2026-03-03").await;
        let of = "query($id: ID!) { sessionSeries(id: $id) { programme { id } } }";
        let seen = world.read(Facilitator, of, json!({ "id": series })).await;
        assert_eq!(seen["sessionSeries"]["programme"]["id"], json!(programme), "of the one the team has");
        let single = json!({ "teamId": world.cast.team.to_string(), "kind": "WORKSHOP", "title": "One more", "place": "", "minutes": 60,
            "startsAt": "2026-03-05T09:00:00Z", "agenda": [{ "title": "What stays", "minutes": 10 }] });
        let single = world.done(Facilitator, "sessionSchedule", single, "session { id }").await["session"]["id"].clone();
        let over = json!({ "id": programme, "reason": "They merged" });
        world.done(Facilitator, "programmeTerminate", over, "").await;
        let seen = read(&world, &series).await;
        assert_eq!((&seen["status"], scheduled(&seen)), (&json!("ENDED"), vec![]), "in the same moment");
        assert_eq!(seen["sessions"]["nodes"][0]["reason"], "The programme is terminated.");
        let stage = world.read(Leader, "query($id: ID!) { client(id: $id) { currentStage { title } } }", json!({ "id": world.cast.client })).await;
        assert_eq!(stage["client"]["currentStage"], Value::Null, "its stage is nobody's any more");
        let look = "query($id: ID!) { session(id: $id) { status reason agenda { status } } }";
        let seen = world.read(Leader, look, json!({ "id": single })).await["session"].clone();
        assert_eq!((&seen["status"], &seen["reason"]), (&json!("CANCELLED"), &json!("The programme is terminated.")));
        let agenda = seen["agenda"].as_array().expect("an agenda");
        assert!(!agenda.is_empty() && agenda.iter().all(|item| item["status"] == "CARRIED"), "{seen}");
        // what is of no programme goes on
        let own = create(&world, "FREQ=WEEKLY;BYDAY=TU", "2026-03-03").await;
        let seen = world.read(Facilitator, of, json!({ "id": own })).await;
        assert_eq!(seen["sessionSeries"]["programme"], Value::Null);
        assert_eq!(scheduled(&read(&world, &own).await).len(), 26);
    }
}

scenario! {
    async fn archiving_ends_what_was_to_come(world: World) {
        let other = World::new(world.backend).await;
        for (world, who, mutation, id, reason) in [
            (&world, Facilitator, "teamArchive", world.cast.team.to_string(), "The team is archived."),
            // head office sees no sessions, and ends them all the same
            (&other, Admin, "clientArchive", other.cast.client.to_string(), "The client is archived."),
        ] {
            let team = world.cast.team.to_string();
            let series = create(world, "FREQ=WEEKLY;BYDAY=TU", "2026-03-10").await;
            let cadence = json!({ "teamId": team, "unit": "MONTH", "every": 1, "anchorOn": "2026-03-31" });
            world.done(Facilitator, "reviewCadenceSet", cadence, "").await;
            let single = json!({ "teamId": team, "kind": "FOLLOW_UP", "title": "Once more", "place": "", "startsAt": "2026-04-01T09:00:00Z", "minutes": 60 });
            let single = world.done(Facilitator, "sessionSchedule", single, "session { id }").await["session"]["id"].clone();
            world.at("2026-03-18T09:00:00Z");
            world.done(who, mutation, json!({ "id": id }), "").await;
            let seen = read(world, &series).await;
            // one is over, and the clock ends it
            assert_eq!((&seen["status"], scheduled(&seen).len()), (&json!("ENDED"), 2), "{mutation}: in the same moment");
            let last = seen["sessions"]["nodes"].as_array().and_then(|nodes| nodes.last()).expect("a session").clone();
            assert_eq!((&last["status"], &last["reason"]), (&json!("CANCELLED"), &json!(reason)));
            let look = "query($id: ID!) { session(id: $id) { status reason } }";
            let seen = world.read(Facilitator, look, json!({ "id": single })).await;
            assert_eq!(seen["session"], json!({ "status": "CANCELLED", "reason": reason }), "{mutation}: one by itself, too");
            let look = "query($id: ID!) { team(id: $id) { reviewCadence { id } reviews { totalCount } } }";
            let seen = world.read(Facilitator, look, json!({ "id": team })).await;
            assert_eq!(seen["team"], json!({ "reviewCadence": null, "reviews": { "totalCount": 0 } }), "{mutation}");
            let behind = world.home.behind().await;
            let rhythms = check_in_rhythm::Entity::find().all(&behind).await.expect("rhythms");
            let weeks: Vec<_> = rhythms.iter().map(|row| (row.first_week, row.last_week)).collect();
            assert_eq!(weeks, [(2931, Some(2932))], "{mutation}: the slot under way ends on Sunday");
            verify_chains(&behind).await.expect("the chains hold");
            assert_counts(&behind).await;
        }
    }
}

fn wanted(world: &World, rule: &str, from: &str) -> Value {
    json!({
        "teamId": world.cast.team.to_string(), "kind": "FOLLOW_UP", "title": "Follow-up", "place": "Video call",
        "minutes": 60, "rule": rule, "startsOn": from, "localTime": "09:00",
    })
}

async fn create(world: &World, rule: &str, from: &str) -> Value {
    let input = wanted(world, rule, from);
    let made = world.done(Facilitator, "sessionSeriesCreate", input, "sessionSeries { id }").await;
    made["sessionSeries"]["id"].clone()
}

async fn read(world: &World, series: &Value) -> Value {
    world.read(Facilitator, SESSIONS, json!({ "id": series })).await["sessionSeries"].clone()
}

/// When those in the diary start.
fn scheduled(series: &Value) -> Vec<String> {
    let sessions = series["sessions"]["nodes"].as_array().into_iter().flatten();
    let sessions = sessions.filter(|session| session["status"] == "SCHEDULED");
    sessions.filter_map(|session| session["startsAt"].as_str()).map(str::to_owned).collect()
}
