use super::rules::closable;
use entity::franchise::FranchiseStatus::{Active, Closed};

#[test]
fn a_franchise_closes_when_its_last_client_is_gone() {
    for (status, clients, says) in [
        (Active, 0, None),
        (Active, 1, Some("1 active client.")),
        (Active, 12, Some("12 active clients.")),
        (Closed, 0, Some("closed already")),
    ] {
        match (closable(status, clients), says) {
            (Ok(()), None) => {}
            (Err(refusal), Some(says)) => assert!(refusal.message.contains(says), "{}", refusal.message),
            (answer, _) => panic!("{status:?} with {clients} clients: {answer:?}"),
        }
    }
}
