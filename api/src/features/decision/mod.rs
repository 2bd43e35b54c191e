//! Decision: what a team has settled, why, and what else it considered.
//!
//! A decision is *proposed*, worded and reworded; meanwhile each member takes a stance and says how convinced they
//! are, for nobody else to read, so that nobody's voice bends another's. A stance counts for the wording it was
//! taken on. *Ratifying* needs a quorum of stances, an owner, and no rival of the same title; it tells the stances to
//! the team, and from then on what the decision says never changes. It ends *superseded* by one other decision, which
//! named it when it was proposed and takes its place when it is ratified, or *revoked*, as a proposal can be too.
//! A debate is reopened with a reason and counted: it makes a proposal of the same words that would supersede the
//! decision, which stays in force until then.

mod input;
pub mod rules;
mod shape;
#[cfg(test)]
mod tests;

pub use input::{
    DecisionProposeInput, DecisionRatifyInput, DecisionRecordedStanceInput, DecisionReopenInput,
    DecisionRevokeInput, DecisionStanceInput, DecisionUpdateInput,
};
pub use shape::{Decision, DecisionEvent, DecisionOption, DecisionPosition, DecisionStance};

use super::{
    action::rules::{eligible, owned_by, same_team},
    programme,
};
use crate::{
    kernel::{
        Caller, Check, Code, Error, Locked, Write, access::Permission, expect_version, read::shape::typed,
        today,
    },
    mutations,
};
use async_graphql::ID;
use entity::{
    Id, client,
    decision::{self, DecisionStatus, Entity},
    decision_event::{self, DecisionEventKind},
    decision_option, decision_position, decision_stance,
    member::{self, MemberStatus},
    obstacle, session, stage_run, team,
};
use rules::{Case, Said, Step};
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder,
    Select,
};

mutations! {
    DecisionMutation: decision -> Decision of Entity {
        /// Proposes a decision to a team. A team has at most 200 open proposals.
        decision_propose(DecisionProposeInput) -> DecisionProposePayload = propose;
        /// Changes a proposed decision. Leaders can change only decisions they own. Stances taken on another wording no
        /// longer count.
        decision_update(DecisionUpdateInput) -> DecisionUpdatePayload = update, on id;
        /// Records the caller's own stance on a proposed decision, and replaces an earlier one. Other people cannot
        /// read the stance before the decision is ratified.
        decision_stance(DecisionStanceInput) -> DecisionStancePayload = stance, on id;
        /// Ratifies a proposed decision, and shows the team each member's stance. Half of the active members, rounded
        /// up and at least two in a team of two or more, must have taken a stance; the decision must have an owner; and
        /// no other open proposal may have the same title. The errors list everything that is missing. A decision that
        /// is superseded ends at the same time.
        decision_ratify(DecisionRatifyInput) -> DecisionRatifyPayload = ratify, on id;
        /// Revokes a proposed or ratified decision, with a reason. Stances on a proposal stay secret.
        decision_revoke(DecisionRevokeInput) -> DecisionRevokePayload = revoke, on id;
        /// Reopens the debate on a ratified decision, with a reason, and increases `reopenings`. Returns a proposal
        /// with the same wording that would supersede the decision. The decision stays in force until the proposal is
        /// ratified.
        decision_reopen(DecisionReopenInput) -> DecisionReopenPayload = reopen, on id;
    }
}

async fn propose(caller: &Caller, input: DecisionProposeInput) -> Result<Id<Entity>, Error> {
    let (write, team) = caller
        .write::<team::Entity>(Permission::DecisionPropose, typed(&input.team_id), "input.teamId")
        .await?;
    let client = write.load::<client::Entity>(Some(team.client_id), "input.teamId").await?;
    let mut check = Check::new();
    let title = check.line("input.title", &input.title, 1..=200);
    let text = check.text("input.text", &input.text, 1..=4000);
    let rationale = check.text("input.rationale", input.rationale.as_deref().unwrap_or_default(), 0..=4000);
    let options = considered(&mut check, &input.options);
    let today = today(&client.time_zone, write.now())?;
    let review_on = input.review_on.map(|on| check.due("input.reviewOn", on.0, today));
    check.done()?;
    programme::rules::takes_work(client.status, team.archived_at)?;
    rules::room(open(&write, team.id).await?.len(), "input.teamId")?;
    let supersedes_id = match &input.supersedes_id {
        None => None,
        Some(id) => {
            let before = write.load::<Entity>(typed(id), "input.supersedesId").await?;
            rules::supersedable(&before, team.id, "input.supersedesId")?;
            Some(before.id)
        }
    };
    let row = decision::Model {
        id: write.id(),
        network_id: team.network_id,
        client_id: team.client_id,
        team_id: team.id,
        stage_run_id: staged(&write, input.stage_id.as_ref(), team.id).await?,
        session_id: sprung(&write, input.session_id.as_ref(), team.id).await?,
        obstacle_id: hindered(&write, input.obstacle_id.as_ref(), team.id).await?,
        supersedes_id,
        owner_id: owner(&write, input.owner_id.as_ref(), team.id).await?,
        title,
        text,
        rationale,
        status: DecisionStatus::Proposed,
        review_on,
        wording: 1,
        stances: 0,
        reopenings: 0,
        read_back: 0,
        matching: 0,
        differing: 0,
        proposed_at: write.now(),
        ratified_at: None,
        ended_at: None,
        reason: None,
        version: 1,
    };
    let row = begin(&write, row, options).await?;
    write.commit().await?;
    Ok(row)
}

