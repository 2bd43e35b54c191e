//! Pre-work: prompts of a session that each participant answers before it starts.
//!
//! Whoever runs sessions adds prompts to a scheduled session. Answers are sealed inputs ([`super::sealed_input`]): secret,
//! and replaceable until the session starts. Starting it publishes a copy of each answer with its author's name, which
//! the team reads from then on ([`unseal`]). The answers to a session that never starts stay secret.

pub mod rules;
#[cfg(test)]
mod tests;

use super::{
    member::Member, participant::load_participants, programme::rules::require_active_team, sealed_input,
    session::Session, team::Team,
};
use crate::{
    kernel::{
        Caller, Check, Error, Fault, Locked, Write, access::Permission, expect_version, read::shape::typed,
    },
    mutations, shape,
};
use async_graphql::{ID, InputObject};
use entity::{
    Id, client, pre_work_answer, pre_work_input,
    pre_work_prompt::{self, Entity},
    session, team,
};
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder};

shape! {
    /// A prompt that the participants of a session answer before it starts.
    PreWorkPrompt of pre_work_prompt {
        /// Text of the prompt: 1 to 1,000 characters.
        text = text(Text),
        /// Number of participants who have answered. Until the session starts, who they are is secret.
        answerCount = int(Answered),
        /// Time at which the session started and the answers became readable. Null until then.
        unsealedAt = instant(UnsealedAt).or_null(),
        /// Revision number; increases when the text changes and when the session starts, but not when people answer. Send
        /// it as `expectedVersion`.
        version = int(Version),
        /// Answers, with names. Empty until the session starts.
        answers = list::<PreWorkAnswer, _>(entity::pre_work_answer::Column::PromptId).by(entity::pre_work_answer::Column::Id, Ty::Id(entity::Table::PreWorkAnswer)).about(5),
        /// The caller's own answer, also before the session starts. Null if the caller has not answered.
        myAnswer = first::<MyPreWorkAnswer, _>(entity::pre_work_input::Column::PromptId).by(entity::pre_work_input::Column::AnsweredAt, Ty::Instant),
        /// Session that the prompt prepares.
        session = one::<Session, _>(SessionId),
        /// Team that meets.
        team = one::<Team, _>(TeamId),
    }
}

shape! {
    /// A member's answer to a prompt, readable since the session started.
    PreWorkAnswer of pre_work_answer {
        /// Text of the answer.
        text = text(Text),
        /// Member who answered.
        member = one::<Member, _>(MemberId),
        /// Prompt that is answered.
        prompt = one::<PreWorkPrompt, _>(PromptId),
    }
}

shape! {
    /// The caller's own answer to a prompt. Only the person who gave the answer can read it.
    MyPreWorkAnswer of pre_work_input {
        /// Text of the answer.
        text = text(Text),
        /// Time at which the caller last answered.
        answeredAt = instant(AnsweredAt),
        /// Prompt that is answered. Null if the caller no longer has access to it.
        prompt = one::<PreWorkPrompt, _>(PromptId).or_null(),
    }
}

/// Input for `preWorkPromptAdd`.
#[derive(InputObject)]
pub struct PreWorkPromptAddInput {
    /// ID of the session, which must be scheduled and have fewer than 10 prompts.
    pub session_id: ID,
    /// Text of the prompt: 1 to 1,000 characters.
    pub text: String,
}

/// Input for `preWorkPromptUpdate`.
#[derive(InputObject)]
pub struct PreWorkPromptUpdateInput {
    /// ID of the prompt, which nobody may have answered. Its session must be scheduled.
    pub id: ID,
    /// Text of the prompt: 1 to 1,000 characters.
    pub text: String,
    /// The `version` you last read. Fails with `CONFLICT` if the prompt has changed since.
    pub expected_version: Option<i32>,
}

/// Input for `preWorkAnswer`.
#[derive(InputObject)]
pub struct PreWorkAnswerInput {
    /// ID of the prompt, whose session must be scheduled.
    pub id: ID,
    /// Answer: 1 to 5,000 characters. Replaces your earlier answer.
    pub text: String,
}

mutations! {
    PreWorkMutation: pre_work_prompt -> PreWorkPrompt of Entity {
        /// Adds a prompt to the pre-work of a scheduled session.
        pre_work_prompt_add(PreWorkPromptAddInput) -> PreWorkPromptAddPayload = add;
        /// Changes the text of a prompt that nobody has answered.
        pre_work_prompt_update(PreWorkPromptUpdateInput) -> PreWorkPromptUpdatePayload = update, on id;
        /// Answers a prompt before the session starts, or replaces the caller's earlier answer. Leaders and sponsors who
        /// are active members of the team answer for themselves. When the session starts, the team can read the answer
        /// with the caller's name.
        pre_work_answer(PreWorkAnswerInput) -> PreWorkAnswerPayload = answer, on id;
    }
}

