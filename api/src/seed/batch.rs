//! The rows of some clients, inserted in the order in which they refer to one another.

use crate::kernel::{Error, Write};
use entity::{
    action, action_comment, action_move, agenda_item, alignment_round, alignment_statement, assignment,
    attendance, check_in, check_in_rhythm, client, client_note, decision, decision_attestation,
    decision_event, decision_option, decision_position, decision_read_back, decision_restatement,
    decision_stance, dot_vote, dot_vote_option, drift_signal, measurable, measurable_value, member,
    membership, milestone, notice, obstacle, obstacle_event, parked_topic, person, pre_work_input,
    pre_work_prompt, priority, priority_conflict, programme, programme_pause, recap, recap_addendum,
    reopening, review, review_cadence, seat, session, session_rating, session_series, stage_check,
    stage_event, stage_run, strategy_item, strategy_position, strategy_section, strategy_shared,
    strategy_version, support_access, support_visit, target, team, team_year, to_do,
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
    pub addenda: Vec<recap_addendum::Model>,
    pub parked: Vec<parked_topic::Model>,
    pub prompts: Vec<pre_work_prompt::Model>,
    pub prepared: Vec<pre_work_input::Model>,
    pub votes: Vec<dot_vote::Model>,
    pub vote_options: Vec<dot_vote_option::Model>,
    pub decisions: Vec<decision::Model>,
    pub options: Vec<decision_option::Model>,
    pub stances: Vec<decision_stance::Model>,
    pub positions: Vec<decision_position::Model>,
    pub decision_events: Vec<decision_event::Model>,
    pub obstacles: Vec<obstacle::Model>,
    pub obstacle_events: Vec<obstacle_event::Model>,
    pub years: Vec<team_year::Model>,
    pub targets: Vec<target::Model>,
    pub cycles: Vec<entity::cycle::Model>,
    pub priorities: Vec<priority::Model>,
    pub actions: Vec<action::Model>,
    pub moves: Vec<action_move::Model>,
    pub reopenings: Vec<reopening::Model>,
    pub check_ins: Vec<check_in::Model>,
    pub rounds: Vec<alignment_round::Model>,
    pub statements: Vec<alignment_statement::Model>,
    pub notes: Vec<client_note::Model>,
    pub to_dos: Vec<to_do::Model>,
    pub accesses: Vec<support_access::Model>,
    pub visits: Vec<support_visit::Model>,
    pub milestones: Vec<milestone::Model>,
    pub measurables: Vec<measurable::Model>,
    pub values: Vec<measurable_value::Model>,
    pub seats: Vec<seat::Model>,
    pub conflicts: Vec<priority_conflict::Model>,
    pub comments: Vec<action_comment::Model>,
    pub restatements: Vec<decision_restatement::Model>,
    pub read_backs: Vec<decision_read_back::Model>,
    pub attestations: Vec<decision_attestation::Model>,
    pub strategy_sections: Vec<strategy_section::Model>,
    pub strategy_versions: Vec<strategy_version::Model>,
    pub strategy_items: Vec<strategy_item::Model>,
    pub strategy_positions: Vec<strategy_position::Model>,
    pub strategy_shared: Vec<strategy_shared::Model>,
    pub notices: Vec<notice::Model>,
}

impl Batch {
    /// Inserts all rows.
    pub async fn insert(self, write: &Write) -> Result<(), Error> {
        insert_rows(write, self.clients).await?;
        insert_rows(write, self.assignments).await?;
        insert_rows(write, self.teams).await?;
        insert_rows(write, self.people).await?;
        insert_rows(write, self.memberships).await?;
        insert_rows(write, self.members).await?;
        insert_rows(write, self.programmes).await?;
        insert_rows(write, self.pauses).await?;
        insert_rows(write, self.stages).await?;
        insert_rows(write, self.checks).await?;
        insert_rows(write, self.events).await?;
        insert_rows(write, self.series).await?;
        insert_rows(write, self.sessions).await?;
        insert_rows(write, self.attendance).await?;
        insert_rows(write, self.ratings).await?;
        insert_rows(write, self.cadences).await?;
        insert_rows(write, self.reviews).await?;
        insert_rows(write, self.rhythms).await?;
        // an item names the one that goes on with it, which was written after it: last things first
        insert_rows(write, self.agenda.into_iter().rev().collect()).await?;
        insert_rows(write, self.recaps).await?;
        insert_rows(write, self.addenda).await?;
        insert_rows(write, self.parked).await?;
        insert_rows(write, self.decisions).await?;
        insert_rows(write, self.options).await?;
        insert_rows(write, self.stances).await?;
        insert_rows(write, self.positions).await?;
        insert_rows(write, self.decision_events).await?;
        insert_rows(write, self.years).await?;
        insert_rows(write, self.targets).await?;
        insert_rows(write, self.cycles).await?;
        insert_rows(write, self.priorities).await?;
        insert_rows(write, self.obstacles).await?;
        insert_rows(write, self.obstacle_events).await?;
        insert_rows(write, self.prompts).await?;
        insert_rows(write, self.prepared).await?;
        insert_rows(write, self.votes).await?;
        insert_rows(write, self.vote_options).await?;
        insert_rows(write, self.actions).await?;
        insert_rows(write, self.moves).await?;
        insert_rows(write, self.reopenings).await?;
        insert_rows(write, self.check_ins).await?;
        insert_rows(write, self.rounds).await?;
        insert_rows(write, self.statements).await?;
        insert_rows(write, self.signals).await?;
        insert_rows(write, self.notes).await?;
        insert_rows(write, self.to_dos).await?;
        insert_rows(write, self.accesses).await?;
        insert_rows(write, self.visits).await?;
        insert_rows(write, self.milestones).await?;
        insert_rows(write, self.measurables).await?;
        insert_rows(write, self.values).await?;
        insert_rows(write, self.seats).await?;
        insert_rows(write, self.conflicts).await?;
        insert_rows(write, self.comments).await?;
        insert_rows(write, self.restatements).await?;
        insert_rows(write, self.read_backs).await?;
        insert_rows(write, self.attestations).await?;
        insert_rows(write, self.strategy_sections).await?;
        insert_rows(write, self.strategy_versions).await?;
        insert_rows(write, self.strategy_items).await?;
        insert_rows(write, self.strategy_positions).await?;
        insert_rows(write, self.strategy_shared).await?;
        insert_rows(write, self.notices).await
    }
}

/// Inserts rows of one table, without audit.
pub async fn insert_rows<M>(write: &Write, rows: Vec<M>) -> Result<(), Error>
where
    M: sea_orm::ModelTrait + IntoActiveModel<<M::Entity as EntityTrait>::ActiveModel>,
    <M::Entity as EntityTrait>::ActiveModel: sea_orm::ActiveModelBehavior + Send,
{
    write
        .insert_unaudited::<M::Entity>(rows.into_iter().map(IntoActiveModel::into_active_model).collect())
        .await
}
