//! What teams want to have reached by the end of a year.

/// A target: its text, and its figure with the unit where it is counted.
pub const TARGETS: &[(&str, Option<(&str, &str)>)] = &[
    ("Customers stay with us", Some(("95", "%"))),
    ("Sales in our two core markets", Some(("12.5", "% growth"))),
    ("Operating margin", Some(("9", "%"))),
    ("Orders delivered on the promised day", Some(("97", "%"))),
    ("Every leader has a named deputy", None),
    ("One way of working at all sites", None),
    ("Employees who recommend us", Some(("70", "%"))),
    ("Revenue from products under three years old", Some(("20", "%"))),
];
