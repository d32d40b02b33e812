//! The notifier's life: does what it is told until it is told to stop, or until its parent is gone.

use std::{error::Error, sync::Arc, time::Duration};

use serde_json::Value;
use tidings::{
    Account, Builder, Clock, Event, Notifier, SystemClock, Timestamp,
    config::Mode,
    store::{
        LogFilter, Page, Store,
        sqlite::{Options, SqliteStore},
    },
};
use tidings_testkit::FakeClock;
use tidings_tests::kept::protocol::{Order, Report, Setup, Word};
use tokio::{
    signal::unix::{SignalKind, signal},
    sync::mpsc,
};

use crate::{append, tell::tell};

type Failed = Box<dyn Error + Send + Sync>;

/// Batches that wait at a door.
const ROOM: usize = 64;

struct Service {
    notifier: Notifier,
    store: Arc<dyn Store>,
    clock: Arc<dyn Clock>,
    hand: Option<FakeClock>,
    doors: Vec<mpsc::Sender<(u64, Vec<Event>)>>,
    drained: bool,
    lists_events: bool,
}

/// Runs a notifier as it is set up, until a stop.
pub(crate) async fn serve(setup: Setup) -> Result<(), Failed> {
    let mut service = start(&setup).await?;
    tell(&Word::Started);
    let mut polite = signal(SignalKind::terminate())?;
    let mut lines = orders();
    let limit = loop {
        let order = tokio::select! {
            order = lines.recv() => order,
            _ = polite.recv() => Some(Order::Stop { millis: setup.patience }),
        };
        match order {
            Some(Order::Stop { millis }) => break millis,
            Some(order) => service.obey(order).await?,
            None => return Ok(()),
        }
    };
    let account = service.notifier.stop_within(Duration::from_millis(limit)).await;
    let report = service.report(&account).await?;
    tell(&Word::Stopped(Box::new(report)));
    Ok(())
}

async fn start(setup: &Setup) -> Result<Service, Failed> {
    let hand = setup.clock.map(|nanos| FakeClock::at(Timestamp::from_nanos(nanos)));
    let clock: Arc<dyn Clock> = match &hand {
        Some(hand) => Arc::new(hand.clone()),
        None => Arc::new(SystemClock::new()),
    };
    let (store, _) = SqliteStore::open(&setup.store, &Options::default(), clock.now())?;
    let store: Arc<dyn Store> = Arc::new(store);
    let builder = Builder::from_file(&setup.config, Mode::Own)?;
    let builder = builder.store(Arc::clone(&store)).clock(Arc::clone(&clock)).sink(append::sink(&setup.seen)?);
    let builder = if setup.event_time { builder.event_time() } else { builder };
    let notifier = builder.build()?.start().await?;
    let doors = (0..setup.doors).map(|_| door(notifier.clone())).collect();
    Ok(Service { notifier, store, clock, hand, doors, drained: true, lists_events: setup.lists_events })
}

/// Lines are read on a thread of their own: standard input cannot be waited for.
fn orders() -> mpsc::Receiver<Order> {
    let (sender, receiver) = mpsc::channel(ROOM);
    std::thread::spawn(move || {
        for line in std::io::stdin().lines().map_while(Result::ok) {
            let Ok(order) = serde_json::from_str(&line) else { return };
            if sender.blocking_send(order).is_err() {
                return;
            }
        }
    });
    receiver
}

/// Batches of one door go in one after another; what was answered is told at once, and never before.
fn door(notifier: Notifier) -> mpsc::Sender<(u64, Vec<Event>)> {
    let (sender, mut batches) = mpsc::channel::<(u64, Vec<Event>)>(ROOM);
    tokio::spawn(async move {
        while let Some((number, events)) = batches.recv().await {
            tell(&match notifier.accept(events).await {
                Ok(answers) => Word::Accepted { number, duplicates: answers.iter().map(|one| one.duplicate).collect() },
                Err(error) => Word::Refused { number, reason: error.to_string() },
            });
        }
    });
    sender
}

impl Service {
    async fn obey(&mut self, order: Order) -> Result<(), Failed> {
        match order {
            Order::Accept { number, door, events } => {
                let now = self.clock.now();
                let events: Result<Vec<_>, _> = events.into_iter().map(|event| Event::from_json(event, now)).collect();
                let door = self.doors.get(door).ok_or("there is no such door")?;
                door.send((number, events?)).await?;
            }
            Order::Clock { nanos } => {
                self.hand.as_ref().ok_or("this clock cannot be set")?.set(Timestamp::from_nanos(nanos));
            }
            Order::Drain { millis } => {
                self.drained = self.notifier.drain(Duration::from_millis(millis)).await;
                tell(&Word::Drained { done: self.drained });
            }
            Order::Report => {
                let account = self.notifier.account().await;
                tell(&Word::Reported(Box::new(self.report(&account).await?)));
            }
            Order::Stop { .. } => {}
        }
        Ok(())
    }

    async fn report(&self, account: &Account) -> Result<Report, Failed> {
        let mut report = Report {
            unbalanced: account.closes().err().map(|error| error.to_string()),
            account: serde_json::to_value(account)?,
            census: self.store.census().await?,
            ..Report::default()
        };
        self.read_log(&mut report).await?;
        if self.lists_events {
            self.read_events(&mut report).await?;
        }
        Ok(report)
    }

    /// Whether the log has no gap, and what stands in it.
    async fn read_log(&self, report: &mut Report) -> Result<(), Failed> {
        let mut last = 0;
        loop {
            let page = self.store.log_query(&LogFilter::default(), Page::After { number: last, limit: 1_000 }).await?;
            if page.is_empty() {
                return Ok(());
            }
            for entry in page {
                if entry.number != last + 1 && report.gap.is_none() {
                    report.gap = Some(format!("after {last} comes {}", entry.number));
                }
                last = entry.number;
                *report.steps.entry(entry.step.as_str().to_owned()).or_default() += 1;
            }
        }
    }

    /// The numbers of all events in the order of the store.
    async fn read_events(&self, report: &mut Report) -> Result<(), Failed> {
        let mut range = tidings::store::EventRange::default();
        loop {
            let page = self.store.events(&range, 1_000).await?;
            let Some(last) = page.last() else { return Ok(()) };
            range.after = last.number;
            let number = |event: &Event| event.data.get("seq").and_then(Value::as_u64).unwrap_or(u64::MAX);
            report.events.extend(page.iter().map(|kept| number(&kept.event)));
        }
    }
}
