//! `text.format(list)`: a text with the items of a list in the places that it names. How the items got there is left to others.

use super::{MAKING, Scope, convert::signed_exponent};
use crate::{
    arithmetic::number,
    fault::Reason,
    moment::Moment,
    times,
    value::{List, Map, Value},
};

/// The digits behind the point where a place does not say how many.
const USUAL_PRECISION: usize = 6;
/// The most digits behind the point, as in CEL's implementations.
const PRECISION_LIMIT: usize = 1000;

/// Fills in a template: its places take the items one after the other, and those left over are not an error.
pub(super) fn format<'a>(template: &str, items: &List<'_>, scope: Scope<'a, '_>) -> Result<Value<'a>, Reason> {
    let mut page = Page { text: String::new(), scope };
    let mut items = items.iter();
    let mut rest = template;
    while let Some((before, place)) = rest.split_once('%') {
        page.write(before)?;
        rest = if let Some(behind) = place.strip_prefix('%') {
            page.write("%")?;
            behind
        } else {
            let (place, behind) = Place::read(place).ok_or(Reason::BadFormat)?;
            page.fill(place, &items.next().ok_or(Reason::OutOfRange)?)?;
            behind
        };
    }
    page.write(rest)?;
    Ok(Value::Text(page.text.into()))
}

/// What a place in a template makes of its item.
#[derive(Clone, Copy)]
enum Place {
    Plain,
    Decimal,
    /// With this many digits behind the point.
    Fixed(usize),
    /// With this many digits behind the point, and an exponent.
    Scientific(usize),
    Binary,
    Octal,
    Hex,
    UpperHex,
}

impl Place {
    /// Reads what stands behind a `%`, and gives what is behind that. A precision counts only for `f` and `e`.
    fn read(text: &str) -> Option<(Self, &str)> {
        let (precision, text) = precision(text)?;
        let mut characters = text.chars();
        let place = match characters.next()? {
            's' => Self::Plain,
            'd' => Self::Decimal,
            'f' => Self::Fixed(precision),
            'e' => Self::Scientific(precision),
            'b' => Self::Binary,
            'o' => Self::Octal,
            'x' => Self::Hex,
            'X' => Self::UpperHex,
            _ => return None,
        };
        Some((place, characters.as_str()))
    }
}

fn precision(text: &str) -> Option<(usize, &str)> {
    let Some(text) = text.strip_prefix('.') else { return Some((USUAL_PRECISION, text)) };
    let length = text.bytes().take_while(u8::is_ascii_digit).count();
    let (digits, behind) = text.split_at(length);
    let precision = digits.parse().ok().filter(|precision| *precision <= PRECISION_LIMIT)?;
    Some((precision, behind))
}

/// The text that is being made. Each part is charged before it is added, since a few items may make a long text.
struct Page<'a, 's> {
    text: String,
    scope: Scope<'a, 's>,
}

impl Page<'_, '_> {
    fn write(&mut self, part: &str) -> Result<(), Reason> {
        self.scope.frame.spend(part.len() * MAKING)?;
        self.text.push_str(part);
        Ok(())
    }

    fn fill(&mut self, place: Place, item: &Value<'_>) -> Result<(), Reason> {
        match (place, item) {
            (Place::Plain, _) => self.plain(item),
            // There is nothing to calculate with.
            (_, Value::Null) => Err(Reason::NullOperand),
            (Place::Decimal, Value::Double(value)) => self.double(*value, f64::to_string),
            (Place::Decimal, _) => self.write(&integer(item)?.to_string()),
            (Place::Fixed(digits), _) => self.double(real(item)?, |value| format!("{value:.digits$}")),
            (Place::Scientific(digits), _) => {
                self.double(real(item)?, |value| signed_exponent(&format!("{value:.digits$e}")))
            }
            (Place::Binary, Value::Bool(flag)) => self.write(if *flag { "1" } else { "0" }),
            (Place::Binary, _) => self.signed(integer(item)?, |magnitude| format!("{magnitude:b}")),
            (Place::Octal, _) => self.signed(integer(item)?, |magnitude| format!("{magnitude:o}")),
            (Place::Hex | Place::UpperHex, _) => self.hex(matches!(place, Place::UpperHex), item),
        }
    }

