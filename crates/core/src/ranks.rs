//! The two ordered scales: severity belongs to events, priority to notifications. Which severity deserves which priority is a
//! rule's business, not this module's.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

/// A name that is not on a scale.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("unknown {scale} `{name}`; known are {known}")]
pub struct UnknownName {
    /// Which scale was asked: `severity` or `priority`.
    pub scale: &'static str,
    /// The name that is not on it.
    pub name: String,
    /// The names that are, lowest first.
    pub known: &'static str,
}

macro_rules! scale {
    ($(#[$doc:meta])* $name:ident, $word:literal, $known:literal, $($(#[$vdoc:meta])* $variant:ident = $text:literal),+) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(rename_all = "lowercase")]
        pub enum $name {
            $($(#[$vdoc])* $variant),+
        }

        impl $name {
            /// Every step of the scale, lowest first.
            pub const ALL: [Self; 4] = [$(Self::$variant),+];

            /// The name on the wire: lower case.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$variant => $text),+
                }
            }

            /// The position on the scale, 0 is the lowest.
            #[must_use]
            pub const fn index(self) -> usize {
                self as usize
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(self.as_str())
            }
        }

        impl FromStr for $name {
            type Err = UnknownName;

            fn from_str(name: &str) -> Result<Self, UnknownName> {
                Self::ALL
                    .into_iter()
                    .find(|step| step.as_str() == name)
                    .ok_or_else(|| UnknownName { scale: $word, name: name.to_owned(), known: $known })
            }
        }
    };
}

scale! {
    /// How bad an event is, as its agent says: info < warning < error < critical.
    Severity, "severity", "info, warning, error, critical",
    /// Normal operation.
    Info = "info",
    /// Worth a look.
    Warning = "warning",
    /// Something failed.
    Error = "error",
    /// Something failed that a person must know of.
    Critical = "critical"
}

scale! {
    /// How much a notification wants attention: low < medium < high < critical.
    Priority, "priority", "low, medium, high, critical",
    /// Can wait for a digest.
    Low = "low",
    /// The default.
    Medium = "medium",
    /// Worth an interruption.
    High = "high",
    /// Passes quiet hours; must reach two channels.
    Critical = "critical"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_order_agree() {
        for pair in Severity::ALL.windows(2) {
            assert!(pair[0] < pair[1]);
        }
        for step in Priority::ALL {
            assert_eq!(step.as_str().parse::<Priority>(), Ok(step));
        }
        assert_eq!(
            "High".parse::<Priority>().map_err(|e| e.to_string()),
            Err("unknown priority `High`; known are low, medium, high, critical".into())
        );
    }
}
