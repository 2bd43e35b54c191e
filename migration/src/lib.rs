//! The schema of the database, step by step. A step is text for both databases (see [`ddl`]); going down drops what its
//! text makes. Invariant: a step never changes once it is here. A change of the schema is a new step at the end, and
//! `migrations.lock` holds the order of the steps and a hash of each file.

pub mod access_epoch;
pub mod ddl;
pub mod figures;
pub mod frozen;
pub mod rls;

pub mod m0001_basis;
pub mod m0002_identity;
pub mod m0003_network;
pub mod m0004_person;
pub mod m0005_client;
pub mod m0006_team;
pub mod m0007_template;
pub mod m0008_programme;
pub mod m0009_session;
pub mod m0010_agenda_item;
pub mod m0011_recap;
pub mod m0012_session_rating;
pub mod m0013_cycle;
pub mod m0014_decision;
pub mod m0015_priority;
pub mod m0016_obstacle;
pub mod m0017_action;
pub mod m0018_work_item;
pub mod m0019_check_in;
pub mod m0020_review;
pub mod m0021_alignment;
pub mod m0022_drift;
pub mod m0023_client_note;
pub mod m0024_support_access;
pub mod m0025_owner_opening;
pub mod m0026_client_transfer;
pub mod m0027_timeline;
pub mod m0028_audit;
pub mod m0029_outbox;
pub mod m0030_reminder;
pub mod m0031_metric;
pub mod m0032_benchmark;
pub mod m0033_search;
pub mod m0034_import_key;
pub mod m0035_data_export;
pub mod m0036_job;
pub mod m0037_figures;
pub mod m0038_changed_at;
pub mod m0039_client_risk;
pub mod m0040_alignment_comparison;
pub mod m0042_drift_answers;
pub mod m0043_risk_policy;
pub mod m0044_agenda;
pub mod m0045_parked_topic;
pub mod m0046_recap_addendum;
pub mod m0047_reopening;
pub mod m0048_team_year;
pub mod m0049_reopening_timeline;
pub mod m0050_classification;
pub mod m0051_client_life;
pub mod m0052_contract_risk;
pub mod m0054_template_section;
pub mod m0055_strategy;
pub mod m0056_strategy_timeline;
pub mod m0057_notice;
pub mod m0058_notice_setting;
pub mod m0059_locale;
pub mod m0061_scorecard;
pub mod m0062_seat;
pub mod m0070_workbench;
pub mod m0071_to_do;
pub mod m0072_dot_vote;
pub mod m0073_pre_work;
pub mod m0074_voice_balance;
pub mod m0075_alignment_text;
pub mod m0076_alignment_pulse;
pub mod m0092_founded_classification;
pub mod m0093_measured_progress;
pub mod m0094_named_results;

#[cfg(test)]
mod tests;

use ddl::Dialect;
use rls::{Placement, Rights};
use sea_orm_migration::{
    prelude::*,
    sea_orm::{ConnectionTrait, DbBackend},
};

pub use sea_orm_migration::MigratorTrait;

/// The steps, in order.
pub const STEPS: &[Step] = &[
    m0001_basis::STEP,
    m0002_identity::STEP,
    m0003_network::STEP,
    m0004_person::STEP,
    m0005_client::STEP,
    m0006_team::STEP,
    m0007_template::STEP,
    m0008_programme::STEP,
    m0009_session::STEP,
    m0010_agenda_item::STEP,
    m0011_recap::STEP,
    m0012_session_rating::STEP,
    m0013_cycle::STEP,
    m0014_decision::STEP,
    m0015_priority::STEP,
    m0016_obstacle::STEP,
    m0017_action::STEP,
    m0018_work_item::STEP,
    m0019_check_in::STEP,
    m0020_review::STEP,
    m0021_alignment::STEP,
    m0022_drift::STEP,
    m0023_client_note::STEP,
    m0024_support_access::STEP,
    m0025_owner_opening::STEP,
    m0026_client_transfer::STEP,
    m0027_timeline::STEP,
    m0028_audit::STEP,
    m0029_outbox::STEP,
    m0030_reminder::STEP,
    m0031_metric::STEP,
    m0032_benchmark::STEP,
    m0033_search::STEP,
    m0034_import_key::STEP,
    m0035_data_export::STEP,
    m0036_job::STEP,
    m0037_figures::STEP,
    m0038_changed_at::STEP,
    m0039_client_risk::STEP,
    m0040_alignment_comparison::STEP,
    m0042_drift_answers::STEP,
    m0043_risk_policy::STEP,
    m0047_reopening::STEP,
    m0048_team_year::STEP,
    m0049_reopening_timeline::STEP,
    m0054_template_section::STEP,
    m0055_strategy::STEP,
    m0056_strategy_timeline::STEP,
    m0061_scorecard::STEP,
    m0062_seat::STEP,
    m0050_classification::STEP,
    m0051_client_life::STEP,
    m0052_contract_risk::STEP,
    m0057_notice::STEP,
    m0058_notice_setting::STEP,
    m0059_locale::STEP,
    m0044_agenda::STEP,
    m0045_parked_topic::STEP,
    m0046_recap_addendum::STEP,
    m0070_workbench::STEP,
    m0071_to_do::STEP,
    m0072_dot_vote::STEP,
    m0073_pre_work::STEP,
    m0074_voice_balance::STEP,
    m0075_alignment_text::STEP,
    m0076_alignment_pulse::STEP,
    m0092_founded_classification::STEP,
    m0093_measured_progress::STEP,
    m0094_named_results::STEP,
];

