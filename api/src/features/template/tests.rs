use super::{
    difference::{How, between},
    document::{SCHEMA, read, written},
    plan::{CriterionPlan, StagePlan, StatementPlan, VersionPlan},
    rules::{
        Step, VERSIONS, authored, draftable, is_key, kept_at, key_of, linkable, locked_as, locks_kept, next,
        publishable, quantities, rebased,
    },
    stratpro::STRATPRO,
};
use crate::kernel::{Code, Error};
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
        locked: false,
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

/// StratPro with its first stage, its limits and one resource locked besides its core statements.
fn locking() -> VersionPlan {
    let mut plan = VersionPlan::of(&STRATPRO);
    plan.limits_locked = true;
    plan.stages[0].locked = true;
    plan.stages[2].locked = true;
    plan.resources[1].locked = true;
    plan
}

#[test]
fn what_is_locked_stays_and_the_refusal_names_it() {
    let ancestor = locking();
    type Change = fn(&mut VersionPlan);
    let cases: [(Change, &[(&str, &str)]); 11] = [
        (|_| {}, &[]),
        (|plan| plan.cadence_days = 7, &[]),
        (|plan| plan.stages[1].title = "Dream".into(), &[]),
        (|plan| drop(plan.stages.remove(1)), &[]),
        (|plan| plan.questionnaire.retain(|statement| statement.core), &[]),
        (|plan| plan.places.team = 9, &[("prioritiesPerTeam", "The limit of priorities")]),
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
        let plan = locked_as(plan, &ancestor);
        let refusals = locks_kept(&ancestor, &plan, str::to_owned).err().unwrap_or_default();
        let told: Vec<(String, String)> = refusals
            .iter()
            .map(|refusal| {
                let what = refusal.message.split(" is locked").next().unwrap_or_default();
                (refusal.path.join("."), what.to_owned())
            })
            .collect();
        let wanted: Vec<(String, String)> =
            wanted.iter().map(|(at, what)| ((*at).to_owned(), (*what).to_owned())).collect();
        assert_eq!(told, wanted, "case {number}");
        assert!(refusals.iter().all(|refusal| refusal.code == Code::Locked));
    }
}

#[test]
fn head_office_alone_locks() {
    let mut own = VersionPlan::of(&STRATPRO);
    for stage in &mut own.stages {
        stage.locked = true;
    }
    own.cadence_locked = true;
    let own = locked_as(own, &locking());
    let locked: Vec<&str> =
        own.stages.iter().filter(|stage| stage.locked).map(|stage| stage.key.as_str()).collect();
    assert_eq!((locked, own.limits_locked, own.cadence_locked), (vec!["align", "diagnose"], true, false));
}

#[test]
fn a_later_ancestor_brings_its_locked_parts() {
    let mut own = locked_as(VersionPlan::of(&STRATPRO), &locking());
    own.stages[1].title = "Dream".into();
    own.cadence_days = 7;
    own.stages.remove(3);
    let mut later = locking();
    later.stages[0].purpose = "Say it anew.".into();
    later.stages[1].title = "Outlook".into();
    later.stages[2].locked = false;
    later.stages[4].locked = true;
    later.places.team = 3;
    later.cadence_days = 28;
    let plan = rebased(own, &later);
    assert_eq!(locks_kept(&later, &plan, str::to_owned), Ok(()));
    let titles: Vec<&str> = plan.stages.iter().map(|stage| stage.title.as_str()).collect();
    assert_eq!(titles, ["Align", "Dream", "Diagnose", "Optimise", "Execute"], "locked ones at their places");
    assert_eq!((plan.places.team, plan.cadence_days), (3, 7), "limits are locked, and the rhythm is free");
    assert_eq!(plan.stages[0].purpose, "Say it anew.");
    assert!(!plan.stages[2].locked, "what is no longer locked is the franchise's");
    assert!(plan.questionnaire.iter().all(|statement| statement.stage.as_deref() != Some("plan")));
}

#[test]
fn each_writes_their_own() {
    assert_eq!(authored(true, true), Ok(()));
    assert_eq!(authored(true, false), Ok(()));
    for of_franchise in [true, false] {
        assert_eq!(authored(false, of_franchise).err().map(|refusal| refusal.code), Some(Code::NotOwner));
    }
}

#[test]
fn a_document_comes_back_to_the_byte() {
    for plan in [VersionPlan::of(&STRATPRO), locking(), rebased(VersionPlan::of(&STRATPRO), &locking())] {
        let text = written("StratPro", "Six stages, “connected”\nand more", &plan).expect("a document");
        let document = read("input.document", &text).expect("it can be read");
        assert_eq!(document.plan, plan);
        let again = written(&document.name, &document.summary, &document.plan).expect("a document");
        assert_eq!(again, text);
    }
}

#[test]
fn the_schema_of_documents_knows_every_kind() {
    let schema: serde_json::Value = serde_json::from_str(SCHEMA).expect("a schema");
    for kind in CriterionKind::iter() {
        let spelt = serde_json::to_value(kind).expect("a kind");
        assert!(schema.to_string().contains(&spelt.to_string()), "{spelt}");
    }
}

#[test]
fn every_fault_of_a_document_is_named_at_its_place() {
    let faults = |text: &str| match read("input.document", text) {
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
fn differences_are_told_part_by_part() {
    let before = VersionPlan::of(&STRATPRO);
    assert_eq!(between(&before, &before), vec![]);
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
    let told: Vec<(How, String)> = between(&before, &after)
        .into_iter()
        .map(|found| {
            assert_eq!(found.how == How::Added, found.before.is_null(), "{found:?}");
            assert_eq!(found.how == How::Removed, found.after.is_null(), "{found:?}");
            (found.how, found.path.join("/"))
        })
        .collect();
    let told: Vec<(How, &str)> = told.iter().map(|(how, path)| (*how, path.as_str())).collect();
    let gone = format!("stages/align/criteria/{}", before.stages[0].criteria[1].text);
    assert_eq!(
        told,
        [
            (How::Changed, "cadenceDays"),
            (How::Changed, "stages/align/title"),
            (How::Removed, gone.as_str()),
            (How::Changed, "stages/vision/agenda/What we are for/minutes"),
            (How::Changed, "stages/plan/position"),
            (How::Changed, "stages/diagnose/position"),
            (How::Added, "questionnaire/more"),
            (How::Removed, "resources/https://library.stratpro.example/guide"),
        ]
    );
}
