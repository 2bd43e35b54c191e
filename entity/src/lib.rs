//! The tables: one file each, with its model, its closed enums and its place in the tree.

mod closed;
mod fold;
mod id;
mod scoped;
mod values;

pub mod action;
pub mod action_comment;
pub mod action_move;
pub mod address_change;
pub mod agenda_item;
pub mod agenda_template_item;
pub mod alignment_answer;
pub mod alignment_measure;
pub mod alignment_question;
pub mod alignment_response;
pub mod alignment_round;
pub mod alignment_statement;
pub mod alignment_text;
pub mod alignment_text_input;
pub mod alignment_voice;
pub mod assignment;
pub mod attendance;
pub mod audit_event;
pub mod audit_lane;
pub mod benchmark_cohort;
pub mod benchmark_counted;
pub mod benchmark_key;
pub mod benchmark_policy;
pub mod benchmark_release;
pub mod benchmark_standing;
pub mod benchmark_step;
pub mod check_in;
pub mod check_in_rhythm;
pub mod check_in_slot;
pub mod classification;
pub mod client;
pub mod client_drift;
pub mod client_due;
pub mod client_note;
pub mod client_place;
pub mod client_pulse;
pub mod client_risk;
pub mod client_transfer;
pub mod cycle;
pub mod data_export;
pub mod data_export_part;
pub mod decision;
pub mod decision_attestation;
pub mod decision_event;
pub mod decision_option;
pub mod decision_position;
pub mod decision_read_back;
pub mod decision_restatement;
pub mod decision_stance;
pub mod dot_ballot;
pub mod dot_vote;
pub mod dot_vote_option;
pub mod drift_policy;
pub mod drift_signal;
pub mod email_count;
pub mod franchise;
pub mod idempotency;
pub mod identity;
pub mod import_key;
pub mod invitation;
pub mod job_fault;
pub mod job_turn;
pub mod measurable;
pub mod measurable_value;
pub mod member;
pub mod membership;
pub mod metric_period;
pub mod metric_value;
pub mod milestone;
pub mod network;
pub mod notice;
pub mod notice_preference;
pub mod notice_setting;
pub mod obstacle;
pub mod obstacle_event;
pub mod outbox;
pub mod owner_opening;
pub mod parked_topic;
pub mod password_reset;
pub mod password_reset_request;
pub mod person;
pub mod pre_work_answer;
pub mod pre_work_input;
pub mod pre_work_prompt;
pub mod priority;
pub mod priority_conflict;
pub mod programme;
pub mod programme_pause;
pub mod programme_pulse;
pub mod questionnaire_statement;
pub mod recap;
pub mod recap_addendum;
pub mod refresh_token;
pub mod region;
pub mod reminder;
pub mod reopening;
pub mod review;
pub mod review_cadence;
pub mod risk_policy;
pub mod search_entry;
pub mod search_word;
pub mod seat;
pub mod session;
pub mod session_rating;
pub mod session_series;
pub mod sign_in;
pub mod sign_in_place;
pub mod signing_key;
pub mod stage_check;
pub mod stage_criterion;
pub mod stage_event;
pub mod stage_run;
pub mod strategy_item;
pub mod strategy_position;
pub mod strategy_read_back;
pub mod strategy_restatement;
pub mod strategy_section;
pub mod strategy_shared;
pub mod strategy_stance;
pub mod strategy_version;
pub mod support_access;
pub mod support_visit;
pub mod tally;
pub mod tally_delta;
pub mod tally_past;
pub mod target;
pub mod team;
pub mod team_year;
pub mod template;
pub mod template_resource;
pub mod template_section;
pub mod template_stage;
pub mod template_version;
pub mod to_do;
pub mod voice_balance;
pub mod write_probe;
pub mod zone_data;

pub use fold::{fold, folded, is_invisible};
pub use id::{Id, Noun, encode as encode_id, split as split_id};
pub use scoped::{Erasable, Matter, Placement, Replacement, Scoped, Searchable, Visitor};
pub use values::values;

