//! What a body says that is a token: a JSON Web Token (RFC 7519), whose signature is another matter.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use crate::json::{self, Map, Value};

/// How often a text is read as JSON on the way to a value.
const DEEPEST: usize = 4;

/// The claims of the token that a body is, or will be: a body that is not signed yet is its claims, and an empty one has
/// none.
pub(crate) fn claims(body: &[u8]) -> Option<Map<String, Value>> {
    let body = body.trim_ascii();
    if body.is_empty() {
        return Some(Map::new());
    }
    let decoded;
    let object = if body.starts_with(b"{") {
        body
    } else {
        let mut segments = body.split(|byte| *byte == b'.');
        let (_, payload) = (segments.next()?, segments.next()?);
        decoded = URL_SAFE_NO_PAD.decode(payload).ok()?;
        &decoded
    };
    match json::parse(object).ok()? {
        Value::Object(claims) => Some(claims),
        _ => None,
    }
}

/// What stands at `pointer` in the claims. A text on the way that holds JSON is read as that.
pub(super) fn claim(body: &[u8], pointer: &str) -> Option<Value> {
    let mut value = Value::Object(claims(body)?);
    let mut rest = pointer;
    for _ in 0..DEEPEST {
        if let Some(found) = value.pointer(rest) {
            return Some(found.clone());
        }
        // As far as it goes, to a text that holds the rest.
        let ends = rest.match_indices('/').map(|(at, _)| at).skip(1);
        let (text, end) = ends
            .filter_map(|end| Some((value.pointer(&rest[..end])?.as_str()?, end)))
            .next()?;
        let inside = json::parse(text.as_bytes()).ok()?;
        rest = &rest[end..];
        value = inside;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_claim_is_read_through_texts_that_hold_json() {
        let claims = r#"{"data":"{\"eventType\":\"made\",\"data\":\"{\\\"id\\\":7}\"}","iat":1}"#;
        let token = format!("e30.{}.c2ln", URL_SAFE_NO_PAD.encode(claims));
        for body in [claims, &token] {
            let found = |pointer| claim(body.as_bytes(), pointer);
            assert_eq!(found("/iat"), Some(1.into()));
            assert_eq!(found("/data/eventType"), Some("made".into()));
            assert_eq!(found("/data/data/id"), Some(7.into()));
            assert_eq!((found("/data/none"), found("/iat/a"), found("/")), (None, None, None));
        }
        for body in ["", ".", "a.b.c", "[]", "e30.W10.e30"] {
            assert_eq!(claim(body.as_bytes(), "/a"), None, "{body}");
        }
    }
}
