//! How many clients are in a published cohort after more releases than the window has.

use super::{
    rule::Profile,
    worlds::{Plan, World},
};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha20Rng;

/// For the network of each seed: how many clients contribute to the eighth release, and how many of them it counts if the
/// smallest published child is merged first and companions are taken in the HMAC order.
const SMALLEST_FIRST: [(usize, usize); 20] = [
    (126, 101),
    (331, 250),
    (145, 122),
    (324, 229),
    (322, 243),
    (327, 240),
    (276, 200),
    (132, 113),
    (261, 203),
    (122, 81),
    (223, 179),
    (421, 301),
    (289, 197),
    (176, 140),
    (240, 187),
    (392, 293),
    (309, 216),
    (194, 150),
    (398, 273),
    (425, 284),
];

/// Numbers of clients that contribute to the eighth release of a network, and that it counts.
fn eighth(seed: u64) -> (usize, usize) {
    let mut rng = ChaCha20Rng::seed_from_u64(seed);
    let plan = Plan {
        facilitators: rng.random_range(20..=60),
        clients: rng.random_range(100..=400),
        tree: [6, 3, 4],
        joins: 45,
        leaves: 30,
        returns: 0,
        moves: 20,
        passes: 0,
        erased: 0,
        skewed: false,
    };
    let mut world = World::new(plan, rng.random());
    for _ in 1..8 {
        let contributions = world.contributions();
        world.close(Profile::Standard, &contributions);
        world.pass();
    }
    let contributions = world.contributions();
    let release = world.close(Profile::Standard, &contributions);
    assert_eq!(world.verify(Profile::Standard), [], "seed {seed}");
    (contributions.len(), release.past.counted.len())
}

#[test]
fn four_of_five_clients_are_counted_and_in_no_network_fewer_than_the_smallest_first() {
    let mut shares = vec![];
    for (seed, (contribute, before)) in (0..).zip(SMALLEST_FIRST) {
        let (contributing, counted) = eighth(seed);
        assert_eq!(contributing, contribute, "seed {seed} is another network");
        assert!(counted >= before, "seed {seed}: {counted} of {contributing}, and {before} before");
        shares.push(counted * 1000 / contributing);
    }
    let mean = shares.iter().sum::<usize>() / shares.len();
    assert!(mean >= 800, "{mean} ‰ on average: {shares:?}");
}
