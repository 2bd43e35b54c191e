//! The verifier: computes from the published sets alone what their comparison shows.
//!
//! It shares only the numbers of the profile with the code that makes the sets, so that no mistake is in both.

use super::{
    pseudonym::{Pseudonym, Unit},
    rule::{Bound, Profile},
};
use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
};

/// All that a release published.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sets {
    pub published: Vec<Published>,
}

/// A published cohort: the clients that it counts, with their units.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Published {
    pub path: Vec<String>,
    pub members: Vec<(Pseudonym, Unit)>,
}

/// A rule that published sets break. Releases are numbered in the given order, from 0.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Violation {
    /// A path is published twice, or a set names a client twice.
    Twice { release: usize, path: Vec<String> },
    /// A cohort counts no client.
    Empty { release: usize, path: Vec<String> },
    /// A client of a cohort is missing from a published cohort above it, or is also in another branch.
    Nesting { release: usize, path: Vec<String> },
    /// A client is of two units.
    Units { release: usize, path: Vec<String> },
    /// The clients of a cohort that are in no published cohort below it do not satisfy ρ.
    Atom { release: usize, path: Vec<String>, clients: usize },
    /// The clients with the same atoms in all releases do not satisfy ρΔ. `atoms` has their atom in each release; none
    /// is ⊥.
    Class { atoms: Vec<Option<Vec<String>>>, clients: usize },
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Violation::Twice { release, path } => {
                write!(f, "release {release}: {path:?} has something twice")
            }
            Violation::Empty { release, path } => write!(f, "release {release}: {path:?} is empty"),
            Violation::Nesting { release, path } => {
                write!(
                    f,
                    "release {release}: {path:?} counts a client that is not in just the cohorts above it"
                )
            }
            Violation::Units { release, path } => {
                write!(f, "release {release}: {path:?} has a client whose unit is another elsewhere")
            }
            Violation::Atom { release, path, clients } => {
                write!(
                    f,
                    "release {release}: the {clients} clients of {path:?} not published below it fail ρ"
                )
            }
            Violation::Class { atoms, clients } => {
                write!(f, "the {clients} clients whose atoms are {atoms:?} fail ρΔ")
            }
        }
    }
}

/// All violations in the published sets of a window of releases, oldest first.
pub fn verify(profile: Profile, releases: &[Sets]) -> Vec<Violation> {
    let mut found = vec![];
    let mut units: BTreeMap<Pseudonym, Unit> = BTreeMap::new();
    let mut classes: BTreeMap<Pseudonym, Vec<Option<&[String]>>> = BTreeMap::new();
    for (release, sets) in releases.iter().enumerate() {
        shape(release, sets, &mut units, &mut found);
        for (client, path) in atoms(release, sets, profile.rho(), &mut found) {
            classes.entry(client).or_insert_with(|| vec![None; releases.len()])[release] = Some(path);
        }
    }
    let mut together: BTreeMap<Vec<Option<&[String]>>, Vec<Unit>> = BTreeMap::new();
    for (client, class) in classes {
        together.entry(class).or_default().push(units[&client]);
    }
    for (class, units) in together {
        if !satisfies(&units, profile.delta()) {
            let atoms = class.into_iter().map(|atom| atom.map(<[String]>::to_vec)).collect();
            found.push(Violation::Class { atoms, clients: units.len() });
        }
    }
    found
}

/// Checks each set by itself.
fn shape(release: usize, sets: &Sets, units: &mut BTreeMap<Pseudonym, Unit>, found: &mut Vec<Violation>) {
    let mut paths = BTreeSet::new();
    for Published { path, members } in &sets.published {
        let distinct: BTreeSet<&Pseudonym> = members.iter().map(|(client, _)| client).collect();
        if !paths.insert(path) || distinct.len() < members.len() {
            found.push(Violation::Twice { release, path: path.clone() });
        }
        if members.is_empty() {
            found.push(Violation::Empty { release, path: path.clone() });
        }
        let other = |(client, unit): &(Pseudonym, Unit)| *units.entry(*client).or_insert(*unit) != *unit;
        if members.iter().any(other) {
            found.push(Violation::Units { release, path: path.clone() });
        }
    }
}

/// The deepest cohort of each client. Checks the atom of each cohort against ρ.
fn atoms<'a>(
    release: usize,
    sets: &'a Sets,
    rho: Bound,
    found: &mut Vec<Violation>,
) -> BTreeMap<Pseudonym, &'a [String]> {
    let mut deepest_first: Vec<&Published> = sets.published.iter().collect();
    deepest_first.sort_by(|a, b| b.path.len().cmp(&a.path.len()).then_with(|| a.path.cmp(&b.path)));
    let mut atoms: BTreeMap<Pseudonym, &[String]> = BTreeMap::new();
    for (at, cohort) in deepest_first.iter().enumerate() {
        let mut rest = vec![];
        let mut nested = true;
        for (client, unit) in &cohort.members {
            match atoms.get(client) {
                None => rest.push((*client, *unit)),
                Some(below) => nested &= below.starts_with(&cohort.path),
            }
        }
        // a cohort contains every published cohort below it
        let members: BTreeSet<&Pseudonym> = cohort.members.iter().map(|(client, _)| client).collect();
        let below = deepest_first[..at].iter().filter(|below| below.path.starts_with(&cohort.path));
        nested &= below.flat_map(|below| &below.members).all(|(client, _)| members.contains(client));
        if !nested {
            found.push(Violation::Nesting { release, path: cohort.path.clone() });
        }
        let units: Vec<Unit> = rest.iter().map(|(_, unit)| *unit).collect();
        if !units.is_empty() && !satisfies(&units, rho) {
            found.push(Violation::Atom { release, path: cohort.path.clone(), clients: units.len() });
        }
        atoms.extend(rest.into_iter().map(|(client, _)| (client, &cohort.path[..])));
    }
    atoms
}

/// Whether clients of these units satisfy a bound. Independent of `Tally`: it counts by sorting.
fn satisfies(units: &[Unit], bound: Bound) -> bool {
    let mut units = units.to_vec();
    units.sort_unstable();
    let runs: Vec<usize> = units.chunk_by(|a, b| a == b).map(<[Unit]>::len).collect();
    let most = runs.iter().copied().max().unwrap_or(0);
    units.len() >= bound.clients as usize
        && runs.len() >= bound.units as usize
        && most * bound.one_in as usize <= units.len()
}
