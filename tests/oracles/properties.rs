//! What holds whatever anybody does: people act at random, three at once, and after each round the team is looked at.
//!
//! Every open action has exactly one owner, an active member. A decision has one successor at most, and nobody
//! succeeds themselves. No cycle has more committed priorities than the limits of a team and of a leader. What a
//! ratified decision says never changes. `CONCORD_TEST_SEED` makes it other acts.

use super::risk;
use crate::{
    kit::{
        Persona::{self, *},
        World, assert_counts, document, verify_chains,
    },
    scenario,
};
use chrono::{DateTime, TimeDelta, Utc};
use concord::jobs;
use futures::future::join_all;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha20Rng;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// Rounds of three.
const ROUNDS: usize = 90;
/// As many of a kind as one page shows.
const MANY: usize = 95;
/// What the usual limits are: of a team, and of one owner, in a cycle.
const PLACES: (usize, usize) = (5, 2);

const WORK: &str = "query($id: ID!) { team(id: $id) { members { id status person { id } }
    actions(first: 100) { nodes { id status owner { id status } } }
    priorities(first: 100) { nodes { id status cycleId owner { id status } } }
    cycles(first: 20) { nodes { id label status } } } }";
const DECISIONS: &str = "query($id: ID!) { team(id: $id) { decisions(first: 100) { nodes {
    id status ratifiedAt title text rationale options { text chosen } finalStances { stance conviction member { id } }
    owner { id status } supersedes { id } supersededBy { id } } } } }";

/// What there is at the moment.
struct Seen {
    team: Value,
    members: Vec<Value>,
    actions: Vec<Value>,
    priorities: Vec<Value>,
    cycles: Vec<Value>,
    decisions: Vec<Value>,
}

impl Seen {
    async fn of(world: &World) -> Seen {
        let team = json!({ "id": world.cast.team.to_string() });
        let work = world.read(Facilitator, WORK, team.clone()).await["team"].clone();
        let decided = world.read(Facilitator, DECISIONS, team.clone()).await["team"].clone();
        let rows = |list: &Value| list.as_array().expect("a list").clone();
        Seen {
            team: team["id"].clone(),
            members: rows(&work["members"]),
            actions: rows(&work["actions"]["nodes"]),
            priorities: rows(&work["priorities"]["nodes"]),
            cycles: rows(&work["cycles"]["nodes"]),
            decisions: rows(&decided["decisions"]["nodes"]),
        }
    }

    fn holds(&self) {
        for open in
            self.actions.iter().filter(|row| matches!(row["status"].as_str(), Some("OFFERED" | "ACCEPTED")))
        {
            assert_eq!(open["owner"]["status"], "ACTIVE", "{open}");
        }
        let mut taken: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for priority in self.priorities.iter().filter(|row| row["status"] == "COMMITTED") {
            assert_eq!(priority["owner"]["status"], "ACTIVE", "{priority}");
            taken
                .entry(priority["cycleId"].to_string())
                .or_default()
                .push(priority["owner"]["id"].to_string());
        }
        for owners in taken.values() {
            assert!(owners.len() <= PLACES.0, "{owners:?}");
            for owner in owners {
                assert!(owners.iter().filter(|other| *other == owner).count() <= PLACES.1, "{owners:?}");
            }
        }
        for decision in &self.decisions {
            self.succeeds_rightly(decision);
        }
    }

    fn succeeds_rightly(&self, decision: &Value) {
        let heirs: Vec<&Value> = self
            .decisions
            .iter()
            .filter(|heir| heir["supersedes"]["id"] == decision["id"] && !heir["ratifiedAt"].is_null())
            .collect();
        let superseded = decision["status"] == "SUPERSEDED";
        assert_eq!(heirs.len(), usize::from(superseded), "{decision} and its heirs {heirs:?}");
        if let Some(heir) = heirs.first() {
            assert_eq!(decision["supersededBy"]["id"], heir["id"]);
        }
        if decision["status"] == "RATIFIED" {
            assert_eq!(decision["owner"]["status"], "ACTIVE", "{decision}");
        }
        let (mut before, mut line) = (decision, BTreeSet::new());
        while let Some(id) = before["supersedes"]["id"].as_str() {
            assert!(line.insert(id.to_owned()), "{decision} comes after itself");
            before = self.decisions.iter().find(|row| row["id"] == id).expect("what it supersedes");
        }
    }
}

/// What is tried by chance.
struct Chance {
    rng: ChaCha20Rng,
    made: usize,
}

impl Chance {
    fn below(&mut self, count: usize) -> usize {
        self.rng.random_range(0..count.max(1))
    }

