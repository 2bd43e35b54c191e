//! Decides which clients are counted more coarsely, or not at all, so that no comparison of a release with those before
//! it singles out a client.
//!
//! A block is the clients with the same atoms in the releases before. Every block satisfies ρΔ. The release splits blocks
//! into classes, by where it counts their clients. Steps repair classes that are too small. A step moves clients up the
//! tree or out of the release, never down or in, so the steps end. A block that is out entirely is one class again, so
//! the end is always valid.

use super::{
    roster::{Block, Client, Roster},
    rule::{Bound, CANDIDATES, Profile},
    suppress::{Placement, suppress},
    tally::Tally,
    tree::{Node, ROOT},
};
use std::collections::BTreeMap;

/// Places all clients so that every atom satisfies ρ and every class ρΔ.
pub fn place_clients(roster: &Roster, profile: Profile) -> Placement {
    let mut steps = Steps::new(roster, profile.delta());
    // absent clients take their companions along before any client is placed
    let everywhere = vec![Some(ROOT); roster.present.len()];
    steps.leave(&everywhere);
    loop {
        let placement = suppress(roster, &steps.at, profile);
        // the mildest step first, then suppression again: newcomers must not move others, and a client passed out of the
        // tree may be placed again after others have moved up
        let moved =
            steps.enter(&placement.atoms) || steps.roll_up(&placement.atoms) || steps.leave(&placement.atoms);
        if !moved {
            return placement;
        }
    }
}

struct Steps<'a> {
    roster: &'a Roster,
    delta: Bound,
    /// The node at which each present client enters suppression. None if the client is out.
    at: Vec<Option<Node>>,
    tally: Tally,
    others: Tally,
}

impl<'a> Steps<'a> {
    fn new(roster: &'a Roster, delta: Bound) -> Self {
        Steps {
            roster,
            delta,
            at: roster.present.iter().map(|client| Some(client.leaf)).collect(),
            tally: Tally::new(roster.units),
            others: Tally::new(roster.units),
        }
    }

    /// Newcomers of a class that is too small enter one level higher. At the root they wait for a later release.
    fn enter(&mut self, atoms: &[Option<Node>]) -> bool {
        let roster = self.roster;
        let mut moved = false;
        for (node, newcomers) in parts(&roster.newcomers, atoms) {
            if !self.suffice(&newcomers) {
                self.move_up(node, &newcomers);
                moved = true;
            }
        }
        moved
    }

    /// Classes that are too small move one level up, the deepest of each block first, so that they meet the small classes
    /// above them.
    fn roll_up(&mut self, atoms: &[Option<Node>]) -> bool {
        let roster = self.roster;
        let mut moved = false;
        for block in &roster.blocks {
            let parts = parts(&block.present, atoms);
            let bad: Vec<Node> =
                parts.iter().filter(|(_, part)| !self.suffice(part)).map(|(node, _)| *node).collect();
            let Some(deepest) = bad.iter().map(|node| roster.tree.depth(*node)).max() else { continue };
            moved = true;
            if deepest > 0 {
                for node in bad.into_iter().filter(|node| roster.tree.depth(*node) == deepest) {
                    self.move_up(node, &parts[&node]);
                }
                continue;
            }
            let siblings = parts.iter().filter(|(node, _)| **node != ROOT);
            match siblings.min_by_key(|(node, part)| (part.len(), **node)) {
                Some((node, sibling)) => self.move_up(*node, sibling),
                None => self.drop(&block.present),
            }
        }
        moved
    }

    /// Clients of a block that are not counted take companions along, until they satisfy ρΔ and the rest is empty or
    /// satisfies it, too.
    fn leave(&mut self, atoms: &[Option<Node>]) -> bool {
        let roster = self.roster;
        let mut moved = false;
        for block in &roster.blocks {
            let (out, remaining): (Vec<Client>, Vec<Client>) =
                block.present.iter().partition(|client| self.is_out(**client, atoms));
            if let Some(companions) = self.companions(block, &out, &remaining) {
                self.drop(&out);
                self.drop(&companions);
                moved = true;
            }
        }
        moved
    }

