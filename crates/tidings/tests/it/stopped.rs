//! Who said STOP: one list for all channels of text messages, also over several files.

use tidings_testkit::{Reply, Script};

use crate::{Running, gateway, peer};

#[tokio::test]
async fn who_said_stop_is_sent_nothing_by_any_channel_of_text_messages() {
    let (peer, folder) = (peer(Script::always(Reply::status(200))).await, tempfile::tempdir().unwrap());
    let file = |name: &str| format!(", suppressions_file: '{}'", folder.path().join(name).display());
    let (one, two, three) = (gateway(&peer, &file("a")), gateway(&peer, &file("b")), gateway(&peer, ""));
    let sections =
        format!("users: {{ann: {{phone: '+15550101'}}}}\nchannels:\n  one: {one}\n  two: {two}\n  three: {three}");
    // The second life has what the files hold.
    for life in 0..2 {
        let running = Running::of("one, two, three", &sections).await;
        if life == 0 {
            running.notifier.suppressions().unwrap().suppress("+15550101").unwrap();
        }
        running.fire("hot");
        running.settled().await;
        assert_eq!(running.stop().await.deliveries.dead, 3, "life {life}");
    }
    assert_eq!(peer.requests(), []);
}

#[tokio::test]
async fn beside_a_store_the_list_outlives_the_process() {
    let (peer, folder) = (peer(Script::always(Reply::status(200))).await, tempfile::tempdir().unwrap());
    let sections = format!(
        "users: {{ann: {{phone: '+15550101'}}}}\nstore: {{path: '{}'}}\nchannels: {{sms: {}}}",
        folder.path().join("tidings.db").display(),
        gateway(&peer, "")
    );
    let running = Running::of("sms", &sections).await;
    running.notifier.suppressions().unwrap().suppress("+15550101").unwrap();
    running.stop().await;
    let running = Running::of("sms", &sections).await;
    assert!(running.notifier.suppressions().unwrap().is_suppressed("+15550101").unwrap());
    running.stop().await;
}
