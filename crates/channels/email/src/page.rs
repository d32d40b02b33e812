//! The two forms of a message's content: plain text, and a small HTML page without scripts and without anything from elsewhere.
//! Headers and encoding are `letter`'s business.

use tidings_render::Message;

/// The page's style: it follows the reader's light or dark setting.
const STYLE: &str = ":root{color-scheme:light dark}\
body{margin:0;padding:24px;font:16px/1.5 system-ui,sans-serif;background:#fff;color:#1c1e21}\
main{max-width:600px;margin:0 auto;padding:4px 20px;border-left:4px solid #1565c0}\
.alarm{border-color:#c62828}.warning{border-color:#ef6c00}.over{border-color:#2e7d32}\
h1{font-size:20px;line-height:1.3;margin:0 0 12px}p,h1,td{overflow-wrap:anywhere}\
th,td{padding:2px 16px 2px 0;text-align:left;vertical-align:top;font-size:14px}th{font-weight:400;opacity:.7}\
@media(prefers-color-scheme:dark){body{background:#16181c;color:#e6e8eb}}";

/// Title, text and facts, one under the other.
pub(crate) fn plain(message: &Message) -> String {
    let facts: Vec<String> = message.facts.iter().map(|(name, value)| format!("{name}: {value}")).collect();
    let parts = [message.title.as_str(), message.text.trim_end(), &facts.join("\n")];
    let parts: Vec<&str> = parts.into_iter().filter(|part| !part.trim().is_empty()).collect();
    format!("{}\n", parts.join("\n\n"))
}

/// The same as a page.
pub(crate) fn html(message: &Message) -> String {
    let title = escaped(&message.title);
    let mut page = String::from("<!doctype html>\n<html>\n<head>\n<meta charset=\"utf-8\">\n");
    page.push_str("<meta name=\"viewport\" content=\"width=device-width\">\n");
    page.push_str("<meta name=\"color-scheme\" content=\"light dark\">\n");
    let class = class(&message.title);
    page.push_str(&format!(
        "<title>{title}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n<main{class}>\n<h1>{title}</h1>\n"
    ));
    if !message.text.trim().is_empty() {
        let text = escaped(message.text.trim_end()).replace('\n', "<br>\n");
        page.push_str(&format!("<p>{text}</p>\n"));
    }
    if !message.facts.is_empty() {
        page.push_str(&table(&message.facts));
    }
    page.push_str("</main>\n</body>\n</html>\n");
    page
}

fn table(facts: &[(&'static str, String)]) -> String {
    let row =
        |(name, value): &(&str, String)| format!("<tr><th>{}</th><td>{}</td></tr>\n", escaped(name), escaped(value));
    format!("<table>\n{}</table>\n", facts.iter().map(row).collect::<String>())
}

/// The colour of the page's edge, by the word that the title begins with.
fn class(title: &str) -> &'static str {
    match title.split(']').next().unwrap_or_default() {
        "[CRITICAL" | "[ERROR" => " class=\"alarm\"",
        "[HIGH" | "[WARNING" => " class=\"warning\"",
        "[RESOLVED" => " class=\"over\"",
        _ => "",
    }
}

/// Fit to stand between tags and between quotes.
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            other => escaped.push(other),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(title: &str, text: &str, facts: &[(&'static str, &str)]) -> Message {
        let facts = facts.iter().map(|(name, value)| (*name, (*value).to_owned())).collect();
        Message { title: title.to_owned(), text: text.to_owned(), facts }
    }

    #[test]
    fn plain_text_has_no_empty_parts() {
        let check = |message: Message, expected: &str| assert_eq!(plain(&message), expected);
        check(
            message("[HIGH] t", "a\nb\n\n", &[("agent", "x"), ("rule", "y")]),
            "[HIGH] t\n\na\nb\n\nagent: x\nrule: y\n",
        );
        check(message("[HIGH] t", " \n", &[]), "[HIGH] t\n");
    }

    #[test]
    fn nothing_breaks_out_of_its_place() {
        let evil = "</title><script>alert('1')</script>\"<img src=http://a.example/x>";
        let page = html(&message(evil, evil, &[("agent", evil)]));
        for tag in ["<script", "<img", "</title><"] {
            assert!(!page.contains(tag) || tag == "</title><" && page.matches("</title>").count() == 1, "{page}");
        }
        assert_eq!(page.matches("&lt;script&gt;").count(), 4);
        assert!(page.contains("<p>") && !page.contains("src=\"") && !page.contains("href"));
    }

    #[test]
    fn the_edge_tells_the_rank() {
        let check = |title: &str, class: &str| assert!(html(&message(title, "", &[])).contains(class), "{title}");
        check("[CRITICAL] t", "<main class=\"alarm\">");
        check("[RESOLVED] t", "<main class=\"over\">");
        check("[LOW] t", "<main>");
    }
}
