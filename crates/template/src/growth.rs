//! Refuses, before anything renders, what could make values without bound: each step of the work is counted while rendering, but
//! one step may double a text. How much work is done is left to the fuel, how much is printed to the output limit.

use std::collections::HashMap;

use crate::{
    TemplateError, filters,
    scan::{Tag, Word},
};

/// The statements of the language. Left out are those that capture output, and those that call other templates.
const KEYWORDS: [&str; 12] =
    ["if", "elif", "else", "endif", "for", "endfor", "set", "with", "endwith", "raw", "endraw", "endset"];
/// How many values of the event may be joined into one variable.
const WEIGHT_LIMIT: u64 = 64;
/// How many products may be put into variables: a text times a number is a long text.
const PRODUCT_LIMIT: usize = 8;

/// Checks that every statement is one of the language.
pub(crate) fn check_statements(tags: &[Tag<'_>]) -> Result<(), TemplateError> {
    tags.iter().try_for_each(check_statement)
}

/// Checks filters and what is put into variables.
pub(crate) fn check(tags: &[Tag<'_>]) -> Result<(), TemplateError> {
    let mut weights = HashMap::new();
    let mut products = 0;
    for tag in tags {
        check_filters(tag)?;
        check_products(tag)?;
        if matches!(tag.keyword(), "set" | "with" | "for") {
            products += tag.words.iter().filter(|word| word.text == "*").count();
            check_weight(tag, &mut weights)?;
        }
        if products > PRODUCT_LIMIT {
            return Err(grows(tag.line(), "*"));
        }
    }
    Ok(())
}

fn check_statement(tag: &Tag<'_>) -> Result<(), TemplateError> {
    let name = tag.keyword();
    if !tag.prints && !KEYWORDS.contains(&name) {
        return Err(not_available(tag.line(), "the statement", name));
    }
    if name == "set" && !tag.words.iter().any(|word| word.text == "=") {
        return Err(not_available(tag.line(), "the construct", "set … endset"));
    }
    match tag.words.iter().find(|word| name == "for" && word.text == "recursive") {
        Some(word) => Err(not_available(word.line, "the construct", "recursive")),
        None => Ok(()),
    }
}

fn check_filters(tag: &Tag<'_>) -> Result<(), TemplateError> {
    for pair in tag.words.windows(2) {
        let [bar, filter] = pair else { continue };
        if bar.text == "|" && filter.is_name() && !filters::NAMES.contains(&filter.text) {
            return Err(not_available(filter.line, "the filter", filter.text));
        }
    }
    Ok(())
}

/// A text times a number is a long text, and never what was meant.
fn check_products(tag: &Tag<'_>) -> Result<(), TemplateError> {
    let is_text = |word: &Word<'_>| word.text.starts_with(['"', '\'']);
    match tag
        .words
        .windows(2)
        .find(|pair| (pair[0].text == "*" && is_text(&pair[1])) || (is_text(&pair[0]) && pair[1].text == "*"))
    {
        Some(pair) => Err(not_available(pair[0].line, "the construct", "text * number")),
        None => Ok(()),
    }
}

/// A variable weighs as much as all names in its expression together; a name of the event weighs one.
fn check_weight<'a>(tag: &Tag<'a>, weights: &mut HashMap<&'a str, u64>) -> Result<(), TemplateError> {
    let is_for = tag.keyword() == "for";
    let (mut targets, mut weight) = (Vec::new(), 0_u64);
    let mut before = "";
    let mut in_target = true;
    for (position, word) in tag.words.iter().enumerate().skip(1) {
        let starts_value = if is_for { word.text == "in" } else { is_assignment(&tag.words, position) };
        if starts_value {
            in_target = false;
        } else if word.is_name() && in_target {
            targets.push(*word);
        } else if word.is_name() && !matches!(before, "." | "|") {
            weight = weight.saturating_add(weights.get(word.text).copied().unwrap_or(1));
        }
        before = word.text;
    }
    for target in targets {
        let heavier = weights.get(target.text).copied().unwrap_or(1).max(weight);
        if heavier > WEIGHT_LIMIT {
            return Err(grows(target.line, target.text));
        }
        weights.insert(target.text, heavier);
    }
    Ok(())
}

/// Whether the word there is a single `=`.
fn is_assignment(words: &[Word<'_>], position: usize) -> bool {
    let is = |at: usize, marks: &[&str]| words.get(at).is_some_and(|word| marks.contains(&word.text));
    is(position, &["="]) && !is(position + 1, &["="]) && !is(position - 1, &["=", "!", "<", ">"])
}

fn grows(line: usize, name: &str) -> TemplateError {
    TemplateError::Grows { line, name: name.to_owned() }
}

fn not_available(line: usize, what: &'static str, name: &str) -> TemplateError {
    TemplateError::NotAvailable { line, what, name: name.to_owned() }
}
