use super::rules::{
    Core, NewStatement, QUESTIONS, Step, agreement, band, can_show_round_figures, check_questions,
    check_ratings, check_statements, check_texts, consensus, disclosure, due_pulse, find_same_statement,
    is_over, is_public, level, lowest_statements, measure, member_count, nearest_half, next_pulse_at,
    next_status, own_key, pick_statements, require_no_pending_round, require_one_source,
    require_open_for_answers, require_respondent, require_response, require_revotable, round_figure,
    shuffle_texts, statement_result, text_of,
};
use chrono::{DateTime, Utc};
use entity::{
    Id, alignment_question,
    alignment_round::{
        self,
        AlignmentDisclosure::{self, *},
        AlignmentStatus::{self, *},
    },
    alignment_statement::{self, ConsensusBand},
    alignment_text_input,
};
use sea_orm::Iterable;
use std::collections::BTreeSet;
use uuid::Uuid;

#[test]
fn every_step_from_every_status() {
    let table = [
        (Open, [Some(Open), Some(Sealed), None]),
        (Sealed, [None, None, Some(Revealed)]),
        (Revealed, [None, None, None]),
    ];
    assert_eq!(AlignmentStatus::iter().count(), table.len());
    for (status, results) in table {
        for (step, result) in [Step::Answer, Step::Seal, Step::Reveal].into_iter().zip(results) {
            assert_eq!(next_status(status, step).ok(), result, "{step:?} from {status:?}");
        }
    }
}

#[test]
fn answers_are_accepted_until_the_closing_day_ends() {
    let at = |text: &str| -> DateTime<Utc> { text.parse().expect("an instant") };
    let end = at("2026-03-07T00:00:00Z");
    assert!(require_open_for_answers(None, end).is_ok());
    assert!(require_open_for_answers(Some(end), at("2026-03-06T23:59:59.999Z")).is_ok());
    assert!(require_open_for_answers(Some(end), end).is_err());
    assert!(require_no_pending_round(None).is_ok() && require_respondent(None).is_err());
}

/// Tastle and Wierman's consensus on a scale of 1 to 5.
#[test]
fn consensus_has_its_published_values() {
    for (ratings, figure) in [
        (&[4, 4, 4, 4, 5][..], 0.8764),
        (&[2, 3, 3, 4, 5], 0.6206),
        (&[1, 2, 3, 4, 5], 0.4340),
        (&[5, 5, 5, 5, 1], 0.2781),
        (&[1, 1, 5, 5], 0.0),
        (&[3, 3, 4], 0.8286),
        (&[3, 3], 1.0),
    ] {
        let found = consensus(ratings, 1, 5).expect("a figure");
        assert!((found - figure).abs() < 0.000_05, "{ratings:?}: {found}");
    }
    assert_eq!((consensus(&[3], 1, 5), consensus(&[], 1, 5), consensus(&[1, 1], 1, 1)), (None, None, None));
}

#[test]
fn agreement_and_level_follow_the_scale() {
    for (ratings, low, high, agrees, lies) in [
        (&[4, 4, 4, 4][..], 1, 5, 1.0, 0.75),
        (&[1, 1, 5, 5], 1, 5, 0.0, 0.5),
        (&[1, 2, 3, 4, 5], 1, 5, 0.5, 0.5),
        (&[0, 10], 0, 10, 0.0, 0.5),
        (&[2, 3, 3, 4, 5], 1, 5, 1.0 - 4.0 * 1.04 / 16.0, 0.6),
    ] {
        let found = agreement(ratings, low, high).expect("a figure");
        assert!((found - agrees).abs() < 1e-9, "{ratings:?}: {found}");
        let found = level(ratings, low, high).expect("a figure");
        assert!((found - lies).abs() < 1e-9, "{ratings:?}: {found}");
    }
    assert_eq!((agreement(&[], 1, 5), level(&[], 1, 5)), (None, None));
}

