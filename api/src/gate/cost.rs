//! What a request may cost at most, told before it runs.
//!
//! A leaf costs 0, an object 1, a root field of a mutation 10, unless `@cost(weight:)` on its definition says
//! otherwise. A list costs its length times one item with all below it. The length is the largest slicing argument
//! given (an integer, or the number of ids in a list), between 0 and 100; or what `@listSize` assumes. A connection
//! is no list itself: its `edges` and `nodes` are, so that `totalCount` and `pageInfo` are paid once.
//!
//! The sum is an upper bound: fields with the same key count once, `@skip` and `@include` are decided, and of an
//! interface or union only the dearest type counts. Structure has bounded the laid-out document before, so walking
//! it in full is cheap, and the result is kept for each combination of the variables it depends on.

use std::collections::HashMap;

use apollo_compiler::ast::{Directive, Value};
use apollo_compiler::executable::{Field, Operation, Selection, SelectionSet};
use apollo_compiler::response::JsonMap;
use apollo_compiler::schema::ExtendedType;
use apollo_compiler::{ExecutableDocument, Name, Schema};

use super::selection;

/// The longest page there is; no argument makes a list longer.
const LONGEST_PAGE: u32 = 100;
/// A page where no length is given.
const DEFAULT_PAGE: u32 = 25;
/// A list of objects that nobody annotated.
const ASSUMED_LIST: u32 = 10;
/// A root field of a mutation: it locks, writes and audits.
const MUTATION_WEIGHT: u32 = 10;
/// The whole schema is large and always the same: a flat price, whatever is selected of it.
const SCHEMA_WEIGHT: u32 = 100;
/// One type of the schema.
const TYPE_WEIGHT: u32 = 10;

/// The most the operation can cost with these variables.
pub fn cost(
    document: &ExecutableDocument,
    schema: &Schema,
    operation: &Operation,
    variables: &JsonMap,
) -> u32 {
    let walk = Walk { document, schema, variables };
    let (leaf, object) = if operation.is_mutation() { (MUTATION_WEIGHT, MUTATION_WEIGHT) } else { (0, 1) };
    walk.sets(&[&operation.selection_set], &Below { leaf, object, sized: &[], size: 1 })
}

/// The variables that say how long a field's list may become.
pub fn size_variables(field: &Field) -> impl Iterator<Item = &str> {
    let rule = Rule::of(field);
    let named =
        move |name: &&str| field.specified_argument_by_name(name)?.as_variable().map(|name| name.as_str());
    rule.slicing.into_iter().filter_map(move |name| named(&name))
}

/// What a variable's value means for the cost, in a byte: values with the same byte cost the same.
pub fn influence(variables: &JsonMap, name: &str) -> u8 {
    let Some(value) = variables.get(name).filter(|value| !value.is_null()) else { return u8::MAX };
    if let Some(truth) = value.as_bool() {
        return 200 + u8::from(truth);
    }
    let length = value.as_array().map(|items| length(items.len()));
    let length = length.or_else(|| value.as_i64().map(page));
    length.and_then(|length| u8::try_from(length).ok()).unwrap_or(1)
}

/// What the schema says of a field's cost.
struct Rule<'d> {
    weight: Option<u32>,
    /// Arguments that say how long the list becomes.
    slicing: Vec<&'d str>,
    /// Fields of the object that are the list.
    sized: Vec<&'d str>,
    assumed: Option<u32>,
}

impl<'d> Rule<'d> {
    fn of(field: &'d Field) -> Self {
        let definition = &field.definition;
        let weight = definition.directives.get("cost").and_then(|cost| weight(cost));
        let list = definition.directives.get("listSize").map(|list| &**list);
        let mut rule = Self {
            weight,
            slicing: list.map(|list| names(list, "slicingArguments")).unwrap_or_default(),
            sized: list.map(|list| names(list, "sizedFields")).unwrap_or_default(),
            assumed: list
                .and_then(|list| list.specified_argument_by_name("assumedSize")?.to_i32())
                .map(positive),
        };
        let connection =
            !definition.ty.is_list() && definition.ty.inner_named_type().as_str().ends_with("Connection");
        let paged = ["first", "last"].iter().any(|name| definition.argument_by_name(name).is_some());
        if connection && (list.is_some() || paged) {
            if list.is_none() {
                rule.slicing = vec!["first", "last"];
            }
            if rule.sized.is_empty() {
                rule.sized = vec!["edges", "nodes"];
            }
        }
        rule
    }

    /// How long the list becomes with these arguments.
    fn size(&self, field: &Field, variables: &JsonMap) -> u32 {
        let given = |name: &&str| given_size(field.specified_argument_by_name(name)?, variables);
        let by_default = |name: &&str| {
            let definition = field.definition.argument_by_name(name)?;
            given_size(definition.default_value.as_ref()?, variables)
        };
        let asked = self.slicing.iter().filter_map(given).max();
        let asked = asked.or_else(|| self.slicing.iter().filter_map(by_default).max());
        asked.or(self.assumed).unwrap_or(if self.slicing.is_empty() { ASSUMED_LIST } else { DEFAULT_PAGE })
    }
}

/// What a field hands down to the fields below it.
struct Below<'d> {
    /// What a leaf costs here.
    leaf: u32,
    /// What an object costs here.
    object: u32,
    sized: &'d [&'d str],
    size: u32,
}

struct Walk<'d, 'v> {
    document: &'d ExecutableDocument,
    schema: &'d Schema,
    variables: &'v JsonMap,
}

