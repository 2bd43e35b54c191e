//! Work: the open actions and priorities that somebody owns, as one list, soonest first.

use super::{action::Action, client::Client, priority::Priority, team::Team};
use crate::kernel::read::{Field, Shape, Shaped, Ty, shape};
use async_graphql::Enum;
use std::sync::OnceLock;

/// What a piece of work is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
pub enum WorkKind {
    /// An action, offered or accepted.
    Action,
    /// A priority, proposed or committed.
    Priority,
}

/// A piece of open work: an action or a priority.
pub struct WorkItem;

impl Shaped for WorkItem {
    fn shape() -> &'static Shape {
        static SHAPE: OnceLock<Shape> = OnceLock::new();
        SHAPE.get_or_init(|| {
            let due = Ty::Date;
            let fields = vec![
                Field::new(
                    "kind",
                    "Whether it is an action or a priority.",
                    shape::of_view("kind", Ty::Closed(shape::register::<WorkKind>)),
                )
                .filter(),
                Field::new("title", "What is to be done or achieved.", shape::of_view("title", Ty::Text))
                    .filter()
                    .order(),
                Field::new(
                    "dueOn",
                    "When it is due, in the client's time zone.",
                    shape::of_view("due_on", due),
                )
                .filter()
                .order(),
                Field::new(
                    "overdue",
                    "Whether its due day has ended. An action that nobody has accepted is not overdue.",
                    shape::derived(
                        Ty::Flag,
                        "({t}.due_at <= {now} and not exists (select 1 from action a where a.id = {t}.action_id \
                         and a.status = 'offered'))",
                    ),
                )
                .filter(),
                Field::new(
                    "action",
                    "The action, where it is one.",
                    shape::one_of_view::<Action>("action_id"),
                )
                .or_null(),
                Field::new(
                    "priority",
                    "The priority, where it is one.",
                    shape::one_of_view::<Priority>("priority_id"),
                )
                .or_null(),
                Field::new("client", "The client.", shape::one_of_view::<Client>("client_id")),
                Field::new("team", "The team.", shape::one_of_view::<Team>("team_id")),
            ];
            Shape::view::<entity::action::Entity>(
                "WorkItem",
                "A piece of open work: an action or a priority.",
                "work_item",
                fields,
            )
        })
    }
}
