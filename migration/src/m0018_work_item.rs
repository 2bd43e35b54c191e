//! Open actions and priorities as one list of work, soonest first.

use crate::{Step, rls};

const VIEW: &str = "
select id, network_id, client_id, team_id, 'action' as kind, id as action_id, {null id} as priority_id,
    owner_id, title, status, due_on, due_at, title_folded from action where status in ('offered', 'accepted')
union all
select id, network_id, client_id, team_id, 'priority' as kind, {null id} as action_id, id as priority_id,
    owner_id, title, status, due_on, due_at, title_folded from priority where status in ('proposed', 'committed')";

pub const STEP: Step =
    Step { module: module_path!(), more: || vec![rls::view("work_item", VIEW)], ..Step::EMPTY };
