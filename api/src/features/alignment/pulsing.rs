//! Pulses: 30, 60 and 90 days after a round with public figures, a job asks its two lowest statements again. A pulse is a
//! re-vote that closes by itself after seven days, so everything that holds for re-votes holds for it: it is compared with
//! its round, from published figures alone, and is never the team's latest round. It keeps no other round from opening.

use super::{
    opening::insert_statement,
    publishing::select_statements,
    rules::{self, NewStatement},
};
use crate::{
    features::{notice::notifying::notify_participants, participant::load_participants},
    kernel::{Error, Fault, Notice, Write, end_of_day, today},
};
use chrono::Days;
use entity::{
    alignment_round::{self, AlignmentStatus, Entity},
    client::{self, ClientStatus},
    notice::NoticeKind,
    programme::{self, ProgrammeStatus},
    team,
};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder, QuerySelect,
};

/// Finds rounds whose next pulse is due, at most `limit`.
pub async fn find_due(write: &Write, limit: u64) -> Result<Vec<alignment_round::Model>, Error> {
    let due = Entity::find()
        .filter(alignment_round::Column::NetworkId.eq(write.network()?))
        .filter(alignment_round::Column::NextPulseAt.lte(write.now()))
        .order_by_asc(alignment_round::Column::NextPulseAt);
    write.all(due.limit(limit)).await
}

/// Opens the pulse of a round that is due, unless another process did. Pulses are left out while the team is not active, or
/// while its client or programme is paused, and so are those that were due while no job ran, except the last.
pub async fn open_pulse(write: &Write, found: &alignment_round::Model) -> Result<(), Error> {
    let team = write.lock::<team::Entity>(found.team_id).await?;
    let round = write.lock::<Entity>(found.id).await?;
    let revealed_at = round.revealed_at.unwrap_or(round.opened_at);
    let Some(days) = rules::due_pulse(revealed_at, round.next_pulse_at, write.now()) else { return Ok(()) };
    let mut next = round.clone().into_active_model();
    next.next_pulse_at = Set(rules::next_pulse_at(revealed_at, Some(days)));
    write.set::<Entity>(&round, next).await?;
    let client = write.find::<client::Entity>(round.client_id).await?.ok_or(Fault::Internal)?;
    let statements = write.all(select_statements(round.id)).await?;
    let asked = rules::lowest_statements(&statements);
    if asked.is_empty() || is_resting(write, &client, &team).await? {
        return Ok(());
    }
    let first_day = today(&client.time_zone, write.now())?;
    let last_day = first_day.checked_add_days(Days::new(rules::PULSE_OPEN_DAYS)).ok_or(Fault::Internal)?;
    let row = alignment_round::Model {
        id: write.id(),
        network_id: round.network_id,
        client_id: round.client_id,
        team_id: round.team_id,
        session_id: None,
        compared_id: None,
        revote_of_id: Some(round.id),
        pulse_days: Some(days),
        next_pulse_at: None,
        title: round.title.clone(),
        status: AlignmentStatus::Open,
        disclosure: None,
        closes_on: Some(last_day),
        closes_at: Some(end_of_day(last_day, &client.time_zone)?),
        answered: 0,
        counting: 0,
        members: load_participants(write, round.client_id, round.team_id).await?.len() as i32,
        opened_at: write.now(),
        sealed_at: None,
        revealed_at: None,
        ratings: None,
        level: None,
        agreement: None,
        version: 1,
    };
    let pulse = write.insert::<Entity>(row).await?;
    for (row, position) in asked.into_iter().zip(1..) {
        let statement = NewStatement {
            key: row.key.clone(),
            text: row.text.clone(),
            low: row.low,
            high: row.high,
            core: row.core,
        };
        insert_statement(write, &pulse, position, statement).await?;
    }
    let notice = Notice::about(NoticeKind::RoundOpened, pulse.id).of_team(pulse.client_id, pulse.team_id);
    notify_participants(write, notice).await
}

/// Whether a team is asked nothing at present: it is archived, its client is not active, or its programme is paused.
async fn is_resting(write: &Write, client: &client::Model, team: &team::Model) -> Result<bool, Error> {
    if client.status != ClientStatus::Active || team.archived_at.is_some() {
        return Ok(true);
    }
    let paused = programme::Entity::find()
        .filter(programme::Column::TeamId.eq(team.id))
        .filter(programme::Column::Status.eq(ProgrammeStatus::Paused));
    Ok(write.count(paused).await? > 0)
}
