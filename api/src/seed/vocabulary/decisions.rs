//! What teams decide, stage by stage. Slots as in [`super::priorities`].

/// Something a team settles.
pub struct Matter {
    pub title: &'static str,
    pub text: &'static str,
    pub rationale: &'static str,
    /// What was considered; the first is chosen.
    pub options: &'static [&'static str],
    /// What was decided in its place when it was debated again, with the reason for the debate.
    pub anew: Option<(&'static str, &'static str)>,
}

/// For each stage of StratPro.
pub const MATTERS: [&[Matter]; 6] = [ALIGN, VISION, DIAGNOSE, PLAN, EXECUTE, OPTIMISE];

const ALIGN: &[Matter] = &[
    Matter {
        title: "One page holds our strategy",
        text: "The page we wrote together is the strategy. What is not on it is not a commitment.",
        rationale: "Each of us had been working from a different document.",
        options: &["One page for the whole team", "A page for each function", "Keep the long plan"],
        anew: None,
    },
    Matter {
        title: "The leadership team meets every second week",
        text: "Ninety minutes every second {day}, on the priorities and nothing else. Reports are read beforehand.",
        rationale: "Our meetings had become reports to one another.",
        options: &["Every second week", "Every week", "Once a month for a whole day"],
        anew: Some((
            "Ninety minutes every week, on {day}, until the end of the cycle; then every second week again.",
            "Two weeks were too long while so much was open.",
        )),
    },
    Matter {
        title: "Disagreement is said in the room",
        text: "Who disagrees says so before a decision is ratified, and carries it afterwards.",
        rationale: "What was agreed in the room was reopened in the corridor.",
        options: &[],
        anew: None,
    },
];

const VISION: &[Matter] = &[
    Matter {
        title: "We grow in {market} first",
        text: "For the next three years growth means {market}. Requests from elsewhere are served, and not sought.",
        rationale: "It is where our {customers} already recommend us, and where we can be second to none.",
        options: &["First {market}", "Wherever orders come from", "Stay the size we are"],
        anew: Some((
            "Growth means {market}, and one trial elsewhere at a time, with an end date.",
            "A large enquiry came from outside, and the team was split.",
        )),
    },
    Matter {
        title: "Quality before volume",
        text: "We turn work away rather than deliver our {offer} below our own standard.",
        rationale: "The complaints of last year all came from weeks in which we had taken too much.",
        options: &["Turn work away", "Subcontract the peaks", "Accept longer lead times"],
        anew: None,
    },
    Matter {
        title: "Three values, and what each looks like on a {day}",
        text: "Say it, own it, finish it. Each leader names one behaviour they will stop.",
        rationale: "The old list of nine was known to nobody.",
        options: &[],
        anew: None,
    },
];

const DIAGNOSE: &[Matter] = &[
    Matter {
        title: "The bottleneck is planning, not capacity",
        text: "We fix how work is planned before we buy or hire anything.",
        rationale: "A third of the hours at the {site} are lost to changes of plan within the same week.",
        options: &["Fix planning", "Add a shift", "Invest in equipment"],
        anew: Some((
            "We fix how work is planned, and hire one planner to do it.",
            "Nobody had the hours to fix planning beside their own work.",
        )),
    },
    Matter {
        title: "We stop selling what does not pay",
        text: "Contracts below the agreed margin are renegotiated or ended at their next date.",
        rationale: "Eight contracts earn less than they cost, and take a fifth of our time.",
        options: &["Renegotiate or end", "Raise all prices alike", "Leave them for the relationship"],
        anew: None,
    },
    Matter {
        title: "Customer figures come from one place",
        text: "The {system} is the only source for figures about {customers}. Private lists are handed in.",
        rationale: "Three reports gave three numbers for the same question.",
        options: &[],
        anew: None,
    },
];

const PLAN: &[Matter] = &[
    Matter {
        title: "Five priorities, and no sixth",
        text: "The team works on five priorities this cycle. Who brings a sixth says which one it replaces.",
        rationale: "Last year's fourteen were all started, and three were finished.",
        options: &["Five", "Three", "One for each function"],
        anew: None,
    },
    Matter {
        title: "The new {system} waits a year",
        text: "We keep the present {system} for this year and use the budget for training.",
        rationale: "Nobody could name an owner with the time to bring it in.",
        options: &["Wait a year", "Begin with one {site}", "Begin everywhere at once"],
        anew: Some((
            "One {site} begins with the new {system} this cycle; the others wait for its verdict.",
            "The supplier ended support for the version we have.",
        )),
    },
    Matter {
        title: "Every priority has one owner",
        text: "No priority is owned by two. The owner decides what the others are asked for.",
        rationale: "What two owned, nobody did.",
        options: &[],
        anew: None,
    },
];

