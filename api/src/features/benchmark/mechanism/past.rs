//! What a release is closed from: contributions, and what the releases before it left behind.

use super::{
    pseudonym::{Pseudonym, Unit},
    rule::Profile,
    tree::{Path, Tree},
    verify::{Published, Sets},
};

/// A release to be closed.
pub struct Closing<'a> {
    /// The release's own secret: it decides who leaves as somebody's companion.
    pub key: &'a [u8],
    pub profile: Profile,
    /// One for each client legal group that is eligible, in any order.
    pub contributions: &'a [Contribution],
    /// How many of a path's first values pass by themselves, as stages do: another one there is no move.
    pub fleeting: usize,
    /// The family's last releases, oldest first: at most `WINDOW - 1`, fewer only where there were fewer.
    pub window: &'a [Past],
}

/// Who a client is and where it belongs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    pub pseudonym: Pseudonym,
    pub unit: Unit,
    /// Its values of the cohort tree's dimensions, as many for each client of a family.
    pub path: Path,
}

/// What a client contributes.
#[derive(Clone, Debug)]
pub struct Contribution {
    pub place: Place,
    /// Basis points, clamped to the metric's public range.
    pub value: u16,
}

/// A client that a release counted: the row kept of it as history.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Counted {
    /// As it was then. Of an erased client: its tombstone in all rows, its unit, and the path of its atom alone.
    pub place: Place,
    /// How far down its path it was counted: its atom is so much of the path.
    pub depth: usize,
}

impl Counted {
    /// The path of its atom.
    pub fn node(&self) -> &[String] {
        &self.place.path[..self.depth.min(self.place.path.len())]
    }
}

/// What a release leaves behind for the ones after it.
#[derive(Clone, Debug, Default)]
pub struct Past {
    /// The paths it published.
    pub published: Vec<Path>,
    /// Whom it counted. Clients that have left since stay here.
    pub counted: Vec<Counted>,
}

impl Past {
    /// What it published, as the verifier sees it: each path with those whose atom lies there or below.
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
