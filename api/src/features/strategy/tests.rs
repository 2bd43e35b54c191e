use super::rules::{
    ItemContent, MAX_VERSIONS, Step, next_status, render_items, require_enough, require_item_field,
    require_room,
};
use crate::kernel::Code;
use entity::{
    Id,
    strategy_item::SwotQuadrant,
    strategy_section::{self, SectionForm},
    strategy_version::StrategyStatus::{self, *},
};
use sea_orm::Iterable;
use uuid::Uuid;

/// Lists the status after each step; `None` if the step is refused.
#[test]
fn each_status_allows_exactly_the_listed_steps() {
    let steps = [
        Step::Edit,
        Step::Propose,
        Step::Revise,
        Step::Stance,
        Step::Ratify,
        Step::Supersede,
        Step::ReadBack,
    ];
    #[rustfmt::skip]
    let table = [
        (Draft,      [Some(Draft), Some(Proposed), None,        None,           None,           None,             None]),
        (Proposed,   [None,        None,           Some(Draft), Some(Proposed), Some(Ratified), None,             None]),
        (Ratified,   [None,        None,           None,        None,           None,           Some(Superseded), Some(Ratified)]),
        (Superseded, [None,        None,           None,        None,           None,           None,             None]),
    ];
    assert_eq!(StrategyStatus::iter().count(), table.len());
    for (status, results) in table {
        for (step, result) in steps.into_iter().zip(results) {
            assert_eq!(next_status(status, step).ok(), result, "{step:?} from {status:?}");
        }
    }
}

#[test]
fn a_section_has_a_limited_number_of_versions() {
    assert_eq!(require_room(MAX_VERSIONS - 1), Ok(()));
    assert_eq!(require_room(MAX_VERSIONS).err().map(|no| no.code), Some(Code::LimitReached));
}

#[test]
fn a_proposal_says_as_much_as_its_section_asks_for() {
    for form in SectionForm::iter() {
        let section = section(form, 2, 5);
        for (size, fine) in [(0, false), (1, false), (2, true), (5, true), (6, false)] {
            assert_eq!(require_enough(&section, size).is_ok(), fine, "{size} of {form:?}");
        }
    }
}

#[test]
fn an_item_has_the_fields_of_its_form_alone() {
    for (given, wanted, fine) in
        [(true, true, true), (false, false, true), (true, false, false), (false, true, false)]
    {
        assert_eq!(require_item_field("figure", given, wanted).is_ok(), fine, "{given} {wanted}");
    }
}

#[test]
fn items_are_rendered_one_to_a_line() {
    let point = |text: &str| ItemContent { text: text.into(), ..ItemContent::default() };
    let value = ItemContent {
        welcome: Some("Says it early".into()),
        unwelcome: Some("Waits".into()),
        ..point("Candour")
    };
    let target = ItemContent {
        figure: Some("12.5".into()),
        unit: Some("%".into()),
        year: Some(2030),
        ..point("Margin")
    };
    let threat = ItemContent { quadrant: Some(SwotQuadrant::Threat), ..point("A new\nrival") };
    for (items, text) in [
        (vec![], ""),
        (vec![point("One"), point("Two")], "One\nTwo"),
        (vec![value], "Candour + Says it early − Waits"),
        (vec![target], "Margin: 12.5 % (2030)"),
        (vec![threat], "T: A new rival"),
    ] {
        assert_eq!(render_items(&items), text);
    }
}

fn section(form: SectionForm, minimum: i32, maximum: i32) -> strategy_section::Model {
    strategy_section::Model {
        id: Id::new(Uuid::nil()),
        network_id: Id::new(Uuid::nil()),
        client_id: Id::new(Uuid::nil()),
        team_id: Id::new(Uuid::nil()),
        stage_run_id: None,
        position: 1,
        key: "section".into(),
        title: "Section".into(),
        prompt: String::new(),
        form,
        minimum,
        maximum,
        needed: false,
        shared: false,
        versions: 0,
        ratified_at: None,
        version: 1,
    }
}