#[test]
fn means_are_rounded_to_the_nearest_half() {
    for (ratings, mean) in [
        (&[4, 4, 4, 4, 5][..], Some("4.0")),
        (&[1, 2, 3, 4, 5], Some("3.0")),
        (&[3, 4], Some("3.5")),
        (&[3, 3, 3, 4], Some("3.5")),
        (&[3, 3, 3, 3, 4], Some("3.0")),
        (&[0, 0, 0, 1], Some("0.5")),
        (&[10], Some("10.0")),
        (&[], None),
    ] {
        assert_eq!(nearest_half(ratings).as_deref(), mean, "{ratings:?}");
    }
    for (figure, of) in [
        (1.0, ConsensusBand::High),
        (0.75, ConsensusBand::High),
        (0.749_999, ConsensusBand::Mixed),
        (0.5, ConsensusBand::Mixed),
        (0.499_999, ConsensusBand::Low),
        (0.0, ConsensusBand::Low),
    ] {
        assert_eq!(band(figure), of, "{figure}");
    }
}

#[test]
fn results_are_shown_with_names_by_everyones_consent() {
    let table: [(&[bool], AlignmentDisclosure); 8] = [
        (&[], Withheld),
        (&[true], Attributed),
        (&[false], Withheld),
        (&[true; 4], Attributed),
        (&[true, true, true, false], Withheld),
        (&[false; 5], Anonymous),
        (&[true, true, true, true, false], Anonymous),
        (&[true; 5], Attributed),
    ];
    for (consents, told) in table {
        assert_eq!(disclosure(consents, consents.len()), told, "{consents:?}");
        // People who came later do not count towards the five.
        let few = if told == Anonymous { Withheld } else { told };
        assert_eq!(disclosure(consents, consents.len().min(4)), few, "{consents:?}");
    }
    for (disclosure, counting, public) in [
        (Anonymous, 5, true),
        (Attributed, 5, true),
        (Attributed, 4, false),
        (Withheld, 4, false),
        (Withheld, 5, false),
    ] {
        assert_eq!(is_public(disclosure, counting), public, "{disclosure:?} of {counting}");
    }
    let few = [4, 4, 4, 5];
    assert_eq!(statement_result(&few, (1, 5), Withheld), None);
    let named = statement_result(&few, (1, 5), Attributed).expect("a finding");
    assert_eq!(
        (named.mean.as_str(), named.band, named.consensus_percent),
        ("4.5", Some(ConsensusBand::High), Some(86))
    );
    let nameless = statement_result(&[1, 2, 3, 4, 5], (1, 5), Anonymous).expect("a finding");
    // The exact figure would reveal the exact ratings.
    assert_eq!((nameless.band, nameless.consensus_percent), (Some(ConsensusBand::Low), None));
    assert_eq!(statement_result(&[3], (1, 5), Attributed).expect("a finding").band, None);
}

#[test]
fn statements_are_compared_by_key_and_scale() {
    let worded =
        |text: &str, key: &str| alignment_statement::Model { text: text.into(), ..statement(9, key, 1, 5) };
    let before =
        [statement(1, "we-decide-fast", 1, 5), statement(2, "we-finish", 1, 7), worded("Erased", "")];
    let reworded = alignment_statement::Model {
        text: "We decide quickly".into(),
        ..statement(9, "we-decide-fast", 1, 5)
    };
    assert_eq!(find_same_statement(&reworded, &before), Some(&before[0]));
    assert_eq!(find_same_statement(&statement(9, "we-finish", 1, 5), &before), None, "another scale");
    assert_eq!(find_same_statement(&statement(9, "we-win", 1, 5), &before), None);
    let keyless = [worded("We decide fast", ""), worded("Erased", "")];
    for (asked, found) in [
        (worded("We DECIDE fast", "we-decide-fast"), Some(&keyless[0])),
        (worded("We decide fast", ""), Some(&keyless[0])),
        (statement(9, "we-decide-fast", 1, 7), None),
        (worded("We decide", "we-decide-fast"), None),
        (worded("Erased", ""), None),
    ] {
        assert_eq!(find_same_statement(&asked, &keyless), found, "known by its words: {asked:?}");
    }
}

