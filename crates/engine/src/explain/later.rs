//! What became of notifications that are not told at once: from the log, and from what waits at this moment. Why it was decided so is the
//! policy's.

use tidings_core::{Notification, NotificationId};
use tidings_policy::Wait;
use tidings_store::{Deferrals, Deferred, DocumentKind, Entry, LogFilter, Page, Step, Store, StoreError};

use super::{
    notifications::muted,
    read::{text, time, value},
    told::{DigestTold, ItemTold, LaterStep, LaterTold, SilenceTold, StormTold, WaitTold},
};

/// How many that wait for one user are looked through, and how many items of a digest are named.
const MOST: usize = 1_000;
/// How many entries are looked through for the items of a digest.
const SEARCHED: usize = 20_000;

/// What stands at this moment, and of it what was asked for last: notifications of one user mostly come together.
pub(super) struct Present<'a> {
    pub(super) store: &'a dyn Store,
    storm: Option<StormTold>,
    zone: Option<(String, Option<String>)>,
    waiting: Option<(String, Vec<Deferred>)>,
}

impl<'a> Present<'a> {
    pub(super) const fn new(store: &'a dyn Store, storm: Option<StormTold>) -> Self {
        Self { store, storm, zone: None, waiting: None }
    }

    /// The time zone of a user, where there is a profile that says so.
    async fn zone_of(&mut self, user: &str) -> Result<Option<String>, StoreError> {
        if let Some((_, zone)) = self.zone.as_ref().filter(|(known, _)| known == user) {
            return Ok(zone.clone());
        }
        let profile = self.store.document(DocumentKind::Profile, user).await?;
        let zone = profile.and_then(|profile| {
            let content: serde_json::Value = serde_json::from_str(&profile.content?).ok()?;
            Some(content.get("timezone")?.as_str()?.to_owned())
        });
        self.zone = Some((user.to_owned(), zone.clone()));
        Ok(zone)
    }

    /// What a notification waits for at this moment. Where a user has more waiting than is looked through, the log has the word.
    pub(super) async fn waits(&mut self, told: &Notification, own: &[Entry]) -> Result<Option<WaitTold>, StoreError> {
        if self.waiting.as_ref().is_none_or(|(known, _)| *known != told.user_id) {
            let found = self.store.deferred(&Deferrals::Of(told.user_id.as_str().into()), MOST).await?;
            self.waiting = Some((told.user_id.clone(), found));
        }
        let zone = self.zone_of(&told.user_id).await?;
        let all = self.waiting.as_ref().map(|(_, all)| all.as_slice()).unwrap_or_default();
        if let Some(found) = all.iter().find(|one| one.notification.notification_id == told.notification_id) {
            return Ok(Some(self.told(&found.wait, zone)));
        }
        let last = own.iter().rfind(|entry| is_of_later(entry)).filter(|_| all.len() >= MOST);
        let last = last.filter(|entry| matches!(entry.step, Step::Held | Step::Digested));
        Ok(last.map(|entry| self.logged(entry, zone)))
    }

    fn told(&self, wait: &Wait, zone: Option<String>) -> WaitTold {
        let word = |word: serde_json::Result<serde_json::Value>| word.ok()?.as_str().map(str::to_owned);
        let why = word(serde_json::to_value(wait.why));
        WaitTold {
            until: Some(wait.until),
            zone,
            storm: self.storm_of(why.as_deref()),
            why,
            layer: word(serde_json::to_value(wait.layer)),
            together: wait.digest.is_some(),
            channel: wait.digest.as_ref().and_then(|digest| digest.channel.clone()),
        }
    }

    fn logged(&self, entry: &Entry, zone: Option<String>) -> WaitTold {
        let why = text(entry, "why");
        WaitTold {
            until: time(entry, "until"),
            zone,
            storm: self.storm_of(why.as_deref()),
            why,
            layer: text(entry, "layer"),
            together: entry.step == Step::Digested,
            channel: text(entry, "channel"),
        }
    }

    fn storm_of(&self, why: Option<&str>) -> Option<StormTold> {
        self.storm.filter(|_| why == Some("storm"))
    }

    /// What happened after it was not told at once, in order. `decided` is the entry of the first decision.
    pub(super) async fn steps(&mut self, own: &[Entry], decided: Option<&Entry>) -> Result<Vec<LaterTold>, StoreError> {
        let mut told = Vec::new();
        let begun = |entry: &&Entry| decided.is_none_or(|decided| decided.number <= entry.number);
        for entry in own.iter().filter(|entry| is_of_later(entry)).filter(begun) {
            // Where nobody wanted it from the start, that is the decision.
            let is_decision = decided.is_some_and(|decided| decided.number == entry.number);
            if entry.step == Step::Denied && is_decision {
                continue;
            }
            if let Some(step) = self.step(entry).await? {
                told.push(LaterTold { at: entry.at, step });
            }
        }
        Ok(told)
    }

