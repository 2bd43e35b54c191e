//! Alignment round: the members of a team rate the same statements in secret, and then see how far they agree.
//!
//! A round is *open* for answers, then *sealed*, then *revealed*. Revealing computes the results once:
//!
//! - With five or more respondents who count ([`super::participant`]): each statement's mean to the nearest half and a
//!   band of consensus, without names.
//! - With fewer: results with names if every respondent consented to be named, and no results otherwise.
//!
//! A statement is compared with the team's previous round if the same people answered both rounds, or if so many differ
//! that the difference shows no single answer.
//!
//! Invariant: until a round is revealed, people can read only their own answers and the number of respondents.

mod input;
pub mod rules;
#[cfg(test)]
mod tests;

use super::{
    client::Client,
    member::Member,
    participant::{self, rules::Cutoff},
    programme::rules::require_active_team,
    session::Session,
    team::{Team, link::linked},
};
use crate::{
    kernel::{
        Caller, Check, Error, Locked, Write, access::Permission, end_of_day, expect_version,
        read::shape::typed, today,
    },
    mutations, shape,
};
use entity::{
    Id, alignment_answer, alignment_measure, alignment_response,
    alignment_round::{self, AlignmentDisclosure, AlignmentStatus, Entity},
    alignment_statement::{self, ConsensusBand},
    alignment_voice, client,
    member::{self, MemberStatus},
    session, team,
};
pub use input::{
    AlignmentAnswerInput, AlignmentRoundAnswerInput, AlignmentRoundOpenInput, AlignmentRoundRevealInput,
    AlignmentRoundSealInput, AlignmentStatementInput,
};
use rules::{Core, NewStatement, Step};
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder, Select};
use std::collections::BTreeSet;

shape! {
    /// A round in which the members of a team rate the same statements, each in secret.
    AlignmentRound of alignment_round {
        /// Title of the round: one line of 1 to 200 characters.
        title = text(Title).filter().order(),
        /// Current status of the round.
        status = closed::<AlignmentStatus, _>(Status).filter().order(),
        /// How the results are disclosed: without names, with names or not at all. Null until the round is revealed.
        disclosure = closed::<AlignmentDisclosure, _>(Disclosure).or_null().filter(),
        /// Last day for answers, in the client's time zone. Null if members can answer until the round is sealed.
        closesOn = date(ClosesOn).or_null(),
        /// Number of members who have answered.
        responseCount = int(Answered),
        /// Number of respondents who count towards results without names, which need five: those who had accepted their
        /// invitation e-mail before the round was opened. This protects against members who are added under e-mail
        /// addresses of whoever sets up the team.
        countedResponseCount = int(Counting),
        /// Number of members of the team when the round was opened. Updated when the round is sealed, then including
        /// members who answered and left.
        memberCount = int(Members),
        /// Percentage of members who have answered, rounded down: 0 to 100. 100 also while more members have answered than
        /// the team had when the round was opened. 0 if the team had no members.
        responsePercent = derived(Ty::Int, "(case when {t}.members = 0 then 0 when {t}.answered > {t}.members then 100 else 100 * {t}.answered / {t}.members end)"),
        /// Time at which the round was opened.
        createdAt = instant(OpenedAt).filter().order(),
        /// Time at which the round was sealed. Null until then.
        sealedAt = instant(SealedAt).or_null(),
        /// Time at which the results were revealed. Null until then.
        revealedAt = instant(RevealedAt).or_null().filter(),
        /// Revision number; increases when the round is sealed or revealed, but not when members answer. Send it as
        /// `expectedVersion`.
        version = int(Version),
        /// Team that answers the round.
        team = one::<Team, _>(TeamId),
        /// Client that the team belongs to.
        client = one::<Client, _>(ClientId),
        /// Session that the round is part of. Null if it is not part of a session.
        session = one::<Session, _>(SessionId).or_null(),
        /// Previous round of the team with disclosed results. Null unless the same people answered both rounds, or the
        /// respondents differ by at least three people.
        comparedWith = one::<AlignmentRound, _>(ComparedId).or_null(),
        /// Statements of the round, in order, with their results once the round is revealed.
        statements = list::<AlignmentStatement, _>(entity::alignment_statement::Column::RoundId).by(entity::alignment_statement::Column::Position, Ty::Int).about(12),
        /// The caller's own answers. Null if the caller has not answered. Other people cannot read them.
        myResponse = one_by::<AlignmentResponse, _>(entity::alignment_response::Column::RoundId).or_null(),
    }
}

