//! Erases people: ends their access, removes their names and addresses, and keeps their work, attributed to a former
//! user. Erasing a client also erases the people who were only ever at that client.

use super::rules::{self, Obligations};
use crate::{
    features::{
        assignment::rules as assignments, invitation::rules as invitations, member as members,
        session::minutes::Minutes,
    },
    kernel::{Error, Fault, Locked, Write, no_address},
};
use entity::{
    Id, alignment_response, alignment_round, alignment_round::AlignmentStatus, assignment,
    assignment::AssignmentPart, client, data_export, invitation, member, member::MemberStatus, membership,
    membership::MembershipRole, network, owner_opening, person, person::Entity, recap, support_access,
    support_visit, team,
};
use sea_orm::{
    ActiveValue::Set,
    ColumnTrait, Condition, EntityTrait, ExprTrait, IntoActiveModel, QueryFilter, QuerySelect, QueryTrait,
    sea_query::{Expr, SimpleExpr},
};
use uuid::Uuid;

/// The rows that identify a person, or the people of a client. They are locked, so that the people get no access or
/// work meanwhile.
pub struct PersonRows {
    invitations: Vec<Locked<invitation::Model>>,
    memberships: Vec<Locked<membership::Model>>,
    assignments: Vec<Locked<assignment::Model>>,
    accesses: Vec<Locked<support_access::Model>>,
    visits: Vec<Locked<support_visit::Model>>,
    members: Vec<Locked<member::Model>>,
}

/// Erases a person, or refuses if others depend on them. The transaction must reach the whole network.
pub async fn erase_person(write: &Write, person: &person::Model) -> Result<(), Error> {
    let rows = PersonRows::of_person(write, person.id).await?;
    // locked last: every change that ends access also changes the network's row last
    write.lock::<network::Entity>(person.network_id).await?;
    rules::require_no_obligations(&load_obligations(write, person, &rows).await?)?;
    remove_person(write, person, &rows).await
}

/// Finds the people who are at a client and have never been anywhere else, with their rows. The transaction must reach
/// the whole network.
pub async fn find_people_only_at(
    write: &Write,
    client: Id<client::Entity>,
    rows: &PersonRows,
) -> Result<Vec<(person::Model, PersonRows)>, Error> {
    let mut people: Vec<Id<Entity>> = rows.person_ids();
    people.sort_unstable_by_key(|id| id.uuid());
    people.dedup();
    let mut only = vec![];
    for id in people {
        let Some(person) = write.find::<Entity>(id).await? else { continue };
        let rows = PersonRows::of_person(write, id).await?;
        if person.erased_at.is_none() && rows.are_only_at(client) {
            only.push((person, rows));
        }
    }
    Ok(only)
}

/// Erases a person without obligations.
pub async fn remove_person(write: &Write, person: &person::Model, rows: &PersonRows) -> Result<(), Error> {
    rows.end_access(write).await?;
    let recaps = redact_recaps(write, &rows.members).await?;
    let (mut names, mut addresses) = rows.names_and_addresses();
    names.push(person.name.clone());
    addresses.push(person.email.clone());
    blank_names(write, person, rows).await?;
    write.empty_own(person.id).await?;
    withdraw_consents(write, person.id).await?;
    let about = data_export::Entity::delete_many()
        .filter(data_export::Column::NetworkId.eq(person.network_id))
        .filter(data_export::Column::SubjectId.eq(person.id.uuid()));
    write.discard_all(about).await?;
    write.forget_emails(Some(person.id), &rows.object_ids(), &addresses).await?;
    let texts = [names, addresses].concat();
    write.forget_emails_about(&texts).await?;
    write.forget_copies(&texts).await?;
    let members: Vec<_> = rows.members.iter().map(|member| member.id).collect();
    members::forget_import_keys(write, &members).await?;
    let mut subjects = rows.object_ids();
    subjects.push(person.id.uuid());
    subjects.extend(recaps);
    let openings = owner_opening::Entity::find().filter(owner_opening::Column::PersonId.eq(person.id));
    subjects.extend(write.all(openings).await?.iter().map(|opening| opening.id.uuid()));
    write.erase_event_values(&subjects).await?;
    write.remove_from_search_index(&subjects).await?;
    write.end_identity(person.id, person.identity_id).await?;
    write.end_access().await?;
    let erased = write.lock::<Entity>(person.id).await?;
    let mut change = erased.clone().into_active_model();
    change.erased_at = Set(Some(write.now()));
    write.update::<Entity>(&erased, change).await?;
    Ok(())
}

