use super::{Form, MACROS, SPECIAL, WINDOWS, names};

#[test]
fn the_guide_shows_every_function() {
    let guide = include_str!("../../../../docs/guide/conditions.md");
    let table = [Form::Free, Form::Method].into_iter().chain(Form::SPACED).flat_map(names);
    // `dyn` is a word of CEL's profile only.
    let all = table.filter(|name| *name != "dyn").chain(MACROS).chain(SPECIAL).chain(WINDOWS);
    let absent: Vec<&str> = all.filter(|name| !guide.contains(&format!("{name}("))).collect();
    assert!(absent.is_empty(), "not in docs/guide/conditions.md: {absent:?}");
}
