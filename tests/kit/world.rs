//! A running application with its cast, and callers who speak to it as HTTP would.

use super::{
    Backend,
    backend::{Database, Home, pools},
    cast::{Cast, Persona},
    messages::assert_translatable,
    turns::until_run,
    waiting::eventually,
};
use chrono::{DateTime, NaiveDate, Utc};
use concord::{
    app::App,
    config::Config,
    features::pulse::keeping,
    http::{self, Call, GraphqlRequest, Outcome, Service},
    identity::{
        link as link_tokens,
        token::{self, Claims, OpaqueKind},
    },
    kernel::{
        EmailContent, Kernel,
        db::{Db, Pools},
        seal::SecretKeys,
        seams::Seams,
    },
    outbound::links,
    schema,
};
use entity::{Id, identity, network, outbox, outbox::EmailKind, person};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder};
use serde_json::{Value, json};
use std::{
    net::{IpAddr, SocketAddr},
    sync::Arc,
    time::Duration,
};
use tokio::net::TcpListener;

/// Everything a scenario has.
pub struct World {
    pub backend: Backend,
    pub app: Arc<App>,
    pub cast: Cast,
    pub seams: Seams,
    pub home: Home,
    /// The application's own connections.
    pub db: Db,
}

/// An answer.
#[derive(Debug)]
pub struct Answered {
    pub outcome: Outcome,
    pub text: String,
    pub json: Value,
}

impl World {
    /// A world whose clock stands at Monday, 2 March 2026, 09:00 UTC.
    pub async fn new(backend: Backend) -> World {
        Self::with(backend, pools(), |_| {}).await
    }

    /// A world with other pools and settings.
    pub async fn with(backend: Backend, pools: Pools, set: impl FnOnce(&mut Config)) -> World {
        Self::over(Database::new(backend, pools).await, set).await
    }

    /// A world in this database.
    pub async fn over(database: Database, set: impl FnOnce(&mut Config)) -> World {
        let backend = if database.db.is_postgres() { Backend::Postgres } else { Backend::Sqlite };
        let db = database.db.clone();
        let seams = Seams::fixed("2026-03-02T09:00:00Z".parse().expect("an instant"), 7);
        let kernel = Kernel::new(database.db, seams.clone(), secrets(), schema::program());
        let cast = Cast::enter(&kernel).await;
        let mut config = Config::defaults().expect("defaults");
        config.rate.points = 1_000_000_000;
        config.rate.refill_per_second = 1_000_000_000;
        config.rate.anonymous_per_minute = 1_000_000;
        set(&mut config);
        let app = App::start(kernel, config).await.expect("the application starts");
        World { backend, app, cast, seams, home: database.home, db }
    }

    /// Serves over real HTTP until the test ends.
    pub async fn listen(&self) -> SocketAddr {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address");
        tokio::spawn(http::serve(listener, self.app.clone(), std::future::pending()));
        address
    }

    /// Serves `/metrics` over real HTTP until the test ends.
    pub async fn listen_for_metrics(&self) -> SocketAddr {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address");
        tokio::spawn(http::serve_metrics(listener, self.app.clone(), std::future::pending()));
        address
    }

    /// Computes the risk of every client for which it is due, as the job does within 30 seconds.
    pub async fn compute_risks(&self) {
        for network in [self.cast.network, self.cast.abroad] {
            keeping::catch_up(&self.app.kernel, network).await.expect("the risks");
        }
    }

    /// Moves the clock.
    pub fn at(&self, instant: &str) {
        let at: DateTime<Utc> = instant.parse().expect("an instant");
        self.seams.set(at);
    }

    /// An access token of a persona, like one of a sign-in.
    pub fn token(&self, who: Persona) -> String {
        let (network, person, identity) = self.cast.person(who);
        self.token_of(network, person, identity)
    }

    /// An access token of a person outside the cast.
    pub fn token_of(
        &self,
        network: Id<network::Entity>,
        person: Id<person::Entity>,
        identity: Id<identity::Entity>,
    ) -> String {
        let now = self.seams.now().timestamp();
        let claims = Claims {
            iss: self.app.config.issuer.clone(),
            aud: self.app.config.audience.clone(),
            sub: person.uuid(),
            nid: network.uuid(),
            iid: identity.uuid(),
            sid: person.uuid(),
            generation: 0,
            iat: now,
            nbf: now,
            exp: now + 300,
            jti: self.seams.id::<()>().uuid(),
        };
        token::sign(&self.app.sign_in.ring.signer().expect("a key"), &claims).expect("a token")
    }

