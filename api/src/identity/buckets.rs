//! Token buckets in memory, under the caller's clock.
//!
//! Each process counts for itself: with n replicas a caller gets at most n times the limit, which protects the service as
//! well and costs no round trip.

use std::hash::Hash;
use std::net::{IpAddr, Ipv6Addr};
use std::time::{Duration, Instant};

use ahash::{AHashMap, RandomState};
use parking_lot::Mutex;

/// The level of a bucket.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Level {
    /// The points of a full bucket.
    pub limit: u32,
    /// The points left.
    pub remaining: u32,
    /// Seconds until it is full again.
    pub reset_seconds: u32,
}

/// A bucket is empty.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Exhausted {
    /// The current level.
    pub level: Level,
    /// Seconds after which the same attempt would pass; at least 1.
    pub retry_after: u32,
}

/// Token buckets by key. Memory is bounded: when there are too many, those fullest (least used) go first, and
/// a bucket that is gone is a full one.
pub struct Buckets<K> {
    limit: f64,
    refill_per_second: f64,
    hasher: RandomState,
    shards: Vec<Mutex<AHashMap<K, Bucket>>>,
}

struct Bucket {
    level: f64,
    at: Instant,
}

impl<K: Hash + Eq + Copy> Buckets<K> {
    /// Buckets that hold `limit` points and regain some each second.
    pub fn new(limit: u32, refill_per_second: f64) -> Self {
        Self {
            limit: f64::from(limit),
            refill_per_second,
            hasher: RandomState::new(),
            shards: (0..SHARDS).map(|_| Mutex::default()).collect(),
        }
    }

    /// Takes `cost` points. What costs more than a full bucket passes when the bucket is full and leaves a
    /// debt, for else it could never pass.
    pub fn take(&self, key: K, cost: u32, now: Instant) -> Result<Level, Exhausted> {
        self.take_of(key, cost, 1.0, now)
    }

    /// The same from a bucket that is `times` as large as others, and refills as much faster.
    pub fn take_of(&self, key: K, cost: u32, times: f64, now: Instant) -> Result<Level, Exhausted> {
        let size = Size { limit: self.limit * times, refill_per_second: self.refill_per_second * times };
        let cost = f64::from(cost);
        let needed = cost.min(size.limit);
        let mut shard = self.shard(&key).lock();
        if shard.len() >= SHARD_ENTRIES && !shard.contains_key(&key) {
            self.make_room(&mut shard, now);
        }
        let bucket = shard.entry(key).or_insert(Bucket { level: size.limit, at: now });
        size.refill(bucket, now);
        // A hair of slack: refilling by fractions must not miss a whole point by rounding.
        if bucket.level + 1e-6 < needed || size.limit == 0.0 {
            let wait = seconds((needed - bucket.level) / size.refill_per_second).max(1);
            return Err(Exhausted { level: size.describe(bucket.level), retry_after: wait });
        }
        bucket.level -= cost;
        Ok(size.describe(bucket.level))
    }

    /// Takes points that are spent already, into debt if necessary, at most `debt` below zero.
    pub fn debit(&self, key: K, cost: u32, debt: f64) -> Level {
        let size = self.size();
        let mut shard = self.shard(&key).lock();
        let Some(bucket) = shard.get_mut(&key) else { return size.describe(size.limit) };
        bucket.level = (bucket.level - f64::from(cost)).max(bucket.level.min(-debt));
        size.describe(bucket.level)
    }

    /// The current level, without taking anything.
    pub fn peek(&self, key: K, now: Instant) -> Level {
        let mut shard = self.shard(&key).lock();
        let size = self.size();
        let level = shard.get_mut(&key).map_or(size.limit, |bucket| {
            size.refill(bucket, now);
            bucket.level
        });
        size.describe(level)
    }

    /// Gives points back.
    pub fn give_back(&self, key: K, cost: u32) {
        self.give_back_of(key, cost, 1.0);
    }

