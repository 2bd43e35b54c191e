//! Alignment rounds: what is answered stays secret, few tell nothing that could be anybody's, and results are computed
//! once.

use crate::{
    kit::{
        Persona::{self, *},
        World, document,
    },
    scenario,
};
use entity::{
    alignment_measure, audit_event, identity, member, member::MemberStatus, membership,
    membership::MembershipRole, person,
};
use futures::future::join_all;
use sea_orm::{ActiveModelTrait, ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter};
use serde_json::{Value, json};

pub(super) const ROUND: &str =
    "query($id: ID!) { alignmentRound(id: $id) { status disclosure responseCount memberCount unansweredCount responsePercent
    comparedWith { id responseCount } statements { text mean band consensusPercent meanBefore bandBefore
        voices { rating member { name } } }
    myResponse { id consented version answers { id rating statement { text } } } } }";

/// Leaders of the cast's team who can sign in: tokens.
pub(super) async fn crew(world: &World, names: &[&str]) -> Vec<String> {
    people(world, names, MembershipRole::Leader).await
}

/// Members of the cast's team who can sign in: tokens.
pub(super) async fn people(world: &World, names: &[&str], role: MembershipRole) -> Vec<String> {
    let cast = &world.cast;
    let door = world.app.kernel.identity(None).await.expect("an identity transaction");
    let mut tokens = vec![];
    let now = door.now();
    let mut rows = vec![];
    for name in names {
        let email = format!("{}@example.com", name.to_lowercase());
        let identity = identity::Model {
            id: door.id(),
            email: email.clone(),
            password_hash: "none".into(),
            password_changed_at: now,
            created_at: now,
            version: 1,
        };
        let person = person::Model {
            id: door.id(),
            network_id: cast.network,
            identity_id: Some(identity.id),
            name: (*name).into(),
            email,
            created_at: now,
            erased_at: None,
            version: 1,
        };
        tokens.push(world.token_of(cast.network, person.id, identity.id));
        pour::<identity::Entity>(&door, identity).await;
        rows.push(person);
    }
    door.commit_quietly().await.expect("identities");
    let write = world.app.kernel.system(cast.network).await.expect("a system transaction");
    for person in rows {
        let member = member::Model {
            id: write.id(),
            network_id: cast.network,
            client_id: cast.client,
            team_id: cast.team,
            person_id: Some(person.id),
            name: person.name.clone(),
            job_title: "Director".into(),
            email: None,
            status: MemberStatus::Active,
            created_at: now,
            removed_at: None,
            version: 1,
        };
        let held = membership::Model {
            id: write.id(),
            network_id: cast.network,
            person_id: person.id,
            role,
            franchise_id: None,
            client_id: Some(cast.client),
            team_id: Some(cast.team),
            starts_at: now,
            ends_at: None,
            created_at: now,
            version: 1,
        };
        pour::<person::Entity>(&write, person).await;
        pour::<member::Entity>(&write, member).await;
        pour::<membership::Entity>(&write, held).await;
    }
    write.commit_quietly().await.expect("a crew");
    tokens
}

async fn pour<E: EntityTrait>(write: &concord::kernel::Write, row: E::Model)
where
    E::Model: IntoActiveModel<E::ActiveModel>,
    E::ActiveModel: sea_orm::ActiveModelBehavior + Send,
{
    write.insert_unaudited::<E>(vec![row.into_active_model().reset_all()]).await.expect("a row");
}

/// Opens a round of two statements: its id, and the statements'.
pub(super) async fn opened(world: &World, more: Value) -> (String, Vec<String>) {
    let mut input = json!({
        "teamId": world.cast.team, "title": "First reading",
        "statements": [{ "text": "We decide fast", "core": true }, { "text": "We finish", "low": 0, "high": 10 }],
    });
    input.as_object_mut().expect("an input").extend(more.as_object().expect("more").clone());
    let what = "alignmentRound { id status statements { id } }";
    let made = world.done(Facilitator, "alignmentRoundOpen", input, what).await["alignmentRound"].clone();
    assert_eq!(made["status"], "OPEN");
    let id = |value: &Value| value["id"].as_str().expect("an id").to_owned();
    (id(&made), made["statements"].as_array().expect("statements").iter().map(id).collect())
}

