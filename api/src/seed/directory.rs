//! A network without its clients: its row, regions, template, franchises, people and their memberships, and a card for
//! each client to make.

use super::{
    batch::insert_rows,
    calendar::At,
    cast::{self, Cast, Login},
    names::{self, Taken},
    shelf,
    sketch::{Card, NetworkRows, NetworkShape, PlannedStage, Practice, Sketch},
    source::Source,
    story::{Line, Outlook, days},
    vocabulary::{
        industries::INDUSTRIES,
        places::{REGIONS, Region},
    },
};
use crate::{
    features::{classification::founding::new_entries, template::stratpro::STRATPRO},
    kernel::{Error, Fault, LANES, Write, Zone, zones},
};
use chrono::Duration;
use entity::{
    Id, audit_lane, client::SizeBand, franchise, franchise::FranchiseStatus, membership::MembershipRole,
    network, person, region, stage_criterion, template, template_stage, template_version,
    template_version::TemplateStatus, zone_data,
};

/// The stream of chances that the IDs of the classification are drawn from.
const CLASSIFICATION: u64 = 122;

/// A network whose clients can be made.
pub struct Directory {
    pub sketch: Sketch,
    pub network: Id<network::Entity>,
    pub version: Id<template_version::Entity>,
    pub stages: Vec<PlannedStage>,
    pub cards: Vec<Card>,
    pub cast: Cast,
    /// Facilitators by franchise, in the order of the franchises.
    pub practices: Vec<Practice>,
}

impl Directory {
    /// Draws a network and inserts it, without its clients.
    pub async fn create(
        write: &Write,
        id: Id<network::Entity>,
        sketch: Sketch,
        logins: &[Login],
    ) -> Result<Self, Error> {
        let mut source = Source::new(sketch.seed, 1);
        let born = sketch.now - Duration::days(i64::from(sketch.months) * 31 + 60);
        let mut rows = NetworkRows::default();
        let template = template(&mut source, id, born);
        let (version, planned) = versions(&mut source, &sketch, id, template.id, born, &mut rows);
        let mut practices = draw_practices(&mut source, &sketch, id, born, &mut rows);
        let mut templates = vec![template];
        templates.extend(shelf::add(&sketch, &practices[Cast::HOME], &mut rows));
        let mut taken: Taken = logins.iter().map(|login| login.name.clone()).collect();
        let cast = cast::people(&mut source, id, born, logins, &mut rows.people);
        add_people(&mut source, &sketch, id, born, &cast, &mut practices, &mut taken, &mut rows);
        let cards = draw_cards(&mut source, &sketch, &cast, &practices)?;
        cast::memberships(&mut source, id, born, &cast, &practices, &cards, &mut rows.memberships);
        let network = network::Model {
            id,
            name: sketch.name.clone(),
            time_zone: "Europe/London".into(),
            session_gap_days: 30,
            facilitators_override: true,
            locale: network::Locale::English,
            access_epoch: 0,
            created_at: born,
            version: 1,
        };
        insert_rows(write, vec![network]).await?;
        let lane = |lane| audit_lane::Model { network_id: id, lane, sequence: 0, hash: String::new() };
        insert_rows(write, (0..LANES).map(lane).collect()).await?;
        let follows = |version: &String| zone_data::Model {
            network_id: id,
            version: version.clone(),
            computed_at: sketch.now,
        };
        insert_rows(write, zones::data().version.iter().map(follows).collect()).await?;
        insert_rows(write, rows.regions).await?;
        let mut chances = Source::new(sketch.seed, CLASSIFICATION);
        insert_rows(write, new_entries(id, born, || chances.id(born))).await?;
        insert_rows(write, rows.franchises).await?;
        insert_rows(write, templates).await?;
        insert_rows(write, rows.versions).await?;
        insert_rows(write, rows.stages).await?;
        insert_rows(write, rows.criteria).await?;
        insert_rows(write, rows.agendas).await?;
        insert_rows(write, rows.sections).await?;
        insert_rows(write, rows.statements).await?;
        insert_rows(write, rows.resources).await?;
        insert_rows(write, rows.people).await?;
        insert_rows(write, rows.memberships).await?;
        Ok(Directory { sketch, network: id, version, stages: planned, cards, cast, practices })
    }
}

fn template(source: &mut Source, network: Id<network::Entity>, born: At) -> template::Model {
    let at = born + Duration::days(1);
    template::Model {
        id: source.id(at),
        network_id: network,
        franchise_id: None,
        name: STRATPRO.name.into(),
        summary: STRATPRO.summary.into(),
        created_at: at,
        version: 1,
    }
}

