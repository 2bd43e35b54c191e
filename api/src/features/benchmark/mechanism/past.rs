//! The input of a release: contributions, and the releases before it.

use super::{
    pseudonym::{Pseudonym, Unit},
    rule::Profile,
    tree::{Path, Tree},
    verify::{Published, Sets},
};

/// A release to be closed.
pub struct Closing<'a> {
    /// The release's own secret. It determines the order in which companions are chosen.
    pub key: &'a [u8],
    pub profile: Profile,
    /// One for each client legal group that is eligible, in any order.
    pub contributions: &'a [Contribution],
    /// How many of a path's first values change by themselves, as stages do. Such a change is no move.
    pub fleeting: usize,
    /// The family's last releases, oldest first: at most `WINDOW - 1`, fewer only where there were fewer.
    pub window: &'a [Past],
}

/// A client and where it belongs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    pub pseudonym: Pseudonym,
    pub unit: Unit,
    /// Its values in the dimensions of the cohort tree. All clients of a family have the same number of values.
    pub path: Path,
}

/// What a client contributes.
#[derive(Clone, Debug)]
pub struct Contribution {
    pub place: Place,
    /// Basis points, clamped to the metric's public range.
    pub value: u16,
}

/// A client that a release counted, as stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Counted {
    /// Its place at that time. An erased client has a tombstone (the same in all rows), its unit, and the path of its atom.
    pub place: Place,
    /// Number of the path's first values that make its atom.
    pub depth: usize,
}

impl Counted {
    /// The path of its atom.
    pub fn node(&self) -> &[String] {
        &self.place.path[..self.depth.min(self.place.path.len())]
    }
}

/// A release as the later ones see it.
#[derive(Clone, Debug, Default)]
pub struct Past {
    /// Published paths.
    pub published: Vec<Path>,
    /// Counted clients, including those that have left since.
    pub counted: Vec<Counted>,
}

impl Past {
    /// The published sets for the verifier: each path with the clients whose atom is there or below.
    pub fn sets(&self) -> Sets {
        let tree = Tree::new(self.published.iter().map(Vec::as_slice));
        let mut members = vec![vec![]; tree.len()];
        for counted in &self.counted {
            let path = counted.node();
            let deepest = (0..=path.len()).rev().find_map(|length| tree.find(&path[..length]));
            for node in deepest.iter().flat_map(|deepest| tree.up(*deepest)) {
                members[node as usize].push((counted.place.pseudonym, counted.place.unit));
            }
        }
        let set = |path: &Path| {
            let node = tree.find(path).map_or(0, |node| node as usize);
            Published { path: path.clone(), members: members[node].clone() }
        };
        Sets { published: self.published.iter().map(set).collect() }
    }
}
