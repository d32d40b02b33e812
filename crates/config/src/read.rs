//! Typed values out of the tree, each with its place and with its own problems told: one wrong value never hides another. What the
//! values mean together is left to the builders.

use crate::{
    environment::{Environment, Expanded, expand, has_variable},
    inside,
    problem::{Findings, Spot},
    suggest::shown,
    tree::{Entry, Node, Value, join},
};

/// A value that was given, at its place.
#[derive(Clone, Debug)]
pub(crate) struct At<T> {
    pub(crate) spot: Spot,
    /// `None`: it could not be read, which is told already, or has variables that are left alone.
    pub(crate) value: Option<T>,
    /// Whether the text stands in the file as it is, without a variable.
    pub(crate) literal: bool,
}

/// A key of a section: `None` where it is left out or holds nothing.
pub(crate) type Given<T> = Option<At<T>>;

/// The value of a key, where it was given and could be read.
pub(crate) fn value<T>(given: &Given<T>) -> Option<&T> {
    given.as_ref()?.value.as_ref()
}

/// Named entries in the order of the file.
#[derive(Clone, Debug)]
pub(crate) struct Named<T>(pub(crate) Vec<(String, At<T>)>);

/// The items of a list that could be read, with their places.
pub(crate) fn items<T>(given: &Given<Vec<At<T>>>) -> impl Iterator<Item = (&T, &Spot)> {
    value(given).into_iter().flatten().filter_map(|item| Some((item.value.as_ref()?, &item.spot)))
}

/// The named entries that could be read, with their places.
pub(crate) fn named<T>(given: &Given<Named<T>>) -> impl Iterator<Item = (&str, &T, &Spot)> {
    let entries = value(given).into_iter().flat_map(|named| &named.0);
    entries.filter_map(|(name, at)| Some((name.as_str(), at.value.as_ref()?, &at.spot)))
}

/// A type that can be read from a node.
pub(crate) trait Read: Sized {
    /// Reads the node, or tells why not.
    fn read(node: &Node, spot: &Spot, reader: &mut Reader<'_>) -> Option<Self>;

    /// What nothing at all means, where the name of an entry says enough.
    fn of_nothing() -> Option<Self> {
        None
    }
}

/// A plain value with its variables put in.
pub(crate) enum Scalar {
    Bool(bool),
    Integer(i64),
    Float(f64),
    Text(String),
}

/// Reads nodes and gathers their problems.
#[derive(Debug)]
pub(crate) struct Reader<'a> {
    pub(crate) findings: Findings<'a>,
    pub(crate) environment: Environment<'a>,
}

impl Reader<'_> {
    /// A value with variables put in; `None` where that fails or the value is no plain one.
    pub(crate) fn scalar(&mut self, node: &Node, spot: &Spot, expected: &str) -> Option<Scalar> {
        match &node.value {
            Value::Bool(value) => Some(Scalar::Bool(*value)),
            Value::Integer(value) => Some(Scalar::Integer(*value)),
            Value::Float(value) => Some(Scalar::Float(*value)),
            Value::Text(text) => self.text(text, spot),
            Value::Null | Value::List(_) | Value::Map(_) | Value::Tagged => self.wrong(node, spot, expected),
        }
    }

    fn text(&mut self, text: &str, spot: &Spot) -> Option<Scalar> {
        match expand(text, self.environment) {
            Ok(Expanded::Literal) => Some(Scalar::Text(text.to_owned())),
            Ok(Expanded::Text(expanded)) => {
                self.findings.masks.put_in(&spot.path, text, &expanded);
                Some(Scalar::Text(expanded))
            }
            Ok(Expanded::Unresolved) => {
                if matches!(self.environment, Environment::Sparse(_)) {
                    let problem =
                        self.findings.warn(spot, "a variable in it is not set: what depends on it is left out");
                    problem.help("set it, or give a default: ${NAME:-...}");
                }
                None
            }
            Err(bad) => {
                for bad in bad {
                    let spot = inside::spot(&self.findings, spot, text, bad.offset);
                    self.findings.error(&spot, bad.message).help(bad.help);
                }
                None
            }
        }
    }

    /// Tells that the value is of the wrong type, without telling the value.
    pub(crate) fn wrong<T>(&mut self, node: &Node, spot: &Spot, expected: &str) -> Option<T> {
        let braced = self.findings.source.from(node.position).is_some_and(|rest| rest.starts_with(['{', '[']));
        let problem = self.findings.error(spot, format!("expected {expected}, not {}", node.kind()));
        match (expected, &node.value) {
            ("text", Value::Bool(_) | Value::Integer(_) | Value::Float(_)) => problem.help("put it in quotes"),
            ("text", Value::Tagged) => problem.help("a text that begins with `!` stands in quotes"),
            ("text", Value::Map(_)) if braced => problem.help("a text that begins with `{` stands in quotes"),
            ("text", Value::List(_)) if braced => problem.help("a text that begins with `[` stands in quotes"),
            ("a list", Value::Text(_)) => problem.help("put it in brackets"),
            (_, Value::Tagged) => problem.help("take the tag away"),
            _ => {}
        }
        None
    }

    /// The entries of a map.
    pub(crate) fn entries<'n>(&mut self, node: &'n Node, spot: &Spot) -> Option<&'n [Entry]> {
        match &node.value {
            Value::Map(entries) => Some(entries),
            _ => self.wrong(node, spot, "keys and values"),
        }
    }

    /// Tells a key that the section does not know.
    pub(crate) fn unknown_key(&mut self, entry: &Entry, around: &Spot, known: &[&str]) {
        // Of `secret hunter2` only the first word is a key; the rest was meant as its value.
        let (name, rest) = match entry.key.find([':', '=', ' ']) {
            Some(end) => entry.key.split_at(end),
            None => (entry.key.as_str(), ""),
        };
        let key = if rest.is_empty() { shown(name) } else { format!("{}…", shown(name)) };
        let spot = Spot { path: join(&around.path, &key), value: entry.position, key: entry.position };
        let help = match (known.contains(&name), rest.starts_with(':')) {
            (true, true) => "a blank is missing behind the colon".to_owned(),
            (true, false) => format!("write `{name}: ...`"),
            (false, _) => self.findings.did_you_mean(&entry.key, known.iter().copied()),
        };
        self.findings.error(&spot, format!("unknown key `{key}`")).help(help);
    }

    /// A key of a section. One that holds nothing counts as left out, which may be more than was meant.
    pub(crate) fn field<T: Read>(&mut self, entry: &Entry, around: &Spot) -> Given<T> {
        let given = At::entry(entry, around, self);
        if given.is_none() && T::of_nothing().is_none() {
            let spot = Spot { path: join(&around.path, &entry.key), value: entry.position, key: entry.position };
            let help = "give it a value, or take the key away";
            self.findings.warn(&spot, "holds nothing, and counts as left out").help(help);
        }
        given
    }
}

