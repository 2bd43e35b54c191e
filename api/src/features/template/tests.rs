use super::{
    rules::{CriterionPlan, StagePlan, Step, VERSIONS, draftable, next, publishable, quantities, stages_of},
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
    let steps = [Step::SetStages, Step::Publish, Step::Retire];
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
        title: title.into(),
        purpose: String::new(),
        planned_days: 1,
        criteria: vec![
            CriterionPlan { kind: CriterionKind::Confirmed, quantity: 0, text: "x".into() };
            criteria
        ],
    };
    let wrong = |stages: &[StagePlan]| publishable(stages).err().map_or(0, |refusals| refusals.len());
    assert_eq!(wrong(&[stage("Align", 1), stage("Vision", 2)]), 0);
    assert_eq!(wrong(&[]), 1);
    assert_eq!(wrong(&[stage("Align", 0)]), 1);
    assert_eq!(wrong(&[stage("Align", 1), stage("align", 1)]), 1);
    assert_eq!(wrong(&[stage("Align", 0), stage("Align", 0)]), 3);
}

#[test]
fn what_ships_built_in_can_be_published() {
    let stages = stages_of(&STRATPRO);
    assert_eq!(publishable(&stages), Ok(()));
    for criterion in stages.iter().flat_map(|stage| &stage.criteria) {
        assert!(quantities(criterion.kind).contains(&criterion.quantity), "{}", criterion.text);
    }
}
