use super::*;
use hmac::{Hmac, KeyInit, Mac};
use rand::SeedableRng;
use rand_chacha::ChaCha20Rng;
use serde_json::{Value, json};

const NOW: i64 = 1_800_000_000;

fn signing_key(seed: u64) -> SigningKey {
    SigningKey::generate(&mut ChaCha20Rng::seed_from_u64(seed)).unwrap()
}

fn claims() -> Claims {
    Claims {
        iss: "concord".into(),
        aud: "concord".into(),
        sub: Uuid::from_u128(1),
        nid: Uuid::from_u128(2),
        iid: Uuid::from_u128(3),
        sid: Uuid::from_u128(4),
        generation: 0,
        iat: NOW,
        nbf: NOW,
        exp: NOW + 300,
        jti: Uuid::from_u128(5),
    }
}

fn lasting(key: &SigningKey) -> VerifyingKey {
    VerifyingKey { key: key.public().clone(), retires_at: None }
}

fn verifier(keys: &[&SigningKey]) -> Verifier {
    let verifier = Verifier::new("concord", "concord", 300, 100);
    verifier.replace_keys(keys.iter().map(|key| lasting(key)));
    verifier
}

/// What of a token is signed: any header and claims.
fn unsigned(header: &Value, claims: &impl Serialize) -> String {
    let part = |json: Vec<u8>| URL_SAFE_NO_PAD.encode(json);
    format!("{}.{}", part(serde_json::to_vec(header).unwrap()), part(serde_json::to_vec(claims).unwrap()))
}

/// A token whose header and claims are anything, rightly signed with `key`.
fn forged(header: &Value, claims: &impl Serialize, key: &SigningKey) -> String {
    let message = unsigned(header, claims);
    let signature = jsonwebtoken::crypto::sign(message.as_bytes(), key.encoding(), Algorithm::EdDSA).unwrap();
    format!("{message}.{signature}")
}

#[test]
fn a_good_token_holds_until_it_expires() {
    let key = signing_key(1);
    let verifier = verifier(&[&key]);
    let token = sign(&key, &claims()).unwrap();
    for (at, wanted) in [
        (NOW, None),
        (NOW - 5, None),
        (NOW + 304, None),
        (NOW + 305, Some(TokenRefusal::Expired)),
        (NOW - 6, Some(TokenRefusal::NotYetValid)),
        (NOW + 1, None),
    ] {
        assert_eq!(verifier.verify(&token, at).err(), wanted, "at {}", at - NOW);
    }
    assert_eq!(*verifier.verify(&token, NOW).unwrap(), claims());
}

#[test]
fn claims_that_are_not_ours_are_refused() {
    let key = signing_key(1);
    let cases = [
        (Claims { iss: "other".into(), ..claims() }, TokenRefusal::Issuer),
        (Claims { aud: "other".into(), ..claims() }, TokenRefusal::Audience),
        (Claims { exp: NOW - 60, ..claims() }, TokenRefusal::Expired),
        (Claims { exp: i64::MIN, ..claims() }, TokenRefusal::Expired),
        (Claims { nbf: NOW + 60, ..claims() }, TokenRefusal::NotYetValid),
        (Claims { iat: NOW + 60, ..claims() }, TokenRefusal::NotYetValid),
        (Claims { exp: NOW + 301, ..claims() }, TokenRefusal::Lifetime),
        (Claims { iat: NOW - 31_536_000, ..claims() }, TokenRefusal::Lifetime),
        (Claims { iat: i64::MIN, exp: i64::MAX, ..claims() }, TokenRefusal::Lifetime),
    ];
    for (claims, wanted) in cases {
        let token = sign(&key, &claims).unwrap();
        assert_eq!(verifier(&[&key]).verify(&token, NOW).err(), Some(wanted), "{claims:?}");
    }
    let mut listed = serde_json::to_value(claims()).unwrap();
    listed["aud"] = json!(["concord", "other"]);
    let token = forged(&json!({ "typ": "at+jwt", "alg": "EdDSA", "kid": key.kid() }), &listed, &key);
    assert_eq!(verifier(&[&key]).verify(&token, NOW).err(), Some(TokenRefusal::Malformed));
}

#[test]
fn headers_that_say_how_to_check_are_refused() {
    let key = signing_key(1);
    let foreign = signing_key(2);
    let kid = key.kid();
    let jwk = json!({ "kty": "OKP", "crv": "Ed25519", "x": foreign.public().x() });
    let cases = [
        (json!({ "typ": "at+jwt", "alg": "none", "kid": kid }), TokenRefusal::Algorithm),
        (json!({ "typ": "at+jwt", "alg": "NONE", "kid": kid }), TokenRefusal::Algorithm),
        (json!({ "typ": "at+jwt", "alg": "HS256", "kid": kid }), TokenRefusal::Algorithm),
        (json!({ "typ": "at+jwt", "alg": "ES256", "kid": kid }), TokenRefusal::Algorithm),
        (json!({ "typ": "at+jwt", "kid": kid }), TokenRefusal::Malformed),
        (json!({ "typ": "at+jwt", "alg": "EdDSA" }), TokenRefusal::UnknownKey),
        (json!({ "typ": "at+jwt", "alg": "EdDSA", "kid": foreign.kid() }), TokenRefusal::UnknownKey),
        (json!({ "typ": "at+jwt", "alg": "EdDSA", "kid": "../../dev/null" }), TokenRefusal::UnknownKey),
        (
            json!({ "typ": "at+jwt", "alg": "EdDSA", "kid": kid, "jku": "https://evil.example/" }),
            TokenRefusal::Malformed,
        ),
        (
            json!({ "typ": "at+jwt", "alg": "EdDSA", "kid": kid, "x5u": "https://evil.example/" }),
            TokenRefusal::Malformed,
        ),
        (json!({ "typ": "at+jwt", "alg": "EdDSA", "kid": kid, "jwk": jwk }), TokenRefusal::Malformed),
        (json!({ "typ": "at+jwt", "alg": "EdDSA", "kid": kid, "crit": ["exp"] }), TokenRefusal::Malformed),
        (json!({ "typ": "JWT", "alg": "EdDSA", "kid": kid }), TokenRefusal::Malformed),
        (json!({ "typ": "at+jwt", "alg": "EdDSA", "kid": kid }), TokenRefusal::Signature),
    ];
    for (header, wanted) in cases {
        let token = forged(&header, &claims(), &foreign);
        assert_eq!(verifier(&[&key]).verify(&token, NOW).err(), Some(wanted), "{header}");
    }
}

