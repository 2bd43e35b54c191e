//! The loop that accepts connections.

use std::convert::Infallible;
use std::future::Future;
use std::io;
use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::Router;
use hyper_util::server::graceful::GracefulShutdown;
use tokio::net::TcpListener;
use tokio::sync::mpsc;

use super::connections::Connections;
use super::{Service, Shared, routes};

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

/// The same for a process that serves only health probes.
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

/// The shortest interval between two warnings about connections that are not accepted.
const WARN_EVERY: Duration = Duration::from_secs(10);
/// The most connections to the metrics listener.
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
    let mut warned_at: Option<Instant> = None;
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            () = &mut shutdown => break,
        };
        match accepted {
            Ok((stream, address)) => connections.accept(stream, address.ip(), &router, &graceful).await,
            // Out of descriptors, or the client is gone already: the listener itself is well.
            Err(error) => {
                if warned_at.is_none_or(|at| at.elapsed() > WARN_EVERY) {
                    tracing::warn!(%error, "a connection was not accepted");
                    warned_at = Some(Instant::now());
                }
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        }
    }
    drop((listener, router));
    let rest = async {
        graceful.shutdown().await;
        // The channel closes when the last request drops its sender.
        finished.recv().await;
    };
    if tokio::time::timeout(patience, rest).await.is_err() {
        tracing::warn!("stopping with requests unfinished");
    }
    Ok(())
}
