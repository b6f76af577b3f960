//! A signing secret: where it came from, and how it becomes a MAC key.

use std::fmt;
use std::path::PathBuf;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE, URL_SAFE_NO_PAD};
use secrecy::{ExposeSecret as _, SecretSlice};
use serde::Deserialize;
use sha1::Sha1;
use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq as _;

/// How [`Source::ThrowAway`] is shown.
pub(crate) const THROW_AWAY: &str = "a throw-away secret";

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
    /// A name in a file as `.env` that the user named.
    EnvFile {
        /// The file.
        path: PathBuf,
        /// The variable.
        name: String,
    },
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
            Self::EnvFile { path, name } => write!(f, "{name} in {}", path.display()),
            Self::TrackedDotEnv(name) => write!(f, "{name} in ./.env, which git tracks"),
            Self::ThrowAway => f.write_str(THROW_AWAY),
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

    /// Whether it begins or ends with white space, which is used as given but rarely meant.
    pub fn has_outer_white_space(&self) -> bool {
        let bytes = self.bytes.expose_secret();
        bytes.trim_ascii().len() != bytes.len()
    }

    /// Whether quotes stand around it, which are used as a part of it but rarely meant.
    pub fn is_quoted(&self) -> bool {
        let text = String::from_utf8_lossy(self.bytes.expose_secret());
        let around = |open, close| text.chars().count() > 2 && text.starts_with(open) && text.ends_with(close);
        [('"', '"'), ('\'', '\''), ('`', '`'), ('“', '”'), ('‘', '’')]
            .into_iter()
            .any(|(open, close)| around(open, close))
    }

    /// Whether it is a variable's name as a shell would replace it: `$NAME`, `${NAME}`, `%NAME%`.
    pub fn is_reference(&self) -> bool {
        let text = String::from_utf8_lossy(self.bytes.expose_secret());
        let braced = text.strip_prefix("${").and_then(|name| name.strip_suffix('}'));
        let percent = text.strip_prefix('%').and_then(|name| name.strip_suffix('%'));
        let name = braced.or(percent).or_else(|| text.strip_prefix('$'));
        name.is_some_and(|name| {
            let is_word = |char: char| char.is_ascii_uppercase() || char.is_ascii_digit() || char == '_';
            name.starts_with(|char: char| char.is_ascii_uppercase() || char == '_') && name.chars().all(is_word)
        })
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

/// One step from a secret's text to a MAC key, written `strip:PREFIX`, `suffix:TEXT`, `base64`, `base64url`, `hex`, `sha1`
/// or `sha256` in a provider's table.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub enum KeyStep {
    /// Takes the prefix away where it stands; a `*` in it is any run of letters and digits.
    Strip(String),
    /// Puts the text behind it.
    Suffix(String),
    /// Decodes standard base64, padded or not.
    Base64,
    /// Decodes base64 with `-` and `_`, padded or not.
    Base64Url,
    /// Decodes hex of either case.
    Hex,
    /// Its SHA-1, 20 bytes.
    Sha1,
    /// Its SHA-256, 32 bytes.
    Sha256,
}

impl KeyStep {
    fn apply(&self, bytes: Vec<u8>) -> Option<Vec<u8>> {
        match self {
            Self::Strip(prefix) => Some(match without_prefix(&bytes, prefix) {
                Some(rest) => rest.to_vec(),
                None => bytes,
            }),
            Self::Suffix(text) => Some([&bytes, text.as_bytes()].concat()),
            Self::Base64 => STANDARD
                .decode(&bytes)
                .or_else(|_| STANDARD_NO_PAD.decode(&bytes))
                .or_else(|_| URL_SAFE_NO_PAD.decode(&bytes))
                .ok(),
            Self::Base64Url => URL_SAFE.decode(&bytes).or_else(|_| URL_SAFE_NO_PAD.decode(&bytes)).ok(),
            Self::Hex => hex::decode(&bytes).ok(),
            Self::Sha1 => Some(Sha1::digest(&bytes).to_vec()),
            Self::Sha256 => Some(Sha256::digest(&bytes).to_vec()),
        }
    }

    /// A text that this step makes `bytes` of; one that it makes some others of where that can't be undone.
    pub(crate) fn undo(&self, bytes: Vec<u8>) -> Vec<u8> {
        match self {
            Self::Strip(prefix) => [prefix.replace('*', "test").as_bytes(), &bytes].concat(),
            Self::Suffix(text) => bytes.strip_suffix(text.as_bytes()).unwrap_or(&bytes).to_vec(),
            Self::Base64Url => URL_SAFE_NO_PAD.encode(bytes).into_bytes(),
            Self::Sha1 | Self::Sha256 => bytes,
            Self::Base64 => STANDARD.encode(bytes).into_bytes(),
            Self::Hex => hex::encode(bytes).into_bytes(),
        }
    }

