//! Cuts texts to a service's limit, in the units that the service counts. How much each takes stands with the service.

/// What stands for what was cut off.
const CUT: char = '…';

/// At most this many UTF-16 units, and so at most as many characters, with `…` in place of what was cut off.
#[must_use]
pub fn clip_units(text: &str, limit: usize) -> String {
    clip_by(text, limit, char::len_utf16)
}

/// At most this many bytes, with `…` in place of what was cut off.
#[must_use]
pub fn clip_bytes(text: &str, limit: usize) -> String {
    clip_by(text, limit, char::len_utf8)
}

/// At most this much, by the size of each character.
pub(super) fn clip_by(text: &str, limit: usize, size: fn(char) -> usize) -> String {
    if text.chars().map(size).sum::<usize>() <= limit {
        return text.to_owned();
    }
    let Some(mut room) = limit.checked_sub(size(CUT)) else { return String::new() };
    let fits = |character: &char| room.checked_sub(size(*character)).map(|left| room = left).is_some();
    text.chars().take_while(fits).chain([CUT]).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn each_counts_in_its_own_unit() {
        let check = |clip: fn(&str, usize) -> String, text: &str, limit, expected: &str| {
            assert_eq!(clip(text, limit), expected, "{text} {limit}");
        };
        check(clip_units, "äöü", 3, "äöü");
        check(clip_units, "äöüß", 3, "äö…");
        check(clip_units, "😀😀", 4, "😀😀");
        check(clip_units, "😀😀", 3, "😀…");
        check(clip_units, "ab", 0, "");
        check(clip_bytes, "äöü", 6, "äöü");
        check(clip_bytes, "äöü", 5, "ä…");
        check(clip_bytes, "äöü", 2, "");
        check(clip_bytes, "", 0, "");
    }

    proptest! {
        #[test]
        fn nothing_is_longer_than_its_limit_and_what_fits_stays(text: String, limit in 0_usize..80) {
            let (units, bytes) = (clip_units(&text, limit), clip_bytes(&text, limit));
            prop_assert!(units.encode_utf16().count() <= limit && bytes.len() <= limit);
            prop_assert_eq!(units == text, text.encode_utf16().count() <= limit);
            prop_assert_eq!(bytes == text, text.len() <= limit);
        }
    }
}
