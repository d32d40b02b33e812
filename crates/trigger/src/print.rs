//! Writes a tree back as source, with the fewest parentheses: what is read from there is the same tree.

use std::fmt::{self, Display, Formatter, Write};

use crate::{
    lexer::is_name,
    syntax::{Call, Expr, ExprKind, Literal, Suffix, level},
};

impl Display for Expr<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match &self.kind {
            ExprKind::Broken => f.write_str("?"),
            ExprKind::Literal(literal) => write!(f, "{literal}"),
            ExprKind::Name(name) => f.write_str(name),
            ExprKind::Select(base, key) => {
                write!(f, "{}.{}", AtLeast(level::POSTFIX, base), Key(key))
            }
            ExprKind::Index(parts) => {
                let [base, index] = &**parts;
                write!(f, "{}[{index}]", AtLeast(level::POSTFIX, base))
            }
            ExprKind::Call(call) => write!(f, "{call}"),
            ExprKind::Not(operand) => write!(f, "!{}", AtLeast(level::UNARY, operand)),
            ExprKind::Negate(operand) => write!(f, "-{}", Negated(operand)),
            ExprKind::Binary(operator, sides) => {
                let [left, right] = &**sides;
                let floor = operator.level();
                // A relation does not chain, so both of its sides must bind tighter.
                let left_floor = if floor == level::RELATION { floor + 1 } else { floor };
                write!(f, "{} {} {}", AtLeast(left_floor, left), operator.as_str(), AtLeast(floor + 1, right))
            }
            ExprKind::Logic(logic, operands) => {
                let separator = format!(" {} ", logic.as_str());
                separated(f, &separator, operands.iter().map(|operand| AtLeast(logic.level() + 1, operand)))
            }
            ExprKind::Conditional(parts) => {
                let [condition, then, otherwise] = &**parts;
                write!(f, "{} ? {} : {otherwise}", AtLeast(level::ANY, condition), AtLeast(level::ANY, then))
            }
            ExprKind::List(items) => {
                f.write_char('[')?;
                separated(f, ", ", items)?;
                f.write_char(']')
            }
            ExprKind::Map(entries) => {
                f.write_char('{')?;
                separated(f, ", ", entries.iter().map(|(key, value)| format!("{key}: {value}")))?;
                f.write_char('}')
            }
        }
    }
}

impl Display for Suffix<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let hold =
            |hold: Option<i64>| hold.map_or_else(String::new, |hold| format!(" for {}", Literal::Duration(hold)));
        f.write_str(&hold(self.hold))?;
        match &self.resolve {
            Some(resolve) => write!(f, " resolve when {}{}", resolve.when, hold(resolve.hold)),
            None => Ok(()),
        }
    }
}

impl Display for Call<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        if let Some(receiver) = &self.receiver {
            write!(f, "{}.", AtLeast(level::POSTFIX, receiver))?;
        }
        write!(f, "{}(", self.name)?;
        separated(f, ", ", &self.arguments)?;
        f.write_char(')')
    }
}

impl Display for Literal<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::Null => f.write_str("null"),
            Self::Bool(value) => write!(f, "{value}"),
            Self::Int(value) => write!(f, "{value}"),
            Self::Double(value) => write!(f, "{value:?}"),
            Self::Duration(nanoseconds) => {
                let sign = if *nanoseconds < 0 { "-" } else { "" };
                let magnitude = nanoseconds.unsigned_abs();
                let fraction = format!("{:06}", magnitude % 1_000_000);
                let fraction = fraction.trim_end_matches('0');
                let point = if fraction.is_empty() { "" } else { "." };
                write!(f, "{sign}{}{point}{fraction}ms", magnitude / 1_000_000)
            }
            Self::Text(text) => quote(f, text),
        }
    }
}

/// Puts an expression that binds less tightly than the level into parentheses.
struct AtLeast<'e>(u8, &'e Expr<'e>);

impl Display for AtLeast<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        if level_of(self.1) < self.0 { write!(f, "({})", self.1) } else { write!(f, "{}", self.1) }
    }
}

/// An operand of a minus: a number gets parentheses, since the minus would become a part of it.
struct Negated<'e>(&'e Expr<'e>);

impl Display for Negated<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let text = AtLeast(level::UNARY, self.0).to_string();
        if text.starts_with(|c: char| c.is_ascii_digit() || c == '.') {
            write!(f, "({text})")
        } else {
            f.write_str(&text)
        }
    }
}

struct Key<'k>(&'k str);

impl Display for Key<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        if is_name(self.0) { f.write_str(self.0) } else { write!(f, "`{}`", self.0) }
    }
}

fn level_of(expr: &Expr<'_>) -> u8 {
    match &expr.kind {
        ExprKind::Conditional(_) => level::CONDITIONAL,
        ExprKind::Logic(logic, _) => logic.level(),
        ExprKind::Binary(operator, ..) => operator.level(),
        ExprKind::Not(_) | ExprKind::Negate(_) => level::UNARY,
        _ => level::POSTFIX,
    }
}

fn separated<T: Display>(f: &mut Formatter<'_>, separator: &str, items: impl IntoIterator<Item = T>) -> fmt::Result {
    for (position, item) in items.into_iter().enumerate() {
        if position > 0 {
            f.write_str(separator)?;
        }
        write!(f, "{item}")?;
    }
    Ok(())
}

fn quote(f: &mut Formatter<'_>, text: &str) -> fmt::Result {
    f.write_char('"')?;
    for c in text.chars() {
        match c {
            '"' | '\\' => write!(f, "\\{c}")?,
            '\n' => f.write_str("\\n")?,
            '\r' => f.write_str("\\r")?,
            '\t' => f.write_str("\\t")?,
            _ if c.is_control() => write!(f, "\\u{:04x}", u32::from(c))?,
            _ => f.write_char(c)?,
        }
    }
    f.write_char('"')
}
