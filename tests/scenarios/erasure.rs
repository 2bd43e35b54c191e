//! Erasures: names, addresses and words are nowhere any more, and what was done stays done.

use crate::{
    kit::{
        Persona::*, World, assert_counts, columns_with_text, document, fixtures::Fixtures, link,
        verify_chains,
    },
    scenario,
};
use entity::{Erasable, Placement, Replacement, Scoped, Table, Visitor};
use sea_orm::{
    ColumnTrait, ColumnType, ConnectionTrait, DatabaseConnection, DbBackend, IdenStatic, Iterable, Statement,
};
use serde_json::{Value, json};
use std::{
    collections::{BTreeMap, BTreeSet},
    str::FromStr,
};
use uuid::Uuid;

const NAME: &str = "Ottoline Quagmire";
const ADDRESS: &str = "ottoline@quagmire.example";
const WORDS: &str = "harbour copper lantern";

/// Somebody with a login in the cast's team.
struct Member {
    id: Value,
    person: Value,
    bearer: String,
    refresh: String,
}

impl Member {
    /// Invited, and there.
    async fn joined(world: &World) -> Member {
        let create = json!({ "teamId": world.cast.team, "name": NAME, "jobTitle": "Head of quagmires", "email": ADDRESS });
        let made = world.done(Sponsor, "memberCreate", create, "member { id }").await;
        let id = made["member"]["id"].clone();
        let invite = json!({ "memberId": id, "email": ADDRESS, "role": "LEADER" });
        world.done(Sponsor, "memberInvite", invite, "").await;
        let token = link(world.emails().await.last().expect("an e-mail"), "invitation");
        let accept = "mutation($input: InvitationAcceptInput!) { invitationAccept(input: $input) {
            accessToken refreshToken errors { code } } }";
        let input = json!({ "input": { "token": token, "password": WORDS } });
        let joined = world.ask_nobody(accept, input).await.json["data"]["invitationAccept"].clone();
        let text = |name: &str| joined[name].as_str().expect("a token").to_owned();
        let mut member =
            Member { id, person: Value::Null, bearer: text("accessToken"), refresh: text("refreshToken") };
        let me = member.ask(world, "{ viewer { person { id } } }", json!({}), None).await;
        member.person = me["data"]["viewer"]["person"]["id"].clone();
        member
    }

    async fn ask(&self, world: &World, document: &str, variables: Value, key: Option<&str>) -> Value {
        world.send(Some(self.bearer.clone()), document, variables, key).await.json
    }

    async fn done(&self, world: &World, mutation: &str, input: Value, selection: &str) -> Value {
        let answer =
            self.ask(world, &document(mutation, selection), json!({ "input": input }), Some(mutation)).await;
        assert_eq!(answer["data"][mutation]["errors"], json!([]), "{mutation}: {answer}");
        answer["data"][mutation].clone()
    }

    /// Owns an action and has done it, took part in a session and said what she thinks of it.
    async fn works(&self, world: &World) -> Value {
        let offer = json!({ "teamId": world.cast.team, "ownerId": self.id, "title": "Drain it", "dueOn": "2026-03-20" });
        let action =
            world.done(Facilitator, "actionCreate", offer, "action { id }").await["action"]["id"].clone();
        self.done(world, "actionAccept", json!({ "id": action }), "action { owner { name } }").await;
        let comment = json!({ "actionId": action, "text": "Half of it is dry" });
        self.done(world, "actionCommentCreate", comment, "").await;
        self.done(world, "actionComplete", json!({ "id": action }), "").await;
        let schedule = json!({ "teamId": world.cast.team, "kind": "REVIEW", "title": "Review", "minutes": 60, "place": "",
            "startsAt": "2026-03-02T09:04:00Z", "agenda": [{ "title": "Figures", "minutes": 20, "ownerId": self.id }] });
        let session = world.done(Facilitator, "sessionSchedule", schedule, "session { id }").await;
        let session = session["session"]["id"].clone();
        world.at("2026-03-02T09:04:00Z");
        world.done(Facilitator, "sessionStart", json!({ "id": session }), "").await;
        let close = json!({ "id": session, "summary": "Over",
            "attendance": [{ "memberId": self.id, "status": "PRESENT" }] });
        world.done(Facilitator, "sessionClose", close, "").await;
        let rating = json!({ "id": session, "score": 4, "comment": "Ottoline Quagmire liked it" });
        self.done(world, "sessionRate", rating, "").await;
        self.done(world, "personExport", json!({ "id": self.person }), "").await;
        world.done(Facilitator, "clientExport", json!({ "clientId": world.cast.client }), "").await;
        session
    }

    /// Leaves the team.
    async fn leaves(&self, world: &World) {
        let successor = json!({ "id": self.id, "successorId": world.cast.leader });
        world.done(Sponsor, "memberRemove", successor, "").await;
    }
}

