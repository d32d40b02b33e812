//! A SuperAgent file: `events` and our sections are read, the rest is left alone.

use tidings_config::{Mode, Options, load};

use crate::{lines, options};

fn agent() -> Options<'static> {
    Options { mode: Mode::Agent, ..options() }
}

const FILE: &str = "
model: {name: gpt, temperature: '${NOWHERE}', temperature: 1, 5: [*defaults]}
7: x
7: y
servers: &defaults
  - {command: x, args: !shell ['${']}
events:
  sinks: [{type: log}]
triggers:
  - {name: r, condition: x > 1, channels: [log], user_ids: $event}
";

#[test]
fn foreign_sections_are_left_alone() {
    let file = FILE.replace("[*defaults]", "[]");
    let (plan, problems) = load(&file, &agent()).unwrap_or_else(|problems| panic!("{}", lines(&problems)));
    assert_eq!((plan.sinks.len(), plan.rules.len(), problems.len()), (1, 1, 0));
    assert!(load(&file, &options()).is_err());
}

#[test]
fn our_sections_are_as_strict_as_ever() {
    let problems = load("model: x\nevents: {sinks: [{type: log, x: 1}]}", &agent()).unwrap_err();
    assert_eq!((problems[0].line, problems[0].column), (2, 30));
    let problems = load("model: x\nevents: {sinks: [{type: log}]}\nevents: {}", &agent()).unwrap_err();
    assert_eq!(problems[0].line, 3);
    assert!(load("model: x", &agent()).unwrap_err()[0].message.contains("no sink and no rule"));
}
