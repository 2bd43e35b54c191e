//! What must not work: cohorts that are too small or too much one franchise's, questions asked cleverly or often, and
//! everything that might show through besides the figures.

use super::{COHORTS, Entry, Net, PERIODS, RELEASES, STANDING, of, pour, spread};
use crate::{
    kit::{Persona::*, document, sdl},
    scenario,
};
use entity::{
    benchmark_cohort, benchmark_counted, benchmark_release, client::SizeBand, metric_value::Metric,
};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use serde_json::{Value, json};

scenario! {
    async fn a_cell_of_eleven_is_told_to_nobody(world: World) {
        let net = Net::of(world, [of("A", 11, 6), of("B", 24, 6), of("C", 24, 6)].concat()).await;
        net.release(PERIODS[0], spread).await;
        let published = net.cohorts(PERIODS[0]).await;
        assert!(published.contains_key("the whole network"), "{published:?}");
        assert!(!published.keys().any(|name| name.contains("industry A")), "{published:?}");
        assert!(published.keys().any(|name| name.contains("industry C")), "{published:?}");
        let answer = net.benchmark(0, PERIODS[0]).await;
        assert_eq!((&answer["status"], &answer["cohort"]["level"]), (&json!("COARSER"), &json!(0)), "{answer}");
        let own = Entry { industry: "A", ..net.entries[0] };
        let mut more = net;
        let write = more.write().await;
        more.come(&write, vec![own]).await;
        write.commit_quietly().await.expect("a twelfth");
        more.release(PERIODS[1], spread).await;
        // one newcomer by itself would be shown by subtraction: it waits, and so does the cell
        assert!(!more.cohorts(PERIODS[1]).await.keys().any(|name| name.contains("industry A")));
    }
}

scenario! {
    async fn a_cell_of_twelve_is_told(world: World) {
        let net = Net::of(world, [of("A", 12, 6), of("B", 24, 6)].concat()).await;
        net.release(PERIODS[0], spread).await;
        let published = net.cohorts(PERIODS[0]).await;
        let names: Vec<&str> = published.keys().map(String::as_str).collect();
        assert_eq!(names, [
            "industry A", "industry A, size medium", "industry A, size medium, region TLC",
            "industry B", "industry B, size medium", "industry B, size medium, region TLC", "the whole network",
        ]);
        assert_eq!((&published["industry A"]["band"], &published["the whole network"]["band"]), (&json!("DOZEN"), &json!("SCORE")));
        assert_eq!(published["industry A"]["p10"], Value::Null, "deciles are published from 30 on");
        assert_ne!(published["the whole network"]["p90"], Value::Null);
        let answer = net.benchmark(0, PERIODS[0]).await;
        assert_eq!((&answer["status"], &answer["cohort"]["level"]), (&json!("PUBLISHED"), &json!(3)), "{answer}");
        assert_eq!((&answer["value"], &answer["quartile"], &answer["polarity"]), (&json!("0.13"), &json!("LOWEST"), &json!("HIGHER")));
        assert!(answer["guarantee"].as_str().is_some_and(|text| text.contains("Not guaranteed")));
        let latest = net.ask(&net.sponsor(0), "query($id: ID!) { client(id: $id) { benchmark(metric: ON_TIME_ACTIONS) { period } } }",
            json!({ "id": net.clients[0] })).await;
        assert!(latest.contains(PERIODS[0]), "{latest}");
    }
}

scenario! {
    async fn four_franchises_are_too_few(world: World) {
        let net = Net::of(world, [of("A", 12, 4), of("B", 24, 6), of("C", 24, 6)].concat()).await;
        net.release(PERIODS[0], spread).await;
        assert!(!net.cohorts(PERIODS[0]).await.keys().any(|name| name.contains("industry A")));
    }
}

scenario! {
    async fn shells_of_one_owner_are_one(world: World) {
        let clients = [of("A", 12, 6), of("B", 24, 6), of("C", 24, 6)].concat();
        // two of the six franchises belong to one owner, and two more to another: four in all
        let net = Net::grouped(world, clients, |unit| format!("Owners {}", if unit < 4 { unit / 2 } else { unit })).await;
        net.release(PERIODS[0], spread).await;
        let published = net.cohorts(PERIODS[0]).await;
        assert_eq!(published.len(), 0, "with four owners nothing can be published: {published:?}");
    }
}

