//! The triggers on SQLite.

/// All triggers.
pub const TRIGGERS: &str = "
create trigger tally_client after insert on client begin
    insert into client_place (client_id, network_id, franchise_id, region_id, status, position, stage)
    values (new.id, new.network_id, new.franchise_id, new.region_id, new.status, 0, '');
end
;;
create trigger tally_client_change after update of franchise_id, region_id, status on client begin
    update client_place set franchise_id = new.franchise_id, region_id = new.region_id, status = new.status
    where client_id = new.id;
end
;;
create trigger tally_stage after update of current_stage_id on client_pulse
when new.current_stage_id is not old.current_stage_id begin
    update client_place set
        position = coalesce((select position from stage_run where id = new.current_stage_id), 0),
        stage = coalesce((select title from stage_run where id = new.current_stage_id), '')
    where client_id = new.client_id;
end
;;
create trigger tally_place after insert on client_place begin[counted new 1];
end
;;
create trigger tally_place_change after update on client_place
when new.franchise_id <> old.franchise_id or new.region_id <> old.region_id or new.status <> old.status
    or new.position <> old.position or new.stage <> old.stage begin[counted old -1][moves];[counted new 1][moves];
end
;;
create trigger tally_action after insert on action when new.status in ('accepted', 'done') begin
    insert into tally_delta (network_id, franchise_id, measure, subject_id, place, key, at, items, open, done, due)
    select p.network_id, p.franchise_id, 'work', p.region_id, p.position, p.stage, new.due_at, 0,
        new.status = 'accepted', new.status = 'done', new.status = 'accepted'
    from client_place p where p.client_id = new.client_id and p.status = 'active';
end
;;
create trigger tally_action_change after update of status, due_at on action
when (new.status <> old.status or new.due_at <> old.due_at)
    and (new.status in ('accepted', 'done') or old.status in ('accepted', 'done')) begin
    insert into tally_delta (network_id, franchise_id, measure, subject_id, place, key, at, items, open, done, due)
    select p.network_id, p.franchise_id, 'work', p.region_id, p.position, p.stage, old.due_at, 0,
        -(old.status = 'accepted'), -(old.status = 'done'), -(old.status = 'accepted')
    from client_place p where p.client_id = new.client_id and p.status = 'active'
    union all
    select p.network_id, p.franchise_id, 'work', p.region_id, p.position, p.stage, new.due_at, 0,
        new.status = 'accepted', new.status = 'done', new.status = 'accepted'
    from client_place p where p.client_id = new.client_id and p.status = 'active';
end
;;
create trigger tally_review after insert on review when new.status <> 'due' begin[reviewed new 1];
end
;;
create trigger tally_review_change after update of status, due_at, due_on on review
when new.status <> old.status or new.due_at <> old.due_at or new.due_on <> old.due_on begin[reviewed old -1];[reviewed new 1];
end
;;
create trigger tally_review_gone after delete on review when old.status <> 'due' begin[reviewed old -1];
end
;;
create trigger tally_drift after insert on client_drift when new.items <> 0 begin
    insert into tally_delta (network_id, franchise_id, measure, subject_id, place, key, at, items, open, done, due)
    select p.network_id, p.franchise_id, 'drift', p.network_id, 0, new.cause, [epoch], new.items, 0, 0, 0
    from client_place p where p.client_id = new.client_id and p.status = 'active';
end
;;
create trigger tally_drift_change after update of items on client_drift when new.items <> old.items begin
    insert into tally_delta (network_id, franchise_id, measure, subject_id, place, key, at, items, open, done, due)
    select p.network_id, p.franchise_id, 'drift', p.network_id, 0, new.cause, [epoch], new.items - old.items, 0, 0, 0
    from client_place p where p.client_id = new.client_id and p.status = 'active';
end
;;
create trigger tally_stage_run after insert on stage_run begin[passed new 1];[kept p.id = new.programme_id];
end
;;
create trigger tally_stage_run_change after update of status, opened_at, passed_at, planned_days on stage_run begin[passed old -1];[passed new 1];[kept p.id = new.programme_id];
end
;;
create trigger tally_stage_run_gone after delete on stage_run begin[passed old -1];[kept p.id = old.programme_id];
end
;;
create trigger tally_programme after insert on programme begin[kept p.id = new.id];
end
;;
create trigger tally_programme_change after update of status, started_at, ended_at, template_version_id on programme begin[kept p.id = new.id];
end
;;
create trigger tally_programme_was before update on programme_pulse when [became] begin[parts old -1];
end
;;
create trigger tally_programme_is after insert on programme_pulse begin[parts new 1];
end
;;
create trigger tally_programme_became after update on programme_pulse when [became] begin[parts new 1];
end
";

/// Whether the figures of a programme have changed.
pub const BECAME: &str = "new.template_version_id <> old.template_version_id or new.status <> old.status
    or new.started_month <> old.started_month or new.completed_month <> old.completed_month
    or new.stalls_at is not old.stalls_at or new.stages_passed <> old.stages_passed
    or new.seconds_planned <> old.seconds_planned or new.seconds_taken <> old.seconds_taken";

/// The triggers that only SQLite has, because there one event takes one trigger.
pub const ADDED: [&str; 9] = [
    "tally_action",
    "tally_client_change",
    "tally_action_change",
    "tally_review_change",
    "tally_review_gone",
    "tally_drift_change",
    "tally_stage_run_change",
    "tally_stage_run_gone",
    "tally_programme_change",
];
