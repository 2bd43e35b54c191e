//! Benchmarks as their readers and attackers meet them: a network of many clients whose frozen values are poured, releases
//! closed by an admin, and all that a viewer may ever get of them.

mod attacks;
mod fifty_thousand;
mod groups;
mod histories;
mod oracles;
mod steps;
mod taking_part;
mod twins;

use crate::kit::{Persona::*, World};
use chrono::{DateTime, Utc};
use concord::{
    features::{
        benchmark::{key, mechanism::pseudonym::Pseudonym},
        metric::{
            definition::{METRICS, definition},
            rules::Quarter,
        },
    },
    kernel::{RequestInfo, Stepwise, Write},
};
use entity::{
    Id, benchmark_counted, benchmark_key, benchmark_release, benchmark_step,
    benchmark_step::BenchmarkStepKind,
    client::{self, ClientStatus, SizeBand},
    franchise,
    franchise::FranchiseStatus,
    identity, membership,
    membership::MembershipRole,
    metric_period,
    metric_value::{self, Metric, MetricFamily, MetricReason},
    person, region,
};
use sea_orm::{ActiveModelTrait, ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// A metric's values and denominators, by the number of the client.
pub type Poured<'a> = &'a (dyn Fn(usize) -> Option<(i64, i64)> + Sync);

/// The quarters that are over when a world begins, in their order.
pub const PERIODS: [&str; 8] =
    ["2024-Q1", "2024-Q2", "2024-Q3", "2024-Q4", "2025-Q1", "2025-Q2", "2025-Q3", "2025-Q4"];

/// A client to be.
#[derive(Clone, Copy, Debug)]
pub struct Entry {
    /// The number of its franchise.
    pub unit: usize,
    pub industry: &'static str,
    pub size: SizeBand,
    /// The number of its region.
    pub region: usize,
    /// A legal group, shared with others.
    pub group: Option<&'static str>,
    pub since: &'static str,
}

/// So many clients of an industry, spread over so many franchises.
pub fn of(industry: &'static str, clients: usize, units: usize) -> Vec<Entry> {
    let entry = |at: usize| Entry {
        unit: at % units,
        industry,
        size: SizeBand::Medium,
        region: 0,
        group: None,
        since: "2023-01-02T09:00:00Z",
    };
    (0..clients).map(entry).collect()
}

/// A value for everyone that says little: different for neighbours, in steps of a hundredth.
pub fn spread(at: usize) -> Option<i64> {
    Some((1_300 + 1_700 * at as i64) % 9_700)
}

/// Somebody who can sign in.
#[derive(Clone, Copy)]
struct Login {
    person: Id<person::Entity>,
    identity: Id<identity::Entity>,
}

/// A network with many clients.
pub struct Net {
    pub world: World,
    pub entries: Vec<Entry>,
    pub clients: Vec<Id<client::Entity>>,
    franchises: Vec<Id<franchise::Entity>>,
    regions: Vec<Id<region::Entity>>,
    sponsors: Vec<Login>,
    owners: Vec<Login>,
}

impl Net {
    /// A network with these clients, all of whom agreed and are approved. Each has a sponsor, each franchise an owner, and
    /// the legal groups of franchises are as `groups` says, by default their own.
    pub async fn of(world: World, entries: Vec<Entry>) -> Net {
        Self::grouped(world, entries, |unit| format!("Owners {unit}")).await
    }

    pub async fn grouped(world: World, entries: Vec<Entry>, groups: impl Fn(usize) -> String) -> Net {
        let units = entries.iter().map(|entry| entry.unit + 1).max().unwrap_or(0);
        // where there are very many, the first have a sponsor
        let sponsored = entries.len().min(200);
        let identities = identities(&world, sponsored + units).await;
        let write = world.app.kernel.system(world.cast.network).await.expect("a system transaction");
        let network_id = world.cast.network;
        let now = write.now();
        let key = key::sealed_row(&write, &"5a".repeat(32)).expect("a key");
        pour::<benchmark_key::Entity>(&write, vec![key]).await;
        let regions: Vec<region::Model> = ["TLC", "TLM"]
            .map(|code| region::Model {
                id: write.id(),
                network_id,
                code: code.into(),
                name: code.into(),
                created_at: now,
                version: 1,
            })
            .into();
        let franchises: Vec<franchise::Model> = (0..units)
            .map(|unit| franchise::Model {
                id: write.id(),
                network_id,
                region_id: regions[0].id,
                name: format!("Franchise {unit}"),
                legal_group: groups(unit),
                status: FranchiseStatus::Active,
                created_at: now,
                version: 1,
            })
            .collect();
        let region_ids: Vec<_> = regions.iter().map(|region| region.id).collect();
        let franchise_ids: Vec<_> = franchises.iter().map(|franchise| franchise.id).collect();
        pour::<region::Entity>(&write, regions).await;
        pour::<franchise::Entity>(&write, franchises).await;
        let people: Vec<Login> =
            identities.into_iter().map(|identity| Login { person: write.id(), identity }).collect();
        let (sponsors, owners) = people.split_at(sponsored);
        let mut net = Net {
            entries: vec![],
            clients: vec![],
            franchises: franchise_ids,
            regions: region_ids,
            sponsors: sponsors.to_vec(),
            owners: owners.to_vec(),
            world,
        };
        net.people(&write, &people).await;
        net.come(&write, entries).await;
        net.members(&write).await;
        write.commit_quietly().await.expect("a network");
        net
    }

    async fn people(&self, write: &Write, people: &[Login]) {
        let rows = people.iter().enumerate().map(|(at, login)| person::Model {
            id: login.person,
            network_id: self.world.cast.network,
            identity_id: Some(login.identity),
            name: format!("Person {at}"),
            email: format!("person{at}@clients.example"),
            created_at: write.now(),
            erased_at: None,
            version: 1,
        });
        pour::<person::Entity>(write, rows.collect()).await;
    }

    /// Clients come, agree and are approved.
    async fn come(&mut self, write: &Write, entries: Vec<Entry>) {
        let (mut clients, mut steps) = (vec![], vec![]);
        for entry in &entries {
            let row = client::Model {
                id: write.id(),
                network_id: self.world.cast.network,
                franchise_id: self.franchises[entry.unit],
                region_id: self.regions[entry.region],
                name: format!("Client {}", self.clients.len()),
                industry: entry.industry.into(),
                size_band: entry.size,
                time_zone: "Europe/London".into(),
                status: ClientStatus::Active,
                created_at: instant(entry.since),
                erased_at: None,
                legal_group: entry.group.map(str::to_owned),
                contract_starts_on: None,
                contract_ends_on: None,
                paused_at: None,
                archived_at: None,
                archived_from: None,
                version: 1,
            };
            self.clients.push(row.id);
            for kind in [BenchmarkStepKind::ConsentGiven, BenchmarkStepKind::ApprovalGiven] {
                steps.push(benchmark_step::Model {
                    id: write.id(),
                    network_id: row.network_id,
                    client_id: row.id,
                    kind,
                    person_id: None,
                    at: row.created_at,
                });
            }
            clients.push(row);
        }
        self.entries.extend(entries);
        pour::<client::Entity>(write, clients).await;
        pour::<benchmark_step::Entity>(write, steps).await;
    }

    async fn members(&self, write: &Write) {
        let row = |login: &Login, role, franchise_id, client_id| membership::Model {
            id: write.id(),
            network_id: self.world.cast.network,
            person_id: login.person,
            role,
            franchise_id,
            client_id,
            team_id: None,
            starts_at: write.now(),
            ends_at: None,
            created_at: write.now(),
            version: 1,
        };
        let sponsors = self.sponsors.iter().zip(&self.clients);
        let sponsors =
            sponsors.map(|(login, client)| row(login, MembershipRole::Sponsor, None, Some(*client)));
        let owners = self.owners.iter().zip(&self.franchises);
        let owners = owners
            .map(|(login, franchise)| row(login, MembershipRole::FranchiseOwner, Some(*franchise), None));
        pour::<membership::Entity>(write, sponsors.chain(owners).collect()).await;
    }

    /// Freezes a period with these values of on-time actions, by the number of the client.
    pub async fn freeze(&self, period: &str, value: impl Fn(usize) -> Option<i64> + Sync) {
        self.freeze_all(
            period,
            &[(Metric::OnTimeActions, &|at: usize| value(at).map(|value| (value, 20_i64)))],
        )
        .await;
    }

    /// Freezes a period with values and denominators of some metrics.
    pub async fn freeze_all(&self, period: &str, metrics: &[(Metric, Poured<'_>)]) {
        let write = self.write().await;
        let quarter = Quarter::parse(period).expect("a quarter");
        let row = metric_period::Model {
            id: write.id(),
            network_id: self.world.cast.network,
            period: period.into(),
            starts_on: quarter.starts_on(),
            ends_on: quarter.ends_on(),
            frozen_at: write.now(),
        };
        pour::<metric_period::Entity>(&write, vec![row]).await;
        let frozen = |client: &Id<client::Entity>, metric: Metric, value: Option<(i64, i64)>| {
            let id = write.id();
            metric_value::Model {
                id,
                first_id: id,
                network_id: self.world.cast.network,
                client_id: *client,
                period: period.into(),
                ends_on: quarter.ends_on(),
                metric,
                definition_version: definition(metric).version,
                numerator: value.map(|(value, denominator)| value * denominator / 10_000),
                denominator: value.map(|(_, denominator)| denominator),
                value: value.map(|(value, _)| value),
                reason: if value.is_none() { Some(MetricReason::TooFew) } else { None },
                frozen_at: write.now(),
            }
        };
        let of_all = |metric: Metric, value: Poured<'_>| {
            let of_one = |(at, client)| value(at).map(|value| frozen(client, metric, Some(value)));
            self.clients.iter().enumerate().filter_map(of_one).collect()
        };
        for (metric, value) in metrics {
            pour::<metric_value::Entity>(&write, of_all(*metric, *value)).await;
        }
        // nobody is frozen in part: who has any of the others has the first, if without a value
        let first = METRICS[0];
        if metrics.iter().all(|(metric, _)| *metric != first) {
            let any = |at: &usize| metrics.iter().any(|(_, value)| value(*at).is_some());
            let some = (0..self.clients.len()).filter(any);
            let rows = some.map(|at| frozen(&self.clients[at], first, None)).collect();
            pour::<metric_value::Entity>(&write, rows).await;
        }
        write.commit_quietly().await.expect("a frozen period");
    }

    /// The admin closes a period.
    pub async fn close(&self, period: &str) {
        let input = json!({ "period": period });
        self.world.done(Admin, "benchmarkReleaseClose", input, "releases { period }").await;
    }

    /// Freezes and closes.
    pub async fn release(&self, period: &str, value: impl Fn(usize) -> Option<i64> + Sync) {
        self.freeze(period, value).await;
        self.close(period).await;
    }

    pub async fn write(&self) -> Write {
        self.world.app.kernel.system(self.world.cast.network).await.expect("a system transaction")
    }

    /// How the job closes.
    pub fn steps(&self) -> Stepwise {
        self.world.app.kernel.stepwise(self.world.cast.network, "benchmarks", &RequestInfo::default())
    }

    pub fn sponsor(&self, client: usize) -> String {
        self.token(self.sponsors[client])
    }
    pub fn owner(&self, unit: usize) -> String {
        self.token(self.owners[unit])
    }
    fn token(&self, login: Login) -> String {
        self.world.token_of(self.world.cast.network, login.person, login.identity)
    }

    pub async fn ask(&self, token: &str, document: &str, variables: Value) -> String {
        let answered = self.world.send(Some(token.to_owned()), document, variables, None).await;
        assert!(answered.json.get("errors").is_none(), "{document}\n{}", answered.text);
        answered.text
    }

    /// All that a viewer may get of the benchmarks of some periods, as the bytes that are sent.
    pub async fn answers_to(&self, token: &str, periods: &[&str]) -> String {
        let mut answers = self.ask(token, RELEASES, json!({})).await;
        answers += &self.ask(token, COHORTS, json!({})).await;
        let asked: Vec<String> = periods
            .iter()
            .enumerate()
            .map(|(at, period)| {
                format!("p{at}: benchmark(metric: ON_TIME_ACTIONS, period: \"{period}\") {{ {STANDING} }}")
            })
            .collect();
        let document = format!(
            "query($after: String) {{ clients(first: 50, after: $after) {{ totalCount pageInfo {{ hasNextPage endCursor }}
                nodes {{ name {} }} }} }}",
            asked.join(" ")
        );
        let mut after = Value::Null;
        loop {
            let page = self.ask(token, &document, json!({ "after": after })).await;
            let json: Value = serde_json::from_str(&page).expect("JSON");
            answers += &page;
            let info = &json["data"]["clients"]["pageInfo"];
            if info["hasNextPage"] == false {
                return answers;
            }
            after = info["endCursor"].clone();
        }
    }

    /// The published cohorts of a period in on-time actions, by their names, as head office reads them.
    pub async fn cohorts(&self, period: &str) -> BTreeMap<String, Value> {
        self.cohorts_of(period, "ON_TIME_ACTIONS").await
    }

    pub async fn cohorts_of(&self, period: &str, metric: &str) -> BTreeMap<String, Value> {
        let (mut nodes, mut after) = (vec![], Value::Null);
        loop {
            let list = self.world.read(Analyst, PAGES, json!({ "after": after })).await;
            let page = &list["benchmarkCohorts"];
            nodes.extend(page["nodes"].as_array().expect("cohorts").iter().cloned());
            if page["pageInfo"]["hasNextPage"] == false {
                break;
            }
            after = page["pageInfo"]["endCursor"].clone();
        }
        let here = nodes.into_iter().filter(|node| node["period"] == period && node["metric"] == metric);
        here.map(|node| (node["cohort"]["name"].as_str().expect("a name").to_owned(), node)).collect()
    }

    /// A client's benchmark in on-time actions, as its sponsor reads it.
    pub async fn benchmark(&self, client: usize, period: &str) -> Value {
        self.benchmark_by(&self.sponsor(client), client, period).await
    }

    pub async fn benchmark_by(&self, token: &str, client: usize, period: &str) -> Value {
        let document = format!(
            "query($id: ID!, $period: String) {{ client(id: $id) {{
                benchmark(metric: ON_TIME_ACTIONS, period: $period) {{ {STANDING} }} }} }}"
        );
        let asked = json!({ "id": self.clients[client], "period": period });
        let text = self.ask(token, &document, asked).await;
        let json: Value = serde_json::from_str(&text).expect("JSON");
        json["data"]["client"]["benchmark"].clone()
    }

    /// Whom a period's release of on-time actions counted, with the path of each atom: read where nobody reads.
    pub async fn counted(&self, period: &str) -> BTreeMap<usize, Vec<String>> {
        let names: BTreeMap<String, usize> =
            (0..self.clients.len()).map(|at| (self.pseudonym(at), at)).collect();
        let rows = self.rows(period).await;
        let known = rows.into_iter().filter_map(|row| {
            let path: Vec<String> = serde_json::from_str(&row.path).expect("a path");
            Some((*names.get(&row.pseudonym)?, path[..row.depth as usize].to_vec()))
        });
        known.collect()
    }

    pub async fn rows(&self, period: &str) -> Vec<benchmark_counted::Model> {
        let write = self.write().await;
        let release = benchmark_release::Entity::find()
            .filter(benchmark_release::Column::Period.eq(period))
            .filter(benchmark_release::Column::Family.eq(MetricFamily::Actions));
        let release = write.one(release).await.expect("a look").expect("a release");
        let of = benchmark_counted::Column::ReleaseId.eq(release.id);
        let rows = write.all(benchmark_counted::Entity::find().filter(of)).await.expect("rows");
        write.roll_back().await.expect("nothing was changed");
        rows
    }

    /// A client's pseudonym under the network's secret.
    pub fn pseudonym(&self, client: usize) -> String {
        let identity = format!("client:{}", self.clients[client].uuid());
        let pseudonym = Pseudonym::of(&[0x5a; 32], identity.as_bytes());
        pseudonym.0.iter().map(|byte| format!("{byte:02x}")).collect()
    }

    /// The classes of the clients over some periods, each with its members; those never counted are in none. Reckoned
    /// here from what was stored, and held against the rule: 4 clients of 3 franchises, no one of them with more than
    /// half.
    pub async fn classes(&self, periods: &[&str]) -> Vec<BTreeSet<usize>> {
        let mut counted = vec![];
        for period in periods {
            counted.push(self.counted(period).await);
        }
        let mut classes: BTreeMap<Vec<Option<&Vec<String>>>, BTreeSet<usize>> = BTreeMap::new();
        for client in 0..self.clients.len() {
            let class: Vec<_> = counted.iter().map(|counted| counted.get(&client)).collect();
            if class.iter().any(Option::is_some) {
                classes.entry(class).or_default().insert(client);
            }
        }
        for (class, members) in &classes {
            let mut units: BTreeMap<usize, usize> = BTreeMap::new();
            for member in members {
                *units.entry(self.entries[*member].unit).or_default() += 1;
            }
            let most = units.values().copied().max().unwrap_or(0);
            assert!(
                members.len() >= 4 && units.len() >= 3 && 2 * most <= members.len(),
                "{class:?}: {members:?}"
            );
        }
        classes.into_values().collect()
    }
}

