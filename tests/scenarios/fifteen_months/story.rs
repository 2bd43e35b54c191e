//! Who is in the story, how its days go by, and the verbs it is told with. All of it goes through the API, as the
//! person it names.

use crate::kit::{Persona, World, days_of_quarter, document, link};
use chrono::{DateTime, Datelike, Days, NaiveDateTime, NaiveTime, TimeDelta, Utc, Weekday};
use concord::jobs;
use entity::{identity, person};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// Everybody who does something. Quentin has no login; Ada, Ben and Cai join by the links in their letters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Who {
    Admin,
    Owner,
    Facilitator,
    Lena,
    Sami,
    Quentin,
    Ada,
    Ben,
    Cai,
}
use Who::{Ada, Admin, Ben, Cai, Facilitator, Lena, Owner, Quentin, Sami};

/// The whole team.
pub const ALL: [Who; 6] = [Lena, Sami, Quentin, Ada, Ben, Cai];
/// Those of it who answer alignment rounds.
pub const SIGNED_IN: [Who; 5] = [Lena, Sami, Ada, Ben, Cai];

/// When London's clocks are an hour ahead of Greenwich's.
const SUMMER: [(&str, &str); 2] =
    [("2026-03-29T01:00:00Z", "2026-10-25T01:00:00Z"), ("2027-03-28T01:00:00Z", "2027-10-31T01:00:00Z")];

/// A day and time in London, like `2026-03-16 10:00`, as an instant.
pub fn london(text: &str) -> DateTime<Utc> {
    let wall = NaiveDateTime::parse_from_str(text, "%Y-%m-%d %H:%M").expect("a day and a time");
    by_clocks(wall)
}

fn by_clocks(wall: NaiveDateTime) -> DateTime<Utc> {
    let summer = (wall - TimeDelta::hours(1)).and_utc();
    let instant = |text: &str| text.parse::<DateTime<Utc>>().expect("an instant");
    let ahead = SUMMER.iter().any(|(from, to)| (instant(from)..instant(to)).contains(&summer));
    if ahead { summer } else { wall.and_utc() }
}

/// The story as it is told: the things in it go by their titles.
pub struct Story<'a> {
    pub world: &'a World,
    now: DateTime<Utc>,
    ids: BTreeMap<String, Value>,
    owners: BTreeMap<String, Who>,
    tokens: BTreeMap<Who, (entity::Id<person::Entity>, entity::Id<identity::Entity>)>,
    /// Priorities whose owner says every Friday how they stand.
    weekly: Vec<String>,
}

