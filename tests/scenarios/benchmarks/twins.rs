//! Twin worlds: two that differ only in who is who. Whatever anyone outside the swapped clients' own tenants may get, of
//! all releases together, is the same to the byte; so nothing there says which of the two it is.

use super::{Net, PERIODS, of, spread};
use crate::kit::{Backend, Persona::*, World};
use crate::scenario;
use concord::{features::benchmark::forgetting::forget, kernel::RequestInfo};
use std::collections::BTreeSet;

/// What each client contributes in each of some periods.
pub type Story = Vec<Vec<Option<i64>>>;

/// A story in which everyone contributes something of their own in each period.
pub fn story(clients: usize, periods: usize) -> Story {
    let value = |client: usize, period: usize| Some((spread(client)? + 900 * period as i64) % 10_000);
    (0..clients).map(|client| (0..periods).map(|period| value(client, period)).collect()).collect()
}

/// Two clients exchange all their values, where both have one.
pub fn swapped(story: &Story, one: usize, other: usize) -> Story {
    let mut swapped = story.clone();
    for period in 0..story[one].len() {
        if let (Some(a), Some(b)) = (story[one][period], story[other][period]) {
            (swapped[one][period], swapped[other][period]) = (Some(b), Some(a));
        }
    }
    swapped
}

async fn lived(backend: Backend, clients: &[super::Entry], story: &Story) -> Net {
    let net = Net::of(World::new(backend).await, clients.to_vec()).await;
    live(&net, story).await;
    net
}

async fn live(net: &Net, story: &Story) {
    for (at, period) in PERIODS.iter().enumerate().take(story[0].len()) {
        net.release(period, |client| story[client][at]).await;
    }
}

/// What viewers outside some clients' own tenants get of two worlds, which must be the same.
pub async fn alike(one: &Net, other: &Net, periods: &[&str], but: &[usize]) {
    let tenants: BTreeSet<usize> = but.iter().map(|client| one.entries[*client].unit).collect();
    let units = one.entries.iter().map(|entry| entry.unit).collect::<BTreeSet<_>>();
    let mut viewers = vec![];
    for who in [Admin, Analyst, Stranger] {
        viewers.push([one.world.token(who), other.world.token(who)]);
    }
    for unit in units.into_iter().filter(|unit| !tenants.contains(unit)) {
        viewers.push([one.owner(unit), other.owner(unit)]);
    }
    for client in (0..one.clients.len()).filter(|client| !but.contains(client)).step_by(7) {
        viewers.push([one.sponsor(client), other.sponsor(client)]);
    }
    for [here, there] in viewers {
        assert_eq!(one.answers_to(&here, periods).await, other.answers_to(&there, periods).await);
    }
}

/// Somebody of the same class and another franchise.
pub fn mate(net: &Net, classes: &[BTreeSet<usize>], of: usize) -> usize {
    let class = classes.iter().find(|class| class.contains(&of)).expect("it was counted");
    let other = class.iter().find(|other| net.entries[**other].unit != net.entries[of].unit);
    *other.expect("a class has several franchises")
}

scenario! {
    async fn a_joiner_by_itself_changes_nothing(world: World) {
        let clients = [of("A", 25, 6), of("B", 24, 6)].concat();
        let mut with = story(49, 3);
        with[24][0] = None;
        with[24][1] = Some(10_000);
        with[24][2] = Some(10_000);
        let mut without = with.clone();
        without[24] = vec![None; 3];
        let backend = world.backend;
        let (one, other) = (lived(backend, &clients, &with).await, lived(backend, &clients, &without).await);
        assert!(!one.counted(PERIODS[2]).await.contains_key(&24), "it waits for others");
        assert!(one.counted(PERIODS[2]).await.len() == 48);
        alike(&one, &other, &PERIODS[..3], &[24]).await;
        one.classes(&PERIODS[..3]).await;
    }
}

