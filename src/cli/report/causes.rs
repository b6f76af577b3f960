//! Causes, for people.

use std::fmt::Write as _;

use ckwh::explain::{Basis, Difference, Search};

use super::CauseItem;
use super::talk::folded;
use super::visible::{block, line};

/// Where what is said begins, in columns.
const INDENT: usize = 12;

/// One cause as indented lines, on a terminal of so many columns; `dim` is how a label is shown.
pub fn text(item: &CauseItem, dim: &dyn Fn(&str) -> String, width: Option<usize>) -> String {
    let room = width.map(|width| width.saturating_sub(INDENT));
    let cause = &item.cause;
    let mut out = String::new();
    let mut fact = |name: &str, value: &str, holds_code: bool| {
        let mut label = dim(&format!("{name:<9}"));
        for value in value.lines() {
            let lines = match holds_code && !is_prose(value) {
                true => vec![value.to_owned()],
                false => folded(value, room),
            };
            for value in lines {
                let _ = writeln!(out, "  {label} {value}");
                label = dim(&" ".repeat(9));
            }
        }
    };
    let of = item
        .computed
        .map(|number| format!(" (--computed {number})"))
        .unwrap_or_default();
    fact(
        "cause",
        &format!("{}. [{}]{of}", line(&sentence(&cause.detail)), cause.kind.name()),
        false,
    );
    if let Some(difference) = &cause.difference {
        fact("bytes", &bytes(difference), true);
    }
    for ruled_out in &cause.ruled_out {
        fact("ruled out", &line(ruled_out), false);
    }
    fact("remedy", &block(cause.remedy.as_bytes()), true);
    fact("more", &format!("ckwh causes {}", cause.kind.name()), true);
    match &cause.proof {
        Some(proof) if proof.by == Basis::Mac => {
            if let Some(recipe) = &proof.recipe {
                let mut made = format!("{} over {}", recipe.mac, recipe.content);
                for (name, steps) in [("body", &recipe.body), ("key", &recipe.key)] {
                    if !steps.is_empty() {
                        let _ = write!(made, ", {name}: {}", steps.join(" then "));
                    }
                }
                let _ = write!(made, "; secret from {}", recipe.secret);
                fact("proof", &line(&made), false);
            }
        }
        _ if cause.search == Some(Search::Incomplete) => {
            fact("search", "incomplete: not everything could be tried", false);
        }
        _ => {}
    }
    out
}

/// Whether a line may be broken between its words: no code, and nothing that stands below something else.
fn is_prose(line: &str) -> bool {
    let mut words = line.split(' ');
    let begins = |word: &str| word.starts_with(|char: char| char.is_alphabetic());
    let two = words.next().is_some_and(begins) && words.next().is_some_and(begins);
    two && !line.ends_with(['{', '}', ';']) && !line.contains(" = ")
}

pub fn sentence(detail: &str) -> String {
    let mut chars = detail.chars();
    match chars.next() {
        Some(first) => first.to_uppercase().chain(chars).collect(),
        None => String::new(),
    }
}

/// Both excerpts, aligned, with a mark below the first byte that differs.
fn bytes(difference: &Difference) -> String {
    let before = if difference.from > 0 { "…" } else { "" };
    let shown = |text: &str| format!("{before}{}", spaces(text));
    let (delivered, signed) = (shown(&difference.delivered), shown(&difference.signed));
    let common = delivered
        .chars()
        .zip(signed.chars())
        .take_while(|(one, other)| one == other)
        .count();
    let after = |shown: &str, end: usize, whole: usize| {
        let more = if end < whole { "…" } else { "" };
        format!("{shown}{more}")
    };
    let delivered_end = difference.from + difference.delivered.len();
    let signed_end = difference.from + difference.signed.len();
    format!(
        "differ from byte {} on: {} bytes were delivered, {} give the signature\n  delivered {}\n  signed    {}\n            {}^",
        difference.offset,
        difference.delivered_bytes,
        difference.signed_bytes,
        after(&delivered, delivered_end, difference.delivered_bytes),
        after(&signed, signed_end, difference.signed_bytes),
        " ".repeat(common)
    )
}

/// `text` on one line with its white space visible.
pub fn spaces(text: &str) -> String {
    let mut out = String::new();
    for char in text.chars() {
        match char {
            ' ' => out.push('·'),
            '\n' => out.push('↵'),
            '\t' => out.push('→'),
            '\r' => out.push('␍'),
            other => out.push_str(&line(other.encode_utf8(&mut [0; 4]))),
        }
    }
    out
}
