//! Functions over time: what each keeps of an agent's history, and what it reads from there.

use super::{Lowering, Typed, typed};
use crate::{
    diagnostic::{Code, Diagnostic, Span},
    fault::Reason,
    functions::window_usage,
    history::Reads,
    kind::Kind,
    node::{Node, Op, Reading},
    syntax::{Call, Expr},
    value::Value,
    window::{
        ABSENCE_LIMIT, AbsenceSpec, Awaited, INPUT_LIMIT, Input, Keep, Measure, RUN_LIMIT, SERIES_LIMIT, SeriesSpec,
        WINDOW_LIMIT,
    },
};

impl<'e> Lowering<'e> {
    /// A call of a function over time.
    pub(super) fn window(&mut self, call: &'e Call<'e>, span: Span) -> Typed {
        if let Some(inside) = self.inside_of() {
            let label = format!("`{}` {inside}", call.name);
            let problem = Diagnostic::error(Code::Type, call.name_span, label);
            return self.refuse(problem.help("functions over time stand for themselves"), Reason::Misused);
        }
        self.sampling = true;
        let lowered = self.window_call(call, span);
        self.sampling = false;
        let usage = format!("write `{}`", window_usage(call.name));
        match lowered {
            Ok(lowered) => lowered,
            Err(Some(problem)) => {
                let problem = if problem.help.is_none() { problem.help(usage) } else { problem };
                self.refuse(problem, Reason::Misused)
            }
            Err(None) => {
                let label = format!("wrong arguments for `{}`", call.name);
                self.refuse(Diagnostic::error(Code::Type, call.name_span, label).help(usage), Reason::Misused)
            }
        }
    }