const EXECUTE: &[Matter] = &[
    Matter {
        title: "Late actions are spoken of first",
        text: "Each meeting begins with what is overdue, by its owner, before anything else.",
        rationale: "We had got used to dates that pass.",
        options: &[],
        anew: None,
    },
    Matter {
        title: "No discounts without a second signature",
        text: "Discounts above {pct}% on our {offer} need a second leader's signature.",
        rationale: "Half of the lost margin was given away in the last week of a month.",
        options: &["A second signature", "A fixed price list", "A limit for each salesperson"],
        anew: Some((
            "Discounts above {pct}% need a second signature within a working day, or they are granted.",
            "Some {customers} waited for days for an answer.",
        )),
    },
    Matter {
        title: "We hire for the two gaps only",
        text: "Until the cycle ends we hire a planner and a key account manager, and nobody else.",
        rationale: "Each new post so far had cost a leader a month of attention.",
        options: &["The two gaps only", "A hiring stop", "As budgets allow"],
        anew: None,
    },
];

const OPTIMISE: &[Matter] = &[
    Matter {
        title: "What we measured every week, we now measure every month",
        text: "Figures that held for a quarter are looked at monthly. The three that moved stay weekly.",
        rationale: "Attention is what we have least of.",
        options: &["Monthly for what holds", "Keep all weekly", "Drop what holds"],
        anew: None,
    },
    Matter {
        title: "Lessons are written down within a week",
        text: "Whoever closes a priority writes half a page: what worked, what did not, what we do next time.",
        rationale: "We made the same mistake with the second launch as with the first.",
        options: &[],
        anew: None,
    },
];

/// What may be settled at any time.
pub const ANY_TIME: &[Matter] = &[
    Matter {
        title: "Prices are changed once a year",
        text: "List prices change on one day of the year, and in between only by the whole team.",
        rationale: "Five price lists were in use at once.",
        options: &["Once a year", "Twice a year", "Whenever costs move"],
        anew: None,
    },
    Matter {
        title: "One of us answers for each of our {partners}",
        text: "Each of our {partners} has one name on our side, and that name is known to all.",
        rationale: "They were told different things by different people.",
        options: &[],
        anew: None,
    },
    Matter {
        title: "Expenses above the limit are seen by two",
        text: "Whatever costs more than a month's salary is signed by two of us.",
        rationale: "We learned of the last three from the accounts.",
        options: &["Two signatures", "A budget for each function"],
        anew: None,
    },
    Matter {
        title: "New {customers} are visited within a month",
        text: "One of us sees every new customer in person within a month.",
        rationale: "Two left before any of us had met them.",
        options: &["Visit each", "Call each", "Leave it to sales"],
        anew: None,
    },
    Matter {
        title: "Reports nobody reads are no longer written",
        text: "We stop eleven of the monthly reports. Whoever misses one may ask for it.",
        rationale: "It took two days a month, and no decision came of them.",
        options: &[],
        anew: None,
    },
    Matter {
        title: "The {site} has a deputy",
        text: "Whoever runs the {site} names a deputy, who has the same rights when it matters.",
        rationale: "For two weeks in the summer nobody could decide.",
        options: &[],
        anew: None,
    },
    Matter {
        title: "Nobody is added to a project after it has begun",
        text: "A project is finished with the people it began with, or stopped.",
        rationale: "Each addition cost more time than it brought.",
        options: &["No additions", "Additions by the whole team"],
        anew: None,
    },
    Matter {
        title: "Apprentices are taken on every year",
        text: "We take on two apprentices a year, in good years and in bad.",
        rationale: "We have hired nobody under thirty for four years.",
        options: &["Two a year", "As needed"],
        anew: None,
    },
    Matter {
        title: "Our {offer} is described on two pages",
        text: "What we offer is described in two pages that {customers} understand, and sold as described.",
        rationale: "Each proposal described it differently.",
        options: &[],
        anew: None,
    },
    Matter {
        title: "Meetings end on time",
        text: "A meeting ends when it was to end. What is left is the first item of the next.",
        rationale: "The last hour of the day belonged to nobody.",
        options: &[],
        anew: None,
    },
    Matter {
        title: "Old machines are sold within the quarter",
        text: "What has been replaced is sold or scrapped within the quarter.",
        rationale: "A third of the hall holds what we no longer use.",
        options: &["Sell or scrap", "Keep one in reserve"],
        anew: None,
    },
    Matter {
        title: "Every complaint is answered by a name",
        text: "Who answers a complaint signs it, and calls a week later.",
        rationale: "Nobody knew what had become of the last ten.",
        options: &[],
        anew: None,
    },
    Matter {
        title: "Holidays are planned before the year begins",
        text: "Holidays are entered by the end of November, so that no week is without two of us.",
        rationale: "In August three of five were away at once.",
        options: &[],
        anew: None,
    },
];

/// What a member says to a decision, often nothing.
pub const COMMENTS: &[&str] = &[
    "",
    "",
    "",
    "",
    "",
    "I would have gone further, and I can carry this.",
    "My team will ask what it means for them; I need a week to prepare.",
    "We have tried this before. What is different now is that it has an owner.",
    "I am not convinced of the date, only of the direction.",
    "This is overdue.",
    "I would like to see the figures again at the review.",
    "It costs my function most, and it is still right.",
];
/// Why a decision is taken back.
pub const REVOKED: &[&str] = &[
    "The contract it rested on was lost.",
    "The board decided otherwise.",
    "It turned out that nobody could carry it out.",
];
