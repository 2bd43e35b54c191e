//! Content everywhere: beside the cast's own team a second team of the same client, a client of the same franchise
//! that nobody facilitates, the other franchise's client, and a whole practice in the other network. Each has one of
//! everything. What is written here is history, poured through the system door, so that a scenario has objects of
//! every state without first living through it.

use crate::{
    kit::{Persona, World},
    rhythm,
};
use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use concord::{features::check_in::rules::needed, kernel::Write};
use entity::{
    Id, Scoped, Table, action, action::ActionStatus, action_move, agenda_item, agenda_item::AgendaItemStatus,
    agenda_template_item, alignment_answer, alignment_measure, alignment_response, alignment_round,
    alignment_round::AlignmentDisclosure, alignment_round::AlignmentStatus, alignment_statement,
    alignment_voice, assignment, assignment::AssignmentPart, attendance, attendance::AttendanceStatus,
    check_in, check_in::CheckInStatus, check_in_slot, client, client::ClientStatus, cycle,
    cycle::CycleStatus, data_export, data_export_part, decision, decision::DecisionStatus,
    decision_attestation, decision_event, decision_option, decision_position, decision_read_back,
    decision_restatement, decision_stance, franchise, franchise::FranchiseStatus, invitation, measurable,
    measurable_value, member, member::MemberStatus, membership, membership::MembershipRole, milestone,
    network, obstacle, obstacle::ObstacleStatus, obstacle_event, person, priority, priority::PriorityStatus,
    programme, programme::ProgrammeStatus, questionnaire_statement, recap, region, search_entry,
    search_entry::SearchKind, search_word, session, session::SessionStatus, session_rating, session_series,
    stage_check, stage_criterion, stage_event, stage_run, stage_run::StageStatus, team, template,
    template_resource, template_stage, template_version, template_version::TemplateStatus,
};
use sea_orm::{ActiveModelTrait, ActiveValue::Set, EntityTrait, IntoActiveModel};
use serde_json::Value;
use std::{
    collections::BTreeMap,
    sync::atomic::{AtomicI32, Ordering},
};

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
        let (step, figure) =
            (milestone(write, self, priority).await, measurable(write, self, priority).await);
        self.note([step.to_string(), figure.0.to_string(), figure.1.to_string()]);
        let hit = entry(write, self, action).await;
        let series = series(write, self).await;
        let rating = rating(write, self, session).await;
        self.note([item.to_string(), kept.to_string(), series.to_string(), rating.to_string()]);
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
        self.note([model.template.to_string(), model.version.to_string()]);
        self.note([model.stages[0].0.to_string(), model.stages[0].1.to_string()]);
        self.note(model.content.iter().cloned());
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
        accepted_at: None,
        revoked_at: None,
        version: 1,
    };
    add::<invitation::Entity>(write, row).await;
    id
}

/// A template of one version.
pub async fn template(write: &Write, network: Id<network::Entity>, status: TemplateStatus) -> Model {
    let (now, draft) = (write.now(), status == TemplateStatus::Draft);
    let mut model = Model { template: write.id(), version: write.id(), stages: vec![], content: vec![] };
    let named = template::Model {
        id: model.template,
        network_id: network,
        name: name(write, "Template"),
        summary: "What works".into(),
        created_at: now,
        version: 1,
    };
    add::<template::Entity>(write, named).await;
    let version = template_version::Model {
        id: model.version,
        network_id: network,
        template_id: model.template,
        number: 1,
        status,
        priorities_per_team: 5,
        priorities_per_leader: 2,
        cadence_days: 14,
        created_at: now,
        published_at: (!draft).then_some(now),
        retired_at: None,
        version: 1,
    };
    add::<template_version::Entity>(write, version).await;
    for position in 1..=2 {
        let (stage, criterion) = (write.id(), write.id());
        let planned = template_stage::Model {
            id: stage,
            network_id: network,
            template_version_id: model.version,
            position,
            key: format!("stage-{position}"),
            title: format!("Stage {position}"),
            purpose: "To agree".into(),
            planned_days: 30,
        };
        add::<template_stage::Entity>(write, planned).await;
        let asked = stage_criterion::Model {
            id: criterion,
            network_id: network,
            template_stage_id: stage,
            position: 1,
            kind: stage_criterion::CriterionKind::Confirmed,
            quantity: 0,
            text: "The team agrees".into(),
        };
        add::<stage_criterion::Entity>(write, asked).await;
        model.stages.push((stage, criterion));
    }
    equip(write, network, &mut model).await;
    model
}

