//! A signing secret: where it came from, how it becomes a MAC key, and how it is named without being shown.

use std::fmt;
use std::path::PathBuf;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE_NO_PAD};
use ed25519_dalek::SigningKey;
use secrecy::{ExposeSecret as _, SecretSlice};
use serde::Deserialize;
use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq as _;

/// Where a secret was found. Shown to users; never holds the value.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Source {
    /// `--secret VALUE`.
    Flag,
    /// `--secret-file PATH`.
    File(PathBuf),
    /// `--secret-file -`.
    Stdin,
    /// An environment variable.
    Variable(String),
    /// A name in `./.env`.
    DotEnv(String),
    /// A name in `./.env`, which git tracks: whoever has the repository has it.
    TrackedDotEnv(String),
    /// Made for one delivery and forgotten.
    ThrowAway,
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Flag => f.write_str("--secret"),
            Self::File(path) => write!(f, "the file {}", path.display()),
            Self::Stdin => f.write_str("standard input"),
            Self::Variable(name) => f.write_str(name),
            Self::DotEnv(name) => write!(f, "{name} in ./.env"),
            Self::TrackedDotEnv(name) => write!(f, "{name} in ./.env, which git tracks"),
            Self::ThrowAway => f.write_str("a throw-away secret"),
        }
    }
}

/// Why a secret can't be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SecretError {
    /// There are no bytes in it.
    #[error("the secret from {0} is empty; set it, or name another with --secret-env or --secret-file")]
    Empty(Source),
    /// The scheme decodes its secret, and this one is not in that encoding.
    #[error(
        "the secret from {secret} is not {encoding}, which this provider's secrets are; copy it whole from its dashboard"
    )]
    Encoding {
        /// Where the secret came from.
        secret: Source,
        /// What it was taken for.
        encoding: &'static str,
    },
    /// The bytes that its steps give are no key.
    #[error("the secret from {secret} {problem}")]
    Key {
        /// Where the secret came from.
        secret: Source,
        /// Why not.
        problem: String,
    },
}

/// Secret bytes with their source. `Debug` shows the source alone; there is no `Display`.
#[derive(Clone)]
pub struct Secret {
    bytes: SecretSlice<u8>,
    source: Source,
}

/// The bytes that key a MAC: a [`Secret`] after its scheme's [`KeyStep`]s.
#[derive(Clone)]
pub struct Key(SecretSlice<u8>);

impl Secret {
    /// Takes the secret's bytes as given; white space counts.
    ///
    /// # Errors
    /// [`SecretError::Empty`] where there are none.
    pub fn new(bytes: Vec<u8>, source: Source) -> Result<Self, SecretError> {
        if bytes.is_empty() {
            return Err(SecretError::Empty(source));
        }
        Ok(Self {
            bytes: bytes.into(),
            source,
        })
    }

    /// Where it was found.
    pub fn source(&self) -> &Source {
        &self.source
    }

    /// The raw bytes, for what is tried in their place only.
    pub(crate) fn expose(&self) -> &[u8] {
        self.bytes.expose_secret()
    }

    /// The first eight hex digits of the SHA-256 of its text; of a key pair, of the text of its public half. They tell
    /// two secrets apart, and `sha256sum` gives them too.
    pub fn fingerprint(&self) -> String {
        let bytes = self.bytes.expose_secret();
        let public = public_half(bytes);
        hex::encode(&Sha256::digest(public.as_deref().unwrap_or(bytes))[..4])
    }

    /// Whether it begins or ends with white space, which is used as given but rarely meant.
    pub fn has_outer_white_space(&self) -> bool {
        let bytes = self.bytes.expose_secret();
        bytes.trim_ascii().len() != bytes.len()
    }

    /// The MAC key after `steps`, in order.
    ///
    /// # Errors
    /// [`SecretError::Encoding`] where a step can't decode the secret.
    pub fn key(&self, steps: &[KeyStep]) -> Result<Key, SecretError> {
        let mut bytes = self.bytes.expose_secret().to_vec();
        for step in steps {
            bytes = step.apply(bytes).ok_or_else(|| SecretError::Encoding {
                secret: self.source.clone(),
                encoding: step.encoding(),
            })?;
        }
        Ok(Key(bytes.into()))
    }
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

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Secret")
            .field("source", &self.source)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Key(…)")
    }
}

impl Key {
    /// A key that is tried in a secret's place.
    pub(crate) fn new(bytes: Vec<u8>) -> Self {
        Self(bytes.into())
    }

