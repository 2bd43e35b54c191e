//! Tables of cases, worked out by hand.

mod bounds;
mod figures;
mod releases;

use super::{
    past::{Closing, Contribution, Counted, Past, Place},
    position::{Quartile, answering},
    pseudonym::{Pseudonym, Unit, keyed},
    quantile::{Band, Figures, quantile, shown},
    release::{Fault, Release, close},
    rule::{Bound, Profile, WINDOW},
    tally::Tally,
    verify::{Sets, verify},
    worlds::{MILD, Plan, World, unit},
};
use rand::{RngExt, SeedableRng, seq::SliceRandom};
use rand_chacha::ChaCha20Rng;
use std::collections::{BTreeMap, BTreeSet};

/// Clients at a path, so many of each unit.
fn crowd(path: &str, counts: &[usize]) -> Vec<Contribution> {
    let of = |(unit, count): (usize, &usize)| (0..*count).map(move |number| one(path, unit, number));
    counts.iter().enumerate().flat_map(of).collect()
}

fn one(path: &str, facilitator: usize, number: usize) -> Contribution {
    let pseudonym = Pseudonym::of(b"test", format!("{path}/{facilitator}/{number}").as_bytes());
    let value = u16::from_be_bytes([pseudonym.0[0], pseudonym.0[1]]) % 10_001;
    let path = path.split('/').map(str::to_owned).collect();
    Contribution { place: Place { pseudonym, unit: unit(facilitator), path }, value }
}

pub(super) fn crowds(all: &[(&str, &[usize])]) -> Vec<Contribution> {
    all.iter().flat_map(|(path, counts)| crowd(path, counts)).collect()
}

/// Releases one after the other, each verified.
#[derive(Default)]
pub(super) struct Series {
    history: Vec<Past>,
    profile: Option<Profile>,
    fleeting: usize,
}

impl Series {
    pub(super) fn close(&mut self, contributions: &[Contribution]) -> Release {
        let profile = self.profile.unwrap_or(Profile::Standard);
        let window = &self.history[self.history.len().saturating_sub(WINDOW - 1)..];
        let key = keyed(b"test", b"release", &self.history.len().to_be_bytes());
        let release = close(&Closing { key: &key, profile, contributions, fleeting: self.fleeting, window })
            .expect("a release");
        self.history.push(release.past.clone());
        assert_eq!(verify(profile, &self.sets()), []);
        release
    }
    /// The published sets of the window.
    pub(super) fn sets(&self) -> Vec<Sets> {
        self.history[self.history.len().saturating_sub(WINDOW)..].iter().map(Past::sets).collect()
    }
}

/// Path and size of each published cohort.
fn published(release: &Release) -> Vec<(String, usize)> {
    release.cohorts.iter().map(|cohort| (cohort.path.join("/"), cohort.members.len())).collect()
}

fn counts(release: &Release, client: &Contribution) -> Option<String> {
    let of = |counted: &&Counted| counted.place.pseudonym == client.place.pseudonym;
    release.past.counted.iter().find(of).map(|counted| counted.node().join("/"))
}

/// What one release publishes of clients who were never counted before.
fn first(all: &[(&str, &[usize])]) -> Vec<(String, usize)> {
    published(&Series::default().close(&crowds(all)))
}

fn table(rows: &[(&str, usize)]) -> Vec<(String, usize)> {
    rows.iter().map(|(path, size)| ((*path).to_owned(), *size)).collect()
}

const NONE: &[(&str, usize)] = &[];
