//! Links from an object of a team to other objects of the same team.

use crate::{
    features::action::rules::require_same_team,
    kernel::{Error, Write, read::shape::typed},
};
use async_graphql::ID;
use entity::{
    Id, Scoped, alignment_round, decision, obstacle, priority, seat, session, stage_run, target, team,
};

/// A row that belongs to one team.
pub trait TeamRow {
    fn team_id(&self) -> Id<team::Entity>;
}

macro_rules! team_rows {
    ($($module:ident),* $(,)?) => {$(
        impl TeamRow for $module::Model {
            fn team_id(&self) -> Id<team::Entity> {
                self.team_id
            }
        }
    )*};
}

team_rows!(alignment_round, decision, obstacle, priority, seat, session, stage_run, target);

/// Loads the object that `id` names and checks that it belongs to `team`. Returns `None` if there is no `id`. A refusal
/// names `path`.
pub async fn linked<E>(
    write: &Write,
    id: Option<&ID>,
    team: Id<team::Entity>,
    path: &str,
) -> Result<Option<E::Model>, Error>
where
    E: Scoped,
    E::Model: TeamRow,
{
    let Some(id) = id else { return Ok(None) };
    let row = write.load::<E>(typed(id), path).await?;
    require_same_team(row.team_id(), team, path)?;
    Ok(Some(row))
}
