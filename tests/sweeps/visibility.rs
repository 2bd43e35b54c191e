//! Who sees which rows, said once more and differently than the kernel does: as a predicate over rows. Scenarios
//! compare the two.

use crate::kit::{
    Cast, Persona,
    fixtures::{Fixtures, StoredRow},
};
use entity::Table;

/// Where a persona stands.
pub struct Visibility<'a> {
    who: Persona,
    network: String,
    me: String,
    /// Head office.
    wide: bool,
    /// The franchise they belong to.
    franchise: Option<String>,
    /// The franchises they belong to or deal with.
    practices: Vec<String>,
    /// Clients whose every team they see.
    clients: Vec<String>,
    /// The one team they see, and its client.
    team: Option<(String, String)>,
    stored_rows: &'a [StoredRow],
}

/// Content: what was decided, planned and said.
pub const CONTENT: &[Table] = &[
    Table::Member,
    Table::StageCheck,
    Table::StageEvent,
    Table::TeamYear,
    Table::Target,
    Table::Cycle,
    Table::Priority,
    Table::Milestone,
    Table::Measurable,
    Table::MeasurableValue,
    Table::Seat,
    Table::PriorityConflict,
    Table::Action,
    Table::ActionComment,
    Table::ActionMove,
    Table::Reopening,
    Table::CheckIn,
    Table::Session,
    Table::DriftSignal,
    Table::Attendance,
    Table::Decision,
    Table::DecisionOption,
    Table::DecisionPosition,
    Table::DecisionEvent,
    Table::AgendaItem,
    Table::ParkedTopic,
    Table::DotVote,
    Table::DotVoteOption,
    Table::PreWorkPrompt,
    Table::PreWorkAnswer,
    Table::Recap,
    Table::RecapAddendum,
    Table::AlignmentRound,
    Table::AlignmentStatement,
    Table::AlignmentQuestion,
    Table::DecisionReadBack,
    Table::DecisionAttestation,
    Table::Obstacle,
    Table::ObstacleEvent,
    Table::SessionSeries,
    Table::StrategySection,
    Table::StrategyVersion,
    Table::StrategyItem,
    Table::StrategyPosition,
    Table::StrategyReadBack,
];

/// What everybody in the network has in sight.
const COMMON: &[Table] = &[
    Table::Network,
    Table::Region,
    Table::Classification,
    Table::DriftPolicy,
    Table::RiskPolicy,
    Table::MetricPeriod,
    Table::BenchmarkPolicy,
    Table::BenchmarkRelease,
];

/// Templates and their parts.
const TEMPLATES: &[Table] = &[
    Table::Template,
    Table::TemplateVersion,
    Table::TemplateStage,
    Table::StageCriterion,
    Table::AgendaTemplateItem,
    Table::QuestionnaireStatement,
    Table::TemplateResource,
    Table::TemplateSection,
];

/// What each person has for themselves alone.
pub const OWN: &[Table] =
    &[Table::DecisionStance, Table::DecisionRestatement, Table::StrategyStance, Table::StrategyRestatement];