    /// Whether both are the same bytes.
    pub(crate) fn is(&self, other: &Self) -> bool {
        self.expose().ct_eq(other.expose()).into()
    }

    /// The raw key, for a MAC implementation only.
    pub(crate) fn expose(&self) -> &[u8] {
        self.0.expose_secret()
    }
}

/// One step from a secret's text to a MAC key, written `strip:PREFIX`, `base64` or `hex` in a provider's table.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub enum KeyStep {
    /// Takes the prefix away where it stands.
    Strip(String),
    /// Decodes standard base64, padded or not.
    Base64,
    /// Decodes hex of either case.
    Hex,
}

impl KeyStep {
    fn apply(&self, bytes: Vec<u8>) -> Option<Vec<u8>> {
        match self {
            Self::Strip(prefix) => Some(match bytes.strip_prefix(prefix.as_bytes()) {
                Some(rest) => rest.to_vec(),
                None => bytes,
            }),
            Self::Base64 => STANDARD
                .decode(&bytes)
                .or_else(|_| STANDARD_NO_PAD.decode(&bytes))
                .or_else(|_| URL_SAFE_NO_PAD.decode(&bytes))
                .ok(),
            Self::Hex => hex::decode(&bytes).ok(),
        }
    }

    /// A text that this step makes `bytes` of.
    pub(crate) fn undo(&self, bytes: Vec<u8>) -> Vec<u8> {
        match self {
            Self::Strip(prefix) => [prefix.as_bytes(), &bytes].concat(),
            Self::Base64 => STANDARD.encode(bytes).into_bytes(),
            Self::Hex => hex::encode(bytes).into_bytes(),
        }
    }

    fn encoding(&self) -> &'static str {
        match self {
            Self::Strip(_) => "text",
            Self::Base64 => "base64",
            Self::Hex => "hex",
        }
    }
}

impl fmt::Display for KeyStep {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Strip(prefix) => write!(f, "strip:{prefix}"),
            Self::Base64 => f.write_str("base64"),
            Self::Hex => f.write_str("hex"),
        }
    }
}

impl TryFrom<String> for KeyStep {
    type Error = String;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        match text.as_str() {
            "base64" => Ok(Self::Base64),
            "hex" => Ok(Self::Hex),
            _ => match text.strip_prefix("strip:") {
                Some(prefix) if !prefix.is_empty() => Ok(Self::Strip(prefix.to_owned())),
                _ => Err(format!(
                    "unknown key step `{text}`, expected `strip:PREFIX`, `base64` or `hex`"
                )),
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn secret(text: &str) -> Secret {
        Secret::new(text.as_bytes().to_vec(), Source::Flag).unwrap()
    }

    #[test]
    fn debug_shows_the_source_and_not_the_value() {
        let shown = format!("{:?}", secret("hunter2-hunter2"));
        assert!(shown.contains("Flag"), "{shown}");
        assert!(!shown.contains("hunter2"), "{shown}");
    }

    #[test]
    fn a_fingerprint_is_what_sha256sum_gives() {
        // printf %s foo | sha256sum
        assert_eq!(secret("foo").fingerprint(), "2c26b46b");
        // The pair of RFC 8032, 7.1, TEST 1; its public half: printf %s d75a9801…f707511a | sha256sum
        let public = "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a";
        let pair = format!("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60{public}");
        assert_eq!(secret(public).fingerprint(), "4ebbe859");
        assert_eq!(secret(&pair).fingerprint(), "4ebbe859");
        let pair = STANDARD.encode(hex::decode(&pair).unwrap());
        assert_eq!(secret(&format!("whsk_{pair}")).fingerprint(), "4b54c623");
    }

    #[test]
    fn the_same_text_is_another_key_under_another_pipeline() {
        let secret = secret("whsec_aGVsbG8=");
        let strip = KeyStep::Strip("whsec_".into());
        assert_eq!(secret.key(&[]).unwrap().expose(), b"whsec_aGVsbG8=");
        assert_eq!(secret.key(std::slice::from_ref(&strip)).unwrap().expose(), b"aGVsbG8=");
        assert_eq!(secret.key(&[strip, KeyStep::Base64]).unwrap().expose(), b"hello");
    }

    #[test]
    fn an_undecodable_secret_names_its_source_and_not_its_value() {
        let error = secret("not base64!").key(&[KeyStep::Base64]).err().unwrap().to_string();
        assert!(error.contains("--secret") && error.contains("base64"), "{error}");
        assert!(!error.contains("not base64!"), "{error}");
    }
}
