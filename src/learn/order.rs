//! The table of orders: which parts are signed, in which order, and what stands between them.

use std::fmt;

use super::known::{Facts, Id, Stamp};
use crate::explain::content::{Known, SEPARATORS};
use crate::scheme::{Content, ContentError, Part, Sink};

/// The parts by their letters: `b` the body, `t` the timestamp, `i` the id, `u` the URL, `m` the method, `v` a version
/// such as `v0`, `s` the secret of a plain hash, `a` an algorithm's name, `x` a value beside the signature, `w` the URL
/// without its query, `p` path and query, `h` the headers that a header lists, `f` a form's fields by name, `q` the URL with
/// its parameters by name, `g` a value that the user gives. The likeliest first; a body is tried written otherwise too.
const ORDERS: &[&str] = &[
    "b", "tb", "itb", "vtb", "ub", "bt", "ib", "vb", "tib", "bi", "bu", "mub", "utb", "tub", "ubt", "mubt", "mutb",
    "tmub", "mtub", "vitb", "vib", "tvb", "ivtb", "uib", "iub", "itub", "tiub", "uitb", "utib", "mb", "mtb", "tmb",
    "mib", "mitb", "mtib", "muitb", "mutib", "ibt", "bti", "bit", "tbi", "tbu", "btu", "but", "sb", "bs", "smub",
    "bts", "tisb", "ab", "tx", "xt", "wi", "hb", "bh", "phb", "mphb", "muhb", "mpthb", "mphtb", "thb", "htb", "mph",
    "gb", "bg", "gtb", "tgb", "gbt", "tbg", "bgt", "gub", "f", "ft", "tf", "uf", "wf", "qf", "wfi", "qfi", "qif", "qb",
    "qbi",
];

/// The letters of what a URL is made into.
const URLS: [char; 4] = ['u', 'w', 'p', 'q'];

/// The orders in which a body is tried written otherwise.
const OF_OTHER_BODIES: [&str; 3] = ["b", "bt", "tb"];

/// How many separators, ids and URLs are tried before the others.
const LIKELY_SEPARATORS: usize = 5;
const LIKELY_IDS: usize = 3;
/// As it is given, and by HTTPS.
const LIKELY_URLS: usize = 2;

/// A content that may be signed, with what its parts are.
#[derive(Debug, Clone)]
pub(super) struct Hypothesis {
    pub(super) content: Content,
    pub(super) known: Known,
    pub(super) stamp: Option<Stamp>,
    pub(super) id: Option<Id>,
}

impl Hypothesis {
    /// Feeds what would be signed to `sink`.
    pub(super) fn feed(&self, body: &[u8], sink: &mut dyn Sink) -> Result<(), ContentError> {
        self.content.feed(&self.known.facts(), body, sink)
    }
}

impl fmt::Display for Hypothesis {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.content)?;
        if let Some(stamp) = &self.stamp {
            write!(f, ", the timestamp from {}", stamp.place)?;
        }
        if let Some(id) = &self.id {
            write!(f, ", the id from {}", id.place)?;
        }
        Ok(())
    }
}

/// Which of the separators, ids and URLs one round takes.
struct Round<'a> {
    separators: &'a [(&'a str, &'a str)],
    ids: &'a [Id],
    urls: &'a [String],
    /// A part that an order must have to be new in this round.
    wants: Option<char>,
}

/// Gives `visit` every hypothesis, the likeliest first, until it says no.
pub(super) fn each(facts: &Facts, visit: &mut dyn FnMut(&Hypothesis) -> bool) {
    let (likely, rest) = SEPARATORS.split_at(LIKELY_SEPARATORS);
    let (ids, more_ids) = facts.ids.split_at(facts.ids.len().min(LIKELY_IDS));
    let (urls, more_urls) = facts.urls.split_at(facts.urls.len().min(LIKELY_URLS));
    let first = |separators, ids, urls, wants| Round {
        separators,
        ids,
        urls,
        wants,
    };
    let rounds = [
        first(likely, ids, urls, None),
        first(likely, more_ids, urls, Some('i')),
        first(likely, ids, more_urls, Some('u')),
        first(rest, ids, urls, None),
    ];
    let mut go_on = true;
    for (index, round) in rounds.iter().enumerate() {
        for order in ORDERS {
            let is_new = round.wants.is_none_or(|part| order.contains(part)) && (index != 3 || order.len() > 1);
            if go_on && is_new {
                go_on = with_stamps(facts, round, order, visit);
            }
        }
    }
}

