//! An explanation for people: a timeline of sinks, rules and notifications. What belongs to each of the
//! last is told in `text/notification`, `text/later` and `text/delivery`.

mod delivery;
mod later;
mod notification;

use std::fmt;

use tidings_core::Timestamp;

use super::{
    moment::{beside, utc},
    told::{EventTold, Explanation, RuleTold, RuleVerdict, SinkTold, SinkWish, Subject},
};

/// How many rules of other agents are named.
const NAMED: usize = 8;

/// Lines for people, with the time that the others are told beside.
struct Lines {
    text: String,
    day: Timestamp,
}

impl Lines {
    /// Adds a line. Nothing that comes from outside may break it or move the cursor.
    fn add(&mut self, depth: usize, line: &str) {
        let clean = |c: char| if c.is_control() { ' ' } else { c };
        self.text.extend(std::iter::repeat_n("  ", depth));
        self.text.extend(line.chars().map(clean));
        self.text.push('\n');
    }

    fn time(&self, time: Timestamp) -> String {
        beside(time, self.day)
    }
}

/// What is said of one attempt.
#[cfg(test)]
pub(super) fn attempt_line(told: &super::told::AttemptTold) -> String {
    delivery::attempt_line(&Lines { text: String::new(), day: told.at }, told)
}

impl fmt::Display for Explanation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut lines = Lines { text: String::new(), day: self.day() };
        self.tell_head(&mut lines);
        if !self.sinks.is_empty() {
            lines.add(0, "sinks");
            self.sinks.iter().for_each(|sink| tell_sink(&mut lines, sink, self.event.as_ref()));
        }
        if !self.rules.is_empty() {
            lines.add(0, "rules");
            tell_rules(&mut lines, &self.rules);
        }
        if !self.notifications.is_empty() {
            lines.add(0, "notifications");
            self.notifications.iter().for_each(|told| notification::tell(&mut lines, told));
        }
        self.unknown.iter().for_each(|what| lines.add(0, &format!("unknown: {what}")));
        f.write_str(lines.text.trim_end())
    }
}

impl Explanation {
    /// The time that heads the timeline.
    fn day(&self) -> Timestamp {
        let decided = self.notifications.first().map(|told| told.at);
        let ruled = || self.rules.iter().find_map(|rule| rule.at);
        self.event.as_ref().map(|event| event.accepted).or(decided).or_else(ruled).unwrap_or_default()
    }

    fn tell_head(&self, lines: &mut Lines) {
        match (&self.event, self.subject) {
            (Some(event), _) => {
                if self.subject != Subject::Event {
                    lines.add(0, &format!("{} {}", subject(self.subject), self.id));
                }
                tell_event(lines, event);
            }
            (None, Subject::Time) => lines.add(0, &format!("{}: time alone, no event", self.id)),
            (None, told) => lines.add(0, &format!("{} {}, {}", subject(told), self.id, utc(lines.day))),
        }
        if self.event.is_some() && self.sinks.is_empty() && self.rules.is_empty() && self.subject == Subject::Event {
            lines.add(0, "there was no sink and no rule");
        }
    }
}

const fn subject(subject: Subject) -> &'static str {
    match subject {
        Subject::Event | Subject::Time => "event",
        Subject::Notification => "notification",
        Subject::Delivery => "delivery",
    }
}

fn tell_event(lines: &mut Lines, event: &EventTold) {
    let agent = event.agent.as_ref().map(|agent| format!(" of {agent}")).unwrap_or_default();
    lines.add(0, &format!("event {}: {} ({}){agent}", event.id, event.event_type, event.severity));
    let accepted = utc(event.accepted);
    let happened = if event.happened == event.accepted { String::new() } else { lines.time(event.happened) };
    let happened = if happened.is_empty() { happened } else { format!("; happened at {happened}") };
    let stage = if event.waiting { "; it waits for its plan" } else { "" };
    lines.add(1, &format!("accepted at {accepted} UTC as number {}{happened}{stage}", event.number));
    if let Some(resent) = event.resent {
        let least = if resent.more { "at least " } else { "" };
        let times = if resent.times == 1 { "once".to_owned() } else { format!("{} times", resent.times) };
        let last = if resent.times == 1 { "at" } else { "last at" };
        let when = lines.time(resent.last);
        lines.add(1, &format!("sent again {least}{times}, {last} {when}; nothing new came of that"));
    }
}

