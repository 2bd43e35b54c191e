//! What a dashboard must say, added up row by row from everything there is.

use chrono::{DateTime, Datelike, Months, TimeDelta, Utc};
use entity::{
    Id, action,
    action::ActionStatus,
    assignment,
    assignment::AssignmentPart,
    benchmark_policy, client,
    client::ClientStatus,
    drift_signal,
    drift_signal::{DriftCause, DriftStatus},
    franchise, network, person, programme,
    programme::ProgrammeStatus,
    region, review,
    review::ReviewStatus,
    stage_run,
    stage_run::StageStatus,
    template_version,
};
use sea_orm::{ColumnTrait, DatabaseConnection, EntityTrait, QueryFilter};
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// All rows that count.
struct Rows {
    clients: Vec<client::Model>,
    actions: Vec<action::Model>,
    programmes: Vec<programme::Model>,
    stages: Vec<stage_run::Model>,
    reviews: Vec<review::Model>,
    signals: Vec<drift_signal::Model>,
    regions: Vec<region::Model>,
    versions: Vec<template_version::Model>,
    assignments: Vec<assignment::Model>,
    people: Vec<person::Model>,
    minimum: usize,
    now: DateTime<Utc>,
}

macro_rules! all {
    ($behind:expr, $module:ident, $network:expr) => {
        $module::Entity::find()
            .filter($module::Column::NetworkId.eq($network))
            .all($behind)
            .await
            .expect("rows")
    };
}

/// The figures of a network or of one franchise of it.
pub async fn aggregate(
    behind: &DatabaseConnection,
    network: Id<network::Entity>,
    franchise: Option<Id<franchise::Entity>>,
    now: DateTime<Utc>,
) -> Value {
    let clients = all!(behind, client, network);
    let clients: Vec<client::Model> = clients
        .into_iter()
        .filter(|client| franchise.is_none_or(|only| client.franchise_id == only))
        .collect();
    let ours: BTreeSet<_> = clients.iter().map(|client| client.id).collect();
    let rows = Rows {
        actions: all!(behind, action, network)
            .into_iter()
            .filter(|row| ours.contains(&row.client_id))
            .collect(),
        programmes: all!(behind, programme, network)
            .into_iter()
            .filter(|row| ours.contains(&row.client_id))
            .collect(),
        stages: all!(behind, stage_run, network)
            .into_iter()
            .filter(|row| ours.contains(&row.client_id))
            .collect(),
        reviews: all!(behind, review, network)
            .into_iter()
            .filter(|row| ours.contains(&row.client_id))
            .collect(),
        signals: all!(behind, drift_signal, network)
            .into_iter()
            .filter(|row| ours.contains(&row.client_id))
            .collect(),
        assignments: all!(behind, assignment, network)
            .into_iter()
            .filter(|row| ours.contains(&row.client_id))
            .collect(),
        regions: all!(behind, region, network),
        versions: template_version::Entity::find().all(behind).await.expect("versions"),
        people: all!(behind, person, network),
        minimum: usize::try_from(all!(behind, benchmark_policy, network)[0].minimum_clients)
            .expect("a number"),
        clients,
        now,
    };
    json!({
        "asOf": null,
        "totals": {
        "clients": {
            "active": rows.clients.iter().filter(|client| client.status == ClientStatus::Active).count(),
            "archived": rows.clients.iter().filter(|client| client.status == ClientStatus::Archived).count(),
        },
        "programmes": rows.programmes(),
        "actions": rows.work(&rows.active().map(|client| client.id).collect()),
        "reviews": rows.reviews(),
        "drift": rows.drift(),
        },
        "places": rows.places(),
        "templates": rows.templates(),
        "months": rows.months(),
        "facilitators": rows.facilitators(),
    })
}

impl Rows {
    fn active(&self) -> impl Iterator<Item = &client::Model> {
        self.clients.iter().filter(|client| client.status == ClientStatus::Active)
    }

    fn programmes(&self) -> Value {
        let count =
            |status: ProgrammeStatus| self.programmes.iter().filter(|row| row.status == status).count();
        let stalled = self.programmes.iter().filter(|programme| {
            let open = self.stages.iter().filter(|stage| {
                stage.programme_id == programme.id
                    && stage.status == StageStatus::Open
                    && stage.planned_days > 0
            });
            let late = |stage: &stage_run::Model| {
                let twice = TimeDelta::days(2 * i64::from(stage.planned_days));
                stage.opened_at.is_some_and(|opened| opened + twice <= self.now)
            };
            programme.status == ProgrammeStatus::Active && open.into_iter().any(late)
        });
        json!({
            "started": self.programmes.iter().filter(|row| row.started_at.is_some()).count(),
            "planned": count(ProgrammeStatus::Planned),
            "active": count(ProgrammeStatus::Active),
            "paused": count(ProgrammeStatus::Paused),
            "completed": count(ProgrammeStatus::Completed),
            "terminated": count(ProgrammeStatus::Terminated),
            "stalled": stalled.count(),
        })
    }

