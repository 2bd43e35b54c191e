//! Objects whose types only their ids tell: `node`, `nodes`, and what an audit event is about.

use super::{
    page,
    plan::{Node, Out, What},
    planner::{Place, Planner, prefix},
    shape::Shape,
    sql::{self, Param},
};
use crate::error::Fault;
use apollo_compiler::response::JsonValue;
use gate::SelectedField;

impl<'a> Planner<'a> {
    pub(super) fn node(&mut self, chosen: &SelectedField<'a>) -> Result<What, Fault> {
        let id = self.arg(chosen, "id");
        let Some(source) = id.source().cloned() else { return Ok(What::Null) };
        match self.shape_of(&id.json()) {
            Some((shape, table)) => {
                self.single(shape, &chosen.sets, Param::Given(source, sql::BindKind::Id(table)))
            }
            None => Ok(What::Null),
        }
    }

    pub(super) fn nodes(&mut self, chosen: &SelectedField<'a>) -> Result<What, Fault> {
        let ids = self.arg(chosen, "ids");
        let (source, items) = (ids.source().cloned().ok_or(Fault::Internal)?, ids.items());
        if items.len() > page::MOST as usize {
            let message = crate::message!(
                TOO_MANY_IDS,
                "`ids` must have at most {max} IDs. Send several requests.",
                max = page::MOST,
            );
            return Err(Fault::BadUserInput(message));
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
            let among = build.among_ids(&key, Param::Given(source.clone(), sql::BindKind::Ids(table)));
            build.conditions.push(among);
            self.reach(place.statement, shape, &place.alias.clone(), None);
            let outs = self.object(shape, &chosen.sets, Some(&place))?;
            kinds.push((table, place.statement, outs));
        }
        Ok(What::Nodes { ids: source, kinds })
    }

    fn shape_of(&self, id: &JsonValue) -> Option<(&'static Shape, entity::Table)> {
        let (prefix, _) = entity::split_id(id.as_str()?)?;
        self.shapes.by_name.values().find_map(|shape| {
            let source = shape.source.filter(|source| source.node && source.table.prefix() == prefix)?;
            Some((*shape, source.table))
        })
    }

    /// The object that two columns name by its noun and its key. Types of which no more than the id is asked take no
    /// statement: whoever sees the row sees the id.
    pub(super) fn subject(
        &mut self,
        noun: &'static str,
        id: &'static str,
        chosen: &SelectedField<'a>,
        place: &Place,
    ) -> Result<What, Fault> {
        let build = &mut self.builds[place.statement];
        let (noun, id) =
            (build.column(format!("{}.{noun}", place.alias)), build.column(format!("{}.{id}", place.alias)));
        let level = build.level + 1;
        let mut shapes: Vec<(&'static Shape, entity::Table)> = self
            .shapes
            .by_name
            .values()
            .filter_map(|shape| Some((*shape, shape.source.filter(|source| source.node)?.table)))
            .collect();
        shapes.sort_unstable_by_key(|(shape, _)| shape.name);
        let mut nodes = vec![];
        for (shape, table) in shapes {
            let fields = self.collect(&chosen.sets, shape.name);
            let plain = |field: &SelectedField<'_>| matches!(field.field.name.as_str(), "id" | "__typename");
            let (statement, outs) = if fields.iter().all(plain) {
                let outs = fields.iter().map(|field| {
                    let named = field.field.name.as_str() == "id";
                    let what = if named { What::AnyId { noun, id } } else { What::Typename(shape.name) };
                    Out { key: field.key.to_owned(), prefix: prefix(field.key), what }
                });
                (None, outs.collect())
            } else {
                let mut below = self.begin(shape, level);
                below.cut = true;
                let build = &mut self.builds[below.statement];
                build.grouped = true;
                let key = format!("{}.id", below.alias);
                build.column(key.clone());
                let among = build.among_ids(&key, Param::Parents(place.statement, id));
                build.conditions.push(among);
                self.reach(below.statement, shape, &below.alias.clone(), None);
                (Some(below.statement), self.object(shape, &chosen.sets, Some(&below))?)
            };
            nodes.push(Node { prefix: table.prefix(), statement, outs });
        }
        Ok(What::Subject { noun, id, nodes })
    }
}
