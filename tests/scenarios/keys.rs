//! Keys: what seals secrets in the database, and signing keys that change while several processes serve.

use crate::{
    kit::{Backend, Persona::*, Process, SECRET_KEY, World, eventually, get, pools, run, secrets},
    scenario,
    scenarios::benchmarks::{Net, PERIODS, of, spread},
};
use chrono::TimeDelta;
use concord::{
    app::App,
    config::Secret,
    features::benchmark::key,
    http::Outcome,
    identity::{key::SigningKey, ring},
    kernel::{
        Error, Kernel,
        seal::{SecretKeys, is_sealed},
    },
    schema,
};
use entity::{benchmark_key, sign_in, signing_key};
use sea_orm::{ActiveModelTrait, ActiveValue::Set, EntityTrait, IntoActiveModel};
use serde_json::json;
use std::{fs, os::unix::fs::PermissionsExt, path::PathBuf, sync::Arc, time::Duration};

const WHO: &str = "{ viewer { person { email } } }";
const OTHER_KEY: &str = "07e4a107e4a107e4a107e4a107e4a107e4a107e4a107e4a107e4a107e4a107e4";
const LIFETIME: TimeDelta = TimeDelta::seconds(300);

/// Another process over the same database.
async fn beside(world: &World, secrets: SecretKeys) -> Result<Arc<App>, String> {
    App::start(kernel(world, secrets).await, world.app.config.clone()).await
}

async fn kernel(world: &World, secrets: SecretKeys) -> Arc<Kernel> {
    Kernel::new(world.home.db().await, world.seams.clone(), secrets, schema::program())
}

async fn kept(world: &World) -> Vec<signing_key::Model> {
    signing_key::Entity::find().all(&world.home.behind().await).await.expect("the signing keys")
}

/// Puts a text where a private key is kept.
async fn put(world: &World, row: signing_key::Model, text: &str) {
    let mut change = row.into_active_model();
    change.private_pem = Set(text.to_owned());
    change.update(&world.home.behind().await).await.expect("the signing key is changed");
}

/// Whether a process takes a token.
async fn holds(app: &Arc<App>, token: &str) -> bool {
    app.sign_in.ring.verify(token).await.is_ok()
}

/// The files of an embedded database that hold these bytes.
fn files_with(world: &World, bytes: &[u8]) -> Vec<&'static str> {
    let ("CONCORD_DATA", folder) = world.home.settings() else { return vec![] };
    let holds = |name: &&str| {
        let file = fs::read(PathBuf::from(&folder).join(name)).expect("the database's file");
        file.windows(bytes.len()).any(|window| window == bytes)
    };
    ["concord.db", "concord.db-wal"].into_iter().filter(holds).collect()
}

/// What the database keeps of the network's key for benchmarks.
async fn kept_of_benchmarks(world: &World) -> String {
    let rows = benchmark_key::Entity::find().all(&world.home.behind().await).await.expect("the keys");
    let [row] = rows.try_into().expect("one key");
    row.secret
}

/// The network's key for benchmarks, used by a process with these secret keys.
async fn used(world: &World, secrets: SecretKeys) -> Result<Vec<u8>, Error> {
    let write = kernel(world, secrets).await.system(world.cast.network).await.expect("a system transaction");
    let secret = key::load_secret(&write).await;
    write.commit_quietly().await.expect("the key is kept");
    secret
}

fn other() -> SecretKeys {
    SecretKeys::parse(OTHER_KEY).expect("a secret key")
}

fn both() -> SecretKeys {
    SecretKeys::parse(&format!("{OTHER_KEY},{SECRET_KEY}")).expect("two keys")
}

scenario! {
    async fn nothing_of_a_signing_key_can_be_read_in_the_database(world: World) {
        let pem = world.app.sign_in.ring.signer().expect("a key").to_pem().expect("PEM");
        let body = pem.lines().nth(1).expect("a line between the armour");
        let [row] = kept(&world).await.try_into().expect("one key");
        for text in [body, &body[20..40], "PRIVATE KEY"] {
            assert!(!row.private_pem.contains(text), "{text} in {}", row.private_pem);
        }
        assert_eq!(files_with(&world, &body.as_bytes()[20..40]), Vec::<&str>::new());
    }
}

