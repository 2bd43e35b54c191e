//! Read-back: after a decision is ratified, each member restates it in their own words. Only the member and the people
//! who run the programme can read the text; the latter judge whether it matches. The team sees how many members have
//! restated the decision and how many restatements differ. A member whose restatement differs restates the decision
//! again.
//!
//! An *attestation* is a member's confirmation that they informed their people.
//!
//! A restatement is stored in two rows with the same ID: the member's own, and the one for the people who run the
//! programme. The audit of either row leaves the text out.

pub mod rules;
#[cfg(test)]
mod tests;

use super::{
    decision::Decision,
    member::Member,
    notice::notifying::notify_facilitators,
    person::Person,
    ratification::{self, Ratified, find_own_member, rules::ReadBackCounts},
};
use crate::{
    kernel::{
        Caller, Check, Code, Error, Fault, Locked, Notice, Write, access::Permission, expect_version,
        read::shape::typed, today,
    },
    message, mutations,
    scalar::Date,
    shape,
};
use async_graphql::{ID, InputObject};
use entity::{
    Id, client,
    decision::{self, Entity},
    decision_attestation, decision_read_back,
    decision_restatement::ReadBackStatus,
    notice::NoticeKind,
};
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter};

shape! {
    /// Your own restatement of a decision.
    DecisionRestatement of decision_restatement {
        /// What was decided, in your own words.
        text = text(Text),
        /// Whether the restatement matches the decision.
        status = closed::<ReadBackStatus, _>(Status),
        /// Reply from the people who run the programme. May be empty.
        comment = text(Note),
        /// Time the restatement was written.
        createdAt = instant(WrittenAt),
        /// Time the restatement was judged. Null if not judged.
        judgedAt = instant(JudgedAt).or_null(),
        /// Decision that you restated. Null if you no longer have access to it.
        decision = one::<Decision, _>(DecisionId).or_null(),
    }
}

shape! {
    /// A member's restatement of a decision, shown to the people who run the programme.
    DecisionReadBack of decision_read_back {
        /// What was decided, in the member's own words.
        text = text(Text),
        /// Whether the restatement matches the decision.
        status = closed::<entity::decision_restatement::ReadBackStatus, _>(Status).filter().order(),
        /// Reply to the member. May be empty.
        comment = text(Note),
        /// Time the restatement was written.
        createdAt = instant(WrittenAt).filter().order(),
        /// Time the restatement was judged. Null if not judged.
        judgedAt = instant(JudgedAt).or_null(),
        /// Increases with every change. Send it as `expectedVersion` to avoid overwriting others.
        version = int(Version),
        /// Member who wrote the restatement.
        member = one::<Member, _>(MemberId),
        /// Decision that the member restated.
        decision = one::<Decision, _>(DecisionId),
        /// Person who judged the restatement. Null if not judged or you have no access to them.
        judgedBy = one::<Person, _>(JudgedById).or_null(),
    }
}

shape! {
    /// A member's confirmation that they informed their people of a decision.
    DecisionAttestation of decision_attestation {
        /// People whom the member informed.
        audience = text(Audience),
        /// Date on which the people were informed, in the client's time zone.
        communicatedOn = date(CommunicatedOn),
        /// Time the confirmation was recorded.
        createdAt = instant(At),
        /// Member who gave the confirmation.
        member = one::<Member, _>(MemberId),
        /// Decision of which the people were informed.
        decision = one::<Decision, _>(DecisionId),
    }
}

/// Input for `decisionReadBack`.
#[derive(InputObject)]
pub struct DecisionReadBackInput {
    /// ID of the decision, which must be ratified. You must be an active member of its team.
    pub id: ID,
    /// What was decided, in your own words: 1 to 2,000 characters.
    pub text: String,
    /// The `version` of the decision you last read. Fails with `CONFLICT` if the decision has changed since.
    /// Restatements by others do not change the version.
    pub expected_version: Option<i32>,
}

/// Input for `decisionReadBackJudge`.
#[derive(InputObject)]
pub struct DecisionReadBackJudgeInput {
    /// ID of the restatement, which must not be judged yet.
    pub id: ID,
    /// Whether the restatement matches the decision.
    pub matches: bool,
    /// Reply to the member: up to 1,000 characters. Default: empty.
    pub comment: Option<String>,
    /// The `version` you last read. Fails with `CONFLICT` if the restatement has changed since.
    pub expected_version: Option<i32>,
}

