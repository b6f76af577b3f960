//! The tags of one point, with and without a line break behind the body; the state of a MAC behind a long body is kept
//! for the next content that begins alike.

use super::Point;
use crate::explain::algorithm::{Algorithm, Finished, Running};
use crate::scheme::{Part, feed};

/// What may stand behind any body.
const TAILS: [&str; 3] = ["", "\n", "\r\n"];

/// Shorter bodies are hashed again faster than they are looked up, in bytes.
const LONG: usize = 2 * 1024;
/// So many states are kept.
const MOST: usize = 16;

/// The states behind one body under one key: what stands before the body, and the algorithm.
#[derive(Default)]
pub(super) struct Behind(Vec<(Algorithm, Vec<u8>, Running)>);

impl Behind {
    /// The state behind what `point` has up to the end of its body; nothing where a part is not known.
    fn body(&mut self, point: &Point<'_>, before: &[Part]) -> Option<Running> {
        let facts = point.signed.known.facts();
        let mut lead = Vec::new();
        feed(before, &facts, &[], &mut |bytes: &[u8]| lead.extend_from_slice(bytes)).ok()?;
        let long = point.body.bytes.len() > LONG;
        let kept = self
            .0
            .iter()
            .find(|(algorithm, own, _)| *algorithm == point.algorithm && *own == lead);
        if let Some((.., state)) = kept {
            return Some(state.clone());
        }
        let mut state = point.algorithm.begin(&point.key.key)?;
        state.update(&lead);
        state.update(&point.body.bytes);
        if long && self.0.len() < MOST {
            self.0.push((point.algorithm, lead, state.clone()));
        }
        Some(state)
    }
}

/// What `point` gives, and what it gives with each line break behind the body.
pub(super) fn tags(point: &Point<'_>, behind: &mut Behind, visit: &mut dyn FnMut(Finished, &'static str)) {
    let content = &point.signed.content;
    let facts = point.signed.known.facts();
    let around = content.around_body().filter(|_| !content.has_secret());
    let Some((before, after)) = around else {
        let Some(mut running) = point.algorithm.begin(&point.key.key) else {
            return;
        };
        let fed = content.feed(&facts, &point.body.bytes, &mut running);
        if fed.is_ok() {
            visit(running.finish(), "");
        }
        return;
    };
    let Some(state) = behind.body(point, before) else {
        return;
    };
    let own = point.body.steps.is_empty();
    // A line break behind nothing would be a separator as well; one that is not the last to be hashed is worth it where
    // little else is changed.
    let tails = if after.is_empty() {
        own || !point.body.bytes.is_empty()
    } else {
        own && point.key.changes.is_empty() && point.own_algorithm
    };
    for tail in if tails { &TAILS } else { &TAILS[..1] } {
        let mut running = state.clone();
        running.update(tail.as_bytes());
        if feed(after, &facts, &[], &mut running).is_err() {
            return;
        }
        visit(running.finish(), tail);
    }
}
