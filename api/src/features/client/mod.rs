//! Client: an organisation whose leadership teams a franchise works with. The franchise is found through the client,
//! so a transfer changes one row and ends the old access at once.

use super::{
    action::Action, assignment::Assignment, franchise::Franchise, membership::Membership, priority::Priority,
    programme::Programme, pulse::ClientProgress, region::Region, session::Session, stage::Stage, team::Team,
};
use crate::shape;
use entity::client::ClientStatus;

shape! {
    /// A client organisation.
    Client of client {
        /// Its name, unique in the network.
        name = text(Name).filter().order(),
        /// Its industry: a section of the UK SIC 2007, `A` to `U`, or the network's own code.
        industry = text(Industry).filter().order(),
        /// Its size by headcount.
        sizeBand = closed::<entity::client::SizeBand, _>(SizeBand).filter().order(),
        /// Its IANA time zone, in which its due dates are meant.
        timeZone = text(TimeZone).filter().order(),
        /// Where it stands with its franchise.
        status = closed::<ClientStatus, _>(Status).filter().order(),
        /// Since when it is a client.
        createdAt = instant(CreatedAt).filter().order(),
        /// Counts up with every change; give it back as `expectedVersion`.
        version = int(Version),
        /// The franchise that works with it.
        franchise = one::<Franchise, _>(FranchiseId).or_null(),
        /// The id of its franchise, to filter by.
        franchiseId = id::<entity::franchise::Entity, _>(FranchiseId).filter(),
        /// Where it is.
        region = one::<Region, _>(RegionId),
        /// The id of its region, to filter by.
        regionId = id::<entity::region::Entity, _>(RegionId).filter(),
        /// Its progress in counts: facts without content.
        progress = one_by::<ClientProgress, _>(entity::client_pulse::Column::ClientId),
        /// The stage its programme is in.
        currentStage = first::<Stage, _>(entity::stage_run::Column::ClientId).only("{t}.status = 'open'").by_last(entity::stage_run::Column::ProgrammeId, Ty::Id(entity::Table::Programme)).by(entity::stage_run::Column::Position, Ty::Int),
        /// Its next session. Content: head office sees `progress.nextSessionAt`.
        nextSession = first::<Session, _>(entity::session::Column::ClientId).only("{t}.status = 'scheduled' and {t}.starts_at > {now}").by(entity::session::Column::StartsAt, Ty::Instant),
        /// Its most important priorities that are committed: at most ten, by rank.
        topPriorities = pages::<Priority, _>(entity::priority::Column::ClientId).only("{t}.status = 'committed'").by(entity::priority::Column::Rank, Ty::Int),
        /// Who facilitates it, and who did.
        assignments = list::<Assignment, _>(entity::assignment::Column::ClientId).by(entity::assignment::Column::StartsAt, Ty::Instant).about(3),
        /// Its teams, by name.
        teams = list::<Team, _>(entity::team::Column::ClientId).by(entity::team::Column::Name, Ty::Text).about(2),
        /// Sponsors, leaders and observers.
        memberships = pages::<Membership, _>(entity::membership::Column::ClientId).by(entity::membership::Column::StartsAt, Ty::Instant),
        /// Its programmes, newest first.
        programmes = list::<Programme, _>(entity::programme::Column::ClientId).by_last(entity::programme::Column::CreatedAt, Ty::Instant).about(2),
        /// Its programme that is planned, running or paused.
        programme = first::<Programme, _>(entity::programme::Column::ClientId).only("{t}.status in ('planned', 'active', 'paused')").by_last(entity::programme::Column::CreatedAt, Ty::Instant),
        /// Its priorities.
        priorities = pages::<Priority, _>(entity::priority::Column::ClientId).by(entity::priority::Column::Rank, Ty::Int),
        /// Its actions, by default soonest first.
        actions = pages::<Action, _>(entity::action::Column::ClientId).by(entity::action::Column::DueOn, Ty::Date),
        /// Its sessions, by default latest first.
        sessions = pages::<Session, _>(entity::session::Column::ClientId).by_last(entity::session::Column::StartsAt, Ty::Instant),
        /// How much it needs attention: 3 for each overdue action, 1 for each due within 7 days, 5 when no session is
        /// scheduled, and 1 for each full week beyond the network's `sessionGapDays` since the last session (or since it
        /// became a client), at most 20. 0 when it is archived.
        risk = derived(Ty::Int, super::pulse::RISK).filter().order(),
    }
}
