//! Members who are people of the network, besides the cast: they check in themselves. They have no sign-in, so no e-mail is
//! sent to them.

use super::{cast, making::Making, sketch::NetworkShape, source::Source};
use entity::{Id, member::MemberStatus, membership::MembershipRole, person};

/// Whether the members of the client at this place are people of the network: three teams in five, and those of the
/// demo's facilitator.
fn known(making: &Making<'_>, at: usize) -> bool {
    let directory = making.directory;
    let ours = Some(making.card.lead) == directory.cast.of(MembershipRole::Facilitator);
    directory.sketch.shape == NetworkShape::Grown
        && making.card.line.is_some()
        && !making.card.stage_door
        && (ours || at % 5 < 3)
}

/// Makes the active members of the client at this place people of the network, where they are.
pub fn add(making: &mut Making<'_>, at: usize) {
    if !known(making, at) {
        return;
    }
    // chances of its own: what others draw stays as it is
    let mut source = Source::new(making.directory.sketch.seed, 8_000_000 + at as u64);
    let (network, client, team) = (making.network, making.client, making.team);
    let mut joined = vec![];
    let members = making.batch.members.iter_mut().rev().take_while(|row| row.team_id == team);
    for member in members.filter(|row| row.status == MemberStatus::Active) {
        let id: Id<person::Entity> = source.id(member.created_at);
        member.person_id = Some(id);
        joined.push((id, member.name.clone(), member.email.clone(), member.created_at));
    }
    for (id, name, email, created_at) in joined {
        let place = (None, Some(client), Some(team));
        let held = cast::membership(&mut source, network, id, MembershipRole::Leader, place, created_at);
        making.batch.memberships.push(held);
        making.batch.people.push(person::Model {
            id,
            network_id: network,
            identity_id: None,
            email: email.unwrap_or_else(|| format!("{}@example.com", id.uuid().simple())),
            name,
            created_at,
            erased_at: None,
            version: 1,
        });
    }
}
