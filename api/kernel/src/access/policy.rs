//! Who may: one exhaustive match from permission to roles. What is not listed is denied; a new mutation or table
//! does not compile until someone decides. Rules that depend on the row itself (its owner, its state) are the
//! nouns' and live in their `rules.rs`.

use super::{Role, Role::*, Roles};
use entity::Table;

/// Declares the mutations' permissions once; their names in the schema follow.
macro_rules! permissions {
    ($($name:ident => $field:literal),* $(,)?) => {
        /// Something one may be allowed to do: read a table, or run a mutation.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum Permission {
            Read(Table),
            $($name),*
        }

        impl Permission {
            /// Every mutation's permission.
            pub const MUTATIONS: &'static [Permission] = &[$(Permission::$name),*];

            /// The mutation's field in the schema; for reading, the table.
            pub const fn field(self) -> &'static str {
                match self {
                    Permission::Read(table) => table.name(),
                    $(Permission::$name => $field),*
                }
            }
        }
    };
}

permissions! {
    NetworkUpdate => "networkUpdate",
    RegionCreate => "regionCreate",
    RegionUpdate => "regionUpdate",
    ClassificationCreate => "classificationCreate",
    ClassificationUpdate => "classificationUpdate",
    FranchiseCreate => "franchiseCreate",
    FranchiseUpdate => "franchiseUpdate",
    FranchiseClose => "franchiseClose",
    PersonUpdate => "personUpdate",
    PersonExport => "personExport",
    PersonErase => "personErase",
    ExportLink => "exportLink",
    MembershipEnd => "membershipEnd",
    FacilitatorInvite => "facilitatorInvite",
    HeadOfficeInvite => "headOfficeInvite",
    MemberInvite => "memberInvite",
    MembersInvite => "membersInvite",
    InvitationRevoke => "invitationRevoke",
    InvitationResend => "invitationResend",
    ClientCreate => "clientCreate",
    ClientImport => "clientImport",
    ClientExport => "clientExport",
    ClientUpdate => "clientUpdate",
    ClientArchive => "clientArchive",
    ClientUnarchive => "clientUnarchive",
    ClientActivate => "clientActivate",
    ClientPause => "clientPause",
    ClientResume => "clientResume",
    ClientGraduate => "clientGraduate",
    ClientRenew => "clientRenew",
    ClientErase => "clientErase",
    ClientTransfer => "clientTransfer",
    ClientsTransfer => "clientsTransfer",
    ClientTransferAccept => "clientTransferAccept",
    ClientTransferRefuse => "clientTransferRefuse",
    ClientTransferWithdraw => "clientTransferWithdraw",
    OwnerOpeningAgree => "ownerOpeningAgree",
    AssignmentCreate => "assignmentCreate",
    AssignmentEnd => "assignmentEnd",
    TeamCreate => "teamCreate",
    TeamOnboard => "teamOnboard",
    TeamUpdate => "teamUpdate",
    TeamArchive => "teamArchive",
    TeamUnarchive => "teamUnarchive",
    MemberCreate => "memberCreate",
    MemberImport => "memberImport",
    MemberUpdate => "memberUpdate",
    MemberRemove => "memberRemove",
    TemplateCreate => "templateCreate",
    TemplateImport => "templateImport",
    TemplateDerive => "templateDerive",
    TemplateDraft => "templateDraft",
    TemplateStagesSet => "templateStagesSet",
    TemplateQuestionnaireSet => "templateQuestionnaireSet",
    TemplateResourcesSet => "templateResourcesSet",
    TemplateDraftImport => "templateDraftImport",
    TemplatePublish => "templatePublish",
    TemplateRetire => "templateRetire",
    ProgrammeCreate => "programmeCreate",
    ProgrammeStart => "programmeStart",
    ProgrammePause => "programmePause",
    ProgrammeResume => "programmeResume",
    ProgrammeComplete => "programmeComplete",
    ProgrammeTerminate => "programmeTerminate",
    ProgrammeMove => "programmeMove",
    StageConfirm => "stageConfirm",
    StagePass => "stagePass",
    StageReopen => "stageReopen",
    YearCreate => "yearCreate",
    YearUpdate => "yearUpdate",
    TargetCreate => "targetCreate",
    TargetUpdate => "targetUpdate",
    TargetRemove => "targetRemove",
    CycleCreate => "cycleCreate",
    CycleUpdate => "cycleUpdate",
    CycleRemove => "cycleRemove",
    CycleOpen => "cycleOpen",
    CycleCommit => "cycleCommit",
    CycleClose => "cycleClose",
    CycleReopen => "cycleReopen",
    PriorityCreate => "priorityCreate",
    PriorityUpdate => "priorityUpdate",
    PriorityRank => "priorityRank",
    PriorityCommit => "priorityCommit",
    PriorityAchieve => "priorityAchieve",
    PriorityMiss => "priorityMiss",
    PriorityReopen => "priorityReopen",
    PriorityDrop => "priorityDrop",
    PriorityConflictDeclare => "priorityConflictDeclare",
    PriorityConflictWithdraw => "priorityConflictWithdraw",
    MilestoneCreate => "milestoneCreate",
    MilestoneUpdate => "milestoneUpdate",
    MilestoneComplete => "milestoneComplete",
    MilestoneReopen => "milestoneReopen",
    MilestoneRemove => "milestoneRemove",
    MeasurableCreate => "measurableCreate",
    MeasurableUpdate => "measurableUpdate",
    MeasurableRecord => "measurableRecord",
    MeasurableRemove => "measurableRemove",
    MeasurableValuesSet => "measurableValuesSet",
    MilestonesCreate => "milestonesCreate",
    CheckInsCreate => "checkInsCreate",
    SeatCreate => "seatCreate",
    SeatUpdate => "seatUpdate",
    SeatRemove => "seatRemove",
    ActionCreate => "actionCreate",
    ActionImport => "actionImport",
    ActionUpdate => "actionUpdate",
    ActionReassign => "actionReassign",
    ActionAccept => "actionAccept",
    ActionDecline => "actionDecline",
    ActionComplete => "actionComplete",
    ActionReopen => "actionReopen",
    ActionCancel => "actionCancel",
    ActionRedate => "actionRedate",
    DecisionPropose => "decisionPropose",
    DecisionUpdate => "decisionUpdate",
    DecisionStance => "decisionStance",
    DecisionRatify => "decisionRatify",
    DecisionRevoke => "decisionRevoke",
    DecisionReopen => "decisionReopen",
    ActionsCreate => "actionsCreate",
    ActionsRedate => "actionsRedate",
    ActionsAccept => "actionsAccept",
    ActionCommentCreate => "actionCommentCreate",
    ActionCommentUpdate => "actionCommentUpdate",
    ActionCommentWithdraw => "actionCommentWithdraw",
    PriorityCheckIn => "priorityCheckIn",
    ActionCheckIn => "actionCheckIn",
    DecisionReadBack => "decisionReadBack",
    DecisionReadBackJudge => "decisionReadBackJudge",
    DecisionAttest => "decisionAttest",
    StrategyDraft => "strategyDraft",
    StrategyPropose => "strategyPropose",
    StrategyRevise => "strategyRevise",
    StrategyStance => "strategyStance",
    StrategyRatify => "strategyRatify",
    StrategyReadBack => "strategyReadBack",
    StrategyReadBackJudge => "strategyReadBackJudge",
    StrategyShare => "strategyShare",
    ObstacleRaise => "obstacleRaise",
    ObstacleUpdate => "obstacleUpdate",
    ObstacleDiscuss => "obstacleDiscuss",
    ObstaclePrioritise => "obstaclePrioritise",
    ObstacleResolve => "obstacleResolve",
    ObstaclePark => "obstaclePark",
    ObstacleEscalate => "obstacleEscalate",
    ObstacleResume => "obstacleResume",
    SessionSchedule => "sessionSchedule",
    SessionUpdate => "sessionUpdate",
    SessionStart => "sessionStart",
    SessionAttend => "sessionAttend",
    SessionClose => "sessionClose",
    SessionCancel => "sessionCancel",
    RecapAddendumCreate => "recapAddendumCreate",
    RecapAddendumConfirm => "recapAddendumConfirm",
    ReviewCadenceSet => "reviewCadenceSet",
    ReviewCadenceEnd => "reviewCadenceEnd",
    ReviewHold => "reviewHold",
    DriftAcknowledge => "driftAcknowledge",
    DriftExplain => "driftExplain",
    DriftReplan => "driftReplan",
    DriftDiscuss => "driftDiscuss",
    DriftAccept => "driftAccept",
    DriftPolicyUpdate => "driftPolicyUpdate",
    RiskPolicyUpdate => "riskPolicyUpdate",
    BenchmarkPolicyUpdate => "benchmarkPolicyUpdate",
    BenchmarkReleaseClose => "benchmarkReleaseClose",
    BenchmarkReleasePreview => "benchmarkReleasePreview",
    BenchmarkConsentGive => "benchmarkConsentGive",
    BenchmarkConsentWithdraw => "benchmarkConsentWithdraw",
    BenchmarkApprovalGive => "benchmarkApprovalGive",
    BenchmarkApprovalWithdraw => "benchmarkApprovalWithdraw",
    SessionSeriesCreate => "sessionSeriesCreate",
    SessionSeriesUpdate => "sessionSeriesUpdate",
    SessionSeriesEnd => "sessionSeriesEnd",
    SessionRate => "sessionRate",
    AgendaItemAdd => "agendaItemAdd",
    AgendaItemUpdate => "agendaItemUpdate",
    AgendaItemMove => "agendaItemMove",
    AgendaItemDiscuss => "agendaItemDiscuss",
    AgendaItemExtend => "agendaItemExtend",
    AgendaItemComplete => "agendaItemComplete",
    AgendaItemDrop => "agendaItemDrop",
    ParkedTopicAdd => "parkedTopicAdd",
    ParkedTopicSchedule => "parkedTopicSchedule",
    ParkedTopicRaise => "parkedTopicRaise",
    ParkedTopicAssign => "parkedTopicAssign",
    ParkedTopicDrop => "parkedTopicDrop",
    DotVoteOpen => "dotVoteOpen",
    DotVoteCast => "dotVoteCast",
    DotVoteClose => "dotVoteClose",
    PreWorkPromptAdd => "preWorkPromptAdd",
    PreWorkPromptUpdate => "preWorkPromptUpdate",
    PreWorkAnswer => "preWorkAnswer",
    AlignmentRoundOpen => "alignmentRoundOpen",
    AlignmentRoundAnswer => "alignmentRoundAnswer",
    AlignmentConsentWithdraw => "alignmentConsentWithdraw",
    AlignmentRoundSeal => "alignmentRoundSeal",
    AlignmentRoundReveal => "alignmentRoundReveal",
    ClientNoteCreate => "clientNoteCreate",
    ClientNoteUpdate => "clientNoteUpdate",
    ClientNoteArchive => "clientNoteArchive",
    ToDoCreate => "toDoCreate",
    ToDoUpdate => "toDoUpdate",
    ToDoComplete => "toDoComplete",
    ToDoReopen => "toDoReopen",
    NoticesRead => "noticesRead",
    NoticePreferencesSet => "noticePreferencesSet",
    SupportAccessGrant => "supportAccessGrant",
    SupportAccessRevoke => "supportAccessRevoke",
    SupportAccessEnter => "supportAccessEnter",
    SupportAccessLeave => "supportAccessLeave",
}

