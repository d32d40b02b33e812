//! Values that tell no secret: booleans, variables, counts, masks, words that say what is wrong with one. Where a value ends is left to
//! `value`.

use crate::keys::SecretName;

/// Values that are no secrets: they tell of a type or a state.
#[rustfmt::skip]
const PLAIN: [&str; 84] = [
    "true", "false", "null", "none", "nil", "yes", "no", "undefined", "str", "string", "&str", "int", "bool", "bytes", "any",
    "required", "optional", "missing", "invalid", "incorrect", "expired", "empty", "unknown", "set", "unset", "wrong", "rejected",
    "revoked", "ok", "hidden", "enabled", "disabled", "valid", "not", "found", "failed", "denied", "see", "masked", "redacted",
    "absent", "present", "refreshed", "rotated", "changed", "n/a", "error", "it", "please", "must", "should", "is", "was", "the", "your",
    "my", "this", "that", "use", "accepted", "declined", "needed", "will", "cannot", "has", "are", "we", "you", "how", "why", "await",
    "new", "yield", "filtered", "removed", "cls", "mask", "too", "sent", "on", "off", "option", "vec", "promise",
];
/// Whether a value tells no secret.
pub(crate) fn is_plain(value: &str, secret: SecretName, in_quotes: bool) -> bool {
    let bare = value.trim_end_matches(['.', ')', '}', ']', '!', '?']);
    let word = bare.trim_start_matches(['[', '(']);
    if value.is_empty() || (!in_quotes && PLAIN.iter().any(|plain| word.eq_ignore_ascii_case(plain))) {
        return true;
    }
    let counts = secret.plural && is_count(bare);
    counts || is_variable(bare, value) || is_mask(value) || stands_for_one(bare)
}

/// A number, a price, or what it counts with it: `12`, `$0.03`, `in=12`.
fn is_count(bare: &str) -> bool {
    let number = bare.rsplit_once('=').map_or(bare, |(_, number)| number).trim_start_matches(['$', '€', '£']);
    number.starts_with(|c: char| c.is_ascii_digit()) && number.bytes().all(is_of_number)
}

/// `********` and `xxxx`.
fn is_mask(value: &str) -> bool {
    let is_crossed = value.len() > 2 && value.bytes().all(|byte| matches!(byte, b'x' | b'X'));
    is_crossed || value.chars().all(|c| matches!(c, '*' | '.' | '-' | '_' | '•'))
}

/// What documents write in place of a secret: `your-api-key`, `YOUR_TOKEN`.
fn stands_for_one(bare: &str) -> bool {
    let is_yours =
        ["your-", "your_"].iter().any(|own| bare.get(..5).is_some_and(|start| start.eq_ignore_ascii_case(own)));
    is_yours && bare.bytes().all(|byte| byte.is_ascii_alphabetic() || matches!(byte, b'-' | b'_'))
}

const fn is_of_number(byte: u8) -> bool {
    byte.is_ascii_digit() || matches!(byte, b'.' | b'k' | b'K' | b'M' | b'%' | b'/' | b'_')
}

/// `${NAME}`, `$NAME` and `{{ name }}`: the name of a secret, not the secret.
fn is_variable(bare: &str, value: &str) -> bool {
    let is_name = |name: &str| {
        !name.is_empty() && name.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'_')
    };
    if let Some(name) = bare.strip_prefix("${").or_else(|| bare.strip_prefix('$')) {
        return is_name(name);
    }
    value.starts_with("{{") && value.len() < 64
}
