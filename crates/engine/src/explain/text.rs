//! An explanation for people: a timeline of sinks, rules and notifications. Deliveries are told in `text/delivery`.

mod delivery;

use std::fmt;

use tidings_core::{NotificationKind, Timestamp};

use super::{
    moment::{beside, utc},
    told::{
        Decision, EventTold, Explanation, MutedTold, NotificationTold, RuleTold, RuleVerdict, SinkTold, SinkWish,
        Standing, Subject,
    },
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
            self.notifications.iter().for_each(|told| tell_notification(&mut lines, told));
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

fn tell_notification(lines: &mut Lines, told: &NotificationTold) {
    let resolves = told.kind == Some(NotificationKind::Resolved);
    let rule = told.rule.as_ref().map_or_else(|| ", a direct message".to_owned(), |rule| format!(" by rule {rule}"));
    let user = told.user.as_deref().unwrap_or("nobody known");
    let end = if resolves { ", the end of an incident" } else { "" };
    lines.add(1, &format!("{} to {user}{rule}{end}", told.id));
    if let Some(title) = &told.title {
        let priority = told.priority.map(|priority| format!(" ({priority})")).unwrap_or_default();
        lines.add(2, &format!("\"{title}\"{priority}"));
    }
    lines.add(2, &format!("{} {}", lines.time(told.at), decision(lines, told)));
    told.muted.iter().for_each(|muted| lines.add(2, &muted_line(muted)));
    told.deliveries.iter().for_each(|one| delivery::tell(lines, 2, one));
    if let Some(standing) = &told.standing {
        tell_standing(lines, standing);
    }
}

fn decision(lines: &Lines, told: &NotificationTold) -> String {
    match told.decision {
        Decision::Planned => {
            let first = told.legs.iter().filter(|leg| leg.after.is_empty());
            let legs: Vec<_> = first.map(|leg| leg.channel.as_str()).collect();
            let needed = told.needed.filter(|needed| *needed > 1);
            let needed = needed.map(|needed| format!("; {needed} must take it")).unwrap_or_default();
            format!("planned on {}{needed}", legs.join(", "))
        }
        Decision::Duplicate => match told.repeats {
            Some(repeated) => {
                let when = repeated.told.map(|told| format!(", told at {}", lines.time(told))).unwrap_or_default();
                format!("not sent: a duplicate of {}{when}", repeated.of)
            }
            None => "not sent: a duplicate".to_owned(),
        },
        Decision::Untold => "not sent: this user was not told of what it ends".to_owned(),
        Decision::Denied => "not sent: it is wanted on no channel".to_owned(),
        Decision::Unknown => "what was decided is not kept".to_owned(),
    }
}

fn muted_line(muted: &MutedTold) -> String {
    let reason = match muted.reason.as_str() {
        "channel_off" => "the channel is off",
        "below_min_priority" => "its priority is too low",
        other => other,
    };
    let layer = match muted.layer.as_str() {
        "user_agent" => "the user's preferences for this agent",
        "user" => "the user's preferences",
        "operator_agent" => "the operator's preferences for this agent",
        "operator" => "the operator's preferences",
        "built_in" => "the default of this channel",
        other => other,
    };
    format!("not on {}: {reason}, by {layer}", muted.channel)
}

fn tell_standing(lines: &mut Lines, standing: &Standing) {
    let at = standing.at.map(|at| format!("{} ", lines.time(at))).unwrap_or_default();
    let Standing { status, reached, needed, .. } = standing;
    let channels = if *needed == 1 { "channel has" } else { "channels have" };
    lines.add(2, &format!("{at}{status}: {reached} of {needed} {channels} taken it"));
}
