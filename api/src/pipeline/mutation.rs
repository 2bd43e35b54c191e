//! Mutations: dispatched by name, one after the other. Payloads contain what the document selects.

use super::{
    Origin,
    answer::{AnswerBody, executed_answer, extensions_of},
    payload::{PathFault, PayloadWriter},
};
use crate::{
    app::App,
    gate::{self, Admitted, collect_fields},
    http::Outcome,
    identity::Requester,
    kernel::{Caller, EarlierRequest, Error, Fault, Message, access::Actor, payload::PayloadPart},
    schema::MutationWork,
};
use apollo_compiler::executable::Field;
use async_graphql::Value;
use serde_json::json;
use std::{
    collections::BTreeSet,
    sync::Arc,
    time::{Duration, Instant},
};

/// How long a repeated request waits for the first one's answer: 100 times 50 ms.
const MOST_WAITS: usize = 100;
const WAIT: Duration = Duration::from_millis(50);
/// How many times a request with an Idempotency-Key is tried if it conflicts with others.
const MOST_TRIES: u32 = 5;
/// How long after its first try it is tried again. A try that waited for a lock in vain was the last one, so that its
/// sender learns of the conflict before the request's own time is over.
const RETRY_TIME: Duration = Duration::from_secs(2);
/// Half of the longest pause after the first conflict.
const PAUSE: Duration = Duration::from_millis(20);

impl App {
    /// A mutation under the caller's own key: the same key and body have one effect and one answer, however often and
    /// however much at once they are sent.
    pub(super) async fn mutate_idempotently(
        self: &Arc<Self>,
        admitted: &Admitted,
        caller: Arc<Caller>,
        from: Origin<'_>,
    ) -> Result<AnswerBody, Error> {
        let Some((key, body)) = caller.idempotency().cloned() else {
            return self.mutate(admitted, Some(caller), from).await;
        };
        let document = &admitted.document;
        if document.operation.root_fields(&document.ast).count() != 1 {
            let message = "A request with an Idempotency-Key holds one mutation.";
            return Err(Fault::BadUserInput(message.into()).into());
        }
        let (mut conflicts, mut waits, began) = (0, 0, Instant::now());
        loop {
            match caller.earlier_request(&key, &body).await? {
                EarlierRequest::Answer(answer) => return Ok(AnswerBody::without_errors(answer.into_bytes())),
                EarlierRequest::OtherBody => return Err(Fault::KeyTaken.into()),
                // the process that had the effect is about to keep its answer
                EarlierRequest::WithoutAnswer if waits < MOST_WAITS => {
                    waits += 1;
                    tokio::time::sleep(WAIT).await;
                }
                EarlierRequest::WithoutAnswer => return Err(Fault::AnswerLost.into()),
                EarlierRequest::Nothing => {
                    let answer = self.mutate(admitted, Some(caller.clone()), from).await?;
                    if answer.outcome == Outcome::Conflict {
                        conflicts += 1;
                        if conflicts == MOST_TRIES || began.elapsed() > RETRY_TIME {
                            return Err(Fault::Conflict.into());
                        }
                        tokio::time::sleep(self.retry_pause(conflicts)).await;
                        continue;
                    }
                    if answer.outcome == Outcome::Executed {
                        caller.keep_answer(&key, &body, &String::from_utf8_lossy(&answer.body)).await;
                    }
                    return Ok(answer);
                }
            }
        }
    }

    /// The random pause after the nth conflict. The longest possible pause doubles each time.
    fn retry_pause(&self, conflicts: u32) -> Duration {
        let [chance] = self.kernel.seams.bytes::<1>();
        PAUSE * 2u32.pow(conflicts) * u32::from(chance) / u32::from(u8::MAX)
    }

