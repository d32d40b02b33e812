//! Which agents a rule is about. Finding the rules of an agent is left to the rule index.

use std::{convert::Infallible, fmt, str::FromStr};

/// The agents of a rule.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum AgentPattern {
    /// Every event, also one without an agent: `*`.
    Any,
    /// The agent with this id.
    Exact(String),
    /// The agents whose id matches: `*` stands for any text, `?` for one character.
    Glob(String),
}

impl AgentPattern {
    /// Whether an event of this agent belongs to the rule.
    #[must_use]
    pub fn matches(&self, agent_id: Option<&str>) -> bool {
        match (self, agent_id) {
            (Self::Any, _) => true,
            (Self::Exact(id), Some(agent_id)) => id == agent_id,
            (Self::Glob(pattern), Some(agent_id)) => glob(pattern, agent_id),
            (_, None) => false,
        }
    }
}

impl FromStr for AgentPattern {
    type Err = Infallible;

    fn from_str(text: &str) -> Result<Self, Infallible> {
        Ok(match text {
            "*" => Self::Any,
            _ if text.contains(['*', '?']) => Self::Glob(text.to_owned()),
            _ => Self::Exact(text.to_owned()),
        })
    }
}

impl fmt::Display for AgentPattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Any => f.write_str("*"),
            Self::Exact(text) | Self::Glob(text) => f.write_str(text),
        }
    }
}

/// Matches with one point of return, the latest star: no pattern takes longer than the product of the two lengths.
fn glob(pattern: &str, text: &str) -> bool {
    let (mut pattern, mut text) = (pattern, text);
    let mut latest_star: Option<(&str, &str)> = None;
    loop {
        let mut wanted = pattern.chars();
        let mut given = text.chars();
        match (wanted.next(), given.next()) {
            (Some('*'), _) => {
                pattern = wanted.as_str();
                latest_star = Some((pattern, text));
            }
            (Some(want), Some(have)) if want == '?' || want == have => {
                (pattern, text) = (wanted.as_str(), given.as_str());
            }
            (None, None) => return true,
            _ => {
                let Some((behind, from)) = latest_star else { return false };
                let mut rest = from.chars();
                if rest.next().is_none() {
                    return false;
                }
                latest_star = Some((behind, rest.as_str()));
                (pattern, text) = (behind, rest.as_str());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_match_whole_ids() {
        let check = |pattern: &str, agent: Option<&str>, expected: bool| {
            let parsed: AgentPattern = pattern.parse().unwrap();
            assert_eq!(parsed.matches(agent), expected, "{pattern} {agent:?}");
            assert_eq!(parsed.to_string(), pattern);
        };
        check("*", None, true);
        check("billing", Some("billing"), true);
        check("billing", Some("billing2"), false);
        check("billing", None, false);
        check("bill*", Some("billing"), true);
        check("*ing", Some("billing"), true);
        check("b*l*g", Some("billing"), true);
        check("b*x*g", Some("billing"), false);
        check("bill?ng", Some("billing"), true);
        check("bill?", Some("billing"), false);
        check("**", Some(""), true);
        check("?é", Some("aé"), true);
        check("a*a*a*a*a*b", Some(&"a".repeat(5000)), false);
    }
}
