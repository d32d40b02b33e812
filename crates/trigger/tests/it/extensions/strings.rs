//! Positions in texts, casing, trimming, cutting and joining, quoting; and what they do not take.

use super::check_all;

#[test]
fn positions_count_code_points() {
    check_all(&[
        ["'tacocat'.charAt(3)", "'o'"],
        ["'tacocat'.charAt(7)", "''"],
        ["'©αT'.charAt(0)", "'©'"],
        ["'©αT'.charAt(1)", "'α'"],
        ["'©αT'.charAt(2)", "'T'"],
        ["''.charAt(0)", "''"],
        ["'😀x'.charAt(1)", "'x'"],
        ["'tacocat'.indexOf('')", "0"],
        ["'tacocat'.indexOf('ac')", "1"],
        ["'tacocat'.indexOf('none')", "-1"],
        ["'tacocat'.indexOf('', 3)", "3"],
        ["'tacocat'.indexOf('', 7)", "7"],
        ["'tacocat'.indexOf('a', 3)", "5"],
        ["'tacocat'.indexOf('at', 3)", "5"],
        ["'tacocat'.indexOf('t', 7)", "-1"],
        ["'ta©o©αT'.indexOf('©')", "2"],
        ["'ta©o©αT'.indexOf('©', 3)", "4"],
        ["'ta©o©αT'.indexOf('©αT', 3)", "4"],
        ["'ta©o©αT'.indexOf('©α', 5)", "-1"],
        ["''.indexOf('')", "0"],
        ["''.indexOf('a')", "-1"],
        ["'tacocat'.lastIndexOf('')", "7"],
        ["'tacocat'.lastIndexOf('at')", "5"],
        ["'tacocat'.lastIndexOf('none')", "-1"],
        ["'tacocat'.lastIndexOf('', 3)", "3"],
        ["'tacocat'.lastIndexOf('a', 3)", "1"],
        ["'tacocat'.lastIndexOf('t', 0)", "0"],
        ["'tacocat'.lastIndexOf('at', 5)", "5"],
        ["'tacocat'.lastIndexOf('at', 4)", "-1"],
        ["'ta©o©αT'.lastIndexOf('©')", "4"],
        ["'ta©o©αT'.lastIndexOf('©', 3)", "2"],
        ["'ta©o©αT'.lastIndexOf('©α', 4)", "4"],
        ["'hello mellow'.lastIndexOf('ello', 6)", "1"],
        ["'tacocat'.substring(4)", "'cat'"],
        ["'tacocat'.substring(7)", "''"],
        ["'tacocat'.substring(0, 4)", "'taco'"],
        ["'tacocat'.substring(4, 4)", "''"],
        ["'ta©o©αT'.substring(2, 6)", "'©o©α'"],
        ["'ta©o©αT'.substring(7, 7)", "''"],
    ]);
}

#[test]
fn positions_outside_of_a_text_are_errors() {
    check_all(&[
        ["'tacocat'.charAt(30)", "error"],
        ["'tacocat'.charAt(-1)", "error"],
        ["'tacocat'.indexOf('a', 30)", "error"],
        ["'tacocat'.indexOf('a', -1)", "error"],
        ["'tacocat'.lastIndexOf('a', -1)", "error"],
        ["'tacocat'.lastIndexOf('a', 30)", "error"],
        ["'tacocat'.substring(40)", "error"],
        ["'tacocat'.substring(-1)", "error"],
        ["'tacocat'.substring(1, 50)", "error"],
        ["'tacocat'.substring(49, 50)", "error"],
        ["'tacocat'.substring(4, 3)", "error"],
        ["'tacocat'.substring(9223372036854775807)", "error"],
    ]);
}

#[test]
fn only_ascii_changes_its_case() {
    check_all(&[
        ["'TacoCat'.lowerAscii()", "'tacocat'"],
        ["'TacoCÆt'.lowerAscii()", "'tacocÆt'"],
        ["'TacoCÆt Xii'.lowerAscii()", "'tacocÆt xii'"],
        ["'tacoCat'.upperAscii()", "'TACOCAT'"],
        ["'tacoCαt'.upperAscii()", "'TACOCαT'"],
        ["'ß'.upperAscii()", "'ß'"],
    ]);
}

#[test]
fn blanks_are_those_of_unicode() {
    check_all(&[
        [r"' \f\n\r\t\vtext  '.trim()", "'text'"],
        [r"'\u0085\u00a0\u1680text'.trim()", "'text'"],
        [r"'text\u2000\u2001\u2002\u2003\u2004\u2004\u2006\u2007\u2008\u2009'.trim()", "'text'"],
        [r"'\u200atext\u2028\u2029\u202F\u205F\u3000'.trim()", "'text'"],
        [r"'\u180etext\u200b\u200c\u200d\u2060\ufeff'.trim()", r"'\u180etext\u200b\u200c\u200d\u2060\ufeff'"],
        ["'  '.trim()", "''"],
    ]);
}

