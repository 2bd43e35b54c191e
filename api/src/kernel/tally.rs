//! Folding: what writes changed of the figures of a network and of its franchises becomes part of them.

use super::{
    db::statement,
    error::{Error, Fault},
    save::Write,
};
use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use sea_orm::{ConnectionTrait, Value};

/// What the changes `taken` come to: where nothing waits for its instant any more, without one. Those that say whose they
/// are change the load of who runs that client's programmes.
const PARTS: &str = "
    select t.network_id, case w.wide when 1 then t.network_id else t.franchise_id end as scope_id, t.measure,
        case when t.measure = 'review' or t.measure = 'load' and t.at > [now] then t.at else [epoch] end as at, t.subject_id, t.place, t.key,
        t.items, t.open, t.done, case when t.at <= [now] then t.due else 0 end as due
    from taken t cross join (select 0 as wide union all select 1) w
    union all
    select t.network_id, case w.wide when 1 then t.network_id else t.franchise_id end, t.measure, t.at, t.subject_id,
        t.place, t.key, 0, 0, 0, t.due
    from taken t cross join (select 0 as wide union all select 1) w where t.at > [now] and t.due <> 0
    union all
    select p.network_id, p.scope_id, p.measure, [epoch], p.subject_id, p.place, p.key, p.items, p.open, p.done,
        p.due
    from passed p
    union all
    select p.network_id, case w.wide when 1 then p.network_id else p.franchise_id end, 'load',
        case when e.sign = -1 then a.ends_at when a.starts_at > [now] then a.starts_at else [epoch] end, a.person_id, 0, '',
        0, e.sign * t.open, 0, 0
    from (select whose_id, sum(open) as open from taken where whose_id is not null group by whose_id) t
    join client_place p on p.client_id = t.whose_id and p.status = 'active'
    join assignment a on a.client_id = t.whose_id and a.part in ('lead', 'co')
        and (a.ends_at is null or a.ends_at > [now] and a.ends_at > a.starts_at)
    cross join (select 1 as sign union all select -1) e cross join (select 0 as wide union all select 1) w
    where t.open <> 0 and (e.sign = 1 or a.ends_at is not null)";

const FOLD: &str = "
    insert into tally (network_id, scope_id, measure, at, subject_id, place, key, items, open, done, due)
    select network_id, scope_id, measure, at, subject_id, place, key, sum(items), sum(open), sum(done), sum(due)
    from ([parts]) parts where 1 = 1
    group by network_id, scope_id, measure, at, subject_id, place, key
    having sum(items) <> 0 or sum(open) <> 0 or sum(done) <> 0 or sum(due) <> 0
    on conflict (scope_id, measure, at, subject_id, place, key) do update set
        items = tally.items + excluded.items, open = tally.open + excluded.open, done = tally.done + excluded.done,
        due = tally.due + excluded.due";

/// Rows whose instant has come.
const PASSED: &str =
    "network_id = [network] and measure in ('work', 'programme', 'load') and at > [epoch] and at <= [now]";

/// A row where there is something to fold.
const WAIT: &str = "
    select cast(1 as bigint) from tally_delta where network_id = [network]
    union all select cast(1 as bigint) from tally where [passed] limit 1";

/// Whether nothing is changing that moves what is folded, nor will until the end.
const FREE: &str =
    "select pg_try_advisory_xact_lock(hashtextextended(cast([network] as uuid)::text, 0))::int::bigint";

/// Deletes what it folds in the same statement, so that nothing is folded that was not seen, or lost that was not.
const ON_POSTGRES: &str = "
    with taken as (
        delete from tally_delta d using (
            select measure, id from tally_delta where network_id = [network] limit [most]) n
        where d.network_id = [network] and d.measure = n.measure and d.id = n.id returning d.*
    ), passed as (
        delete from tally where [passed] returning *
    ), folded as ([fold])
    select count(*) from taken";

/// SQLite has one writer, and no deletions in a query.
const ON_SQLITE: [&str; 3] = [
    "with taken as (select * from tally_delta where network_id = [network] and id <= [last]),
        passed as (select * from tally where [passed]) [fold]",
    "delete from tally where [passed]",
    "delete from tally_delta where network_id = [network] and id <= [last]",
];

/// Not who has how much to do: that is shown as it is now. The network's total has a row even where all figures are zero,
/// so the month counts as put aside.
const PUT_ASIDE: &str = "
    insert into tally_past (network_id, scope_id, taken_on, measure, subject_id, place, key, items, open, done, due)
    select network_id, scope_id, [on], measure, subject_id, place, key, sum(items), sum(open), sum(done), sum(due)
    from (
        select network_id, scope_id, measure, subject_id, place, key, items, open, done, due from tally
        where network_id = [network] and at <= [now] and measure <> 'load' and (measure <> 'review' or at > [window])
        union all
        select network_id, scope_id, 'total', network_id, 0, '', items, open, done, due from tally
        where network_id = [network] and measure = 'work' and at <= [now]
        union all
        select id, id, 'total', id, 0, '', 0, 0, 0, 0 from network where id = [network]) counted
    where not exists (select 1 from tally_past where network_id = [network] and taken_on = [on])
    group by network_id, scope_id, measure, subject_id, place, key";

