//! From text to plan: read, join with places, check section by section, and give back either a plan or every problem. What the
//! sections mean is left to `build`.

use std::path::Path;

use tidings_core::{Timestamp, clock::system_now};

use crate::{
    build,
    environment::Environment,
    marks::Marks,
    plan::Plan,
    problem::{Findings, Position, Problem, Spot},
    raw::File,
    read::{At, Reader},
    tree::{Join, Node, Value},
    yaml,
};

/// The longest file, in bytes.
pub const SIZE_LIMIT: usize = 1024 * 1024;

/// Whose file it is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Mode {
    /// Ours: an unknown outermost key is refused.
    #[default]
    Own,
    /// An agent's: `events` and our sections are read, its other sections are left alone.
    Agent,
}

/// What a config is read with.
#[derive(Clone, Copy, Debug)]
pub struct Options<'a> {
    /// The name that problems tell.
    pub file_name: &'a str,
    /// Whose file it is.
    pub mode: Mode,
    /// What stands for variables; by default none is set.
    pub environment: Environment<'a>,
    /// What `secret_file` is relative to; by default the working folder.
    pub folder: Option<&'a Path>,
    /// Channels that the program itself provides; rules may name them.
    pub code_channels: &'a [&'a str],
    /// The moment by which a snooze is over; by default that at which the options are made.
    pub now: Timestamp,
}

impl Default for Options<'_> {
    fn default() -> Self {
        Self {
            file_name: "tidings.yaml",
            mode: Mode::Own,
            environment: Environment::default(),
            folder: None,
            code_channels: &[],
            now: system_now(),
        }
    }
}

/// Reads a config from text.
///
/// A plan comes with its warnings and lints. With [`Environment::Untouched`] the plan leaves out what depends on variables: it is
/// good for checking, not for running.
///
/// # Errors
/// Every problem of the file in its order, when at least one is an error.
pub fn load(text: &str, options: &Options<'_>) -> Result<(Plan, Vec<Problem>), Vec<Problem>> {
    // A byte order mark is no part of the text, and would shift the first line's columns.
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut reader = Reader { findings: Findings::new(options.file_name, text), environment: options.environment };
    let plan = plan(text, options, &mut reader);
    let failed = reader.findings.errors() > 0;
    let problems = reader.findings.into_problems();
    match plan {
        Some(plan) if !failed => Ok((plan, problems)),
        _ => Err(problems),
    }
}

/// Reads a config from a file; `secret_file` is relative to its folder, whatever the options say.
///
/// # Errors
/// As [`load`]; also when the file cannot be read or is not UTF-8.
pub fn load_file(path: &Path, options: &Options<'_>) -> Result<(Plan, Vec<Problem>), Vec<Problem>> {
    let name = path.display().to_string();
    let options = Options { file_name: &name, folder: path.parent(), ..*options };
    load(&text_of(path)?, &options)
}

/// The text of a file.
///
/// # Errors
/// When it cannot be read or is not UTF-8.
pub(crate) fn text_of(path: &Path) -> Result<String, Vec<Problem>> {
    let refuse = |position: Position, message: String| {
        let mut findings = Findings::new(&path.display().to_string(), "");
        findings.error(&Spot { value: position, ..Spot::file() }, message);
        Err(findings.into_problems())
    };
    match read_bounded(path) {
        Err(error) => refuse(Position::START, format!("cannot be read: {error}")),
        Ok(bytes) => String::from_utf8(bytes).or_else(|error| {
            refuse(end_of(error.as_bytes(), error.utf8_error().valid_up_to()), "is not UTF-8".to_owned())
        }),
    }
}

/// At most one byte more than allowed, so that a device or a huge file cannot fill the memory.
fn read_bounded(path: &Path) -> std::io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let file = std::fs::File::open(path)?;
    std::io::Read::read_to_end(&mut std::io::Read::take(file, SIZE_LIMIT as u64 + 1), &mut bytes)?;
    Ok(bytes)
}

fn end_of(bytes: &[u8], valid: usize) -> Position {
    let text = String::from_utf8_lossy(&bytes[..valid]);
    let line = text.matches('\n').count() + 1;
    let column = text.rsplit('\n').next().map_or(0, |line| line.chars().count()) + 1;
    Position { line, column }
}

fn plan(text: &str, options: &Options<'_>, reader: &mut Reader<'_>) -> Option<Plan> {
    let node = document(text, options.mode, reader)?;
    let spot = Spot { value: node.position, key: node.position, ..Spot::file() };
    // An empty file is a map without keys; that it asks for nothing is told below.
    let node = if matches!(node.value, Value::Null) { Node { value: Value::Map(Vec::new()), ..node } } else { node };
    let file: At<File> = At::node(&node, spot, reader);
    Some(build::plan(&file.value?, options, &mut reader.findings))
}

/// The text as a tree of values with their places.
pub(crate) fn document(text: &str, mode: Mode, reader: &mut Reader<'_>) -> Option<Node> {
    if text.len() > SIZE_LIMIT {
        let message = format!("the file is larger than {SIZE_LIMIT} bytes");
        reader.findings.error(&Spot::file(), message).help("split it, or generate less of it");
        return None;
    }
    let marks = Marks::read(text);
    if let Some(position) = marks.second_document {
        let spot = Spot { value: position, ..Spot::file() };
        reader.findings.error(&spot, "a second document begins").help("keep one document in the file");
        return None;
    }
    if let Some(position) = marks.too_deep {
        let spot = Spot { value: position, ..Spot::file() };
        reader.findings.error(&spot, format!("nested more than {} deep", yaml::DEPTH_LIMIT));
        return None;
    }
    let raw = match yaml::read(text) {
        Ok(raw) => raw,
        Err(error) => {
            refuse(text, &error, reader);
            return None;
        }
    };
    let only = match mode {
        Mode::Own => None,
        Mode::Agent => Some(File::KEYS),
    };
    Some(Join { marks: &marks, findings: &mut reader.findings }.document(raw, only))
}

/// A text that ends too early is told behind its last line, which there is not.
fn within(text: &str, position: Position) -> Position {
    let lines = text.lines().count().max(1);
    if position.line <= lines {
        return position;
    }
    let column = text.lines().last().map_or(0, |line| line.chars().count()) + 1;
    Position { line: lines, column }
}

fn refuse(text: &str, error: &yaml::Unreadable, reader: &mut Reader<'_>) {
    let position = within(text, error.position.unwrap_or(Position::START));
    let spot = Spot { value: position, ..Spot::file() };
    let problem = reader.findings.error(&spot, format!("not readable as YAML: {}", error.message));
    let line = text.lines().nth(position.line.saturating_sub(1)).unwrap_or_default();
    if let Some(help) = yaml::help(&error.message, line) {
        problem.help(help);
    }
}
