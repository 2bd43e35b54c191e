//! Tokens that look like ours and are not.

use crate::{
    kit::{Persona::*, World},
    scenario,
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use concord::{
    http::Outcome,
    identity::{key::SigningKey, token::Claims, token::sign},
};
use ed25519_dalek::{Signature, Signer, pkcs8::DecodePrivateKey};
use hmac::{Hmac, KeyInit, Mac};
use serde_json::{Value, json};
use sha2::Sha256;

/// The claims of a good token of the facilitator.
fn claims(world: &World) -> Claims {
    let token = world.token(Facilitator);
    let middle = token.split('.').nth(1).expect("a JWT has three parts");
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(middle).expect("base64url")).expect("claims")
}

/// Tokens that look like ours and are not.
fn forgeries(world: &World) -> Vec<(&'static str, String)> {
    let ours = world.app.sign_in.ring.signer().expect("a key");
    let theirs = SigningKey::generate(&mut world.seams.rng()).expect("a key");
    let good = claims(world);
    let now = world.seams.now().timestamp();
    let part = |json: &Value| URL_SAFE_NO_PAD.encode(json.to_string());
    let said = part(&serde_json::to_value(&good).expect("claims"));
    let none = json!({ "typ": "at+jwt", "alg": "none", "kid": ours.kid() });
    let front = |algorithm: &str| {
        let header = json!({ "typ": "at+jwt", "alg": algorithm, "kid": ours.kid() });
        format!("{}.{said}", part(&header))
    };
    let public = URL_SAFE_NO_PAD.decode(ours.public().x()).expect("base64url");
    let pem = theirs.to_pem().expect("PEM");
    let foreign_key = ed25519_dalek::SigningKey::from_pkcs8_pem(&pem).expect("a key");
    let signed = |front: String, signature: &[u8]| format!("{front}.{}", URL_SAFE_NO_PAD.encode(signature));
    let hmac = |secret: &[u8]| {
        let front = front("HS256");
        let mut mac = Hmac::<Sha256>::new_from_slice(secret).expect("HMAC takes keys of any length");
        mac.update(front.as_bytes());
        let tag: [u8; 32] = mac.finalize().into_bytes().into();
        signed(front, &tag)
    };
    let under_our_kid = front("EdDSA");
    let foreign_signature: Signature = foreign_key.sign(under_our_kid.as_bytes());
    let with = |claims: Claims| sign(&ours, &claims).expect("a token");
    let genuine = with(good.clone());
    let (unsigned, signature) = genuine.rsplit_once('.').expect("a JWT");
    let foreign = world.cast.abroad.uuid();
    vec![
        ("alg none", format!("{}.{said}.", part(&none))),
        ("alg none, with a signature", format!("{}.{said}.{signature}", part(&none))),
        ("HS256 with the public key's bytes", hmac(&public)),
        ("HS256 with the public key's text", hmac(ours.public().x().as_bytes())),
        ("a foreign key under its own kid", sign(&theirs, &good).expect("a token")),
        ("a foreign key under our kid", signed(under_our_kid, &foreign_signature.to_bytes())),
        ("no signature", format!("{unsigned}.")),
        ("expired", with(Claims { iat: now - 900, nbf: now - 900, exp: now - 600, ..good.clone() })),
        ("not yet valid", with(Claims { nbf: now + 600, exp: now + 900, ..good.clone() })),
        ("another audience", with(Claims { aud: "others".into(), ..good.clone() })),
        ("another issuer", with(Claims { iss: "others".into(), ..good.clone() })),
        ("a person of another network", with(Claims { nid: foreign, ..good.clone() })),
        ("a person who is not", with(Claims { sub: foreign, ..good })),
        ("no JWT", "open sesame".into()),
        ("nothing", String::new()),
    ]
}

scenario! {
    async fn a_token_that_is_not_ours_opens_nothing(world: World) {
        let ask = async |token: String, document: &str| world.send(Some(token), document, json!({}), None).await;
        let good = ask(world.token(Facilitator), "{ viewer { person { name } } }").await;
        assert_eq!(good.json["data"]["viewer"]["person"]["name"], "Facilitator", "{}", good.text);
        for (what, token) in forgeries(&world) {
            for document in ["{ viewer { person { name } } }", "mutation { signOut(input: {}) { errors { code } } }"] {
                let answer = ask(token.clone(), document).await;
                assert_eq!(answer.outcome, Outcome::Unauthenticated, "{what}: {}", answer.text);
                assert!(!answer.text.contains("Facilitator"), "{what}: {}", answer.text);
                assert_eq!(answer.json["errors"][0]["extensions"]["code"], "UNAUTHENTICATED", "{what}");
            }
        }
    }
}
