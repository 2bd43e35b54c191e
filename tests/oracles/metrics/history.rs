//! Random histories: clients in several time zones, whose teams did all there is to do at any time, and now and then at
//! the very instant that makes a difference.

use crate::kit::{
    World,
    fixtures::{self, Model, TeamFixtures, add},
};
use chrono::{DateTime, Datelike, Days, NaiveDate, TimeDelta, Utc};
use concord::{
    features::check_in::rules::{Slot, week, weeks_between},
    kernel::{Write, Zone, end_of_day},
};
use entity::{
    Id,
    action::{self, ActionStatus},
    alignment_round::{self, AlignmentStatus},
    check_in::{self, CheckInStatus},
    check_in_rhythm, check_in_slot, client,
    cycle::{self, CycleStatus},
    decision::{self, DecisionStatus},
    obstacle::{self, ObstacleStatus},
    priority::{self, PriorityStatus},
    programme::{self, ProgrammeStatus},
    programme_pause,
    review::{self, ReviewStatus},
    review_cadence,
    stage_event::{self, StageEventKind},
    stage_run,
};
use rand::RngExt;
use rand_chacha::ChaCha20Rng;
use sea_orm::{ActiveValue::Set, IntoActiveModel};
use std::collections::BTreeSet;

type At = DateTime<Utc>;

const ZONES: [&str; 5] =
    ["Europe/London", "Pacific/Auckland", "America/Los_Angeles", "Asia/Beirut", "America/Sao_Paulo"];

/// A client's past in the making.
pub struct History<'h> {
    pub source: &'h mut ChaCha20Rng,
    pub write: &'h Write,
    /// The last day that is looked at.
    pub day: NaiveDate,
    zone: &'static str,
    fixture: TeamFixtures,
}

/// Writes clients with their pasts. Their ids.
pub async fn make(
    world: &World,
    source: &mut ChaCha20Rng,
    model: &Model,
    home: &TeamFixtures,
    day: NaiveDate,
    clients: usize,
) -> Vec<Id<client::Entity>> {
    let write = world.app.kernel.system(world.cast.network).await.expect("a system transaction");
    let mut made = vec![];
    for at in 0..clients {
        let mut fixture = home.clone();
        fixture.client = fixtures::client(&write, &fixture).await;
        let zone = ZONES[at % ZONES.len()];
        let row = write.find::<client::Entity>(fixture.client).await.expect("a look").expect("the client");
        let mut change = row.into_active_model();
        change.time_zone = Set(zone.to_owned());
        fixtures::set::<client::Entity>(&write, change).await;
        let weeks = weeks_between(
            fixture.network,
            Zone::find(zone).expect("a zone"),
            day - Days::new(160),
            day + Days::new(40),
        );
        let weeks = weeks.into_iter().map(IntoActiveModel::into_active_model).collect();
        write.insert_missing_unaudited::<check_in_slot::Entity>(weeks).await.expect("weeks");
        made.push(fixture.client);
        for _ in 0..source.random_range(1..=2) {
            fixture.team = fixtures::team(&write, &fixture).await;
            fixture.owner = fixtures::member(&write, &fixture, None).await;
            let mut history = History { source, write: &write, day, zone, fixture: fixture.clone() };
            history.happen(model).await;
        }
    }
    write.commit_quietly().await.expect("pasts");
    made
}

