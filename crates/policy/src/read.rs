//! Reads preferences out of a JSON value and tells all problems at once, each with its path. Where a path stands in a file is the
//! `config` crate's knowledge.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Display,
    str::FromStr,
};

use serde_json::{Map, Value};
use tidings_core::{Priority, Timestamp};

use crate::{
    preferences::{Choices, Preferences},
    schedule::{Day, time_zone},
    settings::{Digest, DigestPeriod, MinPriority, QuietHours, QuietPolicy, Settings},
    walk::{PreferencesError, Reader},
};

/// The keys of a block that are not channels.
const SETTINGS: [&str; 5] = ["topics", "min_priority", "quiet_hours", "digest", "snooze_until"];
/// The outermost keys.
const KNOWN: [&str; 7] = ["default", "agents", "topics", "min_priority", "quiet_hours", "digest", "snooze_until"];

impl Preferences {
    /// Reads `{"default": {...}, "agents": {...}}`. Both may be left out or null; so may every key within, which then is unset.
    ///
    /// # Errors
    /// Tells every problem with its path.
    pub fn read(value: &Value) -> Result<Self, PreferencesError> {
        let mut reader = Reader::default();
        let preferences = reader.preferences(value);
        if reader.problems.is_empty() { Ok(preferences) } else { Err(PreferencesError(reader.problems)) }
    }
}

impl Reader {
    fn preferences(&mut self, value: &Value) -> Preferences {
        let Some(map) = self.map(value) else { return Preferences::default() };
        let mut preferences = Preferences::default();
        // A user's optional keys may stand beside `default` and `agents`; they mean the same as inside `default`.
        let mut default: Map<String, Value> = Map::new();
        for (key, value) in map {
            match key.as_str() {
                "agents" => preferences.agents = self.at(key, |reader| reader.named(value, Self::choices)),
                "default" => {}
                _ if value.is_null() && KNOWN.contains(&key.as_str()) => {}
                setting if SETTINGS.contains(&setting) => {
                    default.insert(key.clone(), value.clone());
                }
                _ => self.at(key, |reader| reader.unknown(&KNOWN)),
            }
        }
        preferences.default.settings = self.settings(&default);
        if let Some(block) = map.get("default").filter(|block| !block.is_null()) {
            preferences.default = self.at("default", |reader| reader.default_block(block, &default));
        }
        preferences
    }

    /// The `default` block, over the keys that stand beside it; the same key in both places is a contradiction.
    fn default_block(&mut self, block: &Value, beside: &Map<String, Value>) -> Choices {
        let Some(map) = self.map(block) else { return Choices::default() };
        let mut merged = map.clone();
        for (key, value) in beside {
            if merged.insert(key.clone(), value.clone()).is_some_and(|within| !within.is_null()) {
                self.at(key, |reader| reader.refuse("stands here and beside `default`: keep one of them"));
            }
        }
        let known = self.problems.len();
        let choices = self.choices(&Value::Object(merged));
        // Problems of the keys beside are told already, at their own path.
        let depth = self.path.len();
        let fresh: Vec<_> = self.problems.drain(known..).collect();
        self.problems
            .extend(fresh.into_iter().filter(|p| !p.path.get(depth).is_some_and(|key| beside.contains_key(key))));
        choices
    }

    fn choices(&mut self, value: &Value) -> Choices {
        let Some(map) = self.map(value) else { return Choices::default() };
        let mut channels = BTreeMap::new();
        for (key, value) in map.iter().filter(|(key, _)| !SETTINGS.contains(&key.as_str())) {
            if value.is_object() || value.is_array() {
                // No channel looks so: it is one of the optional keys, misspelt.
                self.at(key, |reader| reader.unknown(&SETTINGS));
            } else if let Some(on) = self.at(key, |reader| reader.switch(value)) {
                channels.insert(key.clone(), on);
            }
        }
        Choices { channels, settings: self.settings(map) }
    }

    fn settings(&mut self, map: &Map<String, Value>) -> Settings {
        Settings {
            topics: self.optional(map, "topics", Self::topics).unwrap_or_default(),
            min_priority: self.optional(map, "min_priority", Self::min_priority).unwrap_or_default(),
            quiet_hours: self.optional(map, "quiet_hours", Self::quiet_hours),
            digest: self.optional(map, "digest", Self::digest),
            snooze_until: self.optional(map, "snooze_until", Self::moment),
        }
    }

    fn topics(&mut self, value: &Value) -> Option<BTreeMap<String, bool>> {
        let read: BTreeMap<_, _> = self.named(value, Self::switch);
        Some(read.into_iter().filter_map(|(topic, on)| Some((topic, on?))).collect())
    }

    fn min_priority(&mut self, value: &Value) -> Option<MinPriority> {
        if !value.is_object() {
            return Some(MinPriority { all: self.priority(value), channels: BTreeMap::new() });
        }
        let read: BTreeMap<String, Option<Priority>> = self.named(value, Self::priority);
        let mut channels: BTreeMap<_, _> = read.into_iter().filter_map(|(name, one)| Some((name, one?))).collect();
        Some(MinPriority { all: channels.remove("default"), channels })
    }

