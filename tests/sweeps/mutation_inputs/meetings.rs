//! Inputs about a team's sessions, decisions, alignment and obstacles.

use crate::kit::fixtures::{self, TeamFixtures, day, name};
use chrono::TimeDelta;
use concord::kernel::Write;
use entity::{
    agenda_item::AgendaItemStatus, alignment_round::AlignmentStatus, decision::DecisionStatus,
    obstacle::ObstacleStatus, session::SessionStatus,
};
use serde_json::{Value, json};

pub(super) async fn sessions(write: &Write, home: &TeamFixtures, mutation: &str) -> Option<Value> {
    let at = |status| fixtures::session(write, home, status, None);
    let attendance = json!([{ "memberId": home.owner, "status": "PRESENT" }]);
    Some(match mutation {
        "sessionSchedule" => json!({
            "teamId": home.team, "kind": "REVIEW", "title": "Review", "place": "Room 4", "minutes": 60,
            "startsAt": write.now() + TimeDelta::days(3), "programmeId": home.ids["programme"],
            "stageId": home.ids["stage_run"],
            "agenda": [{ "title": "Figures", "minutes": 20, "ownerId": home.owner }],
        }),
        "sessionUpdate" => json!({ "id": at(SessionStatus::Scheduled).await, "title": "Review" }),
        "sessionStart" => json!({ "id": at(SessionStatus::Scheduled).await }),
        "sessionAttend" => json!({ "id": at(SessionStatus::InProgress).await, "attendance": attendance }),
        "sessionClose" => json!({
            "id": at(SessionStatus::InProgress).await, "summary": "All agreed", "attendance": attendance,
        }),
        "sessionCancel" => json!({ "id": at(SessionStatus::Scheduled).await, "reason": "Snow" }),
        "sessionRate" => {
            json!({ "id": fixtures::attended(write, home).await, "score": 4, "comment": "Good pace" })
        }
        "sessionSeriesCreate" => json!({
            "teamId": home.team, "kind": "REVIEW", "title": "Review", "place": "Room 4", "minutes": 60,
            "rule": "FREQ=MONTHLY;COUNT=3", "startsOn": day(write.now(), 7), "localTime": "09:00",
            "programmeId": home.ids["programme"],
        }),
        "sessionSeriesUpdate" => {
            json!({ "id": fixtures::series(write, home).await, "title": "Monthly review" })
        }
        "sessionSeriesEnd" => json!({ "id": fixtures::series(write, home).await, "reason": "Enough" }),
        _ => return None,
    })
}

pub(super) async fn decisions(write: &Write, home: &TeamFixtures, mutation: &str) -> Option<Value> {
    if !mutation.starts_with("decision") {
        return None;
    }
    let at = |status| fixtures::decision(write, home, status, None);
    Some(match mutation {
        "decisionPropose" => json!({
            "teamId": home.team, "title": name(write, "Markets"), "text": "We serve three markets",
            "options": ["Three", "Ten"], "ownerId": home.owner, "stageId": home.ids["stage_run"],
            "sessionId": home.ids["session"], "supersedesId": home.ids["decision"],
            "obstacleId": home.ids["obstacle"],
        }),
        "decisionUpdate" => json!({
            "id": at(DecisionStatus::Proposed).await, "text": "Two", "ownerId": home.owner,
            "stageId": home.ids["stage_run"], "reviewOn": day(write.now(), 30),
        }),
        "decisionStance" => {
            json!({ "id": at(DecisionStatus::Proposed).await, "stance": "SUPPORTS", "conviction": 4 })
        }
        "decisionRatify" => {
            // a small team, for whom all speak in the room
            let fixture = home.fresh_team(write).await;
            let id = fixtures::decision(write, &fixture, DecisionStatus::Proposed, None).await;
            json!({
                "id": id, "chosenOptionId": fixtures::option(write, &fixture, id).await,
                "recorded": [{ "memberId": fixture.owner, "stance": "ACCEPTS", "conviction": 3 }],
            })
        }
        "decisionReadBack" => {
            json!({ "id": at(DecisionStatus::Ratified).await, "text": "We drop seven markets" })
        }
        "decisionReadBackJudge" => {
            let id = at(DecisionStatus::Ratified).await;
            json!({ "id": fixtures::read_back(write, home, id).await, "matches": false, "comment": "Three stay" })
        }
        "decisionAttest" => json!({
            "id": at(DecisionStatus::Ratified).await, "audience": "The night shift",
            "communicatedOn": day(write.now(), 0),
        }),
        "decisionRevoke" | "decisionReopen" => {
            json!({ "id": at(DecisionStatus::Ratified).await, "reason": "The market moved" })
        }
        _ => return None,
    })
}