fn tell_sink(lines: &mut Lines, sink: &SinkTold, event: Option<&EventTold>) {
    let wish = match &sink.wish {
        SinkWish::Wanted => match sink.called {
            Some(true) => "wanted, and called".to_owned(),
            Some(false) => "wanted, and not called yet".to_owned(),
            None => "wanted".to_owned(),
        },
        SinkWish::Type { events } => {
            let own = event.map(|event| format!("{} is none of ", event.event_type)).unwrap_or_default();
            format!("not wanted: {own}{}", events.join(", "))
        }
        SinkWish::Severity { least } => {
            let own = event.map(|event| format!("{} is ", event.severity)).unwrap_or_default();
            format!("not wanted: {own}below {least}")
        }
        SinkWish::Unknown => "its filter is not known".to_owned(),
    };
    lines.add(1, &format!("{}: {wish}", sink.sink));
    if let Some(delivery) = &sink.delivery {
        delivery::tell(lines, 2, delivery);
    }
}

fn tell_rules(lines: &mut Lines, rules: &[RuleTold]) {
    let (others, own): (Vec<_>, Vec<_>) = rules.iter().partition(|rule| rule.verdict == RuleVerdict::OtherAgent);
    own.iter().for_each(|rule| tell_rule(lines, rule));
    let about = |rule: &&RuleTold| format!("{} ({})", rule.rule, rule.agent.as_deref().unwrap_or("*"));
    let named: Vec<_> = others.iter().take(NAMED).map(about).collect();
    let more = if others.len() > NAMED { format!(", and {} more", others.len() - NAMED) } else { String::new() };
    if !named.is_empty() {
        lines.add(1, &format!("about other agents: {}{more}", named.join(", ")));
    }
}

fn tell_rule(lines: &mut Lines, rule: &RuleTold) {
    let time = |word: &str, time: Option<Timestamp>| {
        time.map(|time| format!(" {word} {}", lines.time(time))).unwrap_or_default()
    };
    let by = if rule.by_time { ", by time alone" } else { "" };
    let said = match rule.verdict {
        RuleVerdict::Fired => format!("fired{}{by}", time("at", rule.at)),
        RuleVerdict::Resolved => {
            format!("resolved{}{by}", time("at", rule.at))
        }
        RuleVerdict::No => "did not hold".to_owned(),
        RuleVerdict::Missing => "something is missing".to_owned(),
        RuleVerdict::Error => "it cannot be judged".to_owned(),
        RuleVerdict::Pending => format!("holds, but not for long enough: pending{}", time("until", rule.until)),
        RuleVerdict::Firing => format!("firing{} and not over", time("since", rule.since)),
        RuleVerdict::Cooldown => {
            format!("in cooldown{}{}", time("since", rule.since), time("until", rule.until))
        }
        RuleVerdict::OtherAgent => "about other agents".to_owned(),
        RuleVerdict::Waiting => "has not judged it yet".to_owned(),
        RuleVerdict::Unknown => "what it made of it is not known".to_owned(),
    };
    let rests = time("in cooldown until", rule.until.filter(|_| rule.verdict == RuleVerdict::Fired));
    let rests = if rests.is_empty() { rests } else { format!(";{rests}") };
    let (reason, condition) = (rule.reason.as_ref(), rule.condition.as_ref());
    let reason = reason.map(|reason| format!(": {reason}")).unwrap_or_default();
    lines.add(1, &format!("{}: {said}{rests}{reason}", rule.rule));
    if let Some(condition) = condition {
        lines.add(2, condition);
    }
    tell_counterpart(lines, rule);
}

fn tell_counterpart(lines: &mut Lines, rule: &RuleTold) {
    let Some(other) = rule.counterpart else { return };
    let by = other.event.map(|event| format!(" by {event}")).unwrap_or_default();
    let word = if rule.verdict == RuleVerdict::Fired { "it was resolved" } else { "what it ends fired" };
    lines.add(2, &format!("{word} at {}{by}", lines.time(other.at)));
}
