//! What a request may cost at most, known before it runs.
//!
//! 1,000 points are 10 ms of CPU, of the server and the database together; `tests/bench` measures how far that holds. A
//! request costs 25, an object 1, a leaf 0, a root field of a mutation 200, unless `@cost(weight:)` on its definition
//! replaces that. A comparison of a filter costs 5, or what `@cost` on the field compared says; conditions on a related
//! row cost what `@cost` there says, and each comparison among them; a key of an order what
//! `@cost` on its value says; each word of a search what `@cost` on its argument says.
//!
//! A list costs its length times one item with all below it. The length is the largest slicing argument given (an
//! integer, or the number of ids in a list), between 0 and 100; or what `@listSize` assumes. A connection is no list
//! itself: its `edges` and `nodes` are, so that filters, `totalCount` and `pageInfo` are paid once for each parent.
//!
//! The sum is an upper bound: fields with the same key count once, `@skip` and `@include` are decided, and of an
//! interface or union only the dearest type counts. Structure has bounded the laid-out document before, so walking
//! it in full is cheap, and the result is kept for each combination of the variables it depends on.

use std::collections::HashMap;

use apollo_compiler::ast::{DirectiveList, Type, Value};
use apollo_compiler::executable::{Field, Operation, Selection, SelectionSet};
use apollo_compiler::response::{JsonMap, JsonValue};
use apollo_compiler::schema::ExtendedType;
use apollo_compiler::{ExecutableDocument, Name, Schema};

use super::selection;

/// The longest page there is; no argument makes a list longer.
const LONGEST_PAGE: u32 = 100;
/// A page where no length is given.
const DEFAULT_PAGE: u32 = 25;
/// A list of objects that nobody annotated.
const ASSUMED_LIST: u32 = 10;
/// Any request: HTTP, its token, its place in a transaction.
pub const REQUEST_WEIGHT: u32 = 25;
/// A root field of a mutation: it locks, writes and audits.
const MUTATION_WEIGHT: u32 = 200;
/// The whole schema is large and always the same: a flat price, whatever is selected of it.
const SCHEMA_WEIGHT: u32 = 3_000;
/// One type of the schema.
const TYPE_WEIGHT: u32 = 10;
/// A comparison with a column.
const COMPARISON_WEIGHT: u32 = 5;

/// The most that an operation can cost, and how that depends on what is found.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Price {
    /// The fixed part.
    once: u32,
    /// The part for objects in lists, for as many as there can be.
    listed: u32,
    /// Objects in the answer at most.
    objects: u32,
}

impl Price {
    /// The most it can be.
    #[must_use]
    pub fn total(self) -> u32 {
        self.once.saturating_add(self.listed)
    }

    /// What is left of it for an answer of so many objects.
    #[must_use]
    pub fn for_objects(self, objects: u32) -> u32 {
        let part = u64::from(self.listed) * u64::from(objects.min(self.objects));
        let part = part.div_ceil(u64::from(self.objects.max(1)));
        self.once.saturating_add(u32::try_from(part).unwrap_or(u32::MAX))
    }

    fn plus(self, other: Self) -> Self {
        Self {
            once: self.once.saturating_add(other.once),
            listed: self.listed.saturating_add(other.listed),
            objects: self.objects.saturating_add(other.objects),
        }
    }

    /// A list of so many.
    fn times(self, items: u32) -> Self {
        Self {
            once: 0,
            listed: items.saturating_mul(self.total()),
            objects: items.saturating_mul(self.objects),
        }
    }
}

/// The most the operation can cost with these variables.
pub fn price(
    document: &ExecutableDocument,
    schema: &Schema,
    operation: &Operation,
    variables: &JsonMap,
) -> Price {
    let walk = Walk { document, schema, variables };
    let (leaf, object) = if operation.is_mutation() { (MUTATION_WEIGHT, MUTATION_WEIGHT) } else { (0, 1) };
    let request = Price { once: REQUEST_WEIGHT, listed: 0, objects: 0 };
    request.plus(walk.sets(&[&operation.selection_set], &ChildWeights { leaf, object, sized: &[], size: 1 }))
}