/// Somebody's answers: the refusal's code, if any.
pub(super) async fn answer(
    world: &World,
    token: &str,
    round: &(String, Vec<String>),
    ratings: [i32; 2],
    consent: bool,
) -> Option<String> {
    let answers: Vec<Value> = round
        .1
        .iter()
        .zip(ratings)
        .map(|(id, rating)| json!({ "statementId": id, "rating": rating }))
        .collect();
    let input = json!({ "input": { "id": round.0, "answers": answers, "consentToBeNamed": consent } });
    let answered =
        world.send(Some(token.to_owned()), &document("alignmentRoundAnswer", ""), input, None).await;
    let errors = &answered.json["data"]["alignmentRoundAnswer"]["errors"];
    assert!(errors.is_array(), "{}", answered.text);
    errors[0]["code"].as_str().map(str::to_owned)
}

pub(super) async fn seen(world: &World, who: Persona, round: &str) -> Value {
    world.read(who, ROUND, json!({ "id": round })).await["alignmentRound"].clone()
}

pub(super) async fn step(world: &World, mutation: &str, round: &str) {
    world.done(Facilitator, mutation, json!({ "id": round }), "").await;
}

scenario! {
    async fn answers_are_secret_and_results_are_for_all(world: World) {
        let crew = crew(&world, &["Ada", "Ben", "Cai", "Dot"]).await;
        let round = opened(&world, json!({})).await;
        let (leader, sponsor) = (world.token(Leader), world.token(Sponsor));
        let ratings = [[4, 8], [4, 2], [4, 5], [4, 5], [5, 0], [4, 10]];
        for (token, ratings) in crew.iter().chain([&leader, &sponsor]).zip(ratings) {
            assert_eq!(answer(&world, token, &round, ratings, token != &sponsor).await, None);
        }
        let own = seen(&world, Leader, &round.0).await["myResponse"].clone();
        let mut mine: Vec<_> = own["answers"].as_array().expect("answers").iter().map(|answer| answer["rating"].as_i64()).collect();
        mine.sort_unstable();
        assert_eq!((mine, &own["consented"]), (vec![Some(0), Some(5)], &json!(true)));
        // owners and observers never read names
        let unnamed = |who| if matches!(who, Owner | Observer) { Value::Null } else { json!([]) };
        let statement = |who| json!({ "text": "We decide fast", "mean": null, "band": null, "consensusPercent": null,
            "meanBefore": null, "bandBefore": null, "voices": unnamed(who) });
        for status in ["OPEN", "SEALED"] {
            for who in [Owner, Facilitator, Sponsor, Leader, Observer] {
                let seen = seen(&world, who, &round.0).await;
                // seven members: the cast's three and four more
                assert_eq!((&seen["status"], &seen["responseCount"], &seen["memberCount"]), (&json!(status), &json!(6), &json!(7)));
                assert_eq!(seen["unansweredCount"], 1);
                assert_eq!(seen["statements"][0], statement(who), "{who:?} while {status}");
                assert_eq!(seen["myResponse"].is_null(), !matches!(who, Sponsor | Leader), "{who:?}");
                for id in [&own["id"], &own["answers"][0]["id"]] {
                    let node = world.read(who, "query($id: ID!) { node(id: $id) { id } }", json!({ "id": id })).await;
                    assert_eq!(node["node"].is_null(), who != Leader, "{who:?} and the leader's answers");
                }
            }
            if status == "OPEN" {
                step(&world, "alignmentRoundSeal", &round.0).await;
            }
        }
        assert_eq!(answer(&world, &crew[0], &round, [1, 1], true).await.as_deref(), Some("WRONG_STATE"));
        step(&world, "alignmentRoundReveal", &round.0).await;
        for who in [Owner, Facilitator, Sponsor, Leader, Observer] {
            let seen = seen(&world, who, &round.0).await;
            assert_eq!((&seen["status"], &seen["disclosure"]), (&json!("REVEALED"), &json!("ANONYMOUS")));
            assert_eq!(seen["responsePercent"], 85);
            let told = |mean: &str, band: &str, text: &str| json!({ "text": text, "mean": mean, "band": band,
                "consensusPercent": null, "meanBefore": null, "bandBefore": null, "voices": unnamed(who) });
            assert_eq!(seen["statements"], json!([told("4.0", "HIGH", "We decide fast"), told("5.0", "LOW", "We finish")]));
        }
        let again = world.refused(Facilitator, "alignmentRoundReveal", json!({ "id": round.0 })).await;
        assert_eq!(again, ("WRONG_STATE".into(), "input.id".into()));
        untold(&world).await;
    }
}

