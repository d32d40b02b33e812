//! What has to come of a test.

use tidings_core::Timestamp;

use super::{built, moment, required, words};
use crate::{
    problem::{Findings, Position, Spot},
    read::{At, Given, value},
    tests_file::{Delivery, Expect, Expected, Firing, Listed, Mechanism, Place, raw},
};

impl Expect {
    /// Every moment at which something is expected, and where that stands.
    pub(in crate::tests_file) fn moments(&self) -> impl Iterator<Item = (Timestamp, &Place)> {
        let firings = [&self.firings, &self.resolved].into_iter().flatten().flat_map(|list| &list.items);
        let deliveries = self.deliveries.iter().flat_map(|list| &list.items);
        firings.map(|item| (item.what.at, &item.place)).chain(deliveries.map(|item| (item.what.at, &item.place)))
    }
}

/// The expectations; those of `nothing: true` are three lists without anything in them.
pub(super) fn build(expect: &raw::Expect, spot: &Spot, start: Timestamp, findings: &mut Findings<'_>) -> Expect {
    let mut built = Expect {
        place: Some(spot.into()),
        firings: listed(&expect.firings, |raw, spot| firing(raw, spot, start, findings)),
        resolved: listed(&expect.resolved, |raw, spot| firing(raw, spot, start, findings)),
        deliveries: listed(&expect.deliveries, |raw, spot| delivery(raw, spot, start, findings)),
        suppressed: value(&expect.suppressed).map(suppressed).unwrap_or_default(),
    };
    let has_list = expect.firings.is_some() || expect.resolved.is_some() || expect.deliveries.is_some();
    let has_counts =
        expect.suppressed.as_ref().is_some_and(|at| at.value.as_ref().is_none_or(|raw| !raw.given().is_empty()));
    match &expect.nothing {
        Some(at) if at.value == Some(true) => {
            if has_list {
                findings.error(&at.spot.at_key(), "`nothing` stands beside a list").help("keep one of them");
            }
            built.nothing(&at.spot);
        }
        Some(at) if at.value == Some(false) => {
            findings.error(&at.spot, "`nothing: false` says nothing").help("list what is expected");
        }
        Some(_) => {}
        None if !has_list && !has_counts => {
            let help = "list `firings`, `resolved` or `deliveries`, or write `nothing: true`";
            findings.error(&spot.at_key(), "expects nothing that could fail").help(help);
        }
        None => {}
    }
    built
}

impl Expect {
    fn nothing(&mut self, spot: &Spot) {
        self.firings = Some(Listed { place: spot.into(), items: Vec::new() });
        self.resolved = Some(Listed { place: spot.into(), items: Vec::new() });
        self.deliveries = Some(Listed { place: spot.into(), items: Vec::new() });
    }
}

fn listed<T, U>(given: &Given<Vec<At<T>>>, mut build: impl FnMut(&T, &Spot) -> Option<U>) -> Option<Listed<U>> {
    let at = given.as_ref()?;
    let expected = |raw: &T, spot: &Spot| Some(Expected { place: spot.into(), what: build(raw, spot)? });
    Some(Listed { place: (&at.spot).into(), items: built(at.value.as_deref()?, expected) })
}

fn firing(raw: &raw::Firing, spot: &Spot, start: Timestamp, findings: &mut Findings<'_>) -> Option<Firing> {
    required(&raw.rule, "rule", "name the rule", spot, findings);
    required(&raw.at, "at", "say when: `at: 2m`", spot, findings);
    Some(Firing { at: moment(&raw.at, start, findings)?, rule: words(&raw.rule)?, agent: words(&raw.agent) })
}

fn delivery(raw: &raw::Delivery, spot: &Spot, start: Timestamp, findings: &mut Findings<'_>) -> Option<Delivery> {
    required(&raw.user, "user", "say who is told", spot, findings);
    required(&raw.at, "at", "say when: `at: 2m`", spot, findings);
    let channels = value(&raw.channels).map(|list| {
        let mut names = built(list, |name, _| Some(name.0.clone()));
        names.sort();
        names.dedup();
        names
    });
    if let (Some([]), Some(at)) = (channels.as_deref(), &raw.channels) {
        findings.error(&at.spot, "a message goes to at least one channel").help("leave it out for any");
    }
    Some(Delivery {
        at: moment(&raw.at, start, findings)?,
        user: words(&raw.user)?,
        rule: words(&raw.rule),
        agent: words(&raw.agent),
        channels,
        title: words(&raw.title),
        body: words(&raw.body),
        digest: value(&raw.digest).copied(),
    })
}

fn suppressed(raw: &raw::Suppressed) -> Vec<Expected<(Mechanism, u64)>> {
    let given = [
        &raw.cooldown,
        &raw.duplicate,
        &raw.silenced,
        &raw.denied,
        &raw.held,
        &raw.digested,
        &raw.summed_up,
        &raw.dropped,
    ];
    let counts = Mechanism::ALL.into_iter().zip(given);
    let expected = counts.filter_map(|(mechanism, given)| {
        let at = given.as_ref()?;
        Some(Expected { place: (&at.spot).into(), what: (mechanism, at.value?) })
    });
    expected.collect()
}

/// What is expected after the test's end can never come.
pub(super) fn within(expect: &Expect, until: Timestamp, findings: &mut Findings<'_>) {
    for (_, place) in expect.moments().filter(|(at, _)| *at > until) {
        let Place { position, path } = place.clone();
        let spot = Spot { path, ..at(position) };
        findings.error(&spot, "is expected after the test's end").help("let `until` be later");
    }
}

fn at(position: Position) -> Spot {
    Spot { value: position, key: position, ..Spot::file() }
}
