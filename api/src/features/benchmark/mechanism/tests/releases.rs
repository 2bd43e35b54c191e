//! What releases publish, one after the other: joiners, leavers, movers and the erased.

use super::*;

#[test]
fn what_one_release_publishes() {
    let all = |size| table(&[("", size), ("a", size), ("a/s", size), ("a/s/n", size)]);
    for (what, crowds, expected) in [
        ("nobody", &[][..], table(NONE)),
        ("eleven", &[("a/s/n", &[3, 2, 2, 2, 2][..])], table(NONE)),
        ("twelve", &[("a/s/n", &[4, 2, 2, 2, 2])], all(12)),
        ("too few facilitators", &[("a/s/n", &[4, 3, 3, 2])], table(NONE)),
        ("six of fifteen", &[("a/s/n", &[6, 3, 2, 2, 2])], table(NONE)),
        ("five of fifteen", &[("a/s/n", &[5, 4, 2, 2, 2])], all(15)),
        ("more clients of more facilitators do not hide one", &[("a/s/n", &[20, 5, 5, 5, 5])], table(&[])),
        (
            "a parent is not told when what it has over its child is too small",
            &[("a/s/n", &[4, 2, 2, 2, 2]), ("a/s/m", &[1, 1, 1])],
            table(&[("", 15), ("a", 15), ("a/s", 15)]),
        ),
        (
            "the parent and both children",
            &[("a/s/n", &[4, 2, 2, 2, 2]), ("a/s/m", &[3, 3, 3, 3, 3])],
            table(&[("", 27), ("a", 27), ("a/s", 27), ("a/s/m", 15), ("a/s/n", 12)]),
        ),
        (
            "the smallest child is merged, and no other",
            &[("a/s/n", &[4, 2, 2, 2, 2]), ("a/s/m", &[3, 3, 3, 3, 3]), ("a/s/o", &[0, 1])],
            table(&[("", 28), ("a", 28), ("a/s", 28), ("a/s/m", 15)]),
        ),
        (
            "of equal children the first by key is merged",
            &[("a/s/n", &[4, 2, 2, 2, 2]), ("a/s/m", &[3, 3, 2, 2, 2]), ("a/s/o", &[1])],
            table(&[("", 25), ("a", 25), ("a/s", 25), ("a/s/n", 12)]),
        ),
        (
            "a child is merged with all that is published below it",
            &[("a/s", &[4, 2, 2, 2, 2]), ("b/s", &[3, 3, 3, 3, 3]), ("c/s", &[0, 1])],
            table(&[("", 28), ("b", 15), ("b/s", 15)]),
        ),
        (
            "children are restored when not even all of them suffice",
            &[("a/s/n", &[4, 2, 2, 2, 2]), ("a/s/o", &[20])],
            table(&[("a/s/n", 12)]),
        ),
        (
            "what a node cannot hold is held further up",
            &[("a/s/n", &[4, 2, 2, 2, 2]), ("a/s/o", &[9]), ("b/s/o", &[0, 5, 5, 5, 5])],
            table(&[("", 41), ("a/s/n", 12)]),
        ),
        (
            "small cells of one industry are told together",
            &[("a/s/n", &[2, 2]), ("a/m/n", &[0, 0, 2, 2]), ("a/l/o", &[0, 0, 0, 0, 4])],
            table(&[("", 12), ("a", 12)]),
        ),
    ] {
        assert_eq!(first(crowds), expected, "{what}");
    }
}

#[test]
fn shell_franchises_of_one_legal_group_are_one_unit() {
    let mut clients = crowd("a", &[4, 2, 2, 2, 2]);
    assert_eq!(published(&Series::default().close(&clients)).len(), 2);
    // the fifth franchise belongs to the fourth's group
    clients
        .iter_mut()
        .filter(|client| client.place.unit == unit(4))
        .for_each(|client| client.place.unit = unit(3));
    assert_eq!(published(&Series::default().close(&clients)), table(NONE));
}

/// Three children of a node that has a rest: which of them it takes in to be told.
#[test]
fn a_child_that_was_not_told_before_is_merged_first() {
    let (n, m) = (crowd("n", &[4, 2, 2, 2, 2]), crowd("m", &[3, 3, 3, 3, 3]));
    let mut series = Series::default();
    assert_eq!(published(&series.close(&n)), table(&[("", 12), ("n", 12)]));
    // both are there, and two more who need company: the smaller one stays, since it was told before
    let all = [n, m, crowd("o", &[2, 2, 1])].concat();
    assert_eq!(published(&series.close(&all)), table(&[("", 32), ("n", 12)]));
}

