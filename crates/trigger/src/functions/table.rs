//! The table of functions, and the ways to look one up by its name.

use super::{
    Form, Function, Part, Signature,
    Takes::{Anything, Int, List, Number, NumberOrList, Sized, Text, TextOrList, Time},
};
use crate::kind::Kind;

macro_rules! functions {
    ($($form:ident $name:literal $function:expr, $takes:expr, $optional:literal => $gives:ident, $weight:literal;)*) => {
        &[$(Signature {
            name: $name,
            form: Form::$form,
            function: $function,
            takes: &$takes,
            optional: $optional,
            gives: Kind::$gives,
            weight: $weight,
        }),*]
    };
}

static FUNCTIONS: &[Signature] = functions! {
    Either "size" Function::Size, [Sized], 0 => Int, 2;
    Free "int" Function::ToInt, [Anything], 0 => Int, 2;
    Free "double" Function::ToDouble, [Anything], 0 => Double, 2;
    Free "string" Function::ToText, [Anything], 0 => Text, 4;
    Free "bool" Function::ToBool, [Anything], 0 => Bool, 2;
    Free "duration" Function::ToDuration, [Anything], 0 => Duration, 4;
    Free "timestamp" Function::ToTimestamp, [Anything], 0 => Timestamp, 4;
    Free "dyn" Function::Same, [Anything], 0 => Any, 1;
    Free "div" Function::Div, [Number, Number], 0 => Number, 1;
    Method "startsWith" Function::StartsWith, [Text, Text], 0 => Bool, 2;
    Method "endsWith" Function::EndsWith, [Text, Text], 0 => Bool, 2;
    Method "contains" Function::Contains, [Text, Text], 0 => Bool, 4;
    Either "matches" Function::Matches, [Text, Text], 0 => Bool, 16;
    Method "lowerAscii" Function::LowerAscii, [Text], 0 => Text, 4;
    Method "upperAscii" Function::UpperAscii, [Text], 0 => Text, 4;
    Method "trim" Function::Trim, [Text], 0 => Text, 2;
    Method "charAt" Function::CharAt, [Text, Int], 0 => Text, 4;
    Method "indexOf" Function::IndexOf, [Text, Text, Int], 1 => Int, 4;
    Method "lastIndexOf" Function::LastIndexOf, [Text, Text, Int], 1 => Int, 4;
    Method "replace" Function::Replace, [Text, Text, Text, Int], 1 => Text, 8;
    Method "split" Function::Split, [Text, Text, Int], 1 => List, 8;
    Method "substring" Function::Substring, [Text, Int, Int], 1 => Text, 4;
    Method "join" Function::Join, [List, Text], 1 => Text, 8;
    Method "reverse" Function::Reverse, [TextOrList], 0 => Any, 8;
    Method "format" Function::Format, [Text, List], 0 => Text, 16;
    Strings "quote" Function::Quote, [Text], 0 => Text, 8;
    Math "greatest" Function::Greatest, [NumberOrList], 0 => Number, 2;
    Math "least" Function::Least, [NumberOrList], 0 => Number, 2;
    Math "ceil" Function::Ceil, [Number], 0 => Number, 1;
    Math "floor" Function::Floor, [Number], 0 => Number, 1;
    Math "round" Function::Round, [Number], 0 => Number, 1;
    Math "trunc" Function::Trunc, [Number], 0 => Number, 1;
    Math "abs" Function::Abs, [Number], 0 => Number, 1;
    Math "sign" Function::Sign, [Number], 0 => Number, 1;
    Math "isNaN" Function::IsNan, [Number], 0 => Bool, 1;
    Math "isInf" Function::IsInf, [Number], 0 => Bool, 1;
    Math "isFinite" Function::IsFinite, [Number], 0 => Bool, 1;
    Math "sqrt" Function::Sqrt, [Number], 0 => Double, 1;
    Math "bitAnd" Function::BitAnd, [Int, Int], 0 => Int, 1;
    Math "bitOr" Function::BitOr, [Int, Int], 0 => Int, 1;
    Math "bitXor" Function::BitXor, [Int, Int], 0 => Int, 1;
    Math "bitNot" Function::BitNot, [Int], 0 => Int, 1;
    Math "bitShiftLeft" Function::BitShiftLeft, [Int, Int], 0 => Int, 1;
    Math "bitShiftRight" Function::BitShiftRight, [Int, Int], 0 => Int, 1;
    Method "getFullYear" Function::Part(Part::Year), [Time, Text], 1 => Int, 8;
    Method "getMonth" Function::Part(Part::Month), [Time, Text], 1 => Int, 8;
    Method "getDate" Function::Part(Part::Date), [Time, Text], 1 => Int, 8;
    Method "getDayOfMonth" Function::Part(Part::DayOfMonth), [Time, Text], 1 => Int, 8;
    Method "getDayOfWeek" Function::Part(Part::DayOfWeek), [Time, Text], 1 => Int, 8;
    Method "getDayOfYear" Function::Part(Part::DayOfYear), [Time, Text], 1 => Int, 8;
    Method "getHours" Function::Part(Part::Hours), [Time, Text], 1 => Int, 8;
    Method "getMinutes" Function::Part(Part::Minutes), [Time, Text], 1 => Int, 8;
    Method "getSeconds" Function::Part(Part::Seconds), [Time, Text], 1 => Int, 8;
    Method "getMilliseconds" Function::Part(Part::Milliseconds), [Time, Text], 1 => Int, 8;
};

