//! What a noun declares, as data: its type, its fields, where its edges lead and in what order.
//!
//! SQL snippets are templates ([`Dialect::fill`]) with these names: `{t}` (the row), `{now}`, `{soon}` (seven days from now),
//! `{me}` (the caller), `{shapes}` and `{runs}` (whether the caller shapes the work of the row's client, or runs it),
//! `{network}`, `{arg:…}` (an argument of the field or of one around it, or null) and `{zones:day,91}` (for every time zone,
//! when the day in that argument or else yesterday ends, and the day 91 days earlier: [`crate::days_of_zones`]).

use super::basis::RateStatus;
use crate::{access::Actor, db::Dialect, stamps};
use async_graphql::{
    OutputType,
    registry::{MetaType, Registry},
};
use entity::{Id, Placement, Scoped, Table};
use sea_orm::ColumnTrait;

/// A type that has a shape.
pub trait Shaped: Send + Sync + 'static {
    fn shape() -> &'static Shape;
}

/// Where an edge leads. A function, because shapes refer to each other in circles.
pub type To = fn() -> &'static Shape;

/// A noun's shape.
pub struct Shape {
    /// The name of the GraphQL type.
    pub name: &'static str,
    /// Its description.
    pub doc: &'static str,
    /// Where its rows are; a virtual shape (the query root, the viewer) has none.
    pub source: Option<Source>,
    pub fields: Vec<Field>,
}

/// A table, view or query to read from.
#[derive(Clone, Copy)]
pub struct Source {
    /// The table or view.
    pub name: &'static str,
    /// What is read in its place, where no table has the rows: a select for each dialect. It may hold snippets, and
    /// `{among:…}`, which says of a column that it is the key of a row above.
    pub query: Option<fn(Dialect) -> &'static str>,
    /// Whose reading permission counts.
    pub table: Table,
    pub placement: Placement,
    /// The column that names a row.
    pub key: &'static str,
    /// Which of its texts have their folds beside them.
    pub folded: &'static [&'static str],
    /// Whether a row's key is an id that `node` understands.
    pub node: bool,
    /// Whether a client has few of the rows ([`Scoped::FEW`]).
    pub few: bool,
}

/// A field of a shape.
pub struct Field {
    pub name: &'static str,
    pub doc: &'static str,
    pub kind: FieldKind,
    /// Whether lists can be filtered by it.
    pub filter: bool,
    /// Whether it is there for filters alone: its value may name what the caller does not see.
    pub hidden: bool,
    /// Whether lists can be ordered by it; then it is never null.
    pub order: bool,
    /// The arguments it takes beside those of its kind.
    pub takes: Vec<Take>,
    /// What each object of it costs, in points, where that is more than one.
    pub weight: Option<u32>,
}

/// An argument: what snippets of its field, and of those below, name by `{arg:…}`.
#[derive(Clone, Copy)]
pub struct Take {
    pub name: &'static str,
    pub doc: &'static str,
    pub ty: Ty,
    /// Whether it may be left out.
    pub null: bool,
    /// Whether it is a day that must have begun: one to come is refused.
    pub begun: bool,
}

