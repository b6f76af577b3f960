//! The table of algorithms: the scheme's MAC, other hash functions, and plain hashes that are no MAC.

use sha1::Sha1;
use sha2::{Digest as _, Sha256, Sha512};

use super::cause::Kind;
use crate::scheme::{self, Mac};
use crate::secret::Key;

/// Where the key stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mode {
    Hmac,
    /// hash(key ‖ content)
    KeyFirst,
    /// hash(content ‖ key)
    KeyLast,
    /// hash(content)
    NoKey,
}

/// One way from a key and a content to a tag.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Algorithm {
    pub(super) hash: scheme::Kind,
    pub(super) mode: Mode,
}

impl Algorithm {
    pub(super) fn hmac(hash: scheme::Kind) -> Self {
        Self { hash, mode: Mode::Hmac }
    }

    /// Every other algorithm that gives a tag of one of these lengths, in bytes.
    pub(super) fn others(own: scheme::Kind, lengths: &[usize]) -> Vec<Self> {
        Self::beside(own, |hash| lengths.contains(&hash.len()))
    }

    /// Every other algorithm that gives one of these lengths only where its tag was cut, in bytes.
    pub(super) fn longer(own: scheme::Kind, lengths: &[usize]) -> Vec<Self> {
        Self::beside(own, |hash| {
            !lengths.contains(&hash.len()) && lengths.iter().any(|length| *length < hash.len())
        })
    }

    fn beside(own: scheme::Kind, fits: impl Fn(scheme::Kind) -> bool) -> Vec<Self> {
        let modes = [Mode::Hmac, Mode::KeyFirst, Mode::KeyLast, Mode::NoKey];
        let all = modes
            .into_iter()
            .flat_map(|mode| scheme::Kind::ALL.map(|hash| Self { hash, mode }));
        all.filter(|other| *other != Self::hmac(own) && fits(other.hash))
            .collect()
    }

    pub(super) fn kind(self) -> Kind {
        match self.mode {
            Mode::Hmac => Kind::SignatureAlgorithm,
            _ => Kind::SignatureNotHmac,
        }
    }

    fn hash_name(self) -> &'static str {
        match self.hash {
            scheme::Kind::HmacSha1 => "sha1",
            scheme::Kind::HmacSha256 => "sha256",
            scheme::Kind::HmacSha512 => "sha512",
        }
    }

    /// The name in a recipe.
    pub(super) fn name(self) -> String {
        let hash = self.hash_name();
        match self.mode {
            Mode::Hmac => format!("hmac-{hash}"),
            Mode::KeyFirst => format!("{hash}(key, content)"),
            Mode::KeyLast => format!("{hash}(content, key)"),
            Mode::NoKey => format!("{hash}(content)"),
        }
    }

    /// What it is, in words.
    pub(super) fn says(self) -> String {
        let hash = self.hash_name().to_uppercase().replace("SHA", "SHA-");
        match self.mode {
            Mode::Hmac => format!("HMAC-{hash}"),
            Mode::KeyFirst => format!("a plain {hash} of the secret followed by the content, which is no HMAC"),
            Mode::KeyLast => format!("a plain {hash} of the content followed by the secret, which is no HMAC"),
            Mode::NoKey => format!("a plain {hash} of the content, without any secret"),
        }
    }

    pub(super) fn begin(self, key: &Key) -> Running {
        if self.mode == Mode::Hmac {
            return Running::Hmac(Mac::new(self.hash, key));
        }
        let mut digest = match self.hash {
            scheme::Kind::HmacSha1 => Plain::Sha1(Sha1::new()),
            scheme::Kind::HmacSha256 => Plain::Sha256(Sha256::new()),
            scheme::Kind::HmacSha512 => Plain::Sha512(Sha512::new()),
        };
        let mut last = None;
        match self.mode {
            Mode::KeyFirst => digest.update(key.expose()),
            Mode::KeyLast => last = Some(key.clone()),
            Mode::Hmac | Mode::NoKey => {}
        }
        Running::Plain(digest, last)
    }
}

/// A tag being computed.
#[derive(Clone)]
pub(super) enum Running {
    Hmac(Mac),
    Plain(Plain, Option<Key>),
}

#[derive(Clone)]
pub(super) enum Plain {
    Sha1(Sha1),
    Sha256(Sha256),
    Sha512(Sha512),
}

impl Plain {
    fn update(&mut self, bytes: &[u8]) {
        match self {
            Self::Sha1(digest) => digest.update(bytes),
            Self::Sha256(digest) => digest.update(bytes),
            Self::Sha512(digest) => digest.update(bytes),
        }
    }
}

impl Running {
    pub(super) fn update(&mut self, bytes: &[u8]) {
        match self {
            Self::Hmac(mac) => mac.update(bytes),
            Self::Plain(digest, _) => digest.update(bytes),
        }
    }

    pub(super) fn finish(self) -> Vec<u8> {
        match self {
            Self::Hmac(mac) => mac.finish(),
            Self::Plain(mut digest, key) => {
                if let Some(key) = key {
                    digest.update(key.expose());
                }
                match digest {
                    Plain::Sha1(digest) => digest.finalize().to_vec(),
                    Plain::Sha256(digest) => digest.finalize().to_vec(),
                    Plain::Sha512(digest) => digest.finalize().to_vec(),
                }
            }
        }
    }
}
