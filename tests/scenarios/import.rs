//! Imports: tables of text become clients, members and actions by the rules of their own mutations, once.

mod waits;

use crate::{
    kit::{
        Backend,
        Persona::{self, *},
        World, assert_counts, document, post, verify_chains,
    },
    scenario,
};
use base64::{Engine, engine::general_purpose::STANDARD};
use concord::kernel::{RequestInfo, Write, access::Permission, statements_written};
use entity::{
    import_key,
    member::{self, MemberStatus},
    team,
};
use sea_orm::{ColumnTrait, ConnectionTrait, DatabaseConnection, EntityTrait, PaginatorTrait, QueryFilter};
use serde_json::{Value, json};
use std::{cell::Cell, ops::Range, time::Duration};

/// Longest that an answer takes that waits for nobody.
const PATIENCE: Duration = Duration::from_secs(20);

const ROWS: &str = "createdCount existingCount refusedCount rows { row externalId outcome id errors { column code message } }";

/// An import that is answered, with or without refusals: its payload.
async fn import(world: &World, mutation: &str, mut input: Value, csv: &str, dry: bool) -> Value {
    input["csv"] = json!(csv);
    input["dryRun"] = json!(dry);
    world.change(Facilitator, mutation, input, ROWS).await
}

fn counts(payload: &Value) -> [i64; 3] {
    ["createdCount", "existingCount", "refusedCount"].map(|count| payload[count].as_i64().expect("a count"))
}

/// Each row's errors: column and code.
fn told(payload: &Value) -> Vec<Vec<(String, String)>> {
    let text = |value: &Value| value.as_str().unwrap_or("-").to_owned();
    let errors = |row: &Value| -> Vec<(String, String)> {
        let errors = row["errors"].as_array().expect("errors").iter();
        errors.map(|error| (text(&error["column"]), text(&error["code"]))).collect()
    };
    payload["rows"].as_array().expect("rows").iter().map(errors).collect()
}

async fn titles(world: &World) -> Vec<String> {
    let document =
        "query($id: ID!) { team(id: $id) { actions(orderBy: [{ field: TITLE }]) { nodes { title } } } }";
    let seen = world.read(Facilitator, document, json!({ "id": world.cast.team })).await;
    let nodes = seen["team"]["actions"]["nodes"].as_array().expect("actions").clone();
    nodes.iter().map(|node| node["title"].as_str().expect("a title").to_owned()).collect()
}

scenario! {
    async fn the_same_rows_twice_are_made_once(world: World) {
        let team = || json!({ "teamId": world.cast.team });
        let people = "external_id,name,job_title,email\nhr-1,Zofia Żak,Buyer,zofia@acorn.example\nhr-2,\"Reed, Tom\",,\n";
        let tried = import(&world, "memberImport", team(), people, true).await;
        assert_eq!((counts(&tried), &tried["errors"], &tried["rows"][0]["id"]), ([2, 0, 0], &json!([]), &Value::Null));
        let made = import(&world, "memberImport", team(), people, false).await;
        assert_eq!((counts(&made), &made["errors"]), ([2, 0, 0], &json!([])), "the dry run made nothing");
        let again = import(&world, "memberImport", team(), people, false).await;
        assert_eq!(counts(&again), [0, 2, 0]);
        assert_eq!(again["rows"][1]["id"], made["rows"][1]["id"]);
        // owners by the id they were imported with, by address, and by their own
        let leader = world.cast.leader;
        let work = format!(
            "due_on,external_id,owner,title,detail\n2026-04-01,t-1,hr-2,Call the harbour,\n\
             2026-04-02,t-2,Zofia@acorn.example,Weigh the grain,Twice\n2026-04-03,t-3,{leader},Sign,\n"
        );
        let made = import(&world, "actionImport", team(), &work, false).await;
        assert_eq!((counts(&made), &made["errors"]), ([3, 0, 0], &json!([])));
        assert_eq!(titles(&world).await, ["Call the harbour", "Sign", "Weigh the grain"]);
        let more = work + "2026-04-04,t-4,hr-1,Weigh again,\n";
        let made = import(&world, "actionImport", team(), &more, false).await;
        assert_eq!(counts(&made), [1, 3, 0]);
        let id = json!({ "id": made["rows"][3]["id"] });
        let action = world.read(Facilitator, "query($id: ID!) { action(id: $id) { status owner { name } } }", id).await;
        assert_eq!(action["action"], json!({ "status": "OFFERED", "owner": { "name": "Zofia Żak" } }));
        let found = world.read(Facilitator, "{ search(text: \"harbour\") { totalCount } }", json!({})).await;
        assert_eq!(found["search"]["totalCount"], 1, "what is imported is found");
    }
}