async fn update(caller: &Caller, input: DecisionUpdateInput) -> Result<Id<Entity>, Error> {
    let (write, decision) = at(caller, Permission::DecisionUpdate, &input.id, input.expected_version).await?;
    touchable(&write, &decision).await?;
    let client = write.load::<client::Entity>(Some(decision.client_id), "input.id").await?;
    let mut check = Check::new();
    let title = check.line_if("input.title", input.title.as_ref(), 1..=200);
    let text = check.text_if("input.text", input.text.as_ref(), 1..=4000);
    let rationale = check.text_if("input.rationale", input.rationale.as_ref(), 0..=4000);
    let options = input.options.as_ref().map(|options| considered(&mut check, options));
    let today = today(&client.time_zone, write.now())?;
    // a review day that stays may have passed
    let review_on = input.review_on.map_value(|on| on.0);
    if let Some(on) = review_on.value().filter(|on| Some(**on) != decision.review_on) {
        check.due("input.reviewOn", *on, today);
    }
    check.done()?;
    rules::next(decision.status, Step::Update)?;
    let mut change = decision.clone().into_active_model();
    let options = match options {
        Some(options) => {
            let before = write.all(options_of(decision.id)).await?;
            Some(options).filter(|options| !before.iter().map(|option| &option.text).eq(options))
        }
        None => None,
    };
    let mut reworded = options.is_some();
    for (said, was, column) in [
        (title, &decision.title, &mut change.title),
        (text, &decision.text, &mut change.text),
        (rationale, &decision.rationale, &mut change.rationale),
    ] {
        if let Some(said) = said.filter(|said| said != was) {
            reworded = true;
            *column = Set(said);
        }
    }
    if let Some(options) = options {
        weigh_anew(&write, &decision, options).await?;
    }
    if reworded {
        change.wording = Set(decision.wording + 1);
        change.stances = Set(0);
    }
    if !input.owner_id.is_undefined() {
        change.owner_id = Set(owner(&write, input.owner_id.value(), decision.team_id).await?);
    }
    if !input.stage_id.is_undefined() {
        change.stage_run_id = Set(staged(&write, input.stage_id.value(), decision.team_id).await?);
    }
    if !review_on.is_undefined() {
        change.review_on = Set(review_on.take());
    }
    write.update::<Entity>(&decision, change).await?;
    write.commit().await?;
    Ok(decision.id)
}

async fn stance(caller: &Caller, input: DecisionStanceInput) -> Result<Id<Entity>, Error> {
    let (write, decision) =
        caller.write::<Entity>(Permission::DecisionStance, typed(&input.id), "input.id").await?;
    expect_version(decision.version, input.expected_version)?;
    let mut check = Check::new();
    let conviction = check.number("input.conviction", input.conviction, 1..=5);
    let comment = check.text("input.comment", input.comment.as_deref().unwrap_or_default(), 0..=1000);
    check.done()?;
    rules::next(decision.status, Step::Stance)?;
    let members = active(&write, decision.team_id).await?;
    let member = rules::self_in(&members, write.person()?)?;
    let mine = decision_stance::Entity::find().filter(decision_stance::Column::DecisionId.eq(decision.id));
    let mine = write.lock_one(mine).await?;
    let counts = mine.as_ref().is_some_and(|mine| mine.wording == decision.wording);
    let row = decision_stance::Model {
        id: mine.as_ref().map_or_else(|| write.id(), |mine| mine.id),
        network_id: decision.network_id,
        client_id: decision.client_id,
        person_id: write.person()?,
        decision_id: decision.id,
        member_id: member.id,
        wording: decision.wording,
        stance: input.stance,
        conviction,
        comment,
        taken_at: write.now(),
        version: mine.as_ref().map_or(1, |mine| mine.version),
    };
    match mine {
        Some(mine) => {
            write.update::<decision_stance::Entity>(&mine, row.into_active_model().reset_all()).await?;
        }
        None => {
            write.insert::<decision_stance::Entity>(row).await?;
        }
    }
    if !counts {
        // not a change of the decision: members take their stances at once, each on the version that all have read
        let mut change = decision.clone().into_active_model();
        change.stances = Set(decision.stances + 1);
        write.set::<Entity>(change).await?;
    }
    write.commit().await?;
    Ok(decision.id)
}

