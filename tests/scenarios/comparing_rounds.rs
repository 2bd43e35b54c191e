//! What crosses alignment rounds: re-votes, keys, comparison and named results, and that nothing of it tells more than the
//! published figures.

use super::alignment::{ROUND, answer, crew, opened, seen, step};
use crate::{
    kit::{
        Persona::{self, *},
        World, document,
        fixtures::Fixtures,
    },
    scenario,
};
use concord::jobs;
use entity::{audit_event, member, member::MemberStatus, person};
use sea_orm::{ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter};
use serde_json::{Value, json};

scenario! {
    async fn a_re_vote_belongs_to_its_round(world: World) {
        let crew = crew(&world, &["Ada", "Ben", "Cai", "Dot", "Eve"]).await;
        let id = |value: &Value| value["id"].as_str().expect("an id").to_owned();
        let first = opened(&world, json!({})).await;
        let early = json!({ "teamId": world.cast.team, "title": "Again", "revoteOfId": first.0 });
        let refused = world.refused(Facilitator, "alignmentRoundOpen", early.clone()).await;
        assert_eq!(refused, ("WRONG_STATE".into(), "input.revoteOfId".into()));
        for token in &crew {
            assert_eq!(answer(&world, token, &first, [2, 10], false).await, None);
        }
        step(&world, "alignmentRoundSeal", &first.0).await;
        step(&world, "alignmentRoundReveal", &first.0).await;
        let both = json!({ "teamId": world.cast.team, "title": "Again", "revoteOfId": first.0, "statements": [{ "text": "We finish" }] });
        assert_eq!(world.refused(Facilitator, "alignmentRoundOpen", both).await, ("INVALID".into(), "input.statements".into()));
        let mut input = early;
        input["statementKeys"] = json!(["we-lose"]);
        assert_eq!(world.refused(Facilitator, "alignmentRoundOpen", input.clone()).await, ("INVALID".into(), "input.statementKeys.0".into()));
        input["statementKeys"] = json!(["we-decide-fast"]);
        let what = "alignmentRound { id revoteOf { title } statements { id key text } }";
        let made = world.done(Facilitator, "alignmentRoundOpen", input, what).await["alignmentRound"].clone();
        assert_eq!((&made["revoteOf"]["title"], &made["statements"][0]["key"]), (&json!("First reading"), &json!("we-decide-fast")));
        let again = (id(&made), vec![id(&made["statements"][0])]);
        for token in &crew {
            assert_eq!(answer(&world, token, &again, [5, 0], false).await, None);
        }
        step(&world, "alignmentRoundSeal", &again.0).await;
        step(&world, "alignmentRoundReveal", &again.0).await;
        let revoted = seen(&world, Leader, &again.0).await;
        assert_eq!((&revoted["statements"][0]["meanBefore"], &revoted["statements"][0]["mean"]), (&json!("2.0"), &json!("5.0")));
        assert_eq!(revoted["comparedWith"]["id"], first.0);
        let twice = json!({ "teamId": world.cast.team, "title": "Once more", "revoteOfId": again.0 });
        assert_eq!(world.refused(Facilitator, "alignmentRoundOpen", twice).await.0, "WRONG_STATE");
        // the team's latest round is still the first, and the next one is compared with it
        let listed = "query($id: ID!) { team(id: $id) { alignmentRounds(first: 1) { totalCount nodes { title revotes { nodes { title } } } } } }";
        let listed = world.read(Leader, listed, json!({ "id": world.cast.team })).await["team"]["alignmentRounds"].clone();
        assert_eq!(listed, json!({ "totalCount": 1, "nodes": [{ "title": "First reading", "revotes": { "nodes": [{ "title": "Again" }] } }] }));
        let next = opened(&world, json!({ "title": "Second reading" })).await;
        for token in &crew {
            assert_eq!(answer(&world, token, &next, [3, 10], false).await, None);
        }
        step(&world, "alignmentRoundSeal", &next.0).await;
        step(&world, "alignmentRoundReveal", &next.0).await;
        let compared = seen(&world, Leader, &next.0).await;
        assert_eq!((&compared["comparedWith"]["id"], &compared["statements"][0]["meanBefore"]), (&json!(first.0), &json!("2.0")));
    }
}

