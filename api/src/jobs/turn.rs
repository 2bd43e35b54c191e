//! Turns. Every network has its turn of each job now and then, whoever makes it. A turn goes in steps, each one
//! transaction that holds the lock on the turn's row: no two processes take the same step, a step's effects and how
//! far it came are committed together, and one that is killed has not begun. Work that keeps something in memory from one
//! transaction to the next ([`Work::Long`]) makes a turn as a whole, and sees by itself that it is done once.
//!
//! Invariant: a look for due turns costs the same number of statements whatever the number of networks. A row that
//! makes its job fail is set aside (`job_fault`) and tried again later; the other rows of its network go on.

use crate::{
    app::App,
    kernel::{Asking, Error, Fault, Kernel, LockForChange, Stepwise, Write},
    telemetry::{record, turn_span},
};
use chrono::{DateTime, TimeDelta, Utc};
use entity::{Id, job_fault, job_turn, network};
use futures::{FutureExt, future::BoxFuture};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder, QuerySelect,
    Select, sea_query::Expr,
};
use std::{collections::HashSet, panic::AssertUnwindSafe, sync::Arc, time::Instant};
use tracing::Instrument;
use uuid::Uuid;

/// One step of a job in one network: from where the last one ended to where the next one goes on; `None` ends the
/// turn. A step takes at most 250 ms of the database's time.
pub type Step = for<'a> fn(&'a Write, Option<Uuid>) -> BoxFuture<'a, Result<Option<Uuid>, Error>>;
/// Whether there is anything to do in a network.
pub type Wanted = for<'a> fn(&'a Write) -> BoxFuture<'a, Result<bool, Error>>;
/// The ids of rows in a network that a job may have to do with, at most so many: those after an id, or all whose work
/// is not done.
pub type Find = for<'a> fn(&'a Write, Option<Uuid>, u64) -> BoxFuture<'a, Result<Vec<Uuid>, Error>>;
/// Does a job's work on some rows.
pub type Each = for<'a> fn(&'a Write, &'a [Uuid]) -> BoxFuture<'a, Result<(), Error>>;

/// Does a job's work in transactions of its own, which give way to each other and to others. `false`: somebody else does
/// it.
pub type Long = for<'a> fn(&'a Stepwise) -> BoxFuture<'a, Result<bool, Error>>;

/// What is done in each network, again and again.
#[derive(Clone, Copy)]
pub struct Job {
    /// Its name: the verb in the audit, and the label of its metrics.
    pub name: &'static str,
    /// From the end of a turn to the next one.
    pub every: TimeDelta,
    /// Longest from one turn to the next while turns find nothing to do; else `every` is.
    pub idle: Option<TimeDelta>,
    /// Whether it may work for long on much of a network: only one heavy job at a time runs over all processes.
    pub heavy: bool,
    pub work: Work,
}

/// How a job goes through a network.
#[derive(Clone, Copy)]
pub enum Work {
    /// In steps.
    Steps(Step),
    /// In steps, if there is anything to do.
    StepsIf(Wanted, Step),
    /// Row by row, so many at a time. One that fails is set aside.
    Rows { find: Find, each: Each, at_once: u64 },
    /// All at once, and in as many transactions as it takes.
    Long(Long),
}

/// A turn that is due.
pub struct Due {
    pub network: Id<network::Entity>,
    pub job: &'static Job,
    pub since: DateTime<Utc>,
}

/// How a step ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ended {
    /// Somebody else makes this turn, or has just made it, or does heavy work.
    Elsewhere,
    /// There is another step to take.
    Step,
    /// The turn is over.
    Turn,
}

/// Longest that a turn is put off, having failed.
const LONGEST: TimeDelta = TimeDelta::hours(1);
/// Longest that a row is set aside, having failed.
const LONGEST_ASIDE: TimeDelta = TimeDelta::days(1);