async fn ratify(caller: &Caller, input: DecisionRatifyInput) -> Result<Id<Entity>, Error> {
    let (write, decision) = at(caller, Permission::DecisionRatify, &input.id, input.expected_version).await?;
    let status = rules::next(decision.status, Step::Ratify)?;
    let members = active(&write, decision.team_id).await?;
    let recorded = recorded(&input.recorded, &members)?;
    let options = write.lock_all(options_of(decision.id)).await?;
    let mut check = Check::new();
    let chosen = check.keep(rules::chosen(&options, input.chosen_option_id.as_ref().map(typed)));
    let taken = decision_stance::Entity::find().filter(decision_stance::Column::DecisionId.eq(decision.id));
    let taken = write.unseal::<decision_stance::Entity>(taken).await?;
    let taken = rules::counting(&taken, &decision, &members);
    let owner = members.iter().find(|member| Some(member.id) == decision.owner_id);
    let mut rivals = open(&write, decision.team_id).await?;
    rivals.retain(|rival| rival.id != decision.id);
    let stances = taken.len() + recorded.len();
    let case = Case { decision: &decision, owner, members: members.len(), stances, rivals: &rivals };
    check.take(rules::ratifiable(&case));
    check.done()?;
    if let Some(before) = decision.supersedes_id {
        supersede(&write, before, decision.team_id).await?;
    }
    for stance in taken {
        let said = Said {
            member: stance.member_id,
            stance: stance.stance,
            conviction: stance.conviction,
            comment: stance.comment.clone(),
        };
        let position = position(&write, &decision, said);
        let position = decision_position::Model { taken_at: stance.taken_at, ..position };
        write.insert::<decision_position::Entity>(position).await?;
    }
    for said in recorded {
        let position = position(&write, &decision, said);
        let position = decision_position::Model { recorded_by_id: Some(write.person()?), ..position };
        write.insert::<decision_position::Entity>(position).await?;
    }
    if let Some(option) = chosen.flatten() {
        let mut change = option.clone().into_active_model();
        change.chosen = Set(true);
        write.update::<decision_option::Entity>(option, change).await?;
    }
    let mut change = decision.clone().into_active_model();
    change.status = Set(status);
    change.stances = Set(stances as i32);
    change.ratified_at = Set(Some(write.now()));
    write.update::<Entity>(&decision, change).await?;
    happened(&write, &decision, DecisionEventKind::Ratified, None).await?;
    write.commit().await?;
    Ok(decision.id)
}

async fn revoke(caller: &Caller, input: DecisionRevokeInput) -> Result<Id<Entity>, Error> {
    let (write, decision) = at(caller, Permission::DecisionRevoke, &input.id, input.expected_version).await?;
    let mut check = Check::new();
    let reason = check.text("input.reason", &input.reason, 1..=1000);
    check.done()?;
    let status = rules::next(decision.status, Step::Revoke)?;
    withdraw(&write, &decision, status, &reason).await?;
    write.commit().await?;
    Ok(decision.id)
}

/// Takes a decision back that may be, with its new status.
pub(super) async fn withdraw(
    write: &Write,
    decision: &Locked<decision::Model>,
    status: DecisionStatus,
    reason: &str,
) -> Result<(), Error> {
    let mut change = decision.clone().into_active_model();
    change.status = Set(status);
    change.ended_at = Set(Some(write.now()));
    change.reason = Set(Some(reason.to_owned()));
    write.update::<Entity>(decision, change).await?;
    happened(write, decision, DecisionEventKind::Revoked, Some(reason.to_owned())).await
}

