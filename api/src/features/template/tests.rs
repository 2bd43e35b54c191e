use super::{
    difference::{DifferenceKind, compare_plans},
    document::{DOCUMENT_SCHEMA, parse_document, render_document},
    plan::{CriterionPlan, StagePlan, StatementPlan, VersionPlan},
    rules::{
        MAX_VERSIONS, Step, allowed_quantities, clear_missing_stages, copy_locks, is_https_address, is_key,
        key_of, largest_maximum, next_status, rebase, require_author, require_draftable, require_locks_kept,
        require_publishable,
    },
    stratpro::STRATPRO,
};
use crate::kernel::{Code, Error};
use entity::{
    stage_criterion::CriterionKind,
    template_version::TemplateStatus::{self, *},
};
use sea_orm::Iterable;

/// Lists the status after each step; `None` if the step is refused.
#[test]
fn each_status_allows_exactly_the_listed_steps() {
    let steps = [Step::Change, Step::Publish, Step::Retire];
    let table = [
        (Draft, [Some(Draft), Some(Published), None]),
        (Published, [None, None, Some(Retired)]),
        (Retired, [None, None, None]),
    ];
    assert_eq!(TemplateStatus::iter().count(), table.len());
    for (status, results) in table {
        for (step, result) in steps.into_iter().zip(results) {
            assert_eq!(next_status(status, step).ok(), result, "{step:?} from {status:?}");
        }
    }
}

#[test]
fn a_template_has_one_draft_at_a_time() {
    let code = |versions: &[TemplateStatus]| require_draftable(versions).err().map(|refusal| refusal.code);
    assert_eq!(code(&[Published]), None);
    assert_eq!(code(&[Retired, Published]), None);
    assert_eq!(code(&[Published, Draft]), Some(Code::WrongState));
    assert_eq!(code(&[Retired; MAX_VERSIONS]), Some(Code::LimitReached));
}

#[test]
fn an_incomplete_version_is_not_published() {
    let stage = |title: &str, criteria: usize| StagePlan {
        key: key_of(title),
        title: title.into(),
        purpose: String::new(),
        planned_days: 1,
        locked: false,
        criteria: vec![
            CriterionPlan { kind: CriterionKind::Confirmed, quantity: 0, text: "x".into() };
            criteria
        ],
        agenda: vec![],
        sections: vec![],
    };
    let wrong = |stages: &[StagePlan]| {
        let plan = VersionPlan { stages: stages.to_vec(), ..VersionPlan::default() };
        require_publishable(&plan).err().map_or(0, |refusals| refusals.len())
    };
    assert_eq!(wrong(&[stage("Align", 1), stage("Vision", 2)]), 0);
    assert_eq!(wrong(&[]), 1);
    assert_eq!(wrong(&[stage("Align", 0)]), 1);
    assert_eq!(wrong(&[stage("Align", 1), stage("align", 1)]), 1);
    assert_eq!(wrong(&[stage("Align", 0), stage("Align", 0)]), 3);
    let mut plan = VersionPlan::of(&STRATPRO);
    let repeated = plan.stages[0].sections[0].clone();
    plan.stages[1].sections.push(repeated);
    assert_eq!(
        require_publishable(&plan).err().map_or(0, |refusals| refusals.len()),
        1,
        "a key stands twice"
    );
    let mut plan = VersionPlan::of(&STRATPRO);
    for statement in &mut plan.questionnaire {
        statement.core = false;
    }
    assert_eq!(require_publishable(&plan).err().map_or(0, |refusals| refusals.len()), 1, "nothing is core");
}

