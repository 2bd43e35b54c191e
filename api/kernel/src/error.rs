//! What can go wrong, and who may know. A refusal is a rule's answer and travels as data in the mutation's payload;
//! a fault is a GraphQL error with a code from a closed set. Neither implements `Display`: async-graphql would turn
//! anything that does into text for the client, database messages included.
//!
//! Invariant: a number, a name or a date in a message stands in its parameters too, so that a front end can write the
//! message in another language. [`message!`](crate::message) makes both of one expression.

use super::payload::camel_case;
use crate::{payload, payload_leaves};
use async_graphql::{Enum, InputType, Value};
use sea_orm::{
    DbErr, RuntimeErr,
    sqlx::{self, error::DatabaseError as _, sqlite::SqliteError},
};
use std::fmt;

/// Why something was not done.
#[derive(Debug)]
pub enum Error {
    /// Rules said no. Nothing was changed.
    Refused(Vec<Refusal>),
    /// The request cannot be answered at all.
    Fault(Fault),
}

payload! {
    /// A reason why a change was rejected.
    #[derive(Clone, Debug, PartialEq)]
    pub struct Refusal as "UserError" {
        /// The kind of reason, for programs.
        pub code: Code,
        /// Name of the message within its `code`, such as `TOO_LONG`. A front end translates the message by `code` and
        /// `reason`, and puts `params` into the translation. Equal to `code` if the message has no name of its own.
        pub reason: String,
        /// A text for people in English: what is wrong and what to do about it.
        pub message: String,
        /// Path of the wrong argument, from its name inwards, such as `["input", "ownerId"]`. Empty if none is wrong.
        pub path: Vec<String>,
        /// Values that the message contains, in its order: numbers, names, dates and allowed values. Some messages add
        /// values for programs after them. Empty if there are none.
        pub params: Vec<Param>,
    }
}

payload! {
    /// A value of an error's message.
    #[derive(Clone, Debug, PartialEq)]
    pub struct Param as "UserErrorParam" {
        /// Name of the value, such as `max`. Errors with the same `code` and `reason` have the same names.
        pub name: String,
        /// The value as text, as the message contains it: a number as `200`, a date as `2026-03-31`.
        pub value: String,
    }
}

impl Param {
    /// A value by its name in Rust, such as `ends_on`.
    pub fn new(name: &str, value: &dyn fmt::Display) -> Self {
        Param { name: camel_case(name), value: value.to_string() }
    }
}

/// A text for people with its name among those of its code, and with the values that it contains. A text without values
/// that is the only one of its code can be written as it is, and is named by the code.
#[derive(Clone, Debug, PartialEq)]
pub struct Message {
    /// Such as `TOO_LONG`. None: the code names it.
    reason: Option<&'static str>,
    text: String,
    params: Vec<Param>,
}

impl Message {
    /// Made by [`message!`](crate::message).
    pub fn new(reason: &'static str, text: String, params: Vec<Param>) -> Self {
        Message { reason: Some(reason), text, params }
    }
    /// The sentence of a parser, whose values are not known.
    pub fn foreign(text: String) -> Self {
        Message { reason: None, text, params: Vec::new() }
    }
    pub fn text(&self) -> &str {
        &self.text
    }
    pub fn reason(&self) -> Option<&'static str> {
        self.reason
    }
    pub fn params(&self) -> &[Param] {
        &self.params
    }
}

impl From<&'static str> for Message {
    fn from(text: &'static str) -> Self {
        debug_assert!(
            !has_number(text),
            "the numbers of this message are parameters, so `message!` makes it: {text}"
        );
        Message { reason: None, text: text.to_owned(), params: Vec::new() }
    }
}

/// Whether a text contains a number. `UTF-8` and `csvBase64` are names.
pub const fn has_number(text: &str) -> bool {
    let bytes = text.as_bytes();
    let mut at = 0;
    while at < bytes.len() {
        let in_name = at > 0 && bytes[at - 1].is_ascii_alphanumeric()
            || at > 1 && bytes[at - 1] == b'-' && bytes[at - 2].is_ascii_alphabetic();
        if bytes[at].is_ascii_digit() && !in_name {
            return true;
        }
        at += 1;
    }
    false
}

