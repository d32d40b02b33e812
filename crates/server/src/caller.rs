//! Who asks, and what he may do: an operator everything, an agent's key speak for its agents, a person look after himself. Handlers take a
//! [`Caller`] and ask it first. Which key it was is `keys`'s.

use std::sync::Arc;

use axum::{
    extract::FromRequestParts,
    http::{StatusCode, request::Parts},
};
use tidings::config::KeyPlan;
use tidings::trigger::AgentPattern;

use crate::{app::App, limit::Limit, problem::Refusal};

/// Who asks. Cheap to clone.
#[derive(Clone, Debug)]
pub(crate) struct Caller(Arc<Owner>);

#[derive(Debug)]
struct Owner {
    /// The key's name, for logs and as the author of changes.
    name: String,
    scope: Scope,
    /// How many events it may send; `None` where nothing is asked of anybody.
    limit: Option<Limit>,
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
        Self::with("local".to_owned(), Scope::Everything, None)
    }

    /// The person of this id.
    pub(crate) fn person(user: String) -> Self {
        Self::with(user.clone(), Scope::Person(user), None)
    }

    /// The owner of a key.
    pub(crate) fn of(plan: &KeyPlan) -> Self {
        let scope = match (&plan.agents, &plan.user) {
            (Some(agents), _) => Scope::Agents(agents.clone()),
            (None, Some(user)) => Scope::Person(user.clone()),
            (None, None) => Scope::Everything,
        };
        Self::with(plan.name.clone(), scope, Some(Limit::new(plan.rate)))
    }

    fn with(name: String, scope: Scope, limit: Option<Limit>) -> Self {
        Self(Arc::new(Owner { name, scope, limit }))
    }

    /// The key's name: the author of what is changed with it.
    pub(crate) fn name(&self) -> &str {
        &self.0.name
    }

    /// The person whose key it is.
    pub(crate) fn own_user(&self) -> Option<&str> {
        match &self.0.scope {
            Scope::Person(user) => Some(user),
            _ => None,
        }
    }

    /// Who a change of a profile is noted as. The name under which profiles are given back to the configuration is nobody's.
    pub(crate) fn author(&self) -> String {
        let name = self.name();
        if name == tidings::CONFIG { format!("key {name}") } else { name.to_owned() }
    }

    /// # Errors
    /// 403 for a key that is not an operator's.
    pub(crate) fn operator(&self) -> Result<(), Refusal> {
        match self.0.scope {
            Scope::Everything => Ok(()),
            _ => Err(forbidden("this takes an operator's key: one without `agents` and `user`")),
        }
    }

    /// # Errors
    /// 403 for a person's key: it speaks for nobody else.
    pub(crate) fn sends_events(&self) -> Result<(), Refusal> {
        match &self.0.scope {
            Scope::Person(_) => Err(forbidden("a person's key sends no events")),
            _ => Ok(()),
        }
    }

    /// # Errors
    /// 403 for a key that may not speak for this agent, or for an event without one.
    pub(crate) fn speaks_for(&self, agent: Option<&str>) -> Result<(), Refusal> {
        self.sends_events()?;
        match &self.0.scope {
            Scope::Agents(agents) if !agents.iter().any(|pattern| pattern.matches(agent)) => {
                Err(forbidden("this key may not speak for that agent: see `agents` of the key"))
            }
            _ => Ok(()),
        }
    }

    /// Whether it may see what concerns this agent and this user.
    pub(crate) fn sees(&self, agent: Option<&str>, user: Option<&str>) -> bool {
        match &self.0.scope {
            Scope::Everything => true,
            Scope::Agents(agents) => agents.iter().any(|pattern| pattern.matches(agent)),
            Scope::Person(own) => user == Some(own),
        }
    }

    /// # Errors
    /// 403 for a key that is neither an operator's nor this person's.
    pub(crate) fn looks_after(&self, user: &str) -> Result<(), Refusal> {
        match &self.0.scope {
            Scope::Everything => Ok(()),
            Scope::Person(own) if own == user => Ok(()),
            _ => Err(forbidden("this takes that person's key, or an operator's")),
        }
    }

    /// Counts so many events, or other things that are sent to people, against the key's rate.
    ///
    /// # Errors
    /// 429 with the time after which so many may come; 413 where that is never.
    pub(crate) fn spend(&self, events: usize) -> Result<(), Refusal> {
        self.0.limit.as_ref().map_or(Ok(()), |limit| limit.spend(events))
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