/// Lists every table once: its name in [`Table`] and its module. The modules stand above by themselves, so that rustfmt
/// finds their files.
macro_rules! tables {
    ($($name:ident = $module:ident),* $(,)?) => {
        /// Every table.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Table { $($name),* }

        impl Table {
            pub const ALL: &'static [Table] = &[$(Table::$name),*];

            /// The table's name in the database.
            pub const fn name(self) -> &'static str {
                match self { $(Table::$name => stringify!($module)),* }
            }
            /// Where its rows belong in the tree.
            pub const fn placement(self) -> Placement {
                match self { $(Table::$name => <$module::Entity as Scoped>::PLACEMENT),* }
            }
            /// The columns of texts that have a folded copy.
            pub const fn folded(self) -> &'static [&'static str] {
                match self { $(Table::$name => <$module::Entity as Scoped>::FOLDED),* }
            }
            /// Calls the visitor with the table's entity.
            pub fn visit<V: Visitor>(self, visitor: V) -> V::Output {
                match self { $(Table::$name => visitor.visit::<$module::Entity>()),* }
            }
            /// The prefix of its IDs.
            pub const fn prefix(self) -> &'static str {
                match self { $(Table::$name => <$module::Entity as Noun>::PREFIX),* }
            }
        }
    };
}

tables! {
    Network = network,
    Region = region,
    Classification = classification,
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
    TemplateSection = template_section,
    Programme = programme,
    ProgrammePause = programme_pause,
    StageRun = stage_run,
    StageCheck = stage_check,
    StageEvent = stage_event,
    TeamYear = team_year,
    Target = target,
    Cycle = cycle,
    Priority = priority,
    PriorityConflict = priority_conflict,
    Milestone = milestone,
    Measurable = measurable,
    MeasurableValue = measurable_value,
    Seat = seat,
    Action = action,
    ActionMove = action_move,
    ActionComment = action_comment,
    Reopening = reopening,
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
    RiskPolicy = risk_policy,
    ClientRisk = client_risk,
    MetricPeriod = metric_period,
    MetricValue = metric_value,
    Decision = decision,
    DecisionOption = decision_option,
    DecisionStance = decision_stance,
    DecisionPosition = decision_position,
    DecisionEvent = decision_event,
    AgendaItem = agenda_item,
    ParkedTopic = parked_topic,
    Recap = recap,
    RecapAddendum = recap_addendum,
    AlignmentRound = alignment_round,
    AlignmentStatement = alignment_statement,
    AlignmentVoice = alignment_voice,
    AlignmentResponse = alignment_response,
    AlignmentAnswer = alignment_answer,
    AlignmentMeasure = alignment_measure,
    DecisionRestatement = decision_restatement,
    DecisionReadBack = decision_read_back,
    DecisionAttestation = decision_attestation,
    StrategySection = strategy_section,
    StrategyVersion = strategy_version,
    StrategyItem = strategy_item,
    StrategyStance = strategy_stance,
    StrategyPosition = strategy_position,
    StrategyRestatement = strategy_restatement,
    StrategyReadBack = strategy_read_back,
    StrategyShared = strategy_shared,
    Obstacle = obstacle,
    ObstacleEvent = obstacle_event,
    SessionRating = session_rating,
    DotVote = dot_vote,
    DotVoteOption = dot_vote_option,
    DotBallot = dot_ballot,
    PreWorkPrompt = pre_work_prompt,
    PreWorkInput = pre_work_input,
    PreWorkAnswer = pre_work_answer,
    VoiceBalance = voice_balance,
    AlignmentQuestion = alignment_question,
    AlignmentTextInput = alignment_text_input,
    AlignmentText = alignment_text,
    ClientNote = client_note,
    ToDo = to_do,
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
    Notice = notice,
    NoticeSetting = notice_setting,
    NoticePreference = notice_preference,
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
