//! Dot vote: the participants of a session spread dots over obstacles, priorities or the options of a decision, to see
//! what matters most to them.
//!
//! Whoever runs sessions opens a vote, with a number of dots for each participant. Ballots are sealed inputs
//! ([`super::sealed_input`]): secret, and replaceable while the vote is open. The vote closes when every participant with
//! a login has voted, when whoever runs the session closes it, or when the session ends. Closing publishes one figure for
//! each option, the sum of its dots, once ([`closing`]).

pub mod closing;
pub mod rules;
#[cfg(test)]
mod tests;

use super::{
    decision::DecisionOption, obstacle::Obstacle, participant::load_participants, priority::Priority,
    sealed_input, session::Session, team::Team, team::link::linked,
};
use crate::{
    kernel::{Caller, Check, Error, Fault, Write, access::Permission, expect_version, read::shape::typed},
    mutations, shape,
};
use async_graphql::{ID, InputObject};
use entity::{
    Id, decision, decision_option, dot_ballot,
    dot_vote::{self, DotVoteStatus, Entity},
    dot_vote_option, obstacle, priority, session, team,
};
use rules::NewOption;
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder, Select};

shape! {
    /// A vote of a session, in which each participant spreads dots over options in secret.
    DotVote of dot_vote {
        /// Title of the vote: one line of 1 to 200 characters.
        title = text(Title),
        /// Number of dots that each participant can give: 1 to 20.
        dots = int(Dots),
        /// Whether the vote takes ballots or shows its results.
        status = closed::<DotVoteStatus, _>(Status),
        /// Number of people who have voted. Who they are is secret.
        voteCount = int(Voted),
        /// Number of participants of the team when the vote was opened. Updated when the vote is closed, then at least
        /// `voteCount`.
        memberCount = int(Members),
        /// Time at which the vote was opened.
        createdAt = instant(CreatedAt),
        /// Time at which the vote was closed. Null while the vote is open.
        closedAt = instant(ClosedAt).or_null(),
        /// Revision number; increases when the vote is closed, but not when people vote. Send it as `expectedVersion`.
        version = int(Version),
        /// Options of the vote, in order: 2 to 20.
        options = list::<DotVoteOption, _>(entity::dot_vote_option::Column::VoteId).by(entity::dot_vote_option::Column::Position, Ty::Int).about(5),
        /// Session that the vote is part of.
        session = one::<Session, _>(SessionId),
        /// Team that votes.
        team = one::<Team, _>(TeamId),
    }
}

shape! {
    /// An option of a dot vote.
    DotVoteOption of dot_vote_option {
        /// Position in the vote, starting at 1.
        position = int(Position),
        /// Title of the obstacle or priority, or text of the decision's option, when the vote was opened.
        title = text(Title),
        /// Number of dots that all participants gave the option. Null until the vote is closed. With few votes, the
        /// numbers can reveal how someone voted.
        dots = int(Dots).or_null(),
        /// Obstacle that the option is. Null for other options.
        obstacle = one::<Obstacle, _>(ObstacleId).or_null(),
        /// Priority that the option is. Null for other options.
        priority = one::<Priority, _>(PriorityId).or_null(),
        /// Option of a decision that the option is. Null for other options.
        decisionOption = one::<DecisionOption, _>(DecisionOptionId).or_null(),
        /// Dots that the caller gave the option. Null if the caller has not voted. Only the caller can read it.
        myBallot = first::<DotBallot, _>(entity::dot_ballot::Column::OptionId).by(entity::dot_ballot::Column::Id, Ty::Id(entity::Table::DotBallot)),
        /// Vote that the option belongs to.
        vote = one::<DotVote, _>(VoteId),
    }
}

shape! {
    /// The dots that the caller gave an option. Only the person who gave the dots can read them.
    DotBallot of dot_ballot {
        /// Number of dots: 0 to the number of dots of the vote.
        dots = int(Dots),
        /// Option that got the dots. Null if the caller no longer has access to it.
        option = one::<DotVoteOption, _>(OptionId).or_null(),
    }
}

