//! Pauses and resumes a programme: by its own mutations, and when its client is paused or resumed.

use super::rules::{self, Step};
use crate::{
    features::review::keeping as reviews,
    kernel::{Error, Locked, Write},
};
use entity::{programme, programme::Entity, programme_pause};
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter};

/// Pauses an active programme from now on.
pub async fn pause_programme(
    write: &Write,
    programme: &Locked<programme::Model>,
    reason: String,
) -> Result<(), Error> {
    let status = rules::next_status(programme.status, Step::Pause)?;
    let mut change = programme.clone().into_active_model();
    change.status = Set(status);
    change.paused_at = Set(Some(write.now()));
    change.reason = Set(Some(reason));
    write.update::<Entity>(programme, change).await?;
    write.insert::<programme_pause::Entity>(rules::new_pause(programme, write.id(), write.now())).await?;
    Ok(())
}

/// Resumes a paused programme. Reviews that fell into the pause are excused.
pub async fn resume_programme(write: &Write, programme: &Locked<programme::Model>) -> Result<(), Error> {
    let status = rules::next_status(programme.status, Step::Resume)?;
    let mut change = programme.clone().into_active_model();
    change.status = Set(status);
    change.paused_seconds = Set(rules::paused_seconds(programme, write.now()));
    change.paused_at = Set(None);
    change.reason = Set(None);
    write.update::<Entity>(programme, change).await?;
    end_pause(write, programme).await?;
    reviews::excuse_paused_reviews(write, programme).await
}

/// Ends a programme's open pause, if there is one.
pub async fn end_pause(write: &Write, programme: &programme::Model) -> Result<(), Error> {
    let lasting = programme_pause::Entity::find()
        .filter(programme_pause::Column::ProgrammeId.eq(programme.id))
        .filter(programme_pause::Column::EndsAt.is_null());
    let Some(pause) = write.lock_one(lasting).await? else { return Ok(()) };
    let mut change = pause.clone().into_active_model();
    change.ends_at = Set(Some(write.now().max(pause.starts_at)));
    write.update::<programme_pause::Entity>(&pause, change).await?;
    Ok(())
}
