//! Imports members of a team from the rows of a table.

use super::{
    Importer, PlannedRow,
    rules::{Column, Line, optional, required},
};
use crate::{
    features::member::{self, NewMember},
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
    type Target = team::Entity;
    type Object = Entity;
    type Rows = Model;
    const PERMISSION: Permission = Permission::MemberImport;
    const TARGET: &'static str = "input.teamId";
    const COLUMNS: &'static [Column] =
        &[required("external_id"), required("name"), optional("job_title"), optional("email")];

    fn plan<'a>(
        write: &'a Write,
        team: &'a team::Model,
        lines: &'a [Line],
    ) -> BoxFuture<'a, Result<Vec<PlannedRow<Model>>, Error>> {
        Box::pin(async move {
            let client = write.load::<client::Entity>(Some(team.client_id), Self::TARGET).await?;
            let new_member = |line: &'a Line| NewMember {
                name: line.cell("name"),
                job_title: line.cell("job_title"),
                email: line.cell("email"),
            };
            let all: Vec<NewMember<'_>> = lines.iter().map(new_member).collect();
            member::plan_members(write, team, &client, &all).await
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
