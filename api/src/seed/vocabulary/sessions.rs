//! What sessions are called, where they meet and what is noted of them.

/// Titles of workshops and follow-ups by stage.
pub const TITLES: [(&[&str], &[&str]); 6] = [
    (
        &["One-page alignment workshop", "Alignment workshop: one page, one reading"],
        &["Alignment follow-up", "Open disagreements: settling round", "One page: second reading"],
    ),
    (
        &["Vision, values and culture workshop", "Vision workshop"],
        &["Vision follow-up", "Values in practice", "Culture: what we will no longer accept"],
    ),
    (
        &["Gaps, challenges and opportunities workshop", "Diagnosis workshop"],
        &["Diagnosis follow-up: the evidence", "Ranking the gaps", "Opportunities: second look"],
    ),
    (
        &["Roadmap planning workshop", "Planning workshop: few priorities, one owner each"],
        &["Roadmap follow-up", "Capacity check", "Priorities: owners' commitments"],
    ),
    (
        &["Execution kick-off", "Execution workshop"],
        &[
            "Execution follow-up",
            "Accountability session",
            "Priority owners' review",
            "Obstacles and next steps",
            "Fortnightly follow-up",
        ],
    ),
    (
        &["Learning workshop", "Annual review workshop"],
        &["Performance review", "Lessons and improvements", "Next cycle: first ideas"],
    ),
];

/// Where sessions meet; `{town}` is a town near by.
pub const PLACES: &[&str] = &[
    "Boardroom, {town}",
    "{town} office",
    "Video call",
    "Video call",
    "Meeting room 2, {town}",
    "{town} Business Centre",
    "The Old Library, {town}",
    "On site, {town}",
];

/// What was noted in the early stages, first the outcome.
pub const OPENINGS: &[&str] = &[
    "Two long-standing disagreements were named and settled.",
    "The team agreed what to stop in order to make room.",
    "The evidence changed two minds; the ranking was redone.",
    "Energy was high; the draft was read aloud and shortened by half.",
    "Each leader wrote the answer unaided first; the differences surprised everyone.",
    "Quieter voices went first, and the discussion was better for it.",
    "A hard conversation about the past, ended with agreement on what comes next.",
];
/// What was noted in the later stages, first the outcome.
pub const OUTCOMES: &[&str] = &[
    "All leaders reported on their actions; most were done on time.",
    "Two long-standing disagreements were named and settled.",
    "The team agreed what to stop in order to make room.",
    "Good progress on the first priority; the second is behind.",
    "Hard conversation about ownership, ended with one name for each outcome.",
    "The evidence changed two minds; the ranking was redone.",
    "Half the actions were late, mostly for want of decisions from this team.",
    "The figures improved for the second time running.",
];
/// What was noted, then what follows.
pub const FOLLOWS: &[&str] = &[
    "New actions have owners and dates.",
    "The sponsor will bring the open question to the board.",
    "Next time starts with the late actions.",
    "Owners will show figures, not slides.",
    "Colleagues will brief whoever could not be there.",
    "The facilitator will follow up with two owners.",
    "The plan stays as it is.",
];

/// What members say of a session that they liked.
pub const RATED: &[&str] = &[
    "We kept to the time, and to the point.",
    "Good that everybody spoke.",
    "The figures first, please, next time too.",
    "We decided something. That is rare enough.",
    "Short and clear.",
    "I would have liked the papers a day earlier.",
];

/// What members say of one that they did not.
pub const RATED_LOW: &[&str] = &[
    "Too long on the first item, and nothing left for the rest.",
    "Two of us talked, the others listened.",
    "We have said all this before.",
];
