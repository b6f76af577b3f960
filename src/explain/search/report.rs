//! What came of a search: causes with their proofs, or what was ruled out.

use super::finding::{Found, Said};
use super::{Direction, Engine, Point, Target};
use crate::explain::body::{Step, class};
use crate::explain::cause::{Basis, Cause, Explanation, Kind, Proof, Search};
use crate::explain::{Effort, excerpt, remedy};
use crate::scheme::Part;

/// What was tried, for what is said to be ruled out.
#[derive(Default)]
pub(super) struct Ruled {
    tried: u64,
    kinds: Vec<Kind>,
}

impl Ruled {
    /// Notes one hypothesis.
    pub(super) fn note(&mut self, point: &Point<'_>, tail: &str) {
        if !tail.is_empty() {
            self.note_kind(Kind::BodyNewline);
            return;
        }
        self.tried += 1;
        let own = (!point.own_algorithm).then(|| point.algorithm.kind());
        let changes = point.key.changes.iter().map(|change| change.kind);
        let bodies = point.body.steps.iter().map(|step| step.kind);
        let kinds = changes.chain(bodies).chain(point.signed.kind).chain(own);
        kinds.for_each(|kind| self.note_kind(kind));
    }

    /// Notes a change at one place.
    pub(super) fn note_place(&mut self, kind: Option<Kind>) {
        self.tried += 1;
        kind.into_iter().for_each(|kind| self.note_kind(kind));
    }

    /// Adds what another worker tried.
    pub(super) fn add(&mut self, other: Self) {
        self.tried += other.tried;
        other.kinds.into_iter().for_each(|kind| self.note_kind(kind));
    }

    fn note_kind(&mut self, kind: Kind) {
        if !self.kinds.contains(&kind) {
            self.kinds.push(kind);
        }
    }

    /// The classes, a line for each of what a MAC is made of.
    fn lines(&self) -> Vec<String> {
        let parts = [
            ("the secret", "secret."),
            ("the body", "body."),
            ("the content", "content."),
            ("the MAC", "signature."),
        ];
        let mut lines = Vec::new();
        for (part, start) in parts {
            let own = self.kinds.iter().filter(|kind| kind.name().starts_with(start));
            let names: Vec<&str> = own.filter_map(|kind| kind.class()).collect();
            if let [most @ .., last] = names.as_slice() {
                let most = most.join(", not ");
                let joined = if most.is_empty() {
                    (*last).to_owned()
                } else {
                    format!("{most}, and not {last}")
                };
                lines.push(format!("{part}: not {joined}"));
            }
        }
        if self.tried > 1 {
            lines.push(format!("in all {} hypotheses", self.tried));
        }
        lines
    }
}

impl Engine<'_> {
    /// What came of each target; nothing where the tag is the right one.
    pub(in crate::explain) fn explanations(&self) -> Vec<Option<Explanation>> {
        self.targets
            .iter()
            .map(|target| match &target.found {
                Some(found) => self.explain(found),
                None => Some(Explanation::of(self.unknown(target))),
            })
            .collect()
    }

    fn explain(&self, found: &Found) -> Option<Explanation> {
        Explanation::all(found.causes.iter().map(|said| self.cause(said, found)).collect())
    }

    fn cause(&self, said: &Said, found: &Found) -> Cause {
        let kind = said.kind;
        let mut cause = Cause {
            detail: said.detail.clone(),
            remedy: remedy::of(kind, &said.step, self.direction, self.question.framework),
            proof: Some(Proof {
                by: Basis::Mac,
                recipe: Some(found.recipe.clone()),
            }),
            ..Cause::new(kind, Basis::Mac)
        };
        if let (Some(bytes), true) = (&found.body, kind.is_body()) {
            cause.difference = excerpt::difference(&self.question.message.body, bytes);
            let written = found.steps.iter().filter(|step| step.kind == kind);
            let mut writers: Vec<_> = written.flat_map(Step::writers).collect();
            if writers.is_empty() && found.steps.len() == 1 {
                writers = self.source.writers(bytes);
            }
            if !writers.is_empty() {
                cause.style = Some(class(&writers));
                cause.writers = writers.iter().map(|style| style.name).collect();
            }
        }
        cause
    }

    fn unknown(&self, target: &Target) -> Cause {
        let incomplete = self.work.exhausted;
        let is_text = !target.readings.is_empty();
        let detail = if !is_text {
            "the signature is no text that holds at least 128 bits in hex or base64".to_owned()
        } else if incomplete {
            "nothing that was tried gives this signature, and not everything could be tried".to_owned()
        } else {
            "nothing that is known to go wrong gives this signature".to_owned()
        };
        let likely = if self.likely && !incomplete && is_text {
            "; of two causes together only the likely ones were tried, as the body is large"
        } else {
            ""
        };
        let left_out = if self.source.too_large && is_text {
            "; of the JSON, which has very many values, only writing it again was tried: not printing it as a language prints its maps, and not changing all of its values before"
        } else {
            ""
        };
        let cut = if self.direction == Direction::Reverse && self.source.is_cut_short() {
            "; the body ends in the middle of its JSON: its end was cut off before or on its way"
        } else {
            ""
        };
        Cause {
            detail: format!("{detail}{left_out}{likely}{cut}"),
            remedy: self.next(is_text),
            proof: None,
            search: Some(if incomplete {
                Search::Incomplete
            } else {
                Search::Complete
            }),
            ruled_out: if is_text { self.ruled.lines() } else { Vec::new() },
            ..Cause::new(Kind::Unknown, Basis::Mac)
        }
    }

    /// The two things to look at next.
    fn next(&self, is_text: bool) -> String {
        if !is_text {
            return remedy::of(Kind::Unknown, "text", self.direction, None);
        }
        let length = self.question.message.body.len();
        let mut next = match self.direction {
            Direction::Reverse => format!(
                "Compare the secret's fingerprint with the sender's, and give the secrets of other endpoints with --secret-env\nCompare the body with what the sender has: {length} bytes arrived; or find out what your handler computes, with --computed SIG"
            ),
            Direction::Forward => format!(
                "Log how many bytes the handler hashes, and the first and last of them: the body that arrived has {length}\nLog the length of the key that it uses, or a hash of it, and compare that with the secret's here"
            ),
        };
        if self.signature.content.signs(&Part::Url) {
            next = format!("{}\n{next}", remedy::of(Kind::Unknown, "url", self.direction, None));
        }
        // Another effort finds more only where it tries more.
        if self.question.effort != Effort::High && !self.question.secrets.is_empty() {
            next.push_str("\nTry rarer causes, and more of them together, with --effort high");
        }
        next
    }
}
