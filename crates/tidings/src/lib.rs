#![doc = include_str!("../README.md")]

#[cfg(feature = "yaml")]
mod assemble;
mod builder;
mod error;
mod notifier;
#[cfg(feature = "yaml")]
mod webhooks;

pub use builder::Builder;
pub use error::Error;
pub use notifier::{Notifier, emit_event};
#[cfg(feature = "yaml")]
pub use tidings_config as config;
pub use tidings_core::{
    Address, Channel, Clock, DeliveryId, Envelope, ErrorKind, Event, EventError, EventId, IncidentId, Layer,
    Notification, NotificationId, NotificationKind, Payload, Priority, RESOLVED, Receipt, Scrub, SendError, Severity,
    SystemClock, Timestamp, Verdict, clock,
};
pub use tidings_engine::{
    AcceptError, Account, AgentContext, Answer, ChannelAccount, Emitted, EventFilter, EventPattern, LogSink, Message,
    Recipient, Recipients, Repeats, RetryPolicy, Rule, RuleError, Sink, StartError, Told, Undelivered, User,
};
pub use tidings_engine::{Explanation, explain};
#[cfg(feature = "webhook")]
pub use tidings_http as http;
pub use tidings_policy as policy;
pub use tidings_redact as redact;
pub use tidings_store as store;
pub use tidings_trigger as trigger;
#[cfg(feature = "webhook")]
pub use tidings_webhook as webhook;
