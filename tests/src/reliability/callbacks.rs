//! Figure 17: callbacks that panic or block, and templates that fail.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use tidings::{Account, Event, Rule, Sink, User};
use tidings_engine::Notifier;

use super::{
    Row, events,
    lab::{BEGIN, Backend, Lab},
    receiver::Receiver,
    shedding::Gate,
};

/// More than a reader takes at once, and more than fits into a queue of one page.
const COUNT: u64 = 300;

fn number(event: &Event) -> u64 {
    event.data.get("n").and_then(serde_json::Value::as_u64).unwrap_or_default()
}

/// Runs all of them beside a good callback and a network sink.
///
/// # Panics
/// If one harms another, or a count is wrong.
pub async fn run(backend: Backend) -> Vec<Row> {
    let (gate, calm) = (Gate::default(), Arc::new(Mutex::new(Vec::new())));
    let (blocked, seen) = (gate.clone(), Arc::clone(&calm));
    let clock = tidings_testkit::FakeClock::at(BEGIN);
    let (network, letters) = (Receiver::good(clock.clone()), Receiver::good(clock.clone()));
    let hangs = Sink::callback_async("hangs", |event: Arc<Event>| async move {
        if number(&event) == 7 {
            std::future::pending::<()>().await;
        }
    });
    let picky = Sink::callback_async("picky", |event: Arc<Event>| async move {
        assert!(!number(&event).is_multiple_of(3), "this panic is part of the test");
    });
    let builder = Notifier::builder()
        .sink(Sink::callback("blocks", move |_| blocked.wait()))
        .sink(Sink::callback("panics", |event| {
            assert!(!number(event).is_multiple_of(2), "this panic is part of the test");
        }))
        .sink(hangs.deadline(Duration::from_millis(20)))
        .sink(picky)
        .sink(Sink::callback("calm", move |event| {
            seen.lock().unwrap_or_else(PoisonError::into_inner).push(number(event));
        }))
        .sink(Sink::channel("network", Arc::new(network.clone()), super::plan([1]), 16))
        .user("ann", User::default())
        .rule(failing_template())
        .channel("letters", Arc::new(letters.clone()), super::plan([1]));
    let lab = Lab::start_with(backend.store(), clock, builder).await;
    lab.notifier.accept(events(COUNT, 10)).await.expect("it runs");
    wait(&lab).await;
    assert_eq!(network.taken().len() as u64, COUNT);
    assert_eq!(letters.names(), ["broken"], "a title that fails is the rule's name");
    let account = lab.stop_within(Duration::from_millis(100)).await;
    check(&account, backend);
    assert_eq!(*calm.lock().unwrap_or_else(PoisonError::into_inner), (0..COUNT).collect::<Vec<_>>());
    gate.open();
    let found = "the good ones get all, in order; 0 shed; each panic and each call cut off counted; a template that fails gives the default";
    vec![Row::new(17, format!("panicking, blocking, hanging callbacks, failing templates, {backend:?}"), found)]
}

/// Title and body name what is not there; the rule fires once.
fn failing_template() -> Rule {
    let rule = Rule::new("broken", "n == 1").expect("it is a condition").channels(["letters"]);
    let rule = rule.title("{{ nothing.there }}").expect("it is a template");
    rule.body("{{ data.nothing.there }}").expect("it is a template")
}

/// Waits until all but the one that blocks have been called for everything.
async fn wait(lab: &Lab) {
    let done = async {
        loop {
            let account = lab.notifier.account().await;
            let ended = |name: &str| account.sinks[name].delivered + account.sinks[name].dead;
            let letters = account.deliveries.delivered == 1;
            if letters && ["panics", "hangs", "picky", "calm", "network"].iter().all(|name| ended(name) == COUNT) {
                return;
            }
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(60), done).await.expect("nobody is kept waiting");
}

fn check(account: &Account, backend: Backend) {
    let ended = |name: &str| (account.sinks[name].delivered, account.sinks[name].dead);
    assert_eq!(ended("calm"), (COUNT, 0));
    assert_eq!(ended("panics"), (COUNT / 2, COUNT / 2));
    assert_eq!(ended("picky"), (COUNT - COUNT / 3, COUNT / 3));
    assert_eq!(ended("hangs"), (COUNT - 1, 1));
    assert!(account.sinks.values().all(|sink| sink.shed == 0), "{account:#?}");
    let blocks = account.sinks["blocks"];
    // What a store keeps is called after the next start; without one it is lost, and named.
    let (lost, kept) = if backend.forgets() { (COUNT, 0) } else { (0, COUNT) };
    assert_eq!((blocks.delivered, blocks.dead, blocks.waiting), (0, lost, kept));
}
