//! What closing a period costs with 50,000 clients, all of them counted in all twelve metrics, with a full window of
//! releases before it, and how long others wait for their writes meanwhile. Run as api/README.md says; it prints what it
//! measures, and fails beyond two minutes, 500 MB or half a second.

use super::{Entry, Net, PERIODS, Poured, spread};
use crate::scenario;
use concord::features::{benchmark, metric::definition::METRICS, metric::rules::Quarter};
use entity::{client::SizeBand, metric_value::Metric};
use std::{
    io::Write,
    pin::pin,
    time::{Duration, Instant},
};

const CLIENTS: usize = 50_000;
const UNITS: usize = 2_000;
const INDUSTRIES: [&str; 18] =
    ["A", "B", "C", "D", "E", "F", "G", "H", "I", "J", "K", "L", "M", "N", "O", "P", "Q", "R"];

fn entries() -> Vec<Entry> {
    use SizeBand::{Large, Medium, Micro, Small};
    let entry = |at: usize| Entry {
        unit: at % UNITS,
        industry: INDUSTRIES[at / 7 % INDUSTRIES.len()],
        size: [Micro, Small, Medium, Large][at / 3 % 4],
        region: at / 2 % 2,
        group: None,
        since: "2023-01-02T09:00:00Z",
    };
    (0..CLIENTS).map(entry).collect()
}

/// Megabytes of memory that this process used at its highest since it was asked last.
fn highest() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").expect("the process's status");
    let line = status.lines().find(|line| line.starts_with("VmHWM:")).expect("its memory");
    let kilobytes = line.split_whitespace().nth(1).and_then(|text| text.parse::<u64>().ok());
    std::fs::write("/proc/self/clear_refs", "5").expect("from now on");
    kilobytes.expect("a number") / 1_024
}

/// Waits for a transaction that writes.
async fn write_elsewhere(net: &Net) {
    net.write().await.commit_quietly().await.expect("a commit");
}

scenario! {
    #[ignore = "slow: it measures"]
    async fn closing_takes_less_than_two_minutes_and_gives_way(world: World) {
        let net = Net::of(world, entries()).await;
        for (at, period) in PERIODS.iter().enumerate().take(4) {
            let each = |client: usize| -> Option<(i64, i64)> {
                // one in fifty is absent
                if (client + at * 13).is_multiple_of(50) { None } else { spread(client + at).map(|value| (value, 20)) }
            };
            let metrics: Vec<(Metric, Poured<'_>)> =
                METRICS.iter().map(|metric| (*metric, &each as Poured<'_>)).collect();
            net.freeze_all(period, &metrics).await;
            let before = highest();
            let began = Instant::now();
            let (steps, quarter) = (net.steps(), Quarter::parse(period).expect("a quarter"));
            let mut closing = pin!(benchmark::close_releases(&steps, quarter, None));
            let mut longest = Duration::ZERO;
            loop {
                let asked = Instant::now();
                tokio::select! {
                    biased;
                    closed = &mut closing => {
                        closed.expect("a closing").expect("releases");
                        break;
                    }
                    () = write_elsewhere(&net) => longest = longest.max(asked.elapsed()),
                }
            }
            let (lasted, memory) = (began.elapsed(), highest());
            let summary = format!(
                "{period}: {lasted:.1?}, others waited {longest:.1?} at most, {memory} MB at the highest ({before} MB before)"
            );
            writeln!(std::io::stdout(), "{:?} {summary}", net.world.backend).expect("standard output");
            assert!(lasted.as_secs() < 120 && memory < 500 && longest.as_millis() < 500, "{summary}");
        }
    }
}
