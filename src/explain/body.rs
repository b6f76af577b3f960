//! The tables of bodies: what becomes of one between a signer and a verifier.
//!
//! A *family* shows each of its hypotheses as a [`Step`] and the bytes that it gives, which are made only where they are
//! asked for. [`PLAN`] is the order of all of them, the likeliest first. A [`splice`] is a change at one place.

mod alike;
mod bytes;
mod change;
mod charset;
mod cut;
mod date;
mod entity;
mod escape;
mod form;
mod inspect;
mod join;
mod layout;
mod member;
mod multipart;
mod nested;
mod notation;
mod php;
mod printed;
mod quote;
mod reorder;
mod shared;
mod splice;
mod step;
mod text;
mod twice;
mod xml;

use std::borrow::Cow;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use crate::json::compact::{self, Value};
use crate::json::{self, STYLES, Style};
pub(super) use bytes::percent_decode;
pub(super) use form::{queries, reencoded};
use shared::Shared;
pub(super) use shared::Worker;
pub(super) use splice::Splice;
use step::{Row, longest};
pub(super) use step::{Step, class};

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

/// A byte order mark.
const MARK: &[u8] = b"\xef\xbb\xbf";

/// JSON whose value takes more than this is not read as a whole, in bytes.
const MOST_VALUE: usize = 26 * 1024 * 1024;
/// And of a value beyond this there is no second one, in bytes.
const MOST_TWO: usize = 10 * 1024 * 1024;

fn read(body: &[u8]) -> Option<Arc<Value>> {
    compact::read(body.strip_prefix(MARK).unwrap_or(body)).map(Arc::new)
}

/// A body with what is read from it.
pub(super) struct Source<'a> {
    body: Cow<'a, [u8]>,
    /// Its JSON as long as that is kept; it is read again where it was let go.
    value: Mutex<Option<Arc<Value>>>,
    is_json: bool,
    /// Whether a second value beside its own would take too much memory.
    pub(super) dense: bool,
    fields: OnceLock<Option<form::Fields>>,
    /// The first of each class of styles that write its value alike.
    styles: OnceLock<Vec<&'static Style>>,
    /// Whether the body is JSON that takes too much memory to be read as a whole.
    pub(super) too_large: bool,
    /// The text of such a body, which styles are written from.
    text: OnceLock<Arc<[u8]>>,
    shared: Shared,
}

impl<'a> Source<'a> {
    pub(super) fn new(body: impl Into<Cow<'a, [u8]>>) -> Self {
        let body = body.into();
        let size = compact::size(&body);
        let looks = layout::is_json(body.strip_prefix(MARK).unwrap_or(&body));
        let too_large = looks && size > MOST_VALUE;
        let value = if looks && !too_large { read(&body) } else { None };
        Self {
            body,
            is_json: value.is_some(),
            dense: value.is_some() && size > MOST_TWO,
            value: Mutex::new(value),
            fields: OnceLock::new(),
            styles: OnceLock::new(),
            text: OnceLock::new(),
            too_large,
            shared: Shared::default(),
        }
    }

    pub(super) fn body(&self) -> &[u8] {
        &self.body
    }

    /// The body's JSON.
    fn value(&self) -> Option<Arc<Value>> {
        if !self.is_json {
            return None;
        }
        let mut kept = self.value.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.is_none() {
            *kept = read(&self.body);
        }
        kept.clone()
    }

    /// Waits until every worker is here, and none uses the body's JSON.
    fn meet(&self) {
        drop(self.shared.get(("meeting", 0), || ()));
        drop(self.shared.get(("meeting", 1), || ()));
    }

    /// The body's JSON, which is kept no more.
    fn take_value(&self) -> Option<Arc<Value>> {
        let kept = self.value.lock().unwrap_or_else(PoisonError::into_inner).take();
        kept.or_else(|| read(&self.body))
    }

    /// Keeps the body's JSON, which nobody changed.
    fn keep_value(&self, value: Arc<Value>) {
        *self.value.lock().unwrap_or_else(PoisonError::into_inner) = Some(value);
    }