    fn work(&self, of: &BTreeSet<Id<client::Entity>>) -> Value {
        let actions = || self.actions.iter().filter(|action| of.contains(&action.client_id));
        let open = || actions().filter(|action| action.status == ActionStatus::Accepted);
        json!({
            "open": open().count(),
            "overdue": open().filter(|action| action.due_at <= self.now).count(),
            "done": actions().filter(|action| action.status == ActionStatus::Done).count(),
        })
    }

    fn reviews(&self) -> Value {
        let count = |status: ReviewStatus| {
            let from = self.now - TimeDelta::days(91);
            let due = |row: &&review::Model| row.due_at > from && row.due_at <= self.now;
            self.reviews.iter().filter(due).filter(|row| row.status == status).count()
        };
        json!({ "met": count(ReviewStatus::Met), "late": count(ReviewStatus::Late), "missed": count(ReviewStatus::Missed) })
    }

    fn drift(&self) -> Value {
        let active: BTreeSet<_> = self.active().map(|client| client.id).collect();
        let count = |cause: DriftCause| {
            let waits = |row: &&drift_signal::Model| {
                matches!(row.status, DriftStatus::Open | DriftStatus::Acknowledged)
                    && active.contains(&row.client_id)
            };
            self.signals.iter().filter(waits).filter(|row| row.cause == cause).count()
        };
        json!({
            "checkInsMissed": count(DriftCause::CheckInsMissed),
            "pastBaseline": count(DriftCause::PastBaseline),
            "behind": count(DriftCause::Behind),
            "redated": count(DriftCause::Redated),
            "reviewGap": count(DriftCause::ReviewGap),
            "agreementDown": count(DriftCause::AgreementDown),
        })
    }

    /// The stage that a client is in: the first open one of its latest programme that runs.
    fn stage(&self, client: Id<client::Entity>) -> Option<&stage_run::Model> {
        let mut open: Vec<&stage_run::Model> = self
            .stages
            .iter()
            .filter(|stage| stage.client_id == client && stage.status == StageStatus::Open)
            .filter(|stage| {
                let mut of = self.programmes.iter().filter(|programme| programme.id == stage.programme_id);
                of.any(|row| matches!(row.status, ProgrammeStatus::Active | ProgrammeStatus::Paused))
            })
            .collect();
        open.sort_by_key(|stage| (std::cmp::Reverse(stage.programme_id), stage.position));
        open.first().copied()
    }

    fn places(&self) -> Value {
        let mut places: BTreeMap<(String, i32, String), BTreeSet<Id<client::Entity>>> = BTreeMap::new();
        for client in self.active() {
            let region = self.regions.iter().find(|region| region.id == client.region_id).expect("a region");
            let (position, title) = self
                .stage(client.id)
                .map_or((0, String::new()), |stage| (stage.position, stage.title.clone()));
            places.entry((region.code.clone(), position, title)).or_default().insert(client.id);
        }
        let rows = places.into_iter().map(|((code, position, title), clients)| {
            let region = self.regions.iter().find(|region| region.code == code).expect("a region");
            let work = self.work(&clients);
            json!({
                "regionId": region.id.to_string(), "regionCode": code, "regionName": region.name, "position": position,
                "stageTitle": (!title.is_empty()).then_some(title), "clientCount": clients.len(),
                "actionsOpen": work["open"], "actionsOverdue": work["overdue"], "actionsDone": work["done"],
            })
        });
        Value::Array(rows.collect())
    }

    fn templates(&self) -> Value {
        let mut told: BTreeMap<String, Value> = BTreeMap::new();
        for version in &self.versions {
            let programmes: Vec<_> =
                self.programmes.iter().filter(|row| row.template_version_id == version.id).collect();
            let passed: Vec<_> = self
                .stages
                .iter()
                .filter(|stage| stage.status == StageStatus::Passed)
                .filter(|stage| programmes.iter().any(|row| row.id == stage.programme_id))
                .collect();
            let clients: BTreeSet<_> = passed.iter().map(|stage| stage.client_id).collect();
            let (mut planned, mut taken) = (0, 0);
            for stage in passed.iter().filter(|stage| stage.planned_days > 0) {
                if let (Some(from), Some(to)) = (stage.opened_at, stage.passed_at) {
                    planned += 86_400 * i64::from(stage.planned_days);
                    taken += to.timestamp() - from.timestamp();
                }
            }
            let few = clients.len() < self.minimum;
            let started = programmes.iter().filter(|row| row.started_at.is_some()).count();
            let terminated =
                programmes.iter().filter(|row| row.status == ProgrammeStatus::Terminated).count();
            if started + terminated == 0 {
                continue;
            }
            let row = json!({
                "templateVersionId": version.id.to_string(), "number": version.number, "programmesStarted": started,
                "programmesCompleted": programmes.iter().filter(|row| row.status == ProgrammeStatus::Completed).count(),
                "programmesTerminated": terminated, "stagesPassed": passed.len(), "clientCount": clients.len(),
                "pacePercent": (!few && planned > 0).then(|| 100 * taken / planned),
                "paceWithheld": if planned == 0 { json!("NOTHING") } else if few { json!("TOO_FEW_CLIENTS") } else { Value::Null },
            });
            told.insert(version.id.to_string(), row);
        }
        told.into_values().collect()
    }

