//! The table of bodies: what becomes of one between a signer and a verifier.

mod charset;
mod form;
mod html;
mod rows;

use std::borrow::Cow;
use std::collections::HashSet;
use std::hash::{BuildHasher as _, RandomState};

use super::cause::Kind;
use crate::json::{self, STYLES, Style, Value};
use rows::{BEFORE_STYLES, ROWS, Row};

/// A body may grow to this many times its size and this many bytes, and no further.
const GROWTH: usize = 2;
const GROUND: usize = 4 * 1024 * 1024;
/// What may grow beyond that is tried on bodies up to this size only, in bytes.
const SMALL: usize = 1024 * 1024;
/// What one value of parsed JSON takes at most beside its text, in bytes.
const VALUE: usize = 112;

/// The bytes that may have been signed.
pub(super) struct Variant<'a> {
    /// Nothing for the body as it came.
    pub(super) kind: Option<Kind>,
    /// The step in a recipe.
    pub(super) step: String,
    /// What it is, in words.
    pub(super) what: String,
    pub(super) bytes: Cow<'a, [u8]>,
    /// The style, where it is JSON written again.
    pub(super) style: Option<&'static Style>,
}

impl<'a> Variant<'a> {
    /// The body as it came.
    pub(super) fn own(body: &'a [u8]) -> Self {
        Self {
            kind: None,
            step: String::new(),
            what: String::new(),
            bytes: body.into(),
            style: None,
        }
    }
}

/// Every way the body may have been written, one at a time: at most a few are held.
pub(super) struct Bodies<'a> {
    body: &'a [u8],
    value: Option<Value>,
    hasher: RandomState,
    /// Whether the body is JSON that takes too much memory to be read.
    pub(super) too_large: bool,
}

impl<'a> Bodies<'a> {
    pub(super) fn new(body: &'a [u8]) -> Self {
        let marks = body.iter().filter(|byte| b",:[{".contains(byte)).count();
        let json = matches!(body.trim_ascii_start().first(), Some(b'{' | b'['));
        let too_large = json && marks.saturating_mul(VALUE) > 16 * 1024 * 1024 + 2 * body.len();
        let value = if json && !too_large {
            json::parse(body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(body)).ok()
        } else {
            None
        };
        Self {
            body,
            value,
            hasher: RandomState::new(),
            too_large,
        }
    }

    /// Shows each variant that is not the body itself, once, until `visit` says no.
    pub(super) fn each(&self, visit: &mut dyn FnMut(Variant<'_>) -> bool) {
        let mut seen = HashSet::from([self.hasher.hash_one(self.body)]);
        let mut show = |variant: Variant<'_>| !seen.insert(self.hasher.hash_one(&*variant.bytes)) || visit(variant);
        let (first, rest) = ROWS.split_at(BEFORE_STYLES);
        if !self.rows(first, &mut show) || !self.styles(&mut show) {
            return;
        }
        self.rows(rest, &mut show);
    }

    fn rows(&self, rows: &[Row], show: &mut dyn FnMut(Variant<'_>) -> bool) -> bool {
        rows.iter().all(|row| match (row.apply)(self.body) {
            Some(bytes) => show(Variant {
                kind: Some(row.kind),
                step: row.step.to_owned(),
                what: row.what.to_owned(),
                bytes: bytes.into(),
                style: None,
            }),
            None => true,
        })
    }

    fn styles(&self, show: &mut dyn FnMut(Variant<'_>) -> bool) -> bool {
        let Some(value) = &self.value else { return true };
        STYLES
            .iter()
            .all(|style| match json::rewrite(value, style, longest(self.body)) {
                Some(bytes) => show(Variant {
                    kind: Some(Kind::BodyReserialised),
                    step: format!("json:{}", style.name),
                    what: String::new(),
                    bytes: bytes.into(),
                    style: Some(style),
                }),
                None => true,
            })
    }

    /// Every style that writes `bytes`.
    pub(super) fn writers(&self, bytes: &[u8]) -> Vec<&'static Style> {
        let Some(value) = &self.value else { return Vec::new() };
        let writes = |style: &&Style| json::rewrite(value, style, longest(self.body)).is_some_and(|own| own == bytes);
        STYLES.iter().filter(writes).collect()
    }
}

/// How long a variant may be.
fn longest(body: &[u8]) -> usize {
    body.len().saturating_mul(GROWTH).saturating_add(GROUND)
}

/// The class of writers in words: "compact JSON, as JavaScript, Go and serde_json write it".
pub(super) fn class(styles: &[&'static Style]) -> String {
    let layout = styles.first().map_or("JSON", |style| style.layout());
    let mut runtimes: Vec<&str> = Vec::new();
    for style in styles {
        // The rows for fixtures are no runtime of anybody's.
        if !runtimes.contains(&style.runtime) && (!style.name.starts_with("as-written") || styles.len() == 1) {
            runtimes.push(style.runtime);
        }
    }
    match runtimes.as_slice() {
        [] => layout.to_owned(),
        [one] => format!("{layout}, as {one} writes it"),
        [most @ .., last] => format!("{layout}, as {} and {last} write it", most.join(", ")),
    }
}
