//! Voice balance: how evenly the participants of a team were heard in its last four sessions.
//!
//! It counts sealed inputs alone ([`super::sealed_input`]): pre-work, ballots, answers of alignment rounds and ratings.
//! So it needs no record of who spoke, and names nobody. Closing a session computes it once. Only the team's
//! participants and the client's facilitators read it, and no metric and no benchmark uses it.

pub mod rules;
#[cfg(test)]
mod tests;

use super::{participant::load_participants, sealed_input::load_everyones, session::Session, team::Team};
use crate::{
    kernel::{Error, Write},
    shape,
};
use entity::{
    alignment_response, alignment_round, dot_ballot, dot_vote, pre_work_input,
    session::{self, SessionStatus},
    session_rating, voice_balance,
};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

shape! {
    /// How evenly the participants of a team were heard in its last sessions, computed when a session was closed. Only
    /// participants of the team and the client's facilitators can read it.
    VoiceBalance of voice_balance {
        /// Voice balance in per cent, rounded to a multiple of 10: 100 if each participant gave as many sealed inputs as
        /// the others, 0 if one participant gave all. It is 1 − the normalised Gini coefficient of the numbers of inputs:
        /// pre-work answers, dot votes, alignment answers and session ratings. Null with fewer than five participants with
        /// a login, and if nothing was given.
        percent = int(Percent).or_null(),
        /// Number of sessions that are counted: the team's last held ones, at most 4.
        sessionCount = int(Sessions),
        /// Number of participants with a login, who can give sealed inputs.
        participantCount = int(Participants),
        /// Time at which the voice balance was computed.
        createdAt = instant(CreatedAt),
        /// Session that was closed.
        session = one::<Session, _>(SessionId),
        /// Team that was heard.
        team = one::<Team, _>(TeamId),
    }
}

/// Stores the voice balance of a team whose session was just closed.
pub async fn record_balance(write: &Write, closed: &session::Model) -> Result<(), Error> {
    let held = session::Entity::find()
        .filter(session::Column::TeamId.eq(closed.team_id))
        .filter(session::Column::Status.eq(SessionStatus::Held))
        .order_by_desc(session::Column::ClosedAt)
        .order_by_desc(session::Column::Id)
        .limit(rules::SESSIONS);
    let sessions: Vec<_> = write.all(held).await?.into_iter().map(|session| session.id).collect();
    let votes = dot_vote::Entity::find().filter(dot_vote::Column::SessionId.is_in(sessions.clone()));
    let votes: Vec<_> = write.all(votes).await?.into_iter().map(|vote| vote.id).collect();
    let rounds =
        alignment_round::Entity::find().filter(alignment_round::Column::SessionId.is_in(sessions.clone()));
    let rounds: Vec<_> = write.all(rounds).await?.into_iter().map(|round| round.id).collect();
    let prepared = load_everyones::<pre_work_input::Entity, _>(write, sessions.clone()).await?;
    let ballots = load_everyones::<dot_ballot::Entity, _>(write, votes).await?;
    let responses = load_everyones::<alignment_response::Entity, _>(write, rounds).await?;
    let ratings = load_everyones::<session_rating::Entity, _>(write, sessions.clone()).await?;
    let mut given = rules::voters(&ballots);
    given.extend(prepared.iter().map(|input| input.person_id));
    given.extend(responses.iter().map(|response| response.person_id));
    given.extend(ratings.iter().map(|rating| rating.person_id));
    let participants = load_participants(write, closed.client_id, closed.team_id).await?;
    let people: Vec<_> = participants.iter().filter_map(|member| member.person_id).collect();
    let row = voice_balance::Model {
        id: write.id(),
        network_id: closed.network_id,
        client_id: closed.client_id,
        team_id: closed.team_id,
        session_id: closed.id,
        percent: rules::voice_balance(&rules::count_inputs(&people, &given)),
        sessions: sessions.len() as i32,
        participants: people.len() as i32,
        created_at: write.now(),
    };
    write.insert::<voice_balance::Entity>(row).await?;
    Ok(())
}