/// Makes a [`Message`](crate::error::Message) with its values:
/// `message!(TOO_MANY, "At most {max} members.", max = ATTENDANCE)`. A value that has the name of a variable is
/// written once: `message!(TOO_MANY, "At most {max} members.", max)`. Does not compile where the text contains a number
/// itself, or a value that is not listed.
#[macro_export]
macro_rules! message {
    ($reason:ident, $text:literal $(, $name:ident $(= $value:expr)?)* $(,)?) => {{
        const { assert!(!$crate::error::has_number($text), "a number of a message is a parameter") };
        let params = [$($crate::error::Param::new(stringify!($name), &$crate::message!(@value $name $($value)?))),*];
        let [$($name),*] = &params;
        // what `concat!` makes takes no variables from around it
        let text = format!(concat!($text, ""), $($name = $name.value),*);
        $crate::error::Message::new(stringify!($reason), text, Vec::from(params))
    }};
    (@value $name:ident) => { $name };
    (@value $name:ident $value:expr) => { $value };
}

/// Kinds of reasons why a change is rejected. The list is closed: a front end can match on all values.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(name = "UserErrorCode")]
pub enum Code {
    /// No object has this ID, or the caller has no access to it.
    NotFound,
    /// A value is missing, malformed or out of range.
    Invalid,
    /// The state of the object does not allow this change.
    WrongState,
    /// The object was changed after you read it. The payload contains its current state.
    Conflict,
    /// A limit is reached, such as the number of committed priorities. The message explains it.
    LimitReached,
    /// Committed priorities conflict with each other or overload an owner; the message names them. Resolve this first,
    /// or commit with `acknowledgeCollisions`.
    Collision,
    /// An object with this name or address already exists.
    Taken,
    /// Only certain people may do this, such as the owner of the object or those who run the programme.
    NotOwner,
    /// The owner must be an active member of the team. Facilitators are never members.
    OwnerNotEligible,
    /// Head office has locked this part of a template. The message names the part.
    Locked,
    /// Exit criteria of the stage are not met. The message lists them.
    CriteriaNotMet,
    /// Too few participants have taken part. The message contains the number needed.
    QuorumNotMet,
    /// The e-mail address or the password is wrong, or the link is no longer valid.
    NotAuthenticated,
    /// Too many attempts. Wait and try again.
    TooManyAttempts,
    /// The caller must choose between several networks. The payload lists them.
    ChoiceNeeded,
    /// The work ended before everything was saved. The payload lists the saved part. Repeat the request to continue.
    Interrupted,
}

