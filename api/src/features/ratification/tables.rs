//! The tables of what a team ratifies: stances, final stances, restatements and read-backs. Each noun that is ratified
//! has its own four, and the program handles them by the rows that are declared here.

use super::{Subject, rules::MemberStance};
use crate::kernel::Row;
use chrono::{DateTime, Utc};
use entity::{
    Id, Scoped, decision, decision_position, decision_read_back,
    decision_restatement::{self, ReadBackStatus},
    decision_stance, member, person, strategy_position, strategy_read_back, strategy_restatement,
    strategy_stance, strategy_version,
};
use sea_orm::ActiveModelBehavior;
use uuid::Uuid;

/// A stance that a member has for themselves.
#[derive(Clone, Debug)]
pub struct StanceRow {
    pub id: Uuid,
    pub person: Id<person::Entity>,
    pub wording: i32,
    pub stance: MemberStance,
    pub taken_at: DateTime<Utc>,
    pub version: i32,
}

/// A stance on record.
#[derive(Clone, Debug)]
pub struct PositionRow {
    pub id: Uuid,
    pub stance: MemberStance,
    pub taken_at: DateTime<Utc>,
    pub recorded_by: Option<Id<person::Entity>>,
}

/// A restatement. The member's own row and the one for those who run the programme have the same content.
#[derive(Clone, Debug)]
pub struct RestatementRow {
    pub id: Uuid,
    pub member: Id<member::Entity>,
    pub text: String,
    pub status: ReadBackStatus,
    pub note: String,
    pub written_at: DateTime<Utc>,
    pub judged_at: Option<DateTime<Utc>>,
    pub version: i32,
}

/// A table whose rows belong to what is ratified.
pub trait Below<S>: Scoped<Model: Row<Self>, ActiveModel: ActiveModelBehavior + Send> {
    /// The column that names what is ratified.
    const SUBJECT: Self::Column;
}

/// A table of stances, each its member's own.
pub trait StanceTable<S>: Below<S> {
    fn model(subject: &Subject<S>, row: StanceRow) -> Self::Model;
    fn row(model: &Self::Model) -> StanceRow;
}

/// A table of stances on record.
pub trait PositionTable<S>: Below<S> {
    fn model(subject: &Subject<S>, row: PositionRow) -> Self::Model;
}

/// A table of restatements, each its member's own.
pub trait RestatementTable<S>: Below<S> {
    const ID: Self::Column;
    const WRITTEN_AT: Self::Column;
    fn model(subject: &Subject<S>, person: Id<person::Entity>, row: RestatementRow) -> Self::Model;
    fn row(model: &Self::Model) -> (Id<person::Entity>, RestatementRow);
}

/// A table of the same restatements, for those who run the programme.
pub trait ReadBackTable<S>: Below<S> {
    fn model(subject: &Subject<S>, judged_by: Option<Id<person::Entity>>, row: RestatementRow)
    -> Self::Model;
    fn row(model: &Self::Model) -> RestatementRow;
}

