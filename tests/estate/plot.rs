//! A team somewhere, with one of everything.

use super::*;
use concord::kernel::Write;
use entity::{
    Id, Table, action, action::ActionStatus, action_move, agenda_item::AgendaItemStatus,
    alignment_round::AlignmentStatus, attendance, attendance::AttendanceStatus, benchmark_step, client,
    client_transfer::TransferStatus, cycle::CycleStatus, decision::DecisionStatus, decision_attestation,
    decision_event, decision_position, decision_restatement, decision_stance, franchise, member, network,
    obstacle::ObstacleStatus, obstacle_event, person, priority::PriorityStatus, programme::ProgrammeStatus,
    region, search_entry, search_entry::SearchKind, search_word, session, session::SessionStatus,
    stage_check, stage_event, stage_run, team, template_version::TemplateStatus,
};
use std::collections::BTreeMap;

/// A team somewhere, and what is around it.
#[derive(Clone)]
pub struct Plot {
    pub network: Id<network::Entity>,
    pub region: Id<region::Entity>,
    pub franchise: Id<franchise::Entity>,
    pub client: Id<client::Entity>,
    pub team: Id<team::Entity>,
    /// The member who owns the work.
    pub owner: Id<member::Entity>,
    /// Someone of the franchise.
    pub person: Id<person::Entity>,
    /// One id of each noun there is here, by the noun's prefix.
    pub ids: BTreeMap<&'static str, String>,
}

impl Plot {
    /// A place like this one whose work is another team's.
    pub async fn fresh_team(&self, write: &Write) -> Plot {
        let mut plot = self.clone();
        plot.team = team(write, self).await;
        plot.owner = member(write, &plot, None).await;
        plot
    }

    /// One of everything.
    #[expect(clippy::too_many_lines, reason = "one of everything")]
    pub(super) async fn fill(&mut self, write: &Write, model: &Model) {
        let run = programme(write, self, model, ProgrammeStatus::Active).await;
        let priority = priority(write, self, PriorityStatus::Committed, Some(run.open)).await;
        let session = session(write, self, SessionStatus::Held, Some(run.programme)).await;
        let action = action(write, self, ActionStatus::Accepted, Some((priority, session))).await;
        let now = write.now();
        let paused = pause(write, self, run.programme, Some(now)).await;
        self.note([paused.to_string()]);
        let (network_id, client_id, team_id) = (self.network, self.client, self.team);
        let moved = action_move::Model {
            id: write.id(),
            network_id,
            client_id,
            team_id,
            action_id: action,
            person_id: self.person,
            from_on: day(now, 10),
            to_on: day(now, 12),
            reason: "The supplier is late".into(),
            at: now,
        };
        let attended = attendance::Model {
            id: write.id(),
            network_id,
            client_id,
            team_id,
            session_id: session,
            member_id: self.owner,
            status: AttendanceStatus::Present,
            version: 1,
        };
        let event = stage_event::Model {
            id: write.id(),
            network_id,
            client_id,
            team_id,
            stage_run_id: run.open,
            kind: stage_event::StageEventKind::Opened,
            person_id: self.person,
            reason: None,
            at: now,
        };
        let kept = rhythm::fill(write, self, action, session).await;
        self.note(kept);
        let told = benchmarks::release(write, self).await;
        self.note(told);
        self.note([benchmarks::said(write, self, benchmark_step::BenchmarkStepKind::ConsentGiven).await]);
        let check = check(self, write, run.passed, model.stages[0].1);
        let (move_id, attended_id, event_id, check_id) = (moved.id, attended.id, event.id, check.id);
        add::<action_move::Entity>(write, moved).await;
        add::<attendance::Entity>(write, attended).await;
        add::<stage_event::Entity>(write, event).await;
        add::<stage_check::Entity>(write, check).await;
        let item = item(write, self, session, AgendaItemStatus::Done).await;
        let kept = recap(write, self, session).await;
        let cycle = cycle(write, self, CycleStatus::Planned).await.0;
        self.note([cycle.to_string()]);
        let said = check_in(write, self, action).await;
        let (word, clash) =
            (comment(write, self, action, self.person).await, conflict(write, self, priority).await);
        self.note([word.to_string(), clash.to_string()]);
        let (step, figure) =
            (milestone(write, self, priority).await, measurable(write, self, priority).await);
        self.note([step.to_string(), figure.0.to_string(), figure.1.to_string()]);
        let hit = entry(write, self, action).await;
        let series = series(write, self).await;
        let rating = rating(write, self, session).await;
        self.note([item.to_string(), kept.to_string(), series.to_string(), rating.to_string()]);
        let frozen = measured(write, self).await;
        self.note(frozen);
        let taken = export(write, self).await;
        self.note([hit.to_string(), taken.to_string()]);
        let (invited, held) = (invitation(write, self).await, observer(write, self).await);
        let assigned = assignment(write, self).await;
        self.note([self.network.to_string(), self.region.to_string(), self.franchise.to_string()]);
        self.note([self.client.to_string(), self.team.to_string(), self.owner.to_string()]);
        self.note([self.person.to_string(), run.programme.to_string(), run.open.to_string()]);
        self.note([priority.to_string(), session.to_string(), action.to_string(), move_id.to_string()]);
        self.note([attended_id.to_string(), event_id.to_string(), check_id.to_string()]);
        self.decide(write, session, run.open).await;
        self.note([said.to_string()]);
        self.note([invited.to_string(), held.to_string(), assigned.to_string()]);
        // the franchise's own: the network's are everybody's who reads templates at all
        let own = derived(write, self, model, TemplateStatus::Published).await;
        self.note([own.template.to_string(), own.version.to_string()]);
        self.note([own.stages[0].0.to_string(), own.stages[0].1.to_string()]);
        self.note(own.content);
    }