    fn one(&mut self, list: &[&'static str]) -> &'static str {
        list[self.below(list.len())]
    }

    /// The id of one of these, or of nothing.
    fn id(&mut self, rows: &[Value]) -> Value {
        match rows.len() {
            0 => json!("nothing"),
            count => rows[self.below(count)]["id"].clone(),
        }
    }

    fn title(&mut self, what: &str) -> String {
        self.made += 1;
        format!("{what} {}", self.made)
    }

    /// Who tries what.
    fn act(&mut self, seen: &Seen, now: DateTime<Utc>) -> (Persona, &'static str, Value) {
        let who = [Facilitator, Facilitator, Sponsor, Leader, Owner][self.below(5)];
        let (mutation, input) = match self.below(10) {
            0..4 => self.on_actions(seen, now),
            4..6 => self.on_priorities(seen),
            6..9 => self.on_decisions(seen),
            _ => self.on_members(seen),
        };
        (who, mutation, input)
    }

    fn on_actions(&mut self, seen: &Seen, now: DateTime<Utc>) -> (&'static str, Value) {
        let steps = [
            "actionCreate",
            "actionCreate",
            "actionAccept",
            "actionAccept",
            "actionDecline",
            "actionReassign",
            "actionReassign",
            "actionComplete",
            "actionReopen",
            "actionCancel",
            "actionRedate",
        ];
        let (id, owner) = (self.id(&seen.actions), self.id(&seen.members));
        let due = (now + TimeDelta::days(self.below(30) as i64)).date_naive();
        match self.one(&steps) {
            "actionCreate" if seen.actions.len() < MANY => {
                let title = self.title("Action");
                (
                    "actionCreate",
                    json!({ "teamId": seen.team, "ownerId": owner, "title": title, "dueOn": due }),
                )
            }
            "actionDecline" => ("actionDecline", json!({ "id": id, "reason": "No time" })),
            "actionReassign" => {
                // mostly one that can be given on: there is little else that anybody would let be done
                let open = |row: &&Value| {
                    matches!(row["status"].as_str(), Some("OFFERED" | "ACCEPTED" | "DECLINED"))
                };
                let open: Vec<Value> = seen.actions.iter().filter(open).cloned().collect();
                let id = if self.below(4) > 0 { self.id(&open) } else { id };
                ("actionReassign", json!({ "id": id, "ownerId": owner }))
            }
            "actionComplete" => ("actionComplete", json!({ "id": id })),
            "actionReopen" => ("actionReopen", json!({ "id": id, "reason": "Not yet" })),
            "actionCancel" => ("actionCancel", json!({ "id": id, "reason": "No need" })),
            "actionRedate" => ("actionRedate", json!({ "id": id, "dueOn": due, "reason": "Later" })),
            _ => ("actionAccept", json!({ "id": id })),
        }
    }

    fn on_priorities(&mut self, seen: &Seen) -> (&'static str, Value) {
        let (id, owner) = (self.id(&seen.priorities), self.id(&seen.members));
        match self.below(10) {
            0..3 if seen.priorities.len() < MANY => {
                let title = self.title("Priority");
                let input =
                    json!({ "teamId": seen.team, "ownerId": owner, "title": title, "outcome": "Seen" });
                ("priorityCreate", input)
            }
            0..6 => ("priorityCommit", json!({ "id": id })),
            6 => ("priorityUpdate", json!({ "id": id, "ownerId": owner })),
            7 => match self.one(&["priorityAchieve", "priorityMiss", "priorityReopen"]) {
                "priorityReopen" => ("priorityReopen", json!({ "id": id, "reason": "Not yet" })),
                ending => (ending, json!({ "id": id })),
            },
            8 => ("priorityDrop", json!({ "id": id, "reason": "Enough" })),
            _ if self.below(2) == 0 => {
                ("cycleCommit", json!({ "id": self.id(&seen.cycles), "acknowledgeCollisions": true }))
            }
            _ if self.below(3) == 0 => {
                ("cycleReopen", json!({ "id": self.id(&seen.cycles), "reason": "Too early" }))
            }
            _ => {
                let cycle = self.id(&seen.cycles);
                let of = |row: &&Value| row["cycleId"] == cycle && row["status"] == "COMMITTED";
                let ends: Vec<Value> =
                    seen.priorities.iter().filter(of).map(|row| row["id"].clone()).collect();
                let ends: Vec<Value> = ends
                    .into_iter()
                    .map(|id| json!({ "priorityId": id, "outcome": self.one(&["ACHIEVED", "MISSED", "CARRIED"]) }))
                    .collect();
                ("cycleClose", json!({ "id": cycle, "decisions": ends }))
            }
        }
    }

    fn on_decisions(&mut self, seen: &Seen) -> (&'static str, Value) {
        let (id, owner) = (self.id(&seen.decisions), self.id(&seen.members));
        match self.below(12) {
            0..3 if seen.decisions.len() < MANY => {
                let title = self.title("Decision");
                let mut input =
                    json!({ "teamId": seen.team, "title": title, "text": "So", "ownerId": owner });
                if self.below(2) == 0 && !seen.decisions.is_empty() {
                    input["supersedesId"] = id;
                }
                ("decisionPropose", input)
            }
            0..6 => {
                let stance = self.one(&["SUPPORTS", "ACCEPTS", "OPPOSES"]);
                ("decisionStance", json!({ "id": id, "stance": stance, "conviction": 1 + self.below(5) }))
            }
            6..9 => {
                let recorded: Vec<Value> = seen
                    .members
                    .iter()
                    .filter(|member| member["status"] == "ACTIVE" && member["person"].is_null())
                    .map(|member| json!({ "memberId": member["id"], "stance": "ACCEPTS", "conviction": 3 }))
                    .collect();
                ("decisionRatify", json!({ "id": id, "recorded": recorded }))
            }
            9 => ("decisionUpdate", json!({ "id": id, "text": self.title("So"), "ownerId": owner })),
            10 => ("decisionReopen", json!({ "id": id, "reason": "Again" })),
            _ => ("decisionRevoke", json!({ "id": id, "reason": "No" })),
        }
    }

    /// Those without a login come and go.
    fn on_members(&mut self, seen: &Seen) -> (&'static str, Value) {
        let active = |member: &&Value| member["status"] == "ACTIVE";
        let here = seen.members.iter().filter(active).count();
        if here < 4 || (here < 7 && self.below(2) == 0) {
            let name = self.title("Member");
            return ("memberCreate", json!({ "teamId": seen.team, "name": name, "jobTitle": "Director" }));
        }
        let quiet = seen.members.iter().filter(active).filter(|member| member["person"].is_null());
        let quiet: Vec<Value> = quiet.cloned().collect();
        let mut input = json!({ "id": self.id(&quiet) });
        if self.below(4) > 0 {
            input["successorId"] = self.id(&seen.members);
        }
        ("memberRemove", input)
    }
}

/// What ratified decisions say, as they were first seen.
fn remember(said: &mut BTreeMap<String, Value>, seen: &Seen) {
    for decision in seen.decisions.iter().filter(|row| !row["ratifiedAt"].is_null()) {
        let words = ["ratifiedAt", "title", "text", "rationale", "options", "finalStances", "supersedes"];
        let words: Value = words.iter().map(|name| decision[*name].clone()).collect();
        let first = said.entry(decision["id"].to_string()).or_insert_with(|| words.clone());
        assert_eq!(*first, words, "a ratified decision never changes");
    }
}

/// Whether it was done. Refusals are answers; anything else is not.
async fn tried(
    world: &World,
    (who, mutation, input): (Persona, &'static str, Value),
) -> Option<&'static str> {
    let answered = world.ask(who, &document(mutation, ""), json!({ "input": input })).await;
    if let Some(errors) = answered.json["errors"].as_array() {
        assert!(
            // the database may end one of those who wait for each other, and says so
            errors.iter().all(|error| error["extensions"]["code"] == "FORBIDDEN"
                || error["extensions"]["code"] == "CONFLICT"),
            "{who:?}: {mutation} {input}\n{}",
            answered.text
        );
        return None;
    }
    (answered.json["data"][mutation]["errors"] == json!([])).then_some(mutation)
}

scenario! {
    async fn nothing_that_people_do_breaks_the_law(world: World) {
        let mut now: DateTime<Utc> = "2026-03-02T09:00:00Z".parse().expect("an instant");
        let seed = std::env::var("CONCORD_TEST_SEED").map_or(15, |seed| seed.parse().expect("a seed"));
        let mut chance = Chance { rng: ChaCha20Rng::seed_from_u64(seed), made: 0 };
        let (mut said, mut done) = (BTreeMap::new(), BTreeMap::new());
        for label in ["2026-Q1", "2026-Q2", "2026-Q3"] {
            world.quarter(label).await;
        }
        for round in 0..ROUNDS {
            let seen = Seen::of(&world).await;
            seen.holds();
            remember(&mut said, &seen);
            let acts: Vec<_> = (0..3).map(|_| chance.act(&seen, now)).collect();
            for mutation in join_all(acts.into_iter().map(|act| tried(&world, act))).await.into_iter().flatten() {
                *done.entry(mutation).or_insert(0) += 1;
            }
            now += TimeDelta::hours(chance.below(48) as i64);
            world.at(&now.to_rfc3339());
            if round % 15 == 0 {
                Box::pin(jobs::run_due_turns(&world.app)).await.expect("the jobs");
                world.compute_risks().await;
                risk::is_right(&world).await;
            }
        }
        let seen = Seen::of(&world).await;
        seen.holds();
        remember(&mut said, &seen);
        // it was not all refused
        for mutation in ["actionAccept", "actionReassign", "priorityCommit", "decisionRatify", "memberRemove"] {
            assert!(done.contains_key(mutation), "{mutation} was done never: {done:?}");
        }
        let behind = world.home.behind().await;
        verify_chains(&behind).await.expect("the chains hold");
        assert_counts(&behind).await;
    }
}
