//! Allowances: points by person and by network, requests by address for callers who are not signed in, and the number of
//! a person's requests that run at once.
//!
//! Invariant: a person is a network and a person in it, whatever the number of their sign-ins. Their bucket is at most a
//! fifth of their network's, so that one person cannot empty it. A network's bucket grows with the people who use it.

use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use ahash::AHashMap;
use parking_lot::Mutex;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use uuid::Uuid;

use crate::config::RateSettings;
use crate::identity::buckets::{Buckets, Exhausted, Level, household};

/// A person in a network.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct PersonKey {
    pub network: Uuid,
    pub person: Uuid,
}

/// All allowances of a process.
pub struct Points {
    people: Buckets<PersonKey>,
    networks: Buckets<Uuid>,
    /// The points of a small network, as a number of people.
    least: f64,
    debt: f64,
    active: Mutex<AHashMap<Uuid, Active>>,
    addresses: Buckets<IpAddr>,
    refreshes: Buckets<IpAddr>,
    pages: Buckets<IpAddr>,
    probes: Buckets<IpAddr>,
    turns: Arc<Turns>,
}

/// The people who used a network since `since`, and how many did in the hour before.
struct Active {
    since: Instant,
    before: usize,
    people: ahash::AHashSet<Uuid>,
}

/// Requests of a person that run at once.
pub const AT_ONCE: usize = 4;
/// Requests of a person that wait for those at most, and how long.
const WAITING: usize = 16;
const PATIENCE: Duration = Duration::from_secs(2);
/// The cost of a refused request: about the work of refusing it.
const REFUSED: u32 = 5;
/// How far being refused takes a person into debt at most, in seconds of refill.
const REFUSED_SECONDS: f64 = 5.0;
/// How far work that is priced apart takes a person into debt at most, in seconds of refill.
const DEBT_SECONDS: f64 = 60.0;
/// Points needed for work that is priced apart.
pub const POINTS_NEEDED_APART: u32 = 1_000;
/// A network's people are those of this time.
const ACTIVE: Duration = Duration::from_secs(3_600);
/// People counted for a network at most, and networks: others count as they would without.
const MOST_PEOPLE: usize = 10_000;
const MOST_NETWORKS: usize = 10_000;
/// Anonymous requests that an address may send at once, in minutes' worth: a room full of people signs in together.
const BURST_MINUTES: u32 = 5;
/// Refreshes of access tokens that an address may send, as a multiple of its anonymous requests: an office full of people
/// stays signed in.
const REFRESHES: u32 = 20;

/// The same for probes of a process's health.
const PROBES: u32 = 20;

impl Points {
    /// Full buckets, as large as the settings say.
    pub fn new(rate: &RateSettings) -> Self {
        let refill = f64::from(rate.refill_per_second);
        let minute = rate.anonymous_per_minute;
        let per_address = |each: u32| {
            let a_minute = minute.saturating_mul(each);
            Buckets::new(a_minute.saturating_mul(BURST_MINUTES), f64::from(a_minute) / 60.0)
        };
        Self {
            people: Buckets::new(rate.points, refill),
            networks: Buckets::new(rate.points, refill),
            least: f64::from(rate.tenant_factor),
            debt: refill * DEBT_SECONDS,
            active: Mutex::default(),
            addresses: per_address(1),
            refreshes: per_address(REFRESHES),
            pages: per_address(1),
            probes: per_address(PROBES),
            turns: Arc::default(),
        }
    }

    /// The points that a person has left.
    pub fn level_of(&self, who: PersonKey, now: Instant) -> Level {
        self.people.peek(who, now)
    }

    /// The refusal of work for which a person has too few points left.
    pub fn shortfall(&self, who: PersonKey, points: u32, now: Instant) -> Exhausted {
        let level = self.level_of(who, now);
        let missing = f64::from(points.saturating_sub(level.remaining));
        Exhausted { level, retry_after: (missing / (self.debt / DEBT_SECONDS)).ceil().max(1.0) as u32 }
    }