#[test]
fn the_built_in_programme_can_be_published() {
    let plan = VersionPlan::of(&STRATPRO);
    assert_eq!(require_publishable(&plan), Ok(()));
    for stage in &plan.stages {
        assert!(is_key(&stage.key) && !stage.agenda.is_empty(), "{}", stage.title);
        for section in &stage.sections {
            assert!(is_key(&section.key) && section.minimum <= section.maximum, "{}", section.title);
            assert!((1..=largest_maximum(section.form)).contains(&section.maximum), "{}", section.title);
        }
        for criterion in &stage.criteria {
            assert!(allowed_quantities(criterion.kind).contains(&criterion.quantity), "{}", criterion.text);
        }
    }
    let mut keys: Vec<&str> = plan.questionnaire.iter().map(|statement| statement.key.as_str()).collect();
    let count = keys.len();
    keys.sort_unstable();
    keys.dedup();
    assert_eq!(keys.len(), count, "no two statements have one key");
    for statement in &plan.questionnaire {
        assert!(is_key(&statement.key), "{}", statement.key);
        assert_eq!(statement.stage.is_some(), plan.stage_position(statement.stage.as_ref()).is_some());
    }
    for resource in &plan.resources {
        assert!(is_https_address(&resource.url), "{}", resource.url);
        assert_eq!(resource.stage.is_some(), plan.stage_position(resource.stage.as_ref()).is_some());
    }
}

#[test]
fn keys_have_one_format() {
    for (text, key) in [
        ("Align", "align"),
        ("  Where we are, today ", "where-we-are-today"),
        ("Café & Küche", "caf-k-che"),
        ("We look at evidence before we argue about anything at all", "we-look-at-evidence-before-we-argue"),
        ("战略", ""),
    ] {
        assert_eq!(key_of(text), key, "{text}");
        assert_eq!(is_key(key), !key.is_empty(), "{key}");
    }
    assert_eq!(key_of(&"x".repeat(50)).len(), 40);
    for wrong in ["Align", "a b", "-a", "a-", "é", &"x".repeat(41)] {
        assert!(!is_key(wrong), "{wrong}");
    }
}

#[test]
fn resources_have_https_addresses() {
    for (url, good) in [
        ("https://example.com/a?b=c#d", true),
        ("https://example.com", true),
        ("http://example.com", false),
        ("https://", false),
        ("https://user:secret@example.com/", false),
        ("javascript:alert(1)", false),
        ("/etc/passwd", false),
        ("https://exa mple.com", false),
    ] {
        assert_eq!(is_https_address(url), good, "{url}");
    }
}

#[test]
fn parts_of_a_removed_stage_lose_their_stage() {
    let statements = VersionPlan::of(&STRATPRO).questionnaire;
    let (few, throughout) = (["align".to_owned()], |stage: &Option<String>| stage.is_none());
    let before = statements.iter().filter(|statement| throughout(&statement.stage)).count();
    let kept = clear_missing_stages(statements.clone(), &few);
    assert_eq!(kept.len(), statements.len());
    assert!(kept.iter().all(|statement| statement.stage.as_ref().is_none_or(|key| key == "align")));
    assert!(kept.iter().filter(|statement| throughout(&statement.stage)).count() > before);
}

/// StratPro with locks on its first stage, its limits, one resource and its core statements.
fn locking() -> VersionPlan {
    let mut plan = VersionPlan::of(&STRATPRO);
    plan.limits_locked = true;
    plan.stages[0].locked = true;
    plan.stages[2].locked = true;
    plan.resources[1].locked = true;
    plan
}

#[test]
fn a_change_of_a_locked_part_is_refused_and_named() {
    let ancestor = locking();
    type Change = fn(&mut VersionPlan);
    let cases: [(Change, &[(&str, &str)]); 11] = [
        (|_| {}, &[]),
        (|plan| plan.cadence_days = 7, &[]),
        (|plan| plan.stages[1].title = "Dream".into(), &[]),
        (|plan| drop(plan.stages.remove(1)), &[]),
        (|plan| plan.questionnaire.retain(|statement| statement.core), &[]),
        (|plan| plan.limits.team = 9, &[("prioritiesPerTeam", "The limit of priorities")]),
        (|plan| plan.stages[0].agenda[0].minutes = 5, &[("stages", "The stage “Align”")]),
        (|plan| drop(plan.stages.remove(2)), &[("stages", "The stage “Diagnose”")]),
        (|plan| plan.stages.swap(0, 2), &[("stages", "The stage “Diagnose”")]),
        (
            |plan| plan.questionnaire[1].high = 7,
            &[("statements", "The statement “Everybody in this team reads our strategy in the same way.”")],
        ),
        (|plan| plan.resources.clear(), &[("resources", "The resource “How to run an alignment round”")]),
    ];
    for (number, (change, wanted)) in cases.into_iter().enumerate() {
        let mut plan = ancestor.clone();
        change(&mut plan);
        let plan = copy_locks(plan, &ancestor);
        let refusals = require_locks_kept(&ancestor, &plan, str::to_owned).err().unwrap_or_default();
        let found_differences: Vec<(String, String)> = refusals
            .iter()
            .map(|refusal| {
                let what = refusal.message.split(" is locked").next().unwrap_or_default();
                (refusal.path.join("."), what.to_owned())
            })
            .collect();
        let wanted: Vec<(String, String)> =
            wanted.iter().map(|(at, what)| ((*at).to_owned(), (*what).to_owned())).collect();
        assert_eq!(found_differences, wanted, "case {number}");
        assert!(refusals.iter().all(|refusal| refusal.code == Code::Locked));
    }
}

