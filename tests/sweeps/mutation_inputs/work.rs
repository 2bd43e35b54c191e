//! Inputs about a team's cycles, priorities and actions.

use crate::kit::{
    Persona, World,
    fixtures::{self, TeamFixtures, day, name},
};
use concord::kernel::Write;
use entity::{
    Id, action, action::ActionStatus, cycle, cycle::CycleStatus, milestone, priority,
    priority::PriorityStatus, priority_conflict,
};
use sea_orm::{ActiveValue::Set, IntoActiveModel};
use serde_json::{Value, json};

pub(super) async fn cycles(write: &Write, home: &TeamFixtures, mutation: &str) -> Option<Value> {
    Some(match mutation {
        // a team of its own: the cycles of one do not overlap
        "cycleCreate" => json!({
            "teamId": home.fresh_team(write).await.team, "label": "Spring",
            "startsOn": day(write.now(), 7), "endsOn": day(write.now(), 70),
        }),
        "cycleOpen" | "cycleRemove" => {
            json!({ "id": fixtures::cycle(write, home, CycleStatus::Planned).await.0 })
        }
        "cycleUpdate" => json!({
            "id": fixtures::cycle(write, &home.fresh_team(write).await, CycleStatus::Planned).await.0,
            "label": "Spring", "startsOn": day(write.now(), 7), "endsOn": day(write.now(), 70),
        }),
        "cycleReopen" => {
            // a team of its own: it has committed to no later cycle
            let fresh = home.fresh_team(write).await;
            let id = fixtures::priority(write, &fresh, PriorityStatus::Achieved, None).await;
            let cycle = cycle_of(write, id).await;
            let input = json!({ "id": cycle.id, "reason": "One was overlooked" });
            let mut change = cycle.into_active_model();
            change.status = Set(CycleStatus::Closed);
            change.achieved = Set(1);
            change.closed_at = Set(Some(write.now()));
            fixtures::set::<cycle::Entity>(write, change).await;
            input
        }
        "cycleCommit" => {
            let id = fixtures::priority(write, home, PriorityStatus::Committed, None).await;
            // the cast has more to do than anybody can
            json!({ "id": cycle_of(write, id).await.id, "acknowledgeCollisions": true })
        }
        "cycleClose" => {
            let id = fixtures::priority(write, home, PriorityStatus::Committed, None).await;
            let cycle = cycle_of(write, id).await;
            let decisions = json!([{ "priorityId": id, "outcome": "ACHIEVED" }]);
            let input = json!({ "id": cycle.id, "decisions": decisions });
            let mut change = cycle.into_active_model();
            change.status = Set(CycleStatus::Locked);
            fixtures::set::<cycle::Entity>(write, change).await;
            input
        }
        _ => return None,
    })
}

async fn cycle_of(write: &Write, id: Id<priority::Entity>) -> cycle::Model {
    let priority = write.find::<priority::Entity>(id).await.expect("a look").expect("a priority");
    write.find::<cycle::Entity>(priority.cycle_id).await.expect("a look").expect("a cycle")
}

/// What a team sets itself for a year.
pub(super) async fn years(write: &Write, home: &TeamFixtures, mutation: &str) -> Option<Value> {
    let days = || (day(write.now(), -30), day(write.now(), 330));
    Some(match mutation {
        // a team of its own: the years of one do not overlap
        "yearCreate" => {
            let (from, to) = days();
            json!({ "teamId": home.fresh_team(write).await.team, "label": "2026", "startsOn": from, "endsOn": to })
        }
        "yearUpdate" => {
            let (from, to) = days();
            let year = fixtures::year(write, &home.fresh_team(write).await).await;
            json!({ "id": year, "label": "This year", "startsOn": from, "endsOn": to })
        }
        "targetCreate" => json!({
            "yearId": fixtures::year(write, home).await, "text": "Two new markets", "figure": "2", "unit": "markets",
        }),
        "targetUpdate" => {
            let year = fixtures::year(write, home).await;
            json!({ "id": fixtures::target(write, home, year).await, "text": "Three new markets", "figure": "3" })
        }
        "targetRemove" => {
            let year = fixtures::year(write, home).await;
            json!({ "id": fixtures::target(write, home, year).await })
        }
        _ => return None,
    })
}

