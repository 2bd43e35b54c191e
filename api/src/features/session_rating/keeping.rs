//! Closes the ratings of a session and publishes their mean.

use super::rules;
use crate::{
    features::{
        participant::{self, rules::Cutoff},
        sealed_input,
    },
    kernel::{Error, Locked, Write},
};
use entity::{
    session::{self, Entity},
    session_rating,
};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder, QuerySelect,
};

/// Closes the ratings of a session and publishes their summary, which never changes again.
pub async fn publish_ratings(
    write: &Write,
    session: &Locked<session::Model>,
    ratings: &[session_rating::Model],
) -> Result<(), Error> {
    let memberships = participant::load_memberships(write, session.client_id).await?;
    let cutoff = Cutoff { at: session.started_at.unwrap_or(session.starts_at), row: None };
    let rated = ratings.iter().map(|rating| rating.person_id);
    let summary = rules::summarise(
        ratings,
        participant::rules::count_countable(rated, &memberships, session.team_id, cutoff),
    );
    let mut change = session.clone().into_active_model();
    change.rating_closed_at = Set(Some(write.now()));
    change.rating_halves = Set(summary.map(|summary| summary.halves));
    change.rating_band = Set(summary.map(|summary| summary.band));
    write.update::<Entity>(session, change).await?;
    Ok(())
}

/// Finds sessions whose time for ratings is over, at most `limit`.
pub async fn find_closable(write: &Write, limit: u64) -> Result<Vec<session::Model>, Error> {
    let closable = Entity::find()
        .filter(session::Column::NetworkId.eq(write.network()?))
        .filter(session::Column::RatingClosedAt.is_null())
        .filter(session::Column::RatingUntil.lte(write.now()))
        .order_by_asc(session::Column::RatingUntil);
    write.all(closable.limit(limit)).await
}

/// Closes the ratings of a session whose time is over, unless they are closed already.
pub async fn close_ratings(write: &Write, found: &session::Model) -> Result<(), Error> {
    let session = write.lock::<Entity>(found.id).await?;
    if session.rating_closed_at.is_some() {
        return Ok(());
    }
    let all = sealed_input::load_everyones::<session_rating::Entity, _>(write, [session.id]).await?;
    publish_ratings(write, &session, &all).await
}
