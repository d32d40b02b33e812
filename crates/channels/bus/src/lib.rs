#![doc = include_str!("../README.md")]

pub mod bus;
#[cfg(feature = "nats")]
pub mod nats;
pub mod pattern;
mod queue;
pub mod subscription;

pub use bus::{Bus, EventBus};
#[cfg(feature = "nats")]
pub use nats::{Nats, NatsConfig, NatsError};
pub use pattern::{BadPattern, EventPattern};
pub use subscription::{Received, Subscription};
