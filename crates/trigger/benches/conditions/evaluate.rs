//! From an event to a verdict, beside `cel` with its variables made beforehand, made for each event, and made when asked for.

use std::{hint::black_box, sync::Arc};

use cel::{Context, Env, Program, Value};
use serde_json::json;
use tidings_core::Event;
use tidings_trigger::{Condition, Verdict};

use crate::{
    measure::compare,
    oracle::{Lazy, variables},
};

const SHAPES: [(&str, &[&str]); 4] = [
    ("thresholds", &["error_rate > 0.05", "tool_calls >= 20", "error_rate < 0.01 || tool_calls > 50 || retries > 2"]),
    (
        "text and lists",
        &["model == 'large-1'", "text.startsWith('panic')", "model in ['large-1', 'large-2', 'large-3']"],
    ),
    ("paths and arithmetic", &["latency.p95 > 1500.0 || latency.p50 > 500.0", "cost_usd * 1000.0 > 25.0"]),
    ("macros", &["tools.exists(t, t.name == 'write' && t.ms > 500)", "size(tools.filter(t, t.ms > 100)) > 3"]),
];

fn event() -> Event {
    Event::new("tool.end").agent("billing").session("s-81").data(json!({
        "error_rate": 0.02, "tool_calls": 12, "retries": 0, "model": "small-2", "cost_usd": 0.013, "tokens": 1834,
        "text": "the search returned nothing", "latency": {"p50": 120.5, "p95": 840.5}, "completed": true,
        "tools": [{"name": "search", "ms": 31}, {"name": "fetch", "ms": 112}, {"name": "write", "ms": 9}],
    }))
}

pub(crate) fn run() {
    let everything: Vec<&str> = SHAPES.iter().flat_map(|(_, sources)| sources.iter().copied()).collect();
    let event = event();
    for (name, sources) in SHAPES {
        Versus::new(sources, &event).beforehand(&format!("{name}, variables beforehand"), None);
    }
    let all = Versus::new(&everything, &event);
    all.beforehand("all, variables beforehand", Some(20.0));
    all.lazily("all, event map to verdict, lazy resolver", Some(8.0));
    all.each_time("all, event map to verdict, add_variable", Some(30.0));
}

/// The same conditions on both sides.
struct Versus<'e> {
    event: &'e Event,
    conditions: Vec<Condition>,
    programs: Vec<Program>,
    environment: Arc<Env>,
}

impl<'e> Versus<'e> {
    fn new(sources: &[&str], event: &'e Event) -> Self {
        let conditions: Vec<_> = sources.iter().map(|source| Condition::compile(source).expect("it is ours")).collect();
        let programs: Vec<_> = sources.iter().map(|source| Program::compile(source).expect("it is CEL")).collect();
        let versus = Self { event, conditions, programs, environment: Arc::new(Env::stdlib()) };
        versus.agree();
        versus
    }

    /// Both sides must say the same, or their times say nothing.
    fn agree(&self) {
        let mut context = Context::with_env(Arc::clone(&self.environment));
        self.fill(&mut context);
        for (condition, program) in self.conditions.iter().zip(&self.programs) {
            let ours = condition.verdict(self.event) == Verdict::Fire;
            assert_eq!(program.execute(&context), Ok(Value::Bool(ours)), "{}", condition.source());
            assert_eq!(condition.frame(self.event).verdict(), condition.verdict(self.event), "{}", condition.source());
        }
    }

    fn fill(&self, context: &mut Context<'_, '_>) {
        for (name, value) in variables(self.event) {
            context.add_variable_from_value(name, value);
        }
    }

    /// Ours reads the event where it lies.
    fn ours(&self) {
        for condition in &self.conditions {
            black_box(condition.verdict(black_box(self.event)));
        }
    }

    fn beforehand(&self, name: &str, bar: Option<f64>) {
        let frames: Vec<_> = self.conditions.iter().map(|condition| condition.frame(self.event)).collect();
        let mut context = Context::with_env(Arc::clone(&self.environment));
        self.fill(&mut context);
        let mut ours = || {
            for frame in &frames {
                black_box(black_box(frame).verdict());
            }
        };
        compare(name, bar, &mut ours, &mut || {
            for program in &self.programs {
                drop(black_box(program.execute(black_box(&context))));
            }
        });
    }

    fn lazily(&self, name: &str, bar: Option<f64>) {
        compare(name, bar, &mut || self.ours(), &mut || {
            for program in &self.programs {
                let lazy = Lazy(black_box(self.event));
                let mut context = Context::with_env(Arc::clone(&self.environment));
                context.set_variable_resolver(&lazy);
                drop(black_box(program.execute(&context)));
            }
        });
    }

    fn each_time(&self, name: &str, bar: Option<f64>) {
        compare(name, bar, &mut || self.ours(), &mut || {
            for program in &self.programs {
                let mut context = Context::with_env(Arc::clone(&self.environment));
                self.fill(&mut context);
                drop(black_box(program.execute(&context)));
            }
        });
    }
}