    /// Takes points from a person and from their network, or fails and takes a few points for the refused request.
    pub fn charge(&self, who: PersonKey, cost: u32, now: Instant) -> Result<Level, Exhausted> {
        let person = self.people.take(who, cost, now).inspect_err(|_| {
            let floor = self.debt / DEBT_SECONDS * REFUSED_SECONDS;
            self.people.debit(who, REFUSED, floor);
        })?;
        match self.networks.take_of(who.network, cost, self.share(who, now), now) {
            Ok(_) => Ok(person),
            Err(exhausted) => {
                self.people.give_back(who, cost.saturating_sub(REFUSED));
                Err(exhausted)
            }
        }
    }

    /// Gives points back.
    pub fn give_back(&self, who: PersonKey, points: u32, now: Instant) -> Level {
        self.people.give_back(who, points);
        self.networks.give_back_of(who.network, points, self.share(who, now));
        self.people.peek(who, now)
    }

    /// Takes the price of work that is priced apart, into debt if necessary.
    pub fn debit(&self, who: PersonKey, points: u32) {
        self.people.debit(who, points, self.debt);
        // other people of the network do not pay for it
        self.networks.debit(who.network, points, 0.0);
    }

    /// Charges a request of a caller who is not signed in.
    pub fn anonymous(&self, address: IpAddr, now: Instant) -> Result<Level, Exhausted> {
        self.addresses.take(household(address), 1, now)
    }

    /// Charges a refresh of an access token.
    pub fn refresh(&self, address: IpAddr, now: Instant) -> Result<Level, Exhausted> {
        self.refreshes.take(household(address), 1, now)
    }

    /// Charges a visit to a public path: downloads and the schema, or probes, which may be more frequent.
    pub fn visit(&self, address: IpAddr, probe: bool, now: Instant) -> Result<Level, Exhausted> {
        let buckets = if probe { &self.probes } else { &self.pages };
        buckets.take(household(address), 1, now)
    }

    /// Waits until a request of the person may run. Returns `None` if too many run and wait already.
    pub async fn wait_for_turn(&self, who: PersonKey) -> Option<Turn> {
        self.turns.clone().enter(who).await
    }

    /// How many people's points a network has: half as many as have used it lately.
    fn share(&self, who: PersonKey, now: Instant) -> f64 {
        let mut active = self.active.lock();
        if active.len() >= MOST_NETWORKS && !active.contains_key(&who.network) {
            active.retain(|_, network| now.saturating_duration_since(network.since) < ACTIVE);
            if active.len() >= MOST_NETWORKS {
                return self.least;
            }
        }
        let fresh = || Active { since: now, before: 0, people: ahash::AHashSet::new() };
        let network = active.entry(who.network).or_insert_with(fresh);
        if now.saturating_duration_since(network.since) >= ACTIVE {
            network.before = network.people.len();
            network.people.clear();
            network.since = now;
        }
        if network.people.len() < MOST_PEOPLE {
            network.people.insert(who.person);
        }
        let people = network.people.len().max(network.before);
        (people as f64 / 2.0).max(self.least)
    }
}

/// Whose requests run, and how many.
#[derive(Default)]
struct Turns(Mutex<AHashMap<PersonKey, Arc<Queue>>>);

struct Queue {
    running: Arc<Semaphore>,
    apart: Arc<Semaphore>,
    waiting: AtomicUsize,
}

/// A request's right to run, until it is dropped.
pub struct Turn {
    turns: Arc<Turns>,
    who: PersonKey,
    queue: Arc<Queue>,
    permits: Vec<OwnedSemaphorePermit>,
}

