//! A rule fires for an agent once in its cooldown, whoever asks, and what hangs on a firing goes with it.

use super::{
    rig::{Rig, get},
    samples::{Tell, at, event_id, firing_claim, offer, plan_of, trace},
};
use crate::{Admission, Cooldown, FiringClaim, Handed, LogFilter, RulePlan, Step, UserOutcome};

const GRANTED: Admission = Admission::Granted;

fn cooling(since: i64) -> Admission {
    Admission::Cooling { since: at(since) }
}

/// A plan of one firing, by an event of its own.
async fn fire(rig: &Rig, name: &str, claim: FiringClaim) -> Admission {
    let now = claim.at.as_secs();
    rig.accept(&[offer(name)], now).await;
    let plan = RulePlan { firings: vec![claim], ..plan_of(name) };
    rig.plan(plan, now).await.fires.remove(0)
}

pub(super) async fn a_cooldown_is_given_once(rig: &mut Rig) {
    let cases = [
        ("rule", "a", 0, GRANTED),
        ("rule", "a", 9, cooling(0)),
        ("rule", "b", 9, GRANTED),
        ("rule", "", 9, GRANTED),
        ("other", "a", 9, GRANTED),
        ("rule", "a", 10, GRANTED),
        ("rule", "a", 19, cooling(10)),
        ("rule", "a", 4, GRANTED),
        ("rule", "a", 13, cooling(4)),
    ];
    for (number, (rule, agent, now, expected)) in cases.into_iter().enumerate() {
        let claim = FiringClaim { rule: rule.into(), ..firing_claim(agent, now) };
        assert_eq!(fire(rig, &number.to_string(), claim).await, expected, "claim {number}: {rule} of {agent} at {now}");
    }
    rig.reopen(20).await;
    assert_eq!(fire(rig, "later", firing_claim("b", 18)).await, cooling(9), "in the next life");
}

pub(super) async fn claims_of_one_batch_see_each_other(rig: &mut Rig) {
    rig.accept(&[offer("a"), offer("b")], 0).await;
    let plan = |name, seconds| RulePlan { firings: vec![firing_claim("x", seconds)], ..plan_of(name) };
    let outcomes = rig.plan_all(vec![plan("a", 0), plan("b", 5)], vec![], 5).await;
    let fires: Vec<_> = outcomes.iter().map(|outcome| outcome.fires.as_slice()).collect();
    assert_eq!(fires, [[GRANTED], [cooling(0)]]);
}

pub(super) async fn the_same_claim_of_the_same_event_is_granted_again(rig: &mut Rig) {
    // What time alone gave has no outbox row that would tell that it was planned before.
    let timed = || RulePlan { firings: vec![firing_claim("x", 0)], ..plan_of("an hour without a word") };
    for round in 0..2 {
        assert_eq!(rig.plan(timed(), round).await.fires, [GRANTED], "round {round}");
    }
    assert_eq!(fire(rig, "b", firing_claim("x", 5)).await, cooling(0));
}

pub(super) async fn what_hangs_on_an_overruled_firing_is_not_made(rig: &mut Rig) {
    fire(rig, "first", firing_claim("x", 0)).await;
    rig.accept(&[offer("a")], 5).await;
    let hangs = |claim, tell: Tell| Handed { claim, plan: tell.at(5).plan() };
    let plan = RulePlan {
        firings: vec![firing_claim("x", 5), firing_claim("y", 5)],
        told: vec![
            hangs(Some(0), Tell::firing(1)),
            hangs(Some(1), Tell::firing(2).to("bob")),
            hangs(None, Tell::resolve(3, 1)),
        ],
        trace: vec![trace(Step::Fired, Some(0)), trace(Step::Fired, Some(1)), trace(Step::Denied, None)],
        ..plan_of("a")
    };
    let outcome = rig.plan(plan, 5).await;
    assert_eq!(outcome.fires, [cooling(0), GRANTED]);
    assert_eq!(outcome.told, [UserOutcome::Overruled, UserOutcome::Planned, UserOutcome::Untold]);
    assert_eq!(get(rig.store().notification(Tell::firing(1).id())).await, None);
    assert_eq!(rig.steps(Step::Fired).await.len(), 1, "the entry of the firing that was not admitted is left out");
    assert_eq!(rig.steps(Step::Denied).await.len(), 1);
    let about = LogFilter { notification: Some(Tell::firing(1).id()), ..LogFilter::default() };
    assert_eq!(rig.log(&about).await, [], "it was never made");
    assert_eq!(rig.tell(&Tell::firing(4).at(6)).await, UserOutcome::Planned, "and took no key");
}

pub(super) async fn a_cooldown_that_overrules_stands_in_the_log(rig: &mut Rig) {
    fire(rig, "first", firing_claim("x", 3)).await;
    fire(rig, "second", firing_claim("x", 5)).await;
    let entries = rig.steps(Step::Cooldown).await;
    assert_eq!(entries.len(), 1);
    let entry = &entries[0];
    assert_eq!((entry.event, entry.at), (Some(event_id("second")), at(5)));
    assert_eq!((entry.rule.as_deref(), entry.agent.as_deref()), (Some("rule"), Some("x")));
    assert_eq!(entry.detail.get("since").and_then(serde_json::Value::as_f64), Some(3.0));
}

pub(super) async fn cooldowns_are_told_from_a_time_on(rig: &mut Rig) {
    for (name, agent, seconds) in [("1", "a", 0), ("2", "b", 5), ("3", "", 7), ("4", "a", 11)] {
        assert_eq!(fire(rig, name, firing_claim(agent, seconds)).await, GRANTED);
    }
    rig.reopen(12).await;
    for (since, expected) in [(0, vec![("", 7), ("a", 11), ("b", 5)]), (7, vec![("", 7), ("a", 11)]), (12, vec![])] {
        let mut told = get(rig.store().cooldowns(at(since))).await;
        told.sort_by(|one, other| one.agent.cmp(&other.agent));
        let cooldown =
            |(agent, fired): (&str, i64)| Cooldown { rule: "rule".into(), agent: agent.into(), at: at(fired) };
        assert_eq!(told, expected.into_iter().map(cooldown).collect::<Vec<_>>(), "since {since}");
    }
}
