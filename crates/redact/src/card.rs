//! Payment cards: issuer prefix, length and check digit (ISO/IEC 7812), printed in one piece or in the usual groups.

use std::ops::Range;

/// The groups in which cards are printed.
const GROUPINGS: [&[usize]; 5] = [&[4, 4, 4, 4, 3], &[4, 4, 4, 4], &[4, 6, 5], &[4, 6, 4], &[4, 4, 4, 1]];

/// The cards within a run of digits with single separators.
pub(crate) fn find(text: &[u8], run: Range<usize>) -> Vec<Range<usize>> {
    let groups = groups(text, run);
    let mut found = Vec::new();
    let mut index = 0;
    while index < groups.len() {
        match card_at(text, &groups[index..]) {
            Some((range, count)) => {
                found.push(range);
                index += count;
            }
            None => index += 1,
        }
    }
    found
}

fn groups(text: &[u8], run: Range<usize>) -> Vec<Range<usize>> {
    let mut groups = Vec::new();
    let mut start = without_encoding(text, run.start);
    for at in run.clone() {
        if !text[at].is_ascii_digit() {
            groups.push(start..at);
            start = at + 1;
        }
    }
    groups.push(start..run.end);
    groups
}

/// The start of a run without the digits that belong to a percent encoding: `%204111…`.
fn without_encoding(text: &[u8], start: usize) -> usize {
    match &text[..start] {
        [.., b'%'] => start + 2,
        [.., b'%', high] if high.is_ascii_hexdigit() => start + 1,
        _ => start,
    }
}

/// A card at the first of these groups, and how many groups it takes.
fn card_at(text: &[u8], groups: &[Range<usize>]) -> Option<(Range<usize>, usize)> {
    let fits = |grouping: &&&[usize]| {
        grouping.len() <= groups.len()
            && grouping.iter().zip(groups).all(|(length, group)| group.len() == *length)
            && same_separators(text, &groups[..grouping.len()])
    };
    let grouped = GROUPINGS.iter().filter(fits).map(|grouping| grouping.len());
    grouped.chain([1]).find_map(|count| {
        let range = groups[0].start..groups[count - 1].end;
        let digits: Vec<u8> =
            text.get(range.clone())?.iter().filter(|byte| byte.is_ascii_digit()).map(|byte| byte - b'0').collect();
        (is_card(&digits) && stands_alone(text, &range)).then_some((range, count))
    })
}

fn same_separators(text: &[u8], groups: &[Range<usize>]) -> bool {
    groups.windows(3).all(|three| text.get(three[0].end) == text.get(three[1].end))
}

/// Whether the digits are no part of a longer word or of a fraction.
fn stands_alone(text: &[u8], range: &Range<usize>) -> bool {
    let before = &text[..range.start];
    let is_fraction = matches!(before, [.., digit, b'.'] if digit.is_ascii_digit());
    let goes_on = matches!(&text[range.end..], [b'.', digit, ..] if digit.is_ascii_digit())
        || text.get(range.end).is_some_and(u8::is_ascii_alphanumeric);
    let is_word = !crate::rules::starts_free(text, range.start) || matches!(before, [.., b'_']);
    !is_fraction && !goes_on && !is_word
}

/// Whether the digits are a card by issuer, length and check digit.
pub(crate) fn is_card(digits: &[u8]) -> bool {
    (13..=19).contains(&digits.len())
        && digits.iter().any(|digit| *digit != digits[0])
        && has_issuer(digits)
        && passes_luhn(digits)
}

fn has_issuer(digits: &[u8]) -> bool {
    let prefix = |length: usize| digits[..length].iter().fold(0_u32, |number, digit| number * 10 + u32::from(*digit));
    let length = digits.len();
    match prefix(4) {
        4000..=4999 => matches!(length, 13 | 16 | 19),
        5100..=5599 | 2221..=2720 => length == 16,
        3400..=3499 | 3700..=3799 => length == 15,
        3000..=3059 | 3095 | 3600..=3699 | 3800..=3999 => (14..=19).contains(&length),
        6011 | 6440..=6599 | 3528..=3589 | 6200..=6299 | 2200..=2204 | 8100..=8199 => (16..=19).contains(&length),
        5018 | 5020 | 5038 | 5893 | 6304 | 6759 | 6761..=6763 => true,
        5080..=5089 | 6060..=6089 | 6390 => length == 16,
        _ => false,
    }
}

fn passes_luhn(digits: &[u8]) -> bool {
    let sum: u32 = digits
        .iter()
        .rev()
        .enumerate()
        .map(|(position, digit)| {
            let weighted = u32::from(*digit) << (position % 2);
            if weighted > 9 { weighted - 9 } else { weighted }
        })
        .sum();
    sum.is_multiple_of(10)
}
