//! `channels enable` where each user has an address of their own.

use std::{path::Path, sync::Arc, time::Duration};

use serde_json::{Value, json};
use tidings::{
    Address, DeliveryId, Notification, NotificationId, NotificationKind, Payload, Priority, Severity, Timestamp,
    policy::{Leg, Plan, Quorum},
    store::{
        Claim, Finish, Lease, NewDelivery, Note, Outcome, Store, UserPlan, Which,
        sqlite::{Options, SqliteStore},
    },
};

use crate::{Folder, call, daemon::Running};

/// What a user is told by push.
fn plan(user: &str, number: u8, now: Timestamp) -> UserPlan {
    let id = NotificationId::from_bytes([number; 16]);
    let notification = Arc::new(Notification {
        notification_id: id,
        agent_id: None,
        title: "title".to_owned(),
        body: "body".to_owned(),
        priority: Priority::High,
        channels: vec!["push".to_owned()],
        user_id: user.to_owned(),
        metadata: serde_json::Map::new(),
        created_at: now,
        dedup_key: user.to_owned(),
        rule: None,
        event: None,
        kind: NotificationKind::Firing,
        incident: None,
    });
    let leg = Leg::first("push");
    let delivery = NewDelivery {
        id: DeliveryId::of_notification(id, "push", "push", 0),
        event: None,
        endpoint: "push".into(),
        lane: u64::from(number),
        severity: Severity::Error,
        payload: Payload::Notification(Arc::clone(&notification)),
        leg: Some(leg.clone()),
        to: Some(Address::new(format!("secret of {user}"))),
        due: now,
        expires: now,
        yields: false,
    };
    let plan = Plan { legs: vec![leg], quorum: Quorum { needed: 1 } };
    UserPlan { notification, plan, deliveries: vec![delivery], wait: None, window: Duration::from_secs(10), at: now }
}

fn is_gone(lease: &Lease) -> Finish {
    let note = Note { kind: Some("gone"), code: Some(410), ..Note::default() };
    let (id, fence, attempt) = (lease.delivery.id, lease.fence, Some(lease.attempt));
    Finish { id, endpoint: "push".into(), fence, attempt, outcome: Outcome::Gone, note, fallbacks: Vec::new() }
}

/// A store in which these users' addresses of `push` are gone: of all that stand together at one moment.
async fn gone(path: &str) {
    let open = |now| SqliteStore::open(Path::new(path), &Options::default(), now).unwrap().0;
    let store = open(Timestamp::from_secs(1_700_000_000));
    let mut number = 0;
    for (users, second) in [(&["zoe", "ann"][..], 1_700_000_000), (&["bob"], 1_700_000_060)] {
        let now = Timestamp::from_secs(second);
        let mut plans = Vec::new();
        for user in users {
            number += 1;
            plans.push(plan(user, number, now));
        }
        store.plan_user(&plans.into(), now).await.unwrap();
        let claim = Claim { endpoint: "push".into(), limit: 10, lease: Duration::from_secs(60), which: Which::Due };
        let leases = store.claim(claim, now).await.unwrap().leases;
        assert_eq!(leases.len(), users.len());
        store.finish(leases.iter().map(is_gone).collect(), now).await.unwrap();
    }
    store.close();
}

/// Enables by these arguments; gives whose addresses came back, and whose are left.
fn enable(path: &str, arguments: &[&str]) -> (Vec<String>, Vec<String>) {
    let told = call(&[&["channels", "enable", "--json", "--store", path], arguments].concat());
    let json = told.json();
    assert_eq!(json["enabled"], json!(told.code == 0), "{}", told.err);
    assert!(!told.out.contains("secret"), "{}", told.out);
    let user = |row: &Value| row["user"].as_str().unwrap_or_default().to_owned();
    let users = |rows: &Value| rows.as_array().unwrap().iter().map(user).collect();
    (users(&json["again"]), users(&json["disabled"]))
}

#[tokio::test]
async fn a_user_is_enabled_alone_and_the_others_stay_known() {
    let folder = Folder::new(&[]);
    let path = folder.path("tidings.db");
    gone(&path).await;
    let wrong = call(&["channels", "enable", "push", "--user", "eve", "--store", &path]);
    assert_eq!(wrong.code, 1);
    for part in ["push is not disabled for eve", "  push for zoe since 2023", "  push for ann since", "  push for bob"]
    {
        assert!(wrong.err.contains(part), "{part} in {}", wrong.err);
    }
    assert!(!wrong.err.contains("secret"), "{}", wrong.err);
    let list = |users: &[&str]| users.iter().map(|user| (*user).to_owned()).collect::<Vec<_>>();
    assert_eq!(enable(&path, &["push", "--user", "ann"]), (list(&["ann"]), list(&["zoe", "bob"])));
    assert_eq!(enable(&path, &["push", "--address", "secret of bob"]), (list(&["bob"]), list(&["zoe"])));
    assert_eq!(enable(&path, &["hook"]), (vec![], list(&["zoe"])));
}

#[tokio::test]
async fn a_name_alone_means_all_its_addresses() {
    let folder = Folder::new(&[]);
    let path = folder.path("tidings.db");
    gone(&path).await;
    let told = call(&["channels", "enable", "push", "--store", &path]);
    assert_eq!(told.out, "push for zoe is enabled\npush for ann is enabled\npush for bob is enabled\n", "{}", told.err);
    let again = call(&["channels", "enable", "push", "--store", &path]);
    assert_eq!((again.code, again.err.contains("push is not disabled")), (1, true), "{}", again.err);
}

#[tokio::test]
async fn a_daemon_that_holds_the_store_enables_by_the_same_words() {
    let config = "events: {sinks: [{type: log}]}\nstore: {path: tidings.db, retention: 3650d}\n";
    let folder = Folder::new(&[("tidings.yaml", config)]);
    let path = folder.path("tidings.db");
    gone(&path).await;
    let _running = Running::start_in(folder, &[]);
    let list = |users: &[&str]| users.iter().map(|user| (*user).to_owned()).collect::<Vec<_>>();
    assert_eq!(enable(&path, &["push", "--user", "ann"]), (list(&["ann"]), list(&["zoe", "bob"])));
    assert_eq!(enable(&path, &["push", "--address", "secret of bob"]), (list(&["bob"]), list(&["zoe"])));
    assert_eq!(enable(&path, &["push"]), (list(&["zoe"]), list(&[])));
}
