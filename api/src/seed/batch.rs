//! The rows of some clients, poured in the order in which they refer to one another.

use crate::kernel::{Error, Write};
use entity::{
    action, action_comment, action_move, agenda_item, alignment_round, alignment_statement, assignment,
    attendance, check_in, check_in_rhythm, client, client_note, decision, decision_attestation,
    decision_event, decision_option, decision_position, decision_read_back, decision_restatement,
    decision_stance, drift_signal, measurable, measurable_value, member, membership, milestone, obstacle,
    obstacle_event, person, priority, priority_conflict, programme, programme_pause, recap, review,
    review_cadence, session, session_rating, session_series, stage_check, stage_event, stage_run,
    support_access, support_visit, team,
};
use sea_orm::{EntityTrait, IntoActiveModel};

/// Rows of clients, by table.
#[derive(Default)]
pub struct Batch {
    pub clients: Vec<client::Model>,
    pub assignments: Vec<assignment::Model>,
    pub teams: Vec<team::Model>,
    pub people: Vec<person::Model>,
    pub memberships: Vec<membership::Model>,
    pub members: Vec<member::Model>,
    pub programmes: Vec<programme::Model>,
    pub pauses: Vec<programme_pause::Model>,
    pub stages: Vec<stage_run::Model>,
    pub checks: Vec<stage_check::Model>,
    pub events: Vec<stage_event::Model>,
    pub series: Vec<session_series::Model>,
    pub sessions: Vec<session::Model>,
    pub attendance: Vec<attendance::Model>,
    pub ratings: Vec<session_rating::Model>,
    pub cadences: Vec<review_cadence::Model>,
    pub reviews: Vec<review::Model>,
    pub rhythms: Vec<check_in_rhythm::Model>,
    pub signals: Vec<drift_signal::Model>,
    pub agenda: Vec<agenda_item::Model>,
    pub recaps: Vec<recap::Model>,
    pub decisions: Vec<decision::Model>,
    pub options: Vec<decision_option::Model>,
    pub stances: Vec<decision_stance::Model>,
    pub positions: Vec<decision_position::Model>,
    pub decision_events: Vec<decision_event::Model>,
    pub obstacles: Vec<obstacle::Model>,
    pub obstacle_events: Vec<obstacle_event::Model>,
    pub cycles: Vec<entity::cycle::Model>,
    pub priorities: Vec<priority::Model>,
    pub actions: Vec<action::Model>,
    pub moves: Vec<action_move::Model>,
    pub check_ins: Vec<check_in::Model>,
    pub rounds: Vec<alignment_round::Model>,
    pub statements: Vec<alignment_statement::Model>,
    pub notes: Vec<client_note::Model>,
    pub accesses: Vec<support_access::Model>,
    pub visits: Vec<support_visit::Model>,
    pub milestones: Vec<milestone::Model>,
    pub measurables: Vec<measurable::Model>,
    pub values: Vec<measurable_value::Model>,
    pub conflicts: Vec<priority_conflict::Model>,
    pub comments: Vec<action_comment::Model>,
    pub restatements: Vec<decision_restatement::Model>,
    pub read_backs: Vec<decision_read_back::Model>,
    pub attestations: Vec<decision_attestation::Model>,
}

impl Batch {
    /// Writes all of it.
    pub async fn pour(self, write: &Write) -> Result<(), Error> {
        pour(write, self.clients).await?;
        pour(write, self.assignments).await?;
        pour(write, self.teams).await?;
        pour(write, self.people).await?;
        pour(write, self.memberships).await?;
        pour(write, self.members).await?;
        pour(write, self.programmes).await?;
        pour(write, self.pauses).await?;
        pour(write, self.stages).await?;
        pour(write, self.checks).await?;
        pour(write, self.events).await?;
        pour(write, self.series).await?;
        pour(write, self.sessions).await?;
        pour(write, self.attendance).await?;
        pour(write, self.ratings).await?;
        pour(write, self.cadences).await?;
        pour(write, self.reviews).await?;
        pour(write, self.rhythms).await?;
        // an item names the one that goes on with it, which was written after it: last things first
        pour(write, self.agenda.into_iter().rev().collect()).await?;
        pour(write, self.recaps).await?;
        pour(write, self.decisions).await?;
        pour(write, self.options).await?;
        pour(write, self.stances).await?;
        pour(write, self.positions).await?;
        pour(write, self.decision_events).await?;
        pour(write, self.cycles).await?;
        pour(write, self.priorities).await?;
        pour(write, self.obstacles).await?;
        pour(write, self.obstacle_events).await?;
        pour(write, self.actions).await?;
        pour(write, self.moves).await?;
        pour(write, self.check_ins).await?;
        pour(write, self.rounds).await?;
        pour(write, self.statements).await?;
        pour(write, self.signals).await?;
        pour(write, self.notes).await?;
        pour(write, self.accesses).await?;
        pour(write, self.visits).await?;
        pour(write, self.milestones).await?;
        pour(write, self.measurables).await?;
        pour(write, self.values).await?;
        pour(write, self.conflicts).await?;
        pour(write, self.comments).await?;
        pour(write, self.restatements).await?;
        pour(write, self.read_backs).await?;
        pour(write, self.attestations).await
    }
}

/// Writes rows of one table.
pub async fn pour<M>(write: &Write, rows: Vec<M>) -> Result<(), Error>
where
    M: sea_orm::ModelTrait + IntoActiveModel<<M::Entity as EntityTrait>::ActiveModel>,
    <M::Entity as EntityTrait>::ActiveModel: sea_orm::ActiveModelBehavior + Send,
{
    write.pour::<M::Entity>(rows.into_iter().map(IntoActiveModel::into_active_model).collect()).await
}
