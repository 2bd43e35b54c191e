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
        where d.client_id = {t}.id and d.kind = 'session' and d.items > 0 and d.at > {now}
            and d.items > coalesce((select o.items from client_due o
                where o.client_id = d.client_id and o.kind = 'paused_session' and o.at = d.at), 0)) then 0 else 5 end
    + (select case when w.weeks < 0 then 0 when w.weeks > 20 then 20 else w.weeks end from (
        select ({days:coalesce(p.last_session_at, {t}.created_at)} - n.session_gap_days) / 7 as weeks
        from client_pulse p join network n on n.id = p.network_id where p.client_id = {t}.id) w)
    + coalesce((select sum(2 * d.items) from client_drift d where d.client_id = {t}.id), 0)
    - case when exists (select 1 from programme g where g.client_id = {t}.id and g.status = 'paused') then
        coalesce((select sum(case when d.kind = 'paused_drift' then 2 * d.items when d.at <= {now} then 3 * d.items
            else d.items end) from client_due d where d.client_id = {t}.id
            and d.kind in ('paused_action', 'paused_drift') and d.items > 0 and d.at <= {soon}), 0)
        else 0 end
    + (select 2 * count(*) from review r join team m on m.id = r.team_id
        where r.client_id = {t}.id and r.status = 'missed' and {days:r.due_at} < 90 and m.archived_at is null
            and not exists (select 1 from programme g where g.team_id = r.team_id and g.status = 'paused'))
    ) end)";

shape! {
    /// A client's progress in counts.
    ClientProgress of client_pulse {
        /// The open stage of the client's active or paused programme. Null if there is none.
        currentStage = one::<Stage, _>(CurrentStageId).or_null(),
        /// Stages of the client's programmes, without terminated programmes.
        stagesTotal = int(StagesTotal),
        /// Stages that the client has passed, without those of terminated programmes.
        stagesPassed = int(StagesPassed),
        /// Stages passed as a percentage of all stages, 0 to 100, rounded down. 0 if there is no stage.
        percent = derived(Ty::Int, "(case when {t}.stages_total = 0 then 0 else 100 * {t}.stages_passed / {t}.stages_total end)"),
        /// Actions that their owners have neither accepted nor declined yet.
        actionsOffered = int(ActionsOffered),
        /// Actions that are accepted and not done.
        actionsOpen = int(ActionsOpen),
        /// Actions that are done.
        actionsDone = int(ActionsDone),
        /// Actions that were declined.
        actionsDeclined = int(ActionsDeclined),
        /// Actions that were cancelled.
        actionsCancelled = int(ActionsCancelled),
        /// Accepted actions whose due day has ended.
        actionsOverdue = derived(Ty::Int, "(select coalesce(sum(d.items), 0) from client_due d where d.client_id = {t}.client_id and d.kind = 'action' and d.at <= {now})"),
        /// Accepted actions that become overdue within the next 7 × 24 hours.
        actionsDueSoon = derived(Ty::Int, "(select coalesce(sum(d.items), 0) from client_due d where d.client_id = {t}.client_id and d.kind = 'action' and d.at > {now} and d.at <= {soon})"),
        /// Priorities that are committed now.
        prioritiesCommitted = int(PrioritiesCommitted),
        /// Priorities that were achieved.
        prioritiesAchieved = int(PrioritiesAchieved),
        /// Sessions that were held.
        sessionsHeld = int(SessionsHeld),
        /// Planned start of the latest session that was held. Null if there is none.
        lastSessionAt = instant(LastSessionAt).or_null(),
        /// Full days since the planned start of the latest session that was held. Null if there is none.
        daysSinceLastSession = derived(Ty::Int, "{days:{t}.last_session_at}").or_null(),
        /// Start of the next scheduled session. Null if there is none.
        nextSessionAt = derived(Ty::Instant, "(select min(d.at) from client_due d where d.client_id = {t}.client_id and d.kind = 'session' and d.items > 0 and d.at > {now})").or_null(),
        /// Reviews that were due in the last 90 days and missed, without those of archived teams.
        reviewsMissed = derived(Ty::Int, "(select count(*) from review r join team m on m.id = r.team_id where r.client_id = {t}.client_id and r.status = 'missed' and {days:r.due_at} < 90 and m.archived_at is null)"),
        /// Drift signals that are open or acknowledged.
        driftSignals = derived(Ty::Int, "(select coalesce(sum(d.items), 0) from client_drift d where d.client_id = {t}.client_id)"),
        /// Open or acknowledged drift signals caused by missing check-ins.
        driftCheckInsMissed = derived(Ty::Int, "(select coalesce(sum(d.items), 0) from client_drift d where d.client_id = {t}.client_id and d.cause = 'check_ins_missed')"),
        /// Open or acknowledged drift signals caused by actions past their baseline dates.
        driftPastBaseline = derived(Ty::Int, "(select coalesce(sum(d.items), 0) from client_drift d where d.client_id = {t}.client_id and d.cause = 'past_baseline')"),
        /// Open or acknowledged drift signals caused by priorities behind the time elapsed.
        driftBehind = derived(Ty::Int, "(select coalesce(sum(d.items), 0) from client_drift d where d.client_id = {t}.client_id and d.cause = 'behind')"),
        /// Open or acknowledged drift signals caused by repeatedly moved due dates.
        driftRedated = derived(Ty::Int, "(select coalesce(sum(d.items), 0) from client_drift d where d.client_id = {t}.client_id and d.cause = 'redated')"),
        /// Open or acknowledged drift signals caused by missing reviews.
        driftReviewGap = derived(Ty::Int, "(select coalesce(sum(d.items), 0) from client_drift d where d.client_id = {t}.client_id and d.cause = 'review_gap')"),
        /// Open or acknowledged drift signals caused by falling agreement.
        driftAgreementDown = derived(Ty::Int, "(select coalesce(sum(d.items), 0) from client_drift d where d.client_id = {t}.client_id and d.cause = 'agreement_down')"),
    }
}
