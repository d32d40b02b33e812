//! A kill where what waited for a sink that is down becomes too old. All that users are told must have arrived before.

use std::time::Duration;

use super::{
    fates,
    feed::Feed,
    life::Life,
    protocol::{Order, Report, Setup, Stop},
    source::Source,
    world::World,
};

/// When the events come, in seconds.
const BEGIN: i64 = 1_700_000_000;
/// Longer than anything waits for a receiver that is down.
const LONG: i64 = 25 * 3_600;
/// Twice the time between two looks at a receiver that is down.
const STEP: i64 = 20;
/// So many looks are far more than it needs.
const LOOKS: usize = 2_000;
/// Between two looks of ours.
const PAUSE: Duration = Duration::from_millis(10);

/// A life on a clock that is moved by hand.
struct Aging {
    life: Life,
    now: i64,
}

/// Lets so many events wait for a sink until they are too old, with a kill at this step; gives the last report.
///
/// # Errors
/// What does not hold.
///
/// # Panics
/// If the machine does not let it run.
pub async fn outdated(program: &str, stop: Stop, source: &Source) -> Result<Report, String> {
    let mut world = World::calm(program, false).await;
    world.set_sink(None).await;
    let batches = source.batches();
    let mut feed = Feed::new(&batches, 1e9);
    let mut first = begin(&world, None, BEGIN).await?;
    feed.run(&mut first.life).await;
    feed.answered(&mut first.life, source.doors).await?;
    let count = source.count as u64;
    // Users first: their channels give up too, and another kill is for that.
    first.until(|report| report.census.waiting == 0 && report.census.open == count, 0).await?;
    first.life.kill().await;
    let mut second = begin(&world, Some(stop.clone()), BEGIN + LONG).await?;
    if second.until(|report| report.census.open == 0, STEP).await.is_ok() {
        return Err(format!("it came by {} fewer than {} times", stop.step, stop.nth));
    }
    let now = second.now;
    second.life.kill().await;
    let mut last = begin(&world, None, now).await?;
    last.until(|report| report.census.open == 0, STEP).await?;
    let (report, _) = last.life.stop(Duration::from_secs(20)).await;
    let report = report.ok_or("it gave no report")?;
    fates::check(&world, &report, count)?;
    match (&report.unbalanced, &report.gap, report.census.events == count) {
        (None, None, true) => Ok(report),
        _ => Err(format!("the account or the log does not close: {report:?}")),
    }
}

async fn begin(world: &World, step: Option<Stop>, now: i64) -> Result<Aging, String> {
    let setup = Setup { clock: Some(now * 1_000_000_000), doors: 1, ..world.setup(step) };
    let mut life = Life::begin(world.program(), &setup, 0);
    life.started().await?;
    Ok(Aging { life, now })
}

impl Aging {
    /// Lets so many seconds pass again and again until it is so.
    async fn until(&mut self, is_so: impl Fn(&Report) -> bool, seconds: i64) -> Result<(), String> {
        for _ in 0..LOOKS {
            let report = self.life.report().await.ok_or("it has ended")?;
            if is_so(&report) {
                return Ok(());
            }
            self.now += seconds;
            self.life.order(&Order::Clock { nanos: self.now * 1_000_000_000 }).await;
            tokio::time::sleep(PAUSE).await;
        }
        Err(format!("that never came: {:?}", self.life.report().await))
    }
}
