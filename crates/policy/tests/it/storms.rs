//! Too much of one rule at once, against a plain count; and the first of a digest's window.

use std::time::Duration;

use proptest::prelude::*;
use serde_json::json;
use tidings_core::{Priority, Timestamp};
use tidings_policy::{DigestWindow, History, StormLimit, Verdict, judge};

use crate::{Scene, at};

/// Lets the rule speak at these moments, and tells for each whether it was sent, or into which summary it went.
fn run(limit: StormLimit, times: &[Timestamp]) -> Vec<Option<DigestWindow>> {
    let mut history = History::default();
    let mut scene = Scene::new(&json!({}));
    let mut outcomes = Vec::new();
    for now in times {
        scene.recent = history.recent(Some(limit), *now);
        match judge("push", &scene.about(), *now).verdict {
            Verdict::Send => {
                history.note_sent(Some(limit), *now);
                outcomes.push(None);
            }
            Verdict::Digest { channel: None, window, .. } => {
                history.note_summed_up(Some(limit), window, *now);
                outcomes.push(Some(window));
            }
            other => panic!("{other:?}"),
        }
    }
    outcomes
}

fn limit(messages: u32, seconds: u64) -> StormLimit {
    StormLimit { messages, window: Duration::from_secs(seconds) }
}

fn check(limit: StormLimit, seconds: &[i64], expected: &[Option<(i64, i64)>]) {
    let times: Vec<_> = seconds.iter().copied().map(Timestamp::from_secs).collect();
    let found: Vec<_> = run(limit, &times)
        .into_iter()
        .map(|window| window.map(|window| (window.from.as_secs(), window.until.as_secs())))
        .collect();
    assert_eq!(found, expected, "{seconds:?}");
}

#[test]
fn a_storm_begins_is_summed_up_and_calms() {
    let summary = Some((20, 120));
    check(limit(2, 100), &[0, 10, 20, 30, 99], &[None, None, summary, summary, summary]);
    // What was told 100 s ago counts no more.
    check(limit(2, 100), &[0, 10, 100, 110], &[None, None, None, None]);
    // It goes on as long as as many come: a summary follows the other.
    let first = Some((60, 160));
    check(limit(2, 100), &[0, 1, 60, 90, 150, 170], &[None, None, first, first, first, Some((170, 270))]);
    // It has calmed before its summary is told.
    check(limit(2, 100), &[0, 1, 2, 101, 102, 103], &[None, None, Some((2, 102)), None, None, Some((103, 203))]);
    check(limit(0, 100), &[0, 50, 200], &[None, Some((50, 150)), None]);
    check(limit(1, 0), &[0, 0, 0], &[None, None, None]);
    check(limit(u32::MAX, 100), &[0, 0, 0], &[None, None, None]);
}

#[test]
fn a_clock_that_is_set_back_makes_no_storm() {
    // Three within two hours are none; a day back they are none either.
    check(limit(3, 600), &[86_400, 90_000, 93_600, 7_200, 7_260], &[None; 5]);
    // What was told a moment ago by a clock that is put back by less than the window was told a moment ago.
    check(limit(2, 600), &[1_000, 1_001, 700], &[None, None, Some((700, 1_300))]);
}

#[test]
fn critical_and_mandatory_are_summed_up_too() {
    let window = DigestWindow { from: at("2026-03-10T12:00:00Z"), until: at("2026-03-10T12:10:00Z") };
    let mut scene = Scene { mandatory: true, ..Scene::new(&json!({})) };
    scene.told.priority = Priority::Critical;
    scene.recent.storm = Some(window);
    assert!(matches!(judge("push", &scene.about(), window.from).verdict, Verdict::Digest { channel: None, .. }));
    // A summary whose time is over gathers nothing.
    assert_eq!(judge("push", &scene.about(), window.until).verdict, Verdict::Send);
}

proptest! {
    /// At most `messages` are sent one by one in any window; each of the others is in a summary that ends later; and one is sent by
    /// itself exactly when fewer than `messages` came within the window before it.
    #[test]
    fn never_more_than_the_limit_by_itself(
        messages in 1..6_u32, window in 1..50_i64, steps in prop::collection::vec(0..20_i64, 0..120),
    ) {
        let times: Vec<i64> = steps.iter().scan(0, |now, step| { *now += step; Some(*now) }).collect();
        let moments: Vec<_> = times.iter().copied().map(Timestamp::from_secs).collect();
        let outcomes = run(limit(messages, window.unsigned_abs()), &moments);
        for (place, now) in times.iter().enumerate() {
            let lately = times[..place].iter().filter(|time| now - **time < window).count();
            prop_assert_eq!(outcomes[place].is_none(), lately < messages as usize, "at {}", now);
            let sent = (0..times.len()).filter(|other| outcomes[*other].is_none());
            let within = sent.filter(|other| (*now..now + window).contains(&times[*other])).count();
            prop_assert!(within <= messages as usize, "{} from {}", within, now);
            if let Some(summary) = outcomes[place] {
                prop_assert!(summary.from <= moments[place] && moments[place] < summary.until);
            }
        }
    }

    /// One summary a window: they do not overlap.
    #[test]
    fn summaries_do_not_overlap(steps in prop::collection::vec(0..300_i64, 0..200)) {
        let times: Vec<_> = steps.iter().scan(0, |now, step| { *now += step; Some(Timestamp::from_secs(*now)) }).collect();
        let mut summaries: Vec<_> = run(StormLimit::default(), &times).into_iter().flatten().collect();
        summaries.dedup();
        prop_assert!(summaries.windows(2).all(|pair| pair[0].until <= pair[1].from), "{:?}", summaries);
    }

    /// "First now": in a window the rule tells at most one message by itself, and that is the first one.
    #[test]
    fn the_first_of_a_window_is_told_at_once_and_no_other(
        every in prop::sample::select(vec!["hourly", "daily"]),
        steps in prop::collection::vec(0..20_000_i64, 1..80),
    ) {
        let mut scene = Scene::new(&json!({"digest": {"every": every, "max_priority": "high", "first": "now"}}));
        let mut history = History::default();
        let mut window: Option<DigestWindow> = None;
        let mut now = at("2026-03-10T08:00:00Z");
        for step in steps {
            now = now + Duration::from_secs(step.unsigned_abs());
            scene.recent = history.recent(None, now);
            let is_new = window.is_none_or(|window| window.until <= now);
            match judge("push", &scene.about(), now).verdict {
                Verdict::Send => {
                    prop_assert!(is_new, "a second one at {now:?}");
                    history.note_sent(None, now);
                    scene.recent = history.recent(None, now);
                    let Verdict::Digest { window: open, .. } = judge("push", &scene.about(), now).verdict else {
                        panic!("the next one is not gathered");
                    };
                    window = Some(open);
                }
                Verdict::Digest { window: open, .. } => prop_assert!(!is_new && window == Some(open)),
                other => panic!("{other:?}"),
            }
        }
    }
}
