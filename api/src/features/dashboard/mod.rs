//! Dashboards: figures of a network or a franchise, for the people who are responsible for it.
//!
//! Writes maintain the figures (see `migration::figures`): triggers append each change, a job folds changes into one row
//! for each figure, and a dashboard adds up both. So a dashboard is always current, and its cost does not depend on the
//! number of clients. Figures that depend on the time (overdue, stalled, reviews of the last 91 days) are stored with the
//! instant at which they change, and summed up to now. Figures of past days are stored when their month ends.
//!
//! Invariant: dashboards show counts and facts about organisations. They lead to no content of a client's team.

pub mod fold;
mod query;
pub mod rules;
#[cfg(test)]
mod tests;

use crate::kernel::read::{
    Field, Shape, Shaped, Ty,
    shape::{self, derived, first, list_of_view, of_view, virtual_},
};
use async_graphql::Enum;
use entity::{
    Table,
    tally::{Column::ScopeId, Entity},
};
use std::sync::OnceLock;

/// Why a figure is withheld.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
pub enum FigureWithheld {
    /// The figure would be based on fewer clients than the network's `benchmarkPolicy.minimumClients`.
    TooFewClients,
    /// The figure has no data to be based on.
    Nothing,
}

/// The field `dashboard` of a network or a franchise.
pub fn dashboard_field() -> Field {
    first::<Dashboard, _>(ScopeId).among_few().takes_past(
        "asOf",
        "A UTC day, today or earlier. Returns the figures at the end of the last month that had ended by then, or null if no figures were kept by then. A future day fails with `BAD_USER_INPUT`. Omit for the present figures.",
    )
}

