//! The pipeline: the way of a request from credentials to bytes.
//!
//! request → caller and allowance (`admission`) → checked document (the gate) → charge of its cost → `execute` (a planned
//! read, or a mutation) → answer. It runs in the request's span, which HTTP begins and ends.

mod admission;
mod answer;
mod computed;
mod mutation;
mod payload;
pub(crate) mod points;

use crate::{
    app::App,
    gate::{self, Admitted, OperationKind},
    http::{Answer, Call, Outcome},
    identity::{Credential, token::Claims},
    kernel::{
        Caller, Error, Fault, RequestInfo,
        access::Actor,
        read::{RateStatus, Values, plan::PlannedDocument, roots},
    },
};
use admission::Bill;
use answer::{AnswerBody, executed_answer};
use apollo_compiler::{Node, executable::Field, response::JsonMap};
use bytes::Bytes;
use entity::Id;
use std::{sync::Arc, time::Instant};

/// Where a request comes from.
#[derive(Clone, Copy)]
struct Origin<'a> {
    credential: Credential,
    spent: RateStatus,
    request_id: &'a str,
}

impl App {
    /// Answers a call: finds the caller, checks the document, charges its cost, and executes it.
    pub(crate) async fn respond(self: &Arc<Self>, call: Call) -> Answer {
        let request_id = call.request_id.clone();
        self.handle(call, &request_id).await.unwrap_or_else(|answer| answer)
    }

    async fn handle(self: &Arc<Self>, call: Call, request_id: &str) -> Result<Answer, Answer> {
        let now = self.kernel.seams.instant();
        let claims = self.verify_bearer(call.bearer.as_deref(), request_id).await?;
        // a guess from the text, corrected once the gate has parsed the document
        let refreshes = call.request.query.contains(REFRESH);
        let mut bill = match &claims {
            Some(claims) => Some(self.open_bill(claims, &call, now).await?),
            None => {
                self.charge_anonymous(call.remote, refreshes, now)?;
                None
            }
        };
        let request = gate::Request {
            query: call.request.query,
            operation_name: call.request.operation_name,
            variables: to_json_map(call.request.variables),
            extensions: to_json_map(call.request.extensions),
        };
        let admitted = self.gate.admit(&request, claims.is_some()).map_err(|refused| {
            let rate = bill.as_ref().map(|bill| bill.rate);
            Answer { rate, ..self.refused_answer(&refused, request_id) }
        })?;
        let document = &admitted.document;
        let operation = Some(document.kind.name());
        let described = |answer: Answer| Answer { operation, cost: Some(admitted.cost), ..answer };
        match &mut bill {
            Some(bill) => bill.charge(&admitted, now).map_err(described)?,
            None if refreshes
                && !document.operation.root_fields(&document.ast).any(|field| field.name == REFRESH) =>
            {
                self.charge_anonymous(call.remote, false, now).map_err(described)?;
            }
            None => {}
        }
        if document.kind == OperationKind::Mutation && call.read_only {
            let fault = Fault::BadUserInput("Mutations go by POST.".into());
            return Err(described(self.failed_answer(Outcome::MethodNotAllowed, &fault, request_id)));
        }
        let rate = bill.as_ref().map(|bill| bill.rate);
        let spent = rate.map_or_else(RateStatus::default, |rate| RateStatus {
            cost: admitted.cost,
            limit: rate.limit,
            remaining: rate.remaining,
            reset_seconds: rate.reset_seconds,
        });
        let sign_in = claims.as_ref().map(|claims| claims.sid);
        let from = Origin { credential: Credential { sign_in, remote: call.remote }, spent, request_id };
        let idempotency = call.idempotency_key.map(|key| (key, hex::encode(call.body_hash)));
        let request_info = RequestInfo {
            request_id: call.request_id,
            caller_request_id: call.caller_request_id,
            idempotency,
        };
        let done = match self.load_caller(&admitted, claims.as_deref(), request_info).await {
            Ok(caller) => {
                if let (Some(bill), Some(caller)) = (&mut bill, &caller) {
                    bill.set_caller(caller);
                }
                self.execute(&admitted, caller, from).await
            }
            Err(error) => Err(error),
        };
        Ok(self.conclude(done, &admitted, bill, now, request_id))
    }

