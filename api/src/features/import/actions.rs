//! Imports actions of a team from the rows of a table.

use super::{
    Importer, PlannedRow, cell_or, load_imported_ids, merge_faults,
    rules::{self, Column, Line, optional, required},
};
use crate::{
    features::{
        action::{self, NewAction},
        notice::notifying::notify_member,
    },
    kernel::{Code, Error, Refusal, Write, access::Permission, address, today},
    message,
};
use chrono::Days;
use entity::{
    Id,
    action::{Entity, Model},
    client, fold,
    member::{self, MemberStatus},
    team,
};
use futures::future::BoxFuture;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use std::collections::HashMap;
use uuid::Uuid;

pub(super) struct Actions;

impl Importer for Actions {
    type Target = team::Entity;
    type Object = Entity;
    type Rows = Model;
    const PERMISSION: Permission = Permission::ActionImport;
    const TARGET: &'static str = "input.teamId";
    const COLUMNS: &'static [Column] = &[
        required("external_id"),
        required("owner"),
        required("title"),
        required("due_on"),
        optional("detail"),
    ];

    fn plan<'a>(
        write: &'a Write,
        team: &'a team::Model,
        lines: &'a [Line],
    ) -> BoxFuture<'a, Result<Vec<PlannedRow<Model>>, Error>> {
        Box::pin(async move {
            let client = write.load::<client::Entity>(Some(team.client_id), Self::TARGET).await?;
            let owners = ActiveMembers::of(write, team, lines).await?;
            let tomorrow = today(&client.time_zone, write.now())? + Days::new(1);
            let (mut planned, mut faults) = (vec![], vec![]);
            for line in lines {
                let mut wrong = vec![];
                let due_on = cell_or(rules::parse_date(line.cell("due_on")), tomorrow, &mut wrong);
                let owner = owners.find(line.cell("owner"));
                if owner.is_none() {
                    let message = message!(
                        OWNER_NOT_A_MEMBER,
                        "The owner must be an active member of the team. Choose one."
                    );
                    wrong.push(Refusal::new(Code::OwnerNotEligible, message).at("input.ownerId"));
                }
                faults.push(wrong);
                // The other cells can be checked only with some owner.
                let Some(owner) = owner.or(owners.members.first()) else { continue };
                let offer = NewAction {
                    title: line.cell("title"),
                    detail: line.cell("detail"),
                    due_on,
                    priority_id: None,
                    session_id: None,
                    decision_id: None,
                    obstacle_id: None,
                };
                planned.push(match action::plan_action(write, team, &client, owner, offer).await {
                    Ok(row) => Ok(row),
                    Err(Error::Refused(refusals)) => Err(refusals),
                    Err(fault) => return Err(fault),
                });
            }
            Ok(merge_faults(faults, planned.into_iter()))
        })
    }

    fn ids(row: &Model) -> (Id<Entity>, Id<client::Entity>) {
        (row.id, row.client_id)
    }

    fn insert(write: &mut Write, rows: Vec<Model>) -> BoxFuture<'_, Result<(), Error>> {
        Box::pin(async move {
            write.reach_only(rows.iter().map(|row| row.client_id)).await?;
            let owners: Vec<Uuid> = rows.iter().map(|row| row.owner_id.uuid()).collect();
            let owners = member::Entity::find().filter(write.among_ids(member::Column::Id, &owners));
            let owners: HashMap<_, _> =
                write.all(owners).await?.into_iter().map(|owner| (owner.id, owner)).collect();
            for row in &rows {
                if let Some(owner) = owners.get(&row.owner_id) {
                    notify_member(write, action::offer_notice(row), owner);
                }
            }
            write.insert_all::<Entity>(rows).await
        })
    }
}

/// The active members of a team, by ID, e-mail address and imported ID.
struct ActiveMembers {
    members: Vec<member::Model>,
    by_id: HashMap<Uuid, usize>,
    by_email: HashMap<String, usize>,
    imported: HashMap<String, Uuid>,
}

impl ActiveMembers {
    async fn of(write: &Write, team: &team::Model, lines: &[Line]) -> Result<ActiveMembers, Error> {
        let members = member::Entity::find()
            .filter(member::Column::TeamId.eq(team.id))
            .filter(member::Column::Status.eq(MemberStatus::Active));
        let members = write.all(members).await?;
        let names: Vec<String> = lines.iter().map(|line| line.cell("owner").to_owned()).collect();
        let imported = load_imported_ids::<member::Entity>(write, team.id.uuid(), &names).await?;
        let each = || members.iter().enumerate();
        let by_id = each().map(|(at, member)| (member.id.uuid(), at)).collect();
        let by_email = each().filter_map(|(at, member)| Some((member.email.clone()?, at))).collect();
        Ok(ActiveMembers { by_id, by_email, imported, members })
    }

    fn find(&self, name: &str) -> Option<&member::Model> {
        let id = Id::<member::Entity>::parse(name).map(Id::uuid);
        let at = match id.or(self.imported.get(&fold(name)).copied()) {
            Some(id) => self.by_id.get(&id),
            None => self.by_email.get(&address::looked_up(name)),
        };
        at.and_then(|at| self.members.get(*at))
    }
}
