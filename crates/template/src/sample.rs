//! A made-up event that has whatever a template asks of its data, to try a template at load. Real events are stricter: what they
//! lack is found out while rendering.

use std::{collections::BTreeMap, sync::Arc};

use minijinja::{
    Value,
    value::{Enumerator, Object, ObjectRepr},
};

use crate::{TemplateError, scan, template::Template};

/// The names whose every path has an answer.
const OPEN: [&str; 2] = ["data", "metadata"];
/// The names that the language itself gives.
const BUILT_IN: [&str; 3] = ["range", "dict", "loop"];
/// The fields of an event and of a notification, as samples; other names are texts.
const EVENT: [&str; 8] =
    ["event_type", "severity", "timestamp", "agent_id", "user_id", "session_id", "data", "metadata"];
const NOTIFICATION: [&str; 10] = [
    "notification_id",
    "agent_id",
    "title",
    "body",
    "priority",
    "channels",
    "user_id",
    "metadata",
    "created_at",
    "dedup_key",
];

/// How much source is rendered in all while looking for kinds that fit: the search takes more tries the more paths there are.
const MOST_RENDERED: usize = 4 * 1024 * 1024;
/// How many lists are found within each other.
const DEPTH: usize = 4;

/// Checks the names, then renders on samples until one fits.
pub(crate) fn check(template: &Template, names: &[&str]) -> Result<(), TemplateError> {
    let mut paths = template.paths();
    paths.sort_unstable();
    for path in &paths {
        check_name(template, root(path), names)?;
    }
    let mut kinds: BTreeMap<String, Kind> =
        paths.into_iter().filter(|path| is_open(path)).map(|path| (path, Kind::Anything)).collect();
    // A list's elements have attributes of their own; they are numbers or anything, all alike.
    kinds.insert(String::new(), Kind::Anything);
    fit(template, names, kinds)
}

/// Renders with every path answering anything; where that fails, with numbers, and gives up one number after the other for as
/// long as that gets further. A template too large to be searched through is refused for its first fault.
fn fit(template: &Template, names: &[&str], mut kinds: BTreeMap<String, Kind>) -> Result<(), TemplateError> {
    let attempt =
        |kinds: &BTreeMap<String, Kind>| template.render_value(sample(names, &Arc::new(kinds.clone()))).map(drop);
    if attempt(&kinds).is_ok() {
        return Ok(());
    }
    kinds.values_mut().for_each(|kind| *kind = Kind::Number);
    let mut numbers: Vec<String> = kinds.keys().cloned().collect();
    let mut reached = attempt(&kinds);
    let mut tries = MOST_RENDERED / template.source().len().max(1);
    while let Err((position, error)) = reached {
        let further = numbers.iter().take(tries).position(|path| {
            kinds.insert(path.clone(), Kind::Anything);
            let better = attempt(&kinds).err().is_none_or(|(next, _)| next > position);
            if !better {
                kinds.insert(path.clone(), Kind::Number);
            }
            better
        });
        let Some(index) = further else { return Err(error) };
        tries -= index + 1;
        numbers.remove(index);
        reached = attempt(&kinds);
    }
    Ok(())
}

fn check_name(template: &Template, name: &str, names: &[&str]) -> Result<(), TemplateError> {
    if names.contains(&name) || BUILT_IN.contains(&name) {
        return Ok(());
    }
    let tags = scan::tags(template.source());
    let word = tags.iter().flat_map(|tag| &tag.words).find(|word| word.text == name);
    Err(TemplateError::UnknownName {
        line: word.map_or(1, |word| word.line),
        name: name.to_owned(),
        hint: hint(name, names),
    })
}

/// The nearest known name, if it is near enough to be meant.
fn hint(name: &str, names: &[&str]) -> String {
    names
        .iter()
        .map(|known| (strsim::normalized_damerau_levenshtein(name, known), known))
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .filter(|(likeness, _)| *likeness >= 0.6)
        .map(|(_, known)| format!(": did you mean `{known}`?"))
        .unwrap_or_else(|| format!("; known are {}", names.join(", ")))
}

fn root(path: &str) -> &str {
    path.split_once('.').map_or(path, |(root, _)| root)
}

fn is_open(path: &str) -> bool {
    let path = path.strip_prefix("event.").or_else(|| path.strip_prefix("notification.")).unwrap_or(path);
    OPEN.contains(&root(path))
}

/// The sample's values by name.
fn sample(names: &[&str], kinds: &Arc<BTreeMap<String, Kind>>) -> Value {
    Value::from_pairs(names.iter().map(|name| (*name, value_of(name, name, kinds))))
}

fn value_of(name: &str, path: &str, kinds: &Arc<BTreeMap<String, Kind>>) -> Value {
    let object = |fields: &[&'static str]| {
        let path = |field: &str| if OPEN.contains(&field) { format!("{name}.{field}") } else { field.to_owned() };
        Value::from_pairs(fields.iter().map(|field| (*field, value_of(field, &path(field), kinds))))
    };
    match name {
        "data" | "metadata" => answer(path.to_owned(), kinds),
        "event" => object(&EVENT),
        "notification" => object(&NOTIFICATION),
        "timestamp" | "created_at" => Value::from(1_700_000_000.5),
        "channels" => Value::from(vec!["push"]),
        _ => Value::from("sample"),
    }
}

/// What a path of the sample answers with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    /// A value that has every attribute and index, and is a list of one.
    Anything,
    /// The number one; filters for text take it too.
    Number,
}

fn answer(path: String, kinds: &Arc<BTreeMap<String, Kind>>) -> Value {
    let inherited = if path.contains('[') { kinds.get("") } else { None };
    match kinds.get(&path).or(inherited) {
        Some(Kind::Number) => Value::from(1),
        _ => Value::from_object(Anything { path, kinds: Arc::clone(kinds) }),
    }
}

#[derive(Debug)]
struct Anything {
    path: String,
    kinds: Arc<BTreeMap<String, Kind>>,
}

impl Object for Anything {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Iterable
    }

    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        let path = match key.as_str() {
            Some(name) => format!("{}.{name}", self.path),
            None => format!("{}[]", self.path),
        };
        Some(answer(path, &self.kinds))
    }

    fn enumerate(self: &Arc<Self>) -> Enumerator {
        // A filter that walks the whole value must come to an end.
        if self.path.matches("[]").count() >= DEPTH {
            return Enumerator::Values(vec![Value::from("sample")]);
        }
        let element = Anything { path: format!("{}[]", self.path), kinds: Arc::clone(&self.kinds) };
        Enumerator::Values(vec![Value::from_object(element)])
    }

    fn render(self: &Arc<Self>, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("sample")
    }
}
