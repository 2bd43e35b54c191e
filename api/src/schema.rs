//! The whole schema: the query root as a shape, the mutations of all nouns, and what the schema says of permissions,
//! costs and list sizes.

use crate::{
    features::{
        action::{Action, ActionMutation, bulk::ActionsMutation, reopening::ActionReopenMutation},
        agenda_item::{AgendaItem, AgendaItemMutation},
        alignment::{AlignmentMutation, AlignmentRound},
        assignment::AssignmentMutation,
        audit::AuditEvent,
        benchmark::{
            BenchmarkCohort, BenchmarkMutation, BenchmarkPolicyMutation, BenchmarkRelease,
            BenchmarkReleaseMutation,
        },
        check_in::{CheckIn, CheckInMutation, bulk::CheckInsMutation},
        classification::{Classification, ClassificationMutation},
        client::{Client, ClientMutation, life::ClientLifeMutation},
        comment::CommentMutation,
        conflict::ConflictMutation,
        cycle::{
            Cycle, CycleMutation,
            editing::{CycleRemoveMutation, CycleUpdateMutation},
            reopening::CycleReopenMutation,
        },
        decision::{Decision, DecisionMutation},
        dot_vote::{DotVote, DotVoteMutation},
        drift::{DriftMutation, DriftPolicyMutation, DriftSignal},
        export::{DataExport, ExportLinkMutation, ExportMutation},
        franchise::{Franchise, FranchiseMutation},
        import::ImportMutation,
        invitation::{Invitation, InvitationMutation, bulk::MembersInviteMutation},
        measurable::{Measurable, MeasurableMutation, bulk::MeasurableValuesMutation},
        member::{Member, MemberMutation, MemberUpdateMutation},
        membership::MembershipMutation,
        metric::MetricDefinition,
        milestone::{Milestone, MilestoneMutation, bulk::MilestonesMutation},
        network::{Network, NetworkMutation},
        note::{ClientNote, NoteMutation},
        notice::{NoticeSettingsMutation, NoticesReadMutation},
        obstacle::{Obstacle, ObstacleMutation},
        owner_opening::{OwnerOpening, OwnerOpeningMutation},
        parked_topic::{ParkedTopic, ParkedTopicMutation},
        person::{Person, PersonMutation},
        pre_work::{PreWorkMutation, PreWorkPrompt},
        priority::{Priority, PriorityMutation, reopening::PriorityReopenMutation},
        programme::{self, Programme, ProgrammeMoveMutation, ProgrammeMutation},
        pulse::policy::RiskPolicyMutation,
        read_back::{ReadBackJudgeMutation, ReadBackMutation},
        recap_addendum::{RecapAddendum, RecapAddendumMutation},
        region::{Region, RegionMutation},
        review::{Review, ReviewCadence, ReviewCadenceMutation, ReviewMutation},
        search::SearchHit,
        seat::{Seat, SeatMutation},
        session::{Session, SessionMutation},
        session_rating::SessionRatingMutation,
        session_series::{SessionSeries, SessionSeriesMutation},
        stage::{Stage, StageMutation},
        strategy::{
            StrategyMutation, StrategyReadBackJudgeMutation, StrategySection, StrategySectionMutation,
            StrategyVersion,
        },
        support::{SupportAccess, SupportMutation},
        target::{Target, TargetMutation},
        team::{Team, TeamMutation, onboarding::TeamOnboardMutation},
        template::{
            self, Template, TemplateDraftImportMutation, TemplateImportMutation, TemplateMutation,
            TemplateVersionMutation,
        },
        to_do::{ToDo, ToDoMutation},
        transfer::{ClientTransfer, ClientTransferMutation, ClientsTransferMutation, TransferMutation},
        viewer::Viewer,
        year::{Year, YearMutation},
    },
    identity,
    kernel::{
        self, Program,
        access::Permission,
        mutation::{Mutation, Mutations},
        payload,
        read::{Shape, Shaped, types},
    },
    shape,
};
use async_graphql::{
    ContainerType, Context, ContextSelectionSet, EmptySubscription, ObjectType, OutputType, Positioned,
    Schema, ServerResult, Value,
    indexmap::IndexMap,
    parser::types::Field,
    registry::{__DirectiveLocation as At, MetaDirective, Registry, SDLExportOptions},
};
use async_trait::async_trait;
use entity::membership::MembershipRole;
use migration::Fit;
use std::borrow::Cow;