    /// The fields of the form that it is.
    fn fields(&self) -> Option<&form::Fields> {
        self.fields.get_or_init(|| form::fields(&self.body)).as_ref()
    }

    /// Those of `styles` that write its value differently from each other and from those before them.
    fn distinct(&self, styles: &'static [Style]) -> impl Iterator<Item = &'static Style> {
        let distinct = |value: Arc<Value>| json::distinct(&value, STYLES.iter());
        let all = self
            .styles
            .get_or_init(|| self.value().map(distinct).unwrap_or_default());
        styles
            .iter()
            .filter(|style| all.iter().any(|own| std::ptr::eq(*own, *style)))
    }

    /// The text of JSON that is too large to be read as a whole.
    fn text(&self) -> Option<&Arc<[u8]>> {
        let text = || Arc::from(self.body.strip_prefix(MARK).unwrap_or(&self.body));
        self.too_large.then(|| self.text.get_or_init(text))
    }

    /// How long a variant may be.
    fn longest(&self) -> usize {
        longest(&self.body)
    }

    /// Whether it is JSON that ends before its end.
    pub(super) fn is_cut_short(&self) -> bool {
        layout::is_json(&self.body)
            && !self.is_json
            && serde_json::from_slice::<serde::de::IgnoredAny>(&self.body).is_err_and(|error| error.is_eof())
    }

    /// The same of a text that is not read as JSON.
    fn of_text(body: Vec<u8>) -> Self {
        Self {
            body: body.into(),
            is_json: false,
            dense: false,
            value: Mutex::new(None),
            fields: OnceLock::new(),
            styles: OnceLock::new(),
            text: OnceLock::new(),
            too_large: false,
            shared: Shared::default(),
        }
    }

    /// So many workers, which each go through the plan.
    pub(super) fn workers(&self, count: usize) -> Vec<Worker<'_>> {
        self.shared.workers(count)
    }

