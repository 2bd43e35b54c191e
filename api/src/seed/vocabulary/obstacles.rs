//! What stands in teams' way. Slots as in [`super::priorities`].

/// Obstacles, each with more about it.
pub const OBSTACLES: &[(&str, &str)] = &[
    (
        "Two of us want different things from {market}",
        "One plans for margin there and one for volume, and both tell their people so.",
    ),
    (
        "The founder still decides on prices",
        "What the team agrees on our {offer} is changed by telephone, and nobody says so.",
    ),
    ("We promise {customers} dates that we cannot keep", "Sales and planning see different calendars."),
    ("Nobody owns the {system}", "Each function blames it, and none has time for it."),
    (
        "A member of the team is not up to the job",
        "Everybody knows, and works around it. It is the third cycle in which we do.",
    ),
    ("We depend on one of our {partners}", "If they stop, we stop within a week."),
    ("The {site} runs on three people's memory", "Two of them retire within eighteen months."),
    ("Meetings overrun and decide nothing", "What is important comes last, when half of us have left."),
    (
        "The family has not settled the succession",
        "Investment for more than two years ahead waits for an answer that nobody asks for.",
    ),
    ("Our best people are on call every weekend", "Three have asked to move to other work."),
    ("The bank wants figures that we do not have", "The covenant is tested in the next quarter."),
    ("Head count is frozen, and work is not", "Each new priority lands on the same five people."),
    ("Complaints reach us last", "Three people see them before anybody who could change something does."),
    (
        "The budget was made before the strategy",
        "What we decided to stop still has money, and what we began has none.",
    ),
    (
        "Two functions hire for the same role",
        "Each wrote its own advertisement, and candidates have noticed.",
    ),
    ("Nobody has the time to close old work", "Four things that we call finished still take a day a week."),
    ("Our figures for {market} are a quarter old", "By the time we see them, what they show is over."),
    (
        "The handover to the {site} is by word of mouth",
        "What was agreed with {customers} is asked for again there.",
    ),
];
/// What was said when a team spoke about one.
pub const SPOKEN: &[&str] = &[
    "We named it without naming anybody, and agreed to come back with facts.",
    "Both sides put their case. No decision yet.",
    "The figures were on the table for the first time.",
    "We found that two of us had meant different things by it.",
];
/// How one was resolved.
pub const RESOLVED: &[&str] = &[
    "The two talked it through with the facilitator, and wrote down what they agreed.",
    "The responsibility was given to one of us, with the time to carry it.",
    "A second supplier is approved and has delivered.",
    "We changed the order of the agenda, and it holds.",
];
/// Why one was put aside.
pub const PARKED: &[&str] =
    &["It waits for the annual accounts.", "We cannot change it this year, and will not talk around it."];
/// Why one was given to the facilitator.
pub const ESCALATED: &[&str] = &[
    "We do not get to it among ourselves; we ask for a conversation with the two who differ.",
    "It is about one of us, and needs somebody from outside.",
];
