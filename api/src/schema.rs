//! The whole schema: the query root as a shape, the mutations of all nouns, and what the schema says of permissions,
//! costs and list sizes.

use crate::{
    features::{
        action::{Action, ActionMutation, bulk::ActionsMutation},
        agenda_item::{AgendaItem, AgendaItemMutation},
        alignment::{AlignmentMutation, AlignmentRound},
        assignment::AssignmentMutation,
        audit::AuditEvent,
        benchmark::{
            BenchmarkCohort, BenchmarkMutation, BenchmarkPolicyMutation, BenchmarkRelease,
            BenchmarkReleaseMutation,
        },
        check_in::{CheckIn, CheckInMutation},
        client::{Client, ClientMutation},
        comment::CommentMutation,
        conflict::ConflictMutation,
        cycle::{Cycle, CycleMutation},
        decision::{Decision, DecisionMutation},
        drift::{DriftMutation, DriftPolicyMutation, DriftSignal},
        export::{DataExport, ExportLinkMutation, ExportMutation},
        franchise::{Franchise, FranchiseMutation},
        import::ImportMutation,
        invitation::{Invitation, InvitationMutation},
        measurable::{Measurable, MeasurableMutation},
        member::{Member, MemberMutation, MemberUpdateMutation},
        membership::MembershipMutation,
        metric::MetricDefinition,
        milestone::{Milestone, MilestoneMutation},
        network::{Network, NetworkMutation},
        note::{ClientNote, NoteMutation},
        obstacle::{Obstacle, ObstacleMutation},
        owner_opening::{OwnerOpening, OwnerOpeningMutation},
        person::{Person, PersonMutation},
        priority::{Priority, PriorityMutation},
        programme::{Programme, ProgrammeMoveMutation, ProgrammeMutation},
        read_back::{ReadBackJudgeMutation, ReadBackMutation},
        region::{Region, RegionMutation},
        review::{Review, ReviewCadence, ReviewCadenceMutation, ReviewMutation},
        search::SearchHit,
        session::{Session, SessionMutation},
        session_rating::SessionRatingMutation,
        session_series::{SessionSeries, SessionSeriesMutation},
        stage::{Stage, StageMutation},
        support::{SupportAccess, SupportMutation},
        team::{Team, TeamMutation},
        template::{
            self, Template, TemplateDraftImportMutation, TemplateImportMutation, TemplateMutation,
            TemplateReadMutation, TemplateVersionMutation,
        },
        transfer::{ClientTransfer, ClientTransferMutation, TransferMutation},
        viewer::Viewer,
    },
    identity,
    kernel::{
        self,
        access::{Permission, Role},
        mutation::{Mutation, Mutations},
        payload,
        read::{Shaped, types},
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
use std::borrow::Cow;

shape! {
    /// What can be read. Every list is within the caller's reach; what is out of reach is as if it were not there.
    virtual QueryRoot as "Query" {
        /// The signed-in person.
        viewer = virtual_::<Viewer>(),
        /// Anything by its id; null for what does not exist or is out of reach.
        node = Kind::Node,
        /// Anything by ids, in their order; null in the place of what does not exist or is out of reach.
        nodes = Kind::Nodes,
        /// What this request costs, and what is left of the caller's allowance.
        rateLimit = virtual_::<RateLimit>(),
        /// The network the caller acts in.
        network = mine::<Network>(Mine::Network),
        /// A franchise by its id.
        franchise = by_id::<Franchise>(),
        /// Franchises, by name.
        franchises = all::<Franchise>().by(entity::franchise::Column::Name, Ty::Text),
        /// Regions, by code.
        regions = all::<Region>().by(entity::region::Column::Code, Ty::Text),
        /// A person by their id.
        person = by_id::<Person>(),
        /// People, by name.
        people = all::<Person>().by(entity::person::Column::Name, Ty::Text),
        /// Invitations, newest first.
        invitations = all::<Invitation>().by_last(entity::invitation::Column::CreatedAt, Ty::Instant),
        /// A client by its id.
        client = by_id::<Client>(),
        /// Clients, by name, those archived included.
        clients = all::<Client>().by(entity::client::Column::Name, Ty::Text),
        /// A transfer of a client to another franchise by its ID.
        clientTransfer = by_id::<ClientTransfer>(),
        /// Transfers of clients to other franchises, latest first.
        clientTransfers = all::<ClientTransfer>().by_last(entity::client_transfer::Column::ProposedAt, Ty::Instant),
        /// When a client opens to an owner of its franchise, by its ID.
        ownerOpening = by_id::<OwnerOpening>(),
        /// A team by its id.
        team = by_id::<Team>(),
        /// A member by their id.
        member = by_id::<Member>(),
        /// A template by its id.
        template = by_id::<Template>(),
        /// Templates, by name.
        templates = all::<Template>().by(entity::template::Column::Name, Ty::Text),
        /// The JSON Schema of a template as a document.
        templateSchema = said("JSON!", |_, _| template::document::SCHEMA.into()),
        /// A programme by its id.
        programme = by_id::<Programme>(),
        /// A stage of a programme by its id.
        stage = by_id::<Stage>(),
        /// A cycle by its id.
        cycle = by_id::<Cycle>(),
        /// A priority by its id.
        priority = by_id::<Priority>(),
        /// A milestone by its id.
        milestone = by_id::<Milestone>(),
        /// A measurable by its id.
        measurable = by_id::<Measurable>(),
        /// An action by its id.
        action = by_id::<Action>(),
        /// A decision by its id.
        decision = by_id::<Decision>(),
        /// A check-in by its id.
        checkIn = by_id::<CheckIn>(),
        /// An obstacle by its id.
        obstacle = by_id::<Obstacle>(),
        /// A session by its id.
        session = by_id::<Session>(),
        /// A team's review cadence by its id.
        reviewCadence = by_id::<ReviewCadence>(),
        /// A review by its id.
        review = by_id::<Review>(),
        /// A drift signal by its id.
        driftSignal = by_id::<DriftSignal>(),
        /// Drift signals, latest first.
        driftSignals = all::<DriftSignal>().by_last(entity::drift_signal::Column::RaisedAt, Ty::Instant),
        /// What the metrics of clients are and how they are made.
        metricDefinitions = every::<MetricDefinition>().by_view("place", Ty::Int),
        /// A series of sessions by its id.
        sessionSeries = by_id::<SessionSeries>(),
        /// An agenda item by its id.
        agendaItem = by_id::<AgendaItem>(),
        /// An alignment round by its id.
        alignmentRound = by_id::<AlignmentRound>(),
        /// What is found by its words: first what has them all in its title, then what has them elsewhere; among
        /// equals the latest made first.
        search = all::<SearchHit>().by_most("{t}f.titled", Ty::Int),
        /// What the caller took out and can still fetch, latest first; see `exportLink`.
        exports = all::<DataExport>().only("{t}.made_at is not null and {t}.expires_at > {now}").by_last(entity::data_export::Column::CreatedAt, Ty::Instant),
        /// A private note by its id.
        clientNote = by_id::<ClientNote>(),
        /// A client's leave for head office by its id.
        supportAccess = by_id::<SupportAccess>(),
        /// What clients let head office see and let it see, newest first.
        supportAccesses = all::<SupportAccess>().by_last(entity::support_access::Column::StartsAt, Ty::Instant),
        /// The closed releases of benchmarks, latest period first.
        benchmarkReleases = all::<BenchmarkRelease>().by_last(entity::benchmark_release::Column::Period, Ty::Text).by(entity::benchmark_release::Column::Family, Ty::Text),
        /// What benchmarks tell of cohorts, latest period first. For head office.
        benchmarkCohorts = all::<BenchmarkCohort>().by_last(entity::benchmark_cohort::Column::Period, Ty::Text).by(entity::benchmark_cohort::Column::Metric, Ty::Text).by(entity::benchmark_cohort::Column::Level, Ty::Int).by(entity::benchmark_cohort::Column::Path, Ty::Text),
        /// What was done, latest first.
        auditEvents = all::<AuditEvent>().by_last(entity::audit_event::Column::At, Ty::Instant),
    }
}

shape! {
    /// What a request costs, and what is left of the caller's allowance.
    virtual RateLimit as "RateLimit" {
        /// The most points this request can cost. What it does not find is given back afterwards.
        cost = said("Int!", |_, spent| spent.cost.to_string()),
        /// The points that a person can save up.
        limit = said("Int!", |_, spent| spent.limit.to_string()),
        /// The points left while the request runs.
        remaining = said("Int!", |_, spent| spent.remaining.to_string()),
        /// Seconds until the allowance is full again.
        resetSeconds = said("Int!", |_, spent| spent.reset_seconds.to_string()),
    }
}

/// What a mutation does: as somebody with roles, or about one's own sign-in.
#[derive(Clone, Copy)]
pub enum Work {
    Caller(kernel::mutation::Work),
    Own(identity::Work),
}

/// All mutations, each said once: this is what the schema is made from, and what requests are dispatched by.
pub fn mutations() -> Vec<Mutation<Work>> {
    let nouns = [
        NetworkMutation::list(),
        RegionMutation::list(),
        FranchiseMutation::list(),
        ClientMutation::list(),
        ClientTransferMutation::list(),
        TransferMutation::list(),
        OwnerOpeningMutation::list(),
        AssignmentMutation::list(),
        TeamMutation::list(),
        NoteMutation::list(),
        SupportMutation::list(),
        ImportMutation::list(),
        ExportMutation::list(),
        ExportLinkMutation::list(),
        PersonMutation::list(),
        MembershipMutation::list(),
        InvitationMutation::list(),
        MemberMutation::list(),
        MemberUpdateMutation::list(),
        TemplateMutation::list(),
        TemplateVersionMutation::list(),
        TemplateImportMutation::list(),
        TemplateDraftImportMutation::list(),
        TemplateReadMutation::list(),
        ProgrammeMutation::list(),
        ProgrammeMoveMutation::list(),
        StageMutation::list(),
        CycleMutation::list(),
        PriorityMutation::list(),
        ConflictMutation::list(),
        MilestoneMutation::list(),
        MeasurableMutation::list(),
        ActionMutation::list(),
        ActionsMutation::list(),
        CommentMutation::list(),
        CheckInMutation::list(),
        SessionMutation::list(),
        SessionSeriesMutation::list(),
        SessionRatingMutation::list(),
        AgendaItemMutation::list(),
        AlignmentMutation::list(),
        DecisionMutation::list(),
        ReadBackMutation::list(),
        ReadBackJudgeMutation::list(),
        ObstacleMutation::list(),
        ReviewCadenceMutation::list(),
        ReviewMutation::list(),
        DriftMutation::list(),
        DriftPolicyMutation::list(),
        BenchmarkMutation::list(),
        BenchmarkPolicyMutation::list(),
        BenchmarkReleaseMutation::list(),
    ];
    let own = identity::mutations().into_iter().map(|mutation| mutation.map(Work::Own));
    own.chain(nouns.into_iter().flatten().map(|mutation| mutation.map(Work::Caller))).collect()
}

/// The mutation root.
pub struct MutationRoot;

/// The query root. What it answers is planned; the executor never gets here.
pub struct Query;

/// The registry. Nothing is executed by it.
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
pub fn root() -> &'static crate::kernel::read::Shape {
    QueryRoot::shape()
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
            let mut field = types::field(&name, &doc, &(mutation.payload)(registry));
            if let Some(input) = mutation.input {
                let input = types::arg("input", "What to do, and to what.", &input(registry));
                field.args.insert(input.name.clone(), input);
            }
            field.directive_invocations.extend(permission.map(|permission| types::requires(*permission)));
            (name, field)
        });
        let fields = fields.collect();
        const DOC: &str = "What can be changed. A rule's no is in the payload's `errors`, and nothing was changed. Without \
                           the permission anywhere the answer is the error FORBIDDEN.";
        registry.types.insert("Mutation".into(), types::object("Mutation", DOC, fields));
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
    Role::create_type_info(registry);
    let mut declare = |name: &str, doc: &str, locations: &[At], args: &[(&str, &str, &str)]| {
        let args = args.iter().map(|(name, ty, doc)| ((*name).to_owned(), types::arg(name, doc, ty)));
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
        "The roles that include this mutation, each at the places where it is held.",
        &[At::FIELD_DEFINITION],
        &[("roles", "[Role!]!", "The roles.")],
    );
    declare(
        "cost",
        "What a field costs, by the GraphQL Cost Directives specification: 1,000 points are 10 ms of CPU. On a field of \
         a filter, what each comparison with it costs; on a value of an order, what ordering by it costs; on an \
         argument, what each of its words costs.",
        &[At::FIELD_DEFINITION, At::ARGUMENT_DEFINITION, At::INPUT_FIELD_DEFINITION, At::ENUM_VALUE],
        &[("weight", "String!", "The points.")],
    );
    declare(
        "listSize",
        "How long a list is taken to be, by the GraphQL Cost Directives specification.",
        &[At::FIELD_DEFINITION],
        &[
            ("assumedSize", "Int", "As long as this."),
            ("slicingArguments", "[String!]", "As long as one of these arguments says."),
            ("sizedFields", "[String!]", "The fields of the connection that are that long."),
        ],
    );
}
