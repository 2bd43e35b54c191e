//! The metrics again, slowly and obviously: one client, one metric, one row after the other. It reads all rows of a
//! client and asks of each thing what the definition says of it.

use chrono::{DateTime, Days, NaiveDate, Utc};
use concord::{features::metric::definition::definition, kernel::end_of_day};
use entity::{
    Id, action,
    action::ActionStatus,
    alignment_round, check_in, check_in_rhythm, check_in_slot, client, cycle,
    cycle::CycleStatus,
    decision,
    decision::DecisionStatus,
    metric_value::{Metric, Metric::*, MetricReason},
    obstacle, priority,
    priority::PriorityStatus,
    programme, programme_pause, review,
    review::ReviewStatus,
    stage_event,
    stage_event::StageEventKind,
    stage_run, team,
};
use sea_orm::{ColumnTrait, DatabaseConnection, EntityTrait, QueryFilter, QueryOrder};
use std::collections::{BTreeMap, BTreeSet};

type At = DateTime<Utc>;

const DAY: i64 = 86_400;
const VOID: i64 = 48 * 3600;

/// What a metric comes to: numerator, denominator, value, and why there is none.
pub type Figure = (Option<i64>, i64, Option<i64>, Option<MetricReason>);

/// All that there is of a client.
pub struct Rows {
    client: client::Model,
    weeks: Vec<check_in_slot::Model>,
    rhythms: Vec<check_in_rhythm::Model>,
    pauses: Vec<programme_pause::Model>,
    actions: Vec<action::Model>,
    decisions: Vec<decision::Model>,
    reviews: Vec<review::Model>,
    priorities: Vec<priority::Model>,
    cycles: Vec<cycle::Model>,
    check_ins: Vec<check_in::Model>,
    rounds: Vec<alignment_round::Model>,
    programmes: Vec<programme::Model>,
    stages: Vec<stage_run::Model>,
    events: Vec<stage_event::Model>,
    obstacles: Vec<obstacle::Model>,
}

impl Rows {
    pub async fn of(behind: &DatabaseConnection, id: Id<client::Entity>) -> Rows {
        macro_rules! rows {
            ($noun:ident) => {
                $noun::Entity::find().filter($noun::Column::ClientId.eq(id)).all(behind).await.expect("rows")
            };
        }
        let client = client::Entity::find_by_id(id).one(behind).await.expect("a look").expect("the client");
        let weeks = check_in_slot::Entity::find()
            .filter(check_in_slot::Column::NetworkId.eq(client.network_id))
            .filter(check_in_slot::Column::TimeZone.eq(&client.time_zone))
            .order_by_asc(check_in_slot::Column::StartsOn);
        Rows {
            weeks: weeks.all(behind).await.expect("weeks"),
            rhythms: rows!(check_in_rhythm),
            client,
            pauses: rows!(programme_pause),
            actions: rows!(action),
            decisions: rows!(decision),
            reviews: rows!(review),
            priorities: rows!(priority),
            cycles: rows!(cycle),
            check_ins: rows!(check_in),
            rounds: rows!(alignment_round),
            programmes: rows!(programme),
            stages: rows!(stage_run),
            events: rows!(stage_event),
            obstacles: rows!(obstacle),
        }
    }

    /// The twelve metrics as of a day.
    pub fn measure(&self, day: NaiveDate) -> BTreeMap<Metric, Figure> {
        let ends = |back| end_of_day(day - Days::new(back), &self.client.time_zone).expect("a zone");
        let view = View { rows: self, start: ends(91), end: ends(0), year: ends(365) };
        let (level, agreement) = view.alignment();
        BTreeMap::from([
            (OnTimeActions, share(OnTimeActions, view.on_time())),
            (OverdueAge, view.overdue()),
            (DecisionFollowThrough, share(DecisionFollowThrough, view.decisions())),
            (CadenceAdherence, share(CadenceAdherence, view.reviews())),
            (CheckInCompliance, share(CheckInCompliance, view.check_ins())),
            (PriorityCompletion, share(PriorityCompletion, view.completion())),
            (PriorityChurn, share(PriorityChurn, view.churn())),
            (AlignmentLevel, level),
            (Agreement, agreement),
            (StagePace, share(StagePace, view.pace())),
            (ObstacleResolution, share(ObstacleResolution, view.obstacles())),
            (OwnershipAcceptance, share(OwnershipAcceptance, view.acceptance())),
        ])
    }
}

