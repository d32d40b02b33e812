//! A notification from its entries and from what is kept of it: what was decided, its legs, how it stands.

use tidings_core::{DeliveryId, Notification, NotificationId, NotificationKind, Timestamp};
use tidings_policy::{Ending, Leg, Plan, Status, settle};
use tidings_store::{Entry, LogFilter, Page, Step, Store, StoreError, StoredNotification};

use super::{
    deliveries::{self, Sought},
    found::{Found, Log},
    later::{self, Present},
    read::{clean, number, text, value},
    told::{Decision, MutedTold, NotificationTold, Repeated, Standing, WaitTold},
};

/// How many notifications of one event are told.
const MOST: usize = 1_000;

/// All notifications that the entries are about, in their order. Says whether there were more.
pub(super) async fn tell_all(
    present: &mut Present<'_>,
    found: &Found,
    log: &Log,
) -> Result<(Vec<NotificationTold>, bool), StoreError> {
    let mut ids: indexmap::IndexSet<NotificationId> = found.notification.into_iter().collect();
    ids.extend(log.entries.iter().filter_map(|entry| entry.notification));
    let cut = ids.len() > MOST;
    let mut told = Vec::with_capacity(ids.len().min(MOST));
    // Of each the entries, looked through once: an event may tell thousands.
    let mut entries: indexmap::IndexMap<NotificationId, Vec<Entry>> = indexmap::IndexMap::new();
    for entry in &log.entries {
        if let Some(id) = entry.notification {
            entries.entry(id).or_default().push(entry.clone());
        }
    }
    for id in ids.into_iter().take(MOST) {
        let own = entries.swap_remove(&id).unwrap_or_default();
        told.extend(tell(present, Facts { id, own: &own, log }, found.delivery).await?);
    }
    Ok((told, cut))
}

/// What there is to say of one notification.
#[derive(Clone, Copy)]
struct Facts<'a> {
    id: NotificationId,
    own: &'a [Entry],
    log: &'a Log,
}

async fn tell(
    present: &mut Present<'_>,
    facts: Facts<'_>,
    only: Option<DeliveryId>,
) -> Result<Option<NotificationTold>, StoreError> {
    let store = present.store;
    let kept = store.notification(facts.id).await?;
    let decided = facts.own.iter().find(|entry| decision(entry).is_some());
    let Some(at) = decided.or(facts.own.first()).map(|entry| entry.at).or(kept.as_ref().map(|kept| kept.planned))
    else {
        return Ok(None);
    };
    let whole = kept.as_ref().map(|kept| &*kept.notification);
    // One that is not told at once has no legs yet, and one that was taken back none any more: how it stands is told by the log.
    let stands = kept.as_ref().map(|kept| &kept.plan).filter(|plan| !plan.legs.is_empty()).cloned();
    let logged = decided.and_then(logged_plan);
    let plan = stands.clone().or_else(|| logged.clone());
    let waits = match whole.filter(|_| plan.is_none()) {
        Some(whole) => present.waits(whole, facts.own).await?,
        None => None,
    };
    let mut told = NotificationTold {
        decision: decided.and_then(decision).unwrap_or_else(|| unlogged(plan.as_ref(), waits.as_ref())),
        repeats: match decided {
            Some(entry) => repeats(store, entry).await?,
            None => None,
        },
        silence: decided.and_then(later::silence).filter(|_| decided.is_some_and(|entry| entry.step == Step::Silenced)),
        muted: first_muted(facts.own, decided),
        later: present.steps(facts.own, decided).await?,
        waits,
        digest: present.digest(facts.id, whole, facts.own).await?,
        legs: plan.as_ref().map(|plan| plan.legs.clone()).unwrap_or_default(),
        needed: plan.as_ref().map(|plan| plan.quorum.needed),
        standing: stands.or(logged.filter(|_| kept.is_none())).map(|plan| standing(facts.own, kept.as_ref(), &plan)),
        ..about(facts, whole, decided, at)
    };
    told.deliveries = all_deliveries(store, facts, &told.legs, only).await?;
    Ok(Some(told))
}

/// Whom it is for and what it says, before anything is known of what became of it.
fn about(facts: Facts<'_>, whole: Option<&Notification>, decided: Option<&Entry>, at: Timestamp) -> NotificationTold {
    let first = facts.own.first();
    let rule = whole.map_or_else(|| first?.rule.clone(), |told| told.rule.clone());
    let title = whole.map(|told| clean(&told.title));
    NotificationTold {
        id: facts.id,
        user: whole.map(|told| told.user_id.clone()).or_else(|| first?.user.clone()),
        kind: whole.map(|told| told.kind).or_else(|| kind(facts.log, rule.as_deref())),
        rule,
        incident: whole.and_then(|told| told.incident),
        title: title.or_else(|| facts.own.iter().find_map(|entry| text(entry, "title"))),
        priority: whole.map(|told| told.priority).or_else(|| value(decided?, "priority")),
        at,
        decision: Decision::Unknown,
        repeats: None,
        silence: None,
        muted: Vec::new(),
        later: Vec::new(),
        waits: None,
        digest: None,
        legs: Vec::new(),
        needed: None,
        standing: None,
        deliveries: Vec::new(),
    }
}

/// Its channels that were not used when it was decided first.
fn first_muted(own: &[Entry], decided: Option<&Entry>) -> Vec<MutedTold> {
    let told = own.iter().find(|entry| entry.step == Step::Muted);
    told.or(decided).and_then(muted).unwrap_or_default()
}

