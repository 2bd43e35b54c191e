//! Document → statements and the form of the answer.
//!
//! **How statements are keyed.** Below a single client every statement is keyed by that client, so all go out at
//! once; to-one edges join their parent's statement, or, below a client, share one look-up of its few members,
//! stages and the like. Below a page or a first row, statements are keyed by the keys of the rows above: keyed by
//! the client they would read what the page dropped.

use super::{
    arg::{self, Arg, Source},
    page::{self, Size},
    run::Spent,
    shape::{Field, From, Kind, Mine, Shape, Sort, Ty},
    sql::{self, Build, Dialect, Form, Keyed, Param, ReachList},
};
use crate::{
    gate::{Chosen, Document, collect},
    kernel::{
        access::{
            Actor, Permission,
            reach::{Term, terms},
        },
        error::Fault,
    },
};
use apollo_compiler::{
    Schema,
    executable::SelectionSet,
    response::{JsonMap, JsonValue},
};
use parking_lot::Mutex;
use std::{
    collections::{BTreeSet, HashMap},
    sync::Arc,
};

/// What answers a document.
pub struct Plan {
    pub statements: Vec<Statement>,
    pub roots: Vec<Out>,
    /// How many times the statements' values must wait for earlier rows, and once more.
    pub levels: usize,
    /// Whom it serves: callers of this form, and no others.
    pub form: u32,
}

/// A statement, its values, and when it can be sent.
pub struct Statement {
    pub sql: String,
    pub params: Vec<Param>,
    pub level: usize,
    /// Whether column 0 is a key that the rows are grouped by.
    pub grouped: bool,
}

/// One key of an object in the answer.
pub struct Out {
    pub key: String,
    /// `"key":`
    pub prefix: Vec<u8>,
    pub what: What,
}

/// What stands under a key. `key` is the place, in the row above, of what the rows below are grouped by; without
/// one, all of the statement's rows belong here.
pub enum What {
    Value(usize, Ty),
    Typename(&'static str),
    Virtual(Vec<Out>),
    Said(fn(&Actor, &Spent) -> String),
    /// In the same row; null when the value at this place is.
    Joined {
        present: usize,
        null: bool,
        outs: Vec<Out>,
    },
    /// One row of another statement.
    Row {
        key: Option<usize>,
        statement: usize,
        null: bool,
        outs: Vec<Out>,
    },
    /// All rows of another statement.
    Rows {
        key: Option<usize>,
        statement: usize,
        outs: Vec<Out>,
    },
    Page(Box<Paged>),
    /// Rows by their ids, in the order of the ids: from a statement for each type.
    Nodes {
        ids: Source,
        kinds: Vec<(entity::Table, usize, Vec<Out>)>,
    },
    Null,
    /// What the gate answered about the schema, by its key.
    Introspection(String),
}

/// A connection.
pub struct Paged {
    pub key: Option<usize>,
    /// The statement of the rows, and of the count, where asked for.
    pub rows: Option<usize>,
    pub count: Option<usize>,
    pub size: Size,
    pub after: bool,
    pub mark: String,
    /// The order's values, and the key last.
    pub cursor: Vec<(usize, Ty)>,
    pub parts: Vec<(Vec<u8>, Part)>,
}

/// A field of a connection.
pub enum Part {
    Typename(&'static str),
    Total,
    Nodes(Vec<Out>),
    Edges(Vec<(Vec<u8>, EdgePart)>),
    Info(Vec<(Vec<u8>, InfoPart)>),
}

/// A field of an edge.
pub enum EdgePart {
    Typename(&'static str),
    Cursor,
    Node(Vec<Out>),
}

/// A field of the page's information.
pub enum InfoPart {
    Typename,
    HasNext,
    HasPrevious,
    Start,
    End,
}

/// Everything that can be read: the shapes, and the plans made so far.
pub struct Plans {
    root: &'static Shape,
    shapes: HashMap<&'static str, &'static Shape>,
    kept: Mutex<HashMap<u64, Kept>>,
}

/// The plans of one document.
struct Kept {
    document: Arc<Document>,
    shaping: Shaping,
    plans: HashMap<String, Arc<Planned>>,
}

/// The plan of a document: of a query's roots, or of each object in a mutation's payloads by its path.
pub struct Planned {
    pub query: Plan,
    pub payloads: HashMap<String, Plan>,
}

/// Variables whose values decide the form of a plan: as they are, or by their skeleton.
#[derive(Clone, Debug, Default)]
struct Shaping {
    whole: BTreeSet<String>,
    skeleton: BTreeSet<String>,
}

/// Documents whose plans are kept at most, and plans of one document.
const DOCUMENTS: usize = 2_000;
const PLANS: usize = 64;
/// To-one edges that join one statement; more go out by themselves. SQLite joins 64 tables at most, those of views
/// among them.
const JOINS: usize = 24;

impl Plans {
    pub fn new(root: &'static Shape) -> Plans {
        let mut shapes = HashMap::new();
        gather(root, &mut shapes);
        Plans { root, shapes, kept: Mutex::default() }
    }
    pub fn root(&self) -> &'static Shape {
        self.root
    }
    pub fn shapes(&self) -> impl Iterator<Item = &'static Shape> {
        self.shapes.values().copied()
    }

