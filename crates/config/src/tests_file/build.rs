//! From a file of tests as it is written to tests that can be run. Whether the config knows what they name is `check`'s question.

mod expect;

use std::collections::{BTreeMap, HashMap};

use serde_json::json;
use tidings_core::{Event, Timestamp};
use tidings_policy::{Matcher, Preferences, Silence};

use crate::{
    build::rules::{self, own_name},
    problem::{Findings, Spot},
    raw::PreferenceTree,
    read::{At, Given, Named, items, named, value},
    suggest::shown,
    tests_file::{
        Expect, MOST_EVENTS, Step, Test, TestsFile, raw,
        values::{Moment, Words},
    },
};

/// 2026-01-05T09:00:00Z, a Monday: what a test does not say about time should be the same on every day.
const MONDAY: Timestamp = Timestamp::from_secs(1_767_603_600);

/// The whole file.
pub(super) fn file(file: &raw::Tests, name: &str, findings: &mut Findings<'_>) -> TestsFile {
    let mut names = HashMap::new();
    let tests: Vec<Test> =
        items(&file.tests).filter_map(|(test, spot)| one(test, spot, &mut names, findings)).collect();
    if file.tests.as_ref().is_none_or(|at| at.value.as_ref().is_some_and(Vec::is_empty)) {
        let help = "add `tests: [{name: ..., events: [...], expect: {...}}]`";
        findings.error(&Spot::file(), "the file has no test").help(help);
    }
    let config = value(&file.config).map(|path| path.0.clone().into());
    TestsFile { name: name.to_owned(), config, tests }
}

/// A value that has to be there; tells where it is left out.
fn required<'a, T>(
    given: &'a Given<T>,
    key: &str,
    help: &str,
    spot: &Spot,
    findings: &mut Findings<'_>,
) -> Option<&'a T> {
    rules::required(given, key, help, spot, findings).map(|(value, _)| value)
}

fn words(given: &Given<Words>) -> Option<String> {
    value(given).map(|words| words.0.clone())
}

/// The point in time, which is not before the start.
fn moment(given: &Given<Moment>, start: Timestamp, findings: &mut Findings<'_>) -> Option<Timestamp> {
    let at = given.as_ref()?;
    let time = match *at.value.as_ref()? {
        Moment::After(span) => start + span,
        Moment::Time(time) => time,
    };
    if time < start {
        findings.error(&at.spot, "is before the test's start").help("set `start:`, or write how long after it");
        return None;
    }
    Some(time)
}

fn one(test: &raw::Test, spot: &Spot, names: &mut HashMap<String, usize>, findings: &mut Findings<'_>) -> Option<Test> {
    let start = value(&test.start).map_or(MONDAY, |start| start.0);
    let name = name(test, spot, names, findings);
    let steps = steps(test, start, findings);
    let preferences = preferences(&test.preferences, findings);
    let silences = items(&test.silences).filter_map(|(silence, spot)| self::silence(silence, spot, start, findings));
    let silences: Vec<Silence> = silences.collect();
    let until = moment(&test.until, start, findings);
    let help = "say what has to come of it: `expect: {firings: [...]}`, or `expect: {nothing: true}`";
    let expect = required(&test.expect, "expect", help, spot, findings);
    let place = test.expect.as_ref().map_or(spot, |at| &at.spot);
    let expect = expect::build(expect?, place, start, findings);
    let until = until.unwrap_or_else(|| last(&steps, &expect, start));
    expect::within(&expect, until, findings);
    Some(Test { name: name?, place: spot.into(), start, until, steps, preferences, silences, expect })
}

fn name(
    test: &raw::Test,
    spot: &Spot,
    names: &mut HashMap<String, usize>,
    findings: &mut Findings<'_>,
) -> Option<String> {
    let Words(name) = required(&test.name, "name", "give each test a name of its own", spot, findings)?;
    let at = test.name.as_ref().map_or(spot, |at| &at.spot);
    own_name("test", (name, at), names, findings)
}

/// The last moment that anything is said about.
fn last(steps: &[Step], expect: &Expect, start: Timestamp) -> Timestamp {
    let events = steps.iter().map(Step::last);
    events.chain(expect.moments().map(|(at, _)| at)).max().unwrap_or(start)
}

fn steps(test: &raw::Test, start: Timestamp, findings: &mut Findings<'_>) -> Vec<Step> {
    let steps: Vec<Step> = items(&test.events).filter_map(|(event, spot)| step(event, spot, start, findings)).collect();
    let count = steps.iter().fold(0_u64, |count, step| count.saturating_add(step.times));
    if let (true, Some(at)) = (count > MOST_EVENTS, &test.events) {
        findings.error(&at.spot, format!("a test has at most {MOST_EVENTS} events, this one has {count}"));
        return Vec::new();
    }
    steps
}

