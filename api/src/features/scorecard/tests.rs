use super::{cells, rows};
use crate::kernel::read::Dialect;

/// What is left in braces is filled by the planner: the argument, the time zones and the rows above.
#[test]
fn the_statements_leave_only_names_that_the_planner_fills() {
    for statement in [rows, cells] {
        for dialect in [Dialect::Postgres, Dialect::Sqlite] {
            let text = statement(dialect);
            let left: Vec<&str> =
                text.split('{').skip(1).filter_map(|rest| rest.split([':', '}']).next()).collect();
            assert!(!left.is_empty(), "{text}");
            assert!(left.iter().all(|name| ["arg", "zones", "among"].contains(name)), "{left:?}");
        }
    }
}
