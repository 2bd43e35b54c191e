//! HTTP byte by byte: a client library would hide the details that these tests check.

use serde_json::{Value, json};
use std::net::SocketAddr;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

/// An answer. Status 0: no answer.
#[derive(Debug, Default)]
pub struct Reply {
    pub status: u16,
    pub head: String,
    pub body: String,
}

impl Reply {
    pub fn header(&self, name: &str) -> Option<&str> {
        let values = self.head.lines().filter_map(|line| line.split_once(": "));
        values.into_iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value)
    }
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or(Value::Null)
    }
    /// The code of the first error.
    pub fn code(&self) -> String {
        let json = self.json();
        json["errors"][0]["extensions"]["code"].as_str().unwrap_or_default().to_owned()
    }
    fn read(raw: &[u8]) -> Reply {
        let raw = String::from_utf8_lossy(raw);
        let (head, body) = raw.split_once("\r\n\r\n").unwrap_or((&raw, ""));
        let status = head.split(' ').nth(1).and_then(|status| status.parse().ok()).unwrap_or(0);
        Reply { status, head: head.to_owned(), body: body.to_owned() }
    }
}

/// Sends bytes and reads until the other end closes. A broken connection is an empty answer.
pub async fn exchange(address: SocketAddr, raw: &[u8]) -> Reply {
    exchange_with(address, raw, 0, 0).await
}

/// The same, followed by pieces of a body.
pub async fn exchange_with(address: SocketAddr, head: &[u8], pieces: usize, size: usize) -> Reply {
    let Ok(stream) = TcpStream::connect(address).await else { return Reply::default() };
    let (mut answer, mut ask) = stream.into_split();
    let head = head.to_vec();
    // a server may answer before it has read everything, so both directions go at once
    let asking = async {
        ask.write_all(&head).await?;
        let piece = vec![b' '; size];
        for _ in 0..pieces {
            ask.write_all(&piece).await?;
        }
        Ok::<_, std::io::Error>(ask)
    };
    let mut raw = vec![];
    let (asked, read) = tokio::join!(asking, answer.read_to_end(&mut raw));
    // what came before a reset counts
    drop((asked, read));
    Reply::read(&raw)
}

/// GET of a path.
pub async fn get(address: SocketAddr, path: &str) -> Reply {
    let head = format!("GET {path} HTTP/1.1\r\nhost: concord\r\nconnection: close\r\n\r\n");
    exchange(address, head.as_bytes()).await
}

/// A GraphQL request, with an access token or none.
pub async fn post(address: SocketAddr, bearer: Option<&str>, query: &str, variables: Value) -> Reply {
    let body = json!({ "query": query, "variables": variables }).to_string();
    let bearer = bearer.map(|token| format!("authorization: Bearer {token}\r\n")).unwrap_or_default();
    let head = format!(
        "POST /graphql HTTP/1.1\r\nhost: concord\r\nconnection: close\r\ncontent-type: application/json\r\n\
         accept: application/graphql-response+json\r\n{bearer}content-length: {}\r\n\r\n{body}",
        body.len()
    );
    exchange(address, head.as_bytes()).await
}
