//! What becomes of notifications that waited, one by one: they go out, wait on, are to be told together, or nobody wants them any more.
//! The verdict is the policy's; what is told together is put into words by `gather`.

use std::{
    collections::{BTreeMap, HashMap},
    sync::Arc,
};

use serde_json::json;
use tidings_core::{Notification, NotificationId, NotificationKind, Timestamp};
use tidings_policy::{ChannelName, Delay, Muted, Recent, Resumed, Route, Silence, Wait, plan, resume, silenced};
use tidings_store::{Deferred, Fate, NewEntry, Resuming, Step};

use crate::{
    beginnings::{Incident, incident_of},
    people::People,
    pipeline::Pipeline,
    planned::Moment,
    tell::{detail, entry, mention_suppressed, muted, silence_detail},
};

/// How notifications that wait are looked at.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Looking {
    pub(crate) at: Moment,
    /// Whether it is the last time: what only waits to be told together is told now.
    pub(crate) is_last: bool,
}

/// What makes one digest: its end, its user, its channel (`None`: a storm's summary), and the rule that a summary is of.
pub(crate) type Together = (Timestamp, String, Option<ChannelName>, Option<String>);

/// What is told in one digest, and since when that gathers.
#[derive(Debug)]
pub(crate) struct Group<'a> {
    pub(crate) from: Timestamp,
    pub(crate) items: Vec<&'a Deferred>,
}

/// What becomes of notifications that waited.
#[derive(Debug, Default)]
pub(crate) struct Looked<'a> {
    pub(crate) items: Vec<Resuming>,
    pub(crate) together: BTreeMap<Together, Group<'a>>,
    /// What became of the beginnings among them: their ends follow.
    beginnings: HashMap<Incident, Beginning>,
}

/// What becomes of a beginning that is looked at.
#[derive(Debug)]
enum Beginning {
    Told,
    Waits(Wait),
    Denied(Vec<Muted>),
}

/// By notification, the repeats that were swallowed while it waited.
pub(crate) type Suppressed = HashMap<NotificationId, (String, u32)>;

