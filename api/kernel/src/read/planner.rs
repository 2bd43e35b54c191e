//! Document → statements and the form of the answer.
//!
//! **How statements are keyed.** Below a single client every statement is keyed by that client, so all go out at
//! once; to-one edges join their parent's statement, or, below a client, share one look-up of its few members,
//! stages and the like. Below a page or a first row, statements are keyed by the keys of the rows above: keyed by
//! the client they would read what the page dropped.

use super::{
    arg::{Arg, Source, variables_in},
    clients::Clients,
    page::{self, Size},
    plan::{EdgePart, InfoPart, Out, PagePart, Paged, Plan, PlannedDocument, Shaping, Statement, What},
    shape::{Field, FieldKind, Mine, Shape, Sort, Ty},
    shapes::Shapes,
    sql::{self, Build, Form, Keyed, Param},
};
use crate::{
    access::{Actor, Permission},
    db::Dialect,
    error::Fault,
};
use apollo_compiler::{
    Schema,
    executable::SelectionSet,
    response::{JsonMap, JsonValue},
};
use entity::Placement;
use gate::{Document, SelectedField, collect_fields};
use parking_lot::Mutex;
use std::{
    collections::{BTreeSet, HashMap},
    sync::atomic::AtomicBool,
};

/// To-one edges that join one statement; more go out by themselves. SQLite joins 64 tables at most, those of views
/// among them.
const JOINS: usize = 24;

/// Where the rows of an object are.
#[derive(Clone)]
pub(super) struct Place {
    pub(super) shape: &'static Shape,
    pub(super) statement: usize,
    pub(super) alias: String,
    /// The object is the one row with this key.
    pub(super) single: Option<Param>,
    /// Every row of the statement is of this client.
    pub(super) client: Option<Param>,
    /// Rows were dropped by a page or a limit.
    pub(super) cut: bool,
}

pub(super) struct Planner<'a> {
    pub(super) shapes: &'a Shapes,
    pub(super) document: &'a Document,
    pub(super) schema: &'a Schema,
    pub(super) variables: &'a JsonMap,
    pub(super) actor: &'a Actor,
    pub(super) dialect: Dialect,
    pub(super) shaping: Shaping,
    pub(super) builds: Vec<Build>,
    /// Comparisons that filters hold so far.
    pub(super) compared: usize,
    /// The arguments of the fields that are being planned, the innermost last.
    pub(super) given: Vec<(&'static str, Source, sql::BindKind)>,
    pub(super) aliases: usize,
    /// Whose rows the statements so far read.
    pub(super) clients: Clients,
}

