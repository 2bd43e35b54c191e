//! The shapes as types of the schema: objects, connections, filters and orders, all made from the declarations.

use super::{
    page::constant,
    price::{COMPUTED, COUNT, WORD, cost},
    shape::{self, Field, FieldKind, Shape, Ty, declared},
};
use crate::{
    access::{Permission, Role, Roles},
    registry::{arg, description, field, object},
};
use async_graphql::{
    Value,
    indexmap::IndexMap,
    registry::{
        Deprecation, MetaDirectiveInvocation, MetaEnumValue, MetaField, MetaInputValue, MetaType, Registry,
    },
};

/// Puts a shape and all that it leads to into the registry.
pub fn register(registry: &mut Registry, shape: &'static Shape) {
    if registry.types.contains_key(shape.name) {
        return;
    }
    // first the name, because edges lead in circles
    registry.types.insert(shape.name.into(), object(shape.name, shape.doc, IndexMap::new()));
    if shape.is_node() {
        registry.add_implements(shape.name, "Node");
        let node = MetaType::Interface {
            name: "Node".into(),
            description: Some("An object with an ID of its own.".into()),
            fields: IndexMap::from_iter([entry(field(
                "id",
                "Unique, permanent ID. Do not parse it.",
                "ID!",
            ))]),
            possible_types: Default::default(),
            extends: false,
            keys: None,
            visible: None,
            inaccessible: false,
            tags: vec![],
            rust_typename: None,
            directive_invocations: vec![],
            requires_scopes: vec![],
        };
        if let MetaType::Interface { possible_types, .. } =
            registry.types.entry("Node".into()).or_insert(node)
        {
            possible_types.insert(shape.name.into());
        }
    }
    let fields = shape.fields.iter().filter(|field| !field.hidden);
    let fields = fields.map(|field| entry(of(registry, shape, field))).collect();
    let doc = match shape.source.filter(|source| source.node) {
        Some(source) => format!("{}\n\n{}", shape.doc, readers(Permission::Read(source.table))),
        None => shape.doc.to_owned(),
    };
    registry.types.insert(shape.name.into(), object(shape.name, &doc, fields));
}

/// Who holds a permission, for people.
pub fn readers(permission: Permission) -> String {
    let roles: Vec<&str> = permission.roles().iter().map(|role| role.name()).collect();
    let verb = if matches!(permission, Permission::Read(_)) { "Readable by" } else { "Allowed for" };
    format!("{verb} {}, only for clients they can access.", roles.join(", "))
}

/// Who holds a permission, for programs.
pub fn requires(permission: Permission) -> MetaDirectiveInvocation {
    let roles =
        permission.roles().iter().map(|role| Value::Enum(async_graphql::Name::new(role.name()))).collect();
    MetaDirectiveInvocation {
        name: "requires".into(),
        args: IndexMap::from_iter([("roles".into(), Value::List(roles))]),
    }
}

fn is_computed(field: &Field) -> bool {
    matches!(field.kind, FieldKind::Value { from: shape::From::Sql(_), .. })
}

fn of(registry: &mut Registry, shape: &'static Shape, declared: &'static Field) -> MetaField {
    let mut field = bare(registry, shape, declared);
    for take in &declared.takes {
        let ty = format!("{}{}", scalar(registry, take.ty), if take.null { "" } else { "!" });
        field.args.insert(take.name.into(), arg(take.name, take.doc, &ty));
    }
    field
}

