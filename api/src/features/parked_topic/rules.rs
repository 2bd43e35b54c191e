//! Rules of parked topics.

use crate::{
    kernel::{Code, Message, Refusal},
    message,
};
use entity::{parked_topic::ParkedTopicStatus, session::SessionStatus};

/// Maximum number of topics of one session. It keeps the list short enough to read whole.
pub const PER_SESSION: usize = 50;

/// Requires that a topic still waits in the parking lot.
pub fn require_parked(status: ParkedTopicStatus) -> Result<(), Refusal> {
    use ParkedTopicStatus::*;
    let message = match status {
        Parked => return Ok(()),
        Scheduled => message!(TOPIC_SCHEDULED, "The topic became an agenda item already."),
        Raised => message!(TOPIC_RAISED, "The topic became an obstacle already."),
        Assigned => message!(TOPIC_ASSIGNED, "The topic became an action already."),
        Dropped => message!(TOPIC_DROPPED, "The topic was dropped already."),
    };
    Err(Refusal::new(Code::WrongState, message).at("input.id"))
}

/// Requires that topics can be parked in a session: it is in progress.
pub fn require_in_progress(status: SessionStatus) -> Result<(), Refusal> {
    if status == SessionStatus::InProgress {
        return Ok(());
    }
    let message: Message =
        message!(NOT_IN_PROGRESS, "Topics are parked while a session is in progress. Start it first.");
    Err(Refusal::new(Code::WrongState, message).at("input.sessionId"))
}

/// Requires that a session has room for another topic.
pub fn require_room(there: usize) -> Result<(), Refusal> {
    if there < PER_SESSION {
        return Ok(());
    }
    let message =
        message!(TOPICS_PER_SESSION, "A session has at most {max} parked topics.", max = PER_SESSION);
    Err(Refusal::new(Code::LimitReached, message).at("input.sessionId"))
}