async fn reopen(caller: &Caller, input: DecisionReopenInput) -> Result<Id<Entity>, Error> {
    let (write, decision) = at(caller, Permission::DecisionReopen, &input.id, input.expected_version).await?;
    let mut check = Check::new();
    let reason = check.text("input.reason", &input.reason, 1..=1000);
    check.done()?;
    let open = open(&write, decision.team_id).await?;
    let (count, heirs) =
        (open.len(), open.into_iter().filter(|heir| heir.supersedes_id == Some(decision.id)));
    rules::reopenable(&decision, &heirs.collect::<Vec<_>>())?;
    rules::room(count, "input.id")?;
    let mut change = decision.clone().into_active_model();
    change.reopenings = Set(decision.reopenings + 1);
    write.update::<Entity>(&decision, change).await?;
    happened(&write, &decision, DecisionEventKind::Reopened, Some(reason)).await?;
    let options = write.all(options_of(decision.id)).await?.into_iter().map(|option| option.text).collect();
    let heir = decision::Model {
        id: write.id(),
        session_id: None,
        supersedes_id: Some(decision.id),
        status: DecisionStatus::Proposed,
        review_on: None,
        wording: 1,
        stances: 0,
        reopenings: 0,
        read_back: 0,
        matching: 0,
        differing: 0,
        proposed_at: write.now(),
        ratified_at: None,
        version: 1,
        ..decision.into_inner()
    };
    let heir = begin(&write, heir, options).await?;
    write.commit().await?;
    Ok(heir)
}

/// The decision acted on. Its team is locked first: what happens to one decision looks at the others, or ends one.
async fn at(
    caller: &Caller,
    permission: Permission,
    id: &ID,
    expected: Option<i32>,
) -> Result<(Write, Locked<decision::Model>), Error> {
    let under = decision::Column::TeamId;
    let (write, _, decision) =
        caller.write_under::<team::Entity, Entity>(permission, under, typed(id), "input.id").await?;
    expect_version(decision.version, expected)?;
    Ok((write, decision))
}

/// Leaders change the decisions they own; who shapes the team's work changes any.
async fn touchable(write: &Write, decision: &decision::Model) -> Result<(), Error> {
    let actor = write.actor()?;
    if actor.shapes(decision.client_id) {
        return Ok(());
    }
    let owner = match decision.owner_id {
        Some(owner) => write.find::<member::Entity>(owner).await?,
        None => None,
    };
    Ok(owned_by(owner.as_ref(), actor.person)?)
}

fn considered(check: &mut Check, options: &[String]) -> Vec<String> {
    let wrong = options.len() == 1 || options.len() > rules::OPTIONS;
    check.refuse_if(wrong, Code::Invalid, "input.options", "A decision weighs 2 to 10 options, or none.");
    let options = options.iter().take(rules::OPTIONS + 1).enumerate();
    options.map(|(at, text)| check.text(&format!("input.options.{at}"), text, 1..=500)).collect()
}

/// What members without a login said in the room.
fn recorded(input: &[DecisionRecordedStanceInput], members: &[member::Model]) -> Result<Vec<Said>, Error> {
    let mut check = Check::new();
    check.refuse_if(input.len() > 100, Code::Invalid, "input.recorded", "At most 100 members at once.");
    let mut said = Vec::new();
    for (at, one) in input.iter().take(100).enumerate() {
        let path = |field: &str| format!("input.recorded.{at}.{field}");
        let comment = one.comment.as_deref().unwrap_or_default();
        said.push((
            one.stance,
            check.number(&path("conviction"), one.conviction, 1..=5),
            check.text(&path("comment"), comment, 0..=1000),
        ));
    }
    check.done()?;
    let named: Vec<_> = input.iter().map(|one| typed(&one.member_id)).collect();
    let found = rules::spoken_for(&named, members)?.into_iter().zip(said);
    Ok(found
        .map(|(member, (stance, conviction, comment))| Said { member, stance, conviction, comment })
        .collect())
}

/// Ends the decision whose place is taken.
async fn supersede(write: &Write, id: Id<Entity>, team: Id<team::Entity>) -> Result<(), Error> {
    let before = write.lock::<Entity>(id).await?;
    let status = rules::supersedable(&before, team, "input.id")?;
    let mut change = before.clone().into_active_model();
    change.status = Set(status);
    change.ended_at = Set(Some(write.now()));
    write.update::<Entity>(&before, change).await?;
    happened(write, &before, DecisionEventKind::Superseded, None).await
}

