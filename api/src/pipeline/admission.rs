//! Admission: the caller of a request, and whether the allowance of the caller suffices: tokens, points, addresses and
//! turns.

use super::points::{POINTS_NEEDED_APART, PersonKey, Turn};
use crate::{
    app::App,
    gate::{Admitted, REQUEST_WEIGHT},
    http::{Answer, Call, Rate},
    identity::{
        buckets::{Exhausted, Level},
        token::Claims,
    },
    kernel::{Caller, Fault},
    price,
};
use std::{net::IpAddr, sync::Arc, time::Instant};

/// Bytes of a body for one point: read as JSON, and again as GraphQL if the document is not cached.
const BODY_BYTES_PER_POINT: usize = 400;
const DOCUMENT_BYTES_PER_POINT: usize = 20;

/// Mutations whose work does not show in the document, with their price. They need 1,000 points, may take the person into
/// debt, and run one at a time.
const PRICED_APART: &[(&str, PriceApart)] = &[
    ("actionImport", PriceApart::Measured),
    ("benchmarkReleaseClose", PriceApart::Flat(price::CLOSING)),
    ("clientExport", PriceApart::Measured),
    ("clientImport", PriceApart::Measured),
    ("clientsTransfer", PriceApart::Measured),
    ("memberImport", PriceApart::Measured),
    ("passwordChange", PriceApart::Flat(2 * price::HASH)),
    ("personExport", PriceApart::Measured),
    ("templateDraftImport", PriceApart::Measured),
    ("templateImport", PriceApart::Measured),
];

#[derive(Clone, Copy)]
enum PriceApart {
    Flat(u32),
    /// The mutation reports its price: see [`Caller::spend`].
    Measured,
}

/// The points that a signed-in request has been charged, and its right to run. Work that is priced apart is charged when the
/// bill is dropped.
pub(super) struct Bill {
    app: Arc<App>,
    who: PersonKey,
    turn: Turn,
    apart: u32,
    pub(super) rate: Rate,
    caller: Option<Arc<Caller>>,
}

impl App {
    /// Checks a request before its body is read. Returns whether it is signed in. Refuses invalid tokens, and people
    /// without points.
    pub(crate) async fn admit_head(&self, bearer: Option<&str>, request_id: &str) -> Result<bool, Answer> {
        let Some(claims) = self.verify_bearer(bearer, request_id).await? else { return Ok(false) };
        let (who, now) = (person_key(&claims), self.kernel.seams.instant());
        if self.points.level_of(who, now).remaining == 0 {
            self.points
                .charge(who, REQUEST_WEIGHT, now)
                .map(drop)
                .map_err(|spent| self.rate_limited_answer(&spent))?;
            self.points.give_back(who, REQUEST_WEIGHT, now);
        }
        Ok(true)
    }

    /// The claims of the access token, if the request has one.
    pub(super) async fn verify_bearer(
        &self,
        bearer: Option<&str>,
        request_id: &str,
    ) -> Result<Option<Arc<Claims>>, Answer> {
        let Some(token) = bearer else { return Ok(None) };
        let verified = self.sign_in.ring.verify(token).await;
        verified.map(Some).map_err(|_| self.fault_answer(&Fault::Unauthenticated, request_id))
    }

    /// Waits for the person's turn and charges for reading the request, even if the request is refused later.
    pub(super) async fn open_bill(
        self: &Arc<Self>,
        claims: &Claims,
        call: &Call,
        now: Instant,
    ) -> Result<Bill, Answer> {
        let who = person_key(claims);
        let Some(turn) = self.points.wait_for_turn(who).await else {
            let level = self.points.level_of(who, now);
            return Err(self.rate_limited_answer(&Exhausted { level, retry_after: 1 }));
        };
        let query = &call.request.query;
        let known = self.gate.is_cached(query, call.request.operation_name.as_deref());
        let document = if known { 0 } else { query.len() / DOCUMENT_BYTES_PER_POINT };
        let points = u32::try_from(call.size / BODY_BYTES_PER_POINT + document).unwrap_or(u32::MAX);
        let charged = points.saturating_add(REQUEST_WEIGHT);
        let level =
            self.points.charge(who, charged, now).map_err(|spent| self.rate_limited_answer(&spent))?;
        Ok(Bill { app: self.clone(), who, turn, apart: 0, rate: level.into(), caller: None })
    }

    /// Charges a request without a token to its address. Requests that seem to refresh a token are counted separately.
    pub(super) fn charge_anonymous(
        &self,
        remote: IpAddr,
        refreshes: bool,
        now: Instant,
    ) -> Result<(), Answer> {
        let counted = match refreshes {
            true => self.points.refresh(remote, now),
            false => self.points.anonymous(remote, now),
        };
        counted.map(drop).map_err(|spent| self.rate_limited_answer(&spent))
    }
}

impl Bill {
    /// Charges the rest of the document's cost.
    pub(super) fn charge(&mut self, admitted: &Admitted, now: Instant) -> Result<(), Answer> {
        // a request's own weight is paid already
        let cost = admitted.cost.saturating_sub(REQUEST_WEIGHT);
        let level = self
            .app
            .points
            .charge(self.who, cost, now)
            .map_err(|spent| self.app.rate_limited_answer(&spent))?;
        self.rate = level.into();
        let document = &admitted.document;
        let fields = document.operation.root_fields(&document.ast);
        let apart: Vec<PriceApart> = fields
            .filter_map(|field| {
                PRICED_APART.iter().find(|(name, _)| field.name == *name).map(|(_, apart)| *apart)
            })
            .collect();
        if apart.is_empty() {
            return Ok(());
        }
        if self.rate.remaining < POINTS_NEEDED_APART {
            let spent = self.app.points.shortfall(self.who, POINTS_NEEDED_APART, now);
            return Err(self.app.rate_limited_answer(&spent));
        }
        if !self.turn.take_exclusive_turn() {
            let level = self.app.points.level_of(self.who, now);
            return Err(self.app.rate_limited_answer(&Exhausted { level, retry_after: 1 }));
        }
        for one in apart {
            self.apart = self.apart.saturating_add(match one {
                PriceApart::Flat(points) => points,
                PriceApart::Measured => 0,
            });
        }
        Ok(())
    }

    /// Keeps the caller, who may report further costs.
    pub(super) fn set_caller(&mut self, caller: &Arc<Caller>) {
        self.caller = Some(caller.clone());
    }

    /// Gives back the points of objects that were not found.
    pub(super) fn refund_unused(&mut self, admitted: &Admitted, found: u32, now: Instant) {
        let unused = admitted.cost.saturating_sub(admitted.price.for_objects(found));
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

fn person_key(claims: &Claims) -> PersonKey {
    PersonKey { network: claims.nid, person: claims.sub }
}
