//! The published figures: smoothed quantiles of basis points, on a coarse grid, computed in integers.

/// The grid of published figures, in basis points.
pub const GRID: u64 = 500;
/// The lowest and the highest published figure. They mean "at most" and "at least".
pub const ENDS: (u16, u16) = (500, 9_500);
/// The largest contribution.
pub const WHOLE: u16 = 10_000;
/// Fewest members for which the outer deciles are published.
pub const DECILES: usize = 30;

/// The published figures of a set's values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Figures {
    /// Deciles 1 and 9. None if the set is too small.
    pub deciles: Option<(u16, u16)>,
    pub p25: u16,
    pub p50: u16,
    pub p75: u16,
}

impl Figures {
    /// The figures of a set's values, in any order. None for fewer values than ρ of any profile needs.
    pub fn of(mut values: Vec<u16>) -> Option<Figures> {
        values.sort_unstable();
        let of = |part, parts| quantile(&values, part, parts);
        let deciles = if values.len() >= DECILES { of(1, 10).zip(of(9, 10)) } else { None };
        Some(Figures { deciles, p25: of(1, 4)?, p50: of(1, 2)?, p75: of(3, 4)? })
    }
}

/// The quantile `part / parts` of sorted values: with sᵢ the mean of the i-th value and its two neighbours and
/// h = part/parts · (N + 1), between s⌊h⌋ and s⌈h⌉; half-up to the grid. None unless 3 ≤ h ≤ N − 2: then no figure
/// depends mostly on the lowest or the highest value.
pub fn quantile(sorted: &[u16], part: u64, parts: u64) -> Option<u16> {
    let count = sorted.len() as u64;
    let whole = part * (count + 1);
    if whole < 3 * parts || whole > count.saturating_sub(2) * parts {
        return None;
    }
    let (floor, over) = (whole / parts, whole % parts);
    // three times sᵢ, which counts from 1
    let three = |i: u64| -> u64 {
        let i = usize::try_from(i).expect("a place in the list");
        sorted[i - 2..=i].iter().copied().map(u64::from).sum()
    };
    let ceiling = if over == 0 { floor } else { floor + 1 };
    let numerator = (parts - over) * three(floor) + over * three(ceiling);
    let step = 3 * parts * GRID;
    let rounded = (2 * numerator + step) / (2 * step) * GRID;
    let figure = u16::try_from(rounded).expect("at most the whole and half a step");
    Some(figure.clamp(ENDS.0, ENDS.1))
}

/// A figure as published: values beyond an end become the end.
pub fn shown(figure: u16) -> String {
    let sign = match figure {
        low if low <= ENDS.0 => "≤ ",
        high if high >= ENDS.1 => "≥ ",
        _ => "",
    };
    format!("{sign}{} %", figure / 100)
}

/// The published size of a set.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Band {
    /// 12 to 19 members.
    Dozen,
    /// 20 to 49 members.
    Score,
    /// 50 to 99 members.
    Fifty,
    /// 100 members or more.
    Hundred,
}

impl Band {
    /// The band of a number of members.
    pub fn of(members: usize) -> Band {
        match members {
            ..20 => Band::Dozen,
            20..50 => Band::Score,
            50..100 => Band::Fifty,
            100.. => Band::Hundred,
        }
    }
    pub fn name(self) -> &'static str {
        match self {
            Band::Dozen => "12-19",
            Band::Score => "20-49",
            Band::Fifty => "50-99",
            Band::Hundred => "100+",
        }
    }
}