/// Gives a template version what it holds besides stages.
async fn equip(write: &Write, network: Id<network::Entity>, model: &mut Model) {
    let item = agenda_template_item::Model {
        id: write.id(),
        network_id: network,
        template_stage_id: model.stages[0].0,
        position: 1,
        title: "Each leader's reading".into(),
        minutes: 45,
        purpose: "To hear everybody".into(),
    };
    let statement = questionnaire_statement::Model {
        id: write.id(),
        network_id: network,
        template_version_id: model.version,
        position: 1,
        key: "same-reading".into(),
        text: "We read our strategy in the same way".into(),
        low: 1,
        high: 5,
        core: true,
        stage_position: Some(1),
    };
    let resource = template_resource::Model {
        id: write.id(),
        network_id: network,
        template_version_id: model.version,
        position: 1,
        title: "The one page".into(),
        url: "https://example.com/one-page".into(),
        kind: template_resource::ResourceKind::Worksheet,
        stage_position: None,
    };
    model.content = vec![item.id.to_string(), statement.id.to_string(), resource.id.to_string()];
    add::<agenda_template_item::Entity>(write, item).await;
    add::<questionnaire_statement::Entity>(write, statement).await;
    add::<template_resource::Entity>(write, resource).await;
}

/// A programme of the team in a state, its first stage passed and its second open; completed stages all the way for
/// one that is only to be completed are the caller's to pass.
pub async fn programme(write: &Write, plot: &Plot, model: &Model, status: ProgrammeStatus) -> Run {
    let begun = status != ProgrammeStatus::Planned;
    let run = Run { programme: write.id(), passed: write.id(), open: write.id() };
    let row = programme::Model {
        id: run.programme,
        network_id: plot.network,
        client_id: plot.client,
        team_id: plot.team,
        template_version_id: model.version,
        name: name(write, "Programme"),
        status,
        planned_start_on: day(write.now(), 0),
        started_at: begun.then_some(write.now()),
        paused_at: (status == ProgrammeStatus::Paused).then_some(write.now()),
        paused_seconds: 0,
        ended_at: None,
        reason: (status == ProgrammeStatus::Paused).then(|| "Summer".to_owned()),
        created_at: write.now(),
        version: 1,
    };
    add::<programme::Entity>(write, row).await;
    for (position, id) in [(1, run.passed), (2, run.open)] {
        let state = match (begun, position) {
            (false, _) => StageStatus::Locked,
            (true, 1) => StageStatus::Passed,
            (true, _) => StageStatus::Open,
        };
        let row = stage_run::Model {
            id,
            network_id: plot.network,
            client_id: plot.client,
            team_id: plot.team,
            programme_id: run.programme,
            template_stage_id: model.stages[position - 1].0,
            position: position as i32,
            title: format!("Stage {position}"),
            purpose: "To agree".into(),
            planned_days: 30,
            status: state,
            opened_at: begun.then_some(write.now()),
            passed_at: (state == StageStatus::Passed).then_some(write.now()),
            override_reason: None,
            times_reopened: 0,
            version: 1,
        };
        add::<stage_run::Entity>(write, row).await;
    }
    run
}

/// A facilitator's word on a criterion.
pub fn check(
    plot: &Plot,
    write: &Write,
    stage: Id<stage_run::Entity>,
    criterion: Id<stage_criterion::Entity>,
) -> stage_check::Model {
    stage_check::Model {
        id: write.id(),
        network_id: plot.network,
        client_id: plot.client,
        team_id: plot.team,
        stage_run_id: stage,
        stage_criterion_id: criterion,
        person_id: plot.person,
        note: "Signed by all".into(),
        confirmed_at: write.now(),
    }
}

/// A cycle in days of its own, with its label.
pub async fn cycle(write: &Write, plot: &Plot, status: CycleStatus) -> (Id<cycle::Entity>, String) {
    static YEARS: AtomicI32 = AtomicI32::new(2100);
    let id: Id<cycle::Entity> = write.id();
    let year = YEARS.fetch_add(1, Ordering::Relaxed);
    let label = format!("{year}-Q1");
    let on = |month, day| NaiveDate::from_ymd_opt(year, month, day).expect("a day");
    let row = cycle::Model {
        id,
        network_id: plot.network,
        client_id: plot.client,
        team_id: plot.team,
        label: label.clone(),
        starts_on: on(1, 1),
        ends_on: on(3, 31),
        status,
        committed: 0,
        added: 0,
        dropped: 0,
        achieved: 0,
        missed: 0,
        locked_at: (status == CycleStatus::Locked).then(|| write.now()),
        closed_at: None,
        created_at: write.now(),
        version: 1,
    };
    add::<cycle::Entity>(write, row).await;
    (id, label)
}

