//! Contents that are a sequence of values of the delivery, with their names or without, and no plain order of parts: the
//! parameters of a query, a sender's own headers, the time, and what stands beside a signature.

use super::known::{Facts, Stamp};
use super::order::Hypothesis;
use crate::explain::content::Known;
use crate::message::Place;
use crate::scheme::{Content, Each, Part};

/// More values are not put together, and not more of them at once.
const MOST: usize = 7;
const LONGEST: usize = 4;
/// Of one kind.
const MOST_OF_ONE: usize = 3;

/// What stands behind a name, behind a value, and whether it stands behind the last one too.
const NAMED: [(&str, &str, bool); 6] = [
    (":", ";", true),
    ("=", "&", false),
    (":", "\n", false),
    ("=", "\n", false),
    ("=", ";", false),
    (":", ",", false),
];
/// What stands between values without names.
const PLAIN: [&str; 7] = ["", ".", ":", "|", "\n", ",", ";"];

/// A value with its names: as it is written, and in short.
struct Named {
    names: [String; 2],
    part: Part,
    stamp: Option<Stamp>,
}

/// How a sequence is written.
#[derive(Clone, Copy)]
enum Style {
    Named {
        name: usize,
        between: &'static str,
        end: &'static str,
        is_last_ended: bool,
    },
    Plain {
        separator: &'static str,
        has_body: bool,
    },
    /// With the secret of a plain hash, whatever the order.
    Sorted,
}

/// Gives `visit` every sequence, the shortest first, until it says no.
pub(super) fn each(facts: &Facts, visit: &mut dyn FnMut(&Hypothesis) -> bool) {
    let values = values(facts);
    let mut hypothesis = Hypothesis {
        content: Content::of(Vec::new()),
        known: Known {
            method: facts.method.clone(),
            url: facts.urls.first().cloned(),
            form: facts.form,
            delivery: facts.delivery.clone(),
            ..Known::default()
        },
        stamp: None,
        id: None,
    };
    for length in 2..=LONGEST.min(values.len()) {
        for sequence in sequences(values.len(), length) {
            let taken: Vec<&Named> = sequence.iter().map(|index| &values[*index]).collect();
            hypothesis.stamp = taken.iter().find_map(|value| value.stamp.clone());
            hypothesis.known.timestamp = hypothesis.stamp.as_ref().map(|stamp| stamp.text.clone());
            let is_sorted = sequence.is_sorted();
            for style in styles().filter(|style| is_sorted || !matches!(style, Style::Sorted)) {
                hypothesis.content = Content::of(style.parts(&taken));
                if !visit(&hypothesis) {
                    return;
                }
            }
        }
    }
}

fn styles() -> impl Iterator<Item = Style> {
    let named = [1, 0].into_iter().flat_map(|name| {
        NAMED
            .into_iter()
            .map(move |(between, end, is_last_ended)| Style::Named {
                name,
                between,
                end,
                is_last_ended,
            })
    });
    let plain = [false, true].into_iter().flat_map(|has_body| {
        PLAIN
            .into_iter()
            .map(move |separator| Style::Plain { separator, has_body })
    });
    named.chain(plain).chain([Style::Sorted])
}

impl Style {
    fn parts(self, values: &[&Named]) -> Vec<Part> {
        if let Self::Sorted = self {
            let own = values.iter().map(|value| value.part.clone());
            let all = [Part::Secret].into_iter().chain(own).collect();
            return Each::sorted(all).map(Part::Each).into_iter().collect();
        }
        let mut parts: Vec<Part> = Vec::new();
        let mut text = String::new();
        let mut push = |before: &str, part: &Part, parts: &mut Vec<Part>| {
            text.push_str(before);
            if !text.is_empty() {
                parts.push(Part::Text(std::mem::take(&mut text)));
            }
            parts.push(part.clone());
        };
        for (index, value) in values.iter().enumerate() {
            let before = match self {
                Self::Named { name, between, end, .. } => {
                    let end = if index == 0 { "" } else { end };
                    format!("{end}{}{between}", value.names[name])
                }
                Self::Plain { separator, .. } if index > 0 => separator.to_owned(),
                Self::Plain { .. } | Self::Sorted => String::new(),
            };
            push(&before, &value.part, &mut parts);
        }
        match self {
            Self::Named {
                end,
                is_last_ended: true,
                ..
            } => parts.push(Part::Text(end.to_owned())),
            Self::Plain {
                separator,
                has_body: true,
            } => push(separator, &Part::Body, &mut parts),
            _ => {}
        }
        parts
    }
}

/// What may be put together, the likeliest first: a text with a brace can't be a name in a table.
fn values(facts: &Facts) -> Vec<Named> {
    let mut all: Vec<Named> = Vec::new();
    let query = facts.delivery.query_names().into_iter();
    all.extend(query.take(MOST_OF_ONE).map(|name| {
        let short = name.rsplit(['.', '_', '-']).next().unwrap_or_default().to_owned();
        let part = Part::Value(Place::Query(name.clone()));
        Named {
            names: [name, short],
            part,
            stamp: None,
        }
    }));
    let headers = facts.ids.iter().filter_map(|id| match &id.place {
        Place::Header(name) => Some(name),
        _ => None,
    });
    all.extend(headers.take(MOST_OF_ONE).map(|name| Named {
        names: of_header(name),
        part: Part::Value(Place::Header(name.clone())),
        stamp: None,
    }));
    all.extend(facts.stamps.iter().take(1).map(|stamp| Named {
        names: match (&stamp.place, &stamp.field) {
            (Place::Header(name), _) => of_header(name),
            (_, Some(field)) => [field.clone(), field.clone()],
            _ => ["timestamp".to_owned(), "ts".to_owned()],
        },
        part: Part::Timestamp,
        stamp: Some(stamp.clone()),
    }));
    let beside = facts
        .beside
        .iter()
        .filter(|part| all.iter().all(|own| own.part != **part));
    let beside: Vec<Named> = beside
        .map(|part| {
            let text = part.to_string();
            let name = text.trim_end_matches('}').rsplit([':', '/']).next().unwrap_or_default();
            Named {
                names: [name.to_owned(), name.to_owned()],
                part: part.clone(),
                stamp: None,
            }
        })
        .collect();
    all.extend(beside);
    all.retain(|value| {
        value
            .names
            .iter()
            .all(|name| !name.is_empty() && !name.contains(['{', '}']))
    });
    all.truncate(MOST);
    all
}

/// The name in lower case, and without its `x-`.
fn of_header(name: &str) -> [String; 2] {
    let lower = name.to_ascii_lowercase();
    let short = lower.strip_prefix("x-").unwrap_or(&lower).to_owned();
    [lower, short]
}

/// Every way to put `length` of `count` things behind each other.
fn sequences(count: usize, length: usize) -> Vec<Vec<usize>> {
    if length == 0 {
        return vec![Vec::new()];
    }
    let shorter = sequences(count, length - 1);
    let longer = |sequence: &Vec<usize>| {
        let rest = (0..count).filter(|index| !sequence.contains(index));
        let behind = rest.map(|index| [sequence.as_slice(), &[index]].concat());
        behind.collect::<Vec<_>>()
    };
    shorter.iter().flat_map(longer).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_sequence_stands_once() {
        assert_eq!(sequences(3, 2), [[0, 1], [0, 2], [1, 0], [1, 2], [2, 0], [2, 1]]);
        assert_eq!(sequences(7, 4).len(), 840);
    }
}