#[test]
fn a_text_has_the_same_key_each_time() {
    assert_eq!(own_key(" We decide fast! "), "we-decide-fast");
    assert_eq!(own_key("We decide fast!"), own_key("WE DECIDE FAST!"));
    let long = own_key("We decide fast, and we say so to everyone who waits for it.");
    assert!(long.starts_with("statement-") && long.len() == 26, "{long}");
    assert_ne!(long, own_key("We decide fast, and we say so to everyone who asks for it."));
    assert_ne!(own_key("Мы решаем"), own_key("Мы спорим"));
    assert!(own_key("!").starts_with("statement-"));
}

#[test]
fn a_round_asks_statements_of_one_source() {
    let asked = |key: &str| new_statement(key, key, 1, 5);
    let all = vec![asked("one"), asked("two"), asked("three")];
    let keys = |keys: &[&str]| -> Vec<String> { keys.iter().map(|key| (*key).to_owned()).collect() };
    assert_eq!(pick_statements(all.clone(), None), Ok(all.clone()));
    assert_eq!(
        pick_statements(all.clone(), Some(&keys(&["three", "one"]))),
        Ok(vec![asked("one"), asked("three")])
    );
    let path = |answer: Result<Vec<NewStatement>, Vec<crate::kernel::Refusal>>| -> Vec<String> {
        answer.err().into_iter().flatten().map(|refusal| refusal.path.join(".")).collect()
    };
    assert_eq!(path(pick_statements(all, Some(&keys(&["one", "four"])))), ["input.statementKeys.1"]);
    assert_eq!(path(pick_statements(vec![], None)), ["input.statements"], "no questionnaire");
    for (own, keys, revote, fine) in [
        (true, false, false, true),
        (false, true, false, true),
        (false, true, true, true),
        (false, false, false, true),
        (true, true, false, false),
        (true, false, true, false),
    ] {
        assert_eq!(require_one_source(own, keys, revote).is_ok(), fine, "{own} {keys} {revote}");
    }
}

#[test]
fn rounds_end_with_their_day_and_are_voted_on_again_once_revealed() {
    let at = |text: &str| -> DateTime<Utc> { text.parse().expect("an instant") };
    let end = at("2026-03-07T00:00:00Z");
    let round = |status, closes_at, revote_of: Option<u128>| alignment_round::Model {
        id: Id::new(Uuid::from_u128(7)),
        network_id: Id::new(Uuid::nil()),
        client_id: Id::new(Uuid::nil()),
        team_id: Id::new(Uuid::nil()),
        session_id: None,
        compared_id: None,
        revote_of_id: revote_of.map(|id| Id::new(Uuid::from_u128(id))),
        pulse_days: None,
        next_pulse_at: None,
        title: "Spring".into(),
        status,
        disclosure: None,
        closes_on: None,
        closes_at,
        answered: 0,
        counting: 0,
        members: 3,
        opened_at: at("2026-03-01T00:00:00Z"),
        sealed_at: None,
        revealed_at: None,
        ratings: None,
        level: None,
        agreement: None,
        version: 1,
    };
    for (status, closes_at, over) in [
        (Open, None, false),
        (Open, Some(end), true),
        (Open, Some(at("2026-03-08T00:00:00Z")), false),
        (Sealed, Some(end), false),
        (Revealed, Some(end), false),
    ] {
        assert_eq!(is_over(&round(status, closes_at, None), end), over, "{status:?} {closes_at:?}");
    }
    for (status, revote_of, fine) in
        [(Open, None, false), (Sealed, None, false), (Revealed, None, true), (Revealed, Some(3), false)]
    {
        assert_eq!(
            require_revotable(&round(status, None, revote_of)).is_ok(),
            fine,
            "{status:?} {revote_of:?}"
        );
    }
    assert!(require_response(Some(1)).is_ok() && require_response::<i32>(None).is_err());
}

