//! `replay`: past events through one configuration or two, with nothing sent. What happens is decided by the engine; here it is counted,
//! compared and told.

mod report;
mod side;
mod text;

use anyhow::Context;
use serde_json::{Map, Value, json};
use tidings::{
    Identified,
    replay::{Only, Side, Tally, Tell, difference_of, share},
};

use crate::{
    Exit,
    args::{self, Config, Output},
    output, progress,
    source::{self, Content, Line, Refused},
};
use report::Report;

/// Lines a batch.
const BATCH: usize = 256;

/// Replays a file, or standard input.
pub(crate) async fn replay(arguments: args::Replay, output: &Output) -> anyhow::Result<Exit> {
    let Some(sides) = sides(&arguments, output)? else { return Ok(Exit::Usage) };
    let mut lines = source::read(&arguments.events)?;
    let bar = progress::show(progress::size_of(&arguments.events));
    let mut feed = Feed { sides, only: Only::default(), refused: Refused::default(), arguments: &arguments };
    let mut batch = Vec::with_capacity(BATCH);
    let mut ended = None;
    while ended.is_none() && lines.recv_many(&mut batch, BATCH).await > 0 {
        bar.set_position(batch.last().map_or(0, |line| line.position));
        ended = batch.drain(..).find_map(|line| feed.take(line));
    }
    progress::hide();
    feed.finish();
    let Feed { sides, only, .. } = feed;
    let tallies: Vec<Tally> = sides.into_iter().map(Side::into_tally).collect();
    if let Some(path) = &arguments.html {
        let report = Report::of(&arguments.events, &tallies, &only);
        // What was before is the one with everything off.
        let page = report::html(&if arguments.bare { report.turned() } else { report });
        std::fs::write(path, page).with_context(|| format!("{} cannot be written", path.display()))?;
    }
    tell(&tallies, &only, arguments.bare, output);
    Ok(ended.unwrap_or(Exit::Done))
}

/// One configuration or two; `None` where one is refused, which is told then.
fn sides(arguments: &args::Replay, output: &Output) -> anyhow::Result<Option<Vec<Side>>> {
    let Some(first) = side::open(&arguments.config, false, output)? else { return Ok(None) };
    let second = match &arguments.against {
        Some(path) => side::open(&Config { config: Some(path.clone()), agent_file: None }, false, output)?,
        None if arguments.bare => side::open(&arguments.config, true, output)?,
        None => return Ok(Some(vec![first])),
    };
    Ok(second.map(|second| vec![first, second]))
}

/// Feeds every line to each side.
struct Feed<'a> {
    sides: Vec<Side>,
    only: Only,
    refused: Refused,
    arguments: &'a args::Replay,
}

impl Feed<'_> {
    /// Takes a line; gives the exit code where it ends the replay.
    fn take(&mut self, line: Line<Identified>) -> Option<Exit> {
        match line.content {
            Content::Event(event) => {
                // The last side takes the event itself.
                let last = self.sides.len().saturating_sub(1);
                for place in 0..last {
                    self.step(place, |side, tell| side.feed((*event).clone(), tell));
                }
                self.step(last, |side, tell| side.feed(*event, tell));
                None
            }
            Content::Malformed(problem) => {
                self.sides.iter().for_each(Side::refuse);
                self.refused.tell(line.number, &problem);
                self.arguments.strict.then_some(Exit::Usage)
            }
            Content::Broken(problem) => {
                output::error(&problem);
                Some(Exit::Usage)
            }
        }
    }

    fn finish(&mut self) {
        let after = self.arguments.until.unwrap_or_default();
        for place in 0..self.sides.len() {
            self.step(place, |side, tell| side.finish(after, tell));
        }
    }

    /// Lets a side go on, and compares and lists what it tells.
    fn step(&mut self, place: usize, go_on: impl FnOnce(&mut Side, Tell<'_>)) {
        let Self { sides, only, arguments, .. } = self;
        let (compares, lists) = (sides.len() > 1, arguments.list);
        let Some(side) = sides.get_mut(place) else { return };
        go_on(side, &mut |seen| {
            if compares {
                only.note(place, seen);
            }
            if lists {
                text::list(place, compares, seen);
            }
        });
    }
}

fn tell(tallies: &[Tally], only: &Only, is_bare: bool, output: &Output) {
    let share = share(tallies).filter(|_| is_bare);
    if !output.json {
        return output::line(text::tell(tallies, only, share));
    }
    let sides = ["a", "b"].into_iter().zip(tallies).map(|(name, tally)| (name.to_owned(), json!(tally)));
    let mut told: Map<String, Value> = sides.collect();
    if let [a, b] = tallies {
        told.insert("difference".to_owned(), difference_of(a, b));
        told.insert("only_a".to_owned(), only.told(0));
        told.insert("only_b".to_owned(), only.told(1));
    }
    if is_bare {
        told.insert("share".to_owned(), json!(share));
    }
    output::json(&Value::Object(told));
}
