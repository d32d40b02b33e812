//! Who makes a change: what is given, else whoever is logged in.

use anyhow::ensure;
use tidings::CONFIG;

use crate::output;

/// What stands for whoever is logged in where the system does not say it.
const NOBODY: &str = "cli";
/// The variables that tell the login name.
const LOGIN: [&str; 3] = ["USER", "LOGNAME", "USERNAME"];

/// The author of a change. By the name of the configuration a profile is given back to it; nobody does that by chance.
///
/// # Errors
/// Where an empty name is given.
pub(crate) fn of(given: Option<&str>) -> anyhow::Result<String> {
    if let Some(name) = given {
        ensure!(!name.trim().is_empty(), "--author is empty: name somebody");
        return Ok(name.to_owned());
    }
    let login = LOGIN.into_iter().filter_map(|variable| std::env::var(variable).ok());
    let mut names = login.filter(|name| !name.trim().is_empty() && name != CONFIG);
    Ok(names.next().unwrap_or_else(|| NOBODY.to_owned()))
}

/// Tells that a daemon names an author by itself.
pub(crate) fn note_of_daemon(given: Option<&str>) {
    if given.is_some() {
        output::note("the daemon notes the name of the key that asks it as the author: `--author` is not told to it");
    }
}