pub async fn priority(
    write: &Write,
    plot: &Plot,
    status: PriorityStatus,
    stage: Option<Id<stage_run::Entity>>,
) -> Id<priority::Entity> {
    let id: Id<priority::Entity> = write.id();
    // a cycle of its own: limits count by cycle, and one scenario's objects must not use up another's places
    let cycle = cycle(write, plot, CycleStatus::Open).await;
    let row = priority::Model {
        id,
        network_id: plot.network,
        client_id: plot.client,
        team_id: plot.team,
        stage_run_id: stage,
        decision_id: None,
        owner_id: plot.owner,
        cycle_id: cycle.0,
        cycle: cycle.1,
        title: name(write, "Priority"),
        outcome: "Everyone can see it".into(),
        rank: 1,
        status,
        due_on: day(write.now(), 28),
        due_at: write.now() + TimeDelta::days(29),
        committed_at: (status == PriorityStatus::Committed).then(|| write.now()),
        closed_at: None,
        reason: None,
        carried_from_id: None,
        added_after_lock: false,
        dropped_after_lock: false,
        created_at: write.now(),
        version: 1,
    };
    add::<priority::Entity>(write, row).await;
    id
}

pub async fn session(
    write: &Write,
    plot: &Plot,
    status: SessionStatus,
    of: Option<Id<programme::Entity>>,
) -> Id<session::Entity> {
    let id = write.id();
    let held = status == SessionStatus::Held;
    // near enough to be started, and still to come
    let starts_at =
        write.now() + TimeDelta::minutes(if status == SessionStatus::Scheduled { 10 } else { -30 });
    let row = session::Model {
        id,
        network_id: plot.network,
        client_id: plot.client,
        team_id: plot.team,
        programme_id: of,
        stage_run_id: None,
        series_id: None,
        occurs_on: None,
        rating_until: None,
        rating_closed_at: None,
        rating_halves: None,
        rating_band: None,
        kind: session::SessionKind::Review,
        title: name(write, "Session"),
        place: "Room 4".into(),
        starts_at,
        minutes: 60,
        status,
        started_at: (status != SessionStatus::Scheduled).then_some(starts_at),
        members_present: held.then_some(1),
        members_active: held.then_some(3),
        summary: held.then(|| "All agreed".to_owned()),
        closed_at: held.then(|| write.now()),
        reason: None,
        created_at: write.now(),
        version: 1,
    };
    add::<session::Entity>(write, row).await;
    id
}

/// A session just held that the owner of the work took part in.
pub async fn attended(write: &Write, plot: &Plot) -> Id<session::Entity> {
    let id = session(write, plot, SessionStatus::Held, None).await;
    let row = write.find::<session::Entity>(id).await.expect("a look").expect("a session");
    let mut change = row.into_active_model();
    change.rating_until = Set(Some(write.now() + TimeDelta::days(7)));
    write.set::<session::Entity>(change).await.expect("a session to rate");
    let there = attendance::Model {
        id: write.id(),
        network_id: plot.network,
        client_id: plot.client,
        team_id: plot.team,
        session_id: id,
        member_id: plot.owner,
        status: AttendanceStatus::Present,
        version: 1,
    };
    add::<attendance::Entity>(write, there).await;
    id
}

/// An item of a session's agenda.
pub async fn item(
    write: &Write,
    plot: &Plot,
    session: Id<session::Entity>,
    status: AgendaItemStatus,
) -> Id<agenda_item::Entity> {
    let id = write.id();
    let row = agenda_item::Model {
        id,
        network_id: plot.network,
        client_id: plot.client,
        team_id: plot.team,
        session_id: session,
        owner_id: Some(plot.owner),
        carried_to_id: None,
        position: 1,
        title: name(write, "Item"),
        minutes: 20,
        status,
        outcome: (status == AgendaItemStatus::Done).then(|| "Agreed".to_owned()),
        closed_at: (status == AgendaItemStatus::Done).then(|| write.now()),
        created_at: write.now(),
        version: 1,
    };
    add::<agenda_item::Entity>(write, row).await;
    id
}

