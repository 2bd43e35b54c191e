//! The routes beside the endpoint, and the pages that may call it.

use super::*;

#[tokio::test]
async fn other_routes_answer() {
    let server = start(|_| {}).await;
    for (target, status, content_type, body) in [
        ("/healthz", 200, "text/plain; charset=utf-8", "ok\n"),
        ("/readyz", 503, "text/plain; charset=utf-8", "not ready\n"),
        ("/.well-known/jwks.json", 200, "application/jwk-set+json", r#"{"keys":[]}"#),
        ("/explorer", 404, "text/plain; charset=utf-8", "not found\n"),
        ("/explorer.js", 404, "text/plain; charset=utf-8", "not found\n"),
        ("/", 404, "text/plain; charset=utf-8", "not found\n"),
    ] {
        let reply = server.get(target, &[]).await;
        assert_eq!((reply.status, reply.header("content-type")), (status, Some(content_type)), "{target}");
        assert_eq!(reply.body, body);
    }
    let reply = server.get("/schema.graphql", &[]).await;
    assert_eq!((reply.status, reply.header("retry-after")), (429, Some("7")));
    server.query("{ __typename }").await;
    server.get("/graphql", &[]).await;
    assert_eq!(server.get("/metrics", &[]).await.status, 404);
    let metrics = server.service.metrics();
    for line in [
        "concord_http_requests_total{status=\"200\"} 1",
        "concord_errors_total{code=\"BAD_USER_INPUT\"} 1",
        "concord_http_requests_running 0",
    ] {
        assert!(metrics.contains(line), "{line}\nnot in\n{metrics}");
    }
}

#[tokio::test]
async fn metrics_have_a_listener_of_their_own() {
    let server = start(|_| {}).await;
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(serve_metrics(listener, server.service.clone(), std::future::pending()));
    for (target, status) in [("/metrics", 200), ("/graphql", 404), ("/readyz", 404)] {
        let raw = format!("GET {target} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
        let reply = exchange(address, raw.as_bytes()).await;
        assert_eq!(reply.status, status, "{target}");
        assert_eq!(reply.body.contains("# EOF"), status == 200, "{target}");
    }
}

#[tokio::test]
async fn the_explorer_has_a_page_a_script_and_a_style() {
    let server = start(|settings| settings.explorer = Some(Explorer::new(None, None).unwrap())).await;
    for target in ["/", "/explorer"] {
        let reply = server.get(target, &[]).await;
        assert_eq!((reply.status, reply.header("content-type")), (200, Some("text/html; charset=utf-8")));
        let policy = reply.header("content-security-policy").unwrap();
        assert!(policy.contains("default-src 'none'; script-src 'self' https://"), "{policy}");
        assert_eq!(reply.body.matches("https://").count(), reply.body.matches("integrity=\"sha384-").count());
    }
    for (target, content_type) in [("/explorer.js", "text/javascript"), ("/explorer.css", "text/css")] {
        let reply = server.get(target, &[]).await;
        let wanted = format!("{content_type}; charset=utf-8");
        assert_eq!((reply.status, reply.header("content-type")), (200, Some(wanted.as_str())), "{target}");
    }
    assert_eq!(server.get("/assets/graphiql.min.js", &[]).await.status, 404, "no folder is set");
}

#[tokio::test]
async fn pages_of_listed_origins_may_call() {
    let server = start(|settings| settings.cors_origins = vec!["https://app.example".into()]).await;
    for (origin, wanted) in
        [("https://app.example", Some("https://app.example")), ("https://evil.example", None)]
    {
        let headers = [("Origin", origin), ("Access-Control-Request-Method", "POST")];
        let reply = server.request("OPTIONS", "/graphql", &headers, "").await;
        assert_eq!(reply.header("access-control-allow-origin"), wanted);
    }
    let server = start(|settings| {
        settings.cors_origins = vec!["https://app.example".into()];
        settings.cors_headers = vec!["x-client-version".into()];
    })
    .await;
    for name in [
        "authorization",
        "idempotency-key",
        "apollo-require-preflight",
        "apollographql-client-name",
        "apollographql-client-version",
        "sentry-trace",
        "baggage",
        "traceparent",
        "tracestate",
        "x-requested-with",
        "x-client-version",
    ] {
        let headers = [
            ("Origin", "https://app.example"),
            ("Access-Control-Request-Method", "POST"),
            ("Access-Control-Request-Headers", name),
        ];
        let reply = server.request("OPTIONS", "/graphql", &headers, "").await;
        let allowed = reply.header("access-control-allow-headers").unwrap_or_default();
        assert!(allowed.split(',').any(|one| one == name), "{name} is not in {allowed}");
    }
}

#[tokio::test]
async fn links_that_unsubscribe_ask_first_and_take_a_post() {
    let server = start(|_| {}).await;
    for (method, target, status, content) in [
        ("GET", "/unsubscribe/valid", 200, "text/html; charset=utf-8"),
        ("POST", "/unsubscribe/valid", 200, "text/plain; charset=utf-8"),
        ("GET", "/unsubscribe/other", 404, "text/plain; charset=utf-8"),
        ("POST", "/unsubscribe/other", 404, "text/plain; charset=utf-8"),
    ] {
        let reply = server.request(method, target, &[], "List-Unsubscribe=One-Click").await;
        assert_eq!(
            (reply.status, reply.header("content-type")),
            (status, Some(content)),
            "{method} {target}"
        );
    }
    let page = server.get("/actions/action_01", &[]).await;
    assert!(page.status == 200 && page.body.starts_with("Concord: an action."), "{}", page.body);
}
