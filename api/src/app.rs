//! The application: what a request goes through, from credentials to bytes.

use crate::{
    config::Config,
    gate::{self, Admitted, Gate, Kind},
    http::{Answer, Call, Download, HttpSettings, Outcome, Rate, Service},
    identity::{
        door::Doorkeeper,
        refresh,
        ring::{self, KeyRing},
        token::Claims,
    },
    kernel::{
        Asking, Caller, Error, Fault, Kept, Kernel, Settings,
        access::Actor,
        read::{Credential, Dialect, Live, Planner, Spent, Values, roots},
        zones,
    },
    scalar,
    schema::{self, Executable},
    telemetry::{CodeLabel, HeadsLabel, JobLabel, JobName, NetworkLabel, PoolLabel, Telemetry},
};
use apollo_compiler::{Node, executable::Field, response::JsonMap};
use async_graphql::{Request, Variables};
use bytes::Bytes;
use entity::Id;
use serde_json::json;
use std::{
    net::IpAddr,
    sync::{Arc, Weak},
    time::{Duration, Instant},
};
use uuid::Uuid;

/// A running application.
pub struct App {
    pub kernel: Arc<Kernel>,
    pub door: Arc<Doorkeeper>,
    pub gate: Gate,
    pub config: Config,
    executable: Executable,
    settings: HttpSettings,
    telemetry: Telemetry,
}

/// Where a request comes from.
#[derive(Clone, Copy)]
struct Origin<'a> {
    claims: Option<&'a Claims>,
    credential: Credential,
    spent: Spent,
}

/// A complete answer to a document.
struct Said {
    outcome: Outcome,
    body: Vec<u8>,
}

impl App {
    /// Builds the application over an open and migrated database.
    pub async fn start(kernel: Arc<Kernel>, config: Config) -> Result<Arc<App>, String> {
        let executable = schema::schema();
        let mut limits = config.limits.clone();
        limits.introspection_for_all |= config.introspection;
        let gate = Gate::new(&schema::sdl(&executable), scalar::WRITINGS, limits)?;
        kernel.settle(Settings {
            public_url: config.public_url.clone(),
            invitation_days: i64::from(config.invitation_days),
        });
        zones::log_data();
        let ring = KeyRing::open(&kernel, &config).await?;
        let door = Arc::new(Doorkeeper::new(kernel.clone(), &config, ring));
        let settings = HttpSettings::from(&config);
        let app =
            Arc::new(App { kernel, door, gate, config, executable, settings, telemetry: Telemetry::new() });
        tokio::spawn(watch_keys(Arc::downgrade(&app)));
        tokio::spawn(write_uses(Arc::downgrade(&app)));
        Ok(app)
    }

    /// Counts a job's run, and how long it took.
    pub fn job_ran(&self, job: &'static str, done: bool, took: Duration) {
        let outcome = if done { "done" } else { "failed" };
        self.telemetry.jobs.get_or_create(&JobLabel { job, outcome }).inc();
        self.telemetry.job_seconds.get_or_create(&JobName { job }).observe(took.as_secs_f64());
    }

    /// Counts a row that made its job fail.
    pub fn job_row_failed(&self, job: &'static str) {
        self.telemetry.job_rows_failed.get_or_create(&JobName { job }).inc();
    }

    /// Notes how late a job is.
    pub fn job_waits(&self, job: &'static str, seconds: i64) {
        self.telemetry.job_lag.get_or_create(&JobName { job }).set(seconds);
    }