scenario! {
    async fn a_reworded_statement_is_compared_by_its_key(world: World) {
        let crew = crew(&world, &["Ada", "Ben", "Cai", "Dot", "Eve"]).await;
        for (text, rating, before) in [("We decide fast", 2, Value::Null), ("We decide within a week", 4, json!("2.0"))] {
            let statements = json!([{ "key": "pace", "text": text }, { "text": "We finish", "low": 0, "high": 10 }]);
            let round = opened(&world, json!({ "statements": statements })).await;
            for token in &crew {
                assert_eq!(answer(&world, token, &round, [rating, 10], false).await, None);
            }
            step(&world, "alignmentRoundSeal", &round.0).await;
            step(&world, "alignmentRoundReveal", &round.0).await;
            assert_eq!(seen(&world, Leader, &round.0).await["statements"][0]["meanBefore"], before);
        }
    }
}

scenario! {
    async fn a_round_asks_the_questionnaire_of_its_template(world: World) {
        let fixtures = Fixtures::of(&world).await;
        let input = json!({ "teamId": fixtures.home.ids["team"], "title": "By the template" });
        let what = "alignmentRound { statements { key text low high core } }";
        let asked = world.done(Facilitator, "alignmentRoundOpen", input, what).await["alignmentRound"]["statements"].clone();
        let document = "query($id: ID!) { programme(id: $id) { templateVersion { questionnaire { key text low high core } } } }";
        let template = world.read(Facilitator, document, json!({ "id": fixtures.home.ids["programme"] })).await;
        let questionnaire = &template["programme"]["templateVersion"]["questionnaire"];
        assert!(questionnaire.as_array().is_some_and(|all| !all.is_empty()), "{template}");
        assert_eq!(&asked, questionnaire);
    }
}

scenario! {
    async fn consent_is_withdrawn_until_the_round_is_sealed(world: World) {
        let crew = crew(&world, &["Ada", "Ben", "Cai"]).await;
        let (leader, sponsor) = (world.token(Leader), world.token(Sponsor));
        let mut told = vec![];
        for withdrawn in [false, true] {
            let round = opened(&world, json!({})).await;
            let refused = world.refused(Leader, "alignmentConsentWithdraw", json!({ "id": round.0 })).await;
            assert_eq!(refused, ("WRONG_STATE".into(), "input.id".into()), "nothing was answered yet");
            for token in crew.iter().chain([&leader, &sponsor]) {
                assert_eq!(answer(&world, token, &round, [4, 8], true).await, None);
            }
            if withdrawn {
                let stale = json!({ "id": round.0, "expectedVersion": 3 });
                assert_eq!(world.refused(Leader, "alignmentConsentWithdraw", stale).await.0, "CONFLICT");
                let what = "alignmentRound { myResponse { consented answers { rating } } }";
                let left = world.done(Leader, "alignmentConsentWithdraw", json!({ "id": round.0 }), what).await;
                let mine = &left["alignmentRound"]["myResponse"];
                assert_eq!((&mine["consented"], mine["answers"].as_array().map(Vec::len)), (&json!(false), Some(2)));
            }
            step(&world, "alignmentRoundSeal", &round.0).await;
            let late = world.refused(Sponsor, "alignmentConsentWithdraw", json!({ "id": round.0 })).await;
            assert_eq!(late, ("WRONG_STATE".into(), "input.id".into()));
            step(&world, "alignmentRoundReveal", &round.0).await;
            for who in [Facilitator, Leader, Sponsor] {
                let seen = seen(&world, who, &round.0).await;
                let named = seen["statements"][0]["voices"].as_array().map_or(0, Vec::len);
                told.push(json!([seen["disclosure"], named, seen["statements"][0]["consensusPercent"]]));
            }
            // five count, so everyone reads the figures that identify nobody, and the names stay with those who take part
            for who in [Owner, Observer] {
                let first = seen(&world, who, &round.0).await["statements"][0].clone();
                assert_eq!([&first["mean"], &first["consensusPercent"], &first["voices"]], [&json!("4.0"), &Value::Null, &Value::Null], "{who:?}");
            }
        }
        let named = json!(["ATTRIBUTED", 5, 100]);
        let nameless = json!(["ANONYMOUS", 0, null]);
        assert_eq!(told, [&named, &named, &named, &nameless, &nameless, &nameless].map(Clone::clone));
    }
}

