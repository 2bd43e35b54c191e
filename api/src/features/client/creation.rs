//! Creates clients, each with its lead and its first team. Invariant: the number of statements does not depend on the
//! number of clients.

use super::rules;
use crate::{
    features::{
        assignment::rules as assignments,
        classification::{load_entries, rules as classifications},
    },
    kernel::{Check, Error, Refusal, Taken, Write, refused_id},
};
use chrono::NaiveDate;
use entity::{
    Id, assignment, classification,
    client::{self, ClientStatus, SizeBand},
    fold, franchise, membership, person, region, team,
};
use sea_orm::{EntityTrait, QueryFilter};
use std::collections::{HashMap, HashSet};

/// The input of a new client, not yet checked.
pub struct NewClient<'a> {
    pub name: &'a str,
    pub industry: &'a str,
    pub size_band: SizeBand,
    pub time_zone: &'a str,
    pub region: &'a region::Model,
    pub team_name: Option<&'a String>,
    pub lead: Option<Id<person::Entity>>,
    pub prospect: bool,
    /// The days on which the contract starts and ends.
    pub contract: (Option<NaiveDate>, Option<NaiveDate>),
}

/// The rows of a new client.
pub struct ClientRows {
    pub client: client::Model,
    assignment: assignment::Model,
    team: team::Model,
}

/// The facts that the rules of new clients need.
struct ClientFacts {
    /// Folded names of other clients.
    names: HashMap<String, Taken>,
    /// The network's classification.
    entries: Vec<classification::Model>,
    held: HashMap<Id<person::Entity>, Vec<membership::Model>>,
}

/// Checks new clients and returns the rows or the refusals of each. A client's name counts as taken for the clients after
/// it.
pub async fn plan_clients(
    write: &Write,
    franchise: &franchise::Model,
    all: &[NewClient<'_>],
) -> Result<Vec<Result<ClientRows, Vec<Refusal>>>, Error> {
    rules::require_active_franchise(franchise)?;
    let names: Vec<String> = all.iter().map(|one| one.name.trim().to_owned()).collect();
    let leads: Vec<_> = all.iter().filter_map(|one| one.lead).collect::<HashSet<_>>().into_iter().collect();
    let leads: Vec<_> = leads.iter().map(|lead| lead.uuid()).collect();
    let held = membership::Entity::find().filter(write.among_ids(membership::Column::PersonId, &leads));
    let mut known = ClientFacts {
        names: write.client_names_taken(&names).await?,
        entries: load_entries(write).await?,
        held: HashMap::new(),
    };
    for held in write.load_all(held).await? {
        known.held.entry(held.person_id).or_default().push(held);
    }
    Ok(all.iter().map(|one| plan_client(write, franchise, one, &mut known)).collect())
}

/// Inserts new clients.
pub async fn insert_clients(write: &mut Write, all: Vec<ClientRows>) -> Result<(), Error> {
    write.reach_only(all.iter().map(|rows| rows.client.id)).await?;
    let (mut clients, mut assignments, mut teams) = (vec![], vec![], vec![]);
    for ClientRows { client, assignment, team } in all {
        clients.push(client);
        assignments.push(assignment);
        teams.push(team);
    }
    write.insert_all::<client::Entity>(clients).await?;
    write.insert_all::<assignment::Entity>(assignments).await?;
    write.insert_all::<team::Entity>(teams).await
}

fn plan_client(
    write: &Write,
    franchise: &franchise::Model,
    one: &NewClient<'_>,
    known: &mut ClientFacts,
) -> Result<ClientRows, Vec<Refusal>> {
    let mut check = Check::new();
    let name = check.name("input.name", one.name, 1..=120);
    let industry = classifications::industry_key(&known.entries, one.industry, None, "input.industry");
    let industry = check.keep(industry);
    let band = classifications::require_usable_band(&known.entries, one.size_band, None, "input.sizeBand");
    check.keep(band);
    check.keep(rules::require_contract(one.contract));
    let time_zone = check.zone("input.timeZone", one.time_zone);
    let team_name = check.name_if("input.teamName", one.team_name, 1..=120);
    let taken = known.names.get(&fold(&name)).copied().unwrap_or(Taken::No);
    check.refuse_taken("input.name", "client of the network", taken, Some("clientUpdate"));
    let id = write.id();
    let lead = one.lead.ok_or_else(|| refused_id("input.leadId")).and_then(|lead| {
        let held = known.held.get(&lead).map(Vec::as_slice).unwrap_or_default();
        assignments::require_facilitator(held, franchise.id, id, write.now(), "input.leadId").map(|()| lead)
    });
    let lead = check.keep(lead);
    let refusals = check.refusals();
    let (Some(lead), Some(industry), true) = (lead, industry, refusals.is_empty()) else {
        return Err(refusals);
    };
    known.names.insert(fold(&name), Taken::Active);
    let client = client::Model {
        id,
        network_id: franchise.network_id,
        franchise_id: franchise.id,
        region_id: one.region.id,
        name,
        industry,
        size_band: one.size_band,
        time_zone,
        status: if one.prospect { ClientStatus::Prospect } else { ClientStatus::Active },
        created_at: write.now(),
        erased_at: None,
        legal_group: None,
        contract_starts_on: one.contract.0,
        contract_ends_on: one.contract.1,
        paused_at: None,
        archived_at: None,
        archived_from: None,
        version: 1,
    };
    let team = team::Model {
        id: write.id(),
        network_id: client.network_id,
        client_id: id,
        name: team_name.unwrap_or_else(|| "Leadership team".into()),
        created_at: write.now(),
        archived_at: None,
        version: 1,
    };
    Ok(ClientRows { assignment: super::lead_assignment(write, &client, lead), client, team })
}
