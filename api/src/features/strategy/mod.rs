//! Strategy: what a team is for, what it wants to become and how, in sections that the stages of its template declare. A
//! section is a text, a list of points, values with behaviours, targets with a figure and a year, or a SWOT analysis.
//!
//! A section has versions. A version is *drafted*, *proposed*, *ratified* with stances and a quorum, read back, and
//! *superseded* by the next one that is ratified. At most one version of a section is in work (a draft or a proposal), and at
//! most one is in force. A team's sections outlive its programme: the next one continues those that it declares, too.
//!
//! A team can *share* a section: the other teams of its client read a copy of what is in force.
//!
//! Invariant: what a ratified version says never changes.

mod allowed;
mod input;
pub mod keeping;
pub mod rules;
mod shape;
#[cfg(test)]
mod tests;

pub use input::{
    StrategyDraftInput, StrategyItemInput, StrategyProposeInput, StrategyRatifyInput, StrategyReadBackInput,
    StrategyReadBackJudgeInput, StrategyReviseInput, StrategyShareInput, StrategyStanceInput,
};
pub use shape::{
    OnePagePlan, SharedStrategySection, StrategyFinalStance, StrategyItem, StrategyReadBack,
    StrategyRestatement, StrategySection, StrategyStance, StrategyVersion,
};

use super::{
    participant::load_participants,
    programme,
    ratification::{self, Ratified, rules::ReadBackCounts},
};
use crate::{
    kernel::{Caller, Check, Error, Locked, Write, access::Permission, expect_version, read::shape::typed},
    mutations,
};
use async_graphql::ID;
use entity::{
    Id, client, strategy_item, strategy_read_back, strategy_section, strategy_shared,
    strategy_version::{self, Entity, StrategyStatus},
    team,
};
use rules::{ItemContent, Step};
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter, Select};

mutations! {
    StrategyMutation: strategy_version -> StrategyVersion of Entity {
        /// Writes the draft of a section: begins a version, or replaces what the draft says. Fails with `WRONG_STATE` if
        /// a version of the section is proposed. A section has at most 100 versions.
        strategy_draft(StrategyDraftInput) -> StrategyDraftPayload = draft;
        /// Proposes a draft, so that members take their stances on it. It must say as much as the section asks for.
        strategy_propose(StrategyProposeInput) -> StrategyProposePayload = propose, on id;
        /// Takes a proposed version back as a draft, so that it can be changed. Stances taken on it no longer count.
        strategy_revise(StrategyReviseInput) -> StrategyRevisePayload = revise, on id;
        /// Records the caller's own stance on a proposed version, and replaces an earlier one. Other people cannot read
        /// the stance before the version is ratified.
        strategy_stance(StrategyStanceInput) -> StrategyStancePayload = stance, on id;
        /// Ratifies a proposed version, and shows the team each member's stance. It needs the same quorum of stances as a
        /// decision. The version that was in force is superseded.
        strategy_ratify(StrategyRatifyInput) -> StrategyRatifyPayload = ratify, on id;
        /// Restates a ratified version in your own words. Only you and the people who run the programme can read the
        /// text; the team sees how many members have restated the version and how many restatements differ. You can
        /// restate it again, up to 10 times in all, if your last restatement was judged to differ.
        strategy_read_back(StrategyReadBackInput) -> StrategyReadBackPayload = read_back, on id;
    }
}

mutations! {
    StrategyReadBackJudgeMutation: strategy_read_back -> StrategyReadBack of strategy_read_back::Entity {
        /// Judges whether a member's restatement matches the version. If it differs, the member can restate the version
        /// again.
        strategy_read_back_judge(StrategyReadBackJudgeInput) -> StrategyReadBackJudgePayload = judge, on id;
    }
}

mutations! {
    StrategySectionMutation: strategy_section -> StrategySection of strategy_section::Entity {
        /// Shares a section with the other teams of the client, or stops sharing it. They read what is in force.
        strategy_share(StrategyShareInput) -> StrategySharePayload = share, on id;
    }
}

