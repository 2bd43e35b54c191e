//! Sealed input: what a person gives in secret until a step unseals everyone's at once. Answers of alignment rounds,
//! ratings of sessions, ballots of dot votes and answers to pre-work are sealed inputs.
//!
//! An input is a row of its author's own (`Placement::Own`). A person has one about a subject, or one for each of its
//! parts: statements, options, prompts. Only its author reads it, and the audit log shows that there is one, not what it
//! says. Its author may replace it until it is unsealed. Others
//! read a number: the noun keeps it on the subject's own row by `Write::set`, which leaves the version, so that nobody
//! learns when the last input came, and concurrent changes do not fail.
//!
//! Only the step that unseals reads everyone's inputs ([`load_everyones`]), and it publishes them by the one rule of its
//! noun, once. If an input unseals, because it was the last, the audit log does not name its author for what is published
//! (`Write::name_nobody`). Before it, each step that needs to know compares who was asked with who gave ([`rules::is_complete`]).

pub mod rules;
#[cfg(test)]
mod tests;

use crate::kernel::{Error, Locked, Row, Write};
use entity::{
    Id, Scoped, alignment_answer, alignment_response, alignment_text_input, dot_ballot, pre_work_input,
    session_rating,
};
use sea_orm::{ActiveModelBehavior, ColumnTrait, IntoActiveModel, QueryFilter};

/// A table of sealed inputs.
pub trait SealedInput: Scoped {
    /// The column that names what inputs are about, and are unsealed with.
    const SUBJECT: Self::Column;
    /// The column that names its author.
    const AUTHOR: Self::Column;
}

macro_rules! sealed_inputs {
    ($($module:ident by $subject:ident),* $(,)?) => {$(
        impl SealedInput for $module::Entity {
            const SUBJECT: $module::Column = $module::Column::$subject;
            const AUTHOR: $module::Column = $module::Column::PersonId;
        }
    )*};
}

sealed_inputs!(
    alignment_response by RoundId,
    alignment_answer by RoundId,
    alignment_text_input by RoundId,
    session_rating by SessionId,
    dot_ballot by VoteId,
    pre_work_input by SessionId,
);

/// Locks the caller's own inputs about a subject.
pub async fn lock_own<E: SealedInput, S>(
    write: &Write,
    subject: Id<S>,
) -> Result<Vec<Locked<E::Model>>, Error> {
    let own = E::find().filter(E::SUBJECT.eq(subject)).filter(E::AUTHOR.eq(write.person()?));
    write.lock_all(own).await
}

/// Saves the caller's input in place of their earlier one, if there is one.
pub async fn save_own<E>(
    write: &Write,
    before: Option<Locked<E::Model>>,
    replace: impl FnOnce(&mut E::ActiveModel),
    first: impl FnOnce() -> E::Model,
) -> Result<Locked<E::Model>, Error>
where
    E: SealedInput,
    E::Model: Row<E>,
    E::ActiveModel: ActiveModelBehavior + Send,
{
    match before {
        Some(before) => {
            let mut change = (*before).clone().into_active_model();
            replace(&mut change);
            write.update::<E>(&before, change).await
        }
        None => write.insert::<E>(first()).await,
    }
}

/// Loads everyone's inputs about subjects. Only for the step that unseals them, and for the one that counts them.
pub async fn load_everyones<E: SealedInput, S>(
    write: &Write,
    subjects: impl IntoIterator<Item = Id<S>>,
) -> Result<Vec<E::Model>, Error> {
    write.read_everyones(E::find().filter(E::SUBJECT.is_in(subjects))).await
}