pub(super) async fn priorities(write: &Write, home: &TeamFixtures, mutation: &str) -> Option<Value> {
    let at = |status| fixtures::priority(write, home, status, None);
    let reason = "Out of our hands";
    Some(match mutation {
        "priorityCreate" => json!({
            "teamId": home.team, "ownerId": home.owner, "title": "Grow", "outcome": "We grew",
            "stageId": home.ids["stage_run"], "decisionId": home.ids["decision"], "targetId": home.ids["target"],
            "cycleLabel": fixtures::cycle(write, home, CycleStatus::Open).await.1,
        }),
        "priorityUpdate" => json!({
            "id": at(PriorityStatus::Proposed).await, "title": "Grow more", "ownerId": home.owner,
            "stageId": home.ids["stage_run"], "decisionId": home.ids["decision"], "targetId": home.ids["target"],
        }),
        "priorityRank" => json!({ "id": at(PriorityStatus::Proposed).await, "rank": 1 }),
        "priorityCommit" => json!({ "id": at(PriorityStatus::Proposed).await }),
        "priorityReopen" => {
            let id = at(PriorityStatus::Achieved).await;
            let mut change = cycle_of(write, id).await.into_active_model();
            change.achieved = Set(1);
            fixtures::set::<cycle::Entity>(write, change).await;
            json!({ "id": id, "reason": "One account is missing" })
        }
        "priorityAchieve" | "priorityMiss" => json!({ "id": at(PriorityStatus::Committed).await }),
        "priorityCheckIn" => json!({
            "id": at(PriorityStatus::Committed).await, "status": "ON_TRACK", "confidence": 4,
        }),
        "priorityConflictDeclare" => {
            let one = at(PriorityStatus::Committed).await;
            json!({ "id": one, "otherId": fixtures::beside(write, one).await, "reason": reason })
        }
        "priorityConflictWithdraw" => {
            let one = at(PriorityStatus::Committed).await;
            let clash = fixtures::conflict(write, home, one).await;
            let row =
                write.find::<priority_conflict::Entity>(clash).await.expect("a look").expect("a conflict");
            json!({ "id": one, "otherId": row.other_id })
        }
        "priorityDrop" => json!({ "id": at(PriorityStatus::Committed).await, "reason": reason }),
        _ => return None,
    })
}

/// What shows how far a priority is.
pub(super) async fn ways(write: &Write, home: &TeamFixtures, mutation: &str) -> Option<Value> {
    if !mutation.starts_with("milestone") && !mutation.starts_with("measurable") {
        return None;
    }
    let priority = fixtures::priority(write, home, PriorityStatus::Committed, None).await;
    let milestone = fixtures::milestone(write, home, priority).await;
    let measurable = fixtures::measurable(write, home, priority).await.0;
    Some(match mutation {
        "milestoneCreate" => {
            json!({ "priorityId": priority, "title": "Half way", "dueOn": day(write.now(), 10) })
        }
        "milestoneUpdate" => json!({ "id": milestone, "weight": 5 }),
        "milestoneComplete" | "milestoneRemove" => json!({ "id": milestone }),
        "milestoneReopen" => {
            let row = write.find::<milestone::Entity>(milestone).await.expect("a look").expect("a milestone");
            let mut change = row.into_active_model();
            change.done_at = Set(Some(write.now()));
            crate::kit::fixtures::set::<milestone::Entity>(write, change).await;
            json!({ "id": milestone })
        }
        "milestonesCreate" => json!({
            "priorityId": priority, "items": [{ "title": "Half way", "dueOn": day(write.now(), 10) }],
        }),
        "measurableCreate" => json!({
            "priorityId": priority, "teamId": home.team, "ownerId": home.owner, "name": "Sales", "unit": "EUR", "direction": "UP", "period": "MONTH",
            "baseline": "1.5", "target": "2",
        }),
        "measurableUpdate" => json!({
            "id": measurable, "target": "3", "greenBound": "2.5", "amberBound": "2", "ownerId": home.owner,
        }),
        "measurableValuesSet" => json!({
            "teamId": home.team, "items": [{ "id": measurable, "value": "2.25" }],
        }),
        "measurableRecord" => json!({ "id": measurable, "value": "2.25" }),
        "measurableRemove" => json!({ "id": measurable }),
        _ => return None,
    })
}