/// Input for `decisionAttest`.
#[derive(InputObject)]
pub struct DecisionAttestInput {
    /// ID of the decision, which must be ratified. You must be an active member of its team.
    pub id: ID,
    /// People you informed: 1 to 200 characters.
    pub audience: String,
    /// Date on which you informed them, in the client's time zone: from the day of ratification to today.
    pub communicated_on: Date,
    /// The `version` of the decision you last read. Fails with `CONFLICT` if the decision has changed since.
    pub expected_version: Option<i32>,
}

mutations! {
    ReadBackMutation: decision -> Decision of Entity {
        /// Restates a ratified decision in your own words. Only you and the people who run the programme can read the
        /// text; the team sees how many members have restated the decision and how many restatements differ. You can
        /// restate it again, up to 10 times in all, if your last restatement was judged to differ.
        decision_read_back(DecisionReadBackInput) -> DecisionReadBackPayload = restate, on id;
        /// Confirms that you informed your people of a ratified decision. You can do this for at most 20 audiences per
        /// decision.
        decision_attest(DecisionAttestInput) -> DecisionAttestPayload = attest, on id;
    }
}

mutations! {
    ReadBackJudgeMutation: decision_read_back -> DecisionReadBack of decision_read_back::Entity {
        /// Judges whether a member's restatement matches the decision. If it differs, the member can restate the
        /// decision again.
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
    rules::require_ratified(decision.status)?;
    let subject = Entity::subject(&decision);
    let restated = ratification::restate(&write, &subject, read_counts(&decision), text).await?;
    let notice = Notice::about(NoticeKind::ReadBackGiven, restated.read_back);
    notify_facilitators(&write, notice.of_team(decision.client_id, decision.team_id)).await?;
    save_counts(&write, &decision, restated.counts).await?;
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
    let note = check.text("input.comment", input.comment.as_deref().unwrap_or_default(), 0..=1000);
    check.done()?;
    rules::require_ratified(decision.status)?;
    let (subject, counts) = (Entity::subject(&decision), read_counts(&decision));
    let counts = ratification::judge(&mut write, &subject, counts, &shown, (input.matches, note)).await?;
    save_counts(&write, &decision, counts).await?;
    write.commit().await?;
    Ok(shown.id)
}

async fn attest(caller: &Caller, input: DecisionAttestInput) -> Result<Id<Entity>, Error> {
    let (write, decision) =
        caller.write::<Entity>(Permission::DecisionAttest, typed(&input.id), "input.id").await?;
    expect_version(decision.version, input.expected_version)?;
    let client = write.load::<client::Entity>(Some(decision.client_id), "input.id").await?;
    rules::require_ratified(decision.status)?;
    let ratified = decision.ratified_at.ok_or(Fault::Internal)?;
    let (on, zone) = (input.communicated_on.0, &client.time_zone);
    let valid = rules::is_communication_day(on, today(zone, ratified)?, today(zone, write.now())?);
    let mut check = Check::new();
    let audience = check.line("input.audience", &input.audience, 1..=200);
    let message = message!(
        COMMUNICATED_OUT_OF_RANGE,
        "`communicatedOn` must be between the day of ratification and today."
    );
    check.refuse_if(!valid, Code::Invalid, "input.communicatedOn", message);
    check.done()?;
    let member = find_own_member(&write, decision.team_id).await?;
    let attested = decision_attestation::Entity::find()
        .filter(decision_attestation::Column::DecisionId.eq(decision.id))
        .filter(decision_attestation::Column::MemberId.eq(member));
    rules::require_room(write.count(attested).await?)?;
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

fn read_counts(decision: &decision::Model) -> ReadBackCounts {
    ReadBackCounts {
        read_back: decision.read_back,
        matching: decision.matching,
        differing: decision.differing,
    }
}

/// Saves the counts without a new version: members restate at the same time, each with the version that all have read.
async fn save_counts(
    write: &Write,
    decision: &Locked<decision::Model>,
    counts: ReadBackCounts,
) -> Result<(), Error> {
    let mut change = decision.clone().into_active_model();
    change.read_back = Set(counts.read_back);
    change.matching = Set(counts.matching);
    change.differing = Set(counts.differing);
    write.set::<Entity>(decision, change).await
}
