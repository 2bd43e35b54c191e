//! A team's first day in one transaction: its members and their invitations, its programme, cadence and series. Each part
//! follows the rules of the mutation that makes it by itself.

use super::Team;
use crate::{
    features::{
        batch,
        invitation::{Invitation, keeping as invitations},
        member::{self as members, Member, NewMember},
        programme::{self as programmes, Programme, ProgrammeCreateInput},
        review::{self as reviews, ReviewCadence, ReviewCadenceSetInput},
        session_series::{self as series, SessionSeries, SessionSeriesCreateInput, StandingItemInput},
    },
    kernel::{
        Caller, Check, Code, Error, Fault, Refusal, Write, access::Permission, mutation::split,
        payload_object::PayloadObject, read::shape::typed,
    },
    message, mutations, payload,
    scalar::Date,
};
use async_graphql::{ID, InputObject};
use entity::{
    Id, client, invitation, member, membership::MembershipRole, programme, review_cadence,
    review_cadence::CadenceUnit, session::SessionKind, session_series, team,
};

/// Maximum number of series that can be created at once.
const SERIES: usize = 10;

/// Input for `teamOnboard`. Give at least one part.
#[derive(InputObject)]
pub struct TeamOnboardInput {
    /// ID of the team.
    pub team_id: ID,
    /// Members to add: up to 100.
    #[graphql(default)]
    pub members: Vec<TeamOnboardMember>,
    /// Programme to plan. Omit for none.
    pub programme: Option<TeamOnboardProgramme>,
    /// Review cadence to set in place of the present one. If it is omitted, starting a programme sets the template's.
    pub cadence: Option<TeamOnboardCadence>,
    /// Series of sessions to create: up to 10. They belong to the team's programme.
    #[graphql(default)]
    pub series: Vec<TeamOnboardSeries>,
}

/// A member to add with `teamOnboard`.
#[derive(InputObject)]
pub struct TeamOnboardMember {
    /// Name of the member: 1 to 120 characters.
    pub name: String,
    /// Job title of the member: up to 120 characters.
    #[graphql(default)]
    pub job_title: String,
    /// E-mail address of the member. Needed for an invitation.
    pub email: Option<String>,
    /// Role that the member is invited to: `SPONSOR` of the client, or `LEADER` or `OBSERVER` in the team. Omit to add the
    /// member without a login.
    pub role: Option<MembershipRole>,
}

/// A programme to plan with `teamOnboard`.
#[derive(InputObject)]
pub struct TeamOnboardProgramme {
    /// ID of the template version to run, which must be published.
    pub template_version_id: ID,
    /// Name: 1 to 200 characters. Default: the template's name.
    pub name: Option<String>,
    /// Planned start date, in the client's time zone: at most one year ago and five years ahead.
    pub planned_start_on: Date,
    /// `true` to start the programme at once.
    #[graphql(default)]
    pub start: bool,
}

/// A review cadence to set with `teamOnboard`.
#[derive(InputObject)]
pub struct TeamOnboardCadence {
    /// Unit of the interval.
    pub unit: CadenceUnit,
    /// Length of the interval: 1 to 366 days, 1 to 52 weeks or 1 to 12 months.
    pub every: i32,
    /// Date of the first review, in the client's time zone, within a year of today.
    pub anchor_on: Date,
    /// Time of day of the reviews, in the client's time zone: `HH:MM`, 24 hours.
    #[graphql(default_with = "reviews::rules::DEFAULT_TIME.to_owned()")]
    pub time: String,
}

/// A series of sessions to create with `teamOnboard`.
#[derive(InputObject)]
pub struct TeamOnboardSeries {
    /// Kind of the sessions.
    pub kind: SessionKind,
    /// Title of the sessions: 1 to 200 characters.
    pub title: String,
    /// Place of the sessions, an address or a link: up to 500 characters.
    #[graphql(default)]
    pub place: String,
    /// Length of each session in minutes: 5 to 1,440.
    pub minutes: i32,
    /// Recurrence rule of RFC 5545, in the format of `sessionSeriesCreate`.
    pub rule: String,
    /// Date from which the rule counts, in the client's time zone: today or later, within a year.
    pub starts_on: Date,
    /// Start time of the sessions in the client's time zone: `HH:MM`.
    pub local_time: String,
    /// Standing agenda items of each session, in order: up to 20. If empty, the sessions take the items that the template
    /// suggests for their stage.
    #[graphql(default)]
    pub agenda: Vec<StandingItemInput>,
}

