//! The sequence of each user: without a gap, without a repeat, within its bounds.

use proptest::prelude::*;
use tidings_core::Timestamp;

use super::*;
use crate::message::Content;

fn new(user: &str, id: u8) -> NewMessage {
    let content = Content::parse(&format!("{{\"title\":\"{id}\"}}")).unwrap();
    NewMessage { user: user.to_owned(), id: NotificationId::from_bytes([id; 16]), content, at: Timestamp::EPOCH }
}

fn seqs(messages: &[Message]) -> Vec<u64> {
    messages.iter().map(|message| message.seq).collect()
}

#[tokio::test]
async fn the_same_id_keeps_its_number() {
    let inbox = MemoryInbox::new();
    for (id, expected) in [(1, (1, true)), (2, (2, true)), (1, (1, false)), (3, (3, true))] {
        let appended = inbox.append(new("ann", id)).await.unwrap();
        assert_eq!((appended.message.seq, appended.is_new), expected);
    }
    assert_eq!(inbox.append(new("bob", 1)).await.unwrap().message.seq, 1);
    assert_eq!(seqs(&inbox.since("ann", 1, 10).await.unwrap()), [2, 3]);
    assert_eq!(seqs(&inbox.since("ann", 0, 2).await.unwrap()), [1, 2]);
    assert_eq!(inbox.span("ann").await.unwrap(), Span { oldest: 1, latest: 3 });
    assert_eq!(inbox.span("nobody").await.unwrap(), Span { oldest: 1, latest: 0 });
}

#[tokio::test]
async fn what_is_read_is_listed_so() {
    let inbox = MemoryInbox::bounded(10, 3);
    for id in 1..=5 {
        inbox.append(new("ann", id)).await.unwrap();
    }
    assert_eq!(inbox.mark_read("ann", 0..=4).await.unwrap(), 2);
    assert_eq!(inbox.mark_read("ann", 4..=4).await.unwrap(), 0);
    assert_eq!(inbox.mark_read("nobody", 0..=u64::MAX).await.unwrap(), 0);
    let check =
        async |page: Page, expected: &[u64]| assert_eq!(seqs(&inbox.list("ann", page).await.unwrap()), expected);
    let all = Page::default();
    check(all, &[5, 4, 3]).await;
    check(Page { read: Some(true), ..all }, &[4, 3]).await;
    check(Page { read: Some(false), ..all }, &[5]).await;
    check(Page { before: Some(5), limit: 1, ..all }, &[4]).await;
    check(Page { before: Some(0), ..all }, &[]).await;
}

#[tokio::test]
async fn no_number_comes_twice_when_a_user_is_forgotten() {
    let inbox = MemoryInbox::bounded(2, 10);
    for (user, id) in [("ann", 1), ("ann", 2), ("bob", 1), ("cid", 1)] {
        inbox.append(new(user, id)).await.unwrap();
    }
    assert_eq!(inbox.span("ann").await.unwrap(), Span { oldest: 3, latest: 2 });
    assert_eq!(inbox.append(new("ann", 3)).await.unwrap().message.seq, 3);
    assert_eq!(inbox.state().boxes.len(), 2);
    assert_eq!(inbox.state().by_turn.len(), 2);
}

proptest! {
    #[test]
    fn numbers_have_no_gap(steps in prop::collection::vec((0_u8..3, 0_u8..20), 0..100), limit in 1_usize..8) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(async {
            let inbox = MemoryInbox::bounded(3, limit);
            for (user, id) in steps {
                let user = format!("u{user}");
                let before = inbox.span(&user).await.unwrap();
                let appended = inbox.append(new(&user, id)).await.unwrap();
                let after = inbox.span(&user).await.unwrap();
                prop_assert_eq!(after.latest, before.latest + u64::from(appended.is_new));
                let kept = seqs(&inbox.since(&user, 0, 100).await.unwrap());
                prop_assert!(kept.len() <= limit);
                prop_assert_eq!(kept, (after.oldest..=after.latest).collect::<Vec<_>>());
            }
            Ok(())
        })?;
    }
}
