//! Inboxes: a sequence for each user, a notification once, the newest kept, through every restart.

use tidings_core::{NotificationId, id::derive};

use super::{
    rig::{Rig, get},
    samples::at,
};
use crate::{InboxBounds, InboxMessage, InboxPlace};

fn message(user: &str, name: &str) -> InboxMessage {
    let notification = NotificationId::from_bytes(derive("contract.inbox", &[name.as_bytes()]));
    InboxMessage { user: user.into(), notification, content: format!("{{\"title\":\"{name}\"}}").into() }
}

async fn append(rig: &Rig, keep: usize, messages: &[(&str, &str)]) -> Vec<(u64, bool)> {
    let messages: Vec<_> = messages.iter().map(|(user, name)| message(user, name)).collect();
    let places = get(rig.store().inbox_append(&messages, keep, at(7))).await;
    places.into_iter().map(|InboxPlace { seq, new }| (seq, new)).collect()
}

/// The places and titles behind `after`.
async fn since(rig: &Rig, user: &str, after: u64) -> Vec<(u64, String)> {
    let rows = get(rig.store().inbox_since(user, after, 100)).await;
    rows.into_iter().map(|row| (row.seq, row.content.replace(['{', '}', '"'], "").replace("title:", ""))).collect()
}

fn rows(expected: &[(u64, &str)]) -> Vec<(u64, String)> {
    expected.iter().map(|(seq, name)| (*seq, (*name).to_owned())).collect()
}

pub(super) async fn every_user_has_a_sequence_without_gaps(rig: &mut Rig) {
    let first = append(rig, 10, &[("ann", "a"), ("bob", "a"), ("ann", "b")]).await;
    assert_eq!(first, [(1, true), (1, true), (2, true)]);
    rig.reopen(8).await;
    assert_eq!(append(rig, 10, &[("ann", "c"), ("bob", "c")]).await, [(3, true), (2, true)]);
    assert_eq!(since(rig, "ann", 0).await, rows(&[(1, "a"), (2, "b"), (3, "c")]));
    assert_eq!(since(rig, "ann", 2).await, rows(&[(3, "c")]));
    assert_eq!(since(rig, "ann", u64::MAX).await, rows(&[]));
    assert_eq!(since(rig, "nobody", 0).await, rows(&[]));
    assert_eq!(get(rig.store().inbox_since("ann", 0, 2)).await.len(), 2);
    assert_eq!(get(rig.store().inbox_append(&[], 10, at(9))).await, []);
}

pub(super) async fn a_notification_stands_in_an_inbox_once(rig: &mut Rig) {
    assert_eq!(append(rig, 10, &[("ann", "a"), ("ann", "b"), ("ann", "a")]).await, [(1, true), (2, true), (1, false)]);
    rig.reopen(8).await;
    assert_eq!(append(rig, 10, &[("ann", "b"), ("bob", "b")]).await, [(2, false), (1, true)]);
    assert_eq!(since(rig, "ann", 0).await, rows(&[(1, "a"), (2, "b")]));
}

pub(super) async fn an_inbox_keeps_the_newest(rig: &mut Rig) {
    let bounds = |oldest, latest, unread| InboxBounds { oldest, latest, unread };
    assert_eq!(get(rig.store().inbox_bounds("ann")).await, bounds(0, 0, 0));
    append(rig, 2, &[("ann", "a"), ("ann", "b"), ("ann", "c"), ("bob", "a")]).await;
    assert_eq!(since(rig, "ann", 0).await, rows(&[(2, "b"), (3, "c")]));
    assert_eq!(get(rig.store().inbox_bounds("ann")).await, bounds(2, 3, 2));
    rig.reopen(8).await;
    assert_eq!(append(rig, 0, &[("ann", "d")]).await, [(4, true)], "the newest always stays");
    assert_eq!(get(rig.store().inbox_bounds("ann")).await, bounds(4, 4, 1));
    assert_eq!(get(rig.store().inbox_bounds("bob")).await, bounds(1, 1, 1));
}

pub(super) async fn what_was_read_stays_read(rig: &mut Rig) {
    append(rig, 10, &[("ann", "a"), ("ann", "b"), ("bob", "a")]).await;
    let mark = async |rig: &Rig, user, places: &[u64]| get(rig.store().inbox_mark_read(user, places)).await;
    assert_eq!(mark(rig, "ann", &[2, 2, 9, 0, u64::MAX]).await, 1);
    rig.reopen(8).await;
    assert_eq!(mark(rig, "ann", &[1, 2]).await, 1);
    assert_eq!(mark(rig, "nobody", &[1]).await, 0);
    assert!(get(rig.store().inbox_since("ann", 0, 10)).await.iter().all(|row| row.read && row.at == at(7)));
    assert_eq!(get(rig.store().inbox_bounds("ann")).await.unread, 0);
    assert_eq!(get(rig.store().inbox_bounds("bob")).await.unread, 1);
}
