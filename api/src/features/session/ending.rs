//! Ends sessions, whether they are closed, cancelled or missed: open agenda items are carried over, and a held session
//! gets its recap. The caller holds the lock on the team, so that sessions of one team start and end one at a time.

use super::{
    minutes::{Minutes, MinutesRows},
    preparing,
    rules::{self, Step},
};
use crate::{
    features::{
        agenda_item::rules::{self as items, PER_SESSION},
        dot_vote::closing::close_votes,
        notice::notifying::notify_recap,
        participant::load_participants,
    },
    kernel::{Error, Fault, Write},
};
use entity::{
    Id, action, agenda_item,
    agenda_item::AgendaItemStatus,
    alignment_round,
    alignment_round::AlignmentStatus,
    alignment_statement, attendance, client, decision, decision_position, dot_vote, dot_vote_option, member,
    obstacle, priority, recap, session,
    session::{Entity, SessionStatus},
    team,
};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, Condition, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder,
    QuerySelect,
};

/// Carries the open agenda items of an ended session to the team's next session. Without a next session, they wait for
/// one.
pub async fn carry_open_items(write: &Write, session: &session::Model) -> Result<(), Error> {
    let open = agenda_item::Entity::find()
        .filter(agenda_item::Column::SessionId.eq(session.id))
        .filter(agenda_item::Column::Status.eq(AgendaItemStatus::Open));
    for item in write.lock_all(open).await? {
        let mut change = item.clone().into_active_model();
        change.status = Set(items::next_status(item.status, items::Step::Carry)?);
        change.closed_at = Set(Some(write.now()));
        items::stop_clock(&mut change, &item, write.now());
        write.update::<agenda_item::Entity>(&item, change).await?;
    }
    fill_next_session(write, session.team_id).await
}

/// Prepares the agenda of the team's next scheduled session, if there is one.
pub async fn fill_next_session(write: &Write, team: Id<team::Entity>) -> Result<(), Error> {
    if let Some(next) = find_next_session(write, team).await? {
        let next = write.lock::<Entity>(next.id).await?;
        preparing::prepare_agenda(write, next).await?;
    }
    Ok(())
}

/// Finds the team's next scheduled session.
pub async fn find_next_session(
    write: &Write,
    team: Id<team::Entity>,
) -> Result<Option<session::Model>, Error> {
    let ahead = Entity::find()
        .filter(session::Column::TeamId.eq(team))
        .filter(session::Column::Status.eq(SessionStatus::Scheduled))
        .order_by_asc(session::Column::StartsAt)
        .order_by_asc(session::Column::Id);
    let ahead = write.all(ahead.limit(PER_SESSION as u64)).await?;
    Ok(ahead.into_iter().find(|next| !rules::is_missed(next, write.now())))
}

/// Counts how many participants of the team took part.
pub async fn load_quorum(write: &Write, session: &session::Model) -> Result<rules::Quorum, Error> {
    let participants = load_participants(write, session.client_id, session.team_id).await?;
    let attended = attendance::Entity::find().filter(attendance::Column::SessionId.eq(session.id));
    Ok(rules::count_quorum(&participants, &write.all(attended).await?))
}

