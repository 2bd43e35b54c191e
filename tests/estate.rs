//! Content everywhere: beside the cast's own team a second team of the same client, a client of the same franchise
//! that nobody facilitates, the other franchise's client, and a whole practice in the other network. Each has one of
//! everything. What is written here is history, poured through the system door, so that a scenario has objects of
//! every state without first living through it.

pub mod benchmarks;
mod confidence;
mod deciding;
mod measured;
mod meeting;
pub mod rhythm;
mod shelf;
mod walls;
mod work;

pub use confidence::*;
pub use deciding::*;
pub use measured::*;
pub use meeting::*;
pub use shelf::*;
pub use walls::*;
pub use work::*;

use crate::kit::{Persona, World};
use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use concord::kernel::Write;
use entity::{
    Id, Scoped, Table, action, action::ActionStatus, action_move, agenda_item::AgendaItemStatus,
    alignment_round::AlignmentStatus, assignment, assignment::AssignmentPart, attendance,
    attendance::AttendanceStatus, benchmark_step, client, client::ClientStatus,
    client_transfer::TransferStatus, cycle::CycleStatus, data_export, data_export_part,
    decision::DecisionStatus, decision_attestation, decision_event, decision_position, decision_restatement,
    decision_stance, franchise, franchise::FranchiseStatus, invitation, member, member::MemberStatus,
    membership, membership::MembershipRole, network, obstacle::ObstacleStatus, obstacle_event, person,
    priority::PriorityStatus, programme, programme::ProgrammeStatus, region, search_entry,
    search_entry::SearchKind, search_word, session, session::SessionStatus, stage_check, stage_criterion,
    stage_event, stage_run, team, template, template_stage, template_version,
    template_version::TemplateStatus,
};
use sea_orm::{ActiveModelTrait, ActiveValue::Set, EntityTrait, IntoActiveModel};
use serde_json::Value;
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

/// All of them.
pub struct Estate {
    pub home: Plot,
    /// Another team of the same client.
    pub sibling: Plot,
    /// A client of the same franchise with no facilitator.
    pub spare: Plot,
    /// The other franchise's.
    pub other: Plot,
    /// The other network's.
    pub abroad: Plot,
    /// What runs at home: a published template version with its stages and their criteria.
    pub model: Model,
}

/// A template version with two stages, each with one criterion that a facilitator confirms.
#[derive(Clone)]
pub struct Model {
    pub template: Id<template::Entity>,
    pub version: Id<template_version::Entity>,
    pub stages: Vec<(Id<template_stage::Entity>, Id<stage_criterion::Entity>)>,
    /// The ids of an agenda item, a statement and a resource.
    pub content: Vec<String>,
}

/// A programme whose first stage is passed and whose second is open.
pub struct Run {
    pub programme: Id<programme::Entity>,
    pub passed: Id<stage_run::Entity>,
    pub open: Id<stage_run::Entity>,
}

impl Estate {
    pub async fn of(world: &World) -> Estate {
        let cast = &world.cast;
        let write = world.app.kernel.system(cast.network).await.expect("the system door");
        let model = template(&write, cast.network, TemplateStatus::Published).await;
        let person = cast.person(Persona::Facilitator).1;
        let start = |client, team, owner, franchise, person| Plot {
            network: cast.network,
            region: cast.region,
            franchise,
            client,
            team,
            owner,
            person,
            ids: BTreeMap::new(),
        };
        let mut home = start(cast.client, cast.team, cast.leader, cast.franchise, person);
        let mut sibling = home.clone();
        sibling.team = team(&write, &home).await;
        sibling.owner = member(&write, &sibling, None).await;
        let mut spare = home.clone();
        spare.client = client(&write, &home).await;
        spare.team = team(&write, &spare).await;
        spare.person = person_of(&write, &spare).await;
        spare.owner = member(&write, &spare, None).await;
        let stranger = cast.person(Persona::Stranger).1;
        let mut other =
            start(cast.other_client, cast.other_team, cast.other_member, cast.other_franchise, stranger);
        for plot in [&mut home, &mut sibling, &mut spare, &mut other] {
            plot.fill(&write, &model).await;
        }
        weeks(&write, cast.network).await;
        touch(&write, cast.network).await;
        write.commit_quietly().await.expect("an estate");
        let abroad = abroad(world, &home).await;
        Estate { home, sibling, spare, other, abroad, model }
    }
}

