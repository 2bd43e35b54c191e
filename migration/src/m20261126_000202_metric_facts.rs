//! What metrics need to know and nothing else did: when an action was offered and accepted first, whoever had it since;
//! which decision gave an action up; and the figures of an alignment round, as coarse as they may be told.

use sea_orm_migration::{
    prelude::*,
    sea_orm::{ConnectionTrait, DbBackend},
};

use crate::ddl;

const UP: &str = "
alter table action add column first_offered_at {instant}
;;
alter table action add column first_accepted_at {instant}
;;
alter table action add column cancelled_by_id {id}
;;
alter table alignment_round add column ratings integer check (ratings >= 0)
;;
alter table alignment_round add column level integer check (level between 0 and 10000)
;;
alter table alignment_round add column agreement integer check (agreement between 0 and 10000)
;;
-- postgres: whoever migrates is bound by the fences, too
alter table action no force row level security
;;
-- postgres
alter table alignment_round no force row level security
;;
-- postgres
alter table alignment_statement no force row level security
;;
-- postgres
alter table alignment_measure no force row level security
;;
update action set first_offered_at = offered_at, first_accepted_at = accepted_at
;;
update alignment_round set
    ratings = (select m.respondents * (select count(*) from alignment_statement s where s.round_id = alignment_round.id and s.core)
        from alignment_measure m where m.round_id = alignment_round.id),
    level = (select (m.level + 250) / 500 * 500 from alignment_measure m where m.round_id = alignment_round.id),
    agreement = (select (m.agreement + 250) / 500 * 500 from alignment_measure m where m.round_id = alignment_round.id)
where disclosure in ('anonymous', 'attributed')
;;
-- postgres
alter table alignment_measure force row level security
;;
-- postgres
alter table alignment_statement force row level security
;;
-- postgres
alter table alignment_round force row level security
;;
-- postgres
alter table action force row level security
;;
-- postgres
alter table action alter column first_offered_at set not null
;;
-- postgres
alter table action add constraint action_cancelled_by foreign key (client_id, cancelled_by_id) references decision (client_id, id)
;;
create index action_by_cancelling on action (cancelled_by_id) where cancelled_by_id is not null
";

pub struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &str {
        "m20261126_000202_metric_facts"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        ddl::run(manager, UP).await
    }
    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        ddl::drop(manager, "index action_by_cancelling").await?;
        if manager.get_database_backend() == DbBackend::Postgres {
            let constraint = "alter table action drop constraint action_cancelled_by";
            manager.get_connection().execute_unprepared(constraint).await?;
        }
        for column in ["alignment_round.agreement", "alignment_round.level", "alignment_round.ratings"] {
            ddl::drop(manager, &format!("column {column}")).await?;
        }
        for column in ["action.cancelled_by_id", "action.first_accepted_at", "action.first_offered_at"] {
            ddl::drop(manager, &format!("column {column}")).await?;
        }
        Ok(())
    }
}
