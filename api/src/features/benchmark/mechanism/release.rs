//! Closing one release: from its contributions and what the releases before it published, to its frozen rows.

use super::{
    past::{Closing, Contribution, Counted, Past, Place},
    pseudonym::{Pseudonym, Unit},
    quantile::{Band, Figures, WHOLE},
    roster::Roster,
    rule::WINDOW,
    stabilise::place_clients,
    tree::Path,
    verify::{Published, Sets},
};
use std::{collections::BTreeMap, fmt};

/// A cohort of a release, frozen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cohort {
    pub path: Path,
    /// Those counted in it or in a published cohort below it, in the order of their pseudonyms. They are never told.
    pub members: Vec<(Pseudonym, Unit)>,
    pub figures: Figures,
    pub band: Band,
}

/// A closed release.
#[derive(Clone, Debug)]
pub struct Release {
    /// The published cohorts in path order.
    pub cohorts: Vec<Cohort>,
    /// What to keep of it for the next `WINDOW - 1` releases.
    pub past: Past,
}

/// Input that no release can be closed from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// The window has more releases than are held against a release.
    Window,
    /// Two contributions, or two rows of a past release, of one client.
    Twice(Pseudonym),
    /// A path is longer or shorter than another.
    Length(Pseudonym),
    /// More than the whole.
    Value(Pseudonym),
    /// The window has a client in two units.
    Units(Pseudonym),
    /// A set without figures. It cannot be: ρ asks for more members than quartiles do.
    Figures(Path),
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Fault::Window => write!(f, "more than {} releases in the window", WINDOW - 1),
            Fault::Twice(who) => write!(f, "client {who:?} is there twice"),
            Fault::Length(who) => write!(f, "the path of client {who:?} is not as long as the others"),
            Fault::Value(who) => write!(f, "the value of client {who:?} is more than the whole"),
            Fault::Units(who) => write!(f, "the window has client {who:?} in two units"),
            Fault::Figures(path) => write!(f, "the cohort {path:?} is too small for quartiles"),
        }
    }
}

/// Closes a release. Who stores it asks [`super::verify::verify`] first.
pub fn close(closing: &Closing) -> Result<Release, Fault> {
    check(closing)?;
    let places: Vec<&Place> = closing.contributions.iter().map(|contribution| &contribution.place).collect();
    let roster = Roster::new(closing, &places);
    let placement = place_clients(&roster, closing.profile);

    let by_pseudonym: BTreeMap<Pseudonym, &Contribution> = closing
        .contributions
        .iter()
        .map(|contribution| (contribution.place.pseudonym, contribution))
        .collect();
    let mut sets: Vec<Vec<&Contribution>> = vec![vec![]; roster.tree.len()];
    let mut counted = vec![];
    for (client, atom) in roster.present.iter().zip(&placement.atoms) {
        let (Some(atom), Some(contribution)) = (*atom, by_pseudonym.get(&client.pseudonym)) else { continue };
        counted.push(Counted { place: contribution.place.clone(), depth: roster.tree.depth(atom) });
        for node in roster.tree.up(atom).filter(|node| placement.published[*node as usize]) {
            sets[node as usize].push(contribution);
        }
    }
    let mut cohorts = vec![];
    for (node, set) in (0..).zip(&sets).filter(|(node, _)| placement.published[*node as usize]) {
        let path = roster.tree.path(node);
        cohorts.push(cohort(path, set).ok_or_else(|| Fault::Figures(path.clone()))?);
    }
    let published = cohorts.iter().map(|cohort| cohort.path.clone()).collect();
    Ok(Release { cohorts, past: Past { published, counted } })
}

fn cohort(path: &Path, set: &[&Contribution]) -> Option<Cohort> {
    Some(Cohort {
        path: path.clone(),
        members: set
            .iter()
            .map(|contribution| (contribution.place.pseudonym, contribution.place.unit))
            .collect(),
        figures: Figures::of(set.iter().map(|contribution| contribution.value).collect())?,
        band: Band::of(set.len()),
    })
}

fn check(closing: &Closing) -> Result<(), Fault> {
    if closing.window.len() >= WINDOW {
        return Err(Fault::Window);
    }
    once(closing.contributions.iter().map(|contribution| contribution.place.pseudonym))?;
    for contribution in closing.contributions {
        let Contribution { place, value } = contribution;
        if place.path.len() != closing.contributions[0].place.path.len() {
            return Err(Fault::Length(place.pseudonym));
        }
        if *value > WHOLE {
            return Err(Fault::Value(place.pseudonym));
        }
    }
    let mut units = BTreeMap::new();
    for past in closing.window {
        once(past.counted.iter().map(|counted| counted.place.pseudonym))?;
        for Counted { place, .. } in &past.counted {
            if *units.entry(place.pseudonym).or_insert(place.unit) != place.unit {
                return Err(Fault::Units(place.pseudonym));
            }
        }
    }
    Ok(())
}

fn once(pseudonyms: impl Iterator<Item = Pseudonym>) -> Result<(), Fault> {
    let mut sorted: Vec<Pseudonym> = pseudonyms.collect();
    sorted.sort_unstable();
    match sorted.windows(2).find(|pair| pair[0] == pair[1]) {
        Some(pair) => Err(Fault::Twice(pair[0])),
        None => Ok(()),
    }
}

impl Release {
    /// What it publishes, as the verifier sees it.
    pub fn sets(&self) -> Sets {
        let set = |cohort: &Cohort| Published { path: cohort.path.clone(), members: cohort.members.clone() };
        Sets { published: self.cohorts.iter().map(set).collect() }
    }
}
