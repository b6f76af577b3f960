//! What stands around a MAC in a header: white space, quotes, brackets, separators, a second copy, another prefix.

use std::ops::Range;

use super::Flaw;
use crate::explain::cause::Kind;
use crate::scheme::{Grammar, Slot};

/// What runtimes write around hex or base64, and how that is called.
const NOTATIONS: &[(&str, &str, &str)] = &[
    ("0x", "", "with `0x` before it"),
    ("0X", "", "with `0X` before it"),
    ("\\x", "", "with `\\x` before it, as PostgreSQL shows bytes"),
    ("b'", "'", "as Python shows bytes, in b''"),
    ("b\"", "\"", "as Python shows bytes, in b\"\""),
    ("x'", "'", "as SQL writes bytes, in x''"),
    ("X'", "'", "as SQL writes bytes, in X''"),
];

/// How a runtime is known to write what stands at `range`.
pub(super) fn notation(text: &str, range: &Range<usize>) -> Option<&'static str> {
    let (before, after) = (&text[..range.start], &text[range.end..]);
    let mut rows = NOTATIONS.iter();
    let found = rows.find(|(open, close, _)| before.ends_with(open) && after.starts_with(close));
    found.map(|(_, _, what)| *what)
}

/// What is wrong with what stands around the MAC at `range`; nothing where it is as `grammar` writes it.
pub(super) fn flaw(text: &str, range: &Range<usize>, grammar: &Grammar) -> Option<Flaw> {
    let (before, after) = (&text[..range.start], &text[range.end..]);
    let mac = &text[range.clone()];
    let found = match grammar {
        Grammar::Packed { .. } => Some("bare".to_owned()),
        Grammar::Items { prefix, suffix, list } => {
            let (before, after) = match list {
                Some(list) => (before.rsplit(list.as_str()).next()?, after.split(list.as_str()).next()?),
                None => (before, after),
            };
            let lead = sides(before, prefix, mac, true);
            let tail = sides(after, suffix, mac, false);
            join(lead, tail)
        }
        Grammar::Positions { separator, .. } => match grammar.parse(text.as_bytes()) {
            Ok(parsed) if parsed.signatures.iter().any(|own| own == mac) => None,
            _ => Some(format!("beside values that can't be told apart by `{separator}`")),
        },
        Grammar::Fields { separator, pairs } => match grammar.parse(text.as_bytes()) {
            Ok(parsed) if parsed.signatures.iter().any(|own| own == mac) => None,
            _ => Some(of_pairs(before, after, mac, *separator, pairs)),
        },
    };
    let around = found?;
    Some((
        Kind::SignaturePrefix,
        format!("the MAC stands {around}, and the header's form is `{grammar}`"),
    ))
}

/// The same for a line of a log, where anything may stand: only the form's own text may be missing.
pub(super) fn missing(text: &str, range: &Range<usize>, grammar: &Grammar) -> Option<Flaw> {
    let (before, after) = (&text[..range.start], &text[range.end..]);
    let is_there = match grammar {
        Grammar::Items { prefix, suffix, .. } => {
            before.ends_with(prefix.as_str()) && after.starts_with(suffix.as_str())
        }
        Grammar::Fields { .. } | Grammar::Positions { .. } | Grammar::Packed { .. } => {
            grammar.parse(text.as_bytes()).is_ok()
        }
    };
    (!is_there).then(|| {
        let detail =
            format!("the MAC is right, and the header holds it as `{grammar}`: compare it with what stands in there");
        (Kind::SignaturePrefix, detail)
    })
}

/// What is odd on one side of the MAC, where `form` belongs.
fn sides(own: &str, form: &str, mac: &str, before: bool) -> Option<String> {
    if own == form {
        return None;
    }
    let side = if before { "before" } else { "behind" };
    if own.is_empty() {
        return Some(format!("without `{form}` {side} it"));
    }
    if own.contains(mac) {
        return Some("there twice".to_owned());
    }
    let inner = if before {
        own.strip_prefix(form)
    } else {
        own.strip_suffix(form)
    };
    let outer = if before {
        own.strip_suffix(form)
    } else {
        own.strip_prefix(form)
    };
    match inner.or(outer).filter(|rest| *rest != own || form.is_empty()) {
        Some(rest) => Some(format!("with {} {side} it", name(rest))),
        None => Some(format!("with {} {side} it in place of `{form}`", name(own))),
    }
}

fn join(lead: Option<String>, tail: Option<String>) -> Option<String> {
    match (lead, tail) {
        (Some(lead), Some(tail)) => {
            let (what, whose) = (lead.replace(" before it", ""), tail.replace(" behind it", ""));
            if what == whose {
                return Some(if what.starts_with("with ") {
                    format!("{what} around it")
                } else {
                    what
                });
            }
            Some(format!("{lead} and {tail}"))
        }
        (lead, tail) => lead.or(tail),
    }
}

