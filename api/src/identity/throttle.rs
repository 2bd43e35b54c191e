//! How often something may be tried: token buckets in memory, under the caller's clock.
//!
//! Each process counts for itself: with n replicas a caller gets at most n times the limit, which protects the
//! service as well and costs no round trip.

use std::hash::Hash;
use std::net::{IpAddr, Ipv6Addr};
use std::time::{Duration, Instant};

use ahash::{AHashMap, RandomState};
use parking_lot::Mutex;
use uuid::Uuid;

use crate::config::RateSettings;

/// What is left in a bucket.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Level {
    /// What a full bucket holds.
    pub limit: u32,
    /// What is left now.
    pub remaining: u32,
    /// Seconds until it is full again.
    pub reset_seconds: u32,
}

/// A bucket is empty.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Exhausted {
    /// The bucket as it is.
    pub level: Level,
    /// Seconds after which the same attempt would pass; at least 1.
    pub retry_after: u32,
}

/// All buckets of a process.
pub struct Throttle {
    tokens: Buckets<Uuid>,
    tenants: Buckets<Uuid>,
    addresses: Buckets<IpAddr>,
}

impl Throttle {
    /// Full buckets, as large as the settings say.
    pub fn new(rate: &RateSettings) -> Self {
        let tenant = rate.points.saturating_mul(rate.tenant_factor);
        let tenant_refill = f64::from(rate.refill_per_second) * f64::from(rate.tenant_factor);
        Self {
            tokens: Buckets::new(rate.points, f64::from(rate.refill_per_second)),
            tenants: Buckets::new(tenant, tenant_refill),
            addresses: Buckets::new(rate.anonymous_per_minute, f64::from(rate.anonymous_per_minute) / 60.0),
        }
    }

    /// Takes a request's points from its token family and from its tenant, or from neither.
    pub fn points(&self, family: Uuid, tenant: Uuid, cost: u32, now: Instant) -> Result<Level, Exhausted> {
        let level = self.tokens.take(family, cost, now)?;
        if let Err(exhausted) = self.tenants.take(tenant, cost, now) {
            self.tokens.give_back(family, cost);
            return Err(exhausted);
        }
        Ok(level)
    }

    /// What a token family has left, taking nothing: for the `rateLimit` field.
    pub fn peek(&self, family: Uuid, now: Instant) -> Level {
        self.tokens.peek(family, now)
    }

