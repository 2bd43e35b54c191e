//! Inputs of the mutations of strategies, and the check of what a version says.

use super::rules::{self, ItemContent};
use crate::{
    features::ratification::RecordedStanceInput,
    kernel::{Check, Code, Error},
    message,
    scalar::Decimal,
};
use async_graphql::{ID, InputObject};
use entity::{
    decision_stance::Stance,
    strategy_item::SwotQuadrant,
    strategy_section::{self, SectionForm},
};

/// Input for `strategyDraft`.
#[derive(InputObject)]
pub struct StrategyDraftInput {
    /// ID of the section.
    pub section_id: ID,
    /// Text of a section of form `TEXT`, up to its maximum. Omit it for other forms.
    pub text: Option<String>,
    /// Items of a section of another form, in order, up to its maximum.
    #[graphql(default)]
    pub items: Vec<StrategyItemInput>,
    /// The `version` you last read of the draft. Fails with `CONFLICT` if the draft has changed since.
    pub expected_version: Option<i32>,
}

/// An item of a section.
#[derive(InputObject)]
pub struct StrategyItemInput {
    /// The point, the name of the value, what the target is about, or the entry of the SWOT analysis: 1 to 500
    /// characters.
    pub text: String,
    /// Quadrant of an entry of a SWOT analysis.
    pub quadrant: Option<SwotQuadrant>,
    /// Behaviour that a value welcomes: 1 to 500 characters.
    pub welcome: Option<String>,
    /// Behaviour that a value does not welcome: 1 to 500 characters.
    pub unwelcome: Option<String>,
    /// Figure of a target.
    pub figure: Option<Decimal>,
    /// Unit of a target's figure: up to 40 characters. Omit it if the figure has none.
    pub unit: Option<String>,
    /// Year by whose end a target is to be reached: 2000 to 2200.
    pub year: Option<i32>,
}

/// Input for `strategyPropose`.
#[derive(InputObject)]
pub struct StrategyProposeInput {
    /// ID of the version, which must be a draft.
    pub id: ID,
    /// The `version` you last read. Fails with `CONFLICT` if the object has changed since.
    pub expected_version: Option<i32>,
}

/// Input for `strategyRevise`.
#[derive(InputObject)]
pub struct StrategyReviseInput {
    /// ID of the version, which must be proposed.
    pub id: ID,
    /// The `version` you last read. Fails with `CONFLICT` if the object has changed since.
    pub expected_version: Option<i32>,
}

/// Input for `strategyStance`.
#[derive(InputObject)]
pub struct StrategyStanceInput {
    /// ID of the version: proposed, of a team of which the caller is an active member.
    pub id: ID,
    /// The caller's stance on the version.
    pub stance: Stance,
    /// The caller's conviction: 1 (hardly convinced) to 5 (fully convinced).
    pub conviction: i32,
    /// The caller's comment, shown with the stance: up to 1,000 characters.
    pub comment: Option<String>,
    /// The `version` you last read. Fails with `CONFLICT` if the object has changed since. Stances of other members do
    /// not change it.
    pub expected_version: Option<i32>,
}

/// Input for `strategyRatify`.
#[derive(InputObject)]
pub struct StrategyRatifyInput {
    /// ID of the version, which must be proposed.
    pub id: ID,
    /// Stances of members without a login, as given in the room: at most 100. Each is saved with the person who
    /// recorded it.
    #[graphql(default)]
    pub recorded: Vec<RecordedStanceInput>,
    /// The `version` you last read. Fails with `CONFLICT` if the object has changed since.
    pub expected_version: Option<i32>,
}

/// Input for `strategyReadBack`.
#[derive(InputObject)]
pub struct StrategyReadBackInput {
    /// ID of the version, which must be ratified. You must be an active member of its team.
    pub id: ID,
    /// What the version says, in your own words: 1 to 2,000 characters.
    pub text: String,
    /// The `version` you last read. Fails with `CONFLICT` if the object has changed since. Restatements by others do
    /// not change it.
    pub expected_version: Option<i32>,
}