impl<'a> Story<'a> {
    /// Once upon a time: Monday, 2 March 2026, nine o'clock.
    pub fn begins(world: &'a World) -> Story<'a> {
        let cast = &world.cast;
        let members = [(Lena, cast.leader), (Sami, cast.sponsor), (Quentin, cast.quiet)];
        let ids = members.map(|(who, member)| (format!("{who:?}"), json!(member.to_string())));
        Story {
            world,
            now: london("2026-03-02 09:00"),
            ids: ids.into(),
            owners: BTreeMap::new(),
            tokens: BTreeMap::new(),
            weekly: vec![],
        }
    }

    /// Time goes by to this day and time in London. Every night at three (Greenwich) the jobs run, and on Fridays at
    /// four o'clock owners say how their priorities stand.
    pub async fn comes(&mut self, until: &str) {
        let until = london(until);
        assert!(self.now < until, "time goes one way");
        let mut day = self.now.date_naive();
        while day <= until.date_naive() {
            let night = day.and_time(NaiveTime::from_hms_opt(3, 0, 0).expect("three")).and_utc();
            if self.now < night && night <= until {
                self.is(night);
                Box::pin(jobs::run_due_turns(&self.world.app)).await.expect("the jobs");
            }
            let four = by_clocks(day.and_time(NaiveTime::from_hms_opt(16, 0, 0).expect("four")));
            if day.weekday() == Weekday::Fri && self.now < four && four < until {
                self.is(four);
                self.all_check_in().await;
            }
            day = day.checked_add_days(Days::new(1)).expect("a day after");
        }
        self.is(until);
    }

    fn is(&mut self, now: DateTime<Utc>) {
        self.now = now;
        self.world.at(&now.to_rfc3339());
    }

    async fn all_check_in(&self) {
        for title in &self.weekly {
            let said = json!({ "id": self.id(title), "status": "ON_TRACK", "confidence": 4 });
            let who = self.speaker(self.owners[title]);
            self.does(who, "priorityCheckIn", said, "checkIn { id }").await;
        }
    }

    /// From now on the owner says every Friday how this priority stands.
    pub fn speaks_weekly(&mut self, priority: &str) {
        self.weekly.push(priority.to_owned());
    }

    /// From now on nobody says anything of this priority.
    pub fn falls_silent(&mut self, priority: &str) {
        self.weekly.retain(|title| title != priority);
    }

    /// Who speaks for a member: for one without a login, the facilitator.
    fn speaker(&self, who: Who) -> Who {
        if who == Quentin { Facilitator } else { who }
    }

    pub fn id(&self, title: &str) -> Value {
        self.ids.get(title).unwrap_or_else(|| panic!("nothing is called {title}")).clone()
    }

    pub fn member(&self, who: Who) -> Value {
        self.id(&format!("{who:?}"))
    }

    pub fn team(&self) -> Value {
        json!(self.world.cast.team.to_string())
    }

    pub fn client(&self) -> Value {
        json!(self.world.cast.client.to_string())
    }

    pub fn called(&mut self, title: &str, id: Value) {
        let before = self.ids.insert(title.to_owned(), id);
        assert_eq!(before, None, "{title} is there twice");
    }

    fn token(&self, who: Who) -> String {
        let persona = match who {
            Admin => Persona::Admin,
            Owner => Persona::Owner,
            Facilitator => Persona::Facilitator,
            Lena => Persona::Leader,
            Sami => Persona::Sponsor,
            Quentin => panic!("Quentin has no login"),
            Ada | Ben | Cai => {
                let (person, identity) = self.tokens[&who];
                return self.world.token_of(self.world.cast.network, person, identity);
            }
        };
        self.world.token(persona)
    }

    /// What somebody is answered.
    pub async fn says(&self, who: Who, document: &str, variables: Value) -> Value {
        // boxed: so long a story would not fit on a test's stack
        let answered = Box::pin(self.world.send(Some(self.token(who)), document, variables, None)).await;
        assert!(answered.json.get("errors").is_none(), "{who:?}: {document}\n{}", answered.text);
        answered.json["data"].clone()
    }

    /// Somebody's question.
    pub async fn sees(&self, who: Who, document: &str, id: Value) -> Value {
        self.says(who, document, json!({ "id": id })).await
    }

    /// Somebody does something, and it is done: the payload.
    pub async fn does(&self, who: Who, mutation: &str, input: Value, selection: &str) -> Value {
        let document = document(mutation, selection);
        let payload = self.says(who, &document, json!({ "input": input })).await[mutation].clone();
        assert_eq!(payload["errors"], json!([]), "{who:?} at {}: {mutation} {input}", self.now);
        payload
    }

    /// Somebody tries something, and is refused: the code.
    pub async fn may_not(&self, who: Who, mutation: &str, input: Value) -> String {
        let document = document(mutation, "");
        let payload = self.says(who, &document, json!({ "input": input })).await[mutation].clone();
        let code = payload["errors"][0]["code"].as_str();
        code.unwrap_or_else(|| panic!("{mutation} was not refused")).to_owned()
    }

    /// Something is made, and goes by this title.
    pub async fn makes(&mut self, who: Who, title: &str, (mutation, noun): (&str, &str), input: Value) {
        let made = self.does(who, mutation, input, &format!("{noun} {{ id }}")).await;
        self.called(title, made[noun]["id"].clone());
    }
}

/// Joining.
impl Story<'_> {
    /// A member comes, and takes a login by the link in the letter.
    pub async fn joins(&mut self, who: Who) {
        let (name, email) = (format!("{who:?}"), format!("{who:?}@example.org").to_lowercase());
        let member = json!({ "teamId": self.team(), "name": name, "jobTitle": "Director" });
        self.makes(Sami, &name, ("memberCreate", "member"), member).await;
        let invite = json!({ "memberId": self.id(&name), "email": email, "role": "LEADER" });
        self.does(Sami, "memberInvite", invite, "").await;
        let behind = self.world.home.behind().await;
        let link = link(self.world.emails().await.last().expect("an e-mail"), "invitation");
        let document = document("invitationAccept", "");
        let input = json!({ "input": { "token": link, "password": "harbour copper lantern" } });
        let joined = self.world.ask_nobody(&document, input).await.json;
        assert_eq!(joined["data"]["invitationAccept"]["errors"], json!([]), "{joined}");
        let person = person::Entity::find().filter(person::Column::Email.eq(email)).one(&behind).await;
        let person = person.expect("a look").expect("a person");
        self.tokens.insert(who, (person.id, person.identity_id.expect("a login")));
    }
}

