//! Legal groups between releases. A client's pseudonym is its own; its group says only who is counted for all of it, and a
//! franchise's says which franchises are one. So whoever renames a group changes nothing, and whoever swaps, takes over
//! or gathers groups makes clients leave and come, which they do in company or not at all.

use super::{
    Entry, Net, PERIODS, of,
    twins::{Story, alike, mate, story, swapped},
};
use crate::{
    kit::{Backend, Persona::*, World},
    scenario,
};
use serde_json::{Value, json};

/// Head office approves a client anew, as of another group.
async fn regroup(net: &Net, client: usize, group: &str) {
    let of = json!({ "clientId": net.clients[client] });
    net.world.done(Admin, "benchmarkApprovalWithdraw", of, "").await;
    let to = json!({ "clientId": net.clients[client], "legalGroup": group });
    let answer = net.world.done(Admin, "benchmarkApprovalGive", to, "client { legalGroup }").await;
    assert_eq!(answer["client"]["legalGroup"], group);
}

async fn rename(net: &Net, mutation: &str, id: Value, name: &str) {
    net.world.done(Admin, mutation, json!({ "id": id, "name": name }), "").await;
}

async fn release(net: &Net, story: &Story, at: usize) {
    net.release(PERIODS[at], |client| story[client][at]).await;
}

/// Two industries in six franchises.
fn clients() -> Vec<Entry> {
    [of("A", 30, 6), of("B", 24, 6)].concat()
}

scenario! {
    async fn names_are_nothing(world: World) {
        let (backend, history) = (world.backend, story(54, 4));
        let mut grouped = clients();
        grouped[7].group = Some("Seven");
        grouped[14].group = Some("Fourteen");
        let one = Net::of(world, grouped.clone()).await;
        let other = Net::of(World::new(backend).await, grouped).await;
        for (at, period) in PERIODS.iter().enumerate().take(4) {
            if at == 1 {
                // one gets a group, two exchange theirs, and two things get other names
                regroup(&one, 3, "Beech").await;
                regroup(&one, 7, "Fourteen and").await;
                regroup(&one, 14, "Seven").await;
                regroup(&one, 7, "Fourteen").await;
                rename(&one, "clientUpdate", json!(one.clients[5]), "Chestnut").await;
                rename(&one, "franchiseUpdate", json!(one.franchises[2]), "The second").await;
            }
            if at == 2 {
                regroup(&one, 3, "Birch").await;
                regroup(&one, 20, &format!("client:{}", one.clients[21].uuid())).await;
            }
            release(&one, &history, at).await;
            release(&other, &history, at).await;
            assert_eq!(one.counted(period).await.len(), 54, "nobody leaves for a name");
            assert_eq!(one.counted(period).await, other.counted(period).await);
        }
        rename(&one, "clientUpdate", json!(one.clients[5]), "Client 5").await;
        alike(&one, &other, &PERIODS[..4], &[]).await;
        for client in [3, 5, 7, 14, 20] {
            for period in &PERIODS[..4] {
                let answers = [one.benchmark(client, period).await, other.benchmark(client, period).await];
                assert_ne!(answers[0], Value::Null);
                assert_eq!(answers[0], answers[1], "{client} itself");
            }
        }
    }
}

/// A client leaves, and another that was not counted takes its group over and has this value.
async fn taken_over(world: World, value: i64) -> Net {
    let mut history = story(54, 3);
    history[24] = vec![None, Some(value), Some(value)];
    let mut entries = clients();
    entries[0].group = Some("Acorn");
    let net = Net::of(world, entries).await;
    release(&net, &history, 0).await;
    assert!(net.counted(PERIODS[0]).await.contains_key(&0));
    let withdraw = json!({ "input": { "clientId": net.clients[0] } });
    let document = "mutation($input: BenchmarkConsentWithdrawInput!) { benchmarkConsentWithdraw(input: $input) { errors { code } } }";
    net.ask(&net.sponsor(0), document, withdraw).await;
    regroup(&net, 24, "Acorn").await;
    release(&net, &history, 1).await;
    release(&net, &history, 2).await;
    net
}

