//! Closes one release: contributions and the releases of the window in, frozen cohorts out.

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
    /// Clients counted in it or in a published cohort below it, in the order of their pseudonyms. Never published.
    pub members: Vec<(Pseudonym, Unit)>,
    pub figures: Figures,
    pub band: Band,
}

/// A closed release.
#[derive(Clone, Debug)]
pub struct Release {
    /// The published cohorts in path order.
    pub cohorts: Vec<Cohort>,
    /// What the next `WINDOW - 1` releases need of it.
    pub past: Past,
}

/// Invalid input of a release.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// The window has too many releases.
    Window,
    /// A client has two contributions, or two rows in one past release.
    Twice(Pseudonym),
    /// Two paths differ in length.
    Length(Pseudonym),
    /// A value is above 100 %.
    Value(Pseudonym),
    /// A client is in two units of the window.
    Units(Pseudonym),
    /// A set without figures. It cannot occur: ρ needs more members than quartiles do.
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

/// Closes a release. Its caller verifies it before storing it ([`super::verify::verify`]).
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
    /// The published sets, for the verifier.
    pub fn sets(&self) -> Sets {
        let set = |cohort: &Cohort| Published { path: cohort.path.clone(), members: cohort.members.clone() };
        Sets { published: self.cohorts.iter().map(set).collect() }
    }
}
