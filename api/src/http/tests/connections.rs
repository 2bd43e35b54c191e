//! Connections that are slow, silent, too many or cut, and the end of the server.

use super::*;

#[tokio::test]
async fn time_is_bounded() {
    let server = start(|settings| settings.request_timeout = Duration::from_millis(100)).await;
    let reply = server.query("hang").await;
    assert_eq!(reply.status, 504);
    assert!(reply.body.contains("\"TIMEOUT\""), "{}", reply.body);
    let head = "POST /graphql HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Type: application/json\r\n";
    assert_eq!(server.send(&format!("{head}Content-Length: 99\r\n\r\n{{")).await.status, 408);
}

#[tokio::test]
async fn a_large_body_is_refused_unread() {
    let server = start(|_| {}).await;
    let head = "POST /graphql HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Type: application/json\r\n";
    let megabyte = vec![b' '; 1 << 20];
    for announced in [true, false] {
        let (mut from, mut to) = TcpStream::connect(server.address).await.unwrap().into_split();
        let length = if announced { "Content-Length: 62914560" } else { "Transfer-Encoding: chunked" };
        to.write_all(format!("{head}{length}\r\n\r\n").as_bytes()).await.unwrap();
        let megabyte = megabyte.clone();
        let writer = tokio::spawn(async move {
            let (frame, end): (&[u8], &[u8]) = if announced { (b"", b"") } else { (b"100000\r\n", b"\r\n") };
            for part in std::iter::repeat_n([frame, &megabyte, end], 60).flatten() {
                if to.write_all(part).await.is_err() {
                    return;
                }
            }
            // Held open until the answer has been read.
            tokio::time::sleep(Duration::from_millis(500)).await;
        });
        let mut raw = vec![0; 1_024];
        let count = from.read(&mut raw).await.unwrap();
        assert!(raw[..count].starts_with(b"HTTP/1.1 413"), "{}", String::from_utf8_lossy(&raw[..count]));
        writer.await.unwrap();
    }
    for (size, anonymous, signed_in) in [(60_000, 200, 200), (200_000, 413, 200), (1_100_000, 413, 413)] {
        let body = json!({ "query": "q", "extensions": { "x": "y".repeat(size) } }).to_string();
        for (token, wanted) in [(None, anonymous), (Some("Bearer abc"), signed_in)] {
            let mut headers = vec![("Content-Type", JSON)];
            headers.extend(token.map(|token| ("Authorization", token)));
            let reply = server.request("POST", "/graphql", &headers, &body).await;
            assert_eq!(reply.status, wanted, "{size} {token:?}");
            if wanted == 413 {
                let limit = if token.is_some() { "1048576 bytes" } else { "65536 bytes" };
                assert!(reply.body.contains(limit), "{}", reply.body);
                assert_eq!(reply.body.contains("header Authorization"), token.is_none(), "{}", reply.body);
            }
        }
    }
}

#[tokio::test]
async fn a_client_that_hangs_up_cancels_nothing_and_stopping_waits() {
    let mut server = start(|_| {}).await;
    let body = r#"{"query":"sleep"}"#;
    let mut stream = TcpStream::connect(server.address).await.unwrap();
    let head = "POST /graphql HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n";
    stream.write_all(format!("{head}Content-Length: {}\r\n\r\n{body}", body.len()).as_bytes()).await.unwrap();
    tokio::time::sleep(Duration::from_millis(100)).await;
    drop(stream);
    tokio::time::sleep(Duration::from_millis(50)).await;
    server.stop.take().unwrap().send(()).unwrap();
    server.task.await.unwrap().unwrap();
    assert!(server.service.finished.load(Ordering::SeqCst));
    assert!(TcpStream::connect(server.address).await.is_err());
}

#[tokio::test]
async fn stopping_is_bounded() {
    let mut server = start(|settings| settings.shutdown = Duration::from_millis(100)).await;
    let mut stream = TcpStream::connect(server.address).await.unwrap();
    stream.write_all(b"GET /graphql?query=hang HTTP/1.1\r\nHost: x\r\n\r\n").await.unwrap();
    tokio::time::sleep(Duration::from_millis(100)).await;
    server.stop.take().unwrap().send(()).unwrap();
    tokio::time::timeout(Duration::from_secs(1), server.task).await.unwrap().unwrap().unwrap();
}

