//! The tables of bodies: what becomes of one between a signer and a verifier.
//!
//! A *family* shows each of its hypotheses as a [`Step`] and the bytes that it gives, which are made only where they are
//! asked for. [`PLAN`] is the order of all of them, the likeliest first. A [`splice`] is a change at one place.

mod bytes;
mod change;
mod charset;
mod cut;
mod date;
mod escape;
mod form;
mod layout;
mod member;
mod nested;
mod notation;
mod printed;
mod splice;
mod step;
mod text;
mod twice;

use std::borrow::Cow;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use crate::json::{self, STYLES, Style, Value};
pub(super) use bytes::percent_decode;
pub(super) use form::{queries, reencoded};
pub(super) use splice::Splice;
use step::{Row, longest};
pub(super) use step::{Step, class};

/// What one value of parsed JSON takes at most beside its text, in bytes.
const VALUE: usize = 112;

/// The bytes that may have been signed.
pub(super) struct Variant<'a> {
    /// What was done to the body, in order; nothing for the body as it came.
    pub(super) steps: Vec<Step>,
    pub(super) bytes: Cow<'a, [u8]>,
}

impl<'a> Variant<'a> {
    /// The body as it came.
    pub(super) fn own(body: &'a [u8]) -> Self {
        Self {
            steps: Vec::new(),
            bytes: body.into(),
        }
    }
}

/// A body with what is read from it.
pub(super) struct Source<'a> {
    body: Cow<'a, [u8]>,
    value: Option<Arc<Value>>,
    fields: OnceLock<Option<form::Fields>>,
    /// Whether the body is JSON that takes too much memory to be read.
    pub(super) too_large: bool,
    /// Held while a second value is: two workers hold no third.
    changing: Mutex<()>,
}

impl<'a> Source<'a> {
    pub(super) fn new(body: impl Into<Cow<'a, [u8]>>) -> Self {
        let body = body.into();
        let marks = body.iter().filter(|byte| b",:[{".contains(byte)).count();
        let json = layout::is_json(body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&body));
        let too_large = json && marks.saturating_mul(VALUE) > 14 * 1024 * 1024 + 2 * body.len();
        let value = if json && !too_large {
            json::parse(body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&body)).ok()
        } else {
            None
        };
        Self {
            body,
            value: value.map(Arc::new),
            fields: OnceLock::new(),
            too_large,
            changing: Mutex::new(()),
        }
    }

    pub(super) fn body(&self) -> &[u8] {
        &self.body
    }

    /// The body's JSON.
    fn value(&self) -> Option<&Arc<Value>> {
        self.value.as_ref()
    }

    /// What to hold as long as another value like the body's is held.
    fn one_more_value(&self) -> MutexGuard<'_, ()> {
        self.changing.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The fields of the form that it is.
    fn fields(&self) -> Option<&form::Fields> {
        self.fields.get_or_init(|| form::fields(&self.body)).as_ref()
    }

    /// How long a variant may be.
    fn longest(&self) -> usize {
        longest(&self.body)
    }

    /// Whether it is JSON that ends before its end.
    pub(super) fn is_cut_short(&self) -> bool {
        layout::is_json(&self.body)
            && self.value.is_none()
            && serde_json::from_slice::<serde::de::IgnoredAny>(&self.body).is_err_and(|error| error.is_eof())
    }

    /// Shows each hypothesis, in the order of the plan, until `visit` says no: whether it may come with a cause of
    /// another table in a large body too, its steps, and how its bytes are made.
    pub(super) fn each(&self, visit: &mut Visit<'_>) -> bool {
        PLAN.iter().all(|(family, likely)| {
            let mut show = Show {
                visit: &mut |steps, make| visit(*likely, steps, make),
            };
            family(self, &mut show)
        })
    }

    /// Shows each change at one place until `visit` says no.
    pub(super) fn each_splice(&self, visit: &mut dyn FnMut(&Splice<'_>, &dyn Fn() -> Step) -> bool) -> bool {
        splice::each(self, visit)
    }

    /// Every style that writes the body's value as `bytes`.
    pub(super) fn writers(&self, bytes: &[u8]) -> Vec<&'static Style> {
        let Some(value) = self.value() else { return Vec::new() };
        let writes = |style: &&Style| json::rewrite(value, style, bytes.len() + 1).is_some_and(|own| own == bytes);
        STYLES.iter().filter(writes).collect()
    }

    /// What else gives `bytes`, which `steps` gave, in words.
    pub(super) fn alike(&self, steps: &[Step], bytes: &[u8]) -> Vec<String> {
        let mut all: Vec<String> = Vec::new();
        if steps.iter().all(|step| step.written.is_none()) {
            let writers = self.writers(bytes);
            if !writers.is_empty() {
                all.push(format!("the JSON written again after parsing ({})", class(&writers)));
            }
        }
        let named = |name: &str| steps.iter().any(|step| step.name == name);
        for (rows, _) in TABLES {
            for row in rows.iter().filter(|row| !named(row.name)) {
                if all.len() < MOST_ALIKE && (row.apply)(&self.body).is_some_and(|own| own == bytes) {
                    all.push(row.what.to_owned());
                }
            }
        }
        all
    }
}