pub(super) async fn agendas(write: &Write, home: &TeamFixtures, mutation: &str) -> Option<Value> {
    if !mutation.starts_with("agendaItem") {
        return None;
    }
    let session = fixtures::session(write, home, SessionStatus::InProgress, None).await;
    let item = fixtures::item(write, home, session, AgendaItemStatus::Open).await;
    Some(match mutation {
        "agendaItemAdd" => {
            json!({ "sessionId": session, "title": "Hiring", "minutes": 15, "ownerId": home.owner })
        }
        "agendaItemUpdate" => json!({ "id": item, "minutes": 25, "ownerId": home.owner }),
        "agendaItemMove" => json!({ "id": item, "position": 1 }),
        "agendaItemComplete" => json!({ "id": item, "outcome": "Two posts are advertised" }),
        "agendaItemDrop" => json!({ "id": item, "outcome": "No time" }),
        _ => return None,
    })
}

pub(super) async fn alignment(write: &Write, home: &TeamFixtures, mutation: &str) -> Option<Value> {
    let at = |status| fixtures::alignment(write, home, status);
    Some(match mutation {
        "alignmentRoundOpen" => {
            let fixture = home.fresh_team(write).await;
            let session = fixtures::session(write, &fixture, SessionStatus::InProgress, None).await;
            json!({
                "teamId": fixture.team, "title": "First reading", "closesOn": day(write.now(), 7),
                "statements": [{ "text": "We finish what we begin", "core": true }], "sessionId": session,
            })
        }
        "alignmentRoundAnswer" => {
            let [round, statement, ..] = at(AlignmentStatus::Open).await;
            json!({ "id": round, "answers": [{ "statementId": statement, "rating": 4 }] })
        }
        "alignmentRoundSeal" => json!({ "id": at(AlignmentStatus::Open).await[0] }),
        "alignmentRoundReveal" => json!({ "id": at(AlignmentStatus::Sealed).await[0] }),
        _ => return None,
    })
}

pub(super) async fn obstacles(write: &Write, home: &TeamFixtures, mutation: &str) -> Option<Value> {
    let at = |status| fixtures::obstacle(write, home, status);
    Some(match mutation {
        "obstacleRaise" => json!({
            "teamId": home.team, "title": "Nobody owns the plan", "severity": "HIGH", "raisedById": home.owner,
            "priorityId": home.ids["priority"], "sessionId": home.ids["session"],
        }),
        "obstacleUpdate" => json!({
            "id": at(ObstacleStatus::Raised).await, "severity": "LOW", "priorityId": home.ids["priority"],
        }),
        "obstaclePrioritise" => json!({ "id": at(ObstacleStatus::Raised).await }),
        "obstacleResume" => json!({ "id": at(ObstacleStatus::Parked).await, "reason": "It is back" }),
        "obstacleDiscuss" | "obstacleResolve" | "obstaclePark" | "obstacleEscalate" => {
            json!({ "id": at(ObstacleStatus::Raised).await, "reason": "We spoke about it" })
        }
        _ => return None,
    })
}
