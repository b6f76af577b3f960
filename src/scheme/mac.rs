//! Message authentication codes, chosen by name.

use std::fmt;

use hmac::{Hmac, KeyInit as _, Mac as _};
use serde::{Deserialize, Serialize};
use sha1::Sha1;
use sha2::{Sha256, Sha512};

use crate::secret::Key;

/// Which MAC (RFC 2104 over FIPS 180-4).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// 20 bytes.
    HmacSha1,
    /// 32 bytes.
    HmacSha256,
    /// 64 bytes.
    HmacSha512,
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::HmacSha1 => "HMAC-SHA-1",
            Self::HmacSha256 => "HMAC-SHA-256",
            Self::HmacSha512 => "HMAC-SHA-512",
        })
    }
}

impl Kind {
    /// Every one, the commonest first.
    pub const ALL: [Self; 3] = [Self::HmacSha256, Self::HmacSha1, Self::HmacSha512];

    /// The MAC's length in bytes. A shorter one is never accepted.
    #[expect(clippy::len_without_is_empty, reason = "a MAC is never empty")]
    pub fn len(self) -> usize {
        match self {
            Self::HmacSha1 => 20,
            Self::HmacSha256 => 32,
            Self::HmacSha512 => 64,
        }
    }
}

/// A MAC being computed.
#[derive(Clone)]
pub enum Mac {
    /// HMAC-SHA-1.
    Sha1(Hmac<Sha1>),
    /// HMAC-SHA-256.
    Sha256(Hmac<Sha256>),
    /// HMAC-SHA-512.
    Sha512(Hmac<Sha512>),
}

macro_rules! each {
    ($mac:expr, $inner:ident => $do:expr) => {
        match $mac {
            Mac::Sha1($inner) => $do,
            Mac::Sha256($inner) => $do,
            Mac::Sha512($inner) => $do,
        }
    };
}

impl fmt::Debug for Mac {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Mac(…)")
    }
}

impl Mac {
    /// Begins a MAC; a key of any length will do.
    pub fn new(kind: Kind, key: &Key) -> Self {
        const ANY_LENGTH: &str = "HMAC takes a key of any length";
        let key = key.expose();
        match kind {
            Kind::HmacSha1 => Self::Sha1(Hmac::new_from_slice(key).expect(ANY_LENGTH)),
            Kind::HmacSha256 => Self::Sha256(Hmac::new_from_slice(key).expect(ANY_LENGTH)),
            Kind::HmacSha512 => Self::Sha512(Hmac::new_from_slice(key).expect(ANY_LENGTH)),
        }
    }

    /// Takes more of the signed content.
    pub fn update(&mut self, bytes: &[u8]) {
        each!(self, mac => mac.update(bytes));
    }

    /// The finished MAC.
    pub fn finish(self) -> Vec<u8> {
        each!(self, mac => mac.finalize().into_bytes().to_vec())
    }

    /// Whether `tag` is this MAC, whole, compared in constant time.
    pub fn verify(self, tag: &[u8]) -> bool {
        each!(self, mac => mac.verify_slice(tag).is_ok())
    }
}