/// Version 1, published; in a grown network head office also drafts version 2.
fn versions(
    source: &mut Source,
    sketch: &Sketch,
    network: Id<network::Entity>,
    template: Id<template::Entity>,
    born: At,
    rows: &mut NetworkRows,
) -> (Id<template_version::Entity>, Vec<PlannedStage>) {
    let mut add = |number: i32, at: At, status: TemplateStatus| {
        let published = status == TemplateStatus::Published;
        let version = template_version::Model {
            id: source.id(at),
            network_id: network,
            franchise_id: None,
            template_id: template,
            number,
            ancestor_id: None,
            status,
            priorities_per_team: STRATPRO.priorities_per_team,
            priorities_per_leader: STRATPRO.priorities_per_leader,
            limits_locked: false,
            cadence_days: STRATPRO.cadence_days,
            cadence_locked: false,
            created_at: at,
            published_at: published.then(|| at + Duration::days(6)),
            retired_at: None,
            version: if published { 2 } else { 1 },
        };
        let planned = stages(source, &version, rows);
        let id = version.id;
        rows.versions.push(version);
        (id, planned)
    };
    let first = add(1, born + Duration::days(1), TemplateStatus::Published);
    if sketch.shape == NetworkShape::Grown {
        add(2, sketch.now - Duration::days(9), TemplateStatus::Draft);
    }
    first
}

fn stages(
    source: &mut Source,
    version: &template_version::Model,
    rows: &mut NetworkRows,
) -> Vec<PlannedStage> {
    let (at, network_id) = (version.created_at, version.network_id);
    let mut planned = Vec::new();
    for (position, stage) in (1..).zip(STRATPRO.stages) {
        let id = source.id(at);
        // the draft tries a shorter road to execution
        let planned_days =
            if version.number == 2 { (stage.planned_days * 6 / 7).max(14) } else { stage.planned_days };
        rows.stages.push(template_stage::Model {
            id,
            network_id,
            franchise_id: None,
            template_version_id: version.id,
            position,
            key: stage.key.into(),
            title: stage.title.into(),
            purpose: stage.purpose.into(),
            planned_days,
            locked: false,
        });
        let mut criteria = Vec::new();
        for (position, criterion) in (1..).zip(stage.criteria) {
            let row = stage_criterion::Model {
                id: source.id(at),
                network_id,
                franchise_id: None,
                template_stage_id: id,
                position,
                kind: criterion.kind,
                quantity: criterion.quantity,
                text: criterion.text.into(),
            };
            criteria.push((row.id, row.kind, row.quantity));
            rows.criteria.push(row);
        }
        planned.push(PlannedStage { id, criteria });
    }
    planned
}

fn draw_practices(
    source: &mut Source,
    sketch: &Sketch,
    network: Id<network::Entity>,
    born: At,
    rows: &mut NetworkRows,
) -> Vec<Practice> {
    for place in REGIONS {
        rows.regions.push(region::Model {
            id: source.id(born),
            network_id: network,
            code: place.code.into(),
            name: place.name.into(),
            created_at: born,
            version: 1,
        });
    }
    let (mut taken, mut practices, mut group) = (Taken::new(), Vec::new(), String::new());
    for at in 0..sketch.franchises as usize {
        // each region has one before any has many
        let place = match REGIONS.get(at) {
            Some(place) => place,
            None => source.weigh(REGIONS, |place| place.weight),
        };
        let region =
            rows.regions.iter().find(|region| region.code == place.code).map_or(rows.regions[0].id, |r| r.id);
        let name = names::franchise(source, place, &mut taken);
        // a few franchises belong to the same owners as the one before
        if group.is_empty() || !source.chance(9) {
            group = format!("{} Ltd", name.replace(',', ""));
        }
        let created_at = born + Duration::days(source.between(2, 50));
        let id = source.id(created_at);
        rows.franchises.push(franchise::Model {
            id,
            network_id: network,
            region_id: region,
            name,
            legal_group: group.clone(),
            status: FranchiseStatus::Active,
            created_at,
            version: 1,
        });
        practices.push(Practice { franchise: id, region, place, facilitators: Vec::new() });
    }
    practices
}

/// Owners and facilitators of all franchises. Those of the cast take their places first.
#[expect(clippy::too_many_arguments, reason = "all of a network in the making")]
fn add_people(
    source: &mut Source,
    sketch: &Sketch,
    network: Id<network::Entity>,
    born: At,
    cast: &Cast,
    practices: &mut [Practice],
    taken: &mut Taken,
    rows: &mut NetworkRows,
) {
    let mut hire = |source: &mut Source, role: MembershipRole, at: usize, practices: &mut [Practice]| {
        let name = names::person(source, "Europe/London", taken);
        let created_at = born + Duration::days(source.between(51, 58));
        let id = source.id(created_at);
        let email = names::address(&name, &sketch.name);
        rows.people.push(person::Model {
            id,
            network_id: network,
            identity_id: None,
            name,
            email,
            created_at,
            erased_at: None,
            version: 1,
        });
        let franchise = practices[at].franchise;
        rows.memberships.push(cast::membership(
            source,
            network,
            id,
            role,
            (Some(franchise), None, None),
            created_at,
        ));
        if role == MembershipRole::Facilitator {
            practices[at].facilitators.push(id);
        }
    };
    let home = Cast::HOME;
    practices[home].facilitators.extend(cast.of(MembershipRole::Facilitator));
    for at in 0..practices.len() {
        if at != home {
            hire(source, MembershipRole::FranchiseOwner, at, practices);
        }
    }
    let count = practices.len();
    for hired in 1..sketch.facilitators as usize {
        // every franchise has one before any has many
        let at = if hired < count {
            (home + hired) % count
        } else if sketch.shape == NetworkShape::Even {
            hired % count
        } else {
            source.below(count)
        };
        hire(source, MembershipRole::Facilitator, at, practices);
    }
}

