//! How a session ends, whether it is closed, cancelled or missed: open agenda items are carried over, and a session
//! that was held gets its recap. The caller holds the lock on the team, so that sessions of one team start and end one
//! at a time.

use super::{
    minutes::{Minutes, Rows},
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

/// Carries what a session that is over left open to the team's next session, or lets it wait for one.
pub async fn carry(write: &Write, session: &session::Model) -> Result<(), Error> {
    let open = agenda_item::Entity::find()
        .filter(agenda_item::Column::SessionId.eq(session.id))
        .filter(agenda_item::Column::Status.eq(AgendaItemStatus::Open));
    for item in write.lock_all(open).await? {
        let mut change = item.clone().into_active_model();
        change.status = Set(items::next(item.status, items::Step::Carry)?);
        change.closed_at = Set(Some(write.now()));
        write.update::<agenda_item::Entity>(&item, change).await?;
    }
    hand_on(write, session.team_id).await
}

/// Puts what waits for a team's next session on the agenda of the one that is next in the diary, if any is.
pub async fn hand_on(write: &Write, team: Id<team::Entity>) -> Result<(), Error> {
    let ahead = Entity::find()
        .filter(session::Column::TeamId.eq(team))
        .filter(session::Column::Status.eq(SessionStatus::Scheduled))
        .order_by_asc(session::Column::StartsAt)
        .order_by_asc(session::Column::Id);
    let ahead = write.all(ahead.limit(PER_SESSION as u64)).await?;
    let Some(next) = ahead.into_iter().find(|next| !rules::missed(next, write.now())) else { return Ok(()) };
    let next = write.lock::<Entity>(next.id).await?;
    let before = write.count(items_on(next.id)).await?;
    if i64::from(take_over(write, &next, PER_SESSION).await?) > before {
        write.touch::<Entity>(&next).await?;
    }
    Ok(())
}

/// Puts what waits for the team's next session on this one's agenda, what waits longest first, and in the order it had,
/// until it holds so many items.
/// Answers how many it then has.
pub async fn take_over(write: &Write, session: &session::Model, most: usize) -> Result<i32, Error> {
    let mut position =
        i32::try_from(write.count(items_on(session.id)).await?).map_err(|_| Fault::Internal)?;
    let room = most.saturating_sub(position as usize);
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
        let later = items::goes_on(&item, write.id(), session, position, &members, write.now());
        let later = write.insert::<agenda_item::Entity>(later).await?;
        let mut change = item.clone().into_active_model();
        change.carried_to_id = Set(Some(later.id));
        write.update::<agenda_item::Entity>(&item, change).await?;
    }
    Ok(position)
}

fn items_on(session: Id<Entity>) -> Select<agenda_item::Entity> {
    agenda_item::Entity::find().filter(agenda_item::Column::SessionId.eq(session))
}

/// How many of the team's active members took part.
pub async fn quorum(write: &Write, session: &session::Model) -> Result<rules::Quorum, Error> {
    let members = member::Entity::find().filter(member::Column::TeamId.eq(session.team_id));
    let attended = attendance::Entity::find().filter(attendance::Column::SessionId.eq(session.id));
    Ok(rules::quorum(&write.all(members).await?, &write.all(attended).await?))
}

/// Keeps what was said and made in a session that was just closed. What is linked to it later is not in its recap.
pub async fn keep(write: &Write, session: &session::Model, quorum: rules::Quorum) -> Result<(), Error> {
    let client = write.find::<client::Entity>(session.client_id).await?.ok_or(Fault::Internal)?;
    let members = member::Entity::find().filter(member::Column::TeamId.eq(session.team_id));
    let attended = attendance::Entity::find().filter(attendance::Column::SessionId.eq(session.id));
    let agenda = agenda_item::Entity::find().filter(agenda_item::Column::SessionId.eq(session.id));
    let promised = action::Entity::find().filter(action::Column::SessionId.eq(session.id));
    let actions = write.all(promised).await?;
    let since = session.started_at.unwrap_or(session.starts_at);
    let touched = Condition::any()
        .add(priority::Column::CreatedAt.gte(since))
        .add(priority::Column::CommittedAt.gte(since))
        .add(priority::Column::Id.is_in(actions.iter().filter_map(|action| action.priority_id)));
    let ranked =
        priority::Entity::find().filter(priority::Column::TeamId.eq(session.team_id)).filter(touched);
    let talked = Condition::any()
        .add(decision::Column::SessionId.eq(session.id))
        .add(decision::Column::RatifiedAt.gte(since))
        .add(decision::Column::EndedAt.gte(since));
    let decided =
        decision::Entity::find().filter(decision::Column::TeamId.eq(session.team_id)).filter(talked);
    let minutes = Minutes::of(&Rows {
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

/// Sessions whose time may be over, at most so many: the rule looks at each again once it is locked.
pub async fn overdue(write: &Write, most: u64) -> Result<Vec<session::Model>, Error> {
    let waiting = Entity::find()
        .filter(session::Column::NetworkId.eq(write.network()?))
        .filter(session::Column::Status.eq(SessionStatus::Scheduled))
        .filter(session::Column::StartsAt.lte(write.now() - rules::GRACE))
        .order_by_asc(session::Column::StartsAt)
        .limit(most);
    Ok(write.all(waiting).await?.into_iter().filter(|session| rules::missed(session, write.now())).collect())
}

/// Ends a session that nobody held by the clock; one that somebody dealt with meanwhile stays as it is.
pub async fn miss(write: &Write, found: &session::Model) -> Result<(), Error> {
    write.lock::<team::Entity>(found.team_id).await?;
    let session = write.lock::<Entity>(found.id).await?;
    if !rules::missed(&session, write.now()) {
        return Ok(());
    }
    let mut change = session.clone().into_active_model();
    change.status = Set(rules::next(session.status, Step::Miss)?);
    change.closed_at = Set(Some(write.now()));
    let session = write.update::<Entity>(&session, change).await?;
    carry(write, &session).await
}
