//! What other nouns do with strategies: programmes bring the sections of their template, and stages ask which sections
//! are ratified.

use crate::kernel::{Error, Locked, Write};
use entity::{
    Id, programme, stage_run,
    strategy_section::{self, Entity},
    template_section,
};
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder};

/// Gives a team the sections that the stages of its programme declare. A section that the team has by its key stays, with its versions,
/// and follows the template; only its form stays as it is once there is a version.
pub async fn take_sections(write: &Write, programme: &programme::Model) -> Result<(), Error> {
    let stages = stage_run::Entity::find()
        .filter(stage_run::Column::ProgrammeId.eq(programme.id))
        .order_by_asc(stage_run::Column::Position);
    let stages = write.all(stages).await?;
    let planned = template_section::Entity::find()
        .filter(
            template_section::Column::TemplateStageId
                .is_in(stages.iter().map(|stage| stage.template_stage_id)),
        )
        .order_by_asc(template_section::Column::Position);
    let planned = write.all(planned).await?;
    let held = Entity::find().filter(strategy_section::Column::TeamId.eq(programme.team_id));
    let held = write.lock_all(held).await?;
    let mut position = 0;
    let mut added = vec![];
    for stage in &stages {
        for section in planned.iter().filter(|section| section.template_stage_id == stage.template_stage_id) {
            position += 1;
            if let Some(own) = held.iter().find(|own| own.key == section.key) {
                let mut change = own.clone().into_active_model();
                change.stage_run_id = Set(Some(stage.id));
                change.position = Set(position);
                change.title = Set(section.title.clone());
                change.prompt = Set(section.prompt.clone());
                change.needed = Set(section.needed);
                if own.versions == 0 || own.form == section.form {
                    change.form = Set(section.form);
                    change.minimum = Set(section.minimum);
                    change.maximum = Set(section.maximum);
                }
                write.update::<Entity>(own, change).await?;
            } else {
                added.push(strategy_section::Model {
                    id: write.id(),
                    network_id: programme.network_id,
                    client_id: programme.client_id,
                    team_id: programme.team_id,
                    stage_run_id: Some(stage.id),
                    position,
                    key: section.key.clone(),
                    title: section.title.clone(),
                    prompt: section.prompt.clone(),
                    form: section.form,
                    minimum: section.minimum,
                    maximum: section.maximum,
                    needed: section.needed,
                    shared: false,
                    versions: 0,
                    ratified_at: None,
                    version: 1,
                });
            }
        }
    }
    for own in held {
        if planned.iter().all(|section| section.key != own.key) {
            leave_behind(write, own).await?;
        }
    }
    write.insert_all::<Entity>(added).await
}

/// Unlinks the sections of stages that a programme is about to lose.
pub async fn leave_stages(write: &Write, stages: &[Id<stage_run::Entity>]) -> Result<(), Error> {
    let theirs = Entity::find().filter(strategy_section::Column::StageRunId.is_in(stages.iter().copied()));
    for own in write.lock_all(theirs).await? {
        let mut change = own.clone().into_active_model();
        change.stage_run_id = Set(None);
        write.update::<Entity>(&own, change).await?;
    }
    Ok(())
}

/// Removes a section that the template no longer has, or keeps it without a gate if there is a version of it.
async fn leave_behind(write: &Write, own: Locked<strategy_section::Model>) -> Result<(), Error> {
    if own.versions == 0 {
        return write.delete::<Entity>(own).await;
    }
    let mut change = own.clone().into_active_model();
    change.needed = Set(false);
    write.update::<Entity>(&own, change).await?;
    Ok(())
}

/// Lists the titles of the sections that a stage needs ratified and that are not.
pub async fn list_unratified(write: &Write, stage: Id<stage_run::Entity>) -> Result<Vec<String>, Error> {
    let missing = Entity::find()
        .filter(strategy_section::Column::StageRunId.eq(stage))
        .filter(strategy_section::Column::Needed.eq(true))
        .filter(strategy_section::Column::RatifiedAt.is_null())
        .order_by_asc(strategy_section::Column::Position);
    Ok(write.all(missing).await?.into_iter().map(|section| section.title).collect())
}
