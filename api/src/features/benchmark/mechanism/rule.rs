//! ρ and ρΔ: how many clients and facilitator units a set needs, and how evenly they must lie.

/// Number of releases that are compared with each other.
pub const WINDOW: usize = 4;

/// Most choices that are compared before a repair is chosen.
pub const CANDIDATES: usize = 32;

/// What a set of clients must satisfy. Both parts survive disjoint union: counts add, and if no unit has more than its
/// share of either set, none has of both.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bound {
    /// Fewest clients.
    pub clients: u32,
    /// Fewest facilitator units.
    pub units: u32,
    /// The largest unit has at most one in this many of the clients.
    pub one_in: u32,
}

impl Bound {
    /// Whether a set satisfies the bound: `clients` of `units`, `most` of them of the largest unit.
    pub fn holds(self, clients: u32, units: u32, most: u32) -> bool {
        clients >= self.clients
            && units >= self.units
            && u64::from(self.one_in) * u64::from(most) <= u64::from(clients)
    }
}

/// How strict a network is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Profile {
    /// The rules of `benchmarkPolicy`'s default.
    Standard,
    /// Changes between releases need more clients.
    Strict,
    /// For networks whose franchises compete: smaller shares of each franchise, and later releases.
    Antitrust,
}

impl Profile {
    pub const ALL: [Profile; 3] = [Profile::Standard, Profile::Strict, Profile::Antitrust];

    /// Name in settings and files.
    pub fn name(self) -> &'static str {
        match self {
            Profile::Standard => "standard",
            Profile::Strict => "strict",
            Profile::Antitrust => "antitrust",
        }
    }
    /// The profile with a name.
    pub fn named(name: &str) -> Option<Profile> {
        Profile::ALL.into_iter().find(|profile| profile.name() == name)
    }
    /// ρ: the bound of every atom.
    pub fn rho(self) -> Bound {
        match self {
            Profile::Standard | Profile::Strict => Bound { clients: 12, units: 5, one_in: 3 },
            Profile::Antitrust => Bound { clients: 12, units: 5, one_in: 4 },
        }
    }
    /// ρΔ: the bound of every class. ρ implies it, so clients can be moved up the tree.
    pub fn delta(self) -> Bound {
        match self {
            Profile::Standard | Profile::Antitrust => Bound { clients: 4, units: 3, one_in: 2 },
            Profile::Strict => Bound { clients: 6, units: 3, one_in: 3 },
        }
    }
    /// Days from the end of a period to the freezing of its release.
    pub fn freeze_days(self) -> i64 {
        match self {
            Profile::Standard | Profile::Strict => 30,
            Profile::Antitrust => 90,
        }
    }
}
