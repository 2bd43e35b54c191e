//! One statement in the making: its columns, joins, conditions and bound values, spelled for either database.

use super::{
    arg::Source,
    page::COUNTED,
    shape::{self, From, Shape, Sort, Ty},
};
use crate::{
    access::{Actor, Permission, Roles},
    db::Dialect,
};
use apollo_compiler::response::JsonValue;
use std::collections::HashMap;
use tokio_postgres::types::Type;

/// A bound value, known only when the plan runs.
#[derive(Clone, Debug, PartialEq)]
pub enum Param {
    Person,
    Network,
    Now,
    /// Seven times 24 hours from now.
    Soon,
    /// The row that a mutation changed.
    Subject,
    /// The keys that a column of an earlier statement holds.
    Parents(usize, usize),
    /// A list of the caller's reach under these roles.
    Reach(ReachList, Roles),
    /// The same without clients that are alumni, whose work does not change.
    Working(ReachList, Roles),
    /// A single value or a list of them, out of the arguments.
    Given(Source, BindKind),
    /// For every time zone, when a day ends, out of the arguments or else yesterday, and so many days earlier.
    Zones(Source, Vec<u64>),
    /// A value in a cursor: the order's mark, how many values it has, which one, and its type.
    Cursor {
        source: Source,
        mark: String,
        values: usize,
        at: usize,
        kind: BindKind,
    },
}

/// Which list of a reach.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReachList {
    Clients,
    Around,
    Teams,
    Franchises,
    Practices,
}

/// The type of a bound value.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum BindKind {
    Id(entity::Table),
    /// A list of ids of one table; ids of others are left out.
    Ids(entity::Table),
    /// A key as a cursor shows it: with whatever prefix; and a list of them.
    Key,
    Keys,
    Int,
    Text,
    Texts,
    /// A closed enum's value, or a list of them, as the database spells it.
    Closed,
    Closeds,
    /// The same, kept in camelCase.
    Camel,
    Camels,
    /// Text to find within text, folded.
    Fragment,
    /// The words of a text, as what a word found must at least be, and what it must stay below.
    Words,
    WordEnds,
    Flag,
    Date,
    /// A day in UTC that must have begun, out of the argument of this name.
    Begun(&'static str),
    Instant,
}

impl BindKind {
    fn cast(self) -> &'static str {
        match self {
            BindKind::Id(_) | BindKind::Key => "uuid",
            BindKind::Ids(_) | BindKind::Keys => "uuid[]",
            BindKind::Int => "bigint",
            BindKind::Text | BindKind::Closed | BindKind::Camel | BindKind::Fragment => "text",
            BindKind::Texts | BindKind::Closeds | BindKind::Camels | BindKind::Words | BindKind::WordEnds => {
                "text[]"
            }
            BindKind::Flag => "boolean",
            BindKind::Date | BindKind::Begun(_) => "date",
            BindKind::Instant => "timestamptz",
        }
    }
    /// The kind of a single value of a field's type.
    pub fn of(ty: Ty) -> BindKind {
        match ty {
            Ty::Id(table) => BindKind::Id(table),
            Ty::Int => BindKind::Int,
            Ty::Text | Ty::Decimal | Ty::Json => BindKind::Text,
            Ty::Flag => BindKind::Flag,
            Ty::Date => BindKind::Date,
            Ty::Instant => BindKind::Instant,
            Ty::Closed(_) => BindKind::Closed,
            Ty::Camel(_) => BindKind::Camel,
            Ty::AnyId(_) => BindKind::Key,
        }
    }
}

impl Param {
    /// The type under which PostgreSQL is sent the value: the one it is cast to.
    pub fn wire_type(&self) -> Type {
        match self.cast() {
            "uuid" => Type::UUID,
            "uuid[]" => Type::UUID_ARRAY,
            "bigint" => Type::INT8,
            "text[]" => Type::TEXT_ARRAY,
            "boolean" => Type::BOOL,
            "date" => Type::DATE,
            "timestamptz" => Type::TIMESTAMPTZ,
            _ => Type::TEXT,
        }
    }

    fn cast(&self) -> &'static str {
        match self {
            Param::Person | Param::Network | Param::Subject => "uuid",
            Param::Now | Param::Soon => "timestamptz",
            Param::Parents(..) | Param::Reach(..) | Param::Working(..) => "uuid[]",
            Param::Zones(..) => "text",
            Param::Given(_, kind) | Param::Cursor { kind, .. } => kind.cast(),
        }
    }
}

