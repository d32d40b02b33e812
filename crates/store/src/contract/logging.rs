//! The log tells every change, numbered without a gap, and answers by page.

use tidings_core::{Event, NotificationId};

use super::{
    rig::{Rig, get},
    samples::{
        HOOK, Tell, at, delivered, event_id, firing_claim, notification_id, offer, offer_of, plan_of, row, trace,
    },
};
use crate::{Acceptance, Entry, LogFilter, NewEntry, Outcome, Page, RulePlan, Step, UserBatch, UserOutcome};

/// Four notifications, two sinks' deliveries and some decisions, over ten seconds.
async fn some_history(rig: &Rig) {
    for (number, user) in [(1, "ann"), (2, "ann"), (3, "bob"), (4, "cid")] {
        rig.tell(&Tell::firing(number).to(user).at(number.into())).await;
    }
    rig.send(vec![row("a", 1), row("b", 2)], 5).await;
    rig.attempt("push", delivered(), 2).await;
    for lease in rig.claim("push", 6).await {
        rig.end(&lease, Outcome::Dead, 6).await;
    }
    for lease in rig.claim(HOOK, 7).await {
        rig.end(&lease, delivered(), 7).await;
    }
    rig.accept(&[offer("c")], 8).await;
    let other = |step, notification: Option<NotificationId>| NewEntry {
        notification,
        rule: Some("other".into()),
        agent: None,
        user: Some("dan".to_owned()),
        ..trace(step, None)
    };
    let trace =
        vec![trace(Step::Fired, Some(0)), other(Step::Denied, Some(notification_id(9))), other(Step::Fired, None)];
    rig.plan(RulePlan { firings: vec![firing_claim("agent", 8)], trace, ..plan_of("c") }, 8).await;
}

/// What a filter means, the plain way.
fn fits(filter: &LogFilter, entry: &Entry) -> bool {
    fn asked<T: PartialEq>(wanted: &Option<T>, found: &Option<T>) -> bool {
        wanted.is_none() || wanted == found
    }
    (filter.steps.is_empty() || filter.steps.contains(&entry.step))
        && asked(&filter.event, &entry.event)
        && asked(&filter.notification, &entry.notification)
        && asked(&filter.delivery, &entry.delivery)
        && asked(&filter.rule, &entry.rule)
        && asked(&filter.agent, &entry.agent)
        && asked(&filter.user, &entry.user)
        && asked(&filter.endpoint, &entry.endpoint)
        && filter.since.is_none_or(|since| entry.at >= since)
        && filter.until.is_none_or(|until| entry.at < until)
}

/// Every field alone, and what is often asked together.
fn filters() -> Vec<LogFilter> {
    let all = LogFilter::default;
    let text = |text: &str| Some(text.to_owned());
    vec![
        all(),
        LogFilter { steps: vec![Step::Planned], ..all() },
        LogFilter { steps: vec![Step::Dead, Step::Delivered, Step::Failed], ..all() },
        LogFilter { event: Some(event_id("a")), ..all() },
        LogFilter { event: Some(event_id("cause")), ..all() },
        LogFilter { notification: Some(notification_id(1)), ..all() },
        LogFilter { notification: Some(notification_id(9)), ..all() },
        LogFilter { delivery: Some(row("a", 1).id), ..all() },
        LogFilter { delivery: Some(Tell::firing(3).plan().deliveries[0].id), ..all() },
        LogFilter { rule: text("rule"), ..all() },
        LogFilter { rule: text("other"), ..all() },
        LogFilter { agent: text("agent"), ..all() },
        LogFilter { user: text("bob"), ..all() },
        LogFilter { user: text("dan"), steps: vec![Step::Denied], ..all() },
        LogFilter { endpoint: text("push"), ..all() },
        LogFilter { endpoint: text(HOOK), steps: vec![Step::Delivered], ..all() },
        LogFilter { since: Some(at(6)), ..all() },
        LogFilter { until: Some(at(6)), ..all() },
        LogFilter { since: Some(at(2)), until: Some(at(7)), user: text("ann"), ..all() },
        LogFilter { rule: text("rule"), agent: text("agent"), user: text("cid"), endpoint: text("push"), ..all() },
    ]
}

