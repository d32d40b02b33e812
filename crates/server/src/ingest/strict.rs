//! JSON read strictly: a key given twice, NUL in a text, a number without a value are errors with their place. What the values mean is for
//! whoever asked.

use std::fmt;

use serde::{
    Deserialize, Deserializer,
    de::{Error, MapAccess, SeqAccess, Visitor},
};
use serde_json::{Map, Number, Value, error::Category, map::Entry};

use super::split::{DEEPEST, Piece};

/// Why an item cannot be read.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Unreadable {
    /// Whether it is no JSON at all, so that what stands beside it in one document cannot be trusted either.
    pub(super) is_no_json: bool,
    /// What is wrong, and where in the body.
    pub(super) text: String,
}

/// Reads one piece of a body.
///
/// # Errors
/// If it is not JSON, or says something that has no meaning.
pub(super) fn read(piece: &Piece<'_>) -> Result<Value, Unreadable> {
    if piece.is_too_deep {
        let text = format!("nested deeper than {DEEPEST} levels, in the item at {}", piece.start);
        return Err(Unreadable { is_no_json: false, text });
    }
    // Once for all of it, so that no text is looked at again.
    let text = std::str::from_utf8(piece.text).map_err(|error| {
        let place = piece.start.after(piece.text.get(..error.valid_up_to()).unwrap_or_default());
        Unreadable { is_no_json: true, text: format!("not UTF-8 at {place}") }
    })?;
    serde_json::from_str::<Strict>(text).map(|strict| strict.0).map_err(|error| told(&error, piece))
}

fn told(error: &serde_json::Error, piece: &Piece<'_>) -> Unreadable {
    let whole = error.to_string();
    let what = whole.split(" at line ").next().unwrap_or_default();
    let place = piece.start.at(error.line(), error.column());
    let meaningless = without_meaning(what);
    let is_no_json = error.classify() != Category::Data && meaningless.is_none();
    Unreadable { is_no_json, text: format!("{} at {place}", meaningless.unwrap_or(what)) }
}

/// What the reader stops at although it is well-formed, so that what stands beside it can be read.
fn without_meaning(what: &str) -> Option<&str> {
    match what {
        "number out of range" => Some(what),
        "lone leading surrogate in hex escape" | "unexpected end of hex escape" => {
            Some("a text holds half of a surrogate pair, as when it is cut within an emoji")
        }
        _ => None,
    }
}

struct Strict(Value);

impl<'de> Deserialize<'de> for Strict {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Visit)
    }
}

/// A key of an object.
struct Key(String);

impl<'de> Deserialize<'de> for Key {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        text(String::deserialize(deserializer)?).map(Self)
    }
}

fn text<E: Error>(text: String) -> Result<String, E> {
    if text.contains('\0') { Err(E::custom("a text holds NUL")) } else { Ok(text) }
}

fn twice<E: Error>(key: &str) -> E {
    let shown: String = key.chars().filter(|c| !c.is_control()).take(32).collect();
    let more = if key.chars().nth(32).is_some() { "…" } else { "" };
    E::custom(format_args!("the key `{shown}{more}` is given twice"))
}

struct Visit;

impl<'de> Visitor<'de> for Visit {
    type Value = Strict;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E>(self) -> Result<Strict, E> {
        Ok(Strict(Value::Null))
    }

    fn visit_bool<E>(self, value: bool) -> Result<Strict, E> {
        Ok(Strict(Value::Bool(value)))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Strict, E> {
        Ok(Strict(value.into()))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Strict, E> {
        Ok(Strict(value.into()))
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<Strict, E> {
        let number = Number::from_f64(value).ok_or_else(|| E::custom("number out of range"))?;
        Ok(Strict(Value::Number(number)))
    }

    fn visit_str<E: Error>(self, value: &str) -> Result<Strict, E> {
        self.visit_string(value.to_owned())
    }

    fn visit_string<E: Error>(self, value: String) -> Result<Strict, E> {
        text(value).map(|value| Strict(Value::String(value)))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Strict, A::Error> {
        let mut all = Vec::new();
        while let Some(Strict(item)) = items.next_element()? {
            all.push(item);
        }
        Ok(Strict(Value::Array(all)))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut fields: A) -> Result<Strict, A::Error> {
        let mut all = Map::new();
        while let Some(Key(key)) = fields.next_key()? {
            match all.entry(key) {
                Entry::Vacant(place) => {
                    place.insert(fields.next_value::<Strict>()?.0);
                }
                Entry::Occupied(before) => return Err(twice(before.key())),
            }
        }
        Ok(Strict(Value::Object(all)))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{super::split, *};

    fn whole(body: &str) -> Result<Value, (bool, String)> {
        let read = read(&split::whole(body.as_bytes()));
        read.map_err(|error| (error.is_no_json, error.text))
    }

    #[test]
    fn what_is_wrong_has_its_place() {
        let check = |body: &str, is_no_json: bool, expected: &str| {
            assert_eq!(whole(body), Err((is_no_json, expected.to_owned())), "{body}");
        };
        check("{\"a\": 1,\n \"a\": 2}", false, "the key `a` is given twice at line 2 column 4");
        check("{\"a\": {\"b\": 1, \"b\": 1}}", false, "the key `b` is given twice at line 1 column 18");
        check("{\"a\": \"x\\u0000\"}", false, "a text holds NUL at line 1 column 15");
        check("{\"a\": 1e999}", false, "number out of range at line 1 column 11");
        let half = "a text holds half of a surrogate pair, as when it is cut within an emoji";
        for (text, column) in
            [("\\ud83d", 14), ("\\ud83d!", 14), ("\\ude00", 13), ("\\ud83d\\n", 15), ("\\ud83d\\u0041", 19)]
        {
            check(&format!("{{\"a\": \"{text}\"}}"), false, &format!("{half} at line 1 column {column}"));
        }
        check("{\"a\": \"\\ud83d", true, "EOF while parsing a string at line 1 column 13");
        check("{\"a\": \"\\uZZZZ\"}", true, "invalid escape at line 1 column 13");
        check("{\"a\": NaN}", true, "expected value at line 1 column 7");
        check("{\"a\": \0}", true, "expected value at line 1 column 7");
        check("{\"a\"", true, "EOF while parsing an object at line 1 column 4");
        check("{} x", true, "trailing characters at line 1 column 4");
    }

    #[test]
    fn a_place_counts_from_the_beginning_of_the_body() {
        let body = b"[{},\n {\"a\": \"\xff\"},\n  {\"a\": 1, \"a\": 2}]";
        let pieces = split::items(body).unwrap();
        let texts: Vec<_> = pieces.iter().map(|piece| read(piece).map_err(|error| error.text)).collect();
        assert_eq!(texts[1], Err("not UTF-8 at line 2 column 9".to_owned()));
        assert_eq!(texts[2], Err("the key `a` is given twice at line 3 column 14".to_owned()));
    }

    proptest! {
        #[test]
        fn what_it_reads_is_what_serde_json_reads(body in "[\\[\\]{}:,\"\\\\a1e.\\- tn]{0,40}") {
            match (whole(&body), serde_json::from_str::<Value>(&body)) {
                (Ok(ours), Ok(theirs)) => prop_assert_eq!(ours, theirs),
                (Err((false, _)), _) | (Err(_), Err(_)) => {}
                (ours, theirs) => prop_assert!(false, "{ours:?} {theirs:?}"),
            }
        }
    }
}