const HEAD_OFFICE: Roles = Roles::of(&[HeadOfficeAdmin, HeadOfficeAnalyst]);
const ADMIN: Roles = Roles::of(&[HeadOfficeAdmin]);
const OWNERS: Roles = Roles::of(&[FranchiseOwner]);
const PRACTICE: Roles = Roles::of(&[FranchiseOwner, Facilitator]);
const CLIENT: Roles = Roles::of(&[Sponsor, Leader, Observer]);
const EVERYONE: Roles = HEAD_OFFICE.with(PRACTICE).with(CLIENT);
const MANAGERS: Roles = Roles::of(&[HeadOfficeAdmin, FranchiseOwner]);
/// Who sees what was decided, planned and said. Head office does not.
const INSIDERS: Roles = PRACTICE.with(CLIENT);
/// Who runs programmes and sessions.
const RUNNERS: Roles = PRACTICE;
/// Who shapes the team's work.
const SHAPERS: Roles = Roles::of(&[FranchiseOwner, Facilitator, Sponsor]);
/// Who takes part in the team's work.
const WORKERS: Roles = Roles::of(&[FranchiseOwner, Facilitator, Sponsor, Leader]);
const FACILITATORS: Roles = Roles::of(&[Facilitator]);
const SPONSORS: Roles = Roles::of(&[Sponsor]);
/// Who can be a member of a team.
const MEMBERS: Roles = Roles::of(&[Sponsor, Leader]);

