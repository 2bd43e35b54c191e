//! Opens rounds: on the questionnaire of the team's template, on own statements, or as a re-vote on a round's statements.

use super::{
    input::{AlignmentRoundOpenInput, AlignmentStatementInput},
    publishing::select_statements,
    rules::{self, NewStatement},
    texts::insert_questions,
};
use crate::{
    features::{
        notice::notifying::notify_participants, participant::load_participants,
        programme::rules::require_active_team, team::link::linked,
    },
    kernel::{
        Caller, Check, Error, Notice, Write, access::Permission, end_of_day, read::shape::typed, today,
    },
};
use entity::{
    Id,
    alignment_round::{self, AlignmentStatus, Entity},
    alignment_statement, client,
    notice::NoticeKind,
    programme::{self, ProgrammeStatus},
    questionnaire_statement, session, team,
};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, Select};

pub(super) async fn open(caller: &Caller, input: AlignmentRoundOpenInput) -> Result<Id<Entity>, Error> {
    let (write, team) = caller
        .write::<team::Entity>(Permission::AlignmentRoundOpen, typed(&input.team_id), "input.teamId")
        .await?;
    let client = write.load::<client::Entity>(Some(team.client_id), "input.teamId").await?;
    let mut check = Check::new();
    let title = check.line("input.title", &input.title, 1..=200);
    let today = today(&client.time_zone, write.now())?;
    let closes_on = input.closes_on.as_ref().map(|day| check.due("input.closesOn", day.0, today));
    let revote_of = input.revote_of_id.as_ref();
    let revote_of = linked::<Entity>(&write, revote_of, team.id, "input.revoteOfId").await?;
    check.keep(revote_of.as_ref().map_or(Ok(()), rules::require_revotable));
    let questions = check.take(rules::check_questions(&input.questions)).unwrap_or_default();
    let own = input.statements.map(own_statements);
    check.keep(rules::require_one_source(own.is_some(), input.statement_keys.is_some(), revote_of.is_some()));
    let asked = match own {
        Some(own) => Ok(own),
        None => {
            let all = match &revote_of {
                Some(round) => round_statements(&write, round.id).await?,
                None => load_questionnaire(&write, team.id).await?,
            };
            rules::pick_statements(all, input.statement_keys.as_deref())
        }
    };
    let asked = check.take(asked.and_then(rules::check_statements)).unwrap_or_default();
    check.done()?;
    require_active_team(client.status, team.archived_at)?;
    // The team is locked, so no other transaction opens a round.
    rules::require_no_pending_round(write.one(select_pending(team.id)).await?.as_ref())?;
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
        revote_of_id: revote_of.map(|round| round.id),
        pulse_days: None,
        next_pulse_at: None,
        title,
        status: AlignmentStatus::Open,
        disclosure: None,
        closes_on,
        closes_at: closes_on.map(|day| end_of_day(day, &client.time_zone)).transpose()?,
        answered: 0,
        counting: 0,
        members: load_participants(&write, team.client_id, team.id).await?.len() as i32,
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
    insert_questions(&write, &round, questions).await?;
    let notice = Notice::about(NoticeKind::RoundOpened, round.id).of_team(round.client_id, round.team_id);
    notify_participants(&write, notice).await?;
    write.commit().await?;
    Ok(id)
}

/// A team's rounds that are not revealed, without pulses.
fn select_pending(team: Id<team::Entity>) -> Select<Entity> {
    Entity::find()
        .filter(alignment_round::Column::TeamId.eq(team))
        .filter(alignment_round::Column::PulseDays.is_null())
        .filter(alignment_round::Column::Status.ne(AlignmentStatus::Revealed))
}

/// Statements as they were sent. Those without a key get one that follows from their text.
fn own_statements(sent: Vec<AlignmentStatementInput>) -> Vec<NewStatement> {
    let own = |sent: AlignmentStatementInput| NewStatement {
        key: sent.key.unwrap_or_else(|| rules::own_key(&sent.text)),
        text: sent.text,
        low: sent.low,
        high: sent.high,
        core: sent.core,
    };
    sent.into_iter().map(own).collect()
}

/// Loads the statements of a round, to ask them again. Those of rounds from before keys get the key that follows from their
/// text.
async fn round_statements(write: &Write, round: Id<Entity>) -> Result<Vec<NewStatement>, Error> {
    let again = |row: alignment_statement::Model| NewStatement {
        key: if row.key.is_empty() { rules::own_key(&row.text) } else { row.key },
        text: row.text,
        low: row.low,
        high: row.high,
        core: row.core,
    };
    Ok(write.all(select_statements(round)).await?.into_iter().map(again).collect())
}

/// Loads the questionnaire of the template version that the team's unfinished programme runs. Empty if there is none.
async fn load_questionnaire(write: &Write, team: Id<team::Entity>) -> Result<Vec<NewStatement>, Error> {
    let unfinished = [ProgrammeStatus::Planned, ProgrammeStatus::Active, ProgrammeStatus::Paused];
    let programme = programme::Entity::find()
        .filter(programme::Column::TeamId.eq(team))
        .filter(programme::Column::Status.is_in(unfinished))
        .order_by_desc(programme::Column::Id);
    let Some(programme) = write.one(programme).await? else { return Ok(vec![]) };
    let questionnaire = questionnaire_statement::Entity::find()
        .filter(questionnaire_statement::Column::TemplateVersionId.eq(programme.template_version_id))
        .order_by_asc(questionnaire_statement::Column::Position);
    let asked = |row: questionnaire_statement::Model| NewStatement {
        key: row.key,
        text: row.text,
        low: row.low,
        high: row.high,
        core: row.core,
    };
    Ok(write.all(questionnaire).await?.into_iter().map(asked).collect())
}

pub(super) async fn insert_statement(
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
        key: asked.key,
        text: asked.text,
        low: asked.low,
        high: asked.high,
        core: asked.core,
        mean: None,
        band: None,
        mean_before: None,
        band_before: None,
    };
    write.insert::<alignment_statement::Entity>(row).await?;
    Ok(())
}
