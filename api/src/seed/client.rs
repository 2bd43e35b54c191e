//! One client: its facilitators, team and members, and then its programme, sessions and work.

use super::{
    agendas,
    batch::Batch,
    calendar::At,
    check_ins, confidence, decisions, details,
    directory::Directory,
    drifting, lives,
    making::Making,
    names::{self, Taken},
    notices, obstacles, people, preparing, programme, ratings, reviews, rounds, scorecards, seats, sessions,
    sketch::NetworkShape,
    source::Source,
    story::Outlook,
    strategies, trace,
    vocabulary::industries::{ROLES, SMALL_ROLES},
    work, years,
};
use chrono::Duration;
use entity::{
    Id, assignment, assignment::AssignmentPart, client, client::ClientStatus, client::SizeBand, member,
    member::MemberStatus, membership::MembershipRole, person, team,
};

/// Makes the client of the card at this place, and all that is its own.
pub fn add(directory: &Directory, at: usize, batch: &mut Batch) {
    let card = &directory.cards[at];
    let mut making = Making {
        directory,
        card,
        source: Source::new(directory.sketch.seed, 1_000 + at as u64),
        batch,
        now: directory.sketch.now,
        network: directory.network,
        client: card.client,
        team: card.team,
        members: Vec::new(),
        leader: None,
    };
    making.organisation(at);
    making.team();
    people::add(&mut making, at);
    confidence::add(&mut making, &mut Source::new(directory.sketch.seed, 2_000_000 + at as u64));
    let Some(programme) = programme::draw(&mut making) else { return };
    programme::add_pauses(&mut making, &programme, at);
    let runs = programme::draw_runs(&mut making, &programme);
    let (mut held, mut told) = (None, 0);
    if let Some(line) = &card.line {
        told = making.batch.sessions.len();
        let held = held.insert(sessions::add(&mut making, line, programme.id));
        let priorities = work::add_priorities(&mut making, line, &runs);
        work::add_actions(&mut making, line, held, &priorities);
        let mut chances = Source::new(directory.sketch.seed, 1_000_000 + at as u64);
        rounds::add(&mut making, &mut chances, held);
    }
    scorecards::add(&mut making, at);
    seats::add(&mut making, at);
    reviews::add(&mut making, &programme, at);
    if let Some(line) = card.line.as_ref() {
        check_ins::add(&mut making, line, at);
    }
    let status = programme.status;
    programme::add(&mut making, programme, &runs);
    strategies::add(&mut making, at, card.line.as_ref(), &runs);
    if let Some((line, held)) = card.line.as_ref().zip(held) {
        decisions::add(&mut making, at, line, &held, &runs);
        obstacles::add(&mut making, at, line, &held);
        trace::link(&mut making, at);
        years::add(&mut making, at);
        if directory.sketch.shape == NetworkShape::Grown {
            agendas::add(&mut making, at, told);
            preparing::add(&mut making, at);
        }
        details::add(&mut making, at);
        ratings::add(&mut making, at);
    }
    // last: milestones and measurables show progress
    drifting::add(&mut making, status, at);
    notices::add(&mut making, &mut Source::new(directory.sketch.seed, 57_000_000 + at as u64));
}

