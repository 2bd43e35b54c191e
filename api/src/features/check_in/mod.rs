//! Check-in: the owner's report on a committed priority or an accepted action, once in each slot.
//!
//! A slot consists of whole weeks, Monday to Sunday in the client's time zone: the number nearest to the interval of the
//! team's review cadence (fortnightly 2, monthly 4, quarterly 13), and one week without a cadence. Slots of a cadence begin
//! on the Monday after it begins. When the cadence ends, the slot in progress ends with that week. Between cadences, slots
//! are weekly.
//!
//! A check-in belongs to the slot in which it is made. A later one in the same slot replaces it; the replaced one stays
//! readable. A past slot without a check-in stays blank; a slot during a pause of the programme is excused. For an owner
//! without a login, a person who runs the programme checks in, and the check-in says so.

pub mod bulk;
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
    /// A report on how a priority or an action stands, made in one check-in slot.
    CheckIn of check_in {
        /// First day of the check-in's slot, a Monday.
        slotOn = date(SlotOn).filter().order(),
        /// How the work stands: on track, at risk or off track.
        status = closed::<CheckInStatus, _>(Status).filter().order(),
        /// Confidence that the work will be finished on time: 1 (not at all confident) to 5 (certain).
        confidence = int(Confidence).filter().order(),
        /// Comment, up to 2,000 characters. Empty if there is none.
        comment = text(Comment),
        /// Time at which the check-in was made.
        createdAt = instant(At).filter().order(),
        /// Time at which a later check-in of the same slot replaced this one. Null if it is not replaced.
        replacedAt = instant(ReplacedAt).or_null().filter(),
        /// `true` if the owner made the check-in; `false` if a franchise owner or facilitator made it for an owner
        /// without a login.
        byOwner = flag(ByOwner).filter(),
        /// Person who made the check-in. Null if you have no access to this person.
        person = one::<Person, _>(PersonId).or_null(),
        /// Member who owned the work at the time of the check-in.
        owner = one::<Member, _>(OwnerId),
        /// Priority that the check-in is about. Null if it is about an action.
        priority = one::<Priority, _>(PriorityId).or_null(),
        /// ID of the priority that the check-in is about, for filtering. Null if it is about an action.
        priorityId = id::<entity::priority::Entity, _>(PriorityId).or_null().filter(),
        /// Action that the check-in is about. Null if it is about a priority.
        action = one::<Action, _>(ActionId).or_null(),
        /// ID of the action that the check-in is about, for filtering. Null if it is about a priority.
        actionId = id::<entity::action::Entity, _>(ActionId).or_null().filter(),
        /// Team that the work belongs to.
        team = one::<Team, _>(TeamId),
        /// All replaced check-ins on the same work in the same slot, oldest first: at most 19. The list of a replaced
        /// check-in has that check-in, too.
        earlier = list_across::<CheckIn, _, _>(FirstId, FirstId).only("{t}.replaced_at is not null").by(At, Ty::Instant).about(1),
    }
}

/// A slot of a committed priority or an accepted action.
pub struct CheckInSlot;

impl Shaped for CheckInSlot {
    fn shape() -> &'static Shape {
        static SHAPE: OnceLock<Shape> = OnceLock::new();
        SHAPE.get_or_init(|| {
            let text = |name, doc, column, ty| Field::new(name, doc, shape::of_view(column, ty)).filter();
            let fields = vec![
                text("startsOn", "First day of the slot, a Monday.", "starts_on", Ty::Date).order(),
                text(
                    "endsOn",
                    "Last day of the slot, a Sunday. A slot lasts one week, or the number of weeks nearest to the \
                     interval of the team's review cadence. If the cadence ends, the slot in progress ends with \
                     that week.",
                    "ends_on",
                    Ty::Date,
                ),
                text(
                    "endsAt",
                    "Time at which the slot ends: the end of `endsOn` in the client's time zone.",
                    "ends_at",
                    Ty::Instant,
                ),
                Field::new(
                    "blank",
                    "`true` if the slot has no check-in and is not excused by a pause of the programme.",
                    shape::derived(Ty::Flag, "({t}.check_in_id is null and not {t}.excused)"),
                )
                .filter(),
                Field::new(
                    "excused",
                    "`true` if the slot has no check-in and needs none: the team's programme was paused in this slot.",
                    shape::derived(Ty::Flag, "({t}.excused)"),
                )
                .filter(),
                Field::new(
                    "missed",
                    "`true` if the slot is over, has no check-in and is not excused by a pause of the programme.",
                    shape::derived(
                        Ty::Flag,
                        "({t}.check_in_id is null and {t}.ends_at <= {now} and not {t}.excused)",
                    ),
                )
                .filter(),
                Field::new(
                    "checkIn",
                    "Latest check-in of the slot. Null if there is none yet.",
                    shape::one_of_view::<CheckIn>("check_in_id"),
                )
                .or_null(),
            ];
            Shape::view::<Entity>(
                "CheckInSlot",
                "A period for one check-in on a committed priority or an accepted action, with the check-in if there \
                 is one. A slot lasts the number of weeks nearest to the interval of the team's review cadence, or one \
                 week if the team has no cadence.",
                "check_in_due",
                fields,
            )
        })
    }
}