/// Sessions.
impl Story<'_> {
    pub async fn scheduled(&mut self, title: &str, kind: &str, stage: Option<&str>, at: &str) {
        let input = json!({
            "teamId": self.team(), "kind": kind, "title": title, "place": "The mill", "minutes": 180,
            "startsAt": london(at).to_rfc3339(), "stageId": stage.map(|stage| self.id(stage)),
        });
        self.makes(Facilitator, title, ("sessionSchedule", "session"), input).await;
    }

    /// The session of the series that was to be on this day, called by it from now on.
    pub async fn of_the_series(&mut self, day: &str) {
        let document = "query($id: ID!) { sessionSeries(id: $id) { sessions(first: 100, filter: { status: { eq: SCHEDULED } }) {
            nodes { id occursOn } } } }";
        let seen = self.sees(Facilitator, document, self.id("Follow-up")).await;
        let nodes = seen["sessionSeries"]["sessions"]["nodes"].as_array().expect("sessions").clone();
        let found = nodes.iter().find(|node| node["occursOn"] == day);
        self.called(day, found.unwrap_or_else(|| panic!("no session on {day}: {nodes:?}"))["id"].clone());
    }

    pub async fn moved(&mut self, day: &str, to: &str) {
        self.of_the_series(day).await;
        let input = json!({ "id": self.id(day), "startsAt": london(to).to_rfc3339() });
        self.does(Facilitator, "sessionUpdate", input, "").await;
    }

    pub async fn called_off(&mut self, day: &str, reason: &str) {
        self.of_the_series(day).await;
        let input = json!({ "id": self.id(day), "reason": reason });
        self.does(Facilitator, "sessionCancel", input, "").await;
    }

    /// The series' session of this day is held now.
    pub async fn followed_up(&mut self, day: &str, present: &[Who]) -> Value {
        self.of_the_series(day).await;
        self.held(day, present, &[]).await
    }

    /// A session is held now by these people, who leave these items open: the session as it was closed.
    pub async fn held(&mut self, title: &str, present: &[Who], open: &[&str]) -> Value {
        let id = self.id(title);
        self.does(Facilitator, "sessionStart", json!({ "id": id }), "").await;
        let agenda = "query($id: ID!) { session(id: $id) { agenda { id title } } }";
        let agenda = self.sees(Lena, agenda, id.clone()).await["session"]["agenda"].clone();
        for item in agenda.as_array().expect("an agenda") {
            if !item["title"].as_str().is_some_and(|title| open.contains(&title)) {
                let done = json!({ "id": item["id"], "outcome": "Agreed" });
                self.does(Facilitator, "agendaItemComplete", done, "").await;
            }
        }
        let attendance = ALL.map(|who| {
            let status = if present.contains(&who) { "PRESENT" } else { "EXCUSED" };
            json!({ "memberId": self.member(who), "status": status })
        });
        let close = json!({ "id": id, "summary": "We kept to the point.", "attendance": attendance });
        let what = "session { startsAt membersPresent membersActive quorate recap { markdown }
            agenda { title status carriedTo { session { id } } } review { dueOn status } }";
        self.does(Facilitator, "sessionClose", close, what).await["session"].clone()
    }
}