/// The variables that bound the length of a field's list.
pub fn size_variables(field: &Field) -> impl Iterator<Item = &str> {
    let rule = Rule::of(field);
    let named =
        move |name: &&str| field.specified_argument_by_name(name)?.as_variable().map(|name| name.as_str());
    rule.slicing.into_iter().filter_map(move |name| named(&name))
}

/// The variables inside a field's other arguments, which may be filters, orders and searches.
pub fn priced_variables(field: &Field) -> Vec<String> {
    fn inside(value: &Value, names: &mut Vec<String>) {
        match value {
            Value::Variable(name) => names.push(name.to_string()),
            Value::List(items) => items.iter().for_each(|item| inside(item, names)),
            Value::Object(fields) => fields.iter().for_each(|(_, value)| inside(value, names)),
            _ => {}
        }
    }
    let mut names = vec![];
    let priced = field.arguments.iter().filter(|argument| {
        let definition = field.definition.argument_by_name(&argument.name);
        definition.is_some_and(|definition| is_priced(&definition.ty, &definition.directives))
    });
    priced.for_each(|argument| inside(&argument.value, &mut names));
    names
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

/// What a variable inside a filter, an order or a search means for the cost: values with the same bytes cost the same.
pub fn form(variables: &JsonMap, name: &str, bytes: &mut Vec<u8>) {
    fn walk(value: &JsonValue, bytes: &mut Vec<u8>) {
        match value {
            JsonValue::Null => bytes.push(b'0'),
            JsonValue::Bool(_) | JsonValue::Number(_) => bytes.push(b'1'),
            // a search by the number of its words, an order by its key
            JsonValue::String(text) => {
                bytes.push(b's');
                let text = text.as_str();
                let is_constant =
                    !text.is_empty() && text.bytes().all(|byte| matches!(byte, b'A'..=b'Z' | b'_'));
                match is_constant && text.len() < 64 {
                    true => bytes.extend_from_slice(text.as_bytes()),
                    false => bytes.push(words(text)),
                }
            }
            JsonValue::Array(items) => {
                bytes.push(b'[');
                // the ids and numbers of one comparison cost the same however many they are
                let objects = items.iter().filter(|item| item.is_object() || item.is_array());
                objects.for_each(|item| walk(item, bytes));
                bytes.push(b']');
            }
            JsonValue::Object(fields) => {
                bytes.push(b'{');
                for (name, value) in fields {
                    bytes.extend_from_slice(name.as_str().as_bytes());
                    bytes.push(b':');
                    walk(value, bytes);
                }
                bytes.push(b'}');
            }
        }
    }
    if let Some(value) = variables.get(name) {
        walk(value, bytes);
    }
    bytes.push(b';');
}

fn words(text: &str) -> u8 {
    u8::try_from(text.split_whitespace().count().min(MOST_WORDS)).unwrap_or(u8::MAX)
}

/// Words of a search that count.
const MOST_WORDS: usize = 8;

/// The cost of a field as the schema declares it.
struct Rule<'d> {
    weight: Option<u32>,
    /// Arguments that bound the length of the list.
    slicing: Vec<&'d str>,
    /// Fields of the object that are the list.
    sized: Vec<&'d str>,
    assumed: Option<u32>,
}

