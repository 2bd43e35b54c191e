//! What runs beside requests: letters and announcements leave the outbox, what has served its time is removed, what lacks its entry for searches gets it, and every network has its turn of
//! each of the [`JOBS`]. All of it may run in several processes at once, may be killed at any point, and doing it
//! twice does nothing twice.

mod benchmarks;
mod deliver;
mod drift;
mod enter;
mod missed;
mod periods;
mod ratings;
mod remind;
mod retain;
mod reviews;
mod series;
mod slots;
mod tally;
mod transfers;
mod turn;
pub mod zones;

pub use deliver::Mailer;
pub use retain::platform as expire;
pub use turn::{Job, Step, look};

use crate::{
    app::App,
    identity::reset,
    kernel::{Error, Kernel},
};
use chrono::TimeDelta;
use entity::network;
use futures::{FutureExt, future::BoxFuture};
use sea_orm::EntityTrait;
use std::{
    future::Future,
    sync::Arc,
    time::{Duration, Instant},
};
use tokio::{sync::watch, task::JoinSet, time::timeout};

/// What is done for each network, again and again. A job more is a line here, and a step that finds its work in the
/// tables.
pub const JOBS: &[Job] = &[
    Job { name: "retain", every: TimeDelta::hours(1), step: retain::step },
    Job { name: "sessionMiss", every: TimeDelta::minutes(15), step: missed::step },
    Job { name: "reviews", every: TimeDelta::minutes(5), step: reviews::step },
    Job { name: "remind", every: TimeDelta::minutes(15), step: remind::step },
    Job { name: "drift", every: TimeDelta::hours(1), step: drift::step },
    Job { name: "sessionSeriesFill", every: TimeDelta::minutes(15), step: series::step },
    Job { name: "sessionRatingsClose", every: TimeDelta::minutes(15), step: ratings::step },
    Job { name: "periods", every: TimeDelta::hours(6), step: periods::step },
    Job { name: "weeks", every: TimeDelta::hours(6), step: slots::step },
    Job { name: zones::NAME, every: TimeDelta::hours(1), step: zones::step },
    Job { name: "benchmarks", every: TimeDelta::hours(1), step: benchmarks::step },
    Job { name: "clientTransfers", every: TimeDelta::minutes(15), step: transfers::step },
    Job { name: "tally", every: TimeDelta::seconds(30), step: tally::step },
];

/// The jobs of a process.
pub struct Running {
    stop: watch::Sender<bool>,
    tasks: JoinSet<()>,
    patience: Duration,
}

impl Running {
    /// Lets each job end what it is doing, for as long as the settings allow; what is cut off has not begun.
    pub async fn stop(mut self) {
        // nobody listens any more where all have ended already
        self.stop.send_replace(true);
        let ended = async { while self.tasks.join_next().await.is_some() {} };
        timeout(self.patience, ended).await.unwrap_or_default();
    }
}

/// Longest that a letter waits when nobody rings.
const OUTBOX_EVERY: Duration = Duration::from_secs(5);
/// How long a letter waits for others.
const OUTBOX_GATHERS: Duration = Duration::from_millis(20);
/// Longest that a request for a new password waits whose process has died.
const RESETS_EVERY: Duration = Duration::from_secs(10);
const PLATFORM_EVERY: Duration = Duration::from_secs(3600);
const ENTER_EVERY: Duration = Duration::from_secs(3600);
/// How often it is asked whose turn it is.
const LOOK_EVERY: Duration = Duration::from_secs(15);

/// Starts the jobs.
pub fn start(app: &Arc<App>) -> Result<Running, String> {
    let mailer = Arc::new(Mailer::new(&app.config)?);
    let (stop, stopped) = watch::channel(false);
    let mut tasks = JoinSet::new();
    let each = || Every { app: app.clone(), stopped: stopped.clone() };
    tasks.spawn(each().run("deliver", OUTBOX_EVERY, {
        let kernel = app.kernel.clone();
        move || {
            let (kernel, mailer) = (kernel.clone(), mailer.clone());
            async move { deliver::once(&kernel, &mailer).await }
        }
    }));
    tasks.spawn(each().run("passwordReset", RESETS_EVERY, {
        let door = app.door.clone();
        move || {
            let door = door.clone();
            async move { reset::see_to_requests(&door).await }
        }
    }));
    tasks.spawn(each().run("expire", PLATFORM_EVERY, {
        let kernel = app.kernel.clone();
        move || {
            let kernel = kernel.clone();
            async move { retain::platform(&kernel).await }
        }
    }));
    tasks.spawn(each().run("enter", ENTER_EVERY, {
        let kernel = app.kernel.clone();
        move || {
            let kernel = kernel.clone();
            async move { enter::once(&kernel).await }
        }
    }));
    for job in JOBS {
        tasks.spawn(each().turns(job));
    }
    Ok(Running { stop, tasks, patience: app.config.shutdown })
}

/// Makes every turn that is due, of every job, here and now. How many were made.
pub async fn due(app: &App) -> Result<usize, Error> {
    let mut made = 0;
    for job in JOBS {
        made += look(app, job).await?;
    }
    Ok(made)
}

#[derive(Clone)]
struct Every {
    app: Arc<App>,
    stopped: watch::Receiver<bool>,
}

impl Every {
    /// Does something in this process again and again: after a while, or when the bell rings for the outbox.
    async fn run<F: Future<Output = Result<(), Error>>>(
        mut self,
        job: &'static str,
        every: Duration,
        once: impl Fn() -> F,
    ) {
        while !*self.stopped.borrow() {
            let began = Instant::now();
            let done = once().await.is_ok();
            self.app.job_ran(job, done, began.elapsed());
            let kernel = self.app.kernel.clone();
            let bell = async {
                if job == "deliver" {
                    kernel.bell.notified().await;
                    // those who ring at the same time are served together
                    tokio::time::sleep(OUTBOX_GATHERS).await;
                } else {
                    std::future::pending().await
                }
            };
            self.rest(every, bell.boxed()).await;
        }
    }

    /// Makes the turns of a job, whenever they are due.
    async fn turns(mut self, job: &'static Job) {
        while !*self.stopped.borrow() {
            if look(&self.app, job).await.is_err() {
                tracing::warn!(job = job.name, "nobody could be asked whose turn it is");
            }
            self.rest(LOOK_EVERY, std::future::pending().boxed()).await;
        }
    }

    /// Waits until the time runs out, the bell rings, or all is to stop.
    async fn rest(&mut self, every: Duration, bell: BoxFuture<'_, ()>) {
        let waited = async {
            tokio::select! {
                () = bell => {}
                _ = self.stopped.changed() => {}
            }
        };
        // whether the time ran out or somebody rang is all the same
        timeout(every, waited).await.unwrap_or_default();
    }
}

/// The networks there are.
async fn networks(kernel: &Arc<Kernel>) -> Result<Vec<network::Model>, Error> {
    let write = kernel.identity(None).await?;
    let networks = write.all(network::Entity::find()).await?;
    write.leave().await?;
    Ok(networks)
}
