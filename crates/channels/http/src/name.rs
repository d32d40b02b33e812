//! Which host names can name a destination on the public internet. Names come as the URL parser left them: percent-decoded,
//! mapped by IDNA, in lower case. What they resolve to is judged elsewhere.

use crate::Blocked;

/// Suffixes that mean a network of one's own, spec/security.md rule 1.
const LOCAL: [&str; 13] = [
    "localhost",
    "local",
    "localdomain",
    "internal",
    "intranet",
    "lan",
    "home",
    "corp",
    "private",
    "home.arpa",
    "svc",
    "default",
    "cluster.local",
];
/// Suffixes that name nothing on the public internet, nor in anybody's own network.
const RESERVED: [&str; 4] = ["onion", "i2p", "test", "invalid"];
/// The names under which clouds serve metadata and credentials.
const METADATA: [&str; 14] = [
    "metadata",
    "instance-data",
    "rancher-metadata",
    "metadata.google.internal",
    "metadata.goog",
    "instance-data.ec2.internal",
    "metadata.azure.internal",
    "metadata.azure.com",
    "metadata.packet.net",
    "metadata.platformequinix.com",
    "metadata.tencentyun.com",
    "metadata.oraclecloud.com",
    "metadata.vultr.com",
    "api.metadata.cloud.ibm.com",
];

/// What a host name can name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum NameClass {
    /// A host on the public internet.
    Public,
    /// A host of a network of one's own: a single label, or one of the local suffixes.
    Local,
    /// A reserved suffix: `onion`, `i2p`, `test`, `invalid`.
    Reserved,
    /// A cloud's metadata service.
    Metadata,
}

impl NameClass {
    /// A stable name for logs, metrics and JSON.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Public => "public",
            Self::Local => "local_name",
            Self::Reserved => "reserved_name",
            Self::Metadata => "metadata",
        }
    }
}

/// The name as it is compared: without one trailing dot, in lower case.
#[must_use]
pub fn normal(name: &str) -> String {
    name.strip_suffix('.').unwrap_or(name).to_ascii_lowercase()
}

/// What a [`normal`] name can name.
///
/// # Errors
/// `host`: an empty or over-long label, or a character outside of letters, digits, `-` and `_`.
pub fn classify(name: &str) -> Result<NameClass, Blocked> {
    if name.len() > 253 || !name.split('.').all(is_label) {
        return Err(Blocked::new(
            "host",
            "the host name is not one: its labels take 1 to 63 letters, digits, `-` and `_`, 253 in all",
        ));
    }
    Ok(if METADATA.iter().any(|suffix| ends_with(name, suffix)) {
        NameClass::Metadata
    } else if RESERVED.iter().any(|suffix| ends_with(name, suffix)) {
        NameClass::Reserved
    } else if !name.contains('.') || LOCAL.iter().any(|suffix| ends_with(name, suffix)) {
        NameClass::Local
    } else {
        NameClass::Public
    })
}

fn is_label(label: &str) -> bool {
    (1..=63).contains(&label.len())
        && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_')
}

/// Whether the name is the suffix, or ends with it behind a dot.
fn ends_with(name: &str, suffix: &str) -> bool {
    name.strip_suffix(suffix).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(name: &str, expected: Option<NameClass>) {
        assert_eq!(classify(&normal(name)).ok(), expected, "{name}");
    }

    #[test]
    fn names_are_told_apart_by_their_last_labels() {
        use NameClass::*;
        for name in
            ["example.com", "a_b.example.com", "xn--bcher-kva.example", "localhost.com", "mylocal.dev", "x.testing.io"]
        {
            check(name, Some(Public));
        }
        for name in [
            "localhost",
            "LOCALHOST.",
            "a.localhost",
            "printer",
            "x.local",
            "db.default.svc.cluster.local",
            "r.home.arpa",
        ] {
            check(name, Some(Local));
        }
        for name in ["x.onion", "a.b.i2p", "x.test", "test", "x.invalid."] {
            check(name, Some(Reserved));
        }
        for name in ["metadata.google.internal", "METADATA.GOOG.", "x.metadata.goog", "instance-data", "metadata"] {
            check(name, Some(Metadata));
        }
        let long = format!("{}.com", "a".repeat(64));
        for name in ["", ".", "a..b", ".a.com", "a.com..", "a b.com", "ä.com", "a!.com", "a*.com", long.as_str()] {
            check(name, None);
        }
    }
}