#[test]
fn hs256_with_the_public_key_is_refused() {
    let key = signing_key(1);
    let message = unsigned(&json!({ "typ": TYPE, "alg": "HS256", "kid": key.kid() }), &claims());
    let public = URL_SAFE_NO_PAD.decode(key.public().x()).unwrap();
    let mut mac = Hmac::<Sha256>::new_from_slice(&public).unwrap();
    mac.update(message.as_bytes());
    let tag: [u8; 32] = mac.finalize().into_bytes().into();
    let token = format!("{message}.{}", URL_SAFE_NO_PAD.encode(tag));
    assert_eq!(verifier(&[&key]).verify(&token, NOW).err(), Some(TokenRefusal::Algorithm));
}

#[test]
fn a_tampered_token_is_refused() {
    let key = signing_key(1);
    let verifier = verifier(&[&key]);
    let token = sign(&key, &claims()).unwrap();
    let other = sign(&key, &Claims { sub: Uuid::from_u128(9), ..claims() }).unwrap();
    let parts: Vec<_> = token.split('.').collect();
    let foreign: Vec<_> = other.split('.').collect();
    let unsigned = format!("{}.{}.", parts[0], parts[1]);
    let long = format!("{token}{}", "A".repeat(3_000));
    let cases = [
        format!("{}.{}.{}", parts[0], foreign[1], parts[2]),
        format!("{}.{}.{}", parts[0], parts[1], foreign[2]),
        unsigned,
        format!("{}.{}", parts[0], parts[1]),
        format!("{token}.x"),
        long,
        String::new(),
        "..".into(),
        "crt_abc".into(),
    ];
    for token in cases {
        assert!(verifier.verify(&token, NOW).is_err(), "{token}");
    }
}

#[test]
fn a_removed_key_and_a_forgotten_family_end_at_once() {
    let (old, new) = (signing_key(1), signing_key(2));
    let verifier = verifier(&[&old, &new]);
    let token = sign(&old, &claims()).unwrap();
    let other = sign(&new, &Claims { sid: Uuid::from_u128(7), ..claims() }).unwrap();
    assert!(verifier.verify(&token, NOW).is_ok() && verifier.verify(&other, NOW).is_ok());
    verifier.forget(Uuid::from_u128(4), NOW);
    assert_eq!(verifier.verify(&token, NOW).err(), Some(TokenRefusal::Forgotten));
    assert!(verifier.verify(&other, NOW).is_ok());
    verifier.replace_keys([lasting(&old)]);
    assert_eq!(verifier.verify(&other, NOW).err(), Some(TokenRefusal::UnknownKey));
    assert!(verifier.jwks(NOW).contains(old.kid()) && !verifier.jwks(NOW).contains(new.kid()));
}

#[test]
fn a_retired_key_verifies_nothing_without_being_taken_out() {
    let (old, new) = (signing_key(1), signing_key(2));
    let verifier = verifier(&[]);
    verifier.replace_keys([VerifyingKey { retires_at: Some(NOW + 10), ..lasting(&old) }, lasting(&new)]);
    let [seen, unseen] =
        [1, 2].map(|jti| sign(&old, &Claims { jti: Uuid::from_u128(jti), ..claims() }).unwrap());
    assert!(verifier.verify(&seen, NOW + 9).is_ok());
    assert!(verifier.jwks(NOW + 9).contains(old.kid()));
    for token in [&seen, &unseen] {
        assert_eq!(verifier.verify(token, NOW + 10).err(), Some(TokenRefusal::UnknownKey));
    }
    assert!(!verifier.jwks(NOW + 10).contains(old.kid()) && verifier.jwks(NOW + 10).contains(new.kid()));
}

#[test]
fn memory_stays_bounded() {
    let key = signing_key(1);
    let verifier = verifier(&[&key]);
    for n in 0..250 {
        let token = sign(&key, &Claims { jti: Uuid::from_u128(n), ..claims() }).unwrap();
        assert!(verifier.verify(&token, NOW).is_ok());
        assert!(verifier.verified.len() <= 100);
    }
}

#[test]
fn opaque_tokens_are_prefixed_and_looked_up_by_hash() {
    let token = OpaqueKind::Refresh.of_bytes([7; 32]);
    assert!(token.text.starts_with("crt_") && token.text.len() == 47 && token.hash.len() == 64);
    assert_eq!(OpaqueKind::Refresh.hash(&token.text), Some(token.hash.clone()));
    assert_eq!(OpaqueKind::Invitation.hash(&token.text), None, "one kind is never the other");
    assert_ne!(OpaqueKind::Refresh.of_bytes([8; 32]).text, token.text);
    for wrong in ["", "crt_", "crt_short", &format!("{}x", token.text), &token.text.replace('_', "-")] {
        assert_eq!(OpaqueKind::Refresh.hash(wrong), None, "{wrong}");
    }
}
