//! How far priorities are, by what figures, and what is said on the way.

use entity::measurable::MeasurableTotal;

/// What is reached on the way to a priority, in the order in which it is.
pub const MILESTONES: &[&[&str]] = &[
    &[
        "Figures of the last two years are in one sheet",
        "The plan is agreed with those who carry it out",
        "The first month ran by it",
    ],
    &[
        "Three suppliers have quoted",
        "The pilot runs at one site",
        "The pilot is judged",
        "It is rolled out everywhere",
    ],
    &["Ten customers were asked", "The offer is written", "The first order came in"],
    &["The job is described and approved", "The post is filled"],
    &["The rules are drafted", "Every team lead has seen them", "They are in force"],
];

/// A measurable: its name and unit, whether it should rise, and where it begins and is to end, in tenths.
pub const MEASURABLES: &[(&str, &str, bool, (i64, i64))] = &[
    ("Orders delivered on time", "%", true, (820, 950)),
    ("Invoices more than 30 days overdue", "invoices", false, (410, 120)),
    ("New customers in the month", "customers", true, (30, 80)),
    ("Complaints in the month", "complaints", false, (190, 80)),
    ("Gross margin", "%", true, (312, 350)),
    ("Days from order to delivery", "days", false, (94, 55)),
];

/// A weekly figure: its name and unit, whether it should rise, its target and the bound of amber in tenths, and how weeks
/// become a total.
pub type WeeklyFigure = (&'static str, &'static str, bool, (i64, i64), MeasurableTotal);

/// Weekly figures of a team.
pub const SCORECARD: &[WeeklyFigure] = &[
    ("Orders taken", "orders", true, (420, 380), MeasurableTotal::Sum),
    ("Quotes sent within two days", "%", true, (950, 850), MeasurableTotal::Mean),
    ("Complaints", "complaints", false, (20, 40), MeasurableTotal::Sum),
    ("Invoices more than 30 days overdue", "invoices", false, (120, 180), MeasurableTotal::Last),
];

/// The seats of a team: the first one is above the others, and the last one is vacant.
pub const SEATS: &[(&str, &str)] = &[
    ("General management", "Direction, people and the weekly meeting."),
    ("Sales", "Orders, prices and customers won."),
    ("Operations", "Delivery on time, quality and cost."),
    ("Finance", "Cash, invoices and the monthly figures."),
    ("People", "Hiring, training and how we work together."),
];

/// What is said about an action.
pub const COMMENTS: &[&str] = &[
    "I have the figures; two are missing and come on Friday.",
    "They asked for another week. I said yes, the date stands.",
    "Done in part: the first list is in the shared folder.",
    "Who has the contract? I only find the draft.",
    "Spoke with both. They want the same thing and do not know it.",
];

/// And what is answered.
pub const ANSWERS: &[&str] = &[
    "Thank you. Bring it on Tuesday.",
    "With me; I send it this afternoon.",
    "Good. Let us not wait for the rest.",
];

/// Why two priorities stand in each other's way.
pub const CONFLICTS: &[&str] = &[
    "Both need the same two people in the same weeks.",
    "One frees stock and the other buys it.",
    "The system can be changed once before the season, not twice.",
];

/// To whom a decision was told on.
pub const AUDIENCES: &[&str] =
    &["The shift leads, at their Monday meeting", "All of sales, in the morning call"];
