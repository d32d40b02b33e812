//! Calls: which function is meant, whether its arguments can work, and what of it is known at load.

use super::{Lowering, Typed, typed};
use crate::{
    diagnostic::{Code, Diagnostic, Span, nearest, shown},
    evaluate,
    fault::Reason,
    functions::{self, Form, Function, MACROS, SPECIAL, Signature, Takes, WINDOWS},
    kind::Kind,
    moment,
    node::{Node, Op},
    syntax::{Call, Expr, ExprKind},
};

impl<'e> Lowering<'e> {
    pub(super) fn call(&mut self, call: &'e Call<'e>, span: Span) -> Typed {
        let Some(receiver) = &call.receiver else { return self.free_call(call, span) };
        if let Some(lowered) = self.macro_call(call, receiver, span) {
            return lowered;
        }
        let spaced = namespace(receiver);
        if let Some(signature) = spaced.and_then(|form| functions::find(call.name, form)) {
            return self.apply(signature, None, &call.arguments, span);
        }
        // A metric may have the name of a namespace: `strings.size()`.
        match functions::find(call.name, Form::Method) {
            Some(signature) => self.apply(signature, Some(receiver), &call.arguments, span),
            None => self.unknown(call, spaced.unwrap_or(Form::Method)),
        }
    }

    fn free_call(&mut self, call: &'e Call<'e>, span: Span) -> Typed {
        match (call.name, &call.arguments[..]) {
            ("has", [path]) => self.has(path, span, false),
            ("absent", [path]) if !self.strict => self.has(path, span, true),
            ("has", _) => {
                let problem = Diagnostic::error(Code::Type, call.name_span, "`has` takes one path");
                self.refuse(problem, Reason::Misused)
            }
            (name, _) if !self.strict && (name == "absent" || WINDOWS.contains(&name)) => self.window(call, span),
            ("dyn", _) if !self.strict => self.unknown(call, Form::Free),
            _ => match functions::find(call.name, Form::Free) {
                Some(signature) => self.apply(signature, None, &call.arguments, span),
                None => self.unknown(call, Form::Free),
            },
        }
    }

    /// `has` and `absent` ask for a path, not for a value.
    fn has(&mut self, path: &'e Expr<'e>, span: Span, negated: bool) -> Typed {
        let is_path = match &path.kind {
            ExprKind::Select(..) => true,
            ExprKind::Name(_) | ExprKind::Index(..) => !self.strict,
            _ => false,
        };
        if !is_path {
            let problem = Diagnostic::error(Code::Type, path.span, "expected a path, as in `has(data.latency)`");
            return self.refuse(problem, Reason::Misused);
        }
        let node = match &path.kind {
            // In CEL's profile an error of the base shows through, so it stays apart from the last key.
            ExprKind::Select(base, key) if self.strict => {
                let base = Box::new(self.expr(base).node);
                Node { span: path.span, op: Op::Select(base, (*key).into()) }
            }
            _ => self.expr(path).node,
        };
        let op = if negated { Op::Absent(Box::new(node)) } else { Op::Has(Box::new(node)) };
        typed(op, span, Kind::Bool)
    }

