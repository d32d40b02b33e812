#![doc = include_str!("../README.md")]

pub mod access;
mod app;
mod caller;
mod channels;
mod daemon;
mod deliveries;
mod explanations;
pub mod guard;
mod health;
mod ingest;
mod keys;
mod links;
mod live;
mod metrics;
pub mod notifications;
mod now;
mod openapi;
mod page;
mod patience;
mod people;
pub mod problem;
pub mod push;
mod reload;
mod rules;
mod shown;
mod silences;
pub mod tickets;
pub mod twilio;

pub use access::PushAccess;
pub use app::App;
pub use daemon::{router, serve};
pub use guard::Guard;
pub use push::SocketConfig;
pub use tickets::{TicketError, Tickets};
pub use twilio::TwilioCalls;
