//! Turns: a turn is one run of a job in one network, by any process. It has steps. A step is one transaction that holds the
//! lock on the turn's row, so no two processes take the same step; its effects and its progress are committed together, and
//! a step that is killed is rolled back. Work that keeps something in memory between transactions ([`JobWork::Long`]) runs a
//! turn as a whole, and itself makes sure that it runs once.
//!
//! Invariant: the number of transactions for finding due turns, and for ending those without work, is the same
//! whatever the number of networks ([`end_idle_turns`]). A row that makes its job fail is set aside (`job_fault`) and tried
//! again later; the other rows of its network go on.

use crate::{
    app::App,
    kernel::{Error, Fault, Kernel, Locked, RequestInfo, Stepwise, Write},
    telemetry::{record, turn_span},
};
use chrono::{DateTime, TimeDelta, Utc};
use entity::{Id, job_fault, job_turn, network};
use futures::{FutureExt, future::BoxFuture};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder, QuerySelect,
    sea_query::Expr,
};
use std::{
    collections::{BTreeMap, HashSet},
    panic::AssertUnwindSafe,
    sync::Arc,
    time::{Duration, Instant},
};
use tracing::Instrument;
use uuid::Uuid;

/// One step of a job in one network: from where the last one ended to where the next one goes on; `None` ends the
/// turn. A step takes at most 250 ms of the database's time.
pub type Step = for<'a> fn(&'a Write, Option<Uuid>) -> BoxFuture<'a, Result<Option<Uuid>, Error>>;
/// Whether a network has work for the job. Only reads.
pub type Wanted = for<'a> fn(&'a Write) -> BoxFuture<'a, Result<bool, Error>>;
/// The IDs of rows that may have work for the job, at most the given number: those after an ID, or all rows whose work is
/// not done.
pub type Find = for<'a> fn(&'a Write, Option<Uuid>, u64) -> BoxFuture<'a, Result<Vec<Uuid>, Error>>;
/// Does a job's work on some rows.
pub type Each = for<'a> fn(&'a Write, &'a [Uuid]) -> BoxFuture<'a, Result<(), Error>>;

/// Does a job's work in transactions of its own. Returns `false` if another process does the work.
pub type Long = for<'a> fn(&'a Stepwise) -> BoxFuture<'a, Result<bool, Error>>;

/// Work that is repeated in each network.
#[derive(Clone, Copy)]
pub struct Job {
    /// The name: the verb in the audit log, and the label of metrics.
    pub name: &'static str,
    /// From the end of a turn to the next one.
    pub every: TimeDelta,
    /// The longest time between turns while they find no work. Without it: `every`.
    pub idle: Option<TimeDelta>,
    /// Whether a network needs this turn. Without it, work on rows needs the turn if it finds a row, and other work
    /// always does.
    pub wanted: Option<Wanted>,
    /// Whether the job may touch many rows: over all processes, one heavy job runs at a time.
    pub heavy: bool,
    pub work: JobWork,
}

/// How a job goes through a network.
#[derive(Clone, Copy)]
pub enum JobWork {
    /// In steps.
    Steps(Step),
    /// Row by row, `at_once` rows in a step. A row that fails is set aside.
    Rows { find: Find, each: Each, at_once: u64 },
    /// As a whole, in several transactions.
    Long(Long),
}

/// A turn that is due.
pub struct DueTurn {
    pub network: Id<network::Entity>,
    pub job: &'static Job,
    pub since: DateTime<Utc>,
    turn: job_turn::Model,
}

/// How a step ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StepEnd {
    /// Another process runs this turn, has just run it, or runs heavy work.
    Elsewhere,
    /// There is another step to take.
    Step,
    /// The turn is over.
    Turn,
}

/// The longest delay of a turn that failed.
const LONGEST_DELAY: TimeDelta = TimeDelta::hours(1);
/// The number of portions of a step's rows.
const PORTIONS: usize = 5;
/// The longest that a row that failed is set aside.
const LONGEST_ASIDE: TimeDelta = TimeDelta::days(1);