fn position(write: &Write, decision: &decision::Model, said: Said) -> decision_position::Model {
    decision_position::Model {
        id: write.id(),
        network_id: decision.network_id,
        client_id: decision.client_id,
        team_id: decision.team_id,
        decision_id: decision.id,
        member_id: said.member,
        stance: said.stance,
        conviction: said.conviction,
        comment: said.comment,
        taken_at: write.now(),
        recorded_by_id: None,
    }
}

/// Writes a proposal with its options.
async fn begin(write: &Write, row: decision::Model, options: Vec<String>) -> Result<Id<Entity>, Error> {
    let decision = write.insert::<Entity>(row).await?;
    weigh(write, &decision, options).await?;
    happened(write, &decision, DecisionEventKind::Proposed, None).await?;
    Ok(decision.id)
}

async fn weigh(write: &Write, decision: &decision::Model, options: Vec<String>) -> Result<(), Error> {
    for (text, position) in options.into_iter().zip(1..) {
        let row = decision_option::Model {
            id: write.id(),
            network_id: decision.network_id,
            client_id: decision.client_id,
            team_id: decision.team_id,
            decision_id: decision.id,
            position,
            text,
            chosen: false,
        };
        write.insert::<decision_option::Entity>(row).await?;
    }
    Ok(())
}

async fn weigh_anew(write: &Write, decision: &decision::Model, options: Vec<String>) -> Result<(), Error> {
    for option in write.lock_all(options_of(decision.id)).await? {
        write.delete::<decision_option::Entity>(option).await?;
    }
    weigh(write, decision, options).await
}

async fn happened(
    write: &Write,
    decision: &decision::Model,
    kind: DecisionEventKind,
    reason: Option<String>,
) -> Result<(), Error> {
    let event = decision_event::Model {
        id: write.id(),
        network_id: decision.network_id,
        client_id: decision.client_id,
        team_id: decision.team_id,
        decision_id: decision.id,
        kind,
        person_id: write.person()?,
        reason,
        at: write.now(),
    };
    write.insert::<decision_event::Entity>(event).await?;
    Ok(())
}

fn options_of(decision: Id<Entity>) -> Select<decision_option::Entity> {
    decision_option::Entity::find()
        .filter(decision_option::Column::DecisionId.eq(decision))
        .order_by_asc(decision_option::Column::Position)
}

/// A team's proposals.
async fn open(write: &Write, team: Id<team::Entity>) -> Result<Vec<decision::Model>, Error> {
    let open = Entity::find()
        .filter(decision::Column::TeamId.eq(team))
        .filter(decision::Column::Status.eq(DecisionStatus::Proposed));
    write.all(open).await
}

async fn active(write: &Write, team: Id<team::Entity>) -> Result<Vec<member::Model>, Error> {
    let members = member::Entity::find()
        .filter(member::Column::TeamId.eq(team))
        .filter(member::Column::Status.eq(MemberStatus::Active));
    write.all(members).await
}

async fn owner(
    write: &Write,
    id: Option<&ID>,
    team: Id<team::Entity>,
) -> Result<Option<Id<member::Entity>>, Error> {
    let Some(id) = id else { return Ok(None) };
    let owner = write.load::<member::Entity>(typed(id), "input.ownerId").await?;
    eligible(&owner, team)?;
    Ok(Some(owner.id))
}

async fn staged(
    write: &Write,
    id: Option<&ID>,
    team: Id<team::Entity>,
) -> Result<Option<Id<stage_run::Entity>>, Error> {
    let Some(id) = id else { return Ok(None) };
    let stage = write.load::<stage_run::Entity>(typed(id), "input.stageId").await?;
    same_team(stage.team_id, team, "input.stageId")?;
    Ok(Some(stage.id))
}

async fn sprung(
    write: &Write,
    id: Option<&ID>,
    team: Id<team::Entity>,
) -> Result<Option<Id<session::Entity>>, Error> {
    let Some(id) = id else { return Ok(None) };
    let session = write.load::<session::Entity>(typed(id), "input.sessionId").await?;
    same_team(session.team_id, team, "input.sessionId")?;
    Ok(Some(session.id))
}

async fn hindered(
    write: &Write,
    id: Option<&ID>,
    team: Id<team::Entity>,
) -> Result<Option<Id<obstacle::Entity>>, Error> {
    let Some(id) = id else { return Ok(None) };
    let obstacle = write.load::<obstacle::Entity>(typed(id), "input.obstacleId").await?;
    same_team(obstacle.team_id, team, "input.obstacleId")?;
    Ok(Some(obstacle.id))
}