/// Declares a shape of figures: rows of a query, or columns of the enclosing row.
macro_rules! figures {
    ($(#[doc = $doc:literal])* $name:ident $(of $query:ident by $key:literal)? { $($(#[doc = $field_doc:literal])* $field:ident = $kind:expr),* $(,)? }) => {
        $(#[doc = $doc])*
        pub struct $name;
        impl Shaped for $name {
            fn shape() -> &'static Shape {
                static SHAPE: OnceLock<Shape> = OnceLock::new();
                SHAPE.get_or_init(|| {
                    let fields = vec![$(Field::new(stringify!($field), concat!($($field_doc, "\n"),*), $kind)),*];
                    figures!(@shape $name, concat!($($doc, "\n"),*), fields $(, $query, $key)?)
                })
            }
        }
    };
    (@shape $name:ident, $doc:expr, $fields:ident, $query:ident, $key:literal) => {
        Shape::query::<Entity>(stringify!($name), $doc, $key, query::$query, $fields)
    };
    (@shape $name:ident, $doc:expr, $fields:ident) => {
        Shape::virtual_(stringify!($name), $doc, $fields)
    };
}

fn count(column: &'static str) -> Field {
    of_view(column, Ty::Int)
}

fn name(column: &'static str) -> Field {
    of_view(column, Ty::Text)
}

figures! {
    /// The figures of a network or a franchise. A client counts for the franchise that it belongs to now, including its
    /// past figures.
    Dashboard of dashboards by "scope_id" {
        /// The day at whose end the figures were taken. Null for present figures.
        asOf = of_view("as_of", Ty::Date).or_null(),
        /// Totals of the network or franchise. Null if it has no figures yet.
        totals = first::<DashboardTotals, _>(ScopeId),
        /// Active clients by region and stage.
        places = list_of_view::<DashboardPlace>("scope_id").by_view("region_code", Ty::Text).by_view("position", Ty::Int).by_view("stage", Ty::Text).about(30),
        /// Results of programmes, by version of their template.
        templates = list_of_view::<DashboardTemplate>("scope_id").by_view("template", Ty::Text).by_view("number", Ty::Int).about(10),
        /// Figures of the last twelve months and the current month, in UTC.
        months = list_of_view::<DashboardMonth>("scope_id").by_view("month", Ty::Text).about(13),
        /// Facilitators with their clients and open actions, most open actions first by default. Empty for a past day.
        facilitators = shape::pages_of_view::<DashboardFacilitator>("scope_id").by_most("{t}.actions_open", Ty::Int),
    }
}

figures! {
    /// Totals of a network or a franchise.
    DashboardTotals of totals by "scope_id" {
        /// Clients by status.
        clients = virtual_::<DashboardClients>(),
        /// Programmes of all clients, by status.
        programmes = virtual_::<DashboardProgrammes>(),
        /// Actions of active clients.
        actions = virtual_::<DashboardActions>(),
        /// Reviews of all clients in the last 91 days.
        reviews = virtual_::<DashboardReviews>(),
        /// Open and acknowledged drift signals of active clients.
        drift = virtual_::<DashboardDrift>(),
    }
}

figures! {
    /// Numbers of clients by status.
    DashboardClients {
        /// Clients that work with their franchise.
        active = count("clients_active"),
        /// Clients whose work with their franchise has ended.
        archived = count("clients_archived"),
    }
}

figures! {
    /// Numbers of programmes by status.
    DashboardProgrammes {
        /// Programmes that were started, whatever their status is now.
        started = count("programmes_started"),
        /// Programmes that have not started.
        planned = count("programmes_planned"),
        /// Programmes that are running.
        active = count("programmes_active"),
        /// Programmes that are paused.
        paused = count("programmes_paused"),
        /// Programmes that were completed: every stage was passed.
        completed = count("programmes_completed"),
        /// Programmes that ended early, including those that never started.
        terminated = count("programmes_terminated"),
        /// Running programmes with a stage that has been open for more than twice its planned days.
        stalled = count("programmes_stalled"),
    }
}

figures! {
    /// Numbers of actions by status.
    DashboardActions {
        /// Actions that are accepted and not done.
        open = count("actions_open"),
        /// Actions that are accepted and not done, and whose due day has ended in the client's time zone.
        overdue = count("actions_overdue"),
        /// Actions that are done.
        done = count("actions_done"),
    }
}

figures! {
    /// Numbers of reviews of all clients that were due in the last 91 × 24 hours, without those excused by a pause.
    DashboardReviews {
        /// Reviews held within their grace period.
        met = count("reviews_met"),
        /// Reviews held after their grace period.
        late = count("reviews_late"),
        /// Reviews that were not held.
        missed = count("reviews_missed"),
    }
}

figures! {
    /// Numbers of open and acknowledged drift signals, by cause.
    DashboardDrift {
        /// Drift signals caused by missing check-ins.
        checkInsMissed = count("drift_check_ins_missed"),
        /// Drift signals caused by actions past their baseline dates.
        pastBaseline = count("drift_past_baseline"),
        /// Drift signals caused by priorities behind the time elapsed.
        behind = count("drift_behind"),
        /// Drift signals caused by repeatedly moved due dates.
        redated = count("drift_redated"),
        /// Drift signals caused by missing reviews.
        reviewGap = count("drift_review_gap"),
        /// Drift signals caused by falling agreement.
        agreementDown = count("drift_agreement_down"),
    }
}

figures! {
    /// The active clients of a region that are in a stage.
    DashboardPlace of places by "key" {
        /// ID of the region.
        regionId = of_view("region_id", Ty::Id(Table::Region)),
        /// The region's code.
        regionCode = name("region_code"),
        /// The region's name.
        regionName = name("region_name"),
        /// Position of the stage in its programme, from 1. 0 for clients without a running programme.
        position = count("position"),
        /// Title of the stage. Null for clients without a running programme.
        stageTitle = derived(Ty::Text, "nullif({t}.stage, '')").or_null(),
        /// Active clients in the region and stage.
        clientCount = count("clients"),
        /// Actions of these clients that are accepted and not done.
        actionsOpen = count("actions_open"),
        /// Actions of these clients that are accepted and not done, and whose due day has ended.
        actionsOverdue = count("actions_overdue"),
        /// Actions of these clients that are done.
        actionsDone = count("actions_done"),
    }
}

figures! {
    /// Results of the programmes that run on a version of a template.
    DashboardTemplate of templates by "key" {
        /// ID of the template version.
        templateVersionId = of_view("key", Ty::Id(Table::TemplateVersion)),
        /// Name of the template. Empty if the template belongs to another franchise.
        templateName = name("template"),
        /// Number of the template version.
        number = count("number"),
        /// Programmes that were started.
        programmesStarted = count("started"),
        /// Programmes that were completed: every stage was passed.
        programmesCompleted = count("completed"),
        /// Programmes that ended early.
        programmesTerminated = count("terminated"),
        /// Stages that were passed.
        stagesPassed = count("passed"),
        /// Clients that passed a stage.
        clientCount = count("clients"),
        /// Days taken by the passed stages, including pauses, as a percentage of their planned days, rounded down. Null
        /// if withheld: see `paceWithheld`.
        pacePercent = count("pace").or_null(),
        /// Why `pacePercent` is null. Null if `pacePercent` has a value.
        paceWithheld = of_view("withheld", Ty::Closed(shape::register::<FigureWithheld>)).or_null(),
    }
}

figures! {
    /// The figures of a month, in UTC.
    DashboardMonth of months by "month" {
        /// The month, such as `2026-11`.
        month = name("month"),
        /// Programmes that started in the month.
        programmesStarted = count("started"),
        /// Programmes that were completed in the month.
        programmesCompleted = count("completed"),
        /// Stages that were passed in the month.
        stagesPassed = count("passed"),
        /// Reviews due in the month that were held within their grace period.
        reviewsMet = count("met"),
        /// Reviews due in the month that were held after their grace period.
        reviewsLate = count("late"),
        /// Reviews due in the month that were not held.
        reviewsMissed = count("missed"),
        /// Active clients at the end of the month. Null if no figures were kept at the end of the month.
        clientCount = count("clients").or_null(),
        /// Actions of active clients that were accepted and not done at the end of the month. Null if no figures were
        /// kept then.
        actionsOpen = count("actions_open").or_null(),
        /// Actions of active clients that were overdue at the end of the month. Null if no figures were kept then.
        actionsOverdue = count("actions_overdue").or_null(),
        /// Actions of active clients that were done by the end of the month. Null if no figures were kept then.
        actionsDone = count("actions_done").or_null(),
    }
}

figures! {
    /// The work of a facilitator.
    DashboardFacilitator of facilitators by "person_id" {
        /// ID of the facilitator's person.
        personId = of_view("person_id", Ty::Id(Table::Person)),
        /// The facilitator's name.
        name = name("name"),
        /// Active clients that the facilitator runs programmes for.
        clientCount = count("clients").order(),
        /// Actions of the facilitator's active clients that are accepted and not done.
        actionsOpen = count("actions_open").order(),
    }
}