    /// A call of a known function. The receiver of a method is its first argument.
    fn apply(
        &mut self,
        signature: &'static Signature,
        receiver: Option<&'e Expr<'e>>,
        arguments: &'e [Expr<'e>],
        span: Span,
    ) -> Typed {
        let given = arguments.len() + usize::from(receiver.is_some());
        let problem = arity_problem(signature, given, span);
        // The only one is a list or a number; of several each is a number.
        let takes = if signature.is_variadic() && given > 1 { &[Takes::Number] } else { signature.takes };
        let mut nodes = Vec::with_capacity(given);
        for (argument, takes) in receiver.into_iter().chain(arguments).zip(takes.iter().cycle()) {
            let argument = self.expr(argument);
            if problem.is_none() && !takes.accepts(argument.kind) {
                let label =
                    format!("`{}` takes {} here, this is {}", signature.name, takes.as_str(), argument.kind.as_str());
                self.complain(Diagnostic::error(Code::Type, argument.span(), label));
            }
            nodes.push(argument.node);
        }
        if let Some(problem) = problem {
            return self.refuse(problem, Reason::Misused);
        }
        let node = self.prepare(signature.function, nodes, span);
        Typed { node, kind: signature.gives }
    }

    /// Makes ready what is known at load: patterns, zones, times in literals.
    fn prepare(&mut self, function: Function, mut nodes: Vec<Node>, span: Span) -> Node {
        let literal = |node: Option<&Node>| node.and_then(Node::as_constant_text).map(str::to_owned);
        let op = match function {
            Function::Matches => match literal(nodes.get(1)) {
                Some(source) => {
                    let pattern_span = nodes[1].span;
                    self.pattern(&source, pattern_span, nodes.swap_remove(0))
                }
                None => Op::Call(function, nodes.into()),
            },
            Function::Part(_) => match literal(nodes.get(1)) {
                Some(name) => match moment::zone(&name) {
                    Some(zone) => Op::Zoned(function, Box::new(nodes.swap_remove(0)), zone),
                    None => {
                        let problem = Diagnostic::error(Code::Type, nodes[1].span, "not a time zone");
                        self.complain(problem.help("write a name like \"Europe/Zurich\" or an offset like \"+02:00\""));
                        Op::Fail(Reason::UnknownZone)
                    }
                },
                None => Op::Call(function, nodes.into()),
            },
            Function::ToDuration | Function::ToTimestamp => {
                let known = nodes.first().and_then(Node::as_constant);
                let value = known.and_then(|value| evaluate::convert_constant(function, value, self.strict));
                value.map_or_else(|| Op::Call(function, nodes.into()), Op::Constant)
            }
            _ => Op::Call(function, nodes.into()),
        };
        Node { span, op }
    }

    fn pattern(&mut self, source: &str, span: Span, text: Node) -> Op {
        match evaluate::pattern(source) {
            Ok(regex) => Op::Matches(Box::new(text), regex),
            Err(error) => {
                let message = error.to_string();
                let last = message.lines().last().unwrap_or_default().trim_start_matches("error: ");
                let problem = Diagnostic::error(Code::Regex, span, format!("not a regular expression: {last}"));
                self.complain(problem.help("look-around and back-references are not in the language"));
                Op::Fail(Reason::BadPattern)
            }
        }
    }

    fn unknown(&mut self, call: &'e Call<'e>, form: Form) -> Typed {
        let name = call.name;
        let what = if form == Form::Method { "method" } else { "function" };
        let label = format!("no {what} `{}`", shown(name));
        let mut problem = Diagnostic::error(Code::UnknownFunction, call.name_span, label);
        problem.help = unknown_help(name, form);
        self.refuse(problem, Reason::UnknownFunction)
    }
}

/// The form of what stands behind `math.` or `strings.`.
fn namespace(receiver: &Expr) -> Option<Form> {
    match &receiver.kind {
        ExprKind::Name(name) => Form::within(name),
        _ => None,
    }
}

fn unknown_help(name: &str, form: Form) -> Option<String> {
    if form == Form::Free && functions::find(name, Form::Method).is_some() {
        return Some(format!("it is a method: write `text.{name}(...)`"));
    }
    let spaced = Form::SPACED.into_iter().find(|form| functions::find(name, *form).is_some());
    if form == Form::Free
        && let Some(namespace) = spaced.and_then(Form::namespace)
    {
        return Some(format!("write `{namespace}.{name}(...)`"));
    }
    if form == Form::Method && functions::find(name, Form::Free).is_some() {
        return Some(format!("it is a function: write `{name}(...)`"));
    }
    let known = functions::names(form);
    let meant = match form {
        Form::Free => nearest(name, known.chain(SPECIAL).chain(WINDOWS)),
        Form::Method => nearest(name, known.chain(MACROS)),
        _ => nearest(name, known),
    };
    meant.map(|meant| format!("did you mean `{meant}`?"))
}

fn arity_problem(signature: &Signature, given: usize, span: Span) -> Option<Diagnostic> {
    let most = signature.takes.len();
    let fits = if signature.is_variadic() { given > 0 } else { (most - signature.optional..=most).contains(&given) };
    if fits {
        return None;
    }
    // The receiver of a method is no argument to a reader.
    let receiver = usize::from(signature.form == Form::Method);
    let (least, most) = (most - signature.optional - receiver, most - receiver);
    let wanted = match (signature.is_variadic(), least == most) {
        (true, _) => "at least 1".to_owned(),
        (_, true) => most.to_string(),
        _ => format!("{least} or {most}"),
    };
    let label = format!("`{}` takes {wanted} arguments, not {}", signature.name, given.saturating_sub(receiver));
    Some(Diagnostic::error(Code::Type, span, label))
}