shape! {
    /// Root of all reads. Objects that the caller cannot access are left out of lists and returned as null.
    virtual QueryRoot as "Query" {
        /// The signed-in person.
        viewer = virtual_::<Viewer>(),
        /// The object of any type with this ID. Null if it does not exist or the caller has no access.
        node = FieldKind::Node,
        /// The objects with these IDs, in the same order. Null in place of an object that does not exist or that the
        /// caller cannot access.
        nodes = FieldKind::Nodes,
        /// Cost of this request, and the points that the caller has left.
        rateLimit = virtual_::<RateLimit>(),
        /// The network that the caller is signed in to.
        network = mine::<Network>(Mine::Network),
        /// The franchise with this ID. Null if it does not exist or the caller has no access.
        franchise = by_id::<Franchise>(),
        /// Franchises, sorted by name by default.
        franchises = all::<Franchise>().by(entity::franchise::Column::Name, Ty::Text),
        /// Regions, sorted by code by default.
        regions = all::<Region>().by(entity::region::Column::Code, Ty::Text),
        /// The network's classification of clients: industries and size bands, sorted by kind and place by default.
        classifications = all::<Classification>().by(entity::classification::Column::Kind, Ty::Text).by(entity::classification::Column::Position, Ty::Int),
        /// The person with this ID. Null if it does not exist or the caller has no access.
        person = by_id::<Person>(),
        /// People, sorted by name by default.
        people = all::<Person>().by(entity::person::Column::Name, Ty::Text),
        /// Invitations, newest first by default.
        invitations = all::<Invitation>().by_last(entity::invitation::Column::CreatedAt, Ty::Instant),
        /// The client with this ID. Null if it does not exist or the caller has no access.
        client = by_id::<Client>(),
        /// Clients, including archived ones, sorted by name by default.
        clients = all::<Client>().by(entity::client::Column::Name, Ty::Text),
        /// The client transfer with this ID. Null if it does not exist or the caller has no access.
        clientTransfer = by_id::<ClientTransfer>(),
        /// Transfers of clients to other franchises, latest first by default.
        clientTransfers = all::<ClientTransfer>().by_last(entity::client_transfer::Column::ProposedAt, Ty::Instant),
        /// The opening of a client to an owner by its ID. Null if it does not exist or the caller has no access.
        ownerOpening = by_id::<OwnerOpening>(),
        /// The team with this ID. Null if it does not exist or the caller has no access.
        team = by_id::<Team>(),
        /// The member with this ID. Null if it does not exist or the caller has no access.
        member = by_id::<Member>(),
        /// The template with this ID. Null if it does not exist or the caller has no access.
        template = by_id::<Template>(),
        /// Templates, sorted by name by default.
        templates = all::<Template>().by(entity::template::Column::Name, Ty::Text),
        /// A version of a template as a JSON document, for `templateImport` here or in another network: JSON text,
        /// identical for versions with the same content. Null if the version does not exist or the caller has no access.
        templateDocument = computed(template::document_type).needs("id", Ty::Id(entity::Table::TemplateVersion), "ID of the template version.").costs(20),
        /// Differences between two versions of templates, part by part. Empty if they have the same content. Null if a
        /// version does not exist or the caller has no access.
        templateDifferences = computed(template::differences_type).needs("id", Ty::Id(entity::Table::TemplateVersion), "ID of the version whose values are returned as `after`.").needs("comparedWithId", Ty::Id(entity::Table::TemplateVersion), "ID of the version to compare it with, of the same or another template. Its values are returned as `before`.").costs(40),
        /// JSON Schema of the documents that `templateDocument` returns and `templateImport` reads.
        templateSchema = from_request("JSON!", |_, _| template::document::DOCUMENT_SCHEMA.into()),
        /// The programme with this ID. Null if it does not exist or the caller has no access.
        programme = by_id::<Programme>(),
        /// What `programmeMove` would do to the stages of a programme. Null if the programme or the version does not exist,
        /// or the caller has no access or no role that may move programmes.
        programmeMovePreview = computed(programme::preview_type).needs("id", Ty::Id(entity::Table::Programme), "ID of the programme.").needs("templateVersionId", Ty::Id(entity::Table::TemplateVersion), "ID of the template version to move to.").costs(40),
        /// The stage of a programme with this ID. Null if it does not exist or the caller has no access.
        stage = by_id::<Stage>(),
        /// The year of a team with this ID. Null if it does not exist or the caller has no access.
        year = by_id::<Year>(),
        /// The target with this ID. Null if it does not exist or the caller has no access.
        target = by_id::<Target>(),
        /// The cycle with this ID. Null if it does not exist or the caller has no access.
        cycle = by_id::<Cycle>(),
        /// The priority with this ID. Null if it does not exist or the caller has no access.
        priority = by_id::<Priority>(),
        /// Priorities of all teams in reach, earliest due date first by default.
        priorities = all::<Priority>().by(entity::priority::Column::DueOn, Ty::Date),
        /// The milestone with this ID. Null if it does not exist or the caller has no access.
        milestone = by_id::<Milestone>(),
        /// The measurable with this ID. Null if it does not exist or the caller has no access.
        measurable = by_id::<Measurable>(),
        /// The seat with this ID. Null if it does not exist or the caller has no access.
        seat = by_id::<Seat>(),
        /// The action with this ID. Null if it does not exist or the caller has no access.
        action = by_id::<Action>(),
        /// Actions of all teams in reach, earliest due date first by default.
        actions = all::<Action>().by(entity::action::Column::DueOn, Ty::Date),
        /// The decision with this ID. Null if it does not exist or the caller has no access.
        decision = by_id::<Decision>(),
        /// Decisions of all teams in reach, latest first by default.
        decisions = all::<Decision>().by_last(entity::decision::Column::ProposedAt, Ty::Instant),
        /// The section of a team's strategy with this ID. Null if it does not exist or the caller has no access.
        strategySection = by_id::<StrategySection>(),
        /// The version of a section with this ID. Null if it does not exist or the caller has no access.
        strategyVersion = by_id::<StrategyVersion>(),
        /// The check-in with this ID. Null if it does not exist or the caller has no access.
        checkIn = by_id::<CheckIn>(),
        /// The obstacle with this ID. Null if it does not exist or the caller has no access.
        obstacle = by_id::<Obstacle>(),
        /// Obstacles of all teams in reach, latest first by default.
        obstacles = all::<Obstacle>().by_last(entity::obstacle::Column::RaisedAt, Ty::Instant),
        /// The session with this ID. Null if it does not exist or the caller has no access.
        session = by_id::<Session>(),
        /// Sessions of all teams in reach, latest first by default. See `viewer.sessions` for a calendar.
        sessions = all::<Session>().by_last(entity::session::Column::StartsAt, Ty::Instant),
        /// The review cadence of a team with this ID. Null if it does not exist or the caller has no access.
        reviewCadence = by_id::<ReviewCadence>(),
        /// The review with this ID. Null if it does not exist or the caller has no access.
        review = by_id::<Review>(),
        /// Past and future reviews of all teams in reach, latest first by default.
        reviews = all::<Review>().by_last(entity::review::Column::DueAt, Ty::Instant),
        /// The drift signal with this ID. Null if it does not exist or the caller has no access.
        driftSignal = by_id::<DriftSignal>(),
        /// Drift signals, latest first by default.
        driftSignals = all::<DriftSignal>().by_last(entity::drift_signal::Column::RaisedAt, Ty::Instant),
        /// Definitions of all client metrics and how they are calculated.
        metricDefinitions = every::<MetricDefinition>().by_view("place", Ty::Int),
        /// The series of sessions with this ID. Null if it does not exist or the caller has no access.
        sessionSeries = by_id::<SessionSeries>(),
        /// The agenda item with this ID. Null if it does not exist or the caller has no access.
        agendaItem = by_id::<AgendaItem>(),
        /// The parked topic with this ID. Null if it does not exist or the caller has no access.
        parkedTopic = by_id::<ParkedTopic>(),
        /// The dot vote with this ID. Null if it does not exist or the caller has no access.
        dotVote = by_id::<DotVote>(),
        /// The prompt of a session's pre-work with this ID. Null if it does not exist or the caller has no access.
        preWorkPrompt = by_id::<PreWorkPrompt>(),
        /// The addendum to a recap with this ID. Null if it does not exist or the caller has no access.
        recapAddendum = by_id::<RecapAddendum>(),
        /// The alignment round with this ID. Null if it does not exist or the caller has no access.
        alignmentRound = by_id::<AlignmentRound>(),
        /// Alignment rounds of all teams in reach, newest first by default. Re-votes are in `revotes` of their round.
        alignmentRounds = all::<AlignmentRound>().only("{t}.revote_of_id is null").by_last(entity::alignment_round::Column::OpenedAt, Ty::Instant),
        /// Full-text search. Results with all words in the title come first, then the others; equal results are sorted
        /// by creation, newest first.
        search = all::<SearchHit>().by_most("{t}f.titled", Ty::Int),
        /// Exports of the caller that are ready and have not expired, latest first by default. See `exportLink`.
        dataExports = all::<DataExport>().only("{t}.made_at is not null and {t}.expires_at > {now}").by_last(entity::data_export::Column::CreatedAt, Ty::Instant),
        /// The private note with this ID. Null if it does not exist or the caller has no access.
        clientNote = by_id::<ClientNote>(),
        /// The to-do with this ID. Null if it does not exist or the caller has no access.
        toDo = by_id::<ToDo>(),
        /// The support access with this ID. Null if it does not exist or the caller has no access.
        supportAccess = by_id::<SupportAccess>(),
        /// Support access that clients give or gave to head office, newest first by default.
        supportAccesses = all::<SupportAccess>().by_last(entity::support_access::Column::StartsAt, Ty::Instant),
        /// Closed releases of benchmarks, latest period first.
        benchmarkReleases = all::<BenchmarkRelease>().by_last(entity::benchmark_release::Column::Period, Ty::Text).by(entity::benchmark_release::Column::Family, Ty::Text),
        /// Benchmark figures of cohorts, latest period first: all, or those of a metric or a period. Only for head office.
        benchmarkCohorts = all::<BenchmarkCohort>().only("{t}.metric = coalesce({arg:metric}, {t}.metric) and {t}.period = coalesce({arg:period}, {t}.period)").by_last(entity::benchmark_cohort::Column::Period, Ty::Text).by(entity::benchmark_cohort::Column::Metric, Ty::Text).by(entity::benchmark_cohort::Column::Level, Ty::Int).by(entity::benchmark_cohort::Column::Path, Ty::Text).takes("metric", Ty::Closed(register::<entity::metric_value::Metric>), "Only cohorts of this metric.").takes("period", Ty::Text, "Only cohorts of this period, such as `2026-Q3`."),
        /// Entries of the audit log, latest first by default.
        auditEvents = all::<AuditEvent>().by_last(entity::audit_event::Column::At, Ty::Instant),
    }
}

