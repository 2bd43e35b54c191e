//! Seals rounds and publishes their results: by hand, or by a job when the last day has ended. Only here everyone's
//! answers are read.

use super::{
    input::{AlignmentRoundRevealInput, AlignmentRoundSealInput},
    rules::{self, Core, StatementResult, Step},
    texts::publish_texts,
};
use crate::{
    features::{
        participant::{self, load_participants, rules::Cutoff},
        sealed_input::load_everyones,
    },
    kernel::{Caller, Error, Locked, Write, access::Permission, expect_version, read::shape::typed},
};
use entity::{
    Id, alignment_answer, alignment_response,
    alignment_round::{self, AlignmentDisclosure, AlignmentStatus, Entity},
    alignment_statement, alignment_voice, team,
};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder, QuerySelect, Select,
};

pub(super) async fn seal(caller: &Caller, input: AlignmentRoundSealInput) -> Result<Id<Entity>, Error> {
    let (write, round) =
        caller.write::<Entity>(Permission::AlignmentRoundSeal, typed(&input.id), "input.id").await?;
    expect_version(round.version, input.expected_version)?;
    seal_round(&write, &round).await?;
    write.commit().await?;
    Ok(round.id)
}

/// Closes an open round for answers.
pub async fn seal_round(
    write: &Write,
    round: &Locked<alignment_round::Model>,
) -> Result<Locked<alignment_round::Model>, Error> {
    let status = rules::next_status(round.status, Step::Seal)?;
    let responses = load_responses(write, round.id).await?;
    let answered: Vec<_> = responses.iter().map(|response| response.member_id).collect();
    let counting = counted_respondents(write, round, &responses).await?;
    let participants = load_participants(write, round.client_id, round.team_id).await?;
    let participants: Vec<_> = participants.iter().map(|member| member.id).collect();
    let mut change = round.clone().into_active_model();
    change.status = Set(status);
    change.sealed_at = Set(Some(write.now()));
    change.answered = Set(answered.len() as i32);
    change.counting = Set(counting as i32);
    change.members = Set(rules::member_count(&participants, &answered));
    write.update::<Entity>(round, change).await
}

pub(super) async fn reveal(caller: &Caller, input: AlignmentRoundRevealInput) -> Result<Id<Entity>, Error> {
    let (write, round) =
        caller.write::<Entity>(Permission::AlignmentRoundReveal, typed(&input.id), "input.id").await?;
    expect_version(round.version, input.expected_version)?;
    reveal_round(&write, &round).await?;
    write.commit().await?;
    Ok(round.id)
}

/// Finds rounds whose last day has ended, at most `limit`.
pub async fn find_over(write: &Write, limit: u64) -> Result<Vec<alignment_round::Model>, Error> {
    let over = Entity::find()
        .filter(alignment_round::Column::NetworkId.eq(write.network()?))
        .filter(alignment_round::Column::Status.eq(AlignmentStatus::Open))
        .filter(alignment_round::Column::ClosesAt.lte(write.now()))
        .order_by_asc(alignment_round::Column::ClosesAt);
    write.all(over.limit(limit)).await
}

/// Seals a round whose last day has ended, unless it was sealed or its day moved meanwhile, and reveals it unless its
/// results would be withheld. Then people decide what becomes of it.
pub async fn close_over(write: &Write, found: &alignment_round::Model) -> Result<(), Error> {
    write.lock::<team::Entity>(found.team_id).await?;
    let round = write.lock::<Entity>(found.id).await?;
    if !rules::is_over(&round, write.now()) {
        return Ok(());
    }
    let round = seal_round(write, &round).await?;
    let responses = load_responses(write, round.id).await?;
    if disclosure_of(&round, &responses) != AlignmentDisclosure::Withheld {
        reveal_round(write, &round).await?;
    }
    Ok(())
}

/// How a sealed round discloses its results.
fn disclosure_of(
    round: &alignment_round::Model,
    responses: &[alignment_response::Model],
) -> AlignmentDisclosure {
    let consents: Vec<bool> = responses.iter().map(|response| response.consented).collect();
    rules::disclosure(&consents, round.counting.max(0) as usize)
}

