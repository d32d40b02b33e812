//! Microseconds per kilobyte on clean events: the whole event, and its bytes.

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use serde_json::json;
use tidings_core::{Event, Scrub};
use tidings_redact::Redactor;

fn clean_event() -> Event {
    Event::new("custom.tool.call").agent("airline-agent-0").user("mia_li_3668").session("t0-0").data(json!({
        "tool": "book_reservation", "latency_ms": 3134, "arguments": {"origin": "JFK", "destination": "SEA", "flight_type": "one_way",
        "flights": [{"flight_number": "HAT083", "date": "2024-05-20", "price": 87}], "total_baggages": 3, "insurance": "no"},
        "thought": "The total cost for the selected flights in economy class is $255, but the system indicates that it is more. I should \
                    recalculate it with the three bags, of which one is free of charge, and then ask for a confirmation of the booking.",
        "ids": ["550e8400-e29b-41d4-a716-446655440000", "5d41402abc4b2a76b9719d911017c592"], "when": "2024-05-15T15:00:00Z",
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
