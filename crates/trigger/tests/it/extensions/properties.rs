//! Properties of texts that are made: a quoted one reads back, a format is answered whatever it is.

use proptest::prelude::*;
use serde_json::{Value, json};
use tidings_trigger::{Profile, cases};

fn value_of(source: &str, bind: &Value) -> Value {
    cases::answer(&json!({"name": "row", "expr": source, "bind": bind}), Profile::Cel)
}

fn item() -> impl Strategy<Value = Value> {
    prop_oneof![
        any::<i64>().prop_map(|value| json!({"k": "int64", "v": value.to_string()})),
        any::<f64>().prop_map(|value| json!({"k": "double", "v": value.to_string()})),
        ".{0,4}".prop_map(|text| json!({"k": "string", "v": text})),
        any::<bool>().prop_map(|flag| json!({"k": "bool", "v": flag})),
        Just(json!({"k": "null"})),
        Just(json!({"k": "list", "v": [{"k": "null"}]})),
    ]
}

proptest! {
    #[test]
    fn a_quoted_text_reads_back(text in any::<String>()) {
        let bound = json!({"k": "string", "v": text});
        let quoted = value_of("strings.quote(text)", &json!({"text": bound}));
        let source = quoted["value"]["v"].as_str().expect("a text");
        prop_assert_eq!(&value_of(source, &json!({}))["value"], &bound, "{}", source);
    }

    #[test]
    fn any_format_is_answered(
        template in "(%?(\\.[0-9]{0,4})?[sdfeboxX%é ]){0,6}",
        items in prop::collection::vec(item(), 0..6),
    ) {
        let bind = json!({"template": {"k": "string", "v": template}, "items": {"k": "list", "v": items}});
        let answer = value_of("template.format(items)", &bind);
        prop_assert!(answer["value"]["v"].is_string() != answer["error"].is_string(), "{}", answer);
    }

    #[test]
    fn integers_read_back_from_every_base(number in any::<i64>()) {
        let bind = json!({"number": {"k": "int64", "v": number.to_string()}});
        let answer = value_of("'%d %b %o %x %X'.format([number, number, number, number, number])", &bind);
        let text = answer["value"]["v"].as_str().expect("a text");
        let read = text.split(' ').zip([10, 2, 8, 16, 16]).map(|(digits, base)| i64::from_str_radix(digits, base));
        prop_assert!(read.eq([(); 5].map(|()| Ok(number))), "{}", text);
    }

    #[test]
    fn bits_are_those_of_the_machine(a in any::<i64>(), b in any::<i64>(), places in 0_i64..63) {
        let bind = json!({
            "a": {"k": "int64", "v": a.to_string()},
            "b": {"k": "int64", "v": b.to_string()},
            "n": {"k": "int64", "v": places.to_string()},
        });
        let check = |source: &str, expected: i64| {
            prop_assert_eq!(&value_of(source, &bind)["value"]["v"], &expected.to_string(), "{}", source);
            Ok(())
        };
        check("math.bitAnd(a, b)", a & b)?;
        check("math.bitOr(a, b)", a | b)?;
        check("math.bitXor(a, b)", a ^ b)?;
        check("math.bitNot(a)", !a)?;
        check("math.bitShiftLeft(a, n)", a << places)?;
        check("math.bitShiftRight(a, n)", (a.cast_unsigned() >> places).cast_signed())?;
    }
}