impl History<'_> {
    async fn happen(&mut self, model: &Model) {
        self.programme(model).await;
        let decisions = self.decisions().await;
        self.reviews().await;
        let rhythms = self.rhythms().await;
        let priorities = self.priorities(&rhythms, &decisions).await;
        self.actions(&decisions, &priorities).await;
        self.rounds().await;
        self.obstacles().await;
    }

    fn chance(&mut self, percent: u32) -> bool {
        self.source.random_range(0..100) < percent
    }
    fn pick<T: Copy>(&mut self, from: &[T]) -> T {
        from[self.source.random_range(0..from.len())]
    }
    /// One of the borders of the windows, or any time around them.
    fn moment(&mut self) -> At {
        let back = self.pick(&[0, 0, 91, 91, 30, 14, 7]);
        let border = end_of_day(self.day - Days::new(back), self.zone).expect("a zone");
        match self.source.random_range(0..10) {
            0 => border,
            1 => border + TimeDelta::seconds(self.pick(&[-1, 1])),
            2 => border + TimeDelta::milliseconds(self.pick(&[-1, 1, 500])),
            _ => {
                border + TimeDelta::milliseconds(self.source.random_range(-130 * 86_400_000..20 * 86_400_000))
            }
        }
    }
    /// So long after an instant, or just so long after it that it makes a difference.
    fn after(&mut self, at: At, days: i64, border: i64) -> At {
        if self.chance(20) {
            let more = self.pick(&[-1, 0, 0, 1]);
            return at + TimeDelta::seconds(border + more);
        }
        at + TimeDelta::milliseconds(self.source.random_range(0..days * 86_400_000))
    }

    async fn programme(&mut self, model: &Model) {
        if self.chance(15) {
            return;
        }
        let run = fixtures::programme(self.write, &self.fixture, model, ProgrammeStatus::Active).await;
        if self.chance(30) {
            let row = self.write.find::<programme::Entity>(run.programme).await.expect("a look");
            let mut change = row.expect("the programme").into_active_model();
            change.status = Set(ProgrammeStatus::Terminated);
            change.ended_at = Set(Some(self.moment()));
            fixtures::set::<programme::Entity>(self.write, change).await;
        }
        for stage in [run.passed, run.open] {
            let row = self.write.find::<stage_run::Entity>(stage).await.expect("a look").expect("the stage");
            let mut change = row.into_active_model();
            change.planned_days = Set(self.source.random_range(1..60));
            fixtures::set::<stage_run::Entity>(self.write, change).await;
            for _ in 0..self.source.random_range(0..5) {
                use StageEventKind::{Moved, Opened, Overridden, Passed, Reopened};
                let kind = self.pick(&[Opened, Opened, Reopened, Passed, Passed, Overridden, Moved]);
                let row = stage_event::Model {
                    id: self.write.id(),
                    network_id: self.fixture.network,
                    client_id: self.fixture.client,
                    team_id: self.fixture.team,
                    stage_run_id: stage,
                    kind,
                    person_id: self.fixture.person,
                    reason: None,
                    at: self.moment(),
                };
                add::<stage_event::Entity>(self.write, row).await;
            }
        }
        self.pauses(run.programme).await;
    }

    async fn pauses(&mut self, programme: Id<programme::Entity>) {
        let mut times: Vec<At> = (0..2 * self.source.random_range(0..3)).map(|_| self.moment()).collect();
        times.sort();
        times.dedup();
        for pair in times.chunks(2) {
            let last = pair == &times[times.len().saturating_sub(pair.len())..];
            let lasts = last && self.chance(30);
            let row = programme_pause::Model {
                id: self.write.id(),
                network_id: self.fixture.network,
                client_id: self.fixture.client,
                team_id: self.fixture.team,
                programme_id: programme,
                starts_at: pair[0],
                ends_at: pair.get(1).copied().filter(|_| !lasts),
            };
            add::<programme_pause::Entity>(self.write, row).await;
        }
    }

    async fn decisions(&mut self) -> Vec<Id<decision::Entity>> {
        let mut made = vec![];
        for _ in 0..self.source.random_range(2..14) {
            use DecisionStatus::{Proposed, Ratified, Revoked, Superseded};
            let status = self.pick(&[Proposed, Ratified, Ratified, Ratified, Superseded, Revoked]);
            let ratified_at = (status != Proposed).then(|| self.moment());
            let border = self.pick(&[48 * 3600, 14 * 86_400]);
            let ended_at = ratified_at.filter(|_| matches!(status, Superseded | Revoked));
            let ended_at = ended_at.map(|at| self.after(at, 30, border));
            let id = self.write.id();
            let row = decision::Model {
                id,
                network_id: self.fixture.network,
                client_id: self.fixture.client,
                team_id: self.fixture.team,
                stage_run_id: None,
                session_id: None,
                obstacle_id: None,
                supersedes_id: None,
                owner_id: None,
                title: fixtures::name(self.write, "Decision"),
                text: "So be it".into(),
                rationale: String::new(),
                status,
                review_on: None,
                needs_no_action: self.chance(15),
                wording: 1,
                stances: 0,
                reopenings: 0,
                read_back: 0,
                matching: 0,
                differing: 0,
                proposed_at: ratified_at.unwrap_or_else(|| self.write.now()),
                ratified_at,
                ended_at,
                reason: None,
                version: 1,
            };
            add::<decision::Entity>(self.write, row).await;
            made.push(id);
        }
        made
    }

    async fn actions(&mut self, decisions: &[Id<decision::Entity>], priorities: &[Id<priority::Entity>]) {
        for _ in 0..self.source.random_range(0..40) {
            let mut row = self.action(decisions);
            let serves = self.chance(35) && !priorities.is_empty();
            row.priority_id = serves.then(|| self.pick(priorities));
            add::<action::Entity>(self.write, row).await;
        }
    }

    fn action(&mut self, decisions: &[Id<decision::Entity>]) -> action::Model {
        use ActionStatus::{Accepted, Cancelled, Declined, Done, Offered};
        let status =
            self.pick(&[Offered, Accepted, Accepted, Declined, Done, Done, Done, Cancelled, Cancelled]);
        let first_offered_at = self.moment();
        let promised = matches!(status, Accepted | Done) || self.chance(50);
        let first_accepted_at = promised.then(|| self.after(first_offered_at, 12, 7 * 86_400));
        let near = self.moment();
        let baseline_on = near.date_naive();
        let baseline_at = promised.then(|| end_of_day(baseline_on, self.zone).expect("a zone"));
        let closed_at =
            matches!(status, Declined | Done | Cancelled).then(|| match self.source.random_range(0..3) {
                0 => self.after(first_offered_at, 9, 48 * 3600),
                1 => {
                    let at =
                        baseline_at.unwrap_or(near) + TimeDelta::seconds(self.source.random_range(-1..2));
                    at.max(first_offered_at)
                }
                _ => self.after(first_offered_at, 60, 48 * 3600),
            });
        let [one, other] = [35, 40].map(|percent| self.chance(percent) && !decisions.is_empty());
        action::Model {
            id: self.write.id(),
            network_id: self.fixture.network,
            client_id: self.fixture.client,
            team_id: self.fixture.team,
            priority_id: None,
            session_id: None,
            decision_id: one.then(|| self.pick(decisions)),
            obstacle_id: None,
            owner_id: self.fixture.owner,
            title: "Call".into(),
            detail: String::new(),
            status,
            due_on: baseline_on,
            due_at: end_of_day(baseline_on, self.zone).expect("a zone"),
            baseline_on: promised.then_some(baseline_on),
            baseline_at,
            moves: 0,
            offered_at: first_offered_at,
            accepted_at: first_accepted_at,
            closed_at,
            first_offered_at,
            first_accepted_at,
            cancelled_by_id: (other && status == Cancelled).then(|| self.pick(decisions)),
            reason: None,
            version: 1,
        }
    }

    async fn reviews(&mut self) {
        let cadence = review_cadence::Model {
            id: self.write.id(),
            network_id: self.fixture.network,
            client_id: self.fixture.client,
            team_id: self.fixture.team,
            unit: review_cadence::CadenceUnit::Week,
            every: 1,
            anchor_on: self.day,
            local_time: "09:00".into(),
            next_number: 30,
            top_up_at: self.write.now(),
            created_at: self.write.now(),
            ended_at: Some(self.write.now()),
            version: 1,
        };
        let of = cadence.id;
        add::<review_cadence::Entity>(self.write, cadence).await;
        for number in 0..self.source.random_range(0..14) {
            use ReviewStatus::{Due, Excused, Late, Met, Missed};
            let status = self.pick(&[Due, Met, Met, Met, Late, Missed, Excused]);
            let due_at = self.moment();
            let grace_ends_at =
                if self.chance(30) { self.moment().max(due_at) } else { due_at + TimeDelta::days(2) };
            let held = matches!(status, Met | Late);
            let row = review::Model {
                id: self.write.id(),
                network_id: self.fixture.network,
                client_id: self.fixture.client,
                team_id: self.fixture.team,
                review_cadence_id: of,
                number,
                due_on: due_at.date_naive(),
                due_at,
                opens_at: due_at - TimeDelta::days(2),
                grace_ends_at,
                closes_at: grace_ends_at + TimeDelta::days(2),
                status,
                session_id: None,
                held_at: held.then_some(due_at),
                quorate: held.then(|| self.chance(75)),
                version: 1,
            };
            add::<review::Entity>(self.write, row).await;
        }
    }

    /// Weekly here, and there as often as a cadence was that came and went.
    async fn rhythms(&mut self) -> Vec<check_in_rhythm::Model> {
        let (mut next, end) = (week(self.day - Days::new(150)), week(self.day));
        let mut made = vec![];
        while self.chance(70) && next < end {
            let first_week = next + self.source.random_range(0..6);
            let last_week = first_week + self.source.random_range(0..20);
            let row = check_in_rhythm::Model {
                id: self.write.id(),
                network_id: self.fixture.network,
                client_id: self.fixture.client,
                team_id: self.fixture.team,
                weeks: self.pick(&[2, 2, 3, 4, 4, 13]),
                first_week,
                last_week: (last_week < end || self.chance(30)).then_some(last_week),
            };
            next = if row.last_week.is_some() { last_week + 1 } else { end };
            add::<check_in_rhythm::Entity>(self.write, row.clone()).await;
            made.push(row);
        }
        made
    }

    async fn priorities(
        &mut self,
        rhythms: &[check_in_rhythm::Model],
        decisions: &[Id<decision::Entity>],
    ) -> Vec<Id<priority::Entity>> {
        let mut made = vec![];
        for number in 0..self.source.random_range(0..5) {
            let status = self.pick(&[
                CycleStatus::Open,
                CycleStatus::Locked,
                CycleStatus::Closed,
                CycleStatus::Closed,
            ]);
            let locked_at = (status != CycleStatus::Open && self.chance(90)).then(|| self.moment());
            let closed_at = (status == CycleStatus::Closed).then(|| {
                let closed = self.moment();
                if self.chance(20) {
                    end_of_day(self.day - Days::new(365), self.zone).expect("a zone")
                } else {
                    closed
                }
            });
            let row = cycle::Model {
                id: self.write.id(),
                network_id: self.fixture.network,
                client_id: self.fixture.client,
                team_id: self.fixture.team,
                year_id: None,
                label: format!("Cycle {number}"),
                starts_on: self.day,
                ends_on: self.day,
                status,
                committed: 0,
                added: 0,
                dropped: 0,
                achieved: 0,
                missed: 0,
                locked_at,
                closed_at,
                created_at: self.write.now(),
                version: 1,
            };
            let cycle = row.clone();
            add::<cycle::Entity>(self.write, row).await;
            for rank in 1..self.source.random_range(1..9) {
                let decision = self.chance(40).then(|| self.pick(decisions));
                made.push(self.priority(&cycle, rank, rhythms, decision).await);
            }
        }
        made
    }

    async fn priority(
        &mut self,
        cycle: &cycle::Model,
        rank: i32,
        rhythms: &[check_in_rhythm::Model],
        decision_id: Option<Id<decision::Entity>>,
    ) -> Id<priority::Entity> {
        use PriorityStatus::{Achieved, Committed, Dropped, Missed, Proposed};
        let status =
            self.pick(&[Proposed, Committed, Committed, Achieved, Achieved, Missed, Dropped, Dropped]);
        let created_at = self.moment();
        let committed = status != Proposed && (status != Dropped || self.chance(70));
        let committed_at = committed.then(|| self.after(created_at, 5, 0));
        let closes = matches!(status, Achieved | Missed | Dropped);
        let closed_at = closes.then(|| match cycle.locked_at {
            Some(locked) if self.chance(30) => locked.max(created_at),
            _ => self.after(created_at, 60, 48 * 3600),
        });
        let row = priority::Model {
            id: self.write.id(),
            network_id: self.fixture.network,
            client_id: self.fixture.client,
            team_id: self.fixture.team,
            stage_run_id: None,
            decision_id,
            target_id: None,
            owner_id: self.fixture.owner,
            cycle_id: cycle.id,
            cycle: cycle.label.clone(),
            title: "Grow".into(),
            outcome: String::new(),
            rank,
            status,
            due_on: self.day,
            due_at: end_of_day(self.day, self.zone).expect("a zone"),
            committed_at,
            closed_at,
            reason: None,
            carried_from_id: None,
            added_after_lock: committed && self.chance(25),
            dropped_after_lock: committed && status == Dropped && self.chance(60),
            created_at,
            version: 1,
        };
        let id = row.id;
        add::<priority::Entity>(self.write, row).await;
        let (mut slots, rhythms) = (BTreeSet::new(), rhythms.iter().collect::<Vec<_>>());
        for _ in 0..self.source.random_range(0..14) {
            let day = self.day - Days::new(self.source.random_range(0..120));
            let monday = Slot::of(week(day), &rhythms).starts_on();
            if slots.insert(monday) {
                self.check_in(id, monday).await;
            }
        }
        id
    }

    async fn check_in(&mut self, priority: Id<priority::Entity>, monday: NaiveDate) {
        let at = end_of_day(monday, self.zone).expect("a zone");
        let replaced = self.chance(20);
        let first_id = self.write.id();
        for again in 0..=i64::from(replaced) {
            let id = if again == 0 { first_id } else { self.write.id() };
            let row = check_in::Model {
                id,
                network_id: self.fixture.network,
                client_id: self.fixture.client,
                team_id: self.fixture.team,
                priority_id: Some(priority),
                action_id: None,
                slot_on: monday,
                first_id,
                owner_id: self.fixture.owner,
                person_id: self.fixture.person,
                by_owner: self.chance(75),
                status: CheckInStatus::AtRisk,
                confidence: 3,
                comment: String::new(),
                at: at + TimeDelta::days(again * i64::from(monday.day() % 5)),
                replaced_at: (again == 0 && replaced).then_some(at),
            };
            add::<check_in::Entity>(self.write, row).await;
        }
    }

    async fn rounds(&mut self) {
        let mut first = None;
        for _ in 0..self.source.random_range(0..4) {
            let revealed = self.chance(80);
            let measured = revealed && self.chance(70);
            let revote_of_id = self.chance(20).then_some(first).flatten();
            let revealed_at = revealed.then(|| self.moment() - TimeDelta::days(self.pick(&[0, 0, 0, 274])));
            let row = alignment_round::Model {
                id: self.write.id(),
                network_id: self.fixture.network,
                client_id: self.fixture.client,
                team_id: self.fixture.team,
                session_id: None,
                compared_id: None,
                revote_of_id,
                pulse_days: None,
                next_pulse_at: None,
                title: "Where we stand".into(),
                status: if revealed { AlignmentStatus::Revealed } else { AlignmentStatus::Open },
                disclosure: None,
                closes_on: None,
                closes_at: None,
                answered: 5,
                counting: 5,
                members: 6,
                opened_at: self.write.now(),
                sealed_at: None,
                revealed_at,
                ratings: measured.then(|| self.source.random_range(1..60)),
                level: measured.then(|| self.source.random_range(0..=20) * 500),
                agreement: measured.then(|| self.source.random_range(0..=20) * 500),
                version: 1,
            };
            first = first.or(Some(row.id));
            add::<alignment_round::Entity>(self.write, row).await;
        }
    }

    async fn obstacles(&mut self) {
        for _ in 0..self.source.random_range(0..16) {
            let raised_at = self.moment();
            let resolved_at = self.chance(60).then(|| self.after(raised_at, 50, 30 * 86_400));
            let row = obstacle::Model {
                id: self.write.id(),
                network_id: self.fixture.network,
                client_id: self.fixture.client,
                team_id: self.fixture.team,
                priority_id: None,
                session_id: None,
                raised_by_id: None,
                title: "A wall".into(),
                detail: String::new(),
                severity: obstacle::Severity::Low,
                status: if resolved_at.is_some() { ObstacleStatus::Resolved } else { ObstacleStatus::Parked },
                raised_at,
                discussed_at: raised_at,
                discussions: 0,
                prioritised_at: None,
                resolved_at,
                reason: None,
                version: 1,
            };
            add::<obstacle::Entity>(self.write, row).await;
        }
    }
}
