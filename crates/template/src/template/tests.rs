use proptest::prelude::*;
use serde_json::json;
use tidings_core::{Event, Timestamp};

use super::*;
use crate::{RULE_NAMES, WEBHOOK_NAMES, context_of};

fn event() -> Event {
    Event::new("tool.error").agent("billing").at(Timestamp::from_secs(1_700_000_000)).data(json!({
        "rate": 0.25, "name": "<b>", "list": [{"n": "a", "p": 2}, {"n": "b", "p": 3}], "long": "x".repeat(100_000),
    }))
}

/// What a template gives on [`event`], or its error.
fn check(source: &str, expected: &str) {
    let result =
        Template::compile(source).and_then(|template| template.render(&context_of(&event()).with("rule", "r")));
    assert_eq!(result.unwrap_or_else(|error| error.to_string()), expected, "{source}");
}

/// What the check at load says.
fn check_load(source: &str, expected: &str) {
    let result = Template::compile(source).and_then(|template| template.check_sample(RULE_NAMES));
    assert_eq!(result.err().map_or_else(|| "fine".into(), |error| error.to_string()), expected, "{source}");
}

#[test]
fn renders() {
    check("plain", "plain");
    check("{{ agent_id }} {{ data.rate * 100 }} {{ rule }}", "billing 25.0 r");
    check("{{ data.name }}{{ event.data.name }}", "<b><b>");
    check("{% for x in data.list %}{{ x.n }}={{ x.p }};{% endfor %}", "a=2;b=3;");
    check("{{ data.list[1].n | upper }}", "B");
    check("{{ data.list | tojson }}", r#"[{"n":"a","p":2},{"n":"b","p":3}]"#);
    check("{{ true }} {{ none }} {{ 1 == 2 }} {{ 3 }}", "true null false 3");
    check("{{ data.missing | default('none') }}", "none");
    check("{{ user_id is none }}", "true");
    check("{{ data.list | map(attribute='n') | join(', ') }}", "a, b");
    check("{% raw %}{{ x }}{% endraw %}{# {{ y }} #}", "{{ x }}");
}

#[test]
fn errors_name_the_line_and_the_name() {
    check("a\n{{ data.missing }}", "line 2: undefined value: `data.missing` is undefined");
    check("{{ nothing }}", "line 1: undefined value: `nothing` is undefined");
    check("x\n\n{{ oops", "line 3: unexpected end of input, expected end of variable block");
    check(
        "{{ agent_id / 2 }}",
        "line 1: invalid operation: tried to use / operator on unsupported types string and number",
    );
    check("\n{% include 'etc' %}", "line 2: the statement `include` is not available");
    check("{{ data.name | nope }}", "line 1: the filter `nope` is not available");
    check("{% macro m() %}{% endmacro %}", "line 1: the statement `macro` is not available");
    check(&"x".repeat(SOURCE_LIMIT + 1), "the template is 65537 bytes long, at most 65536 are allowed");
}

#[test]
fn work_and_output_are_bounded() {
    check(
        "{% for i in range(100000) %}{% for j in range(100000) %}{% endfor %}{% endfor %}",
        "line 1: the template does too much work: shorten its loops",
    );
    check("{% for i in range(3) %}{{ data.long }}{% endfor %}", "the output is longer than 262144 bytes");
    check("{{ 'x' * 99999999 }}", "line 1: the construct `text * number` is not available");
    check("{{ data.name * 99999999 }}", "line 1: invalid operation: repeated string is too large");
    check(
        "{% set x = data.long %}{% for i in [1] recursive %}{% endfor %}",
        "line 1: the construct `recursive` is not available",
    );
    check("{% set x %}{{ data.long }}{% endset %}", "line 1: the construct `set … endset` is not available");
    check("{% filter upper %}x{% endfilter %}", "line 1: the statement `filter` is not available");
    let bomb = "{% set x = data.long %}".to_owned() + &"{% set x = x ~ x %}".repeat(40) + "{{ x | length }}";
    check(&bomb, "line 1: `x` may grow without bound: join fewer values into it");
    let lists = "{% set x = [1] %}".to_owned() + &"{% set x = [x, x, x] %}".repeat(40) + "{{ x | tojson }}";
    check(&lists, "line 1: `x` may grow without bound: join fewer values into it");
    let nested = "{% for y in [y ~ y] %}".repeat(40) + &"{% endfor %}".repeat(40);
    check(&nested, "line 1: `y` may grow without bound: join fewer values into it");
    check(
        "{{ data.long | replace('', data.long) }}",
        "line 1: invalid operation: a filter's text would be longer than 1048576 bytes",
    );
    let innocent = "{% set a = data.rate %}".to_owned() + &"{% set b = a ~ '%' %}".repeat(100) + "{{ b }}";
    check(&innocent, "0.25%");
}

#[test]
fn the_sample_answers_data_and_metadata_only() {
    for good in [
        "{{ data.a.b[3].c }} {{ metadata.x }} {{ event.data.y }}",
        "{{ data.rate | round(2) }} {{ data.rate * 100 }} {{ data.n + 1 }} {{ data.a / data.b }}",
        "{% for x in data.list %}{{ x.name | upper }}{{ loop.index }}{% endfor %}",
        "{% for x in data.list %}{{ x.price * 2 }}{% endfor %}",
        "{{ data.when[:10] }} {{ data.tags | join(',') | truncate(20) }} {{ data | tojson }}",
        "{% if data.rate > 0.05 and severity == 'error' %}{{ timestamp | int }}{% endif %}",
        "{{ rule }} {{ priority }} {{ title }} {{ agent_id | default('?') }}{% set n = data.n %}{{ n }}",
        "{{ data['key with blanks'] }} {% for i in range(3) %}{{ i }}{% endfor %}",
    ] {
        check_load(good, "fine");
    }
    check_load("a\n{{ dat.x }}", "line 2: unknown name `dat`: did you mean `data`?");
    check_load(
        "{% if severity == 'critical' %}{{ agnet_id }}{% endif %}",
        "line 1: unknown name `agnet_id`: did you mean `agent_id`?",
    );
    check_load("{{ event.nope }}", "line 1: undefined value: `event.nope` is undefined");
    check_load(
        "{{ notification.title }}",
        "line 1: unknown name `notification`; known are event_type, severity, timestamp, agent_id, user_id, session_id, data, metadata, event, rule, priority, title, body",
    );
    check_load(
        "{{ severity / 2 }}",
        "line 1: invalid operation: tried to use / operator on unsupported types string and number",
    );
    let webhook = Template::compile("{{ notification.title }} {{ notification.metadata.x }} {{ event.metadata.y }}");
    assert_eq!(webhook.and_then(|template| template.check_sample(WEBHOOK_NAMES)), Ok(()));
}

/// The search for kinds that fit took time by the square of the paths.
#[test]
fn a_large_template_is_searched_within_bounds() {
    let mut source: String = (0..2500).map(|index| format!("{{{{ data.a{index} + 1 }}}}")).collect();
    source.push_str("{{ data.z.y + data.z }}");
    assert!(Template::compile(&source).and_then(|template| template.check_sample(RULE_NAMES)).is_err());
}

proptest! {
    #[test]
    fn no_source_panics(source in "(\\{\\{|\\}\\}|\\{%|%\\}|[ a-z.|'\"#\n-]|data|for x in|endfor|set x =|raw|endraw|[0-9]){0,40}") {
        if let Ok(template) = Template::compile(&source) {
            _ = template.check_sample(RULE_NAMES);
            _ = template.render(&context_of(&event()));
        }
    }
}
