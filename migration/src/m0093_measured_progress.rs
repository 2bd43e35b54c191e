//! The progress of measurables whose values are older than the column for it, from the value of their latest period. The
//! program computes it when a value is recorded next; until then it would be 0, and their priorities would be behind.

use crate::{Step, rls};

pub const STEP: Step = Step { module: module_path!(), more: changes, ..Step::EMPTY };

fn changes() -> Vec<String> {
    let on_postgres = change(
        |column| format!("cast({column} as numeric)"),
        |part, whole| format!("div({part}, {whole})"),
        ("least", "greatest"),
    );
    // SQLite knows no decimals: numbers are counted in whole millionths, as reals, which the largest numbers fit in
    let on_sqlite = change(
        |column| format!("round(cast({column} as real) * 1000000)"),
        |part, whole| format!("cast(({part}) / ({whole}) as integer)"),
        ("min", "max"),
    );
    let changes = format!("-- postgres{on_postgres}\n;;\n-- sqlite{on_sqlite}");
    vec![rls::past_policies(&["measurable", "measurable_value"], &changes)]
}

/// The change, by how a database reads a number, divides without a fraction, and takes the lesser and the greater of two.
fn change(
    number: impl Fn(&str) -> String,
    divide: impl Fn(&str, &str) -> String,
    (lesser, greater): (&str, &str),
) -> String {
    let [value, baseline, target] = ["v.value", "m.baseline", "m.target"].map(&number);
    let [green, amber] = ["m.green_bound", "m.amber_bound"].map(&number);
    let share = divide(&format!("({value} - {baseline}) * 100"), &format!("{target} - {baseline}"));
    format!(
        "
update measurable set progress = coalesce((
    select case
        when m.direction = 'hold' then case
            when abs({value} - {target}) <= coalesce({green}, 0) then 100
            when abs({value} - {target}) <= {amber} then 50
            else 0 end
        when m.direction = 'up' and {value} >= {target} or m.direction = 'down' and {value} <= {target} then 100
        when {baseline} = {target} then 0
        else {lesser}(100, {greater}(0, {share})) end
    from measurable m join measurable_value v on v.measurable_id = m.id and v.replaced_at is null
    where m.id = measurable.id
    order by v.period_on desc limit 1), 0)
where progress = 0"
    )
}
