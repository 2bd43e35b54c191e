//! Texts with their folds beside them: every statement that writes a text of [`entity::Scoped::FOLDED`] writes its fold, too.

use crate::stamps;
use entity::{Table, fold, folded};
use sea_orm::{
    ActiveModelTrait, ActiveValue, ColumnTrait, EntityTrait, Iterable, Value,
    sea_query::{Alias, DynIden, Expr, ExprTrait, InsertStatement, IntoIden, SimpleExpr},
};
use std::str::FromStr;

/// The statement that adds rows.
pub(crate) fn insertion<E: EntityTrait>(rows: &[E::ActiveModel]) -> InsertStatement {
    let given = |column: &E::Column| rows.iter().any(|row| row.get(*column) != ActiveValue::NotSet);
    let columns: Vec<E::Column> = E::Column::iter().filter(given).collect();
    let texts: Vec<&str> = texts::<E>().collect();
    let stamps = stamps::columns::<E>();
    let mut insert = InsertStatement::new();
    insert.into_table(E::default().table_ref());
    let names = columns.iter().map(|column| column.into_iden());
    let names = names.chain(texts.iter().map(|text| Alias::new(folded(text)).into_iden()));
    insert.columns(names.chain(stamps.iter().map(|stamp| Alias::new(*stamp).into_iden())));
    for row in rows {
        let values = columns.iter().map(|column| match row.get(*column) {
            ActiveValue::Set(value) | ActiveValue::Unchanged(value) => column.save_as(Expr::val(value)),
            ActiveValue::NotSet => Expr::null(),
        });
        let folds = texts.iter().map(|text| match column_of::<E>(text).map(|column| row.get(column)) {
            Some(ActiveValue::Set(value) | ActiveValue::Unchanged(value)) => Expr::val(fold_of(&value)),
            _ => Expr::null(),
        });
        let times = stamps.iter().map(|_| Expr::val(stamps::created::<E>(row)));
        insert.values_panic(values.chain(folds).chain(times));
    }
    insert
}

/// How many values a row has in [`insertion`].
pub(crate) fn columns<E: EntityTrait>() -> usize {
    E::Column::iter().count() + texts::<E>().count() + stamps::columns::<E>().len()
}

/// The folds of the texts that a change sets, by the columns that keep them.
pub(crate) fn changed<E: EntityTrait>(change: &E::ActiveModel) -> Vec<(Alias, Option<String>)> {
    let fold = |text| match change.get(column_of::<E>(text)?) {
        ActiveValue::Set(value) => Some((Alias::new(folded(text)), fold_of(&value))),
        _ => None,
    };
    texts::<E>().filter_map(fold).collect()
}

/// The condition that the text in a column is the same name as this one.
pub fn same<C: ColumnTrait>(column: C, name: &str) -> SimpleExpr {
    Expr::col(kept(column)).eq(fold(name))
}

/// The column that keeps the folds of another one's texts.
pub fn kept<C: ColumnTrait>(column: C) -> (DynIden, Alias) {
    (column.entity_name(), Alias::new(folded(column.as_str())))
}

fn texts<E: EntityTrait>() -> impl Iterator<Item = &'static str> {
    let name = E::default().table_name().to_owned();
    let table = Table::ALL.iter().find(|table| table.name() == name);
    table.into_iter().flat_map(|table| table.folded()).copied()
}

fn column_of<E: EntityTrait>(text: &str) -> Option<E::Column> {
    E::Column::from_str(text).ok()
}

fn fold_of(value: &Value) -> Option<String> {
    match value {
        Value::String(Some(text)) => Some(fold(text)),
        _ => None,
    }
}
