//! What is wrong with a setting that a program or a person gave. How it is found is each crate's own business.

/// Something that is wrong with a setting, or worth a warning.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{key}`: {text}")]
pub struct Problem {
    /// The setting: `url`, `headers.X-Team`, `secret`.
    pub key: String,
    /// What is wrong and what to do. Never the setting's value where that may be secret.
    pub text: String,
}

impl Problem {
    /// A problem with this setting.
    #[must_use]
    pub fn new(key: impl Into<String>, text: impl Into<String>) -> Self {
        Self { key: key.into(), text: text.into() }
    }

    /// All of these as one line.
    #[must_use]
    pub fn told(problems: &[Self]) -> String {
        problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")
    }
}