/// Stores the recap of a session that was just closed, and sends it to the participants. Objects that are linked to the
/// session later are not in it.
pub async fn write_recap(
    write: &Write,
    session: &session::Model,
    quorum: rules::Quorum,
) -> Result<(), Error> {
    let client = write.find::<client::Entity>(session.client_id).await?.ok_or(Fault::Internal)?;
    let members = member::Entity::find().filter(member::Column::TeamId.eq(session.team_id));
    let attended = attendance::Entity::find().filter(attendance::Column::SessionId.eq(session.id));
    let agenda = agenda_item::Entity::find().filter(agenda_item::Column::SessionId.eq(session.id));
    let actions = action::Entity::find().filter(action::Column::SessionId.eq(session.id));
    let actions = write.all(actions).await?;
    let since = session.started_at.unwrap_or(session.starts_at);
    let touched_priorities = Condition::any()
        .add(priority::Column::CreatedAt.gte(since))
        .add(priority::Column::CommittedAt.gte(since))
        .add(priority::Column::Id.is_in(actions.iter().filter_map(|action| action.priority_id)));
    let ranked = priority::Entity::find()
        .filter(priority::Column::TeamId.eq(session.team_id))
        .filter(touched_priorities);
    let touched_decisions = Condition::any()
        .add(decision::Column::SessionId.eq(session.id))
        .add(decision::Column::RatifiedAt.gte(since))
        .add(decision::Column::EndedAt.gte(since));
    let decided = decision::Entity::find()
        .filter(decision::Column::TeamId.eq(session.team_id))
        .filter(touched_decisions);
    let decided = write.all(decided).await?;
    let positions = decision_position::Entity::find()
        .filter(decision_position::Column::DecisionId.is_in(decided.iter().map(|decision| decision.id)));
    let touched_obstacles = Condition::any()
        .add(obstacle::Column::SessionId.eq(session.id))
        .add(obstacle::Column::RaisedAt.gte(since))
        .add(obstacle::Column::ResolvedAt.gte(since));
    let obstacles = obstacle::Entity::find()
        .filter(obstacle::Column::TeamId.eq(session.team_id))
        .filter(touched_obstacles);
    let rounds = alignment_round::Entity::find()
        .filter(alignment_round::Column::SessionId.eq(session.id))
        .filter(alignment_round::Column::Status.eq(AlignmentStatus::Revealed));
    let rounds = write.all(rounds).await?;
    let statements = alignment_statement::Entity::find()
        .filter(alignment_statement::Column::RoundId.is_in(rounds.iter().map(|round| round.id)));
    let votes = dot_vote::Entity::find().filter(dot_vote::Column::SessionId.eq(session.id));
    let votes = write.all(votes).await?;
    let options = dot_vote_option::Entity::find()
        .filter(dot_vote_option::Column::VoteId.is_in(votes.iter().map(|vote| vote.id)));
    let minutes = Minutes::of(&MinutesRows {
        session,
        zone: &client.time_zone,
        quorum,
        members: &write.all(members).await?,
        attendance: &write.all(attended).await?,
        agenda: &write.all(agenda).await?,
        decisions: &decided,
        positions: &write.all(positions).await?,
        obstacles: &write.all(obstacles).await?,
        votes: &votes,
        vote_options: &write.all(options).await?,
        rounds: &rounds,
        statements: &write.all(statements).await?,
        priorities: &write.all(ranked).await?,
        actions: &actions,
    });
    save_recap(write, session, &minutes).await
}

/// Stores a recap, and notifies those whom it concerns.
async fn save_recap(write: &Write, session: &session::Model, minutes: &Minutes) -> Result<(), Error> {
    let row = recap::Model {
        id: write.id(),
        network_id: session.network_id,
        client_id: session.client_id,
        team_id: session.team_id,
        session_id: session.id,
        minutes: serde_json::to_string(minutes).map_err(|_| Fault::Internal)?,
        markdown: minutes.markdown()?,
        created_at: write.now(),
        redactions: 0,
    };
    let recap = write.insert::<recap::Entity>(row).await?;
    notify_recap(write, &recap).await
}

/// Finds sessions whose time may be over, at most `limit`. The rule checks each again once it is locked.
pub async fn find_missed(write: &Write, limit: u64) -> Result<Vec<session::Model>, Error> {
    let waiting = Entity::find()
        .filter(session::Column::NetworkId.eq(write.network()?))
        .filter(session::Column::Status.eq(SessionStatus::Scheduled))
        .filter(session::Column::StartsAt.lte(write.now() - rules::MISSED_AFTER))
        .order_by_asc(session::Column::StartsAt)
        .limit(limit);
    Ok(write
        .all(waiting)
        .await?
        .into_iter()
        .filter(|session| rules::is_missed(session, write.now()))
        .collect())
}

/// Marks a session as missed, unless it was started, cancelled or moved meanwhile.
pub async fn close_missed(write: &Write, found: &session::Model) -> Result<(), Error> {
    write.lock::<team::Entity>(found.team_id).await?;
    let session = write.lock::<Entity>(found.id).await?;
    if !rules::is_missed(&session, write.now()) {
        return Ok(());
    }
    let mut change = session.clone().into_active_model();
    change.status = Set(rules::next_status(session.status, Step::Miss)?);
    change.closed_at = Set(Some(write.now()));
    let session = write.update::<Entity>(&session, change).await?;
    close_votes(write, session.id).await?;
    carry_open_items(write, &session).await
}
