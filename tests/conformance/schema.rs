//! The schema as clients see it: kept as text at the root of the repository, so that every change shows in review;
//! documented throughout; and regular.

use apollo_compiler::{
    Name, Node, Schema,
    ast::{DirectiveList, Type},
    schema::{Component, ExtendedType, FieldDefinition, InputValueDefinition},
};
use concord::schema::{schema, sdl};
use std::{collections::BTreeSet, path::PathBuf};

#[test]
fn the_schema_in_the_repository_is_the_one_that_is_served() {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../schema.graphql");
    let served = rendered();
    let committed = std::fs::read_to_string(&path).unwrap_or_default();
    if committed == served {
        return;
    }
    let breaking = if committed.is_empty() { vec![] } else { broken(&parse(&committed), &parse(&served)) };
    std::fs::write(&path, &served).expect("schema.graphql is written");
    assert!(
        breaking.is_empty(),
        "schema.graphql is rewritten. What this breaks must be deprecated first:\n{}",
        breaking.join("\n")
    );
    panic!("schema.graphql was not what is served and is rewritten: look at the difference and commit it");
}

#[test]
fn everything_is_described() {
    let schema = parse(&rendered());
    let mut silent = vec![];
    for (name, ty) in ours(&schema) {
        let mut note = |place: String, description: Option<&Node<str>>| {
            if description.is_none_or(|text| text.trim().is_empty()) {
                silent.push(place);
            }
        };
        note(name.to_string(), ty.description());
        for field in fields(ty) {
            note(format!("{name}.{}", field.name), field.description.as_ref());
            for argument in &field.arguments {
                let place = format!("{name}.{}({})", field.name, argument.name);
                note(place, argument.description.as_ref());
            }
        }
        for field in inputs(ty) {
            note(format!("{name}.{}", field.name), field.description.as_ref());
        }
        if let ExtendedType::Enum(ty) = ty {
            for (value, defined) in &ty.values {
                note(format!("{name}.{value}"), defined.description.as_ref());
            }
        }
    }
    for (name, directive) in schema.directive_definitions.iter().filter(|(_, it)| !it.is_built_in()) {
        if directive.description.is_none() {
            silent.push(format!("@{name}"));
        }
    }
    assert!(silent.is_empty(), "without a description:\n{}", silent.join("\n"));
}

#[test]
fn mutations_take_one_input_and_tell_their_errors() {
    let schema = parse(&rendered());
    let mutations = schema.get_object("Mutation").expect("mutations");
    let mut odd = vec![];
    for (name, field) in &mutations.fields {
        let arguments: Vec<&str> = field.arguments.iter().map(|argument| argument.name.as_str()).collect();
        let regular = arguments == ["input"] && field.arguments[0].is_required();
        if !regular {
            odd.push(format!("{name} takes {arguments:?}"));
        }
        let own = format!("{}{}Payload", name[..1].to_uppercase(), &name[1..]);
        if field.ty.inner_named_type().as_str() != own {
            odd.push(format!("{name} has the payload {}", field.ty));
        }
        let payload = schema.get_object(field.ty.inner_named_type());
        let errors = payload.and_then(|payload| payload.fields.get("errors"));
        if errors.is_none_or(|errors| errors.ty.to_string() != "[UserError!]!") || !field.ty.is_non_null() {
            odd.push(format!("{name} answers {} without `errors: [UserError!]!`", field.ty));
        }
    }
    assert!(odd.is_empty(), "{}", odd.join("\n"));
}

#[test]
fn mutations_say_who_may() {
    let schema = parse(&rendered());
    let mutations = schema.get_object("Mutation").expect("mutations");
    let silent: Vec<&Name> = mutations
        .fields
        .iter()
        .filter(|(name, field)| {
            !concord::schema::PERSONAL.contains(&name.as_str()) && !field.directives.has("requires")
        })
        .map(|(name, _)| name)
        .collect();
    assert!(silent.is_empty(), "without @requires: {silent:?}");
}

