//! Rules of imports: how the records of a table become rows, and how faults of rows are described.

use super::table::{self, Record, file_refusal};
use crate::{
    kernel::{Code, Refusal, check::visible},
    message,
};
use chrono::NaiveDate;
use entity::{client::SizeBand, fold};
use std::collections::HashSet;

/// Maximum number of rows of an import.
pub const MAX_ROWS: usize = 1_000;
/// Number of rows that one transaction saves. Other writers wait for at most this many rows.
pub const ROWS_PER_PORTION: usize = 100;
/// Maximum number of characters of an external ID.
pub const MAX_EXTERNAL_ID: usize = 100;

/// A column of a table: its name, and whether the header must have it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Column {
    pub name: &'static str,
    pub required: bool,
}

/// A required column.
pub const fn required(name: &'static str) -> Column {
    Column { name, required: true }
}

/// An optional column.
pub const fn optional(name: &'static str) -> Column {
    Column { name, required: false }
}

/// A row of a table: the line of the file at which it begins, and its cells by column.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Line {
    pub number: i32,
    cells: Vec<(&'static str, String)>,
    /// Faults of the row as a whole.
    faults: Vec<Refusal>,
}

impl Line {
    /// The trimmed text of a cell. Empty if the file does not have the column.
    pub fn cell(&self, name: &str) -> &str {
        self.cells.iter().find(|(column, _)| *column == name).map_or("", |(_, text)| text)
    }
    /// The trimmed text of a cell. `None` if it is empty.
    pub fn cell_if(&self, name: &str) -> Option<String> {
        Some(self.cell(name)).filter(|text| !text.is_empty()).map(str::to_owned)
    }
    /// Faults of the row as a whole, apart from its cells.
    pub fn faults(&self) -> &[Refusal] {
        &self.faults
    }
}

/// Parses a table: a header, and at most [`MAX_ROWS`] rows with distinct external IDs.
pub fn parse_rows(text: &str, columns: &[Column]) -> Result<Vec<Line>, Vec<Refusal>> {
    let names: Vec<&str> = columns.iter().map(|column| column.name).collect();
    let mut records = table::parse_records(text, &names).map_err(|refusal| vec![refusal])?.into_iter();
    let header = parse_header(&records.next().map(|header| header.cells).unwrap_or_default(), columns)?;
    if records.len() > MAX_ROWS {
        return Err(vec![file_refusal(message!(
            ROWS_PER_IMPORT,
            "One import has at most {max} rows, and this file {count}. Split the file.",
            max = MAX_ROWS,
            count = records.len(),
        ))]);
    }
    let (mut lines, mut seen) = (vec![], HashSet::new());
    for Record { line: number, mut cells } in records {
        // Trailing separators do not make cells.
        while cells.len() > header.len() && cells.last().is_some_and(String::is_empty) {
            cells.pop();
        }
        let count = cells.len();
        let named = header.iter().zip(cells).map(|(column, text)| (*column, text)).collect();
        let mut line = Line { number, cells: named, faults: vec![] };
        if count != header.len() {
            let message = message!(
                NUMBER_OF_CELLS,
                "The row has {count} cells, and the header {expected}.",
                count,
                expected = header.len(),
            );
            line.faults.push(Refusal::new(Code::Invalid, message));
        }
        line.faults.extend(external_id_fault(line.cell("external_id"), &mut seen));
        lines.push(line);
    }
    if lines.is_empty() {
        Err(vec![file_refusal(message!(NO_ROWS, "There is no row below the header."))])
    } else {
        Ok(lines)
    }
}

/// Parses the header. Requires known columns.
fn parse_header(header: &[String], columns: &[Column]) -> Result<Vec<&'static str>, Vec<Refusal>> {
    // Trailing separators do not make columns.
    let last = header.iter().rposition(|name| !name.is_empty()).map_or(0, |last| last + 1);
    let header: Vec<String> = header[..last].iter().map(|name| table::column_name(name)).collect();
    let known = |name: &str| columns.iter().find(|column| column.name == name);
    let mut faults = vec![];
    for (place, name) in header.iter().enumerate() {
        if known(name).is_none() {
            let names: Vec<&str> = columns.iter().map(|column| column.name).collect();
            faults.push(message!(
                UNKNOWN_COLUMN,
                "There is no column {column}. Columns are {allowed}.",
                column = format!("{name:?}"),
                allowed = names.join(", "),
            ));
        } else if header[..place].contains(name) {
            faults.push(message!(COLUMN_TWICE, "The column {column} is there twice.", column = name));
        }
    }
    for column in
        columns.iter().filter(|column| column.required && !header.iter().any(|name| name == column.name))
    {
        faults.push(message!(COLUMN_MISSING, "The column {column} is missing.", column = column.name));
    }
    if faults.is_empty() {
        return Ok(header.iter().filter_map(|name| known(name)).map(|column| column.name).collect());
    }
    Err(faults.into_iter().map(file_refusal).collect())
}

