//! What sessions talk about, and what came of it.

/// An item of an agenda: its title, how many minutes it takes, and what may come of it.
pub type Topic = (&'static str, i32, &'static [&'static str]);

/// Workshops.
pub const WORKSHOPS: &[Topic] = &[
    (
        "Where each of us stands today",
        30,
        &[
            "Five readings of the same goal were put on the wall; three words caused most of the difference.",
            "Everyone read out their own sentence. Two were withdrawn, and the rest became one.",
        ],
    ),
    (
        "What we will no longer do",
        45,
        &[
            "Two product lines are to be closed by the end of the quarter.",
            "The monthly steering group ends; its open questions go to their owners.",
            "No agreement on the trade fair. The figures come first.",
        ],
    ),
    (
        "The hard question nobody has asked",
        40,
        &[
            "The margin of the largest customer was named and worked out on the flip chart.",
            "Succession was talked about openly for the first time.",
        ],
    ),
    (
        "Evidence before opinions",
        60,
        &[
            "Customer interviews were read in pairs; the ranking of causes changed in two places.",
            "The complaint figures were taken apart by site. One site makes up half of them.",
        ],
    ),
    (
        "Few priorities, one owner each",
        60,
        &[
            "Eleven candidates became four, each with a name behind it.",
            "The fifth priority was dropped because nobody had the hours for it.",
        ],
    ),
    (
        "How we will tell our people",
        30,
        &[
            "One page in plain words, told by each leader to their own people within a week.",
            "Questions that come back are collected for the next session.",
        ],
    ),
];

/// Follow-ups.
pub const FOLLOW_UPS: &[Topic] = &[
    (
        "Promises since last time",
        20,
        &[
            "Seven of nine kept. The two that slipped have a date and a reason.",
            "All kept but one, which was too large and is now two.",
            "Half kept. The team agreed to take on less.",
        ],
    ),
    (
        "What stands in the way",
        25,
        &[
            "The approval by procurement is the bottleneck; the sponsor speaks to them this week.",
            "Two projects wait for the same engineer. The second one starts a month later.",
        ],
    ),
    (
        "The topic we put off",
        20,
        &[
            "Shift patterns were settled: a trial on one line, and figures in six weeks.",
            "The question of the second site was asked, and gets a session of its own.",
        ],
    ),
    (
        "Who needs help",
        15,
        &[
            "Two owners swap an action; one gets a day of support a week.",
            "Nobody asked, and on a second round three did.",
        ],
    ),
    (
        "Until we meet again",
        10,
        &["Each said what they will have done by then.", "Dates and owners were read out and agreed."],
    ),
];

/// Reviews.
pub const REVIEWS: &[Topic] = &[
    (
        "The quarter in figures",
        25,
        &[
            "Delivery on time is up six points; overtime is up too.",
            "Three of four priorities are on course. The fourth was begun too late.",
        ],
    ),
    (
        "What we learnt",
        30,
        &[
            "Small weekly steps worked better than the one large launch.",
            "Too many actions were owned by one person. The next cycle spreads them.",
        ],
    ),
    (
        "What we carry into the next cycle",
        30,
        &[
            "Two priorities go on, one ends, and one is new.",
            "Nothing is carried on unchanged; each owner wrote a new outcome.",
        ],
    ),
    (
        "How we worked together",
        15,
        &[
            "Decisions got faster. Meetings did not get shorter.",
            "More was said in the room and less after it.",
        ],
    ),
];

/// Why an item was dropped.
pub const DROPPED: &[&str] = &[
    "Overtaken by events.",
    "Settled between the two concerned before the session.",
    "Belongs to the management meeting.",
];
