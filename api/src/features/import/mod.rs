//! Import: clients, members and actions out of tables of comma-separated text.
//!
//! Each row carries the id it has where it comes from. A row whose id was imported before is left alone, so that the
//! same file twice has the effect of one. Every row passes the rules of the mutation that makes one of its kind, and
//! all or none of a file's rows are made. A dry run tells what would become of each row, and makes nothing.

pub mod rules;
#[cfg(test)]
mod tests;

use super::{action, client, member};
use crate::kernel::{
    Caller, Code, Error, Fault, Refusal, Write, access::Permission, mutation, read::shape::typed, refused_id,
};
use async_graphql::{Context, Enum, ID, InputObject, SimpleObject};
use chrono::Days;
use entity::{
    Id, Scoped, client::SizeBand, franchise, import_key, member::MemberStatus, person, region, team,
};
use rules::{Column, Line, needed, optional};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, Condition, EntityTrait, ExprTrait, IntoActiveModel, ModelTrait,
    QueryFilter, Value,
    sea_query::{Alias, Expr},
};
use std::{
    collections::{HashMap, HashSet, VecDeque},
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
    /// Its number: the first row below the header is 1.
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
    /// At most 1,000 rows of comma-separated text (RFC 4180) below a header with the columns `external_id`, `name`,
    /// `industry`, `size_band`, `time_zone`, `region` (its code), `lead` (their e-mail address or id) and perhaps
    /// `team_name`.
    pub csv: String,
    /// Whether only to tell what would become of each row.
    pub dry_run: Option<bool>,
}

/// Members to add to a team.
#[derive(InputObject)]
pub struct MemberImportInput {
    /// The team.
    pub team_id: ID,
    /// At most 1,000 rows of comma-separated text (RFC 4180) below a header with the columns `external_id`, `name`, and
    /// perhaps `job_title` and `email`.
    pub csv: String,
    /// Whether only to tell what would become of each row.
    pub dry_run: Option<bool>,
}

/// Actions to offer to members of a team.
#[derive(InputObject)]
pub struct ActionImportInput {
    /// The team whose work it is.
    pub team_id: ID,
    /// At most 1,000 rows of comma-separated text (RFC 4180) below a header with the columns `external_id`, `owner`,
    /// `title`, `due_on` (like 2026-03-01) and perhaps `detail`. The owner is an active member of the team, by id, by
    /// e-mail address or by the external id they were imported with.
    pub csv: String,
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
    /// Takes on clients, each with its lead and its first team: all of them, or none where a row is refused.
    client_import(ClientImportInput) -> ClientImportPayload = clients;
    /// Adds members to a team, without a login: all of them, or none where a row is refused.
    member_import(MemberImportInput) -> MemberImportPayload = members;
    /// Offers actions to members of a team, who accept or decline them: all of them, or none where a row is refused.
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
    let (mut write, franchise) = caller
        .write::<franchise::Entity>(Permission::ClientImport, typed(&input.franchise_id), "input.franchiseId")
        .await?;
    // to deal with a franchise's client is not to belong to the franchise
    if !write.actor()?.reach(Permission::ClientImport).has_franchise(franchise.id.uuid()) {
        return Err(refused_id("input.franchiseId").into());
    }
    client::rules::open_franchise(&franchise)?;
    let mut intake =
        Intake::<entity::client::Entity>::open(&write, franchise.id.uuid(), &input.csv, CLIENT).await?;
    let regions = write.all(region::Entity::find()).await?;
    while let Some(line) = intake.next() {
        let mut faults = vec![];
        let band = told(rules::size_band(line.cell("size_band")), SizeBand::Small, &mut faults);
        let lead = match Id::<person::Entity>::parse(line.cell("lead")) {
            Some(lead) => Some(lead),
            None => {
                let email = line.cell("lead").to_lowercase();
                write.person_by_email(&email).await?.map(|person| person.id)
            }
        };
        let region = regions.iter().find(|region| region.code == line.cell("region"));
        if region.is_none() {
            faults.push(Refusal::new(Code::NotFound, "No region has this code.").at("input.region"));
        }
        let made = match region.or(regions.first()) {
            None => Err(Error::Refused(vec![])),
            Some(region) => {
                let team_name = line.cell_if("team_name");
                let comes = client::Comes {
                    name: line.cell("name"),
                    industry: line.cell("industry"),
                    size_band: band,
                    time_zone: line.cell("time_zone"),
                    team_name: team_name.as_ref(),
                    lead,
                };
                client::make(&mut write, &franchise, region, comes).await
            }
        };
        let client = made.as_ref().ok().copied();
        intake.put(line, client, made, faults)?;
    }
    intake.close(write, input.dry_run).await
}