scenario! {
    async fn a_plain_signing_key_is_sealed_at_the_first_start_and_refused_later(world: World) {
        let signer = world.app.sign_in.ring.signer().expect("a key");
        let pem = signer.to_pem().expect("PEM");
        let token = world.token(Leader);
        let [row] = kept(&world).await.try_into().expect("one key");
        put(&world, row.clone(), &pem).await;
        let other = beside(&world, secrets()).await.expect("it starts");
        assert!(holds(&other, &token).await, "the key is the same");
        let [row] = kept(&world).await.try_into().expect("one key");
        assert!(!row.private_pem.contains("PRIVATE KEY"), "{}", row.private_pem);
        // whoever can write to the database gives it no key
        let planted = SigningKey::generate(&mut world.seams.rng()).expect("a key");
        let row = signing_key::Model {
            kid: planted.kid().to_owned(),
            private_pem: planted.to_pem().expect("PEM").to_string(),
            ..row
        };
        signing_key::Entity::insert(row.into_active_model().reset_all())
            .exec(&world.home.behind().await)
            .await
            .expect("a planted key");
        let error = beside(&world, secrets()).await.err().expect("it does not start");
        assert!(error.contains(planted.kid()), "{error}");
        assert_eq!(world.app.sign_in.ring.load().await.expect("the keys"), [planted.kid()]);
        assert!(!world.app.sign_in.ring.jwks().contains(planted.kid()));
    }
}

scenario! {
    async fn two_secret_keys_open_and_resealing_ends_the_old_one_and_every_sign_in(world: World) {
        let token = world.token(Leader);
        let sign_in = "mutation($input: SignInInput!) { signIn(input: $input) { accessToken } }";
        let input = json!({ "input": { "email": Leader.email(), "password": crate::kit::PASSWORD } });
        assert!(world.ask_nobody(sign_in, input).await.json["data"]["signIn"]["accessToken"].is_string());
        let error = beside(&world, other()).await.err().expect("it does not start");
        assert!(error.contains("secret_key") && !error.contains(OTHER_KEY), "{error}");
        let app = beside(&world, both()).await.expect("both open");
        assert!(holds(&app, &token).await);
        assert_eq!(ring::reseal(&app.kernel).await.expect("resealed"), (1, 1));
        assert_eq!(ring::reseal(&app.kernel).await.expect("again"), (0, 0));
        let ended = sign_in::Entity::find().all(&world.home.behind().await).await.expect("the sign-ins");
        assert!(ended.iter().all(|sign_in| sign_in.revoked_at.is_some()), "{ended:?}");
        let app = beside(&world, other()).await.expect("the new one opens");
        assert!(holds(&app, &token).await, "the signing key is the same");
        assert!(beside(&world, secrets()).await.is_err(), "the old one opens nothing");
    }
}

scenario! {
    async fn the_reseal_command_says_how_many_secrets_are_sealed_and_sign_ins_ended(world: World) {
        let sign_in = "mutation($input: SignInInput!) { signIn(input: $input) { accessToken } }";
        let input = json!({ "input": { "email": Leader.email(), "password": crate::kit::PASSWORD } });
        assert!(world.ask_nobody(sign_in, input).await.json["data"]["signIn"]["accessToken"].is_string());
        let (name, place) = world.home.settings();
        let reseal = |keys: &str| {
            let settings = [(name, place.as_str()), ("CONCORD_SECRET_KEY", keys)];
            crate::kit::run(&["keys", "reseal"], &settings)
        };
        let said = |count: u8| format!("{count} secrets are sealed by the first secret key, and {count} sign-ins have ended");
        for (keys, count) in [(format!("{OTHER_KEY},{SECRET_KEY}"), 1), (format!("{OTHER_KEY},{SECRET_KEY}"), 0), (OTHER_KEY.to_owned(), 0)] {
            let (done, written) = reseal(&keys);
            assert!(done && written.contains(&said(count)), "{count}: {written}");
            assert!(!written.contains(OTHER_KEY) && !written.contains(SECRET_KEY), "{written}");
        }
        let (done, written) = reseal(SECRET_KEY);
        assert!(!done && written.contains("secret_key does not open the signing key"), "{written}");
    }
}

