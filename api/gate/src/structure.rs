//! The size of a document, as written and with its fragments laid out, from its syntax alone.
//!
//! Each fragment is measured once and its measure reused, so a document that doubles itself thirty times costs
//! thirty steps. Whatever passes here is small when laid out in full: validation, cost and planning rely on it.

use std::collections::{HashMap, HashSet};

use apollo_compiler::Node;
use apollo_compiler::ast::{Definition, DirectiveList, Document, FragmentDefinition, Selection, Value};
use apollo_compiler::parser::SourceMap;

use super::Limits;
use super::refusal::RequestError;

/// Selections laid out may be this many times the fields: spreads and inline fragments around each field.
const SELECTIONS_PER_FIELD: usize = 4;

/// Measures a document and refuses what is over a limit. Returns the number of selections visited.
pub fn check(document: &Document, limits: &Limits) -> Result<usize, Vec<RequestError>> {
    let mut measure = Measure::new(document, limits);
    let laid_out = measure.operations(document).map_err(|refused| vec![refused])?;
    let refusals = measure.refusals(&laid_out);
    if refusals.is_empty() { Ok(measure.visited) } else { Err(refusals) }
}

/// What a selection set comes to when its fragments are laid out.
#[derive(Clone, Copy, Default)]
struct Size {
    fields: usize,
    selections: usize,
    /// Fields inside fields.
    depth: usize,
    /// Anything inside anything: bounds the recursion of all who come after.
    levels: usize,
    /// Fields of the set itself, not of their sets.
    own: usize,
}

enum Fragment {
    Underway,
    Measured(Size),
}

struct Measure<'d> {
    limits: &'d Limits,
    sources: &'d SourceMap,
    definitions: HashMap<&'d str, &'d Node<FragmentDefinition>>,
    measured: HashMap<&'d str, Fragment>,
    visited: usize,
    fields: usize,
    aliases: usize,
    directives: usize,
    fragments: usize,
    longest_list: usize,
    repeated: bool,
}

impl<'d> Measure<'d> {
    fn new(document: &'d Document, limits: &'d Limits) -> Self {
        let fragments: Vec<_> =
            document.definitions.iter().filter_map(Definition::as_fragment_definition).collect();
        Self {
            limits,
            sources: &document.sources,
            fragments: fragments.len(),
            definitions: fragments.into_iter().map(|fragment| (fragment.name.as_str(), fragment)).collect(),
            measured: HashMap::new(),
            visited: 0,
            fields: 0,
            aliases: 0,
            directives: 0,
            longest_list: 0,
            repeated: false,
        }
    }

    /// All operations together, save for the root fields, which are those of the largest.
    fn operations(&mut self, document: &'d Document) -> Result<Size, RequestError> {
        if self.fragments > self.limits.fragments {
            // Before anything walks them.
            return Err(self.over_limit("fragments", self.limits.fragments));
        }
        let mut all = Size::default();
        for definition in &document.definitions {
            match definition {
                Definition::OperationDefinition(operation) => {
                    self.directives(&operation.directives);
                    for variable in &operation.variables {
                        self.directives(&variable.directives);
                        variable.default_value.iter().for_each(|value| self.value(value));
                    }
                    let size = self.set(&operation.selection_set, 1)?;
                    all.fields = all.fields.saturating_add(size.fields);
                    all.selections = all.selections.saturating_add(size.selections);
                    all.depth = all.depth.max(size.depth);
                    all.own = all.own.max(size.own);
                }
                // Unused ones too: validation walks them before it says that they are unused.
                Definition::FragmentDefinition(fragment) => {
                    self.fragment(fragment.name.as_str(), 1)?;
                }
                _ => {}
            }
        }
        Ok(all)
    }

    fn set(&mut self, set: &'d [Selection], level: usize) -> Result<Size, RequestError> {
        if level > self.limits.nesting {
            return Err(self.over_limit("nesting", self.limits.nesting));
        }
        self.repeats(set);
        let mut size = Size { levels: 1, ..Size::default() };
        for selection in set {
            self.visited += 1;
            let part = match selection {
                Selection::Field(field) => {
                    self.fields += 1;
                    self.aliases += usize::from(field.alias.is_some());
                    self.directives(&field.directives);
                    field.arguments.iter().for_each(|argument| self.value(&argument.value));
                    let below = match field.selection_set.as_slice() {
                        [] => Size::default(),
                        set => self.set(set, level + 1)?,
                    };
                    Size { fields: below.fields.saturating_add(1), depth: below.depth + 1, own: 1, ..below }
                }
                Selection::InlineFragment(inline) => {
                    self.directives(&inline.directives);
                    self.set(&inline.selection_set, level + 1)?
                }
                Selection::FragmentSpread(spread) => {
                    self.directives(&spread.directives);
                    self.fragment(spread.fragment_name.as_str(), level + 1)?
                }
            };
            size.fields = size.fields.saturating_add(part.fields);
            size.selections = size.selections.saturating_add(part.selections).saturating_add(1);
            size.own = size.own.saturating_add(part.own);
            size.depth = size.depth.max(part.depth);
            size.levels = size.levels.max(part.levels + 1);
        }
        Ok(size)
    }