/// A series of sessions, none of which is in the diary.
pub async fn series(write: &Write, plot: &Plot) -> Id<session_series::Entity> {
    let id = write.id();
    let row = session_series::Model {
        id,
        network_id: plot.network,
        client_id: plot.client,
        team_id: plot.team,
        programme_id: None,
        kind: session::SessionKind::Review,
        title: name(write, "Series"),
        place: "Room 4".into(),
        minutes: 60,
        rule: "FREQ=MONTHLY;COUNT=3".into(),
        starts_on: day(write.now(), 7),
        local_time: "09:00".into(),
        time_zone: "Europe/London".into(),
        except_on: "[]".into(),
        status: session_series::SeriesStatus::Active,
        made_until: Some(day(write.now(), 100)),
        refill_at: None,
        ended_at: None,
        reason: None,
        created_at: write.now(),
        version: 1,
    };
    add::<session_series::Entity>(write, row).await;
    id
}

/// What someone of the franchise thinks of a session.
async fn rating(write: &Write, plot: &Plot, session: Id<session::Entity>) -> Id<session_rating::Entity> {
    let id = write.id();
    let row = session_rating::Model {
        id,
        network_id: plot.network,
        client_id: plot.client,
        session_id: session,
        person_id: plot.person,
        score: 4,
        comment: "Too long".into(),
        rated_at: write.now(),
        version: 1,
    };
    add::<session_rating::Entity>(write, row).await;
    id
}

/// What was kept of a session.
async fn recap(write: &Write, plot: &Plot, session: Id<session::Entity>) -> Id<recap::Entity> {
    let id = write.id();
    let row = recap::Model {
        id,
        network_id: plot.network,
        client_id: plot.client,
        team_id: plot.team,
        session_id: session,
        minutes: "{}".into(),
        markdown: "# Review".into(),
        created_at: write.now(),
    };
    add::<recap::Entity>(write, row).await;
    id
}

pub async fn action(
    write: &Write,
    plot: &Plot,
    status: ActionStatus,
    of: Option<(Id<priority::Entity>, Id<session::Entity>)>,
) -> Id<action::Entity> {
    let id = write.id();
    let accepted = status == ActionStatus::Accepted;
    let (due_on, due_at) = (day(write.now(), 14), write.now() + TimeDelta::days(15));
    let row = action::Model {
        id,
        network_id: plot.network,
        client_id: plot.client,
        team_id: plot.team,
        priority_id: of.map(|of| of.0),
        session_id: of.map(|of| of.1),
        decision_id: None,
        obstacle_id: None,
        owner_id: plot.owner,
        title: name(write, "Action"),
        detail: String::new(),
        status,
        due_on,
        due_at,
        baseline_on: accepted.then_some(due_on),
        baseline_at: accepted.then_some(due_at),
        moves: 0,
        offered_at: write.now(),
        accepted_at: accepted.then(|| write.now()),
        closed_at: None,
        reason: None,
        version: 1,
    };
    add::<action::Entity>(write, row).await;
    id
}

pub async fn decision(
    write: &Write,
    plot: &Plot,
    status: DecisionStatus,
    of: Option<(Id<session::Entity>, Id<stage_run::Entity>)>,
) -> Id<decision::Entity> {
    let id = write.id();
    let row = decision::Model {
        id,
        network_id: plot.network,
        client_id: plot.client,
        team_id: plot.team,
        stage_run_id: of.map(|of| of.1),
        session_id: of.map(|of| of.0),
        obstacle_id: None,
        supersedes_id: None,
        owner_id: Some(plot.owner),
        title: name(write, "Decision"),
        text: "We serve three markets".into(),
        rationale: "Ten were too many".into(),
        status,
        review_on: Some(day(write.now(), 90)),
        wording: 1,
        stances: 1,
        reopenings: 0,
        read_back: 0,
        matching: 0,
        differing: 0,
        proposed_at: write.now(),
        ratified_at: (status == DecisionStatus::Ratified).then(|| write.now()),
        ended_at: None,
        reason: None,
        version: 1,
    };
    add::<decision::Entity>(write, row).await;
    id
}

