//! Histories by chance through the database: clients join, leave, move, withdraw and are erased, the profile changes, and
//! each release closes, which it does only where the verifier finds nothing in what was stored.

use super::{Entry, Net, PERIODS, spread};
use crate::scenario;
use concord::{features::benchmark::forgetting::forget, kernel::Asking};
use entity::{benchmark_policy, benchmark_policy::BenchmarkProfile, client, client::SizeBand};
use sea_orm::{ActiveValue::Set, IntoActiveModel};

struct Dice(u64);

impl Dice {
    fn below(&mut self, many: u64) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % many) as usize
    }
}

const INDUSTRIES: [&str; 3] = ["A", "C", "G"];

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

async fn history(net: &Net, dice: &mut Dice) {
    // late enough for the strictest profile
    net.world.at("2026-05-15T09:00:00Z");
    let mut there: Vec<bool> = (0..net.clients.len()).map(|_| dice.below(10) > 1).collect();
    let mut erased = vec![];
    let mut told = 0;
    for (at, period) in PERIODS.iter().enumerate() {
        net.release(period, |client| if there[client] { spread(client + at) } else { None }).await;
        told += net.cohorts(period).await.len();
        for (client, present) in there.iter_mut().enumerate() {
            if dice.below(100) < 7 && !erased.contains(&client) {
                *present = !*present;
            }
        }
        let write = net.write().await;
        for id in &net.clients {
            if dice.below(100) < 4 {
                let row = write.find::<client::Entity>(*id).await.expect("a look").expect("a client");
                let mut change = row.into_active_model();
                change.industry = Set(INDUSTRIES[dice.below(3)].into());
                write.set::<client::Entity>(change).await.expect("a move");
            }
        }
        if at == 3 {
            let policy =
                write.find::<benchmark_policy::Entity>(entity::Id::new(net.world.cast.network.uuid())).await;
            let mut change = policy.expect("a look").expect("a policy").into_active_model();
            change.profile = Set([BenchmarkProfile::Strict, BenchmarkProfile::Antitrust][dice.below(2)]);
            write.set::<benchmark_policy::Entity>(change).await.expect("another profile");
        }
        write.commit_quietly().await.expect("changes");
        if dice.below(2) == 0 {
            let gone = dice.below(net.clients.len() as u64);
            let mut write = net.write().await.doing("personErase", &Asking::default());
            write.reach_all().await.expect("the network");
            let row =
                write.find::<client::Entity>(net.clients[gone]).await.expect("a look").expect("a client");
            forget(&write, &row).await.expect("forgotten");
            write.commit().await.expect("a commit");
            there[gone] = false;
            erased.push(gone);
        }
    }
    assert!(told > 3, "something was told: {told}");
}

scenario! {
    async fn a_history_by_chance_passes_the_verifier_at_each_close(world: World) {
        let mut dice = Dice(0x2545_f491_4f6c_dd1d);
        let net = Net::of(world, entries(&mut dice, 90, 12)).await;
        history(&net, &mut dice).await;
    }
}

scenario! {
    #[ignore = "slow"]
    async fn many_histories_by_chance_pass_the_verifier(world: World) {
        for seed in 1..=10_u64 {
            let mut dice = Dice(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1);
            let units = 6 + dice.below(20) as u64;
            let clients = 60 + dice.below(60);
            let other = crate::kit::World::new(world.backend).await;
            let net = Net::of(other, entries(&mut dice, clients, units)).await;
            history(&net, &mut dice).await;
        }
    }
}
