//! Values with their places: what YAML says, joined with where it says so. Merge keys are resolved here; repeated keys and keys that
//! are no text are told here. What the keys mean is left to `read`.

use std::collections::HashMap;

use crate::{
    marks::{MarkIndex, Marks},
    problem::{Findings, Position, Spot},
    suggest::shown,
    yaml::Raw,
};

/// A value at its place.
#[derive(Clone, Debug)]
pub(crate) struct Node {
    pub(crate) position: Position,
    pub(crate) value: Value,
}

/// What stands at a place.
#[derive(Clone, Debug)]
pub(crate) enum Value {
    Null,
    Bool(bool),
    Integer(i64),
    Float(f64),
    Text(String),
    List(Vec<Node>),
    Map(Vec<Entry>),
    Tagged,
}

/// A key and its value.
#[derive(Clone, Debug)]
pub(crate) struct Entry {
    pub(crate) key: String,
    pub(crate) position: Position,
    pub(crate) node: Node,
}

impl Node {
    /// What kind of value it is, for messages: a wrong value itself is never told.
    pub(crate) const fn kind(&self) -> &'static str {
        match self.value {
            Value::Null => "nothing",
            Value::Bool(_) => "true or false",
            Value::Integer(_) | Value::Float(_) => "a number",
            Value::Text(_) => "text",
            Value::List(_) => "a list",
            Value::Map(_) => "keys and values",
            Value::Tagged => "a tagged value",
        }
    }
}

/// Joins values and places.
pub(crate) struct Join<'a, 'f> {
    pub(crate) marks: &'a Marks,
    pub(crate) findings: &'a mut Findings<'f>,
}

impl Join<'_, '_> {
    /// The whole document, or of its outermost keys only those that are named: what else stands there is not looked at.
    pub(crate) fn document(&mut self, raw: Raw, only: Option<&[&str]>) -> Node {
        let root = self.marks.root();
        let position = self.position(root, Position::START);
        let Raw::Map(entries) = raw else { return self.node(raw, root, &Spot::file()) };
        let places = self.marks.inner(root, entries.len() * 2).map(<[MarkIndex]>::to_vec);
        let kept = entries.into_iter().enumerate().filter_map(|(index, (key, value))| {
            let foreign = only.is_some_and(|only| !matches!(&key, Raw::Text(key) if only.contains(&key.as_str())));
            (!foreign).then(|| (key, value, pair(places.as_deref(), index)))
        });
        let value = self.map(kept.collect(), &Spot { value: position, ..Spot::file() });
        Node { position, value }
    }

    fn node(&mut self, raw: Raw, mark: Option<MarkIndex>, around: &Spot) -> Node {
        let position = self.position(mark, around.value);
        let spot = Spot { path: around.path.clone(), value: position, key: around.key };
        let value = match raw {
            Raw::Null => Value::Null,
            Raw::Bool(value) => Value::Bool(value),
            Raw::Integer(value) => Value::Integer(value),
            Raw::Float(value) => Value::Float(value),
            Raw::Text(value) => Value::Text(value),
            Raw::Tagged => Value::Tagged,
            Raw::List(items) => self.list(items, mark, &spot),
            Raw::Map(entries) => {
                let places = self.marks.inner(mark, entries.len() * 2).map(<[MarkIndex]>::to_vec);
                let entries = entries.into_iter().enumerate();
                let placed =
                    entries.map(|(index, (key, value))| (key, value, pair(places.as_deref(), index))).collect();
                self.map(placed, &spot)
            }
        };
        Node { position, value }
    }

    fn list(&mut self, items: Vec<Raw>, mark: Option<MarkIndex>, spot: &Spot) -> Value {
        let places = self.marks.inner(mark, items.len()).map(<[MarkIndex]>::to_vec);
        let nodes = items.into_iter().enumerate().map(|(index, item)| {
            let place = places.as_ref().map(|places| places[index]);
            let inner = Spot { path: format!("{}[{index}]", spot.path), ..spot.clone() };
            self.node(item, place, &inner)
        });
        Value::List(nodes.collect())
    }

