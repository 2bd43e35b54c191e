//! Import: clients, members and actions from tables of comma-separated text.
//!
//! Each row has an external ID. A row whose ID was imported before is skipped, so sending a file twice has the effect of
//! sending it once. Every row passes the rules of the mutation that creates a single object. First all rows are checked
//! without locks; a dry run ends there, and so does a file with a refused row.
//!
//! Then the rows are saved in portions, each in a transaction of its own, so that other writers wait only for a portion.
//! Under the locks of the portion its rows are checked again, because other changes may have been saved since. The result of
//! an import that ends early says which rows are saved; sending the same file again continues from there.
//!
//! Invariant: the number of statements of a transaction does not depend on the number of its rows.

mod actions;
mod clients;
mod input;
mod members;
pub mod rules;
pub mod table;
#[cfg(test)]
mod tests;

use crate::{
    kernel::{
        Caller, Code, Error, Fault, Refusal, TransactionPart, Write, access::Permission, error::Param,
        fold::kept, mutation::split, read::shape::typed,
    },
    mutations, payload, payload_leaves, price,
};
use actions::Actions;
use async_graphql::{Enum, ID};
use clients::Clients;
use entity::{Id, Noun, Scoped, client, fold, import_key};
use futures::future::BoxFuture;
pub use input::*;
use members::Members;
use rules::{Column, Line};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, Condition, EntityTrait, IntoActiveModel, ModelTrait, QueryFilter, Value,
};
use std::{
    collections::{BTreeMap, HashMap, HashSet},
    str::FromStr,
};
use uuid::Uuid;

/// The result of an import for a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
pub enum ImportOutcome {
    /// The row is valid and new. Its object was created if `ImportRow.id` is set; a dry run or a refused file creates
    /// no objects.
    Created,
    /// The row was imported before and is left unchanged.
    Existing,
    /// The row breaks a rule. See the row's `errors`.
    Refused,
    /// The import ended before the row was known to be saved. Send the same file again to import the row.
    Unfinished,
}

payload_leaves!(ImportOutcome);

payload! {
    /// An error in a row.
    pub struct ImportError {
        /// The column that the error is about. Null if the error is about the whole row.
        pub column: Option<String>,
        /// The kind of error.
        pub code: Code,
        /// Name of the message within its `code`, such as `TOO_LONG`. Equal to `code` if the message has no name.
        pub reason: String,
        /// The error and how to correct it, as text for people in English.
        pub message: String,
        /// Values that the message contains, in its order. Empty if there are none.
        pub params: Vec<Param>,
    }
}

payload! {
    /// The result of an import for a row.
    pub struct ImportRow {
        /// The line of the file at which the row begins. The first line is 1, as in text editors.
        pub row: i32,
        /// The row's ID in the system that it comes from.
        pub external_id: String,
        /// The result for the row.
        pub outcome: ImportOutcome,
        /// ID of the object that the row created, now or in an earlier import. Null if there is no object, or the
        /// caller has no access to it.
        pub id: Option<ID>,
        /// All errors in the row.
        pub errors: Vec<ImportError>,
    }
}

