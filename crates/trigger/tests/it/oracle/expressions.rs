//! Expressions of the core that is CEL's and ours, made from a list of choices: fewer and smaller choices make a simpler one.

use super::words::{DOUBLES, DURATIONS, GETTERS, INTS, KINDS, Kind, TEXTS, TIMES, VARIABLES, ZONES};

/// Makes one expression.
pub(super) struct Maker<'c> {
    choices: &'c [u8],
    /// The variables of the macros around this place.
    locals: Vec<String>,
}

impl<'c> Maker<'c> {
    pub(super) fn new(choices: &'c [u8]) -> Self {
        Self { choices, locals: Vec::new() }
    }

    /// An expression that nests at most this deep.
    pub(super) fn any(&mut self, depth: usize) -> String {
        let kind = self.pick(&KINDS);
        self.expression(kind, depth)
    }

    fn choose(&mut self, count: usize) -> usize {
        let Some((first, rest)) = self.choices.split_first() else { return 0 };
        self.choices = rest;
        usize::from(*first) % count
    }

    fn pick<T: Copy>(&mut self, from: &[T]) -> T {
        from[self.choose(from.len())]
    }

    fn expression(&mut self, kind: Kind, depth: usize) -> String {
        // Now and then something of another kind: what has no meaning must have none on both sides.
        let kind = if self.choose(16) == 15 { self.pick(&KINDS) } else { kind };
        if depth == 0 || self.choose(5) == 0 {
            return self.leaf(kind);
        }
        let made = match self.choose(8) {
            0 => self.conditional(kind, depth),
            1 => self.lookup(depth),
            _ => self.operation(kind, depth),
        };
        if self.choose(2) == 0 { format!("({made})") } else { made }
    }

    fn leaf(&mut self, kind: Kind) -> String {
        if !self.locals.is_empty() && self.choose(2) == 1 {
            let which = self.choose(self.locals.len());
            return self.locals[which].clone();
        }
        if self.choose(3) == 2 {
            let bound: Vec<&str> = VARIABLES.iter().filter(|(_, of)| *of == kind).map(|(name, _)| *name).collect();
            if !bound.is_empty() {
                return self.pick(&bound).to_owned();
            }
        }
        match kind {
            Kind::Int => self.pick(&INTS).to_owned(),
            Kind::Double => self.pick(&DOUBLES).to_owned(),
            Kind::Text => self.pick(&TEXTS).to_owned(),
            Kind::Bool => self.pick(&["true", "false"]).to_owned(),
            Kind::Null => "null".to_owned(),
            Kind::List => self.pick(&["[]", "[1]", "[1, 2.0, 3]", "['a', 'b']", "[null, true, [1]]"]).to_owned(),
            Kind::Map => self.pick(&["{}", "{'a': 1}", "{1: 'one', 2: 'two'}", "{true: null, 'k': [1]}"]).to_owned(),
            Kind::Duration => format!("duration({})", self.pick(&DURATIONS)),
            Kind::Timestamp => format!("timestamp({})", self.pick(&TIMES)),
        }
    }

    fn conditional(&mut self, kind: Kind, depth: usize) -> String {
        let condition = self.expression(Kind::Bool, depth - 1);
        format!("{condition} ? {} : {}", self.expression(kind, depth - 1), self.expression(kind, depth - 1))
    }

    fn lookup(&mut self, depth: usize) -> String {
        match self.choose(4) {
            0 => format!("{}[{}]", self.operand(Kind::List, depth), self.expression(Kind::Int, depth - 1)),
            1 => format!("{}[{}]", self.operand(Kind::Map, depth), self.expression(Kind::Text, depth - 1)),
            2 => format!("{}.{}", self.operand(Kind::Map, depth), self.pick(&["a", "k", "count", "inner", "absent"])),
            _ => format!("{}[{}]", self.operand(Kind::Map, depth), self.expression(Kind::Int, depth - 1)),
        }
    }

    /// An expression that something may be written behind.
    fn operand(&mut self, kind: Kind, depth: usize) -> String {
        format!("({})", self.expression(kind, depth - 1))
    }

