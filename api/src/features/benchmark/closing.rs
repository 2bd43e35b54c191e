//! Closes a period's releases. They are decided in memory, stored as a draft in many short transactions, verified
//! as they were stored, and published by the last transaction, all together.
//!
//! Invariant: a draft is not readable. The network's policy says through which period releases are published; reads and
//! row-level security hide rows of later periods ([`Placement::Release`](entity::Placement::Release),
//! [`Placement::Standing`](entity::Placement::Standing)).
//!
//! Invariant: one closing at a time stores rows. The policy names the closing. Each of its transactions locks the policy
//! and ends if the policy names another closing: an erasure cancelled the closing, or the closing was silent for too long
//! and another one took over. The new closing removes the stored rows and begins again, because its input may have
//! changed. The same input always gives the same rows.

use super::{
    deciding::{Candidates, Decided, FamilyInput},
    history, key,
    mechanism::{
        past::Past,
        rule::Profile,
        verify::{Sets, Violation, verify},
    },
    rules::Participation,
    storing::{FamilyRows, PublishedMetric, standing_rows},
    write_policy,
};
use crate::{
    features::{
        metric::{freezing, rules::Quarter},
        notice::notifying::notify_all,
    },
    kernel::{Caller, Error, Fault, Locked, Notice, Stepwise, Write, access::Permission},
};
use chrono::{DateTime, TimeDelta, Utc};
use entity::{
    Id, benchmark_cohort, benchmark_counted, benchmark_policy, benchmark_release, benchmark_standing,
    benchmark_step,
    client::{self, ClientStatus},
    membership::{self, MembershipRole},
    metric_value::MetricFamily,
    notice::NoticeKind,
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
const MAX_SILENCE: TimeDelta = TimeDelta::minutes(5);
/// Maximum age of a transaction that withdraws consent or approval at the time a closing reads them.
const MAX_OVERLAP: TimeDelta = TimeDelta::minutes(1);
/// Time after which a step starts no more statements.
const STEP_TIME: Duration = Duration::from_millis(150);
/// Maximum number of rows that a step inserts.
const ROWS_PER_STEP: usize = 2_000;
/// Maximum number of rows that one statement inserts.
const ROWS_PER_STATEMENT: usize = 500;
/// Number of clients whose standings are computed together.
const CLIENTS_PER_PART: usize = 1_000;

/// A closing in progress and its draft.
pub struct Draft<'a> {
    steps: &'a Stepwise,
    /// ID of the closing in the policy.
    id: Uuid,
    quarter: Quarter,
    /// The policy that the releases are decided with.
    policy: benchmark_policy::Model,
    /// Time for which participation is read.
    began: DateTime<Utc>,
    releases: Vec<benchmark_release::Model>,
    /// Clients that count in any family.
    counted: HashSet<Id<client::Entity>>,
}

/// One transaction of a closing.
struct ClosingStep {
    write: Write,
    policy: Locked<benchmark_policy::Model>,
    began: Instant,
}

/// Closes all releases of a period, for a person or for the job. `None`: the period is closed, or another closing is in
/// progress.
pub async fn close_releases(
    steps: &Stepwise,
    quarter: Quarter,
    person: Option<&Caller>,
) -> Result<Option<Vec<Id<benchmark_release::Entity>>>, Error> {
    while let Some(draft) = draft_releases(steps, quarter).await? {
        match draft.publish(person).await {
            Ok(Some(ids)) => return Ok(Some(ids)),
            Ok(None) => draft.abandon().await?,
            Err(error) => {
                draft.abandon().await.unwrap_or_default();
                return Err(error);
            }
        }
    }
    Ok(None)
}

/// Stores and verifies all releases of a period as a draft. `None`: the period is closed, or another closing is in
/// progress.
pub async fn draft_releases(steps: &Stepwise, quarter: Quarter) -> Result<Option<Draft<'_>>, Error> {
    while let Some(mut draft) = Draft::claim(steps, quarter).await? {
        match draft.build().await {
            Ok(Some(())) => return Ok(Some(draft)),
            Ok(None) => {}
            Err(error) => {
                // The next closing removes any rows that stay.
                draft.abandon().await.unwrap_or_default();
                return Err(error);
            }
        }
    }
    Ok(None)
}

