//! What follows when an owner joins a franchise: those who were there before are told by e-mail, and an owner whom head
//! office named waits for the clients' content.

use crate::kernel::{Email, Error, Write};
use chrono::TimeDelta;
use entity::{
    client, franchise, invitation, membership, membership::MembershipRole, outbox::EmailKind, owner_opening,
    person,
};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use std::collections::BTreeMap;

/// How long an owner whom head office named waits for the content of the franchise's clients.
const WAITS: TimeDelta = TimeDelta::days(7);

/// Tells the other owners of a franchise, and the sponsors of its clients, that someone joins as an owner. The
/// transaction reaches the network.
pub(super) async fn owner_joins(
    write: &Write,
    invitation: &invitation::Model,
    owner: &person::Model,
) -> Result<(), Error> {
    let (MembershipRole::FranchiseOwner, Some(franchise)) = (invitation.role, invitation.franchise_id) else {
        return Ok(());
    };
    let Some(franchise) = write.find::<franchise::Entity>(franchise).await? else { return Ok(()) };
    let clients = client::Entity::find().filter(client::Column::FranchiseId.eq(franchise.id));
    let clients = write.all(clients).await?;
    let opens_at = write.now() + WAITS;
    if invitation.opens_later {
        for client in &clients {
            let opening = owner_opening::Model {
                id: write.id(),
                network_id: client.network_id,
                client_id: client.id,
                franchise_id: franchise.id,
                person_id: owner.id,
                name: owner.name.clone(),
                email: owner.email.clone(),
                opens_at,
                agreed_by: None,
                agreed_at: None,
                created_at: write.now(),
                version: 1,
            };
            write.insert::<owner_opening::Entity>(opening).await?;
        }
    }
    let held = membership::Entity::find()
        .filter(membership::Column::Role.is_in([MembershipRole::FranchiseOwner, MembershipRole::Sponsor]))
        .filter(membership::Entity::lasting(write.now()));
    let names: BTreeMap<_, _> = clients.iter().map(|client| (client.id.uuid(), client)).collect();
    for held in write.all(held).await? {
        let of = match (held.franchise_id, held.client_id) {
            _ if held.person_id == owner.id => continue,
            (Some(other), _) if other == franchise.id => None,
            (_, Some(client)) if names.contains_key(&client.uuid()) => names.get(&client.uuid()),
            _ => continue,
        };
        let Some(to) = write.find::<person::Entity>(held.person_id).await? else { continue };
        let works = of.map(|client| format!(", which works with {}", client.name)).unwrap_or_default();
        let then = match (of, invitation.opens_later) {
            (Some(client), true) => format!(
                " Head office named them, as the franchise had no owner. What {} writes down opens to them on {}, \
                 unless its sponsor agrees earlier. If this is not meant to be, write to head office before.",
                client.name,
                opens_at.format("%-d %B %Y, %H:%M UTC"),
            ),
            (Some(_), false) => " They read the content of its clients.".to_owned(),
            (None, _) => String::new(),
        };
        let text = format!(
            "Hello {},\n\n{} ({}) is now an owner of {}{works}.{then}\n",
            to.name, owner.name, owner.email, franchise.name,
        );
        let subject = format!("A new owner of {}", franchise.name);
        write.post(Email::new(EmailKind::Notice, invitation.id.uuid(), &to, subject, text));
    }
    Ok(())
}
