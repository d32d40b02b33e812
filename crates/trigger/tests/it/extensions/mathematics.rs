//! The `math.` functions, at the ends of the ranges of their types too.

use super::check_all;

#[test]
fn greatest_and_least_compare_by_value() {
    check_all(&[
        ["math.greatest(5)", "5"],
        ["math.greatest(1, 1)", "1"],
        ["math.greatest(3, -3)", "3"],
        ["math.greatest(-7, 5)", "5"],
        ["math.greatest(9223372036854775807, 1)", "9223372036854775807"],
        ["math.greatest(-9223372036854775808, 1)", "1"],
        ["math.greatest(1, 1.0) == 1", "true"],
        ["math.greatest(1, -2.0)", "1"],
        ["math.greatest(-42.0, -21.5, -100.0)", "-21.5"],
        ["math.greatest(1, 2.5, 2)", "2.5"],
        ["math.greatest([-42.0, -21.5, -100.0])", "-21.5"],
        ["math.greatest([5])", "5"],
        ["math.greatest(5.4, 10, -5.0, 9223372036854775807)", "9223372036854775807"],
        ["math.greatest([5.4, 10, -5.0, dyn(3)])", "10"],
        ["math.greatest(dyn(1), 1.5)", "1.5"],
        ["math.greatest(9007199254740993, 9007199254740992.0)", "9007199254740993"],
        ["math.least(5)", "5"],
        ["math.least(3, -3)", "-3"],
        ["math.least(-9223372036854775808, 1)", "-9223372036854775808"],
        ["math.least(1, 1.0) == 1", "true"],
        ["math.least(-42.0, -21.5, -100.0)", "-100.0"],
        ["math.least([1, -2.5, 2])", "-2.5"],
        ["math.least(5.4, 10, -5.0, 9223372036854775807)", "-5.0"],
        ["math.greatest()", "error"],
        ["math.least()", "error"],
        ["math.greatest([])", "error"],
        ["math.least([])", "error"],
        ["math.greatest('s')", "error"],
        ["math.least(dyn('s'))", "error"],
        ["math.greatest(1, 's')", "error"],
        ["math.least([1, dyn('s')])", "error"],
        ["math.greatest({})", "error"],
        ["math.greatest([1], [2])", "error"],
        ["math.least(null)", "error"],
    ]);
}

#[test]
fn rounding_takes_doubles_only() {
    check_all(&[
        ["math.ceil(1.2)", "2.0"],
        ["math.ceil(-1.2)", "-1.0"],
        ["math.floor(1.2)", "1.0"],
        ["math.floor(-1.2)", "-2.0"],
        ["math.round(1.2)", "1.0"],
        ["math.round(1.5)", "2.0"],
        ["math.round(2.5)", "3.0"],
        ["math.round(-1.5)", "-2.0"],
        ["math.round(-1.2)", "-1.0"],
        ["math.round(0.49999999999999994)", "0.0"],
        ["math.isNaN(math.round(0.0 / 0.0))", "true"],
        ["math.trunc(-1.3)", "-1.0"],
        ["math.trunc(1.3)", "1.0"],
        ["math.isNaN(math.trunc(0.0 / 0.0))", "true"],
        ["math.ceil(1.0 / 0.0)", "double('Infinity')"],
        ["math.ceil(dyn(1))", "error"],
        ["math.floor(dyn(1))", "error"],
        ["math.round(dyn(1))", "error"],
        ["math.trunc(dyn(1))", "error"],
        ["math.ceil('1.2')", "error"],
        ["math.floor(true)", "error"],
        ["math.round(1.2, 1)", "error"],
    ]);
}

#[test]
fn magnitudes_signs_and_roots() {
    check_all(&[
        ["math.abs(1)", "1"],
        ["math.abs(-11)", "11"],
        ["math.abs(1.5)", "1.5"],
        ["math.abs(-11.5)", "11.5"],
        ["math.abs(-9223372036854775807)", "9223372036854775807"],
        ["math.abs(-9223372036854775808)", "error"],
        ["math.isNaN(math.abs(0.0 / 0.0))", "true"],
        ["math.sign(100)", "1"],
        ["math.sign(-11)", "-1"],
        ["math.sign(0)", "0"],
        ["math.sign(-9223372036854775808)", "-1"],
        ["math.sign(100.5)", "1.0"],
        ["math.sign(-32.0)", "-1.0"],
        ["math.sign(0.0)", "0.0"],
        ["math.isNaN(math.sign(0.0 / 0.0))", "true"],
        ["math.abs('x')", "error"],
        ["math.sign(true)", "error"],
        ["math.sqrt(49.0)", "7.0"],
        ["math.sqrt(0)", "0.0"],
        ["math.sqrt(1)", "1.0"],
        ["math.sqrt(81)", "9.0"],
        ["math.sqrt(985.25)", "31.388692231439016"],
        ["math.isNaN(math.sqrt(-15.34))", "true"],
        ["math.isNaN(math.sqrt(-15))", "true"],
        ["math.sqrt(1.0 / 0.0)", "double('Infinity')"],
        ["math.sqrt('4')", "error"],
        ["math.sqrt()", "error"],
        ["math.sqrt(4.0, 9.0)", "error"],
    ]);
}