shape! {
    /// A statement that members rate in an alignment round. Its results are null until the round is revealed, and stay
    /// null if the round withholds them.
    AlignmentStatement of alignment_statement {
        /// Position in the round, starting at 1.
        position = int(Position),
        /// Text of the statement, which members rate: one line of 1 to 500 characters.
        text = text(Text),
        /// Lower end of the rating scale: 0 to 9.
        low = int(Low),
        /// Upper end of the rating scale: 3 to 10.
        high = int(High),
        /// `true` if the statement counts towards the alignment metrics.
        core = flag(Core),
        /// Mean rating to the nearest half, as a decimal number, for example `3.5`. Null if the round has no disclosed
        /// results.
        mean = text(Mean).or_null(),
        /// How far the ratings agree. Null if the round has no disclosed results, or if only one member answered.
        band = closed::<ConsensusBand, _>(Band).or_null(),
        /// Tastle and Wierman's consensus in per cent, 0 to 100. Null unless ratings are shown with names, because it
        /// would reveal the ratings.
        consensusPercent = int(ConsensusPercent).or_null(),
        /// Mean rating of the same statement in `comparedWith`. Null if that round did not have the same statement on
        /// the same scale.
        meanBefore = text(MeanBefore).or_null(),
        /// Consensus band of the same statement in `comparedWith`. Null if that round did not have the same statement
        /// on the same scale.
        bandBefore = closed::<ConsensusBand, _>(BandBefore).or_null(),
        /// Every member's rating, with names. Empty unless each respondent consented to be named and fewer than five
        /// answered.
        voices = list::<AlignmentVoice, _>(entity::alignment_voice::Column::StatementId).by(entity::alignment_voice::Column::Rating, Ty::Int).about(4),
        /// Round that the statement belongs to.
        round = one::<AlignmentRound, _>(RoundId),
    }
}

shape! {
    /// A member's rating, shown with the member's name because everyone who answered the round consented.
    AlignmentVoice of alignment_voice {
        /// Rating on the scale of the statement.
        rating = int(Rating),
        /// Member who gave the rating.
        member = one::<Member, _>(MemberId),
        /// Statement that is rated.
        statement = one::<AlignmentStatement, _>(StatementId),
    }
}

shape! {
    /// The caller's response to a round. Only the person who gave the response can read it.
    AlignmentResponse of alignment_response {
        /// `true` if the caller consents to be named, provided that fewer than five members answer and all of them
        /// consent.
        consented = flag(Consented),
        /// Time at which the caller last answered.
        answeredAt = instant(AnsweredAt),
        /// Revision number; increases with every change. Send it as `expectedVersion`.
        version = int(Version),
        /// The caller's ratings, one for each statement.
        answers = list::<AlignmentAnswer, _>(entity::alignment_answer::Column::ResponseId).by(entity::alignment_answer::Column::StatementId, Ty::Id(entity::Table::AlignmentStatement)).about(12),
        /// Round that the caller answered. Null if the caller no longer has access to it.
        round = one::<AlignmentRound, _>(RoundId).or_null(),
    }
}

shape! {
    /// The caller's rating of a statement. Only the person who gave the rating can read it.
    AlignmentAnswer of alignment_answer {
        /// Rating on the scale of the statement.
        rating = int(Rating),
        /// Statement that is rated.
        statement = one::<AlignmentStatement, _>(StatementId),
    }
}

mutations! {
    AlignmentMutation: alignment_round -> AlignmentRound of Entity {
        /// Opens an alignment round for a team. Fails with `WRONG_STATE` if an earlier round of the team is not
        /// revealed yet.
        alignment_round_open(AlignmentRoundOpenInput) -> AlignmentRoundOpenPayload = open;
        /// Answers an open round, or replaces the caller's earlier answers. Active members of the team answer for
        /// themselves. Other people never see an answer, except through the round's results.
        alignment_round_answer(AlignmentRoundAnswerInput) -> AlignmentRoundAnswerPayload = answer, on id;
        /// Seals an open round, which then takes no more answers. Answers stay secret.
        alignment_round_seal(AlignmentRoundSealInput) -> AlignmentRoundSealPayload = seal, on id;
        /// Reveals a sealed round and computes its results, once. `disclosure` shows how much the results contain.
        alignment_round_reveal(AlignmentRoundRevealInput) -> AlignmentRoundRevealPayload = reveal, on id;
    }
}

