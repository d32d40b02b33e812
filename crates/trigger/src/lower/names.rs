//! Names and paths: what is an event's own, what is a key of its data, and what is a macro's variable.

use super::{Lowering, Typed, typed};
use crate::{
    diagnostic::{Code, Diagnostic, Span, letters, nearest, out_of_reach},
    fault::Reason,
    kind::Kind,
    node::Op,
    path::{FIELDS, Field, Keys, Path},
    syntax::{Expr, ExprKind, Literal},
};

/// The names of the event's own fields, with the letters that occur in each.
const FIELD_LETTERS: [(&str, u32); FIELDS.len()] = {
    let mut fields = [("", 0); FIELDS.len()];
    let mut place = 0;
    while place < FIELDS.len() {
        fields[place] = (FIELDS[place].0, letters(FIELDS[place].0));
        place += 1;
    }
    fields
};

impl<'e> Lowering<'e> {
    /// A name with the keys behind it, or a selection from something else.
    pub(super) fn path(&mut self, expr: &'e Expr<'e>) -> Typed {
        if let Some(chain) = Chain::of(expr)
            && self.find_local(chain.name).is_none()
        {
            return if self.strict { binding(chain, expr.span) } else { self.slot(chain, expr.span) };
        }
        match &expr.kind {
            ExprKind::Name(name) => self.local(name, expr.span),
            ExprKind::Select(base, key) => {
                let base = self.expr(base);
                if self.scalar(base.kind, expr.span) {
                    return typed(Op::Fail(Reason::NotAMap(base.kind)), expr.span, Kind::Any);
                }
                typed(Op::Select(Box::new(base.node), (*key).into()), expr.span, Kind::Any)
            }
            _ => typed(Op::Fail(Reason::Misused), expr.span, Kind::Any),
        }
    }

    /// `base[index]`: with a literal text it is a key like any other.
    pub(super) fn index(&mut self, expr: &'e Expr<'e>, parts: &'e [Expr<'e>; 2]) -> Typed {
        if let Some(chain) = Chain::of(expr)
            && !self.strict
            && self.find_local(chain.name).is_none()
        {
            return self.slot(chain, expr.span);
        }
        let [base, index] = self.pair(parts);
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
            let index = pair.iter().position(|local| *local == Some(name))?;
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

    fn slot(&mut self, chain: Chain<'e>, span: Span) -> Typed {
        let own = Field::named(chain.name);
        let field = own.unwrap_or(Field::Data);
        if field != Field::Data && field != Field::Metadata && chain.length > 0 && self.scalar(field.kind(), span) {
            return typed(Op::Fail(Reason::NotAMap(field.kind())), span, Kind::Any);
        }
        if own.is_none() {
            self.suspect(chain.name, span);
        }
        // A name that is no field's is the first key.
        let first = if own.is_none() { Some(chain.name) } else { None };
        let bare = first.is_none() && chain.length == 0;
        let same = |path: &Path| {
            path.field == field && path.keys.iter().rev().map(|key| &**key).eq(chain.last_first().chain(first))
        };
        let slot = self.paths.iter().position(same).unwrap_or_else(|| {
            self.note(Path::new(field, chain.names(first)));
            self.paths.len() - 1
        });
        let kind = if bare { field.kind() } else { Kind::Any };
        typed(Op::Slot(u16::try_from(slot).unwrap_or(u16::MAX)), span, kind)
    }

    fn note(&mut self, path: Path) {
        // Most conditions read one metric, and keep no room for more.
        if self.paths.is_empty() {
            self.paths.reserve_exact(1);
        }
        self.paths.push(path);
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
            known.len().abs_diff(name.len()) <= 2
                && (known_letters ^ letters).count_ones() <= 4
                && !out_of_reach(name, known)
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

/// A name with keys behind it. Literal texts in brackets are keys.
#[derive(Clone, Copy)]
struct Chain<'e> {
    name: &'e str,
    whole: &'e Expr<'e>,
    /// How many keys there are.
    length: usize,
}

impl<'e> Chain<'e> {
    /// `None` for what does not begin with a name.
    fn of(whole: &'e Expr<'e>) -> Option<Self> {
        let (mut at, mut length) = (whole, 0);
        while let Some((base, _)) = last_key(at) {
            at = base;
            length += 1;
        }
        match &at.kind {
            ExprKind::Name(name) => Some(Self { name, whole, length }),
            _ => None,
        }
    }

    /// The keys, the last one first: as the tree has them.
    fn last_first(self) -> impl Iterator<Item = &'e str> {
        let mut at = self.whole;
        std::iter::from_fn(move || {
            let (base, key) = last_key(at)?;
            at = base;
            Some(key)
        })
    }

    /// The keys in their order, behind what comes before them.
    fn names(self, first: Option<&str>) -> Keys {
        match (self.length, first) {
            (0, None) => Keys::None,
            (0, Some(only)) => Keys::One(only.into()),
            (length, _) => {
                let mut names = Vec::with_capacity(length + usize::from(first.is_some()));
                names.extend(self.last_first().chain(first).map(Box::from));
                names.reverse();
                Keys::Several(names.into())
            }
        }
    }
}

/// What a key is selected from, and the key.
fn last_key<'e>(expr: &'e Expr<'e>) -> Option<(&'e Expr<'e>, &'e str)> {
    match &expr.kind {
        ExprKind::Select(base, key) => Some((base, key)),
        ExprKind::Index(parts) => match &**parts {
            [base, Expr { kind: ExprKind::Literal(Literal::Text(key)), .. }] => Some((base, key)),
            _ => None,
        },
        _ => None,
    }
}

fn binding(chain: Chain<'_>, span: Span) -> Typed {
    let name = chain.name.strip_prefix('.').unwrap_or(chain.name);
    typed(Op::Binding(chain.names(Some(name))), span, Kind::Any)
}
