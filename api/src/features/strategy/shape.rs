//! Shapes of strategies, and the one-page plan.

use crate::{
    features::{client::Client, cycle::Cycle, member::Member, person::Person, stage::Stage, team::Team},
    shape,
};
use entity::{
    decision_restatement::ReadBackStatus, strategy_item::SwotQuadrant, strategy_section::SectionForm,
    strategy_version::StrategyStatus,
};

shape! {
    /// What a team is to do and to become, on one page: the sections of its strategy in force, and what it works on in
    /// the current cycle.
    virtual OnePagePlan as "OnePagePlan" {
        /// Sections of the strategy of which a version is in force, in order.
        strategy = list::<StrategySection, _>(entity::strategy_section::Column::TeamId).only("{t}.ratified_at is not null").by(entity::strategy_section::Column::Position, Ty::Int).about(12),
        /// Cycle that the team works on, with its priorities and their progress. Null if there is none.
        cycle = first::<Cycle, _>(entity::cycle::Column::TeamId).only("{t}.status in ({CycleStatus::Open}, {CycleStatus::Locked})").by(entity::cycle::Column::StartsOn, Ty::Date),
    }
}

shape! {
    /// A section of a team's strategy. The template's stages declare which sections there are.
    StrategySection of strategy_section {
        /// Position of the section in the strategy. Sections are sorted by it.
        position = int(Position),
        /// Key that identifies the section in every version of the template.
        key = text(Key),
        /// Title of the section.
        title = text(Title),
        /// Question that the section answers. May be empty.
        prompt = text(Prompt),
        /// Form of the section.
        form = closed::<SectionForm, _>(Form),
        /// Minimum number of characters of a `TEXT`, otherwise of items, to propose a version.
        minimum = int(Minimum),
        /// Maximum number of characters of a `TEXT`, otherwise of items.
        maximum = int(Maximum),
        /// `true` if the stage can be passed only when a version of the section is ratified.
        needed = flag(Needed),
        /// `true` if the team shares the section with the other teams of the client.
        shared = flag(Shared),
        /// Number of versions of the section, including drafts.
        versionCount = int(Versions),
        /// When the version in force was ratified. Null if no version is ratified.
        ratifiedAt = instant(RatifiedAt).or_null(),
        /// Increases with every change of the section, not of a version. Send it as `expectedVersion` to avoid
        /// overwriting others.
        version = int(Version),
        /// Mutations that the caller may do with the section now, by role, ownership and state. Whatever is missing would be
        /// refused. The other arguments of a mutation and other objects can still be a reason to refuse it.
        allowed = super::allowed::of_section(),
        /// Stage that the section belongs to. Null if the programme no longer has the stage.
        stage = one::<Stage, _>(StageRunId).or_null(),
        /// Team whose strategy it is.
        team = one::<Team, _>(TeamId),
        /// Version in force. Null if no version is ratified.
        ratified = first::<StrategyVersion, _>(entity::strategy_version::Column::StrategySectionId).only("{t}.status = {StrategyStatus::Ratified}").by_last(entity::strategy_version::Column::Number, Ty::Int),
        /// Version that the team works on: a draft or a proposal. Null if there is none.
        inWork = first::<StrategyVersion, _>(entity::strategy_version::Column::StrategySectionId).only("{t}.status in ({StrategyStatus::Draft}, {StrategyStatus::Proposed})").by_last(entity::strategy_version::Column::Number, Ty::Int),
        /// Versions of the section, newest first: at most 100.
        versions = list::<StrategyVersion, _>(entity::strategy_version::Column::StrategySectionId).by_last(entity::strategy_version::Column::Number, Ty::Int).about(3),
    }
}

