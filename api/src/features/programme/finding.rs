//! Finds the programme that a team runs. Others need it that programmes call in turn: limits of priorities, reviews.

use super::rules;
use crate::kernel::{Error, Write};
use entity::{
    Id,
    programme::{self, Entity},
    team,
};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};

/// Finds the unfinished programme of a team, if there is one.
pub async fn find_unfinished(
    write: &Write,
    team: Id<team::Entity>,
) -> Result<Option<programme::Model>, Error> {
    let unfinished = Entity::find()
        .filter(programme::Column::TeamId.eq(team))
        .filter(programme::Column::Status.is_in(rules::UNFINISHED));
    write.one(unfinished).await
}
