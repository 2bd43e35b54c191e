//! Time, ids and randomness: the only places they come from, so that a test can fix all three.

use chrono::{DateTime, DurationRound, TimeDelta, Utc};
use entity::Id;
use parking_lot::Mutex;
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha20Rng;
use std::{
    sync::{Arc, LazyLock},
    time::{Duration, Instant},
};
use uuid::{Builder, Uuid};

/// Where a fixed clock's instants count from.
static ORIGIN: LazyLock<Instant> = LazyLock::new(Instant::now);

/// The three seams together. Clones share one source.
#[derive(Clone)]
pub struct Seams {
    clock: Clock,
    source: Arc<Mutex<Source>>,
}

/// Where the time comes from.
#[derive(Clone)]
pub enum Clock {
    /// The machine's.
    System,
    /// One that stands until it is set.
    Fixed(Arc<Mutex<DateTime<Utc>>>),
}

struct Source {
    rng: ChaCha20Rng,
    millis: i64,
    counter: u16,
    /// How far a fixed clock's instants move with each look, and have moved.
    haste: Duration,
    moved: Duration,
}

impl Seams {
    /// The machine's clock and entropy.
    pub fn system() -> Self {
        #[expect(clippy::disallowed_methods, reason = "this is the seam")]
        let rng = ChaCha20Rng::from_rng(&mut rand::rng());
        Self::new(Clock::System, rng)
    }
    /// A clock that stands at `at`, and ids and randomness that follow from `seed`.
    pub fn fixed(at: DateTime<Utc>, seed: u64) -> Self {
        Self::new(Clock::Fixed(Arc::new(Mutex::new(at))), ChaCha20Rng::seed_from_u64(seed))
    }
    fn new(clock: Clock, rng: ChaCha20Rng) -> Self {
        Seams {
            clock,
            source: Arc::new(Mutex::new(Source {
                rng,
                millis: 0,
                counter: 0,
                haste: Duration::ZERO,
                moved: Duration::ZERO,
            })),
        }
    }

    /// Now, to the millisecond: no database of ours keeps less, so a value read equals the value written.
    pub fn now(&self) -> DateTime<Utc> {
        let now = match &self.clock {
            #[expect(clippy::disallowed_methods, reason = "this is the seam")]
            Clock::System => Utc::now(),
            Clock::Fixed(at) => *at.lock(),
        };
        now.duration_trunc(TimeDelta::milliseconds(1)).unwrap_or(now)
    }
    /// Now on the clock that limits count by: it never runs backwards, and a fixed one moves when it is set.
    pub fn instant(&self) -> Instant {
        match &self.clock {
            Clock::System => Instant::now(),
            Clock::Fixed(at) => {
                let mut source = self.source.lock();
                let haste = source.haste;
                source.moved += haste;
                let set = Duration::from_millis(at.lock().timestamp_millis().max(0).unsigned_abs());
                *ORIGIN + set + source.moved
            }
        }
    }
    /// Sets a fixed clock; the system's cannot be set.
    pub fn set(&self, at: DateTime<Utc>) {
        if let Clock::Fixed(now) = &self.clock {
            *now.lock() = at;
        }
    }
    /// Lets the instants of a fixed clock move by so much with each look at them.
    pub fn hasten(&self, by: Duration) {
        self.source.lock().haste = by;
    }
    /// A new id: UUIDv7, rising within the process.
    pub fn id<N>(&self) -> Id<N> {
        Id::new(self.uuid())
    }
    /// Random bytes, fit for secrets when the seams are the system's.
    pub fn bytes<const N: usize>(&self) -> [u8; N] {
        let mut bytes = [0; N];
        self.source.lock().rng.fill_bytes(&mut bytes);
        bytes
    }
    /// A generator of its own, split off this one.
    pub fn rng(&self) -> ChaCha20Rng {
        ChaCha20Rng::from_seed(self.bytes())
    }

    fn uuid(&self) -> Uuid {
        let now = self.now().timestamp_millis();
        let mut source = self.source.lock();
        // RFC 9562, method 1: a counter in the first bits of rand_a keeps ids of one millisecond in order
        if now > source.millis {
            (source.millis, source.counter) = (now, 0);
        } else {
            source.counter += 1;
            if source.counter > 0x0fff {
                (source.millis, source.counter) = (source.millis + 1, 0);
            }
        }
        let mut bytes = [0; 10];
        source.rng.fill_bytes(&mut bytes);
        bytes[..2].copy_from_slice(&source.counter.to_be_bytes());
        Builder::from_unix_timestamp_millis(source.millis.max(0) as u64, &bytes).into_uuid()
    }
}
