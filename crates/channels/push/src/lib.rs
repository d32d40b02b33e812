#![doc = include_str!("../README.md")]

pub mod channel;
pub mod config;
mod content;
pub mod frame;
pub mod hub;
pub mod memory;
pub mod message;
pub mod position;
mod ram;
mod roster;
pub mod session;
mod slot;

pub use channel::{Inbox, Push};
pub use config::{Acknowledged, HubConfig, PushConfig};
pub use frame::{Closed, Frame};
pub use hub::{Hub, Invalid, SubscribeError};
pub use memory::{Appended, Memory, MemoryError, NewMessage, Page, Span};
pub use message::{BadContent, Content, Message};
pub use position::{BadPosition, Position};
pub use ram::MemoryInbox;
pub use session::{CutOff, Session};
