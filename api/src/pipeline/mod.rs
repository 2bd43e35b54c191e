//! The pipeline: what a request goes through, from credentials to bytes.
//!
//! request → who asks, and whether they may now (`admission`) → what may be asked (the gate) → what it costs → the work
//! (`execute`: a planned read, or a mutation) → an answer. It runs in the request's span, which HTTP begins and ends.

mod admission;
mod answer;
mod mutation;
mod payload;
pub(crate) mod points;

use crate::{
    app::App,
    gate::{self, Admitted, Kind},
    http::{Answer, Call, Outcome},
    identity::{Credential, token::Claims},
    kernel::{
        Asking, Caller, Error, Fault,
        access::Actor,
        read::{Dialect, Spent, Values, plan::PlannedDocument, roots},
    },
};
use admission::Bill;
use answer::{AnswerBody, executed};
use apollo_compiler::{Node, executable::Field, response::JsonMap};
use bytes::Bytes;
use entity::Id;
use std::{sync::Arc, time::Instant};

/// Where a request comes from.
#[derive(Clone, Copy)]
struct Origin<'a> {
    credential: Credential,
    spent: Spent,
    request_id: &'a str,
}

impl App {
    /// Answers a call: who asks, what may be asked, what it costs, and then the work.
    pub(crate) async fn respond(self: &Arc<Self>, call: Call) -> Answer {
        let request_id = call.request_id.clone();
        self.admitted(call, &request_id).await.unwrap_or_else(|answer| answer)
    }

    async fn admitted(self: &Arc<Self>, call: Call, request_id: &str) -> Result<Answer, Answer> {
        let now = self.kernel.seams.instant();
        let claims = self.claims(call.bearer.as_deref(), request_id).await?;
        // what it really is, the gate says
        let refreshes = call.request.query.contains(REFRESH);
        let mut bill = match &claims {
            Some(claims) => Some(self.begin(claims, &call, now).await?),
            None => {
                self.strange(call.remote, refreshes, now)?;
                None
            }
        };
        let request = gate::Request {
            query: call.request.query,
            operation_name: call.request.operation_name,
            variables: convert(call.request.variables),
            extensions: convert(call.request.extensions),
        };
        let admitted = self.gate.admit(&request, claims.is_some()).map_err(|refused| {
            let rate = bill.as_ref().map(|bill| bill.rate);
            Answer { rate, ..self.refused(&refused, request_id) }
        })?;
        let document = &admitted.document;
        let operation = Some(document.kind.name());
        let described = |answer: Answer| Answer { operation, cost: Some(admitted.cost), ..answer };
        match &mut bill {
            Some(bill) => bill.charge(&admitted, now).map_err(described)?,
            None if refreshes
                && !document.operation.root_fields(&document.ast).any(|field| field.name == REFRESH) =>
            {
                self.strange(call.remote, false, now).map_err(described)?;
            }
            None => {}
        }
        if document.kind == Kind::Mutation && call.read_only {
            let fault = Fault::BadUserInput("Mutations go by POST.".into());
            return Err(described(self.failed(Outcome::MethodNotAllowed, &fault, request_id)));
        }
        let rate = bill.as_ref().map(|bill| bill.rate);
        let spent = rate.map_or_else(Spent::default, |rate| Spent {
            cost: admitted.cost,
            limit: rate.limit,
            remaining: rate.remaining,
            reset_seconds: rate.reset_seconds,
        });
        let sign_in = claims.as_ref().map(|claims| claims.sid);
        let from = Origin { credential: Credential { sign_in, remote: call.remote }, spent, request_id };
        let idempotency = call.idempotency_key.map(|key| (key, hex::encode(call.body_hash)));
        let asking =
            Asking { request_id: call.request_id, caller_request_id: call.caller_request_id, idempotency };
        let done = match self.caller(&admitted, claims.as_deref(), asking).await {
            Ok(caller) => {
                if let (Some(bill), Some(caller)) = (&mut bill, &caller) {
                    bill.of(caller);
                }
                self.execute(&admitted, caller, from).await
            }
            Err(error) => Err(error),
        };
        Ok(self.concluded(done, &admitted, bill, now, request_id))
    }

    /// The answer to a document that was run, or could not be; what it did not need is given back.
    fn concluded(
        &self,
        done: Result<AnswerBody, Error>,
        admitted: &Admitted,
        mut bill: Option<Bill>,
        now: Instant,
        request_id: &str,
    ) -> Answer {
        let answer = match done {
            Ok(AnswerBody { outcome, code, body, found }) => {
                if let (Some(bill), Some(found)) = (&mut bill, found) {
                    bill.settle(admitted, found, now);
                }
                Answer { outcome, body: Bytes::from(body), rate: None, operation: None, code, cost: None }
            }
            Err(Error::Fault(fault)) => self.fault(&fault, request_id),
            // rules refuse in payloads alone
            Err(Error::Refused(_)) => self.fault(&Fault::Internal, request_id),
        };
        let rate = bill.as_ref().map(|bill| bill.rate);
        let operation = Some(admitted.document.kind.name());
        Answer { rate, operation, cost: Some(admitted.cost), ..answer }
    }

    /// The person behind a verified token.
    async fn caller(
        &self,
        admitted: &Admitted,
        claims: Option<&Claims>,
        mut asking: Asking,
    ) -> Result<Option<Arc<Caller>>, Error> {
        let Some(claims) = claims else { return Ok(None) };
        let document = &admitted.document;
        if asking.idempotency.is_some() && document.operation.root_fields(&document.ast).all(tells_a_secret) {
            asking.idempotency = None;
        }
        let caller = self.kernel.caller(Id::new(claims.nid), Id::new(claims.sub), asking).await?;
        Ok(Some(Arc::new(caller.ok_or(Fault::Unauthenticated)?)))
    }

    async fn execute(
        self: &Arc<Self>,
        admitted: &Admitted,
        caller: Option<Arc<Caller>>,
        from: Origin<'_>,
    ) -> Result<AnswerBody, Error> {
        match admitted.document.kind {
            Kind::Mutation => match &caller {
                Some(keyed) if keyed.idempotency().is_some() => {
                    self.mutate_once(admitted, keyed.clone(), from).await
                }
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
    ) -> Result<AnswerBody, Error> {
        let document = &admitted.document;
        let introspection = match document.introspects || !document.plain {
            true => Some(self.gate.introspect(admitted).map_err(|_| Fault::Internal)?),
            false => None,
        };
        if let (false, Some(answers)) = (document.plain, &introspection) {
            let data = serde_json::to_string(answers).map_err(|_| Fault::Internal)?;
            return Ok(AnswerBody { found: Some(0), ..executed(data.as_bytes(), admitted.cost, &[]) });
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
        let found = roots(&plans.query, rows, &actor, &values, &mut data)?;
        data.push(b'}');
        Ok(AnswerBody { found: Some(found), ..executed(&data, admitted.cost, &[]) })
    }

    fn plans(&self, admitted: &Admitted, actor: &Actor) -> Result<Arc<PlannedDocument>, Fault> {
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
}

fn convert(map: serde_json::Map<String, serde_json::Value>) -> JsonMap {
    serde_json::from_value(serde_json::Value::Object(map)).unwrap_or_default()
}

/// The mutation that anonymous callers need most: counted apart from others.
const REFRESH: &str = "tokenRefresh";

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
