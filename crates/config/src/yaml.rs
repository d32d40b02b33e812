//! The one module that names the YAML library: it decides what is valid and what the values are. Where they stand is found out by
//! `marks`.

use std::{cell::Cell, fmt};

use serde::de::{DeserializeSeed, Deserializer, EnumAccess, Error as _, MapAccess, SeqAccess, VariantAccess, Visitor};

use crate::problem::Position;

/// The deepest nesting of lists and maps.
pub(crate) const DEPTH_LIMIT: usize = 64;
/// What all values may come to once aliases are resolved: 16 for each value and a byte for each byte of text.
const BUDGET: usize = 32 * 1024 * 1024;

/// A value as YAML means it. Maps keep their order and their repeated keys.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Raw {
    Null,
    Bool(bool),
    Integer(i64),
    Float(f64),
    Text(String),
    List(Vec<Raw>),
    Map(Vec<(Raw, Raw)>),
    /// A value under a tag of one's own, such as `!secret`.
    Tagged,
}

/// Why the text is not YAML that we read.
#[derive(Debug)]
pub(crate) struct Unreadable {
    pub(crate) message: String,
    pub(crate) position: Option<Position>,
}

/// Reads one document.
pub(crate) fn read(text: &str) -> Result<Raw, Unreadable> {
    let budget = Cell::new(BUDGET);
    let seed = Seed { budget: &budget, depth: 0 };
    seed.deserialize(serde_yaml::Deserializer::from_str(text)).map_err(|error| {
        let position = error.location().map(|place| Position { line: place.line(), column: place.column() });
        Unreadable { message: message(&error.to_string()), position }
    })
}

/// The library's words without the place, which the problem tells itself, and without the value that does not fit its tag.
fn message(told: &str) -> String {
    if ["invalid value: ", "invalid type: "].iter().any(|echo| told.contains(echo)) {
        return "a value is not what its tag says".to_owned();
    }
    told.split(" at line ").next().unwrap_or_default().to_owned()
}

/// What to do about it, where the library's words leave a reader alone.
pub(crate) fn help(message: &str, line: &str) -> Option<&'static str> {
    if line.trim_start_matches(' ').starts_with('\t') {
        return Some("indent with blanks, not with tabs");
    }
    let bare = |opening: &str| line.contains(&format!(" {opening}")) || line.contains(&format!("[{opening}"));
    match message {
        "did not find expected ',' or '}'" | "did not find expected ',' or ']'" if bare("${") => {
            Some("within braces and brackets, put ${NAME} in quotes")
        }
        "did not find expected ',' or '}'" => Some("close the brace, or put a text with braces in it in quotes"),
        "did not find expected ',' or ']'" => Some("close the bracket, or put a text with brackets in it in quotes"),
        "did not find expected alphabetic or numeric character" => {
            Some("put a text that begins with `*` or `&` in quotes")
        }
        "mapping values are not allowed in this context" => Some("put a text with a colon in it in quotes"),
        "found character that cannot start any token" => Some("put a text that begins with this character in quotes"),
        "could not find expected ':'" => Some("write `key: value`, here or in the line before"),
        "found unexpected ':'" => Some("write a blank behind the colon of a key"),
        "did not find expected key" => Some("look at how far this line is indented, and the one before"),
        "found unexpected end of stream" => Some("close the quote"),
        "a value is not what its tag says" => Some("take the tag away"),
        _ => None,
    }
}

/// Reads a value and pays for it.
#[derive(Clone, Copy)]
struct Seed<'a> {
    budget: &'a Cell<usize>,
    depth: usize,
}

impl Seed<'_> {
    fn pay<E: serde::de::Error>(self, bytes: usize) -> Result<(), E> {
        let left = self.budget.get().checked_sub(16 + bytes);
        self.budget.set(left.ok_or_else(|| E::custom("aliases make the file too large: write less of it by alias"))?);
        Ok(())
    }

    fn inner<E: serde::de::Error>(self) -> Result<Self, E> {
        if self.depth == DEPTH_LIMIT {
            return Err(E::custom(format_args!("nested more than {DEPTH_LIMIT} deep")));
        }
        Ok(Self { depth: self.depth + 1, ..self })
    }
}

