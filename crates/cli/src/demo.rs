//! A simulated fleet of agents: an hour of five agents in a few seconds, so that a newcomer sees rules at work without a file.
//! The same at every run.

use std::time::Duration;

use fastrand::Rng;
use serde_json::json;
use tidings::{
    Event, Timestamp,
    config::{self, Environment, Options, Plan},
};
use tokio::sync::mpsc;

use crate::source::{Content, Line};

/// How many events the fleet emits.
pub(crate) const EVENTS: u64 = 600;
/// The time between two events in the demo, and in the hour that it shows.
const PACE: Duration = Duration::from_millis(5);
const STEP: Duration = Duration::from_secs(6);
/// Makes every run the same.
const SEED: u64 = 7;

const AGENTS: [&str; 5] = ["support-agent", "billing-agent", "research-agent", "deploy-agent", "travel-agent"];
const TOOLS: [&str; 4] = ["search", "read_file", "send_mail", "query_database"];

/// The demo's configuration.
pub(crate) fn plan() -> anyhow::Result<Plan> {
    let none = |_: &str| None;
    let options = Options { file_name: "demo.yaml", environment: Environment::Given(&none), ..Options::default() };
    let (plan, _) = config::load(include_str!("demo.yaml"), &options)
        .map_err(|problems| anyhow::anyhow!("the demo's configuration is wrong: {problems:?}"))?;
    Ok(plan)
}

/// Starts the fleet.
pub(crate) fn fleet() -> mpsc::Receiver<Line> {
    let (sender, receiver) = mpsc::channel(64);
    std::thread::spawn(move || {
        let mut fleet = Fleet::new();
        for number in 1..=EVENTS {
            std::thread::sleep(PACE);
            let line = Line { number, position: number, content: Content::Event(Box::new(fleet.next_event())) };
            if sender.blocking_send(line).is_err() {
                return;
            }
        }
    });
    receiver
}

/// Calls and errors of one agent since it started its work.
#[derive(Clone, Copy, Default)]
struct Counts {
    calls: u32,
    errors: u32,
}

/// The agents, and what they have done so far.
pub(crate) struct Fleet {
    random: Rng,
    now: Timestamp,
    counts: [Counts; AGENTS.len()],
    step: u64,
}

impl Fleet {
    /// A fleet that has just begun.
    pub(crate) fn new() -> Self {
        let now = tidings::clock::system_now() - Duration::from_secs(3_600);
        Self { random: Rng::with_seed(SEED), now, counts: Default::default(), step: 0 }
    }

    /// Mostly calm; for ten minutes in the middle the billing agent's tools fail, and now and then something needs a person.
    pub(crate) fn next_event(&mut self) -> Event {
        self.step += 1;
        self.now = self.now + STEP;
        let index = self.random.usize(..AGENTS.len());
        let agent = AGENTS[index];
        let outage = (250..350).contains(&self.step) && agent == "billing-agent";
        let failure = if outage { 0.7 } else { 0.02 };
        let event = match self.random.u32(..100) {
            0 => Event::new("approval.requested").data(json!({"summary": "refund of 250 EUR"})),
            1 => {
                Event::new("tool.slow").data(json!({"tool": self.tool(), "latency_ms": self.random.u32(6_000..20_000)}))
            }
            2..=7 => self.mission(index),
            _ if self.random.f64() < failure => self.failed_call(index),
            _ => self.call(index),
        };
        let event = if self.step == 420 {
            Event::new("budget.exceeded").data(json!({"spent_usd": 51.3, "limit_usd": 50}))
        } else {
            event
        };
        event.agent(agent).session(format!("s{}", self.step / 40)).at(self.now)
    }

    fn tool(&mut self) -> &'static str {
        TOOLS[self.random.usize(..TOOLS.len())]
    }

    fn call(&mut self, index: usize) -> Event {
        self.counts[index].calls += 1;
        let latency = self.random.u32(80..2_500);
        Event::new("custom.tool.call").data(json!({"tool": self.tool(), "latency_ms": latency}))
    }

    fn failed_call(&mut self, index: usize) -> Event {
        let counts = &mut self.counts[index];
        counts.calls += 1;
        counts.errors += 1;
        let (calls, errors) = (counts.calls, counts.errors);
        let error_rate = f64::from(errors) / f64::from(calls);
        let data = json!({"tool": self.tool(), "error": "timeout", "tool_calls": calls, "error_rate": error_rate});
        Event::new("tool.error").data(data)
    }

    fn mission(&mut self, index: usize) -> Event {
        let Counts { calls, errors } = std::mem::take(&mut self.counts[index]);
        let failed = errors > 1 && errors * 6 > calls;
        let name = if failed { "mission.failed" } else { "mission.complete" };
        Event::new(name).data(json!({"tool_calls": calls, "tool_errors": errors}))
    }
}