#[test]
fn small_rounds_and_low_response_rates_are_not_measured() {
    let core = |ratings: &[i32]| vec![Core { ratings: ratings.to_vec(), low: 1, high: 5 }];
    for (ratings, members, measured) in [
        (&[4, 4, 4, 4][..], 5, Some((7_500, 10_000))),
        (&[4, 4, 4, 4], 6, None),
        (&[4, 4, 4], 3, None),
        (&[1, 2, 3, 4, 5, 3], 8, Some((5_000, 5_833))),
    ] {
        assert_eq!(measure(&core(ratings), ratings.len(), members), measured, "{ratings:?} of {members}");
    }
    assert_eq!(measure(&[], 8, 8), None);
    let ids = |ids: &[u128]| -> Vec<_> { ids.iter().map(|id| Id::new(Uuid::from_u128(*id))).collect() };
    assert_eq!(member_count(&ids(&[1, 2, 3]), &ids(&[3, 4])), 4);
}

#[test]
fn each_statement_is_rated_once_on_its_scale() {
    let asked = [statement(1, "we-decide-fast", 1, 5), statement(2, "we-finish", 0, 10)];
    let id = |id: u128| Some(Id::new(Uuid::from_u128(id)));
    let wrong = |said: &[_]| -> Vec<String> {
        let refusals = check_ratings(said, &asked).err().unwrap_or_default();
        refusals.into_iter().map(|refusal| refusal.path.join(".")).collect()
    };
    assert_eq!(
        check_ratings(&[(id(2), 10), (id(1), 5)], &asked),
        Ok(vec![(asked[1].id, 10), (asked[0].id, 5)])
    );
    assert_eq!(wrong(&[(id(1), 6), (id(2), -1)]), ["input.answers.0.rating", "input.answers.1.rating"]);
    assert_eq!(wrong(&[(id(1), 5)]), ["input.answers"]);
    assert_eq!(wrong(&[(id(1), 5), (id(1), 5)]), ["input.answers.1.statementId"]);
    assert_eq!(wrong(&[(id(1), 5), (id(3), 5)]), ["input.answers.1.statementId"]);
    assert_eq!(wrong(&[(id(1), 5), (None, 5)]), ["input.answers.1.statementId"]);
}

#[test]
fn a_round_has_distinct_statements_on_valid_scales() {
    let asked = |text: &str, low, high| new_statement(&own_key(text), text, low, high);
    let wrong = |list: Vec<NewStatement>| -> Vec<String> {
        let refusals = check_statements(list).err().unwrap_or_default();
        refusals.into_iter().map(|refusal| refusal.path.join(".")).collect()
    };
    assert_eq!(check_statements(vec![asked(" We finish ", 1, 5)]), Ok(vec![asked("We finish", 1, 5)]));
    assert_eq!(wrong(vec![]), ["input.statements"]);
    assert_eq!(wrong((0..51).map(|at| asked(&format!("We {at}"), 1, 5)).collect()), ["input.statements"]);
    assert_eq!(wrong(vec![asked("  ", 1, 5)]), ["input.statements.0.text"]);
    assert_eq!(wrong(vec![asked("We\nfinish", 1, 5)]), ["input.statements.0.text"]);
    assert_eq!(wrong(vec![asked("A", 1, 5), asked("a", 1, 5)]), ["input.statements.1.text"]);
    assert_eq!(wrong(vec![asked("A", -1, 11)]), ["input.statements.0.low", "input.statements.0.high"]);
    assert_eq!(wrong(vec![asked("A", 5, 5)]), ["input.statements.0.high"]);
    let keyed = |key: &str, text: &str| new_statement(key, text, 1, 5);
    assert_eq!(wrong(vec![keyed("Not a key", "A")]), ["input.statements.0.key"]);
    assert_eq!(wrong(vec![keyed("one", "A"), keyed("one", "B")]), ["input.statements.1.key"]);
    // On a scale of two or three steps, the mean reveals the ratings of few people.
    assert_eq!(wrong(vec![asked("A", 0, 1)]), ["input.statements.0.high"]);
    assert_eq!(wrong(vec![asked("A", 1, 3)]), ["input.statements.0.high"]);
    assert_eq!(wrong(vec![asked("A", 1, 4)]), [""; 0]);
}

