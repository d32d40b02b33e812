//! The key-aware walk over a value tree: what stands under a secret's name goes, all other text is read for secrets. Which names
//! are secret is left to `keys`.

use std::collections::HashMap;

use serde_json::{Map, Value};

use crate::{
    assignment, card, flag,
    keys::{self, SecretName},
    span::{count, is_placeholder, placeholder},
    text::Reading,
};

/// How deep values are walked; what lies deeper goes as a whole.
pub(crate) const DEPTH_LIMIT: usize = 128;
/// Ids that are read for secrets only: they say whom an event is about, even where they are mail addresses.
const IDS: [&str; 3] = ["user_id", "agent_id", "session_id"];
/// The two keys of a header in a list of headers.
const HEADER_NAMES: [&str; 8] = ["name", "key", "header", "field", "k", "n", "variable", "parameter"];
const HEADER_VALUES: [&str; 3] = ["value", "val", "v"];

/// One walk: how its texts are read.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Walk {
    reading: Reading,
    depth: usize,
    /// The secret's name that stands above, if there is one.
    secret: Option<SecretName>,
}

impl Walk {
    pub(crate) const fn new(reading: Reading) -> Self {
        Self { reading, depth: 0, secret: None }
    }

    /// Redacts a value; says whether it changed.
    pub(crate) fn value(self, value: &mut Value) -> bool {
        match value {
            Value::Null | Value::Bool(_) => false,
            Value::Array(_) | Value::Object(_) if self.depth >= DEPTH_LIMIT => replace(value, "too_deep"),
            Value::Object(fields) => self.map(fields),
            Value::Array(items) => self.array(items),
            Value::String(text) => self.text(text),
            Value::Number(number) => match self.secret {
                Some(SecretName { kind, plural: false }) => replace(value, kind),
                _ if self.reading.options.personal && number.as_u64().is_some_and(is_card_number) => {
                    replace(value, "card")
                }
                _ => false,
            },
        }
    }

    /// Redacts an object's values, and its keys where they are secrets themselves.
    pub(crate) fn map(self, fields: &mut Map<String, Value>) -> bool {
        let header = header_of(fields);
        let mut changed = false;
        let mut has_secret_key = false;
        for (key, value) in fields.iter_mut() {
            let of_header = header.filter(|_| HEADER_VALUES.iter().any(|known| key.eq_ignore_ascii_case(known)));
            let secret = self.secret.or(of_header).or_else(|| keys::judge(key)).or_else(|| registry_auth(key, value));
            let reading = if IDS.contains(&key.as_str()) { self.reading.secrets_only() } else { self.reading };
            changed |= Self { reading, depth: self.depth + 1, secret }.value(value);
            has_secret_key |= reading.may_match(key);
        }
        (has_secret_key && self.clean_keys(fields)) || changed
    }

    fn clean_keys(self, fields: &mut Map<String, Value>) -> bool {
        let reading = Reading { nesting: 0, ..self.reading };
        let clean: Vec<String> = fields.keys().map(|key| reading.clean(key).into_owned()).collect();
        if fields.keys().eq(&clean) {
            return false;
        }
        let mut taken: HashMap<String, usize> = HashMap::new();
        for (key, (_, value)) in clean.into_iter().zip(std::mem::take(fields)) {
            let mut unique = key.clone();
            // Counted on from the last of the same name, so that many of them take no time by the square of their number.
            while fields.contains_key(&unique) {
                let count = taken.entry(key.clone()).or_insert(1);
                *count += 1;
                unique = format!("{key}_{count}");
            }
            fields.insert(unique, value);
        }
        true
    }

    fn array(self, items: &mut [Value]) -> bool {
        let inner = Self { depth: self.depth + 1, ..self };
        let is_pairs = !items.is_empty() && items.iter().all(is_pair);
        let mut changed = false;
        let (mut announced, mut before) = (None, None);
        for item in items {
            let next = item.as_str().and_then(flag::announces);
            let own = item.as_str().and_then(introduces);
            changed |= match item {
                Value::Array(pair) if is_pairs => inner.pair(pair),
                Value::String(text) if announced.is_some() && !text.starts_with('-') => {
                    Self { secret: inner.secret.or(announced), ..inner }.text(text)
                }
                Value::String(text) if before.is_some() && text.contains([' ', ':']) => {
                    inner.text_behind(before.unwrap_or_default(), text)
                }
                item => inner.value(item),
            };
            announced = next;
            before = own;
        }
        changed
    }

    /// A header as `[name, value]`.
    fn pair(self, pair: &mut [Value]) -> bool {
        let named = pair.first().and_then(Value::as_str).and_then(keys::judge);
        let inner = Self { depth: self.depth + 1, ..self };
        pair.iter_mut().enumerate().fold(false, |changed, (position, item)| {
            let secret = inner.secret.or(named.filter(|_| position == 1));
            Self { secret, ..inner }.value(item) || changed
        })
    }

    /// A text that only reads as a secret behind the one before it.
    fn text_behind(self, before: &str, text: &mut String) -> bool {
        let mut joined = format!("{before}{text}");
        let changed = self.text(&mut joined);
        *text = joined.strip_prefix(before).map_or(joined.clone(), str::to_owned);
        changed
    }

    fn text(self, text: &mut String) -> bool {
        match self.secret {
            Some(_) if text.is_empty() || is_placeholder(text) => false,
            Some(secret) => {
                count(secret.kind);
                *text = placeholder(secret.kind);
                true
            }
            None => match self.reading.clean(text) {
                std::borrow::Cow::Owned(clean) if clean != *text => {
                    *text = clean;
                    true
                }
                _ => false,
            },
        }
    }
}

/// What container registries keep as `auth`: user and password in base64.
fn registry_auth(key: &str, value: &Value) -> Option<SecretName> {
    let is_named = key.trim_start_matches('_').eq_ignore_ascii_case("auth");
    let is_secret = is_named && value.as_str().is_some_and(|text| assignment::is_user_and_password(text.as_bytes()));
    is_secret.then_some(SecretName { kind: "authorization", plural: false })
}

/// What a list has before a secret, as it reads in a text: flags that take a user and a password, and headers one by one.
fn introduces(text: &str) -> Option<&'static str> {
    match text {
        "-u" | "--user" | "--proxy-user" => Some("-u "),
        _ if text.eq_ignore_ascii_case("authorization") => Some("Authorization: "),
        _ => None,
    }
}

fn replace(value: &mut Value, kind: &'static str) -> bool {
    count(kind);
    *value = Value::String(placeholder(kind));
    true
}

fn is_pair(item: &Value) -> bool {
    item.as_array().is_some_and(|pair| pair.len() == 2 && pair.iter().all(Value::is_string))
}

/// The secret's name in `{"name": "Authorization", "value": …}`.
fn header_of(fields: &Map<String, Value>) -> Option<SecretName> {
    if fields.len() < 2 || fields.len() > 8 {
        return None;
    }
    let name =
        fields.iter().find(|(key, _)| HEADER_NAMES.iter().any(|known| key.eq_ignore_ascii_case(known)))?.1.as_str()?;
    keys::judge(name)
}

fn is_card_number(number: u64) -> bool {
    let digits: Vec<u8> = number.to_string().bytes().map(|digit| digit - b'0').collect();
    card::is_card(&digits)
}
