//! Histories by chance through the database: clients join, leave, move, withdraw, agree again and are erased, legal groups
//! and the profile change, and each release closes, which it does only where the verifier finds nothing in what was stored.
//!
//! The many are slow, and are run by name, each part of them as a test of its own:
//! `cargo nextest run -p concord-tests --run-ignored only -j 2 many_histories`.

use super::{Entry, Net, spread};
use crate::kit::{Backend, World};
use concord::{features::benchmark::forgetting::forget, kernel::RequestInfo};
use entity::{
    Id, benchmark_policy, benchmark_policy::BenchmarkProfile, benchmark_step,
    benchmark_step::BenchmarkStepKind, client, client::SizeBand,
};
use sea_orm::{ActiveValue::Set, IntoActiveModel};
use std::collections::BTreeSet;

/// Twelve quarters, the first of which ended 90 days after the clients came.
const QUARTERS: [&str; 12] = [
    "2023-Q2", "2023-Q3", "2023-Q4", "2024-Q1", "2024-Q2", "2024-Q3", "2024-Q4", "2025-Q1", "2025-Q2",
    "2025-Q3", "2025-Q4", "2026-Q1",
];

struct Dice(u64);

impl Dice {
    fn of(seed: u64) -> Dice {
        Dice(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }
    fn below(&mut self, many: u64) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % many) as usize
    }
}

const INDUSTRIES: [&str; 3] = ["A", "C", "G"];
const GROUPS: [&str; 3] = ["Acorn", "Beech", "Cedar"];

fn entries(dice: &mut Dice, clients: usize, units: u64) -> Vec<Entry> {
    let mut entry = || Entry {
        unit: dice.below(units),
        industry: INDUSTRIES[dice.below(3)],
        size: [SizeBand::Small, SizeBand::Medium][dice.below(2)],
        region: dice.below(2),
        group: None,
        since: "2023-01-02T09:00:00Z",
    };
    // the last franchise is there, so that all are
    let last = Entry { unit: units as usize - 1, ..entry() };
    (1..clients).map(|_| entry()).chain([last]).collect()
}

/// A quarter passes: clients come and go, move, and are said to belong together.
struct Course {
    dice: Dice,
    there: Vec<bool>,
    erased: BTreeSet<usize>,
    withdrawn: BTreeSet<Id<client::Entity>>,
}

impl Course {
    fn of(net: &Net, mut dice: Dice) -> Course {
        let there = (0..net.clients.len()).map(|_| dice.below(10) > 1).collect();
        Course { dice, there, erased: BTreeSet::new(), withdrawn: BTreeSet::new() }
    }

    async fn pass(&mut self, net: &Net, quarter: usize) {
        let dice = &mut self.dice;
        for (client, present) in self.there.iter_mut().enumerate() {
            if dice.below(100) < 7 && !self.erased.contains(&client) {
                *present = !*present;
            }
        }
        let write = net.write().await;
        for id in &net.clients {
            let chance = dice.below(100);
            if chance == 6 {
                let kind = if self.withdrawn.remove(id) {
                    BenchmarkStepKind::ConsentGiven
                } else {
                    self.withdrawn.insert(*id);
                    BenchmarkStepKind::ConsentWithdrawn
                };
                let (network_id, client_id, at) = (net.world.cast.network, *id, write.now());
                let step = benchmark_step::Model {
                    id: write.id(),
                    network_id,
                    client_id,
                    kind,
                    person_id: None,
                    at,
                };
                super::pour::<benchmark_step::Entity>(&write, vec![step]).await;
            }
            if chance >= 6 {
                continue;
            }
            let row = write.find::<client::Entity>(*id).await.expect("a look").expect("a client");
            let mut change = row.into_active_model();
            match chance {
                0..3 => change.industry = Set(INDUSTRIES[dice.below(3)].into()),
                3 => change.franchise_id = Set(net.franchises[dice.below(net.franchises.len() as u64)]),
                4 => change.legal_group = Set(Some(GROUPS[dice.below(3)].into())),
                _ => change.legal_group = Set(None),
            }
            crate::kit::fixtures::set::<client::Entity>(&write, change).await;
        }
        if quarter == 5 {
            let policy =
                write.find::<benchmark_policy::Entity>(entity::Id::new(net.world.cast.network.uuid())).await;
            let mut change = policy.expect("a look").expect("a policy").into_active_model();
            change.profile = Set([BenchmarkProfile::Strict, BenchmarkProfile::Antitrust][dice.below(2)]);
            crate::kit::fixtures::set::<benchmark_policy::Entity>(&write, change).await;
        }
        write.commit_quietly().await.expect("changes");
        if dice.below(2) == 0 {
            let gone = dice.below(net.clients.len() as u64);
            let mut write = net.write().await.with_verb("personErase", &RequestInfo::default());
            write.reach_all().await.expect("the network");
            let row =
                write.find::<client::Entity>(net.clients[gone]).await.expect("a look").expect("a client");
            forget(&write, &row).await.expect("forgotten");
            write.commit().await.expect("a commit");
            self.there[gone] = false;
            self.erased.insert(gone);
        }
    }
}

