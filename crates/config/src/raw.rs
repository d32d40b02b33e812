//! The sections of a config as they are written. What they come to is left to `build`.

mod channel;
mod file;
mod preferences;
mod rule;
mod sink;

pub(crate) use channel::{Channel, ChannelEntry};
pub(crate) use file::{Delivery, Destination, Events, File, Heartbeat, Key, Server, Store, Storm, User};
pub(crate) use preferences::PreferenceTree;
pub(crate) use rule::Rule;
pub(crate) use sink::Sink;
