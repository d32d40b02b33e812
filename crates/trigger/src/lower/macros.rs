//! Macros over lists and maps, with one variable or two.

use super::{Lowering, Typed, typed};
use crate::{
    diagnostic::{Code, Diagnostic, Span},
    fault::Reason,
    functions::{MACROS, same_name},
    kind::Kind,
    node::{Comprehension, Node, Op, Shape},
    syntax::{Call, Expr, ExprKind},
};

/// How deep macros nest.
const NESTING_LIMIT: usize = 2;
/// How deep they nest in CEL's profile, where only the cost counts.
const STRICT_NESTING_LIMIT: usize = 8;

/// A macro as it is written: its variables, its condition if it has one, its body.
struct Written<'e> {
    shape: Shape,
    variables: &'e [Expr<'e>],
    condition: Option<&'e Expr<'e>>,
    body: &'e Expr<'e>,
}

impl<'e> Lowering<'e> {
    /// A call that is a macro; `None` if it is something else.
    pub(super) fn macro_call(&mut self, call: &'e Call<'e>, receiver: &'e Expr<'e>, span: Span) -> Option<Typed> {
        let name = MACROS.into_iter().find(|known| same_name(call.name, known) || is_camel(call.name, known))?;
        let Some(written) = written(name, &call.arguments) else {
            let problem = Diagnostic::error(Code::Type, call.name_span, format!("wrong arguments for `{name}`"));
            return Some(self.refuse(problem.help(usage(name)), Reason::Misused));
        };
        let mut names = [None; 2];
        for (slot, variable) in names.iter_mut().zip(written.variables) {
            let ExprKind::Name(variable_name) = &variable.kind else {
                let problem = Diagnostic::error(Code::Syntax, variable.span, "expected the name of a variable");
                return Some(self.refuse(problem.help(usage(name)), Reason::Misused));
            };
            *slot = Some(&**variable_name);
        }
        if names[0] == names[1] {
            let problem = Diagnostic::error(Code::Syntax, call.name_span, "both variables have the same name");
            return Some(self.refuse(problem, Reason::Misused));
        }
        let limit = if self.strict { STRICT_NESTING_LIMIT } else { NESTING_LIMIT };
        if self.locals.len() >= limit {
            let label = format!("macros nest at most {limit} deep");
            return Some(self.refuse(Diagnostic::error(Code::TooDeep, call.name_span, label), Reason::Misused));
        }
        Some(self.comprehension(&written, receiver, names, span))
    }

    fn comprehension(
        &mut self,
        written: &Written<'e>,
        receiver: &'e Expr<'e>,
        names: [Option<&'e str>; 2],
        span: Span,
    ) -> Typed {
        let range = self.expr(receiver);
        if range.kind.is_known() && !matches!(range.kind, Kind::List | Kind::Map) {
            let label = format!("a macro goes over a list or a map, this is {}", range.kind.as_str());
            self.complain(Diagnostic::error(Code::Type, range.span(), label));
        }
        self.loops = true;
        let paired = names[1].is_some();
        self.locals.push(names);
        let condition = written.condition.map(|condition| self.boolean(condition, "a macro's condition"));
        let body = self.body(written);
        self.locals.pop();
        let kind = match written.shape {
            Shape::Exists | Shape::All | Shape::ExistsOne => Kind::Bool,
            Shape::Filter | Shape::List => Kind::List,
            Shape::Map => Kind::Map,
        };
        let comprehension = Comprehension { shape: written.shape, range: range.node, paired, condition, body };
        typed(Op::Comprehend(Box::new(comprehension)), span, kind)
    }

    fn body(&mut self, written: &Written<'e>) -> Node {
        match written.shape {
            Shape::List | Shape::Map => self.expr(written.body).node,
            _ => self.boolean(written.body, "this macro"),
        }
    }
}

/// `existsOne` is the newer spelling of `exists_one`.
fn is_camel(written: &str, known: &str) -> bool {
    written == "existsOne" && known == "exists_one"
}

fn written<'e>(name: &str, arguments: &'e [Expr<'e>]) -> Option<Written<'e>> {
    let (shape, count) = match name {
        "exists" => (Shape::Exists, arguments.len().checked_sub(1)?),
        "all" => (Shape::All, arguments.len().checked_sub(1)?),
        "exists_one" => (Shape::ExistsOne, arguments.len().checked_sub(1)?),
        "filter" => (Shape::Filter, 1),
        "map" => (Shape::List, 1),
        "transformList" => (Shape::List, 2),
        _ => (Shape::Map, 2),
    };
    let (variables, rest) =
        arguments.split_at_checked(count).filter(|(variables, _)| matches!(variables.len(), 1 | 2))?;
    let transforms = matches!(shape, Shape::List | Shape::Map);
    match rest {
        [body] => Some(Written { shape, variables, condition: None, body }),
        [condition, body] if transforms => Some(Written { shape, variables, condition: Some(condition), body }),
        _ => None,
    }
}

fn usage(name: &str) -> String {
    match name {
        "filter" => "write `list.filter(item, condition)`".to_owned(),
        "map" => "write `list.map(item, value)`".to_owned(),
        "transformList" | "transformMap" => format!("write `list.{name}(index, item, value)`"),
        _ => format!("write `list.{name}(item, condition)`"),
    }
}
