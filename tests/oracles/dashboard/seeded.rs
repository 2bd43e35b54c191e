//! A seeded network in which anything may happen, and what its dashboards say.

use super::{FIGURES, plain};
use crate::kit::{Answered, World, assert_counts};
use chrono::{DateTime, TimeDelta, Utc};
use concord::{
    kernel::{Write, end_of_day},
    seed::{Plan, seed},
};
use entity::{
    Id, action, action::ActionStatus, assignment, assignment::AssignmentPart, client, client::ClientStatus,
    drift_signal, drift_signal::DriftCause, drift_signal::DriftStatus, drift_signal::DriftUnit, franchise,
    membership::MembershipRole, network, person, programme, programme::ProgrammeStatus, region, review,
    review::ReviewStatus, review_cadence, review_cadence::CadenceUnit, stage_run, stage_run::StageStatus,
    team, template_version,
};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha20Rng;
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, DatabaseConnection, EntityTrait, IntoActiveModel,
    QueryFilter, QueryOrder,
};
use serde_json::{Value, json};

/// A seeded network, its people, and what a random act may touch.
pub struct Seeded {
    pub(super) network: Id<network::Entity>,
    pub(super) admin: person::Model,
    owner: person::Model,
    franchise: Id<franchise::Entity>,
    pub(super) behind: DatabaseConnection,
    rng: ChaCha20Rng,
}

impl Seeded {
    pub async fn new(world: &World) -> Seeded {
        let plan = Plan { networks: 1, facilitators: 3, clients_per_facilitator: 4, months: 9, seed: 11 };
        let hash = |_: &str| "nobody signs in".to_owned();
        let summary = seed(&world.app.kernel, &plan, &hash, &|_, _| ()).await.expect("seeds");
        let behind = world.home.behind().await;
        let network = summary.networks[0].0;
        let who = async |role: MembershipRole| {
            let found = summary.sign_ins.iter().find(|who| who.role == role).expect("somebody");
            let by = person::Entity::find().filter(person::Column::Email.eq(&found.email));
            by.one(&behind).await.expect("an answer").expect("the person")
        };
        let (admin, owner) =
            (who(MembershipRole::HeadOfficeAdmin).await, who(MembershipRole::FranchiseOwner).await);
        let held =
            entity::membership::Entity::find().filter(entity::membership::Column::PersonId.eq(owner.id));
        let held = held.one(&behind).await.expect("an answer").expect("a membership");
        let franchise = held.franchise_id.expect("a franchise");
        Seeded { network, admin, owner, franchise, behind, rng: ChaCha20Rng::seed_from_u64(5) }
    }

    pub(super) async fn ask(
        &self,
        world: &World,
        who: &person::Model,
        document: &str,
        variables: Value,
    ) -> Answered {
        let token = world.token_of(self.network, who.id, who.identity_id.expect("a sign-in"));
        let answered = world.send(Some(token), document, variables, None).await;
        assert_eq!(answered.json.get("errors"), None, "{}", answered.text);
        answered
    }

    /// The network's dashboard as head office reads it.
    pub(super) async fn network(&self, world: &World, as_of: Value) -> Value {
        let document =
            format!("query($on: Date) {{ viewer {{ network {{ dashboard(asOf: $on) {{ {FIGURES} }} }} }} }}");
        let answered = self.ask(world, &self.admin, &document, json!({ "on": as_of })).await;
        answered.json["data"]["viewer"]["network"]["dashboard"].clone()
    }

    /// The franchise's as its owner reads it.
    async fn franchise(&self, world: &World) -> Value {
        let document = format!("query($id: ID!) {{ franchise(id: $id) {{ dashboard {{ {FIGURES} }} }} }}");
        let id = json!({ "id": self.franchise.to_string() });
        self.ask(world, &self.owner, &document, id).await.json["data"]["franchise"]["dashboard"].clone()
    }

