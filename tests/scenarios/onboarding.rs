//! A team's first day: its members, their invitations, its programme, cadence and series in one request.

use crate::{
    kit::{Persona::*, World},
    scenario,
};
use serde_json::{Value, json};

const SEEN: &str =
    "team { id members { name } } members { name } invitations { email role } programme { status }
    reviewCadence { unit every } sessionSeries { title programme { status } }";

async fn version(world: &World) -> Value {
    let input = json!({ "name": "StratPro", "summary": "Our programme", "basis": "STRATPRO" });
    let made = world.done(Admin, "templateCreate", input, "template { versions { id } }").await;
    let id = made["template"]["versions"][0]["id"].clone();
    world.done(Admin, "templatePublish", json!({ "id": id }), "").await;
    id
}

async fn new_team(world: &World) -> Value {
    let input = json!({ "clientId": world.cast.client.to_string(), "name": "Plant" });
    world.done(Facilitator, "teamCreate", input, "team { id }").await["team"]["id"].clone()
}

fn asked(team: &Value, version: &Value) -> Value {
    json!({
        "teamId": team,
        "members": [
            { "name": "Ines Novak", "jobTitle": "Plant manager", "email": "ines@example.com", "role": "LEADER" },
            { "name": "Piet Maes", "email": "piet@example.com", "role": "OBSERVER" },
            { "name": "Rosa Lind" },
        ],
        "programme": { "templateVersionId": version, "plannedStartOn": "2026-03-02", "start": true },
        "cadence": { "unit": "WEEK", "every": 2, "anchorOn": "2026-03-09" },
        "series": [{
            "kind": "REVIEW", "title": "Weekly", "minutes": 60, "rule": "FREQ=WEEKLY;BYDAY=MO",
            "startsOn": "2026-03-09", "localTime": "09:00",
        }],
    })
}

scenario! {
    async fn a_team_is_set_up_by_one_request(world: World) {
        let (version, team) = (version(&world).await, new_team(&world).await);
        let before = world.emails().await.len();
        let done = world.done(Facilitator, "teamOnboard", asked(&team, &version), SEEN).await;
        assert_eq!(done["members"], json!([{ "name": "Ines Novak" }, { "name": "Piet Maes" }, { "name": "Rosa Lind" }]));
        assert_eq!(done["team"]["members"].as_array().map(Vec::len), Some(3));
        assert_eq!(done["invitations"], json!([
            { "email": "ines@example.com", "role": "LEADER" }, { "email": "piet@example.com", "role": "OBSERVER" },
        ]));
        assert_eq!(done["programme"]["status"], "ACTIVE");
        assert_eq!(done["reviewCadence"], json!({ "unit": "WEEK", "every": 2 }), "and not the template's");
        assert_eq!(done["sessionSeries"], json!([{ "title": "Weekly", "programme": { "status": "ACTIVE" } }]));
        assert_eq!(world.emails().await.len(), before + 2, "one invitation each");
    }
}

scenario! {
    async fn a_team_is_set_up_whole_or_not_at_all(world: World) {
        let (version, team) = (version(&world).await, new_team(&world).await);
        let mut wrong = asked(&team, &version);
        wrong["members"][1]["email"] = json!("ines@example.com");
        wrong["members"][2]["role"] = json!("LEADER");
        wrong["cadence"]["every"] = json!(0);
        wrong["programme"]["templateVersionId"] = json!("template_version_00000000000000000000000000");
        wrong["series"][0]["localTime"] = json!("nine");
        let refused = world.change(Facilitator, "teamOnboard", wrong, SEEN).await;
        let paths: Vec<String> = refused["errors"]
            .as_array()
            .expect("errors")
            .iter()
            .map(|error| {
                let path: Vec<&str> =
                    error["path"].as_array().expect("a path").iter().filter_map(Value::as_str).collect();
                path.join(".")
            })
            .collect();
        assert_eq!(paths, [
            "input.members.1.email", "input.members.2.email", "input.cadence.every",
            "input.programme.templateVersionId", "input.series.0.localTime",
        ]);
        assert_eq!((&refused["members"], &refused["programme"]), (&json!([]), &Value::Null));
        let id = json!({ "id": team });
        let seen = "query($id: ID!) { team(id: $id) { members { name } programmes { id } } }";
        let seen = world.read(Facilitator, seen, id).await;
        assert_eq!(seen["team"]["members"], json!([]), "nothing was saved: {seen}");
        let nothing = world.refused(Facilitator, "teamOnboard", json!({ "teamId": team })).await;
        assert_eq!(nothing, ("INVALID".into(), "input".into()));
        let mut many = asked(&team, &version);
        many["series"] = json!(vec![many["series"][0].clone(); 11]);
        let refused = world.refused(Facilitator, "teamOnboard", many).await;
        assert_eq!(refused, ("INVALID".into(), "input.series".into()));
    }
}

scenario! {
    async fn members_are_invited_together(world: World) {
        let member = async |name: &str| {
            let input = json!({ "teamId": world.cast.team.to_string(), "name": name, "jobTitle": "" });
            world.done(Sponsor, "memberCreate", input, "member { id }").await["member"]["id"].clone()
        };
        let (ines, piet) = (member("Ines Novak").await, member("Piet Maes").await);
        let item = |id: &Value, email: &str| json!({ "memberId": id, "email": email, "role": "LEADER" });
        let invite = |items: Value| json!({ "teamId": world.cast.team.to_string(), "items": items });
        for (items, code, path) in [
            (json!([item(&ines, "ines@example.com"), item(&piet, "nowhere")]), "INVALID", "input.items.1.email"),
            (json!([item(&ines, "ines@example.com"), item(&ines, "i@example.com")]), "INVALID", "input.items.1.memberId"),
            (json!([item(&json!(world.cast.other_member), "o@example.com")]), "NOT_FOUND", "input.items.0.memberId"),
        ] {
            assert_eq!(world.refused(Sponsor, "membersInvite", invite(items)).await, (code.into(), path.into()));
        }
        let before = world.emails().await.len();
        let both = json!([item(&ines, "ines@example.com"), item(&piet, "piet@example.com")]);
        let done = world.done(Sponsor, "membersInvite", invite(both), "invitations { email name role }").await;
        assert_eq!(done["invitations"], json!([
            { "email": "ines@example.com", "name": "Ines Novak", "role": "LEADER" },
            { "email": "piet@example.com", "name": "Piet Maes", "role": "LEADER" },
        ]));
        assert_eq!(world.emails().await.len(), before + 2);
    }
}
