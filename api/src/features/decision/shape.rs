//! Shapes of decisions.

use crate::{
    features::{
        action::Action,
        client::Client,
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
    /// A decision of a team, proposed or ratified.
    Decision of decision {
        /// Title of the decision: one line of 1 to 200 characters.
        title = text(Title).filter().order(),
        /// Text of what is decided.
        text = text(Text),
        /// Reasons for the decision. Empty if none are given.
        rationale = text(Rationale),
        /// Current status of the decision.
        status = closed::<DecisionStatus, _>(Status).filter().order(),
        /// Day on which the team is to review the decision, in the client's time zone. Null if no review is planned.
        reviewOn = date(ReviewOn).or_null().filter(),
        /// `true` if the decision needs no action. Decision follow-through then does not miss one.
        needsNoAction = flag(NeedsNoAction).filter(),
        /// Number of the current wording, starting at 1. It increases with each change of title, text, rationale or
        /// options. Stances count only for the wording they were taken on.
        wording = int(Wording),
        /// Number of members who have taken a stance on the current wording. Names and stances are shown after
        /// ratification.
        stanceCount = int(Stances),
        /// Number of times that the debate was reopened after ratification.
        reopeningCount = int(Reopenings).filter(),
        /// Number of members who have restated the decision in their own words.
        membersReadBack = int(ReadBack),
        /// Number of members whose latest restatement was judged to match the decision.
        membersMatching = int(Matching),
        /// Number of members whose latest restatement was judged to differ from the decision.
        membersDiffering = int(Differing).filter(),
        /// Time at which the decision was proposed.
        createdAt = instant(ProposedAt).filter().order(),
        /// Time at which the decision was ratified. Null for a proposal, including one that was revoked.
        ratifiedAt = instant(RatifiedAt).or_null().filter(),
        /// Time at which the decision was superseded or revoked. Null until then.
        endedAt = instant(EndedAt).or_null().filter(),
        /// Reason for revoking the decision. Null if it is not revoked.
        reason = text(Reason).or_null(),
        /// Revision number; increases with every change except new stances. Send it as `expectedVersion`.
        version = int(Version),
        /// Mutations that the caller may do with the decision now, by role, ownership and state. Whatever is missing would be
        /// refused. The other arguments of a mutation and other objects can still be a reason to refuse it.
        allowed = super::allowed::field(),
        /// Member responsible for carrying out the decision. Null if a proposal has no owner yet.
        owner = one::<Member, _>(OwnerId).or_null().filter(),
        /// ID of the member who owns the decision, for filtering. Null if a proposal has no owner yet.
        ownerId = id::<entity::member::Entity, _>(OwnerId).or_null().filter(),
        /// Session that the decision comes from. Null if it comes from none.
        session = one::<Session, _>(SessionId).or_null(),
        /// Obstacle that the decision responds to. Null if there is none.
        obstacle = one::<Obstacle, _>(ObstacleId).or_null(),
        /// Stage that the decision belongs to. Null if it belongs to none.
        stage = one::<Stage, _>(StageRunId).or_null(),
        /// Team that the decision belongs to.
        team = one::<Team, _>(TeamId),
        /// ID of the team that the decision belongs to, for filters.
        teamId = id::<entity::team::Entity, _>(TeamId).filter(),
        /// Client that the decision belongs to.
        client = one::<Client, _>(ClientId).filter(),
        /// ID of the client that the decision belongs to, for filters.
        clientId = id::<entity::client::Entity, _>(ClientId).filter(),
        /// Options to choose from, in order: at most 10. One is chosen at ratification.
        options = list::<DecisionOption, _>(entity::decision_option::Column::DecisionId).by(entity::decision_option::Column::Position, Ty::Int).about(3),
        /// The caller's own stance. Null if the caller has not taken one. Other people cannot read it before the
        /// decision is ratified.
        myStance = one_by::<DecisionStance, _>(entity::decision_stance::Column::DecisionId).or_null(),
        /// Stances of the members when the decision was ratified. Empty until then.
        finalStances = list::<DecisionFinalStance, _>(entity::decision_position::Column::DecisionId).by(entity::decision_position::Column::TakenAt, Ty::Instant).about(8),
        /// The caller's own restatements, oldest first: at most 10.
        myRestatements = list::<DecisionRestatement, _>(entity::decision_restatement::Column::DecisionId).by(entity::decision_restatement::Column::WrittenAt, Ty::Instant).about(1),
        /// Restatements of the decision by members, oldest first. Only franchise owners and facilitators of this client
        /// can read them; the list is empty for those of other clients.
        readBacks = pages::<DecisionReadBack, _>(entity::decision_read_back::Column::DecisionId).by(entity::decision_read_back::Column::WrittenAt, Ty::Instant),
        /// Statements by members that they have told others about the decision, oldest first.
        attestations = pages::<DecisionAttestation, _>(entity::decision_attestation::Column::DecisionId).by(entity::decision_attestation::Column::CommunicatedOn, Ty::Date),
        /// Priorities that implement the decision, by rank.
        priorities = pages::<Priority, _>(entity::priority::Column::DecisionId).by(entity::priority::Column::Rank, Ty::Int),
        /// Actions that implement the decision, by default in order of due date.
        actions = pages::<Action, _>(entity::action::Column::DecisionId).by(entity::action::Column::DueOn, Ty::Date),
        /// Decision that this one replaces, or would replace once ratified. Null if there is none.
        supersedes = one::<Decision, _>(SupersedesId).or_null(),
        /// Decision that replaced this one. Null if it is not superseded.
        supersededBy = first::<Decision, _>(SupersedesId).only("{t}.ratified_at is not null").by(ProposedAt, Ty::Instant),
        /// Events in the life of the decision, oldest first.
        history = pages::<DecisionEvent, _>(entity::decision_event::Column::DecisionId).by(entity::decision_event::Column::At, Ty::Instant),
    }
}

shape! {
    /// An option considered for a decision.
    DecisionOption of decision_option {
        /// Position among the options, starting at 1.
        position = int(Position),
        /// Text of the option: 1 to 500 characters.
        text = text(Text),
        /// `true` if the option was chosen when the decision was ratified.
        chosen = flag(Chosen),
        /// Decision that the option is for.
        decision = one::<Decision, _>(DecisionId),
    }
}

shape! {
    /// The caller's own stance on a decision. Only the caller can read it, until ratification shows it to the team.
    DecisionStance of decision_stance {
        /// Number of the wording on which the stance was taken. If the decision's `wording` is higher, the stance no
        /// longer counts.
        wording = int(Wording),
        /// The caller's stance.
        stance = closed::<entity::decision_stance::Stance, _>(Stance),
        /// The caller's conviction: 1 (hardly convinced) to 5 (fully convinced).
        conviction = int(Conviction),
        /// The caller's comment, up to 1,000 characters. Empty if there is none.
        comment = text(Comment),
        /// Time at which the caller last took the stance.
        takenAt = instant(TakenAt),
        /// Decision on which the stance was taken. Null if the caller no longer has access to it.
        decision = one::<Decision, _>(DecisionId).or_null(),
    }
}

shape! {
    /// A member's stance on a decision when the decision was ratified.
    DecisionFinalStance of decision_position {
        /// The member's stance.
        stance = closed::<entity::decision_stance::Stance, _>(Stance),
        /// The member's conviction: 1 (hardly convinced) to 5 (fully convinced).
        conviction = int(Conviction),
        /// The member's comment, up to 1,000 characters. Empty if there is none.
        comment = text(Comment),
        /// Time at which the stance was taken.
        takenAt = instant(TakenAt),
        /// Member who took the stance.
        member = one::<Member, _>(MemberId),
        /// Person who recorded the stance for a member without a login. Null if the member took it, or if you have no
        /// access to this person.
        recordedBy = one::<Person, _>(RecordedById).or_null(),
        /// Decision on which the stance was taken.
        decision = one::<Decision, _>(DecisionId),
    }
}

shape! {
    /// An event in the life of a decision.
    DecisionEvent of decision_event {
        /// Kind of event.
        kind = closed::<DecisionEventKind, _>(Kind),
        /// Reason for the event. Null if no reason was given.
        reason = text(Reason).or_null(),
        /// Time of the event.
        createdAt = instant(At),
        /// Person who caused the event. Null if you have no access to this person.
        person = one::<Person, _>(PersonId).or_null(),
        /// Decision that the event is about.
        decision = one::<Decision, _>(DecisionId),
    }
}
