//! Critical notifications need two channels.

use std::{
    collections::BTreeMap,
    io,
    sync::{Arc, Mutex},
};

use metrics::{
    Counter, CounterFn, Gauge, Histogram, Key, KeyName, Metadata, Recorder, SharedString, Unit, with_local_recorder,
};
use tidings::{Priority, store::Step};
use tidings_tests::reliability::{
    house::{House, Mood, Plan},
    lab::Backend,
};

fn critical(backend: Backend) -> Plan {
    Plan { priority: Priority::Critical, ..Plan::new(backend) }
}

#[tokio::test]
async fn the_fallback_list_supplies_the_second() {
    for backend in Backend::ALL {
        let house = House::start(critical(backend).fallback("push", &["email"])).await;
        house.email.is(Mood::Broken);
        house.load("a", 9).await;
        assert_eq!((house.push.count(), house.email.count()), ((1, 1), (1, 0)));
        assert!(house.log(Step::Complete).await.is_empty(), "one is not enough");
        house.email.is(Mood::Well);
        house.pass(40).await;
        assert_eq!((house.email.count(), house.log(Step::Complete).await.len()), ((2, 1), 1));
        assert!(house.log(Step::Incomplete).await.is_empty());
        house.stop().await;
    }
}

#[tokio::test]
async fn another_one_stands_in_for_either() {
    for backend in Backend::ALL {
        let plan = Plan { channels: vec!["push", "email"], ..critical(backend).fallback("push", &["email", "sms"]) };
        let house = House::start(plan).await;
        house.push.is(Mood::Unknown);
        house.load("a", 9).await;
        assert_eq!((house.push.count(), house.email.count(), house.sms.count()), ((1, 0), (1, 1), (1, 1)));
        assert_eq!(house.log(Step::Complete).await.len(), 1);
        let account = house.stop().await;
        assert_eq!((account.deliveries.made, account.deliveries.delivered), (3, 2));
    }
}

#[tokio::test]
async fn a_second_that_fails_leaves_it_incomplete_and_the_reason_is_told() {
    for backend in Backend::ALL {
        let house = House::start(critical(backend).fallback("push", &["email"])).await;
        house.email.is(Mood::Unknown);
        house.load("a", 9).await;
        let told = house.log(Step::Incomplete).await;
        assert_eq!((told.len(), &told[0].detail["needed"], &told[0].detail["reached"]), (1, &2.into(), &1.into()));
        assert!(house.log(Step::Complete).await.is_empty());
        assert_eq!(house.lab.store.check_census().await.incomplete, 1);
        house.stop().await;
    }
}

#[tokio::test]
async fn what_has_reached_nobody_is_told_again() {
    for backend in Backend::ALL {
        let house = House::start(critical(backend).fallback("push", &["email"])).await;
        [&house.push, &house.email].into_iter().for_each(|channel| channel.is(Mood::Unknown));
        house.load("a", 9).await;
        assert_eq!((house.log(Step::Failed).await.len(), house.lab.store.check_census().await.failed), (1, 1));
        [&house.push, &house.email].into_iter().for_each(|channel| channel.is(Mood::Well));
        house.lab.pass(std::time::Duration::from_secs(1)).await;
        house.load("a", 1).await;
        house.load("a", 9).await;
        assert_eq!(
            (house.push.receiver.names(), house.email.receiver.names()),
            (vec!["hot".into()], vec!["hot".into()])
        );
        house.stop().await;
    }
}

#[derive(Clone, Default)]
struct Counters(Arc<Mutex<BTreeMap<String, u64>>>);

struct One(String, Counters);

impl CounterFn for One {
    fn increment(&self, value: u64) {
        *self.1.0.lock().unwrap().entry(self.0.clone()).or_default() += value;
    }

    fn absolute(&self, _: u64) {}
}

impl Recorder for Counters {
    fn describe_counter(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}

    fn describe_gauge(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}

    fn describe_histogram(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}

    fn register_counter(&self, key: &Key, _: &Metadata<'_>) -> Counter {
        let labels: Vec<_> = key.labels().map(|label| format!("{}={}", label.key(), label.value())).collect();
        Counter::from_arc(Arc::new(One(format!("{} {}", key.name(), labels.join(",")), self.clone())))
    }

    fn register_gauge(&self, _: &Key, _: &Metadata<'_>) -> Gauge {
        Gauge::noop()
    }

    fn register_histogram(&self, _: &Key, _: &Metadata<'_>) -> Histogram {
        Histogram::noop()
    }
}

/// Keeps what the log says.
#[derive(Clone, Default)]
struct Lines(Arc<Mutex<Vec<u8>>>);

impl io::Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[test]
fn too_few_channels_are_a_metric_and_a_line_at_error() {
    let (counters, lines) = (Counters::default(), Lines::default());
    let writer = lines.clone();
    let subscriber = tracing_subscriber::fmt().with_ansi(false).with_writer(move || writer.clone()).finish();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    with_local_recorder(&counters, || {
        tracing::subscriber::with_default(subscriber, || {
            runtime.block_on(async {
                // Nothing supplies a second.
                let house = House::start(critical(Backend::Memory)).await;
                house.load("a", 9).await;
                house.push.is(Mood::Unknown);
                house.load("b", 9).await;
                house.stop().await;
            });
        });
    });
    let count = |name: &str| counters.0.lock().unwrap().get(name).copied().unwrap_or_default();
    assert_eq!(count("tidings_notifications_unmet_total status=incomplete"), 1);
    assert_eq!(count("tidings_notifications_unmet_total status=failed"), 1);
    let text = String::from_utf8(lines.0.lock().unwrap().clone()).unwrap();
    let errors: Vec<_> = text.lines().filter(|line| line.contains("ERROR")).collect();
    assert!(errors.iter().any(|line| line.contains("incomplete") && line.contains("needed=2 reached=1")), "{text}");
    assert!(errors.iter().any(|line| line.contains("failed")), "{text}");
}
