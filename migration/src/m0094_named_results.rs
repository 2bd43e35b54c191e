//! Results of named rounds from before stand with their named ratings, as those of later rounds do: the exact one of every
//! round, and all of rounds with fewer than five respondents, which only those read who read the names. Later rounds lose
//! their copies of these.

use crate::{Step, rls};

pub const STEP: Step = Step { module: module_path!(), more: changes, ..Step::EMPTY };

fn changes() -> Vec<String> {
    vec![rls::past_policies(&["alignment_round", "alignment_statement", "alignment_voice"], MOVED)]
}

const MOVED: &str = "
update alignment_voice set
    mean = (select s.mean from alignment_statement s where s.id = alignment_voice.statement_id),
    band = (select s.band from alignment_statement s where s.id = alignment_voice.statement_id),
    consensus_percent = (select s.consensus_percent from alignment_statement s where s.id = alignment_voice.statement_id)
where mean is null
;;
update alignment_statement set consensus_percent = null where consensus_percent is not null
;;
update alignment_statement set mean = null, band = null
where mean is not null
    and round_id in (select r.id from alignment_round r where r.disclosure = 'attributed' and r.counting < 5)
;;
update alignment_statement set mean_before = null, band_before = null
where mean_before is not null and exists (
    select 1 from alignment_round r join alignment_round p on p.team_id = r.team_id
        and p.disclosure = 'attributed' and p.counting < 5 and p.revealed_at < r.revealed_at
    where r.id = alignment_statement.round_id and (r.compared_id = p.id or r.compared_id is null
        and p.revealed_at = (select max(q.revealed_at) from alignment_round q
            where q.team_id = r.team_id and q.revealed_at < r.revealed_at)))";
