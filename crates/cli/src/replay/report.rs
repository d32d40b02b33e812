//! A replay as one page: no network, no script, every text escaped. What happened is counted elsewhere; here it is only shown.

mod bars;
mod bins;
mod figures;
mod markup;
mod stack;
mod tables;

use std::collections::BTreeMap;

use tidings::Timestamp;

use markup::{count, escaped, signed, time};

/// What one configuration made of the events.
#[derive(Clone, Debug, Default)]
pub(crate) struct Side {
    /// The configuration's name.
    pub(crate) config: String,
    /// Notifications that rules made: what people would get if nothing were kept from them.
    pub(crate) made: u64,
    /// Messages that went out; a digest is one.
    pub(crate) messages: u64,
    /// Critical notifications that were made.
    pub(crate) critical_made: u64,
    /// Those of them that somebody wished or silenced away, and how often a critical rule was kept quiet by its cooldown.
    pub(crate) critical_lost: u64,
    /// Those of them that were told, by themselves or in a digest; a repeat is told by what it repeats.
    pub(crate) critical_told: u64,
    /// Made and sent by the hour, which is named by its start in Unix seconds.
    pub(crate) hours: BTreeMap<i64, Pair>,
    /// Made and sent by rule.
    pub(crate) rules: BTreeMap<String, Pair>,
    /// Made and sent by user.
    pub(crate) users: BTreeMap<String, Pair>,
    /// What each mechanism suppressed or put off, in the order of a message's way.
    pub(crate) suppressed: Vec<(&'static str, u64)>,
}

/// How many notifications were made, and how many messages went out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Pair {
    pub(crate) made: u64,
    pub(crate) sent: u64,
}

/// A message that only one of two configurations sends.
#[derive(Clone, Debug)]
pub(crate) struct Difference {
    /// When.
    pub(crate) at: Timestamp,
    /// Whom it is for.
    pub(crate) user: String,
    /// The rule that speaks; a digest has none.
    pub(crate) rule: Option<String>,
    /// What it is called.
    pub(crate) title: String,
    /// Whether it is the second one that sends it.
    pub(crate) is_new: bool,
}

/// A replay, and what it is held against.
#[derive(Clone, Debug, Default)]
pub(crate) struct Report {
    /// The name of the events' file.
    pub(crate) source: String,
    /// How many events there were.
    pub(crate) events: u64,
    /// From the first event to the end.
    pub(crate) range: Option<(Timestamp, Timestamp)>,
    /// What the configuration made of them.
    pub(crate) first: Side,
    /// What another one made of them.
    pub(crate) against: Option<Side>,
    /// What only one of the two sends; the first few.
    pub(crate) differences: Vec<Difference>,
    /// How many there are in all.
    pub(crate) different: u64,
}

/// Two series beside one another: what was before, and what is after.
#[derive(Clone, Debug)]
struct Series {
    before: String,
    after: String,
    hours: BTreeMap<i64, (u64, u64)>,
    rules: BTreeMap<String, (u64, u64)>,
    users: BTreeMap<String, (u64, u64)>,
    total: (u64, u64),
}

impl Report {
    /// One configuration is held against what its rules made, two against one another.
    fn series(&self) -> Series {
        let first = &self.first;
        let alone = |map: &BTreeMap<String, Pair>| -> BTreeMap<String, (u64, u64)> {
            map.iter().map(|(name, pair)| (name.clone(), (pair.made, pair.sent))).collect()
        };
        match &self.against {
            None => Series {
                before: "made by rules".to_owned(),
                after: "sent".to_owned(),
                hours: first.hours.iter().map(|(hour, pair)| (*hour, (pair.made, pair.sent))).collect(),
                rules: alone(&first.rules),
                users: alone(&first.users),
                total: (first.made, first.messages),
            },
            Some(second) => Series {
                before: format!("before: {}", first.config),
                after: format!("after: {}", second.config),
                hours: beside(&first.hours, &second.hours),
                rules: beside(&first.rules, &second.rules),
                users: beside(&first.users, &second.users),
                total: (first.messages, second.messages),
            },
        }
    }
}

