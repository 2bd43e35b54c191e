use super::rules::require_closed;
use chrono::{DateTime, TimeDelta, Utc};
use entity::{Id, owner_opening};
use uuid::Uuid;

#[test]
fn a_client_opens_seven_days_after_the_owner_joined() {
    let joined = DateTime::<Utc>::UNIX_EPOCH + TimeDelta::days(20_000);
    let opening = owner_opening::Model {
        id: Id::new(Uuid::nil()),
        network_id: Id::new(Uuid::nil()),
        client_id: Id::new(Uuid::nil()),
        franchise_id: Id::new(Uuid::nil()),
        person_id: Id::new(Uuid::nil()),
        name: "Ines".into(),
        email: "ines@example.org".into(),
        opens_at: joined + TimeDelta::days(7),
        agreed_by: None,
        agreed_at: None,
        created_at: joined,
        version: 1,
    };
    for (days, waits) in [(0, true), (6, true), (7, false), (8, false)] {
        assert_eq!(require_closed(&opening, joined + TimeDelta::days(days)).is_ok(), waits, "{days} days");
    }
}
