//! What is told later: when a notification's moment has come it is judged again, and goes out by itself, in a digest, or not at all. The
//! verdict is the policy's; that it happens once is seen to by the store.

use std::{
    collections::{BTreeMap, HashSet},
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering::SeqCst},
    },
    time::Duration,
};

use jiff::tz::TimeZone;
use serde_json::json;
use tidings_core::{Notification, NotificationId, NotificationKind, Timestamp};
use tidings_policy::{Gathering, Resumed, Route, Wait, plan, resume, route};
use tidings_render::digest::{Window, digest};
use tidings_store::{Deferrals, Deferred, Fate, Resuming, Resumption, Step, UserPlan};

use crate::{
    people::People,
    pipeline::Pipeline,
    planned::Moment,
    settle::insist,
    shared::Shared,
    tell::{detail, entry, muted},
};

/// How many are looked at for one transaction, where thousands come due together.
const PIECE: usize = 256;
/// The longest sleep between two looks at the clock while something waits: a clock may be set, a machine may have slept.
const LOOK: Duration = Duration::from_millis(250);

/// When the first of what waits is due.
#[derive(Debug)]
pub(crate) struct Later {
    next: AtomicI64,
}

impl Default for Later {
    fn default() -> Self {
        Self { next: AtomicI64::new(i64::MAX) }
    }
}

impl Later {
    /// Something waits until then.
    pub(crate) fn await_until(&self, until: Timestamp) {
        self.next.fetch_min(until.as_nanos(), SeqCst);
    }

    /// What waits for this user is judged again.
    pub(crate) fn look_again(&self, _user: &str) {}
    /// All that waits is judged again.
    pub(crate) fn look_again_at_all(&self) {}

    /// When the first of what waits is due, or nothing waits.
    pub(crate) fn next(&self) -> Option<Timestamp> {
        let next = self.next.load(SeqCst);
        (next < i64::MAX).then(|| Timestamp::from_nanos(next))
    }
}

/// Waits until something may be due; for ever, where the time comes from the events.
pub(crate) async fn due(shared: &Shared) {
    let next = if shared.event_time { None } else { shared.later.next() };
    let pause = match next {
        Some(next) => next.since(shared.clock.now()).min(LOOK),
        None if shared.event_time => return std::future::pending().await,
        None => LOOK,
    };
    tokio::time::sleep(pause).await;
}

/// Tells what has come due by the clock.
pub(crate) async fn tick(shared: &Shared) {
    // A drain waits for what is in hand, not for what is pending.
    shared.timed.add(1);
    let now = shared.clock.now();
    // Without an answer the notifier is at its end, and what was in hand with it.
    flush(shared, Moment { now, wall: now }).await;
    shared.timed.take();
}

/// Tells what is due by this moment, piece by piece. `None` if the notifier ends first.
pub(crate) async fn flush(shared: &Shared, at: Moment) -> Option<()> {
    if shared.later.next().is_none_or(|next| next > at.now) {
        return Some(());
    }
    loop {
        let which = Deferrals::Due(at.now);
        let waiting = insist(shared, || shared.store.deferred(&which, PIECE)).await?;
        if waiting.is_empty() {
            break;
        }
        let batch = free_of_doubles(shared, &waiting, at).await?;
        let stood = insist(shared, || shared.store.resume(&batch, shared.clock.now())).await?;
        shared.book_resumed(&batch, &stood);
        tokio::task::yield_now().await;
    }
    let pending = insist(shared, || shared.store.pending()).await?;
    shared.later.next.store(pending.next.map_or(i64::MAX, Timestamp::as_nanos), SeqCst);
    Some(())
}

/// What becomes of them, without a digest of a name that there was before: a clock that is set back brings the same window again.
async fn free_of_doubles(shared: &Shared, waiting: &[Deferred], at: Moment) -> Option<Resumption> {
    let mut taken = HashSet::new();
    loop {
        let batch = shared.pipeline.resumption(waiting, &taken, at);
        let mut is_free = true;
        for digest in &batch.digests {
            let id = digest.notification.notification_id;
            if insist(shared, || shared.store.notification(id)).await?.is_some() {
                is_free &= !taken.insert(id);
            }
        }
        if is_free {
            return Some(batch);
        }
    }
}

