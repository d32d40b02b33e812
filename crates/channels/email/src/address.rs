//! Mail addresses as people write them, made fit for a header and for the wire. Whose they are is the engine's business.

use lettre::{Address, message::Mailbox};
use tidings_render::{clean, clip};

/// Characters of a display name.
const NAME: usize = 100;

/// The sender of `Agents <agents@example.com>`, or of an address alone.
pub(crate) fn sender(text: &str) -> Result<Mailbox, &'static str> {
    const FORM: &str = "not a sender: expected `Name <name@example.com>` or `name@example.com`";
    let text = one_line(text);
    let (name, inside) = match text.strip_suffix('>') {
        Some(rest) => rest.rsplit_once('<').ok_or(FORM)?,
        None => ("", text.as_str()),
    };
    let name = name.trim();
    let name = name.strip_prefix('"').and_then(|name| name.strip_suffix('"')).unwrap_or(name).trim();
    let name = (!name.is_empty()).then(|| clip(name, NAME));
    Ok(Mailbox::new(name, address(inside).ok_or(FORM)?))
}

/// An address alone, as the wire takes it: its domain in ASCII. `None` where it is not one.
pub(crate) fn address(text: &str) -> Option<Address> {
    let text = text.trim();
    // Marks of direction would show another address than the one that gets the message.
    if clean(text) != text {
        return None;
    }
    // A quoted name before the `@` may hold any of these, and no mailbox that is in use does.
    if text.chars().any(|c| c.is_control() || c.is_whitespace() || "<>()\",;:\\".contains(c)) {
        return literal(text);
    }
    let (user, domain) = text.rsplit_once('@')?;
    let domain = if domain.is_ascii() { domain.to_owned() } else { url::Host::parse(domain).ok()?.to_string() };
    Address::new(user, domain).ok()
}

/// `name@[IPv6:…]`: the one form with colons.
fn literal(text: &str) -> Option<Address> {
    let (user, domain) = text.rsplit_once('@')?;
    let bare = domain.strip_prefix('[')?.strip_suffix(']')?;
    let known = bare.parse::<std::net::Ipv6Addr>().is_ok();
    (known && user.chars().all(|c| c.is_ascii_alphanumeric() || "._+-".contains(c)))
        .then(|| Address::new(user, domain).ok())?
}

/// Without hidden characters, which the encoder of names would panic at.
pub(crate) fn one_line(text: &str) -> String {
    clean(text).replace(['\n', '\t'], " ").trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn senders_have_a_name_or_none() {
        let check = |text: &str, name: Option<&str>, expected: &str| {
            let mailbox = sender(text).unwrap();
            assert_eq!((mailbox.name.as_deref(), mailbox.email.as_ref()), (name, expected), "{text:?}");
        };
        check("agents@example.com", None, "agents@example.com");
        check("<agents@example.com>", None, "agents@example.com");
        check(" Agents <agents@example.com> ", Some("Agents"), "agents@example.com");
        check("\"Acme, Inc.\" <a@example.com>", Some("Acme, Inc."), "a@example.com");
        check("Acme, Inc. <a@example.com>", Some("Acme, Inc."), "a@example.com");
        check("Größe 2 < 3 <a@bücher.example>", Some("Größe 2 < 3"), "a@xn--bcher-kva.example");
        check("A\r\nX-Injected: yes\0 <a@example.com>", Some("A X-Injected: yes"), "a@example.com");
        for wrong in ["", "Agents", "Agents <>", "a@", "@b", "a b@example.com", "<a@b.example", "a@b@"] {
            assert!(sender(wrong).is_err(), "{wrong:?}");
        }
    }

    #[test]
    fn addresses_hold_nothing_that_ends_a_command() {
        let check = |text: &str, expected: Option<&str>| {
            assert_eq!(address(text).as_ref().map(AsRef::as_ref), expected, "{text:?}");
        };
        check(" ann@example.com\n", Some("ann@example.com"));
        check("änn@example.com", Some("änn@example.com"));
        for wrong in [
            "ann@example.com\r\nRCPT TO:<eve@example.com>",
            "\"a\r\nb\"@example.com",
            "ann@example.com> SIZE=1",
            "a@x.example,b@x.example",
            "a:b@example.com",
            "a@exa\0mple.com",
            "\u{202e}a@example.com",
        ] {
            check(wrong, None);
        }
    }
}
