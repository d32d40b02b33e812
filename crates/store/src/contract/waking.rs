//! Who waits for work hears of it soon; and never waits longer than asked.

use std::{
    task::{Context, Waker},
    time::Duration,
};

use tidings_core::BoxFuture;

use super::{
    rig::{Rig, get},
    samples::{HOOK, Tell, again, at, row},
};
use crate::UserOutcome;

/// Longer than any machine needs to give a hint.
const LONG: Duration = Duration::from_secs(300);
/// Soon enough to be a hint, and not the end of the time asked for.
const SOON: Duration = Duration::from_secs(20);

/// Begins to wait for work, does this, and says whether the wait ended by that.
async fn wakes(rig: &Rig, endpoint: &str, change: impl Future<Output = ()>) -> bool {
    let mut wait = rig.store().wait_for_work(endpoint, LONG);
    // A hint of what was before may still stand.
    while begins_ready(&mut wait) {
        wait = rig.store().wait_for_work(endpoint, LONG);
    }
    change.await;
    tokio::time::timeout(SOON, wait).await.is_ok()
}

/// Lets it begin; says whether it ended with that.
fn begins_ready(wait: &mut BoxFuture<'_, ()>) -> bool {
    wait.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_ready()
}

pub(super) async fn a_plan_wakes_who_waits(rig: &mut Rig) {
    assert!(wakes(rig, HOOK, async { drop(rig.send(vec![row("a", 1)], 0).await) }).await);
    assert!(wakes(rig, "push", async { assert_eq!(rig.tell(&Tell::firing(1)).await, UserOutcome::Planned) }).await);
}

pub(super) async fn a_finish_wakes_who_waits(rig: &mut Rig) {
    rig.send(vec![row("a", 1), row("b", 1)], 0).await;
    let lease = rig.claim_one(HOOK, 0).await;
    assert!(wakes(rig, HOOK, async { drop(rig.end(&lease, again(0), 0).await) }).await);
}

pub(super) async fn a_fallback_wakes_its_channel(rig: &mut Rig) {
    let tell = Tell::firing(1);
    rig.tell(&tell).await;
    let lease = rig.claim_one("push", 0).await;
    let fallbacks = vec![tell.fallback("mail", &["push"])];
    let finish = crate::Finish { fallbacks, ..super::samples::answer(&lease, crate::Outcome::Dead) };
    assert!(wakes(rig, "mail", async { drop(rig.finish(finish, 0).await) }).await);
}

pub(super) async fn a_release_wakes_who_waits(rig: &mut Rig) {
    rig.send(vec![row("a", 1)], 0).await;
    rig.claim_one(HOOK, 0).await;
    assert!(wakes(rig, HOOK, async { assert_eq!(get(rig.store().release(HOOK, at(0))).await, 1) }).await);
}

pub(super) async fn a_wait_without_work_ends(rig: &mut Rig) {
    for limit in [Duration::ZERO, Duration::from_millis(5)] {
        let wait = rig.store().wait_for_work("idle", limit);
        assert!(tokio::time::timeout(SOON, wait).await.is_ok());
    }
}
