//! Two likely steps on one body.

use super::step::{Row, Step};
use super::{Show, Source, TABLES, charset, escape, layout, notation, printed, styles, table, text};
use crate::json::{STYLES, Style, compact};

/// So many documents that one step opens are looked into.
const MOST_OPENED: usize = 12;
/// Of bodies beyond this size only the likeliest styles and steps are tried together, in bytes.
const LARGE: usize = 64 * 1024;
const LARGE_STYLES: usize = 4;
const LARGE_BEHIND: usize = 12;
const LARGE_CHARSETS: usize = 6;
/// The styles that come behind or before another step.
const LIKELIEST: usize = 24;

/// What one step opens, with the likely steps behind it.
pub(super) fn opened(source: &Source<'_>, show: &mut Show<'_>) -> bool {
    let mut opened = 0;
    let rows = TABLES
        .iter()
        .filter(|(_, opens)| *opens)
        .flat_map(|(rows, _)| rows.iter());
    for (number, row) in rows.enumerate() {
        if opened == MOST_OPENED {
            break;
        }
        let inner = source.shared.get(("opened", number), || {
            let inner = (row.apply)(source.body()).filter(|inner| !inner.is_empty() && inner != source.body())?;
            // What differs in the white space around it alone is the same JSON.
            let same = bare(&inner) == bare(source.body());
            Some(if same || source.dense {
                Source::of_text(inner)
            } else {
                Source::new(inner)
            })
        });
        let Some(inner) = &*inner else { continue };
        opened += 1;
        let visit = &mut *show.visit;
        let mut behind = Show {
            visit: &mut |steps, make| {
                let steps = || std::iter::once(row.step()).chain(steps()).collect();
                visit(&steps, make)
            },
        };
        let on = table(text::FIRST, inner, &mut behind)
            && styles(&STYLES[..LIKELIEST], inner, &mut behind)
            && table(layout::FIRST, inner, &mut behind)
            && table(printed::OPENING, inner, &mut behind)
            && table(escape::OPENING, inner, &mut behind)
            && table(charset::FIRST, inner, &mut behind)
            && styles(&STYLES[LIKELIEST..], inner, &mut behind)
            && notation::each(inner, &mut behind);
        if !on {
            return false;
        }
    }
    true
}

/// A body without a byte order mark and without white space around it.
fn bare(body: &[u8]) -> &[u8] {
    body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(body).trim_ascii()
}

/// JSON written again, and a likely step behind that.
pub(super) fn written(source: &Source<'_>, show: &mut Show<'_>) -> bool {
    let Some(value) = source.value() else { return true };
    let longest = source.longest();
    let large = source.body().len() > LARGE;
    let styles = if large { LARGE_STYLES } else { LIKELIEST };
    source.distinct(&STYLES[..styles]).enumerate().all(|(number, style)| {
        let first = source.shared.get(("written", number), || {
            compact::rewrite(&value, style, longest).filter(|first| first != source.body())
        });
        first
            .as_ref()
            .is_none_or(|first| behind(&Step::written(&value, style), first, style, large, show))
    }) && then_styles(source, show)
}

fn behind(first: &Step, written: &[u8], style: &Style, large: bool, show: &mut Show<'_>) -> bool {
    let named = if large { &BEHIND[..LARGE_BEHIND] } else { BEHIND };
    // What stands behind the last line is tried with each body.
    let is_line = |row: &&Row| row.name == "lf-to-crlf" && style.layout().contains("indented");
    let lines = text::FIRST.iter().filter(is_line);
    let mark = text::FIRST.iter().filter(|row| row.name == "prepend:BOM");
    let encodings = printed::ENCODING.iter().filter(|row| named.contains(&row.name));
    let escapes = escape::ROWS.iter().filter(|row| named.contains(&row.name));
    let spaces = text::LAST
        .iter()
        .chain(text::ROWS)
        .chain(charset::ROWS)
        .filter(|row| named.contains(&row.name));
    lines
        .chain(mark)
        .chain(charset::FIRST)
        .chain(encodings)
        .chain(escapes)
        .chain(spaces)
        .all(|row| {
            let steps = || vec![first.clone(), row.step()];
            (show.visit)(&steps, &|| (row.apply)(written))
        })
}

/// What is likely behind JSON that is written again.
const BEHIND: &[&str] = &[
    "json-string",
    "json-string:python",
    "json-string:php",
    "json-string:rails",
    "json-string:go",
    "json-string:inner",
    "to-base64",
    "percent-encode",
    "percent-encode:+",
    "bytes:python",
    "html-escape:&<>\"",
    "html-escape:&<>\"' (&#039;)",
    "html-escape:&<>\"' (&#39;)",
    "html-escape:&<>\"' (&#x27;)",
    "escape:\\u",
    "escape:\\u upper",
    "escape:/",
    "escape:/ &",
    "escape:\\u /",
    "escape:<>&",
    "escape:<>& upper",
    "escape:javascript",
    "escape:javascript \"",
    "escape:addslashes",
    "unescape:\\u",
    "unescape:\\u all",
    "unescape:/",
    "unescape:stripslashes",
    "html-escape:named",
    "remove white space",
    "remove spaces",
    "lower case",
    "without its ends",
    "remove:\\",
    "quotes:'",
    "utf-16le",
    "ascii:? per unit",
];

/// The layout or a charset's step, and a style read from that.
fn then_styles(source: &Source<'_>, show: &mut Show<'_>) -> bool {
    if source.body().is_ascii() || source.dense {
        return true;
    }
    let large = source.body().len() > LARGE;
    let (most, written) = if large {
        (LARGE_CHARSETS, LARGE_STYLES)
    } else {
        (usize::MAX, LIKELIEST)
    };
    let charsets = charset::FIRST.iter().chain(charset::ROWS.iter().take(8)).take(most);
    charsets.enumerate().all(|(number, row)| {
        let inner = source.shared.get(("charset", number), || {
            let first = (row.apply)(source.body());
            first
                .filter(|first| std::str::from_utf8(first).is_ok())
                .map(Source::new)
        });
        let Some(inner) = &*inner else { return true };
        let visit = &mut *show.visit;
        let mut behind = Show {
            visit: &mut |steps, make| {
                let steps = || std::iter::once(row.step()).chain(steps()).collect();
                visit(&steps, make)
            },
        };
        styles(&STYLES[..written], inner, &mut behind) && table(layout::FIRST, inner, &mut behind)
    })
}
