//! A memory that fails in the middle, and attempts that are given up: nobody waits for nothing, and nothing is lost.

use std::{
    ops::RangeInclusive,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use tidings_core::{BoxFuture, Channel, ErrorKind, Verdict};
use tidings_push::{
    Appended, Hub, HubConfig, Memory, MemoryError, MemoryInbox, Message, NewMessage, Page, Push, PushConfig, Span,
    SubscribeError,
};
use tidings_testkit::samples;

use super::{append, message, told};

/// A memory whose disk can be pulled out.
#[derive(Default)]
struct Pulled {
    inbox: MemoryInbox,
    is_out: AtomicBool,
}

impl Pulled {
    fn pull(&self, is_out: bool) {
        self.is_out.store(is_out, Ordering::SeqCst);
    }

    fn or_fail<'a, T: Send + 'a>(
        &self,
        answer: BoxFuture<'a, Result<T, MemoryError>>,
    ) -> BoxFuture<'a, Result<T, MemoryError>> {
        if self.is_out.load(Ordering::SeqCst) { Box::pin(async { Err(MemoryError::new("no disk")) }) } else { answer }
    }
}

impl Memory for Pulled {
    fn append(&self, message: NewMessage) -> BoxFuture<'_, Result<Appended, MemoryError>> {
        if self.is_out.load(Ordering::SeqCst) {
            return Box::pin(async { Err(MemoryError::new("no disk")) });
        }
        self.inbox.append(message)
    }

    fn since<'a>(&'a self, user: &'a str, seq: u64, limit: usize) -> BoxFuture<'a, Result<Vec<Message>, MemoryError>> {
        self.or_fail(self.inbox.since(user, seq, limit))
    }

    fn span<'a>(&'a self, user: &'a str) -> BoxFuture<'a, Result<Span, MemoryError>> {
        self.or_fail(self.inbox.span(user))
    }

    fn list<'a>(&'a self, user: &'a str, page: Page) -> BoxFuture<'a, Result<Vec<Message>, MemoryError>> {
        self.or_fail(self.inbox.list(user, page))
    }

    fn mark_read<'a>(&'a self, user: &'a str, seqs: RangeInclusive<u64>) -> BoxFuture<'a, Result<usize, MemoryError>> {
        self.or_fail(self.inbox.mark_read(user, seqs))
    }
}

fn pulled() -> (Arc<Pulled>, Hub) {
    let memory = Arc::new(Pulled::default());
    let hub = Hub::new(Arc::clone(&memory) as Arc<dyn Memory>, &HubConfig::default()).unwrap();
    (memory, hub)
}

#[tokio::test]
async fn a_memory_that_fails_ends_the_session_where_it_is() {
    let (memory, hub) = pulled();
    append(&hub, "ann", 1..=3).await;
    let mut session = hub.subscribe("ann", Some(1)).await.unwrap();
    memory.pull(true);
    assert_eq!(told(&mut session), ["memory_failed 1"]);
    assert!(matches!(hub.subscribe("ann", Some(1)).await, Err(SubscribeError::Memory(_))));
    drop(session);
    assert_eq!(hub.sessions(), 0);
    memory.pull(false);
    assert_eq!(told(&mut hub.subscribe("ann", Some(1)).await.unwrap()), ["2", "3"]);
}

#[tokio::test]
async fn nobody_waits_for_a_session_whose_memory_failed() {
    let (memory, hub) = pulled();
    append(&hub, "u1", 1..=2).await;
    let mut session = hub.subscribe("u1", Some(0)).await.unwrap();
    let push = Push::new(hub.clone(), PushConfig::default().ack_timeout(Duration::from_secs(200))).unwrap();
    let envelope = samples::titled("a");
    let reader = async {
        memory.pull(true);
        assert_eq!(told(&mut session), ["memory_failed 0"]);
    };
    let (outcome, ()) = tokio::join!(push.send(&envelope), reader);
    assert_eq!(outcome.unwrap_err().kind(), ErrorKind::NotConnected);
    // What cannot even be kept is tried again, and then kept once.
    let error = push.send(&samples::titled("b")).await.unwrap_err();
    assert!(matches!(error.verdict(), Verdict::Transient { .. }), "{error:?}");
}

#[tokio::test]
async fn attempts_that_are_given_up_leave_the_message_and_no_trouble() {
    let (_, hub) = pulled();
    let mut session = hub.subscribe("u1", Some(0)).await.unwrap();
    let push = Push::new(hub.clone(), PushConfig::default()).unwrap();
    let envelope = samples::titled("a");
    for _ in 0..100 {
        let attempt = push.send(&envelope);
        assert!(tokio::time::timeout(Duration::ZERO, attempt).await.is_err());
    }
    assert_eq!(told(&mut session), ["1"]);
    session.ack(1);
    push.send(&envelope).await.unwrap();
}

#[test]
fn debug_names_no_user() {
    let told = format!("{:?} {:?}", message("ann@example.com", 1), MemoryInbox::new());
    assert!(!told.contains("ann"), "{told}");
}
