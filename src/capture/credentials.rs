//! Credentials in captured headers: kept, and masked wherever they are shown.

use crate::message::Headers;

/// What stands in a credential's place.
pub const MASK: &str = "[masked]";

/// Header names that hold credentials, in lower case.
const NAMES: [&str; 9] = [
    "authorization",
    "proxy-authorization",
    "cookie",
    "set-cookie",
    "x-api-key",
    "api-key",
    "apikey",
    "x-amz-security-token",
    "x-csrf-token",
];
/// Endings of header names that hold credentials, in lower case.
const ENDINGS: [&str; 7] = [
    "-token",
    "-secret",
    "-password",
    "-api-key",
    "-apikey",
    "-access-key",
    "-authorization",
];

/// Whether a header of that name holds a credential. Signatures are none: they are worth nothing for another request.
pub fn is_credential(name: &str) -> bool {
    let ends_in = |ending: &&str| {
        let at = name.len().checked_sub(ending.len());
        at.and_then(|at| name.get(at..))
            .is_some_and(|end| end.eq_ignore_ascii_case(ending))
    };
    NAMES.iter().any(|own| own.eq_ignore_ascii_case(name)) || ENDINGS.iter().any(ends_in)
}

/// `headers` with every credential's value replaced.
pub fn mask(headers: &Headers) -> Headers {
    headers
        .iter()
        .map(|(name, value)| {
            let value = if is_credential(name) { MASK.as_bytes() } else { value };
            (name, value)
        })
        .collect()
}

/// Whether a credential in `headers` was masked when it was exported.
pub fn is_masked(headers: &Headers) -> bool {
    headers
        .iter()
        .any(|(name, value)| is_credential(name) && value == MASK.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn credentials_are_masked_and_signatures_are_not() {
        let headers: Headers = [
            ("Authorization", "Bearer x"),
            ("cookie", "a=b"),
            ("X-API-Key", "k"),
            ("X-Gitlab-Token", "t"),
            ("X-Hub-Signature-256", "sha256=00"),
            ("Stripe-Signature", "t=1,v1=00"),
        ]
        .into_iter()
        .collect();
        let masked = mask(&headers);
        let shown: Vec<_> = masked.iter().filter(|(_, value)| *value == MASK.as_bytes()).collect();
        assert_eq!(shown.len(), 4);
        assert!(is_masked(&masked) && !is_masked(&headers));
        assert_eq!(masked.len(), headers.len());
    }
}