/// Declares the four tables of a noun, and the column by which their rows name it.
macro_rules! tables_of {
    ($subject:ident by $column:ident $variant:ident:
        $stance:ident, $position:ident, $restatement:ident, $read_back:ident) => {
        impl Below<$subject::Entity> for $stance::Entity {
            const SUBJECT: $stance::Column = $stance::Column::$variant;
        }
        impl Below<$subject::Entity> for $position::Entity {
            const SUBJECT: $position::Column = $position::Column::$variant;
        }
        impl Below<$subject::Entity> for $restatement::Entity {
            const SUBJECT: $restatement::Column = $restatement::Column::$variant;
        }
        impl Below<$subject::Entity> for $read_back::Entity {
            const SUBJECT: $read_back::Column = $read_back::Column::$variant;
        }
        impl StanceTable<$subject::Entity> for $stance::Entity {
            fn model(subject: &Subject<$subject::Entity>, row: StanceRow) -> $stance::Model {
                $stance::Model {
                    id: Id::new(row.id),
                    network_id: subject.network,
                    client_id: subject.client,
                    person_id: row.person,
                    $column: subject.id,
                    member_id: row.stance.member,
                    wording: row.wording,
                    stance: row.stance.stance,
                    conviction: row.stance.conviction,
                    comment: row.stance.comment,
                    taken_at: row.taken_at,
                    version: row.version,
                }
            }
            fn row(model: &$stance::Model) -> StanceRow {
                StanceRow {
                    id: model.id.uuid(),
                    person: model.person_id,
                    wording: model.wording,
                    stance: MemberStance {
                        member: model.member_id,
                        stance: model.stance,
                        conviction: model.conviction,
                        comment: model.comment.clone(),
                    },
                    taken_at: model.taken_at,
                    version: model.version,
                }
            }
        }
        impl PositionTable<$subject::Entity> for $position::Entity {
            fn model(subject: &Subject<$subject::Entity>, row: PositionRow) -> $position::Model {
                $position::Model {
                    id: Id::new(row.id),
                    network_id: subject.network,
                    client_id: subject.client,
                    team_id: subject.team,
                    $column: subject.id,
                    member_id: row.stance.member,
                    stance: row.stance.stance,
                    conviction: row.stance.conviction,
                    comment: row.stance.comment,
                    taken_at: row.taken_at,
                    recorded_by_id: row.recorded_by,
                }
            }
        }
        impl RestatementTable<$subject::Entity> for $restatement::Entity {
            const ID: $restatement::Column = $restatement::Column::Id;
            const WRITTEN_AT: $restatement::Column = $restatement::Column::WrittenAt;
            fn model(
                subject: &Subject<$subject::Entity>,
                person: Id<person::Entity>,
                row: RestatementRow,
            ) -> $restatement::Model {
                $restatement::Model {
                    id: Id::new(row.id),
                    network_id: subject.network,
                    client_id: subject.client,
                    person_id: person,
                    $column: subject.id,
                    member_id: row.member,
                    text: row.text,
                    status: row.status,
                    note: row.note,
                    written_at: row.written_at,
                    judged_at: row.judged_at,
                    version: row.version,
                }
            }
            fn row(model: &$restatement::Model) -> (Id<person::Entity>, RestatementRow) {
                let row = RestatementRow {
                    id: model.id.uuid(),
                    member: model.member_id,
                    text: model.text.clone(),
                    status: model.status,
                    note: model.note.clone(),
                    written_at: model.written_at,
                    judged_at: model.judged_at,
                    version: model.version,
                };
                (model.person_id, row)
            }
        }
        impl ReadBackTable<$subject::Entity> for $read_back::Entity {
            fn model(
                subject: &Subject<$subject::Entity>,
                judged_by: Option<Id<person::Entity>>,
                row: RestatementRow,
            ) -> $read_back::Model {
                $read_back::Model {
                    id: Id::new(row.id),
                    network_id: subject.network,
                    client_id: subject.client,
                    team_id: subject.team,
                    $column: subject.id,
                    member_id: row.member,
                    text: row.text,
                    status: row.status,
                    note: row.note,
                    judged_by_id: judged_by,
                    written_at: row.written_at,
                    judged_at: row.judged_at,
                    version: row.version,
                }
            }
            fn row(model: &$read_back::Model) -> RestatementRow {
                RestatementRow {
                    id: model.id.uuid(),
                    member: model.member_id,
                    text: model.text.clone(),
                    status: model.status,
                    note: model.note.clone(),
                    written_at: model.written_at,
                    judged_at: model.judged_at,
                    version: model.version,
                }
            }
        }
    };
}

tables_of!(decision by decision_id DecisionId:
    decision_stance, decision_position, decision_restatement, decision_read_back);
tables_of!(strategy_version by strategy_version_id StrategyVersionId:
    strategy_stance, strategy_position, strategy_restatement, strategy_read_back);