/// Computes the results of a sealed round and publishes them, once.
async fn reveal_round(write: &Write, round: &Locked<alignment_round::Model>) -> Result<(), Error> {
    let status = rules::next_status(round.status, Step::Reveal)?;
    let mut responses = load_responses(write, round.id).await?;
    // the order of the named ratings does not say who answered first
    responses.sort_by_key(|response| response.member_id);
    let disclosure = disclosure_of(round, &responses);
    let is_public = rules::is_public(disclosure, round.counting.max(0) as usize);
    let statements = write.lock_all(select_statements(round.id)).await?;
    let answers = load_everyones::<alignment_answer::Entity, _>(write, [round.id]).await?;
    let before = match disclosure {
        AlignmentDisclosure::Withheld => None,
        _ => previous_round(write, round).await?,
    };
    if disclosure != AlignmentDisclosure::Withheld {
        publish_texts(write, round).await?;
    }
    let mut core = Vec::new();
    for statement in &statements {
        let of = answers.iter().filter(|answer| answer.statement_id == statement.id);
        let ratings: Vec<i32> = of.clone().map(|answer| answer.rating).collect();
        if let Some(result) = rules::statement_result(&ratings, (statement.low, statement.high), disclosure) {
            if is_public {
                let earlier =
                    before.as_ref().and_then(|(_, asked)| rules::find_same_statement(statement, asked));
                let mut change = statement.clone().into_active_model();
                change.mean = Set(Some(result.mean.clone()));
                change.band = Set(result.band);
                change.mean_before = Set(earlier.and_then(|earlier| earlier.mean.clone()));
                change.band_before = Set(earlier.and_then(|earlier| earlier.band));
                write.update::<alignment_statement::Entity>(statement, change).await?;
            }
            if disclosure == AlignmentDisclosure::Attributed {
                insert_named_ratings(write, &responses, of, &result).await?;
            }
        }
        if statement.core {
            core.push(Core { ratings, low: statement.low, high: statement.high });
        }
    }
    let measured = rules::measure(&core, responses.len(), round.members.max(0) as usize);
    let mut change = round.clone().into_active_model();
    if let Some((level, agreement)) =
        measured.filter(|_| rules::can_show_round_figures(core.len(), responses.len(), disclosure))
    {
        change.ratings = Set(Some((core.len() * responses.len()) as i32));
        change.level = Set(Some(rules::round_figure(level)));
        change.agreement = Set(Some(rules::round_figure(agreement)));
    }
    change.status = Set(status);
    change.revealed_at = Set(Some(write.now()));
    change.disclosure = Set(Some(disclosure));
    change.compared_id = Set(before.map(|(id, _)| id));
    if is_public && round.revote_of_id.is_none() {
        change.next_pulse_at = Set(rules::next_pulse_at(write.now(), None));
    }
    write.update::<Entity>(round, change).await?;
    Ok(())
}

/// Number of respondents who count towards results without names.
async fn counted_respondents(
    write: &Write,
    round: &alignment_round::Model,
    responses: &[alignment_response::Model],
) -> Result<usize, Error> {
    let held = participant::load_memberships(write, round.client_id).await?;
    let answered = responses.iter().map(|response| response.person_id);
    Ok(participant::rules::count_countable(answered, &held, round.team_id, round_cutoff(round)))
}

pub(super) fn round_cutoff(round: &alignment_round::Model) -> Cutoff {
    Cutoff { at: round.opened_at, row: Some(round.id.uuid()) }
}

/// Inserts the ratings of a statement with the members who gave them, and its exact result. Every respondent has
/// consented.
async fn insert_named_ratings<'a>(
    write: &Write,
    responses: &[alignment_response::Model],
    answers: impl Iterator<Item = &'a alignment_answer::Model> + Clone,
    result: &StatementResult,
) -> Result<(), Error> {
    for response in responses {
        let Some(answer) = answers.clone().find(|answer| answer.response_id == response.id) else { continue };
        let row = alignment_voice::Model {
            id: write.id(),
            network_id: answer.network_id,
            client_id: answer.client_id,
            team_id: answer.team_id,
            round_id: answer.round_id,
            statement_id: answer.statement_id,
            member_id: response.member_id,
            rating: answer.rating,
            mean: Some(result.mean.clone()),
            band: result.band,
            consensus_percent: result.consensus_percent,
            created_at: write.now(),
        };
        write.insert::<alignment_voice::Entity>(row).await?;
    }
    Ok(())
}

/// The round with results that a round is compared with, and its statements: of a re-vote the round that it belongs to,
/// else the team's latest that is no re-vote.
async fn previous_round(
    write: &Write,
    round: &alignment_round::Model,
) -> Result<Option<(Id<Entity>, Vec<alignment_statement::Model>)>, Error> {
    let told = [AlignmentDisclosure::Anonymous, AlignmentDisclosure::Attributed];
    let told = Entity::find()
        .filter(alignment_round::Column::TeamId.eq(round.team_id))
        .filter(alignment_round::Column::Disclosure.is_in(told));
    let last = match round.revote_of_id {
        Some(of) => told.filter(alignment_round::Column::Id.eq(of)),
        None => told
            .filter(alignment_round::Column::RevoteOfId.is_null())
            .order_by_desc(alignment_round::Column::RevealedAt)
            .order_by_desc(alignment_round::Column::Id),
    };
    let Some(last) = write.one(last).await? else { return Ok(None) };
    Ok(Some((last.id, write.all(select_statements(last.id)).await?)))
}

/// Loads everyone's responses to a round. Only for the steps that end the secret.
async fn load_responses(write: &Write, round: Id<Entity>) -> Result<Vec<alignment_response::Model>, Error> {
    load_everyones::<alignment_response::Entity, _>(write, [round]).await
}

pub(super) fn select_statements(round: Id<Entity>) -> Select<alignment_statement::Entity> {
    alignment_statement::Entity::find()
        .filter(alignment_statement::Column::RoundId.eq(round))
        .order_by_asc(alignment_statement::Column::Position)
}
