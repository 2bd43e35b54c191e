//! Programme: a team's run of one pinned template version. Planned, then active and perhaps paused for a while, and
//! in the end completed or terminated. A team has one at a time.

use super::{client::Client, stage::Stage, team::Team, template::TemplateVersion};
use crate::shape;
use entity::programme::ProgrammeStatus;

shape! {
    /// A team's run of a template version.
    Programme of programme {
        /// Its name.
        name = text(Name).filter().order(),
        /// Where it stands.
        status = closed::<ProgrammeStatus, _>(Status).filter().order(),
        /// The day it is planned to start.
        plannedStartOn = date(PlannedStartOn).filter().order(),
        /// When it started.
        startedAt = instant(StartedAt).or_null().filter(),
        /// Since when it is paused.
        pausedAt = instant(PausedAt).or_null(),
        /// When it was completed or terminated.
        endedAt = instant(EndedAt).or_null(),
        /// Why it was paused or terminated.
        reason = text(Reason).or_null(),
        /// Counts up with every change; give it back as `expectedVersion`.
        version = int(Version),
        /// The client.
        client = one::<Client, _>(ClientId),
        /// The team.
        team = one::<Team, _>(TeamId),
        /// The template version it runs. For those who run programmes, and head office.
        templateVersion = one::<TemplateVersion, _>(TemplateVersionId).or_null(),
        /// Its stages, in order.
        stages = list::<Stage, _>(entity::stage_run::Column::ProgrammeId).by(entity::stage_run::Column::Position, Ty::Int).about(6),
    }
}