impl<T: Read> At<T> {
    /// The value of an entry; `None` where it holds nothing.
    pub(crate) fn entry(entry: &Entry, around: &Spot, reader: &mut Reader<'_>) -> Given<T> {
        if matches!(entry.node.value, Value::Null) {
            return None;
        }
        let spot = Spot { path: join(&around.path, &entry.key), value: entry.node.position, key: entry.position };
        Some(Self::node(&entry.node, spot, reader))
    }

    pub(crate) fn node(node: &Node, spot: Spot, reader: &mut Reader<'_>) -> Self {
        let literal = !matches!(&node.value, Value::Text(text) if has_variable(text));
        let value = T::read(node, &spot, reader);
        Self { spot, value, literal }
    }
}

impl<T: Read> Read for Vec<At<T>> {
    fn read(node: &Node, spot: &Spot, reader: &mut Reader<'_>) -> Option<Self> {
        let Value::List(items) = &node.value else { return reader.wrong(node, spot, "a list") };
        let items = items.iter().enumerate().map(|(index, item)| {
            let path = format!("{}[{index}]", spot.path);
            At::node(item, Spot { path, value: item.position, key: item.position }, reader)
        });
        Some(items.collect())
    }
}

impl<T: Read> Read for Named<T> {
    fn read(node: &Node, spot: &Spot, reader: &mut Reader<'_>) -> Option<Self> {
        let entries = reader.entries(node, spot)?;
        let read = entries.iter().map(|entry| {
            let at = At::entry(entry, spot, reader).unwrap_or_else(|| nothing(entry, spot, reader));
            (entry.key.clone(), at)
        });
        Some(Self(read.collect()))
    }
}

fn nothing<T: Read>(entry: &Entry, around: &Spot, reader: &mut Reader<'_>) -> At<T> {
    let spot = Spot { path: join(&around.path, &entry.key), value: entry.position, key: entry.position };
    let value = T::of_nothing();
    if value.is_none() {
        reader.findings.error(&spot, "holds nothing").help("give it a value or take the key away");
    }
    At { spot, value, literal: true }
}

/// Declares the raw form of a section: every key optional, each with its place. The same declaration gives the reader, the list of
/// known keys and the JSON Schema.
macro_rules! raw {
    ($(#[$meta:meta])* $name:ident { $($(#[$field_meta:meta])* $field:ident: $type:ty),+ $(,)? }) => {
        $(#[$meta])*
        #[derive(Debug, Default, schemars::JsonSchema)]
        #[schemars(deny_unknown_fields)]
        pub(crate) struct $name {
            $($(#[$field_meta])* pub(crate) $field: $crate::read::Given<$type>),+
        }

        impl $name {
            /// Every key that the section knows.
            pub(crate) const KEYS: &'static [&'static str] = &[$($crate::read::bare(stringify!($field))),+];

            /// The keys that were given, with their places.
            #[allow(dead_code, reason = "only sections with a type ask which keys were given")]
            pub(crate) fn given(&self) -> Vec<(&'static str, &$crate::problem::Spot)> {
                let all = [$(($crate::read::bare(stringify!($field)), self.$field.as_ref().map(|at| &at.spot))),+];
                all.into_iter().filter_map(|(key, spot)| Some((key, spot?))).collect()
            }
        }

        impl $crate::read::Read for $name {
            fn read(
                node: &$crate::tree::Node,
                spot: &$crate::problem::Spot,
                reader: &mut $crate::read::Reader<'_>,
            ) -> Option<Self> {
                let mut raw = Self::default();
                for entry in reader.entries(node, spot)? {
                    match entry.key.as_str() {
                        $(key if key == $crate::read::bare(stringify!($field)) => {
                            raw.$field = reader.field(entry, spot);
                        })+
                        _ => reader.unknown_key(entry, spot, Self::KEYS),
                    }
                }
                Some(raw)
            }

            fn of_nothing() -> Option<Self> {
                Some(Self::default())
            }
        }
    };
}
pub(crate) use raw;

/// A field's name as its key is written: `r#type` is `type`.
pub(crate) const fn bare(field: &'static str) -> &'static str {
    match field.as_bytes() {
        [b'r', b'#', ..] => field.split_at(2).1,
        _ => field,
    }
}