#[test]
fn texts_are_cut_replaced_joined_and_turned() {
    check_all(&[
        ["'12 days 12 hours'.replace('{0}', '2')", "'12 days 12 hours'"],
        ["'{0} days {0} hours'.replace('{0}', '2')", "'2 days 2 hours'"],
        ["'{0} days {0} hours'.replace('{0}', '2', 1).replace('{0}', '23')", "'2 days 23 hours'"],
        ["'hello hello'.replace('he', 'we', -1)", "'wello wello'"],
        ["'hello hello'.replace('he', 'we', 0)", "'hello hello'"],
        ["'hello hello'.replace('', '_')", "'_h_e_l_l_o_ _h_e_l_l_o_'"],
        ["'abc'.replace('', '_', 2)", "'_a_bc'"],
        ["'hello hello'.replace('h', '')", "'ello ello'"],
        ["'1 ©αT taco'.replace('αT', 'o©α')", "'1 ©o©α taco'"],
        ["'hello world'.split(' ')", "['hello', 'world']"],
        ["'hello world events!'.split(' ', 0)", "[]"],
        ["'hello world events!'.split(' ', 1)", "['hello world events!']"],
        ["'o©o©o©o'.split('©', -1)", "['o', 'o', 'o', 'o']"],
        ["'hello hello hello'.split(' ', 2)", "['hello', 'hello hello']"],
        ["'a©b'.split('')", "['a', '©', 'b']"],
        ["'abc'.split('', 2)", "['a', 'bc']"],
        ["''.split(',')", "['']"],
        ["['x', 'y'].join()", "'xy'"],
        ["['x', 'y'].join('-')", "'x-y'"],
        ["[].join()", "''"],
        ["[].join('-')", "''"],
        ["['x'].join('-')", "'x'"],
        ["'gums'.reverse()", "'smug'"],
        ["'John Smith'.reverse()", "'htimS nhoJ'"],
        ["'a©😀'.reverse()", "'😀©a'"],
        ["''.reverse()", "''"],
    ]);
}

#[test]
fn a_quoted_text_shows_what_does_not_show() {
    check_all(&[
        [r#"strings.quote("first\nsecond")"#, r#"'"first\\nsecond"'"#],
        [r#"strings.quote("bell\a")"#, r#"'"bell\\a"'"#],
        [r#"strings.quote("\bbackspace")"#, r#"'"\\bbackspace"'"#],
        [r#"strings.quote("\fform feed")"#, r#"'"\\fform feed"'"#],
        [r#"strings.quote("carriage \r return")"#, r#"'"carriage \\r return"'"#],
        [r#"strings.quote("horizontal tab\t")"#, r#"'"horizontal tab\\t"'"#],
        [r#"strings.quote("vertical \v tab")"#, r#"'"vertical \\v tab"'"#],
        [r#"strings.quote("double \\\\ slash")"#, r#"'"double \\\\\\\\ slash"'"#],
        [r#"strings.quote("two escape sequences \a\n")"#, r#"'"two escape sequences \\a\\n"'"#],
        [r#"strings.quote("verbatim")"#, r#"'"verbatim"'"#],
        [r#"strings.quote("ends with \\")"#, r#"'"ends with \\\\"'"#],
        [r#"strings.quote("\\ starts with")"#, r#"'"\\\\ starts with"'"#],
        [r#"strings.quote("printable unicode😀")"#, r#"'"printable unicode😀"'"#],
        [r#"strings.quote("mid string \" quote")"#, r#"'"mid string \\" quote"'"#],
        [r#"strings.quote('single-quote with "double quote"')"#, r#"'"single-quote with \\"double quote\\""'"#],
        [r#"strings.quote("size('ÿ')")"#, r#""\"size('ÿ')\"""#],
        [r#"strings.quote("size('πέντε')")"#, r#""\"size('πέντε')\"""#],
        [r#"strings.quote("завтра")"#, r#"'"завтра"'"#],
        [r#"strings.quote("\U0001F431\U0001F600\U0001F61B")"#, r#"'"🐱😀😛"'"#],
        [r#"strings.quote("'")"#, r#""\"'\"""#],
        [r#"strings.quote("")"#, r#"'""'"#],
        [r#"strings.quote("\x01\u007f\u200b")"#, r#"'"\x01\u007f\u200b"'"#],
        ["strings.quote(1)", "error"],
        ["strings.quote()", "error"],
        ["strings.quote('a', 'b')", "error"],
        ["'a'.quote()", "error"],
        ["quote('a')", "error"],
        ["strings.unquote('a')", "error"],
    ]);
}

#[test]
fn other_types_are_errors() {
    check_all(&[
        ["42.charAt(2)", "error"],
        ["'hello'.charAt(true)", "error"],
        ["24.indexOf('2')", "error"],
        ["'hello'.indexOf(true)", "error"],
        ["42.indexOf('4', 0)", "error"],
        ["'42'.indexOf(4, 0)", "error"],
        ["'42'.indexOf('4', '0')", "error"],
        ["'42'.indexOf('4', 0, 1)", "error"],
        ["24.lastIndexOf('2')", "error"],
        ["'hello'.lastIndexOf(true)", "error"],
        ["42.lastIndexOf('4', 0)", "error"],
        ["'42'.lastIndexOf(4, 0)", "error"],
        ["'42'.lastIndexOf('4', '0')", "error"],
        ["'42'.lastIndexOf('4', 0, 1)", "error"],
        ["42.replace(2, 1)", "error"],
        ["'42'.replace(2, 1)", "error"],
        ["'42'.replace('2', 1)", "error"],
        ["42.replace('2', '1', 1)", "error"],
        ["'42'.replace('2', '1', '1')", "error"],
        ["'42'.replace('2', '1', 1, false)", "error"],
        ["42.split('2')", "error"],
        ["'42'.split(2)", "error"],
        ["'42'.split('2', '1')", "error"],
        ["'42'.split('2', 1, 1)", "error"],
        ["'hello'.substring(1, 2, 3)", "error"],
        ["30.substring(true, 3)", "error"],
        ["'tacocat'.substring(true, 3)", "error"],
        ["'tacocat'.substring(0, false)", "error"],
        ["'tacocat'.substring(1.0)", "error"],
        ["[1, 2].join('-')", "error"],
        ["['a', 'b'].join(1)", "error"],
        ["'ab'.join('-')", "error"],
        ["1.trim()", "error"],
        ["true.upperAscii()", "error"],
        ["null.lowerAscii()", "error"],
        ["1.reverse()", "error"],
    ]);
}
