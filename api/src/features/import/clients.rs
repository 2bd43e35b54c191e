//! Clients out of the rows of a table.

use super::{
    Importer, Planned, merge_faults,
    rules::{self, Column, Line, needed, optional},
    value_or,
};
use crate::{
    features::client::taking_on::{self, NewClient, Rows},
    kernel::{Code, Error, Refusal, Write, access::Permission, address, refused_id},
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
    type Place = franchise::Entity;
    type Made = Entity;
    type Rows = Rows;
    const PERMISSION: Permission = Permission::ClientImport;
    const PLACE: &'static str = "input.franchiseId";
    const COLUMNS: &'static [Column] = &[
        needed("external_id"),
        needed("name"),
        needed("industry"),
        needed("size_band"),
        needed("time_zone"),
        needed("region"),
        needed("lead"),
        optional("team_name"),
    ];

    fn plan<'a>(
        write: &'a Write,
        franchise: &'a franchise::Model,
        lines: &'a [Line],
    ) -> BoxFuture<'a, Result<Vec<Planned<Rows>>, Error>> {
        Box::pin(async move {
            // to deal with a franchise's client is not to belong to the franchise
            if !write.actor()?.reach(Self::PERMISSION).has_franchise(franchise.id.uuid()) {
                return Err(refused_id(Self::PLACE).into());
            }
            let regions = write.all(region::Entity::find()).await?;
            let leads = Leads::of(write, lines).await?;
            let names: Vec<Option<String>> = lines.iter().map(|line| line.cell_if("team_name")).collect();
            let (mut all, mut faults) = (vec![], vec![]);
            for (line, team_name) in lines.iter().zip(&names) {
                let mut wrong = vec![];
                let size_band =
                    value_or(rules::size_band(line.cell("size_band")), SizeBand::Small, &mut wrong);
                let region = regions.iter().find(|region| fold(&region.code) == fold(line.cell("region")));
                if region.is_none() {
                    wrong.push(Refusal::new(Code::NotFound, "No region has this code.").at("input.region"));
                }
                faults.push(wrong);
                // without any region there is nothing to look at the other cells with
                let Some(region) = region.or(regions.first()) else { continue };
                all.push(NewClient {
                    name: line.cell("name"),
                    industry: line.cell("industry"),
                    size_band,
                    time_zone: line.cell("time_zone"),
                    region,
                    team_name: team_name.as_ref(),
                    lead: leads.named(line),
                });
            }
            let planned = taking_on::plan(write, franchise, &all).await?.into_iter();
            let planned =
                planned.map(|one| one.map_err(|refusals| refusals.into_iter().map(no_lead).collect()));
            Ok(merge_faults(faults, planned))
        })
    }

    fn ids(rows: &Rows) -> (Id<Entity>, Id<Entity>) {
        (rows.client.id, rows.client.id)
    }

    fn insert(write: &mut Write, rows: Vec<Rows>) -> BoxFuture<'_, Result<(), Error>> {
        Box::pin(taking_on::take_on(write, rows))
    }
}

/// What is said of a lead by id, said of one that a cell names by address.
fn no_lead(refusal: Refusal) -> Refusal {
    match (refusal.code, refusal.path.last().map(String::as_str)) {
        (Code::NotFound, Some("leadId")) => {
            let message = "The lead is a facilitator or owner of the franchise, by e-mail address or id.";
            Refusal { message: message.into(), ..refusal }
        }
        _ => refusal,
    }
}

/// The leads that rows name.
struct Leads {
    by_email: HashMap<String, Id<person::Entity>>,
}

impl Leads {
    async fn of(write: &Write, lines: &[Line]) -> Result<Leads, Error> {
        let emails: Vec<String> = lines.iter().map(|line| address::looked_up(line.cell("lead"))).collect();
        let people = write.people_by_email(&emails).await?;
        Ok(Leads { by_email: people.into_iter().map(|person| (person.email, person.id)).collect() })
    }

    fn named(&self, line: &Line) -> Option<Id<person::Entity>> {
        let lead = line.cell("lead");
        Id::parse(lead).or_else(|| self.by_email.get(&address::looked_up(lead)).copied())
    }
}
