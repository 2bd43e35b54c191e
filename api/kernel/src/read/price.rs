//! The price of what a document asks of the database beyond its fields: words of a search, counts, and filters and orders by
//! computed values. `tests/bench --points` measures how far they hold.

use async_graphql::{Value, indexmap::IndexMap, registry::MetaDirectiveInvocation};

/// Points for comparing all rows of a list by a computed value, as a filter or an order does.
pub const COMPUTED: u32 = 200;
/// Points for each word of a search.
pub const WORD: u32 = 10;
/// Points for counting a list.
pub const COUNT: u32 = 10;

/// What something costs, for the gate and for clients.
pub fn cost(points: u32) -> MetaDirectiveInvocation {
    let weight = Value::from(points.to_string());
    MetaDirectiveInvocation {
        name: "cost".into(),
        args: IndexMap::from_iter([("weight".to_owned(), weight)]),
    }
}
