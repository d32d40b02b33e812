//! What a config comes to: checked values with every default filled in, ready to be built from. Nothing is opened or sent here.

mod bare;
mod bus;
mod channel;
mod chat;
mod contact;
mod email;
mod server;
mod sms;
mod webhook;

use std::{collections::BTreeMap, path::PathBuf, time::Duration};

use tidings_core::{Address, Priority};
use tidings_http::Policy;
use tidings_policy::{EventFilter, Preferences, QuietPolicy, StormLimit};
use tidings_template::Template;
use tidings_trigger::{AgentPattern, Condition};

pub use bus::{BusPlan, NatsLogin, NatsPlan};
pub use channel::{ChannelKind, ChannelPlan, LogPlan};
pub use chat::{ChatPlan, ChatTarget};
pub use email::{EmailPlan, EmailTransport, SmtpPlan, SmtpTls};
pub use server::{HeartbeatPlan, KeyPlan, ServerPlan};
pub use sms::{GatewayPlan, SmsContent, SmsPlan, SmsProvider, SmsSender, TwilioPlan};
pub use webhook::WebhookPlan;

/// A whole config, checked.
#[derive(Clone, Debug)]
pub struct Plan {
    /// Who gets raw events, in the file's order.
    pub sinks: Vec<SinkPlan>,
    /// The rules, in the file's order.
    pub rules: Vec<RulePlan>,
    /// Every channel that is declared, that a rule names or that another falls back to, by name.
    pub channels: BTreeMap<String, ChannelPlan>,
    /// By channel, what is tried where it fails. Without a cycle.
    pub fallbacks: BTreeMap<String, Vec<String>>,
    /// Who can be told, by id.
    pub users: BTreeMap<String, UserPlan>,
    /// What the operator and the users wish.
    pub preferences: PreferencesPlan,
    /// How long after the first a repeat is left out; default 5 min.
    pub dedup_window: Duration,
    /// How many events may wait, 1 to 1,000,000; default 1,000.
    pub max_queue_size: usize,
    /// How long a stop waits; default 10 s.
    pub shutdown_timeout: Duration,
    /// The agent's own threshold, kept for it.
    pub slow_tool_threshold: Option<Duration>,
    /// How deliveries are repeated.
    pub delivery: DeliveryPlan,
    /// The file that accepted events and deliveries are kept in; `None` for memory.
    pub store: Option<StorePlan>,
    /// The daemon's own address, and who may ask it.
    pub server: ServerPlan,
    /// What may be reached beyond the public internet. A webhook's own policy adds its `allow_private_networks`.
    pub destinations: Policy,
}

/// One subscription to raw events.
#[derive(Clone, Debug)]
pub struct SinkPlan {
    /// Its name in logs, counters and delivery ids; no two sinks share one.
    pub name: String,
    /// What it wants.
    pub filter: EventFilter,
    /// What it is.
    pub kind: SinkKind,
}

/// What a sink is.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum SinkKind {
    /// Signed requests to an address.
    Webhook(Box<WebhookPlan>),
    /// Lines in the log.
    Log(LogPlan),
    /// An event bus: in this process, or a server.
    Bus(BusPlan),
}

/// One rule.
#[derive(Clone, Debug)]
pub struct RulePlan {
    /// Its name; no two rules share one.
    pub name: String,
    /// Which agents it watches; default every one.
    pub agent: AgentPattern,
    /// When it fires.
    pub condition: Condition,
    /// Where the notification goes; at least one, none twice.
    pub channels: Vec<String>,
    /// How much attention it wants; default medium.
    pub priority: Priority,
    /// How long it rests for an agent after it fired; default 5 min.
    pub cooldown: Duration,
    /// Who is told.
    pub audience: Audience,
    /// `None`: the rule's name.
    pub title: Option<Template>,
    /// `None`: the condition with its values.
    pub body: Option<Template>,
    /// `None`: agent, rule, title and user.
    pub dedup_key: Option<Template>,
    /// Whether the notification passes every preference.
    pub mandatory: bool,
    /// `None`: the rule's name.
    pub topic: Option<String>,
}

/// Whom a rule tells.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Audience {
    /// Every user of the config.
    Everyone,
    /// These; at least one.
    Only(Vec<Recipient>),
}

/// One receiver of a rule.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Recipient {
    /// The user of this id.
    User(String),
    /// `$event`: the event's own user.
    OfEvent,
}

/// One person.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct UserPlan {
    /// By channel name or type: `email` the mail address, `sms` the phone number.
    pub addresses: BTreeMap<String, Address>,
    /// An IANA name; `None` is UTC.
    pub timezone: Option<String>,
}

impl UserPlan {
    /// Where the user is reached on a channel: by its own name, else by its type.
    #[must_use]
    pub fn address(&self, channel: &str, type_name: &str) -> Option<&Address> {
        self.addresses.get(channel).or_else(|| self.addresses.get(type_name))
    }
}

/// What the operator and the users wish.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct PreferencesPlan {
    /// For everyone.
    pub operator: Preferences,
    /// By user id.
    pub users: BTreeMap<String, Preferences>,
}

impl PreferencesPlan {
    /// The channels that digests go to.
    pub(crate) fn digest_channels(&self) -> impl Iterator<Item = &str> {
        let wishes = std::iter::once(&self.operator).chain(self.users.values());
        let blocks = wishes.flat_map(|wishes| std::iter::once(&wishes.default).chain(wishes.agents.values()));
        blocks.filter_map(|choices| {
            let quiet = choices.settings.quiet_hours.as_ref();
            let into_digest = quiet.is_some_and(|hours| hours.policy == QuietPolicy::Digest);
            let own = choices.settings.digest.as_ref().map(|digest| digest.channel.as_str());
            own.or(into_digest.then_some("email"))
        })
    }
}

/// How deliveries are repeated.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeliveryPlan {
    /// The waits before each retry on user channels; default 30 s, 2 min, 10 min.
    pub retry: Vec<Duration>,
    /// How many channels must succeed for a critical notification; default 2.
    pub critical_quorum: u8,
    /// How long a delivery without a fallback waits for an endpoint that is down; default 24 h.
    pub expire_after: Duration,
    /// When a rule tells a user so much at once that it is summed up, `None` for never; default more than 20 in 10 min.
    pub storm: Option<StormLimit>,
}

/// Where accepted events and deliveries are kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StorePlan {
    /// The file; a relative path is taken from the folder that the process runs in. Default: `tidings.db`.
    pub path: PathBuf,
    /// How long what is settled is kept; default 30 days.
    pub retention: Duration,
}
