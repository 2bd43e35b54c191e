//! The law of franchises.

use crate::kernel::{Code, Refusal};
use entity::franchise::FranchiseStatus;

/// Whether a franchise with so many active clients can close.
pub fn closable(status: FranchiseStatus, clients: i64) -> Result<(), Refusal> {
    let message = match (status, clients) {
        (FranchiseStatus::Closed, _) => "The franchise is closed already.".to_owned(),
        (FranchiseStatus::Active, 0) => return Ok(()),
        (FranchiseStatus::Active, 1) => {
            "The franchise still works with 1 active client. Transfer or archive it first.".to_owned()
        }
        (FranchiseStatus::Active, clients) => {
            format!(
                "The franchise still works with {clients} active clients. Transfer or archive them first."
            )
        }
    };
    Err(Refusal::new(Code::WrongState, message).at("input.id"))
}
