//! Figure 14: a clock that is set, in both directions, and one that is not although the calendar jumps.

use std::{sync::Arc, time::Duration};

use serde_json::json;
use tidings::{Clock, Event, Rule, Timestamp, User, clock::steady};
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

/// What somebody does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Step {
    /// Sets the clock by so many seconds while the notifier runs.
    Set(i64),
    /// Sets it while the notifier does not run: the next life knows no other time than the clock's.
    Restart(i64),
}

/// A machine whose clock may be set: the notifier sees what a [`tidings::SystemClock`] would make of it.
struct Machine {
    lab: Lab,
    pager: Receiver,
    flaky: Receiver,
    system: Timestamp,
    lives: usize,
}

impl Machine {
    async fn start(backend: Backend, begin: Timestamp) -> Self {
        let clock = FakeClock::at(begin);
        let pager = Receiver::good(clock.clone());
        let flaky = Receiver::new(clock.clone(), |attempt| if attempt.number == 1 { Err(broken()) } else { Ok(()) });
        let lab = Lab::start_with(backend.store(), clock, parts(&pager, &flaky)).await;
        Self { lab, pager, flaky, system: begin, lives: 1 }
    }

    /// Lets so many seconds pass; somebody else's event then makes the rules look at the clock.
    async fn pass(&mut self, seconds: u64) {
        let span = Duration::from_secs(seconds);
        self.system = self.system + span;
        self.lab.clock.set(steady(self.lab.clock.now(), span, self.system));
        self.say("somebody", 0).await;
    }

    async fn take(&mut self, step: Step) {
        let (Step::Set(seconds) | Step::Restart(seconds)) = step;
        let span = Duration::from_secs(seconds.unsigned_abs());
        self.system = if seconds < 0 { self.system - span } else { self.system + span };
        match step {
            Step::Set(_) => self.lab.clock.set(steady(self.lab.clock.now(), Duration::ZERO, self.system)),
            Step::Restart(_) => self.restart().await,
        }
        self.lab.settle().await;
    }

    async fn restart(&mut self) {
        self.lab.notifier.stop_within(Duration::ZERO).await.closes().expect("the accounts close");
        self.lab.store.check_census().await;
        let (store, clock) = (Arc::clone(&self.lab.store), self.lab.clock.clone());
        clock.set(self.system);
        self.lab = Lab::start_with(store, clock, parts(&self.pager, &self.flaky)).await;
        self.lives += 1;
    }

    async fn say(&self, agent: &str, load: u32) {
        let now = self.lab.clock.now();
        self.lab.accept(vec![Event::new("sample").agent(agent).at(now).data(json!({"load": load}))]).await;
    }

    /// Settles the rest, and checks all accounts.
    async fn stop(&self) -> Told {
        assert!(self.lab.pass_until_done(Duration::from_secs(10), Duration::from_secs(60)).await);
        [&self.pager, &self.flaky].into_iter().for_each(Receiver::check_once_and_in_order);
        let account = self.lab.notifier.stop().await;
        account.closes().expect("the accounts close");
        assert!(account.is_clean(), "{account:#?}");
        if self.lives == 1 {
            self.lab.store.audit(&account).await;
        }
        let census = self.lab.store.check_census().await;
        assert_eq!((census.open, census.dead, census.expired), (0, 0, 0), "{census:?}");
        let count =
            |receiver: &Receiver, name: &str| receiver.names().iter().filter(|what| what.contains(name)).count();
        let of_pager = |name| count(&self.pager, name);
        let (hot, held, same, open) = (of_pager("hot"), of_pager("held"), of_pager("same"), of_pager("open"));
        Told { hot, held, same, open, shaky: count(&self.flaky, "shaky") }
    }
}

/// What people were told.
#[derive(Debug, PartialEq, Eq)]
struct Told {
    hot: usize,
    held: usize,
    same: usize,
    open: usize,
    shaky: usize,
}

