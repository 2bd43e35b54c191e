//! The database's history, in order. A migration never changes once it has shipped; each goes up and down.

mod ddl;
mod frozen;
pub mod rls;

mod m20261101_000001_identity;
mod m20261101_000002_network;
mod m20261101_000003_person;
mod m20261101_000004_client;
mod m20261101_000005_template;
mod m20261101_000006_programme;
mod m20261101_000007_priority;
mod m20261101_000008_session;
mod m20261101_000009_action;
mod m20261101_000010_audit;
mod m20261101_000011_pulse;
mod m20261101_000012_work_item;
mod m20261101_000013_access_epoch;
mod m20261122_000101_decision;
mod m20261122_000102_decision_read_back;
mod m20261122_000103_obstacle;
mod m20261122_000104_trace;
mod m20261122_000111_agenda_item;
mod m20261122_000112_recap;
mod m20261122_000113_missed;
mod m20261122_000114_session_series;
mod m20261122_000115_session_rating;
mod m20261122_000121_template_content;
mod m20261122_000122_template_derivation;
mod m20261122_000123_programme_move;
mod m20261122_000131_check_in;
mod m20261122_000132_cycle;
mod m20261122_000133_milestone;
mod m20261122_000134_conflict;
mod m20261122_000141_job_turn;
mod m20261122_000142_review;
mod m20261122_000151_alignment_round;
mod m20261122_000152_client_note;
mod m20261122_000152_drift;
mod m20261122_000153_support_access;
mod m20261122_000161_search;
mod m20261122_000162_import_key;
mod m20261122_000163_data_export;
mod m20261122_000171_review_missed;
mod m20261122_000172_timeline;
mod m20261122_000173_reminder;
mod m20261122_000174_audit_digest;
mod m20261122_000175_erasure;
mod m20261126_000101_programme_pause;
mod m20261126_000102_check_in_excused;
mod m20261126_000103_timeline_pauses;
mod m20261126_000201_metric;
mod m20261126_000202_metric_facts;
mod m20261126_000301_benchmark;
mod m20261126_000401_tally;
mod m20261126_000501_drift_policy;
mod m20261127_000501_check_in_rhythm;
mod m20261127_000601_load;
mod m20261127_000701_counted;
mod m20261127_000801_password_reset;
mod m20261130_000001_write_probe;
mod m20261130_000002_password_reset_request;
mod m20261130_000101_job_look;
mod m20261130_000200_signing_key;
mod m20261130_000201_refresh_token;
mod m20261130_000202_sign_in_place;
mod m20261130_000203_address_change;
mod m20261130_000300_caller_request_id;
mod m20261130_000401_outbox;
mod m20261130_000402_reminder;
mod m20261130_000403_invitation_delivery;
mod m20261130_000404_password_reset;
mod m20261130_000405_email_count;
mod m20261130_000500_audit_hidden;
mod m20261130_000501_support_visit_email;
mod m20261130_000502_data_export;
mod m20261130_000503_audit_franchise;
mod m20261130_000504_owner_opening;
mod m20261130_000505_client_transfer;
mod m20261130_000506_alignment_counting;
mod m20261130_000600_folded_text;
mod m20261130_000700_session_place;
mod m20261130_000701_zone_data;
mod m20261130_000702_slot_place;
mod m20261130_000801_benchmark_draft;
mod m20261130_000802_benchmark_key;
mod m20261130_000900_paused_due;

use sea_orm_migration::prelude::*;

pub use sea_orm_migration::MigratorTrait;

/// Lists the migrations once, in their order. The modules stand above by themselves, so that rustfmt finds their files.
macro_rules! migrations {
    ($($module:ident),* $(,)?) => {
        pub struct Migrator;

        #[async_trait::async_trait]
        impl MigratorTrait for Migrator {
            fn migrations() -> Vec<Box<dyn MigrationTrait>> {
                vec![$(Box::new($module::Migration)),*]
            }
        }
    };
}