/// The seats of a team.
pub(super) async fn seats(write: &Write, home: &TeamFixtures, mutation: &str) -> Option<Value> {
    let at = || fixtures::seat(write, home);
    Some(match mutation {
        "seatCreate" => json!({
            "teamId": home.team, "title": "Sales", "duties": "Orders", "parentId": at().await,
            "memberId": home.owner,
        }),
        "seatUpdate" => json!({ "id": at().await, "parentId": at().await, "memberId": home.owner }),
        "seatRemove" => json!({ "id": at().await }),
        _ => return None,
    })
}

/// What is said, and what is done to many at once.
pub(super) async fn words(
    write: &Write,
    world: &World,
    home: &TeamFixtures,
    mutation: &str,
) -> Option<Value> {
    let leader = world.cast.person(Persona::Leader).1;
    let action = async |status| fixtures::action(write, home, status, None).await;
    let due = day(write.now(), 21);
    Some(match mutation {
        "actionCommentCreate" => {
            let action = action(ActionStatus::Offered).await;
            let answers = fixtures::comment(write, home, action, leader).await;
            json!({ "actionId": action, "text": "Half way", "replyToId": answers })
        }
        "actionCommentUpdate" | "actionCommentWithdraw" => {
            let action = action(ActionStatus::Offered).await;
            let id = fixtures::comment(write, home, action, leader).await;
            if mutation == "actionCommentUpdate" {
                json!({ "id": id, "text": "Nearly" })
            } else {
                json!({ "id": id })
            }
        }
        "actionsCreate" => json!({ "teamId": home.team, "items": [{
            "ownerId": home.owner, "title": "Call", "dueOn": due, "priorityId": home.ids["priority"],
            "sessionId": home.ids["session"], "decisionId": home.ids["decision"], "obstacleId": home.ids["obstacle"],
        }] }),
        "checkInsCreate" => json!({ "teamId": home.team, "items": [{
            "id": action(ActionStatus::Accepted).await, "status": "ON_TRACK", "confidence": 4,
        }] }),
        "actionsAccept" => {
            json!({ "teamId": home.team, "items": [{ "id": action(ActionStatus::Offered).await }] })
        }
        "actionsRedate" => json!({ "teamId": home.team, "reason": "Holidays", "items": [{
            "id": action(ActionStatus::Accepted).await, "dueOn": due,
        }] }),
        _ => return None,
    })
}

pub(super) async fn actions(write: &Write, home: &TeamFixtures, mutation: &str) -> Option<Value> {
    let at = |status| fixtures::action(write, home, status, None);
    let due = day(write.now(), 21);
    Some(match mutation {
        "actionCreate" => json!({
            "teamId": home.team, "ownerId": home.owner, "title": "Call", "dueOn": due,
            "priorityId": home.ids["priority"], "sessionId": home.ids["session"],
            "decisionId": home.ids["decision"], "obstacleId": home.ids["obstacle"],
        }),
        "actionImport" => {
            let (key, owner) = (name(write, "A"), home.owner);
            json!({
                "teamId": home.team,
                "csv": format!("external_id,owner,title,due_on\n{key},{owner},Call,{due}\n"),
            })
        }
        "actionUpdate" => json!({ "id": at(ActionStatus::Offered).await, "title": "Call again" }),
        "actionReassign" => {
            let other = fixtures::member(write, home, None).await;
            json!({ "id": at(ActionStatus::Offered).await, "ownerId": other })
        }
        "actionAccept" => json!({ "id": at(ActionStatus::Offered).await }),
        "actionDecline" => json!({ "id": at(ActionStatus::Offered).await, "reason": "Too much" }),
        "actionComplete" => json!({ "id": at(ActionStatus::Accepted).await }),
        "actionReopen" => {
            let id = at(ActionStatus::Accepted).await;
            let row = write.find::<action::Entity>(id).await.expect("a look").expect("an action");
            let mut change = row.into_active_model();
            change.status = Set(ActionStatus::Done);
            change.closed_at = Set(Some(write.now()));
            fixtures::set::<action::Entity>(write, change).await;
            json!({ "id": id, "reason": "The customer called back" })
        }
        "actionCancel" => {
            json!({ "id": at(ActionStatus::Accepted).await, "reason": "Not needed", "decisionId": home.ids["decision"] })
        }
        "actionCheckIn" => json!({
            "id": at(ActionStatus::Accepted).await, "status": "AT_RISK", "confidence": 2, "comment": "Late",
        }),
        "actionRedate" => {
            json!({ "id": at(ActionStatus::Accepted).await, "dueOn": due, "reason": "Holidays" })
        }
        _ => return None,
    })
}
