//! Text escaped for HTML, and not.

use super::{SMALL, longest};
use crate::json::{self, Value};

pub(super) const HTML: [(u8, &str); 5] = [
    (b'&', "&amp;"),
    (b'<', "&lt;"),
    (b'>', "&gt;"),
    (b'"', "&quot;"),
    (b'\'', "&#039;"),
];

pub(super) fn html_escape(body: &[u8], table: &[(u8, &str)]) -> Vec<u8> {
    let mut out = Vec::with_capacity(body.len());
    for byte in body {
        match table.iter().find(|(own, _)| own == byte) {
            Some((_, escape)) if out.len() < longest(body) => out.extend_from_slice(escape.as_bytes()),
            _ => out.push(*byte),
        }
    }
    out
}

pub(super) fn html_unescape(body: &[u8]) -> Option<Vec<u8>> {
    let text = std::str::from_utf8(body).ok()?;
    let mut out = text.to_owned();
    for (escape, char) in [
        ("&lt;", "<"),
        ("&gt;", ">"),
        ("&quot;", "\""),
        ("&#34;", "\""),
        ("&#039;", "'"),
        ("&#39;", "'"),
        ("&#x27;", "'"),
        ("&#x60;", "`"),
        ("&#x3D;", "="),
        ("&amp;", "&"),
    ] {
        if out.contains(escape) {
            out = out.replace(escape, char);
        }
    }
    Some(out.into_bytes())
}

/// The body, written compact, with its texts escaped for HTML as templates do, or not.
pub(super) fn html_values(body: &[u8], escape: bool) -> Option<Vec<u8>> {
    fn change(value: &mut Value, escape: bool) {
        match value {
            Value::String(text) => {
                let changed = if escape {
                    let table = [HTML[0], HTML[1], HTML[2], HTML[3], (b'\'', "&#x27;")];
                    Some(html_escape(text.as_bytes(), &table))
                } else {
                    html_unescape(text.as_bytes())
                };
                if let Some(changed) = changed.and_then(|bytes| String::from_utf8(bytes).ok()) {
                    *text = changed;
                }
            }
            Value::Array(items) => items.iter_mut().for_each(|item| change(item, escape)),
            Value::Object(members) => members.values_mut().for_each(|item| change(item, escape)),
            _ => {}
        }
    }
    if body.len() > SMALL / 4 {
        return None;
    }
    let mut value = json::parse(body).ok()?;
    change(&mut value, escape);
    json::rewrite(&value, &json::JAVASCRIPT, longest(body))
}
