//! Ratings of sessions: each member's own, and told together once, or not at all.

use crate::{
    kit::{Persona::*, World, fixtures},
    scenario,
};
use chrono::TimeDelta;
use concord::jobs;
use entity::{
    Id, attendance, attendance::AttendanceStatus, member, membership, membership::MembershipRole, session,
    session_rating,
};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use serde_json::{Value, json};

const SEEN: &str = "query($id: ID!) { session(id: $id) { ratingOpenUntil ratingClosedAt ratingMean ratingBand myRating { score comment } } }";

scenario! {
    async fn a_rating_is_its_authors_alone(world: World) {
        let session = held(&world).await;
        let rate = |score: i32| json!({ "id": session, "score": score, "comment": "Too long" });
        world.done(Leader, "sessionRate", rate(2), "session { myRating { score } }").await;
        world.done(Leader, "sessionRate", rate(3), "").await;
        let own = read(&world, Leader, &session).await;
        assert_eq!(own["myRating"], json!({ "score": 3, "comment": "Too long" }));
        assert_eq!(own["ratingOpenUntil"], "2026-03-10T09:00:00Z");
        for who in [Facilitator, Owner, Sponsor, Observer] {
            let seen = read(&world, who, &session).await;
            let known = [&seen["myRating"], &seen["ratingMean"], &seen["ratingBand"], &seen["ratingClosedAt"]];
            assert_eq!(known, [&Value::Null; 4], "{who:?}");
        }
        let told = "{ auditEvents(filter: { verb: { eq: SESSION_RATE } }) { nodes { noun before after } } }";
        let told = world.read(Facilitator, told, json!({})).await["auditEvents"]["nodes"].clone();
        assert_eq!(told, json!([]), "who rated is not told, and not when");
        let kept = world.read(Sponsor, "{ auditEvents(first: 100) { nodes { after } } }", json!({})).await.to_string();
        assert!(!kept.contains("Too long"));
    }
}

scenario! {
    async fn only_who_took_part_rates_and_only_in_time(world: World) {
        let session = held(&world).await;
        let rate = json!({ "id": session, "score": 4 });
        assert_eq!(world.refused(Observer, "sessionRate", rate.clone()).await, ("NOT_OWNER".into(), "input.id".into()));
        assert_eq!(world.refused(Leader, "sessionRate", json!({ "id": session, "score": 6 })).await, ("INVALID".into(), "input.score".into()));
        world.at("2026-03-10T09:00:00Z");
        assert_eq!(world.refused(Leader, "sessionRate", rate).await, ("WRONG_STATE".into(), "input.id".into()));
    }
}

scenario! {
    async fn few_ratings_tell_nothing(world: World) {
        let session = held(&world).await;
        for who in [Leader, Sponsor] {
            world.done(who, "sessionRate", json!({ "id": session, "score": 4 }), "").await;
        }
        // everyone has rated: who was the last is not told either
        let told = "{ auditEvents(filter: { verb: { eq: SESSION_RATE } }) { nodes { noun person { id } } } }";
        let told = world.read(Facilitator, told, json!({})).await["auditEvents"]["nodes"].clone();
        assert_eq!(told, json!([{ "noun": "SESSION", "person": null }]));
        // there is nothing to wait for, and still nothing to tell
        let seen = read(&world, Facilitator, &session).await;
        assert_eq!((&seen["ratingClosedAt"], &seen["ratingMean"], &seen["ratingBand"]), (&json!("2026-03-03T09:00:00Z"), &Value::Null, &Value::Null));
        let late = json!({ "id": session, "score": 1 });
        assert_eq!(world.refused(Leader, "sessionRate", late).await.0, "WRONG_STATE");
    }
}

scenario! {
    async fn five_ratings_are_told_once_when_their_time_is_over(world: World) {
        let session = held(&world).await;
        others(&world, &session, &[5, 5, 4, 4], TimeDelta::days(1)).await;
        world.done(Leader, "sessionRate", json!({ "id": session, "score": 3 }), "").await;
        world.at("2026-03-10T08:40:00Z");
        jobs::run_due_turns(&world.app).await.expect("a look");
        assert_eq!(read(&world, Facilitator, &session).await["ratingMean"], Value::Null, "nothing before its time");
        world.at("2026-03-10T09:00:00Z");
        let (one, other) = futures::join!(jobs::run_due_turns(&world.app), jobs::run_due_turns(&world.app));
        one.and(other).expect("both look, and one of them closes");
        let seen = read(&world, Facilitator, &session).await;
        // 21 of 5 is 4.2
        assert_eq!((&seen["ratingMean"], &seen["ratingBand"]), (&json!("4.0"), &json!("FIVE_TO_NINE")));
        world.at("2026-04-10T09:00:00Z");
        jobs::run_due_turns(&world.app).await.expect("a look");
        assert_eq!(read(&world, Facilitator, &session).await, seen, "and nothing changes afterwards");
        let hidden = world.read(Admin, "query($id: ID!) { session(id: $id) { ratingMean } }", json!({ "id": session })).await;
        assert_eq!(hidden["session"], Value::Null);
    }
}