/// What a connection says first and then nothing, and what it gets: nothing, and an end.
#[tokio::test]
async fn silent_connections_are_closed() {
    let server = start(|settings| settings.first_bytes = Duration::from_millis(100)).await;
    for begin in [&b""[..], b"P", b"PRI * HTTP/2.0\r\n", b"PRI * HTTP/2.0\r\n\r\nSM\r\n"] {
        let mut stream = TcpStream::connect(server.address).await.unwrap();
        stream.write_all(begin).await.unwrap();
        let mut raw = vec![];
        let ended = tokio::time::timeout(Duration::from_secs(5), stream.read_to_end(&mut raw)).await;
        assert!(ended.is_ok(), "{begin:?} is held");
    }
    assert_eq!(server.query("{ __typename }").await.status, 200);
}

#[tokio::test]
async fn idle_connections_are_closed() {
    let server = start(|settings| settings.idle = Duration::from_millis(100)).await;
    // HTTP/2 with its settings, and no request; HTTP/1 after one
    let settings = b"\x00\x00\x00\x04\x00\x00\x00\x00\x00";
    let preface = [&b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"[..], settings].concat();
    for begin in [preface.as_slice(), b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n"] {
        let mut stream = TcpStream::connect(server.address).await.unwrap();
        stream.write_all(begin).await.unwrap();
        let mut raw = vec![];
        let ended = tokio::time::timeout(Duration::from_secs(5), stream.read_to_end(&mut raw)).await;
        assert!(ended.is_ok() && !raw.is_empty(), "{begin:?} is held");
    }
    // one with a request running stays
    let mut stream = TcpStream::connect(server.address).await.unwrap();
    stream.write_all(b"GET /graphql?query=sleep HTTP/1.1\r\nHost: x\r\n\r\n").await.unwrap();
    let mut raw = vec![];
    let ended = tokio::time::timeout(Duration::from_secs(5), stream.read_to_end(&mut raw)).await;
    assert!(ended.is_ok() && raw.starts_with(b"HTTP/1.1 200"), "{}", String::from_utf8_lossy(&raw));
}

#[tokio::test]
async fn the_longest_silence_makes_room_and_work_stays() {
    for by_address in [true, false] {
        let server = start(|settings| match by_address {
            true => settings.connections_per_address = 3,
            false => settings.connections = 3,
        })
        .await;
        let mut silent = vec![];
        for _ in 0..3 {
            silent.push(TcpStream::connect(server.address).await.unwrap());
        }
        for _ in 0..2 {
            assert_eq!(server.query("{ __typename }").await.status, 200);
        }
        let mut raw = vec![];
        let ended =
            tokio::time::timeout(Duration::from_secs(5), silent.remove(0).read_to_end(&mut raw)).await;
        assert!(ended.is_ok(), "the first one has made room");
        drop(silent);
        // three requests run: there is no room, and they are not disturbed
        let mut running = vec![];
        for _ in 0..3 {
            let mut stream = TcpStream::connect(server.address).await.unwrap();
            stream.write_all(b"GET /graphql?query=hang HTTP/1.1\r\nHost: x\r\n\r\n").await.unwrap();
            running.push(stream);
            while server.service.telemetry.running.get() < running.len() as i64 {
                tokio::task::yield_now().await;
            }
        }
        let turned_away = exchange(server.address, b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n").await;
        assert_eq!(turned_away.status, 0);
        assert_eq!(server.service.telemetry.running.get(), 3);
    }
}

#[tokio::test]
async fn trusted_proxies_have_no_limit_of_their_own() {
    let server = start(|settings| {
        settings.connections_per_address = 1;
        settings.trusted_proxies = vec![Cidr::try_from("127.0.0.1".to_owned()).unwrap()];
    })
    .await;
    let mut running = vec![];
    for _ in 0..5 {
        let mut stream = TcpStream::connect(server.address).await.unwrap();
        stream.write_all(b"GET /graphql?query=hang HTTP/1.1\r\nHost: x\r\n\r\n").await.unwrap();
        running.push(stream);
    }
    assert_eq!(server.query("{ __typename }").await.status, 200);
}
