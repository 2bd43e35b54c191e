//! Inputs about a team's sessions, decisions, alignment and obstacles.

use crate::kit::fixtures::{self, TeamFixtures, day, name};
use chrono::TimeDelta;
use concord::kernel::Write;
use entity::{
    Id, agenda_item::AgendaItemStatus, alignment_round::AlignmentStatus, decision::DecisionStatus,
    dot_vote::DotVoteStatus, obstacle::ObstacleStatus, session::SessionStatus, session_series,
    strategy_version::StrategyStatus,
};
use sea_orm::{ActiveValue::Set, IntoActiveModel};
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
            "programmeId": home.ids["programme"], "stageId": home.ids["stage_run"],
            "agenda": [{ "title": "Figures", "minutes": 10 }],
        }),
        "sessionSeriesUpdate" => {
            let id = fixtures::series(write, home).await;
            let row = write.find::<session_series::Entity>(id).await.expect("a look").expect("a series");
            let (_, programme) = entity::split_id(&home.ids["programme"]).expect("an id");
            let mut change = row.into_active_model();
            change.programme_id = Set(Some(Id::new(programme)));
            fixtures::set::<session_series::Entity>(write, change).await;
            json!({
                "id": id, "title": "Monthly review", "stageId": home.ids["stage_run"],
                "agenda": [{ "title": "Figures", "minutes": 10 }],
            })
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

pub(super) async fn strategies(write: &Write, home: &TeamFixtures, mutation: &str) -> Option<Value> {
    if !mutation.starts_with("strategy") {
        return None;
    }
    let at = |status| fixtures::strategy_version(write, home, status);
    Some(match mutation {
        "strategyDraft" => json!({
            "sectionId": fixtures::section(write, home, None, 0).await,
            "items": [{ "text": "Selling below cost" }],
        }),
        "strategyPropose" => json!({ "id": at(StrategyStatus::Draft).await.0 }),
        "strategyRevise" => json!({ "id": at(StrategyStatus::Proposed).await.0 }),
        "strategyStance" => {
            json!({ "id": at(StrategyStatus::Proposed).await.0, "stance": "SUPPORTS", "conviction": 4 })
        }
        "strategyRatify" => {
            // a small team, for whom all speak in the room
            let fixture = home.fresh_team(write).await;
            json!({
                "id": fixtures::strategy_version(write, &fixture, StrategyStatus::Proposed).await.0,
                "recorded": [{ "memberId": fixture.owner, "stance": "ACCEPTS", "conviction": 3 }],
            })
        }
        "strategyReadBack" => {
            json!({ "id": at(StrategyStatus::Ratified).await.0, "text": "We no longer sell at a loss" })
        }
        "strategyReadBackJudge" => {
            let id = at(StrategyStatus::Ratified).await.0;
            json!({ "id": fixtures::strategy_read_back(write, home, id).await, "matches": false, "comment": "And?" })
        }
        "strategyShare" => json!({ "id": at(StrategyStatus::Ratified).await.1, "shared": true }),
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
        "agendaItemDiscuss" => json!({ "id": item }),
        "agendaItemExtend" => json!({ "id": item, "minutes": 10 }),
        "agendaItemComplete" => json!({ "id": item, "outcome": "Two posts are advertised" }),
        "agendaItemDrop" => json!({ "id": item, "outcome": "No time" }),
        _ => return None,
    })
}

/// What is set aside in a session, and what is added to its recap.
pub(super) async fn afterwards(write: &Write, home: &TeamFixtures, mutation: &str) -> Option<Value> {
    if !mutation.starts_with("parkedTopic") && !mutation.starts_with("recapAddendum") {
        return None;
    }
    let running = fixtures::session(write, home, SessionStatus::InProgress, None).await;
    let held = fixtures::session(write, home, SessionStatus::Held, None).await;
    let topic = fixtures::parked(write, home, held).await;
    Some(match mutation {
        "parkedTopicAdd" => json!({ "sessionId": running, "title": "Vans", "raisedById": home.owner }),
        "parkedTopicSchedule" => {
            json!({ "id": topic, "sessionId": running, "minutes": 10, "ownerId": home.owner })
        }
        "parkedTopicRaise" => json!({ "id": topic, "severity": "LOW" }),
        "parkedTopicAssign" => {
            json!({ "id": topic, "ownerId": home.owner, "dueOn": day(write.now(), 10) })
        }
        "parkedTopicDrop" => json!({ "id": topic, "reason": "Not for this team" }),
        "recapAddendumCreate" => json!({
            "sessionId": held, "reason": "A slip", "text": "The figure was 14",
            "attendance": { "memberId": home.owner, "status": "PRESENT" },
        }),
        "recapAddendumConfirm" => json!({ "id": fixtures::addendum(write, home, held).await }),
        _ => return None,
    })
}

/// Sealed inputs of sessions.
pub(super) async fn sealed(write: &Write, home: &TeamFixtures, mutation: &str) -> Option<Value> {
    if !mutation.starts_with("dotVote") && !mutation.starts_with("preWork") {
        return None;
    }
    let ahead = fixtures::session(write, home, SessionStatus::Scheduled, None).await;
    let prompt = fixtures::prompt(write, home, ahead).await;
    let (vote, option, _) = fixtures::dot_vote(write, home, ahead, DotVoteStatus::Open).await;
    Some(match mutation {
        "dotVoteOpen" => {
            let decision = fixtures::decision(write, home, DecisionStatus::Proposed, None).await;
            fixtures::option(write, home, decision).await;
            json!({
                "sessionId": ahead, "title": "What first", "obstacleIds": [home.ids["obstacle"]],
                "priorityIds": [home.ids["priority"]], "decisionId": decision,
            })
        }
        "dotVoteCast" => json!({ "id": vote, "ballots": [{ "optionId": option, "dots": 2 }] }),
        "dotVoteClose" => json!({ "id": vote }),
        "preWorkPromptAdd" => json!({ "sessionId": ahead, "text": "What do we stop?" }),
        "preWorkPromptUpdate" => json!({ "id": prompt, "text": "What do we stop?" }),
        "preWorkAnswer" => json!({ "id": prompt, "text": "The third market" }),
        _ => return None,
    })
}

pub(super) async fn alignment(write: &Write, home: &TeamFixtures, mutation: &str) -> Option<Value> {
    let at = |status| fixtures::alignment(write, home, status);
    Some(match mutation {
        "alignmentRoundOpen" => {
            let fixture = home.fresh_team(write).await;
            let session = fixtures::session(write, &fixture, SessionStatus::InProgress, None).await;
            let before = fixtures::alignment(write, &fixture, AlignmentStatus::Revealed).await;
            json!({
                "teamId": fixture.team, "title": "Second reading", "closesOn": day(write.now(), 7),
                "revoteOfId": before[0], "sessionId": session,
            })
        }
        "alignmentRoundAnswer" => {
            let [round, statement, ..] = at(AlignmentStatus::Open).await;
            let of = Id::parse(&round).expect("a round");
            json!({
                "id": round, "answers": [{ "statementId": statement, "rating": 4 }],
                "texts": [{ "questionId": fixtures::question(write, home, of).await, "text": "Too many meetings" }],
            })
        }
        "alignmentConsentWithdraw" => json!({ "id": at(AlignmentStatus::Open).await[0] }),
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