async fn open(caller: &Caller, input: AlignmentRoundOpenInput) -> Result<Id<Entity>, Error> {
    let (write, team) = caller
        .write::<team::Entity>(Permission::AlignmentRoundOpen, typed(&input.team_id), "input.teamId")
        .await?;
    let client = write.load::<client::Entity>(Some(team.client_id), "input.teamId").await?;
    let mut check = Check::new();
    let title = check.line("input.title", &input.title, 1..=200);
    let today = today(&client.time_zone, write.now())?;
    let closes_on = input.closes_on.as_ref().map(|day| check.due("input.closesOn", day.0, today));
    let asked = input.statements.into_iter().map(|statement| NewStatement {
        text: statement.text,
        low: statement.low,
        high: statement.high,
        core: statement.core,
    });
    let asked = check.take(rules::check_statements(asked.collect())).unwrap_or_default();
    check.done()?;
    require_active_team(client.status, team.archived_at)?;
    // The team is locked, so no other transaction opens a round.
    let pending = Entity::find()
        .filter(alignment_round::Column::TeamId.eq(team.id))
        .filter(alignment_round::Column::Status.ne(AlignmentStatus::Revealed));
    rules::require_no_pending_round(write.one(pending).await?.as_ref())?;
    let session = input.session_id.as_ref();
    let session = linked::<session::Entity>(&write, session, team.id, "input.sessionId").await?;
    let id = write.id();
    let row = alignment_round::Model {
        id,
        network_id: team.network_id,
        client_id: team.client_id,
        team_id: team.id,
        session_id: session.map(|session| session.id),
        compared_id: None,
        title,
        status: AlignmentStatus::Open,
        disclosure: None,
        closes_on,
        closes_at: closes_on.map(|day| end_of_day(day, &client.time_zone)).transpose()?,
        answered: 0,
        counting: 0,
        members: load_active_members(&write, team.id).await?.len() as i32,
        opened_at: write.now(),
        sealed_at: None,
        revealed_at: None,
        ratings: None,
        level: None,
        agreement: None,
        version: 1,
    };
    let round = write.insert::<Entity>(row).await?;
    for (at, statement) in asked.into_iter().enumerate() {
        insert_statement(&write, &round, at as i32 + 1, statement).await?;
    }
    write.commit().await?;
    Ok(id)
}

async fn insert_statement(
    write: &Write,
    round: &alignment_round::Model,
    at: i32,
    asked: NewStatement,
) -> Result<(), Error> {
    let row = alignment_statement::Model {
        id: write.id(),
        network_id: round.network_id,
        client_id: round.client_id,
        team_id: round.team_id,
        round_id: round.id,
        position: at,
        text: asked.text,
        low: asked.low,
        high: asked.high,
        core: asked.core,
        mean: None,
        band: None,
        consensus_percent: None,
        mean_before: None,
        band_before: None,
    };
    write.insert::<alignment_statement::Entity>(row).await?;
    Ok(())
}

async fn answer(caller: &Caller, input: AlignmentRoundAnswerInput) -> Result<Id<Entity>, Error> {
    let (write, round) =
        caller.write::<Entity>(Permission::AlignmentRoundAnswer, typed(&input.id), "input.id").await?;
    let person = write.person()?;
    let member = member::Entity::find()
        .filter(member::Column::TeamId.eq(round.team_id))
        .filter(member::Column::PersonId.eq(person))
        .filter(member::Column::Status.eq(MemberStatus::Active));
    let member = rules::require_respondent(write.one(member).await?)?;
    let before = alignment_response::Entity::find()
        .filter(alignment_response::Column::RoundId.eq(round.id))
        .filter(alignment_response::Column::PersonId.eq(person));
    let before = write.lock_one(before).await?;
    expect_version(before.as_ref().map_or(0, |before| before.version), input.expected_version)?;
    rules::next_status(round.status, Step::Answer)?;
    rules::require_open_for_answers(round.closes_at, write.now())?;
    let said: Vec<rules::SentRating> =
        input.answers.iter().map(|answer| (typed(&answer.statement_id), answer.rating)).collect();
    let ratings = rules::check_ratings(&said, &write.all(select_statements(round.id)).await?)?;
    let response = match before {
        Some(before) => {
            let mut change = before.clone().into_active_model();
            change.consented = Set(input.consent_to_be_named);
            change.answered_at = Set(write.now());
            write.update::<alignment_response::Entity>(&before, change).await?
        }
        None => {
            // `set` does not increase the version: the counted responses are audited themselves, and a higher version
            // would make concurrent changes of the round fail.
            let held = participant::load_memberships(&write, round.client_id).await?;
            let counts = participant::rules::is_countable(person, &held, round.team_id, round_cutoff(&round));
            let mut tally = round.clone().into_active_model();
            tally.answered = Set(round.answered + 1);
            tally.counting = Set(round.counting + i32::from(counts));
            write.set::<Entity>(&round, tally).await?;
            let row = alignment_response::Model {
                id: write.id(),
                network_id: round.network_id,
                client_id: round.client_id,
                team_id: round.team_id,
                person_id: person,
                round_id: round.id,
                member_id: member.id,
                consented: input.consent_to_be_named,
                answered_at: write.now(),
                version: 1,
            };
            write.insert::<alignment_response::Entity>(row).await?
        }
    };
    save_ratings(&write, &response, &ratings).await?;
    write.commit().await?;
    Ok(round.id)
}

