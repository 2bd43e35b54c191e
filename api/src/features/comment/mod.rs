//! Comment: a remark about an action by a person of the team or a person who runs its programme. Replies have one level.
//! The author can edit and withdraw a comment; a withdrawn comment keeps its place and loses its text.

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
    /// A comment on an action.
    ActionComment of action_comment {
        /// Text of the comment. Null if the comment was withdrawn.
        text = text(Text).or_null(),
        /// Time at which the comment was written.
        createdAt = instant(At).filter().order(),
        /// Time at which the author last edited the comment. Null if it was never edited.
        editedAt = instant(EditedAt).or_null(),
        /// Time at which the author withdrew the comment. Null if it was not withdrawn.
        withdrawnAt = instant(WithdrawnAt).or_null().filter(),
        /// Revision number; increases with every change. Send it as `expectedVersion`.
        version = int(Version),
        /// Author of the comment. Null if you have no access to this person.
        person = one::<Person, _>(PersonId).or_null(),
        /// Action that the comment is about.
        action = one::<Action, _>(ActionId),
        /// Comment that this one replies to. Null if it is not a reply.
        replyTo = one::<ActionComment, _>(AnswersId).or_null(),
    }
}

/// Input for `actionCommentCreate`.
#[derive(InputObject)]
pub struct ActionCommentCreateInput {
    /// ID of the action to comment on.
    pub action_id: ID,
    /// Text of the comment: 1 to 4,000 characters.
    pub text: String,
    /// ID of the comment to reply to, on the same action. Replies have one level: a reply to a reply is attached to the
    /// first comment.
    pub reply_to_id: Option<ID>,
}

/// Input for `actionCommentUpdate`.
#[derive(InputObject)]
pub struct ActionCommentUpdateInput {
    /// ID of the comment, which must not be withdrawn.
    pub id: ID,
    /// New text: 1 to 4,000 characters.
    pub text: String,
    /// The `version` you last read. Fails with `CONFLICT` if the object has changed since.
    pub expected_version: Option<i32>,
}

/// Input for `actionCommentWithdraw`.
#[derive(InputObject)]
pub struct ActionCommentWithdrawInput {
    /// ID of the comment, which must not be withdrawn.
    pub id: ID,
    /// The `version` you last read. Fails with `CONFLICT` if the object has changed since.
    pub expected_version: Option<i32>,
}

mutations! {
    CommentMutation: action_comment -> ActionComment of Entity {
        /// Adds a comment to an action, whatever the status of the action.
        action_comment_create(ActionCommentCreateInput) -> ActionCommentCreatePayload = create;
        /// Edits a comment. Only its author can do this.
        action_comment_update(ActionCommentUpdateInput) -> ActionCommentUpdatePayload = update, on id;
        /// Withdraws a comment: it keeps its place in the list but loses its text. The audit log keeps the text. Only
        /// the author can do this.
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
    let answers_id = match &input.reply_to_id {
        Some(id) => {
            let answered = write.load::<Entity>(typed(id), "input.replyToId").await?;
            Some(rules::thread_start(&answered, action.id)?)
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
    rules::require_author(&comment, write.person()?)?;
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
    rules::require_author(&comment, write.person()?)?;
    let mut change = comment.clone().into_active_model();
    change.text = Set(None);
    change.withdrawn_at = Set(Some(write.now()));
    write.update::<Entity>(&comment, change).await?;
    write.commit().await?;
    Ok(comment.id)
}
