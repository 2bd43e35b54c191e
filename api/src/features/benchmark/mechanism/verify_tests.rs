//! The verifier finds every fault that is planted in sound releases.

use super::{
    past::Past,
    pseudonym::{Pseudonym, Unit},
    rule::{Profile, WINDOW},
    tests::{Series, crowds},
    verify::{Sets, Violation, verify},
    worlds::{MILD, Plan, World, unit},
};
use std::collections::BTreeSet;

/// What it is called, what it does, and what finds it.
type Planted = (&'static str, fn(&mut Sets), fn(&Violation) -> bool);

/// What is done to the last of four sound releases, and what the verifier has to say of it. Its cohorts: 0 the root, 1
/// the industry, 2 and 3 its sizes.
const PLANTED: &[Planted] = &[
    ("one left alone", |sets| out(sets, 1), is_class),
    ("three left together", |sets| out(sets, 3), is_class),
    ("one is told further up: the class", |sets| up(sets, 1), is_class),
    ("one is told further up: the atom", |sets| up(sets, 1), is_atom),
    ("eleven are told further up", |sets| up(sets, 11), is_atom),
    ("one joined alone", |sets| join(sets), is_class),
    ("a cohort of eleven", |sets| shrink(sets, 11), is_atom),
    ("one facilitator has two thirds", |sets| merge_units(sets), is_atom),
    ("a member is missing above", |sets| missing(sets, 1), is_nesting),
    ("a member is missing at the root", |sets| missing(sets, 0), is_nesting),
    ("a member is in two places", |sets| copy_member(sets, 3), is_nesting),
    (
        "a member is there twice",
        |sets| copy_member(sets, 0),
        |found| matches!(found, Violation::Twice { .. }),
    ),
    (
        "a path is there twice",
        |sets| sets.published.extend_from_within(2..3),
        |found| matches!(found, Violation::Twice { .. }),
    ),
    (
        "nobody is in it",
        |sets| sets.published[3].members.clear(),
        |found| matches!(found, Violation::Empty { .. }),
    ),
    (
        "a member changed its unit",
        |sets| sets.published[2].members[0].1 = unit(99),
        |found| matches!(found, Violation::Units { .. }),
    ),
];

#[test]
fn the_verifier_finds_what_is_planted() {
    let clients = crowds(&[("a/s", &[5, 5, 5, 5, 5, 5]), ("a/m", &[5, 5, 5, 5, 5, 5])]);
    let mut series = Series::default();
    (0..4).for_each(|_| drop(series.close(&clients)));
    let sound = series.sets();
    let depths: Vec<usize> = sound[3].published.iter().map(|set| set.path.len()).collect();
    assert_eq!((verify(Profile::Standard, &sound), depths), (vec![], vec![0, 1, 2, 2]));
    for (what, plant, found) in PLANTED {
        let mut sets = sound.clone();
        plant(&mut sets[3]);
        let violations = verify(Profile::Standard, &sets);
        assert!(violations.iter().any(found), "{what}: {violations:?}");
        assert!(violations.iter().all(|violation| !violation.to_string().is_empty()));
    }
}

fn is_class(violation: &Violation) -> bool {
    matches!(violation, Violation::Class { .. })
}

fn is_atom(violation: &Violation) -> bool {
    matches!(violation, Violation::Atom { .. })
}

fn is_nesting(violation: &Violation) -> bool {
    matches!(violation, Violation::Nesting { .. })
}

/// Four of the six units turn out to be one.
fn merge_units(sets: &mut Sets) {
    let parts: BTreeSet<Unit> = (0..4).map(unit).collect();
    for member in sets.published.iter_mut().flat_map(|set| &mut set.members) {
        member.1 = if parts.contains(&member.1) { unit(0) } else { member.1 };
    }
}

/// The first of the third cohort is counted in another cohort as well.
fn copy_member(sets: &mut Sets, to: usize) {
    let member = sets.published[2].members[0];
    sets.published[to].members.push(member);
}

/// The first so many of the third cohort are counted nowhere.
fn out(sets: &mut Sets, count: usize) {
    let gone: Vec<_> = sets.published[2].members[..count].to_vec();
    sets.published.iter_mut().for_each(|set| set.members.retain(|member| !gone.contains(member)));
}

/// The first so many of the third cohort are counted only above it.
fn up(sets: &mut Sets, count: usize) {
    sets.published[2].members.drain(..count);
}

/// A cohort does not count somebody whom a cohort below it does.
fn missing(sets: &mut Sets, at: usize) {
    let below = sets.published[2].members[0];
    sets.published[at].members.retain(|member| *member != below);
}

fn join(sets: &mut Sets) {
    [0, 1, 2].into_iter().for_each(|at| sets.published[at].members.push((Pseudonym([9; 32]), unit(0))));
}

/// The third cohort counts so many, and nobody counts the others.
fn shrink(sets: &mut Sets, count: usize) {
    let gone = sets.published[2].members[count..].to_vec();
    sets.published.iter_mut().for_each(|set| set.members.retain(|member| !gone.contains(member)));
}

#[test]
fn whoever_is_changed_in_a_settled_network_is_found() {
    let plan = Plan { joins: 0, leaves: 0, ..MILD };
    let mut world = World::new(plan, 3);
    for _ in 0..WINDOW {
        let contributions = world.contributions();
        world.close(Profile::Standard, &contributions);
    }
    let sound: Vec<Sets> = world.history.iter().map(Past::sets).collect();
    assert_eq!(verify(Profile::Standard, &sound), []);
    for (member, _) in sound[0].published[0].members.iter().step_by(40) {
        for release in 0..WINDOW {
            let mut sets = sound.clone();
            sets[release]
                .published
                .iter_mut()
                .for_each(|set| set.members.retain(|(other, _)| other != member));
            assert_ne!(verify(Profile::Standard, &sets), [], "{member:?} in release {release}");
        }
    }
}
