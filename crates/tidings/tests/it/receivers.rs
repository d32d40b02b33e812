//! Who gets it: the user's own address, else the channel's receiver, also where the user is in no file.

use serde_json::json;
use tidings::Event;
use tidings_testkit::{Reply, Script};

use crate::{Running, gateway, letter, peer};

#[tokio::test]
async fn a_user_without_an_address_is_told_by_the_receiver_of_the_channel() {
    let (peer, folder) = (peer(Script::always(Reply::status(200))).await, tempfile::tempdir().unwrap());
    let channels = format!(
        "users: {{ann: {{phone: '+15550101'}}}}\nchannels:\n  sms: {}\n  email: {{folder: '{}', from: agents@example.com, to: ops@example.com}}",
        gateway(&peer, ", to: '+15550199'"),
        folder.path().display(),
    );
    let running = Running::of("sms, email", &channels).await;
    running.fire("a&b=c");
    let request = peer.wait_for(1).await.remove(0);
    running.stop().await;
    assert_eq!(request.header("content-type"), Some("application/x-www-form-urlencoded"));
    let body = String::from_utf8(request.body).unwrap();
    assert!(body.starts_with("to=%2B15550101&text=%5BHIGH%5D%20a%26b%3Dc"), "{body}");
    let letter = letter(&folder);
    assert!(letter.contains("\r\nTo: ops@example.com\r\n"), "{letter}");
}

#[tokio::test]
async fn so_is_a_user_of_an_event_who_is_in_no_file() {
    let peer = peer(Script::always(Reply::status(200))).await;
    let rule = "triggers: [{name: told, condition: load > 1, priority: high, channels: [sms], user_ids: $event}]";
    let text = format!("{rule}\nchannels: {{sms: {}}}", gateway(&peer, ", to: '+15550199'"));
    let notifier = tidings::Notifier::from_yaml(&text).unwrap().start().await.unwrap();
    notifier.emit(Event::new("sample").user("zoe").data(json!({"load": 2})));
    assert!(peer.wait_for(1).await.remove(0).body.starts_with(b"to=%2B15550199&"));
    assert_eq!(notifier.stop().await.deliveries.delivered, 1);
}

#[tokio::test]
async fn without_either_the_fallback_is_taken_at_once() {
    let (peer, folder) = (peer(Script::always(Reply::status(200))).await, tempfile::tempdir().unwrap());
    let channels = format!(
        "users: {{ann: {{email: ann@example.com}}}}\nfallbacks: {{sms: [email]}}\nchannels:\n  sms: {}\n  email: {{folder: '{}', from: agents@example.com}}",
        gateway(&peer, ""),
        folder.path().display(),
    );
    let running = Running::of("sms", &channels).await;
    running.fire("hot");
    running.settled().await;
    let account = running.stop().await;
    assert_eq!((account.deliveries.delivered, account.deliveries.dead), (1, 1));
    assert_eq!(peer.requests(), []);
    assert!(letter(&folder).contains("\r\nTo: ann@example.com\r\n"));
}