#[test]
fn only_head_office_locks_parts() {
    let mut own = VersionPlan::of(&STRATPRO);
    for stage in &mut own.stages {
        stage.locked = true;
    }
    own.cadence_locked = true;
    let own = copy_locks(own, &locking());
    let locked: Vec<&str> =
        own.stages.iter().filter(|stage| stage.locked).map(|stage| stage.key.as_str()).collect();
    assert_eq!((locked, own.limits_locked, own.cadence_locked), (vec!["align", "diagnose"], true, false));
}

#[test]
fn a_new_ancestor_replaces_the_locked_parts() {
    let mut own = copy_locks(VersionPlan::of(&STRATPRO), &locking());
    own.stages[1].title = "Dream".into();
    own.cadence_days = 7;
    own.stages.remove(3);
    let mut later = locking();
    later.stages[0].purpose = "Say it anew.".into();
    later.stages[1].title = "Outlook".into();
    later.stages[2].locked = false;
    later.stages[4].locked = true;
    later.limits.team = 3;
    later.cadence_days = 28;
    let plan = rebase(own, &later);
    assert_eq!(require_locks_kept(&later, &plan, str::to_owned), Ok(()));
    let titles: Vec<&str> = plan.stages.iter().map(|stage| stage.title.as_str()).collect();
    assert_eq!(titles, ["Align", "Dream", "Diagnose", "Optimise", "Execute"], "locked ones at their places");
    assert_eq!((plan.limits.team, plan.cadence_days), (3, 7), "limits are locked, and the rhythm is free");
    assert_eq!(plan.stages[0].purpose, "Say it anew.");
    assert!(!plan.stages[2].locked, "what is no longer locked is the franchise's");
    assert!(plan.questionnaire.iter().all(|statement| statement.stage.as_deref() != Some("plan")));
}

#[test]
fn only_the_author_changes_a_template() {
    assert_eq!(require_author(true, true), Ok(()));
    assert_eq!(require_author(true, false), Ok(()));
    for of_franchise in [true, false] {
        assert_eq!(
            require_author(false, of_franchise).err().map(|refusal| refusal.code),
            Some(Code::NotOwner)
        );
    }
}

#[test]
fn a_parsed_document_is_rendered_byte_by_byte() {
    for plan in [VersionPlan::of(&STRATPRO), locking(), rebase(VersionPlan::of(&STRATPRO), &locking())] {
        let text =
            render_document("StratPro", "Six stages, “connected”\nand more", &plan).expect("a document");
        let document = parse_document("input.document", &text).expect("it can be read");
        assert_eq!(document.plan, plan);
        let again = render_document(&document.name, &document.summary, &document.plan).expect("a document");
        assert_eq!(again, text);
    }
}

#[test]
fn the_json_schema_lists_every_kind() {
    let schema: serde_json::Value = serde_json::from_str(DOCUMENT_SCHEMA).expect("a schema");
    for kind in CriterionKind::iter() {
        let spelt = serde_json::to_value(kind).expect("a kind");
        assert!(schema.to_string().contains(&spelt.to_string()), "{spelt}");
    }
}

