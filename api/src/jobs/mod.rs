//! What runs beside requests: letters and announcements leave the outbox, keys made by other processes are learnt,
//! what can be searched for is entered, and what has served its time is removed. Each job may run in several processes at once, may be killed at any
//! point, and doing one twice does nothing twice.

mod deliver;
mod enter;
mod retain;

pub use deliver::Mailer;

use crate::{
    app::App,
    identity::ring,
    kernel::{Error, Kernel},
    telemetry::JobLabel,
};
use entity::network;
use sea_orm::EntityTrait;
use std::{future::Future, sync::Arc, time::Duration};
use tokio::{sync::watch, task::JoinSet, time::timeout};

/// The jobs of a process.
pub struct Running {
    stop: watch::Sender<bool>,
    tasks: JoinSet<()>,
}

impl Running {
    /// Lets each job end what it is doing.
    pub async fn stop(mut self) {
        // nobody listens any more where all have ended already
        self.stop.send_replace(true);
        while self.tasks.join_next().await.is_some() {}
    }
}

/// Longest that a letter waits when nobody rings.
const OUTBOX_EVERY: Duration = Duration::from_secs(5);
/// How long a letter waits for others.
const OUTBOX_GATHERS: Duration = Duration::from_millis(20);
const RETAIN_EVERY: Duration = Duration::from_secs(3600);
const ENTER_EVERY: Duration = Duration::from_secs(3600);

/// Starts the jobs.
pub fn start(app: &Arc<App>) -> Result<Running, String> {
    let mailer = Arc::new(Mailer::new(&app.config)?);
    let (stop, stopped) = watch::channel(false);
    let mut tasks = JoinSet::new();
    let each = Every { app: app.clone(), stopped };
    let (deliver, keys, enter, retain) = (each.clone(), each.clone(), each.clone(), each);
    tasks.spawn(async move {
        let app = deliver.app.clone();
        deliver
            .run("deliver", OUTBOX_EVERY, || {
                let (kernel, mailer) = (app.kernel.clone(), mailer.clone());
                async move { deliver::once(&kernel, &mailer).await }
            })
            .await;
    });
    tasks.spawn(async move {
        let app = keys.app.clone();
        keys.run("keys", ring::EVERY, || {
            let app = app.clone();
            async move { app.load_keys().await }
        })
        .await;
    });
    tasks.spawn(async move {
        let app = enter.app.clone();
        enter
            .run("enter", ENTER_EVERY, || {
                let kernel = app.kernel.clone();
                async move { enter::once(&kernel).await }
            })
            .await;
    });
    tasks.spawn(async move {
        let app = retain.app.clone();
        retain
            .run("retain", RETAIN_EVERY, || {
                let kernel = app.kernel.clone();
                async move { retain::once(&kernel).await }
            })
            .await;
    });
    Ok(Running { stop, tasks })
}

#[derive(Clone)]
struct Every {
    app: Arc<App>,
    stopped: watch::Receiver<bool>,
}

impl Every {
    /// Does a job again and again: after a while, or when the bell rings for the outbox.
    async fn run<F: Future<Output = Result<(), Error>>>(
        mut self,
        job: &'static str,
        every: Duration,
        once: impl Fn() -> F,
    ) {
        while !*self.stopped.borrow() {
            let outcome = if once().await.is_ok() { "done" } else { "failed" };
            self.app.job_ran(JobLabel { job, outcome });
            let bell = async {
                if job == "deliver" {
                    self.app.kernel.bell.notified().await;
                    // those who ring at the same time are served together
                    tokio::time::sleep(OUTBOX_GATHERS).await;
                } else {
                    std::future::pending().await
                }
            };
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
}

/// The networks there are.
async fn networks(kernel: &Arc<Kernel>) -> Result<Vec<network::Model>, Error> {
    let write = kernel.identity(None).await?;
    let networks = write.all(network::Entity::find()).await?;
    write.leave().await?;
    Ok(networks)
}