    fn fragment(&mut self, name: &'d str, level: usize) -> Result<Size, RequestError> {
        let Some(&fragment) = self.definitions.get(name) else {
            // Validation names it.
            return Ok(Size::default());
        };
        match self.measured.get(name) {
            Some(Fragment::Measured(size)) if level + size.levels > self.limits.nesting + 1 => {
                Err(self.over_limit("nesting", self.limits.nesting))
            }
            Some(Fragment::Measured(size)) => Ok(*size),
            Some(Fragment::Underway) => {
                let message = format!("fragment `{name}` contains itself");
                Err(RequestError::invalid(&message, fragment.location(), self.sources))
            }
            None => {
                self.measured.insert(name, Fragment::Underway);
                self.directives(&fragment.directives);
                let size = self.set(&fragment.selection_set, level)?;
                self.measured.insert(name, Fragment::Measured(size));
                Ok(size)
            }
        }
    }

    fn directives(&mut self, directives: &'d DirectiveList) {
        self.directives += directives.len();
        for directive in directives.iter() {
            directive.arguments.iter().for_each(|argument| self.value(&argument.value));
        }
    }

    fn value(&mut self, value: &'d Value) {
        match value {
            Value::List(items) => {
                self.longest_list = self.longest_list.max(items.len());
                items.iter().for_each(|item| self.value(item));
            }
            Value::Object(fields) => fields.iter().for_each(|(_, value)| self.value(value)),
            _ => {}
        }
    }

    /// Whether one set writes the same key over and over. It would merge to one, after costing us all of them.
    fn repeats(&mut self, set: &'d [Selection]) {
        if set.len() > self.limits.aliases && !self.repeated {
            let fields: Vec<_> = set.iter().filter_map(Selection::as_field).collect();
            let keys: HashSet<_> = fields.iter().map(|field| field.response_name()).collect();
            self.repeated = fields.len() - keys.len() > self.limits.aliases;
        }
    }

    fn refusals(&self, laid_out: &Size) -> Vec<RequestError> {
        let limits = self.limits;
        let fields = self.fields.max(laid_out.fields);
        let most_selections = limits.fields.saturating_mul(SELECTIONS_PER_FIELD);
        let checks = [
            ("depth", laid_out.depth > limits.depth, limits.depth),
            ("fields", fields > limits.fields || laid_out.selections > most_selections, limits.fields),
            ("root_fields", laid_out.own > limits.root_fields, limits.root_fields),
            ("aliases", self.aliases > limits.aliases, limits.aliases),
            ("repeats", self.repeated, limits.aliases),
            ("directives", self.directives > limits.directives, limits.directives),
            ("list", self.longest_list > limits.list, limits.list),
        ];
        checks
            .into_iter()
            .filter(|(_, exceeded, _)| *exceeded)
            .map(|(limit, _, maximum)| self.over_limit(limit, maximum))
            .collect()
    }

    fn over_limit(&self, limit: &str, maximum: usize) -> RequestError {
        over_limit(limit, maximum)
    }
}

/// A refusal that names the limit and its value.
pub fn over_limit(limit: &str, maximum: usize) -> RequestError {
    let what = match limit {
        "tokens" => "the document has too many tokens",
        "nesting" => "the document is nested too deeply",
        "depth" => "fields are nested too deeply",
        "fields" => "the document selects too many fields",
        "root_fields" => "the operation has too many root fields",
        "aliases" => "the document has too many aliases",
        "repeats" => "the document repeats a field too often",
        "directives" => "the document has too many directives",
        "fragments" => "the document has too many fragments",
        "list" => "a list is too long",
        "variables" => "the variables are nested too deeply",
        _ => "the document is too large",
    };
    let message = format!("{what}: at most {maximum} are allowed");
    RequestError::limit(limit, maximum, &message)
}