/// What a client's people read of its benchmark.
pub const STANDING: &str = "metric period status cohort { level industry sizeBand regionCode stageTitle name label } band polarity \
    value quartile standing p10 p25 p50 p75 p90 p10Points p25Points p50Points p75Points p90Points p10Value p10Bound \
    p25Value p25Bound p50Value p50Bound p75Value p75Bound p90Value p90Bound guarantee";

const RELEASES: &str = "{ benchmarkReleases(first: 100) { totalCount pageInfo { hasNextPage hasPreviousPage }
    nodes { family period profile closedAt cohorts(first: 2) { totalCount nodes { p50 } } } } }";
const COHORTS: &str = "{ benchmarkCohorts(first: 100) { totalCount pageInfo { hasNextPage hasPreviousPage }
    nodes { metric period cohort { level industry sizeBand regionCode stageTitle name } band polarity
        p10 p25 p50 p75 p90 p10Points p25Points p50Points p75Points p90Points } } }";

const PAGES: &str = "query($after: String) { benchmarkCohorts(first: 100, after: $after) {
    pageInfo { hasNextPage endCursor } nodes { metric period cohort { level industry sizeBand regionCode stageTitle name } band
        polarity p10 p25 p50 p75 p90 p10Points p25Points p50Points p75Points p90Points } } }";

pub fn instant(text: &str) -> DateTime<Utc> {
    text.parse().expect("an instant")
}

async fn identities(world: &World, count: usize) -> Vec<Id<identity::Entity>> {
    let write = world.app.kernel.identity(None).await.expect("an identity transaction");
    let rows: Vec<identity::Model> = (0..count)
        .map(|at| identity::Model {
            id: write.id(),
            email: format!("person{at}@clients.example"),
            password_hash: String::new(),
            password_changed_at: write.now(),
            created_at: write.now(),
            version: 1,
        })
        .collect();
    let ids = rows.iter().map(|row| row.id).collect();
    pour::<identity::Entity>(&write, rows).await;
    write.commit_quietly().await.expect("identities");
    ids
}

pub async fn pour<E: EntityTrait>(write: &Write, rows: Vec<E::Model>)
where
    E::Model: IntoActiveModel<E::ActiveModel>,
    E::ActiveModel: sea_orm::ActiveModelBehavior + Send,
{
    let rows = rows.into_iter().map(|row| row.into_active_model().reset_all()).collect();
    write.insert_unaudited::<E>(rows).await.expect("rows");
}
