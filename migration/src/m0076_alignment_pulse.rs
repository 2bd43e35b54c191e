//! Pulses: re-votes on the two lowest statements of a round, 30, 60 and 90 days after it.

use crate::Step;

pub const STEP: Step = Step {
    module: module_path!(),
    sql: "
alter table alignment_round add column pulse_days integer
;;
alter table alignment_round add column next_pulse_at {instant}
;;
create index alignment_round_pulse on alignment_round (network_id, next_pulse_at) where next_pulse_at is not null",
    ..Step::EMPTY
};
