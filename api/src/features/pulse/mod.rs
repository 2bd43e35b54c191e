//! A client's progress in counts: facts without content, which head office may see. Kept by the database with every
//! write, so a portfolio reads a row a client.

use super::stage::Stage;
use crate::shape;

/// How much a client needs attention; see `Client.risk`.
pub const RISK: &str = "(case when {t}.status = 'archived'
    or not exists (select 1 from team m where m.client_id = {t}.id and m.archived_at is null)
    or exists (select 1 from programme g where g.client_id = {t}.id and g.status = 'paused')
        and not exists (select 1 from programme g where g.client_id = {t}.id and g.status = 'active')
    then 0 else (
    coalesce((select sum(case when d.at <= {now} then 3 * d.items else d.items end) from client_due d
        where d.client_id = {t}.id and d.kind = 'action' and d.items > 0 and d.at <= {soon}), 0)
    + case when exists (select 1 from client_due d
        where d.client_id = {t}.id and d.kind = 'session' and d.items > 0 and d.at > {now}) then 0 else 5 end
    + (select case when w.weeks < 0 then 0 when w.weeks > 20 then 20 else w.weeks end from (
        select ({days:coalesce(p.last_session_at, {t}.created_at)} - n.session_gap_days) / 7 as weeks
        from client_pulse p join network n on n.id = p.network_id where p.client_id = {t}.id) w)
    + coalesce((select sum(2 * d.items) from client_drift d where d.client_id = {t}.id), 0)
    + (select 2 * count(*) from review r join team m on m.id = r.team_id
        where r.client_id = {t}.id and r.status = 'missed' and {days:r.due_at} < 90 and m.archived_at is null)
    ) end)";

shape! {
    /// A client's progress in counts.
    ClientProgress of client_pulse {
        /// The stage its programme is in.
        currentStage = one::<Stage, _>(CurrentStageId).or_null(),
        /// Stages of its programmes.
        stagesTotal = int(StagesTotal),
        /// Stages passed.
        stagesPassed = int(StagesPassed),
        /// Stages passed, in per cent of all, rounded down; 0 without a programme.
        percent = derived(Ty::Int, "(case when {t}.stages_total = 0 then 0 else 100 * {t}.stages_passed / {t}.stages_total end)"),
        /// Actions that wait for their owner's answer.
        actionsOffered = int(ActionsOffered),
        /// Actions accepted and not done.
        actionsOpen = int(ActionsOpen),
        /// Actions done.
        actionsDone = int(ActionsDone),
        /// Actions declined.
        actionsDeclined = int(ActionsDeclined),
        /// Actions cancelled.
        actionsCancelled = int(ActionsCancelled),
        /// Accepted actions whose due day has ended.
        actionsOverdue = derived(Ty::Int, "(select coalesce(sum(d.items), 0) from client_due d where d.client_id = {t}.client_id and d.kind = 'action' and d.at <= {now})"),
        /// Accepted actions that become overdue within the next 7 × 24 hours.
        actionsDueSoon = derived(Ty::Int, "(select coalesce(sum(d.items), 0) from client_due d where d.client_id = {t}.client_id and d.kind = 'action' and d.at > {now} and d.at <= {soon})"),
        /// Priorities committed now.
        prioritiesCommitted = int(PrioritiesCommitted),
        /// Priorities achieved.
        prioritiesAchieved = int(PrioritiesAchieved),
        /// Sessions held.
        sessionsHeld = int(SessionsHeld),
        /// When the latest of the sessions held was planned to start.
        lastSessionAt = instant(LastSessionAt).or_null(),
        /// Full days since then.
        daysSinceLastSession = derived(Ty::Int, "{days:{t}.last_session_at}").or_null(),
        /// When the next scheduled session starts.
        nextSessionAt = derived(Ty::Instant, "(select min(d.at) from client_due d where d.client_id = {t}.client_id and d.kind = 'session' and d.items > 0 and d.at > {now})").or_null(),
        /// Reviews that were due in the last 90 days and that nobody held, without those of archived teams.
        reviewsMissed = derived(Ty::Int, "(select count(*) from review r join team m on m.id = r.team_id where r.client_id = {t}.client_id and r.status = 'missed' and {days:r.due_at} < 90 and m.archived_at is null)"),
        /// Drift signals that wait for an answer, open or acknowledged.
        driftSignals = derived(Ty::Int, "(select coalesce(sum(d.items), 0) from client_drift d where d.client_id = {t}.client_id)"),
        /// Of them, those because check-ins are missing.
        driftCheckInsMissed = derived(Ty::Int, "(select coalesce(sum(d.items), 0) from client_drift d where d.client_id = {t}.client_id and d.cause = 'check_ins_missed')"),
        /// Of them, those because actions are past their baseline.
        driftPastBaseline = derived(Ty::Int, "(select coalesce(sum(d.items), 0) from client_drift d where d.client_id = {t}.client_id and d.cause = 'past_baseline')"),
        /// Of them, those because priorities are behind the time elapsed.
        driftBehind = derived(Ty::Int, "(select coalesce(sum(d.items), 0) from client_drift d where d.client_id = {t}.client_id and d.cause = 'behind')"),
        /// Of them, those because due dates were moved again and again.
        driftRedated = derived(Ty::Int, "(select coalesce(sum(d.items), 0) from client_drift d where d.client_id = {t}.client_id and d.cause = 'redated')"),
        /// Of them, those because no review was held.
        driftReviewGap = derived(Ty::Int, "(select coalesce(sum(d.items), 0) from client_drift d where d.client_id = {t}.client_id and d.cause = 'review_gap')"),
        /// Of them, those because agreement fell.
        driftAgreementDown = derived(Ty::Int, "(select coalesce(sum(d.items), 0) from client_drift d where d.client_id = {t}.client_id and d.cause = 'agreement_down')"),
    }
}
