use super::rules::{Step, require_state};
use chrono::DateTime;

#[test]
fn a_to_do_is_open_or_done() {
    for (step, open, done) in
        [(Step::Update, true, false), (Step::Complete, true, false), (Step::Reopen, false, true)]
    {
        assert_eq!(require_state(None, step).is_ok(), open, "{step:?} of an open one");
        let done_at = Some(DateTime::UNIX_EPOCH);
        assert_eq!(require_state(done_at, step).is_ok(), done, "{step:?} of a done one");
    }
}