/// How a statement is keyed to the rows above it.
#[derive(Clone, Debug)]
pub enum Form {
    /// By its conditions alone.
    Plain,
    /// The first `limit` rows of each parent.
    Top { parents: Param, on: &'static str },
    /// A count, for each parent where there is a column to group by.
    Count { by: Option<&'static str> },
}

/// What ties a statement's rows to the rows above.
pub enum Keyed {
    One(Param),
    Many(Param),
}

/// A statement in the making. Column 0 is the key that its rows are grouped by, where they are.
pub struct Build {
    pub dialect: Dialect,
    pub shape: &'static Shape,
    pub alias: String,
    /// What is read in place of the shape's table, with its snippets filled.
    pub from: Option<String>,
    pub form: Form,
    pub level: usize,
    pub grouped: bool,
    /// The client whose rows of a few-rowed noun this statement looks up for all who refer to them.
    pub shared_by: Option<Param>,
    pub conditions: Vec<String>,
    pub joins: Vec<String>,
    pub order: Vec<String>,
    pub limit: Option<u32>,
    pub params: Vec<Param>,
    /// Whether it is known whose rows the statement reads.
    pub visited: bool,
    /// Whether a snippet reads further rows, of whichever client.
    pub reads_further: bool,
    /// The arguments that snippets may name, the innermost last.
    pub given: Vec<(&'static str, Source, BindKind)>,
    select: Vec<String>,
    places: HashMap<String, usize>,
}

impl Build {
    pub fn new(dialect: Dialect, shape: &'static Shape, alias: String, level: usize) -> Build {
        Build {
            dialect,
            shape,
            alias,
            from: None,
            form: Form::Plain,
            level,
            grouped: false,
            shared_by: None,
            conditions: vec![],
            joins: vec![],
            order: vec![],
            limit: None,
            params: vec![],
            visited: false,
            reads_further: false,
            given: vec![],
            select: vec![],
            places: HashMap::new(),
        }
    }

    /// The place of a bound value in the statement; equal values share one.
    pub fn bind(&mut self, param: Param) -> String {
        let at = match self.params.iter().position(|known| *known == param) {
            Some(at) => at,
            None => {
                self.params.push(param);
                self.params.len() - 1
            }
        };
        self.dialect.bound_as(at + 1, self.params[at].cast())
    }

    /// The place of an expression among the columns.
    pub fn column(&mut self, expression: String) -> usize {
        let next = self.select.len();
        *self.places.entry(expression.clone()).or_insert_with(|| {
            self.select.push(expression);
            next
        })
    }

    /// A value of the row at `alias`.
    pub fn value(&mut self, from: From, alias: &str) -> String {
        match from {
            From::Column(column) => format!("{alias}.{column}"),
            From::Inner(column) => {
                let inside = Param::Reach(ReachList::Around, Actor::CONTENT);
                let inside = self.among_ids(&format!("{alias}.client_id"), inside);
                format!("case when {inside} then {alias}.{column} end")
            }
            From::Sql(sql) => self.snippet(sql, alias),
        }
    }

    /// What of the row at `alias` names another row: a column, or a snippet about `{t}`.
    pub fn tie(&mut self, from: &str, alias: &str) -> String {
        if from.contains("{t}") { self.snippet(from, alias) } else { format!("{alias}.{from}") }
    }

    /// The fold of a text of the row at `alias`: the one kept beside it, else the text in lower case.
    pub fn folded(&mut self, shape: &Shape, from: From, alias: &str) -> String {
        let text = self.value(from, alias);
        let lower = self.dialect.lower(&text);
        match from {
            From::Column(column) if shape.source.is_some_and(|source| source.folded.contains(&column)) => {
                format!("coalesce({alias}.{}, {lower})", entity::folded(column))
            }
            _ => lower,
        }
    }

    /// What an order compares of the row at `alias`: a value, or for a closed enum its place among those declared.
    pub fn compared(&mut self, sort: &Sort, alias: &str) -> (String, Ty) {
        let value = self.value(sort.from, alias);
        let Ty::Closed(register) = sort.ty else { return (value, sort.ty) };
        let declared = shape::declared(register);
        // what a newer process declared, and this one does not know, comes last
        let unknown = declared.len();
        let ranks = declared.iter().enumerate();
        let ranks: String =
            ranks.map(|(rank, name)| format!("when '{}' then {rank} ", name.to_ascii_lowercase())).collect();
        (format!("case {value} {ranks}else {unknown} end"), Ty::Int)
    }

    /// A snippet with its names filled.
    pub fn snippet(&mut self, sql: &str, alias: &str) -> String {
        self.reads_further |= sql.contains("select");
        let dialect = self.dialect;
        dialect.fill(sql, &mut |name, about| self.meaning(name, about, alias))
    }

    /// What a name means in a snippet about the row at `alias`.
    fn meaning(&mut self, name: &str, about: &str, alias: &str) -> Option<String> {
        let param = match name {
            "t" => return Some(alias.to_owned()),
            "names" => return Some(self.reads_names(about)),
            "shapes" => return Some(self.is_client_of(Actor::SHAPERS, alias)),
            "runs" => return Some(self.is_client_of(Actor::RUNNERS, alias)),
            "now" => Param::Now,
            "soon" => Param::Soon,
            "me" => Param::Person,
            "network" => Param::Network,
            "arg" => {
                let (source, kind) = self.argument(about);
                Param::Given(source, kind)
            }
            "zones" => {
                let (argument, spans) = about.split_once(',').unwrap_or((about, ""));
                let spans = spans.split(',').filter_map(|days| days.parse().ok()).collect();
                Param::Zones(self.argument(argument).0, spans)
            }
            _ => return None,
        };
        Some(self.bind(param))
    }

    /// Whether the caller leads the client of a row, or has assisted there since before the row was written. Rows of
    /// one instant are ordered by their ids.
    pub fn facilitated(&mut self, alias: &str, column: &str) -> String {
        let (me, now) = (self.bind(Param::Person), self.bind(Param::Now));
        let facilitated = format!(
            "exists (select 1 from assignment a where a.client_id = {alias}.{column} and a.person_id = {me} \
             and a.starts_at <= {now} and (a.ends_at is null or a.ends_at > {now}) \
             and (a.part = {{AssignmentPart::Lead}} or a.part = {{AssignmentPart::Co}} and (a.starts_at < {alias}.created_at \
             or a.starts_at = {alias}.created_at and a.id < {alias}.id)))"
        );
        self.dialect.fill(&facilitated, &mut |_, _| None)
    }

    /// Whether the caller is an active member of the team of a row.
    pub fn participating(&mut self, alias: &str, column: &str) -> String {
        let me = self.bind(Param::Person);
        let participating = format!(
            "exists (select 1 from member m where m.team_id = {alias}.{column} and m.person_id = {me} \
             and m.status = {{MemberStatus::Active}})"
        );
        self.dialect.fill(&participating, &mut |_, _| None)
    }

    /// Whether the caller reads the row at `alias`, which tells what a member of a team said with their name.
    fn reads_names(&mut self, alias: &str) -> String {
        let roles = Permission::Read(entity::Table::AlignmentVoice).roles();
        let client = format!("{alias}.client_id");
        let covered = self.among_ids(&client, Param::Reach(ReachList::Clients, roles));
        let team = self.among_ids(&format!("{alias}.team_id"), Param::Reach(ReachList::Teams, roles));
        let facilitated = self.facilitated(alias, "client_id");
        let participating = self.participating(alias, "team_id");
        format!("({covered} and {facilitated} or ({covered} or {team}) and {participating})")
    }

    /// Whether the caller covers the client of the row at `alias` whole, by these roles.
    fn is_client_of(&mut self, roles: Roles, alias: &str) -> String {
        self.among_ids(&format!("{alias}.client_id"), Param::Reach(ReachList::Clients, roles))
    }

    /// Where an argument that snippets name comes from; null where nobody gave it.
    fn argument(&self, name: &str) -> (Source, BindKind) {
        let given = self.given.iter().rev().find(|(given, ..)| *given == name);
        given.map_or((Source::Fixed(JsonValue::Null), BindKind::Text), |(_, source, kind)| {
            (source.clone(), *kind)
        })
    }

    /// Reads from the shape's query, where it has one, what belongs to the rows whose key is `one`, or among `many`.
    pub fn read_from(&mut self, keyed: &Keyed) {
        let Some(query) = self.shape.source.and_then(|source| source.query) else { return };
        self.reads_further = true;
        let (dialect, alias) = (self.dialect, self.alias.clone());
        let text = dialect.fill(query(dialect), &mut |name, about| match (name, keyed) {
            ("among", Keyed::One(param)) => Some(format!("{about} = {}", self.bind(param.clone()))),
            ("among", Keyed::Many(param)) => Some(self.among_ids(about, param.clone())),
            _ => self.meaning(name, about, &alias),
        });
        self.from = Some(format!("({text})"));
    }

    /// `expression` is one of a bound list of ids.
    pub fn among_ids(&mut self, expression: &str, list: Param) -> String {
        let place = self.bind(list);
        self.dialect.among_ids(expression, &place)
    }

    /// `expression` is one of a bound list of texts.
    pub fn among_texts(&mut self, expression: &str, list: Param) -> String {
        let place = self.bind(list);
        self.dialect.among_texts(expression, &place)
    }

    /// A join, for a row of an entry, with what it has of the words of `text`. Ranges of words and lists of clients
    /// are what an index serves under row-level security too.
    pub fn having_words(&mut self, alias: &str, text: Source, roles: Roles, wide: bool) -> String {
        let least = self.bind(Param::Given(text.clone(), BindKind::Words));
        let below = self.bind(Param::Given(text, BindKind::WordEnds));
        let mut reached = self.among_ids("s.client_id", Param::Reach(ReachList::Around, roles));
        if wide {
            let network = self.bind(Param::Network);
            reached = format!("({reached} or s.network_id = {network} and not s.content)");
        }
        let fit = format!("s.word >= q.least and s.word < q.below and {reached}");
        // each word is looked up by itself: joined, PostgreSQL would read all words of all clients and compare them
        let (found, count) = match self.dialect {
            Dialect::Postgres => (
                format!(
                    "unnest({least}, {below}) with ordinality as q (least, below, place) cross join lateral \
                     (select s.entry_id, s.titled from search_word s where {fit} offset 0) s"
                ),
                format!("cardinality({least})"),
            ),
            Dialect::Sqlite => (
                format!(
                    "(select l.key as place, l.value as least, b.value as below from json_each({least}) l \
                     join json_each({below}) b on b.key = l.key) q cross join search_word s on {fit}"
                ),
                format!("json_array_length({least})"),
            ),
        };
        format!(
            " join (select entry_id, min(titled) as titled from (select s.entry_id, max(s.titled) as titled \
             from {found} group by s.entry_id, q.place) h group by entry_id having count(*) = {count}) {alias}f \
             on {alias}f.entry_id = {alias}.id"
        )
    }

    /// The finished statement.
    pub fn finish(mut self) -> (String, Vec<Param>) {
        let name = self.from.as_deref().or(self.shape.source.map(|source| source.name)).unwrap_or_default();
        let from = format!("{name} {}", self.alias);
        let joins = self.joins.concat();
        let sql = match self.form.clone() {
            Form::Plain => {
                let columns = self.columns(0);
                format!(
                    "select {columns} from {from}{joins}{}{}{}",
                    self.filtered(),
                    self.ordered(),
                    self.limited()
                )
            }
            Form::Count { by: None } => format!(
                "select count(*) from (select 1 from {from}{joins}{} limit {COUNTED}) counted",
                self.filtered()
            ),
            Form::Count { by: Some(column) } => {
                let key = format!("{}.{column}", self.alias);
                format!("select {key}, count(*) from {from}{joins}{} group by {key}", self.filtered())
            }
            Form::Top { parents, on } => self.top(&from, &joins, parents, on),
        };
        (sql, self.params)
    }

    fn top(&mut self, from: &str, joins: &str, parents: Param, on: &str) -> String {
        let (alias, limit) = (self.alias.clone(), self.limit.unwrap_or(1));
        let outer: Vec<String> = (1..self.select.len()).map(|at| format!(", r.c{at}")).collect();
        match self.dialect {
            Dialect::Postgres => {
                // an index scan for each parent, and never a row that the limit drops
                let parents = self.bind(parents);
                self.conditions.insert(0, format!("{alias}.{on} = p.k"));
                format!(
                    "select p.k{} from unnest({parents}) as p (k) cross join lateral \
                     (select {} from {from}{joins}{}{}{}) r",
                    outer.concat(),
                    self.columns(1),
                    self.filtered(),
                    self.ordered(),
                    self.limited()
                )
            }
            Dialect::Sqlite => {
                let tie = self.among_ids(&format!("{alias}.{on}"), parents);
                self.conditions.insert(0, tie);
                format!(
                    "select r.c0{} from (select {}, row_number() over (partition by {alias}.{on}{}) as place \
                     from {from}{joins}{}) r where r.place <= {limit} order by r.c0, r.place",
                    outer.concat(),
                    self.columns(0),
                    self.ordered(),
                    self.filtered()
                )
            }
        }
    }

    fn columns(&self, skip: usize) -> String {
        let columns: Vec<String> = self
            .select
            .iter()
            .enumerate()
            .skip(skip)
            .map(|(at, column)| format!("{column} as c{at}"))
            .collect();
        if columns.is_empty() { "1 as c1".into() } else { columns.join(", ") }
    }
    fn filtered(&self) -> String {
        if self.conditions.is_empty() {
            String::new()
        } else {
            format!(" where {}", self.conditions.join(" and "))
        }
    }
    fn ordered(&self) -> String {
        if self.order.is_empty() { String::new() } else { format!(" order by {}", self.order.join(", ")) }
    }
    fn limited(&self) -> String {
        // written out: bound, PostgreSQL would have to guess it
        self.limit.map_or_else(String::new, |limit| format!(" limit {limit}"))
    }
}