/// A field with the arguments of its kind alone.
fn bare(registry: &mut Registry, shape: &'static Shape, declared: &'static Field) -> MetaField {
    let mark = |null: bool| if null { "" } else { "!" };
    let (name, doc) = (declared.name, declared.doc);
    match &declared.kind {
        FieldKind::Value { ty, null, .. } => {
            field(name, doc, &format!("{}{}", scalar(registry, *ty), mark(*null)))
        }
        FieldKind::One { to, null, .. } => {
            register(registry, to());
            field(name, doc, &format!("{}{}", to().name, mark(*null)))
        }
        FieldKind::Virtual { to, null } => {
            register(registry, to());
            field(name, doc, &format!("{}{}", to().name, mark(*null)))
        }
        FieldKind::List { to, assume, .. } => {
            register(registry, to());
            let (doc, mark) = withheld(shape, to(), doc);
            let mut list = field(name, &doc, &format!("[{}!]{mark}", to().name));
            let size = IndexMap::from_iter([("assumedSize".to_owned(), Value::from(*assume))]);
            list.directive_invocations.push(MetaDirectiveInvocation { name: "listSize".into(), args: size });
            list.directive_invocations.extend(declared.weight.map(cost));
            list
        }
        FieldKind::First { to, .. } | FieldKind::Mine { to, .. } => {
            register(registry, to());
            field(name, doc, to().name)
        }
        FieldKind::ById { to } => {
            register(registry, to());
            with(field(name, doc, to().name), [arg("id", "ID of the object.", "ID!")])
        }
        FieldKind::Subject { .. } => field(name, doc, "Node"),
        FieldKind::Node => with(field(name, doc, "Node"), [arg("id", "ID of an object of any type.", "ID!")]),
        FieldKind::Nodes => {
            let ids = arg("ids", "IDs of objects of any type, at most 100.", "[ID!]!");
            let mut nodes = with(field(name, doc, "[Node]!"), [ids]);
            let by = Value::List(vec![Value::from("ids")]);
            let size = IndexMap::from_iter([("slicingArguments".to_owned(), by)]);
            nodes.directive_invocations.push(MetaDirectiveInvocation { name: "listSize".into(), args: size });
            nodes
        }
        FieldKind::Allowed(_) => {
            let mut list = field(name, doc, &format!("[{}!]!", mutation_names(registry)));
            list.directive_invocations.push(cost(1));
            list
        }
        FieldKind::FromRequest { ty, .. } => field(name, doc, ty),
        FieldKind::Computed { ty } => {
            let mut value = field(name, doc, &ty(registry));
            value.directive_invocations.extend(declared.weight.map(cost));
            value
        }
        FieldKind::Connection { to, .. } => connection(registry, shape, declared, to()),
    }
}

/// Registers the enum of the mutations that need a permission.
fn mutation_names(registry: &mut Registry) -> String {
    let name = "MutationName".to_owned();
    let fields = Permission::MUTATIONS.iter().map(|permission| permission.field());
    let values = fields.map(|field| (constant(field), format!("The mutation `{field}`.")));
    let names = || enumeration(&name, "A mutation that needs a role.", values);
    registry.types.entry(name.clone()).or_insert_with(names);
    name
}

/// The description of a list, and the end of its type: `!`, or nothing if some role reads the parent but never the rows
/// of the list. The list is null for such a role.
fn withheld(parent: &Shape, to: &Shape, doc: &str) -> (String, &'static str) {
    let readers = |shape: &Shape| {
        let all = Roles::of(&Role::ALL);
        shape.source.map_or(all, |source| Permission::Read(source.table).roles())
    };
    let (parents, children) = (readers(parent), readers(to));
    let without: Vec<&str> =
        parents.iter().filter(|role| !children.has(*role)).map(|role| role.name()).collect();
    if without.is_empty() {
        return (doc.to_owned(), "!");
    }
    (format!("{doc} Null for callers whose only roles are {}.", without.join(", ")), "")
}

