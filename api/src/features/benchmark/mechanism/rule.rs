//! ρ and ρΔ: how many clients and facilitator units a set needs, and how evenly they must lie.

/// Releases that are held against each other.
pub const WINDOW: usize = 4;

/// What a set of clients must satisfy. Both parts survive disjoint union: counts add, and if no unit has more than its
/// share of either set, none has of both.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bound {
    /// Clients it needs.
    pub clients: u32,
    /// Facilitator units they need to come from.
    pub units: u32,
    /// No unit has more than one in so many of the clients.
    pub one_in: u32,
}

impl Bound {
    /// Whether so many clients of so many units, `most` of them of one, satisfy it.
    pub fn holds(self, clients: u32, units: u32, most: u32) -> bool {
        clients >= self.clients
            && units >= self.units
            && u64::from(self.one_in) * u64::from(most) <= u64::from(clients)
    }
}

/// How strict a network is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Profile {
    /// The rules as they are.
    Standard,
    /// More people have to change together.
    Strict,
    /// For networks whose franchises compete: less of any one of them, and later.
    Antitrust,
}

impl Profile {
    pub const ALL: [Profile; 3] = [Profile::Standard, Profile::Strict, Profile::Antitrust];

    /// The name it has in settings and files.
    pub fn name(self) -> &'static str {
        match self {
            Profile::Standard => "standard",
            Profile::Strict => "strict",
            Profile::Antitrust => "antitrust",
        }
    }
    /// The profile of a name.
    pub fn named(name: &str) -> Option<Profile> {
        Profile::ALL.into_iter().find(|profile| profile.name() == name)
    }
    /// ρ: what every atom satisfies.
    pub fn rho(self) -> Bound {
        match self {
            Profile::Standard | Profile::Strict => Bound { clients: 12, units: 5, one_in: 3 },
            Profile::Antitrust => Bound { clients: 12, units: 5, one_in: 4 },
        }
    }
    /// ρΔ: what every class satisfies. ρ implies it, which is why sets can be rolled up.
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