scenario! {
    async fn who_joins_together_cannot_be_told_apart(world: World) {
        let clients = [of("A", 30, 6), of("B", 24, 6)].concat();
        let mut history = story(54, 3);
        (24..30).for_each(|joiner| history[joiner][0] = None);
        (0..6).for_each(|at| history[24 + at][1] = Some(10_000 - 100 * at as i64));
        let one = lived(world.backend, &clients, &history).await;
        let classes = one.classes(&PERIODS[..3]).await;
        assert!(one.counted(PERIODS[1]).await.contains_key(&24), "six of six franchises may join");
        let mate = mate(&one, &classes, 24);
        assert!((24..30).contains(&mate), "they are a class of their own: {classes:?}");
        let other = lived(world.backend, &clients, &swapped(&history, 24, mate)).await;
        alike(&one, &other, &PERIODS[..3], &[24, mate]).await;
        // and it would show, were they swapped with clients of another industry
        let elsewhere = (0..6).fold(history.clone(), |history, at| swapped(&history, 24 + at, 36 + at));
        let shows = lived(world.backend, &clients, &elsewhere).await;
        let viewers = [one.world.token(Analyst), shows.world.token(Analyst)];
        assert_ne!(one.answers_to(&viewers[0], &PERIODS[..3]).await, shows.answers_to(&viewers[1], &PERIODS[..3]).await);
    }
}

scenario! {
    async fn a_leaver_leaves_with_others(world: World) {
        let clients = [of("A", 30, 6), of("B", 24, 6)].concat();
        let mut history = story(54, 3);
        history[3] = vec![Some(10_000), None, None];
        let one = lived(world.backend, &clients, &history).await;
        let (before, after) = (one.counted(PERIODS[0]).await, one.counted(PERIODS[1]).await);
        let left: Vec<usize> = before.keys().filter(|client| !after.contains_key(client)).copied().collect();
        assert!(left.len() >= 4 && left.contains(&3), "{left:?}");
        let classes = one.classes(&PERIODS[..3]).await;
        let mate = mate(&one, &classes, 3);
        assert!(left.contains(&mate));
        let other = lived(world.backend, &clients, &swapped(&history, 3, mate)).await;
        alike(&one, &other, &PERIODS[..3], &[3, mate]).await;
    }
}

scenario! {
    async fn coming_and_going_singles_nobody_out(world: World) {
        let clients = [of("A", 30, 6), of("B", 24, 6)].concat();
        let mut history = story(54, 5);
        history[5] = vec![Some(10_000), None, Some(10_000), None, Some(10_000)];
        let one = lived(world.backend, &clients, &history).await;
        let mut tried = 0;
        for window in PERIODS[..5].windows(4) {
            let classes = one.classes(window).await;
            if !classes.iter().any(|class| class.contains(&5)) {
                continue;
            }
            tried += 1;
            let mate = mate(&one, &classes, 5);
            let other = lived(world.backend, &clients, &swapped(&history, 5, mate)).await;
            // the window's own releases; over more than four nothing is promised
            alike_within(&one, &other, window, &[5, mate]).await;
        }
        assert!(tried > 0, "it is shown in some window");
    }
}

/// The same for the cohorts of some periods alone.
async fn alike_within(one: &Net, other: &Net, periods: &[&str], but: &[usize]) {
    for period in periods {
        assert_eq!(one.cohorts(period).await, other.cohorts(period).await, "{period}");
        for client in (0..one.clients.len()).filter(|client| !but.contains(client)).step_by(5) {
            let answers = [one.benchmark(client, period).await, other.benchmark(client, period).await];
            assert_eq!(answers[0], answers[1], "{period} {client}");
        }
    }
}

scenario! {
    async fn three_releases_laid_over_each_other_single_nobody_out(world: World) {
        let clients = [of("A", 30, 6), of("B", 30, 6), of("C", 30, 6)].concat();
        let mut history = story(90, 4);
        // each release lacks another few
        for (period, gone) in [(1, [0, 31]), (2, [1, 62]), (3, [2, 33])] {
            gone.into_iter().for_each(|client| history[client][period] = None);
        }
        let one = lived(world.backend, &clients, &history).await;
        let classes = one.classes(&PERIODS[..4]).await;
        for target in [0, 1] {
            let mate = mate(&one, &classes, target);
            let other = lived(world.backend, &clients, &swapped(&history, target, mate)).await;
            alike(&one, &other, &PERIODS[..4], &[target, mate]).await;
        }
    }
}

