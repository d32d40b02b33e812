//! Methods of text: positions and sizes count code points. Lists have `size`, `join` and `reverse`.

use std::borrow::Cow;

use regex::RegexBuilder;

use super::{MAKING, Scope, format};
use crate::{
    fault::Reason,
    functions::Function,
    value::{List, Value},
};

/// The largest compiled pattern in bytes: bounds the time that compiling one takes.
const PATTERN_LIMIT: usize = 1 << 20;
/// What compiling a pattern during an evaluation costs.
const PATTERN_COST: usize = 1 << 14;

/// Compiles a pattern that runs in linear time.
pub(crate) fn pattern(source: &str) -> Result<regex::Regex, regex::Error> {
    RegexBuilder::new(source).size_limit(PATTERN_LIMIT).dfa_size_limit(PATTERN_LIMIT).build()
}

pub(super) fn of<'v>(value: &'v Value<'_>) -> Result<&'v str, Reason> {
    match value {
        Value::Null => Err(Reason::NullOperand),
        _ => value.as_text().ok_or(Reason::Argument(value.kind())),
    }
}

pub(super) fn apply<'a>(function: Function, values: &[Value<'a>], scope: Scope<'a, '_>) -> Result<Value<'a>, Reason> {
    match (function, values) {
        (Function::Size, [Value::List(list)]) => Ok(count(list.len())),
        (Function::Size, [Value::Map(map)]) => Ok(count(map.len())),
        (Function::Reverse, [Value::List(list)]) => {
            let mut items: Vec<_> = list.iter().collect();
            items.reverse();
            Ok(Value::list(items))
        }
        (Function::Join, [Value::List(list)]) => join(list, "", scope),
        (Function::Join, [Value::List(list), separator]) => join(list, of(separator)?, scope),
        (Function::Join, [other, ..]) => Err(Reason::Argument(other.kind())),
        (_, [receiver, rest @ ..]) => {
            let text = of(receiver)?;
            scope.frame.spend(text.len())?;
            match rest {
                [] => alone(function, text),
                [first] if first.as_text().is_some() => with_text(function, text, of(first)?, scope),
                _ => with_positions(function, text, rest, scope),
            }
        }
        _ => Err(Reason::Misused),
    }
}

fn owned<'a>(text: String) -> Value<'a> {
    Value::Text(Cow::Owned(text))
}

fn count<'a>(length: usize) -> Value<'a> {
    Value::Int(i64::try_from(length).unwrap_or(i64::MAX))
}

fn alone<'a>(function: Function, text: &str) -> Result<Value<'a>, Reason> {
    Ok(match function {
        Function::Size => count(text.chars().count()),
        Function::LowerAscii => owned(text.to_ascii_lowercase()),
        Function::UpperAscii => owned(text.to_ascii_uppercase()),
        Function::Trim => owned(text.trim().to_owned()),
        Function::Reverse => owned(text.chars().rev().collect()),
        Function::Quote => owned(quoted(text)),
        _ => return Err(Reason::Misused),
    })
}

/// A text between double quotes, with escapes for what would not show or would end it.
fn quoted(text: &str) -> String {
    let mut quoted = String::with_capacity(text.len() + 2);
    quoted.push('"');
    for character in text.chars() {
        let escape = match character {
            '\u{7}' => 'a',
            '\u{8}' => 'b',
            '\u{c}' => 'f',
            '\n' => 'n',
            '\r' => 'r',
            '\t' => 't',
            '\u{b}' => 'v',
            '\\' | '"' => character,
            plain => {
                quoted.push(plain);
                continue;
            }
        };
        quoted.extend(['\\', escape]);
    }
    quoted.push('"');
    quoted
}

fn with_text<'a>(function: Function, text: &str, other: &str, scope: Scope<'a, '_>) -> Result<Value<'a>, Reason> {
    Ok(match function {
        Function::StartsWith => Value::Bool(text.starts_with(other)),
        Function::EndsWith => Value::Bool(text.ends_with(other)),
        Function::Contains => Value::Bool(text.contains(other)),
        Function::Matches => {
            scope.frame.spend(PATTERN_COST)?;
            Value::Bool(pattern(other).map_err(|_| Reason::BadPattern)?.is_match(text))
        }
        Function::IndexOf => index_of(text, other, 0)?,
        Function::LastIndexOf => last_index_of(text, other, None)?,
        Function::Split => split(text, other, -1),
        _ => return Err(Reason::Argument(crate::kind::Kind::Text)),
    })
}