payload! {
    /// Result of `teamOnboard`.
    pub struct TeamOnboardPayload {
        /// The team. Null if the caller has no access to a team with this ID.
        pub team: Option<PayloadObject<Team>>,
        /// Added members, in the order of the input. Empty if anything was rejected.
        pub members: Vec<PayloadObject<Member>>,
        /// Invitations of the members with a role, in the order of the input. Empty if anything was rejected.
        pub invitations: Vec<PayloadObject<Invitation>>,
        /// The programme. Null if none was asked for, or if anything was rejected.
        pub programme: Option<PayloadObject<Programme>>,
        /// The review cadence that was asked for. Null if none was, or if anything was rejected.
        pub review_cadence: Option<PayloadObject<ReviewCadence>>,
        /// Created series, in the order of the input. Empty if anything was rejected.
        pub session_series: Vec<PayloadObject<SessionSeries>>,
        /// Reasons nothing was saved; each path names the part. Empty if everything was saved.
        pub errors: Vec<Refusal>,
    }
}

mutations! {
    TeamOnboardMutation {
        /// Sets up a team in one transaction: adds members and invites them, plans or starts a programme, sets the review
        /// cadence and creates series of sessions. Each part follows the rules of `memberCreate`, `memberInvite`,
        /// `programmeCreate`, `programmeStart`, `reviewCadenceSet` and `sessionSeriesCreate`. If anything is rejected,
        /// nothing is saved.
        team_onboard(TeamOnboardInput) -> TeamOnboardPayload = team_onboard;
    }
}

/// What was saved.
#[derive(Default)]
struct Onboarded {
    members: Vec<Id<member::Entity>>,
    invitations: Vec<Id<invitation::Entity>>,
    programme: Option<Id<programme::Entity>>,
    cadence: Option<Id<review_cadence::Entity>>,
    series: Vec<Id<session_series::Entity>>,
}

async fn team_onboard(caller: &Caller, input: TeamOnboardInput) -> Result<TeamOnboardPayload, Fault> {
    let named = Id::<team::Entity>::parse(&input.team_id);
    let (done, errors) = split(onboard(caller, input).await)?;
    let saved = named.filter(|_| done.is_some());
    let done = done.unwrap_or_default();
    Ok(TeamOnboardPayload {
        team: PayloadObject::after(saved, named),
        members: done.members.into_iter().map(PayloadObject::saved).collect(),
        invitations: done.invitations.into_iter().map(PayloadObject::saved).collect(),
        programme: done.programme.map(PayloadObject::saved),
        review_cadence: done.cadence.map(PayloadObject::saved),
        session_series: done.series.into_iter().map(PayloadObject::saved).collect(),
        errors,
    })
}

