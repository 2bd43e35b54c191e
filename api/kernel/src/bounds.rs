//! How much the caches of a process keep at most, and what an entry weighs. Documents are bounded by a setting,
//! `limits.documents`.

use crate::{access::Actor, read::plan::PlannedDocument};
use entity::{Id, person};
use quick_cache::{Weighter, sync::Cache};
use std::sync::Arc;

/// Access tokens whose signature was verified.
pub const TOKENS: usize = 20_000;
/// Actors with fewer than a hundred grants; each further hundred counts as one more.
const ACTORS: usize = 10_000;
/// Documents of which it is known what shapes their plans.
pub(crate) const PLANNED_DOCUMENTS: usize = 2_000;
/// Plans, in bytes of their SQL and of the values that shaped them; and about how many of them are expected.
const PLAN_BYTES: u64 = 16 << 20;
const PLANS: usize = 4_000;
/// What a plan takes besides, and each value that one of its statements binds.
const PLAN_OVERHEAD: usize = 1_024;
const PARAM_BYTES: usize = 64;

/// Actors by person.
pub(crate) type Actors = Cache<Id<person::Entity>, Arc<Actor>, ByGrants>;

/// Plans by the document's number and the values that shape them.
pub(crate) type KeptPlans = Cache<(u64, String), Arc<PlannedDocument>, BySql>;

pub(crate) fn actors() -> Actors {
    Cache::with_weighter(ACTORS, ACTORS as u64, ByGrants)
}

pub(crate) fn plans() -> KeptPlans {
    Cache::with_weighter(PLANS, PLAN_BYTES, BySql)
}

#[derive(Clone)]
pub(crate) struct ByGrants;

impl Weighter<Id<person::Entity>, Arc<Actor>> for ByGrants {
    fn weight(&self, _: &Id<person::Entity>, actor: &Arc<Actor>) -> u64 {
        1 + (actor.grants.len() / 100) as u64
    }
}

#[derive(Clone)]
pub(crate) struct BySql;

impl Weighter<(u64, String), Arc<PlannedDocument>> for BySql {
    fn weight(&self, (_, shape): &(u64, String), plan: &Arc<PlannedDocument>) -> u64 {
        let plans = std::iter::once(&plan.query).chain(plan.payloads.values());
        let statements = plans.flat_map(|plan| &plan.statements);
        let sql: usize =
            statements.map(|statement| statement.sql.len() + statement.params.len() * PARAM_BYTES).sum();
        (PLAN_OVERHEAD + shape.len() + sql) as u64
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        access::{Grant, Node, Role},
        read::plan::{Plan, Statement},
    };
    use std::{collections::HashMap, sync::atomic::AtomicBool};
    use uuid::Uuid;

    fn plan(sql: usize) -> Arc<PlannedDocument> {
        let statement = Statement { sql: "x".repeat(sql), params: vec![], level: 0, grouped: false };
        let query = Plan {
            statements: vec![statement],
            roots: vec![],
            levels: 1,
            form: 0,
            client: None,
            ran: AtomicBool::new(false),
        };
        Arc::new(PlannedDocument { query, payloads: HashMap::new() })
    }

    #[test]
    fn plans_are_kept_within_their_bytes_and_those_in_use_stay() {
        let plans = plans();
        let used = (0, String::new());
        plans.insert(used.clone(), plan(10_000));
        for number in 1..5_000 {
            plans.insert((number, String::new()), plan(10_000));
            assert!(plans.get(&used).is_some());
        }
        assert!(plans.weight() <= plans.capacity());
        assert!(plans.len() < 2_000, "16 MiB of them");
        let long = (0, "x".repeat(32 << 20));
        plans.insert(long.clone(), plan(1));
        assert!(plans.get(&long).is_none(), "what is larger than the cache is not kept");
    }

    #[test]
    fn an_actor_is_replaced_and_weighs_by_its_grants() {
        let actors = actors();
        let actor = |epoch, clients| {
            let grant = Grant { role: Role::Facilitator, node: Node::Network };
            let nil = Uuid::nil();
            let grants = vec![grant; clients];
            Arc::new(Actor::new(Id::new(nil), Id::new(nil), Id::new(nil), epoch, None, grants, vec![]))
        };
        let person = Id::new(Uuid::nil());
        actors.insert(person, actor(1, 1));
        assert_eq!(actors.weight(), 1);
        actors.insert(person, actor(2, 1_000));
        assert_eq!((actors.len(), actors.weight()), (1, 11));
        assert_eq!(actors.get(&person).map(|actor| actor.epoch), Some(2));
        actors.remove(&person);
        assert_eq!(actors.weight(), 0);
    }
}
