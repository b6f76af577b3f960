//! How two captures differ: head, bytes and JSON structure.

use std::collections::BTreeSet;

use serde_json::Value;

use ckwh::capture::Capture;
use ckwh::exchange::credentials::Credentials;
use ckwh::exchange::jsonl;
use ckwh::json::pointer::escaped;
use ckwh::message::Headers;

use crate::cli::line_diff::lines;
use crate::cli::report::{Change, DifferenceItem};

/// Differences of JSON that are shown, at most.
const MOST: usize = 500;
/// Longer texts are compared by their first difference alone, in bytes.
const LONGEST_TEXT: usize = 1024 * 1024;
/// How deep JSON is compared.
const DEEPEST: usize = 100;

pub fn compare(a: &Capture, b: &Capture, masked: Option<&Credentials>) -> DifferenceItem {
    let (one, other) = (&a.recorded.message, &b.recorded.message);
    let mut head = Vec::new();
    let mut differ = |what: &str, a: Option<String>, b: Option<String>| {
        if a != b {
            let (a, b) = match masked {
                Some(credentials) => hidden(credentials, what, a, b),
                None => (a, b),
            };
            head.push((what.to_owned(), a, b));
        }
    };
    differ("method", Some(one.method.clone()), Some(other.method.clone()));
    differ("target", one.url.clone(), other.url.clone());
    let names: BTreeSet<String> = one
        .headers
        .iter()
        .chain(other.headers.iter())
        .map(|(name, _)| name.to_ascii_lowercase())
        .collect();
    for name in names {
        let (values, others) = (values(&one.headers, &name), values(&other.headers, &name));
        differ(&name, values, others);
    }
    let body_equal = one.body == other.body;
    let first_difference = (!body_equal).then(|| {
        let same = one.body.iter().zip(other.body.iter()).take_while(|(a, b)| a == b);
        same.count() as u64
    });
    let (one_body, other_body) = (jsonl::shown_body(a, masked), jsonl::shown_body(b, masked));
    let json = match (ckwh::json::parse(&one_body), ckwh::json::parse(&other_body)) {
        (Ok(a), Ok(b)) if !body_equal => {
            let mut changes = Vec::new();
            structure("", Some(&a), Some(&b), DEEPEST, &mut changes);
            Some(changes)
        }
        _ => None,
    };
    let lines = match (&json, str::from_utf8(&one_body), str::from_utf8(&other_body)) {
        (Some(changes), ..) if !changes.is_empty() => Vec::new(),
        (_, Ok(a), Ok(b)) if !body_equal && a.len().max(b.len()) <= LONGEST_TEXT => lines(a, b),
        _ => Vec::new(),
    };
    DifferenceItem {
        a: a.id,
        b: b.id,
        equal: head.is_empty() && body_equal,
        head,
        body_equal,
        first_difference,
        json,
        lines,
    }
}

/// Both with their credentials masked; where these alone differ, the second says so.
fn hidden(
    credentials: &Credentials,
    what: &str,
    a: Option<String>,
    b: Option<String>,
) -> (Option<String>, Option<String>) {
    let hide = |text: String| match what {
        "target" => credentials.mask_url(&text).into_owned(),
        _ => String::from_utf8_lossy(&credentials.mask_value(what, text.as_bytes())).into_owned(),
    };
    let (a, b) = (a.map(hide), b.map(hide));
    match (a, b) {
        (Some(a), Some(b)) if a == b => {
            let other = format!("{b} (another value)");
            (Some(a), Some(other))
        }
        both => both,
    }
}

fn values(headers: &Headers, name: &str) -> Option<String> {
    let all: Vec<_> = headers
        .get_all(name)
        .map(|value| value.escape_ascii().to_string())
        .collect();
    (!all.is_empty()).then(|| all.join(", "))
}

fn structure(pointer: &str, a: Option<&Value>, b: Option<&Value>, depth: usize, changes: &mut Vec<Change>) {
    if changes.len() >= MOST || a == b {
        return;
    }
    match (a, b) {
        (Some(Value::Object(a)), Some(Value::Object(b))) if depth > 0 => {
            for key in a.keys().chain(b.keys().filter(|key| !a.contains_key(*key))) {
                structure(
                    &format!("{pointer}/{}", escaped(key)),
                    a.get(key),
                    b.get(key),
                    depth - 1,
                    changes,
                );
            }
        }
        (Some(Value::Array(a)), Some(Value::Array(b))) if depth > 0 => {
            for index in 0..a.len().max(b.len()) {
                structure(
                    &format!("{pointer}/{index}"),
                    a.get(index),
                    b.get(index),
                    depth - 1,
                    changes,
                );
            }
        }
        (a, b) => changes.push((pointer.to_owned(), a.cloned(), b.cloned())),
    }
}