/// The turns of some jobs that are due, in all networks, those due longest first. A network that lacks a turn gets it.
pub async fn due_turns(kernel: &Arc<Kernel>, jobs: &'static [Job]) -> Result<Vec<Due>, Error> {
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
    let door = kernel.identity_look(None).await?;
    let lacking: Vec<Id<network::Entity>> = door.chosen(lacking).await?;
    let mut turns = door.all(due().filter(job_turn::Column::DueAt.lte(door.now()))).await?;
    door.leave().await?;
    for network in lacking {
        turns.extend(first(kernel, network, jobs).await?);
    }
    let of = |name: &str| jobs.iter().find(|job| job.name == name);
    let due = turns.into_iter().filter_map(|turn| {
        of(&turn.job).map(|job| Due { network: turn.network_id, job, since: turn.due_at })
    });
    Ok(due.collect())
}

/// Gives a network the turns that it lacks. Which these are.
async fn first(
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
pub async fn step(app: &App, network: Id<network::Entity>, job: &Job) -> Result<Ended, Error> {
    let request_id = app.kernel.seams.id::<()>().uuid().to_string();
    let span = turn_span(&request_id, job.name, &network);
    let asking = Asking { request_id, ..Asking::default() };
    let began = Instant::now();
    let ended = stepped(app, network, job, &asking).instrument(span.clone()).await;
    let outcome = match &ended {
        Ok(Ended::Elsewhere) => "elsewhere",
        Ok(_) => "done",
        Err(_) => "failed",
    };
    record(&span, began.elapsed(), outcome);
    ended
}

async fn stepped(
    app: &App,
    network: Id<network::Entity>,
    job: &Job,
    asking: &Asking,
) -> Result<Ended, Error> {
    let kernel = &app.kernel;
    let began = Instant::now();
    let ended = match job.work {
        Work::Long(work) => make_whole_turn(kernel, network, (job, asking), work).await,
        _ => match take(kernel, network, job, asking).await {
            Ok(Took::Ended(ended)) => Ok(ended),
            Ok(Took::Failed { ids, next }) => one_by_one(app, network, (job, asking), &ids, next).await,
            Err(error) => Err(error),
        },
    };
    match ended {
        Ok(Ended::Elsewhere) => {}
        Ok(_) => app.job_ran(job.name, true, began.elapsed()),
        Err(_) => {
            tracing::warn!("a job's turn failed and is put off");
            put_off(kernel, network, job).await?;
            app.job_ran(job.name, false, began.elapsed());
        }
    }
    ended
}

/// Makes a whole turn that needs no lock on its row: its work sees to it that it is done once.
async fn make_whole_turn(
    kernel: &Arc<Kernel>,
    network: Id<network::Entity>,
    (job, asking): (&Job, &Asking),
    work: Long,
) -> Result<Ended, Error> {
    let write = kernel.system(network).await?;
    let due = write.one(free(job)).await?.is_some_and(|turn| turn.due_at <= write.now());
    write.leave().await?;
    let steps = kernel.stepwise(network, job.name, asking);
    if !due || !guarded(work(&steps)).await? {
        return Ok(Ended::Elsewhere);
    }
    keep_progress(kernel, network, job, None).await
}

/// What became of a step's first attempt.
enum Took {
    Ended(Ended),
    /// These rows could not be done together, and nothing of them is done.
    Failed {
        ids: Vec<Uuid>,
        next: Option<Uuid>,
    },
}

async fn take(
    kernel: &Arc<Kernel>,
    network: Id<network::Entity>,
    job: &Job,
    asking: &Asking,
) -> Result<Took, Error> {
    let write = kernel.system(network).await?.doing(job.name, asking);
    if job.heavy && !write.alone().await? {
        write.leave().await?;
        return Ok(Took::Ended(Ended::Elsewhere));
    }
    let Some(turn) = write.one(free(job)).await?.filter(|turn| turn.due_at <= write.now()) else {
        write.leave().await?;
        return Ok(Took::Ended(Ended::Elsewhere));
    };
    let mut nothing = false;
    let reached = match job.work {
        Work::Steps(step) => guarded(step(&write, turn.reached)).await,
        Work::StepsIf(wanted, step) => match guarded(wanted(&write)).await {
            Ok(true) => guarded(step(&write, turn.reached)).await,
            Ok(false) => {
                nothing = true;
                Ok(None)
            }
            Err(error) => Err(error),
        },
        // it makes its turn as a whole
        Work::Long(_) => Err(Fault::Internal.into()),
        Work::Rows { .. } => match together(&write, job, turn.reached).await {
            Ok(Rows::Done(next)) => Ok(next),
            Ok(Rows::Failed { ids, next }) => {
                write.leave().await?;
                return Ok(Took::Failed { ids, next });
            }
            Err(error) => Err(error),
        },
    };
    match reached {
        Ok(reached) => {
            let every = if nothing { job.after_nothing(&turn) } else { job.every };
            Ok(Took::Ended(advance(write, turn, reached, every).await?))
        }
        Err(error) => {
            // not merely dropped: the turn is free again before it is put off
            write.leave().await?;
            Err(error)
        }
    }
}

/// What became of some rows: all were done, or none, and where to go on.
enum Rows {
    Done(Option<Uuid>),
    Failed { ids: Vec<Uuid>, next: Option<Uuid> },
}

/// Does some rows together, but for those set aside.
async fn together(write: &Write, job: &Job, reached: Option<Uuid>) -> Result<Rows, Error> {
    let Work::Rows { find, each, at_once } = job.work else { return Err(Fault::Internal.into()) };
    let aside = aside(write, job).await?;
    let resting = aside.iter().filter(|fault| fault.retry_at > write.now()).map(|fault| fault.row_id);
    let resting: HashSet<Uuid> = resting.collect();
    let most = at_once + resting.len() as u64;
    let found = guarded(find(write, reached, most)).await?;
    let next = found.last().copied().filter(|_| found.len() as u64 >= most);
    let ids: Vec<Uuid> = found.into_iter().filter(|id| !resting.contains(id)).collect();
    match guarded(each(write, &ids)).await {
        Ok(()) => {
            recovered(write, job, &aside, &ids).await?;
            Ok(Rows::Done(next))
        }
        Err(error) if is_ours(&error) => Ok(Rows::Failed { ids, next }),
        Err(error) => Err(error),
    }
}

/// Does rows one by one, each in a transaction of its own, and sets those aside that fail.
async fn one_by_one(
    app: &App,
    network: Id<network::Entity>,
    (job, asking): (&Job, &Asking),
    ids: &[Uuid],
    next: Option<Uuid>,
) -> Result<Ended, Error> {
    let Work::Rows { each, .. } = job.work else { return Err(Fault::Internal.into()) };
    for id in ids {
        let write = app.kernel.system(network).await?.doing(job.name, asking);
        if write.one(free(job)).await?.is_none() {
            write.leave().await?;
            return Ok(Ended::Elsewhere);
        }
        match guarded(each(&write, std::slice::from_ref(id))).await {
            Ok(()) => {
                let aside = aside(&write, job).await?;
                recovered(&write, job, &aside, std::slice::from_ref(id)).await?;
                write.commit().await?;
            }
            Err(error) => {
                write.leave().await?;
                if !is_ours(&error) {
                    return Err(error);
                }
                set_aside(&app.kernel, network, job, *id).await?;
                tracing::error!(row = %id, "a row failed and is set aside");
                app.job_row_failed(job.name);
            }
        }
    }
    keep_progress(&app.kernel, network, job, next).await
}

/// Keeps how far a turn came whose work is committed already.
async fn keep_progress(
    kernel: &Arc<Kernel>,
    network: Id<network::Entity>,
    job: &Job,
    reached: Option<Uuid>,
) -> Result<Ended, Error> {
    let write = kernel.system(network).await?;
    match write.one(free(job)).await? {
        Some(turn) => advance(write, turn, reached, job.every).await,
        None => {
            write.leave().await?;
            Ok(Ended::Elsewhere)
        }
    }
}

/// Keeps how far a turn came, with the effects of the step.
async fn advance(
    write: Write,
    turn: job_turn::Model,
    reached: Option<Uuid>,
    every: TimeDelta,
) -> Result<Ended, Error> {
    let over = reached.is_none();
    let mut change = turn.into_active_model();
    change.reached = Set(reached);
    if over {
        change.due_at = Set(write.now() + every);
        change.ended_at = Set(Some(write.now()));
        change.failures = Set(0);
    }
    write.set::<job_turn::Entity>(change).await?;
    write.commit().await?;
    Ok(if over { Ended::Turn } else { Ended::Step })
}

/// A panic of a job's own is a failure like others.
async fn guarded<T>(work: BoxFuture<'_, Result<T, Error>>) -> Result<T, Error> {
    AssertUnwindSafe(work).catch_unwind().await.unwrap_or_else(|_| Err(Fault::Internal.into()))
}

/// Whether a failure is of the work itself, and not of what goes on around it: a lock lost, a database away.
fn is_ours(error: &Error) -> bool {
    matches!(error, Error::Refused(_) | Error::Fault(Fault::Internal | Fault::BadUserInput(_)))
}

/// The rows of a job in a network that have failed.
async fn aside(write: &Write, job: &Job) -> Result<Vec<job_fault::Model>, Error> {
    write.all(job_fault::Entity::find().filter(job_fault::Column::Job.eq(job.name))).await
}

/// Forgets that rows had failed.
async fn recovered(write: &Write, job: &Job, aside: &[job_fault::Model], done: &[Uuid]) -> Result<(), Error> {
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
    let known = aside(&write, job).await?.into_iter().find(|fault| fault.row_id == row);
    let failures = known.as_ref().map_or(0, |fault| fault.failures) + 1;
    let retry_at = write.now() + TimeDelta::hours(1 << (failures - 1).clamp(0, 5)).min(LONGEST_ASIDE);
    match known {
        Some(known) => {
            let mut change = known.into_active_model();
            change.failures = Set(failures);
            change.retry_at = Set(retry_at);
            write.set::<job_fault::Entity>(change).await?;
        }
        None => {
            let job = job.name.to_owned();
            let fault = job_fault::Model { network_id: network, job, row_id: row, failures, retry_at };
            write.add_once::<job_fault::Entity>(fault).await?;
        }
    }
    write.commit_quietly().await
}

/// Puts a turn off that failed: 1, 2, 4 … minutes, at most an hour.
async fn put_off(kernel: &Arc<Kernel>, network: Id<network::Entity>, job: &Job) -> Result<(), Error> {
    let write = kernel.system(network).await?;
    if let Some(turn) = write.one(free(job)).await? {
        let failures = turn.failures + 1;
        let wait = TimeDelta::minutes(1 << turn.failures.clamp(0, 10)).min(LONGEST);
        let mut change = turn.into_active_model();
        change.failures = Set(failures);
        change.due_at = Set(write.now() + wait);
        write.set::<job_turn::Entity>(change).await?;
    }
    write.commit_quietly().await
}

/// The turn's row, unless somebody holds it.
fn free(job: &Job) -> Select<job_turn::Entity> {
    let of = job_turn::Entity::find().filter(job_turn::Column::Job.eq(job.name));
    of.lock_free_for_change()
}

impl Job {
    /// From a turn that found nothing to the next one: twice as long as before it.
    fn after_nothing(&self, turn: &job_turn::Model) -> TimeDelta {
        let Some(longest) = self.idle else { return self.every };
        let before = turn.ended_at.map_or(self.every, |ended| turn.due_at - ended);
        (before * 2).clamp(self.every, longest)
    }

    /// The same job, of which one step at a time is taken over all processes.
    pub const fn heavy(mut self) -> Job {
        self.heavy = true;
        self
    }
}
