//! Decides which nodes a release publishes, so that every difference of its cohorts satisfies ρ.

use super::{
    roster::{Client, Roster},
    rule::{Bound, CANDIDATES, Profile, WINDOW},
    tally::Tally,
    tree::{Node, ROOT},
};
use std::mem::take;

/// Where clients are counted.
pub struct Placement {
    /// The atom of each present client. None if it is not counted.
    pub atoms: Vec<Option<Node>>,
    /// Whether each node is published.
    pub published: Vec<bool>,
}

/// Suppresses from the bottom to the top. `at` has the node at which each client enters; none if it is left out. A client
/// that enters above its leaf is truncated.
pub fn suppress(roster: &Roster, at: &[Option<Node>], profile: Profile) -> Placement {
    let mut pass = Pass::new(roster, at, profile);
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

/// A published node with all published nodes below it, as a candidate for merging.
struct Subtree {
    top: Node,
    clients: Vec<Client>,
    /// Number of clients whose atom is the same as in the previous release.
    unmoved: usize,
}

impl Subtree {
    fn cost(&self) -> (usize, usize) {
        (self.unmoved, self.clients.len())
    }
}

struct Pass<'a> {
    roster: &'a Roster,
    at: &'a [Option<Node>],
    profile: Profile,
    tally: Tally,
    /// Number of clients that enter at each node or below it.
    entering: Vec<usize>,
    /// R of each node: clients that enter there, and clients passed up to it.
    rest: Vec<Vec<Client>>,
    /// The topmost published nodes below each node.
    tops: Vec<Vec<Node>>,
    /// The atom of each published node.
    atoms: Vec<Vec<Client>>,
    published: Vec<bool>,
}

impl<'a> Pass<'a> {
    fn new(roster: &'a Roster, at: &'a [Option<Node>], profile: Profile) -> Self {
        let nodes = roster.tree.len();
        let mut rest = vec![vec![]; nodes];
        for (client, node) in (0..).zip(at) {
            if let Some(node) = node {
                rest[*node as usize].push(client);
            }
        }
        let mut entering: Vec<usize> = rest.iter().map(Vec::len).collect();
        for node in roster.tree.bottom_up() {
            if let Some(parent) = roster.tree.parent(node) {
                entering[parent as usize] += entering[node as usize];
            }
        }
        Pass {
            roster,
            at,
            profile,
            tally: Tally::new(roster.units),
            entering,
            rest,
            tops: vec![vec![]; nodes],
            atoms: vec![vec![]; nodes],
            published: vec![false; nodes],
        }
    }

    fn decide(&mut self, node: Node) {
        let rest = take(&mut self.rest[node as usize]);
        let below = take(&mut self.tops[node as usize]);
        if self.is_publishable(node, &rest, &below) {
            return self.publish(node, rest, below, vec![]);
        }
        let (truncated, natural): (Vec<Client>, Vec<Client>) =
            rest.iter().partition(|client| self.truncated(**client));
        if !truncated.is_empty() && self.is_publishable(node, &natural, &below) {
            return self.publish(node, natural, below, truncated);
        }
        match self.merges(&rest, &below) {
            Some(merged) => self.merge(node, rest, below, &merged),
            None => self.pass_up(node, rest, below),
        }
    }

    /// Whether a node can be published with this atom. With an empty atom it needs a published node below it.
    fn is_publishable(&mut self, node: Node, atom: &[Client], below: &[Node]) -> bool {
        if atom.is_empty() {
            return !below.is_empty();
        }
        self.count(atom);
        self.tally.satisfies(self.required_bound(node, atom))
    }

    fn count(&mut self, clients: &[Client]) {
        self.tally.clear();
        self.count_more(clients);
    }

    fn count_more(&mut self, clients: &[Client]) {
        clients.iter().for_each(|client| self.tally.add(self.roster.present[*client as usize].unit));
    }