#[test]
fn a_joiner_waits_until_others_come() {
    let stable = crowd("a/s", &[3, 3, 3, 3, 3]);
    let joiners: Vec<Contribution> = (0..4).map(|number| one("a/s", 5 + number, 0)).collect();
    let mut series = Series::default();
    series.close(&stable);
    for joined in 1..=4 {
        let present = [&stable[..], &joiners[..joined]].concat();
        let release = series.close(&present);
        let size = if joined < 4 { 15 } else { 19 };
        assert_eq!(published(&release), table(&[("", size), ("a", size), ("a/s", size)]), "{joined} joined");
    }
}

/// Newcomers who are too few for a leaf are counted further up, with newcomers of other leaves.
#[test]
fn joiners_enter_where_they_are_enough() {
    let stable = crowds(&[("a/s", &[3, 3, 3, 3, 3]), ("a/m", &[3, 3, 3, 3, 3])]);
    let mut series = Series::default();
    series.close(&stable);
    let joiners: Vec<Contribution> =
        (0..12).map(|number| one(["a/s", "a/m"][number % 2], number, 9)).collect();
    // six of six units in each leaf: enough for either leaf
    let release = series.close(&[&stable[..], &joiners[..]].concat());
    assert_eq!(published(&release), table(&[("", 42), ("a", 42), ("a/m", 21), ("a/s", 21)]));

    let mut series = Series::default();
    let leaves = ["a/s", "a/m", "a/l", "a/x", "b/s"];
    let stable: Vec<Contribution> = leaves.iter().flat_map(|leaf| crowd(leaf, &[3, 3, 3, 3, 3])).collect();
    series.close(&stable);
    // three in each of four leaves of one industry: enough for the industry only
    let joiners: Vec<Contribution> = (0..12).map(|number| one(leaves[number % 4], number, 9)).collect();
    let release = series.close(&[&stable[..], &joiners[..]].concat());
    let sizes: BTreeMap<String, usize> = published(&release).into_iter().collect();
    assert_eq!((sizes["a"], sizes["a/s"], sizes["b"], sizes[""]), (72, 15, 15, 87));
    assert!(joiners.iter().all(|joiner| counts(&release, joiner).as_deref() == Some("a")));
}

#[test]
fn a_leaver_takes_companions_along() {
    let clients = crowd("a", &[5, 5, 5, 5, 5, 5]);
    let mut series = Series::default();
    assert_eq!(published(&series.close(&clients)), table(&[("", 30), ("a", 30)]));
    let release = series.close(&clients[1..]);
    let gone: Vec<&Contribution> =
        clients.iter().filter(|client| counts(&release, client).is_none()).collect();
    let units: BTreeSet<Unit> = gone.iter().map(|client| client.place.unit).collect();
    assert!((4..12).contains(&gone.len()) && units.len() >= 3, "{} gone", gone.len());
    // they come back in the order they like: together, or once nobody remembers
    let release = series.close(&clients);
    assert_eq!(published(&release), table(&[("", 30), ("a", 30)]));
}

#[test]
fn companions_are_chosen_by_the_releases_key() {
    let clients = crowd("a", &[5, 5, 5, 5, 5, 5]);
    let mut series = Series::default();
    series.close(&clients);
    let gone = |key: &[u8]| -> Vec<Pseudonym> {
        let closing = Closing {
            key,
            profile: Profile::Standard,
            contributions: &clients[1..],
            fleeting: 0,
            window: &series.history,
        };
        let release = close(&closing).expect("a release");
        let gone = clients.iter().filter(|client| counts(&release, client).is_none());
        gone.map(|client| client.place.pseudonym).collect()
    };
    assert_eq!(gone(b"one"), gone(b"one"));
    let keys: BTreeSet<Vec<Pseudonym>> = (0..20_u8).map(|key| gone(&[key])).collect();
    assert!(keys.len() > 10, "{} choices", keys.len());
}

#[test]
fn what_would_remain_too_small_leaves_as_a_whole() {
    // sixteen of which thirteen go: the three who stay could be told apart by subtraction
    let clients = crowds(&[("a", &[4, 4, 4, 4, 4]), ("b", &[4, 4, 4, 4, 4])]);
    let mut series = Series::default();
    series.close(&clients);
    let release = series.close(&clients[17..]);
    assert_eq!(published(&release), table(&[("", 20), ("b", 20)]));
    // and later, when nobody remembers them, they are newcomers
    for _ in 0..2 {
        assert_eq!(published(&series.close(&clients)), table(&[("", 40), ("a", 20), ("b", 20)]));
    }
}

#[test]
fn flipping_in_and_out_shows_nobody() {
    let clients = crowd("a", &[6, 6, 6, 6, 6, 6]);
    let mut series = Series::default();
    for number in 0..12 {
        let present = if number % 2 == 0 { &clients[..] } else { &clients[1..] };
        let release = series.close(present);
        assert!(!release.cohorts.is_empty(), "release {number}");
    }
}