    /// Shows each hypothesis of the families that `wants` names, in the order of the plan, until `visit` says no.
    pub(super) fn each(&self, wants: &dyn Fn(Rank) -> bool, visit: &mut Visit<'_>) -> bool {
        let mut wanted = PLAN.iter().enumerate().filter(|(_, (_, rank))| wants(*rank));
        wanted.all(|(index, (family, rank))| {
            let mut place = index * MOST_SHOWN;
            let mut show = Show {
                visit: &mut |steps, make| {
                    place += 1;
                    visit(Place(place, *rank), steps, make)
                },
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
        let most = bytes.len() + 1;
        let value = self.value();
        let writes = |style: &&'static Style| {
            let own = match &value {
                Some(value) => compact::rewrite(value, style, most),
                None => self.text().and_then(|text| json::rewrite_text(text, style, most)),
            };
            own.is_some_and(|own| own == bytes)
        };
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
        let named = |name: &str| {
            steps
                .iter()
                .any(|step| step.name == name || is_variant(&step.name, name))
        };
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

/// Whether one row tells the other's story once more: another writer of the same, or a field by its name.
fn is_variant(own: &str, other: &str) -> bool {
    const FAMILIES: [&str; 2] = ["json-string", "form-"];
    let is_inner = |name: &str| name.ends_with("inner");
    let is_one = |family: &str| own.starts_with(family) && other.starts_with(family);
    FAMILIES.iter().any(|family| is_one(family)) && is_inner(own) == is_inner(other)
}

/// So many others that give the same bytes are named.
const MOST_ALIKE: usize = 2;

/// Where a hypothesis stands in the plan, the likeliest first, and what its family is tried with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Place(pub(super) usize, pub(super) Rank);

/// No family shows so many.
const MOST_SHOWN: usize = 1 << 24;

/// What is shown of each hypothesis: its place, its steps, and how its bytes are made.
pub(super) type Visit<'v> = dyn FnMut(Place, &dyn Fn() -> Vec<Step>, &dyn Fn() -> Option<Vec<u8>>) -> bool + 'v;

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

/// What a family's hypotheses are tried with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Rank {
    /// With a cause of another table, in a large body too.
    Likely,
    /// With one in a small body.
    Rare,
    /// With none: there are too many.
    Alone,
}

/// Every family, the likeliest first.
const PLAN: &[(Family, Rank)] = &[
    (printed::nothing, Rank::Likely),
    (|source, show| table(text::FIRST, source, show), Rank::Likely),
    (|source, show| styles(&STYLES[..1], source, show), Rank::Likely),
    (|source, show| table(layout::FIRST, source, show), Rank::Likely),
    (|source, show| styles(&STYLES[1..], source, show), Rank::Likely),
    (|source, show| table(printed::OPENING, source, show), Rank::Likely),
    (|source, show| table(escape::OPENING, source, show), Rank::Likely),
    (|source, show| table(form::OPENING, source, show), Rank::Likely),
    (|source, show| table(charset::FIRST, source, show), Rank::Likely),
    (form::again, Rank::Likely),
    (form::as_json, Rank::Rare),
    (|source, show| table(form::ROWS, source, show), Rank::Likely),
    (|source, show| table(printed::ENCODING, source, show), Rank::Likely),
    (|source, show| table(escape::ROWS, source, show), Rank::Likely),
    (printed::bytes, Rank::Likely),
    (notation::each, Rank::Likely),
    (|source, show| table(text::ROWS, source, show), Rank::Rare),
    (|source, show| table(layout::ROWS, source, show), Rank::Rare),
    (|source, show| table(charset::ROWS, source, show), Rank::Rare),
    (printed::texts, Rank::Rare),
    (change::each_change, Rank::Rare),
    (|source, show| table(text::LAST, source, show), Rank::Likely),
    (form::field_of, Rank::Rare),
    (form::of_json, Rank::Rare),
    (nested::alone, Rank::Rare),
    (xml::each, Rank::Rare),
    (join::each, Rank::Alone),
    (nested::of_rails, Rank::Alone),
    (member::left_out, Rank::Rare),
    (member::some, Rank::Alone),
    (nested::wrapped, Rank::Rare),
    (|source, show| table(cut::ROWS, source, show), Rank::Rare),
    (cut::chunks, Rank::Rare),
    (cut::framed, Rank::Rare),
    (cut::padded, Rank::Rare),
    (|source, show| table(printed::LENIENT, source, show), Rank::Rare),
    (twice::opened, Rank::Rare),
    (twice::written, Rank::Rare),
    (change::each_of_dense, Rank::Rare),
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
    (printed::LENIENT, false),
];

fn table(rows: &'static [Row], source: &Source<'_>, show: &mut Show<'_>) -> bool {
    rows.iter()
        .all(|row| show.one(&|| row.step(), &|| (row.apply)(source.body())))
}

fn styles(styles: &'static [Style], source: &Source<'_>, show: &mut Show<'_>) -> bool {
    let longest = source.longest();
    if let Some(text) = source.text() {
        return styles.iter().all(|style| {
            show.one(&|| Step::written_text(text, style), &|| {
                json::rewrite_text(text, style, longest)
            })
        });
    }
    let Some(value) = source.value() else { return true };
    source.distinct(styles).all(|style| {
        show.one(&|| Step::written(&value, style), &|| {
            compact::rewrite(&value, style, longest)
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_body_of_one_mib_is_read_whatever_stands_in_it() {
        let deep = format!("{}{},", "[".repeat(100), "]".repeat(100));
        for item in [
            "1,",
            "[],",
            "\"\",",
            "[1],",
            "{\"\":1},",
            "{\"a\":[{}]},",
            "\"sixteen letters.\",",
            &deep,
        ] {
            let body = format!("[{}1]", item.repeat(1024 * 1024 / item.len() - 1));
            let source = Source::new(body.into_bytes());
            assert!(source.is_json && !source.too_large, "{item}");
        }
    }
}
