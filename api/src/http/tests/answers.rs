//! Requests in every form, and how outcomes are answered.

use super::*;

/// What graphql-http 1.23's `serverAudits` sends by POST, and the status for each media type.
#[tokio::test]
async fn the_audits_of_graphql_http_pass() {
    let server = start(|_| {}).await;
    let ok = "{ __typename }";
    let mut cases: Vec<(Value, u16, u16)> = vec![
        (json!({ "query": ok }), 200, 200),
        (json!({ "query": "{ __type(name: \"Run🏃Swim🏊\") { name } }" }), 200, 200),
        (json!({ "notquery": ok }), 400, 400),
        (json!({ "operationName": "Query", "query": "query Query { __typename }" }), 200, 200),
        (
            json!({ "query": "query Type($name: String!) { x }", "variables": { "name": "sometype" } }),
            200,
            200,
        ),
        (json!({ "query": ok, "extensions": { "some": "value" } }), 200, 200),
        (json!({ "query": "{" }), 400, 200),
        (json!({ "query": "{ 8f31403dfe404bccbb0e835f2629c6a7 }" }), 400, 200),
        (
            json!({ "query": "query CoerceFailure($id: ID!){ __typename }", "variables": { "id": null } }),
            400,
            200,
        ),
        (json!([{ "query": ok }]), 400, 400),
        (json!([ok, null, null, null]), 400, 400),
        (json!("text"), 400, 400),
    ];
    for name in ["variables", "operationName", "extensions"] {
        cases.push((json!({ "query": ok, name: null }), 200, 200));
    }
    for wrong in [json!({ "obj": "ect" }), json!(0), json!(false), json!(["array"])] {
        cases.push((json!({ "query": wrong }), 400, 400));
        cases.push((json!({ "query": ok, "operationName": wrong }), 400, 400));
    }
    for wrong in [json!("string"), json!(0), json!(false), json!(["array"])] {
        cases.push((json!({ "query": ok, "variables": wrong }), 400, 400));
        cases.push((json!({ "query": ok, "extensions": wrong }), 400, 400));
    }
    for (body, graphql, json) in cases {
        for (accept, answers, wanted) in
            [(GRAPHQL, GRAPHQL, graphql), (JSON, JSON, json), ("*/*", JSON, json)]
        {
            let reply = server.post(accept, &body).await;
            assert_eq!(reply.status, wanted, "{accept} {body}");
            assert_eq!(reply.header("content-type").unwrap(), format!("{answers}; charset=utf-8"), "{body}");
            let answer: Value = serde_json::from_str(&reply.body).unwrap();
            assert_eq!(answer.get("data").is_some(), answer.get("errors").is_none(), "{answer}");
        }
    }
}

