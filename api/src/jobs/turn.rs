//! Turns. Every network has its turn of each job now and then, whoever makes it. A turn goes in steps, each one
//! transaction that holds the lock on the turn's row: no two processes take the same step, a step's effects and how
//! far it came are committed together, and one that is killed has not begun.

use crate::{
    app::App,
    kernel::{Asking, Error, Fault, Kernel, Write},
};
use chrono::TimeDelta;
use entity::{Id, job_turn, network};
use futures::{FutureExt, future::BoxFuture};
use sea_orm::{
    ActiveValue::Set,
    ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter, QuerySelect, Select,
    sea_query::{LockBehavior, LockType},
};
use std::{panic::AssertUnwindSafe, sync::Arc, time::Instant};
use uuid::Uuid;

/// One step of a job in one network: from where the last one ended to where the next one goes on; `None` ends the
/// turn. A step takes no longer than a statement may, and looks at hundreds of rows and not at thousands.
pub type Step = for<'a> fn(&'a Write, Option<Uuid>) -> BoxFuture<'a, Result<Option<Uuid>, Error>>;

/// What is done in each network, again and again.
#[derive(Clone, Copy)]
pub struct Job {
    /// Its name: the verb in the audit, and the label of its metrics.
    pub name: &'static str,
    /// From the end of a turn to the next one.
    pub every: TimeDelta,
    pub step: Step,
}

/// Longest that a turn is put off, having failed.
const LONGEST: TimeDelta = TimeDelta::hours(1);

/// Makes the turns of a job that are due, in all networks. How many were made; those that failed are counted and put
/// off, and keep nobody else waiting.
pub async fn look(app: &App, job: &Job) -> Result<usize, Error> {
    let (mut made, mut longest) = (0, 0);
    for network in super::networks(&app.kernel).await? {
        let Some(late) = late(&app.kernel, network.id, job).await? else { continue };
        longest = longest.max(late.num_seconds());
        app.job_waits(job.name, longest);
        let began = Instant::now();
        let made_here = turn(&app.kernel, network.id, job).await;
        match made_here {
            Ok(false) => {}
            Ok(true) => {
                made += 1;
                app.job_ran(job.name, true, began.elapsed());
            }
            Err(_) => {
                tracing::warn!(job = job.name, network = %network.id, "a job's turn failed and is put off");
                put_off(&app.kernel, network.id, job).await?;
                app.job_ran(job.name, false, began.elapsed());
            }
        }
    }
    if longest == 0 {
        app.job_waits(job.name, 0);
    }
    Ok(made)
}

/// For how long a network's turn is due. `None`: it is not.
async fn late(
    kernel: &Arc<Kernel>,
    network: Id<network::Entity>,
    job: &Job,
) -> Result<Option<TimeDelta>, Error> {
    let write = kernel.system(network).await?;
    let late = match write.one(of(job)).await? {
        Some(turn) => write.now() - turn.due_at,
        None => {
            let due_at = write.now();
            let (reached, ended_at) = (None, None);
            let job = job.name.to_owned();
            let first = job_turn::Model { network_id: network, job, due_at, reached, ended_at, failures: 0 };
            write.add_once::<job_turn::Entity>(first).await?;
            TimeDelta::zero()
        }
    };
    write.commit_quietly().await?;
    Ok((late >= TimeDelta::zero()).then_some(late))
}

/// Makes a turn, step by step. `false`: somebody else makes it, or has just made it.
async fn turn(kernel: &Arc<Kernel>, network: Id<network::Entity>, job: &Job) -> Result<bool, Error> {
    let mut made = false;
    loop {
        let write = kernel.system(network).await?.doing(job.name, &Asking::default());
        let Some(turn) = write.one(free(job)).await? else { break };
        if turn.due_at > write.now() {
            break;
        }
        let step = AssertUnwindSafe((job.step)(&write, turn.reached)).catch_unwind();
        let reached = match step.await.unwrap_or_else(|_| Err(Fault::Internal.into())) {
            Ok(reached) => reached,
            Err(error) => {
                // not merely dropped: the turn is free again before it is put off
                write.leave().await?;
                return Err(error);
            }
        };
        let over = reached.is_none();
        let mut change = turn.into_active_model();
        change.reached = Set(reached);
        if over {
            change.due_at = Set(write.now() + job.every);
            change.ended_at = Set(Some(write.now()));
            change.failures = Set(0);
        }
        write.set::<job_turn::Entity>(change).await?;
        write.commit().await?;
        made = true;
        if over {
            break;
        }
    }
    Ok(made)
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

fn of(job: &Job) -> Select<job_turn::Entity> {
    job_turn::Entity::find().filter(job_turn::Column::Job.eq(job.name))
}

fn free(job: &Job) -> Select<job_turn::Entity> {
    of(job).lock_with_behavior(LockType::Update, LockBehavior::SkipLocked)
}
