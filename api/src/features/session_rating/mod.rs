//! Rating of a session: what each member who took part thinks of it, from 1 to 5, with a comment.
//!
//! A rating is its author's alone: nobody else ever reads it, and the audit tells only that there was one. Ratings
//! open when a session is closed and end seven days later, or when everyone who can has given one. At that moment, and
//! only once, the mean to the nearest half and a band of their number are told on the session, from five ratings on
//! that count ([`super::participant`]):
//! as nothing is told before and nothing changes afterwards, no one rating can be worked out from the others.

pub mod keeping;
pub mod rules;
#[cfg(test)]
mod tests;

use super::session::Session;
use crate::{
    kernel::{Caller, Check, Error, access::Permission, read::shape::typed},
    mutations, shape,
};
use async_graphql::{ID, InputObject};
use entity::{Id, attendance, member, session::Entity, session_rating};
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter};

shape! {
    /// What the caller thinks of a session they took part in. Nobody else reads it.
    SessionRating of session_rating {
        /// From 1, a waste of time, to 5, could not be better.
        score = int(Score),
        /// What else there is to say; empty for nothing.
        comment = text(Comment),
        /// When it was given, the last time.
        ratedAt = instant(RatedAt),
        /// The session.
        session = one::<Session, _>(SessionId),
    }
}

/// What one thinks of a session.
#[derive(InputObject)]
pub struct SessionRateInput {
    /// The session: held, its ratings open, and the caller a member who took part.
    pub id: ID,
    /// From 1, a waste of time, to 5, could not be better. Replaces what the caller said before.
    pub score: i32,
    /// What else there is to say: up to 2,000 characters.
    #[graphql(default)]
    pub comment: String,
}

mutations! {
    SessionRatingMutation: session -> Session of Entity {
        /// Rates a session, in private: nobody else ever reads it. Its mean is told on the session once ratings are closed,
        /// seven days after the session or when all who can have rated it, from five ratings on.
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
    rules::took_part(person, &members, &attended)?;
    rules::open(&session, write.now())?;
    let own = session_rating::Entity::find().filter(session_rating::Column::SessionId.eq(session.id));
    match write.lock_one(own).await? {
        Some(before) => {
            let mut change = before.clone().into_active_model();
            change.score = Set(score);
            change.comment = Set(comment);
            change.rated_at = Set(write.now());
            write.update::<session_rating::Entity>(&before, change).await?;
        }
        None => {
            let row = session_rating::Model {
                id: write.id(),
                network_id: session.network_id,
                client_id: session.client_id,
                session_id: session.id,
                person_id: person,
                score,
                comment,
                rated_at: write.now(),
                version: 1,
            };
            write.insert::<session_rating::Entity>(row).await?;
        }
    }
    let all = session_rating::Entity::find().filter(session_rating::Column::SessionId.eq(session.id));
    let all = write.unseal(all).await?;
    if rules::complete(&all, &members, &attended) {
        keeping::tell(&write, &session, &all).await?;
    }
    write.commit().await?;
    Ok(session.id)
}