shape! {
    /// A version of a section. A ratified version never changes.
    StrategyVersion of strategy_version {
        /// Number of the version in its section, from 1.
        number = int(Number),
        /// Title of the section when the version was written.
        title = text(Title),
        /// Content as plain text: of a `TEXT` the text itself, otherwise a line for each item.
        text = text(Text),
        /// Status of the version.
        status = closed::<StrategyStatus, _>(Status),
        /// Number of the current wording, from 1. It increases when a proposal is taken back. Stances count only for
        /// the wording they were taken on.
        wording = int(Wording),
        /// Number of members who have taken a stance on the current wording. Names and stances are shown after
        /// ratification.
        stanceCount = int(Stances),
        /// Number of members who have restated the version in their own words.
        membersReadBack = int(ReadBack),
        /// Number of members whose latest restatement was judged to match.
        membersMatching = int(Matching),
        /// Number of members whose latest restatement was judged to differ.
        membersDiffering = int(Differing),
        /// Time at which the version was proposed. Null for a draft.
        proposedAt = instant(ProposedAt).or_null(),
        /// Time at which the version was ratified. Null if it is not.
        ratifiedAt = instant(RatifiedAt).or_null(),
        /// Time at which a later version replaced this one. Null until then.
        endedAt = instant(EndedAt).or_null(),
        /// Revision number; increases with every change except new stances. Send it as `expectedVersion`.
        version = int(Version),
        /// Mutations that the caller may do with the version now, by role, ownership and state. Whatever is missing would be
        /// refused. The other arguments of a mutation and other objects can still be a reason to refuse it.
        allowed = super::allowed::of_version(),
        /// Person who began the version. Null if you have no access to this person.
        author = one::<Person, _>(AuthorId).or_null(),
        /// Section that the version belongs to.
        section = one::<StrategySection, _>(StrategySectionId),
        /// Team whose strategy it is.
        team = one::<Team, _>(TeamId),
        /// Items of the version, in order. Empty for a `TEXT`.
        items = list::<StrategyItem, _>(entity::strategy_item::Column::StrategyVersionId).by(entity::strategy_item::Column::Position, Ty::Int).about(5),
        /// The caller's own stance. Null if the caller has not taken one. Other people cannot read it before the
        /// version is ratified.
        myStance = one_by::<StrategyStance, _>(entity::strategy_stance::Column::StrategyVersionId).or_null(),
        /// Stances of the members when the version was ratified. Empty until then.
        finalStances = list::<StrategyFinalStance, _>(entity::strategy_position::Column::StrategyVersionId).by(entity::strategy_position::Column::TakenAt, Ty::Instant).about(8),
        /// The caller's own restatements, oldest first: at most 10.
        myRestatements = list::<StrategyRestatement, _>(entity::strategy_restatement::Column::StrategyVersionId).by(entity::strategy_restatement::Column::WrittenAt, Ty::Instant).about(1),
        /// Restatements by members, oldest first. Only franchise owners and facilitators of this client can read them.
        readBacks = pages::<StrategyReadBack, _>(entity::strategy_read_back::Column::StrategyVersionId).by(entity::strategy_read_back::Column::WrittenAt, Ty::Instant),
    }
}

shape! {
    /// An item of a version of a section.
    StrategyItem of strategy_item {
        /// Position of the item, from 1.
        position = int(Position),
        /// The point, the name of the value, what the target is about, or the entry of the SWOT analysis.
        text = text(Text),
        /// Quadrant of an entry of a SWOT analysis. Null for other items.
        quadrant = closed::<SwotQuadrant, _>(Quadrant).or_null(),
        /// Behaviour that a value welcomes. Null for other items.
        welcome = text(Welcome).or_null(),
        /// Behaviour that a value does not welcome. Null for other items.
        unwelcome = text(Unwelcome).or_null(),
        /// Figure of a target. Null for other items.
        figure = decimal(Figure).or_null(),
        /// Unit of a target's figure. Null if it has none, and for other items.
        unit = text(Unit).or_null(),
        /// Year by whose end a target is to be reached. Null for other items.
        year = int(Year).or_null(),
        /// Version that the item belongs to.
        strategyVersion = one::<StrategyVersion, _>(StrategyVersionId),
    }
}

shape! {
    /// The caller's own stance on a version. Only the caller can read it, until ratification shows it to the team.
    StrategyStance of strategy_stance {
        /// Number of the wording on which the stance was taken. If the version's `wording` is higher, the stance no
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
        /// Version on which the stance was taken. Null if the caller no longer has access to it.
        strategyVersion = one::<StrategyVersion, _>(StrategyVersionId).or_null(),
    }
}

shape! {
    /// A member's stance on a version when the version was ratified.
    StrategyFinalStance of strategy_position {
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
        /// Version on which the stance was taken.
        strategyVersion = one::<StrategyVersion, _>(StrategyVersionId),
    }
}

shape! {
    /// Your own restatement of a ratified version.
    StrategyRestatement of strategy_restatement {
        /// What the version says, in your own words.
        text = text(Text),
        /// Whether the restatement matches the version.
        status = closed::<ReadBackStatus, _>(Status),
        /// Reply from the people who run the programme. May be empty.
        comment = text(Note),
        /// Time the restatement was written.
        createdAt = instant(WrittenAt),
        /// Time the restatement was judged. Null if not judged.
        judgedAt = instant(JudgedAt).or_null(),
        /// Version that you restated. Null if you no longer have access to it.
        strategyVersion = one::<StrategyVersion, _>(StrategyVersionId).or_null(),
    }
}

shape! {
    /// A member's restatement of a ratified version, shown to the people who run the programme.
    StrategyReadBack of strategy_read_back {
        /// What the version says, in the member's own words.
        text = text(Text),
        /// Whether the restatement matches the version.
        status = closed::<ReadBackStatus, _>(Status).filter().order(),
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
        /// Version that the member restated.
        strategyVersion = one::<StrategyVersion, _>(StrategyVersionId),
        /// Person who judged the restatement. Null if not judged or you have no access to them.
        judgedBy = one::<Person, _>(JudgedById).or_null(),
    }
}

shape! {
    /// A section in force that a team shares with the other teams of its client.
    SharedStrategySection of strategy_shared {
        /// Title of the section.
        title = text(Title),
        /// Content of the version in force as plain text.
        text = text(Text),
        /// Number of the version in force.
        number = int(Number),
        /// Name of the team when the version was shared.
        teamName = text(TeamName),
        /// When the version in force was ratified.
        ratifiedAt = instant(RatifiedAt),
        /// Team that shares the section. Null if you have no access to the team.
        team = one::<Team, _>(FromTeamId).or_null(),
        /// Client whose teams can read the section.
        client = one::<Client, _>(ClientId),
    }
}