scenario! {
    async fn clients_of_one_group_are_one(world: World) {
        let mut clients = [of("A", 12, 6), of("B", 24, 6), of("C", 24, 6)].concat();
        clients[0].group = Some("Acorn Holdings");
        clients[1].group = Some("Acorn Holdings");
        let net = Net::of(world, clients).await;
        net.release(PERIODS[0], spread).await;
        assert!(!net.cohorts(PERIODS[0]).await.keys().any(|name| name.contains("industry A")), "eleven in truth");
    }
}

/// Whether a cohort of 15, so many of them of one franchise, is published.
async fn dominated(net: Net) -> bool {
    net.release(PERIODS[0], spread).await;
    net.cohorts(PERIODS[0]).await.contains_key("industry A")
}

/// 15 clients, so many of them of the first franchise.
fn lopsided(most: usize) -> Vec<Entry> {
    let mut clients = of("A", 15, 1);
    for (at, client) in clients.iter_mut().enumerate().skip(most) {
        client.unit = 1 + at % 5;
    }
    [clients, of("B", 24, 6), of("C", 24, 6)].concat()
}

scenario! {
    async fn six_of_fifteen_of_one_franchise_are_too_many(world: World) {
        assert!(!dominated(Net::of(world, lopsided(6)).await).await);
    }
}

scenario! {
    async fn five_of_fifteen_are_not(world: World) {
        assert!(dominated(Net::of(world, lopsided(5)).await).await);
    }
}

scenario! {
    async fn a_parent_less_its_child_is_never_small(world: World) {
        // 12 of an industry could be published, and the network less the industry would be 8
        let net = Net::of(world, [of("A", 12, 6), of("B", 8, 6)].concat()).await;
        net.release(PERIODS[0], spread).await;
        let published = net.cohorts(PERIODS[0]).await;
        assert_eq!(published.keys().collect::<Vec<_>>(), ["the whole network"], "{published:?}");
    }
}

scenario! {
    async fn the_size_of_a_region_cannot_be_subtracted_either(world: World) {
        let mut clients = of("A", 33, 6);
        clients.iter_mut().skip(22).for_each(|client| client.region = 1);
        let net = Net::of(world, [clients, of("B", 24, 6)].concat()).await;
        net.release(PERIODS[0], spread).await;
        let published = net.cohorts(PERIODS[0]).await;
        assert!(published.contains_key("industry A, size medium") && !published.contains_key("industry A, size medium, region TLC"), "{published:?}");
        let both = [net.benchmark(0, PERIODS[0]).await, net.benchmark(30, PERIODS[0]).await];
        assert_eq!(both[0]["cohort"], both[1]["cohort"], "one answers for both");
    }
}

scenario! {
    async fn a_mover_is_in_neither_place(world: World) {
        let net = Net::of(world, [of("A", 24, 6), of("B", 24, 6)].concat()).await;
        net.release(PERIODS[0], spread).await;
        assert!(net.counted(PERIODS[0]).await.contains_key(&0));
        let to = json!({ "input": { "id": net.clients[0], "industry": "B" } });
        let moved = net.ask(&net.owner(0), "mutation($input: ClientUpdateInput!) { clientUpdate(input: $input) { client { industry } errors { code } } }", to).await;
        assert!(moved.contains("\"industry\":\"B\""), "{moved}");
        for period in &PERIODS[1..4] {
            net.release(period, spread).await;
            assert!(!net.counted(period).await.contains_key(&0), "{period}: the window holds its former place");
            let answer = net.benchmark(0, period).await;
            assert_eq!(answer["cohort"]["industry"], "B", "it is answered where it is: {answer}");
        }
        net.classes(&PERIODS[..4]).await;
    }
}

scenario! {
    async fn movers_are_counted_where_they_went_in_company_and_once_nothing_tells_whence(world: World) {
        let net = Net::of(world, [of("A", 30, 6), of("B", 24, 6)].concat()).await;
        net.release(PERIODS[0], spread).await;
        for mover in 0..6 {
            let to = json!({ "input": { "id": net.clients[mover], "industry": "B" } });
            net.ask(&net.owner(mover), "mutation($input: ClientUpdateInput!) { clientUpdate(input: $input) { errors { code } } }", to).await;
        }
        for period in &PERIODS[1..4] {
            net.release(period, spread).await;
            assert!((0..6).all(|mover| net.entries[mover].unit == mover));
            let counted = net.counted(period).await;
            assert!(!counted.is_empty() && (0..6).all(|mover| !counted.contains_key(&mover)), "{period}: {counted:?}");
        }
        net.classes(&PERIODS[..4]).await;
        net.release(PERIODS[4], spread).await;
        let counted = net.counted(PERIODS[4]).await;
        for mover in 0..6 {
            assert_eq!(counted.get(&mover).and_then(|path| path.first()).map(String::as_str), Some("B"), "{counted:?}");
        }
        net.classes(&PERIODS[1..5]).await;
    }
}

