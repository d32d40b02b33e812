//! Secrets: given in the file, by a variable, or in a file of their own. A webhook's signature has rules of its own; what a channel gives
//! a server is taken as it is.

use std::{fs, path::Path};

use base64::{Engine, engine::general_purpose::STANDARD_NO_PAD};
use secrecy::{ExposeSecret, SecretString};

use crate::{
    build::Site,
    problem::{Findings, Spot},
    read::{At, Given},
    values::Secret,
};

/// Below this many bytes a secret can be guessed.
const SHORT: usize = 16;
/// The largest file that is read for a secret.
const FILE_LIMIT: u64 = 64 * 1024;

/// The secret, where one is given and good.
pub(crate) fn build(
    secret: &Given<Secret>,
    file: &Given<String>,
    site: &Site<'_>,
    findings: &mut Findings<'_>,
) -> Option<SecretString> {
    if let (Some(_), Some(file)) = (secret, file) {
        findings.error(&file.spot.at_key(), "`secret` and `secret_file` are both given").help("keep one of them");
        return None;
    }
    let (secret, spot) = match (secret, file) {
        (Some(at), _) => (at.value.as_ref()?.0.clone(), &at.spot),
        (None, Some(at)) => (from_file(at, site, findings)?, &at.spot),
        (None, None) => return None,
    };
    judge(secret.expose_secret(), spot, findings).then_some(secret)
}

/// What a channel gives a server to be let in: a token, a key, a password.
pub(crate) struct SecretKey<'a> {
    pub(crate) name: &'static str,
    pub(crate) inline: &'a Given<Secret>,
    pub(crate) file: Option<&'a Given<String>>,
}

impl SecretKey<'_> {
    /// Whether it was given, be it good or not.
    pub(crate) fn is_given(&self) -> bool {
        self.inline.is_some() || self.file.is_some_and(Option::is_some)
    }
}

/// A secret that must be there.
pub(crate) fn needed(
    key: &SecretKey<'_>,
    around: &Spot,
    site: &Site<'_>,
    findings: &mut Findings<'_>,
) -> Option<SecretString> {
    if !key.is_given() {
        findings.error(&around.at_key(), format!("`{}` is missing", key.name));
    }
    optional(key, site, findings)?
}

/// A secret that may be left out. The outer `None`: it was given, but is no good or could not be read.
pub(crate) fn optional(
    key: &SecretKey<'_>,
    site: &Site<'_>,
    findings: &mut Findings<'_>,
) -> Option<Option<SecretString>> {
    lint_inline(key.inline, findings);
    let (secret, spot) = match (key.inline, key.file.and_then(Option::as_ref)) {
        (Some(_), Some(file)) => {
            let message = format!("`{0}` and `{0}_file` are both given", key.name);
            findings.error(&file.spot.at_key(), message).help("keep one of them");
            return None;
        }
        (Some(at), None) => (at.value.as_ref()?.0.clone(), &at.spot),
        (None, Some(at)) => (from_file(at, site, findings)?, &at.spot),
        (None, None) => return Some(None),
    };
    let text = secret.expose_secret();
    if text.trim().is_empty() || text.chars().any(char::is_control) {
        let message = format!("`{}` is empty, or holds a line break or another control character", key.name);
        findings.error(spot, message);
        return None;
    }
    Some(Some(secret))
}

/// Tells an inline secret: one that stands in the file itself is in every copy and backup of it.
pub(crate) fn lint_inline(given: &Given<Secret>, findings: &mut Findings<'_>) {
    let Some(at) = given else { return };
    let filled = at.value.as_ref().is_some_and(|secret| !secret.0.expose_secret().is_empty());
    if at.literal && filled {
        findings.lint(&at.spot, "an inline secret").help("put it in a variable: ${NAME}");
    }
}

fn judge(secret: &str, spot: &Spot, findings: &mut Findings<'_>) -> bool {
    if secret.trim().is_empty() {
        findings.error(spot, "the secret is empty").help("give one, or leave the key out to have one generated");
        return false;
    }
    if let Some(encoded) = secret.strip_prefix("whsec_") {
        let length = STANDARD_NO_PAD.decode(encoded.trim_end_matches('=')).map(|key| key.len());
        if !length.is_ok_and(|length| (24..=64).contains(&length)) {
            let message = "`whsec_` is not followed by 24 to 64 bytes in base64: no Standard Webhooks headers are sent";
            findings.warn(spot, message).help("copy the secret again, whole");
        }
    } else if secret.len() < SHORT {
        findings.warn(spot, format!("the secret is shorter than {SHORT} bytes")).help("take a longer, random one");
    }
    true
}

fn from_file(at: &At<String>, site: &Site<'_>, findings: &mut Findings<'_>) -> Option<SecretString> {
    let name = at.value.as_ref()?;
    if site.options.environment.leaves_out() {
        return None;
    }
    let path = site.options.folder.unwrap_or_else(|| Path::new("")).join(name);
    match read(&path) {
        Ok((text, open_to_all)) => {
            if open_to_all {
                findings.warn(&at.spot, "the secret file can be read by everyone").help("chmod 600");
            }
            Some(text.trim_end_matches(['\r', '\n']).to_owned().into())
        }
        Err(message) => {
            findings.error(&at.spot, format!("the secret file cannot be read: {message}"));
            None
        }
    }
}

/// The file's text, and whether everyone can read it.
fn read(path: &Path) -> Result<(String, bool), String> {
    let about = fs::metadata(path).map_err(|error| error.to_string())?;
    if !about.is_file() {
        return Err("it is not a file".to_owned());
    }
    if about.len() > FILE_LIMIT {
        return Err(format!("it is larger than {FILE_LIMIT} bytes"));
    }
    // The system's own words for bad UTF-8 would be fine, but nothing may ever show what the file holds.
    let bytes = fs::read(path).map_err(|error| error.to_string())?;
    let text = String::from_utf8(bytes).map_err(|_| "it is not UTF-8".to_owned())?;
    Ok((text, open_to_all(&about)))
}

#[cfg(unix)]
fn open_to_all(about: &fs::Metadata) -> bool {
    use std::os::unix::fs::PermissionsExt;
    about.permissions().mode() & 0o004 != 0
}

#[cfg(not(unix))]
fn open_to_all(_about: &fs::Metadata) -> bool {
    false
}
