//! Import: clients, members and actions out of tables of comma-separated text.
//!
//! Each row carries the id it has where it comes from. A row whose id was imported before is left alone, so that the
//! same file twice has the effect of one. Every row passes the rules of the mutation that makes one of its kind. First
//! all rows are looked at, without a lock: a dry run ends there, and so does a file of which a row is refused.
//!
//! Then the rows are saved in portions, each in a transaction of its own, so that other writers wait for a portion and
//! not for the file. Under the portion's locks its rows pass the rules again, because things may have changed
//! meanwhile. An import that ends early answers which rows are saved, and the same file again goes on from there.
//!
//! Invariant: the number of a transaction's statements does not depend on the number of its rows.

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
        Caller, Code, Error, Fault, Part, Refusal, Write, access::Permission, fold::kept, mutation::split,
        price, read::shape::typed,
    },
    mutations, payload, payload_leaves,
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
        /// The error and how to correct it, as text for people.
        pub message: String,
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
                    pub created: i32,
                    /// Number of rows with the outcome `EXISTING`.
                    pub existing: i32,
                    /// Number of rows with the outcome `REFUSED`.
                    pub refused: i32,
                    /// Reasons rows were not imported. Empty if all were imported, or for a dry run of a file that can
                    /// be read.
                    pub errors: Vec<Refusal>,
                }
            }

            async fn $name(caller: &Caller, input: $input) -> Result<$payload, Fault> {
                let done = import::<$importer>(caller, input.into()).await;
                let (done, errors) = split(done)?;
                let report = done.unwrap_or_default();
                Ok($payload {
                    created: report.count(ImportOutcome::Created),
                    existing: report.count(ImportOutcome::Existing),
                    refused: report.count(ImportOutcome::Refused),
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

/// A file as it was given.
struct File {
    /// The id of what it is imported into.
    place: ID,
    csv: Option<String>,
    csv_base64: Option<String>,
    dry_run: bool,
}

/// What a row is to become, or everything that is wrong with it.
type Planned<R> = Result<R, Vec<Refusal>>;

/// A kind of import.
trait Importer {
    /// What is imported into.
    type Place: Scoped;
    /// What is made.
    type Made: Scoped;
    /// The rows of one of these.
    type Rows: Send;
    const PERMISSION: Permission;
    /// The argument that names what is imported into.
    const PLACE: &'static str;
    const COLUMNS: &'static [Column];

    /// What each line is to become. What the rules need is looked up for all lines at once.
    fn plan<'a>(
        write: &'a Write,
        place: &'a <Self::Place as EntityTrait>::Model,
        lines: &'a [Line],
    ) -> BoxFuture<'a, Result<Vec<Planned<Self::Rows>>, Error>>;

    /// The ids of what is made, and of its client.
    fn ids(rows: &Self::Rows) -> (Id<Self::Made>, Id<client::Entity>);

    fn insert(write: &mut Write, rows: Vec<Self::Rows>) -> BoxFuture<'_, Result<(), Error>>;
}

/// What becomes of a file's rows, by their lines.
#[derive(Default)]
struct Report {
    rows: BTreeMap<i32, ImportRow>,
    errors: Vec<Refusal>,
}

impl Report {
    fn record(&mut self, rows: Vec<ImportRow>) {
        self.rows.extend(rows.into_iter().map(|row| (row.row, row)));
    }

    fn count(&self, outcome: ImportOutcome) -> i32 {
        self.rows.values().filter(|row| row.outcome == outcome).count() as i32
    }
}

/// Looks at all rows of a file and then, unless that was all, saves them.
async fn import<I: Importer>(caller: &Caller, file: File) -> Result<Report, Error> {
    let text = table::text(file.csv, file.csv_base64.as_deref())?;
    caller.spend(price::imported(text.lines().count()));
    let place: Option<Id<I::Place>> = typed(&file.place);
    let (look, row) = caller.write_part(Part::Look, I::PERMISSION, place, I::PLACE).await?;
    let lines = rules::read(&text, I::COLUMNS)?;
    let checked = check_rows::<I>(&look, place, &row, lines).await?;
    look.leave().await?;
    let mut report = Report::default();
    let mut rows: Vec<ImportRow> = checked.iter().map(|(line, fate)| render_row::<I>(line, fate)).collect();
    let ends_here = file.dry_run || rows.iter().any(is_refused);
    let outcome = if ends_here { ImportOutcome::Created } else { ImportOutcome::Unfinished };
    relabel_created(&mut rows, outcome);
    report.record(rows);
    if ends_here {
        if !file.dry_run && report.count(ImportOutcome::Existing) > 0 {
            // some of it may be saved: another try goes on from there
            caller.leave_key_free();
        }
        let refused = report.count(ImportOutcome::Refused);
        report.errors.extend((!file.dry_run).then(|| rules::nothing_imported(refused)));
        return Ok(report);
    }
    let fresh = checked.into_iter().filter(|(_, fate)| matches!(fate, Fate::Created(_)));
    let fresh = fresh.map(|(line, _)| line).collect();
    let saved = save_all::<I>(caller, place, fresh, &mut report).await;
    let created = report.count(ImportOutcome::Created);
    match saved {
        Ok(true) => return Ok(report),
        Err(error) if created == 0 => return Err(error),
        Err(Error::Refused(refusals)) => report.errors.extend(refusals),
        Ok(false) | Err(Error::Fault(_)) => {}
    }
    report.errors.push(rules::interrupted(created));
    caller.leave_key_free();
    Ok(report)
}

/// Saves rows portion by portion, and records each portion. Ends with `false` at the first with a row that is refused.
async fn save_all<I: Importer>(
    caller: &Caller,
    place: Option<Id<I::Place>>,
    mut rest: Vec<Line>,
    report: &mut Report,
) -> Result<bool, Error> {
    // once at least: the last portion claims the caller's idempotency key, also where every row was imported before
    loop {
        let portion: Vec<Line> = rest.drain(..rules::PORTION.min(rest.len())).collect();
        let part = if rest.is_empty() { Part::Last } else { Part::Portion };
        let rows = save::<I>(caller, part, place, portion).await?;
        let refused = rows.iter().any(is_refused);
        report.record(rows);
        if refused || part == Part::Last {
            return Ok(!refused);
        }
    }
}

/// Saves a portion, unless one of its rows is refused by now.
async fn save<I: Importer>(
    caller: &Caller,
    part: Part,
    place: Option<Id<I::Place>>,
    lines: Vec<Line>,
) -> Result<Vec<ImportRow>, Error> {
    let (mut write, row) = caller.write_part(part, I::PERMISSION, place, I::PLACE).await?;
    let checked = check_rows::<I>(&write, place, &row, lines).await?;
    let mut report: Vec<ImportRow> = checked.iter().map(|(line, fate)| render_row::<I>(line, fate)).collect();
    if report.iter().any(is_refused) {
        write.leave().await?;
        relabel_created(&mut report, ImportOutcome::Unfinished);
        return Ok(report);
    }
    let (mut rows, mut keys) = (vec![], vec![]);
    for (line, fate) in checked {
        let Fate::Created(made) = fate else { continue };
        let (id, client) = I::ids(&made);
        let key = import_key::Model {
            scope_id: scope(place)?,
            noun: I::Made::PREFIX.into(),
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
    write.pour::<import_key::Entity>(keys).await?;
    write.commit().await?;
    Ok(report)
}

/// What is to become of a row.
enum Fate<R> {
    Created(R),
    /// With the id of what was made of it before, where the caller reaches that.
    Existing(Option<ID>),
    Refused(Vec<Refusal>),
}

/// What is to become of each row, in the file's order.
async fn check_rows<I: Importer>(
    write: &Write,
    place: Option<Id<I::Place>>,
    row: &<I::Place as EntityTrait>::Model,
    lines: Vec<Line>,
) -> Result<Vec<(Line, Fate<I::Rows>)>, Error> {
    let ids: Vec<String> = lines.iter().map(|line| line.cell("external_id").to_owned()).collect();
    let known = known::<I::Made>(write, scope(place)?, &ids).await?;
    let here = reached::<I::Made>(write, known.values().copied().collect()).await?;
    let (mut checked, mut fresh) = (vec![], vec![]);
    for line in lines {
        if !line.faults().is_empty() {
            let faults = line.faults().to_vec();
            checked.push((line, Fate::Refused(faults)));
        } else if let Some(id) = known.get(&fold(line.cell("external_id"))) {
            let id = Some(*id).filter(|id| here.contains(id));
            let id = id.map(|id| ID(Id::<I::Made>::new(id).to_string()));
            checked.push((line, Fate::Existing(id)));
        } else {
            fresh.push(line);
        }
    }
    let planned = I::plan(write, row, &fresh).await?;
    let fates = planned.into_iter().map(|planned| planned.map_or_else(Fate::Refused, Fate::Created));
    checked.extend(fresh.into_iter().zip(fates));
    checked.sort_by_key(|(line, _)| line.number);
    Ok(checked)
}

/// Within what external ids are unique.
fn scope<E>(place: Option<Id<E>>) -> Result<Uuid, Fault> {
    place.map(Id::uuid).ok_or(Fault::Internal)
}

/// What was imported before into this place by these ids, by their folds.
async fn known<E: Scoped>(
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

/// Those of these ids that the caller reaches.
async fn reached<E: Scoped>(write: &Write, ids: Vec<Uuid>) -> Result<HashSet<Uuid>, Error> {
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

/// A row as the answer has it.
fn render_row<I: Importer>(line: &Line, fate: &Fate<I::Rows>) -> ImportRow {
    let (outcome, id, faults) = match fate {
        Fate::Created(rows) => (ImportOutcome::Created, Some(ID(I::ids(rows).0.to_string())), &[][..]),
        Fate::Existing(id) => (ImportOutcome::Existing, id.clone(), &[][..]),
        Fate::Refused(faults) => (ImportOutcome::Refused, None, faults.as_slice()),
    };
    let errors = faults.iter().map(|fault| ImportError {
        column: rules::column(fault, I::COLUMNS),
        code: fault.code,
        message: fault.message.clone(),
    });
    let external_id = line.cell("external_id").into();
    ImportRow { row: line.number, external_id, outcome, id, errors: errors.collect() }
}

/// Calls rows that were to be created something else: nothing was made of them, or not yet, so their ids name nothing.
fn relabel_created(rows: &mut [ImportRow], outcome: ImportOutcome) {
    for row in rows.iter_mut().filter(|row| row.outcome == ImportOutcome::Created) {
        (row.outcome, row.id) = (outcome, None);
    }
}

fn is_refused(row: &ImportRow) -> bool {
    row.outcome == ImportOutcome::Refused
}

/// What a cell says, or, with a fault noted, something good instead: the row's other cells are looked at all the same,
/// and nothing is made of it.
fn value_or<T>(said: Result<T, Refusal>, instead: T, faults: &mut Vec<Refusal>) -> T {
    said.unwrap_or_else(|refusal| {
        faults.push(refusal);
        instead
    })
}

/// What each row is to become, given what is wrong with its cells and what the rules make of it besides.
fn merge_faults<R>(
    faults: Vec<Vec<Refusal>>,
    mut planned: impl Iterator<Item = Planned<R>>,
) -> Vec<Planned<R>> {
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
