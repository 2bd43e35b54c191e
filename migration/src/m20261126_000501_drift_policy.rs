//! Every network has its thresholds of drift, also one that was there before there were any.

use crate::migration;

migration! {
    up: "
-- postgres: whoever migrates is bound by the fences, too
alter table network no force row level security
;;
-- postgres
alter table drift_policy no force row level security
;;
insert into drift_policy (id, network_id, check_ins_missed, days_past_baseline, points_behind, moves, review_gap_percent, agreement_drop, version)
    select id, id, 2, 7, 20, 2, 150, 15, 1 from network n
    where not exists (select 1 from drift_policy p where p.network_id = n.id)
;;
-- postgres
alter table drift_policy force row level security
;;
-- postgres
alter table network force row level security
",
    fences: [],
    down: []
}
