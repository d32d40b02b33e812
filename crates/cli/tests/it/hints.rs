//! Hints as people see them: for each mistake of the language's list, the caret rendering.

use insta::assert_snapshot;

use crate::told;

#[test]
fn assignment() {
    assert_snapshot!(told("error_rate = 0.05"), @r#"
    error[syntax]: `=` is not an operator here
      |
    1 | error_rate = 0.05
      |            ^
      |
    help: write `==`
    "#);
}

#[test]
fn turned_around_comparison() {
    assert_snapshot!(told("error_rate => 0.05"), @r#"
    error[syntax]: `=>` is not an operator here
      |
    1 | error_rate => 0.05
      |            ^^
      |
    help: write `>=`
    "#);
}

#[test]
fn angle_brackets_for_unequal() {
    assert_snapshot!(told("model <> \"large\""), @r#"
    error[syntax]: `<>` is not an operator here
      |
    1 | model <> "large"
      |       ^^
      |
    help: write `!=`
    "#);
}

#[test]
fn single_ampersand_and_bar() {
    assert_snapshot!(told("steps > 5 & done"), @r#"
    error[syntax]: `&` is not an operator here
      |
    1 | steps > 5 & done
      |           ^
      |
    help: write `&&`
    "#);
    assert_snapshot!(told("steps > 5 | done"), @r#"
    error[syntax]: `|` is not an operator here
      |
    1 | steps > 5 | done
      |           ^
      |
    help: write `||`
    "#);
}

#[test]
fn chained_comparison() {
    assert_snapshot!(told("0.1 < error_rate < 0.5"), @r#"
    error[syntax]: comparisons do not chain
      |
    1 | 0.1 < error_rate < 0.5
      |                  ^
      |
    help: write `a < b && b < c`
    "#);
}

#[test]
fn negation_of_half_a_comparison() {
    assert_snapshot!(told("!steps > 5"), @r#"
    error[type]: `>` between a bool and an int
      |
    1 | !steps > 5
      | ^^^^^^^^^^
      |
    help: for the whole comparison write `!(a > b)` or `not a > b`
    "#);
    assert_snapshot!(told("!done == 5"), @r#"
    warning[type]: `!` takes only what stands directly behind it
      |
    1 | !done == 5
      | ^^^^^
      |
    help: for the whole comparison write `!(a > b)` or `not a > b`
    "#);
}

#[test]
fn typographic_quotes() {
    assert_snapshot!(told("severity == “error”"), @r#"
    error[syntax]: typographic quotes
      |
    1 | severity == “error”
      |             ^^^^^^^
      |
    help: use straight quotes: "..."
    "#);
    assert_snapshot!(told("note == “it’s late”"), @r#"
    error[syntax]: typographic quotes
      |
    1 | note == “it’s late”
      |         ^^^^^^^^^^^
      |
    help: use straight quotes: "..."
    "#);
    assert_snapshot!(told("tool == \"search” && steps > 5"), @r#"
    error[syntax]: unterminated string
      |
    1 | tool == "search” && steps > 5
      |         ^
      |
    help: close it with `"`: `”` is another character
    "#);
}

#[test]
fn full_width_operators() {
    assert_snapshot!(told("steps ＞ 5 ＆＆ done"), @r#"
    error[syntax]: a full-width character
      |
    1 | steps ＞ 5 ＆＆ done
      |       ^^
      |
    help: write `>`
    error[syntax]: a full-width character
      |
    1 | steps ＞ 5 ＆＆ done
      |            ^^^^
      |
    help: write `&&`
    "#);
    assert_snapshot!(told("steps >＝ ５０"), @r#"
    error[syntax]: a full-width character
      |
    1 | steps >＝ ５０
      |       ^^^
      |
    help: write `>=`
    error[syntax]: full-width digits
      |
    1 | steps >＝ ５０
      |           ^^^^
      |
    help: write `50`
    "#);
    assert_snapshot!(told("（steps ≥ 5）"), @r#"
    error[syntax]: a full-width character
      |
    1 | （steps ≥ 5）
      | ^^
      |
    help: write `(`
    error[syntax]: `≥` is not an operator here
      |
    1 | （steps ≥ 5）
      |         ^
      |
    help: write `>=`
    error[syntax]: a full-width character
      |
    1 | （steps ≥ 5）
      |            ^^
      |
    help: write `)`
    "#);
}

#[test]
fn unterminated_string() {
    assert_snapshot!(told("tool == 'search && steps > 5"), @r#"
    error[syntax]: unterminated string
      |
    1 | tool == 'search && steps > 5
      |         ^
      |
    help: close it with `'`
    "#);
    assert_snapshot!(told("tool == \"\"\"search\nagain"), @r#"
    error[syntax]: unterminated string
      |
    1 | tool == """search
      |         ^^^
      |
    help: close it with `"""`
    "#);
    assert_snapshot!(told("note == 'it's late'"), @r#"
    error[syntax]: expected an operator
      |
    1 | note == 'it's late'
      |             ^
      |
    help: join two parts with `&&` or `||`
    error[syntax]: unterminated string
      |
    1 | note == 'it's late'
      |                   ^
      |
    help: an apostrophe inside of '...' is written `\'`
    "#);
}

#[test]
fn unknown_function_or_method() {
    assert_snapshot!(told("tool.startWith(\"s\")"), @r#"
    error[unknown-function]: no method `startWith`
      |
    1 | tool.startWith("s")
      |      ^^^^^^^^^
      |
    help: did you mean `startsWith`?
    "#);
    assert_snapshot!(told("cuont(5m) > 3"), @r#"
    error[unknown-function]: no function `cuont`
      |
    1 | cuont(5m) > 3
      | ^^^^^
      |
    help: did you mean `count`?
    "#);
    assert_snapshot!(told("tool.frobnicate()"), @r#"
    error[unknown-function]: no method `frobnicate`
      |
    1 | tool.frobnicate()
      |      ^^^^^^^^^^
    "#);
}

#[test]
fn string_threshold_on_a_number() {
    assert_snapshot!(told("steps > '5'"), @r#"
    warning[type]: a number in quotes is text
      |
    1 | steps > '5'
      |         ^^^
      |
    help: remove the quotes: text never compares with a number
    "#);
    assert_snapshot!(told("size(tool) > '5'"), @r#"
    error[type]: `>` between an int and a string
      |
    1 | size(tool) > '5'
      | ^^^^^^^^^^^^^^^^
      |
    help: remove the quotes around the number
    "#);
}