    fn quiet_hours(&mut self, value: &Value) -> Option<QuietHours> {
        let map = self.map(value)?;
        self.only(map, &["from", "to", "timezone", "days", "policy", "except"]);
        let from = self.required(map, "from", Self::parsed);
        let to = self.required(map, "to", Self::parsed);
        let hours = QuietHours {
            timezone: self.optional(map, "timezone", Self::zone_name),
            days: self.optional(map, "days", Self::days).unwrap_or_default(),
            policy: self.optional(map, "policy", Self::quiet_policy).unwrap_or_default(),
            except: self.optional(map, "except", Self::priority).unwrap_or(Priority::Critical),
            from: from?,
            to: to?,
        };
        if hours.from == hours.to {
            self.refuse("`from` and `to` are the same: the window would be empty or a whole day");
        }
        Some(hours)
    }

    fn digest(&mut self, value: &Value) -> Option<Digest> {
        let map = self.map(value)?;
        self.only(map, &["every", "at", "max_priority", "channel", "first"]);
        Some(Digest {
            every: self.optional(map, "every", Self::period).unwrap_or_default(),
            at: self.optional(map, "at", Self::parsed),
            max_priority: self.optional(map, "max_priority", Self::priority).unwrap_or(Priority::Low),
            channel: self.optional(map, "channel", Self::text).unwrap_or_else(|| "email".to_owned()),
            first_now: self.optional(map, "first", Self::first_now).unwrap_or_default(),
        })
    }

    /// Each day once, however often it is named.
    fn days(&mut self, value: &Value) -> Option<Vec<Day>> {
        let Some(list) = value.as_array() else { return self.wrong("a list of days") };
        let days = list.iter().enumerate().map(|(place, day)| self.at(&place.to_string(), |reader| reader.day(day)));
        Some(days.collect::<BTreeSet<_>>().into_iter().flatten().collect())
    }

    /// One that is empty would make the list one of fewer days, or of none, which means all.
    fn day(&mut self, value: &Value) -> Option<Day> {
        if value.is_null() { self.wrong("a day: mon, tue, wed, thu, fri, sat or sun") } else { self.parsed(value) }
    }

    /// Said in our own words: what stands there is not told.
    fn priority(&mut self, value: &Value) -> Option<Priority> {
        let found = value.as_str().and_then(|text| text.parse().ok());
        if found.is_none() && !value.is_null() {
            return self.wrong("low, medium, high or critical");
        }
        found
    }

    fn quiet_policy(&mut self, value: &Value) -> Option<QuietPolicy> {
        match value.as_str() {
            Some("hold") => Some(QuietPolicy::Hold),
            Some("digest") => Some(QuietPolicy::Digest),
            Some("drop") => Some(QuietPolicy::Drop),
            _ => self.wrong("hold, digest or drop"),
        }
    }

    fn period(&mut self, value: &Value) -> Option<DigestPeriod> {
        match value.as_str() {
            Some("hourly") => Some(DigestPeriod::Hourly),
            Some("daily") => Some(DigestPeriod::Daily),
            _ => self.wrong("hourly or daily"),
        }
    }

    fn first_now(&mut self, value: &Value) -> Option<bool> {
        match value.as_str() {
            Some("now") => Some(true),
            Some("together") => Some(false),
            _ => self.wrong("now or together"),
        }
    }

    fn zone_name(&mut self, value: &Value) -> Option<String> {
        let name = self.text(value)?;
        match time_zone(&name) {
            Ok(_) => Some(name),
            Err(error) => self.refuse_with(&error.to_string()),
        }
    }

    fn moment(&mut self, value: &Value) -> Option<Timestamp> {
        let number = value.as_f64().or_else(|| value.as_str()?.trim().parse().ok());
        let seconds = number.and_then(Timestamp::from_secs_f64);
        let written = || value.as_str()?.parse::<jiff::Timestamp>().ok()?.as_nanosecond().try_into().ok();
        match seconds.or_else(|| written().map(Timestamp::from_nanos)) {
            Some(moment) => Some(moment),
            None => self.wrong("a time such as \"2026-05-01T08:00:00Z\", or Unix seconds"),
        }
    }

    fn switch(&mut self, value: &Value) -> Option<bool> {
        match value {
            Value::Null => None,
            Value::Bool(on) => Some(*on),
            _ => self.wrong("true or false"),
        }
    }

    fn text(&mut self, value: &Value) -> Option<String> {
        match value.as_str() {
            Some(text) if !text.is_empty() => Some(text.to_owned()),
            _ => self.wrong("text"),
        }
    }

    fn parsed<T: FromStr<Err: Display>>(&mut self, value: &Value) -> Option<T> {
        match value {
            Value::Null => None,
            Value::String(text) => text.parse().map_or_else(|error: T::Err| self.refuse_with(&error.to_string()), Some),
            _ => self.wrong("text"),
        }
    }
}