    /// The bound of an atom at a node: ρ, with room for clients that it will lose. Without the room, a cohort soon falls
    /// short of ρ and moves its clients; that splits their classes, and each part that loses a client loses companions,
    /// too. An atom of newcomers needs no room, nor does one that could meet no other clients further up.
    fn required_bound(&self, node: Node, atom: &[Client]) -> Bound {
        let Roster { known, gone, present, .. } = self.roster;
        let (rho, delta) = (self.profile.rho(), self.profile.delta().clients as usize);
        let mut last = atom.iter().filter_map(|client| present[*client as usize].last).peekable();
        if self.entering[node as usize] == self.entering[ROOT as usize] || last.peek().is_none() {
            return rho;
        }
        // A client that leaves takes a class of ρΔ along. Six sevenths of the atom's share of the clients that the window
        // lost, but at most one a release: with less, fewer clients are counted over later releases; with more, no more
        // are counted, and fewer of them below the root (measured on the networks of `reach.rs`).
        let mut room = (atom.len() * gone * delta * 6).div_ceil(known * 7).min(WINDOW * delta);
        if last.any(|last| last != node) {
            room += delta;
        }
        Bound { clients: rho.clients + u32::try_from(room).expect("a few classes"), ..rho }
    }

    fn truncated(&self, client: Client) -> bool {
        self.at[client as usize] != Some(self.roster.present[client as usize].leaf)
    }

    /// The published subtrees to merge into R so that it satisfies ρ. Each choice begins with another subtree and goes on
    /// in order. The chosen one moves the fewest clients away from their atom of the previous release, then the fewest
    /// clients. None if all subtrees together do not suffice, and if R satisfies ρ and only lacks room.
    fn merges(&mut self, rest: &[Client], below: &[Node]) -> Option<Vec<Node>> {
        self.count(rest);
        if self.tally.satisfies(self.profile.rho()) {
            return None;
        }
        let mut subtrees: Vec<Subtree> = below.iter().map(|top| self.weigh(*top)).collect();
        subtrees.sort_by_key(|subtree| (subtree.cost(), subtree.top));
        let choices: Vec<Vec<&Subtree>> = (0..subtrees.len().min(CANDIDATES))
            .filter_map(|first| self.choice(rest, &subtrees, first))
            .collect();
        let cost = |choice: &Vec<&Subtree>| {
            let costs = choice.iter().map(|subtree| subtree.cost());
            costs.fold((0, 0), |sum, cost| (sum.0 + cost.0, sum.1 + cost.1))
        };
        let cheapest = choices.iter().min_by_key(|choice| cost(choice))?;
        Some(cheapest.iter().map(|subtree| subtree.top).collect())
    }

    fn choice<'b>(
        &mut self,
        rest: &[Client],
        subtrees: &'b [Subtree],
        first: usize,
    ) -> Option<Vec<&'b Subtree>> {
        self.count(rest);
        let mut merged = vec![];
        let others = (0..subtrees.len()).filter(|at| *at != first);
        for at in std::iter::once(first).chain(others) {
            self.count_more(&subtrees[at].clients);
            merged.push(&subtrees[at]);
            if self.tally.satisfies(self.profile.rho()) {
                return Some(merged);
            }
        }
        None
    }

    fn weigh(&self, top: Node) -> Subtree {
        let mut subtree = Subtree { top, clients: vec![], unmoved: 0 };
        for node in self.subtree(top) {
            let atom = &self.atoms[node as usize];
            let stays = |client: &&Client| self.roster.present[**client as usize].last == Some(node);
            subtree.unmoved += atom.iter().filter(stays).count();
            subtree.clients.extend(atom);
        }
        subtree
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
        self.published[node as usize] = true;
        self.atoms[node as usize] = atom;
        self.tops[node as usize] = below;
        self.pass_up(node, up, vec![node]);
    }

    /// Passes clients up to the parent. Above the root they are not counted.
    fn pass_up(&mut self, node: Node, mut rest: Vec<Client>, mut tops: Vec<Node>) {
        if let Some(parent) = self.roster.tree.parent(node) {
            self.rest[parent as usize].append(&mut rest);
            self.tops[parent as usize].append(&mut tops);
        }
    }
}
