//! The loop that accepts connections, and what every handler holds.

use std::convert::Infallible;
use std::future::Future;
use std::io;
use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::{Duration, Instant};

use axum::Router;
use hyper_util::server::graceful::GracefulShutdown;
use tokio::net::TcpListener;
use tokio::sync::mpsc;

use super::connections::Connections;
use super::{Service, routes};

/// Serves until `shutdown` resolves, then stops accepting and lets running requests finish, those too whose
/// clients are gone, for as long as the settings allow.
pub async fn serve<S: Service>(
    listener: TcpListener,
    service: Arc<S>,
    shutdown: impl Future<Output = ()>,
) -> io::Result<()> {
    let patience = service.settings().shutdown;
    let connections = Connections::new(service.settings());
    let (unfinished, finished) = mpsc::channel(1);
    let router = routes::all(Shared::new(service, unfinished));
    accept(listener, connections, router, finished, patience, shutdown).await
}

/// The same for a process that answers no requests: health alone.
pub async fn serve_probes<S: Service>(
    listener: TcpListener,
    service: Arc<S>,
    shutdown: impl Future<Output = ()>,
) -> io::Result<()> {
    let patience = service.settings().shutdown;
    let connections = Connections::new(service.settings());
    let (unfinished, finished) = mpsc::channel(1);
    let router = routes::probes(Shared::new(service, unfinished));
    accept(listener, connections, router, finished, patience, shutdown).await
}

/// Serves `/metrics`, on a listener of its own, until `shutdown` resolves.
pub async fn serve_metrics<S: Service>(
    listener: TcpListener,
    service: Arc<S>,
    shutdown: impl Future<Output = ()>,
) -> io::Result<()> {
    let mut settings = service.settings().clone();
    settings.connections = METRICS_CONNECTIONS;
    let connections = Connections::new(&settings);
    let (unfinished, finished) = mpsc::channel(1);
    let router = routes::metrics(Shared::new(service, unfinished));
    accept(listener, connections, router, finished, settings.shutdown, shutdown).await
}

/// How often at most the log says that connections are not accepted.
const COMPLAINT_EVERY: Duration = Duration::from_secs(10);
/// Connections that ask for metrics at once.
const METRICS_CONNECTIONS: usize = 16;

async fn accept(
    listener: TcpListener,
    connections: Arc<Connections>,
    router: Router,
    mut finished: mpsc::Receiver<Infallible>,
    patience: Duration,
    shutdown: impl Future<Output = ()>,
) -> io::Result<()> {
    let graceful = GracefulShutdown::new();
    let mut shutdown = std::pin::pin!(shutdown);
    let mut complained: Option<Instant> = None;
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            () = &mut shutdown => break,
        };
        match accepted {
            Ok((stream, address)) => connections.accept(stream, address.ip(), &router, &graceful).await,
            // Out of descriptors, or the client is gone already: the listener itself is well.
            Err(error) => {
                if complained.is_none_or(|at| at.elapsed() > COMPLAINT_EVERY) {
                    tracing::warn!(%error, "a connection was not accepted");
                    complained = Some(Instant::now());
                }
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        }
    }
    drop((listener, router));
    let rest = async {
        graceful.shutdown().await;
        // Nobody sends: it ends when the last request drops its sender.
        finished.recv().await;
    };
    if tokio::time::timeout(patience, rest).await.is_err() {
        tracing::warn!("stopping with requests unfinished");
    }
    Ok(())
}

/// What every handler holds.
pub struct Shared<S> {
    /// The application.
    pub service: Arc<S>,
    /// Held by whatever must finish before the process ends.
    pub unfinished: mpsc::Sender<Infallible>,
    /// Whether the log has said that a proxy is not trusted.
    pub warned: Arc<AtomicBool>,
}

impl<S> Shared<S> {
    fn new(service: Arc<S>, unfinished: mpsc::Sender<Infallible>) -> Self {
        Self { service, unfinished, warned: Arc::default() }
    }
}

impl<S> Clone for Shared<S> {
    fn clone(&self) -> Self {
        let (unfinished, warned) = (self.unfinished.clone(), self.warned.clone());
        Self { service: self.service.clone(), unfinished, warned }
    }
}

/// The address at the other end of the connection.
#[derive(Clone, Copy)]
pub struct Peer(pub IpAddr);
