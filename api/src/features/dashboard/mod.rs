//! Dashboards: a network or a franchise in figures, for those who answer for it. Facts of organisations and counts, and
//! no way from here to what a client's team decided, planned or said: nothing here leads to anything but figures.
//!
//! Figures are kept with the writes (see the migration `tally`): what a write changes of them is appended, a job folds
//! it into a row a figure, and a dashboard adds up both, so it is right at once and as quick for ten times the clients.
//! What depends on the time of day (overdue, stalled, the reviews of the last 91 days) is kept by the instant at which it
//! changes, and added up to now. Past days are answered from the figures that were put aside when their month ended.

mod query;
pub mod rules;
#[cfg(test)]
mod tests;

use crate::kernel::read::{
    Field, Shape, Shaped, Ty,
    shape::{self, derived, first, of_view, virtual_},
};
use async_graphql::Enum;
use entity::{
    Table,
    tally::{Column::ScopeId, Entity},
};
use std::sync::OnceLock;

/// Why a figure is not told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
pub enum FigureWithheld {
    /// It would be worked out from fewer clients than the network's `benchmarkPolicy.minimumClients`.
    TooFewClients,
    /// There is nothing to work it out from.
    Nothing,
}

/// The edge from a network or a franchise to its dashboard.
pub fn of_scope() -> Field {
    first::<Dashboard, _>(ScopeId).among_few().takes_past(
        "asOf",
        "A day in UTC, today or earlier: the figures as they were at the end of the last month that had ended by then. The dashboard is null if no figures were kept by then. A day to come fails with `BAD_USER_INPUT`. Omit for the present figures.",
    )
}

/// Declares a shape of figures: rows of a query, or the columns of the row around it.
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
    /// The figures of a network or of a franchise. Clients count where they are now: what a client that moves has counted
    /// moves with it.
    Dashboard of dashboards by "scope_id" {
        /// The day whose end the figures are of; null where they are of now.
        asOf = of_view("as_of", Ty::Date).or_null(),
        /// All in all; null where there is nothing yet.
        totals = first::<DashboardTotals, _>(ScopeId),
        /// Its active clients by region and stage.
        places = rows::<DashboardPlace>("scope_id").by_view("region_code", Ty::Text).by_view("position", Ty::Int).by_view("stage", Ty::Text).about(30),
        /// What its programmes come to, by the version of the template they run on.
        templates = rows::<DashboardTemplate>("scope_id").by_view("template", Ty::Text).by_view("number", Ty::Int).about(10),
        /// The last twelve months and this one, in UTC.
        months = rows::<DashboardMonth>("scope_id").by_view("month", Ty::Text).about(13),
        /// Who has how much to do, those with most open actions first: as it is now, and nobody for a past day.
        facilitators = shape::pages_of_view::<DashboardFacilitator>("scope_id").by_most("{t}.actions_open", Ty::Int),
    }
}

figures! {
    /// All in all.
    DashboardTotals of totals by "scope_id" {
        /// Its clients.
        clients = virtual_::<DashboardClients>(),
        /// The programmes of all its clients.
        programmes = virtual_::<DashboardProgrammes>(),
        /// The actions of its active clients.
        actions = virtual_::<DashboardActions>(),
        /// How its clients keep to their rhythm of reviews.
        reviews = virtual_::<DashboardReviews>(),
        /// Drift signals of its active clients that wait for an answer.
        drift = virtual_::<DashboardDrift>(),
    }
}

/// All rows of a query of the row around: few.
fn rows<S: Shaped>(on: &'static str) -> Field {
    shape::Kind::List { to: S::shape, from: "id", on, only: None, order: vec![], assume: 10 }.into()
}

figures! {
    /// Clients by where they stand.
    DashboardClients {
        /// Those who work with their franchise.
        active = count("clients_active"),
        /// Those whose work has ended.
        archived = count("clients_archived"),
    }
}

figures! {
    /// Programmes by where they stand.
    DashboardProgrammes {
        /// Started, whatever became of them.
        started = count("programmes_started"),
        /// Not started.
        planned = count("programmes_planned"),
        /// Running.
        active = count("programmes_active"),
        /// Halted for a while.
        paused = count("programmes_paused"),
        /// Passed: every stage was.
        completed = count("programmes_completed"),
        /// Ended early, those among them that never started.
        terminated = count("programmes_terminated"),
        /// Running, with a stage open for more than twice its planned days.
        stalled = count("programmes_stalled"),
    }
}

