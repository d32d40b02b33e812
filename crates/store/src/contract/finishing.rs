//! What comes of an attempt is written down in one step: the delivery's end or its next time, what stands in for it, the entries.

use tidings_policy::{Attempt, Ending, Muted, PreferenceLayer, Reason, Status};

use super::{
    rig::{Rig, get},
    samples::{HOOK, Tell, again, answer, at, delivered, row},
};
use crate::{Finish, LogFilter, Outcome, Settled, Step, UserOutcome};

fn done(fallback: Option<&str>, status: Status) -> Settled {
    Settled::Done { fallback: fallback.map(Into::into), status: Some(status), freed: None }
}

pub(super) async fn each_outcome_is_booked_and_logged(rig: &mut Rig) {
    let cases = [
        (delivered(), Step::Delivered, [1, 0, 0, 0]),
        (again(9), Step::Retry, [1, 0, 0, 1]),
        (Outcome::YieldOr { due: at(9), counts: true }, Step::Retry, [1, 0, 0, 2]),
        (Outcome::Dead, Step::Dead, [1, 1, 0, 2]),
        (Outcome::Expired, Step::Expired, [1, 1, 1, 2]),
        (Outcome::Gone, Step::Dead, [1, 2, 1, 2]),
    ];
    for (number, (outcome, step, expected)) in cases.into_iter().enumerate() {
        let (name, lane) = (format!("event {number}"), number as u64);
        rig.send(vec![row(&name, lane)], 5).await;
        assert_eq!(rig.attempt(HOOK, outcome.clone(), 5).await, Settled::DONE, "{outcome:?}");
        let census = get(rig.store().census()).await;
        assert_eq!([census.delivered, census.dead, census.expired, census.open], expected, "{outcome:?}");
        let of = LogFilter { delivery: Some(row(&name, lane).id), steps: vec![step], ..LogFilter::default() };
        let entries = rig.log(&of).await;
        assert_eq!(entries.len(), 1, "{outcome:?}");
        let entry = &entries[0];
        assert_eq!((entry.event, entry.attempt, entry.at), (Some(super::samples::event_id(&name)), 1, at(5)));
        assert_eq!(entry.endpoint.as_deref(), Some(HOOK));
    }
}

pub(super) async fn what_is_not_wanted_any_more_is_no_failure(rig: &mut Rig) {
    let withdrawn = |channel: &str| {
        Outcome::Withdrawn(Muted {
            channel: channel.to_owned(),
            reason: Reason::ChannelOff,
            layer: PreferenceLayer::User,
        })
    };
    let tell = Tell::firing(1).of(1).by(&["push", "mail"]);
    rig.tell(&tell).await;
    let settled = give_up(rig, &tell, "push", &["sms"], withdrawn("push")).await;
    assert_eq!(settled, done(None, Status::Pending), "nothing stands in for it");
    let entry = rig.steps(Step::Denied).await.remove(0);
    let muted = serde_json::json!([{"channel": "push", "reason": "channel_off", "layer": "user"}]);
    assert_eq!((entry.endpoint.as_deref(), entry.detail.get("muted")), (Some("push"), Some(&muted)));
    rig.reopen(21).await;
    let lease = rig.claim_one("mail", 21).await;
    let freed = Some("key of ann".to_owned());
    assert_eq!(
        rig.end(&lease, withdrawn("mail"), 21).await,
        Settled::Done { fallback: None, status: None, freed },
        "nobody is told of it: the next one is"
    );
    let census = get(rig.store().census()).await;
    assert_eq!([census.unwanted, census.withdrawn, census.failed, census.dead, census.open], [2, 1, 0, 0, 0]);
    assert_eq!(rig.tell(&Tell::resolve(2, 1)).await, UserOutcome::Untold);
    assert_eq!(rig.tell(&Tell::firing(3).by(&["push", "mail"])).await, UserOutcome::Planned);
    rig.attempt("push", delivered(), 22).await;
    assert_eq!(rig.attempt("mail", withdrawn("mail"), 22).await, done(None, Status::Complete));
}