/// What an entry decides on its notification, for one that is about all of it.
const fn decision(entry: &Entry) -> Option<Decision> {
    if entry.delivery.is_some() {
        return None;
    }
    Some(match entry.step {
        Step::Planned => Decision::Planned,
        Step::Held => Decision::Held,
        Step::Digested => Decision::Digested,
        Step::Silenced => Decision::Silenced,
        Step::Duplicate => Decision::Duplicate,
        Step::Untold => Decision::Untold,
        Step::Denied => Decision::Denied,
        _ => return None,
    })
}

/// The plan as the log tells it.
fn logged_plan(entry: &Entry) -> Option<Plan> {
    Some(Plan { legs: value(entry, "legs")?, quorum: value(entry, "quorum")? })
}

/// What is kept and has legs was planned, what waits was put off, whatever the log still knows.
const fn unlogged(plan: Option<&Plan>, waits: Option<&WaitTold>) -> Decision {
    match (plan, waits) {
        (Some(_), _) => Decision::Planned,
        (None, Some(WaitTold { together: true, .. })) => Decision::Digested,
        (None, Some(_)) => Decision::Held,
        (None, None) => Decision::Unknown,
    }
}

/// What a notification says that is not kept: what its rule did.
fn kind(log: &Log, rule: Option<&str>) -> Option<NotificationKind> {
    let rule = rule?;
    let kinds = [(Step::Fired, NotificationKind::Firing), (Step::Resolved, NotificationKind::Resolved)];
    kinds.into_iter().find(|(step, _)| log.of_rule(*step, rule).is_some()).map(|(_, kind)| kind)
}

async fn repeats(store: &dyn Store, entry: &Entry) -> Result<Option<Repeated>, StoreError> {
    let Some(of) = value::<NotificationId>(entry, "of") else { return Ok(None) };
    let first = async |steps| -> Result<Option<Entry>, StoreError> {
        let filter = LogFilter { notification: Some(of), steps, ..LogFilter::default() };
        Ok(store.log_query(&filter, Page::After { number: 0, limit: 1 }).await?.pop())
    };
    let kept = store.notification(of).await?;
    let (put_off, sent) =
        (first(vec![Step::Held, Step::Digested]).await?, first(vec![Step::Planned, Step::Resumed]).await?);
    // What is kept and has legs has gone out, whatever the log still knows. When it was decided is not when it went, if it was put off.
    let planned = kept.as_ref().filter(|kept| !kept.plan.legs.is_empty()).map(|kept| kept.planned);
    let told = sent.map(|sent| sent.at).or(planned);
    Ok(Some(Repeated { of, told, later: put_off.is_some() || (told.is_none() && kept.is_some()) }))
}

/// The channels that an entry says are not used.
pub(super) fn muted(entry: &Entry) -> Option<Vec<MutedTold>> {
    let list = entry.detail.get("muted")?.as_array()?;
    let word = |one: &serde_json::Value, key: &str| Some(one.get(key)?.as_str()?.to_owned());
    let read = |one: &serde_json::Value| {
        Some(MutedTold { channel: word(one, "channel")?, reason: word(one, "reason")?, layer: word(one, "layer")? })
    };
    Some(list.iter().filter_map(read).collect())
}

/// How it stands: by the entry that settled it, else by what came of its legs so far.
fn standing(own: &[Entry], kept: Option<&StoredNotification>, plan: &Plan) -> Standing {
    let attempts = kept.map(|kept| kept.attempts.as_slice()).unwrap_or_default();
    let taken = attempts.iter().filter(|attempt| attempt.ending == Ending::Delivered).count();
    let logged = own.iter().filter(|entry| entry.step == Step::Delivered).count();
    let reached = u8::try_from(taken.max(logged)).unwrap_or(u8::MAX);
    let settled = own.iter().find_map(|entry| {
        let status = match entry.step {
            Step::Complete => "complete",
            Step::Incomplete => "incomplete",
            Step::Failed => "failed",
            _ => return None,
        };
        Some((status, entry))
    });
    let needed = plan.quorum.needed.max(1);
    match settled {
        Some((status, entry)) => {
            let needed = number(entry, "needed").and_then(|needed| needed.try_into().ok()).unwrap_or(needed);
            let told = number(entry, "reached").and_then(|reached| reached.try_into().ok());
            Standing { status, reached: told.unwrap_or(reached), needed, at: Some(entry.at) }
        }
        None => Standing { status: word(settle(plan, attempts)), reached, needed, at: None },
    }
}

const fn word(status: Status) -> &'static str {
    match status {
        Status::Pending => "pending",
        Status::Complete => "complete",
        Status::Incomplete { .. } => "incomplete",
        Status::Failed => "failed",
    }
}

/// The deliveries of its legs, and those that only the log knows.
async fn all_deliveries(
    store: &dyn Store,
    facts: Facts<'_>,
    legs: &[Leg],
    only: Option<DeliveryId>,
) -> Result<Vec<super::told::DeliveryTold>, StoreError> {
    let of_leg = |leg: &Leg| Sought {
        id: DeliveryId::of_notification(facts.id, &leg.channel, &leg.channel, leg.level()),
        endpoint: leg.channel.clone(),
        after: leg.after.clone(),
    };
    let mut sought: Vec<Sought> = legs.iter().map(of_leg).collect();
    for entry in facts.own {
        let (Some(id), Some(endpoint)) = (entry.delivery, &entry.endpoint) else { continue };
        if sought.iter().all(|known| known.id != id) {
            let after = value(entry, "after").unwrap_or_default();
            sought.push(Sought { id, endpoint: endpoint.clone(), after });
        }
    }
    let mut told = Vec::with_capacity(sought.len());
    for sought in sought.into_iter().filter(|sought| only.is_none_or(|only| only == sought.id)) {
        told.push(deliveries::tell(store, facts.own, sought).await?);
    }
    Ok(told)
}
