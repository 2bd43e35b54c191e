//! Sealed answers of a round: each participant's own, with their consent to be named. Nobody else reads them, and what
//! ends the secret is in [`super::publishing`].

use super::{
    input::{AlignmentConsentWithdrawInput, AlignmentRoundAnswerInput},
    publishing::{round_cutoff, select_statements},
    rules::{self, Step},
    texts::{load_questions, save_texts},
};
use crate::{
    features::{
        participant,
        sealed_input::{lock_own, save_own},
    },
    kernel::{Caller, Error, Write, access::Permission, expect_version, read::shape::typed},
};
use entity::{
    Id, alignment_answer, alignment_response,
    alignment_round::Entity,
    alignment_statement,
    member::{self, MemberStatus},
};
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter};

pub(super) async fn answer(caller: &Caller, input: AlignmentRoundAnswerInput) -> Result<Id<Entity>, Error> {
    let (write, round) =
        caller.write::<Entity>(Permission::AlignmentRoundAnswer, typed(&input.id), "input.id").await?;
    let person = write.person()?;
    let member = member::Entity::find()
        .filter(member::Column::TeamId.eq(round.team_id))
        .filter(member::Column::PersonId.eq(person))
        .filter(member::Column::Status.eq(MemberStatus::Active));
    let member = rules::require_respondent(write.one(member).await?)?;
    let before = lock_own::<alignment_response::Entity, _>(&write, round.id).await?.into_iter().next();
    expect_version(before.as_ref().map_or(0, |before| before.version), input.expected_version)?;
    rules::next_status(round.status, Step::Answer)?;
    rules::require_open_for_answers(round.closes_at, write.now())?;
    let said: Vec<rules::SentRating> =
        input.answers.iter().map(|answer| (typed(&answer.statement_id), answer.rating)).collect();
    let questions = load_questions(&write, round.id).await?;
    let texts = input.texts.iter().map(|text| (typed(&text.question_id), text.text.as_str()));
    let texts = rules::check_texts(&texts.collect::<Vec<_>>(), &questions)?;
    let ratings = rules::check_ratings(&said, &write.all(select_statements(round.id)).await?)?;
    if before.is_none() {
        // `set` does not increase the version: the counted responses are audited themselves, and a higher version
        // would make concurrent changes of the round fail.
        let held = participant::load_memberships(&write, round.client_id).await?;
        let counts = participant::rules::is_countable(person, &held, round.team_id, round_cutoff(&round));
        let mut tally = round.clone().into_active_model();
        tally.answered = Set(round.answered + 1);
        tally.counting = Set(round.counting + i32::from(counts));
        write.set::<Entity>(&round, tally).await?;
    }
    let (consented, now) = (input.consent_to_be_named, write.now());
    let replace = |change: &mut alignment_response::ActiveModel| {
        change.consented = Set(consented);
        change.answered_at = Set(now);
    };
    let first = || alignment_response::Model {
        id: write.id(),
        network_id: round.network_id,
        client_id: round.client_id,
        team_id: round.team_id,
        person_id: person,
        round_id: round.id,
        member_id: member.id,
        consented,
        answered_at: now,
        version: 1,
    };
    let response = save_own::<alignment_response::Entity>(&write, before, replace, first).await?;
    save_ratings(&write, &response, &ratings).await?;
    save_texts(&write, &response, &questions, &texts).await?;
    write.commit().await?;
    Ok(round.id)
}

pub(super) async fn withdraw_consent(
    caller: &Caller,
    input: AlignmentConsentWithdrawInput,
) -> Result<Id<Entity>, Error> {
    let (write, round) =
        caller.write::<Entity>(Permission::AlignmentConsentWithdraw, typed(&input.id), "input.id").await?;
    let response = lock_own::<alignment_response::Entity, _>(&write, round.id).await?;
    let response = rules::require_response(response.into_iter().next())?;
    expect_version(response.version, input.expected_version)?;
    rules::next_status(round.status, Step::Answer)?;
    let mut change = response.clone().into_active_model();
    change.consented = Set(false);
    write.update::<alignment_response::Entity>(&response, change).await?;
    write.commit().await?;
    Ok(round.id)
}

/// Saves a respondent's ratings and replaces earlier ones.
async fn save_ratings(
    write: &Write,
    response: &alignment_response::Model,
    ratings: &[(Id<alignment_statement::Entity>, i32)],
) -> Result<(), Error> {
    let mut before = lock_own::<alignment_answer::Entity, _>(write, response.round_id).await?;
    for &(statement, rating) in ratings {
        let row =
            before.iter().position(|row| row.statement_id == statement).map(|at| before.swap_remove(at));
        let replace = |change: &mut alignment_answer::ActiveModel| change.rating = Set(rating);
        let first = || alignment_answer::Model {
            id: write.id(),
            network_id: response.network_id,
            client_id: response.client_id,
            team_id: response.team_id,
            person_id: response.person_id,
            round_id: response.round_id,
            response_id: response.id,
            statement_id: statement,
            rating,
            version: 1,
        };
        save_own::<alignment_answer::Entity>(write, row, replace, first).await?;
    }
    Ok(())
}
