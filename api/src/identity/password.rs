//! Passwords: Argon2id with OWASP's parameters, a policy of length and of how hard they are to guess, and a decoy for
//! unknown accounts.
//!
//! A password is what it looks like and not how a keyboard composes it: it is hashed and compared in the Unicode form NFKC.
//! Hashes of versions that did not do so still verify.
//!
//! One hash takes some 20 ms and 7 MiB on purpose, and [`check`] some milliseconds: call them off the async threads.

use crate::{kernel::Message, message};
use argon2::password_hash::phc::PasswordHash;
use argon2::{Algorithm, Argon2, Params, PasswordHasher, PasswordVerifier, Version};
use rand::CryptoRng;
use unicode_normalization::UnicodeNormalization;
use zeroize::Zeroizing;
use zxcvbn::{Score, zxcvbn};

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
    /// A well-known password, or one that follows from the name, the address or a simple pattern.
    TooWeak,
}

/// How a password compares with a stored hash.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Match {
    Wrong,
    Right,
    /// Right, and the hash is to be made anew: it has parameters of before, or was made without NFKC.
    Outdated,
}

impl PasswordRefusal {
    /// What to tell the person.
    pub fn message(self) -> Message {
        match self {
            Self::TooShort => message!(
                PASSWORD_TOO_SHORT,
                "The password is too short: use {min} characters or more; a few random words are good.",
                min = MIN_CHARS,
            ),
            Self::TooLong => message!(
                PASSWORD_TOO_LONG,
                "The password is too long: use {max} characters or fewer.",
                max = MAX_CHARS,
            ),
            Self::IsEmail => message!(
                PASSWORD_IS_EMAIL,
                "The password must not be the e-mail address: choose something nobody can look up."
            ),
            Self::TooWeak => message!(
                PASSWORD_TOO_WEAK,
                "The password is easy to guess: choose several words that have nothing to do with you or with each other."
            ),
        }
    }
}

/// Hashing failed for want of memory.
#[derive(Debug)]
pub struct HashFailure;

/// Whether a new password may be used by somebody of this address and name. No composition rules: they make passwords worse
/// (NIST SP 800-63B).
pub fn check(password: &str, email: &str, name: &str) -> Result<(), PasswordRefusal> {
    if is_too_long(password) {
        return Err(PasswordRefusal::TooLong);
    }
    let password = normal(password);
    if password.trim().to_lowercase() == email.trim().to_lowercase() {
        return Err(PasswordRefusal::IsEmail);
    }
    if password.chars().count() < MIN_CHARS {
        return Err(PasswordRefusal::TooShort);
    }
    let rest = without_own_words(&password, email, name);
    if zxcvbn(&password, &[]).score() < Score::Three || zxcvbn(&rest, &[]).score() < Score::Three {
        return Err(PasswordRefusal::TooWeak);
    }
    Ok(())
}

/// What a password is worth to somebody who knows its owner: what is left without the words of their name and address.
fn without_own_words(password: &str, email: &str, name: &str) -> String {
    let apart = |character: char| !character.is_alphanumeric();
    let words = email.split(apart).chain(name.split(apart)).chain(["concord"]);
    let mut words: Vec<String> =
        words.filter(|word| word.chars().count() > 2).map(str::to_lowercase).collect();
    words.sort_unstable_by_key(|word| std::cmp::Reverse(word.len()));
    words.iter().fold(password.to_lowercase(), |rest, word| rest.replace(word.as_str(), ""))
}

/// The PHC string to store, under a fresh salt.
pub fn hash<R: CryptoRng + ?Sized>(password: &str, rng: &mut R) -> Result<String, HashFailure> {
    let mut salt = [0u8; 16];
    rng.fill_bytes(&mut salt);
    let hash: PasswordHash =
        argon().hash_password_with_salt(normal(password).as_bytes(), &salt).map_err(|_| HashFailure)?;
    Ok(hash.to_string())
}

/// Whether `password` is the one behind `hash`. A hash that cannot be read is nobody's, at the usual price.
pub fn compare(hash: &str, password: &str) -> Match {
    // Nobody has a longer one: refuse before hashing megabytes.
    if is_too_long(password) {
        return Match::Wrong;
    }
    let Ok(parsed) = PasswordHash::new(hash) else {
        verify_decoy(password);
        return Match::Wrong;
    };
    let opens = |password: &str| argon().verify_password(password.as_bytes(), &parsed).is_ok();
    let normal = normal(password);
    if opens(&normal) {
        return if hash.starts_with(PREFIX) { Match::Right } else { Match::Outdated };
    }
    // made before passwords were normalised
    if *normal != password && opens(password) { Match::Outdated } else { Match::Wrong }
}

