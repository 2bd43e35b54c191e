//! The quartile of a client's own frozen value among published figures. Never a rank among peers.

use super::quantile::Figures;

/// The quarter that a value lies in. A value equal to a quartile lies above it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Quartile {
    /// Below the lower quartile.
    Lowest,
    /// From the lower quartile, below the median.
    Lower,
    /// From the median, below the upper quartile.
    Upper,
    /// From the upper quartile.
    Highest,
}

impl Quartile {
    /// The quarter of a value in basis points.
    pub fn of(value: u16, figures: &Figures) -> Quartile {
        if value < figures.p25 {
            Quartile::Lowest
        } else if value < figures.p50 {
            Quartile::Lower
        } else if value < figures.p75 {
            Quartile::Upper
        } else {
            Quartile::Highest
        }
    }
}

/// The published cohort for a path: its own, or its nearest published ancestor. It depends on the path alone, so every
/// viewer gets the same cohort, whether it counts the client or not.
pub fn answering(path: &[String], published: impl Fn(&[String]) -> bool) -> Option<&[String]> {
    (0..=path.len()).rev().map(|length| &path[..length]).find(|path| published(path))
}