/// The trail names nobody's answers, and the exact figures are not kept.
async fn untold(world: &World) {
    let behind = world.home.behind().await;
    let secret = ["alignment_response", "alignment_answer", "alignment_measure"];
    let events =
        audit_event::Entity::find().filter(audit_event::Column::Noun.is_in(secret)).all(&behind).await;
    let events = events.expect("the events");
    assert_eq!(events.len(), 6 + 12);
    assert!(events.iter().all(|event| event.before.is_none() && event.after.is_none() && event.content));
    let kept = alignment_measure::Entity::find().all(&behind).await.expect("the measures");
    assert!(kept.is_empty(), "{kept:?}");
    // one statement alone would tell its ratings, so metrics do not
    world.at("2026-05-01T09:00:00Z");
    let asked =
        "query($id: ID!) { client(id: $id) { metrics { metric value numerator denominator reason } } }";
    let read =
        world.read(Leader, asked, json!({ "id": world.cast.client.to_string() })).await["client"].clone();
    assert_eq!(
        [&read["metrics"][7], &read["metrics"][8]],
        [
            &json!({ "metric": "ALIGNMENT_LEVEL", "value": null, "numerator": null, "denominator": 0, "reason": "NOT_ENOUGH_RESPONDENTS" }),
            &json!({ "metric": "AGREEMENT", "value": null, "numerator": null, "denominator": 0, "reason": "NOT_ENOUGH_RESPONDENTS" }),
        ]
    );
}

scenario! {
    async fn logins_made_after_the_opening_answer_and_do_not_count(world: World) {
        let crew_before = crew(&world, &["Ada", "Ben"]).await;
        let round = opened(&world, json!({})).await;
        let late = crew(&world, &["Cai", "Dot"]).await;
        let (leader, sponsor) = (world.token(Leader), world.token(Sponsor));
        for token in crew_before.iter().chain([&leader, &sponsor]).chain(&late) {
            let consents = token != &sponsor;
            assert_eq!(answer(&world, token, &round, [4, 8], consents).await, None, "a leader who came later answers, too");
        }
        let asked = "query($id: ID!) { alignmentRound(id: $id) { responseCount countedResponseCount disclosure } }";
        let seen = async || world.read(Facilitator, asked, json!({ "id": round.0 })).await["alignmentRound"].clone();
        assert_eq!(seen().await, json!({ "responseCount": 6, "countedResponseCount": 4, "disclosure": null }));
        step(&world, "alignmentRoundSeal", &round.0).await;
        step(&world, "alignmentRoundReveal", &round.0).await;
        assert_eq!(seen().await, json!({ "responseCount": 6, "countedResponseCount": 4, "disclosure": "WITHHELD" }), "and one of six did not consent");
    }
}

