//! From the first workshop to the end of the first quarter of execution: March to September 2026.

use super::story::{
    ALL, Story,
    Who::{Ada, Admin, Ben, Cai, Facilitator, Lena, Owner, Quentin, Sami},
    london,
};
use serde_json::json;

/// Monday, 2 March: head office publishes StratPro, three more join, and the programme starts.
pub async fn programme_starts(story: &mut Story<'_>) {
    let input = json!({ "name": "StratPro", "summary": "Six stages", "basis": "STRATPRO" });
    let made = story.does(Admin, "templateCreate", input, "template { versions { id } }").await;
    let version = made["template"]["versions"][0]["id"].clone();
    story.does(Admin, "templatePublish", json!({ "id": version }), "").await;
    for who in [Ada, Ben, Cai] {
        story.joins(who).await;
    }
    let input =
        json!({ "teamId": story.team(), "templateVersionId": version, "plannedStartOn": "2026-03-02" });
    let what = "programme { id stages { id title } }";
    let planned = story.does(Facilitator, "programmeCreate", input, what).await["programme"].clone();
    story.called("Programme", planned["id"].clone());
    for stage in planned["stages"].as_array().expect("stages") {
        story.called(stage["title"].as_str().expect("a title"), stage["id"].clone());
    }
    story.does(Facilitator, "programmeStart", json!({ "id": planned["id"] }), "").await;
    let series = json!({
        "teamId": story.team(), "programmeId": planned["id"], "kind": "FOLLOW_UP", "title": "Follow-up", "place": "The mill",
        "minutes": 60, "rule": "FREQ=WEEKLY;INTERVAL=2;BYDAY=MO", "startsOn": "2026-03-16", "localTime": "10:00",
    });
    story.makes(Facilitator, "Follow-up", ("sessionSeriesCreate", "sessionSeries"), series).await;
    story.scheduled("Alignment workshop", "WORKSHOP", Some("Align"), "2026-03-03 13:00").await;
}

/// March: one page, and a first decision.
pub async fn align(story: &mut Story<'_>) {
    story.comes("2026-03-03 13:00").await;
    let held = story.held("Alignment workshop", &[Lena, Sami, Quentin, Ada, Ben], &["Read-back"]).await;
    assert_eq!(
        (&held["membersPresent"], &held["membersActive"], &held["quorate"]),
        (&json!(5), &json!(6), &json!(true))
    );
    assert_eq!(held["review"], json!(null), "a workshop is no review");
    assert_eq!(
        (&held["agenda"][4]["title"], &held["agenda"][4]["status"]),
        (&json!("Read-back"), &json!("CARRIED"))
    );
    assert!(
        held["recap"]["markdown"].as_str().is_some_and(|page| page.contains("5 of 6 participants present"))
    );
    story.promised(Sami, "Write the one page", "2026-03-13").await;
    story.promised(Lena, "Ask every branch how it reads the page", "2026-03-20").await;
    story.promised(Quentin, "Check the page with the foremen", "2026-04-10").await;
    story.promised(Sami, "Print the page", "2026-03-30").await;
    story.offered(Lena, "Tell the auditors", "2026-04-03", json!({})).await;
    let options = json!({ "options": ["Three markets", "Ten markets"], "stageId": story.id("Align") });
    story.proposes(Lena, "Serve three markets", Lena, options).await;
    for (who, stance) in [(Lena, "SUPPORTS"), (Sami, "ACCEPTS")] {
        story.stands(who, "Serve three markets", stance).await;
    }
    let too_few = json!({ "id": story.id("Serve three markets"), "chosenOptionId": "nothing" });
    assert_eq!(story.may_not(Facilitator, "decisionRatify", too_few).await, "INVALID");
    story.comes("2026-03-04 10:00").await;
    let round = story.aligned("First reading", [[4, 3], [4, 3], [4, 3], [3, 3], [4, 3]]).await;
    let told = |mean: &str| json!({ "mean": mean, "band": "HIGH", "meanBefore": null, "bandBefore": null });
    assert_eq!((&round["disclosure"], &round["responsePercent"]), (&json!("ANONYMOUS"), &json!(83)));
    assert_eq!(round["statements"], json!([told("4.0"), told("3.0")]));
    story.comes("2026-03-06 10:00").await;
    story.declines("Tell the auditors", "They do not know me").await;
    story.comes("2026-03-09 10:00").await;
    story.given_to("Tell the auditors", Ada).await;
    story.accepts("Tell the auditors").await;
    story.comes("2026-03-12 10:00").await;
    story.done("Write the one page").await;
    story.comes("2026-03-16 10:00").await;
    let held = story.followed_up("2026-03-16", &ALL).await;
    assert_eq!(held["review"], json!({ "dueOn": "2026-03-16", "status": "MET" }));
    let agenda = held["agenda"].as_array().expect("an agenda");
    let read_backs = agenda.iter().filter(|item| item["title"] == "Read-back").count();
    assert_eq!(read_backs, 1, "what was left open went on in the item that the template suggests");
    story.stands(Ada, "Serve three markets", "SUPPORTS").await;
    story.ratified("Serve three markets", Some(0)).await;
    story.raises(Lena, "Two of us do not speak to each other", "HIGH").await;
    story.scheduled("Vision workshop", "WORKSHOP", Some("Vision"), "2026-04-09 13:00").await;
    align_ends(story).await;
}