    async fn respond(self: &Arc<Self>, call: Call) -> Result<Answer, Answer> {
        let now = Instant::now();
        let claims = self.credentials(&call, now).await?;
        let request = gate::Request {
            query: call.request.query,
            operation_name: call.request.operation_name,
            variables: convert(call.request.variables),
            extensions: convert(call.request.extensions),
        };
        let admitted =
            self.gate.admit(&request, claims.is_some()).map_err(|refused| self.refused(&refused))?;
        let rate = match &claims {
            Some(claims) => Some(self.charge(claims, admitted.cost, now)?),
            None => None,
        };
        if admitted.document.kind == Kind::Mutation && call.read_only {
            let fault = Fault::BadUserInput("Mutations go by POST.".into());
            return Err(self.plain(Outcome::MethodNotAllowed, &fault));
        }
        let idempotency = call.idempotency_key.map(|key| (key, hex::encode(call.body_hash)));
        let asking = Asking { request_id: call.request_id, idempotency };
        let sign_in = claims.as_ref().map(|claims| claims.sid);
        let spent = rate.map_or_else(Spent::default, |rate| Spent {
            cost: admitted.cost,
            limit: rate.limit,
            remaining: rate.remaining,
            reset_seconds: rate.reset_seconds,
        });
        let from = Origin {
            claims: claims.as_deref(),
            credential: Credential { sign_in, remote: call.remote },
            spent,
        };
        match self.execute(&admitted, from, asking).await {
            Ok(said) => Ok(Answer { outcome: said.outcome, body: Bytes::from(said.body), rate }),
            Err(Error::Fault(fault)) => Err(Answer { rate, ..self.plain(outcome(&fault), &fault) }),
            // rules refuse in payloads alone
            Err(Error::Refused(_)) => Err(self.plain(Outcome::Internal, &Fault::Internal)),
        }
    }

    /// Who asks, if a token says so; and nobody not too often.
    async fn credentials(&self, call: &Call, now: Instant) -> Result<Option<Arc<Claims>>, Answer> {
        match &call.bearer {
            Some(token) => match self.door.ring.verify(token).await {
                Ok(claims) => Ok(Some(claims)),
                Err(_) => Err(self.plain(Outcome::Unauthenticated, &Fault::Unauthenticated)),
            },
            None => match self.door.throttle.anonymous(call.remote, now) {
                Ok(_) => Ok(None),
                Err(spent) => Err(self.limited(spent.retry_after)),
            },
        }
    }

    /// Takes what a request costs from the caller's and the network's allowance.
    fn charge(&self, claims: &Claims, cost: u32, now: Instant) -> Result<Rate, Answer> {
        match self.door.throttle.points(claims.sid, claims.nid, cost, now) {
            Ok(level) => Ok(Rate {
                limit: level.limit,
                remaining: level.remaining,
                reset_seconds: level.reset_seconds,
            }),
            Err(spent) => Err(self.limited(spent.retry_after)),
        }
    }

    async fn execute(
        self: &Arc<Self>,
        admitted: &Admitted,
        from: Origin<'_>,
        mut asking: Asking,
    ) -> Result<Said, Error> {
        let document = &admitted.document;
        if asking.idempotency.is_some() && document.operation.root_fields(&document.ast).any(tells_a_secret) {
            asking.idempotency = None;
        }
        let key = asking.idempotency.clone();
        let caller = match from.claims {
            Some(claims) => {
                let caller = self.kernel.caller(Id::new(claims.nid), Id::new(claims.sub), asking).await?;
                Some(Arc::new(caller.ok_or(Fault::Unauthenticated)?))
            }
            None => None,
        };
        match document.kind {
            Kind::Mutation => match (&caller, key) {
                (Some(caller), Some(key)) => self.mutate_once(admitted, caller.clone(), from, key).await,
                _ => self.mutate(admitted, caller, from).await,
            },
            Kind::Subscription => Err(Fault::BadUserInput("There are no subscriptions yet.".into()).into()),
            Kind::Query => self.query(admitted, caller, from.spent).await,
        }
    }

    async fn query(
        &self,
        admitted: &Admitted,
        caller: Option<Arc<Caller>>,
        spent: Spent,
    ) -> Result<Said, Error> {
        let document = &admitted.document;
        let introspection = match document.introspects || !document.plain {
            true => Some(self.gate.introspect(admitted).map_err(|_| Fault::Internal)?),
            false => None,
        };
        if let (false, Some(answers)) = (document.plain, &introspection) {
            let data = serde_json::to_string(answers).map_err(|_| Fault::Internal)?;
            return Ok(finished(data.as_bytes(), admitted.cost, &[]));
        }
        let caller = caller.ok_or(Fault::Unauthenticated)?;
        let mut plans = self.plans(admitted, &caller.actor())?;
        let values = Values {
            variables: &admitted.variables,
            subject: None,
            spent,
            introspection: introspection.as_ref(),
        };
        let mut read = caller.read(&plans.query, &values).await;
        if matches!(read, Err(Error::Fault(Fault::Conflict))) {
            // the caller's roles changed since they were kept
            plans = self.plans(admitted, &caller.actor())?;
            read = caller.read(&plans.query, &values).await;
        }
        let (rows, actor) = read?;
        let mut data = Vec::with_capacity(8192);
        data.push(b'{');
        roots(&plans.query, rows, &actor, &values, &mut data)?;
        data.push(b'}');
        Ok(finished(&data, admitted.cost, &[]))
    }

