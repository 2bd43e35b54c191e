//! What teams write in the sections of their strategy.

use entity::strategy_item::SwotQuadrant::{self, Opportunity, Strength, Threat, Weakness};

/// What a version of a section says.
pub enum Content {
    Text(&'static str),
    Points(&'static [&'static str]),
    /// Each with behaviour that is welcome and behaviour that is not.
    Values(&'static [(&'static str, &'static str, &'static str)]),
    /// Each with its figure and unit, and in how many years.
    Targets(&'static [(&'static str, &'static str, &'static str, i32)]),
    Swot(&'static [(SwotQuadrant, &'static str)]),
}

/// The contents of the sections, by their keys: some for each.
pub const SECTIONS: &[(&str, &[Content])] = &[
    (
        "matters-most",
        &[
            Content::Points(&[
                "Deliver every order on the promised day",
                "Earn our price in the three core markets",
            ]),
            Content::Points(&["Keep the people we cannot replace", "Close the gap in quality by summer"]),
        ],
    ),
    (
        "stop",
        &[
            Content::Points(&["Special designs below twenty pieces", "Fairs that bring no orders"]),
            Content::Points(&["Projects without an owner", "Meetings without a decision"]),
        ],
    ),
    (
        "purpose",
        &[
            Content::Text(
                "We keep the machines of small workshops running, so that good work stays in the region.",
            ),
            Content::Text("We make daily work safer for the people who do it with their hands."),
        ],
    ),
    (
        "vision",
        &[
            Content::Text(
                "The first call of every workshop within two hours of us, because we come on the day we promise.",
            ),
            Content::Text("The supplier whose name engineers write into their drawings without being asked."),
        ],
    ),
    (
        "values",
        &[Content::Values(&[
            (
                "Candour",
                "Says early that a date is in danger",
                "Is silent in the room and complains outside it",
            ),
            ("Ownership", "Brings a problem with a first proposal", "Waits until somebody asks"),
        ])],
    ),
    ("ten-year-target", &[Content::Targets(&[("Workshops that rely on us", "2500", "customers", 10)])]),
    (
        "three-year-picture",
        &[Content::Targets(&[
            ("Orders delivered on the promised day", "97", "%", 3),
            ("Share of sales from core markets", "80", "%", 3),
        ])],
    ),
    (
        "swot",
        &[Content::Swot(&[
            (Strength, "Customers trust our fitters"),
            (Weakness, "Plans change after they are agreed"),
            (Opportunity, "Two rivals leave the region"),
            (Threat, "Skilled people are hard to find"),
        ])],
    ),
    (
        "gaps",
        &[Content::Points(&[
            "One order in five is late, by the last four quarters",
            "Half of the leaders name other priorities",
        ])],
    ),
    (
        "one-year-targets",
        &[Content::Targets(&[
            ("Orders delivered on the promised day", "90", "%", 1),
            ("Open positions filled within ninety days", "8", "positions", 1),
        ])],
    ),
    (
        "lessons",
        &[Content::Points(&[
            "Fewer priorities were finished sooner",
            "A date that is moved once is moved again",
        ])],
    ),
];
