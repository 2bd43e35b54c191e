//! What facilitators keep to themselves, and what clients let head office see.

use super::{Plot, add, name};
use chrono::TimeDelta;
use concord::kernel::Write;
use entity::{Id, client_note, person, support_access, support_visit};

/// A private note of someone of the franchise.
pub async fn client_note(write: &Write, plot: &Plot) -> Id<client_note::Entity> {
    let id = write.id();
    let row = client_note::Model {
        id,
        network_id: plot.network,
        client_id: plot.client,
        person_id: plot.person,
        text: name(write, "Between us"),
        pinned: false,
        created_at: write.now(),
        archived_at: None,
        version: 1,
    };
    add::<client_note::Entity>(write, row).await;
    id
}

/// Access for every head-office admin, with a visit that is over, and others under way: the access, and the first
/// visit's id.
pub async fn support(
    write: &Write,
    plot: &Plot,
    visitors: &[Id<person::Entity>],
) -> (Id<support_access::Entity>, String) {
    let (id, now) = (write.id(), write.now());
    let row = support_access::Model {
        id,
        network_id: plot.network,
        client_id: plot.client,
        granted_by: plot.person,
        person_id: None,
        email: None,
        reason: "The export is broken".into(),
        starts_at: now - TimeDelta::days(1),
        ends_at: now + TimeDelta::days(1),
        revoked_at: None,
        version: 1,
    };
    add::<support_access::Entity>(write, row).await;
    let mut first = None;
    let over = [(plot.person, now)];
    let there = visitors.iter().map(|person| (*person, now + TimeDelta::hours(1)));
    for (person, ends_at) in over.into_iter().chain(there) {
        let visit = support_visit::Model {
            id: write.id(),
            network_id: plot.network,
            client_id: plot.client,
            access_id: id,
            person_id: person,
            visitor: "Anna".into(),
            email: "anna@example.com".into(),
            purpose: "To look at the export".into(),
            starts_at: now - TimeDelta::hours(1),
            ends_at,
            version: 1,
        };
        first.get_or_insert(visit.id.to_string());
        add::<support_visit::Entity>(write, visit).await;
    }
    (id, first.expect("a visit"))
}