/// What head office counts.
async fn counted(world: &World) -> Value {
    let counts = "{ clients { nodes { id status progress { actionsDone actionsOpen sessionsHeld } } } }";
    let mut seen = world.read(Admin, counts, json!({})).await;
    // the erased one has another name, by which they are in order
    let clients = seen["clients"]["nodes"].as_array_mut().expect("clients");
    clients.sort_by_key(|client| client["id"].to_string());
    seen
}

scenario! {
    async fn an_erased_person_is_nowhere_and_what_they_did_stays(world: World) {
        let behind = world.home.behind().await;
        let member = Member::joined(&world).await;
        let session = member.works(&world).await;
        member.leaves(&world).await;
        for text in [NAME, ADDRESS] {
            assert!(columns_with_text(&behind, text).await.len() > 5, "{:?}", columns_with_text(&behind, text).await);
        }
        let before = counted(&world).await;
        let events = verify_chains(&behind).await.expect("whole chains");
        let erase = json!({ "id": member.person });
        let erased = world.done(Admin, "personErase", erase.clone(), "person { name email erasedAt canSignIn }").await;
        let person = &erased["person"];
        assert_eq!((&person["name"], &person["canSignIn"]), (&json!("Former user"), &json!(false)));
        assert_eq!(person["erasedAt"], "2026-03-02T09:04:00Z");
        assert!(person["email"].as_str().is_some_and(|email| email.ends_with("@erased.invalid")), "{person}");
        for text in [NAME, ADDRESS, "ottoline", "quagmire"] {
            assert_eq!(columns_with_text(&behind, text).await, Vec::<String>::new(), "{text}");
        }
        assert_eq!(counted(&world).await, before);
        let after = verify_chains(&behind).await.expect("whole chains");
        assert!(after > events, "the erasure is audited");
        assert_counts(&behind).await;
        let history = "query($id: ID!) { session(id: $id) { recap { record markdown redactionCount }
            attendance { member { name } } } }";
        let kept = world.read(Facilitator, history, json!({ "id": session })).await;
        let recap = &kept["session"]["recap"];
        let names = recap["record"]["attendance"].to_string();
        assert!(names.contains("Former member"), "{names}");
        assert_eq!(recap["record"]["agenda"][0]["owner"], "Former member");
        assert!(recap["markdown"].as_str().is_some_and(|page| page.contains("Former member: present")), "{recap}");
        assert_eq!(recap["redactionCount"], 1);
        let answer = "{ auditEvents(filter: { noun: { eq: PERSON } }, first: 1) { nodes { verb erased after person { name } } } }";
        let answer = world.read(Admin, answer, json!({})).await["auditEvents"]["nodes"][0].clone();
        assert_eq!((&answer["verb"], &answer["erased"]), (&json!("PERSON_ERASE"), &json!(false)));
        assert_eq!(answer["after"].as_object().map(|after| after.keys().cloned().collect::<BTreeSet<_>>()),
            Some(BTreeSet::from(["erasedAt".to_owned(), "version".into()])));
        assert_eq!(world.refused(Admin, "personErase", erase.clone()).await, ("WRONG_STATE".into(), "input.id".into()));
        let named = json!({ "id": member.person, "name": NAME });
        assert_eq!(world.refused(Admin, "personUpdate", named).await.0, "WRONG_STATE");
    }
}

