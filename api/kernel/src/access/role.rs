//! What one can be at a node of the tree.

/// A role that a person holds through memberships and assignments. The schema shows it as `MembershipRole`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Role {
    /// Administrator at head office: creates franchises, manages templates and policies. Sees progress, not content.
    HeadOfficeAdmin,
    /// Analyst at head office: reads facts about the organisation and aggregated figures.
    HeadOfficeAnalyst,
    /// Manages the facilitators and clients of a franchise.
    FranchiseOwner,
    /// Runs the programmes of assigned clients, as lead or alongside the lead.
    Facilitator,
    /// Person at the client who is responsible for the programme.
    Sponsor,
    /// Owns priorities and actions in a team.
    Leader,
    /// Reads content: an observer in a team, or a facilitator assigned as an observer.
    Observer,
}

impl Role {
    pub const ALL: [Role; 7] = [
        Role::HeadOfficeAdmin,
        Role::HeadOfficeAnalyst,
        Role::FranchiseOwner,
        Role::Facilitator,
        Role::Sponsor,
        Role::Leader,
        Role::Observer,
    ];
    pub const fn bit(self) -> Roles {
        Roles(1 << self as u8)
    }
    /// The name in the schema.
    pub const fn name(self) -> &'static str {
        match self {
            Role::HeadOfficeAdmin => "HEAD_OFFICE_ADMIN",
            Role::HeadOfficeAnalyst => "HEAD_OFFICE_ANALYST",
            Role::FranchiseOwner => "FRANCHISE_OWNER",
            Role::Facilitator => "FACILITATOR",
            Role::Sponsor => "SPONSOR",
            Role::Leader => "LEADER",
            Role::Observer => "OBSERVER",
        }
    }
}

/// A set of roles.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Roles(pub u8);

impl Roles {
    pub const NONE: Roles = Roles(0);

    pub const fn of(roles: &[Role]) -> Roles {
        let (mut set, mut at) = (0, 0);
        while at < roles.len() {
            set |= 1 << roles[at] as u8;
            at += 1;
        }
        Roles(set)
    }
    pub const fn with(self, other: Roles) -> Roles {
        Roles(self.0 | other.0)
    }
    pub const fn both(self, other: Roles) -> Roles {
        Roles(self.0 & other.0)
    }
    pub const fn without(self, other: Roles) -> Roles {
        Roles(self.0 & !other.0)
    }
    /// Whether `other` has each of these roles.
    pub const fn is_within(self, other: Roles) -> bool {
        self.without(other).is_empty()
    }
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }
    pub const fn has(self, role: Role) -> bool {
        self.0 & 1 << role as u8 != 0
    }
    pub fn iter(self) -> impl Iterator<Item = Role> {
        Role::ALL.into_iter().filter(move |role| self.has(*role))
    }
}
