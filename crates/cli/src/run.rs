//! `run`: a stream of events to its end. Feeds, drains for a limited time, and ends with the account.

use std::{path::Path, time::Duration};

use anyhow::Context;
use indicatif::ProgressBar;
use tidings::{Event, Notifier, Repeats, config::Plan};
use tokio::sync::mpsc;

use crate::{
    Exit,
    args::{Output, Run},
    demo, output, progress,
    receiver::Receivers,
    setup,
    source::{self, Content, Line, Refused},
    summary,
};

/// Events a batch.
const BATCH: usize = 256;
/// Room of each sink's queue: a file is read faster than any receiver takes it, and nothing of it should be shed for that.
const SINK_ROOM: usize = 100_000;

/// Runs a file, standard input or the demo.
pub(crate) async fn run(run: Run, output: &Output) -> anyhow::Result<Exit> {
    let plan = if run.demo { Ok(Some(demo::plan()?)) } else { setup::load(&run.config, output.json) };
    let Ok(mut plan) = plan else { return Ok(Exit::Usage) };
    let lines = open(&run)?;
    let receivers = match &mut plan {
        Some(plan) => prepare(plan, !run.demo).await?,
        None => Receivers::default(),
    };
    let from_stdin = run.events.as_deref() == Some(Path::new("-"));
    let builder = setup::builder(plan)?.sink_queue_size(SINK_ROOM);
    let builder = if from_stdin { builder } else { builder.event_time() };
    let notifier = builder.build()?.start().await?;
    let bar = progress::show(run.events.as_deref().and_then(progress::size_of).or(run.demo.then_some(demo::EVENTS)));
    let mut feed =
        Feed { notifier: &notifier, repeats: Repeats::default(), bar, strict: run.strict, refused: Refused::default() };
    let ended = tokio::select! {
        ended = feed.all(lines) => ended?,
        signal = stop_signal() => {
            signal.context("signals cannot be watched for")?;
            Ended::Interrupted
        }
    };
    finish(&notifier, &receivers, ended, output).await
}

fn open(run: &Run) -> anyhow::Result<mpsc::Receiver<Line>> {
    match &run.events {
        Some(path) => source::read(path),
        None => Ok(demo::fleet()),
    }
}

async fn prepare(plan: &mut Plan, tell: bool) -> anyhow::Result<Receivers> {
    setup::make_secrets(plan, tell)?;
    Receivers::start(plan).await
}

/// Waits for Ctrl-C, or for what a service manager sends.
pub(crate) async fn stop_signal() -> std::io::Result<()> {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        let mut terminate = signal(SignalKind::terminate())?;
        tokio::select! {
            signal = tokio::signal::ctrl_c() => signal,
            _ = terminate.recv() => Ok(()),
        }
    }
    #[cfg(not(unix))]
    tokio::signal::ctrl_c().await
}

/// Why the feed ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Ended {
    AtTheEnd,
    AtABadLine,
    BrokenOff,
    Interrupted,
}

/// Feeds lines to the notifier.
struct Feed<'a> {
    notifier: &'a Notifier,
    repeats: Repeats,
    bar: ProgressBar,
    strict: bool,
    refused: Refused,
}

impl Feed<'_> {
    async fn all(&mut self, mut lines: mpsc::Receiver<Line>) -> anyhow::Result<Ended> {
        let mut batch = Vec::with_capacity(BATCH);
        while lines.recv_many(&mut batch, BATCH).await > 0 {
            let position = batch.last().map_or(0, |line| line.position);
            let (events, ended) = self.events(batch.drain(..));
            self.notifier.accept_from(&mut self.repeats, events).await?;
            self.bar.set_position(position);
            let account = self.notifier.account().await;
            let told = account.notifications.planned;
            self.bar.set_message(format!("{} events, {told} notifications", account.events.offered));
            if let Some(ended) = ended {
                return Ok(ended);
            }
        }
        Ok(Ended::AtTheEnd)
    }

    /// The events of a batch, and what ends the feed with it.
    fn events(&mut self, lines: impl Iterator<Item = Line>) -> (Vec<Event>, Option<Ended>) {
        let mut events = Vec::with_capacity(BATCH);
        for line in lines {
            match line.content {
                Content::Event(event) => events.push(*event),
                Content::Malformed(problem) => {
                    self.notifier.refuse(1);
                    self.refused.tell(line.number, &problem);
                    if self.strict {
                        return (events, Some(Ended::AtABadLine));
                    }
                }
                Content::Broken(problem) => {
                    output::error(&problem);
                    return (events, Some(Ended::BrokenOff));
                }
            }
        }
        (events, None)
    }
}

/// Drains, tells the account, and says how it went. A second Ctrl-C cuts the drain short.
async fn finish(notifier: &Notifier, receivers: &Receivers, ended: Ended, output: &Output) -> anyhow::Result<Exit> {
    if ended == Ended::Interrupted {
        output::note("stopping: what was accepted is still delivered; press Ctrl-C again to stop at once");
    }
    let account = tokio::select! {
        account = notifier.stop() => account,
        _ = stop_signal() => notifier.stop_within(Duration::ZERO).await,
    };
    progress::hide();
    receivers.tell();
    summary::tell(notifier, &account, output).await;
    Ok(match ended {
        Ended::AtABadLine | Ended::BrokenOff => Exit::Usage,
        _ if summary::is_delivered(&account) => Exit::Done,
        _ => Exit::Failed,
    })
}
