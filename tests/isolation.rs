//! One tenant in front of another's door: whatever is asked with a foreign id, cursor or token gets the answer that
//! nothing at all would get.

use crate::{
    estate::{self, Estate, Plot},
    inputs,
    kit::{Answered, Backend, Persona, Persona::*, World, document},
    scenario, sdl,
    sight::Sight,
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use concord::{
    http::Outcome,
    identity::{
        key::SigningKey,
        token::{Claims, sign},
    },
    kernel::db::Pools,
};
use entity::{Id, Table};
use futures::{StreamExt, stream};
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use serde_json::{Value, json};
use std::{
    collections::{BTreeMap, HashSet},
    pin::pin,
    sync::Arc,
    time::Duration,
};

/// A well-formed id of a noun that names nothing.
fn random(world: &World, prefix: &str) -> String {
    let id: Id<()> = world.seams.id();
    let mut text = vec![];
    entity::encode_id(prefix, id.uuid(), &mut text);
    String::from_utf8(text).expect("an id is text")
}

/// What is no id of the noun.
fn garbage(world: &World, prefix: &str) -> Vec<String> {
    let other = if prefix == "team" { "client" } else { "team" };
    let long = "x".repeat(5_000);
    let mut ids = vec![random(world, other), random(world, prefix).to_uppercase()];
    ids.extend(["", "' or 1=1 --", "00000000-0000-0000-0000-000000000000"].map(str::to_owned));
    ids.extend([format!("{prefix}_"), long]);
    ids
}

fn plots(estate: &Estate) -> [&Plot; 5] {
    [&estate.home, &estate.sibling, &estate.spare, &estate.other, &estate.abroad]
}

/// Ids of a noun that exist and are out of somebody's sight.
fn hidden<'a>(estate: &'a Estate, sight: &HashSet<String>, prefix: &str) -> Vec<&'a str> {
    let ids = plots(estate).into_iter().filter_map(|plot| plot.ids.get(prefix));
    ids.filter(|id| !sight.contains(*id)).map(String::as_str).collect()
}

/// The ids of all rows that somebody sees.
async fn sight(world: &World, estate: &Estate, who: Persona) -> HashSet<String> {
    let mut ledger = estate::ledger(world, world.cast.network).await;
    ledger.extend(estate::ledger(world, world.cast.abroad).await);
    let sight = Sight::of(who, &world.cast, estate, &ledger);
    ledger.iter().filter(|row| sight.sees(row)).map(|row| row.id.clone()).collect()
}

/// The prefix of each node type's ids.
fn prefixes(world: &World) -> BTreeMap<&'static str, &'static str> {
    let nodes = world.app.kernel.plans.shapes().filter(|shape| shape.is_node());
    nodes.filter_map(|shape| Some((shape.name, shape.source?.table.prefix()))).collect()
}

/// A request with a token that was signed and verified before: in a sweep of thousands that is most of the time.
async fn tell(world: &World, token: &str, document: &str, variables: Value) -> Answered {
    world.send(Some(token.to_owned()), document, variables, None).await
}

fn same(one: &Answered, other: &Answered) -> bool {
    (one.outcome, &one.text) == (other.outcome, &other.text)
}

scenario! {
    async fn a_hidden_id_reads_like_a_random_one(world: World) {
        let estate = Estate::of(&world).await;
        let prefixes = prefixes(&world);
        for who in [Facilitator, Leader, Analyst] {
            let (sight, token) = (sight(&world, &estate, who).await, world.token(who));
            for field in sdl::fields("Query") {
                let takes_id = field.arguments.iter().any(|arg| arg.ty.inner_named_type() == "ID");
                let (name, ty) = (field.name.as_str(), field.ty.inner_named_type().as_str());
                if !takes_id || name == "nodes" {
                    continue;
                }
                let nouns = match prefixes.get(ty) {
                    Some(prefix) => vec![*prefix],
                    None => prefixes.values().copied().collect(),
                };
                let document = format!("query($id: ID!) {{ {name}(id: $id) {{ __typename id }} }}");
                for noun in nouns {
                    let ask = async |id: &str| tell(&world, &token, &document, json!({ "id": id })).await;
                    let nothing = ask(&random(&world, noun)).await;
                    assert_eq!(nothing.json["data"], json!({ name: null }), "{name}: {}", nothing.text);
                    let ids = hidden(&estate, &sight, noun).into_iter().map(str::to_owned);
                    for id in ids.chain(garbage(&world, noun)) {
                        let answer = ask(&id).await;
                        assert!(same(&answer, &nothing), "{name}({id}) of {who:?}: {}", answer.text);
                    }
                }
            }
            hidden_among_own(&world, &estate, who, &sight).await;
        }
    }
}