/// Why a request cannot be answered.
#[derive(Clone, Debug, PartialEq)]
pub enum Fault {
    /// Nobody is signed in.
    Unauthenticated,
    /// The caller holds nowhere the permission that this needs.
    Forbidden,
    /// An argument cannot be used: a foreign cursor, a page too large.
    BadUserInput(Message),
    /// A concurrent request won, and nothing was changed; trying again may work.
    Conflict,
    /// The idempotency key belongs to another request.
    KeyTaken,
    /// The request had its effect, and the process that had it died before its answer was kept.
    AnswerLost,
    /// The request used up its allowance of time.
    Timeout,
    /// The database is away, or cannot save. Nothing was changed.
    Unavailable,
    /// The answer to a commit is missing: the change may have been saved.
    InDoubt,
    /// The change was saved, and its result cannot be read.
    Committed(Box<Fault>),
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
            Fault::Unavailable | Fault::InDoubt => "UNAVAILABLE",
            Fault::Committed(reason) => reason.code(),
            Fault::Internal => "INTERNAL",
        }
    }
    /// The name of its message among those of its code, such as `KEY_TAKEN`.
    pub fn reason(&self) -> &'static str {
        match self {
            Fault::BadUserInput(message) => message.reason().unwrap_or(self.code()),
            Fault::KeyTaken => "KEY_TAKEN",
            Fault::AnswerLost => "ANSWER_LOST",
            Fault::InDoubt => "IN_DOUBT",
            Fault::Committed(fault) => fault.reason(),
            _ => self.code(),
        }
    }
    /// The values that its message contains.
    pub fn params(&self) -> &[Param] {
        match self {
            Fault::BadUserInput(message) => message.params(),
            _ => &[],
        }
    }
    /// The message that clients see.
    pub fn message(&self) -> &str {
        match self {
            Fault::Unauthenticated => "Your session has expired, or you are not signed in. Sign in.",
            Fault::Forbidden => "Your role does not allow this. Ask an administrator for the role.",
            Fault::BadUserInput(message) => message.text(),
            Fault::Conflict => {
                "Other requests changed this at the same time. Nothing was changed. Try again."
            }
            Fault::KeyTaken => "This Idempotency-Key was used for another request. Use a new one.",
            Fault::AnswerLost => "This request was carried out, but its answer is lost. Read the object.",
            Fault::Timeout => "The request took too long. Ask for less, or try again.",
            Fault::Unavailable => "The database is not available. Nothing was changed. Try again shortly.",
            Fault::InDoubt => {
                "The connection to the database was lost while the change was being saved. Read the object to see \
                 whether it was saved, or repeat the request with its Idempotency-Key."
            }
            Fault::Committed(_) => "The change was saved, but its result cannot be read.",
            Fault::Internal => "Internal error",
        }
    }
}

payload_leaves!(Code);

impl Code {
    /// Its name in the schema.
    fn name(self) -> String {
        match self.to_value() {
            Value::Enum(name) => name.to_string(),
            _ => String::new(),
        }
    }
}

impl Refusal {
    pub fn new(code: Code, message: impl Into<Message>) -> Self {
        let Message { reason, text, params } = message.into();
        let reason = reason.map_or_else(|| code.name(), str::to_owned);
        Refusal { code, reason, message: text, path: Vec::new(), params }
    }
    /// Adds a value for programs, which the message does not contain.
    pub fn with(mut self, name: &str, value: impl Into<String>) -> Self {
        self.params.push(Param { name: name.to_owned(), value: value.into() });
        self
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
        match &error {
            DbErr::Conn(RuntimeErr::SqlxError(error))
            | DbErr::Exec(RuntimeErr::SqlxError(error))
            | DbErr::Query(RuntimeErr::SqlxError(error)) => {
                let fault = Fault::of_sqlx(error);
                log(&fault, &Clue::of_sqlx(error));
                fault
            }
            DbErr::ConnectionAcquire(_) => Fault::Unavailable,
            _ => {
                tracing::error!("a row or statement does not fit the program's tables");
                Fault::Internal
            }
        }
    }
}

impl From<tokio_postgres::Error> for Fault {
    fn from(error: tokio_postgres::Error) -> Self {
        let (fault, clue) = match error.as_db_error() {
            Some(database) => (
                Fault::of_state(database.code().code()),
                Clue {
                    code: database.code().code().into(),
                    table: database.table().map(str::to_owned),
                    constraint: database.constraint().map(str::to_owned),
                },
            ),
            None => {
                let io =
                    std::error::Error::source(&error).is_some_and(|source| source.is::<std::io::Error>());
                let lost = error.is_closed() || io;
                (if lost { Fault::Unavailable } else { Fault::Internal }, Clue::connection())
            }
        };
        log(&fault, &clue);
        fault
    }
}

impl Fault {
    /// The class of an error by its SQLSTATE.
    fn of_state(state: &str) -> Fault {
        match state {
            // serialization failure, deadlock, lock not available
            "40001" | "40P01" | "55P03" => Fault::Conflict,
            // names are looked up before they are written: one that was free and is taken was taken in between
            "23505" => Fault::Conflict,
            "57014" => Fault::Timeout,
            // a server that only reads, and one whose disk fails
            "25006" | "58030" => Fault::Unavailable,
            // connection exceptions, insufficient resources, operator intervention
            _ if ["08", "53", "57"].iter().any(|class| state.starts_with(class)) => Fault::Unavailable,
            _ => Fault::Internal,
        }
    }