pub(super) async fn a_retry_tells_the_log_why_and_when(rig: &mut Rig) {
    rig.send(vec![row("a", 1)], 0).await;
    rig.attempt(HOOK, again(9), 0).await;
    let entry = rig.steps(Step::Retry).await.remove(0);
    let expected = serde_json::json!({
        "kind": "timeout", "code": 503, "text": "what the receiver said", "due": 9.0, "attempts": 4,
    });
    for (key, value) in expected.as_object().into_iter().flatten() {
        assert_eq!(entry.detail.get(key), Some(value), "{key}");
    }
}

/// The lease of the notification's delivery on this channel, given up with these to stand in.
async fn give_up(rig: &Rig, tell: &Tell, channel: &str, fallbacks: &[&str], outcome: Outcome) -> Settled {
    let lease = rig.claim_one(channel, 20).await;
    let fallbacks = fallbacks.iter().map(|fallback| tell.fallback(fallback, &[channel])).collect();
    rig.finish(Finish { fallbacks, ..answer(&lease, outcome) }, 20).await
}

pub(super) async fn a_fallback_is_made_in_the_same_step(rig: &mut Rig) {
    let tell = Tell::firing(1);
    rig.tell(&tell).await;
    let settled = give_up(rig, &tell, "push", &["mail", "sms"], Outcome::Dead).await;
    assert_eq!(settled, done(Some("mail"), Status::Pending));
    rig.reopen(21).await;
    let kept = get(rig.store().notification(tell.id())).await.unwrap_or_else(|| panic!("it is gone"));
    let channels: Vec<_> = kept.plan.legs.iter().map(|leg| (leg.channel.as_str(), leg.level())).collect();
    assert_eq!(channels, [("push", 0), ("mail", 1)]);
    assert_eq!(kept.attempts, [Attempt { channel: "push".to_owned(), ending: Ending::Dead }]);
    let lease = rig.claim_one("mail", 21).await;
    assert_eq!(lease.delivery.leg.as_ref().map(|leg| leg.after.clone()), Some(vec!["push".to_owned()]));
    assert_eq!(lease.delivery.id, tell.fallback("mail", &["push"]).id);
    let entries = rig.steps(Step::Fallback).await;
    assert_eq!(entries.len(), 1, "the other one was not needed");
    assert_eq!((entries[0].delivery, entries[0].endpoint.as_deref()), (Some(lease.delivery.id), Some("mail")));
    assert_eq!(entries[0].detail.get("after"), Some(&serde_json::json!(["push"])));
    assert_eq!(rig.end(&lease, delivered(), 21).await, done(None, Status::Complete));
}

pub(super) async fn a_fallback_uses_no_channel_twice(rig: &mut Rig) {
    let tell = Tell::firing(1).by(&["push", "sms"]);
    rig.tell(&tell).await;
    // Both legs fail into the same channel: one of them makes it.
    let push = rig.claim_one("push", 0).await;
    let sms = rig.claim_one("sms", 0).await;
    let into = |lease, after: &str, channels: &[&str]| Finish {
        fallbacks: channels.iter().map(|channel| tell.fallback(channel, &[after])).collect(),
        ..answer(lease, Outcome::Dead)
    };
    let both = vec![into(&push, "push", &["sms", "mail"]), into(&sms, "sms", &["mail", "push"])];
    let settled = get(rig.store().finish(both, at(0))).await;
    assert_eq!(settled, [done(Some("mail"), Status::Pending), done(None, Status::Pending)]);
    assert_eq!(rig.owed("mail").await, (1, 0));
    let settled = give_up(rig, &tell, "mail", &["push", "sms", "mail"], Outcome::Dead).await;
    let failed = Settled::Done { fallback: None, status: Some(Status::Failed), freed: Some(tell.key()) };
    assert_eq!(settled, failed);
}

pub(super) async fn only_what_is_given_up_takes_a_fallback(rig: &mut Rig) {
    let tell = Tell::firing(1);
    rig.tell(&tell).await;
    assert_eq!(give_up(rig, &tell, "push", &["mail"], again(20)).await, Settled::DONE);
    assert_eq!(give_up(rig, &tell, "push", &["mail"], delivered()).await, done(None, Status::Complete));
    assert_eq!(rig.owed("mail").await, (0, 0));
    let tell = Tell::firing(2).to("bob");
    rig.tell(&tell).await;
    assert_eq!(give_up(rig, &tell, "push", &["mail"], Outcome::Gone).await, done(Some("mail"), Status::Pending));
}

