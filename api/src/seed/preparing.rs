//! What the cast's team prepares its next session with: a prompt that its leader has answered, and an open dot vote on
//! its latest obstacles.

use super::{calendar::At, making::Making, source::Source};
use chrono::Duration;
use entity::{
    Id, dot_vote, dot_vote::DotVoteStatus, dot_vote_option, pre_work_input, pre_work_prompt, session,
    session::SessionStatus,
};

/// Chances of its own: what others draw stays as it is.
const STREAM: u64 = 58_000_000;
/// Number of obstacles to vote on.
const OPTIONS: usize = 3;

/// Adds both to the team's next session, where there is one.
pub fn add(making: &mut Making<'_>, at: usize) {
    if !making.card.stage_door {
        return;
    }
    let mut source = Source::new(making.directory.sketch.seed, STREAM + at as u64);
    let ahead = making.batch.sessions.iter().filter(|session| {
        session.team_id == making.team
            && session.status == SessionStatus::Scheduled
            && session.starts_at > making.now
    });
    let Some(next) = ahead.min_by_key(|session| (session.starts_at, session.id)).cloned() else { return };
    let created_at = making.now - Duration::hours(20);
    add_prompt(making, &mut source, &next, created_at);
    add_vote(making, &mut source, &next, created_at);
}

fn add_prompt(making: &mut Making<'_>, source: &mut Source, next: &session::Model, created_at: At) {
    let prompt: Id<pre_work_prompt::Entity> = source.id(created_at);
    let author = making.batch.members.iter().find(|member| {
        member.team_id == making.team && member.person_id.is_some() && Some(member.id) == making.leader
    });
    let author = author.and_then(|member| Some((member.id, member.person_id?)));
    making.batch.prompts.push(pre_work_prompt::Model {
        id: prompt,
        network_id: making.network,
        client_id: making.client,
        team_id: making.team,
        session_id: next.id,
        text: "What should we stop to have time for what matters?".into(),
        answered: i32::from(author.is_some()),
        unsealed_at: None,
        created_at,
        version: 1,
    });
    if let Some((member_id, person_id)) = author {
        let answered_at = created_at + Duration::hours(2);
        making.batch.prepared.push(pre_work_input::Model {
            id: source.id(answered_at),
            network_id: making.network,
            client_id: making.client,
            team_id: making.team,
            person_id,
            session_id: next.id,
            prompt_id: prompt,
            member_id,
            text: "The weekly report that nobody reads.".into(),
            answered_at,
            version: 1,
        });
    }
}

fn add_vote(making: &mut Making<'_>, source: &mut Source, next: &session::Model, created_at: At) {
    let obstacles = making
        .batch
        .obstacles
        .iter()
        .rev()
        .filter(|obstacle| obstacle.team_id == making.team && obstacle.raised_at < created_at);
    let obstacles: Vec<_> =
        obstacles.take(OPTIONS).map(|obstacle| (obstacle.id, obstacle.title.clone())).collect();
    if obstacles.len() < 2 {
        return;
    }
    let vote: Id<dot_vote::Entity> = source.id(created_at);
    let participants = making
        .batch
        .members
        .iter()
        .filter(|member| member.team_id == making.team && member.removed_at.is_none());
    making.batch.votes.push(dot_vote::Model {
        id: vote,
        network_id: making.network,
        client_id: making.client,
        team_id: making.team,
        session_id: next.id,
        title: "Which obstacle first".into(),
        dots: 3,
        status: DotVoteStatus::Open,
        voted: 0,
        members: participants.count() as i32,
        created_at,
        closed_at: None,
        version: 1,
    });
    for ((obstacle, title), position) in obstacles.into_iter().zip(1..) {
        making.batch.vote_options.push(dot_vote_option::Model {
            id: source.id(created_at),
            network_id: making.network,
            client_id: making.client,
            team_id: making.team,
            vote_id: vote,
            position,
            title,
            obstacle_id: Some(obstacle),
            priority_id: None,
            decision_option_id: None,
            dots: None,
            version: 1,
        });
    }
}