shape! {
    /// Cost of a request, and the points that the caller has left.
    virtual RateLimit as "RateLimit" {
        /// Maximum cost of this request in points. Points for rows that are not found are refunded after the request.
        cost = from_request("Int!", |_, spent| spent.cost.to_string()),
        /// Maximum number of points that a person can have.
        limit = from_request("Int!", |_, spent| spent.limit.to_string()),
        /// Points left while the request runs, before any refund.
        remaining = from_request("Int!", |_, spent| spent.remaining.to_string()),
        /// Seconds until the caller has `limit` points again.
        resetSeconds = from_request("Int!", |_, spent| spent.reset_seconds.to_string()),
    }
}

/// The function of a mutation: for a caller with roles, or about one's own sign-in.
#[derive(Clone, Copy)]
pub enum MutationWork {
    Caller(kernel::mutation::Work),
    Own(identity::OwnWork),
}

/// All mutations. The schema is made from this list, and requests are dispatched by it.
pub fn mutations() -> Vec<Mutation<MutationWork>> {
    let nouns = [list_organisation_mutations(), list_team_mutations(), list_oversight_mutations()];
    let own = identity::mutations().into_iter().map(|mutation| mutation.map(MutationWork::Own));
    own.chain(nouns.into_iter().flatten().map(|mutation| mutation.map(MutationWork::Caller))).collect()
}

