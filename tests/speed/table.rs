//! The table of results, with one column for each side.

use crate::{cpu::Cpu, median};

/// Each side's name and the width of its columns.
const SIDES: [(&str, usize); 3] = [("concord", 9), ("by hand", 9), ("postgraphile", 14)];

/// The result of a round: requests a second, and CPU time a request.
#[derive(Clone, Copy)]
pub struct Measurement {
    pub speed: f64,
    pub cpu: Cpu,
}

/// The rounds of a workload, for each side. Empty for a side that does not run the workload.
pub type Rounds = [Vec<Measurement>; SIDES.len()];

/// The two heading lines.
pub fn heading() -> String {
    let groups = [("requests a second", 0), ("ratio", 1), ("server ms", 0), ("database ms", 0)];
    let (mut above, mut below) = (format!("{:<4}", ""), format!("\n{:<4}", ""));
    for (group, first) in groups {
        let width: usize = SIDES[first..].iter().map(|(_, width)| width).sum();
        above += &format!("{group:>width$}");
        for (side, width) in &SIDES[first..] {
            below += &format!("{side:>width$}");
        }
    }
    above + &below
}

/// The row of a workload: medians of requests a second, ratios of Concord to the other sides, and milliseconds of CPU
/// time a request.
pub fn row(name: &str, rounds: &Rounds) -> String {
    let of = |part: fn(&Measurement) -> f64| {
        rounds
            .each_ref()
            .map(|rounds| (!rounds.is_empty()).then(|| median(rounds.iter().map(part).collect())))
    };
    let speeds = of(|one| one.speed);
    let [ours, others @ ..] = speeds;
    let ratios = others.map(|theirs| Some(ours? / theirs?));
    let (server, database) = (of(|one| one.cpu.server), of(|one| one.cpu.database));
    let mut row = format!("{name:<4}");
    for (values, digits) in [(&speeds[..], 0), (&ratios[..], 2), (&server[..], 3), (&database[..], 3)] {
        for (value, (_, width)) in values.iter().zip(&SIDES[SIDES.len() - values.len()..]) {
            row += &match value {
                Some(value) => format!("{value:>width$.digits$}"),
                None => format!("{:>width$}", "–"),
            };
        }
    }
    row
}
