use super::rules::{
    require_active, require_no_visit, require_recipient, require_valid_end, require_visit, visit_end,
};
use chrono::{DateTime, TimeDelta, Utc};
use entity::{Id, support_access, support_visit};
use uuid::Uuid;

fn now() -> DateTime<Utc> {
    "2026-03-02T09:00:00Z".parse().expect("an instant")
}

fn access(named: Option<u128>) -> support_access::Model {
    support_access::Model {
        id: Id::new(Uuid::nil()),
        network_id: Id::new(Uuid::nil()),
        client_id: Id::new(Uuid::nil()),
        granted_by: Id::new(Uuid::nil()),
        person_id: named.map(|id| Id::new(Uuid::from_u128(id))),
        email: None,
        reason: "The export is broken".into(),
        starts_at: now(),
        ends_at: now() + TimeDelta::hours(2),
        revoked_at: None,
        version: 1,
    }
}

#[test]
fn access_lasts_a_month_at_most() {
    for (after, may) in [
        (TimeDelta::zero(), false),
        (TimeDelta::milliseconds(1), true),
        (TimeDelta::days(30), true),
        (TimeDelta::days(30) + TimeDelta::milliseconds(1), false),
        (TimeDelta::days(-1), false),
    ] {
        assert_eq!(require_valid_end(now() + after, now()).is_ok(), may, "{after}");
    }
    let open = access(None);
    assert!(require_active(&open, now()).is_ok() && require_active(&open, open.ends_at).is_err());
    let revoked = support_access::Model { revoked_at: Some(now()), ..open };
    assert!(require_active(&revoked, now()).is_err());
}

#[test]
fn access_is_for_one_person_or_for_every_admin() {
    for (named, person, admin, may) in
        [(None, 1, true, true), (None, 1, false, false), (Some(1), 1, false, true), (Some(1), 2, true, false)]
    {
        let person = Id::new(Uuid::from_u128(person));
        assert_eq!(require_recipient(&access(named), person, admin).is_ok(), may, "{named:?} {admin}");
    }
}

#[test]
fn a_visit_ends_with_the_access_at_the_latest() {
    let access = access(None);
    assert_eq!(visit_end(&access, now(), 60), now() + TimeDelta::minutes(60));
    assert_eq!(visit_end(&access, now(), 480), access.ends_at);
    assert!(require_no_visit(None).is_ok() && require_visit::<support_visit::Model>(None).is_err());
}