fn connection(registry: &mut Registry, shape: &Shape, declared: &Field, to: &'static Shape) -> MetaField {
    register(registry, to);
    let name = format!("{}Connection", to.name);
    if !registry.types.contains_key(&name) {
        page_info(registry);
        let edge = format!("{}Edge", to.name);
        let doc = "An item in a list, with its cursor.";
        let fields = [
            field("node", "The item.", &format!("{}!", to.name)),
            field(
                "cursor",
                "Cursor of the item in this list and sort order, for `after` and `before`.",
                "String!",
            ),
        ];
        registry.types.insert(edge.clone(), object(&edge, doc, fields.into_iter().map(entry).collect()));
        let mut total =
            field("totalCount", "Number of items in all pages together, counted up to 10,000.", "Int!");
        total.directive_invocations.push(cost(COUNT));
        let fields = [
            field("edges", "Items of this page, with their cursors.", &format!("[{edge}!]!")),
            field("nodes", "Items of this page.", &format!("[{}!]!", to.name)),
            field("pageInfo", "Position of this page in the list.", "PageInfo!"),
            total,
        ];
        let doc = format!("One page of a list of `{}`.", to.name);
        registry.types.insert(name.clone(), object(&name, &doc, fields.into_iter().map(entry).collect()));
    }
    let mut args = vec![
        arg("first", "Number of items from the start: at most 100, by default 25.", "Int"),
        arg("after", "Return only items after this cursor.", "String"),
        arg("last", "Number of items from the end: at most 100. Not together with `first`.", "Int"),
        arg("before", "Return only items before this cursor.", "String"),
    ];
    if to.searched() {
        let doc = "Words to find: at most 8, with at most 40 letters each. A result contains all words. Each word \
                   matches words that begin with it; a word of one letter matches only itself. Case, accents, hyphens \
                   and apostrophes are ignored. In Chinese, Japanese, Thai, Lao, Khmer and Burmese, any part of a text \
                   matches, and at most 16 pairs of characters count. The search covers names of clients, members of \
                   teams, and titles and texts of priorities, actions with their comments, check-ins, sessions with \
                   their agenda and recap, decisions and obstacles: the first 4,000 different words of each. It does \
                   not cover private notes, alignment rounds, read-backs, stances, templates, and people who are not \
                   members of a team.";
        let mut text = arg("text", doc, "String!");
        text.directive_invocations.push(cost(WORD));
        args.insert(0, text);
    }
    if to.fields.iter().any(|field| field.filter) {
        args.push(arg("filter", "Return only items that meet these conditions.", &filter(registry, to)));
    }
    if to.fields.iter().any(|field| field.order) {
        let order = format!("[{}!]", order(registry, to));
        args.push(arg("orderBy", "Sort keys, most important first. Equal rows are sorted by ID.", &order));
    }
    let (doc, mark) = withheld(shape, to, declared.doc);
    let mut field = with(field(declared.name, &doc, &format!("{name}{mark}")), args);
    let names = |names: &[&str]| Value::List(names.iter().map(|name| Value::from(*name)).collect());
    let size = IndexMap::from_iter([
        ("slicingArguments".to_owned(), names(&["first", "last"])),
        ("sizedFields".to_owned(), names(&["edges", "nodes"])),
    ]);
    field.directive_invocations.push(MetaDirectiveInvocation { name: "listSize".into(), args: size });
    if let FieldKind::Connection { order, .. } = &declared.kind {
        let computed = order.iter().filter(|sort| matches!(sort.from, shape::From::Sql(_))).count();
        // what a search finds is few, and its rank is at hand
        if computed > 0 && !to.searched() {
            field.directive_invocations.push(cost(1 + COMPUTED * u32::try_from(computed).unwrap_or(1)));
        }
    }
    field
}

fn page_info(registry: &mut Registry) {
    let fields = [
        field("hasNextPage", "`true` if there are items after this page.", "Boolean!"),
        field("hasPreviousPage", "`true` if there are items before this page.", "Boolean!"),
        field("startCursor", "Cursor of the first item of the page. Null if the page is empty.", "String"),
        field("endCursor", "Cursor of the last item of the page. Null if the page is empty.", "String"),
    ];
    let info =
        || object("PageInfo", "Position of a page in its list.", fields.into_iter().map(entry).collect());
    registry.types.entry("PageInfo".into()).or_insert_with(info);
}

