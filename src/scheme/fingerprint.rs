//! What names a secret without showing it.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ed25519_dalek::SigningKey;
use sha2::{Digest as _, Sha256};

use super::keys;
use crate::secret::Secret;

/// The first eight hex digits of the SHA-256 of a secret's text; of a key pair, of the text of its public half. They tell
/// two secrets apart, and `sha256sum` gives them too.
pub fn fingerprint(secret: &Secret) -> String {
    let text = secret.expose();
    let public = public_half(text).or_else(|| keys::public_half(text));
    hex::encode(&Sha256::digest(public.as_deref().unwrap_or(text))[..4])
}

/// Whether a secret is a key's file, in PEM or JSON, of whose public half the fingerprint is.
pub fn is_key(secret: &Secret) -> bool {
    keys::is_file(secret.expose()) && keys::public_half(secret.expose()).is_some()
}

/// The text of the public half, where `text` is an Ed25519 pair as `whsk_…` or in hex.
fn public_half(text: &[u8]) -> Option<Vec<u8>> {
    let is_pair = |bytes: &[u8]| {
        let bytes = <&[u8; 64]>::try_from(bytes);
        bytes.is_ok_and(|pair| SigningKey::from_keypair_bytes(pair).is_ok())
    };
    if let Some(encoded) = text.strip_prefix(b"whsk_") {
        let pair = STANDARD.decode(encoded).ok().filter(|pair| is_pair(pair))?;
        return Some([b"whpk_", STANDARD.encode(&pair[32..]).as_bytes()].concat());
    }
    let pair = hex::decode(text).ok().filter(|pair| is_pair(pair))?;
    Some(text[pair.len()..].to_vec())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::secret::Source;

    fn of(text: &str) -> String {
        fingerprint(&Secret::new(text.as_bytes().to_vec(), Source::Flag).unwrap())
    }

    #[test]
    fn a_fingerprint_is_what_sha256sum_gives() {
        // printf %s foo | sha256sum
        assert_eq!(of("foo"), "2c26b46b");
        // The pair of RFC 8032, 7.1, TEST 1; its public half: printf %s d75a9801…f707511a | sha256sum
        let public = "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a";
        let pair = format!("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60{public}");
        assert_eq!(of(public), "4ebbe859");
        assert_eq!(of(&pair), "4ebbe859");
        let pair = STANDARD.encode(hex::decode(&pair).unwrap());
        assert_eq!(of(&format!("whsk_{pair}")), "4b54c623");
    }
}
