//! What facilitators note for themselves, and what clients ask head office's help for.

/// Private notes.
pub const NOTES: &[&str] = &[
    "The finance lead says little in the room and a good deal in the corridor. Ring her before each session.",
    "Two of the directors have not spoken since the restructuring. Seat them apart, and give each a topic of their own.",
    "The sponsor is under pressure from the board about margins; expect a sixth priority to appear by Friday.",
    "Strong team, weak diary: nothing happens in the week after a session unless someone calls on the Tuesday.",
    "Succession is the topic nobody names. Raise it at the next workshop, gently, with the founder told beforehand.",
    "They agree too quickly. Ask each of them to write it down before anyone speaks.",
    "New operations director from May. Plan an hour with him before he meets the roadmap.",
    "Renewal is due in the autumn. They measure us by whether the hiring plan gets done.",
    "The chair likes one page and no slides. Keep it so.",
    "Good humour hides that the plan has no owner for the warehouse move. Come back to it.",
];

/// What facilitators mean to do.
pub const TO_DOS: &[&str] = &[
    "Ring the finance lead before the session",
    "Send the sponsor last quarter's scorecard",
    "Book the large room for the workshop",
    "Ask the founder about the succession topic",
    "Prepare one page for the chair",
    "Agree the dates of the next quarter",
];

/// Why head office was let in, and what for.
pub const SUPPORT: &[(&str, &str)] = &[
    (
        "The figures in our progress report do not match what we see in the plan.",
        "To compare the report's counts with the actions behind them.",
    ),
    (
        "Please look at how our quarterly priorities are set up before the board meets.",
        "To check the ranks and owners of this quarter's priorities.",
    ),
];
