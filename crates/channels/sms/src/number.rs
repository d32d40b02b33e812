//! Phone numbers in the form of E.164. Whether a number is anybody's is the provider's to say.

/// Whether this is a number as ITU-T E.164 has it: `+`, a country code that does not begin with 0, 15 digits at most, nothing between.
#[must_use]
pub fn is_e164(text: &str) -> bool {
    let Some(digits) = text.strip_prefix('+') else { return false };
    (2..=15).contains(&digits.len()) && !digits.starts_with('0') && digits.bytes().all(|digit| digit.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_written_in_one_way() {
        let check = |text: &str, expected: bool| assert_eq!(is_e164(text), expected, "{text:?}");
        for good in ["+15550100", "+41791234567", "+123456789012345", "+44"] {
            check(good, true);
        }
        for bad in ["", "+", "+1", "15550100", "0041791234567", "+0041791234567", "+1 555 0100", "+1-555-0100"] {
            check(bad, false);
        }
        for bad in
            ["+1234567890123456", "+1555010a", "++15550100", "+١٥٥٥", " +15550100", "+15550100\n", "whatsapp:+15550100"]
        {
            check(bad, false);
        }
    }
}