async fn members(caller: &Caller, input: MemberImportInput) -> Result<Report, Error> {
    let (write, team) =
        caller.write::<team::Entity>(Permission::MemberImport, typed(&input.team_id), "input.teamId").await?;
    let client = write.load::<entity::client::Entity>(Some(team.client_id), "input.teamId").await?;
    let mut intake =
        Intake::<entity::member::Entity>::open(&write, team.id.uuid(), &input.csv, MEMBER).await?;
    while let Some(line) = intake.next() {
        let joins = member::Joins {
            name: line.cell("name"),
            job_title: line.cell("job_title"),
            email: line.cell("email"),
        };
        let made = member::make(&write, &team, &client, joins).await;
        intake.put(line, Some(client.id), made, vec![])?;
    }
    intake.close(write, input.dry_run).await
}

async fn actions(caller: &Caller, input: ActionImportInput) -> Result<Report, Error> {
    let (write, team) =
        caller.write::<team::Entity>(Permission::ActionImport, typed(&input.team_id), "input.teamId").await?;
    let client = write.load::<entity::client::Entity>(Some(team.client_id), "input.teamId").await?;
    let scope = team.id.uuid();
    let mut intake = Intake::<entity::action::Entity>::open(&write, scope, &input.csv, ACTION).await?;
    let members = entity::member::Entity::find()
        .filter(entity::member::Column::TeamId.eq(team.id))
        .filter(entity::member::Column::Status.eq(MemberStatus::Active));
    let members = write.all(members).await?;
    let owners: Vec<String> = intake.lines.iter().map(|line| line.cell("owner").to_owned()).collect();
    let imported = known::<entity::member::Entity>(&write, scope, owners).await?;
    let today = crate::kernel::today(&client.time_zone, write.now());
    while let Some(line) = intake.next() {
        let mut faults = vec![];
        let due_on = told(rules::date(line.cell("due_on")), today + Days::new(1), &mut faults);
        let owner = line.cell("owner");
        let by_key = imported.get(owner).copied();
        let named = Id::<entity::member::Entity>::parse(owner).map(Id::uuid).or(by_key);
        let owner = members.iter().find(|member| match named {
            Some(id) => member.id.uuid() == id,
            None => member.email.as_deref() == Some(owner.to_lowercase().as_str()),
        });
        if owner.is_none() {
            let message = "The owner must be an active member of the team.";
            faults.push(Refusal::new(Code::OwnerNotEligible, message).at("input.ownerId"));
        }
        let made = match owner.or(members.first()) {
            None => Err(Error::Refused(vec![])),
            Some(owner) => {
                let offer = action::Offer {
                    title: line.cell("title"),
                    detail: line.cell("detail"),
                    due_on,
                    priority_id: None,
                    session_id: None,
                    decision_id: None,
                    obstacle_id: None,
                };
                action::make(&write, &team, &client, owner, offer).await
            }
        };
        intake.put(line, Some(client.id), made, faults)?;
    }
    intake.close(write, input.dry_run).await
}

/// What a cell says, or, with a fault noted, something good instead: the row's other cells are looked at all the same,
/// and nothing is made of it.
fn told<T>(said: Result<T, Refusal>, instead: T, faults: &mut Vec<Refusal>) -> T {
    said.unwrap_or_else(|refusal| {
        faults.push(refusal);
        instead
    })
}

/// A file on its way in: the rows to come, and what became of those that have.
struct Intake<E> {
    columns: &'static [Column],
    scope: Uuid,
    lines: VecDeque<Line>,
    known: HashMap<String, Uuid>,
    /// Those of them that the caller reaches.
    here: HashSet<Uuid>,
    keys: Vec<import_key::Model>,
    report: Report,
    network: Id<entity::network::Entity>,
    now: chrono::DateTime<chrono::Utc>,
    of: std::marker::PhantomData<fn() -> E>,
}