    fn infix(&mut self, operators: &[&str], kinds: [Kind; 2], depth: usize) -> String {
        let operator = self.pick(operators);
        format!("{} {operator} {}", self.expression(kinds[0], depth - 1), self.expression(kinds[1], depth - 1))
    }

    fn operation(&mut self, kind: Kind, depth: usize) -> String {
        match kind {
            Kind::Int => self.int(depth),
            Kind::Double => self.double(depth),
            Kind::Text => self.text(depth),
            Kind::Bool => self.boolean(depth),
            Kind::List => self.list(depth),
            Kind::Map | Kind::Null => self.map(depth),
            Kind::Duration => self.infix(&["+", "-"], [Kind::Duration, Kind::Duration], depth),
            Kind::Timestamp => self.infix(&["+", "-"], [Kind::Timestamp, Kind::Duration], depth),
        }
    }

    fn int(&mut self, depth: usize) -> String {
        match self.choose(9) {
            0..3 => self.infix(&["+", "-", "*", "/", "%"], [Kind::Int, Kind::Int], depth),
            3 => format!("-{}", self.operand(Kind::Int, depth)),
            4 => {
                let kind = self.pick(&[Kind::Text, Kind::List, Kind::Map]);
                format!("size({})", self.expression(kind, depth - 1))
            }
            5 => {
                let kind = self.pick(&[Kind::Text, Kind::Double, Kind::Int, Kind::Timestamp]);
                format!("int({})", self.expression(kind, depth - 1))
            }
            6 => {
                let method = self.pick(&["indexOf", "lastIndexOf"]);
                let (text, part) = (self.operand(Kind::Text, depth), self.expression(Kind::Text, depth - 1));
                format!("{text}.{method}({part})")
            }
            7 => self.getter(depth),
            _ => self.calculation(Kind::Int, depth),
        }
    }

    fn getter(&mut self, depth: usize) -> String {
        let getter = self.pick(&GETTERS);
        match self.choose(3) {
            0 => format!("{}.{getter}()", self.operand(Kind::Timestamp, depth)),
            1 => format!("{}.{}()", self.operand(Kind::Duration, depth), self.pick(&GETTERS[6..])),
            _ => format!("{}.{getter}({})", self.operand(Kind::Timestamp, depth), self.pick(&ZONES)),
        }
    }

    fn double(&mut self, depth: usize) -> String {
        match self.choose(6) {
            0..3 => self.infix(&["+", "-", "*", "/"], [Kind::Double, Kind::Double], depth),
            3 => format!("-{}", self.operand(Kind::Double, depth)),
            4 => {
                let kind = self.pick(&[Kind::Text, Kind::Double, Kind::Int]);
                format!("double({})", self.expression(kind, depth - 1))
            }
            _ => self.calculation(Kind::Double, depth),
        }
    }

    fn calculation(&mut self, kind: Kind, depth: usize) -> String {
        let argument = self.expression(kind, depth - 1);
        match self.choose(3) {
            0 => {
                let functions = ["ceil", "floor", "round", "trunc", "abs", "sign"];
                format!("math.{}({argument})", self.pick(&functions))
            }
            1 => {
                format!("math.{}({argument}, {})", self.pick(&["greatest", "least"]), self.expression(kind, depth - 1))
            }
            _ => format!("math.{}([{argument}, {}])", self.pick(&["greatest", "least"]), self.leaf(kind)),
        }
    }

    fn text(&mut self, depth: usize) -> String {
        let text = self.operand(Kind::Text, depth);
        match self.choose(8) {
            0 => self.infix(&["+"], [Kind::Text, Kind::Text], depth),
            1 => {
                let kind =
                    self.pick(&[Kind::Int, Kind::Double, Kind::Bool, Kind::Text, Kind::Duration, Kind::Timestamp]);
                format!("string({})", self.expression(kind, depth - 1))
            }
            2 => format!("{text}.{}()", self.pick(&["lowerAscii", "upperAscii", "trim", "reverse"])),
            3 => format!("{text}.charAt({})", self.expression(Kind::Int, depth - 1)),
            4 => format!("{text}.substring({})", self.expression(Kind::Int, depth - 1)),
            5 => format!("{text}.substring({}, {})", self.leaf(Kind::Int), self.leaf(Kind::Int)),
            6 => format!("{text}.replace({}, {})", self.expression(Kind::Text, depth - 1), self.leaf(Kind::Text)),
            _ => format!("{}.join({})", self.operand(Kind::List, depth), self.leaf(Kind::Text)),
        }
    }

