//! How a period's releases are closed. They are decided in memory, stored as a draft in many short transactions, verified
//! as they were stored, and published by the last transaction, all together.
//!
//! Invariant: nobody reads a draft. The network's policy says through which period releases are published, and the doors
//! and the fences hide what is stored of later ones ([`Hang::Release`](entity::Hang::Release),
//! [`Hang::Standing`](entity::Hang::Standing)).
//!
//! Invariant: one closing at a time stores, and what it has stored stays as it was decided. The policy names the closing.
//! Each of its transactions locks the policy and ends if it names another: because an erasure ended the closing, or because
//! it was silent for so long that another one took over. Whoever takes over removes what is stored and begins anew, as
//! whatever decides may have changed. What has not changed decides the same.

use super::{
    deciding::{Decided, FamilyInput, People},
    history, key,
    mechanism::{
        release::Past,
        rule::Profile,
        verify::{Sets, Violation, verify},
    },
    of_network,
    rules::Said,
    storing::{FamilyRows, Told, standings},
};
use crate::{
    features::metric::{freezing, rules::Quarter},
    kernel::{Caller, Error, Fault, Stepwise, Write, access::Permission},
};
use chrono::{DateTime, TimeDelta, Utc};
use entity::{
    Id, benchmark_cohort, benchmark_counted, benchmark_policy, benchmark_release, benchmark_standing,
    benchmark_step,
    client::{self, ClientStatus},
    metric_value::MetricFamily,
};
use sea_orm::{
    ActiveModelBehavior, ActiveModelTrait, ActiveValue::Set, ColumnTrait, EntityTrait, IntoActiveModel,
    Iterable, QueryFilter, QueryOrder, QuerySelect,
};
use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
    time::{Duration, Instant},
};
use tokio::task::spawn_blocking;
use tracing::Span;
use uuid::Uuid;

/// How long a closing may be silent before another one takes over.
const SILENCE: TimeDelta = TimeDelta::minutes(5);
/// Longest that a transaction in which somebody withdraws may have been open when a closing read who takes part.
const OVERLAP: TimeDelta = TimeDelta::minutes(1);
/// After how long a step begins nothing more.
const STEP: Duration = Duration::from_millis(150);
/// Rows that a step adds at most, and rows that one statement adds.
const MOST: usize = 2_000;
const TOGETHER: usize = 500;
/// Clients whose standings are made together.
const CLIENTS: usize = 1_000;

/// A closing under way, and then its draft.
pub struct Draft<'a> {
    steps: &'a Stepwise,
    /// What the policy names it by.
    id: Uuid,
    quarter: Quarter,
    /// What it is decided by.
    policy: benchmark_policy::Model,
    /// The instant whose participants it counts.
    began: DateTime<Utc>,
    releases: Vec<benchmark_release::Model>,
    /// Whom it counts in any family.
    counted: HashSet<Id<client::Entity>>,
}

/// One transaction of a closing.
struct Step {
    write: Write,
    policy: benchmark_policy::Model,
    began: Instant,
}

/// Closes all releases of a period, for a person who may, or for the job. `None`: somebody else is closing it, or has.
pub async fn close(
    steps: &Stepwise,
    quarter: Quarter,
    person: Option<&Caller>,
) -> Result<Option<Vec<Id<benchmark_release::Entity>>>, Error> {
    while let Some(draft) = draft(steps, quarter).await? {
        match draft.publish(person).await {
            Ok(Some(ids)) => return Ok(Some(ids)),
            Ok(None) => draft.give_up().await?,
            Err(error) => {
                draft.give_up().await.unwrap_or_default();
                return Err(error);
            }
        }
    }
    Ok(None)
}