/// Items that may be told together: those of one user, one end and one digest.
type Together<'a> = BTreeMap<(Timestamp, &'a str, &'a Gathering), Vec<&'a Deferred>>;

impl Pipeline {
    /// What becomes, at this moment, of notifications that waited. Digests of the names in `taken` get another one.
    pub(crate) fn resumption(&self, waiting: &[Deferred], taken: &HashSet<NotificationId>, at: Moment) -> Resumption {
        let people = self.people.now();
        let mut batch = Resumption::default();
        let mut together = Together::new();
        for deferred in waiting {
            let told = &deferred.notification;
            let about = people.about(told, self.rule_of(told), self.lately.of(told, at.now));
            match (resume(&about, &deferred.wait, deferred.since, at.now), &deferred.wait.digest) {
                (Resumed::Gather, Some(gathering)) => {
                    together.entry((deferred.wait.until, &told.user_id, gathering)).or_default().push(deferred);
                }
                (Resumed::Send(route), _) => batch.items.push(self.send_now(&people, deferred, route, at)),
                (Resumed::Wait(wait), _) => batch.items.extend(self.wait_on(deferred, wait, at.now)),
                (Resumed::Deny(reasons), _) => {
                    self.dedup.release(&told.dedup_key, told.notification_id);
                    let entry = entry(Step::Denied, None, told, muted(told, &reasons));
                    batch.items.push(resuming(deferred, Fate::Dropped { untold: true }, entry));
                }
                // Only what is in a digest is gathered.
                (Resumed::Gather, None) => {}
            }
        }
        for ((until, user, gathering), items) in together {
            self.tell_together(&people, (until, user, gathering), items, taken, at, &mut batch);
        }
        batch
    }

    fn send_now(&self, people: &People, deferred: &Deferred, route: Route, at: Moment) -> Resuming {
        let told = &deferred.notification;
        let rule = self.rule_of(told);
        let why = entry(Step::Resumed, None, told, muted(told, &route.muted));
        self.remember(told, &route, at.now);
        let about = people.about(told, rule, Default::default());
        let plan = plan(&about, route, &self.fallbacks, at.now);
        let deliveries = plan.legs.iter().map(|leg| self.delivery((people, rule), told, leg, at)).collect();
        resuming(deferred, Fate::Sent { plan, deliveries }, why)
    }

    fn wait_on(&self, deferred: &Deferred, wait: Wait, now: Timestamp) -> Option<Resuming> {
        if wait == deferred.wait {
            return None;
        }
        let told = &deferred.notification;
        let route = Route { wait: Some(wait.clone()), ..Route::default() };
        self.remember(told, &route, now);
        let step = if wait.digest.is_some() { Step::Digested } else { Step::Held };
        let why = detail(json!({"title": told.title, "until": wait.until, "why": wait.why, "layer": wait.layer}));
        Some(resuming(deferred, Fate::Waits(wait), entry(step, None, told, why)))
    }

    /// Tells items in one digest; what is over by now is left out of it.
    fn tell_together(
        &self,
        people: &People,
        (until, user, gathering): (Timestamp, &str, &Gathering),
        items: Vec<&Deferred>,
        taken: &HashSet<NotificationId>,
        at: Moment,
        batch: &mut Resumption,
    ) {
        let (over, open) = split_over(items);
        for deferred in over {
            let told = &deferred.notification;
            let why = detail(json!({"title": told.title}));
            let why = entry(Step::Dropped, None, told, why);
            batch.items.push(resuming(deferred, Fate::Dropped { untold: false }, why));
        }
        let Some(told) = summary(people, (until, user, gathering), &open, taken, at.now) else { return };
        let rule = self.rule_of(&told);
        let about = people.about(&told, rule, Default::default());
        let route = route(&about, at.now);
        if route.now.is_empty() && route.wait.is_none() {
            for deferred in open {
                let told = &deferred.notification;
                let why = entry(Step::Denied, None, told, muted(told, &route.muted));
                batch.items.push(resuming(deferred, Fate::Dropped { untold: true }, why));
            }
            return;
        }
        let (wait, told) = (route.wait.clone(), Arc::new(told));
        let plan = if wait.is_some() {
            Default::default()
        } else {
            plan(&about_of(people, &told, rule), route, &self.fallbacks, at.now)
        };
        let deliveries = plan.legs.iter().map(|leg| self.delivery((people, rule), &told, leg, at)).collect();
        let into = told.notification_id;
        for deferred in open {
            let told = &deferred.notification;
            let why = entry(Step::Gathered, None, told, detail(json!({"title": told.title, "into": into})));
            batch.items.push(resuming(deferred, Fate::Gathered { into }, why));
        }
        batch.digests.push(UserPlan { notification: told, plan, deliveries, wait, window: self.window, at: at.now });
    }
}

