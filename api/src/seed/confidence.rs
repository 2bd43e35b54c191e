//! Confidential content: facilitators' private notes and to-dos, and the support access that the cast's client gave.

use super::{
    calendar::At,
    making::Making,
    sketch::NetworkShape,
    source::Source,
    vocabulary::notes::{NOTES, SUPPORT, TO_DOS},
};
use chrono::Duration;
use entity::{
    client_note,
    membership::MembershipRole::{HeadOfficeAdmin, Sponsor},
    support_access, support_visit, to_do,
};

/// Makes them for a grown network's client, from chances of their own.
pub fn add(making: &mut Making<'_>, source: &mut Source) {
    if making.directory.sketch.shape == NetworkShape::Even {
        return;
    }
    let count = if making.card.stage_door { 4 } else { usize::from(source.chance(45)) };
    let mut notes: Vec<&str> = NOTES.to_vec();
    source.shuffle(&mut notes);
    let age = (making.now - making.card.created_at).num_minutes().max(1);
    for (at, text) in notes.into_iter().take(count).enumerate() {
        let created_at = making.card.created_at + Duration::minutes(source.between(0, age));
        making.batch.notes.push(client_note::Model {
            id: source.id(created_at),
            network_id: making.network,
            client_id: making.client,
            person_id: making.card.lead,
            text: text.into(),
            pinned: at == 0,
            created_at,
            archived_at: None,
            version: 1,
        });
    }
    if making.card.stage_door {
        // one that was used and is over, and one that can be used now
        let long_ago = making.now - Duration::days(40);
        support(making, source, SUPPORT[0], (long_ago, long_ago + Duration::days(7)), true);
        let (since, until) = (making.now - Duration::days(2), making.now + Duration::days(12));
        support(making, source, SUPPORT[1], (since, until), false);
    }
    to_dos(making, source);
}

/// What the lead means to do for the client: some of it is done, and some overdue.
fn to_dos(making: &mut Making<'_>, source: &mut Source) {
    let count = if making.card.stage_door { 3 } else { usize::from(source.chance(30)) };
    let mut titles: Vec<&str> = TO_DOS.to_vec();
    source.shuffle(&mut titles);
    for (at, title) in titles.into_iter().take(count).enumerate() {
        let created_at = (making.now - Duration::days(source.between(1, 20))).max(making.card.created_at);
        making.batch.to_dos.push(to_do::Model {
            id: source.id(created_at),
            network_id: making.network,
            person_id: making.card.lead,
            client_id: Some(making.client),
            title: title.into(),
            detail: String::new(),
            due_on: (making.now + Duration::days(source.between(-3, 14))).date_naive(),
            done_at: (at == 2).then_some(making.now),
            created_at,
            version: 1,
        });
    }
}

fn support(
    making: &mut Making<'_>,
    source: &mut Source,
    (reason, purpose): (&str, &str),
    (starts_at, ends_at): (At, At),
    used: bool,
) {
    let cast = &making.directory.cast;
    let (Some(granted_by), Some((admin, name, email))) = (cast.of(Sponsor), cast.named(HeadOfficeAdmin))
    else {
        return;
    };
    let access = support_access::Model {
        id: source.id(starts_at),
        network_id: making.network,
        client_id: making.client,
        granted_by,
        person_id: Some(admin),
        email: Some(email.to_owned()),
        reason: reason.into(),
        starts_at,
        ends_at,
        revoked_at: None,
        version: 1,
    };
    if used {
        let begun = starts_at + Duration::hours(20);
        making.batch.visits.push(support_visit::Model {
            id: source.id(begun),
            network_id: making.network,
            client_id: making.client,
            access_id: access.id,
            person_id: admin,
            visitor: name.to_owned(),
            email: email.to_owned(),
            purpose: purpose.into(),
            starts_at: begun,
            ends_at: begun + Duration::minutes(60),
            version: 1,
        });
    }
    making.batch.accesses.push(access);
}