/// How the first clients of the cast's facilitator stand: the board that a demo opens on.
const SHOWN: &[Outlook] = {
    use Outlook::*;
    &[
        Running(4),
        Running(4),
        Running(3),
        Running(1),
        Running(0),
        Running(5),
        Running(2),
        Running(4),
        Running(4),
        Paused(4),
        Running(3),
        Completed,
        Running(4),
        Planned,
        Running(2),
        Running(5),
        Terminated(3),
        Running(4),
    ]
};

fn draw_cards(
    source: &mut Source,
    sketch: &Sketch,
    cast: &Cast,
    practices: &[Practice],
) -> Result<Vec<Card>, Fault> {
    let home = Cast::HOME;
    let lead = cast.of(MembershipRole::Facilitator);
    let mut places: Vec<(usize, Id<person::Entity>)> = (0..practices.len())
        .flat_map(|at| practices[at].facilitators.iter().map(move |person| (at, *person)))
        .collect();
    places.sort_by_key(|(_, person)| Some(*person) != lead);
    let even = sketch.clients as usize / places.len().max(1);
    let (mut taken, mut cards) = (Taken::new(), Vec::with_capacity(sketch.clients as usize));
    for at in 0..sketch.clients as usize {
        let shown = sketch.shape == NetworkShape::Grown && at < SHOWN.len();
        let (practice, person) = match sketch.shape {
            NetworkShape::Even => places[(at / even.max(1)).min(places.len() - 1)],
            NetworkShape::Grown if shown => (home, lead.unwrap_or(places[0].1)),
            // everybody leads someone; beyond that some lead many
            NetworkShape::Grown => {
                places[if at % 3 == 0 { at / 3 % places.len() } else { 1 + source.below(places.len() - 1) }]
            }
        };
        let outlook = match sketch.shape {
            _ if at == 0 => Outlook::Running(4),
            NetworkShape::Even => Outlook::begun(source),
            NetworkShape::Grown if shown => SHOWN[at],
            NetworkShape::Grown => Outlook::grown(source),
        };
        let zone = Zone::named(zone(source, practices[practice].place, at == 0))?;
        let industry =
            if at == 0 { &INDUSTRIES[2] } else { source.weigh(INDUSTRIES, |industry| industry.weight) };
        let size = if at == 0 { SizeBand::Medium } else { source.weigh(SIZES, |(_, weight)| *weight).0 };
        let line = line(source, sketch, outlook, at == 0);
        let created_at = match &line {
            Some(line) => line.started - days(7.0 + 30.0 * source.part()),
            None => sketch.now - days(4.0 + 50.0 * source.part()),
        };
        cards.push(Card {
            client: source.id(created_at),
            team: source.id(created_at + Duration::minutes(4)),
            name: names::client(source, industry, practices[practice].place, zone.name(), &mut taken),
            industry,
            size,
            zone,
            practice,
            lead: person,
            outlook,
            line,
            created_at,
            stage_door: at == 0,
        });
    }
    Ok(cards)
}

/// The outlook of a client in time. The first client is always well into its Execute stage.
fn line(source: &mut Source, sketch: &Sketch, outlook: Outlook, first: bool) -> Option<Line> {
    let mut line = Line::draw(source, outlook, sketch.now, sketch.months);
    for _ in 0..if first { 100 } else { 0 } {
        let ago = line
            .as_ref()
            .and_then(|line| line.stages.last())
            .map_or(0, |stage| (sketch.now - stage.0).num_days());
        if (90..150).contains(&ago) {
            break;
        }
        line = Line::draw(source, outlook, sketch.now, sketch.months);
    }
    line
}

const SIZES: &[(SizeBand, u32)] = &[
    (SizeBand::Micro, 10),
    (SizeBand::Small, 34),
    (SizeBand::Medium, 36),
    (SizeBand::Large, 14),
    (SizeBand::Enterprise, 6),
];

/// Nearly all clients are in the United Kingdom; those abroad are served from where the flights go.
fn zone(source: &mut Source, place: &Region, home: bool) -> &'static str {
    match (place.code, source.below(100)) {
        _ if home => "Europe/London",
        ("TLN", 0..15) | ("TLD" | "TLL", 0..4) => "Europe/Dublin",
        ("TLI", 0..10) | ("TLJ", 0..4) => "Europe/Paris",
        ("TLI", 10..18) => "America/New_York",
        ("TLI", 18..23) | ("TLM", 0..3) => "Asia/Singapore",
        _ => "Europe/London",
    }
}
