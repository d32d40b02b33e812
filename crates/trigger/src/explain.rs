//! Tells a person what an expression did: each part with its value, and a line that fits into a message.

use serde_json::{Map as JsonMap, Number, Value as Json};

use crate::{
    evaluate::{Scope, evaluate, render_double},
    expression::{Answer, Expression},
    node::{Node, Op},
    path::Frame,
    times,
    value::{Map, Value},
    window::{Awaited, Measure},
};

/// The longest rendered value in characters.
const VALUE_LIMIT: usize = 64;
/// The longest source in a summary in characters.
const SOURCE_LIMIT: usize = 400;
/// The most metrics in a summary.
const METRIC_LIMIT: usize = 8;

/// One part of an expression and what it gave.
#[derive(Clone, Debug, PartialEq)]
pub struct Step {
    /// How deep the part is: 0 is the whole.
    pub depth: usize,
    /// The part's source.
    pub text: String,
    /// Its value, or why it has none.
    pub answer: Answer,
}

impl Step {
    /// The JSON form: `depth`, `text`, and one of `value`, `missing`, `error`.
    #[must_use]
    pub fn to_json(&self) -> Json {
        let (key, answer) = match &self.answer {
            Answer::Value(value) => ("value", value.clone()),
            Answer::Missing(reason) => ("missing", Json::from(reason.as_str())),
            Answer::Error(reason) => ("error", Json::from(reason.as_str())),
        };
        serde_json::json!({"depth": self.depth, "text": self.text, key: answer})
    }
}

/// Every part of an expression, or of what stands behind it. Constants say nothing new and are left out, but for the whole.
pub(crate) fn steps<'a>(expression: &'a Expression, root: &'a Node, frame: &Frame<'a>) -> Vec<Step> {
    let mut steps = Vec::new();
    walk(expression, root, frame, 0, &mut steps);
    steps
}

fn walk<'a>(expression: &'a Expression, node: &'a Node, frame: &Frame<'a>, depth: usize, steps: &mut Vec<Step>) {
    if depth > 0 && node.as_constant().is_some() {
        return;
    }
    let text = node.span.of(expression.source()).to_owned();
    // Every part gets the whole allowance: a step must not fail because the steps before it were dear.
    let frame = Frame {
        bindings: frame.bindings,
        data: frame.data.clone(),
        metadata: frame.metadata.clone(),
        known: frame.known,
        past: frame.past,
        ..Frame::new(frame.event, frame.paths, frame.strict)
    };
    steps.push(Step { depth, text, answer: expression.answer(evaluate(node, Scope::new(&frame))) });
    for part in parts(expression, node) {
        walk(expression, part, &frame, depth + 1, steps);
    }
}

/// What has a value of its own in a part. The body of a macro has one for each item; a function over time shows what it takes from
/// the event at hand.
fn parts<'a>(expression: &'a Expression, node: &'a Node) -> Vec<&'a Node> {
    let mut parts = Vec::new();
    match &node.op {
        Op::Comprehend(comprehension) => parts.push(&comprehension.range),
        Op::Window(reading) => {
            let series = expression.series.get(usize::from(reading.series));
            parts.extend(series.and_then(|series| series.input.node()));
            // A score is of the path that its series is of; a sequence names a second condition.
            parts.extend(reading.current.as_ref().filter(|_| matches!(reading.measure, Measure::Sequence(_))));
        }
        Op::Overdue(number) => match expression.absences.get(usize::from(*number)).map(|absence| &absence.awaited) {
            Some(Awaited::Path(path)) => parts.push(path),
            Some(Awaited::Answer(pair)) => parts.extend(pair.iter()),
            Some(Awaited::Event) | None => {}
        },
        _ => node.each_part(&mut |part| parts.push(part)),
    }
    parts
}

/// The condition and the values that it reads, of metrics and of the past, in one line of bounded length.
pub(crate) fn summary<'a>(expression: &'a Expression, frame: &Frame<'a>) -> String {
    let line = shorten(&one_line(expression.source()), SOURCE_LIMIT);
    let looks_back = look_back(expression);
    let metrics = (0..).zip(expression.paths.iter()).map(|(slot, path)| {
        let value = frame.slot(slot).map_or_else(|_| "missing".to_owned(), |value| render(&value));
        format!("{} = {value}", shorten(path.text(), VALUE_LIMIT))
    });
    let past = looks_back.iter().map(|(text, node)| {
        let value = evaluate(node, Scope::new(frame)).map_or_else(|_| "missing".to_owned(), |value| render(&value));
        format!("{} = {value}", shorten(text, VALUE_LIMIT))
    });
    let all = expression.paths.len() + looks_back.len();
    let values: Vec<String> = past.chain(metrics).take(METRIC_LIMIT).collect();
    let more = if all > METRIC_LIMIT { ", ..." } else { "" };
    if values.is_empty() { line } else { format!("{line} ({}{more})", values.join(", ")) }
}

/// The parts that read an agent's history, with their source, each once; what is the whole condition is said by what comes of it.
fn look_back(expression: &Expression) -> Vec<(String, &Node)> {
    let mut found: Vec<(String, &Node)> = Vec::new();
    expression.root.each_part(&mut |part| collect(part, expression.source(), &mut found));
    found
}

fn collect<'n>(node: &'n Node, source: &str, found: &mut Vec<(String, &'n Node)>) {
    if matches!(node.op, Op::Window(_) | Op::Overdue(_)) {
        let text = one_line(node.span.of(source));
        if found.iter().all(|(other, _)| *other != text) {
            found.push((text, node));
        }
    }
    node.each_part(&mut |part| collect(part, source, found));
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// A value in one short line.
fn render(value: &Value<'_>) -> String {
    match value {
        Value::List(list) => format!("a list of {}", list.len()),
        Value::Map(map) => format!("a map of {}", map.len()),
        _ => shorten(&to_json(value).to_string(), VALUE_LIMIT),
    }
}

fn shorten(text: &str, limit: usize) -> String {
    match text.char_indices().nth(limit) {
        Some((end, _)) => format!("{}...", &text[..end]),
        None => text.to_owned(),
    }
}

/// A value as JSON: what JSON has no form for becomes text.
pub(crate) fn to_json(value: &Value<'_>) -> Json {
    match value {
        Value::Null => Json::Null,
        Value::Bool(value) => Json::Bool(*value),
        Value::Int(value) => Json::from(*value),
        Value::Unsigned(value) => Json::from(*value),
        Value::Double(value) => {
            Number::from_f64(*value).map_or_else(|| Json::String(render_double(*value)), Json::Number)
        }
        Value::Text(text) => Json::String(text.to_string()),
        Value::Severity(severity) => Json::from(severity.as_str()),
        Value::List(list) => list.iter().map(|item| to_json(&item)).collect(),
        Value::Map(map) => Json::Object(entries(map)),
        Value::Duration(nanoseconds) => Json::String(times::format_duration(*nanoseconds)),
        Value::Timestamp(time) => Json::String(time.to_string()),
    }
}

fn entries(map: &Map<'_>) -> JsonMap<String, Json> {
    let key = |key: &Value<'_>| key.as_text().map_or_else(|| to_json(key).to_string(), str::to_owned);
    map.iter().map(|(name, value)| (key(&name), to_json(&value))).collect()
}
