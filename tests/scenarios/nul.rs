//! The character U+0000, which no database takes: refused at the door, wherever it stands and whoever sends it, alike on
//! both databases.

use crate::{
    kit::{Persona::*, exchange, post},
    scenario,
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::{Value, json};

scenario! {
    async fn a_text_with_nul_is_refused_and_named(world: World) {
        let address = world.listen().await;
        let (client, team) = (world.cast.client.to_string(), world.cast.team.to_string());
        let token = world.token(Admin);
        let facilitator = world.token(Facilitator);
        let sign_in = "mutation($i: SignInInput!) { signIn(input: $i) { errors { code } } }";
        let forgot = "mutation($i: PasswordResetSendInput!) { passwordResetSend(input: $i) { done } }";
        let refresh = "mutation($i: TokenRefreshInput!) { tokenRefresh(input: $i) { errors { code } } }";
        let clients = "query($f: ClientFilter) { clients(filter: $f) { totalCount } }";
        let actions = "query($id: ID!, $f: ActionFilter) { client(id: $id) { actions(filter: $f) { totalCount } } }";
        let audit = "query($f: AuditEventFilter) { auditEvents(filter: $f) { totalCount } }";
        let search = "query($t: String!) { search(text: $t) { totalCount } }";
        let node = "query($id: ID!) { node(id: $id) { id } }";
        let page = "query($after: String) { clients(first: 1, after: $after) { totalCount } }";
        let import = "mutation($i: ActionImportInput!) { actionImport(input: $i) { createdCount errors { code } } }";
        let rename = "mutation($i: ClientUpdateInput!) { clientUpdate(input: $i) { errors { code } } }";
        let cases: Vec<(Option<&str>, &str, Value, Value)> = vec![
            (None, sign_in, json!({ "i": { "email": "a\0@b.example", "password": "x" } }), json!(["i", "email"])),
            (None, sign_in, json!({ "i": { "email": "a@b.example", "password": "x\0" } }), json!(["i", "password"])),
            (None, forgot, json!({ "i": { "email": "\0" } }), json!(["i", "email"])),
            (None, refresh, json!({ "i": { "refreshToken": "crt_\0" } }), json!(["i", "refreshToken"])),
            (Some(token.as_str()), clients, json!({ "f": { "name": { "eq": "a\0" } } }), json!(["f", "name", "eq"])),
            (Some(token.as_str()), clients, json!({ "f": { "name": { "contains": "\0" } } }), json!(["f", "name", "contains"])),
            (Some(token.as_str()), clients, json!({ "f": { "industry": { "in": ["C", "\0"] } } }), json!(["f", "industry", "in", 1])),
            (Some(token.as_str()), clients, json!({ "f": { "id": { "eq": "client_\0" } } }), json!(["f", "id", "eq"])),
            (Some(token.as_str()), audit, json!({ "f": { "requestId": { "startsWith": "\0" } } }), json!(["f", "requestId", "startsWith"])),
            (Some(token.as_str()), search, json!({ "t": "plan\0" }), json!(["t"])),
            (Some(token.as_str()), node, json!({ "id": format!("{client}\0") }), json!(["id"])),
            (Some(token.as_str()), page, json!({ "after": "\0" }), json!(["after"])),
            (Some(token.as_str()), rename, json!({ "i": { "id": client, "name": "Acorn\0" } }), json!(["i", "name"])),
            (Some(token.as_str()), "{ __typename }", json!({ "unused": { "a": "\0" } }), json!(["unused", "a"])),
            (
                Some(facilitator.as_str()),
                actions,
                json!({ "id": client, "f": { "or": [{ "title": { "eq": "\0" } }] } }),
                json!(["f", "or", 0, "title", "eq"]),
            ),
            (
                Some(facilitator.as_str()),
                import,
                json!({ "i": { "teamId": team, "csv": "external_id,owner,title,due_on\na,b\0,c,2026-04-01" } }),
                json!(["i", "csv"]),
            ),
        ];
        for (token, document, variables, path) in cases {
            let reply = post(address, token, document, variables.clone()).await;
            let error = &reply.json()["errors"][0];
            assert_eq!((reply.status, reply.code().as_str()), (400, "BAD_USER_INPUT"), "{variables}: {reply:?}");
            assert_eq!(error["extensions"]["path"], path, "{variables}");
            assert!(error["message"].as_str().is_some_and(|message| message.contains("U+0000")), "{error}");
        }
    }
}

scenario! {
    async fn nul_is_refused_in_documents_cursors_and_headers(world: World) {
        let address = world.listen().await;
        let region = world.cast.region.to_string();
        let token = world.token(Admin);
        // written out in the document, escaped or not
        for document in [
            "{ clients(filter: { name: { eq: \"\\u0000\" } }) { totalCount } }".to_owned(),
            "{ clients(filter: { name: { in: [\"a\", \"\\u0000\"] } }) { totalCount } }".to_owned(),
            "query($n: String = \"\\u0000\") { clients(filter: { name: { eq: $n } }) { totalCount } }".to_owned(),
            format!("mutation {{ regionUpdate(input: {{ id: \"{region}\", name: \"\\u0000\" }}) {{ errors {{ code }} }} }}"),
            "{ clients(filter: { name: { eq: \"\"\"\0\"\"\" } }) { totalCount } }".to_owned(),
            "{ # \0\n __typename }".to_owned(),
        ] {
            let reply = post(address, Some(&token), &document, json!({})).await;
            assert_eq!((reply.status, reply.code().as_str()), (400, "BAD_USER_INPUT"), "{document:?}: {reply:?}");
        }
        // inside a cursor of ours
        let forged = "query($after: String) { clients(first: 1, after: $after) { nodes { id } } }";
        let page = "{ clients(first: 1) { pageInfo { endCursor } } }";
        let cursor = post(address, Some(&token), page, json!({})).await.json()["data"]["clients"]["pageInfo"]["endCursor"].clone();
        let cursor = URL_SAFE_NO_PAD.decode(cursor.as_str().expect("a cursor")).expect("a cursor of ours");
        let mut values: Vec<Value> = serde_json::from_slice(&cursor).expect("values");
        let last = values.len() - 1;
        for at in 1..=last {
            let kept = std::mem::replace(&mut values[at], json!("a\0"));
            let after = URL_SAFE_NO_PAD.encode(serde_json::to_vec(&values).expect("json"));
            let reply = post(address, Some(&token), forged, json!({ "after": after })).await;
            assert_eq!(reply.code(), "BAD_USER_INPUT", "{reply:?}");
            values[at] = kept;
        }
        // HTTP takes it in no header
        let raw = format!(
            "POST /graphql HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-type: application/json\r\n\
             authorization: Bearer {token}\r\nidempotency-key: a\0b\r\ncontent-length: 2\r\n\r\n{{}}"
        );
        assert_eq!(exchange(address, raw.as_bytes()).await.status, 400);
        // nothing was logged as a fault of ours, and the server goes on
        assert_eq!(post(address, Some(&token), "{ clients { totalCount } }", json!({})).await.status, 200);
    }
}