/// Stores all releases of a period as a draft, whole and verified. `None`: somebody else is closing it, or has.
pub async fn draft(steps: &Stepwise, quarter: Quarter) -> Result<Option<Draft<'_>>, Error> {
    while let Some(mut draft) = Draft::claim(steps, quarter).await? {
        match draft.make().await {
            Ok(Some(())) => return Ok(Some(draft)),
            Ok(None) => {}
            Err(error) => {
                // whatever stays now, the next closing removes
                draft.give_up().await.unwrap_or_default();
                return Err(error);
            }
        }
    }
    Ok(None)
}

impl<'a> Draft<'a> {
    /// Has the policy name a new closing, unless there is one that is not silent.
    async fn claim(steps: &'a Stepwise, quarter: Quarter) -> Result<Option<Draft<'a>>, Error> {
        let write = steps.begin().await?;
        let policy = history::policy(&write).await?;
        let closed = history::last(&policy).is_some_and(|last| last >= quarter);
        if closed || policy.closing_until.is_some_and(|until| until > write.now()) {
            write.leave().await?;
            return Ok(None);
        }
        let id = steps.id::<()>().uuid();
        let began = write.now();
        name_closing(&write, policy.clone(), Some((id, began + SILENCE))).await?;
        write.commit_quietly().await?;
        let (releases, counted) = (vec![], HashSet::new());
        Ok(Some(Draft { steps, id, quarter, policy, began, releases, counted }))
    }

    /// The next transaction. `None`: the policy names another closing, or none.
    async fn step(&self) -> Result<Option<Step>, Error> {
        let write = self.steps.begin().await?;
        let began = Instant::now();
        let policy = history::policy(&write).await?;
        if policy.closing_id != Some(self.id) {
            write.leave().await?;
            return Ok(None);
        }
        let until = write.now() + SILENCE;
        if policy.closing_until.is_none_or(|given| until - given > SILENCE / 2) {
            name_closing(&write, policy.clone(), Some((self.id, until))).await?;
        }
        Ok(Some(Step { write, policy, began }))
    }

    async fn end(&self, step: Step) -> Result<(), Error> {
        step.write.commit_quietly().await?;
        self.steps.rest(step.began.elapsed()).await;
        Ok(())
    }

    /// Removes what an earlier closing left behind, and stores everything. `None`: the closing was ended.
    async fn make(&mut self) -> Result<Option<()>, Error> {
        if self.discard().await?.is_none() || self.freeze().await?.is_none() {
            return Ok(None);
        }
        let Some(secret) = self.open().await? else { return Ok(None) };
        let look = self.steps.look().await?;
        let people = look.with_room(People::of(&look, self.quarter, secret)).await?;
        look.leave().await?;
        let people = Arc::new(people);
        let mut told = vec![];
        for release in self.releases.clone() {
            let Some(of_family) = self.store(&people, &release).await? else { return Ok(None) };
            told.extend(of_family);
        }
        self.stand(&people, &told).await
    }

    /// Removes every draft of the network.
    async fn discard(&self) -> Result<Option<()>, Error> {
        loop {
            let Some(step) = self.step().await? else { return Ok(None) };
            let more = history::discard_some(&step.write, &step.policy, MOST as u64).await?;
            self.end(step).await?;
            if !more {
                return Ok(Some(()));
            }
        }
    }

    /// Freezes the period for whoever lacks it.
    async fn freeze(&self) -> Result<Option<()>, Error> {
        loop {
            let Some(step) = self.step().await? else { return Ok(None) };
            let more = freezing::freeze_for_a_while(&step.write, self.quarter).await?;
            self.end(step).await?;
            if !more {
                return Ok(Some(()));
            }
        }
    }

    /// Adds the releases that the draft is of. The network's secret.
    async fn open(&mut self) -> Result<Option<Vec<u8>>, Error> {
        let Some(step) = self.step().await? else { return Ok(None) };
        let secret = key::secret(&step.write).await?;
        (self.policy, self.began) = (step.policy.clone(), step.write.now());
        let release = |family: MetricFamily| benchmark_release::Model {
            id: self.steps.id(),
            network_id: self.steps.network(),
            family,
            period: self.quarter.label(),
            profile: self.policy.profile,
            closed_at: self.began,
        };
        let releases: Vec<benchmark_release::Model> = MetricFamily::iter().map(release).collect();
        let rows = releases.iter().map(|release| release.clone().into_active_model().reset_all()).collect();
        step.write.pour::<benchmark_release::Entity>(rows).await?;
        self.releases = releases;
        self.end(step).await?;
        Ok(Some(secret))
    }

    /// Decides and stores a family's release, and has it verified. What it tells.
    async fn store(
        &mut self,
        people: &Arc<People>,
        release: &benchmark_release::Model,
    ) -> Result<Option<Vec<Told>>, Error> {
        let look = self.steps.look().await?;
        let input = FamilyInput::of(&look, &self.policy, release.family, self.quarter);
        let input = look.with_room(input).await?;
        look.leave().await?;
        let (span, everyone) = (Span::current(), people.clone());
        let deciding = spawn_blocking(move || span.in_scope(|| everyone.decide(input)));
        let decided = deciding.await.map_err(|_| Fault::Internal)??;
        self.counted.extend(people.counted(&decided.release));
        let rows = FamilyRows::of(self.steps, people, release, &decided)?;
        let cohorts = self.add::<benchmark_cohort::Entity>(rows.cohorts).await?;
        if cohorts.is_none() || self.add::<benchmark_counted::Entity>(rows.counted).await?.is_none() {
            return Ok(None);
        }
        let look = self.steps.look().await?;
        let stored = look.with_room(history::past(&look, release)).await?;
        look.leave().await?;
        if is_sound(&decided, &stored) {
            return Ok(Some(rows.told));
        }
        // an erasure changes what is stored, and ends the closing
        let Some(step) = self.step().await? else { return Ok(None) };
        step.write.leave().await?;
        tracing::error!(family = ?decided.family, "a release was not closed: the verifier refuses it");
        Err(Fault::Internal.into())
    }

    /// Stores where every client stands.
    async fn stand(&self, people: &People, told: &[Told]) -> Result<Option<()>, Error> {
        // in an order that tells nothing, as ids are given in it
        let mut places: Vec<usize> = (0..people.clients.len()).collect();
        places.sort_unstable_by_key(|place| people.clients[*place].id);
        for some in places.chunks(CLIENTS) {
            let rows = standings(self.steps, people, told, some);
            if self.add::<benchmark_standing::Entity>(rows).await?.is_none() {
                return Ok(None);
            }
        }
        Ok(Some(()))
    }

    /// Adds rows, in as many steps as it takes.
    async fn add<E: EntityTrait>(&self, rows: Vec<E::ActiveModel>) -> Result<Option<()>, Error>
    where
        E::ActiveModel: ActiveModelBehavior + Send,
    {
        let mut rows = rows.into_iter();
        while !rows.as_slice().is_empty() {
            let Some(step) = self.step().await? else { return Ok(None) };
            let mut added = 0;
            loop {
                let some: Vec<E::ActiveModel> = rows.by_ref().take(TOGETHER).collect();
                added += some.len();
                step.write.pour::<E>(some).await?;
                if rows.as_slice().is_empty() || added >= MOST || step.began.elapsed() >= STEP {
                    break;
                }
            }
            self.end(step).await?;
        }
        Ok(Some(()))
    }

    /// Publishes the draft: the last transaction, a person's own where a person closes. `None`: it must be made anew,
    /// because a client that it counts has withdrawn or left, the profile has changed, or the closing was ended.
    pub async fn publish(
        &self,
        person: Option<&Caller>,
    ) -> Result<Option<Vec<Id<benchmark_release::Entity>>>, Error> {
        let write = match person {
            None => self.steps.begin().await?,
            Some(caller) => {
                let (mut write, _) = of_network(caller, Permission::BenchmarkReleaseClose).await?;
                write.reach_all().await?;
                write
            }
        };
        let policy = history::policy(&write).await?;
        let named = policy.closing_id == Some(self.id) && policy.profile == self.policy.profile;
        if !named || self.has_lost_a_client(&write).await? {
            write.leave().await?;
            return Ok(None);
        }
        let mut change = policy.into_active_model();
        change.published_through = Set(Some(self.quarter.label()));
        (change.closing_id, change.closing_until) = (Set(None), Set(None));
        write.set::<benchmark_policy::Entity>(change).await?;
        for release in &self.releases {
            write.audit_added::<benchmark_release::Entity>(release)?;
        }
        write.commit().await?;
        Ok(Some(self.releases.iter().map(|release| release.id).collect()))
    }

    /// Whether a client that it counts may be counted no longer.
    async fn has_lost_a_client(&self, write: &Write) -> Result<bool, Error> {
        let steps = benchmark_step::Entity::find()
            .filter(benchmark_step::Column::NetworkId.eq(write.network()?))
            .filter(benchmark_step::Column::At.gte(self.began - OVERLAP))
            .select_only()
            .column(benchmark_step::Column::ClientId)
            .column(benchmark_step::Column::Kind)
            .order_by_asc(benchmark_step::Column::At)
            .order_by_asc(benchmark_step::Column::Id);
        let mut said: HashMap<Id<client::Entity>, Said> = HashMap::new();
        for (client, kind) in write.chosen(steps).await? {
            // whom it counts had given both
            said.entry(client).or_insert(Said { consent: true, approval: true }).hear(kind);
        }
        let gone = client::Entity::find()
            .filter(client::Column::Status.ne(ClientStatus::Active))
            .select_only()
            .column(client::Column::Id);
        let gone: Vec<Id<client::Entity>> = write.chosen(gone).await?;
        let withdrawn = said.into_iter().filter(|(_, said)| !(said.consent && said.approval));
        Ok(withdrawn.map(|(client, _)| client).chain(gone).any(|client| self.counted.contains(&client)))
    }

    /// Removes the draft, and lets others close.
    pub async fn give_up(self) -> Result<(), Error> {
        if self.discard().await?.is_none() {
            return Ok(());
        }
        let Some(step) = self.step().await? else { return Ok(()) };
        name_closing(&step.write, step.policy.clone(), None).await?;
        self.end(step).await
    }
}

/// Has the policy, which is locked, name a closing until it counts as silent, or none.
async fn name_closing(
    write: &Write,
    policy: benchmark_policy::Model,
    closing: Option<(Uuid, DateTime<Utc>)>,
) -> Result<(), Error> {
    let (id, until) = closing.unzip();
    let mut change = policy.into_active_model();
    (change.closing_id, change.closing_until) = (Set(id), Set(until));
    write.set::<benchmark_policy::Entity>(change).await
}

/// Ends the closing under way, if there is one: it has to begin anew.
pub async fn end_under_way(write: &Write) -> Result<(), Error> {
    let policy = history::policy(write).await?;
    if policy.closing_id.is_some() { name_closing(write, policy, None).await } else { Ok(()) }
}

/// Whether the verifier finds nothing in what is stored, this release and those before it. Where the network's profile
/// changed on the way, the release by itself is held to its own, and all together to the mildest: the others' rules
/// imply it.
fn is_sound(decided: &Decided, stored: &Past) -> bool {
    let window = &decided.window;
    let sets: Vec<Sets> = window.pasts.iter().chain([stored]).map(Past::sets).collect();
    let one = window.profiles.iter().all(|profile| *profile == decided.profile);
    let mut found: Vec<Violation> = verify(if one { decided.profile } else { Profile::Standard }, &sets);
    if !one {
        found.extend(verify(decided.profile, &sets[window.pasts.len()..]));
    }
    found.is_empty()
}
