//! Text answers of rounds: sealed, and shown without author from five respondents or by consent.

use super::alignment::{answer, crew, opened, step};
use crate::{
    kit::{
        Persona::{self, *},
        World, document,
    },
    scenario,
};
use serde_json::{Value, json};

const QUESTIONS: &str = "query($id: ID!) { alignmentRound(id: $id) { disclosure version
    questions { id position text texts { position text } myText { text } } } }";

async fn question(world: &World, who: Persona, round: &str) -> Value {
    world.read(who, QUESTIONS, json!({ "id": round })).await["alignmentRound"]["questions"][0].clone()
}

/// A round of two statements and a question.
async fn asked(world: &World) -> ((String, Vec<String>), Value) {
    let round = opened(world, json!({ "questions": ["What hinders us?"] })).await;
    let question = question(world, Facilitator, &round.0).await["id"].clone();
    (round, question)
}

/// Somebody's answers, with a text: the path of the refusal, if any.
async fn write(
    world: &World,
    token: &str,
    round: &(String, Vec<String>),
    texts: Value,
    consent: bool,
) -> Option<String> {
    let answers: Vec<Value> = round.1.iter().map(|id| json!({ "statementId": id, "rating": 4 })).collect();
    let input = json!({ "input": { "id": round.0, "answers": answers, "texts": texts, "consentToBeNamed": consent } });
    let sent = world.send(Some(token.to_owned()), &document("alignmentRoundAnswer", ""), input, None).await;
    let errors = &sent.json["data"]["alignmentRoundAnswer"]["errors"];
    assert!(errors.is_array(), "{}", sent.text);
    let path = errors[0]["path"].as_array()?;
    Some(path.iter().filter_map(Value::as_str).collect::<Vec<_>>().join("."))
}

/// Seals and reveals a round.
async fn reveal(world: &World, round: &str) {
    step(world, "alignmentRoundSeal", round).await;
    step(world, "alignmentRoundReveal", round).await;
}

fn texts(question: &Value) -> Vec<&str> {
    let list = question["texts"].as_array().into_iter().flatten();
    let mut texts: Vec<&str> = list.filter_map(|row| row["text"].as_str()).collect();
    texts.sort_unstable();
    texts
}

scenario! {
    async fn five_respondents_are_read_without_their_names(world: World) {
        let crew = crew(&world, &["Ada", "Ben", "Cai", "Dot"]).await;
        let (round, id) = asked(&world).await;
        let leader = world.token(Leader);
        let text = |text: &str| json!([{ "questionId": id, "text": text }]);
        let foreign = json!([{ "questionId": round.0, "text": "Time" }]);
        assert_eq!(write(&world, &leader, &round, foreign, false).await.as_deref(), Some("input.texts.0.questionId"));
        assert_eq!(write(&world, &leader, &round, text(""), false).await.as_deref(), Some("input.texts.0.text"));
        for (token, words) in crew.iter().zip(["Prices", "Meetings", "Software", "Nothing"]) {
            assert_eq!(write(&world, token, &round, text(words), false).await, None);
        }
        // replaced, and one takes it back
        assert_eq!(write(&world, &leader, &round, text("Travel"), false).await, None);
        assert_eq!(write(&world, &leader, &round, text("Time"), false).await, None);
        assert_eq!(answer(&world, &crew[3], &round, [4, 4], false).await, None);
        for who in [Owner, Facilitator, Sponsor, Leader, Observer] {
            let seen = question(&world, who, &round.0).await;
            assert!(texts(&seen).is_empty(), "{who:?}: {seen}");
            let own = if matches!(who, Leader) { json!({ "text": "Time" }) } else { Value::Null };
            assert_eq!(seen["myText"], own, "{who:?}");
        }
        reveal(&world, &round.0).await;
        for who in [Facilitator, Sponsor, Leader] {
            let seen = question(&world, who, &round.0).await;
            assert_eq!(texts(&seen), ["Meetings", "Prices", "Software", "Time"], "{who:?}");
            let positions: Vec<Value> = seen["texts"].as_array().into_iter().flatten().map(|row| row["position"].clone()).collect();
            assert_eq!(positions, [1, 2, 3, 4]);
        }
        for who in [Owner, Observer] {
            assert!(texts(&question(&world, who, &round.0).await).is_empty(), "{who:?}");
        }
    }
}

scenario! {
    async fn few_respondents_are_read_only_if_all_consented(world: World) {
        for (consent, read) in [(false, &[][..]), (true, &["Time", "Travel"])] {
            let (round, id) = asked(&world).await;
            for (token, words, consent) in [(world.token(Leader), "Time", true), (world.token(Sponsor), "Travel", consent)] {
                let text = json!([{ "questionId": id, "text": words }]);
                assert_eq!(write(&world, &token, &round, text, consent).await, None);
            }
            reveal(&world, &round.0).await;
            assert_eq!(texts(&question(&world, Facilitator, &round.0).await), read, "{consent}");
        }
    }
}