pub(super) async fn a_filter_gives_what_fits_in_either_direction(rig: &mut Rig) {
    some_history(rig).await;
    rig.reopen(9).await;
    let everything = rig.log(&LogFilter::default()).await;
    for filter in filters() {
        let expected: Vec<_> = everything.iter().filter(|entry| fits(&filter, entry)).cloned().collect();
        assert!(!expected.is_empty(), "a filter that tests nothing: {filter:?}");
        assert_eq!(rig.log(&filter).await, expected, "{filter:?}");
        let newest = get(rig.store().log_query(&filter, Page::Before { number: None, limit: 1_000 })).await;
        assert!(newest.iter().eq(expected.iter().rev()), "newest first: {filter:?}");
    }
    for user in ["nobody", "", "hook"] {
        assert_eq!(rig.log(&LogFilter { user: Some(user.to_owned()), ..LogFilter::default() }).await, []);
    }
    let (since, until) = (Some(at(6)), Some(at(6)));
    assert_eq!(rig.log(&LogFilter { since, until, ..LogFilter::default() }).await, []);
}

pub(super) async fn pages_neither_overlap_nor_leave_a_hole_while_the_log_grows(rig: &mut Rig) {
    some_history(rig).await;
    let filter = LogFilter { rule: Some("rule".to_owned()), ..LogFilter::default() };
    let before: Vec<_> = rig.log(&filter).await.iter().map(|entry| entry.number).collect();
    for limit in [1, 2, 3] {
        let (mut down, mut up) = (Vec::new(), Vec::new());
        let (mut below, mut above) = (Some(before[before.len() - 1] + 1), 0);
        for round in 0_u32.. {
            let page = get(rig.store().log_query(&filter, Page::Before { number: below, limit })).await;
            down.extend(page.iter().map(|entry| entry.number));
            let more = get(rig.store().log_query(&filter, Page::After { number: above, limit })).await;
            up.extend(more.iter().map(|entry| entry.number));
            assert!(page.len() <= limit && more.len() <= limit);
            below = down.last().copied();
            above = up.last().copied().unwrap_or(above);
            if page.is_empty() {
                break;
            }
            let number = 100 * (limit as u32 + 1) + round;
            rig.tell(&Tell::firing(number).to("eve").at(i64::from(number) * 100)).await;
        }
        down.reverse();
        assert_eq!(down, before, "downwards, {limit} at a time");
        assert!(up.starts_with(&before[..up.len().min(before.len())]), "upwards, {limit} at a time");
        assert!(up.windows(2).all(|pair| pair[0] < pair[1]));
    }
}

pub(super) async fn a_page_is_bounded(rig: &mut Rig) {
    let entries = (0..1_100).map(|_| trace(Step::Fired, None)).collect();
    rig.accept(&[offer("a")], 0).await;
    rig.plan(RulePlan { trace: entries, ..plan_of("a") }, 0).await;
    let all = LogFilter::default();
    for (limit, expected) in [(usize::MAX, 1_000), (1_001, 1_000), (1_000, 1_000), (999, 999), (1, 1), (0, 1)] {
        for page in [Page::Before { number: None, limit }, Page::After { number: 0, limit }] {
            assert_eq!(get(rig.store().log_query(&all, page)).await.len(), expected, "{page:?}");
        }
    }
    for page in [Page::Before { number: Some(0), limit: 9 }, Page::After { number: u64::MAX, limit: 9 }] {
        assert_eq!(get(rig.store().log_query(&all, page)).await, [], "{page:?}");
    }
    assert_eq!(get(rig.store().log_query(&all, Page::Before { number: Some(u64::MAX), limit: 9 })).await.len(), 9);
}