scenario! {
    async fn every_row_tells_all_that_is_wrong_with_it_and_nothing_is_made(world: World) {
        let team = || json!({ "teamId": world.cast.team });
        let (leader, stranger) = (world.cast.leader, world.cast.other_member);
        let long = "x".repeat(201);
        let work = format!(
            "external_id,owner,title,due_on\na,{leader},Good,2026-04-01\nb,{leader},,soon\nc,{stranger},Their work,2026-04-01\n\
             a,{leader},Again,2026-04-01\n,{leader},{long},2020-01-01\nd,{leader},{long},2020-01-01\n"
        );
        let expected = [
            vec![],
            vec![("due_on", "INVALID"), ("title", "INVALID")],
            vec![("owner", "OWNER_NOT_ELIGIBLE")],
            vec![("external_id", "INVALID")],
            vec![("external_id", "INVALID")],
            vec![("title", "INVALID"), ("due_on", "INVALID")],
        ];
        for dry in [true, false] {
            let payload = import(&world, "actionImport", team(), &work, dry).await;
            assert_eq!(counts(&payload), [1, 0, 5]);
            let told = told(&payload);
            let told: Vec<Vec<(&str, &str)>> =
                told.iter().map(|row| row.iter().map(|(column, code)| (&**column, &**code)).collect()).collect();
            assert_eq!(told, expected);
            assert_eq!(payload["errors"].as_array().map(Vec::len), Some(usize::from(!dry)), "a dry run is no refusal");
            assert_eq!(titles(&world).await, Vec::<String>::new());
        }
        let taken = "external_id,name,email\n1,One,same@acorn.example\n2,Two,same@acorn.example\n";
        let payload = import(&world, "memberImport", team(), taken, true).await;
        assert_eq!(told(&payload)[1], [("email".to_owned(), "TAKEN".to_owned())], "rows see those before them");
        for (mutation, csv) in [
            ("actionImport", "external_id,title\n1,One\n".to_owned()),
            ("actionImport", String::new()),
            ("memberImport", format!("external_id,name\n{}", "1,One\n".repeat(1_001))),
        ] {
            let payload = import(&world, mutation, team(), &csv, true).await;
            assert_eq!(payload["errors"][0]["path"], json!(["input", "csv"]), "{payload}");
            assert_eq!(payload["rows"], json!([]));
        }
    }
}

scenario! {
    async fn clients_come_with_lead_and_team(world: World) {
        let lead = world.cast.person(Facilitator).1;
        let region = world.read(Admin, "{ regions { nodes { code } } }", json!({})).await;
        let code = region["regions"]["nodes"][0]["code"].as_str().expect("a code").to_owned();
        let file = format!(
            "external_id,name,industry,size_band,time_zone,region,lead,team_name\n\
             crm-7,Dunmore Glass,C,medium,Europe/Dublin,{code},{lead},Board\n\
             crm-8,Eyre Shipping,H,LARGE,Europe/Lisbon,{code},{lead},\n"
        );
        let input = |csv: &str| json!({ "franchiseId": world.cast.franchise, "csv": csv });
        let payload = world.done(Owner, "clientImport", input(&file), ROWS).await;
        assert_eq!(counts(&payload), [2, 0, 0]);
        let ids = json!({ "id": payload["rows"][0]["id"] });
        let client = world.read(Facilitator, "query($id: ID!) { client(id: $id) { name sizeBand teams { name } } }", ids).await;
        assert_eq!(client["client"], json!({ "name": "Dunmore Glass", "sizeBand": "MEDIUM", "teams": [{ "name": "Board" }] }));
        let again = world.done(Admin, "clientImport", input(&file), ROWS).await;
        assert_eq!(counts(&again), [0, 2, 0], "whoever imports it");
        let wrong = file.replace("crm-8", "crm-9").replace(&format!("Lisbon,{code}"), "Atlantis,XX").replace("LARGE", "HUGE");
        let payload = world.change(Owner, "clientImport", input(&wrong), ROWS).await;
        assert_eq!(counts(&payload), [0, 1, 1]);
        let columns: Vec<String> = told(&payload)[1].iter().map(|(column, _)| column.clone()).collect();
        assert_eq!(columns, ["size_band", "region", "time_zone", "name"], "all that is wrong");
        let forbidden = world.ask(Facilitator, &document("clientImport", ""), json!({ "input": input(&file) })).await;
        assert_eq!(forbidden.json["errors"][0]["extensions"]["code"], "FORBIDDEN");
    }
}

