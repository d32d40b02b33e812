//! What was gathered goes out as one message: a digest, or a storm's summary. What it says is `tidings_render`'s, whether it may go now
//! the policy's.

use std::{
    collections::{BTreeSet, HashSet},
    sync::Arc,
    time::Duration,
};

use jiff::tz::TimeZone;
use serde_json::json;
use tidings_core::{Notification, NotificationId, NotificationKind, Timestamp};
use tidings_policy::{ChannelName, Plan, Recent, plan, route, silenced};
use tidings_render::digest::{Window, digest};
use tidings_store::{Deferred, Fate, Resumption, Step, UserPlan};

use crate::{
    people::People,
    pipeline::Pipeline,
    planned::Moment,
    resumption::{Looked, Together, resuming},
    settle::insist,
    shared::Shared,
    tell::{detail, entry},
};

/// What one digest tells.
struct Bundle<'a> {
    items: Vec<&'a Deferred>,
    /// `None`: a storm's summary.
    channel: Option<ChannelName>,
    /// The rule that a summary is of.
    rule: Option<String>,
    window: Window,
}

/// Puts what is told together into digests, each under a name of its own. `None` if the notifier ends first.
pub(crate) async fn gather(shared: &Shared, looked: Looked<'_>, at: Moment) -> Option<Resumption> {
    let people = shared.pipeline().people.now();
    let mut batch = Resumption { items: looked.items, digests: Vec::new() };
    let mut used = BTreeSet::new();
    for (together, group) in looked.together {
        let items = leave_out_over(group.items, &mut batch);
        let mut window = window(&people, &together, group.from, at.now);
        rename(shared, &mut window, at.now, &mut used).await?;
        let (.., channel, rule) = together;
        let bundle = Bundle { items, channel, rule, window };
        shared.pipeline().tell_together(&people, &bundle, at, &mut batch);
    }
    Some(batch)
}

/// What a digest tells of. One that is told before its time ends now: the rest of its window may have another one.
fn window(people: &People, (until, user, channel, rule): &Together, from: Timestamp, now: Timestamp) -> Window {
    let until = (*until).min(now);
    let zone = people.users.get(user).and_then(|user| user.zone.clone()).unwrap_or(TimeZone::UTC);
    let channel = channel.clone().unwrap_or_else(|| format!("storm {}", rule.as_deref().unwrap_or_default()));
    Window { user: user.clone(), channel, from: from.min(until), until, zone }
}

/// Finds an end under which no digest was told before: a clock that is set back brings the same window again.
async fn rename(
    shared: &Shared,
    window: &mut Window,
    now: Timestamp,
    used: &mut BTreeSet<NotificationId>,
) -> Option<()> {
    loop {
        let id = NotificationId::of_digest(&window.user, &window.channel, window.until);
        if !used.contains(&id) && insist(shared, || shared.store.notification(id)).await?.is_none() {
            used.insert(id);
            return Some(());
        }
        // Each is another one, though the clock stands.
        window.until = now.max(window.until + Duration::from_nanos(1));
    }
}

/// Leaves out those of incidents that began and ended among them; gives the others.
fn leave_out_over<'a>(items: Vec<&'a Deferred>, batch: &mut Resumption) -> Vec<&'a Deferred> {
    let of = |kind: NotificationKind| -> HashSet<_> {
        let incidents = items.iter().filter(|item| item.notification.kind == kind);
        incidents.filter_map(|item| item.notification.incident).collect()
    };
    let (begun, ended) = (of(NotificationKind::Firing), of(NotificationKind::Resolved));
    let is_over = |item: &&Deferred| {
        item.notification.incident.is_some_and(|incident| begun.contains(&incident) && ended.contains(&incident))
    };
    let (over, open): (Vec<_>, Vec<_>) = items.into_iter().partition(is_over);
    batch.items.extend(over.into_iter().map(|deferred| {
        let told = &deferred.notification;
        let why = entry(Step::Dropped, None, told, detail(json!({"title": told.title})));
        resuming(deferred, Fate::Dropped { untold: false }, why)
    }));
    open
}

impl Pipeline {
    /// Tells items in one digest, if anybody wants it; nothing where there are none.
    fn tell_together(&self, people: &People, bundle: &Bundle<'_>, at: Moment, batch: &mut Resumption) {
        let Some(told) = self.summary(bundle, at.now) else { return };
        let scene = (people, self.rule_of(&told));
        let about = people.about(&told, scene.1, Recent::default());
        let route = route(&about, at.now);
        if route.now.is_empty() && route.wait.is_none() {
            let silence = silenced(&people.silences, &told, at.now);
            batch.items.extend(bundle.items.iter().map(|deferred| self.withdraw(deferred, &route.muted, silence)));
            return;
        }
        let wait = route.wait.clone();
        let plan = if wait.is_some() { Plan::default() } else { plan(&about, route, &self.fallbacks, at.now) };
        let (into, told) = (told.notification_id, Arc::new(told.clone()));
        let deliveries = plan.legs.iter().map(|leg| self.delivery(scene, &told, leg, at)).collect();
        batch.items.extend(bundle.items.iter().map(|deferred| {
            let told = &deferred.notification;
            let why = entry(Step::Gathered, None, told, detail(json!({"title": told.title, "into": into})));
            resuming(deferred, Fate::Gathered { into }, why)
        }));
        batch.digests.push(UserPlan { notification: told, plan, deliveries, wait, window: self.window, at: at.now });
    }

    /// The message that tells of them; `None` where there are none.
    fn summary(&self, bundle: &Bundle<'_>, now: Timestamp) -> Option<Notification> {
        let items: Vec<&Notification> = bundle.items.iter().map(|item| &*item.notification).collect();
        let mut told = digest(&items, &bundle.window)?;
        told.created_at = now;
        told.rule.clone_from(&bundle.rule);
        // A storm has no channel of its own; and what waits must not be lost for a channel that is not there.
        if bundle.channel.as_ref().is_none_or(|channel| !self.terms.contains_key(channel)) {
            let mut named = HashSet::new();
            let all = items.iter().flat_map(|item| &item.channels);
            told.channels = all.filter(|channel| named.insert(channel.as_str())).cloned().collect();
        }
        Some(told)
    }
}