impl<'d> Rule<'d> {
    fn of(field: &'d Field) -> Self {
        let definition = &field.definition;
        let weight = weight(&definition.directives);
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

/// The weights of the fields below a field.
struct ChildWeights<'d> {
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
    fn sets(&self, sets: &[&'d SelectionSet], below: &ChildWeights<'_>) -> Price {
        let mut laid_out = FragmentWalk { walk: self, groups: Groups::new(), places: HashMap::new() };
        for set in sets {
            let is_abstract = !matches!(self.schema.types.get(&set.ty), Some(ExtendedType::Object(_)));
            laid_out.set(set, None, is_abstract);
        }
        let mut always = Price::default();
        let mut by_type = HashMap::<&str, Price>::new();
        for (condition, fields) in &laid_out.groups {
            let price = self.field(fields, below);
            let sum = match condition {
                Some(name) => by_type.entry(name.as_str()).or_default(),
                None => &mut always,
            };
            *sum = sum.plus(price);
        }
        always.plus(by_type.into_values().max_by_key(|price| price.total()).unwrap_or_default())
    }

    /// The price of all fields with one key.
    fn field(&self, fields: &[&'d Field], above: &ChildWeights<'_>) -> Price {
        let Some(first) = fields.first() else { return Price::default() };
        let flat = |once| Price { once, ..Price::default() };
        match first.name.as_str() {
            "__schema" => return flat(SCHEMA_WEIGHT),
            "__type" => return flat(TYPE_WEIGHT),
            "__typename" => return flat(0),
            _ => {}
        }
        let rule = Rule::of(first);
        let is_leaf = first.selection_set.is_empty();
        let usual = if is_leaf { above.leaf } else { above.object };
        // a connection's own weight is the price of its default order
        let ordered = first.specified_argument_by_name("orderBy").is_some_and(|order| !order.is_null());
        let weight = rule.weight.filter(|_| !ordered).unwrap_or(usual);
        let arguments = self.arguments(first);
        let size = fields.iter().map(|field| rule.size(field, self.variables)).max().unwrap_or(1);
        let items = if above.sized.contains(&first.name.as_str()) {
            Some(above.size)
        } else {
            (!is_leaf && first.definition.ty.is_list()).then_some(size)
        };
        let sets: Vec<_> = fields.iter().map(|field| &field.selection_set).collect();
        let below = match is_leaf {
            true => Price::default(),
            false => self.sets(&sets, &ChildWeights { leaf: 0, object: 1, sized: &rule.sized, size }),
        };
        let one = Price { once: weight, listed: 0, objects: u32::from(!is_leaf) }.plus(below);
        let all = items.map_or(one, |items| one.times(items));
        all.plus(flat(arguments))
    }

    /// What a field's filters, orders and searches cost. Fields with one key have the same ones.
    fn arguments(&self, field: &Field) -> u32 {
        let mut points = 0_u32;
        for definition in &field.definition.arguments {
            if !is_priced(&definition.ty, &definition.directives) {
                continue;
            }
            let given = field.specified_argument_by_name(&definition.name);
            let value = given.map_or(GivenValue::None, |value| GivenValue::of(value, self.variables));
            points = points.saturating_add(self.argument(&definition.ty, &definition.directives, value));
        }
        points
    }

    fn argument(&self, ty: &Type, directives: &DirectiveList, value: GivenValue<'_>) -> u32 {
        match self.schema.types.get(ty.inner_named_type()) {
            Some(ExtendedType::InputObject(object)) if ty.inner_named_type().ends_with("Filter") => {
                self.filter(object, value)
            }
            Some(ExtendedType::InputObject(object)) => {
                let keys = value.items().into_iter().flat_map(|key| key.fields(self.variables));
                let keys = keys.filter_map(|(name, key)| Some((object.fields.get(name)?, key)));
                keys.map(|(field, key)| self.key(&field.ty, &key)).fold(0, u32::saturating_add)
            }
            _ => weight(directives)
                .unwrap_or(0)
                .saturating_mul(value.text().map_or(0, |text| words(text).into())),
        }
    }

    /// A key of an order.
    fn key(&self, ty: &Type, value: &GivenValue<'_>) -> u32 {
        match self.schema.types.get(ty.inner_named_type()) {
            Some(ExtendedType::Enum(values)) => {
                let chosen = value.text().and_then(|text| values.values.get(text));
                chosen.and_then(|value| weight(&value.directives)).unwrap_or(0)
            }
            _ => 0,
        }
    }

    /// The conditions on a related row.
    fn related(&self, ty: &Type, value: GivenValue<'_>) -> u32 {
        match self.schema.types.get(ty.inner_named_type()) {
            Some(ExtendedType::InputObject(object)) => self.filter(object, value),
            _ => 0,
        }
    }

    fn filter(&self, object: &apollo_compiler::schema::InputObjectType, value: GivenValue<'_>) -> u32 {
        let mut points = 0_u32;
        for item in value.items() {
            for (name, test) in item.fields(self.variables) {
                let Some(field) = object.fields.get(name) else { continue };
                let cost = match name {
                    "and" | "or" | "not" => self.filter(object, test),
                    _ if field.ty.inner_named_type().ends_with("Filter") => {
                        weight(&field.directives).unwrap_or(0).saturating_add(self.related(&field.ty, test))
                    }
                    _ => {
                        let tests = u32::try_from(test.fields(self.variables).len()).unwrap_or(u32::MAX);
                        weight(&field.directives).unwrap_or(COMPARISON_WEIGHT).saturating_mul(tests)
                    }
                };
                points = points.saturating_add(cost);
            }
        }
        points
    }
}

/// Whether an argument's value has a price: a filter, an order, or one that says so.
fn is_priced(ty: &Type, directives: &DirectiveList) -> bool {
    let name = ty.inner_named_type();
    name.ends_with("Filter") || name.ends_with("Order") || directives.has("cost")
}

/// A value of an argument, written out or by a variable.
#[derive(Clone, Copy)]
enum GivenValue<'a> {
    None,
    Literal(&'a Value, &'a JsonMap),
    Json(&'a JsonValue),
}

impl<'a> GivenValue<'a> {
    fn of(value: &'a Value, variables: &'a JsonMap) -> Self {
        match value {
            Value::Null => Self::None,
            Value::Variable(name) => variables.get(name.as_str()).map_or(Self::None, Self::json),
            value => Self::Literal(value, variables),
        }
    }

    fn json(value: &'a JsonValue) -> Self {
        if value.is_null() { Self::None } else { Self::Json(value) }
    }

    /// The items of a list; a single value is a list of one.
    fn items(self) -> Vec<Self> {
        match self {
            Self::None => vec![],
            Self::Literal(Value::List(items), variables) => {
                items.iter().map(|item| Self::of(item, variables)).collect()
            }
            Self::Json(JsonValue::Array(items)) => items.iter().map(Self::json).collect(),
            one => vec![one],
        }
    }

    /// The fields of an object, those that are null or absent left out.
    fn fields(&self, variables: &'a JsonMap) -> Vec<(&'a str, Self)> {
        let all: Vec<(&str, Self)> = match self {
            Self::Literal(Value::Object(fields), _) => {
                fields.iter().map(|(name, value)| (name.as_str(), Self::of(value, variables))).collect()
            }
            Self::Json(JsonValue::Object(fields)) => {
                fields.iter().map(|(name, value)| (name.as_str(), Self::json(value))).collect()
            }
            _ => vec![],
        };
        all.into_iter().filter(|(_, value)| !matches!(value, Self::None)).collect()
    }

    fn text(&self) -> Option<&'a str> {
        match self {
            Self::Literal(Value::String(text), _) => Some(text.as_str()),
            Self::Literal(Value::Enum(name), _) => Some(name.as_str()),
            Self::Json(value) => value.as_str(),
            _ => None,
        }
    }
}

struct FragmentWalk<'w, 'd, 'v> {
    walk: &'w Walk<'d, 'v>,
    groups: Groups<'d>,
    places: HashMap<(Option<&'d str>, &'d str), usize>,
}

impl<'d> FragmentWalk<'_, 'd, '_> {
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
fn weight(directives: &DirectiveList) -> Option<u32> {
    let cost = directives.get("cost")?;
    let weight = cost.specified_argument_by_name("weight")?.as_str()?.parse::<f64>().ok()?;
    let points = weight.ceil().clamp(0.0, f64::from(u32::MAX));
    format!("{points:.0}").parse().ok()
}

fn names<'d>(directive: &'d apollo_compiler::ast::Directive, argument: &str) -> Vec<&'d str> {
    let list = directive.specified_argument_by_name(argument).and_then(|value| value.as_list());
    list.unwrap_or_default().iter().filter_map(|value| value.as_str()).collect()
}
