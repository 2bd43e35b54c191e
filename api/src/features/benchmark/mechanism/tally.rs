//! Counts a set of clients by unit, so that a bound can be checked after each change of the set.

use super::rule::Bound;

/// The units of a set of clients.
pub struct Tally {
    /// Number of clients of each unit.
    of: Vec<u32>,
    /// Number of units that have as many clients as the index says.
    having: Vec<u32>,
    /// Units that were counted since the last clearing.
    touched: Vec<u32>,
    clients: u32,
    units: u32,
    most: u32,
}

impl Tally {
    /// An empty count of units numbered below `units`.
    pub fn new(units: usize) -> Self {
        Tally { of: vec![0; units], having: vec![0], touched: vec![], clients: 0, units: 0, most: 0 }
    }
    pub fn clear(&mut self) {
        for unit in self.touched.drain(..) {
            self.of[unit as usize] = 0;
        }
        self.having.truncate(1);
        (self.clients, self.units, self.most) = (0, 0, 0);
    }
    pub fn add(&mut self, unit: u32) {
        let count = &mut self.of[unit as usize];
        if *count == 0 {
            self.touched.push(unit);
            self.units += 1;
        } else {
            self.having[*count as usize] -= 1;
        }
        *count += 1;
        if self.having.len() <= *count as usize {
            self.having.push(0);
        }
        self.having[*count as usize] += 1;
        self.most = self.most.max(*count);
        self.clients += 1;
    }
    /// Removes a client that was added.
    pub fn take(&mut self, unit: u32) {
        let count = &mut self.of[unit as usize];
        self.having[*count as usize] -= 1;
        if *count == self.most && self.having[*count as usize] == 0 {
            self.most -= 1;
        }
        *count -= 1;
        if *count == 0 {
            self.units -= 1;
        } else {
            self.having[*count as usize] += 1;
        }
        self.clients -= 1;
    }
    pub fn is_empty(&self) -> bool {
        self.clients == 0
    }
    /// How many clients have to be added at least until it satisfies a bound.
    pub fn lacks(&self, bound: Bound) -> u32 {
        let share = self.most.saturating_mul(bound.one_in);
        bound.clients.max(share).saturating_sub(self.clients).max(bound.units.saturating_sub(self.units))
    }
    pub fn satisfies(&self, bound: Bound) -> bool {
        bound.holds(self.clients, self.units, self.most)
    }
}
