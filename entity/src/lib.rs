//! The tables: one file each, with its model, its closed enums and its place in the tree.

mod closed;
mod fold;
mod id;
mod scoped;

pub use fold::{fold, folded, is_invisible};
pub use id::{Id, Noun, encode as encode_id, split as split_id};
pub use scoped::{Hang, Left, Matter, Scoped, Sought, Visitor, Words};

/// Lists every table once: its name in [`Table`] and its module.
macro_rules! tables {
    ($($name:ident = $module:ident),* $(,)?) => {
        $(pub mod $module;)*

        /// Every table there is.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Table { $($name),* }

        impl Table {
            pub const ALL: &'static [Table] = &[$(Table::$name),*];

            /// The table's name in the database.
            pub const fn name(self) -> &'static str {
                match self { $(Table::$name => stringify!($module)),* }
            }
            /// Where its rows hang.
            pub const fn hang(self) -> Hang {
                match self { $(Table::$name => <$module::Entity as Scoped>::HANG),* }
            }
            /// Which of its texts have their folds beside them.
            pub const fn folded(self) -> &'static [&'static str] {
                match self { $(Table::$name => <$module::Entity as Scoped>::FOLDED),* }
            }
            /// Brings a visitor to the table's entity.
            pub fn visit<V: Visitor>(self, visitor: V) -> V::Output {
                match self { $(Table::$name => visitor.visit::<$module::Entity>()),* }
            }
            /// The prefix of its ids.
            pub const fn prefix(self) -> &'static str {
                match self { $(Table::$name => <$module::Entity as Noun>::PREFIX),* }
            }
        }
    };
}

tables! {
    Network = network,
    Region = region,
    Franchise = franchise,
    Person = person,
    Membership = membership,
    Invitation = invitation,
    Client = client,
    Assignment = assignment,
    Team = team,
    Member = member,
    Template = template,
    TemplateVersion = template_version,
    TemplateStage = template_stage,
    StageCriterion = stage_criterion,
    AgendaTemplateItem = agenda_template_item,
    QuestionnaireStatement = questionnaire_statement,
    TemplateResource = template_resource,
    Programme = programme,
    ProgrammePause = programme_pause,
    StageRun = stage_run,
    StageCheck = stage_check,
    StageEvent = stage_event,
    Cycle = cycle,
    Priority = priority,
    PriorityConflict = priority_conflict,
    Milestone = milestone,
    Measurable = measurable,
    MeasurableValue = measurable_value,
    Action = action,
    ActionMove = action_move,
    ActionComment = action_comment,
    CheckIn = check_in,
    CheckInSlot = check_in_slot,
    CheckInRhythm = check_in_rhythm,
    SessionSeries = session_series,
    Session = session,
    Attendance = attendance,
    ReviewCadence = review_cadence,
    Review = review,
    DriftPolicy = drift_policy,
    DriftSignal = drift_signal,
    ClientDrift = client_drift,
    MetricPeriod = metric_period,
    MetricValue = metric_value,
    Decision = decision,
    DecisionOption = decision_option,
    DecisionStance = decision_stance,
    DecisionPosition = decision_position,
    DecisionEvent = decision_event,
    AgendaItem = agenda_item,
    Recap = recap,
    AlignmentRound = alignment_round,
    AlignmentStatement = alignment_statement,
    AlignmentVoice = alignment_voice,
    AlignmentResponse = alignment_response,
    AlignmentAnswer = alignment_answer,
    AlignmentMeasure = alignment_measure,
    DecisionRestatement = decision_restatement,
    DecisionReadBack = decision_read_back,
    DecisionAttestation = decision_attestation,
    Obstacle = obstacle,
    ObstacleEvent = obstacle_event,
    SessionRating = session_rating,
    ClientNote = client_note,
    SupportAccess = support_access,
    SupportVisit = support_visit,
    OwnerOpening = owner_opening,
    ClientTransfer = client_transfer,
    ClientPulse = client_pulse,
    ClientDue = client_due,
    BenchmarkPolicy = benchmark_policy,
    BenchmarkKey = benchmark_key,
    BenchmarkStep = benchmark_step,
    BenchmarkRelease = benchmark_release,
    BenchmarkCohort = benchmark_cohort,
    BenchmarkCounted = benchmark_counted,
    BenchmarkStanding = benchmark_standing,
    ClientPlace = client_place,
    ProgrammePulse = programme_pulse,
    TallyDelta = tally_delta,
    Tally = tally,
    TallyPast = tally_past,
    ImportKey = import_key,
    DataExport = data_export,
    DataExportPart = data_export_part,
    SearchEntry = search_entry,
    SearchWord = search_word,
    AuditEvent = audit_event,
    AuditLane = audit_lane,
    Outbox = outbox,
    EmailCount = email_count,
    JobTurn = job_turn,
    ZoneData = zone_data,
    JobFault = job_fault,
    Reminder = reminder,
    Idempotency = idempotency,
    Identity = identity,
    SignIn = sign_in,
    SignInPlace = sign_in_place,
    RefreshToken = refresh_token,
    PasswordReset = password_reset,
    PasswordResetRequest = password_reset_request,
    AddressChange = address_change,
    SigningKey = signing_key,
    WriteProbe = write_probe,
}
