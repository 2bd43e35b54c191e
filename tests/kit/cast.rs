//! The people of every scenario. One network with two franchises; in the first a client whose team has people in
//! every role; in the second a facilitator with a client of their own, who has no role in the first. A second network is
//! separate from the first.

use chrono::{DateTime, Utc};
use concord::{
    features::classification::founding::new_entries,
    kernel::{Kernel, LANES, Write},
};
use entity::{
    Id, assignment,
    assignment::AssignmentPart,
    audit_lane, classification, client,
    client::{ClientStatus, SizeBand},
    franchise,
    franchise::FranchiseStatus,
    identity, member,
    member::MemberStatus,
    membership,
    membership::MembershipRole,
    network, person, region, team,
};
use sea_orm::{ActiveModelTrait, EntityTrait, IntoActiveModel};
use std::sync::Arc;
use uuid::Uuid;

/// The people who can sign in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Persona {
    Admin,
    Analyst,
    Owner,
    Facilitator,
    Sponsor,
    Leader,
    Observer,
    /// A facilitator of the other franchise.
    Stranger,
    /// Head-office admin of another network.
    Foreigner,
}

impl Persona {
    pub const ALL: [Persona; 9] = [
        Persona::Admin,
        Persona::Analyst,
        Persona::Owner,
        Persona::Facilitator,
        Persona::Sponsor,
        Persona::Leader,
        Persona::Observer,
        Persona::Stranger,
        Persona::Foreigner,
    ];
    fn role(self) -> MembershipRole {
        match self {
            Persona::Admin | Persona::Foreigner => MembershipRole::HeadOfficeAdmin,
            Persona::Analyst => MembershipRole::HeadOfficeAnalyst,
            Persona::Owner => MembershipRole::FranchiseOwner,
            Persona::Facilitator | Persona::Stranger => MembershipRole::Facilitator,
            Persona::Sponsor => MembershipRole::Sponsor,
            Persona::Leader => MembershipRole::Leader,
            Persona::Observer => MembershipRole::Observer,
        }
    }
    /// The address: the name of the role.
    pub fn email(self) -> String {
        format!("{self:?}@example.com").to_lowercase()
    }
}

/// The password of all personas.
pub const PASSWORD: &str = "open sesame street";
/// The password hashed with the program's parameters. Hashing it in every test would take 5% of the tests' time.
const PASSWORD_HASH: &str =
    "$argon2id$v=19$m=7168,t=5,p=1$Y29uY29yZC10ZXN0cy0wMQ$M6OTKg6zr+FgXFzT2eqIpw4EqCednyggJ0VHl/Q/3U4";

/// A persona with its network, person and identity.
type Part = (Persona, Id<network::Entity>, Id<person::Entity>, Id<identity::Entity>);

/// The people and objects at the start of a scenario.
#[derive(Clone)]
pub struct Cast {
    pub network: Id<network::Entity>,
    pub region: Id<region::Entity>,
    pub franchise: Id<franchise::Entity>,
    pub client: Id<client::Entity>,
    pub team: Id<team::Entity>,
    /// The members behind leader and sponsor, and one without a login.
    pub leader: Id<member::Entity>,
    pub sponsor: Id<member::Entity>,
    pub quiet: Id<member::Entity>,
    /// The other franchise, with its client and team.
    pub other_franchise: Id<franchise::Entity>,
    pub other_client: Id<client::Entity>,
    pub other_team: Id<team::Entity>,
    pub other_member: Id<member::Entity>,
    /// The other network.
    pub abroad: Id<network::Entity>,
    people: Vec<Part>,
}

impl Cast {
    /// The network, person and identity of a persona.
    pub fn person(&self, who: Persona) -> (Id<network::Entity>, Id<person::Entity>, Id<identity::Entity>) {
        let found = self.people.iter().find(|(persona, ..)| *persona == who).expect("everybody is there");
        (found.1, found.2, found.3)
    }

