#![doc = include_str!("../README.md")]

#[cfg(feature = "yaml")]
mod assemble;
mod builder;
#[cfg(feature = "yaml")]
mod channels;
mod doors;
mod error;
mod notifier;
#[cfg(feature = "yaml")]
mod reload;

#[cfg(feature = "yaml")]
pub use assemble::{people, question};
pub use builder::Builder;
#[cfg(all(feature = "sms", feature = "yaml"))]
pub use channels::preview_sms;
pub use error::Error;
pub use notifier::{Notifier, emit_event};
#[cfg(feature = "bus")]
pub use tidings_bus as bus;
#[cfg(feature = "chat")]
pub use tidings_chat as chat;
#[cfg(feature = "yaml")]
pub use tidings_config as config;
pub use tidings_core::{
    Address, Channel, Clock, DeliveryId, Envelope, ErrorKind, Event, EventError, EventId, IncidentId, Layer,
    Notification, NotificationId, NotificationKind, Payload, Priority, RESOLVED, Receipt, Scrub, SendError, Severity,
    SystemClock, Timestamp, Verdict, clock,
};
#[cfg(feature = "email")]
pub use tidings_email as email;
pub use tidings_engine::{
    AcceptError, Account, AgentContext, Answer, CONFIG, ChannelAccount, Emitted, EndpointHealth, EventFilter,
    EventPattern, Gate, Happening, Health, Identified, Kept, LogSink, Message, People, Profile, ProfileError, Question,
    Recipient, Recipients, Records, ReloadError, Reloaded, Repeats, Replay, RetryError, RetryPolicy, Rule, RuleError,
    SilenceError, Sink, StartError, Told, Tried, Undelivered, User, Users, What,
};
pub use tidings_engine::{Explanation, explain, replay};
#[cfg(feature = "_http")]
pub use tidings_http as http;
pub use tidings_policy as policy;
#[cfg(feature = "push")]
pub use tidings_push as push;
pub use tidings_redact as redact;
pub use tidings_render as render;
#[cfg(feature = "sms")]
pub use tidings_sms as sms;
pub use tidings_store as store;
pub use tidings_trigger as trigger;
#[cfg(feature = "webhook")]
pub use tidings_webhook as webhook;
