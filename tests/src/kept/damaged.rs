//! Figure 12 with a whole notifier: what was killed finds its files harmed. It must start, settle what is left, and close its account;
//! what exactly is kept of which harm is the store's own test.

use std::{fs::File, os::unix::fs::FileExt, path::PathBuf};

use super::{feed::Feed, life::Life, polite::rest, protocol::Report, source::Source, world::World};

/// One harm to the files of a store.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Harm {
    /// The file ends in its middle.
    Cut,
    /// The log ends in its middle.
    CutLog,
    /// The file begins with other bytes.
    Garbage,
    /// Every hundredth page of the file has another bit.
    Flips,
    /// The log has another bit in its middle.
    FlipLog,
    /// The file is gone, its log is not.
    Missing,
    /// The log is gone.
    MissingLog,
}

impl Harm {
    /// All of them.
    pub const ALL: [Self; 7] =
        [Self::Cut, Self::CutLog, Self::Garbage, Self::Flips, Self::FlipLog, Self::Missing, Self::MissingLog];

    fn is_done_to_log(self) -> bool {
        matches!(self, Self::CutLog | Self::FlipLog | Self::MissingLog)
    }

    fn harm(self, world: &World) -> std::io::Result<()> {
        let path: PathBuf = world.path(if self.is_done_to_log() { "tidings.db-wal" } else { "tidings.db" });
        let file = File::options().read(true).write(true).open(&path)?;
        let length = file.metadata()?.len();
        match self {
            Self::Cut | Self::CutLog => file.set_len(length / 2),
            Self::Garbage => file.write_all_at(&[b'?'; 6_000], 0),
            Self::Flips => (1..length / 4_096).step_by(10).try_for_each(|page| flip(&file, page * 4_096 + 77)),
            Self::FlipLog => flip(&file, length / 2),
            Self::Missing | Self::MissingLog => std::fs::remove_file(&path),
        }
    }
}

fn flip(file: &File, place: u64) -> std::io::Result<()> {
    let mut byte = [0];
    file.read_exact_at(&mut byte, place)?;
    file.write_all_at(&[byte[0] ^ 4], place)
}

/// Feeds a process, kills it, harms its files, and lets two lives follow. Gives the last life's report.
///
/// # Errors
/// What does not hold.
///
/// # Panics
/// If the machine does not let it run.
pub async fn damaged(program: &str, harm: Harm, source: &Source) -> Result<Report, String> {
    let world = World::new(program, source.timed, source.seed).await;
    let batches = source.batches();
    // The first life is stopped, so that there is a file; the second one leaves a log.
    let mut feed = Feed::new(&batches, 1e9);
    for number in 0..2 {
        let mut life = Life::begin(world.program(), &world.setup(None), number);
        life.started().await?;
        feed.run_half(&mut life).await;
        feed.answered(&mut life, world.doors()).await?;
        let answers = if number == 0 { life.stop(super::polite::LIMIT).await.1 } else { life.kill().await };
        feed.note(&answers);
    }
    harm.harm(&world).map_err(|error| format!("it cannot be harmed: {error}"))?;
    let mended = rest(&world, 2).await?;
    closes(&mended)?;
    let again = rest(&world, 3).await?;
    closes(&again)?;
    if (again.census, &again.steps, &again.events) != (mended.census, &mended.steps, &mended.events) {
        return Err(format!("the next start found something else: {mended:?}, then {again:?}"));
    }
    let acknowledged = feed.acknowledged().len() as u64;
    match again.events.len() as u64 {
        events if events > acknowledged => Err(format!("{events} of {acknowledged} events")),
        0 if harm.is_done_to_log() => Err("a log's harm took all events along".to_owned()),
        _ => Ok(again),
    }
}

/// The account of a life, and the store's own.
fn closes(report: &Report) -> Result<(), String> {
    let census = &report.census;
    let settled = census.delivered + census.dead + census.expired;
    let notified = census.complete + census.incomplete + census.failed;
    let listed = report.events.len() as u64;
    let holds = report.unbalanced.is_none()
        && (census.waiting, census.open) == (0, 0)
        && (census.deliveries, census.notifications) == (settled, notified)
        // What was accepted stays counted, whatever became of its row.
        && listed <= census.events;
    let problem = || format!("an account does not close: {:?}, {listed} events, {census:?}", report.unbalanced);
    holds.then_some(()).ok_or_else(problem)
}
