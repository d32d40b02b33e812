#![doc = include_str!("../README.md")]

pub mod bus;
#[cfg(feature = "nats")]
pub mod nats;
mod queue;
pub mod subscription;

pub use bus::{Bus, EventBus};
#[cfg(feature = "nats")]
pub use nats::{Nats, NatsConfig, NatsError};
pub use subscription::{Received, Subscription};
pub use tidings_core::{BadPattern, EventPattern};