scenario! {
    async fn a_new_key_signs_once_every_process_knows_it_and_the_old_one_ends_by_itself(world: World) {
        let other = beside(&world, secrets()).await.expect("it starts");
        let apps = [&world.app, &other];
        let before = world.token(Leader);
        let rotated = ring::rotate(&world.app.kernel, LIFETIME, false).await.expect("rotated");
        let signs = |app: &App| app.sign_in.ring.signer().expect("a key").kid().to_owned();
        for app in apps {
            app.sign_in.ring.load().await.expect("the keys");
            assert!(app.sign_in.ring.jwks().contains(&rotated.kid), "front ends learn of it before it signs");
            assert_ne!(signs(app), rotated.kid);
        }
        world.at("2026-03-02T09:00:19Z");
        assert!(apps.iter().all(|app| signs(app) != rotated.kid), "not before all can know it");
        world.at("2026-03-02T09:00:20Z");
        assert!(apps.iter().all(|app| signs(app) == rotated.kid), "without another reading");
        let after = world.token(Leader);
        for app in apps {
            assert!(holds(app, &after).await && holds(app, &before).await);
        }
        // a process that reads nothing any more refuses the old key all the same
        let old = kept(&world).await.into_iter().find(|key| key.kid != rotated.kid).expect("the old key");
        let retires = old.retires_at.expect("it retires");
        assert_eq!(retires, rotated.signs_from + LIFETIME + TimeDelta::seconds(120));
        world.seams.set(retires);
        for app in apps {
            assert!(!app.sign_in.ring.jwks().contains(&old.kid) && app.sign_in.ring.jwks().contains(&rotated.kid));
        }
    }
}

scenario! {
    async fn nothing_of_a_benchmark_key_can_be_read_in_the_database(world: World) {
        let secret = used(&world, secrets()).await.expect("a key is made");
        let text: String = secret.iter().map(|byte| format!("{byte:02x}")).collect();
        let kept = kept_of_benchmarks(&world).await;
        assert!(is_sealed(&kept) && !kept.contains(&text[20..40]), "{kept}");
        for bytes in [&text.as_bytes()[20..40], secret.as_slice()] {
            assert_eq!(files_with(&world, bytes), Vec::<&str>::new());
        }
        assert_eq!(used(&world, secrets()).await.expect("it opens"), secret, "the same one again");
        assert_eq!(kept_of_benchmarks(&world).await, kept, "what is sealed stays");
        assert!(used(&world, other()).await.is_err(), "another secret key opens nothing");
        assert_eq!(kept_of_benchmarks(&world).await, kept, "and makes no new one");
    }
}

scenario! {
    async fn a_plain_benchmark_key_is_sealed_at_the_first_start_and_refused_later(world: World) {
        let plain = "5a".repeat(32);
        let row = benchmark_key::Model { network_id: world.cast.network, secret: plain.clone() };
        let behind = world.home.behind().await;
        let insert = benchmark_key::Entity::insert(row.clone().into_active_model().reset_all());
        insert.exec_without_returning(&behind).await.expect("a plain key");
        beside(&world, secrets()).await.expect("it starts");
        assert_eq!(kept_of_benchmarks(&world).await, plain, "signing keys are sealed: this one was planted");
        assert!(used(&world, secrets()).await.is_err(), "and it opens nothing");
        // the first start after a version without a secret key
        let [signing] = kept(&world).await.try_into().expect("one signing key");
        let signer = world.app.sign_in.ring.signer().expect("a key");
        put(&world, signing, &signer.to_pem().expect("PEM")).await;
        beside(&world, secrets()).await.expect("it starts");
        assert!(is_sealed(&kept_of_benchmarks(&world).await), "sealed at the start");
        assert_eq!(used(&world, secrets()).await.expect("it opens"), [0x5a_u8; 32]);
        row.into_active_model().reset_all().update(&behind).await.expect("a planted key");
        beside(&world, secrets()).await.expect("it starts");
        assert!(used(&world, secrets()).await.is_err(), "a plain key is no longer taken");
        assert_eq!(kept_of_benchmarks(&world).await, plain, "nor sealed");
    }
}