    /// Runs the mutations of a document, one after the other. A fault ends it: what was done before stays done, and the
    /// answer says what failed and what was done.
    pub(super) async fn mutate(
        self: &Arc<Self>,
        admitted: &Admitted,
        caller: Option<Arc<Caller>>,
        from: Origin<'_>,
    ) -> Result<AnswerBody, Error> {
        let nobody = || Arc::new(Actor::nobody());
        let actor = caller.as_ref().map_or_else(nobody, |caller| caller.actor());
        // a document that cannot be planned must not run
        self.plan(admitted, &actor)?;
        let Admitted { document, variables, .. } = admitted;
        let sets = [&document.operation.selection_set];
        let root = document.operation.object_type().as_str();
        let chosen =
            collect_fields(&document.ast, self.gate.schema(), &sets, root, variables, &mut BTreeSet::new());
        // all inputs are coerced before the first change
        let inputs = chosen.iter().map(|chosen| self.coerce_input(admitted, chosen.field));
        let inputs = inputs.collect::<Result<Vec<Value>, Fault>>()?;
        let mut writer = PayloadWriter::new(self, admitted, caller.as_ref(), from.spent);
        let (mut ended, mut done) = (Ok(()), vec![]);
        writer.out.push(b'{');
        for (at, (chosen, input)) in chosen.iter().zip(inputs).enumerate() {
            writer.comma(at > 0);
            writer.key(chosen.key);
            if chosen.field.name == "__typename" {
                writer.text(root);
                continue;
            }
            ended = match self.dispatch(chosen.field, input, caller.clone(), from).await {
                Ok(payload) => {
                    let carried_out = payload.is_carried_out();
                    let written = writer.write_payload(chosen.key, chosen.field, &chosen.sets, payload).await;
                    done.extend((carried_out && written.is_ok()).then_some(chosen.key));
                    written
                }
                Err(fault) => Err(PathFault { fault, path: vec![chosen.key.into()] }),
            };
            if ended.is_err() {
                break;
            }
        }
        writer.out.push(b'}');
        let PayloadWriter { mut out, mut failed, .. } = writer;
        let ended = ended.map_err(|last| {
            out = b"null".to_vec();
            failed.insert(0, last);
        });
        Ok(mutations_answer(
            &out,
            admitted.cost,
            &MutationsEnd { failed, done, early: ended.is_err() },
            from.request_id,
        ))
    }

    /// The input of a mutation, coerced to its type.
    fn coerce_input(&self, admitted: &Admitted, field: &Field) -> Result<Value, Fault> {
        let input = self.gate.argument(admitted, field, "input");
        let input = input.map_err(|refused| Fault::BadUserInput(Message::foreign(refused.message)))?;
        let input = serde_json::to_value(&input).map_err(|_| Fault::Internal)?;
        Value::from_json(input).map_err(|_| Fault::Internal)
    }

    /// Calls the function of one mutation.
    async fn dispatch(
        &self,
        field: &Field,
        input: Value,
        caller: Option<Arc<Caller>>,
        from: Origin<'_>,
    ) -> Result<PayloadPart, Fault> {
        let work = *self.mutations.get(field.name.as_str()).ok_or(Fault::Internal)?;
        match work {
            MutationWork::Caller(work) => work(caller.ok_or(Fault::Unauthenticated)?, input).await,
            MutationWork::Own(work) => {
                let requester = Requester { caller, credential: from.credential };
                work(self.sign_in.clone(), requester, input).await
            }
        }
    }
}

/// How the mutations of a document ended.
struct MutationsEnd<'k> {
    /// The errors. The one that ended the document is first.
    failed: Vec<PathFault>,
    /// The keys of the mutations that were carried out.
    done: Vec<&'k str>,
    /// Whether a mutation ended the document. The answer then lists `done`, so that the sender knows what was changed.
    early: bool,
}

/// The answer to the mutations of a document.
fn mutations_answer(data: &[u8], cost: u32, ended: &MutationsEnd<'_>, request_id: &str) -> AnswerBody {
    let MutationsEnd { failed, done, early } = ended;
    let errors = failed.iter().take(gate::MOST_REFUSALS).map(|failed| {
        let mut extensions = extensions_of(&failed.fault, request_id);
        match failed.fault {
            Fault::Committed(_) => extensions["committed"] = true.into(),
            Fault::InDoubt => extensions["committed"] = serde_json::Value::Null,
            _ => {}
        }
        let mut message = failed.fault.message().to_owned();
        if *early && !done.is_empty() {
            let keys = done.join(", ");
            message = format!("{message} These mutations of the document were carried out before: {keys}.");
            extensions["done"] = json!(done);
        }
        json!({ "message": message, "path": failed.path, "extensions": extensions })
    });
    let errors: Vec<serde_json::Value> = errors.collect();
    let mut answer = executed_answer(data, cost, &errors);
    answer.code = failed.first().map(|failed| failed.fault.code());
    // a change that was saved was executed, whatever became of its result
    let saved = !done.is_empty() || failed.iter().any(|failed| matches!(failed.fault, Fault::Committed(_)));
    match failed.first().filter(|_| !saved).map(|failed| failed.fault.code()) {
        Some("CONFLICT") => answer.outcome = Outcome::Conflict,
        Some("UNAVAILABLE" | "TIMEOUT") => answer.outcome = Outcome::Unavailable,
        Some("UNAUTHENTICATED") => answer.outcome = Outcome::Unauthenticated,
        Some("INTERNAL") => answer.outcome = Outcome::Internal,
        _ => {}
    }
    answer
}