    /// The plan of a document for callers like `actor`, and whether it was at hand.
    pub fn plan(
        &self,
        document: &Arc<Document>,
        schema: &Schema,
        variables: &JsonMap,
        actor: &Actor,
        dialect: Dialect,
    ) -> Result<(Arc<Planned>, bool), Fault> {
        {
            let kept = self.kept.lock();
            if let Some(entry) =
                kept.get(&document.hash).filter(|entry| Arc::ptr_eq(&entry.document, document))
            {
                let key = entry.shaping.key(variables, actor);
                if let Some(plan) = entry.plans.get(&key) {
                    return Ok((plan.clone(), true));
                }
            }
        }
        let mut planner = Planner {
            plans: self,
            document,
            schema,
            variables,
            actor,
            dialect,
            shaping: Shaping::default(),
            builds: vec![],
            given: vec![],
            aliases: 0,
        };
        let plan = Arc::new(planner.document()?);
        let shaping = planner.shaping;
        let mut kept = self.kept.lock();
        if kept.len() >= DOCUMENTS {
            kept.clear();
        }
        let fresh =
            || Kept { document: document.clone(), shaping: Shaping::default(), plans: HashMap::new() };
        let entry = kept.entry(document.hash).or_insert_with(fresh);
        if !Arc::ptr_eq(&entry.document, document) || entry.plans.len() >= PLANS {
            *entry = fresh();
        }
        entry.shaping.whole.extend(shaping.whole);
        entry.shaping.skeleton.extend(shaping.skeleton);
        let key = entry.shaping.key(variables, actor);
        entry.plans.insert(key, plan.clone());
        Ok((plan, false))
    }
}

impl Shaping {
    fn key(&self, variables: &JsonMap, actor: &Actor) -> String {
        let mut key = actor.form().to_string();
        for name in &self.whole {
            key.push(';');
            key.push_str(name);
            key.push('=');
            if let Some(value) = variables.get(name.as_str()) {
                key.push_str(&serde_json::to_string(value).unwrap_or_default());
            }
        }
        for name in &self.skeleton {
            key.push(';');
            key.push_str(name);
            key.push('~');
            if let Some(value) = variables.get(name.as_str()) {
                arg::skeleton(value, &mut key);
            }
        }
        key
    }
}

fn gather(shape: &'static Shape, shapes: &mut HashMap<&'static str, &'static Shape>) {
    if shapes.insert(shape.name, shape).is_some() {
        return;
    }
    for field in &shape.fields {
        match &field.kind {
            Kind::One { to, .. }
            | Kind::List { to, .. }
            | Kind::First { to, .. }
            | Kind::Connection { to, .. }
            | Kind::ById { to }
            | Kind::Mine { to, .. }
            | Kind::Virtual { to, .. } => gather(to(), shapes),
            Kind::Value { .. } | Kind::Node | Kind::Nodes | Kind::Said { .. } => {}
        }
    }
}

/// Where the rows of an object are.
#[derive(Clone)]
struct Place {
    shape: &'static Shape,
    statement: usize,
    alias: String,
    /// The object is the one row with this key.
    single: Option<Param>,
    /// Every row of the statement is of this client.
    client: Option<Param>,
    /// Rows were dropped by a page or a limit.
    cut: bool,
}

struct Planner<'a> {
    plans: &'a Plans,
    document: &'a Document,
    schema: &'a Schema,
    variables: &'a JsonMap,
    actor: &'a Actor,
    dialect: Dialect,
    shaping: Shaping,
    builds: Vec<Build>,
    /// The arguments of the fields that are being planned, the innermost last.
    given: Vec<(&'static str, Source, sql::Kind)>,
    aliases: usize,
}

impl<'a> Planner<'a> {
    fn document(&mut self) -> Result<Planned, Fault> {
        let operation = &self.document.operation;
        let sets = [&operation.selection_set];
        if operation.is_mutation() {
            let mut payloads = HashMap::new();
            self.payloads(operation.object_type().as_str(), &sets, "", &mut payloads)?;
            return Ok(Planned {
                query: Plan { statements: vec![], roots: vec![], levels: 0, form: self.actor.form() },
                payloads,
            });
        }
        let roots = self.object(self.plans.root, &sets, None)?;
        Ok(Planned { query: self.finish(roots), payloads: HashMap::new() })
    }