/// The type of a single value.
#[derive(Clone, Copy)]
pub enum Ty {
    Id(Table),
    Int,
    Text,
    /// A decimal number, kept as it is shown.
    Decimal,
    Flag,
    Date,
    Instant,
    Json,
    /// A closed enum; how it joins the registry and what it is called there.
    Closed(fn(&mut Registry) -> String),
    /// A closed enum that the database keeps in camelCase.
    Camel(fn(&mut Registry) -> String),
    /// The id of a row of whatever table the noun in this column names.
    AnyId(&'static str),
}

/// What a field is.
pub enum FieldKind {
    /// A value of the row.
    Value {
        from: From,
        ty: Ty,
        null: bool,
    },
    /// At most one other row.
    One {
        to: To,
        from: &'static str,
        on: &'static str,
        null: bool,
    },
    /// Few rows, all of them: their number is bounded by a rule.
    List {
        to: To,
        from: &'static str,
        on: &'static str,
        only: Option<&'static str>,
        order: Vec<Sort>,
        assume: u32,
    },
    /// The first row of many.
    First {
        to: To,
        from: &'static str,
        on: &'static str,
        only: Option<&'static str>,
        order: Vec<Sort>,
        few: bool,
    },
    /// Any number of rows, in pages.
    Connection {
        to: To,
        tie: Option<(&'static str, &'static str)>,
        only: Option<&'static str>,
        order: Vec<Sort>,
    },
    /// A row by the id in the argument `id`.
    ById {
        to: To,
    },
    /// The row that the caller is, or whose network the caller acts in.
    Mine {
        to: To,
        which: Mine,
    },
    /// The row that these columns name by its noun and its id.
    Subject {
        noun: &'static str,
        id: &'static str,
    },
    /// Any row by its id; any rows by theirs.
    Node,
    Nodes,
    /// An object without a row of its own: what its fields name is of the row around it.
    Virtual {
        to: To,
        null: bool,
    },
    /// A value of the query root that no statement reads: it is computed from the arguments before the statements run.
    Computed {
        ty: fn(&mut Registry) -> String,
    },
    /// The mutations on the row that the caller may do now.
    Allowed(Vec<crate::access::Allowed>),
    /// What the caller's roles or the request itself say, as JSON of this type.
    FromRequest {
        ty: &'static str,
        json: fn(&Actor, &RateStatus) -> String,
    },
}

/// Where a value comes from.
#[derive(Clone, Copy)]
pub enum From {
    Column(&'static str),
    /// A column whose value only those have who work with the client.
    Inner(&'static str),
    Sql(&'static str),
}

/// Which of the caller's own rows.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Mine {
    Person,
    Network,
}

/// One key of an order. Closed enums are ordered as they are declared, smallest or earliest first.
#[derive(Clone, Copy)]
pub struct Sort {
    pub from: From,
    pub ty: Ty,
    pub descending: bool,
}

impl Shape {
    pub fn of<E: Scoped>(name: &'static str, doc: &'static str, fields: Vec<Field>) -> Shape {
        let node = E::KEY == "id";
        let source = Source {
            name: E::TABLE.name(),
            query: None,
            table: E::TABLE,
            placement: E::PLACEMENT,
            key: E::KEY,
            folded: E::FOLDED,
            node,
            few: E::FEW && node,
        };
        let id =
            Field::new("id", "Unique, permanent ID. Do not parse it.", value("id", Ty::Id(E::TABLE), false));
        let fields = fields.into_iter().map(withhold_confidential::<E>);
        let fields = if node { std::iter::once(id).chain(fields).collect() } else { fields.collect() };
        let fields = with_times::<E>(fields);
        Shape { name, doc: doc.trim(), source: Some(source), fields }
    }
    /// A shape over a view of `E`'s rows.
    pub fn view<E: Scoped>(
        name: &'static str,
        doc: &'static str,
        view: &'static str,
        fields: Vec<Field>,
    ) -> Shape {
        let (table, placement) = (E::TABLE, E::PLACEMENT);
        let source = Source {
            name: view,
            query: None,
            table,
            placement,
            key: "id",
            folded: E::FOLDED,
            node: false,
            few: E::FEW,
        };
        Shape { name, doc: doc.trim(), source: Some(source), fields }
    }
    /// A shape over a query whose rows have the placement of `E`'s, each with a `key` of its own. Its rows are reached by edges
    /// from other rows only.
    pub fn query<E: Scoped>(
        name: &'static str,
        doc: &'static str,
        key: &'static str,
        query: fn(Dialect) -> &'static str,
        fields: Vec<Field>,
    ) -> Shape {
        let (table, placement) = (E::TABLE, E::PLACEMENT);
        let source = Source {
            name: table.name(),
            query: Some(query),
            table,
            placement,
            key,
            folded: &[],
            node: false,
            few: E::FEW && key == "id",
        };
        Shape { name, doc: doc.trim(), source: Some(source), fields }
    }
    /// A shape without rows.
    pub fn virtual_(name: &'static str, doc: &'static str, fields: Vec<Field>) -> Shape {
        Shape { name, doc: doc.trim(), source: None, fields }
    }
    pub fn field(&self, name: &str) -> Option<&Field> {
        self.fields.iter().find(|field| field.name == name)
    }
    /// Whether its rows are what a search finds; its lists then take the text to search for.
    pub fn searched(&self) -> bool {
        self.source.is_some_and(|source| source.table == Table::SearchEntry)
    }
    /// Whether it is a node: has an id that `node` understands.
    pub fn is_node(&self) -> bool {
        self.source.is_some_and(|source| source.node)
    }
}

impl Field {
    pub fn new(name: &'static str, doc: &'static str, kind: impl Into<Field>) -> Field {
        Field { name, doc: doc.trim(), ..kind.into() }
    }
    /// Each object of it costs so many points.
    pub fn costs(mut self, points: u32) -> Field {
        self.weight = Some(points);
        self
    }
    /// Takes an argument that may be left out.
    pub fn takes(mut self, name: &'static str, ty: Ty, doc: &'static str) -> Field {
        self.takes.push(Take { name, doc, ty, null: true, begun: false });
        self
    }
    /// Takes a day in UTC that may be left out, and must have begun.
    pub fn takes_past(mut self, name: &'static str, doc: &'static str) -> Field {
        self.takes.push(Take { name, doc, ty: Ty::Date, null: true, begun: true });
        self
    }
    /// Takes an argument that must be given.
    pub fn needs(mut self, name: &'static str, ty: Ty, doc: &'static str) -> Field {
        self.takes.push(Take { name, doc, ty, null: false, begun: false });
        self
    }
    /// Lists can be filtered by this field: by its value, or by conditions on the row that it leads to.
    pub fn filter(mut self) -> Field {
        self.filter = true;
        self
    }
    /// Lists can be filtered by this field, whose value is not told.
    pub fn filter_only(mut self) -> Field {
        (self.filter, self.hidden) = (true, true);
        self
    }
    /// Lists can be ordered by this field.
    pub fn order(mut self) -> Field {
        self.order = true;
        self
    }
    /// May be null.
    pub fn or_null(mut self) -> Field {
        match &mut self.kind {
            FieldKind::Value { null, .. } | FieldKind::One { null, .. } | FieldKind::Virtual { null, .. } => {
                *null = true
            }
            _ => {}
        }
        self
    }
    /// Only the rows for which this condition holds.
    pub fn only(mut self, condition: &'static str) -> Field {
        match &mut self.kind {
            FieldKind::List { only, .. }
            | FieldKind::First { only, .. }
            | FieldKind::Connection { only, .. } => {
                *only = Some(condition);
            }
            _ => {}
        }
        self
    }
    /// Adds a key to the order.
    pub fn by<C: ColumnTrait>(self, column: C, ty: Ty) -> Field {
        self.sorted(From::Column(column.as_str()), ty, false)
    }
    /// Adds a descending key to the order.
    pub fn by_last<C: ColumnTrait>(self, column: C, ty: Ty) -> Field {
        self.sorted(From::Column(column.as_str()), ty, true)
    }
    /// Adds a computed descending key to the order.
    pub fn by_most(self, sql: &'static str, ty: Ty) -> Field {
        self.sorted(From::Sql(sql), ty, true)
    }
    /// Adds a view's column to the order.
    pub fn by_view(self, column: &'static str, ty: Ty) -> Field {
        self.sorted(From::Column(column), ty, false)
    }
    /// Adds a view's column to the order, descending.
    pub fn by_view_last(self, column: &'static str, ty: Ty) -> Field {
        self.sorted(From::Column(column), ty, true)
    }
    fn sorted(mut self, from: From, ty: Ty, descending: bool) -> Field {
        match &mut self.kind {
            FieldKind::List { order, .. }
            | FieldKind::First { order, .. }
            | FieldKind::Connection { order, .. } => {
                order.push(Sort { from, ty, descending });
            }
            _ => {}
        }
        self
    }
    /// There are so few rows besides the first that those below all of them may be read, and at once.
    pub fn among_few(mut self) -> Field {
        if let FieldKind::First { few, .. } = &mut self.kind {
            *few = true;
        }
        self
    }
    /// How many rows a list is expected to have, for its cost.
    pub fn about(mut self, rows: u32) -> Field {
        if let FieldKind::List { assume, .. } = &mut self.kind {
            *assume = rows;
        }
        self
    }
}

impl std::convert::From<FieldKind> for Field {
    fn from(kind: FieldKind) -> Field {
        Field {
            name: "",
            doc: "",
            kind,
            filter: false,
            hidden: false,
            order: false,
            takes: vec![],
            weight: None,
        }
    }
}

fn value(column: &'static str, ty: Ty, null: bool) -> Field {
    FieldKind::Value { from: From::Column(column), ty, null }.into()
}

/// Adds when a row was created and last changed, where its table has a version; lists are filtered and ordered by both.
fn with_times<E: Scoped>(mut fields: Vec<Field>) -> Vec<Field> {
    const UPDATED: &str = "Time of the last change of the object, at first that of its creation. It changes with \
                           `version`, where the object has one.";
    let times = [
        ("createdAt", "Time at which the object was created.", stamps::CREATED),
        ("updatedAt", UPDATED, stamps::UPDATED),
    ];
    for (name, doc, column) in times {
        if stamps::has_version::<E>() && fields.iter().all(|field| field.name != name) {
            fields.push(Field::new(name, doc, value(column, Ty::Instant, false)).filter().order());
        }
    }
    fields
}

/// Withholds a column of [`Scoped::CONFIDENTIAL`] from who does not work with the client.
fn withhold_confidential<E: Scoped>(field: Field) -> Field {
    match field.kind {
        FieldKind::Value { from: From::Column(column), ty, .. } if E::CONFIDENTIAL.contains(&column) => {
            Field { kind: FieldKind::Value { from: From::Inner(column), ty, null: true }, ..field }
        }
        _ => field,
    }
}

/// An id of a row of `N`.
pub fn id<E: Scoped, C: ColumnTrait>(column: C) -> Field {
    value(column.as_str(), Ty::Id(E::TABLE), false)
}
pub fn text<C: ColumnTrait>(column: C) -> Field {
    value(column.as_str(), Ty::Text, false)
}
pub fn decimal<C: ColumnTrait>(column: C) -> Field {
    value(column.as_str(), Ty::Decimal, false)
}
pub fn int<C: ColumnTrait>(column: C) -> Field {
    value(column.as_str(), Ty::Int, false)
}
pub fn flag<C: ColumnTrait>(column: C) -> Field {
    value(column.as_str(), Ty::Flag, false)
}
pub fn date<C: ColumnTrait>(column: C) -> Field {
    value(column.as_str(), Ty::Date, false)
}
pub fn instant<C: ColumnTrait>(column: C) -> Field {
    value(column.as_str(), Ty::Instant, false)
}
pub fn json<C: ColumnTrait>(column: C) -> Field {
    value(column.as_str(), Ty::Json, false)
}
/// A closed enum.
pub fn closed<T: OutputType, C: ColumnTrait>(column: C) -> Field {
    value(column.as_str(), Ty::Closed(register::<T>), false)
}
/// A closed enum that `register` puts into the registry.
pub fn closed_by<C: ColumnTrait>(column: C, register: fn(&mut Registry) -> String) -> Field {
    value(column.as_str(), Ty::Closed(register), false)
}
/// The same, kept in camelCase.
pub fn camel<C: ColumnTrait>(column: C, register: fn(&mut Registry) -> String) -> Field {
    value(column.as_str(), Ty::Camel(register), false)
}
/// The id of the row that `noun` and `id` name.
pub fn any_id<C: ColumnTrait>(noun: C, id: C) -> Field {
    value(id.as_str(), Ty::AnyId(noun.as_str()), false)
}
/// The row that `noun` and `id` name.
pub fn subject<C: ColumnTrait>(noun: C, id: C) -> Field {
    FieldKind::Subject { noun: noun.as_str(), id: id.as_str() }.into()
}
/// A value computed from the row.
pub fn derived(ty: Ty, sql: &'static str) -> Field {
    FieldKind::Value { from: From::Sql(sql), ty, null: false }.into()
}
/// A column of a view.
pub fn of_view(column: &'static str, ty: Ty) -> Field {
    value(column, ty, false)
}
/// How a closed enum joins the registry.
pub fn register<T: OutputType>(registry: &mut Registry) -> String {
    T::create_type_info(registry);
    T::type_name().into_owned()
}

/// The values of a closed enum as the schema names them, in the order in which it declares them.
pub fn declared(register: fn(&mut Registry) -> String) -> Vec<String> {
    let mut registry = Registry::default();
    let name = register(&mut registry);
    match registry.types.get(&name) {
        Some(MetaType::Enum { enum_values, .. }) => enum_values.keys().cloned().collect(),
        _ => vec![],
    }
}

/// The row that `column` names.
pub fn one<S: Shaped, C: ColumnTrait>(column: C) -> Field {
    one_of_view::<S>(column.as_str())
}
/// The row whose id a snippet finds; null where it finds none.
pub fn one_found<S: Shaped>(sql: &'static str) -> Field {
    one_of_view::<S>(sql).or_null()
}
/// The row that a view's column names.
pub fn one_of_view<S: Shaped>(column: &'static str) -> Field {
    FieldKind::One { to: S::shape, from: column, on: "id", null: false }.into()
}
/// The row that names this one by `column`.
pub fn one_by<S: Shaped, C: ColumnTrait>(column: C) -> Field {
    FieldKind::One { to: S::shape, from: "id", on: column.as_str(), null: false }.into()
}
/// All rows that name this one by `column`: few.
pub fn list<S: Shaped, C: ColumnTrait>(column: C) -> Field {
    FieldKind::List { to: S::shape, from: "id", on: column.as_str(), only: None, order: vec![], assume: 10 }
        .into()
}
/// All rows of a view or query that name this one by `column`: few.
pub fn list_of_view<S: Shaped>(column: &'static str) -> Field {
    FieldKind::List { to: S::shape, from: "id", on: column, only: None, order: vec![], assume: 10 }.into()
}
/// All rows that name by `on` what this one names by `from`: few.
pub fn list_across<S: Shaped, A: ColumnTrait, B: ColumnTrait>(from: A, on: B) -> Field {
    FieldKind::List {
        to: S::shape,
        from: from.as_str(),
        on: on.as_str(),
        only: None,
        order: vec![],
        assume: 10,
    }
    .into()
}
/// The first of the rows that name this one by `column`.
pub fn first<S: Shaped, C: ColumnTrait>(column: C) -> Field {
    FieldKind::First { to: S::shape, from: "id", on: column.as_str(), only: None, order: vec![], few: false }
        .into()
}
/// The first of the rows of a view that name this one by `column`.
pub fn first_of_view<S: Shaped>(column: &'static str) -> Field {
    FieldKind::First { to: S::shape, from: "id", on: column, only: None, order: vec![], few: false }.into()
}
/// The rows that name this one by `column`, in pages.
pub fn pages<S: Shaped, C: ColumnTrait>(column: C) -> Field {
    FieldKind::Connection { to: S::shape, tie: Some(("id", column.as_str())), only: None, order: vec![] }
        .into()
}
/// The rows of a view that name this one by `column`, in pages.
pub fn pages_of_view<S: Shaped>(column: &'static str) -> Field {
    FieldKind::Connection { to: S::shape, tie: Some(("id", column)), only: None, order: vec![] }.into()
}
/// Every row in reach, in pages.
pub fn all<S: Shaped>() -> Field {
    FieldKind::Connection { to: S::shape, tie: None, only: None, order: vec![] }.into()
}
/// Every row in reach, where there are few.
pub fn every<S: Shaped>() -> Field {
    FieldKind::List { to: S::shape, from: "", on: "", only: None, order: vec![], assume: 12 }.into()
}
/// A row by its id.
pub fn by_id<S: Shaped>() -> Field {
    FieldKind::ById { to: S::shape }.into()
}
/// The caller's own row.
pub fn mine<S: Shaped>(which: Mine) -> Field {
    FieldKind::Mine { to: S::shape, which }.into()
}
/// An object without a row.
pub fn virtual_<S: Shaped>() -> Field {
    FieldKind::Virtual { to: S::shape, null: false }.into()
}
/// What the caller's roles or the request itself say.
pub fn from_request(ty: &'static str, json: fn(&Actor, &RateStatus) -> String) -> Field {
    FieldKind::FromRequest { ty, json }.into()
}

/// A value of the query root that is computed before the statements run.
pub fn computed(ty: fn(&mut Registry) -> String) -> Field {
    FieldKind::Computed { ty }.into()
}

/// Parses the id of a row of `table`.
pub fn parse_id(table: Table, text: &str) -> Option<uuid::Uuid> {
    let (prefix, uuid) = entity::split_id(text)?;
    (prefix == table.prefix()).then_some(uuid)
}

/// A typed id out of an argument; `None` for anything that is not one.
pub fn typed<E: Scoped>(text: &async_graphql::ID) -> Option<Id<E>> {
    Id::parse(text)
}
