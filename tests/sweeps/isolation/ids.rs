//! Foreign ids and cursors, where an id is read, filtered by or changed.

use super::{prefixes, visibility};
use crate::{
    kit::{
        Answered,
        Persona::{self, *},
        World, document,
        fixtures::{Fixtures, TeamFixtures},
        sdl,
    },
    scenario,
    sweeps::mutation_inputs,
};
use entity::{Id, Table};
use serde_json::{Value, json};
use std::collections::HashSet;

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

fn team_fixtures(fixtures: &Fixtures) -> [&TeamFixtures; 5] {
    [&fixtures.home, &fixtures.sibling, &fixtures.spare, &fixtures.other, &fixtures.abroad]
}

/// Ids of a noun that exist and are out of somebody's sight.
fn hidden<'a>(fixtures: &'a Fixtures, visibility: &HashSet<String>, prefix: &str) -> Vec<&'a str> {
    let ids = team_fixtures(fixtures).into_iter().filter_map(|fixture| fixture.ids.get(prefix));
    ids.filter(|id| !visibility.contains(*id)).map(String::as_str).collect()
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
        let fixtures = Fixtures::of(&world).await;
        let prefixes = prefixes(&world);
        for who in [Facilitator, Leader, Analyst] {
            let (visibility, token) = (visibility(&world, &fixtures, who).await, world.token(who));
            for field in sdl::fields("Query") {
                let taken = field.arguments.iter().filter(|arg| arg.ty.inner_named_type() == "ID");
                let taken: Vec<String> = taken.map(|arg| format!("{}: $id", arg.name)).collect();
                let (name, ty) = (field.name.as_str(), field.ty.inner_named_type().as_str());
                if taken.is_empty() || name == "nodes" {
                    continue;
                }
                let selection = match ty {
                    ty if ty == "Node" || sdl::is_node(ty) => "{ __typename id }",
                    ty if sdl::composite(ty) => "{ __typename }",
                    _ => "",
                };
                let nouns = match prefixes.get(ty) {
                    Some(prefix) => vec![*prefix],
                    None => prefixes.values().copied().collect(),
                };
                let document = format!("query($id: ID!) {{ {name}({}) {selection} }}", taken.join(", "));
                for noun in nouns {
                    let ask = async |id: &str| tell(&world, &token, &document, json!({ "id": id })).await;
                    let nothing = ask(&random(&world, noun)).await;
                    assert_eq!(nothing.json["data"], json!({ name: null }), "{name}: {}", nothing.text);
                    let ids = hidden(&fixtures, &visibility, noun).into_iter().map(str::to_owned);
                    for id in ids.chain(garbage(&world, noun)) {
                        let answer = ask(&id).await;
                        assert!(same(&answer, &nothing), "{name}({id}) of {who:?}: {}", answer.text);
                    }
                }
            }
            hidden_among_own(&world, &fixtures, who, &visibility).await;
        }
    }
}

/// `nodes`: what is hidden among what is one's own.
async fn hidden_among_own(world: &World, fixtures: &Fixtures, who: Persona, visibility: &HashSet<String>) {
    let (own, token) = (world.cast.person(who).1.to_string(), world.token(who));
    for noun in fixtures.abroad.ids.keys() {
        let ask = async |id: &str| {
            let ids = json!({ "ids": [id, own, id] });
            tell(world, &token, "query($ids: [ID!]!) { nodes(ids: $ids) { __typename id } }", ids).await
        };
        let nothing = ask(&random(world, noun)).await;
        let mine = json!({ "__typename": "Person", "id": own });
        assert_eq!(nothing.json["data"]["nodes"], json!([null, mine, null]), "{}", nothing.text);
        for id in hidden(fixtures, visibility, noun) {
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

fn filters(world: &World, fixtures: &Fixtures) -> Vec<Filtered> {
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
                    ("$own: ID!, ", body, prefix.and_then(|prefix| fixtures.home.ids.get(prefix)).cloned())
                }
            };
            let document = format!("query({head}$filter: {}) {{ {body} }}", filter.ty);
            found.push(Filtered { document, own, fields });
        }
    }
    found
}

/// What an id field of a filter names: `ownerId` is a member's, `leadId` a person's, `subjectId` anything's, the others say it.
fn noun_of(field: &str) -> &'static str {
    let name = field.strip_suffix("Id").unwrap_or(field);
    let table = Table::ALL.iter().find(|table| table.prefix() == name);
    let special = [("owner", "member"), ("lead", "person"), ("subject", "action")]
        .into_iter()
        .find(|(field, _)| *field == name);
    match special {
        Some((_, noun)) => noun,
        None => table.unwrap_or_else(|| panic!("{field} names what?")).prefix(),
    }
}

scenario! {
    async fn a_hidden_id_filters_like_a_random_one(world: World) {
        let fixtures = Fixtures::of(&world).await;
        let lists = filters(&world, &fixtures);
        assert!(lists.len() > 5, "lists are filtered by ids");
        for who in [Facilitator, Leader, Admin] {
            let (visibility, token) = (visibility(&world, &fixtures, who).await, world.token(who));
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
                            hidden(&fixtures, &visibility, noun).into_iter().map(str::to_owned).collect();
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
        let fixtures = Fixtures::of(&world).await;
        let mut wrong = vec![];
        let mut sights = vec![];
        for who in [Owner, Facilitator, Sponsor, Leader, Admin] {
            let token = world.token(who);
            sights.push((who, token, visibility(&world, &fixtures, who).await, permissions(&world, who).await));
        }
        for mutation in sdl::mutations() {
            let name = mutation.name.as_str();
            let valid = mutation_inputs::input(&world, &fixtures, name).await;
            for (who, token, visibility, permissions) in &sights {
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
                    let ids = hidden(&fixtures, visibility, noun).into_iter().map(str::to_owned);
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
        let fixtures = Fixtures::of(&world).await;
        for who in [Facilitator, Leader, Admin] {
            let visibility = visibility(&world, &fixtures, who).await;
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
                            assert!(visibility.contains(id), "{name} {ends} of {who:?} gave {id}");
                        }
                    }
                }
            }
        }
    }
}
