//! The law of imports: how the records of a table become rows, and how a row's faults are told.

use super::table::{self, Record, refuse};
use crate::kernel::{Code, Refusal, check::visible};
use chrono::NaiveDate;
use entity::{client::SizeBand, fold};
use std::collections::HashSet;

/// Rows of one import.
pub const ROWS: usize = 1_000;
/// Rows that are saved in one transaction: other writers wait for so many at most.
pub const PORTION: usize = 100;
/// Letters of an external id.
pub const EXTERNAL_ID: usize = 100;

/// A column: its name in the header, and whether the header must have it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Column {
    pub name: &'static str,
    pub needed: bool,
}

/// A needed column.
pub const fn needed(name: &'static str) -> Column {
    Column { name, needed: true }
}

/// A column that may be left out.
pub const fn optional(name: &'static str) -> Column {
    Column { name, needed: false }
}

/// A row: the line of the file at which it begins, and its cells by column.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Line {
    pub number: i32,
    cells: Vec<(&'static str, String)>,
    /// What is wrong with the row as a whole.
    faults: Vec<Refusal>,
}

impl Line {
    /// The text of a cell, without white space around it; empty where the column is not there.
    pub fn cell(&self, name: &str) -> &str {
        self.cells.iter().find(|(column, _)| *column == name).map_or("", |(_, text)| text)
    }
    /// The same, where there is any text.
    pub fn cell_if(&self, name: &str) -> Option<String> {
        Some(self.cell(name)).filter(|text| !text.is_empty()).map(str::to_owned)
    }
    /// What is wrong with the row before any of its cells is looked at.
    pub fn faults(&self) -> &[Refusal] {
        &self.faults
    }
}

/// Reads a table: a header, and at most [`ROWS`] rows, each with its own external id.
pub fn read(text: &str, columns: &[Column]) -> Result<Vec<Line>, Vec<Refusal>> {
    let names: Vec<&str> = columns.iter().map(|column| column.name).collect();
    let mut records = table::records(text, &names).map_err(|refusal| vec![refusal])?.into_iter();
    let header = headed(&records.next().map(|header| header.cells).unwrap_or_default(), columns)?;
    if records.len() > ROWS {
        return Err(vec![refuse(format!("One import has at most {ROWS} rows. Split the file."))]);
    }
    let (mut lines, mut seen) = (vec![], HashSet::new());
    for Record { line: number, mut cells } in records {
        // separators at the end of a line are no cells
        while cells.len() > header.len() && cells.last().is_some_and(String::is_empty) {
            cells.pop();
        }
        let count = cells.len();
        let named = header.iter().zip(cells).map(|(column, text)| (*column, text)).collect();
        let mut line = Line { number, cells: named, faults: vec![] };
        if count != header.len() {
            let message = format!("The row has {count} cells, and the header {}.", header.len());
            line.faults.push(Refusal::new(Code::Invalid, message));
        }
        line.faults.extend(unnamed(line.cell("external_id"), &mut seen));
        lines.push(line);
    }
    if lines.is_empty() { Err(vec![refuse("There is no row below the header.")]) } else { Ok(lines) }
}

/// The header's columns, where they are those that are known.
fn headed(header: &[String], columns: &[Column]) -> Result<Vec<&'static str>, Vec<Refusal>> {
    // separators at the end of a line are no columns
    let last = header.iter().rposition(|name| !name.is_empty()).map_or(0, |last| last + 1);
    let header: Vec<String> = header[..last].iter().map(|name| table::name(name)).collect();
    let known = |name: &str| columns.iter().find(|column| column.name == name);
    let mut faults = vec![];
    for (place, name) in header.iter().enumerate() {
        if known(name).is_none() {
            let names: Vec<&str> = columns.iter().map(|column| column.name).collect();
            faults.push(format!("There is no column {name:?}. Columns are {}.", names.join(", ")));
        } else if header[..place].contains(name) {
            faults.push(format!("The column {name} is there twice."));
        }
    }
    for column in
        columns.iter().filter(|column| column.needed && !header.iter().any(|name| name == column.name))
    {
        faults.push(format!("The column {} is missing.", column.name));
    }
    if faults.is_empty() {
        return Ok(header.iter().filter_map(|name| known(name)).map(|column| column.name).collect());
    }
    Err(faults.into_iter().map(refuse).collect())
}

/// What is wrong with a row's external id.
fn unnamed(id: &str, seen: &mut HashSet<String>) -> Option<Refusal> {
    let letters = id.chars().count();
    let message = if letters == 0 || letters > EXTERNAL_ID {
        format!("An external id has 1 to {EXTERNAL_ID} characters.")
    } else if id.chars().any(char::is_control) {
        "This holds control characters.".to_owned()
    } else if let Err(refusal) = visible("input.externalId", id) {
        return Some(refusal);
    } else if !seen.insert(fold(id)) {
        "An earlier row has this external id.".to_owned()
    } else {
        return None;
    };
    Some(Refusal::new(Code::Invalid, message).at("input.externalId"))
}

/// Why nothing was imported of a file with so many rows that are refused.
pub fn nothing_imported(refused: i32) -> Refusal {
    let rows = if refused == 1 { "row is" } else { "rows are" };
    refuse(format!("{refused} {rows} refused, so nothing was imported. See `rows`."))
}

/// Why an import saved so many rows and not all.
pub fn interrupted(saved: i32) -> Refusal {
    let message = format!(
        "The import ended after it saved {saved} of its rows. See `rows`: correct what is refused, and send the same file \
         again to import what is unfinished."
    );
    Refusal::new(Code::Interrupted, message).at("input").with("saved", saved.to_string())
}

/// The column of the cell that a refusal is about.
pub fn column(refusal: &Refusal, columns: &[Column]) -> Option<String> {
    let name = refusal.path.last()?;
    let snake: String = name
        .chars()
        .flat_map(|letter| {
            letter.is_ascii_uppercase().then_some('_').into_iter().chain([letter.to_ascii_lowercase()])
        })
        .collect();
    let named = |wanted: &str| columns.iter().find(|column| column.name == wanted);
    // a cell names by address or code what an input names by id
    let found = named(&snake).or_else(|| named(snake.strip_suffix("_id")?));
    found.map(|column| column.name.to_owned())
}

/// A date as it is written in a cell.
pub fn date(text: &str) -> Result<NaiveDate, Refusal> {
    let wrong = |_| Refusal::new(Code::Invalid, "A date is written like 2026-03-01.").at("input.dueOn");
    text.parse().map_err(wrong)
}

/// A size band as it is written in a cell.
pub fn size_band(text: &str) -> Result<SizeBand, Refusal> {
    match text.to_ascii_uppercase().as_str() {
        "MICRO" => Ok(SizeBand::Micro),
        "SMALL" => Ok(SizeBand::Small),
        "MEDIUM" => Ok(SizeBand::Medium),
        "LARGE" => Ok(SizeBand::Large),
        "ENTERPRISE" => Ok(SizeBand::Enterprise),
        _ => {
            let message = "A size band is MICRO, SMALL, MEDIUM, LARGE or ENTERPRISE.";
            Err(Refusal::new(Code::Invalid, message).at("input.sizeBand"))
        }
    }
}
