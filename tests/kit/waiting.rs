//! Waiting, for a thing or for time itself. Nothing else in the tests sleeps.

use std::time::Duration;
use tokio::time;

/// Asks until there is an answer, and fails where there is none for so long.
pub async fn eventually<T>(what: &str, limit: Duration, mut look: impl AsyncFnMut() -> Option<T>) -> T {
    let asked = async {
        loop {
            if let Some(found) = look().await {
                return found;
            }
            time::sleep(Duration::from_millis(20)).await;
        }
    };
    time::timeout(limit, asked).await.unwrap_or_else(|_| panic!("{what} within {limit:?}"))
}

/// Lets time pass, where how long something lasts is what is tested.
pub async fn lasts(time: Duration) {
    time::sleep(time).await;
}