scenario! {
    async fn fake_clients_of_last_week_count_for_nothing(world: World) {
        let mut net = Net::of(world, [of("A", 24, 6), of("B", 24, 6)].concat()).await;
        let fakes: Vec<Entry> = of("A", 11, 2).into_iter().map(|fake| Entry { since: "2024-03-25T09:00:00Z", ..fake }).collect();
        let write = net.write().await;
        net.come(&write, fakes).await;
        write.commit_quietly().await.expect("fakes");
        net.release(PERIODS[0], |at| if at < 48 { spread(at) } else { Some(10_000) }).await;
        let counted = net.counted(PERIODS[0]).await;
        assert_eq!(counted.len(), 48, "{counted:?}");
        assert!(counted.keys().all(|client| *client < 48));
        net.classes(&PERIODS[..1]).await;
    }
}

scenario! {
    async fn a_whole_cohort_at_the_end_is_told_as_the_end(world: World) {
        let net = Net::of(world, of("A", 24, 6)).await;
        net.release(PERIODS[0], |_| Some(10_000)).await;
        net.release(PERIODS[1], |_| Some(0)).await;
        for (period, text, points, position) in [(PERIODS[0], "≥ 95 %", 9_500, "HIGHEST"), (PERIODS[1], "≤ 5 %", 500, "LOWEST")] {
            let published = net.cohorts(period).await;
            for cohort in published.values() {
                for figure in ["p25", "p50", "p75"] {
                    assert_eq!((&cohort[figure], &cohort[format!("{figure}Points")]), (&json!(text), &json!(points)));
                }
            }
            assert_eq!(net.benchmark(3, period).await["quartile"], position);
            let (value, bound) = if points == 500 { ("0.05", "AT_MOST") } else { ("0.95", "AT_LEAST") };
            let document = "query($id: ID!, $period: String) { client(id: $id) {
                benchmarks(period: $period) { metric p25Value p25Bound p75Value p75Bound standing } } }";
            let asked = json!({ "id": net.clients[3], "period": period });
            let all: Value = serde_json::from_str(&net.ask(&net.sponsor(3), document, asked).await).expect("JSON");
            let all = all["data"]["client"]["benchmarks"].as_array().expect("a list");
            let on_time = all.iter().find(|one| one["metric"] == "ON_TIME_ACTIONS").expect("a benchmark");
            let wanted = json!({ "metric": "ON_TIME_ACTIONS", "p25Value": value, "p25Bound": bound, "p75Value": value,
                "p75Bound": bound, "standing": "ABOUT_THE_SAME" });
            assert_eq!(*on_time, wanted, "all have the same value");
        }
        let latest = "query($id: ID!) { client(id: $id) { benchmarks { metric period } } }";
        let asked = json!({ "id": net.clients[3] });
        let latest: Value = serde_json::from_str(&net.ask(&net.sponsor(3), latest, asked).await).expect("JSON");
        let latest = latest["data"]["client"]["benchmarks"].as_array().expect("a list");
        assert!(!latest.is_empty() && latest.iter().all(|one| one["period"] == PERIODS[1]), "{latest:?}");
        let cohorts = "query($metric: Metric, $period: String) { benchmarkCohorts(metric: $metric, period: $period, first: 100) {
            nodes { metric period cohort { level label } } } }";
        let asked = json!({ "metric": "ON_TIME_ACTIONS", "period": PERIODS[0] });
        let some = net.world.read(Admin, cohorts, asked).await;
        let some = some["benchmarkCohorts"]["nodes"].as_array().expect("a list");
        assert!(!some.is_empty(), "cohorts of a metric and a period");
        for cohort in some {
            assert_eq!((&cohort["metric"], &cohort["period"]), (&json!("ON_TIME_ACTIONS"), &json!(PERIODS[0])));
            let whole = cohort["cohort"]["level"] == 0;
            assert_eq!(cohort["cohort"]["label"] == "The whole network", whole, "{cohort}");
        }
    }
}

