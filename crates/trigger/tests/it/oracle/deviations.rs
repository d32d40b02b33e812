//! Where the two differ, with the reason. A difference is explained only by what causes it: without that, there is none.

use regex::Regex;

use super::ask;

struct Deviation {
    /// What CEL, or the suite of its cases, says; and who differs.
    rule: &'static str,
    /// A pattern for what a source has in it where that matters.
    cause: &'static str,
    /// What to put in its place, so that it does not.
    instead: &'static str,
}

const DEVIATIONS: [Deviation; 10] = [
    Deviation {
        rule: "every ordering with NaN is false, as in IEEE 754: the oracle has an error",
        cause: r"\bnan\b",
        instead: "x",
    },
    Deviation { rule: "the same NaN where it is computed", cause: r"/ (\(*)-?0\.0", instead: "/ ${1}0.5" },
    Deviation {
        rule: "infinity, which only a quotient is, has the text +Inf: the oracle says inf",
        cause: r"string\((.*/)",
        instead: "dyn($1",
    },
    Deviation {
        rule: "a map has no key of a kind that no key is of: the oracle has an error",
        cause: " in ",
        instead: " == ",
    },
    Deviation {
        rule: "the suite writes 1.38e-23 and 6.02214e+23 with an exponent: the oracle spells all doubles out",
        cause: r"1\.5e-7|1e300",
        instead: "0.5",
    },
    Deviation {
        rule: "the suite's getMilliseconds of 123.321456789s is 321: the oracle gives all of the duration's milliseconds",
        cause: "getMilliseconds",
        instead: "getSeconds",
    },
    Deviation {
        rule: "a getter without a zone tells UTC: the oracle tells the offset that the timestamp was written with",
        cause: r"\+05:30",
        instead: "Z",
    },
    Deviation {
        rule: "lists are joined to lists only: the oracle adds the keys of a map",
        cause: r"\+ (\(*(\{|m\b))",
        instead: "== $1",
    },
    Deviation {
        rule: "the keys of a map have no order, ours and the oracle's differ",
        cause: r"((\}|\bm|\binner)\)+)\.(filter|map)\(",
        instead: "$1.exists_one(",
    },
    Deviation {
        rule: "what is not evaluated has no error: the oracle looks at literals in greatest and least beforehand",
        cause: r"math\.(greatest|least)(\(([^()]*, )?\[?(null|true|false|'|\{))",
        instead: "matches$2",
    },
];

/// The reason for a difference over a source, if there is a known one.
pub(super) fn explain(source: &str) -> Option<&'static str> {
    let mut without = source.to_owned();
    DEVIATIONS.iter().find_map(|deviation| {
        let cause = Regex::new(deviation.cause).expect("it is a pattern");
        let alone = cause.replace_all(source, deviation.instead);
        if alone == source {
            return None;
        }
        without = cause.replace_all(&without, deviation.instead).into_owned();
        (ask(&alone).agree() || ask(&without).agree()).then_some(deviation.rule)
    })
}