    /// A mutation under the caller's own key: the same key and body have one effect and one answer, however often and
    /// however much at once they are sent.
    async fn mutate_once(
        self: &Arc<Self>,
        admitted: &Admitted,
        caller: Arc<Caller>,
        from: Origin<'_>,
        (key, body): (String, String),
    ) -> Result<Said, Error> {
        let bad = |message: &str| Error::from(Fault::BadUserInput(message.to_owned()));
        let document = &admitted.document;
        if document.operation.root_fields(&document.ast).count() != 1 {
            return Err(bad("A request with an Idempotency-Key holds one mutation."));
        }
        let (mut conflicts, mut waits) = (0, 0);
        loop {
            match caller.kept(&key, &body).await? {
                Kept::Answer(answer) => {
                    return Ok(Said { outcome: Outcome::Executed, body: answer.into_bytes() });
                }
                Kept::Otherwise => return Err(Fault::KeyTaken.into()),
                // the process that had the effect is about to keep its answer
                Kept::Effect if waits < WAITS => {
                    waits += 1;
                    tokio::time::sleep(WAIT).await;
                }
                Kept::Effect => return Err(Fault::AnswerLost.into()),
                Kept::Nothing => {
                    let said = self.mutate(admitted, Some(caller.clone()), from).await?;
                    if said.outcome == Outcome::Conflict {
                        conflicts += 1;
                        if conflicts == TRIES {
                            return Err(Fault::Conflict.into());
                        }
                        tokio::time::sleep(self.pause(conflicts)).await;
                        continue;
                    }
                    if said.outcome == Outcome::Executed {
                        caller.keep(&key, &body, &String::from_utf8_lossy(&said.body)).await;
                    }
                    return Ok(said);
                }
            }
        }
    }

    /// How long a request waits that lost to others for the nth time: each time up to twice as long, by chance.
    fn pause(&self, conflicts: u32) -> Duration {
        let [chance] = self.kernel.seams.bytes::<1>();
        PAUSE * 2u32.pow(conflicts) * u32::from(chance) / u32::from(u8::MAX)
    }

    async fn mutate(
        self: &Arc<Self>,
        admitted: &Admitted,
        caller: Option<Arc<Caller>>,
        from: Origin<'_>,
    ) -> Result<Said, Error> {
        let canonical = self.gate.canonical(admitted).map_err(|_| Fault::Internal)?;
        let nobody = || {
            Arc::new(Actor::new(
                Id::new(Uuid::nil()),
                Id::new(Uuid::nil()),
                Id::new(Uuid::nil()),
                0,
                None,
                vec![],
                vec![],
            ))
        };
        let actor = caller.as_ref().map_or_else(nobody, |caller| caller.actor());
        // what cannot be planned must not run
        self.plans(admitted, &actor)?;
        let variables = serde_json::to_value(&admitted.variables).map_err(|_| Fault::Internal)?;
        let live = Live {
            caller,
            planner: self.planner(admitted),
            variables: admitted.variables.clone(),
            credential: from.credential,
            spent: from.spent,
        };
        let mut request =
            Request::new("").variables(Variables::from_json(variables)).data(live).data(self.door.clone());
        request.set_parsed_query((*canonical).clone());
        let response = self.executable.execute(request).await;
        let data = serde_json::to_vec(&response.data).map_err(|_| Fault::Internal)?;
        let errors: Vec<serde_json::Value> = response
            .errors
            .iter()
            .take(gate::MOST_REFUSALS)
            .map(|error| {
                let code = error.extensions.as_ref().and_then(|extensions| extensions.get("code").cloned());
                let code = code.and_then(|code| code.into_json().ok()).unwrap_or_else(|| json!("INTERNAL"));
                // what carries no code of ours was not written for clients
                let message = if code == "INTERNAL" { "Internal error" } else { error.message.as_str() };
                let mut extensions = json!({ "code": code });
                if let Some(committed) = error.extensions.as_ref().and_then(|given| given.get("committed")) {
                    extensions["committed"] = committed.clone().into_json().unwrap_or_default();
                }
                json!({ "message": message, "path": error.path, "extensions": extensions })
            })
            .collect();
        let mut said = finished(&data, admitted.cost, &errors);
        // a change that was saved was executed, whatever became of its result
        let saved = errors.iter().any(|error| error["extensions"]["committed"] == true);
        let failed = |code: &str| !saved && errors.iter().any(|error| error["extensions"]["code"] == code);
        if failed("CONFLICT") {
            said.outcome = Outcome::Conflict;
        }
        if failed("UNAVAILABLE") || failed("TIMEOUT") {
            said.outcome = Outcome::Unavailable;
        }
        if failed("UNAUTHENTICATED") {
            said.outcome = Outcome::Unauthenticated;
        }
        Ok(said)
    }