scenario! {
    async fn a_file_that_cannot_be_read_with_certainty_names_its_line(world: World) {
        let team = || json!({ "teamId": world.cast.team });
        let leader = world.cast.leader;
        let row = |id: &str, detail: &str| format!("{id},{leader},Call,2026-04-01,{detail}\n");
        let header = "external_id,owner,title,due_on,detail\n";
        for (rows, message) in [
            (
                [row("a", "fine"), row("b", "\"open"), row("c", ""), row("d", ""), row("e", "")].concat(),
                "The quotation mark that opens on line 3 is never closed.",
            ),
            (
                [row("a", "fine"), row("b", "\"open"), row("c", "by \"accident\" closed"), row("d", "")].concat(),
                "Line 4: text stands behind the quotation mark that closes a cell. The cell opens on line 3; double each \
                 quotation mark inside it.",
            ),
            (
                [row("a", "fine"), row("b", "\"One\" x")].concat(),
                "Line 3: text stands behind the quotation mark that closes a cell. The cell opens on line 3; double each \
                 quotation mark inside it.",
            ),
        ] {
            for dry in [true, false] {
                let payload = import(&world, "actionImport", team(), &format!("{header}{rows}"), dry).await;
                assert_eq!((&payload["errors"][0]["message"], &payload["rows"]), (&json!(message), &json!([])));
            }
        }
        let ragged = format!("{header}\n{}b,{leader},Call,2026-04-01\n{}", row("a", "\"of two\nlines\""), row("c", "fine,more"));
        let payload = import(&world, "actionImport", team(), &ragged, false).await;
        let told: Vec<(&Value, &Value)> =
            payload["rows"].as_array().expect("rows").iter().map(|row| (&row["row"], &row["outcome"])).collect();
        let lines = [(json!(3), json!("CREATED")), (json!(5), json!("REFUSED")), (json!(6), json!("REFUSED"))];
        assert_eq!(told, lines.iter().map(|(line, outcome)| (line, outcome)).collect::<Vec<_>>());
        assert_eq!(payload["rows"][1]["errors"][0]["message"], "The row has 4 cells, and the header 5.");
        assert_eq!(titles(&world).await, Vec::<String>::new());
    }
}

scenario! {
    async fn files_of_other_programs_are_imported(world: World) {
        let wide = |text: &str| {
            let units = std::iter::once(0xfeff).chain(text.encode_utf16());
            STANDARD.encode(units.flat_map(u16::to_le_bytes).collect::<Vec<u8>>())
        };
        let tables = [
            json!({ "csv": "External_ID , NAME\r\n1,Ann\r\n,\r\n" }),
            json!({ "csv": "external_id;name;;\n2;Bea;;\n;;;\n" }),
            json!({ "csv": "external_id\tname\n\n3\tCid\n" }),
            json!({ "csv": "sep=;\nexternal_id;name\n4;\"Dan; junior\"\n" }),
            json!({ "csvBase64": wide("external_id\tname\r\n5\tŁucja\r\n") }),
            json!({ "csvBase64": STANDARD.encode("\u{feff}external_id,name\n6,Zoë\n") }),
        ];
        for mut input in tables {
            input["teamId"] = json!(world.cast.team);
            let payload = world.done(Facilitator, "memberImport", input.clone(), ROWS).await;
            assert_eq!(counts(&payload), [1, 0, 0], "{input}");
        }
        let look = "query($id: ID!) { team(id: $id) { members { name } } }";
        let seen = world.read(Facilitator, look, json!({ "id": world.cast.team })).await;
        let names: Vec<&Value> = seen["team"]["members"].as_array().expect("members").iter().map(|member| &member["name"]).collect();
        for name in ["Ann", "Bea", "Cid", "Dan; junior", "Łucja", "Zoë"] {
            assert!(names.contains(&&json!(name)), "{name} in {names:?}");
        }
        for input in [
            json!({}),
            json!({ "csv": "external_id,name\n7,Eve\n", "csvBase64": "" }),
            json!({ "csvBase64": STANDARD.encode(b"external_id,name\n7,Ren\xe9\n") }),
            json!({ "csvBase64": STANDARD.encode(b"external_id,name\n7,E\0ve\n") }),
            json!({ "csv": format!("external_id,name\n7,{}\n", "x".repeat(700_000)) }),
        ] {
            let mut input = input;
            input["teamId"] = json!(world.cast.team);
            assert_eq!(world.refused(Facilitator, "memberImport", input).await.0, "INVALID");
        }
    }
}

