//! Taking part: consent and approval with their history, the policy, and how periods come to be closed.

use super::{Net, PERIODS, of, spread};
use crate::{
    kit::{Persona::*, assert_counts, verify_chains},
    scenario,
};
use concord::jobs;
use serde_json::{Value, json};

const PART: &str = "query($id: ID!) { client(id: $id) { legalGroup benchmarkConsent { kind person { name } }
    benchmarkApproval { kind } benchmarkSteps { totalCount nodes { kind } } } }";

scenario! {
    async fn a_sponsor_consents_and_head_office_approves(world: World) {
        let behind = world.home.behind().await;
        let client = json!({ "clientId": world.cast.client });
        let id = json!({ "id": world.cast.client });
        let before = world.read(Sponsor, PART, id.clone()).await;
        assert_eq!(before["client"]["benchmarkConsent"], Value::Null);
        assert_eq!(world.refused(Sponsor, "benchmarkConsentWithdraw", client.clone()).await, ("WRONG_STATE".into(), "input.clientId".into()));
        world.done(Sponsor, "benchmarkConsentGive", client.clone(), "client { id }").await;
        assert_eq!(world.refused(Sponsor, "benchmarkConsentGive", client.clone()).await.0, "WRONG_STATE");
        let approve = json!({ "clientId": world.cast.client, "legalGroup": "Acorn Holdings" });
        world.done(Admin, "benchmarkApprovalGive", approve, "client { legalGroup }").await;
        world.at("2026-03-03T09:00:00Z");
        world.done(Sponsor, "benchmarkConsentWithdraw", client.clone(), "").await;
        world.at("2026-03-04T09:00:00Z");
        world.done(Sponsor, "benchmarkConsentGive", client.clone(), "").await;
        world.done(Admin, "benchmarkApprovalWithdraw", client.clone(), "").await;
        for who in [Sponsor, Facilitator, Analyst] {
            let answer = world.read(who, PART, id.clone()).await["client"].clone();
            assert_eq!(answer["legalGroup"], "Acorn Holdings");
            assert_eq!(answer["benchmarkConsent"]["kind"], "CONSENT_GIVEN", "{who:?}");
            assert_eq!(answer["benchmarkConsent"]["person"]["name"], "Sponsor", "{who:?}");
            assert_eq!(answer["benchmarkApproval"], json!({ "kind": "APPROVAL_WITHDRAWN" }));
            let kinds: Vec<&str> = answer["benchmarkSteps"]["nodes"].as_array().into_iter().flatten().filter_map(|step| step["kind"].as_str()).collect();
            assert_eq!(kinds[3..], ["APPROVAL_GIVEN", "CONSENT_GIVEN"], "{answer}");
            assert_eq!(kinds.len(), 5);
        }
        verify_chains(&behind).await.expect("the chains hold");
        assert_counts(&behind).await;
    }
}

scenario! {
    async fn who_withdraws_is_not_counted_from_the_next_release_on(world: World) {
        let net = Net::of(world, [of("A", 24, 6), of("B", 24, 6)].concat()).await;
        net.release(PERIODS[0], spread).await;
        let answer = net.answers_to(&net.world.token(Analyst), &PERIODS[..1]).await;
        let withdraw = json!({ "input": { "clientId": net.clients[0] } });
        net.ask(&net.sponsor(0), "mutation($input: BenchmarkConsentWithdrawInput!) { benchmarkConsentWithdraw(input: $input) { errors { code } } }", withdraw).await;
        let disapprove = json!({ "clientId": net.clients[1] });
        net.world.done(Admin, "benchmarkApprovalWithdraw", disapprove, "").await;
        assert_eq!(net.answers_to(&net.world.token(Analyst), &PERIODS[..1]).await, answer, "past releases stand");
        net.release(PERIODS[1], spread).await;
        let counted = net.counted(PERIODS[1]).await;
        assert!(!counted.contains_key(&0) && !counted.contains_key(&1));
        assert!(counted.len() <= 44, "not they alone: {}", counted.len());
        net.classes(&PERIODS[..2]).await;
        // it still sees how it stands among the others
        assert_eq!(net.benchmark(0, PERIODS[1]).await["value"], "0.13");
    }
}