scenario! {
    async fn resealing_leaves_benchmarks_as_they_are(world: World) {
        let mut net = Net::of(world, [of("A", 24, 6), of("B", 24, 6)].concat()).await;
        net.release(PERIODS[0], spread).await;
        // under the names that the network's key gives, whatever sealed it
        assert!(!net.counted(PERIODS[0]).await.is_empty());
        assert_eq!(used(&net.world, both()).await.expect("the old one opens"), [0x5a_u8; 32]);
        let error = key::reseal(&kernel(&net.world, other()).await).await.expect_err("nothing opens it");
        assert!(error.contains("give the old key, too") && !error.contains(OTHER_KEY), "{error}");
        let app = beside(&net.world, both()).await.expect("both open");
        assert_eq!(key::reseal(&app.kernel).await.expect("resealed"), 1);
        assert_eq!(key::reseal(&app.kernel).await.expect("again"), 0);
        assert_eq!(used(&net.world, other()).await.expect("the new one opens"), [0x5a_u8; 32]);
        assert!(used(&net.world, secrets()).await.is_err(), "the old one opens nothing");
        net.world.app = app;
        net.release(PERIODS[1], spread).await;
        assert!(!net.counted(PERIODS[1]).await.is_empty(), "who is counted has the same name");
    }
}

scenario! {
    async fn a_key_that_another_process_made_is_looked_for_once(world: World) {
        let other = beside(&world, secrets()).await.expect("it starts");
        let before = world.token(Leader);
        ring::rotate(&world.app.kernel, LIFETIME, true).await.expect("rotated");
        world.app.sign_in.ring.load().await.expect("the keys");
        let after = world.token(Leader);
        assert!(holds(&other, &after).await, "it reads the keys when it meets an unknown one");
        for app in [&world.app, &other] {
            assert!(!holds(app, &before).await, "the key before has ended");
        }
        let answered = world.send(Some(before), WHO, json!({}), None).await;
        assert_eq!(answered.outcome, Outcome::Unauthenticated);
        // and not again at once, whatever keys are made up
        ring::rotate(&world.app.kernel, LIFETIME, true).await.expect("rotated");
        world.app.sign_in.ring.load().await.expect("the keys");
        assert!(!holds(&other, &world.token(Leader)).await);
        other.sign_in.ring.load().await.expect("the keys");
        assert!(holds(&other, &world.token(Leader)).await);
    }
}

#[tokio::test]
async fn keys_of_the_settings_verify_beside_the_one_that_signs() {
    let make = |seed: u8| {
        let seams = concord::kernel::seams::Seams::fixed(chrono::DateTime::UNIX_EPOCH, u64::from(seed));
        SigningKey::generate(&mut seams.rng()).expect("a key")
    };
    let (old, new, stranger) = (make(1), make(2), make(3));
    let world = World::with(Backend::Sqlite, pools(), |config| {
        config.signing_key = Some(Secret::new(new.to_pem().expect("PEM").as_str()));
        config.verifying_keys = vec![old.public().x()];
    })
    .await;
    assert_eq!(world.app.sign_in.ring.signer().expect("a key").kid(), new.kid());
    let token = world.token(Leader);
    let claims = world.app.sign_in.ring.verify(&token).await.expect("its own token");
    for (key, held) in [(&old, true), (&stranger, false)] {
        let token = concord::identity::token::sign(key, &claims).expect("a token");
        assert_eq!(holds(&world.app, &token).await, held);
    }
    assert!(kept(&world).await.is_empty(), "none is made in the database");
}