#[test]
fn who_goes_on_to_the_next_stage_is_counted_there_with_the_others() {
    let mut clients = crowds(&[("plan/a", &[4; 6]), ("execute/a", &[4; 6])]);
    let at_the_first: Vec<usize> = (0..24).collect();
    for (fleeting, counted_there) in [(1, 6), (0, 0)] {
        let mut series = Series { fleeting, ..Series::default() };
        series.close(&clients);
        // one of each franchise goes on, and later one alone
        let mut later = clients.clone();
        for client in at_the_first.iter().step_by(4) {
            later[*client].place.path[0] = "execute".into();
        }
        let release = series.close(&later);
        let gone_on = later[..24].iter().step_by(4);
        let there =
            gone_on.filter(|client| counts(&release, client).is_some_and(|node| node.starts_with("execute")));
        assert_eq!(there.count(), counted_there, "{fleeting}: {:?}", published(&release));
        later[1].place.path[0] = "execute".into();
        let release = series.close(&later);
        assert!(counts(&release, &later[1]).is_none_or(|node| node.is_empty()), "alone it would be told");
    }
    // in the other values one is a mover as ever
    let mut series = Series { fleeting: 1, ..Series::default() };
    series.close(&clients);
    clients[0].place.path[1] = "b".into();
    assert_eq!(counts(&series.close(&clients), &clients[0]), None);
}

#[test]
fn a_mover_is_in_neither_place_until_forgotten_and_batched() {
    let clients = crowds(&[("a/s", &[6, 6, 6, 6, 6, 6]), ("a/m", &[6, 6, 6, 6, 6, 6])]);
    for change in [
        |place: &mut Place| place.path = vec!["a".into(), "m".into()],
        |place: &mut Place| place.unit = unit(20),
    ] {
        let mut moved = clients.clone();
        change(&mut moved[0].place);
        let mut series = Series::default();
        series.close(&clients);
        series.close(&clients);
        for number in 0..WINDOW - 1 {
            let release = series.close(&moved);
            assert_eq!(counts(&release, &moved[0]), None, "release {number} after the move");
        }
        // the window has forgotten the mover, who is a newcomer like any other
        let path = moved[0].place.path.join("/");
        let others: Vec<Contribution> = (0..4).map(|number| one(&path, number, 77)).collect();
        let release = series.close(&[&moved[..], &others[..]].concat());
        assert_eq!(counts(&release, &moved[0]), Some(path));
    }
}

#[test]
fn three_releases_together_set_nobody_apart() {
    // one joins, then another leaves, then a third moves: no two releases need to tell, but three might
    let stable = crowds(&[("a/s", &[5, 5, 5, 5, 5, 5]), ("a/m", &[5, 5, 5, 5, 5, 5])]);
    for seed in 0..40 {
        let mut rng = ChaCha20Rng::seed_from_u64(seed);
        let mut clients = stable.clone();
        let mut series = Series::default();
        series.close(&clients);
        for number in 0..6 {
            match rng.random_range(0..3) {
                0 => clients.push(one("a/s", rng.random_range(0..9), 100 + number)),
                1 => drop(clients.swap_remove(rng.random_range(0..clients.len()))),
                _ => {
                    let mover = rng.random_range(0..clients.len());
                    clients[mover].place.path = vec!["a".into(), "m".into()];
                }
            }
            series.close(&clients);
        }
    }
}

#[test]
fn the_erased_leave_like_anyone_else() {
    let clients = crowd("a", &[5, 5, 5, 5, 5, 5]);
    let mut series = Series::default();
    series.close(&clients);
    series.close(&clients);
    for past in &mut series.history {
        let row = past.counted.iter_mut().find(|row| row.place.pseudonym == clients[0].place.pseudonym);
        let row = row.expect("the first client");
        row.place = Place { pseudonym: Pseudonym([7; 32]), path: row.node().to_vec(), ..row.place.clone() };
    }
    let release = series.close(&clients[1..]);
    assert!((18..=26).contains(&release.past.counted.len()));
}

#[test]
fn every_member_is_answered_alike() {
    let clients = crowds(&[("a/s", &[4, 2, 2, 2, 2]), ("a/m", &[1, 1, 1])]);
    let release = Series::default().close(&clients);
    let told: BTreeSet<&[String]> = release.cohorts.iter().map(|cohort| &cohort.path[..]).collect();
    let answers: BTreeSet<&[String]> = clients
        .iter()
        .map(|client| answering(&client.place.path, |path| told.contains(path)).expect("a cohort"))
        .collect();
    assert_eq!(answers, BTreeSet::from([&["a".to_owned()][..]]));
    assert_eq!(answering(&["z".into()], |path| told.contains(path)), Some(&[][..]));
    assert_eq!(answering(&["z".into()], |_| false), None);
}

