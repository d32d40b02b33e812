//! A daemon that is killed, or told to stop, while events come by HTTP: what was acknowledged and never told, what was told twice, and
//! under how many ids. The source keeps what was acknowledged, and resends where it is asked to.

use std::{
    collections::HashSet,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering::SeqCst},
    },
    time::Duration,
};

use serde_json::json;
use tidings::clock::instant_now;

use crate::{
    client::Client,
    process::Process,
    receiver::{Receiver, Seen},
};

/// Events of a case, and how many a second.
pub(crate) const EVENTS: u64 = 8_000;
const RATE: u64 = 2_000;
/// Events of a request.
const BATCH: u64 = 10;
/// How long what is owed may take to come after a restart.
const PATIENCE: Duration = Duration::from_secs(120);

/// What one case came to.
#[derive(Debug, Default)]
pub(crate) struct Outcome {
    /// Events whose request was answered with 2xx.
    pub(crate) acknowledged: u64,
    /// Those of them that never came.
    pub(crate) lost: u64,
    /// Events that came more than once.
    pub(crate) twice: u64,
    /// Events that came under more than one delivery id: these are told anew.
    pub(crate) renamed: u64,
    /// Requests that were answered with 503.
    pub(crate) refused: u64,
    /// From the signal to the end of the process.
    pub(crate) stopped_in: Option<Duration>,
}

/// How the process ends in the middle.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum End {
    /// Killed; the source resends nothing.
    Killed,
    /// Killed; the source resends everything from the beginning.
    KilledAndResent,
    /// Told to stop.
    Told,
}

/// Feeds events, ends the process after a while, starts it again in the same folder, and counts.
pub(crate) fn case(events: u64, end: End, after: Duration) -> Outcome {
    let receiver = Receiver::start();
    let mut daemon = Process::daemon(&rules(&receiver));
    let source = Source::new(daemon.address, events);
    let mut outcome = Outcome::default();
    std::thread::scope(|scope| {
        let feeding = scope.spawn(|| source.feed());
        std::thread::sleep(after);
        if end == End::Told {
            outcome.stopped_in = Some(daemon.terminate());
        } else {
            daemon.kill();
        }
        source.stop();
        feeding.join().unwrap();
    });
    daemon.restart();
    if end == End::KilledAndResent {
        let again = Source::new(daemon.address, events);
        again.feed();
        source.acknowledged.lock().unwrap().extend(again.acknowledged.lock().unwrap().iter());
    }
    let acknowledged = source.acknowledged.lock().unwrap().clone();
    let seen = receiver.await_all(&acknowledged, PATIENCE);
    count(&acknowledged, &seen, &mut outcome);
    outcome.refused = *source.refused.lock().unwrap();
    outcome
}

fn count(acknowledged: &HashSet<u64>, seen: &Seen, outcome: &mut Outcome) {
    outcome.acknowledged = acknowledged.len() as u64;
    outcome.lost = acknowledged.iter().filter(|number| !seen.contains_key(*number)).count() as u64;
    outcome.twice = seen.values().filter(|ids| ids.len() > 1).count() as u64;
    outcome.renamed = seen.values().filter(|ids| ids.iter().any(|id| *id != ids[0])).count() as u64;
}

fn rules(receiver: &Receiver) -> String {
    format!(
        "events:\n  sinks:\n    - {{type: webhook, url: \"http://{address}/\", allow_private_networks: true, secret: a-secret-of-a-benchmark}}\n\
         triggers: [{{name: never, condition: 'event_type == \"mission.failed\"', channels: [inbox]}}]\nusers: {{me: {{}}}}\n\
         allow_destinations: [{{cidr: 127.0.0.1/32, ports: [{port}]}}]\n",
        address = receiver.address,
        port = receiver.address.port(),
    )
}

/// Who sends, at its rate and whatever happens.
struct Source {
    address: std::net::SocketAddr,
    events: u64,
    acknowledged: Arc<Mutex<HashSet<u64>>>,
    refused: Mutex<u64>,
    ended: AtomicBool,
}

impl Source {
    fn new(address: std::net::SocketAddr, events: u64) -> Self {
        let acknowledged = Arc::default();
        Self { address, events, acknowledged, refused: Mutex::new(0), ended: AtomicBool::new(false) }
    }

    fn stop(&self) {
        self.ended.store(true, SeqCst);
    }

    /// Sends until the end; where nobody answers after a stop, there is nobody any more.
    fn feed(&self) {
        let Some(mut client) = Client::connect(self.address) else { return };
        let started = instant_now();
        for first in (0..self.events).step_by(usize::try_from(BATCH).unwrap()) {
            let due = Duration::from_micros(first * 1_000_000 / RATE);
            std::thread::sleep(due.saturating_sub(started.elapsed()));
            let numbers = first..(first + BATCH).min(self.events);
            let batch: Vec<_> = numbers.clone().map(event).collect();
            match client.try_post("/v1/events", &serde_json::to_string(&batch).unwrap()) {
                Ok((200..300, _)) => self.acknowledged.lock().unwrap().extend(numbers),
                Ok((503, _)) => *self.refused.lock().unwrap() += 1,
                Ok((status, body)) => panic!("{status}: {body}"),
                Err(_) if self.ended.load(SeqCst) => return,
                // It was closed, or killed a moment ago.
                Err(_) => match Client::connect(self.address) {
                    Some(fresh) => client = fresh,
                    None => return,
                },
            }
        }
    }
}

fn event(number: u64) -> serde_json::Value {
    json!({"id": format!("event-{number}"), "event_type": "tool.error", "agent_id": format!("agent-{}", number % 20),
        "data": {"number": number}})
}
