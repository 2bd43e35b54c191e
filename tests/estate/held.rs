//! What a network holds, table by table.

use crate::kit::World;
use entity::{Id, Scoped, Table, network};
use sea_orm::EntityTrait;
use serde_json::Value;

/// A row that exists, with all its columns.
#[derive(Clone, Debug)]
pub struct Held {
    pub table: Table,
    pub id: String,
    pub columns: Value,
}

impl Held {
    /// An id in a column, if there is one.
    pub fn text(&self, column: &str) -> Option<&str> {
        self.columns[column].as_str()
    }
}

/// Every row of a network that a node can be, as the system door sees it.
#[expect(clippy::too_many_lines, reason = "a line for each table")]
pub async fn ledger(world: &World, network: Id<network::Entity>) -> Vec<Held> {
    let write = world.app.kernel.system(network).await.expect("the system door");
    let mut held = vec![];
    macro_rules! rows {
        ($($module:ident),* $(,)?) => {
            $(for row in write.all(entity::$module::Entity::find()).await.expect("rows") {
                let columns = serde_json::to_value(&row).expect("columns");
                let table = <entity::$module::Entity as Scoped>::TABLE;
                held.push(Held { table, id: row.id.to_string(), columns });
            })*
        };
    }
    rows!(
        network,
        region,
        franchise,
        person,
        membership,
        invitation,
        client,
        assignment,
        team,
        member,
        template,
        template_version,
        template_stage,
        stage_criterion,
        agenda_template_item,
        questionnaire_statement,
        template_resource,
        programme,
        programme_pause,
        stage_run,
        stage_check,
        stage_event,
        cycle,
        priority,
        milestone,
        measurable,
        measurable_value,
        action,
        action_move,
        action_comment,
        priority_conflict,
        check_in,
        session,
        session_series,
        session_rating,
        attendance,
        review_cadence,
        review,
        drift_policy,
        benchmark_policy,
        benchmark_step,
        benchmark_release,
        benchmark_cohort,
        drift_signal,
        metric_period,
        metric_value,
        decision,
        decision_option,
        decision_stance,
        decision_position,
        decision_event,
        agenda_item,
        recap,
        alignment_round,
        alignment_statement,
        alignment_voice,
        alignment_response,
        alignment_answer,
        alignment_measure,
        search_entry,
        decision_restatement,
        decision_read_back,
        decision_attestation,
        obstacle,
        obstacle_event,
        search_entry,
        data_export,
        client_note,
        support_access,
        support_visit,
        owner_opening,
        client_transfer,
        audit_event,
    );
    write.leave().await.expect("nothing was changed");
    held
}
