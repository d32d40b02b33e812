//! A rule as a whole: what fires it, and what it then says to whom on which channels. When it fires is the trigger's business.

use std::{sync::Arc, time::Duration};

use tidings_core::Priority;
use tidings_template::{Template, TemplateError};
use tidings_trigger::{AgentPattern, Condition, Diagnostic, RuleSpec};

/// Default cooldown: 5 min for each rule and agent.
pub const COOLDOWN: Duration = Duration::from_secs(300);

/// One receiver of a rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Recipient {
    /// The user of this id.
    User(String),
    /// The event's own user; nobody, where it has none.
    OfEvent,
}

/// Who is told.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub enum Recipients {
    /// Every user.
    #[default]
    Everyone,
    /// These, each once.
    Only(Vec<Recipient>),
}

impl Recipients {
    /// The users of these ids.
    #[must_use]
    pub fn users<S: Into<String>>(ids: impl IntoIterator<Item = S>) -> Self {
        Self::Only(ids.into_iter().map(|id| Recipient::User(id.into())).collect())
    }
}

/// Why a rule cannot be made.
#[derive(Clone, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RuleError {
    /// The condition has errors.
    #[error("the condition of rule `{rule}` is wrong: {}", first(.diagnostics))]
    Condition {
        /// The rule.
        rule: String,
        /// All that is wrong with it.
        diagnostics: Vec<Diagnostic>,
    },
    /// The agent pattern is wrong.
    #[error("the agent pattern of rule `{rule}` is wrong: `{pattern}`")]
    Agent {
        /// The rule.
        rule: String,
        /// The pattern.
        pattern: String,
    },
    /// A text is not a template.
    #[error("a template of rule `{rule}` is wrong: {source}")]
    Template {
        /// The rule.
        rule: String,
        /// What is wrong.
        source: TemplateError,
    },
}

fn first(diagnostics: &[Diagnostic]) -> String {
    diagnostics.first().map(|diagnostic| diagnostic.label.clone()).unwrap_or_default()
}

/// A rule. [`Rule::new`] sets the defaults: every agent, every user, medium priority, the log channel, a cooldown of 5 min.
#[derive(Clone, Debug)]
pub struct Rule {
    pub(crate) spec: RuleSpec,
    pub(crate) name: Arc<str>,
    pub(crate) channels: Vec<String>,
    pub(crate) priority: Priority,
    pub(crate) recipients: Recipients,
    pub(crate) title: Option<Template>,
    pub(crate) body: Option<Template>,
    pub(crate) dedup_key: Option<Template>,
    pub(crate) mandatory: bool,
    pub(crate) topic: Option<String>,
}

impl Rule {
    /// A rule from a condition's source.
    ///
    /// # Errors
    /// If the condition is wrong.
    pub fn new(name: &str, condition: &str) -> Result<Self, RuleError> {
        let condition = Condition::compile(condition)
            .map_err(|diagnostics| RuleError::Condition { rule: name.to_owned(), diagnostics })?;
        Ok(Self::of(name, condition))
    }

    /// A rule from a condition that is compiled already.
    #[must_use]
    pub fn of(name: &str, condition: Condition) -> Self {
        Self {
            spec: RuleSpec { name: name.to_owned(), agent_id: AgentPattern::Any, condition, cooldown: COOLDOWN },
            name: name.into(),
            channels: vec!["log".to_owned()],
            priority: Priority::Medium,
            recipients: Recipients::Everyone,
            title: None,
            body: None,
            dedup_key: None,
            mandatory: false,
            topic: None,
        }
    }

    /// Its name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Only for agents of this pattern: a name, a glob, or `*`.
    ///
    /// # Errors
    /// If the pattern is wrong.
    pub fn agent(mut self, pattern: &str) -> Result<Self, RuleError> {
        let wrong = |_| RuleError::Agent { rule: self.name.to_string(), pattern: pattern.to_owned() };
        self.spec.agent_id = pattern.parse().map_err(wrong)?;
        Ok(self)
    }

    /// Only for agents of a pattern that is read already.
    #[must_use]
    pub fn agents(mut self, pattern: AgentPattern) -> Self {
        self.spec.agent_id = pattern;
        self
    }

    /// The channels, in order of preference.
    #[must_use]
    pub fn channels<S: Into<String>>(mut self, channels: impl IntoIterator<Item = S>) -> Self {
        self.channels = channels.into_iter().map(Into::into).collect();
        self
    }

    /// The priority of its notifications.
    #[must_use]
    pub const fn priority(mut self, priority: Priority) -> Self {
        self.priority = priority;
        self
    }

    /// How long it rests after a firing, for each agent on its own. A resolve rests nothing.
    #[must_use]
    pub const fn cooldown(mut self, cooldown: Duration) -> Self {
        self.spec.cooldown = cooldown;
        self
    }

    /// Who is told.
    #[must_use]
    pub fn recipients(mut self, recipients: Recipients) -> Self {
        self.recipients = recipients;
        self
    }

    /// The title, a template. Default: the rule's name. A resolve has `Resolved: ` before the title of its firing.
    ///
    /// # Errors
    /// If it is not a template.
    pub fn title(mut self, source: &str) -> Result<Self, RuleError> {
        self.title = Some(self.text(source)?);
        Ok(self)
    }

    /// The body, a template. Default: the condition with its values. A resolve always has that, and how long after the
    /// firing it came.
    ///
    /// # Errors
    /// If it is not a template.
    pub fn body(mut self, source: &str) -> Result<Self, RuleError> {
        self.body = Some(self.text(source)?);
        Ok(self)
    }

    /// What counts as the same message, a template. Default: agent, rule, title as written.
    ///
    /// # Errors
    /// If it is not a template.
    pub fn dedup_key(mut self, source: &str) -> Result<Self, RuleError> {
        self.dedup_key = Some(self.text(source)?);
        Ok(self)
    }

    /// Title, body and dedup key that are compiled already; `None` keeps the default.
    #[must_use]
    pub fn texts(mut self, title: Option<Template>, body: Option<Template>, dedup_key: Option<Template>) -> Self {
        (self.title, self.body, self.dedup_key) = (title, body, dedup_key);
        self
    }

    /// Whether it passes every user's preferences: for operators, sparingly.
    #[must_use]
    pub const fn mandatory(mut self, mandatory: bool) -> Self {
        self.mandatory = mandatory;
        self
    }

    /// What people switch on and off it by, in the place of its name.
    #[must_use]
    pub fn topic(mut self, topic: Option<String>) -> Self {
        self.topic = topic;
        self
    }

    fn text(&self, source: &str) -> Result<Template, RuleError> {
        Template::compile(source).map_err(|source| RuleError::Template { rule: self.name.to_string(), source })
    }
}
