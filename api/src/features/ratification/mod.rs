//! Ratification: how a team puts a wording into force, and how its members say what they understood. Decisions and the
//! versions of a strategy are ratified.
//!
//! Each member takes a *stance* with a conviction on the present wording. The stance is theirs alone until whoever runs
//! the programme ratifies the wording, with a quorum of stances; then all stances on it are on record. After that,
//! members *restate* in their own words what was ratified. Only the member and the people who run the programme can read
//! a restatement; the latter judge whether it matches, and the team sees how many do.
//!
//! Invariant: nobody reads the stance of another before the wording is ratified.

pub mod allowed;
pub mod rules;
mod tables;
#[cfg(test)]
mod tests;

use crate::{
    kernel::{Check, Code, Error, Fault, Locked, Write, read::shape::typed},
    message,
};
use async_graphql::{ID, InputObject};
use entity::{
    Id, Scoped, client, decision, decision_position, decision_read_back, decision_restatement,
    decision_stance::{self, Stance},
    member::{self, MemberStatus},
    network, strategy_position, strategy_read_back, strategy_restatement, strategy_stance, strategy_version,
    team,
};
use rules::{MemberStance, ReadBackCounts};
use sea_orm::{ActiveModelTrait, ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder};
use tables::{
    Below, PositionRow, PositionTable, ReadBackTable, RestatementRow, RestatementTable, StanceRow,
    StanceTable,
};

/// What is ratified, and where it belongs.
pub struct Subject<S> {
    pub id: Id<S>,
    pub network: Id<network::Entity>,
    pub client: Id<client::Entity>,
    pub team: Id<team::Entity>,
    /// Number of the present wording.
    pub wording: i32,
}

/// A noun that a team ratifies.
pub trait Ratified: Scoped {
    type Stance: StanceTable<Self>;
    type Position: PositionTable<Self>;
    type Restatement: RestatementTable<Self>;
    type ReadBack: ReadBackTable<Self>;
    fn subject(row: &Self::Model) -> Subject<Self>;
}

impl Ratified for decision::Entity {
    type Stance = decision_stance::Entity;
    type Position = decision_position::Entity;
    type Restatement = decision_restatement::Entity;
    type ReadBack = decision_read_back::Entity;
    fn subject(row: &decision::Model) -> Subject<Self> {
        let (network, client) = (row.network_id, row.client_id);
        Subject { id: row.id, network, client, team: row.team_id, wording: row.wording }
    }
}

impl Ratified for strategy_version::Entity {
    type Stance = strategy_stance::Entity;
    type Position = strategy_position::Entity;
    type Restatement = strategy_restatement::Entity;
    type ReadBack = strategy_read_back::Entity;
    fn subject(row: &strategy_version::Model) -> Subject<Self> {
        let (network, client) = (row.network_id, row.client_id);
        Subject { id: row.id, network, client, team: row.team_id, wording: row.wording }
    }
}

/// The stance of a member without a login.
#[derive(InputObject)]
#[graphql(name = "DecisionRecordedStanceInput")]
pub struct RecordedStanceInput {
    /// ID of the member: active, of the team that ratifies, without a login.
    pub member_id: ID,
    /// The member's stance.
    pub stance: Stance,
    /// The member's conviction: 1 (hardly convinced) to 5 (fully convinced).
    pub conviction: i32,
    /// The member's comment: up to 1,000 characters.
    pub comment: Option<String>,
}

/// A stance as the caller gives it.
pub struct GivenStance {
    pub stance: Stance,
    pub conviction: i32,
    pub comment: String,
}

/// Checks a stance of the caller.
pub fn check_stance(stance: Stance, conviction: i32, comment: Option<&String>) -> Result<GivenStance, Error> {
    let mut check = Check::new();
    let conviction = check.number("input.conviction", conviction, 1..=5);
    let comment = check.text("input.comment", comment.map(String::as_str).unwrap_or_default(), 0..=1000);
    check.done()?;
    Ok(GivenStance { stance, conviction, comment })
}

