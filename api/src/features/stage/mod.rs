//! Stage: a stage of a running programme, between two gates. It is locked until the stage before is passed, and
//! passed when its exit criteria are met or someone who may overrides them with a reason.

use super::{person::Person, priority::Priority, programme::Programme, template::TemplateStage};
use crate::shape;
use entity::{stage_event::StageEventKind, stage_run::StageStatus};

shape! {
    /// A stage of a programme.
    Stage of stage_run {
        /// Its place, from 1.
        position = int(Position).filter().order(),
        /// Its title.
        title = text(Title).filter(),
        /// What it is for.
        purpose = text(Purpose),
        /// How many days it is planned to take.
        plannedDays = int(PlannedDays),
        /// Where it stands.
        status = closed::<StageStatus, _>(Status).filter().order(),
        /// When it was opened, the last time.
        openedAt = instant(OpenedAt).or_null(),
        /// When it was passed, the last time.
        passedAt = instant(PassedAt).or_null(),
        /// Why it was passed although its criteria were not met.
        overrideReason = text(OverrideReason).or_null(),
        /// How often it was reopened.
        timesReopened = int(TimesReopened),
        /// Counts up with every change; give it back as `expectedVersion`.
        version = int(Version),
        /// The programme.
        programme = one::<Programme, _>(ProgrammeId),
        /// The stage as the template plans it, with its exit criteria. For those who run programmes, and head office.
        template = one::<TemplateStage, _>(TemplateStageId).or_null(),
        /// The priorities worked on in it, by rank.
        priorities = list::<Priority, _>(entity::priority::Column::StageRunId).by(entity::priority::Column::Rank, Ty::Int).about(6),
        /// The criteria that the facilitator confirmed.
        confirmations = list::<StageConfirmation, _>(entity::stage_check::Column::StageRunId).by(entity::stage_check::Column::ConfirmedAt, Ty::Instant).about(4),
        /// What happened to it, oldest first.
        history = list::<StageEvent, _>(entity::stage_event::Column::StageRunId).by(entity::stage_event::Column::At, Ty::Instant).about(3),
    }
}

shape! {
    /// A facilitator's word that an exit criterion is met.
    StageConfirmation of stage_check {
        /// How it is met.
        note = text(Note),
        /// When it was confirmed.
        confirmedAt = instant(ConfirmedAt),
        /// The id of the criterion.
        criterionId = id::<entity::stage_criterion::Entity, _>(StageCriterionId),
        /// Who confirmed it.
        person = one::<Person, _>(PersonId).or_null(),
    }
}

shape! {
    /// Something that happened to a stage.
    StageEvent of stage_event {
        /// What.
        kind = closed::<StageEventKind, _>(Kind),
        /// Why, where a reason was given.
        reason = text(Reason).or_null(),
        /// When.
        at = instant(At),
        /// Who did it.
        person = one::<Person, _>(PersonId).or_null(),
    }
}
