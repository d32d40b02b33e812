//! Figure 5: many events queued while their receiver is down, then it is back. What the process holds meanwhile is measured.

use std::{collections::BTreeSet, time::Duration};

use serde_json::Value;
use tidings::clock::instant_now;

use super::{
    feed::Feed,
    life::Life,
    source::Source,
    verdict::{Case, Counts},
    world::World,
};

/// Long beyond anything that a drain could need here.
const LIMIT: Duration = Duration::from_secs(900);
/// As fast as they go in.
const AT_ONCE: f64 = 1e9;

/// What was measured.
#[derive(Clone, Copy, Debug)]
pub struct Queued {
    /// What was counted.
    pub counts: Counts,
    /// The time until all were accepted.
    pub accepting: Duration,
    /// The most memory until then, in bytes.
    pub peak_queued: u64,
    /// The time from the receiver's return until all was delivered.
    pub draining: Duration,
    /// The most memory of all, in bytes.
    pub peak: u64,
}

/// So many events while the sink is down, then it heals.
///
/// # Errors
/// What does not hold.
///
/// # Panics
/// If the machine does not let it run.
pub async fn queued(program: &str, count: usize) -> Result<Queued, String> {
    let mut world = World::calm(program, false).await;
    let address = world.sink.as_ref().map(super::world::Receiver::address);
    world.set_sink(None).await;
    let batches = Source { seed: 5, count, doors: world.doors(), timed: false }.batches();
    let mut feed = Feed::new(&batches, AT_ONCE);
    let mut life = Life::begin(world.program(), &world.setup(None), 0);
    life.started().await?;
    let began = instant_now();
    feed.run(&mut life).await;
    feed.answered(&mut life, world.doors()).await?;
    let (accepting, peak_queued) = (began.elapsed(), life.peak_memory());
    let healed = instant_now();
    world.set_sink(address).await;
    if !life.drain(LIMIT).await {
        return Err(format!("it does not drain: {:?}", life.report().await));
    }
    let (draining, peak) = (healed.elapsed(), life.peak_memory());
    let (report, answers) = life.stop(LIMIT).await;
    feed.note(&answers);
    let report = report.ok_or("it gave no report")?;
    let events: Vec<Value> = batches.iter().flat_map(|(_, events)| events.clone()).collect();
    let acknowledged: BTreeSet<_> = feed.acknowledged();
    if acknowledged.len() != count {
        return Err(format!("{} of {count} events were acknowledged", acknowledged.len()));
    }
    let case = Case { world: &world, events: &events, acknowledged: &acknowledged, kills: 0, report: &report };
    Ok(Queued { counts: case.check().await?, accepting, peak_queued, draining, peak })
}