/// The first option of a decision.
pub async fn option(write: &Write, plot: &Plot, of: Id<decision::Entity>) -> Id<decision_option::Entity> {
    let id = write.id();
    let row = decision_option::Model {
        id,
        network_id: plot.network,
        client_id: plot.client,
        team_id: plot.team,
        decision_id: of,
        position: 1,
        text: "Three markets".into(),
        chosen: false,
    };
    add::<decision_option::Entity>(write, row).await;
    id
}

/// The weeks in which clients there check in.
async fn weeks(write: &Write, network: Id<network::Entity>) {
    let rows = needed(network, "Europe/London", write.now(), write.now());
    let rows = rows.into_iter().map(IntoActiveModel::into_active_model).collect();
    write.pour_missing::<check_in_slot::Entity>(rows).await.expect("weeks");
}

/// A milestone of a priority.
pub async fn milestone(write: &Write, plot: &Plot, of: Id<priority::Entity>) -> Id<milestone::Entity> {
    let id = write.id();
    let row = milestone::Model {
        id,
        network_id: plot.network,
        client_id: plot.client,
        team_id: plot.team,
        priority_id: of,
        title: name(write, "Milestone"),
        weight: 2,
        due_on: day(write.now(), 10),
        done_at: None,
        removed_at: None,
        created_at: write.now(),
        version: 1,
    };
    add::<milestone::Entity>(write, row).await;
    id
}

/// A measurable of a priority, with a value.
pub async fn measurable(
    write: &Write,
    plot: &Plot,
    of: Id<priority::Entity>,
) -> (Id<measurable::Entity>, Id<measurable_value::Entity>) {
    let (id, value) = (write.id(), write.id());
    let row = measurable::Model {
        id,
        network_id: plot.network,
        client_id: plot.client,
        team_id: plot.team,
        priority_id: of,
        name: name(write, "Measurable"),
        unit: "%".into(),
        direction: measurable::MeasurableDirection::Up,
        period: measurable::MeasurablePeriod::Month,
        baseline: "1".into(),
        target: "2.5".into(),
        removed_at: None,
        created_at: write.now(),
        version: 1,
    };
    add::<measurable::Entity>(write, row).await;
    let row = measurable_value::Model {
        id: value,
        network_id: plot.network,
        client_id: plot.client,
        team_id: plot.team,
        measurable_id: id,
        period_on: day(write.now(), -60),
        first_id: value,
        person_id: plot.person,
        value: "1.5".into(),
        note: String::new(),
        at: write.now(),
        replaced_at: None,
    };
    add::<measurable_value::Entity>(write, row).await;
    (id, value)
}

/// What the plot's person said of an action this week.
pub async fn check_in(write: &Write, plot: &Plot, of: Id<action::Entity>) -> Id<check_in::Entity> {
    let id = write.id();
    let row = check_in::Model {
        id,
        network_id: plot.network,
        client_id: plot.client,
        team_id: plot.team,
        priority_id: None,
        action_id: Some(of),
        slot_on: day(write.now(), 0),
        first_id: id,
        owner_id: plot.owner,
        person_id: plot.person,
        by_owner: false,
        status: CheckInStatus::AtRisk,
        confidence: 2,
        comment: "The supplier is late".into(),
        at: write.now(),
        replaced_at: None,
    };
    add::<check_in::Entity>(write, row).await;
    id
}

