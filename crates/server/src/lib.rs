#![doc = include_str!("../README.md")]

pub mod access;
pub mod guard;
mod patience;
pub mod problem;
pub mod push;
pub mod tickets;
pub mod twilio;

pub use access::PushAccess;
pub use guard::Guard;
pub use push::SocketConfig;
pub use tickets::{TicketError, Tickets};
pub use twilio::TwilioCalls;