#[test]
fn each_fault_of_a_document_is_named_with_its_path() {
    let faults = |text: &str| match parse_document("input.document", text) {
        Err(Error::Refused(refusals)) => {
            let mut paths: Vec<String> = refusals.iter().map(|refusal| refusal.path[2..].join(".")).collect();
            paths.sort();
            paths
        }
        Err(Error::Fault(fault)) => panic!("{fault:?}"),
        Ok(_) => vec![],
    };
    let none: [&str; 0] = [];
    let least = r#"{"format": "concord-template/1", "name": "A", "prioritiesPerTeam": 5, "prioritiesPerLeader": 2,
        "cadenceDays": 7, "stages": [{"title": "Begin", "plannedDays": 3}]}"#;
    assert_eq!(faults(least), none);
    assert_eq!(faults("{"), [""]);
    assert_eq!(faults("[]"), [""]);
    assert_eq!(faults(&" ".repeat(200_001)), [""]);
    assert_eq!(
        faults("{}"),
        ["cadenceDays", "format", "name", "prioritiesPerLeader", "prioritiesPerTeam", "stages"]
    );
    let wrong = r#"{"format": "concord-template/2", "name": "", "prioritiesPerTeam": 50, "prioritiesPerLeader": "2",
        "cadenceDays": 7.5, "extra": 1, "limitsLocked": null,
        "stages": [
            {"title": "Begin", "plannedDays": 3, "criteria": [
                {"kind": "MAYBE", "text": "x"}, {"kind": "CONFIRMED", "quantity": 2, "text": ""}], "agenda": {}},
            {"title": "Begin", "plannedDays": 3, "agenda": [{"title": "a", "minutes": 0}]},
            7],
        "questionnaire": [{"text": "x", "low": 5, "stage": "nowhere"}],
        "resources": [{"title": "x", "url": "ftp://example.com", "kind": "TOOL"}]}"#;
    assert_eq!(
        faults(wrong),
        [
            "cadenceDays",
            "extra",
            "format",
            "limitsLocked",
            "name",
            "prioritiesPerLeader",
            "prioritiesPerTeam",
            "questionnaire.0.high",
            "questionnaire.0.stage",
            "resources.0.url",
            "stages.0.agenda",
            "stages.0.criteria.0.kind",
            "stages.0.criteria.1.quantity",
            "stages.0.criteria.1.text",
            "stages.1.agenda.0.minutes",
            "stages.1.key",
            "stages.2",
        ]
    );
}

#[test]
fn differences_are_listed_part_by_part() {
    let before = VersionPlan::of(&STRATPRO);
    assert_eq!(compare_plans(&before, &before), vec![]);
    let mut after = before.clone();
    after.cadence_days = 7;
    after.stages[0].title = "Begin".into();
    after.stages[0].criteria.remove(1);
    after.stages[1].agenda[0].minutes = 55;
    after.stages.swap(2, 3);
    after.questionnaire.push(StatementPlan {
        key: "more".into(),
        text: "More".into(),
        low: 1,
        high: 5,
        core: false,
        stage: None,
        locked: false,
    });
    after.resources.remove(0);
    let found_differences: Vec<(DifferenceKind, String)> = compare_plans(&before, &after)
        .into_iter()
        .map(|found| {
            assert_eq!(found.kind == DifferenceKind::Added, found.before.is_null(), "{found:?}");
            assert_eq!(found.kind == DifferenceKind::Removed, found.after.is_null(), "{found:?}");
            (found.kind, found.path.join("/"))
        })
        .collect();
    let found_differences: Vec<(DifferenceKind, &str)> =
        found_differences.iter().map(|(kind, path)| (*kind, path.as_str())).collect();
    let gone = format!("stages/align/criteria/{}", before.stages[0].criteria[1].text);
    assert_eq!(
        found_differences,
        [
            (DifferenceKind::Changed, "cadenceDays"),
            (DifferenceKind::Changed, "stages/align/title"),
            (DifferenceKind::Removed, gone.as_str()),
            (DifferenceKind::Changed, "stages/vision/agenda/What we are for/minutes"),
            (DifferenceKind::Changed, "stages/plan/position"),
            (DifferenceKind::Changed, "stages/diagnose/position"),
            (DifferenceKind::Added, "questionnaire/more"),
            (DifferenceKind::Removed, "resources/https://library.stratpro.example/guide"),
        ]
    );
}
