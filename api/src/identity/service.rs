//! What signing in needs, for the whole process: keys, counters of attempts, and settings.

use super::{attempts::Attempts, hashing::Hashing, ring::KeyRing};
use crate::{config::Config, kernel::Kernel};
use chrono::TimeDelta;
use std::sync::Arc;
use uuid::Uuid;

/// What signing in needs, for the whole process.
pub struct SignInService {
    pub kernel: Arc<Kernel>,
    pub ring: KeyRing,
    pub attempts: Attempts,
    pub(super) issuer: String,
    pub(super) audience: String,
    pub(super) access_seconds: u32,
    refresh: TimeDelta,
    pub(super) hashing: Hashing,
}

impl SignInService {
    pub fn new(kernel: Arc<Kernel>, config: &Config, ring: KeyRing) -> Self {
        SignInService {
            kernel,
            ring,
            attempts: Attempts::new(&config.rate),
            issuer: config.issuer.clone(),
            audience: config.audience.clone(),
            access_seconds: config.access_token_seconds,
            refresh: TimeDelta::days(i64::from(config.refresh_token_days)),
            hashing: Hashing::new(config.hashing as usize),
        }
    }

    /// The life of an unused refresh token.
    pub(super) fn refresh_life(&self) -> TimeDelta {
        self.refresh
    }

    /// Rejects access tokens of these sign-ins from now on.
    pub(super) fn forget(&self, ended: impl IntoIterator<Item = Uuid>) {
        let now = self.kernel.seams.now().timestamp();
        ended.into_iter().for_each(|id| self.ring.verifier().forget(id, now));
    }
}
