//! The figures of networks and franchises. What a write changes of them is appended as a row of `tally_delta`, so that
//! writers wait for nothing; a job folds these rows into `tally`, one row for each count; a dashboard adds up both. Where a
//! client counts (franchise, region, stage) is its row of `client_place`, and when the client moves, everything that it
//! counts moves with it: the view `client_tally` says what that is. Everything that a client counts changes under the lock
//! of its row of `client_pulse`, so that nothing is moved half.
//!
//! The load of facilitators is kept alike: a row for each, with their active clients (`items`) and the clients' open
//! actions (`open`). Both count from `at` on: an assignment adds them when it starts, and takes them back when it ends.
//! Completing an action writes nothing for this: the row that it appends anyway says whose it is (`whose_id`), and becomes
//! load of those who run that client's programmes when it is folded; a dashboard does the same with rows that are not
//! folded yet. Where assignments or clients change, what is folded already moves: the client's open actions less those in
//! rows yet to be folded. So that none is counted twice or lost, on PostgreSQL these changes and folding exclude each other
//! by an advisory lock that actions never take.
//!
//! A count here depends on a place and on several columns, so each is a statement of its own, written once: the triggers of
//! both databases and the views are made of these. Only the statement for actions is written for each database, because
//! completing an action is the most frequent write: on PostgreSQL it is part of the function that keeps the client's
//! figures, for each further trigger and statement costs time.

use super::trigger::{LOCK, LOCK_SHARED, Trigger, single};

/// What each programme counts.
pub const PROGRAMME_PART: &str = "
    select programme_id, client_id, network_id, 'programme' as measure, network_id as subject_id, status as key, {epoch} as at, 1 as items, 0 as due
    from programme_pulse
    union all
    select programme_id, client_id, network_id, 'programme', network_id, 'stalled', stalls_at, 0, 1
    from programme_pulse where stalls_at is not null
    union all
    select programme_id, client_id, network_id, 'programme', network_id, 'started', {epoch}, 1, 0
    from programme_pulse where started_month <> ''
    union all
    select programme_id, client_id, network_id, 'month_started', network_id, started_month, {epoch}, 1, 0
    from programme_pulse where started_month <> ''
    union all
    select programme_id, client_id, network_id, 'month_completed', network_id, completed_month, {epoch}, 1, 0
    from programme_pulse where completed_month <> ''
    union all
    select programme_id, client_id, network_id, 'version', template_version_id, 'started', {epoch}, 1, 0
    from programme_pulse where started_month <> ''
    union all
    select programme_id, client_id, network_id, 'version', template_version_id, status, {epoch}, 1, 0
    from programme_pulse where status in ('completed', 'terminated')
    union all
    select programme_id, client_id, network_id, 'version', template_version_id, 'passed', {epoch}, stages_passed, 0
    from programme_pulse where stages_passed > 0
    union all
    select programme_id, client_id, network_id, 'version', template_version_id, 'planned_seconds', {epoch}, seconds_planned, 0
    from programme_pulse where seconds_planned > 0
    union all
    select programme_id, client_id, network_id, 'version', template_version_id, 'taken_seconds', {epoch}, seconds_taken, 0
    from programme_pulse where seconds_taken > 0";

/// What each client counts, if it is active, or always (`lasting`).
pub const CLIENT_TALLY: &str = "
    select p.client_id, p.network_id, 'work' as measure, p.network_id as subject_id, '' as key, {epoch} as at, 1 as items,
        coalesce(u.actions_open, 0) as open, coalesce(u.actions_done, 0) as done, 0 as due, 0 as lasting
    from client_place p left join client_pulse u on u.client_id = p.client_id
    union all
    select client_id, network_id, 'work', network_id, '', at, 0, 0, 0, items, 0
    from client_due where kind = 'action' and items <> 0
    union all
    select client_id, network_id, 'client', network_id, '', {epoch}, 1, 0, 0, 0, 1 from client_place
    union all
    select client_id, network_id, 'drift', network_id, cause, {epoch}, items, 0, 0, 0, 0
    from client_drift where items <> 0
    union all
    select client_id, network_id, 'review', network_id, status, due_at, 1, 0, 0, 0, 1
    from review where status in ('met', 'late', 'missed')
    union all
    select client_id, network_id, 'month_' || status, network_id, {month due_on}, {epoch}, 1, 0, 0, 0, 1
    from review where status in ('met', 'late', 'missed')
    union all
    select client_id, network_id, 'month_passed', network_id, {month passed_at}, {epoch}, 1, 0, 0, 0, 1
    from stage_run where status = 'passed' and passed_at is not null
    union all
    select client_id, network_id, measure, subject_id, key, at, items, 0, 0, due, 1 from programme_part
    union all
    select client_id, network_id, 'version', template_version_id, 'clients', {epoch}, 1, 0, 0, 0, 1
    from programme_pulse where stages_passed > 0 group by client_id, network_id, template_version_id";