impl<E: Scoped> Intake<E> {
    /// Reads a file, and what of it was imported before.
    async fn open(write: &Write, scope: Uuid, text: &str, columns: &'static [Column]) -> Result<Self, Error> {
        let lines = rules::read(text, columns)?;
        let ids = lines.iter().map(|line| line.cell("external_id").to_owned()).collect();
        let known = known::<E>(write, scope, ids).await?;
        let id = || Expr::col((E::default(), Alias::new("id")));
        let here = write.all(E::find().filter(id().is_in(known.values().copied()))).await?;
        let column = E::Column::from_str("id").map_err(|_| Fault::Internal)?;
        Ok(Intake {
            columns,
            scope,
            known,
            here: here
                .iter()
                .filter_map(|row| match row.get(column) {
                    Value::Uuid(id) => id,
                    _ => None,
                })
                .collect(),
            lines: lines.into(),
            keys: vec![],
            report: Report::default(),
            network: write.network()?,
            now: write.now(),
            of: std::marker::PhantomData,
        })
    }

    /// The next row of which something is to be made.
    fn next(&mut self) -> Option<Line> {
        loop {
            let line = self.lines.pop_front()?;
            if !line.faults().is_empty() {
                let faults = line.faults().to_vec();
                self.tell(&line, ImportOutcome::Refused, None, &faults);
            } else if let Some(id) = self.known.get(line.cell("external_id")) {
                let id = Some(*id).filter(|id| self.here.contains(id));
                let id = id.map(|id| ID(Id::<E>::new(id).to_string()));
                self.tell(&line, ImportOutcome::Existing, id, &[]);
            } else {
                return Some(line);
            }
        }
    }

    /// Notes what became of a row.
    fn put(
        &mut self,
        line: Line,
        client: Option<Id<entity::client::Entity>>,
        made: Result<Id<E>, Error>,
        mut faults: Vec<Refusal>,
    ) -> Result<(), Fault> {
        match made {
            Err(Error::Fault(fault)) => return Err(fault),
            Err(Error::Refused(more)) => faults.extend(more),
            Ok(id) if faults.is_empty() => {
                self.keys.push(import_key::Model {
                    scope_id: self.scope,
                    noun: E::PREFIX.into(),
                    external_id: line.cell("external_id").into(),
                    network_id: self.network,
                    client_id: client.ok_or(Fault::Internal)?,
                    subject_id: id.uuid(),
                    created_at: self.now,
                });
                self.tell(&line, ImportOutcome::Created, Some(ID(id.to_string())), &[]);
                return Ok(());
            }
            Ok(_) => {}
        }
        self.tell(&line, ImportOutcome::Refused, None, &faults);
        Ok(())
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

    /// Commits what was made, unless that was only tried, or a row is refused.
    async fn close(mut self, write: Write, dry_run: Option<bool>) -> Result<Report, Error> {
        let refused = self.report.rows.iter().filter(|row| row.outcome == ImportOutcome::Refused).count();
        if refused == 0 && dry_run != Some(true) {
            let keys = self.keys.into_iter().map(|key| key.into_active_model().reset_all()).collect();
            write.pour::<import_key::Entity>(keys).await?;
            write.commit().await?;
            return Ok(self.report);
        }
        write.leave().await?;
        // what was made is gone again, and its id names nothing
        for row in self.report.rows.iter_mut().filter(|row| row.outcome == ImportOutcome::Created) {
            row.id = None;
        }
        if dry_run != Some(true) {
            let rows = if refused == 1 { "row is" } else { "rows are" };
            let message = format!("{refused} {rows} refused, so nothing was imported. See `rows`.");
            self.report.errors.push(Refusal::new(Code::Invalid, message).at("input.csv"));
        }
        Ok(self.report)
    }
}

/// What was imported before into this place by these ids.
async fn known<E: Scoped>(
    write: &Write,
    scope: Uuid,
    external: Vec<String>,
) -> Result<HashMap<String, Uuid>, Error> {
    let keys = import_key::Entity::find().filter(
        Condition::all()
            .add(import_key::Column::ScopeId.eq(scope))
            .add(import_key::Column::Noun.eq(E::PREFIX))
            .add(import_key::Column::ExternalId.is_in(external)),
    );
    let keys = write.imported(keys).await?;
    Ok(keys.into_iter().map(|key| (key.external_id, key.subject_id)).collect())
}
