//! The fields that selections select of a concrete object: the specification's CollectFields.

use std::collections::{BTreeSet, HashMap, HashSet};

use apollo_compiler::executable::{Directive, DirectiveList, Field, Selection, SelectionSet, Value};
use apollo_compiler::response::JsonMap;
use apollo_compiler::{ExecutableDocument, Name, Node, Schema};

/// One key of the answer, with the fields selected under it.
#[derive(Clone, Debug)]
pub struct SelectedField<'d> {
    /// The key in the answer: the alias, or else the name.
    pub key: &'d str,
    /// The first field written with this key. The others have the same name and arguments: validation saw to it.
    pub field: &'d Field,
    /// The selection sets of all fields with this key, in the order written; none for a leaf.
    pub sets: Vec<&'d SelectionSet>,
}

/// The fields that `sets` together select of an object of `object_type`, in the order of the answer.
///
/// Fragments are laid out in place where their condition holds for the type, `@skip` and `@include` are decided by
/// `variables` (coerced), and the same keys are one. Every variable that decided is added to `decided`, because
/// its value is then part of what a plan depends on.
pub fn collect_fields<'d>(
    document: &'d ExecutableDocument,
    schema: &Schema,
    sets: &[&'d SelectionSet],
    object_type: &str,
    variables: &JsonMap,
    decided: &mut BTreeSet<String>,
) -> Vec<SelectedField<'d>> {
    let mut collector = Collector {
        document,
        schema,
        object_type,
        variables,
        decided,
        spread: HashSet::new(),
        places: HashMap::new(),
        chosen: Vec::new(),
    };
    for set in sets {
        // A fragment spread in one set adds nothing new in the next, so one list of what was spread serves all.
        collector.set(set);
    }
    collector.chosen
}

/// Whether `@skip` and `@include` let a selection through; both must. `consulted` hears of each variable asked.
pub(super) fn included<'d>(
    directives: &'d DirectiveList,
    variables: &JsonMap,
    mut consulted: impl FnMut(&'d str),
) -> bool {
    let mut kept = true;
    for directive in directives.iter() {
        let stops_when = match directive.name.as_str() {
            "skip" => true,
            "include" => false,
            _ => continue,
        };
        let holds = match condition(directive).map(AsRef::as_ref) {
            Some(Value::Boolean(holds)) => *holds,
            Some(Value::Variable(name)) => {
                consulted(name.as_str());
                variables.get(name.as_str()).and_then(|value| value.as_bool()).unwrap_or(false)
            }
            // Validation leaves nothing else.
            _ => continue,
        };
        kept &= holds != stops_when;
    }
    kept
}

/// The `if` of a `@skip` or `@include`.
pub(super) fn condition(directive: &Directive) -> Option<&Node<Value>> {
    matches!(directive.name.as_str(), "skip" | "include")
        .then(|| directive.specified_argument_by_name("if"))?
}

struct Collector<'d, 'a> {
    document: &'d ExecutableDocument,
    schema: &'a Schema,
    object_type: &'a str,
    variables: &'a JsonMap,
    decided: &'a mut BTreeSet<String>,
    spread: HashSet<&'d Name>,
    places: HashMap<&'d str, usize>,
    chosen: Vec<SelectedField<'d>>,
}

impl<'d> Collector<'d, '_> {
    fn set(&mut self, set: &'d SelectionSet) {
        for selection in &set.selections {
            let (variables, decided) = (self.variables, &mut *self.decided);
            let note = |name: &str| {
                if !decided.contains(name) {
                    decided.insert(name.to_owned());
                }
            };
            if !included(selection.directives(), variables, note) {
                continue;
            }
            match selection {
                Selection::Field(field) => self.field(field),
                Selection::InlineFragment(inline) => {
                    if inline.type_condition.as_ref().is_none_or(|condition| self.applies(condition)) {
                        self.set(&inline.selection_set);
                    }
                }
                Selection::FragmentSpread(spread) => {
                    if self.spread.insert(&spread.fragment_name)
                        && let Some(fragment) = self.document.fragments.get(&spread.fragment_name)
                        && self.applies(fragment.type_condition())
                    {
                        self.set(&fragment.selection_set);
                    }
                }
            }
        }
    }

    fn field(&mut self, field: &'d Field) {
        let key = field.response_key().as_str();
        let place = *self.places.entry(key).or_insert_with(|| {
            self.chosen.push(SelectedField { key, field, sets: Vec::new() });
            self.chosen.len() - 1
        });
        if !field.selection_set.is_empty() {
            self.chosen[place].sets.push(&field.selection_set);
        }
    }

    fn applies(&self, condition: &Name) -> bool {
        condition == self.object_type || self.schema.is_subtype(condition, self.object_type)
    }
}