/// What each client counts for those who run its programmes, if it is active.
pub fn client_load() -> String {
    LOAD.replace("[folded]", FOLDED)
}

const LOAD: &str = "
    select a.client_id, a.network_id, a.person_id, case e.sign when 1 then a.starts_at else a.ends_at end as at,
        e.sign as items, e.sign * [folded] as open
    from assignment a cross join (select 1 as sign union all select -1) e
    join client_pulse u on u.client_id = a.client_id
    where a.part in ('lead', 'co') and (a.ends_at is null and e.sign = 1 or a.ends_at > a.starts_at)";

/// What a count `t` of a client is kept by, at its place `[r]`: work by region and stage, clients by status.
const KEYS: &str = "
        case when t.measure = 'work' then [r].region_id else t.subject_id end as subject_id,
        case when t.measure = 'work' then [r].position else 0 end as place,
        case t.measure when 'work' then [r].stage when 'client' then [r].status else t.key end as key";

/// Adds what the client of the place `[r]` counts there, times `[n]`.
const COUNTED: &str = "
    insert into tally_delta (network_id, franchise_id, measure, subject_id, place, key, at, items, open, done, due)
    select t.network_id, [r].franchise_id, t.measure, [keys], t.at, [n] * t.items, [n] * t.open, [n] * t.done, [n] * t.due
    from client_tally t where t.client_id = [r].client_id and ([r].status = 'active' or t.lasting = 1)";

/// Where only the stage or the region changes, only what is kept by them moves.
const MOVES: &str = "
        and (t.measure = 'work' or old.franchise_id <> new.franchise_id or old.status <> new.status)";

/// Adds what the programme of the row `[r]` counts, times `[n]`.
const PARTS: &str = "
    insert into tally_delta (network_id, franchise_id, measure, subject_id, place, key, at, items, open, done, due)
    select t.network_id, p.franchise_id, t.measure, t.subject_id, 0, t.key, t.at, [n] * t.items, 0, 0, [n] * t.due
    from programme_part t join client_place p on p.client_id = t.client_id where t.programme_id = [r].programme_id;
    insert into tally_delta (network_id, franchise_id, measure, subject_id, place, key, at, items, open, done, due)
    select p.network_id, p.franchise_id, 'version', [r].template_version_id, 0, 'clients', {epoch}, [n], 0, 0, 0
    from client_place p where p.client_id = [r].client_id and [r].stages_passed > 0 and not exists (
        select 1 from programme_pulse o where o.client_id = [r].client_id
            and o.template_version_id = [r].template_version_id and o.programme_id <> [r].programme_id
            and o.stages_passed > 0)";

/// Adds what the review `[r]` counts, times `[n]`.
const REVIEWED: &str = "
    insert into tally_delta (network_id, franchise_id, measure, subject_id, place, key, at, items, open, done, due)
    select p.network_id, p.franchise_id, 'review', p.network_id, 0, [r].status, [r].due_at, [n], 0, 0, 0
    from client_place p where p.client_id = [r].client_id and [r].status in ('met', 'late', 'missed')
    union all
    select p.network_id, p.franchise_id, 'month_' || [r].status, p.network_id, 0, {month [r].due_on}, {epoch}, [n], 0, 0, 0
    from client_place p where p.client_id = [r].client_id and [r].status in ('met', 'late', 'missed')";

/// Adds what the stage `[r]` counts by itself, times `[n]`.
const PASSED: &str = "
    insert into tally_delta (network_id, franchise_id, measure, subject_id, place, key, at, items, open, done, due)
    select p.network_id, p.franchise_id, 'month_passed', p.network_id, 0, {month [r].passed_at}, {epoch}, [n], 0, 0, 0
    from client_place p
    where p.client_id = [r].client_id and [r].status = 'passed' and [r].passed_at is not null";

