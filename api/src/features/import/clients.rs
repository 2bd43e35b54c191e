//! Imports clients from the rows of a table.

use super::{
    Importer, PlannedRow, cell_or, merge_faults,
    rules::{self, Column, Line, optional, required},
};
use crate::{
    features::client::creation::{self, ClientRows, NewClient},
    kernel::{Code, Error, Refusal, Write, access::Permission, address, refused_id},
    message,
};
use entity::{
    Id,
    client::{Entity, SizeBand},
    fold, franchise, person, region,
};
use futures::future::BoxFuture;
use sea_orm::EntityTrait;
use std::collections::HashMap;

pub(super) struct Clients;

impl Importer for Clients {
    type Target = franchise::Entity;
    type Object = Entity;
    type Rows = ClientRows;
    const PERMISSION: Permission = Permission::ClientImport;
    const TARGET: &'static str = "input.franchiseId";
    const COLUMNS: &'static [Column] = &[
        required("external_id"),
        required("name"),
        required("industry"),
        required("size_band"),
        required("time_zone"),
        required("region"),
        required("lead"),
        optional("team_name"),
    ];

    fn plan<'a>(
        write: &'a Write,
        franchise: &'a franchise::Model,
        lines: &'a [Line],
    ) -> BoxFuture<'a, Result<Vec<PlannedRow<ClientRows>>, Error>> {
        Box::pin(async move {
            // Access to a client of a franchise is not enough: the caller must reach the franchise itself.
            if !write.actor()?.reach(Self::PERMISSION).has_franchise(franchise.id.uuid()) {
                return Err(refused_id(Self::TARGET).into());
            }
            let regions = write.all(region::Entity::find()).await?;
            let leads = Leads::of(write, lines).await?;
            let names: Vec<Option<String>> = lines.iter().map(|line| line.cell_if("team_name")).collect();
            let (mut all, mut faults) = (vec![], vec![]);
            for (line, team_name) in lines.iter().zip(&names) {
                let mut wrong = vec![];
                let size_band =
                    cell_or(rules::parse_size_band(line.cell("size_band")), SizeBand::Small, &mut wrong);
                let region = regions.iter().find(|region| fold(&region.code) == fold(line.cell("region")));
                if region.is_none() {
                    wrong.push(
                        Refusal::new(
                            Code::NotFound,
                            message!(
                                NO_SUCH_REGION,
                                "No region has this code. Use the code of a region of the network."
                            ),
                        )
                        .at("input.region"),
                    );
                }
                faults.push(wrong);
                // The other cells can be checked only with some region.
                let Some(region) = region.or(regions.first()) else { continue };
                all.push(NewClient {
                    name: line.cell("name"),
                    industry: line.cell("industry"),
                    size_band,
                    time_zone: line.cell("time_zone"),
                    region,
                    team_name: team_name.as_ref(),
                    lead: leads.find(line),
                    prospect: false,
                    contract: (None, None),
                });
            }
            let planned = creation::plan_clients(write, franchise, &all).await?.into_iter();
            let planned =
                planned.map(|one| one.map_err(|refusals| refusals.into_iter().map(no_lead).collect()));
            Ok(merge_faults(faults, planned))
        })
    }

    fn ids(rows: &ClientRows) -> (Id<Entity>, Id<Entity>) {
        (rows.client.id, rows.client.id)
    }

    fn insert(write: &mut Write, rows: Vec<ClientRows>) -> BoxFuture<'_, Result<(), Error>> {
        Box::pin(creation::insert_clients(write, rows))
    }
}

/// Rewords a refusal about the ID of a lead for a cell that names the lead by e-mail address.
fn no_lead(refusal: Refusal) -> Refusal {
    match (refusal.code, refusal.path.last().map(String::as_str)) {
        (Code::NotFound, Some("leadId")) => {
            let message = message!(
                NO_SUCH_LEAD,
                "The lead is a facilitator or owner of the franchise, by e-mail address or id."
            );
            Refusal { path: refusal.path, ..Refusal::new(refusal.code, message) }
        }
        _ => refusal,
    }
}

/// The people whom rows name as leads.
struct Leads {
    by_email: HashMap<String, Id<person::Entity>>,
}

impl Leads {
    async fn of(write: &Write, lines: &[Line]) -> Result<Leads, Error> {
        let emails: Vec<String> = lines.iter().map(|line| address::looked_up(line.cell("lead"))).collect();
        let people = write.people_by_email(&emails).await?;
        Ok(Leads { by_email: people.into_iter().map(|person| (person.email, person.id)).collect() })
    }

    fn find(&self, line: &Line) -> Option<Id<person::Entity>> {
        let lead = line.cell("lead");
        Id::parse(lead).or_else(|| self.by_email.get(&address::looked_up(lead)).copied())
    }
}