scenario! {
    async fn a_sponsor_who_takes_no_part_reads_no_names(world: World) {
        let (leader, sponsor) = (world.token(Leader), world.token(Sponsor));
        let round = opened(&world, json!({})).await;
        for token in [&leader, &sponsor] {
            assert_eq!(answer(&world, token, &round, [4, 8], true).await, None);
        }
        step(&world, "alignmentRoundSeal", &round.0).await;
        step(&world, "alignmentRoundReveal", &round.0).await;
        let named = async |who| seen(&world, who, &round.0).await["statements"][0]["voices"].as_array().map_or(0, Vec::len);
        assert_eq!([named(Facilitator).await, named(Leader).await, named(Sponsor).await], [2, 2, 2]);
        // the trail tells that names were published, and none of them
        let behind = world.home.behind().await;
        let events = audit_event::Entity::find().filter(audit_event::Column::Noun.eq("alignment_voice")).all(&behind).await;
        let events = events.expect("the events");
        assert_eq!(events.len(), 4);
        assert!(events.iter().all(|event| event.before.is_none() && event.after.is_none() && event.content));
        let write = world.app.kernel.system(world.cast.network).await.expect("a system transaction");
        let row = write.find::<member::Entity>(world.cast.sponsor).await.expect("a look").expect("a member");
        let mut gone = row.into_active_model();
        gone.status = sea_orm::ActiveValue::Set(MemberStatus::Removed);
        crate::kit::fixtures::set::<member::Entity>(&write, gone).await;
        write.commit_quietly().await.expect("the sponsor left the team");
        assert_eq!([named(Facilitator).await, named(Leader).await, named(Sponsor).await], [2, 2, 0]);
        let first = seen(&world, Sponsor, &round.0).await["statements"][0].clone();
        assert_eq!([&first["mean"], &first["consensusPercent"]], [&Value::Null; 2]);
    }
}

scenario! {
    async fn a_round_past_its_day_closes_by_itself(world: World) {
        crew(&world, &["Ada", "Ben", "Cai", "Dot", "Eve"]).await;
        for (day, people, status, disclosure) in
            [("2026-03-04", 5, "REVEALED", json!("ANONYMOUS")), ("2026-03-11", 4, "SEALED", Value::Null)]
        {
            let round = opened(&world, json!({ "closesOn": day })).await;
            for token in tokens(&world, &["Ada", "Ben", "Cai", "Dot", "Eve"][..people]).await {
                assert_eq!(answer(&world, &token, &round, [4, 8], false).await, None);
            }
            world.at(&format!("{day}T12:00:00Z"));
            jobs::run_due_turns(&world.app).await.expect("a look");
            assert_eq!(seen(&world, Leader, &round.0).await["status"], "OPEN", "the day has not ended");
            world.at(&format!("{day}T23:59:59Z").replace("-04T", "-05T").replace("-11T", "-12T"));
            let (one, other) = futures::join!(jobs::run_due_turns(&world.app), jobs::run_due_turns(&world.app));
            one.and(other).expect("both look, and one of them closes");
            let seen = seen(&world, Leader, &round.0).await;
            assert_eq!((&seen["status"], &seen["disclosure"]), (&json!(status), &disclosure), "{seen}");
        }
    }
}