/// What was sent under each key, before and after.
fn beside<K: Clone + Ord>(before: &BTreeMap<K, Pair>, after: &BTreeMap<K, Pair>) -> BTreeMap<K, (u64, u64)> {
    let mut both: BTreeMap<K, (u64, u64)> = before.iter().map(|(key, pair)| (key.clone(), (pair.sent, 0))).collect();
    for (key, pair) in after {
        both.entry(key.clone()).or_default().1 = pair.sent;
    }
    both
}

/// The page.
pub(crate) fn html(report: &Report) -> String {
    let series = report.series();
    let parts = [
        head(report),
        headline(report, &series),
        bars::section(&series, report.range),
        stack::section(report),
        tables::section("By rule", "rule", &series.rules, &series),
        tables::section("By user", "user", &series.users, &series),
        tables::differences(report),
        footer(report),
    ];
    parts.concat()
}

fn head(report: &Report) -> String {
    let names = match &report.against {
        Some(second) => format!("{} against {}", escaped(&report.first.config), escaped(&second.config)),
        None => escaped(&report.first.config),
    };
    format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta name=\"referrer\" content=\"no-referrer\">\n<meta name=\"color-scheme\" content=\"light dark\">\n\
         <title>Replay of {source}</title>\n<style>\n{STYLE}</style>\n</head>\n<body>\n<header>\n\
         <p class=\"kicker\">Tidings · replay, nothing was sent</p>\n<h1>{source}</h1>\n<p class=\"sub\">{names}</p>\n</header>\n<main>\n",
        source = escaped(&report.source),
    )
}

/// The look of the page.
const STYLE: &str = include_str!("report/style.css");

fn headline(report: &Report, series: &Series) -> String {
    let last = report.against.as_ref().unwrap_or(&report.first);
    let (before, after) = series.total;
    let lost = last.critical_lost;
    let told = last.critical_told;
    let critical = if last.critical_made == 0 {
        "none was made".to_owned()
    } else {
        format!("{} of {} told", count(told), count(last.critical_made))
    };
    let two = report.against.is_some();
    let cards = [
        ("Events", count(report.events), "went through the rules".to_owned(), ""),
        (if two { "Messages before" } else { "Made by rules" }, count(before), before_note(two).to_owned(), "before"),
        (if two { "Messages after" } else { "Messages sent" }, count(after), change(before, after), "after"),
        ("Critical lost", count(lost), critical, if lost == 0 { "good" } else { "bad" }),
    ];
    let cards: String = cards
        .into_iter()
        .map(|(name, figure, note, class)| {
            format!(
                "<div class=\"card {class}\"><dt>{name}</dt><dd><strong>{figure}</strong><span>{}</span></dd></div>\n",
                escaped(&note)
            )
        })
        .collect();
    format!("<dl class=\"cards\">\n{cards}</dl>\n")
}

const fn before_note(two: bool) -> &'static str {
    if two { "sent by the first" } else { "notifications in all" }
}

/// How one figure stands to another, in words.
fn change(before: u64, after: u64) -> String {
    if before == after {
        return "as many".to_owned();
    }
    if before == 0 {
        return format!("{} more", count(after));
    }
    let percent = (after as f64 - before as f64) / before as f64 * 100.0;
    let size = percent.abs();
    let size = if size >= 10.0 { format!("{size:.0}") } else { format!("{size:.1}") };
    format!("{size} % {} ({})", if after < before { "fewer" } else { "more" }, signed(before, after))
}

fn footer(report: &Report) -> String {
    let range = report
        .range
        .map(|(from, until)| format!("{} to {} UTC", time(from), time(until)))
        .unwrap_or_else(|| "no event".to_owned());
    let names = match &report.against {
        Some(second) => format!("{} · {}", escaped(&report.first.config), escaped(&second.config)),
        None => escaped(&report.first.config),
    };
    format!(
        "</main>\n<footer><p>{names}</p><p>{range}</p><p>Made by <code>tidings replay</code>: the notifier's own pipeline on the events' clock.</p></footer>\n</body>\n</html>\n"
    )
}

#[cfg(test)]
mod tests;