/// Gives the values of each group of clients to the others of the group, by chance.
fn permute(clients: &mut [Contribution], groups: &BTreeMap<Vec<Option<String>>, Vec<Pseudonym>>, seed: u64) {
    let values: BTreeMap<Pseudonym, u16> =
        clients.iter().map(|client| (client.place.pseudonym, client.value)).collect();
    let mut takes = BTreeMap::new();
    for (number, group) in groups.values().enumerate() {
        // the same permutation in each release, so that whole trajectories change hands
        let mut rng = ChaCha20Rng::seed_from_u64(seed + number as u64);
        let mut from = group.clone();
        from.shuffle(&mut rng);
        takes.extend(group.iter().copied().zip(from));
    }
    for client in clients {
        let from = takes.get(&client.place.pseudonym).and_then(|from| values.get(from));
        client.value = from.copied().unwrap_or(client.value);
    }
}

/// What is guaranteed: a release tells nothing that permuting values inside an atom changes, and four in a row nothing
/// that permuting trajectories inside a class changes.
#[test]
fn trajectories_of_a_class_can_be_permuted_unnoticed() {
    let plan = Plan { moves: 10, erased: 0, ..MILD };
    let mut world = World::new(plan, 5);
    let mut inputs = vec![];
    let mut releases = vec![];
    for _ in 0..8 {
        inputs.push(world.contributions());
        releases.push(world.close(Profile::Standard, inputs.last().expect("the last")));
        world.pass();
    }
    for from in 0..=releases.len() - WINDOW {
        let window = from..from + WINDOW;
        let mut classes: BTreeMap<Pseudonym, Vec<Option<String>>> = BTreeMap::new();
        for (at, release) in releases[window.clone()].iter().enumerate() {
            for counted in &release.past.counted {
                let class = classes.entry(counted.place.pseudonym).or_insert_with(|| vec![None; WINDOW]);
                class[at] = Some(format!("/{}", counted.node().join("/")));
            }
        }
        let mut groups: BTreeMap<Vec<Option<String>>, Vec<Pseudonym>> = BTreeMap::new();
        for (client, class) in classes {
            groups.entry(class).or_default().push(client);
        }
        for at in window {
            let mut twin = inputs[at].clone();
            permute(&mut twin, &groups, 40);
            assert!(twin.iter().zip(&inputs[at]).any(|(twin, client)| twin.value != client.value));
            let key = keyed(b"world", b"release", &at.to_be_bytes());
            let window = &world.history[at.saturating_sub(WINDOW - 1)..at];
            let closing =
                Closing { key: &key, profile: Profile::Standard, contributions: &twin, fleeting: 0, window };
            assert_eq!(close(&closing).expect("a release").cohorts, releases[at].cohorts);
        }
    }
}

#[test]
fn no_release_is_closed_from_faulty_input() {
    let sound = crowd("a/s", &[4, 2, 2, 2, 2]);
    let who = sound[0].place.pseudonym;
    let window = vec![Series::default().close(&sound).past];
    let fault = |change: &dyn Fn(&mut Vec<Contribution>, &mut Vec<Past>)| {
        let (mut contributions, mut window) = (sound.clone(), window.clone());
        change(&mut contributions, &mut window);
        let closing = Closing {
            key: b"key",
            profile: Profile::Standard,
            contributions: &contributions,
            fleeting: 0,
            window: &window,
        };
        close(&closing).err()
    };
    assert_eq!(fault(&|_, _| {}), None);
    assert_eq!(fault(&|clients, _| clients.push(clients[0].clone())), Some(Fault::Twice(who)));
    assert_eq!(fault(&|clients, _| clients[0].value = 10_001), Some(Fault::Value(who)));
    let short = sound[1].place.pseudonym;
    assert_eq!(fault(&|clients, _| drop(clients[1].place.path.pop())), Some(Fault::Length(short)));
    assert_eq!(fault(&|_, window| *window = vec![window[0].clone(); WINDOW]), Some(Fault::Window));
    let row = window[0].counted[0].clone();
    let twice = Some(Fault::Twice(row.place.pseudonym));
    assert_eq!(fault(&|_, window| window[0].counted.push(row.clone())), twice);
    let two = |_: &mut Vec<Contribution>, window: &mut Vec<Past>| {
        window.push(window[0].clone());
        window[1].counted[0].place.unit = unit(50);
    };
    assert_eq!(fault(&two), Some(Fault::Units(row.place.pseudonym)));
}