    /// Plans a mutation's payloads, for whoever the caller is by then.
    fn planner(self: &Arc<Self>, admitted: &Admitted) -> Planner {
        let (app, admitted) = (self.clone(), Admitted::clone(admitted));
        Box::new(move |actor| app.plans(&admitted, actor))
    }

    fn plans(
        &self,
        admitted: &Admitted,
        actor: &Actor,
    ) -> Result<Arc<crate::kernel::read::plan::Planned>, Fault> {
        let dialect = if self.kernel.db.is_postgres() { Dialect::Postgres } else { Dialect::Sqlite };
        let (plans, hit) = self.kernel.plans.plan(
            &admitted.document,
            self.gate.schema(),
            &admitted.variables,
            actor,
            dialect,
        )?;
        self.telemetry.looked_up("plan", hit);
        Ok(plans)
    }

    fn refused(&self, refused: &[gate::Refused]) -> Answer {
        let errors: Vec<serde_json::Value> = refused
            .iter()
            .map(|refused| {
                let code = refused.code.as_str();
                self.telemetry.errors.get_or_create(&CodeLabel { code }).inc();
                let mut extensions = json!({ "code": code });
                for (name, value) in refused.extensions.iter() {
                    extensions[name.as_str()] = serde_json::to_value(value).unwrap_or_default();
                }
                let locations: Vec<_> = refused
                    .locations
                    .iter()
                    .map(|(line, column)| json!({ "line": line, "column": column }))
                    .collect();
                let mut error = json!({ "message": refused.message, "extensions": extensions });
                if !locations.is_empty() {
                    error["locations"] = json!(locations);
                }
                error
            })
            .collect();
        let body = json!({ "errors": errors }).to_string();
        Answer { outcome: Outcome::Refused, body: Bytes::from(body), rate: None }
    }

    fn plain(&self, outcome: Outcome, fault: &Fault) -> Answer {
        self.telemetry.errors.get_or_create(&CodeLabel { code: fault.code() }).inc();
        let error = json!({ "message": fault.message(), "extensions": { "code": fault.code() } });
        Answer { outcome, body: Bytes::from(json!({ "errors": [error] }).to_string()), rate: None }
    }

    fn limited(&self, retry_after: u32) -> Answer {
        self.telemetry.errors.get_or_create(&CodeLabel { code: "RATE_LIMITED" }).inc();
        let message = format!("Too many requests. Try again in {retry_after} seconds.");
        let body = json!({ "errors": [{ "message": message, "extensions": { "code": "RATE_LIMITED" } }] });
        let outcome = Outcome::RateLimited { retry_after: u64::from(retry_after) };
        Answer { outcome, body: Bytes::from(body.to_string()), rate: None }
    }
}

