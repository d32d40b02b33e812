//! Who asks, and what he may do: an operator everything, an agent's key speak for its agents, a person look after himself. Handlers take a
//! [`Caller`] and ask it first. Which key it was is `keys`'s.

use axum::{
    extract::FromRequestParts,
    http::{StatusCode, request::Parts},
};
use tidings::config::KeyPlan;
use tidings::trigger::AgentPattern;

use crate::{app::App, problem::Refusal};

/// Who asks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Caller {
    /// The key's name, for logs and as the author of changes.
    name: String,
    scope: Scope,
}

/// What a key is good for.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Scope {
    Everything,
    Agents(Vec<AgentPattern>),
    Person(String),
}

impl Caller {
    /// Whoever reaches a daemon that asks for no key.
    pub(crate) fn anybody() -> Self {
        Self { name: "local".to_owned(), scope: Scope::Everything }
    }

    /// The owner of a key.
    pub(crate) fn of(plan: &KeyPlan) -> Self {
        let scope = match (&plan.agents, &plan.user) {
            (Some(agents), _) => Scope::Agents(agents.clone()),
            (None, Some(user)) => Scope::Person(user.clone()),
            (None, None) => Scope::Everything,
        };
        Self { name: plan.name.clone(), scope }
    }

    /// The key's name: the author of what is changed with it.
    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// Who a change of a profile is noted as. The name under which profiles are given back to the configuration is nobody's.
    pub(crate) fn author(&self) -> String {
        if self.name == tidings::CONFIG { format!("key {}", self.name) } else { self.name.clone() }
    }

    /// # Errors
    /// 403 for a key that is not an operator's.
    pub(crate) fn operator(&self) -> Result<(), Refusal> {
        match self.scope {
            Scope::Everything => Ok(()),
            _ => Err(forbidden("this takes an operator's key: one without `agents` and `user`")),
        }
    }

    /// # Errors
    /// 403 for a key that may not speak for this agent, or for an event without one.
    pub(crate) fn speaks_for(&self, agent: Option<&str>) -> Result<(), Refusal> {
        match &self.scope {
            Scope::Everything => Ok(()),
            Scope::Agents(agents) if agents.iter().any(|pattern| pattern.matches(agent)) => Ok(()),
            Scope::Agents(_) => Err(forbidden("this key may not speak for that agent: see `agents` of the key")),
            Scope::Person(_) => Err(forbidden("a person's key sends no events")),
        }
    }

    /// Whether it may see what concerns this agent and this user.
    pub(crate) fn sees(&self, agent: Option<&str>, user: Option<&str>) -> bool {
        match &self.scope {
            Scope::Everything => true,
            Scope::Agents(agents) => agents.iter().any(|pattern| pattern.matches(agent)),
            Scope::Person(own) => user == Some(own),
        }
    }

    /// Whose key it is, where it is a person's.
    pub(crate) fn person(&self) -> Option<&str> {
        if let Scope::Person(own) = &self.scope { Some(own) } else { None }
    }

    /// # Errors
    /// 403 for a key that is neither an operator's nor this person's.
    pub(crate) fn looks_after(&self, user: &str) -> Result<(), Refusal> {
        match &self.scope {
            Scope::Everything => Ok(()),
            Scope::Person(own) if own == user => Ok(()),
            _ => Err(forbidden("this takes that person's key, or an operator's")),
        }
    }
}

fn forbidden(detail: &str) -> Refusal {
    Refusal::new(StatusCode::FORBIDDEN, detail)
}

impl FromRequestParts<App> for Caller {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Refusal> {
        app.keys().owner(&parts.headers)
    }
}
