//! Microseconds per kilobyte on clean events: the whole event, and its bytes.

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use serde_json::json;
use tidings_core::{Event, Scrub};
use tidings_redact::Redactor;

fn clean_event() -> Event {
    Event::new("custom.tool.call").agent("travel-agent-0").user("kim_park_17").session("s0-0").data(json!({
        "tool": "reserve_seats", "latency_ms": 2471, "arguments": {"from": "ZRH", "to": "LIS", "kind": "one_way",
        "legs": [{"number": "XY123", "date": "2025-09-12", "price": 143}], "bags": 2, "insured": false},
        "thought": "Both legs together are cheaper than the sum of the two fares, so the discount must have been applied already; the next \
                    step is to ask whether the seats by the window are worth the extra charge, and only then to confirm.",
        "ids": ["550e8400-e29b-41d4-a716-446655440000", "5d41402abc4b2a76b9719d911017c592"], "when": "2025-09-01T08:30:00Z",
    }))
}

fn redact(criterion: &mut Criterion) {
    let (redactor, event) = (Redactor::default(), clean_event());
    let wire = event.to_wire();
    let mut group = criterion.benchmark_group("clean");
    group.throughput(Throughput::Bytes(wire.len() as u64));
    group.bench_function("event", |bencher| bencher.iter(|| redactor.redact_event(std::hint::black_box(&event))));
    group.bench_function("bytes", |bencher| bencher.iter(|| redactor.scrub(std::hint::black_box(&wire)).len()));
    group.finish();
}

criterion_group!(benches, redact);
criterion_main!(benches);
