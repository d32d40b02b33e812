//! Preferences as they are written: the article's JSON shape, for the operator and by user. Their meaning is read by the policy crate;
//! here every part of them keeps its place.

use std::collections::HashMap;

use serde_json::{Map, Number, Value as Json};

use crate::{
    problem::Spot,
    read::{Read, Reader, Scalar},
    tree::{Entry, Node, Value, join},
    values::switch,
};

/// The section as JSON, with the place of each part by its keys.
#[derive(Debug, Default)]
pub(crate) struct PreferenceTree {
    pub(crate) value: Json,
    places: HashMap<Vec<String>, Spot>,
}

impl PreferenceTree {
    /// Where the part under these keys stands; where the nearest part around it stands if it does not exist.
    pub(crate) fn place(&self, keys: &[String]) -> Option<&Spot> {
        (0..=keys.len()).rev().find_map(|length| self.places.get(&keys[..length]))
    }
}

impl PreferenceTree {
    /// Where the part under these keys stands, if it is there and holds something.
    pub(crate) fn given(&self, keys: &[&str]) -> Option<&Spot> {
        let found = keys.iter().try_fold(&self.value, |value, key| value.get(key))?;
        let keys: Vec<String> = keys.iter().map(ToString::to_string).collect();
        self.places.get(&keys).filter(|_| !found.is_null())
    }
}

impl Read for PreferenceTree {
    fn read(node: &Node, spot: &Spot, reader: &mut Reader<'_>) -> Option<Self> {
        reader.entries(node, spot)?;
        let mut tree = Self::default();
        tree.value = tree.json(node, spot, &mut Vec::new(), reader);
        Some(tree)
    }
}

impl PreferenceTree {
    fn json(&mut self, node: &Node, spot: &Spot, keys: &mut Vec<String>, reader: &mut Reader<'_>) -> Json {
        self.places.insert(keys.clone(), spot.clone());
        match &node.value {
            Value::Map(entries) => self.map(entries, spot, keys, reader),
            Value::List(items) => self.list(items, spot, keys, reader),
            Value::Null => Json::Null,
            _ => match reader.scalar(node, spot, "a preference") {
                // `on` and `off` are switches in other readers of YAML, and no preference is spelt so.
                Some(Scalar::Text(text)) => switch(&text).map_or(Json::String(text), Json::Bool),
                Some(Scalar::Bool(value)) => Json::Bool(value),
                Some(Scalar::Integer(value)) => Json::from(value),
                // Else it would be taken for nothing, and what was wished lost without a word.
                Some(Scalar::Float(value)) => Number::from_f64(value).map(Json::Number).unwrap_or_else(|| {
                    reader.findings.error(spot, "expected a finite number");
                    Json::Null
                }),
                None => Json::Null,
            },
        }
    }

    fn map(&mut self, entries: &[Entry], spot: &Spot, keys: &mut Vec<String>, reader: &mut Reader<'_>) -> Json {
        let mut map = Map::new();
        for entry in entries {
            let path = join(&spot.path, &entry.key);
            let inner = Spot { path, value: entry.node.position, key: entry.position };
            keys.push(entry.key.clone());
            map.insert(entry.key.clone(), self.json(&entry.node, &inner, keys, reader));
            keys.pop();
        }
        Json::Object(map)
    }

    fn list(&mut self, items: &[Node], spot: &Spot, keys: &mut Vec<String>, reader: &mut Reader<'_>) -> Json {
        let mut list = Vec::new();
        for (index, item) in items.iter().enumerate() {
            let path = format!("{}[{index}]", spot.path);
            let inner = Spot { path, value: item.position, key: item.position };
            keys.push(index.to_string());
            list.push(self.json(item, &inner, keys, reader));
            keys.pop();
        }
        Json::Array(list)
    }
}