    /// One request of somebody not signed in.
    pub fn anonymous(&self, address: IpAddr, now: Instant) -> Result<Level, Exhausted> {
        self.addresses.take(household(address), 1, now)
    }
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
        let cost = f64::from(cost);
        let needed = cost.min(self.limit);
        let mut shard = self.shard(&key).lock();
        if shard.len() >= SHARD_ENTRIES && !shard.contains_key(&key) {
            self.make_room(&mut shard, now);
        }
        let bucket = shard.entry(key).or_insert(Bucket { level: self.limit, at: now });
        self.refill(bucket, now);
        // A hair of slack: refilling by fractions must not miss a whole point by rounding.
        if bucket.level + 1e-6 < needed || self.limit == 0.0 {
            let wait = seconds((needed - bucket.level) / self.refill_per_second).max(1);
            return Err(Exhausted { level: self.describe(bucket.level), retry_after: wait });
        }
        bucket.level -= cost;
        Ok(self.describe(bucket.level))
    }

    /// What is left, taking nothing.
    pub fn peek(&self, key: K, now: Instant) -> Level {
        let mut shard = self.shard(&key).lock();
        let level = shard.get_mut(&key).map_or(self.limit, |bucket| {
            self.refill(bucket, now);
            bucket.level
        });
        self.describe(level)
    }

    /// Undoes a [`Buckets::take`].
    pub fn give_back(&self, key: K, cost: u32) {
        if let Some(bucket) = self.shard(&key).lock().get_mut(&key) {
            bucket.level = (bucket.level + f64::from(cost)).min(self.limit);
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

    fn refill(&self, bucket: &mut Bucket, now: Instant) {
        bucket.level = self.level_at(bucket, now);
        bucket.at = bucket.at.max(now);
    }

    fn level_at(&self, bucket: &Bucket, now: Instant) -> f64 {
        let passed: Duration = now.saturating_duration_since(bucket.at);
        (bucket.level + passed.as_secs_f64() * self.refill_per_second).min(self.limit)
    }

    fn make_room(&self, shard: &mut AHashMap<K, Bucket>, now: Instant) {
        shard.retain(|_, bucket| self.level_at(bucket, now) < self.limit);
        // Some room is not enough: a scan for each newcomer would cost more than the newcomers do.
        if shard.len() < SHARD_ENTRIES / 4 * 3 {
            return;
        }
        let mut levels: Vec<f64> = shard.values().map(|bucket| self.level_at(bucket, now)).collect();
        let middle = levels.len() / 2;
        let (_, median, _) = levels.select_nth_unstable_by(middle, f64::total_cmp);
        let median = *median;
        // Strictly below, and at the median only while there is room: all may be equal.
        let mut equal = SHARD_ENTRIES / 4;
        shard.retain(|_, bucket| {
            let level = self.level_at(bucket, now);
            let kept = level < median || (level <= median && equal > 0);
            if kept && level >= median {
                equal -= 1;
            }
            kept
        });
    }

    fn describe(&self, level: f64) -> Level {
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
pub(super) fn household(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(v6) => IpAddr::V6(Ipv6Addr::from(u128::from(v6) & !u128::from(u64::MAX))),
        v4 => v4,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rate() -> RateSettings {
        RateSettings {
            points: 2_000,
            refill_per_second: 50,
            tenant_factor: 5,
            anonymous_per_minute: 60,
            sign_in_per_account: 5,
            sign_in_per_address: 50,
        }
    }

    fn id(n: u128) -> Uuid {
        Uuid::from_u128(n)
    }

    #[test]
    fn points_run_out_and_come_back() {
        let throttle = Throttle::new(&rate());
        let start = Instant::now();
        let at = |seconds| start + Duration::from_secs(seconds);
        let level = throttle.points(id(1), id(9), 1_500, start).unwrap();
        assert_eq!(level, Level { limit: 2_000, remaining: 500, reset_seconds: 30 });
        let refused = throttle.points(id(1), id(9), 1_000, start).unwrap_err();
        assert_eq!((refused.retry_after, refused.level.remaining), (10, 500));
        assert!(throttle.points(id(2), id(9), 1_000, start).is_ok(), "another token has its own");
        assert!(throttle.points(id(1), id(9), 1_000, at(9)).is_err());
        assert_eq!(throttle.points(id(1), id(9), 1_000, at(10)).unwrap().remaining, 0);
        assert!(throttle.points(id(1), id(9), 1, at(5)).is_err(), "time never runs backwards");
        assert_eq!(throttle.peek(id(1), at(100)).remaining, 2_000);
    }

    #[test]
    fn a_tenant_is_limited_over_all_its_tokens() {
        let throttle = Throttle::new(&rate());
        let start = Instant::now();
        for n in 0..5 {
            assert!(throttle.points(id(n), id(9), 2_000, start).is_ok());
        }
        assert!(throttle.points(id(6), id(9), 1, start).is_err());
        assert_eq!(
            throttle.peek(id(6), start).remaining,
            2_000,
            "what the tenant refused costs the token nothing"
        );
        assert!(throttle.points(id(6), id(8), 1, start).is_ok());
    }

    #[test]
    fn what_costs_more_than_a_full_bucket_leaves_a_debt() {
        let throttle = Throttle::new(&rate());
        let start = Instant::now();
        assert_eq!(throttle.points(id(1), id(9), 5_000, start).unwrap().remaining, 0);
        let refused = throttle.points(id(1), id(9), 1, start).unwrap_err();
        assert_eq!(refused.retry_after, 61);
        assert!(throttle.points(id(1), id(9), 1, start + Duration::from_secs(61)).is_ok());
    }

    #[test]
    fn an_ipv6_network_counts_as_one() {
        let throttle = Throttle::new(&rate());
        let start = Instant::now();
        for n in 0..60u16 {
            let address = IpAddr::from([0x2001, 0xdb8, 0, 1, n, n, n, n]);
            assert!(throttle.anonymous(address, start).is_ok());
        }
        assert!(throttle.anonymous("2001:db8:0:1::ffff".parse().unwrap(), start).is_err());
        assert!(throttle.anonymous("2001:db8:0:2::1".parse().unwrap(), start).is_ok());
    }

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