/// Who speaks for themselves in a team: its members.
const SPEAKERS: Roles = Roles::of(&[Sponsor, Leader]);

impl Permission {
    /// The roles that hold this permission, each at the nodes where it is held.
    #[expect(clippy::too_many_lines, reason = "one exhaustive match says it all, in one place")]
    pub const fn roles(self) -> Roles {
        use Permission::*;
        match self {
            Read(table) => readers(table),
            NetworkUpdate | RegionCreate | RegionUpdate | FranchiseCreate | FranchiseUpdate
            | ClassificationCreate | ClassificationUpdate | FranchiseClose | HeadOfficeInvite
            | PersonErase | ClientErase => ADMIN,
            TemplateCreate | TemplateImport => ADMIN,
            TemplateDerive => OWNERS,
            // whose template it is, the noun's rules say
            TemplateDraft
            | TemplateStagesSet
            | TemplateQuestionnaireSet
            | TemplateResourcesSet
            | TemplateDraftImport
            | TemplatePublish
            | TemplateRetire => MANAGERS,
            // whom else one may name and take out, the noun's rules say
            PersonUpdate | PersonExport | ExportLink | NoticesRead | NoticePreferencesSet => EVERYONE,
            ClientExport => MANAGERS.with(Roles::of(&[Facilitator, Sponsor])),
            // sponsors end memberships at their client, the noun's rules say which
            MembershipEnd => MANAGERS.with(SPONSORS),
            // whom head office invites, and where it moves clients, the nouns' rules say
            FacilitatorInvite
            | ClientCreate
            | ClientImport
            | ClientTransfer
            | ClientsTransfer
            | ClientTransferWithdraw
            | AssignmentEnd => MANAGERS,
            // head office lets nobody in
            AssignmentCreate => OWNERS,
            ClientTransferAccept | ClientTransferRefuse | OwnerOpeningAgree => SPONSORS,
            InvitationRevoke | InvitationResend => MANAGERS.with(Roles::of(&[Facilitator, Sponsor])),
            ClientUpdate => MANAGERS.with(Roles::of(&[Facilitator])),
            ClientArchive | ClientUnarchive => MANAGERS,
            ClientActivate | ClientPause | ClientResume | ClientGraduate => RUNNERS,
            ClientRenew => MANAGERS.with(FACILITATORS),
            TeamCreate | TeamOnboard | TeamUpdate | TeamArchive | TeamUnarchive => RUNNERS,
            MemberInvite | MembersInvite | MemberCreate | MemberImport | MemberUpdate | MemberRemove => {
                SHAPERS
            }
            ProgrammeCreate | ProgrammeStart | ProgrammePause | ProgrammeResume | ProgrammeComplete
            | ProgrammeTerminate | ProgrammeMove => RUNNERS,
            StageConfirm | StagePass | StageReopen => RUNNERS,
            PriorityCreate | PriorityUpdate => WORKERS,
            YearCreate | YearUpdate | TargetCreate | TargetUpdate | TargetRemove => SHAPERS,
            CycleCreate | CycleUpdate | CycleRemove | CycleOpen | CycleCommit | CycleClose | CycleReopen => {
                SHAPERS
            }
            PriorityRank | PriorityCommit | PriorityDrop => SHAPERS,
            PriorityAchieve | PriorityMiss | PriorityReopen => WORKERS,
            ActionCreate | ActionImport | ActionUpdate | ActionReassign | ActionCancel | ActionRedate => {
                WORKERS
            }
            PriorityConflictDeclare
            | PriorityConflictWithdraw
            | ActionsCreate
            | ActionsRedate
            | ActionsAccept
            | ActionCommentCreate
            | ActionCommentUpdate
            | ActionCommentWithdraw => WORKERS,
            MilestoneCreate | MilestoneUpdate | MilestoneComplete | MilestoneReopen | MilestoneRemove
            | MeasurableCreate | MeasurableUpdate | MeasurableRecord | MeasurableRemove
            | MeasurableValuesSet | MilestonesCreate | CheckInsCreate => WORKERS,
            SeatCreate | SeatUpdate | SeatRemove => SHAPERS,
            // whose promise it is, the noun's rules say
            ActionAccept | ActionDecline | ActionComplete | ActionReopen => WORKERS,
            DecisionPropose | DecisionUpdate => WORKERS,
            DecisionStance | DecisionReadBack | DecisionAttest => SPEAKERS,
            DecisionRatify | DecisionReadBackJudge => RUNNERS,
            DecisionRevoke | DecisionReopen => SHAPERS,
            StrategyDraft | StrategyPropose => WORKERS,
            StrategyStance | StrategyReadBack => SPEAKERS,
            StrategyRatify | StrategyReadBackJudge => RUNNERS,
            StrategyRevise | StrategyShare => SHAPERS,
            // whose work it is, the noun's rules say
            PriorityCheckIn | ActionCheckIn => WORKERS,
            ObstacleRaise | ObstacleUpdate | ObstacleDiscuss | ObstacleResolve | ObstacleEscalate => WORKERS,
            ObstaclePrioritise | ObstaclePark | ObstacleResume => SHAPERS,
            SessionSchedule | SessionUpdate | SessionStart | SessionAttend | SessionClose | SessionCancel => {
                RUNNERS
            }
            ReviewCadenceSet | ReviewCadenceEnd | ReviewHold => RUNNERS,
            DriftAcknowledge => WORKERS,
            // whose work it is, the noun's rules say
            DriftExplain | DriftReplan | DriftDiscuss => WORKERS,
            DriftAccept => SHAPERS,
            DriftPolicyUpdate | RiskPolicyUpdate => ADMIN,
            BenchmarkPolicyUpdate
            | BenchmarkReleaseClose
            | BenchmarkReleasePreview
            | BenchmarkApprovalGive
            | BenchmarkApprovalWithdraw => ADMIN,
            BenchmarkConsentGive | BenchmarkConsentWithdraw => SPONSORS,
            SessionSeriesCreate | SessionSeriesUpdate | SessionSeriesEnd => RUNNERS,
            // whether they took part, the noun's rules say
            SessionRate => CLIENT,
            // everyone who works on it may want to talk about something; who runs the session orders it
            AgendaItemAdd | ParkedTopicAdd => WORKERS,
            AgendaItemUpdate | AgendaItemMove | AgendaItemDiscuss | AgendaItemExtend | AgendaItemComplete
            | AgendaItemDrop => RUNNERS,
            ParkedTopicSchedule | ParkedTopicRaise | ParkedTopicAssign | ParkedTopicDrop => RUNNERS,
            DotVoteOpen | DotVoteClose | PreWorkPromptAdd | PreWorkPromptUpdate => RUNNERS,
            // each for themselves
            DotVoteCast | PreWorkAnswer => MEMBERS,
            RecapAddendumCreate => RUNNERS,
            // whose attendance it corrects, the noun's rules say
            RecapAddendumConfirm => MEMBERS,
            AlignmentRoundOpen | AlignmentRoundSeal | AlignmentRoundReveal => RUNNERS,
            AlignmentRoundAnswer | AlignmentConsentWithdraw => MEMBERS,
            ClientNoteCreate | ClientNoteUpdate | ClientNoteArchive => FACILITATORS,
            // each their own
            ToDoCreate | ToDoUpdate | ToDoComplete | ToDoReopen => FACILITATORS,
            SupportAccessGrant | SupportAccessRevoke => SPONSORS,
            // to whom it was given, the noun's rules say
            SupportAccessEnter | SupportAccessLeave => HEAD_OFFICE,
        }
    }
}

