//! Reads the tags of a template into words, with their lines, so that rules can be checked before anything renders. Whether the
//! source is in the language is left to the compiler, which has seen it before.

/// One `{{ … }}` or `{% … %}`.
#[derive(Debug)]
pub(crate) struct Tag<'a> {
    /// Whether it prints, or else is a statement.
    pub prints: bool,
    pub words: Vec<Word<'a>>,
}

/// A name, a number, a string with its quotes, or one character of punctuation.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Word<'a> {
    pub text: &'a str,
    pub line: usize,
}

impl Word<'_> {
    /// Whether it is a name (or a keyword).
    pub(crate) fn is_name(&self) -> bool {
        self.text.starts_with(|first: char| first.is_alphabetic() || first == '_')
    }
}

impl<'a> Tag<'a> {
    /// The statement's own word: `if`, `set`; empty for one that prints.
    pub(crate) fn keyword(&self) -> &'a str {
        if self.prints { "" } else { self.words.first().map_or("", |word| word.text) }
    }

    /// The line it starts on.
    pub(crate) fn line(&self) -> usize {
        self.words.first().map_or(1, |word| word.line)
    }
}

/// The tags in their order. Comments and what stands in raw blocks are skipped.
pub(crate) fn tags(source: &str) -> Vec<Tag<'_>> {
    let mut reader = Reader { source, at: 0, line: 1 };
    let mut tags = Vec::new();
    while let Some(opening) = reader.next_opening() {
        match opening {
            "{#" => reader.skip_past("#}"),
            _ => {
                let tag =
                    Tag { prints: opening == "{{", words: reader.words(if opening == "{{" { "}}" } else { "%}" }) };
                if tag.keyword() == "raw" {
                    reader.skip_raw();
                } else {
                    tags.push(tag);
                }
            }
        }
    }
    tags
}

struct Reader<'a> {
    source: &'a str,
    at: usize,
    line: usize,
}

impl<'a> Reader<'a> {
    fn rest(&self) -> &'a str {
        &self.source[self.at..]
    }

    fn advance(&mut self, bytes: usize) -> &'a str {
        let taken = &self.rest()[..bytes];
        self.line += taken.matches('\n').count();
        self.at += bytes;
        taken
    }

    fn skip_past(&mut self, mark: &str) {
        let bytes = self.rest().find(mark).map_or(self.rest().len(), |at| at + mark.len());
        self.advance(bytes);
    }

    fn next_opening(&mut self) -> Option<&'a str> {
        let rest = self.rest();
        let at = rest
            .match_indices('{')
            .map(|(at, _)| at)
            .find(|&at| matches!(rest.as_bytes().get(at + 1), Some(b'{' | b'%' | b'#')))?;
        self.advance(at);
        let opening = self.advance(2);
        if self.rest().starts_with(['-', '+']) {
            self.advance(1);
        }
        Some(opening)
    }

    /// The words up to a closing mark that is not inside of brackets.
    fn words(&mut self, closing: &str) -> Vec<Word<'a>> {
        let mut words = Vec::new();
        let mut depth = 0_usize;
        loop {
            let blank = self.rest().len() - self.rest().trim_start().len();
            self.advance(blank);
            let rest = self.rest();
            if rest.is_empty() {
                return words;
            }
            if depth == 0 && rest.trim_start_matches(['-', '+']).starts_with(closing) {
                self.skip_past(closing);
                return words;
            }
            let line = self.line;
            let text = self.advance(word_length(rest));
            match text {
                "(" | "[" | "{" => depth += 1,
                ")" | "]" | "}" => depth = depth.saturating_sub(1),
                _ => {}
            }
            words.push(Word { text, line });
        }
    }

    /// Past the `endraw` tag, whatever it holds.
    fn skip_raw(&mut self) {
        while let Some(opening) = self.next_opening() {
            if opening == "{%" && self.rest().trim_start().starts_with("endraw") {
                self.skip_past("%}");
                return;
            }
        }
        self.at = self.source.len();
    }
}

/// How many bytes the first word of a text has that does not start with a blank.
fn word_length(text: &str) -> usize {
    let first = text.chars().next().unwrap_or(' ');
    if first == '"' || first == '\'' {
        return string_length(text, first);
    }
    let is_part = |c: char| c.is_alphanumeric() || c == '_';
    if is_part(first) { text.find(|c| !is_part(c)).unwrap_or(text.len()) } else { first.len_utf8() }
}

/// The length of a string with its quotes and escapes.
fn string_length(text: &str, quote: char) -> usize {
    let mut escaped = false;
    for (at, character) in text.char_indices().skip(1) {
        if !escaped && character == quote {
            return at + 1;
        }
        escaped = !escaped && character == '\\';
    }
    text.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(source: &str, expected: &[&str]) {
        let found: Vec<_> = tags(source)
            .iter()
            .map(|tag| tag.words.iter().map(|word| word.text).collect::<Vec<_>>().join(" "))
            .collect();
        assert_eq!(found, expected, "{source}");
    }

    #[test]
    fn words_of_tags() {
        check("plain { text }", &[]);
        check("{{ a.b }} and {%- if x == 1 -%}y{% endif %}", &["a . b", "if x = = 1", "endif"]);
        check(r#"{{ "}}" ~ '\'}}' }}"#, &[r#""}}" ~ '\'}}'"#]);
        check("{{ {'a': {'b': 1}} }}x{{ c }}", &["{ 'a' : { 'b' : 1 } }", "c"]);
        check("{# {{ no }} #}{% raw %}{{ no }}{% if %}{%- endraw -%}{{ yes }}", &["yes"]);
        check("{{ open", &["open"]);
    }

    #[test]
    fn lines_are_counted() {
        let found = tags("a\nb {{ c\n|d }}\n{# \n #}{{ e }}");
        assert_eq!(found.iter().flat_map(|tag| &tag.words).map(|word| word.line).collect::<Vec<_>>(), [2, 3, 3, 5]);
    }
}
