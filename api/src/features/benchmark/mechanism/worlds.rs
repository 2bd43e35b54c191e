//! Networks by chance, for tests: clients that join, leave, come back, move and are erased, the same for the same seed.

use super::{
    past::{Closing, Contribution, Past, Place},
    pseudonym::{Pseudonym, Unit, keyed},
    release::{Release, close},
    rule::{Profile, WINDOW},
    verify::{Sets, Violation, verify},
};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha20Rng;

/// How a network is made and how it changes, in per mille of its clients each release.
#[derive(Clone, Copy, Debug)]
pub struct Plan {
    pub facilitators: usize,
    pub clients: usize,
    /// Values of each dimension.
    pub tree: [usize; 3],
    pub joins: u32,
    pub leaves: u32,
    /// Of those who are absent.
    pub returns: u32,
    pub moves: u32,
    /// Whose first value passes on, as a stage does, and is no move; none where the first value is like the others.
    pub passes: u32,
    pub erased: u32,
    /// Whether facilitators keep to one value of the last dimension, and low values are more common than high ones.
    pub skewed: bool,
}

/// A network of 60 facilitators and 400 clients that changes little.
pub const MILD: Plan = Plan {
    facilitators: 60,
    clients: 400,
    tree: [4, 3, 3],
    joins: 20,
    leaves: 20,
    returns: 100,
    moves: 0,
    passes: 0,
    erased: 0,
    skewed: false,
};

pub struct World {
    pub rng: ChaCha20Rng,
    plan: Plan,
    people: Vec<Person>,
    founded: usize,
    pub history: Vec<Past>,
}

struct Person {
    place: Place,
    facilitator: usize,
    absent: bool,
    value: i32,
}

impl World {
    pub fn new(plan: Plan, seed: u64) -> Self {
        let rng = ChaCha20Rng::seed_from_u64(seed);
        let mut world = World { rng, plan, people: vec![], founded: 0, history: vec![] };
        world.found(plan.clients);
        world
    }

    fn found(&mut self, clients: usize) {
        for _ in 0..clients {
            self.founded += 1;
            let facilitator = self.facilitator();
            let place = Place {
                pseudonym: Pseudonym::of(b"world", &self.founded.to_be_bytes()),
                unit: unit(facilitator),
                path: self.path(facilitator),
            };
            let value = self.rng.random_range(0..=10_000);
            self.people.push(Person { place, facilitator, absent: false, value });
        }
    }

    fn facilitator(&mut self) -> usize {
        let one = self.rng.random_range(0..self.plan.facilitators);
        if self.plan.skewed { one.min(self.rng.random_range(0..self.plan.facilitators)) } else { one }
    }

    fn path(&mut self, facilitator: usize) -> Vec<String> {
        let Plan { tree, skewed, .. } = self.plan;
        let mut path = vec![];
        for (level, values) in tree.into_iter().enumerate() {
            let mut value = self.rng.random_range(0..values);
            if skewed {
                value = if level == 2 {
                    facilitator % values
                } else {
                    value.min(self.rng.random_range(0..values))
                };
            }
            path.push(format!("{}{value}", ["i", "s", "r"][level]));
        }
        path
    }

    fn chance(&mut self, per_mille: u32) -> bool {
        self.rng.random_range(0..1000) < per_mille
    }

    /// A quarter passes.
    pub fn pass(&mut self) {
        let plan = self.plan;
        let mut erased = vec![];
        for at in 0..self.people.len() {
            let changes = if self.people[at].absent { plan.returns } else { plan.leaves };
            if self.chance(changes) {
                self.people[at].absent = !self.people[at].absent;
            }
            if self.chance(plan.moves) {
                if self.chance(300) {
                    let facilitator = self.facilitator();
                    self.people[at].facilitator = facilitator;
                    self.people[at].place.unit = unit(facilitator);
                }
                self.people[at].place.path = self.path(self.people[at].facilitator);
            }
            if plan.passes > 0 && self.chance(plan.passes) {
                self.people[at].place.path[0] = format!("i{}", self.rng.random_range(0..plan.tree[0]));
            }
            if self.chance(plan.erased) {
                erased.push(at);
            }
            let drift = self.rng.random_range(-1500..=1500);
            self.people[at].value = (self.people[at].value + drift).clamp(0, 10_000);
        }
        for at in erased.into_iter().rev() {
            let gone = self.people.swap_remove(at).place.pseudonym;
            self.erase(gone);
        }
        let joining = (self.people.len() as u32 * plan.joins).div_ceil(1000);
        self.found(joining as usize);
    }

    /// A tombstone takes the client's place in all rows.
    fn erase(&mut self, gone: Pseudonym) {
        let tombstone = Pseudonym(self.rng.random());
        for counted in self.history.iter_mut().flat_map(|past| &mut past.counted) {
            if counted.place.pseudonym == gone {
                counted.place.pseudonym = tombstone;
                counted.place.path.truncate(counted.depth);
            }
        }
    }

    pub fn contributions(&self) -> Vec<Contribution> {
        let present = self.people.iter().filter(|person| !person.absent);
        present
            .map(|person| Contribution { place: person.place.clone(), value: person.value as u16 })
            .collect()
    }

    pub fn window(&self) -> &[Past] {
        &self.history[self.history.len().saturating_sub(WINDOW - 1)..]
    }

    /// What the next release would be of these contributions.
    pub fn closed(&self, profile: Profile, contributions: &[Contribution]) -> Release {
        let key = keyed(b"world", b"release", &self.history.len().to_be_bytes());
        let fleeting = usize::from(self.plan.passes > 0);
        close(&Closing { key: &key, profile, contributions, fleeting, window: self.window() })
            .expect("a release")
    }

    /// Closes a release of these contributions, and keeps it.
    pub fn close(&mut self, profile: Profile, contributions: &[Contribution]) -> Release {
        let release = self.closed(profile, contributions);
        self.history.push(release.past.clone());
        release
    }

    /// What the verifier says of the last releases.
    pub fn verify(&self, profile: Profile) -> Vec<Violation> {
        let from = self.history.len().saturating_sub(WINDOW);
        let sets: Vec<Sets> = self.history[from..].iter().map(Past::sets).collect();
        verify(profile, &sets)
    }
}

pub fn unit(facilitator: usize) -> Unit {
    Unit::of(b"world", &facilitator.to_be_bytes())
}
