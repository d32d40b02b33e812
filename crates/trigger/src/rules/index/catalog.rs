//! The numbers that paths, texts and other constants go by in the index: one for each, however many rules use it. What an event
//! holds under a path is left to `readings`.

use serde_json::{Map as JsonMap, Value as Json};

use super::number::Place;
use crate::rules::hash::QuickMap;
use crate::{
    path::{Field, Keys, Path},
    value::Value,
};

/// A path by its number.
pub(super) type PathId = u32;
/// A constant that a path is compared with, by its number; the numbers of small scales are their positions.
pub(super) type Key = u32;

/// The fields that are values themselves: every event has them at hand, and their paths come first.
const PLAIN: [Field; 5] = [Field::EventType, Field::AgentId, Field::UserId, Field::SessionId, Field::Severity];
/// The severity's path.
pub(super) const SEVERITY: PathId = 4;
/// The first path that leads through data or metadata.
pub(super) const FIRST_KEYED: PathId = 5;

/// All paths and constants of the indexed rules.
#[derive(Debug)]
pub(super) struct Catalog {
    paths: Vec<Path>,
    pub(super) data: Branch,
    pub(super) metadata: Branch,
    texts: QuickMap<Box<str>, Key>,
    longest_text: usize,
    numbers: QuickMap<Place, Key>,
}

/// A key and what lies below it: the paths as a tree, so that an event and the rules meet where both have something.
#[derive(Debug, Default)]
pub(super) struct Branch {
    pub(super) path: Option<PathId>,
    children: QuickMap<Box<str>, Branch>,
}

impl Default for Catalog {
    fn default() -> Self {
        let plain = |field| Path::new(field, Keys::None);
        Self {
            paths: PLAIN.map(plain).into(),
            data: Branch::default(),
            metadata: Branch::default(),
            texts: QuickMap::default(),
            longest_text: 0,
            numbers: QuickMap::default(),
        }
    }
}

impl Catalog {
    /// The number of a path; whole maps and the time have none.
    pub(super) fn path(&mut self, path: &Path) -> Option<PathId> {
        let root = match path.field {
            _ if path.keys.is_empty() => {
                let plain = PLAIN.iter().position(|field| *field == path.field)?;
                return PathId::try_from(plain).ok();
            }
            Field::Data => &mut self.data,
            Field::Metadata => &mut self.metadata,
            _ => return None,
        };
        let next = PathId::try_from(self.paths.len()).ok()?;
        let number = *root.descend(&path.keys).path.get_or_insert(next);
        if number == next {
            self.paths.push(path.clone());
        }
        Some(number)
    }

    /// The path of a number.
    pub(super) fn path_of(&self, id: PathId) -> Option<&Path> {
        self.paths.get(id as usize)
    }

    pub(super) const fn paths(&self) -> usize {
        self.paths.len()
    }

    /// The number of a text that a rule compares with.
    pub(super) fn add_text(&mut self, text: &str) -> Key {
        let next = self.next_key();
        self.longest_text = self.longest_text.max(text.len());
        *self.texts.entry(text.into()).or_insert(next)
    }

    /// The number of a number that a rule compares with.
    pub(super) fn add_number(&mut self, number: Place) -> Key {
        let next = self.next_key();
        *self.numbers.entry(number).or_insert(next)
    }

    fn next_key(&self) -> Key {
        Key::try_from(self.texts.len() + self.numbers.len()).unwrap_or(Key::MAX)
    }

    /// The number of a text of an event, if a rule compares with it. A text longer than all of them is not even hashed.
    pub(super) fn text(&self, text: &str) -> Option<Key> {
        if text.len() > self.longest_text { None } else { self.texts.get(text).copied() }
    }

    /// The number of a number of an event, if a rule compares with it.
    pub(super) fn number(&self, number: Place) -> Option<Key> {
        self.numbers.get(&number).copied()
    }
}

impl Branch {
    fn descend(&mut self, keys: &[Box<str>]) -> &mut Self {
        keys.iter().fold(self, |branch, key| branch.children.entry(key.clone()).or_default())
    }

    pub(super) fn is_empty(&self) -> bool {
        self.children.is_empty()
    }

    pub(super) fn children(&self) -> impl Iterator<Item = &Self> {
        self.children.values()
    }

    /// Hands over each branch below this one that the map has a value for. Goes over the smaller of the two; a look into the
    /// event's own map costs a few of ours.
    pub(super) fn meet(&self, map: &JsonMap<String, Json>, mut found: impl FnMut(&Self, &Json)) {
        if self.children.len().saturating_mul(4) < map.len() {
            for (key, child) in &self.children {
                map.get(&**key).into_iter().for_each(|value| found(child, value));
            }
        } else if !self.is_empty() {
            for (key, value) in map {
                self.children.get(key.as_str()).into_iter().for_each(|child| found(child, value));
            }
        }
    }
}

/// What a path leads to in an event, as far as postings ask.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reading {
    /// Nothing.
    Absent,
    /// The path goes through a value that has no fields.
    Broken,
    Null,
    Truth(bool),
    Number(Place),
    /// A text, with its number if a rule compares with it.
    Text(Option<Key>),
    /// The severity's position.
    Rank(Key),
    /// A list, a map, a time.
    Other,
}

impl Reading {
    pub(super) fn of(value: &Value<'_>, catalog: &Catalog) -> Self {
        match value {
            Value::Null => Self::Null,
            Value::Bool(flag) => Self::Truth(*flag),
            Value::Text(text) => Self::Text(catalog.text(text)),
            Value::Severity(severity) => Self::Rank(Key::try_from(severity.index()).unwrap_or_default()),
            // NaN is missing.
            Value::Int(_) | Value::Unsigned(_) | Value::Double(_) => {
                Place::of(value).map_or(Self::Absent, Self::Number)
            }
            _ => Self::Other,
        }
    }
}
