//! Participants: observers are members who count for nothing, in no quorum and no response rate.

use super::alignment::people;
use crate::{kit::Persona::*, scenario};
use entity::membership::MembershipRole;
use serde_json::{Value, json};
use std::collections::BTreeSet;

scenario! {
    async fn three_leaders_decide_beside_four_observers(world: World) {
        people(&world, &["Flo", "Gus", "Hal", "Ida"], MembershipRole::Observer).await;
        let cast = &world.cast;
        let members = "query($id: ID!) { team(id: $id) { members { name participant } } }";
        for who in [Facilitator, Leader, Observer] {
            let members = world.read(who, members, json!({ "id": cast.team })).await["team"]["members"].clone();
            let members = members.as_array().expect("members").iter();
            let names: BTreeSet<&str> = members.filter(|one| one["participant"] == true).filter_map(|one| one["name"].as_str()).collect();
            assert_eq!(names, BTreeSet::from(["Lena Leader", "Quentin Quiet", "Sami Sponsor"]), "{who:?}");
        }
        let propose = json!({ "teamId": cast.team, "title": "Serve three markets", "text": "We leave the others.",
            "ownerId": cast.leader });
        let decision = world.done(Leader, "decisionPropose", propose, "decision { id }").await["decision"]["id"].clone();
        let stance = json!({ "id": decision, "stance": "SUPPORTS", "conviction": 4 });
        world.done(Leader, "decisionStance", stance.clone(), "").await;
        let refused = world.change(Facilitator, "decisionRatify", json!({ "id": decision }), "").await;
        let message = refused["errors"][0]["message"].as_str().unwrap_or_default();
        assert!(message.starts_with("1 of 3 participants"), "{message}");
        world.done(Sponsor, "decisionStance", stance, "").await;
        let ratified = world.done(Facilitator, "decisionRatify", json!({ "id": decision }), "decision { status stanceCount }").await;
        assert_eq!(ratified["decision"], json!({ "status": "RATIFIED", "stanceCount": 2 }));
        // and the review that two of three attend has its quorum
        let input = json!({ "teamId": cast.team, "kind": "REVIEW", "title": "Review", "place": "", "minutes": 60,
            "startsAt": "2026-03-02T09:30:00Z" });
        let session = world.done(Facilitator, "sessionSchedule", input, "session { id }").await["session"]["id"].clone();
        world.done(Facilitator, "sessionStart", json!({ "id": session }), "").await;
        let present = [&cast.leader, &cast.sponsor].map(|member| json!({ "memberId": member, "status": "PRESENT" }));
        let close = json!({ "id": session, "summary": "Over", "attendance": present });
        let closed = world.done(Facilitator, "sessionClose", close, "session { membersPresent membersActive quorate }").await;
        assert_eq!(closed["session"], json!({ "membersPresent": 2, "membersActive": 3, "quorate": true }));
    }
}

scenario! {
    async fn five_of_five_answering_leaders_are_the_whole_team(world: World) {
        let leaders = people(&world, &["Ada", "Ben", "Cai"], MembershipRole::Leader).await;
        people(&world, &["Flo", "Gus", "Hal", "Ida"], MembershipRole::Observer).await;
        world.done(Facilitator, "memberRemove", json!({ "id": world.cast.quiet }), "").await;
        let statements = ["We decide fast", "We finish", "We listen", "We say no"].map(|text| json!({ "text": text, "core": true }));
        let input = json!({ "teamId": world.cast.team, "title": "First reading", "statements": statements });
        let what = "alignmentRound { id memberCount statements { id } }";
        let round = world.done(Facilitator, "alignmentRoundOpen", input, what).await["alignmentRound"].clone();
        assert_eq!(round["memberCount"], 5);
        let statements = round["statements"].as_array().expect("statements").iter();
        let answers: Vec<Value> = statements.map(|one| json!({ "statementId": one["id"], "rating": 4 })).collect();
        let input = json!({ "input": { "id": round["id"], "answers": answers } });
        for token in leaders.into_iter().chain([world.token(Leader), world.token(Sponsor)]) {
            let document = crate::kit::document("alignmentRoundAnswer", "");
            let answered = world.send(Some(token), &document, input.clone(), None).await;
            assert_eq!(answered.json["data"]["alignmentRoundAnswer"]["errors"], json!([]), "{}", answered.text);
        }
        world.done(Facilitator, "alignmentRoundSeal", json!({ "id": round["id"] }), "").await;
        let what = "alignmentRound { disclosure responsePercent unansweredCount }";
        let revealed = world.done(Facilitator, "alignmentRoundReveal", json!({ "id": round["id"] }), what).await;
        assert_eq!(revealed["alignmentRound"], json!({ "disclosure": "ANONYMOUS", "responsePercent": 100, "unansweredCount": 0 }));
        world.at("2026-05-01T09:00:00Z");
        let document = "query($id: ID!) { client(id: $id) { metrics { metric value denominator reason } } }";
        let read = world.read(Leader, document, json!({ "id": world.cast.client })).await["client"]["metrics"].clone();
        assert_eq!(
            [&read[7], &read[8]],
            [
                &json!({ "metric": "ALIGNMENT_LEVEL", "value": "0.75", "denominator": 20, "reason": null }),
                &json!({ "metric": "AGREEMENT", "value": "1", "denominator": 20, "reason": null }),
            ]
        );
    }
}
