//! Passwords: Argon2id with OWASP's parameters, a policy of length alone, and a decoy for unknown accounts.
//!
//! One hash takes some 20 ms and 7 MiB on purpose: call [`hash`] and [`verify`] off the async threads.

use argon2::password_hash::phc::PasswordHash;
use argon2::{Algorithm, Argon2, Params, PasswordHasher, PasswordVerifier, Version};
use rand::CryptoRng;

/// The fewest characters a password may have.
pub const MIN_CHARS: usize = 12;
/// The most: enough for any passphrase, too few to make hashing itself an attack.
pub const MAX_CHARS: usize = 128;

/// Why a password is not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PasswordRefusal {
    /// Fewer than [`MIN_CHARS`] characters.
    TooShort,
    /// More than [`MAX_CHARS`] characters.
    TooLong,
    /// The e-mail address itself.
    IsEmail,
}

impl PasswordRefusal {
    /// What to tell the person.
    pub fn message(self) -> &'static str {
        match self {
            Self::TooShort => {
                "The password is too short: use 12 characters or more; a few random words are good."
            }
            Self::TooLong => "The password is too long: use 128 characters or fewer.",
            Self::IsEmail => {
                "The password must not be the e-mail address: choose something nobody can look up."
            }
        }
    }
}

/// Hashing failed for want of memory.
#[derive(Debug)]
pub struct HashFailure;

/// Whether a new password may be used. No composition rules: they make passwords worse (NIST SP 800-63B).
pub fn check(password: &str, email: &str) -> Result<(), PasswordRefusal> {
    // Counting stops past the limit, so that a megabyte costs no more than a line.
    let chars = password.chars().take(MAX_CHARS + 1).count();
    if chars > MAX_CHARS {
        return Err(PasswordRefusal::TooLong);
    }
    if password.trim().to_lowercase() == email.trim().to_lowercase() {
        return Err(PasswordRefusal::IsEmail);
    }
    if chars < MIN_CHARS {
        return Err(PasswordRefusal::TooShort);
    }
    Ok(())
}

/// The PHC string to store, under a fresh salt.
pub fn hash<R: CryptoRng + ?Sized>(password: &str, rng: &mut R) -> Result<String, HashFailure> {
    let mut salt = [0u8; 16];
    rng.fill_bytes(&mut salt);
    let hash: PasswordHash =
        argon().hash_password_with_salt(password.as_bytes(), &salt).map_err(|_| HashFailure)?;
    Ok(hash.to_string())
}

/// Whether `password` is the one behind `hash`. A hash that cannot be read is nobody's, at the usual price.
pub fn verify(hash: &str, password: &str) -> bool {
    // Nobody has a longer one: refuse before hashing megabytes.
    if password.chars().take(MAX_CHARS + 1).count() > MAX_CHARS {
        return false;
    }
    match PasswordHash::new(hash) {
        Ok(hash) => argon().verify_password(password.as_bytes(), &hash).is_ok(),
        Err(_) => verify_decoy(password),
    }
}

/// Spends what [`verify`] spends and answers false: for accounts that do not exist or have no password, so
/// that time tells nobody which accounts do.
pub fn verify_decoy(password: &str) -> bool {
    // Even a password that hashed to the decoy would open nothing.
    let _ = verify(DECOY, password);
    false
}

/// Whether a stored hash has the present parameters; if not, hash again at the next sign-in.
pub fn is_current(hash: &str) -> bool {
    hash.starts_with(PREFIX)
}

const PREFIX: &str = "$argon2id$v=19$m=7168,t=5,p=1$";

/// Not the hash of anything known: the output is all zeros.
const DECOY: &str =
    "$argon2id$v=19$m=7168,t=5,p=1$Y29uY29yZC1kZWNveTAwMA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

fn argon() -> Argon2<'static> {
    let params = Params::new(7_168, 5, 1, None).expect("the constants are within Argon2's bounds");
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::SeedableRng;
    use rand_chacha::ChaCha20Rng;

    #[test]
    fn a_password_opens_its_own_hash_only() {
        let mut rng = ChaCha20Rng::seed_from_u64(1);
        let first = hash("concord-demo", &mut rng).unwrap();
        let second = hash("concord-demo", &mut rng).unwrap();
        assert!(first.starts_with(PREFIX), "{first}");
        assert!(is_current(&first) && !is_current("$argon2id$v=19$m=4096,t=3,p=1$x$y"));
        assert_ne!(first, second, "a salt of its own each time");
        assert!(verify(&first, "concord-demo"));
        assert!(!verify(&first, "concord-dem0"));
        assert!(!verify("no hash", "concord-demo"));
        // by the reference implementation: echo -n concord-demo | argon2 somesaltsomesalt -id -m 12 -t 2 -p 1
        let other = "$argon2id$v=19$m=4096,t=2,p=1$c29tZXNhbHRzb21lc2FsdA$mV/lXdM4Ndka6Goq+whBqr25UVJiNQzG6VBO8bX7jsY";
        assert!(verify(other, "concord-demo") && !is_current(other), "parameters of its own");
    }

    #[test]
    fn the_decoy_costs_the_same_and_opens_nothing() {
        // Readable, with the same parameters: then the work is the same.
        assert!(PasswordHash::new(DECOY).is_ok());
        assert!(is_current(DECOY));
        assert!(!verify_decoy("concord-demo"));
    }

    #[test]
    fn the_policy_is_length_and_not_the_email() {
        use PasswordRefusal::{IsEmail, TooLong, TooShort};
        let long = "x".repeat(129);
        let most = "ä".repeat(128);
        let cases = [
            ("concord-demo", Ok(())),
            ("aaaaaaaaaaaa", Ok(())),
            (most.as_str(), Ok(())),
            ("elevenchars", Err(TooShort)),
            ("", Err(TooShort)),
            (long.as_str(), Err(TooLong)),
            ("ada@example.org", Err(IsEmail)),
            (" ADA@Example.org ", Err(IsEmail)),
        ];
        for (password, wanted) in cases {
            assert_eq!(check(password, "Ada@example.org"), wanted, "{password}");
        }
    }
}