/// A round of one statement that the owner of the work answered, where they sign in; else someone of the franchise.
/// The ids of the round, its statement, and what hangs below.
#[expect(clippy::too_many_lines, reason = "a row of each of a round's tables")]
pub async fn alignment(write: &Write, plot: &Plot, status: AlignmentStatus) -> [String; 6] {
    let (network_id, client_id, team_id) = (plot.network, plot.client, plot.team);
    let (now, revealed) = (write.now(), status == AlignmentStatus::Revealed);
    let owner = write.find::<member::Entity>(plot.owner).await.expect("a look").expect("the owner");
    let person_id = owner.person_id.unwrap_or(plot.person);
    let round = alignment_round::Model {
        id: write.id(),
        network_id,
        client_id,
        team_id,
        session_id: None,
        compared_id: None,
        title: name(write, "Round"),
        status,
        disclosure: revealed.then_some(AlignmentDisclosure::Attributed),
        closes_on: None,
        closes_at: None,
        answered: 1,
        members: 3,
        opened_at: now,
        sealed_at: (status != AlignmentStatus::Open).then_some(now),
        revealed_at: revealed.then_some(now),
        version: 1,
    };
    let statement = alignment_statement::Model {
        id: write.id(),
        network_id,
        client_id,
        team_id,
        round_id: round.id,
        position: 1,
        text: "We finish what we begin".into(),
        low: 1,
        high: 5,
        core: true,
        mean: revealed.then(|| "4.0".to_owned()),
        band: None,
        consensus_percent: None,
        mean_before: None,
        band_before: None,
    };
    let response = alignment_response::Model {
        id: write.id(),
        network_id,
        client_id,
        team_id,
        person_id,
        round_id: round.id,
        member_id: plot.owner,
        consented: true,
        answered_at: now,
        version: 1,
    };
    let answer = alignment_answer::Model {
        id: write.id(),
        network_id,
        client_id,
        team_id,
        person_id,
        round_id: round.id,
        response_id: response.id,
        statement_id: statement.id,
        rating: 4,
        version: 1,
    };
    let voice = alignment_voice::Model {
        id: write.id(),
        network_id,
        client_id,
        team_id,
        round_id: round.id,
        statement_id: statement.id,
        member_id: plot.owner,
        rating: 4,
    };
    let measure = alignment_measure::Model {
        id: write.id(),
        network_id,
        client_id,
        team_id,
        person_id,
        round_id: round.id,
        respondents: 4,
        members: 4,
        level: 7_500,
        agreement: 9_000,
    };
    let ids = [round.id.to_string(), statement.id.to_string(), response.id.to_string()];
    let more = [answer.id.to_string(), voice.id.to_string(), measure.id.to_string()];
    add::<alignment_round::Entity>(write, round).await;
    add::<alignment_statement::Entity>(write, statement).await;
    add::<alignment_response::Entity>(write, response).await;
    add::<alignment_answer::Entity>(write, answer).await;
    if revealed {
        add::<alignment_voice::Entity>(write, voice).await;
        add::<alignment_measure::Entity>(write, measure).await;
    }
    let [round, statement, response] = ids;
    let [answer, voice, measure] = more;
    [round, statement, response, answer, voice, measure]
}

/// What the plot's owner read back of a decision, and is not judged.
pub async fn read_back(
    write: &Write,
    plot: &Plot,
    of: Id<decision::Entity>,
) -> Id<decision_read_back::Entity> {
    let owner = write.find::<member::Entity>(plot.owner).await.expect("a look").expect("the owner");
    let id: Id<decision_read_back::Entity> = write.id();
    let own = decision_restatement::Model {
        id: Id::new(id.uuid()),
        network_id: plot.network,
        client_id: plot.client,
        person_id: owner.person_id.unwrap_or(plot.person),
        decision_id: of,
        member_id: plot.owner,
        text: "We drop seven markets".into(),
        status: decision_restatement::ReadBackStatus::Waiting,
        note: String::new(),
        written_at: write.now(),
        judged_at: None,
        version: 1,
    };
    let shown = decision_read_back::Model {
        id,
        network_id: plot.network,
        client_id: plot.client,
        team_id: plot.team,
        decision_id: of,
        member_id: plot.owner,
        text: own.text.clone(),
        status: own.status,
        note: String::new(),
        judged_by_id: None,
        written_at: write.now(),
        judged_at: None,
        version: 1,
    };
    add::<decision_restatement::Entity>(write, own).await;
    add::<decision_read_back::Entity>(write, shown).await;
    id
}

pub async fn obstacle(write: &Write, plot: &Plot, status: ObstacleStatus) -> Id<obstacle::Entity> {
    let id = write.id();
    let row = obstacle::Model {
        id,
        network_id: plot.network,
        client_id: plot.client,
        team_id: plot.team,
        priority_id: None,
        session_id: None,
        raised_by_id: Some(plot.owner),
        title: name(write, "Obstacle"),
        detail: "Nobody says so".into(),
        severity: obstacle::Severity::High,
        status,
        raised_at: write.now(),
        discussed_at: write.now(),
        discussions: 0,
        prioritised_at: None,
        resolved_at: None,
        reason: None,
        version: 1,
    };
    add::<obstacle::Entity>(write, row).await;
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
        check_in,
        session,
        session_series,
        session_rating,
        attendance,
        review_cadence,
        review,
        drift_policy,
        drift_signal,
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
        audit_event,
    );
    write.leave().await.expect("nothing was changed");
    held
}
