//! Whether the config knows what tests name: rules, users, channels. What a test says of time is not looked at here.

use std::collections::BTreeSet;

use crate::{
    plan::{Audience, Plan, Recipient},
    problem::{Findings, Problem, Spot},
    suggest::shown,
    tests_file::{Place, Test, TestsFile},
};

/// The names that a config knows. Of an empty set nothing is unknown.
struct Known<'a> {
    rules: BTreeSet<&'a str>,
    users: BTreeSet<&'a str>,
    channels: BTreeSet<&'a str>,
    /// Those who are written under `users`.
    declared: BTreeSet<&'a str>,
}

/// Every name that the config does not know, in the file's order.
pub(super) fn names(file: &TestsFile, plan: &Plan) -> Vec<Problem> {
    let mut findings = Findings::new(&file.name, "");
    let known = Known {
        rules: plan.rules.iter().map(|rule| rule.name.as_str()).collect(),
        users: users(plan),
        channels: plan.channels.keys().map(String::as_str).collect(),
        declared: plan.users.keys().map(String::as_str).collect(),
    };
    file.tests.iter().for_each(|test| known.look_over(test, &mut findings));
    findings.into_problems()
}

/// Who can be told; nobody in particular where rules tell an event's own user, whose id anybody can have.
fn users(plan: &Plan) -> BTreeSet<&str> {
    let audiences = || plan.rules.iter().map(|rule| &rule.audience);
    let is_open = |audience: &Audience| match audience {
        Audience::Everyone => false,
        Audience::Only(named) => named.contains(&Recipient::OfEvent),
    };
    if plan.rules.is_empty() || audiences().any(is_open) {
        return BTreeSet::new();
    }
    let named = audiences().flat_map(|audience| match audience {
        Audience::Everyone => &[],
        Audience::Only(named) => named.as_slice(),
    });
    let named = named.filter_map(|recipient| match recipient {
        Recipient::User(id) => Some(id.as_str()),
        Recipient::OfEvent => None,
    });
    plan.users.keys().map(String::as_str).chain(named).collect()
}

impl Known<'_> {
    fn look_over(&self, test: &Test, findings: &mut Findings<'_>) {
        let expect = &test.expect;
        for firing in [&expect.firings, &expect.resolved].into_iter().flatten().flat_map(|list| &list.items) {
            check(&self.rules, "rule", Some(&firing.what.rule), &firing.place, findings);
        }
        for delivery in expect.deliveries.iter().flat_map(|list| &list.items) {
            check(&self.rules, "rule", delivery.what.rule.as_ref(), &delivery.place, findings);
            check(&self.users, "user", Some(&delivery.what.user), &delivery.place, findings);
            for channel in delivery.what.channels.iter().flatten() {
                check(&self.channels, "channel", Some(channel), &delivery.place, findings);
            }
        }
        for user in test.preferences.keys() {
            let path = format!("{}.preferences", test.place.path);
            let place = Place { path, position: test.place.position };
            self.declared(user, &place, findings);
        }
        for silence in &test.silences {
            let place = Place { path: silence.id.clone(), position: test.place.position };
            check(&self.rules, "rule", silence.matcher.rule.as_ref(), &place, findings);
            check(&self.users, "user", silence.matcher.user.as_ref(), &place, findings);
        }
    }

    /// Wishes are those of somebody who is declared: of anybody else nothing is known, in earnest too.
    fn declared(&self, user: &str, place: &Place, findings: &mut Findings<'_>) {
        if !self.declared.contains(user) {
            let help = findings.did_you_mean(user, self.declared.iter().copied());
            let message = format!("the config declares no user `{}`, so that nobody has these wishes", shown(user));
            findings.error(&spot(place), message).help(help);
        }
    }
}

fn spot(place: &Place) -> Spot {
    Spot { path: place.path.clone(), value: place.position, key: place.position }
}

fn check(known: &BTreeSet<&str>, what: &str, name: Option<&String>, place: &Place, findings: &mut Findings<'_>) {
    let Some(name) = name.filter(|name| !known.is_empty() && !known.contains(name.as_str())) else { return };
    let help = findings.did_you_mean(name, known.iter().copied());
    findings.error(&spot(place), format!("the config knows no {what} `{}`", shown(name))).help(help);
}