/// Withdraws the person's consents to be named in rounds that are not revealed: they cannot do it themselves any more.
async fn withdraw_consents(write: &Write, person: Id<Entity>) -> Result<(), Error> {
    let unrevealed = alignment_round::Entity::find()
        .select_only()
        .column(alignment_round::Column::Id)
        .filter(alignment_round::Column::Status.ne(AlignmentStatus::Revealed));
    let consents = alignment_response::Entity::update_many()
        .col_expr(alignment_response::Column::Consented, Expr::value(false))
        .filter(alignment_response::Column::PersonId.eq(person))
        .filter(alignment_response::Column::RoundId.in_subquery(unrevealed.into_query()));
    write.blank(consents).await.map(drop)
}

impl PersonRows {
    async fn of_person(write: &Write, id: Id<Entity>) -> Result<PersonRows, Error> {
        let invitations = invitation::Entity::find().filter(invitation::Column::PersonId.eq(id));
        let memberships = membership::Entity::find().filter(membership::Column::PersonId.eq(id));
        let assignments = assignment::Entity::find().filter(assignment::Column::PersonId.eq(id));
        let accesses = support_access::Entity::find().filter(support_access::Column::PersonId.eq(id));
        let visits = support_visit::Entity::find().filter(support_visit::Column::PersonId.eq(id));
        let invitations = write.lock_all(invitations).await?;
        // an invited member belongs to the person even before the invitation is accepted
        let invited = invitations.iter().filter_map(|row| row.member_id);
        let invited = member::Column::Id.is_in(invited).and(member::Column::PersonId.is_null());
        let members =
            member::Entity::find().filter(Condition::any().add(member::Column::PersonId.eq(id)).add(invited));
        Ok(PersonRows {
            invitations,
            members: write.lock_all(members).await?,
            memberships: write.lock_all(memberships).await?,
            assignments: write.lock_all(assignments).await?,
            accesses: write.lock_all(accesses).await?,
            visits: write.lock_all(visits).await?,
        })
    }

    /// Locks the rows that identify the current and former people of a client.
    pub async fn of_client(write: &Write, id: Id<client::Entity>) -> Result<PersonRows, Error> {
        let invitations = invitation::Entity::find().filter(invitation::Column::ClientId.eq(id));
        let memberships = membership::Entity::find().filter(membership::Column::ClientId.eq(id));
        let assignments = assignment::Entity::find().filter(assignment::Column::ClientId.eq(id));
        let accesses = support_access::Entity::find().filter(support_access::Column::ClientId.eq(id));
        let visits = support_visit::Entity::find().filter(support_visit::Column::ClientId.eq(id));
        let members = member::Entity::find().filter(member::Column::ClientId.eq(id));
        Ok(PersonRows {
            invitations: write.lock_all(invitations).await?,
            members: write.lock_all(members).await?,
            memberships: write.lock_all(memberships).await?,
            assignments: write.lock_all(assignments).await?,
            accesses: write.lock_all(accesses).await?,
            visits: write.lock_all(visits).await?,
        })
    }

    /// IDs of the people named by memberships, members and invitations.
    fn person_ids(&self) -> Vec<Id<Entity>> {
        let people = self.memberships.iter().map(|row| row.person_id);
        let people = people.chain(self.members.iter().filter_map(|row| row.person_id));
        people.chain(self.invitations.iter().map(|row| row.person_id)).collect()
    }

    /// Whether the rows belong to one client only.
    fn are_only_at(&self, client: Id<client::Entity>) -> bool {
        self.assignments.is_empty()
            && self.accesses.is_empty()
            && self.visits.is_empty()
            && self.memberships.iter().all(|row| row.client_id == Some(client))
            && self.invitations.iter().all(|row| row.client_id == Some(client))
            && self.members.iter().all(|row| row.client_id == client)
    }

