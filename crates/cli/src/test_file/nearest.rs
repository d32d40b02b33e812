//! Why what was expected did not come: what came instead, or what kept it. It looks at what a test saw, and decides nothing again.

use tidings::{
    Timestamp,
    config::{
        Plan,
        tests_file::{Delivery, Firing, Test},
    },
};

use super::{
    observe::{Fired, Kept, Message, Seen},
    words::{moment, plain},
};

/// A test and what came of it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Search<'a> {
    pub(super) test: &'a Test,
    pub(super) seen: &'a Seen,
    pub(super) plan: &'a Plan,
}

/// How far two moments are apart.
fn apart(a: Timestamp, b: Timestamp) -> std::time::Duration {
    a.since(b).max(b.since(a))
}

/// The nearest in time of those that fit.
fn nearest<'a, T>(
    all: impl Iterator<Item = (usize, &'a T)>,
    at: Timestamp,
    when: impl Fn(&T) -> Timestamp,
) -> Option<(usize, &'a T)> {
    all.min_by_key(|(_, one)| apart(when(one), at))
}

impl Search<'_> {
    /// Why a rule did not fire, or an incident did not end, when it should have. What explains it is taken out of `extra`.
    pub(super) fn fired(&self, wanted: &Firing, extra: &mut Vec<&Fired>, verb: &str) -> String {
        let is_agent = |agent: &Option<String>| wanted.agent.is_none() || wanted.agent == *agent;
        let past = if verb == "ends" { "ended" } else { "fired" };
        let same = extra.iter().map(|one| &**one).enumerate().filter(|(_, one)| one.rule == wanted.rule);
        if let Some((index, one)) =
            nearest(same.clone().filter(|(_, one)| is_agent(&one.agent)), wanted.at, |one| one.at)
        {
            let told = format!("it {past} at {} instead", moment(self.test, one.at));
            let why = self.rested(wanted).map(|why| format!(": {why}")).unwrap_or_default();
            extra.remove(index);
            return told + &why;
        }
        if let Some((index, one)) = nearest(same.filter(|(_, one)| one.at == wanted.at), wanted.at, |one| one.at) {
            let agent = one.agent.as_deref().map_or("no agent".to_owned(), plain);
            extra.remove(index);
            return format!("it {past} for {agent}");
        }
        if let Some(why) = self.rested(wanted).filter(|_| verb == "fires") {
            return why;
        }
        let list = if verb == "ends" { &self.seen.resolved } else { &self.seen.firings };
        let mut others = list.iter().filter(|one| one.rule == wanted.rule);
        match others.next() {
            None => format!("it never {past}: its condition did not hold"),
            Some(_) => format!("it {past} {} in all, not then", times(1 + others.count())),
        }
    }

    /// That the rule was in its cooldown at this moment, and until when.
    fn rested(&self, wanted: &Firing) -> Option<String> {
        let is_agent = |agent: &Option<String>| wanted.agent.is_none() || wanted.agent == *agent;
        let rests = |kept: &&Kept| {
            kept.user.is_none()
                && kept.at == wanted.at
                && kept.rule.as_ref() == Some(&wanted.rule)
                && is_agent(&kept.agent)
        };
        let kept = self.seen.kept.iter().find(rests)?;
        let before = self.seen.firings.iter().rev();
        let before =
            before.filter(|one| one.rule == wanted.rule && one.agent == kept.agent).find(|one| one.at <= wanted.at);
        let rule = self.plan.rules.iter().find(|rule| rule.name == wanted.rule);
        Some(match (before, rule) {
            (Some(before), Some(rule)) => format!(
                "the rule was in its cooldown until {}, since it fired at {}",
                moment(self.test, before.at + rule.cooldown),
                moment(self.test, before.at)
            ),
            _ => "the rule was in its cooldown".to_owned(),
        })
    }

    /// Why somebody was not told as expected. What explains it is taken out of `extra`.
    pub(super) fn told(&self, wanted: &Delivery, extra: &mut Vec<&Message>) -> String {
        let about = extra.iter().map(|one| &**one).enumerate().filter(|(_, one)| one.is_about(wanted));
        if let Some((index, one)) = nearest(about, wanted.at, |one| one.at) {
            let told = self.instead(wanted, one);
            extra.remove(index);
            return told;
        }
        if let Some(kept) = self.kept(wanted) {
            let rule = kept.rule.as_deref().filter(|_| wanted.rule.is_none());
            let rule = rule.map(|rule| format!(" of `{}`", plain(rule))).unwrap_or_default();
            return format!("what was made{rule} {}", kept.why);
        }
        let of_rule = |one: &&Fired| wanted.rule.as_ref() == Some(&one.rule);
        let mut fired =
            self.seen.firings.iter().chain(&self.seen.resolved).filter(of_rule).filter(|one| one.at == wanted.at);
        match (&wanted.rule, fired.next()) {
            (Some(_), Some(_)) => format!("the rule spoke then, but not to {}", plain(&wanted.user)),
            (Some(rule), None) => {
                let firing = Firing { rule: rule.clone(), agent: wanted.agent.clone(), at: wanted.at };
                self.rested(&firing).unwrap_or_else(|| "the rule did not fire then".to_owned())
            }
            (None, _) => format!("{} was told nothing then", plain(&wanted.user)),
        }
    }

    /// How a message differs from what was expected, and what put it off.
    fn instead(&self, wanted: &Delivery, message: &Message) -> String {
        if message.at == wanted.at {
            return message.differs(wanted).unwrap_or_default().join(", ");
        }
        let told = format!("it went out at {} instead", moment(self.test, message.at));
        let waited = self.kept(wanted).filter(|kept| kept.at <= wanted.at && wanted.at < message.at);
        waited.map_or(told.clone(), |kept| format!("{told}: it {}", kept.why))
    }

    /// What kept this from this user: at the moment, else the last thing before it.
    fn kept(&self, wanted: &Delivery) -> Option<&Kept> {
        let is_about = |kept: &&Kept| {
            kept.user.as_ref() == Some(&wanted.user)
                && kept.at <= wanted.at
                && wanted.rule.as_ref().is_none_or(|rule| kept.rule.as_ref() == Some(rule))
                && wanted.agent.as_ref().is_none_or(|agent| kept.agent.as_ref() == Some(agent))
        };
        self.seen.kept.iter().rev().find(is_about)
    }
}

fn times(count: usize) -> String {
    match count {
        1 => "once".to_owned(),
        2 => "twice".to_owned(),
        count => format!("{count} times"),
    }
}