    /// Inserts them all.
    pub async fn enter(kernel: &Arc<Kernel>) -> Cast {
        let seams = &kernel.seams;
        let mut cast = Cast {
            network: seams.id(),
            region: seams.id(),
            franchise: seams.id(),
            client: seams.id(),
            team: seams.id(),
            leader: seams.id(),
            sponsor: seams.id(),
            quiet: seams.id(),
            other_franchise: seams.id(),
            other_client: seams.id(),
            other_team: seams.id(),
            other_member: seams.id(),
            abroad: seams.id(),
            people: vec![],
        };
        cast.identities(kernel).await;
        cast.home(kernel).await;
        cast.elsewhere(kernel).await;
        cast
    }

    async fn identities(&mut self, kernel: &Arc<Kernel>) {
        let write = kernel.identity(None).await.expect("an identity transaction");
        let mut rows = vec![];
        for persona in Persona::ALL {
            let id = write.id();
            rows.push(identity::Model {
                id,
                email: persona.email(),
                password_hash: PASSWORD_HASH.to_owned(),
                password_changed_at: write.now(),
                created_at: write.now(),
                version: 1,
            });
            let network = if persona == Persona::Foreigner { self.abroad } else { self.network };
            self.people.push((persona, network, write.id(), id));
        }
        insert_rows::<identity::Entity>(&write, rows).await;
        write.commit_quietly().await.expect("identities");
    }

    async fn home(&self, kernel: &Arc<Kernel>) {
        let write = kernel.system(self.network).await.expect("a system transaction");
        let now = write.now();
        insert_network(&write, self.network, "Meridian").await;
        let region = region::Model {
            id: self.region,
            network_id: self.network,
            code: "TLI".into(),
            name: "London".into(),
            created_at: now,
            version: 1,
        };
        insert_rows::<region::Entity>(&write, vec![region]).await;
        let franchises = [(self.franchise, "Thameside"), (self.other_franchise, "Severnside")];
        let franchises = franchises.map(|(id, name)| franchise::Model {
            id,
            network_id: self.network,
            region_id: self.region,
            name: name.into(),
            legal_group: name.into(),
            status: FranchiseStatus::Active,
            created_at: now,
            version: 1,
        });
        insert_rows::<franchise::Entity>(&write, franchises.into()).await;
        self.people_of(&write, self.network).await;
        let clients = [
            (self.client, self.franchise, "Acorn Mills"),
            (self.other_client, self.other_franchise, "Beech Foods"),
        ];
        let clients = clients.map(|(id, franchise, name)| client::Model {
            id,
            network_id: self.network,
            franchise_id: franchise,
            region_id: self.region,
            name: name.into(),
            industry: "C".into(),
            size_band: SizeBand::Medium,
            time_zone: "Europe/London".into(),
            status: ClientStatus::Active,
            created_at: now,
            erased_at: None,
            legal_group: None,
            contract_starts_on: None,
            contract_ends_on: None,
            paused_at: None,
            archived_at: None,
            archived_from: None,
            version: 1,
        });
        insert_rows::<client::Entity>(&write, clients.into()).await;
        self.teams(&write).await;
        self.members(&write, now).await;
        self.memberships(&write, self.network).await;
        write.commit_quietly().await.expect("the network");
    }

    async fn teams(&self, write: &Write) {
        let leads = [(self.client, Persona::Facilitator), (self.other_client, Persona::Stranger)];
        let leads = leads.map(|(client, who)| assignment::Model {
            id: write.id(),
            network_id: self.network,
            client_id: client,
            person_id: self.person(who).1,
            part: AssignmentPart::Lead,
            starts_at: write.now(),
            ends_at: None,
            version: 1,
        });
        insert_rows::<assignment::Entity>(write, leads.into()).await;
        let teams = [(self.team, self.client), (self.other_team, self.other_client)];
        let teams = teams.map(|(id, client)| team::Model {
            id,
            network_id: self.network,
            client_id: client,
            name: "Leadership team".into(),
            created_at: write.now(),
            archived_at: None,
            version: 1,
        });
        insert_rows::<team::Entity>(write, teams.into()).await;
    }

