//! What holds for every message, whatever anybody wishes, whenever it comes.

use std::{collections::BTreeMap, time::Duration};

use proptest::prelude::*;
use serde_json::{Value, json};
use tidings_core::{Priority, Timestamp};
use tidings_policy::{
    DigestWindow, Fallbacks, Leg, Matcher, Quorum, Resumed, Route, Silence, Verdict, fallbacks_of, judge, plan, resume,
    route, time_zone,
};

use crate::{Scene, read, told};

const CHANNELS: [&str; 5] = ["push", "email", "sms", "chat", "inbox"];
/// A fortnight in which clocks are put in Europe.
const TIMES: std::ops::Range<i64> = 1_774_200_000..1_775_400_000;

fn priority() -> impl Strategy<Value = Priority> {
    prop::sample::select(Priority::ALL.to_vec())
}

fn hours() -> impl Strategy<Value = Value> {
    let times =
        prop::sample::select(vec![("22:00", "07:00"), ("00:00", "23:59"), ("02:30", "02:45"), ("09:00", "08:59")]);
    let days = prop::sample::select(vec![json!([]), json!(["sat", "sun"]), json!(["mon", "fri"])]);
    let except = prop_oneof![3 => Just(Priority::Critical), 1 => priority()];
    let policy = prop::sample::select(vec!["hold", "digest", "drop"]);
    (times, days, except, policy).prop_map(|((from, to), days, except, policy)| {
        json!({"from": from, "to": to, "days": days, "except": except, "policy": policy})
    })
}

fn digest() -> impl Strategy<Value = Value> {
    let every = prop::sample::select(vec![
        json!({"every": "hourly"}),
        json!({"every": "daily"}),
        json!({"every": "daily", "at": "02:30"}),
        json!({"every": "daily", "at": "23:30"}),
    ]);
    let first = prop::sample::select(vec!["now", "together"]);
    (every, priority(), prop::sample::select(CHANNELS.to_vec()), first).prop_map(
        |(mut digest, most, channel, first)| {
            digest["max_priority"] = json!(most);
            digest["channel"] = json!(channel);
            digest["first"] = json!(first);
            digest
        },
    )
}

fn block() -> impl Strategy<Value = Value> {
    let switches = prop::collection::btree_map(prop::sample::select(CHANNELS.to_vec()), any::<bool>(), 0..3);
    let topics = prop::option::weighted(0.2, any::<bool>().prop_map(|on| json!({"slow": on})));
    let rare = |moment| prop::option::weighted(0.2, moment);
    let rest = (topics, rare(TIMES), prop::option::weighted(0.3, priority()));
    (switches, prop::option::of(hours()), prop::option::of(digest()), rest).prop_map(
        |(switches, hours, digest, (topics, snooze, least))| {
            let mut block = json!(switches);
            block["quiet_hours"] = json!(hours);
            block["digest"] = json!(digest);
            block["topics"] = json!(topics);
            block["snooze_until"] = json!(snooze);
            block["min_priority"] = json!(least);
            block
        },
    )
}

fn wishes() -> impl Strategy<Value = Value> {
    (block(), prop::option::of(block()))
        .prop_map(|(default, agent)| json!({"default": default, "agents": {"batch": agent}}))
}

fn silence() -> impl Strategy<Value = Silence> {
    (TIMES, 0..500_000_i64, any::<bool>()).prop_map(|(from, span, is_meant)| Silence {
        id: "s".to_owned(),
        matcher: Matcher { user: Some(if is_meant { "ann" } else { "bob" }.to_owned()), ..Matcher::default() },
        from: Timestamp::from_secs(from),
        until: Timestamp::from_secs(from + span),
        author: "ops".to_owned(),
        reason: "known".to_owned(),
    })
}

prop_compose! {
    fn scene()(
        user in wishes(), operator in prop_oneof![Just(json!({})), wishes()],
        zone in prop::sample::select(vec!["UTC", "Europe/Zurich", "America/New_York", "Pacific/Chatham"]),
        priority in priority(),
        channels in prop::collection::vec(prop::sample::select(CHANNELS.to_vec()), 0..6),
        mandatory in prop::bool::weighted(0.1), is_digest in prop::bool::weighted(0.1),
        silences in prop::collection::vec(silence(), 0..2),
        lately in (prop::option::of(TIMES), prop::option::weighted(0.2, TIMES)),
    ) -> Scene {
        let mut told = told(priority, &channels);
        if is_digest {
            told.metadata.insert("digest".to_owned(), json!({}));
        }
        let mut scene = Scene { told, operator: read(&operator), mandatory, silences, ..Scene::new(&user) };
        scene.zone = time_zone(zone).unwrap();
        scene.recent.last = lately.0.map(Timestamp::from_secs);
        scene.recent.storm = lately.1.map(|from| {
            let from = Timestamp::from_secs(from);
            DigestWindow { from, until: from + Duration::from_secs(90_000) }
        });
        scene
    }
}

