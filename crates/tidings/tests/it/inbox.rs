//! Push and inbox over the store of a configuration: what was told is there after a restart, and numbers go on.

use std::time::Duration;

use tidings::push::{Frame, Page};

use crate::Running;

#[tokio::test]
async fn what_nobody_was_there_for_is_read_after_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let sections = format!("users: {{ann: }}\nstore: {{path: '{}'}}", folder.path().join("tidings.db").display());
    let running = Running::of("inbox", &sections).await;
    running.fire("first");
    running.settled().await;
    assert_eq!(running.stop().await.deliveries.delivered, 1);

    let running = Running::of("inbox", &sections).await;
    let hub = running.notifier.hub().unwrap().clone();
    let mut session = hub.subscribe("ann", Some(0)).await.unwrap();
    let Some(Frame::Message(first)) = session.next().await else { panic!("the message of before") };
    assert!((first.seq, first.content.as_str().contains("\"title\":\"first\"")) == (1, true), "{first:?}");
    // Behind the rule's cooldown, which the store kept too.
    running.clock.advance(Duration::from_secs(3600));
    running.fire("second");
    let Some(Frame::Message(second)) = session.next().await else { panic!("the message that came") };
    assert_eq!(second.seq, 2);
    assert_eq!(hub.memory().list("ann", Page::default()).await.unwrap().len(), 2);
    running.stop().await;
}
