//! Dot votes: secret while they are open, and one figure for each option afterwards.

use crate::{
    kit::{
        Persona::{self, *},
        World, assert_counts, verify_chains,
    },
    scenario,
};
use entity::audit_event;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use serde_json::{Value, json};

const VOTES: &str = "query($id: ID!) { session(id: $id) { dotVotes { id title dots status voteCount memberCount closedAt version
    options { id position title dots obstacle { title } priority { title } decisionOption { text } myBallot { dots } } } } }";

async fn session(world: &World) -> Value {
    let input = json!({
        "teamId": world.cast.team, "kind": "WORKSHOP", "title": "Workshop", "place": "Room 1",
        "startsAt": "2026-03-03T09:00:00Z", "minutes": 60, "agenda": [{ "title": "Figures", "minutes": 10 }],
    });
    world.done(Facilitator, "sessionSchedule", input, "session { id }").await["session"]["id"].clone()
}

async fn obstacle(world: &World, title: &str) -> Value {
    let input = json!({ "teamId": world.cast.team, "raisedById": world.cast.leader, "title": title, "severity": "HIGH" });
    world.done(Facilitator, "obstacleRaise", input, "obstacle { id }").await["obstacle"]["id"].clone()
}

async fn vote(world: &World, who: Persona, session: &Value) -> Value {
    world.read(who, VOTES, json!({ "id": session })).await["session"]["dotVotes"][0].clone()
}

fn figures(vote: &Value, what: &str) -> Vec<Value> {
    let options = vote["options"].as_array().into_iter().flatten();
    options.map(|option| option.pointer(what).cloned().unwrap_or_default()).collect()
}

/// A vote on two obstacles, with three dots for each: its session, its ID and those of its options.
async fn opened(world: &World) -> (Value, Value, Vec<Value>) {
    let session = session(world).await;
    let obstacles = [obstacle(world, "No budget").await, obstacle(world, "Nobody plans").await];
    let input = json!({ "sessionId": session, "title": "What first", "obstacleIds": obstacles });
    world.done(Facilitator, "dotVoteOpen", input, "").await;
    let seen = vote(world, Leader, &session).await;
    (session, seen["id"].clone(), figures(&seen, "/id"))
}

fn cast(vote: &Value, options: &[Value], dots: &[i32]) -> Value {
    let ballots: Vec<Value> =
        options.iter().zip(dots).map(|(id, dots)| json!({ "optionId": id, "dots": dots })).collect();
    json!({ "id": vote, "ballots": ballots })
}

scenario! {
    async fn ballots_are_secret_until_all_have_voted(world: World) {
        let (session, id, options) = opened(&world).await;
        let seen = vote(&world, Observer, &session).await;
        assert_eq!((&seen["status"], &seen["dots"], &seen["voteCount"], &seen["memberCount"]), (&json!("OPEN"), &json!(3), &json!(0), &json!(3)));
        assert_eq!(figures(&seen, "/obstacle/title"), [json!("No budget"), json!("Nobody plans")]);
        for (wrong, path) in [
            (cast(&id, &options, &[2, 2]), "input.ballots"),
            (cast(&id, &options, &[0, 0]), "input.ballots"),
            (cast(&id, &options, &[4, 0]), "input.ballots.0.dots"),
            (cast(&id, std::slice::from_ref(&session), &[1]), "input.ballots.0.optionId"),
        ] {
            assert_eq!(world.refused(Leader, "dotVoteCast", wrong).await, ("INVALID".into(), path.into()));
        }
        world.done(Leader, "dotVoteCast", cast(&id, &options, &[1, 2]), "").await;
        // replaced, and counted once
        world.done(Leader, "dotVoteCast", cast(&id, &options[..1], &[3]), "").await;
        for who in [Owner, Facilitator, Sponsor, Leader, Observer] {
            let seen = vote(&world, who, &session).await;
            assert_eq!((&seen["status"], &seen["voteCount"], &seen["version"]), (&json!("OPEN"), &json!(1), &json!(1)), "{who:?}");
            assert_eq!(figures(&seen, "/dots"), [Value::Null, Value::Null], "{who:?}");
            let own = if matches!(who, Leader) { [json!(3), json!(0)] } else { [Value::Null, Value::Null] };
            assert_eq!(figures(&seen, "/myBallot/dots"), own, "{who:?}");
        }
        // the third participant has no login, so everyone who can vote has voted
        world.done(Sponsor, "dotVoteCast", cast(&id, &options, &[1, 1]), "").await;
        let seen = vote(&world, Observer, &session).await;
        assert_eq!((&seen["status"], &seen["voteCount"]), (&json!("CLOSED"), &json!(2)));
        assert_eq!(figures(&seen, "/dots"), [json!(4), json!(1)]);
        assert_eq!(world.refused(Leader, "dotVoteCast", cast(&id, &options, &[1, 1])).await, ("WRONG_STATE".into(), "input.id".into()));
        let hidden = world.read(Admin, "query($id: ID!) { dotVote(id: $id) { title } }", json!({ "id": id })).await;
        assert_eq!(hidden["dotVote"], Value::Null, "head office reads no content");
        // the audit log shows that there are ballots, and none of them
        let behind = world.home.behind().await;
        let events = audit_event::Entity::find().filter(audit_event::Column::Noun.eq("dot_ballot")).all(&behind).await;
        let events = events.expect("the events");
        assert!(!events.is_empty() && events.iter().all(|event| event.before.is_none() && event.after.is_none()));
        // nor does what it shows of the closing say who voted last
        let told = "{ auditEvents(filter: { verb: { eq: DOT_VOTE_CAST } }) { nodes { noun person { id } } } }";
        for who in [Owner, Facilitator, Sponsor] {
            let told = world.read(who, told, json!({})).await["auditEvents"]["nodes"].clone();
            let told = told.as_array().expect("events");
            assert_eq!(told.len(), 3, "the vote and its two options were published: {told:?}");
            assert!(told.iter().all(|event| event["person"].is_null()), "{who:?}: {told:?}");
        }
        verify_chains(&behind).await.expect("the chains hold");
        assert_counts(&behind).await;
    }
}