figures! {
    /// Actions by where they stand.
    DashboardActions {
        /// Accepted and not done.
        open = count("actions_open"),
        /// Of them, those whose due day has ended where the client is.
        overdue = count("actions_overdue"),
        /// Done.
        done = count("actions_done"),
    }
}

figures! {
    /// Reviews that were due in the last 91 × 24 hours, of all clients. Those excused by a pause are none of them.
    DashboardReviews {
        /// Held within their days of grace.
        met = count("reviews_met"),
        /// Held after them.
        late = count("reviews_late"),
        /// Held by nobody.
        missed = count("reviews_missed"),
    }
}

figures! {
    /// Drift signals, open or acknowledged, by cause.
    DashboardDrift {
        /// Check-ins are missing.
        checkInsMissed = count("drift_check_ins_missed"),
        /// Actions are past their baseline.
        pastBaseline = count("drift_past_baseline"),
        /// Priorities are behind the time elapsed.
        behind = count("drift_behind"),
        /// Due dates were moved again and again.
        redated = count("drift_redated"),
        /// No review was held.
        reviewGap = count("drift_review_gap"),
        /// Agreement fell.
        agreementDown = count("drift_agreement_down"),
    }
}

figures! {
    /// The active clients of a region that are in a stage.
    DashboardPlace of places by "key" {
        /// The region.
        regionId = of_view("region_id", Ty::Id(Table::Region)),
        /// Its code.
        regionCode = name("region_code"),
        /// Its name.
        regionName = name("region_name"),
        /// Which stage of its programme it is, from 1 on; 0 without a running programme.
        position = count("position"),
        /// What the stage is called; null without a running programme.
        stage = derived(Ty::Text, "nullif({t}.stage, '')").or_null(),
        /// How many clients.
        clients = count("clients"),
        /// Their actions, accepted and not done.
        actionsOpen = count("actions_open"),
        /// Of them, those whose due day has ended.
        actionsOverdue = count("actions_overdue"),
        /// Their actions done.
        actionsDone = count("actions_done"),
    }
}

figures! {
    /// What the programmes on a template's version come to.
    DashboardTemplate of templates by "key" {
        /// The version.
        templateVersionId = of_view("key", Ty::Id(Table::TemplateVersion)),
        /// What the template is called; empty where it is another franchise's own.
        template = name("template"),
        /// The version's number.
        number = count("number"),
        /// Programmes started.
        programmesStarted = count("started"),
        /// Of them, those whose every stage was passed.
        programmesCompleted = count("completed"),
        /// Programmes ended early.
        programmesTerminated = count("terminated"),
        /// Stages passed.
        stagesPassed = count("passed"),
        /// Clients that passed a stage.
        clients = count("clients"),
        /// Days that the stages passed took, pauses among them, in per cent of the days planned for them, rounded down.
        pacePercent = count("pace").or_null(),
        /// Why `pacePercent` is null; null where it is not.
        paceWithheld = of_view("withheld", Ty::Closed(shape::register::<FigureWithheld>)).or_null(),
    }
}

figures! {
    /// A month, in UTC.
    DashboardMonth of months by "month" {
        /// The month, like `2026-11`.
        month = name("month"),
        /// Programmes that started in it.
        programmesStarted = count("started"),
        /// Programmes that were completed in it.
        programmesCompleted = count("completed"),
        /// Stages passed in it.
        stagesPassed = count("passed"),
        /// Reviews due in it that were held within their days of grace.
        reviewsMet = count("met"),
        /// Reviews due in it that were held after them.
        reviewsLate = count("late"),
        /// Reviews due in it that nobody held.
        reviewsMissed = count("missed"),
        /// Active clients when it had ended; null where nothing was put aside then.
        clients = count("clients").or_null(),
        /// Their open actions then.
        actionsOpen = count("actions_open").or_null(),
        /// Of them, those overdue then.
        actionsOverdue = count("actions_overdue").or_null(),
        /// Their actions done by then.
        actionsDone = count("actions_done").or_null(),
    }
}

figures! {
    /// What a facilitator has to do.
    DashboardFacilitator of facilitators by "person_id" {
        /// The person.
        personId = of_view("person_id", Ty::Id(Table::Person)),
        /// Her name.
        name = name("name"),
        /// Active clients that she runs programmes for.
        clients = count("clients").order(),
        /// Their open actions.
        actionsOpen = count("actions_open").order(),
    }
}
