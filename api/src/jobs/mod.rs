//! What runs beside requests: e-mails leave the outbox, what has served its time is removed, and every network has its
//! turn of each of the jobs. All of it may run in several processes at once, may be killed at any point, and doing it twice does nothing twice.
//!
//! Invariant: a process that is told to stop does so within a second or two: jobs give way between their steps, and a
//! step that takes longer is given up and has not begun.

mod benchmarks;
mod chains;
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

pub use chains::verify_all;
pub use retain::platform as expire;
pub use turn::{Each, Find, Job, Long, Step, Wanted, Work};

use crate::{
    app::App,
    identity::reset,
    kernel::{Error, Kernel},
    outbound::{Mailer, mail},
};
use chrono::TimeDelta;
use entity::{
    action, action_comment, agenda_item, check_in, client, decision, member, network, obstacle, priority,
    recap, session,
};
use futures::{FutureExt, future::BoxFuture};
use sea_orm::EntityTrait;
use std::{
    future::Future,
    sync::Arc,
    time::{Duration, Instant},
};
use tokio::{
    sync::watch,
    task::JoinSet,
    time::{sleep, timeout},
};
use turn::Ended;

/// What is done for each network, again and again, a little each time. A job more is a line here or in [`HEAVY`], and a
/// step that finds its work in the tables.
pub const LIGHT: &[Job] = &[
    steps("retain", TimeDelta::hours(1), retain::step),
    rows("sessionMiss", TimeDelta::minutes(15), missed::find, missed::each, 100),
    rows("reviews", TimeDelta::minutes(15), reviews::over, reviews::close, 100),
    rows("reviewsAhead", TimeDelta::minutes(15), reviews::short, reviews::lengthen, 20),
    steps("remind", TimeDelta::minutes(15), remind::step),
    rows("sessionSeriesFill", TimeDelta::minutes(15), series::find, series::each, 10),
    rows("sessionRatingsClose", TimeDelta::minutes(15), ratings::find, ratings::each, 20),
    steps("clientTransfers", TimeDelta::minutes(15), transfers::step),
    steps("weeks", TimeDelta::hours(6), slots::step),
];

/// What may touch much of a network. Over all processes, one of them takes a step at a time, and rests afterwards as
/// long as the step took.
pub const HEAVY: &[Job] = &[
    rows("drift", TimeDelta::hours(1), drift::find, drift::each, 50).heavy(),
    steps("periods", TimeDelta::hours(6), periods::step).heavy(),
    steps(zones::NAME, TimeDelta::hours(1), zones::step).heavy(),
    steps_if("tally", TimeDelta::seconds(30), TimeDelta::minutes(2), tally::wanted, tally::step).heavy(),
    steps("auditVerify", TimeDelta::hours(24), chains::step).heavy(),
    steps("searchClients", TimeDelta::hours(24), enter::step::<client::Entity>).heavy(),
    steps("searchActions", TimeDelta::hours(24), enter::step::<action::Entity>).heavy(),
    steps("searchDecisions", TimeDelta::hours(24), enter::step::<decision::Entity>).heavy(),
    steps("searchObstacles", TimeDelta::hours(24), enter::step::<obstacle::Entity>).heavy(),
    steps("searchPriorities", TimeDelta::hours(24), enter::step::<priority::Entity>).heavy(),
    steps("searchSessions", TimeDelta::hours(24), enter::step::<session::Entity>).heavy(),
    steps("searchMembers", TimeDelta::hours(24), enter::step::<member::Entity>).heavy(),
    steps("searchCheckIns", TimeDelta::hours(24), enter::step::<check_in::Entity>).heavy(),
    steps("searchComments", TimeDelta::hours(24), enter::step::<action_comment::Entity>).heavy(),
    steps("searchAgendaItems", TimeDelta::hours(24), enter::step::<agenda_item::Entity>).heavy(),
    steps("searchRecaps", TimeDelta::hours(24), enter::step::<recap::Entity>).heavy(),
];

/// What keeps something in memory from one transaction to the next. It gives way to the others between them
/// ([`Stepwise`](crate::kernel::Stepwise)).
pub const LONG: &[Job] = &[Job {
    name: "benchmarks",
    every: TimeDelta::hours(1),
    idle: None,
    heavy: false,
    work: Work::Long(benchmarks::close),
}];

const fn steps(name: &'static str, every: TimeDelta, step: Step) -> Job {
    Job { name, every, idle: None, heavy: false, work: Work::Steps(step) }
}

/// Turns that find nothing to do follow each other less and less often.
const fn steps_if(name: &'static str, every: TimeDelta, idle: TimeDelta, wanted: Wanted, step: Step) -> Job {
    Job { name, every, idle: Some(idle), heavy: false, work: Work::StepsIf(wanted, step) }
}

const fn rows(name: &'static str, every: TimeDelta, find: Find, each: Each, at_once: u64) -> Job {
    Job { name, every, idle: None, heavy: false, work: Work::Rows { find, each, at_once } }
}

