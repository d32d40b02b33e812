#![doc = include_str!("../README.md")]

pub mod certificates;
pub mod clock;
pub mod conformance;
mod data;
pub mod guide;
pub mod http;
pub mod nats;
mod python;
pub mod samples;
pub mod smtp;

pub use certificates::Authority;
pub use clock::FakeClock;
pub use conformance::{Behaviour, Capability, HttpStage, Peer, Scene, Stage, Subject, Suite, Target};
pub use data::data;
pub use http::{HttpPeer, Recorded, Reply, Script};
pub use nats::{NatsPeer, NatsReply};
pub use python::{python, run_python};
pub use smtp::{SmtpPeer, SmtpScript};