    /// A value as it is: texts without quotes, and lists and maps with all that is in them.
    fn plain(&mut self, item: &Value<'_>) -> Result<(), Reason> {
        match item {
            Value::Null => self.write("null"),
            Value::Bool(flag) => self.write(if *flag { "true" } else { "false" }),
            Value::Int(_) | Value::Unsigned(_) => self.write(&integer(item)?.to_string()),
            Value::Double(value) => self.double(*value, f64::to_string),
            Value::Text(text) => self.write(text),
            Value::Severity(severity) => self.write(severity.as_str()),
            Value::List(list) => self.list(list),
            Value::Map(map) => self.map(map),
            Value::Duration(nanoseconds) => self.write(&times::format_duration(*nanoseconds)),
            Value::Timestamp(time) => self.write(&Moment::to_string(time)),
        }
    }

    fn list(&mut self, list: &List<'_>) -> Result<(), Reason> {
        self.write("[")?;
        for (index, item) in list.iter().enumerate() {
            self.write(if index > 0 { ", " } else { "" })?;
            self.plain(&item)?;
        }
        self.write("]")
    }

    /// The entries in the order of their keys as texts, so that the same map is always the same text.
    fn map(&mut self, map: &Map<'_>) -> Result<(), Reason> {
        let mut entries = Vec::new();
        for (key, value) in map.iter() {
            self.scope.frame.spend(size_of::<(String, Value<'_>)>() * MAKING)?;
            let mut name = Page { text: String::new(), scope: self.scope };
            name.plain(&key)?;
            entries.push((name.text, value));
        }
        entries.sort_by(|(a, _), (b, _)| a.cmp(b));
        self.write("{")?;
        for (index, (key, value)) in entries.iter().enumerate() {
            self.write(if index > 0 { ", " } else { "" })?;
            self.write(key)?;
            self.write(": ")?;
            self.plain(value)?;
        }
        self.write("}")
    }

    /// A finite double as it is to be written; the others have names. NaN is missing outside of CEL's profile.
    fn double(&mut self, value: f64, written: impl Fn(&f64) -> String) -> Result<(), Reason> {
        number(value, self.scope.frame.strict)?;
        if value.is_nan() {
            return self.write("NaN");
        }
        match value {
            f64::INFINITY => self.write("Infinity"),
            f64::NEG_INFINITY => self.write("-Infinity"),
            _ => self.write(&written(&value)),
        }
    }

    /// An integer with its sign before the digits of its magnitude.
    fn signed(&mut self, value: i128, digits: impl Fn(u128) -> String) -> Result<(), Reason> {
        self.write(if value < 0 { "-" } else { "" })?;
        self.write(&digits(value.unsigned_abs()))
    }

    /// An integer, or the bytes of a text, in base 16.
    fn hex(&mut self, upper: bool, item: &Value<'_>) -> Result<(), Reason> {
        let Some(text) = item.as_text() else {
            return self
                .signed(integer(item)?, |value| if upper { format!("{value:X}") } else { format!("{value:x}") });
        };
        let digit = |half: u8| char::from_digit(half.into(), 16).unwrap_or_default();
        let digits = text.bytes().flat_map(|byte| [digit(byte >> 4), digit(byte & 0xf)]);
        self.scope.frame.spend(text.len() * 2 * MAKING)?;
        self.text.extend(digits.map(|digit| if upper { digit.to_ascii_uppercase() } else { digit }));
        Ok(())
    }
}

fn integer(item: &Value<'_>) -> Result<i128, Reason> {
    item.as_integer().ok_or(Reason::Argument(item.kind()))
}

fn real(item: &Value<'_>) -> Result<f64, Reason> {
    item.as_double().ok_or(Reason::Argument(item.kind()))
}
