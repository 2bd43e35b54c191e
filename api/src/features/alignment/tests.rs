use super::rules::{
    Core, NewStatement, Step, agreement, band, can_show_round_figures, check_ratings, check_statements,
    consensus, disclosure, find_same_statement, is_comparable, level, measure, member_count, nearest_half,
    next_status, require_no_pending_round, require_open_for_answers, require_respondent, round_figure,
    statement_result,
};
use chrono::{DateTime, Utc};
use entity::{
    Id,
    alignment_round::{
        AlignmentDisclosure::{self, *},
        AlignmentStatus::{self, *},
    },
    alignment_statement::{self, ConsensusBand},
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
fn results_of_few_people_are_shown_with_names_by_consent_or_withheld() {
    let table: [(&[bool], AlignmentDisclosure); 7] = [
        (&[], Withheld),
        (&[true], Attributed),
        (&[false], Withheld),
        (&[true; 4], Attributed),
        (&[true, true, true, false], Withheld),
        (&[false; 5], Anonymous),
        (&[true; 5], Anonymous),
    ];
    for (consents, told) in table {
        assert_eq!(disclosure(consents, consents.len()), told, "{consents:?}");
        // People who came later do not count towards the five, and results of five people have no names.
        let few = if consents.len() < 5 { told } else { AlignmentDisclosure::Withheld };
        assert_eq!(disclosure(consents, consents.len().min(4)), few, "{consents:?}");
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
fn rounds_are_compared_if_the_difference_hides_single_people() {
    let people =
        |ids: &[u128]| -> BTreeSet<_> { ids.iter().map(|id| Id::new(Uuid::from_u128(*id))).collect() };
    for (now, before, may) in [
        (&[1, 2, 3, 4, 5][..], &[1, 2, 3, 4, 5][..], true),
        (&[1, 2, 3, 4, 5], &[1, 2, 3, 4, 5, 6], false),
        (&[1, 2, 3, 4, 5], &[1, 2, 3, 4, 6], false),
        (&[1, 2, 3, 4, 5], &[1, 2, 3, 6, 7, 8], true),
        (&[1, 2, 3, 4, 5, 6, 7, 8], &[1, 2, 3, 4, 5], true),
    ] {
        assert_eq!(is_comparable(&people(now), &people(before)), may, "{now:?} and {before:?}");
    }
    let before = [statement(1, "We decide fast", 1, 5), statement(2, "We finish", 1, 7)];
    assert_eq!(find_same_statement(&statement(9, "we decide FAST", 1, 5), &before), Some(&before[0]));
    assert_eq!(find_same_statement(&statement(9, "We finish", 1, 5), &before), None);
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
    let asked = [statement(1, "We decide fast", 1, 5), statement(2, "We finish", 0, 10)];
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
    let asked = |text: &str, low, high| NewStatement { text: text.into(), low, high, core: false };
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
    // On a scale of two or three steps, the mean reveals the ratings of few people.
    assert_eq!(wrong(vec![asked("A", 0, 1)]), ["input.statements.0.high"]);
    assert_eq!(wrong(vec![asked("A", 1, 3)]), ["input.statements.0.high"]);
    assert_eq!(wrong(vec![asked("A", 1, 4)]), [""; 0]);
}

fn statement(id: u128, text: &str, low: i32, high: i32) -> alignment_statement::Model {
    alignment_statement::Model {
        id: Id::new(Uuid::from_u128(id)),
        network_id: Id::new(Uuid::nil()),
        client_id: Id::new(Uuid::nil()),
        team_id: Id::new(Uuid::nil()),
        round_id: Id::new(Uuid::nil()),
        position: 1,
        text: text.into(),
        low,
        high,
        core: true,
        mean: None,
        band: None,
        consensus_percent: None,
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