    /// What it does, in words that follow the secret.
    pub fn says(&self) -> String {
        match self {
            Self::Strip(prefix) => format!("without `{prefix}` before it"),
            Self::Suffix(text) => format!("with `{text}` behind it"),
            Self::Base64 => "decoded from base64".into(),
            Self::Base64Url => "decoded from base64url".into(),
            Self::Hex => "decoded from hex".into(),
            Self::Sha1 => "hashed by SHA-1".into(),
            Self::Sha256 => "hashed by SHA-256".into(),
        }
    }

    fn encoding(&self) -> &'static str {
        match self {
            Self::Strip(_) | Self::Suffix(_) | Self::Sha1 | Self::Sha256 => "text",
            Self::Base64 => "base64",
            Self::Base64Url => "base64url",
            Self::Hex => "hex",
        }
    }
}

impl fmt::Display for KeyStep {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Strip(prefix) => write!(f, "strip:{prefix}"),
            Self::Suffix(text) => write!(f, "suffix:{text}"),
            Self::Base64 => f.write_str("base64"),
            Self::Base64Url => f.write_str("base64url"),
            Self::Hex => f.write_str("hex"),
            Self::Sha1 => f.write_str("sha1"),
            Self::Sha256 => f.write_str("sha256"),
        }
    }
}

impl TryFrom<String> for KeyStep {
    type Error = String;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        match text.as_str() {
            "base64" => Ok(Self::Base64),
            "base64url" => Ok(Self::Base64Url),
            "hex" => Ok(Self::Hex),
            "sha1" => Ok(Self::Sha1),
            "sha256" => Ok(Self::Sha256),
            _ => match text.split_once(':') {
                Some(("strip", prefix)) if prefix.matches('*').count() > 1 || prefix.ends_with('*') => {
                    Err(format!("`{text}` may have one `*`, and something behind it"))
                }
                Some(("strip", prefix)) if !prefix.is_empty() => Ok(Self::Strip(prefix.to_owned())),
                Some(("suffix", suffix)) if !suffix.is_empty() => Ok(Self::Suffix(suffix.to_owned())),
                _ => Err(format!(
                    "unknown key step `{text}`, expected `strip:PREFIX`, `suffix:TEXT`, `base64`, `base64url`, `hex`, `sha1` or `sha256`"
                )),
            },
        }
    }
}

/// `bytes` without `prefix`, where it stands; a `*` is one or more letters and digits.
fn without_prefix<'b>(bytes: &'b [u8], prefix: &str) -> Option<&'b [u8]> {
    let Some((start, end)) = prefix.split_once('*') else {
        return bytes.strip_prefix(prefix.as_bytes());
    };
    let rest = bytes.strip_prefix(start.as_bytes())?;
    let run = rest.iter().take_while(|byte| byte.is_ascii_alphanumeric()).count();
    let behind = rest[run..].strip_prefix(end.as_bytes())?;
    (run > 0).then_some(behind)
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
    fn the_same_text_is_another_key_under_another_pipeline() {
        let secret = secret("whsec_aGVsbG8=");
        let strip = KeyStep::Strip("whsec_".into());
        assert_eq!(secret.key(&[]).unwrap().expose(), b"whsec_aGVsbG8=");
        assert_eq!(secret.key(std::slice::from_ref(&strip)).unwrap().expose(), b"aGVsbG8=");
        assert_eq!(secret.key(&[strip, KeyStep::Base64]).unwrap().expose(), b"hello");
    }

    /// The digests are what Python 3.12's hashlib gives.
    #[test]
    fn a_key_may_be_made_in_more_ways() {
        for (text, steps, key) in [
            ("signkey-prod-12ab", &["strip:signkey-*-", "hex"][..], "12ab"),
            ("12ab", &["strip:signkey-*-", "hex"], "12ab"),
            ("signkey--12", &["strip:signkey-*-"], &hex::encode("signkey--12")),
            ("abc", &["sha1"], "a9993e364706816aba3e25717850c26c9cd0d89d"),
            (
                "ab",
                &["suffix:c", "sha256"],
                "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
            ),
            ("_-8", &["base64url"], "ffef"),
            ("_-8=", &["base64url"], "ffef"),
        ] {
            let steps = steps.iter().map(|step| KeyStep::try_from((*step).to_owned()).unwrap());
            let key_steps: Vec<KeyStep> = steps.collect();
            let made = secret(text).key(&key_steps).unwrap();
            assert_eq!(hex::encode(made.expose()), key, "{text}");
        }
        for bad in ["strip:a*", "strip:*a*b", "suffix:", "md5"] {
            assert!(KeyStep::try_from(bad.to_owned()).is_err(), "{bad}");
        }
    }

    #[test]
    fn an_undecodable_secret_names_its_source_and_not_its_value() {
        let error = secret("not base64!").key(&[KeyStep::Base64]).err().unwrap().to_string();
        assert!(error.contains("--secret") && error.contains("base64"), "{error}");
        assert!(!error.contains("not base64!"), "{error}");
    }
}
