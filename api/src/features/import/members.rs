//! Members of a team out of the rows of a table.

use super::{
    Importer, Planned,
    rules::{Column, Line, needed, optional},
};
use crate::{
    features::member::{self, Joins},
    kernel::{Error, Write, access::Permission},
};
use entity::{
    Id, client,
    member::{Entity, Model},
    team,
};
use futures::future::BoxFuture;

pub(super) struct Members;

impl Importer for Members {
    type Place = team::Entity;
    type Made = Entity;
    type Rows = Model;
    const PERMISSION: Permission = Permission::MemberImport;
    const PLACE: &'static str = "input.teamId";
    const COLUMNS: &'static [Column] =
        &[needed("external_id"), needed("name"), optional("job_title"), optional("email")];

    fn plan<'a>(
        write: &'a Write,
        team: &'a team::Model,
        lines: &'a [Line],
    ) -> BoxFuture<'a, Result<Vec<Planned<Model>>, Error>> {
        Box::pin(async move {
            let client = write.load::<client::Entity>(Some(team.client_id), Self::PLACE).await?;
            let joins = |line: &'a Line| Joins {
                name: line.cell("name"),
                job_title: line.cell("job_title"),
                email: line.cell("email"),
            };
            let all: Vec<Joins<'_>> = lines.iter().map(joins).collect();
            member::plan(write, team, &client, &all).await
        })
    }

    fn ids(row: &Model) -> (Id<Entity>, Id<client::Entity>) {
        (row.id, row.client_id)
    }

    fn insert(write: &mut Write, rows: Vec<Model>) -> BoxFuture<'_, Result<(), Error>> {
        Box::pin(async move {
            write.reach_only(rows.iter().map(|row| row.client_id)).await?;
            write.insert_all::<Entity>(rows).await
        })
    }
}