    /// The answer to a document that was executed or failed. Gives unused points back.
    fn conclude(
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
                    bill.refund_unused(admitted, found, now);
                }
                Answer { outcome, body: Bytes::from(body), rate: None, operation: None, code, cost: None }
            }
            Err(Error::Fault(fault)) => self.fault_answer(&fault, request_id),
            // rules refuse in payloads alone
            Err(Error::Refused(_)) => self.fault_answer(&Fault::Internal, request_id),
        };
        let rate = bill.as_ref().map(|bill| bill.rate);
        let operation = Some(admitted.document.kind.name());
        Answer { rate, operation, cost: Some(admitted.cost), ..answer }
    }

    /// The person behind a verified token.
    async fn load_caller(
        &self,
        admitted: &Admitted,
        claims: Option<&Claims>,
        mut request_info: RequestInfo,
    ) -> Result<Option<Arc<Caller>>, Error> {
        let Some(claims) = claims else { return Ok(None) };
        let document = &admitted.document;
        if request_info.idempotency.is_some()
            && document.operation.root_fields(&document.ast).all(returns_secret)
        {
            request_info.idempotency = None;
        }
        let caller = self.kernel.caller(Id::new(claims.nid), Id::new(claims.sub), request_info).await?;
        Ok(Some(Arc::new(caller.ok_or(Fault::Unauthenticated)?)))
    }

    async fn execute(
        self: &Arc<Self>,
        admitted: &Admitted,
        caller: Option<Arc<Caller>>,
        from: Origin<'_>,
    ) -> Result<AnswerBody, Error> {
        match admitted.document.kind {
            OperationKind::Mutation => match &caller {
                Some(keyed) if keyed.idempotency().is_some() => {
                    self.mutate_idempotently(admitted, keyed.clone(), from).await
                }
                _ => self.mutate(admitted, caller, from).await,
            },
            OperationKind::Subscription => {
                Err(Fault::BadUserInput("There are no subscriptions yet.".into()).into())
            }
            OperationKind::Query => self.query(admitted, caller, from.spent).await,
        }
    }

    async fn query(
        &self,
        admitted: &Admitted,
        caller: Option<Arc<Caller>>,
        spent: RateStatus,
    ) -> Result<AnswerBody, Error> {
        let document = &admitted.document;
        let introspection = match document.introspects || !document.plain {
            true => Some(self.gate.introspect(admitted).map_err(|_| Fault::Internal)?),
            false => None,
        };
        if let (false, Some(answers)) = (document.plain, &introspection) {
            let data = serde_json::to_string(answers).map_err(|_| Fault::Internal)?;
            return Ok(AnswerBody { found: Some(0), ..executed_answer(data.as_bytes(), admitted.cost, &[]) });
        }
        let caller = caller.ok_or(Fault::Unauthenticated)?;
        let mut prepared = introspection.unwrap_or_default();
        self.compute_fields(admitted, &caller, spent, &mut prepared).await?;
        let mut plans = self.plan(admitted, &caller.actor())?;
        let values =
            Values { variables: &admitted.variables, subject: None, spent, prepared: Some(&prepared) };
        let mut read = caller.read(&plans.query, &values).await;
        if matches!(read, Err(Error::Fault(Fault::Conflict))) {
            // the caller's roles changed since they were kept
            plans = self.plan(admitted, &caller.actor())?;
            read = caller.read(&plans.query, &values).await;
        }
        let (rows, actor) = read?;
        let mut data = Vec::with_capacity(8192);
        data.push(b'{');
        let found = roots(&plans.query, rows, &actor, &values, &mut data)?;
        data.push(b'}');
        Ok(AnswerBody { found: Some(found), ..executed_answer(&data, admitted.cost, &[]) })
    }

    fn plan(&self, admitted: &Admitted, actor: &Actor) -> Result<Arc<PlannedDocument>, Fault> {
        let (plans, hit) = self.kernel.plans.plan(
            &admitted.document,
            self.gate.schema(),
            &admitted.variables,
            actor,
            self.kernel.dialect(),
        )?;
        self.telemetry.looked_up("plan", hit);
        Ok(plans)
    }
}

fn to_json_map(map: serde_json::Map<String, serde_json::Value>) -> JsonMap {
    serde_json::from_value(serde_json::Value::Object(map)).unwrap_or_default()
}

/// The mutation that anonymous callers need most. It is counted separately.
const REFRESH: &str = "tokenRefresh";

/// Whether a mutation returns a secret. The answer is then not kept, so a repeated request runs again, even with an
/// `Idempotency-Key`.
fn returns_secret(field: &Node<Field>) -> bool {
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