    fn map(&mut self, entries: Vec<Placed>, spot: &Spot) -> Value {
        let mut kept: Vec<Entry> = Vec::with_capacity(entries.len());
        let mut merged: Vec<Node> = Vec::new();
        let mut seen: HashMap<String, usize> = HashMap::new();
        for (key, value, places) in entries {
            let position = self.position(places.map(|(key, _)| key), spot.value);
            let Raw::Text(key) = key else {
                let help = match key {
                    Raw::Map(_) | Raw::List(_) => "a text that begins with a brace or bracket stands in quotes",
                    _ => "put the key in quotes",
                };
                self.findings.error(&Spot { value: position, ..spot.clone() }, "a key that is not text").help(help);
                continue;
            };
            let inner = Spot { path: join(&spot.path, &key), value: position, key: position };
            if let Some(first) = seen.insert(key.clone(), position.line) {
                let message = format!("duplicate key `{}`, first given in line {first}", shown(&key));
                self.findings.error(&inner, message).help("keep one of them");
                continue;
            }
            let node = self.node(value, places.map(|(_, value)| value), &inner);
            if key == "<<" { merged.push(node) } else { kept.push(Entry { key, position, node }) }
        }
        for node in merged {
            self.merge(node, &mut kept, &mut seen, spot);
        }
        Value::Map(kept)
    }

    /// What stands under `<<` gives the keys that the map itself does not; of several maps the first one wins.
    fn merge(&mut self, node: Node, kept: &mut Vec<Entry>, seen: &mut HashMap<String, usize>, spot: &Spot) {
        let maps = match node.value {
            Value::List(items) => items,
            _ => vec![node],
        };
        for map in maps {
            let Value::Map(entries) = map.value else {
                let spot = Spot { path: join(&spot.path, "<<"), value: map.position, ..spot.clone() };
                self.findings.error(&spot, "only keys and values can be merged").help("name a map by its alias");
                continue;
            };
            for entry in entries {
                if seen.insert(entry.key.clone(), entry.position.line).is_none() {
                    kept.push(entry);
                }
            }
        }
    }

    fn position(&self, mark: Option<MarkIndex>, around: Position) -> Position {
        mark.map_or(around, |mark| self.marks.position(mark))
    }
}

/// A key, a value and the places of both.
type Placed = (Raw, Raw, Option<(MarkIndex, MarkIndex)>);

fn pair(places: Option<&[MarkIndex]>, index: usize) -> Option<(MarkIndex, MarkIndex)> {
    places.map(|places| (places[index * 2], places[index * 2 + 1]))
}

/// The path of a key within a path: `a.b`, or `a["b c"]` where the key would be misread.
pub(crate) fn join(path: &str, key: &str) -> String {
    let plain =
        (1..=60).contains(&key.len()) && key.chars().all(|c| c.is_alphanumeric() || c == '_' || c == '-' || c == '<');
    match (path.is_empty(), plain) {
        (true, true) => key.to_owned(),
        (false, true) => format!("{path}.{key}"),
        (_, false) => format!("{path}[\"{}\"]", shown(key)),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::{inside::Source, yaml};

    fn check_places(node: &Node, source: &Source<'_>) -> Result<(), TestCaseError> {
        match &node.value {
            Value::Text(text) if !text.trim().is_empty() => {
                let here = source.from(node.position).and_then(|rest| rest.chars().next());
                let styled = matches!(here, Some('"' | '\'' | '&'));
                prop_assert!(styled || here == text.trim_start().chars().next(), "{text:?} at {:?}", node.position);
            }
            Value::List(items) => items.iter().try_for_each(|item| check_places(item, source))?,
            Value::Map(entries) => entries.iter().try_for_each(|entry| check_places(&entry.node, source))?,
            _ => {}
        }
        Ok(())
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(1000))]
        #[test]
        fn a_text_stands_where_its_place_says(text in "([ab]: |- |[ab]|\\[|\\]|\\{|\\}|, |\"é\"|'x'|&a |\\*a|\n|\n  |\n    |\\|\n|>-\n| #c\n){1,14}") {
            // What only one of the two readers takes has no places of its own.
            let marked = saphyr_parser::Parser::new_from_str(&text).all(|event| event.is_ok());
            if let (Ok(raw), true) = (yaml::read(&text), marked) {
                let marks = Marks::read(&text);
                let mut findings = Findings::new("t", &text);
                let node = Join { marks: &marks, findings: &mut findings }.document(raw, None);
                check_places(&node, &Source::new(&text))?;
            }
        }
    }
}
