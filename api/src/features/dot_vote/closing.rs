//! Closes dot votes and publishes their results: when all have voted, by hand, or when the session ends. Only here
//! ballots are counted.

use super::{rules, select_options};
use crate::{
    features::{participant::load_participants, sealed_input},
    kernel::{Error, Locked, Write},
};
use entity::{
    Id, dot_ballot,
    dot_vote::{self, DotVoteStatus, Entity},
    dot_vote_option, session,
};
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder};

/// Closes an open vote and publishes its results, once.
pub(super) async fn publish_vote(write: &Write, vote: &Locked<dot_vote::Model>) -> Result<(), Error> {
    let ballots = sealed_input::load_everyones::<dot_ballot::Entity, _>(write, [vote.id]).await?;
    for option in write.lock_all(select_options(vote.id)).await? {
        let mut change = option.clone().into_active_model();
        change.dots = Set(Some(rules::count_dots(option.id, &ballots)));
        write.update::<dot_vote_option::Entity>(&option, change).await?;
    }
    let participants = load_participants(write, vote.client_id, vote.team_id).await?;
    let voted = rules::count_voters(&ballots);
    let mut change = vote.clone().into_active_model();
    change.status = Set(DotVoteStatus::Closed);
    change.voted = Set(voted);
    change.members = Set(voted.max(participants.len() as i32));
    change.closed_at = Set(Some(write.now()));
    write.update::<Entity>(vote, change).await?;
    Ok(())
}

/// Closes the votes of a session that ends.
pub async fn close_votes(write: &Write, session: Id<session::Entity>) -> Result<(), Error> {
    let open = Entity::find()
        .filter(dot_vote::Column::SessionId.eq(session))
        .filter(dot_vote::Column::Status.eq(DotVoteStatus::Open))
        .order_by_asc(dot_vote::Column::Id);
    for vote in write.lock_all(open).await? {
        publish_vote(write, &vote).await?;
    }
    Ok(())
}
