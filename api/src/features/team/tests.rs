use super::rules::{require_archivable, require_archived};
use chrono::DateTime;
use entity::{Id, team};
use uuid::Uuid;

#[test]
fn a_team_with_an_unfinished_programme_is_not_archived() {
    let team = |archived_at| team::Model {
        id: Id::new(Uuid::from_u128(1)),
        network_id: Id::new(Uuid::from_u128(1)),
        client_id: Id::new(Uuid::from_u128(1)),
        name: "Leadership team".into(),
        created_at: DateTime::UNIX_EPOCH,
        archived_at,
        version: 1,
    };
    for (archived_at, running, may) in
        [(None, 0, true), (None, 1, false), (Some(DateTime::UNIX_EPOCH), 0, false)]
    {
        assert_eq!(
            require_archivable(&team(archived_at), running).is_ok(),
            may,
            "{archived_at:?} with {running}"
        );
        assert_eq!(require_archived(&team(archived_at)).ok(), archived_at);
    }
}