/// Halves go up.
fn rounded(numerator: i64, denominator: i64) -> i64 {
    let (whole, rest) = (numerator / denominator, numerator % denominator);
    whole + i64::from(2 * rest >= denominator)
}

fn share(metric: Metric, (numerator, denominator): (i64, i64)) -> Figure {
    if denominator < definition(metric).least_shown {
        return (Some(numerator), denominator, None, Some(MetricReason::TooFew));
    }
    (Some(numerator), denominator, Some(rounded(numerator * 10_000, denominator)), None)
}

/// How many of some things are as they should be.
fn of(verdicts: impl IntoIterator<Item = bool>) -> (i64, i64) {
    verdicts.into_iter().fold((0, 0), |(good, all), verdict| (good + i64::from(verdict), all + 1))
}

fn seconds(from: At, to: At) -> i64 {
    to.timestamp() - from.timestamp()
}

struct View<'r> {
    rows: &'r Rows,
    start: At,
    end: At,
    year: At,
}

impl View<'_> {
    /// A deadline of the window.
    fn falls_due(&self, deadline: At) -> bool {
        self.start < deadline && deadline <= self.end
    }
    /// An event of the window.
    fn happened(&self, at: At) -> bool {
        self.start <= at && at < self.end
    }

    fn pauses(&self, team: Id<team::Entity>) -> impl Iterator<Item = &programme_pause::Model> {
        self.rows.pauses.iter().filter(move |pause| pause.team_id == team)
    }
    /// The time between two instants, without pauses.
    fn worked(&self, team: Id<team::Entity>, from: At, to: At) -> i64 {
        let mut worked = seconds(from, to);
        for pause in self.pauses(team) {
            let ends_at = pause.ends_at.unwrap_or(to).min(to);
            worked -= seconds(pause.starts_at.max(from), ends_at).max(0);
        }
        worked
    }

    fn void(&self, action: &action::Model) -> bool {
        let Some(closed_at) = action.closed_at.filter(|at| *at < self.end) else { return false };
        action.status == ActionStatus::Cancelled && seconds(action.first_offered_at, closed_at) <= VOID
    }
    fn relieved(action: &action::Model, baseline: At) -> bool {
        action.status == ActionStatus::Cancelled
            && action.cancelled_by_id.is_some()
            && action.closed_at.is_some_and(|at| at < baseline)
    }
    /// What was promised for the window, with when.
    fn promised(&self) -> Vec<(&action::Model, At)> {
        let mut promised = vec![];
        for action in &self.rows.actions {
            let Some(baseline) = action.baseline_at else { continue };
            let paused = self.pauses(action.team_id).any(|pause| {
                pause.starts_at < baseline && pause.ends_at.is_none_or(|ends_at| ends_at >= baseline)
            });
            let out = self.void(action) || Self::relieved(action, baseline) || paused;
            if self.falls_due(baseline) && !out {
                promised.push((action, baseline));
            }
        }
        promised
    }
    fn in_time(action: &action::Model, baseline: At) -> bool {
        action.status == ActionStatus::Done && action.closed_at.is_some_and(|at| at < baseline)
    }
    fn done_at(&self, action: &action::Model) -> Option<At> {
        action.closed_at.filter(|at| action.status == ActionStatus::Done && *at < self.end)
    }

    fn on_time(&self) -> (i64, i64) {
        of(self.promised().into_iter().map(|(action, baseline)| Self::in_time(action, baseline)))
    }

    fn overdue(&self) -> Figure {
        let mut ages = vec![];
        for (action, baseline) in self.promised() {
            if !Self::in_time(action, baseline) {
                let until = self.done_at(action).unwrap_or(self.end);
                ages.push(self.worked(action.team_id, baseline, until));
            }
        }
        ages.sort_unstable();
        let late = ages.len() as i64;
        if late < definition(OverdueAge).least_shown {
            return (None, late, None, Some(MetricReason::TooFew));
        }
        let middle = ages[(ages.len() - 1) / 2] + ages[ages.len() / 2];
        (None, late, Some(rounded(middle * 10_000, 2 * DAY)), None)
    }

    /// Whether an action carries out a decision, by itself or by its priority.
    fn carries_out(&self, action: &action::Model, decision: &decision::Model) -> bool {
        let aim = self.rows.priorities.iter().find(|aim| Some(aim.id) == action.priority_id);
        action.decision_id == Some(decision.id) || aim.is_some_and(|aim| aim.decision_id == Some(decision.id))
    }

    fn decisions(&self) -> (i64, i64) {
        let mut verdicts = vec![];
        let promised = self.promised();
        for decision in &self.rows.decisions {
            let Some(ratified) = decision.ratified_at.filter(|at| *at < self.end) else { continue };
            let lasted = decision.ended_at.map(|at| seconds(ratified, at));
            let ended = decision.ended_at.is_some_and(|at| at < self.end);
            let revoked = decision.status == DecisionStatus::Revoked;
            let void = revoked && ended && lasted.is_some_and(|lasted| lasted <= VOID);
            let due: Vec<_> =
                promised.iter().filter(|(action, _)| self.carries_out(action, decision)).collect();
            if !due.is_empty() && !void {
                verdicts.push(due.iter().all(|(action, _)| self.done_at(action).is_some()));
                continue;
            }
            let taken_on = self.rows.actions.iter().any(|action| {
                self.carries_out(action, decision)
                    && action.first_accepted_at.is_some_and(|at| at < self.end)
                    && !self.void(action)
            });
            let fortnight = 14 * DAY;
            let came_of_age = seconds(ratified, self.start) < fortnight
                && self.worked(decision.team_id, ratified, self.end) >= fortnight;
            if !decision.needs_no_action
                && !taken_on
                && came_of_age
                && lasted.is_none_or(|lasted| lasted >= fortnight)
            {
                verdicts.push(false);
            }
        }
        of(verdicts)
    }

    fn acceptance(&self) -> (i64, i64) {
        let mut verdicts = vec![];
        for action in &self.rows.actions {
            let offered = action.first_offered_at;
            let waited = self.happened(offered) && self.worked(action.team_id, offered, self.end) >= 7 * DAY;
            if waited && !self.void(action) {
                let accepted = action.first_accepted_at;
                verdicts.push(accepted.is_some_and(|at| self.worked(action.team_id, offered, at) <= 7 * DAY));
            }
        }
        of(verdicts)
    }

    fn reviews(&self) -> (i64, i64) {
        let mut verdicts = vec![];
        for review in self.rows.reviews.iter().filter(|review| self.falls_due(review.grace_ends_at)) {
            let open = matches!(review.status, ReviewStatus::Due | ReviewStatus::Missed);
            let paused = self.pauses(review.team_id).any(|pause| {
                pause.starts_at < review.grace_ends_at
                    && pause.ends_at.is_none_or(|ends_at| ends_at > review.due_at)
            });
            if review.status != ReviewStatus::Excused && !(open && paused) {
                verdicts.push(review.status == ReviewStatus::Met && review.quorate == Some(true));
            }
        }
        of(verdicts)
    }

    /// A team's slots, each by its first and its last week: week after week, until one is full or its rhythm ends.
    fn slots(&self, team: Id<team::Entity>) -> Vec<(&check_in_slot::Model, &check_in_slot::Model)> {
        let monday = |week: i32| {
            let first = NaiveDate::from_ymd_opt(1970, 1, 5).expect("a Monday");
            first + Days::new(7 * u64::try_from(week).expect("a week since then"))
        };
        let (mut slots, mut begun): (Vec<_>, Vec<&check_in_slot::Model>) = (vec![], vec![]);
        for week in &self.rows.weeks {
            let rhythm = self.rows.rhythms.iter().filter(|rhythm| rhythm.team_id == team).find(|rhythm| {
                monday(rhythm.first_week) <= week.starts_on
                    && rhythm.last_week.is_none_or(|last| week.starts_on <= monday(last))
            });
            begun.push(week);
            let full = rhythm.is_none_or(|rhythm| {
                begun.len() as i32 == rhythm.weeks || rhythm.last_week.map(monday) == Some(week.starts_on)
            });
            if full {
                slots.push((begun[0], week));
                begun.clear();
            }
        }
        slots
    }

    fn check_ins(&self) -> (i64, i64) {
        let mut verdicts = vec![];
        for priority in &self.rows.priorities {
            let Some(committed) = priority.committed_at else { continue };
            let slots = self.slots(priority.team_id);
            for (first, last) in slots.into_iter().filter(|(_, last)| self.falls_due(last.ends_at)) {
                let whole = committed <= first.starts_at
                    && priority.closed_at.is_none_or(|closed| last.ends_at <= closed);
                let paused = self.pauses(priority.team_id).any(|pause| {
                    pause.starts_at < last.ends_at
                        && pause.ends_at.is_none_or(|ends_at| ends_at > first.starts_at)
                });
                if whole && !paused {
                    verdicts.push(self.rows.check_ins.iter().any(|said| {
                        said.priority_id == Some(priority.id)
                            && said.slot_on == first.starts_on
                            && said.at < self.end
                    }));
                }
            }
        }
        of(verdicts)
    }

    /// The priorities of each team's last two closed cycles that were meant.
    fn aims(&self) -> Vec<&priority::Model> {
        let mut cycles: Vec<(&cycle::Model, At)> = vec![];
        for cycle in self.rows.cycles.iter().filter(|cycle| cycle.status == CycleStatus::Closed) {
            let closed = cycle.closed_at.filter(|at| self.year <= *at && *at < self.end);
            cycles.extend(closed.map(|at| (cycle, at)));
        }
        cycles.sort_by_key(|(cycle, at)| std::cmp::Reverse((*at, cycle.id)));
        let teams: BTreeSet<_> = cycles.iter().map(|(cycle, _)| cycle.team_id).collect();
        let mut aims = vec![];
        for team in teams {
            for (cycle, _) in cycles.iter().filter(|(cycle, _)| cycle.team_id == team).take(2) {
                for priority in self.rows.priorities.iter().filter(|row| row.cycle_id == cycle.id) {
                    let dropped = priority.closed_at.filter(|_| priority.status == PriorityStatus::Dropped);
                    let never_meant = dropped.is_some_and(|at| {
                        cycle.locked_at.is_some_and(|locked| at < locked)
                            || seconds(priority.created_at, at) <= VOID
                    });
                    if priority.committed_at.is_some() && !never_meant {
                        aims.push(priority);
                    }
                }
            }
        }
        aims
    }
    fn completion(&self) -> (i64, i64) {
        of(self.aims().into_iter().map(|priority| priority.status == PriorityStatus::Achieved))
    }
    fn churn(&self) -> (i64, i64) {
        let (mut changed, mut committed) = (0, 0);
        for priority in self.aims() {
            changed += i64::from(priority.added_after_lock) + i64::from(priority.dropped_after_lock);
            committed += i64::from(!priority.added_after_lock);
        }
        (changed, committed)
    }

    fn alignment(&self) -> (Figure, Figure) {
        let mut latest: BTreeMap<Id<team::Entity>, &alignment_round::Model> = BTreeMap::new();
        for round in self.rows.rounds.iter().filter(|round| round.revote_of_id.is_none()) {
            let Some(at) = round.revealed_at.filter(|at| self.year <= *at && *at < self.end) else {
                continue;
            };
            let before = latest.get(&round.team_id);
            if before.is_none_or(|before| (before.revealed_at, before.id) < (Some(at), round.id)) {
                latest.insert(round.team_id, round);
            }
        }
        let told = |figure: fn(&alignment_round::Model) -> Option<i32>| -> Figure {
            if latest.is_empty() {
                return (None, 0, None, Some(MetricReason::NoneHeld));
            }
            let (mut sum, mut ratings) = (0, 0);
            for round in latest.values() {
                let weight = i64::from(round.ratings.unwrap_or(0));
                sum += weight * i64::from(figure(round).unwrap_or(0));
                ratings += weight;
            }
            if ratings == 0 {
                return (None, 0, None, Some(MetricReason::NotEnoughRespondents));
            }
            let value = (rounded(sum, ratings) + 250) / 500 * 500;
            let shown = ratings >= 4;
            let reason = (!shown).then_some(MetricReason::TooFew);
            (Some(rounded(value * ratings, 10_000)), ratings, shown.then_some(value), reason)
        };
        (told(|round| round.level), told(|round| round.agreement))
    }

    fn pace(&self) -> (i64, i64) {
        let (mut taken, mut planned) = (0, 0);
        for programme in &self.rows.programmes {
            if programme.ended_at.is_some_and(|at| at < self.start) {
                continue;
            }
            let until = programme.ended_at.map_or(self.end, |at| at.min(self.end));
            for stage in self.rows.stages.iter().filter(|stage| stage.programme_id == programme.id) {
                if let Some(worked) = self.stage(programme, stage, until) {
                    taken += worked;
                    planned += i64::from(stage.planned_days);
                }
            }
        }
        (rounded(taken, DAY), planned)
    }
    /// For how long a stage was open, if it counts.
    fn stage(&self, programme: &programme::Model, stage: &stage_run::Model, until: At) -> Option<i64> {
        use StageEventKind::{Opened, Overridden, Passed, Reopened};
        let of_programme = |event: &&stage_event::Model| {
            let run = self.rows.stages.iter().find(|run| run.id == event.stage_run_id);
            run.is_some_and(|run| run.programme_id == programme.id)
        };
        let events: Vec<&stage_event::Model> = self.rows.events.iter().filter(of_programme).collect();
        let own = |event: &&&stage_event::Model| event.stage_run_id == stage.id;
        let opens = |event: &&&stage_event::Model| matches!(event.kind, Opened | Reopened);
        let passes = |event: &&&stage_event::Model| matches!(event.kind, Passed | Overridden);
        let (mut worked, mut last, mut lasting) = (0, None, false);
        for opening in events.iter().filter(own).filter(opens).filter(|event| event.at < until) {
            let over = events.iter().filter(|event| event.at > opening.at);
            let over = over.filter(|event| if own(event) { passes(event) } else { opens(event) });
            let over = over.map(|event| event.at).min();
            worked += self.worked(stage.team_id, opening.at, over.unwrap_or(until).min(until));
            last = last.max(Some(opening.at));
            lasting |= over.is_none_or(|at| at >= until);
        }
        let last = last?;
        let passed = events.iter().filter(own).filter(passes).map(|event| event.at);
        let passed = passed.filter(|at| *at < self.end).max().filter(|at| *at >= last);
        let counts = match passed {
            Some(at) => at >= self.start,
            None => lasting && until >= self.start && worked > i64::from(stage.planned_days) * DAY,
        };
        counts.then_some(worked)
    }

    fn obstacles(&self) -> (i64, i64) {
        let mut verdicts = vec![];
        for obstacle in self.rows.obstacles.iter().filter(|obstacle| obstacle.raised_at < self.end) {
            let raised = obstacle.raised_at;
            let month = 30 * DAY;
            let due = seconds(raised, self.start) <= month
                && self.worked(obstacle.team_id, raised, self.end) >= month;
            if due {
                let resolved = obstacle.resolved_at;
                verdicts.push(resolved.is_some_and(|at| self.worked(obstacle.team_id, raised, at) <= month));
            }
        }
        of(verdicts)
    }
}
