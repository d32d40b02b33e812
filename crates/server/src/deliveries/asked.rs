//! What is asked of the log, from a query string. Finding it is `pages`'.

use axum::http::StatusCode;
use tidings::{
    Timestamp, config,
    store::{LogFilter, Step},
};
use url::form_urlencoded;

use crate::problem::Refusal;

const KNOWN: [&str; 13] = [
    "step",
    "event",
    "notification",
    "delivery",
    "rule",
    "agent",
    "user",
    "endpoint",
    "since",
    "until",
    "before",
    "limit",
    "format",
];
/// How many entries a page has where nothing is asked, and at most.
const PAGE: usize = 100;
const LARGEST_PAGE: usize = 1_000;
/// How many entries an export has at most.
const LARGEST_EXPORT: usize = 100_000;

/// How the answer is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Format {
    /// One page, as JSON.
    #[default]
    Page,
    /// All of it, as CSV.
    Csv,
    /// All of it, an entry a line.
    Ndjson,
}

/// What is asked.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Asked {
    pub(super) filter: LogFilter,
    pub(super) before: Option<u64>,
    pub(super) limit: usize,
    pub(super) format: Format,
}

impl Asked {
    /// Reads a query. Only `step` may be given more than once.
    ///
    /// # Errors
    /// Names the parameter that is wrong, and what it should be.
    pub(super) fn read(query: &str) -> Result<Self, Refusal> {
        let (mut asked, mut limit, mut seen) = (Self::default(), None, Vec::new());
        for (name, value) in form_urlencoded::parse(query.as_bytes()) {
            let place = KNOWN.iter().position(|known| *known == name).ok_or_else(|| unknown(&name))?;
            if seen.contains(&place) && name != "step" {
                return Err(bad(&format!("`{name}` may be given once")));
            }
            seen.push(place);
            match &*name {
                "limit" => limit = Some(number(&name, &value)?),
                "before" => asked.before = Some(number(&name, &value)?),
                "format" => asked.format = format(&value)?,
                name => put(&mut asked.filter, name, &value)?,
            }
        }
        asked.limit = bounded(limit, asked.format)?;
        Ok(asked)
    }
}

fn put(filter: &mut LogFilter, name: &str, value: &str) -> Result<(), Refusal> {
    let text = || Some(value.to_owned());
    match name {
        "step" => filter.steps.push(step(value)?),
        "event" => filter.event = Some(id(name, value)?),
        "notification" => filter.notification = Some(id(name, value)?),
        "delivery" => filter.delivery = Some(id(name, value)?),
        "rule" => filter.rule = text(),
        "agent" => filter.agent = text(),
        "user" => filter.user = text(),
        "endpoint" => filter.endpoint = text(),
        "since" => filter.since = Some(time(name, value)?),
        _ => filter.until = Some(time(name, value)?),
    }
    Ok(())
}

fn bounded(limit: Option<u64>, format: Format) -> Result<usize, Refusal> {
    let (default, most) = match format {
        Format::Page => (PAGE, LARGEST_PAGE),
        Format::Csv | Format::Ndjson => (LARGEST_EXPORT, LARGEST_EXPORT),
    };
    let limit = limit.map_or(default, |limit| usize::try_from(limit).unwrap_or(usize::MAX));
    let fits = (1..=most).contains(&limit);
    fits.then_some(limit).ok_or_else(|| bad(&format!("`limit` must be 1 to {most}")))
}

fn format(value: &str) -> Result<Format, Refusal> {
    match value {
        "json" => Ok(Format::Page),
        "csv" => Ok(Format::Csv),
        "ndjson" => Ok(Format::Ndjson),
        _ => Err(bad("`format` must be json, csv or ndjson")),
    }
}

fn step(value: &str) -> Result<Step, Refusal> {
    let known = || Step::ALL.map(Step::as_str).join(", ");
    let found = Step::ALL.into_iter().find(|step| step.as_str() == value);
    found.ok_or_else(|| bad(&format!("`step` must be one of {}", known())))
}

fn id<T: std::str::FromStr>(name: &str, value: &str) -> Result<T, Refusal> {
    value.parse().map_err(|_| bad(&format!("`{name}` must be an id: 32 lower-case hex digits")))
}

fn number(name: &str, value: &str) -> Result<u64, Refusal> {
    value.parse().map_err(|_| bad(&format!("`{name}` must be a whole number")))
}

fn time(name: &str, value: &str) -> Result<Timestamp, Refusal> {
    let seconds = value.parse().ok().and_then(Timestamp::from_secs_f64);
    seconds.ok_or_else(|| bad(&format!("`{name}` must be a time in Unix seconds, such as 1767225600")))
}

fn unknown(name: &str) -> Refusal {
    bad(&format!("the query has a parameter that is not known: {}", config::hint(name, KNOWN)))
}

fn bad(detail: &str) -> Refusal {
    Refusal::new(StatusCode::BAD_REQUEST, detail)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_query_is_read() {
        let asked = Asked::read("step=dead&step=expired&agent=a%20b&since=12.5&before=9&limit=1000").unwrap();
        let filter = LogFilter {
            steps: vec![Step::Dead, Step::Expired],
            agent: Some("a b".to_owned()),
            since: Timestamp::from_secs_f64(12.5),
            ..LogFilter::default()
        };
        assert_eq!(asked, Asked { filter, before: Some(9), limit: 1000, format: Format::Page });
        assert_eq!(Asked::read("").unwrap().limit, 100);
        assert_eq!(Asked::read("format=csv").unwrap().limit, 100_000);
    }

    #[test]
    fn what_is_wrong_is_named() {
        let check = |query: &str, expected: &str| {
            let refusal = Asked::read(query).unwrap_err();
            assert!(refusal.detail.contains(expected), "{query}: {}", refusal.detail);
        };
        check("limit=0", "`limit` must be 1 to 1000");
        check("limit=1001", "`limit` must be 1 to 1000");
        check("limit=100001&format=ndjson", "1 to 100000");
        check("limit=99999999999999999999", "`limit` must be a whole number");
        check("before=-1", "`before`");
        check("step=died", "one of resent");
        check("event=x", "`event` must be an id");
        check("since=yesterday", "`since`");
        check("until=NaN", "`until`");
        check("format=xml", "`format`");
        check("agent=a&agent=b", "`agent` may be given once");
        check("agnet=a", "did you mean `agent`?");
    }
}