scenario! {
    async fn who_takes_a_group_over_is_a_newcomer_and_waits(world: World) {
        let backend = world.backend;
        let (one, other) = (taken_over(world, 10_000).await, taken_over(World::new(backend).await, 0).await);
        let before = one.counted(PERIODS[0]).await;
        for period in &PERIODS[1..3] {
            let counted = one.counted(period).await;
            assert!(!counted.contains_key(&0) && !counted.contains_key(&24), "{counted:?}");
            assert!(counted.len() + 4 <= before.len(), "who left did not leave by itself: {}", counted.len());
        }
        one.classes(&PERIODS[..3]).await;
        // so whatever the one who took over has shows nowhere
        alike(&one, &other, &PERIODS[..3], &[24]).await;
    }
}

/// Two groups exchange a member: of "Acorn" one speaks and one is silent, "Beech" is one by itself.
async fn exchanged(backend: Backend, history: &Story) -> Net {
    let mut entries = clients();
    (entries[0].group, entries[24].group, entries[12].group) = (Some("Acorn"), Some("Acorn"), Some("Beech"));
    let net = Net::of(World::new(backend).await, entries).await;
    release(&net, history, 0).await;
    regroup(&net, 24, "Beech").await;
    regroup(&net, 12, "Acorn").await;
    release(&net, history, 1).await;
    release(&net, history, 2).await;
    net
}

scenario! {
    async fn groups_that_exchange_members_single_nobody_out(world: World) {
        let history = story(54, 3);
        let one = exchanged(world.backend, &history).await;
        let (before, after) = (one.counted(PERIODS[0]).await, one.counted(PERIODS[1]).await);
        assert!(before.contains_key(&0) && before.contains_key(&12) && !before.contains_key(&24), "{before:?}");
        assert!(after.contains_key(&0) || before.len() >= after.len() + 4, "the eldest goes on speaking, or keeps company");
        assert!(!after.contains_key(&12), "the eldest of Acorn speaks for it");
        assert!(!after.contains_key(&24), "it would be shown by itself");
        assert!(before.len() >= after.len() + 4, "{} then {}", before.len(), after.len());
        let classes = one.classes(&PERIODS[..3]).await;
        for target in [12, 0] {
            let mate = mate(&one, &classes, target);
            let other = exchanged(world.backend, &swapped(&history, target, mate)).await;
            alike(&one, &other, &PERIODS[..3], &[target, mate]).await;
        }
    }
}

scenario! {
    async fn gathering_all_others_in_one_group_isolates_nobody(world: World) {
        let history = story(54, 2);
        let net = Net::of(world, clients()).await;
        release(&net, &history, 0).await;
        // of the 30 of an industry all but the last are said to be one
        for client in 0..29 {
            regroup(&net, client, "All of them").await;
        }
        release(&net, &history, 1).await;
        let counted = net.counted(PERIODS[1]).await;
        assert!((1..30).all(|client| !counted.contains_key(&client)), "nor is the last one counted: {counted:?}");
        assert!(!net.cohorts(PERIODS[1]).await.keys().any(|name| name.contains("industry A")));
        net.classes(&PERIODS[..2]).await;
    }
}

/// Two of nine franchises exchange their owners.
async fn sold(backend: Backend, history: &Story) -> Net {
    let net = Net::of(World::new(backend).await, [of("A", 36, 9), of("B", 27, 9)].concat()).await;
    release(&net, history, 0).await;
    for (franchise, owners) in [(0, "Owners 1"), (1, "Owners 0")] {
        let input = json!({ "id": net.franchises[franchise], "legalGroup": owners });
        net.world.done(Admin, "franchiseUpdate", input, "").await;
    }
    for at in 1..5 {
        release(&net, history, at).await;
    }
    net
}

scenario! {
    async fn clients_of_franchises_that_exchange_owners_leave_together_and_come_back_later(world: World) {
        let history = story(63, 5);
        let one = sold(world.backend, &history).await;
        let theirs = |client: usize| one.entries[client].unit < 2;
        for period in &PERIODS[1..4] {
            let counted = one.counted(period).await;
            assert!(!counted.is_empty() && !counted.keys().any(|client| theirs(*client)), "{period}: {counted:?}");
        }
        let classes = one.classes(&PERIODS[..4]).await;
        let mate = mate(&one, &classes, 9);
        let other = sold(world.backend, &swapped(&history, 9, mate)).await;
        alike(&one, &other, &PERIODS[..4], &[9, mate]).await;
        one.classes(&PERIODS[1..5]).await;
    }
}
