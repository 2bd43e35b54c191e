//! Moves many clients at once: to another lead of their franchise, or by pending transfers to another franchise. One
//! transaction saves what can be saved, and says for each client what became of it.

use super::{ClientTransfer, move_client, rules};
use crate::{
    features::client::Client,
    kernel::{
        Caller, Check, Error, Fault, Locked, Refusal, Write, access::Permission, mutation::split,
        payload_object::PayloadObject, read::shape::typed, refused_id,
    },
    mutations, payload, price,
};
use async_graphql::{ID, InputObject};
use entity::{Id, client, client_transfer};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use std::collections::BTreeMap;

/// Input for `clientsTransfer`.
#[derive(InputObject)]
pub struct ClientsTransferInput {
    /// IDs of the clients: 1 to 100, each once.
    pub client_ids: Vec<ID>,
    /// ID of the franchise that the clients go to. Omit to keep each client in its franchise. Only head office moves
    /// clients between franchises.
    pub franchise_id: Option<ID>,
    /// ID of the person who leads the clients' programmes after the transfer: a facilitator or owner of the franchise.
    pub lead_id: ID,
    /// Why the clients are to move, for their sponsors and for the audit log: up to 1,000 characters.
    pub reason: Option<String>,
}

payload! {
    /// What became of a client of `clientsTransfer`.
    pub struct ClientsTransferItem {
        /// ID of the client.
        pub client_id: ID,
        /// The client after the change. Null if the caller has no access to a client with this ID.
        pub client: Option<PayloadObject<Client>>,
        /// The pending transfer. Null if the client stays in its franchise, or if its move was rejected.
        pub pending_transfer: Option<PayloadObject<ClientTransfer>>,
        /// Reasons the client was not moved. Empty if it was.
        pub errors: Vec<Refusal>,
    }
}

payload! {
    /// Result of `clientsTransfer`.
    pub struct ClientsTransferPayload {
        /// What became of each client, in the order of the input.
        pub items: Vec<ClientsTransferItem>,
        /// Reasons nothing was changed. Empty if at least one client was moved.
        pub errors: Vec<Refusal>,
    }
}

mutations! {
    ClientsTransferMutation {
        /// Moves many clients to another lead, or proposes their transfer to another franchise, by the rules of
        /// `clientTransfer`. Clients that can be moved are moved in one transaction; `items` says why others were not.
        /// If no client can be moved, nothing changes and `errors` says why.
        clients_transfer(ClientsTransferInput) -> ClientsTransferPayload = clients_transfer;
    }
}

/// The result for a client: its pending transfer, if the franchise changes.
type Moved = Result<Option<Id<client_transfer::Entity>>, Vec<Refusal>>;

/// The clients of an input by their places, with what became of them.
type Items = Vec<(ID, Moved)>;

async fn clients_transfer(
    caller: &Caller,
    input: ClientsTransferInput,
) -> Result<ClientsTransferPayload, Fault> {
    let (items, mut errors) = split(transfer_all(caller, input).await)?;
    let items = items.unwrap_or_default();
    if !items.is_empty() && items.iter().all(|(_, moved)| moved.is_err()) {
        errors.extend(items.iter().filter_map(|(_, moved)| moved.as_ref().err()).flatten().cloned());
    }
    let item = |(client_id, moved): (ID, Moved)| {
        let named = Id::parse(&client_id);
        let saved = named.filter(|_| moved.is_ok());
        let (pending, errors) = match moved {
            Ok(pending) => (pending, vec![]),
            Err(errors) => (None, errors),
        };
        ClientsTransferItem {
            client: PayloadObject::after::<client::Entity>(saved, named),
            pending_transfer: pending.map(PayloadObject::saved),
            client_id,
            errors,
        }
    };
    Ok(ClientsTransferPayload { items: items.into_iter().map(item).collect(), errors })
}

async fn transfer_all(caller: &Caller, input: ClientsTransferInput) -> Result<Items, Error> {
    let mut check = Check::new();
    let reason = check.text_if("input.reason", input.reason.as_ref(), 0..=1000);
    check.keep(rules::require_at_once(input.client_ids.len()));
    check.done()?;
    let reason = reason.filter(|reason| !reason.is_empty());
    let (franchise, lead) = (input.franchise_id.as_ref(), typed(&input.lead_id));
    // Locked in the order of their IDs, so that two hand-overs never wait for each other.
    let mut named: Vec<(Option<Id<client::Entity>>, usize)> =
        input.client_ids.iter().enumerate().map(|(place, id)| (typed(id), place)).collect();
    named.sort_unstable_by_key(|(id, place)| (id.map(Id::uuid), *place));
    let mut results: BTreeMap<usize, Moved> = BTreeMap::new();
    let (mut open, mut before): (Option<Write>, _) = (None, None);
    for (id, place) in named {
        let path = format!("input.clientIds.{place}");
        if id.is_some() && id == before {
            results.insert(place, Err(vec![rules::client_twice(&path)]));
            continue;
        }
        before = id;
        let found = if let Some(write) = open.as_ref() {
            lock_client(write, id, &path).await
        } else {
            let opened = caller.write::<client::Entity>(Permission::ClientsTransfer, id, &path).await;
            opened.map(|(write, client)| {
                open = Some(write);
                client
            })
        };
        let moved = match (found, &open) {
            (Ok(client), Some(write)) => {
                move_client(write, &client, franchise, lead, reason.clone(), &path).await
            }
            (Ok(_), None) => return Err(Fault::Internal.into()),
            (Err(error), _) => Err(error),
        };
        let moved = match moved {
            Ok(pending) => Ok(pending),
            Err(Error::Refused(refusals)) => Err(refusals),
            Err(error) => return Err(error),
        };
        results.insert(place, moved);
    }
    if let Some(write) = open {
        let moved = results.values().filter(|moved| moved.is_ok()).count();
        if moved > 0 {
            caller.spend(price::moving_price(moved));
            write.commit().await?;
        } else {
            write.roll_back().await?;
        }
    }
    Ok(input.client_ids.into_iter().zip(results.into_values()).collect())
}

/// Locks another client of the transaction, within the reach of the permission.
async fn lock_client(
    write: &Write,
    id: Option<Id<client::Entity>>,
    path: &str,
) -> Result<Locked<client::Model>, Error> {
    let id = id.ok_or_else(|| refused_id(path))?;
    let reached = write.actor()?.reach(Permission::ClientsTransfer).has_client(id.uuid());
    let found = write.lock_one(client::Entity::find().filter(client::Column::Id.eq(id))).await?;
    found.filter(|_| reached).ok_or_else(|| refused_id(path).into())
}
