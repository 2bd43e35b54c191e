//! Why things were declined, cancelled, moved, missed, paused or passed in spite of a criterion.

/// Why an owner declines an action.
pub const DECLINED: &[&str] = &[
    "I cannot do this before the year-end close; it needs another owner.",
    "This belongs with the operations team, who have the figures.",
    "I do not have the authority to agree this with the supplier.",
    "We decided something else last week; this would undo it.",
    "The date is not realistic alongside the two priorities I own.",
    "I do not think this is worth doing until the pilot is over.",
];
/// Why an action is cancelled.
pub const CANCELLED: &[&str] = &[
    "The pilot showed that nobody needs it.",
    "Overtaken by the decision to stop the second line.",
    "Merged into a larger action with the same owner.",
    "The supplier withdrew, so there is nothing left to agree.",
    "We will look at this again next cycle.",
    "The customer signed without it.",
];
/// Why a due date moves.
pub const MOVED: &[&str] = &[
    "Waiting for figures from the auditor.",
    "Key person on sick leave; back in a fortnight.",
    "The supplier's quote came a week late.",
    "Moved behind the audit visit.",
    "The customer asked for a later meeting.",
    "More people need to be heard than we thought.",
    "Held up by the system change-over.",
    "Half done; the second part needs the board's approval.",
];
/// Why a completed action is reopened.
pub const ACTION_REOPENED: &[&str] = &[
    "The customer called back with a question.",
    "The second site was forgotten.",
    "The figures were those of last year.",
    "Done in the pilot only; the roll-out is missing.",
];
/// Why a priority is given up.
pub const DROPPED: &[&str] = &[
    "The evidence from the pilot did not support it.",
    "Too many priorities; the team chose to finish the others.",
    "The contract behind it was lost.",
    "Moved to next year with the board's agreement.",
];
/// Why a session is called off.
pub const CALLED_OFF: &[&str] = &[
    "Three leaders were away; a new date was agreed.",
    "Clashed with the auditors' visit.",
    "The sponsor was called to a customer.",
    "Train strike; moved to the following week.",
    "The venue flooded.",
];
/// Why a programme is paused.
pub const PAUSED: &[&str] = &[
    "Change of ownership; the new board wants to join first.",
    "The chief executive is on leave for three months.",
    "Busy season; the team resumes afterwards.",
    "Merger talks take all the team's time.",
];
/// Why a programme ends early.
pub const TERMINATED: &[&str] = &[
    "The company was sold and the new owner has a programme of its own.",
    "The sponsor left and nobody took the part.",
    "Budget withdrawn after a loss-making quarter.",
    "The team chose to go on by itself after the plan stage.",
];
/// Why a stage is passed although a criterion is not met.
pub const OVERRIDDEN: &[&str] = &[
    "The remaining actions go on in the next stage; the team agreed.",
    "The criterion was met in substance at a session outside the programme.",
    "The sponsor asked to move on; the open points are on the next agenda.",
    "Waiting longer would cost more than it brings; risk noted with the sponsor.",
];
/// Why a stage is opened again.
pub const REOPENED: &[&str] = &[
    "Two leaders joined and had not taken part.",
    "The board sent the plan back with questions.",
    "It turned out that the team had not in fact agreed.",
];
/// What a facilitator notes when she confirms a criterion.
pub const CONFIRMED: &[&str] = &[
    "Heard from each leader in turn; no differences left that matter.",
    "Checked in the closing round of the workshop.",
    "Signed off by the sponsor at the last follow-up.",
    "Read aloud and agreed; wording on the shared page.",
    "Confirmed by phone with the two who were absent.",
    "Evidence gone through line by line with the team.",
];
