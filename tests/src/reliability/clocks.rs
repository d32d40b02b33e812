//! Figure 14: a clock that is set, in both directions, and one that is not although the calendar jumps.

use std::{sync::Arc, time::Duration};

use serde_json::json;
use tidings::{Clock, Event, Rule, Timestamp, User};
use tidings_engine::{Builder, Notifier};
use tidings_testkit::FakeClock;

use super::{
    Row,
    lab::{BEGIN, Backend, Lab},
    plan,
    receiver::{Receiver, broken},
};

const HOUR: i64 = 3_600;
const DAY: i64 = 86_400;

/// When the clocks of five zones were turned, in both directions: Zürich, New York, Lord Howe (by half an hour), Santiago, Auckland.
const TURNS: [(&str, i64); 10] = [
    ("Europe/Zurich", 1_774_746_000),
    ("Europe/Zurich", 1_792_890_000),
    ("America/New_York", 1_772_953_200),
    ("America/New_York", 1_793_512_800),
    ("Australia/Lord_Howe", 1_775_314_800),
    ("Australia/Lord_Howe", 1_791_041_400),
    ("America/Santiago", 1_775_358_000),
    ("America/Santiago", 1_788_667_200),
    ("Pacific/Auckland", 1_775_311_200),
    ("Pacific/Auckland", 1_790_431_200),
];

/// A machine whose clock may be set: the notifier sees it as the system's clock shows it, which never goes back.
struct Machine {
    lab: Lab,
    system: Timestamp,
}

impl Machine {
    /// Lets so many seconds pass; somebody else's event then makes the rules look at the clock.
    async fn pass(&mut self, seconds: u64) {
        let span = Duration::from_secs(seconds);
        self.system = self.system + span;
        self.lab.clock.set((self.lab.clock.now() + span).max(self.system));
        self.say("somebody", 0).await;
    }

    /// Sets the clock by so many seconds.
    async fn set(&mut self, seconds: i64) {
        let span = Duration::from_secs(seconds.unsigned_abs());
        self.system = if seconds < 0 { self.system - span } else { self.system + span };
        self.lab.clock.set(self.lab.clock.now().max(self.system));
        self.lab.settle().await;
    }

    async fn say(&self, agent: &str, load: u32) {
        let now = self.lab.clock.now();
        self.lab.accept(vec![Event::new("sample").agent(agent).at(now).data(json!({"load": load}))]).await;
    }
}

/// What people were told.
#[derive(Debug, PartialEq, Eq)]
struct Told {
    hot: usize,
    held: usize,
    shaky: usize,
}

fn parts(pager: &Receiver, flaky: &Receiver) -> Builder {
    let rule = |name: &str, condition: &str, cooldown: u64| {
        let rule = Rule::new(name, condition).expect("it is a condition").agent("a").expect("it is a name");
        rule.cooldown(Duration::from_secs(cooldown))
    };
    Notifier::builder()
        .channel("pager", Arc::new(pager.clone()), plan([30, 120, 600]))
        .channel("flaky", Arc::new(flaky.clone()), plan([30, 120, 600]))
        .user("ann", User::default())
        .rule(rule("hot", "load > 5", 300).channels(["pager"]))
        .rule(rule("held", "load > 5 for 2m", 10 * 86_400).channels(["pager"]))
        .rule(rule("shaky", "load > 5", 300).channels(["flaky"]))
        .expire_after(Duration::from_secs(3 * 86_400))
}

/// One incident, its retry, its hold and its repeats, while the clock is set by so many seconds, one after the other.
async fn scenario(backend: Backend, begin: Timestamp, steps: &[i64]) -> Told {
    let clock = FakeClock::at(begin);
    let pager = Receiver::good(clock.clone());
    let flaky = Receiver::new(clock.clone(), |attempt| if attempt.number == 1 { Err(broken()) } else { Ok(()) });
    let lab = Lab::start_with(backend.store(), clock, parts(&pager, &flaky)).await;
    let mut machine = Machine { lab, system: begin };
    machine.say("a", 9).await;
    machine.pass(1).await;
    for step in steps {
        machine.set(*step).await;
        machine.pass(1).await;
    }
    machine.pass(40).await;
    assert_eq!(flaky.taken().len(), 1, "a retry does not wait for a clock: {:#?}", flaky.attempts());
    machine.pass(90).await;
    machine.say("a", 9).await;
    machine.pass(200).await;
    machine.say("a", 9).await;
    assert!(machine.lab.pass_until_done(Duration::from_secs(10), Duration::from_secs(60)).await);
    [&pager, &flaky].into_iter().for_each(Receiver::check_once_and_in_order);
    let account = machine.lab.stop().await;
    assert!(account.is_clean(), "{account:#?}");
    let count = |receiver: &Receiver, name: &str| receiver.names().iter().filter(|what| *what == name).count();
    Told { hot: count(&pager, "hot"), held: count(&pager, "held"), shaky: count(&flaky, "shaky") }
}

/// Runs the incident with every step, and across every turn of the calendar.
///
/// # Panics
/// If anything is told more or less often than with a clock that nobody sets.
pub async fn run(backend: Backend) -> Vec<Row> {
    // Over nearly six minutes of load: twice by a cooldown of five minutes, once by one of ten days.
    let expected = Told { hot: 2, held: 1, shaky: 2 };
    let steps: [&[i64]; 9] =
        [&[], &[HOUR], &[-HOUR], &[DAY], &[-DAY], &[HOUR, -HOUR], &[-DAY, DAY], &[DAY, -DAY], &[-HOUR, -HOUR, DAY]];
    for steps in steps {
        assert_eq!(scenario(backend, BEGIN, steps).await, expected, "set by {steps:?}");
    }
    for (zone, turn) in TURNS {
        let begin = Timestamp::from_secs(turn) - Duration::from_secs(60);
        assert_eq!(scenario(backend, begin, &[]).await, expected, "when {zone} turned its clocks at {turn}");
    }
    let found = "cooldown, dedup, hold and retry as with a clock that nobody sets; nothing twice, nothing stuck";
    let run = format!("{} ways to set a clock, {} turns of 5 zones, {backend:?}", steps.len(), TURNS.len());
    vec![Row::new(14, run, found)]
}