    /// A request of a persona.
    pub async fn ask(&self, who: Persona, document: &str, variables: Value) -> Answered {
        self.send(Some(self.token(who)), document, variables, None).await
    }

    /// A request without a token.
    pub async fn ask_nobody(&self, document: &str, variables: Value) -> Answered {
        self.send(None, document, variables, None).await
    }

    /// A request with all values that HTTP passes on.
    pub async fn send(
        &self,
        bearer: Option<String>,
        document: &str,
        variables: Value,
        key: Option<&str>,
    ) -> Answered {
        self.call([127, 0, 0, 1].into(), bearer, document, variables, key).await
    }

    /// A request from an address.
    pub async fn ask_from(
        &self,
        remote: IpAddr,
        bearer: Option<&str>,
        document: &str,
        variables: Value,
    ) -> Answered {
        self.call(remote, bearer.map(str::to_owned), document, variables, None).await
    }

    async fn call(
        &self,
        remote: IpAddr,
        bearer: Option<String>,
        document: &str,
        variables: Value,
        key: Option<&str>,
    ) -> Answered {
        let Value::Object(variables) = variables else { panic!("variables are an object") };
        let body = format!("{document}{}", Value::Object(variables.clone()));
        let mut body_hash = [0u8; 32];
        for (at, byte) in body.bytes().enumerate() {
            body_hash[at % 32] = body_hash[at % 32].wrapping_mul(31).wrapping_add(byte);
        }
        let call = Call {
            request: GraphqlRequest {
                query: document.to_owned(),
                operation_name: None,
                variables,
                extensions: Default::default(),
            },
            bearer,
            request_id: "test".into(),
            caller_request_id: None,
            remote,
            idempotency_key: key.map(str::to_owned),
            body_hash,
            read_only: false,
            size: body.len(),
        };
        let answer = self.app.clone().answer(call).await;
        let text = String::from_utf8(answer.body.to_vec()).expect("text");
        let json = serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error} in {text}"));
        Answered { outcome: answer.outcome, text, json }
    }

    /// The data of a persona's query, which must have no errors.
    pub async fn read(&self, who: Persona, document: &str, variables: Value) -> Value {
        let answered = until_run(|| self.ask(who, document, variables.clone())).await;
        assert!(answered.json.get("errors").is_none(), "{who:?}: {document}\n{}", answered.text);
        answered.json["data"].clone()
    }

    /// A mutation with one input: its payload. `selection` is what to ask of the payload besides its errors. Every error
    /// can be translated.
    pub async fn change(&self, who: Persona, mutation: &str, input: Value, selection: &str) -> Value {
        let selection = format!("{selection} checked: errors {{ reason message params {{ name value }} }}");
        let answered = self.ask(who, &document(mutation, &selection), json!({ "input": input })).await;
        assert!(answered.json.get("errors").is_none(), "{who:?}: {mutation}\n{}", answered.text);
        let mut payload = answered.json["data"][mutation].clone();
        let checked = payload.as_object_mut().and_then(|fields| fields.remove("checked"));
        checked.as_ref().and_then(Value::as_array).into_iter().flatten().for_each(assert_translatable);
        payload
    }

    /// A mutation that must succeed: its payload.
    pub async fn done(&self, who: Persona, mutation: &str, input: Value, selection: &str) -> Value {
        let payload = self.change(who, mutation, input, selection).await;
        assert_eq!(payload["errors"], json!([]), "{who:?}: {mutation}");
        payload
    }

    /// A quarter as a cycle of the team, such as `2026-Q1`: its ID.
    pub async fn quarter(&self, label: &str) -> Value {
        let [starts_on, ends_on] = days_of_quarter(label);
        let team = self.cast.team.to_string();
        let input = json!({ "teamId": team, "label": label, "startsOn": starts_on, "endsOn": ends_on });
        self.done(Persona::Facilitator, "cycleCreate", input, "cycle { id }").await["cycle"]["id"].clone()
    }

    /// A transfer to another franchise that head office proposes and the client's sponsor accepts.
    pub async fn transferred(&self, input: Value) {
        let proposed = self.done(Persona::Admin, "clientTransfer", input, "pendingTransfer { id }").await;
        let id = json!({ "id": proposed["pendingTransfer"]["id"] });
        self.done(Persona::Sponsor, "clientTransferAccept", id, "").await;
    }

    /// The e-mails in the outbox, oldest first.
    pub async fn emails(&self) -> Vec<Value> {
        let letters = outbox::Entity::find()
            .order_by_asc(outbox::Column::CreatedAt)
            .order_by_asc(outbox::Column::Id)
            .all(&self.home.behind().await)
            .await
            .expect("the outbox");
        letters.into_iter().map(|row| self.with_link(row)).collect()
    }

    /// The same, once there are so many: some are written after the answer.
    pub async fn emails_once(&self, count: usize) -> Vec<Value> {
        eventually(&format!("{count} letters"), Duration::from_secs(30), async || {
            let letters = self.emails().await;
            (letters.len() >= count).then_some(letters)
        })
        .await
    }

    /// The content of an e-mail in the outbox, with its link as it is sent.
    fn with_link(&self, row: outbox::Model) -> Value {
        let mut letter: EmailContent = serde_json::from_value(row.payload).expect("an e-mail");
        let of = |kind| link_tokens::token(&self.app.kernel.secrets, kind, row.subject_id).text;
        letter.token = match row.kind {
            EmailKind::Invitation => Some(of(OpaqueKind::Invitation)),
            EmailKind::PasswordReset => Some(of(OpaqueKind::PasswordReset)),
            EmailKind::AddressConfirm => Some(of(OpaqueKind::AddressConfirm)),
            EmailKind::AddressUndo => Some(of(OpaqueKind::AddressUndo)),
            _ => None,
        };
        let letter = links::with_link(row.kind, &self.app.kernel.settings().app_url, letter);
        serde_json::to_value(&letter).expect("JSON")
    }

    /// The token of the link in the latest invitation that waits to be sent.
    pub async fn invitation_link(&self) -> String {
        let letters = self.emails().await;
        let invitations = letters.iter().rev().find(|letter| {
            letter["subject"].as_str().is_some_and(|subject| subject.starts_with("Your invitation"))
        });
        link(invitations.expect("an invitation"), "invitation")
    }

    /// The person of the first network with an address, whoever sees them.
    pub async fn person_id(&self, email: &str) -> Id<person::Entity> {
        let of = person::Entity::find()
            .filter(person::Column::Email.eq(email))
            .filter(person::Column::NetworkId.eq(self.cast.network));
        of.one(&self.home.behind().await).await.expect("a look").expect("a person").id
    }

    /// A mutation that rules must refuse: the first code, and its path.
    pub async fn refused(&self, who: Persona, mutation: &str, input: Value) -> (String, String) {
        let payload = self.change(who, mutation, input, "").await;
        let error = &payload["errors"][0];
        let code = error["code"].as_str().unwrap_or_else(|| panic!("{mutation} was not refused: {payload}"));
        let path: Vec<&str> =
            error["path"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
        (code.to_owned(), path.join("."))
    }
}