scenario! {
    async fn a_period_is_closed_once_in_order_and_when_it_is_time(world: World) {
        let net = Net::of(world, of("A", 24, 6)).await;
        let world = &net.world;
        for (period, code) in [("2026-Q1", "WRONG_STATE"), ("2025-Q5", "INVALID"), ("soon", "INVALID")] {
            assert_eq!(world.refused(Admin, "benchmarkReleaseClose", json!({ "period": period })).await, (code.into(), "input.period".into()));
        }
        let preview = json!({ "period": PERIODS[7] });
        net.freeze(PERIODS[7], spread).await;
        let selection = "families { family cohorts { path band } }";
        let before = world.app.kernel.writing_transactions();
        let shown = world.done(Admin, "benchmarkReleasePreview", preview.clone(), selection).await;
        let wrote = world.app.kernel.writing_transactions() - before;
        assert_eq!(wrote, 1, "it is looked at, and then noted that it was asked for");
        let actions = shown["families"].as_array().expect("families").iter().find(|family| family["family"] == "ACTIONS").expect("actions").clone();
        assert_eq!(actions["cohorts"][0], json!({ "path": [], "band": "SCORE" }));
        let nothing = world.read(Analyst, "{ benchmarkReleases { totalCount } }", json!({})).await;
        assert_eq!(nothing["benchmarkReleases"]["totalCount"], 0, "a preview closes nothing");
        net.close(PERIODS[7]).await;
        for period in [PERIODS[7], PERIODS[6]] {
            assert_eq!(world.refused(Admin, "benchmarkReleaseClose", json!({ "period": period })).await.0, "WRONG_STATE");
        }
        assert_eq!(world.refused(Admin, "benchmarkReleasePreview", preview).await.0, "WRONG_STATE");
        // a stricter profile comes later
        let policy = json!({ "profile": "ANTITRUST", "minimumClients": 20, "expectedVersion": 1 });
        let changed = world.done(Admin, "benchmarkPolicyUpdate", policy, "benchmarkPolicy { profile minimumClients guarantee version }").await;
        assert_eq!((&changed["benchmarkPolicy"]["profile"], &changed["benchmarkPolicy"]["version"]), (&json!("ANTITRUST"), &json!(2)));
        assert_eq!(world.refused(Admin, "benchmarkPolicyUpdate", json!({ "minimumClients": 4 })).await.1, "input.minimumClients");
        world.at("2026-05-15T09:00:00Z");
        assert_eq!(world.refused(Admin, "benchmarkReleaseClose", json!({ "period": "2026-Q1" })).await.0, "WRONG_STATE");
        let network = world.read(Leader, "{ network { benchmarkPolicy { profile minimumClients } } }", json!({})).await;
        assert_eq!(network["network"]["benchmarkPolicy"], json!({ "profile": "ANTITRUST", "minimumClients": 20 }));
    }
}

scenario! {
    async fn a_job_closes_what_is_due(world: World) {
        let net = Net::of(world, of("A", 24, 6)).await;
        net.freeze(PERIODS[7], spread).await;
        jobs::run_due_turns(&net.world.app).await.expect("the jobs");
        assert!(net.cohorts(PERIODS[7]).await.contains_key("the whole network"));
        let closed = async || net.world.read(Analyst, "{ benchmarkReleases { totalCount } }", json!({})).await["benchmarkReleases"]["totalCount"].clone();
        assert_eq!(closed().await, 10, "the latest period, for ten families");
        net.world.at("2026-04-30T09:00:00Z");
        jobs::run_due_turns(&net.world.app).await.expect("the jobs");
        assert_eq!(closed().await, 10, "not before its time");
        net.world.at("2026-05-01T09:00:00Z");
        jobs::run_due_turns(&net.world.app).await.expect("the jobs");
        assert_eq!(closed().await, 20);
        jobs::run_due_turns(&net.world.app).await.expect("the jobs");
        assert_eq!(closed().await, 20, "and once");
        let behind = net.world.home.behind().await;
        verify_chains(&behind).await.expect("the chains hold");
        assert_counts(&behind).await;
    }
}

scenario! {
    async fn nobody_changes_what_was_released(world: World) {
        use sea_orm::ConnectionTrait;
        let net = Net::of(world, of("A", 24, 6)).await;
        net.release(PERIODS[0], spread).await;
        let behind = net.world.home.behind().await;
        for sql in [
            "update benchmark_release set profile = 'strict'",
            "update benchmark_cohort set p50 = 5000",
            "update benchmark_standing set position = 'highest'",
            "update benchmark_counted set unit = 'another'",
            "update benchmark_counted set depth = 0, pseudonym = 'other' || pseudonym",
            "update benchmark_step set kind = 'consent_given'",
            "delete from benchmark_counted",
            "delete from benchmark_cohort",
            "delete from benchmark_release",
        ] {
            assert!(behind.execute_unprepared(sql).await.is_err(), "{sql}");
        }
    }
}