/// Input for `strategyReadBackJudge`.
#[derive(InputObject)]
pub struct StrategyReadBackJudgeInput {
    /// ID of the restatement, which must not be judged yet.
    pub id: ID,
    /// Whether the restatement matches the version.
    pub matches: bool,
    /// Reply to the member: up to 1,000 characters. Default: empty.
    pub comment: Option<String>,
    /// The `version` you last read. Fails with `CONFLICT` if the restatement has changed since.
    pub expected_version: Option<i32>,
}

/// Input for `strategyShare`.
#[derive(InputObject)]
pub struct StrategyShareInput {
    /// ID of the section.
    pub id: ID,
    /// `true` to share the section with the other teams of the client, `false` to stop sharing it.
    pub shared: bool,
    /// The `version` you last read of the section. Fails with `CONFLICT` if the section has changed since.
    pub expected_version: Option<i32>,
}

/// Checks what a version says against the form and the maximum of its section. Returns the text and the items.
pub(super) fn check_content(
    section: &strategy_section::Model,
    input: &StrategyDraftInput,
) -> Result<(String, Vec<ItemContent>), Error> {
    let mut check = Check::new();
    let maximum = usize::try_from(section.maximum).unwrap_or_default();
    if section.form == SectionForm::Text {
        let message = message!(SECTION_IS_A_TEXT, "The section is a text. Write `text`, and no items.");
        check.refuse_if(!input.items.is_empty(), Code::Invalid, "input.items", message);
        let text = check.text("input.text", input.text.as_deref().unwrap_or_default(), 0..=maximum);
        check.done()?;
        return Ok((text, vec![]));
    }
    let message = message!(SECTION_HAS_ITEMS, "The section has items. Write `items`, and no text.");
    check.refuse_if(input.text.is_some(), Code::Invalid, "input.text", message);
    let message =
        message!(ITEMS_PER_SECTION, "The section has at most {max} items. Leave some out.", max = maximum);
    check.refuse_if(input.items.len() > maximum, Code::Invalid, "input.items", message);
    let mut items = Vec::new();
    for (at, item) in input.items.iter().take(maximum).enumerate() {
        items.push(check_item(&mut check, &format!("input.items.{at}"), section.form, item));
    }
    check.done()?;
    Ok((rules::render_items(&items), items))
}

fn check_item(check: &mut Check, path: &str, form: SectionForm, item: &StrategyItemInput) -> ItemContent {
    use SectionForm::{Swot, Targets, Values};
    let at = |field: &str| format!("{path}.{field}");
    for (field, given, of) in [
        ("quadrant", item.quadrant.is_some(), Swot),
        ("welcome", item.welcome.is_some(), Values),
        ("unwelcome", item.unwelcome.is_some(), Values),
        ("figure", item.figure.is_some(), Targets),
        ("year", item.year.is_some(), Targets),
    ] {
        check.keep(rules::require_item_field(field, given, form == of).map_err(|no| no.at(&at(field))));
    }
    if form != Targets {
        check.keep(
            rules::require_item_field("unit", item.unit.is_some(), false).map_err(|no| no.at(&at("unit"))),
        );
    }
    ItemContent {
        text: check.text(&at("text"), &item.text, 1..=500),
        quadrant: item.quadrant,
        welcome: check.text_if(&at("welcome"), item.welcome.as_ref(), 1..=500),
        unwelcome: check.text_if(&at("unwelcome"), item.unwelcome.as_ref(), 1..=500),
        figure: item.figure.as_ref().map(|figure| figure.0.clone()),
        unit: check.line_if(&at("unit"), item.unit.as_ref(), 0..=40).filter(|unit| !unit.is_empty()),
        year: item.year.map(|year| check.number(&at("year"), year, 2000..=2200)),
    }
}