impl Visibility<'_> {
    /// `ledger` holds the rows of every network.
    pub fn of<'a>(
        who: Persona,
        cast: &Cast,
        fixtures: &Fixtures,
        stored_rows: &'a [StoredRow],
    ) -> Visibility<'a> {
        use Persona::*;
        let (network, person, _) = cast.person(who);
        let (home, other) = (cast.franchise.to_string(), cast.other_franchise.to_string());
        let client = cast.client.to_string();
        let (franchise, clients, team) = match who {
            Admin | Analyst | Foreigner => (None, vec![], None),
            Owner => (Some(home.clone()), vec![client, fixtures.spare.client.to_string()], None),
            Facilitator => (Some(home.clone()), vec![client], None),
            Stranger => (Some(other.clone()), vec![cast.other_client.to_string()], None),
            Sponsor => (None, vec![client], None),
            Leader | Observer => (None, vec![], Some((cast.team.to_string(), client))),
        };
        let practices = match who {
            Admin | Analyst | Foreigner => vec![],
            Stranger => vec![other],
            _ => vec![home],
        };
        Visibility {
            who,
            network: network.to_string(),
            me: person.to_string(),
            wide: matches!(who, Admin | Analyst | Foreigner),
            franchise,
            practices,
            clients,
            team,
            stored_rows,
        }
    }

    /// Whether a row is in sight.
    pub fn sees(&self, row: &StoredRow) -> bool {
        use Persona::*;
        let network = if row.table == Table::Network { Some(row.id.as_str()) } else { row.text("networkId") };
        if network != Some(self.network.as_str()) {
            return false;
        }
        let manages = !matches!(self.who, Analyst | Leader | Observer);
        let facilitates = matches!(self.who, Facilitator | Stranger);
        match row.table {
            table if COMMON.contains(&table) => true,
            Table::BenchmarkCohort => self.wide,
            table if TEMPLATES.contains(&table) => self.sees_template(row),
            Table::Franchise => self.wide || self.practices.contains(&row.id),
            Table::Person => self.wide || self.knows(&row.id),
            Table::Membership => self.wide || self.in_roster(row),
            Table::Invitation | Table::ClientTransfer | Table::OwnerOpening => {
                manages && (self.wide || self.in_roster(row))
            }
            Table::AuditEvent => manages && self.sees_audit_event(row),
            Table::Client => self.wide || self.around(&row.id),
            Table::ClientNote => facilitates && row.text("clientId").is_some_and(|of| self.whole(of)),
            Table::ToDo => facilitates && row.text("personId") == Some(&self.me),
            // answers with names: for the client's facilitators and those of its team who take part
            Table::AlignmentVoice | Table::AlignmentText | Table::VoiceBalance => match self.who {
                Facilitator | Stranger => row.text("clientId").is_some_and(|of| self.whole(of)),
                Sponsor | Leader => row.text("teamId").is_some_and(|team| self.belongs(team)),
                _ => false,
            },
            Table::Assignment | Table::SupportAccess | Table::SupportVisit | Table::BenchmarkStep => {
                self.wide || row.text("clientId").is_some_and(|of| self.around(of))
            }
            Table::MetricValue | Table::StrategyShared => {
                !self.wide && row.text("clientId").is_some_and(|of| self.around(of))
            }
            Table::Team => self.wide || self.in_team(row.text("clientId"), Some(&row.id)),
            Table::Programme
            | Table::ProgrammePause
            | Table::CheckInRhythm
            | Table::StageRun
            | Table::ReviewCadence
            | Table::Review => self.wide || self.in_team(row.text("clientId"), row.text("teamId")),
            table if OWN.contains(&table) => !self.wide && row.text("personId") == Some(&self.me),
            // everybody's own, for those who can be members of a team
            Table::AlignmentResponse
            | Table::AlignmentAnswer
            | Table::AlignmentTextInput
            | Table::DotBallot
            | Table::PreWorkInput => {
                matches!(self.who, Sponsor | Leader) && row.text("personId") == Some(&self.me)
            }
            // for those who run the programme
            Table::DecisionReadBack | Table::StrategyReadBack
                if matches!(self.who, Sponsor | Leader | Observer) =>
            {
                false
            }
            Table::DataExport | Table::Notice | Table::NoticeSetting | Table::NoticePreference => {
                row.text("personId") == Some(&self.me)
            }
            Table::SearchEntry if row.columns["content"] == false => {
                self.wide || row.text("clientId").is_some_and(|of| self.around(of))
            }
            Table::SearchEntry => !self.wide && self.in_team(row.text("clientId"), row.text("teamId")),
            Table::SessionRating => {
                matches!(self.who, Sponsor | Leader | Observer) && row.text("personId") == Some(&self.me)
            }
            table if CONTENT.contains(&table) => {
                !self.wide && self.in_team(row.text("clientId"), row.text("teamId"))
            }
            _ => false,
        }
    }

    /// Templates of the network and of the own franchise, for those who run programmes.
    fn sees_template(&self, row: &StoredRow) -> bool {
        let own = row.text("franchiseId");
        !matches!(self.who, Persona::Sponsor | Persona::Leader | Persona::Observer)
            && (self.wide || own.is_none() || own == self.franchise.as_deref())
    }

    /// Head office has what is not content, the others what is of their clients and their franchise.
    fn sees_audit_event(&self, row: &StoredRow) -> bool {
        if self.wide {
            return row.columns["content"] == false;
        }
        let franchise = row.text("franchiseId");
        row.text("clientId").is_some_and(|of| self.whole(of))
            || franchise.is_some() && franchise == self.franchise.as_deref()
    }

    /// Whether they are an active member of a team.
    fn belongs(&self, team: &str) -> bool {
        self.stored_rows.iter().any(|row| {
            row.table == Table::Member
                && row.text("teamId") == Some(team)
                && row.text("personId") == Some(&self.me)
                && row.columns["status"] == "ACTIVE"
        })
    }

    fn whole(&self, client: &str) -> bool {
        self.clients.iter().any(|own| own == client)
    }

    fn around(&self, client: &str) -> bool {
        self.whole(client) || self.team.as_ref().is_some_and(|(_, own)| own == client)
    }

    fn in_team(&self, client: Option<&str>, team: Option<&str>) -> bool {
        client.is_some_and(|client| self.whole(client))
            || self.team.as_ref().is_some_and(|(own, _)| Some(own.as_str()) == team)
    }

    fn in_roster(&self, row: &StoredRow) -> bool {
        let franchise = row.text("franchiseId");
        row.text("personId") == Some(&self.me)
            || row.text("clientId").is_some_and(|of| self.around(of))
            || franchise.is_some() && franchise == self.franchise.as_deref()
    }

    /// Colleagues, and who works for, leads or belongs to a client around here.
    fn knows(&self, person: &str) -> bool {
        let near = |row: &StoredRow| {
            let franchise = row.text("franchiseId");
            row.text("clientId").is_some_and(|of| self.around(of))
                || row.table == Table::Membership
                    && franchise.is_some()
                    && franchise == self.franchise.as_deref()
        };
        let ties = [Table::Member, Table::Assignment, Table::Membership];
        person == self.me
            || self
                .stored_rows
                .iter()
                .any(|row| ties.contains(&row.table) && row.text("personId") == Some(person) && near(row))
    }
}
