//! A client that costs little: it shares two cores with what it measures.

use crate::Trouble;
use std::time::{Duration, Instant};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    task::JoinSet,
};

/// A connection that is kept.
pub struct Wire {
    stream: TcpStream,
    buffer: Vec<u8>,
}

/// What one connection sends: whole requests, in this order.
pub type Script = Vec<Vec<u8>>;

/// The result of a round.
pub struct RoundResult {
    pub requests: usize,
    /// Requests a second.
    pub speed: f64,
}

/// Whether a connection starts its script anew when it has sent all of it.
#[derive(Clone, Copy, PartialEq)]
pub enum Mode {
    Again,
    Once,
}

impl Wire {
    pub async fn connect(port: u16) -> Result<Wire, Trouble> {
        let stream = TcpStream::connect(("127.0.0.1", port)).await?;
        stream.set_nodelay(true)?;
        Ok(Wire { stream, buffer: Vec::with_capacity(64 * 1024) })
    }

    /// Sends a request and answers its body.
    pub async fn ask(&mut self, request: &[u8]) -> Result<&[u8], Trouble> {
        self.stream.write_all(request).await?;
        self.buffer.clear();
        let (body, length) = loop {
            self.more().await?;
            if let Some(end) = self.buffer.windows(4).position(|four| four == b"\r\n\r\n") {
                let head = std::str::from_utf8(&self.buffer[..end])?;
                break (end + 4, announced(head)?);
            }
        };
        while self.buffer.len() < body + length {
            self.more().await?;
        }
        let text = &self.buffer[body..body + length];
        match self.buffer.starts_with(b"HTTP/1.1 200") && !refused(text) {
            true => Ok(&self.buffer[body..body + length]),
            false => Err(String::from_utf8_lossy(&self.buffer).into_owned().into()),
        }
    }

    /// A header of the last answer.
    pub fn header(&self, name: &str) -> Option<&str> {
        let end = self.buffer.windows(4).position(|four| four == b"\r\n\r\n")?;
        let mut lines =
            std::str::from_utf8(&self.buffer[..end]).ok()?.lines().filter_map(|line| line.split_once(": "));
        lines.find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| value)
    }

    async fn more(&mut self) -> Result<(), Trouble> {
        match self.stream.read_buf(&mut self.buffer).await? {
            0 => Err("the connection ended".into()),
            _ => Ok(()),
        }
    }
}

fn announced(head: &str) -> Result<usize, Trouble> {
    let mut lines = head.lines().filter_map(|line| line.split_once(": "));
    let length = lines.find(|(name, _)| name.eq_ignore_ascii_case("content-length"));
    Ok(length.ok_or("an answer without content-length")?.1.trim().parse()?)
}

/// Errors stand at an answer's end, and a refused mutation's answer is short.
fn refused(body: &[u8]) -> bool {
    body[body.len().saturating_sub(300)..].windows(8).any(|eight| eight == b"\"code\":\"")
}

/// Sends requests for the given time, each script on its own connection.
pub async fn round(
    port: u16,
    scripts: &'static [Script],
    mode: Mode,
    lasting: Duration,
) -> Result<RoundResult, Trouble> {
    let mut tasks = JoinSet::new();
    let mut wires = vec![];
    for _ in scripts {
        wires.push(Wire::connect(port).await?);
    }
    let begun = Instant::now();
    for (mut wire, script) in wires.into_iter().zip(scripts) {
        tasks.spawn(async move {
            let mut done = 0usize;
            while begun.elapsed() < lasting && (mode == Mode::Again || done < script.len()) {
                wire.ask(&script[done % script.len()]).await?;
                done += 1;
            }
            Ok::<_, Trouble>((done, begun.elapsed()))
        });
    }
    let (mut done, mut shortest) = (0, lasting);
    for outcome in tasks.join_all().await {
        let (count, elapsed) = outcome?;
        done += count;
        shortest = shortest.min(elapsed);
    }
    if shortest < lasting {
        return Err("a round ran out of requests: seed more or measure for less time".into());
    }
    Ok(RoundResult { requests: done, speed: done as f64 / begun.elapsed().as_secs_f64() })
}