inputs! {
    /// Input for `actionCheckIn` and `priorityCheckIn`.
    [ActionCheckInInput, PriorityCheckInInput] {
        /// ID of the action, which must be accepted, or of the priority, which must be committed.
        pub id: ID,
        /// How the work stands: on track, at risk or off track.
        pub status: CheckInStatus,
        /// Confidence that the work will be finished on time: 1 (not at all confident) to 5 (certain).
        pub confidence: i32,
        /// Comment: up to 2,000 characters.
        pub comment: Option<String>,
        /// The `version` you last read of the action or priority. Fails with `CONFLICT` if that object has changed
        /// since.
        pub expected_version: Option<i32>,
    }
}

mutations! {
    CheckInMutation: check_in -> CheckIn of Entity {
        /// Records how an accepted action stands in the current slot: one week, or several weeks if the team has a
        /// longer review cadence. A later check-in of the slot replaces the earlier one; a slot takes at most 20. Only
        /// the owner can check in. For an owner without a login, a franchise owner or facilitator checks in.
        action_check_in(ActionCheckInInput) -> ActionCheckInPayload = check_in_action;
        /// Records how a committed priority stands in the current slot: one week, or several weeks if the team has a
        /// longer review cadence. A later check-in of the slot replaces the earlier one; a slot takes at most 20. Only
        /// the owner can check in. For an owner without a login, a franchise owner or facilitator checks in.
        priority_check_in(PriorityCheckInInput) -> PriorityCheckInPayload = check_in_priority;
    }
}

async fn check_in_action(caller: &Caller, input: ActionCheckInInput) -> Result<Id<Entity>, Error> {
    let (write, action) =
        caller.write::<action::Entity>(Permission::ActionCheckIn, typed(&input.id), "input.id").await?;
    expect_version(action.version, input.expected_version)?;
    let content =
        CheckInContent { status: input.status, confidence: input.confidence, comment: input.comment };
    let content = content.check()?;
    let id = save_check_in(&write, CheckInSubject::of_action(&action)?, content).await?;
    write.commit().await?;
    Ok(id)
}

async fn check_in_priority(caller: &Caller, input: PriorityCheckInInput) -> Result<Id<Entity>, Error> {
    let (write, priority) =
        caller.write::<priority::Entity>(Permission::PriorityCheckIn, typed(&input.id), "input.id").await?;
    expect_version(priority.version, input.expected_version)?;
    let content =
        CheckInContent { status: input.status, confidence: input.confidence, comment: input.comment };
    let content = content.check()?;
    let id = save_check_in(&write, CheckInSubject::of_priority(&priority)?, content).await?;
    write.commit().await?;
    Ok(id)
}

/// The content of a check-in.
struct CheckInContent {
    status: CheckInStatus,
    confidence: i32,
    comment: Option<String>,
}

/// The locked action or priority that a check-in is about.
struct CheckInSubject {
    client: Id<client::Entity>,
    team: Id<team::Entity>,
    owner: Id<member::Entity>,
    action: Option<Id<action::Entity>>,
    priority: Option<Id<priority::Entity>>,
}

impl CheckInSubject {
    fn of_action(action: &action::Model) -> Result<CheckInSubject, Error> {
        rules::require_action_at_work(action.status)?;
        Ok(CheckInSubject {
            client: action.client_id,
            team: action.team_id,
            owner: action.owner_id,
            action: Some(action.id),
            priority: None,
        })
    }

    fn of_priority(priority: &priority::Model) -> Result<CheckInSubject, Error> {
        rules::require_priority_at_work(priority.status)?;
        Ok(CheckInSubject {
            client: priority.client_id,
            team: priority.team_id,
            owner: priority.owner_id,
            action: None,
            priority: Some(priority.id),
        })
    }
}

impl CheckInContent {
    fn check(self) -> Result<CheckInContent, Error> {
        let mut check = Check::new();
        let confidence = check.number("input.confidence", self.confidence, 1..=5);
        let comment = check.text("input.comment", self.comment.as_deref().unwrap_or_default(), 0..=2000);
        check.done()?;
        Ok(CheckInContent { confidence, comment: Some(comment), ..self })
    }
}

async fn save_check_in(
    write: &Write,
    about: CheckInSubject,
    content: CheckInContent,
) -> Result<Id<Entity>, Error> {
    let actor = write.actor()?.clone();
    let owner = write.find::<member::Entity>(about.owner).await?;
    let by_owner = rules::require_owner_or_proxy(owner.as_ref(), actor.person, actor.runs(about.client))?;
    let client = write.load::<client::Entity>(Some(about.client), "input.id").await?;
    let week = rules::week(today(&client.time_zone, write.now())?);
    let rhythms = keeping::load_rhythms(write, &[about.team]).await?;
    let slot_on = Slot::of(week, &rhythms.iter().collect::<Vec<_>>()).starts_on();
    let of_slot = Entity::find().filter(Column::SlotOn.eq(slot_on)).filter(
        Condition::all()
            .add_option(about.action.map(|action| Column::ActionId.eq(action)))
            .add_option(about.priority.map(|priority| Column::PriorityId.eq(priority))),
    );
    rules::require_room_in_slot(write.count(of_slot.clone()).await?)?;
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
        status: content.status,
        confidence: content.confidence,
        comment: content.comment.unwrap_or_default(),
        at: write.now(),
        replaced_at: None,
    };
    write.insert::<Entity>(row).await?;
    if let Some(priority) = about.priority {
        drift::end_check_in_signals(write, priority).await?;
        drift::update_behind_signal(write, priority).await?;
    }
    Ok(id)
}