async fn add(caller: &Caller, input: PreWorkPromptAddInput) -> Result<Id<Entity>, Error> {
    let path = "input.sessionId";
    let (write, session) =
        caller.write::<session::Entity>(Permission::PreWorkPromptAdd, typed(&input.session_id), path).await?;
    let mut check = Check::new();
    let text = check.text("input.text", &input.text, 1..=1000);
    check.done()?;
    rules::require_scheduled(session.status, path)?;
    let team = write.load::<team::Entity>(Some(session.team_id), path).await?;
    let client = write.load::<client::Entity>(Some(session.client_id), path).await?;
    require_active_team(client.status, team.archived_at).map_err(|refusal| refusal.at(path))?;
    let there = Entity::find().filter(pre_work_prompt::Column::SessionId.eq(session.id));
    rules::require_room(usize::try_from(write.count(there).await?).map_err(|_| Fault::Internal)?)?;
    let row = pre_work_prompt::Model {
        id: write.id(),
        network_id: session.network_id,
        client_id: session.client_id,
        team_id: session.team_id,
        session_id: session.id,
        text,
        answered: 0,
        unsealed_at: None,
        created_at: write.now(),
        version: 1,
    };
    let prompt = write.insert::<Entity>(row).await?;
    write.commit().await?;
    Ok(prompt.id)
}

async fn update(caller: &Caller, input: PreWorkPromptUpdateInput) -> Result<Id<Entity>, Error> {
    let (write, session, prompt) = lock_prompt(caller, Permission::PreWorkPromptUpdate, &input.id).await?;
    expect_version(prompt.version, input.expected_version)?;
    let mut check = Check::new();
    let text = check.text("input.text", &input.text, 1..=1000);
    check.done()?;
    rules::require_sealed(&prompt, session.status)?;
    rules::require_unanswered(prompt.answered)?;
    let mut change = prompt.clone().into_active_model();
    change.text = Set(text);
    write.update::<Entity>(&prompt, change).await?;
    write.commit().await?;
    Ok(prompt.id)
}

async fn answer(caller: &Caller, input: PreWorkAnswerInput) -> Result<Id<Entity>, Error> {
    let (write, session, prompt) = lock_prompt(caller, Permission::PreWorkAnswer, &input.id).await?;
    let mut check = Check::new();
    let text = check.text("input.text", &input.text, 1..=5000);
    check.done()?;
    let person = write.person()?;
    let participants = load_participants(&write, prompt.client_id, prompt.team_id).await?;
    let member = rules::require_respondent(person, &participants)?;
    rules::require_sealed(&prompt, session.status)?;
    let before = sealed_input::lock_own::<pre_work_input::Entity, _>(&write, session.id).await?;
    let before = before.into_iter().find(|row| row.prompt_id == prompt.id);
    if before.is_none() {
        let mut count = prompt.clone().into_active_model();
        count.answered = Set(prompt.answered + 1);
        write.set::<Entity>(&prompt, count).await?;
    }
    let now = write.now();
    let replace = |change: &mut pre_work_input::ActiveModel| {
        change.text = Set(text.clone());
        change.answered_at = Set(now);
    };
    let first = || pre_work_input::Model {
        id: write.id(),
        network_id: prompt.network_id,
        client_id: prompt.client_id,
        team_id: prompt.team_id,
        person_id: person,
        session_id: session.id,
        prompt_id: prompt.id,
        member_id: member,
        text: text.clone(),
        answered_at: now,
        version: 1,
    };
    sealed_input::save_own::<pre_work_input::Entity>(&write, before, replace, first).await?;
    write.commit().await?;
    Ok(prompt.id)
}

/// Locks a prompt after its session, whose start unseals it.
async fn lock_prompt(
    caller: &Caller,
    permission: Permission,
    id: &ID,
) -> Result<(Write, Locked<session::Model>, Locked<pre_work_prompt::Model>), Error> {
    let column = pre_work_prompt::Column::SessionId;
    caller.write_under::<session::Entity, Entity>(permission, column, typed(id), "input.id").await
}

/// Publishes the answers to the prompts of a session that starts, once.
pub async fn unseal(write: &Write, session: &session::Model) -> Result<(), Error> {
    let prompts = Entity::find()
        .filter(pre_work_prompt::Column::SessionId.eq(session.id))
        .order_by_asc(pre_work_prompt::Column::Id);
    let prompts = write.lock_all(prompts).await?;
    if prompts.is_empty() {
        return Ok(());
    }
    let mut inputs = sealed_input::load_everyones::<pre_work_input::Entity, _>(write, [session.id]).await?;
    // the order of the copies does not say who answered first
    inputs.sort_by_key(|input| (input.prompt_id, input.member_id));
    for prompt in &prompts {
        let mut change = prompt.clone().into_active_model();
        change.unsealed_at = Set(Some(write.now()));
        write.update::<Entity>(prompt, change).await?;
    }
    for input in inputs {
        let row = pre_work_answer::Model {
            id: write.id(),
            network_id: input.network_id,
            client_id: input.client_id,
            team_id: input.team_id,
            session_id: input.session_id,
            prompt_id: input.prompt_id,
            member_id: input.member_id,
            text: input.text,
            created_at: write.now(),
        };
        write.insert::<pre_work_answer::Entity>(row).await?;
    }
    Ok(())
}
