//! Background work: sends the e-mails of the outbox, deletes what has expired, and runs each job in each network. All of
//! it may run in several processes at once and may be killed at any point; repeated work has no further effect.
//!
//! Invariant: a process stops within two seconds of the signal: jobs stop between their steps, and a step that takes
//! longer is cancelled and rolled back.

mod alignment_pulses;
mod alignment_rounds;
mod audit_chains;
mod benchmark_releases;
mod check_in_weeks;
mod client_transfers;
mod dashboard_figures;
mod digests;
mod drift;
mod expiry;
mod metric_periods;
mod missed_sessions;
mod notice_emails;
mod reminders;
mod reviews;
mod risk;
mod search_entries;
mod session_ratings;
mod session_series;
pub mod time_zones;
mod turn;

pub use audit_chains::verify_all;
pub use expiry::delete_expired as expire;
pub use turn::{Each, Find, Job, JobWork, Long, Step, Wanted};

use crate::{
    app::App,
    identity::reset,
    kernel::{Error, Kernel},
    outbound::{Mailer, mail},
};
use chrono::TimeDelta;
use entity::{
    action, action_comment, agenda_item, check_in, client, decision, member, network, obstacle, priority,
    recap, session, strategy_version,
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
use turn::StepEnd;

/// The jobs that run in each network, in small steps. To add a job, add a line here or in [`HEAVY`], and a step that finds
/// its work in the tables.
pub const LIGHT: &[Job] = &[
    steps("retain", TimeDelta::hours(1), expiry::step).if_wanted(expiry::wanted),
    rows("sessionMiss", TimeDelta::minutes(15), missed_sessions::find, missed_sessions::each, 100),
    rows("reviews", TimeDelta::minutes(15), reviews::over, reviews::close, 100),
    rows("reviewsAhead", TimeDelta::minutes(15), reviews::short, reviews::lengthen, 20),
    steps("remind", TimeDelta::minutes(15), reminders::step).if_wanted(reminders::wanted),
    steps("digest", TimeDelta::minutes(15), digests::step).if_wanted(digests::wanted),
    rows("sessionSeriesFill", TimeDelta::minutes(15), session_series::find, session_series::each, 10),
    rows("sessionRatingsClose", TimeDelta::minutes(15), session_ratings::find, session_ratings::each, 20),
    rows("alignmentPulsesOpen", TimeDelta::minutes(15), alignment_pulses::find, alignment_pulses::each, 20),
    rows("alignmentRoundsClose", TimeDelta::minutes(15), alignment_rounds::find, alignment_rounds::each, 20),
    steps("clientTransfers", TimeDelta::minutes(15), client_transfers::step)
        .if_wanted(client_transfers::wanted),
    steps("weeks", TimeDelta::hours(6), check_in_weeks::step).if_wanted(check_in_weeks::wanted),
];

/// Jobs that may touch many rows of a network. Over all processes, one heavy step runs at a time, and its job then rests
/// as long as the step took.
pub const HEAVY: &[Job] = &[
    rows("drift", TimeDelta::hours(1), drift::find, drift::each, 50).heavy(),
    steps("periods", TimeDelta::hours(6), metric_periods::step).heavy(),
    steps(time_zones::NAME, TimeDelta::hours(1), time_zones::step).if_wanted(time_zones::wanted).heavy(),
    steps("tally", TimeDelta::seconds(30), dashboard_figures::step)
        .if_wanted(dashboard_figures::wanted)
        .backing_off_to(TimeDelta::minutes(2))
        .heavy(),
    steps("auditVerify", TimeDelta::hours(24), audit_chains::step).heavy(),
    steps("searchClients", TimeDelta::hours(24), search_entries::step::<client::Entity>).heavy(),
    steps("searchActions", TimeDelta::hours(24), search_entries::step::<action::Entity>).heavy(),
    steps("searchDecisions", TimeDelta::hours(24), search_entries::step::<decision::Entity>).heavy(),
    steps("searchObstacles", TimeDelta::hours(24), search_entries::step::<obstacle::Entity>).heavy(),
    steps("searchPriorities", TimeDelta::hours(24), search_entries::step::<priority::Entity>).heavy(),
    steps("searchSessions", TimeDelta::hours(24), search_entries::step::<session::Entity>).heavy(),
    steps("searchMembers", TimeDelta::hours(24), search_entries::step::<member::Entity>).heavy(),
    steps("searchCheckIns", TimeDelta::hours(24), search_entries::step::<check_in::Entity>).heavy(),
    steps("searchComments", TimeDelta::hours(24), search_entries::step::<action_comment::Entity>).heavy(),
    steps("searchAgendaItems", TimeDelta::hours(24), search_entries::step::<agenda_item::Entity>).heavy(),
    steps("searchRecaps", TimeDelta::hours(24), search_entries::step::<recap::Entity>).heavy(),
    steps("searchStrategies", TimeDelta::hours(24), search_entries::step::<strategy_version::Entity>).heavy(),
];

/// Jobs whose results are promised within seconds, so they wait for no other job.
pub const PROMPT: &[Job] = &[
    steps("risk", TimeDelta::seconds(10), risk::step).if_wanted(risk::wanted),
    steps("notices", TimeDelta::seconds(10), notice_emails::step).if_wanted(notice_emails::wanted),
];

/// Jobs that keep something in memory between transactions. Other jobs run between these transactions
/// ([`Stepwise`](crate::kernel::Stepwise)).
pub const LONG: &[Job] = &[Job {
    name: "benchmarks",
    every: TimeDelta::hours(1),
    idle: None,
    wanted: Some(benchmark_releases::wanted),
    heavy: false,
    work: JobWork::Long(benchmark_releases::close),
}];

const fn steps(name: &'static str, every: TimeDelta, step: Step) -> Job {
    Job { name, every, idle: None, wanted: None, heavy: false, work: JobWork::Steps(step) }
}

const fn rows(name: &'static str, every: TimeDelta, find: Find, each: Each, at_once: u64) -> Job {
    Job { name, every, idle: None, wanted: None, heavy: false, work: JobWork::Rows { find, each, at_once } }
}

/// All jobs of networks. Those come last whose work follows from what the others do.
pub fn all() -> impl Iterator<Item = &'static Job> {
    LIGHT.iter().chain(HEAVY).chain(LONG).chain(PROMPT)
}

