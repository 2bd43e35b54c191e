//! Rules of franchises.

use crate::{
    kernel::{Code, Message, Refusal},
    message,
};
use entity::franchise::FranchiseStatus;

/// Requires that a franchise can close. `clients` is its number of active clients.
pub fn require_closable(status: FranchiseStatus, clients: i64) -> Result<(), Refusal> {
    let message: Message = match (status, clients) {
        (FranchiseStatus::Closed, _) => {
            message!(FRANCHISE_CLOSED_ALREADY, "The franchise is closed already.")
        }
        (FranchiseStatus::Active, 0) => return Ok(()),
        (FranchiseStatus::Active, 1) => {
            message!(
                ACTIVE_CLIENTS,
                "The franchise still works with {clients} active client. Transfer or archive it first.",
                clients,
            )
        }
        (FranchiseStatus::Active, _) => {
            message!(
                ACTIVE_CLIENTS,
                "The franchise still works with {clients} active clients. Transfer or archive them first.",
                clients,
            )
        }
    };
    Err(Refusal::new(Code::WrongState, message).at("input.id"))
}
