//! A proxy before PostgreSQL that cuts a connection at a message of the client's.

use super::backend::Home;
use std::{
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    time::Duration,
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{
        TcpListener, TcpStream,
        tcp::{OwnedReadHalf, OwnedWriteHalf},
    },
    time::timeout,
};

/// Which way the connection is cut.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cut {
    /// The server does not get the message.
    Request,
    /// The server gets the message, and its answer is lost.
    Answer,
}

/// Passes everything on until it is told to cut.
pub struct Proxy {
    address: SocketAddr,
    plan: Arc<Plan>,
}

#[derive(Default)]
struct Plan {
    /// Messages until the cut; 0: never.
    left: AtomicUsize,
    answer: AtomicBool,
}

/// Longest that an answer which nobody gets is waited for.
const LOST: Duration = Duration::from_millis(100);

impl Proxy {
    /// Stands before the server of this database.
    pub async fn start(home: &Home) -> Proxy {
        let url = home.url("");
        let to = host(&url).to_owned();
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let plan = Arc::new(Plan::default());
        let its = plan.clone();
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let Ok(server) = TcpStream::connect(&to).await else { continue };
                client.set_nodelay(true).expect("an option");
                server.set_nodelay(true).expect("an option");
                tokio::spawn(pass(client, server, its.clone()));
            }
        });
        Proxy { address, plan }
    }

    /// The URL of a database through the proxy, as the application.
    pub fn url(&self, home: &Home) -> String {
        let url = home.url("concord_app");
        url.replace(host(&url), &self.address.to_string())
    }

    /// Cuts the connection at the nth message from here.
    pub fn cut(&self, nth: usize, cut: Cut) {
        self.plan.answer.store(cut == Cut::Answer, Ordering::SeqCst);
        self.plan.left.store(nth, Ordering::SeqCst);
    }

    /// Calls a cut off. Whether it had happened.
    pub fn has_cut(&self) -> bool {
        self.plan.left.swap(0, Ordering::SeqCst) == 0
    }
}

impl Plan {
    /// Whether this message is the one.
    fn falls(&self) -> bool {
        let counted = self.left.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| left.checked_sub(1));
        counted == Ok(1)
    }
}

fn host(url: &str) -> &str {
    let rest = url.rsplit_once('@').or(url.split_once("://")).expect("a URL").1;
    rest.split_once('/').map_or(rest, |(host, _)| host)
}

async fn pass(client: TcpStream, server: TcpStream, plan: Arc<Plan>) {
    let (mut from_client, mut to_client) = client.into_split();
    let (mut from_server, mut to_server) = server.into_split();
    let lost = Arc::new(AtomicBool::new(false));
    let its = lost.clone();
    let answers = tokio::spawn(async move {
        let mut bytes = vec![0; 65_536];
        while let Ok(count @ 1..) = from_server.read(&mut bytes).await {
            if its.load(Ordering::SeqCst) || to_client.write_all(&bytes[..count]).await.is_err() {
                break;
            }
        }
    });
    if requests(&mut from_client, &mut to_server, &plan, &lost).await.is_none() {
        // gone or cut: neither side hears of the other any more
        if lost.load(Ordering::SeqCst) {
            timeout(LOST, answers).await.map(drop).unwrap_or_default();
        } else {
            answers.abort();
        }
    }
}

/// Passes messages on until the client is gone or the connection is cut.
async fn requests(
    from: &mut OwnedReadHalf,
    to: &mut OwnedWriteHalf,
    plan: &Plan,
    lost: &AtomicBool,
) -> Option<()> {
    // a start-up message has no type; one that asks for encryption comes before it
    loop {
        let (message, code) = untyped(from).await?;
        to.write_all(&message).await.ok()?;
        if code == STARTUP {
            break;
        }
    }
    loop {
        let mut message = vec![from.read_u8().await.ok()?];
        let length = from.read_u32().await.ok()?;
        message.extend(length.to_be_bytes());
        message.resize(1 + length as usize, 0);
        from.read_exact(&mut message[5..]).await.ok()?;
        if plan.falls() {
            if plan.answer.load(Ordering::SeqCst) {
                lost.store(true, Ordering::SeqCst);
                to.write_all(&message).await.ok()?;
            }
            return None;
        }
        to.write_all(&message).await.ok()?;
    }
}

async fn untyped(from: &mut OwnedReadHalf) -> Option<(Vec<u8>, u32)> {
    let length = from.read_u32().await.ok()?;
    let mut message = length.to_be_bytes().to_vec();
    message.resize(length as usize, 0);
    from.read_exact(&mut message[4..]).await.ok()?;
    let code = message.get(4..8)?.try_into().ok().map(u32::from_be_bytes)?;
    Some((message, code))
}

/// Version 3.0 of the protocol.
const STARTUP: u32 = 196_608;