/// A practice in the other network.
async fn abroad(world: &World, like: &Plot) -> Plot {
    let network = world.cast.abroad;
    let write = world.app.kernel.system(network).await.expect("the system door");
    let model = template(&write, network, TemplateStatus::Published).await;
    let mut plot = Plot { network, person: world.cast.person(Persona::Foreigner).1, ..like.clone() };
    plot.region = region(&write, network).await;
    plot.franchise = franchise(&write, network, plot.region).await;
    plot.client = client(&write, &plot).await;
    plot.team = team(&write, &plot).await;
    plot.person = person_of(&write, &plot).await;
    plot.owner = member(&write, &plot, None).await;
    plot.fill(&write, &model).await;
    weeks(&write, network).await;
    touch(&write, network).await;
    write.commit_quietly().await.expect("an estate abroad");
    plot
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
    async fn fill(&mut self, write: &Write, model: &Model) {
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

/// What the plot's person took out.
pub async fn export(write: &Write, plot: &Plot) -> Id<data_export::Entity> {
    let id = write.id();
    let row = data_export::Model {
        id,
        network_id: plot.network,
        client_id: Some(plot.client),
        person_id: plot.person,
        kind: data_export::ExportKind::Client,
        subject_id: plot.client.uuid(),
        rows: 1,
        bytes: 3,
        created_at: write.now(),
        expires_at: write.now() + TimeDelta::days(7),
        made_at: Some(write.now()),
        held: "[]".into(),
        link_hash: None,
        link_until: None,
        version: 1,
    };
    add::<data_export::Entity>(write, row).await;
    let part = data_export_part::Model {
        data_export_id: id,
        position: 0,
        network_id: plot.network,
        client_id: Some(plot.client),
        person_id: plot.person,
        text: "{}\n".into(),
    };
    add::<data_export_part::Entity>(write, part).await;
    id
}

/// A name that nothing else has.
pub fn name(write: &Write, what: &str) -> String {
    let id: Id<()> = write.id();
    format!("{what} {}", id.uuid().simple())
}

/// Days from now.
pub fn day(now: DateTime<Utc>, days: i64) -> NaiveDate {
    (now + TimeDelta::days(days)).date_naive()
}

/// Writes a row as it is.
pub async fn add<E: EntityTrait>(write: &Write, row: E::Model)
where
    E::Model: IntoActiveModel<E::ActiveModel>,
    E::ActiveModel: sea_orm::ActiveModelBehavior + Send,
{
    write.pour::<E>(vec![row.into_active_model().reset_all()]).await.expect("a row");
}

/// Says that access in a network changed, as every mutation that changes it does.
pub async fn touch(write: &Write, network: Id<network::Entity>) {
    let row = write.find::<network::Entity>(network).await.expect("a look").expect("the network");
    let epoch = row.access_epoch + 1;
    let mut change = row.into_active_model();
    change.access_epoch = Set(epoch);
    write.set::<network::Entity>(change).await.expect("a change");
}

pub async fn region(write: &Write, network: Id<network::Entity>) -> Id<region::Entity> {
    let id: Id<region::Entity> = write.id();
    let code = id.uuid().simple().to_string()[20..].to_owned();
    let row = region::Model {
        id,
        network_id: network,
        code,
        name: name(write, "Region"),
        created_at: write.now(),
        version: 1,
    };
    add::<region::Entity>(write, row).await;
    id
}

pub async fn franchise(
    write: &Write,
    network: Id<network::Entity>,
    region: Id<region::Entity>,
) -> Id<franchise::Entity> {
    let id = write.id();
    let row = franchise::Model {
        id,
        network_id: network,
        region_id: region,
        name: name(write, "Practice"),
        legal_group: "Group".into(),
        status: FranchiseStatus::Active,
        created_at: write.now(),
        version: 1,
    };
    add::<franchise::Entity>(write, row).await;
    id
}

pub async fn client(write: &Write, plot: &Plot) -> Id<client::Entity> {
    let id = write.id();
    let row = client::Model {
        id,
        network_id: plot.network,
        franchise_id: plot.franchise,
        region_id: plot.region,
        name: name(write, "Client"),
        industry: "C".into(),
        size_band: client::SizeBand::Small,
        time_zone: "Europe/London".into(),
        status: ClientStatus::Active,
        created_at: write.now(),
        erased_at: None,
        legal_group: None,
        version: 1,
    };
    add::<client::Entity>(write, row).await;
    id
}

pub async fn team(write: &Write, plot: &Plot) -> Id<team::Entity> {
    let id = write.id();
    let row = team::Model {
        id,
        network_id: plot.network,
        client_id: plot.client,
        name: name(write, "Team"),
        archived_at: None,
        created_at: write.now(),
        version: 1,
    };
    add::<team::Entity>(write, row).await;
    id
}

pub async fn member(write: &Write, plot: &Plot, who: Option<Id<person::Entity>>) -> Id<member::Entity> {
    let id = write.id();
    let row = member::Model {
        id,
        network_id: plot.network,
        client_id: plot.client,
        team_id: plot.team,
        person_id: who,
        name: name(write, "Member"),
        job_title: "Director".into(),
        email: None,
        status: MemberStatus::Active,
        created_at: write.now(),
        removed_at: None,
        version: 1,
    };
    add::<member::Entity>(write, row).await;
    id
}

async fn someone(write: &Write, plot: &Plot) -> Id<person::Entity> {
    let id: Id<person::Entity> = write.id();
    let row = person::Model {
        id,
        network_id: plot.network,
        identity_id: None,
        name: name(write, "Person"),
        email: format!("{}@example.com", id.uuid().simple()),
        created_at: write.now(),
        erased_at: None,
        version: 1,
    };
    add::<person::Entity>(write, row).await;
    id
}

/// A facilitator of the franchise.
pub async fn person_of(write: &Write, plot: &Plot) -> Id<person::Entity> {
    facilitator(write, plot).await.0
}

/// A facilitator of the franchise, and the membership that makes them one.
pub async fn facilitator(write: &Write, plot: &Plot) -> (Id<person::Entity>, Id<membership::Entity>) {
    let person = someone(write, plot).await;
    let held = hold(plot, write, person, MembershipRole::Facilitator);
    let id = held.id;
    add::<membership::Entity>(write, membership::Model { franchise_id: Some(plot.franchise), ..held }).await;
    (person, id)
}

/// An observer's membership of the team.
async fn observer(write: &Write, plot: &Plot) -> Id<membership::Entity> {
    let held = hold(plot, write, someone(write, plot).await, MembershipRole::Observer);
    let id = held.id;
    let held = membership::Model { client_id: Some(plot.client), team_id: Some(plot.team), ..held };
    add::<membership::Entity>(write, held).await;
    id
}

fn hold(plot: &Plot, write: &Write, person: Id<person::Entity>, role: MembershipRole) -> membership::Model {
    membership::Model {
        id: write.id(),
        network_id: plot.network,
        person_id: person,
        role,
        franchise_id: None,
        client_id: None,
        team_id: None,
        starts_at: write.now(),
        ends_at: None,
        created_at: write.now(),
        version: 1,
    }
}

/// A part of someone new in the client's programme.
pub async fn assignment(write: &Write, plot: &Plot) -> Id<assignment::Entity> {
    let id = write.id();
    let row = assignment::Model {
        id,
        network_id: plot.network,
        client_id: plot.client,
        person_id: person_of(write, plot).await,
        part: AssignmentPart::Co,
        starts_at: write.now(),
        ends_at: None,
        version: 1,
    };
    add::<assignment::Entity>(write, row).await;
    id
}

/// An invitation to observe the team.
pub async fn invitation(write: &Write, plot: &Plot) -> Id<invitation::Entity> {
    let id: Id<invitation::Entity> = write.id();
    let row = invitation::Model {
        id,
        network_id: plot.network,
        email: format!("{}@example.com", id.uuid().simple()),
        name: name(write, "Guest"),
        role: MembershipRole::Observer,
        franchise_id: None,
        client_id: Some(plot.client),
        team_id: Some(plot.team),
        member_id: Some(plot.owner),
        person_id: someone(write, plot).await,
        token_hash: id.uuid().simple().to_string(),
        created_at: write.now(),
        expires_at: write.now() + TimeDelta::days(7),
        opens_later: false,
        accepted_at: None,
        revoked_at: None,
        delivery_failed_at: None,
        version: 1,
    };
    add::<invitation::Entity>(write, row).await;
    id
}

/// A row that exists, with all its columns.
#[derive(Clone, Debug)]
pub struct Held {
    pub table: Table,
    pub id: String,
    pub columns: Value,
}

impl Held {
    /// An id in a column, if there is one.
    pub fn text(&self, column: &str) -> Option<&str> {
        self.columns[column].as_str()
    }
}

/// Every row of a network that a node can be, as the system door sees it.
#[expect(clippy::too_many_lines, reason = "a line for each table")]
pub async fn ledger(world: &World, network: Id<network::Entity>) -> Vec<Held> {
    let write = world.app.kernel.system(network).await.expect("the system door");
    let mut held = vec![];
    macro_rules! rows {
        ($($module:ident),* $(,)?) => {
            $(for row in write.all(entity::$module::Entity::find()).await.expect("rows") {
                let columns = serde_json::to_value(&row).expect("columns");
                let table = <entity::$module::Entity as Scoped>::TABLE;
                held.push(Held { table, id: row.id.to_string(), columns });
            })*
        };
    }
    rows!(
        network,
        region,
        franchise,
        person,
        membership,
        invitation,
        client,
        assignment,
        team,
        member,
        template,
        template_version,
        template_stage,
        stage_criterion,
        agenda_template_item,
        questionnaire_statement,
        template_resource,
        programme,
        programme_pause,
        stage_run,
        stage_check,
        stage_event,
        cycle,
        priority,
        milestone,
        measurable,
        measurable_value,
        action,
        action_move,
        action_comment,
        priority_conflict,
        check_in,
        session,
        session_series,
        session_rating,
        attendance,
        review_cadence,
        review,
        drift_policy,
        benchmark_policy,
        benchmark_step,
        benchmark_release,
        benchmark_cohort,
        drift_signal,
        metric_period,
        metric_value,
        decision,
        decision_option,
        decision_stance,
        decision_position,
        decision_event,
        agenda_item,
        recap,
        alignment_round,
        alignment_statement,
        alignment_voice,
        alignment_response,
        alignment_answer,
        alignment_measure,
        search_entry,
        decision_restatement,
        decision_read_back,
        decision_attestation,
        obstacle,
        obstacle_event,
        search_entry,
        data_export,
        client_note,
        support_access,
        support_visit,
        owner_opening,
        client_transfer,
        audit_event,
    );
    write.leave().await.expect("nothing was changed");
    held
}