fn new_statement(key: &str, text: &str, low: i32, high: i32) -> NewStatement {
    NewStatement { key: key.into(), text: text.into(), low, high, core: false }
}

fn statement(id: u128, key: &str, low: i32, high: i32) -> alignment_statement::Model {
    alignment_statement::Model {
        id: Id::new(Uuid::from_u128(id)),
        network_id: Id::new(Uuid::nil()),
        client_id: Id::new(Uuid::nil()),
        team_id: Id::new(Uuid::nil()),
        round_id: Id::new(Uuid::nil()),
        position: 1,
        key: key.into(),
        text: "We decide fast".into(),
        low,
        high,
        core: true,
        mean: None,
        band: None,
        mean_before: None,
        band_before: None,
    }
}

#[test]
fn round_figures_are_rounded_to_five_points() {
    for (exact, told) in
        [(0, 0), (249, 0), (250, 500), (7249, 7000), (7250, 7500), (7449, 7500), (10_000, 10_000)]
    {
        assert_eq!(round_figure(exact), told, "{exact}");
    }
}

#[test]
fn round_figures_need_enough_statements_and_people_or_names() {
    for (core, respondents, disclosure, told) in [
        (4, 5, Anonymous, true),
        (3, 5, Anonymous, false),
        (1, 12, Anonymous, false),
        (10, 4, Anonymous, false),
        (1, 4, Attributed, true),
        (10, 12, Withheld, false),
    ] {
        assert_eq!(
            can_show_round_figures(core, respondents, disclosure),
            told,
            "{core} {respondents} {disclosure:?}"
        );
    }
}

fn question(number: u128) -> alignment_question::Model {
    alignment_question::Model {
        id: Id::new(Uuid::from_u128(number)),
        network_id: Id::new(Uuid::from_u128(0)),
        client_id: Id::new(Uuid::from_u128(0)),
        team_id: Id::new(Uuid::from_u128(0)),
        round_id: Id::new(Uuid::from_u128(0)),
        position: 1,
        text: "What hinders us?".into(),
    }
}

#[test]
fn texts_answer_each_question_of_the_round_once() {
    let questions = [question(1), question(2)];
    let check = |sent: &[(u128, &str)]| {
        let sent: Vec<_> =
            sent.iter().map(|(id, text)| (Some(Id::new(Uuid::from_u128(*id))), *text)).collect();
        let checked = check_texts(&sent, &questions);
        checked.map_err(|refusals| refusals.into_iter().map(|one| one.path.join(".")).collect::<Vec<_>>())
    };
    assert_eq!(check(&[]), Ok(vec![]));
    let texts = check(&[(2, "Time")]).expect("a text");
    assert_eq!([text_of(questions[0].id, &texts), text_of(questions[1].id, &texts)], ["", "Time"]);
    assert_eq!(check(&[(9, "Time")]), Err(vec!["input.texts.0.questionId".to_owned()]));
    assert_eq!(check(&[(1, "Time"), (1, "Money")]), Err(vec!["input.texts.1.questionId".to_owned()]));
    assert_eq!(check(&[(1, "")]), Err(vec!["input.texts.0.text".to_owned()]));
    let many = vec!["Why?".to_owned(); QUESTIONS + 1];
    assert!(check_questions(&many[1..]).is_ok());
    assert!(check_questions(&many).is_err());
    assert!(check_questions(&[String::new()]).is_err());
}