scenario! {
    async fn values_decide_nothing(world: World) {
        let other = crate::kit::World::new(world.backend).await;
        let clients = [of("A", 13, 6), of("B", 17, 5), of("C", 24, 6), of("D", 9, 4)].concat();
        let (one, two) = (Net::of(world, clients.clone()).await, Net::of(other, clients).await);
        for period in &PERIODS[..2] {
            one.release(period, |_| Some(5_000)).await;
            two.release(period, |at| if at % 2 == 0 { Some(0) } else { Some(10_000) }).await;
            let statuses = |published: std::collections::BTreeMap<String, Value>| -> Vec<(String, Value)> {
                published.into_iter().map(|(name, cohort)| (name, cohort["band"].clone())).collect()
            };
            let same = statuses(one.cohorts(period).await);
            assert!(!same.is_empty());
            assert_eq!(same, statuses(two.cohorts(period).await));
            assert_eq!(one.counted(period).await, two.counted(period).await);
        }
    }
}

scenario! {
    async fn one_more_shows_in_no_count(world: World) {
        let other = crate::kit::World::new(world.backend).await;
        let fewer = [of("A", 24, 6), of("B", 30, 6)].concat();
        let (one, two) = (Net::of(world, fewer).await, Net::of(other, [of("A", 25, 6), of("B", 30, 6)].concat()).await);
        for net in [&one, &two] {
            net.release(PERIODS[0], |_| Some(6_000)).await;
        }
        assert!(one.cohorts(PERIODS[0]).await.len() > 4);
        // totals, pages, bands, cost: all that head office gets
        for who in [Admin, Analyst] {
            let documents = [RELEASES, COHORTS];
            for document in documents {
                let texts = [&one, &two].map(|net| net.world.token(who));
                assert_eq!(one.ask(&texts[0], document, json!({})).await, two.ask(&texts[1], document, json!({})).await);
            }
        }
    }
}

scenario! {
    async fn what_is_not_told_looks_like_what_is_not_there(world: World) {
        let net = Net::of(world, [of("A", 12, 6), of("B", 24, 6)].concat()).await;
        net.release(PERIODS[0], spread).await;
        let document = format!(
            "query($id: ID!, $metric: Metric!, $period: String) {{ client(id: $id) {{
                benchmark(metric: $metric, period: $period) {{ {STANDING} }} }} }}"
        );
        let ask = async |token: &str, client: usize, metric: &str, period: Value| {
            let asked = json!({ "id": net.clients[client], "metric": metric, "period": period });
            net.ask(token, &document, asked).await
        };
        let sponsor = net.sponsor(0);
        let unknown = ask(&sponsor, 0, "ON_TIME_ACTIONS", json!("1999-Q1")).await;
        assert!(unknown.contains("\"benchmark\":null"), "{unknown}");
        for (metric, period) in [
            // not closed, no period at all, and a metric of which nothing could be published
            ("ON_TIME_ACTIONS", json!(PERIODS[1])),
            ("ON_TIME_ACTIONS", json!("' or 1=1 --")),
            ("AGREEMENT", json!(PERIODS[0])),
            ("AGREEMENT", Value::Null),
        ] {
            assert_eq!(ask(&sponsor, 0, metric, period).await, unknown);
        }
        // head office, which sees the client and not where it stands
        for who in [Admin, Analyst] {
            let token = net.world.token(who);
            let answer = ask(&token, 0, "ON_TIME_ACTIONS", json!(PERIODS[0])).await;
            assert_eq!(answer, ask(&token, 0, "ON_TIME_ACTIONS", json!("1999-Q1")).await);
            assert_eq!(answer, unknown);
        }
        // another client's people, and another network's
        for token in [net.sponsor(20), net.owner(3), net.world.token(Foreigner), net.world.token(Stranger)] {
            let answer = ask(&token, 0, "ON_TIME_ACTIONS", json!(PERIODS[0])).await;
            assert_eq!(answer, ask(&token, 0, "ON_TIME_ACTIONS", json!("1999-Q1")).await);
            assert!(answer.contains("\"client\":null"), "{answer}");
        }
        let foreign = net.world.read(Foreigner, "{ benchmarkReleases { totalCount } benchmarkCohorts { totalCount } }", json!({})).await;
        assert_eq!(foreign, json!({ "benchmarkReleases": { "totalCount": 0 }, "benchmarkCohorts": { "totalCount": 0 } }));
        for who in [Sponsor, Facilitator, Owner, Leader, Observer, Stranger] {
            let seen = net.world.read(who, "{ benchmarkCohorts { totalCount } benchmarkReleases(first: 1) { totalCount nodes { cohorts { totalCount } } } }", json!({})).await;
            // a list that a role never reads is null
            assert_eq!(seen["benchmarkCohorts"], Value::Null, "{who:?}");
            assert_eq!(seen["benchmarkReleases"], json!({ "totalCount": 10, "nodes": [{ "cohorts": null }] }), "{who:?}");
        }
    }
}