impl Making<'_> {
    fn organisation(&mut self, place: usize) {
        let (card, created_at) = (self.card, self.card.created_at);
        let practice = &self.directory.practices[card.practice];
        let ended = matches!(card.outlook, Outlook::Terminated(_) | Outlook::Completed);
        let archived = ended && self.source.chance(30);
        let life = lives::life(self, place, archived);
        self.batch.clients.push(client::Model {
            id: card.client,
            network_id: self.network,
            franchise_id: practice.franchise,
            region_id: practice.region,
            name: card.name.clone(),
            industry: card.industry.letter.into(),
            size_band: card.size,
            time_zone: card.zone.name().into(),
            status: life.status,
            created_at,
            erased_at: None,
            legal_group: None,
            contract_starts_on: life.starts_on,
            contract_ends_on: life.ends_on,
            paused_at: None,
            archived_at: life.archived_at,
            archived_from: life.archived_at.map(|_| ClientStatus::Active),
            version: if life.status == ClientStatus::Active { 1 } else { 2 },
        });
        let others: Vec<_> =
            practice.facilitators.iter().copied().filter(|person| *person != card.lead).collect();
        let mut since = created_at;
        if !others.is_empty() && !card.stage_door {
            if self.source.chance(8) {
                since = self.moment(created_at + Duration::hours(1), self.now);
                let earlier = *self.source.pick(&others);
                self.assign(earlier, AssignmentPart::Lead, created_at, Some(since));
            }
            if self.source.chance(14) {
                let beside = *self.source.pick(&others);
                let part = if self.source.chance(80) { AssignmentPart::Co } else { AssignmentPart::Observer };
                self.assign(beside, part, since, None);
            }
        }
        self.assign(card.lead, AssignmentPart::Lead, since, None);
    }

    fn assign(
        &mut self,
        person: Id<person::Entity>,
        part: AssignmentPart,
        starts_at: At,
        ends_at: Option<At>,
    ) {
        self.batch.assignments.push(assignment::Model {
            id: self.source.id(starts_at),
            network_id: self.network,
            client_id: self.client,
            person_id: person,
            part,
            starts_at,
            ends_at,
            version: if ends_at.is_some() { 2 } else { 1 },
        });
    }

    fn team(&mut self) {
        let size = self.card.size;
        let names: &[&str] = match size {
            SizeBand::Micro | SizeBand::Small => &["Leadership team", "Management team", "Partners"],
            SizeBand::Medium => &["Leadership team", "Senior team", "Management board"],
            SizeBand::Large | SizeBand::Enterprise => {
                &["Executive team", "Executive board", "Senior leadership team"]
            }
        };
        self.batch.teams.push(team::Model {
            id: self.team,
            network_id: self.network,
            client_id: self.client,
            name: (*self.source.pick(names)).into(),
            created_at: self.card.created_at + Duration::minutes(4),
            archived_at: None,
            version: 1,
        });
        let count = match (self.directory.sketch.shape, size) {
            (NetworkShape::Even, _) => 8,
            _ if self.card.stage_door => 8,
            (_, SizeBand::Micro) => self.source.between(4, 5),
            (_, SizeBand::Small) => self.source.between(5, 7),
            _ => self.source.between(6, 9),
        };
        let roles = if size <= SizeBand::Small { SMALL_ROLES } else { ROLES };
        let mut taken = Taken::new();
        for role in roles.iter().take(count as usize) {
            let title = role.replace("{delivery}", self.card.industry.delivery);
            self.member(title, &mut taken, None);
        }
        if self.directory.sketch.shape == NetworkShape::Grown
            && !self.card.stage_door
            && self.source.chance(12)
        {
            let from = self.card.created_at + Duration::days(2);
            let left = self.moment(from, self.now);
            self.member("Business Development Manager".into(), &mut taken, Some(left));
        }
    }

    /// In the cast's team the first two are its sponsor and its leader.
    fn member(&mut self, job_title: String, taken: &mut Taken, removed_at: Option<At>) {
        let role = match self.members.len() {
            0 if self.card.stage_door => Some(MembershipRole::Sponsor),
            2 if self.card.stage_door => Some(MembershipRole::Leader),
            _ => None,
        };
        let person = role.and_then(|role| self.directory.cast.named(role));
        let name = match person {
            Some((_, name, _)) => name.to_owned(),
            None => names::person(&mut self.source, self.card.zone.name(), taken),
        };
        taken.insert(name.clone());
        let created_at = self.card.created_at + Duration::minutes(5 + self.members.len() as i64);
        let id = self.source.id(created_at);
        let email =
            person.map_or_else(|| names::address(&name, &self.card.name), |(_, _, email)| email.to_owned());
        self.batch.members.push(member::Model {
            id,
            network_id: self.network,
            client_id: self.client,
            team_id: self.team,
            person_id: person.map(|(id, ..)| id),
            name,
            job_title,
            email: Some(email),
            status: if removed_at.is_some() { MemberStatus::Removed } else { MemberStatus::Active },
            created_at,
            removed_at,
            version: if removed_at.is_some() { 2 } else { 1 },
        });
        if removed_at.is_none() {
            self.members.push(id);
        }
        if role == Some(MembershipRole::Leader) {
            self.leader = Some(id);
        }
    }
}