#[test]
fn texts_are_shown_in_an_order_that_only_the_key_knows() {
    let input = |number: u128, text: &str| alignment_text_input::Model {
        id: Id::new(Uuid::from_u128(number)),
        network_id: Id::new(Uuid::from_u128(0)),
        client_id: Id::new(Uuid::from_u128(0)),
        team_id: Id::new(Uuid::from_u128(0)),
        person_id: Id::new(Uuid::from_u128(number)),
        round_id: Id::new(Uuid::from_u128(0)),
        question_id: question(1).id,
        text: text.into(),
        version: 1,
    };
    let inputs: Vec<_> =
        ["a", "b", "c", "d", "e", ""].iter().zip(1..).map(|(text, at)| input(at, text)).collect();
    let orders: BTreeSet<Vec<String>> =
        (0..20_u8).map(|key| shuffle_texts(&[key], question(1).id, &inputs)).collect();
    assert!(orders.len() > 10, "{orders:?}");
    for order in orders {
        assert_eq!(
            order.iter().map(String::as_str).collect::<BTreeSet<_>>(),
            BTreeSet::from(["a", "b", "c", "d", "e"])
        );
    }
    let reversed: Vec<_> = inputs.iter().rev().cloned().collect();
    assert_eq!(shuffle_texts(&[1], question(1).id, &inputs), shuffle_texts(&[1], question(1).id, &reversed));
    assert!(shuffle_texts(&[1], question(2).id, &inputs).is_empty());
}

#[test]
fn pulses_are_due_30_60_and_90_days_after_a_round() {
    let revealed = DateTime::UNIX_EPOCH;
    let day = |days: i64| revealed + chrono::TimeDelta::days(days);
    assert_eq!(
        [None, Some(30), Some(60), Some(90)].map(|last| next_pulse_at(revealed, last)),
        [Some(day(30)), Some(day(60)), Some(day(90)), None]
    );
    for (next, now, due) in [
        (None, 100, None),
        (Some(30), 29, None),
        (Some(30), 30, Some(30)),
        (Some(30), 59, Some(30)),
        // no job ran for long
        (Some(30), 95, Some(90)),
        (Some(60), 61, Some(60)),
        (Some(90), 200, Some(90)),
    ] {
        assert_eq!(due_pulse(revealed, next.map(day), day(now)), due, "{next:?} on day {now}");
    }
}

#[test]
fn a_pulse_asks_the_two_lowest_statements_with_published_means() {
    let statement = |position: i32, high: i32, mean: Option<&str>| alignment_statement::Model {
        id: Id::new(Uuid::from_u128(position as u128)),
        network_id: Id::new(Uuid::from_u128(0)),
        client_id: Id::new(Uuid::from_u128(0)),
        team_id: Id::new(Uuid::from_u128(0)),
        round_id: Id::new(Uuid::from_u128(0)),
        position,
        key: String::new(),
        text: String::new(),
        low: 1,
        high,
        core: true,
        mean: mean.map(str::to_owned),
        band: None,
        mean_before: None,
        band_before: None,
    };
    let lowest = |rows: &[alignment_statement::Model]| {
        lowest_statements(rows).into_iter().map(|row| row.position).collect::<Vec<_>>()
    };
    let rows = [
        statement(1, 5, Some("4.5")),
        // 3 of 1 to 10 is lower than 2.5 of 1 to 5
        statement(2, 5, Some("2.5")),
        statement(3, 10, Some("3.0")),
        statement(4, 5, None),
        statement(5, 5, Some("2.5")),
    ];
    assert_eq!(lowest(&rows), [2, 3]);
    assert_eq!(lowest(&rows[3..]), [5]);
    assert!(lowest(&[]).is_empty());
}
