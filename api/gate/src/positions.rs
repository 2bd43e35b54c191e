//! Where variables stand in an operation, and what apollo's validation leaves open there.
//!
//! Apollo checks a variable that is an argument. Inside a list or an input object it compares no more than the
//! type's name, inside a custom scalar nothing, and it knows neither `@oneOf` nor that an input field may be given
//! once only. A mutation must not begin before such a mistake is seen, so all of that is checked here. So are the
//! values written out that a custom scalar is to take: apollo lets any of them through.

use std::collections::{BTreeSet, HashSet};

use apollo_compiler::ast::{DirectiveList, InputValueDefinition, Type, Value, VariableDefinition};
use apollo_compiler::executable::{Argument, Operation, Selection, SelectionSet};
use apollo_compiler::parser::SourceSpan;
use apollo_compiler::response::JsonValue;
use apollo_compiler::schema::{ExtendedType, InputObjectType};
use apollo_compiler::{ExecutableDocument, Name, Node, Schema};

use super::cost;
use super::refusal::{Code, RequestError};
use super::selection;
use super::{NUL, NUL_REFUSED, ScalarSyntax, syntax_error};

/// The variables of an operation, by use.
#[derive(Debug, Default)]
pub struct VariableUses {
    /// They decide a `@skip` or `@include`.
    pub conditions: BTreeSet<String>,
    /// They bound the length of a list.
    pub sizes: BTreeSet<String>,
    /// They stand in filters, orders and searches, which have their price.
    pub priced: BTreeSet<String>,
    /// Declared nullable, they stand where null cannot: a default lets the document through, an explicit null not.
    pub never_null: BTreeSet<String>,
}

/// Checks the positions of an operation's variables, and collects their uses.
pub fn check(
    document: &ExecutableDocument,
    schema: &Schema,
    scalars: &[ScalarSyntax],
    operation: &Operation,
) -> Result<VariableUses, Vec<RequestError>> {
    let mut walk = Walk {
        document,
        schema,
        scalars,
        variables: &operation.variables,
        seen: HashSet::new(),
        path: Vec::new(),
        uses: VariableUses::default(),
        refusals: Vec::new(),
    };
    walk.directives(&operation.directives);
    for variable in &operation.variables {
        if let Some(value) = &variable.default_value {
            walk.value(Some(&variable.ty), false, value);
        }
    }
    walk.set(&operation.selection_set);
    if walk.refusals.is_empty() { Ok(walk.uses) } else { Err(walk.refusals) }
}

/// Whether exactly one field of the input object must be given.
pub(super) fn one_of(object: &InputObjectType) -> bool {
    object.directives.has("oneOf")
}

struct Walk<'d> {
    document: &'d ExecutableDocument,
    schema: &'d Schema,
    scalars: &'d [ScalarSyntax],
    variables: &'d [Node<VariableDefinition>],
    seen: HashSet<&'d Name>,
    /// From an argument inwards to the value looked at.
    path: Vec<JsonValue>,
    uses: VariableUses,
    refusals: Vec<RequestError>,
}

impl<'d> Walk<'d> {
    fn set(&mut self, set: &'d SelectionSet) {
        for selection in &set.selections {
            self.directives(selection.directives());
            match selection {
                Selection::Field(field) => {
                    let definition = &field.definition;
                    self.arguments(&field.arguments, |name| definition.argument_by_name(name));
                    self.uses.sizes.extend(cost::size_variables(field).map(str::to_owned));
                    self.uses.priced.extend(cost::priced_variables(field));
                    self.set(&field.selection_set);
                }
                Selection::InlineFragment(inline) => self.set(&inline.selection_set),
                Selection::FragmentSpread(spread) => {
                    if self.seen.insert(&spread.fragment_name)
                        && let Some(fragment) = self.document.fragments.get(&spread.fragment_name)
                    {
                        self.directives(&fragment.directives);
                        self.set(&fragment.selection_set);
                    }
                }
            }
        }
    }

    fn directives(&mut self, directives: &'d DirectiveList) {
        for directive in directives.iter() {
            if let Some(name) = selection::condition(directive).and_then(|value| value.as_variable()) {
                self.uses.conditions.insert(name.to_string());
            }
            if let Some(definition) = self.schema.directive_definitions.get(&directive.name) {
                self.arguments(&directive.arguments, |name| definition.argument_by_name(name));
            }
        }
    }

    fn arguments(
        &mut self,
        arguments: &'d [Node<Argument>],
        definition: impl Fn(&str) -> Option<&'d Node<InputValueDefinition>>,
    ) {
        for argument in arguments {
            let definition = definition(&argument.name);
            let defaulted = definition.is_some_and(|definition| definition.default_value.is_some());
            let ty = definition.map(|definition| &*definition.ty);
            self.within(argument.name.as_str().into(), |me| me.value(ty, defaulted, &argument.value));
        }
    }