    /// The same for a bucket that is `times` as large as others.
    pub fn give_back_of(&self, key: K, cost: u32, times: f64) {
        if let Some(bucket) = self.shard(&key).lock().get_mut(&key) {
            bucket.level = (bucket.level + f64::from(cost)).min(self.limit * times);
        }
    }

    /// Fills a bucket.
    pub fn forget(&self, key: K) {
        self.shard(&key).lock().remove(&key);
    }

    fn shard(&self, key: &K) -> &Mutex<AHashMap<K, Bucket>> {
        let index = self.hasher.hash_one(key) as usize % self.shards.len();
        &self.shards[index]
    }

    fn size(&self) -> Size {
        Size { limit: self.limit, refill_per_second: self.refill_per_second }
    }

    fn make_room(&self, shard: &mut AHashMap<K, Bucket>, now: Instant) {
        let size = self.size();
        shard.retain(|_, bucket| size.level_at(bucket, now) < size.limit);
        // Some room is not enough: a scan for each newcomer would cost more than the newcomers do.
        if shard.len() < SHARD_ENTRIES / 4 * 3 {
            return;
        }
        let mut levels: Vec<f64> = shard.values().map(|bucket| size.level_at(bucket, now)).collect();
        let middle = levels.len() / 2;
        let (_, median, _) = levels.select_nth_unstable_by(middle, f64::total_cmp);
        let median = *median;
        // Strictly below, and at the median only while there is room: all may be equal.
        let mut equal = SHARD_ENTRIES / 4;
        shard.retain(|_, bucket| {
            let level = size.level_at(bucket, now);
            let kept = level < median || (level <= median && equal > 0);
            if kept && level >= median {
                equal -= 1;
            }
            kept
        });
    }
}

/// How much a bucket holds, and how fast it refills.
#[derive(Clone, Copy)]
struct Size {
    limit: f64,
    refill_per_second: f64,
}

impl Size {
    fn refill(self, bucket: &mut Bucket, now: Instant) {
        bucket.level = self.level_at(bucket, now);
        bucket.at = bucket.at.max(now);
    }

    fn level_at(self, bucket: &Bucket, now: Instant) -> f64 {
        let passed: Duration = now.saturating_duration_since(bucket.at);
        (bucket.level + passed.as_secs_f64() * self.refill_per_second).min(self.limit)
    }

    fn describe(self, level: f64) -> Level {
        Level {
            limit: self.limit as u32,
            remaining: level.max(0.0) as u32,
            reset_seconds: seconds((self.limit - level) / self.refill_per_second),
        }
    }
}

const SHARDS: usize = 16;
/// × 16 shards × some 60 bytes: at most 8 MiB for each kind of bucket.
const SHARD_ENTRIES: usize = 8_192;

/// Float to integer saturates, so endless waits (no refill) become the largest number.
fn seconds(value: f64) -> u32 {
    // The same hair as in `take`, so that 60.0000001 is 60.
    if value.is_nan() { 0 } else { (value - 1e-6).ceil().max(0.0) as u32 }
}

/// An IPv6 household has 2^64 addresses: its network counts as one.
pub fn household(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(v6) => IpAddr::V6(Ipv6Addr::from(u128::from(v6) & !u128::from(u64::MAX))),
        v4 => v4,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn memory_is_bounded_and_the_busiest_are_kept() {
        let buckets = Buckets::new(10, 0.1);
        let start = Instant::now();
        for _ in 0..10 {
            assert!(buckets.take(u64::MAX, 1, start).is_ok());
        }
        for n in 0..400_000u64 {
            assert!(buckets.take(n, 1, start).is_ok());
        }
        let held: usize = buckets.shards.iter().map(|shard| shard.lock().len()).sum();
        assert!(held <= SHARDS * SHARD_ENTRIES, "{held}");
        assert!(buckets.take(u64::MAX, 1, start).is_err(), "a flood of others does not free the offender");
    }

    #[test]
    fn zero_means_never() {
        assert!(Buckets::new(0, 0.0).take(1u8, 0, Instant::now()).is_err());
    }
}