async fn align_ends(story: &mut Story<'_>) {
    story.comes("2026-03-20 10:00").await;
    story.reads_back(Lena, "Serve three markets", "Three, and seven go", true).await;
    story.reads_back(Sami, "Serve three markets", "We try three first", false).await;
    let told = json!({ "id": story.id("Serve three markets"), "audience": "The night shift", "communicatedOn": "2026-03-19" });
    story.does(Lena, "decisionAttest", told, "").await;
    story.comes("2026-03-24 10:00").await;
    story.done("Ask every branch how it reads the page").await;
    story.reads_back(Sami, "Serve three markets", "Three, and the others end", true).await;
    story.comes("2026-03-27 10:00").await;
    assert_eq!(story.days_avoided("Two of us do not speak to each other").await, 11);
    story.cancelled("Print the page", "Nobody reads paper").await;
    let early = json!({ "id": story.id("Align") });
    assert_eq!(story.may_not(Facilitator, "stagePass", early).await, "CRITERIA_NOT_MET");
    story.confirmed("Align", 0).await;
    story.passed("Align").await;
    // clocks went forward on the 29th
    story.comes("2026-03-30 10:00").await;
    let held = story.followed_up("2026-03-30", &ALL).await;
    assert_eq!(
        (&held["startsAt"], &held["review"]["status"]),
        (&json!("2026-03-30T09:00:00Z"), &json!("MET"))
    );
    story.obstacle(Lena, "Two of us do not speak to each other", "obstacleDiscuss").await;
    story.obstacle(Sami, "Two of us do not speak to each other", "obstaclePrioritise").await;
    story.promised(Lena, "Say the vision in one sentence", "2026-05-22").await;
    story.comes("2026-03-31 18:00").await;
}

/// April: a vision, and a stage passed over a criterion.
pub async fn vision(story: &mut Story<'_>) {
    story.comes("2026-04-03 10:00").await;
    story.done("Tell the auditors").await;
    story.comes("2026-04-09 13:00").await;
    story.held("Vision workshop", &ALL, &[]).await;
    story.proposes(Lena, "No rush orders", Sami, json!({})).await;
    for (who, stance) in [(Lena, "SUPPORTS"), (Sami, "ACCEPTS"), (Ben, "OPPOSES")] {
        story.stands(who, "No rush orders", stance).await;
    }
    story.comes("2026-04-10 10:00").await;
    story.moved("2026-04-13", "2026-04-16 10:00").await;
    story.comes("2026-04-16 10:00").await;
    let held = story.held("2026-04-13", &ALL, &[]).await;
    assert_eq!(
        held["review"],
        json!({ "dueOn": "2026-04-13", "status": "LATE" }),
        "two days of grace were over"
    );
    story.ratified("No rush orders", None).await;
    // the foremen were to be asked by the 10th, and nobody planned anew
    story.comes("2026-04-20 10:00").await;
    story.answers(Facilitator, "PAST_BASELINE", "driftAcknowledge").await;
    story.redated("Check the page with the foremen", "2026-05-08", "The foremen are on leave").await;
    story.comes("2026-04-24 10:00").await;
    story.confirmed("Vision", 1).await;
    let reason = "The values are for the next workshop";
    let over = json!({ "id": story.id("Vision"), "overrideReason": reason });
    assert_eq!(story.may_not(Facilitator, "stagePass", over.clone()).await, "NOT_OWNER");
    story.does(Owner, "stagePass", over, "").await;
    story.scheduled("Diagnosis workshop", "WORKSHOP", Some("Diagnose"), "2026-05-07 13:00").await;
    assert_eq!(story.stages().await[..3], ["Align PASSED", "Vision PASSED, overridden", "Diagnose OPEN"]);
}

