//! Which filters there are, and our own versions of those that could make much out of little. What the others do is the template
//! library's business.

use std::borrow::Cow;

use minijinja::{Environment, Error, ErrorKind, Value};

/// Every filter that a template may use.
#[rustfmt::skip]
pub(crate) const NAMES: [&str; 42] = [
    "abs", "attr", "bool", "capitalize", "count", "d", "default", "dictsort", "e", "escape", "first", "float", "groupby",
    "indent", "int", "items", "join", "last", "length", "lines", "list", "lower", "map", "max", "min", "reject", "rejectattr",
    "replace", "reverse", "round", "select", "selectattr", "sort", "split", "string", "sum", "title", "tojson", "trim",
    "truncate", "unique", "upper",
];
/// Those of the library that are not in [`NAMES`].
const LEFT_OUT: [&str; 7] = ["batch", "chain", "format", "pprint", "safe", "slice", "zip"];
/// The longest text that a filter of ours may make, in bytes.
const TEXT_LIMIT: usize = 1024 * 1024;

/// Leaves in the environment exactly the filters of [`NAMES`].
pub(crate) fn install(environment: &mut Environment<'_>) {
    for name in LEFT_OUT {
        environment.remove_filter(name);
    }
    environment.add_filter("replace", replace);
    environment.add_filter("join", join);
    environment.add_filter("indent", indent);
    environment.add_filter("truncate", truncate);
    environment.add_filter("tojson", to_json);
}

/// Every occurrence of one text by another.
#[expect(clippy::needless_pass_by_value, reason = "the library hands filters their arguments so")]
fn replace(text: Cow<'_, str>, from: Cow<'_, str>, to: Cow<'_, str>) -> Result<String, Error> {
    check_length(text.len().saturating_add(text.matches(&*from).count().saturating_mul(to.len())))?;
    Ok(text.replace(&*from, &to))
}

/// The items of a list in one text, with another between them.
#[expect(clippy::needless_pass_by_value, reason = "the library hands filters their arguments so")]
fn join(list: &Value, between: Option<Cow<'_, str>>) -> Result<String, Error> {
    let mut text = String::new();
    for (position, item) in list.try_iter()?.enumerate() {
        if position > 0 {
            text.push_str(between.as_deref().unwrap_or_default());
        }
        match item.as_str() {
            Some(part) => text.push_str(part),
            None => text.push_str(&item.to_string()),
        }
        check_length(text.len())?;
    }
    Ok(text)
}

/// Blanks before every line but the first; four unless told.
#[expect(clippy::needless_pass_by_value, reason = "the library hands filters their arguments so")]
fn indent(text: Cow<'_, str>, width: Option<usize>) -> Result<String, Error> {
    let width = width.unwrap_or(4);
    check_length(text.len().saturating_add(text.matches('\n').count().saturating_mul(width)).max(width))?;
    Ok(text.replace('\n', &format!("\n{}", " ".repeat(width))))
}

/// At most so many characters; a longer text ends in `…`.
fn truncate(text: Cow<'_, str>, length: Option<usize>) -> String {
    let length = length.unwrap_or(255);
    match text.char_indices().nth(length) {
        None => text.into_owned(),
        Some(_) => text.chars().take(length.saturating_sub(1)).chain(['…']).take(length).collect(),
    }
}

/// Compact JSON, as on the wire; unlike the library's it escapes nothing for HTML, since a body is not HTML.
fn to_json(value: &Value) -> Result<String, Error> {
    if value.is_undefined() {
        return Err(Error::from(ErrorKind::UndefinedError));
    }
    let unfit = |error| Error::new(ErrorKind::BadSerialization, "the value has no JSON form").with_source(error);
    serde_json::to_string(value).map_err(unfit)
}

fn check_length(bytes: usize) -> Result<(), Error> {
    if bytes <= TEXT_LIMIT {
        return Ok(());
    }
    Err(Error::new(ErrorKind::InvalidOperation, format!("a filter's text would be longer than {TEXT_LIMIT} bytes")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_of_names_is_the_truth() {
        let mut environment = Environment::new();
        install(&mut environment);
        let mut state = environment.empty_state();
        for name in NAMES {
            let known =
                state.apply_filter(name, &[]).err().is_none_or(|error| error.kind() != ErrorKind::UnknownFilter);
            assert!(known, "{name}");
        }
        for name in LEFT_OUT {
            let error = state.apply_filter(name, &[Value::from("a")]).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::UnknownFilter, "{name}");
        }
    }

    #[test]
    fn our_own_filters() {
        assert_eq!(truncate("abcdef".into(), Some(4)), "abc…");
        assert_eq!(truncate("abcd".into(), Some(4)), "abcd");
        assert_eq!(truncate("äöü".into(), Some(0)), "");
        assert_eq!(indent("a\nb".into(), Some(2)).unwrap(), "a\n  b");
        assert_eq!(join(&Value::from(vec!["a", "b"]), Some(", ".into())).unwrap(), "a, b");
        assert_eq!(replace("aXbX".into(), "X".into(), "--".into()).unwrap(), "a--b--");
        assert!(replace("a".repeat(2000).into(), "".into(), "b".repeat(2000).into()).is_err());
        assert!(indent("\n".into(), Some(usize::MAX)).is_err());
    }
}