/// Maximum number of stances that can be recorded at once.
const MAX_RECORDED: usize = 100;

/// Checks the recorded stances of members without a login.
pub fn check_recorded_stances(
    input: &[RecordedStanceInput],
    members: &[member::Model],
) -> Result<Vec<MemberStance>, Error> {
    let mut check = Check::new();
    let message = message!(
        TOO_MANY_MEMBERS,
        "`{field}` must name at most {max} members at once.",
        field = "recorded",
        max = MAX_RECORDED
    );
    check.refuse_if(input.len() > MAX_RECORDED, Code::Invalid, "input.recorded", message);
    let mut stances = Vec::new();
    for (at, one) in input.iter().take(MAX_RECORDED).enumerate() {
        let path = |field: &str| format!("input.recorded.{at}.{field}");
        let comment = one.comment.as_deref().unwrap_or_default();
        stances.push((
            one.stance,
            check.number(&path("conviction"), one.conviction, 1..=5),
            check.text(&path("comment"), comment, 0..=1000),
        ));
    }
    check.done()?;
    let named: Vec<_> = input.iter().map(|one| typed(&one.member_id)).collect();
    let found = rules::require_members_without_login(&named, members)?.into_iter().zip(stances);
    Ok(found
        .map(|(member, (stance, conviction, comment))| MemberStance { member, stance, conviction, comment })
        .collect())
}

/// Loads the members of a team who take part in ratifying.
pub async fn load_members(write: &Write, team: Id<team::Entity>) -> Result<Vec<member::Model>, Error> {
    let members = member::Entity::find()
        .filter(member::Column::TeamId.eq(team))
        .filter(member::Column::Status.eq(MemberStatus::Active));
    write.all(members).await
}

/// Finds the caller's member of the team.
pub async fn find_own_member(write: &Write, team: Id<team::Entity>) -> Result<Id<member::Entity>, Error> {
    let members = load_members(write, team).await?;
    Ok(rules::require_own_member(&members, write.person()?)?.id)
}

/// Saves the caller's stance, in place of an earlier one. Returns whether it adds to the stances that count.
pub async fn take_stance<S: Ratified>(
    write: &Write,
    subject: &Subject<S>,
    given: GivenStance,
) -> Result<bool, Error> {
    let member = find_own_member(write, subject.team).await?;
    let mine = S::Stance::find().filter(<S::Stance as Below<S>>::SUBJECT.eq(subject.id));
    let mine = write.lock_one::<S::Stance>(mine).await?;
    let before = mine.as_ref().map(|mine| <S::Stance as StanceTable<S>>::row(mine));
    let GivenStance { stance, conviction, comment } = given;
    let row = StanceRow {
        id: before.as_ref().map_or_else(|| write.id::<S::Stance>().uuid(), |before| before.id),
        person: write.person()?,
        wording: subject.wording,
        stance: MemberStance { member, stance, conviction, comment },
        taken_at: write.now(),
        version: before.as_ref().map_or(1, |before| before.version),
    };
    let row = <S::Stance as StanceTable<S>>::model(subject, row);
    match &mine {
        Some(mine) => {
            write.update::<S::Stance>(mine, row.into_active_model().reset_all()).await?;
        }
        None => {
            write.insert::<S::Stance>(row).await?;
        }
    }
    Ok(before.is_none_or(|before| before.wording != subject.wording))
}

/// Loads the stances that count: on the present wording, by these participants.
pub async fn load_counted_stances<S: Ratified>(
    write: &Write,
    subject: &Subject<S>,
    participants: &[member::Model],
) -> Result<Vec<StanceRow>, Error> {
    let taken = S::Stance::find().filter(<S::Stance as Below<S>>::SUBJECT.eq(subject.id));
    let taken = write.read_everyones::<S::Stance>(taken).await?;
    let rows = taken.iter().map(<S::Stance as StanceTable<S>>::row);
    Ok(rows
        .filter(|row| rules::is_counted(row.wording, subject.wording, row.stance.member, participants))
        .collect())
}

