//! The words that expressions are made of: kinds, variables and literals, edges among them.

/// What an expression is meant to give.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Int,
    Double,
    Text,
    Bool,
    List,
    Map,
    Null,
    Duration,
    Timestamp,
}

pub(super) const KINDS: [Kind; 9] = [
    Kind::Int,
    Kind::Bool,
    Kind::Text,
    Kind::Double,
    Kind::List,
    Kind::Map,
    Kind::Null,
    Kind::Duration,
    Kind::Timestamp,
];

/// The variables that every expression may read; what they are bound to stands in the module above.
pub(super) const VARIABLES: [(&str, Kind); 17] = [
    ("i", Kind::Int),
    ("j", Kind::Int),
    ("low", Kind::Int),
    ("x", Kind::Double),
    ("nan", Kind::Double),
    ("s", Kind::Text),
    ("t", Kind::Text),
    ("yes", Kind::Bool),
    ("no", Kind::Bool),
    ("numbers", Kind::List),
    ("mixed", Kind::List),
    ("words", Kind::List),
    ("m", Kind::Map),
    ("m.inner", Kind::Map),
    ("nothing", Kind::Null),
    ("m.count", Kind::Int),
    ("m.inner.deep", Kind::Text),
];

pub(super) const INTS: [&str; 9] =
    ["0", "1", "2", "-1", "7", "100", "0x1F", "9223372036854775807", "-9223372036854775808"];
pub(super) const DOUBLES: [&str; 9] =
    ["0.0", "1.0", "0.5", "-2.25", "1e300", "-0.0", "1.5e-7", ".25", "9007199254740993.0"];
pub(super) const TEXTS: [&str; 12] = [
    "''",
    "'a'",
    "\"abc\"",
    "'héllo'",
    "'✌'",
    "'12'",
    "r'\\d+'",
    "'-2.5'",
    "'true'",
    "'a,b,c'",
    "'''it's'''",
    "'\\u00e9\\n'",
];
pub(super) const DURATIONS: [&str; 6] = ["'0'", "'1h30m'", "'-1.5s'", "'1000000h'", "'2us'", "'x'"];
pub(super) const TIMES: [&str; 6] = [
    "'2009-02-13T23:31:30Z'",
    "'1970-01-01T00:00:00.25Z'",
    "'9999-12-31T23:59:59Z'",
    "'0001-01-01T00:00:00Z'",
    "'2024-02-29T12:00:00+05:30'",
    "'never'",
];
pub(super) const ZONES: [&str; 5] = ["'UTC'", "'Europe/Zurich'", "'-02:30'", "'Australia/Sydney'", "'Nowhere'"];

/// Those that a duration has come last.
pub(super) const GETTERS: [&str; 10] = [
    "getFullYear",
    "getMonth",
    "getDate",
    "getDayOfMonth",
    "getDayOfWeek",
    "getDayOfYear",
    "getHours",
    "getMinutes",
    "getSeconds",
    "getMilliseconds",
];
