//! Rules of strategies.

use crate::{
    kernel::{Code, Message, Refusal},
    message,
};
use entity::{
    strategy_item::SwotQuadrant,
    strategy_section::{self, SectionForm},
    strategy_version::StrategyStatus,
};

/// Maximum number of versions of a section. The list stays short enough to be read whole.
pub const MAX_VERSIONS: i32 = 100;

/// Step that changes a version.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    Edit,
    Propose,
    Revise,
    Stance,
    Ratify,
    Supersede,
    ReadBack,
}

/// Returns the status after a step, or refuses the step.
pub fn next_status(status: StrategyStatus, step: Step) -> Result<StrategyStatus, Refusal> {
    use StrategyStatus::*;
    let to = match (status, step) {
        (Draft, Step::Edit) => Draft,
        (Draft, Step::Propose) => Proposed,
        (Proposed, Step::Revise) => Draft,
        (Proposed, Step::Stance) => Proposed,
        (Proposed, Step::Ratify) => Ratified,
        (Ratified, Step::Supersede) => Superseded,
        (Ratified, Step::ReadBack) => Ratified,
        _ => return Err(Refusal::new(Code::WrongState, refusal_message(status)).at("input.id")),
    };
    Ok(to)
}

fn refusal_message(status: StrategyStatus) -> Message {
    match status {
        StrategyStatus::Draft => message!(VERSION_IS_A_DRAFT, "The version is a draft. Propose it first."),
        StrategyStatus::Proposed => message!(
            VERSION_IS_PROPOSED,
            "The version is proposed. Ratify it, or take it back with `strategyRevise` first."
        ),
        StrategyStatus::Ratified => message!(
            VERSION_IS_RATIFIED,
            "The version is ratified, and what it says never changes. Draft the next one."
        ),
        StrategyStatus::Superseded => {
            message!(VERSION_IS_SUPERSEDED, "A later version took this one's place. Use that one.")
        }
    }
}

/// Requires that a section has room for another version.
pub fn require_room(versions: i32) -> Result<(), Refusal> {
    if versions < MAX_VERSIONS {
        return Ok(());
    }
    let message = message!(VERSIONS_PER_SECTION, "A section has at most {max} versions.", max = MAX_VERSIONS);
    Err(Refusal::new(Code::LimitReached, message).at("input.sectionId"))
}

/// Requires that a version says as much as its section asks for. `size` is the number of characters of a text, otherwise
/// of items.
pub fn require_enough(section: &strategy_section::Model, size: usize) -> Result<(), Refusal> {
    let (minimum, maximum) = (section.minimum, section.maximum);
    let size = i32::try_from(size).unwrap_or(i32::MAX);
    if (minimum..=maximum).contains(&size) {
        return Ok(());
    }
    let message = if section.form == SectionForm::Text {
        message!(
            TEXT_OUT_OF_BOUNDS,
            "The text has {size} characters, and needs {min} to {max}. Change the draft first.",
            size,
            min = minimum,
            max = maximum,
        )
    } else {
        message!(
            ITEMS_OUT_OF_BOUNDS,
            "The version has {size} items, and needs {min} to {max}. Change the draft first.",
            size,
            min = minimum,
            max = maximum,
        )
    };
    Err(Refusal::new(Code::Invalid, message).at("input.id"))
}

/// Requires that an item has a field if the form of its section wants it, and otherwise has not.
pub fn require_item_field(field: &str, given: bool, wanted: bool) -> Result<(), Refusal> {
    let message = match (given, wanted) {
        (true, true) | (false, false) => return Ok(()),
        (false, true) => {
            message!(ITEM_FIELD_MISSING, "`{field}` is missing. An item of this section needs it.", field,)
        }
        (true, false) => message!(
            ITEM_FIELD_OF_ANOTHER_FORM,
            "`{field}` does not belong to an item of this section. Leave it out.",
            field,
        ),
    };
    Err(Refusal::new(Code::Invalid, message))
}

/// What an item says.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ItemContent {
    pub text: String,
    pub quadrant: Option<SwotQuadrant>,
    pub welcome: Option<String>,
    pub unwelcome: Option<String>,
    pub figure: Option<String>,
    pub unit: Option<String>,
    pub year: Option<i32>,
}

/// Renders items as plain text, one line for each.
pub fn render_items(items: &[ItemContent]) -> String {
    items.iter().map(render_item).collect::<Vec<_>>().join("\n")
}

fn render_item(item: &ItemContent) -> String {
    let mut line = item.text.replace('\n', " ");
    if let Some(quadrant) = item.quadrant {
        let letter = match quadrant {
            SwotQuadrant::Strength => 'S',
            SwotQuadrant::Weakness => 'W',
            SwotQuadrant::Opportunity => 'O',
            SwotQuadrant::Threat => 'T',
        };
        line = format!("{letter}: {line}");
    }
    let signed = |sign: char, words: &Option<String>| {
        words.as_ref().map(|words| format!(" {sign} {}", words.replace('\n', " "))).unwrap_or_default()
    };
    line += &signed('+', &item.welcome);
    line += &signed('−', &item.unwelcome);
    if let Some(figure) = &item.figure {
        line += &format!(": {figure}");
    }
    if let Some(unit) = &item.unit {
        line += &format!(" {unit}");
    }
    if let Some(year) = item.year {
        line += &format!(" ({year})");
    }
    line
}
