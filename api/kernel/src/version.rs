//! Refuses a change of an object that has changed since the caller read it.

use crate::{
    error::{Code, Refusal},
    message,
};

/// Whether the version that a caller read is still the row's.
pub fn expect_version(now: i32, expected: Option<i32>) -> Result<(), Refusal> {
    match expected {
        Some(expected) if expected != now => {
            let message = message!(
                STALE_VERSION,
                "This changed after you read it: you expect version {expected}, and the current version is {current}. \
                 Read it again and retry.",
                expected,
                current = now,
            );
            Err(Refusal::new(Code::Conflict, message).at("input.expectedVersion"))
        }
        _ => Ok(()),
    }
}
