//! The schema as its readers see it, so that a scenario covers what is added later without being told.

use apollo_compiler::{
    Schema,
    ast::{FieldDefinition, InputValueDefinition, Type},
    schema::ExtendedType,
    validation::Valid,
};
use std::sync::OnceLock;

/// The parsed schema.
pub fn schema() -> &'static Valid<Schema> {
    static SCHEMA: OnceLock<Valid<Schema>> = OnceLock::new();
    SCHEMA.get_or_init(|| {
        let sdl = concord::schema::sdl(&concord::schema::schema());
        Schema::parse_and_validate(sdl, "schema.graphql").expect("the schema is valid")
    })
}

/// The fields of an object type or interface.
pub fn fields(of: &str) -> Vec<&'static FieldDefinition> {
    match schema().types.get(of) {
        Some(ExtendedType::Object(object)) => object.fields.values().map(|field| &***field).collect(),
        Some(ExtendedType::Interface(face)) => face.fields.values().map(|field| &***field).collect(),
        _ => vec![],
    }
}

/// The object types that have a field.
pub fn types_with(field: &str) -> Vec<&'static str> {
    let objects = schema().types.iter().filter_map(|(name, ty)| match ty {
        ExtendedType::Object(object) if object.fields.contains_key(field) => Some(name.as_str()),
        _ => None,
    });
    objects.collect()
}

/// Every mutation that needs a permission.
pub fn mutations() -> Vec<&'static FieldDefinition> {
    let personal = concord::schema::PERSONAL;
    fields("Mutation").into_iter().filter(|field| !personal.contains(&field.name.as_str())).collect()
}

/// The fields of an input type.
pub fn inputs(of: &str) -> Vec<&'static InputValueDefinition> {
    match schema().types.get(of) {
        Some(ExtendedType::InputObject(object)) => object.fields.values().map(|field| &***field).collect(),
        _ => vec![],
    }
}

/// Whether a type is an object or interface.
pub fn composite(name: &str) -> bool {
    matches!(schema().types.get(name), Some(ExtendedType::Object(_) | ExtendedType::Interface(_)))
}

/// Whether an object is a node.
pub fn is_node(name: &str) -> bool {
    match schema().types.get(name) {
        Some(ExtendedType::Object(object)) => {
            object.implements_interfaces.iter().any(|face| face.as_str() == "Node")
        }
        _ => false,
    }
}

/// What a connection holds.
pub fn paged(name: &str) -> Option<&str> {
    name.strip_suffix("Connection")
}

/// Whether all of a field's arguments may be left out.
pub fn bare(field: &FieldDefinition) -> bool {
    field.arguments.iter().all(|arg| !arg.is_required() || arg.name == "text")
}

/// What a list at the root must be told besides its page: a search, what to search for.
pub fn asking(field: &FieldDefinition) -> &'static str {
    if field.arguments.iter().any(|arg| arg.name == "text") { "text: \"harvest\", " } else { "" }
}

/// Where an input type takes ids, as JSON pointers into its value; lists by their first item.
pub fn id_pointers(input: &str) -> Vec<String> {
    let mut pointers = vec![];
    for field in inputs(input) {
        let list = match &*field.ty {
            Type::List(_) | Type::NonNullList(_) => "/0",
            _ => "",
        };
        let (name, ty) = (&field.name, field.ty.inner_named_type());
        match ty.as_str() {
            "ID" => pointers.push(format!("/{name}{list}")),
            ty => pointers.extend(id_pointers(ty).into_iter().map(|below| format!("/{name}{list}{below}"))),
        }
    }
    pointers
}

/// The input type of a mutation.
pub fn input_of(mutation: &FieldDefinition) -> &str {
    mutation.arguments.first().expect("a mutation takes one input").ty.inner_named_type().as_str()
}