fn parts(pager: &Receiver, flaky: &Receiver) -> Builder {
    let rule = |name: &str, condition: &str, cooldown: u64| {
        let rule = Rule::new(name, condition).expect("it is a condition").agent("a").expect("it is a name");
        rule.cooldown(Duration::from_secs(cooldown))
    };
    let same = rule("same", "load > 5", 0).dedup_key("load").expect("it is a template");
    Notifier::builder()
        .channel("pager", Arc::new(pager.clone()), plan([30, 120, 600]))
        .channel("flaky", Arc::new(flaky.clone()), plan([30, 120, 600]))
        .user("ann", User::default())
        .rule(rule("hot", "load > 5", 300).channels(["pager"]))
        .rule(rule("held", "load > 5 for 2m", 10 * 86_400).channels(["pager"]))
        .rule(same.channels(["pager"]))
        .rule(rule("open", "load > 5 resolve when load < 2", 0).channels(["pager"]))
        .rule(rule("shaky", "load > 5", 300).channels(["flaky"]))
        .expire_after(Duration::from_secs(3 * 86_400))
}

/// One incident, its retry, its hold, its repeats and its end, while the clock is set, one time after the other.
async fn scenario(backend: Backend, begin: Timestamp, steps: &[Step]) -> Told {
    let mut machine = Machine::start(backend, begin).await;
    machine.say("a", 9).await;
    machine.pass(1).await;
    for step in steps {
        machine.take(*step).await;
        machine.pass(1).await;
    }
    machine.pass(40).await;
    let flaky = &machine.flaky;
    assert_eq!(flaky.taken().len(), 1, "{steps:?}: a retry does not wait for a clock: {:#?}", flaky.attempts());
    machine.pass(90).await;
    machine.say("a", 9).await;
    machine.pass(200).await;
    machine.say("a", 9).await;
    machine.pass(1).await;
    machine.say("a", 1).await;
    machine.stop().await
}

/// Ways to set a clock while the notifier runs.
const RUNNING: [&[Step]; 9] = [
    &[],
    &[Step::Set(HOUR)],
    &[Step::Set(-HOUR)],
    &[Step::Set(DAY)],
    &[Step::Set(-DAY)],
    &[Step::Set(HOUR), Step::Set(-HOUR)],
    &[Step::Set(-DAY), Step::Set(DAY)],
    &[Step::Set(DAY), Step::Set(-DAY)],
    &[Step::Set(-HOUR), Step::Set(-HOUR), Step::Set(DAY)],
];

/// Ways to set it between two lives.
const RESTARTED: [&[Step]; 11] = [
    &[Step::Restart(0)],
    &[Step::Restart(HOUR)],
    &[Step::Restart(-HOUR)],
    &[Step::Restart(DAY)],
    &[Step::Restart(-DAY)],
    &[Step::Restart(HOUR), Step::Restart(-HOUR)],
    &[Step::Restart(-DAY), Step::Restart(DAY)],
    &[Step::Restart(-HOUR), Step::Restart(-HOUR), Step::Restart(DAY)],
    // What the first life went by is not what the next one finds.
    &[Step::Set(DAY), Step::Restart(-DAY)],
    &[Step::Set(-HOUR), Step::Restart(0)],
    &[Step::Restart(-HOUR), Step::Set(HOUR), Step::Restart(-DAY)],
];

/// Runs the incident with every way to set a clock, and across every turn of the calendar.
///
/// # Panics
/// If anything is told more or less often than with a clock that nobody sets.
pub async fn run(backend: Backend) -> Vec<Row> {
    // Over nearly six minutes of load: twice by a cooldown of five minutes or as long without repeats, once by a cooldown of ten days,
    // and a beginning with its end.
    let expected = Told { hot: 2, held: 1, same: 2, open: 2, shaky: 2 };
    // A store in memory has no life before: it need not know of a clock that was set back since.
    let restarted = if backend == Backend::Sqlite { &RESTARTED[..] } else { &[] };
    for steps in RUNNING.iter().chain(restarted) {
        assert_eq!(scenario(backend, BEGIN, steps).await, expected, "{backend:?}: {steps:?}");
    }
    for (zone, turn) in TURNS {
        let begin = Timestamp::from_secs(turn) - Duration::from_secs(60);
        assert_eq!(scenario(backend, begin, &[]).await, expected, "when {zone} turned its clocks at {turn}");
    }
    let found =
        "cooldown, dedup, hold, incident and retry as with a clock that nobody sets; nothing twice, nothing stuck";
    let ways =
        format!("{} ways to set a clock, {} of them over restarts", RUNNING.len() + restarted.len(), restarted.len());
    vec![Row::new(14, format!("{ways}, {} turns of 5 zones, {backend:?}", TURNS.len()), found)]
}