/// Mutations about the network, its franchises, clients, people and templates.
fn list_organisation_mutations() -> Vec<Mutation<kernel::mutation::Work>> {
    let nouns = [
        NetworkMutation::list(),
        RegionMutation::list(),
        ClassificationMutation::list(),
        FranchiseMutation::list(),
        ClientMutation::list(),
        ClientLifeMutation::list(),
        ClientTransferMutation::list(),
        ClientsTransferMutation::list(),
        TransferMutation::list(),
        OwnerOpeningMutation::list(),
        AssignmentMutation::list(),
        TeamMutation::list(),
        TeamOnboardMutation::list(),
        NoteMutation::list(),
        ToDoMutation::list(),
        NoticesReadMutation::list(),
        NoticeSettingsMutation::list(),
        SupportMutation::list(),
        ImportMutation::list(),
        ExportMutation::list(),
        ExportLinkMutation::list(),
        PersonMutation::list(),
        MembershipMutation::list(),
        InvitationMutation::list(),
        MembersInviteMutation::list(),
        MemberMutation::list(),
        MemberUpdateMutation::list(),
        TemplateMutation::list(),
        TemplateVersionMutation::list(),
        TemplateImportMutation::list(),
        TemplateDraftImportMutation::list(),
    ];
    nouns.into_iter().flatten().collect()
}

