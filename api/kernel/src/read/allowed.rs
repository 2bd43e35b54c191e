//! What the caller may do with a row: a column of the row's own statement.

use super::{
    page::constant,
    plan::What,
    planner::{Place, Planner},
    shape::Ty,
    sql::{Build, Param, ReachList},
};
use crate::access::Allowed;

impl Planner<'_> {
    /// The mutations that the caller may do with the row at a place, as a list in JSON.
    pub(super) fn allowed(&mut self, rules: &[Allowed], place: &Place) -> What {
        let build = &mut self.builds[place.statement];
        let terms: Vec<String> = rules.iter().map(|rule| term(build, rule, &place.alias)).collect();
        let list = format!("'[' || substr({}, 2) || ']'", terms.join(" || "));
        What::Value(build.column(list), Ty::Json)
    }
}

/// The name of a mutation, after a comma, if the caller may do it with the row at `alias`.
fn term(build: &mut Build, rule: &Allowed, alias: &str) -> String {
    let roles = rule.permission.roles();
    // what alumni refuse is not allowed, and nothing else is missing
    let reach = if rule.permission.is_for_alumni() { Param::Reach } else { Param::Working };
    let client = build.among_ids(&format!("{alias}.client_id"), reach(ReachList::Clients, roles));
    let team = build.among_ids(&format!("{alias}.team_id"), reach(ReachList::Teams, roles));
    let mut holds = format!("({client} or {team})");
    for condition in &rule.conditions {
        holds += &format!(" and ({})", build.snippet(condition, alias));
    }
    format!("case when {holds} then ',\"{}\"' else '' end", constant(rule.permission.field()))
}