/// Saves a respondent's ratings and replaces earlier ones.
async fn save_ratings(
    write: &Write,
    response: &alignment_response::Model,
    ratings: &[(Id<alignment_statement::Entity>, i32)],
) -> Result<(), Error> {
    let before = alignment_answer::Entity::find()
        .filter(alignment_answer::Column::ResponseId.eq(response.id))
        .filter(alignment_answer::Column::PersonId.eq(response.person_id));
    let before = write.lock_all(before).await?;
    for (statement, rating) in ratings {
        match before.iter().find(|row| row.statement_id == *statement) {
            Some(row) => {
                let mut change = row.clone().into_active_model();
                change.rating = Set(*rating);
                write.update::<alignment_answer::Entity>(row, change).await?;
            }
            None => {
                let row = alignment_answer::Model {
                    id: write.id(),
                    network_id: response.network_id,
                    client_id: response.client_id,
                    team_id: response.team_id,
                    person_id: response.person_id,
                    round_id: response.round_id,
                    response_id: response.id,
                    statement_id: *statement,
                    rating: *rating,
                    version: 1,
                };
                write.insert::<alignment_answer::Entity>(row).await?;
            }
        }
    }
    Ok(())
}

async fn seal(caller: &Caller, input: AlignmentRoundSealInput) -> Result<Id<Entity>, Error> {
    let (write, round) =
        caller.write::<Entity>(Permission::AlignmentRoundSeal, typed(&input.id), "input.id").await?;
    expect_version(round.version, input.expected_version)?;
    seal_round(&write, &round).await?;
    write.commit().await?;
    Ok(round.id)
}

/// Closes an open round for answers.
pub(super) async fn seal_round(write: &Write, round: &Locked<alignment_round::Model>) -> Result<(), Error> {
    let status = rules::next_status(round.status, Step::Seal)?;
    let responses = load_responses(write, round.id).await?;
    let answered: Vec<_> = responses.iter().map(|response| response.member_id).collect();
    let counting = counted_respondents(write, round, &responses).await?;
    let mut change = round.clone().into_active_model();
    change.status = Set(status);
    change.sealed_at = Set(Some(write.now()));
    change.answered = Set(answered.len() as i32);
    change.counting = Set(counting as i32);
    change.members = Set(rules::member_count(&load_active_members(write, round.team_id).await?, &answered));
    write.update::<Entity>(round, change).await?;
    Ok(())
}