    /// Both say what the rows say.
    pub async fn agree(&self, world: &World, when: &str) {
        let now = world.seams.now();
        let told = plain::settled(self.network(world, Value::Null).await);
        plain::compare(&told, &plain::aggregate(&self.behind, self.network, None, now).await, when);
        let told = plain::settled(self.franchise(world).await);
        plain::compare(
            &told,
            &plain::aggregate(&self.behind, self.network, Some(self.franchise), now).await,
            when,
        );
        assert_counts(&self.behind).await;
    }

    pub(super) fn below(&mut self, count: usize) -> usize {
        self.rng.random_range(0..count.max(1))
    }

    async fn any<E: EntityTrait>(&mut self, network: E::Column, id: E::Column) -> E::Model
    where
        E::Model: Send + Sync,
    {
        let rows = E::find()
            .filter(network.eq(self.network))
            .order_by_asc(id)
            .all(&self.behind)
            .await
            .expect("rows");
        let at = self.below(rows.len());
        rows.into_iter().nth(at).expect("a row")
    }

    /// An instant within some days of now: now and then on the end of a day somewhere.
    fn around(&mut self, now: DateTime<Utc>, days: i64) -> DateTime<Utc> {
        let minutes = self.rng.random_range(-days * 1440..days * 1440);
        let at = now + TimeDelta::minutes(minutes);
        let zone =
            ["Europe/London", "Asia/Kathmandu", "Pacific/Auckland", "America/Los_Angeles"][self.below(4)];
        if self.below(2) == 0 { at } else { end_of_day(at.date_naive(), zone).expect("a zone") }
    }