    /// All names and addresses in the rows, without duplicates.
    pub fn names_and_addresses(&self) -> (Vec<String>, Vec<String>) {
        let names = self.invitations.iter().map(|row| row.name.clone());
        let names = names.chain(self.members.iter().map(|row| row.name.clone()));
        let names = names.chain(self.visits.iter().map(|row| row.visitor.clone()));
        let addresses = self.invitations.iter().map(|row| row.email.clone());
        let addresses = addresses.chain(self.members.iter().filter_map(|row| row.email.clone()));
        let addresses = addresses.chain(self.visits.iter().map(|row| row.email.clone()));
        let unique = |list: Vec<String>| {
            let mut list: Vec<String> = list.into_iter().filter(|text| !text.is_empty()).collect();
            list.sort_unstable();
            list.dedup();
            list
        };
        (unique(names.collect()), unique(addresses.collect()))
    }

    /// Ends memberships, assignments, visits, support accesses and invitations. The audit events contain no names.
    pub async fn end_access(&self, write: &Write) -> Result<(), Error> {
        let now = write.now();
        for held in self.memberships.iter().filter(|held| held.ends_at.is_none_or(|ends| ends > now)) {
            let mut change = held.clone().into_active_model();
            change.ends_at = Set(Some(now));
            write.update::<membership::Entity>(held, change).await?;
        }
        for part in self.assignments.iter().filter(|part| part.ends_at.is_none_or(|ends| ends > now)) {
            let mut change = part.clone().into_active_model();
            change.ends_at = Set(Some(assignments::end_of(part, now)));
            write.update::<assignment::Entity>(part, change).await?;
        }
        for visit in self.visits.iter().filter(|visit| visit.ends_at > now) {
            let mut change = visit.clone().into_active_model();
            change.ends_at = Set(now);
            write.update::<support_visit::Entity>(visit, change).await?;
        }
        for access in &self.accesses {
            if access.revoked_at.is_none() && access.ends_at > now {
                let mut change = access.clone().into_active_model();
                change.revoked_at = Set(Some(now));
                write.update::<support_access::Entity>(access, change).await?;
            }
        }
        for invitation in self.invitations.iter().filter(|row| invitations::is_open(row, now)) {
            let mut change = invitation.clone().into_active_model();
            change.revoked_at = Set(Some(now));
            write.update::<invitation::Entity>(invitation, change).await?;
        }
        Ok(())
    }

    /// IDs of the objects whose audit events contain a name or an address.
    pub fn object_ids(&self) -> Vec<Uuid> {
        let ids = self.invitations.iter().map(|row| row.id.uuid());
        let ids = ids.chain(self.members.iter().map(|row| row.id.uuid()));
        let ids = ids.chain(self.accesses.iter().map(|row| row.id.uuid()));
        ids.chain(self.visits.iter().map(|row| row.id.uuid())).collect()
    }
}

/// Loads what a person is still responsible for. Head office may see the names of clients and teams.
async fn load_obligations(
    write: &Write,
    person: &person::Model,
    rows: &PersonRows,
) -> Result<Obligations, Error> {
    let mut obligations = Obligations::default();
    for member in rows.members.iter().filter(|member| member.status == MemberStatus::Active) {
        let team = write.find::<team::Entity>(member.team_id).await?.ok_or(Fault::Internal)?;
        let client = write.find::<client::Entity>(member.client_id).await?.ok_or(Fault::Internal)?;
        obligations.teams.push(format!("{} of {}", team.name, client.name));
    }
    let lasting = |part: &&Locked<assignment::Model>| part.ends_at.is_none_or(|ends| ends > write.now());
    for part in rows.assignments.iter().filter(lasting).filter(|part| part.part == AssignmentPart::Lead) {
        let client = write.find::<client::Entity>(part.client_id).await?.ok_or(Fault::Internal)?;
        obligations.led.push(client.name);
    }
    let admin = |held: &membership::Model| {
        held.role == MembershipRole::HeadOfficeAdmin && assignments::is_in_force(held, write.now())
    };
    if rows.memberships.iter().any(|held| admin(held)) {
        let others = membership::Entity::find()
            .filter(membership::Column::PersonId.ne(person.id))
            .filter(membership::Column::Role.eq(MembershipRole::HeadOfficeAdmin));
        obligations.only_admin = !write.all(others).await?.iter().any(admin);
    }
    Ok(obligations)
}

