//! A portfolio: which clients it lists, in which order, and by which figures of a client it is filtered and sorted.

/// Clients that a portfolio lists, among those that the person can access.
pub const LISTED: &str = "{t}.status not in ({ClientStatus::Alumni}, {ClientStatus::Archived})";
/// The order, highest first: the client's risk, as [`risk`](crate::features::pulse::risk) computes it.
pub const ORDER: &str = "{t}.risk";
/// The person who leads the client now.
pub const LEAD: &str = "(select a.person_id from assignment a where a.client_id = {t}.id and a.part = {AssignmentPart::Lead} and a.starts_at <= {now} and (a.ends_at is null or a.ends_at > {now}) order by a.starts_at desc, a.id limit 1)";
/// Their name.
pub const LEAD_NAME: &str = "coalesce((select p.name from assignment a join person p on p.id = a.person_id where a.client_id = {t}.id \
    and a.part = {AssignmentPart::Lead} and a.starts_at <= {now} and (a.ends_at is null or a.ends_at > {now}) \
    order by a.starts_at desc, a.id limit 1), '')";
pub const PROGRAMME_STATUS: &str = "(select p.status from programme p where p.client_id = {t}.id \
    and p.status in ({ProgrammeStatus::Planned}, {ProgrammeStatus::Active}, {ProgrammeStatus::Paused}) \
    order by p.created_at desc, p.id desc limit 1)";
pub const STAGE_POSITION: &str = "coalesce((select s.position from client_pulse p join stage_run s on s.id = p.current_stage_id \
    where p.client_id = {t}.id), 0)";
pub const NEXT_SESSION: &str = "coalesce((select min(d.at) from client_due d where d.client_id = {t}.id \
    and d.kind = {DueKind::Session} and d.items > 0 and d.at > {now}), \
    {postgres:timestamptz '9999-12-31T00:00:00Z'}{sqlite:'9999-12-31T00:00:00+00:00'})";
pub const LAST_SESSION: &str = "coalesce((select p.last_session_at from client_pulse p where p.client_id = {t}.id), \
    {postgres:timestamptz '0001-01-01T00:00:00Z'}{sqlite:'0001-01-01T00:00:00+00:00'})";
pub const ACTIONS_OVERDUE: &str = "(select coalesce(sum(d.items), 0) from client_due d where d.client_id = {t}.id \
    and d.kind = {DueKind::Action} and d.at <= {now})";
pub const DRIFT_SIGNALS_OPEN: &str =
    "(select coalesce(sum(d.items), 0) from client_drift d where d.client_id = {t}.id)";