/// Actions.
impl Story<'_> {
    pub async fn offered(&mut self, owner: Who, title: &str, due: &str, more: Value) {
        let mut input =
            json!({ "teamId": self.team(), "ownerId": self.member(owner), "title": title, "dueOn": due });
        input.as_object_mut().expect("an input").extend(more.as_object().expect("more").clone());
        self.makes(Facilitator, title, ("actionCreate", "action"), input).await;
        self.owners.insert(title.to_owned(), owner);
    }

    pub async fn accepts(&mut self, title: &str) {
        let who = self.speaker(self.owners[title]);
        self.does(who, "actionAccept", json!({ "id": self.id(title) }), "").await;
    }

    pub async fn promised(&mut self, owner: Who, title: &str, due: &str) {
        self.offered(owner, title, due, json!({})).await;
        self.accepts(title).await;
    }

    /// A promise that serves a priority.
    pub async fn promised_for(&mut self, priority: &str, owner: Who, title: &str, due: &str) {
        let serves = json!({ "priorityId": self.id(priority) });
        self.offered(owner, title, due, serves).await;
        self.accepts(title).await;
    }

    pub async fn declines(&mut self, title: &str, reason: &str) {
        let input = json!({ "id": self.id(title), "reason": reason });
        self.does(self.owners[title], "actionDecline", input, "").await;
    }

    pub async fn given_to(&mut self, title: &str, owner: Who) {
        let input = json!({ "id": self.id(title), "ownerId": self.member(owner) });
        self.does(Facilitator, "actionReassign", input, "").await;
        self.owners.insert(title.to_owned(), owner);
    }

    pub async fn done(&mut self, title: &str) {
        let who = self.speaker(self.owners[title]);
        self.does(who, "actionComplete", json!({ "id": self.id(title) }), "").await;
    }

    pub async fn cancelled(&mut self, title: &str, reason: &str) {
        let input = json!({ "id": self.id(title), "reason": reason });
        self.does(self.owners[title], "actionCancel", input, "").await;
    }

    pub async fn redated(&mut self, title: &str, due: &str, reason: &str) {
        let who = self.speaker(self.owners[title]);
        let input = json!({ "id": self.id(title), "dueOn": due, "reason": reason });
        self.does(who, "actionRedate", input, "").await;
    }
}

/// Stages.
impl Story<'_> {
    /// The facilitator confirms the criteria of a stage that are hers to confirm, but the last so many.
    pub async fn confirmed(&mut self, stage: &str, but: usize) {
        let document = "query($id: ID!) { stage(id: $id) { templateStage { criteria { id kind } } } }";
        let seen = self.sees(Facilitator, document, self.id(stage)).await;
        let criteria = seen["stage"]["templateStage"]["criteria"].as_array().expect("criteria").clone();
        let hers: Vec<&Value> =
            criteria.iter().filter(|criterion| criterion["kind"] == "CONFIRMED").collect();
        for criterion in &hers[..hers.len() - but] {
            let input =
                json!({ "id": self.id(stage), "criterionId": criterion["id"], "comment": "I was there." });
            self.does(Facilitator, "stageConfirm", input, "").await;
        }
    }

    pub async fn passed(&mut self, stage: &str) {
        self.does(Facilitator, "stagePass", json!({ "id": self.id(stage) }), "").await;
    }

    /// Each stage and where it stands.
    pub async fn stages(&self) -> Vec<String> {
        let document = "query($id: ID!) { programme(id: $id) { stages { title status reopeningCount overrideReason } } }";
        let seen = self.sees(Facilitator, document, self.id("Programme")).await;
        let stages = seen["programme"]["stages"].as_array().expect("stages");
        let told = |stage: &Value| {
            let text = |name: &str| stage[name].as_str().unwrap_or_default().to_owned();
            let mut told = format!("{} {}", text("title"), text("status"));
            if stage["reopeningCount"] != 0 {
                told += &format!(", reopened {}", stage["reopeningCount"]);
            }
            if !stage["overrideReason"].is_null() {
                told += ", overridden";
            }
            told
        };
        stages.iter().map(told).collect()
    }
}