/// All jobs of networks.
pub fn all() -> impl Iterator<Item = &'static Job> {
    LIGHT.iter().chain(HEAVY).chain(LONG)
}

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

/// Longest that an e-mail waits if no bell rings.
const OUTBOX_EVERY: Duration = Duration::from_secs(5);
/// How long an e-mail waits for others.
const OUTBOX_GATHERS: Duration = Duration::from_millis(20);
/// Longest that a request for a new password waits whose process has died.
const RESETS_EVERY: Duration = Duration::from_secs(10);
const PLATFORM_EVERY: Duration = Duration::from_secs(3600);
/// How often it is asked whose turn it is.
const LOOK_EVERY: Duration = Duration::from_secs(15);
/// How long a network's turn goes on before others have theirs.
const SLICE: Duration = Duration::from_secs(1);
/// How long a step may go on after everything is to stop.
const GRACE: Duration = Duration::from_secs(1);

/// Starts the jobs, e-mails among them.
pub fn start(app: &Arc<App>, mailer: Mailer) -> Running {
    let mailer = Arc::new(mailer);
    let (stop, stopped) = watch::channel(false);
    let mut tasks = JoinSet::new();
    let each = || Every { app: app.clone(), stopped: stopped.clone() };
    tasks.spawn(each().run("deliver", OUTBOX_EVERY, {
        let app = app.clone();
        move || {
            let (app, mailer) = (app.clone(), mailer.clone());
            async move { mail::deliver(&app, &mailer).await }
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
    tasks.spawn(each().turns(LIGHT));
    tasks.spawn(each().turns(HEAVY));
    tasks.spawn(each().turns(LONG));
    Running { stop, tasks, patience: app.config.shutdown }
}

/// Makes every turn that is due, of every job, here and now. How many were made.
pub async fn due(app: &App) -> Result<usize, Error> {
    let mut made = 0;
    for job in all() {
        made += look(app, job).await?;
    }
    Ok(made)
}

/// Makes the turns of a job that are due, in all networks. How many were made; those that failed are counted and put
/// off, and keep nobody else waiting.
pub async fn look(app: &App, job: &'static Job) -> Result<usize, Error> {
    let jobs = std::slice::from_ref(job);
    let due = turn::due_turns(&app.kernel, jobs).await?;
    report(app, jobs, &due);
    let mut made = 0;
    for turn in due {
        while let Ok(ended) = turn::step(app, turn.network, job).await {
            made += usize::from(ended == Ended::Turn);
            if ended != Ended::Step {
                break;
            }
        }
    }
    Ok(made)
}

/// Tells how late each job is.
fn report(app: &App, jobs: &[Job], due: &[turn::Due]) {
    let now = app.kernel.seams.now();
    for job in jobs {
        let late = due.iter().filter(|turn| turn.job.name == job.name).map(|turn| now - turn.since).max();
        app.job_waits(job.name, late.map_or(0, |late| late.num_seconds().max(0)));
    }
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
            let Some(done) = self.unless_stopped(once()).await else { return };
            self.app.job_ran(job, done.is_ok(), began.elapsed());
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

    /// Makes the turns of some jobs, whenever they are due.
    async fn turns(mut self, jobs: &'static [Job]) {
        while !*self.stopped.borrow() {
            let Some(more) = self.round(jobs).await else { return };
            if !more {
                self.rest(LOOK_EVERY, std::future::pending().boxed()).await;
            }
        }
    }

    /// Gives every turn that is due some time. Whether any has more to do; none where all is to stop.
    async fn round(&mut self, jobs: &'static [Job]) -> Option<bool> {
        let app = self.app.clone();
        let Ok(due) = self.unless_stopped(turn::due_turns(&app.kernel, jobs)).await? else {
            tracing::warn!("nobody could be asked whose turn it is");
            return Some(false);
        };
        report(&app, jobs, &due);
        let mut more = false;
        for turn in due {
            let began = Instant::now();
            loop {
                let stepped = Instant::now();
                let ended = self.unless_stopped(turn::step(&app, turn.network, turn.job)).await?;
                if turn.job.heavy && !matches!(ended, Ok(Ended::Elsewhere)) {
                    self.rest(stepped.elapsed(), std::future::pending().boxed()).await;
                }
                if *self.stopped.borrow() {
                    return None;
                }
                if !matches!(ended, Ok(Ended::Step)) {
                    break;
                }
                if began.elapsed() > SLICE {
                    more = true;
                    break;
                }
            }
        }
        Some(more)
    }

    /// What is done, unless it goes on for too long after everything is to stop.
    async fn unless_stopped<T>(&self, work: impl Future<Output = T>) -> Option<T> {
        let mut stopped = self.stopped.clone();
        tokio::select! {
            done = work => Some(done),
            () = async {
                // an error: whoever could stop it is gone
                drop(stopped.wait_for(|stop| *stop).await);
                sleep(GRACE).await;
            } => None,
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
    let door = kernel.identity_look(None).await?;
    let networks = door.all(network::Entity::find()).await?;
    door.leave().await?;
    Ok(networks)
}
