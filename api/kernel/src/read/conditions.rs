//! What narrows a statement's rows and orders them: the caller's reach, a list's own condition, filters, searches,
//! cursors.

use super::{
    arg::{Arg, Source},
    page,
    planner::{Place, Planner},
    shape::{FieldKind, From, Shape, Sort, Ty},
    sql::{self, Build, Param, ReachList},
};
use crate::{
    access::{
        Permission, Roles,
        reach::{Term, terms},
    },
    error::Fault,
};
use apollo_compiler::response::JsonValue;

/// Most comparisons in the filters of a request, over all of its statements: the time that a database needs to plan them
/// grows faster than their number.
const COMPARED: usize = 100;
/// A comparison of a computed field counts as this many, because the field is computed for each row; and so does the look
/// at a related row.
const COMPUTED: usize = 5;

impl Planner<'_> {
    pub(super) fn search(&mut self, place: &Place, text: &Arg) {
        let text = text.source().cloned().unwrap_or(Source::Fixed(JsonValue::Null));
        let roles = Permission::Read(entity::Table::SearchEntry).roles().both(self.actor.roles());
        let wide = self.actor.reach_as(roles).wide;
        let build = &mut self.builds[place.statement];
        let words = build.having_words(&place.alias, text, roles, wide);
        build.joins.push(words);
    }

    pub(super) fn narrow(&mut self, place: &Place, only: Option<&'static str>) {
        if let Some(condition) = only {
            let build = &mut self.builds[place.statement];
            let condition = build.snippet(condition, &place.alias);
            build.conditions.push(format!("({condition})"));
        }
    }

    pub(super) fn sort(&mut self, place: &Place, order: &[Sort], backward: bool) {
        let key = place.shape.source.map_or("id", |source| source.key);
        let build = &mut self.builds[place.statement];
        let direction = |descending: bool| if descending != backward { " desc" } else { "" };
        let mut last = false;
        for sort in order {
            let (value, _) = build.compared(sort, &place.alias);
            build.order.push(format!("{value}{}", direction(sort.descending)));
            last = sort.descending;
        }
        build.order.push(format!("{}.{key}{}", place.alias, direction(last)));
    }

    /// The order's values and the key, as columns that cursors are made of.
    pub(super) fn cursor(&mut self, place: &Place, order: &[Sort]) -> Vec<(usize, Ty)> {
        let Some(source) = place.shape.source else { return vec![] };
        let build = &mut self.builds[place.statement];
        let mut columns: Vec<(usize, Ty)> = order
            .iter()
            .map(|sort| {
                let (value, ty) = build.compared(sort, &place.alias);
                (build.column(value), ty)
            })
            .collect();
        columns.push((build.column(format!("{}.{}", place.alias, source.key)), Ty::Id(source.table)));
        columns
    }

    /// Only the rows behind (or, backward, before) a cursor.
    pub(super) fn keyset(&mut self, place: &Place, cursor: &Arg, order: &[Sort], mark: &str, forward: bool) {
        let (Some(source), Some(table)) = (cursor.source(), place.shape.source) else { return };
        let build = &mut self.builds[place.statement];
        let last = order.last().is_some_and(|sort| sort.descending);
        let key = Sort { from: From::Column(table.key), ty: page::KEY, descending: last };
        let keys: Vec<Sort> = order.iter().copied().chain([key]).collect();
        let values = keys.len();
        let mut alternatives = vec![];
        let mut equal = String::new();
        for (at, sort) in keys.iter().enumerate() {
            let (value, ty) = build.compared(sort, &place.alias);
            let kind = if at + 1 == values { sql::BindKind::Key } else { sql::BindKind::of(ty) };
            let param = Param::Cursor { source: source.clone(), mark: mark.to_owned(), values, at, kind };
            let bound = build.bind(param);
            let sign = if sort.descending == forward { "<" } else { ">" };
            alternatives.push(format!("({equal}{value} {sign} {bound})"));
            equal.push_str(&format!("{value} = {bound} and "));
        }
        build.conditions.push(format!("({})", alternatives.join(" or ")));
    }

    /// Adds the caller's reach on a table to a statement. `tied`: its rows are all of this client.
    pub(super) fn reach(
        &mut self,
        statement: usize,
        shape: &'static Shape,
        alias: &str,
        tied: Option<&Param>,
    ) {
        if let Some(condition) = self.reach_conditions(statement, shape, alias, tied) {
            self.builds[statement].conditions.push(condition);
        }
    }

    pub(super) fn reach_conditions(
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
        let conditions: Vec<String> = terms(source.placement, wide, self.actor.form() >> 8 != 0)
            .into_iter()
            .map(|term| {
                // one check of the client whom all rows are of costs less than one a row
                let mut list = |column: &'static str, list: ReachList| match tied {
                    Some(client) if Some(column) == source.placement.client_column() => {
                        let client = build.bind(client.clone());
                        build.among_ids(&client, Param::Reach(list, roles))
                    }
                    _ => build.among_ids(&format!("{alias}.{column}"), Param::Reach(list, roles)),
                };
                match term {
                    Term::Clients(column) => list(column, ReachList::Clients),
                    Term::Facilitated(column) => {
                        let covered = list(column, ReachList::Clients);
                        format!("({covered} and {})", build.facilitated(alias, column))
                    }
                    Term::Participant(column) => {
                        let covered = list("client_id", ReachList::Clients);
                        let team = list(column, ReachList::Teams);
                        format!("(({covered} or {team}) and {})", build.participating(alias, column))
                    }
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
                        let column =
                            if source.placement == entity::Placement::Network { "id" } else { "network_id" };
                        format!("{alias}.{column} = {}", build.bind(Param::Network))
                    }
                    Term::People(column) => {
                        format!("{alias}.{column} in ({})", people_around(build, roles))
                    }
                    Term::Published => {
                        let network = build.bind(Param::Network);
                        format!("({alias}.network_id = {network} and {})", published(build, alias))
                    }
                    Term::PublishedAround(column) => {
                        let covered = list(column, ReachList::Around);
                        format!("({covered} and {})", published(build, alias))
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

    pub(super) fn filter(&mut self, place: &Place, filter: &Arg) -> Result<(), Fault> {
        let condition = self.conditions(place, filter)?;
        self.builds[place.statement].conditions.extend(condition);
        Ok(())
    }

    /// The condition of a filter, which is true or false of every row; none where the filter holds no test. A test that
    /// is absent or null is left out, and so is a condition without tests, wherever it stands.
    fn conditions(&mut self, place: &Place, filter: &Arg) -> Result<Option<String>, Fault> {
        let Arg::Object(fields) = filter else { return Ok(None) };
        let mut all = vec![];
        for (name, value) in fields {
            match (name.as_str(), value) {
                (_, Arg::Null) => {}
                ("and", items) => {
                    for item in items.items() {
                        all.extend(self.conditions(place, item)?);
                    }
                }
                ("or", items) => {
                    let mut any = vec![];
                    for item in items.items() {
                        any.extend(self.conditions(place, item)?);
                    }
                    if !any.is_empty() {
                        all.push(format!("({})", any.join(" or ")));
                    }
                }
                // the complement: a row whose value is null passes no test, and so it passes the opposite
                ("not", value) => {
                    all.extend(self.conditions(place, value)?.map(|no| format!("({no}) is not true")));
                }
                (name, Arg::Object(tests)) => {
                    let field =
                        place.shape.field(name).filter(|field| field.filter).ok_or(Fault::Internal)?;
                    match field.kind {
                        FieldKind::Value { from, ty, .. } => {
                            for (test, value) in tests {
                                all.extend(self.comparison(place, from, ty, test, value)?);
                            }
                        }
                        FieldKind::One { to, from, on, .. } => {
                            all.extend(self.related(place, to(), from, on, value)?);
                        }
                        _ => return Err(Fault::Internal),
                    }
                }
                _ => return Err(Fault::Internal),
            }
        }
        Ok((!all.is_empty()).then(|| format!("({})", all.join(" and "))))
    }

    /// That the row to which an edge leads is within the caller's reach and meets a filter; none where the filter holds no
    /// test.
    fn related(
        &mut self,
        place: &Place,
        to: &'static Shape,
        from: &'static str,
        on: &'static str,
        filter: &Arg,
    ) -> Result<Option<String>, Fault> {
        let related = Place { shape: to, alias: self.alias(), single: None, client: None, ..place.clone() };
        let Some(condition) = self.conditions(&related, filter)? else { return Ok(None) };
        self.count_comparisons(COMPUTED)?;
        let source = to.source.ok_or(Fault::Internal)?;
        let reach = self.reach_conditions(place.statement, to, &related.alias, None);
        let reach = reach.map_or_else(String::new, |reach| format!(" and {reach}"));
        let build = &mut self.builds[place.statement];
        build.reads_further = true;
        let tie = build.tie(from, &place.alias);
        let (name, alias) = (source.name, related.alias);
        Ok(Some(format!(
            "exists (select 1 from {name} {alias} where {alias}.{on} = {tie}{reach} and {condition})"
        )))
    }

    /// Counts comparisons, and refuses the request if its filters hold too many.
    fn count_comparisons(&mut self, count: usize) -> Result<(), Fault> {
        self.compared += count;
        if self.compared <= COMPARED {
            return Ok(());
        }
        Err(Fault::BadUserInput(crate::message!(
            TOO_MANY_COMPARISONS,
            "The filters of a request contain at most {max} comparisons. A comparison with a computed field counts \
             as {computed}. Send several requests.",
            max = COMPARED,
            computed = COMPUTED,
        )))
    }

    /// A test of a value; none where nothing is given to test it with.
    fn comparison(
        &mut self,
        place: &Place,
        from: From,
        ty: Ty,
        test: &str,
        value: &Arg,
    ) -> Result<Option<String>, Fault> {
        let Some(source) = value.source().cloned() else { return Ok(None) };
        self.count_comparisons(if matches!(from, From::Sql(_)) { COMPUTED } else { 1 })?;
        let build = &mut self.builds[place.statement];
        let left = build.value(from, &place.alias);
        let mut given = |kind: sql::BindKind| build.bind(Param::Given(source.clone(), kind));
        let one = sql::BindKind::of(ty);
        let sign = match test {
            "eq" => "=",
            "lt" => "<",
            "lte" => "<=",
            "gt" => ">",
            "gte" => ">=",
            "isNull" => {
                let null = value.json() == JsonValue::Bool(true);
                return Ok(Some(format!("{left} is {}null", if null { "" } else { "not " })));
            }
            "in" => {
                return Ok(Some(match ty {
                    Ty::Id(table) => build.among_ids(&left, Param::Given(source, sql::BindKind::Ids(table))),
                    Ty::AnyId(_) => build.among_ids(&left, Param::Given(source, sql::BindKind::Keys)),
                    Ty::Closed(_) => build.among_texts(&left, Param::Given(source, sql::BindKind::Closeds)),
                    Ty::Camel(_) => build.among_texts(&left, Param::Given(source, sql::BindKind::Camels)),
                    _ => build.among_texts(&left, Param::Given(source, sql::BindKind::Texts)),
                }));
            }
            "contains" | "startsWith" => {
                let fragment = given(sql::BindKind::Fragment);
                let text = build.folded(place.shape, from, &place.alias);
                let found = build.dialect.position_of(&text, &fragment);
                let found = format!("{found} {}", if test == "contains" { "> 0" } else { "= 1" });
                return Ok(Some(found));
            }
            _ => return Err(Fault::Internal),
        };
        Ok(Some(format!("{left} {sign} {}", given(one))))
    }
}

/// Whether a row's period is one whose benchmarks are published.
fn published(build: &mut Build, alias: &str) -> String {
    let network = build.bind(Param::Network);
    format!(
        "{alias}.period <= (select p.published_through from benchmark_policy p where p.network_id = {network})"
    )
}

/// The people of the clients and franchises in reach.
fn people_around(build: &mut Build, roles: Roles) -> String {
    let around = Param::Reach(ReachList::Around, roles);
    let members = build.among_ids("m.client_id", around.clone());
    let assigned = build.among_ids("a.client_id", around.clone());
    let holders = build.among_ids("h.client_id", around);
    let colleagues = build.among_ids("h.franchise_id", Param::Reach(ReachList::Franchises, roles));
    format!(
        "select m.person_id from member m where {members} \
         union all select a.person_id from assignment a where {assigned} \
         union all select h.person_id from membership h where {holders} or {colleagues}"
    )
}