async fn draft(caller: &Caller, input: StrategyDraftInput) -> Result<Id<Entity>, Error> {
    let path = "input.sectionId";
    let id = typed(&input.section_id);
    let (write, section) =
        caller.write::<strategy_section::Entity>(Permission::StrategyDraft, id, path).await?;
    let team = write.load::<team::Entity>(Some(section.team_id), path).await?;
    let client = write.load::<client::Entity>(Some(section.client_id), path).await?;
    let (text, items) = input::check_content(&section, &input)?;
    programme::rules::require_active_team(client.status, team.archived_at).map_err(|no| no.at(path))?;
    let in_work = Entity::find()
        .filter(strategy_version::Column::StrategySectionId.eq(section.id))
        .filter(strategy_version::Column::Status.is_in([StrategyStatus::Draft, StrategyStatus::Proposed]));
    let id = match write.lock_one(in_work).await? {
        Some(draft) => {
            expect_version(draft.version, input.expected_version)?;
            rules::next_status(draft.status, Step::Edit).map_err(|no| no.at(path))?;
            rewrite(&write, &section, &draft, text, items).await?;
            draft.id
        }
        None => {
            expect_version(0, input.expected_version)?;
            begin(&write, &section, text, items).await?
        }
    };
    write.commit().await?;
    Ok(id)
}

/// Begins a version of a section.
async fn begin(
    write: &Write,
    section: &Locked<strategy_section::Model>,
    text: String,
    items: Vec<ItemContent>,
) -> Result<Id<Entity>, Error> {
    rules::require_room(section.versions)?;
    let row = strategy_version::Model {
        id: write.id(),
        network_id: section.network_id,
        client_id: section.client_id,
        team_id: section.team_id,
        strategy_section_id: section.id,
        number: section.versions + 1,
        title: section.title.clone(),
        text,
        status: StrategyStatus::Draft,
        author_id: write.person()?,
        wording: 1,
        stances: 0,
        read_back: 0,
        matching: 0,
        differing: 0,
        created_at: write.now(),
        proposed_at: None,
        ratified_at: None,
        ended_at: None,
        version: 1,
    };
    let draft = write.insert::<Entity>(row).await?;
    insert_items(write, &draft, items).await?;
    let mut change = section.clone().into_active_model();
    change.versions = Set(draft.number);
    write.update::<strategy_section::Entity>(section, change).await?;
    Ok(draft.id)
}

/// Replaces what a draft says.
async fn rewrite(
    write: &Write,
    section: &strategy_section::Model,
    draft: &Locked<strategy_version::Model>,
    text: String,
    items: Vec<ItemContent>,
) -> Result<(), Error> {
    let before = strategy_item::Entity::find().filter(strategy_item::Column::StrategyVersionId.eq(draft.id));
    for item in write.lock_all(before).await? {
        write.delete::<strategy_item::Entity>(item).await?;
    }
    insert_items(write, draft, items).await?;
    let mut change = draft.clone().into_active_model();
    change.title = Set(section.title.clone());
    change.text = Set(text);
    let after = write.update::<Entity>(draft, change).await?;
    if after.version == draft.version {
        write.touch::<Entity>(draft).await?;
    }
    Ok(())
}

async fn insert_items(
    write: &Write,
    draft: &strategy_version::Model,
    items: Vec<ItemContent>,
) -> Result<(), Error> {
    let rows = items.into_iter().zip(1..).map(|(item, position)| strategy_item::Model {
        id: write.id(),
        network_id: draft.network_id,
        client_id: draft.client_id,
        team_id: draft.team_id,
        strategy_version_id: draft.id,
        position,
        text: item.text,
        quadrant: item.quadrant,
        welcome: item.welcome,
        unwelcome: item.unwelcome,
        figure: item.figure,
        unit: item.unit,
        year: item.year,
    });
    write.insert_all::<strategy_item::Entity>(rows.collect()).await
}

async fn propose(caller: &Caller, input: StrategyProposeInput) -> Result<Id<Entity>, Error> {
    let (write, section, version) =
        write_version(caller, Permission::StrategyPropose, &input.id, input.expected_version).await?;
    let status = rules::next_status(version.status, Step::Propose)?;
    let items = strategy_item::Entity::find().filter(strategy_item::Column::StrategyVersionId.eq(version.id));
    let size = match section.form {
        strategy_section::SectionForm::Text => version.text.chars().count(),
        _ => write.all(items).await?.len(),
    };
    rules::require_enough(&section, size)?;
    let mut change = version.clone().into_active_model();
    change.status = Set(status);
    change.proposed_at = Set(Some(write.now()));
    write.update::<Entity>(&version, change).await?;
    write.commit().await?;
    Ok(version.id)
}