impl Permission {
    /// Whether the work of a mutation lies all over the network, beyond the reach of whoever starts it: an erasure, the
    /// archiving of a client, a transfer that a sponsor accepts, the closing of a period's benchmarks.
    pub const fn reaches_network(self) -> bool {
        use Permission::*;
        matches!(
            self,
            PersonErase
                | ClientErase
                | ClientArchive
                | ClientUnarchive
                | ClientTransferAccept
                | BenchmarkReleaseClose
                | BenchmarkReleasePreview
        )
    }

    /// Whether a mutation is possible at a client that is alumni, whose work does not change any more: what ends access
    /// or the client's time as alumni, what hands it over, what takes back a consent, the practice's own notes, and what
    /// concerns no client.
    pub const fn is_for_alumni(self) -> bool {
        use Permission::*;
        matches!(
            self,
            Read(_)
                | ClientUpdate
                | ClientActivate
                | ClientArchive
                | ClientUnarchive
                | ClientErase
                | ClientExport
                | ClientTransfer
                | ClientsTransfer
                | ClientTransferAccept
                | ClientTransferRefuse
                | ClientTransferWithdraw
                | OwnerOpeningAgree
                | AssignmentCreate
                | AssignmentEnd
                | MembershipEnd
                | MemberRemove
                | InvitationRevoke
                | PersonUpdate
                | PersonExport
                | PersonErase
                | ExportLink
                | ClientNoteCreate
                | ClientNoteUpdate
                | ClientNoteArchive
                | ToDoCreate
                | ToDoUpdate
                | ToDoComplete
                | ToDoReopen
                | SupportAccessGrant
                | SupportAccessRevoke
                | SupportAccessEnter
                | SupportAccessLeave
                | BenchmarkConsentWithdraw
                | AlignmentConsentWithdraw
        )
    }