/// Fields that share a key, and the object type they are conditional on where the parent is abstract.
type Groups<'d> = Vec<(Option<&'d Name>, Vec<&'d Field>)>;

impl<'d> Walk<'d, '_> {
    fn sets(&self, sets: &[&'d SelectionSet], below: &Below<'_>) -> u32 {
        let mut laid_out = LaidOut { walk: self, groups: Groups::new(), places: HashMap::new() };
        for set in sets {
            let is_abstract = !matches!(self.schema.types.get(&set.ty), Some(ExtendedType::Object(_)));
            laid_out.set(set, None, is_abstract);
        }
        let mut always = 0_u32;
        let mut by_type = HashMap::<&str, u32>::new();
        for (condition, fields) in &laid_out.groups {
            let cost = self.field(fields, below);
            let sum = match condition {
                Some(name) => by_type.entry(name.as_str()).or_default(),
                None => &mut always,
            };
            *sum = sum.saturating_add(cost);
        }
        always.saturating_add(by_type.into_values().max().unwrap_or(0))
    }

    /// The cost of all fields with one key.
    fn field(&self, fields: &[&'d Field], above: &Below<'_>) -> u32 {
        let Some(first) = fields.first() else { return 0 };
        match first.name.as_str() {
            "__schema" => return SCHEMA_WEIGHT,
            "__type" => return TYPE_WEIGHT,
            "__typename" => return 0,
            _ => {}
        }
        let rule = Rule::of(first);
        let is_leaf = first.selection_set.is_empty();
        let weight = rule.weight.unwrap_or(if is_leaf { above.leaf } else { above.object });
        let size = fields.iter().map(|field| rule.size(field, self.variables)).max().unwrap_or(1);
        let items = if above.sized.contains(&first.name.as_str()) {
            above.size
        } else if is_leaf || !first.definition.ty.is_list() {
            1
        } else {
            size
        };
        let sets: Vec<_> = fields.iter().map(|field| &field.selection_set).collect();
        let below = match is_leaf {
            true => 0,
            false => self.sets(&sets, &Below { leaf: 0, object: 1, sized: &rule.sized, size }),
        };
        items.saturating_mul(weight.saturating_add(below))
    }
}

struct LaidOut<'w, 'd, 'v> {
    walk: &'w Walk<'d, 'v>,
    groups: Groups<'d>,
    places: HashMap<(Option<&'d str>, &'d str), usize>,
}

impl<'d> LaidOut<'_, 'd, '_> {
    fn set(&mut self, set: &'d SelectionSet, condition: Option<&'d Name>, is_abstract: bool) {
        for selection in &set.selections {
            if !selection::included(selection.directives(), self.walk.variables, |_| {}) {
                continue;
            }
            let inner = match selection {
                Selection::Field(field) => {
                    let key = (condition.map(Name::as_str), field.response_key().as_str());
                    let place = *self.places.entry(key).or_insert(self.groups.len());
                    match self.groups.get_mut(place) {
                        Some((_, fields)) => fields.push(field),
                        None => self.groups.push((condition, vec![field])),
                    }
                    continue;
                }
                Selection::InlineFragment(inline) => Some(&inline.selection_set),
                Selection::FragmentSpread(spread) => {
                    spread.fragment_def(self.walk.document).map(|fragment| &fragment.selection_set)
                }
            };
            if let Some(inner) = inner {
                let is_object =
                    matches!(self.walk.schema.types.get(&inner.ty), Some(ExtendedType::Object(_)));
                // An object inside another object's condition never applies; validation refuses it.
                let narrows = is_abstract && condition.is_none() && is_object;
                self.set(inner, if narrows { Some(&inner.ty) } else { condition }, is_abstract);
            }
        }
    }
}

fn given_size(value: &Value, variables: &JsonMap) -> Option<u32> {
    match value {
        Value::Int(_) => Some(value.to_i32().map_or(LONGEST_PAGE, |asked| page(i64::from(asked)))),
        Value::List(items) => Some(length(items.len())),
        Value::Variable(name) => match variables.get(name.as_str())? {
            value if value.is_null() => None,
            value => match value.as_array() {
                Some(items) => Some(length(items.len())),
                None => Some(value.as_i64().map_or(1, page)),
            },
        },
        Value::Null => None,
        // One id where a list is taken.
        _ => Some(1),
    }
}

fn page(asked: i64) -> u32 {
    u32::try_from(asked.clamp(0, i64::from(LONGEST_PAGE))).unwrap_or(LONGEST_PAGE)
}

fn length(items: usize) -> u32 {
    u32::try_from(items).unwrap_or(LONGEST_PAGE).min(LONGEST_PAGE)
}

fn positive(number: i32) -> u32 {
    u32::try_from(number).unwrap_or(0)
}

/// Weights are strings in the published form and may have decimals; we count whole points, rounded up.
fn weight(cost: &Directive) -> Option<u32> {
    let weight = cost.specified_argument_by_name("weight")?.as_str()?.parse::<f64>().ok()?;
    let points = weight.ceil().clamp(0.0, f64::from(u32::MAX));
    format!("{points:.0}").parse().ok()
}

fn names<'d>(directive: &'d Directive, argument: &str) -> Vec<&'d str> {
    let list = directive.specified_argument_by_name(argument).and_then(|value| value.as_list());
    list.unwrap_or_default().iter().filter_map(|value| value.as_str()).collect()
}
