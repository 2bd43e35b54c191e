//! The plans made so far, by document.

use super::{
    clients::Clients,
    plan::{PlannedDocument, Shaping},
    planner::Planner,
    shape::Shape,
    shapes::Shapes,
};
use crate::{
    access::Actor,
    bounds::{self, KeptPlans, PLANNED_DOCUMENTS},
    db::Dialect,
    error::Fault,
};
use apollo_compiler::{Schema, response::JsonMap};
use gate::Document;
use quick_cache::sync::Cache;
use std::sync::Arc;

/// Everything that can be read: the shapes, and the plans made so far.
pub struct Plans {
    shapes: Shapes,
    /// What shapes the plans of a document, by its number.
    shapings: Cache<u64, Arc<Shaping>>,
    kept: KeptPlans,
}

impl Plans {
    pub fn new(root: &'static Shape) -> Plans {
        Plans { shapes: Shapes::below(root), shapings: Cache::new(PLANNED_DOCUMENTS), kept: bounds::plans() }
    }
    pub fn root(&self) -> &'static Shape {
        self.shapes.root
    }
    pub fn shapes(&self) -> impl Iterator<Item = &'static Shape> {
        self.shapes.by_name.values().copied()
    }

    /// The plan of a document for callers like `actor`, and whether it was at hand.
    pub fn plan(
        &self,
        document: &Arc<Document>,
        schema: &Schema,
        variables: &JsonMap,
        actor: &Actor,
        dialect: Dialect,
    ) -> Result<(Arc<PlannedDocument>, bool), Fault> {
        let key = |shaping: &Shaping| (document.number, shaping.key(variables, actor));
        if let Some(shaping) = self.shapings.get(&document.number)
            && let Some(plan) = self.kept.get(&key(&shaping))
        {
            return Ok((plan, true));
        }
        let mut planner = Planner {
            shapes: &self.shapes,
            document,
            schema,
            variables,
            actor,
            dialect,
            shaping: Shaping::default(),
            builds: vec![],
            compared: 0,
            given: vec![],
            aliases: 0,
            clients: Clients::default(),
        };
        let plan = Arc::new(planner.document()?);
        // what shaped a plan of this document before may shape the next one
        let mut shaping = planner.shaping;
        if let Some(before) = self.shapings.get(&document.number) {
            shaping.whole.extend(before.whole.iter().cloned());
            shaping.skeleton.extend(before.skeleton.iter().cloned());
        }
        self.kept.insert(key(&shaping), plan.clone());
        self.shapings.insert(document.number, Arc::new(shaping));
        Ok((plan, false))
    }
}