/// So many others that give the same bytes are named.
const MOST_ALIKE: usize = 2;

/// What is shown of each hypothesis: whether it is likely, its steps, and how its bytes are made.
pub(super) type Visit<'v> = dyn FnMut(bool, &dyn Fn() -> Vec<Step>, &dyn Fn() -> Option<Vec<u8>>) -> bool + 'v;

type Seen<'v> = dyn FnMut(&dyn Fn() -> Vec<Step>, &dyn Fn() -> Option<Vec<u8>>) -> bool + 'v;

/// Where a family shows its hypotheses.
pub(super) struct Show<'v> {
    visit: &'v mut Seen<'v>,
}

impl Show<'_> {
    /// Shows one; says whether to go on.
    fn one(&mut self, step: &dyn Fn() -> Step, make: &dyn Fn() -> Option<Vec<u8>>) -> bool {
        (self.visit)(&|| vec![step()], make)
    }
}

type Family = fn(&Source<'_>, &mut Show<'_>) -> bool;

/// Every family, the likeliest first, and whether its hypotheses may come with a cause of another table in a large body
/// too.
const PLAN: &[(Family, bool)] = &[
    (printed::nothing, true),
    (|source, show| table(text::FIRST, source, show), true),
    (|source, show| styles(&STYLES[..1], source, show), true),
    (|source, show| table(layout::FIRST, source, show), true),
    (|source, show| styles(&STYLES[1..], source, show), true),
    (|source, show| table(printed::OPENING, source, show), true),
    (|source, show| table(escape::OPENING, source, show), true),
    (|source, show| table(form::OPENING, source, show), true),
    (|source, show| table(charset::FIRST, source, show), true),
    (form::again, true),
    (form::as_json, false),
    (|source, show| table(form::ROWS, source, show), true),
    (|source, show| table(printed::ENCODING, source, show), true),
    (|source, show| table(escape::ROWS, source, show), true),
    (printed::bytes, true),
    (notation::each, true),
    (|source, show| table(text::ROWS, source, show), false),
    (|source, show| table(layout::ROWS, source, show), false),
    (|source, show| table(charset::ROWS, source, show), false),
    (printed::texts, false),
    (change::each_change, false),
    (|source, show| table(text::LAST, source, show), true),
    (form::field_of, false),
    (form::of_json, false),
    (nested::alone, false),
    (member::left_out, false),
    (nested::wrapped, false),
    (|source, show| table(cut::ROWS, source, show), false),
    (cut::chunks, false),
    (cut::framed, false),
    (cut::padded, false),
    (twice::opened, false),
    (twice::written, false),
];

/// The tables of rows, and whether each may open another document.
const TABLES: &[(&[Row], bool)] = &[
    (text::FIRST, true),
    (layout::FIRST, false),
    (printed::OPENING, true),
    (escape::OPENING, true),
    (form::OPENING, true),
    (charset::FIRST, false),
    (form::ROWS, false),
    (printed::ENCODING, false),
    (escape::ROWS, false),
    (text::ROWS, false),
    (text::LAST, false),
    (layout::ROWS, false),
    (charset::ROWS, false),
    (cut::ROWS, false),
];

fn table(rows: &'static [Row], source: &Source<'_>, show: &mut Show<'_>) -> bool {
    rows.iter()
        .all(|row| show.one(&|| row.step(), &|| (row.apply)(source.body())))
}

fn styles(styles: &'static [Style], source: &Source<'_>, show: &mut Show<'_>) -> bool {
    let Some(value) = source.value() else { return true };
    let longest = source.longest();
    styles.iter().all(|style| {
        show.one(&|| Step::written(value, style), &|| {
            json::rewrite(value, style, longest)
        })
    })
}
