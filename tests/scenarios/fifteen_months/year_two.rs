//! From the second quarter of execution to the end of the programme: October 2026 to May 2027.

use super::story::{
    ALL, Story,
    Who::{Ada, Ben, Cai, Facilitator, Lena, Quentin, Sami},
};
use serde_json::json;

/// October and November: a second quarter, and a session to which nobody comes.
pub async fn autumn(story: &mut Story<'_>) {
    story.comes("2026-10-01 10:00").await;
    let ends = [
        ("One price list", "CARRIED"),
        ("Deliver on time", "ACHIEVED"),
        ("Screens on the floor", "MISSED"),
        ("Call the silent customers", "CARRIED"),
    ];
    story.closed("2026-Q3", &ends).await;
    story.answers(Facilitator, "AGREEMENT_DOWN", "driftAcknowledge").await;
    story.comes("2026-10-05 10:00").await;
    story.done("Hold two talks about the fourth market").await;
    story.done("Show the screens to the night shift").await;
    story.proposed(Lena, "A second shift that works", "2026-Q4", Some("Execute")).await;
    story.proposed(Ben, "Complaints answered in a day", "2026-Q4", Some("Execute")).await;
    for title in ["One price list, 2026-Q4", "A second shift that works", "Complaints answered in a day"] {
        story.committed(title).await;
    }
    story.locked("2026-Q4").await;
    for (owner, title, due) in [
        (Lena, "Find", "2026-10-16"),
        (Cai, "Train", "2026-11-06"),
        (Lena, "Staff", "2026-11-27"),
        (Cai, "Run", "2026-12-10"),
    ] {
        story
            .promised_for("A second shift that works", owner, &format!("{title} the second shift"), due)
            .await;
    }
    for (owner, title, due) in [
        (Ben, "Count", "2026-10-16"),
        (Ada, "Sort", "2026-11-06"),
        (Ben, "Answer", "2026-11-27"),
        (Ada, "Halve", "2026-12-10"),
    ] {
        story
            .promised_for("Complaints answered in a day", owner, &format!("{title} the complaints"), due)
            .await;
    }
    story.promised_for("Complaints answered in a day", Ada, "Hire a coach", "2026-12-04").await;
    let serves = json!({ "priorityId": story.id("A second shift that works") });
    story.offered(Cai, "Buy a clock", "2026-11-30", serves).await;
    story.comes("2026-10-08 10:00").await;
    story.declines("Buy a clock", "There is one").await;
    story.comes("2026-10-16 10:00").await;
    story.done("Find the second shift").await;
    story.done("Count the complaints").await;
    // clocks went back on the 25th
    story.comes("2026-10-29 10:00").await;
    let held = story.followed_up("2026-10-29", &ALL).await;
    assert_eq!(held["startsAt"], "2026-10-29T10:00:00Z");
    assert_eq!(held["review"], json!({ "dueOn": "2026-10-31", "status": "MET" }));
    story.comes("2026-11-06 10:00").await;
    story.done("Train the second shift").await;
    story.done("Sort the complaints").await;
    story.comes("2026-11-20 10:00").await;
    story.cancelled("Hire a coach", "Ben does it himself").await;
    // on the 26th nobody comes
    story.comes("2026-11-27 10:00").await;
    story.done("Staff the second shift").await;
}

/// December: the programme pauses for stocktaking, and over the holidays.
pub async fn pause(story: &mut Story<'_>) {
    story.comes("2026-12-01 10:00").await;
    story.done("Answer the complaints").await;
    story.comes("2026-12-04 10:00").await;
    story.achieved("One price list, 2026-Q4").await;
    story.comes("2026-12-10 10:00").await;
    story.done("Run the second shift").await;
    story.done("Halve the complaints").await;
    story.promised(Ben, "Take stock", "2027-01-05").await;
    story.comes("2026-12-14 10:00").await;
    let why = json!({ "id": story.id("Programme"), "reason": "Stocktaking, and then the holidays" });
    story.does(Facilitator, "programmePause", why, "").await;
    story.called_off("2026-12-31", "Holidays").await;
    story.falls_silent("A second shift that works");
    story.falls_silent("Complaints answered in a day");
    let paused = json!({ "id": story.id("Execute") });
    assert_eq!(story.may_not(Facilitator, "stagePass", paused).await, "WRONG_STATE");
    story.comes("2026-12-31 18:00").await;
}