/// Priorities and cycles.
impl Story<'_> {
    /// The team has a quarter as a cycle; the facilitator creates it when it is first needed.
    async fn quarter(&mut self, label: &str) {
        if self.ids.contains_key(label) {
            return;
        }
        let [starts_on, ends_on] = days_of_quarter(label);
        let input =
            json!({ "teamId": self.team(), "label": label, "startsOn": starts_on, "endsOn": ends_on });
        let made = self.does(Facilitator, "cycleCreate", input, "cycle { id }").await;
        self.ids.insert(label.to_owned(), made["cycle"]["id"].clone());
    }

    pub async fn proposed(&mut self, owner: Who, title: &str, cycle: &str, stage: Option<&str>) {
        self.quarter(cycle).await;
        let input = json!({
            "teamId": self.team(), "ownerId": self.member(owner), "title": title, "outcome": "All see it",
            "cycleLabel": cycle, "stageId": stage.map(|stage| self.id(stage)),
        });
        let made =
            self.does(Facilitator, "priorityCreate", input, "priority { id }").await["priority"].clone();
        self.called(title, made["id"].clone());
        self.owners.insert(title.to_owned(), owner);
    }

    /// The team commits to a priority, and its owner speaks of it from now on.
    pub async fn committed(&mut self, title: &str) {
        self.does(Sami, "priorityCommit", json!({ "id": self.id(title) }), "").await;
        self.speaks_weekly(title);
    }

    pub async fn achieved(&mut self, title: &str) {
        let who = self.owners[title];
        self.does(who, "priorityAchieve", json!({ "id": self.id(title) }), "").await;
        self.falls_silent(title);
    }

    pub async fn missed(&mut self, title: &str) {
        let who = self.owners[title];
        self.does(who, "priorityMiss", json!({ "id": self.id(title) }), "").await;
        self.falls_silent(title);
    }

    pub async fn dropped(&mut self, title: &str, reason: &str) {
        let input = json!({ "id": self.id(title), "reason": reason });
        self.does(Sami, "priorityDrop", input, "").await;
        self.falls_silent(title);
    }

    pub async fn locked(&mut self, cycle: &str) {
        self.does(Sami, "cycleCommit", json!({ "id": self.id(cycle) }), "").await;
    }

    /// A cycle closes with what is said of each priority; what is carried goes by its title with the next cycle's.
    pub async fn closed(&mut self, cycle: &str, verdicts: &[(&str, &str)]) {
        // the quarter after it begins on the day after its last
        let [_, last] = days_of_quarter(cycle);
        let first = last.succ_opt().expect("a day after");
        self.quarter(&format!("{}-Q{}", first.year(), first.month0() / 3 + 1)).await;
        let decisions: Vec<Value> = verdicts
            .iter()
            .map(|(title, outcome)| json!({ "priorityId": self.id(title), "outcome": outcome }))
            .collect();
        let input = json!({ "id": self.id(cycle), "decisions": decisions });
        self.does(Sami, "cycleClose", input, "").await;
        for (title, outcome) in verdicts {
            self.falls_silent(title);
            if *outcome == "CARRIED" {
                let document = "query($id: ID!) { priority(id: $id) { carriedTo { id cycleLabel } } }";
                let seen = self.sees(Lena, document, self.id(title)).await["priority"]["carriedTo"].clone();
                let label = seen["cycleLabel"].as_str().expect("a cycle");
                let name = format!("{title}, {label}");
                self.called(&name, seen["id"].clone());
                self.owners.insert(name, self.owners[*title]);
            }
        }
    }

    pub async fn milestone(&mut self, priority: &str, title: &str, weight: i32, due: &str) {
        let input =
            json!({ "priorityId": self.id(priority), "title": title, "weight": weight, "dueOn": due });
        self.makes(Facilitator, title, ("milestoneCreate", "milestone"), input).await;
    }

    pub async fn reached(&mut self, milestone: &str) {
        self.does(Facilitator, "milestoneComplete", json!({ "id": self.id(milestone) }), "").await;
    }
}

