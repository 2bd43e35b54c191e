//! Read-back: after ratification each member says in their own words what was decided, for nobody but themselves and
//! those who run the programme, who judge whether it matches. The team learns how many read it back, and how many
//! differ: that is where alignment was apparent only. A member whose words differ restates the decision.
//!
//! An *attestation* is a member's word that they have told their people.
//!
//! A restatement lies in two rows of one id: the member's own, and the one for those who run the programme. Its words
//! are in neither row's audit.

pub mod rules;
#[cfg(test)]
mod tests;

use super::{
    decision::{Decision, rules::self_in},
    member::Member,
    person::Person,
};
use crate::{
    kernel::{
        Caller, Check, Code, Error, Fault, Write, access::Permission, expect_version, read::shape::typed,
        today,
    },
    mutations,
    scalar::Date,
    shape,
};
use async_graphql::{ID, InputObject};
use entity::{
    Id, client,
    decision::{self, Entity},
    decision_attestation, decision_read_back,
    decision_restatement::{self, ReadBackStatus},
    member::{self, MemberStatus},
};
use rules::Counts;
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder};

shape! {
    /// The caller's own restatement of a decision.
    DecisionRestatement of decision_restatement {
        /// What the caller said was decided.
        text = text(Text),
        /// Whether it says what was decided.
        status = closed::<ReadBackStatus, _>(Status),
        /// What those who run the programme say to it.
        note = text(Note),
        /// When it was written.
        writtenAt = instant(WrittenAt),
        /// When it was judged.
        judgedAt = instant(JudgedAt).or_null(),
    }
}

shape! {
    /// A member's restatement of a decision, for those who run the programme.
    DecisionReadBack of decision_read_back {
        /// What the member said was decided.
        text = text(Text),
        /// Whether it says what was decided.
        status = closed::<entity::decision_restatement::ReadBackStatus, _>(Status).filter().order(),
        /// What was said to the member about it.
        note = text(Note),
        /// When it was written.
        writtenAt = instant(WrittenAt).filter().order(),
        /// When it was judged.
        judgedAt = instant(JudgedAt).or_null(),
        /// Counts up with every change; give it back as `expectedVersion`.
        version = int(Version),
        /// The member.
        member = one::<Member, _>(MemberId),
        /// The decision.
        decision = one::<Decision, _>(DecisionId),
        /// Who judged it.
        judgedBy = one::<Person, _>(JudgedById).or_null(),
    }
}

shape! {
    /// A member's word that they have told their people of a decision.
    DecisionAttestation of decision_attestation {
        /// Whom they told.
        audience = text(Audience),
        /// When, in the client's time zone.
        communicatedOn = date(CommunicatedOn),
        /// When they said so.
        at = instant(At),
        /// The member.
        member = one::<Member, _>(MemberId),
    }
}

/// What was decided, in the caller's own words.
#[derive(InputObject)]
pub struct DecisionReadBackInput {
    /// The decision: ratified, of a team of which the caller is an active member.
    pub id: ID,
    /// What was decided, in the caller's own words: 1 to 2,000 characters.
    pub text: String,
    /// The version of the decision this was written on. Others' restatements do not change it.
    pub expected_version: Option<i32>,
}

/// Whether a restatement says what was decided.
#[derive(InputObject)]
pub struct DecisionReadBackJudgeInput {
    /// The restatement: not judged yet.
    pub id: ID,
    /// Whether it says what was decided.
    pub matches: bool,
    /// What to say to the member about it: up to 1,000 characters.
    pub note: Option<String>,
    /// The restatement's version this was decided on.
    pub expected_version: Option<i32>,
}

/// Whom the caller has told of a decision, and when.
#[derive(InputObject)]
pub struct DecisionAttestInput {
    /// The decision: ratified, of a team of which the caller is an active member.
    pub id: ID,
    /// Whom the caller told: 1 to 200 characters.
    pub audience: String,
    /// The day, in the client's time zone: from the day of ratification to today.
    pub communicated_on: Date,
    /// The version of the decision this was said of.
    pub expected_version: Option<i32>,
}

mutations! {
    ReadBackMutation: decision -> Decision of Entity {
        /// Says in the caller's own words what a ratified decision decides. Only the caller and those who run the
        /// programme read it; the team sees how many have, and how many differ.
        decision_read_back(DecisionReadBackInput) -> DecisionReadBackPayload = restate, on id;
        /// Says that the caller has told their people of a ratified decision.
        decision_attest(DecisionAttestInput) -> DecisionAttestPayload = attest, on id;
    }
}

mutations! {
    ReadBackJudgeMutation: decision_read_back -> DecisionReadBack of decision_read_back::Entity {
        /// Judges whether a member's restatement says what was decided. Where it does not, the member can restate it.
        decision_read_back_judge(DecisionReadBackJudgeInput) -> DecisionReadBackJudgePayload = judge, on id;
    }
}

