//! A mutation written out plainly, for an executor that merges nothing.
//!
//! async-graphql runs a field written twice twice, and knows no difference between a variable left out and a
//! variable that is missing. So it is given a document in which nothing is left to decide: `@skip` and `@include`
//! are gone, fragments are laid out in place, each key is written once, arguments whose variable has no value are
//! dropped, and so are variables nobody uses. Variables keep their names.

use std::collections::BTreeSet;
use std::fmt::Write;
use std::ptr;

use apollo_compiler::ast::{Directive, DirectiveList, Value};
use apollo_compiler::collections::HashMap;
use apollo_compiler::executable::{Operation, SelectionSet};
use apollo_compiler::response::{JsonMap, serde_json_bytes::serde_json};
use apollo_compiler::schema::{ExtendedType, Implementers};
use apollo_compiler::{ExecutableDocument, Name, Node, Schema};

use super::selection::{Chosen, collect};
use super::structure;
use super::{Limits, Refused};

/// An object of which nothing is asked still needs a selection, so it gets one that never answers.
const NOTHING: &str = "__typename @skip(if: true)";

/// What printing needs to know.
pub struct Source<'d> {
    /// The document as admitted.
    pub document: &'d ExecutableDocument,
    /// Its operation.
    pub operation: &'d Operation,
    /// The schema it was validated against.
    pub schema: &'d Schema,
    /// Who implements which interface.
    pub implementers: &'d HashMap<Name, Implementers>,
    /// Coerced variables.
    pub variables: &'d JsonMap,
}

/// The operation as canonical text.
pub fn text(source: &Source<'_>, limits: &Limits) -> Result<String, Refused> {
    let mut printer = Printer { source, most_fields: limits.fields, fields: 0, used: BTreeSet::new() };
    let mut body = String::new();
    printer.directives(&source.operation.directives, &mut body);
    printer.object(&[&source.operation.selection_set], source.operation.object_type(), &mut body)?;
    let mut text = source.operation.operation_type.name().to_owned();
    if let Some(name) = &source.operation.name {
        text.push(' ');
        text.push_str(name);
    }
    printer.variables(&mut text);
    text.push_str(&body);
    Ok(text)
}

struct Printer<'d> {
    source: &'d Source<'d>,
    most_fields: usize,
    fields: usize,
    used: BTreeSet<&'d str>,
}

impl<'d> Printer<'d> {
    fn variables(&self, out: &mut String) {
        let used =
            self.source.operation.variables.iter().filter(|variable| self.used.contains(&*variable.name));
        let printed: Vec<_> = used
            .map(|variable| {
                let mut text = format!("${}: {}", variable.name, variable.ty);
                if let Some(default) = &variable.default_value {
                    text.push_str(" = ");
                    constant(default, &mut text);
                }
                text
            })
            .collect();
        if !printed.is_empty() {
            out.push('(');
            out.push_str(&printed.join(", "));
            out.push(')');
        }
    }