/// January: it goes on, a third quarter begins, and execution is passed.
pub async fn execute_ends(story: &mut Story<'_>) {
    story.comes("2027-01-11 10:00").await;
    story.does(Facilitator, "programmeResume", json!({ "id": story.id("Programme") }), "").await;
    // what was only proposed, to call the silent customers, is dropped
    let ends = [("A second shift that works", "CARRIED"), ("Complaints answered in a day", "ACHIEVED")];
    story.closed("2026-Q4", &ends).await;
    story.proposed(Ben, "A board every Monday", "2027-Q1", None).await;
    story.committed("A second shift that works, 2027-Q1").await;
    story.committed("A board every Monday").await;
    story.locked("2027-Q1").await;
    story.comes("2027-01-12 10:00").await;
    story.done("Take stock").await;
    story.comes("2027-01-28 10:00").await;
    let held = story.followed_up("2027-01-28", &ALL).await;
    assert_eq!(held["review"], json!({ "dueOn": "2027-01-31", "status": "MET" }));
    story.comes("2027-01-29 10:00").await;
    story.confirmed("Execute", 0).await;
    story.passed("Execute").await;
    story.scheduled("Optimisation workshop", "WORKSHOP", Some("Optimise"), "2027-02-18 13:00").await;
}

/// February and March: what slowed the team down.
pub async fn optimise(story: &mut Story<'_>) {
    story.comes("2027-02-18 13:00").await;
    story.held("Optimisation workshop", &ALL, &[]).await;
    story.promised(Cai, "Write down what slowed us", "2027-03-05").await;
    story.promised(Lena, "Give every manager a free day", "2027-03-12").await;
    story.comes("2027-02-25 10:00").await;
    let held = story.followed_up("2027-02-25", &ALL).await;
    assert_eq!(held["review"], json!({ "dueOn": "2027-02-28", "status": "MET" }));
    story.comes("2027-03-05 10:00").await;
    story.done("Write down what slowed us").await;
    story.comes("2027-03-22 10:00").await;
    story.moved("2027-03-25", "2027-04-12 10:00").await;
    story.comes("2027-03-26 10:00").await;
    story.missed("A second shift that works, 2027-Q1").await;
    // clocks went forward on the 28th
    story.comes("2027-03-30 10:00").await;
    story.offered(Ada, "Choose next year's three", "2027-04-09", json!({})).await;
    story.comes("2027-03-31 18:00").await;
}

/// April and May: the rhythm holds by itself, nearly.
pub async fn spring(story: &mut Story<'_>) {
    story.comes("2027-04-01 10:00").await;
    story.closed("2027-Q1", &[("A board every Monday", "ACHIEVED")]).await;
    story.comes("2027-04-06 10:00").await;
    story.accepts("Choose next year's three").await;
    story.proposed(Sami, "A rhythm without a facilitator", "2027-Q2", None).await;
    story.committed("A rhythm without a facilitator").await;
    story.comes("2027-04-07 10:00").await;
    story.done("Give every manager a free day").await;
    story.comes("2027-04-09 10:00").await;
    story.done("Choose next year's three").await;
    story.comes("2027-04-12 10:00").await;
    let held = story.held("2027-03-25", &ALL, &[]).await;
    assert_eq!(held["review"], json!({ "dueOn": "2027-03-31", "status": "LATE" }));
    story.comes("2027-04-29 10:00").await;
    let held = story.followed_up("2027-04-29", &ALL).await;
    assert_eq!(held["review"], json!({ "dueOn": "2027-04-30", "status": "MET" }));
    story.comes("2027-05-03 10:00").await;
    story.falls_silent("A rhythm without a facilitator");
    story.comes("2027-05-11 10:00").await;
    let round = story.aligned("Third reading", [[4, 4]; 5]).await;
    assert_eq!(
        round["statements"],
        json!([
            { "mean": "4.0", "band": "HIGH", "meanBefore": "3.0", "bandBefore": "LOW" },
            { "mean": "4.0", "band": "HIGH", "meanBefore": "3.0", "bandBefore": "HIGH" },
        ])
    );
    story.comes("2027-05-26 10:00").await;
    story.achieved("A rhythm without a facilitator").await;
}

/// The end of May: the programme is completed.
pub async fn programme_ends(story: &mut Story<'_>) {
    story.comes("2027-05-27 10:00").await;
    let held = story.followed_up("2027-05-27", &ALL).await;
    assert_eq!(held["review"], json!({ "dueOn": "2027-05-31", "status": "MET" }));
    story.promised(Quentin, "Hand over the file", "2027-06-04").await;
    story.comes("2027-05-28 10:00").await;
    let programme = json!({ "id": story.id("Programme") });
    assert_eq!(story.may_not(Facilitator, "programmeComplete", programme.clone()).await, "CRITERIA_NOT_MET");
    story.confirmed("Optimise", 0).await;
    story.passed("Optimise").await;
    // the series ends with it
    story.does(Facilitator, "programmeComplete", programme, "").await;
    story.comes("2027-05-29 10:00").await;
}
