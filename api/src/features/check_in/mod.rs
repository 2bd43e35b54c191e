//! Check-in: how a committed priority or an accepted action stands, once in each slot, in its owner's words.
//!
//! A slot is a run of whole weeks, Monday to Sunday in the client's time zone: as many as the interval of the team's review
//! cadence has, to the nearest (fortnightly 2, monthly 4, quarterly 13), and one where none runs. Slots of a cadence begin
//! on the Monday after it began, and end with the week in which it ends, the one under way too; what is between is weekly.
//! A check-in belongs to the slot it is made in; a later one in the same slot takes its place, and the earlier one stays
//! readable. Nothing is filled in afterwards: a slot that passed without a word stays blank, and is shown so. One that a
//! pause of the programme touched is excused. For an owner without a login, whoever runs the programme checks in, and the
//! check-in says that it was not the owner.

pub mod keeping;
pub mod rules;
#[cfg(test)]
mod tests;

use super::{
    action::Action, drift::keeping as drift, member::Member, person::Person, priority::Priority, team::Team,
};
use crate::{
    inputs,
    kernel::{
        Caller, Check, Error, Write,
        access::Permission,
        expect_version,
        read::{
            Field, Shape, Shaped, Ty,
            shape::{self, typed},
        },
        today,
    },
    mutations, shape,
};
use async_graphql::ID;
use entity::{
    Id, action,
    check_in::{self, CheckInStatus, Column, Entity},
    client, member, priority, team,
};
use rules::Slot;
use sea_orm::{ActiveValue::Set, ColumnTrait, Condition, EntityTrait, IntoActiveModel, QueryFilter};
use std::sync::OnceLock;

shape! {
    /// What was said of a priority or an action in a slot.
    CheckIn of check_in {
        /// The first day of the slot it belongs to, a Monday.
        slotOn = date(SlotOn).filter().order(),
        /// How the work stands.
        status = closed::<CheckInStatus, _>(Status).filter().order(),
        /// How confident the owner is that it will be there in time: 1 (not at all) to 5 (certain).
        confidence = int(Confidence).filter().order(),
        /// What there is to say about it.
        comment = text(Comment),
        /// When it was said.
        at = instant(At).filter().order(),
        /// When a later check-in of the same slot took its place.
        replacedAt = instant(ReplacedAt).or_null().filter(),
        /// Whether the owner said it; else somebody who runs the programme did, for an owner without a login.
        byOwner = flag(ByOwner).filter(),
        /// Who said it.
        person = one::<Person, _>(PersonId).or_null(),
        /// The member who owned the work at the time.
        owner = one::<Member, _>(OwnerId),
        /// The priority it is about.
        priority = one::<Priority, _>(PriorityId).or_null(),
        /// The id of the priority it is about, to filter by.
        priorityId = id::<entity::priority::Entity, _>(PriorityId).or_null().filter(),
        /// The action it is about.
        action = one::<Action, _>(ActionId).or_null(),
        /// The id of the action it is about, to filter by.
        actionId = id::<entity::action::Entity, _>(ActionId).or_null().filter(),
        /// The team.
        team = one::<Team, _>(TeamId),
        /// What was said of it earlier in the same slot, oldest first: at most 19.
        earlier = list_across::<CheckIn, _, _>(FirstId, FirstId).only("{t}.replaced_at is not null").by(At, Ty::Instant).about(1),
    }
}

/// A slot in which a priority or an action was at work.
pub struct CheckInSlot;

impl Shaped for CheckInSlot {
    fn shape() -> &'static Shape {
        static SHAPE: OnceLock<Shape> = OnceLock::new();
        SHAPE.get_or_init(|| {
            let text = |name, doc, column, ty| Field::new(name, doc, shape::of_view(column, ty)).filter();
            let fields = vec![
                text("startsOn", "The slot's first day, a Monday.", "starts_on", Ty::Date).order(),
                text(
                    "endsOn",
                    "The slot's last day, a Sunday: of its first week where the team has no review cadence, and else as \
                     many weeks later as the cadence's interval has, to the nearest. A slot under way ends with the week \
                     in which the cadence does.",
                    "ends_on",
                    Ty::Date,
                ),
                text(
                    "endsAt",
                    "The instant at which it ends, in the client's time zone.",
                    "ends_at",
                    Ty::Instant,
                ),
                Field::new(
                    "blank",
                    "Whether nobody has checked in, and no pause excuses it.",
                    shape::derived(Ty::Flag, "({t}.check_in_id is null and not {t}.excused)"),
                )
                .filter(),
                Field::new(
                    "excused",
                    "Whether nobody has checked in, and need not: the team's programme was paused in this slot.",
                    shape::derived(Ty::Flag, "({t}.excused)"),
                )
                .filter(),
                Field::new(
                    "missed",
                    "Whether the slot is over, nobody checked in, and no pause excuses it.",
                    shape::derived(
                        Ty::Flag,
                        "({t}.check_in_id is null and {t}.ends_at <= {now} and not {t}.excused)",
                    ),
                )
                .filter(),
                Field::new(
                    "checkIn",
                    "What was said; null while nobody has checked in.",
                    shape::one_of_view::<CheckIn>("check_in_id"),
                )
                .or_null(),
            ];
            Shape::view::<Entity>(
                "CheckInSlot",
                "A slot in which a priority or an action was at work, and what was said of it: a run of weeks that asks for one \
                 check-in, as long as the interval of the team's review cadence, or a week where it has none.",
                "check_in_due",
                fields,
            )
        })
    }
}