pub(super) async fn what_is_written_with_a_plan_is_kept_whole(rig: &mut Rig) {
    rig.accept(&[offer("a")], 3).await;
    let new =
        NewEntry { notification: Some(notification_id(5)), user: Some("ann".into()), ..trace(Step::Denied, None) };
    rig.plan(RulePlan { trace: vec![new.clone()], ..plan_of("a") }, 4).await;
    rig.reopen(5).await;
    let entry = rig.log(&LogFilter::default()).await.remove(0);
    let expected = Entry {
        number: 1,
        at: at(4),
        step: Step::Denied,
        event: Some(event_id("a")),
        notification: new.notification,
        delivery: None,
        rule: Some("rule".to_owned()),
        agent: new.agent,
        user: new.user,
        endpoint: None,
        attempt: 0,
        detail: new.detail,
    };
    assert_eq!(entry, expected);
}

pub(super) async fn an_event_sent_again_leaves_an_entry_each_time(rig: &mut Rig) {
    let known = offer_of("known", Event::new("known").at(at(0)).agent("agent"));
    let once = crate::Offer { repeatable: false, ..offer("once") };
    rig.accept(&[known.clone(), once.clone(), offer("nameless")], 0).await;
    assert_eq!(rig.log(&LogFilter::default()).await, [], "taking an event in is no entry");
    let verdicts = rig.accept(&[known.clone(), once, known.clone(), offer("nameless")], 3).await;
    let again = |name| Acceptance::Duplicate { of: event_id(name) };
    assert_eq!(verdicts, [again("known"), Acceptance::Accepted, again("known"), again("nameless")]);
    let told = async |rig: &Rig| {
        let entries = rig.log(&LogFilter::default()).await;
        assert!(entries.iter().all(|entry| entry.step == Step::Resent && entry.detail.is_empty()), "{entries:?}");
        let row = |entry: Entry| (entry.at, entry.event, entry.agent, entry.notification, entry.delivery);
        entries.into_iter().map(row).collect::<Vec<_>>()
    };
    let entry =
        |seconds, name, agent: Option<&str>| (at(seconds), Some(event_id(name)), agent.map(str::to_owned), None, None);
    let of_agent = Some("agent");
    let mut expected = vec![entry(3, "known", of_agent), entry(3, "known", of_agent), entry(3, "nameless", None)];
    assert_eq!(told(rig).await, expected);
    rig.reopen(5).await;
    assert_eq!(told(rig).await, expected);
    rig.plan(plan_of("known"), 6).await;
    rig.accept(std::slice::from_ref(&known), 7).await;
    expected.push(entry(7, "known", of_agent));
    assert_eq!(told(rig).await, expected);
    let of = LogFilter { event: Some(event_id("known")), steps: vec![Step::Resent], ..LogFilter::default() };
    assert_eq!(rig.log(&of).await.len(), 3);
}

pub(super) async fn what_is_written_with_a_direct_message_is_kept_whole(rig: &mut Rig) {
    let new = |step, number, user: &str| NewEntry {
        notification: Some(notification_id(number)),
        user: Some(user.to_owned()),
        rule: None,
        ..trace(step, None)
    };
    let alone =
        UserBatch { plans: Vec::new(), trace: vec![new(Step::Denied, 5, "ann"), new(Step::Duplicate, 6, "bob")] };
    assert_eq!(get(rig.store().plan_user(&alone, at(4))).await, []);
    let beside = UserBatch { plans: vec![Tell::firing(1).plan()], trace: vec![new(Step::Muted, 1, "ann")] };
    assert_eq!(get(rig.store().plan_user(&beside, at(5))).await, [UserOutcome::Planned]);
    rig.reopen(6).await;
    let entries = rig.log(&LogFilter::default()).await;
    let told: Vec<_> = entries.iter().map(|entry| (entry.number, entry.at, entry.step)).collect();
    let expected = [(1, 4, Step::Denied), (2, 4, Step::Duplicate), (3, 5, Step::Muted), (4, 5, Step::Planned)];
    assert_eq!(told, expected.map(|(number, seconds, step)| (number, at(seconds), step)));
    for (entry, new) in entries.iter().zip(alone.trace.iter().chain(&beside.trace)) {
        assert_eq!((entry.event, entry.notification, entry.delivery), (None, new.notification, None));
        assert_eq!((&entry.rule, &entry.agent, &entry.user), (&None, &new.agent, &new.user));
        assert_eq!((&entry.endpoint, entry.attempt, &entry.detail), (&None, 0, &new.detail));
    }
    let of = LogFilter { notification: Some(notification_id(5)), ..LogFilter::default() };
    assert_eq!(rig.log(&of).await, entries.get(..1).unwrap_or_default());
}

