//! Entries as lines of CSV, by RFC 4180. What a spreadsheet would take for a formula begins with an apostrophe instead.

use tidings::{explain::utc, store::Entry};

/// The first line.
pub(super) const HEAD: &str =
    "number,at,time,step,event,notification,delivery,rule,agent,user,endpoint,attempt,detail\r\n";

/// An entry's line.
pub(super) fn line(entry: &Entry) -> String {
    let id = |id: Option<String>| id.unwrap_or_default();
    let name = |name: &Option<String>| name.clone().unwrap_or_default();
    let detail = if entry.detail.is_empty() { String::new() } else { serde_json::json!(entry.detail).to_string() };
    let fields = [
        entry.number.to_string(),
        entry.at.as_secs_f64().to_string(),
        utc(entry.at),
        entry.step.as_str().to_owned(),
        id(entry.event.map(|id| id.to_string())),
        id(entry.notification.map(|id| id.to_string())),
        id(entry.delivery.map(|id| id.to_string())),
        name(&entry.rule),
        name(&entry.agent),
        name(&entry.user),
        name(&entry.endpoint),
        entry.attempt.to_string(),
        detail,
    ];
    let quoted: Vec<String> = fields.iter().map(|field| quote(field)).collect();
    quoted.join(",") + "\r\n"
}

/// A field as it stands in a line.
fn quote(field: &str) -> String {
    let safe = if is_formula(field) { format!("'{field}") } else { field.to_owned() };
    if safe.contains([',', '"', '\r', '\n']) { format!("\"{}\"", safe.replace('"', "\"\"")) } else { safe }
}

/// Whether a spreadsheet may reckon it out: also behind blanks, and in the wide letters of East Asia.
fn is_formula(field: &str) -> bool {
    let first = field.trim_start_matches([' ', '\u{a0}', '\u{feff}']).chars().next();
    first.is_some_and(|first| matches!(first, '=' | '+' | '-' | '@' | '\t' | '\r' | '\n' | '＝' | '＋' | '－' | '＠'))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn fields_are_quoted_and_never_reckoned_out() {
        let check = |field: &str, expected: &str| assert_eq!(quote(field), expected, "{field:?}");
        check("plain", "plain");
        check("", "");
        check("a,b", "\"a,b\"");
        check("say \"x\"", "\"say \"\"x\"\"\"");
        check("two\r\nlines", "\"two\r\nlines\"");
        check("=1+1", "'=1+1");
        check("=HYPERLINK(\"http://x\",1)", "\"'=HYPERLINK(\"\"http://x\"\",1)\"");
        check("+41", "'+41");
        check("-1", "'-1");
        check("@SUM(A1)", "'@SUM(A1)");
        check("\tx", "'\tx");
        check("\r=x", "\"'\r=x\"");
        check(" =x", "' =x");
        check("＝x", "'＝x");
        check("a=b", "a=b");
    }

    proptest! {
        #[test]
        fn a_quoted_field_reads_back(field in ".*") {
            let quoted = quote(&field);
            let bare = match quoted.strip_prefix('"') {
                Some(rest) => rest.strip_suffix('"').unwrap().replace("\"\"", "\""),
                None => { prop_assert!(!quoted.contains([',', '"', '\r', '\n'])); quoted }
            };
            prop_assert!(!is_formula(&bare));
            prop_assert_eq!(bare.strip_prefix('\'').filter(|_| is_formula(&field)).unwrap_or(&bare), &field);
        }
    }
}