impl<'a> Draft<'a> {
    /// Enters a new closing in the policy. `None`: the period is closed, or another closing is in progress.
    async fn claim(steps: &'a Stepwise, quarter: Quarter) -> Result<Option<Draft<'a>>, Error> {
        let write = steps.begin().await?;
        let policy = history::lock_policy(&write).await?;
        let closed = history::last_published(&policy).is_some_and(|last| last >= quarter);
        if closed || policy.closing_until.is_some_and(|until| until > write.now()) {
            write.roll_back().await?;
            return Ok(None);
        }
        let id = steps.id::<()>().uuid();
        let began = write.now();
        set_closing(&write, &policy, Some((id, began + MAX_SILENCE))).await?;
        write.commit_quietly().await?;
        let (policy, releases, counted) = (policy.into_inner(), vec![], HashSet::new());
        Ok(Some(Draft { steps, id, quarter, policy, began, releases, counted }))
    }

    /// Begins the next transaction. `None`: the closing was cancelled or taken over.
    async fn begin_step(&self) -> Result<Option<ClosingStep>, Error> {
        let write = self.steps.begin().await?;
        let began = Instant::now();
        let policy = history::lock_policy(&write).await?;
        if policy.closing_id != Some(self.id) {
            write.roll_back().await?;
            return Ok(None);
        }
        let until = write.now() + MAX_SILENCE;
        if policy.closing_until.is_none_or(|given| until - given > MAX_SILENCE / 2) {
            set_closing(&write, &policy, Some((self.id, until))).await?;
        }
        Ok(Some(ClosingStep { write, policy, began }))
    }

    async fn end_step(&self, step: ClosingStep) -> Result<(), Error> {
        step.write.commit_quietly().await?;
        self.steps.rest(step.began.elapsed()).await;
        Ok(())
    }

    /// Removes the rows of earlier closings and stores the draft. `None`: the closing was cancelled or taken over.
    async fn build(&mut self) -> Result<Option<()>, Error> {
        if self.discard_drafts().await?.is_none() || self.freeze_metrics().await?.is_none() {
            return Ok(None);
        }
        let Some(secret) = self.insert_releases().await? else { return Ok(None) };
        let look = self.steps.look().await?;
        let candidates = look.with_large_cache(Candidates::of(&look, self.quarter, secret)).await?;
        look.roll_back().await?;
        let candidates = Arc::new(candidates);
        let mut published = vec![];
        for release in self.releases.clone() {
            let Some(of_family) = self.store_release(&candidates, &release).await? else { return Ok(None) };
            published.extend(of_family);
        }
        self.store_standings(&candidates, &published).await
    }

    /// Removes every draft of the network.
    async fn discard_drafts(&self) -> Result<Option<()>, Error> {
        loop {
            let Some(step) = self.begin_step().await? else { return Ok(None) };
            let more = history::discard_some_drafts(&step.write, &step.policy, ROWS_PER_STEP as u64).await?;
            self.end_step(step).await?;
            if !more {
                return Ok(Some(()));
            }
        }
    }

    /// Freezes the period's metrics for clients without frozen values.
    async fn freeze_metrics(&self) -> Result<Option<()>, Error> {
        loop {
            let Some(step) = self.begin_step().await? else { return Ok(None) };
            let more = freezing::freeze_for_a_while(&step.write, self.quarter).await?;
            self.end_step(step).await?;
            if !more {
                return Ok(Some(()));
            }
        }
    }

    /// Inserts the draft's releases. Returns the network's secret.
    async fn insert_releases(&mut self) -> Result<Option<Vec<u8>>, Error> {
        let Some(step) = self.begin_step().await? else { return Ok(None) };
        let secret = key::load_secret(&step.write).await?;
        (self.policy, self.began) = (step.policy.clone().into_inner(), step.write.now());
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
        step.write.insert_unaudited::<benchmark_release::Entity>(rows).await?;
        self.releases = releases;
        self.end_step(step).await?;
        Ok(Some(secret))
    }

    /// Decides, stores and verifies a family's release. Returns its published metrics.
    async fn store_release(
        &mut self,
        candidates: &Arc<Candidates>,
        release: &benchmark_release::Model,
    ) -> Result<Option<Vec<PublishedMetric>>, Error> {
        let look = self.steps.look().await?;
        let input = FamilyInput::of(&look, &self.policy, release.family, self.quarter, &[]);
        let input = look.with_large_cache(input).await?;
        look.roll_back().await?;
        let (span, everyone) = (Span::current(), candidates.clone());
        let deciding = spawn_blocking(move || span.in_scope(|| everyone.decide(input)));
        let decided = deciding.await.map_err(|_| Fault::Internal)??;
        self.counted.extend(candidates.counted(&decided.release));
        let rows = FamilyRows::of(self.steps, candidates, release, &decided)?;
        let cohorts = self.add_rows::<benchmark_cohort::Entity>(rows.cohorts).await?;
        if cohorts.is_none() || self.add_rows::<benchmark_counted::Entity>(rows.counted).await?.is_none() {
            return Ok(None);
        }
        let look = self.steps.look().await?;
        let stored = look.with_large_cache(history::load_past(&look, release)).await?;
        look.roll_back().await?;
        if is_sound(&decided, &stored) {
            return Ok(Some(rows.published));
        }
        // An erasure changes stored rows and cancels the closing.
        let Some(step) = self.begin_step().await? else { return Ok(None) };
        step.write.roll_back().await?;
        tracing::error!(family = ?decided.family, "a release was not closed: the verifier refuses it");
        Err(Fault::Internal.into())
    }

    /// Stores the standing of every client.
    async fn store_standings(
        &self,
        candidates: &Candidates,
        published: &[PublishedMetric],
    ) -> Result<Option<()>, Error> {
        // Sorted by ID, because the order of the new IDs must reveal nothing.
        let mut places: Vec<usize> = (0..candidates.clients.len()).collect();
        places.sort_unstable_by_key(|place| candidates.clients[*place].id);
        for some in places.chunks(CLIENTS_PER_PART) {
            let rows = standing_rows(self.steps, candidates, published, some);
            if self.add_rows::<benchmark_standing::Entity>(rows).await?.is_none() {
                return Ok(None);
            }
        }
        Ok(Some(()))
    }

    /// Inserts rows in as many steps as necessary. `None`: the closing was cancelled or taken over.
    async fn add_rows<E: EntityTrait>(&self, rows: Vec<E::ActiveModel>) -> Result<Option<()>, Error>
    where
        E::ActiveModel: ActiveModelBehavior + Send,
    {
        let mut rows = rows.into_iter();
        while !rows.as_slice().is_empty() {
            let Some(step) = self.begin_step().await? else { return Ok(None) };
            let mut added = 0;
            loop {
                let some: Vec<E::ActiveModel> = rows.by_ref().take(ROWS_PER_STATEMENT).collect();
                added += some.len();
                step.write.insert_unaudited::<E>(some).await?;
                if rows.as_slice().is_empty() || added >= ROWS_PER_STEP || step.began.elapsed() >= STEP_TIME {
                    break;
                }
            }
            self.end_step(step).await?;
        }
        Ok(Some(()))
    }

    /// Publishes the draft in the last transaction, which is the person's own if a person closes. `None`: the draft must be
    /// made again, because a counted client has withdrawn or left, the profile has changed, or the closing was cancelled.
    pub async fn publish(
        &self,
        person: Option<&Caller>,
    ) -> Result<Option<Vec<Id<benchmark_release::Entity>>>, Error> {
        let write = match person {
            None => self.steps.begin().await?,
            Some(caller) => {
                let (mut write, _) = write_policy(caller, Permission::BenchmarkReleaseClose).await?;
                write.reach_all().await?;
                write
            }
        };
        let policy = history::lock_policy(&write).await?;
        let named = policy.closing_id == Some(self.id) && policy.profile == self.policy.profile;
        if !named || self.has_lost_client(&write).await? {
            write.roll_back().await?;
            return Ok(None);
        }
        let mut change = policy.clone().into_active_model();
        change.published_through = Set(Some(self.quarter.label()));
        (change.closing_id, change.closing_until) = (Set(None), Set(None));
        write.set::<benchmark_policy::Entity>(&policy, change).await?;
        for release in &self.releases {
            write.audit_added::<benchmark_release::Entity>(release)?;
        }
        if let Some(release) = self.releases.first() {
            notify_readers(&write, release).await?;
        }
        write.commit().await?;
        Ok(Some(self.releases.iter().map(|release| release.id).collect()))
    }

    /// Whether a counted client has withdrawn or left.
    async fn has_lost_client(&self, write: &Write) -> Result<bool, Error> {
        let steps = benchmark_step::Entity::find()
            .filter(benchmark_step::Column::NetworkId.eq(write.network()?))
            .filter(benchmark_step::Column::At.gte(self.began - MAX_OVERLAP))
            .select_only()
            .column(benchmark_step::Column::ClientId)
            .column(benchmark_step::Column::Kind)
            .order_by_asc(benchmark_step::Column::At)
            .order_by_asc(benchmark_step::Column::Id);
        let mut participation: HashMap<Id<client::Entity>, Participation> = HashMap::new();
        for (client, kind) in write.select_values(steps).await? {
            // Counted clients had consent and approval.
            participation
                .entry(client)
                .or_insert(Participation { consent: true, approval: true })
                .apply(kind);
        }
        let gone = client::Entity::find()
            .filter(client::Column::Status.is_not_in(ClientStatus::ENGAGED))
            .select_only()
            .column(client::Column::Id);
        let gone: Vec<Id<client::Entity>> = write.select_values(gone).await?;
        let withdrawn = participation
            .into_iter()
            .filter(|(_, participation)| !(participation.consent && participation.approval));
        Ok(withdrawn.map(|(client, _)| client).chain(gone).any(|client| self.counted.contains(&client)))
    }

    /// Removes the draft and allows other closings.
    pub async fn abandon(self) -> Result<(), Error> {
        if self.discard_drafts().await?.is_none() {
            return Ok(());
        }
        let Some(step) = self.begin_step().await? else { return Ok(()) };
        set_closing(&step.write, &step.policy, None).await?;
        self.end_step(step).await
    }
}

/// Tells head office and the franchise owners that benchmarks are published.
async fn notify_readers(write: &Write, release: &benchmark_release::Model) -> Result<(), Error> {
    let readers = membership::Entity::find()
        .select_only()
        .column(membership::Column::PersonId)
        .filter(membership::Column::NetworkId.eq(write.network()?))
        .filter(membership::Column::Role.is_in([
            MembershipRole::HeadOfficeAdmin,
            MembershipRole::HeadOfficeAnalyst,
            MembershipRole::FranchiseOwner,
        ]))
        .filter(membership::Entity::lasting(write.now()));
    let readers = write.select_values::<membership::Entity, Uuid>(readers).await?;
    let notice = Notice::about(NoticeKind::BenchmarkPublished, release.id);
    notify_all(write, notice, readers.into_iter().map(Id::new));
    Ok(())
}

/// Enters a closing, or none, in the locked policy, with the time after which the closing counts as silent.
async fn set_closing(
    write: &Write,
    policy: &Locked<benchmark_policy::Model>,
    closing: Option<(Uuid, DateTime<Utc>)>,
) -> Result<(), Error> {
    let (id, until) = closing.unzip();
    let mut change = policy.clone().into_active_model();
    (change.closing_id, change.closing_until) = (Set(id), Set(until));
    write.set::<benchmark_policy::Entity>(policy, change).await
}

/// Cancels a closing in progress. The closing must begin again.
pub async fn cancel_closing(write: &Write) -> Result<(), Error> {
    let policy = history::lock_policy(write).await?;
    if policy.closing_id.is_some() { set_closing(write, &policy, None).await } else { Ok(()) }
}

/// Whether the verifier accepts the stored release and the releases before it. If the network's profile has changed since,
/// the release is verified alone with its own profile, and all releases together with the mildest, which the rules of the
/// others imply.
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
