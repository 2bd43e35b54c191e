//! What no sequence of mutations does, whoever asks and in whatever order: leave open work without one active owner,
//! give a decision two successors or make decisions succeed one another in a circle, commit a team to more priorities
//! than its limit, or change what was ratified. Hundreds of steps by chance, seeded; after each, the tables are asked.

use crate::{
    kit::{Persona, Persona::*, World, document},
    scenario,
};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha20Rng;
use sea_orm::{ConnectionTrait, DatabaseConnection, Statement};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

const STEPS: usize = 400;
/// Priorities that a team without a programme may commit to in a cycle.
const LIMIT: i64 = 5;

struct Chance<'w> {
    world: &'w World,
    chance: ChaCha20Rng,
    behind: DatabaseConnection,
    members: Vec<String>,
    actions: Vec<String>,
    priorities: Vec<String>,
    decisions: Vec<String>,
    /// Each ratified decision's words.
    ratified: BTreeMap<String, Vec<String>>,
    done: BTreeSet<&'static str>,
}

impl Chance<'_> {
    fn below(&mut self, count: usize) -> usize {
        self.chance.random_range(0..count)
    }

    fn one(&mut self, of: fn(&Self) -> &Vec<String>) -> Value {
        let count = of(self).len();
        if count == 0 {
            return json!(self.world.cast.team.to_string());
        }
        // mostly of the latest: what is older has come to its end
        let from = if self.below(4) > 0 { count.saturating_sub(4) } else { 0 };
        let at = from + self.below(count - from);
        json!(of(self)[at])
    }

    fn someone(&mut self, of: &[Persona]) -> Persona {
        let at = self.below(of.len());
        of[at]
    }

    /// Does something, or is refused; either way nothing breaks. The id of what was made or changed.
    async fn ask(
        &mut self,
        who: Persona,
        mutation: &'static str,
        object: &str,
        input: Value,
    ) -> Option<String> {
        let selection = format!("{object} {{ id }}");
        let answered = self.world.ask(who, &document(mutation, &selection), json!({ "input": input })).await;
        assert!(answered.json.get("errors").is_none(), "{who:?} {mutation} {input}: {}", answered.text);
        let payload = &answered.json["data"][mutation];
        if payload["errors"] != json!([]) {
            return None;
        }
        self.done.insert(mutation);
        payload[object]["id"].as_str().map(str::to_owned)
    }

    async fn step(&mut self) {
        let team = self.world.cast.team.to_string();
        let runner = self.someone(&[Facilitator, Owner]);
        let worker = self.someone(&[Facilitator, Sponsor, Leader]);
        match self.below(20) {
            0 => {
                let input = json!({ "teamId": team, "name": "Someone", "jobTitle": "" });
                let id = self.ask(runner, "memberCreate", "member", input).await;
                self.members.extend(id);
            }
            1 => {
                let input = json!({ "id": self.one(|all| &all.members), "successorId": self.one(|all| &all.members) });
                self.ask(runner, "memberRemove", "member", input).await;
            }
            2 | 3 => {
                let input = json!({
                    "teamId": team, "ownerId": self.one(|all| &all.members), "title": "Call", "dueOn": "2026-03-20",
                });
                let id = self.ask(worker, "actionCreate", "action", input).await;
                self.actions.extend(id);
            }
            4 => {
                let input =
                    json!({ "id": self.one(|all| &all.actions), "ownerId": self.one(|all| &all.members) });
                self.ask(worker, "actionReassign", "action", input).await;
            }
            5..=7 => {
                let mutation = [
                    "actionAccept",
                    "actionAccept",
                    "actionComplete",
                    "actionComplete",
                    "actionDecline",
                    "actionCancel",
                ][self.below(6)];
                let mut input = json!({ "id": self.one(|all| &all.actions) });
                if ["actionDecline", "actionCancel"].contains(&mutation) {
                    input["reason"] = json!("No time");
                }
                self.ask(worker, mutation, "action", input).await;
            }
            8..=10 => self.prioritise(&team).await,
            11..=13 => {
                let mutation =
                    ["priorityCommit", "priorityDrop", "priorityAchieve", "priorityCommit"][self.below(4)];
                let mut input = json!({ "id": self.one(|all| &all.priorities) });
                if mutation == "priorityDrop" {
                    input["reason"] = json!("Not now");
                }
                self.ask(Sponsor, mutation, "priority", input).await;
            }
            14 | 15 => {
                let mut input = json!({ "teamId": team, "title": "Markets", "text": "Three", "ownerId": self.one(|all| &all.members) });
                if self.below(3) > 0 {
                    input["supersedesId"] = self.one(|all| &all.decisions);
                }
                let id = self.ask(worker, "decisionPropose", "decision", input).await;
                self.decisions.extend(id);
            }
            _ => self.decide().await,
        }
    }

    async fn prioritise(&mut self, team: &str) {
        let input = json!({
            "teamId": team, "ownerId": self.one(|all| &all.members), "title": "Win", "outcome": "Two contracts",
        });
        let id = self.ask(Sponsor, "priorityCreate", "priority", input).await;
        self.priorities.extend(id);
    }

    async fn decide(&mut self) {
        let id = self.one(|all| &all.decisions);
        match self.below(7) {
            0 | 1 => {
                for who in [Leader, Sponsor] {
                    let input = json!({ "id": id, "stance": "SUPPORTS", "conviction": 4 });
                    self.ask(who, "decisionStance", "decision", input).await;
                }
                self.ask(Facilitator, "decisionRatify", "decision", json!({ "id": id })).await;
            }
            2 | 3 => {
                self.ask(Facilitator, "decisionRatify", "decision", json!({ "id": id })).await;
            }
            4 => {
                let input = json!({ "id": id, "text": "Four", "title": "Others", "rationale": "Better" });
                self.ask(Facilitator, "decisionUpdate", "decision", input).await;
            }
            5 => {
                self.ask(Sponsor, "decisionReopen", "decision", json!({ "id": id, "reason": "New figures" }))
                    .await;
            }
            _ => {
                self.ask(Sponsor, "decisionRevoke", "decision", json!({ "id": id, "reason": "Wrong" })).await;
            }
        }
    }

    async fn rows(&self, sql: &str) -> Vec<Vec<String>> {
        let asked = Statement::from_string(self.behind.get_database_backend(), sql);
        let rows = self.behind.query_all_raw(asked).await.expect("rows");
        let text = |row: &sea_orm::QueryResult| {
            let count = row.column_names().len();
            (0..count).map(|at| row.try_get_by_index::<String>(at).expect("a text")).collect()
        };
        rows.iter().map(text).collect()
    }

    /// What must hold now.
    async fn holds(&mut self) {
        let astray = "select cast(a.title as text) from action a left join member m
            on m.id = a.owner_id and m.team_id = a.team_id and m.status = 'active'
            where a.status in ('offered', 'accepted') and m.id is null
            union all select cast(p.title as text) from priority p left join member m
            on m.id = p.owner_id and m.team_id = p.team_id and m.status = 'active'
            where p.status in ('proposed', 'committed') and m.id is null";
        assert_eq!(self.rows(astray).await, Vec::<Vec<String>>::new(), "open work without an active owner");
        let crowded = format!(
            "select cast(count(*) as text) from priority where status = 'committed'
             group by team_id, cycle_id having count(*) > {LIMIT}"
        );
        assert_eq!(self.rows(&crowded).await, Vec::<Vec<String>>::new(), "more than the limit");
        let heirs = "select cast(count(*) as text) from decision
            where supersedes_id is not null and ratified_at is not null group by supersedes_id having count(*) > 1";
        assert_eq!(self.rows(heirs).await, Vec::<Vec<String>>::new(), "two successors");
        let circle = "with recursive line (start, at, steps) as (
            select id, supersedes_id, 1 from decision where supersedes_id is not null
            union all select l.start, d.supersedes_id, l.steps + 1 from line l join decision d on d.id = l.at
            where d.supersedes_id is not null and l.steps < 500)
            select cast(count(*) as text) from line where start = at or steps >= 500";
        assert_eq!(self.rows(circle).await, [["0"]], "a circle");
        let words = "select title, text, rationale, cast(proposed_at as text), cast(ratified_at as text)
            from decision where ratified_at is not null order by proposed_at, id";
        let keyed = "select lower(replace(cast(id as text), '-', '')) from decision
            where ratified_at is not null order by proposed_at, id";
        let keyed = if self.behind.get_database_backend() == sea_orm::DbBackend::Sqlite {
            keyed.replace("cast(id as text)", "hex(id)")
        } else {
            keyed.to_owned()
        };
        for (key, words) in self.rows(&keyed).await.into_iter().zip(self.rows(words).await) {
            let kept = self.ratified.entry(key[0].clone()).or_insert_with(|| words.clone());
            assert_eq!(*kept, words, "a ratified decision changed");
        }
    }
}

scenario! {
    async fn no_sequence_of_mutations_breaks_the_law(world: World) {
        let cast = &world.cast;
        let members = [cast.leader, cast.sponsor, cast.quiet].map(|id| id.to_string()).to_vec();
        let mut chance = Chance {
            world: &world,
            chance: ChaCha20Rng::seed_from_u64(20_260_301),
            behind: world.home.behind().await,
            members,
            actions: vec![],
            priorities: vec![],
            decisions: vec![],
            ratified: BTreeMap::new(),
            done: BTreeSet::new(),
        };
        for _ in 0..STEPS {
            chance.step().await;
            chance.holds().await;
        }
        // by chance, and yet not in vain
        for mutation in ["memberCreate", "memberRemove", "actionCreate", "actionReassign", "actionAccept", "actionComplete",
            "priorityCommit", "priorityDrop", "decisionPropose", "decisionRatify", "decisionReopen"] {
            assert!(chance.done.contains(mutation), "{mutation} never succeeded: {:?}", chance.done);
        }
        assert!(chance.ratified.len() > 2, "{}", chance.ratified.len());
    }
}
