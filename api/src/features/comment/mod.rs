//! Comment: what somebody of the team, or who runs its programme, says about an action. Comments are answered, one
//! level deep. Their author edits and withdraws them; one that is withdrawn keeps its place and loses its words.

pub mod rules;
#[cfg(test)]
mod tests;

use super::{action::Action, person::Person};
use crate::{
    kernel::{Caller, Check, Error, access::Permission, expect_version, read::shape::typed},
    mutations, shape,
};
use async_graphql::{ID, InputObject};
use entity::{
    Id, action,
    action_comment::{self, Entity},
};
use sea_orm::{ActiveValue::Set, IntoActiveModel};

shape! {
    /// What somebody says about an action.
    ActionComment of action_comment {
        /// The words; null once they are withdrawn.
        text = text(Text).or_null(),
        /// When it was said.
        at = instant(At).filter().order(),
        /// When its author last changed the words.
        editedAt = instant(EditedAt).or_null(),
        /// When its author withdrew it.
        withdrawnAt = instant(WithdrawnAt).or_null().filter(),
        /// Counts up with every change; give it back as `expectedVersion`.
        version = int(Version),
        /// Who said it.
        person = one::<Person, _>(PersonId).or_null(),
        /// The action.
        action = one::<Action, _>(ActionId),
        /// The comment that it answers.
        answers = one::<ActionComment, _>(AnswersId).or_null(),
    }
}

/// Something to say about an action.
#[derive(InputObject)]
pub struct ActionCommentCreateInput {
    /// The action.
    pub action_id: ID,
    /// The words: 1 to 4,000 characters.
    pub text: String,
    /// The comment on the same action that this answers. An answer to an answer answers the first.
    pub answers_id: Option<ID>,
}

/// Other words.
#[derive(InputObject)]
pub struct ActionCommentUpdateInput {
    /// The comment.
    pub id: ID,
    /// The words: 1 to 4,000 characters.
    pub text: String,
    /// The version this change was decided on.
    pub expected_version: Option<i32>,
}

/// Which comment, and nothing more.
#[derive(InputObject)]
pub struct ActionCommentWithdrawInput {
    /// The comment.
    pub id: ID,
    /// The version this was decided on.
    pub expected_version: Option<i32>,
}

mutations! {
    CommentMutation: action_comment -> ActionComment of Entity {
        /// Says something about an action, in whatever state it is.
        action_comment_create(ActionCommentCreateInput) -> ActionCommentCreatePayload = create;
        /// Changes the words of a comment. Only its author does.
        action_comment_update(ActionCommentUpdateInput) -> ActionCommentUpdatePayload = update, on id;
        /// Takes a comment back. Only its author does. Its place stays, its words go.
        action_comment_withdraw(ActionCommentWithdrawInput) -> ActionCommentWithdrawPayload = withdraw, on id;
    }
}

async fn create(caller: &Caller, input: ActionCommentCreateInput) -> Result<Id<Entity>, Error> {
    let (write, action) = caller
        .write::<action::Entity>(Permission::ActionCommentCreate, typed(&input.action_id), "input.actionId")
        .await?;
    let mut check = Check::new();
    let text = check.text("input.text", &input.text, 1..=4000);
    check.done()?;
    let answers_id = match &input.answers_id {
        Some(id) => {
            let answered = write.load::<Entity>(typed(id), "input.answersId").await?;
            Some(rules::thread(&answered, action.id)?)
        }
        None => None,
    };
    let id = write.id();
    let row = action_comment::Model {
        id,
        network_id: action.network_id,
        client_id: action.client_id,
        team_id: action.team_id,
        action_id: action.id,
        answers_id,
        person_id: write.person()?,
        text: Some(text),
        at: write.now(),
        edited_at: None,
        withdrawn_at: None,
        version: 1,
    };
    write.insert::<Entity>(row).await?;
    write.commit().await?;
    Ok(id)
}

async fn update(caller: &Caller, input: ActionCommentUpdateInput) -> Result<Id<Entity>, Error> {
    let permission = Permission::ActionCommentUpdate;
    let (write, comment) = caller.write::<Entity>(permission, typed(&input.id), "input.id").await?;
    expect_version(comment.version, input.expected_version)?;
    rules::own(&comment, write.person()?)?;
    let mut check = Check::new();
    let text = check.text("input.text", &input.text, 1..=4000);
    check.done()?;
    let mut change = comment.clone().into_active_model();
    change.text = Set(Some(text));
    change.edited_at = Set(Some(write.now()));
    write.update::<Entity>(&comment, change).await?;
    write.commit().await?;
    Ok(comment.id)
}

async fn withdraw(caller: &Caller, input: ActionCommentWithdrawInput) -> Result<Id<Entity>, Error> {
    let permission = Permission::ActionCommentWithdraw;
    let (write, comment) = caller.write::<Entity>(permission, typed(&input.id), "input.id").await?;
    expect_version(comment.version, input.expected_version)?;
    rules::own(&comment, write.person()?)?;
    let mut change = comment.clone().into_active_model();
    change.text = Set(None);
    change.withdrawn_at = Set(Some(write.now()));
    write.update::<Entity>(&comment, change).await?;
    write.commit().await?;
    Ok(comment.id)
}
