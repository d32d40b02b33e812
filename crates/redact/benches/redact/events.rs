//! Two invented events: one without anything to redact, one with a little of everything.

use serde_json::json;
use tidings_core::Event;

/// Nothing to redact.
pub(crate) fn clean() -> Event {
    Event::new("custom.tool.call").agent("travel-agent-0").user("kim_park_17").session("s0-0").data(json!({
        "tool": "reserve_seats", "latency_ms": 2471, "arguments": {"from": "ZRH", "to": "LIS", "kind": "one_way",
        "legs": [{"number": "XY123", "date": "2025-09-12", "price": 143}], "bags": 2, "insured": false},
        "thought": "Both legs together are cheaper than the sum of the two fares, so the discount must have been applied already; the next \
                    step is to ask whether the seats by the window are worth the extra charge, and only then to confirm.",
        "ids": ["550e8400-e29b-41d4-a716-446655440000", "5d41402abc4b2a76b9719d911017c592"], "when": "2025-09-01T08:30:00Z",
    }))
}

/// Names, tokens, addresses and personal data.
pub(crate) fn dirty() -> Event {
    Event::new("tool.error").agent("travel-agent-0").user("kim_park_17").session("s0-0").data(json!({
        "tool": "http_request", "arguments": {"url": "https://app:hunter2@api.example.com/v1?access_token=abcdef&page=2",
        "headers": {"Authorization": "Bearer abcdefghijklmnop", "Accept": "*/*"}, "api_key": "abc"},
        "error": format!("401 for {}{}, mail ann@example.com or call the desk", "ghp_", "aB3dE5gH".repeat(5)),
        "log": "DB_PASSWORD=hunter2 retrying; card 4111 1111 1111 1111 was declined, IBAN DE89 3704 0044 0532 0130 00 is open",
        "ids": ["550e8400-e29b-41d4-a716-446655440000", "5d41402abc4b2a76b9719d911017c592"], "when": "2025-09-01T08:30:00Z",
    }))
}