    async fn step(&mut self, entry: &Entry) -> Result<Option<LaterStep>, StoreError> {
        let muted = || muted(entry).unwrap_or_default();
        Ok(Some(match entry.step {
            Step::Held | Step::Digested => {
                let zone = self.zone_of(entry.user.as_deref().unwrap_or_default()).await?;
                let wait = self.logged(entry, zone);
                if entry.step == Step::Held { LaterStep::Held(wait) } else { LaterStep::Digested(wait) }
            }
            Step::Resumed => LaterStep::Resumed { muted: muted() },
            Step::Gathered => {
                let into = value(entry, "into");
                let state = match into {
                    Some(into) => state(self.store, into).await?,
                    None => None,
                };
                LaterStep::Gathered { into, state }
            }
            Step::Dropped => LaterStep::Dropped,
            Step::Denied => LaterStep::Denied { muted: muted(), silence: silence(entry) },
            _ => return Ok(None),
        }))
    }

    /// What a digest holds; `None` for what is none. What is not kept itself is one if anything went into it.
    pub(super) async fn digest(
        &self,
        id: NotificationId,
        whole: Option<&Notification>,
        own: &[Entry],
    ) -> Result<Option<DigestTold>, StoreError> {
        let kept = match whole {
            Some(whole) => match whole.metadata.get("digest") {
                Some(kept) => Some(kept),
                None => return Ok(None),
            },
            None if own.first().is_none_or(|first| first.event.is_some()) => return Ok(None),
            None => None,
        };
        let items = items(self.store, id, own).await?;
        let seconds = |key: &str| kept.and_then(|kept| kept.get(key)?.as_f64());
        let at = |key| seconds(key).and_then(tidings_core::Timestamp::from_secs_f64);
        let count = kept.and_then(|kept| kept.get("count")?.as_u64());
        let told = DigestTold { count, from: at("from"), until: at("until"), items };
        Ok((kept.is_some() || !told.items.is_empty()).then_some(told))
    }
}

/// Whether an entry is about the notification as a whole, and about its being told later.
fn is_of_later(entry: &Entry) -> bool {
    use Step::{Denied, Digested, Dropped, Gathered, Held, Resumed};
    entry.delivery.is_none() && matches!(entry.step, Held | Digested | Resumed | Gathered | Dropped | Denied)
}

/// The silence that an entry names.
pub(super) fn silence(entry: &Entry) -> Option<SilenceTold> {
    let told = SilenceTold {
        id: text(entry, "silence"),
        author: text(entry, "author"),
        reason: text(entry, "reason"),
        until: time(entry, "until"),
    };
    (told != SilenceTold::default()).then_some(told)
}

/// How a digest stands, by the last word of the log.
async fn state(store: &dyn Store, digest: NotificationId) -> Result<Option<&'static str>, StoreError> {
    use Step::{Complete, Denied, Digested, Failed, Held, Incomplete, Planned, Resumed};
    let steps = vec![Planned, Held, Digested, Resumed, Complete, Incomplete, Failed, Denied];
    let filter = LogFilter { notification: Some(digest), steps, ..LogFilter::default() };
    let last = store.log_query(&filter, Page::Before { number: None, limit: 1 }).await?.pop();
    Ok(last.map(|last| if last.step == Resumed { Planned } else { last.step }.as_str()))
}

/// What went into a digest: entries of the same moment as its own first one, and before that.
async fn items(store: &dyn Store, digest: NotificationId, own: &[Entry]) -> Result<Vec<ItemTold>, StoreError> {
    let Some(first) = own.first() else { return Ok(Vec::new()) };
    let (steps, user, since) = (vec![Step::Gathered], first.user.clone(), Some(first.at));
    let filter = LogFilter { steps, user, since, ..LogFilter::default() };
    let (mut found, mut number, mut searched) = (Vec::new(), first.number, 0);
    loop {
        let page = store.log_query(&filter, Page::Before { number: Some(number), limit: MOST }).await?;
        searched += page.len();
        found.extend(page.iter().filter_map(|entry| item(entry, digest)));
        match page.last() {
            Some(last) if page.len() >= MOST && searched < SEARCHED => number = last.number,
            _ => break,
        }
    }
    found.reverse();
    found.truncate(MOST);
    Ok(found)
}

fn item(entry: &Entry, digest: NotificationId) -> Option<ItemTold> {
    let is_in = value::<NotificationId>(entry, "into") == Some(digest);
    let id = entry.notification.filter(|_| is_in)?;
    Some(ItemTold { id, title: text(entry, "title"), rule: entry.rule.clone(), event: entry.event })
}
