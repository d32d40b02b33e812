//! Breaks calls to everybody, which chat services would ring for. Each service's markup is escaped by its own file.

use crate::Message;

/// A character of no width, which breaks a mention and is not seen.
const GAP: char = '\u{200b}';
/// The words behind `@` that call everybody, in one service or another; so does `all`, but many a domain begins with it.
const EVERYBODY: [&str; 3] = ["everyone", "here", "channel"];

/// The message with every call to everybody broken, as [`super::Service::body`] does by itself: for services whose bodies are made elsewhere.
#[must_use]
pub fn message(message: Message) -> Message {
    let Message { title, text, facts } = message;
    let facts = facts.into_iter().map(|(name, value)| (name, neutral(&value))).collect();
    Message { title: neutral(&title), text: neutral(&text), facts }
}

/// The text with every call to everybody broken. What is hidden must be gone already, so that nothing comes together behind the check.
fn neutral(text: &str) -> String {
    let mut neutral = String::with_capacity(text.len());
    for (index, character) in text.char_indices() {
        neutral.push(character);
        let rest = &text[index + character.len_utf8()..];
        if (character == '@' && calls_everybody(rest)) || (character == '<' && calls_somebody(rest)) {
            neutral.push(GAP);
        }
    }
    neutral
}

/// Slack's calls and Discord's, and those of Google Chat.
fn calls_somebody(rest: &str) -> bool {
    rest.starts_with(['!', '@', '#']) || begins(rest, "users/")
}

fn calls_everybody(rest: &str) -> bool {
    EVERYBODY.iter().any(|word| begins(rest, word)) || (begins(rest, "all") && !continues(&rest["all".len()..]))
}

fn begins(rest: &str, word: &str) -> bool {
    rest.get(..word.len()).is_some_and(|start| start.eq_ignore_ascii_case(word))
}

fn continues(rest: &str) -> bool {
    rest.starts_with(char::is_alphanumeric)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn calls_to_everybody_are_broken() {
        let check = |text: &str, expected: &str| assert_eq!(neutral(text), expected);
        check("@everyone and @HERE", "@\u{200b}everyone and @\u{200b}HERE");
        check("<!channel> <@U1> <#C1> <b>", "<\u{200b}!channel> <\u{200b}@U1> <\u{200b}#C1> <b>");
        check("<users/all> <Users/1> <user> <users", "<\u{200b}users/all> <\u{200b}Users/1> <user> <users");
        check("me@example.com @\u{e9}", "me@example.com @\u{e9}");
        check("@all, @ALL", "@\u{200b}all, @\u{200b}ALL");
        check("ann@alliance.example @all\u{e9}", "ann@alliance.example @all\u{e9}");
    }
}