// All that is promised, of each kind.
scenario! {
    async fn a_thousand_rows_are_imported(world: World) {
        let region = world.read(Admin, "{ regions { nodes { code } } }", json!({})).await;
        let code = region["regions"]["nodes"][0]["code"].as_str().expect("a code").to_owned();
        let lead = world.cast.person(Facilitator).1;
        let table = |header: &str, row: &dyn Fn(usize) -> String| {
            (0..1_000).map(row).fold(format!("{header}\n"), |text, row| text + &row + "\n")
        };
        let clients = table("external_id,name,industry,size_band,time_zone,region,lead", &|at| {
            format!("crm-{at},Client {at},C,medium,Europe/Dublin,{code},{lead}")
        });
        let members = table("external_id,name,email", &|at| format!("hr-{at},Member {at},member.{at}@acorn.example"));
        let actions = table("external_id,owner,title,due_on", &|at| format!("t-{at},hr-{at},Weigh {at},2026-04-01"));
        let team = json!({ "teamId": world.cast.team });
        let franchise = json!({ "franchiseId": world.cast.franchise });
        for (who, mutation, input, csv) in [
            (Owner, "clientImport", franchise, clients),
            (Facilitator, "memberImport", team.clone(), members),
            (Facilitator, "actionImport", team, actions),
        ] {
            for (dry, expected) in [(true, [1_000, 0, 0]), (false, [1_000, 0, 0]), (false, [0, 1_000, 0])] {
                let mut input = input.clone();
                input["csv"] = json!(csv);
                input["dryRun"] = json!(dry);
                let payload = world.done(who, mutation, input, "createdCount existingCount refusedCount").await;
                assert_eq!(counts(&payload), expected, "{mutation}, dry: {dry}");
            }
        }
        let found = world.read(Facilitator, "{ search(text: \"weigh 999\") { totalCount } }", json!({})).await;
        assert_eq!(found["search"]["totalCount"], 1);
        let behind = world.home.behind().await;
        verify_chains(&behind).await.expect("the chains hold");
        assert_counts(&behind).await;
    }
}

/// How many statements an import of so many rows takes, dry and then done.
async fn statements(world: &World, mutation: &str, mut input: Value, csv: &str, who: Persona) -> [u64; 2] {
    input["csv"] = json!(csv);
    let mut counted = [0, 0];
    for (at, dry) in [true, false].into_iter().enumerate() {
        input["dryRun"] = json!(dry);
        // a change of access makes the next request look the caller up anew
        world.read(who, "{ viewer { person { id } } }", json!({})).await;
        let before = statements_written();
        let payload = world.done(who, mutation, input.clone(), "createdCount").await;
        counted[at] = statements_written() - before;
        assert_eq!(payload["createdCount"], csv.lines().count() - 1, "{mutation}, dry: {dry}");
    }
    counted
}

