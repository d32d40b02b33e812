//! What kept messages from people, as one bar in parts for each configuration.

use super::{
    Report, Side,
    markup::{count, escaped},
};

/// The section with a bar for each configuration.
pub(super) fn section(report: &Report) -> String {
    let sides = [Some(&report.first), report.against.as_ref()];
    let bars: String = sides.into_iter().flatten().map(|side| bar(side, report.against.is_some())).collect();
    format!("<section><h2>What was kept back, and by what</h2>\n{bars}</section>\n")
}

fn bar(side: &Side, named: bool) -> String {
    let name = if named { format!("<h3>{}</h3>\n", escaped(&side.config)) } else { String::new() };
    let total: u64 = side.suppressed.iter().map(|(_, number)| number).sum();
    if total == 0 {
        return format!("{name}<p class=\"none\">Nothing was kept back.</p>\n");
    }
    let mut left = 0.0;
    let (mut parts, mut legend) = (String::new(), String::new());
    for (index, (word, number)) in side.suppressed.iter().enumerate().filter(|(_, (_, number))| *number > 0) {
        let width = *number as f64 / total as f64 * 100.0;
        let (word, number) = (escaped(word), count(*number));
        parts.push_str(&format!(
            "<rect class=\"part-{index}\" x=\"{left:.3}%\" width=\"{width:.3}%\" height=\"28\"><title>{word}: {number}</title></rect>\n"
        ));
        legend
            .push_str(&format!("<li><span class=\"key part-{index}\"></span>{word} <strong>{number}</strong></li>\n"));
        left += width;
    }
    let title = escaped(&side.config);
    format!(
        "{name}<svg class=\"stack\" role=\"img\" aria-label=\"What was kept back under {title}, {} in all\" width=\"100%\" height=\"28\">\n{parts}</svg>\n<ul class=\"legend\">{legend}</ul>\n",
        count(total)
    )
}
