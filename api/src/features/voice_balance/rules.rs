//! Rules of the voice balance.

use crate::features::participant::rules::MIN_ANSWERS;
use entity::{Id, dot_ballot, dot_vote, person};
use std::collections::BTreeSet;

/// Number of sessions that are counted.
pub const SESSIONS: u64 = 4;
/// Step to which the balance is rounded, in per cent, so that one input more or less rarely shows.
pub const STEP: i64 = 10;

/// The people who voted, once for each vote. A ballot has a row for each option.
pub fn voters(ballots: &[dot_ballot::Model]) -> Vec<Id<person::Entity>> {
    let voted: BTreeSet<(Id<dot_vote::Entity>, Id<person::Entity>)> =
        ballots.iter().map(|ballot| (ballot.vote_id, ballot.person_id)).collect();
    voted.into_iter().map(|(_, person)| person).collect()
}

/// How many inputs each of these people gave. Inputs of others do not count.
pub fn count_inputs(people: &[Id<person::Entity>], given: &[Id<person::Entity>]) -> Vec<i64> {
    people.iter().map(|one| given.iter().filter(|other| *other == one).count() as i64).collect()
}

/// Voice balance in per cent: 1 − G*, rounded to [`STEP`]. `None` with fewer than five people, and if nothing was given.
///
/// G is the Gini coefficient: half the mean absolute difference of all pairs, relative to the mean (C. Gini, "Variabilità
/// e mutabilità", 1912). With n people it is (n − 1) / n at most, so G* = G · n / (n − 1) is 1 where one of them gave all
/// (G. Deltas, "The Small-Sample Bias of the Gini Coefficient", Review of Economics and Statistics 85, 2003).
pub fn voice_balance(counts: &[i64]) -> Option<i32> {
    let people = counts.len() as i64;
    let total: i64 = counts.iter().sum();
    if counts.len() < MIN_ANSWERS || total == 0 {
        return None;
    }
    let differences: i64 =
        counts.iter().flat_map(|one| counts.iter().map(move |other| (one - other).abs())).sum();
    // G = differences / (2 · n · total), so G* = differences / (2 · (n − 1) · total)
    let whole = 2 * (people - 1) * total;
    let parts = 100 * (whole - differences);
    // rounded to the nearest step, half a step up
    let steps = (2 * parts + STEP * whole) / (2 * STEP * whole);
    i32::try_from(steps * STEP).ok()
}
