//! Randomness of a network: everything is derived from a seed and the number of a stream.

use chrono::{DateTime, Utc};
use entity::Id;
use rand::{Rng, RngExt, SeedableRng};
use rand_chacha::ChaCha20Rng;
use uuid::Builder;

/// A stream of chances.
pub struct Source(ChaCha20Rng);

impl Source {
    /// Streams of one seed are independent, so each client can be made without the others.
    pub fn new(seed: u64, stream: u64) -> Self {
        let mut rng = ChaCha20Rng::seed_from_u64(seed);
        rng.set_stream(stream);
        Source(rng)
    }
    /// An id as if it had been made at `at`.
    pub fn id<E>(&mut self, at: DateTime<Utc>) -> Id<E> {
        let mut bytes = [0; 10];
        self.0.fill_bytes(&mut bytes);
        Id::new(Builder::from_unix_timestamp_millis(at.timestamp_millis().max(0) as u64, &bytes).into_uuid())
    }
    /// A number from `low` to `high`, both included.
    pub fn between(&mut self, low: i64, high: i64) -> i64 {
        self.0.random_range(low..=high.max(low))
    }
    /// A number below `count`.
    pub fn below(&mut self, count: usize) -> usize {
        self.0.random_range(0..count.max(1))
    }
    /// A part of one.
    pub fn part(&mut self) -> f64 {
        self.0.random()
    }
    /// True with this probability, in per cent.
    pub fn chance(&mut self, percent: u32) -> bool {
        self.0.random_range(0..100) < percent
    }
    /// One of a list that is not empty.
    pub fn pick<'a, T>(&mut self, list: &'a [T]) -> &'a T {
        &list[self.0.random_range(0..list.len())]
    }
    /// One of a list that is not empty, by weight.
    pub fn weigh<'a, T>(&mut self, list: &'a [T], weight: impl Fn(&T) -> u32) -> &'a T {
        let total: u32 = list.iter().map(&weight).sum();
        let mut at = self.0.random_range(0..total.max(1));
        for item in list {
            match at.checked_sub(weight(item)) {
                Some(rest) => at = rest,
                None => return item,
            }
        }
        &list[list.len() - 1]
    }
    /// Puts a list in another order.
    pub fn shuffle<T>(&mut self, list: &mut [T]) {
        for at in (1..list.len()).rev() {
            list.swap(at, self.0.random_range(0..=at));
        }
    }
}