async fn restate(caller: &Caller, input: DecisionReadBackInput) -> Result<Id<Entity>, Error> {
    let (write, decision) =
        caller.write::<Entity>(Permission::DecisionReadBack, typed(&input.id), "input.id").await?;
    expect_version(decision.version, input.expected_version)?;
    let mut check = Check::new();
    let text = check.text("input.text", &input.text, 1..=2000);
    check.done()?;
    rules::in_force(decision.status)?;
    let member = myself(&write, &decision).await?;
    let before = decision_restatement::Entity::find()
        .filter(decision_restatement::Column::DecisionId.eq(decision.id))
        .order_by_asc(decision_restatement::Column::WrittenAt)
        .order_by_asc(decision_restatement::Column::Id);
    let counts = counts(&decision).restated(&write.all(before).await?)?;
    let own = decision_restatement::Model {
        id: write.id(),
        network_id: decision.network_id,
        client_id: decision.client_id,
        person_id: write.person()?,
        decision_id: decision.id,
        member_id: member,
        text: text.clone(),
        status: ReadBackStatus::Waiting,
        note: String::new(),
        written_at: write.now(),
        judged_at: None,
        version: 1,
    };
    let shown = decision_read_back::Model {
        id: Id::new(own.id.uuid()),
        network_id: decision.network_id,
        client_id: decision.client_id,
        team_id: decision.team_id,
        decision_id: decision.id,
        member_id: member,
        text,
        status: ReadBackStatus::Waiting,
        note: String::new(),
        judged_by_id: None,
        written_at: write.now(),
        judged_at: None,
        version: 1,
    };
    write.insert::<decision_restatement::Entity>(own).await?;
    write.insert::<decision_read_back::Entity>(shown).await?;
    count(&write, &decision, counts).await?;
    write.commit().await?;
    Ok(decision.id)
}

async fn judge(
    caller: &Caller,
    input: DecisionReadBackJudgeInput,
) -> Result<Id<decision_read_back::Entity>, Error> {
    let under = decision_read_back::Column::DecisionId;
    let (mut write, decision, shown) = caller
        .write_under::<Entity, decision_read_back::Entity>(
            Permission::DecisionReadBackJudge,
            under,
            typed(&input.id),
            "input.id",
        )
        .await?;
    expect_version(shown.version, input.expected_version)?;
    let mut check = Check::new();
    let note = check.text("input.note", input.note.as_deref().unwrap_or_default(), 0..=1000);
    check.done()?;
    rules::in_force(decision.status)?;
    let (status, counts) = counts(&decision).judged(shown.status, input.matches)?;
    let mut change = shown.clone().into_active_model();
    change.status = Set(status);
    change.note = Set(note.clone());
    change.judged_by_id = Set(Some(write.person()?));
    change.judged_at = Set(Some(write.now()));
    write.update::<decision_read_back::Entity>(&shown, change).await?;
    count(&write, &decision, counts).await?;
    let own: Id<decision_restatement::Entity> = Id::new(shown.id.uuid());
    let own = decision_restatement::Entity::find().filter(decision_restatement::Column::Id.eq(own));
    let own = write.unseal_locked::<decision_restatement::Entity>(own).await?.ok_or(Fault::Internal)?;
    let mut answer = own.clone().into_active_model();
    answer.status = Set(status);
    answer.note = Set(note);
    answer.judged_at = Set(Some(write.now()));
    // the member's own row, which the one who judges may not touch otherwise
    write.as_system().await?;
    write.update::<decision_restatement::Entity>(&own, answer).await?;
    write.commit().await?;
    Ok(shown.id)
}

async fn attest(caller: &Caller, input: DecisionAttestInput) -> Result<Id<Entity>, Error> {
    let (write, decision) =
        caller.write::<Entity>(Permission::DecisionAttest, typed(&input.id), "input.id").await?;
    expect_version(decision.version, input.expected_version)?;
    let client = write.load::<client::Entity>(Some(decision.client_id), "input.id").await?;
    rules::in_force(decision.status)?;
    let ratified = decision.ratified_at.ok_or(Fault::Internal)?;
    let (on, zone) = (input.communicated_on.0, &client.time_zone);
    let told = rules::told_on(on, today(zone, ratified)?, today(zone, write.now())?);
    let mut check = Check::new();
    let audience = check.line("input.audience", &input.audience, 1..=200);
    let message = "This lies between the day of ratification and today.";
    check.refuse_if(!told, Code::Invalid, "input.communicatedOn", message);
    check.done()?;
    let member = myself(&write, &decision).await?;
    let attested = decision_attestation::Entity::find()
        .filter(decision_attestation::Column::DecisionId.eq(decision.id))
        .filter(decision_attestation::Column::MemberId.eq(member));
    rules::room(write.count(attested).await?)?;
    let row = decision_attestation::Model {
        id: write.id(),
        network_id: decision.network_id,
        client_id: decision.client_id,
        team_id: decision.team_id,
        decision_id: decision.id,
        member_id: member,
        person_id: write.person()?,
        communicated_on: on,
        audience,
        at: write.now(),
    };
    write.insert::<decision_attestation::Entity>(row).await?;
    write.commit().await?;
    Ok(decision.id)
}

/// The member that the caller is.
async fn myself(write: &Write, decision: &decision::Model) -> Result<Id<member::Entity>, Error> {
    let members = member::Entity::find()
        .filter(member::Column::TeamId.eq(decision.team_id))
        .filter(member::Column::Status.eq(MemberStatus::Active));
    Ok(self_in(&write.all(members).await?, write.person()?)?.id)
}

fn counts(decision: &decision::Model) -> Counts {
    Counts { read_back: decision.read_back, matching: decision.matching, differing: decision.differing }
}

/// No change of the decision: members read it back at once, each on the version that all have read.
async fn count(write: &Write, decision: &decision::Model, counts: Counts) -> Result<(), Error> {
    let mut change = decision.clone().into_active_model();
    change.read_back = Set(counts.read_back);
    change.matching = Set(counts.matching);
    change.differing = Set(counts.differing);
    write.set::<Entity>(change).await
}