/// The token of the link to this page in an e-mail.
pub fn link(letter: &Value, page: &str) -> String {
    let text = letter["text"].as_str().expect("an e-mail");
    let token = text.split_once(&format!("/{page}#")).and_then(|(_, rest)| rest.split_whitespace().next());
    token.expect("a link").to_owned()
}

/// The type of a mutation's input.
pub fn input_of(mutation: &str) -> String {
    let mut name = format!("{mutation}Input");
    name[..1].make_ascii_uppercase();
    name
}

/// A document of one mutation.
pub fn document(mutation: &str, selection: &str) -> String {
    let input = input_of(mutation);
    format!(
        "mutation($input: {input}!) {{ {mutation}(input: $input) {{ {selection} errors {{ code message path }} }} }}"
    )
}

/// The key that seals the secrets of every test's database.
pub const SECRET_KEY: &str = "5ec2e7a15ec2e7a15ec2e7a15ec2e7a15ec2e7a15ec2e7a15ec2e7a15ec2e7a1";

/// The same, read.
pub fn secrets() -> SecretKeys {
    SecretKeys::parse(SECRET_KEY).expect("a secret key")
}

/// The first and the last day of a quarter such as `2026-Q1`.
pub fn days_of_quarter(label: &str) -> [NaiveDate; 2] {
    let (year, quarter) = label.split_once("-Q").expect("a quarter");
    let year: i32 = year.parse().expect("a year");
    let month = 3 * quarter.parse::<u32>().expect("a number") - 2;
    let first = |year, month| NaiveDate::from_ymd_opt(year, month, 1).expect("a day");
    let next = if month == 10 { first(year + 1, 1) } else { first(year, month + 3) };
    [first(year, month), next.pred_opt().expect("the day before")]
}