    /// A selection set on whatever type: where the types of an interface or union are asked for different things,
    /// each is written by itself.
    fn set(&mut self, sets: &[&'d SelectionSet], type_name: &Name, out: &mut String) -> Result<(), Refused> {
        let possible: Vec<&Name> = match self.source.schema.types.get(type_name) {
            Some(ExtendedType::Interface(_)) => self
                .source
                .implementers
                .get(type_name)
                .map(|implementers| implementers.objects.iter().collect())
                .unwrap_or_default(),
            Some(ExtendedType::Union(union)) => union.members.iter().map(|member| &member.name).collect(),
            _ => return self.object(sets, type_name, out),
        };
        let asked: Vec<_> = possible.iter().map(|name| (*name, self.chosen(sets, name))).collect();
        let Some(((_, first), rest)) = asked.split_first() else {
            out.push_str(" { ");
            out.push_str(NOTHING);
            out.push_str(" }");
            return Ok(());
        };
        if rest.iter().all(|(_, other)| same(first, other)) {
            return self.fields(first, out);
        }
        out.push_str(" {");
        for (name, chosen) in asked.iter().filter(|(_, chosen)| !chosen.is_empty()) {
            let _ = write!(out, " ... on {name}");
            self.fields(chosen, out)?;
        }
        out.push_str(" }");
        Ok(())
    }

    fn object(
        &mut self,
        sets: &[&'d SelectionSet],
        type_name: &str,
        out: &mut String,
    ) -> Result<(), Refused> {
        let chosen = self.chosen(sets, type_name);
        self.fields(&chosen, out)
    }

    fn chosen(&self, sets: &[&'d SelectionSet], type_name: &str) -> Vec<Chosen<'d>> {
        let Source { document, schema, variables, .. } = self.source;
        collect(document, schema, sets, type_name, variables, &mut BTreeSet::new())
    }

    fn fields(&mut self, chosen: &[Chosen<'d>], out: &mut String) -> Result<(), Refused> {
        out.push_str(" {");
        if chosen.is_empty() {
            out.push(' ');
            out.push_str(NOTHING);
        }
        for Chosen { key, field, sets } in chosen {
            self.fields += 1;
            if self.fields > self.most_fields {
                // Types of an interface written one by one can come to more than the document as laid out.
                return Err(structure::over("fields", self.most_fields));
            }
            out.push(' ');
            if *key != field.name.as_str() {
                let _ = write!(out, "{key}: ");
            }
            out.push_str(&field.name);
            self.arguments(field.arguments.iter().map(|argument| (&argument.name, &argument.value)), out);
            self.directives(&field.directives, out);
            if !sets.is_empty() {
                self.set(sets, field.definition.ty.inner_named_type(), out)?;
            }
        }
        out.push_str(" }");
        Ok(())
    }

    fn directives(&mut self, directives: &'d DirectiveList, out: &mut String) {
        let decided = |directive: &&Node<Directive>| matches!(directive.name.as_str(), "skip" | "include");
        for directive in directives.iter().filter(|directive| !decided(directive)) {
            let _ = write!(out, " @{}", directive.name);
            self.arguments(directive.arguments.iter().map(|argument| (&argument.name, &argument.value)), out);
        }
    }

    fn arguments(&mut self, arguments: impl Iterator<Item = (&'d Name, &'d Node<Value>)>, out: &mut String) {
        let mut opening = "(";
        for (name, value) in arguments {
            if !self.is_absent(value) {
                let _ = write!(out, "{opening}{name}: ");
                self.value(value, out);
                opening = ", ";
            }
        }
        if opening != "(" {
            out.push(')');
        }
    }

    fn value(&mut self, value: &'d Value, out: &mut String) {
        match value {
            // Only in a list: elsewhere its place was dropped.
            Value::Variable(_) if self.is_absent(value) => out.push_str("null"),
            Value::Variable(name) => {
                self.used.insert(name.as_str());
                let _ = write!(out, "${name}");
            }
            Value::List(items) => {
                out.push('[');
                for (at, item) in items.iter().enumerate() {
                    out.push_str(if at == 0 { "" } else { ", " });
                    self.value(item, out);
                }
                out.push(']');
            }
            Value::Object(fields) => {
                let mut opening = "";
                out.push('{');
                for (name, value) in
                    fields.iter().filter(|(_, value)| !self.is_absent(value)).collect::<Vec<_>>()
                {
                    let _ = write!(out, "{opening}{name}: ");
                    self.value(value, out);
                    opening = ", ";
                }
                out.push('}');
            }
            other => constant(other, out),
        }
    }

    /// A variable without a value is as if the argument had not been written.
    fn is_absent(&self, value: &Value) -> bool {
        value.as_variable().is_some_and(|name| !self.source.variables.contains_key(name.as_str()))
    }
}

/// A value without variables. Strings are written as JSON, whose escapes GraphQL shares, because block strings and
/// their indentation are read in more than one way.
fn constant(value: &Value, out: &mut String) {
    match value {
        Value::String(text) => out.push_str(&serde_json::Value::from(text.as_str()).to_string()),
        Value::List(items) => {
            out.push('[');
            for (at, item) in items.iter().enumerate() {
                out.push_str(if at == 0 { "" } else { ", " });
                constant(item, out);
            }
            out.push(']');
        }
        Value::Object(fields) => {
            out.push('{');
            for (at, (name, value)) in fields.iter().enumerate() {
                let _ = write!(out, "{}{name}: ", if at == 0 { "" } else { ", " });
                constant(value, out);
            }
            out.push('}');
        }
        other => {
            let _ = write!(out, "{}", other.serialize().no_indent());
        }
    }
}

/// Whether two types are asked for the very same fields.
fn same(one: &[Chosen<'_>], other: &[Chosen<'_>]) -> bool {
    let same_sets = |one: &[&SelectionSet], other: &[&SelectionSet]| {
        one.len() == other.len() && one.iter().zip(other).all(|(one, other)| ptr::eq(*one, *other))
    };
    one.len() == other.len()
        && one.iter().zip(other).all(|(one, other)| {
            one.key == other.key && ptr::eq(one.field, other.field) && same_sets(&one.sets, &other.sets)
        })
}