async fn revise(caller: &Caller, input: StrategyReviseInput) -> Result<Id<Entity>, Error> {
    let (write, _, version) =
        write_version(caller, Permission::StrategyRevise, &input.id, input.expected_version).await?;
    let mut change = version.clone().into_active_model();
    change.status = Set(rules::next_status(version.status, Step::Revise)?);
    change.wording = Set(version.wording + 1);
    change.stances = Set(0);
    change.proposed_at = Set(None);
    write.update::<Entity>(&version, change).await?;
    write.commit().await?;
    Ok(version.id)
}

async fn stance(caller: &Caller, input: StrategyStanceInput) -> Result<Id<Entity>, Error> {
    let (write, version) =
        caller.write::<Entity>(Permission::StrategyStance, typed(&input.id), "input.id").await?;
    expect_version(version.version, input.expected_version)?;
    let given = ratification::check_stance(input.stance, input.conviction, input.comment.as_ref())?;
    rules::next_status(version.status, Step::Stance)?;
    if ratification::take_stance(&write, &Entity::subject(&version), given).await? {
        let mut change = version.clone().into_active_model();
        change.stances = Set(version.stances + 1);
        write.set::<Entity>(&version, change).await?;
    }
    write.commit().await?;
    Ok(version.id)
}

async fn ratify(caller: &Caller, input: StrategyRatifyInput) -> Result<Id<Entity>, Error> {
    let (write, section, version) =
        write_version(caller, Permission::StrategyRatify, &input.id, input.expected_version).await?;
    let status = rules::next_status(version.status, Step::Ratify)?;
    let subject = Entity::subject(&version);
    let members = ratification::load_members(&write, version.team_id).await?;
    let recorded = ratification::check_recorded_stances(&input.recorded, &members)?;
    let participants = load_participants(&write, version.client_id, version.team_id).await?;
    let taken = ratification::load_counted_stances(&write, &subject, &participants).await?;
    let stances = taken.len() + recorded.len();
    ratification::rules::require_quorum(participants.len(), stances)?;
    if let Some(before) = write.lock_one(select_in_force(section.id)).await? {
        let mut change = before.clone().into_active_model();
        change.status = Set(rules::next_status(before.status, Step::Supersede)?);
        change.ended_at = Set(Some(write.now()));
        write.update::<Entity>(&before, change).await?;
    }
    ratification::record_positions(&write, &subject, taken, recorded).await?;
    let mut change = version.clone().into_active_model();
    change.status = Set(status);
    change.stances = Set(stances as i32);
    change.ratified_at = Set(Some(write.now()));
    let version = write.update::<Entity>(&version, change).await?;
    let mut change = section.clone().into_active_model();
    change.ratified_at = Set(Some(write.now()));
    let section = write.update::<strategy_section::Entity>(&section, change).await?;
    replace_shared_copy(&write, &section, Some(&version)).await?;
    write.commit().await?;
    Ok(version.id)
}

async fn read_back(caller: &Caller, input: StrategyReadBackInput) -> Result<Id<Entity>, Error> {
    let (write, version) =
        caller.write::<Entity>(Permission::StrategyReadBack, typed(&input.id), "input.id").await?;
    expect_version(version.version, input.expected_version)?;
    let mut check = Check::new();
    let text = check.text("input.text", &input.text, 1..=2000);
    check.done()?;
    rules::next_status(version.status, Step::ReadBack)?;
    let subject = Entity::subject(&version);
    let counts = ratification::restate(&write, &subject, read_counts(&version), text).await?.counts;
    save_counts(&write, &version, counts).await?;
    write.commit().await?;
    Ok(version.id)
}