/// Input for `dotVoteOpen`.
#[derive(InputObject)]
pub struct DotVoteOpenInput {
    /// ID of the session, which must be scheduled or in progress and have fewer than 10 votes.
    pub session_id: ID,
    /// Title of the vote: one line of 1 to 200 characters.
    pub title: String,
    /// Number of dots that each participant can give: 1 to 20.
    #[graphql(default = 3)]
    pub dots: i32,
    /// IDs of obstacles to vote on, of the session's team. The vote has 2 to 20 options in all.
    #[graphql(default)]
    pub obstacle_ids: Vec<ID>,
    /// IDs of priorities to vote on, of the session's team.
    #[graphql(default)]
    pub priority_ids: Vec<ID>,
    /// ID of a decision of the session's team, to vote on its options.
    pub decision_id: Option<ID>,
}

/// Dots for an option.
#[derive(InputObject)]
pub struct DotBallotInput {
    /// ID of the option, which must belong to the vote. Each option is named at most once.
    pub option_id: ID,
    /// Number of dots: 0 to the number of dots of the vote.
    pub dots: i32,
}

/// Input for `dotVoteCast`.
#[derive(InputObject)]
pub struct DotVoteCastInput {
    /// ID of the vote, which must be open.
    pub id: ID,
    /// Dots for the options, at least one dot and at most the number of dots of the vote in all. Options that are left
    /// out get none. Voting again replaces all earlier dots.
    pub ballots: Vec<DotBallotInput>,
}

/// Input for `dotVoteClose`.
#[derive(InputObject)]
pub struct DotVoteCloseInput {
    /// ID of the vote, which must be open.
    pub id: ID,
    /// The `version` you last read. Fails with `CONFLICT` if the vote has changed since.
    pub expected_version: Option<i32>,
}

mutations! {
    DotVoteMutation: dot_vote -> DotVote of Entity {
        /// Opens a dot vote in a session, on obstacles, priorities or the options of a decision.
        dot_vote_open(DotVoteOpenInput) -> DotVoteOpenPayload = open;
        /// Votes, or replaces the caller's earlier dots. Leaders and sponsors who are active members of the team vote for
        /// themselves. The vote closes when every participant with a login has voted.
        dot_vote_cast(DotVoteCastInput) -> DotVoteCastPayload = cast, on id;
        /// Closes an open vote and publishes its results. A vote that is still open when its session ends is closed by
        /// itself.
        dot_vote_close(DotVoteCloseInput) -> DotVoteClosePayload = close, on id;
    }
}

async fn open(caller: &Caller, input: DotVoteOpenInput) -> Result<Id<Entity>, Error> {
    let (write, session) = caller
        .write::<session::Entity>(Permission::DotVoteOpen, typed(&input.session_id), "input.sessionId")
        .await?;
    let mut check = Check::new();
    let title = check.line("input.title", &input.title, 1..=200);
    let dots = check.number("input.dots", input.dots, rules::DOTS);
    check.done()?;
    rules::require_current(session.status)?;
    let there = Entity::find().filter(dot_vote::Column::SessionId.eq(session.id));
    rules::require_room(usize::try_from(write.count(there).await?).map_err(|_| Fault::Internal)?)?;
    rules::require_few(input.obstacle_ids.len() + input.priority_ids.len())?;
    let options = load_options(&write, &input, session.team_id).await?;
    rules::check_options(&options)?;
    let participants = load_participants(&write, session.client_id, session.team_id).await?;
    let row = dot_vote::Model {
        id: write.id(),
        network_id: session.network_id,
        client_id: session.client_id,
        team_id: session.team_id,
        session_id: session.id,
        title,
        dots,
        status: DotVoteStatus::Open,
        voted: 0,
        members: participants.len() as i32,
        created_at: write.now(),
        closed_at: None,
        version: 1,
    };
    let vote = write.insert::<Entity>(row).await?;
    for (option, position) in options.into_iter().zip(1..) {
        let row = dot_vote_option::Model {
            id: write.id(),
            network_id: vote.network_id,
            client_id: vote.client_id,
            team_id: vote.team_id,
            vote_id: vote.id,
            position,
            title: option.title,
            obstacle_id: option.obstacle,
            priority_id: option.priority,
            decision_option_id: option.decision_option,
            dots: None,
            version: 1,
        };
        write.insert::<dot_vote_option::Entity>(row).await?;
    }
    write.commit().await?;
    Ok(vote.id)
}

