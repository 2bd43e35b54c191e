//! Session rating: a score from 1 to 5, with a comment, from each member who took part.
//!
//! Only its author can ever read a rating, and the audit records only that there was one. Ratings open when a session
//! is closed and end seven days later, or when everyone who can rate has done so. At that moment, and only once, the
//! mean to the nearest half and a band of the number of ratings are published on the session, if at least five ratings
//! count ([`super::participant`]). Since nothing is published before and nothing changes afterwards, no single rating
//! can be worked out from the others.

pub mod keeping;
pub mod rules;
#[cfg(test)]
mod tests;

use super::{sealed_input, session::Session};
use crate::{
    kernel::{Caller, Check, Error, access::Permission, read::shape::typed},
    mutations, shape,
};
use async_graphql::{ID, InputObject};
use entity::{Id, attendance, member, session::Entity, session_rating};
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter};

shape! {
    /// Your own rating of a session you took part in. Only you can read it.
    SessionRating of session_rating {
        /// Score from 1 (a waste of time) to 5 (could not be better).
        score = int(Score),
        /// Comment on the session. May be empty.
        comment = text(Comment),
        /// Time the rating was last given.
        ratedAt = instant(RatedAt),
        /// Session that the rating is for.
        session = one::<Session, _>(SessionId),
    }
}

/// Input for `sessionRate`.
#[derive(InputObject)]
pub struct SessionRateInput {
    /// ID of the session, which must be held and open for ratings. You must be a member who took part.
    pub id: ID,
    /// Score from 1 (a waste of time) to 5 (could not be better). Replaces your earlier score.
    pub score: i32,
    /// Comment on the session: up to 2,000 characters. Replaces your earlier comment.
    #[graphql(default)]
    pub comment: String,
}

mutations! {
    SessionRatingMutation: session -> Session of Entity {
        /// Rates a session in private: only you can ever read your rating. If at least five of the members who rated
        /// count, the session shows the mean once ratings are closed: seven days after the session was closed, or when
        /// all who can rate have done so.
        session_rate(SessionRateInput) -> SessionRatePayload = rate, on id;
    }
}

async fn rate(caller: &Caller, input: SessionRateInput) -> Result<Id<Entity>, Error> {
    let (write, session) =
        caller.write::<Entity>(Permission::SessionRate, typed(&input.id), "input.id").await?;
    let mut check = Check::new();
    let score = check.number("input.score", input.score, rules::SCORE);
    let comment = check.text("input.comment", &input.comment, 0..=2000);
    check.done()?;
    let person = write.person()?;
    let members = member::Entity::find().filter(member::Column::TeamId.eq(session.team_id));
    let members = write.all(members).await?;
    let attended = attendance::Entity::find().filter(attendance::Column::SessionId.eq(session.id));
    let attended = write.all(attended).await?;
    rules::require_participant(person, &members, &attended)?;
    rules::require_open(&session, write.now())?;
    let before = sealed_input::lock_own::<session_rating::Entity, _>(&write, session.id).await?;
    let before = before.into_iter().next();
    let now = write.now();
    let replace = |change: &mut session_rating::ActiveModel| {
        change.score = Set(score);
        change.comment = Set(comment.clone());
        change.rated_at = Set(now);
    };
    let first = || session_rating::Model {
        id: write.id(),
        network_id: session.network_id,
        client_id: session.client_id,
        session_id: session.id,
        person_id: person,
        score,
        comment: comment.clone(),
        rated_at: now,
        version: 1,
    };
    sealed_input::save_own::<session_rating::Entity>(&write, before, replace, first).await?;
    let all = sealed_input::load_everyones::<session_rating::Entity, _>(&write, [session.id]).await?;
    if rules::is_complete(&all, &members, &attended) {
        write.name_nobody();
        keeping::publish_ratings(&write, &session, &all).await?;
    }
    write.commit().await?;
    Ok(session.id)
}
