//! Callers who send more requests than run at once.

use super::{Answered, Reply};
use concord::http::Outcome;

/// An answer that may say that its request did not run.
pub trait Limited {
    fn is_rate_limited(&self) -> bool;
}

impl Limited for Answered {
    fn is_rate_limited(&self) -> bool {
        matches!(self.outcome, Outcome::RateLimited { .. })
    }
}

impl Limited for Reply {
    fn is_rate_limited(&self) -> bool {
        self.status == 429
    }
}

/// Sends a request again until it runs. Four requests of a person run at once, and the server refuses one that has
/// waited too long for its turn.
pub async fn until_run<A: Limited, F: Future<Output = A>>(send: impl Fn() -> F) -> A {
    loop {
        let answer = send().await;
        if !answer.is_rate_limited() {
            return answer;
        }
    }
}
