//! What belongs to an object leads back to it: who has only its ID finds out what it is about.

use crate::{
    kit::{Persona::*, fixtures::Fixtures, sdl},
    scenario,
};
use serde_json::{Value, json};

/// Nodes that are the network's own, and belong to nothing else.
const ALONE: &[&str] =
    &["BenchmarkPolicy", "Classification", "DriftPolicy", "MetricPeriod", "Region", "RiskPolicy"];

#[test]
fn every_node_leads_to_another() {
    let nodes = || sdl::schema().types.keys().filter(|name| sdl::is_node(name));
    assert!(nodes().count() > 50);
    for name in nodes().filter(|name| !ALONE.contains(&name.as_str())) {
        let leads = sdl::fields(name).into_iter().any(|field| {
            let ty = field.ty.inner_named_type();
            let ty = sdl::paged(ty).unwrap_or(ty);
            ty == "Node" || sdl::is_node(ty)
        });
        assert!(leads, "{name} leads nowhere");
    }
}

scenario! {
    async fn what_belongs_to_an_object_leads_back_to_it(world: World) {
        let fixtures = Fixtures::of(&world).await;
        for (ty, own, edge, to) in [
            ("ActionMove", "action_move", "action", "action"),
            ("ActionMove", "action_move", "person", "person"),
            ("Attendance", "attendance", "session", "session"),
            ("AlignmentStatement", "alignment_statement", "round", "alignment_round"),
            ("AlignmentVoice", "alignment_voice", "statement", "alignment_statement"),
            ("DecisionAttestation", "decision_attestation", "decision", "decision"),
            ("DecisionEvent", "decision_event", "decision", "decision"),
            ("DecisionOption", "decision_option", "decision", "decision"),
            ("DecisionFinalStance", "decision_position", "decision", "decision"),
            ("ObstacleEvent", "obstacle_event", "obstacle", "obstacle"),
            ("Reopening", "reopening", "action", "action"),
            ("StageConfirmation", "stage_check", "criterion", "stage_criterion"),
            ("StageConfirmation", "stage_check", "stage", "stage_run"),
            ("StageEvent", "stage_event", "stage", "stage_run"),
            ("Target", "target", "year", "team_year"),
            ("SupportVisit", "support_visit", "supportAccess", "support_access"),
        ] {
            let id = fixtures.home.ids.get(own).unwrap_or_else(|| panic!("a {own} at home"));
            let document = format!("query($id: ID!) {{ node(id: $id) {{ ... on {ty} {{ {edge} {{ id }} }} }} }}");
            let answer = world.read(Facilitator, &document, json!({ "id": id })).await;
            let back = answer["node"][edge]["id"].as_str().unwrap_or_else(|| panic!("{ty}.{edge}: {answer}"));
            assert_eq!(entity::split_id(back).map(|(prefix, _)| prefix), Some(to), "{ty}.{edge}");
        }
        // the criterion is of a template, which people at the client cannot read
        let document = "query($id: ID!) { node(id: $id) { ... on StageConfirmation { criterion { id } stage { id } } } }";
        let answer = world.read(Sponsor, document, json!({ "id": fixtures.home.ids["stage_check"] })).await;
        assert_eq!(answer["node"]["criterion"], Value::Null);
        assert!(answer["node"]["stage"]["id"].is_string(), "{answer}");
    }
}

scenario! {
    async fn a_membership_leads_to_its_member_and_a_client_to_its_lead(world: World) {
        let (member, client) = (world.cast.leader.to_string(), world.cast.client.to_string());
        let document = "{ viewer { members { nodes { id } } memberships { nodes { role member { id } } } } }";
        let answer = world.read(Leader, document, json!({})).await;
        let viewer = &answer["viewer"];
        assert_eq!(viewer["members"]["nodes"], json!([{ "id": member }]));
        assert_eq!(viewer["memberships"]["nodes"], json!([{ "role": "LEADER", "member": { "id": member } }]));
        let answer = world.read(Facilitator, document, json!({})).await;
        let viewer = &answer["viewer"];
        assert_eq!(viewer["members"]["nodes"], json!([]));
        assert_eq!(viewer["memberships"]["nodes"][0]["member"], Value::Null);

        let lead = world.cast.person(Facilitator).1.to_string();
        for (document, variables) in [
            ("query($id: ID!) { client(id: $id) { lead { id } } }", json!({ "id": client })),
            ("{ clients { nodes { lead { id } } } }", json!({})),
        ] {
            let answer = world.read(Owner, document, variables).await;
            let listed = answer["clients"]["nodes"].as_array().into_iter().flatten();
            let found = listed.chain([&answer["client"]]).find(|row| row["lead"]["id"] == json!(lead));
            assert!(found.is_some(), "{answer}");
        }
    }
}

scenario! {
    async fn a_team_leads_to_its_current_cycle_and_stages_and_programmes_to_their_sessions(world: World) {
        let team = world.cast.team.to_string();
        let document = "query($id: ID!) { team(id: $id) { currentCycle { label } } }";
        let none = world.read(Leader, document, json!({ "id": team })).await;
        assert_eq!(none["team"]["currentCycle"], Value::Null);
        let input = json!({
            "teamId": team, "ownerId": world.cast.leader.to_string(), "title": "Win", "outcome": "Won",
        });
        world.quarter("2026-Q1").await;
        world.done(Facilitator, "priorityCreate", input, "").await;
        let one = world.read(Leader, document, json!({ "id": team })).await;
        assert_eq!(one["team"]["currentCycle"], json!({ "label": "2026-Q1" }));

        let fixtures = Fixtures::of(&world).await;
        let (stage, programme) = (&fixtures.home.ids["stage_run"], &fixtures.home.ids["programme"]);
        let input = json!({
            "teamId": team, "kind": "WORKSHOP", "title": "Choose", "place": "", "startsAt": "2026-03-09T09:00:00Z",
            "minutes": 60, "programmeId": programme, "stageId": stage,
        });
        let session = world.done(Facilitator, "sessionSchedule", input, "session { id }").await;
        let document = "query($id: ID!) { session(id: $id) { stage { sessions { nodes { id } } }
            programme { sessions { nodes { id } } } } }";
        let answer = world.read(Leader, document, json!({ "id": session["session"]["id"] })).await;
        for of in ["stage", "programme"] {
            let nodes = answer["session"][of]["sessions"]["nodes"].as_array().expect("sessions");
            assert!(nodes.contains(&session["session"]), "{of}: {answer}");
        }
    }
}