/// Loads what a new vote is about, in the order of the input.
async fn load_options(
    write: &Write,
    input: &DotVoteOpenInput,
    team: Id<team::Entity>,
) -> Result<Vec<NewOption>, Error> {
    let mut options = Vec::new();
    for (at, id) in input.obstacle_ids.iter().enumerate() {
        let path = format!("input.obstacleIds.{at}");
        let row = linked::<obstacle::Entity>(write, Some(id), team, &path).await?;
        options.extend(row.map(|row| NewOption::of_obstacle(row, path)));
    }
    for (at, id) in input.priority_ids.iter().enumerate() {
        let path = format!("input.priorityIds.{at}");
        let row = linked::<priority::Entity>(write, Some(id), team, &path).await?;
        options.extend(row.map(|row| NewOption::of_priority(row, path)));
    }
    let path = "input.decisionId";
    if let Some(decision) = linked::<decision::Entity>(write, input.decision_id.as_ref(), team, path).await? {
        let rows = decision_option::Entity::find()
            .filter(decision_option::Column::DecisionId.eq(decision.id))
            .order_by_asc(decision_option::Column::Position);
        let rows = write.all(rows).await?;
        rules::require_options(&rows)?;
        options.extend(rows.into_iter().map(|row| NewOption::of_decision(row, path.to_owned())));
    }
    Ok(options)
}

async fn cast(caller: &Caller, input: DotVoteCastInput) -> Result<Id<Entity>, Error> {
    let (write, vote) = caller.write::<Entity>(Permission::DotVoteCast, typed(&input.id), "input.id").await?;
    let person = write.person()?;
    let participants = load_participants(&write, vote.client_id, vote.team_id).await?;
    rules::require_voter(person, &participants)?;
    rules::require_open(vote.status)?;
    let options = write.all(select_options(vote.id)).await?;
    let sent: Vec<rules::SentDots> =
        input.ballots.iter().map(|ballot| (typed(&ballot.option_id), ballot.dots)).collect();
    let ballot = rules::check_ballot(&sent, &options, vote.dots)?;
    let mut before = sealed_input::lock_own::<dot_ballot::Entity, _>(&write, vote.id).await?;
    if before.is_empty() {
        let mut count = vote.clone().into_active_model();
        count.voted = Set(vote.voted + 1);
        write.set::<Entity>(&vote, count).await?;
    }
    for (option, dots) in ballot {
        let row = before.iter().position(|row| row.option_id == option).map(|at| before.swap_remove(at));
        let replace = |change: &mut dot_ballot::ActiveModel| change.dots = Set(dots);
        let first = || dot_ballot::Model {
            id: write.id(),
            network_id: vote.network_id,
            client_id: vote.client_id,
            team_id: vote.team_id,
            person_id: person,
            vote_id: vote.id,
            option_id: option,
            dots,
            version: 1,
        };
        sealed_input::save_own::<dot_ballot::Entity>(&write, row, replace, first).await?;
    }
    let all = sealed_input::load_everyones::<dot_ballot::Entity, _>(&write, [vote.id]).await?;
    let asked = participants.iter().filter_map(|member| member.person_id);
    if sealed_input::rules::is_complete(asked, all.iter().map(|ballot| ballot.person_id)) {
        write.name_nobody();
        closing::publish_vote(&write, &vote).await?;
    }
    write.commit().await?;
    Ok(vote.id)
}

async fn close(caller: &Caller, input: DotVoteCloseInput) -> Result<Id<Entity>, Error> {
    let (write, vote) =
        caller.write::<Entity>(Permission::DotVoteClose, typed(&input.id), "input.id").await?;
    expect_version(vote.version, input.expected_version)?;
    rules::require_open(vote.status)?;
    closing::publish_vote(&write, &vote).await?;
    write.commit().await?;
    Ok(vote.id)
}

fn select_options(vote: Id<Entity>) -> Select<dot_vote_option::Entity> {
    dot_vote_option::Entity::find()
        .filter(dot_vote_option::Column::VoteId.eq(vote))
        .order_by_asc(dot_vote_option::Column::Position)
}
