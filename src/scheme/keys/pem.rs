//! PEM (RFC 7468), as it comes out of files and out of variables, where its line breaks are often lost.

use base64::Engine as _;
use secrecy::zeroize::Zeroizing;

use super::{BASE64, KeyError, LINE};

const BEGIN: &str = "-----BEGIN ";
const END: &str = "-----END ";
const DASHES: &str = "-----";

/// What stands between a `BEGIN` and its `END`.
pub(super) struct Block {
    pub(super) label: String,
    pub(super) der: Zeroizing<Vec<u8>>,
}

/// The private key in `text`, else the first block, which is the leaf of a chain of certificates; `None` where there is
/// no PEM in it.
pub(super) fn first(text: &[u8]) -> Option<Result<Block, KeyError>> {
    let text = std::str::from_utf8(text).ok()?;
    let mut blocks = blocks(text).filter(|(label, _)| !label.ends_with("PARAMETERS"));
    let first = blocks.next()?;
    let private = |(label, _): &(&str, &str)| label.ends_with("PRIVATE KEY");
    let chosen = if private(&first) { None } else { blocks.find(private) };
    let (label, body) = chosen.unwrap_or(first);
    Some(decode(label, body))
}

/// The labels, and what stands below each.
fn blocks(text: &str) -> impl Iterator<Item = (&str, &str)> {
    text.split(BEGIN).skip(1).filter_map(|block| {
        let (label, rest) = block.split_once(DASHES)?;
        let (body, _) = rest.split_once(END)?;
        Some((label, body))
    })
}

/// The lines of the private keys in `text`, but for the first of each, which says what kind of key it is.
pub(super) fn private_lines(text: &[u8]) -> Vec<Vec<u8>> {
    let text = std::str::from_utf8(text).unwrap_or_default();
    let private = blocks(text).filter(|(label, _)| label.ends_with("PRIVATE KEY"));
    let lines = private.flat_map(|(_, body)| {
        let base64 = joined(body);
        let lines: Vec<Vec<u8>> = base64.as_bytes().chunks(LINE).skip(1).map(<[u8]>::to_vec).collect();
        lines
    });
    lines.filter(|line| line.len() >= LINE / 4).collect()
}

/// What stands between the lines, without any break: some variables have `\\n` in their place.
fn joined(body: &str) -> Zeroizing<String> {
    let body = Zeroizing::new(body.replace("\\r", "").replace("\\n", ""));
    Zeroizing::new(body.chars().filter(|char| !char.is_whitespace()).collect())
}

fn decode(label: &str, body: &str) -> Result<Block, KeyError> {
    if body.contains("ENCRYPTED") {
        return Err(KeyError::Encrypted);
    }
    let der = BASE64.decode(joined(body).as_bytes());
    let der = der.map_err(|_| KeyError::NoKey("PEM that is not base64 between its lines"))?;
    Ok(Block {
        label: label.to_owned(),
        der: Zeroizing::new(der),
    })
}