pub(super) async fn what_is_written_by_itself_says_what_it_is_about(rig: &mut Rig) {
    rig.accept(&[offer("a"), offer("b")], 3).await;
    rig.plan(plan_of("a"), 3).await;
    // The event of the second one waits for its plan, and nobody knows that of the third.
    let of = |name: &str| NewEntry {
        event: Some(event_id(name)),
        delivery: Some(row(name, 1).id),
        endpoint: Some("callback".into()),
        ..trace(Step::Retry, None)
    };
    let names = ["a", "b", "c"];
    let batch = UserBatch { plans: Vec::new(), trace: names.map(of).to_vec() };
    get(rig.store().plan_user(&batch, at(4))).await;
    rig.reopen(5).await;
    let one = |filter: LogFilter| LogFilter { endpoint: Some("callback".to_owned()), ..filter };
    assert_eq!(rig.log(&one(LogFilter::default())).await.len(), 3);
    for name in names {
        let by_event = one(LogFilter { event: Some(event_id(name)), ..LogFilter::default() });
        let by_delivery = one(LogFilter { delivery: Some(row(name, 1).id), ..LogFilter::default() });
        let entry = rig.log(&by_event).await.remove(0);
        assert_eq!((entry.event, entry.delivery), (Some(event_id(name)), Some(row(name, 1).id)));
        assert_eq!((entry.step, entry.agent.as_deref(), entry.detail.len()), (Step::Retry, Some("agent"), 1));
        assert_eq!(rig.log(&by_delivery).await, [entry]);
    }
}

pub(super) async fn a_planned_notification_stands_in_the_log_with_its_plan(rig: &mut Rig) {
    let tell = Tell::firing(1).by(&["push", "mail"]).needs(2).at(3);
    rig.tell(&tell).await;
    let entry = rig.steps(Step::Planned).await.remove(0);
    assert_eq!((entry.notification, entry.event), (Some(tell.id()), Some(event_id("cause"))));
    assert_eq!((entry.rule.as_deref(), entry.agent.as_deref()), (Some("rule"), Some("agent")));
    assert_eq!((entry.user.as_deref(), entry.endpoint), (Some("ann"), None));
    let expected = serde_json::json!({
        "title": "title 1", "priority": "low", "legs": [{"channel": "push"}, {"channel": "mail"}], "quorum": {"needed": 2},
    });
    for (key, value) in expected.as_object().into_iter().flatten() {
        assert_eq!(entry.detail.get(key), Some(value), "{key}");
    }
}

pub(super) async fn each_attempt_is_told_with_its_number(rig: &mut Rig) {
    let tell = Tell::firing(1);
    rig.tell(&tell).await;
    rig.attempt("push", super::samples::again(1), 0).await;
    rig.attempt("push", super::samples::again(2), 1).await;
    rig.attempt("push", delivered(), 2).await;
    let of = LogFilter { delivery: Some(tell.plan().deliveries[0].id), ..LogFilter::default() };
    let entries = rig.log(&of).await;
    let told: Vec<_> = entries.iter().map(|entry| (entry.step.as_str(), entry.attempt)).collect();
    assert_eq!(told, [("retry", 1), ("retry", 2), ("delivered", 3)]);
    for entry in entries {
        assert_eq!((entry.notification, entry.user.as_deref()), (Some(tell.id()), Some("ann")));
        assert_eq!((entry.rule.as_deref(), entry.agent.as_deref()), (Some("rule"), Some("agent")));
        assert_eq!(entry.endpoint.as_deref(), Some("push"));
    }
}