    async fn members(&self, write: &Write, now: DateTime<Utc>) {
        let members = [
            (self.leader, self.client, self.team, Some(Persona::Leader), "Lena Leader"),
            (self.sponsor, self.client, self.team, Some(Persona::Sponsor), "Sami Sponsor"),
            (self.quiet, self.client, self.team, None, "Quentin Quiet"),
            (self.other_member, self.other_client, self.other_team, None, "Olu Other"),
        ];
        let members = members.map(|(id, client, team, who, name)| member::Model {
            id,
            network_id: self.network,
            client_id: client,
            team_id: team,
            person_id: who.map(|who| self.person(who).1),
            name: name.into(),
            job_title: "Director".into(),
            email: None,
            status: MemberStatus::Active,
            created_at: now,
            removed_at: None,
            version: 1,
        });
        insert_rows::<member::Entity>(write, members.into()).await;
    }

    async fn elsewhere(&self, kernel: &Arc<Kernel>) {
        let write = kernel.system(self.abroad).await.expect("a system transaction");
        insert_network(&write, self.abroad, "Elsewhere").await;
        self.people_of(&write, self.abroad).await;
        self.memberships(&write, self.abroad).await;
        write.commit_quietly().await.expect("the other network");
    }

    async fn people_of(&self, write: &Write, network: Id<network::Entity>) {
        let people = self.people.iter().filter(|(_, at, ..)| *at == network);
        let people = people.map(|(persona, _, person, identity)| person::Model {
            id: *person,
            network_id: network,
            identity_id: Some(*identity),
            name: format!("{persona:?}"),
            email: persona.email(),
            created_at: write.now(),
            erased_at: None,
            version: 1,
        });
        insert_rows::<person::Entity>(write, people.collect()).await;
    }

    async fn memberships(&self, write: &Write, network: Id<network::Entity>) {
        let people = self.people.iter().filter(|(_, at, ..)| *at == network);
        let held = people.map(|(persona, _, person, _)| {
            let (franchise_id, client_id, team_id) = match persona {
                Persona::Admin | Persona::Analyst | Persona::Foreigner => (None, None, None),
                Persona::Owner | Persona::Facilitator => (Some(self.franchise), None, None),
                Persona::Stranger => (Some(self.other_franchise), None, None),
                Persona::Sponsor => (None, Some(self.client), None),
                Persona::Leader | Persona::Observer => (None, Some(self.client), Some(self.team)),
            };
            membership::Model {
                id: write.id(),
                network_id: network,
                person_id: *person,
                role: persona.role(),
                franchise_id,
                client_id,
                team_id,
                starts_at: write.now(),
                ends_at: None,
                created_at: write.now(),
                version: 1,
            }
        });
        insert_rows::<membership::Entity>(write, held.collect()).await;
    }
}

async fn insert_network(write: &Write, network: Id<network::Entity>, name: &str) {
    let row = network::Model {
        id: network,
        name: name.into(),
        time_zone: "Europe/London".into(),
        session_gap_days: 42,
        facilitators_override: false,
        locale: network::Locale::English,
        access_epoch: 1,
        created_at: write.now(),
        version: 1,
    };
    insert_rows::<network::Entity>(write, vec![row]).await;
    let lanes = (0..LANES).map(|lane| audit_lane::Model {
        network_id: network,
        lane,
        sequence: 0,
        hash: String::new(),
    });
    insert_rows::<audit_lane::Entity>(write, lanes.collect()).await;
    // IDs of their own, so that all others are as they would be without a classification
    let mut last = network.uuid().as_u128();
    let entries = new_entries(network, write.now(), || {
        last += 1 << 20;
        Id::new(Uuid::from_u128(last))
    });
    insert_rows::<classification::Entity>(write, entries).await;
}

async fn insert_rows<E: EntityTrait>(write: &Write, rows: Vec<E::Model>)
where
    E::Model: IntoActiveModel<E::ActiveModel>,
    E::ActiveModel: sea_orm::ActiveModelBehavior + Send,
{
    let rows = rows.into_iter().map(|row| row.into_active_model().reset_all()).collect();
    write.insert_unaudited::<E>(rows).await.expect("rows");
}