/// Spends what [`compare`] spends: for accounts that do not exist or have no password, so that time tells nobody which
/// accounts do.
pub fn verify_decoy(password: &str) {
    // Even a password that hashed to the decoy would open nothing.
    let _ = compare(DECOY, password);
}

/// Counting stops past the limit, so that a megabyte costs no more than a line.
fn is_too_long(password: &str) -> bool {
    password.chars().take(MAX_CHARS + 1).count() > MAX_CHARS
}

fn normal(password: &str) -> Zeroizing<String> {
    Zeroizing::new(password.nfkc().collect())
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
        assert_ne!(first, second, "a salt of its own each time");
        assert_eq!(compare(&first, "concord-demo"), Match::Right);
        assert_eq!(compare(&first, "concord-dem0"), Match::Wrong);
        assert_eq!(compare("no hash", "concord-demo"), Match::Wrong);
        // by the reference implementation: echo -n concord-demo | argon2 somesaltsomesalt -id -m 12 -t 2 -p 1
        let other = "$argon2id$v=19$m=4096,t=2,p=1$c29tZXNhbHRzb21lc2FsdA$mV/lXdM4Ndka6Goq+whBqr25UVJiNQzG6VBO8bX7jsY";
        assert_eq!(compare(other, "concord-demo"), Match::Outdated, "parameters of its own");
    }

    #[test]
    fn a_password_is_the_same_however_it_is_composed() {
        let mut rng = ChaCha20Rng::seed_from_u64(1);
        let (composed, decomposed) =
            ("Cr\u{e8}me br\u{fb}l\u{e9}e 42!", "Cre\u{300}me bru\u{302}le\u{301}e 42!");
        let wide = "Cr\u{e8}me br\u{fb}l\u{e9}e \u{ff14}\u{ff12}!";
        for made in [composed, decomposed, wide] {
            let hash = hash(made, &mut rng).unwrap();
            for typed in [composed, decomposed, wide] {
                assert_eq!(compare(&hash, typed), Match::Right, "{made} {typed}");
            }
        }
        // a hash of before, made of what was typed
        let salt = [7u8; 16];
        let old = argon().hash_password_with_salt(decomposed.as_bytes(), &salt).unwrap().to_string();
        assert_eq!(compare(&old, decomposed), Match::Outdated);
        assert_eq!(compare(&old, composed), Match::Wrong);
        let old = argon().hash_password_with_salt(composed.as_bytes(), &salt).unwrap().to_string();
        assert_eq!([compare(&old, composed), compare(&old, decomposed)], [Match::Right; 2]);
    }

    #[test]
    fn the_decoy_costs_the_same_and_opens_nothing() {
        // Readable, with the same parameters: then the work is the same.
        assert!(PasswordHash::new(DECOY).is_ok());
        assert!(DECOY.starts_with(PREFIX));
        assert_eq!(compare(DECOY, "concord-demo"), Match::Wrong);
    }

    #[test]
    fn the_policy_is_length_and_what_can_be_guessed() {
        use PasswordRefusal::{IsEmail, TooLong, TooShort, TooWeak};
        let long = "x".repeat(129);
        let most: String = "harbour copper lantern ".chars().cycle().take(128).collect();
        // eleven characters as they look, though more are typed
        let marks = "e\u{301}".repeat(11);
        let cases = [
            ("harbour copper lantern", Ok(())),
            ("a passage by the river", Ok(())),
            ("Crème brûlée 42!", Ok(())),
            ("密码很长而且没有人能猜到它", Ok(())),
            (most.as_str(), Ok(())),
            ("aaaaaaaaaaaa", Err(TooWeak)),
            ("password1234", Err(TooWeak)),
            ("123456789012", Err(TooWeak)),
            ("qwertyuiop[]", Err(TooWeak)),
            ("AdaLovelace1815", Err(TooWeak)),
            ("ada.example.org", Err(TooWeak)),
            ("concordconcord", Err(TooWeak)),
            ("ｐａｓｓｗｏｒｄ１２３４", Err(TooWeak)),
            (marks.as_str(), Err(TooShort)),
            ("elevenchars", Err(TooShort)),
            ("", Err(TooShort)),
            (long.as_str(), Err(TooLong)),
            ("ada@example.org", Err(IsEmail)),
            (" ADA@Example.org ", Err(IsEmail)),
        ];
        for (password, wanted) in cases {
            assert_eq!(check(password, "Ada@example.org", "Ada Lovelace"), wanted, "{password}");
        }
    }
}