    /// Plans each object with a shape in a payload, by its path of response keys.
    fn payloads(
        &mut self,
        ty: &str,
        sets: &[&'a SelectionSet],
        path: &str,
        out: &mut HashMap<String, Plan>,
    ) -> Result<(), Fault> {
        for chosen in self.collect(sets, ty) {
            let below = chosen.field.ty().inner_named_type().as_str();
            let path = if path.is_empty() { chosen.key.to_owned() } else { format!("{path}.{}", chosen.key) };
            match self.plans.shapes.get(below).copied() {
                Some(shape) if shape.source.is_some() => {
                    let what = self.single(shape, &chosen.sets, Param::Subject)?;
                    let root = Out { key: String::new(), prefix: vec![], what };
                    let plan = self.finish(vec![root]);
                    out.insert(path, plan);
                }
                _ if !chosen.sets.is_empty() => self.payloads(below, &chosen.sets, &path, out)?,
                _ => {}
            }
        }
        Ok(())
    }

    fn finish(&mut self, roots: Vec<Out>) -> Plan {
        let builds = std::mem::take(&mut self.builds);
        let levels = builds.iter().map(|build| build.level + 1).max().unwrap_or(0);
        let statements = builds
            .into_iter()
            .map(|build| {
                let (level, grouped) = (build.level, build.grouped);
                let (sql, params) = build.finish();
                Statement { sql, params, level, grouped }
            })
            .collect();
        Plan { statements, roots, levels, form: self.actor.form() }
    }

    fn collect(&mut self, sets: &[&'a SelectionSet], ty: &str) -> Vec<Chosen<'a>> {
        collect(&self.document.ast, self.schema, sets, ty, self.variables, &mut self.shaping.whole)
    }

    fn object(
        &mut self,
        shape: &'static Shape,
        sets: &[&'a SelectionSet],
        place: Option<&Place>,
    ) -> Result<Vec<Out>, Fault> {
        let mut outs = vec![];
        for chosen in self.collect(sets, shape.name) {
            let what = match chosen.field.name.as_str() {
                "__typename" => What::Typename(shape.name),
                "__schema" | "__type" => What::Introspection(chosen.key.to_owned()),
                name => {
                    let field = shape.field(name).ok_or(Fault::Internal)?;
                    let around = self.given.len();
                    self.take(field, &chosen);
                    if let Some(place) = place {
                        self.builds[place.statement].given.clone_from(&self.given);
                    }
                    let what = self.field(field, &chosen, place)?;
                    self.given.truncate(around);
                    what
                }
            };
            outs.push(Out { key: chosen.key.to_owned(), prefix: prefix(chosen.key), what });
        }
        Ok(outs)
    }

    /// Takes a field's own arguments, for the snippets of the field and of all below.
    fn take(&mut self, field: &'static Field, chosen: &Chosen<'a>) {
        for take in &field.takes {
            let nothing = Source::Fixed(JsonValue::Null);
            let source = self.arg(chosen, take.name).source().cloned().unwrap_or(nothing);
            self.given.push((take.name, source, sql::Kind::of(take.ty)));
        }
    }

    fn field(
        &mut self,
        field: &'static Field,
        chosen: &Chosen<'a>,
        place: Option<&Place>,
    ) -> Result<What, Fault> {
        match (&field.kind, place) {
            (Kind::Value { from, ty, .. }, Some(place)) => {
                let build = &mut self.builds[place.statement];
                let value = build.value(*from, &place.alias);
                Ok(What::Value(build.column(value), *ty))
            }
            (Kind::One { to, from, on, null }, Some(place)) => self.one(to(), from, on, *null, chosen, place),
            (Kind::List { to, from, on, only, order, .. }, Some(place)) => {
                let (key, child) = self.child(to(), from, on, place);
                self.narrow(&child, *only);
                self.sort(&child, order, false);
                let outs = self.object(child.shape, &chosen.sets, Some(&child))?;
                Ok(What::Rows { key, statement: child.statement, outs })
            }
            (Kind::List { to, only, order, .. }, None) => {
                let place = self.top_level(to(), 0);
                self.builds[place.statement].read_from(&Keyed::One(Param::Network));
                self.narrow(&place, *only);
                self.sort(&place, order, false);
                let outs = self.object(place.shape, &chosen.sets, Some(&place))?;
                Ok(What::Rows { key: None, statement: place.statement, outs })
            }
            (Kind::First { to, from, on, only, order, few }, Some(place)) => {
                let (key, mut child) = self.top(to(), from, on, place, 1);
                // keyed by the root after all, what is below goes out at once
                child.cut = child.cut && !(*few && place.single.is_some());
                self.narrow(&child, *only);
                self.sort(&child, order, false);
                let outs = self.object(child.shape, &chosen.sets, Some(&child))?;
                Ok(What::Row { key, statement: child.statement, null: true, outs })
            }
            (Kind::Connection { to, tie, only, order }, place) => {
                self.connection(to(), *tie, *only, order, chosen, place)
            }
            (Kind::ById { to }, _) => {
                let table = to().source.ok_or(Fault::Internal)?.table;
                let Some(source) = self.arg(chosen, "id").source().cloned() else { return Ok(What::Null) };
                self.single(to(), &chosen.sets, Param::Given(source, sql::Kind::Id(table)))
            }
            (Kind::Mine { to, which }, _) => {
                let param = if *which == Mine::Person { Param::Person } else { Param::Network };
                self.single(to(), &chosen.sets, param)
            }
            (Kind::Node, _) => self.node(chosen),
            (Kind::Nodes, _) => self.nodes(chosen),
            (Kind::Virtual { to, .. }, place) => Ok(What::Virtual(self.object(to(), &chosen.sets, place)?)),
            (Kind::Said { json, .. }, _) => Ok(What::Said(*json)),
            (_, None) => Err(Fault::Internal),
        }
    }

    /// The one row whose key is `param`.
    fn single(
        &mut self,
        shape: &'static Shape,
        sets: &[&'a SelectionSet],
        param: Param,
    ) -> Result<What, Fault> {
        let mut place = self.begin(shape, 0);
        let key = shape.source.ok_or(Fault::Internal)?.key;
        let build = &mut self.builds[place.statement];
        let bound = build.bind(param.clone());
        build.conditions.push(format!("{}.{key} = {bound}", place.alias));
        if shape.name == "Client" {
            place.client = Some(param.clone());
        }
        place.single = Some(param);
        self.reach(place.statement, shape, &place.alias.clone(), None);
        let outs = self.object(shape, sets, Some(&place))?;
        Ok(What::Row { key: None, statement: place.statement, null: true, outs })
    }

    fn node(&mut self, chosen: &Chosen<'a>) -> Result<What, Fault> {
        let id = self.arg(chosen, "id");
        let Some(source) = id.source().cloned() else { return Ok(What::Null) };
        match self.shape_of(&id.json()) {
            Some((shape, table)) => {
                self.single(shape, &chosen.sets, Param::Given(source, sql::Kind::Id(table)))
            }
            None => Ok(What::Null),
        }
    }

    fn nodes(&mut self, chosen: &Chosen<'a>) -> Result<What, Fault> {
        let ids = self.arg(chosen, "ids");
        let (source, items) = (ids.source().cloned().ok_or(Fault::Internal)?, ids.items());
        if items.len() > page::MOST as usize {
            return Err(Fault::BadUserInput(format!("At most {} ids at once.", page::MOST)));
        }
        let mut kinds: Vec<(entity::Table, usize, Vec<Out>)> = vec![];
        for item in items {
            let Some((shape, table)) = self.shape_of(&item.json()) else { continue };
            if kinds.iter().any(|(known, ..)| *known == table) {
                continue;
            }
            let mut place = self.begin(shape, 0);
            place.cut = true;
            let build = &mut self.builds[place.statement];
            build.grouped = true;
            let key = format!("{}.id", place.alias);
            build.column(key.clone());
            let among = build.among_ids(&key, Param::Given(source.clone(), sql::Kind::Ids(table)));
            build.conditions.push(among);
            self.reach(place.statement, shape, &place.alias.clone(), None);
            let outs = self.object(shape, &chosen.sets, Some(&place))?;
            kinds.push((table, place.statement, outs));
        }
        Ok(What::Nodes { ids: source, kinds })
    }

    fn shape_of(&self, id: &JsonValue) -> Option<(&'static Shape, entity::Table)> {
        let (prefix, _) = entity::split_id(id.as_str()?)?;
        self.plans.shapes.values().find_map(|shape| {
            let source = shape.source.filter(|source| source.node && source.table.prefix() == prefix)?;
            Some((*shape, source.table))
        })
    }

    fn one(
        &mut self,
        to: &'static Shape,
        from: &'static str,
        on: &'static str,
        null: bool,
        chosen: &Chosen<'a>,
        place: &Place,
    ) -> Result<What, Fault> {
        let below_client = to.source.is_some_and(|source| source.hang.client_column().is_some());
        let client = place.client.clone().filter(|_| below_client);
        if let (Some(client), false, None, true) = (&client, place.cut, &place.single, few(to) && on == "id")
        {
            let key = self.builds[place.statement].column(format!("{}.{from}", place.alias));
            let shared = self.lookup(to, client);
            let outs = self.object(to, &chosen.sets, Some(&shared))?;
            return Ok(What::Row { key: Some(key), statement: shared.statement, null, outs });
        }
        let queried = to.source.is_some_and(|source| source.query.is_some());
        if queried || self.builds[place.statement].joins.len() >= JOINS {
            let apart = Place { cut: true, ..place.clone() };
            let (key, child) = self.child(to, from, on, &apart);
            let outs = self.object(to, &chosen.sets, Some(&child))?;
            return Ok(What::Row { key, statement: child.statement, null, outs });
        }
        let alias = self.alias();
        let source = to.source.ok_or(Fault::Internal)?;
        let conditions = self.reach_conditions(place.statement, to, &alias, None);
        let build = &mut self.builds[place.statement];
        let reach = conditions.map_or_else(String::new, |reach| format!(" and {reach}"));
        build.joins.push(format!(
            " left join {} {alias} on {alias}.{on} = {}.{from}{reach}",
            source.name, place.alias
        ));
        let present = build.column(format!("{alias}.{on}"));
        let joined =
            Place { shape: to, statement: place.statement, alias, single: None, client, cut: place.cut };
        let outs = self.object(to, &chosen.sets, Some(&joined))?;
        Ok(What::Joined { present, null, outs })
    }

    /// The statement that looks up all rows of a few-rowed noun of a client, made once.
    fn lookup(&mut self, to: &'static Shape, client: &Param) -> Place {
        let known = self
            .builds
            .iter()
            .position(|build| std::ptr::eq(build.shape, to) && build.shared_by.as_ref() == Some(client));
        let place = |statement: usize, alias: String| Place {
            shape: to,
            statement,
            alias,
            single: None,
            client: Some(client.clone()),
            cut: false,
        };
        if let Some(statement) = known {
            return place(statement, self.builds[statement].alias.clone());
        }
        let begun = self.begin(to, 0);
        let build = &mut self.builds[begun.statement];
        build.grouped = true;
        build.column(format!("{}.id", begun.alias));
        build.shared_by = Some(client.clone());
        self.tie_client(&begun, client);
        self.reach(begun.statement, to, &begun.alias, Some(client));
        place(begun.statement, begun.alias)
    }

    /// The statement of all rows below each object at `place`, and the key in the object's row.
    fn child(
        &mut self,
        to: &'static Shape,
        from: &'static str,
        on: &'static str,
        place: &Place,
    ) -> (Option<usize>, Place) {
        let level = self.builds[place.statement].level;
        if let (Some(single), true) = (&place.single, from == "id") {
            let single = single.clone();
            let mut child = self.begin(to, level);
            child.client = self.client_below(to, place);
            let build = &mut self.builds[child.statement];
            build.read_from(&Keyed::One(single.clone()));
            let bound = build.bind(single);
            build.conditions.push(format!("{}.{on} = {bound}", child.alias));
            let tied = child.client.clone().filter(|_| on == "client_id");
            self.reach(child.statement, to, &child.alias, tied.as_ref());
            return (None, child);
        }
        let key = self.builds[place.statement].column(format!("{}.{from}", place.alias));
        let client = self.client_below(to, place);
        let queried = to.source.is_some_and(|source| source.query.is_some());
        let by_client = client.clone().filter(|_| !place.cut && !queried);
        let mut child = self.begin(to, if by_client.is_some() { level } else { level + 1 });
        child.client = client;
        let build = &mut self.builds[child.statement];
        build.grouped = true;
        let tie = format!("{}.{on}", child.alias);
        build.column(tie.clone());
        match &by_client {
            Some(client) => self.tie_client(&child, client),
            None => {
                let parents = Param::Parents(place.statement, key);
                build.read_from(&Keyed::Many(parents.clone()));
                let among = build.among_ids(&tie, parents);
                build.conditions.push(among);
            }
        }
        self.reach(child.statement, to, &child.alias, by_client.as_ref());
        (Some(key), child)
    }

    /// The statement of the first `limit` rows below each object at `place`, and the key in the object's row.
    fn top(
        &mut self,
        to: &'static Shape,
        from: &'static str,
        on: &'static str,
        place: &Place,
        limit: u32,
    ) -> (Option<usize>, Place) {
        if place.single.is_some() && from == "id" {
            let (key, mut child) = self.child(to, from, on, place);
            self.builds[child.statement].limit = Some(limit);
            child.cut = true;
            return (key, child);
        }
        let level = self.builds[place.statement].level;
        let key = self.builds[place.statement].column(format!("{}.{from}", place.alias));
        let mut child = self.begin(to, level + 1);
        child.client = self.client_below(to, place);
        child.cut = true;
        let build = &mut self.builds[child.statement];
        build.grouped = true;
        build.column(format!("{}.{on}", child.alias));
        build.limit = Some(limit);
        let parents = Param::Parents(place.statement, key);
        build.read_from(&Keyed::Many(parents.clone()));
        build.form = Form::Top { parents, on };
        self.reach(child.statement, to, &child.alias, None);
        (Some(key), child)
    }

    fn connection(
        &mut self,
        to: &'static Shape,
        tie: Option<(&'static str, &'static str)>,
        only: Option<&'static str>,
        own: &[Sort],
        chosen: &Chosen<'a>,
        place: Option<&Place>,
    ) -> Result<What, Fault> {
        let [first, last, order_by] =
            ["first", "last", "orderBy"].map(|name| self.shaping_arg(chosen, name).json());
        let size = Size::of(&first, &last)?;
        let (after, before) = (self.arg(chosen, "after"), self.arg(chosen, "before"));
        let (filter, text) = (self.arg(chosen, "filter"), self.arg(chosen, "text"));
        let order = page::order(to, &order_by, own)?;
        let mark = page::mark(to, &order);
        let asked = self.collect(&chosen.sets, &format!("{}Connection", to.name));
        let wants = |name: &str| asked.iter().any(|part| part.field.name == name);

        let (mut key, mut rows, mut count, mut cursor, mut child) = (None, None, None, vec![], None);
        if wants("edges") || wants("nodes") || wants("pageInfo") {
            let (tied, place) = match (tie, place) {
                (Some((from, on)), Some(place)) => self.top(to, from, on, place, size.limit + 1),
                _ => (None, self.top_level(to, size.limit + 1)),
            };
            self.narrow(&place, only);
            if to.searched() {
                self.search(&place, &text);
            }
            self.filter(&place, &filter)?;
            self.sort(&place, &order, size.backward);
            for (cursor, forward) in [(&after, true), (&before, false)] {
                self.keyset(&place, cursor, &order, &mark, forward);
            }
            cursor = self.cursor(&place, &order);
            (key, rows, child) = (tied, Some(place.statement), Some(place));
        }
        if wants("totalCount") {
            let (tied, place) = match (tie, place) {
                (Some((from, on)), Some(place)) => {
                    let (tied, child) = self.child(to, from, on, place);
                    self.builds[child.statement].form = Form::Count { by: tied.map(|_| on) };
                    (tied, child)
                }
                _ => {
                    let place = self.top_level(to, 0);
                    self.builds[place.statement].form = Form::Count { by: None };
                    (None, place)
                }
            };
            self.narrow(&place, only);
            if to.searched() {
                self.search(&place, &text);
            }
            self.filter(&place, &filter)?;
            key = key.or(tied);
            count = Some(place.statement);
        }
        let mut parts = vec![];
        for part in asked {
            parts.push((prefix(part.key), self.part(to, &part, child.as_ref())?));
        }
        let after = if size.backward { !before.is_null() } else { !after.is_null() };
        Ok(What::Page(Box::new(Paged { key, rows, count, size, after, mark, cursor, parts })))
    }

    fn part(&mut self, to: &'static Shape, part: &Chosen<'a>, place: Option<&Place>) -> Result<Part, Fault> {
        Ok(match part.field.name.as_str() {
            "totalCount" => Part::Total,
            "nodes" => Part::Nodes(self.object(to, &part.sets, place)?),
            "edges" => {
                let mut edges = vec![];
                for field in self.collect(&part.sets, &format!("{}Edge", to.name)) {
                    let what = match field.field.name.as_str() {
                        "cursor" => EdgePart::Cursor,
                        "node" => EdgePart::Node(self.object(to, &field.sets, place)?),
                        _ => EdgePart::Typename(leak(format!("{}Edge", to.name))),
                    };
                    edges.push((prefix(field.key), what));
                }
                Part::Edges(edges)
            }
            "pageInfo" => Part::Info(
                self.collect(&part.sets, "PageInfo")
                    .iter()
                    .map(|field| {
                        let what = match field.field.name.as_str() {
                            "hasNextPage" => InfoPart::HasNext,
                            "hasPreviousPage" => InfoPart::HasPrevious,
                            "startCursor" => InfoPart::Start,
                            "endCursor" => InfoPart::End,
                            _ => InfoPart::Typename,
                        };
                        (prefix(field.key), what)
                    })
                    .collect(),
            ),
            _ => Part::Typename(leak(format!("{}Connection", to.name))),
        })
    }

    fn top_level(&mut self, to: &'static Shape, limit: u32) -> Place {
        let mut place = self.begin(to, 0);
        place.cut = true;
        self.builds[place.statement].limit = (limit > 0).then_some(limit);
        self.reach(place.statement, to, &place.alias.clone(), None);
        place
    }

    fn begin(&mut self, shape: &'static Shape, level: usize) -> Place {
        let alias = self.alias();
        let mut build = Build::new(self.dialect, shape, alias.clone(), level);
        build.given.clone_from(&self.given);
        self.builds.push(build);
        Place { shape, statement: self.builds.len() - 1, alias, single: None, client: None, cut: false }
    }

    fn alias(&mut self) -> String {
        self.aliases += 1;
        format!("t{}", self.aliases)
    }

    fn client_below(&self, to: &Shape, place: &Place) -> Option<Param> {
        to.source.filter(|source| source.hang.client_column().is_some()).and(place.client.clone())
    }

    fn tie_client(&mut self, place: &Place, client: &Param) {
        let Some(column) = place.shape.source.and_then(|source| source.hang.client_column()) else { return };
        let build = &mut self.builds[place.statement];
        let bound = build.bind(client.clone());
        build.conditions.push(format!("{}.{column} = {bound}", place.alias));
    }

    /// Only the entries that have every word of the text; `{t}f.titled` says whether their titles have them all.
    fn search(&mut self, place: &Place, text: &Arg) {
        let text = text.source().cloned().unwrap_or(Source::Fixed(JsonValue::Null));
        let roles = Permission::Read(entity::Table::SearchEntry).roles().both(self.actor.roles());
        let wide = self.actor.reach_as(roles).wide;
        let build = &mut self.builds[place.statement];
        let words = build.having_words(&place.alias, text, roles, wide);
        build.joins.push(words);
    }

    fn narrow(&mut self, place: &Place, only: Option<&'static str>) {
        if let Some(condition) = only {
            let build = &mut self.builds[place.statement];
            let condition = build.snippet(condition, &place.alias);
            build.conditions.push(format!("({condition})"));
        }
    }

    fn sort(&mut self, place: &Place, order: &[Sort], backward: bool) {
        let key = place.shape.source.map_or("id", |source| source.key);
        let build = &mut self.builds[place.statement];
        let direction = |descending: bool| if descending != backward { " desc" } else { "" };
        let mut last = false;
        for sort in order {
            let value = build.value(sort.from, &place.alias);
            build.order.push(format!("{value}{}", direction(sort.descending)));
            last = sort.descending;
        }
        build.order.push(format!("{}.{key}{}", place.alias, direction(last)));
    }

    /// The order's values and the key, as columns that cursors are made of.
    fn cursor(&mut self, place: &Place, order: &[Sort]) -> Vec<(usize, Ty)> {
        let Some(source) = place.shape.source else { return vec![] };
        let build = &mut self.builds[place.statement];
        let mut columns: Vec<(usize, Ty)> = order
            .iter()
            .map(|sort| {
                let value = build.value(sort.from, &place.alias);
                (build.column(value), sort.ty)
            })
            .collect();
        columns.push((build.column(format!("{}.{}", place.alias, source.key)), Ty::Id(source.table)));
        columns
    }

    /// Only the rows behind (or, backward, before) a cursor.
    fn keyset(&mut self, place: &Place, cursor: &Arg, order: &[Sort], mark: &str, forward: bool) {
        let (Some(source), Some(table)) = (cursor.source(), place.shape.source) else { return };
        let build = &mut self.builds[place.statement];
        let last = order.last().is_some_and(|sort| sort.descending);
        let key = Sort { from: From::Column(table.key), ty: page::KEY, descending: last };
        let keys: Vec<Sort> = order.iter().copied().chain([key]).collect();
        let values = keys.len();
        let mut alternatives = vec![];
        let mut equal = String::new();
        for (at, sort) in keys.iter().enumerate() {
            let value = build.value(sort.from, &place.alias);
            let kind = if at + 1 == values { sql::Kind::Key } else { sql::Kind::of(sort.ty) };
            let param = Param::Cursor { source: source.clone(), mark: mark.to_owned(), values, at, kind };
            let bound = build.bind(param);
            let sign = if sort.descending == forward { "<" } else { ">" };
            alternatives.push(format!("({equal}{value} {sign} {bound})"));
            equal.push_str(&format!("{value} = {bound} and "));
        }
        build.conditions.push(format!("({})", alternatives.join(" or ")));
    }

    /// Adds the caller's reach on a table to a statement. `tied`: its rows are all of this client.
    fn reach(&mut self, statement: usize, shape: &'static Shape, alias: &str, tied: Option<&Param>) {
        if let Some(condition) = self.reach_conditions(statement, shape, alias, tied) {
            self.builds[statement].conditions.push(condition);
        }
    }

    fn reach_conditions(
        &mut self,
        statement: usize,
        shape: &'static Shape,
        alias: &str,
        tied: Option<&Param>,
    ) -> Option<String> {
        let source = shape.source?;
        let roles = Permission::Read(source.table).roles().both(self.actor.roles());
        if roles.is_empty() {
            return Some("1 = 0".into());
        }
        let reach = self.actor.reach_as(roles);
        let wide = reach.wide;
        let build = &mut self.builds[statement];
        let conditions: Vec<String> = terms(source.hang, wide, self.actor.form() >> 8 != 0)
            .into_iter()
            .map(|term| {
                // one check of the client whom all rows are of costs less than one a row
                let mut list = |column: &'static str, list: ReachList| match tied {
                    Some(client) if Some(column) == source.hang.client_column() => {
                        let client = build.bind(client.clone());
                        build.among_ids(&client, Param::Reach(list, roles))
                    }
                    _ => build.among_ids(&format!("{alias}.{column}"), Param::Reach(list, roles)),
                };
                match term {
                    Term::Clients(column) => list(column, ReachList::Clients),
                    Term::Around(column) => list(column, ReachList::Around),
                    Term::Teams(column) => list(column, ReachList::Teams),
                    Term::Franchises(column) => list(column, ReachList::Franchises),
                    Term::Practices(column) => list(column, ReachList::Practices),
                    Term::Me(column) => format!("{alias}.{column} = {}", build.bind(Param::Person)),
                    Term::Shared(column) => {
                        let network = build.bind(Param::Network);
                        format!("({alias}.network_id = {network} and {alias}.{column} is null)")
                    }
                    Term::Facts => {
                        let network = build.bind(Param::Network);
                        format!("({alias}.network_id = {network} and not {alias}.content)")
                    }
                    Term::Known(column) => {
                        let known = list(column, ReachList::Around);
                        format!("({known} and not {alias}.content)")
                    }
                    Term::Network => {
                        let column = if source.hang == entity::Hang::Network { "id" } else { "network_id" };
                        format!("{alias}.{column} = {}", build.bind(Param::Network))
                    }
                    Term::People(column) => {
                        let around = Param::Reach(ReachList::Around, roles);
                        let franchises = Param::Reach(ReachList::Franchises, roles);
                        let members = build.among_ids("m.client_id", around.clone());
                        let assigned = build.among_ids("a.client_id", around.clone());
                        let holders = build.among_ids("h.client_id", around);
                        let colleagues = build.among_ids("h.franchise_id", franchises);
                        format!(
                            "{alias}.{column} in (select m.person_id from member m where {members} \
                             union all select a.person_id from assignment a where {assigned} \
                             union all select h.person_id from membership h where {holders} or {colleagues})"
                        )
                    }
                }
            })
            .collect();
        match conditions.len() {
            0 => Some("1 = 0".into()),
            1 => conditions.into_iter().next(),
            _ => Some(format!("({})", conditions.join(" or "))),
        }
    }

    fn arg(&mut self, chosen: &Chosen<'a>, name: &str) -> Arg {
        let arg = Arg::of(chosen.field, name, self.variables);
        // its absence shapes the plan too, so the variable counts even when it is not given
        if let Some(value) = chosen.field.specified_argument_by_name(name) {
            variables_in(value, &mut self.shaping.skeleton);
        }
        arg
    }

    /// An argument whose very value shapes the plan.
    fn shaping_arg(&mut self, chosen: &Chosen<'a>, name: &str) -> Arg {
        if let Some(value) = chosen.field.specified_argument_by_name(name) {
            variables_in(value, &mut self.shaping.whole);
        }
        Arg::of(chosen.field, name, self.variables)
    }

    fn filter(&mut self, place: &Place, filter: &Arg) -> Result<(), Fault> {
        if let Arg::Object(_) = filter {
            let condition = self.conditions(place, filter)?;
            self.builds[place.statement].conditions.push(condition);
        }
        Ok(())
    }

    fn conditions(&mut self, place: &Place, filter: &Arg) -> Result<String, Fault> {
        let Arg::Object(fields) = filter else { return Ok("1 = 1".into()) };
        let mut all = vec![];
        for (name, value) in fields {
            match (name.as_str(), value) {
                (_, Arg::Null) => {}
                ("and" | "or", items) => {
                    let parts = items
                        .items()
                        .iter()
                        .map(|item| self.conditions(place, item))
                        .collect::<Result<Vec<_>, _>>()?;
                    all.push(if parts.is_empty() {
                        "1 = 1".into()
                    } else {
                        format!("({})", parts.join(if name == "and" { " and " } else { " or " }))
                    });
                }
                ("not", value) => all.push(format!("not {}", self.conditions(place, value)?)),
                (name, Arg::Object(tests)) => {
                    let field =
                        place.shape.field(name).filter(|field| field.filter).ok_or(Fault::Internal)?;
                    let Kind::Value { from, ty, .. } = field.kind else { return Err(Fault::Internal) };
                    for (test, value) in tests {
                        all.push(self.comparison(place, from, ty, test, value)?);
                    }
                }
                _ => return Err(Fault::Internal),
            }
        }
        Ok(if all.is_empty() { "1 = 1".into() } else { format!("({})", all.join(" and ")) })
    }

    fn comparison(
        &mut self,
        place: &Place,
        from: From,
        ty: Ty,
        test: &str,
        value: &Arg,
    ) -> Result<String, Fault> {
        let build = &mut self.builds[place.statement];
        let left = build.value(from, &place.alias);
        let Some(source) = value.source().cloned() else {
            return Ok(if test == "isNull" { "1 = 1".into() } else { format!("{left} is null") });
        };
        let mut given = |kind: sql::Kind| build.bind(Param::Given(source.clone(), kind));
        let one = sql::Kind::of(ty);
        let sign = match test {
            "eq" => "=",
            "lt" => "<",
            "lte" => "<=",
            "gt" => ">",
            "gte" => ">=",
            "isNull" => {
                let null = value.json() == JsonValue::Bool(true);
                return Ok(format!("{left} is {}null", if null { "" } else { "not " }));
            }
            "in" => {
                return Ok(match ty {
                    Ty::Id(table) => build.among_ids(&left, Param::Given(source, sql::Kind::Ids(table))),
                    Ty::Closed(_) => build.among_texts(&left, Param::Given(source, sql::Kind::Closeds)),
                    _ => build.among_texts(&left, Param::Given(source, sql::Kind::Texts)),
                });
            }
            "contains" | "startsWith" => {
                let place = given(sql::Kind::Fragment);
                let found = match build.dialect {
                    Dialect::Postgres => format!("strpos(lower({left}), {place})"),
                    Dialect::Sqlite => format!("instr(lower({left}), {place})"),
                };
                return Ok(format!("{found} {}", if test == "contains" { "> 0" } else { "= 1" }));
            }
            _ => return Err(Fault::Internal),
        };
        Ok(format!("{left} {sign} {}", given(one)))
    }
}

/// Nouns of which a client has few, so that reading all of them costs less than a join a row.
fn few(shape: &Shape) -> bool {
    use entity::Table::*;
    shape.source.is_some_and(|source| {
        source.key == "id" && matches!(source.table, Member | Team | Programme | StageRun | Priority)
    })
}

fn variables_in(value: &apollo_compiler::ast::Value, out: &mut BTreeSet<String>) {
    use apollo_compiler::ast::Value;
    match value {
        Value::Variable(name) => {
            out.insert(name.to_string());
        }
        Value::List(items) => items.iter().for_each(|item| variables_in(item, out)),
        Value::Object(fields) => fields.iter().for_each(|(_, value)| variables_in(value, out)),
        _ => {}
    }
}

fn prefix(key: &str) -> Vec<u8> {
    format!("\"{key}\":").into_bytes()
}

/// Type names are few and fixed by the schema; asked for only when a document wants `__typename` of an edge.
fn leak(name: String) -> &'static str {
    static NAMES: Mutex<BTreeSet<&'static str>> = Mutex::new(BTreeSet::new());
    let mut names = NAMES.lock();
    if let Some(known) = names.get(name.as_str()) {
        return known;
    }
    let name: &'static str = Box::leak(name.into_boxed_str());
    names.insert(name);
    name
}
