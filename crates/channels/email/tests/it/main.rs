//! The e-mail channel against servers that are good, bad and real.

mod addresses;
mod conformance;
mod faults;
mod folder;
mod guide;
mod server;
mod tls;

use std::time::Duration;

use tidings_core::{Address, Channel, Envelope, Receipt, SendError};
use tidings_email::{Email, EmailConfig, SmtpConfig, Tls};
use tidings_testkit::{SmtpPeer, samples};

const FROM: &str = "Agents <agents@example.com>";
const ANN: &str = "ann@example.com";

/// A plain server on loopback.
fn server(peer: &SmtpPeer) -> SmtpConfig {
    SmtpConfig::new("127.0.0.1").port(peer.address().port()).tls(Tls::None)
}

/// A channel to this server.
fn email(smtp: SmtpConfig) -> Email {
    Email::new(EmailConfig::smtp(smtp, FROM)).expect("good settings")
}

/// A channel to this server that soon gives up: for servers that do not answer.
fn hasty(smtp: SmtpConfig) -> Email {
    Email::new(EmailConfig::smtp(smtp, FROM).timeout(Duration::from_secs(1))).expect("good settings")
}

fn to_ann(title: &str) -> Envelope {
    Envelope { to: Some(Address::new(ANN)), ..samples::titled(title) }
}

async fn send(email: &Email, title: &str) -> Result<Receipt, SendError> {
    email.send(&to_ann(title)).await
}
