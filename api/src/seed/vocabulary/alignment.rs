//! What teams are asked in alignment rounds, and what the rounds are called.

/// The statements, and whether each counts for the alignment metrics. Rated from 1 to 5.
pub const STATEMENTS: &[(&str, bool)] = &[
    ("I could write down our three most important goals, and my colleagues would write the same.", true),
    ("We agree on which customers we serve first, and which we do not.", true),
    ("I know what we have decided to stop doing.", true),
    ("Each of our priorities has one owner, and I could name every one of them.", true),
    ("When we disagree, we say so in the room.", true),
    ("A decision we have taken is one we all stand behind outside the room.", true),
    ("We keep the promises we make to one another.", false),
    ("We come back to what we agreed, and look at whether it happened.", false),
];

/// What the rounds are called, in their order.
pub const TITLES: [&str; 4] = [
    "Where do we stand? First reading",
    "Do we read the page the same way?",
    "Half-way reading",
    "Are we still aligned?",
];

/// What a re-vote is called.
pub const REVOTE: &str = "After we talked: the two we read least alike";