/// From the end of April to the end of May: nobody comes on the 27th of April, and the hard topics are named.
pub async fn diagnose(story: &mut Story<'_>) {
    story.comes("2026-05-06 10:00").await;
    story.done("Check the page with the foremen").await;
    story.comes("2026-05-07 13:00").await;
    story.held("Diagnosis workshop", &ALL, &[]).await;
    story.raises(Ben, "Nobody plans the shifts", "MEDIUM").await;
    let against = json!({ "obstacleId": story.id("Nobody plans the shifts") });
    story.offered(Ben, "Sketch a plan of the shifts", "2026-06-05", against).await;
    story.accepts("Sketch a plan of the shifts").await;
    story.comes("2026-05-11 10:00").await;
    let held = story.followed_up("2026-05-11", &ALL).await;
    assert_eq!(held["review"], json!({ "dueOn": "2026-05-11", "status": "MET" }));
    story.obstacle(Sami, "Nobody plans the shifts", "obstaclePrioritise").await;
    story.comes("2026-05-20 10:00").await;
    story.redated("Say the vision in one sentence", "2026-05-29", "Two sentences so far").await;
    story.called_off("2026-05-25", "Bank holiday").await;
    story.scheduled("After the holiday", "REVIEW", None, "2026-05-27 10:00").await;
    story.comes("2026-05-22 10:00").await;
    story.confirmed("Diagnose", 0).await;
    story.passed("Diagnose").await;
    story.comes("2026-05-27 10:00").await;
    let held = story.held("After the holiday", &[Lena, Sami, Ada], &[]).await;
    assert_eq!(
        (&held["quorate"], &held["review"]["status"]),
        (&json!(true), &json!("MET")),
        "half are enough"
    );
    story.comes("2026-05-28 10:00").await;
    story.redated("Say the vision in one sentence", "2026-06-12", "One and a half").await;
    story.comes("2026-05-29 10:00").await;
    story.answers(Lena, "REDATED", "driftAcknowledge").await;
    story.proposes(Ben, "Outsource the paint shop", Ben, json!({})).await;
}

/// June: new evidence reopens the diagnosis.
pub async fn diagnose_again(story: &mut Story<'_>) {
    story.comes("2026-06-01 10:00").await;
    let reason = json!({ "id": story.id("Diagnose"), "reason": "The figures of the branches came late" });
    story.does(Facilitator, "stageReopen", reason, "").await;
    assert_eq!(story.stages().await[2..4], ["Diagnose OPEN, reopened 1", "Plan LOCKED"]);
    story.comes("2026-06-02 10:00").await;
    story.answers(Sami, "REDATED", "driftAccept").await;
    story.comes("2026-06-04 10:00").await;
    story.done("Sketch a plan of the shifts").await;
    story.comes("2026-06-05 10:00").await;
    let taken_back =
        json!({ "id": story.id("Outsource the paint shop"), "reason": "We would lose the skill" });
    story.does(Sami, "decisionRevoke", taken_back, "").await;
    story.obstacle(Sami, "Nobody plans the shifts", "obstacleResolve").await;
    story.called_off("2026-06-08", "Half the team is ill").await;
    // they met over lunch instead, and told so afterwards
    story.comes("2026-06-10 10:00").await;
    let due = "query($id: ID!) { team(id: $id) { reviews(filter: { dueOn: { eq: \"2026-06-08\" } }) { nodes { id } } } }";
    let due = story.sees(Facilitator, due, story.team()).await["team"]["reviews"]["nodes"][0]["id"].clone();
    let held = json!({ "id": due, "heldAt": london("2026-06-09 14:00").to_rfc3339(), "quorate": true });
    let held = story.does(Facilitator, "reviewHold", held, "review { status }").await;
    assert_eq!(held["review"]["status"], "MET");
    story.comes("2026-06-11 10:00").await;
    story.redated("Say the vision in one sentence", "2026-06-19", "Sami has another").await;
    story.comes("2026-06-12 10:00").await;
    story.passed("Diagnose").await;
    story.scheduled("Planning workshop", "WORKSHOP", Some("Plan"), "2026-06-18 13:00").await;
}