    /// The class of an error by SQLite's result code.
    fn of_sqlite(code: i32) -> Fault {
        const UNIQUE: [i32; 3] = [1555, 2067, 2579];
        match code & 0xff {
            // busy, locked, busy snapshot
            5 | 6 => Fault::Conflict,
            9 => Fault::Timeout,
            // out of memory, read only, I/O error, disk full, cannot open, locking protocol
            7 | 8 | 10 | 13 | 14 | 15 => Fault::Unavailable,
            _ if UNIQUE.contains(&code) => Fault::Conflict,
            _ => Fault::Internal,
        }
    }

    fn of_sqlx(error: &sqlx::Error) -> Fault {
        match error {
            sqlx::Error::Database(database) => match sqlite_code(&**database) {
                Some(code) => Fault::of_sqlite(code),
                None => Fault::of_state(&database.code().unwrap_or_default()),
            },
            sqlx::Error::Io(_)
            | sqlx::Error::Tls(_)
            | sqlx::Error::PoolTimedOut
            | sqlx::Error::PoolClosed
            | sqlx::Error::WorkerCrashed => Fault::Unavailable,
            _ => Fault::Internal,
        }
    }

    /// Whether the database itself refused a statement, on a connection that lives on.
    pub(super) fn is_refused_statement(error: &sqlx::Error) -> bool {
        matches!(error, sqlx::Error::Database(_)) && Fault::of_sqlx(error) != Fault::Unavailable
    }

    /// Whether a commit that ended in this error has certainly changed nothing.
    pub(super) fn is_refused_commit(error: &sqlx::Error) -> bool {
        const FULL: i32 = 13;
        let full = |error: &sqlx::Error| {
            let code = error.as_database_error().and_then(sqlite_code);
            code.is_some_and(|code| code & 0xff == FULL)
        };
        Fault::is_refused_statement(error) || full(error)
    }

    /// A commit whose answer is missing.
    pub(super) fn in_doubt(error: &sqlx::Error) -> Fault {
        log(&Fault::InDoubt, &Clue::of_sqlx(error));
        Fault::InDoubt
    }
}

fn sqlite_code(error: &(dyn sqlx::error::DatabaseError + 'static)) -> Option<i32> {
    error.try_downcast_ref::<SqliteError>().and_then(|error| error.code()?.parse().ok())
}

/// What the log may hold of a database's error: never its text, which may quote a row.
struct Clue {
    /// The SQLSTATE, or SQLite's result code.
    code: String,
    table: Option<String>,
    constraint: Option<String>,
}

impl Clue {
    fn of_sqlx(error: &sqlx::Error) -> Clue {
        match error {
            sqlx::Error::Database(error) => Clue {
                code: error.code().unwrap_or_default().into_owned(),
                table: error.table().map(str::to_owned),
                constraint: error.constraint().map(str::to_owned),
            },
            sqlx::Error::PoolTimedOut => {
                Clue { code: "every connection is in use".into(), ..Clue::connection() }
            }
            sqlx::Error::Io(error) => Clue { code: format!("{:?}", error.kind()), ..Clue::connection() },
            _ => Clue::connection(),
        }
    }

    fn connection() -> Clue {
        Clue { code: "connection".into(), table: None, constraint: None }
    }
}

fn log(fault: &Fault, Clue { code, table, constraint }: &Clue) {
    match fault {
        Fault::Conflict => tracing::info!(code, table, constraint, "a concurrent transaction won"),
        Fault::Timeout => tracing::info!(code, "a statement took too long"),
        Fault::Unavailable => tracing::warn!(code, "the database is not available"),
        Fault::InDoubt => tracing::warn!(code, "the answer to a commit is missing"),
        _ => tracing::error!(code, table, constraint, "the database refused a statement"),
    }
}
