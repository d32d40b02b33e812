//! Finds the examples of a page: rows of tables by their headings, and fenced timelines. What an event is written like is left to
//! `row`.

/// One example of the page.
pub(super) enum Example {
    /// A condition, one event, its verdict.
    Event { rule: String, event: String, verdict: String },
    /// A condition, the page's last history, the verdict at its end.
    History { rule: String, events: Vec<String>, verdict: String },
    /// A rule, and each event with its verdict.
    Timeline { rule: String, cooldown: String, rows: Vec<(String, String)> },
    /// A condition that is refused or warned of.
    Problem { condition: String, code: String, help: String },
}

/// The headings of the tables with examples.
const EVENTS: [&str; 3] = ["condition", "event", "verdict"];
const HISTORIES: [&str; 3] = ["condition", "at the last event", "because"];
const PROBLEMS: [&str; 3] = ["condition", "code", "help"];

pub(super) fn examples(page: &str) -> Vec<Example> {
    let mut found = Vec::new();
    let mut history = Vec::new();
    let mut heading = Vec::new();
    let mut lines = page.lines();
    while let Some(line) = lines.next() {
        if let Some(kind) = line.strip_prefix("```") {
            let block: Vec<&str> = lines.by_ref().take_while(|line| *line != "```").collect();
            match kind {
                "events" => history = block.into_iter().map(str::to_owned).collect(),
                "tidings" => found.push(timeline(&block)),
                _ => {}
            }
        } else if let Some(row) = line.strip_prefix('|') {
            let cells: Vec<&str> = row.trim_end().trim_end_matches('|').split('|').map(str::trim).collect();
            if heading.is_empty() {
                heading = cells;
            } else if !cells[0].starts_with('-') {
                found.extend(example(&heading, &cells, &history));
            }
        } else {
            heading.clear();
        }
    }
    found
}

fn example(heading: &[&str], cells: &[&str], history: &[String]) -> Option<Example> {
    let [first, second, third] = cells else { return None };
    let (rule, verdict) = (code(first), (*third).to_owned());
    if heading == EVENTS {
        Some(Example::Event { rule, event: code(second), verdict })
    } else if heading == HISTORIES {
        Some(Example::History { rule, events: history.to_vec(), verdict: (*second).to_owned() })
    } else if heading == PROBLEMS {
        Some(Example::Problem { condition: rule, code: (*second).to_owned(), help: verdict })
    } else {
        None
    }
}

/// The inside of a cell that is all code.
fn code(cell: &str) -> String {
    let ticks = cell.len() - cell.trim_start_matches('`').len();
    cell.get(ticks..cell.len() - ticks).unwrap_or(cell).to_owned()
}

fn timeline(block: &[&str]) -> Example {
    let told = |key: &str| block.iter().find_map(|line| line.strip_prefix(key)).map(|value| value.trim().to_owned());
    let rows = block.iter().filter_map(|line| line.split_once('→'));
    Example::Timeline {
        rule: told("rule:").expect("a timeline has a rule"),
        cooldown: told("cooldown:").unwrap_or_else(|| "0s".to_owned()),
        rows: rows.map(|(event, verdict)| (event.trim().to_owned(), verdict.trim().to_owned())).collect(),
    }
}
