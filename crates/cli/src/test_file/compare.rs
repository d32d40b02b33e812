//! What was expected held against what came. Why something did not come is worked out in `nearest`.

use tidings::config::{
    Plan,
    tests_file::{Delivery, Expected, Firing, Listed, Place, Test},
};

use super::{
    nearest::Search,
    observe::{Fired, Message, Seen},
    pairs::left,
    words::{moment, plain, quoted},
};

/// Something that is not as it was expected.
#[derive(Debug)]
pub(super) struct Failure {
    /// Where the expectation stands.
    pub(super) place: Place,
    /// What was expected.
    pub(super) expected: String,
    /// What came, and where it can be said why.
    pub(super) came: String,
}

/// Everything that is not as the test expects it, in the order of the file.
pub(super) fn failures(test: &Test, seen: &Seen, plan: &Plan) -> Vec<Failure> {
    let search = Search { test, seen, plan };
    let expect = &test.expect;
    let mut failures = Vec::new();
    if let Some(list) = &expect.firings {
        failures.extend(fired(&search, list, &seen.firings, "fires"));
    }
    if let Some(list) = &expect.resolved {
        failures.extend(fired(&search, list, &seen.resolved, "ends"));
    }
    if let Some(list) = &expect.deliveries {
        failures.extend(told(&search, list));
    }
    failures.extend(suppressed(test, seen));
    failures.sort_by_key(|failure| (failure.place.position.line, failure.place.position.column));
    failures
}

fn fired(search: &Search<'_>, list: &Listed<Firing>, came: &[Fired], verb: &str) -> Vec<Failure> {
    let fits = |wanted: &Expected<Firing>, one: &Fired| {
        let Firing { rule, agent, at } = &wanted.what;
        *at == one.at && *rule == one.rule && agent.as_ref().is_none_or(|agent| Some(agent) == one.agent.as_ref())
    };
    let left = left(&list.items, came, fits);
    let mut extra: Vec<&Fired> = left.extra.iter().filter_map(|index| came.get(*index)).collect();
    let mut failures = Vec::new();
    for wanted in left.missing.iter().filter_map(|index| list.items.get(*index)) {
        let expected = in_words(search.test, &wanted.what, verb);
        let came = search.fired(&wanted.what, &mut extra, verb);
        failures.push(Failure { place: wanted.place.clone(), expected, came });
    }
    for one in extra {
        let Fired { rule, agent, at } = one.clone();
        let came = in_words(search.test, &Firing { rule, agent, at }, verb);
        failures.push(Failure { place: list.place.clone(), expected: nothing_else(list.items.is_empty()), came });
    }
    failures
}

fn in_words(test: &Test, firing: &Firing, verb: &str) -> String {
    let agent = firing.agent.as_ref().map(|agent| format!(" for {}", plain(agent))).unwrap_or_default();
    format!("{} {verb}{agent} at {}", quoted(&firing.rule), moment(test, firing.at))
}

fn nothing_else(is_empty: bool) -> String {
    if is_empty { "nothing".to_owned() } else { "nothing else".to_owned() }
}

fn told(search: &Search<'_>, list: &Listed<Delivery>) -> Vec<Failure> {
    let came = &search.seen.messages;
    let left =
        left(&list.items, came, |wanted, message| message.differs(&wanted.what).is_none_or(|how| how.is_empty()));
    let mut extra: Vec<&Message> = left.extra.iter().filter_map(|index| came.get(*index)).collect();
    let mut failures = Vec::new();
    for wanted in left.missing.iter().filter_map(|index| list.items.get(*index)) {
        let expected = delivery(search.test, &wanted.what);
        let came = search.told(&wanted.what, &mut extra);
        failures.push(Failure { place: wanted.place.clone(), expected, came });
    }
    for message in extra {
        let expected = nothing_else(list.items.is_empty());
        failures.push(Failure { place: list.place.clone(), expected, came: message.in_words(search.test) });
    }
    failures
}

fn delivery(test: &Test, wanted: &Delivery) -> String {
    let rule = wanted.rule.as_ref().map(|rule| format!(" of {}", quoted(rule)));
    let digest = wanted.digest.filter(|count| *count > 0).map(|count| format!(" of {count} together"));
    let channels = wanted.channels.as_ref().map(|channels| format!(" on {}", plain(&channels.join(" and "))));
    let parts = [rule, digest, channels].map(Option::unwrap_or_default).concat();
    format!("{} is told{parts} at {}", plain(&wanted.user), moment(test, wanted.at))
}

impl Message {
    /// What came, in words.
    fn in_words(&self, test: &Test) -> String {
        let digest = if self.gathered > 0 { format!(", {} together", self.gathered) } else { String::new() };
        format!(
            "{} was told {} on {} at {}{digest}",
            plain(&self.user),
            quoted(&self.title),
            plain(&self.channels.join(" and ")),
            moment(test, self.at)
        )
    }

    /// How it differs from what was expected of this user, rule and agent at this moment; `None` where it is about something else.
    pub(super) fn differs(&self, wanted: &Delivery) -> Option<Vec<String>> {
        let is_other = self.at != wanted.at || !self.is_about(wanted);
        if is_other {
            return Some(vec!["another".to_owned()]);
        }
        let channels = wanted.channels.as_ref().filter(|channels| **channels != self.channels);
        let title = wanted.title.as_ref().filter(|title| **title != self.title);
        let body = wanted.body.as_ref().filter(|body| !self.body.contains(body.as_str()));
        let digest = wanted.digest.filter(|count| *count != self.gathered);
        let differences = [
            channels.map(|_| format!("it went out on {}", plain(&self.channels.join(" and ")))),
            title.map(|_| format!("its title was {}", quoted(&self.title))),
            body.map(|body| format!("its text was {}, without {}", quoted(&self.body), quoted(body))),
            digest.map(|_| match self.gathered {
                0 => "it was no digest".to_owned(),
                count => format!("it told of {count} together"),
            }),
        ];
        Some(differences.into_iter().flatten().collect())
    }

    /// Whether user, rule and agent are those that are expected.
    pub(super) fn is_about(&self, wanted: &Delivery) -> bool {
        self.user == wanted.user
            && wanted.rule.as_ref().is_none_or(|rule| Some(rule) == self.rule.as_ref())
            && wanted.agent.as_ref().is_none_or(|agent| Some(agent) == self.agent.as_ref())
    }
}

fn suppressed(test: &Test, seen: &Seen) -> Vec<Failure> {
    let wrong = test.expect.suppressed.iter().filter_map(|expected| {
        let (mechanism, wanted) = expected.what;
        let came = seen.suppressed.get(&mechanism).copied().unwrap_or(0);
        let word = mechanism.as_str();
        (came != wanted).then(|| Failure {
            place: expected.place.clone(),
            expected: format!("{word}: {wanted}"),
            came: format!("{word}: {came}"),
        })
    });
    wrong.collect()
}