/// Why pairs can't be read.
fn of_pairs(before: &str, after: &str, mac: &str, separator: char, pairs: &[(String, Slot)]) -> String {
    let key = |slot: Slot| {
        pairs
            .iter()
            .find(|(_, own)| *own == slot)
            .map_or("", |(key, _)| key.as_str())
    };
    let other = [';', ',', '&', ' ', '|'].into_iter().find(|mark| {
        *mark != separator && !before.contains(separator) && !after.contains(separator) && {
            let near = before.trim_end().trim_end_matches([' ', '"', '\'']);
            near.contains(*mark) || after.contains(*mark)
        }
    });
    let lead = before.rsplit([separator, ';', ',', '&']).next().unwrap_or(before);
    let own = format!("{}=", key(Slot::Signature));
    if let Some(other) = other {
        return format!("among pairs with `{other}` between them, and not `{separator}`");
    }
    if after.contains(mac) || before.contains(mac) {
        return "there twice".to_owned();
    }
    match join(
        sides(lead.trim_start(), &own, mac, true),
        after
            .split(separator)
            .next()
            .and_then(|after| sides(after, "", mac, false)),
    ) {
        Some(odd) => odd,
        None => format!(
            "beside pairs that can't be read, such as a missing or a second `{}`",
            key(Slot::Timestamp)
        ),
    }
}

/// A text by what it consists of.
fn name(text: &str) -> String {
    let all = |is: fn(char) -> bool| !text.is_empty() && text.chars().all(is);
    if all(char::is_whitespace) {
        return "white space".to_owned();
    }
    if all(|char| "\"'`“”‘’".contains(char)) {
        return "a quote".to_owned();
    }
    if all(|char| "[](){}<>".contains(char)) {
        return "a bracket".to_owned();
    }
    let mut short: String = text.chars().take(24).flat_map(char::escape_default).collect();
    if text.chars().count() > 24 {
        short.push('…');
    }
    format!("`{short}`")
}

/// The pairs of a header, whatever separates them.
fn pairs(text: &str) -> impl Iterator<Item = (&str, &str)> {
    let odd = |char: char| char.is_whitespace() || "\"'[]{}".contains(char);
    text.split([',', ';', '&', '|', ' ']).filter_map(move |pair| {
        let (key, value) = pair.split_once(['=', ':'])?;
        Some((key.trim_matches(odd), value.trim_matches(odd)))
    })
}

/// The value of the timestamp's pair, in any case.
pub(super) fn timestamp(text: &str, grammar: &Grammar) -> Option<String> {
    let Grammar::Fields { pairs: own, .. } = grammar else {
        return None;
    };
    let (key, _) = own.iter().find(|(_, slot)| *slot == Slot::Timestamp)?;
    let found = pairs(text).find(|(name, value)| name.eq_ignore_ascii_case(key) && !value.is_empty());
    found.map(|(_, value)| value.to_owned())
}

/// What stands for signatures, where `grammar` or something like it puts them.
pub(super) fn signatures(text: &str, grammar: &Grammar) -> Vec<String> {
    match grammar {
        Grammar::Items { prefix, suffix, list } => {
            let items: Vec<&str> = match list {
                Some(list) => text.split(list.as_str()).collect(),
                None => vec![text],
            };
            let of_item = |item: &&str| {
                let item = item.trim();
                let item = item.strip_prefix(prefix.as_str()).unwrap_or(item);
                item.strip_suffix(suffix.as_str()).unwrap_or(item).trim().to_owned()
            };
            let mut all: Vec<String> = items.iter().map(of_item).collect();
            all.push(text.trim().to_owned());
            all
        }
        Grammar::Packed { .. } => {
            let mut all = grammar.parse(text.trim().as_bytes()).unwrap_or_default().signatures;
            all.push(text.trim().to_owned());
            all
        }
        Grammar::Positions { separator, .. } => {
            let last = text.rsplit(*separator).next().unwrap_or(text);
            vec![last.trim().to_owned(), text.trim().to_owned()]
        }
        Grammar::Fields { pairs: own, .. } => {
            let is_own = |name: &str| own.iter().any(|(key, slot)| *slot == Slot::Signature && key == name);
            let mut all: Vec<String> = pairs(text)
                .filter(|(name, _)| is_own(name))
                .map(|(_, value)| value.to_owned())
                .collect();
            all.push(text.trim().to_owned());
            all
        }
    }
}