fn filter(registry: &mut Registry, shape: &'static Shape) -> String {
    let name = format!("{}Filter", shape.name);
    if registry.types.contains_key(&name) {
        return name;
    }
    // first the name, because relations may lead in circles
    registry.types.insert(name.clone(), input(&name, "", vec![]));
    let mut fields = vec![
        arg("and", "Rows that meet all of these conditions.", &format!("[{name}!]")),
        arg("or", "Rows that meet at least one of these conditions.", &format!("[{name}!]")),
        arg("not", "Rows that do not meet this condition, also because a value is null.", &name),
    ];
    for declared in shape.fields.iter().filter(|field| field.filter) {
        match declared.kind {
            FieldKind::Value { ty, .. } => {
                let tests = tests(registry, ty);
                let mut test = arg(declared.name, declared.doc, &tests);
                test.directive_invocations.extend(is_computed(declared).then(|| cost(COMPUTED)));
                fields.push(test);
            }
            FieldKind::One { to, .. } => {
                let conditions = filter(registry, to());
                let doc = format!("{} It must meet these conditions.", declared.doc);
                let mut related = arg(declared.name, &doc, &conditions);
                related.directive_invocations.push(cost(COMPUTED));
                fields.push(related);
            }
            _ => {}
        }
    }
    let doc = format!(
        "Conditions on `{}`. A row must meet all given conditions. A condition without tests, such as `{{}}`, and an \
         empty list in `and` or `or` are ignored, also inside `not`.",
        shape.name
    );
    registry.types.insert(name.clone(), input(&name, &doc, fields));
    name
}

/// The comparisons that values of a type allow.
fn tests(registry: &mut Registry, ty: Ty) -> String {
    let scalar = scalar(registry, ty);
    let (name, names): (String, &[&str]) = match ty {
        Ty::Id(_) | Ty::AnyId(_) => ("IdTest".into(), &["eq", "in"]),
        Ty::Text | Ty::Decimal | Ty::Json => ("StringTest".into(), &["eq", "in", "contains", "startsWith"]),
        Ty::Int => ("IntTest".into(), &["eq", "lt", "lte", "gt", "gte"]),
        Ty::Date => ("DateTest".into(), &["eq", "lt", "lte", "gt", "gte"]),
        Ty::Instant => ("DateTimeTest".into(), &["eq", "lt", "lte", "gt", "gte"]),
        Ty::Flag => ("BooleanTest".into(), &["eq"]),
        Ty::Closed(_) | Ty::Camel(_) => (format!("{scalar}Test"), &["eq", "in"]),
    };
    let mut fields: Vec<MetaInputValue> = names
        .iter()
        .map(|test| match *test {
            "in" => arg(
                "in",
                "The value is in this list. An empty list matches no rows.",
                &format!("[{scalar}!]"),
            ),
            "eq" => arg("eq", "The value is equal to this one.", &scalar),
            "lt" => arg("lt", "The value is less than this one.", &scalar),
            "lte" => arg("lte", "The value is less than or equal to this one.", &scalar),
            "gt" => arg("gt", "The value is greater than this one.", &scalar),
            "gte" => arg("gte", "The value is greater than or equal to this one.", &scalar),
            "contains" => arg(
                "contains",
                "The value contains this text. Case and width of letters do not matter.",
                &scalar,
            ),
            _ => arg(
                "startsWith",
                "The value starts with this text. Case and width of letters do not matter.",
                &scalar,
            ),
        })
        .collect();
    let doc = "`true`: only rows without a value. `false`: only rows with one.";
    fields.push(arg("isNull", doc, "Boolean"));
    let doc = "Tests of a value. A row must pass all given tests. A test that is null or absent is ignored; use \
               `isNull` to test for null.";
    registry.types.entry(name.clone()).or_insert_with(|| input(&name, doc, fields));
    name
}