    fn within(&mut self, step: JsonValue, work: impl FnOnce(&mut Self)) {
        self.path.push(step);
        work(self);
        self.path.pop();
    }

    /// `ty` is none inside a custom scalar, which takes anything.
    fn value(&mut self, ty: Option<&'d Type>, defaulted: bool, value: &'d Node<Value>) {
        if let Some(ty) = ty {
            self.written(ty, value);
        }
        match value.as_ref() {
            Value::Variable(name) => self.variable(ty, defaulted, name, value.location()),
            Value::List(items) => {
                let item = ty.filter(|ty| ty.is_list()).map(Type::item_type);
                for (at, value) in items.iter().enumerate() {
                    self.within(at.into(), |me| me.value(item, false, value));
                }
            }
            Value::String(text) if text.contains(NUL) => self.refuse_value(NUL_REFUSED, value),
            Value::Object(fields) => {
                let object = ty.and_then(|ty| self.schema.types.get(ty.inner_named_type()));
                match object {
                    Some(ExtendedType::InputObject(object)) => self.object(object, fields, value),
                    _ => fields.iter().for_each(|(_, value)| self.value(None, false, value)),
                }
            }
            _ => {}
        }
    }

    fn object(
        &mut self,
        object: &'d InputObjectType,
        fields: &'d [(Name, Node<Value>)],
        whole: &'d Node<Value>,
    ) {
        let mut given = HashSet::new();
        for (name, value) in fields {
            if !given.insert(name.as_str()) {
                let message = format!("field `{}.{name}` is given more than once", object.name);
                self.refuse(&message, value.location());
            }
            if let Some(field) = object.fields.get(name) {
                let defaulted = field.default_value.is_some();
                self.within(name.as_str().into(), |me| me.value(Some(&field.ty), defaulted, value));
            }
        }
        if !one_of(object) {
            return;
        }
        match fields {
            [(_, value)] if value.is_null() => {
                self.refuse(
                    &format!("the field given of `{}` must not be null", object.name),
                    whole.location(),
                );
            }
            [(_, value)] => {
                let definition = value.as_variable().and_then(|name| self.definition(name));
                if definition.is_some_and(|variable| !variable.ty.is_non_null()) {
                    let message = format!("a variable given to `{}` must have a non-null type", object.name);
                    self.refuse(&message, value.location());
                }
            }
            _ => self
                .refuse(&format!("exactly one field of `{}` must be given", object.name), whole.location()),
        }
    }

    /// Whether a value that is no list, or stands where none is wanted, is written as its type is.
    fn written(&mut self, ty: &Type, value: &Node<Value>) {
        let elsewhere = match value.as_ref() {
            Value::Null | Value::Variable(_) => true,
            Value::List(_) => ty.is_list(),
            _ => false,
        };
        if elsewhere {
            return;
        }
        if let Some(wrong) = syntax_error(self.scalars, ty.inner_named_type(), value.as_str()) {
            self.refuse_value(wrong, value);
        }
    }

    fn refuse_value(&mut self, wrong: &str, value: &Node<Value>) {
        let refused = RequestError::new(Code::BadUserInput, wrong).with("path", self.path.clone());
        self.refusals.push(refused.at(value.location(), &self.document.sources));
    }

    /// The specification's IsVariableUsageAllowed.
    fn variable(&mut self, ty: Option<&Type>, defaulted: bool, name: &Name, span: Option<SourceSpan>) {
        let Some(variable) = self.definition(name) else {
            return self.refuse(&format!("variable `${name}` is not defined"), span);
        };
        let Some(ty) = ty else { return };
        let allowed = if ty.is_non_null() && !variable.ty.is_non_null() {
            let own_default = variable.default_value.as_ref().is_some_and(|value| !value.is_null());
            self.uses.never_null.insert(name.to_string());
            (own_default || defaulted) && variable.ty.is_assignable_to(&ty.clone().nullable())
        } else {
            variable.ty.is_assignable_to(ty)
        };
        if !allowed {
            let message = format!(
                "variable `${name}` of type `{}` cannot be used where `{ty}` is expected",
                variable.ty
            );
            self.refuse(&message, span);
        }
    }

    fn definition(&self, name: &Name) -> Option<&'d Node<VariableDefinition>> {
        self.variables.iter().find(|variable| variable.name == *name)
    }

    fn refuse(&mut self, message: &str, span: Option<SourceSpan>) {
        self.refusals.push(RequestError::invalid(message, span, &self.document.sources));
    }
}