scenario! {
    async fn who_works_with_some_learns_nothing_of_others(world: World) {
        let clients = of("A", 24, 6);
        let history = story(24, 1);
        let one = lived(world.backend, &clients, &history).await;
        // any two that are not hers: swap, and the owner of the first franchise sees the same
        for (a, b) in [(1, 2), (3, 10), (5, 23)] {
            let other = lived(world.backend, &clients, &swapped(&history, a, b)).await;
            let owner = [one.owner(0), other.owner(0)];
            assert_eq!(one.answers_to(&owner[0], &PERIODS[..1]).await, other.answers_to(&owner[1], &PERIODS[..1]).await);
        }
        assert_eq!(one.entries.iter().filter(|entry| entry.unit != 0).count(), 20, "so many others she faces");
    }
}

scenario! {
    async fn a_mover_looks_like_one_who_left(world: World) {
        let clients = [of("A", 24, 6), of("B", 24, 6)].concat();
        let mut gone = story(48, 4);
        (1..4).for_each(|period| gone[0][period] = None);
        let other = lived(world.backend, &clients, &gone).await;
        let stays = story(48, 4);
        let one = Net::of(World::new(world.backend).await, clients.to_vec()).await;
        one.release(PERIODS[0], |client| stays[client][0]).await;
        let to = serde_json::json!({ "input": { "id": one.clients[0], "industry": "B" } });
        one.ask(&one.owner(0), "mutation($input: ClientUpdateInput!) { clientUpdate(input: $input) { errors { code } } }", to).await;
        for (at, period) in PERIODS.iter().enumerate().take(4).skip(1) {
            one.release(period, |client| stays[client][at]).await;
        }
        alike(&one, &other, &PERIODS[..4], &[0]).await;
    }
}

scenario! {
    async fn erasure_restates_nothing_and_leaves_no_name(world: World) {
        let clients = [of("A", 24, 6), of("B", 24, 6)].concat();
        let history = story(48, 3);
        let net = Net::of(world, clients).await;
        for at in 0..2 {
            net.release(PERIODS[at], |client| history[client][at]).await;
        }
        let viewers = [net.world.token(Analyst), net.owner(1), net.sponsor(1)];
        let mut before = vec![];
        for viewer in &viewers {
            before.push(net.answers_to(viewer, &PERIODS[..2]).await);
        }
        let rows = [net.rows(PERIODS[0]).await.len(), net.rows(PERIODS[1]).await.len()];
        let mut write = net.write().await.with_verb("personErase", &RequestInfo::default());
        write.reach_all().await.expect("the network");
        let client = write.find::<entity::client::Entity>(net.clients[0]).await.expect("a look").expect("a client");
        forget(&write, &client).await.expect("forgotten");
        write.commit().await.expect("a commit");
        for (viewer, before) in viewers.iter().zip(&before) {
            assert_eq!(net.answers_to(viewer, &PERIODS[..2]).await, *before, "what was published stands");
        }
        let gone = net.pseudonym(0);
        let mut tombstones = BTreeSet::new();
        for (period, count) in PERIODS.iter().zip(rows) {
            let rows = net.rows(period).await;
            assert_eq!(rows.len(), count, "a count and a unit stay");
            assert!(rows.iter().all(|row| row.pseudonym != gone));
            let known: BTreeSet<String> = (0..48).map(|client| net.pseudonym(client)).collect();
            tombstones.extend(rows.into_iter().filter(|row| !known.contains(&row.pseudonym)).map(|row| row.pseudonym));
            assert_eq!(net.benchmark(0, period).await, serde_json::Value::Null, "its own values are gone");
        }
        assert_eq!(tombstones.len(), 1, "one name in all releases");
        // it is absent from now on, and takes others with it
        net.release(PERIODS[2], |client| if client == 0 { None } else { history[client][2] }).await;
        net.classes(&PERIODS[2..3]).await;
        assert!(!net.counted(PERIODS[2]).await.contains_key(&0));
        let others = net.counted(PERIODS[1]).await.len();
        assert!(net.counted(PERIODS[2]).await.len() <= others - 3, "three more at least left with it");
    }
}
