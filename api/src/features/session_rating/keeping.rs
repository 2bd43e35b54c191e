//! Closes the ratings of a session and publishes their mean.

use super::rules;
use crate::{
    features::participant::{self, rules::Beginning},
    kernel::{Error, Locked, Write},
};
use entity::{
    session::{self, Entity},
    session_rating,
};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder, QuerySelect,
};

/// Closes the ratings of a session, and fixes what is told of them for ever.
pub async fn tell(
    write: &Write,
    session: &Locked<session::Model>,
    ratings: &[session_rating::Model],
) -> Result<(), Error> {
    let held = participant::held_at(write, session.client_id).await?;
    let began = Beginning { at: session.started_at.unwrap_or(session.starts_at), row: None };
    let rated = ratings.iter().map(|rating| rating.person_id);
    let told = rules::told(ratings, participant::rules::counting(rated, &held, session.team_id, began));
    let mut change = session.clone().into_active_model();
    change.rating_closed_at = Set(Some(write.now()));
    change.rating_halves = Set(told.map(|told| told.halves));
    change.rating_band = Set(told.map(|told| told.band));
    write.update::<Entity>(session, change).await?;
    Ok(())
}

/// Sessions whose time to be rated is over, at most so many.
pub async fn over(write: &Write, most: u64) -> Result<Vec<session::Model>, Error> {
    let over = Entity::find()
        .filter(session::Column::NetworkId.eq(write.network()?))
        .filter(session::Column::RatingClosedAt.is_null())
        .filter(session::Column::RatingUntil.lte(write.now()))
        .order_by_asc(session::Column::RatingUntil);
    write.all(over.limit(most)).await
}

/// Closes the ratings of a session by the clock, unless they were closed meanwhile.
pub async fn close(write: &Write, found: &session::Model) -> Result<(), Error> {
    let session = write.lock::<Entity>(found.id).await?;
    if session.rating_closed_at.is_some() {
        return Ok(());
    }
    let all = session_rating::Entity::find().filter(session_rating::Column::SessionId.eq(session.id));
    let all = write.unseal(all).await?;
    tell(write, &session, &all).await
}
