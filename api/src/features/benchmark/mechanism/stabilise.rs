//! Who has to be counted more coarsely, or not at all, so that laying a release over the ones before it singles out
//! nobody.
//!
//! Before this release every block, the clients with the same atoms so far, satisfies ρΔ. The release splits blocks into
//! classes, by where it counts their clients. A class that is too small is mended by one step at a time: a step moves
//! clients up the tree or out of the release, never down or in, so steps come to an end; and when all of a block are out
//! it is one class again, so the end is always a valid one.

use super::{
    roster::{Block, Client, Roster},
    rule::{Bound, Profile},
    suppress::{Placement, suppress},
    tally::Tally,
    tree::{Node, ROOT},
};
use std::collections::BTreeMap;

/// Where everyone is counted, with every atom satisfying ρ and every class ρΔ.
pub fn place_clients(roster: &Roster, profile: Profile) -> Placement {
    let mut steps = Steps::new(roster, profile.delta());
    // those who are gone take their companions with them before anyone is placed
    let everywhere = vec![Some(ROOT); roster.present.len()];
    steps.leave(&everywhere);
    loop {
        let placement = suppress(roster, &steps.at, profile.rho());
        // The gentlest step first, and suppression again after each: newcomers are not worth disturbing anyone for, and
        // who was passed out of the tree may be placed again once others have moved up.
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
    /// The node at which each client present enters suppression; none for those who are out.
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

    /// Newcomers who would be a class too small enter one level coarser; at the root they wait.
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

    /// Parts of established blocks that are too small move one level up, in each block the deepest first, so that they
    /// meet what is too small above them.
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

    /// Those of a block who are counted nowhere take companions with them, until they satisfy ρΔ and what remains is
    /// empty or does too.
    fn leave(&mut self, atoms: &[Option<Node>]) -> bool {
        let roster = self.roster;
        let mut moved = false;
        for block in &roster.blocks {
            let (out, remaining): (Vec<Client>, Vec<Client>) =
                block.present.iter().partition(|client| self.is_out(**client, atoms));
            if let Some(companions) = self.companions(block, &out, &remaining) {
                self.drop(&out);
                self.drop(&remaining[..companions]);
                moved = true;
            }
        }
        moved
    }

    fn is_out(&self, client: Client, atoms: &[Option<Node>]) -> bool {
        self.at[client as usize].is_none() || atoms[client as usize].is_none()
    }

    /// How many of those who remain have to go with those who are out; none if the block is in order as it is.
    fn companions(&mut self, block: &Block, out: &[Client], remaining: &[Client]) -> Option<usize> {
        let unit = |client: &Client| self.roster.present[*client as usize].unit;
        self.tally.clear();
        block.absent.iter().copied().chain(out.iter().map(unit)).for_each(|unit| self.tally.add(unit));
        if self.tally.is_empty() || remaining.is_empty() {
            return None;
        }
        self.others.clear();
        remaining.iter().map(unit).for_each(|unit| self.others.add(unit));
        let mut companions = 0;
        while !(self.tally.satisfies(self.delta) && self.others.satisfies(self.delta)) {
            let Some(unit) = remaining.get(companions).map(unit) else { break };
            self.tally.add(unit);
            self.others.take(unit);
            companions += 1;
        }
        (companions > 0).then_some(companions)
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

/// Clients by the node they are counted in, without those counted nowhere.
fn parts(clients: &[Client], atoms: &[Option<Node>]) -> BTreeMap<Node, Vec<Client>> {
    let mut parts: BTreeMap<Node, Vec<Client>> = BTreeMap::new();
    for client in clients {
        if let Some(node) = atoms[*client as usize] {
            parts.entry(node).or_default().push(*client);
        }
    }
    parts
}