impl Pipeline {
    /// Judges each of them again.
    pub(crate) fn look<'a>(&self, waiting: &'a [Deferred], looking: Looking) -> Looked<'a> {
        let people = self.people.now();
        let mut looked = Looked::default();
        for deferred in waiting {
            self.look_at(&people, deferred, looking, &mut looked);
        }
        looked
    }

    fn look_at<'a>(&self, people: &People, deferred: &'a Deferred, looking: Looking, looked: &mut Looked<'a>) {
        let (told, now) = (&*deferred.notification, looking.at.now);
        let about = people.about(told, self.rule_of(told), self.lately.of(told, now));
        // At the last look the time of what only waits for company has come.
        let is_over = looking.is_last && only_gathers(&deferred.wait) && now < deferred.wait.until;
        let ended = is_over.then(|| Wait { until: now, ..deferred.wait.clone() });
        let resumed = resume(&about, ended.as_ref().unwrap_or(&deferred.wait), deferred.since, now);
        match self.in_order(told, resumed, now, looked) {
            Resumed::Gather => looked.put_together(deferred, &deferred.wait),
            Resumed::Wait(wait) if looking.is_last && only_gathers(&wait) => looked.put_together(deferred, &wait),
            Resumed::Send(route) => looked.items.push(self.send_now(people, deferred, route, looking.at)),
            Resumed::Wait(wait) => looked.items.extend(self.wait_on(deferred, wait, now)),
            Resumed::Deny(reasons) => {
                let silence = silenced(&people.silences, told, now);
                looked.items.push(self.withdraw(deferred, &reasons, silence));
            }
        }
    }

    /// What becomes of an end goes by what becomes of its beginning: it is not told before it, nor where that is told to nobody.
    fn in_order(&self, told: &Notification, resumed: Resumed, now: Timestamp, looked: &mut Looked<'_>) -> Resumed {
        let Some(incident) = incident_of(told) else { return resumed };
        if told.kind == NotificationKind::Firing {
            looked.beginnings.insert(incident, Beginning::of(&resumed));
            return resumed;
        }
        match looked.beginnings.get(&incident) {
            Some(Beginning::Told) => resumed,
            Some(Beginning::Waits(wait)) => resumed.behind(wait),
            Some(Beginning::Denied(reasons)) => Resumed::Deny(reasons.clone()),
            // One that is due and not here is there no more.
            None => match self.beginnings.wait_of(told).filter(|wait| now < wait.until) {
                Some(wait) => resumed.behind(&wait),
                None => resumed,
            },
        }
    }

    fn send_now(&self, people: &People, deferred: &Deferred, route: Route, at: Moment) -> Resuming {
        let told = &deferred.notification;
        let scene = (people, self.rule_of(told));
        let why = entry(Step::Resumed, None, told, muted(told, &route.muted));
        self.remember(told, &route, at.now);
        let plan = plan(&people.about(told, scene.1, Recent::default()), route, &self.fallbacks, at.now);
        let deliveries = plan.legs.iter().map(|leg| self.delivery(scene, told, leg, at)).collect();
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
        let digest = wait.digest.as_ref();
        let why = detail(json!({"title": told.title, "until": wait.until, "why": wait.why, "layer": wait.layer,
            "from": digest.map(|digest| digest.from), "channel": digest.and_then(|digest| digest.channel.as_deref())}));
        Some(resuming(deferred, Fate::Waits(wait), entry(step, None, told, why)))
    }

    /// Nobody wants it any more: what nobody is told is nothing that another message could repeat.
    pub(crate) fn withdraw(&self, deferred: &Deferred, reasons: &[Muted], silence: Option<&Silence>) -> Resuming {
        let told = &deferred.notification;
        self.dedup.release(&told.dedup_key, told.notification_id);
        let mut why = muted(told, reasons);
        why.extend(silence.map(silence_detail).unwrap_or_default());
        resuming(deferred, Fate::Dropped { untold: true }, entry(Step::Denied, None, told, why))
    }

    /// The same, each with the repeats that were swallowed while it waited.
    pub(crate) fn with_suppressed(&self, waiting: &[Deferred]) -> (Vec<Deferred>, Suppressed) {
        let mut suppressed = Suppressed::new();
        let dress = |deferred: &Deferred| {
            let told = &deferred.notification;
            let count = self.dedup.suppressed_by(&told.dedup_key, told.notification_id);
            if count == 0 {
                return deferred.clone();
            }
            suppressed.insert(told.notification_id, (told.dedup_key.clone(), count));
            let mut told = Notification::clone(told);
            mention_suppressed(&mut told, count);
            Deferred { notification: Arc::new(told), ..deferred.clone() }
        };
        (waiting.iter().map(dress).collect(), suppressed)
    }

    /// The repeats of this one were told with it.
    pub(crate) fn note_suppressed(&self, suppressed: &Suppressed, of: NotificationId) {
        if let Some((key, count)) = suppressed.get(&of) {
            self.dedup.note_told(key, of, *count);
        }
    }
}

impl Beginning {
    fn of(resumed: &Resumed) -> Self {
        match resumed {
            Resumed::Send(_) | Resumed::Gather => Self::Told,
            Resumed::Wait(wait) => Self::Waits(wait.clone()),
            Resumed::Deny(reasons) => Self::Denied(reasons.clone()),
        }
    }
}

impl<'a> Looked<'a> {
    fn put_together(&mut self, deferred: &'a Deferred, wait: &Wait) {
        // Only what is in a digest is gathered.
        let Some(digest) = &wait.digest else { return };
        let user = deferred.notification.user_id.clone();
        let together = (wait.until, user, digest.channel.clone(), digest.rule.clone());
        // Two that end together are one, though one of them gathers for longer.
        let group = self.together.entry(together).or_insert_with(|| Group { from: digest.from, items: Vec::new() });
        group.from = group.from.min(digest.from);
        group.items.push(deferred);
    }
}

/// Whether nothing but company is waited for.
fn only_gathers(wait: &Wait) -> bool {
    wait.digest.is_some() && matches!(wait.why, Delay::Digest | Delay::Storm)
}

/// What becomes of one that waited.
pub(crate) fn resuming(deferred: &Deferred, fate: Fate, entry: NewEntry) -> Resuming {
    Resuming { notification: deferred.notification.notification_id, until: deferred.wait.until, fate, entry }
}