    fn is_out(&self, client: Client, atoms: &[Option<Node>]) -> bool {
        self.at[client as usize].is_none() || atoms[client as usize].is_none()
    }

    /// The remaining clients that leave with those who are out. None if the block needs none. Each choice goes through the
    /// HMAC order from another start; the first one with the fewest companions is taken.
    fn companions(&mut self, block: &Block, out: &[Client], remaining: &[Client]) -> Option<Vec<Client>> {
        self.count_parts(block, out, remaining);
        let lacks = self.missing();
        if self.tally.is_empty() || remaining.is_empty() || lacks == (0, 0) {
            return None;
        }
        let mut fewest: Option<Vec<Client>> = None;
        for first in 0..remaining.len().min(CANDIDATES) {
            let choice = self.choice(block, out, remaining, first);
            if fewest.as_ref().is_none_or(|fewest| choice.len() < fewest.len()) {
                fewest = Some(choice);
            }
            // no choice can have fewer
            if fewest.as_ref().is_some_and(|fewest| fewest.len() <= lacks.0 as usize) {
                break;
            }
        }
        fewest
    }

    /// Counts the leaving and the remaining clients of a block.
    fn count_parts(&mut self, block: &Block, out: &[Client], remaining: &[Client]) {
        let unit = |client: &Client| self.roster.present[*client as usize].unit;
        self.tally.clear();
        block.absent.iter().copied().chain(out.iter().map(unit)).for_each(|unit| self.tally.add(unit));
        self.others.clear();
        remaining.iter().map(unit).for_each(|unit| self.others.add(unit));
    }

    /// Companions from one start on: first clients that bring the leaving ones nearer to ρΔ and the remaining ones no further
    /// from it, then the next ones, until both satisfy ρΔ or no client remains.
    fn choice(&mut self, block: &Block, out: &[Client], remaining: &[Client], first: usize) -> Vec<Client> {
        self.count_parts(block, out, remaining);
        let unit = |client: &Client| self.roster.present[*client as usize].unit;
        let (mut companions, mut left_over) = (vec![], vec![]);
        for client in remaining[first..].iter().chain(&remaining[..first]) {
            let lacks = self.missing();
            self.move_out(unit(client));
            let (leaving, staying) = self.missing();
            if leaving < lacks.0 && staying <= lacks.1 {
                companions.push(*client);
            } else {
                self.move_back(unit(client));
                left_over.push(*client);
            }
        }
        for client in left_over {
            if self.missing() == (0, 0) {
                break;
            }
            self.move_out(unit(&client));
            companions.push(client);
        }
        companions
    }

    fn move_out(&mut self, unit: u32) {
        self.tally.add(unit);
        self.others.take(unit);
    }

    fn move_back(&mut self, unit: u32) {
        self.tally.take(unit);
        self.others.add(unit);
    }

    /// How many clients the leaving and the remaining ones lack to satisfy ρΔ. 0 if no client remains.
    fn missing(&self) -> (u32, u32) {
        let remains = if self.others.is_empty() { 0 } else { self.others.lacks(self.delta) };
        (self.tally.lacks(self.delta), remains)
    }

    fn suffice(&mut self, clients: &[Client]) -> bool {
        self.tally.clear();
        clients.iter().for_each(|client| self.tally.add(self.roster.present[*client as usize].unit));
        self.tally.satisfies(self.delta)
    }

    fn move_up(&mut self, from: Node, clients: &[Client]) {
        let to = self.roster.tree.parent(from);
        clients.iter().for_each(|client| self.at[*client as usize] = to);
    }

    fn drop(&mut self, clients: &[Client]) {
        clients.iter().for_each(|client| self.at[*client as usize] = None);
    }
}

/// Counted clients by their atom.
fn parts(clients: &[Client], atoms: &[Option<Node>]) -> BTreeMap<Node, Vec<Client>> {
    let mut parts: BTreeMap<Node, Vec<Client>> = BTreeMap::new();
    for client in clients {
        if let Some(node) = atoms[*client as usize] {
            parts.entry(node).or_default().push(*client);
        }
    }
    parts
}