impl Service for App {
    async fn answer(self: Arc<Self>, call: Call) -> Answer {
        self.respond(call).await.unwrap_or_else(|answer| answer)
    }
    async fn jwks(&self) -> String {
        self.door.ring.jwks()
    }
    async fn export(
        self: Arc<Self>,
        network: &str,
        token: &str,
        remote: IpAddr,
    ) -> Result<Option<Download>, Outcome> {
        self.exported(network, token, remote).await
    }
    async fn ready(&self) -> Result<(), String> {
        self.kernel.ready().await
    }
    fn telemetry(&self) -> &Telemetry {
        &self.telemetry
    }
    fn metrics(&self) -> String {
        for (pool, used, idle) in self.kernel.db.pools() {
            self.telemetry.pool.get_or_create(&PoolLabel { pool, state: "used" }).set(i64::from(used));
            self.telemetry.pool.get_or_create(&PoolLabel { pool, state: "idle" }).set(i64::from(idle));
        }
        self.telemetry.audit_events.clear();
        for (network, heads) in self.kernel.verified.lock().iter() {
            let (network, digest) = (network.to_string(), heads.digest.clone());
            let label = HeadsLabel { network: network.clone(), heads: digest };
            self.telemetry.audit_events.get_or_create(&label).set(heads.events);
            let broken = i64::try_from(heads.broken.len()).unwrap_or(i64::MAX);
            self.telemetry.audit_broken.get_or_create(&NetworkLabel { network }).set(broken);
        }
        self.telemetry.encode()
    }
    fn request_id(&self) -> String {
        self.kernel.seams.id::<()>().uuid().to_string()
    }
    fn settings(&self) -> &HttpSettings {
        &self.settings
    }
}

/// Reads the signing keys again and again, for as long as the application lives: another process may have rotated them.
async fn watch_keys(app: Weak<App>) {
    loop {
        tokio::time::sleep(ring::RELOAD).await;
        let Some(app) = app.upgrade() else { return };
        match app.door.ring.load().await {
            Ok(closed) if closed.is_empty() => {}
            Ok(closed) => tracing::error!(?closed, "secret_key does not open these signing keys"),
            Err(_) => tracing::warn!("the signing keys could not be read"),
        }
    }
}

/// Writes again and again which refresh tokens are used, for as long as the application lives.
async fn write_uses(app: Weak<App>) {
    loop {
        tokio::time::sleep(USES_EVERY).await;
        let Some(app) = app.upgrade() else { return };
        if refresh::write_uses(&app.door).await.is_err() {
            tracing::warn!("first uses of access tokens could not be written");
        }
    }
}

/// How long the first use of an access token waits to be written.
const USES_EVERY: Duration = Duration::from_secs(5);

/// How long a repeated request waits for the first one's answer: 100 times 50 ms.
const WAITS: usize = 100;
const WAIT: Duration = Duration::from_millis(50);
/// How often a request with an Idempotency-Key is tried that loses to others.
const TRIES: u32 = 5;
/// Half of the longest pause after it lost once.
const PAUSE: Duration = Duration::from_millis(20);

/// How HTTP tells a fault.
fn outcome(fault: &Fault) -> Outcome {
    match fault {
        Fault::Unauthenticated => Outcome::Unauthenticated,
        Fault::BadUserInput(_) => Outcome::Refused,
        Fault::Conflict | Fault::KeyTaken | Fault::AnswerLost => Outcome::Conflict,
        Fault::Timeout | Fault::Unavailable | Fault::InDoubt => Outcome::Unavailable,
        Fault::Forbidden | Fault::Committed(_) => Outcome::Executed,
        Fault::Internal => Outcome::Internal,
    }
}

fn finished(data: &[u8], cost: u32, errors: &[serde_json::Value]) -> Said {
    let mut body = Vec::with_capacity(data.len() + 64);
    body.extend_from_slice(b"{\"data\":");
    body.extend_from_slice(data);
    if !errors.is_empty() {
        body.extend_from_slice(b",\"errors\":");
        body.extend_from_slice(json!(errors).to_string().as_bytes());
    }
    body.extend_from_slice(b",\"extensions\":{\"cost\":");
    body.extend_from_slice(cost.to_string().as_bytes());
    body.extend_from_slice(b"}}");
    Said { outcome: Outcome::Executed, body }
}

fn convert(map: serde_json::Map<String, serde_json::Value>) -> JsonMap {
    serde_json::from_value(serde_json::Value::Object(map)).unwrap_or_default()
}

/// Whether a mutation's answer holds what is kept nowhere. It is done each time it is sent, with a key or without.
fn tells_a_secret(field: &Node<Field>) -> bool {
    [
        "addressChange",
        "addressChangeConfirm",
        "addressChangeUndo",
        "exportLink",
        "invitationAccept",
        "passwordChange",
        "passwordReset",
        "signIn",
        "tokenRefresh",
    ]
    .contains(&field.name.as_str())
}
