//! Changes at one place of a body, which share the state of the MAC before it.

use std::borrow::Cow;

use super::Source;
use super::step::Step;
use super::{cut, member};

/// `insert` in place of the bytes from `at` up to `until`.
pub(in crate::explain) struct Splice<'s> {
    pub(in crate::explain) at: usize,
    pub(in crate::explain) until: usize,
    pub(in crate::explain) insert: Cow<'s, [u8]>,
}

impl Splice<'_> {
    /// The body with it.
    pub(in crate::explain) fn apply(&self, body: &[u8]) -> Vec<u8> {
        [&body[..self.at], &self.insert, &body[self.until..]].concat()
    }
}

/// What is shown each splice and what it is; it says whether to go on.
pub(super) type ShowSplice<'s> = dyn FnMut(&Splice<'_>, &dyn Fn() -> Step) -> bool + 's;

/// Every change at one place, each table in the order of the places.
pub(super) fn each(source: &Source<'_>, show: &mut ShowSplice<'_>) -> bool {
    let body = source.body();
    member::in_place(source, show)
        && cut::split_characters(body, show)
        && cut::ends(body, show)
        && cut::seams(body, show)
        && cut::one_lost(body, show)
}
