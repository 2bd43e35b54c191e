//! Hashing of passwords: a few at once, beside the executor, and a queue that refuses at once when it is full.
//!
//! There are two queues. A flood of sign-ins from strangers fills theirs and leaves the other one empty.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::sync::Semaphore;

use crate::{
    kernel::{Code, Error, Fault, Refusal},
    message,
};

/// Which queue a caller waits in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lane {
    /// Callers who have proven something before: an access token, a link from an e-mail, a sign-in from the same place.
    Known,
    /// Everyone else.
    Stranger,
}

/// Callers that wait in a lane at most: more than a room full of people who sign in at the same moment, and less than
/// can be hashed before their requests time out.
const WAITING: usize = 100;

/// The two queues.
pub struct Hashing {
    known: Queue,
    strangers: Queue,
}

struct Queue {
    /// Hashing takes memory on purpose: without a bound, a rush of sign-ins would take all of it.
    turns: Arc<Semaphore>,
    waiting: AtomicUsize,
}

impl Hashing {
    /// At most `at_once` hashes of strangers at once, or as many as there are cores if that is 0; half as many, and at
    /// least one, of known callers beside them.
    pub fn new(at_once: usize) -> Self {
        let cores = || std::thread::available_parallelism().map_or(1, usize::from);
        let at_once = if at_once == 0 { cores() } else { at_once };
        let queue = |turns| Queue { turns: Arc::new(Semaphore::new(turns)), waiting: AtomicUsize::new(0) };
        Self { known: queue(at_once.div_ceil(2)), strangers: queue(at_once) }
    }

    /// Runs `work`, which hashes, when its turn comes.
    ///
    /// # Errors
    /// `TOO_MANY_ATTEMPTS`, at once, if the lane is full.
    pub async fn run<T: Send + 'static>(
        &self,
        lane: Lane,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, Error> {
        let queue = match lane {
            Lane::Known => &self.known,
            Lane::Stranger => &self.strangers,
        };
        let turn = {
            let _slot = QueueSlot::take(&queue.waiting)?;
            queue.turns.clone().acquire_owned().await.map_err(|_| Fault::Internal)?
        };
        let done = tokio::task::spawn_blocking(move || {
            // kept to the end of the work, also when nobody waits for it any more
            let _turn = turn;
            work()
        });
        done.await.map_err(|_| Fault::Internal.into())
    }
}

/// A slot in a queue, released when dropped.
struct QueueSlot<'a>(&'a AtomicUsize);

impl<'a> QueueSlot<'a> {
    fn take(waiting: &'a AtomicUsize) -> Result<Self, Refusal> {
        let taken = waiting.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |count| {
            (count < WAITING).then_some(count + 1)
        });
        match taken {
            Ok(_) => Ok(Self(waiting)),
            Err(_) => {
                let message =
                    message!(TOO_MANY_AT_ONCE, "Too many people are signing in. Try again in a few seconds.");
                Err(Refusal::new(Code::TooManyAttempts, message).at("input"))
            }
        }
    }
}

impl Drop for QueueSlot<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures::future::join_all;
    use std::sync::mpsc;

    #[tokio::test]
    async fn a_full_lane_refuses_at_once_and_the_other_goes_on() {
        let hashing = Hashing::new(1);
        let (open, gate) = mpsc::channel::<()>();
        let mut first = Box::pin(hashing.run(Lane::Stranger, move || gate.recv().is_err()));
        assert!(futures::poll!(&mut first).is_pending());
        let mut waiting: Vec<_> =
            (0..WAITING).map(|_| Box::pin(hashing.run(Lane::Stranger, || true))).collect();
        for one in &mut waiting {
            assert!(futures::poll!(one).is_pending());
        }
        let refused = hashing.run(Lane::Stranger, || true).await;
        assert!(
            matches!(&refused, Err(Error::Refused(why)) if why[0].code == Code::TooManyAttempts),
            "{refused:?}"
        );
        assert!(hashing.run(Lane::Known, || true).await.is_ok(), "known callers have a lane of their own");
        // whoever goes away leaves the queue
        drop(waiting.pop());
        let mut last = Box::pin(hashing.run(Lane::Stranger, || true));
        assert!(futures::poll!(&mut last).is_pending());
        drop(open);
        assert!(first.await.is_ok_and(|done| done));
        assert!(join_all(waiting).await.iter().all(Result::is_ok));
        assert!(last.await.is_ok());
    }
}
