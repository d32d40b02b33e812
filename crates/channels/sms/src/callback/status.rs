//! What became of a message after the provider took it. That such a report changes a delivery's state is the engine's business.

use std::fmt;

use tidings_core::Address;

use super::value;
use crate::provider::{codes, twilio::answer::is_message_sid};

/// Twilio's states of an outgoing message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Status {
    /// Taken; a messaging service chooses its sender.
    Accepted,
    /// To be sent at a set time.
    Scheduled,
    /// Waits for its turn.
    Queued,
    /// On its way to the carrier.
    Sending,
    /// With the carrier.
    Sent,
    /// The carrier says that it has arrived.
    Delivered,
    /// The carrier says that it could not deliver it.
    Undelivered,
    /// It could not be sent.
    Failed,
    /// It was called back before it was sent.
    Canceled,
    /// It was read, where the receiver's app tells.
    Read,
}

/// Where a message stands, in our words.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum State {
    /// More reports may follow.
    InFlight,
    /// It has arrived: final.
    Delivered,
    /// It will not arrive: final.
    Failed,
}

impl State {
    /// Whether nothing else can follow.
    #[must_use]
    pub const fn is_final(self) -> bool {
        !matches!(self, Self::InFlight)
    }

    /// The state after a later report. Reports overtake each other, so one that comes behind a final one changes nothing.
    #[must_use]
    pub const fn then(self, reported: Self) -> Self {
        if self.is_final() { self } else { reported }
    }
}

impl Status {
    /// Every status and its name on the wire.
    const NAMES: [(Self, &'static str); 10] = [
        (Self::Accepted, "accepted"),
        (Self::Scheduled, "scheduled"),
        (Self::Queued, "queued"),
        (Self::Sending, "sending"),
        (Self::Sent, "sent"),
        (Self::Delivered, "delivered"),
        (Self::Undelivered, "undelivered"),
        (Self::Failed, "failed"),
        (Self::Canceled, "canceled"),
        (Self::Read, "read"),
    ];

    /// Reads the name, in any case; `None` for one that is not of an outgoing message, or new.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::NAMES.into_iter().find(|(_, name)| name.eq_ignore_ascii_case(text)).map(|(status, _)| status)
    }

    /// The name on the wire.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        Self::NAMES.into_iter().find(|(status, _)| *status == self).map_or("", |(_, name)| name)
    }

    /// What it means for the message.
    #[must_use]
    pub const fn state(self) -> State {
        match self {
            Self::Accepted | Self::Scheduled | Self::Queued | Self::Sending | Self::Sent => State::InFlight,
            Self::Delivered | Self::Read => State::Delivered,
            Self::Undelivered | Self::Failed | Self::Canceled => State::Failed,
        }
    }
}

/// One status callback. `Debug` masks the number.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    /// The message's SID, as the receipt of its delivery told it.
    pub message: String,
    /// Twilio's status.
    pub status: Status,
    /// The error code of a message that failed.
    pub code: Option<u32>,
    /// Whom it was for.
    pub to: Option<Address>,
}

impl Report {
    /// Reads a form whose signature has been verified; `None` where it reports on no outgoing message.
    #[must_use]
    pub fn read(params: &[(String, String)]) -> Option<Self> {
        // The older names stand beside the newer ones in some products.
        let either = |name: &str, older: &str| value(params, name).or_else(|| value(params, older));
        let message = either("MessageSid", "SmsSid").filter(|sid| is_message_sid(sid))?.to_owned();
        let status = Status::parse(either("MessageStatus", "SmsStatus")?)?;
        let code = value(params, "ErrorCode").and_then(|code| code.parse().ok()).filter(|code| *code != 0);
        Some(Self { message, status, code, to: value(params, "To").map(Address::new) })
    }

    /// What it means for the message.
    #[must_use]
    pub const fn state(&self) -> State {
        self.status.state()
    }

    /// The receiver has said STOP: the number belongs on the suppression list.
    #[must_use]
    pub fn opted_out(&self) -> bool {
        self.code == Some(codes::OPTED_OUT)
    }
}

/// The status, and what the error code means: for the delivery log.
impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.status.as_str())?;
        self.code.map_or(Ok(()), |code| write!(f, ": {}", codes::told(code)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SID: &str = "SM0123456789abcdef0123456789abcdef";

    fn report(pairs: &[(&str, &str)]) -> Option<Report> {
        let pairs: Vec<_> = pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        Report::read(&pairs)
    }

    #[test]
    fn statuses_are_ours_by_three() {
        let check = |text: &str, expected: Option<State>| {
            let read = report(&[("MessageSid", SID), ("MessageStatus", text), ("To", "+15550101")]);
            assert_eq!(read.map(|report| report.state()), expected, "{text}");
        };
        for text in ["accepted", "scheduled", "queued", "sending", "sent", "SENT"] {
            check(text, Some(State::InFlight));
        }
        for text in ["delivered", "read"] {
            check(text, Some(State::Delivered));
        }
        for text in ["undelivered", "failed", "canceled"] {
            check(text, Some(State::Failed));
        }
        for text in ["received", "", "teleported"] {
            check(text, None);
        }
    }

    #[test]
    fn a_final_state_stays() {
        use State::{Delivered, Failed, InFlight};
        for last in [Delivered, Failed] {
            for reported in [InFlight, Delivered, Failed] {
                assert_eq!((last.then(reported), InFlight.then(reported)), (last, reported));
            }
        }
    }

    #[test]
    fn a_failure_tells_what_its_code_means() {
        let failed = |code: &str| {
            report(&[("SmsSid", SID), ("SmsStatus", "failed"), ("ErrorCode", code), ("To", "+15550101")]).unwrap()
        };
        assert_eq!(failed("30003").to_string(), "failed: code 30003, the phone is switched off or out of reach");
        assert_eq!(failed("31999").to_string(), "failed: code 31999, see twilio.com/docs/api/errors/31999");
        assert_eq!(failed("").to_string(), "failed");
        assert!(failed("21610").opted_out() && !failed("30003").opted_out());
        assert!(!format!("{:?}", failed("1")).contains("+15550101"));
        assert_eq!(report(&[("MessageSid", "SM1\n"), ("MessageStatus", "sent")]), None);
    }
}