scenario! {
    async fn an_erased_person_gets_in_nowhere(world: World) {
        let member = Member::joined(&world).await;
        member.leaves(&world).await;
        world.done(Admin, "personErase", json!({ "id": member.person }), "").await;
        let asked = member.ask(&world, "{ viewer { person { id } } }", json!({}), None).await;
        assert_eq!(asked["errors"][0]["extensions"]["code"], "UNAUTHENTICATED", "{asked}");
        let refresh = "mutation($input: TokenRefreshInput!) { tokenRefresh(input: $input) { accessToken errors { code } } }";
        let refreshed = world.ask_nobody(refresh, json!({ "input": { "refreshToken": member.refresh } })).await.json;
        assert_eq!(refreshed["data"]["tokenRefresh"]["errors"][0]["code"], "NOT_AUTHENTICATED", "{refreshed}");
        let sign_in = "mutation($input: SignInInput!) { signIn(input: $input) { accessToken errors { code } } }";
        let signed = world.ask_nobody(sign_in, json!({ "input": { "email": ADDRESS, "password": WORDS } })).await.json;
        assert_eq!(signed["data"]["signIn"]["errors"][0]["code"], "NOT_AUTHENTICATED", "{signed}");
        // the address is free for somebody else
        let invite = json!({ "name": "Another", "email": ADDRESS, "role": "HEAD_OFFICE_ANALYST" });
        world.done(Admin, "headOfficeInvite", invite, "").await;
    }
}

scenario! {
    async fn who_owns_something_is_not_erased(world: World) {
        let erase = |who| json!({ "id": world.cast.person(who).1 });
        for (who, said) in [
            (Leader, "Leadership team of Acorn Mills"),
            (Facilitator, "They lead: Acorn Mills"),
            (Admin, "Nobody erases themselves"),
        ] {
            let answer = world.change(Admin, "personErase", erase(who), "").await;
            let message = answer["errors"][0]["message"].as_str().unwrap_or_default();
            assert_eq!(answer["errors"][0]["code"], "WRONG_STATE", "{who:?}");
            assert!(message.contains(said), "{who:?}: {message}");
        }
        let stale = json!({ "id": world.cast.person(Analyst).1, "expectedVersion": 99 });
        assert_eq!(world.refused(Admin, "personErase", stale).await.0, "CONFLICT");
        assert_eq!(world.refused(Admin, "personErase", erase(Foreigner)).await.0, "NOT_FOUND");
        for who in [Owner, Facilitator, Sponsor, Leader, Analyst] {
            let answer = world.ask(who, &document("personErase", ""), json!({ "input": erase(Observer) })).await;
            assert_eq!(answer.json["errors"][0]["extensions"]["code"], "FORBIDDEN", "{who:?}");
        }
        world.done(Admin, "personErase", erase(Analyst), "").await;
        world.done(Admin, "personErase", erase(Observer), "").await;
    }
}

/// Texts below a client that nobody said: codes, figures, clocks, and what a template says.
const NO_WORDS: &[(&str, &[&str])] = &[
    ("alignment_statement", &["mean", "mean_before"]),
    ("alignment_voice", &["mean"]),
    ("benchmark_standing", &["period", "value"]),
    ("client", &["industry", "time_zone"]),
    ("client_place", &["stage"]),
    ("invitation", &["token_hash"]),
    ("measurable", &["baseline", "target", "green_bound", "amber_bound"]),
    ("measurable_value", &["value"]),
    ("metric_value", &["period"]),
    ("programme_pulse", &["started_month", "completed_month"]),
    ("review_cadence", &["local_time"]),
    ("session_series", &["rule", "local_time", "time_zone", "except_on"]),
    ("stage_run", &["title", "purpose"]),
    ("target", &["figure"]),
    ("strategy_section", &["key", "title", "prompt"]),
    ("strategy_version", &["title"]),
];

/// A table whose rows tell of a client.
struct Telling {
    table: &'static str,
    /// The column that names the client.
    key: &'static str,
    words: Erasable,
    folded: &'static [&'static str],
    texts: Vec<&'static str>,
}

struct Look;

impl Visitor for Look {
    type Output = Option<Telling>;
    fn visit<E>(self) -> Option<Telling>
    where
        E: Scoped,
        E::Model: serde::Serialize + Send + Sync,
    {
        let key = if E::TABLE == Table::Client { "id" } else { "client_id" };
        // the audit forgets in its own way
        if E::Column::from_str(key).is_err() || E::PLACEMENT == Placement::Audit {
            return None;
        }
        // closed sets of values are declared as texts, and what anybody may write as strings
        let said = |column: &E::Column| matches!(column.def().get_column_type(), ColumnType::String(_));
        let texts = E::Column::iter().filter(said).map(|column| column.as_str()).collect();
        Some(Telling { table: E::TABLE.name(), key, words: E::ERASABLE, folded: E::FOLDED, texts })
    }
}

fn notifying() -> Vec<Telling> {
    Table::ALL.iter().filter_map(|table| table.visit(Look)).collect()
}

