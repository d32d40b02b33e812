//! What Twilio calls back with: whether it is Twilio that calls, what became of a message, and what a receiver has answered. The route
//! that takes the request, and its limits, are the server's business.

mod incoming;
mod signature;
mod status;

use tidings_core::DeliveryId;
use url::Url;

pub use self::{
    incoming::{Incoming, Keyword},
    signature::{verify, verify_json},
    status::{Report, State, Status},
};
use crate::provider::twilio::DELIVERY;

/// The delivery that a status callback's URL names; `None` where it names none.
#[must_use]
pub fn delivery(url: &str) -> Option<DeliveryId> {
    // A route may see its path alone.
    let url = Url::parse(url).or_else(|_| Url::parse("http://localhost/").and_then(|base| base.join(url))).ok()?;
    url.query_pairs().filter(|(name, _)| name == DELIVERY).last()?.1.parse().ok()
}

/// The first parameter of this name.
fn value<'a>(params: &'a [(String, String)], name: &str) -> Option<&'a str> {
    params.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
}