/// The due turns of some jobs in all networks, longest due first. Adds missing turns.
pub async fn due_turns(kernel: &Arc<Kernel>, jobs: &'static [Job]) -> Result<Vec<DueTurn>, Error> {
    let names: Vec<&str> = jobs.iter().map(|job| job.name).collect();
    let quoted: Vec<String> = names.iter().map(|name| format!("'{name}'")).collect();
    let lacks = format!(
        "(select count(*) from job_turn t where t.network_id = network.id and t.job in ({})) < {}",
        quoted.join(", "),
        names.len()
    );
    let lacking = network::Entity::find().filter(Expr::cust(lacks)).select_only().column(network::Column::Id);
    let due = || {
        job_turn::Entity::find()
            .filter(job_turn::Column::Job.is_in(names.iter().copied()))
            .order_by_asc(job_turn::Column::DueAt)
    };
    let read = kernel.identity_look(None).await?;
    let lacking: Vec<Id<network::Entity>> = read.select_values(lacking).await?;
    let mut turns = read.all(due().filter(job_turn::Column::DueAt.lte(read.now()))).await?;
    read.roll_back().await?;
    for network in lacking {
        turns.extend(add_missing_turns(kernel, network, jobs).await?);
    }
    let of = |name: &str| jobs.iter().find(|job| job.name == name);
    let due = turns.into_iter().filter_map(|turn| {
        of(&turn.job).map(|job| DueTurn { network: turn.network_id, job, since: turn.due_at, turn })
    });
    Ok(due.collect())
}

/// Ends the due turns without work: one transaction asks all networks, another one ends the turns. Returns the turns with
/// work, and how many were ended.
pub async fn end_idle_turns(app: &App, mut due: Vec<DueTurn>) -> Result<(Vec<DueTurn>, usize), Error> {
    // a network's turns follow each other, so that the look enters each network once
    due.sort_by_key(|turn| turn.network.uuid());
    let (mut working, mut idle) = (vec![], vec![]);
    let mut look: Option<Write> = None;
    for turn in due {
        let mut here = match look.take() {
            Some(here) => here,
            None => app.kernel.identity_look(None).await?,
        };
        match is_wanted(&mut here, &turn).await {
            Ok(wanted) => {
                let kept = if wanted { &mut working } else { &mut idle };
                kept.push(turn);
                look = Some(here);
            }
            // the turn's own step fails in the same way, and puts the turn off
            Err(_) => {
                here.roll_back().await?;
                working.push(turn);
            }
        }
    }
    if let Some(look) = look {
        look.roll_back().await?;
    }
    working.sort_by_key(|turn| turn.since);
    let ended = end_turns(app, &idle).await?;
    Ok((working, ended))
}

/// Whether a turn has work.
async fn is_wanted(look: &mut Write, due: &DueTurn) -> Result<bool, Error> {
    if due.turn.reached.is_some() {
        return Ok(true);
    }
    if look.network().ok() != Some(due.network) {
        look.continue_in(due.network).await?;
    }
    match (due.job.wanted, due.job.work) {
        (Some(wanted), _) => catch_panic(wanted(look)).await,
        (None, JobWork::Rows { find, .. }) => Ok(!catch_panic(find(look, None, 1)).await?.is_empty()),
        (None, JobWork::Steps(_) | JobWork::Long(_)) => Ok(true),
    }
}

