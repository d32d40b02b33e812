//! Figure 8: receivers that ask for time in every way that HTTP knows, and in some that it does not.

use std::time::Duration;

use tidings::{Severity, Sink};
use tidings_engine::{Builder, Notifier};
use tidings_testkit::{HttpPeer, Reply, Script};

use super::{
    Row, event,
    hooks::{client, hook},
    lab::{Backend, Lab},
    plan,
};

/// The plan's pause in seconds: 80 to 120 with its jitter.
const PAUSE: u64 = 100;
/// So much later than the plan a receiver's wish is followed, in seconds.
const BOUND: u64 = 15 * 60;
const DEADLINE: Duration = Duration::from_secs(15);
const MILLISECOND: Duration = Duration::from_millis(1);

/// A `Retry-After`, and between which seconds the next attempt must come. The clock begins at Sun, 06 Nov 1994 08:49:37 GMT.
const CASES: &[(Option<&str>, u64, u64)] = &[
    (None, 80, 120),
    (Some("0"), 80, 120),
    (Some("7"), 80, 120),
    (Some("130"), 130, 130),
    (Some(" 600 "), 600, 600),
    (Some("1000"), 1_000, 1_000),
    (Some("1001"), PAUSE + BOUND, PAUSE + BOUND),
    (Some("86400"), PAUSE + BOUND, PAUSE + BOUND),
    (Some("99999999999999999999999999"), PAUSE + BOUND, PAUSE + BOUND),
    (Some("Sun, 06 Nov 1994 08:53:37 GMT"), 240, 240),
    (Some("Sunday, 06-Nov-94 08:53:37 GMT"), 240, 240),
    (Some("Sun Nov  6 08:53:37 1994"), 240, 240),
    (Some("Sun, 06 Nov 1994 08:49:37 GMT"), 80, 120),
    (Some("Thu, 01 Jan 1970 00:00:00 GMT"), 80, 120),
    (Some("Fri, 31 Dec 9999 23:59:59 GMT"), PAUSE + BOUND, PAUSE + BOUND),
    (Some("Sun, 06 Nov 1994 08:53:37 CET"), 80, 120),
    (Some("Sun, 99 Nov 1994 08:53:37 GMT"), 80, 120),
    (Some("-5"), 80, 120),
    (Some("+500"), 80, 120),
    (Some("500.5"), 80, 120),
    (Some("1e3"), 80, 120),
    (Some("0x200"), 80, 120),
    (Some("500s"), 80, 120),
    (Some("500, 600"), 80, 120),
    (Some("soon"), 80, 120),
    (Some(""), 80, 120),
    (Some("\u{0663}\u{0660}\u{0660}"), 80, 120),
];

struct Case {
    peer: HttpPeer,
    text: String,
    from: u64,
    to: u64,
}

impl Case {
    async fn start(status: u16, (after, from, to): (Option<&str>, u64, u64)) -> Self {
        let busy = Reply::status(status);
        let busy = after.map_or_else(|| busy.clone(), |after| busy.clone().header("Retry-After", after));
        let peer = HttpPeer::start(Script::sequence([busy, Reply::status(200)])).await.expect("there is a port");
        Self { peer, text: format!("{status}, Retry-After {after:?}"), from, to }
    }

    fn asked(&self) -> usize {
        self.peer.requests().len()
    }
}

/// Runs all cases beside each other, with an endpoint among them that is never limited.
///
/// # Panics
/// If a receiver is asked earlier than it said or later than the bound, or somebody else is kept waiting.
pub async fn run(backend: Backend) -> Vec<Row> {
    let client = client(DEADLINE);
    let good = HttpPeer::start(Script::statuses([200])).await.expect("there is a port");
    let mut builder = Notifier::builder().sink(Sink::channel("good", hook(&good.url("/"), &client), plan([PAUSE]), 16));
    let mut cases = Vec::new();
    for (place, case) in CASES.iter().enumerate() {
        for status in [429, 503] {
            let case = Case::start(status, *case).await;
            // A plan of one retry: a 429 must not use it up.
            let sink =
                Sink::channel(&format!("{status}-{place}"), hook(&case.peer.url("/"), &client), plan([PAUSE]), 16);
            builder = builder.sink(sink.min_severity(Severity::Error));
            cases.push(case);
        }
    }
    let lab = Lab::start(backend, builder).await;
    lab.accept(vec![event(1, 0)]).await;
    check_bounds(&lab, &cases, &good).await;
    let account = lab.stop().await;
    assert!(account.is_clean(), "{account:#?}");
    let found = format!("{} receivers asked again within their bounds, to the millisecond; 1 untouched", cases.len());
    vec![Row::new(8, format!("429 and 503 with Retry-After, {backend:?}"), found)]
}

/// Goes from bound to bound.
async fn check_bounds(lab: &Lab, cases: &[Case], good: &HttpPeer) {
    let mut bounds: Vec<_> = cases.iter().flat_map(|case| [case.from, case.to]).collect();
    bounds.sort_unstable();
    bounds.dedup();
    let mut now = Duration::ZERO;
    let mut told = 1;
    for bound in bounds.into_iter().map(Duration::from_secs) {
        lab.pass(bound - MILLISECOND - now).await;
        for case in cases.iter().filter(|case| Duration::from_secs(case.from) >= bound) {
            assert_eq!(case.asked(), 1, "{}: asked again before {bound:?}", case.text);
        }
        lab.accept(vec![event(2, told).severity(Severity::Info)]).await;
        told += 1;
        assert_eq!(good.requests().len() as u64, told, "nobody else is kept waiting");
        lab.pass(2 * MILLISECOND).await;
        for case in cases.iter().filter(|case| Duration::from_secs(case.to) <= bound) {
            assert!(case.asked() >= 2, "{}: not asked again by {bound:?}", case.text);
        }
        now = bound + MILLISECOND;
    }
}

/// A receiver that limits the rate again and again uses up no attempt; one that fails does.
///
/// # Panics
/// If not.
pub async fn limited_without_end(backend: Backend) {
    let limits = (0..20).map(|_| Reply::status(429).header("Retry-After", "5"));
    let script = Script::sequence(limits.chain([Reply::status(200)]));
    let peer = HttpPeer::start(script).await.expect("there is a port");
    let builder: Builder =
        Notifier::builder().sink(Sink::channel("busy", hook(&peer.url("/"), &client(DEADLINE)), plan([1]), 16));
    let lab = Lab::start(backend, builder).await;
    lab.accept(vec![event(1, 0)]).await;
    assert!(lab.pass_until_done(Duration::from_secs(5), Duration::from_secs(200)).await);
    assert_eq!(peer.requests().len(), 21);
    assert!(lab.stop().await.is_clean());
}
