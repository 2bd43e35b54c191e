//! What owners say of their work.

/// When it will be there in time.
pub const ON_TRACK: &[&str] = &[
    "The first two sites are done and the third has a date.",
    "Everyone who must agree has agreed; now it is only work.",
    "Ahead of plan: the supplier delivered a week early.",
    "The figures arrived, and they support the plan.",
    "Two of the five interviews held; the others are in the diary.",
    "The draft is with the board. No open questions.",
    "Steady. Nothing that needs anybody's help this week.",
];
/// When it may not be.
pub const AT_RISK: &[&str] = &[
    "The customer has not answered for ten days. I will call again on Thursday.",
    "We lose a week to the audit; I can make half of it up.",
    "Depends on the new planner, who starts later than we thought.",
    "The quote is twelve per cent over what we set aside.",
    "I need half a day of the finance lead, and have not got it yet.",
    "Two departments read the goal differently. We meet on Monday.",
];
/// When it will not be, as things are.
pub const OFF_TRACK: &[&str] = &[
    "Nobody has been freed for this, so nothing has moved.",
    "The supplier withdrew. We need another one, or another plan.",
    "The pilot failed its second test; the date cannot be kept.",
    "Held up by the hiring stop. I propose to move it to the next cycle.",
];