    /// Whether the system does the work of a mutation step by step for whoever starts it.
    pub const fn is_stepwise(self) -> bool {
        matches!(self, Permission::BenchmarkReleaseClose)
    }
}

/// Who may read a table at all; [`super::Reach`] says which of its rows.
const fn readers(table: Table) -> Roles {
    use Table::*;
    match table {
        Network | Region | Classification | Franchise | Person | Client | Assignment | Team | Programme
        | ProgrammePause | StageRun | CheckInRhythm | ReviewCadence | Review | DriftPolicy | ClientDrift
        | ClientPulse | RiskPolicy | ClientRisk | ClientDue | SearchEntry | DataExport | SupportAccess
        | SupportVisit => EVERYONE,
        Membership => EVERYONE,
        BenchmarkPolicy | BenchmarkStep | BenchmarkRelease => EVERYONE,
        BenchmarkCohort => HEAD_OFFICE,
        BenchmarkStanding => INSIDERS,
        BenchmarkKey | BenchmarkCounted => Roles::NONE,
        Tally => HEAD_OFFICE.with(OWNERS),
        Invitation | ClientTransfer | OwnerOpening => MANAGERS.with(Roles::of(&[Facilitator, Sponsor])),
        Template
        | TemplateVersion
        | TemplateStage
        | StageCriterion
        | AgendaTemplateItem
        | QuestionnaireStatement
        | TemplateResource
        | TemplateSection => HEAD_OFFICE.with(PRACTICE),
        Decision | DecisionOption | DecisionPosition | DecisionEvent | DecisionAttestation => INSIDERS,
        StrategySection | StrategyVersion | StrategyItem | StrategyPosition | StrategyShared => INSIDERS,
        CheckInSlot => EVERYONE,
        // each their own
        DecisionStance | DecisionRestatement | StrategyStance | StrategyRestatement => INSIDERS,
        // what members say in private to those who run the programme
        DecisionReadBack | StrategyReadBack => RUNNERS,
        Obstacle | ObstacleEvent => INSIDERS,
        Member | StageCheck | StageEvent | Cycle | Priority | Action | ActionMove => INSIDERS,
        TeamYear | Target | Reopening => INSIDERS,
        Milestone | Measurable | MeasurableValue | Seat => INSIDERS,
        Session | Attendance => INSIDERS,
        AgendaItem | ParkedTopic | Recap | RecapAddendum | SessionSeries => INSIDERS,
        DotVote | DotVoteOption | PreWorkPrompt | PreWorkAnswer => INSIDERS,
        // each their own
        SessionRating => CLIENT,
        DotBallot | PreWorkInput => MEMBERS,
        DriftSignal => INSIDERS,
        // which quarters are frozen everyone may know, and a client's own values only those who work with it
        MetricPeriod => EVERYONE,
        MetricValue => INSIDERS,
        CheckIn => INSIDERS,
        AlignmentRound | AlignmentStatement | AlignmentQuestion => INSIDERS,
        // what was said with names, among those who said it and their facilitators
        AlignmentVoice | AlignmentText | VoiceBalance => MEMBERS.with(FACILITATORS),
        // each their own
        AlignmentResponse | AlignmentAnswer | AlignmentTextInput => MEMBERS,
        AlignmentMeasure => Roles::NONE,
        PriorityConflict | ActionComment => INSIDERS,
        ClientNote | ToDo => FACILITATORS,
        AuditEvent => MANAGERS.with(Roles::of(&[Facilitator, Sponsor])),
        ClientPlace | ProgrammePulse | TallyDelta | TallyPast => Roles::NONE,
        AuditLane | Outbox | JobTurn | JobFault | ZoneData | Idempotency | SearchWord | ImportKey
        | DataExportPart => Roles::NONE,
        // each their own
        Notice | NoticeSetting | NoticePreference => EVERYONE,
        Reminder => Roles::NONE,
        Identity | SignIn | SignInPlace | RefreshToken | PasswordReset | PasswordResetRequest
        | AddressChange => Roles::NONE,
        EmailCount | SigningKey | WriteProbe => Roles::NONE,
    }
}

/// Whether `role` holds `permission` at its nodes.
pub const fn allows(role: Role, permission: Permission) -> bool {
    permission.roles().has(role)
}
