//! Statements of the system over all rows of a network. Invariant: only transactions of the system run them.

use super::door::Write;
use crate::{
    access::Scope,
    db::{Dialect, statement},
    error::{Error, Fault},
};

use sea_orm::{ConnectionTrait, Statement, TryGetableMany, Value};
use uuid::Uuid;

impl Write {
    /// The dialect of the database.
    pub fn dialect(&self) -> Dialect {
        Dialect::of(&self.transaction)
    }

    /// How many rows a statement changes, a template in which names stand for bound values. Unaudited.
    pub async fn execute_as_system(&self, sql: &str, values: &[(&str, Value)]) -> Result<u64, Error> {
        let statement = self.system_statement(sql, values)?;
        let done = self.transaction.execute_raw(statement).await?;
        Ok(done.rows_affected())
    }

    /// The rows of a statement, a template in which names stand for bound values.
    pub async fn query_as_system<T: TryGetableMany>(
        &self,
        sql: &str,
        values: &[(&str, Value)],
    ) -> Result<Vec<T>, Error> {
        let rows = self.transaction.query_all_raw(self.system_statement(sql, values)?).await?;
        let rows = rows.iter().map(|row| T::try_get_many_by_index(row)).collect::<Result<Vec<T>, _>>();
        rows.map_err(|error| sea_orm::DbErr::from(error).into())
    }

    /// A statement of the system. Only the values that it names are bound.
    fn system_statement(&self, sql: &str, values: &[(&str, Value)]) -> Result<Statement, Error> {
        let system = Scope::system(self.network()?.uuid());
        if self.scope != system {
            return Err(Fault::Internal.into());
        }
        Ok(statement(&self.transaction, sql, values))
    }

    /// A list of ids as one bound value, which `= any({ids}::uuid[])` and `in (select unhex(value) from json_each({ids}))`
    /// take apart.
    pub fn ids(&self, ids: &[Uuid]) -> Value {
        match self.dialect() {
            Dialect::Postgres => {
                let ids: Vec<String> = ids.iter().map(Uuid::to_string).collect();
                format!("{{{}}}", ids.join(",")).into()
            }
            Dialect::Sqlite => {
                let ids: Vec<String> = ids.iter().map(|id| id.simple().to_string()).collect();
                serde_json::json!(ids).to_string().into()
            }
        }
    }
}
