//! Work: all that waits for a person as one list, soonest first: what a member owns, what the participants of a team are
//! asked for, and what the client's lead and co-facilitators have to see to.
//!
//! The view `work_waiting` says what may wait, and whom or what it waits for; [`WAITING`] says which of it waits for the
//! caller. Answers, stances and restatements are each person's own, so that whether they are there is asked here.

use super::{
    action::Action, alignment::AlignmentRound, client::Client, cycle::Cycle, decision::Decision,
    drift::DriftSignal, priority::Priority, strategy::StrategyVersion, team::Team,
};
use crate::kernel::read::{Field, Shape, Shaped, Ty, shape};
use async_graphql::Enum;
use std::sync::OnceLock;

/// Kinds of open work.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
pub enum WorkKind {
    /// An action of the person, offered or accepted.
    Action,
    /// A priority of the person, proposed or committed.
    Priority,
    /// A proposed decision or version of the strategy on whose current wording the person has not taken a stance. For
    /// leaders and sponsors.
    Stance,
    /// A decision or version of the strategy, ratified in the last 30 days, that the person has not restated in their own
    /// words. For leaders and sponsors.
    ReadBack,
    /// An open alignment round that the person has not answered. For leaders and sponsors.
    AlignmentRound,
    /// An open or acknowledged drift signal about the person's own work, or at a client of which they are lead or
    /// co-facilitator.
    DriftSignal,
    /// A proposed decision or version of the strategy that is not ratified yet. For the client's lead and
    /// co-facilitators.
    Ratification,
    /// A restatement of a decision or version of the strategy that nobody has judged yet. For the client's lead and co-facilitators.
    ReadBackToJudge,
    /// A cycle whose last day has ended (UTC) and that is not closed. For the client's lead and co-facilitators.
    Cycle,
}

/// What of `work_waiting` waits for the caller.
pub const WAITING: &str = "{t}.team_id in (select g.id from team g join client c on c.id = g.client_id \
    where g.archived_at is null and c.status not in ({ClientStatus::Alumni}, {ClientStatus::Archived})) \
    and ({t}.waits_for = 'owner' and {t}.owner_id in (select m.id from member m \
            where m.person_id = {me} and m.status = {MemberStatus::Active}) \
        or {t}.waits_for in ('stance', 'read_back', 'answer') and {t}.team_id in (select m.team_id from member m join membership h \
            on h.person_id = m.person_id and h.client_id = m.client_id and (h.team_id is null or h.team_id = m.team_id) \
            where m.person_id = {me} and m.status = {MemberStatus::Active} \
            and h.role in ({MembershipRole::Sponsor}, {MembershipRole::Leader}) \
            and h.starts_at <= {now} and (h.ends_at is null or h.ends_at > {now})) \
            and ({t}.waits_for <> 'read_back' or {t}.since > {days_ago:30}) \
            and not exists (select 1 from decision_stance s where {t}.waits_for = 'stance' \
                and s.decision_id = {t}.decision_id and s.person_id = {me} and s.wording = {t}.wording) \
            and not exists (select 1 from strategy_stance s where {t}.waits_for = 'stance' \
                and s.strategy_version_id = {t}.strategy_version_id and s.person_id = {me} and s.wording = {t}.wording) \
            and not exists (select 1 from decision_restatement s where {t}.waits_for = 'read_back' \
                and s.decision_id = {t}.decision_id and s.person_id = {me}) \
            and not exists (select 1 from strategy_restatement s where {t}.waits_for = 'read_back' \
                and s.strategy_version_id = {t}.strategy_version_id and s.person_id = {me}) \
            and not exists (select 1 from alignment_response s where s.round_id = {t}.alignment_round_id \
                and s.person_id = {me}) \
        or {t}.waits_for in ('facilitator', 'closing') and {t}.client_id in (select a.client_id from assignment a \
            where a.person_id = {me} and a.part in ({AssignmentPart::Lead}, {AssignmentPart::Co}) \
            and a.starts_at <= {now} and (a.ends_at is null or a.ends_at > {now})) \
            and ({t}.waits_for <> 'closing' or {t}.due_on < {today}))";

/// Something that waits for the caller.
pub struct WorkItem;

impl Shaped for WorkItem {
    #[expect(clippy::too_many_lines, reason = "a table")]
    fn shape() -> &'static Shape {
        static SHAPE: OnceLock<Shape> = OnceLock::new();
        SHAPE.get_or_init(|| {
            let due = Ty::Date;
            let fields = vec![
                Field::new(
                    "kind",
                    "Kind of work. It says which of the other fields leads to the object.",
                    shape::of_view("kind", Ty::Closed(shape::register::<WorkKind>)),
                )
                .filter(),
                Field::new("title", "Title of the object. Of a drift signal, the title of the work that drifts, or the name of the team.", shape::of_view("title", Ty::Text))
                    .filter()
                    .order(),
                Field::new(
                    "dueOn",
                    "Due date, in the client's time zone. Of a cycle its last day, of an alignment round its last \
                     day. Of what has no due date, the day (UTC) since which it has been waiting.",
                    shape::of_view("due_on", due),
                )
                .filter()
                .order(),
                Field::new(
                    "overdue",
                    "`true` if the due date of an action or priority has passed. An action that is not yet accepted is never \
                     overdue.",
                    shape::derived(
                        Ty::Flag,
                        "({t}.due_at is not null and {t}.due_at <= {now} and not exists (select 1 from action a where a.id = {t}.action_id \
                         and a.status = {ActionStatus::Offered}))",
                    ),
                )
                .filter(),
                Field::new(
                    "action",
                    "The action. Null unless `kind` is `ACTION`.",
                    shape::one_of_view::<Action>("action_id"),
                )
                .or_null(),
                Field::new(
                    "priority",
                    "The priority. Null unless `kind` is `PRIORITY`.",
                    shape::one_of_view::<Priority>("priority_id"),
                )
                .or_null(),
                Field::new(
                    "decision",
                    "The decision that is to be ratified, restated or judged. Null for other kinds.",
                    shape::one_of_view::<Decision>("decision_id"),
                )
                .or_null(),
                Field::new(
                    "strategyVersion",
                    "The version of the strategy that is to be ratified, restated or judged. Null for other kinds.",
                    shape::one_of_view::<StrategyVersion>("strategy_version_id"),
                )
                .or_null(),
                Field::new(
                    "alignmentRound",
                    "The alignment round. Null unless `kind` is `ALIGNMENT_ROUND`.",
                    shape::one_of_view::<AlignmentRound>("alignment_round_id"),
                )
                .or_null(),
                Field::new(
                    "cycle",
                    "The cycle. Null unless `kind` is `CYCLE`.",
                    shape::one_of_view::<Cycle>("cycle_id"),
                )
                .or_null(),
                Field::new(
                    "driftSignal",
                    "The drift signal. Null unless `kind` is `DRIFT_SIGNAL`.",
                    shape::one_of_view::<DriftSignal>("drift_signal_id"),
                )
                .or_null(),
                Field::new("client", "Client that the work belongs to.", shape::one_of_view::<Client>("client_id")),
                Field::new("team", "Team that the work belongs to.", shape::one_of_view::<Team>("team_id")),
            ];
            Shape::view::<entity::action::Entity>(
                "WorkItem",
                "Something that waits for the caller.",
                "work_waiting",
                fields,
            )
        })
    }
}
