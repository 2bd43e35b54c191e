//! What can go wrong, and who may know. A refusal is a rule's answer and travels as data in the mutation's payload;
//! a fault is a GraphQL error with a code from a closed set. Neither implements `Display`: async-graphql would turn
//! anything that does into text for the client, database messages included.

use async_graphql::{Enum, ErrorExtensions, SimpleObject};
use sea_orm::{ConnAcquireErr, DbErr};

/// Why something was not done.
#[derive(Debug)]
pub enum Error {
    /// Rules said no. Nothing was changed.
    Refused(Vec<Refusal>),
    /// The request cannot be answered at all.
    Fault(Fault),
}

/// A rule's no.
#[derive(Clone, Debug, PartialEq, SimpleObject)]
#[graphql(name = "UserError")]
pub struct Refusal {
    /// What kind of rule said no.
    pub code: Code,
    /// What is wrong and what to do about it, for people.
    pub message: String,
    /// Where in the arguments the fault lies, from the argument's name inwards; empty when it lies in none.
    pub path: Vec<String>,
}

/// The kinds of refusal. Closed: a client can match on all of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(name = "UserErrorCode")]
pub enum Code {
    /// The id names nothing that the caller can reach.
    NotFound,
    /// A value is missing, malformed or out of its range.
    Invalid,
    /// The object is not in a state that allows this.
    WrongState,
    /// Someone changed the object since it was read; the payload holds it as it is now.
    Conflict,
    /// A limit of the programme is reached; the message names what competes for the place.
    LimitReached,
    /// Priorities compete for people or stand in each other's way; the message names them. Say that it is known, and
    /// go on, or settle it first.
    Collision,
    /// Something with this name or address exists already.
    Taken,
    /// Only the object's owner, or who runs the programme, may do this.
    NotOwner,
    /// The owner must be an active member of the team, and a facilitator never is.
    OwnerNotEligible,
    /// Head office has locked this part of a template; the message names it.
    Locked,
    /// The stage's exit criteria are not met; the message lists them.
    CriteriaNotMet,
    /// Too few members have taken part; the message says how many are needed.
    QuorumNotMet,
    /// E-mail address or password is wrong, or the link is no longer good.
    NotAuthenticated,
    /// Too many attempts; wait and try again.
    TooManyAttempts,
    /// There are several to choose from; the payload lists them.
    ChoiceNeeded,
}

/// Why a request cannot be answered.
#[derive(Clone, Debug, PartialEq)]
pub enum Fault {
    /// Nobody is signed in.
    Unauthenticated,
    /// The caller holds nowhere the permission that this needs.
    Forbidden,
    /// An argument cannot be used: a foreign cursor, a page too large.
    BadUserInput(String),
    /// A concurrent request won; trying again may work.
    Conflict,
    /// The idempotency key belongs to another request.
    KeyTaken,
    /// The request had its effect, and the process that had it died before its answer was kept.
    AnswerLost,
    /// The request used up its allowance of time.
    Timeout,
    /// Our fault. The log has the details under the request's id.
    Internal,
}

impl Fault {
    /// The code that clients see in `extensions.code`.
    pub fn code(&self) -> &'static str {
        match self {
            Fault::Unauthenticated => "UNAUTHENTICATED",
            Fault::Forbidden => "FORBIDDEN",
            Fault::BadUserInput(_) => "BAD_USER_INPUT",
            Fault::Conflict | Fault::KeyTaken | Fault::AnswerLost => "CONFLICT",
            Fault::Timeout => "TIMEOUT",
            Fault::Internal => "INTERNAL",
        }
    }
    /// The message that clients see.
    pub fn message(&self) -> &str {
        match self {
            Fault::Unauthenticated => "You are not signed in, or no longer.",
            Fault::Forbidden => "Your roles do not include this.",
            Fault::BadUserInput(message) => message,
            Fault::Conflict => "Another request changed this at the same time. Try again.",
            Fault::KeyTaken => "This Idempotency-Key was used for another request.",
            Fault::AnswerLost => "This request was carried out, but its answer is lost. Read the object.",
            Fault::Timeout => "This took too long.",
            Fault::Internal => "Internal error",
        }
    }
}

impl Refusal {
    pub fn new(code: Code, message: impl Into<String>) -> Self {
        Refusal { code, message: message.into(), path: Vec::new() }
    }
    /// Says which argument is at fault: `input.ownerId`.
    pub fn at(mut self, path: &str) -> Self {
        self.path = path.split('.').map(str::to_owned).collect();
        self
    }
}

impl From<Refusal> for Error {
    fn from(refusal: Refusal) -> Self {
        Error::Refused(vec![refusal])
    }
}
impl From<Vec<Refusal>> for Error {
    fn from(refusals: Vec<Refusal>) -> Self {
        Error::Refused(refusals)
    }
}
impl From<Fault> for Error {
    fn from(fault: Fault) -> Self {
        Error::Fault(fault)
    }
}
impl From<DbErr> for Error {
    fn from(error: DbErr) -> Self {
        Error::Fault(error.into())
    }
}

impl From<DbErr> for Fault {
    fn from(error: DbErr) -> Self {
        if matches!(error, DbErr::ConnectionAcquire(ConnAcquireErr::Timeout)) {
            tracing::warn!("every connection to write on was in use for too long");
            return Fault::Timeout;
        }
        // serialization failure, deadlock, lock not available; SQLite's busy
        let text = format!("{error:?}");
        let lost = ["40001", "40P01", "55P03", "database is locked"].iter().any(|sign| text.contains(sign));
        if lost {
            tracing::info!(error = text, "a concurrent transaction won");
            return Fault::Conflict;
        }
        if text.contains("57014") {
            return Fault::Timeout;
        }
        // names are looked up before they are written: one that was free and is taken was taken in between
        if ["23505", "UNIQUE constraint failed"].iter().any(|sign| text.contains(sign)) {
            tracing::warn!(error = text, "a unique key was taken in between");
            return Fault::Conflict;
        }
        tracing::error!(error = text, "the database refused a statement");
        Fault::Internal
    }
}

impl From<Fault> for async_graphql::Error {
    fn from(fault: Fault) -> Self {
        let code = fault.code();
        async_graphql::Error::new(fault.message()).extend_with(|_, extensions| extensions.set("code", code))
    }
}
