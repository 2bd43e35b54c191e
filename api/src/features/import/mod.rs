//! Import: clients, members and actions out of tables of comma-separated text.
//!
//! Each row carries the id it has where it comes from. A row whose id was imported before is left alone, so that the
//! same file twice has the effect of one. Every row passes the rules of the mutation that makes one of its kind, and
//! all or none of a file's rows are made. A dry run tells what would become of each row, and makes nothing.
//!
//! Invariant: the number of statements does not depend on the number of rows.

pub mod rules;
pub mod table;
#[cfg(test)]
mod tests;

use super::{
    action,
    client::taking_on::{self, NewClient},
    member::{self, Joins},
};
use crate::kernel::{
    Caller, Code, Error, Fault, Refusal, Write, access::Permission, address, fold::kept, mutation,
    read::shape::typed, refused_id,
};
use async_graphql::{Context, Enum, ID, InputObject, SimpleObject};
use chrono::Days;
use entity::{
    Id, Scoped, client::SizeBand, fold, franchise, import_key, member::MemberStatus, person, region, team,
};
use rules::{Column, Line, needed, optional};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, Condition, EntityTrait, IntoActiveModel, ModelTrait, QueryFilter, Value,
};
use std::{
    collections::{HashMap, HashSet},
    str::FromStr,
};
use uuid::Uuid;

/// What becomes of a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
pub enum ImportOutcome {
    /// Something is made of it.
    Created,
    /// It was imported before, and is left as it is.
    Existing,
    /// A rule says no; the row's `errors` say which.
    Refused,
}

/// What is wrong with a row.
#[derive(SimpleObject)]
pub struct ImportError {
    /// The column it is about; null where it is about the row as a whole.
    pub column: Option<String>,
    /// What kind of rule says no.
    pub code: Code,
    /// What is wrong and what to do about it, for people.
    pub message: String,
}

/// What becomes of a row.
#[derive(SimpleObject)]
pub struct ImportRow {
    /// The line of the file at which it begins, as text editors count them: the first line is 1.
    pub row: i32,
    /// The id it has where it comes from.
    pub external_id: String,
    /// What becomes of it.
    pub outcome: ImportOutcome,
    /// The id of what was made of it, now or before; null where nothing was, or where it is out of reach by now.
    pub id: Option<ID>,
    /// Everything that is wrong with it.
    pub errors: Vec<ImportError>,
}

/// What an import does with all its rows.
#[derive(Default)]
struct Report {
    rows: Vec<ImportRow>,
    errors: Vec<Refusal>,
}

/// Clients to take on.
#[derive(InputObject)]
pub struct ClientImportInput {
    /// The franchise that works with them.
    pub franchise_id: ID,
    /// The file as text, unless `csvBase64` is given. Its first line names the columns, in any order and case:
    /// `external_id`, `name`, `industry`, `size_band`, `time_zone`, `region` (its code), `lead` (their e-mail address
    /// or id) and optionally `team_name`. At most 1,000 rows follow. The file has at most 700 kB,
    /// counted as UTF-8. Cells are separated by commas (RFC 4180), semicolons, tabs or bars.
    pub csv: Option<String>,
    /// The bytes of the file in base64, unless `csv` is given: UTF-8 or UTF-16. 700 kB always fit into a request like this;
    /// as text they may not, where JSON escapes many of its characters.
    pub csv_base64: Option<String>,
    /// Whether only to tell what would become of each row.
    pub dry_run: Option<bool>,
}

/// Members to add to a team.
#[derive(InputObject)]
pub struct MemberImportInput {
    /// The team.
    pub team_id: ID,
    /// The file as text, unless `csvBase64` is given. Its first line names the columns, in any order and case:
    /// `external_id`, `name` and optionally `job_title` and `email`. At most 1,000 rows follow. The file has at most 700 kB,
    /// counted as UTF-8. Cells are separated by commas (RFC 4180), semicolons, tabs or bars.
    pub csv: Option<String>,
    /// The bytes of the file in base64, unless `csv` is given: UTF-8 or UTF-16. 700 kB always fit into a request like this;
    /// as text they may not, where JSON escapes many of its characters.
    pub csv_base64: Option<String>,
    /// Whether only to tell what would become of each row.
    pub dry_run: Option<bool>,
}

