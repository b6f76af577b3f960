//! The digests of a body that stand in headers: `Content-Digest` (RFC 9530) and `Digest` (RFC 3230).

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sfv::{Dictionary, ListEntry, Parser};
use sha2::{Digest as _, Sha256, Sha512};

use super::component::joined;
use crate::message::Message;

/// Those that are compared, the one that is written first where a table names none.
pub(super) const NAMES: [&str; 2] = ["sha-256", "sha-512"];

fn made(name: &str, body: &[u8]) -> Option<Vec<u8>> {
    match name.to_ascii_lowercase().as_str() {
        "sha-256" => Some(Sha256::digest(body).to_vec()),
        "sha-512" => Some(Sha512::digest(body).to_vec()),
        _ => None,
    }
}

/// The name of a digest's header as it is sent.
pub(super) fn as_sent(header: &str) -> &'static str {
    if header.eq_ignore_ascii_case("digest") {
        "Digest"
    } else {
        "Content-Digest"
    }
}

/// The value of `header` for `body`, its algorithm named as in `name`.
pub(super) fn written(header: &str, name: &str, body: &[u8]) -> Option<String> {
    let digest = STANDARD.encode(made(name, body)?);
    Some(match as_sent(header) {
        "Digest" => format!("{name}={digest}"),
        _ => format!("{}=:{digest}:", name.to_ascii_lowercase()),
    })
}

/// A digest that stands in a header.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Stated {
    /// The algorithm, in lower case.
    pub(crate) name: &'static str,
    pub(crate) digest: Vec<u8>,
}

/// The digests in `header` that can be compared.
pub(crate) fn stated(message: &Message, header: &str) -> Vec<Stated> {
    let Some(value) = joined(message, header) else {
        return Vec::new();
    };
    let known = |name: &str| NAMES.into_iter().find(|own| own.eq_ignore_ascii_case(name));
    if header == "digest" {
        let pairs = value.split(',').filter_map(|pair| pair.trim().split_once('='));
        let stated = pairs.filter_map(|(name, text)| {
            let digest = STANDARD.decode(text).ok()?;
            Some(Stated {
                name: known(name)?,
                digest,
            })
        });
        return stated.collect();
    }
    let Ok(dictionary) = Parser::new(&value).parse::<Dictionary>() else {
        return Vec::new();
    };
    let stated = dictionary.iter().filter_map(|(name, entry)| {
        let ListEntry::Item(item) = entry else { return None };
        let digest = item.bare_item.as_byte_sequence()?.to_vec();
        Some(Stated {
            name: known(name.as_str())?,
            digest,
        })
    });
    stated.collect()
}

/// What is wrong with the digest of `body` in `header`, in words; `None` where it is right.
pub(crate) fn difference(message: &Message, header: &str, body: &[u8]) -> Option<String> {
    let stated = stated(message, header);
    if stated.is_empty() {
        return Some(format!("the header {header} holds no digest by {}", NAMES.join(" or ")));
    }
    let wrong = stated
        .iter()
        .find(|stated| made(stated.name, body).as_ref() != Some(&stated.digest))?;
    let own = made(wrong.name, body).unwrap_or_default();
    Some(format!(
        "the header {header} says {} {}, and the body's is {}",
        wrong.name,
        STANDARD.encode(&wrong.digest),
        STANDARD.encode(own)
    ))
}