/// The jobs of a process.
pub struct Running {
    stop: watch::Sender<bool>,
    tasks: JoinSet<()>,
    patience: Duration,
}

impl Running {
    /// Waits until each job has finished its step, within the time of the settings. A step that is cut off is rolled back.
    pub async fn stop(mut self) {
        // has no receivers if all tasks have ended already
        self.stop.send_replace(true);
        let ended = async { while self.tasks.join_next().await.is_some() {} };
        timeout(self.patience, ended).await.unwrap_or_default();
    }
}

/// The longest that an e-mail waits without a notification.
const OUTBOX_EVERY: Duration = Duration::from_secs(5);
/// How long sending waits for further e-mails.
const OUTBOX_GATHERS: Duration = Duration::from_millis(20);
/// The longest that a request for a new password waits if its process has died.
const RESETS_EVERY: Duration = Duration::from_secs(10);
const PLATFORM_EVERY: Duration = Duration::from_secs(3600);
/// How often a process looks for due turns.
const LOOK_EVERY: Duration = Duration::from_secs(15);
/// The longest that a turn runs before the next one starts.
const SLICE: Duration = Duration::from_secs(1);
/// How long a step may continue after the signal to stop.
const GRACE: Duration = Duration::from_secs(1);

/// Starts the jobs, e-mails among them.
pub fn start(app: &Arc<App>, mailer: Mailer) -> Running {
    let mailer = Arc::new(mailer);
    let (stop, stopped) = watch::channel(false);
    let mut tasks = JoinSet::new();
    let each = || Runner { app: app.clone(), stopped: stopped.clone() };
    tasks.spawn(each().run_every("deliver", OUTBOX_EVERY, {
        let app = app.clone();
        move || {
            let (app, mailer) = (app.clone(), mailer.clone());
            async move { mail::deliver(&app, &mailer).await }
        }
    }));
    tasks.spawn(each().run_every("passwordReset", RESETS_EVERY, {
        let sign_in = app.sign_in.clone();
        move || {
            let sign_in = sign_in.clone();
            async move { reset::send_waiting_links(&sign_in).await }
        }
    }));
    tasks.spawn(each().run_every("expire", PLATFORM_EVERY, {
        let kernel = app.kernel.clone();
        move || {
            let kernel = kernel.clone();
            async move { expiry::delete_expired(&kernel).await }
        }
    }));
    tasks.spawn(each().run_turns(LIGHT));
    tasks.spawn(each().run_turns(HEAVY));
    tasks.spawn(each().run_turns(LONG));
    tasks.spawn(each().run_turns(PROMPT));
    Running { stop, tasks, patience: app.config.shutdown }
}

/// Runs every due turn of every job. Returns how many ran.
pub async fn run_due_turns(app: &App) -> Result<usize, Error> {
    let mut made = 0;
    for job in all() {
        made += run_due_turns_of(app, job).await?;
    }
    Ok(made)
}

