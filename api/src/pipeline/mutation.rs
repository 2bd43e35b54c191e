//! Mutations: dispatched by their names, one after the other, and their payloads written as they were selected.

use super::{
    Origin,
    answer::{AnswerBody, executed, extensions},
    payload::{Failed, PayloadWriter},
};
use crate::{
    app::App,
    gate::{self, Admitted, collect},
    http::Outcome,
    identity::Requester,
    kernel::{Caller, Error, Fault, Kept, access::Actor, payload::PayloadPart},
    schema::Work,
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
const WAITS: usize = 100;
const WAIT: Duration = Duration::from_millis(50);
/// How often a request with an Idempotency-Key is tried that loses to others.
const TRIES: u32 = 5;
/// How long after its first try it is tried again. A try that waited for a lock in vain was the last one, so that its
/// sender learns of the conflict before the request's own time is over.
const TRYING: Duration = Duration::from_secs(2);
/// Half of the longest pause after it lost once.
const PAUSE: Duration = Duration::from_millis(20);

impl App {
    /// A mutation under the caller's own key: the same key and body have one effect and one answer, however often and
    /// however much at once they are sent.
    pub(super) async fn mutate_once(
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
            match caller.kept(&key, &body).await? {
                Kept::Answer(answer) => return Ok(AnswerBody::plain(answer.into_bytes())),
                Kept::Otherwise => return Err(Fault::KeyTaken.into()),
                // the process that had the effect is about to keep its answer
                Kept::Effect if waits < WAITS => {
                    waits += 1;
                    tokio::time::sleep(WAIT).await;
                }
                Kept::Effect => return Err(Fault::AnswerLost.into()),
                Kept::Nothing => {
                    let answer = self.mutate(admitted, Some(caller.clone()), from).await?;
                    if answer.outcome == Outcome::Conflict {
                        conflicts += 1;
                        if conflicts == TRIES || began.elapsed() > TRYING {
                            return Err(Fault::Conflict.into());
                        }
                        tokio::time::sleep(self.pause(conflicts)).await;
                        continue;
                    }
                    if answer.outcome == Outcome::Executed {
                        caller.keep(&key, &body, &String::from_utf8_lossy(&answer.body)).await;
                    }
                    return Ok(answer);
                }
            }
        }
    }

    /// How long a request waits that lost to others for the nth time: each time up to twice as long, by chance.
    fn pause(&self, conflicts: u32) -> Duration {
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
        // what cannot be planned must not run
        self.plans(admitted, &actor)?;
        let Admitted { document, variables, .. } = admitted;
        let sets = [&document.operation.selection_set];
        let root = document.operation.object_type().as_str();
        let chosen = collect(&document.ast, self.gate.schema(), &sets, root, variables, &mut BTreeSet::new());
        // nothing is changed before all inputs are known to be what their types want
        let inputs = chosen.iter().map(|chosen| self.input(admitted, chosen.field));
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
            ended = match self.run(chosen.field, input, caller.clone(), from).await {
                Ok(payload) => {
                    let carried_out = payload.is_carried_out();
                    let written = writer.payload(chosen.key, chosen.field, &chosen.sets, payload).await;
                    done.extend((carried_out && written.is_ok()).then_some(chosen.key));
                    written
                }
                Err(fault) => Err(Failed { fault, path: vec![chosen.key.into()] }),
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
        Ok(concluded(&out, admitted.cost, &Ended { failed, done, early: ended.is_err() }, from.request_id))
    }

    /// The input of a mutation, as its type wants it.
    fn input(&self, admitted: &Admitted, field: &Field) -> Result<Value, Fault> {
        let input = self.gate.argument(admitted, field, "input");
        let input = input.map_err(|refused| Fault::BadUserInput(refused.message))?;
        let input = serde_json::to_value(&input).map_err(|_| Fault::Internal)?;
        Value::from_json(input).map_err(|_| Fault::Internal)
    }

    /// Does the work of one mutation.
    async fn run(
        &self,
        field: &Field,
        input: Value,
        caller: Option<Arc<Caller>>,
        from: Origin<'_>,
    ) -> Result<PayloadPart, Fault> {
        let work = *self.mutations.get(field.name.as_str()).ok_or(Fault::Internal)?;
        match work {
            Work::Caller(work) => work(caller.ok_or(Fault::Unauthenticated)?, input).await,
            Work::Own(work) => {
                let requester = Requester { caller, credential: from.credential };
                work(self.door.clone(), requester, input).await
            }
        }
    }
}

/// How the mutations of a document ended.
struct Ended<'k> {
    /// What went wrong; what ended the document comes first.
    failed: Vec<Failed>,
    /// The keys of those that were carried out.
    done: Vec<&'k str>,
    /// Whether one of them ended the document. Without `done` in the answer, its sender would believe that nothing was
    /// changed.
    early: bool,
}

/// The answer to mutations that ended so.
fn concluded(data: &[u8], cost: u32, ended: &Ended<'_>, request_id: &str) -> AnswerBody {
    let Ended { failed, done, early } = ended;
    let errors = failed.iter().take(gate::MOST_REFUSALS).map(|failed| {
        let code = failed.fault.code();
        let mut extensions = extensions(code, request_id);
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
    let mut answer = executed(data, cost, &errors);
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
