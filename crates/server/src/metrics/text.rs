//! Writes the text format of Prometheus, version 0.0.4. What is written is told by the modules beside.

/// A text of metrics.
#[derive(Debug, Default)]
pub(super) struct Text(String);

impl Text {
    /// Begins a counter: its name ends in `_total`.
    pub(super) fn counter(&mut self, name: &'static str, help: &str) -> Metric<'_> {
        self.begin(name, help, "counter")
    }

    /// Begins a gauge.
    pub(super) fn gauge(&mut self, name: &'static str, help: &str) -> Metric<'_> {
        self.begin(name, help, "gauge")
    }

    fn begin(&mut self, name: &'static str, help: &str, kind: &str) -> Metric<'_> {
        self.0.push_str(&format!("# HELP {name} {help}\n# TYPE {name} {kind}\n"));
        Metric { text: &mut self.0, name }
    }

    /// The whole text.
    pub(super) fn finish(self) -> String {
        self.0
    }
}

/// One metric, whose values follow.
#[derive(Debug)]
pub(super) struct Metric<'t> {
    text: &'t mut String,
    name: &'static str,
}

impl Metric<'_> {
    /// A value with its labels.
    pub(super) fn value(&mut self, labels: &[(&str, &str)], value: f64) {
        let labels: Vec<String> = labels.iter().map(|(name, value)| format!("{name}=\"{}\"", escape(value))).collect();
        let labels = if labels.is_empty() { String::new() } else { format!("{{{}}}", labels.join(",")) };
        self.text.push_str(&format!("{}{labels} {value}\n", self.name));
    }

    /// A count with its labels. One beyond 2^53 is told to the nearest that a scrape can hold.
    pub(super) fn count(&mut self, labels: &[(&str, &str)], count: u64) {
        self.value(labels, count as f64);
    }
}

/// A label's value between its quotes.
fn escape(value: &str) -> String {
    value.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_stand_below_what_they_are() {
        let mut text = Text::default();
        let mut metric = text.counter("x_total", "Some.");
        metric.count(&[], 3);
        metric.count(&[("rule", "a \"b\"\n\\c"), ("outcome", "no")], 0);
        text.gauge("y_seconds", "Others.").value(&[], 0.5);
        let expected = "# HELP x_total Some.\n# TYPE x_total counter\nx_total 3\n\
                        x_total{rule=\"a \\\"b\\\"\\n\\\\c\",outcome=\"no\"} 0\n\
                        # HELP y_seconds Others.\n# TYPE y_seconds gauge\ny_seconds 0.5\n";
        assert_eq!(text.finish(), expected);
    }
}