#[test]
fn names_follow_the_conventions() {
    let schema = parse(&rendered());
    let mut odd = vec![];
    for (name, ty) in ours(&schema) {
        let member = |text: &str| {
            text.starts_with(|first: char| first.is_ascii_lowercase())
                && text.chars().all(char::is_alphanumeric)
        };
        if !name.starts_with(|first: char| first.is_ascii_uppercase()) {
            odd.push(name.to_string());
        }
        odd.extend(fields(ty).filter(|it| !member(&it.name)).map(|it| format!("{name}.{}", it.name)));
        odd.extend(inputs(ty).filter(|it| !member(&it.name)).map(|it| format!("{name}.{}", it.name)));
        if let ExtendedType::Enum(ty) = ty {
            let small = |text: &str| text.chars().any(|letter| letter.is_ascii_lowercase());
            odd.extend(ty.values.keys().filter(|value| small(value)).map(|value| format!("{name}.{value}")));
        }
    }
    assert!(odd.is_empty(), "{}", odd.join("\n"));
}

/// Names that are a number in one type and a list in another: how many rows an export has, and the rows of an import.
const NUMBERS_AND_LISTS: &[&str] = &["rows"];

#[test]
fn no_name_is_both_a_number_and_a_list() {
    let schema = parse(&rendered());
    let (mut numbers, mut lists) = (BTreeSet::new(), BTreeSet::new());
    for (_, ty) in ours(&schema) {
        for field in fields(ty) {
            let inner = field.ty.inner_named_type().as_str();
            if field.ty.is_list() || inner.ends_with("Connection") {
                lists.insert(field.name.to_string());
            } else if inner == "Int" {
                numbers.insert(field.name.to_string());
            }
        }
    }
    let both: Vec<&String> = numbers.intersection(&lists).collect();
    assert_eq!(both, NUMBERS_AND_LISTS);
}

#[test]
fn what_breaks_clients_is_named() {
    let before = parse(
        "type Query { a(x: Int): String b: Int c: Int @deprecated d: Int! n: Int }
         enum E { ONE TWO } input I { x: Int } type Gone { a: Int } union U = Query | Gone",
    );
    let after = parse(
        "type Query { a(x: Int, y: Int!): String b: String d: Int n: Int! }
         enum E { ONE } input I { x: Int! z: Int! w: Int } union U = Query",
    );
    let expected = [
        "Gone is gone",
        "Query.a(y) is new and required",
        "Query.b was Int and is String",
        "Query.d was Int! and is Int",
        "E.TWO is gone",
        "I.x was Int and is Int!",
        "I.z is new and required",
        "U is no longer Gone",
    ];
    let named: BTreeSet<String> = broken(&before, &after).into_iter().collect();
    assert_eq!(named, expected.into_iter().map(str::to_owned).collect());
    assert!(broken(&before, &before).is_empty());
}

fn rendered() -> String {
    format!("{}\n", sdl(&schema()).trim_end())
}

fn parse(text: &str) -> Schema {
    Schema::parse(text, "schema.graphql").unwrap_or_else(|wrong| panic!("{}", wrong.errors))
}

fn ours(schema: &Schema) -> impl Iterator<Item = (&Name, &ExtendedType)> {
    schema.types.iter().filter(|(_, ty)| !ty.is_built_in())
}

fn fields(ty: &ExtendedType) -> impl Iterator<Item = &Component<FieldDefinition>> {
    let fields = match ty {
        ExtendedType::Object(ty) => Some(&ty.fields),
        ExtendedType::Interface(ty) => Some(&ty.fields),
        _ => None,
    };
    fields.into_iter().flat_map(|fields| fields.values())
}

fn inputs(ty: &ExtendedType) -> impl Iterator<Item = &Component<InputValueDefinition>> {
    let fields = if let ExtendedType::InputObject(ty) = ty { Some(&ty.fields) } else { None };
    fields.into_iter().flat_map(|fields| fields.values())
}