    /// Something happens, by rows alone: the rules would let less of it happen.
    pub(super) async fn act(&mut self, world: &World) -> &'static str {
        let write = world.app.kernel.system(self.network).await.expect("a system transaction");
        let now = write.now();
        let what = match self.below(15) {
            0..4 => self.touch_action(&write, now).await,
            4 => self.add_action(&write, now).await,
            5 | 6 => self.touch_client(&write).await,
            7 | 8 => self.touch_stage(&write, now).await,
            9 => self.touch_programme(&write, now).await,
            10 => self.touch_review(&write, now).await,
            11..14 => self.touch_assignment(&write, now).await,
            _ => self.touch_drift(&write, now).await,
        };
        write.commit_quietly().await.expect("a commit");
        what
    }

    fn status(&mut self) -> ActionStatus {
        use ActionStatus::*;
        [Accepted, Accepted, Done, Done, Offered, Cancelled, Declined][self.below(7)]
    }

    async fn touch_action(&mut self, write: &Write, now: DateTime<Utc>) -> &'static str {
        let mut change = self
            .any::<action::Entity>(action::Column::NetworkId, action::Column::Id)
            .await
            .into_active_model();
        if self.below(3) > 0 {
            change.status = Set(self.status());
        }
        if self.below(2) > 0 {
            change.due_at = Set(self.around(now, 4));
        }
        crate::kit::fixtures::set::<action::Entity>(write, change).await;
        "an action"
    }

    async fn add_action(&mut self, write: &Write, now: DateTime<Utc>) -> &'static str {
        let like = self.any::<action::Entity>(action::Column::NetworkId, action::Column::Id).await;
        let (due_at, status) = (self.around(now, 4), self.status());
        let row = action::Model { id: write.id(), status, due_at, ..like };
        write
            .insert_unaudited::<action::Entity>(vec![row.into_active_model().reset_all()])
            .await
            .expect("an action");
        "another action"
    }

    async fn touch_client(&mut self, write: &Write) -> &'static str {
        let client = self.any::<client::Entity>(client::Column::NetworkId, client::Column::Id).await;
        let region = self.any::<region::Entity>(region::Column::NetworkId, region::Column::Id).await;
        let to = self.any::<franchise::Entity>(franchise::Column::NetworkId, franchise::Column::Id).await;
        let archived = client.status == ClientStatus::Archived;
        let mut change = client.into_active_model();
        match self.below(3) {
            0 => change.region_id = Set(region.id),
            1 => change.franchise_id = Set(to.id),
            _ => change.status = Set(if archived { ClientStatus::Active } else { ClientStatus::Archived }),
        }
        crate::kit::fixtures::set::<client::Entity>(write, change).await;
        "a client"
    }

    /// Somebody runs a client's programme, or does so no longer: now, sooner, or later.
    async fn touch_assignment(&mut self, write: &Write, now: DateTime<Utc>) -> &'static str {
        use AssignmentPart::*;
        let any = self.any::<assignment::Entity>(assignment::Column::NetworkId, assignment::Column::Id).await;
        let at = self.around(now, 4);
        let mut change = any.clone().into_active_model();
        match self.below(4) {
            0 if any.part != Lead => change.part = Set(if any.part == Co { Observer } else { Co }),
            0 | 1 => change.starts_at = Set(at),
            2 => change.ends_at = Set(Some(at)),
            _ => {
                let to = self.any::<client::Entity>(client::Column::NetworkId, client::Column::Id).await;
                let known = assignment::Entity::find()
                    .filter(assignment::Column::ClientId.eq(to.id))
                    .filter(assignment::Column::PersonId.eq(any.person_id))
                    .filter(assignment::Column::EndsAt.is_null());
                let known = known.one(&self.behind).await.expect("an answer").is_some();
                let until = self.around(now, 8);
                let row = assignment::Model {
                    id: write.id(),
                    client_id: to.id,
                    part: Co,
                    starts_at: at,
                    ends_at: (known || self.below(2) == 0).then_some(until),
                    ..any
                };
                let row = row.into_active_model().reset_all();
                write.insert_unaudited::<assignment::Entity>(vec![row]).await.expect("an assignment");
                return "another assignment";
            }
        }
        crate::kit::fixtures::set::<assignment::Entity>(write, change).await;
        "an assignment"
    }

    pub(super) async fn touch_stage(&mut self, write: &Write, now: DateTime<Utc>) -> &'static str {
        let stage = self.any::<stage_run::Entity>(stage_run::Column::NetworkId, stage_run::Column::Id).await;
        let others = stage_run::Entity::find()
            .filter(stage_run::Column::ProgrammeId.eq(stage.programme_id))
            .filter(stage_run::Column::Status.eq(StageStatus::Open));
        let open = others.one(&self.behind).await.expect("an answer");
        let opened = now - TimeDelta::hours(self.below(4000) as i64);
        let to = [StageStatus::Locked, StageStatus::Open, StageStatus::Passed][self.below(3)];
        if to == StageStatus::Open && open.is_some_and(|other| other.id != stage.id) {
            return "nothing";
        }
        let mut change = stage.into_active_model();
        change.opened_at = Set((to != StageStatus::Locked).then_some(opened));
        change.passed_at = Set(
            (to == StageStatus::Passed).then_some(opened + TimeDelta::minutes(self.below(40_000) as i64))
        );
        change.status = Set(to);
        crate::kit::fixtures::set::<stage_run::Entity>(write, change).await;
        "a stage"
    }

    async fn touch_programme(&mut self, write: &Write, now: DateTime<Utc>) -> &'static str {
        use ProgrammeStatus::*;
        let programme =
            self.any::<programme::Entity>(programme::Column::NetworkId, programme::Column::Id).await;
        let version = self
            .any::<template_version::Entity>(
                template_version::Column::NetworkId,
                template_version::Column::Id,
            )
            .await;
        let to = [Planned, Active, Paused, Completed, Terminated][self.below(5)];
        let runs = [Planned, Active, Paused];
        let others = programme::Entity::find()
            .filter(programme::Column::TeamId.eq(programme.team_id))
            .filter(programme::Column::Id.ne(programme.id))
            .filter(programme::Column::Status.is_in(runs));
        if runs.contains(&to) && others.one(&self.behind).await.expect("an answer").is_some() {
            return "nothing";
        }
        let mut change = programme.into_active_model();
        change.started_at = Set((to != Planned).then_some(now - TimeDelta::days(self.below(500) as i64)));
        change.ended_at = Set(matches!(to, Completed | Terminated).then_some(now));
        change.template_version_id = Set(version.id);
        change.status = Set(to);
        crate::kit::fixtures::set::<programme::Entity>(write, change).await;
        "a programme"
    }

    async fn touch_review(&mut self, write: &Write, now: DateTime<Utc>) -> &'static str {
        use ReviewStatus::*;
        let status = [Due, Met, Late, Missed, Excused][self.below(5)];
        let due_at = self.around(now, 120);
        let known =
            review::Entity::find().filter(review::Column::NetworkId.eq(self.network)).all(&self.behind).await;
        let known = known.expect("reviews");
        let any = known.get(self.below(known.len())).cloned();
        match (self.below(4), any) {
            (0, Some(review)) => write.discard(review).await.expect("gone"),
            (1, Some(review)) => {
                let mut change = review.into_active_model();
                change.status = Set(status);
                change.due_at = Set(due_at);
                change.due_on = Set(due_at.date_naive());
                crate::kit::fixtures::set::<review::Entity>(write, change).await;
            }
            _ => self.add_review(write, status, due_at).await,
        }
        "a review"
    }

    async fn add_review(&mut self, write: &Write, status: ReviewStatus, due_at: DateTime<Utc>) {
        let team = self.any::<team::Entity>(team::Column::NetworkId, team::Column::Id).await;
        let cadence = review_cadence::Model {
            id: write.id(),
            network_id: team.network_id,
            client_id: team.client_id,
            team_id: team.id,
            unit: CadenceUnit::Week,
            every: 1,
            anchor_on: due_at.date_naive(),
            local_time: "09:00".into(),
            next_number: 2,
            top_up_at: due_at,
            created_at: due_at,
            ended_at: Some(due_at),
            version: 1,
        };
        let row = review::Model {
            id: write.id(),
            network_id: team.network_id,
            client_id: team.client_id,
            team_id: team.id,
            review_cadence_id: cadence.id,
            number: 1,
            due_on: due_at.date_naive(),
            due_at,
            opens_at: due_at,
            grace_ends_at: due_at,
            closes_at: due_at,
            status,
            session_id: None,
            held_at: None,
            quorate: None,
            version: 1,
        };
        write
            .insert_unaudited::<review_cadence::Entity>(vec![cadence.into_active_model().reset_all()])
            .await
            .expect("a cadence");
        write
            .insert_unaudited::<review::Entity>(vec![row.into_active_model().reset_all()])
            .await
            .expect("a review");
    }

    async fn touch_drift(&mut self, write: &Write, now: DateTime<Utc>) -> &'static str {
        use DriftCause::*;
        let cause = [CheckInsMissed, PastBaseline, Behind, Redated, ReviewGap, AgreementDown][self.below(6)];
        let known = drift_signal::Entity::find().filter(drift_signal::Column::NetworkId.eq(self.network));
        let known = known.all(&self.behind).await.expect("signals");
        if let Some(signal) = known.get(self.below(known.len())).cloned().filter(|_| self.below(2) == 0) {
            let mut change = signal.into_active_model();
            let to =
                [DriftStatus::Open, DriftStatus::Acknowledged, DriftStatus::Accepted, DriftStatus::Cleared];
            change.status = Set(to[self.below(4)]);
            crate::kit::fixtures::set::<drift_signal::Entity>(write, change).await;
            return "a signal";
        }
        let team = self.any::<team::Entity>(team::Column::NetworkId, team::Column::Id).await;
        let row = drift_signal::Model {
            id: write.id(),
            network_id: team.network_id,
            client_id: team.client_id,
            team_id: team.id,
            cause,
            subject_id: write.id::<()>().uuid(),
            action_id: None,
            priority_id: None,
            alignment_round_id: None,
            status: DriftStatus::Open,
            measured: 3,
            threshold: 2,
            unit: DriftUnit::Slots,
            since: now,
            progress: None,
            elapsed: None,
            current_measured: 3,
            current_progress: None,
            current_elapsed: None,
            answered_measured: None,
            on_next_agenda: false,
            note: None,
            raised_at: now,
            acknowledged_at: None,
            answered_at: None,
            ended_at: None,
            version: 1,
        };
        write
            .insert_unaudited::<drift_signal::Entity>(vec![row.into_active_model().reset_all()])
            .await
            .expect("a signal");
        "another signal"
    }
}
