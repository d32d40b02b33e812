//! The people of a configuration, kept in its store, changed by themselves and by the next configuration.

use std::path::Path;

use serde_json::json;
use tidings::{
    Builder, CONFIG, Notifier, Profile, Question, Timestamp,
    policy::{Recent, Verdict},
};

/// The people of a configuration with these lines under `users:` and `preferences:`.
fn text(folder: &Path, users: &str, wishes: &str) -> String {
    let (store, mails) = (folder.join("tidings.db"), folder.join("mails"));
    format!(
        "store: {{path: {}}}\nchannels: {{email: {{folder: {}, from: tidings@example.com}}}}\nusers: {users}\n\
         preferences: {{default: {{push: false}}, users: {wishes}}}\n\
         triggers: [{{name: slow, condition: load > 1, channels: [email, log], priority: high}}]\n",
        store.display(),
        mails.display()
    )
}

async fn start(text: &str) -> Notifier {
    Builder::from_yaml(text).unwrap().build().unwrap().start().await.unwrap()
}

async fn kept(notifier: &Notifier) -> Vec<(String, u64, String, serde_json::Value)> {
    let all = notifier.profiles().await.unwrap();
    all.into_iter().map(|kept| (kept.id, kept.version, kept.author, kept.value.to_json())).collect()
}

#[tokio::test]
async fn the_users_of_a_file_are_kept_and_follow_it_until_they_change_something() {
    let folder = tempfile::tempdir().unwrap();
    let users = "{ann: {email: a@example.com, timezone: Europe/Zurich}, bob: {email: b@example.com}}";
    let first = start(&text(folder.path(), users, "{ann: {default: {log: false}}}")).await;
    let ann = json!({"timezone": "Europe/Zurich", "contacts": {"email": "a@example.com"},
        "preferences": {"default": {"log": false}, "agents": {}}});
    let bob = json!({"contacts": {"email": "b@example.com"}});
    let row = |id: &str, version, author: &str, value| (id.to_owned(), version, author.to_owned(), value);
    assert_eq!(kept(&first).await, [row("ann", 1, CONFIG, ann), row("bob", 1, CONFIG, bob)]);
    let own = json!({"contacts": {"email": "bob@example.com"}});
    first.put_profile("bob", &Profile::from_json(&own).unwrap(), Some(1), "bob").await.unwrap();
    first.stop().await;
    // Until it is gone it holds its store.
    drop(first);
    let users = "{ann: {email: ann@example.com}, bob: {email: b@example.com, timezone: Asia/Tokyo}, cat: {}}";
    let second = start(&text(folder.path(), users, "{}")).await;
    let ann = json!({"contacts": {"email": "ann@example.com"}});
    let expected = [row("ann", 2, CONFIG, ann), row("bob", 2, "bob", own), row("cat", 1, CONFIG, json!({}))];
    assert_eq!(kept(&second).await, expected);
    second.stop().await;
}

#[tokio::test]
async fn a_configuration_and_its_store_tell_what_would_become_of_a_message() {
    let folder = tempfile::tempdir().unwrap();
    let text = text(folder.path(), "{ann: {email: a@example.com}}", "{ann: {default: {log: false}}}");
    let now = Timestamp::from_secs(1_700_000_000);
    let plan = tidings::config::load(&text, &tidings::config::Options::default()).unwrap().0;
    let question = tidings::question(&plan, "slow", now).unwrap();
    assert!(tidings::question(&plan, "fast", now).is_none());
    let judged = |words: Vec<(String, tidings::policy::Judgement)>| -> Vec<(String, bool)> {
        words.into_iter().map(|(channel, word)| (channel, word.verdict == Verdict::Send)).collect()
    };
    let expected = [("email".to_owned(), true), ("log".to_owned(), false)];
    assert_eq!(judged(tidings::people(&plan).judge("ann", &question, Recent::default())), expected);
    let notifier = start(&text).await;
    assert_eq!(judged(notifier.judge("ann", &question)), expected);
    let push = Question::new(["push"], now);
    assert_eq!(judged(notifier.judge("ann", &push)), [("push".to_owned(), false)]);
    notifier.stop().await;
}