scenario! {
    async fn people_are_named_by_everyones_consent_or_few_tell_nothing(world: World) {
        let (leader, sponsor) = (world.token(Leader), world.token(Sponsor));
        for (consent, disclosure) in [(false, "WITHHELD"), (true, "ATTRIBUTED")] {
            let round = opened(&world, json!({})).await;
            assert_eq!(answer(&world, &sponsor, &round, [4, 10], consent).await, None);
            assert_eq!(answer(&world, &leader, &round, [3, 10], true).await, None);
            step(&world, "alignmentRoundSeal", &round.0).await;
            step(&world, "alignmentRoundReveal", &round.0).await;
            // of so few, the figures would tell the ratings, so they are for who reads the names
            for who in [Observer, Owner] {
                let seen = seen(&world, who, &round.0).await;
                let first = &seen["statements"][0];
                assert_eq!(seen["disclosure"], disclosure);
                assert_eq!([&first["mean"], &first["band"], &first["consensusPercent"], &first["voices"]], [&Value::Null; 4], "{who:?}");
            }
            let seen = seen(&world, Leader, &round.0).await;
            assert_eq!(seen["disclosure"], disclosure);
            let first = &seen["statements"][0];
            if consent {
                let voices = json!([
                    { "rating": 3, "member": { "name": "Lena Leader" } },
                    { "rating": 4, "member": { "name": "Sami Sponsor" } },
                ]);
                assert_eq!((&first["mean"], &first["voices"]), (&json!("3.5"), &voices));
                // who gave the same rating stands there by the member, and not by who answered first
                let same = json!([
                    { "rating": 10, "member": { "name": "Lena Leader" } },
                    { "rating": 10, "member": { "name": "Sami Sponsor" } },
                ]);
                assert_eq!(seen["statements"][1]["voices"], same);
                assert_eq!((&first["band"], &first["consensusPercent"]), (&json!("HIGH"), &json!(81)));
                // withheld results are compared with nothing
                assert_eq!((&first["meanBefore"], &seen["comparedWith"]), (&Value::Null, &Value::Null));
            } else {
                assert_eq!((&first["mean"], &first["band"], &first["voices"]), (&Value::Null, &Value::Null, &json!([])));
            }
        }
    }
}

scenario! {
    async fn nobody_is_named_after_their_erasure(world: World) {
        let (leader, sponsor) = (world.token(Leader), world.token(Sponsor));
        let round = opened(&world, json!({})).await;
        for token in [&leader, &sponsor] {
            assert_eq!(answer(&world, token, &round, [3, 10], true).await, None);
        }
        world.done(Facilitator, "memberRemove", json!({ "id": world.cast.leader }), "").await;
        world.done(Admin, "personErase", json!({ "id": world.cast.person(Leader).1 }), "").await;
        step(&world, "alignmentRoundSeal", &round.0).await;
        step(&world, "alignmentRoundReveal", &round.0).await;
        assert_eq!(seen(&world, Facilitator, &round.0).await["disclosure"], "WITHHELD", "their consent went with them");
    }
}

scenario! {
    async fn rounds_are_compared_whoever_answered(world: World) {
        let crew = crew(&world, &["Ada", "Ben", "Cai", "Dot", "Eve", "Fin"]).await;
        let mut last = Value::Null;
        for (who, rating, compared) in [(0..5, 2, false), (0..5, 4, true), (0..6, 3, true), (0..6, 5, true)] {
            let round = opened(&world, json!({})).await;
            for token in &crew[who] {
                assert_eq!(answer(&world, token, &round, [rating, 10], false).await, None);
            }
            step(&world, "alignmentRoundSeal", &round.0).await;
            step(&world, "alignmentRoundReveal", &round.0).await;
            let seen = seen(&world, Leader, &round.0).await;
            let before = if compared { last["statements"][0]["mean"].clone() } else { Value::Null };
            assert_eq!(seen["statements"][0]["meanBefore"], before, "{seen}");
            assert_eq!(seen["comparedWith"].is_null(), !compared);
            assert_eq!(seen["comparedWith"]["responseCount"], if compared { last["responseCount"].clone() } else { Value::Null });
            last = seen;
        }
    }
}

