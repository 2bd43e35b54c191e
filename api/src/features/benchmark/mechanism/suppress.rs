//! Which nodes one release publishes, so that what subtraction within it can show satisfies ρ.

use super::{
    roster::{Client, Roster},
    rule::Bound,
    tally::Tally,
    tree::Node,
};
use std::mem::take;

/// Where everyone is counted.
pub struct Placement {
    /// Each client's atom, by its place in the list of those present.
    pub atoms: Vec<Option<Node>>,
    /// Which nodes are published.
    pub published: Vec<bool>,
}

/// Suppression, bottom-up. Each client enters at the node `at` says, or not at all; one that enters above its leaf is
/// called truncated.
pub fn suppress(roster: &Roster, at: &[Option<Node>], rho: Bound) -> Placement {
    let mut pass = Pass::new(roster, at, rho);
    for node in roster.tree.bottom_up() {
        pass.decide(node);
    }
    let mut placement = Placement { atoms: vec![None; at.len()], published: pass.published };
    for (node, atom) in (0..).zip(&pass.atoms) {
        for client in atom {
            placement.atoms[*client as usize] = Some(node);
        }
    }
    placement
}

struct Pass<'a> {
    roster: &'a Roster,
    at: &'a [Option<Node>],
    rho: Bound,
    tally: Tally,
    /// R of each node: who enters there or was passed up to it.
    rest: Vec<Vec<Client>>,
    /// The topmost published nodes below each node.
    tops: Vec<Vec<Node>>,
    /// Who is counted in each published node and in none below it.
    atoms: Vec<Vec<Client>>,
    /// How many each published node counts.
    sizes: Vec<usize>,
    published: Vec<bool>,
}

impl<'a> Pass<'a> {
    fn new(roster: &'a Roster, at: &'a [Option<Node>], rho: Bound) -> Self {
        let nodes = roster.tree.len();
        let mut rest = vec![vec![]; nodes];
        for (client, node) in (0..).zip(at) {
            if let Some(node) = node {
                rest[*node as usize].push(client);
            }
        }
        Pass {
            roster,
            at,
            rho,
            tally: Tally::new(roster.units),
            rest,
            tops: vec![vec![]; nodes],
            atoms: vec![vec![]; nodes],
            sizes: vec![0; nodes],
            published: vec![false; nodes],
        }
    }

    fn decide(&mut self, node: Node) {
        let rest = take(&mut self.rest[node as usize]);
        let below = take(&mut self.tops[node as usize]);
        if self.stands(&rest, &below) {
            return self.publish(node, rest, below, vec![]);
        }
        let (truncated, natural): (Vec<Client>, Vec<Client>) =
            rest.iter().partition(|client| self.truncated(**client));
        if !truncated.is_empty() && self.stands(&natural, &below) {
            return self.publish(node, natural, below, truncated);
        }
        match self.merges(&rest, &below) {
            Some(merged) => self.merge(node, rest, below, &merged),
            None => self.pass_up(node, rest, below),
        }
    }

    /// Whether a node can be published with this atom. One without any needs something published below it.
    fn stands(&mut self, atom: &[Client], below: &[Node]) -> bool {
        if atom.is_empty() {
            return !below.is_empty();
        }
        self.tally.clear();
        atom.iter().for_each(|client| self.tally.add(self.roster.present[*client as usize].unit));
        self.tally.satisfies(self.rho)
    }

    fn truncated(&self, client: Client) -> bool {
        self.at[client as usize] != Some(self.roster.present[client as usize].leaf)
    }

    /// The published subtrees, smallest first, that have to be merged into R until it satisfies ρ. None if all of them
    /// do not suffice.
    fn merges(&mut self, rest: &[Client], below: &[Node]) -> Option<Vec<Node>> {
        let mut below = below.to_vec();
        below.sort_by_key(|top| (self.roster.standing[*top as usize], self.sizes[*top as usize], *top));
        self.tally.clear();
        rest.iter().for_each(|client| self.tally.add(self.roster.present[*client as usize].unit));
        for (at, top) in below.iter().enumerate() {
            for node in self.subtree(*top) {
                for client in &self.atoms[node as usize] {
                    self.tally.add(self.roster.present[*client as usize].unit);
                }
            }
            if self.tally.satisfies(self.rho) {
                below.truncate(at + 1);
                return Some(below);
            }
        }
        None
    }

    /// A published node and all published ones below it.
    fn subtree(&self, top: Node) -> Vec<Node> {
        let mut nodes = vec![top];
        let mut at = 0;
        while let Some(node) = nodes.get(at) {
            nodes.extend(&self.tops[*node as usize]);
            at += 1;
        }
        nodes
    }

    fn merge(&mut self, node: Node, mut rest: Vec<Client>, mut below: Vec<Node>, merged: &[Node]) {
        for top in merged {
            for node in self.subtree(*top) {
                rest.append(&mut self.atoms[node as usize]);
                self.published[node as usize] = false;
            }
        }
        below.retain(|top| !merged.contains(top));
        self.publish(node, rest, below, vec![]);
    }

    fn publish(&mut self, node: Node, atom: Vec<Client>, below: Vec<Node>, up: Vec<Client>) {
        self.sizes[node as usize] =
            atom.len() + below.iter().map(|top| self.sizes[*top as usize]).sum::<usize>();
        self.published[node as usize] = true;
        self.atoms[node as usize] = atom;
        self.tops[node as usize] = below;
        self.pass_up(node, up, vec![node]);
    }

    /// What passes the root is counted nowhere.
    fn pass_up(&mut self, node: Node, mut rest: Vec<Client>, mut tops: Vec<Node>) {
        if let Some(parent) = self.roster.tree.parent(node) {
            self.rest[parent as usize].append(&mut rest);
            self.tops[parent as usize].append(&mut tops);
        }
    }
}
