//! The demo: one network that has been at work for fifteen months.

use super::{
    Summary, add_clients, add_weeks, benchmarks, create_network,
    directory::Directory,
    sketch::{NetworkShape, Sketch},
    transfer,
};
use crate::{
    features::{
        benchmark::{mechanism::rule::Profile, rules::delay_days},
        metric::freezing,
        pulse::keeping,
    },
    kernel::{Error, Kernel},
};
use chrono::NaiveTime;
use entity::membership::MembershipRole::{self, *};
use std::sync::Arc;

/// Those who can sign in, with the roles they show.
const PEOPLE: [(MembershipRole, &str, &str); 7] = [
    (HeadOfficeAdmin, "Margaret Ellison", "admin"),
    (HeadOfficeAnalyst, "Daniel Osei", "analyst"),
    (FranchiseOwner, "Helen Braithwaite", "owner"),
    (Facilitator, "Priya Raman", "facilitator"),
    (Sponsor, "Jonathan Thackray", "sponsor"),
    (Leader, "Agnieszka Wolska", "leader"),
    (Observer, "Gwilym Pryce", "observer"),
];

/// Makes the demo network, always the same but for the day it is made on.
pub async fn demo(kernel: &Arc<Kernel>, hash: &(dyn Fn(&str) -> String + Sync)) -> Result<Summary, Error> {
    let sketch = Sketch {
        name: "Meridian Strategy Partners".into(),
        seed: 20_261_101,
        // the day's beginning: made later in the day, it is the same
        now: kernel.seams.now().date_naive().and_time(NaiveTime::MIN).and_utc(),
        months: 15,
        franchises: 46,
        facilitators: 66,
        clients: 640,
        shape: NetworkShape::Grown,
    };
    let people =
        PEOPLE.map(|(role, name, word)| (role, name.to_owned(), format!("{word}@demo.concord.example")));
    let mut summary = Summary::default();
    let network = create_network(kernel, sketch, people.into(), &hash(super::PASSWORD), &mut summary).await?;
    add_weeks(kernel, &network).await?;
    let network = Arc::new(network);
    add_clients(kernel, std::slice::from_ref(&network), &|_, _| (), &mut summary).await?;
    freeze_quarters(kernel, &network).await?;
    benchmarks::add(kernel, &network).await?;
    transfer::propose(kernel, &network).await?;
    keeping::catch_up(kernel, network.network).await?;
    Ok(summary)
}

/// Freezes the quarters that have been over for long enough, as the job does for those that are to come.
async fn freeze_quarters(kernel: &Arc<Kernel>, directory: &Directory) -> Result<(), Error> {
    loop {
        let write = kernel.system(directory.network).await?;
        let more = freezing::freeze_step(&write, delay_days(Profile::Standard)).await?;
        write.commit_quietly().await?;
        if !more {
            return Ok(());
        }
    }
}
