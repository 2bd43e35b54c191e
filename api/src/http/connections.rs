//! Connections: their limits, the closing of idle ones, and their end when the server stops.
//!
//! Invariant: there are never more connections than the descriptors allow, and never more of one address than the settings
//! allow, except from trusted proxies. A new connection replaces the one that has been idle longest. It is refused only if
//! every connection has a running request.

use std::io;
use std::net::IpAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use ahash::AHashMap;
use axum::Router;
use axum::body::{Body, Bytes, HttpBody};
use hyper::body::Incoming;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto::Builder;
use hyper_util::server::graceful::GracefulShutdown;
use parking_lot::Mutex;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::sync::{Notify, OwnedSemaphorePermit, Semaphore};
use tokio::time::{Instant, Sleep, sleep, timeout};
use tower::ServiceExt;

use super::{HttpSettings, Peer};

/// Within this time a connection's first bytes, and each head of a request, are complete.
const HEADER_TIMEOUT: Duration = Duration::from_secs(10);
const HEADER_BYTES: usize = 64 * 1024;
const STREAMS: u32 = 100;
/// How long a connection may take until its first request without being closed first.
const FRESH: Duration = Duration::from_secs(1);
/// How long a client may leave an answer unread.
const STALLED: Duration = Duration::from_secs(30);
/// How long a connection may take to close after it is asked to.
const LEAVING: Duration = Duration::from_secs(5);
/// The preface by which HTTP/2 is known from HTTP/1.
const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

/// The connections of a listener.
pub struct Connections {
    room: Arc<Semaphore>,
    per_address: usize,
    first_bytes: Duration,
    idle: Duration,
    settings: HttpSettings,
    open: Mutex<Open>,
}

#[derive(Default)]
struct Open {
    next: u64,
    all: AHashMap<u64, Arc<Connection>>,
    addresses: AHashMap<IpAddr, usize>,
}

/// The state of an open connection.
struct Connection {
    address: IpAddr,
    opened: Instant,
    /// Requests running.
    running: AtomicUsize,
    /// Whether it has ever had a request, and when the last one ended, in milliseconds since it was opened.
    spoken: AtomicBool,
    quiet_since: AtomicU64,
    leave: Notify,
}

impl Connection {
    fn is_quiet(&self) -> bool {
        self.running.load(Ordering::Relaxed) == 0
    }

    fn quiet_since(&self) -> Instant {
        self.opened + Duration::from_millis(self.quiet_since.load(Ordering::Relaxed))
    }

    /// The order of closing: first connections without a request after their time, then those idle longest.
    fn patience(&self) -> (bool, Instant) {
        let spoken = self.spoken.load(Ordering::Relaxed) || self.opened.elapsed() < FRESH;
        (spoken, self.quiet_since())
    }
}

impl Connections {
    /// With as many as the settings say, and no more than this process may have descriptors for.
    pub fn new(settings: &HttpSettings) -> Arc<Self> {
        let most = most(settings.connections, descriptors());
        Arc::new(Self {
            room: Arc::new(Semaphore::new(most)),
            per_address: settings.connections_per_address.min(most),
            first_bytes: settings.first_bytes,
            idle: settings.idle,
            settings: settings.clone(),
            open: Mutex::default(),
        })
    }

    /// Accepts a connection, or refuses it if no other one can be closed for it.
    pub async fn accept(
        self: &Arc<Self>,
        stream: TcpStream,
        peer: IpAddr,
        router: &Router,
        graceful: &GracefulShutdown,
    ) {
        let address = peer.to_canonical();
        let is_proxy = self.settings.trusted_proxies.iter().any(|network| network.contains(address));
        let of_address = || self.open.lock().addresses.get(&address).copied().unwrap_or(0);
        let full = !is_proxy && of_address() >= self.per_address;
        if full && !self.make_room(Some(address)) {
            return;
        }
        let permit = match self.room.clone().try_acquire_owned() {
            Ok(permit) => permit,
            Err(_) if full || self.make_room(None) => {
                // it closes in a moment; should it not, the newcomer goes
                match timeout(LEAVING, self.room.clone().acquire_owned()).await {
                    Ok(Ok(permit)) => permit,
                    _ => return,
                }
            }
            Err(_) => return,
        };
        // Answers are small and complete: waiting to fill a segment only delays them.
        if stream.set_nodelay(true).is_ok() {
            self.clone().serve(stream, address, permit, router.clone(), graceful);
        }
    }

