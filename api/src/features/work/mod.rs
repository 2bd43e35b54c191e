//! Work: the open actions and priorities of a person as one list, soonest first.

use super::{action::Action, client::Client, priority::Priority, team::Team};
use crate::kernel::read::{Field, Shape, Shaped, Ty, shape};
use async_graphql::Enum;
use std::sync::OnceLock;

/// Kinds of open work.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
pub enum WorkKind {
    /// An action, offered or accepted.
    Action,
    /// A priority, proposed or committed.
    Priority,
}

/// An open action or priority that someone owns.
pub struct WorkItem;

impl Shaped for WorkItem {
    fn shape() -> &'static Shape {
        static SHAPE: OnceLock<Shape> = OnceLock::new();
        SHAPE.get_or_init(|| {
            let due = Ty::Date;
            let fields = vec![
                Field::new(
                    "kind",
                    "Kind of work: an action or a priority.",
                    shape::of_view("kind", Ty::Closed(shape::register::<WorkKind>)),
                )
                .filter(),
                Field::new("title", "Title of the action or priority.", shape::of_view("title", Ty::Text))
                    .filter()
                    .order(),
                Field::new(
                    "dueOn",
                    "Due date, in the client's time zone.",
                    shape::of_view("due_on", due),
                )
                .filter()
                .order(),
                Field::new(
                    "overdue",
                    "`true` if the due date has passed. An action that is not yet accepted is never overdue.",
                    shape::derived(
                        Ty::Flag,
                        "({t}.due_at <= {now} and not exists (select 1 from action a where a.id = {t}.action_id \
                         and a.status = {ActionStatus::Offered}))",
                    ),
                )
                .filter(),
                Field::new(
                    "action",
                    "The action. Null if `kind` is `PRIORITY`.",
                    shape::one_of_view::<Action>("action_id"),
                )
                .or_null(),
                Field::new(
                    "priority",
                    "The priority. Null if `kind` is `ACTION`.",
                    shape::one_of_view::<Priority>("priority_id"),
                )
                .or_null(),
                Field::new("client", "Client that the work belongs to.", shape::one_of_view::<Client>("client_id")),
                Field::new("team", "Team that the work belongs to.", shape::one_of_view::<Team>("team_id")),
            ];
            Shape::view::<entity::action::Entity>(
                "WorkItem",
                "An open action or priority that someone owns.",
                "work_item",
                fields,
            )
        })
    }
}