scenario! {
    async fn an_open_vote_ends_with_its_session_and_is_in_the_recap(world: World) {
        let (session, id, options) = opened(&world).await;
        let few = json!({ "sessionId": session, "title": "One", "obstacleIds": [obstacle(&world, "Alone").await] });
        assert_eq!(world.refused(Facilitator, "dotVoteOpen", few).await, ("INVALID".into(), "input".into()));
        world.done(Leader, "dotVoteCast", cast(&id, &options, &[0, 3]), "").await;
        let stale = json!({ "id": id, "expectedVersion": 9 });
        assert_eq!(world.refused(Facilitator, "dotVoteClose", stale).await, ("CONFLICT".into(), "input.expectedVersion".into()));
        world.at("2026-03-03T09:00:00Z");
        world.done(Facilitator, "sessionStart", json!({ "id": session }), "").await;
        world.done(Facilitator, "sessionClose", json!({ "id": session, "summary": "Over" }), "").await;
        let seen = vote(&world, Observer, &session).await;
        assert_eq!((&seen["status"], figures(&seen, "/dots")), (&json!("CLOSED"), vec![json!(0), json!(3)]));
        let recap = "query($id: ID!) { session(id: $id) { recap { record markdown } } }";
        let recap = world.read(Leader, recap, json!({ "id": session })).await["session"]["recap"].clone();
        let told = json!([{ "id": id, "title": "What first", "voted": 1, "members": 3,
            "options": [{ "title": "Nobody plans", "dots": 3 }, { "title": "No budget", "dots": 0 }] }]);
        assert_eq!(recap["record"]["votes"], told);
        let markdown = recap["markdown"].as_str().expect("a page");
        assert!(markdown.contains("## Votes\n\n- What first (1 of 3 voted)\n  - Nobody plans: 3\n  - No budget: 0\n"), "{markdown}");
        assert_eq!(world.refused(Facilitator, "dotVoteClose", json!({ "id": id })).await, ("WRONG_STATE".into(), "input.id".into()));
        let late = json!({ "sessionId": session, "title": "Late", "obstacleIds": figures(&seen, "/id") });
        assert_eq!(world.refused(Facilitator, "dotVoteOpen", late).await, ("WRONG_STATE".into(), "input.sessionId".into()));
    }
}

scenario! {
    async fn options_that_are_voted_on_stay(world: World) {
        let session = session(&world).await;
        let input = json!({ "teamId": world.cast.team, "title": "Which market", "text": "One of two", "options": ["North", "South"] });
        let decision = world.done(Facilitator, "decisionPropose", input, "decision { id }").await["decision"]["id"].clone();
        world.done(Facilitator, "dotVoteOpen", json!({ "sessionId": session, "title": "Where", "decisionId": decision }), "").await;
        let others = json!({ "id": decision, "options": ["East", "West"] });
        assert_eq!(world.refused(Facilitator, "decisionUpdate", others).await, ("WRONG_STATE".into(), "input.options".into()));
        // the rest can change, also if the same options are sent again
        let same = json!({ "id": decision, "title": "Which market first", "options": ["North", "South"] });
        world.done(Facilitator, "decisionUpdate", same, "").await;
        assert_eq!(figures(&vote(&world, Leader, &session).await, "/decisionOption/text"), [json!("North"), json!("South")]);
    }
}
