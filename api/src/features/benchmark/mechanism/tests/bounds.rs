//! How many clients, facilitators and franchises a group needs.

use super::*;

fn holds(bound: Bound, counts: &[u32]) -> bool {
    let most = counts.iter().copied().max().unwrap_or(0);
    bound.holds(counts.iter().sum(), counts.iter().filter(|count| **count > 0).count() as u32, most)
}

#[test]
fn bounds_survive_disjoint_union_and_rho_implies_delta() {
    let mut rng = ChaCha20Rng::seed_from_u64(2);
    let mut both = 0;
    for _ in 0..20_000 {
        let mut set =
            || -> Vec<u32> { (0..8).map(|_| rng.random_range(0..=6) * rng.random_range(0..=1)).collect() };
        let (one, other) = (set(), set());
        let union: Vec<u32> = one.iter().zip(&other).map(|(a, b)| a + b).collect();
        for profile in Profile::ALL {
            for bound in [profile.rho(), profile.delta()] {
                if holds(bound, &one) && holds(bound, &other) {
                    both += 1;
                    assert!(holds(bound, &union), "{bound:?} of {one:?} and {other:?}");
                }
            }
            assert!(!holds(profile.rho(), &one) || holds(profile.delta(), &one), "{profile:?} of {one:?}");
        }
    }
    assert!(both > 1_000, "there was something to see");
}

#[test]
fn counting_by_unit() {
    let mut rng = ChaCha20Rng::seed_from_u64(3);
    let mut tally = Tally::new(6);
    for _ in 0..200 {
        tally.clear();
        let mut clients: Vec<u32> = vec![];
        for _ in 0..60 {
            if !clients.is_empty() && rng.random_range(0..5) < 2 {
                tally.take(clients.swap_remove(rng.random_range(0..clients.len())));
            } else {
                clients.push(rng.random_range(0..6));
                tally.add(clients[clients.len() - 1]);
            }
            let counts: Vec<u32> =
                (0..6).map(|unit| clients.iter().filter(|client| **client == unit).count() as u32).collect();
            for profile in Profile::ALL {
                for bound in [profile.rho(), profile.delta()] {
                    assert_eq!(tally.satisfies(bound), holds(bound, &counts), "{bound:?} of {counts:?}");
                }
            }
            assert_eq!(tally.is_empty(), clients.is_empty());
        }
    }
}

#[test]
fn profiles() {
    for (name, profile, counts, rho, delta) in [
        ("standard", Profile::Standard, &[4, 2, 2, 2, 2][..], true, true),
        ("antitrust", Profile::Antitrust, &[4, 2, 2, 2, 2], false, true),
        ("antitrust", Profile::Antitrust, &[3, 3, 2, 2, 2], true, true),
        ("standard", Profile::Standard, &[2, 1, 1], false, true),
        ("strict", Profile::Strict, &[2, 1, 1], false, false),
        ("strict", Profile::Strict, &[2, 2, 2], false, true),
        ("strict", Profile::Strict, &[3, 2, 1], false, false),
        ("standard", Profile::Standard, &[3, 1, 1], false, false),
        ("standard", Profile::Standard, &[2, 2], false, false),
    ] {
        assert_eq!(Profile::named(name), Some(profile));
        assert_eq!(
            (holds(profile.rho(), counts), holds(profile.delta(), counts)),
            (rho, delta),
            "{counts:?}"
        );
    }
    assert_eq!(Profile::named("lenient"), None);
}
