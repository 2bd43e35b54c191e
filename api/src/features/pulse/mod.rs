//! A client's progress in counts: facts without content, which head office may see. Kept by the database with every
//! write, so a portfolio reads a row a client. [`risk`] is what they come to, as the network's [`policy`] weighs them, and
//! [`keeping`] stores it with the client.

pub mod keeping;
pub mod policy;
pub mod risk;

use super::stage::Stage;
use crate::shape;

shape! {
    /// A client's progress in counts.
    ClientProgress of client_pulse {
        /// The open stage of the client's active or paused programme. Null if there is none.
        currentStage = one::<Stage, _>(CurrentStageId).or_null().filter(),
        /// Stages of the client's programmes, without terminated programmes.
        stagesTotal = int(StagesTotal),
        /// Stages that the client has passed, without those of terminated programmes.
        stagesPassed = int(StagesPassed).filter(),
        /// Stages passed as a percentage of all stages, 0 to 100, rounded down. 0 if there is no stage.
        percent = derived(Ty::Int, "(case when {t}.stages_total = 0 then 0 else 100 * {t}.stages_passed / {t}.stages_total end)").filter(),
        /// Actions that their owners have neither accepted nor declined yet.
        actionsOffered = int(ActionsOffered).filter(),
        /// Actions that are accepted and not done.
        actionsOpen = int(ActionsOpen).filter(),
        /// Actions that are done.
        actionsDone = int(ActionsDone),
        /// Actions that were declined.
        actionsDeclined = int(ActionsDeclined),
        /// Actions that were cancelled.
        actionsCancelled = int(ActionsCancelled),
        /// Accepted actions whose due day has ended.
        actionsOverdue = derived(Ty::Int, "(select coalesce(sum(d.items), 0) from client_due d where d.client_id = {t}.client_id and d.kind = {DueKind::Action} and d.at <= {now})").filter(),
        /// Accepted actions that become overdue within the next 7 × 24 hours.
        actionsDueSoon = derived(Ty::Int, "(select coalesce(sum(d.items), 0) from client_due d where d.client_id = {t}.client_id and d.kind = {DueKind::Action} and d.at > {now} and d.at <= {soon})").filter(),
        /// Priorities that are committed now.
        prioritiesCommitted = int(PrioritiesCommitted).filter(),
        /// Priorities that were achieved.
        prioritiesAchieved = int(PrioritiesAchieved),
        /// Sessions that were held.
        sessionsHeld = int(SessionsHeld).filter(),
        /// Planned start of the latest session that was held. Null if there is none.
        lastSessionAt = instant(LastSessionAt).or_null().filter(),
        /// Full days since the planned start of the latest session that was held. Null if there is none.
        daysSinceLastSession = derived(Ty::Int, "{days:{t}.last_session_at}").or_null().filter(),
        /// Start of the next scheduled session. Null if there is none.
        nextSessionAt = derived(Ty::Instant, "(select min(d.at) from client_due d where d.client_id = {t}.client_id and d.kind = {DueKind::Session} and d.items > 0 and d.at > {now})").or_null().filter(),
        /// Reviews that were due in the last 90 days and missed, without those of archived teams.
        reviewsMissed = derived(Ty::Int, "(select count(*) from review r join team m on m.id = r.team_id where r.client_id = {t}.client_id and r.status = {ReviewStatus::Missed} and {days:r.due_at} < 90 and m.archived_at is null)").filter(),
        /// Drift signals that are open or acknowledged.
        driftSignalsOpen = derived(Ty::Int, "(select coalesce(sum(d.items), 0) from client_drift d where d.client_id = {t}.client_id)").filter(),
        /// Open or acknowledged drift signals caused by missing check-ins.
        driftCheckInsMissed = derived(Ty::Int, "(select coalesce(sum(d.items), 0) from client_drift d where d.client_id = {t}.client_id and d.cause = {DriftCause::CheckInsMissed})"),
        /// Open or acknowledged drift signals caused by actions past their baseline dates.
        driftPastBaseline = derived(Ty::Int, "(select coalesce(sum(d.items), 0) from client_drift d where d.client_id = {t}.client_id and d.cause = {DriftCause::PastBaseline})"),
        /// Open or acknowledged drift signals caused by priorities behind the time elapsed.
        driftBehind = derived(Ty::Int, "(select coalesce(sum(d.items), 0) from client_drift d where d.client_id = {t}.client_id and d.cause = {DriftCause::Behind})"),
        /// Open or acknowledged drift signals caused by repeatedly moved due dates.
        driftRedated = derived(Ty::Int, "(select coalesce(sum(d.items), 0) from client_drift d where d.client_id = {t}.client_id and d.cause = {DriftCause::Redated})"),
        /// Open or acknowledged drift signals caused by missing reviews.
        driftReviewGap = derived(Ty::Int, "(select coalesce(sum(d.items), 0) from client_drift d where d.client_id = {t}.client_id and d.cause = {DriftCause::ReviewGap})"),
        /// Open or acknowledged drift signals caused by falling agreement.
        driftAgreementDown = derived(Ty::Int, "(select coalesce(sum(d.items), 0) from client_drift d where d.client_id = {t}.client_id and d.cause = {DriftCause::AgreementDown})"),
    }
}