/// June: few priorities, and a slower rhythm.
pub async fn plan(story: &mut Story<'_>) {
    story.comes("2026-06-18 13:00").await;
    story.held("Planning workshop", &ALL, &[]).await;
    story.done("Say the vision in one sentence").await;
    for (owner, title) in [
        (Lena, "Three markets"),
        (Sami, "One price list"),
        (Quentin, "Deliver on time"),
        (Lena, "Two planners"),
    ] {
        story.proposed(owner, title, "2026-Q3", Some("Plan")).await;
    }
    story.comes("2026-06-22 10:00").await;
    let held = story.followed_up("2026-06-22", &[Lena, Sami]).await;
    assert_eq!(
        (&held["quorate"], &held["review"]["status"]),
        (&json!(false), &json!("MET")),
        "held, though by few"
    );
    story.promised_for("Three markets", Lena, "List the customers of each market", "2026-07-10").await;
    story.promised_for("Three markets", Lena, "Say goodbye to seven markets", "2026-07-31").await;
    story.promised_for("Three markets", Ben, "Price the third market", "2026-07-17").await;
    story.promised_for("One price list", Sami, "Collect all price lists", "2026-07-10").await;
    story.promised_for("One price list", Cai, "Choose one currency", "2026-07-24").await;
    let serves = json!({ "priorityId": story.id("One price list") });
    story.offered(Ada, "Announce the list", "2026-08-28", serves).await;
    story.comes("2026-06-29 10:00").await;
    let monthly = json!({ "teamId": story.team(), "unit": "MONTH", "every": 1, "anchorOn": "2026-07-31", "time": "16:00" });
    story.does(Facilitator, "reviewCadenceSet", monthly, "").await;
    let monthly =
        json!({ "id": story.id("Follow-up"), "rule": "FREQ=MONTHLY;BYDAY=-1TH", "startsOn": "2026-07-01" });
    story.does(Facilitator, "sessionSeriesUpdate", monthly, "").await;
    story.comes("2026-06-30 10:00").await;
    for title in ["Three markets", "One price list", "Deliver on time", "Two planners"] {
        story.committed(title).await;
    }
    story.milestone("Three markets", "The customers are sorted", 40, "2026-07-10").await;
    story.milestone("Three markets", "Seven contracts are ended", 60, "2026-08-20").await;
    story.milestone("One price list", "The lists are collected", 50, "2026-07-10").await;
    story.milestone("One price list", "One list is in force", 50, "2026-09-15").await;
    let figure = json!({ "priorityId": story.id("Deliver on time"), "name": "On-time delivery", "unit": "%", "direction": "UP",
        "period": "MONTH", "baseline": "82", "target": "95" });
    story.makes(Facilitator, "On-time delivery", ("measurableCreate", "measurable"), figure).await;
    story.locked("2026-Q3").await;
    story.comes("2026-06-30 18:00").await;
}

/// What was delivered on time in a month, in per cent.
async fn delivered(story: &mut Story<'_>, month: &str, value: &str) {
    let input =
        json!({ "id": story.id("On-time delivery"), "periodOn": format!("{month}-01"), "value": value });
    story.does(Facilitator, "measurableRecord", input, "").await;
}

/// July: the plan is passed, and one priority falls behind.
pub async fn july(story: &mut Story<'_>) {
    story.comes("2026-07-10 10:00").await;
    story.done("List the customers of each market").await;
    story.done("Collect all price lists").await;
    story.reached("The customers are sorted").await;
    story.comes("2026-07-13 10:00").await;
    story.proposed(Sami, "Screens on the floor", "2026-Q3", None).await;
    story.committed("Screens on the floor").await;
    story.proposed(Ada, "Call the silent customers", "2026-Q3", None).await;
    let sixth = json!({ "id": story.id("Call the silent customers") });
    assert_eq!(story.may_not(Sami, "priorityCommit", sixth).await, "LIMIT_REACHED");
    story.confirmed("Plan", 0).await;
    story.passed("Plan").await;
    story.comes("2026-07-17 10:00").await;
    story.done("Price the third market").await;
    // a fifth of the quarter is over, and of one price list there is nothing yet
    story.comes("2026-07-20 10:00").await;
    story.answers(Sami, "BEHIND", "driftAcknowledge").await;
    story.answers(Sami, "BEHIND", "driftReplan").await;
    story.comes("2026-07-30 10:00").await;
    let held = story.followed_up("2026-07-30", &ALL).await;
    assert_eq!(held["review"], json!({ "dueOn": "2026-07-31", "status": "MET" }));
    story.done("Choose one currency").await;
    story.redated("Say goodbye to seven markets", "2026-08-14", "Two of them are on holiday").await;
    story.reached("The lists are collected").await;
}

