//! Tables: what each rule and each user came to, and what only one of two configurations tells.

use std::collections::BTreeMap;

use super::{
    Report, Series,
    markup::{count, escaped, signed, time},
};

/// So many rows are shown by name; the rest is put together.
const MOST: usize = 20;

/// A table of names with what was before and after.
pub(super) fn section(heading: &str, column: &str, rows: &BTreeMap<String, (u64, u64)>, series: &Series) -> String {
    if rows.is_empty() {
        return format!("<section><h2>{heading}</h2><p class=\"none\">Nothing was made.</p></section>\n");
    }
    let mut sorted: Vec<_> = rows.iter().map(|(name, counts)| (name.as_str(), *counts)).collect();
    sorted.sort_by_key(|(name, (before, after))| (std::cmp::Reverse((*before).max(*after)), *name));
    let most = sorted.first().map_or(1, |(_, (before, after))| (*before).max(*after).max(1));
    let (named, rest) = sorted.split_at(sorted.len().min(MOST));
    let mut body: String = named.iter().map(|(name, counts)| row(&escaped(name), *counts, most)).collect();
    if !rest.is_empty() {
        let sum = rest.iter().fold((0, 0), |sum, (_, counts)| (sum.0 + counts.0, sum.1 + counts.1));
        body.push_str(&row(&format!("<em>and {} more</em>", count(rest.len() as u64)), sum, most));
    }
    format!(
        "<section><h2>{heading}</h2>\n<div class=\"wide\"><table class=\"counts\"><thead><tr><th scope=\"col\">{column}</th>\
         <th scope=\"col\" class=\"meter\"><span class=\"unseen\">in proportion</span></th>\
         <th scope=\"col\">{}</th><th scope=\"col\">{}</th><th scope=\"col\">change</th></tr></thead>\n<tbody>{body}</tbody></table></div></section>\n",
        escaped(&series.before),
        escaped(&series.after)
    )
}

fn row(name: &str, (before, after): (u64, u64), most: u64) -> String {
    let part = |value: u64| (value as f64 / most as f64 * 100.0).min(100.0);
    format!(
        "<tr><th scope=\"row\">{name}</th><td class=\"meter\"><svg aria-hidden=\"true\" width=\"100%\" height=\"18\">\
         <rect class=\"before\" y=\"2\" width=\"{:.2}%\" height=\"6\"/><rect class=\"after\" y=\"10\" width=\"{:.2}%\" height=\"6\"/></svg></td>\
         <td>{}</td><td>{}</td><td>{}</td></tr>\n",
        part(before),
        part(after),
        count(before),
        count(after),
        signed(before, after)
    )
}

/// What only one of the two tells; nothing where there is one configuration.
pub(super) fn differences(report: &Report) -> String {
    let Some(second) = &report.against else { return String::new() };
    if report.different == 0 {
        return "<section><h2>Differences</h2><p class=\"none\">Both tell the same.</p></section>\n".to_owned();
    }
    let rows: String = report
        .differences
        .iter()
        .map(|one| {
            let (class, only) =
                if one.is_new { ("after", &second.config) } else { ("before", &report.first.config) };
            format!(
                "<tr><td>{}</td><td>{}</td><td>{}</td><th scope=\"row\">{}</th><td><span class=\"key {class}\"></span>{}</td></tr>\n",
                time(one.at),
                escaped(&one.user),
                escaped(one.rule.as_deref().unwrap_or("digest")),
                escaped(&one.title),
                escaped(only)
            )
        })
        .collect();
    let more = report.different.saturating_sub(report.differences.len() as u64);
    let more = if more > 0 { format!("<p class=\"none\">and {} more</p>", count(more)) } else { String::new() };
    format!(
        "<section><h2>Told by only one of them</h2>\n<div class=\"wide\"><table class=\"texts\"><thead><tr><th scope=\"col\">at (UTC)</th>\
         <th scope=\"col\">user</th><th scope=\"col\">rule</th><th scope=\"col\">title</th><th scope=\"col\">only under</th></tr></thead>\n\
         <tbody>{rows}</tbody></table></div>{more}</section>\n"
    )
}