pub(super) async fn a_receiver_that_is_down_is_waited_for_unless_a_fallback_can_be_taken(rig: &mut Rig) {
    let tell = Tell::firing(1);
    rig.tell(&tell).await;
    let yields = || Outcome::YieldOr { due: at(20), counts: true };
    assert_eq!(give_up(rig, &tell, "push", &[], yields()).await, Settled::DONE);
    assert_eq!(give_up(rig, &tell, "push", &["push"], yields()).await, Settled::DONE, "that channel is used");
    assert_eq!(rig.claim_as(crate::Which::Due, "push", 0, 20).await.next_due, Some(at(20)));
    assert_eq!(give_up(rig, &tell, "push", &["mail"], yields()).await, done(Some("mail"), Status::Pending));
    assert_eq!(rig.owed("push").await, (0, 0));
    assert_eq!((rig.steps(Step::Retry).await.len(), rig.steps(Step::Dead).await.len()), (2, 1));
    assert_eq!(give_up(rig, &tell, "mail", &["push"], yields()).await, Settled::DONE, "and each only once");
    assert_eq!(rig.claim_one("mail", 20).await.attempt, 2);
}

pub(super) async fn a_late_answer_takes_no_fallback(rig: &mut Rig) {
    let tell = Tell::firing(1);
    rig.tell(&tell).await;
    let lease = rig.claim_one("push", 0).await;
    get(rig.store().release("push", at(1))).await;
    let late = Finish { fallbacks: vec![tell.fallback("mail", &["push"])], ..answer(&lease, Outcome::Dead) };
    assert_eq!(rig.finish(late, 1).await, Settled::Stale);
    assert_eq!((rig.owed("mail").await, rig.owed("push").await), ((0, 0), (1, 0)));
    let kept = get(rig.store().notification(tell.id())).await.unwrap_or_else(|| panic!("it is gone"));
    assert_eq!((kept.plan.legs.len(), kept.attempts.len()), (1, 0));
}

pub(super) async fn an_address_that_is_gone_is_disabled_until_somebody_enables_it(rig: &mut Rig) {
    rig.tell(&Tell::firing(1)).await;
    rig.attempt("push", Outcome::Gone, 5).await;
    rig.tell(&Tell::firing(2).to("bob")).await;
    rig.send(vec![row("a", 1)], 6).await;
    rig.attempt(HOOK, Outcome::Gone, 6).await;
    rig.attempt("push", delivered(), 6).await;
    let disabled = rig.reopen(7).await.disabled;
    let told: Vec<_> = disabled.iter().map(|row| (row.endpoint.as_str(), row.address.as_deref(), row.since)).collect();
    assert_eq!(told, [(HOOK, None, at(6)), ("push", Some("ann at push"), at(5))]);
    assert!(disabled.iter().all(|row| row.reason == "what the receiver said"));
    assert_eq!(rig.steps(Step::Disabled).await.len(), 2);
    let told = get(rig.store().disabled()).await;
    let told: Vec<_> = told.iter().map(|row| (row.endpoint.as_str(), row.since)).collect();
    assert_eq!(told, [("push", at(5)), (HOOK, at(6))], "in their order");
    let enable = async |endpoint, address| get(rig.store().enable(endpoint, address, at(8))).await;
    assert!(!enable("push", None).await, "not the whole channel");
    assert!(!enable("push", Some("bob at push")).await);
    assert!(enable("push", Some("ann at push")).await);
    assert!(!enable("push", Some("ann at push")).await, "it is enabled by now");
    assert!(enable(HOOK, None).await);
    let enabled = rig.steps(Step::Enabled).await;
    assert_eq!(enabled.iter().map(|entry| entry.endpoint.as_deref()).collect::<Vec<_>>(), [Some("push"), Some(HOOK)]);
    assert_eq!(rig.reopen(9).await.disabled, []);
}