fn order(registry: &mut Registry, shape: &'static Shape) -> String {
    let (name, keys) = (format!("{}Order", shape.name), format!("{}OrderField", shape.name));
    if registry.types.contains_key(&name) {
        return name;
    }
    let values = shape.fields.iter().filter(|field| field.order);
    let doc = format!("Sort keys of `{}`.", shape.name);
    let values = values.map(|field| {
        let doc = match field.kind {
            FieldKind::Value { ty: Ty::Closed(register), .. } => {
                format!("{} Ascending order: {}.", field.doc, declared(register).join(", "))
            }
            _ => field.doc.to_owned(),
        };
        (constant(field.name), doc)
    });
    let computed: Vec<String> = shape
        .fields
        .iter()
        .filter(|field| field.order && is_computed(field))
        .map(|field| constant(field.name))
        .collect();
    let mut enumerated = enumeration(&keys, &doc, values);
    if let MetaType::Enum { enum_values, .. } = &mut enumerated {
        for name in computed {
            if let Some(value) = enum_values.get_mut(&name) {
                value.directive_invocations.push(cost(COMPUTED));
            }
        }
    }
    registry.types.insert(keys.clone(), enumerated);
    let directions = [("ASC", "Ascending: smallest first."), ("DESC", "Descending: largest first.")];
    let directions = directions.map(|(name, doc)| (name.to_owned(), doc.to_owned()));
    let direction = || enumeration("OrderDirection", "Direction of a sort key.", directions.into_iter());
    registry.types.entry("OrderDirection".into()).or_insert_with(direction);
    let mut way = arg("direction", "Direction of the sort.", "OrderDirection!");
    way.default_value = Some("ASC".into());
    let fields = vec![arg("field", "Field to sort by.", &format!("{keys}!")), way];
    registry.types.insert(name.clone(), input(&name, &format!("A sort key of `{}`.", shape.name), fields));
    name
}

fn scalar(registry: &mut Registry, ty: Ty) -> String {
    use async_graphql::InputType;
    match ty {
        Ty::Id(_) | Ty::AnyId(_) => "ID".into(),
        Ty::Int => "Int".into(),
        Ty::Text => "String".into(),
        Ty::Flag => "Boolean".into(),
        Ty::Decimal => {
            <crate::scalar::Decimal as InputType>::create_type_info(registry);
            "Decimal".into()
        }
        Ty::Date => {
            <crate::scalar::Date as InputType>::create_type_info(registry);
            "Date".into()
        }
        Ty::Instant => {
            <crate::scalar::DateTime as InputType>::create_type_info(registry);
            "DateTime".into()
        }
        Ty::Json => {
            <crate::scalar::Json as InputType>::create_type_info(registry);
            "JSON".into()
        }
        Ty::Closed(register) | Ty::Camel(register) => register(registry),
    }
}

fn entry(field: MetaField) -> (String, MetaField) {
    (field.name.clone(), field)
}

fn with(mut field: MetaField, args: impl IntoIterator<Item = MetaInputValue>) -> MetaField {
    field.args = args.into_iter().map(|arg| (arg.name.clone(), arg)).collect();
    field
}

fn input(name: &str, doc: &str, fields: Vec<MetaInputValue>) -> MetaType {
    MetaType::InputObject {
        name: name.into(),
        description: description(doc),
        input_fields: fields.into_iter().map(|field| (field.name.clone(), field)).collect(),
        visible: None,
        inaccessible: false,
        tags: vec![],
        rust_typename: None,
        oneof: false,
        directive_invocations: vec![],
    }
}

/// A closed enum, from its values with what they mean.
pub fn enumeration(name: &str, doc: &str, values: impl Iterator<Item = (String, String)>) -> MetaType {
    let value = |(name, doc): (String, String)| {
        let value = MetaEnumValue {
            name: name.clone(),
            description: description(&doc),
            deprecation: Deprecation::NoDeprecated,
            visible: None,
            inaccessible: false,
            tags: vec![],
            directive_invocations: vec![],
        };
        (name, value)
    };
    MetaType::Enum {
        name: name.into(),
        description: description(doc),
        enum_values: values.map(value).collect(),
        visible: None,
        inaccessible: false,
        tags: vec![],
        rust_typename: None,
        directive_invocations: vec![],
        requires_scopes: vec![],
    }
}
