//! Bars over time, before and after. Lengths are in parts of the width, so that texts keep their size on a phone.

use tidings::Timestamp;

use super::{
    Series,
    bins::{Bin, Bins, bins},
    markup::{count, escaped, spelled},
};

/// Height of the whole chart, and where its bars begin and end, in pixels.
const HEIGHT: f64 = 260.0;
const TOP: f64 = 22.0;
const BOTTOM: f64 = 228.0;

/// The section with the chart, and with the same figures as a table.
pub(super) fn section(series: &Series, range: Option<(Timestamp, Timestamp)>) -> String {
    let range = range.map(|(from, until)| (from.as_secs(), until.as_secs()));
    let Some(bins) = bins(&series.hours, range) else {
        return "<section><h2>Over time</h2><p class=\"none\">There was no event.</p></section>\n".to_owned();
    };
    format!(
        "<section><h2>Messages over time, one bar {word}</h2>\n{legend}{chart}{table}</section>\n",
        word = bins.word(),
        legend = legend(series),
        chart = chart(&bins, series),
        table = table(&bins, series),
    )
}

fn legend(series: &Series) -> String {
    format!(
        "<p class=\"legend\"><span class=\"key before\"></span>{}<span class=\"key after\"></span>{}</p>\n",
        escaped(&series.before),
        escaped(&series.after)
    )
}

fn chart(bins: &Bins, series: &Series) -> String {
    let most = bins.all.iter().map(|bin| bin.before.max(bin.after)).max().unwrap_or(0);
    let top = rounded_up(most);
    let bars: String = bins.all.iter().enumerate().map(|(index, bin)| bar(index, bin, bins, top)).collect();
    format!(
        "<svg class=\"bars\" role=\"img\" aria-labelledby=\"bars-title bars-text\" width=\"100%\" height=\"{HEIGHT}\">\n\
         <title id=\"bars-title\">Messages over time, one bar {word}: {before}, {after}</title>\n<desc id=\"bars-text\">{text}</desc>\n\
         {grid}{bars}{ticks}</svg>\n",
        word = bins.word(),
        before = escaped(&series.before),
        after = escaped(&series.after),
        text = in_words(bins),
        grid = grid(top),
        ticks = ticks(bins),
    )
}

/// The chart for whoever does not see it.
fn in_words(bins: &Bins) -> String {
    let highest = |of: fn(&Bin) -> u64| bins.all.iter().max_by_key(|bin| of(bin)).copied();
    let told = |bin: Option<Bin>, of: fn(&Bin) -> u64| {
        bin.map(|bin| format!("{} from {} UTC on", count(of(&bin)), moment(bin.from))).unwrap_or_default()
    };
    let (before, after) = (|bin: &Bin| bin.before, |bin: &Bin| bin.after);
    format!("At most {} before, and {} after.", told(highest(before), before), told(highest(after), after))
}

fn moment(seconds: i64) -> String {
    spelled(seconds, "%Y-%m-%d %H:%M")
}

/// A number that is easily read off an axis and not below this one; it can be halved.
fn rounded_up(most: u64) -> u64 {
    if let Some(small) = [2, 4, 6, 8].into_iter().find(|top| *top >= most) {
        return small;
    }
    let mut step = 1_u64;
    loop {
        for factor in [10, 12, 16, 20, 24, 30, 40, 50, 60, 80] {
            let top = step.saturating_mul(factor);
            if top >= most {
                return top;
            }
        }
        step = step.saturating_mul(10);
    }
}

/// Three lines with their figures on them.
fn grid(top: u64) -> String {
    let line = |part: f64, figure: u64| {
        let y = BOTTOM - (BOTTOM - TOP) * part;
        format!(
            "<line class=\"grid\" x1=\"0\" x2=\"100%\" y1=\"{y}\" y2=\"{y}\"/><text class=\"axis\" x=\"0\" y=\"{}\">{}</text>\n",
            y - 5.0,
            count(figure)
        )
    };
    [
        line(1.0, top),
        line(0.5, top / 2),
        format!("<line class=\"base\" x1=\"0\" x2=\"100%\" y1=\"{BOTTOM}\" y2=\"{BOTTOM}\"/>\n"),
    ]
    .concat()
}

/// One place of the chart: two bars, and over them what shows the figures.
fn bar(index: usize, bin: &Bin, bins: &Bins, top: u64) -> String {
    let place = 100.0 / bins.all.len() as f64;
    let left = place * index as f64;
    // One hour alone need not fill the page.
    let width = (place * 0.38).min(4.0);
    let middle = left + place / 2.0;
    let rect = |class: &str, x: f64, value: u64| {
        let height = (BOTTOM - TOP) * value as f64 / top as f64;
        // What is there is seen, however little it is.
        let height = if value == 0 { 0.0 } else { height.max(1.5) };
        format!(
            "<rect class=\"{class}\" x=\"{x:.3}%\" width=\"{width:.3}%\" y=\"{:.1}\" height=\"{height:.1}\"/>",
            BOTTOM - height
        )
    };
    format!(
        "<g class=\"place\"><title>{from} to {until} UTC: {} before, {} after</title>\
         <rect class=\"hit\" x=\"{left:.3}%\" width=\"{place:.3}%\" y=\"{TOP}\" height=\"{}\"/>{}{}</g>\n",
        count(bin.before),
        count(bin.after),
        BOTTOM - TOP,
        rect("before", middle - width, bin.before),
        rect("after", middle, bin.after),
        from = moment(bin.from),
        until = moment(bin.from.saturating_add(bins.width)),
    )
}

/// A few times under the axis: the first at the left end, the last at the right one.
fn ticks(bins: &Bins) -> String {
    let number = bins.all.len();
    let wanted: Vec<usize> = match number {
        0..=3 => (0..number).collect(),
        _ => vec![0, number / 3, number * 2 / 3, number - 1],
    };
    let form = if bins.width >= 86_400 { "%Y-%m-%d" } else { "%m-%d %H:%M" };
    let place = 100.0 / number as f64;
    let tick = |index: usize| {
        let bin = bins.all.get(index)?;
        let (x, anchor) = match index {
            _ if number <= 3 => (place * (index as f64 + 0.5), "middle"),
            0 => (0.0, "start"),
            index if index + 1 == number => (100.0, "end"),
            index => (place * (index as f64 + 0.5), "middle"),
        };
        let text = spelled(bin.from, form);
        Some(format!(
            "<text class=\"axis\" x=\"{x:.3}%\" y=\"{}\" text-anchor=\"{anchor}\">{text}</text>\n",
            BOTTOM + 20.0
        ))
    };
    wanted.into_iter().filter_map(tick).collect()
}

/// The chart as a table, to be opened.
fn table(bins: &Bins, series: &Series) -> String {
    let rows: String = bins
        .all
        .iter()
        .filter(|bin| bin.before + bin.after > 0)
        .map(|bin| {
            format!(
                "<tr><th scope=\"row\">{}</th><td>{}</td><td>{}</td></tr>\n",
                moment(bin.from),
                count(bin.before),
                count(bin.after)
            )
        })
        .collect();
    format!(
        "<details><summary>The same as a table</summary><div class=\"wide\"><table><thead><tr><th scope=\"col\">from (UTC)</th>\
         <th scope=\"col\">{}</th><th scope=\"col\">{}</th></tr></thead>\n<tbody>{rows}</tbody></table></div></details>\n",
        escaped(&series.before),
        escaped(&series.after)
    )
}