async fn onboard(caller: &Caller, input: TeamOnboardInput) -> Result<Onboarded, Error> {
    let (write, team) =
        caller.write::<team::Entity>(Permission::TeamOnboard, typed(&input.team_id), "input.teamId").await?;
    let client = write.load::<client::Entity>(Some(team.client_id), "input.teamId").await?;
    check_size(&input)?;
    programmes::rules::require_active_team(client.status, team.archived_at)?;
    let (about, days) = ((&client, &*team), caller.settings().invitation_days);
    let (mut done, mut faults) = (Onboarded::default(), vec![]);
    add_members(&write, about, days, &input.members, (&mut done, &mut faults)).await?;
    if let Some(cadence) = input.cadence {
        let asked = ReviewCadenceSetInput {
            team_id: input.team_id.clone(),
            unit: cadence.unit,
            every: cadence.every,
            anchor_on: cadence.anchor_on,
            time: cadence.time,
            expected_version: None,
        };
        match reviews::set_cadence(&write, &team, &client, &asked).await {
            Ok(id) => done.cadence = Some(id),
            Err(error) => faults.extend(batch::part_refusals(error, "input.cadence")?),
        }
    }
    if let Some(programme) = input.programme {
        match run_programme(&write, about, &input.team_id, programme).await {
            Ok(id) => done.programme = Some(id),
            Err(error) => faults.extend(batch::part_refusals(error, "input.programme")?),
        }
    }
    for (at, one) in input.series.into_iter().enumerate() {
        let asked = SessionSeriesCreateInput {
            team_id: input.team_id.clone(),
            kind: one.kind,
            title: one.title,
            place: one.place,
            minutes: one.minutes,
            rule: one.rule,
            starts_on: one.starts_on,
            local_time: one.local_time,
            except_on: vec![],
            programme_id: None,
            stage_id: None,
            agenda: one.agenda,
        };
        match series::start_series(&write, &team, &client, asked).await {
            Ok(id) => done.series.push(id),
            Err(error) => faults.extend(batch::part_refusals(error, &format!("input.series.{at}"))?),
        }
    }
    batch::refuse_if_any(faults)?;
    write.commit().await?;
    Ok(done)
}

/// Requires that there is something to do, and not too much.
fn check_size(input: &TeamOnboardInput) -> Result<(), Error> {
    let mut check = Check::new();
    let message = message!(
        SERIES_AT_ONCE,
        "`series` must have at most {max} entries. Create the others later.",
        max = SERIES
    );
    check.refuse_if(input.series.len() > SERIES, Code::Invalid, "input.series", message);
    let nothing = input.members.is_empty()
        && input.series.is_empty()
        && input.programme.is_none()
        && input.cadence.is_none();
    let message = message!(NOTHING_TO_SET_UP, "Give members, a programme, a cadence or series.");
    check.refuse_if(nothing, Code::Invalid, "input", message);
    check.done()
}

/// Adds the members, and invites those with a role.
async fn add_members(
    write: &Write,
    (client, team): (&client::Model, &team::Model),
    days: i64,
    asked: &[TeamOnboardMember],
    (done, faults): (&mut Onboarded, &mut Vec<Refusal>),
) -> Result<(), Error> {
    let new: Vec<NewMember<'_>> = asked
        .iter()
        .map(|one| NewMember {
            name: &one.name,
            job_title: &one.job_title,
            email: one.email.as_deref().unwrap_or_default(),
        })
        .collect();
    let planned = members::plan_members(write, team, client, &new).await?;
    for (at, (one, row)) in asked.iter().zip(planned).enumerate() {
        let part = format!("input.members.{at}");
        let row = match row {
            Ok(row) => row,
            Err(refusals) => {
                faults.extend(batch::part_refusals(Error::Refused(refusals), &part)?);
                continue;
            }
        };
        let member = write.insert::<member::Entity>(row).await?;
        done.members.push(member.id);
        let Some(role) = one.role else { continue };
        let email = one.email.as_deref().unwrap_or_default();
        match invitations::invite_member(write, days, (client, team), member, email, role).await {
            Ok(id) => done.invitations.push(id),
            Err(error) => faults.extend(batch::part_refusals(error, &part)?),
        }
    }
    Ok(())
}

/// Plans the programme, and starts it if that is asked for.
async fn run_programme(
    write: &Write,
    (client, team): (&client::Model, &team::Model),
    team_id: &ID,
    asked: TeamOnboardProgramme,
) -> Result<Id<programme::Entity>, Error> {
    let start = asked.start;
    let asked = ProgrammeCreateInput {
        team_id: team_id.clone(),
        template_version_id: asked.template_version_id,
        name: asked.name,
        planned_start_on: asked.planned_start_on,
    };
    let programme = programmes::plan_programme(write, team, client, &asked).await?;
    if start {
        programmes::start_programme(write, &programme).await?;
    }
    Ok(programme.id)
}