/// A history of twelve releases of 20 to 200 franchises: in how many releases something was published.
async fn history(backend: Backend, seed: u64) -> usize {
    let mut dice = Dice::of(seed);
    // more of the smaller, which the rules touch most
    let units = 20 + (dice.below(181) * dice.below(181) / 180) as u64;
    let clients = units as usize + 20 + dice.below(100);
    let entries = entries(&mut dice, clients, units);
    let net = Net::of(World::new(backend).await, entries).await;
    // late enough for the strictest profile
    net.world.at("2026-07-15T09:00:00Z");
    let mut course = Course::of(&net, dice);
    let mut published = 0;
    for (at, quarter) in QUARTERS.iter().enumerate() {
        net.release(quarter, |client| if course.there[client] { spread(client + at) } else { None }).await;
        published += usize::from(net.rows(quarter).await.iter().any(|row| row.depth > 0));
        course.pass(&net, at).await;
    }
    published
}

/// Histories one after the other; many releases tell something below the whole network, or they would prove nothing.
async fn histories(backend: Backend, seeds: std::ops::Range<u64>) {
    let (mut published, mut releases) = (0, 0);
    for seed in seeds {
        published += history(backend, seed).await;
        releases += QUARTERS.len();
    }
    assert!(10 * published > releases, "{published} of {releases} releases published something");
}

/// Tests of some histories each, so that they run beside each other.
macro_rules! tests {
    ($($module:ident { $($(#[$ignored:meta])? $name:ident: $backend:ident $seeds:expr,)* })*) => {
        $(mod $module {
            use super::{Backend, histories};
            $($(#[$ignored])?
            #[tokio::test]
            async fn $name() {
                histories(Backend::$backend, $seeds).await;
            })*
        })*
    };
}

tests! {
    few_histories_pass_the_verifier_at_each_close {
        on_sqlite_0: Sqlite 0..5,
        on_sqlite_1: Sqlite 5..10,
        on_postgres_0: Postgres 10..15,
        on_postgres_1: Postgres 15..20,
    }
    many_histories_pass_the_verifier_at_each_close {
        #[ignore = "slow"] on_sqlite_00: Sqlite 100..110,
        #[ignore = "slow"] on_sqlite_01: Sqlite 110..120,
        #[ignore = "slow"] on_sqlite_02: Sqlite 120..130,
        #[ignore = "slow"] on_sqlite_03: Sqlite 130..140,
        #[ignore = "slow"] on_sqlite_04: Sqlite 140..150,
        #[ignore = "slow"] on_sqlite_05: Sqlite 150..160,
        #[ignore = "slow"] on_sqlite_06: Sqlite 160..170,
        #[ignore = "slow"] on_sqlite_07: Sqlite 170..180,
        #[ignore = "slow"] on_sqlite_08: Sqlite 180..190,
        #[ignore = "slow"] on_sqlite_09: Sqlite 190..200,
        #[ignore = "slow"] on_sqlite_10: Sqlite 200..210,
        #[ignore = "slow"] on_sqlite_11: Sqlite 210..220,
        #[ignore = "slow"] on_sqlite_12: Sqlite 220..230,
        #[ignore = "slow"] on_sqlite_13: Sqlite 230..240,
        #[ignore = "slow"] on_sqlite_14: Sqlite 240..250,
        #[ignore = "slow"] on_sqlite_15: Sqlite 250..260,
        #[ignore = "slow"] on_sqlite_16: Sqlite 260..270,
        #[ignore = "slow"] on_sqlite_17: Sqlite 270..280,
        #[ignore = "slow"] on_sqlite_18: Sqlite 280..290,
        #[ignore = "slow"] on_sqlite_19: Sqlite 290..300,
        #[ignore = "slow"] on_postgres_0: Postgres 100..105,
        #[ignore = "slow"] on_postgres_1: Postgres 105..110,
        #[ignore = "slow"] on_postgres_2: Postgres 110..115,
        #[ignore = "slow"] on_postgres_3: Postgres 115..120,
    }
}