    fn boolean(&mut self, depth: usize) -> String {
        match self.choose(10) {
            0 | 1 => self.infix(&["&&", "||"], [Kind::Bool, Kind::Bool], depth),
            2 | 3 => {
                let kind = self.pick(&KINDS);
                let other = if self.choose(3) == 2 { self.pick(&KINDS) } else { kind };
                self.infix(&["<", "<=", ">", ">=", "==", "!="], [kind, other], depth)
            }
            4 => format!("!{}", self.operand(Kind::Bool, depth)),
            5 => {
                let range = self.pick(&[Kind::List, Kind::Map]);
                let item = self.pick(&KINDS);
                self.infix(&["in"], [item, range], depth)
            }
            6 => {
                let method = self.pick(&["startsWith", "endsWith", "contains", "matches"]);
                format!("{}.{method}({})", self.operand(Kind::Text, depth), self.expression(Kind::Text, depth - 1))
            }
            7 => format!(
                "has({}.{})",
                self.operand(Kind::Map, depth),
                self.pick(&["a", "k", "count", "inner", "absent"])
            ),
            8 => self.test_macro(depth),
            _ => match self.choose(2) {
                0 => format!("bool({})", self.expression(Kind::Text, depth - 1)),
                _ => {
                    let argument = self.expression(Kind::Double, depth - 1);
                    format!("math.{}({argument})", self.pick(&["isNaN", "isInf", "isFinite"]))
                }
            },
        }
    }

    fn test_macro(&mut self, depth: usize) -> String {
        let name = self.pick(&["exists", "all", "exists_one"]);
        let range = self.pick(&[Kind::List, Kind::Map]);
        let range = self.operand(range, depth);
        let (variable, body) = self.scoped(Kind::Bool, depth);
        format!("{range}.{name}({variable}, {body})")
    }

    /// The body of a macro, which sees one variable more.
    fn scoped(&mut self, kind: Kind, depth: usize) -> (String, String) {
        let variable = format!("v{}", self.locals.len());
        self.locals.push(variable.clone());
        let body = self.expression(kind, depth - 1);
        self.locals.pop();
        (variable, body)
    }

    fn list(&mut self, depth: usize) -> String {
        match self.choose(6) {
            0 => {
                let items: Vec<String> = (0..self.choose(4)).map(|_| self.any(depth - 1)).collect();
                format!("[{}]", items.join(", "))
            }
            1 => self.infix(&["+"], [Kind::List, Kind::List], depth),
            2 => {
                let range = self.operand(Kind::List, depth);
                let (variable, body) = self.scoped(Kind::Bool, depth);
                format!("{range}.filter({variable}, {body})")
            }
            3 => {
                let range = self.operand(Kind::List, depth);
                let kind = self.pick(&KINDS);
                let (variable, body) = self.scoped(kind, depth);
                format!("{range}.map({variable}, {body})")
            }
            4 => format!("{}.split({})", self.operand(Kind::Text, depth), self.leaf(Kind::Text)),
            _ => format!(
                "{}.split({}, {})",
                self.operand(Kind::Text, depth),
                self.leaf(Kind::Text),
                self.leaf(Kind::Int)
            ),
        }
    }

    fn map(&mut self, depth: usize) -> String {
        let entries: Vec<String> = (0..self.choose(3))
            .map(|_| {
                let kind = self.pick(&[Kind::Text, Kind::Int, Kind::Bool]);
                format!("{}: {}", self.expression(kind, depth - 1), self.any(depth - 1))
            })
            .collect();
        format!("{{{}}}", entries.join(", "))
    }
}
