//! "Did you mean": the known name that is nearest to one that is not known, and how a name from the file is shown.

/// How much of a name from the file is shown.
const SHOWN: usize = 60;

/// The nearest of the known names, where one is near enough to be meant.
pub(crate) fn nearest<'a>(name: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let wanted = name.to_lowercase().replace('-', "_");
    let allowed = (wanted.chars().count() / 3).clamp(1, 3);
    known
        .into_iter()
        .take(1000)
        .filter(|known| known.len().abs_diff(name.len()) <= 3)
        .map(|known| (strsim::damerau_levenshtein(&wanted, &known.to_lowercase().replace('-', "_")), known))
        .filter(|(distance, _)| *distance <= allowed)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, known)| known)
}

/// What is known, where nothing is near.
pub(crate) fn all_known<'a>(known: impl IntoIterator<Item = &'a str>) -> String {
    let mut names: Vec<&str> = known.into_iter().take(31).collect();
    let more = if names.len() > 30 { " and more" } else { "" };
    names.truncate(30);
    if names.is_empty() { "none is known".to_owned() } else { format!("known are {}{more}", names.join(", ")) }
}

/// What is said of a name that is not known: the one that was meant, else all that there are.
#[must_use]
pub fn hint<'a>(name: &str, known: impl IntoIterator<Item = &'a str> + Clone) -> String {
    nearest(name, known.clone()).map_or_else(|| all_known(known), |near| format!("did you mean `{near}`?"))
}

/// A name from the file, cut and without control characters. What follows a colon or `=` is left out: `{secret:abc}` is a key to
/// YAML, and what was meant as its value must not be told.
pub(crate) fn shown(name: &str) -> String {
    let end = name.find([':', '=']).map_or(name.len(), |end| end + 1);
    let (name, cut) = if end < name.len() { (&name[..end], "…") } else { (name, "") };
    let mut short: String = name.chars().take(SHOWN).flat_map(char::escape_debug).collect();
    if name.chars().nth(SHOWN).is_some() {
        short.push('…');
    }
    short.push_str(cut);
    short
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_name_is_told() {
        let known = ["min_severity", "events", "url", "cooldown_seconds"];
        assert_eq!(nearest("min_serverity", known), Some("min_severity"));
        assert_eq!(nearest("min-severity", known), Some("min_severity"));
        assert_eq!(nearest("Events", known), Some("events"));
        assert_eq!(nearest("ulr", known), Some("url"));
        assert_eq!(nearest("banana", known), None);
    }

    #[test]
    fn names_are_shown_without_what_may_be_a_secret() {
        assert_eq!(shown("secret:hunter2"), "secret:…");
        assert_eq!(shown("secret=hunter2"), "secret=…");
        assert_eq!(shown("a\nb"), "a\\nb");
        assert_eq!(shown(&"x".repeat(100)).chars().count(), SHOWN + 1);
    }
}