migrations! {
    m20261101_000001_identity,
    m20261101_000002_network,
    m20261101_000003_person,
    m20261101_000004_client,
    m20261101_000005_template,
    m20261101_000006_programme,
    m20261101_000007_priority,
    m20261101_000008_session,
    m20261101_000009_action,
    m20261101_000010_audit,
    m20261101_000011_pulse,
    m20261101_000012_work_item,
    m20261101_000013_access_epoch,
    m20261122_000101_decision,
    m20261122_000102_decision_read_back,
    m20261122_000103_obstacle,
    m20261122_000104_trace,
    m20261122_000111_agenda_item,
    m20261122_000112_recap,
    m20261122_000113_missed,
    m20261122_000114_session_series,
    m20261122_000115_session_rating,
    m20261122_000121_template_content,
    m20261122_000122_template_derivation,
    m20261122_000123_programme_move,
    m20261122_000131_check_in,
    m20261122_000132_cycle,
    m20261122_000133_milestone,
    m20261122_000134_conflict,
    m20261122_000141_job_turn,
    m20261122_000142_review,
    m20261122_000151_alignment_round,
    m20261122_000152_client_note,
    m20261122_000152_drift,
    m20261122_000153_support_access,
    m20261122_000161_search,
    m20261122_000162_import_key,
    m20261122_000163_data_export,
    m20261122_000171_review_missed,
    m20261122_000172_timeline,
    m20261122_000173_reminder,
    m20261122_000174_audit_digest,
    m20261122_000175_erasure,
    m20261126_000101_programme_pause,
    m20261126_000102_check_in_excused,
    m20261126_000103_timeline_pauses,
    m20261126_000201_metric,
    m20261126_000202_metric_facts,
    m20261126_000301_benchmark,
    m20261126_000401_tally,
    m20261126_000501_drift_policy,
    m20261127_000501_check_in_rhythm,
    m20261127_000601_load,
    m20261127_000701_counted,
    m20261127_000801_password_reset,
    m20261130_000001_write_probe,
    m20261130_000002_password_reset_request,
    m20261130_000500_audit_hidden,
    m20261130_000501_support_visit_email,
    m20261130_000502_data_export,
    m20261130_000503_audit_franchise,
    m20261130_000504_owner_opening,
    m20261130_000505_client_transfer,
    m20261130_000506_alignment_counting,
    m20261130_000700_session_place,
    m20261130_000701_zone_data,
    m20261130_000600_folded_text,
    m20261130_000200_signing_key,
    m20261130_000201_refresh_token,
    m20261130_000202_sign_in_place,
    m20261130_000203_address_change,
    m20261130_000101_job_look,
    m20261130_000300_caller_request_id,
    m20261130_000401_outbox,
    m20261130_000402_reminder,
    m20261130_000403_invitation_delivery,
    m20261130_000404_password_reset,
    m20261130_000405_email_count,
    m20261130_000702_slot_place,
    m20261130_000801_benchmark_draft,
    m20261130_000802_benchmark_key,
    m20261130_000900_paused_due,
}

/// Declares a migration from the text of its tables; see [`ddl`] for the placeholders.
#[macro_export]
macro_rules! migration {
    (up: $up:expr, fences: [$(($table:literal, $fence:expr, $rights:expr)),* $(,)?], down: [$($gone:literal),* $(,)?]) => {
        pub struct Migration;

        impl sea_orm_migration::MigrationName for Migration {
            fn name(&self) -> &str {
                module_path!().rsplit("::").next().unwrap_or_default()
            }
        }

        #[async_trait::async_trait]
        impl sea_orm_migration::MigrationTrait for Migration {
            async fn up(&self, manager: &sea_orm_migration::SchemaManager) -> Result<(), sea_orm_migration::DbErr> {
                $crate::ddl::run(manager, $up).await?;
                $($crate::rls::fence(manager, $table, $fence, $rights).await?;)*
                Ok(())
            }
            async fn down(&self, manager: &sea_orm_migration::SchemaManager) -> Result<(), sea_orm_migration::DbErr> {
                let gone: &[&str] = &[$($gone),*];
                for thing in gone {
                    $crate::ddl::drop(manager, thing).await?;
                }
                Ok(())
            }
        }
    };
}
