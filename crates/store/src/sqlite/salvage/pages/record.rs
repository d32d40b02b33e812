//! A record: the columns of one row, as they lie in its payload. Where the payload comes from is told in `cell`.

use rusqlite::types::Value;

use super::bytes::{signed, varint};

/// The columns of a record; `None` if the bytes are no record to the last byte.
pub(super) fn decode(payload: &[u8]) -> Option<Vec<Value>> {
    let (header_length, _) = varint(payload)?;
    let header_length = usize::try_from(header_length).ok()?;
    let prefix = payload.get(..header_length)?;
    let mut body = payload.get(header_length..)?;
    let (_, mut header) = varint(prefix)?;
    let mut columns = Vec::new();
    while !header.is_empty() {
        let (kind, rest) = varint(header)?;
        header = rest;
        let (bytes, rest) = body.split_at_checked(width(kind)?)?;
        body = rest;
        columns.push(value(kind, bytes)?);
    }
    body.is_empty().then_some(columns)
}

/// Whether a record that begins like this has that many bytes. Where even its header goes on elsewhere, it may.
pub(super) fn announces(start: &[u8], length: usize) -> bool {
    let Some((header_length, _)) = varint(start) else { return false };
    let header_length = usize::try_from(header_length).unwrap_or(usize::MAX);
    if header_length > start.len() {
        return header_length <= length;
    }
    let header = start.get(..header_length).and_then(varint);
    let Some((_, mut header)) = header else { return false };
    let mut total = header_length;
    while !header.is_empty() {
        let column = varint(header).and_then(|(kind, rest)| Some((width(kind)?, rest)));
        let Some((wide, rest)) = column else { return false };
        header = rest;
        total = total.saturating_add(wide);
    }
    total == length
}

/// How many bytes a serial type takes; 10 and 11 are never in a file.
fn width(kind: u64) -> Option<usize> {
    match kind {
        0 | 8 | 9 => Some(0),
        1..=4 => usize::try_from(kind).ok(),
        5 => Some(6),
        6 | 7 => Some(8),
        10 | 11 => None,
        _ => usize::try_from((kind - 12) / 2).ok(),
    }
}

fn value(kind: u64, bytes: &[u8]) -> Option<Value> {
    Some(match kind {
        0 => Value::Null,
        1..=6 => Value::Integer(signed(bytes)),
        7 => Value::Real(f64::from_be_bytes(bytes.try_into().ok()?)),
        8 => Value::Integer(0),
        9 => Value::Integer(1),
        _ if kind.is_multiple_of(2) => Value::Blob(bytes.to_vec()),
        _ => Value::Text(String::from_utf8(bytes.to_vec()).ok()?),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(payload: &[u8], expected: Option<&[Value]>) {
        assert_eq!(decode(payload).as_deref(), expected, "{payload:?}");
    }

    #[test]
    fn a_record_is_read_to_its_last_byte_or_not_at_all() {
        let text = |text: &str| Value::Text(text.to_owned());
        check(&[1], Some(&[]));
        check(&[3, 0, 1, 0xfe], Some(&[Value::Null, Value::Integer(-2)]));
        check(&[4, 8, 9, 15, b'a'], Some(&[Value::Integer(0), Value::Integer(1), text("a")]));
        check(&[2, 16, 7, 8], Some(&[Value::Blob(vec![7, 8])]));
        check(&[], None);
        check(&[2], None);
        check(&[2, 1], None);
        check(&[2, 0, 5], None);
        check(&[2, 10], None);
        check(&[2, 15, 0xff], None);
        check(&[0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff], None);
        check(&[10, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff], None);
    }
}
