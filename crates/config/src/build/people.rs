//! Users: where each is reached, and in which time zone.

use std::collections::{BTreeMap, BTreeSet};

use tidings_core::Address;
use tidings_policy::time_zone;

use crate::{
    build::channels::Channels,
    plan::UserPlan,
    problem::Findings,
    raw::User,
    read::{At, Given, Named, named, value},
    suggest::shown,
};

/// The users of the file.
#[derive(Debug, Default)]
pub(crate) struct People {
    pub(crate) plans: BTreeMap<String, UserPlan>,
    /// Every id that is written, the broken ones too.
    ids: BTreeSet<String>,
}

impl People {
    /// Whether there is no user at all.
    pub(crate) fn is_empty(&self) -> bool {
        self.ids.is_empty()
    }

    /// What is wrong with an id, where users are declared and it is none of them.
    pub(crate) fn unknown(&self, id: &str, findings: &mut Findings<'_>) -> Option<String> {
        let unknown = !self.ids.is_empty() && !self.ids.contains(id);
        unknown.then(|| findings.did_you_mean(id, self.ids.iter().map(String::as_str)))
    }
}

/// The users of the file.
pub(crate) fn build(given: &Given<Named<User>>, channels: &Channels, findings: &mut Findings<'_>) -> People {
    let mut people = People::default();
    for (id, at) in value(given).into_iter().flat_map(|named| &named.0) {
        people.ids.insert(id.clone());
        if id.trim().is_empty() || id.starts_with('$') || id.chars().any(char::is_control) {
            let help = "an id is text that does not begin with `$`";
            findings.error(&at.spot.at_key(), format!("`{}` cannot be a user's id", shown(id))).help(help);
        }
        if let Some(user) = &at.value {
            people.plans.insert(id.clone(), one(user, channels, findings));
        }
    }
    people
}

fn one(user: &User, channels: &Channels, findings: &mut Findings<'_>) -> UserPlan {
    let mut addresses = BTreeMap::new();
    for (name, address, spot) in named(&user.addresses) {
        if !channels.check(name, &spot.at_key(), findings) {
            continue;
        }
        match wrong_for(channels.type_name(name), address) {
            Some(message) => drop(findings.error(spot, message)),
            None => drop(addresses.insert(name.to_owned(), Address::new(address))),
        }
    }
    let email = checked(&user.email, "email", findings);
    let phone = checked(&user.phone, "sms", findings);
    addresses.extend(email.map(|address| ("email".to_owned(), address)));
    addresses.extend(phone.map(|address| ("sms".to_owned(), address)));
    UserPlan { addresses, timezone: zone(&user.timezone, findings) }
}

/// The address, never told where it is wrong: it is somebody's.
fn checked(given: &Given<String>, type_name: &str, findings: &mut Findings<'_>) -> Option<Address> {
    let At { spot, value, .. } = given.as_ref()?;
    let address = value.as_ref()?;
    let Some(message) = wrong_for(type_name, address) else { return Some(Address::new(address.as_str())) };
    findings.error(spot, message);
    None
}

/// What is wrong with an address on a channel of this type, where its form is known.
pub(crate) fn wrong_for(type_name: &str, address: &str) -> Option<&'static str> {
    match type_name {
        "email" if !is_mail(address) => Some("not a mail address: expected name@example.com"),
        "sms" if !is_phone(address) => Some("not a phone number in international form: expected +41791234567"),
        _ => None,
    }
}

/// One `@` with something on both sides, a sane domain, no blanks. Whether anybody reads it, only the mail can tell.
pub(crate) fn is_mail(text: &str) -> bool {
    let Some((local, domain)) = text.rsplit_once('@') else { return false };
    let plain = |c: char| !c.is_whitespace() && !c.is_control() && !"<>()[],;:\"\\@".contains(c);
    let labels = domain.split('.').all(|label| !label.is_empty() && !label.starts_with('-') && !label.ends_with('-'));
    !local.is_empty()
        && local.len() <= 64
        && text.len() <= 254
        && local.chars().all(plain)
        && labels
        && domain.chars().all(plain)
}

/// E.164: a plus, a country code that does not begin with 0, at most 15 digits, and none of the very short.
pub(crate) fn is_phone(text: &str) -> bool {
    let Some(digits) = text.strip_prefix('+') else { return false };
    (7..=15).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit()) && !digits.starts_with('0')
}

fn zone(given: &Given<String>, findings: &mut Findings<'_>) -> Option<String> {
    let at = given.as_ref()?;
    let name = at.value.as_ref()?;
    match time_zone(name) {
        Ok(_) => Some(name.clone()),
        Err(error) => {
            findings.error(&at.spot, error.to_string());
            None
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mail_addresses() {
        for good in ["a@example.com", "a.b+c@sub.example.com", "ä@bücher.example", "root@mailhost"] {
            assert!(is_mail(good), "{good}");
        }
        for bad in [
            "",
            "a",
            "@example.com",
            "a@",
            "a b@example.com",
            "a@b@c.example",
            "a@.example",
            "A <a@example.com>",
            "a@example.com\n",
            "a@-b.example",
        ] {
            assert!(!is_mail(bad), "{bad}");
        }
    }

    #[test]
    fn phone_numbers() {
        for good in ["+15550101", "+41791234567", "+123456789012345"] {
            assert!(is_phone(good), "{good}");
        }
        for bad in [
            "",
            "+",
            "0791234567",
            "+0791234567",
            "+1 555 0101",
            "+1234567890123456",
            "+123456",
            "0041791234567",
            "+١٢٣٤٥٦٧",
        ] {
            assert!(!is_phone(bad), "{bad}");
        }
    }
}