/// `nodes`: what is hidden among what is one's own.
async fn hidden_among_own(world: &World, estate: &Estate, who: Persona, sight: &HashSet<String>) {
    let (own, token) = (world.cast.person(who).1.to_string(), world.token(who));
    for noun in estate.abroad.ids.keys() {
        let ask = async |id: &str| {
            let ids = json!({ "ids": [id, own, id] });
            tell(world, &token, "query($ids: [ID!]!) { nodes(ids: $ids) { __typename id } }", ids).await
        };
        let nothing = ask(&random(world, noun)).await;
        let mine = json!({ "__typename": "Person", "id": own });
        assert_eq!(nothing.json["data"]["nodes"], json!([null, mine, null]), "{}", nothing.text);
        for id in hidden(estate, sight, noun) {
            let answer = ask(id).await;
            assert!(same(&answer, &nothing), "nodes({id}) of {who:?}: {}", answer.text);
        }
    }
}

/// A list that can be filtered by an id.
struct Filtered {
    document: String,
    /// The id to start from, where the list is not at the root.
    own: Option<String>,
    /// The filter's fields that are ids, each with its noun.
    fields: Vec<(String, &'static str)>,
}

fn filters(world: &World, estate: &Estate) -> Vec<Filtered> {
    let prefixes = prefixes(world);
    let roots = [("Query", None), ("Viewer", None)].into_iter();
    let parents = roots.chain(prefixes.iter().map(|(ty, prefix)| (*ty, Some(*prefix))));
    let mut found = vec![];
    for (parent, prefix) in parents {
        for field in sdl::fields(parent) {
            let Some(filter) = field.arguments.iter().find(|arg| arg.name == "filter") else { continue };
            let tests = sdl::inputs(filter.ty.inner_named_type().as_str());
            let fields: Vec<(String, &'static str)> = tests
                .into_iter()
                .filter(|test| test.ty.inner_named_type() == "IdTest")
                .map(|test| (test.name.to_string(), noun_of(&test.name)))
                .collect();
            if fields.is_empty() {
                continue;
            }
            let list = format!(
                "{}({}first: 100, filter: $filter) {{ totalCount nodes {{ __typename }} }}",
                field.name,
                sdl::asking(field)
            );
            let (head, body, own) = match (parent, prefix) {
                ("Query", _) => ("", list, None),
                ("Viewer", _) => ("", format!("viewer {{ {list} }}"), None),
                (ty, prefix) => {
                    let body = format!("node(id: $own) {{ ... on {ty} {{ {list} }} }}");
                    ("$own: ID!, ", body, prefix.and_then(|prefix| estate.home.ids.get(prefix)).cloned())
                }
            };
            let document = format!("query({head}$filter: {}) {{ {body} }}", filter.ty);
            found.push(Filtered { document, own, fields });
        }
    }
    found
}

/// What an id field of a filter names: `ownerId` is a member's, `subjectId` anything's, the others say it.
fn noun_of(field: &str) -> &'static str {
    let name = field.strip_suffix("Id").unwrap_or(field);
    let table = Table::ALL.iter().find(|table| table.prefix() == name);
    let special = [("owner", "member"), ("subject", "action")].into_iter().find(|(field, _)| *field == name);
    if let Some((_, noun)) = special {
        noun
    } else {
        table.unwrap_or_else(|| panic!("{field} names what?")).prefix()
    }
}

scenario! {
    async fn a_hidden_id_filters_like_a_random_one(world: World) {
        let estate = Estate::of(&world).await;
        let lists = filters(&world, &estate);
        assert!(lists.len() > 5, "lists are filtered by ids");
        for who in [Facilitator, Leader, Admin] {
            let (sight, token) = (sight(&world, &estate, who).await, world.token(who));
            for Filtered { document, own, fields } in &lists {
                for (field, noun) in fields {
                    for shape in ["eq", "in", "and", "or", "not"] {
                        let filter = |id: &str| match shape {
                            "eq" => json!({ field: { "eq": id } }),
                            "in" => json!({ field: { "in": [id, id] } }),
                            "not" => json!({ "not": { field: { "eq": id } } }),
                            both => json!({ both: [{ field: { "eq": id } }, { field: { "in": [id] } }] }),
                        };
                        let ask = async |id: &str| {
                            let variables = match own {
                                Some(own) => json!({ "own": own, "filter": filter(id) }),
                                None => json!({ "filter": filter(id) }),
                            };
                            tell(&world, &token, document, variables).await
                        };
                        let nothing = ask(&random(&world, noun)).await;
                        assert!(nothing.json.get("errors").is_none(), "{document} {}", nothing.text);
                        let counts = nothing.text.contains("\"totalCount\":0") || nothing.text.contains("null");
                        assert!(counts || shape == "not", "{document} {field} {shape}: {}", nothing.text);
                        let mut ids: Vec<String> =
                            hidden(&estate, &sight, noun).into_iter().map(str::to_owned).collect();
                        if shape != "not" {
                            ids.extend(garbage(&world, noun));
                        }
                        for id in ids {
                            let answer = ask(&id).await;
                            let told = format!("{document} {field} {shape} {id} by {who:?}");
                            assert!(same(&answer, &nothing), "{told}:\n{}\n{}", answer.text, nothing.text);
                        }
                    }
                }
            }
        }
    }
}

scenario! {
    async fn a_hidden_id_changes_like_a_random_one(world: World) {
        let estate = Estate::of(&world).await;
        let mut wrong = vec![];
        let mut sights = vec![];
        for who in [Owner, Facilitator, Sponsor, Leader, Admin] {
            let token = world.token(who);
            sights.push((who, token, sight(&world, &estate, who).await, permissions(&world, who).await));
        }
        for mutation in sdl::mutations() {
            let name = mutation.name.as_str();
            let valid = inputs::input(&world, &estate, name).await;
            for (who, token, sight, permissions) in &sights {
                let who = *who;
                if !permissions.contains(name) {
                    continue;
                }
                for pointer in sdl::id_pointers(sdl::input_of(mutation)) {
                    let given = valid.pointer(&pointer).and_then(Value::as_str);
                    let given = given.unwrap_or_else(|| panic!("the fixture of {name} gives {pointer}"));
                    let (noun, _) = entity::split_id(given).expect("an id");
                    let ask = async |id: &str| {
                        let mut input = valid.clone();
                        *input.pointer_mut(&pointer).expect("it is there") = json!(id);
                        tell(&world, token, &document(name, ""), json!({ "input": input })).await
                    };
                    let nothing = ask(&random(&world, noun)).await;
                    let refused = nothing.json["data"][name]["errors"][0]["code"].is_string();
                    if !refused {
                        wrong.push(format!("{name} {pointer} by {who:?} with nothing: {}", nothing.text));
                    }
                    let ids = hidden(&estate, sight, noun).into_iter().map(str::to_owned);
                    for id in ids.chain(garbage(&world, noun)) {
                        let answer = ask(&id).await;
                        if !same(&answer, &nothing) {
                            let told = format!("{name} {pointer} {id} by {who:?}");
                            wrong.push(format!("{told:.300}:\n  {}\n  {}", answer.text, nothing.text));
                        }
                    }
                }
            }
        }
        assert!(wrong.is_empty(), "{} tell what is not theirs:\n{}", wrong.len(), wrong.join("\n"));
    }
}

/// The mutations that somebody is told they may run.
async fn permissions(world: &World, who: Persona) -> HashSet<String> {
    let told = world.read(who, "{ viewer { permissions } }", json!({})).await;
    let names = told["viewer"]["permissions"].as_array().into_iter().flatten();
    names.filter_map(|name| name.as_str().map(str::to_owned)).collect()
}

scenario! {
    async fn a_foreign_cursor_leads_nowhere_else(world: World) {
        let estate = Estate::of(&world).await;
        for who in [Facilitator, Leader, Admin] {
            let sight = sight(&world, &estate, who).await;
            for field in sdl::fields("Query") {
                if sdl::paged(field.ty.inner_named_type()).is_none() {
                    continue;
                }
                let (name, asking) = (field.name.as_str(), sdl::asking(field));
                let all = format!("{{ {name}({asking}first: 100) {{ edges {{ cursor }} }} }}");
                let theirs = world.read(Foreigner, &all, json!({})).await;
                // null where head office never reads such a list
                let edges = theirs[name]["edges"].as_array().into_iter().flatten();
                for cursor in edges.filter_map(|edge| edge["cursor"].as_str()) {
                    for ends in ["first: 100, after", "last: 100, before"] {
                        let document =
                            format!("query($c: String) {{ {name}({asking}{ends}: $c) {{ totalCount nodes {{ id }} }} }}");
                        let page = world.read(who, &document, json!({ "c": cursor })).await;
                        let nodes = page[name]["nodes"].as_array().into_iter().flatten();
                        for id in nodes.filter_map(|node| node["id"].as_str()) {
                            assert!(sight.contains(id), "{name} {ends} of {who:?} gave {id}");
                        }
                    }
                }
            }
        }
    }
}

/// All edges of a type, so many levels deep.
fn selection(ty: &str, depth: usize) -> String {
    let mut text = String::from("__typename");
    if sdl::is_node(ty) || ty == "Node" {
        text.push_str(" id");
    }
    if depth > 0 {
        for field in sdl::fields(ty).into_iter().filter(|field| sdl::bare(field)) {
            text.push_str(&edge(&field.name, field.ty.inner_named_type(), depth - 1, ""));
        }
    }
    text
}

/// A field that leads to objects, with what is below.
fn edge(name: &str, ty: &str, depth: usize, args: &str) -> String {
    match sdl::paged(ty) {
        // more than any list here has, and cheap enough to take hundreds of paths
        Some(ty) => format!(" {name}(first: 30) {{ totalCount nodes {{ {} }} }}", selection(ty, depth)),
        None if sdl::composite(ty) => format!(" {name}{args} {{ {} }}", selection(ty, depth)),
        None => String::new(),
    }
}

/// The documents that together take every path of four edges from the root.
fn paths(world: &World, estate: &Estate) -> Vec<String> {
    let prefixes = prefixes(world);
    let mut documents = vec![];
    for root in sdl::fields("Query") {
        let ty = root.ty.inner_named_type().as_str();
        let inner = sdl::paged(ty).unwrap_or(ty);
        let own = prefixes.get(inner).and_then(|prefix| estate.home.ids.get(prefix));
        let args = match (sdl::bare(root), own) {
            (true, _) => String::new(),
            (false, Some(id)) => format!("(id: \"{id}\")"),
            (false, None) => continue,
        };
        for first in sdl::fields(inner).into_iter().filter(|field| sdl::bare(field)) {
            let below = edge(&first.name, first.ty.inner_named_type(), 2, "");
            if below.is_empty() {
                continue;
            }
            let base = selection(inner, 0);
            documents.push(match sdl::paged(ty) {
                Some(_) => {
                    let asking = sdl::asking(root);
                    format!(
                        "{{ {}({asking}first: 100) {{ edges {{ node {{ {base}{below} }} }} }} }}",
                        root.name
                    )
                }
                None => format!("{{ {}{args} {{ {base}{below} }} }}", root.name),
            });
        }
    }
    documents
}

/// Every id in an answer; and complains of nulls that the schema rules out.
fn walk(of: &str, value: &Value, seen: &mut Vec<String>, at: &str) {
    let Value::Object(object) = value else {
        value.as_array().into_iter().flatten().for_each(|item| walk(of, item, seen, at));
        return;
    };
    for (key, value) in object {
        if key == "id" {
            seen.push(value.as_str().expect("an id is text").to_owned());
        }
        let Some(field) = sdl::fields(of).into_iter().find(|field| field.name == key.as_str()) else {
            continue;
        };
        assert!(!field.ty.is_non_null() || !value.is_null(), "{at}.{key} is null and must not be");
        walk(field.ty.inner_named_type(), value, seen, &format!("{at}.{key}"));
    }
}

scenario! {
    async fn no_path_leads_out_of_ones_own(world: World) {
        // documents that a client may not send, because they take hundreds of paths at once
        let world = World::with(world.backend, pools(2), |config| {
            config.limits.tokens = 1_000_000;
            config.limits.fields = 1_000_000;
            config.limits.cost = u32::MAX;
            config.rate.points = u32::MAX;
        })
        .await;
        let estate = Estate::of(&world).await;
        let documents = paths(&world, &estate);
        for who in [Facilitator, Leader] {
            let sight = sight(&world, &estate, who).await;
            let mut seen = HashSet::new();
            for document in &documents {
                let answer = world.read(who, document, json!({})).await;
                let mut ids = vec![];
                walk("Query", &answer, &mut ids, "Query");
                for id in ids {
                    assert!(sight.contains(&id), "{who:?} came to {id} by\n{document}");
                    seen.insert(id);
                }
            }
            assert!(seen.len() > 20, "{who:?} came around: {}", seen.len());
        }
    }
}

fn pools(each: u32) -> Pools {
    Pools { reads: each, writes: each, statement_timeout: Duration::from_secs(60), pooler: false }
}

const MINE: &str = "{ viewer { person { id name } network { id name } permissions } clients { totalCount nodes { id \
                    name actions { totalCount nodes { id } } teams { id members { id name } } } } \
                    people { totalCount nodes { id } } franchises { nodes { id name } } }";

/// Two tenants and a third within one of them, a thousand requests, one connection.
async fn a_thousand_at_once(backend: Backend) {
    let world = Arc::new(World::with(backend, pools(1), |_| {}).await);
    let estate = Estate::of(&world).await;
    let retitle = document("actionUpdate", "action { id title team { id } }");
    let rename = document("regionUpdate", "region { id name }");
    let action = |plot: &Plot, title: &str| json!({ "input": { "id": plot.ids["action"], "title": title } });
    let region = json!({ "input": { "id": estate.abroad.region, "name": "Uplands" } });
    let asked: Vec<(Persona, String, Value)> = vec![
        (Facilitator, MINE.into(), json!({})),
        (Foreigner, MINE.into(), json!({})),
        (Stranger, MINE.into(), json!({})),
        (Facilitator, retitle.clone(), action(&estate.home, "Ours")),
        (Stranger, retitle, action(&estate.other, "Theirs")),
        (Foreigner, rename, region),
    ];
    let mut own = vec![];
    for (who, document, variables) in &asked {
        let answered = world.ask(*who, document, variables.clone()).await;
        assert!(answered.json.get("errors").is_none(), "{who:?}: {}", answered.text);
        own.push(answered.text);
    }
    let asked = Arc::new(asked);
    // mostly reads, in an order that follows from a fixed seed
    let mut dice = 0x2545_f491_4f6c_dd1d_u64;
    let tasks = (0..1_000).map(|_| {
        dice ^= dice << 13;
        dice ^= dice >> 7;
        dice ^= dice << 17;
        let which = if dice.is_multiple_of(10) { 3 + dice as usize / 16 % 3 } else { dice as usize / 16 % 3 };
        let (world, asked) = (world.clone(), asked.clone());
        async move {
            let (who, document, variables) = &asked[which];
            (which, world.ask(*who, document, variables.clone()).await.text)
        }
    });
    // several at once for one connection: many would only wait until they are turned away
    let mut done = stream::iter(tasks).map(tokio::spawn).buffer_unordered(8);
    while let Some(done) = done.next().await {
        let (which, text) = done.expect("a request");
        assert_eq!(text, own[which], "{:?}", asked[which]);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_thousand_at_once_on_sqlite() {
    a_thousand_at_once(Backend::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_thousand_at_once_on_postgres() {
    a_thousand_at_once(Backend::Postgres).await;
}

scenario! {
    async fn access_ends_with_the_change_that_ends_it(world: World) {
        let estate = Estate::of(&world).await;
        let token = world.token(Facilitator);
        let see = async |token: &str, client: String| {
            let document = "query($id: ID!) { client(id: $id) { actions { totalCount } } }";
            let seen = world.send(Some(token.to_owned()), document, json!({ "id": client }), None).await;
            assert!(seen.json.get("errors").is_none(), "{}", seen.text);
            seen.json["data"]["client"].clone()
        };
        let one = json!({ "actions": { "totalCount": 1 } });
        // an assignment begins and ends
        let spare = estate.spare.client.to_string();
        assert_eq!(see(&token, spare.clone()).await, Value::Null);
        let part = json!({ "clientId": spare, "personId": world.cast.person(Facilitator).1, "part": "CO" });
        let given = world.done(Owner, "assignmentCreate", part, "assignment { id }").await;
        assert_eq!(see(&token, spare.clone()).await, one);
        world.done(Owner, "assignmentEnd", json!({ "id": given["assignment"]["id"] }), "").await;
        assert_eq!(see(&token, spare).await, Value::Null);
        // a client goes to another franchise
        let (home, action) = (estate.home.client.to_string(), estate.home.ids["action"].clone());
        let stranger = world.token(Stranger);
        assert_eq!(see(&stranger, home.clone()).await, Value::Null);
        let to = json!({
            "clientId": home, "franchiseId": world.cast.other_franchise,
            "leadId": world.cast.person(Stranger).1, "reason": "They moved",
        });
        world.transferred(to).await;
        assert_eq!(see(&token, home.clone()).await, Value::Null);
        assert_eq!(see(&world.token(Owner), home.clone()).await, Value::Null);
        assert_ne!(see(&stranger, home.clone()).await, Value::Null);
        let change = json!({ "input": { "id": action, "title": "Still mine?" } });
        let changed = world.send(Some(token), &document("actionUpdate", ""), change, None).await;
        // without a client left the permission is held nowhere
        let code = &changed.json["errors"][0]["extensions"]["code"];
        let refused = &changed.json["data"]["actionUpdate"]["errors"][0]["code"];
        assert!(code == "FORBIDDEN" || refused == "NOT_FOUND", "{}", changed.text);
    }
}

scenario! {
    async fn a_read_given_up_half_way_leaves_nothing_behind(world: World) {
        let world = World::with(world.backend, pools(1), |_| {}).await;
        let estate = Estate::of(&world).await;
        let id = &estate.home.ids["action"];
        let document = "query($id: ID!) { action(id: $id) { title } }";
        // pages below pages wait for one another, so the read is given up between two rounds of statements as well
        let deep =
            "{ clients(first: 2) { nodes { teams { actions(first: 2) { nodes { history { reason } } } } } } }";
        world.read(Facilitator, deep, json!({})).await;
        let mut given_up = 0;
        for polls in (1..80).map(|step| step * step) {
            {
                let mut read = pin!(world.ask(Facilitator, deep, json!({})));
                let mut done = false;
                for _ in 0..polls {
                    done = done || futures::poll!(read.as_mut()).is_ready();
                    tokio::task::yield_now().await;
                }
                given_up += i32::from(!done);
            }
            // on a connection left in a transaction, this would be read as it was before
            let title = format!("Call {polls}");
            world.done(Facilitator, "actionUpdate", json!({ "id": id, "title": title }), "").await;
            let seen = world.read(Facilitator, document, json!({ "id": id })).await;
            assert_eq!(seen["action"]["title"], title.as_str(), "after {polls} polls");
        }
        assert!(given_up > 0, "every read was through before it was given up");
    }
}

scenario! {
    async fn a_role_ends_with_its_membership(world: World) {
        let estate = Estate::of(&world).await;
        let token = world.token(Leader);
        let (mine, none) = ("{ viewer { memberships { nodes { id } } } clients { totalCount } }", json!({}));
        let before = world.send(Some(token.clone()), mine, none.clone(), None).await;
        assert_eq!(before.json["data"]["clients"]["totalCount"], 1);
        let id = &before.json["data"]["viewer"]["memberships"]["nodes"][0]["id"];
        world.done(Owner, "membershipEnd", json!({ "id": id }), "").await;
        let after = world.send(Some(token.clone()), mine, none, None).await;
        assert_eq!(after.json["data"]["clients"], Value::Null, "{}", after.text);
        let step = json!({ "input": { "id": estate.home.ids["action"] } });
        let done = world.send(Some(token), &document("actionComplete", ""), step, None).await;
        assert_eq!(done.json["errors"][0]["extensions"]["code"], "FORBIDDEN", "{}", done.text);
    }
}

/// The claims of a good token of the facilitator.
fn claims(world: &World) -> Claims {
    let token = world.token(Facilitator);
    let middle = token.split('.').nth(1).expect("a JWT has three parts");
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(middle).expect("base64url")).expect("claims")
}

/// Tokens that look like ours and are not.
fn forgeries(world: &World) -> Vec<(&'static str, String)> {
    let ours = world.app.door.ring.signer().expect("a key");
    let theirs = SigningKey::generate(&mut world.seams.rng()).expect("a key");
    let good = claims(world);
    let now = world.seams.now().timestamp();
    let part = |json: &Value| URL_SAFE_NO_PAD.encode(json.to_string());
    let said = part(&serde_json::to_value(&good).expect("claims"));
    let none = json!({ "typ": "at+jwt", "alg": "none", "kid": ours.kid() });
    let header = |algorithm| {
        let mut header = Header::new(algorithm);
        header.typ = Some("at+jwt".into());
        header.kid = Some(ours.kid().to_owned());
        header
    };
    let public = URL_SAFE_NO_PAD.decode(ours.public().x()).expect("base64url");
    let pem = theirs.to_pem().expect("PEM");
    let pem = EncodingKey::from_ed_pem(pem.as_bytes()).expect("a key");
    let hmac = |secret: &[u8]| {
        jsonwebtoken::encode(&header(Algorithm::HS256), &good, &EncodingKey::from_secret(secret))
            .expect("JWT")
    };
    let with = |claims: Claims| sign(&ours, &claims).expect("a token");
    let genuine = with(good.clone());
    let (front, signature) = genuine.rsplit_once('.').expect("a JWT");
    let foreign = world.cast.abroad.uuid();
    vec![
        ("alg none", format!("{}.{said}.", part(&none))),
        ("alg none, with a signature", format!("{}.{said}.{signature}", part(&none))),
        ("HS256 with the public key's bytes", hmac(&public)),
        ("HS256 with the public key's text", hmac(ours.public().x().as_bytes())),
        ("a foreign key under its own kid", sign(&theirs, &good).expect("a token")),
        (
            "a foreign key under our kid",
            jsonwebtoken::encode(&header(Algorithm::EdDSA), &good, &pem).expect("JWT"),
        ),
        ("no signature", format!("{front}.")),
        ("expired", with(Claims { iat: now - 900, nbf: now - 900, exp: now - 600, ..good.clone() })),
        ("not yet valid", with(Claims { nbf: now + 600, exp: now + 900, ..good.clone() })),
        ("another audience", with(Claims { aud: "others".into(), ..good.clone() })),
        ("another issuer", with(Claims { iss: "others".into(), ..good.clone() })),
        ("a person of another network", with(Claims { nid: foreign, ..good.clone() })),
        ("a person who is not", with(Claims { sub: foreign, ..good })),
        ("no JWT", "open sesame".into()),
        ("nothing", String::new()),
    ]
}

scenario! {
    async fn a_token_that_is_not_ours_opens_nothing(world: World) {
        let ask = async |token: String, document: &str| world.send(Some(token), document, json!({}), None).await;
        let good = ask(world.token(Facilitator), "{ viewer { person { name } } }").await;
        assert_eq!(good.json["data"]["viewer"]["person"]["name"], "Facilitator", "{}", good.text);
        for (what, token) in forgeries(&world) {
            for document in ["{ viewer { person { name } } }", "mutation { signOut { errors { code } } }"] {
                let answer = ask(token.clone(), document).await;
                assert_eq!(answer.outcome, Outcome::Unauthenticated, "{what}: {}", answer.text);
                assert!(!answer.text.contains("Facilitator"), "{what}: {}", answer.text);
                assert_eq!(answer.json["errors"][0]["extensions"]["code"], "UNAUTHENTICATED", "{what}");
            }
        }
    }
}