inputs! {
    /// How the work stands, as of now.
    [ActionCheckInInput, PriorityCheckInInput] {
        /// What it is about.
        pub id: ID,
        /// How it stands.
        pub status: CheckInStatus,
        /// How confident the owner is that it will be there in time: 1 (not at all) to 5 (certain).
        pub confidence: i32,
        /// What there is to say about it: up to 2,000 characters.
        pub comment: Option<String>,
        /// The version of the action or priority that this is said of.
        pub expected_version: Option<i32>,
    }
}

mutations! {
    CheckInMutation: check_in -> CheckIn of Entity {
        /// Says how an accepted action stands, for the present slot: this week, or as many as the team's review cadence
        /// has. A later check-in of the slot takes its place, and a slot holds at most 20. Its owner does, or whoever runs
        /// the programme for an owner without a login.
        action_check_in(ActionCheckInInput) -> ActionCheckInPayload = on_action;
        /// Says how a committed priority stands, for the present slot: this week, or as many as the team's review cadence
        /// has. A later check-in of the slot takes its place, and a slot holds at most 20. Its owner does, or whoever runs
        /// the programme for an owner without a login.
        priority_check_in(PriorityCheckInInput) -> PriorityCheckInPayload = on_priority;
    }
}

async fn on_action(caller: &Caller, input: ActionCheckInInput) -> Result<Id<Entity>, Error> {
    let (write, action) =
        caller.write::<action::Entity>(Permission::ActionCheckIn, typed(&input.id), "input.id").await?;
    expect_version(action.version, input.expected_version)?;
    let said = Said { status: input.status, confidence: input.confidence, comment: input.comment };
    let about = About {
        client: action.client_id,
        team: action.team_id,
        owner: action.owner_id,
        action: Some(action.id),
        priority: None,
    };
    let said = said.checked()?;
    rules::on_action(action.status)?;
    add(write, about, said).await
}

async fn on_priority(caller: &Caller, input: PriorityCheckInInput) -> Result<Id<Entity>, Error> {
    let (write, priority) =
        caller.write::<priority::Entity>(Permission::PriorityCheckIn, typed(&input.id), "input.id").await?;
    expect_version(priority.version, input.expected_version)?;
    let said = Said { status: input.status, confidence: input.confidence, comment: input.comment };
    let about = About {
        client: priority.client_id,
        team: priority.team_id,
        owner: priority.owner_id,
        action: None,
        priority: Some(priority.id),
    };
    let said = said.checked()?;
    rules::on_priority(priority.status)?;
    add(write, about, said).await
}

/// What a check-in says.
struct Said {
    status: CheckInStatus,
    confidence: i32,
    comment: Option<String>,
}

/// What a check-in is about: an action or a priority, which the door has locked.
struct About {
    client: Id<client::Entity>,
    team: Id<team::Entity>,
    owner: Id<member::Entity>,
    action: Option<Id<action::Entity>>,
    priority: Option<Id<priority::Entity>>,
}

impl Said {
    fn checked(self) -> Result<Said, Error> {
        let mut check = Check::new();
        let confidence = check.number("input.confidence", self.confidence, 1..=5);
        let comment = check.text("input.comment", self.comment.as_deref().unwrap_or_default(), 0..=2000);
        check.done()?;
        Ok(Said { confidence, comment: Some(comment), ..self })
    }
}

async fn add(write: Write, about: About, said: Said) -> Result<Id<Entity>, Error> {
    let actor = write.actor()?.clone();
    let owner = write.find::<member::Entity>(about.owner).await?;
    let by_owner = rules::by_owner(owner.as_ref(), actor.person, actor.runs(about.client))?;
    let client = write.load::<client::Entity>(Some(about.client), "input.id").await?;
    let week = rules::week(today(&client.time_zone, write.now())?);
    let rhythms = keeping::of_teams(&write, &[about.team]).await?;
    let slot_on = Slot::of(week, &rhythms.iter().collect::<Vec<_>>()).starts_on();
    let of_slot = Entity::find().filter(Column::SlotOn.eq(slot_on)).filter(
        Condition::all()
            .add_option(about.action.map(|action| Column::ActionId.eq(action)))
            .add_option(about.priority.map(|priority| Column::PriorityId.eq(priority))),
    );
    rules::room_in_slot(write.count(of_slot.clone()).await?)?;
    let before = write.lock_one(of_slot.filter(Column::ReplacedAt.is_null())).await?;
    let id = write.id();
    if let Some(before) = &before {
        let mut change = before.clone().into_active_model();
        change.replaced_at = Set(Some(write.now()));
        write.update::<Entity>(before, change).await?;
    }
    let row = check_in::Model {
        id,
        network_id: client.network_id,
        client_id: about.client,
        team_id: about.team,
        priority_id: about.priority,
        action_id: about.action,
        slot_on,
        first_id: before.map_or(id, |before| before.first_id),
        owner_id: about.owner,
        person_id: actor.person,
        by_owner,
        status: said.status,
        confidence: said.confidence,
        comment: said.comment.unwrap_or_default(),
        at: write.now(),
        replaced_at: None,
    };
    write.insert::<Entity>(row).await?;
    if let Some(priority) = about.priority {
        drift::checked_in(&write, priority).await?;
    }
    write.commit().await?;
    Ok(id)
}