    /// Closes the connection that has been idle longest, of this address or of all. Returns whether there is one.
    fn make_room(&self, address: Option<IpAddr>) -> bool {
        let open = self.open.lock();
        let quiet = open
            .all
            .values()
            .filter(|one| one.is_quiet() && address.is_none_or(|address| one.address == address));
        let silent = quiet.min_by_key(|one| one.patience());
        silent.is_some_and(|one| {
            // so that the next newcomer asks another one
            one.running.fetch_add(1, Ordering::Relaxed);
            one.leave.notify_one();
            true
        })
    }

    fn serve(
        self: Arc<Self>,
        stream: TcpStream,
        address: IpAddr,
        permit: OwnedSemaphorePermit,
        router: Router,
        graceful: &GracefulShutdown,
    ) {
        let entered = Entered::new(self.clone(), address, permit);
        let connection = entered.connection.clone();
        let service = {
            let connection = connection.clone();
            hyper::service::service_fn(move |mut request: hyper::Request<Incoming>| {
                request.extensions_mut().insert(Peer(address));
                let running = Running::new(connection.clone());
                let answered = router.clone().oneshot(request.map(Body::new));
                async move {
                    answered
                        .await
                        .map(|response| response.map(|body| CountedBody { body, _running: running }))
                }
            })
        };
        let mut builder = Builder::new(TokioExecutor::new());
        // A client that sends its head a byte at a time holds a connection no longer than this.
        builder
            .http1()
            .timer(TokioTimer::new())
            .header_read_timeout(HEADER_TIMEOUT)
            .max_buf_size(HEADER_BYTES);
        builder
            .http2()
            .timer(TokioTimer::new())
            .max_concurrent_streams(STREAMS)
            .keep_alive_interval(HEADER_TIMEOUT);
        let watcher = graceful.watcher();
        let (first_bytes, idle) = (self.first_bytes, self.idle);
        tokio::spawn(async move {
            let _entered = entered;
            let stream = Guarded::new(stream, first_bytes);
            let serving = builder.serve_connection_with_upgrades(TokioIo::new(stream), service).into_owned();
            let serving = std::pin::pin!(watcher.watch(serving));
            let ended = tokio::select! {
                ended = serving => ended,
                () = connection.leave.notified() => return,
                () = silence(&connection, idle) => return,
            };
            if let Err(error) = ended {
                tracing::debug!(error, "a connection broke");
            }
        });
    }
}

/// Ends when a connection has been without a request for `idle`.
async fn silence(connection: &Connection, idle: Duration) {
    loop {
        let until = connection.quiet_since() + idle;
        if connection.is_quiet() && until <= Instant::now() {
            return;
        }
        let next = if connection.is_quiet() { until } else { Instant::now() + idle };
        tokio::time::sleep_until(next).await;
    }
}

/// A connection's place among the open ones, released when dropped.
struct Entered {
    connections: Arc<Connections>,
    connection: Arc<Connection>,
    id: u64,
    _permit: OwnedSemaphorePermit,
}

impl Entered {
    fn new(connections: Arc<Connections>, address: IpAddr, permit: OwnedSemaphorePermit) -> Self {
        let connection = Arc::new(Connection {
            address,
            opened: Instant::now(),
            running: AtomicUsize::new(0),
            spoken: AtomicBool::new(false),
            quiet_since: AtomicU64::new(0),
            leave: Notify::new(),
        });
        let mut open = connections.open.lock();
        let id = open.next;
        open.next += 1;
        open.all.insert(id, connection.clone());
        *open.addresses.entry(address).or_default() += 1;
        drop(open);
        Self { connections, connection, id, _permit: permit }
    }
}

impl Drop for Entered {
    fn drop(&mut self) {
        let mut open = self.connections.open.lock();
        open.all.remove(&self.id);
        let address = self.connection.address;
        if let Some(count) = open.addresses.get_mut(&address) {
            *count -= 1;
            if *count == 0 {
                open.addresses.remove(&address);
            }
        }
    }
}

/// The body of an answer. Its request counts as running until the body is written.
struct CountedBody {
    body: Body,
    _running: Running,
}

