//! Figure 13: the disk is full while the process runs, then there is room again.

use std::{collections::BTreeSet, time::Duration};

use serde_json::Value;

use super::{
    disk::Disk,
    life::Life,
    protocol::Order,
    source::Source,
    verdict::{Case, Counts},
    world::World,
};

const LIMIT: Duration = Duration::from_secs(60);
/// At least so many batches come while the disk is full.
const TRIES: usize = 5;

/// What a full disk gave.
#[derive(Clone, Debug)]
pub struct Full {
    /// What was counted.
    pub counts: Counts,
    /// Batches that were refused meanwhile.
    pub refused: usize,
    /// What the first of them was told.
    pub told: String,
}

/// Fills the disk in the middle of a source that waits for each answer; it goes on to its end, then there is room.
///
/// # Errors
/// What does not hold.
///
/// # Panics
/// If the machine does not let it run.
pub async fn full(program: &str, disk: Disk, source: &Source) -> Result<Full, String> {
    let world = World::new(program, source.timed, source.seed).await;
    let batches = source.batches();
    let mut life = disk.begin(&world);
    life.started().await?;
    let third = batches.len() / 3;
    let mut source = Waiting { life: &mut life, batches: &batches, refused: Vec::new(), told: None };
    source.send(0..third).await?;
    if !source.refused.is_empty() {
        return Err(format!("refused before the disk was full: {:?}", source.told));
    }
    disk.fill(&world, source.life);
    source.until_refused(third).await?;
    disk.empty(&world, source.life);
    // Nothing else tells it that there is room.
    let rest: Vec<_> = std::mem::take(&mut source.refused);
    let (refused, told) = (rest.len(), source.told.take().unwrap_or_default());
    source.again(rest).await?;
    if !life.drain(LIMIT).await {
        return Err(format!("it does not drain: {:?}", life.report().await));
    }
    let (report, _) = life.stop(LIMIT).await;
    let report = report.ok_or("it gave no report")?;
    let events: Vec<Value> = batches.iter().flat_map(|(_, events)| events.clone()).collect();
    let acknowledged: BTreeSet<_> = (0..events.len()).collect();
    let case = Case { world: &world, events: &events, acknowledged: &acknowledged, kills: 0, report: &report };
    Ok(Full { counts: case.check().await?, refused, told })
}

/// A source that waits for each answer.
struct Waiting<'a> {
    life: &'a mut Life,
    batches: &'a [(usize, Vec<Value>)],
    refused: Vec<usize>,
    told: Option<String>,
}

impl Waiting<'_> {
    /// Sends a batch; whether it was taken.
    async fn give(&mut self, number: usize, tried: usize) -> Result<bool, String> {
        let Some((door, events)) = self.batches.get(number) else { return Ok(true) };
        let name = (tried * self.batches.len() + number) as u64;
        self.life.order(&Order::Accept { number: name, door: *door, events: events.clone() }).await;
        match self.life.answered(name).await.ok_or("the process ended by itself")? {
            Ok(_) => Ok(true),
            Err(told) => {
                self.told.get_or_insert(told);
                Ok(false)
            }
        }
    }

    async fn send(&mut self, numbers: std::ops::Range<usize>) -> Result<(), String> {
        for number in numbers {
            if !self.give(number, 0).await? {
                self.refused.push(number);
            }
        }
        Ok(())
    }

    /// Sends all from this one on. The disk is full only if several of them are refused.
    async fn until_refused(&mut self, first: usize) -> Result<(), String> {
        self.send(first..self.batches.len()).await?;
        if self.refused.len() < TRIES {
            return Err(format!("only {} batches were refused on a full disk", self.refused.len()));
        }
        Ok(())
    }

    /// Sends what was refused again, until all of it is taken: there is room now.
    async fn again(&mut self, mut rest: Vec<usize>) -> Result<(), String> {
        for tried in 1..200 {
            let mut left = Vec::new();
            for number in rest {
                if !self.give(number, tried).await? {
                    left.push(number);
                }
            }
            rest = left;
            if rest.is_empty() {
                return Ok(());
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        Err(format!("it takes nothing although there is room: {:?}", self.told))
    }
}