#[test]
fn nothing_can_be_filtered_or_left_out() {
    let allowed = ["metric", "period", "first", "last", "after", "before", "id"];
    let mut seen = 0;
    for parent in [
        "Query",
        "Client",
        "BenchmarkRelease",
        "BenchmarkCohort",
        "BenchmarkDimensions",
        "ClientBenchmark",
        "Network",
    ] {
        for field in sdl::fields(parent) {
            let ty = field.ty.inner_named_type().as_str();
            let published = ty.starts_with("BenchmarkRelease")
                || ty.starts_with("BenchmarkCohort")
                || ty.starts_with("ClientBenchmark");
            if published || parent.contains("Benchmark") {
                seen += 1;
                for argument in &field.arguments {
                    assert!(
                        allowed.contains(&argument.name.as_str()),
                        "{parent}.{}({})",
                        field.name,
                        argument.name
                    );
                }
            }
        }
    }
    assert!(seen > 30, "there is something to look at: {seen}");
    // there is no noise to be drawn again: differential privacy is left out, and nothing in the schema asks for it
    let words = sdl::schema().to_string().to_lowercase();
    for word in ["epsilon", "laplace", "privacybudget"] {
        assert!(!words.contains(word), "{word}");
    }
}

scenario! {
    async fn what_changes_after_a_release_moves_nothing(world: World) {
        let mut net = Net::of(world, [of("A", 24, 6), of("B", 24, 6)].concat()).await;
        net.release(PERIODS[0], spread).await;
        let viewers = [net.sponsor(0), net.owner(0), net.world.token(Analyst)];
        let mut before = vec![];
        for viewer in &viewers {
            before.push(net.answers_to(viewer, &PERIODS[..1]).await);
        }
        // its size, its consent, its being there; and who comes
        let owner = net.owner(1);
        for (mutation, input) in [
            ("ClientUpdate", json!({ "id": net.clients[1], "sizeBand": "LARGE" })),
            ("ClientArchive", json!({ "id": net.clients[7] })),
        ] {
            let name = format!("{}{}", mutation[..1].to_lowercase(), &mutation[1..]);
            let document = format!("mutation($input: {mutation}Input!) {{ {name}(input: $input) {{ errors {{ code }} }} }}");
            let done = net.ask(&owner, &document, json!({ "input": input })).await;
            assert!(done.contains("\"errors\":[]"), "{done}");
        }
        let withdraw = json!({ "input": { "clientId": net.clients[2] } });
        net.ask(&net.sponsor(2), "mutation($input: BenchmarkConsentWithdrawInput!) { benchmarkConsentWithdraw(input: $input) { errors { code } } }", withdraw).await;
        let seen = [net.world.token(Analyst)];
        let head_office = net.ask(&seen[0], COHORTS, json!({})).await;
        let write = net.write().await;
        net.come(&write, of("A", 3, 3)).await;
        write.commit_quietly().await.expect("newcomers");
        assert_eq!(net.ask(&seen[0], COHORTS, json!({})).await, head_office);
        assert!(before[2].contains(&head_office), "and that is what it was in the beginning");
        assert_eq!(net.benchmark(1, PERIODS[0]).await["cohort"]["sizeBand"], "MEDIUM", "it stood where it was then");
        // the next release takes it all in
        net.release(PERIODS[1], spread).await;
        let counted = net.counted(PERIODS[1]).await;
        assert!([1, 2, 7].iter().all(|gone| !counted.contains_key(gone)), "{counted:?}");
        net.classes(&PERIODS[..2]).await;
    }
}

