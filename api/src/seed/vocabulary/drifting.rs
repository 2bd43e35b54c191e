//! What teams say to a sign of drift.

/// Why they live with it.
pub const ACCEPTED: &[&str] = &[
    "The supplier moved twice; the new date is in the contract.",
    "We chose to put the audit first and told the board so.",
    "It waits for the new finance director, who starts next month.",
    "The work is nearly there; a week more costs us nothing.",
    "Peak season: the team agreed to pick it up when it is over.",
];

/// How owners explain it.
pub const EXPLAINED: &[&str] = &[
    "The figures lag by a month; the work itself is done.",
    "Two of us were ill; the rest of the quarter makes up for it.",
    "The first half was preparation, most of the outcome comes in the last weeks.",
];

/// What they plan instead.
pub const REPLANNED: &[&str] = &[
    "Split in two: the pilot stays on its date, the roll-out follows a month later.",
    "A second person works on it from Monday.",
    "Cut to what the first three customers need.",
    "Taken to the next session as its first item.",
];