fn with_positions<'a>(
    function: Function,
    text: &str,
    rest: &[Value<'a>],
    scope: Scope<'a, '_>,
) -> Result<Value<'a>, Reason> {
    match (function, rest) {
        (Function::Format, [Value::List(list)]) => format::format(text, list, scope),
        (Function::CharAt, [at]) => char_at(text, position(at)?),
        (Function::Substring, [from]) => substring(text, position(from)?, None),
        (Function::Substring, [from, to]) => substring(text, position(from)?, Some(position(to)?)),
        (Function::IndexOf, [other, from]) => index_of(text, of(other)?, position(from)?),
        (Function::LastIndexOf, [other, from]) => last_index_of(text, of(other)?, Some(position(from)?)),
        (Function::Split, [separator, limit]) => Ok(split(text, of(separator)?, position(limit)?)),
        (Function::Replace, [old, new]) => replace(text, [of(old)?, of(new)?], -1, scope),
        (Function::Replace, [old, new, limit]) => replace(text, [of(old)?, of(new)?], position(limit)?, scope),
        (_, [first, ..]) => Err(Reason::Argument(first.kind())),
        _ => Err(Reason::Misused),
    }
}

fn position(value: &Value<'_>) -> Result<i64, Reason> {
    match value {
        Value::Int(position) => Ok(*position),
        _ => Err(Reason::Argument(value.kind())),
    }
}

/// The byte at which a code point begins; the end of the text is a position too.
fn byte_at(text: &str, position: i64) -> Result<usize, Reason> {
    let position = usize::try_from(position).map_err(|_| Reason::BadPosition)?;
    let mut starts = text.char_indices().map(|(byte, _)| byte).chain([text.len()]);
    starts.nth(position).ok_or(Reason::BadPosition)
}

fn char_at<'a>(text: &str, at: i64) -> Result<Value<'a>, Reason> {
    let start = byte_at(text, at)?;
    Ok(owned(text[start..].chars().take(1).collect()))
}

fn substring<'a>(text: &str, from: i64, to: Option<i64>) -> Result<Value<'a>, Reason> {
    let start = byte_at(text, from)?;
    let end = to.map_or(Ok(text.len()), |to| byte_at(text, to))?;
    text.get(start..end).map(|part| owned(part.to_owned())).ok_or(Reason::BadPosition)
}

fn index_of<'a>(text: &str, other: &str, from: i64) -> Result<Value<'a>, Reason> {
    let start = byte_at(text, from)?;
    let found = text[start..].find(other);
    Ok(found.map_or(Value::Int(-1), |byte| count(text[..start + byte].chars().count())))
}

/// The last place that does not begin behind `from`.
fn last_index_of<'a>(text: &str, other: &str, from: Option<i64>) -> Result<Value<'a>, Reason> {
    let start = from.map_or(Ok(text.len()), |from| byte_at(text, from))?;
    let end = text.len().min(start + other.len());
    // A match that would end inside of a code point is none, so the cut moves back to where one ends.
    let end = (0..=end).rev().find(|end| text.is_char_boundary(*end)).unwrap_or(0);
    let found = text[..end].rfind(other);
    Ok(found.map_or(Value::Int(-1), |byte| count(text[..byte].chars().count())))
}

fn split<'a>(text: &str, separator: &str, limit: i64) -> Value<'a> {
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    let parts: Vec<Value<'a>> = if limit == 0 {
        Vec::new()
    } else if separator.is_empty() {
        characters(text, limit)
    } else {
        text.splitn(limit, separator).map(|part| owned(part.to_owned())).collect()
    };
    Value::list(parts)
}

/// Every code point as a text of its own; the last part has what is beyond the limit.
fn characters<'a>(text: &str, limit: usize) -> Vec<Value<'a>> {
    let mut parts = Vec::new();
    let mut rest = text;
    while let Some(next) = rest.chars().next() {
        let length = if parts.len() + 1 == limit { rest.len() } else { next.len_utf8() };
        parts.push(owned(rest[..length].to_owned()));
        rest = &rest[length..];
    }
    parts
}

fn replace<'a>(text: &str, [old, new]: [&str; 2], limit: i64, scope: Scope<'a, '_>) -> Result<Value<'a>, Reason> {
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    // The result is charged before it is made: it may be far larger than all that it is made of.
    let places = text.matches(old).take(limit).count();
    scope.frame.spend(places.saturating_mul(new.len()).saturating_mul(MAKING))?;
    Ok(owned(text.replacen(old, new, limit)))
}

fn join<'a>(list: &List<'a>, separator: &str, scope: Scope<'a, '_>) -> Result<Value<'a>, Reason> {
    let mut joined = String::new();
    for (index, item) in list.iter().enumerate() {
        let part = of(&item)?;
        scope.frame.spend((separator.len() + part.len() + 1) * MAKING)?;
        if index > 0 {
            joined.push_str(separator);
        }
        joined.push_str(part);
    }
    Ok(owned(joined))
}
