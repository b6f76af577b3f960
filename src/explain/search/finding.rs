//! Describes how a matching hypothesis differs from the expected scheme.

use super::target::Fit;
use super::{Direction, Engine, Point};
use crate::explain::body::Step;
use crate::explain::cause::{Kind, Recipe};
use crate::explain::doubt;
use crate::explain::reading::{NOUGHT_LOST, Reading};
use crate::scheme::{Content, Encoding, Part, Signature};
use crate::secret::Secret;

/// One cause before it has its remedy.
#[derive(Debug, Clone)]
pub(super) struct Said {
    pub(super) kind: Kind,
    pub(super) detail: String,
    /// The row's step, which a remedy may go by.
    pub(super) step: String,
}

impl Said {
    fn new(kind: Kind, detail: String) -> Self {
        let step = String::new();
        Self { kind, detail, step }
    }
}

/// What gives a target's tag.
pub(super) struct Found {
    pub(super) causes: Vec<Said>,
    /// The bytes in the body's place, where they are others, and what was done to it.
    pub(super) body: Option<Vec<u8>>,
    pub(super) steps: Vec<Step>,
    pub(super) recipe: Recipe,
}

impl Engine<'_> {
    /// What the causes are where `point` gave what `reading` holds, and how to make it again.
    pub(super) fn found(&self, point: &Point<'_>, tail: &str, reading: &Reading, fit: Fit) -> Found {
        let mut found = self.of_point(point, tail);
        found.recipe.encoding = reading.encoding.to_owned();
        // Another scheme as a whole has its own header and its own form of it: those are no second cause.
        let whole = |kind| {
            matches!(
                kind,
                Kind::SignatureDialect | Kind::SignatureOlder | Kind::ContentOtherScheme | Kind::SignatureNotHmac
            )
        };
        let explained = point.signed.kind.is_some_and(whole);
        let elsewhere = reading.flaws.iter().any(|(kind, _)| *kind == Kind::SignatureHeader);
        let is_explained = |kind| {
            let own = matches!(kind, Kind::SignaturePrefix | Kind::SignatureHeader);
            let written = elsewhere && matches!(kind, Kind::SignatureEncoding | Kind::SignatureCase);
            explained && (whole(kind) || own || written)
        };
        for (kind, detail) in &reading.flaws {
            if !is_explained(*kind) && !self.is_expected_so(*kind, reading) {
                found.causes.push(Said::new(*kind, detail.clone()));
            }
        }
        if let Some(said) = self.summed(point, reading, fit) {
            found.causes = vec![said];
            return found;
        }
        if reading.tag.len() == fit.length + 1 && fit.read == 1 {
            let nought = |said: &Said| said.detail == NOUGHT_LOST;
            if let Some(first) = found.causes.iter_mut().find(|said| nought(said)) {
                let detail = "all hex digits of the MAC but the first are there".to_owned();
                *first = Said::new(Kind::SignatureTruncated, detail);
                return found;
            }
        }
        found.causes.extend(partly(point, reading, fit));
        if found.causes.is_empty() {
            let otherwise = reading.otherwise.clone().map(|(kind, detail)| Said::new(kind, detail));
            found.causes.extend(otherwise);
        }
        found
    }

    /// The body's bytes with the MAC of nothing behind them: Go's `Sum` appends to what it is given.
    fn summed(&self, point: &Point<'_>, reading: &Reading, fit: Fit) -> Option<Said> {
        let body = &self.question.message.body;
        let is_so = point.body.bytes.is_empty() && !body.is_empty() && fit.length == point.algorithm.len();
        let (before, behind) = reading.tag.split_at_checked(fit.read)?;
        if !is_so || before != &body[..] || behind.len() != fit.length {
            return None;
        }
        let who = match self.direction {
            Direction::Reverse => "the sender",
            Direction::Forward => "the handler",
        };
        let detail =
            format!("{who} hashed nothing, and wrote the MAC of that behind the body, as Go's `mac.Sum(body)` does");
        let step = "go-sum".to_owned();
        Some(Said {
            kind: Kind::BodyEmpty,
            detail,
            step,
        })
    }

    /// The same where the tag stands there in hex that lost digits, or has too many.
    pub(super) fn uneven(&self, point: &Point<'_>, tail: &str, how: &str) -> Found {
        let mut found = self.of_point(point, tail);
        let detail = format!("the MAC's bytes are written in hex {how}");
        found.causes.push(Said::new(Kind::SignatureEncoding, detail));
        found
    }

    /// The same where the tag stands there as UTF-8 that it is not.
    pub(super) fn lossy(&self, point: &Point<'_>, tail: &str) -> Found {
        let mut found = self.of_point(point, tail);
        let detail = "the MAC's raw bytes were taken for UTF-8 text, with a replacement character for what is none: only a part of it is left";
        found.causes.push(Said::new(Kind::SignatureEncoding, detail.to_owned()));
        found
    }

    /// The same where a digit or two are others.
    pub(super) fn nearly(&self, point: &Point<'_>, word: &str) -> Found {
        let mut found = self.of_point(point, "");
        let detail = format!(
            "the signature of {} digits is the right MAC but for one or two of them: it was mistyped, or changed on purpose as --break signature does",
            word.len()
        );
        found.causes.push(Said::new(Kind::SignatureMistyped, detail));
        found
    }

    fn of_point(&self, point: &Point<'_>, tail: &str) -> Found {
        let reverse = self.direction == Direction::Reverse;
        let within = self.within.iter().cloned();
        let mut causes: Vec<Said> = within.map(|(kind, detail)| Said::new(kind, detail)).collect();
        causes.extend(self.of_key(point));
        let (steps, body) = self.of_body(point, tail, &mut causes);
        let same_content = self.expected.is_some_and(|own| own.content == point.signed.content);
        if let Some(kind) = point.signed.kind.filter(|_| !same_content) {
            let lead = if reverse {
                "what was signed is"
            } else {
                "the handler hashed"
            };
            let doubt = doubt::of_content(kind, self.direction);
            causes.push(Said::new(kind, format!("{lead} {}{doubt}", point.signed.what)));
        }
        if !point.own_algorithm && self.expected.is_none_or(|own| point.algorithm != own.kind.into()) {
            let lead = if reverse {
                "it was signed with"
            } else {
                "the handler computed"
            };
            let detail = format!("{lead} {}", point.algorithm.says());
            causes.push(Said::new(point.algorithm.kind(), detail));
        }
        let signs = |content: &Content, part| content.signs(&part);
        let (content, known) = (&point.signed.content, &point.signed.known);
        Found {
            causes,
            body,
            steps: point.body.steps.clone(),
            recipe: Recipe {
                secret: point.key.source.clone(),
                key: point.key.steps.clone(),
                body: steps,
                content: content.to_string(),
                timestamp: known.timestamp.clone().filter(|_| signs(content, Part::Timestamp)),
                url: known.url.clone().filter(|_| signs(content, Part::Url)),
                mac: point.algorithm.name(),
                encoding: serde_variant::to_variant_name(&self.signature.encoding)
                    .unwrap_or_default()
                    .to_owned(),
            },
        }
    }

    /// What is another of the key.
    fn of_key(&self, point: &Point<'_>) -> Vec<Said> {
        // A hash without a key does not tell which one there is, and the expected scheme may have this key too.
        let expects_it = |own: &Signature| {
            let secrets = self.question.secrets.iter();
            let is_it = |secret: Secret| secret.key(own.steps(&secret)).is_ok_and(|key| key.is(&point.key.key));
            secrets.flat_map(|secret| own.apart(secret, None)).any(is_it)
        };
        if point.algorithm.is_keyless() || self.expected.is_some_and(expects_it) {
            return Vec::new();
        }
        let used = match self.direction {
            Direction::Reverse => "it was signed with",
            Direction::Forward => "the handler used",
        };
        let changes = point.key.changes.iter().map(|change| Said {
            kind: change.kind,
            detail: format!("{used} {}", change.what),
            step: change.step.clone(),
        });
        changes.collect()
    }

    /// What is another of the body: its steps, and its bytes where there are any.
    fn of_body(&self, point: &Point<'_>, tail: &str, causes: &mut Vec<Said>) -> (Vec<String>, Option<Vec<u8>>) {
        let reverse = self.direction == Direction::Reverse;
        let mut steps = Vec::new();
        for step in &point.body.steps {
            let mut detail = step.says(reverse);
            if let [alone] = point.body.steps.as_slice() {
                let alike = self.source.alike(&point.body.steps, &point.body.bytes);
                if alike.is_empty() {
                    detail.push_str(&doubt::of_body(&alone.name));
                } else {
                    detail = format!("{detail}; {} would give the same bytes", alike.join(" or "));
                }
            }
            let step_name = step.name.clone().into_owned();
            causes.push(Said {
                kind: step.kind,
                detail,
                step: step_name.clone(),
            });
            steps.push(step_name);
        }
        if !tail.is_empty() {
            let hashed = if reverse {
                "it was signed over"
            } else {
                "the handler hashed"
            };
            let what = "the body with a line break at its end";
            causes.push(Said {
                kind: Kind::BodyNewline,
                detail: format!("{hashed} {what}"),
                step: "append".to_owned(),
            });
            steps.push(format!("append:{}", tail.escape_default()));
        }
        let body = (!steps.is_empty()).then(|| [&point.body.bytes, tail.as_bytes()].concat());
        (steps, body)
    }

    /// Whether a flaw in another scheme is what the expected one wants.
    fn is_expected_so(&self, kind: Kind, reading: &Reading) -> bool {
        let Some(own) = self.expected else { return false };
        let is_hex = matches!(own.encoding, Encoding::Hex | Encoding::HexUpper);
        kind == Kind::SignatureEncoding && reading.encoding == if is_hex { "hex" } else { "base64" }
    }
}

