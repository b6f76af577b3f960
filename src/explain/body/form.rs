//! Forms, and what parsers and writers make of them.

use super::{SMALL, longest};
use crate::explain::secret::{replace, url_encode};
use crate::json::{self, Value};

pub(super) fn form_as_json(body: &[u8]) -> Option<Vec<u8>> {
    if body.len() > SMALL / 4 {
        return None;
    }
    let fields = form_urlencoded::parse(body);
    let fields = fields.map(|(name, value)| (name.into_owned(), Value::String(value.into_owned())));
    json::rewrite(&Value::Object(fields.collect()), &json::JAVASCRIPT, longest(body))
}

pub(super) fn form_again(body: &[u8], space: &[u8]) -> Option<Vec<u8>> {
    if body.len() > SMALL || !body.contains(&b'=') {
        return None;
    }
    let mut out = Vec::new();
    for (index, (name, value)) in form_urlencoded::parse(body).enumerate() {
        if index > 0 {
            out.push(b'&');
        }
        for (index, text) in [name, value].iter().enumerate() {
            if index > 0 {
                out.push(b'=');
            }
            out.extend_from_slice(&url_encode(text.as_bytes()));
        }
    }
    replace(&out, b"%20", space)
}
