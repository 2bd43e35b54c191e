//! Who asks, and for what: facilitators with their portfolios, made able to sign in.

use crate::Trouble;
use serde::{Deserialize, Serialize};
use std::collections::HashSet;
use tokio_postgres::Client;
use uuid::Uuid;

/// A facilitator.
#[derive(Serialize, Deserialize)]
pub struct Person {
    pub id: Uuid,
    pub network: Uuid,
    pub clients: Vec<Uuid>,
    pub email: String,
}

/// Those who read, and those whose actions are completed.
#[derive(Serialize, Deserialize)]
pub struct Cast {
    pub readers: Vec<Person>,
    pub writers: Vec<Person>,
    /// Head office: of each network an admin, by turns.
    pub office: Vec<Person>,
    /// The actions of each writer's clients.
    pub actions: Vec<Vec<Uuid>>,
}

impl Cast {
    /// Picks as many readers and as many writers, of both networks by turns.
    pub async fn pick(database: &Client, each: usize) -> Result<Cast, Trouble> {
        database.batch_execute(LOGINS).await?;
        let rows = database.query(FACILITATORS, &[&(2 * each as i64)]).await?;
        if rows.len() < 2 * each {
            return Err(format!("only {} facilitators with a portfolio: seed more", rows.len()).into());
        }
        let person = |row: &tokio_postgres::Row| Person {
            id: row.get(0),
            network: row.get(1),
            email: row.get(2),
            clients: row.get(3),
        };
        let mut readers: Vec<Person> = rows.iter().map(person).collect();
        let writers = readers.split_off(each);
        let (mut actions, mut taken) = (vec![], HashSet::new());
        for writer in &writers {
            // mixed, so that the audit's chains take turns
            let sql = "select id from action where client_id = any ($1) order by md5(id::text)";
            let rows = database.query(sql, &[&writer.clients]).await?;
            // two facilitators may share a client, and an action is completed once
            actions.push(rows.iter().map(|row| row.get(0)).filter(|id| taken.insert(*id)).collect());
        }
        let rows = database.query(OFFICE, &[]).await?;
        let admin = |row: &tokio_postgres::Row| Person {
            id: row.get(0),
            network: row.get(1),
            email: row.get(2),
            clients: vec![],
        };
        let office: Vec<Person> = rows.iter().cycle().take(each.min(each * rows.len())).map(admin).collect();
        Ok(Cast { readers, writers, office, actions })
    }

    /// Waits until the jobs have folded what the writes before have changed of the networks' figures, have computed the risk
    /// of their clients, and have ended the turns that they began: after seeding, they take some minutes to index its words.
    pub async fn folded(&self, database: &Client) -> Result<(), Trouble> {
        for _ in 0..3_600 {
            let left = "select (select count(*) from tally_delta)
                + (select count(*) from client_pulse where risk_policy = 0)
                + (select count(*) from job_turn where reached is not null)";
            let left: i64 = database.query_one(left, &[]).await?.get(0);
            if left == 0 {
                return Ok(database
                    .batch_execute("vacuum (analyze) tally_delta, tally, client, client_pulse")
                    .await?);
            }
            tokio::time::sleep(std::time::Duration::from_millis(500)).await;
        }
        Err("the jobs do not catch up".into())
    }

    /// Makes every action of the writers' one that can be completed, due in a month, and ends what tells that they drift:
    /// to end a signal with its cause is more than the other side does.
    pub async fn reset(&self, database: &Client) -> Result<(), Trouble> {
        let all: Vec<Uuid> = self.actions.concat();
        let sql = "update action set status = 'accepted', closed_at = null, reason = null,
                accepted_at = coalesce(accepted_at, offered_at), version = 1, moves = 0, due_on = current_date + 30,
                due_at = now() + interval '30 days', baseline_on = current_date + 30,
                baseline_at = now() + interval '30 days'
            where id = any ($1) and (status <> 'accepted' or version <> 1 or due_at < now())";
        database.execute(sql, &[&all]).await?;
        let sql = "update drift_signal set status = 'cleared', ended_at = now()
            where ended_at is null and client_id in (select client_id from action where id = any ($1))";
        database.execute(sql, &[&all]).await?;
        database.batch_execute("truncate outbox").await?;
        database
            .batch_execute("vacuum (analyze) action, client, client_pulse, client_due, client_drift, drift_signal, audit_lane, tally")
            .await?;
        Ok(())
    }
}

/// Facilitators without a sign-in get one, with the password of those who have.
const LOGINS: &str = "
with nobody as (
    select p.id, gen_random_uuid() as identity from person p
    where p.identity_id is null and exists (select from assignment a where a.person_id = p.id)
), made as (
    insert into identity (id, email, password_hash, password_changed_at, created_at, version)
    select nobody.identity, 'bench.' || nobody.id || '@seed.concord.example', known.password_hash, now(), now(), 1
    from nobody, (select password_hash from identity where email = 'facilitator.1@seed.concord.example') known
    returning id
)
update person set identity_id = nobody.identity from nobody, made
where person.id = nobody.id and made.id = nobody.identity";

const OFFICE: &str = "
select distinct on (p.network_id) p.id, p.network_id, i.email
from membership m join person p on p.id = m.person_id join identity i on i.id = p.identity_id
where m.role = 'head_office_admin' and m.ends_at is null order by p.network_id, i.email";

const FACILITATORS: &str = "
select person, network, email, clients from (
    select p.id as person, p.network_id as network, i.email, array_agg(distinct a.client_id) as clients,
        row_number() over (partition by p.network_id order by p.id) as place
    from person p
    join identity i on i.id = p.identity_id
    join assignment a on a.person_id = p.id
        and a.starts_at <= now() and (a.ends_at is null or a.ends_at > now())
    join client c on c.id = a.client_id
    join membership m on m.person_id = p.id and m.franchise_id = c.franchise_id and m.role = 'facilitator'
        and m.starts_at <= now() and (m.ends_at is null or m.ends_at > now())
    where not exists (select from membership o where o.person_id = p.id and o.role <> 'facilitator')
        and not exists (select from assignment o where o.person_id = p.id and o.part = 'observer')
    group by p.id, p.network_id, i.email having count(distinct a.client_id) >= 15
) f order by place, network limit $1";