    fn inside_of(&self) -> Option<&'static str> {
        match (self.locals.is_empty(), self.sampling) {
            (false, _) => Some("inside of a macro"),
            (_, true) => Some("inside of another function over time"),
            _ => None,
        }
    }

    /// `Err(None)` where the arguments do not fit at all.
    fn window_call(&mut self, call: &'e Call<'e>, span: Span) -> Result<Typed, Option<Diagnostic>> {
        match (call.name, &call.arguments[..]) {
            ("silent", [after]) => self.absence(Awaited::Event, "events", after, span),
            ("absent", [path, after]) => {
                let (node, subject, _) = self.sampled_path(path)?;
                self.absence(Awaited::Path(node), &subject, after, span)
            }
            ("unfollowed", [first, answer, after]) => {
                let subject = format!("{first}, {answer}");
                let pair = [self.boolean(first, "`unfollowed`"), self.boolean(answer, "`unfollowed`")];
                self.absence(Awaited::Answer(Box::new(pair)), &subject, after, span)
            }
            ("seq", [earlier, now, within]) => {
                let within = self.length(within, WINDOW_LIMIT)?;
                let current = self.boolean(now, "`seq`");
                let input = Input::Holds(self.boolean(earlier, "`seq`"));
                let series = self.series(input, &earlier.to_string(), Keep::Marks(within), span)?;
                Ok(reading(series, Measure::Sequence(within), Some(current), span, Kind::Bool))
            }
            ("consecutive", [condition, times]) => {
                let times = self.times(times)?;
                let input = Input::Holds(self.boolean(condition, "`consecutive`"));
                let series = self.series(input, &condition.to_string(), Keep::Run(times), span)?;
                Ok(reading(series, Measure::Consecutive, None, span, Kind::Bool))
            }
            ("quantile", [fraction, path, window]) => {
                let measure = Measure::Quantile(self.fraction(fraction)?);
                self.of_path(measure, path, window, span)
            }
            ("count" | "rate", [window]) => self.tally(call.name, None, window, span),
            ("count" | "rate" | "share", [condition, window]) => self.tally(call.name, Some(condition), window, span),
            (name, [path, window]) => self.of_path(path_measure(name).ok_or(None)?, path, window, span),
            _ => Err(None),
        }
    }

    fn tally(
        &mut self,
        name: &str,
        condition: Option<&'e Expr<'e>>,
        window: &'e Expr<'e>,
        span: Span,
    ) -> Result<Typed, Option<Diagnostic>> {
        let length = self.length(window, WINDOW_LIMIT)?;
        let (input, subject) = match condition {
            Some(condition) => (Input::Holds(self.boolean(condition, &format!("`{name}`"))), condition.to_string()),
            None => (Input::Events, String::new()),
        };
        let (measure, kind) = match name {
            "count" => (Measure::Count, Kind::Int),
            "rate" => (Measure::Rate, Kind::Double),
            _ => (Measure::Share, Kind::Double),
        };
        let series = self.series(input, &subject, Keep::Moments(length), span)?;
        Ok(reading(series, measure, None, span, kind))
    }

    /// Notes what is read of a series.
    fn reads(&mut self, series: u8, measure: Measure) {
        if let Some(series) = self.series.get_mut(usize::from(series)) {
            series.reads = series.reads.and(measure.reads());
        }
    }

    fn of_path(
        &mut self,
        measure: Measure,
        path: &'e Expr<'e>,
        window: &'e Expr<'e>,
        span: Span,
    ) -> Result<Typed, Option<Diagnostic>> {
        let (node, subject, kind) = self.sampled_path(path)?;
        let counts = measure == Measure::Distinct;
        if !counts && kind.is_known() && !kind.is_number() && kind != Kind::Bool {
            let label = format!("samples are numbers, this is {}", kind.as_str());
            let problem = Diagnostic::error(Code::Type, path.span, label);
            return Err(Some(problem.help("for other values there is `distinct(path, 5m)` or `count(condition, 5m)`")));
        }
        let length = self.length(window, WINDOW_LIMIT)?;
        let measure = if matches!(measure, Measure::Score(_)) { Measure::Score(length) } else { measure };
        let current = matches!(measure, Measure::Score(_)).then(|| node.clone());
        let series = self.series(Input::Path(node), &subject, kept(measure, length), span)?;
        self.reads(series, measure);
        let kind = if counts { Kind::Int } else { Kind::Double };
        Ok(reading(series, measure, current, span, kind))
    }

    /// A path whose values are kept, with its text and what is known of their type.
    fn sampled_path(&mut self, path: &'e Expr<'e>) -> Result<(Node, String, Kind), Option<Diagnostic>> {
        let lowered = self.expr(path);
        let Op::Slot(slot) = lowered.node.op else {
            return Err(Some(Diagnostic::error(Code::Type, path.span, "expected a path")));
        };
        let text = self.paths.get(usize::from(slot)).map(|path| path.text().to_owned());
        Ok((lowered.node, text.unwrap_or_default(), lowered.kind))
    }

    fn absence(
        &mut self,
        awaited: Awaited,
        subject: &str,
        after: &'e Expr<'e>,
        span: Span,
    ) -> Result<Typed, Option<Diagnostic>> {
        let after = self.length(after, ABSENCE_LIMIT)?;
        let what = match awaited {
            Awaited::Event => "event",
            Awaited::Path(_) => "path",
            Awaited::Answer(_) => "answer",
        };
        let key = format!("{what} {subject} {after}");
        let known = self.absences.iter().position(|absence| *absence.key == *key);
        let number = known.unwrap_or_else(|| {
            self.absences.push(AbsenceSpec { key: key.into(), awaited, after });
            self.absences.len() - 1
        });
        if number >= INPUT_LIMIT {
            let label = format!("more than {INPUT_LIMIT} absences in one rule");
            return Err(Some(Diagnostic::error(Code::Cost, span, label).help("split it into several rules")));
        }
        Ok(typed(Op::Overdue(u8::try_from(number).unwrap_or(u8::MAX)), span, Kind::Bool))
    }

    /// The number of a series, which is shared by all that keep the same of the same input.
    fn series(&mut self, input: Input, subject: &str, keep: Keep, span: Span) -> Result<u8, Option<Diagnostic>> {
        let subject: Box<str> = match input {
            Input::Events => "events".into(),
            Input::Path(_) => format!("path {subject}").into(),
            Input::Holds(_) => format!("condition {subject}").into(),
        };
        let key = format!("{subject} {keep:?}");
        if let Some(known) = self.series.iter().position(|series| *series.key == *key) {
            return Ok(u8::try_from(known).unwrap_or(u8::MAX));
        }
        self.series.push(SeriesSpec { key: key.into(), subject, input, keep, reads: Reads::default() });
        let new = |place: usize| !self.series[..place].iter().any(|other| other.subject == self.series[place].subject);
        let inputs = (0..self.series.len()).filter(|place| new(*place)).count();
        if inputs > INPUT_LIMIT || self.series.len() > SERIES_LIMIT {
            let label = format!("a rule keeps at most {INPUT_LIMIT} series");
            return Err(Some(Diagnostic::error(Code::Cost, span, label).help("split it into several rules")));
        }
        Ok(u8::try_from(self.series.len() - 1).unwrap_or(u8::MAX))
    }

    /// A length of time that is known at load, in nanoseconds.
    fn length(&mut self, expr: &'e Expr<'e>, limit: i64) -> Result<i64, Option<Diagnostic>> {
        let lowered = self.expr(expr);
        let error = |code, label: &str| Some(Diagnostic::error(code, expr.span, label));
        match lowered.node.as_constant() {
            Some(Value::Duration(length)) if *length <= 0 => Err(error(Code::Type, "must be longer than nothing")),
            Some(Value::Duration(length)) if *length > limit => {
                let hours = limit / 3_600_000_000_000;
                Err(error(Code::TooLong, &format!("longer than {hours} hours")))
            }
            Some(Value::Duration(length)) => Ok(*length),
            Some(Value::Int(number)) => {
                let problem = Diagnostic::error(Code::Type, expr.span, "a duration needs a unit");
                Err(Some(problem.help(format!("write `{number}s` or `{number}m`"))))
            }
            _ => Err(error(Code::Type, "expected a duration that is known at load")),
        }
    }

    fn times(&mut self, expr: &'e Expr<'e>) -> Result<u16, Option<Diagnostic>> {
        let lowered = self.expr(expr);
        let times = match lowered.node.as_constant() {
            Some(Value::Int(times)) => u16::try_from(*times).ok().filter(|times| (1..=RUN_LIMIT).contains(times)),
            _ => None,
        };
        let label = || format!("expected a number of events from 1 to {RUN_LIMIT}");
        times.ok_or_else(|| Some(Diagnostic::error(Code::Type, expr.span, label())))
    }

    fn fraction(&mut self, expr: &'e Expr<'e>) -> Result<f64, Option<Diagnostic>> {
        let lowered = self.expr(expr);
        let fraction =
            lowered.node.as_constant().and_then(Value::as_double).filter(|value| (0.0..=1.0).contains(value));
        let error = || Diagnostic::error(Code::Type, expr.span, "expected a fraction from 0 to 1");
        fraction.ok_or_else(|| Some(error().help("for the 95th percentile write `quantile(0.95, latency_ms, 5m)`")))
    }
}

fn reading(series: u8, measure: Measure, current: Option<Node>, span: Span, kind: Kind) -> Typed {
    typed(Op::Window(Box::new(Reading { series, measure, current })), span, kind)
}

fn path_measure(name: &str) -> Option<Measure> {
    Some(match name {
        "avg" => Measure::Mean,
        "min" => Measure::Least,
        "max" => Measure::Greatest,
        "sum" => Measure::Sum,
        "stddev" => Measure::Deviation,
        "last" => Measure::Last,
        "prev" => Measure::Previous,
        "distinct" => Measure::Distinct,
        "delta" => Measure::Delta,
        "pct_change" => Measure::Change,
        "increase" => Measure::Increase,
        "zscore" => Measure::Score(0),
        "ewma" => Measure::Decayed,
        _ => return None,
    })
}

const fn kept(measure: Measure, length: i64) -> Keep {
    match measure {
        Measure::Quantile(_) => Keep::Order(length),
        Measure::Last | Measure::Previous => Keep::Ends(length),
        Measure::Distinct => Keep::Values(length),
        Measure::Delta | Measure::Change | Measure::Increase => Keep::Change(length),
        Measure::Decayed => Keep::Decay(length),
        _ => Keep::Moments(length),
    }
}