#[test]
fn every_text_below_a_client_is_one_that_an_erasure_knows() {
    let mut seen = 0;
    for table in notifying() {
        let known = match table.words {
            Erasable::Rows => continue,
            Erasable::None => vec![],
            Erasable::Columns(words) => words.iter().map(|(column, _)| *column).collect(),
        };
        let none = NO_WORDS.iter().find(|(name, _)| *name == table.table).map_or(&[][..], |(_, none)| none);
        for text in &table.texts {
            let declared = known.contains(text) || none.contains(text);
            assert!(
                declared,
                "{}.{text}: say in its entity what an erasure leaves of it, or here why it can stay",
                table.table
            );
            assert!(!(known.contains(text) && none.contains(text)), "{}.{text} is both", table.table);
            seen += 1;
        }
        for column in known.iter().chain(none) {
            assert!(table.texts.contains(column), "{}.{column} is no text", table.table);
        }
    }
    assert!(seen > 70, "{seen} texts");
}

async fn count(behind: &DatabaseConnection, sql: String) -> i64 {
    let row = behind.query_one_raw(Statement::from_string(behind.get_database_backend(), sql)).await;
    row.expect("an answer").expect("a row").try_get_by_index(0).expect("a count")
}

/// How many rows tell of a client, by table; and in which columns somebody's words stand.
async fn answer(behind: &DatabaseConnection, client: Uuid) -> (BTreeMap<&'static str, i64>, Vec<String>) {
    let id = match behind.get_database_backend() {
        DbBackend::Postgres => format!("'{client}'"),
        _ => format!("x'{}'", client.simple()),
    };
    let (mut rows, mut words) = (BTreeMap::new(), vec![]);
    for Telling { table, key, words: declared, folded, .. } in notifying() {
        let all = count(behind, format!("select count(*) from {table} where {key} = {id}")).await;
        match declared {
            // the search finds the erased client itself, and nothing else of it
            Erasable::Rows if all > 0 && !table.starts_with("search") => words.push(table.to_owned()),
            Erasable::Rows => {}
            Erasable::None | Erasable::Columns(_) => drop(rows.insert(table, all)),
        }
        let Erasable::Columns(columns) = declared else { continue };
        for column in folded.iter().map(|text| entity::folded(text)) {
            let sql = format!("select count(*) from {table} where {key} = {id} and {column} is not null");
            if count(behind, sql).await > 0 {
                words.push(format!("{table}.{column}"));
            }
        }
        for (column, left) in columns {
            let erased = match left {
                Replacement::Nothing => "1 = 0".to_owned(),
                Replacement::Text(text) => format!("{column} = '{text}'"),
                Replacement::Name(name) => format!("{column} like '{name} ____________'"),
            };
            let sql = format!(
                "select count(*) from {table} where {key} = {id} and {column} is not null and not ({erased})"
            );
            if count(behind, sql).await > 0 {
                words.push(format!("{table}.{column}"));
            }
        }
    }
    (rows, words)
}

