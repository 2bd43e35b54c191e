//! Whole histories by chance: whatever joins, leaves, moves and is erased, the verifier finds nothing.

use super::{
    rule::Profile,
    worlds::{MILD, Plan, World},
};
use rand::{RngExt, SeedableRng, seq::SliceRandom};
use rand_chacha::ChaCha20Rng;

/// Histories of this many releases are run.
const RELEASES: usize = 12;

#[test]
fn the_verifier_finds_nothing_in_twenty_histories() {
    (0..20).for_each(history);
}

#[test]
#[ignore = "slow"]
fn the_verifier_finds_nothing_in_a_thousand_histories_and_five_hundred_small_ones() {
    (1_000..2_500).for_each(history);
}

#[test]
fn histories_are_of_20_to_200_facilitators_and_some_of_fewer() {
    let facilitators = |seeds: std::ops::Range<u64>| {
        let all: Vec<usize> = seeds.map(|seed| plan(seed).0.facilitators).collect();
        let large: Vec<usize> = all.iter().copied().filter(|count| *count >= 20).collect();
        (all.len() - large.len(), large.len(), large.iter().min().copied(), large.iter().max().copied())
    };
    assert_eq!(facilitators(1_000..2_500), (500, 1_000, Some(20), Some(200)));
}

fn plan(seed: u64) -> (Plan, Profile) {
    let mut rng = ChaCha20Rng::seed_from_u64(seed);
    // every third is a network barely large enough to tell anything
    let small = seed % 3 == 2;
    let plan = Plan {
        facilitators: if small { rng.random_range(5..=12) } else { rng.random_range(20..=200) },
        clients: if small { rng.random_range(12..=60) } else { rng.random_range(50..=900) },
        tree: [rng.random_range(1..=5), rng.random_range(1..=4), rng.random_range(1..=4)],
        joins: 10 * rng.random_range(0..=12),
        leaves: 10 * rng.random_range(0..=10),
        returns: 10 * rng.random_range(0..=60),
        moves: 10 * rng.random_range(0..=6),
        // in every fourth the first value passes, up to where nearly everyone's does
        passes: if seed % 4 == 3 { 10 * (1 + (seed * 7 % 80) as u32) } else { 0 },
        erased: 10 * rng.random_range(0..=3),
        skewed: rng.random(),
    };
    (plan, Profile::ALL[rng.random_range(0..3)])
}

fn history(seed: u64) {
    let (plan, profile) = plan(seed);
    let mut world = World::new(plan, seed);
    for number in 0..RELEASES {
        let contributions = world.contributions();
        let mut others = contributions.clone();
        others.shuffle(&mut world.rng);
        let shuffled = (number % 4 == 3).then(|| world.closed(profile, &others));
        others.iter_mut().for_each(|other| other.value = world.rng.random_range(0..=10_000));
        let revalued = (number % 4 == 3).then(|| world.closed(profile, &others));
        let release = world.close(profile, &contributions);

        let name = format!("seed {seed}, release {number}, {plan:?}, {profile:?}");
        assert_eq!(world.verify(profile), [], "{name}");
        assert_eq!(release.sets(), release.past.sets(), "{name}: the rows kept are what was published");
        if let Some(shuffled) = shuffled {
            assert_eq!(
                release.cohorts, shuffled.cohorts,
                "{name}: the order of contributions changes nothing"
            );
        }
        if let Some(revalued) = revalued {
            assert_eq!(release.sets(), revalued.sets(), "{name}: values decide nothing");
        }
        world.pass();
    }
}

/// How much of a network is told, on average over its releases.
#[derive(Default)]
struct Coverage {
    releases: usize,
    /// Releases that publish the root.
    roots: usize,
    /// Per cent of clients counted anywhere.
    anywhere: usize,
    /// Per cent of clients counted below the root.
    below: usize,
    cohorts: usize,
}

fn coverage(plan: Plan, profile: Profile, seeds: u64) -> Coverage {
    let mut sum = Coverage::default();
    for seed in 0..seeds {
        let mut world = World::new(plan, seed);
        for _ in 0..RELEASES {
            let contributions = world.contributions();
            let release = world.close(profile, &contributions);
            let percent = |depth| {
                let counted = release.past.counted.iter().filter(|counted| counted.depth >= depth);
                counted.count() * 100 / contributions.len()
            };
            sum.releases += 1;
            sum.roots += usize::from(release.cohorts.first().is_some_and(|cohort| cohort.path.is_empty()));
            sum.anywhere += percent(0);
            sum.below += percent(1);
            sum.cohorts += release.cohorts.len();
            world.pass();
        }
    }
    let Coverage { releases, roots, anywhere, below, cohorts } = sum;
    Coverage {
        releases,
        roots,
        anywhere: anywhere / releases,
        below: below / releases,
        cohorts: cohorts / releases,
    }
}

/// The mechanism has to be of use, not only safe.
#[test]
fn most_of_a_network_that_changes_little_is_told_below_the_root() {
    for skewed in [false, true] {
        let coverage = coverage(Plan { skewed, ..MILD }, Profile::Standard, 2);
        assert_eq!(coverage.roots, coverage.releases);
        assert!(coverage.below >= 75, "{} %", coverage.below);
        assert!(coverage.cohorts >= 15, "{} cohorts", coverage.cohorts);
    }
}

#[test]
#[ignore = "slow"]
fn coverage_by_profile_and_change() {
    let mut lines = String::from("profile, change, skewed: anywhere, below the root, cohorts, roots\n");
    for profile in Profile::ALL {
        for change in [0, 1, 2, 4, 8] {
            for skewed in [false, true] {
                let plan = Plan { leaves: 10 * change, joins: 10 * change, skewed, ..MILD };
                let Coverage { releases, roots, anywhere, below, cohorts } = coverage(plan, profile, 10);
                lines += &format!(
                    "{}, {change} %, {skewed}: {anywhere} %, {below} %, {cohorts}, {roots} of {releases}\n",
                    profile.name()
                );
            }
        }
    }
    eprintln!("{lines}");
}

#[test]
#[ignore = "slow"]
fn fifty_thousand_clients_are_closed_in_seconds() {
    for (change, skewed, tree) in [(2, false, [18, 4, 12]), (8, true, [18, 4, 12]), (4, true, [50, 10, 10])] {
        let plan = Plan {
            facilitators: 2_000,
            clients: 50_000,
            tree,
            joins: 10 * change,
            leaves: 10 * change,
            returns: 200,
            moves: 10,
            passes: 0,
            erased: 10,
            skewed,
        };
        let mut world = World::new(plan, 1);
        for _ in 0..6 {
            let contributions = world.contributions();
            let start = std::time::Instant::now();
            world.close(Profile::Standard, &contributions);
            let closed = start.elapsed();
            assert_eq!(world.verify(Profile::Standard), []);
            assert!(
                start.elapsed().as_secs() < 60,
                "closed in {closed:?}, verified in {:?}",
                start.elapsed()
            );
            eprintln!(
                "{} clients: closed in {closed:?}, and verified in {:?}",
                contributions.len(),
                start.elapsed()
            );
            world.pass();
        }
    }
}
