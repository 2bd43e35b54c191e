//! Who may restate what was ratified now, for the fields that tell what is allowed.

/// Whether the caller has restated the row not at all, or last in a way that was judged to differ. `table` has the
/// restatements, and `column` names the row.
pub fn is_restatable(table: &str, column: &str) -> String {
    format!(
        "not exists (select 1 from {table} r where r.{column} = {{t}}.id and r.person_id = {{me}} \
         and r.status <> {{ReadBackStatus::Differs}})"
    )
}