/// August: one is dropped for another, and a decision is debated anew.
pub async fn august(story: &mut Story<'_>) {
    story.comes("2026-08-03 10:00").await;
    story.accepts("Announce the list").await;
    delivered(story, "2026-07", "86.5").await;
    // from here on nobody says how deliveries stand
    story.falls_silent("Deliver on time");
    story.comes("2026-08-14 10:00").await;
    story.done("Say goodbye to seven markets").await;
    story.dropped("Two planners", "The market for planners is empty").await;
    story.comes("2026-08-17 10:00").await;
    story.committed("Call the silent customers").await;
    story.comes("2026-08-20 10:00").await;
    story.reached("Seven contracts are ended").await;
    let anew = json!({ "id": story.id("No rush orders"), "reason": "The hospitals cannot wait" });
    let heir =
        story.does(Sami, "decisionReopen", anew.clone(), "decision { id }").await["decision"]["id"].clone();
    story.called("No rush orders but for hospitals", heir);
    assert_eq!(story.may_not(Sami, "decisionReopen", anew).await, "WRONG_STATE");
    story.comes("2026-08-24 10:00").await;
    story.moved("2026-08-27", "2026-09-10 10:00").await;
    story.offered(Ben, "Translate the list", "2026-09-30", json!({})).await;
    story.comes("2026-08-31 10:00").await;
    story.declines("Translate the list", "I do not speak Welsh").await;
    delivered(story, "2026-08", "91").await;
}

/// September: what was late is made good, and readings drift apart.
pub async fn september(story: &mut Story<'_>) {
    story.comes("2026-09-07 10:00").await;
    story.answers(Sami, "BEHIND", "driftAccept").await;
    story.comes("2026-09-10 10:00").await;
    let held = story.held("2026-08-27", &ALL, &[]).await;
    assert_eq!(
        held["review"],
        json!({ "dueOn": "2026-08-31", "status": "LATE" }),
        "a week of grace was over"
    );
    let heir = json!({ "id": story.id("No rush orders but for hospitals"), "text": "Hospitals may order by the day" });
    story.does(Sami, "decisionUpdate", heir, "").await;
    for who in [Lena, Sami, Ben] {
        story.stands(who, "No rush orders but for hospitals", "SUPPORTS").await;
    }
    story.ratified("No rush orders but for hospitals", None).await;
    story.obstacle(Lena, "Two of us do not speak to each other", "obstacleEscalate").await;
    story.comes("2026-09-14 10:00").await;
    story.done("Announce the list").await;
    story.comes("2026-09-15 10:00").await;
    story.obstacle(Facilitator, "Two of us do not speak to each other", "obstacleResume").await;
    let round = story.aligned("Second reading", [[1, 3], [5, 3], [1, 3], [5, 3], [3, 3]]).await;
    assert_eq!(
        round["statements"],
        json!([
            { "mean": "3.0", "band": "LOW", "meanBefore": "4.0", "bandBefore": "HIGH" },
            { "mean": "3.0", "band": "HIGH", "meanBefore": "3.0", "bandBefore": "HIGH" },
        ])
    );
    story.comes("2026-09-24 10:00").await;
    let held = story.followed_up("2026-09-24", &ALL).await;
    assert_eq!(held["review"], json!({ "dueOn": "2026-09-30", "status": "MET" }));
    story.obstacle(Lena, "Two of us do not speak to each other", "obstacleResolve").await;
    story.raises(Sami, "Head office takes the best people", "LOW").await;
    let place = json!({ "supersedesId": story.id("Serve three markets") });
    story.proposes(Lena, "Serve four markets", Lena, place).await;
    for who in [Lena, Ada, Cai] {
        story.stands(who, "Serve four markets", "SUPPORTS").await;
    }
    story.ratified("Serve four markets", None).await;
    story.promised(Sami, "Hold two talks about the fourth market", "2026-09-29").await;
    story.promised(Cai, "Show the screens to the night shift", "2026-10-05").await;
    story.comes("2026-09-25 10:00").await;
    story.achieved("Three markets").await;
    // of deliveries nobody has said anything for two slots of four weeks
    story.comes("2026-09-28 10:00").await;
    story.answers(Facilitator, "CHECK_INS_MISSED", "driftAcknowledge").await;
    story.comes("2026-09-30 18:00").await;
    story.obstacle(Sami, "Head office takes the best people", "obstaclePark").await;
}