/// Functions that are not in the table, since they take a path or are macros.
pub(crate) const SPECIAL: [&str; 2] = ["has", "absent"];

/// The macros over lists and maps.
pub(crate) const MACROS: [&str; 7] = ["exists", "all", "exists_one", "filter", "map", "transformList", "transformMap"];

/// The functions over time, which need an agent's history.
pub(crate) const WINDOWS: [&str; 21] = [
    "avg",
    "min",
    "max",
    "sum",
    "stddev",
    "quantile",
    "last",
    "prev",
    "count",
    "rate",
    "share",
    "distinct",
    "consecutive",
    "delta",
    "pct_change",
    "increase",
    "zscore",
    "ewma",
    "seq",
    "unfollowed",
    "silent",
];

/// How a function over time is written.
pub(crate) fn window_usage(name: &str) -> String {
    const CONDITION: &str = "event_type == \"tool.error\"";
    match name {
        "quantile" => "quantile(0.95, latency_ms, 5m)".to_owned(),
        "count" | "rate" => format!("{name}(5m)` or `{name}({CONDITION}, 5m)"),
        "share" => format!("share({CONDITION}, 5m)"),
        "consecutive" => format!("consecutive({CONDITION}, 3)"),
        "seq" | "unfollowed" => format!("{name}({CONDITION}, event_type == \"tool.call\", 5m)"),
        "silent" => "silent(5m)".to_owned(),
        "absent" => "absent(latency_ms)` or `absent(latency_ms, 5m)".to_owned(),
        _ => format!("{name}(latency_ms, 5m)"),
    }
}

/// Whether a written name means the known one: as it is, or in snake_case.
pub(crate) fn same_name(written: &str, known: &str) -> bool {
    written == known || (written.contains('_') && snake_equals(written, known))
}

/// Whether a snake_case name spells the camelCase one: `starts_with`, `is_nan`, `get_full_year`.
fn snake_equals(snake: &str, camel: &str) -> bool {
    !snake.bytes().any(|byte| byte.is_ascii_uppercase())
        && !snake.starts_with('_')
        && !snake.ends_with('_')
        && camel.bytes().any(|byte| byte.is_ascii_uppercase())
        && snake.bytes().filter(|byte| *byte != b'_').eq(camel.bytes().map(|byte| byte.to_ascii_lowercase()))
}

/// Finds a function by its name and the way it is called.
pub(crate) fn find(name: &str, called: Form) -> Option<&'static Signature> {
    FUNCTIONS.iter().find(|signature| fits(signature.form, called) && same_name(name, signature.name))
}

/// The names that can be called in this way: for "did you mean".
pub(crate) fn names(called: Form) -> impl Iterator<Item = &'static str> {
    FUNCTIONS.iter().filter(move |signature| fits(signature.form, called)).map(|signature| signature.name)
}

/// What a call of a function costs.
pub(crate) fn weight(function: Function) -> u64 {
    FUNCTIONS.iter().find(|signature| signature.function == function).map_or(1, |signature| signature.weight)
}

fn fits(form: Form, called: Form) -> bool {
    form == called || (form == Form::Either && called.namespace().is_none())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn snake_case_is_an_alias() {
        let check = |name: &str, form, expected: Option<Function>| {
            assert_eq!(find(name, form).map(|signature| signature.function), expected, "{name}");
        };
        check("startsWith", Form::Method, Some(Function::StartsWith));
        check("starts_with", Form::Method, Some(Function::StartsWith));
        check("last_index_of", Form::Method, Some(Function::LastIndexOf));
        check("is_nan", Form::Math, Some(Function::IsNan));
        check("bit_shift_left", Form::Math, Some(Function::BitShiftLeft));
        check("quote", Form::Strings, Some(Function::Quote));
        check("quote", Form::Math, None);
        check("size", Form::Strings, None);
        check("get_day_of_week", Form::Method, Some(Function::Part(Part::DayOfWeek)));
        check("startswith", Form::Method, None);
        check("starts_with_", Form::Method, None);
        check("startsWith", Form::Free, None);
        check("size", Form::Free, Some(Function::Size));
    }
}
