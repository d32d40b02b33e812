//! The plain types that keys hold: text, switches, numbers, spans, steps of a scale, secrets. Which values a key allows beyond its
//! type is its builder's decision.

use std::{fmt, str::FromStr, time::Duration};

use secrecy::SecretString;
use tidings_core::{Priority, Severity, UnknownName};

use crate::{
    duration,
    problem::Spot,
    read::{Read, Reader, Scalar},
    suggest::shown,
    tree::Node,
};

impl Read for String {
    fn read(node: &Node, spot: &Spot, reader: &mut Reader<'_>) -> Option<Self> {
        match reader.scalar(node, spot, "text")? {
            Scalar::Text(text) => Some(text),
            _ => reader.wrong(node, spot, "text"),
        }
    }
}

impl Read for bool {
    fn read(node: &Node, spot: &Spot, reader: &mut Reader<'_>) -> Option<Self> {
        match reader.scalar(node, spot, "true or false")? {
            Scalar::Bool(value) => Some(value),
            Scalar::Text(text) => switch(&text).or_else(|| reader.wrong(node, spot, "true or false")),
            _ => reader.wrong(node, spot, "true or false"),
        }
    }
}

/// The words for true and false of YAML 1.1, which other readers of the same file take for switches.
pub(crate) fn switch(text: &str) -> Option<bool> {
    match text.to_ascii_lowercase().as_str() {
        "true" | "yes" | "on" => Some(true),
        "false" | "no" | "off" => Some(false),
        _ => None,
    }
}

impl Read for u64 {
    fn read(node: &Node, spot: &Spot, reader: &mut Reader<'_>) -> Option<Self> {
        const EXPECTED: &str = "a whole number from 0 up";
        let read = match reader.scalar(node, spot, EXPECTED)? {
            Scalar::Integer(value) => Self::try_from(value).ok(),
            Scalar::Float(value) => whole(value),
            // In quotes, or out of a variable.
            Scalar::Text(text) => text.trim().parse().ok().or_else(|| whole(text.trim().parse().ok()?)),
            Scalar::Bool(_) => None,
        };
        read.or_else(|| {
            let message = format!("expected {EXPECTED}");
            reader.findings.error(spot, message);
            None
        })
    }
}

fn whole(value: f64) -> Option<u64> {
    (value.fract() == 0.0 && (0.0..=1e15).contains(&value)).then_some(value as u64)
}

/// A span of time.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Span(pub(crate) Duration);

impl Read for Span {
    fn read(node: &Node, spot: &Spot, reader: &mut Reader<'_>) -> Option<Self> {
        let read = match reader.scalar(node, spot, duration::EXPECTED)? {
            Scalar::Integer(seconds) => duration::from_seconds(seconds as f64),
            Scalar::Float(seconds) => duration::from_seconds(seconds),
            Scalar::Text(text) => {
                let bare = text.trim().parse().ok();
                bare.and_then(duration::from_seconds).or_else(|| duration::parse(text.trim()))
            }
            Scalar::Bool(_) => None,
        };
        if read.is_none() {
            let message = format!("expected {}", duration::EXPECTED);
            reader.findings.error(spot, message).help("negative spans and those over ten years are not taken");
        }
        read.map(Self)
    }
}

/// A severity by its name.
#[derive(Clone, Copy, Debug)]
pub(crate) struct SeverityName(pub(crate) Severity);

impl Read for SeverityName {
    fn read(node: &Node, spot: &Spot, reader: &mut Reader<'_>) -> Option<Self> {
        step(node, spot, reader).map(Self)
    }
}

/// A priority by its name.
#[derive(Clone, Copy, Debug)]
pub(crate) struct PriorityName(pub(crate) Priority);

impl Read for PriorityName {
    fn read(node: &Node, spot: &Spot, reader: &mut Reader<'_>) -> Option<Self> {
        step(node, spot, reader).map(Self)
    }
}

fn step<T: FromStr<Err = UnknownName>>(node: &Node, spot: &Spot, reader: &mut Reader<'_>) -> Option<T> {
    let name = String::read(node, spot, reader)?;
    name.parse()
        .map_err(|error: UnknownName| {
            let help = reader.findings.did_you_mean(&name, error.known.split(", "));
            reader.findings.error(spot, format!("unknown {} `{}`", error.scale, shown(&name))).help(help);
        })
        .ok()
}

/// A text that is not shown.
#[derive(Clone)]
pub(crate) struct Secret(pub(crate) SecretString);

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

impl Read for Secret {
    fn read(node: &Node, spot: &Spot, reader: &mut Reader<'_>) -> Option<Self> {
        String::read(node, spot, reader).map(|text| Self(text.into()))
    }
}

/// One text, or a list of them.
#[derive(Clone, Debug)]
pub(crate) enum OneOrMany {
    One(String),
    Many(Vec<crate::read::At<String>>),
}

impl Read for OneOrMany {
    fn read(node: &Node, spot: &Spot, reader: &mut Reader<'_>) -> Option<Self> {
        match node.value {
            crate::tree::Value::Text(_) => String::read(node, spot, reader).map(Self::One),
            _ => Vec::read(node, spot, reader).map(Self::Many),
        }
    }
}

/// A storm limit, or a switch: `false` for none, `true` for the default.
#[derive(Debug)]
pub(crate) enum OffOrStorm {
    Switch(bool),
    Storm(Box<crate::raw::Storm>),
}

impl Read for OffOrStorm {
    fn read(node: &Node, spot: &Spot, reader: &mut Reader<'_>) -> Option<Self> {
        match node.value {
            crate::tree::Value::Map(_) => {
                crate::raw::Storm::read(node, spot, reader).map(|at| Self::Storm(Box::new(at)))
            }
            crate::tree::Value::Bool(_) | crate::tree::Value::Text(_) => {
                bool::read(node, spot, reader).map(Self::Switch)
            }
            _ => reader.wrong(node, spot, "`{messages: 20, window: 10m}` or false"),
        }
    }
}

/// The word `long`, or a list of waits.
#[derive(Clone, Debug)]
pub(crate) enum OneOrSpans {
    Preset(String),
    Spans(Vec<crate::read::At<Span>>),
}

impl Read for OneOrSpans {
    fn read(node: &Node, spot: &Spot, reader: &mut Reader<'_>) -> Option<Self> {
        match node.value {
            crate::tree::Value::Text(_) => String::read(node, spot, reader).map(Self::Preset),
            _ => Vec::read(node, spot, reader).map(Self::Spans),
        }
    }
}
