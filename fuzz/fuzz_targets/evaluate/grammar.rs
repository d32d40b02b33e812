//! Rules by the grammar: most of them are in the language, with everything that it has.

use libfuzzer_sys::arbitrary::{Result, Unstructured};

type Input<'b> = Unstructured<'b>;

const PATHS: [&str; 6] = ["x", "y", "x.y", "s", "flag", "metadata.x"];
const NUMBERS: [&str; 12] =
    ["0", "1", "2", "-1", "0.5", "3", "100", "1e300", "-0.0", "9007199254740993", "9223372036854775807", "5e-324"];
const TEXTS: [&str; 5] = ["'a'", "'b'", "''", "'1'", "\"e0\""];
const LENGTHS: [&str; 8] = ["1ms", "1s", "10s", "1m", "5m", "1h", "24h", "1h30m"];
const RELATIONS: [&str; 6] = ["<", "<=", ">", ">=", "==", "!="];
const MEASURES: [&str; 15] = [
    "avg",
    "min",
    "max",
    "sum",
    "stddev",
    "last",
    "prev",
    "distinct",
    "delta",
    "pct_change",
    "increase",
    "zscore",
    "ewma",
    "quantile(0.5, ",
    "quantile(0.99, ",
];

/// What looks back on an agent, or forward: its names, and the words for holds and ends. `absent` has two meanings.
const TIMED: [&str; 24] = [
    "avg",
    "min(",
    "max",
    "sum",
    "stddev",
    "last(",
    "prev",
    "distinct",
    "delta",
    "pct_change",
    "increase",
    "zscore",
    "ewma",
    "quantile",
    "count",
    "rate",
    "share",
    "consecutive",
    "seq",
    "unfollowed",
    "silent",
    "absent",
    " for ",
    "resolve",
];

/// Whether a rule looks at nothing but the event.
pub(crate) fn is_plain(source: &str) -> bool {
    !TIMED.iter().any(|word| source.contains(word))
}

/// A rule with what may stand behind its condition.
pub(crate) fn rule(input: &mut Input<'_>) -> Result<String> {
    let mut rule = condition(input, 4)?;
    if input.ratio(1, 3)? {
        rule += &format!(" for {}", input.choose(&LENGTHS)?);
    }
    if input.ratio(1, 3)? {
        rule += &format!(" resolve when {}", condition(input, 3)?);
        if input.ratio(1, 3)? {
            rule += &format!(" for {}", input.choose(&LENGTHS)?);
        }
    }
    Ok(rule)
}

fn condition(input: &mut Input<'_>, depth: u8) -> Result<String> {
    if depth == 0 || input.is_empty() {
        return Ok("x > 1".to_owned());
    }
    let next = depth - 1;
    Ok(match input.int_in_range(0..=13)? {
        0 => format!("({}) && ({})", condition(input, next)?, condition(input, next)?),
        1 => format!("({}) || ({})", condition(input, next)?, condition(input, next)?),
        2 => format!("!({})", condition(input, next)?),
        3 => format!("({}) ? ({}) : ({})", condition(input, next)?, condition(input, next)?, condition(input, next)?),
        4 => format!("event_type == \"e{}\"", input.int_in_range(0..=3)?),
        5 => format!("severity {} 'error'", input.choose(&RELATIONS)?),
        6 => format!("{} {} {}", input.choose(&PATHS)?, input.choose(&RELATIONS)?, input.choose(&TEXTS)?),
        7 => text(input)?,
        8 => presence(input)?,
        9..=11 => over_time(input, next)?,
        _ => format!("{} {} {}", number(input, next)?, input.choose(&RELATIONS)?, number(input, next)?),
    })
}

fn text(input: &mut Input<'_>) -> Result<String> {
    let path = input.choose(&PATHS)?;
    let other = input.choose(&TEXTS)?;
    Ok(match input.int_in_range(0..=5)? {
        0 => format!("{path}.startsWith({other})"),
        1 => format!("{path}.matches('^(a|b)+$')"),
        2 => format!("{path} in [{other}, 1, null, true]"),
        3 => format!("items.exists(i, i == {path})"),
        4 => format!("size({path}) > 1"),
        _ => format!("items.all(k, v, v != {other} && k >= 0)"),
    })
}

fn presence(input: &mut Input<'_>) -> Result<String> {
    let path = input.choose(&PATHS)?;
    Ok(match input.int_in_range(0..=3)? {
        0 => format!("has({path})"),
        1 => format!("absent({path})"),
        2 => format!("{path} == null"),
        _ => format!("{path} ?? 1 > 0"),
    })
}

/// A condition on an agent's past, or on what does not come.
fn over_time(input: &mut Input<'_>, depth: u8) -> Result<String> {
    let length = *input.choose(&LENGTHS)?;
    let relation = *input.choose(&RELATIONS)?;
    Ok(match input.int_in_range(0..=8)? {
        0 => format!("seq({}, {}, {length})", sample(input, depth)?, sample(input, depth)?),
        1 => format!("unfollowed({}, {}, {length})", sample(input, depth)?, sample(input, depth)?),
        2 => format!("silent({length})"),
        3 => format!("absent({}, {length})", input.choose(&PATHS)?),
        4 => format!("consecutive({}, {})", sample(input, depth)?, input.choose(&[1, 2, 3, 512])?),
        5 => format!("count({length}) {relation} {}", input.choose(&NUMBERS)?),
        6 => format!("count({}, {length}) {relation} {}", sample(input, depth)?, input.choose(&NUMBERS)?),
        7 => format!("share({}, {length}) {relation} rate({}, {length})", sample(input, depth)?, sample(input, depth)?),
        _ => format!("{} {relation} {}", measure(input)?, input.choose(&NUMBERS)?),
    })
}

/// A condition that may stand inside of a function over time.
fn sample(input: &mut Input<'_>, depth: u8) -> Result<String> {
    if depth > 2 { condition(input, 1) } else { Ok(format!("{} > 1", input.choose(&PATHS)?)) }
}

fn measure(input: &mut Input<'_>) -> Result<String> {
    let measure = input.choose(&MEASURES)?;
    let open = if measure.contains('(') { "" } else { "(" };
    Ok(format!("{measure}{open}{}, {})", input.choose(&PATHS)?, input.choose(&LENGTHS)?))
}

fn number(input: &mut Input<'_>, depth: u8) -> Result<String> {
    if depth == 0 || input.is_empty() {
        return Ok("x".to_owned());
    }
    Ok(match input.int_in_range(0..=7)? {
        0 | 1 => (*input.choose(&PATHS)?).to_owned(),
        2 | 3 => (*input.choose(&NUMBERS)?).to_owned(),
        4 => measure(input)?,
        5 => format!("math.greatest({}, {})", number(input, depth - 1)?, number(input, depth - 1)?),
        6 => format!("div({}, {})", number(input, depth - 1)?, number(input, depth - 1)?),
        _ => {
            let operator = input.choose(&["+", "-", "*", "/", "%"])?;
            format!("({} {operator} {})", number(input, depth - 1)?, number(input, depth - 1)?)
        }
    })
}
