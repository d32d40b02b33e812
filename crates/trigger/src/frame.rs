//! A condition beside one event: what it reads is looked up once, however often it is asked. Which events it is asked about is up to
//! the caller.

use std::array;

use tidings_core::Event;

use crate::{
    Condition, Verdict,
    evaluate::{Scope, truth},
    explain::{self, Step},
    expression::Expression,
    fault::Reason,
    past::Beginning,
    path::Frame,
    value::Value,
};

/// The most paths that are looked up beforehand, so that none of it is on the heap; those beyond are looked up where they are read.
const KNOWN: usize = 8;

/// A condition and an event that is all that was ever seen of its agent, see [`Condition::frame`].
#[derive(Debug)]
pub struct ConditionFrame<'a> {
    condition: &'a Condition,
    event: &'a Event,
    /// What each of the first paths leads to.
    known: [Result<Value<'a>, Reason>; KNOWN],
    /// Where the condition looks back.
    beginning: Option<Box<Beginning>>,
}

impl<'a> ConditionFrame<'a> {
    pub(crate) fn new(condition: &'a Condition, event: &'a Event) -> Self {
        let expression = condition.expression();
        let frame = expression.frame(event);
        let known = array::from_fn(|slot| {
            let path = expression.paths.get(slot).ok_or(Reason::Absent)?;
            frame.read(path)
        });
        let beginning = Beginning::of(expression, event).map(Box::new);
        Self { condition, event, known, beginning }
    }

    /// See [`Condition::verdict`].
    #[must_use]
    pub fn verdict(&self) -> Verdict {
        self.look(|_, frame| self.condition.at_first(self.condition.judge(frame)))
    }

    /// See [`Condition::reason`].
    #[must_use]
    pub fn reason(&self) -> Option<String> {
        let stop = self.look(|expression, frame| truth(&expression.root, Scope::new(frame)).err())?;
        Some(stop.describe(self.condition.source()))
    }

    /// See [`Condition::summary`].
    #[must_use]
    pub fn summary(&self) -> String {
        self.look(explain::summary)
    }

    /// See [`Condition::explain`].
    #[must_use]
    pub fn explain(&self) -> Vec<Step> {
        self.look(|expression, frame| explain::steps(expression, &expression.root, frame))
    }

    fn look<'f, T>(&'f self, look: impl for<'l> FnOnce(&'l Expression, &Frame<'l>) -> T) -> T {
        let expression = self.condition.expression();
        let frame: Frame<'f> = Frame { known: &self.known, ..expression.frame(self.event) };
        match &self.beginning {
            None => look(expression, &frame),
            Some(beginning) => look(expression, &Frame { past: Some(&beginning.past()), ..frame }),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn it_says_what_the_condition_says() {
        let event = Event::new("tool.end").agent("billing").data(json!({
            "rate": 0.2, "calls": 12, "model": "large-1", "none": null, "nested": {"p95": 840.5},
            "tools": [{"name": "search", "ms": 31}, {"name": "write", "ms": 900}], "a": 1, "b": 2, "c": 3, "d": 4,
        }));
        let check = |source: &str, expected: Verdict| {
            let condition = Condition::compile(source).unwrap();
            let frame = condition.frame(&event);
            for _ in 0..2 {
                assert_eq!(frame.verdict(), expected, "{source}");
                assert_eq!(frame.reason(), condition.reason(&event), "{source}");
            }
            assert_eq!(frame.verdict(), condition.verdict(&event), "{source}");
            assert_eq!(frame.explain(), condition.expression().explain(&event), "{source}");
        };
        check("rate > 0.05 && rate < 1", Verdict::Fire);
        check("event_type == 'tool.end' && agent_id != 'sandbox'", Verdict::Fire);
        check("severity >= 'error' || user_id == 'u'", Verdict::Missing);
        check("nested.p95 > 1500.0 || model in ['large-1']", Verdict::Fire);
        check("rate > calls", Verdict::No);
        check("none > 1", Verdict::Missing);
        check("calls.more > 1", Verdict::Error);
        check("has(none) && absent(nothing)", Verdict::Fire);
        check("size(tools.filter(t, t.ms > 100)) == 1 && tools.exists(t, t.name == 'write')", Verdict::Fire);
        check("size(tools.filter(t, t.nothing)) == 1", Verdict::Missing);
        check("size(calls.filter(t, t > 1)) == 1", Verdict::Error);
        check("rate > 0.05 for 2m", Verdict::Pending);
        check("count(rate > 0.05, 5m) == 1 && avg(calls, 5m) == 12", Verdict::Fire);
        check("min(calls, 5m) > rate && absent(heartbeat, 5m)", Verdict::No);
        // More paths than are looked up beforehand.
        check(
            "a + b + c + d + rate + calls + nested.p95 + size(model) + size(tools) + size(event_type) > 870",
            Verdict::Fire,
        );
    }
}
