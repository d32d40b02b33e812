//! Commands share a transaction, and not a failure.

use tidings_core::{Event, EventId};

use super::{Place, at, block_on};
use crate::{
    Offer, Store, StoreError,
    sqlite::{accept, error::Failure, work::Work, writer::Label},
};

fn offer(name: &str) -> Offer {
    Offer { id: EventId::named("t", name), event: Event::new("t").at(at(0)).into(), repeatable: true }
}

/// Holds the writer until all that follow are in its queue.
fn gate(store: &super::SqliteStore) -> (std::sync::mpsc::SyncSender<()>, impl Future<Output = Result<(), StoreError>>) {
    let (open, closed) = std::sync::mpsc::sync_channel(1);
    let mut is_open = false;
    let wait = move |_: &mut Work| {
        // It is run again if its group failed.
        if !is_open {
            closed.recv().map_err(|_| Failure::Store(StoreError::Closed))?;
            is_open = true;
        }
        Ok(())
    };
    (open, store.write(Label::soft(None), wait))
}

#[test]
fn many_callers_share_one_transaction() {
    let place = Place::new();
    let store = place.open();
    let before = store.commits();
    block_on(async {
        let offers: Vec<_> = (0..64).map(|number| [offer(&number.to_string())]).collect();
        let (open, gate) = gate(&store);
        let mut gate = Box::pin(gate);
        assert!(futures_are_pending(&mut gate).await);
        let mut accepts: Vec<_> = offers.iter().map(|offers| store.accept(offers, at(0))).collect();
        for accept in &mut accepts {
            assert!(futures_are_pending(accept).await);
        }
        open.send(()).unwrap();
        gate.await.unwrap();
        for accept in accepts {
            accept.await.unwrap();
        }
        assert_eq!(store.census().await.unwrap().events, 64);
    });
    assert!(store.commits() - before <= 2, "{} transactions", store.commits() - before);
}

/// Polls once.
async fn futures_are_pending<F: Future + Unpin>(future: &mut F) -> bool {
    std::future::poll_fn(|context| std::task::Poll::Ready(std::pin::Pin::new(&mut *future).poll(context).is_pending()))
        .await
}

#[test]
fn only_the_bad_command_hears_of_the_error() {
    let place = Place::new();
    let store = place.open();
    block_on(async {
        let (open, gate) = gate(&store);
        let mut gate = Box::pin(gate);
        assert!(futures_are_pending(&mut gate).await);
        let first = [offer("a")];
        let mut good = store.accept(&first, at(0));
        assert!(futures_are_pending(&mut good).await);
        let mut bad = store.write(Label::durable(None), |work| {
            // What it did before it failed must be gone, in the file and in memory.
            work.name("never")?;
            accept::accept(work, &[accept::Incoming::of(&offer("never"))], at(9_999))?;
            work.connection.execute("INSERT INTO event(number) VALUES('no number')", [])?;
            Ok(())
        });
        assert!(futures_are_pending(&mut bad).await);
        let last = [offer("b"), offer("a")];
        let mut other = store.accept(&last, at(1));
        assert!(futures_are_pending(&mut other).await);
        open.send(()).unwrap();
        gate.await.unwrap();
        assert_eq!(good.await.unwrap().len(), 1);
        assert!(matches!(bad.await, Err(StoreError::Unavailable(_))));
        assert_eq!(other.await.unwrap().len(), 2);
        let census = store.census().await.unwrap();
        assert_eq!((census.events, census.waiting), (2, 2));
        assert_eq!(store.event(EventId::named("t", "never")).await.unwrap(), None);
        assert_eq!(store.event(EventId::named("t", "b")).await.unwrap().map(|event| event.number), Some(2));
        assert_eq!(store.take_over(true, at(2)).await.unwrap().shift, 0, "nor is its time remembered");
    });
}

#[test]
fn a_dropped_answer_loses_no_command() {
    let place = Place::new();
    let store = place.open();
    block_on(async {
        let offers = [offer("a")];
        let mut accept = store.accept(&offers, at(0));
        let _ = futures_are_pending(&mut accept).await;
        drop(accept);
        // What comes later is done later.
        store.put_rule_set(&crate::RuleSetVersion { from: 1, since: at(0), content: 1.into() }).await.unwrap();
        assert_eq!(store.census().await.unwrap().events, 1);
    });
}

#[test]
fn it_works_without_a_runtime() {
    let place = Place::new();
    let store = place.open();
    let offers = [offer("a")];
    let mut accept = store.accept(&offers, at(0));
    let waker = std::task::Waker::noop();
    let mut context = std::task::Context::from_waker(waker);
    while accept.as_mut().poll(&mut context).is_pending() {
        std::thread::yield_now();
    }
    let mut event = store.event(EventId::named("t", "a"));
    loop {
        if let std::task::Poll::Ready(found) = event.as_mut().poll(&mut context) {
            assert!(found.unwrap().is_some());
            break;
        }
        std::thread::yield_now();
    }
}

#[test]
fn an_empty_claim_writes_nothing() {
    let place = Place::new();
    let store = place.open();
    block_on(async {
        store.take_over(false, at(0)).await.unwrap();
        let before = store.commits();
        let claim = || crate::Claim {
            endpoint: "hook".into(),
            limit: 10,
            lease: std::time::Duration::from_secs(1),
            which: crate::Which::Due,
        };
        assert!(store.claim(claim(), at(0)).await.unwrap().leases.is_empty());
        assert_eq!(store.commits(), before);
    });
}

#[test]
fn a_panic_leaves_nobody_waiting() {
    let place = Place::new();
    let store = place.open();
    block_on(async {
        let told = |error: Result<(), StoreError>, text: &str| match error {
            Err(StoreError::Unavailable(told)) => assert!(told.contains(text), "{told}"),
            other => panic!("{other:?}"),
        };
        let asked = store.read(|reader| {
            reader.connection.execute_batch("BEGIN; SELECT count(*) FROM event;")?;
            panic!("in a question")
        });
        told(asked.await, "in a question");
        assert_eq!(store.event(EventId::named("t", "a")).await, Ok(None));
        let run = |work: &mut Work| {
            accept::accept(work, &[accept::Incoming::of(&offer("never"))], at(9_999))?;
            panic!("in a command")
        };
        told(store.write(Label::durable(None), run).await, "in a command");
        assert_eq!(store.accept(&[offer("a")], at(0)).await, Ok(vec![crate::Acceptance::Accepted]));
        assert_eq!(store.event(EventId::named("t", "never")).await, Ok(None));
        // Each reader is asked: none may go on seeing the file as it was.
        for _ in 0..8 {
            assert!(store.event(EventId::named("t", "a")).await.unwrap().is_some());
        }
        assert_eq!(store.census().await.unwrap().events, 1);
    });
}

#[test]
fn a_panic_harms_no_other_command_of_its_group() {
    let place = Place::new();
    let store = place.open();
    block_on(async {
        let (open, gate) = gate(&store);
        let mut gate = Box::pin(gate);
        assert!(futures_are_pending(&mut gate).await);
        let first = [offer("a")];
        let mut good = store.accept(&first, at(0));
        assert!(futures_are_pending(&mut good).await);
        let mut bad = store.write(Label::durable(None), |_| -> Result<(), Failure> { panic!("in a command") });
        assert!(futures_are_pending(&mut bad).await);
        open.send(()).unwrap();
        gate.await.unwrap();
        assert_eq!(good.await, Ok(vec![crate::Acceptance::Accepted]));
        assert!(matches!(bad.await, Err(StoreError::Unavailable(_))));
    });
}
