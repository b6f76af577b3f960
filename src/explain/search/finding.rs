//! What a point that gave a target's tag deviates by, in words.

use super::{Direction, Engine, Point};
use crate::explain::body::Step;
use crate::explain::cause::{Kind, Recipe};
use crate::explain::reading::Reading;
use crate::scheme::{Content, Part};

/// What gives a target's tag.
pub(super) struct Found {
    pub(super) causes: Vec<(Kind, String)>,
    /// The bytes in the body's place, where they are others, and what was done to it.
    pub(super) body: Option<Vec<u8>>,
    pub(super) steps: Vec<Step>,
    pub(super) recipe: Recipe,
}

impl Engine<'_> {
    /// What the causes are where `point` gave what `reading` holds, and how to make it again.
    pub(super) fn found(&self, point: &Point<'_>, tail: &str, reading: &Reading) -> Found {
        let reverse = self.direction == Direction::Reverse;
        let mut causes: Vec<(Kind, String)> = self.within.iter().cloned().collect();
        // A hash without a key does not tell which one there is.
        let keyless = point.algorithm.is_keyless();
        for kind in point.key.kinds.iter().filter(|_| !keyless) {
            let used = if reverse {
                "it was signed with"
            } else {
                "the handler used"
            };
            let detail = match kind {
                Kind::SecretOther => format!("{used} another secret, the one from {}", point.key.source),
                _ => format!("{used} {}", point.key.what),
            };
            causes.push((*kind, detail));
        }
        let hashed = if reverse {
            "it was signed over"
        } else {
            "the handler hashed"
        };
        let mut steps = Vec::new();
        let mut body = None;
        for step in &point.body.steps {
            let mut says = step.says(reverse);
            if point.body.steps.len() == 1 {
                let alike = self.source.alike(&point.body.steps, &point.body.bytes);
                if !alike.is_empty() {
                    says = format!("{says}; {} would give the same bytes", alike.join(" or "));
                }
            }
            causes.push((step.kind, says));
            steps.push(step.name.clone().into_owned());
        }
        if !tail.is_empty() {
            let what = "the body with a line break at its end";
            let story = if reverse {
                "; it was taken off what arrived on its way"
            } else {
                ""
            };
            causes.push((Kind::BodyNewline, format!("{hashed} {what}{story}")));
            steps.push(format!("append:{}", tail.escape_default()));
        }
        if !steps.is_empty() {
            body = Some([&point.body.bytes, tail.as_bytes()].concat());
        }
        if let Some(kind) = point.signed.kind {
            let lead = if reverse {
                "what was signed is"
            } else {
                "the handler hashed"
            };
            causes.push((kind, format!("{lead} {}", point.signed.what)));
        }
        if !point.own_algorithm {
            let lead = if reverse {
                "it was signed with"
            } else {
                "the handler computed"
            };
            causes.push((point.algorithm.kind(), format!("{lead} {}", point.algorithm.says())));
        }
        // Another scheme as a whole has its own form of header: that is no second cause.
        let whole = |kind| matches!(kind, Kind::SignatureDialect | Kind::ContentOtherScheme);
        let explained = point.signed.kind.is_some_and(whole);
        for (kind, detail) in &reading.flaws {
            if !(explained && (whole(*kind) || *kind == Kind::SignaturePrefix)) {
                causes.push((*kind, detail.clone()));
            }
        }
        let whole = point.algorithm.len();
        if reading.tag.len() < whole {
            let detail = format!(
                "only the first {} of the MAC's {whole} bytes are there",
                reading.tag.len()
            );
            causes.push((Kind::SignatureTruncated, detail));
        }
        if causes.is_empty() {
            causes.extend(reading.otherwise.clone());
        }
        let signs = |content: &Content, part| content.signs(&part);
        Found {
            causes,
            body,
            steps: point.body.steps.clone(),
            recipe: Recipe {
                secret: point.key.source.clone(),
                key: point.key.steps.clone(),
                body: steps,
                content: point.signed.content.to_string(),
                timestamp: point
                    .signed
                    .known
                    .timestamp
                    .clone()
                    .filter(|_| signs(&point.signed.content, Part::Timestamp)),
                url: point
                    .signed
                    .known
                    .url
                    .clone()
                    .filter(|_| signs(&point.signed.content, Part::Url)),
                mac: point.algorithm.name(),
                encoding: reading.encoding.to_owned(),
            },
        }
    }
}