#[tokio::test]
async fn a_rotation_reaches_a_server_without_jobs_within_half_a_minute() {
    let world = World::new(Backend::Postgres).await;
    let server = Process::serve_with(&world.home, &[("CONCORD_JOBS", "false")]).await;
    let (name, url) = world.home.settings();
    let settings = [(name, url.as_str()), ("CONCORD_SECRET_KEY", SECRET_KEY)];
    let old = kept(&world).await[0].kid.clone();
    let (done, written) = run(&["keys", "rotate", "--now"], &settings);
    assert!(done, "{written}");
    let jwks = eventually("the old key is published no more", Duration::from_secs(30), async || {
        let jwks = get(server.address, "/.well-known/jwks.json").await.body;
        (!jwks.contains(&old)).then_some(jwks)
    })
    .await;
    assert!(jwks.contains("\"kid\""), "{jwks}");
}

#[tokio::test]
async fn postgres_needs_a_secret_key_and_says_how_to_make_one() {
    let world = World::new(Backend::Postgres).await;
    let (name, url) = world.home.settings();
    let admin = ["admin", "create", "--email", "a@example.org", "--name", "A", "--network", "N"];
    let commands: [&[&str]; 5] = [&["serve"], &["worker"], &["keys", "rotate"], &["keys", "reseal"], &admin];
    for command in commands {
        let (done, written) = run(command, &[(name, url.as_str()), ("CONCORD_LISTEN", "127.0.0.1:0")]);
        assert!(
            !done && written.contains("secret_key") && written.contains("concord keys secret"),
            "{command:?}: {written}"
        );
        let wrong =
            [(name, url.as_str()), ("CONCORD_LISTEN", "127.0.0.1:0"), ("CONCORD_SECRET_KEY", "hunter2")];
        let (done, written) = run(command, &wrong);
        assert!(
            !done && written.contains("64 hexadecimal digits") && !written.contains("hunter2"),
            "{written}"
        );
    }
    let (done, made) = run(&["keys", "secret"], &[]);
    assert!(done && SecretKeys::parse(&made).is_ok() && made.trim().len() == 64, "{made}");
    assert_ne!(run(&["keys", "secret"], &[]).1, made);
}

#[tokio::test]
async fn an_embedded_database_that_others_can_open_is_refused_by_every_command() {
    let world = World::new(Backend::Sqlite).await;
    let (name, folder) = world.home.settings();
    let settings =
        [(name, folder.as_str()), ("CONCORD_SECRET_KEY", SECRET_KEY), ("CONCORD_LISTEN", "127.0.0.1:0")];
    let folder = PathBuf::from(&folder);
    let mode = |path: &PathBuf| fs::metadata(path).expect("its mode").permissions().mode() & 0o777;
    assert_eq!(mode(&folder), 0o700);
    for name in ["concord.db", "concord.db-wal", "concord.db-shm"] {
        assert_eq!(mode(&folder.join(name)), 0o600, "{name}");
    }
    fs::set_permissions(&folder, fs::Permissions::from_mode(0o755)).expect("a wider mode");
    let admin = ["admin", "create", "--email", "a@example.org", "--name", "A", "--network", "N"];
    let commands: [&[&str]; 7] =
        [&["serve"], &["worker"], &["demo"], &["migrate"], &["keys", "rotate"], &["seed"], &admin];
    for command in commands {
        let (done, written) = run(command, &settings);
        let advice = format!("chmod 700 {}", folder.display());
        assert!(!done && written.contains(&advice), "{command:?}: {written}");
    }
}

scenario! {
    async fn a_database_with_networks_is_not_seeded(world: World) {
        let (name, place) = world.home.settings();
        let settings = [(name, place.as_str()), ("CONCORD_SECRET_KEY", SECRET_KEY)];
        let (done, written) = crate::kit::run(&["seed", "--facilitators", "1", "--clients-per-facilitator", "1"], &settings);
        assert!(!done && written.contains("has networks already"), "{written}");
        let networks = entity::network::Entity::find().all(&world.home.behind().await).await.expect("the networks");
        assert_eq!(networks.len(), 2, "those of the cast");
    }
}
