//! From a source to something that can judge events: ours checks types and bounds, `cel` only parses.

use std::hint::black_box;

use cel::Program;
use tidings_trigger::Condition;

use crate::measure::compare;

const SMALL: [&str; 4] = ["error_rate > 0.05", "retries >= 3", "model == 'large-1'", "completed == false"];

const MEDIUM: [&str; 4] = [
    "error_rate > 0.05 && tool_calls >= 20 && severity != 'info'",
    "latency.p95 > 1500.0 || (retries > 3 && !has(data.recovered))",
    "model in ['large-1', 'large-2', 'large-3'] && cost_usd * 1000.0 > 25.0",
    "text.startsWith('panic') || text.contains('out of memory')",
];

const LARGE: [&str; 3] = [
    "error_rate > 0.05 && tool_calls >= 20 && (severity == 'error' || severity == 'critical') \
     && !(event_type.startsWith('test.') || agent_id == 'sandbox') && latency.p95 - latency.p50 > 750.0",
    "tools.exists(t, t.name == 'write' && t.ms > 500) && tools.all(t, t.ms < 60000) \
     && size(tools.filter(t, t.failed == true)) > 2 && tools.map(t, t.ms).exists(ms, ms > 100 && ms < 1000)",
    "(cost_usd > 2.5 || tokens_in + tokens_out > 200000 || tokens_out > 50000) && model in ['large-1', 'large-2'] \
     && (has(data.budget) ? cost_usd > data.budget * 0.8 : cost_usd > 5.0) && user_id != 'nobody' \
     && !(session_id.endsWith('-replay') || metadata.region == 'test' || metadata.labels['kind'] == 'nightly')",
];

pub(crate) fn run() {
    let bar = Some(20.0);
    versus("small conditions", bar, &SMALL);
    versus("medium conditions", bar, &MEDIUM);
    versus("large conditions", bar, &LARGE);
    versus("all of them", bar, &[&SMALL[..], &MEDIUM, &LARGE].concat());
}

fn versus(name: &str, bar: Option<f64>, sources: &[&str]) {
    let mut ours = || {
        for source in sources {
            drop(black_box(Condition::compile(black_box(source)).expect("it is in the language")));
        }
    };
    let mut other = || {
        for source in sources {
            drop(black_box(Program::compile(black_box(source)).expect("it is in CEL")));
        }
    };
    compare(name, bar, &mut ours, &mut other);
}
