//! What remembers for the hub keeps its promises, over the stores and beside the hub's own memory.

use tidings_core::{NotificationId, Timestamp, id::derive};
use tidings_store::MemoryStore;

use super::*;

/// The memories that must not be told apart.
fn memories() -> [(&'static str, Box<dyn Memory>); 2] {
    let store: Arc<dyn Store> = Arc::new(MemoryStore::new(100));
    [("a store", Box::new(StoreMemory(store))), ("the hub's own", Box::new(MemoryInbox::bounded(10, KEPT)))]
}

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_secs(1_700_000_000 + seconds)
}

fn new(user: &str, name: &str, seconds: i64) -> NewMessage {
    let id = NotificationId::from_bytes(derive("test.push", &[name.as_bytes()]));
    let content = Content::parse(&format!("{{\"title\":\"{name}\"}}")).unwrap();
    NewMessage { user: user.to_owned(), id, content, at: at(seconds) }
}

async fn append(memory: &dyn Memory, user: &str, names: &[&str]) {
    for (second, name) in (0..).zip(names) {
        memory.append(new(user, name, second)).await.unwrap();
    }
}

fn seqs(messages: &[Message]) -> Vec<u64> {
    messages.iter().map(|message| message.seq).collect()
}

#[tokio::test]
async fn a_message_that_is_there_stays_what_and_where_it_is() {
    for (which, memory) in memories() {
        let first = memory.append(new("ann", "a", 1)).await.unwrap();
        append(&*memory, "ann", &["b"]).await;
        memory.mark_read("ann", 1..=1).await.unwrap();
        let again = NewMessage { content: Content::parse("{\"title\":\"other\"}").unwrap(), ..new("ann", "a", 9) };
        let second = memory.append(again).await.unwrap();
        assert_eq!((first.is_new, first.message.seq, second.is_new), (true, 1, false), "{which}");
        assert_eq!(second.message, Message { read: true, ..first.message }, "{which}");
        assert_eq!(memory.append(new("bob", "a", 9)).await.unwrap().message.seq, 1, "{which}: of another user");
    }
}

#[tokio::test]
async fn the_span_begins_behind_what_is_gone() {
    for (which, memory) in memories() {
        assert_eq!(memory.span("ann").await.unwrap(), Span { oldest: 1, latest: 0 }, "{which}");
        for number in 0..KEPT + 3 {
            append(&*memory, "ann", &[&number.to_string()]).await;
        }
        let latest = KEPT as u64 + 3;
        assert_eq!(memory.span("ann").await.unwrap(), Span { oldest: 4, latest }, "{which}");
        assert_eq!(seqs(&memory.since("ann", 0, 3).await.unwrap()), [4, 5, 6], "{which}");
        assert_eq!(seqs(&memory.since("ann", latest - 1, 64).await.unwrap()), [latest], "{which}");
        assert_eq!(memory.since("ann", u64::MAX, 64).await.unwrap(), [], "{which}");
        // What fell out may come again, as a new message.
        assert!(memory.append(new("ann", "0", 0)).await.unwrap().is_new, "{which}");
    }
}

#[tokio::test]
async fn pages_go_from_the_newest_to_the_oldest() {
    let page = |read, before, limit| Page { read, before, limit };
    for (which, memory) in memories() {
        append(&*memory, "ann", &["a", "b", "c", "d", "e"]).await;
        memory.mark_read("ann", 2..=3).await.unwrap();
        for (asked, expected) in [
            (page(None, None, 2), vec![5, 4]),
            (page(None, Some(4), 2), vec![3, 2]),
            (page(None, Some(1), 2), vec![]),
            (page(None, Some(0), 2), vec![]),
            (page(Some(true), None, 9), vec![3, 2]),
            (page(Some(false), Some(5), 9), vec![4, 1]),
            (page(None, Some(u64::MAX), usize::MAX), vec![5, 4, 3, 2, 1]),
            (page(None, None, 0), vec![]),
        ] {
            assert_eq!(seqs(&memory.list("ann", asked).await.unwrap()), expected, "{which}: {asked:?}");
        }
        assert_eq!(memory.list("nobody", Page::default()).await.unwrap(), [], "{which}");
    }
}

#[tokio::test]
async fn what_is_read_is_counted_once_whatever_range_is_told() {
    for (which, memory) in memories() {
        append(&*memory, "ann", &["a", "b", "c"]).await;
        #[expect(clippy::reversed_empty_ranges, reason = "a client may say so")]
        let ranges = [(2..=2, 1), (0..=2, 1), (5..=1, 0), (9..=u64::MAX, 0), (0..=u64::MAX, 1), (0..=u64::MAX, 0)];
        for (range, expected) in ranges {
            assert_eq!(memory.mark_read("ann", range.clone()).await.unwrap(), expected, "{which}: {range:?}");
        }
        assert_eq!(memory.mark_read("nobody", 0..=u64::MAX).await.unwrap(), 0, "{which}");
    }
}

#[tokio::test]
async fn a_content_that_cannot_be_read_is_left_out_and_the_rest_follows() {
    let store: Arc<dyn Store> = Arc::new(MemoryStore::new(100));
    let memory = StoreMemory(Arc::clone(&store));
    append(&memory, "ann", &["a"]).await;
    let id = NotificationId::from_bytes([7; 16]);
    let bad = InboxMessage { user: "ann".into(), notification: id, content: "no JSON".into() };
    store.inbox_append(&[bad], KEPT, at(0)).await.unwrap();
    append(&memory, "ann", &["c"]).await;
    assert_eq!(seqs(&memory.since("ann", 0, 9).await.unwrap()), [1, 3]);
    assert_eq!(seqs(&memory.list("ann", Page::default()).await.unwrap()), [3, 1]);
}

#[cfg(feature = "store-sqlite")]
#[tokio::test]
async fn a_restart_forgets_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("tidings.db");
    for restart in 0..3_u64 {
        let memory = StoreMemory(crate::builder::open(&path).unwrap());
        assert_eq!(memory.span("ann").await.unwrap().latest, restart * 2);
        append(&memory, "ann", &[&format!("a{restart}"), &format!("b{restart}"), "a0"]).await;
        assert_eq!(memory.mark_read("ann", 0..=u64::MAX).await.unwrap(), 2);
        let listed = memory.list("ann", Page { read: Some(true), ..Page::default() }).await.unwrap();
        assert_eq!(seqs(&listed), (1..=restart * 2 + 2).rev().collect::<Vec<_>>());
    }
}