/// What a client of `before` can no longer rely on. What was deprecated may go.
fn broken(before: &Schema, after: &Schema) -> Vec<String> {
    let mut breaks = vec![];
    for (name, old) in ours(before) {
        match after.types.get(name) {
            Some(new) => compare(name, old, new, &mut breaks),
            None => breaks.push(format!("{name} is gone")),
        }
    }
    breaks
}

fn compare(name: &Name, old: &ExtendedType, new: &ExtendedType, breaks: &mut Vec<String>) {
    for field in fields(old) {
        let place = format!("{name}.{}", field.name);
        let Some(now) = fields(new).find(|it| it.name == field.name) else {
            gone(&place, field.directives.has("deprecated"), breaks);
            continue;
        };
        if !narrows(&field.ty, &now.ty) {
            breaks.push(format!("{place} was {} and is {}", field.ty, now.ty));
        }
        accepts(|it| format!("{place}({it})"), &arguments(field), &arguments(now), breaks);
    }
    accepts(|it| format!("{name}.{it}"), &given(old), &given(new), breaks);
    match (old, new) {
        (ExtendedType::Enum(old), ExtendedType::Enum(new)) => {
            for (value, defined) in old.values.iter().filter(|(value, _)| !new.values.contains_key(*value)) {
                gone(&format!("{name}.{value}"), defined.directives.has("deprecated"), breaks);
            }
        }
        (ExtendedType::Union(old), ExtendedType::Union(new)) => {
            let lost = old.members.iter().filter(|member| !new.members.contains(*member));
            breaks.extend(lost.map(|member| format!("{name} is no longer {member}")));
        }
        (ExtendedType::Object(old), ExtendedType::Object(new)) => {
            let lost = old.implements_interfaces.iter();
            let lost = lost.filter(|interface| !new.implements_interfaces.contains(*interface));
            breaks.extend(lost.map(|interface| format!("{name} is no longer {interface}")));
        }
        _ if std::mem::discriminant(old) != std::mem::discriminant(new) => {
            breaks.push(format!("{name} is of another kind"));
        }
        _ => {}
    }
}

/// An argument or an input field.
struct Taken<'a> {
    name: &'a Name,
    ty: &'a Type,
    required: bool,
    directives: &'a DirectiveList,
}

fn arguments(field: &FieldDefinition) -> Vec<Taken<'_>> {
    field.arguments.iter().map(|argument| taken(argument)).collect()
}

fn given(ty: &ExtendedType) -> Vec<Taken<'_>> {
    inputs(ty).map(|field| taken(field)).collect()
}

fn taken(value: &InputValueDefinition) -> Taken<'_> {
    Taken { name: &value.name, ty: &value.ty, required: value.is_required(), directives: &value.directives }
}

fn accepts(place: impl Fn(&Name) -> String, old: &[Taken], new: &[Taken], breaks: &mut Vec<String>) {
    for before in old {
        match new.iter().find(|now| now.name == before.name) {
            None => gone(&place(before.name), before.directives.has("deprecated"), breaks),
            // what is taken may widen: the other way round
            Some(now) if !narrows(now.ty, before.ty) => {
                breaks.push(format!("{} was {} and is {}", place(before.name), before.ty, now.ty));
            }
            Some(_) => {}
        }
    }
    let added = new.iter().filter(|now| now.required && !old.iter().any(|before| before.name == now.name));
    breaks.extend(added.map(|now| format!("{} is new and required", place(now.name))));
}

fn gone(place: &str, deprecated: bool, breaks: &mut Vec<String>) {
    if !deprecated {
        breaks.push(format!("{place} is gone"));
    }
}

/// Whether every value of `new` is one of `old`: the same type, or one that is null in fewer places.
fn narrows(old: &Type, new: &Type) -> bool {
    match (old, new) {
        (Type::Named(old), Type::Named(new) | Type::NonNullNamed(new)) => old == new,
        (Type::NonNullNamed(old), Type::NonNullNamed(new)) => old == new,
        (Type::List(old), Type::List(new) | Type::NonNullList(new)) => narrows(old, new),
        (Type::NonNullList(old), Type::NonNullList(new)) => narrows(old, new),
        _ => false,
    }
}
