//! Who carries the texts: Twilio, or any gateway that takes a POST request. Each builds its request and reads its answer; what a text
//! says, and who must not get it, is decided before.

pub mod codes;
pub mod gateway;
mod request;
pub mod twilio;

use tidings_core::{DeliveryId, Problem};
use tidings_http::Policy;

pub(crate) use self::{
    gateway::GatewayLink,
    request::{Answered, Job},
    twilio::TwilioLink,
};
pub use self::{
    gateway::{Body, Gateway},
    twilio::{Sender, Twilio},
};

/// Who carries the texts.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Provider {
    /// Twilio's Programmable Messaging.
    Twilio(Twilio),
    /// Anything that takes a POST request and answers 2xx.
    Gateway(Gateway),
}

impl Provider {
    /// Everything that is wrong.
    pub(crate) fn validate(&self, policy: &Policy) -> Vec<Problem> {
        match self {
            Self::Twilio(twilio) => twilio.validate(policy),
            Self::Gateway(gateway) => gateway.validate(policy),
        }
    }
}

impl From<Twilio> for Provider {
    fn from(twilio: Twilio) -> Self {
        Self::Twilio(twilio)
    }
}

impl From<Gateway> for Provider {
    fn from(gateway: Gateway) -> Self {
        Self::Gateway(gateway)
    }
}

/// One text as a provider gets it: final, and within its cap.
#[derive(Clone, Copy)]
#[non_exhaustive]
pub struct Outgoing<'a> {
    /// The receiver's number, in E.164.
    pub to: &'a str,
    /// What is said.
    pub text: &'a str,
    /// The idempotency key, the same at every attempt.
    pub delivery: DeliveryId,
}

/// Neither number nor text: both are a person's.
impl std::fmt::Debug for Outgoing<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Outgoing").field("delivery", &self.delivery).finish_non_exhaustive()
    }
}
