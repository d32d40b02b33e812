//! The arguments of a tool's call: read one by one, bounded, and refused with a text that says what to write instead.

use anyhow::{Context, bail, ensure};
use serde_json::{Map, Value};
use tidings::config;

use super::names;
use crate::output;

/// The most names in one list.
const MOST_NAMES: usize = 20;

/// The arguments that were not read yet.
pub(super) struct Arguments(Map<String, Value>);

impl Arguments {
    /// # Errors
    /// Names the argument that the tool does not have.
    pub(super) fn new(fields: Option<Map<String, Value>>, known: &[&str]) -> anyhow::Result<Self> {
        let mut fields = fields.unwrap_or_default();
        // A client that fills in everything says null for nothing.
        fields.retain(|_, value| !value.is_null());
        if let Some(unknown) = fields.keys().find(|key| !known.contains(&key.as_str())) {
            let hint = config::hint(unknown, known.iter().copied());
            bail!("there is no argument `{}`: {hint}", shown(unknown));
        }
        Ok(Self(fields))
    }

    /// A text of at most so many bytes, not empty; `None` where there is none.
    pub(super) fn text(&mut self, key: &str, limit: usize) -> anyhow::Result<Option<String>> {
        let Some(value) = self.0.remove(key) else { return Ok(None) };
        let Value::String(text) = value else { bail!("`{key}` must be a string") };
        ensure!(text.len() <= limit, "`{key}` has {} bytes, and may have {limit}: say it shorter", text.len());
        ensure!(!text.contains('\0'), "`{key}` must not hold a NUL character");
        Ok(Some(text).filter(|text| !text.trim().is_empty()))
    }

    /// A text that must be there.
    pub(super) fn needed(&mut self, key: &str, limit: usize) -> anyhow::Result<String> {
        self.text(key, limit)?.with_context(|| format!("`{key}` is missing or empty"))
    }

    /// One of several words.
    pub(super) fn word<T: std::str::FromStr>(&mut self, key: &str, words: &[&str]) -> anyhow::Result<Option<T>> {
        let Some(word) = self.text(key, names::LONGEST)? else { return Ok(None) };
        let parsed = word.trim().to_lowercase().parse().ok();
        let told = || format!("`{key}` must be one of {}", words.join(", "));
        parsed.map(Some).with_context(told)
    }

    /// Names, as a list or as one; none where there are none.
    pub(super) fn names(&mut self, key: &str) -> anyhow::Result<Vec<String>> {
        let values = match self.0.remove(key) {
            None => return Ok(Vec::new()),
            Some(Value::Array(values)) => values,
            Some(one) => vec![one],
        };
        ensure!(values.len() <= MOST_NAMES, "`{key}` has {} names, and may have {MOST_NAMES}", values.len());
        let mut names: Vec<String> = Vec::with_capacity(values.len());
        for value in values {
            let Value::String(name) = value else { bail!("`{key}` must be a list of strings") };
            let name = name.trim().to_owned();
            check_name(key, &name)?;
            if !names.contains(&name) {
                names.push(name);
            }
        }
        Ok(names)
    }

    /// An object of at most so many bytes as JSON; empty where there is none.
    pub(super) fn object(&mut self, key: &str, limit: usize) -> anyhow::Result<Map<String, Value>> {
        let Some(value) = self.0.remove(key) else { return Ok(Map::new()) };
        let size = serde_json::to_vec(&value).map_or(usize::MAX, |text| text.len());
        ensure!(size <= limit, "`{key}` has {size} bytes as JSON, and may have {limit}: leave out what nobody needs");
        let Value::Object(object) = value else { bail!("`{key}` must be an object, such as {{\"error_rate\": 0.2}}") };
        Ok(object)
    }
}

/// # Errors
/// If it is an address, or could not be a name.
fn check_name(key: &str, name: &str) -> anyhow::Result<()> {
    ensure!(!name.is_empty() && name.len() <= names::LONGEST, "a name in `{key}` has 1 to {} bytes", names::LONGEST);
    ensure!(!name.contains(char::is_control), "a name in `{key}` must not hold control characters");
    let Some(kind) = names::address(name) else { return Ok(()) };
    let instead = if key == "users" { "a user's id" } else { "a channel's name from the configuration" };
    bail!(
        "`{key}` takes names, and one of them is {kind}: give {instead}, such as {}. Where a person is reached is the operator's to \
         say, in `users:` and `channels:` of the configuration",
        if key == "users" { "\"ann\"" } else { "\"inbox\"" }
    )
}

/// What somebody wrote, short and in one line.
pub(super) fn shown(text: &str) -> String {
    let short: String = text.chars().take(64).collect();
    output::plain(&short)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn arguments(value: Value) -> Arguments {
        let Value::Object(fields) = value else { panic!("{value}") };
        Arguments::new(Some(fields), &["text", "names", "data", "word"]).unwrap()
    }

    #[test]
    fn what_is_wrong_is_told_with_what_to_do() {
        let check = |told: anyhow::Result<()>, part: &str| {
            let told = told.unwrap_err().to_string();
            assert!(told.contains(part), "{part} in {told}");
        };
        let unknown = Map::from_iter([("txt".to_owned(), json!(1))]);
        check(Arguments::new(Some(unknown), &["text"]).map(drop), "there is no argument `txt`: did you mean `text`?");
        check(arguments(json!({"text": 7})).text("text", 9).map(drop), "`text` must be a string");
        check(arguments(json!({"text": "0123456789"})).text("text", 9).map(drop), "10 bytes, and may have 9");
        check(arguments(json!({"text": "  "})).needed("text", 9).map(drop), "`text` is missing or empty");
        check(
            arguments(json!({"names": ["a@b.example"]})).names("names").map(drop),
            "one of them is an e-mail address",
        );
        check(arguments(json!({"names": [7]})).names("names").map(drop), "a list of strings");
        check(arguments(json!({"data": []})).object("data", 9).map(drop), "must be an object");
        check(arguments(json!({"data": {"a": "0123456789"}})).object("data", 9).map(drop), "may have 9");
        let word = arguments(json!({"word": "bad"})).word::<tidings::Priority>("word", &["low", "high"]);
        check(word.map(drop), "`word` must be one of low, high");
    }

    #[test]
    fn what_is_right_is_taken_and_null_is_nothing() {
        let mut given = arguments(json!({"text": null, "names": " ann ", "word": "HIGH", "data": {"n": 1}}));
        assert_eq!(given.text("text", 9).unwrap(), None);
        assert_eq!(given.names("names").unwrap(), ["ann"]);
        assert_eq!(given.word("word", &[]).unwrap(), Some(tidings::Priority::High));
        assert_eq!(given.object("data", 99).unwrap(), Map::from_iter([("n".to_owned(), json!(1))]));
        assert!(given.object("data", 99).unwrap().is_empty());
    }
}
