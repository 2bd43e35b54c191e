//! Who asks, and whether they may now: tokens, points, addresses, and turns.

use super::points::{NEEDED_APART, Turn, Who};
use crate::{
    app::App,
    gate::{Admitted, REQUEST_WEIGHT},
    http::{Answer, Call, Rate},
    identity::{
        buckets::{Exhausted, Level},
        token::Claims,
    },
    kernel::{Caller, Fault, price},
};
use std::{net::IpAddr, sync::Arc, time::Instant};

/// Bytes of a body that are read for a point: as JSON, and again as GraphQL where the document is not known yet.
const BODY_BYTES_PER_POINT: usize = 400;
const DOCUMENT_BYTES_PER_POINT: usize = 20;

/// Mutations whose work no document shows, and what it costs. They need 1,000 points left, may take the person into debt,
/// and one of them runs at a time.
const APART: &[(&str, Apart)] = &[
    ("actionImport", Apart::AsDone),
    ("benchmarkReleaseClose", Apart::Flat(price::CLOSING)),
    ("clientExport", Apart::AsDone),
    ("clientImport", Apart::AsDone),
    ("memberImport", Apart::AsDone),
    ("passwordChange", Apart::Flat(2 * price::HASH)),
    ("personExport", Apart::AsDone),
    ("templateDraftImport", Apart::AsDone),
    ("templateImport", Apart::AsDone),
];

#[derive(Clone, Copy)]
enum Apart {
    Flat(u32),
    /// By what the mutation says that it did: see [`Caller::spend`].
    AsDone,
}

/// What a signed-in request has been charged, and its right to run. Dropped, the work that is priced apart is paid.
pub(super) struct Bill {
    app: Arc<App>,
    who: Who,
    turn: Turn,
    apart: u32,
    pub(super) rate: Rate,
    caller: Option<Arc<Caller>>,
}

impl App {
    /// Looks at a request before its body is read: whether it is signed in. A token that does not hold, and a person
    /// without points, are refused here.
    pub(crate) async fn greeted(&self, bearer: Option<&str>, request_id: &str) -> Result<bool, Answer> {
        let Some(claims) = self.claims(bearer, request_id).await? else { return Ok(false) };
        let (who, now) = (who(&claims), self.kernel.seams.instant());
        if self.points.left(who, now).remaining == 0 {
            self.points.charge(who, REQUEST_WEIGHT, now).map(drop).map_err(|spent| self.limited(&spent))?;
            self.points.give_back(who, REQUEST_WEIGHT, now);
        }
        Ok(true)
    }

    /// Who asks, if a token says so.
    pub(super) async fn claims(
        &self,
        bearer: Option<&str>,
        request_id: &str,
    ) -> Result<Option<Arc<Claims>>, Answer> {
        let Some(token) = bearer else { return Ok(None) };
        let verified = self.door.ring.verify(token).await;
        verified.map(Some).map_err(|_| self.fault(&Fault::Unauthenticated, request_id))
    }

    /// Waits for the person's turn, and takes what it costs to read the request, whether it is refused then or not.
    pub(super) async fn begin(
        self: &Arc<Self>,
        claims: &Claims,
        call: &Call,
        now: Instant,
    ) -> Result<Bill, Answer> {
        let who = who(claims);
        let Some(turn) = self.points.turn(who).await else {
            let level = self.points.left(who, now);
            return Err(self.limited(&Exhausted { level, retry_after: 1 }));
        };
        let query = &call.request.query;
        let known = self.gate.knows(query, call.request.operation_name.as_deref());
        let document = if known { 0 } else { query.len() / DOCUMENT_BYTES_PER_POINT };
        let points = u32::try_from(call.size / BODY_BYTES_PER_POINT + document).unwrap_or(u32::MAX);
        let charged = points.saturating_add(REQUEST_WEIGHT);
        let level = self.points.charge(who, charged, now).map_err(|spent| self.limited(&spent))?;
        Ok(Bill { app: self.clone(), who, turn, apart: 0, rate: level.into(), caller: None })
    }

    /// Counts a request of somebody who is not signed in: one that seems to refresh a token apart from others.
    pub(super) fn strange(&self, remote: IpAddr, refreshes: bool, now: Instant) -> Result<(), Answer> {
        let counted = match refreshes {
            true => self.points.refresh(remote, now),
            false => self.points.anonymous(remote, now),
        };
        counted.map(drop).map_err(|spent| self.limited(&spent))
    }
}

impl Bill {
    /// Takes the rest of what the document costs.
    pub(super) fn charge(&mut self, admitted: &Admitted, now: Instant) -> Result<(), Answer> {
        // a request's own weight is paid already
        let cost = admitted.cost.saturating_sub(REQUEST_WEIGHT);
        let level = self.app.points.charge(self.who, cost, now).map_err(|spent| self.app.limited(&spent))?;
        self.rate = level.into();
        let document = &admitted.document;
        let fields = document.operation.root_fields(&document.ast);
        let apart: Vec<Apart> = fields
            .filter_map(|field| APART.iter().find(|(name, _)| field.name == *name).map(|(_, apart)| *apart))
            .collect();
        if apart.is_empty() {
            return Ok(());
        }
        if self.rate.remaining < NEEDED_APART {
            let spent = self.app.points.needed(self.who, NEEDED_APART, now);
            return Err(self.app.limited(&spent));
        }
        if !self.turn.take_apart() {
            let level = self.app.points.left(self.who, now);
            return Err(self.app.limited(&Exhausted { level, retry_after: 1 }));
        }
        for one in apart {
            self.apart = self.apart.saturating_add(match one {
                Apart::Flat(points) => points,
                Apart::AsDone => 0,
            });
        }
        Ok(())
    }

    /// Remembers the caller, whose work may turn out to cost more.
    pub(super) fn of(&mut self, caller: &Arc<Caller>) {
        self.caller = Some(caller.clone());
    }

    /// Gives back what was not found.
    pub(super) fn settle(&mut self, admitted: &Admitted, found: u32, now: Instant) {
        let unused = admitted.cost.saturating_sub(admitted.price.for_found(found));
        if unused > 0 {
            self.rate = self.app.points.give_back(self.who, unused, now).into();
        }
    }
}

impl Drop for Bill {
    fn drop(&mut self) {
        let spent = self.caller.as_ref().map_or(0, |caller| caller.spent());
        let apart = self.apart.saturating_add(spent);
        if apart > 0 {
            self.app.points.debit(self.who, apart);
        }
    }
}

impl From<Level> for Rate {
    fn from(level: Level) -> Self {
        Self { limit: level.limit, remaining: level.remaining, reset_seconds: level.reset_seconds }
    }
}

fn who(claims: &Claims) -> Who {
    Who { network: claims.nid, person: claims.sub }
}