scenario! {
    async fn an_erased_client_is_nowhere_and_what_it_counted_stays(world: World) {
        let behind = world.home.behind().await;
        let fixtures = Fixtures::of(&world).await;
        let member = Member::joined(&world).await;
        member.works(&world).await;
        for fixture in [&fixtures.home, &fixtures.sibling] {
            let over = json!({ "id": fixture.ids["programme"], "reason": "They leave us" });
            world.done(Facilitator, "programmeTerminate", over, "").await;
        }
        let id = json!({ "id": world.cast.client });
        world.done(Admin, "clientArchive", id.clone(), "").await;
        let (client, spare) = (world.cast.client.uuid(), fixtures.spare.client.uuid());
        let (rows, words) = answer(&behind, client).await;
        assert!(words.len() > 35 && rows.len() > 45, "{} and {words:?}", rows.len());
        let (beside, counts) = (answer(&behind, spare).await, counted(&world).await);
        let events = verify_chains(&behind).await.expect("whole chains");
        let erase = json!({ "id": world.cast.client, "name": "Acorn Mills", "reason": "They asked for it" });
        let erased = world.done(Admin, "clientErase", erase.clone(), "client { name status erasedAt risk teams { name } }").await;
        let client_now = &erased["client"];
        assert_eq!((&client_now["status"], &client_now["erasedAt"]), (&json!("ARCHIVED"), &json!("2026-03-02T09:04:00Z")));
        assert!(client_now["name"].as_str().is_some_and(|name| name.starts_with("Erased client ")), "{client_now}");
        for text in [NAME, ADDRESS, "Acorn Mills", "Drain it", "Half of it is dry", "liked it", "They leave us"] {
            assert_eq!(columns_with_text(&behind, text).await, Vec::<String>::new(), "{text}");
        }
        let (after, left) = answer(&behind, client).await;
        assert_eq!(left, Vec::<String>::new());
        // its own figures and waiting e-mails are gone, and all other rows are there
        let own = ["metric_value", "benchmark_standing", "outbox"];
        let rest = rows.into_iter().map(|(table, rows)| (table, if own.contains(&table) { 0 } else { rows }));
        assert_eq!(after, rest.collect(), "every other row is there");
        assert_eq!(counted(&world).await, counts);
        assert_eq!(answer(&behind, spare).await, beside, "others keep what is theirs");
        let later = verify_chains(&behind).await.expect("whole chains");
        assert!(later > events, "the erasure is audited");
        assert_counts(&behind).await;
        let found = "{ search(text: \"drain\") { totalCount } }";
        assert_eq!(world.read(Owner, found, json!({})).await["search"]["totalCount"], 0);
        let audit = "{ auditEvents(filter: { verb: { eq: CLIENT_ERASE }, noun: { eq: CLIENT } }) { nodes { after } } }";
        let answer = world.read(Admin, audit, json!({})).await["auditEvents"]["nodes"].to_string();
        assert!(answer.contains("They asked for it") && answer.contains("erasedAt") && !answer.contains("Acorn"), "{answer}");
        no_way_in(&world, &member).await;
        assert_eq!(world.refused(Admin, "clientErase", erase).await, ("WRONG_STATE".into(), "input.id".into()));
        let named = json!({ "id": world.cast.client, "name": "Acorn Mills" });
        assert_eq!(world.refused(Admin, "clientUpdate", named).await.0, "WRONG_STATE");
    }
}

/// Whoever was of the client cannot sign in, and whoever worked for it does not see it any more.
async fn no_way_in(world: &World, member: &Member) {
    let look = "query($id: ID!) { client(id: $id) { name } }";
    let id = json!({ "id": world.cast.client });
    for who in [Sponsor, Leader, Observer] {
        let asked = world.ask(who, look, id.clone()).await.json;
        assert_eq!(asked["errors"][0]["extensions"]["code"], "UNAUTHENTICATED", "{who:?}: {asked}");
    }
    let asked = member.ask(world, look, id.clone(), None).await;
    assert_eq!(asked["errors"][0]["extensions"]["code"], "UNAUTHENTICATED", "{asked}");
    assert_eq!(world.read(Facilitator, look, id.clone()).await["client"], Value::Null);
    assert!(
        world.read(Owner, look, id.clone()).await["client"]["name"].is_string(),
        "history is the franchise's"
    );
    assert!(world.read(Analyst, look, id).await["client"]["name"].is_string());
}

scenario! {
    async fn a_client_is_not_erased_by_mistake(world: World) {
        let erase = |name: &str| json!({ "id": world.cast.client, "name": name, "reason": "They asked for it" });
        assert_eq!(world.refused(Admin, "clientErase", erase("Acorn Mills")).await, ("WRONG_STATE".into(), "input.id".into()));
        world.done(Admin, "clientArchive", json!({ "id": world.cast.client }), "").await;
        for name in ["", "acorn mills", "Acorn Mills "] {
            assert_eq!(world.refused(Admin, "clientErase", erase(name)).await, ("INVALID".into(), "input.name".into()), "{name}");
        }
        let stale = json!({ "id": world.cast.client, "name": "Acorn Mills", "reason": "They asked for it", "expectedVersion": 1 });
        assert_eq!(world.refused(Admin, "clientErase", stale).await.0, "CONFLICT");
        let unsaid = json!({ "id": world.cast.client, "name": "Acorn Mills", "reason": "" });
        assert_eq!(world.refused(Admin, "clientErase", unsaid).await.1, "input.reason");
        for who in [Owner, Facilitator, Sponsor, Leader, Analyst] {
            let answer = world.ask(who, &document("clientErase", ""), json!({ "input": erase("Acorn Mills") })).await;
            assert_eq!(answer.json["errors"][0]["extensions"]["code"], "FORBIDDEN", "{who:?}");
        }
        let seen = world.read(Owner, "query($id: ID!) { client(id: $id) { name erasedAt } }", json!({ "id": world.cast.client })).await;
        assert_eq!(seen["client"], json!({ "name": "Acorn Mills", "erasedAt": null }));
    }
}