/// Runs the due turns of a job in all networks. Returns how many ran. Turns that fail are counted and postponed; the others
/// run nevertheless.
pub async fn run_due_turns_of(app: &App, job: &'static Job) -> Result<usize, Error> {
    let jobs = std::slice::from_ref(job);
    let due = turn::due_turns(&app.kernel, jobs).await?;
    report_lag(app, jobs, &due);
    let (due, mut made) = turn::end_idle_turns(app, due).await?;
    for turn in due {
        while let Ok(ended) = turn::run_next_step(app, turn.network, job).await {
            made += usize::from(ended == StepEnd::Turn);
            if ended != StepEnd::Step {
                break;
            }
        }
    }
    Ok(made)
}

/// Sets the metric of each job's lag.
fn report_lag(app: &App, jobs: &[Job], due: &[turn::DueTurn]) {
    let now = app.kernel.seams.now();
    for job in jobs {
        let late = due.iter().filter(|turn| turn.job.name == job.name).map(|turn| now - turn.since).max();
        app.record_job_lag(job.name, late.map_or(0, |late| late.num_seconds().max(0)));
    }
}

#[derive(Clone)]
struct Runner {
    app: Arc<App>,
    stopped: watch::Receiver<bool>,
}

impl Runner {
    /// Repeats work of this process at an interval, and earlier when the outbox gets a row.
    async fn run_every<F: Future<Output = Result<(), Error>>>(
        mut self,
        job: &'static str,
        every: Duration,
        once: impl Fn() -> F,
    ) {
        while !*self.stopped.borrow() {
            let began = Instant::now();
            let Some(done) = self.unless_stopped(once()).await else { return };
            self.app.record_job_turn(job, done.is_ok(), began.elapsed());
            let kernel = self.app.kernel.clone();
            let bell = async {
                if job == "deliver" {
                    kernel.bell.notified().await;
                    // e-mails of the same moment are sent together
                    tokio::time::sleep(OUTBOX_GATHERS).await;
                } else {
                    std::future::pending().await
                }
            };
            self.rest(every, bell.boxed()).await;
        }
    }

    /// Runs the turns of some jobs when they are due.
    async fn run_turns(mut self, jobs: &'static [Job]) {
        while !*self.stopped.borrow() {
            let Some(more) = self.run_round(jobs).await else { return };
            if !more {
                self.rest(LOOK_EVERY, std::future::pending().boxed()).await;
            }
        }
    }

    /// Runs every due turn for a while. Returns whether any has more to do, or `None` if the process stops.
    async fn run_round(&mut self, jobs: &'static [Job]) -> Option<bool> {
        let app = self.app.clone();
        let Ok(due) = self.unless_stopped(turn::due_turns(&app.kernel, jobs)).await? else {
            tracing::warn!("the due turns could not be read");
            return Some(false);
        };
        report_lag(&app, jobs, &due);
        let Ok((due, _)) = self.unless_stopped(turn::end_idle_turns(&app, due)).await? else {
            tracing::warn!("the networks' work for the due jobs could not be read");
            return Some(false);
        };
        let mut more = false;
        for turn in due {
            let began = Instant::now();
            loop {
                let stepped = Instant::now();
                let ended = self.unless_stopped(turn::run_next_step(&app, turn.network, turn.job)).await?;
                if turn.job.heavy && !matches!(ended, Ok(StepEnd::Elsewhere)) {
                    self.rest(stepped.elapsed(), std::future::pending().boxed()).await;
                }
                if *self.stopped.borrow() {
                    return None;
                }
                if !matches!(ended, Ok(StepEnd::Step)) {
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

    /// The result of the work, or `None` if it takes too long after the signal to stop.
    async fn unless_stopped<T>(&self, work: impl Future<Output = T>) -> Option<T> {
        let mut stopped = self.stopped.clone();
        tokio::select! {
            done = work => Some(done),
            () = async {
                // an error means that the sender is gone
                drop(stopped.wait_for(|stop| *stop).await);
                sleep(GRACE).await;
            } => None,
        }
    }

    /// Waits until the time is over, a notification arrives, or the process stops.
    async fn rest(&mut self, every: Duration, bell: BoxFuture<'_, ()>) {
        let waited = async {
            tokio::select! {
                () = bell => {}
                _ = self.stopped.changed() => {}
            }
        };
        // the time may be over or not
        timeout(every, waited).await.unwrap_or_default();
    }
}

/// All networks.
async fn networks(kernel: &Arc<Kernel>) -> Result<Vec<network::Model>, Error> {
    let read = kernel.identity_look(None).await?;
    let networks = read.all(network::Entity::find()).await?;
    read.roll_back().await?;
    Ok(networks)
}
