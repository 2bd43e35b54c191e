//! Imports: tables of text become clients, members and actions by the rules of their own mutations, once.

use crate::{
    kit::{Persona::*, World, document},
    scenario,
};
use serde_json::{Value, json};

const ROWS: &str =
    "created existing refused rows { row externalId outcome id errors { column code message } }";

/// An import that is answered, with or without refusals: its payload.
async fn import(world: &World, mutation: &str, mut input: Value, csv: &str, dry: bool) -> Value {
    input["csv"] = json!(csv);
    input["dryRun"] = json!(dry);
    world.change(Facilitator, mutation, input, ROWS).await
}

fn counts(payload: &Value) -> [i64; 3] {
    ["created", "existing", "refused"].map(|count| payload[count].as_i64().expect("a count"))
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
