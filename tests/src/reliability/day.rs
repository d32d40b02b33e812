//! Figure 6: an outage of a day, with the preset `long`.

use std::{sync::Arc, time::Duration};

use tidings::{Channel, Event, Rule, Sink, User};
use tidings_engine::{Builder, Notifier};
use tidings_testkit::FakeClock;

use super::{
    LONG, Row, event,
    lab::{BEGIN, Backend, Lab},
    plan,
    receiver::{Attempt, Receiver, refused},
};

const HOUR: Duration = Duration::from_secs(3_600);

/// Runs the outage for a sink and for a user's channel, with an age limit that is shorter than the plan.
///
/// # Panics
/// If an attempt comes at another time than planned, or the last one does not deliver.
pub async fn run(backend: Backend) -> Vec<Row> {
    let sink = |receiver: Receiver| Notifier::builder().sink(Sink::channel("hook", Arc::new(receiver), plan(LONG), 16));
    let user = |receiver: Receiver| to_user(Notifier::builder(), receiver);
    let mut rows = vec![outage(backend, "a sink", sink).await, outage(backend, "a user's channel", user).await];
    rows.iter_mut().for_each(|row| row.run = format!("{}, {backend:?}", row.run));
    rows
}

fn to_user(builder: Builder, receiver: impl Channel) -> Builder {
    let rule = Rule::new("hot", "load > 5").expect("it is a condition").channels(["pager"]);
    builder.channel("pager", Arc::new(receiver), plan(LONG)).user("ann", User::default()).rule(rule)
}

async fn outage(backend: Backend, whose: &str, parts: impl Fn(Receiver) -> Builder) -> Row {
    let clock = FakeClock::at(BEGIN);
    let last = u32::try_from(LONG.len()).unwrap_or(u32::MAX) + 1;
    let receiver =
        Receiver::new(clock.clone(), move |attempt| if attempt.number < last { Err(refused()) } else { Ok(()) });
    let builder = parts(receiver.clone()).expire_after(HOUR);
    let lab = Lab::start_with(backend.store(), clock, builder).await;
    lab.accept(vec![Event::clone(&event(1, 1))]).await;
    let delivery = receiver.attempts()[0].delivery;
    while lab.pass_to(delivery).await {
        assert!(receiver.attempts().len() <= LONG.len() + 1, "it is asked without end");
    }
    let farthest = check(&receiver.attempts());
    receiver.check_once_and_in_order();
    let account = lab.stop().await;
    assert!(account.is_clean(), "{account:#?}");
    let found = format!("{last} attempts, each within {farthest:.1} % of its planned pause, the last one delivered");
    Row::new(6, format!("a day's outage, {whose}, expire_after 1 h"), found)
}

/// How far a pause was off at most, in percent.
fn check(attempts: &[Attempt]) -> f64 {
    assert_eq!(attempts.len(), LONG.len() + 1, "{attempts:#?}");
    assert!(attempts.iter().all(|attempt| attempt.delivery == attempts[0].delivery), "one id");
    let mut farthest = 0.0f64;
    for (pair, planned) in attempts.windows(2).zip(LONG) {
        let off = pair[1].at.since(pair[0].at).as_secs_f64() / planned as f64 - 1.0;
        assert!(off.abs() <= 0.2 + 1e-6, "a pause of {planned} s was off by {:.1} %", off * 100.0);
        farthest = farthest.max(off.abs() * 100.0);
    }
    farthest
}