async fn judge(
    caller: &Caller,
    input: StrategyReadBackJudgeInput,
) -> Result<Id<strategy_read_back::Entity>, Error> {
    let under = strategy_read_back::Column::StrategyVersionId;
    let (mut write, version, shown) = caller
        .write_under::<Entity, strategy_read_back::Entity>(
            Permission::StrategyReadBackJudge,
            under,
            typed(&input.id),
            "input.id",
        )
        .await?;
    expect_version(shown.version, input.expected_version)?;
    let mut check = Check::new();
    let note = check.text("input.comment", input.comment.as_deref().unwrap_or_default(), 0..=1000);
    check.done()?;
    rules::next_status(version.status, Step::ReadBack)?;
    let (subject, counts) = (Entity::subject(&version), read_counts(&version));
    let counts = ratification::judge(&mut write, &subject, counts, &shown, (input.matches, note)).await?;
    save_counts(&write, &version, counts).await?;
    write.commit().await?;
    Ok(shown.id)
}

async fn share(caller: &Caller, input: StrategyShareInput) -> Result<Id<strategy_section::Entity>, Error> {
    let (write, section) = caller
        .write::<strategy_section::Entity>(Permission::StrategyShare, typed(&input.id), "input.id")
        .await?;
    expect_version(section.version, input.expected_version)?;
    let mut change = section.clone().into_active_model();
    change.shared = Set(input.shared);
    let section = write.update::<strategy_section::Entity>(&section, change).await?;
    let in_force = write.one(select_in_force(section.id)).await?;
    replace_shared_copy(&write, &section, in_force.as_ref()).await?;
    write.commit().await?;
    Ok(section.id)
}

/// Begins a change of a version. Its section is locked first: a section has one version in work and one in force.
async fn write_version(
    caller: &Caller,
    permission: Permission,
    id: &ID,
    expected: Option<i32>,
) -> Result<(Write, Locked<strategy_section::Model>, Locked<strategy_version::Model>), Error> {
    let under = strategy_version::Column::StrategySectionId;
    let (write, section, version) = caller
        .write_under::<strategy_section::Entity, Entity>(permission, under, typed(id), "input.id")
        .await?;
    expect_version(version.version, expected)?;
    Ok((write, section, version))
}

fn select_in_force(section: Id<strategy_section::Entity>) -> Select<Entity> {
    Entity::find()
        .filter(strategy_version::Column::StrategySectionId.eq(section))
        .filter(strategy_version::Column::Status.eq(StrategyStatus::Ratified))
}

/// Replaces the copy of a section that the other teams of the client read: what is in force, if the section is shared.
async fn replace_shared_copy(
    write: &Write,
    section: &strategy_section::Model,
    in_force: Option<&strategy_version::Model>,
) -> Result<(), Error> {
    let copy =
        strategy_shared::Entity::find().filter(strategy_shared::Column::StrategySectionId.eq(section.id));
    if let Some(copy) = write.lock_one(copy).await? {
        write.delete::<strategy_shared::Entity>(copy).await?;
    }
    let Some(version) = in_force.filter(|_| section.shared) else { return Ok(()) };
    let Some(ratified_at) = version.ratified_at else { return Ok(()) };
    let team = write.load::<team::Entity>(Some(section.team_id), "input.id").await?;
    let row = strategy_shared::Model {
        id: write.id(),
        network_id: section.network_id,
        client_id: section.client_id,
        from_team_id: section.team_id,
        strategy_section_id: section.id,
        team_name: team.name,
        title: version.title.clone(),
        text: version.text.clone(),
        number: version.number,
        ratified_at,
    };
    write.insert::<strategy_shared::Entity>(row).await?;
    Ok(())
}

fn read_counts(version: &strategy_version::Model) -> ReadBackCounts {
    ReadBackCounts { read_back: version.read_back, matching: version.matching, differing: version.differing }
}

/// Saves the counts without a new version: members restate at the same time, each with the version that all have read.
async fn save_counts(
    write: &Write,
    version: &Locked<strategy_version::Model>,
    counts: ReadBackCounts,
) -> Result<(), Error> {
    let mut change = version.clone().into_active_model();
    change.read_back = Set(counts.read_back);
    change.matching = Set(counts.matching);
    change.differing = Set(counts.differing);
    write.set::<Entity>(version, change).await
}