    /// A ratified decision with all that belongs to it.
    async fn decide(&mut self, write: &Write, session: Id<session::Entity>, stage: Id<stage_run::Entity>) {
        let id = decision(write, self, DecisionStatus::Ratified, Some((session, stage))).await;
        let (network_id, client_id, team_id) = (self.network, self.client, self.team);
        let owner = write.find::<member::Entity>(self.owner).await.expect("a look").expect("the owner");
        let option = option(write, self, id).await;
        let stance = decision_stance::Model {
            id: write.id(),
            network_id,
            client_id,
            person_id: owner.person_id.unwrap_or(self.person),
            decision_id: id,
            member_id: self.owner,
            wording: 1,
            stance: decision_stance::Stance::Accepts,
            conviction: 4,
            comment: "I can live with it".into(),
            taken_at: write.now(),
            version: 1,
        };
        let position = decision_position::Model {
            id: write.id(),
            network_id,
            client_id,
            team_id,
            decision_id: id,
            member_id: self.owner,
            stance: stance.stance,
            conviction: stance.conviction,
            comment: stance.comment.clone(),
            taken_at: write.now(),
            recorded_by_id: None,
        };
        let event = decision_event::Model {
            id: write.id(),
            network_id,
            client_id,
            team_id,
            decision_id: id,
            kind: decision_event::DecisionEventKind::Ratified,
            person_id: self.person,
            reason: None,
            at: write.now(),
        };
        self.note([id.to_string(), option.to_string(), stance.id.to_string()]);
        self.note([position.id.to_string(), event.id.to_string()]);
        add::<decision_stance::Entity>(write, stance).await;
        add::<decision_position::Entity>(write, position).await;
        add::<decision_event::Entity>(write, event).await;
        let told = alignment(write, self, AlignmentStatus::Revealed).await;
        self.note(told);
        let told = decision_attestation::Model {
            id: write.id(),
            network_id,
            client_id,
            team_id,
            decision_id: id,
            member_id: self.owner,
            person_id: self.person,
            communicated_on: day(write.now(), 0),
            audience: "The night shift".into(),
            at: write.now(),
        };
        let read_back = read_back(write, self, id).await;
        let own: Id<decision_restatement::Entity> = Id::new(read_back.uuid());
        self.note([told.id.to_string(), read_back.to_string(), own.to_string()]);
        add::<decision_attestation::Entity>(write, told).await;
        self.hinder(write).await;
    }

    /// An obstacle with its history.
    async fn hinder(&mut self, write: &Write) {
        let id = obstacle(write, self, ObstacleStatus::Raised).await;
        let event = obstacle_event::Model {
            id: write.id(),
            network_id: self.network,
            client_id: self.client,
            team_id: self.team,
            obstacle_id: id,
            kind: obstacle_event::ObstacleEventKind::Raised,
            person_id: self.person,
            note: None,
            at: write.now(),
        };
        self.note([id.to_string(), event.id.to_string()]);
        add::<obstacle_event::Entity>(write, event).await;
        let (written, (access, visit)) = (client_note(write, self).await, support(write, self, &[]).await);
        self.note([written.to_string(), access.to_string(), visit]);
        let moved = transfer(write, self, TransferStatus::Withdrawn).await;
        self.note([opening(write, self).await.to_string(), moved.to_string()]);
    }

    fn note(&mut self, ids: impl IntoIterator<Item = String>) {
        for id in ids {
            let prefix = entity::split_id(&id).map(|(prefix, _)| prefix.to_owned()).expect("an id");
            let table = Table::ALL.iter().find(|table| table.prefix() == prefix).expect("a noun");
            self.ids.insert(table.prefix(), id);
        }
    }
}

/// What makes the team's action found by the word "harvest".
async fn entry(write: &Write, plot: &Plot, action: Id<action::Entity>) -> Id<search_entry::Entity> {
    let id = Id::new(action.uuid());
    let row = search_entry::Model {
        id,
        network_id: plot.network,
        client_id: plot.client,
        team_id: Some(plot.team),
        content: true,
        kind: SearchKind::Action,
        title: "Harvest".into(),
        snippet: String::new(),
    };
    add::<search_entry::Entity>(write, row).await;
    let word = search_word::Model {
        client_id: plot.client,
        word: "harvest".into(),
        entry_id: id,
        network_id: plot.network,
        content: true,
        titled: 1,
    };
    add::<search_word::Entity>(write, word).await;
    id
}