/// Actions to offer to members of a team.
#[derive(InputObject)]
pub struct ActionImportInput {
    /// The team whose work it is.
    pub team_id: ID,
    /// The file as text, unless `csvBase64` is given. Its first line names the columns, in any order and case:
    /// `external_id`, `owner`, `title`, `due_on` (like 2026-03-01) and optionally `detail`. The owner is an active
    /// member of the team, by id, by e-mail address or by the external id they were imported with. At most 1,000 rows follow. The file has at most 700 kB,
    /// counted as UTF-8. Cells are separated by commas (RFC 4180), semicolons, tabs or bars.
    pub csv: Option<String>,
    /// The bytes of the file in base64, unless `csv` is given: UTF-8 or UTF-16. 700 kB always fit into a request like this;
    /// as text they may not, where JSON escapes many of its characters.
    pub csv_base64: Option<String>,
    /// Whether only to tell what would become of each row.
    pub dry_run: Option<bool>,
}

/// Declares the imports: their payloads and their fields.
macro_rules! imports {
    ($($(#[doc = $doc:literal])* $name:ident($input:ident) -> $payload:ident = $function:ident;)*) => {
        $(
            /// What an import answers.
            #[derive(SimpleObject)]
            pub struct $payload {
                /// What becomes of each row, in the file's order; empty where the file cannot be read as a table.
                pub rows: Vec<ImportRow>,
                /// Rows of which something is made.
                pub created: i32,
                /// Rows that were imported before.
                pub existing: i32,
                /// Rows that are refused.
                pub refused: i32,
                /// Why nothing was imported; empty when all was, and for a dry run of a file that can be read.
                pub errors: Vec<Refusal>,
            }
        )*

        #[derive(Default)]
        pub struct ImportMutation;

        #[async_graphql::Object]
        impl ImportMutation {
            $(
                $(#[doc = $doc])*
                async fn $name(&self, context: &Context<'_>, input: $input) -> async_graphql::Result<$payload> {
                    let caller = mutation::caller(context)?;
                    let (done, errors) = mutation::split($function(&caller, input).await)?;
                    let Report { rows, errors: more } = done.unwrap_or_default();
                    let count = |outcome| rows.iter().filter(|row| row.outcome == outcome).count() as i32;
                    Ok($payload {
                        created: count(ImportOutcome::Created),
                        existing: count(ImportOutcome::Existing),
                        refused: count(ImportOutcome::Refused),
                        rows,
                        errors: [errors, more].concat(),
                    })
                }
            )*
        }
    };
}

imports! {
    /// Takes on clients, each with its lead and its first team, in one transaction: all of them, or none if a row is refused.
    client_import(ClientImportInput) -> ClientImportPayload = clients;
    /// Adds members to a team, without a login, in one transaction: all of them, or none if a row is refused.
    member_import(MemberImportInput) -> MemberImportPayload = members;
    /// Offers actions to members of a team, who accept or decline them, in one transaction: all of them, or none if a row is
    /// refused.
    action_import(ActionImportInput) -> ActionImportPayload = actions;
}

const CLIENT: &[Column] = &[
    needed("external_id"),
    needed("name"),
    needed("industry"),
    needed("size_band"),
    needed("time_zone"),
    needed("region"),
    needed("lead"),
    optional("team_name"),
];
const MEMBER: &[Column] = &[needed("external_id"), needed("name"), optional("job_title"), optional("email")];
const ACTION: &[Column] =
    &[needed("external_id"), needed("owner"), needed("title"), needed("due_on"), optional("detail")];

async fn clients(caller: &Caller, input: ClientImportInput) -> Result<Report, Error> {
    let text = table::text(input.csv, input.csv_base64.as_deref())?;
    let (mut write, franchise) = caller
        .write::<franchise::Entity>(Permission::ClientImport, typed(&input.franchise_id), "input.franchiseId")
        .await?;
    // to deal with a franchise's client is not to belong to the franchise
    if !write.actor()?.reach(Permission::ClientImport).has_franchise(franchise.id.uuid()) {
        return Err(refused_id("input.franchiseId").into());
    }
    let mut intake =
        Intake::<entity::client::Entity>::open(&write, franchise.id.uuid(), &text, CLIENT).await?;
    let regions = write.all(region::Entity::find()).await?;
    let leads = Leads::of(&write, &intake.fresh).await?;
    let names: Vec<Option<String>> = intake.fresh.iter().map(|line| line.cell_if("team_name")).collect();
    let (mut all, mut faults) = (vec![], vec![]);
    for (line, team_name) in intake.fresh.iter().zip(&names) {
        let mut wrong = vec![];
        let size_band = value_or(rules::size_band(line.cell("size_band")), SizeBand::Small, &mut wrong);
        let region = regions.iter().find(|region| fold(&region.code) == fold(line.cell("region")));
        if region.is_none() {
            wrong.push(Refusal::new(Code::NotFound, "No region has this code.").at("input.region"));
        }
        faults.push(wrong);
        // without any region there is nothing to look at the other cells with
        let Some(region) = region.or(regions.first()) else { continue };
        all.push(NewClient {
            name: line.cell("name"),
            industry: line.cell("industry"),
            size_band,
            time_zone: line.cell("time_zone"),
            region,
            team_name: team_name.as_ref(),
            lead: leads.named(line),
        });
    }
    let planned = taking_on::plan(&write, &franchise, &all).await?.into_iter();
    let planned = planned.map(|one| one.map_err(|refusals| refusals.into_iter().map(no_lead).collect()));
    let rows = intake.judge(planned.collect(), faults, |rows| (rows.client.id, rows.client.id));
    if intake.goes_in(input.dry_run) {
        taking_on::take_on(&mut write, rows).await?;
    }
    intake.close(write, input.dry_run).await
}

async fn members(caller: &Caller, input: MemberImportInput) -> Result<Report, Error> {
    let text = table::text(input.csv, input.csv_base64.as_deref())?;
    let (write, team) =
        caller.write::<team::Entity>(Permission::MemberImport, typed(&input.team_id), "input.teamId").await?;
    let client = write.load::<entity::client::Entity>(Some(team.client_id), "input.teamId").await?;
    let mut intake = Intake::<entity::member::Entity>::open(&write, team.id.uuid(), &text, MEMBER).await?;
    let all: Vec<Joins<'_>> = intake
        .fresh
        .iter()
        .map(|line| Joins {
            name: line.cell("name"),
            job_title: line.cell("job_title"),
            email: line.cell("email"),
        })
        .collect();
    let planned = member::plan(&write, &team, &client, &all).await?;
    let rows = intake.judge(planned, vec![], |row| (row.id, client.id));
    if intake.goes_in(input.dry_run) {
        write.insert_all::<entity::member::Entity>(rows).await?;
    }
    intake.close(write, input.dry_run).await
}

async fn actions(caller: &Caller, input: ActionImportInput) -> Result<Report, Error> {
    let text = table::text(input.csv, input.csv_base64.as_deref())?;
    let (write, team) =
        caller.write::<team::Entity>(Permission::ActionImport, typed(&input.team_id), "input.teamId").await?;
    let client = write.load::<entity::client::Entity>(Some(team.client_id), "input.teamId").await?;
    let scope = team.id.uuid();
    let mut intake = Intake::<entity::action::Entity>::open(&write, scope, &text, ACTION).await?;
    let owners = Owners::of(&write, &team, &intake.fresh).await?;
    let tomorrow = crate::kernel::today(&client.time_zone, write.now())? + Days::new(1);
    let (mut planned, mut faults) = (vec![], vec![]);
    for line in &intake.fresh {
        let mut wrong = vec![];
        let due_on = value_or(rules::date(line.cell("due_on")), tomorrow, &mut wrong);
        let owner = owners.named(line.cell("owner"));
        if owner.is_none() {
            let message = "The owner must be an active member of the team.";
            wrong.push(Refusal::new(Code::OwnerNotEligible, message).at("input.ownerId"));
        }
        faults.push(wrong);
        // without any member there is nobody to look at the other cells with
        let Some(owner) = owner.or(owners.members.first()) else { continue };
        let offer = action::Offer {
            title: line.cell("title"),
            detail: line.cell("detail"),
            due_on,
            priority_id: None,
            session_id: None,
            decision_id: None,
            obstacle_id: None,
        };
        planned.push(match action::plan(&write, &team, &client, owner, offer).await {
            Ok(row) => Ok(row),
            Err(Error::Refused(refusals)) => Err(refusals),
            Err(fault) => return Err(fault),
        });
    }
    let rows = intake.judge(planned, faults, |row| (row.id, client.id));
    if intake.goes_in(input.dry_run) {
        write.insert_all::<entity::action::Entity>(rows).await?;
    }
    intake.close(write, input.dry_run).await
}

/// What is said of a lead by id, said of one that a cell names by address.
fn no_lead(refusal: Refusal) -> Refusal {
    match (refusal.code, refusal.path.last().map(String::as_str)) {
        (Code::NotFound, Some("leadId")) => {
            let message = "The lead is a facilitator or owner of the franchise, by e-mail address or id.";
            Refusal { message: message.into(), ..refusal }
        }
        _ => refusal,
    }
}

/// The leads that rows name.
struct Leads {
    by_email: HashMap<String, Id<person::Entity>>,
}

impl Leads {
    async fn of(write: &Write, lines: &[Line]) -> Result<Leads, Error> {
        let emails: Vec<String> = lines.iter().map(|line| address::looked_up(line.cell("lead"))).collect();
        let people = write.people_by_email(&emails).await?;
        Ok(Leads { by_email: people.into_iter().map(|person| (person.email, person.id)).collect() })
    }

    fn named(&self, line: &Line) -> Option<Id<person::Entity>> {
        let lead = line.cell("lead");
        Id::parse(lead).or_else(|| self.by_email.get(&address::looked_up(lead)).copied())
    }
}

/// The active members of a team, as rows name them.
struct Owners {
    members: Vec<entity::member::Model>,
    by_id: HashMap<Uuid, usize>,
    by_email: HashMap<String, usize>,
    imported: HashMap<String, Uuid>,
}

impl Owners {
    async fn of(write: &Write, team: &team::Model, lines: &[Line]) -> Result<Owners, Error> {
        let members = entity::member::Entity::find()
            .filter(entity::member::Column::TeamId.eq(team.id))
            .filter(entity::member::Column::Status.eq(MemberStatus::Active));
        let members = write.all(members).await?;
        let names: Vec<String> = lines.iter().map(|line| line.cell("owner").to_owned()).collect();
        let imported = known::<entity::member::Entity>(write, team.id.uuid(), &names).await?;
        let each = || members.iter().enumerate();
        let by_id = each().map(|(at, member)| (member.id.uuid(), at)).collect();
        let by_email = each().filter_map(|(at, member)| Some((member.email.clone()?, at))).collect();
        Ok(Owners { by_id, by_email, imported, members })
    }

    fn named(&self, name: &str) -> Option<&entity::member::Model> {
        let id = Id::<entity::member::Entity>::parse(name).map(Id::uuid);
        let at = match id.or(self.imported.get(&fold(name)).copied()) {
            Some(id) => self.by_id.get(&id),
            None => self.by_email.get(&address::looked_up(name)),
        };
        at.and_then(|at| self.members.get(*at))
    }
}

/// What a cell says, or, with a fault noted, something good instead: the row's other cells are looked at all the same,
/// and nothing is made of it.
fn value_or<T>(said: Result<T, Refusal>, instead: T, faults: &mut Vec<Refusal>) -> T {
    said.unwrap_or_else(|refusal| {
        faults.push(refusal);
        instead
    })
}

/// A file on its way in.
struct Intake<E> {
    columns: &'static [Column],
    scope: Uuid,
    /// The rows of which something is to be made.
    fresh: Vec<Line>,
    keys: Vec<import_key::Model>,
    report: Report,
    network: Id<entity::network::Entity>,
    now: chrono::DateTime<chrono::Utc>,
    of: std::marker::PhantomData<fn() -> E>,
}

impl<E: Scoped> Intake<E> {
    /// Reads a file, and tells what of it cannot be made or was imported before.
    async fn open(write: &Write, scope: Uuid, text: &str, columns: &'static [Column]) -> Result<Self, Error> {
        let lines = rules::read(text, columns)?;
        let ids: Vec<String> = lines.iter().map(|line| line.cell("external_id").to_owned()).collect();
        let known = known::<E>(write, scope, &ids).await?;
        let subjects: Vec<Uuid> = known.values().copied().collect();
        let column = E::Column::from_str("id").map_err(|_| Fault::Internal)?;
        // of those, the ones that the caller reaches
        let here = match subjects[..] {
            [] => vec![],
            _ => write.all(E::find().filter(write.among_ids(column, &subjects))).await?,
        };
        let here: HashSet<Uuid> = here
            .iter()
            .filter_map(|row| match row.get(column) {
                Value::Uuid(id) => id,
                _ => None,
            })
            .collect();
        let mut intake = Intake {
            columns,
            scope,
            fresh: vec![],
            keys: vec![],
            report: Report::default(),
            network: write.network()?,
            now: write.now(),
            of: std::marker::PhantomData,
        };
        for line in lines {
            if !line.faults().is_empty() {
                let faults = line.faults().to_vec();
                intake.tell(&line, ImportOutcome::Refused, None, &faults);
            } else if let Some(id) = known.get(&fold(line.cell("external_id"))) {
                let id = Some(*id).filter(|id| here.contains(id));
                let id = id.map(|id| ID(Id::<E>::new(id).to_string()));
                intake.tell(&line, ImportOutcome::Existing, id, &[]);
            } else {
                intake.fresh.push(line);
            }
        }
        Ok(intake)
    }

    /// Tells what becomes of the fresh rows, given what the rules make of each and what is wrong with its cells besides,
    /// and answers what is to be made. `names` tells the id of what is made, and of its client.
    fn judge<T>(
        &mut self,
        planned: Vec<Result<T, Vec<Refusal>>>,
        faults: Vec<Vec<Refusal>>,
        names: impl Fn(&T) -> (Id<E>, Id<entity::client::Entity>),
    ) -> Vec<T> {
        let (mut rows, lines) = (vec![], std::mem::take(&mut self.fresh));
        let (mut planned, mut faults) = (planned.into_iter(), faults.into_iter());
        for line in lines {
            let mut wrong = faults.next().unwrap_or_default();
            match planned.next() {
                Some(Ok(row)) if wrong.is_empty() => {
                    let (id, client) = names(&row);
                    self.keys.push(import_key::Model {
                        scope_id: self.scope,
                        noun: E::PREFIX.into(),
                        external_id: line.cell("external_id").into(),
                        network_id: self.network,
                        client_id: client,
                        subject_id: id.uuid(),
                        created_at: self.now,
                    });
                    self.tell(&line, ImportOutcome::Created, Some(ID(id.to_string())), &[]);
                    rows.push(row);
                    continue;
                }
                Some(Err(more)) => wrong.extend(more),
                Some(Ok(_)) | None => {}
            }
            self.tell(&line, ImportOutcome::Refused, None, &wrong);
        }
        self.report.rows.sort_by_key(|row| row.row);
        rows
    }

    fn tell(&mut self, line: &Line, outcome: ImportOutcome, id: Option<ID>, faults: &[Refusal]) {
        let errors = faults.iter().map(|fault| ImportError {
            column: rules::column(fault, self.columns),
            code: fault.code,
            message: fault.message.clone(),
        });
        self.report.rows.push(ImportRow {
            row: line.number,
            external_id: line.cell("external_id").into(),
            outcome,
            id,
            errors: errors.collect(),
        });
    }

    fn refused(&self) -> usize {
        self.report.rows.iter().filter(|row| row.outcome == ImportOutcome::Refused).count()
    }

    /// Whether the rows are to be made: all of them or none.
    fn goes_in(&self, dry_run: Option<bool>) -> bool {
        self.refused() == 0 && dry_run != Some(true)
    }

    /// Commits what was made, unless that was only tried, or a row is refused.
    async fn close(mut self, write: Write, dry_run: Option<bool>) -> Result<Report, Error> {
        if self.goes_in(dry_run) {
            let keys = self.keys.into_iter().map(|key| key.into_active_model().reset_all()).collect();
            write.pour::<import_key::Entity>(keys).await?;
            write.commit().await?;
            return Ok(self.report);
        }
        write.leave().await?;
        // nothing was made, so its id names nothing
        for row in self.report.rows.iter_mut().filter(|row| row.outcome == ImportOutcome::Created) {
            row.id = None;
        }
        if dry_run != Some(true) {
            let refused = self.refused();
            let rows = if refused == 1 { "row is" } else { "rows are" };
            let message = format!("{refused} {rows} refused, so nothing was imported. See `rows`.");
            self.report.errors.push(table::refuse(message));
        }
        Ok(self.report)
    }
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
