//! Session: a team meets: workshop, follow-up or review. Closing it freezes its record.

use super::{action::Action, member::Member, programme::Programme, team::Team};
use crate::shape;
use entity::{
    attendance::AttendanceStatus,
    session::{SessionKind, SessionStatus},
};

shape! {
    /// A session of a team.
    Session of session {
        /// What it is for.
        kind = closed::<SessionKind, _>(Kind).filter().order(),
        /// Its title.
        title = text(Title).filter().order(),
        /// Where it takes place: an address or a link.
        place = text(Place),
        /// When it starts.
        startsAt = instant(StartsAt).filter().order(),
        /// How long it lasts, in minutes.
        minutes = int(Minutes),
        /// Where it stands.
        status = closed::<SessionStatus, _>(Status).filter().order(),
        /// What came of it, written when it was closed.
        summary = text(Summary).or_null(),
        /// When it was closed, cancelled or found missed.
        closedAt = instant(ClosedAt).or_null(),
        /// Why it was cancelled.
        reason = text(Reason).or_null(),
        /// Counts up with every change; give it back as `expectedVersion`.
        version = int(Version),
        /// The team.
        team = one::<Team, _>(TeamId),
        /// The programme it is part of.
        programme = one::<Programme, _>(ProgrammeId).or_null(),
        /// Who took part.
        attendance = list::<Attendance, _>(entity::attendance::Column::SessionId).by(entity::attendance::Column::Id, Ty::Id(entity::Table::Attendance)).about(10),
        /// The actions that came out of it.
        actions = pages::<Action, _>(entity::action::Column::SessionId).by(entity::action::Column::DueOn, Ty::Date),
    }
}

shape! {
    /// Whether a member took part in a session.
    Attendance of attendance {
        /// Whether.
        status = closed::<AttendanceStatus, _>(Status),
        /// Who.
        member = one::<Member, _>(MemberId),
    }
}