async fn reveal(caller: &Caller, input: AlignmentRoundRevealInput) -> Result<Id<Entity>, Error> {
    let (write, round) =
        caller.write::<Entity>(Permission::AlignmentRoundReveal, typed(&input.id), "input.id").await?;
    expect_version(round.version, input.expected_version)?;
    let status = rules::next_status(round.status, Step::Reveal)?;
    let responses = load_responses(&write, round.id).await?;
    let consents: Vec<bool> = responses.iter().map(|response| response.consented).collect();
    let disclosure = rules::disclosure(&consents, counted_respondents(&write, &round, &responses).await?);
    let statements = write.lock_all(select_statements(round.id)).await?;
    let answers = alignment_answer::Entity::find().filter(alignment_answer::Column::RoundId.eq(round.id));
    let answers = write.read_everyones(answers).await?;
    let before = match disclosure {
        AlignmentDisclosure::Withheld => None,
        _ => previous_round(&write, &round, &responses).await?,
    };
    let mut core = Vec::new();
    for statement in &statements {
        let of = answers.iter().filter(|answer| answer.statement_id == statement.id);
        let ratings: Vec<i32> = of.clone().map(|answer| answer.rating).collect();
        if let Some(result) = rules::statement_result(&ratings, (statement.low, statement.high), disclosure) {
            let earlier = before.as_ref().and_then(|(_, asked)| rules::find_same_statement(statement, asked));
            let mut change = statement.clone().into_active_model();
            change.mean = Set(Some(result.mean));
            change.band = Set(result.band);
            change.consensus_percent = Set(result.consensus_percent);
            change.mean_before = Set(earlier.and_then(|earlier| earlier.mean.clone()));
            change.band_before = Set(earlier.and_then(|earlier| earlier.band));
            write.update::<alignment_statement::Entity>(statement, change).await?;
        }
        if disclosure == AlignmentDisclosure::Attributed {
            insert_named_ratings(&write, &responses, of).await?;
        }
        if statement.core {
            core.push(Core { ratings, low: statement.low, high: statement.high });
        }
    }
    let measured = insert_measure(&write, &round, &core, responses.len()).await?;
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
    write.update::<Entity>(&round, change).await?;
    write.commit().await?;
    Ok(round.id)
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

fn round_cutoff(round: &alignment_round::Model) -> Cutoff {
    Cutoff { at: round.opened_at, row: Some(round.id.uuid()) }
}

/// Inserts the ratings of a statement with the members who gave them. Every respondent has consented.
async fn insert_named_ratings<'a>(
    write: &Write,
    responses: &[alignment_response::Model],
    answers: impl Iterator<Item = &'a alignment_answer::Model>,
) -> Result<(), Error> {
    for answer in answers {
        let Some(response) = responses.iter().find(|response| response.id == answer.response_id) else {
            continue;
        };
        let row = alignment_voice::Model {
            id: write.id(),
            network_id: answer.network_id,
            client_id: answer.client_id,
            team_id: answer.team_id,
            round_id: answer.round_id,
            statement_id: answer.statement_id,
            member_id: response.member_id,
            rating: answer.rating,
        };
        write.insert::<alignment_voice::Entity>(row).await?;
    }
    Ok(())
}

/// Stores the exact level and agreement of a round, if enough of the team answered.
async fn insert_measure(
    write: &Write,
    round: &alignment_round::Model,
    core: &[Core],
    respondents: usize,
) -> Result<Option<(i32, i32)>, Error> {
    let members = round.members.max(0) as usize;
    let Some((level, agreement)) = rules::measure(core, respondents, members) else { return Ok(None) };
    let row = alignment_measure::Model {
        id: write.id(),
        network_id: round.network_id,
        client_id: round.client_id,
        team_id: round.team_id,
        person_id: write.person()?,
        round_id: round.id,
        respondents: respondents as i32,
        members: round.members,
        level,
        agreement,
    };
    write.insert::<alignment_measure::Entity>(row).await?;
    Ok(Some((level, agreement)))
}

/// The team's latest round with results and its statements, if the two rounds can be compared.
async fn previous_round(
    write: &Write,
    round: &alignment_round::Model,
    now: &[alignment_response::Model],
) -> Result<Option<(Id<Entity>, Vec<alignment_statement::Model>)>, Error> {
    let told = [AlignmentDisclosure::Anonymous, AlignmentDisclosure::Attributed];
    let last = Entity::find()
        .filter(alignment_round::Column::TeamId.eq(round.team_id))
        .filter(alignment_round::Column::Disclosure.is_in(told))
        .order_by_desc(alignment_round::Column::RevealedAt)
        .order_by_desc(alignment_round::Column::Id);
    let Some(last) = write.one(last).await? else { return Ok(None) };
    let people = |responses: &[alignment_response::Model]| -> BTreeSet<_> {
        responses.iter().map(|response| response.person_id).collect()
    };
    if !rules::is_comparable(&people(now), &people(&load_responses(write, last.id).await?)) {
        return Ok(None);
    }
    Ok(Some((last.id, write.all(select_statements(last.id)).await?)))
}

/// Loads everyone's responses to a round. Only for the steps that end the secret.
async fn load_responses(write: &Write, round: Id<Entity>) -> Result<Vec<alignment_response::Model>, Error> {
    let all = alignment_response::Entity::find().filter(alignment_response::Column::RoundId.eq(round));
    write.read_everyones(all).await
}

fn select_statements(round: Id<Entity>) -> Select<alignment_statement::Entity> {
    alignment_statement::Entity::find()
        .filter(alignment_statement::Column::RoundId.eq(round))
        .order_by_asc(alignment_statement::Column::Position)
}

async fn load_active_members(
    write: &Write,
    team: Id<team::Entity>,
) -> Result<Vec<Id<member::Entity>>, Error> {
    let active = member::Entity::find()
        .filter(member::Column::TeamId.eq(team))
        .filter(member::Column::Status.eq(MemberStatus::Active));
    Ok(write.all(active).await?.iter().map(|member| member.id).collect())
}
