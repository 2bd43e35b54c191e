//! Mutations: run by async-graphql, their payloads' objects read by the same plans as queries.

use super::{
    Origin,
    answer::{AnswerBody, executed, extensions},
};
use crate::{
    app::App,
    gate::{self, Admitted},
    http::Outcome,
    kernel::{
        Caller, Error, Fault, Kept,
        access::Actor,
        read::{Live, Planner},
    },
};
use async_graphql::{Request, Variables};
use entity::Id;
use serde_json::json;
use std::{sync::Arc, time::Duration};
use uuid::Uuid;

/// How long a repeated request waits for the first one's answer: 100 times 50 ms.
const WAITS: usize = 100;
const WAIT: Duration = Duration::from_millis(50);
/// How often a request with an Idempotency-Key is tried that loses to others.
const TRIES: u32 = 5;
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
        let (mut conflicts, mut waits) = (0, 0);
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
                        if conflicts == TRIES {
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

    pub(super) async fn mutate(
        self: &Arc<Self>,
        admitted: &Admitted,
        caller: Option<Arc<Caller>>,
        from: Origin<'_>,
    ) -> Result<AnswerBody, Error> {
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
                let mut extensions = extensions(code.as_str().unwrap_or("INTERNAL"), from.request_id);
                if let Some(committed) = error.extensions.as_ref().and_then(|given| given.get("committed")) {
                    extensions["committed"] = committed.clone().into_json().unwrap_or_default();
                }
                json!({ "message": message, "path": error.path, "extensions": extensions })
            })
            .collect();
        let mut answer = executed(&data, admitted.cost, &errors);
        answer.code = errors.first().and_then(|error| known_code(error["extensions"]["code"].as_str()?));
        // a change that was saved was executed, whatever became of its result
        let saved = errors.iter().any(|error| error["extensions"]["committed"] == true);
        let failed = |code: &str| !saved && errors.iter().any(|error| error["extensions"]["code"] == code);
        if failed("CONFLICT") {
            answer.outcome = Outcome::Conflict;
        }
        if failed("UNAVAILABLE") || failed("TIMEOUT") {
            answer.outcome = Outcome::Unavailable;
        }
        if failed("UNAUTHENTICATED") {
            answer.outcome = Outcome::Unauthenticated;
        }
        Ok(answer)
    }

    /// Plans a mutation's payloads, for whoever the caller is by then.
    fn planner(self: &Arc<Self>, admitted: &Admitted) -> Planner {
        let (app, admitted) = (self.clone(), Admitted::clone(admitted));
        Box::new(move |actor| app.plans(&admitted, actor))
    }
}

/// The code for the access log, from the closed list of faults.
fn known_code(code: &str) -> Option<&'static str> {
    ["INTERNAL", "UNAUTHENTICATED", "FORBIDDEN", "BAD_USER_INPUT", "CONFLICT", "TIMEOUT", "UNAVAILABLE"]
        .into_iter()
        .find(|known| *known == code)
}
