//! Every preset against a real peer on loopback: the conformance suite, the requests as they are recorded, answers, addresses of users,
//! and the page that shows all this.
#![expect(clippy::unwrap_used, reason = "a test stops where its own set-up fails")]

mod addresses;
mod answers;
mod bodies;
mod conformance;
mod page;
mod presets;
mod secrets;
