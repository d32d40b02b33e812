//! Figure 3, as far as a library has it: a stop by signal under load. And two processes that want one file.

use std::time::Duration;

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
pub(super) const LIMIT: Duration = Duration::from_secs(60);

/// What a polite stop gave.
#[derive(Clone, Copy, Debug)]
pub struct Polite {
    /// What was counted.
    pub counts: Counts,
    /// From the signal to the end of the process.
    pub took: Duration,
    /// Batches that were refused, since they came after the signal.
    pub refused: usize,
}

/// Asks a process under load to end, so long after its start, and lets the next one see what is left.
///
/// # Errors
/// What does not hold.
///
/// # Panics
/// If the machine does not let it run.
pub async fn polite(program: &str, source: &Source, rate: f64, after: Duration) -> Result<Polite, String> {
    let world = World::new(program, source.timed, source.seed).await;
    let batches = source.batches();
    let mut feed = Feed::new(&batches, rate);
    let mut life = Life::begin(world.program(), &world.setup(None), 0);
    life.started().await?;
    feed.run_for(&mut life, after).await;
    life.terminate();
    let asked = instant_now();
    // The source does not know of the signal.
    feed.go_on(&mut life).await;
    let (report, answers) = life.stopped().await;
    let took = asked.elapsed();
    feed.note(&answers);
    let first = report.ok_or("it gave no report")?;
    if first.unbalanced.is_some() || first.census.open + first.census.waiting > 0 {
        return Err(format!("it stopped before all was settled: {first:?}"));
    }
    let report = rest(&world, 1).await?;
    let events: Vec<Value> = batches.iter().flat_map(|(_, events)| events.clone()).collect();
    let acknowledged = feed.acknowledged();
    let case = Case { world: &world, events: &events, acknowledged: &acknowledged, kills: 0, report: &report };
    let refused = answers.values().filter(|answer| answer.is_err()).count();
    Ok(Polite { counts: case.check().await?, took, refused })
}

/// One more life, which settles what is left.
pub(super) async fn rest(world: &World, number: usize) -> Result<super::protocol::Report, String> {
    let mut life = Life::begin(world.program(), &world.setup(None), number);
    life.started().await?;
    if !life.drain(LIMIT).await {
        return Err(format!("it does not drain: {:?}", life.report().await));
    }
    life.stop(LIMIT).await.0.ok_or_else(|| "it gave no report".to_owned())
}

/// A second process on the file of a first one that is at work: what it is told. The first goes on undisturbed.
///
/// # Errors
/// What does not hold.
///
/// # Panics
/// If the machine does not let it run.
pub async fn second(program: &str, source: &Source) -> Result<(String, Counts), String> {
    let world = World::new(program, source.timed, source.seed).await;
    let batches = source.batches();
    let mut feed = Feed::new(&batches, 2_000.0);
    let mut life = Life::begin(world.program(), &world.setup(None), 0);
    life.started().await?;
    feed.run_for(&mut life, Duration::from_millis(50)).await;
    let mut other = Life::begin(world.program(), &world.setup(None), 1);
    let Err(told) = other.started().await else { return Err("two processes hold one file".to_owned()) };
    other.kill().await;
    feed.go_on(&mut life).await;
    feed.answered(&mut life, world.doors()).await?;
    let (report, answers) = life.stop(LIMIT).await;
    feed.note(&answers);
    let report = report.ok_or("it gave no report")?;
    let events: Vec<Value> = batches.iter().flat_map(|(_, events)| events.clone()).collect();
    let acknowledged = feed.acknowledged();
    if acknowledged.len() != events.len() {
        return Err("the second process disturbed the first".to_owned());
    }
    let case = Case { world: &world, events: &events, acknowledged: &acknowledged, kills: 0, report: &report };
    Ok((told, case.check().await?))
}
