//! Limits of password attempts: guesses are slow, and a stranger cannot lock an owner out.
//!
//! An account has attempts of its own for each address range (/24, or /48 for IPv6) from which it has signed in before. All
//! other attempts are counted tightly by account and range, loosely by account, and by address. Correct passwords are given
//! back.
//! Each process counts for itself.

use super::buckets::{Buckets, Exhausted, household};
use crate::config::RateSettings;
use sha2::{Digest, Sha256};
use std::{
    net::{IpAddr, Ipv6Addr},
    time::Instant,
};
use uuid::Uuid;

/// All attempts of a process.
pub struct Attempts {
    known: Buckets<Key>,
    strangers: Buckets<Key>,
    accounts: Buckets<Key>,
    addresses: Buckets<IpAddr>,
    sign_ins: Buckets<Uuid>,
    resets: Buckets<Key>,
    strangers_resets: Buckets<Key>,
}

/// A hash of an account's address, or of that and an address range: a fixed size, and no addresses in memory dumps.
type Key = [u8; 32];

/// The counters of an attempt, to be given back if the password is correct.
#[derive(Debug)]
#[must_use]
pub enum Attempt {
    /// From an address range of an earlier sign-in.
    Known(Key),
    /// From anywhere else.
    Stranger { range: Key, account: Key, address: IpAddr },
    /// By a person who is signed in.
    SignedIn(Uuid),
}

/// Seconds in which as many attempts come back as the settings allow.
const WINDOW_SECONDS: u16 = 15 * 60;
/// All strangers together may try an account as often as this many address ranges.
const STRANGERS: u32 = 10;
/// E-mails with a link to set a new password, an hour.
const RESETS_AN_HOUR: u32 = 3;

impl Attempts {
    pub fn new(rate: &RateSettings) -> Self {
        let window = |count: u32| (count, f64::from(count) / f64::from(WINDOW_SECONDS));
        let (account, account_refill) = window(rate.sign_in_per_account);
        let (loose, loose_refill) = window(rate.sign_in_per_account.saturating_mul(STRANGERS));
        let (address, address_refill) = window(rate.sign_in_per_address);
        let reset_refill = f64::from(RESETS_AN_HOUR) / 3_600.0;
        Self {
            known: Buckets::new(account, account_refill),
            strangers: Buckets::new(account, account_refill),
            accounts: Buckets::new(loose, loose_refill),
            addresses: Buckets::new(address, address_refill),
            sign_ins: Buckets::new(account, account_refill),
            resets: Buckets::new(RESETS_AN_HOUR, reset_refill),
            strangers_resets: Buckets::new(RESETS_AN_HOUR, reset_refill),
        }
    }

    /// An attempt to sign in to an account, whether it exists or not. `known`: it was signed in to from this address range.
    pub fn sign_in(
        &self,
        account: &str,
        from: IpAddr,
        known: bool,
        now: Instant,
    ) -> Result<Attempt, Exhausted> {
        let range = key(&[account.as_bytes(), &range(from)]);
        if known {
            self.known.take(range, 1, now)?;
            return Ok(Attempt::Known(range));
        }
        let (account, address) = (key(&[account.as_bytes()]), household(from));
        // an attempt that one counter refuses must not use up another counter
        self.addresses.take(address, 1, now)?;
        if let Err(exhausted) = self.strangers.take(range, 1, now) {
            self.addresses.give_back(address, 1);
            return Err(exhausted);
        }
        if let Err(exhausted) = self.accounts.take(account, 1, now) {
            self.addresses.give_back(address, 1);
            self.strangers.give_back(range, 1);
            return Err(exhausted);
        }
        Ok(Attempt::Stranger { range, account, address })
    }

    /// An attempt of a person who is signed in to enter their current password.
    pub fn signed_in(&self, sign_in: Uuid, now: Instant) -> Result<Attempt, Exhausted> {
        self.sign_ins.take(sign_in, 1, now)?;
        Ok(Attempt::SignedIn(sign_in))
    }

    /// Gives an attempt back after a correct password.
    pub fn give_back(&self, attempt: Attempt) {
        match attempt {
            Attempt::Known(range) => self.known.give_back(range, 1),
            Attempt::Stranger { range, account, address } => {
                self.strangers.give_back(range, 1);
                self.accounts.give_back(account, 1);
                self.addresses.give_back(address, 1);
            }
            Attempt::SignedIn(sign_in) => self.sign_ins.give_back(sign_in, 1),
        }
    }

    /// Clears the attempts on an account whose password was just changed from this address.
    pub fn forgive(&self, account: &str, from: IpAddr) {
        let range = key(&[account.as_bytes(), &range(from)]);
        self.known.forget(range);
        self.strangers.forget(range);
        self.accounts.forget(key(&[account.as_bytes()]));
    }

    /// Counts a request for an e-mail with a link to set a new password, whether the account exists or not.
    pub fn reset(&self, account: &str, from: IpAddr, now: Instant) -> Result<(), Exhausted> {
        self.addresses.take(household(from), 1, now)?;
        self.resets.take(key(&[account.as_bytes(), &range(from)]), 1, now)?;
        Ok(())
    }

    /// Whether a stranger's request sends an e-mail: all strangers together have as many e-mails as the owner of the account.
    pub fn allow_strangers_reset(&self, account: &str, now: Instant) -> bool {
        self.strangers_resets.take(key(&[account.as_bytes()]), 1, now).is_ok()
    }
}