impl<'de> DeserializeSeed<'de> for Seed<'_> {
    type Value = Raw;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Raw, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Seed<'_> {
    type Value = Raw;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a YAML value")
    }

    fn visit_unit<E: serde::de::Error>(self) -> Result<Raw, E> {
        self.pay(0).map(|()| Raw::Null)
    }

    /// An empty document.
    fn visit_none<E: serde::de::Error>(self) -> Result<Raw, E> {
        self.visit_unit()
    }

    fn visit_bool<E: serde::de::Error>(self, value: bool) -> Result<Raw, E> {
        self.pay(0).map(|()| Raw::Bool(value))
    }

    fn visit_i64<E: serde::de::Error>(self, value: i64) -> Result<Raw, E> {
        self.pay(0).map(|()| Raw::Integer(value))
    }

    fn visit_u64<E: serde::de::Error>(self, value: u64) -> Result<Raw, E> {
        self.pay(0).map(|()| i64::try_from(value).map_or(Raw::Float(value as f64), Raw::Integer))
    }

    fn visit_i128<E: serde::de::Error>(self, value: i128) -> Result<Raw, E> {
        self.visit_f64(value as f64)
    }

    fn visit_u128<E: serde::de::Error>(self, value: u128) -> Result<Raw, E> {
        self.visit_f64(value as f64)
    }

    fn visit_f64<E: serde::de::Error>(self, value: f64) -> Result<Raw, E> {
        self.pay(0).map(|()| Raw::Float(value))
    }

    fn visit_str<E: serde::de::Error>(self, value: &str) -> Result<Raw, E> {
        self.pay(value.len()).map(|()| Raw::Text(value.to_owned()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Raw, A::Error> {
        self.pay::<A::Error>(0)?;
        let inner = self.inner::<A::Error>()?;
        let mut list = Vec::new();
        while let Some(item) = items.next_element_seed(inner)? {
            list.push(item);
        }
        Ok(Raw::List(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Raw, A::Error> {
        self.pay::<A::Error>(0)?;
        let inner = self.inner::<A::Error>()?;
        let mut map = Vec::new();
        while let Some(entry) = entries.next_entry_seed(inner, inner)? {
            map.push(entry);
        }
        Ok(Raw::Map(map))
    }

    fn visit_enum<A: EnumAccess<'de>>(self, access: A) -> Result<Raw, A::Error> {
        let inner = self.inner::<A::Error>()?;
        // The tag's name is read as text and the value under it is dropped: nothing here means anything by a tag.
        let (_, value) = access.variant_seed(inner).map_err(A::Error::custom)?;
        value.newtype_variant_seed(inner).map(|_| Raw::Tagged)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scalars_are_those_of_yaml_1_2() {
        let check = |text: &str, expected: Raw| {
            assert_eq!(read(text).map_err(|error| error.message), Ok(expected), "{text}");
        };
        check("on", Raw::Text("on".into()));
        check("017", Raw::Text("017".into()));
        check("0o17", Raw::Integer(15));
        check("22:00", Raw::Text("22:00".into()));
        check("18446744073709551615", Raw::Float(18_446_744_073_709_551_615.0));
        check("~", Raw::Null);
        check("!secret x", Raw::Tagged);
        check("!secret {a: [1]}", Raw::Tagged);
        check(
            "{a: 1, a: 2}",
            Raw::Map(vec![(Raw::Text("a".into()), Raw::Integer(1)), (Raw::Text("a".into()), Raw::Integer(2))]),
        );
    }

    #[test]
    fn bombs_are_refused() {
        let mut laughs = String::from("a0: &a0 [x, x, x, x, x, x, x, x, x]\n");
        for level in 1..12 {
            let before = level - 1;
            let list = vec![format!("*a{before}"); 9].join(", ");
            laughs.push_str(&format!("a{level}: &a{level} [{list}]\n"));
        }
        assert!(read(&laughs).is_err());
        let wide = format!("a: &a \"{}\"\nb: [{}]", "x".repeat(100_000), vec!["*a"; 1000].join(", "));
        assert!(read(&wide).unwrap_err().message.contains("aliases"));
        assert!(read(&"[".repeat(100_000)).is_err());
        assert!(read(&format!("{}1{}", "[".repeat(80), "]".repeat(80))).is_err());
        assert!(read("&a [*a]").is_err());
    }
}