/// Computes the row of `programme_pulse` of the programme `p` where `[which]` holds.
const KEPT: &str = "
    insert into programme_pulse (programme_id, client_id, network_id, template_version_id, status, started_month,
        completed_month, stalls_at, stages_passed, seconds_planned, seconds_taken)
    select p.id, p.client_id, p.network_id, p.template_version_id, p.status, coalesce({month p.started_at}, ''),
        case when p.status = 'completed' then coalesce({month p.ended_at}, '') else '' end,
        case when p.status = 'active' then (
            select min({hours after s.opened_at: 48 * s.planned_days}) from stage_run s
            where s.programme_id = p.id and s.status = 'open' and s.opened_at is not null and s.planned_days > 0) end,
        (select count(*) from stage_run s where s.programme_id = p.id and s.status = 'passed'),
        (select coalesce(sum(86400 * s.planned_days), 0) from stage_run s where s.programme_id = p.id
            and s.status = 'passed' and s.opened_at is not null and s.passed_at is not null and s.planned_days > 0),
        (select coalesce(sum({seconds s.passed_at} - {seconds s.opened_at}), 0) from stage_run s where s.programme_id = p.id
            and s.status = 'passed' and s.opened_at is not null and s.passed_at is not null and s.planned_days > 0)
    from programme p where [which]
    on conflict (programme_id) do update set template_version_id = excluded.template_version_id,
        status = excluded.status, started_month = excluded.started_month, completed_month = excluded.completed_month,
        stalls_at = excluded.stalls_at, stages_passed = excluded.stages_passed,
        seconds_planned = excluded.seconds_planned, seconds_taken = excluded.seconds_taken";

/// A client's open actions that are folded already. A client that never had an action has none, without a look-up.
const FOLDED: &str =
    "(u.actions_open - case u.actions_offered + u.actions_open + u.actions_done + u.actions_declined
        + u.actions_cancelled when 0 then 0 else (
            select cast(coalesce(sum(f.open), 0) as {big}) from tally_delta f
            where f.network_id = u.network_id and f.measure = 'work' and f.whose_id = u.client_id) end)";

/// Adds what the assignment `[r]` counts, times `[n]`.
const LOADED: &str = "
    insert into tally_delta (network_id, franchise_id, measure, subject_id, place, key, at, items, open, done, due)
    select p.network_id, p.franchise_id, 'load', [r].person_id, 0, '',
        case e.sign when 1 then [r].starts_at else [r].ends_at end, [n] * e.sign, [n] * e.sign * [folded], 0, 0
    from client_place p join client_pulse u on u.client_id = p.client_id
    cross join (select 1 as sign union all select -1) e
    where p.client_id = [r].client_id and p.status = 'active' and [r].part in ('lead', 'co')
        and ([r].ends_at is null and e.sign = 1 or [r].ends_at > [r].starts_at)";

/// Adds what the client of the place `[r]` counts for those who run its programmes, times `[n]`.
const MOVED: &str = "
    insert into tally_delta (network_id, franchise_id, measure, subject_id, place, key, at, items, open, done, due)
    select l.network_id, [r].franchise_id, 'load', l.person_id, 0, '', l.at, [n] * l.items, [n] * l.open, 0, 0
    from client_load l where l.client_id = [r].client_id and [r].status = 'active'";

/// Adds what an action counts on PostgreSQL, as the end of the function that keeps the client's figures.
pub const WORK_ON_POSTGRES: &str = "
    declare
        whose record;
        was boolean := tg_op = 'UPDATE' and old.status = 'accepted';
        opened integer := (new.status = 'accepted')::integer - was::integer;
        ended integer := (new.status = 'done')::integer - (tg_op = 'UPDATE' and old.status = 'done')::integer;
    begin
        if opened = 0 and ended = 0 and not was then return null; end if;
        select * into whose from client_place where client_id = new.client_id;
        if whose.status is distinct from 'active' then return null; end if;
        insert into tally_delta (network_id, franchise_id, measure, subject_id, place, key, at, items, open, done, due, whose_id)
        values (whose.network_id, whose.franchise_id, 'work', whose.region_id, whose.position, whose.stage,
            case when was then old.due_at else new.due_at end, 0, opened, ended, case when was then -1 else opened end,
            new.client_id);
        if was and new.status = 'accepted' then
            insert into tally_delta (network_id, franchise_id, measure, subject_id, place, key, at, items, open, done, due)
            values (whose.network_id, whose.franchise_id, 'work', whose.region_id, whose.position, whose.stage,
                new.due_at, 0, 0, 0, 1);
        end if;
    end;";

