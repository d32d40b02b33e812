//! Names and paths: what is an event's own, what is a key of its data, and what is a macro's variable.

use std::sync::LazyLock;

use super::{Lowering, Typed, typed};
use crate::{
    diagnostic::{Code, Diagnostic, Span, letters, nearest},
    fault::Reason,
    kind::Kind,
    node::Op,
    path::{FIELDS, Field, Path},
    syntax::{Expr, ExprKind, Literal},
};

/// The names of the event's own fields, with the letters that occur in each.
static FIELD_LETTERS: LazyLock<[(&str, u32); FIELDS.len()]> =
    LazyLock::new(|| FIELDS.map(|(name, _)| (name, letters(name))));

impl Lowering {
    /// A name with the keys behind it, or a selection from something else.
    pub(super) fn path(&mut self, expr: &Expr) -> Typed {
        if let Some((name, keys)) = chain(expr)
            && self.find_local(name).is_none()
        {
            return if self.strict { binding(name, &keys, expr.span) } else { self.slot(name, &keys, expr.span) };
        }
        match &expr.kind {
            ExprKind::Name(name) => self.local(name, expr.span),
            ExprKind::Select(base, key) => {
                let base = self.expr(base);
                if self.scalar(base.kind, expr.span) {
                    return typed(Op::Fail(Reason::NotAMap(base.kind)), expr.span, Kind::Any);
                }
                typed(Op::Select(Box::new(base.node), key.clone()), expr.span, Kind::Any)
            }
            _ => typed(Op::Fail(Reason::Misused), expr.span, Kind::Any),
        }
    }

    /// `base[index]`: with a literal text it is a key like any other.
    pub(super) fn index(&mut self, expr: &Expr, base: &Expr, index: &Expr) -> Typed {
        if let Some((name, keys)) = chain(expr)
            && !self.strict
            && self.find_local(name).is_none()
        {
            return self.slot(name, &keys, expr.span);
        }
        let (base, index) = (self.expr(base), self.expr(index));
        if base.kind.is_known() && !matches!(base.kind, Kind::List | Kind::Map) {
            let label = format!("{} has no items", base.kind.as_str());
            self.complain(Diagnostic::error(Code::Type, base.span(), label));
        } else if base.kind == Kind::List && index.kind.is_known() && !index.kind.is_number() {
            let label = format!("{} is no index", index.kind.as_str());
            self.complain(Diagnostic::error(Code::Type, index.span(), label).help("items are counted from 0"));
        }
        typed(Op::Index(Box::new([base.node, index.node])), expr.span, Kind::Any)
    }

    /// Which macro's variable a name is, counted from the innermost, and which of its two.
    fn find_local(&self, name: &str) -> Option<(u8, u8)> {
        self.locals.iter().rev().enumerate().find_map(|(outer, pair)| {
            let index = pair.iter().position(|local| local.as_deref() == Some(name))?;
            Some((u8::try_from(outer).ok()?, u8::try_from(index).ok()?))
        })
    }

    fn local(&self, name: &str, span: Span) -> Typed {
        let op = match self.find_local(name) {
            Some((outer, index)) => Op::Local { outer, index },
            None => Op::Fail(Reason::Absent),
        };
        typed(op, span, Kind::Any)
    }

    fn slot(&mut self, name: &str, keys: &[&str], span: Span) -> Typed {
        let (field, keys) = match Field::named(name) {
            Some(field) => (field, keys.to_vec()),
            None => (Field::Data, [&[name], keys].concat()),
        };
        if field != Field::Data && field != Field::Metadata && !keys.is_empty() && self.scalar(field.kind(), span) {
            return typed(Op::Fail(Reason::NotAMap(field.kind())), span, Kind::Any);
        }
        if Field::named(name).is_none() {
            self.suspect(name, span);
        }
        let kind = if keys.is_empty() { field.kind() } else { Kind::Any };
        let same = |path: &Path| path.field == field && path.keys.iter().map(|key| &**key).eq(keys.iter().copied());
        let slot = self.paths.iter().position(same).unwrap_or_else(|| {
            let text = written(name, field, &keys);
            self.paths.push(Path { field, keys: keys.iter().map(|key| Box::from(*key)).collect(), text });
            self.paths.len() - 1
        });
        typed(Op::Slot(u16::try_from(slot).unwrap_or(u16::MAX)), span, kind)
    }

    /// Reports a selection from what is known to have no fields.
    fn scalar(&mut self, kind: Kind, span: Span) -> bool {
        let scalar = kind.is_known() && kind != Kind::Map;
        if scalar {
            let label = format!("{} has no fields", kind.as_str());
            self.complain(Diagnostic::error(Code::Type, span, label));
        }
        scalar
    }

    /// A metric may have any name, but one that is nearly a field's is probably meant to be it.
    fn suspect(&mut self, name: &str, span: Span) {
        let letters = letters(name);
        let near = |(known, known_letters): &(&str, u32)| {
            // Cheaper than a distance: two slips change at most so much of a length and of the letters that occur.
            known.len().abs_diff(name.len()) <= 2 && (known_letters ^ letters).count_ones() <= 4
        };
        let mut names = FIELD_LETTERS.iter().filter(|field| near(field)).map(|(known, _)| *known).peekable();
        if name.len() >= 5
            && names.peek().is_some()
            && let Some(meant) = nearest(name, names)
        {
            let problem =
                Diagnostic::warning(Code::UnknownName, span, format!("`{name}` is read from the event's data"));
            self.complain(problem.help(format!("did you mean `{meant}`?")));
        }
    }
}

/// The name that a chain of keys begins with, and the keys. Literal texts in brackets are keys.
fn chain(expr: &Expr) -> Option<(&str, Vec<&str>)> {
    let mut keys = Vec::new();
    let mut at = expr;
    loop {
        match &at.kind {
            ExprKind::Name(name) => {
                keys.reverse();
                return Some((name, keys));
            }
            ExprKind::Select(base, key) => {
                keys.push(&**key);
                at = base;
            }
            ExprKind::Index(base, index) => {
                let ExprKind::Literal(Literal::Text(key)) = &index.kind else { return None };
                keys.push(key);
                at = base;
            }
            _ => return None,
        }
    }
}

fn binding(name: &str, keys: &[&str], span: Span) -> Typed {
    let name = name.strip_prefix('.').unwrap_or(name);
    let names = std::iter::once(name).chain(keys.iter().copied()).map(Box::from).collect();
    typed(Op::Binding(names), span, Kind::Any)
}

/// The path in its shortest form: `data.` only where the bare name would be something else.
fn written(name: &str, field: Field, keys: &[&str]) -> Box<str> {
    let bare = match keys.first() {
        Some(key) if field == Field::Data => crate::lexer::is_name(key) && Field::named(key).is_none(),
        _ => false,
    };
    let (start, rest) =
        if bare { (keys[0], &keys[1..]) } else { (if field == Field::Data { "data" } else { name }, keys) };
    let mut text = start.to_owned();
    for key in rest {
        let plain = crate::lexer::is_name(key);
        text.push('.');
        text.push_str(&if plain { (*key).to_owned() } else { format!("`{key}`") });
    }
    text.into()
}
