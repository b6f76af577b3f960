//! Two likely steps on one body.

use super::step::{Row, Step};
use super::{Show, Source, TABLES, charset, escape, layout, notation, printed, styles, table, text};
use crate::json::{self, STYLES, Style};

/// So many documents that one step opens are looked into.
const MOST_OPENED: usize = 12;
/// Of bodies beyond this size only the likeliest styles and steps are tried together, in bytes.
const LARGE: usize = 64 * 1024;
const LARGE_STYLES: usize = 6;
const LARGE_BEHIND: usize = 12;
/// The styles that come behind or before another step.
const LIKELIEST: usize = 24;

/// What one step opens, with the likely steps behind it.
pub(super) fn opened(source: &Source<'_>, show: &mut Show<'_>) -> bool {
    let mut opened = 0;
    let rows = TABLES
        .iter()
        .filter(|(_, opens)| *opens)
        .flat_map(|(rows, _)| rows.iter());
    for row in rows {
        if opened == MOST_OPENED {
            break;
        }
        let inner = (row.apply)(source.body()).filter(|inner| !inner.is_empty() && inner != source.body());
        let Some(inner) = inner else { continue };
        opened += 1;
        let _held = source.one_more_value();
        let inner = Source::new(inner);
        let visit = &mut *show.visit;
        let mut behind = Show {
            visit: &mut |steps, make| {
                let steps = || std::iter::once(row.step()).chain(steps()).collect();
                visit(&steps, make)
            },
        };
        let on = table(text::FIRST, &inner, &mut behind)
            && styles(&STYLES[..LIKELIEST], &inner, &mut behind)
            && table(layout::FIRST, &inner, &mut behind)
            && table(printed::OPENING, &inner, &mut behind)
            && table(escape::OPENING, &inner, &mut behind)
            && table(charset::FIRST, &inner, &mut behind)
            && styles(&STYLES[LIKELIEST..], &inner, &mut behind)
            && notation::each(&inner, &mut behind);
        if !on {
            return false;
        }
    }
    true
}

/// JSON written again, and a likely step behind that.
pub(super) fn written(source: &Source<'_>, show: &mut Show<'_>) -> bool {
    let Some(value) = source.value() else { return true };
    let longest = source.longest();
    let large = source.body().len() > LARGE;
    let styles = if large { LARGE_STYLES } else { LIKELIEST };
    STYLES[..styles].iter().all(|style| {
        let Some(first) = json::rewrite(value, style, longest) else {
            return true;
        };
        if first == source.body() {
            return true;
        }
        behind(&Step::written(value, style), &first, style, large, show)
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
    "remove white space",
    "utf-16le",
    "ascii:? per unit",
];

/// The layout or a charset's step, and a style read from that.
fn then_styles(source: &Source<'_>, show: &mut Show<'_>) -> bool {
    let charsets = charset::FIRST.iter().chain(charset::ROWS.iter().take(8));
    charsets.filter(|_| !source.body().is_ascii()).all(|row| {
        let Some(first) = (row.apply)(source.body()).filter(|first| std::str::from_utf8(first).is_ok()) else {
            return true;
        };
        let _held = source.one_more_value();
        let inner = Source::new(first);
        let visit = &mut *show.visit;
        let mut behind = Show {
            visit: &mut |steps, make| {
                let steps = || std::iter::once(row.step()).chain(steps()).collect();
                visit(&steps, make)
            },
        };
        styles(&STYLES[..LIKELIEST], &inner, &mut behind) && table(layout::FIRST, &inner, &mut behind)
    })
}
