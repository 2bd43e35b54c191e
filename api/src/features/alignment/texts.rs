//! Text answers of a round: questions that respondents answer in their own words. Sealed as ratings are, and shown
//! without author, in an order that tells nothing, if the round discloses results.

use super::rules::{self, SentText};
use crate::{
    features::sealed_input::{load_everyones, lock_own, save_own},
    kernel::{Error, Write},
};
use entity::{
    Id, alignment_question, alignment_response,
    alignment_round::{self, Entity},
    alignment_text, alignment_text_input,
};
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter, QueryOrder};

/// Inserts the questions of a new round.
pub(super) async fn insert_questions(
    write: &Write,
    round: &alignment_round::Model,
    questions: Vec<String>,
) -> Result<(), Error> {
    for (text, position) in questions.into_iter().zip(1..) {
        let row = alignment_question::Model {
            id: write.id(),
            network_id: round.network_id,
            client_id: round.client_id,
            team_id: round.team_id,
            round_id: round.id,
            position,
            text,
        };
        write.insert::<alignment_question::Entity>(row).await?;
    }
    Ok(())
}

/// Loads the questions of a round, in order.
pub(super) async fn load_questions(
    write: &Write,
    round: Id<Entity>,
) -> Result<Vec<alignment_question::Model>, Error> {
    let questions = alignment_question::Entity::find()
        .filter(alignment_question::Column::RoundId.eq(round))
        .order_by_asc(alignment_question::Column::Position);
    write.all(questions).await
}

/// Saves a respondent's texts and replaces earlier ones. A question without a text now takes an earlier one back.
pub(super) async fn save_texts(
    write: &Write,
    response: &alignment_response::Model,
    questions: &[alignment_question::Model],
    texts: &[SentText],
) -> Result<(), Error> {
    let mut before = lock_own::<alignment_text_input::Entity, _>(write, response.round_id).await?;
    for question in questions {
        let row = before.iter().position(|row| row.question_id == question.id);
        let row = row.map(|at| before.swap_remove(at));
        let text = rules::text_of(question.id, texts);
        if row.is_none() && text.is_empty() {
            continue;
        }
        let replace = |change: &mut alignment_text_input::ActiveModel| change.text = Set(text.to_owned());
        let first = || alignment_text_input::Model {
            id: write.id(),
            network_id: response.network_id,
            client_id: response.client_id,
            team_id: response.team_id,
            person_id: response.person_id,
            round_id: response.round_id,
            question_id: question.id,
            text: text.to_owned(),
            version: 1,
        };
        save_own::<alignment_text_input::Entity>(write, row, replace, first).await?;
    }
    Ok(())
}

/// Publishes the texts of a round that discloses results, without authors, shuffled. The key of the order is not kept.
pub(super) async fn publish_texts(write: &Write, round: &alignment_round::Model) -> Result<(), Error> {
    let inputs = load_everyones::<alignment_text_input::Entity, _>(write, [round.id]).await?;
    let key: Id<Entity> = write.id();
    for question in load_questions(write, round.id).await? {
        let texts = rules::shuffle_texts(key.uuid().as_bytes(), question.id, &inputs);
        for (text, position) in texts.into_iter().zip(1..) {
            let row = alignment_text::Model {
                id: write.id(),
                network_id: round.network_id,
                client_id: round.client_id,
                team_id: round.team_id,
                round_id: round.id,
                question_id: question.id,
                position,
                text,
                created_at: write.now(),
            };
            write.insert::<alignment_text::Entity>(row).await?;
        }
    }
    Ok(())
}
