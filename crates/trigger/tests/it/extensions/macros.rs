//! Macros with two variables: index and item of a list, key and value of a map.

use super::check_all;

#[test]
fn exists_is_true_where_any_pair_is() {
    check_all(&[
        ["[1, 2, 3].exists(i, v, i > -1 && v > 0)", "true"],
        ["[1, 2, 3].exists(i, v, i == 1 && v == 2)", "true"],
        ["[1, 2, 3].exists(i, v, i > 2 && v > 3)", "false"],
        ["[1, 'foo', 3].exists(i, v, i == 1 && v != '1')", "true"],
        ["[1, 'foo', 3].exists(i, v, i == 3 || v == '10')", "false"],
        ["['foal', 'foo', 'four'].exists(i, v, i > 10 || v.startsWith('fo'))", "true"],
        ["[1, 2, 3].exists(i, v, v / i == 17)", "error"],
        ["[1, 2, 3].exists(i, v, v / i == 2)", "true"],
        ["[].exists(i, v, i == 0 || v == 2)", "false"],
        ["{'key1':1, 'key2':2}.exists(k, v, k == 'key2' && v == 2)", "true"],
        ["!{'key1':1, 'key2':2}.exists(k, v, k == 'key3' || v == 3)", "true"],
        ["{'key':1, 1:21}.exists(k, v, k != 2 && v != 22)", "true"],
        ["!{'key':1, 1:42}.exists(k, v, k == 2 && v == 43)", "true"],
        ["{}.exists(k, v, true)", "false"],
    ]);
}

#[test]
fn all_is_false_where_any_pair_is() {
    check_all(&[
        ["[1, 2, 3].all(i, v, i > -1 && v > 0)", "true"],
        ["[1, 2, 3].all(i, v, i == 1 && v == 2)", "false"],
        ["[1, 2, 3].all(i, v, i == 3 || v == 4)", "false"],
        ["[1, 'foo', 3].all(i, v, i == 0 || v == 1)", "false"],
        ["[0, 'foo', 3].all(i, v, v % 2 == i)", "false"],
        ["[0, 'foo', 5].all(i, v, v % 3 == i)", "error"],
        ["[1, 2, 3].all(i, v, 6 / (2 - v) == i)", "false"],
        ["[1, 2, 3].all(i, v, v / i != 17)", "error"],
        ["[].all(i, v, i > -1 || v > 0)", "true"],
        ["{'key1':1, 'key2':2}.all(k, v, k == 'key2' && v == 2)", "false"],
        ["{'a': 1, 'b': 2}.all(k, v, k in ['a', 'b'] && v < 3)", "true"],
        ["{}.all(k, v, false)", "true"],
    ]);
}

#[test]
fn exists_one_looks_at_every_pair() {
    check_all(&[
        ["[].existsOne(i, v, i == 3 || v == 7)", "false"],
        ["[7].existsOne(i, v, i == 0 && v == 7)", "true"],
        ["[8].existsOne(i, v, i == 0 && v == 7)", "false"],
        ["[1, 2, 3].existsOne(i, v, i > 2 || v > 3)", "false"],
        ["[5, 7, 8].existsOne(i, v, v % 5 == i)", "true"],
        ["[0, 1, 2, 3, 4].existsOne(i, v, v % 2 == i)", "false"],
        ["['foal', 'foo', 'foul', 'four'].existsOne(i, v, v.endsWith('oo'))", "true"],
        ["[3, 2, 1, 0].existsOne(i, v, v / i > 1)", "error"],
        ["[3, 2, 1, 0].existsOne(i, v, 12 / v > 1)", "error"],
        ["{6: 'six', 7: 'seven', 8: 'eight'}.existsOne(k, v, k % 5 == 2 && v == 'seven')", "true"],
        ["[7].exists_one(i, v, i == 0 && v == 7)", "true"],
    ]);
}

#[test]
fn lists_are_made_of_pairs() {
    check_all(&[
        ["[].transformList(i, v, i / v)", "[]"],
        ["[].transformList(i, v, i > v, i / v)", "[]"],
        ["[3].transformList(i, v, v * v + i)", "[9]"],
        ["[3].transformList(i, v, i == 0 && v == 3, v * v + i)", "[9]"],
        ["[2, 4, 6].transformList(i, v, v / 2 + i)", "[1, 3, 5]"],
        ["[2, 4, 6].transformList(i, v, i != 1 && v != 4, v / 2 + i)", "[1, 5]"],
        ["[2, 1, 0].transformList(i, v, v / i)", "error"],
        ["[2, 1, 0].transformList(i, v, v / i > 0, v)", "error"],
        ["{'foo': 'bar'}.transformList(k, v, k + v)", "['foobar']"],
        ["{'foo': 'bar'}.transformList(k, v, k == 'x', k + v)", "[]"],
        ["{}.transformList(k, v, k + v)", "[]"],
        ["{}.transformList(k, v, k == 'foo' && v == 'bar', k + v)", "[]"],
        ["[1, 2].transformList(i, v, [3, 4].transformList(j, w, i * j + v * w))", "[[3, 4], [6, 9]]"],
        ["1.transformList(i, v, v)", "error"],
        ["[1].transformList(v, v)", "error"],
    ]);
}

#[test]
fn maps_are_made_of_pairs() {
    check_all(&[
        ["{}.transformMap(k, v, k + v)", "{}"],
        ["{}.transformMap(k, v, k == 'foo' && v == 'bar', k + v)", "{}"],
        ["{'foo': 'bar'}.transformMap(k, v, k + v)", "{'foo': 'foobar'}"],
        ["{'foo': 'bar'}.transformMap(k, v, k == 'foo' && v == 'bar', k + v)", "{'foo': 'foobar'}"],
        [
            "{'foo': 'bar', 'baz': 'bux', 'hello': 'world'}.transformMap(k, v, k + v)",
            "{'baz': 'bazbux', 'foo': 'foobar', 'hello': 'helloworld'}",
        ],
        [
            "{'foo': 'bar', 'baz': 'bux', 'hello': 'world'}.transformMap(k, v, k != 'baz' && v != 'bux', k + v)",
            "{'foo': 'foobar', 'hello': 'helloworld'}",
        ],
        ["{'foo': 2, 'bar': 1, 'baz': 0}.transformMap(k, v, 4 / v)", "error"],
        ["{'foo': 2, 'bar': 1, 'baz': 0}.transformMap(k, v, k == 'baz' && 4 / v == 0, v)", "error"],
        ["[1, 2, 3].transformMap(i, v, v * i)", "{0: 0, 1: 2, 2: 6}"],
        ["[10, 20].transformMap(i, v, i > 0, v)", "{1: 20}"],
        ["'a'.transformMap(i, v, v)", "error"],
    ]);
}
