use super::rules::require_closable;
use entity::franchise::FranchiseStatus::{Active, Closed};

#[test]
fn a_franchise_with_active_clients_cannot_close() {
    for (status, clients, says) in [
        (Active, 0, None),
        (Active, 1, Some("1 active client.")),
        (Active, 12, Some("12 active clients.")),
        (Closed, 0, Some("closed already")),
    ] {
        match (require_closable(status, clients), says) {
            (Ok(()), None) => {}
            (Err(refusal), Some(says)) => assert!(refusal.message.contains(says), "{}", refusal.message),
            (answer, _) => panic!("{status:?} with {clients} clients: {answer:?}"),
        }
    }
}