/// Declares the imports: their payloads and their mutations.
macro_rules! imports {
    ($($(#[doc = $doc:literal])* $name:ident($input:ident) -> $payload:ident = $importer:ident;)*) => {
        mutations! {
            ImportMutation {
                $($(#[doc = $doc])* $name($input) -> $payload = $name;)*
            }
        }

        $(
            payload! {
                /// Result of an import.
                pub struct $payload {
                    /// The result for each row, in the file's order. Empty if the file cannot be read as a table.
                    pub rows: Vec<ImportRow>,
                    /// Number of rows with the outcome `CREATED`.
                    pub created_count: i32,
                    /// Number of rows with the outcome `EXISTING`.
                    pub existing_count: i32,
                    /// Number of rows with the outcome `REFUSED`.
                    pub refused_count: i32,
                    /// Reasons rows were not imported. Empty if all were imported, or for a dry run of a file that can
                    /// be read.
                    pub errors: Vec<Refusal>,
                }
            }

            async fn $name(caller: &Caller, input: $input) -> Result<$payload, Fault> {
                let done = import_file::<$importer>(caller, input.into()).await;
                let (done, errors) = split(done)?;
                let report = done.unwrap_or_default();
                Ok($payload {
                    created_count: report.count(ImportOutcome::Created),
                    existing_count: report.count(ImportOutcome::Existing),
                    refused_count: report.count(ImportOutcome::Refused),
                    rows: report.rows.into_values().collect(),
                    errors: [errors, report.errors].concat(),
                })
            }
        )*
    };
}

imports! {
    /// Creates clients from a file, each with its lead and its first team. If a row is refused, no row is imported.
    /// Rows are saved in portions of 100. If the import ends early, the saved portions stay: send the same file again,
    /// with the same or another `Idempotency-Key`, to import the rest.
    client_import(ClientImportInput) -> ClientImportPayload = Clients;
    /// Adds members to a team from a file, without a login. If a row is refused, no row is imported. Rows are saved in
    /// portions of 100. If the import ends early, the saved portions stay: send the same file again, with the same or
    /// another `Idempotency-Key`, to import the rest.
    member_import(MemberImportInput) -> MemberImportPayload = Members;
    /// Offers actions from a file to members of a team, who accept or decline them. If a row is refused, no row is
    /// imported. Rows are saved in portions of 100. If the import ends early, the saved portions stay: send the same
    /// file again, with the same or another `Idempotency-Key`, to import the rest.
    action_import(ActionImportInput) -> ActionImportPayload = Actions;
}

/// A file to import.
struct ImportFile {
    /// ID of the object that the rows are imported into.
    place: ID,
    csv: Option<String>,
    csv_base64: Option<String>,
    dry_run: bool,
}

/// The new rows of a line of the file, or all its faults.
type PlannedRow<R> = Result<R, Vec<Refusal>>;

/// A kind of import.
trait Importer {
    /// The entity that rows are imported into.
    type Target: Scoped;
    /// The entity that the import creates.
    type Object: Scoped;
    /// The database rows of one created object.
    type Rows: Send;
    const PERMISSION: Permission;
    /// Path of the argument with the target's ID.
    const TARGET: &'static str;
    const COLUMNS: &'static [Column];

    /// Checks all lines and returns the new rows or the faults of each. The number of statements must not depend on the number
    /// of lines.
    fn plan<'a>(
        write: &'a Write,
        place: &'a <Self::Target as EntityTrait>::Model,
        lines: &'a [Line],
    ) -> BoxFuture<'a, Result<Vec<PlannedRow<Self::Rows>>, Error>>;

    /// The IDs of the created object and of its client.
    fn ids(rows: &Self::Rows) -> (Id<Self::Object>, Id<client::Entity>);

    fn insert(write: &mut Write, rows: Vec<Self::Rows>) -> BoxFuture<'_, Result<(), Error>>;
}

/// The results of a file's rows by line number.
#[derive(Default)]
struct ImportReport {
    rows: BTreeMap<i32, ImportRow>,
    errors: Vec<Refusal>,
}

impl ImportReport {
    fn record(&mut self, rows: Vec<ImportRow>) {
        self.rows.extend(rows.into_iter().map(|row| (row.row, row)));
    }

    fn count(&self, outcome: ImportOutcome) -> i32 {
        self.rows.values().filter(|row| row.outcome == outcome).count() as i32
    }
}

/// Checks all rows of a file and, unless it is a dry run or a row is refused, saves them.
async fn import_file<I: Importer>(caller: &Caller, file: ImportFile) -> Result<ImportReport, Error> {
    let text = table::file_text(file.csv, file.csv_base64.as_deref())?;
    caller.spend(price::import_price(text.lines().count()));
    let place: Option<Id<I::Target>> = typed(&file.place);
    let (look, row) = caller.write_part(TransactionPart::Look, I::PERMISSION, place, I::TARGET).await?;
    let lines = rules::parse_rows(&text, I::COLUMNS)?;
    let checked = check_rows::<I>(&look, place, &row, lines).await?;
    look.roll_back().await?;
    let mut report = ImportReport::default();
    let mut rows: Vec<ImportRow> = checked.iter().map(|(line, fate)| render_row::<I>(line, fate)).collect();
    let ends_here = file.dry_run || rows.iter().any(is_refused);
    let outcome = if ends_here { ImportOutcome::Created } else { ImportOutcome::Unfinished };
    relabel_created(&mut rows, outcome);
    report.record(rows);
    if ends_here {
        if !file.dry_run && report.count(ImportOutcome::Existing) > 0 {
            // Rows of an earlier try may be saved. A repeated request must be able to continue.
            caller.leave_key_free();
        }
        let refused = report.count(ImportOutcome::Refused);
        report.errors.extend((!file.dry_run).then(|| rules::nothing_imported_refusal(refused)));
        return Ok(report);
    }
    let fresh = checked.into_iter().filter(|(_, fate)| matches!(fate, CheckedRow::Created(_)));
    let fresh = fresh.map(|(line, _)| line).collect();
    let saved = save_portions::<I>(caller, place, fresh, &mut report).await;
    let created = report.count(ImportOutcome::Created);
    match saved {
        Ok(true) => return Ok(report),
        Err(error) if created == 0 => return Err(error),
        Err(Error::Refused(refusals)) => report.errors.extend(refusals),
        Ok(false) | Err(Error::Fault(_)) => {}
    }
    report.errors.push(rules::interrupted_refusal(created));
    caller.leave_key_free();
    Ok(report)
}

/// Saves rows portion by portion, and records each portion. Returns `false` after a portion with a refused row.
async fn save_portions<I: Importer>(
    caller: &Caller,
    place: Option<Id<I::Target>>,
    mut rest: Vec<Line>,
    report: &mut ImportReport,
) -> Result<bool, Error> {
    // Runs at least once, because the last portion claims the caller's idempotency key, even without new rows.
    loop {
        let portion: Vec<Line> = rest.drain(..rules::ROWS_PER_PORTION.min(rest.len())).collect();
        let part = if rest.is_empty() { TransactionPart::Last } else { TransactionPart::Portion };
        let rows = save_portion::<I>(caller, part, place, portion).await?;
        let refused = rows.iter().any(is_refused);
        report.record(rows);
        if refused || part == TransactionPart::Last {
            return Ok(!refused);
        }
    }
}

/// Saves a portion, unless one of its rows is refused.
async fn save_portion<I: Importer>(
    caller: &Caller,
    part: TransactionPart,
    place: Option<Id<I::Target>>,
    lines: Vec<Line>,
) -> Result<Vec<ImportRow>, Error> {
    let (mut write, row) = caller.write_part(part, I::PERMISSION, place, I::TARGET).await?;
    let checked = check_rows::<I>(&write, place, &row, lines).await?;
    let mut report: Vec<ImportRow> = checked.iter().map(|(line, fate)| render_row::<I>(line, fate)).collect();
    if report.iter().any(is_refused) {
        write.roll_back().await?;
        relabel_created(&mut report, ImportOutcome::Unfinished);
        return Ok(report);
    }
    let (mut rows, mut keys) = (vec![], vec![]);
    for (line, fate) in checked {
        let CheckedRow::Created(made) = fate else { continue };
        let (id, client) = I::ids(&made);
        let key = import_key::Model {
            scope_id: key_scope(place)?,
            noun: I::Object::PREFIX.into(),
            external_id: line.cell("external_id").into(),
            network_id: write.network()?,
            client_id: client,
            subject_id: id.uuid(),
            created_at: write.now(),
        };
        keys.push(key.into_active_model().reset_all());
        rows.push(made);
    }
    I::insert(&mut write, rows).await?;
    write.insert_unaudited::<import_key::Entity>(keys).await?;
    write.commit().await?;
    Ok(report)
}

/// The result of checking a row.
enum CheckedRow<R> {
    Created(R),
    /// Imported before. Contains the ID of the object if the caller can access it.
    Existing(Option<ID>),
    Refused(Vec<Refusal>),
}

/// Checks rows, in the file's order.
async fn check_rows<I: Importer>(
    write: &Write,
    place: Option<Id<I::Target>>,
    row: &<I::Target as EntityTrait>::Model,
    lines: Vec<Line>,
) -> Result<Vec<(Line, CheckedRow<I::Rows>)>, Error> {
    let ids: Vec<String> = lines.iter().map(|line| line.cell("external_id").to_owned()).collect();
    let known = load_imported_ids::<I::Object>(write, key_scope(place)?, &ids).await?;
    let here = reachable_ids::<I::Object>(write, known.values().copied().collect()).await?;
    let (mut checked, mut fresh) = (vec![], vec![]);
    for line in lines {
        if !line.faults().is_empty() {
            let faults = line.faults().to_vec();
            checked.push((line, CheckedRow::Refused(faults)));
        } else if let Some(id) = known.get(&fold(line.cell("external_id"))) {
            let id = Some(*id).filter(|id| here.contains(id));
            let id = id.map(|id| ID(Id::<I::Object>::new(id).to_string()));
            checked.push((line, CheckedRow::Existing(id)));
        } else {
            fresh.push(line);
        }
    }
    let planned = I::plan(write, row, &fresh).await?;
    let fates =
        planned.into_iter().map(|planned| planned.map_or_else(CheckedRow::Refused, CheckedRow::Created));
    checked.extend(fresh.into_iter().zip(fates));
    checked.sort_by_key(|(line, _)| line.number);
    Ok(checked)
}

/// The scope within which external IDs are unique.
fn key_scope<E>(place: Option<Id<E>>) -> Result<Uuid, Fault> {
    place.map(Id::uuid).ok_or(Fault::Internal)
}

/// Loads the objects that were imported with these external IDs in a scope. Keys are folded external IDs.
async fn load_imported_ids<E: Scoped>(
    write: &Write,
    scope: Uuid,
    external: &[String],
) -> Result<HashMap<String, Uuid>, Error> {
    let folds: Vec<String> = external.iter().map(|id| fold(id)).collect();
    let keys = import_key::Entity::find().filter(
        Condition::all()
            .add(import_key::Column::ScopeId.eq(scope))
            .add(import_key::Column::Noun.eq(E::PREFIX))
            .add(write.among_texts(kept(import_key::Column::ExternalId), &folds)),
    );
    let keys = write.imported(keys).await?;
    Ok(keys.into_iter().map(|key| (fold(&key.external_id), key.subject_id)).collect())
}

/// The IDs that the caller can access.
async fn reachable_ids<E: Scoped>(write: &Write, ids: Vec<Uuid>) -> Result<HashSet<Uuid>, Error> {
    if ids.is_empty() {
        return Ok(HashSet::new());
    }
    let column = E::Column::from_str("id").map_err(|_| Fault::Internal)?;
    let rows = write.all(E::find().filter(write.among_ids(column, &ids))).await?;
    let id = |row: &E::Model| match row.get(column) {
        Value::Uuid(id) => id,
        _ => None,
    };
    Ok(rows.iter().filter_map(id).collect())
}

/// The result of a row for the payload.
fn render_row<I: Importer>(line: &Line, fate: &CheckedRow<I::Rows>) -> ImportRow {
    let (outcome, id, faults) = match fate {
        CheckedRow::Created(rows) => (ImportOutcome::Created, Some(ID(I::ids(rows).0.to_string())), &[][..]),
        CheckedRow::Existing(id) => (ImportOutcome::Existing, id.clone(), &[][..]),
        CheckedRow::Refused(faults) => (ImportOutcome::Refused, None, faults.as_slice()),
    };
    let errors = faults.iter().map(|fault| ImportError {
        column: rules::column_of(fault, I::COLUMNS),
        code: fault.code,
        reason: fault.reason.clone(),
        message: fault.message.clone(),
        params: fault.params.clone(),
    });
    let external_id = line.cell("external_id").into();
    ImportRow { row: line.number, external_id, outcome, id, errors: errors.collect() }
}

/// Changes the outcome of rows that are not created, or not yet, and removes their IDs.
fn relabel_created(rows: &mut [ImportRow], outcome: ImportOutcome) {
    for row in rows.iter_mut().filter(|row| row.outcome == ImportOutcome::Created) {
        (row.outcome, row.id) = (outcome, None);
    }
}

fn is_refused(row: &ImportRow) -> bool {
    row.outcome == ImportOutcome::Refused
}

/// The value of a cell. Records a refusal as a fault and returns `instead`, so that the other cells of the row are checked as
/// well; a row with faults is not saved.
fn cell_or<T>(said: Result<T, Refusal>, instead: T, faults: &mut Vec<Refusal>) -> T {
    said.unwrap_or_else(|refusal| {
        faults.push(refusal);
        instead
    })
}

/// Combines the faults of each row's cells with the result of the rules.
fn merge_faults<R>(
    faults: Vec<Vec<Refusal>>,
    mut planned: impl Iterator<Item = PlannedRow<R>>,
) -> Vec<PlannedRow<R>> {
    let both = faults.into_iter().map(|mut wrong| match planned.next() {
        Some(Ok(rows)) if wrong.is_empty() => Ok(rows),
        Some(Err(more)) => {
            wrong.extend(more);
            Err(wrong)
        }
        Some(Ok(_)) | None => Err(wrong),
    });
    both.collect()
}