impl Turns {
    async fn enter(self: Arc<Self>, who: PersonKey) -> Option<Turn> {
        let fresh = || {
            Arc::new(Queue {
                running: Arc::new(Semaphore::new(AT_ONCE)),
                apart: Arc::new(Semaphore::new(1)),
                waiting: AtomicUsize::new(0),
            })
        };
        let queue = self.0.lock().entry(who).or_insert_with(fresh).clone();
        let mut turn = Turn { turns: self, who, queue, permits: vec![] };
        let running = turn.queue.running.clone();
        let permit = match running.clone().try_acquire_owned() {
            Ok(permit) => permit,
            Err(_) => {
                let _slot = QueueSlot::take(&turn.queue.waiting)?;
                tokio::time::timeout(PATIENCE, running.acquire_owned()).await.ok()?.ok()?
            }
        };
        turn.permits.push(permit);
        Some(turn)
    }
}

impl Turn {
    /// Reserves the person's work that is priced apart for this turn. Returns false if another turn has reserved it.
    pub fn take_exclusive_turn(&mut self) -> bool {
        let permit = self.queue.apart.clone().try_acquire_owned().ok();
        let taken = permit.is_some();
        self.permits.extend(permit);
        taken
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        self.permits.clear();
        let mut queues = self.turns.0.lock();
        // this turn's own, and the map's
        if queues.get(&self.who).is_some_and(|queue| Arc::strong_count(queue) == 2) {
            queues.remove(&self.who);
        }
    }
}

/// A slot in a queue, released when dropped.
struct QueueSlot<'a>(&'a AtomicUsize);

impl<'a> QueueSlot<'a> {
    fn take(waiting: &'a AtomicUsize) -> Option<Self> {
        let more = |count| (count < WAITING).then_some(count + 1);
        waiting.fetch_update(Ordering::Relaxed, Ordering::Relaxed, more).ok().map(|_| Self(waiting))
    }
}