/// A step of the schema.
#[derive(Clone, Copy)]
pub struct Step {
    /// The path of its module, whose last part is the step's name.
    pub module: &'static str,
    /// Statements for both databases.
    pub sql: &'static str,
    /// The tables that it makes: where their rows belong, and what the server may do to them.
    pub tables: &'static [(&'static str, Placement, Rights)],
    /// Statements that follow, from generators.
    pub more: fn() -> Vec<String>,
}

impl Step {
    /// A step that does nothing, to be completed.
    pub const EMPTY: Step = Step { module: "", sql: "", tables: &[], more: Vec::new };

    /// Its statements for a database, in order.
    pub fn statements(&self, dialect: Dialect) -> Vec<String> {
        let tables =
            self.tables.iter().map(|(table, placement, rights)| rls::enclose(table, *placement, *rights));
        let texts: Vec<String> =
            std::iter::once(self.sql.to_owned()).chain(tables).chain((self.more)()).collect();
        texts.iter().flat_map(|text| ddl::statements(text, dialect)).collect()
    }
}

impl MigrationName for Step {
    fn name(&self) -> &str {
        self.module.rsplit("::").next().unwrap_or_default()
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Step {
    /// A step and the note that it has run are one transaction, on SQLite too: a killed upgrade goes on with the step that
    /// it had begun.
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for statement in self.statements(dialect(manager)) {
            manager.get_connection().execute_unprepared(&statement).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let dialect = dialect(manager);
        let statements = self.statements(dialect);
        for statement in statements.iter().rev().filter_map(|made| ddl::reverse(made, dialect)) {
            manager.get_connection().execute_unprepared(&statement).await?;
        }
        Ok(())
    }
}

fn dialect(manager: &SchemaManager<'_>) -> Dialect {
    if manager.get_database_backend() == DbBackend::Postgres { Dialect::Postgres } else { Dialect::Sqlite }
}

pub struct Migrator;

impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        STEPS.iter().map(|step| Box::new(*step) as Box<dyn MigrationTrait>).collect()
    }
}

/// The migrations that made a database, by their names in `seaql_migrations`, and what they mean for this program.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fit {
    /// The database has the schema of this program.
    Exact,
    /// So many steps have not run yet.
    Behind(usize),
    /// A later program has run so many further steps.
    Ahead(usize),
    /// A program from before the first release made the database. No step leads from its schema to this one.
    Unreleased,
}

/// How a database with these migrations fits this program.
pub fn fit(applied: &[String]) -> Fit {
    let unknown: Vec<&String> =
        applied.iter().filter(|name| STEPS.iter().all(|step| step.name() != name.as_str())).collect();
    // before the first release, names began with a date
    if unknown.iter().any(|name| name.starts_with("m2026")) {
        return Fit::Unreleased;
    }
    match STEPS.len() - (applied.len() - unknown.len()) {
        0 if unknown.is_empty() => Fit::Exact,
        0 => Fit::Ahead(unknown.len()),
        missing => Fit::Behind(missing),
    }
}

/// What to do with a database that is [`Fit::Unreleased`].
pub const UNRELEASED: &str = "this database was made by a version from before the first release, which this version cannot \
    read or update. Keep it for the program that made it, and start this version with an empty database: \
    another `data` folder, or a new PostgreSQL database with the roles of deploy/postgres/roles.sql";

/// The names of the migrations that have run in a database.
pub async fn applied(db: &impl ConnectionTrait) -> Result<Vec<String>, DbErr> {
    let applied = Migrator::get_migration_models(db).await?;
    Ok(applied.into_iter().map(|migration| migration.version).collect())
}
