//! A header's value with parts that are filled in.

use jiff::Timestamp;
use serde::Deserialize;

use crate::clock::Unit;

/// A text with `{event_type}`, `{id}`, `{uuid}` (one that follows from the id and the time) or `{timestamp:UNIT}`, the
/// time of sending in a unit of `[timestamp]`, which need not be signed.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct Template(Vec<Piece>);

#[derive(Debug, Clone, PartialEq, Eq)]
enum Piece {
    Text(String),
    EventType,
    Id,
    Uuid,
    Timestamp(Unit),
}

/// What a template's parts stand for.
#[derive(Debug, Clone, Default)]
pub struct TemplateFacts {
    /// `{event_type}`.
    pub event_type: Option<String>,
    /// `{id}`.
    pub id: Option<String>,
    /// `{timestamp:UNIT}`.
    pub timestamp: Option<Timestamp>,
    /// `{uuid}`.
    pub uuid: String,
}

impl Template {
    /// The text with its parts filled in, or `None` where one is not known.
    pub fn fill(&self, facts: &TemplateFacts) -> Option<String> {
        let mut out = String::new();
        for piece in &self.0 {
            match piece {
                Piece::Text(text) => out.push_str(text),
                Piece::EventType => out.push_str(facts.event_type.as_deref()?),
                Piece::Id => out.push_str(facts.id.as_deref()?),
                Piece::Uuid => out.push_str(&facts.uuid),
                Piece::Timestamp(unit) => out.push_str(&unit.write(facts.timestamp?)),
            }
        }
        Some(out)
    }
}

impl TryFrom<String> for Template {
    type Error = String;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        let mut pieces = pieces(&text, Piece::Text, piece)?;
        if pieces.is_empty() {
            pieces.push(Piece::Text(String::new()));
        }
        Ok(Self(pieces))
    }
}

/// The texts and `{parts}` of `text`, in order, each as a piece.
///
/// # Errors
/// Why a part is none.
pub(super) fn pieces<P>(
    text: &str,
    plain: impl Fn(String) -> P,
    part: impl Fn(&str) -> Result<P, String>,
) -> Result<Vec<P>, String> {
    let mut pieces = Vec::new();
    let mut rest = text;
    while let Some((before, behind)) = rest.split_once('{') {
        let (name, after) = behind
            .split_once('}')
            .ok_or_else(|| format!("`{text}` opens a {{part}} and does not close it"))?;
        if !before.is_empty() {
            pieces.push(plain(before.to_owned()));
        }
        pieces.push(part(name)?);
        rest = after;
    }
    if !rest.is_empty() {
        pieces.push(plain(rest.to_owned()));
    }
    Ok(pieces)
}

fn piece(name: &str) -> Result<Piece, String> {
    let unit = |name: &str| Unit::NAMED.into_iter().find(|(own, _)| *own == name);
    match name {
        "event_type" => Ok(Piece::EventType),
        "id" => Ok(Piece::Id),
        "uuid" => Ok(Piece::Uuid),
        _ => match name.strip_prefix("timestamp:").and_then(unit) {
            Some((_, unit)) => Ok(Piece::Timestamp(unit)),
            None => Err(format!(
                "unknown part `{{{name}}}`, expected {{event_type}}, {{id}}, {{uuid}} or {{timestamp:UNIT}} with a unit of {}",
                Unit::NAMED.map(|(name, _)| name).join(", ")
            )),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn template(text: &str) -> Result<Template, String> {
        Template::try_from(text.to_owned())
    }

    #[test]
    fn parts_are_filled_in_and_an_unknown_fact_leaves_the_header_out() {
        let facts = TemplateFacts {
            id: Some("m1".into()),
            timestamp: Some("2026-05-08T12:00:00.25Z".parse().unwrap()),
            uuid: "u".into(),
            ..TemplateFacts::default()
        };
        for (text, expected) in [
            ("plain", Some("plain")),
            ("", Some("")),
            ("a-{id}/{uuid}", Some("a-m1/u")),
            ("{timestamp:ms}", Some("1778241600250")),
            ("{timestamp:rfc3339-seconds}", Some("2026-05-08T12:00:00Z")),
            ("{event_type}", None),
        ] {
            assert_eq!(template(text).unwrap().fill(&facts).as_deref(), expected, "{text}");
        }
    }

    #[test]
    fn unknown_parts_are_refused() {
        for text in ["{evnt_type}", "{timestamp:h}", "{timestamp}", "{id"] {
            assert!(template(text).is_err(), "{text}");
        }
    }
}
