use serde_json::json;
use tidings_core::{Event, Priority, Timestamp};
use tidings_policy::Preferences;

use super::{Happening, What};
use crate::{Builder, Notifier, Recipients, Rule, User};

const DAY: i64 = 1_767_603_600;

fn event(second: i64, load: u32) -> Event {
    Event::new("sample").agent("a").at(Timestamp::from_secs(DAY + second)).data(json!({"load": load}))
}

fn rule(condition: &str) -> Rule {
    Rule::new("hot", condition).unwrap().channels(["log"]).recipients(Recipients::users(["ann"]))
}

fn wishes(json: &serde_json::Value) -> Preferences {
    Preferences::read(json).unwrap()
}

/// What happened, each as its second, its word and who.
fn told(builder: Builder, events: impl IntoIterator<Item = Event>, until: i64) -> Vec<String> {
    let mut replay = builder.replay().unwrap();
    let mut told = Vec::new();
    let mut tell = |seen: Happening<'_>| {
        let word = match seen.what {
            What::Sent { channels, gathered, .. } => format!("sent {} {gathered}", channels.join("+")),
            What::Duplicate { .. } => "duplicate".to_owned(),
            What::Denied(muted) => format!("denied {:?}", muted[0].reason),
            What::Held(_) | What::Delayed(_) => "held".to_owned(),
            What::Digested(_) => "digested".to_owned(),
            What::Gathered { .. } => "gathered".to_owned(),
            What::Waiting(wait) => format!("waits until {}", wait.until.as_secs() - DAY),
            other => format!("{other:?}").to_lowercase(),
        };
        told.push(format!("{} {word} {}", seen.at.as_secs() - DAY, seen.user.unwrap_or("-")));
    };
    events.into_iter().for_each(|event| replay.feed(event, &mut tell));
    replay.pass(Timestamp::from_secs(DAY + until), &mut tell);
    replay.finish(&mut tell);
    replay.account().closes().unwrap();
    told
}

#[test]
fn a_firing_a_cooldown_and_a_repeat() {
    let builder = Notifier::builder().rule(rule("load > 5").cooldown(std::time::Duration::from_secs(60)));
    let builder = builder.user("ann", User::default());
    let events = [event(0, 9), event(1, 9), event(2, 1), event(61, 9)];
    let expected = ["0 fired -", "0 sent log 0 ann", "1 cooldown -", "61 fired -", "61 duplicate ann"];
    assert_eq!(told(builder, events, 100), expected);
}

#[test]
fn what_time_alone_gives_is_told_in_its_place() {
    let builder = Notifier::builder().rule(rule("load > 5 for 2m resolve when load < 2")).user("ann", User::default());
    let events = [event(0, 9), event(200, 9), event(300, 1)];
    let expected = ["120 fired -", "120 sent log 0 ann", "300 resolved -", "300 sent log 0 ann"];
    assert_eq!(told(builder.user("bob", User::default()), events, 400), expected);
    let builder = Notifier::builder().rule(rule("load > 5 for 2m")).user("ann", User::default());
    assert_eq!(told(builder, [event(0, 9)], 400), ["120 fired -", "120 sent log 0 ann"], "after the last event");
}

#[test]
fn the_same_event_sent_twice_gives_nothing_new() {
    let builder = Notifier::builder().rule(rule("load > 5").cooldown(std::time::Duration::ZERO));
    let events = || [event(0, 9).id("one"), event(0, 9).id("one")];
    assert_eq!(told(builder.user("ann", User::default()), events(), 1), ["0 fired -", "0 sent log 0 ann"]);
}

#[test]
fn what_waits_goes_when_its_moment_comes_and_the_rest_is_told() {
    let ann = || User {
        preferences: Some(wishes(&json!({"digest": {"every": "hourly", "max_priority": "high", "channel": "log"}}))),
        ..User::default()
    };
    let builder = || {
        Notifier::builder()
            .rule(rule("load > 5").cooldown(std::time::Duration::ZERO).dedup_key("{{ data.load }}").unwrap())
            .user("ann", ann())
    };
    let events = || [event(0, 7), event(60, 8)];
    let mut expected = vec!["0 fired -", "0 digested ann", "60 fired -", "60 digested ann"];
    let gathered = told(builder(), events(), 3_600);
    assert_eq!(gathered[..4], expected);
    assert_eq!(gathered[4..], ["3600 gathered ann", "3600 gathered ann", "3600 sent log 2 ann"]);
    expected.extend(["3599 gathered ann", "3599 gathered ann", "3599 sent log 2 ann"]);
    assert_eq!(told(builder(), events(), 3_599), expected, "the end does not wait for company");
}

#[test]
fn however_much_waits_none_of_it_is_lost() {
    let wishes = wishes(&json!({"digest": {"every": "hourly", "channel": "log"}}));
    let key = "{{ data.load }}";
    let low = rule("load > 5").cooldown(std::time::Duration::ZERO).priority(Priority::Low).dedup_key(key).unwrap();
    let builder = Notifier::builder().rule(low).user("ann", User { preferences: Some(wishes), ..User::default() });
    let told = told(builder, (0..3_000).map(|number| event(0, 6 + number)), 3_600);
    assert_eq!(told.iter().filter(|line| *line == "3600 gathered ann").count(), 3_000);
    assert_eq!(told.last().map(String::as_str), Some("3600 sent log 3000 ann"));
}

#[test]
fn what_comes_due_in_a_cooldown_is_seen() {
    let held = rule("load > 5 for 1m resolve when load < 2").cooldown(std::time::Duration::from_secs(600));
    let builder = Notifier::builder().rule(held).user("ann", User::default());
    let told = told(builder, [event(0, 9), event(100, 1), event(200, 9), event(270, 9)], 300);
    assert_eq!(told.iter().filter(|line| line.ends_with("fired -")).count(), 1, "{told:?}");
    assert!(told.contains(&"260 cooldown -".to_owned()), "{told:?}");
}