impl<'a> Planner<'a> {
    pub(super) fn document(&mut self) -> Result<PlannedDocument, Fault> {
        let operation = &self.document.operation;
        let sets = [&operation.selection_set];
        if operation.is_mutation() {
            let mut payloads = HashMap::new();
            self.payloads(operation.object_type().as_str(), &sets, "", &mut payloads)?;
            return Ok(PlannedDocument {
                query: Plan {
                    statements: vec![],
                    roots: vec![],
                    levels: 0,
                    form: self.actor.form(),
                    client: None,
                    ran: AtomicBool::new(false),
                },
                payloads,
            });
        }
        let roots = self.object(self.shapes.root, &sets, None)?;
        Ok(PlannedDocument { query: self.finish(roots), payloads: HashMap::new() })
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
            match self.shapes.by_name.get(below).copied() {
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
        let client = self.only_client(&builds);
        let levels = builds.iter().map(|build| build.level + 1).max().unwrap_or(0);
        let statements = builds
            .into_iter()
            .map(|build| {
                let (level, grouped) = (build.level, build.grouped);
                let (sql, params) = build.finish();
                Statement { sql, params, level, grouped }
            })
            .collect();
        Plan { statements, roots, levels, form: self.actor.form(), client, ran: AtomicBool::new(false) }
    }

    pub(super) fn collect(&mut self, sets: &[&'a SelectionSet], ty: &str) -> Vec<SelectedField<'a>> {
        collect_fields(&self.document.ast, self.schema, sets, ty, self.variables, &mut self.shaping.whole)
    }

    pub(super) fn object(
        &mut self,
        shape: &'static Shape,
        sets: &[&'a SelectionSet],
        place: Option<&Place>,
    ) -> Result<Vec<Out>, Fault> {
        if let Some(place) = place {
            self.visit(place);
        }
        let mut outs = vec![];
        for chosen in self.collect(sets, shape.name) {
            let what = match chosen.field.name.as_str() {
                "__typename" => What::Typename(shape.name),
                "__schema" | "__type" => What::Prepared(chosen.key.to_owned()),
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
    fn take(&mut self, field: &'static Field, chosen: &SelectedField<'a>) {
        for take in &field.takes {
            let nothing = Source::Fixed(JsonValue::Null);
            let source = self.arg(chosen, take.name).source().cloned().unwrap_or(nothing);
            let kind = if take.begun { sql::BindKind::Begun(take.name) } else { sql::BindKind::of(take.ty) };
            self.given.push((take.name, source, kind));
        }
    }

    fn field(
        &mut self,
        field: &'static Field,
        chosen: &SelectedField<'a>,
        place: Option<&Place>,
    ) -> Result<What, Fault> {
        match (&field.kind, place) {
            (FieldKind::List { to, .. } | FieldKind::Connection { to, .. }, _)
                if self.is_closed_to_caller(to()) =>
            {
                Ok(What::Null)
            }
            (FieldKind::Value { ty: Ty::AnyId(noun), from, .. }, Some(place)) => {
                let build = &mut self.builds[place.statement];
                let noun = build.column(format!("{}.{noun}", place.alias));
                let id = build.value(*from, &place.alias);
                Ok(What::AnyId { noun, id: build.column(id) })
            }
            (FieldKind::Value { from, ty, .. }, Some(place)) => {
                let build = &mut self.builds[place.statement];
                let value = build.value(*from, &place.alias);
                Ok(What::Value(build.column(value), *ty))
            }
            (FieldKind::Allowed(rules), Some(place)) => Ok(self.allowed(rules, place)),
            (FieldKind::One { to, from, on, null }, Some(place)) => {
                self.one(to(), from, on, *null, chosen, place)
            }
            (FieldKind::List { to, from, on, only, order, .. }, Some(place)) => {
                let (key, child) = self.child(to(), from, on, place);
                self.narrow(&child, *only);
                self.sort(&child, order, false);
                let outs = self.object(child.shape, &chosen.sets, Some(&child))?;
                Ok(What::Rows { key, statement: child.statement, outs })
            }
            (FieldKind::List { to, only, order, .. }, None) => {
                let place = self.top_level(to(), 0);
                self.builds[place.statement].read_from(&Keyed::One(Param::Network));
                self.narrow(&place, *only);
                self.sort(&place, order, false);
                let outs = self.object(place.shape, &chosen.sets, Some(&place))?;
                Ok(What::Rows { key: None, statement: place.statement, outs })
            }
            (FieldKind::First { to, from, on, only, order, few }, Some(place)) => {
                let (key, mut child) = self.top(to(), from, on, place, 1);
                // keyed by the root after all, what is below goes out at once
                child.cut = child.cut && !(*few && place.single.is_some());
                self.narrow(&child, *only);
                self.sort(&child, order, false);
                let outs = self.object(child.shape, &chosen.sets, Some(&child))?;
                Ok(What::Row { key, statement: child.statement, null: true, outs })
            }
            (FieldKind::Connection { to, tie, only, order }, place) => {
                self.connection(to(), *tie, *only, order, chosen, place)
            }
            (FieldKind::ById { to }, _) => {
                let table = to().source.ok_or(Fault::Internal)?.table;
                let Some(source) = self.arg(chosen, "id").source().cloned() else { return Ok(What::Null) };
                self.single(to(), &chosen.sets, Param::Given(source, sql::BindKind::Id(table)))
            }
            (FieldKind::Mine { to, which }, _) => {
                let param = if *which == Mine::Person { Param::Person } else { Param::Network };
                self.single(to(), &chosen.sets, param)
            }
            (FieldKind::Subject { noun, id }, Some(place)) => self.subject(noun, id, chosen, place),
            (FieldKind::Node, _) => self.node(chosen),
            (FieldKind::Nodes, _) => self.nodes(chosen),
            (FieldKind::Virtual { to, .. }, place) => {
                Ok(What::Virtual(self.object(to(), &chosen.sets, place)?))
            }
            (FieldKind::FromRequest { json, .. }, _) => Ok(What::FromRequest(*json)),
            (FieldKind::Computed { .. }, _) => Ok(What::Prepared(chosen.key.to_owned())),
            (_, None) => Err(Fault::Internal),
        }
    }

    /// Whether none of the caller's roles ever reads a shape's rows: a list of them is null, and not empty.
    fn is_closed_to_caller(&self, to: &Shape) -> bool {
        to.source.is_some_and(|source| !self.actor.may(Permission::Read(source.table)))
    }

    /// The one row whose key is `param`.
    pub(super) fn single(
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
        if shape.source.is_some_and(|source| source.node && source.placement == Placement::Client) {
            place.client = Some(param.clone());
        }
        place.single = Some(param);
        self.reach(place.statement, shape, &place.alias.clone(), None);
        let outs = self.object(shape, sets, Some(&place))?;
        Ok(What::Row { key: None, statement: place.statement, null: true, outs })
    }

    fn one(
        &mut self,
        to: &'static Shape,
        from: &'static str,
        on: &'static str,
        null: bool,
        chosen: &SelectedField<'a>,
        place: &Place,
    ) -> Result<What, Fault> {
        let below_client = to.source.is_some_and(|source| source.placement.client_column().is_some());
        let client = place.client.clone().filter(|_| below_client);
        let few = to.source.is_some_and(|source| source.few);
        if let (Some(client), false, None, true) = (&client, place.cut, &place.single, few && on == "id") {
            let build = &mut self.builds[place.statement];
            let tie = build.tie(from, &place.alias);
            let key = build.column(tie);
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
        let tie = build.tie(from, &place.alias);
        build.joins.push(format!(" left join {} {alias} on {alias}.{on} = {tie}{reach}", source.name));
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
        let build = &mut self.builds[place.statement];
        let tie = build.tie(from, &place.alias);
        let key = build.column(tie);
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
        chosen: &SelectedField<'a>,
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
            // cursors and `pageInfo` read rows also where no row is selected
            self.visit(&place);
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
            self.visit(&place);
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

    fn part(
        &mut self,
        to: &'static Shape,
        part: &SelectedField<'a>,
        place: Option<&Place>,
    ) -> Result<PagePart, Fault> {
        Ok(match part.field.name.as_str() {
            "totalCount" => PagePart::Total,
            "nodes" => PagePart::Nodes(self.object(to, &part.sets, place)?),
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
                PagePart::Edges(edges)
            }
            "pageInfo" => PagePart::Info(
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
            _ => PagePart::Typename(leak(format!("{}Connection", to.name))),
        })
    }

    fn top_level(&mut self, to: &'static Shape, limit: u32) -> Place {
        let mut place = self.begin(to, 0);
        place.cut = true;
        self.builds[place.statement].limit = (limit > 0).then_some(limit);
        self.reach(place.statement, to, &place.alias.clone(), None);
        place
    }

    pub(super) fn begin(&mut self, shape: &'static Shape, level: usize) -> Place {
        let alias = self.alias();
        let mut build = Build::new(self.dialect, shape, alias.clone(), level);
        build.given.clone_from(&self.given);
        self.builds.push(build);
        Place { shape, statement: self.builds.len() - 1, alias, single: None, client: None, cut: false }
    }

    pub(super) fn alias(&mut self) -> String {
        self.aliases += 1;
        format!("t{}", self.aliases)
    }

    fn client_below(&self, to: &Shape, place: &Place) -> Option<Param> {
        to.source.filter(|source| source.placement.client_column().is_some()).and(place.client.clone())
    }

    fn tie_client(&mut self, place: &Place, client: &Param) {
        let column = place.shape.source.and_then(|source| source.placement.client_column());
        let Some(column) = column else { return };
        let build = &mut self.builds[place.statement];
        let bound = build.bind(client.clone());
        build.conditions.push(format!("{}.{column} = {bound}", place.alias));
    }

    /// An argument of which no more than its skeleton shapes the plan.
    pub(super) fn arg(&mut self, chosen: &SelectedField<'a>, name: &str) -> Arg {
        let arg = Arg::of(chosen.field, name, self.variables);
        // its absence shapes the plan too, so the variable counts even when it is not given
        if let Some(value) = chosen.field.specified_argument_by_name(name) {
            variables_in(value, &mut self.shaping.skeleton);
        }
        arg
    }

    /// An argument whose very value shapes the plan.
    fn shaping_arg(&mut self, chosen: &SelectedField<'a>, name: &str) -> Arg {
        if let Some(value) = chosen.field.specified_argument_by_name(name) {
            variables_in(value, &mut self.shaping.whole);
        }
        Arg::of(chosen.field, name, self.variables)
    }
}

pub(super) fn prefix(key: &str) -> Vec<u8> {
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