impl Drop for QueueSlot<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn points() -> Points {
        Points::new(&RateSettings {
            points: 2_000,
            refill_per_second: 50,
            tenant_factor: 5,
            anonymous_per_minute: 60,
            sign_in_per_account: 5,
            sign_in_per_address: 50,
        })
    }

    fn who(person: u128, network: u128) -> PersonKey {
        PersonKey { person: Uuid::from_u128(person), network: Uuid::from_u128(network) }
    }

    fn left(points: &Points, who: PersonKey, cost: u32, now: Instant) -> Result<u32, u32> {
        points.charge(who, cost, now).map(|left| left.remaining).map_err(|spent| spent.retry_after)
    }

    #[test]
    fn points_run_out_and_come_back() {
        let points = points();
        let start = Instant::now();
        let at = |seconds| start + Duration::from_secs(seconds);
        assert_eq!(left(&points, who(1, 9), 1_500, start), Ok(500));
        assert_eq!(left(&points, who(1, 9), 1_000, start), Err(10));
        assert!(left(&points, who(2, 9), 1_000, start).is_ok(), "another person has their own");
        assert_eq!(left(&points, who(1, 9), 1_000, at(10)), Err(1), "being refused has cost a little");
        assert!(left(&points, who(1, 9), 1_000, at(11)).is_ok());
        assert!(left(&points, who(1, 9), 100, at(5)).is_err(), "time never runs backwards");
        assert_eq!(points.level_of(who(1, 9), at(100)).remaining, 2_000);
    }

    #[test]
    fn nobody_empties_their_network_and_it_grows_with_its_people() {
        let points = points();
        let start = Instant::now();
        while left(&points, who(0, 9), 500, start).is_ok() {}
        assert_eq!(
            left(&points, who(1, 9), 2_000, start),
            Ok(0),
            "one person's flood leaves the others theirs"
        );
        for person in 2..5 {
            assert!(left(&points, who(person, 9), 2_000, start).is_ok());
        }
        assert!(
            left(&points, who(5, 9), 2_000, start).is_err(),
            "five people's points are all of a small network's"
        );
        assert!(
            points.level_of(who(5, 9), start).remaining > 1_900,
            "what the network refused costs the person little"
        );
        assert!(left(&points, who(6, 8), 2_000, start).is_ok(), "another network has its own");
        // forty people: twenty people's points
        let points = points_of_forty(start);
        let passed = (0..40).filter(|person| left(&points, who(*person, 7), 1_900, start).is_ok()).count();
        assert_eq!(passed, 5, "a bucket that was filled for few does not fill at once");
        let later = start + Duration::from_secs(200);
        let passed = (0..40).filter(|person| left(&points, who(*person, 7), 1_900, later).is_ok()).count();
        assert_eq!(passed, 21);
    }

    fn points_of_forty(start: Instant) -> Points {
        let points = points();
        (0..40).for_each(|person| assert!(left(&points, who(person, 7), 1, start).is_ok()));
        points
    }

    #[test]
    fn what_was_not_needed_comes_back_and_debts_are_bounded() {
        let points = points();
        let start = Instant::now();
        assert_eq!(left(&points, who(1, 9), 1_500, start), Ok(500));
        assert_eq!(points.give_back(who(1, 9), 1_400, start).remaining, 1_900);
        points.debit(who(1, 9), 1_000_000);
        // sixty seconds of refill, and one point more
        assert!(left(&points, who(1, 9), 1, start + Duration::from_secs(60)).is_err());
        assert!(left(&points, who(1, 9), 1, start + Duration::from_secs(62)).is_ok());
        assert!(
            left(&points, who(2, 9), 1, start + Duration::from_secs(62)).is_ok(),
            "the network is in no debt"
        );
    }

    #[test]
    fn a_room_full_of_people_gets_in_and_stays_in() {
        let points = points();
        let start = Instant::now();
        let room = IpAddr::from([192, 0, 2, 1]);
        for _ in 0..70 * 2 {
            assert!(points.anonymous(room, start).is_ok());
        }
        for _ in 0..1_000 {
            assert!(points.refresh(room, start).is_ok());
        }
        while points.anonymous(room, start).is_ok() {}
        assert!(points.refresh(room, start).is_ok(), "refreshes are counted apart");
        assert!(points.anonymous(room, start + Duration::from_secs(1)).is_ok());
    }

    #[test]
    fn an_ipv6_network_counts_as_one() {
        let points = points();
        let start = Instant::now();
        for n in 0..300u16 {
            let address = IpAddr::from([0x2001, 0xdb8, 0, 1, n, n, n, n]);
            assert!(points.anonymous(address, start).is_ok());
        }
        assert!(points.anonymous("2001:db8:0:1::ffff".parse().unwrap(), start).is_err());
        assert!(points.anonymous("2001:db8:0:2::1".parse().unwrap(), start).is_ok());
    }

    #[tokio::test]
    async fn four_requests_of_a_person_run_at_once_and_others_wait() {
        let points = points();
        let mut running = vec![];
        for _ in 0..AT_ONCE {
            running.extend(points.wait_for_turn(who(1, 9)).await);
        }
        assert_eq!(running.len(), AT_ONCE);
        assert!(points.wait_for_turn(who(2, 9)).await.is_some(), "another person has turns of their own");
        let mut fifth = Box::pin(points.wait_for_turn(who(1, 9)));
        assert!(futures::poll!(&mut fifth).is_pending());
        running.pop();
        running.extend(fifth.await);
        assert_eq!(running.len(), AT_ONCE, "the fifth waited for one to end");
        let mut waiting: Vec<_> = (0..WAITING).map(|_| Box::pin(points.wait_for_turn(who(1, 9)))).collect();
        for one in &mut waiting {
            assert!(futures::poll!(one).is_pending());
        }
        assert!(points.wait_for_turn(who(1, 9)).await.is_none(), "no more than some may wait");
        assert!(running[0].take_exclusive_turn() && !running[1].take_exclusive_turn());
        drop(waiting);
        drop(running);
        assert!(points.turns.0.lock().is_empty(), "nothing is kept of people who are gone");
    }
}
