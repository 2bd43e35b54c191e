use super::{
    plan::{CriterionPlan, StagePlan, VersionPlan},
    rules::{Step, VERSIONS, draftable, is_key, kept_at, key_of, linkable, next, publishable, quantities},
    stratpro::STRATPRO,
};
use crate::kernel::Code;
use entity::{
    stage_criterion::CriterionKind,
    template_version::TemplateStatus::{self, *},
};
use sea_orm::Iterable;

/// What each status becomes by each step; none where the step is refused.
#[test]
fn every_step_from_every_status() {
    let steps = [Step::Change, Step::Publish, Step::Retire];
    let table = [
        (Draft, [Some(Draft), Some(Published), None]),
        (Published, [None, None, Some(Retired)]),
        (Retired, [None, None, None]),
    ];
    assert_eq!(TemplateStatus::iter().count(), table.len());
    for (status, results) in table {
        for (step, result) in steps.into_iter().zip(results) {
            assert_eq!(next(status, step).ok(), result, "{step:?} from {status:?}");
        }
    }
}

#[test]
fn one_draft_at_a_time() {
    let code = |versions: &[TemplateStatus]| draftable(versions).err().map(|refusal| refusal.code);
    assert_eq!(code(&[Published]), None);
    assert_eq!(code(&[Retired, Published]), None);
    assert_eq!(code(&[Published, Draft]), Some(Code::WrongState));
    assert_eq!(code(&[Retired; VERSIONS]), Some(Code::LimitReached));
}

#[test]
fn a_version_is_published_whole() {
    let stage = |title: &str, criteria: usize| StagePlan {
        key: key_of(title),
        title: title.into(),
        purpose: String::new(),
        planned_days: 1,
        criteria: vec![
            CriterionPlan { kind: CriterionKind::Confirmed, quantity: 0, text: "x".into() };
            criteria
        ],
        agenda: vec![],
    };
    let wrong = |stages: &[StagePlan]| {
        let plan = VersionPlan { stages: stages.to_vec(), ..VersionPlan::default() };
        publishable(&plan).err().map_or(0, |refusals| refusals.len())
    };
    assert_eq!(wrong(&[stage("Align", 1), stage("Vision", 2)]), 0);
    assert_eq!(wrong(&[]), 1);
    assert_eq!(wrong(&[stage("Align", 0)]), 1);
    assert_eq!(wrong(&[stage("Align", 1), stage("align", 1)]), 1);
    assert_eq!(wrong(&[stage("Align", 0), stage("Align", 0)]), 3);
    let mut plan = VersionPlan::of(&STRATPRO);
    for statement in &mut plan.questionnaire {
        statement.core = false;
    }
    assert_eq!(publishable(&plan).err().map_or(0, |refusals| refusals.len()), 1, "nothing is core");
}

#[test]
fn what_ships_built_in_can_be_published() {
    let plan = VersionPlan::of(&STRATPRO);
    assert_eq!(publishable(&plan), Ok(()));
    for stage in &plan.stages {
        assert!(is_key(&stage.key) && !stage.agenda.is_empty(), "{}", stage.title);
        for criterion in &stage.criteria {
            assert!(quantities(criterion.kind).contains(&criterion.quantity), "{}", criterion.text);
        }
    }
    let mut keys: Vec<&str> = plan.questionnaire.iter().map(|statement| statement.key.as_str()).collect();
    let count = keys.len();
    keys.sort_unstable();
    keys.dedup();
    assert_eq!(keys.len(), count, "no two statements have one key");
    for statement in &plan.questionnaire {
        assert!(is_key(&statement.key), "{}", statement.key);
        assert_eq!(statement.stage.is_some(), plan.place(statement.stage.as_ref()).is_some());
    }
    for resource in &plan.resources {
        assert!(linkable(&resource.url), "{}", resource.url);
        assert_eq!(resource.stage.is_some(), plan.place(resource.stage.as_ref()).is_some());
    }
}

#[test]
fn keys_are_spelt_one_way() {
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
fn resources_are_on_the_web() {
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
        assert_eq!(linkable(url), good, "{url}");
    }
}

#[test]
fn what_belonged_to_a_stage_that_is_gone_belongs_to_none() {
    let statements = VersionPlan::of(&STRATPRO).questionnaire;
    let (few, throughout) = (["align".to_owned()], |stage: &Option<String>| stage.is_none());
    let before = statements.iter().filter(|statement| throughout(&statement.stage)).count();
    let kept = kept_at(statements.clone(), &few);
    assert_eq!(kept.len(), statements.len());
    assert!(kept.iter().all(|statement| statement.stage.as_ref().is_none_or(|key| key == "align")));
    assert!(kept.iter().filter(|statement| throughout(&statement.stage)).count() > before);
}