/// The contents that most senders sign; with a timestamp where there is one.
pub(super) fn likely(facts: &Facts, stamp: bool) -> Vec<Content> {
    let orders: &[&str] = if stamp {
        &["tb", "b", "itb", "vtb"]
    } else {
        &["b", "ib"]
    };
    let orders = orders
        .iter()
        .filter(|order| !order.contains('i') || !facts.ids.is_empty());
    let separator = |order: &str| if order.contains('v') { ":" } else { "." };
    let content = |order: &&str| {
        let own = facts.versions.first();
        Content::of(parts(facts, order, &Part::Body, own, separator(order)))
    };
    orders.map(content).collect()
}

/// Every stamp, id, URL and version that `order` asks for; no round where it asks for what is not there.
fn with_stamps(facts: &Facts, round: &Round<'_>, order: &str, visit: &mut dyn FnMut(&Hypothesis) -> bool) -> bool {
    let bodies = match OF_OTHER_BODIES.contains(&order) || (facts.form && order.contains('b')) {
        true => facts.bodies.as_slice(),
        false => &facts.bodies[..1],
    };
    if order.contains('q') && facts.queries.is_empty() {
        return true;
    }
    let url_letter = order.chars().find(|letter| URLS.contains(letter)).unwrap_or('u');
    // A URL that holds the body's digest is signed for it.
    let digest = [Part::Url];
    let alone = facts.digest.is_some() && order == "ub";
    for stamp in asked(order, 't', &facts.stamps) {
        for id in asked(order, 'i', round.ids) {
            for url in asked(order, url_letter, round.urls) {
                let known = Known {
                    method: facts.method.clone(),
                    url: url.cloned(),
                    id: id.map(|id| id.text.clone()),
                    timestamp: stamp.map(|stamp| stamp.text.clone()),
                    form: facts.form,
                    delivery: facts.delivery.clone(),
                    ..Known::default()
                };
                let mut hypothesis = Hypothesis {
                    content: Content::of(Vec::new()),
                    known,
                    stamp: stamp.cloned(),
                    id: id.cloned(),
                };
                if alone {
                    hypothesis.content = Content::of(digest.to_vec());
                    if !visit(&hypothesis) {
                        return false;
                    }
                }
                for own in own_parts(facts, order) {
                    for body in bodies {
                        let separators = if order.len() == 1 || order == "ab" {
                            &round.separators[..1]
                        } else {
                            round.separators
                        };
                        for (separator, _) in separators {
                            hypothesis.content = Content::of(parts(facts, order, body, own, separator));
                            if !visit(&hypothesis) {
                                return false;
                            }
                        }
                    }
                }
            }
        }
    }
    true
}

/// Each of `all` where `order` asks for it, else nothing once.
fn asked<'a, T>(order: &str, part: char, all: &'a [T]) -> Vec<Option<&'a T>> {
    if order.contains(part) {
        all.iter().map(Some).collect()
    } else {
        vec![None]
    }
}

/// Each part of the letters that one list of the facts is for.
fn own_parts<'f>(facts: &'f Facts, order: &str) -> Vec<Option<&'f Part>> {
    let lists = [
        ('v', &facts.versions),
        ('a', &facts.algorithms),
        ('x', &facts.beside),
        ('h', &facts.listed),
        ('f', &facts.forms),
        ('g', &facts.given),
    ];
    let own = lists.into_iter().find(|(letter, _)| order.contains(*letter));
    own.map_or_else(|| vec![None], |(letter, all)| asked(order, letter, all))
}

fn parts(facts: &Facts, order: &str, body: &Part, own: Option<&Part>, separator: &str) -> Vec<Part> {
    let mut parts = Vec::new();
    for letter in order.chars() {
        match parts.last_mut() {
            Some(Part::Text(text)) => text.push_str(separator),
            Some(_) if !separator.is_empty() => parts.push(Part::Text(separator.to_owned())),
            _ => {}
        }
        if letter == 'q' {
            parts.extend([Part::UrlWithoutQuery, Part::Text("?".to_owned())]);
        }
        parts.push(match letter {
            'q' => facts.queries.first().cloned().unwrap_or(Part::Url),
            'p' => Part::Target,
            't' => Part::Timestamp,
            'i' => Part::Id,
            'u' => Part::Url,
            'm' => Part::Method,
            's' => Part::Secret,
            'w' => Part::UrlWithoutQuery,
            'v' | 'a' | 'x' | 'h' | 'f' | 'g' => own.cloned().unwrap_or_else(|| Part::Text(String::new())),
            _ => body.clone(),
        });
    }
    parts
}