/// Removes the members' names from the recaps of their teams. Returns the IDs of the changed recaps.
async fn redact_recaps(write: &Write, members: &[Locked<member::Model>]) -> Result<Vec<Uuid>, Error> {
    let recaps =
        recap::Entity::find().filter(recap::Column::TeamId.is_in(members.iter().map(|row| row.team_id)));
    let (ids, names): (Vec<_>, Vec<_>) = members.iter().map(|row| (row.id, row.name.clone())).unzip();
    let mut touched = vec![];
    for recap in write.lock_all(recaps).await? {
        let Ok(minutes) = serde_json::from_str::<Minutes>(&recap.minutes) else { continue };
        let without = minutes.clone().without_names(&ids, &names);
        if without == minutes {
            continue;
        }
        let text = serde_json::to_string(&without).map_err(|_| Fault::Internal)?;
        let rows = recap::Entity::update_many()
            .col_expr(recap::Column::Minutes, Expr::value(text))
            .col_expr(recap::Column::Markdown, Expr::value(without.markdown()?))
            .col_expr(recap::Column::Redactions, Expr::value(recap.redactions + 1))
            .filter(recap::Column::Id.eq(recap.id));
        write.blank(rows).await?;
        touched.push(recap.id.uuid());
    }
    Ok(touched)
}

/// Replaces the person's names and addresses in all rows.
async fn blank_names(write: &Write, person: &person::Model, rows: &PersonRows) -> Result<(), Error> {
    let id = person.id;
    let address = no_address(id.uuid());
    let no_text = || Expr::value(Option::<String>::None);
    let incremented = |version: SimpleExpr| version.add(1);
    let invitations = invitation::Entity::update_many()
        .col_expr(invitation::Column::Name, Expr::value(person::FORMER))
        .col_expr(invitation::Column::Email, Expr::value(address.clone()))
        .filter(invitation::Column::PersonId.eq(id));
    write.blank(invitations).await?;
    let members = member::Entity::update_many()
        .col_expr(member::Column::Name, Expr::value(member::FORMER))
        .col_expr(member::Column::JobTitle, Expr::value(""))
        .col_expr(member::Column::Email, no_text())
        .col_expr(member::Column::Version, incremented(Expr::col(member::Column::Version)))
        .filter(member::Column::Id.is_in(rows.members.iter().map(|row| row.id)));
    write.blank(members).await?;
    let visits = support_visit::Entity::update_many()
        .col_expr(support_visit::Column::Visitor, Expr::value(person::FORMER))
        .col_expr(support_visit::Column::Email, Expr::value(address.clone()))
        .filter(support_visit::Column::PersonId.eq(id));
    write.blank(visits).await?;
    let openings = owner_opening::Entity::update_many()
        .col_expr(owner_opening::Column::Name, Expr::value(person::FORMER))
        .col_expr(owner_opening::Column::Email, Expr::value(address.clone()))
        .filter(owner_opening::Column::PersonId.eq(id));
    write.blank(openings).await?;
    let accesses = support_access::Entity::update_many()
        .col_expr(support_access::Column::Email, Expr::value(address.clone()))
        .filter(support_access::Column::PersonId.eq(id));
    write.blank(accesses).await?;
    let row = Entity::update_many()
        .col_expr(person::Column::Name, Expr::value(person::FORMER))
        .col_expr(person::Column::Email, Expr::value(address))
        .col_expr(person::Column::IdentityId, Expr::value(Option::<Uuid>::None))
        .filter(Condition::all().add(person::Column::Id.eq(id)));
    write.blank(row).await?;
    Ok(())
}