/// The route, with what must hold for each.
fn checked(scene: &Scene, now: Timestamp) -> Result<Route, TestCaseError> {
    let route = route(&scene.about(), now);
    let later = [&route.held, &route.digested].map(|list| !list.is_empty());
    prop_assert!(route.now.is_empty() || later == [false, false], "now and later: {route:?}");
    prop_assert!(later != [true, true], "held and gathered: {route:?}");
    prop_assert_eq!(route.wait.is_some(), later != [false, false]);
    let is_gathered = route.wait.as_ref().is_some_and(|wait| wait.digest.is_some());
    prop_assert_eq!(is_gathered, later[1]);
    let muted = route.muted.iter().map(|muted| &muted.channel);
    let mut stands: Vec<&String> = route.now.iter().chain(&route.held).chain(&route.digested).chain(muted).collect();
    let mut named: Vec<&String> = scene.told.channels.iter().collect();
    stands.sort();
    named.sort();
    named.dedup();
    prop_assert_eq!(stands, named, "each channel stands in one list, once");
    prop_assert!(route.wait.as_ref().is_none_or(|wait| wait.until > now), "over: {route:?}");
    Ok(route)
}

fn denies(scene: &Scene, channel: &str, now: Timestamp) -> bool {
    matches!(judge(channel, &scene.about(), now).verdict, Verdict::Deny(_))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn each_channel_has_one_place(scene in scene(), now in TIMES) {
        checked(&scene, Timestamp::from_secs(now))?;
    }

    /// What is denied is sent neither at first nor in the place of what failed.
    #[test]
    fn what_is_denied_is_never_sent(
        scene in scene(), now in TIMES, needed in 1..5_u8,
        lists in prop::collection::btree_map(
            prop::sample::select(CHANNELS.to_vec()),
            prop::collection::vec(prop::sample::select(CHANNELS.to_vec()), 0..4), 0..5,
        ),
    ) {
        let owned = |list: Vec<&str>| list.into_iter().map(str::to_owned).collect();
        let by_channel: BTreeMap<_, Vec<String>> =
            lists.into_iter().map(|(from, list)| (from.to_owned(), owned(list))).collect();
        let fallbacks = Fallbacks { by_channel, critical: Quorum { needed } };
        let now = Timestamp::from_secs(now);
        let plan = plan(&scene.about(), checked(&scene, now)?, &fallbacks, now);
        let mut open: Vec<Leg> = plan.legs.clone();
        while let Some(leg) = open.pop() {
            prop_assert!(!denies(&scene, &leg.channel, now), "{leg:?}");
            let next = fallbacks_of(&leg, &scene.about(), &fallbacks, now);
            prop_assert!(next.iter().all(|next| next.channel != leg.channel && !leg.after.contains(&next.channel)));
            if leg.after.len() < 3 {
                open.extend(next);
            } else {
                prop_assert!(next.iter().all(|next| !denies(&scene, &next.channel, now)));
            }
        }
    }

    /// Unless somebody asks for more, a critical message is neither held nor dropped in quiet hours.
    #[test]
    fn critical_passes_quiet_hours(
        policy in prop::sample::select(vec!["hold", "digest", "drop"]),
        (from, to) in prop::sample::select(vec![("22:00", "07:00"), ("00:00", "23:59"), ("02:30", "02:29")]),
        now in TIMES,
    ) {
        let mut scene = Scene::new(&json!({"quiet_hours": {"from": from, "to": to, "policy": policy}, "digest": {}}));
        scene.told.priority = Priority::Critical;
        prop_assert_eq!(route(&scene.about(), Timestamp::from_secs(now)).now, ["push", "email"]);
    }

    /// Judged again at the end of each wait a message gets on: no wait is over when it is given, and none ends where the last one did.
    #[test]
    fn whoever_waits_gets_on(scene in scene(), changed in prop::option::of(wishes()), now in TIMES) {
        let since = Timestamp::from_secs(now);
        let Some(mut wait) = checked(&scene, since)?.wait else { return Ok(()) };
        let mut scene = scene;
        if let Some(changed) = changed {
            scene.user = read(&changed);
        }
        let mut now = wait.until;
        for _ in 0..100 {
            match resume(&scene.about(), &wait, since, now) {
                Resumed::Wait(next) => {
                    prop_assert!(next.until > now, "{next:?} at {now:?}");
                    (now, wait) = (next.until, next);
                }
                Resumed::Send(route) => {
                    prop_assert!(!route.now.is_empty() && route.wait.is_none());
                    return Ok(());
                }
                Resumed::Gather => {
                    prop_assert!(wait.digest.is_some());
                    return Ok(());
                }
                Resumed::Deny(muted) => {
                    prop_assert!(muted.iter().all(|muted| denies(&scene, &muted.channel, now)));
                    return Ok(());
                }
            }
        }
        // Only what is wished to be gathered for ever, by rounds of quiet hours and snoozes, would still wait.
        prop_assert!(false, "still waiting at {now:?}: {wait:?}");
    }
}