    fn months(&self) -> Value {
        let mut months: BTreeMap<String, BTreeMap<&str, usize>> = BTreeMap::new();
        let mut count = |year: i32, month: u32, what: &'static str| {
            *months.entry(format!("{year:04}-{month:02}")).or_default().entry(what).or_default() += 1;
        };
        for programme in &self.programmes {
            if let Some(at) = programme.started_at {
                count(at.year(), at.month(), "programmesStarted");
            }
            if let (ProgrammeStatus::Completed, Some(at)) = (&programme.status, programme.ended_at) {
                count(at.year(), at.month(), "programmesCompleted");
            }
        }
        for stage in self.stages.iter().filter(|stage| stage.status == StageStatus::Passed) {
            if let Some(at) = stage.passed_at {
                count(at.year(), at.month(), "stagesPassed");
            }
        }
        for review in &self.reviews {
            let what = match review.status {
                ReviewStatus::Met => "reviewsMet",
                ReviewStatus::Late => "reviewsLate",
                ReviewStatus::Missed => "reviewsMissed",
                _ => continue,
            };
            count(review.due_on.year(), review.due_on.month(), what);
        }
        let first = self.now.date_naive().with_day(1).and_then(|day| day.checked_sub_months(Months::new(12)));
        let first = first.expect("a year ago").format("%Y-%m").to_string();
        let names = [
            "programmesStarted",
            "programmesCompleted",
            "stagesPassed",
            "reviewsMet",
            "reviewsLate",
            "reviewsMissed",
        ];
        let rows = months.into_iter().filter(|(month, _)| *month >= first).map(|(month, counts)| {
            let mut row: Map<String, Value> = names
                .iter()
                .map(|name| ((*name).to_owned(), json!(counts.get(name).unwrap_or(&0))))
                .collect();
            row.insert("month".into(), json!(month));
            Value::Object(row)
        });
        Value::Array(rows.collect())
    }

    fn facilitators(&self) -> Value {
        let mut loads: BTreeMap<String, (String, usize, usize)> = BTreeMap::new();
        for assignment in &self.assignments {
            let current =
                assignment.starts_at <= self.now && assignment.ends_at.is_none_or(|ends| ends > self.now);
            let works = assignment.part != AssignmentPart::Observer;
            if !current || !works || !self.active().any(|client| client.id == assignment.client_id) {
                continue;
            }
            let person =
                self.people.iter().find(|person| person.id == assignment.person_id).expect("a person");
            let open = self.actions.iter().filter(|action| {
                action.client_id == assignment.client_id && action.status == ActionStatus::Accepted
            });
            let load = loads.entry(person.id.to_string()).or_insert_with(|| (person.name.clone(), 0, 0));
            load.1 += 1;
            load.2 += open.count();
        }
        let rows: Vec<Value> = loads
            .into_iter()
            .map(|(id, (name, clients, open))| json!({ "personId": id, "name": name, "clientCount": clients, "actionsOpen": open }))
            .collect();
        json!({ "totalCount": rows.len(), "nodes": rows })
    }
}

/// What was told, in the order in which it is worked out here; facilitators must have come by what they have to do.
pub fn settled(mut told: Value) -> Value {
    let sort = |rows: &mut Value, by: &str| {
        if let Some(rows) = rows.as_array_mut() {
            rows.sort_by_key(|row| row[by].to_string());
        }
    };
    let open: Vec<i64> = told["facilitators"]["nodes"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(|row| row["actionsOpen"].as_i64())
        .collect();
    // a month in which nothing happened is told where its figures were put aside
    if let Some(months) = told["months"].as_array_mut() {
        let happened = |month: &Value| {
            month.as_object().is_some_and(|month| month.values().any(|count| count.as_i64() > Some(0)))
        };
        months.retain(happened);
    }
    assert!(open.is_sorted_by(|one, next| one >= next), "those with most first: {open:?}");
    sort(&mut told["facilitators"]["nodes"], "personId");
    sort(&mut told["templates"], "templateVersionId");
    told
}

/// Compares what was told with what is right, part by part.
pub fn compare(told: &Value, right: &Value, when: &str) {
    let parts = right.as_object().expect("figures");
    assert_eq!(told.as_object().map(Map::len), Some(parts.len()), "{when}: {told}");
    for (name, part) in parts {
        assert_eq!(&told[name], part, "{name}, {when}");
    }
}