/// Adds what an action counts on SQLite.
const WORK_ON_SQLITE: &str = "
-- sqlite
create trigger tally_action after insert on action when new.status in ('accepted', 'done') begin
    insert into tally_delta (network_id, franchise_id, measure, subject_id, place, key, at, items, open, done, due, whose_id)
    select p.network_id, p.franchise_id, 'work', p.region_id, p.position, p.stage, new.due_at, 0,
        new.status = 'accepted', new.status = 'done', new.status = 'accepted', new.client_id
    from client_place p where p.client_id = new.client_id and p.status = 'active';
end
;;
-- sqlite
create trigger tally_action_change after update of status, due_at on action
when (new.status <> old.status or new.due_at <> old.due_at)
    and (new.status in ('accepted', 'done') or old.status in ('accepted', 'done')) begin
    insert into tally_delta (network_id, franchise_id, measure, subject_id, place, key, at, items, open, done, due, whose_id)
    select p.network_id, p.franchise_id, 'work', p.region_id, p.position, p.stage, old.due_at, 0,
        -(old.status = 'accepted'), -(old.status = 'done'), -(old.status = 'accepted'), new.client_id
    from client_place p where p.client_id = new.client_id and p.status = 'active'
    union all
    select p.network_id, p.franchise_id, 'work', p.region_id, p.position, p.stage, new.due_at, 0,
        new.status = 'accepted', new.status = 'done', new.status = 'accepted', new.client_id
    from client_place p where p.client_id = new.client_id and p.status = 'active';
end";

/// The place of a new client.
const PLACED: &str = "
    insert into client_place (client_id, network_id, franchise_id, region_id, status, position, stage)
    values (new.id, new.network_id, new.franchise_id, new.region_id, new.status, 0, '');";
/// The place of a client that has changed.
const MOVED_PLACE: &str = "
    update client_place set franchise_id = new.franchise_id, region_id = new.region_id, status = new.status
    where client_id = new.id;";
/// The stage in the place of a client whose current stage has changed.
const STAGE_PLACE: &str = "
    update client_place set
        position = coalesce((select position from stage_run where id = new.current_stage_id), 0),
        stage = coalesce((select title from stage_run where id = new.current_stage_id), '')
    where client_id = new.client_id;";

/// Adds what `[more]` waiting drift signals of a client count.
const DRIFTED: &str = "
    insert into tally_delta (network_id, franchise_id, measure, subject_id, place, key, at, items, open, done, due)
    select p.network_id, p.franchise_id, 'drift', p.network_id, 0, new.cause, {epoch}, [more], 0, 0, 0
    from client_place p where p.client_id = new.client_id and p.status = 'active';";

/// Whether one of some columns has changed.
fn changed(columns: &[&str]) -> String {
    let changes = columns.iter().map(|column| format!("new.{column} is distinct from old.{column}"));
    changes.collect::<Vec<_>>().join(" or ")
}

/// A statement for a row, times a number.
fn counted(text: &str, row: &str, times: &str) -> String {
    format!("{};", text.replace("[keys]", KEYS).replace("[r]", row).replace("[n]", times))
}

/// The old row taken out, and the new one put in.
fn moved(text: &str) -> String {
    counted(text, "old", "-1") + &counted(text, "new", "1")
}

/// All triggers that keep the figures, but for actions on PostgreSQL.
pub fn triggers() -> Vec<String> {
    [places(), counts(), programmes(), loads()].concat()
}

/// Where clients count, and what moves with them.
fn places() -> Vec<String> {
    let stage = changed(&["current_stage_id"]);
    let place = changed(&["franchise_id", "region_id", "status", "position", "stage"]);
    let client_changes = "after update of franchise_id, region_id, status on client";
    let stage_changes = "after update of current_stage_id on client_pulse";
    let lock = LOCK.replace("[any client_id]", "new.id");
    let moves = moved(&format!("{COUNTED}{MOVES}"));
    vec![
        single("tally_client", "after insert on client", "", "", PLACED),
        single("tally_client_change", client_changes, "", &lock, MOVED_PLACE),
        single("tally_stage", stage_changes, &stage, "", STAGE_PLACE),
        single("tally_place", "after insert on client_place", "", "", &counted(COUNTED, "new", "1")),
        single("tally_place_change", "after update on client_place", &place, "", &moves),
    ]
}

