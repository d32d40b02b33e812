//! Twilio's error codes, as far as they say what to do. What an attempt or a status report makes of one is `twilio`'s and
//! `callback`'s. Source: Twilio's error and warning dictionary.

/// The receiver has answered STOP.
pub const OPTED_OUT: u32 = 21610;
/// Too many requests.
pub const TOO_MANY_REQUESTS: u32 = 20429;
/// Too many messages of one sender are queued.
pub const QUEUE_FULL: u32 = 21611;

/// Whether no other attempt can help, whatever the status says.
#[must_use]
pub const fn is_permanent(code: u32) -> bool {
    matches!(code, 20003 | 21211 | OPTED_OUT | 21614)
}

/// Whether there was too much at once: the same attempt helps later.
#[must_use]
pub const fn is_too_many(code: u32) -> bool {
    matches!(code, 14107 | TOO_MANY_REQUESTS | QUEUE_FULL | 30022)
}

/// Whether a message that failed by this code may get through another time: a fault of the provider's own.
#[must_use]
pub const fn may_heal(code: u32) -> bool {
    matches!(code, 30001 | 30410 | 30500)
}

/// What the code means, and where it is in one's own hands, what to do.
#[must_use]
pub const fn meaning(code: u32) -> Option<&'static str> {
    Some(match code {
        20003 => "the account or its token is wrong: check account_sid and auth_token",
        20404 => "there is no such account or resource: check account_sid",
        14107 | TOO_MANY_REQUESTS => "too many requests",
        21211 => "the receiver's number is not valid",
        21212 | 21606 | 21659 => "the sender's number is not valid or not yours: check from",
        21408 => "sending to the receiver's region is not permitted: allow it in the account's settings",
        OPTED_OUT => "the receiver has answered STOP",
        QUEUE_FULL => "too many messages of this sender are queued",
        21612 => "the receiver cannot be reached from this sender",
        21614 => "the receiver's number cannot take text messages",
        21617 => "the text is too long",
        21703 => "the messaging service has no sender",
        30001 => "the message waited too long and the queue was full",
        30002 => "the account is suspended",
        30003 => "the phone is switched off or out of reach",
        30004 => "the receiver blocks messages",
        30005 => "the number does not exist any more, or is unknown",
        30006 => "the number is a landline, or its carrier cannot be reached",
        30007 | 30032 | 30034 => "the carrier filtered the message: register the sender",
        30008 => "the carrier gave no reason",
        30009 => "a part of the message was lost",
        30010 => "the price is above the limit",
        30022 => "too many messages for the sender's registration",
        30410 | 30500 => "the provider had a fault of its own",
        _ => return None,
    })
}

/// The code as a person reads it.
#[must_use]
pub fn told(code: u32) -> String {
    match meaning(code) {
        Some(meaning) => format!("code {code}, {meaning}"),
        None => format!("code {code}, see twilio.com/docs/api/errors/{code}"),
    }
}