#[test]
fn doubles_tell_what_they_are() {
    check_all(&[
        ["math.isNaN(0.0 / 0.0)", "true"],
        ["!math.isNaN(1.0 / 0.0)", "true"],
        ["math.isNaN(dyn(1))", "error"],
        ["math.isFinite(1.0 / 1.5)", "true"],
        ["!math.isFinite(1.0 / 0.0)", "true"],
        ["!math.isFinite(0.0 / 0.0)", "true"],
        ["math.isFinite(dyn(1))", "error"],
        ["math.isInf(1.0 / 0.0)", "true"],
        ["math.isInf(-1.0 / 0.0)", "true"],
        ["!math.isInf(0.0 / 0.0)", "true"],
        ["math.isInf(dyn(1))", "error"],
        ["math.isNaN('NaN')", "error"],
    ]);
}

#[test]
fn bits_are_those_of_64() {
    check_all(&[
        ["math.bitAnd(1, 2)", "0"],
        ["math.bitAnd(5, 3)", "1"],
        ["math.bitAnd(1, -1)", "1"],
        ["math.bitAnd(-3, -5)", "-7"],
        ["math.bitAnd(9223372036854775807, 9223372036854775807)", "9223372036854775807"],
        ["math.bitAnd(-9223372036854775808, -1)", "-9223372036854775808"],
        ["math.bitOr(1, 2)", "3"],
        ["math.bitOr(4, -2)", "-2"],
        ["math.bitOr(1, 0)", "1"],
        ["math.bitXor(1, 3)", "2"],
        ["math.bitXor(3, 5)", "6"],
        ["math.bitXor(1, -1)", "-2"],
        ["math.bitNot(1)", "-2"],
        ["math.bitNot(-1)", "0"],
        ["math.bitNot(0)", "-1"],
        ["math.bitNot(9223372036854775807)", "-9223372036854775808"],
        ["math.bitAnd(1.0, 1)", "error"],
        ["math.bitAnd(1, 'a')", "error"],
        ["math.bitOr(true, 1)", "error"],
        ["math.bitXor(1)", "error"],
        ["math.bitNot(1.5)", "error"],
        ["math.bitNot(1, 2)", "error"],
        ["math.bitAnd(null, 1)", "error"],
    ]);
}

#[test]
fn shifts_move_the_sign_like_any_other_bit() {
    check_all(&[
        ["math.bitShiftLeft(1, 2)", "4"],
        ["math.bitShiftLeft(1, 0)", "1"],
        ["math.bitShiftLeft(1, 63)", "-9223372036854775808"],
        ["math.bitShiftLeft(-1, 1)", "-2"],
        ["math.bitShiftLeft(3, 63)", "-9223372036854775808"],
        ["math.bitShiftLeft(1, 64)", "0"],
        ["math.bitShiftLeft(1, 200)", "0"],
        ["math.bitShiftLeft(-1, 200)", "0"],
        ["math.bitShiftLeft(1, 4294967296)", "0"],
        ["math.bitShiftLeft(1, 9223372036854775807)", "0"],
        ["math.bitShiftLeft(1, -1)", "error"],
        ["math.bitShiftLeft(1, -9223372036854775808)", "error"],
        ["math.bitShiftRight(1024, 2)", "256"],
        ["math.bitShiftRight(1024, 64)", "0"],
        ["math.bitShiftRight(-1024, 3)", "2305843009213693824"],
        ["math.bitShiftRight(-1024, 64)", "0"],
        ["math.bitShiftRight(-1024, 0)", "-1024"],
        ["math.bitShiftRight(-1, 63)", "1"],
        ["math.bitShiftRight(1, 4294967296)", "0"],
        ["math.bitShiftRight(23, -1)", "error"],
        ["math.bitShiftLeft(1.0, 1)", "error"],
        ["math.bitShiftRight(1, 1.0)", "error"],
        ["math.bitShiftRight('1', 1)", "error"],
    ]);
}
