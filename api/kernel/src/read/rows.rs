//! The rows of a statement, from either database.

use tokio_postgres::types::{FromSql, Type};
use uuid::Uuid;

/// A value of a row of SQLite's.
#[derive(Debug)]
pub enum Cell {
    Null,
    Int(i64),
    Text(String),
    Bytes(Vec<u8>),
}

/// The rows of a statement.
pub enum Rows {
    /// Not asked yet.
    None,
    Postgres(Vec<tokio_postgres::Row>),
    Sqlite(Vec<Vec<Cell>>),
}

/// A value of a row, wherever it came from.
pub(super) enum CellView<'a> {
    Null,
    /// PostgreSQL's binary form.
    Binary(&'a [u8]),
    Int(i64),
    Text(&'a str),
}

impl Rows {
    pub fn postgres(rows: Vec<tokio_postgres::Row>) -> Rows {
        Rows::Postgres(rows)
    }
    pub(super) fn len(&self) -> usize {
        match self {
            Rows::None => 0,
            Rows::Postgres(rows) => rows.len(),
            Rows::Sqlite(rows) => rows.len(),
        }
    }
    pub(super) fn cell(&self, row: usize, column: usize) -> CellView<'_> {
        match self {
            Rows::None => CellView::Null,
            Rows::Postgres(rows) => match rows[row].get::<_, Option<Raw<'_>>>(column) {
                Some(raw) => CellView::Binary(raw.0),
                None => CellView::Null,
            },
            Rows::Sqlite(rows) => match &rows[row][column] {
                Cell::Null => CellView::Null,
                Cell::Int(number) => CellView::Int(*number),
                Cell::Text(text) => CellView::Text(text),
                Cell::Bytes(bytes) => CellView::Binary(bytes),
            },
        }
    }
    pub(super) fn key(&self, row: usize, column: usize) -> Option<u128> {
        match self.cell(row, column) {
            CellView::Binary(bytes) => bytes.try_into().ok().map(u128::from_be_bytes),
            _ => None,
        }
    }
    pub(super) fn text(&self, row: usize, column: usize) -> Option<&str> {
        match self.cell(row, column) {
            CellView::Binary(bytes) => std::str::from_utf8(bytes).ok(),
            CellView::Text(text) => Some(text),
            _ => None,
        }
    }
    pub(super) fn count(&self, row: usize, column: usize) -> i64 {
        match self.cell(row, column) {
            CellView::Int(number) => number,
            CellView::Binary(bytes) => integer(bytes),
            _ => 0,
        }
    }
    /// The distinct keys that a column holds.
    pub fn keys(&self, column: usize) -> Vec<Uuid> {
        let mut keys: Vec<u128> = (0..self.len()).filter_map(|row| self.key(row, column)).collect();
        keys.sort_unstable();
        keys.dedup();
        keys.into_iter().map(Uuid::from_u128).collect()
    }
}

pub(super) fn integer(bytes: &[u8]) -> i64 {
    match bytes.len() {
        2 => bytes.try_into().map_or(0, |bytes| i64::from(i16::from_be_bytes(bytes))),
        4 => bytes.try_into().map_or(0, |bytes| i64::from(i32::from_be_bytes(bytes))),
        8 => bytes.try_into().map_or(0, i64::from_be_bytes),
        _ => 0,
    }
}

/// A value as PostgreSQL sends it.
struct Raw<'a>(&'a [u8]);

impl<'a> FromSql<'a> for Raw<'a> {
    fn from_sql(_: &Type, bytes: &'a [u8]) -> Result<Self, Box<dyn std::error::Error + Sync + Send>> {
        Ok(Raw(bytes))
    }
    fn accepts(_: &Type) -> bool {
        true
    }
}