/// Puts the stances that count on record, and those recorded for members without a login.
pub async fn record_positions<S: Ratified>(
    write: &Write,
    subject: &Subject<S>,
    taken: Vec<StanceRow>,
    recorded: Vec<MemberStance>,
) -> Result<(), Error> {
    let by = write.person()?;
    let taken = taken.into_iter().map(|row| (row.stance, row.taken_at, None));
    let recorded = recorded.into_iter().map(|stance| (stance, write.now(), Some(by)));
    for (stance, taken_at, recorded_by) in taken.chain(recorded) {
        let row = PositionRow { id: write.id::<S::Position>().uuid(), stance, taken_at, recorded_by };
        write.insert::<S::Position>(<S::Position as PositionTable<S>>::model(subject, row)).await?;
    }
    Ok(())
}

/// A restatement that was saved.
pub struct Restated<S: Ratified> {
    /// The counts after it.
    pub counts: ReadBackCounts,
    /// The row for the people who run the programme.
    pub read_back: Id<S::ReadBack>,
}

/// Saves the caller's restatement.
pub async fn restate<S: Ratified>(
    write: &Write,
    subject: &Subject<S>,
    counts: ReadBackCounts,
    text: String,
) -> Result<Restated<S>, Error> {
    let member = find_own_member(write, subject.team).await?;
    let before = S::Restatement::find()
        .filter(<S::Restatement as Below<S>>::SUBJECT.eq(subject.id))
        .order_by_asc(<S::Restatement as RestatementTable<S>>::WRITTEN_AT);
    let before = write.all::<S::Restatement>(before).await?;
    let before: Vec<_> =
        before.iter().map(|model| <S::Restatement as RestatementTable<S>>::row(model).1.status).collect();
    let counts = counts.after_restatement(&before)?;
    let row = RestatementRow {
        id: write.id::<S::Restatement>().uuid(),
        member,
        text,
        status: decision_restatement::ReadBackStatus::Waiting,
        note: String::new(),
        written_at: write.now(),
        judged_at: None,
        version: 1,
    };
    let own = <S::Restatement as RestatementTable<S>>::model(subject, write.person()?, row.clone());
    write.insert::<S::Restatement>(own).await?;
    let read_back = Id::new(row.id);
    write.insert::<S::ReadBack>(<S::ReadBack as ReadBackTable<S>>::model(subject, None, row)).await?;
    Ok(Restated { counts, read_back })
}

/// Judges a restatement, in both of its rows. Returns the counts after it. What follows in this transaction is done by the system: only the
/// system can change the member's own row.
pub async fn judge<S: Ratified>(
    write: &mut Write,
    subject: &Subject<S>,
    counts: ReadBackCounts,
    shown: &Locked<<S::ReadBack as EntityTrait>::Model>,
    (matches, note): (bool, String),
) -> Result<ReadBackCounts, Error> {
    let before = <S::ReadBack as ReadBackTable<S>>::row(shown);
    let (status, counts) = counts.after_judgement(before.status, matches)?;
    let (judge, judged_at) = (write.person()?, Some(write.now()));
    let row = RestatementRow { status, note: note.clone(), judged_at, ..before };
    let id = row.id;
    let change = <S::ReadBack as ReadBackTable<S>>::model(subject, Some(judge), row);
    write.update::<S::ReadBack>(shown, change.into_active_model().reset_all()).await?;
    let own = S::Restatement::find().filter(<S::Restatement as Below<S>>::SUBJECT.eq(subject.id));
    let own = own.filter(<S::Restatement as RestatementTable<S>>::ID.eq(id));
    let own = write.lock_everyones::<S::Restatement>(own).await?.ok_or(Fault::Internal)?;
    let (author, before) = <S::Restatement as RestatementTable<S>>::row(&own);
    let row = RestatementRow { status, note, judged_at, ..before };
    let change = <S::Restatement as RestatementTable<S>>::model(subject, author, row);
    write.as_system().await?;
    write.update::<S::Restatement>(&own, change.into_active_model().reset_all()).await?;
    Ok(counts)
}
