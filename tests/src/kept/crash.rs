//! Figures 1 and 2: a kill at any point, and a source that never resends, or resends everything.

use std::{collections::BTreeSet, time::Duration};

use fastrand::Rng;
use serde_json::Value;

use super::{
    feed::Feed,
    life::Life,
    protocol::{Report, Stop},
    source::Source,
    verdict::{Case, Counts},
    world::World,
};

/// Long beyond anything that a drain could need here.
const LIMIT: Duration = Duration::from_secs(20);

/// Every step at which a process can be killed: between any two arrows of a delivery's states, and within each. A `give_up` is a
/// `finish` that leaves one channel for another.
pub const STEPS: [&str; 18] = [
    "accept.begin",
    "accept.commit",
    "accept.committed",
    "plan.begin",
    "plan.commit",
    "plan.committed",
    "claim.begin",
    "claim.commit",
    "claim.committed",
    "send.begin",
    "send.answered",
    "finish.begin",
    "finish.commit",
    "finish.committed",
    "give_up.begin",
    "give_up.commit",
    "give_up.committed",
    "read.called",
];

/// Those of them where something is given up.
pub const GIVE_UP: [&str; 3] = ["give_up.begin", "give_up.commit", "give_up.committed"];

/// When the process dies.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Kill {
    /// By its parent, so long after its start.
    After(Duration),
    /// By itself.
    At(Stop),
}

/// One case.
#[derive(Clone, Debug)]
pub struct Crash {
    /// What is sent, and which receivers refuse what.
    pub source: Source,
    /// Events a second.
    pub rate: f64,
    /// One life after the other ends so; one more then runs to the end.
    pub kills: Vec<Kill>,
    /// Whether the source resends everything at the end.
    pub resends: bool,
}

impl Crash {
    /// A case by its seed: kills at random times within the time that the source needs.
    #[must_use]
    pub fn random(seed: u64, count: usize, kills: usize) -> Self {
        let mut random = Rng::with_seed(seed);
        let timed = random.bool();
        let rate = 2_000.0;
        let span = count as f64 / rate / kills as f64 * 1.2;
        let kills = (0..kills).map(|_| Kill::After(Duration::from_secs_f64(random.f64() * span))).collect();
        let source = Source { seed, count, doors: if timed { 1 } else { 2 }, timed };
        Self { source, rate, kills, resends: false }
    }

    /// Runs it, and checks all that must hold.
    ///
    /// # Errors
    /// What does not hold.
    ///
    /// # Panics
    /// If the machine does not let it run.
    pub async fn run(&self, program: &str) -> Result<Counts, String> {
        let world = World::new(program, self.source.timed, self.source.seed).await;
        let batches = self.source.batches();
        let mut feed = Feed::new(&batches, self.rate);
        for (number, kill) in self.kills.iter().enumerate() {
            die(&world, &mut feed, kill, number).await?;
        }
        let report = self.last(&world, &mut feed).await?;
        let events: Vec<Value> = batches.iter().flat_map(|(_, events)| events.clone()).collect();
        let acknowledged = feed.acknowledged();
        if self.resends {
            let all: BTreeSet<_> = (0..events.len()).collect();
            (acknowledged == all).then_some(()).ok_or("not all of what was resent was acknowledged")?;
        }
        let kills = self.kills.len();
        Case { world: &world, events: &events, acknowledged: &acknowledged, kills, report: &report }.check().await
    }

    /// The life that nobody ends: it takes the rest of the source, and settles everything.
    async fn last(&self, world: &World, feed: &mut Feed<'_>) -> Result<Report, String> {
        let mut life = Life::begin(world.program(), &world.setup(None), self.kills.len());
        life.started().await?;
        feed.run(&mut life).await;
        if self.resends {
            feed.rewind();
            feed.run(&mut life).await;
        }
        feed.answered(&mut life, world.doors()).await?;
        if !life.drain(LIMIT).await {
            return Err(format!("it does not drain: {:?}", life.report().await));
        }
        let (report, answers) = life.stop(LIMIT).await;
        feed.note(&answers);
        report.ok_or_else(|| "the last life gave no report".to_owned())
    }
}

/// A life that ends in the middle.
async fn die(world: &World, feed: &mut Feed<'_>, kill: &Kill, number: usize) -> Result<(), String> {
    let step = if let Kill::At(stop) = kill { Some(stop.clone()) } else { None };
    let mut life = Life::begin(world.program(), &world.setup(step), number);
    let answers = match kill {
        Kill::After(span) => {
            life.started().await?;
            drop(tokio::time::timeout(*span, feed.run(&mut life)).await);
            life.kill().await
        }
        Kill::At(stop) => {
            feed.run(&mut life).await;
            // It may still be on its way to the step; one that drains without coming by would wait for ever.
            let done = life.drain(LIMIT).await;
            let answers = life.kill().await;
            if done {
                return Err(format!("it came by {} fewer than {} times", stop.step, stop.nth));
            }
            answers
        }
    };
    feed.note(&answers);
    Ok(())
}
