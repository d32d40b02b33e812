//! What a user or the operator wishes, in the JSON shape of the article: `{"default": {...}, "agents": {"<agent>": {...}}}`.
//! How it is read, with every problem told, stands in `read`; which layer wins stands in `route`.

use std::collections::BTreeMap;

use serde::{Deserialize, Deserializer, Serialize, de::Error as _};
use serde_json::Value;

use crate::settings::Settings;

/// One block of wishes: channels on or off, and the optional keys.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Choices {
    /// On or off by channel; a channel that is not named falls to the next layer.
    #[serde(flatten)]
    pub channels: BTreeMap<String, bool>,
    /// Thresholds, quiet hours and the like.
    #[serde(flatten)]
    pub settings: Settings,
}

impl Choices {
    /// Whether nothing is wished.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// The wishes of one user, or of the operator for everyone.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Preferences {
    /// For every agent that has no own block. Optional keys beside `default` and `agents` count as written here.
    pub default: Choices,
    /// By agent id.
    pub agents: BTreeMap<String, Choices>,
}

impl Preferences {
    /// The block of this agent, where there is one.
    #[must_use]
    pub fn agent(&self, agent: Option<&str>) -> Option<&Choices> {
        agent.and_then(|agent| self.agents.get(agent))
    }
}

impl<'de> Deserialize<'de> for Preferences {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let value = Value::deserialize(deserializer)?;
        Self::read(&value).map_err(D::Error::custom)
    }
}