fn step(event: &raw::Event, spot: &Spot, start: Timestamp, findings: &mut Findings<'_>) -> Option<Step> {
    let at = if event.at.is_some() { moment(&event.at, start, findings) } else { Some(start) };
    let help = "say what happens: `type: tool.error`";
    let event_type = required(&event.r#type, "type", help, spot, findings);
    let (times, every) = match &event.repeat {
        None => (Some(1), Some(Default::default())),
        Some(given) => match &given.value {
            Some(repeat) => self::repeat(repeat, &given.spot, findings),
            None => (None, None),
        },
    };
    let mut wire = json!({"event_type": event_type?.0});
    let texts = [
        ("agent_id", words(&event.agent)),
        ("user_id", words(&event.user)),
        ("session_id", words(&event.session)),
        ("severity", value(&event.severity).map(|name| name.0.as_str().to_owned())),
        ("id", words(&event.id)),
    ];
    for (key, text) in texts.into_iter().filter_map(|(key, text)| Some((key, text?))) {
        wire[key] = text.into();
    }
    for (key, fields) in [("data", &event.data), ("metadata", &event.metadata)] {
        wire[key] = value(fields).map(|fields| fields.0.clone()).unwrap_or_default().into();
    }
    let at = at?;
    match Event::from_json(wire, at) {
        Ok(event) => Some(Step { event: event.at(at), times: times?, every: every?, place: spot.into() }),
        Err(error) => {
            findings.error(spot, error.to_string());
            None
        }
    }
}

fn repeat(
    repeat: &raw::Repeat,
    spot: &Spot,
    findings: &mut Findings<'_>,
) -> (Option<u64>, Option<std::time::Duration>) {
    let times = required(&repeat.times, "times", "say how many there are: `times: 5`", spot, findings).copied();
    let every = required(&repeat.every, "every", "say how far they are apart: `every: 10s`", spot, findings);
    if let (Some(0), Some(at)) = (times, &repeat.times) {
        findings.error(&at.spot, "must be at least 1").help("take the event away instead");
    }
    (times, every.map(|span| span.0))
}

fn silence(silence: &raw::SilenceEntry, spot: &Spot, start: Timestamp, findings: &mut Findings<'_>) -> Option<Silence> {
    let matcher = Matcher {
        agent: words(&silence.agent),
        rule: words(&silence.rule),
        event_type: words(&silence.event_type),
        user: words(&silence.user),
    };
    if matcher.is_empty() {
        let help = "name an agent, a rule, an event_type or a user";
        findings.error(spot, "matches nothing in particular, and would silence everything").help(help);
    }
    required(&silence.until, "until", "say when it ends: `until: 30m`", spot, findings)?;
    let from = if silence.from.is_some() { moment(&silence.from, start, findings)? } else { start };
    let until = moment(&silence.until, start, findings)?;
    if until <= from {
        findings.error(spot, "ends before it begins");
    }
    let (author, reason) = ("the test".to_owned(), "a test".to_owned());
    Some(Silence { id: spot.path.clone(), matcher, from, until, author, reason })
}

fn preferences(given: &Given<Named<PreferenceTree>>, findings: &mut Findings<'_>) -> BTreeMap<String, Preferences> {
    named(given).map(|(id, tree, spot)| (id.to_owned(), wishes(tree, spot, findings))).collect()
}

fn wishes(tree: &PreferenceTree, spot: &Spot, findings: &mut Findings<'_>) -> Preferences {
    let problems = match Preferences::read(&tree.value) {
        Ok(preferences) => return preferences,
        Err(problems) => problems.0,
    };
    for problem in problems {
        let at = tree.place(&problem.path).cloned().unwrap_or_else(|| spot.clone());
        match problem.path.last().filter(|_| !problem.known.is_empty()) {
            None => drop(findings.error(&at, problem.message)),
            Some(key) => {
                let help = findings.did_you_mean(key, problem.known.iter().copied());
                findings.error(&at.at_key(), format!("unknown key `{}`", shown(key))).help(help);
            }
        }
    }
    Preferences::default()
}

/// The items of a list that could be read, built one by one.
fn built<T, U>(list: &[At<T>], mut build: impl FnMut(&T, &Spot) -> Option<U>) -> Vec<U> {
    list.iter().filter_map(|at| build(at.value.as_ref()?, &at.spot)).collect()
}
