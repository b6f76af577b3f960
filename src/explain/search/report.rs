//! What came of a search: causes with their proofs, or what was ruled out.

use super::finding::Found;
use super::{Direction, Engine, Target};
use crate::explain::body::{Step, class};
use crate::explain::cause::{Basis, Cause, Explanation, Kind, Proof, Search};
use crate::explain::{excerpt, remedy};

/// What was counted, for what is said to be ruled out.
#[derive(Default)]
pub(super) struct Ruled {
    pub(super) secrets: usize,
    pub(super) bodies: usize,
    pub(super) places: usize,
    pub(super) contents: usize,
    pub(super) algorithms: usize,
    pub(super) schemes: usize,
}

impl Engine<'_> {
    /// What came of each target.
    pub(in crate::explain) fn explanations(&self) -> Vec<Explanation> {
        self.targets
            .iter()
            .map(|target| match &target.found {
                Some(found) => self.explain(found),
                None => Explanation::of(self.unknown(target)),
            })
            .collect()
    }

    fn explain(&self, found: &Found) -> Explanation {
        let causes = found.causes.iter().map(|(kind, detail)| {
            let mut cause = Cause {
                detail: detail.clone(),
                remedy: remedy::lines(*kind, self.question.framework),
                proof: Some(Proof {
                    by: Basis::Mac,
                    recipe: Some(found.recipe.clone()),
                }),
                ..Cause::new(*kind, Basis::Mac)
            };
            if let (Some(bytes), true) = (&found.body, kind.is_body()) {
                cause.difference = excerpt::difference(&self.question.message.body, bytes);
                let written = found.steps.iter().filter(|step| step.kind == *kind);
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
        });
        Explanation {
            causes: causes.collect(),
        }
    }

    fn unknown(&self, target: &Target) -> Cause {
        let ruled = &self.ruled;
        let incomplete = self.work.exhausted;
        let detail = if target.readings.is_empty() {
            "the signature is no text that holds at least 128 bits in hex or base64".to_owned()
        } else if incomplete {
            "nothing that was tried gives this signature, and not everything could be tried".to_owned()
        } else {
            "nothing that is known to go wrong gives this signature".to_owned()
        };
        let detail = if self.likely && !incomplete && !target.readings.is_empty() {
            format!("{detail}; of two causes together only the likely ones were tried, as the body is large")
        } else {
            detail
        };
        let detail = match self.direction {
            Direction::Reverse if self.source.is_cut_short() => {
                format!("{detail}; the body ends in the middle of its JSON: its end was cut off before or on its way")
            }
            _ => detail,
        };
        let counted = [
            (
                ruled.secrets,
                "other writings of the secrets at hand, placeholders, an empty one",
            ),
            (ruled.bodies, "other writings of the body"),
            (ruled.places, "changes of the body at one place"),
            (ruled.contents, "other signed contents"),
            (ruled.algorithms, "other hash functions"),
            (ruled.schemes, "other schemes"),
        ];
        let ruled_out = counted
            .iter()
            .filter(|(count, _)| *count > 0 && !target.readings.is_empty())
            .map(|(count, what)| format!("{count} {what}"))
            .collect();
        Cause {
            detail,
            remedy: remedy::lines(Kind::Unknown, None),
            proof: None,
            search: Some(if incomplete {
                Search::Incomplete
            } else {
                Search::Complete
            }),
            ruled_out,
            ..Cause::new(Kind::Unknown, Basis::Mac)
        }
    }
}
