//! The demo's benchmarks: who takes part, and the releases of the quarters that are over.

use super::{batch::insert_rows, directory::Directory, source::Source};
use crate::{
    features::benchmark::{self, mechanism::rule::Profile, rules},
    kernel::{Error, Fault, Kernel, RequestInfo, today},
};
use chrono::Duration;
use entity::{benchmark_step, benchmark_step::BenchmarkStepKind, client, membership::MembershipRole};
use sea_orm::ActiveValue::Set;
use std::sync::Arc;

/// Clients in a hundred that never agreed, and that agreed and withdrew.
const SILENT: u32 = 6;
const WITHDRAWN: u32 = 2;
/// One client in so many belongs to the same owners as the one before.
const GROUPED: usize = 40;

/// Lets clients take part, and closes what is over.
pub async fn add(kernel: &Arc<Kernel>, directory: &Directory) -> Result<(), Error> {
    take_part(kernel, directory).await?;
    let write = kernel.system(directory.network).await?;
    let now = today("Europe/London", write.now())?;
    let mut quarters = vec![];
    let mut next = rules::due_period(None, Profile::Standard, now);
    while let Some(quarter) = next {
        next = None;
        if benchmark::has_established_client(&write, quarter).await? {
            quarters.push(quarter);
            next = Some(quarter.before());
        }
    }
    write.roll_back().await?;
    let steps = kernel.stepwise(directory.network, "benchmarks", &RequestInfo::default());
    for quarter in quarters.into_iter().rev() {
        benchmark::close_releases(&steps, quarter, None).await?.ok_or(Fault::Internal)?;
    }
    Ok(())
}

async fn take_part(kernel: &Arc<Kernel>, directory: &Directory) -> Result<(), Error> {
    let network_id = directory.network;
    let mut source = Source::new(directory.sketch.seed, 9);
    let secret: String = (0..32).map(|_| format!("{:02x}", source.below(256))).collect();
    let sponsor = directory.cast.of(MembershipRole::Sponsor);
    let admin = directory.cast.of(MembershipRole::HeadOfficeAdmin);
    let mut steps = vec![];
    for card in &directory.cards {
        let mut say = |source: &mut Source, kind, days: i64, person_id| {
            let at = card.created_at + Duration::days(days);
            if at < directory.sketch.now {
                let client_id = card.client;
                steps.push(benchmark_step::Model {
                    id: source.id(at),
                    network_id,
                    client_id,
                    kind,
                    person_id,
                    at,
                });
            }
        };
        let own = sponsor.filter(|_| card.stage_door);
        say(&mut source, BenchmarkStepKind::ApprovalGiven, 3, admin);
        if card.stage_door || !source.chance(SILENT) {
            say(&mut source, BenchmarkStepKind::ConsentGiven, 9, own);
            if !card.stage_door && source.chance(WITHDRAWN) {
                say(&mut source, BenchmarkStepKind::ConsentWithdrawn, 200, None);
            }
        }
    }
    let write = kernel.system(network_id).await?;
    insert_rows(&write, vec![benchmark::key::sealed_row(&write, &secret)?]).await?;
    insert_rows(&write, steps).await?;
    for pair in directory.cards.chunks(GROUPED).filter_map(|cards| cards.get(1..3)) {
        for card in pair {
            let group = Set(Some(format!("{} Holdings", pair[0].name)));
            let client = write.lock::<client::Entity>(card.client).await?;
            let change =
                client::ActiveModel { id: Set(card.client), legal_group: group, ..Default::default() };
            write.set::<client::Entity>(&client, change).await?;
        }
    }
    write.commit_quietly().await
}
