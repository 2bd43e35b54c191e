//! Programme template: a named line of versions. A version is written as a draft, published once and then never
//! changed, and retired when no new programme is to start on it.

pub mod stratpro;

use crate::shape;
use entity::{stage_criterion::CriterionKind, template_version::TemplateStatus};

shape! {
    /// A programme template.
    Template of template {
        /// Its name, unique in the network.
        name = text(Name).filter().order(),
        /// What it is for.
        summary = text(Summary),
        /// When it was begun.
        createdAt = instant(CreatedAt).filter().order(),
        /// Counts up with every change; give it back as `expectedVersion`.
        version = int(Version),
        /// Its versions, newest first.
        versions = list::<TemplateVersion, _>(entity::template_version::Column::TemplateId).by_last(entity::template_version::Column::Number, Ty::Int).about(3),
    }
}

shape! {
    /// A version of a template.
    TemplateVersion of template_version {
        /// 1, 2, 3 …
        number = int(Number).filter().order(),
        /// Whether it is being written, can be run, or could.
        status = closed::<TemplateStatus, _>(Status).filter().order(),
        /// How many committed priorities a team may have in a cycle.
        prioritiesPerTeam = int(PrioritiesPerTeam),
        /// How many committed priorities a leader may own in a cycle.
        prioritiesPerLeader = int(PrioritiesPerLeader),
        /// Days between reviews.
        cadenceDays = int(CadenceDays),
        /// When it was published.
        publishedAt = instant(PublishedAt).or_null(),
        /// When it was retired.
        retiredAt = instant(RetiredAt).or_null(),
        /// Counts up with every change; give it back as `expectedVersion`.
        version = int(Version),
        /// The template it is a version of.
        template = one::<Template, _>(TemplateId),
        /// Its stages, in order.
        stages = list::<TemplateStage, _>(entity::template_stage::Column::TemplateVersionId).by(entity::template_stage::Column::Position, Ty::Int).about(6),
    }
}

shape! {
    /// A stage as a template version plans it.
    TemplateStage of template_stage {
        /// Its place, from 1.
        position = int(Position),
        /// Its title.
        title = text(Title),
        /// What it is for.
        purpose = text(Purpose),
        /// How many days it is planned to take.
        plannedDays = int(PlannedDays),
        /// What must hold before it is passed, in order.
        criteria = list::<StageCriterion, _>(entity::stage_criterion::Column::TemplateStageId).by(entity::stage_criterion::Column::Position, Ty::Int).about(4),
    }
}

shape! {
    /// What must hold before a stage is passed.
    StageCriterion of stage_criterion {
        /// Its place, from 1.
        position = int(Position),
        /// What it asks for.
        kind = closed::<CriterionKind, _>(Kind),
        /// How many, where it counts; 0 where it does not.
        quantity = int(Quantity),
        /// What it says.
        text = text(Text),
    }
}