#[tokio::test]
async fn bodies_that_are_no_json_object_are_refused() {
    let server = start(|_| {}).await;
    let body = r#"{"query":"{ __typename }"}"#;
    for (content_type, body, wanted) in [
        (JSON, r#"{ "not a JSON"#, 400),
        (JSON, "", 400),
        (JSON, r#"{"query":"a","query":"b"}"#, 400),
        (JSON, "{\"query\":\"\\ud800\"}", 400),
        ("application/json; charset=utf-8", body, 200),
        ("text/plain", body, 415),
        ("application/x-www-form-urlencoded", "query={__typename}", 415),
        ("multipart/form-data; boundary=x", body, 415),
    ] {
        let reply = server.request("POST", "/graphql", &[("Content-Type", content_type)], body).await;
        assert_eq!(reply.status, wanted, "{content_type} {body}");
    }
    assert_eq!(server.request("POST", "/graphql", &[], body).await.status, 415);
    let headers = [("Content-Type", JSON), ("Accept", "text/html")];
    assert_eq!(server.request("POST", "/graphql", &headers, body).await.status, 406);
}

/// As the links of Apollo and urql send them, and by what answer they know to send the document.
#[tokio::test]
async fn a_persisted_query_is_answered_as_clients_expect() {
    let server = start(|_| {}).await;
    let hash = json!({ "persistedQuery": { "version": 1, "sha256Hash": "ecf4edb46db40b5132295c0291d62fb65d6759a9" } });
    let error = json!({ "message": "PersistedQueryNotSupported",
        "extensions": { "code": "PERSISTED_QUERY_NOT_SUPPORTED" } });
    for body in [
        json!({ "operationName": "A", "variables": {}, "extensions": hash }),
        json!({ "query": null, "extensions": hash }),
    ] {
        for accept in [GRAPHQL, JSON] {
            let reply = server.post(accept, &body).await;
            assert_eq!(reply.status, 200, "{}", reply.body);
            assert_eq!(serde_json::from_str::<Value>(&reply.body).unwrap(), json!({ "errors": [error] }));
        }
    }
    let target = "/graphql?extensions=%7B%22persistedQuery%22%3A%7B%22version%22%3A1%7D%7D";
    assert!(server.get(target, &[]).await.body.contains("PERSISTED_QUERY_NOT_SUPPORTED"));
    // with the document it is a request like others
    let reply = server.post(JSON, &json!({ "query": "{ __typename }", "extensions": hash })).await;
    assert!(reply.body.contains("\"data\""), "{}", reply.body);
}

#[tokio::test]
async fn get_is_for_queries() {
    let server = start(|_| {}).await;
    for (target, wanted) in [
        ("/graphql?query=%7B%20__typename%20%7D", 200),
        ("/graphql?query=query+Type&variables=%7B%22name%22%3A%22sometype%22%7D", 200),
        ("/graphql?query=q&variables=&operationName=", 200),
        ("/graphql?query=mutation%20%7B%20__typename%20%7D", 405),
        ("/graphql?query=q&variables=%5B%5D", 400),
        ("/graphql?query=q&variables=nothing", 400),
        ("/graphql?query=q&query=p", 400),
        ("/graphql", 400),
    ] {
        let reply = server.get(target, &[("Accept", GRAPHQL)]).await;
        assert_eq!(reply.status, wanted, "{target} {}", reply.body);
        assert_eq!(reply.header("allow"), (wanted == 405).then_some("POST"), "{target}");
    }
    for method in ["PUT", "DELETE", "PATCH", "HEAD"] {
        let reply = server.request(method, "/graphql?query=q", &[], "").await;
        assert_eq!((reply.status, reply.header("allow")), (405, Some("GET, POST, OPTIONS")), "{method}");
    }
    assert_eq!(server.request("OPTIONS", "/graphql", &[], "").await.status, 204);
}

#[tokio::test]
async fn outcomes_become_statuses_and_headers() {
    let server = start(|_| {}).await;
    for (query, wanted) in [
        ("unauthenticated", 401),
        ("limited", 429),
        ("conflict", 409),
        ("unavailable", 503),
        ("internal", 500),
    ] {
        for accept in [GRAPHQL, JSON] {
            assert_eq!(
                server.post(accept, &json!({ "query": query })).await.status,
                wanted,
                "{query} {accept}"
            );
        }
    }
    assert_eq!(server.query("unauthenticated").await.header("www-authenticate"), Some("Bearer"));
    let reply = server.query("limited").await;
    for (name, value) in [
        ("retry-after", "9"),
        ("ratelimit-limit", "2000"),
        ("ratelimit-remaining", "7"),
        ("ratelimit-reset", "40"),
        ("cache-control", "no-store"),
        ("x-content-type-options", "nosniff"),
        ("referrer-policy", "no-referrer"),
    ] {
        assert_eq!(reply.header(name), Some(value), "{name}");
    }
}

#[tokio::test]
async fn a_panic_is_told_without_its_text() {
    let server = start(|_| {}).await;
    let reply = server.query("panic").await;
    assert_eq!(reply.status, 500);
    let id = reply.header("x-request-id").unwrap();
    let extensions = json!({ "code": "INTERNAL", "requestId": id });
    let wanted = json!({ "errors": [{ "message": "Internal error", "extensions": extensions }] });
    assert_eq!(serde_json::from_str::<Value>(&reply.body).unwrap(), wanted);
    assert_eq!(server.query("{ __typename }").await.status, 200, "the server lives");
}

#[tokio::test]
async fn requests_are_named_and_their_sender_known() {
    let server = start(|settings| {
        settings.trusted_proxies = vec![Cidr::try_from("127.0.0.1".to_owned()).unwrap()];
    })
    .await;
    let target = "/graphql?query=q";
    let long = "x".repeat(65);
    let made = ["made-0", "made-1", "made-2"];
    let kept = [("abc-DEF_1", Some("abc-DEF_1")), ("a b", None), (long.as_str(), None)];
    for ((given, kept), wanted) in kept.into_iter().zip(made) {
        let headers =
            [("X-Request-Id", given), ("X-Forwarded-For", "198.51.100.7"), ("Authorization", "bearer abc")];
        let reply = server.get(target, &headers).await;
        assert_eq!(reply.header("x-request-id"), Some(wanted));
        let seen = server.service.seen.lock().take().unwrap();
        let (own, callers) = (wanted.to_owned(), kept.map(str::to_owned));
        assert_eq!(seen, (Some("abc".into()), own, callers, "198.51.100.7".parse().unwrap(), [0; 32]));
    }
    for wrong in ["Basic abc", "Bearer", "Bearer  "] {
        let reply = server.get(target, &[("Authorization", wrong)]).await;
        assert_eq!((reply.status, reply.header("www-authenticate")), (401, Some("Bearer")), "{wrong}");
    }
    server.get(target, &[("Idempotency-Key", "k")]).await;
    assert_ne!(server.service.seen.lock().take().unwrap().4, [0; 32]);
    let long = "k".repeat(256);
    assert_eq!(server.get(target, &[("Idempotency-Key", &long)]).await.status, 400);
}

#[tokio::test]
async fn gzip_is_for_who_asks() {
    let server = start(|_| {}).await;
    let plain = server.query("large").await;
    assert_eq!((plain.header("content-encoding"), plain.body.len()), (None, 5_020));
    let headers = [("Content-Type", JSON), ("Accept-Encoding", "gzip, br")];
    let packed = server.request("POST", "/graphql", &headers, r#"{"query":"large"}"#).await;
    assert_eq!(packed.header("content-encoding"), Some("gzip"));
    let small = server.request("POST", "/graphql", &headers, r#"{"query":"q"}"#).await;
    assert_eq!(small.header("content-encoding"), None);
}
