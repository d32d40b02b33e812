//! What CEL has in its string and math extensions, in times and in macros with two variables: expressions, and what they are. The
//! rows were written from CEL's specification; those of its own suite run in `main`.

mod format;
mod macros;
mod mathematics;
mod profiles;
mod properties;
mod strings;
mod times;

use serde_json::json;
use tidings_trigger::{Profile, cases};

use crate::normal;

/// What stands for any error; it is a name that nothing is bound to.
const ERROR: &str = "error";

/// Checks that the first of each row has the value, and the type, of the literal beside it.
fn check_all(rows: &[[&str; 2]]) {
    let wrong: Vec<String> = rows.iter().filter_map(|[source, expected]| difference(source, expected)).collect();
    assert!(wrong.is_empty(), "{} of {}:\n{}", wrong.len(), rows.len(), wrong.join("\n"));
}

fn difference(source: &str, expected: &str) -> Option<String> {
    let [told, wanted] = [source, expected].map(|source| {
        let answer = cases::answer(&json!({"name": "row", "expr": source}), Profile::Cel);
        (normal(&answer["value"]), answer)
    });
    let sound = wanted.1["value"].is_object() || expected == ERROR;
    let same = told.0 == wanted.0 && told.1["error"].is_string() == wanted.1["error"].is_string();
    (!sound || !same).then(|| format!("{source}\n  wanted {expected}\n  got    {}", told.1))
}
