//! Who may do and see what: the policy as a table to read, and every mutation and every row tried by everybody.

use crate::{
    kit::{
        Answered,
        Persona::{self, *},
        World, document,
        fixtures::{self, Fixtures, StoredRow},
        sdl,
    },
    scenario,
    sweeps::{
        allowed, mutation_inputs,
        visibility::{CONTENT, Visibility},
    },
};
use apollo_compiler::ast::Value as Literal;
use concord::{
    http::Outcome,
    kernel::access::{Permission, Role},
};
use entity::Table;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

const MATRIX: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/access.matrix.txt");

#[test]
fn the_matrix_is_as_it_was() {
    let reads = Table::ALL.iter().map(|table| ("read", Permission::Read(*table)));
    let changes = Permission::MUTATIONS.iter().map(|permission| ("do", *permission));
    let roles: Vec<&str> = Role::ALL.iter().map(|role| role.name()).collect();
    let mut matrix = format!("{:<24}{}\n", "", roles.join("  "));
    for (verb, permission) in changes.chain(reads) {
        let mut line = format!("{:<24}", format!("{verb} {}", permission.field()));
        for role in Role::ALL {
            let held = if permission.roles().has(role) { "x" } else { "." };
            line.push_str(&format!("{held:<width$}", width = role.name().len() + 2));
        }
        matrix.push_str(line.trim_end());
        matrix.push('\n');
    }
    let before = std::fs::read_to_string(MATRIX).unwrap_or_default();
    if before != matrix {
        std::fs::write(MATRIX, &matrix).expect("the matrix is written");
        panic!("who may do what has changed: read the difference in tests/access.matrix.txt and commit it");
    }
}

#[test]
fn the_schema_says_what_the_policy_says() {
    let known: BTreeSet<&str> = Permission::MUTATIONS.iter().map(|permission| permission.field()).collect();
    let shown: BTreeSet<&str> = sdl::mutations().iter().map(|mutation| mutation.name.as_str()).collect();
    assert_eq!(known, shown, "every mutation has a permission, and every permission a mutation");
    for mutation in sdl::mutations() {
        let policy = permission(&mutation.name);
        let directive = mutation.directives.get("requires").expect("a mutation says whom it requires");
        let Some(Literal::List(roles)) = directive.specified_argument_by_name("roles").map(|roles| &**roles)
        else {
            panic!("{} says it without a list", mutation.name)
        };
        let said: Vec<&str> =
            roles.iter().filter_map(|role| role.as_enum()).map(|role| role.as_str()).collect();
        let meant: Vec<&str> = policy.roles().iter().map(|role| role.name()).collect();
        assert_eq!(said, meant, "{}", mutation.name);
        let doc = mutation.description.as_ref().expect("a description").as_str();
        assert!(
            doc.contains(&format!("Allowed for {}, only for clients they can access.", meant.join(", "))),
            "{doc}"
        );
    }
    for name in concord::schema::PERSONAL {
        let personal = sdl::fields("Mutation").into_iter().find(|field| field.name == *name);
        let personal = personal.unwrap_or_else(|| panic!("{name} is no mutation any more"));
        assert!(!personal.directives.has("requires"), "{name} is about the caller's own sign-in");
    }
}

pub fn permission(mutation: &str) -> Permission {
    let found = Permission::MUTATIONS.iter().find(|permission| permission.field() == mutation);
    *found.unwrap_or_else(|| panic!("{mutation} has no permission"))
}

pub fn role(who: Persona) -> Role {
    match who {
        Admin | Foreigner => Role::HeadOfficeAdmin,
        Analyst => Role::HeadOfficeAnalyst,
        Owner => Role::FranchiseOwner,
        Facilitator | Stranger => Role::Facilitator,
        Sponsor => Role::Sponsor,
        Leader => Role::Leader,
        Observer => Role::Observer,
    }
}