fn about_of<'a>(
    people: &'a People,
    told: &'a Notification,
    rule: Option<&'a crate::rule::Rule>,
) -> tidings_policy::Circumstances<'a> {
    people.about(told, rule, Default::default())
}

fn resuming(deferred: &Deferred, fate: Fate, entry: tidings_store::NewEntry) -> Resuming {
    Resuming { notification: deferred.notification.notification_id, until: deferred.wait.until, fate, entry }
}

/// Those of an incident that began and ended among them are over; the others are open.
fn split_over(items: Vec<&Deferred>) -> (Vec<&Deferred>, Vec<&Deferred>) {
    let of = |kind: NotificationKind| -> HashSet<_> {
        let incidents = items.iter().filter(|item| item.notification.kind == kind);
        incidents.filter_map(|item| item.notification.incident).collect()
    };
    let (begun, ended) = (of(NotificationKind::Firing), of(NotificationKind::Resolved));
    let is_over = |item: &&Deferred| {
        item.notification.incident.is_some_and(|incident| begun.contains(&incident) && ended.contains(&incident))
    };
    items.into_iter().partition(is_over)
}

/// The message that tells of items together; `None` where there are none.
fn summary(
    people: &People,
    (until, user, gathering): (Timestamp, &str, &Gathering),
    items: &[&Deferred],
    taken: &HashSet<NotificationId>,
    now: Timestamp,
) -> Option<Notification> {
    let notifications: Vec<&Notification> = items.iter().map(|item| &*item.notification).collect();
    let zone = people.users.get(user).and_then(|user| user.zone.clone()).unwrap_or(TimeZone::UTC);
    let channel =
        gathering.channel.clone().unwrap_or_else(|| format!("storm {}", gathering.rule.as_deref().unwrap_or_default()));
    let window = |until| Window {
        user: user.to_owned(),
        channel: channel.clone(),
        from: gathering.from,
        until,
        zone: zone.clone(),
    };
    let mut told = digest(&notifications, &window(until))?;
    if taken.contains(&told.notification_id) {
        told = digest(&notifications, &window(now))?;
    }
    told.created_at = now;
    if gathering.channel.is_none() {
        told.rule.clone_from(&gathering.rule);
        let mut named = HashSet::new();
        let all = notifications.iter().flat_map(|item| &item.channels);
        told.channels = all.filter(|channel| named.insert(channel.as_str())).cloned().collect();
    }
    Some(told)
}

impl Shared {
    /// Books what became of notifications that waited.
    fn book_resumed(&self, batch: &Resumption, stood: &[bool]) {
        let mut told = HashSet::new();
        for (item, _) in batch.items.iter().zip(stood).filter(|(_, stood)| **stood) {
            match &item.fate {
                Fate::Sent { deliveries, .. } => {
                    self.ledger.deliveries.add((deliveries.len() as u64).saturating_sub(1));
                }
                Fate::Waits(wait) => self.later.await_until(wait.until),
                Fate::Gathered { into } => {
                    self.ledger.digested.add(1);
                    told.insert(*into);
                }
                Fate::Dropped { untold: false } => self.ledger.digested.add(1),
                Fate::Dropped { untold: true } => self.ledger.withdrawn.add(1),
            }
        }
        for digest in batch.digests.iter().filter(|digest| told.contains(&digest.notification.notification_id)) {
            self.book_planned(digest);
        }
    }
}