/// Decisions and obstacles.
impl Story<'_> {
    pub async fn proposes(&mut self, who: Who, title: &str, owner: Who, more: Value) {
        let mut input = json!({ "teamId": self.team(), "title": title, "text": "As we said in the room",
            "ownerId": self.member(owner) });
        input.as_object_mut().expect("an input").extend(more.as_object().expect("more").clone());
        self.makes(who, title, ("decisionPropose", "decision"), input).await;
    }

    pub async fn stands(&mut self, who: Who, decision: &str, stance: &str) {
        let input = json!({ "id": self.id(decision), "stance": stance, "conviction": 3 });
        self.does(who, "decisionStance", input, "").await;
    }

    pub async fn ratified(&mut self, decision: &str, option: Option<usize>) {
        let options = "query($id: ID!) { decision(id: $id) { options { id } } }";
        let options = self.sees(Lena, options, self.id(decision)).await["decision"]["options"].clone();
        let mut input = json!({ "id": self.id(decision) });
        option.into_iter().for_each(|at| input["chosenOptionId"] = options[at]["id"].clone());
        self.does(Facilitator, "decisionRatify", input, "").await;
    }

    /// A member says a decision back, and the facilitator says whether that is what was decided.
    pub async fn reads_back(&mut self, who: Who, decision: &str, text: &str, matches: bool) {
        let input = json!({ "id": self.id(decision), "text": text });
        self.does(who, "decisionReadBack", input, "").await;
        let waiting =
            "query($id: ID!) { decision(id: $id) { readBacks(first: 50) { nodes { id status } } } }";
        let waiting = self.sees(Facilitator, waiting, self.id(decision)).await;
        let nodes = waiting["decision"]["readBacks"]["nodes"].as_array().expect("read-backs").clone();
        let one = nodes.iter().find(|node| node["status"] == "WAITING").expect("one waits");
        let judged = json!({ "id": one["id"], "matches": matches, "comment": "I listened." });
        self.does(Facilitator, "decisionReadBackJudge", judged, "").await;
    }

    pub async fn raises(&mut self, who: Who, obstacle: &str, severity: &str) {
        let input = json!({ "teamId": self.team(), "title": obstacle, "severity": severity });
        self.makes(who, obstacle, ("obstacleRaise", "obstacle"), input).await;
    }

    /// A step of an obstacle, like `obstacleDiscuss`.
    pub async fn obstacle(&mut self, who: Who, obstacle: &str, step: &str) {
        let mut input = json!({ "id": self.id(obstacle) });
        if step != "obstaclePrioritise" {
            input["reason"] = json!("We said so.");
        }
        self.does(who, step, input, "").await;
    }

    pub async fn days_avoided(&self, obstacle: &str) -> Value {
        let document = "query($id: ID!) { obstacle(id: $id) { daysAvoided } }";
        self.sees(Lena, document, self.id(obstacle)).await["obstacle"]["daysAvoided"].clone()
    }
}

/// Drift and alignment.
impl Story<'_> {
    /// Somebody answers the signal that waits for an answer of this cause: `driftAcknowledge` and the like.
    pub async fn answers(&mut self, who: Who, cause: &str, step: &str) {
        let document =
            "query($id: ID!) { team(id: $id) { driftSignals(first: 50) { nodes { id cause status } } } }";
        let seen = self.sees(Facilitator, document, self.team()).await;
        let nodes = seen["team"]["driftSignals"]["nodes"].as_array().expect("signals").clone();
        let waits = |node: &&Value| {
            node["cause"] == cause && matches!(node["status"].as_str(), Some("OPEN" | "ACKNOWLEDGED"))
        };
        let mut waiting = nodes.iter().filter(waits);
        let one =
            waiting.next().unwrap_or_else(|| panic!("none of {cause} waits at {}: {nodes:?}", self.now));
        assert_eq!(waiting.next(), None, "one of {cause} waits");
        let mut input = json!({ "id": one["id"] });
        if step != "driftAcknowledge" {
            input["note"] = json!("We looked at it together.");
        }
        self.does(who, step, input, "").await;
    }

    /// An alignment round of two core statements, asked, answered by all who can, and revealed: each statement's mean
    /// and band, and those before.
    pub async fn aligned(&mut self, title: &str, ratings: [[i32; 2]; 5]) -> Value {
        let statement = |text: &str| json!({ "text": text, "core": true });
        let input = json!({ "teamId": self.team(), "title": title,
            "statements": [statement("We read our strategy in the same way"), statement("Promises are kept")] });
        let what = "alignmentRound { id statements { id } }";
        let opened =
            self.does(Facilitator, "alignmentRoundOpen", input, what).await["alignmentRound"].clone();
        for (who, ratings) in SIGNED_IN.into_iter().zip(ratings) {
            let statements = opened["statements"].as_array().expect("statements").iter();
            let answers: Vec<Value> = statements
                .zip(ratings)
                .map(|(statement, rating)| json!({ "statementId": statement["id"], "rating": rating }))
                .collect();
            let input = json!({ "id": opened["id"], "answers": answers });
            self.does(who, "alignmentRoundAnswer", input, "").await;
        }
        self.does(Facilitator, "alignmentRoundSeal", json!({ "id": opened["id"] }), "").await;
        let what =
            "alignmentRound { disclosure responsePercent statements { mean band meanBefore bandBefore } }";
        let revealed = json!({ "id": opened["id"] });
        self.does(Facilitator, "alignmentRoundReveal", revealed, what).await["alignmentRound"].clone()
    }
}
