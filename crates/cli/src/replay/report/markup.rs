//! Text for the page: escaped, counts grouped, times spelled. What is said is decided by its callers.

use tidings::Timestamp;

/// The longest name that is shown; a page is for people.
const LONGEST: usize = 200;

/// The text as it can stand in an element or in a quoted attribute: nothing in it can end either, and control characters and those that
/// turn the direction of writing are blanks.
pub(super) fn escaped(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for character in text.chars().take(LONGEST) {
        match character {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\'' => safe.push_str("&#39;"),
            c if c.is_control() || is_direction(c) => safe.push(' '),
            c => safe.push(c),
        }
    }
    if text.chars().nth(LONGEST).is_some() {
        safe.push('…');
    }
    safe
}

const fn is_direction(character: char) -> bool {
    matches!(character, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// A count in groups of three.
pub(super) fn count(number: u64) -> String {
    let digits = number.to_string();
    let mut grouped = String::with_capacity(digits.len() + digits.len() / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

/// How far the second count is from the first, with its sign.
pub(super) fn signed(before: u64, after: u64) -> String {
    match before.cmp(&after) {
        std::cmp::Ordering::Less => format!("+{}", count(after - before)),
        std::cmp::Ordering::Equal => "0".to_owned(),
        std::cmp::Ordering::Greater => format!("−{}", count(before - after)),
    }
}

/// Day and minute in UTC.
pub(super) fn time(at: Timestamp) -> String {
    spelled(at.as_secs(), "%Y-%m-%d %H:%M")
}

/// Unix seconds in UTC, in this form.
pub(super) fn spelled(seconds: i64, form: &str) -> String {
    jiff::Timestamp::from_second(seconds).map(|time| time.strftime(form).to_string()).unwrap_or_default()
}
