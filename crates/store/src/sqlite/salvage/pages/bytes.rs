//! Numbers out of bytes that may be anything: every read says whether there was something to read. What they mean is told
//! elsewhere.

/// Two bytes, big end first.
pub(super) fn u16_at(bytes: &[u8], at: usize) -> Option<usize> {
    let found = bytes.get(at..at.checked_add(2)?)?;
    Some(usize::from(u16::from_be_bytes(found.try_into().ok()?)))
}

/// Four bytes, big end first.
pub(crate) fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    let found = bytes.get(at..at.checked_add(4)?)?;
    Some(u32::from_be_bytes(found.try_into().ok()?))
}

/// A number of 1 to 9 bytes, seven bits in each but the ninth, which gives eight; and what follows it.
pub(super) fn varint(bytes: &[u8]) -> Option<(u64, &[u8])> {
    let mut value = 0u64;
    for (place, byte) in bytes.iter().take(9).enumerate() {
        let rest = bytes.get(place + 1..)?;
        if place == 8 {
            return Some((value << 8 | u64::from(*byte), rest));
        }
        value = value << 7 | u64::from(byte & 0x7f);
        if byte & 0x80 == 0 {
            return Some((value, rest));
        }
    }
    None
}

/// An integer of 1 to 8 bytes with its sign, big end first.
pub(super) fn signed(bytes: &[u8]) -> i64 {
    let negative = bytes.first().is_some_and(|first| first & 0x80 != 0);
    bytes.iter().fold(if negative { -1 } else { 0 }, |value, byte| value << 8 | i64::from(*byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(bytes: &[u8], expected: Option<(u64, usize)>) {
        assert_eq!(varint(bytes).map(|(value, rest)| (value, rest.len())), expected, "{bytes:?}");
    }

    #[test]
    fn a_number_ends_where_it_says() {
        check(&[], None);
        check(&[0], Some((0, 0)));
        check(&[0x7f, 1], Some((127, 1)));
        check(&[0x81, 0], Some((128, 0)));
        check(&[0x81], None);
        check(&[0xff; 8], None);
        check(&[0xff; 9], Some((u64::MAX, 0)));
        check(&[0xff; 12], Some((u64::MAX, 3)));
        check(&[0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x05], Some((5, 0)));
    }

    #[test]
    fn a_sign_is_kept_at_every_width() {
        for (bytes, expected) in [
            (&[][..], 0),
            (&[0xff], -1),
            (&[0x80], -128),
            (&[0x7f, 0xff], 32_767),
            (&[0x80, 0, 0], -8_388_608),
            (&[0x80, 0, 0, 0, 0, 0, 0, 0], i64::MIN),
        ] {
            assert_eq!(signed(bytes), expected, "{bytes:?}");
        }
    }
}