scenario! {
    async fn a_portion_takes_as_many_statements_whatever_the_number_of_portions(world: World) {
        let region = world.read(Admin, "{ regions { nodes { code } } }", json!({})).await;
        let code = region["regions"]["nodes"][0]["code"].as_str().expect("a code").to_owned();
        let lead = world.cast.person(Facilitator).1;
        let (team, franchise) = (json!({ "teamId": world.cast.team }), json!({ "franchiseId": world.cast.franchise }));
        let table = |header: &str, from: usize, rows: usize, row: &dyn Fn(usize) -> String| {
            (from..from + rows).map(row).fold(format!("{header}\n"), |text, row| text + &row + "\n")
        };
        let of_clients = |from, rows| table("external_id,name,industry,size_band,time_zone,region,lead", from, rows, &|at| {
            format!("crm-{at},Client {at},C,medium,Europe/Dublin,{code},{lead}")
        });
        let of_actions =
            |from, rows| table("external_id,owner,title,due_on", from, rows, &|at| format!("t-{at},hr-{at},Weigh {at},2026-04-01"));
        type Table<'a> = &'a dyn Fn(usize, usize) -> String;
        let imports: [(Persona, &str, &Value, Table<'_>); 3] = [
            (Owner, "clientImport", &franchise, &of_clients),
            (Facilitator, "memberImport", &team, &|from, rows| people(from..from + rows)),
            (Facilitator, "actionImport", &team, &of_actions),
        ];
        for (who, mutation, input, csv) in imports {
            // a portion has up to 100 rows
            let [few, one] = [(0, 10), (10, 100)].map(|(from, rows)| csv(from, rows));
            let [two, four] = [(110, 200), (310, 400)].map(|(from, rows)| csv(from, rows));
            let few = statements(&world, mutation, input.clone(), &few, who).await;
            let one = statements(&world, mutation, input.clone(), &one, who).await;
            let two = statements(&world, mutation, input.clone(), &two, who).await;
            let four = statements(&world, mutation, input.clone(), &four, who).await;
            assert!([few, one, two, four].iter().all(|[dry, _]| *dry == few[0]), "{mutation}, dry");
            // clients fall to the audit chains by their ids: more of them to a chain more
            let chains = if mutation == "clientImport" { 16 } else { 0 };
            assert!(one[1].saturating_sub(few[1]) <= chains, "{mutation}: {few:?} and {one:?}");
            let [portion, more] = [two[1] - one[1], (four[1] - two[1]) / 2];
            assert!(portion.abs_diff(more) <= 2 && portion < 60, "{mutation}: {one:?}, {two:?} and {four:?}");
        }
    }
}

scenario! {
    async fn what_is_promised_fits_into_a_request(world: World) {
        let address = world.listen().await;
        let leader = world.cast.leader;
        let rows: String = (0..1_000)
            .map(|at| format!("t-{at:04},{leader},Взвесить зерно {at:04},2026-04-01,"))
            .map(|row| format!("{row}{}\n", "\u{44f}".repeat((697 - row.len()) / 2)))
            .collect();
        let csv = format!("external_id,owner,title,due_on,detail\n{rows}");
        assert!((690_000..=700_000).contains(&csv.len()), "{}", csv.len());
        let input = json!({ "teamId": world.cast.team, "csvBase64": STANDARD.encode(&csv), "dryRun": true });
        let import = document("actionImport", "createdCount");
        let reply = post(address, Some(&world.token(Facilitator)), &import, json!({ "input": input })).await;
        assert_eq!(reply.json()["data"]["actionImport"]["createdCount"], 1_000, "{reply:?}");
        // a template's document, of which JSON escapes every second byte once more
        let text = format!("{{\"format\":\"{}\"}}", "\\\"".repeat(99_000));
        let import = document("templateImport", "");
        let reply = post(address, Some(&world.token(Admin)), &import, json!({ "input": { "document": text } })).await;
        assert_eq!((reply.status, &reply.json()["data"]["templateImport"]["errors"][0]["code"]), (200, &json!("INVALID")), "{reply:?}");
    }
}

/// A table of members to come.
fn people(numbers: Range<usize>) -> String {
    let row = |at| format!("hr-{at},Member {at},m{at}@acorn.example\n");
    "external_id,name,email\n".to_owned() + &numbers.map(row).collect::<String>()
}

/// How many rows were imported so far.
async fn saved(behind: &DatabaseConnection) -> u64 {
    import_key::Entity::find().count(behind).await.expect("a count")
}

/// Somebody else's transaction that holds what an import into the team needs: the lock on the team, and SQLite's only
/// writer.
async fn held_team(world: &World) -> Write {
    let (network, person, _) = world.cast.person(Sponsor);
    let caller = world
        .app
        .kernel
        .caller(network, person, RequestInfo::default())
        .await
        .expect("a look")
        .expect("a caller");
    caller
        .write::<team::Entity>(Permission::MemberCreate, Some(world.cast.team), "team")
        .await
        .expect("the team")
        .0
}

scenario! {
    async fn a_file_that_is_not_imported_waits_for_no_writer(world: World) {
        let writer = held_team(&world).await;
        let looks = async {
            let team = || json!({ "teamId": world.cast.team });
            let dry = import(&world, "memberImport", team(), &people(0..250), true).await;
            assert_eq!(counts(&dry), [250, 0, 0]);
            let refused = import(&world, "memberImport", team(), &(people(0..250) + "hr-1,Again,\n"), false).await;
            assert_eq!(counts(&refused), [250, 0, 1]);
        };
        tokio::time::timeout(PATIENCE, looks).await.expect("answers meanwhile");
        writer.roll_back().await.expect("the end");
        let (network, person, _) = world.cast.person(Admin);
        let admin = world.app.kernel.caller(network, person, RequestInfo::default()).await.expect("a look").expect("a caller");
        let (writer, _) = admin.write_network(Permission::NetworkUpdate).await.expect("the network");
        let document = json!({ "document": "{\"format\": \"another\"}" });
        let refused = tokio::time::timeout(PATIENCE, world.refused(Admin, "templateImport", document)).await;
        assert_eq!(refused.expect("an answer meanwhile").0, "INVALID");
        writer.roll_back().await.expect("the end");
    }
}

scenario! {
    async fn each_portion_is_a_transaction_between_which_others_write(world: World) {
        let team = || json!({ "teamId": world.cast.team });
        let behind = world.home.behind().await;
        world.read(Facilitator, "{ viewer { person { id } } }", json!({})).await;
        for (dry, transactions) in [(true, 1), (false, 1 + 3), (false, 1 + 1)] {
            let before = world.app.kernel.transactions();
            import(&world, "memberImport", team(), &people(1_000..1_250), dry).await;
            assert_eq!(world.app.kernel.transactions() - before, transactions, "a look, and the portions; dry: {dry}");
        }
        let before = saved(&behind).await;
        let over = Cell::new(false);
        let importing = async {
            let payload = import(&world, "memberImport", team(), &people(0..400), false).await;
            over.set(true);
            payload
        };
        // what is held keeps the next portion waiting
        let others = async {
            loop {
                let write = held_team(&world).await;
                let (saved, over) = (saved(&behind).await - before, over.get());
                write.roll_back().await.expect("the end");
                assert!(!over, "nobody else had a turn during the import");
                if saved > 0 {
                    break saved;
                }
            }
        };
        let (payload, saved) = tokio::join!(importing, others);
        assert_eq!((counts(&payload), &payload["errors"]), ([400, 0, 0], &json!([])));
        assert!([100, 200, 300].contains(&saved), "{saved}");
    }
}

/// Lets the database refuse a member.
async fn cut(world: &World, behind: &DatabaseConnection, name: &str) {
    let statements = match world.backend {
        Backend::Postgres => vec![
            "create or replace function cut() returns trigger language plpgsql as $$ begin
                raise exception 'cut' using errcode = '58030'; end $$"
                .to_owned(),
            format!(
                "create trigger cut before insert on member for each row when (new.name = '{name}') execute function cut()"
            ),
        ],
        Backend::Sqlite => vec![format!(
            "create trigger cut before insert on member when new.name = '{name}' begin select raise(abort, 'cut'); end"
        )],
    };
    for sql in statements {
        behind.execute_unprepared(&sql).await.expect("a trigger");
    }
}

async fn mend(world: &World, behind: &DatabaseConnection) {
    let sql = match world.backend {
        Backend::Postgres => "drop trigger cut on member",
        Backend::Sqlite => "drop trigger cut",
    };
    behind.execute_unprepared(sql).await.expect("no trigger");
}

/// How many rows, in a row, have these outcomes.
fn outcomes(payload: &Value) -> Vec<(&str, usize)> {
    let rows = payload["rows"].as_array().expect("rows");
    let outcomes: Vec<&str> = rows.iter().map(|row| row["outcome"].as_str().expect("an outcome")).collect();
    outcomes.chunk_by(|one, next| one == next).map(|alike| (alike[0], alike.len())).collect()
}

scenario! {
    async fn an_import_that_is_interrupted_tells_what_is_saved_and_goes_on_with_its_key(world: World) {
        let behind = world.home.behind().await;
        let input = json!({ "input": { "teamId": world.cast.team, "csv": people(0..250) } });
        let document = document("memberImport", ROWS);
        let send = async |key: &str| {
            let sent = world.send(Some(world.token(Facilitator)), &document, input.clone(), Some(key)).await;
            sent.json["data"]["memberImport"].clone()
        };
        // nothing is saved before the first portion, and the request fails as any other
        cut(&world, &behind, "Member 50").await;
        assert_eq!((send("failed").await, saved(&behind).await), (Value::Null, 0));
        mend(&world, &behind).await;
        cut(&world, &behind, "Member 150").await;
        let first = send("people").await;
        assert_eq!(outcomes(&first), [("CREATED", 100), ("UNFINISHED", 150)], "{first}");
        assert_eq!((counts(&first), &first["errors"][0]["code"]), ([100, 0, 0], &json!("INTERRUPTED")));
        assert_eq!((first["rows"][99]["id"].is_string(), &first["rows"][100]["id"]), (true, &Value::Null));
        assert_eq!(saved(&behind).await, 100);
        mend(&world, &behind).await;
        let second = send("people").await;
        assert_eq!((outcomes(&second), &second["errors"]), (vec![("EXISTING", 100), ("CREATED", 150)], &json!([])));
        assert_eq!(second["rows"][99]["id"], first["rows"][99]["id"]);
        assert_eq!(send("people").await, second, "the key has the answer of the whole");
        let twice = member::Entity::find().filter(member::Column::Name.starts_with("Member ")).count(&behind).await;
        assert_eq!((twice.expect("a count"), saved(&behind).await), (250, 250), "nothing is doubled");
        verify_chains(&behind).await.expect("the chains hold");
        assert_counts(&behind).await;
    }
}

scenario! {
    async fn an_import_that_is_given_up_goes_on_when_it_is_sent_again(world: World) {
        let team = || json!({ "teamId": world.cast.team });
        let behind = world.home.behind().await;
        let (file, some) = (people(0..400), async { while saved(&behind).await == 0 {} });
        tokio::select! {
            _ = import(&world, "memberImport", team(), &file, false) => panic!("the import ended first"),
            () = some => {}
        }
        let again = import(&world, "memberImport", team(), &file, false).await;
        let [created, existing, refused] = counts(&again);
        assert!([100, 200, 300].contains(&existing), "{existing}");
        assert_eq!((created + existing, refused, saved(&behind).await), (400, 0, 400));
        verify_chains(&behind).await.expect("the chains hold");
        assert_counts(&behind).await;
    }
}

scenario! {
    async fn a_row_that_is_refused_by_then_ends_the_import_before_its_portion(world: World) {
        let team = || json!({ "teamId": world.cast.team });
        world.read(Facilitator, "{ viewer { person { id } } }", json!({})).await;
        let writer = held_team(&world).await;
        let begun = world.app.kernel.transactions();
        // the import has looked, and its first portion waits
        let meanwhile = async {
            while world.app.kernel.transactions() < begun + 2 {
                tokio::task::yield_now().await;
            }
            let row = member::Model {
                id: writer.id(),
                network_id: world.cast.network,
                client_id: world.cast.client,
                team_id: world.cast.team,
                person_id: None,
                name: "Ann".into(),
                job_title: "Buyer".into(),
                email: Some("m150@acorn.example".into()),
                status: MemberStatus::Active,
                created_at: writer.now(),
                removed_at: None,
                version: 1,
            };
            writer.insert::<member::Entity>(row).await.expect("a member");
            writer.commit().await.expect("the end");
        };
        let file = people(0..250);
        let (payload, ()) = tokio::join!(import(&world, "memberImport", team(), &file, false), meanwhile);
        let expected = [("CREATED", 100), ("UNFINISHED", 50), ("REFUSED", 1), ("UNFINISHED", 99)];
        assert_eq!((outcomes(&payload), &payload["errors"][0]["code"]), (expected.to_vec(), &json!("INTERRUPTED")));
        assert_eq!(told(&payload)[150], [("email".to_owned(), "TAKEN".to_owned())]);
        let corrected = file.replace("m150@", "m150.too@");
        let payload = import(&world, "memberImport", team(), &corrected, false).await;
        assert_eq!((counts(&payload), &payload["errors"]), ([150, 100, 0], &json!([])));
    }
}
