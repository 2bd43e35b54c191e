//! What is read of a decision.

use crate::{
    features::{
        action::Action,
        member::Member,
        obstacle::Obstacle,
        person::Person,
        priority::Priority,
        read_back::{DecisionAttestation, DecisionReadBack, DecisionRestatement},
        session::Session,
        stage::Stage,
        team::Team,
    },
    shape,
};
use entity::{decision::DecisionStatus, decision_event::DecisionEventKind};

shape! {
    /// A decision of a team.
    Decision of decision {
        /// What it is about, in a line.
        title = text(Title).filter().order(),
        /// What is decided.
        text = text(Text),
        /// Why.
        rationale = text(Rationale),
        /// Where it stands.
        status = closed::<DecisionStatus, _>(Status).filter().order(),
        /// The day on which the team looks at it again, in the client's time zone.
        reviewOn = date(ReviewOn).or_null().filter(),
        /// Counts the wordings of the proposal, from 1: each change of title, text, rationale or options. Stances
        /// count for the wording they were taken on.
        wording = int(Wording),
        /// How many members have taken a stance on the present wording. Whose and which is told at ratification.
        stances = int(Stances),
        /// How often its debate was reopened after it had been ratified.
        reopenings = int(Reopenings).filter(),
        /// How many members have read it back: said in their own words what it decides.
        membersReadBack = int(ReadBack),
        /// Of how many of them the last restatement was judged to match.
        membersMatching = int(Matching),
        /// Of how many of them the last restatement was judged to differ: they heard another decision.
        membersDiffering = int(Differing).filter(),
        /// When it was proposed.
        proposedAt = instant(ProposedAt).filter().order(),
        /// When it was ratified; null for a proposal, also for one that was taken back.
        ratifiedAt = instant(RatifiedAt).or_null().filter(),
        /// When it was superseded or revoked.
        endedAt = instant(EndedAt).or_null().filter(),
        /// Why it was revoked.
        reason = text(Reason).or_null(),
        /// Counts up with every change; give it back as `expectedVersion`. Stances do not count.
        version = int(Version),
        /// The member who answers for it being carried out; a proposal may have none yet.
        owner = one::<Member, _>(OwnerId).or_null(),
        /// The id of the member who owns it, to filter by.
        ownerId = id::<entity::member::Entity, _>(OwnerId).or_null().filter(),
        /// The session it came out of.
        session = one::<Session, _>(SessionId).or_null(),
        /// The obstacle it answers.
        obstacle = one::<Obstacle, _>(ObstacleId).or_null(),
        /// The stage it belongs to.
        stage = one::<Stage, _>(StageRunId).or_null(),
        /// The team.
        team = one::<Team, _>(TeamId),
        /// What was considered, in order: at most 10. One is chosen at ratification.
        options = list::<DecisionOption, _>(entity::decision_option::Column::DecisionId).by(entity::decision_option::Column::Position, Ty::Int).about(3),
        /// The caller's own stance. Nobody reads another's before the decision is ratified.
        myStance = one_by::<DecisionStance, _>(entity::decision_stance::Column::DecisionId).or_null(),
        /// Where each member stood when it was ratified; empty before.
        positions = list::<DecisionPosition, _>(entity::decision_position::Column::DecisionId).by(entity::decision_position::Column::TakenAt, Ty::Instant).about(8),
        /// The caller's own restatements, oldest first: at most 10.
        myRestatements = list::<DecisionRestatement, _>(entity::decision_restatement::Column::DecisionId).by(entity::decision_restatement::Column::WrittenAt, Ty::Instant).about(1),
        /// What members have read back, oldest first. For those who run the programme; empty for others.
        readBacks = pages::<DecisionReadBack, _>(entity::decision_read_back::Column::DecisionId).by(entity::decision_read_back::Column::WrittenAt, Ty::Instant),
        /// Whom members have told of it, oldest first.
        attestations = pages::<DecisionAttestation, _>(entity::decision_attestation::Column::DecisionId).by(entity::decision_attestation::Column::CommunicatedOn, Ty::Date),
        /// The priorities that carry it out, by rank.
        priorities = pages::<Priority, _>(entity::priority::Column::DecisionId).by(entity::priority::Column::Rank, Ty::Int),
        /// The actions that carry it out, by default soonest first.
        actions = pages::<Action, _>(entity::action::Column::DecisionId).by(entity::action::Column::DueOn, Ty::Date),
        /// The decision whose place it takes, or would take.
        supersedes = one::<Decision, _>(SupersedesId).or_null(),
        /// The decision that took its place.
        supersededBy = first::<Decision, _>(SupersedesId).only("{t}.ratified_at is not null").by(ProposedAt, Ty::Instant),
        /// What happened to it, oldest first.
        history = list::<DecisionEvent, _>(entity::decision_event::Column::DecisionId).by(entity::decision_event::Column::At, Ty::Instant).about(3),
    }
}

shape! {
    /// Something that is considered before a decision is made.
    DecisionOption of decision_option {
        /// Its place, from 1.
        position = int(Position),
        /// What it says.
        text = text(Text),
        /// Whether it was chosen when the decision was ratified.
        chosen = flag(Chosen),
    }
}

shape! {
    /// The caller's own stance on a decision: theirs alone, until ratification tells the team.
    DecisionStance of decision_stance {
        /// The wording it was taken on; where the decision's is later, it no longer counts.
        wording = int(Wording),
        /// Where they stand.
        stance = closed::<entity::decision_stance::Stance, _>(Stance),
        /// How convinced they are of it: 1 hardly to 5 wholly.
        conviction = int(Conviction),
        /// What they say to it.
        comment = text(Comment),
        /// When it was taken, the last time.
        takenAt = instant(TakenAt),
    }
}

shape! {
    /// Where a member stood when a decision was ratified.
    DecisionPosition of decision_position {
        /// Where they stood.
        stance = closed::<entity::decision_stance::Stance, _>(Stance),
        /// How convinced they were of it: 1 hardly to 5 wholly.
        conviction = int(Conviction),
        /// What they said to it.
        comment = text(Comment),
        /// When they took it.
        takenAt = instant(TakenAt),
        /// The member.
        member = one::<Member, _>(MemberId),
        /// Who recorded it, for a member without a login.
        recordedBy = one::<Person, _>(RecordedById).or_null(),
    }
}

shape! {
    /// Something that happened to a decision.
    DecisionEvent of decision_event {
        /// What.
        kind = closed::<DecisionEventKind, _>(Kind),
        /// Why, where a reason was given.
        reason = text(Reason).or_null(),
        /// When.
        at = instant(At),
        /// Who did it.
        person = one::<Person, _>(PersonId).or_null(),
    }
}