/// Ends turns, except those that another process runs. Returns how many were ended.
async fn end_turns(app: &App, idle: &[DueTurn]) -> Result<usize, Error> {
    if idle.is_empty() {
        return Ok(0);
    }
    let mut waits: BTreeMap<(&'static str, TimeDelta), Vec<Uuid>> = BTreeMap::new();
    for due in idle {
        let wait = due.job.idle_wait(&due.turn);
        waits.entry((due.job.name, wait)).or_default().push(due.network.uuid());
    }
    let write = app.kernel.identity(None).await?;
    let mut ended = 0;
    for ((job, wait), networks) in waits {
        let free = job_turn::Entity::find()
            .filter(job_turn::Column::Job.eq(job))
            .filter(write.among_ids(job_turn::Column::NetworkId, &networks))
            .filter(job_turn::Column::DueAt.lte(write.now()))
            .filter(job_turn::Column::Reached.is_null());
        let free: Vec<Uuid> =
            write.lock_free(free).await?.iter().map(|turn| turn.network_id.uuid()).collect();
        let over = job_turn::Entity::update_many()
            .set(job_turn::ActiveModel {
                due_at: Set(write.now() + wait),
                ended_at: Set(Some(write.now())),
                failures: Set(0),
                ..Default::default()
            })
            .filter(job_turn::Column::Job.eq(job))
            .filter(write.among_ids(job_turn::Column::NetworkId, &free));
        write.set_all(over).await?;
        ended += free.len();
        for _ in free {
            app.record_job_turn(job, true, Duration::ZERO);
        }
    }
    write.commit_quietly().await?;
    Ok(ended)
}

/// Adds the turns that a network lacks. Returns them.
async fn add_missing_turns(
    kernel: &Arc<Kernel>,
    network: Id<network::Entity>,
    jobs: &'static [Job],
) -> Result<Vec<job_turn::Model>, Error> {
    let write = kernel.system(network).await?;
    let (due_at, mut added) = (write.now(), vec![]);
    for job in jobs {
        let (reached, ended_at) = (None, None);
        let job = job.name.to_owned();
        let turn = job_turn::Model { network_id: network, job, due_at, reached, ended_at, failures: 0 };
        if write.add_once::<job_turn::Entity>(turn.clone()).await? {
            added.push(turn);
        }
    }
    write.commit_quietly().await?;
    Ok(added)
}

/// Takes the next step of a turn that is due.
pub async fn run_next_step(app: &App, network: Id<network::Entity>, job: &Job) -> Result<StepEnd, Error> {
    let request_id = app.kernel.seams.id::<()>().uuid().to_string();
    let span = turn_span(&request_id, job.name, &network);
    let request_info = RequestInfo { request_id, ..RequestInfo::default() };
    let began = Instant::now();
    let ended = run_step(app, network, job, &request_info).instrument(span.clone()).await;
    let outcome = match &ended {
        Ok(StepEnd::Elsewhere) => "elsewhere",
        Ok(_) => "done",
        Err(_) => "failed",
    };
    record(&span, began.elapsed(), outcome);
    ended
}

async fn run_step(
    app: &App,
    network: Id<network::Entity>,
    job: &Job,
    request_info: &RequestInfo,
) -> Result<StepEnd, Error> {
    let kernel = &app.kernel;
    let began = Instant::now();
    let ended = match job.work {
        JobWork::Long(work) => run_long_turn(kernel, network, (job, request_info), work).await,
        _ => match try_step(kernel, network, job, request_info).await {
            Ok(Attempt::Ended(ended)) => Ok(ended),
            Ok(Attempt::Failed { ids, next }) => {
                run_rows_singly(app, network, (job, request_info), &ids, next).await
            }
            Err(error) => Err(error),
        },
    };
    match ended {
        Ok(StepEnd::Elsewhere) => {}
        Ok(_) => app.record_job_turn(job.name, true, began.elapsed()),
        Err(_) => {
            tracing::warn!("a job's turn failed and is postponed");
            postpone(kernel, network, job).await?;
            app.record_job_turn(job.name, false, began.elapsed());
        }
    }
    ended
}

/// Runs a whole turn without a lock on its row: the work itself makes sure that it runs once.
async fn run_long_turn(
    kernel: &Arc<Kernel>,
    network: Id<network::Entity>,
    (job, request_info): (&Job, &RequestInfo),
    work: Long,
) -> Result<StepEnd, Error> {
    let write = kernel.system(network).await?;
    let due = lock_turn(&write, job).await?.is_some_and(|turn| turn.due_at <= write.now());
    write.roll_back().await?;
    let steps = kernel.stepwise(network, job.name, request_info);
    if !due || !catch_panic(work(&steps)).await? {
        return Ok(StepEnd::Elsewhere);
    }
    commit_progress_apart(kernel, network, job, None).await
}

/// The outcome of a step's first attempt.
enum Attempt {
    Ended(StepEnd),
    /// The rows failed together, and none of their work is committed.
    Failed {
        ids: Vec<Uuid>,
        next: Option<Uuid>,
    },
}

async fn try_step(
    kernel: &Arc<Kernel>,
    network: Id<network::Entity>,
    job: &Job,
    request_info: &RequestInfo,
) -> Result<Attempt, Error> {
    let write = kernel.system(network).await?.with_verb(job.name, request_info);
    if job.heavy && !write.claim_large_work().await? {
        write.roll_back().await?;
        return Ok(Attempt::Ended(StepEnd::Elsewhere));
    }
    let Some(turn) = lock_turn(&write, job).await?.filter(|turn| turn.due_at <= write.now()) else {
        write.roll_back().await?;
        return Ok(Attempt::Ended(StepEnd::Elsewhere));
    };
    let reached = match job.work {
        JobWork::Steps(step) => catch_panic(step(&write, turn.reached)).await,
        // it makes its turn as a whole
        JobWork::Long(_) => Err(Fault::Internal.into()),
        JobWork::Rows { .. } => match run_rows(&write, job, turn.reached).await {
            Ok(RowsOutcome::Done(next)) => Ok(next),
            Ok(RowsOutcome::Failed { ids, next }) => {
                write.roll_back().await?;
                return Ok(Attempt::Failed { ids, next });
            }
            Err(error) => Err(error),
        },
    };
    match reached {
        Ok(reached) => Ok(Attempt::Ended(commit_progress(write, turn, reached, job.every).await?)),
        Err(error) => {
            // not merely dropped: the turn is free again before it is put off
            write.roll_back().await?;
            Err(error)
        }
    }
}

/// The outcome of some rows: all or none were done, and where the next step starts.
enum RowsOutcome {
    Done(Option<Uuid>),
    Failed { ids: Vec<Uuid>, next: Option<Uuid> },
}

/// Runs the job on some rows in one transaction, except those set aside: in portions, while the step has time.
async fn run_rows(write: &Write, job: &Job, reached: Option<Uuid>) -> Result<RowsOutcome, Error> {
    let JobWork::Rows { find, each, at_once } = job.work else { return Err(Fault::Internal.into()) };
    let aside = failed_rows(write, job).await?;
    let resting = aside.iter().filter(|fault| fault.retry_at > write.now()).map(|fault| fault.row_id);
    let resting: HashSet<Uuid> = resting.collect();
    let most = at_once + resting.len() as u64;
    let found = catch_panic(find(write, reached, most)).await?;
    let next = found.last().copied().filter(|_| found.len() as u64 >= most);
    let ids: Vec<Uuid> = found.into_iter().filter(|id| !resting.contains(id)).collect();
    let (time, size) = (write.step_time(), (at_once as usize).div_ceil(PORTIONS));
    let (mut done, mut failed) = (0, false);
    for portion in ids.chunks(size) {
        match catch_panic(each(write, portion)).await {
            Ok(()) => done += portion.len(),
            Err(error) if is_caused_by_row(&error) => failed = true,
            Err(error) => return Err(error),
        }
        if failed || time.is_over() {
            break;
        }
    }
    if failed {
        return Ok(RowsOutcome::Failed { ids, next });
    }
    let (done, left) = ids.split_at(done);
    forget_failures(write, job, &aside, done).await?;
    Ok(RowsOutcome::Done(if left.is_empty() { next } else { done.last().copied() }))
}

/// Runs the job on each row in a transaction of its own, and sets rows aside that fail.
async fn run_rows_singly(
    app: &App,
    network: Id<network::Entity>,
    (job, request_info): (&Job, &RequestInfo),
    ids: &[Uuid],
    next: Option<Uuid>,
) -> Result<StepEnd, Error> {
    let JobWork::Rows { each, .. } = job.work else { return Err(Fault::Internal.into()) };
    for id in ids {
        let write = app.kernel.system(network).await?.with_verb(job.name, request_info);
        if lock_turn(&write, job).await?.is_none() {
            write.roll_back().await?;
            return Ok(StepEnd::Elsewhere);
        }
        match catch_panic(each(&write, std::slice::from_ref(id))).await {
            Ok(()) => {
                let aside = failed_rows(&write, job).await?;
                forget_failures(&write, job, &aside, std::slice::from_ref(id)).await?;
                write.commit().await?;
            }
            Err(error) => {
                write.roll_back().await?;
                if !is_caused_by_row(&error) {
                    return Err(error);
                }
                set_aside(&app.kernel, network, job, *id).await?;
                tracing::error!(row = %id, "a row failed and is set aside");
                app.record_failed_row(job.name);
            }
        }
    }
    commit_progress_apart(&app.kernel, network, job, next).await
}

/// Saves the progress of a turn whose work is committed already.
async fn commit_progress_apart(
    kernel: &Arc<Kernel>,
    network: Id<network::Entity>,
    job: &Job,
    reached: Option<Uuid>,
) -> Result<StepEnd, Error> {
    let write = kernel.system(network).await?;
    match lock_turn(&write, job).await? {
        Some(turn) => commit_progress(write, turn, reached, job.every).await,
        None => {
            write.roll_back().await?;
            Ok(StepEnd::Elsewhere)
        }
    }
}

/// Commits the effects of a step with the progress of its turn.
async fn commit_progress(
    write: Write,
    turn: Locked<job_turn::Model>,
    reached: Option<Uuid>,
    every: TimeDelta,
) -> Result<StepEnd, Error> {
    let over = reached.is_none();
    let mut change = turn.clone().into_active_model();
    change.reached = Set(reached);
    if over {
        change.due_at = Set(write.now() + every);
        change.ended_at = Set(Some(write.now()));
        change.failures = Set(0);
    }
    write.set::<job_turn::Entity>(&turn, change).await?;
    write.commit().await?;
    Ok(if over { StepEnd::Turn } else { StepEnd::Step })
}

/// Turns a panic of a job into an error.
async fn catch_panic<T>(work: BoxFuture<'_, Result<T, Error>>) -> Result<T, Error> {
    AssertUnwindSafe(work).catch_unwind().await.unwrap_or_else(|_| Err(Fault::Internal.into()))
}

/// Whether the work itself failed, rather than its environment: a lost lock, an unreachable database.
fn is_caused_by_row(error: &Error) -> bool {
    matches!(error, Error::Refused(_) | Error::Fault(Fault::Internal | Fault::BadUserInput(_)))
}

/// The rows of a job in a network that have failed.
async fn failed_rows(write: &Write, job: &Job) -> Result<Vec<job_fault::Model>, Error> {
    write.all(job_fault::Entity::find().filter(job_fault::Column::Job.eq(job.name))).await
}

/// Deletes the faults of rows that succeeded.
async fn forget_failures(
    write: &Write,
    job: &Job,
    aside: &[job_fault::Model],
    done: &[Uuid],
) -> Result<(), Error> {
    let again: Vec<Uuid> = aside.iter().map(|fault| fault.row_id).filter(|row| done.contains(row)).collect();
    if again.is_empty() {
        return Ok(());
    }
    let forgotten = job_fault::Entity::delete_many()
        .filter(job_fault::Column::NetworkId.eq(write.network()?))
        .filter(job_fault::Column::Job.eq(job.name))
        .filter(job_fault::Column::RowId.is_in(again));
    write.discard_all(forgotten).await.map(drop)
}

/// Sets a row aside: for 1, 2, 4 … hours, at most a day.
async fn set_aside(
    kernel: &Arc<Kernel>,
    network: Id<network::Entity>,
    job: &Job,
    row: Uuid,
) -> Result<(), Error> {
    let write = kernel.system(network).await?;
    let known = job_fault::Entity::find()
        .filter(job_fault::Column::Job.eq(job.name))
        .filter(job_fault::Column::RowId.eq(row));
    let known = write.lock_one(known).await?;
    let failures = known.as_ref().map_or(0, |fault| fault.failures) + 1;
    let retry_at = write.now() + TimeDelta::hours(1 << (failures - 1).clamp(0, 5)).min(LONGEST_ASIDE);
    match known {
        Some(known) => {
            let mut change = known.clone().into_active_model();
            change.failures = Set(failures);
            change.retry_at = Set(retry_at);
            write.set::<job_fault::Entity>(&known, change).await?;
        }
        None => {
            let job = job.name.to_owned();
            let fault = job_fault::Model { network_id: network, job, row_id: row, failures, retry_at };
            write.add_once::<job_fault::Entity>(fault).await?;
        }
    }
    write.commit_quietly().await
}

/// Postpones a turn that failed: by 1, 2, 4 … minutes, at most an hour.
async fn postpone(kernel: &Arc<Kernel>, network: Id<network::Entity>, job: &Job) -> Result<(), Error> {
    let write = kernel.system(network).await?;
    if let Some(turn) = lock_turn(&write, job).await? {
        let failures = turn.failures + 1;
        let wait = TimeDelta::minutes(1 << turn.failures.clamp(0, 10)).min(LONGEST_DELAY);
        let mut change = turn.clone().into_active_model();
        change.failures = Set(failures);
        change.due_at = Set(write.now() + wait);
        write.set::<job_turn::Entity>(&turn, change).await?;
    }
    write.commit_quietly().await
}

/// Locks the turn's row. Returns `None` if another process holds it.
async fn lock_turn(write: &Write, job: &Job) -> Result<Option<Locked<job_turn::Model>>, Error> {
    let of = job_turn::Entity::find().filter(job_turn::Column::Job.eq(job.name));
    Ok(write.lock_free(of.limit(1)).await?.into_iter().next())
}

impl Job {
    /// The wait after a turn without work: twice as long as the wait before it.
    fn idle_wait(&self, turn: &job_turn::Model) -> TimeDelta {
        let Some(longest) = self.idle else { return self.every };
        let before = turn.ended_at.map_or(self.every, |ended| turn.due_at - ended);
        (before * 2).clamp(self.every, longest)
    }

    /// The same job, whose turns run only in networks with work.
    pub const fn if_wanted(mut self, wanted: Wanted) -> Job {
        self.wanted = Some(wanted);
        self
    }

    /// The same job, whose turns run less and less often while they find no work, up to the given interval.
    pub const fn backing_off_to(mut self, idle: TimeDelta) -> Job {
        self.idle = Some(idle);
        self
    }

    /// The same job, as a heavy one: one step at a time over all processes.
    pub const fn heavy(mut self) -> Job {
        self.heavy = true;
        self
    }
}