impl HttpBody for CountedBody {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<hyper::body::Frame<Bytes>, axum::Error>>> {
        Pin::new(&mut self.body).poll_frame(cx)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> hyper::body::SizeHint {
        self.body.size_hint()
    }
}

/// A request that runs on a connection.
struct Running(Arc<Connection>);

impl Running {
    fn new(connection: Arc<Connection>) -> Self {
        connection.running.fetch_add(1, Ordering::Relaxed);
        connection.spoken.store(true, Ordering::Relaxed);
        Self(connection)
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let since = u64::try_from(self.0.opened.elapsed().as_millis()).unwrap_or(u64::MAX);
        self.0.quiet_since.store(since, Ordering::Relaxed);
        self.0.running.fetch_sub(1, Ordering::Relaxed);
    }
}

/// A stream with time limits for its first bytes and for unread answers.
struct Guarded {
    stream: TcpStream,
    /// Until it is known which HTTP is spoken.
    opening: Option<Opening>,
    stalled: Option<Pin<Box<Sleep>>>,
}

struct Opening {
    until: Pin<Box<Sleep>>,
    /// How much of HTTP/2's preface has come.
    matched: usize,
}

impl Guarded {
    fn new(stream: TcpStream, first_bytes: Duration) -> Self {
        let opening = Opening { until: Box::pin(sleep(first_bytes)), matched: 0 };
        Self { stream, opening: Some(opening), stalled: None }
    }

    /// The result of a write, or an error if the client has not read for too long.
    fn written<T>(&mut self, cx: &mut Context<'_>, poll: Poll<io::Result<T>>) -> Poll<io::Result<T>> {
        if poll.is_ready() {
            self.stalled = None;
            return poll;
        }
        let stalled = self.stalled.get_or_insert_with(|| Box::pin(sleep(STALLED)));
        ready!(stalled.as_mut().poll(cx));
        Poll::Ready(Err(io::ErrorKind::TimedOut.into()))
    }
}

impl AsyncRead for Guarded {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buf.filled().len();
        let read = Pin::new(&mut self.stream).poll_read(cx, buf);
        if let Some(opening) = &mut self.opening {
            match &read {
                Poll::Ready(Ok(())) => {
                    let rest = &PREFACE[opening.matched..];
                    let came = &buf.filled()[before..];
                    let matching = came.iter().zip(rest).take_while(|(came, wanted)| came == wanted).count();
                    opening.matched += matching;
                    let decided = matching < came.len() || opening.matched == PREFACE.len();
                    if decided {
                        self.opening = None;
                    }
                }
                Poll::Ready(Err(_)) => self.opening = None,
                Poll::Pending => {
                    ready!(opening.until.as_mut().poll(cx));
                    return Poll::Ready(Err(io::ErrorKind::TimedOut.into()));
                }
            }
        }
        read
    }
}

impl AsyncWrite for Guarded {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write(cx, buf);
        self.written(cx, written)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write_vectored(cx, bufs);
        self.written(cx, written)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let flushed = Pin::new(&mut self.stream).poll_flush(cx);
        self.written(cx, flushed)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let shut = Pin::new(&mut self.stream).poll_shutdown(cx);
        self.written(cx, shut)
    }
}

/// Descriptors that this process keeps for other things than connections of clients: databases, logs, files, and the
/// newcomer that waits for its place.
const KEPT: usize = 80;

/// The most connections there may be.
fn most(wanted: usize, descriptors: Option<usize>) -> usize {
    // half, where there are very few
    let room = descriptors.map_or(usize::MAX, |all| all.saturating_sub(KEPT).max(all / 2));
    wanted.min(room).clamp(1, Semaphore::MAX_PERMITS)
}

/// How many descriptors the process may have; none where that is not known.
fn descriptors() -> Option<usize> {
    let limits = std::fs::read_to_string("/proc/self/limits").ok()?;
    let line = limits.lines().find_map(|line| line.strip_prefix("Max open files"))?;
    line.split_whitespace().next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bound_lies_below_the_descriptors() {
        for (wanted, descriptors, found) in [
            (10_000, Some(1_024), 944),
            (10_000, Some(256), 176),
            (10_000, Some(100), 50),
            (10_000, None, 10_000),
            (500, Some(1_024), 500),
            (500, Some(1), 1),
        ] {
            assert_eq!(most(wanted, descriptors), found, "{wanted} {descriptors:?}");
        }
        assert!(descriptors().is_some_and(|all| all > 0));
    }
}
