//! `text.format(list)`: every kind of place with every kind of item.

use super::check_all;

#[test]
fn places_are_filled_one_after_the_other() {
    check_all(&[
        [r#""no substitution".format([])"#, "'no substitution'"],
        [r#"''.format([])"#, "''"],
        [r#""str is %s and some more".format(["filler"])"#, "'str is filler and some more'"],
        [r#""%% and also %%".format([])"#, "'% and also %'"],
        [r#""%%%s%%".format(["text"])"#, "'%text%'"],
        [r#""%s%%".format(["percent on the right"])"#, "'percent on the right%'"],
        [r#""%%%s".format(["percent on the left"])"#, "'%percent on the left'"],
        [r#""%%s".format([])"#, "'%s'"],
        [
            r#""%d %d %d, %s %s %s, %d %d %d, %s %s %s".format([1, 2, 3, "A", "B", "C", 4, 5, 6, "D", "E", "F"])"#,
            "'1 2 3, A B C, 4 5 6, D E F'",
        ],
        [r#""\u0025\u0025escaped \u0025s\u0025\u0025".format(["percent"])"#, "'%escaped percent%'"],
        [r#""%s".format(["%d"])"#, "'%d'"],
        [r#"["%s", "-"].join().format(["é"])"#, "'é-'"],
        ["'%s 日本 %s'.format(['語', '😀'])", "'語 日本 😀'"],
        // What is left over is no error.
        ["'%s'.format(['a', 'b'])", "'a'"],
        ["'none'.format([1])", "'none'"],
    ]);
}

#[test]
fn numbers_have_a_base_and_a_precision() {
    check_all(&[
        [r#""%.3f".format([1.2345])"#, "'1.234'"],
        [r#""%f".format([2.71828])"#, "'2.718280'"],
        [r#""%.0f".format([2.5])"#, "'2'"],
        [r#""%.0f".format([3.5])"#, "'4'"],
        [r#""%.2f".format([0.125])"#, "'0.12'"],
        [r#""%.2f".format([-0.001])"#, "'-0.00'"],
        [r#""%.1f".format([1e21])"#, "'1000000000000000000000.0'"],
        [r#""%f".format([3])"#, "'3.000000'"],
        [r#""%.6e".format([1052.032911275])"#, "'1.052033e+03'"],
        [r#""%e".format([2.71828])"#, "'2.718280e+00'"],
        [r#""%.2e".format([0.00012345])"#, "'1.23e-04'"],
        [r#""%.0e".format([1234.5])"#, "'1e+03'"],
        [r#""%e".format([0.0])"#, "'0.000000e+00'"],
        [r#""%.1e".format([-1e100])"#, "'-1.0e+100'"],
        [r#""%.2e".format([12345])"#, "'1.23e+04'"],
        [r#""%d".format([-42])"#, "'-42'"],
        [r#""%d".format([9223372036854775807])"#, "'9223372036854775807'"],
        [r#""%d".format([-9223372036854775808])"#, "'-9223372036854775808'"],
        [r#""%d".format([1.5])"#, "'1.5'"],
        [r#""this is 5 in binary: %b".format([5])"#, "'this is 5 in binary: 101'"],
        [r#""%b".format([-5])"#, "'-101'"],
        [r#""%b".format([0])"#, "'0'"],
        [r#""bit set from bool: %b".format([true])"#, "'bit set from bool: 1'"],
        [r#""%b".format([false])"#, "'0'"],
        [r#""%o".format([11])"#, "'13'"],
        [r#""%o".format([-8])"#, "'-10'"],
        [r#""%x is 20 in hexadecimal".format([30])"#, "'1e is 20 in hexadecimal'"],
        [r#""%X is 20 in hexadecimal".format([30])"#, "'1E is 20 in hexadecimal'"],
        [r#""%x".format([-30])"#, "'-1e'"],
        [r#""%x".format([-9223372036854775808])"#, "'-8000000000000000'"],
        [r#""%x".format(["Hello world!"])"#, "'48656c6c6f20776f726c6421'"],
        [r#""%X".format(["Hello world!"])"#, "'48656C6C6F20776F726C6421'"],
        [r#""%x".format(["é\n"])"#, "'c3a90a'"],
        // Only `f` and `e` look at a precision.
        [r#""%.3d %.1s %.2x".format([7, "abc", 255])"#, "'7 abc ff'"],
    ]);
}

#[test]
fn doubles_that_are_no_numbers_have_names() {
    check_all(&[
        [r#""%e".format([double("NaN")])"#, "'NaN'"],
        [r#""%e".format([double("Infinity")])"#, "'Infinity'"],
        [r#""%e".format([double("-Infinity")])"#, "'-Infinity'"],
        [r#""%f".format([double("NaN")])"#, "'NaN'"],
        [r#""%.3f".format([double("Infinity")])"#, "'Infinity'"],
        [r#""%f".format([double("-Infinity")])"#, "'-Infinity'"],
        [r#""%d".format([double("NaN")])"#, "'NaN'"],
        [r#""%d".format([double("Infinity")])"#, "'Infinity'"],
        [r#""%d".format([double("-Infinity")])"#, "'-Infinity'"],
        [r#""%s".format([double("NaN")])"#, "'NaN'"],
        [r#""%s".format([double("inf")])"#, "'Infinity'"],
        [r#""%s".format([[double("NaN"), double("Infinity"), double("-Infinity")]])"#, "'[NaN, Infinity, -Infinity]'"],
    ]);
}

#[test]
fn anything_can_be_written_plainly() {
    check_all(&[
        [r#""null: %s".format([null])"#, "'null: null'"],
        [r#""%s".format([999999999999])"#, "'999999999999'"],
        [r#""%s".format([2.71])"#, "'2.71'"],
        [r#""%s %s".format([1.0, 1e22])"#, "'1 10000000000000000000000'"],
        [r#""%s".format([timestamp("2023-02-03T23:31:20+00:00")])"#, "'2023-02-03T23:31:20Z'"],
        [r#""%s".format([timestamp("2023-02-03T23:31:20.5+01:00")])"#, "'2023-02-03T22:31:20.5Z'"],
        [r#""%s".format([duration("1h45m47s")])"#, "'6347s'"],
        [r#""%s".format([duration("-1500ms")])"#, "'-1.5s'"],
        [
            r#""%s".format([["abc", 3.14, null, [9, 8, 7, 6], timestamp("2023-02-03T23:31:20Z")]])"#,
            "'[abc, 3.14, null, [9, 8, 7, 6], 2023-02-03T23:31:20Z]'",
        ],
        [r#""%s %s".format([[], {}])"#, "'[] {}'"],
        [
            r#""%s".format([{"key1": "xyz", "key5": null, "key2": duration("2h"), "key4": true, "key3": 2.71828}])"#,
            "'{key1: xyz, key2: 7200s, key3: 2.71828, key4: true, key5: null}'",
        ],
        [
            r#""map with multiple key types: %s".format([{true: double("NaN"), 1: "value1", "b": [{}]}])"#,
            "'map with multiple key types: {1: value1, b: [{}], true: NaN}'",
        ],
        [r#""%s".format([{10: 1, 9: 2}])"#, "'{10: 1, 9: 2}'"],
        [r#""true bool: %s, false bool: %s".format([true, false])"#, "'true bool: true, false bool: false'"],
    ]);
}

#[test]
fn dynamic_items_are_what_they_are() {
    check_all(&[
        [r#""dynamic string: %s".format([dyn("a string")])"#, "'dynamic string: a string'"],
        [r#""dynIntStr: %s dynDoubleStr: %s".format([dyn(32), dyn(56.8)])"#, "'dynIntStr: 32 dynDoubleStr: 56.8'"],
        [r#""dynInt: %d".format([dyn(128)])"#, "'dynInt: 128'"],
        [r#""dynHex: %x".format([dyn(22)])"#, "'dynHex: 16'"],
        [r#""dynHex: %X (uppercase)".format([dyn(26)])"#, "'dynHex: 1A (uppercase)'"],
        [r#""dynDouble: %.3f".format([dyn(4.5)])"#, "'dynDouble: 4.500'"],
        [r#""(dyntype) e: %e".format([dyn(2.71828)])"#, "'(dyntype) e: 2.718280e+00'"],
        [r#""%s".format([dyn(timestamp("2009-11-10T23:00:00Z"))])"#, "'2009-11-10T23:00:00Z'"],
        [r#""%s".format([dyn(duration("8747s"))])"#, "'8747s'"],
        [r#""%s".format([dyn([6, 4.2, "a string"])])"#, "'[6, 4.2, a string]'"],
        [r#""%s".format([{"strKey":"x", 6:duration("422s"), true:42}])"#, "'{6: 422s, strKey: x, true: 42}'"],
    ]);
}

#[test]
fn what_cannot_be_written_so_is_an_error() {
    check_all(&[
        [r#""%a".format([1])"#, "error"],
        [r#""%".format([1])"#, "error"],
        [r#""100%".format([])"#, "error"],
        [r#""%S".format(["a"])"#, "error"],
        [r#""% d".format([1])"#, "error"],
        [r#""%5d".format([1])"#, "error"],
        [r#""%-d".format([1])"#, "error"],
        [r#""%.f".format([1.0])"#, "error"],
        [r#""%.".format([1.0])"#, "error"],
        [r#""%.3".format([1.0])"#, "error"],
        [r#""%.-3f".format([1.0])"#, "error"],
        [r#""%.1001f".format([1.0])"#, "error"],
        [r#""%.99999999999999999999f".format([1.0])"#, "error"],
        [r#""%.3%".format([1.0])"#, "error"],
        [r#""%é".format([1])"#, "error"],
        [r#""%d %d %d".format([0, 1])"#, "error"],
        [r#""%s".format([])"#, "error"],
        [r#""string is %b".format(["abc"])"#, "error"],
        [r#""%b".format([1.5])"#, "error"],
        [r#""%d".format([duration("30m2s")])"#, "error"],
        [r#""%d".format(["a"])"#, "error"],
        [r#""%d".format([true])"#, "error"],
        [r#""octal: %o".format(["a string"])"#, "error"],
        [r#""%o".format([true])"#, "error"],
        [r#""double is %x".format([0.5])"#, "error"],
        [r#""double is %X".format([0.5])"#, "error"],
        [r#""%x".format([true])"#, "error"],
        [r#""%f".format(["NaN"])"#, "error"],
        [r#""%f".format([true])"#, "error"],
        [r#""%e".format(["a"])"#, "error"],
        [r#""%e".format([[1.0]])"#, "error"],
        [r#""null: %d".format([null])"#, "error"],
        [r#""null: %e".format([null])"#, "error"],
        [r#""null: %f".format([null])"#, "error"],
        [r#""null: %x".format([null])"#, "error"],
        [r#""null: %X".format([null])"#, "error"],
        [r#""null: %b".format([null])"#, "error"],
        [r#""null: %o".format([null])"#, "error"],
        [r#""%s".format([1 / 0])"#, "error"],
        [r#""%s".format("a")"#, "error"],
        [r#""%s".format(1)"#, "error"],
        [r#""%s".format()"#, "error"],
        [r#""%s %s".format(["a"], ["b"])"#, "error"],
        [r#"1.format([1])"#, "error"],
        [r#"["%s"].format([1])"#, "error"],
    ]);
}