/// Mutations about the programmes of teams, their work and their sessions.
fn list_team_mutations() -> Vec<Mutation<kernel::mutation::Work>> {
    let nouns = [
        ProgrammeMutation::list(),
        ProgrammeMoveMutation::list(),
        StageMutation::list(),
        YearMutation::list(),
        TargetMutation::list(),
        CycleMutation::list(),
        CycleUpdateMutation::list(),
        CycleRemoveMutation::list(),
        CycleReopenMutation::list(),
        PriorityMutation::list(),
        PriorityReopenMutation::list(),
        ConflictMutation::list(),
        MilestoneMutation::list(),
        MilestonesMutation::list(),
        MeasurableMutation::list(),
        MeasurableValuesMutation::list(),
        SeatMutation::list(),
        ActionMutation::list(),
        ActionReopenMutation::list(),
        ActionsMutation::list(),
        CommentMutation::list(),
        CheckInMutation::list(),
        CheckInsMutation::list(),
        SessionMutation::list(),
        SessionSeriesMutation::list(),
        SessionRatingMutation::list(),
        AgendaItemMutation::list(),
        ParkedTopicMutation::list(),
        DotVoteMutation::list(),
        PreWorkMutation::list(),
        RecapAddendumMutation::list(),
        AlignmentMutation::list(),
        DecisionMutation::list(),
        ReadBackMutation::list(),
        ReadBackJudgeMutation::list(),
        StrategyMutation::list(),
        StrategyReadBackJudgeMutation::list(),
        StrategySectionMutation::list(),
        ObstacleMutation::list(),
        ReviewCadenceMutation::list(),
        ReviewMutation::list(),
    ];
    nouns.into_iter().flatten().collect()
}

/// Mutations about drift, risk and benchmarks.
fn list_oversight_mutations() -> Vec<Mutation<kernel::mutation::Work>> {
    let nouns = [
        DriftMutation::list(),
        DriftPolicyMutation::list(),
        RiskPolicyMutation::list(),
        BenchmarkMutation::list(),
        BenchmarkPolicyMutation::list(),
        BenchmarkReleaseMutation::list(),
    ];
    nouns.into_iter().flatten().collect()
}

/// The function of a query root field that is computed from its arguments.
pub type Computation = kernel::mutation::Work;

/// All such fields by their names; `QueryRoot` declares each as `computed`.
pub fn computed() -> [(&'static str, Computation); 3] {
    [
        ("templateDocument", template::compute_document),
        ("templateDifferences", template::compute_differences),
        ("programmeMovePreview", programme::compute_preview),
    ]
}

/// The mutation root.
pub struct MutationRoot;

/// The query root. Queries are planned; the executor never runs.
pub struct Query;

/// The registry. It executes nothing.
pub type Registered = Schema<Query, MutationRoot, EmptySubscription>;

/// Mutations that need no permission: they are about the caller's own sign-in.
pub const PERSONAL: &[&str] = &[
    "signIn",
    "tokenRefresh",
    "signOut",
    "passwordChange",
    "passwordReset",
    "passwordResetSend",
    "addressChange",
    "addressChangeConfirm",
    "addressChangeUndo",
    "invitationAccept",
];

/// The query root's shape.
fn root() -> &'static Shape {
    QueryRoot::shape()
}

/// The facts about this program that the kernel needs.
pub fn program() -> Program {
    Program { root: root(), check_migrations }
}

/// Fails with advice if the database does not have this program's schema.
fn check_migrations(applied: &[String]) -> Result<(), String> {
    match migration::fit(applied) {
        Fit::Exact => Ok(()),
        Fit::Behind(steps) => Err(format!("{steps} migrations have not run: run `concord migrate` first")),
        Fit::Ahead(steps) => Err(format!("the database is {steps} migrations ahead of this program")),
        Fit::Unreleased => Err(migration::UNRELEASED.to_owned()),
    }
}

pub fn schema() -> Registered {
    Schema::build(Query, MutationRoot, EmptySubscription).finish()
}

