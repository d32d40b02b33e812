//! `redact_personal` and `redact_sensitive` of one channel: what a user's own messages may show, and what they never do.

use tidings_testkit::{Reply, Script};

use crate::{Running, gateway, letter, peer, webhook};

const PERSON: &str = "bob@example.com";

/// What webhook, chat, text message and mail show of a note, each with these keys.
async fn shown(keys: &str, note: &str) -> [String; 4] {
    let ok = || Script::always(Reply::status(200).body("ok"));
    let (hook, chat, sms) = (peer(ok()).await, peer(ok()).await, peer(ok()).await);
    let folder = tempfile::tempdir().unwrap();
    let channels = format!(
        "users: {{ann: {{phone: '+15550101', email: ann@example.com}}}}\nchannels:\n  hook: {}\n  sms: {}\n  chat: {{type: mattermost, url: '{}', allow_private_networks: true{keys}}}\n  email: {{folder: '{}', from: agents@example.com{keys}}}",
        webhook(&hook, keys),
        gateway(&sms, keys),
        chat.url("/hooks/x"),
        folder.path().display(),
    );
    let running = Running::of("hook, chat, sms, email", &channels).await;
    running.fire(note);
    running.settled().await;
    assert_eq!(running.stop().await.deliveries.delivered, 4);
    let requests = [hook, chat, sms].map(|peer| peer.requests().remove(0).text());
    let [hook, chat, sms] = requests.map(|text| text.replace("%40", "@"));
    [hook, chat, sms, letter(&folder)]
}

#[tokio::test]
async fn a_person_may_be_shown_where_it_is_said_and_a_token_never() {
    let token = ["ghp_", "0123456789abcdefghijABCDEFGHIJ456789"].concat();
    let note = format!("{PERSON} lost {token}");
    for (keys, person, secret) in [
        ("", false, false),
        (", redact_personal: false", true, false),
        (", redact_personal: true", false, false),
        (", redact_sensitive: false", true, true),
    ] {
        for text in shown(keys, &note).await {
            assert_eq!((text.contains(PERSON), text.contains(&token)), (person, secret), "{keys}:\n{text}");
        }
    }
}