/// The range that an address belongs to: /24, or /48 for IPv6.
pub fn range(address: IpAddr) -> Vec<u8> {
    match address.to_canonical() {
        IpAddr::V4(v4) => v4.octets()[..3].to_vec(),
        IpAddr::V6(v6) => Ipv6Addr::octets(&v6)[..6].to_vec(),
    }
}

fn key(parts: &[&[u8]]) -> Key {
    let mut hasher = Sha256::new();
    for part in parts {
        hasher.update((part.len() as u64).to_be_bytes());
        hasher.update(part);
    }
    hasher.finalize().into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Config;
    use std::time::Duration;

    const ADA: &str = "ada@example.org";

    fn attempts() -> Attempts {
        Attempts::new(&Config::defaults().unwrap().rate)
    }

    fn v4(third: u8, fourth: u8) -> IpAddr {
        [198, 51, third, fourth].into()
    }

    #[test]
    fn a_range_is_counted_tightly_and_an_account_loosely() {
        let (attempts, start) = (attempts(), Instant::now());
        for n in 0..5 {
            let _ = attempts.sign_in(ADA, v4(1, n), false, start).unwrap();
        }
        assert_eq!(attempts.sign_in(ADA, v4(1, 99), false, start).unwrap_err().retry_after, 180);
        assert!(attempts.sign_in("eve@example.org", v4(1, 99), false, start).is_ok());
        for n in 0..45 {
            let _ = attempts.sign_in(ADA, v4(2 + n / 5, n), false, start).unwrap();
        }
        assert_eq!(attempts.sign_in(ADA, v4(200, 1), false, start).unwrap_err().retry_after, 18);
        assert!(attempts.sign_in(ADA, v4(200, 1), true, start).is_ok(), "from where they signed in before");
        assert!(attempts.sign_in(ADA, v4(200, 1), false, start + Duration::from_secs(18)).is_ok());
    }

    #[test]
    fn the_lane_of_the_known_is_their_own() {
        let (attempts, start) = (attempts(), Instant::now());
        for _ in 0..5 {
            let _ = attempts.sign_in(ADA, v4(1, 1), true, start).unwrap();
        }
        assert!(attempts.sign_in(ADA, v4(1, 1), true, start).is_err());
        assert!(attempts.sign_in(ADA, v4(1, 1), false, start).is_ok(), "and the other way round");
        let (home, away) = ("2001:db8:1:2::3".parse().unwrap(), "2001:db8:1:ffff::4".parse().unwrap());
        assert_eq!(range(home), range(away), "a /48 is one range");
        assert_ne!(range(home), range("2001:db8:2:2::3".parse().unwrap()));
        assert_eq!(range("::ffff:198.51.1.7".parse().unwrap()), range(v4(1, 200)));
    }

    #[test]
    fn right_passwords_are_given_back_wherever_they_were_counted() {
        let (attempts, start) = (attempts(), Instant::now());
        for _ in 0..200 {
            let attempt = attempts.sign_in(ADA, v4(1, 1), false, start).unwrap();
            attempts.give_back(attempt);
            let attempt = attempts.sign_in(ADA, v4(1, 1), true, start).unwrap();
            attempts.give_back(attempt);
            let attempt = attempts.signed_in(Uuid::nil(), start).unwrap();
            attempts.give_back(attempt);
        }
    }

    #[test]
    fn an_address_tries_many_accounts_only_so_often_and_refusals_cost_nothing() {
        let (attempts, start) = (attempts(), Instant::now());
        for n in 0..20 {
            // all but five are refused by the account's range
            let _ = attempts.sign_in(ADA, v4(1, 1), false, start);
            let _ = attempts.sign_in(&format!("{n}"), v4(1, 1), false, start).unwrap();
        }
        for n in 20..95 {
            let _ = attempts.sign_in(&format!("{n}"), v4(1, 1), false, start).unwrap();
        }
        assert!(attempts.sign_in("another", v4(1, 1), false, start).is_err());
    }

    #[test]
    fn a_stranger_uses_up_nobodys_e_mails() {
        let (attempts, start) = (attempts(), Instant::now());
        for n in 0..3 {
            assert!(
                attempts.reset(ADA, v4(n, 1), start).is_ok() && attempts.allow_strangers_reset(ADA, start)
            );
        }
        assert!(attempts.reset(ADA, v4(9, 1), start).is_ok() && !attempts.allow_strangers_reset(ADA, start));
        for _ in 0..2 {
            assert!(attempts.reset(ADA, v4(1, 200), start).is_ok());
        }
        assert_eq!(attempts.reset(ADA, v4(1, 7), start).unwrap_err().retry_after, 1_200);
    }

    #[test]
    fn a_new_password_forgives_what_was_tried_before() {
        let (attempts, start) = (attempts(), Instant::now());
        for n in 0..50 {
            let _ = attempts.sign_in(ADA, v4(n / 5, 1), false, start).unwrap();
        }
        assert!(attempts.sign_in(ADA, v4(0, 1), false, start).is_err());
        attempts.forgive(ADA, v4(0, 1));
        assert!(attempts.sign_in(ADA, v4(0, 1), false, start).is_ok());
    }
}