/// The schema as text, sorted.
pub fn sdl(schema: &Registered) -> String {
    let options =
        SDLExportOptions::new().sorted_fields().sorted_arguments().sorted_enum_items().include_specified_by();
    schema.sdl_with_options(options)
}

#[async_trait]
impl OutputType for Query {
    fn type_name() -> Cow<'static, str> {
        "Query".into()
    }
    fn create_type_info(registry: &mut Registry) -> String {
        directives(registry);
        types::register(registry, root());
        Self::qualified_type_name()
    }
    async fn resolve(&self, _: &ContextSelectionSet<'_>, _: &Positioned<Field>) -> ServerResult<Value> {
        Ok(Value::Null)
    }
}

#[async_trait]
impl ContainerType for Query {
    async fn resolve_field(&self, _: &Context<'_>) -> ServerResult<Option<Value>> {
        Ok(None)
    }
}

impl ObjectType for Query {}

#[async_trait]
impl OutputType for MutationRoot {
    fn type_name() -> Cow<'static, str> {
        "Mutation".into()
    }
    fn create_type_info(registry: &mut Registry) -> String {
        let fields = mutations().into_iter().map(|mutation| {
            let name = mutation.field();
            let mut doc = payload::description(mutation.doc);
            let permission = Permission::MUTATIONS.iter().find(|permission| permission.field() == name);
            if let Some(permission) = permission {
                doc = format!("{doc}\n\n{}", types::readers(*permission));
            }
            let mut field = crate::kernel::registry::field(&name, &doc, &(mutation.payload)(registry));
            let doc = format!("Input for `{name}`.");
            let input = crate::kernel::registry::arg("input", &doc, &(mutation.input)(registry));
            field.args.insert(input.name.clone(), input);
            field.directive_invocations.extend(permission.map(|permission| types::requires(*permission)));
            (name, field)
        });
        let fields = fields.collect();
        const DOC: &str = "Root of all changes. If a change is rejected, nothing is changed, and `errors` in the \
                           payload lists the reasons. If no role of the caller allows the mutation, the request \
                           fails with the error code `FORBIDDEN`.";
        registry.types.insert("Mutation".into(), crate::kernel::registry::object("Mutation", DOC, fields));
        Self::qualified_type_name()
    }
    async fn resolve(&self, _: &ContextSelectionSet<'_>, _: &Positioned<Field>) -> ServerResult<Value> {
        Ok(Value::Null)
    }
}

#[async_trait]
impl ContainerType for MutationRoot {
    async fn resolve_field(&self, _: &Context<'_>) -> ServerResult<Option<Value>> {
        Ok(None)
    }
}

impl ObjectType for MutationRoot {}

fn directives(registry: &mut Registry) {
    MembershipRole::create_type_info(registry);
    let mut declare = |name: &str, doc: &str, locations: &[At], args: &[(&str, &str, &str)]| {
        let args = args
            .iter()
            .map(|(name, ty, doc)| ((*name).to_owned(), crate::kernel::registry::arg(name, doc, ty)));
        registry.add_directive(MetaDirective {
            name: name.into(),
            description: Some(doc.into()),
            locations: locations.to_vec(),
            args: args.collect::<IndexMap<_, _>>(),
            is_repeatable: false,
            visible: None,
            composable: None,
        });
    };
    declare(
        "requires",
        "Roles that allow this mutation, each only at the places where the caller holds it.",
        &[At::FIELD_DEFINITION],
        &[("roles", "[MembershipRole!]!", "Roles that allow the mutation.")],
    );
    declare(
        "cost",
        "Cost in points, as in the GraphQL Cost Directives specification. 1,000 points are 10 ms of CPU time. On a \
         field of a filter: the cost of each comparison; on a sort key: the cost of sorting by it; on an argument: \
         the cost of each of its words.",
        &[At::FIELD_DEFINITION, At::ARGUMENT_DEFINITION, At::INPUT_FIELD_DEFINITION, At::ENUM_VALUE],
        &[("weight", "String!", "Number of points, as text.")],
    );
    declare(
        "listSize",
        "Assumed length of a list, as in the GraphQL Cost Directives specification.",
        &[At::FIELD_DEFINITION],
        &[
            ("assumedSize", "Int", "Assumed number of items."),
            ("slicingArguments", "[String!]", "Arguments that give the number of items."),
            ("sizedFields", "[String!]", "Fields of the connection that contain that many items."),
        ],
    );
}