/// What became of a mutation, in a word: `done`, a refusal with its path, or a fault.
pub fn became(mutation: &str, answered: &Answered) -> String {
    if let Some(errors) = answered.json["errors"].as_array() {
        let code = errors[0]["extensions"]["code"].as_str().unwrap_or("no code");
        return format!("fault {code}");
    }
    match answered.json["data"][mutation]["errors"].as_array().map(Vec::as_slice) {
        Some([]) => "done".into(),
        Some([first, ..]) => {
            let path: Vec<&str> =
                first["path"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
            format!("{} {}", first["code"].as_str().unwrap_or_default(), path.join("."))
        }
        None => "no payload".into(),
    }
}

/// What the policy makes of it.
fn policy(mutation: &str, who: Persona) -> String {
    if !permission(mutation).roles().has(role(who)) {
        return "fault FORBIDDEN".into();
    }
    let far = matches!(who, Stranger | Foreigner);
    match (mutation_inputs::acted_on(mutation), mutation_inputs::refusal(mutation, who)) {
        (Some(id), _) if far => format!("NOT_FOUND input.{id}"),
        (_, Some(code)) => format!("{code} {}", mutation_inputs::refused_at(mutation)),
        _ => "done".into(),
    }
}

scenario! {
    async fn everybody_tries_every_mutation(world: World) {
        let fixtures = Fixtures::of(&world).await;
        let mut wrong = vec![];
        for mutation in sdl::mutations() {
            let name = mutation.name.as_str();
            let document = document(name, "");
            for who in Persona::ALL {
                let input = mutation_inputs::input(&world, &fixtures, name).await;
                let said = match mutation_inputs::id_acted_on(name, &input) {
                    Some(id) => allowed::said(&world, who, name, &id).await,
                    None => None,
                };
                let answered = world.ask(who, &document, json!({ "input": input })).await;
                let (was, wanted) = (became(name, &answered), policy(name, who));
                if said.is_some_and(|said| !allowed::was_true(said, &was)) {
                    wrong.push(format!("{name} by {who:?}: {was}, but `allowed` says {said:?}"));
                }
                if was != wanted {
                    wrong.push(format!("{name} by {who:?}: {was}, not {wanted}: {}", answered.text));
                }
            }
            let input = mutation_inputs::input(&world, &fixtures, name).await;
            let nobody = world.ask_nobody(&document, json!({ "input": input })).await;
            if became(name, &nobody) != "fault UNAUTHENTICATED" || nobody.outcome != Outcome::Unauthenticated {
                wrong.push(format!("{name} by nobody: {}", nobody.text));
            }
        }
        assert!(wrong.is_empty(), "{} answers against the policy:\n{}", wrong.len(), wrong.join("\n"));
    }
}

/// All rows of both networks, some audited changes among them.
async fn rows(world: &World, fixtures: &Fixtures) -> Vec<StoredRow> {
    let action = json!({ "id": fixtures.home.ids["action"], "title": "Call all customers" });
    world.done(Facilitator, "actionUpdate", action, "").await;
    world.done(Admin, "networkUpdate", json!({ "sessionGapDays": 30 }), "").await;
    world.done(Owner, "teamUpdate", json!({ "id": fixtures.spare.team, "name": "Board" }), "").await;
    let mut stored_rows = fixtures::stored_rows(world, world.cast.network).await;
    stored_rows.extend(fixtures::stored_rows(world, world.cast.abroad).await);
    stored_rows
}

scenario! {
    async fn everybody_sees_the_rows_that_are_theirs(world: World) {
        let fixtures = Fixtures::of(&world).await;
        let stored_rows = rows(&world, &fixtures).await;
        let mut wrong = vec![];
        for who in Persona::ALL {
            let visibility = Visibility::of(who, &world.cast, &fixtures, &stored_rows);
            for chunk in stored_rows.chunks(100) {
                let ids: Vec<&str> = chunk.iter().map(|row| row.id.as_str()).collect();
                let document = "query($ids: [ID!]!) { nodes(ids: $ids) { __typename id } }";
                let seen = world.read(who, document, json!({ "ids": ids })).await;
                for (row, node) in chunk.iter().zip(seen["nodes"].as_array().expect("nodes")) {
                    let sees = node["id"].as_str();
                    if sees != visibility.sees(row).then_some(row.id.as_str()) {
                        wrong.push(format!("{who:?} gets {node} for {row:?}"));
                    }
                }
            }
        }
        assert!(wrong.is_empty(), "{} rows against the policy:\n{}", wrong.len(), wrong.join("\n"));
    }
}

/// The type in the schema of each table's rows.
fn types(world: &World) -> BTreeMap<&'static str, Table> {
    let nodes = world.app.kernel.plans.shapes().filter(|shape| shape.is_node());
    nodes.filter_map(|shape| Some((shape.name, shape.source?.table))).collect()
}

scenario! {
    async fn every_list_is_what_its_reader_sees(world: World) {
        let fixtures = Fixtures::of(&world).await;
        let stored_rows = rows(&world, &fixtures).await;
        let types = types(&world);
        for who in Persona::ALL {
            let visibility = Visibility::of(who, &world.cast, &fixtures, &stored_rows);
            for field in sdl::fields("Query") {
                let (name, ty) = (field.name.as_str(), field.ty.inner_named_type().as_str());
                let Some(table) = sdl::paged(ty).and_then(|ty| types.get(ty)) else { continue };
                let asking = sdl::asking(field);
                let document = format!("{{ {name}({asking}first: 100) {{ totalCount nodes {{ id }} }} }}");
                let list = &world.read(who, &document, json!({})).await[name];
                let shown: BTreeSet<&str> =
                    list["nodes"].as_array().into_iter().flatten().filter_map(|node| node["id"].as_str()).collect();
                let theirs: BTreeSet<&str> = stored_rows
                    .iter()
                    .filter(|row| row.table == *table && visibility.sees(row))
                    .map(|row| row.id.as_str())
                    .collect();
                assert_eq!(shown, theirs, "{name} of {who:?}");
                // a list that the role never reads is null, and not empty
                let reads = Permission::Read(*table).roles().has(role(who));
                let total = if reads { json!(theirs.len()) } else { Value::Null };
                assert_eq!(list["totalCount"], total, "{name} of {who:?}");
            }
            for field in sdl::fields("Query").into_iter().filter(|field| field.arguments.len() == 1) {
                let (name, ty) = (field.name.as_str(), field.ty.inner_named_type().as_str());
                let Some(table) = types.get(ty) else { continue };
                let document = format!("query($id: ID!) {{ {name}(id: $id) {{ id }} }}");
                for row in stored_rows.iter().filter(|row| row.table == *table) {
                    let one = world.read(who, &document, json!({ "id": row.id })).await;
                    let wanted = if visibility.sees(row) { json!({ "id": row.id }) } else { Value::Null };
                    assert_eq!(one[name], wanted, "{name} of {who:?}: {row:?}");
                }
            }
        }
    }
}