/// All that people of a world may get about the team's rounds and what crosses them, after ten weeks.
async fn all_that_is_told(world: &World, joiner: [i32; 4]) -> Vec<String> {
    // with the cast there are twelve participants: nine of them are three in four
    let names = ["Ada", "Ben", "Cai", "Dot", "Eve", "Fin", "Gil", "Hal", "Ida"];
    crew(world, &names).await;
    let statements = ["We decide fast", "We finish", "We listen", "We say no"]
        .map(|text| json!({ "text": text, "core": true }));
    let mut rounds = vec![];
    for (at, people) in [("2026-03-02T09:00:00Z", 8), ("2026-04-02T09:00:00Z", 9)] {
        world.at(at);
        let input = json!({ "teamId": world.cast.team, "title": format!("Reading of {people}"), "statements": statements });
        let what = "alignmentRound { id statements { id } }";
        let round =
            world.done(Facilitator, "alignmentRoundOpen", input, what).await["alignmentRound"].clone();
        for (at, token) in tokens(world, &names[..people]).await.iter().enumerate() {
            let ratings = if at == 8 { joiner } else { [4; 4] };
            let answers: Vec<Value> = round["statements"]
                .as_array()
                .expect("statements")
                .iter()
                .zip(ratings)
                .map(|(statement, rating)| json!({ "statementId": statement["id"], "rating": rating }))
                .collect();
            let input = json!({ "input": { "id": round["id"], "answers": answers } });
            let sent =
                world.send(Some(token.clone()), &document("alignmentRoundAnswer", ""), input, None).await;
            assert_eq!(sent.json["data"]["alignmentRoundAnswer"]["errors"], json!([]), "{}", sent.text);
        }
        for mutation in ["alignmentRoundSeal", "alignmentRoundReveal"] {
            step(world, mutation, round["id"].as_str().expect("an id")).await;
        }
        rounds.push(round["id"].clone());
    }
    world.at("2026-05-14T04:00:00Z");
    jobs::run_due_turns(&world.app).await.expect("the jobs");
    let mut told = vec![];
    for who in Persona::ALL {
        for round in &rounds {
            let seen = world.ask(who, ROUND, json!({ "id": round })).await;
            let named = |text: String, id: &Value| text.replace(id.as_str().expect("an id"), "round");
            told.push(rounds.iter().fold(seen.text, named));
        }
        let team = "query($id: ID!) { team(id: $id) {
            alignmentRounds { totalCount nodes { title responseCount comparedWith { title } } }
            driftSignals { nodes { cause measured threshold status createdAt } } } }";
        told.push(world.ask(who, team, json!({ "id": world.cast.team })).await.text);
        let client = "query($id: ID!) { client(id: $id) { risk
            timeline(first: 50) { nodes { kind at } } metrics { metric value numerator denominator reason } } }";
        told.push(world.ask(who, client, json!({ "id": world.cast.client })).await.text);
    }
    told
}

/// Access tokens, as of now, of people whom [`people`] made.
pub(super) async fn tokens(world: &World, names: &[&str]) -> Vec<String> {
    let write = world.app.kernel.system(world.cast.network).await.expect("a system transaction");
    let known = write.all(person::Entity::find()).await.expect("people");
    write.roll_back().await.expect("a look changes nothing");
    let token = |name: &&str| {
        let person = known.iter().find(|person| person.name == **name).expect("one of them");
        world.token_of(world.cast.network, person.id, person.identity_id.expect("an identity"))
    };
    names.iter().map(token).collect()
}

scenario! {
    async fn a_joiner_whose_answer_changes_no_figure_changes_no_byte(world: World) {
        let twin = World::new(world.backend).await;
        let one = all_that_is_told(&world, [4, 4, 5, 5]).await;
        let other = all_that_is_told(&twin, [5, 5, 4, 4]).await;
        assert_eq!(one, other);
        // and there is something to tell
        assert!(one.iter().any(|text| text.contains(r#""comparedWith":{"title":"Reading of 8"}"#)), "{one:?}");
        assert!(one.iter().any(|text| text.contains(r#""meanBefore":"4.0""#)), "{one:?}");
        assert!(one.iter().any(|text| text.contains(r#""metric":"AGREEMENT","value":"1""#)), "{one:?}");
    }
}
