//! A rule as it is written.

use crate::{
    read::{At, raw},
    values::{OneOrMany, PriorityName, Span},
};

raw! {
    /// A trigger: which agents, under which condition, tell whom on which channels.
    Rule {
        /// The rule's name; no two rules share one.
        #[schemars(required)]
        name: String,
        /// The agent that is watched: its id, `*`, or a glob. Default `*`.
        agent_id: String,
        /// When the rule fires, in the condition language. Behind it may stand how long it must hold, `for 2m`, and what ends
        /// it, `resolve when error_rate < 0.01`: then those who were told are told of its end.
        #[schemars(required)]
        condition: String,
        /// Where the notification goes.
        #[schemars(required)]
        channels: Vec<At<String>>,
        /// How much attention it wants. Default medium.
        priority: PriorityName,
        /// How long the rule rests for an agent after it fired. Default 300 s.
        cooldown_seconds: Span,
        /// Who is told: user ids, `$event` for the event's own user. By default every user.
        user_ids: OneOrMany,
        /// A template of one line. By default the rule's name. The end of an incident has `Resolved: ` before it.
        title: String,
        /// A template. By default the condition with its values, and always so at the end of an incident.
        body: String,
        /// A template for what counts as the same message. By default agent, rule and title.
        dedup_key: String,
        /// Whether the notification passes every preference. Default false.
        mandatory: bool,
        /// What users can switch the notification off by. By default the rule's name.
        topic: String,
    }
}