scenario! {
    async fn logins_made_afterwards_do_not_make_up_the_five(world: World) {
        let session = held(&world).await;
        others(&world, &session, &[5, 5, 4, 4], TimeDelta::seconds(-1)).await;
        world.done(Leader, "sessionRate", json!({ "id": session, "score": 3 }), "").await;
        world.at("2026-03-10T09:00:00Z");
        jobs::run_due_turns(&world.app).await.expect("a look");
        let seen = read(&world, Facilitator, &session).await;
        assert_eq!((&seen["ratingMean"], &seen["ratingBand"]), (&Value::Null, &Value::Null));
        assert!(!seen["ratingClosedAt"].is_null());
    }
}

/// A session that leader and sponsor took part in.
async fn held(world: &World) -> Value {
    let cast = &world.cast;
    let input = json!({
        "teamId": cast.team.to_string(), "kind": "REVIEW", "title": "Review", "place": "Room 1",
        "startsAt": "2026-03-03T09:00:00Z", "minutes": 60,
    });
    let session =
        world.done(Facilitator, "sessionSchedule", input, "session { id }").await["session"]["id"].clone();
    world.at("2026-03-03T09:00:00Z");
    world.done(Facilitator, "sessionStart", json!({ "id": session }), "").await;
    assert_eq!(
        world.refused(Leader, "sessionRate", json!({ "id": session, "score": 4 })).await.1,
        "input.id"
    );
    let attendance = [(&cast.leader, "PRESENT"), (&cast.sponsor, "PRESENT"), (&cast.quiet, "PRESENT")]
        .map(|(member, status)| json!({ "memberId": member.to_string(), "status": status }));
    let close = json!({ "id": session, "summary": "Over", "attendance": attendance });
    world.done(Facilitator, "sessionClose", close, "").await;
    session
}

async fn read(world: &World, who: crate::kit::Persona, session: &Value) -> Value {
    world.read(who, SEEN, json!({ "id": session })).await["session"].clone()
}

/// Ratings of others who took part, as the system door writes history. Each has had a login in the team for some time.
async fn others(world: &World, session: &Value, scores: &[i32], since: TimeDelta) {
    let cast = &world.cast;
    let write = world.app.kernel.system(cast.network).await.expect("a system transaction");
    let session: Id<session::Entity> =
        Id::parse(session.as_str().expect("an id")).expect("an id of a session");
    let there = attendance::Entity::find().filter(attendance::Column::SessionId.eq(session));
    let like = write.all(there).await.expect("a look").pop().expect("somebody was there");
    let members = member::Entity::find().filter(member::Column::TeamId.eq(cast.team));
    let model = write.all(members).await.expect("a look").pop().expect("a member");
    let people = [Facilitator, Owner, Observer, Stranger].map(|who| cast.person(who).1);
    for (score, person) in scores.iter().zip(people) {
        let member = member::Model {
            id: write.id(),
            person_id: Some(person),
            name: format!("Rater {score} {person}"),
            ..model.clone()
        };
        let attended = attendance::Model {
            id: write.id(),
            member_id: member.id,
            status: AttendanceStatus::Present,
            ..like.clone()
        };
        let rating = session_rating::Model {
            id: write.id(),
            network_id: cast.network,
            client_id: cast.client,
            session_id: session,
            person_id: person,
            score: *score,
            comment: String::new(),
            rated_at: write.now(),
            version: 1,
        };
        let login = membership::Model {
            id: write.id(),
            network_id: cast.network,
            person_id: person,
            role: MembershipRole::Leader,
            franchise_id: None,
            client_id: Some(cast.client),
            team_id: Some(cast.team),
            starts_at: write.now() - since,
            ends_at: None,
            created_at: write.now() - since,
            version: 1,
        };
        fixtures::add::<membership::Entity>(&write, login).await;
        fixtures::add::<member::Entity>(&write, member).await;
        fixtures::add::<attendance::Entity>(&write, attended).await;
        fixtures::add::<session_rating::Entity>(&write, rating).await;
    }
    write.commit_quietly().await.expect("history");
}