/// The fault of a row's external ID, if it has one.
fn external_id_fault(id: &str, seen: &mut HashSet<String>) -> Option<Refusal> {
    let letters = id.chars().count();
    let message = if letters == 0 || letters > MAX_EXTERNAL_ID {
        message!(
            EXTERNAL_ID_LENGTH,
            "An external id has {min} to {max} characters.",
            min = 1,
            max = MAX_EXTERNAL_ID
        )
    } else if id.chars().any(char::is_control) {
        message!(
            CONTROL_CHARACTERS,
            "`{field}` contains control characters. Remove them.",
            field = "external_id",
        )
    } else if let Err(refusal) = visible("input.externalId", id) {
        return Some(refusal);
    } else if !seen.insert(fold(id)) {
        message!(EXTERNAL_ID_TWICE, "An earlier row has this external id.")
    } else {
        return None;
    };
    Some(Refusal::new(Code::Invalid, message).at("input.externalId"))
}

/// The refusal of a file with refused rows.
pub fn nothing_imported_refusal(refused: i32) -> Refusal {
    let message = match refused {
        1 => message!(
            ROWS_REFUSED,
            "{count} row is refused, so nothing was imported. See `rows`.",
            count = refused
        ),
        _ => message!(
            ROWS_REFUSED,
            "{count} rows are refused, so nothing was imported. See `rows`.",
            count = refused
        ),
    };
    file_refusal(message)
}

/// The refusal of an import that ended before it saved all rows.
pub fn interrupted_refusal(saved: i32) -> Refusal {
    let message = message!(
        INTERRUPTED,
        "The import ended after it saved {saved} of its rows. See `rows`: correct what is refused, and send the same file \
         again to import what is unfinished.",
        saved,
    );
    Refusal::new(Code::Interrupted, message).at("input")
}

/// The column of the cell that a refusal is about.
pub fn column_of(refusal: &Refusal, columns: &[Column]) -> Option<String> {
    let name = refusal.path.last()?;
    let snake: String = name
        .chars()
        .flat_map(|letter| {
            letter.is_ascii_uppercase().then_some('_').into_iter().chain([letter.to_ascii_lowercase()])
        })
        .collect();
    let named = |wanted: &str| columns.iter().find(|column| column.name == wanted);
    // A cell has an address or a code in place of an input's ID.
    let found = named(&snake).or_else(|| named(snake.strip_suffix("_id")?));
    found.map(|column| column.name.to_owned())
}

/// Parses the date in a cell.
pub fn parse_date(text: &str) -> Result<NaiveDate, Refusal> {
    let wrong = |_| {
        let message =
            message!(NOT_A_DATE, "`due_on` must be a date such as {example}.", example = "2026-03-01");
        Refusal::new(Code::Invalid, message).at("input.dueOn")
    };
    text.parse().map_err(wrong)
}

/// Parses the size band in a cell.
pub fn parse_size_band(text: &str) -> Result<SizeBand, Refusal> {
    match text.to_ascii_uppercase().as_str() {
        "MICRO" => Ok(SizeBand::Micro),
        "SMALL" => Ok(SizeBand::Small),
        "MEDIUM" => Ok(SizeBand::Medium),
        "LARGE" => Ok(SizeBand::Large),
        "ENTERPRISE" => Ok(SizeBand::Enterprise),
        _ => {
            let message = message!(
                NOT_ALLOWED,
                "`{field}` must be one of {allowed}.",
                field = "size_band",
                allowed = "MICRO, SMALL, MEDIUM, LARGE, ENTERPRISE",
            );
            Err(Refusal::new(Code::Invalid, message).at("input.sizeBand"))
        }
    }
}