/// Actions, reviews and drift signals.
fn counts() -> Vec<String> {
    let review = Trigger {
        name: "tally_review",
        table: "review",
        columns: &["status", "due_at", "due_on"],
        deleted: true,
        matters: "[r].status <> 'due'",
        lock: LOCK_SHARED,
        each: &format!("{REVIEWED};"),
        then: "",
    };
    let (added, changes) = ("after insert on client_drift", "after update of items on client_drift");
    let drifted = |more: &str| DRIFTED.replace("[more]", more);
    vec![
        WORK_ON_SQLITE.to_owned(),
        review.create(),
        single("tally_drift", added, "new.items <> 0", LOCK_SHARED, &drifted("new.items")),
        single(
            "tally_drift_change",
            changes,
            "new.items <> old.items",
            LOCK_SHARED,
            &drifted("new.items - old.items"),
        ),
    ]
}

/// Programmes and their stages.
fn programmes() -> Vec<String> {
    let kept = |id: &str| format!("{};", KEPT.replace("[which]", &format!("p.id = [any {id}]")));
    let stage = Trigger {
        name: "tally_stage_run",
        table: "stage_run",
        columns: &["status", "opened_at", "passed_at", "planned_days"],
        deleted: true,
        matters: "",
        lock: LOCK,
        each: &format!("{PASSED};"),
        then: &kept("programme_id"),
    };
    let programme = Trigger {
        name: "tally_programme",
        table: "programme",
        columns: &["status", "started_at", "ended_at", "template_version_id"],
        deleted: false,
        matters: "",
        lock: LOCK,
        each: "",
        then: &kept("id"),
    };
    let became = changed(&[
        "template_version_id",
        "status",
        "started_month",
        "completed_month",
        "stalls_at",
        "stages_passed",
        "seconds_planned",
        "seconds_taken",
    ]);
    let (less, more) = (counted(PARTS, "old", "-1"), counted(PARTS, "new", "1"));
    vec![
        stage.create(),
        programme.create(),
        single("tally_programme_was", "before update on programme_pulse", &became, "", &less),
        single("tally_programme_is", "after insert on programme_pulse", "", "", &more),
        single("tally_programme_became", "after update on programme_pulse", &became, "", &more),
    ]
}

/// The load of facilitators.
fn loads() -> Vec<String> {
    let lock = |network: &str| {
        format!("perform pg_advisory_xact_lock_shared(hashtextextended({network}::text, 0));")
    };
    let load = Trigger {
        name: "tally_load",
        table: "assignment",
        columns: &["person_id", "part", "starts_at", "ends_at"],
        deleted: true,
        matters: "",
        lock: &format!("{LOCK}\n    {}", lock("[any network_id]")),
        each: &format!("{};", LOADED.replace("[folded]", FOLDED)),
        then: "",
    };
    let changes = "after update of franchise_id, status on client_place";
    let elsewhere = changed(&["franchise_id", "status"]);
    vec![
        load.create(),
        single("tally_load_place", changes, &elsewhere, &lock("new.network_id"), &moved(MOVED)),
    ]
}

/// The figures of networks and franchises, folded or not, that differ from what their clients count. Reviews are left out,
/// because those that never count again are dropped.
pub fn wrong() -> String {
    WRONG.replace("[keys]", KEYS).replace("[r]", "p")
}

const WRONG: &str = "
with counted as (
    select t.network_id, p.franchise_id, t.measure, [keys],
        t.items, t.open, t.done, t.due
    from client_tally t join client_place p on p.client_id = t.client_id
    where t.measure <> 'review' and (p.status = 'active' or t.lasting = 1)
    union all
    select l.network_id, p.franchise_id, 'load', l.person_id, 0, '', l.items, l.open, 0, 0
    from client_load l join client_place p on p.client_id = l.client_id where p.status = 'active'
)
select scope_id, measure, subject_id, place, key from (
    select scope_id, measure, subject_id, place, key, items, open, done, due from tally
    union all
    select network_id, measure, subject_id, place, key, items, open, done, due from tally_delta
    union all
    select franchise_id, measure, subject_id, place, key, items, open, done, due from tally_delta
    union all
    select network_id, measure, subject_id, place, key, -items, -open, -done, -due from counted
    union all
    select franchise_id, measure, subject_id, place, key, -items, -open, -done, -due from counted
) as both_sides
where measure <> 'review' group by scope_id, measure, subject_id, place, key
having sum(items) <> 0 or sum(open) <> 0 or sum(done) <> 0 or sum(due) <> 0";