/// What is wrong where not the whole tag stands there, or more than that.
fn partly(point: &Point<'_>, reading: &Reading, fit: Fit) -> Option<Said> {
    let whole = point.algorithm.len();
    let read = reading.tag.len();
    if fit.length == whole {
        return (read > whole && !reading.flaws.iter().any(|(kind, _)| *kind == Kind::SignaturePrefix)).then(|| {
            let (before, behind) = (fit.read, read - whole - fit.read);
            let twice = read == 2 * whole && reading.tag[..whole] == reading.tag[whole..];
            let where_ = match (before, behind) {
                _ if twice => "twice, one behind the other".to_owned(),
                (0, behind) => format!("with {behind} more bytes behind it"),
                (before, 0) => format!("with {before} more bytes before it"),
                (before, behind) => format!("with {before} more bytes before it and {behind} behind it"),
            };
            Said::new(Kind::SignaturePrefix, format!("the MAC stands there {where_}"))
        });
    }
    let (from, to) = (fit.made, fit.made + fit.length);
    let part = match (from, whole - to) {
        (0, _) => format!("the first {} of the MAC's {whole} bytes", fit.length),
        (_, 0) => format!("the last {} of the MAC's {whole} bytes", fit.length),
        _ => format!("the bytes {} to {to} of the MAC's {whole}", from + 1),
    };
    Some(if fit.length == read {
        Said::new(Kind::SignatureTruncated, format!("only {part} are there"))
    } else if read < whole {
        Said::new(
            Kind::SignatureTruncated,
            format!("{part} are there, and the rest is another text"),
        )
    } else {
        Said::new(
            Kind::SignatureMistyped,
            format!("{part} are right, and what stands around them is not the MAC's"),
        )
    })
}
