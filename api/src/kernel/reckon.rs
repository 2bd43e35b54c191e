//! Statements that compute over a network, whoever's rows they are: the system's alone.

use super::{
    access::Scope,
    db::statement,
    error::{Error, Fault},
    read::Dialect,
    save::{Write, mark},
};

use sea_orm::{ConnectionTrait, TryGetableMany, Value};
use uuid::Uuid;

impl Write {
    /// Which of the two it writes to.
    pub fn dialect(&self) -> Dialect {
        if self.kernel.db.is_postgres() { Dialect::Postgres } else { Dialect::Sqlite }
    }

    /// The rows of a statement in which `{1}`, `{2}` … are bound values.
    pub async fn reckon<T: TryGetableMany>(&self, sql: &str, values: Vec<Value>) -> Result<Vec<T>, Error> {
        let system = Scope::system(self.network()?.uuid());
        if self.scope != system {
            return Err(Fault::Internal.into());
        }
        let mut text = sql.to_owned();
        for at in 1..=values.len() {
            text = text.replace(&format!("{{{at}}}"), &mark(&self.transaction, at));
        }
        let rows = self.transaction.query_all_raw(statement(&self.transaction, &text, values)).await?;
        let rows = rows.iter().map(|row| T::try_get_many_by_index(row)).collect::<Result<Vec<T>, _>>();
        rows.map_err(|error| sea_orm::DbErr::from(error).into())
    }

    /// A list of ids as one bound value, which `= any({1}::uuid[])` and `in (select unhex(value) from json_each({1}))`
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
