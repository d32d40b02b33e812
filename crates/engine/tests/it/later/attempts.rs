//! What its user has against an attempt: before each of them that is asked again.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst};

use tidings_core::{Channel, Envelope, ErrorKind, Receipt, SendError};
use tidings_engine::Fallbacks;
use tidings_store::{LogFilter, MemoryStore, Page, Step, Store};

use super::*;

/// A receiver that is away or not.
#[derive(Clone, Default)]
struct Phone {
    is_there: Arc<AtomicBool>,
    rings: Arc<AtomicUsize>,
    tries: Arc<AtomicUsize>,
}

impl Channel for Phone {
    async fn send(&self, _: &Envelope) -> Result<Receipt, SendError> {
        self.tries.fetch_add(1, SeqCst);
        if !self.is_there.load(SeqCst) {
            return Err(SendError::transient(ErrorKind::Timeout, "nobody is there"));
        }
        self.rings.fetch_add(1, SeqCst);
        Ok(Receipt::default())
    }
}

/// Ann with a phone that is away, and letters as its fallback; it is a minute before the quiet hours.
struct Away {
    life: Life,
    phone: Phone,
    store: Arc<MemoryStore>,
}

impl Away {
    async fn before(wishes: Value) -> Self {
        let (builder, letters) = of_ann(&wishes);
        let (phone, clock) = (Phone::default(), FakeClock::at(at(NIGHT - 3_660)));
        let store = Arc::new(MemoryStore::new(1_000));
        let retry = RetryPolicy { delays: vec![Duration::from_secs(120); 2], jitter: 0.0 };
        let by_channel = [("phone".to_owned(), vec!["letters".to_owned()])].into();
        let builder = builder
            .channel("phone", Arc::new(phone.clone()), retry)
            .fallbacks(Fallbacks { by_channel, ..Fallbacks::default() })
            .rule(rule("slow").channels(["phone"]))
            .store(store.clone())
            .expire_after(Duration::from_secs(3_600))
            .shutdown_timeout(Duration::from_millis(20))
            .clock(Arc::new(clock.clone()));
        let notifier = builder.build().unwrap().start().await.unwrap();
        let life = Life { notifier, clock, letters };
        life.notifier.accept(vec![Event::new("tool.slow").agent("a").data(json!({"n": 1}))]).await.unwrap();
        let away = Self { life, phone, store };
        away.logged(Step::Retry, 1).await;
        away
    }

    /// Waits until the log has so many of these; gives what the last one says.
    async fn logged(&self, step: Step, count: usize) -> Value {
        let filter = LogFilter { steps: vec![step], ..LogFilter::default() };
        let look = async {
            loop {
                let found = self.store.log_query(&filter, Page::After { number: 0, limit: 100 }).await.unwrap();
                if found.len() >= count {
                    return Value::Object(found.last().unwrap().detail.clone());
                }
                tokio::task::yield_now().await;
            }
        };
        tokio::time::timeout(Duration::from_secs(20), look).await.unwrap()
    }
}

#[tokio::test]
async fn a_retry_does_not_ring_in_quiet_hours() {
    let away = Away::before(quiet()).await;
    away.phone.is_there.store(true, SeqCst);
    away.life.clock.set(at(NIGHT - 3_540));
    let why = away.logged(Step::Retry, 2).await;
    assert_eq!((&why["kind"], &why["due"]), (&json!("quiet_hours"), &json!(MORNING as f64)));
    assert_eq!((away.phone.tries.load(SeqCst), away.phone.rings.load(SeqCst)), (1, 0));
    assert_eq!(away.life.account().await.deliveries.waiting, 1);
    away.life.set(MORNING).await;
    assert_eq!(away.phone.rings.load(SeqCst), 1);
    assert_eq!(away.life.stop().await.deliveries.delivered, 1);
}

#[tokio::test]
async fn what_is_not_wanted_any_more_is_no_failure_and_has_no_fallback() {
    // What comes in quiet hours is not wanted: what was to come before them is not either.
    let away = Away::before(json!({"quiet_hours": {"from": "22:00", "to": "07:00", "policy": "drop"}})).await;
    away.life.clock.set(at(NIGHT - 3_540));
    let why = away.logged(Step::Denied, 1).await;
    assert_eq!(why["muted"], json!([{"channel": "phone", "reason": "quiet_hours", "layer": "user"}]));
    away.life.settle().await;
    assert_eq!((away.phone.tries.load(SeqCst), away.life.titles().len()), (1, 0));
    let (notifier, account) = (away.life.notifier.clone(), away.life.stop().await);
    assert_eq!((account.deliveries.made, account.deliveries.held, account.is_clean()), (1, 1, true));
    assert_eq!(notifier.undelivered(), []);
}

#[tokio::test]
async fn what_waited_through_the_night_has_its_fallback_in_the_morning() {
    let away = Away::before(quiet()).await;
    away.life.clock.set(at(NIGHT - 2_600));
    away.logged(Step::Retry, 2).await;
    assert_eq!(
        (away.phone.tries.load(SeqCst), away.life.titles().len()),
        (1, 0),
        "its plan is over, and nothing rings"
    );
    away.life.set(MORNING).await;
    assert_eq!((away.phone.rings.load(SeqCst), away.life.titles().len()), (0, 1));
    away.life.stop().await;
}

#[tokio::test]
async fn what_is_held_at_a_retry_goes_when_its_user_wishes_something_else() {
    let away = Away::before(quiet()).await;
    away.phone.is_there.store(true, SeqCst);
    away.life.clock.set(at(NIGHT - 3_540));
    away.logged(Step::Retry, 2).await;
    away.life.wish(json!({})).await;
    away.life.settle().await;
    assert_eq!((away.phone.rings.load(SeqCst), away.phone.tries.load(SeqCst)), (1, 2));
    assert_eq!(away.life.stop().await.deliveries.delivered, 1);
}

#[tokio::test]
async fn a_silence_that_is_over_by_then_ends_nothing_that_is_held() {
    let away = Away::before(quiet()).await;
    away.phone.is_there.store(true, SeqCst);
    away.life.clock.set(at(NIGHT - 3_540));
    away.logged(Step::Retry, 2).await;
    away.life.silence(3_600).await;
    let why = away.logged(Step::Retry, 3).await;
    assert_eq!((&why["kind"], &why["due"]), (&json!("quiet_hours"), &json!(MORNING as f64)));
    away.life.set(MORNING).await;
    assert_eq!(away.phone.rings.load(SeqCst), 1);
    away.life.stop().await;
}

#[tokio::test]
async fn a_retry_waits_for_the_end_of_the_night_and_not_for_a_digest() {
    let digest = json!({"every": "daily", "at": "09:00", "max_priority": "low", "channel": "letters"});
    let hours = json!({"from": "22:00", "to": "07:00", "policy": "digest"});
    let away = Away::before(json!({"quiet_hours": hours, "digest": digest})).await;
    away.life.clock.set(at(NIGHT - 3_540));
    let why = away.logged(Step::Retry, 2).await;
    assert_eq!((&why["kind"], &why["due"]), (&json!("quiet_hours"), &json!(MORNING as f64)));
    away.phone.is_there.store(true, SeqCst);
    away.life.set(MORNING).await;
    assert_eq!(away.phone.rings.load(SeqCst), 1);
    away.life.stop().await;
}