scenario! {
    async fn answers_are_whole_and_a_members_own(world: World) {
        let leader = world.token(Leader);
        let round = opened(&world, json!({ "closesOn": "2026-03-04" })).await;
        let half = json!({ "id": round.0, "answers": [{ "statementId": round.1[0], "rating": 6 }] });
        let refused = world.change(Leader, "alignmentRoundAnswer", half, "").await;
        let paths: Vec<_> = refused["errors"].as_array().expect("errors").iter().map(|error| error["path"].to_string()).collect();
        assert_eq!(paths, [r#"["input","answers","0","rating"]"#, r#"["input","answers"]"#]);
        assert_eq!(answer(&world, &leader, &round, [1, 1], false).await, None);
        assert_eq!(answer(&world, &leader, &round, [5, 9], true).await, None, "answered anew");
        let seen = seen(&world, Leader, &round.0).await;
        assert_eq!((&seen["responseCount"], &seen["myResponse"]["version"], &seen["myResponse"]["consented"]), (&json!(1), &json!(2), &json!(true)));
        let answers: Vec<Value> = round.1.iter().map(|id| json!({ "statementId": id, "rating": 5 })).collect();
        let stale = json!({ "id": round.0, "answers": answers, "expectedVersion": 1 });
        assert_eq!(world.refused(Leader, "alignmentRoundAnswer", stale).await.0, "CONFLICT");
        let (_, person, _) = world.cast.person(Sponsor);
        let write = world.app.kernel.system(world.cast.network).await.expect("a system transaction");
        let row = write.find::<member::Entity>(world.cast.sponsor).await.expect("a look").expect("a member");
        assert_eq!(row.person_id, Some(person));
        let mut gone = row.into_active_model();
        gone.status = sea_orm::ActiveValue::Set(MemberStatus::Removed);
        crate::kit::fixtures::set::<member::Entity>(&write, gone).await;
        write.commit_quietly().await.expect("the sponsor left the team");
        assert_eq!(answer(&world, &world.token(Sponsor), &round, [1, 1], false).await.as_deref(), Some("NOT_OWNER"));
        world.at("2026-03-05T00:00:00Z");
        assert_eq!(answer(&world, &world.token(Leader), &round, [1, 1], false).await.as_deref(), Some("WRONG_STATE"));
    }
}

scenario! {
    async fn at_once_everyone_is_counted_and_one_round_is_opened(world: World) {
        let crew = crew(&world, &["Ada", "Ben", "Cai", "Dot", "Eve", "Fin"]).await;
        let round = opened(&world, json!({})).await;
        let all = join_all(crew.iter().map(|token| answer(&world, token, &round, [4, 4], false))).await;
        assert_eq!(all, vec![None; 6]);
        assert_eq!(seen(&world, Facilitator, &round.0).await["responseCount"], 6);
        let input = json!({ "teamId": world.cast.team, "title": "Second", "statements": [{ "text": "We finish" }] });
        let busy = world.refused(Facilitator, "alignmentRoundOpen", input.clone()).await;
        assert_eq!(busy, ("WRONG_STATE".into(), "input.teamId".into()));
        step(&world, "alignmentRoundSeal", &round.0).await;
        step(&world, "alignmentRoundReveal", &round.0).await;
        let both = join_all([0, 1].map(|_| world.change(Facilitator, "alignmentRoundOpen", input.clone(), ""))).await;
        let opened = both.iter().filter(|payload| payload["errors"] == json!([])).count();
        assert_eq!(opened, 1, "{both:?}");
    }
}

scenario! {
    async fn more_answers_than_there_were_members_are_a_hundred_percent(world: World) {
        let round = opened(&world, json!({})).await;
        for token in crew(&world, &["Ada", "Ben", "Cai", "Dot"]).await {
            assert_eq!(answer(&world, &token, &round, [4, 8], false).await, None);
        }
        let open = seen(&world, Facilitator, &round.0).await;
        assert_eq!((&open["responseCount"], &open["memberCount"], &open["responsePercent"]), (&json!(4), &json!(3), &json!(100)));
        step(&world, "alignmentRoundSeal", &round.0).await;
        let sealed = seen(&world, Facilitator, &round.0).await;
        assert_eq!((&sealed["responseCount"], &sealed["memberCount"], &sealed["responsePercent"]), (&json!(4), &json!(7), &json!(57)));
    }
}