scenario! {
    async fn what_the_verifier_finds_is_not_closed(world: World) {
        let net = Net::of(world, [of("A", 24, 6), of("B", 24, 6)].concat()).await;
        net.release(PERIODS[0], spread).await;
        net.release(PERIODS[1], spread).await;
        net.freeze(PERIODS[2], spread).await;
        // as no release would have it: one alone went from one atom to another
        let mut alone = vec![];
        for (period, depth) in [(PERIODS[0], 1), (PERIODS[1], 0)] {
            let row = net.rows(period).await.into_iter().find(|row| row.depth >= 1).expect("a cohort of an industry");
            alone.push(benchmark_counted::Model { pseudonym: "ab".repeat(row.pseudonym.len() / 2), depth, ..row });
        }
        let write = net.write().await;
        pour::<benchmark_counted::Entity>(&write, alone).await;
        write.commit_quietly().await.expect("a history at fault");
        let document = document("benchmarkReleaseClose", "");
        let answered = net.world.ask(Admin, &document, json!({ "input": { "period": PERIODS[2] } })).await;
        assert_eq!(answered.json["errors"][0]["extensions"]["code"], "INTERNAL", "{}", answered.text);
        let behind = net.world.home.behind().await;
        let closed = benchmark_release::Entity::find().filter(benchmark_release::Column::Period.eq(PERIODS[2]));
        assert_eq!(closed.all(&behind).await.expect("releases"), []);
        let published = benchmark_cohort::Entity::find().filter(benchmark_cohort::Column::Period.eq(PERIODS[2]));
        assert_eq!(published.all(&behind).await.expect("cohorts"), []);
    }
}

scenario! {
    async fn what_follows_from_another_metric_counts_the_same_clients(world: World) {
        let net = Net::of(world, [of("A", 24, 6), of("B", 24, 6)].concat()).await;
        // five have too little for one of the two: they would be shown by comparing the two
        let completion = |at: usize| -> Option<(i64, i64)> { Some((spread(at)?, 20)) };
        let churn = |at: usize| -> Option<(i64, i64)> {
            if at < 5 { Some((3_000, 9)) } else { Some((10_000 - spread(at)?, 20)) }
        };
        net.freeze_all(PERIODS[0], &[(Metric::PriorityCompletion, &completion), (Metric::PriorityChurn, &churn)]).await;
        net.close(PERIODS[0]).await;
        let (one, other) = (net.cohorts_of(PERIODS[0], "PRIORITY_COMPLETION").await, net.cohorts_of(PERIODS[0], "PRIORITY_CHURN").await);
        assert!(one.len() > 3, "{one:?}");
        assert_eq!(one.keys().collect::<Vec<_>>(), other.keys().collect::<Vec<_>>());
        for (name, cohort) in &one {
            assert_eq!(cohort["band"], other[name]["band"], "{name}");
        }
        assert_eq!((&other["the whole network"]["polarity"], &other["the whole network"]["band"]), (&json!("LOWER"), &json!("SCORE")));
        let units = other["the whole network"]["p50"].as_str().expect("a figure").to_owned();
        assert!(units.starts_with("0.") || units == "1", "a ratio: {units}");
        let rows = {
            let write = net.write().await;
            use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
            let family = entity::benchmark_release::Column::Family.eq(entity::metric_value::MetricFamily::Priorities);
            let release = write.one(entity::benchmark_release::Entity::find().filter(family)).await.expect("a look").expect("a release");
            let of = entity::benchmark_counted::Column::ReleaseId.eq(release.id);
            write.all(entity::benchmark_counted::Entity::find().filter(of)).await.expect("rows")
        };
        assert_eq!(rows.len(), 43);
        assert!((0..5).all(|poor| !rows.iter().any(|row| row.pseudonym == net.pseudonym(poor))));
    }
}

scenario! {
    async fn sizes_and_regions_narrow_a_cohort_down(world: World) {
        let mut clients = [of("A", 30, 6), of("A", 30, 6)].concat();
        clients.iter_mut().skip(30).for_each(|client| client.size = SizeBand::Large);
        clients.iter_mut().enumerate().for_each(|(at, client)| client.region = usize::from(at % 30 >= 15));
        let net = Net::of(world, clients).await;
        net.release(PERIODS[0], spread).await;
        let answer = net.benchmark(59, PERIODS[0]).await;
        assert_eq!(answer["cohort"], json!({ "level": 3, "industry": "A", "sizeBand": "LARGE", "regionCode": "TLM", "stageTitle": null,
            "name": "industry A, size large, region TLM", "label": "Agriculture, forestry and fishing, 250 to 999 people, TLM" }));
        assert_eq!(answer["status"], "PUBLISHED");
    }
}
