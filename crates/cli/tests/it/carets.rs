//! The caret stands under the mistake: under each of several, and whatever text stands before it.

use insta::assert_snapshot;

use crate::told;

#[test]
fn several_mistakes_in_one_run() {
    assert_snapshot!(told("x = 5 && y => 3 || z <> 2"), @r#"
    error[syntax]: `=` is not an operator here
      |
    1 | x = 5 && y => 3 || z <> 2
      |   ^
      |
    help: write `==`
    error[syntax]: `=>` is not an operator here
      |
    1 | x = 5 && y => 3 || z <> 2
      |            ^^
      |
    help: write `>=`
    error[syntax]: `<>` is not an operator here
      |
    1 | x = 5 && y => 3 || z <> 2
      |                      ^^
      |
    help: write `!=`
    "#);
    assert_snapshot!(told("f(a = 1, b => 2, , c <> 3) && (d > || e = 4)"), @r#"
    error[unknown-function]: no function `f`
      |
    1 | f(a = 1, b => 2, , c <> 3) && (d > || e = 4)
      | ^
    error[syntax]: `=` is not an operator here
      |
    1 | f(a = 1, b => 2, , c <> 3) && (d > || e = 4)
      |     ^
      |
    help: write `==`
    error[syntax]: `=>` is not an operator here
      |
    1 | f(a = 1, b => 2, , c <> 3) && (d > || e = 4)
      |            ^^
      |
    help: write `>=`
    error[syntax]: expected a value, found `,`
      |
    1 | f(a = 1, b => 2, , c <> 3) && (d > || e = 4)
      |                  ^
    error[syntax]: `<>` is not an operator here
      |
    1 | f(a = 1, b => 2, , c <> 3) && (d > || e = 4)
      |                      ^^
      |
    help: write `!=`
    error[syntax]: expected a value, found `||`
      |
    1 | f(a = 1, b => 2, , c <> 3) && (d > || e = 4)
      |                                    ^^
    error[syntax]: `=` is not an operator here
      |
    1 | f(a = 1, b => 2, , c <> 3) && (d > || e = 4)
      |                                         ^
      |
    help: write `==`
    "#);
}

#[test]
fn wide_and_multi_byte_text() {
    assert_snapshot!(told("größe > 5 && 日本 => 3"), @r#"
    error[syntax]: `=>` is not an operator here
      |
    1 | größe > 5 && 日本 => 3
      |                   ^^
      |
    help: write `>=`
    "#);
    assert_snapshot!(told("emoji == \"🎉🎉\" && x = 5"), @r#"
    error[syntax]: `=` is not an operator here
      |
    1 | emoji == "🎉🎉" && x = 5
      |                      ^
      |
    help: write `==`
    "#);
}

#[test]
fn combining_marks() {
    assert_snapshot!(told("cafe\u{301} == \"cafe\u{301}\" && x = 5"), @r#"
    error[syntax]: `=` is not an operator here
      |
    1 | café == "café" && x = 5
      |                     ^
      |
    help: write `==`
    "#);
}

#[test]
fn tabs() {
    assert_snapshot!(told("\tx >\t5 &&\ty = 3"), @r#"
    error[syntax]: `=` is not an operator here
      |
    1 |     x >    5 &&    y = 3
      |                      ^
      |
    help: write `==`
    "#);
}

#[test]
fn lines_that_end_in_carriage_return_and_line_feed() {
    assert_snapshot!(told("x > 5 &&\r\n  y = 3 ||\r\n  z => 4\r\n"), @r#"
    error[syntax]: `=` is not an operator here
      |
    2 |   y = 3 ||
      |     ^
      |
    help: write `==`
    error[syntax]: `=>` is not an operator here
      |
    3 |   z => 4
      |     ^^
      |
    help: write `>=`
    "#);
}

#[test]
fn end_of_the_condition() {
    assert_snapshot!(told("x > 5 &&\n  // and what else?\n"), @r#"
    error[syntax]: the condition ends where a value should follow
      |
    1 | x > 5 &&
      |         ^
    "#);
}

#[test]
fn a_line_as_long_as_a_condition_may_be() {
    let name = "n".repeat(4088);
    assert_snapshot!(told(&format!("{name} = 5")), @r#"
    error[syntax]: `=` is not an operator here
      |
    1 | ...nnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnn = 5
      |                                                                    ^
      |
    help: write `==`
    "#);
    assert_snapshot!(told(&format!("a = 5 && {}", &name[1..])), @r#"
    error[syntax]: `=` is not an operator here
      |
    1 | a = 5 && nnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnn...
      |   ^
      |
    help: write `==`
    "#);
}