/// How long a review counts.
const WINDOW: TimeDelta = TimeDelta::days(91);

impl Write {
    /// Folds at most so many changes into the figures, and what had fallen due by an instant. How many changes it were; none
    /// where it has to be later, because clients or assignments are changing.
    pub async fn fold_tallies(&self, most: i64, as_of: DateTime<Utc>) -> Result<Option<i64>, Error> {
        let network = self.network()?;
        let taken = if self.kernel.db.is_postgres() {
            // clients and assignments that are changing move what is folded: later, then
            let free = self.told(FREE, as_of, &[]).await?;
            if free != Some(1) {
                return Ok(None);
            }
            let row = self.told(ON_POSTGRES, as_of, &[("[most]", most.into())]).await?;
            row.ok_or(Fault::Internal)?
        } else {
            let last = "select max(id) from (select id from tally_delta where network_id = [network]
                order by id limit [most])";
            let last = self.told(last, as_of, &[("[most]", most.into())]).await?.unwrap_or(0);
            let mut taken = 0;
            for sql in ON_SQLITE {
                taken = self.done(sql, as_of, &[("[last]", last.into())]).await? as i64;
            }
            taken
        };
        // they will never count again
        self.done(
            "delete from tally where network_id = [network] and measure = 'review' and at <= [window]",
            as_of,
            &[],
        )
        .await?;
        tracing::debug!(%network, taken, "changes were folded");
        Ok(Some(taken))
    }

    /// Puts the network's figures aside as those of a day, which ended at an instant, unless that was done before.
    pub async fn put_tallies_aside(&self, on: NaiveDate, as_of: DateTime<Utc>) -> Result<(), Error> {
        self.done(PUT_ASIDE, as_of, &[("[on]", on.into())]).await?;
        Ok(())
    }

    /// The last day whose figures were put aside.
    pub async fn last_put_aside(&self) -> Result<Option<NaiveDate>, Error> {
        let last = "select max(taken_on) from tally_past where scope_id = {1}";
        let rows: Vec<(Option<NaiveDate>,)> = self.reckon(last, vec![self.network()?.into()]).await?;
        Ok(rows.into_iter().next().and_then(|(day,)| day))
    }

    /// Whether there are changes to fold, or figures whose instant has come.
    pub async fn tallies_wait(&self) -> Result<bool, Error> {
        Ok(self.told(WAIT, self.now, &[]).await?.is_some())
    }

    async fn told(
        &self,
        sql: &str,
        as_of: DateTime<Utc>,
        values: &[(&str, Value)],
    ) -> Result<Option<i64>, Error> {
        let (sql, values) = self.spelled(sql, as_of, values)?;
        let row = self.transaction.query_one_raw(statement(&self.transaction, &sql, values)).await?;
        Ok(row.map(|row| row.try_get_by_index::<Option<i64>>(0)).transpose()?.flatten())
    }

    async fn done(&self, sql: &str, as_of: DateTime<Utc>, values: &[(&str, Value)]) -> Result<u64, Error> {
        let (sql, values) = self.spelled(sql, as_of, values)?;
        let done = self.transaction.execute_raw(statement(&self.transaction, &sql, values)).await?;
        Ok(done.rows_affected())
    }

    /// A statement with its parts and its values in place.
    fn spelled(
        &self,
        sql: &str,
        as_of: DateTime<Utc>,
        values: &[(&str, Value)],
    ) -> Result<(String, Vec<Value>), Error> {
        let postgres = self.kernel.db.is_postgres();
        let epoch =
            if postgres { "timestamptz '1970-01-01T00:00:00Z'" } else { "'1970-01-01T00:00:00+00:00'" };
        let mut sql = sql
            .replace("[fold]", FOLD)
            .replace("[parts]", PARTS)
            .replace("[passed]", PASSED)
            .replace("[epoch]", epoch);
        let mut bound = vec![];
        let common = [
            ("[network]", self.network()?.into()),
            ("[now]", as_of.into()),
            ("[window]", (as_of - WINDOW).into()),
        ];
        for (name, value) in common.iter().chain(values) {
            if sql.contains(name) {
                bound.push(value.clone());
                sql = sql.replace(name, &super::save::mark(&self.transaction, bound.len()));
            }
        }
        Ok((sql, bound))
    }
}