const EVERYTHING_OF_A_CLIENT: &str = "query($id: ID!) { client(id: $id) {
    name progress { actionsOpen prioritiesCommitted sessionsHeld stagesPassed currentStage { title } }
    currentStage { title } programme { name stages { title confirmations { comment } history { nodes { kind } } } }
    nextSession { id } topPriorities { totalCount nodes { title } }
    priorities { totalCount nodes { title } } actions { totalCount nodes { title } }
    sessions { totalCount nodes { title } }
    teams { id members { name } actions { totalCount } priorities { totalCount } sessions { totalCount } }
} }";

scenario! {
    async fn head_office_sees_progress_and_no_content(world: World) {
        let fixtures = Fixtures::of(&world).await;
        let client = json!({ "id": world.cast.client });
        for who in [Admin, Analyst] {
            let seen = &world.read(who, EVERYTHING_OF_A_CLIENT, client.clone()).await["client"];
            // the counts of both teams of the client, the cast's own and the sibling
            assert_eq!(seen["progress"]["actionsOpen"], 2, "{who:?}: {seen}");
            assert_eq!(seen["progress"]["prioritiesCommitted"], 2);
            assert_eq!(seen["progress"]["sessionsHeld"], 2);
            assert_eq!(seen["currentStage"]["title"], "Stage 2");
            assert_eq!(seen["nextSession"], Value::Null);
            for list in ["topPriorities", "priorities", "actions", "sessions"] {
                assert_eq!(seen[list], Value::Null, "{list}");
            }
            for team in seen["teams"].as_array().expect("teams") {
                for list in ["members", "actions", "priorities", "sessions"] {
                    assert_eq!(team[list], Value::Null, "{list}");
                }
            }
            for stage in seen["programme"]["stages"].as_array().expect("stages") {
                assert_eq!((&stage["confirmations"], &stage["history"]), (&Value::Null, &Value::Null));
            }
            for table in CONTENT {
                let id = json!({ "id": fixtures.home.ids[table.prefix()] });
                let node = world.read(who, "query($id: ID!) { node(id: $id) { id } }", id).await;
                assert_eq!(node, json!({ "node": null }), "{table:?}");
            }
        }
    }
}

scenario! {
    async fn who_belongs_to_one_team_sees_that_team(world: World) {
        let fixtures = Fixtures::of(&world).await;
        let client = json!({ "id": world.cast.client });
        let actions = |seen: &Value| seen["actions"]["totalCount"].as_i64();
        for (who, teams, number) in
            [(Owner, 2, 2), (Facilitator, 2, 2), (Sponsor, 2, 2), (Leader, 1, 1), (Observer, 1, 1)]
        {
            let seen = &world.read(who, EVERYTHING_OF_A_CLIENT, client.clone()).await["client"];
            assert_eq!(seen["teams"].as_array().map(Vec::len), Some(teams), "{who:?}: {seen}");
            assert_eq!(actions(seen), Some(number), "{who:?}");
            assert_eq!(seen["sessions"]["totalCount"], number, "{who:?}");
            assert_eq!(seen["topPriorities"]["totalCount"], number, "{who:?}");
        }
        for who in [Stranger, Foreigner] {
            assert_eq!(world.read(who, EVERYTHING_OF_A_CLIENT, client.clone()).await["client"], Value::Null);
        }
        let spare = json!({ "id": fixtures.spare.client });
        for (who, seen) in [(Owner, true), (Facilitator, false), (Sponsor, false), (Leader, false)] {
            let client = &world.read(who, EVERYTHING_OF_A_CLIENT, spare.clone()).await["client"];
            assert_eq!(actions(client), seen.then_some(1), "{who:?} and the franchise's other client");
        }
        let sibling = json!({ "id": fixtures.sibling.ids["action"], "title": "Mine now" });
        assert_eq!(
            world.refused(Leader, "actionUpdate", sibling).await,
            ("NOT_FOUND".to_owned(), "input.id".to_owned())
        );
    }
}
