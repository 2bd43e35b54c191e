//! Ends sessions, whether they are closed, cancelled or missed: open agenda items are carried over, and a held session
//! gets its recap. The caller holds the lock on the team, so that sessions of one team start and end one at a time.

use super::{
    minutes::{Minutes, MinutesRows},
    rules::{self, Step},
};
use crate::{
    features::agenda_item::rules::{self as items, PER_SESSION},
    kernel::{Error, Fault, Write},
};
use entity::{
    Id, action, agenda_item, agenda_item::AgendaItemStatus, attendance, client, decision, member, priority,
    recap, session, session::Entity, session::SessionStatus, team,
};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, Condition, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder,
    QuerySelect, Select,
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
        write.update::<agenda_item::Entity>(&item, change).await?;
    }
    fill_next_session(write, session.team_id).await
}

/// Adds the waiting agenda items to the team's next scheduled session, if there is one.
pub async fn fill_next_session(write: &Write, team: Id<team::Entity>) -> Result<(), Error> {
    let ahead = Entity::find()
        .filter(session::Column::TeamId.eq(team))
        .filter(session::Column::Status.eq(SessionStatus::Scheduled))
        .order_by_asc(session::Column::StartsAt)
        .order_by_asc(session::Column::Id);
    let ahead = write.all(ahead.limit(PER_SESSION as u64)).await?;
    let Some(next) = ahead.into_iter().find(|next| !rules::is_missed(next, write.now())) else {
        return Ok(());
    };
    let next = write.lock::<Entity>(next.id).await?;
    let before = write.count(select_items(next.id)).await?;
    if i64::from(take_carried_items(write, &next, PER_SESSION).await?) > before {
        write.touch::<Entity>(&next).await?;
    }
    Ok(())
}

/// Adds the waiting agenda items to a session, the longest waiting first, until the session has `limit` items. Returns
/// the number of items of the session.
pub async fn take_carried_items(write: &Write, session: &session::Model, limit: usize) -> Result<i32, Error> {
    let mut position =
        i32::try_from(write.count(select_items(session.id)).await?).map_err(|_| Fault::Internal)?;
    let room = limit.saturating_sub(position as usize);
    let waiting = agenda_item::Entity::find()
        .filter(agenda_item::Column::TeamId.eq(session.team_id))
        .filter(agenda_item::Column::Status.eq(AgendaItemStatus::Carried))
        .filter(agenda_item::Column::CarriedToId.is_null())
        .order_by_asc(agenda_item::Column::ClosedAt)
        .order_by_asc(agenda_item::Column::Position)
        .order_by_asc(agenda_item::Column::Id)
        .limit(room as u64);
    let waiting = write.lock_all(waiting).await?;
    if waiting.is_empty() {
        return Ok(position);
    }
    let members = member::Entity::find().filter(member::Column::TeamId.eq(session.team_id));
    let members = write.all(members).await?;
    for item in waiting {
        position += 1;
        let later = items::carried_item(&item, write.id(), session, position, &members, write.now());
        let later = write.insert::<agenda_item::Entity>(later).await?;
        let mut change = item.clone().into_active_model();
        change.carried_to_id = Set(Some(later.id));
        write.update::<agenda_item::Entity>(&item, change).await?;
    }
    Ok(position)
}

fn select_items(session: Id<Entity>) -> Select<agenda_item::Entity> {
    agenda_item::Entity::find().filter(agenda_item::Column::SessionId.eq(session))
}

/// Counts how many active members of the team took part.
pub async fn load_quorum(write: &Write, session: &session::Model) -> Result<rules::Quorum, Error> {
    let members = member::Entity::find().filter(member::Column::TeamId.eq(session.team_id));
    let attended = attendance::Entity::find().filter(attendance::Column::SessionId.eq(session.id));
    Ok(rules::count_quorum(&write.all(members).await?, &write.all(attended).await?))
}

/// Stores the recap of a session that was just closed. Objects that are linked to the session later are not in it.
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
    let minutes = Minutes::of(&MinutesRows {
        session,
        zone: &client.time_zone,
        quorum,
        members: &write.all(members).await?,
        attendance: &write.all(attended).await?,
        agenda: &write.all(agenda).await?,
        decisions: &write.all(decided).await?,
        priorities: &write.all(ranked).await?,
        actions: &actions,
    });
    let row = recap::Model {
        id: write.id(),
        network_id: session.network_id,
        client_id: session.client_id,
        team_id: session.team_id,
        session_id: session.id,
        minutes: serde_json::to_string(&minutes).map_err(|_| Fault::Internal)?,
        markdown: minutes.markdown()?,
        created_at: write.now(),
        redactions: 0,
    };
    write.insert::<recap::Entity>(row).await?;
    Ok(())
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
    carry_open_items(write, &session).await
}
